package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot/practice"
)

const leadsOfPeople = `
syncline: 1
name: Leads
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: leads
  match: [ { field: Lead, property: hs_lead_name } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Lead, property: hs_lead_name }
associations:
  - to: contacts
    match: { field: Mail, property: email }
  - to: companies
    match: { field: Domain, property: domain }
    create-missing: true
`

const machines = `
syncline: 1
name: Machines
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: machine
  make:
    singular: Machine
    plural: Machines
    display: machine_name
    associate: [contacts]
    properties:
      - { name: machine_serial, label: Serial, unique: true }
      - { name: machine_name, label: Name }
  match: [ { field: Serial, property: machine_serial } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Serial, property: machine_serial }
  - { field: Name, property: machine_name }
associations:
  - to: contacts
    match: { field: Mail, property: email }
`

// joined are the records of a type by a property, each with what they are associated
// with there.
func (s *stage) joined(object, property, with, by string) []string {
	s.t.Helper()
	others := maps.Collect(s.portal.Records(with))
	var all []string
	for id, r := range s.portal.Records(object) {
		var to []string
		for _, other := range s.portal.Associated(object, id, with) {
			to = append(to, others[other][by])
		}
		slices.Sort(to)
		all = append(all, r[property]+": "+strings.Join(to, " "))
	}
	slices.Sort(all)
	return all
}

// diesAnywhere kills the run of a sync at each of its points; the next run comes to
// the same records and associations, and the one after it has nothing to do.
func diesAnywhere(t *testing.T, points int, start func() *stage, look func(*stage) []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	whole := start()
	whole.run()
	want := look(whole)
	if len(want) == 0 {
		t.Fatal("the run made nothing")
	}
	for n := 1; ; n++ {
		s := start()
		point, stopped := s.stopAt(n)
		if !stopped {
			if n < points {
				t.Errorf("the run has only %d points", n)
			}
			return
		}
		s.run()
		if diff := cmp.Diff(want, look(s)); diff != "" {
			t.Errorf("after %d (%s):\n%s", n, point, diff)
		}
		writes := s.portal.Calls().Writes
		if res := s.run(); s.portal.Calls().Writes != writes {
			t.Errorf("after %d (%s): a further run writes: %+v", n, point, res.Counts)
		}
	}
}

// A lead is made together with whom it belongs to: it is never made twice, and never
// left alone.
func TestARunThatMakesLeadsAndDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	diesAnywhere(t, 10, func() *stage {
		s := newStage(t, practice.Options{}, leadsOfPeople, "id,Lead,Mail,Domain\n1,Wish,ada@example.com,\n2,Firm's,,acme.com\n3,Both,ada@example.com,acme.com\n")
		if _, err := s.portal.Create("contacts", map[string]string{"email": "ada@example.com"}); err != nil {
			t.Fatal(err)
		}
		return s
	}, func(s *stage) []string {
		return append(s.joined("leads", "hs_lead_name", "contacts", "email"), s.joined("leads", "hs_lead_name", "companies", "domain")...)
	})
}

// The object type that a definition makes is made once, and its rows with it.
func TestARunThatMakesAnObjectTypeAndDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	diesAnywhere(t, 10, func() *stage {
		s := newStage(t, practice.Options{}, machines, "id,Serial,Name,Mail\n1,M-1,Press,ada@example.com\n2,M-2,Lathe,ada@example.com\n3,M-3,Saw,\n")
		if _, err := s.portal.Create("contacts", map[string]string{"email": "ada@example.com"}); err != nil {
			t.Fatal(err)
		}
		s.yes = true
		return s
	}, func(s *stage) []string {
		types := slices.DeleteFunc(s.portal.ObjectTypes(), func(name string) bool { return !strings.Contains(name, "machine") })
		if len(types) == 0 {
			return nil
		}
		return append(s.joined(types[0], "machine_name", "contacts", "email"), fmt.Sprint(types))
	})
}
