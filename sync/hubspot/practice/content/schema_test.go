package content

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fieldTypes are those that go with a type. Some look odd and are recorded all
// the same: companies have datetimes with text and enumerations with
// calculation_rollup (see testdata/company_properties.csv of package practice).
var fieldTypes = map[string][]string{
	"string":             {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
	"number":             {"number", "text", "calculation_equation", "calculation_rollup", "calculation_score", "calculation_read_time"},
	"bool":               {"booleancheckbox", "calculation_equation"},
	"enumeration":        {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation", "calculation_rollup"},
	"date":               {"date", "calculation_equation"},
	"datetime":           {"date", "calculation_read_time", "calculation_rollup", "calculation_equation", "text"},
	"object_coordinates": {"text"},
}

func TestPropertiesAreSound(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
	for _, id := range ObjectTypes() {
		names, labels, groups := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, g := range Groups(id) {
			if groups[g.Name] {
				t.Errorf("%s: group %s twice", id, g.Name)
			}
			groups[g.Name] = true
		}
		for _, p := range Properties(id) {
			at := id + " " + p.Name
			if !name.MatchString(p.Name) || names[p.Name] {
				t.Errorf("%s: the name is not valid, or there twice", at)
			}
			if p.Label == "" || labels[p.Label] {
				t.Errorf("%s: the label %q is empty or there twice", at, p.Label)
			}
			names[p.Name], labels[p.Label] = true, true
			if !slices.Contains(fieldTypes[p.Type], p.FieldType) {
				t.Errorf("%s: type %q does not go with field type %q", at, p.Type, p.FieldType)
			}
			if !groups[p.GroupName] {
				t.Errorf("%s: no group %q", at, p.GroupName)
			}
			if strings.ContainsAny(p.Label+p.Description+p.GroupName, "{}") {
				t.Errorf("%s: a placeholder is left", at)
			}
			if p.Calculated && !p.ModificationMetadata.ReadOnlyValue {
				t.Errorf("%s: calculated, yet writable", at)
			}
			// Those of companies are as recorded in March 2026, where none is said to be calculated.
			if strings.HasPrefix(p.FieldType, "calculation_") && !p.Calculated && id != "0-2" {
				t.Errorf("%s: field type %s, yet not calculated", at, p.FieldType)
			}
			if p.HubSpotDefined != p.ModificationMetadata.ReadOnlyDefinition || p.HubSpotDefined != (p.Archived == nil) {
				t.Errorf("%s: HubSpot's own and the team's are mixed up", at)
			}
			if p.CreatedAt > p.UpdatedAt || p.UpdatedAt > "2026" {
				t.Errorf("%s: made %s, changed %s", at, p.CreatedAt, p.UpdatedAt)
			}
			checkOptions(t, at, p)
		}
	}
}

func checkOptions(t *testing.T, at string, p Property) {
	t.Helper()
	choice := p.Type == "enumeration" || p.Type == "bool"
	if choice && !p.ExternalOptions && len(p.Options) < 2 {
		t.Errorf("%s: %d options", at, len(p.Options))
	}
	if (!choice || p.ExternalOptions) && len(p.Options) > 0 {
		t.Errorf("%s: options without need", at)
	}
	if p.Options == nil {
		t.Errorf("%s: options are null", at)
	}
	seen := map[string]bool{}
	for i, o := range p.Options {
		if o.Value == "" || o.Label == "" || seen[o.Value] || strings.Contains(o.Value, ";") || o.DisplayOrder != i {
			t.Errorf("%s: option %+v is not sound", at, o)
		}
		seen[o.Value] = true
	}
}

func TestEveryObjectTypeHasEnoughProperties(t *testing.T) {
	t.Parallel()
	least := map[string]int{"0-1": 90, "0-2": 60, "0-3": 50, "0-5": 40, "0-7": 30, "0-8": 30, "0-46": 30, LicenseType: 30}
	for id, n := range least {
		if got := len(Properties(id)); got < n {
			t.Errorf("%s has %d properties, want at least %d", id, got, n)
		}
	}
	if got := Properties("0-99"); len(got) != 0 {
		t.Errorf("unknown object type has %d properties", len(got))
	}
}

// The facts that the rest of the product leans on.
func TestPropertiesAsHubSpotHasThem(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		object, name, kind, field string
		readOnly                  bool
		options                   int
	}{
		{"0-1", "email", "string", "text", false, 0},
		{"0-1", "lifecyclestage", "enumeration", "radio", false, 8},
		{"0-1", "hs_lead_status", "enumeration", "radio", false, 8},
		{"0-1", "country", "string", "text", false, 0},
		{"0-1", "lastmodifieddate", "datetime", "date", true, 0},
		{"0-1", "hs_additional_emails", "enumeration", "checkbox", true, 0},
		{"0-1", "hubspotscore", "number", "calculation_score", true, 0},
		{"0-2", "industry", "enumeration", "select", false, 148},
		{"0-2", "hs_lastmodifieddate", "datetime", "date", true, 0},
		{"0-3", "dealtype", "enumeration", "radio", false, 2},
		{"0-3", "amount", "number", "number", false, 0},
		{"0-3", "dealstage", "enumeration", "radio", false, 0},
		{"0-5", "hs_ticket_priority", "enumeration", "select", false, 4},
		{"0-48", "hs_call_disposition", "enumeration", "select", false, 6},
		{"0-46", "hs_object_id", "number", "number", true, 0},
	} {
		i := slices.IndexFunc(Properties(want.object), func(p Property) bool { return p.Name == want.name })
		if i < 0 {
			t.Errorf("%s %s is missing", want.object, want.name)
			continue
		}
		p := Properties(want.object)[i]
		if p.Type != want.kind || p.FieldType != want.field || p.ModificationMetadata.ReadOnlyValue != want.readOnly || len(p.Options) != want.options {
			t.Errorf("%s %s is %s/%s, read-only %v, with %d options; want %+v", want.object, p.Name, p.Type, p.FieldType,
				p.ModificationMetadata.ReadOnlyValue, len(p.Options), want)
		}
	}
	for _, id := range ObjectTypes() {
		i := slices.IndexFunc(Properties(id), func(p Property) bool { return p.Name == "hubspot_owner_id" })
		if i < 0 || Properties(id)[i].ReferencedObjectType != "OWNER" {
			t.Errorf("%s has no property that refers to an owner", id)
		}
	}
}

func TestReturnedValuesBelongToTheCaller(t *testing.T) {
	t.Parallel()
	p := Properties("0-1")
	for i := range p {
		p[i].Name = "changed"
		for j := range p[i].Options {
			p[i].Options[j].Value = "changed"
		}
	}
	for _, q := range Properties("0-1") {
		if q.Name == "changed" || len(q.Options) > 0 && q.Options[0].Value == "changed" {
			t.Fatal("a caller's change shows up in the next answer")
		}
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	ids, archived := map[string]bool{}, 0
	for _, o := range Owners() {
		if ids[o.ID] || ids[o.Email] {
			t.Errorf("owner %s %s twice", o.ID, o.Email)
		}
		ids[o.ID], ids[o.Email] = true, true
		if o.Archived != (o.UserID == nil) {
			t.Errorf("owner %s: archived %v, user %v", o.ID, o.Archived, o.UserID)
		}
		if o.Archived {
			archived++
		}
	}
	if len(Owners()) != 8 || archived != 1 {
		t.Errorf("%d owners, %d archived", len(Owners()), archived)
	}
}

func TestPipelines(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int{"0-1": 1, "0-2": 1, "0-3": 2, "0-5": 1, "0-7": 0} {
		got := Pipelines(id)
		if len(got) != want {
			t.Errorf("%s has %d pipelines, want %d", id, len(got), want)
		}
		for _, p := range got {
			seen := map[string]bool{}
			for i, s := range p.Stages {
				if seen[s.ID] || seen[s.Label] || s.DisplayOrder != i || s.Metadata == nil {
					t.Errorf("%s: pipeline %s: stage %+v is not sound", id, p.ID, s)
				}
				seen[s.ID], seen[s.Label] = true, true
			}
		}
	}
	if s := Pipelines("0-3")[0].Stages[6]; s.ID != "closedlost" || s.Metadata["probability"] != "0.0" || s.Metadata["isClosed"] != "true" {
		t.Errorf("the last stage of the sales pipeline is %+v", s)
	}
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, s := range Schemas() {
		names := map[string]bool{}
		for _, p := range s.Properties {
			names[p.Name] = true
			if p.HubSpotDefined {
				t.Errorf("%s lists HubSpot's own %s", s.Name, p.Name)
			}
		}
		for _, n := range slices.Concat([]string{s.PrimaryDisplayProperty}, s.SecondaryDisplayProperties, s.RequiredProperties, s.SearchableProperties) {
			if !names[n] {
				t.Errorf("%s refers to %s, which is not its property", s.Name, n)
			}
		}
	}
}
