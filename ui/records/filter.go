package records

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app/records"
	"syncline/sync/record"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// filterPane is the filter being built: groups of conditions of which one must hold, and in each
// all.
type filterPane struct {
	s      *Screen
	filter records.Filter
	box    *fyne.Container
	note   *widgets.Paragraph
	focus  fyne.Focusable // what gets the keyboard after the next drawing
	typed  []func()       // take over what stands in the entries
}

func newFilterPane(s *Screen) *filterPane {
	f := &filterPane{s: s, box: widgets.NewColumn(8), note: widgets.NewParagraph("", look.Small, look.Conflict.Text())}
	return f
}

// count is how many conditions there are.
func (f *filterPane) count() (n int) {
	for _, g := range f.filter {
		n += len(g)
	}
	return n
}

// searched is the filter without what is not complete yet.
func (f *filterPane) searched() records.Filter {
	var whole records.Filter
	for _, g := range f.filter {
		var own records.Group
		for _, c := range g {
			if (records.Filter{{c}}).Whole(f.s.recs.Property) {
				own = append(own, c)
			}
		}
		if len(own) > 0 {
			whole = append(whole, own)
		}
	}
	return whole
}

// take takes over what was typed and not confirmed by Enter.
func (f *filterPane) take() {
	for _, t := range f.typed {
		t()
	}
}

// changed draws the pane anew and searches by what is complete.
func (f *filterPane) changed() {
	f.draw()
	f.s.search()
}

// has reports whether a condition is there: what is chosen in a dialog comes when the
// filter may be another one.
func (f *filterPane) has(g, c int) bool { return g < len(f.filter) && c < len(f.filter[g]) }

// add begins a condition in a group; the number of groups begins another one.
func (f *filterPane) add(group int) {
	if f.s.recs == nil {
		return
	}
	if f.count() >= records.MaxConditions {
		f.s.w.Toast(look.Conflict, fmt.Sprintf("HubSpot’s search takes %d conditions in all", records.MaxConditions), "", nil)
		return
	}
	f.take()
	f.s.pickProperty("Filter by", "", func(name string) {
		p, ok := f.property(name)
		if !ok {
			return
		}
		if group >= len(f.filter) {
			group = len(f.filter)
			f.filter = append(f.filter, nil)
		}
		f.filter[group] = append(f.filter[group], records.Condition{Property: name, Operator: records.Operators(p)[0].Name})
		f.changed()
	})
}

// property is a property of the records that are open now.
func (f *filterPane) property(name string) (record.Property, bool) {
	if f.s.recs == nil {
		return record.Property{}, false
	}
	return f.s.recs.Property(name)
}

// ask asks for another property of a condition.
func (f *filterPane) ask(g, c int) {
	now := f.filter[g][c].Property
	f.s.pickProperty("Filter by", now, func(name string) {
		p, ok := f.property(name)
		if !ok || name == now || !f.has(g, c) {
			return
		}
		f.filter[g][c] = records.Condition{Property: name, Operator: records.Operators(p)[0].Name}
		f.changed()
	})
}

func (f *filterPane) remove(g, c int) {
	f.take()
	f.filter[g] = slices.Delete(slices.Clone(f.filter[g]), c, c+1)
	if len(f.filter[g]) == 0 {
		f.filter = slices.Delete(slices.Clone(f.filter), g, g+1)
	}
	f.changed()
}

// clear takes all conditions out.
func (f *filterPane) clear() {
	f.filter = nil
	f.draw()
}

// draw makes the pane's parts: there are at most eighteen conditions.
func (f *filterPane) draw() {
	f.box.Objects, f.typed = nil, nil
	f.focus = nil
	uncertain := ""
	for g, group := range f.filter {
		title := "All of these"
		if g > 0 {
			title = "Or all of these"
		}
		rows := widgets.NewColumn(6)
		add := widgets.NewButton(widgets.Quiet, "create", "Add a condition", func() { f.add(g) })
		add.Small = true
		if len(group) >= records.MaxPerGroup {
			add.SetReason(fmt.Sprintf("HubSpot’s search takes %d conditions in a group", records.MaxPerGroup))
		}
		rows.Add(widgets.NewLine(title, look.Small, look.T2))
		for c := range group {
			rows.Add(f.row(g, c))
			if u := group[c].Uncertain(); u != "" && uncertain == "" {
				uncertain = u
			}
		}
		more := []fyne.CanvasObject{add}
		if g == len(f.filter)-1 {
			or := widgets.NewButton(widgets.Quiet, "create", "Or another group", func() { f.add(len(f.filter)) })
			or.Small = true
			if len(f.filter) >= records.MaxGroups {
				or.SetReason(fmt.Sprintf("HubSpot’s search takes %d groups", records.MaxGroups))
			}
			clear := widgets.NewButton(widgets.Quiet, "clear", "Clear", func() { f.clear(); f.s.search() })
			clear.Small = true
			more = append(more, or, clear)
		}
		rows.Add(widgets.NewRow(8, more...))
		card := widgets.NewCard(rows)
		card.Side, card.Ends = 12, 8
		f.box.Add(card)
	}
	f.note.SetText(uncertain)
	if uncertain != "" {
		f.box.Add(f.note)
	}
	f.box.Refresh()
	f.s.fitFilter()
	if f.focus != nil {
		widgets.FocusOn(f.focus)
	}
}

// conditionLayout puts property, operator, value and cross beside each other.
type conditionLayout struct{}

// Layout implements fyne.Layout.
func (conditionLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	a := min(190, size.Width*0.3)
	b := min(170, size.Width*0.27)
	h := look.ControlHeight
	layouts.Move(o[0], 0, 0, a, h)
	layouts.Move(o[1], a+8, 0, b, h)
	layouts.Move(o[2], a+b+16, 0, size.Width-a-b-16-40, h)
	layouts.Move(o[3], size.Width-32, 0, 32, h)
}

// MinSize implements fyne.Layout.
func (conditionLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(380, look.ControlHeight)
}

func (f *filterPane) row(g, c int) fyne.CanvasObject {
	cond := f.filter[g][c]
	p, _ := f.s.recs.Property(cond.Property)
	property := widgets.NewButton(widgets.Plain, "", p.Label, func() { f.ask(g, c) })
	property.Wide = true
	ops := records.Operators(p)
	words, at := make([]string, len(ops)), 0
	for i, o := range ops {
		words[i] = o.Word
		if o.Name == cond.Operator {
			at = i
		}
	}
	operator := widgets.NewSelect(words, at, func(i int) {
		if !f.has(g, c) {
			return
		}
		f.take()
		was := ops[at].Want
		f.filter[g][c].Operator = ops[i].Name
		if want := ops[i].Want; want != was && (want == records.None || want == records.Two || was == records.Two || want == records.One && len(cond.Values) > 1) {
			f.filter[g][c].Values = nil
		}
		f.changed()
	})
	cross := widgets.NewIconButton(widgets.Quiet, "close", "Take this condition out", func() { f.remove(g, c) })
	return container.New(conditionLayout{}, property, operator, f.value(p, ops[at], g, c), cross)
}

// value is where the value of a condition is given, in the form that suits its property.
func (f *filterPane) value(p record.Property, op records.Operator, g, c int) fyne.CanvasObject {
	cond := f.filter[g][c]
	options := f.s.recs.Words.Options(p)
	switch {
	case op.Want == records.None:
		return container.New(layouts.Middle{}, widgets.NewLine("no value needed", look.Small, look.T3))
	case len(options) > 0:
		return f.choice(p, options, op, g, c)
	case op.Want == records.Two:
		low, high := "", ""
		if len(cond.Values) == 2 {
			low, high = cond.Values[0], cond.Values[1]
		}
		values := [2]string{low, high}
		entry := func(i int, hint string) *widgets.Entry {
			e := widgets.NewEntry(hint)
			e.SetText(values[i])
			done := func(text string) {
				values[i] = text
				f.filter[g][c].Values = []string{values[0], values[1]}
			}
			f.settle(e, p, done)
			return e
		}
		return container.NewGridWithColumns(2, entry(0, hintOf(p, "from")), entry(1, hintOf(p, "to")))
	}
	hint := hintOf(p, "value")
	if op.Want == records.Several {
		hint = "values, with commas between them"
	}
	e := widgets.NewEntry(hint)
	e.SetText(strings.Join(cond.Values, ", "))
	f.settle(e, p, func(text string) {
		values := []string{text}
		if op.Want == records.Several {
			values = strings.Split(text, ",")
		}
		f.filter[g][c].Values = values
	})
	if len(cond.Values) == 0 {
		f.focus = e
	}
	return e
}

// settle takes an entry's text over on Enter, and before anything else is done with the filter.
func (f *filterPane) settle(e *widgets.Entry, p record.Property, done func(string)) {
	taken := e.Text
	take := func() {
		if e.Text != taken {
			taken = e.Text
			done(e.Text)
		}
	}
	f.typed = append(f.typed, take)
	e.OnSubmitted = func(string) {
		take()
		f.s.search()
	}
	e.OnChanged = func(text string) {
		e.SetProblem("")
		if text != "" && (records.Filter{{{Property: p.Name, Operator: records.Operators(p)[0].Name, Values: []string{text}}}}).Check(f.s.recs.Property) != nil {
			if p.Type != record.TypeString && !strings.Contains(text, ",") {
				e.SetProblem("not of this property’s form")
			}
		}
	}
}

// give gives a condition its values, if it is there and of that property still.
func (f *filterPane) give(g, c int, p record.Property, values ...string) {
	if !f.has(g, c) || f.filter[g][c].Property != p.Name {
		return
	}
	f.filter[g][c].Values = values
	f.changed()
}

func hintOf(p record.Property, usual string) string {
	switch p.Type {
	case record.TypeDate, record.TypeDateTime:
		return "2026-11-14"
	}
	return usual
}

// choice asks for one or some of a property's options, by the names that people know.
func (f *filterPane) choice(p record.Property, options []record.Option, op records.Operator, g, c int) fyne.CanvasObject {
	cond := f.filter[g][c]
	label := func(v string) string {
		for _, o := range options {
			if o.Value == v {
				return o.Label
			}
		}
		return v
	}
	all := make([]choice, len(options))
	for i, o := range options {
		all[i] = choice{o.Value, o.Label, o.Value}
	}
	if op.Want == records.Several {
		var names []string
		for _, v := range cond.Values {
			names = append(names, label(v))
		}
		text := strings.Join(names, ", ")
		if text == "" {
			text = "Choose…"
		}
		b := widgets.NewButton(widgets.Plain, "", text, func() {
			f.s.pickSeveral(p.Label+" "+op.Word, "Choose these", all, cond.Values, func(values []string) { f.give(g, c, p, values...) })
		})
		b.Wide = true
		return b
	}
	now := ""
	if len(cond.Values) > 0 {
		now = cond.Values[0]
	}
	if len(options) <= 12 {
		words, at := make([]string, len(options)), -1
		for i, o := range options {
			words[i] = o.Label
			if o.Value == now {
				at = i
			}
		}
		return widgets.NewSelect(words, at, func(i int) {
			if f.has(g, c) {
				f.filter[g][c].Values = []string{options[i].Value}
				f.s.search()
			}
		})
	}
	text := "Choose…"
	if now != "" {
		text = label(now)
	}
	b := widgets.NewButton(widgets.Plain, "", text, func() {
		f.s.pickOne(p.Label+" "+op.Word, all, now, func(v string) { f.give(g, c, p, v) })
	})
	b.Wide = true
	return b
}
