package fieldmap

import (
	"slices"
	"strings"
	"unicode"

	"syncline/sync/record"
)

// ValueCount is a value of a field and in how many rows it stands.
type ValueCount struct {
	Value string
	Rows  int
}

// SuggestValues pairs the values that have no pair yet with the option whose
// label or internal value is equal, without regard to case, accents, spaces and
// punctuation. Pairs that exist stay.
func SuggestValues(values []ValueCount, options []record.Option, have []ValuePair) []ValuePair {
	out := slices.Clone(have)
	byText := map[string]string{}
	for _, o := range slices.Backward(options) { // the first of equal ones counts
		byText[bare(o.Value)] = o.Value
	}
	for _, o := range slices.Backward(options) { // and a label before an internal value
		byText[bare(o.Label)] = o.Value
	}
	for _, v := range values {
		if v.Value == "" || slices.ContainsFunc(out, func(p ValuePair) bool { return p.Source == v.Value }) {
			continue
		}
		if option, ok := byText[bare(v.Value)]; ok && bare(v.Value) != "" {
			out = append(out, ValuePair{v.Value, option})
		}
	}
	return out
}

// bare is a text's letters and digits, folded.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, folded(s))
}

// setValue gives a source value its option, or takes the pair away with "".
func setValue(pairs []ValuePair, value, option string) []ValuePair {
	out := slices.Clone(pairs)
	i := slices.IndexFunc(out, func(p ValuePair) bool { return p.Source == value })
	switch {
	case option == "" && i >= 0:
		return slices.Delete(out, i, i+1)
	case option == "":
		return out
	case i >= 0:
		out[i].HubSpot = option
		return out
	}
	return append(out, ValuePair{value, option})
}

// valueRows are the values to show: those of the source, the ones without an
// option first, then pairs whose value no row has now.
func valueRows(values []ValueCount, pairs []ValuePair) []ValueCount {
	has := func(v string) bool {
		return slices.ContainsFunc(pairs, func(p ValuePair) bool { return p.Source == v })
	}
	rows := slices.DeleteFunc(slices.Clone(values), func(v ValueCount) bool { return v.Value == "" })
	slices.SortStableFunc(rows, func(a, b ValueCount) int {
		switch {
		case has(a.Value) == has(b.Value):
			return 0
		case has(b.Value):
			return -1
		}
		return 1
	})
	for _, p := range pairs {
		if !slices.ContainsFunc(rows, func(v ValueCount) bool { return v.Value == p.Source }) {
			rows = append(rows, ValueCount{Value: p.Source})
		}
	}
	return rows
}
