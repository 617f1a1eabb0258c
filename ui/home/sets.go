package home

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// setAlerts are the cards of sets that are at work, or that did not come to
// their end.
func (s *home) setAlerts(d homeData) []fyne.CanvasObject {
	var alerts []fyne.CanvasObject
	for _, c := range d.sets {
		if work, ok := s.w.WorkOf(c.Path); ok {
			alerts = append(alerts, s.workAlert(work.Title+": "+c.Name, work))
		} else if c.Unfinished != nil {
			alerts = append(alerts, widgets.NewAlertCard(look.Conflict, "pause", "A set did not end", "Resume it where it stopped · "+c.Name,
				widgets.NewButton(widgets.Plain, "", "Show", func() { s.w.Rooms.Set(c.Path) })))
		}
	}
	return alerts
}

// workAlert is the card of work that is under way.
func (s *home) workAlert(title string, work shell.UnderWay) fyne.CanvasObject {
	return widgets.NewAlertCard(look.Neutral, "run", title, "It goes on while you look elsewhere",
		widgets.NewButton(widgets.Plain, "", "Show", func() { s.w.Open(work.Screen) }))
}

// setCard is one set: its last run, its syncs in small, and what waits for a
// person. With fresh its preview is the screen's primary action.
func (s *home) setCard(c app.SetCard, fresh bool) fyne.CanvasObject {
	more := widgets.NewIconButton(widgets.Quiet, "more", "More", nil)
	more.Small = true
	more.OnTapped = func() {
		s.w.OpenMenu(fyne.NewMenu("", fyne.NewMenuItem("Remove from Home…", func() { s.w.Rooms.RemoveSet(c.Path, c.Name) })), more)
	}
	name := widgets.NewLine(c.Name, look.Heading, look.T1)
	if c.Err != nil {
		open := widgets.NewButton(widgets.Plain, "open", "Open", func() { s.w.Rooms.Set(c.Path) })
		open.Small = true
		return widgets.NewCard(widgets.NewColumn(8, container.NewBorder(nil, nil, nil, more, name),
			container.NewBorder(nil, nil, nil, open, container.New(layouts.Middle{}, widgets.NewIconText(look.Failed.Icon(), "Its documents can’t be read as they are", look.Small, look.Failed.Text())))))
	}
	open := widgets.NewButton(widgets.Plain, "open", "Open", func() { s.w.Rooms.Set(c.Path) })
	preview := widgets.NewButton(widgets.Plain, "preview", "Preview", func() { s.w.Rooms.PreviewSet(c.Path) })
	open.Small, preview.Small = true, true
	if fresh {
		preview.Kind, s.first = widgets.Primary, preview
	}
	buttons := container.NewHBox(preview, open)
	if c.Unfinished != nil || c.PlanID != "" {
		buttons = container.NewHBox(open)
	}
	when := "Never run"
	if c.Last != nil {
		when = look.When(c.Last.Started, s.w.Now())
	}
	head := container.NewBorder(nil, nil, nil, widgets.NewLabel(when, look.Small, look.T2),
		widgets.NewIconText("association", "Set of "+look.Count(len(c.Syncs), "sync", "syncs")+", one job", look.Small, look.T2))
	bar, under := setCounts(c)
	members := widgets.NewTiles(300, 3, 16)
	for _, y := range c.Syncs {
		members.Add(memberLine(y))
	}
	return widgets.NewCard(widgets.NewColumn(8,
		container.NewBorder(nil, nil, nil, more, name), head, bar, under,
		widgets.NewSeparator(), members, widgets.NewSeparator(),
		container.NewBorder(nil, nil, nil, buttons, container.New(layouts.Middle{}, setWaits(c)))))
}

// setCounts are the bar of the set's last run and the counts under it.
func setCounts(c app.SetCard) (bar, under fyne.CanvasObject) {
	if c.Last != nil && c.Last.Counts.Read > 0 {
		counts := wording.MeaningCounts(c.Last.Counts)
		parts := widgets.FateParts(counts, look.Unchanged, look.Create, look.Update, look.Conflict, look.Skipped, look.Failed)
		return widgets.NewStackedBar(8, c.Last.Counts.Read, parts...), widgets.NewFateCounts(counts)
	}
	text := "Not previewed yet. Preview shows what all of its syncs would write, before anything is written."
	switch {
	case c.Last != nil:
		text = "It was begun, and nothing was read yet"
	case c.Changed:
		text = "The next plan is made of the documents as they are now"
	case c.PlanID != "":
		text = "Previewed, not applied"
	}
	return widgets.NewStackedBar(8, 0), widgets.NewLine(text, look.Caption, look.T2)
}

// memberLine is a sync of a set in one line: where its rows come from, what they
// are, and what waits.
func memberLine(y app.SetSync) fyne.CanvasObject {
	d := y.Definition
	icon, to := wording.IconOf(d.HubSpot.Object), wording.ObjectWord(d.HubSpot.Object)
	if d.Associate != nil {
		icon, to = "association", wording.ObjectWord(d.Associate.From.Object)+" with "+wording.Lower(wording.ObjectWord(d.Associate.To.Object))
	}
	var waits []string
	if y.Card != nil && y.Card.Conflicts > 0 {
		waits = append(waits, look.Count(y.Card.Conflicts, "conflict", "conflicts"))
	}
	if y.Card != nil && y.Card.Failed > 0 {
		waits = append(waits, look.Number(y.Card.Failed)+" failed")
	}
	text := to
	if len(waits) > 0 {
		text = strings.Join(waits, ", ")
	}
	label := widgets.NewIconText(icon, d.Name, look.Small, look.T1)
	label.Tone = look.T2
	ink := look.T2
	if len(waits) > 0 {
		ink = look.Conflict.Text()
	}
	return &fyne.Container{Layout: captioned{}, Objects: []fyne.CanvasObject{label, widgets.NewLabel(text, look.Caption, ink)}}
}

// captioned puts a caption right behind a name, which is cut where both do not
// fit.
type captioned struct{}

// Layout implements fyne.Layout.
func (captioned) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	name, caption := objects[0].MinSize(), objects[1].MinSize()
	w := max(min(name.Width, size.Width-caption.Width-10), 60)
	layouts.Move(objects[0], 0, (size.Height-name.Height)/2, w, name.Height)
	layouts.Move(objects[1], w+10, (size.Height-caption.Height)/2+1, max(size.Width-w-10, 0), caption.Height)
}

// MinSize implements fyne.Layout.
func (captioned) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, 22) }

// setWaits says what of a set waits.
func setWaits(c app.SetCard) fyne.CanvasObject {
	n := c.Pending.Created + c.Pending.Updated
	pending := look.Number(n) + " pending"
	switch {
	case c.Unfinished != nil:
		pending = "Did not end"
	case c.PlanID != "":
		if n += edgesOf(c.Pending); n > 0 {
			pending = look.Count(n, "change waits", "changes wait") + " for your approval"
		} else {
			pending = "Its plan waits for you"
		}
	case c.Changed:
		pending = "Changed since its preview"
	case c.Last == nil:
		pending = "Not previewed"
	case c.Undo != nil && c.Undo.State == plan.RunDone:
		pending = "Undone"
	}
	row := widgets.NewRow(14, widgets.NewLabel(pending, look.SmallStrong, look.T1))
	if c.Conflicts > 0 {
		row.Add(widgets.NewLabel(look.Count(c.Conflicts, "conflict", "conflicts"), look.SmallStrong, look.Conflict.Text()))
	}
	if c.Attention > 0 {
		row.Add(widgets.NewLabel(look.Number(c.Attention)+" need attention", look.SmallStrong, look.Failed.Text()))
	}
	return row
}

// edgesOf are the associations that are written.
func edgesOf(c engine.Counts) int { return c.Associated + c.Dissociated }
