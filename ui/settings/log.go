package settings

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app/logbook"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// logShown is how many of the newest lines the screen reads.
const logShown = 5000

// logScreen shows what the program did, the newest first.
type logScreen struct {
	w      *shell.Window
	header *widgets.Header
	find   *widgets.Entry
	grid   *grid.Grid
	read   shell.Turns
	all    []logbook.Entry
	rows   []logbook.Entry // those that are searched for
	detail *fyne.Container
	root   fyne.CanvasObject
}

func newLogScreen(w *shell.Window) *logScreen {
	s := &logScreen{w: w, header: widgets.NewHeader("Log", "")}
	s.header.OnBack = func() { w.GoTo(shell.PlaceSettings) }
	s.find = widgets.NewSearchEntry("Find in log", func(string) { s.filter() })
	s.grid = grid.New(look.RowCompact,
		grid.Column{ID: "time", Title: "Time", Width: 150},
		grid.Column{ID: "level", Title: "Level", Width: 90},
		grid.Column{ID: "what", Title: "What", Width: 160, Lead: true},
		grid.Column{ID: "fields", Title: "Details", Width: 400, Grow: 1})
	s.grid.Length = func() int { return len(s.rows) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = s.explain
	s.grid.Empty = widgets.NewEmptyState("file", "Nothing is logged", "What the program does is written here, without secrets and without personal data.", nil)
	s.detail = widgets.NewPaddedColumn(0, 14, 10)
	split := widgets.NewSplit(s.grid, container.NewVScroll(s.detail), w.PaneWidth(shell.PrefExplanation, look.ExplanationWidth))
	split.Least, split.Rest, split.OnResized = look.ExplanationSlim, 420, w.KeepPane(shell.PrefExplanation)
	top := container.NewVBox(s.header, container.New(layouts.Margin(24, 8), container.NewBorder(nil, nil, nil, container.NewGridWrap(fyne.NewSize(240, look.ControlHeight), s.find))))
	s.root = container.NewBorder(top, nil, nil, nil, split)
	return s
}

func (s *logScreen) Content() fyne.CanvasObject { return s.root }
func (s *logScreen) Head() *widgets.Header      { return s.header }
func (s *logScreen) Focus()                     { s.grid.Focus() }

func (s *logScreen) Show() {
	shell.LoadNewest(s.w, &s.read, func(context.Context) ([]logbook.Entry, error) { return s.w.App.Logs(logShown) }, func(all []logbook.Entry) {
		slices.Reverse(all)
		s.all = all
		s.filter()
	}, nil)
}

// filter keeps the lines that hold the text that is looked for.
func (s *logScreen) filter() {
	text := strings.ToLower(strings.TrimSpace(s.find.Text))
	s.rows = s.all
	if text != "" {
		s.rows = nil
		for _, e := range s.all {
			if strings.Contains(strings.ToLower(e.Level+" "+e.Message+" "+logFields(e)), text) {
				s.rows = append(s.rows, e)
			}
		}
	}
	s.header.SetState(look.Count(len(s.rows), "line", "lines") + " · no secret and no personal data is in it")
	s.grid.Refresh()
	s.grid.Select(0)
	s.explain(s.grid.Current())
}

// logFields are a line's named values in one line.
func logFields(e logbook.Entry) string {
	var parts []string
	for _, f := range e.Fields {
		switch f.Name {
		case "pid", "connection": // the same in most lines; the panel shows them
		case "method", "path", "status":
			parts = append(parts, f.Value)
		default:
			parts = append(parts, f.Name+" "+f.Value)
		}
	}
	return strings.Join(parts, " · ")
}

func (s *logScreen) cell(row, col int) grid.Cell {
	e := s.rows[row]
	switch col {
	case 0:
		return grid.Cell{Text: e.Time.Local().Format("2 Jan 15:04:05.0"), Style: grid.Label}
	case 1:
		switch e.Level {
		case "ERROR":
			return grid.Cell{TagOf: look.Failed, Text: "Error"}
		case "WARN":
			return grid.Cell{TagOf: look.Conflict, Text: "Warning"}
		}
		return grid.Cell{Text: "Info", Style: grid.Faint}
	case 2:
		return grid.Cell{Text: wording.SentenceCase(e.Message)}
	}
	return grid.Cell{Text: logFields(e), Style: grid.Label}
}

// explain shows every value of a line.
func (s *logScreen) explain(row int) {
	s.detail.Objects = nil
	defer s.detail.Refresh()
	if row < 0 || row >= len(s.rows) {
		return
	}
	e := s.rows[row]
	s.detail.Objects = []fyne.CanvasObject{widgets.NewParagraph(wording.SentenceCase(e.Message), look.Strong, look.T1)}
	for _, f := range e.Fields {
		s.detail.Add(container.New(layouts.Margin(0, 4), widgets.NewColumn(0, widgets.NewLine(f.Name, look.Caption, look.T3), widgets.NewParagraph(f.Value, look.Mono, look.T1))))
		if f.Name == "run" && f.Value != "" {
			report := widgets.NewButton(widgets.Plain, "file", "Report of this run", func() { s.w.Rooms.Report(f.Value) })
			report.Small = true
			s.detail.Add(widgets.NewRow(0, report))
		}
	}
}
