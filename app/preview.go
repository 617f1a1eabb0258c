package app

import (
	"fmt"
	"slices"

	"syncline/sync/definition"
	"syncline/sync/record"
)

// LinePreview is what one line of the field map makes of the rows.
type LinePreview struct {
	Examples       []Example // one that fails among them, if any does
	Converts, Rows int       // rows with a value, and how many of them convert
}

// Preview shows what a line makes of up to n different values, and counts the
// rows that convert.
func (f Facts) Preview(line definition.Field, n int) LinePreview {
	p, _ := f.Property(line.Property)
	var out LinePreview
	var failed *Example
	for _, c := range f.values(line) {
		v, why, err := f.convert(line, p, c)
		out.Rows += c.rows
		e := Example{Before: c.value, After: v, Err: err}
		if why != fine {
			if failed == nil {
				failed = &e
			}
			continue
		}
		out.Converts += c.rows
		if len(out.Examples) < n {
			out.Examples = append(out.Examples, e)
		}
	}
	if failed != nil && n > 0 {
		out.Examples = append(out.Examples[:min(len(out.Examples), n-1)], *failed)
	}
	return out
}

// FailedValue is a value that does not get to HubSpot.
type FailedValue struct {
	ValueCount
	Why string // a sentence
}

// Failing lists the values that a line does not get to HubSpot, the commonest
// first.
func (f Facts) Failing(line definition.Field) []FailedValue {
	p, _ := f.Property(line.Property)
	var out []FailedValue
	for _, c := range f.values(line) {
		if _, why, err := f.convert(line, p, c); why != fine {
			out = append(out, FailedValue{ValueCount{c.value.String(), c.rows}, err.Error()})
		}
	}
	slices.SortStableFunc(out, func(a, b FailedValue) int { return b.Rows - a.Rows })
	return out
}

// mostMapped is how many different values a value map is offered for.
const mostMapped = 300

// Mappable are the values that a value map of the line would translate: those
// of its column after the transforms, the commonest first. There are none
// where the property takes no options, or where there are too many to map by
// hand.
func (f Facts) Mappable(line definition.Field) []ValueCount {
	p, ok := f.Property(line.Property)
	if !ok || !HasOptions(p) || slices.ContainsFunc(line.ToHubSpot, findsByName) {
		return nil
	}
	var out []ValueCount
	at := map[string]int{}
	for _, c := range f.values(line) {
		env := f.Env
		env.Row = c.row
		v, err := line.ToHubSpot.Apply(c.value, env)
		if err != nil || v.Empty() {
			continue
		}
		if i, ok := at[v.String()]; ok {
			out[i].Rows += c.rows
			continue
		}
		if len(out) == mostMapped {
			return nil
		}
		at[v.String()] = len(out)
		out = append(out, ValueCount{v.String(), c.rows})
	}
	sortCounts(out)
	return out
}

// readable reports a value that is not of the property's type.
func readable(p record.Property, v record.Value) error {
	var what string
	switch p.Type {
	case record.TypeNumber:
		what = "a number"
	case record.TypeDate:
		what = "a date"
	case record.TypeDateTime:
		what = "a date and time"
	case record.TypeBool:
		if t := v.String(); t == "true" || t == "false" {
			return nil
		}
		return fmt.Errorf("%q is not true or false", v.String())
	default:
		return nil
	}
	if (record.Rule{Compare: record.DefaultComparison(p)}).Readable(v) {
		return nil
	}
	return fmt.Errorf("%q is not %s", v.String(), what)
}

// Changed shows what the steps of a line do to its values: up to n examples of
// values that they change or can't read, and in how many of the rows that have
// a value they do.
func (f Facts) Changed(line definition.Field, n int) (examples []Example, changed, rows int) {
	for _, c := range f.values(line) {
		env := f.Env
		env.Row = c.row
		rows += c.rows
		v, err := line.ToHubSpot.Apply(c.value, env)
		if err == nil && v == c.value {
			continue
		}
		changed += c.rows
		if len(examples) < n {
			examples = append(examples, Example{Before: c.value, After: v, Err: err})
		}
	}
	return examples, changed, rows
}
