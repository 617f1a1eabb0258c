package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// remapped is a sync in which lastname came from the column Last before.
const remapped = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Mobile, property: lastname, conflict: hubspot }
`

// newRemapped is a sync that ran with its old map, and has the new one now.
func newRemapped(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, practice.Options{}, strings.Replace(remapped, "field: Mobile", "field: Last", 1),
		"id,Email,First,Last,Mobile\n1,a@example.com,A,Miller,M1\n2,b@example.com,B,Smith,M2\n")
	s.run()
	s.write(s.def, remapped)
	return s
}

// A field that is mapped anew starts anew for every row: also for those that the
// first run with the new map did not bring to agreement.
func TestAFieldThatIsMappedAnewStartsAnewForRowsThatWereNotReached(t *testing.T) {
	t.Parallel()
	for how, first := range map[string]func(*stage){
		"the file is open": func(s *stage) {
			lock := filepath.Join(s.dir, "~$customers.csv")
			s.write(lock, "x")
			s.run()
			if err := os.Remove(lock); err != nil {
				s.t.Fatal(err)
			}
		},
		"they were left out": func(s *stage) {
			planned := s.preview()
			s.store(func(ctx context.Context, db *store.Store) {
				var all []int
				for it, err := range db.Items(ctx, planned.PlanID) {
					if err != nil {
						s.t.Fatal(err)
					}
					all = append(all, it.N)
				}
				if err := db.ExcludeItems(ctx, planned.PlanID, all, true); err != nil {
					s.t.Fatal(err)
				}
			})
			s.apply(planned.PlanID)
		},
		"others were tried again": func(s *stage) {
			if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Retry(ctx, []string{"1"}) }); err != nil {
				s.t.Fatal(err)
			}
		},
		"the run was cut off": func(s *stage) { s.stopAtPoint("started-anew", 1) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newRemapped(t)
			first(s)
			s.run()
			if _, p := s.by("email", "b@example.com"); p["lastname"] != "Smith" {
				t.Errorf("HubSpot wins, but its value was written over by %q", p["lastname"])
			}
			if !strings.Contains(s.contents(), "2,b@example.com,B,Smith,Smith") {
				t.Errorf("the file did not get HubSpot's value:\n%s", s.contents())
			}
			s.wantNothingToDo(2)
		})
	}
}

// What the first run agreed on before it was cut off counts no more when a field is
// mapped anew before the next.
func TestAFieldThatIsMappedAnewStartsAnewThoughTheFirstRunWasCutOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(remapped, "field: Mobile", "field: Last", 1),
		"id,Email,First,Last,Mobile\n1,a@example.com,A,Miller,M1\n2,b@example.com,B,Smith,M2\n")
	s.stopAtPoint("before-watermark", 1)
	s.write(s.def, remapped)
	s.run()
	if _, p := s.by("email", "b@example.com"); p["lastname"] != "Smith" {
		t.Errorf("HubSpot wins, but its value was written over by %q", p["lastname"])
	}
}
