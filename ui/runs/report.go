package runs

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// reportScreen shows what a run came to and what that rests on: counts that add
// up, hashes of what went in, guard rails, and what was read back.
type reportScreen struct {
	*shell.Report
	w      *Room
	report app.RunReport
}

// OpenReport shows the report of a run; Back leads to where it was opened.
func (w *Room) OpenReport(runID string) {
	from := w.Current()
	shell.Load(w, func(ctx context.Context) (app.RunReport, error) { return w.App.RunReport(ctx, runID) }, func(r app.RunReport) { w.Open(newReportScreen(w, r, from)) }, nil)
}

func newReportScreen(w *Room, r app.RunReport, from shell.Screen) *reportScreen {
	s := &reportScreen{w: w, report: r}
	of := shell.ReportOf{Name: r.Sync, Run: r.Run, By: r.By, Kind: r.Kind, State: r.State, Error: r.Error, Started: r.Started, Ended: r.Ended, Calls: r.Calls.Total}
	s.Report = shell.NewReport(w.Window, of, from, s.export)
	changes := widgets.NewButton(widgets.Plain, "runs", "See every change", func() { w.Rooms.Plan(r.Plan.ID, app.Part{}) })
	if r.Plan.ID == "" {
		changes.SetReason("Its plan is not in this workspace any more")
	}
	s.Head().Buttons = append(s.Head().Buttons, changes)
	s.Add(shell.FatesCard(of.EndWords(), r.Counts, r.AddUp), widgets.NewTiles(380, 2, 12, s.inputs(), s.checks()))
	for _, n := range r.Notes {
		s.Add(widgets.NewInfoBox(n))
	}
	if len(r.Verification.Displaced) > 0 {
		s.Add(s.displaced())
	}
	return s
}

// inputs are what the run was made of.
func (s *reportScreen) inputs() fyne.CanvasObject {
	r := s.report
	rows := widgets.NewColumn(0,
		widgets.NewFactRow("Portal", strings.TrimSpace(fmt.Sprintf("%s %d", r.Portal.Name, r.Portal.ID))),
		widgets.NewFactRow("Source", r.Inputs.Source),
		widgets.NewFactRow("Its SHA-256, as it was read", shortHash(r.Inputs.SourceSHA256)),
		widgets.NewFactRow("Definition, SHA-256", shortHash(r.Inputs.DefinitionSHA256)),
		widgets.NewFactRow("Plan", r.Plan.ID),
		widgets.NewFactRow("Its hash, as it was shown", shortHash(r.Plan.Hash)))
	if r.Plan.Revision > 0 {
		rows.Add(widgets.NewFactRow("Applied revision "+look.Number(r.Plan.Revision), shortHash(r.Plan.Applied)))
		rows.Add(widgets.NewFactRow("What people changed of it", changeWords(r.Plan.Changes)))
	}
	intact := "yes"
	if r.Plan.Intact != "yes" {
		intact = r.Plan.Intact
	}
	rows.Add(widgets.NewFactRow("The plan agrees with its hash", intact))
	if r.UndoOf != "" {
		rows.Add(widgets.NewFactRow("Undoes", r.UndoOf))
	}
	return titled("What it was made of", rows)
}

// titled is a card with a heading over its rows.
func titled(title string, rows fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewCard(widgets.NewColumn(8, widgets.NewLine(title, look.Heading, look.T1), rows))
}

// shortHash is the beginning of a hash; the exported report holds the whole.
func shortHash(h string) string {
	if len(h) > 16 {
		return h[:16] + "…"
	}
	return wording.OrNothing(h)
}

// changeWords counts what people changed of a plan.
func changeWords(changes []plan.Change) string {
	out, edits := map[int]bool{}, 0
	for _, c := range changes {
		for _, n := range c.Items {
			switch c.What {
			case plan.ChangeExclude:
				out[n] = true
			case plan.ChangeInclude:
				delete(out, n)
			}
		}
		if c.What == plan.ChangeEdit {
			edits++
		}
	}
	return look.Count(len(out), "row out", "rows out") + ", " + look.Count(edits, "edit", "edits")
}

// checks are what was written where, the guard rails, and the reading back.
func (s *reportScreen) checks() fyne.CanvasObject {
	r := s.report
	rows := widgets.NewColumn(0)
	for _, what := range slices.Sorted(maps.Keys(r.Operations)) {
		rows.Add(widgets.NewFactRow(operationWords(what), look.Number(r.Operations[what])))
	}
	if len(r.Operations) == 0 {
		rows.Add(widgets.NewFactRow("Writes", "none"))
	}
	if len(r.Guards) == 0 {
		rows.Add(widgets.NewFactRow("Guard rails", "none was reached"))
	}
	for _, g := range r.Guards {
		rows.Add(widgets.NewFactRow("Guard rail: "+g.Detail, "confirmed by "+wording.OrNothing(g.ConfirmedBy)))
	}
	v := r.Verification
	rows.Add(widgets.NewFactRow("Records read back with their history", look.Number(v.ReadBack)))
	if v.Waiting > 0 {
		rows.Add(widgets.NewFactRow("Still to be read back, by the next run", look.Number(v.Waiting)))
	}
	rows.Add(widgets.NewFactRow("Edits of others that were written over", look.Number(len(v.Displaced))))
	return titled("What was done and checked", rows)
}

// operationWords says what writes are counted: by side, kind and outcome.
func operationWords(what string) string {
	parts := strings.Fields(what)
	if len(parts) != 3 {
		return wording.SentenceCase(what)
	}
	words, known := map[string]string{"hubspot create": "Records created in HubSpot", "hubspot update": "Records updated in HubSpot", "hubspot archive": "Records archived in HubSpot", "hubspot associate": "Associations made in HubSpot", "hubspot dissociate": "Associations removed in HubSpot",
		"source create": "Rows added to the source", "source update": "Rows updated in the source", "source delete": "Rows deleted from the source"}[parts[0]+" "+parts[1]]
	if !known {
		return wording.SentenceCase(what)
	}
	if parts[2] != string(plan.OpDone) {
		words += ", " + parts[2]
	}
	return words
}

// displaced lists the edits that writes of the run fell upon.
func (s *reportScreen) displaced() fyne.CanvasObject {
	rows := widgets.NewColumn(6, widgets.NewLine("Edits that were written over", look.Heading, look.T1))
	for _, d := range s.report.Verification.Displaced {
		text := fmt.Sprintf("%s · %s: “%s” was written over by “%s” (%s)", d.Key, d.Property, d.Theirs, d.Ours, d.State)
		if d.Edited != nil {
			text += fmt.Sprintf(". It was made %s on %s.", d.Edited.By, d.Edited.At.UTC().Format("2006-01-02 at 15:04:05 UTC"))
		}
		rows.Add(widgets.NewParagraph(text, look.Body, look.T1))
	}
	return widgets.NewCard(rows)
}

// export asks for a file and writes the signed report into it.
func (s *reportScreen) export() {
	s.w.ExportReport("Report "+s.report.Sync+" "+s.report.Run+".html", func(ctx context.Context, path string) (app.Signature, error) {
		return s.w.App.ExportReport(ctx, s.report, path)
	})
}

// CheckReport asks for the file of a report and says whether it is as it was
// signed.
func (w *Room) CheckReport() {
	if len(w.Win.Canvas().Overlays().List()) > 0 {
		return
	}
	w.ChooseFile("Choose the report to check", "Check this report", "Reports", []string{".html", ".json"}, shell.PrefFolder, w.verifyReport)
}

// verifyReport says whether the report at path is as it was signed.
func (w *Room) verifyReport(path string) {
	shell.Load(w, func(context.Context) (app.Verdict, error) { return app.VerifyReport(path) }, func(v app.Verdict) {
		m, title := look.Create, "The report is as it was signed"
		switch {
		case v.Valid:
		case !v.Signed && v.Fingerprint == "" && strings.Contains(v.Message, "nothing proves"):
			m, title = look.Conflict, "The report has no signature"
		default:
			m, title = look.Failed, "The report can’t be trusted"
		}
		rows := widgets.NewColumn(10, widgets.NewNotice(m, "", title, wording.SentenceCase(v.Message)+"."))
		if v.Valid {
			rows.Add(widgets.NewParagraph(v.Fingerprint, look.Mono, look.T1))
		}
		d := widgets.NewDialog(filepath.Base(path), "", rows)
		d.Width = 520
		d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
		d.Open(w.Win.Canvas())
	}, nil)
}
