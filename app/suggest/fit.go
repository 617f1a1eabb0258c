package suggest

import (
	"fmt"
	"slices"
	"strings"

	"syncline/sync/record"
)

// want is what a property holds, as far as values can show.
type want uint8

const (
	wantText want = iota
	wantEmail
	wantURL
	wantPhone
	wantNumber
	wantDate
	wantDateTime
	wantBoolean
	wantOption // one of a list that lies in the schema
	wantRef    // an owner, a stage: values are ids, and names are translated
)

func wantOf(p record.Property) want {
	name := strings.ToLower(p.Name)
	switch {
	case strings.EqualFold(p.Reference, "OWNER"), p.External, name == "dealstage", name == "pipeline", name == "hs_pipeline", name == "hs_pipeline_stage":
		return wantRef
	case p.Type == record.TypeNumber:
		return wantNumber
	case p.Type == record.TypeDate:
		return wantDate
	case p.Type == record.TypeDateTime:
		return wantDateTime
	case p.Type == record.TypeBool, p.FieldType == "booleancheckbox":
		return wantBoolean
	case p.Type == record.TypeEnumeration:
		return wantOption
	}
	switch record.DefaultComparison(p) {
	case record.CompareEmail:
		return wantEmail
	case record.ComparePhone:
		return wantPhone
	case record.CompareURL:
		return wantURL
	}
	return wantText
}

// fit is what a column's values say about a property.
type fit struct {
	impossible bool
	factor     float64 // on the score that the names gave
	alone      float64 // the score when the names say nothing
	says       string  // a sentence
}

// fitOf compares the shape of the values with what the property holds. Where
// no values were seen it says nothing.
func fitOf(f *field, t *target) fit {
	no, neutral := fit{impossible: true}, fit{factor: 1}
	if f.shape == shapeNone {
		return neutral
	}
	looks := fit{factor: 1.03, says: "The values look like " + looksLike[f.shape]}
	switch t.wants {
	case wantEmail:
		if f.shape != shapeEmail {
			return no
		}
		looks.alone = 0.66
		return looks
	case wantPhone:
		switch {
		case f.shape == shapePhone:
			looks.alone = 0.52
			return looks
		case f.shape == shapeNumber:
			return neutral
		case !mostly(f.column.Samples, func(s string) bool { return digits(s) >= 5 }):
			return no
		}
		return neutral
	case wantURL:
		switch f.shape {
		case shapeURL:
			if site := siteOf(t.property); site != "" && !mentions(f.column.Samples, site) {
				return neutral // the address of something else
			}
			looks.alone = 0.52
			return looks
		case shapeEmail:
			return fit{factor: 0.7} // a domain can be taken out of it
		case shapeText:
			return fit{factor: 0.8}
		}
		return no
	case wantNumber:
		if f.shape == shapeNumber {
			return fit{factor: 1.02}
		}
		return no
	case wantDate, wantDateTime:
		if f.shape == shapeDate || f.shape == shapeDateTime {
			return fit{factor: 1.02}
		}
		return no
	case wantBoolean:
		if f.shape == shapeBoolean || mostly(f.column.Samples, isBit) {
			return neutral
		}
		return no
	case wantOption:
		return optionFit(f, t)
	}
	if t.wants == wantText && (f.shape == shapeEmail || f.shape == shapeURL) {
		return fit{factor: 0.9}
	}
	return neutral
}

// optionFit counts how many samples are options.
func optionFit(f *field, t *target) fit {
	hits, seen := 0, 0
	for _, s := range f.column.Samples {
		for part := range strings.SplitSeq(s, ";") {
			key := strings.Join(split(part), "")
			if key == "" {
				continue
			}
			seen++
			if t.options[key] {
				hits++
			}
		}
	}
	if seen == 0 || len(t.options) == 0 {
		return fit{factor: 1}
	}
	if hits == 0 {
		return fit{factor: 0.85, says: fmt.Sprintf("None of the %d sample values is an option yet", seen)}
	}
	out := fit{factor: 1.03, says: fmt.Sprintf("%d of %d sample values are options in HubSpot", hits, seen)}
	if hits == seen && hits >= 2 && f.shape == shapeText {
		out.alone = 0.56
	}
	return out
}

func isBit(s string) bool { return s == "0" || s == "1" || s == "x" || s == "X" }

// mostly reports whether at least half of the samples that are not empty hold.
func mostly(samples []string, holds func(string) bool) bool {
	yes, all := 0, 0
	for _, s := range samples {
		if s = strings.TrimSpace(s); s != "" {
			all++
			if holds(s) {
				yes++
			}
		}
	}
	return all > 0 && 2*yes >= all
}

// sites are those whose addresses have properties of their own, which no other
// address belongs in.
var sites = []string{"linkedin", "twitter", "facebook", "instagram", "xing", "youtube", "crunchbase", "glassdoor", "github"}

// siteOf is the site whose addresses a property holds, "" for any.
func siteOf(p record.Property) string {
	name := strings.ToLower(p.Name + " " + p.Label)
	if i := slices.IndexFunc(sites, func(site string) bool { return strings.Contains(name, site) }); i >= 0 {
		return sites[i]
	}
	return ""
}

func mentions(samples []string, site string) bool {
	return slices.ContainsFunc(samples, func(s string) bool { return strings.Contains(strings.ToLower(s), site) })
}
