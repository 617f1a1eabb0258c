package newsync

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
)

func isOffer(name string) func(app.Offer) bool {
	return func(t app.Offer) bool { return t.Name == name }
}

// fillAbsent lists the object types for which no sync can be made with this
// portal, each with the reason.
func (o *objectStep) fillAbsent() {
	var absent []app.Offer
	for _, t := range o.types {
		if t.Barred != "" {
			absent = append(absent, t)
		}
	}
	if len(absent) == 0 {
		return
	}
	lines := widgets.NewColumn(6)
	for _, t := range absent {
		lines.Add(widgets.NewLine(t.Label, look.Body, look.Off))
		lines.Add(widgets.NewParagraph(t.Barred, look.Small, look.T2))
	}
	lines.Hide()
	o.main.Add(widgets.NewFold("info", fmt.Sprintf("%s that this portal does not offer", look.Count(len(absent), "object type", "object types")), func(open bool) {
		if open {
			lines.Show()
		} else {
			lines.Hide()
		}
		o.main.Refresh()
	}))
	o.main.Add(lines)
}

// onlyRead is the one way of a type that HubSpot's API only reads.
func (o *objectStep) onlyRead(t app.Offer) fyne.CanvasObject {
	d := o.s.draft
	d.Definition.Direction, d.Definition.Create = definition.FromHubSpot, definition.CreateNone
	only := choice.Item{Title: "From HubSpot only", Text: "HubSpot only lets " + strings.ToLower(t.Label) + " be read"}
	if can := d.Schema.Abilities; !can.Update {
		only.Off, only.Text = true, can.Why
	} else if can.Insert {
		d.Definition.Create = definition.CreateSource
	}
	o.way = choice.New(true, []choice.Item{only}, 0, func(int) {}, o.s.proceed)
	return o.way
}
