package fieldmap

import (
	"slices"
	"strings"

	"github.com/biter777/countries"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// stepTitles say what a transform does as a person would order it.
var stepTitles = map[string]string{
	"trim":            "Trim spaces",
	"collapse-spaces": "Collapse spaces",
	"lower":           "Lower case",
	"upper":           "Upper case",
	"title":           "Capitalise words",
	"phone":           "Phone number",
	"date":            "Date",
	"datetime":        "Date and time",
	"number":          "Number",
	"boolean":         "Yes or no",
	"country":         "Country",
	"state":           "State or region",
	"url-domain":      "Domain of a web address",
	"email-domain":    "Domain of an e-mail",
	"split":           "Split",
	"join":            "Join",
	"replace":         "Replace",
	"prefix":          "Put before",
	"suffix":          "Put after",
	"truncate":        "Cut to length",
	"default":         "Fill when empty",
	"owner":           "Owner by name or e-mail",
	"pipeline-stage":  "Stage by its label",
	"expression":      "Expression",
}

// stepTitle is the title of a transform; one that is not known here keeps its
// own name.
func stepTitle(name string) string {
	if t, ok := stepTitles[name]; ok {
		return t
	}
	return upperFirst(strings.ReplaceAll(name, "-", " "))
}

// StepWords say what steps do, in their order: "Trim spaces, then phone number
// from Germany".
func StepWords(steps transform.Chain) string {
	var parts []string
	for _, s := range steps {
		words := stepTitle(s.Name)
		if detail := stepDetail(s); detail != "" {
			words += " " + detail
		}
		if len(parts) > 0 {
			words = "then " + strings.ToLower(words[:1]) + words[1:]
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, ", ")
}

// stepDetail says with which arguments a step works: "from Germany".
func stepDetail(s transform.Step) string {
	spec, _ := specOf(s.Name)
	var parts []string
	for _, a := range spec.Args {
		if value := argText(s, a); value != "" {
			parts = append(parts, argWords(a, value))
		}
	}
	return strings.Join(parts, ", ")
}

// argWords is one argument as a part of a phrase. The argument that a step is
// mainly about goes without its name.
func argWords(a transform.Arg, value string) string {
	switch {
	case a.Kind == transform.KindRegion:
		return "from " + countryName(value)
	case a.Kind == transform.KindZone:
		return "in " + value
	case a.Kind == transform.KindBoolean:
		return strings.ReplaceAll(a.Name, "-", " ") + map[string]string{"true": "", "false": ": no"}[value]
	case a.Kind == transform.KindFormat && a.Scalar:
		return value
	case a.Kind == transform.KindChoice && a.Scalar && len(value) > 1:
		return "as " + value
	case a.Kind == transform.KindInteger && a.Scalar:
		return "of " + value
	case a.Scalar:
		return "“" + value + "”"
	case a.Kind == transform.KindText, a.Kind == transform.KindChoice && len(value) == 1:
		return strings.ReplaceAll(a.Name, "-", " ") + " “" + value + "”"
	}
	return strings.ReplaceAll(a.Name, "-", " ") + " " + value
}

func countryName(alpha2 string) string {
	if c := countries.ByName(strings.ToUpper(alpha2)); c != countries.Unknown {
		return c.String()
	}
	return alpha2
}

// choice is one entry of a select: what is kept and what is shown.
type choice struct{ value, words string }

func wordsOf(choices []choice) []string {
	out := make([]string, len(choices))
	for i, c := range choices {
		out[i] = c.words
	}
	return out
}

// find is the place of a value, and of the first choice where there is none.
func find(choices []choice, value string) int {
	return max(slices.IndexFunc(choices, func(c choice) bool { return c.value == value }), 0)
}

var sameWhen = map[record.Comparison]string{
	record.CompareText:       "The text is exactly the same",
	record.CompareTextFolded: "Only case or spaces differ",
	record.CompareEmail:      "It is the same e-mail address",
	record.ComparePhone:      "The digits are the same",
	record.CompareURL:        "It is the same web address",
	record.CompareDate:       "It is the same day",
	record.CompareDateTime:   "It is the same moment",
	record.CompareNumber:     "It is the same number",
	record.CompareBoolean:    "Both mean yes or both no",
	record.CompareSet:        "It is the same set of options",
	record.CompareHTML:       "Only the formatting differs",
}

// comparisons lists the comparisons, the property's own first. It stands for
// "" too, so that a line follows the property's type unless told otherwise.
func comparisons(p record.Property) []choice {
	own := record.DefaultComparison(p)
	out := []choice{{"", sameWhen[own]}}
	for _, c := range record.Comparisons() {
		if c != own {
			out = append(out, choice{string(c), sameWhen[c]})
		}
	}
	return out
}

func policies() []choice {
	return []choice{
		{string(definition.Review), "Ask me in Review"},
		{string(definition.TakeSource), "The source wins"},
		{string(definition.TakeHubSpot), "HubSpot wins"},
		{string(definition.Newest), "The newer change wins"},
	}
}

// blanks are the rules for an empty value; where depends on who owns the field.
func blanks(d definition.Direction) []choice {
	other := "HubSpot"
	if d == definition.FromHubSpot {
		other = "the source"
	}
	return []choice{{"ignore", "Leave " + other + " as it is"}, {"clear", "Clear it in " + other}}
}

func blankTitle(d definition.Direction) string {
	if d == definition.FromHubSpot {
		return "Blank in HubSpot"
	}
	return "Blank in the source"
}

func unmappedRules() []choice {
	return []choice{
		{"reject", "Stop the row and tell me"},
		{"keep", "Send it as it is"},
		{"blank", "Send nothing"},
	}
}

// directions in the order of the segment: to HubSpot, both ways, to the source.
var directions = []definition.Direction{definition.ToHubSpot, definition.TwoWay, definition.FromHubSpot}

// pairTitle is the head of the inspector.
func pairTitle(field, label string, d definition.Direction) string {
	arrow := map[definition.Direction]string{definition.ToHubSpot: "→", definition.TwoWay: "↔", definition.FromHubSpot: "←"}[d]
	return field + " " + arrow + " " + label
}
