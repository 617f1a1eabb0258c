package transform

import (
	"fmt"
	"strings"

	"syncline/sync/record"
)

var placeForms = []string{"name", "alpha-2", "alpha-3"}

var placeTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "country",
			Description: "Writes a country by its English name or its code. Names in several languages, codes and usual short forms such as UK and USA are understood.",
			Args: []Arg{
				{Name: "to", Kind: KindChoice, Choices: placeForms, Default: "name", Scalar: true, Description: "what to write: Germany, DE or DEU"},
				{Name: "from", Kind: KindChoice, Choices: placeForms, Description: "how the column writes it, for the way back"},
			},
			Example: Step{Name: "country", Args: map[string]any{"to": "alpha-2"}}, Input: "Deutschland", Output: "DE",
		},
		apply:   applyCountry,
		inverse: func(a args) way { return placeBack("country", a) },
		describe: func(a args) string {
			return "writes countries as " + map[string]string{"name": "Germany", "alpha-2": "DE", "alpha-3": "DEU"}[a.text("to")]
		},
	},
	{
		Spec: Spec{
			Name:        "state",
			Description: "Writes a state, province or Land by its code or its name.",
			Args: []Arg{
				{Name: "to", Kind: KindChoice, Choices: []string{"code", "name"}, Default: "code", Scalar: true, Description: "what to write: CA or California"},
				{Name: "country", Kind: KindChoice, Choices: []string{"US", "CA", "AU", "DE"}, Default: "US", Description: "whose states they are"},
				{Name: "from", Kind: KindChoice, Choices: []string{"code", "name"}, Description: "how the column writes it, for the way back"},
			},
			Example: Step{Name: "state"}, Input: "california", Output: "CA",
		},
		apply: applyState,
		inverse: func(a args) way {
			w := placeBack("state", a)
			if w.step != nil && a.has("country") {
				w.step.Args["country"] = a.text("country")
			}
			return w
		},
		describe: func(a args) string {
			return "writes states as " + map[string]string{"code": "CA", "name": "California"}[a.text("to")]
		},
	},
}

// placeBack is the way back to the form that the column has. A column that does
// not say its form has none: codes would end up among its names.
func placeBack(name string, a args) way {
	if !a.has("from") {
		return way{}
	}
	return via(name, map[string]any{"to": a.text("from"), "from": a.text("to")})
}

func applyCountry(s string, a args, env *Env) (string, error) {
	if record.Placeholder(s) == record.SurelyMissing { // n/a is not Namibia
		return "", fmt.Errorf("%s stands for a missing value and is no country: name it under source as blanks:, so that it counts as empty", quoted(s))
	}
	if twoKoreas[placeKey(s)] {
		return "", fmt.Errorf("%s may be South Korea or North Korea: write which, or its code (KR or KP)", quoted(s))
	}
	c, ok := findCountry(s)
	if !ok {
		return "", fmt.Errorf("%s is not a country that is known here; write its English name or its code", quoted(s))
	}
	if a.text("from") != "alpha-2" && strings.EqualFold(strings.TrimSpace(s), "NA") {
		env.remark(RemarkNamibia)
	}
	if placeKey(s) == "congo" || placeKey(s) == "kongo" {
		env.remark(RemarkCongo)
	}
	if word := strings.TrimSpace(s); strings.EqualFold(word, "NO") && word != "NO" {
		env.remark(RemarkNorway)
	}
	switch a.text("to") {
	case "alpha-2":
		return c.Alpha2(), nil
	case "alpha-3":
		return c.Alpha3(), nil
	}
	return countryName(c), nil
}

func applyState(s string, a args, _ *Env) (string, error) {
	if record.Placeholder(s) == record.SurelyMissing {
		return "", fmt.Errorf("%s stands for a missing value and is no state: name it under source as blanks:, so that it counts as empty", quoted(s))
	}
	of := a.text("country")
	if st, ok := stateIndex()[of][placeKey(s)]; ok {
		if a.text("to") == "name" {
			return st.name, nil
		}
		return st.code, nil
	}
	return "", fmt.Errorf("%s is not a state of %s", quoted(strings.TrimSpace(s)), stateCountries[of])
}
