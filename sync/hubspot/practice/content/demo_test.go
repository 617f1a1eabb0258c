package content

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nyaruka/phonenumbers"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var sharedDemo = sync.OnceValue(func() *Demo { return MakeDemo(DemoSeed, noon) })

func ofType(d *Demo, objectType string) []DemoRecord {
	var out []DemoRecord
	for _, r := range d.Records {
		if r.ObjectType == objectType {
			out = append(out, r)
		}
	}
	return out
}

func TestTheSameSeedGivesTheSameDemo(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(sharedDemo(), MakeDemo(DemoSeed, noon)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(sharedDemo().Records[:50], MakeDemo(DemoSeed+1, noon).Records[:50]) {
		t.Error("another seed gives the same demo")
	}
}

func TestTheMomentOnlyShiftsTimes(t *testing.T) {
	t.Parallel()
	shift := 400*day + 7*time.Hour
	later := MakeDemo(DemoSeed, noon.Add(shift))
	if diff := cmp.Diff(sharedDemo().Associations, later.Associations); diff != "" {
		t.Error(diff)
	}
	stable := []string{"email", "firstname", "lastname", "phone", "city", "country", "company", "plan_name", "billing_status",
		"customer_since", "monthly_amount", "legacy_customer_id", "hubspot_owner_id"}
	for i, r := range sharedDemo().Records {
		l := later.Records[i]
		if r.Ref != l.Ref || !l.Created.Equal(r.Created.Add(shift)) || r.Archived != l.Archived {
			t.Fatalf("%s %s became %s %s", r.Ref, r.Created, l.Ref, l.Created)
		}
		if r.ObjectType == "0-1" {
			for _, p := range stable {
				if r.Properties[p] != l.Properties[p] {
					t.Errorf("%s: %s was %q, is %q", r.Ref, p, r.Properties[p], l.Properties[p])
				}
			}
		}
	}
}

func TestAssociationsReferToRecords(t *testing.T) {
	t.Parallel()
	kinds := map[string]string{}
	for _, r := range sharedDemo().Records {
		if kinds[r.Ref] != "" {
			t.Errorf("ref %s twice", r.Ref)
		}
		kinds[r.Ref] = r.ObjectType
	}
	ends := map[int][2]string{279: {"0-1", "0-2"}, 1: {"0-1", "0-2"}, 14: {"0-2", "0-2"}, 341: {"0-3", "0-2"}, 5: {"0-3", "0-2"}, 3: {"0-3", "0-1"},
		16: {"0-5", "0-1"}, 339: {"0-5", "0-2"}, 26: {"0-5", "0-2"}, 20: {"0-8", "0-3"}, 202: {"0-46", "0-1"}, 190: {"0-46", "0-2"},
		204: {"0-27", "0-1"}, 194: {"0-48", "0-1"}, 200: {"0-47", "0-1"}, 212: {"0-47", "0-3"},
		licenseToContact: {LicenseType, "0-1"}, licenseToCompany: {LicenseType, "0-2"}}
	seen := map[DemoAssociation]bool{}
	primary := map[string]int{}
	for _, a := range sharedDemo().Associations {
		if want := ends[a.TypeID]; kinds[a.FromRef] != want[0] || kinds[a.ToRef] != want[1] {
			t.Errorf("%+v joins %q and %q, want %v", a, kinds[a.FromRef], kinds[a.ToRef], want)
		}
		if seen[a] {
			t.Errorf("%+v twice", a)
		}
		seen[a] = true
		if a.TypeID == 1 {
			primary[a.FromRef]++
		}
		if custom := a.TypeID == licenseToContact || a.TypeID == licenseToCompany; custom != (a.Category == "USER_DEFINED") {
			t.Errorf("%+v has the wrong category", a)
		}
	}
	for ref, n := range primary {
		if n > 1 {
			t.Errorf("%s has %d primary companies", ref, n)
		}
	}
}

// What the API would refuse may not be in the portal either.
func TestDemoValuesFitTheirProperties(t *testing.T) {
	t.Parallel()
	owners := map[string]bool{}
	for _, o := range Owners() {
		owners[o.ID] = true
	}
	definitions := map[string]map[string]Property{}
	for _, id := range ObjectTypes() {
		definitions[id] = map[string]Property{}
		for _, p := range Properties(id) {
			definitions[id][p.Name] = p
		}
	}
	unique := map[string]string{}
	for _, r := range sharedDemo().Records {
		if r.Created.After(noon) || r.Created.Before(noon.Add(-3*365*day)) || r.Created != r.Created.Truncate(time.Millisecond) {
			t.Errorf("%s was made %s", r.Ref, r.Created)
		}
		for name, value := range r.Properties {
			at := r.Ref + " " + name
			p, ok := definitions[r.ObjectType][name]
			switch {
			case !ok:
				t.Fatalf("%s: there is no such property", at)
			case value == "":
				t.Errorf("%s is empty", at)
			case p.ModificationMetadata.ReadOnlyValue:
				t.Errorf("%s is read only", at)
			}
			if p.HasUniqueValue || name == "email" {
				key := r.ObjectType + name + strings.ToLower(value)
				if unique[key] != "" {
					t.Errorf("%s: %q is also that of %s", at, value, unique[key])
				}
				unique[key] = r.Ref
			}
			if name == "hubspot_owner_id" && !owners[value] {
				t.Errorf("%s: no owner %s", at, value)
			}
			checkValue(t, at, p, value)
		}
		checkPipeline(t, r)
	}
}

func checkValue(t *testing.T, at string, p Property, value string) {
	t.Helper()
	var err error
	switch p.Type {
	case "number":
		_, err = strconv.ParseFloat(value, 64)
	case "date":
		_, err = time.Parse(time.DateOnly, value)
	case "datetime":
		_, err = time.Parse(time.RFC3339, value)
	case "bool":
		_, err = strconv.ParseBool(value)
	case "enumeration":
		values := []string{value}
		if p.FieldType == "checkbox" {
			values = strings.Split(value, ";")
		}
		for _, v := range values {
			if !p.ExternalOptions && !slices.ContainsFunc(p.Options, func(o Option) bool { return o.Value == v }) {
				t.Errorf("%s: %q is no option", at, v)
			}
		}
	}
	if p.Name == "email" {
		if value != strings.ToLower(value) {
			t.Errorf("%s: %q is not in lower case", at, value)
		}
		_, err = mail.ParseAddress(value)
	}
	if err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

func checkPipeline(t *testing.T, r DemoRecord) {
	t.Helper()
	pipelineName, stageName := "pipeline", "dealstage"
	switch r.ObjectType {
	case "0-3":
	case "0-5":
		pipelineName, stageName = "hs_pipeline", "hs_pipeline_stage"
	default:
		return
	}
	for _, p := range Pipelines(r.ObjectType) {
		for _, s := range p.Stages {
			if p.ID == r.Properties[pipelineName] && s.ID == r.Properties[stageName] {
				return
			}
		}
	}
	t.Errorf("%s is in stage %q of pipeline %q", r.Ref, r.Properties[stageName], r.Properties[pipelineName])
}

func TestDemoLooksLikeAPortal(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int{"0-1": 2400, "0-2": 600, "0-3": 900, "0-5": 250, "0-46": 400, "0-27": 200, "0-8": 200, "0-7": 12, LicenseType: 130} {
		if n := len(ofType(sharedDemo(), id)); n < want {
			t.Errorf("%d records of %s, want at least %d", n, id, want)
		}
	}
	contacts := ofType(sharedDemo(), "0-1")
	filled, stages, archived, messy, native := map[string]int{}, map[string]int{}, 0, 0, 0
	for _, r := range contacts {
		for name := range r.Properties {
			filled[name]++
		}
		stages[r.Properties["lifecyclestage"]]++
		if r.Archived {
			archived++
		}
		name := r.Properties["firstname"] + r.Properties["lastname"]
		if first := r.Properties["firstname"]; first != "" && ascii(first) && (first == strings.ToLower(first) || strings.TrimSpace(first) != first) {
			messy++
		}
		if slug(name, "", "") == "" && name != "" {
			native++
		}
	}
	between := func(what string, n, low, high int) {
		t.Helper()
		if n < low || n > high {
			t.Errorf("%s: %d contacts, want %d to %d", what, n, low, high)
		}
	}
	between("with e-mail", filled["email"], 2280, 2390)
	between("with phone", filled["phone"], 1300, 1800)
	between("with title", filled["jobtitle"], 1400, 1750)
	between("with city", filled["city"], 1300, 1800)
	between("with owner", filled["hubspot_owner_id"], 1500, 2100)
	between("with billing", filled["legacy_customer_id"], 380, 560)
	between("customers", stages["customer"], 350, 540)
	between("leads", stages["lead"], 600, 1000)
	between("subscribers", stages["subscriber"], 280, 560)
	between("archived", archived, 5, 40)
	between("messy names", messy, 10, 120)
	between("names in other scripts", native, 100, 500)
	if len(stages) != 8 {
		t.Errorf("life cycle stages %v", stages)
	}
}

// A telephone number, before it is spoilt on purpose, can be read by who knows
// the country.
func TestPhonesAreNumbersOfTheirCountry(t *testing.T) {
	t.Parallel()
	for _, l := range slices.Concat(localesWest, localesEast) {
		p := l.open()
		g := &generator{rng: newRNG(1)}
		bad, total := map[string]int{}, 0
		for range 5 {
			for _, c := range p.cities {
				for _, form := range slices.Concat(p.phones, p.mobiles) {
					number := g.fill(strings.ReplaceAll(form, "{a}", c.area))
					total++
					n, err := phonenumbers.Parse(number, regionOf(p))
					if err != nil || !phonenumbers.IsPossibleNumber(n) {
						bad[form+" "+c.area]++
					}
				}
			}
		}
		if len(bad) > 0 {
			t.Errorf("%s: of %d numbers these are not possible: %v", l.country, total, bad)
		}
	}
}

// regionOf is the code among a place's spellings.
func regionOf(p *place) string {
	codes := map[string]string{"Italy": "IT", "Turkey": "TR", "Israel": "IL"}
	if c := codes[p.country]; c != "" {
		return c
	}
	for _, s := range p.spellings {
		if len(s) == 2 && s == strings.ToUpper(s) && ascii(s) && s != "UK" {
			return s
		}
	}
	return ""
}

func BenchmarkMakeDemo(b *testing.B) {
	for b.Loop() {
		MakeDemo(DemoSeed, noon)
	}
}
