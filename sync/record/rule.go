package record

import "time"

// Rule is a Comparison with what it needs to understand a value.
type Rule struct {
	Compare Comparison // "" compares as text
	// Region is the ISO 3166 alpha-2 code of the country that phone numbers
	// without a country code belong to; "" when there is none.
	Region string
	// Zone is where datetimes without a zone were written; nil is UTC.
	Zone *time.Location
	// Format is the form of dates and datetimes that are not in an ISO form,
	// such as DD.MM.YYYY; "" when there are none.
	Format string
}

// Canonical returns the one form that all values the same as v have.
func (r Rule) Canonical(v Value) Value { return v }

// Same reports whether a and b mean the same under the rule. All empty values
// are the same.
func (r Rule) Same(a, b Value) bool {
	return a == b || a.Empty() && b.Empty() || r.Canonical(a) == r.Canonical(b)
}
