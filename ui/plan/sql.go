package plan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2/container"

	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// shownStatements is how many statements are held for the eye; all of them go into
// a file.
const shownStatements = 5000

// errEnoughSQL ends the reading of statements that nobody will look at.
var errEnoughSQL = errors.New("enough statements")

// showSQL shows what the plan would carry out in its database, word for word.
func (s *Screen) showSQL() {
	s.w.WhenKept(func() {
		shell.Load(s.w, func(ctx context.Context) (of statements, err error) {
			err = s.w.App.PlanSQL(ctx, s.view.ID, func(statement string) error {
				if len(of.first) == shownStatements {
					of.more = true
					return errEnoughSQL
				}
				of.first = append(of.first, statement)
				return nil
			})
			if errors.Is(err, errEnoughSQL) {
				err = nil
			}
			return of, err
		}, s.openSQL, nil)
	})
}

// statements are those that are shown, and whether there are more.
type statements struct {
	first []string
	more  bool
}

// sqlWidth is how wide the dialog is: statements are long.
const sqlWidth float32 = 860

// openSQL shows statements: a line each, and the chosen one whole.
func (s *Screen) openSQL(of statements) {
	all := of.first
	whole := widgets.NewParagraph("", look.Mono, look.T1)
	scroll := container.NewVScroll(widgets.NewPaddedColumn(0, 10, 8, whole))
	g := grid.New(look.RowCompact, grid.Column{ID: "n", Title: "", Width: 60, Align: grid.Right, Fixed: true}, grid.Column{ID: "sql", Title: "Statement", Width: 700, Grow: 1, Lead: true})
	g.Length = func() int { return len(all) }
	g.Cell = func(row, col int) grid.Cell {
		if col == 0 {
			return grid.Cell{Text: look.Number(row + 1), Style: grid.Faint}
		}
		return grid.Cell{Text: strings.Join(strings.Fields(all[row]), " "), Mono: true}
	}
	g.OnSelected = func(row int) {
		whole.SetText(all[row])
		scroll.ScrollToTop()
		scroll.Refresh()
	}
	g.Empty = widgets.NewEmptyState("database", "This plan writes nothing to the database", "What it writes to HubSpot is in the plan itself.", nil)
	sub := look.Count(len(all), "statement", "statements") + ", with what each takes to stand there: where somebody was faster, it meets no row"
	if of.more {
		sub = "The first " + look.Number(shownStatements) + " statements · save them to see all"
	}
	switch {
	case len(all) == 0:
		sub = ""
	case s.applied:
		sub = "As the plan had them; what was carried out is in the report"
	}
	content := container.NewBorder(nil, container.New(layouts.Tall(110), scroll), nil, nil, container.New(layouts.Tall(250), widgets.NewFlushCard(g)))
	d := widgets.NewDialog("SQL of "+s.view.Sync.Name, sub, content)
	d.Width = min(sqlWidth, s.w.Win.Canvas().Size().Width-80)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	if len(all) > 0 {
		d.Others = []*widgets.Button{
			widgets.NewButton(widgets.Plain, "copy", "Copy", func() {
				s.w.Fyne.Clipboard().SetContent(strings.Join(all, "\n"))
				s.w.Toast(look.Create, "Copied "+look.Count(len(all), "statement", "statements"), "", nil)
			}),
			widgets.NewButton(widgets.Plain, "export", "Save…", func() { s.saveSQL(d) }),
		}
	}
	d.Open(s.w.Win.Canvas())
	if len(all) > 0 {
		g.Select(0)
	}
}

// saveSQL writes all statements into a file.
func (s *Screen) saveSQL(d *widgets.Dialog) {
	d.Close()
	s.w.SaveFile(s.view.Sync.Name+" "+s.view.ID+".sql", []string{".sql", ".txt"}, func(path string) {
		s.w.WhenKept(func() {
			shell.Load(s.w, func(ctx context.Context) (int, error) { return s.w.App.SavePlanSQL(ctx, s.view.ID, path) }, func(n int) {
				s.w.Toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, "statement", "statements"), filepath.Base(path)), "", nil)
			}, nil)
		})
	})
}
