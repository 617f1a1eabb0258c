// Package home is the first screen: what waits for a person, and every sync and
// set in short.
package home

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/assets"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// latestRuns is how many runs Home lists.
const latestRuns = 4

// home is the first screen: a checklist until there is a sync, then what waits
// and a card for each sync.
type home struct {
	w      *shell.Window
	header *widgets.Header
	body   *fyne.Container
	news   *fyne.Container // of a newer version, at the foot; mostly empty
	root   fyne.CanvasObject
	first  fyne.Focusable
	read   shell.Turns
}

// homeData is what Home shows.
type homeData struct {
	portals []app.Connection
	cards   []app.Card
	sets    []app.SetCard
	runs    []app.RunCard
}

// New makes the first screen.
func New(w *shell.Window) shell.Screen {
	s := &home{w: w, header: widgets.NewHeader("Home", "")}
	s.header.Primary = widgets.NewButton(widgets.Primary, "create", "New sync", func() { w.Rooms.NewSync("") })
	s.body = widgets.NewPaddedColumn(12, 24, 16)
	s.news = container.NewVBox()
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	return s
}

func (s *home) Content() fyne.CanvasObject { return s.root }
func (s *home) Head() *widgets.Header      { return s.header }

func (s *home) Focus() {
	if s.first != nil {
		widgets.FocusOn(s.first)
	}
}

func (s *home) Show() {
	shell.LoadKept(s.w, &s.read, func(ctx context.Context) (d homeData, err error) {
		if d.portals, err = s.w.App.Connections(ctx); err != nil {
			return d, err
		}
		if d.cards, err = s.w.App.Cards(ctx); err != nil {
			return d, err
		}
		if d.sets, err = s.w.App.Sets(ctx); err != nil {
			return d, err
		}
		d.runs, err = s.w.App.Runs(ctx, 0, latestRuns)
		return d, err
	}, s.fill, nil)
	if app.ReleasesURL != "" {
		shell.Load(s.w, s.w.App.NewVersion, s.tell, nil)
	}
}

// tell says in one line that there is a newer version, to those who wanted to be
// told.
func (s *home) tell(v app.NewVersion) {
	s.news.Objects = nil
	if v.Newer.Version != "" {
		line := widgets.NewRow(10, widgets.NewIconText("info", "Syncline "+v.Newer.Version+" is out; you have "+app.Version+".", look.Small, look.T2))
		if page := v.Newer.Page; page != "" {
			read := widgets.NewButton(widgets.Quiet, "", "Read about it", func() { s.w.OpenPage(page) })
			read.Small = true
			line.Add(read)
		}
		s.news.Add(line)
	}
	s.news.Refresh()
	s.body.Refresh()
}

func (s *home) fill(d homeData) {
	s.body.Objects = nil
	if len(d.cards)+len(d.sets) == 0 {
		s.welcome(d)
	} else {
		s.overview(d)
	}
	s.body.Add(s.news)
	s.body.Refresh()
	s.header.Refresh()
}

// welcome leads a newcomer through the first sync.
func (s *home) welcome(d homeData) {
	s.header.Title = "Welcome to Syncline"
	s.header.State = "Keep HubSpot and your own data in agreement"
	s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "import", "Import a sync", s.w.Rooms.Import)}
	s.header.Primary, s.header.Menu = nil, nil
	left := widgets.NewColumn(16,
		widgets.NewColumn(4,
			widgets.NewLine("Four steps to your first sync", look.Heading, look.T1),
			widgets.NewLine("About ten minutes with your own data. You can stop at any step and come back.", look.Body, look.T2)),
		s.checklist(len(d.portals) > 0),
		widgets.NewNotice(look.Neutral, "import", "Drop a workbook or a CSV file anywhere in this window", "That starts a new sync. The file is only read until you apply a plan."))
	right := widgets.NewColumn(10, s.firstOffers(d)...)
	right.Add(widgets.NewIconText("lock", "Your data stays on this workstation.", look.Small, look.T2))
	right.Add(widgets.NewIconText("undo", "Every run can be undone.", look.Small, look.T2))
	right.Add(widgets.NewIconText("conflict", "No edit is overwritten unseen.", look.Small, look.T2))
	s.body.Add(container.New(&layouts.Sidebar{Width: 328, Gap: 32, Below: 860}, left, right))
	s.body.Add(s.w.Recipes())
}

// checklist is the four steps, of which the first that is open is the primary
// action of the screen.
func (s *home) checklist(connected bool) fyne.CanvasObject {
	connect := widgets.NewButton(widgets.Plain, "portal", "Connect HubSpot", func() { s.w.GoTo(shell.PlaceConnections) })
	add := widgets.NewButton(widgets.Plain, "spreadsheet", "Add data", func() { s.w.Rooms.NewSync("") })
	later := func(icon look.Icon, text string) *widgets.Button {
		b := widgets.NewButton(widgets.Plain, icon, text, nil)
		b.SetReason("Comes after the steps above")
		return b
	}
	states := [2]widgets.ChecklistState{widgets.Current, widgets.Later}
	current := connect
	if connected {
		states, current = [2]widgets.ChecklistState{widgets.Done, widgets.Current}, add
	} else {
		add.SetReason("Connect a portal first")
	}
	current.Kind = widgets.Primary
	s.first = current
	return widgets.NewFlushCard(widgets.NewColumn(0,
		widgets.NewChecklistItem(1, "Connect a portal", "Paste a token; it stays in your keychain. Or use the practice portal.", states[0], connect),
		widgets.NewChecklistItem(2, "Add your data", "A workbook or a CSV file.", states[1], add),
		widgets.NewChecklistItem(3, "Map the fields", "Syncline suggests pairs and says why. Nothing is active until you accept it.", widgets.Later, later("association", "Map fields")),
		widgets.NewChecklistItem(4, "Preview", "See every cell that would change, old and new, before anything is written.", widgets.Later, later("preview", "Preview"))))
}

// firstOffers are the cards beside the checklist: what can be tried without data
// of one's own.
func (s *home) firstOffers(d homeData) []fyne.CanvasObject {
	return []fyne.CanvasObject{s.practiceCard(d)}
}

// practiceCard offers to try everything without a HubSpot account.
func (s *home) practiceCard(d homeData) fyne.CanvasObject {
	waves := canvas.NewImageFromResource(fyne.NewStaticResource("waves.svg", assets.Picture("waves.svg")))
	waves.FillMode = canvas.ImageFillContain
	waves.SetMinSize(fyne.NewSize(200, 128))
	use := widgets.NewButton(widgets.Plain, "practice", "Open the practice portal", func() {
		s.w.Do(func(ctx context.Context) error { _, err := s.w.App.ConnectPractice(ctx); return err }, func() {
			s.w.RefreshStatus()
			s.Show()
		})
	})
	use.Wide = true
	for _, p := range d.portals {
		if p.Kind == app.KindPractice {
			use.SetReason("It is connected: add your data, or see it under Connections")
		}
	}
	return widgets.NewCard(widgets.NewColumn(12, waves,
		widgets.NewLine("Practice first", look.Heading, look.T1),
		widgets.NewParagraph("The practice portal behaves like HubSpot: properties, validation, search, limits and associations, with 2,400 contacts in it. See the whole job in two minutes.", look.Body, look.T2),
		use))
}

// overview shows what waits, every sync, and the latest runs.
func (s *home) overview(d homeData) {
	s.header.Title = "Home"
	s.header.State = look.Count(len(d.cards), "sync", "syncs")
	if len(d.sets) > 0 {
		s.header.State = look.Count(len(d.sets), "set", "sets") + " · " + s.header.State
	}
	if len(d.portals) > 0 {
		s.header.State += " · " + d.portals[0].Name
	}
	if len(d.portals) > 1 {
		s.header.State += fmt.Sprintf(" and %d more", len(d.portals)-1)
	}
	s.header.Menu = []*fyne.MenuItem{fyne.NewMenuItem("New set of several files…", func() { s.w.Rooms.NewSet() }), fyne.NewMenuItem("Import a sync or set…", s.w.Rooms.Import)}
	// While the only sync was never previewed, that is what there is to do.
	add := widgets.NewButton(widgets.Primary, "create", "New sync", func() { s.w.Rooms.NewSync("") })
	s.header.Buttons, s.header.Primary, s.first = nil, add, add
	alone := d.alone()
	fresh := len(d.sets) == 0 && len(d.cards) == 1 && d.cards[0].Last == nil && d.cards[0].Plan == nil
	freshSet := len(d.sets) == 1 && len(alone) == 0 && d.sets[0].Err == nil && d.sets[0].Last == nil && d.sets[0].PlanID == ""
	if fresh || freshSet {
		add.Kind = widgets.Plain
		s.header.Buttons, s.header.Primary = []*widgets.Button{add}, nil
	}
	if alerts := s.alerts(d); len(alerts) > 0 {
		s.body.Add(widgets.NewTiles(250, 3, 12, alerts...))
	}
	for _, c := range d.sets {
		s.body.Add(s.setCard(c, freshSet))
	}
	cards := make([]fyne.CanvasObject, 0, len(alone))
	for _, c := range alone {
		cards = append(cards, s.card(c, fresh))
	}
	if len(cards) > 0 {
		s.body.Add(widgets.NewTiles(400, 2, 12, cards...))
	}
	if len(d.runs) > 0 {
		s.body.Add(s.latest(d.runs))
	}
}

// alone are the syncs that belong to no set that Home shows: those of a set
// stand in its card.
func (d homeData) alone() []app.Card {
	var out []app.Card
	for _, c := range d.cards {
		if !slices.ContainsFunc(d.sets, func(k app.SetCard) bool { return k.HasSync(c.ID) }) {
			out = append(out, c)
		}
	}
	return out
}
