package mapping

import (
	"slices"

	"syncline/sync/record"
)

// Lifecycle reports whether a property of an object holds a lifecycle stage, of
// which HubSpot ignores a step back without a word (§12.13 of the facts).
func Lifecycle(object Object, property string) bool {
	return property != "" && property == object.Lifecycle
}

// Retreats reports whether HubSpot would ignore a value that follows another: a
// lifecycle stage only moves forward, in the order of the property's options. A
// stage that is not among them is HubSpot's to judge.
func (f *Field) Retreats(from, to record.Value) bool {
	if !f.forward || to.Empty() {
		return false
	}
	before, after := f.place(from), f.place(to)
	return after >= 0 && after < before
}

// place is where a value stands among the options, -1 where it is none of them.
func (f *Field) place(v record.Value) int {
	text := f.Sendable(v).String()
	return slices.IndexFunc(f.Schema.Options, func(o record.Option) bool { return o.Value == text })
}

// Shown is a value as HubSpot shows it to people: the label of an option.
func (f *Field) Shown(v record.Value) string {
	if i := f.place(v); i >= 0 && f.Schema.Options[i].Label != "" {
		return f.Schema.Options[i].Label
	}
	return v.String()
}
