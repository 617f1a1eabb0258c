package home

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// alerts are the cards of what waits for a person.
func (s *home) alerts(d homeData) []fyne.CanvasObject {
	conflicts, failed, syncs := 0, 0, 0
	var interrupted *app.Card
	for i, c := range d.cards {
		conflicts += c.Conflicts
		failed += c.Failed
		if c.Conflicts > 0 {
			syncs++
		}
		inSet := slices.ContainsFunc(d.sets, func(k app.SetCard) bool { return k.HasSync(c.ID) && k.Unfinished != nil })
		if _, working := s.w.WorkOf(c.Path); interrupted == nil && c.Interrupted != nil && !working && !inSet {
			interrupted = &d.cards[i]
		}
	}
	var alerts []fyne.CanvasObject
	if conflicts > 0 {
		alerts = append(alerts, widgets.NewAlertCard(look.Conflict, "", look.Count(conflicts, "conflict waits", "conflicts wait"), "In "+look.Count(syncs, "sync", "syncs")+"; neither side is touched",
			widgets.NewButton(widgets.Plain, "", "Review", func() { s.w.GoTo(shell.PlaceReview) })))
	}
	if failed > 0 {
		alerts = append(alerts, widgets.NewAlertCard(look.Failed, "", look.Count(failed, "row needs attention", "rows need attention"), "Nothing is lost; retry when fixed",
			widgets.NewButton(widgets.Plain, "", "Open", s.w.Rooms.Attention)))
	}
	for _, work := range s.w.UnderWay() {
		if !work.OfSet {
			alerts = append(alerts, s.workAlert(work.Title, work))
		}
	}
	alerts = append(alerts, s.setAlerts(d)...)
	if interrupted != nil {
		alerts = append(alerts, widgets.NewAlertCard(look.Neutral, "pause", "A run did not end", look.Number(interrupted.ToDo)+" still to do · "+interrupted.Name,
			widgets.NewButton(widgets.Plain, "", "Resume", func() { s.resume(*interrupted) })))
	}
	return alerts
}

// unfinished tells whether a run's next one goes on where it stopped.
func unfinished(state plan.RunState) bool {
	return state == plan.RunInterrupted || state == plan.RunFailed || state == plan.RunStopped
}

// card is one sync: both sides, how the last run went, what is pending, and its
// two buttons. With fresh its preview is the screen's primary action.
func (s *home) card(c app.Card, fresh bool) fyne.CanvasObject {
	more := widgets.NewIconButton(widgets.Quiet, "more", "More", nil)
	more.Small = true
	more.OnTapped = func() { s.more(c, more) }
	preview := widgets.NewButton(widgets.Plain, "preview", "Preview", func() { s.preview(c) })
	run := widgets.NewButton(widgets.Plain, "run", "Run", func() { s.run(c) })
	if c.Interrupted != nil {
		run.Text = "Resume"
	}
	preview.Small, run.Small = true, true
	if fresh {
		preview.Kind, s.first = widgets.Primary, preview
	}
	when := "Never run"
	if c.Last != nil {
		when = look.When(c.Last.Started, s.w.Now())
	}
	sides := widgets.NewRow(8,
		widgets.NewIconText(wording.SourceIcon(c.SourceKind), c.Source, look.Small, look.T2),
		widgets.NewIconText(flowIcon(c.Direction), "", look.Small, look.T2),
		widgets.NewIconText(objectsOf(c), objectWords(c), look.Small, look.T2))
	bar, under := s.lastCounts(c)
	pending := look.Number(c.Pending.Created+c.Pending.Updated) + " pending"
	switch {
	case c.Interrupted != nil:
		pending = look.Number(c.ToDo) + " still to do"
	case c.Plan == nil && c.Changed:
		pending = "Changed since its preview"
	case c.Plan == nil && c.Last == nil:
		pending = "Not previewed" // nobody knows what is pending
	}
	waiting := widgets.NewRow(14, widgets.NewLabel(pending, look.SmallStrong, look.T1))
	if c.Conflicts > 0 {
		waiting.Add(widgets.NewLabel(look.Count(c.Conflicts, "conflict", "conflicts"), look.SmallStrong, look.Conflict.Text()))
	}
	if c.Failed > 0 {
		waiting.Add(widgets.NewLabel(look.Number(c.Failed)+" failed", look.SmallStrong, look.Failed.Text()))
	}
	return widgets.NewCard(widgets.NewColumn(8,
		container.NewBorder(nil, nil, nil, more, widgets.NewLine(c.Name, look.Heading, look.T1)),
		container.NewBorder(nil, nil, nil, widgets.NewLabel(when, look.Small, look.T2), sides),
		bar, under,
		widgets.NewSeparator(),
		container.NewBorder(nil, nil, nil, container.NewHBox(preview, run), container.New(layouts.Middle{}, waiting))))
}

// run leads to what the sync would write: the plan that waits, or a new one.
// Nothing is written that was not shown and approved. What was approved and did
// not end goes on.
func (s *home) run(c app.Card) {
	switch {
	case c.Interrupted != nil:
		s.resume(c)
	case c.Plan != nil:
		s.w.Rooms.Plan(c.Plan.ID, app.Part{})
	default:
		s.preview(c)
	}
}

// preview makes a new plan, and asks first about changes of the one that waits.
func (s *home) preview(c app.Card) {
	changed := ""
	if c.Plan != nil && c.Plan.Revision > 0 && c.Plan.Kind == plan.KindSync {
		changed = c.Plan.ID
	}
	s.w.Rooms.PreviewInstead(c.Path, c.Name, changed)
}

// resume goes on with the run that did not end, with the plan that was approved
// for it.
func (s *home) resume(c app.Card) {
	s.w.Rooms.Work(app.Work{Kind: app.JobRun, Path: c.Path, Arg: c.Interrupted.PlanID, Undoes: c.Interrupted.Kind == plan.KindUndo}, c.Name)
}

// lastCounts is the bar of the last run and the counts under it; before the
// first run it says how far the sync has come.
func (s *home) lastCounts(c app.Card) (bar, under fyne.CanvasObject) {
	if c.Last != nil && c.Last.Counts.Read > 0 {
		counts := wording.MeaningCounts(c.Last.Counts)
		parts := widgets.FateParts(counts, look.Unchanged, look.Create, look.Update, look.Conflict, look.Skipped, look.Failed)
		return widgets.NewStackedBar(8, c.Last.Counts.Read, parts...), widgets.NewFateCounts(counts)
	}
	text := "Not previewed yet. Preview shows every cell that would change, before anything is written."
	switch {
	case c.Changed:
		text = "The next plan is made of the sync as it is now"
	case c.Plan != nil:
		text = "Previewed " + look.WhenInside(c.Plan.Made, s.w.Now()) + ", not applied"
	}
	return widgets.NewStackedBar(8, 0), widgets.NewLine(text, look.Caption, look.T2)
}

// objectWords are the object types that a sync fills, or joins with each other.
func objectWords(c app.Card) string {
	if c.Ends[0] == "" {
		return c.Label
	}
	return wording.ObjectWord(c.Ends[0]) + " with " + wording.Lower(wording.ObjectWord(c.Ends[1]))
}

func objectsOf(c app.Card) look.Icon {
	if c.Ends[0] == "" {
		return "portal"
	}
	return "association"
}

func flowIcon(d definition.Direction) look.Icon {
	switch d {
	case definition.ToHubSpot:
		return "to-hubspot"
	case definition.FromHubSpot:
		return "to-source"
	}
	return "two-way"
}

// more opens the rest of what can be done with a sync.
func (s *home) more(c app.Card, at fyne.CanvasObject) {
	items := []*fyne.MenuItem{fyne.NewMenuItem(mapWord(c), func() { s.w.Rooms.FieldMap(c.Path, nil) })}
	if c.Plan != nil {
		items = append(items, fyne.NewMenuItem("Open the plan that waits", func() { s.w.Rooms.Plan(c.Plan.ID, app.Part{}) }))
	}
	if c.Last != nil && c.Last.PlanID != "" {
		items = append(items, fyne.NewMenuItem("See the changes of the last run", func() { s.w.Rooms.Plan(c.Last.PlanID, app.Part{}) }))
	}
	if c.Ends[0] == "" {
		items = append(items, fyne.NewMenuItem("Look for duplicates…", func() { s.w.Rooms.Duplicates(c.Path) }))
		items = append(items, fyne.NewMenuItem("Take it to another portal…", func() { s.w.Rooms.Promote(c.Path, c.Name) }))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Remove from Home…", func() {
		widgets.NewConfirm("Remove this sync?", "Its links, history and decisions stay in the workspace, and neither side is changed. Preview its definition again to bring it back.",
			"Remove "+c.Name, true, func() {
				s.w.Do(func(ctx context.Context) error { return s.w.App.HideSync(ctx, c.ID) }, s.Show)
			}).Open(s.w.Win.Canvas())
	}))
	s.w.OpenMenu(fyne.NewMenu("", items...), at)
}

// mapWord says what there is to edit of a sync.
func mapWord(c app.Card) string {
	if c.Ends[0] != "" {
		return "Edit what it associates"
	}
	return "Edit the field map"
}

// latest lists the newest runs.
func (s *home) latest(runs []app.RunCard) fyne.CanvasObject {
	g := grid.New(look.RowCompact,
		grid.Column{ID: "when", Title: "Latest runs", Width: 130},
		grid.Column{ID: "sync", Width: 220, Grow: 1},
		grid.Column{ID: "kind", Width: 90},
		grid.Column{ID: "what", Width: 300, Grow: 1},
		grid.Column{ID: "took", Title: "Took", Width: 90, Align: grid.Right},
		grid.Column{ID: "calls", Title: "Calls", Width: 70, Align: grid.Right})
	g.Length = func() int { return len(runs) }
	g.Cell = func(row, col int) grid.Cell {
		r := runs[row]
		switch col {
		case 0:
			return grid.Cell{Text: look.When(r.Started, s.w.Now()), Style: grid.Label}
		case 1:
			return grid.Cell{Text: r.SyncName}
		case 2:
			what := map[plan.Purpose]string{plan.KindUndo: "Undo"}[r.Kind]
			if r.SetID != "" {
				what = strings.TrimSpace(what + " in a set")
			}
			return grid.Cell{Text: wording.SentenceCase(what), Style: grid.Label}
		case 3:
			return grid.Cell{Text: runWords(r)}
		case 4:
			if r.Ended.IsZero() {
				return grid.Cell{Text: "–", Style: grid.Faint}
			}
			return grid.Cell{Text: look.Took(r.Ended.Sub(r.Started)), Style: grid.Label}
		}
		return grid.Cell{Text: look.Number(r.Calls.Total), Style: grid.Label}
	}
	g.OnActivated = func(row int) {
		if id := runs[row].PlanID; id != "" {
			s.w.Rooms.Plan(id, app.Part{})
		}
	}
	return widgets.NewFlushCard(container.New(layouts.Tall(look.GridHeader+float32(len(runs))*look.RowCompact), g))
}

// runWords says what a run came to.
func runWords(r app.RunCard) string {
	c := r.Counts
	if unfinished(r.State) {
		if c.ToDo > 0 {
			return fmt.Sprintf("%s written, %s still to do", look.Number(c.Created+c.Updated), look.Number(c.ToDo))
		}
		return "Did not end; the next run goes on"
	}
	text := look.Number(c.Created+c.Updated) + " written"
	if c.Conflict > 0 {
		text += fmt.Sprintf(", %s in conflict", look.Number(c.Conflict))
	}
	if c.Failed > 0 {
		text += fmt.Sprintf(", %s failed", look.Number(c.Failed))
	}
	return text
}
