package settings

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/assets"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// licenceScreen shows the licences of everything that the program is made of.
type licenceScreen struct {
	header *widgets.Header
	find   *widgets.Entry
	grid   *grid.Grid
	all    []assets.Licence
	rows   []assets.Licence // those that are searched for
	detail *fyne.Container
	root   fyne.CanvasObject
}

func newLicenceScreen(w *shell.Window) *licenceScreen {
	s := &licenceScreen{header: widgets.NewHeader("Licences", ""), all: assets.LicenceList()}
	s.header.OnBack = func() { w.GoTo(shell.PlaceSettings) }
	s.find = widgets.NewSearchEntry("Find a part", func(string) { s.filter() })
	s.grid = grid.New(look.RowCompact, grid.Column{ID: "part", Title: "Part", Width: 300, Lead: true, Grow: 1}, grid.Column{ID: "version", Title: "Version", Width: 140})
	s.grid.Length = func() int { return len(s.rows) }
	s.grid.Cell = func(row, col int) grid.Cell {
		name, version := s.rows[row].Part, ""
		if i := strings.LastIndex(name, " "); i > 0 && strings.HasPrefix(name[i+1:], "v") {
			name, version = name[:i], name[i+1:]
		}
		if col == 0 {
			return grid.Cell{Text: name}
		}
		return grid.Cell{Text: version, Style: grid.Faint}
	}
	s.grid.OnSelected = s.explain
	s.detail = widgets.NewPaddedColumn(8, 14, 10)
	split := widgets.NewSplit(s.grid, container.NewVScroll(s.detail), w.PaneWidth(prefLicence, 520))
	split.Least, split.Rest, split.OnResized = look.ExplanationSlim, 380, w.KeepPane(prefLicence)
	top := container.NewVBox(s.header, container.New(layouts.Margin(24, 8), container.NewBorder(nil, nil, nil, container.NewGridWrap(fyne.NewSize(240, look.ControlHeight), s.find))))
	s.root = container.NewBorder(top, nil, nil, nil, split)
	s.filter()
	return s
}

// prefLicence is the width of the pane with the text.
const prefLicence = "pane.licence"

func (s *licenceScreen) Content() fyne.CanvasObject { return s.root }
func (s *licenceScreen) Head() *widgets.Header      { return s.header }
func (s *licenceScreen) Focus()                     { s.grid.Focus() }
func (s *licenceScreen) Show()                      {}

func (s *licenceScreen) filter() {
	text := strings.ToLower(strings.TrimSpace(s.find.Text))
	s.rows = nil
	for _, l := range s.all {
		if strings.Contains(strings.ToLower(l.Part), text) {
			s.rows = append(s.rows, l)
		}
	}
	s.header.SetState(look.Count(len(s.rows), "part", "parts"))
	s.grid.Refresh()
	s.grid.Select(0)
	s.explain(s.grid.Current())
}

func (s *licenceScreen) explain(row int) {
	s.detail.Objects = nil
	defer s.detail.Refresh()
	if row < 0 || row >= len(s.rows) {
		return
	}
	s.detail.Add(widgets.NewParagraph(s.rows[row].Part, look.Strong, look.T1))
	for part := range strings.SplitSeq(s.rows[row].Text, "\n\n") {
		// The lines of a licence are broken for eighty characters; the pane has its own width.
		s.detail.Add(widgets.NewParagraph(strings.Join(strings.Fields(part), " "), look.Small, look.T2))
	}
}
