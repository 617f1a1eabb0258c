package practice_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncline/sync/hubspot/practice"
)

func TestTheWitnessSeesEveryChangeInItsOrder(t *testing.T) {
	t.Parallel()
	var seen []practice.Event
	p := practice.New(practice.Options{Witness: func(e practice.Event) {
		for name := range e.Values {
			if name != "name" && name != "city" {
				delete(e.Values, name)
			}
		}
		if e.Property == "" || e.Property == "name" || e.Property == "city" {
			seen = append(seen, e)
		}
	}})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := p.Create("companies", map[string]string{"name": "A"})
	must(err)
	must(p.Edit("companies", a, map[string]string{"name": "B"}))
	must(p.Edit("companies", a, map[string]string{"name": "B"})) // leaves no trace
	must(p.Archive("companies", a))
	must(p.Restore("companies", a))
	b, err := p.Create("companies", map[string]string{"name": "C", "city": "Bonn"})
	must(err)
	into, err := p.Merge("companies", a, b)
	must(err)
	of := func(id string, e practice.Event) practice.Event {
		e.ObjectType, e.ID, e.Person = "companies", id, true
		return e
	}
	want := []practice.Event{
		of(a, practice.Event{Kind: practice.RecordCreated, Values: map[string]string{"name": "A"}}),
		of(a, practice.Event{Kind: practice.ValueSet, Property: "name", Before: "A", After: "B"}),
		of(a, practice.Event{Kind: practice.RecordArchived}),
		of(a, practice.Event{Kind: practice.RecordRestored}),
		of(b, practice.Event{Kind: practice.RecordCreated, Values: map[string]string{"name": "C", "city": "Bonn"}}),
		of(into, practice.Event{Kind: practice.RecordMerged, From: []string{a, b}}),
		of(into, practice.Event{Kind: practice.ValueSet, Property: "city", After: "Bonn"}),
	}
	if diff := cmp.Diff(want, seen, cmpopts.IgnoreFields(practice.Event{}, "At")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
