package engine_test

import (
	"context"
	"slices"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// What is said of a row is said by every preview, also where the row and
// everything about it is as it was.
func TestWhatIsSaidOfARowIsSaidEachTime(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,a@firm.com,Ann\u200b,Lee,\n2,b@firm.com,Ben,Ode,\n")
	preview := func() engine.Result {
		t.Helper()
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := preview()
	if len(first.Notes) == 0 {
		t.Fatal("nothing is said of the padding")
	}
	if again := preview(); !slices.Equal(again.Notes, first.Notes) {
		t.Errorf("said again: %q, first %q", again.Notes, first.Notes)
	}
}

// A value may be made of columns that no field maps: when one of them changes,
// the row did.
func TestAColumnThatOnlyAStepReadsCounts(t *testing.T) {
	t.Parallel()
	const definition = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname, to-hubspot: [ { expression: 'value + " " + row["Middle"]' } ] }
`
	s := newStage(t, practice.Options{}, definition, "id,Email,First,Middle\n1,a@firm.com,Ann,Q.\n")
	s.yes = true
	s.run()
	s.replace("Q.", "R.")
	s.run()
	if _, p := s.by("email", "a@firm.com"); p["firstname"] != "Ann R." {
		t.Errorf("the first name is %q, want Ann R.", p["firstname"])
	}
}
