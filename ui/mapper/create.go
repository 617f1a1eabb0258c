package mapper

import (
	"cmp"
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
	"syncline/ui/wording"
)

// propertyKind is a kind of property as people choose it.
type propertyKind struct {
	words     string
	kind      record.Type
	fieldType string
}

var propertyKinds = []propertyKind{
	{"Text", record.TypeString, "text"},
	{"Long text", record.TypeString, "textarea"},
	{"Phone number", record.TypeString, "phonenumber"},
	{"Number", record.TypeNumber, "number"},
	{"Date", record.TypeDate, "date"},
	{"Date and time", record.TypeDateTime, "date"},
	{"Yes or no", record.TypeEnumeration, "booleancheckbox"},
	{"Dropdown with the column's values", record.TypeEnumeration, "select"},
}

func kindWords() []string {
	out := make([]string, len(propertyKinds))
	for i, k := range propertyKinds {
		out[i] = k.words
	}
	return out
}

// kindOf is the place of a proposal's kind.
func kindOf(p hubspot.NewProperty) int {
	i := slices.IndexFunc(propertyKinds, func(k propertyKind) bool {
		return k.kind == p.Type && (p.FieldType == "" || k.fieldType == p.FieldType)
	})
	return max(i, 0)
}

// createDialog asks for a new property of the object type.
type createDialog struct {
	pane   *Pane
	dialog *widgets.Dialog
	groups []hubspot.PropertyGroup
	fields []string

	field, kind, group   *widgets.Select
	label, name          *widgets.Entry
	labelWrong, nameHint *widgets.Paragraph
	kindWrong, failed    *widgets.Paragraph
	unique               *widgets.Check
	named                bool // the name was typed, and no longer follows the label
}

// create asks for a property that does not exist and creates it. field is the
// column it is for, "" for the first one without a line; name is the internal
// name it must have, "" for one to propose.
func (p *Pane) create(field, name string) {
	shell.Load(p.w, func(ctx context.Context) ([]hubspot.PropertyGroup, error) {
		return p.draft.Portal.Client.PropertyGroups(ctx, p.draft.Object.Name)
	}, func(groups []hubspot.PropertyGroup) { newCreateDialog(p, groups, field, name).open() }, nil)
}

func newCreateDialog(p *Pane, groups []hubspot.PropertyGroup, field, name string) *createDialog {
	c := &createDialog{pane: p, groups: groups}
	mapped := make(map[string]bool)
	for _, l := range p.Model.Links() {
		mapped[l.Field] = mapped[l.Field] || l.Mapped()
	}
	for _, f := range p.facts.Load().Columns {
		c.fields = append(c.fields, f.Name)
		if field == "" && !mapped[f.Name] {
			field = f.Name
		}
	}
	at := max(slices.Index(c.fields, field), 0)
	c.field = widgets.NewSelect(c.fields, at, func(int) { c.propose("") })
	c.label, c.name = widgets.NewEntry("Label"), widgets.NewEntry("internal_name")
	c.label.OnChanged = func(s string) {
		if !c.named {
			c.name.SetText(app.PropertyName(s))
			c.named = false
		}
		c.check()
	}
	c.name.OnChanged = func(string) {
		c.named = true
		c.check()
	}
	c.kind = widgets.NewSelect(kindWords(), 0, func(int) { c.check() })
	words := make([]string, len(groups))
	for i, g := range groups {
		words[i] = cmp.Or(g.Label, g.Name)
	}
	usual := hubspot.UsualGroup(p.draft.Object.Name, groups)
	c.group = widgets.NewSelect(words, slices.IndexFunc(groups, func(g hubspot.PropertyGroup) bool { return g.Name == usual }), nil)
	c.unique = widgets.NewCheck("No two records may have the same value", false, nil)
	small := func() *widgets.Paragraph { return widgets.NewParagraph("", look.Small, look.Failed.Text()) }
	c.labelWrong, c.nameHint, c.kindWrong, c.failed = small(), small(), small(), small()
	c.build()
	c.propose(name)
	return c
}

func (c *createDialog) build() {
	part := func(word string, objects ...fyne.CanvasObject) fyne.CanvasObject {
		return widgets.NewColumn(4, append([]fyne.CanvasObject{widgets.NewLine(word, look.Small, look.T2)}, objects...)...)
	}
	form := widgets.NewColumn(12,
		part("For the source field", c.field),
		part("Label, as people see it in HubSpot", c.label, c.labelWrong),
		part("Internal name, which cannot be changed later", c.name, c.nameHint),
		part("Type", c.kind, c.kindWrong),
		part("Group", c.group),
		c.unique, c.failed)
	c.dialog = widgets.NewDialog("Create a property in HubSpot", c.pane.draft.Object.Label+" in "+c.pane.draft.Portal.Name, form)
	c.dialog.Width = 520
	c.dialog.First = c.label
	c.dialog.Primary = widgets.NewButton(widgets.Primary, "create", "Create and connect", c.submit)
	c.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", c.dialog.Cancel)}
	c.dialog.OnCancel = c.pane.Focus
	if wording.PortalMeaning(c.pane.draft.Portal.Kind, c.pane.draft.Portal.AccountType) == look.Production {
		c.dialog.Portal, c.dialog.Note = look.Production, c.pane.draft.Portal.Name
	}
}

func (c *createDialog) open() { c.dialog.Open(c.pane.w.Win.Canvas()) }

// propose fills the form for the chosen field; name is an internal name that
// the property must have, or "".
func (c *createDialog) propose(name string) {
	facts := c.pane.facts.Load()
	q := facts.NewPropertyFor(c.fields[c.field.Selected], facts.Properties)
	c.named = true
	c.label.SetText(q.Label)
	c.name.SetText(cmp.Or(name, q.Name))
	c.named = name != ""
	c.kind.SetOptions(kindWords(), kindOf(q))
	c.check()
}

// property is what the form says.
func (c *createDialog) property() hubspot.NewProperty {
	k := propertyKinds[c.kind.Selected]
	p := hubspot.NewProperty{Name: c.name.Text, Label: c.label.Text, Type: k.kind, FieldType: k.fieldType, Unique: c.unique.On}
	switch k.fieldType {
	case "booleancheckbox":
		p.Options = app.YesAndNo()
	case "select":
		p.Options = c.pane.facts.Load().OptionsFrom(c.fields[c.field.Selected])
	}
	if g := c.group.Selected; g >= 0 {
		p.Group = c.groups[g].Name
	}
	return p
}

// check says under each part what is wrong with it.
func (c *createDialog) check() {
	wrong := app.CheckNewProperty(c.property(), c.pane.facts.Load().Properties)
	c.labelWrong.SetText(wrong["label"])
	c.nameHint.SetText(wrong["name"])
	c.kindWrong.SetText(wrong["options"])
	c.label.SetProblem(wrong["label"])
	c.name.SetProblem(wrong["name"])
	if c.dialog == nil {
		return
	}
	reason := ""
	if len(wrong) > 0 {
		reason = "The form says what is missing"
	}
	c.dialog.Primary.SetReason(reason)
	c.dialog.Refresh()
}

// submit creates the property, shows it as a card and connects it.
func (c *createDialog) submit() {
	p, q := c.pane, c.property()
	field := c.fields[c.field.Selected]
	c.dialog.Primary.SetReason("HubSpot is creating it")
	shell.Load(p.w, func(ctx context.Context) (record.Property, error) { return p.w.App.CreateProperty(ctx, p.draft, q) }, func(made record.Property) {
		c.dialog.Close()
		p.created(field, made)
	}, func(err error) {
		c.dialog.Primary.SetReason("")
		c.failed.SetText(app.Explain(err).String())
		c.dialog.Refresh()
	})
}

// created shows a new property and connects it with the field it was made for.
func (p *Pane) created(field string, made record.Property) {
	facts := p.facts.Load().WithProperty(made)
	p.draft.Properties = facts.Properties
	p.facts.Store(&facts)
	lines := p.snapshot().Fields
	p.Model.Renew(nil, propertyCards(facts, lines))
	r := fieldmap.Ref{Field: field, Property: made.Name}
	said := ""
	if _, there := p.Model.Link(r); !there {
		if ok, why := p.Model.Connect(field, made.Name); !ok {
			said = "The property is created, but not connected: " + why
		}
	}
	p.Model.Arrange()
	p.Model.Select(r)
	p.edits++
	p.recheck()
	p.editor.Refresh()
	p.editor.Board.Map.Reveal(r)
	p.editor.Board.Say(said)
	p.Focus()
	if said == "" {
		p.w.Toast(look.Create, "“"+cmp.Or(made.Label, made.Name)+"” is created and connected", "", nil)
	}
}
