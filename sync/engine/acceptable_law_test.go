package engine_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// lawful are the values from which others are made, by property.
var lawful = map[string][]string{
	"email": {"ann@example.com", "Bea@Example.COM", "o'neil+x@example.co.uk", "jörg@müller.de", "a@b.museum", "nobody", "a b@example.com", "@example.com", "ann@", "ann@example", "ann@ex_ample.com",
		"ann@example..com", ".ann@example.com", "ann.@example.com", "ann@example.test", "a@x.com;b@y.com", "ann@-x.com", "ann@x-.com", "ann@1.2.3.4", "ann@例子.公司", "\"a\"@example.com", "ann@example.c", "x@y.zz"},
	"law_text": {"Ann", "NULL", `\N`, "n/a", "4.479E+11", "", "  ", "true", "12", "a\nb", "#N/A", "日本", "🎉", "-", "0123"},
	"law_area": {"a\nb", "  x", "n/a", "\u200b", "tab\t"},
	"law_number": {"5", "5.0", "1E+3", "1e-400", "1e400", "NaN", "Infinity", "-inf", "0x1F", "1_000", "1,234.56", "15%", "", ".5", "5.", "+5", "-0", "9007199254740993", "12345678901234567890.5",
		"0.30000000000000004", "0x1p-2", "1p5", "٣", "five", "1e", "e5", "--5", "5-", "1.2.3", "99999999999999999999999", "1e22", "1.0e+05"},
	"law_bool":  {"true", "false", "TRUE", "False", "yes", "no", "Yes", "1", "0", "ja", "wahr", "t", "on", ""},
	"law_enum":  {"a", "A", "b 2", "Option A", "option a", "Twin", "nothing", "none", "NULL", "c", "c ", "a;b 2", ""},
	"law_multi": {"a", "a;b 2", "b 2; a", ";a", "a;", ";;", "Option A;c", "a;nothing", "a,c", "A", "a;a", "", "a|c"},
	"law_date": {"2026-11-13", "2026-11-13T00:00:00Z", "2026-11-13T08:00:00Z", "2026-11-13 08:00", "2026-11-13T23:59:00-08:00", "1763020800000", "1763020800", "1763024400000", "2024", "45678", "20241231", "20241231120000",
		"13.11.2026", "11/13/2026", "2026-13-01", "2026-02-30", "0026-01-01", "-86400000", "1763020800000000", "14:30", "tomorrow", "2026-1-2", "2026-11", "NaT", "", "1.7E+12"},
	"law_datetime": {"2026-11-13T08:00:00Z", "2026-11-13T08:00:00.123456+02:00", "2026-11-13T08:00:00", "2026-11-13 08:00", "2026-11-13", "1763020800000", "1763020800", "2024", "2026-03-29T02:30:00", "2026-10-25T02:30:00",
		"20241231120000", "14:30", "2026-11-13T25:00:00Z", "2026-11-13T08:00Z", "2026-11-13T08:00:00+0200", "Lee", "", "99999999999999"},
	"hubspot_owner_id": {"ada@example.com", "Ada Lovelace", "nobody@example.com", "gone@example.com", "1", "", "Gone Away", "ada", "LOVELACE, ADA"},
}

// around is what may stand around and within a value.
var around = []string{" ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u00ad", "\u200e", "\t", "\n", "\x00", "\x1f", ".", "-", "@", ";", "0", "9", "E", "%", "'", "ß", "é", "+"}

func mutated(rng *rand.Rand, text string) string {
	for range rng.IntN(3) {
		r := []rune(text)
		at, what := rng.IntN(len(r)+1), []rune(around[rng.IntN(len(around))])
		switch rng.IntN(5) {
		case 0:
			r = append(what, r...)
		case 1:
			r = append(r, what...)
		case 2:
			r = append(r[:at:at], append(what, r[at:]...)...)
		case 3:
			if at < len(r) {
				r = append(r[:at:at], r[at+1:]...)
			}
		case 4:
			r = []rune(strings.ToUpper(string(r)))
		}
		text = string(r)
	}
	return text
}

// What the check lets through in its canonical form, HubSpot takes and means
// the same by; what it stops, HubSpot refuses as it stands, or takes for
// something else. SYNCLINE_LAW_VALUES is how many values are tried.
func TestTheCheckIsAsStrictAsHubSpot(t *testing.T) {
	t.Parallel()
	n := 4_000
	if s := os.Getenv("SYNCLINE_LAW_VALUES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	portal := practicetest.New(t, practice.Options{Limits: practice.Limits{Burst: 10 * n, Daily: 10 * n}})
	client, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(portal.Token()), Transport: portal.Transport(), Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	options := []record.Option{{Value: "a", Label: "Option A"}, {Value: "b 2", Label: "Option B"}, {Value: "c", Label: "Twin"}, {Value: "d", Label: "Twin"}}
	for _, p := range []hubspot.NewProperty{
		{Name: "law_text", Label: "L text", Type: record.TypeString, FieldType: "text"}, {Name: "law_area", Label: "L area", Type: record.TypeString, FieldType: "textarea"},
		{Name: "law_number", Label: "L number", Type: record.TypeNumber}, {Name: "law_bool", Label: "L bool", Type: record.TypeBool},
		{Name: "law_enum", Label: "L enum", Type: record.TypeEnumeration, FieldType: "select", Options: options}, {Name: "law_multi", Label: "L multi", Type: record.TypeEnumeration, FieldType: "checkbox", Options: options},
		{Name: "law_date", Label: "L date", Type: record.TypeDate}, {Name: "law_datetime", Label: "L datetime", Type: record.TypeDateTime},
	} {
		if _, err := client.CreateProperty(t.Context(), "contacts", p); err != nil {
			t.Fatal(err)
		}
	}
	ada, gone := portal.AddOwner("ada@example.com", "Ada", "Lovelace"), portal.AddOwner("gone@example.com", "Gone", "Away")
	portal.ArchiveOwner(gone)
	env := transform.Env{Owners: []transform.Owner{{ID: ada, Email: "ada@example.com", First: "Ada", Last: "Lovelace"}, {ID: gone, Email: "gone@example.com", First: "Gone", Last: "Away", Archived: true}}}
	id, err := portal.Create("contacts", map[string]string{"firstname": "Law"})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := client.Properties(t.Context(), "contacts")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, Direction: definition.ToHubSpot}
	for name := range lawful {
		names = append(names, name)
		d.Fields = append(d.Fields, definition.Field{Field: name, Property: name, Direction: definition.ToHubSpot})
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	zoned := env
	zoned.Zone = berlin
	var maps [2]*mapping.FieldMap
	for i, e := range []transform.Env{env, zoned} {
		if maps[i], err = mapping.New(d, mapping.Object{ID: "0-1", Email: "email", Lifecycle: "lifecyclestage"}, schema, e); err != nil {
			t.Fatal(err)
		}
	}
	write := func(property, value string) (stored string, err string) {
		body, _ := json.Marshal(map[string]any{"properties": map[string]string{property: value}})
		req := httptest.NewRequest(http.MethodPatch, "https://api.hubapi.com/crm/objects/2026-09/contacts/"+id, bytes.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+portal.Token())
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		portal.ServeHTTP(res, req)
		if res.Code != http.StatusOK {
			return "", res.Body.String()
		}
		p, _ := portal.Record("contacts", id)
		return p[property], ""
	}
	rng := rand.New(rand.NewPCG(1, 2))
	let, stopped, misread := 0, 0, 0
	for i := range n {
		property := names[i%len(names)]
		m := maps[rng.IntN(2)]
		text := mutated(rng, lawful[property][rng.IntN(len(lawful[property]))])
		form, err := m.Canonical(property, record.Text(text))
		switch {
		case err == nil:
			let++
			stored, refused := write(property, form.String())
			if refused != "" || !m.ByProperty[property].Rule.Same(record.Text(stored), form) {
				t.Errorf("%s %q is let through as %q, and HubSpot holds %q: %s", property, text, form, stored, refused)
			}
			if again, err := m.Canonical(property, form); err != nil || again.String() != form.String() {
				t.Errorf("%s %q: its form %q has the form %q, %v", property, text, form, again, err)
			}
		case mapping.Misread(err):
			misread++
		default:
			stopped++
			if stored, refused := write(property, text); refused == "" {
				t.Errorf("%s %q is stopped (%v), and HubSpot takes it and holds %q", property, text, err, stored)
			}
		}
	}
	t.Logf("%d values: %d let through and taken, %d stopped and refused, %d stopped because HubSpot would misread them", n, let, stopped, misread)
	if let < n/4 || stopped < n/8 {
		t.Errorf("only %d were let through and %d stopped", let, stopped)
	}
}
