package definition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
)

const machines = `syncline: 1
name: Machines
source: { kind: csv, path: machines.csv, key: [Serial] }
hubspot:
  object: machine
  make:
    singular: Machine
    plural: Machines
    display: serial_number
    associate: [contacts, companies]
    properties:
      - { name: serial_number, label: Serial number, unique: true }
      - { name: bought, type: date }
      - { name: size, label: Size, type: enumeration, options: [Small, Large] }
  match:
    - { field: Serial, property: serial_number }
direction: to-hubspot
fields:
  - { field: Serial, property: serial_number }
`

func TestAnObjectTypeThatIsMadeStandsInTheDocument(t *testing.T) {
	t.Parallel()
	d, err := definition.Parse([]byte(machines), "machines.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &definition.Make{Singular: "Machine", Plural: "Machines", Display: "serial_number", Associate: []string{"contacts", "companies"}, Properties: []definition.MakeProperty{
		{Name: "serial_number", Label: "Serial number", Type: "string", Unique: true}, {Name: "bought", Label: "bought", Type: "date"}, {Name: "size", Label: "Size", Type: "enumeration", Options: []string{"Small", "Large"}}}}
	if diff := cmp.Diff(want, d.HubSpot.Make); diff != "" {
		t.Error(diff)
	}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := definition.Parse(text, "machines.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(want, again.HubSpot.Make); diff != "" || again.Hash() != d.Hash() {
		t.Errorf("%s\n%s", diff, text)
	}
}

func TestWhatCannotBeMadeIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	for old, says := range map[string][2]string{
		"object: machine\n":        {"object: 2-77\n", "line 5: hubspot.object: \"2-77\" can't be the name of a new object type"},
		"display: serial_number":   {"display: serial", "line 9: hubspot.make.display: \"serial\" is none of the properties that are made. Known here: serial_number"},
		"type: date }":             {"type: day }", "hubspot.make.properties[1].type: \"day\" is not possible here"},
		"options: [Small, Large] ": {"", "enumeration needs options"},
		"name: bought":             {"name: hs_bought", "begins with hs_"},
		"name: size, label: Size":  {"name: serial_number", "is named twice"},
		"    singular: Machine\n":  {"", "hubspot.make.singular: is missing"},
	} {
		_, err := definition.Parse([]byte(strings.Replace(machines, old, says[0], 1)), "machines.yaml")
		if err == nil || !strings.Contains(err.Error(), says[1]) {
			t.Errorf("%q: %v", old, err)
		}
	}
}
