package suggest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/biter777/countries"
	"github.com/nyaruka/phonenumbers"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// Question is what the samples leave open. A person answers it: nothing is
// assumed, and without an answer no value is changed.
type Question struct {
	Text    string // "Which country are the numbers without a country code from?"
	Without string // what is done without an answer: "Leave them as they are"
	// Needed is set where the line can't work without an answer.
	Needed  bool
	Answers []Answer
}

// Answer is one way to answer a Question.
type Answer struct {
	Label string
	Steps transform.Chain // all steps of the line, then
}

// Ask finds what must be asked before the values of a column are brought into
// the form of a property, nil for nothing; region is as in Options. The
// answers that fit most samples come first.
func Ask(c source.Column, p record.Property, region string) *Question {
	var before transform.Chain
	if spaced(c.Samples) {
		before = transform.Chain{{Name: "trim"}}
	}
	switch wantOf(p) {
	case wantPhone:
		if national := withoutCode(c.Samples); len(national) > 0 && !fitsRegion(national, region) {
			return askCountry(national, before)
		}
	case wantDate, wantDateTime:
		if fit := layoutsOf(c.Samples); len(fit) > 1 && region == "" {
			return askOrder(c.Samples, p.Type, fit, before)
		}
	case wantNumber:
		if _, _, known := marks(c.Samples); c.Point == record.OpenPoint && !known {
			return askPoint(c.Samples, before)
		}
	}
	return nil
}

// withoutCode are the phone numbers that have no country code.
func withoutCode(samples []string) []string {
	var national []string
	for _, s := range samples {
		if s = strings.TrimSpace(s); s != "" && !strings.HasPrefix(s, "+") && !strings.HasPrefix(s, "00") {
			national = append(national, s)
		}
	}
	return national
}

// fitsRegion tells whether numbers are read by the country that a person named.
func fitsRegion(national []string, region string) bool {
	return region != "" && 2*validIn(national, region) > len(national)
}

func askCountry(national []string, before transform.Chain) *Question {
	type country struct {
		code, name string
		valid      int
	}
	var all []country
	for code := range phonenumbers.GetSupportedRegions() {
		name := countries.ByName(code).String()
		if countries.ByName(code) == countries.Unknown {
			continue
		}
		all = append(all, country{code, name, validIn(national, code)})
	}
	usual := func(code string) int {
		if i := slices.Index(regions, code); i >= 0 {
			return i
		}
		return len(regions)
	}
	slices.SortFunc(all, func(a, b country) int {
		if c := b.valid - a.valid; c != 0 {
			return c
		}
		if a.valid > 0 {
			if c := usual(a.code) - usual(b.code); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.code, b.code))
	})
	q := &Question{Text: "Which country are the numbers without a country code from?", Without: "Leave them as they are"}
	for _, c := range all {
		label := c.name
		if c.valid > 0 {
			label = fmt.Sprintf("%s (%d of %d samples would be valid)", c.name, c.valid, len(national))
		}
		q.Answers = append(q.Answers, Answer{label, append(slices.Clone(before), transform.Step{Name: "phone", Args: map[string]any{"region": c.code}})})
	}
	return q
}

func askOrder(samples []string, typ record.Type, fit []layout, before transform.Chain) *Question {
	q := &Question{Text: "Which comes first in these dates, the day or the month?", Without: "Decide later", Needed: true}
	for _, l := range fit {
		steps := append(slices.Clone(before), dateChain(samples, typ, l)...)
		label := l.format
		for _, s := range samples {
			if v, err := steps.Apply(record.Text(s), transform.Env{}); err == nil && strings.TrimSpace(s) != "" {
				label = fmt.Sprintf("%s: %s is %s", l.format, strings.TrimSpace(s), v.String())
				break
			}
		}
		q.Answers = append(q.Answers, Answer{label, steps})
	}
	return q
}

// askPoint asks of numbers such as 1.000, which are thousands in half of the
// world.
func askPoint(samples []string, before transform.Chain) *Question {
	q := &Question{Text: "What does the point in these numbers mean?", Without: "Decide later", Needed: true}
	for _, reading := range []struct {
		label string
		args  map[string]any
	}{
		{"Thousands", map[string]any{"decimal": ",", "group": "."}},
		{"Decimal places", map[string]any{"decimal": "."}},
	} {
		steps := append(slices.Clone(before), transform.Step{Name: "number", Args: reading.args})
		label := reading.label
		for _, s := range samples {
			if v, err := steps.Apply(record.Text(s), transform.Env{}); err == nil && record.Thousands(s) {
				label = fmt.Sprintf("%s: %s is %s", reading.label, strings.TrimSpace(s), v.String())
				break
			}
		}
		q.Answers = append(q.Answers, Answer{label, steps})
	}
	return q
}

// Changes reports whether steps change a value of the samples, or may: those
// that look something up in the portal can't be tried here.
func Changes(samples []string, steps transform.Chain) bool {
	if len(steps) == 0 {
		return false
	}
	some := false
	for _, s := range samples {
		if s == "" {
			continue
		}
		some = true
		if v, err := steps.Apply(record.Text(s), transform.Env{}); err != nil || v.String() != s {
			return true
		}
	}
	return !some // nothing to judge by: it is listed
}
