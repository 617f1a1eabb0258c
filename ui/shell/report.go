package shell

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// ReportOf is what the head of a report says of its run.
type ReportOf struct {
	Name, Run, By  string
	Kind           plan.Purpose
	State          plan.RunState
	Error          string
	Started, Ended time.Time
	Calls          int // 0 where they are not told
}

// Report is the screen of a report: what a run came to and what that rests on. It is
// the head of the report that is exported and signed.
type Report struct {
	header *widgets.Header
	body   *fyne.Container
	root   fyne.CanvasObject
}

// NewReport makes the screen of a report with nothing in it; Back leads to from.
func NewReport(w *Window, of ReportOf, from Screen, export func()) *Report {
	what := "Report: "
	if of.Kind == plan.KindUndo {
		what = "Report of an undo: "
	}
	state := fmt.Sprintf("Run %s · %s", of.Run, look.When(of.Started, w.Now()))
	if of.By != "" {
		state += " · by " + of.By
	}
	s := &Report{header: widgets.NewHeader(what+of.Name, state), body: widgets.NewPaddedColumn(12, look.PageMargin, 16)}
	s.header.OnBack = func() { w.Open(from) }
	s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "shield", "Check a report…", w.Rooms.CheckReport)}
	s.header.Primary = widgets.NewButton(widgets.Primary, "export", "Export signed report", export)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	return s
}

// Add puts parts under those that are there.
func (s *Report) Add(parts ...fyne.CanvasObject) {
	for _, p := range parts {
		s.body.Add(p)
	}
}

// Content implements Screen.
func (s *Report) Content() fyne.CanvasObject { return s.root }

// Head implements Screen.
func (s *Report) Head() *widgets.Header { return s.header }

// Show implements Screen: what a report says does not change.
func (s *Report) Show() {}

// Focus implements Screen.
func (s *Report) Focus() { widgets.FocusOn(s.header.Primary) }

// EndWords say how the run ended.
func (of ReportOf) EndWords() string {
	text := wording.StateWords(of.State)
	if !of.Ended.IsZero() {
		text += " after " + look.Took(of.Ended.Sub(of.Started))
	}
	if of.Calls > 0 {
		text += " · " + look.Count(of.Calls, "call", "calls")
	}
	if of.Error != "" {
		text += " · " + of.Error
	}
	return text
}
