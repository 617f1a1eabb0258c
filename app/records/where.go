package records

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/hubspot"
)

// signs are other ways to write operators.
var signs = []struct{ sign, name string }{
	{"!=", hubspot.NEQ}, {"<=", hubspot.LTE}, {">=", hubspot.GTE}, {"=", hubspot.EQ}, {"<", hubspot.LT}, {">", hubspot.GT},
}

var names = []string{hubspot.NotHasProperty, hubspot.NotContainsToken, hubspot.NotIn, hubspot.HasProperty, hubspot.ContainsToken, hubspot.BETWEEN, hubspot.IN, hubspot.NEQ,
	hubspot.LTE, hubspot.GTE, hubspot.EQ, hubspot.LT, hubspot.GT}

// ParseCondition reads a condition as it is typed: a property, an operator by HubSpot's name or by
// a sign, and a value. Lists have commas, also the two of BETWEEN; a value with a comma stands in
// quotes then.
func ParseCondition(text string) (Condition, error) {
	text = strings.TrimSpace(text)
	end := strings.IndexAny(text, " \t=!<>")
	if end <= 0 {
		return Condition{}, fmt.Errorf("%q is no condition: write PROPERTY OPERATOR VALUE, such as 'lifecyclestage = customer'", text)
	}
	c := Condition{Property: text[:end]}
	rest := strings.TrimSpace(text[end:])
	for _, s := range signs {
		if after, ok := strings.CutPrefix(rest, s.sign); ok {
			c.Operator, rest = s.name, after
			break
		}
	}
	if c.Operator == "" {
		word, after, _ := strings.Cut(rest, " ")
		word = strings.ToUpper(word)
		if !slices.Contains(names, word) {
			return Condition{}, fmt.Errorf("%q: %q is no operator; there are = != < <= > >= and %s", text, word, strings.Join(names, ", "))
		}
		c.Operator, rest = word, after
	}
	rest = strings.TrimSpace(rest)
	switch c.Operator {
	case hubspot.HasProperty, hubspot.NotHasProperty:
		if rest != "" {
			return Condition{}, fmt.Errorf("%q: %s takes no value", text, c.Operator)
		}
	case hubspot.IN, hubspot.NotIn, hubspot.BETWEEN:
		r := csv.NewReader(strings.NewReader(rest))
		r.TrimLeadingSpace = true
		values, err := r.Read()
		if err != nil {
			return Condition{}, fmt.Errorf("%q: the list can't be read; write it as a,b,\"c, d\"", text)
		}
		c.Values = values
	default:
		c.Values = []string{rest}
		if len(rest) > 1 && rest[0] == '"' && rest[len(rest)-1] == '"' {
			c.Values[0] = rest[1 : len(rest)-1]
		}
	}
	return c, nil
}
