// Package connections lists portals and sources, and signs in to portals.
package connections

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// connections lists the portals and the sources, and connects new portals.
type connections struct {
	w      *shell.Window
	header *widgets.Header
	body   *fyne.Container
	root   fyne.CanvasObject
	read   shell.Turns
}

// connectionsData is what the screen shows.
type connectionsData struct {
	portals   []app.ConnectionView
	webhooks  []app.WebhookView
	databases []app.DatabaseView
	sources   []app.SourceView
}

// New makes the screen of portals and sources.
func New(w *shell.Window) shell.Screen {
	s := &connections{w: w, header: widgets.NewHeader("Connections", "")}
	s.header.Primary = widgets.NewButton(widgets.Primary, "portal", "Connect HubSpot", func() { openConnect(w, connectAs{}, s.Show) })
	s.body = widgets.NewPaddedColumn(12, 24, 16)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	return s
}

func (s *connections) Content() fyne.CanvasObject { return s.root }
func (s *connections) Head() *widgets.Header      { return s.header }
func (s *connections) Focus()                     { widgets.FocusOn(s.header.Primary) }

func (s *connections) Show() {
	shell.LoadNewest(s.w, &s.read, func(ctx context.Context) (d connectionsData, err error) {
		if d.portals, err = s.w.App.ConnectionViews(ctx); err != nil {
			return d, err
		}
		if d.webhooks, err = s.w.App.Webhooks(ctx); err != nil {
			return d, err
		}
		if d.databases, err = s.w.App.DatabaseViews(ctx); err != nil {
			return d, err
		}
		d.sources, err = s.w.App.SourceViews(ctx)
		return d, err
	}, s.fill, nil)
}

func (s *connections) fill(d connectionsData) {
	s.header.SetState(look.Count(len(d.portals), "portal", "portals") + ", " + look.Count(len(d.databases), "database", "databases") + " and " + look.Count(len(d.sources), "source", "sources") + " · secrets stay in the system’s keychain")
	s.body.Objects = []fyne.CanvasObject{widgets.NewLine("Portals", look.Heading, look.T1)}
	practice := false
	rows := widgets.NewColumn(0)
	for i, v := range d.portals {
		practice = practice || v.Kind == app.KindPractice
		row := s.row(v)
		row.Last = i == len(d.portals)-1
		rows.Add(row)
	}
	if len(d.portals) > 0 {
		s.body.Add(widgets.NewFlushCard(rows))
	} else {
		s.body.Add(widgets.NewNotice(look.Neutral, "portal", "No portal yet", "Connect HubSpot, or begin with the practice portal, which needs nothing."))
	}
	if !practice {
		s.body.Add(widgets.NewNotice(look.Practice, "practice", "Practice portal", "Behaves like HubSpot and lives in this program. Rehearse a risky sync there first.",
			widgets.NewButton(widgets.Plain, "practice", "Add the practice portal", s.practice)))
	}
	s.addWebhooks(d.webhooks)
	s.addDatabases(d.databases)
	s.body.Add(widgets.NewLine("Sources", look.Heading, look.T1))
	if len(d.sources) > 0 {
		s.body.Add(s.sources(d.sources))
	}
	s.body.Add(widgets.NewLine("The files, tables and objects that syncs read. Drop a file anywhere in the window to add one; it is only read, unless a sync writes back to it.", look.Small, look.T2))
	s.body.Refresh()
	s.w.RefreshStatus()
}

func (s *connections) practice() {
	s.w.Do(func(ctx context.Context) error { _, err := s.w.App.ConnectPractice(ctx); return err }, s.Show)
}

// row is one portal.
func (s *connections) row(v app.ConnectionView) *widgets.PortalRow {
	check := widgets.NewButton(widgets.Plain, "", "Check", nil)
	check.OnTapped = func() { s.test(v.Connection, check) }
	if v.Health != "" || len(v.Missing) > 0 {
		check = widgets.NewButton(widgets.Plain, "", "Reconnect", func() { s.reconnect(v) })
	}
	more := widgets.NewIconButton(widgets.Plain, "more", "More", nil)
	more.OnTapped = func() { s.more(v, more) }
	r := widgets.NewPortalRow(wording.PortalMeaning(v.Kind, v.AccountType), v.Name, fmt.Sprintf("Portal %d", v.PortalID), check, more)
	r.SignIn, r.SignInSub = signInWords(v.Connection)
	since := "since " + look.WhenInside(v.Created, s.w.Now())
	switch {
	case r.SignInSub == "":
		r.SignInSub = since
	case v.Kind == app.KindOAuth:
		r.SignInSub = since + ", " + r.SignInSub
	}
	r.Health, r.Scopes, r.ScopesSub = s.scopeWords(v)
	r.Usage, r.UsageSub = "Not asked yet", "Check tells today’s use"
	if b := wording.DailyBudget(v.Traffic); v.Known && b.Limit > 0 {
		r.Budget, r.UsageSub = b, "of "+look.Number(b.Limit)+" today"
	} else if v.Known && v.Kind == app.KindOAuth {
		r.Usage, r.UsageSub = look.Count(v.Traffic.Total, "call", "calls"), "made here; no daily limit for apps"
	}
	return r
}

// signInWords say how a portal is signed in to, and by whom.
func signInWords(c app.Connection) (how, who string) {
	switch c.Kind {
	case app.KindPractice:
		return "Built in", "on this computer"
	case app.KindOAuth:
		if c.UserEmail == "" {
			return "Browser sign-in", ""
		}
		return "Browser sign-in", "by " + c.UserEmail
	}
	return "Token or service key", ""
}

// scopeWords say whether the connection works and may do what its syncs need.
func (s *connections) scopeWords(v app.ConnectionView) (m look.Meaning, text, sub string) {
	sub = "Checked " + look.WhenInside(v.Checked, s.w.Now())
	switch {
	case v.Health != "":
		return look.Failed, v.Health, sub
	case v.Kind == app.KindPractice:
		return look.Create, "Everything allowed", "Limits behave like HubSpot’s"
	case len(v.Missing) > 0:
		return look.Conflict, look.Count(len(v.Missing), "scope is missing", "scopes are missing"), strings.Join(missingNames(v), ", ")
	case len(v.Scopes) == 0:
		return look.Create, "Works", sub
	}
	return look.Create, look.Count(len(v.Scopes), "scope", "scopes"), sub
}

// more opens the rest of what can be done with a portal.
func (s *connections) more(v app.ConnectionView, at fyne.CanvasObject) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("New sync from this portal…", func() { s.w.Rooms.NewSyncFrom(shell.Origin{Portal: v.Name}) }),
		fyne.NewMenuItem("See the scopes…", func() { s.scopes(v) }),
		fyne.NewMenuItem("Receive events…", func() { s.openWebhook(v.Name) }),
	}
	if v.Kind != app.KindPractice {
		items = append(items,
			fyne.NewMenuItem("Check", func() { s.test(v.Connection, nil) }),
			fyne.NewMenuItem("Rename…", func() { s.rename(v.Connection) }),
			fyne.NewMenuItem("Reconnect…", func() { s.reconnect(v) }))
	}
	if v.Kind == app.KindOAuth {
		what := "Follow HubSpot’s webhooks journal"
		if v.Journal {
			what = "Stop following HubSpot’s webhooks journal"
		}
		items = append(items, fyne.NewMenuItem(what, func() { s.follow(v.Name, !v.Journal) }))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Disconnect…", func() { s.confirmDisconnect(v) }))
	s.w.OpenMenu(fyne.NewMenu("", items...), at)
}

// scopes lists what the connection may do, and what its syncs lack.
func (s *connections) scopes(v app.ConnectionView) {
	list := widgets.NewColumn(4)
	for _, n := range v.Missing {
		list.Add(widgets.NewIconText(look.Failed.Icon(), n.Scope+" is missing: "+n.Why, look.Body, look.Failed.Text()))
	}
	for _, name := range v.Scopes {
		list.Add(widgets.NewIconText("check", name, look.Body, look.T1))
	}
	if len(v.Scopes) == 0 {
		list.Add(widgets.NewParagraph("The portal does not tell the scopes of this connection. What is missing shows when a sync is checked.", look.Body, look.T2))
	}
	d := widgets.NewDialog("Scopes of "+v.Name, look.Count(len(v.Scopes), "scope granted", "scopes granted"), list)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	if len(v.Missing) > 0 {
		d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "copy", "Copy the missing ones", func() {
			s.w.Fyne.Clipboard().SetContent(strings.Join(missingNames(v), "\n"))
			s.w.Toast(look.Create, "Copied", "", nil)
		})}
	}
	d.Open(s.w.Win.Canvas())
}

// missingNames are the scopes that a portal's syncs need and it lacks.
func missingNames(v app.ConnectionView) []string {
	names := make([]string, len(v.Missing))
	for i, n := range v.Missing {
		names[i] = n.Scope
	}
	return names
}

// test asks the portal whether the connection works. b is the button that was
// pressed; it may be nil.
func (s *connections) test(c app.Connection, b *widgets.Button) {
	say := func(reason string) {
		if b != nil {
			b.SetReason(reason)
		}
	}
	say("Asking HubSpot")
	shell.Load(s.w, func(ctx context.Context) (app.Health, error) {
		h, err := s.w.App.Test(ctx, c.Name)
		if err == nil && h.Err == nil {
			// The limits come with it, for the gauge; without them it shows none.
			_, _ = s.w.App.Usage(ctx, c.Name)
		}
		return h, err
	}, func(h app.Health) {
		say("")
		if h.Err == nil {
			s.w.Toast(look.Create, fmt.Sprintf("%s answers: portal %d", c.Name, h.PortalID), "", nil)
		}
		s.Show()
	}, func(err error) {
		say("")
		s.w.Fail(err)
		s.Show()
	})
}

// follow turns on or off that the syncs of a portal begin with its webhooks journal.
func (s *connections) follow(name string, on bool) {
	shell.Load(s.w, func(ctx context.Context) (app.Connection, error) { return s.w.App.FollowJournal(ctx, name, on) }, func(c app.Connection) {
		if on {
			s.w.Toast(look.Create, "The webhooks journal of "+c.Name+" is followed", "", nil)
		} else {
			s.w.Toast(look.Create, "The webhooks journal of "+c.Name+" is not followed any more", "", nil)
		}
		s.Show()
	}, func(err error) {
		s.w.Fail(err)
		s.Show()
	})
}

// reconnect signs in again in the way of the connection, for the scopes that
// its syncs need.
func (s *connections) reconnect(v app.ConnectionView) {
	openConnect(s.w, connectAs{connection: v.Connection, more: missingNames(v)}, s.Show)
}

func (s *connections) rename(c app.Connection) {
	s.askName(c.Name, "Definitions that use the old name go on to find it", s.w.App.Rename)
}

// askName asks for another name of a connection.
func (s *connections) askName(old, sub string, rename func(ctx context.Context, name, to string) error) {
	entry := widgets.NewEntry(old)
	entry.SetText(old)
	problem := widgets.NewParagraph("", look.Small, look.Failed.Text())
	d := widgets.NewDialog("Rename "+old, sub, widgets.NewColumn(8, entry, problem))
	d.First = entry
	d.Primary = widgets.NewButton(widgets.Primary, "edit", "Rename", nil)
	d.Primary.OnTapped = func() {
		name := entry.Text
		shell.Load(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, rename(ctx, old, name) }, func(struct{}) {
			d.Close()
			s.Show()
		}, func(err error) {
			problem.SetText(wording.SentenceCase(app.Explain(err).String()))
			d.Refresh()
		})
	}
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.Open(s.w.Win.Canvas())
}

func (s *connections) confirmDisconnect(v app.ConnectionView) {
	text := "Its secret is deleted from this computer’s keychain."
	switch v.Kind {
	case app.KindOAuth:
		text = "The sign-in is revoked at HubSpot, and its secret is deleted from this computer’s keychain."
	case app.KindPractice:
		text = "Its records stay in the workspace."
	}
	if n := len(v.Syncs); n > 0 {
		text += " " + look.Count(n, "sync uses it: it stays", "syncs use it: they stay") + ", with all history, and will work again when you connect the same portal."
	}
	widgets.NewConfirm("Disconnect "+v.Name+"?", text, "Disconnect "+v.Name, true, func() {
		shell.Load(s.w, func(ctx context.Context) (app.SignedOut, error) { return s.w.App.SignOut(ctx, v.Name) }, func(out app.SignedOut) {
			if note := out.Note(); note != "" {
				s.w.Toast(look.Conflict, wording.SentenceCase(note), "", nil)
			}
			s.Show()
		}, nil)
	}).Open(s.w.Win.Canvas())
}

// sources lists where the rows come from.
func (s *connections) sources(all []app.SourceView) fyne.CanvasObject {
	g := grid.New(look.RowComfortable,
		grid.Column{ID: "name", Title: "Name", Width: 220, Grow: 1, Lead: true},
		grid.Column{ID: "where", Title: "Where", Width: 220, Grow: 1},
		grid.Column{ID: "rows", Title: "Rows", Width: 80, Align: grid.Right},
		grid.Column{ID: "health", Title: "Health", Width: 160},
		grid.Column{ID: "read", Title: "Last read", Width: 120},
		grid.Column{ID: "used", Title: "Used by", Width: 90})
	g.Length = func() int { return len(all) }
	g.Cell = func(row, col int) grid.Cell {
		v := all[row]
		switch col {
		case 0:
			return grid.Cell{Text: v.Name, Icon: wording.SourceIcon(v.Kind), IconInk: look.Source.Text()}
		case 1:
			return grid.Cell{Text: v.Where, Style: grid.Label}
		case 2:
			if v.Rows == 0 {
				return grid.Cell{Text: "–", Style: grid.Faint}
			}
			return grid.Cell{Text: look.Number(v.Rows)}
		case 3:
			if v.Problem != "" {
				return grid.Cell{Text: v.Problem, Icon: look.Failed.Icon(), IconInk: look.Failed.Text(), Ink: look.Failed.Text()}
			}
			return grid.Cell{Text: "Readable", Icon: "check-circle", IconInk: look.Create.Text()}
		case 4:
			if v.Read.IsZero() {
				return grid.Cell{Text: "Never", Style: grid.Faint}
			}
			return grid.Cell{Text: look.When(v.Read, s.w.Now()), Style: grid.Label}
		}
		return grid.Cell{Text: look.Count(len(v.Syncs), "sync", "syncs"), Style: grid.Label}
	}
	return widgets.NewFlushCard(container.New(layouts.Tall(look.GridHeader+float32(len(all))*look.RowComfortable), g))
}
