package fieldmap

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Association is what the inspector edits about a line that leads to other
// records: the field's cells name them, and they are associated with the row's
// own record.
type Association struct {
	To            string // the object type, as the definition has it: "companies"
	Match         string // the property of the other records that a cell holds
	Sync          string // or the document of the sync the key of whose row it holds; Match is "" then
	Label         string // the same for all, "" for none
	LabelField    string // or the field that holds it; Label is "" then
	Split         string // what parts the records in one cell; "" where a cell names one
	CreateMissing bool   // a record that Match does not find is made
	RemoveOthers  bool   // what the sync made and the source no longer has is removed
	// LabelValues say which label a value of LabelField means, where it is not the value itself.
	LabelValues []ValuePair
}

func (a *Association) equal(o *Association) bool {
	if a == nil || o == nil {
		return a == o
	}
	return a.To == o.To && a.Match == o.Match && a.Sync == o.Sync && a.Label == o.Label && a.LabelField == o.LabelField && a.Split == o.Split &&
		a.CreateMissing == o.CreateMissing && a.RemoveOthers == o.RemoveOthers && slices.Equal(a.LabelValues, o.LabelValues)
}

// Target is what the inspector must know about the records that an association
// leads to.
type Target struct {
	Plural  string // "companies"
	Keys    []Key  // by which a cell may find one, the usual one first
	Labels  []string
	Columns []string // of the source, for a label from one
	// Syncs are the documents of syncs the keys of whose rows a cell may hold.
	Syncs []Key
	// Values are those of the column that holds the labels, the commonest first.
	Values  []ValueCount
	Reading bool // keys and labels are not known yet
}

// Key is a property that finds a record.
type Key struct{ Name, Label string }

func (t Target) equal(o Target) bool {
	return t.Plural == o.Plural && t.Reading == o.Reading && slices.Equal(t.Keys, o.Keys) && slices.Equal(t.Labels, o.Labels) && slices.Equal(t.Columns, o.Columns) && slices.Equal(t.Syncs, o.Syncs) && slices.Equal(t.Values, o.Values)
}

// keyWords is what a key is called inside a sentence.
func (t Target) keyWords(name string) string {
	if i := slices.IndexFunc(t.Keys, func(k Key) bool { return k.Name == name }); i >= 0 && t.Keys[i].Label != "" {
		return strings.ToLower(t.Keys[i].Label)
	}
	return name
}

// leadsTo is the object type that a line leads to, "" where it fills a property.
func (m *Model) leadsTo(r Ref) string {
	if p := m.index(HubSpot, r.Property); p >= 0 {
		return m.properties[p].Association
	}
	return ""
}

// placeOf is where in the order a new card of the HubSpot column comes.
func (m *Model) placeOf(p Property) int {
	order := m.order[HubSpot]
	if p.Association != "" {
		for at := len(order) - 1; at >= 0; at-- {
			if m.properties[order[at]].Association == p.Association {
				return at + 1
			}
		}
	}
	return len(order)
}

const (
	noLabel     = "No label"
	aNewLabel   = "A new label"
	fromAColumn = "From a column"
)

// associationForm edits how a line finds records and what becomes of them.
type associationForm struct {
	edit    func(change func(*Association))
	resized func() // the form is higher or lower now

	field   string
	now     Association
	target  Target
	filling bool

	key               *widgets.Select
	reading           *widgets.Paragraph
	values            *labelValues
	syncNames         []string
	label, column     *widgets.Select
	labels            []choice
	naming            bool // a label is asked for that HubSpot may lack
	name, split       *widgets.Entry
	nameHint          *widgets.Paragraph
	create, remove    *widgets.Check
	createHint        *widgets.Paragraph
	createPart, box   *fyne.Container
	keyNames, columns []string
}

func newAssociationForm(edit func(change func(*Association)), resized func()) *associationForm {
	f := &associationForm{edit: edit, resized: resized}
	f.key = widgets.NewSelect(nil, -1, f.chooseKey)
	f.reading = widgets.NewParagraph("Reading from HubSpot what can find them …", look.Caption, look.T3)
	f.values = newLabelValues(func(pairs []ValuePair) { f.set(func(a *Association) { a.LabelValues = pairs }) }, resized)
	f.label = widgets.NewSelect(nil, -1, f.chooseLabel)
	f.column = widgets.NewSelect(nil, -1, func(n int) { f.set(func(a *Association) { a.LabelField, a.LabelValues = f.columns[n], nil }) })
	f.key.Small, f.label.Small, f.column.Small = true, true, true
	f.name = widgets.NewEntry("Such as Decision maker")
	f.name.Small = true
	f.name.OnChanged = func(label string) { f.set(func(a *Association) { a.Label = strings.TrimSpace(label) }) }
	f.nameHint = widgets.NewParagraph("HubSpot gets this label when you apply a plan with it.", look.Caption, look.T2)
	f.split = widgets.NewEntry("One record a cell")
	f.split.Small = true
	f.split.OnChanged = func(mark string) { f.set(func(a *Association) { a.Split = mark }) }
	f.create = widgets.NewCheck("Make what is missing", false, func(on bool) { f.set(func(a *Association) { a.CreateMissing = on }) })
	f.createHint = widgets.NewParagraph("", look.Caption, look.T2)
	f.remove = widgets.NewCheck("Remove what the source gave up", false, func(on bool) { f.set(func(a *Association) { a.RemoveOthers = on }) })
	f.createPart = widgets.NewColumn(1, f.create, f.createHint)
	f.box = widgets.NewColumn(11,
		widgets.NewColumn(4, caption("Found by"), f.key, f.reading),
		widgets.NewColumn(4, caption("Label"), f.label, f.column, f.name, f.nameHint, f.values.box),
		widgets.NewColumn(4, caption("A cell names several, parted by"), f.split),
		f.createPart,
		widgets.NewColumn(1, f.remove, widgets.NewParagraph("Only what this sync made. What others made stays.", look.Caption, look.T2)))
	return f
}

// showNaming shows the entry of a new label where one is asked for.
func (f *associationForm) showNaming() {
	visible(f.name, f.naming)
	visible(f.nameHint, f.naming)
}

func (f *associationForm) set(change func(*Association)) {
	if !f.filling {
		f.edit(change)
	}
}

// chooseKey takes a property of the other records, or the key of another sync's
// rows.
func (f *associationForm) chooseKey(n int) {
	f.set(func(a *Association) {
		if n < len(f.keyNames) {
			a.Match, a.Sync = f.keyNames[n], ""
			return
		}
		a.Match, a.Sync, a.CreateMissing = "", f.syncNames[n-len(f.keyNames)], false
	})
}

// chooseLabel takes a label for all rows, asks for a new one, or takes the first
// column that may hold one.
func (f *associationForm) chooseLabel(n int) {
	if f.filling {
		return
	}
	words := f.labels[n].words
	f.naming = words == aNewLabel
	f.showNaming()
	f.resized()
	f.set(func(a *Association) {
		if words != fromAColumn {
			a.Label, a.LabelField, a.LabelValues = f.labels[n].value, "", nil
			return
		}
		a.Label, a.LabelValues = "", nil
		for _, c := range f.columns {
			if c != f.field {
				a.LabelField = c
				return
			}
		}
		a.LabelField = f.field
	})
}

// fill sets the controls. What the settings say is among the choices, whether
// or not HubSpot has it: a choice never goes silently.
func (f *associationForm) fill(field string, a Association, t Target) {
	f.filling = true
	defer func() { f.filling = false }()
	f.field, f.now, f.target = field, a, t

	var words []string
	f.keyNames = nil
	for _, k := range t.Keys {
		f.keyNames, words = append(f.keyNames, k.Name), append(words, k.Label)
	}
	if a.Match != "" && !slices.Contains(f.keyNames, a.Match) {
		f.keyNames, words = append(f.keyNames, a.Match), append(words, a.Match)
	}
	at := slices.Index(f.keyNames, a.Match)
	f.syncNames = nil
	for _, y := range t.Syncs {
		f.syncNames, words = append(f.syncNames, y.Name), append(words, "The key of "+y.Label)
	}
	if a.Sync != "" {
		if !slices.Contains(f.syncNames, a.Sync) {
			f.syncNames, words = append(f.syncNames, a.Sync), append(words, "The key of "+a.Sync)
		}
		at = len(f.keyNames) + slices.Index(f.syncNames, a.Sync)
	}
	f.key.SetOptions(words, at)
	visible(f.reading, t.Reading)

	f.labels = []choice{{"", noLabel}}
	for _, l := range t.Labels {
		f.labels = append(f.labels, choice{l, l})
	}
	if t.Reading && a.Label != "" {
		f.labels = append(f.labels, choice{a.Label, a.Label}) // HubSpot may have it
	}
	f.labels = append(f.labels, choice{"", aNewLabel}, choice{"", fromAColumn})
	known := slices.IndexFunc(f.labels[:len(f.labels)-2], func(c choice) bool { return strings.EqualFold(c.value, a.Label) })
	f.naming = a.LabelField == "" && (f.naming || known < 0)
	at = len(f.labels) - 1
	switch {
	case f.naming:
		at--
	case a.LabelField == "":
		at = known
	}
	f.label.SetOptions(wordsOf(f.labels), at)
	if strings.TrimSpace(f.name.Text) != a.Label {
		f.name.SetText(a.Label)
	}
	f.showNaming()
	f.columns = slices.Clone(t.Columns)
	if a.LabelField != "" && !slices.Contains(f.columns, a.LabelField) {
		f.columns = append(f.columns, a.LabelField)
	}
	f.column.SetOptions(f.columns, slices.Index(f.columns, a.LabelField))
	visible(f.column, a.LabelField != "")
	f.values.fill(a.LabelField, t.Values, a.LabelValues, t.Labels)

	if f.split.Text != a.Split {
		f.split.SetText(a.Split)
	}
	f.create.SetOn(a.CreateMissing)
	f.createHint.SetText("With nothing but the " + t.keyWords(a.Match) + ".")
	visible(f.createPart, a.Sync == "")
	f.remove.SetOn(a.RemoveOthers)
}
