package fieldmap

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// labelValues says for each value of a column which label it means. What is left
// empty means the label that is called like the value.
type labelValues struct {
	box     *fyne.Container
	changed func([]ValuePair)
	resized func()

	pairs   []ValuePair
	shown   string // what the rows were built from
	all     bool
	filling bool
	rows    []ValueCount
	entries map[string]*widgets.Entry
	hint    *widgets.Paragraph
}

func newLabelValues(changed func([]ValuePair), resized func()) *labelValues {
	v := &labelValues{box: widgets.NewColumn(4), changed: changed, resized: resized}
	v.hint = widgets.NewParagraph("", look.Caption, look.T2)
	return v
}

// fill shows the values of a column, "" for none.
func (v *labelValues) fill(column string, values []ValueCount, pairs []ValuePair, labels []string) {
	v.filling = true
	defer func() { v.filling = false }()
	v.pairs = slices.Clone(pairs)
	visible(v.box, column != "")
	if column == "" {
		return
	}
	rows := slices.Clone(values)
	for _, p := range pairs {
		if !slices.ContainsFunc(rows, func(r ValueCount) bool { return r.Value == p.Source }) {
			rows = append(rows, ValueCount{Value: p.Source})
		}
	}
	if key := fmt.Sprint(column, rows, v.all); key != v.shown {
		if !strings.HasPrefix(v.shown, column) {
			v.all = false
		}
		v.rows, v.shown = rows, fmt.Sprint(column, rows, v.all)
		v.build()
	}
	for value, e := range v.entries {
		if label := v.labelOf(value); strings.TrimSpace(e.Text) != label {
			e.SetText(label)
		}
	}
	v.hint.SetText(newLabels(v.rows, pairs, labels))
	visible(v.hint, v.hint.Text != "")
}

func (v *labelValues) labelOf(value string) string {
	if i := slices.IndexFunc(v.pairs, func(p ValuePair) bool { return p.Source == value }); i >= 0 {
		return v.pairs[i].HubSpot
	}
	return ""
}

// build makes a row for each value.
func (v *labelValues) build() {
	v.entries = map[string]*widgets.Entry{}
	rows := v.rows
	if !v.all && len(rows) > fewValues {
		rows = rows[:fewValues]
	}
	v.box.Objects = []fyne.CanvasObject{caption("What each value is called in HubSpot")}
	for _, r := range rows {
		e := widgets.NewEntry(r.Value)
		e.Small = true
		e.OnChanged = func(label string) {
			if !v.filling {
				v.changed(setValue(v.pairs, r.Value, strings.TrimSpace(label)))
			}
		}
		v.entries[r.Value] = e
		name := widgets.NewColumn(0, widgets.NewLine(r.Value, look.Small, look.T1))
		if r.Rows > 0 {
			name.Add(widgets.NewLine(plural(r.Rows, "row", "rows"), look.Caption, look.T3))
		}
		v.box.Add(&fyne.Container{Layout: halves{0.42, 8}, Objects: []fyne.CanvasObject{name, e}})
	}
	if len(rows) < len(v.rows) {
		v.box.Add(newLink("chevron-down", fmt.Sprintf("Show all %s values", look.Number(len(v.rows))), look.Small, look.Accent, look.Hover, func() {
			v.all = true
			v.build()
			v.resized()
		}))
	}
	v.box.Add(v.hint)
}

// newLabels says which labels HubSpot lacks and gets.
func newLabels(rows []ValueCount, pairs []ValuePair, labels []string) string {
	var lacking []string
	for _, r := range rows {
		label := r.Value
		if i := slices.IndexFunc(pairs, func(p ValuePair) bool { return p.Source == r.Value }); i >= 0 && pairs[i].HubSpot != "" {
			label = pairs[i].HubSpot
		}
		if !slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, label) }) && !slices.ContainsFunc(lacking, func(l string) bool { return strings.EqualFold(l, label) }) {
			lacking = append(lacking, label)
		}
	}
	if len(lacking) == 0 {
		return ""
	}
	text := strings.Join(lacking[:min(len(lacking), 3)], ", ")
	if more := len(lacking) - 3; more > 0 {
		text += fmt.Sprintf(" and %s more", look.Number(more))
	}
	return "HubSpot has no label " + text + " yet: the plan names what is made."
}
