// Package suggest proposes a field map: which source field goes to which
// HubSpot property, why, with which transforms, and which pair could identify
// a row's record. It is pure and decides nothing: a person accepts a proposal
// or does not.
package suggest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// Pair is one proposed line of the field map.
type Pair struct {
	Field    string
	Property string
	Score    float64 // from Threshold to 1
	Reason   string  // why, as a sentence without a full stop
	Steps    transform.Chain
	Hints    []string // what a person should look at, as sentences
	// Changes is set where the steps change values: such a pair is not accepted
	// unseen.
	Changes bool
	Ask     *Question // what a person must say first, nil for nothing
}

// Threshold is the score under which a pair is not proposed.
const Threshold = 0.5

// Options narrow what is proposed.
type Options struct {
	// Region is the country, ISO 3166 alpha-2, in whose form phone numbers
	// and ambiguous dates are read first; "" where unknown.
	Region string
	// Fields and Properties are taken already and take no part.
	Fields, Properties []string
}

// Pairs proposes at most one property per column and one column per property,
// the strongest pair first. Properties that cannot be written and hidden ones
// are never proposed. The result is in the order of the columns and depends on
// nothing but the arguments.
func Pairs(columns []source.Column, properties []record.Property, opts Options) []Pair {
	var fields []field
	for i, c := range columns {
		if !slices.Contains(opts.Fields, c.Name) && strings.TrimSpace(c.Name) != "" {
			fields = append(fields, newField(i, c))
		}
	}
	var targets []target
	for i, p := range properties {
		if p.Writable() && !p.Hidden && !slices.Contains(opts.Properties, p.Name) {
			targets = append(targets, newTarget(i, p))
		}
	}

	var all []candidate
	for f := range fields {
		for t := range targets {
			if score, why := rate(&fields[f], &targets[t]); score >= Threshold {
				all = append(all, candidate{&fields[f], &targets[t], score, why})
			}
		}
	}
	chosen := assign(all)
	out := make([]Pair, 0, len(chosen))
	for _, c := range chosen {
		steps, hints := Steps(c.field.column, c.target.property, opts.Region)
		out = append(out, Pair{
			Field: c.field.column.Name, Property: c.target.property.Name,
			Score: c.score, Reason: c.why, Steps: steps, Hints: hints,
			Changes: Changes(c.field.column.Samples, steps), Ask: Ask(c.field.column, c.target.property, opts.Region),
		})
	}
	return out
}

// candidate is a pair that scored.
type candidate struct {
	field  *field
	target *target
	score  float64
	why    string
}

// assign takes the candidates from the strongest to the weakest and keeps each
// whose two ends are still free. Equal scores go by HubSpot's own properties
// first, then by the order on the two sides.
func assign(all []candidate) []candidate {
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(
			-cmp.Compare(a.score, b.score),
			-compareBool(a.target.property.Defined, b.target.property.Defined),
			cmp.Compare(a.field.order, b.field.order),
			cmp.Compare(a.target.order, b.target.order))
	})
	takenField, takenTarget := map[int]bool{}, map[int]bool{}
	var chosen []candidate
	for _, c := range all {
		if takenField[c.field.order] || takenTarget[c.target.order] {
			continue
		}
		takenField[c.field.order], takenTarget[c.target.order] = true, true
		chosen = append(chosen, c)
	}
	slices.SortFunc(chosen, func(a, b candidate) int { return cmp.Compare(a.field.order, b.field.order) })
	return chosen
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// field is a column with what is read from it once.
type field struct {
	order   int
	column  source.Column
	name    spell
	rest    []string // the words without fillers
	short   string   // rest, compact
	dropped []string // the fillers
	shape   shape
}

func newField(order int, c source.Column) field {
	f := field{order: order, column: c, name: spellOf(c.Name), shape: shapeOf(c.Samples, c.Type)}
	f.rest, f.dropped = f.name.unfilled()
	f.short = strings.Join(f.rest, "")
	return f
}

// target is a property with what is read from it once.
type target struct {
	order       int
	property    record.Property
	name, label spell
	rest        []string // the label's words without fillers
	short       string
	wants       want
	options     map[string]bool // folded values and labels
}

func newTarget(order int, p record.Property) target {
	t := target{order: order, property: p, name: spellOf(p.Name), label: spellOf(p.Label), wants: wantOf(p)}
	t.rest, _ = t.label.unfilled()
	t.short = strings.Join(t.rest, "")
	if len(p.Options) > 0 {
		t.options = make(map[string]bool, 2*len(p.Options))
		for _, o := range p.Options {
			t.options[strings.Join(split(o.Value), "")] = true
			t.options[strings.Join(split(o.Label), "")] = true
		}
	}
	return t
}

// rate is how well a column fits a property, from 0 to 1, and why.
func rate(f *field, t *target) (float64, string) {
	fit := fitOf(f, t)
	if fit.impossible {
		return 0, ""
	}
	score, why := byName(f, t)
	switch {
	case score > 0:
		score = min(1, score*fit.factor)
		if fit.says != "" {
			why += ", and " + lowerFirst(fit.says)
		}
	case fit.alone > 0:
		score, why = fit.alone, fit.says
	}
	if f.column.Sampled > 0 && f.column.Filled == 0 {
		score *= 0.9 // nothing would flow, for now
	}
	return score, why
}

// byName compares what the two are called.
func byName(f *field, t *target) (float64, string) {
	switch c := f.name.compact; {
	case c == "":
		return 0, ""
	case strings.EqualFold(f.name.exact, t.property.Label), strings.EqualFold(f.name.exact, t.property.Name):
		return 1, "Same name"
	case c == t.name.compact:
		return 0.97, "The name matches after ignoring case and punctuation"
	case c == t.label.compact:
		return 0.97, "The label matches after ignoring case and punctuation"
	}
	if score, why := bySynonym(f.name.compact, f.name.exact, t); score > 0 {
		return score, why
	}
	if onlyIDs(f.rest) {
		return 0, "" // "account id" is not "billing id": the filler is all that tells them apart
	}
	if len(f.dropped) > 0 {
		left := quoted(f.dropped)
		if f.short == t.short || f.short == t.name.compact {
			return 0.8, fmt.Sprintf("The name matches “%s” once %s is left out", t.property.Label, left)
		}
		if score, _ := bySynonym(f.short, f.name.exact, t); score > 0 {
			return score - 0.12, fmt.Sprintf("“%s” means %s once %s is left out", f.name.exact, meaning(f.short, t), left)
		}
	}
	if f.short == t.short && len(t.short) > 2 {
		return 0.8, fmt.Sprintf("Nearly the same name as “%s”", t.property.Label)
	}
	return bySimilarity(f, t)
}

func onlyIDs(words []string) bool {
	for _, w := range words {
		if !idWords[w] {
			return false
		}
	}
	return true
}

func bySynonym(compact, exact string, t *target) (float64, string) {
	for _, s := range dictionary[compact] {
		for rank, p := range items(s.concept.properties) {
			if p != t.property.Name {
				continue
			}
			score := max(0.92-0.04*float64(rank), 0.8)
			if s.language == "" {
				return score, fmt.Sprintf("“%s” is a word for %s", exact, s.concept.what)
			}
			return score - 0.01, fmt.Sprintf("“%s” is %s for %s", exact, s.language, s.concept.what)
		}
	}
	// A portal's own property may be labelled with a word of the same meaning.
	for _, s := range dictionary[compact] {
		for _, other := range dictionary[t.label.compact] {
			if s.concept == other.concept {
				return 0.78, fmt.Sprintf("“%s” and “%s” both mean %s", exact, t.property.Label, s.concept.what)
			}
		}
	}
	return 0, ""
}

// meaning names the concept that a word and a property share.
func meaning(compact string, t *target) string {
	for _, s := range dictionary[compact] {
		if slices.Contains(items(s.concept.properties), t.property.Name) {
			return s.concept.what
		}
	}
	return "“" + t.property.Label + "”"
}

// bySimilarity finds names that share most of their words, such as "Contract
// start date" and "Start of contract".
func bySimilarity(f *field, t *target) (float64, string) {
	like := max(likeness(f.rest, t.rest), likeness(f.rest, t.name.words))
	if like < 0.6 {
		return 0, ""
	}
	return 0.4 + 0.35*like, fmt.Sprintf("The name is similar to “%s”", t.property.Label)
}

func quoted(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = "“" + w + "”"
	}
	return strings.Join(q, " and ")
}

func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = []rune(strings.ToLower(string(r[0])))[0]
	}
	return string(r)
}
