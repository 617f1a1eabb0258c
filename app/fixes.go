package app

import (
	"slices"
	"strings"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// tried is a fix with what it leaves.
type tried struct {
	Fix
	bad int // rows that still fail
}

// valueFixes are the ways out for values that do not get to HubSpot: other
// transforms, the best one only, and a value map.
func (f Facts) valueFixes(line definition.Field, p record.Property, bad, failing int, mappable bool) []Fix {
	var better []tried
	for _, chain := range f.otherSteps(line, p) {
		changed := line
		changed.ToHubSpot = chain
		if changed.Flows(definition.FromHubSpot) && len(changed.FromHubSpot) == 0 {
			if _, ok := chain.Inverse(); !ok {
				changed.Direction = definition.ToHubSpot
			}
		}
		if left := f.failingRows(changed, p); left < bad {
			better = append(better, tried{Fix{Kind: FixLine, Label: stepsLabel(chain), Line: changed}, left})
		}
	}
	slices.SortStableFunc(better, byRows)
	var out []Fix
	if len(better) > 0 {
		out = append(out, better[0].Fix)
	}
	if mappable {
		out = append(out, Fix{Kind: FixValues, Label: "Map the " + amount(failing, "value", "values")})
	}
	return out
}

// otherSteps are chains that may read what the line's own do not.
func (f Facts) otherSteps(line definition.Field, p record.Property) []transform.Chain {
	c, ok := f.Column(line.Field)
	if !ok {
		return nil
	}
	values, _ := f.Census.Values(line.Field)
	for _, v := range values[:min(len(values), 50)] { // more than the schema's three samples say more
		if !slices.Contains(c.Samples, v.Value) {
			c.Samples = append(slices.Clone(c.Samples), v.Value)
		}
	}
	var out []transform.Chain
	if own, _ := suggest.Steps(c, p, ""); len(own) > 0 {
		out = append(out, own)
	}
	switch {
	case isOwner(p):
		out = append(out, transform.Chain{{Name: "trim"}, {Name: "owner"}}, transform.Chain{{Name: "owner"}})
	case isStage(p):
		out = append(out, transform.Chain{{Name: "pipeline-stage"}})
	case p.Type == record.TypeDate:
		out = append(out, transform.Chain{{Name: "date"}})
	case p.Type == record.TypeBool:
		out = append(out, transform.Chain{{Name: "boolean"}})
	case HasOptions(p):
		out = append(out, transform.Chain{{Name: "trim"}}, transform.Chain{{Name: "trim"}, {Name: "lower"}})
		if strings.Contains(strings.ToLower(p.Name+p.Label), "country") {
			for _, to := range []string{"name", "alpha-2", "alpha-3"} {
				out = append(out, transform.Chain{{Name: "country", Args: map[string]any{"to": to}}})
			}
		}
	}
	return slices.DeleteFunc(out, func(c transform.Chain) bool {
		return slices.ContainsFunc(c, func(s transform.Step) bool { return transform.Check(s) != nil })
	})
}

func (f Facts) failingRows(line definition.Field, p record.Property) int {
	bad := 0
	for _, c := range f.values(line) {
		if _, why, _ := f.convert(line, p, c); why != fine {
			bad += c.rows
		}
	}
	return bad
}

// findsByName reports a step whose result is an id that nobody maps by hand.
func findsByName(s transform.Step) bool { return s.Name == "owner" || s.Name == "pipeline-stage" }

// stepsLabel says what a chain does for the values, as a button would.
func stepsLabel(c transform.Chain) string {
	switch c[len(c)-1].Name {
	case "country":
		return "Translate countries"
	case "owner":
		return "Find owners by name"
	case "pipeline-stage":
		return "Find stages by label"
	case "date", "datetime":
		return "Read the dates"
	case "number":
		return "Read the numbers"
	case "boolean":
		return "Read yes and no"
	case "phone":
		return "Complete the numbers"
	case "lower":
		return "Write in lower case"
	case "trim":
		return "Trim spaces"
	}
	return "Add steps"
}
