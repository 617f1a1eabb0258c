package newsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
	"syncline/ui/wording"
)

// objectStep chooses the portal, the object type, and what the sync may do.
type objectStep struct {
	s       *newSyncScreen
	portals []app.Connection
	asked   bool        // the portals were read
	types   []app.Offer // of the portal chosen
	guess   suggest.Object
	object  string // the name of the type chosen, "" before the first guess
	portal  string // the name of the connection
	read    string // what the draft was read for: portal and object
	busy    string
	job     int
	err     error
	named   bool // the person named the sync

	cards  *choice.List
	more   *widgets.Select
	name   *widgets.Entry
	way    *choice.List
	create *choice.List
	rows   *choice.List // whether records without a row make one; nil where that is not asked
	why    *widgets.Paragraph
	main   *fyne.Container
	side   *fyne.Container
	root   *fyne.Container
}

// shownTypes is how many object types have a card; the others are in a list.
const shownTypes = 7

func newObjectStep(s *newSyncScreen) *objectStep {
	o := &objectStep{s: s, main: widgets.NewPaddedColumn(12, 0, look.PageMargin), side: widgets.NewColumn(8)}
	o.root = container.New(beside{}, container.NewVScroll(o.main), newPanel(0, look.PageMargin, o.side))
	return o
}

func (o *objectStep) content() fyne.CanvasObject { return o.root }

func (o *objectStep) focus() {
	switch {
	case o.cards != nil:
		widgets.FocusOn(o.cards)
	default:
		widgets.FocusOn(o.s.forward)
	}
}

// forget takes back what was read of the object type, for another file.
func (o *objectStep) forget() { o.read, o.object, o.err, o.named = "", "", nil, false }

func (o *objectStep) answer() string {
	if t, ok := o.chosen(); ok {
		return t.Label
	}
	return ""
}

func (o *objectStep) next() (string, string) {
	const text = "Continue to match key"
	switch {
	case o.busy != "":
		return text, o.busy
	case len(o.portals) == 0:
		return text, "Connect a portal first"
	case strings.TrimSpace(o.s.draft.Definition.Name) == "":
		return text, "Give the sync a name"
	}
	t, ok := o.chosen()
	switch {
	case !ok:
		return text, "Choose an object type"
	case t.Barred != "":
		return text, t.Barred
	case o.itself(t):
		return text, "The rows are of this portal and object type already: choose another portal"
	}
	return text, ""
}

// itself reports whether an object type would be kept in step with itself.
func (o *objectStep) itself(t app.Offer) bool {
	s := o.s.draft.Definition.Source
	return s.Portal != "" && strings.EqualFold(s.Portal, o.portal) && strings.EqualFold(s.Object, app.ObjectTypeName(t.ObjectType))
}

func (o *objectStep) chosen() (app.Offer, bool) {
	i := slices.IndexFunc(o.types, isOffer(o.object))
	if i < 0 {
		return app.Offer{}, false
	}
	return o.types[i], true
}

// enter reads the portals each time: one may have been connected meanwhile.
func (o *objectStep) enter() {
	if o.object == "" {
		o.guess = o.s.draft.GuessObject()
		o.object = o.guess.Name
	}
	o.fill()
	shell.Load(o.s.w, o.s.w.App.Connections, func(all []app.Connection) {
		o.portals, o.asked = all, true
		if !slices.ContainsFunc(all, func(c app.Connection) bool { return c.Name == o.portal }) {
			o.portal, o.types = "", nil
		}
		if o.portal == "" && len(all) > 0 {
			o.choosePortal(o.likely(all))
			return
		}
		o.fill()
		o.s.refresh()
	}, nil)
}

// likely is the portal that the rows most likely go to: not the one that they are of.
func (o *objectStep) likely(all []app.Connection) string {
	for _, c := range all {
		if !strings.EqualFold(c.Name, o.s.draft.Definition.Source.Portal) {
			return c.Name
		}
	}
	return all[0].Name
}

// choosePortal reads which object types the portal has.
func (o *objectStep) choosePortal(name string) {
	o.portal, o.types, o.err = name, nil, nil
	o.job++
	job := o.job
	o.busy = "Reading the object types of " + name
	o.fill()
	o.s.refresh()
	shell.Load(o.s.w, func(ctx context.Context) ([]app.Offer, error) { return o.s.w.App.Offers(ctx, name) }, func(types []app.Offer) {
		if job != o.job {
			return
		}
		o.busy, o.types = "", types
		if own, ok := o.s.draft.GuessOwn(types); ok && o.object == o.guess.Name {
			o.guess, o.object = own, own.Name
		}
		o.fill()
		o.s.refresh()
		if o.s.w.Current() == shell.Screen(o.s) && o.s.step == stepObject {
			o.focus()
		}
	}, func(err error) { o.failed(job, err) })
}

func (o *objectStep) failed(job int, err error) {
	if job != o.job {
		return
	}
	o.busy, o.err = "", err
	o.fill()
	o.s.refresh()
}

// proceed reads the object type's properties, if they are not read yet.
func (o *objectStep) proceed() {
	t, ok := o.chosen()
	if !ok {
		return
	}
	want := o.portal + "\n" + t.Name
	if o.read == want {
		o.s.goStep(stepKey)
		return
	}
	o.job++
	job := o.job
	o.busy, o.err = "Reading the properties of "+wording.Lower(t.Label), nil
	o.s.refresh()
	d := o.s.draft.Clone()
	shell.Load(o.s.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, o.s.w.App.ChooseObjectType(ctx, d, o.portal, t.ObjectType)
	}, func(struct{}) {
		if job != o.job {
			return
		}
		// What was decided here while the properties were read counts.
		was := o.s.draft.Definition
		d.Definition.Name, d.Definition.Direction, d.Definition.Create = was.Name, was.Direction, was.Create
		d.Definition.Fields, d.Definition.Associations, d.Definition.HubSpot.Match = nil, nil, nil
		o.s.fieldMap.drop()
		o.busy, o.read, o.s.draft = "", want, d
		o.s.changed(stepObject)
		if o.s.step == stepObject {
			o.s.goStep(stepKey)
		}
	}, func(err error) { o.failed(job, err) })
}

// fill shows the step anew.
func (o *objectStep) fill() {
	o.fillMain()
	o.fillSide()
	o.root.Refresh()
}

func (o *objectStep) fillMain() {
	o.main.Objects, o.cards = nil, nil
	if o.err != nil {
		e := app.Explain(o.err)
		again := widgets.NewButton(widgets.Plain, "retry", "Try again", func() { o.choosePortal(o.portal) })
		o.main.Add(widgets.NewErrorPanel(e.What, wording.JoinSentences(e.Means, e.Do), e.CorrelationID, again))
	}
	switch {
	case o.asked && len(o.portals) == 0:
		o.noPortal()
		return
	case len(o.types) == 0:
		if o.busy != "" {
			o.main.Add(widgets.NewLine(o.busy+" …", look.Body, look.T2))
		}
		return
	}
	o.why = widgets.NewParagraph("", look.Body, look.T2)
	o.main.Add(widgets.NewColumn(4, widgets.NewLine("What are the rows in HubSpot?", look.Heading, look.T1), o.why))
	items := make([]choice.Item, 0, shownTypes)
	for _, t := range o.cardTypes() {
		item := choice.Item{Icon: wording.ObjectIcon(t.ObjectType), Title: t.Label, Text: o.cardText(t)}
		if item.Off = t.Barred != ""; item.Off {
			item.Text = "Not in this portal"
		}
		items = append(items, item)
	}
	o.cards = choice.New(false, items, slices.IndexFunc(o.cardTypes(), isOffer(o.object)), func(i int) { o.choose(o.cardTypes()[i].Name) }, o.s.proceed)
	o.main.Add(o.cards)
	var names []string
	for _, t := range o.otherTypes() {
		names = append(names, t.Label)
	}
	o.more = widgets.NewSelect(names, slices.IndexFunc(o.otherTypes(), isOffer(o.object)), func(i int) { o.choose(o.otherTypes()[i].Name) })
	o.more.PlaceHolder = "Another object type"
	row := widgets.NewRow(8, widgets.NewButton(widgets.Plain, "create", "New object type…", o.newType))
	if len(names) > 0 {
		row.Objects = append([]fyne.CanvasObject{sized(o.more, 220)}, row.Objects...)
	}
	o.main.Add(row)
	o.fillAbsent()
	o.sayWhy()
}

// cardTypes are the types with a card: the usual ones, and the portal's own.
func (o *objectStep) cardTypes() []app.Offer {
	var types []app.Offer
	for i, t := range o.types {
		if i < shownTypes || t.Custom() {
			types = append(types, t)
		}
	}
	return types
}

func (o *objectStep) otherTypes() []app.Offer {
	var types []app.Offer
	for i, t := range o.types {
		if i >= shownTypes && !t.Custom() && t.Barred == "" {
			types = append(types, t)
		}
	}
	return types
}

func (o *objectStep) cardText(t app.Offer) string {
	switch {
	case t.Name == o.guess.Name && o.guess.Reason != "":
		return "Fits the columns"
	case t.Custom():
		return "Custom object"
	}
	return t.About
}

// choose takes an object type.
func (o *objectStep) choose(name string) {
	if o.object == name {
		return
	}
	o.object = name
	o.cards.Chosen = slices.IndexFunc(o.cardTypes(), isOffer(name))
	o.cards.Refresh()
	o.more.SetOptions(o.more.Options, slices.IndexFunc(o.otherTypes(), isOffer(name)))
	o.sayWhy()
	o.fillSide()
	o.s.refresh()
}

func (o *objectStep) sayWhy() {
	text := "Each row becomes one record of this type."
	if o.object == o.guess.Name {
		t, _ := o.chosen()
		text = fmt.Sprintf("Guessed: %s. %s.", wording.Lower(t.Label), o.guess.Reason)
	}
	o.why.SetText(text)
}

// noPortal offers the two ways to a portal; the draft waits meanwhile.
func (o *objectStep) noPortal() {
	w := o.s.w
	practice := widgets.NewButton(widgets.Plain, "practice", "Use the practice portal", func() {
		w.Do(func(ctx context.Context) error { _, err := w.App.ConnectPractice(ctx); return err }, o.enter)
	})
	connect := widgets.NewButton(widgets.Plain, "portal", "Connect HubSpot", func() { w.GoTo(shell.PlaceConnections) })
	o.main.Add(widgets.NewEmptyState("portal", "No portal is connected yet", "Connect HubSpot, then come back by New sync: the file stays chosen. Or begin with the practice portal, which needs nothing.", connect))
	o.main.Add(widgets.NewNotice(look.Practice, "practice", "Practice first", "A portal in this program that behaves like HubSpot. Nothing leaves this computer.", practice))
}

// fillSide shows where to and how.
func (o *objectStep) fillSide() {
	d := o.s.draft.Definition
	object := "record"
	if t, ok := o.chosen(); ok {
		object = wording.Lower(t.LabelSingular)
		if !o.named {
			stem := o.s.source.stem()
			if d.Name = stem + " to " + wording.Lower(t.Label); strings.EqualFold(stem, t.Label) {
				d.Name = t.Label
			}
		}
	}
	if o.name == nil {
		o.name = widgets.NewEntry("Billing customers to contacts")
		o.name.OnChanged = func(text string) {
			if text != o.s.draft.Definition.Name {
				o.named = true
				o.s.draft.Definition.Name = text
				o.s.refresh()
			}
		}
		o.name.OnSubmitted = func(string) { o.s.proceed() }
	}
	if o.name.Text != d.Name {
		o.name.SetText(d.Name)
	}
	o.side.Objects = nil
	o.side.Add(widgets.NewLine("How the sync works", look.Heading, look.T1))
	if len(o.portals) > 0 {
		o.addPortal()
	}
	o.side.Add(widgets.NewLine("Name", look.Small, look.T2))
	o.side.Add(o.name)
	o.side.Add(widgets.NewLine("Which way values flow", look.Small, look.T2))
	o.side.Add(o.direction())
	if t, ok := o.chosen(); ok && t.ReadOnly {
		o.create = nil
		o.side.Refresh()
		return
	}
	o.side.Add(widgets.NewLine("A row without a record", look.Small, look.T2))
	o.create = choice.New(true, []choice.Item{
		{Title: "Create the " + object, Text: "The plan lists each one first"},
		{Title: "Skip the row", Text: "Only records that exist change"},
	}, map[bool]int{true: 0, false: 1}[d.Create.InHubSpot()], func(i int) {
		o.makes(i == 0, o.s.draft.Definition.Create.InSource())
	}, o.s.proceed)
	o.side.Add(o.create)
	o.addRows(object)
	o.side.Refresh()
}

// makes says where missing counterparts are made.
func (o *objectStep) makes(inHubSpot, inSource bool) {
	d := o.s.draft.Definition
	switch {
	case inHubSpot && inSource:
		d.Create = definition.CreateBoth
	case inHubSpot:
		d.Create = definition.CreateHubSpot
	case inSource:
		d.Create = definition.CreateSource
	default:
		d.Create = definition.CreateNone
	}
}

// addRows asks what becomes of records without a row, of a table or another portal that
// takes new ones.
func (o *objectStep) addRows(object string) {
	d := o.s.draft
	o.rows = nil
	if o.s.source.from == nil || !d.Schema.Abilities.Insert || d.Definition.Direction != definition.TwoWay {
		o.makes(d.Definition.Create.InHubSpot(), false)
		return
	}
	o.rows = choice.New(true, []choice.Item{
		{Title: "Leave it alone", Text: "Only rows that are there change"},
		{Title: "Add it to " + o.s.source.place(), Text: "The plan lists each one first"},
	}, map[bool]int{false: 0, true: 1}[d.Definition.Create.InSource()], func(i int) {
		o.makes(o.s.draft.Definition.Create.InHubSpot(), i == 1)
	}, o.s.proceed)
	o.side.Add(widgets.NewLine("A "+object+" without a row", look.Small, look.T2))
	o.side.Add(o.rows)
}

func (o *objectStep) addPortal() {
	var names []string
	for _, c := range o.portals {
		names = append(names, c.Name)
	}
	i := slices.Index(names, o.portal)
	o.side.Add(widgets.NewLine("Portal", look.Small, look.T2))
	portal := widgets.NewSelect(names, i, func(i int) { o.choosePortal(names[i]) })
	o.side.Add(portal)
	if i >= 0 {
		m := wording.PortalMeaning(o.portals[i].Kind, o.portals[i].AccountType)
		o.side.Add(container.NewHBox(widgets.NewTag(m, "", m.Word())))
	}
}

// direction asks which way values flow; a source that can't be written leaves
// one way.
func (o *objectStep) direction() fyne.CanvasObject {
	d := o.s.draft
	if t, ok := o.chosen(); ok && t.ReadOnly {
		return o.onlyRead(t)
	}
	if d.Definition.Direction == definition.FromHubSpot {
		d.Definition.Direction, d.Definition.Create = definition.TwoWay, definition.CreateHubSpot // it was a type that is only read
	}
	both := choice.Item{Title: "Both ways", Text: "Each side gets the other's edits"}
	if can := d.Schema.Abilities; !can.Update {
		both.Off, both.Text = true, can.Why
		d.Definition.Direction = definition.ToHubSpot
	}
	chosen := 0
	if d.Definition.Direction == definition.ToHubSpot {
		chosen = 1
	}
	o.way = choice.New(true, []choice.Item{both, {Title: "To HubSpot only", Text: o.s.source.neverWritten()}}, chosen, func(i int) {
		o.s.fieldMap.forget()
		o.s.draft.Definition.Direction = []definition.Direction{definition.TwoWay, definition.ToHubSpot}[i]
		if o.s.source.from != nil {
			o.fillSide() // only what flows both ways adds rows
			o.root.Refresh()
		}
	}, o.s.proceed)
	return o.way
}
