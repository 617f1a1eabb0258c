package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/ui/widgets"
)

// allOf are the visible parts of a kind inside an object, in order.
func allOf[W fyne.CanvasObject](o fyne.CanvasObject) []W {
	if !o.Visible() {
		return nil
	}
	if w, ok := o.(W); ok {
		return []W{w}
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	var all []W
	for _, child := range inside {
		all = append(all, allOf[W](child)...)
	}
	return all
}

func entriesIn(o fyne.CanvasObject) []*widgets.Entry { return allOf[*widgets.Entry](o) }

func checksIn(o fyne.CanvasObject) []*widgets.Check { return allOf[*widgets.Check](o) }

// edit changes a contact in HubSpot, as a person does.
func (b *bench) edit(p app.Portal, id, property, value string) {
	b.Helper()
	res, err := p.Client.BatchUpdate(b.Context(), "contacts", []hubspot.UpdateInput{{ID: id, Properties: record.Values{property: record.Text(value)}, TraceID: "somebody"}})
	if err != nil || len(res.Records) != 1 {
		b.Fatalf("the edit came to %+v, %v", res, err)
	}
}

// value is what HubSpot holds.
func (b *bench) value(p app.Portal, id, property string) string {
	b.Helper()
	res, err := p.Client.BatchRead(b.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{id}, Properties: []string{property}})
	if err != nil || len(res.Records) != 1 {
		b.Fatalf("the record came to %+v, %v", res, err)
	}
	return res.Records[0].Properties[property].String()
}

// each calls do with every row that the plan's screen lists.
func (b *bench) each(p *planScreen, do func(plan.Item)) {
	b.Helper()
	for i := range p.pages.ids {
		b.until("the row", func() bool { _, ok := p.pages.at(i); return ok })
		it, _ := p.pages.at(i)
		do(it)
	}
}
