package mapping_test

import (
	"strings"
	"testing"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// What a transform reads in several forms flows back in the one that most cells
// of the column have, and is read back as it was.
func TestNumbersAndAnswersAreWrittenAsTheColumnHasThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		property    record.Property
		chain       transform.Chain
		samples     []string
		value, want string
	}{
		"percent":                {share, steps("number", "decimal", ","), []string{"5%", "7,5%"}, "0.125", "12,5%"},
		"percent behind a space": {share, steps("number", "decimal", ","), []string{"5 %", "7,5 %", "8"}, "1", "100 %"},
		"few of them percent":    {share, steps("number", "decimal", ","), []string{"5%", "7,5", "8"}, "0.125", "0,125"},
		"no percent":             {share, steps("number", "decimal", ","), []string{"5"}, "1E-1", "0,1"},
		"an exponent":            {share, nil, []string{"5"}, "1.5E+3", "1500"},
		"no exponent":            {share, nil, []string{"5"}, "2.50", "2.50"},
		"ja and nein":            {optin, steps("boolean"), []string{"ja", "nein", "ja", "true"}, "false", "nein"},
		"no word for it":         {optin, steps("boolean"), []string{"ja"}, "false", "false"},
		"words of the transform": {optin, steps("boolean", "yes", "active", "no", "closed"), []string{"active"}, "false", "closed"},
		"nobody sees it":         {record.Property{Name: "note", Type: record.TypeString, FieldType: "text"}, nil, nil, "a\u200bq", "aq"},
	} {
		d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "contacts"}, Direction: definition.TwoWay,
			Fields: []definition.Field{{Field: "V", Property: c.property.Name, Direction: definition.TwoWay, ToHubSpot: c.chain}}}
		m, err := mapping.New(d, mapping.Object{}, []record.Property{c.property}, transform.Env{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m.Puzzling(true)
		m.UseSamples(map[string][]string{"V": c.samples})
		got, err := m.Fields[0].ToCell(record.Text(c.value), m.Env)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %q is written as %q (%v), want %q", name, c.value, got, err, c.want)
		}
	}
}

// A form that leaves something out of a value is known to.
func TestACellThatHoldsNotAllOfAValueIsKnown(t *testing.T) {
	t.Parallel()
	env := transform.Env{}
	signed := record.Property{Name: "signed", Type: record.TypeDateTime, FieldType: "date"}
	d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "contacts"}, Direction: definition.TwoWay,
		Fields: []definition.Field{{Field: "V", Property: "signed", Direction: definition.TwoWay, ToHubSpot: steps("datetime", "format", "DD.MM.YYYY HH:mm", "zone", "UTC")}}}
	m, err := mapping.New(d, mapping.Object{}, []record.Property{signed}, env)
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{"2026-12-24T18:00:00Z": true, "2026-12-24T18:00:30Z": false} {
		f := &m.Fields[0]
		cell, err := f.ToCell(record.Text(value), m.Env)
		if err != nil || f.Holds(cell, record.Text(value), m.Env) != want {
			t.Errorf("%s as %s: held is not %v (%v)", value, cell, want, err)
		}
	}
}

// HubSpot's numbers have a point, whatever marks the file has: a step under from-hubspot
// that reads them by those of the file would write 175 for 0.175.
func TestANumberOfHubSpotIsNotReadByTheMarksOfTheFile(t *testing.T) {
	t.Parallel()
	german := steps("number", "decimal", ",", "group", ".")
	for name, c := range map[string]struct {
		way   definition.Direction
		chain transform.Chain
		value string
		want  string // of the cell, or of the reason behind a !
	}{
		"a point that parts thousands": {definition.TwoWay, german, "0.175", "!would make 175 of 0.175"},
		"thousands":                    {definition.TwoWay, german, "1234.567", "!is not a number"},
		"a whole number":               {definition.TwoWay, german, "12", "12"},
		"one way":                      {definition.FromHubSpot, german, "1.234", "!would make 1234 of 1.234"},
		"to the marks of the file":     {definition.TwoWay, steps("number", "to-decimal", ",", "to-group", "."), "1234.5", "1.234,5"},
		"turned around":                {definition.TwoWay, nil, "0.175", "0,175"},
	} {
		f := definition.Field{Field: "V", Property: "share", Direction: c.way, ToHubSpot: german, FromHubSpot: c.chain}
		if c.way == definition.FromHubSpot {
			f.ToHubSpot = nil
		}
		d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "contacts"}, Direction: c.way, Fields: []definition.Field{f}}
		m, err := mapping.New(d, mapping.Object{}, []record.Property{share}, transform.Env{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cell, err := m.Fields[0].ToCell(record.Text(c.value), m.Env)
		got := cell.String()
		if err != nil {
			got = "!" + err.Error()
		}
		if got != c.want && !(strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, "!") && strings.Contains(got, c.want[1:])) {
			t.Errorf("%s: %s is written as %q, want %q", name, c.value, got, c.want)
		}
		if held := m.RecordValues(record.Values{"share": record.Text(c.value)})["share"].String(); c.way == definition.FromHubSpot && held != c.value {
			t.Errorf("%s: HubSpot's %s is compared as %s", name, c.value, held)
		}
	}
}

var (
	share = record.Property{Name: "share", Type: record.TypeNumber, FieldType: "number"}
	optin = record.Property{Name: "optin", Type: record.TypeBool, FieldType: "booleancheckbox"}
)

func steps(name string, args ...string) transform.Chain {
	s := transform.Step{Name: name, Args: map[string]any{}}
	for i := 0; i < len(args); i += 2 {
		s.Args[args[i]] = args[i+1]
	}
	return transform.Chain{s}
}
