package newsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// associable are the object types that a new one is usually associated with.
var associable = []string{"contacts", "companies", "deals", "tickets"}

// typeDialog asks what an object type is called that is made for the rows of a
// file. Nothing is made before its plan is approved.
type typeDialog struct {
	s        *newSyncScreen
	portal   string
	proposal app.TypeProposal
	room     string

	dialog           *widgets.Dialog
	singular, plural *widgets.Entry
	name             *widgets.Entry
	display          *widgets.Select
	joins            []*widgets.Check
	wrong            *widgets.Paragraph
	named            bool // the name was typed, and no longer follows the label
}

// newType offers to make an object type for the rows; a portal that can have none
// says why.
func (o *objectStep) newType() {
	portal := o.portal
	type room struct{ used, limit int }
	shell.Load(o.s.w, func(ctx context.Context) (r room, err error) {
		r.used, r.limit, err = o.s.w.App.TypeRoom(ctx, portal)
		return r, err
	}, func(r room) {
		d := &typeDialog{s: o.s, portal: portal, proposal: o.s.draft.ProposeType()}
		if r.limit > 0 {
			d.room = fmt.Sprintf("%d of %s in use", r.used, look.Count(r.limit, "own object type", "own object types"))
		}
		d.open(r.limit > 0 && r.used >= r.limit)
	}, nil)
}

func (d *typeDialog) open(full bool) {
	m := d.proposal.Make
	d.singular, d.plural, d.name = widgets.NewEntry("Machine"), widgets.NewEntry("Machines"), widgets.NewEntry("machine")
	d.singular.SetText(m.Singular)
	d.plural.SetText(m.Plural)
	d.name.SetText(d.proposal.Name)
	d.singular.OnChanged = func(text string) {
		if !d.named {
			d.name.SetText(app.PropertyName(text))
			d.named = false
		}
		d.check()
	}
	d.plural.OnChanged = func(string) { d.check() }
	d.name.OnChanged = func(string) {
		d.named = true
		d.check()
	}
	labels := make([]string, len(m.Properties))
	at := 0
	for i, p := range m.Properties {
		labels[i] = p.Label
		if p.Name == m.Display {
			at = i
		}
	}
	d.display = widgets.NewSelect(labels, at, func(int) {})
	joins := widgets.NewRow(12)
	for _, name := range associable {
		check := widgets.NewCheck(app.ObjectLabel(name), slices.Contains(m.Associate, name), nil)
		d.joins = append(d.joins, check)
		joins.Add(check)
	}
	d.wrong = widgets.NewParagraph("", look.Small, look.Failed.Text())
	part := func(word string, objects ...fyne.CanvasObject) fyne.CanvasObject {
		return widgets.NewColumn(4, append([]fyne.CanvasObject{widgets.NewLine(word, look.Small, look.T2)}, objects...)...)
	}
	form := widgets.NewColumn(12,
		container.NewGridWithColumns(2, part("One record is called", d.singular), part("Several are called", d.plural)),
		part("Internal name, which cannot be changed later", d.name),
		part("What names a record; every row must have it", d.display),
		part("Can be associated with", joins),
		part("Its properties, by the file's columns", widgets.NewParagraph(d.properties(), look.Small, look.T1)),
		d.wrong)
	d.dialog = widgets.NewDialog("A new object type in HubSpot", "For the rows of "+d.s.source.name(), form)
	d.dialog.Width, d.dialog.First, d.dialog.Note = 560, d.singular, d.room
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "preview", "Show the plan", d.submit)
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.dialog.Cancel)}
	d.check()
	if full {
		d.dialog.Primary.SetReason("The portal may have no more: delete one in HubSpot under Settings, Objects")
	}
	d.dialog.Open(d.s.w.Win.Canvas())
}

// properties lists what would be made, in a sentence.
func (d *typeDialog) properties() string {
	var all []string
	for _, p := range d.proposal.Make.Properties {
		what := definition.TypeWord(p.Type)
		if p.Unique {
			what += ", unique"
		}
		all = append(all, p.Label+" ("+what+")")
	}
	return strings.Join(all, ", ")
}

// made is the proposal as the form has it.
func (d *typeDialog) made() app.TypeProposal {
	p := d.proposal
	p.Name = strings.TrimSpace(d.name.Text)
	p.Make.Singular, p.Make.Plural = strings.TrimSpace(d.singular.Text), strings.TrimSpace(d.plural.Text)
	if i := d.display.Selected; i >= 0 && i < len(p.Make.Properties) {
		p.Make.Display = p.Make.Properties[i].Name
	}
	p.Make.Associate = nil
	for i, check := range d.joins {
		if check.On {
			p.Make.Associate = append(p.Make.Associate, associable[i])
		}
	}
	return p
}

// check says what keeps the type from being made.
func (d *typeDialog) check() {
	if d.dialog == nil {
		return
	}
	p, wrong := d.made(), ""
	switch {
	case p.Make.Singular == "" || p.Make.Plural == "":
		wrong = "Say what one record is called, and what several are."
	case !definition.MakeName(p.Name):
		wrong = "The internal name takes letters, digits and _, and begins with a letter."
	}
	d.wrong.SetText(wrong)
	reason := ""
	if wrong != "" {
		reason = "Something above is not right yet"
	}
	d.dialog.Primary.SetReason(reason)
}

// submit keeps the sync and makes its plan, which shows the object type as a
// change of the portal.
func (d *typeDialog) submit() {
	p := d.made()
	d.dialog.Close()
	draft := d.s.draft.Clone()
	draft.UseType(d.portal, p)
	if !d.s.object.named {
		draft.Definition.Name = p.Make.Plural
	}
	d.s.draft = draft
	d.s.finish()
}
