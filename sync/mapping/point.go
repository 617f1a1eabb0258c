package mapping

import (
	"fmt"
	"slices"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// asksPoint reports whether the point in numbers of the field's column may
// mean two things.
func (f *Field) asksPoint() bool {
	return f.Schema.Type == record.TypeNumber && f.Constant == nil && f.Values == nil && f.Flows(definition.ToHubSpot) && !saysMarks(f.ToHubSpot)
}

// AsksPoint reports whether a column flows to a number, and no transform says
// what the marks in it mean.
func (m *FieldMap) AsksPoint(column string) bool {
	return slices.ContainsFunc(m.Fields, func(f Field) bool { return f.Column() == column && f.asksPoint() })
}

// TakesText reports whether a column flows to a text as it stands, so that a
// number in it is written with its digits.
func (m *FieldMap) TakesText(column string) bool {
	return slices.ContainsFunc(m.Fields, func(f Field) bool {
		return f.Column() == column && f.Schema.Type == record.TypeString && f.Values == nil && f.Flows(definition.ToHubSpot)
	})
}

// saysMarks reports whether transforms say what the marks in numbers mean, or
// make other texts of them.
func saysMarks(steps transform.Chain) bool {
	for _, s := range steps {
		switch s.Name {
		case "trim", "collapse-spaces", "default":
		case "number":
			_, decimal := s.Args["decimal"]
			_, group := s.Args["group"]
			if decimal || group {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// pointed stops a number whose point may stand before decimals or between
// thousands: 1.000 is one thousand in half of the world, and one in the other.
func (f *Field) pointed(v record.Value) error {
	if !f.openPoint || !record.Thousands(v.String()) {
		return nil
	}
	return fmt.Errorf(`%s may be thousands or a number with three places, and no value of the column tells which: add the transform { number: { decimal: ",", group: "." } } for thousands, or { number: { decimal: "." } } for places`, shortened(v.String()))
}

// openPoints are the columns whose points are open, as far as it matters.
func (m *FieldMap) openPoints() []string {
	var all []string
	for i := range m.Fields {
		if m.Fields[i].openPoint {
			all = append(all, m.Fields[i].Column())
		}
	}
	return all
}

// marked refuses a number of HubSpot's that a step under from-hubspot would read by the
// marks of another country: 0.175 would be 175 where a point parts thousands.
func (f *Field) marked(v record.Value) error {
	if f.Schema.Type != record.TypeNumber || len(f.FromHubSpot) == 0 {
		return nil
	}
	marks, other := f.FromHubSpot[0].NumberMarks()
	if !other {
		return nil
	}
	read, ok := marks.Read(v.String())
	if rule := (record.Rule{Compare: record.CompareNumber}); ok && rule.Canonical(record.Text(read)) != rule.Canonical(v) {
		return fmt.Errorf("HubSpot's numbers have a point before their places, and the transform number under from-hubspot, which reads %q as the decimal mark, would make %s of %s: leave from-hubspot out, so that the step to HubSpot is turned around, or say to-decimal and to-group there", marks.Decimal, rule.Canonical(record.Text(read)), v)
	}
	return nil
}
