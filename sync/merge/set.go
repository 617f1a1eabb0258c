package merge

import (
	"slices"
	"strings"

	"syncline/sync/record"
)

// mergeSets merges two edits of a multi-select (rule 14). It reports false
// when they collide or when the result is not for a rule to decide.
func (p pair) mergeSets() (Decision, bool) {
	source, hubspot := members(p.source.now), members(p.hubspot.now)
	baseSource, baseHubSpot := members(p.source.base), members(p.hubspot.base)

	merged := apply(hubspot, baseSource, source)
	if !slices.Equal(merged, apply(source, baseHubSpot, hubspot)) {
		return Decision{}, false
	}
	if len(merged) == 0 && !p.field.BlankClears {
		return Decision{}, false
	}
	value := record.Text(strings.Join(merged, ";"))
	if owner, _, oneWay := p.owner(); oneWay {
		if !slices.Equal(merged, members(owner.now)) {
			return Decision{}, false
		}
		return p.flow(owner, SetsMerged), true
	}
	d := Decision{Value: value, Reason: SetsMerged}
	switch {
	case slices.Equal(merged, source):
		d.Action = ToHubSpot
	case slices.Equal(merged, hubspot):
		d.Action = ToSource
	default:
		d.Action, d.SourceValue = ToBoth, value
	}
	return d, true
}

// apply makes to set what changed from base to now.
func apply(set, base, now []string) []string {
	var out []string
	for _, m := range set {
		if !slices.Contains(base, m) || slices.Contains(now, m) {
			out = append(out, m)
		}
	}
	for _, m := range now {
		if !slices.Contains(base, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out
}

// members returns the options in a multi-select's value, sorted, each once.
func members(v record.Value) []string {
	text := record.Rule{Compare: record.CompareSet}.Canonical(v).String()
	if text == "" {
		return nil
	}
	all := strings.Split(text, ";")
	slices.Sort(all)
	return slices.Compact(all)
}
