package suggest

import (
	"slices"
	"strings"

	"github.com/biter777/countries"
	"github.com/nyaruka/phonenumbers"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// Steps proposes the transforms that bring a column's values into the form a
// property wants, judged by the column's samples; region is as in Options. The
// hints say what the samples leave open.
func Steps(c source.Column, p record.Property, region string) (steps transform.Chain, hints []string) {
	if spaced(c.Samples) {
		steps = append(steps, transform.Step{Name: "trim"})
	}
	var own transform.Chain
	shape := shapeOf(c.Samples, c.Type)
	switch wantOf(p) {
	case wantPhone:
		own, hints = phoneSteps(c.Samples, region)
	case wantDate, wantDateTime:
		own, hints = dateSteps(c.Samples, p.Type, region)
	case wantNumber:
		own = numberSteps(c.Samples)
	case wantBoolean:
		if shape == shapeBoolean && !mostly(c.Samples, func(s string) bool { return s == "true" || s == "false" }) {
			own = transform.Chain{{Name: "boolean"}}
		}
	case wantURL:
		if p.Name == "domain" && shape == shapeEmail {
			own = transform.Chain{{Name: "email-domain"}}
		} else if p.Name == "domain" && shape == shapeURL {
			own = transform.Chain{{Name: "url-domain"}}
		}
	case wantRef:
		own = referenceSteps(c.Samples, p)
	default:
		own = countrySteps(c.Samples, p)
	}
	return append(steps, own...), hints
}

func spaced(samples []string) bool {
	for _, s := range samples {
		if s != strings.TrimSpace(s) {
			return true
		}
	}
	return false
}

// regions are the countries that are offered first, in this order, among those
// that fit phone numbers equally well.
var regions = []string{"US", "GB", "DE", "FR", "ES", "NL", "AT", "CH", "IE", "AU", "BE", "IT", "SE", "DK", "NO", "PL", "PT", "MX", "BR", "IN"}

// phoneSteps never assume a country: numbers without a country code take the
// one that a person named, or wait for the answer to Ask.
func phoneSteps(samples []string, region string) (transform.Chain, []string) {
	national := withoutCode(samples)
	seen := slices.ContainsFunc(samples, func(s string) bool { return strings.TrimSpace(s) != "" })
	switch {
	case !seen:
		return nil, nil
	case len(national) == 0:
		return transform.Chain{{Name: "phone"}}, nil
	case fitsRegion(national, region):
		return transform.Chain{{Name: "phone", Args: map[string]any{"region": strings.ToUpper(region)}}}, nil
	}
	return nil, []string{"Some numbers have no country code: they stay as they are unless you say which country they are from"}
}

func validIn(numbers []string, region string) int {
	n := 0
	for _, s := range numbers {
		if parsed, err := phonenumbers.Parse(s, region); err == nil && phonenumbers.IsValidNumberForRegion(parsed, region) {
			n++
		}
	}
	return n
}

// dateSteps finds the form in which dates are written. HubSpot's own form needs
// no step.
func dateSteps(samples []string, typ record.Type, region string) (transform.Chain, []string) {
	fit := layoutsOf(samples)
	if len(fit) == 0 {
		return nil, nil
	}
	chosen := fit[0]
	var hints []string
	if len(fit) > 1 { // 03/04/2024: only people know
		if region == "" {
			return nil, []string{"The sample values do not tell the day from the month: say which comes first"}
		}
		if strings.EqualFold(region, "US") {
			for _, l := range fit {
				if strings.HasPrefix(l.format, "MM") {
					chosen = l
				}
			}
		}
		hints = []string{"The sample values do not tell the day from the month: they are read as " + chosen.format + ", check that"}
	}
	return dateChain(samples, typ, chosen), hints
}

// dateChain reads dates that are written in a layout.
func dateChain(samples []string, typ record.Type, chosen layout) transform.Chain {
	clock := ""
	for _, s := range samples {
		clock = max(clock, clockForm(s))
	}
	format := chosen.format
	if clock != "" {
		format += " " + clock
	}
	switch {
	case typ == record.TypeDateTime && chosen.format == "YYYY-MM-DD":
		return transform.Chain{{Name: "datetime"}}
	case typ == record.TypeDateTime:
		return transform.Chain{{Name: "datetime", Args: map[string]any{"format": format}}}
	case chosen.format == "YYYY-MM-DD" && clock == "":
		return nil
	}
	return transform.Chain{{Name: "date", Args: map[string]any{"format": format}}}
}

func numberSteps(samples []string) transform.Chain {
	decimal, group, ok := marks(samples)
	if !ok {
		return nil
	}
	args := map[string]any{"decimal": decimal}
	if group != "" {
		args["group"] = group
	}
	return transform.Chain{{Name: "number", Args: args}}
}

func referenceSteps(samples []string, p record.Property) transform.Chain {
	if mostly(samples, func(s string) bool { return plainNumber.MatchString(s) }) {
		return nil // ids already
	}
	switch {
	case strings.EqualFold(p.Reference, "OWNER"), p.Name == "hubspot_owner_id":
		return transform.Chain{{Name: "owner"}}
	case p.Name == "dealstage", p.Name == "hs_pipeline_stage":
		return transform.Chain{{Name: "pipeline-stage"}}
	}
	return nil
}

// countrySteps turns codes and foreign names of countries into English names
// for HubSpot's country property, a text that people filter by name.
func countrySteps(samples []string, p record.Property) transform.Chain {
	if p.Name != "country" || len(samples) == 0 {
		return nil
	}
	known, change := 0, false
	for _, s := range samples {
		s = strings.TrimSpace(s)
		c := countries.ByName(s)
		if s == "" || c == countries.Unknown {
			continue
		}
		known++
		change = change || c.String() != s
	}
	if known == 0 || !change {
		return nil
	}
	return transform.Chain{{Name: "country", Args: map[string]any{"to": "name"}}}
}
