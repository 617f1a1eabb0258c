package suggest

import (
	"fmt"
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

// regions are tried, in this order, for phone numbers without a country code.
var regions = []string{"US", "GB", "DE", "FR", "ES", "NL", "AT", "CH", "IE", "AU", "BE", "IT", "SE", "DK", "NO", "PL", "PT", "MX", "BR", "IN"}

func phoneSteps(samples []string, region string) (transform.Chain, []string) {
	national, seen := []string{}, 0
	for _, s := range samples {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		seen++
		if !strings.HasPrefix(s, "+") && !strings.HasPrefix(s, "00") {
			national = append(national, s)
		}
	}
	if seen == 0 {
		return nil, nil
	}
	if len(national) == 0 {
		return transform.Chain{{Name: "phone"}}, nil
	}
	best, bestValid := "", 0
	for _, r := range append([]string{strings.ToUpper(region)}, regions...) {
		if r == "" {
			continue
		}
		if n := validIn(national, r); n > bestValid {
			best, bestValid = r, n
		}
	}
	if best == "" {
		return nil, []string{"The sample values have no country code and are not complete numbers of a country Syncline tried: add the step “phone” with the right country"}
	}
	step := transform.Chain{{Name: "phone", Args: map[string]any{"region": best}}}
	if !strings.EqualFold(best, region) {
		return step, []string{fmt.Sprintf("Numbers without a country code are read as numbers of %s, because %d of %d sample values are valid there: check that", countries.ByName(best).String(), bestValid, len(national))}
	}
	return step, nil
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
	if len(fit) > 1 { // 03/04/2024: day first, except where people write the month first
		if strings.EqualFold(region, "US") {
			for _, l := range fit {
				if strings.HasPrefix(l.format, "MM") {
					chosen = l
				}
			}
		}
		hints = []string{"The sample values do not tell the day from the month: they are read as " + chosen.format + ", check that"}
	}
	clock := ""
	for _, s := range samples {
		clock = max(clock, clockForm(s))
	}
	if typ == record.TypeDateTime {
		if chosen.format == "YYYY-MM-DD" {
			return transform.Chain{{Name: "datetime"}}, hints
		}
		format := chosen.format
		if clock != "" {
			format += " " + clock
		}
		return transform.Chain{{Name: "datetime", Args: map[string]any{"format": format}}}, hints
	}
	switch {
	case chosen.format == "YYYY-MM-DD" && clock == "":
		return nil, nil
	case clock != "":
		return transform.Chain{{Name: "date", Args: map[string]any{"format": chosen.format + " " + clock}}}, hints
	}
	return transform.Chain{{Name: "date", Args: map[string]any{"format": chosen.format}}}, hints
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
