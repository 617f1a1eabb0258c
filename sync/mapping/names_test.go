package mapping_test

import (
	"slices"
	"testing"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// What flows back takes the form that the column has: labels where people see
// labels, values where a program wrote values.
func TestCellsAreWrittenInTheFormOfTheirColumn(t *testing.T) {
	t.Parallel()
	env := transform.Env{Owners: people}
	for _, c := range []struct {
		property    string
		samples     []string
		value, want string
	}{
		{"stage", []string{"Customer", "Marketing Qualified Lead"}, "lead", "Lead"},
		{"stage", []string{"customer"}, "lead", "lead"},
		{"stage", nil, "lead", "lead"},
		{"stage", []string{"Customer", "customer", "Lead"}, "marketingqualifiedlead", "Marketing Qualified Lead"},
		{"stage", []string{"Customer"}, "b2c", "b2c"}, // two options are called Retail
		{"stage", []string{"Customer"}, "unheard", "unheard"},
		{"topics", []string{"Product news;Events"}, "events;jobs", "Events;Jobs"},
		{"topics", []string{"product;events"}, "events;jobs", "events;jobs"},
		{"swapped", []string{"C", "A; B"}, "ab;c", "A; B;C"},
		{"chosen", []string{"C"}, "1", "1"}, // as a label, 1 is another option
		{"optin", []string{"Yes", "No"}, "true", "Yes"},
		{"optin", []string{"true"}, "false", "false"},
		{"hubspot_owner_id", []string{"Ada Lovelace"}, "1001", "Ada Lovelace"},
		{"hubspot_owner_id", []string{"ada@norrsken-software.com"}, "1001", "ada@norrsken-software.com"},
		{"hubspot_owner_id", []string{"1001"}, "1002", "1002"},
		{"hubspot_owner_id", []string{"Ada Lovelace"}, "999", "999"},
		{"firstname", []string{"Ann"}, "Bo", "Bo"},
	} {
		m := bothWays(t, c.property, env)
		if all := m.Puzzling(true); slices.Contains(all, "V") == (c.property == "firstname") {
			t.Errorf("%s: puzzling are %q", c.property, all)
		}
		m.UseSamples(map[string][]string{"V": c.samples})
		got, err := m.Fields[0].ToCell(record.Text(c.value), env)
		if err != nil || got.String() != c.want {
			t.Errorf("%s with %q: %q is written as %q (%v), want %q", c.property, c.samples, c.value, got, err, c.want)
			continue
		}
		if back, _ := m.Fields[0].ToProperty(record.Values{"V": got}, env); back.String() != c.value {
			t.Errorf("%s: %q is read back as %q, want %q", c.property, got, back, c.value)
		}
	}
}

func bothWays(t *testing.T, property string, env transform.Env) *mapping.FieldMap {
	t.Helper()
	d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "contacts"}, Direction: definition.TwoWay,
		Fields: []definition.Field{{Field: "V", Property: property, Direction: definition.TwoWay}}}
	m, err := mapping.New(d, mapping.Object{ID: "0-1", Email: "email", Lifecycle: "lifecyclestage"}, schema, env)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
