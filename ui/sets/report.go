package sets

import (
	"context"

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

// setReportScreen shows what a run of a set came to: its counts, which add up,
// and those of each of its syncs. The report that is exported holds the reports
// of all of them, signed as one.
type setReportScreen struct {
	*shell.Report
	w      *Room
	report app.SetReport
}

// OpenReport shows the report of a run of a set; Back leads to where it was
// opened.
func (w *Room) OpenReport(id string) {
	from := w.Current()
	shell.Load(w, func(ctx context.Context) (app.SetReport, error) { return w.App.SetReport(ctx, id) }, func(r app.SetReport) { w.Open(newSetReportScreen(w, r, from)) }, nil)
}

func newSetReportScreen(w *Room, r app.SetReport, from shell.Screen) *setReportScreen {
	s := &setReportScreen{w: w, report: r}
	of := shell.ReportOf{Name: r.Set, Run: r.Run, By: r.By, Kind: r.Kind, State: r.State, Error: r.Error, Started: r.Started, Ended: r.Ended}
	s.Report = shell.NewReport(w.Window, of, from, s.export)
	s.Add(shell.FatesCard(of.EndWords(), r.Counts, addsUp(r)), s.members())
	for _, m := range r.Members {
		for _, n := range m.Notes {
			s.Add(widgets.NewInfoBox(m.Sync + ": " + n))
		}
	}
	return s
}

// addsUp is "yes", or what does not add up in one of the syncs.
func addsUp(r app.SetReport) string {
	for _, m := range r.Members {
		if m.AddUp != "yes" {
			return m.Sync + ": " + m.AddUp
		}
	}
	return "yes"
}

// members lists the runs of the set's syncs; opening one shows its report.
func (s *setReportScreen) members() fyne.CanvasObject {
	rows := s.report.Members
	g := grid.New(look.RowComfortable,
		grid.Column{ID: "sync", Title: "Sync", Width: 230, Grow: 2, Lead: true},
		grid.Column{ID: "state", Title: "State", Width: 120},
		grid.Column{ID: "created", Title: "Created", Width: 76, Align: grid.Right},
		grid.Column{ID: "updated", Title: "Updated", Width: 76, Align: grid.Right},
		grid.Column{ID: "same", Title: "Unchanged", Width: 84, Align: grid.Right},
		grid.Column{ID: "conflict", Title: "Conflicts", Width: 78, Align: grid.Right},
		grid.Column{ID: "skipped", Title: "Skipped", Width: 72, Align: grid.Right},
		grid.Column{ID: "failed", Title: "Failed", Width: 64, Align: grid.Right},
		grid.Column{ID: "made", Title: "Associated", Width: 86, Align: grid.Right})
	g.Length = func() int { return len(rows) }
	g.Cell = func(row, col int) grid.Cell {
		r := rows[row]
		c := r.Counts
		switch col {
		case 0:
			return grid.Cell{Text: r.Sync, Second: r.Run}
		case 1:
			return wording.StateTag(r.State)
		}
		n := []int{c.Created, c.Updated, c.Unchanged, c.Conflict, c.Skipped, c.Failed, c.Associated}[col-2]
		if n == 0 {
			return grid.Cell{Text: "0", Style: grid.Faint}
		}
		return grid.Cell{Text: look.Number(n)}
	}
	g.OnActivated = func(row int) { s.w.Rooms.Report(rows[row].Run) }
	return widgets.NewFlushCard(container.New(layouts.Tall(look.GridHeader+float32(len(rows))*look.RowComfortable), g))
}

// export asks for a file and writes the signed report of the whole set into it.
func (s *setReportScreen) export() {
	s.w.ExportReport("Report "+s.report.Set+" "+s.report.Run+".html", func(ctx context.Context, path string) (app.Signature, error) {
		return s.w.App.ExportSetReport(ctx, s.report, path)
	})
}
