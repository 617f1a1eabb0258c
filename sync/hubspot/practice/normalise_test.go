package practice_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func TestHowValuesAreStored(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for name, typ := range map[string]string{"d": "date", "dt": "datetime", "n": "number", "b": "bool", "s": "string"} {
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: name, Type: typ}); err != nil {
			t.Fatal(err)
		}
	}
	id := c.contact(props{"firstname": "A"})
	for _, tt := range []struct{ property, raw, want string }{
		{"d", `"2024-05-30"`, "2024-05-30"}, {"d", `"1717027200000"`, "2024-05-30"}, {"d", `1717027200000`, "2024-05-30"},
		{"dt", `"2020-02-29T03:30:17.000Z"`, "2020-02-29T03:30:17Z"}, {"dt", `1582947017123`, "2020-02-29T03:30:17.123Z"}, {"dt", `"2020-02-29T03:30:17+01:00"`, "2020-02-29T02:30:17Z"},
		{"n", `"5.0"`, "5.0"}, {"n", `1E+3`, "1E+3"}, {"n", `" 7 "`, "7"},
		{"b", `true`, "true"}, {"b", `"false"`, "false"},
		{"s", `" padded "`, " padded "}, {"s", `"snow ☃"`, "snow ☃"}, {"s", `"a\u0000\"b"`, "a\x00\"b"},
		{"email", `" MiXed@Example.COM"`, "mixed@example.com"},
	} {
		c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"`+tt.property+`":`+tt.raw+`}}`).want(t, 200)
		if got := c.do("GET", "/crm/v3/objects/contacts/"+id+"?properties="+tt.property, nil).text("properties." + tt.property); got != tt.want {
			t.Errorf("%s %s reads %q, want %q", tt.property, tt.raw, got, tt.want)
		}
	}
	company := c.create("companies", props{"name": "A", "domain": "WWW.Example.com"})
	if v, _ := c.portal.Record("companies", company); v["domain"] != "example.com" {
		t.Errorf("domain %q", v["domain"])
	}
	note := c.create("notes", props{"hs_timestamp": "0", "hs_note_body": `<p onclick="x()">Hi<script>alert(1)</script></p>`})
	if v, _ := c.portal.Record("notes", note); v["hs_note_body"] != "<p>Hi</p>" {
		t.Errorf("note %q", v["hs_note_body"])
	}
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, object{"properties": props{"s": strings.Repeat("x", 65_536)}}).want(t, 200)
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, object{"properties": props{"s": strings.Repeat("x", 65_537)}}).want(t, 400)
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"s":{"a":1}}}`).wantError(t, 400, "", "Invalid input JSON")
}

func TestDatesThatAreNotMidnight(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	if err := c.portal.CreateProperty("contacts", practice.Property{Name: "born", Type: "date"}); err != nil {
		t.Fatal(err)
	}
	id := c.contact(props{"firstname": "A"})
	for _, base := range []string{"/crm/v3/objects/contacts/", "/crm/objects/2026-03/contacts/"} {
		r := c.do("PATCH", base+id, `{"properties":{"born":"1576676552000"}}`).want(t, 400)
		if r.text("errors.0.code") != "INVALID_DATE" || r.text("errors.0.message") != "1576676552000 is at 13:42:32.0 UTC, not midnight!" {
			t.Errorf("%s: %s", base, r.raw)
		}
	}
	r := c.do("PATCH", "/crm/objects/2026-09/contacts/"+id, `{"properties":{"born":"1990-01-01T00:00:00Z"}}`).want(t, 200)
	for path, want := range map[string]string{"warnings.0.category": "PROPERTY_VALUE_NORMALIZED", "warnings.0.context.propertyName": "born",
		"warnings.0.context.rawValue": "1990-01-01T00:00:00Z", "warnings.0.context.normalizedValue": "631152000000", "warnings.0.message": "born was normalized",
		"properties.born": "1990-01-01"} {
		if got := r.text(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

func TestAdministratorsRulesHoldFrom2026_09(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Rules: practice.Rules{Required: map[string][]string{"contacts": {"phone"}},
		Conditional: []practice.ConditionalRule{{ObjectType: "contacts", Property: "state", On: "country", Values: []string{"US"}}}}})
	body := `{"properties":{"firstname":"A","country":"US"}}`
	c.do("POST", "/crm/v3/objects/contacts", body).want(t, 201)
	c.do("POST", "/crm/objects/2026-03/contacts", body).want(t, 201)
	r := c.do("POST", "/crm/objects/2026-09/contacts", body).want(t, 400)
	if r.text("errors.0.code") != "MISSING_REQUIRED_PROPERTY" || r.text("errors.0.message") != "A value for phone must be provided" ||
		r.text("errors.1.message") != "state is required because of a conditional property rule based on [country]" {
		t.Errorf("body %s", r.raw)
	}
	limited := c.portal.AddToken(practice.Token{Kind: practice.OAuth, NoEditAssociations: true})
	company := c.create("companies", props{"name": "A"})
	person := c.contact(props{"firstname": "B"})
	c.token = limited
	c.do("PUT", "/crm/objects/2026-09/contacts/"+person+"/associations/default/companies/"+company, nil).
		wantError(t, 400, "VALIDATION_ERROR", "Missing 'Edit Associations' permission.")
	c.do("PUT", "/crm/v4/objects/contacts/"+person+"/associations/default/companies/"+company, nil).want(t, 200)
}

func TestSwitchesThatRewriteValues(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Switches: practice.Switches{TrimText: true, FormatPhones: true, RewriteNumbers: true}})
	id := c.contact(props{"firstname": " A ", "phone": "+1 (555) 0100", "lastname": "x"})
	if v, _ := c.portal.Record("contacts", id); v["firstname"] != "A" || v["phone"] != "+15550100" {
		t.Errorf("values %v", v)
	}
	deal := c.create("deals", props{"dealname": "D", "dealstage": "closedwon", "amount": "5.0"})
	if v, _ := c.portal.Record("deals", deal); v["amount"] != "5" {
		t.Errorf("amount %q", v["amount"])
	}
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"lastname":""}}`).want(t, 200)
	if v := c.do("GET", "/crm/v3/objects/contacts/"+id, nil).at("properties.lastname"); v != "" {
		t.Errorf("a cleared property reads %v, want an empty text", v)
	}
}

// Check says of each value what a write does.
func TestCheckSaysWhatAWriteDoes(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for _, p := range []practice.Property{{Name: "born", Type: "date"}, {Name: "seen", Type: "datetime"}, {Name: "size", Type: "number"}, {Name: "flag", Type: "bool"},
		{Name: "one", Type: "enumeration", FieldType: "select", Options: []string{"a", "b"}}, {Name: "many", Type: "enumeration", FieldType: "checkbox", Options: []string{"a", "b"}}} {
		if err := c.portal.CreateProperty("contacts", p); err != nil {
			t.Fatal(err)
		}
	}
	values := []string{"", "a", "A", "b;a", "a; b", "true", "True", "1", "1.50", "1e3", "0x1", "NaN", "Infinity", "1,5", "1_000", "2024-02-29", "2023-02-29", "631152000", "631152000000",
		"2024-05-30T00:00:00Z", "2024-05-30T12:00:00+02:00", "30.05.2024", "ann@example.com", " Ann@Example.com ", "ann@example.test", "+49 30 1", "x\x00y"}
	for _, name := range []string{"born", "seen", "size", "flag", "one", "many", "email", "phone", "lifecyclestage", "hubspot_owner_id", "hs_object_id", "nope"} {
		for _, value := range values {
			stored, err := c.portal.Check("contacts", name, value)
			r := c.do("POST", dated+"contacts", record(props{"lastname": "L", name: value}))
			if (err == nil) != (r.status == 201) {
				t.Errorf("%s %q: Check says %v, a write %s", name, value, err, r.raw)
				continue
			}
			if r.status != 201 {
				continue
			}
			if got := r.text("properties." + name); value != "" && got != stored {
				t.Errorf("%s %q: Check says %q, a write %q", name, value, stored, got)
			}
			c.do("DELETE", dated+"contacts/"+r.text("id"), nil).want(t, 204)
		}
	}
	if c.portal.Count("contacts") != 0 {
		t.Error("Check wrote")
	}
}
