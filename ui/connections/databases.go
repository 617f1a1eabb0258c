package connections

import (
	"context"
	"fmt"
	"slices"
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

// addDatabases lists the connections to databases.
func (s *connections) addDatabases(all []app.DatabaseView) {
	add := widgets.NewButton(widgets.Plain, "database", "Add a database", func() { OpenDatabase(s.w, nil, func(string) { s.Show() }) })
	s.body.Add(container.NewBorder(nil, nil, nil, add, container.New(layouts.Middle{}, widgets.NewLine("Databases", look.Heading, look.T1))))
	if len(all) == 0 {
		s.body.Add(widgets.NewNotice(look.Neutral, "database", "No database yet", "A table of PostgreSQL, MySQL, MariaDB or SQLite can be kept in step with HubSpot like a file."))
		return
	}
	rows := widgets.NewColumn(0)
	for i, v := range all {
		row := s.databaseRow(v)
		row.Last = i == len(all)-1
		rows.Add(row)
	}
	s.body.Add(widgets.NewFlushCard(rows))
}

// databaseRow is one database.
func (s *connections) databaseRow(v app.DatabaseView) *widgets.PortalRow {
	check := widgets.NewButton(widgets.Plain, "", "Check", nil)
	check.OnTapped = func() { s.testDatabase(v, check) }
	if v.Health != "" {
		check = widgets.NewButton(widgets.Plain, "", "Change", func() { OpenDatabase(s.w, &v, func(string) { s.Show() }) })
	}
	more := widgets.NewIconButton(widgets.Plain, "more", "More", nil)
	more.OnTapped = func() { s.moreOfDatabase(v, more) }
	r := widgets.NewDatabaseRow(app.DatabaseKindName(v.Kind), v.Name, v.Place, check, more)
	r.SignIn, r.SignInSub = databaseUser(v), "since "+look.WhenInside(v.Created, s.w.Now())
	if v.Tunnel != nil {
		r.SignInSub = "through " + v.Tunnel.Server
	}
	r.ScopesSub = "Checked " + look.WhenInside(v.Checked, s.w.Now())
	switch {
	case v.Health != "":
		r.Health, r.Scopes = look.Failed, wording.SentenceCase(v.Health)
	case v.Weak != "":
		r.Health, r.Scopes, r.ScopesSub = look.Conflict, "Weakly encrypted", v.Weak
	case v.InMemory:
		r.Health, r.Scopes, r.ScopesSub = look.Conflict, "Works until you quit", "the password is in memory only"
	default:
		r.Health, r.Scopes = look.Create, "Works"
	}
	r.Usage = look.Count(len(v.Syncs), "sync", "syncs")
	r.UsageSub = strings.Join(tablesUsed(v), ", ")
	if len(v.Syncs) == 0 {
		r.Usage, r.UsageSub = "No sync yet", "make one with ⋯"
	}
	return r
}

// databaseUser says as whom a database is signed in to.
func databaseUser(v app.DatabaseView) string {
	switch f := app.FormOf(v.Database); {
	case f.Path != "":
		return "A file of this computer"
	case f.User != "":
		return "As " + f.User
	}
	return "As the system’s user"
}

// tablesUsed are the tables of a database's syncs, each once.
func tablesUsed(v app.DatabaseView) []string {
	var all []string
	for _, u := range v.Syncs {
		name := u.Table
		if u.Query {
			name = "a query"
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// moreOfDatabase opens the rest of what can be done with a database.
func (s *connections) moreOfDatabase(v app.DatabaseView, at fyne.CanvasObject) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("New sync of a table…", func() { s.w.Rooms.NewSyncFrom(shell.Origin{Database: v.Name}) }),
		fyne.NewMenuItem("Tables and row counts…", func() { s.tables(v) }),
		fyne.NewMenuItem("Rights…", func() { s.rights(v) }),
		fyne.NewMenuItem("Check", func() { s.testDatabase(v, nil) }),
		fyne.NewMenuItem("Rename…", func() {
			s.askName(v.Name, "Definitions name the address, and go on to find it", s.w.App.RenameDatabase)
		}),
		fyne.NewMenuItem("Change…", func() { OpenDatabase(s.w, &v, func(string) { s.Show() }) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Remove…", func() { s.confirmRemove(v) }),
	}
	s.w.OpenMenu(fyne.NewMenu("", items...), at)
}

// testDatabase tries a connection. b is the button that was pressed; it may be nil.
func (s *connections) testDatabase(v app.DatabaseView, b *widgets.Button) {
	say := func(reason string) {
		if b != nil {
			b.SetReason(reason)
		}
	}
	say("Connecting to " + v.Place)
	shell.Load(s.w, func(ctx context.Context) (app.DatabaseCheck, error) { return s.w.App.TestDatabase(ctx, v.Name) }, func(c app.DatabaseCheck) {
		say("")
		s.w.Toast(look.Create, fmt.Sprintf("%s answers: %s", v.Name, look.Count(c.Tables, "table", "tables")), "", nil)
		s.Show()
	}, func(err error) {
		say("")
		s.w.Fail(err)
		s.Show()
	})
}

// confirmRemove asks whether a connection goes, and says who would miss it.
func (s *connections) confirmRemove(v app.DatabaseView) {
	text := "The connection is forgotten. The database and its file stay as they are."
	if v.Kind != "sqlite" {
		text = "Its password is deleted from this computer’s keychain. The database stays as it is."
	}
	if n := len(v.Syncs); n > 0 {
		var names []string
		for _, u := range v.Syncs {
			names = append(names, u.Sync)
		}
		text += " " + look.Count(n, "sync uses it", "syncs use it") + ": " + strings.Join(names[:min(n, 6)], ", ")
		if n > 6 {
			text += fmt.Sprintf(" and %d more", n-6)
		}
		text += ". Nothing of them is lost; a run asks for the password again."
		if v.Kind == "sqlite" {
			text = strings.Replace(text, "a run asks for the password again", "they go on to read the file", 1)
		}
	}
	widgets.NewConfirm("Remove "+v.Name+"?", text, "Remove "+v.Name, true, func() {
		s.w.Do(func(ctx context.Context) error { return s.w.App.RemoveDatabase(ctx, v.Name) }, s.Show)
	}).Open(s.w.Win.Canvas())
}

// tables shows the tables that the user may read, with how many rows they have.
func (s *connections) tables(v app.DatabaseView) {
	shell.Load(s.w, func(ctx context.Context) ([]app.Table, error) { return s.w.App.Tables(ctx, v.Name) }, func(all []app.Table) {
		used := tablesUsed(v)
		g := grid.New(look.RowCompact,
			grid.Column{ID: "name", Title: "Table", Width: 280, Grow: 1, Lead: true},
			grid.Column{ID: "what", Title: "What", Width: 80},
			grid.Column{ID: "rows", Title: "Rows, about", Width: 110, Align: grid.Right},
			grid.Column{ID: "used", Title: "Synced", Width: 80})
		g.Length = func() int { return len(all) }
		g.Cell = func(row, col int) grid.Cell {
			t := all[row]
			switch col {
			case 0:
				return grid.Cell{Text: t.Full(), Icon: "database", IconInk: look.Source.Text()}
			case 1:
				return grid.Cell{Text: wording.SentenceCase(t.What), Style: grid.Label}
			case 2:
				return wording.RowsAbout(t.Rows)
			}
			if slices.Contains(used, t.Full()) || slices.Contains(used, t.Name) {
				return grid.Cell{Text: "Yes", Icon: "check", IconInk: look.Create.Text()}
			}
			return grid.Cell{Text: "–", Style: grid.Faint}
		}
		g.Empty = widgets.NewEmptyState("database", "There is no table that this user may read", "Ask the administrator for the right SELECT, or connect as another user.", nil)
		d := widgets.NewDialog("Tables of "+v.Name, look.Count(len(all), "table that the user may read", "tables that the user may read")+" · counts are the server’s estimates",
			container.New(layouts.Tall(min(look.GridHeader+float32(max(len(all), 4))*look.RowCompact, 380)), widgets.NewFlushCard(g)))
		d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
		d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "two-way", "New sync of a table…", func() {
			d.Close()
			s.w.Rooms.NewSyncFrom(shell.Origin{Database: v.Name})
		})}
		d.Open(s.w.Win.Canvas())
	}, nil)
}

// rightsWidth is how wide the dialog with the scripts is.
const rightsWidth float32 = 720

// rights shows what the user lacks for the syncs, and the script that gives it.
func (s *connections) rights(v app.DatabaseView) {
	shell.Load(s.w, func(ctx context.Context) ([]app.DatabaseRights, error) { return s.w.App.DatabaseRights(ctx, v.Name) }, func(all []app.DatabaseRights) {
		list := widgets.NewPaddedColumn(8, 4, 4)
		lacking := 0
		var scripts []string
		for _, r := range all {
			title := r.Sync
			if r.Table != "" {
				title += " · " + r.Table
			}
			list.Add(widgets.NewLine(title, look.Strong, look.T1))
			if len(r.Lacks) == 0 {
				list.Add(widgets.NewIconText("check-circle", "Has every right that it needs", look.Small, look.Create.Text()))
			}
			for _, lack := range r.Lacks {
				lacking++
				list.Add(widgets.NewNotice(look.Failed, "", "", wording.SentenceCase(lack)+"."))
			}
			switch {
			case r.Query:
				list.Add(widgets.NewParagraph("A query needs SELECT on the columns that it reads, and nothing else.", look.Small, look.T2))
			case r.Script != "":
				scripts = append(scripts, "-- "+r.Sync+"\n"+r.Script)
				list.Add(widgets.NewParagraph(strings.TrimRight(r.Script, "\n"), look.Mono, look.T1))
			}
			list.Add(widgets.NewSeparator())
		}
		sub := "What each sync needs, and a script for the administrator that gives it and nothing more"
		switch {
		case len(all) == 0:
			list.Add(widgets.NewParagraph("No sync uses this database yet. Once one does, here is the script that gives a user just what it needs.", look.Body, look.T2))
		case v.Kind == "sqlite":
			sub = "Whoever may write the file may write all of it"
		case lacking > 0:
			sub = look.Count(lacking, "right is missing", "rights are missing") + " · give this script to the administrator"
		}
		list.Resize(fyne.NewSize(rightsWidth-44, 100)) // so that its height is that of this width
		scroll := container.NewVScroll(list)
		d := widgets.NewDialog("Rights in "+v.Name, sub, container.New(layouts.Tall(min(list.MinSize().Height, 380)), scroll))
		d.Width = rightsWidth
		d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
		if len(scripts) > 0 {
			d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "copy", "Copy the script", func() {
				s.w.Fyne.Clipboard().SetContent(strings.Join(scripts, "\n"))
				s.w.Toast(look.Create, "Copied", "", nil)
			})}
		}
		d.Open(s.w.Win.Canvas())
	}, nil)
}
