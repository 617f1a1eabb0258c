package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"syncline/app"
	"syncline/store"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// home is the first screen: a checklist until there is a sync, then a card for
// each.
type home struct {
	w      *window
	header *widgets.Header
	body   *fyne.Container
	root   fyne.CanvasObject
	first  fyne.Focusable
}

// homeData is what Home shows.
type homeData struct {
	portals []store.Connection
	cards   []app.Card
}

func newHome(w *window) *home {
	s := &home{w: w, header: widgets.NewHeader("Home", "")}
	s.header.Primary = widgets.NewButton(widgets.Primary, "create", "New sync", func() { w.newSync("") })
	s.body = widgets.NewPaddedColumn(12, 24, 12)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	return s
}

func (s *home) content() fyne.CanvasObject { return s.root }

func (s *home) focus() {
	if s.first != nil {
		widgets.FocusOn(s.first)
	}
}

func (s *home) show() {
	load(s.w, func(ctx context.Context) (d homeData, err error) {
		if d.portals, err = s.w.app.Store.Connections(ctx); err != nil {
			return d, err
		}
		d.cards, err = s.w.app.Cards(ctx)
		return d, err
	}, s.fill, nil)
}

func (s *home) fill(d homeData) {
	s.body.Objects = nil
	if len(d.cards) == 0 {
		s.checklist(d)
	} else {
		s.cards(d)
	}
	s.body.Refresh()
	s.header.Refresh()
}

// checklist leads a newcomer through the first sync.
func (s *home) checklist(d homeData) {
	s.header.SetState("Four steps to the first sync · nothing is written before you approve it")
	connected := len(d.portals) > 0
	step := func(n int, title, text string, state widgets.ChecklistState, b *widgets.Button) *widgets.ChecklistItem {
		b.Kind = widgets.Plain
		if state == widgets.Current {
			b.Kind = widgets.Primary
			s.first = b
		}
		return widgets.NewChecklistItem(n, title, text, state, b)
	}
	connect := widgets.NewButton(widgets.Plain, "portal", "Connect HubSpot", func() { s.w.goTo(placeConnections) })
	first, next := widgets.Current, widgets.Later
	if connected {
		first, next = widgets.Done, widgets.Current
	}
	add := widgets.NewButton(widgets.Plain, "file", "Choose a file", func() { s.w.newSync("") })
	later := func(text string) *widgets.Button {
		b := widgets.NewButton(widgets.Plain, "", text, nil)
		b.SetReason("Comes after the steps above")
		return b
	}
	if !connected {
		add.SetReason("Connect a portal first")
	}
	s.header.Primary.Kind = widgets.Plain
	s.body.Add(widgets.NewFlushCard(widgets.NewColumn(0,
		step(1, "Connect a portal", "HubSpot, or the practice portal that behaves like it", first, connect),
		step(2, "Add your data", "A workbook or CSV: choose it, or drop it anywhere on this window", next, add),
		step(3, "Map the fields", "Most are suggested; nothing is active before you accept it", widgets.Later, later("Map fields")),
		step(4, "Preview the plan", "Every cell that would change, with the reason; then you decide", widgets.Later, later("Preview")))))
	if !connected {
		s.body.Add(s.practiceCard())
	}
}

// practiceCard offers to try everything without a HubSpot account.
func (s *home) practiceCard() fyne.CanvasObject {
	b := widgets.NewButton(widgets.Plain, "practice", "Use the practice portal", func() {
		s.w.do(func(ctx context.Context) error { _, err := s.w.app.ConnectPractice(ctx); return err }, func() {
			s.w.refreshStatus()
			s.show()
		})
	})
	return widgets.NewNotice(look.Practice, "practice", "Practice first",
		"A portal in this program that behaves like HubSpot, with 2,400 contacts. Try the whole job; nothing leaves this computer.", b)
}

// cards shows what waits, and every sync.
func (s *home) cards(d homeData) {
	s.header.Primary.Kind = widgets.Primary
	s.first = s.header.Primary
	conflicts, failed := 0, 0
	for _, c := range d.cards {
		conflicts += c.Conflicts
		failed += c.Failed
	}
	s.header.SetState(fmt.Sprintf("%s syncs · %s open conflicts · %s rows need attention", look.Number(len(d.cards)), look.Number(conflicts), look.Number(failed)))
	if conflicts > 0 {
		s.body.Add(widgets.NewAlertCard(look.Conflict, "", fmt.Sprintf("%s open conflicts", look.Number(conflicts)), "Both sides changed. Nothing is overwritten until you decide.",
			widgets.NewButton(widgets.Plain, "review", "Review", func() { s.w.goTo(placeReview) })))
	}
	for _, c := range d.cards {
		s.body.Add(s.card(c))
	}
}

// card is one sync: what it is, how it stands, and its two buttons.
func (s *home) card(c app.Card) fyne.CanvasObject {
	last := "Never run"
	if c.Last != nil {
		last = fmt.Sprintf("Last run %s · %s created · %s updated", look.When(c.Last.Started, s.w.now()), look.Number(c.Last.Counts.Created), look.Number(c.Last.Counts.Updated))
		if c.Last.State == "interrupted" || c.Last.State == "failed" || c.Last.State == "stopped" {
			last = "The last run was interrupted · running again finishes it"
		}
	}
	if c.Plan != nil {
		last += fmt.Sprintf(" · a plan with %s changes waits", look.Number(c.Pending.Created+c.Pending.Updated))
	}
	preview := widgets.NewButton(widgets.Plain, "preview", "Preview", func() { s.w.preview(c.Path) })
	run := widgets.NewButton(widgets.Plain, "run", "Run", func() { s.w.startRun(c.Path, "", false) })
	edit := widgets.NewIconButton(widgets.Quiet, "edit", "Edit the field map", func() { s.w.openFieldMap(c.Path) })
	hide := widgets.NewIconButton(widgets.Quiet, "more", "More", nil)
	hide.OnTapped = func() { s.more(c, hide) }
	title := widgets.NewColumn(2, widgets.NewLine(c.Name, look.Heading, look.T1), widgets.NewLine(s.w.app.SourceName(c.Sync)+" and "+objectWord(c.Object), look.Small, look.T2), widgets.NewLine(last, look.Small, look.T3))
	right := widgets.NewRow(8)
	if c.Conflicts > 0 {
		right.Add(widgets.NewTag(look.Conflict, "", look.Number(c.Conflicts)+" conflicts"))
	}
	if c.Failed > 0 {
		right.Add(widgets.NewTag(look.Failed, "", look.Number(c.Failed)+" failed"))
	}
	buttons := container.NewHBox(append(right.Objects, edit, preview, run, hide)...)
	return widgets.NewCard(container.NewBorder(nil, nil, nil, container.New(layout.NewCenterLayout(), buttons), title))
}

// more opens the rest of what can be done with a sync.
func (s *home) more(c app.Card, at fyne.CanvasObject) {
	remove := fyne.NewMenuItem("Remove from Home…", func() {
		widgets.NewConfirm("Remove this sync?", "Its links, history and decisions stay in the workspace, and neither side is changed. Preview its definition again to bring it back.",
			"Remove "+c.Name, true, func() {
				s.w.do(func(ctx context.Context) error { return s.w.app.Store.HideSync(ctx, c.ID) }, s.show)
			}).Open(s.w.win.Canvas())
	})
	openMenu(s.w, fyne.NewMenu("", fyne.NewMenuItem("Edit the field map", func() { s.w.openFieldMap(c.Path) }), remove), at)
}

// objectWord is the object type in words.
func objectWord(id string) string {
	return app.ObjectLabel(id)
}
