package fieldmap

import (
	"fmt"
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

// stepDetail says with which arguments a step works: "from Germany".
func stepDetail(s transform.Step) string {
	var parts []string
	for _, name := range argOrder(s) {
		value := fmt.Sprint(s.Args[name])
		switch {
		case value == "":
		case name == "region":
			parts = append(parts, "from "+countryName(value))
		case name == "zone":
			parts = append(parts, "in "+value)
		case name == "format", name == "":
			parts = append(parts, value)
		case name == "to" && (s.Name == "country" || s.Name == "state"):
			parts = append(parts, "as "+value)
		default:
			parts = append(parts, name+" "+quoteMarks(value))
		}
	}
	return strings.Join(parts, ", ")
}

// argOrder is the arguments that are given, in the order of the transform's
// description.
func argOrder(s transform.Step) []string {
	var names []string
	for _, spec := range transform.Names() {
		if spec.Name != s.Name {
			continue
		}
		for _, a := range spec.Args {
			if _, ok := s.Args[a.Name]; ok {
				names = append(names, a.Name)
			}
		}
	}
	var rest []string
	for name := range s.Args {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(names, rest...)
}

// quoteMarks makes marks such as a comma or a space visible.
func quoteMarks(s string) string {
	if len([]rune(s)) <= 2 {
		return "“" + s + "”"
	}
	return s
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
