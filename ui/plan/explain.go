package plan

import (
	"cmp"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// isRecord reports whether an item is about a record that is there; what rows are sent
// to otherwise has no page.
func (s *Screen) isRecord(it plan.Item) bool {
	return it.RecordID != "" && definition.DeliveryOf(s.view.Sync.Object) == ""
}

// selected explains a row.
func (s *Screen) selected(row int) {
	it, ok := s.pages.At(row)
	if !ok { // nothing stands beside a row that it is not about
		s.explain.Objects = nil
		s.explain.Refresh()
		return
	}
	var open func()
	if s.isRecord(it) && s.view.Portal.UIDomain != "" {
		open = func() {
			account := hubspot.Account{PortalID: s.view.Portal.PortalID, UIDomain: s.view.Portal.UIDomain}
			u, err := url.Parse(account.RecordURL(s.view.Sync.Object, it.RecordID))
			if err == nil {
				err = s.w.Fyne.OpenURL(u)
			}
			if err != nil {
				s.w.Fail(err)
			}
		}
	}
	s.explain.Objects = []fyne.CanvasObject{widgets.NewExplainHead(s.mark(it), it.Name, rowKey(it), open)}
	acts := widgets.NewRow(8)
	if s.editable(it) {
		edit := widgets.NewButton(widgets.Plain, "edit", "Edit what is written", func() { s.editRow("") })
		edit.Small, edit.Key = true, "Enter"
		acts.Add(edit)
	}
	if s.isRecord(it) && s.view.Portal.ID != "" {
		look := widgets.NewButton(widgets.Plain, "records", "The record", func() { s.record(it, "") })
		look.Small, look.Hint = true, "What it holds, who wrote that, and what it belongs with"
		acts.Add(look)
	}
	if len(acts.Objects) > 0 {
		s.explain.Add(container.New(layouts.Margin(14, 8), acts))
	}
	agreed := 0
	for _, e := range it.Edits {
		if e.Action == plan.EditAdopt {
			agreed++
			continue
		}
		s.explain.Add(s.explained(it, e))
	}
	if len(it.Edits) == agreed {
		s.explain.Add(container.New(layouts.Margin(14, 10), widgets.NewParagraph(s.why(it), look.Body, look.T2)))
	}
	if agreed > 0 {
		s.explain.Add(s.agreed(it, agreed))
	}
	s.explain.Refresh()
}

// record shows the record of a row in Records; with a property, who wrote that.
func (s *Screen) record(it plan.Item, property string) {
	s.w.Rooms.Record(s.view.Portal.Name, s.view.Sync.Object, it.RecordID, property)
}

// agreed is the folded list of the fields that both sides hold already.
func (s *Screen) agreed(it plan.Item, n int) fyne.CanvasObject {
	rows := widgets.NewPaddedColumn(0, 14, 4)
	for _, e := range it.Edits {
		if e.Action == plan.EditAdopt {
			value := str(e.HubSpot)
			if e.Edge != nil {
				value = e.Edge.Text()
			}
			rows.Add(widgets.NewFactRow(cmp.Or(e.Field, e.Property), wording.OrNothing(value)))
		}
	}
	rows.Hide()
	return widgets.NewColumn(0, widgets.NewFold("unchanged", look.Count(n, "field already agrees", "fields already agree"), func(open bool) {
		if open {
			rows.Show()
		} else {
			rows.Hide()
		}
		s.explain.Refresh()
	}), rows)
}

// explained is one field of the explanation.
func (s *Screen) explained(it plan.Item, e plan.Edit) fyne.CanvasObject {
	name := cmp.Or(e.Field, e.Property)
	if e.Edge != nil {
		return s.explainedEdge(name, e)
	}
	var tag *widgets.Tag
	var values []widgets.Explained
	switch e.Action {
	case plan.EditHubSpot, plan.EditSource:
		tag = widgets.NewFlowTag(e.Action == plan.EditSource, s.source)
		values = []widgets.Explained{{Label: "New", Value: str(e.New), Strong: true}}
		if it.Kind != plan.ItemCreate { // what is new had no value before
			values = append(values, widgets.Explained{Label: "Old", Value: str(e.Old)})
		}
	default:
		values = []widgets.Explained{{Label: "Source", Value: str(e.Source), Ink: look.Source}, {Label: "HubSpot", Value: str(e.HubSpot), Ink: look.HubSpot}}
	}
	if e.Agreed {
		values = append(values, widgets.Explained{Label: "Base", Value: str(e.BaseRem)})
	}
	f := widgets.NewExplainField(name, tag, values, wording.SentenceCase(e.Reason))
	if e.Action == plan.EditConflict {
		f.Action = widgets.NewButton(widgets.Plain, "review", "Decide in Review", func() { s.w.GoTo(shell.PlaceReview) })
		f.Action.Small = true
	}
	if f.Action == nil && s.isRecord(it) && e.Action == plan.EditHubSpot && str(e.Old) != "" && s.view.Portal.ID != "" {
		f.Action = widgets.NewButton(widgets.Quiet, "clock", "Who wrote the old value?", func() { s.record(it, e.Property) })
		f.Action.Small = true
	}
	return f
}

// explainedEdge is one association of the explanation.
func (s *Screen) explainedEdge(name string, e plan.Edit) fyne.CanvasObject {
	var tag *widgets.Tag
	label := "Waits"
	switch {
	case e.Associates():
		tag, label = widgets.NewFlowTag(false, s.source), "Made"
	case e.Dissociates():
		tag, label = widgets.NewFlowTag(false, s.source), "Removed"
	case e.Action == plan.EditConflict:
		label = "Source"
	case e.Action == plan.EditLeft, e.Action == plan.EditKeep:
		label = "Stays"
	case e.Action == plan.EditForget:
		label = "Was"
	}
	values := []widgets.Explained{{Label: label, Value: e.Edge.Text(), Strong: e.Writes()}}
	if e.HubSpot != nil {
		values = append(values, widgets.Explained{Label: "HubSpot", Value: str(e.HubSpot), Ink: look.HubSpot})
	}
	f := widgets.NewExplainField(name, tag, values, wording.SentenceCase(e.Reason))
	switch e.Action {
	case plan.EditConflict:
		f.Action = widgets.NewButton(widgets.Plain, "review", "Decide in Review", func() { s.w.GoTo(shell.PlaceReview) })
		f.Action.Small = true
	case plan.EditWait:
		f.Action = widgets.NewButton(widgets.Plain, "warning", "Open Needs attention", s.w.Rooms.Attention)
		f.Action.Small = true
	}
	return f
}
