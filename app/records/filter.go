// Package records looks records of a portal up: which of them, by a filter of every operator
// that HubSpot's search knows, page by page and never all at once, and of one of them what it
// holds, who wrote that, and what it belongs with.
package records

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/app/shown"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// The limits of HubSpot's search (facts §4.2).
const (
	MaxGroups     = 5
	MaxPerGroup   = 6
	MaxConditions = 18
)

// Operator is one of HubSpot's search operators, as it reads for a property.
type Operator struct {
	Name string // HubSpot's: EQ, NEQ, …
	Word string // for people, between the property and the value: "is any of"
	Want Want
}

// Want is how many values an operator takes.
type Want uint8

// What operators take.
const (
	One     Want = iota
	None         // the property's being there is all that counts
	Two          // a lowest and a highest one
	Several      // a list
)

// Condition is one condition of a filter: a property, an operator and its values. A property may
// be associations.contact and the like, with the ids of records.
type Condition struct {
	Property string
	Operator string
	Values   []string // as people give them: days, options by their internal value
}

// Group is a list of conditions that must all hold.
type Group []Condition

// Filter lets a record through that one of its groups lets through; without groups, every one.
type Filter []Group

// Associated is the property by which records are found that belong with another one of a
// type (facts §4.3); HubSpot's own types only.
func Associated(t hubspot.ObjectType) string { return associated + t.Singular }

const associated = "associations."

var (
	known   = []Operator{{hubspot.HasProperty, "is known", None}, {hubspot.NotHasProperty, "is unknown", None}}
	texts   = []Operator{{hubspot.EQ, "is", One}, {hubspot.NEQ, "is not", One}, {hubspot.ContainsToken, "contains the word", One}, {hubspot.NotContainsToken, "does not contain the word", One}, {hubspot.IN, "is any of", Several}, {hubspot.NotIn, "is none of", Several}}
	numbers = []Operator{{hubspot.EQ, "is", One}, {hubspot.NEQ, "is not", One}, {hubspot.GT, "is above", One}, {hubspot.GTE, "is at least", One}, {hubspot.LT, "is below", One}, {hubspot.LTE, "is at most", One}, {hubspot.BETWEEN, "is between", Two}, {hubspot.IN, "is any of", Several}, {hubspot.NotIn, "is none of", Several}}
	days    = []Operator{{hubspot.EQ, "is on", One}, {hubspot.GT, "is after", One}, {hubspot.GTE, "is on or after", One}, {hubspot.LT, "is before", One}, {hubspot.LTE, "is on or before", One}, {hubspot.BETWEEN, "is between", Two}}
	options = []Operator{{hubspot.EQ, "is", One}, {hubspot.IN, "is any of", Several}, {hubspot.NEQ, "is not", One}, {hubspot.NotIn, "is none of", Several}}
	sets    = []Operator{{hubspot.IN, "has any of", Several}, {hubspot.NotIn, "has none of", Several}, {hubspot.EQ, "is exactly", Several}, {hubspot.NEQ, "is not exactly", Several}}
	yesno   = []Operator{{hubspot.EQ, "is", One}, {hubspot.NEQ, "is not", One}}
	others  = []Operator{{hubspot.EQ, "record id", One}, {hubspot.IN, "any of the record ids", Several}}
)

// Operators are those that a property can be filtered by, the usual ones first.
func Operators(p record.Property) []Operator {
	var own []Operator
	switch {
	case strings.HasPrefix(p.Name, associated):
		return others
	case p.Multi():
		own = sets
	case p.Type == record.TypeEnumeration:
		own = options
	case p.Type == record.TypeBool:
		own = yesno
	case p.Type == record.TypeNumber:
		own = numbers
	case p.Type == record.TypeDate, p.Type == record.TypeDateTime:
		own = days
	default:
		own = texts
	}
	return slices.Concat(own, known)
}

// OperatorOf is the operator of that name as it reads for a property.
func OperatorOf(p record.Property, name string) (Operator, bool) {
	i := slices.IndexFunc(Operators(p), func(o Operator) bool { return o.Name == name })
	if i < 0 {
		return Operator{}, false
	}
	return Operators(p)[i], true
}

// Problem is what is wrong with a filter, and where.
type Problem struct {
	Group, Condition int // the condition's place; -1 for the whole
	Text             string
}

func (p *Problem) Error() string { return p.Text }

// Check returns the first thing that keeps HubSpot from taking the filter, nil where there is
// none.
func (f Filter) Check(find func(property string) (record.Property, bool)) error {
	_, err := f.compile(find, time.UTC)
	return err
}

// Whole reports whether every condition of the filter has what it needs, so that it can be
// searched by.
func (f Filter) Whole(find func(property string) (record.Property, bool)) bool {
	return f.Check(find) == nil
}

// compile turns the filter into HubSpot's, with days in the zone.
func (f Filter) compile(find func(string) (record.Property, bool), zone *time.Location) ([][]hubspot.Filter, error) {
	var groups [][]hubspot.Filter
	total := 0
	for g, group := range f {
		if total += len(group); len(group) > MaxPerGroup {
			return nil, &Problem{g, -1, fmt.Sprintf("HubSpot's search takes %d conditions in a group, and there are %d", MaxPerGroup, len(group))}
		}
		var filters []hubspot.Filter
		for c, cond := range group {
			p, ok := find(cond.Property)
			if !ok {
				return nil, &Problem{g, c, fmt.Sprintf("there is no property %q", cond.Property)}
			}
			made, err := cond.compile(p, zone)
			if err != nil {
				return nil, &Problem{g, c, err.Error()}
			}
			filters = append(filters, made)
		}
		if len(filters) > 0 {
			groups = append(groups, filters)
		}
	}
	if len(groups) > MaxGroups || total > MaxConditions {
		return nil, &Problem{-1, -1, fmt.Sprintf("HubSpot's search takes %d groups and %d conditions, and there are %d and %d", MaxGroups, MaxConditions, len(groups), total)}
	}
	return groups, nil
}

func (c Condition) compile(p record.Property, zone *time.Location) (hubspot.Filter, error) {
	label := p.Label
	if label == "" {
		label = p.Name
	}
	op, ok := OperatorOf(p, c.Operator)
	if !ok {
		return hubspot.Filter{}, fmt.Errorf("%s can't be filtered by %q", label, c.Operator)
	}
	values := make([]string, 0, len(c.Values))
	for _, v := range c.Values {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	switch {
	case op.Want == None:
		return hubspot.Filter{Property: p.Name, Operator: op.Name}, nil
	case len(values) == 0:
		return hubspot.Filter{}, fmt.Errorf("%s %s …: give a value", label, op.Word)
	case op.Want == One && len(values) > 1:
		return hubspot.Filter{}, fmt.Errorf("%s %s: takes one value, not %d", label, op.Word, len(values))
	case op.Want == Two && len(values) != 2:
		return hubspot.Filter{}, fmt.Errorf("%s %s: give the lowest and the highest value", label, op.Word)
	}
	for i, v := range values {
		if err := wellFormed(p, v); err != nil {
			return hubspot.Filter{}, fmt.Errorf("%s: %w", label, err)
		}
		if op.Want == Several && textual(p) {
			values[i] = strings.ToLower(v) // which is all that IN finds texts by (facts §4.3)
		}
	}
	if p.Type == record.TypeDate || p.Type == record.TypeDateTime {
		return onDays(p, op.Name, values, zone), nil
	}
	f := hubspot.Filter{Property: p.Name, Operator: op.Name}
	switch op.Name {
	case hubspot.IN, hubspot.NotIn:
		f.Values = values
	case hubspot.BETWEEN:
		f.Value, f.HighValue = values[0], values[1]
	default:
		f.Value = strings.Join(values, ";")
	}
	return f, nil
}

func textual(p record.Property) bool {
	switch p.Type {
	case record.TypeNumber, record.TypeBool, record.TypeEnumeration, record.TypeDate, record.TypeDateTime:
		return false
	}
	return !strings.HasPrefix(p.Name, associated)
}

// wellFormed refuses what HubSpot would answer with "There was a problem with the request."
func wellFormed(p record.Property, v string) error {
	switch {
	case strings.HasPrefix(p.Name, associated):
		if _, err := strconv.ParseUint(v, 10, 64); err != nil {
			return fmt.Errorf("%q is no record id", v)
		}
	case p.Type == record.TypeNumber:
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			return fmt.Errorf("%q is no number; write it as 1234.5", v)
		}
	case p.Type == record.TypeDate, p.Type == record.TypeDateTime:
		if _, ok := shown.Instant(v); !ok {
			return fmt.Errorf("%q is no day; write it as 2026-11-14", v)
		}
	}
	return nil
}

// onDays is a condition about a time, in milliseconds. A value that names a day means all of it: at
// midnight UTC for a date (facts §4.3), and from midnight to midnight in the zone for an instant.
func onDays(p record.Property, op string, values []string, zone *time.Location) hubspot.Filter {
	span := func(v string) (first, last int64) {
		t, _ := shown.Instant(v)
		if len(v) != len(time.DateOnly) { // an instant
			return t.UnixMilli(), t.UnixMilli()
		}
		if p.Type == record.TypeDate {
			return t.UnixMilli(), t.UnixMilli()
		}
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
		return t.UnixMilli(), t.AddDate(0, 0, 1).UnixMilli() - 1
	}
	ms := func(n int64) string { return strconv.FormatInt(n, 10) }
	first, last := span(values[0])
	f := hubspot.Filter{Property: p.Name, Operator: op}
	switch op {
	case hubspot.EQ:
		if f.Value = ms(first); last != first {
			f.Operator, f.HighValue = hubspot.BETWEEN, ms(last)
		}
	case hubspot.BETWEEN:
		_, end := span(values[1])
		f.Value, f.HighValue = ms(first), ms(end)
	case hubspot.GT, hubspot.LTE:
		f.Value = ms(last)
	default:
		f.Value = ms(first)
	}
	return f
}

// Definition is the filter as a sync's document has it, so that only these records take part.
func (f Filter) Definition(find func(string) (record.Property, bool), zone *time.Location) ([]definition.FilterGroup, error) {
	groups, err := f.compile(find, zone)
	if err != nil {
		return nil, err
	}
	all := make([]definition.FilterGroup, 0, len(groups))
	for _, g := range groups {
		var own definition.FilterGroup
		for _, x := range g {
			if strings.HasPrefix(x.Property, associated) {
				return nil, &Problem{-1, -1, "a sync can't be limited by what records belong with"}
			}
			own = append(own, definition.Filter{Property: x.Property, Operator: x.Operator, Value: x.Value, HighValue: x.HighValue, Values: x.Values})
		}
		all = append(all, own)
	}
	return all, nil
}

// Uncertain says what HubSpot leaves open about a condition: whether records without a value count
// is documented nowhere (facts §4.3). "" where nothing is.
func (c Condition) Uncertain() string {
	switch c.Operator {
	case hubspot.NEQ, hubspot.NotIn, hubspot.NotContainsToken:
		return "HubSpot does not say whether records without a value count here. Add “is known” to leave them out."
	}
	return ""
}
