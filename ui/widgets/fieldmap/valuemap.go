package fieldmap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// fewValues is how many values are shown before "Show all".
const fewValues = 8

// valueMap says for each value of a field which option of the property it
// means, and what becomes of a value that is not listed.
type valueMap struct {
	box      *fyne.Container
	changed  func(pairs []ValuePair, unmapped string)
	resized  func()
	rows     []ValueCount // in the order in which they came, so that none jumps
	options  []record.Option
	known    []ValueCount
	pairs    []ValuePair
	unmapped string
	all      bool
	shown    string // what the rows were built from
}

func newValueMap(changed func([]ValuePair, string), resized func()) *valueMap {
	return &valueMap{box: widgets.NewColumn(6), changed: changed, resized: resized}
}

// reset takes the values and options of another line.
func (v *valueMap) reset(s *Subject) {
	v.options = slices.DeleteFunc(slices.Clone(s.Property.Options), func(o record.Option) bool { return o.Hidden })
	v.known = slices.Clone(s.Values)
	v.rows = valueRows(s.Values, s.Link.Settings.Values)
	v.all, v.shown = false, ""
}

// wanted reports whether the line has values to map.
func (v *valueMap) wanted(p record.Property, s Settings) bool {
	return len(s.Values) > 0 || p.Type == record.TypeEnumeration && !p.External && len(v.options) > 0 && len(v.rows) > 0
}

// set shows the pairs.
func (v *valueMap) set(pairs []ValuePair, unmapped string) {
	v.pairs, v.unmapped = slices.Clone(pairs), cmp.Or(unmapped, "reject")
	for _, p := range pairs {
		if !slices.ContainsFunc(v.rows, func(r ValueCount) bool { return r.Value == p.Source }) {
			v.rows = append(v.rows, ValueCount{Value: p.Source})
		}
	}
	v.build()
}

// build makes a row per value, unless the rows there are show the same.
func (v *valueMap) build() {
	key := fmt.Sprint(v.rows, v.pairs, v.unmapped, v.all, len(v.options))
	if key == v.shown {
		return
	}
	v.shown = key
	rows := v.rows
	if !v.all && len(rows) > fewValues {
		rows = rows[:fewValues]
	}
	var out []fyne.CanvasObject
	for _, r := range rows {
		out = append(out, v.row(r))
	}
	if len(rows) < len(v.rows) {
		out = append(out, newLink("chevron-down", fmt.Sprintf("Show all %s values", look.Number(len(v.rows))), look.Small, look.Accent, look.Hover, func() {
			v.all = true
			v.build()
			v.resized()
		}))
	}
	if more := SuggestValues(v.known, v.options, v.pairs); len(more) > len(v.pairs) {
		text := fmt.Sprintf("Match %s with an equal label", plural(len(more)-len(v.pairs), "value", "values"))
		out = append(out, newLink("transform", text, look.Small, look.Accent, look.Hover, func() { v.changed(more, v.unmapped) }))
	}
	rules := unmappedRules()
	out = append(out, widgets.NewColumn(4, caption("A value without an option"), widgets.NewSelect(wordsOf(rules), find(rules, v.unmapped), func(n int) {
		v.changed(v.pairs, rules[n].value)
	})))
	v.box.Objects = out
}

// row is a value, in how many rows it stands, and the option it means.
func (v *valueMap) row(r ValueCount) fyne.CanvasObject {
	option := ""
	if i := slices.IndexFunc(v.pairs, func(p ValuePair) bool { return p.Source == r.Value }); i >= 0 {
		option = v.pairs[i].HubSpot
	}
	words, values := []string{"No option"}, []string{""}
	for _, o := range v.options {
		words, values = append(words, cmp.Or(o.Label, o.Value)), append(values, o.Value)
	}
	if !slices.Contains(values, option) { // an option that the portal no longer has
		words, values = append(words, option+" (not in HubSpot)"), append(values, option)
	}
	pick := widgets.NewSelect(words, slices.Index(values, option), func(n int) {
		v.changed(setValue(v.pairs, r.Value, values[n]), v.unmapped)
	})
	pick.Small = true
	count := ""
	if r.Rows > 0 {
		count = plural(r.Rows, "row", "rows")
		if r.Rows > 999 {
			count = look.Number(r.Rows) + " rows"
		}
	}
	name := widgets.NewColumn(0, widgets.NewLine(r.Value, look.Small, look.T1))
	if count != "" {
		name.Add(widgets.NewLine(count, look.Caption, look.T3))
	}
	return &fyne.Container{Layout: halves{0.42, 8}, Objects: []fyne.CanvasObject{name, pick}}
}

// halves puts two objects side by side; the first gets a share of the width.
type halves struct{ share, gap float32 }

// Layout implements fyne.Layout.
func (h halves) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := size.Width * h.share
	for i, o := range objects {
		m := o.MinSize()
		x, w := float32(0), left
		if i > 0 {
			x, w = left+h.gap, size.Width-left-h.gap
		}
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		o.Resize(fyne.NewSize(w, m.Height))
	}
}

// MinSize implements fyne.Layout.
func (h halves) MinSize(objects []fyne.CanvasObject) fyne.Size {
	high := float32(0)
	for _, o := range objects {
		high = max(high, o.MinSize().Height)
	}
	return fyne.NewSize(180, high)
}

func compareFolded(a, b string) int { return strings.Compare(folded(a), folded(b)) }
