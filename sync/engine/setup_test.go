package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// lostAnswers are the ways in which nobody can tell whether a call took effect.
var lostAnswers = map[string]practice.Fault{
	"an error before it":        {Kind: practice.ServerError},
	"an error after it":         {Kind: practice.ServerErrorAfter},
	"the line breaks before it": {Kind: practice.Reset},
	"the line breaks after it":  {Kind: practice.ResetAfter},
	"a page of a proxy":         {Kind: practice.HTMLAfter},
	"a cut answer":              {Kind: practice.Truncated},
	"no answer":                 {Kind: practice.HangAfter},
	"made much later":           {Kind: practice.Zombie, Delay: 20 * time.Second},
}

// The property by which a record is never made twice is there before the first
// record, whatever becomes of the answer to the call that makes it.
func TestTheKeysPropertyIsMadeThoughItsAnswerIsLost(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for name, fault := range lostAnswers {
		for shown, lag := range map[string]practice.Delay{"at once": nil, "later": practice.Fixed(900 * time.Millisecond)} {
			t.Run(name+", shown "+shown, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t, practice.Options{DefinitionLag: lag}, twoWay, people(3))
					fault.Writes, fault.Path = true, "/properties/"
					s.portal.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
					if res := s.run(); res.Counts.Created != 3 || len(res.Notes) != 0 {
						t.Errorf("%+v %q", res.Counts, res.Notes)
					}
					for email, key := range s.keys() {
						if key == "" {
							t.Errorf("%s has no key", email)
						}
					}
				})
			})
		}
	}
}

// The same holds in the other portal of two.
func TestTheKeysPropertyIsMadeInTheOtherPortalThoughItsAnswerIsLost(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
				if _, err := p.portal.Create("contacts", map[string]string{"email": "ann@example.com"}); err != nil {
					t.Fatal(err)
				}
				fault.Writes, fault.Path = true, "/properties/"
				p.other.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
				if res := p.run(); res.Counts.SourceCreated != 1 {
					t.Errorf("%+v %q", res.Counts, res.Notes)
				}
				for _, r := range p.other.Records("contacts") {
					if r[engine.SyncKeyProperty] == "" {
						t.Errorf("%v has no key", r)
					}
				}
			})
		})
	}
}

// What passes is not taken for a refusal: nothing is written with the weaker
// guarantee, and the next run does it all.
func TestAPassingErrorOfTheKeysPropertyIsNoRefusal(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]practice.FaultKind{"locked": practice.Locked, "throttled": practice.Throttle, "on the move": practice.Migrating, "an error": practice.ServerError} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, twoWay, people(3))
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind, Writes: true, Path: "/properties/", Times: -1}}})
				_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
				if err == nil || !strings.Contains(err.Error(), "so nothing was written") || s.portal.Count("contacts") != 0 {
					t.Errorf("%d contacts, %v", s.portal.Count("contacts"), err)
				}
				s.portal.SetFaults(practice.Faults{})
				if res := s.run(); s.portal.Count("contacts") != 3 {
					t.Errorf("%+v", res.Counts)
				}
				for email, key := range s.keys() {
					if key == "" {
						t.Errorf("%s has no key", email)
					}
				}
			})
		})
	}
}

// A property of the name that does not keep its values unique secures nothing,
// and is not taken for one that does.
func TestAKeysPropertyThatKeepsNothingUniqueIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	if err := s.portal.CreateProperty("contacts", practice.Property{Name: engine.SyncKeyProperty}); err != nil {
		t.Fatal(err)
	}
	res := s.run()
	if said := fmt.Sprint(res.Notes); res.Counts.Created != 3 || !strings.Contains(said, "does not keep its values unique: archive it in HubSpot") {
		t.Errorf("%+v %s", res.Counts, said)
	}
	for email, key := range s.keys() {
		if key != "" {
			t.Errorf("%s has the key %s", email, key)
		}
	}
}

const labelled = `
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
associations:
  - to: companies
    match: { field: Domain, property: domain }
    label: Landlord
`

// A label whose answer is lost is made once, and borne in the same run.
func TestALabelIsMadeThoughItsAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, labelled, "id,Email,Domain\n1,ann@acme.com,acme.com\n")
				if _, err := s.portal.Create("companies", map[string]string{"domain": "acme.com"}); err != nil {
					t.Fatal(err)
				}
				s.yes = true
				fault.Writes, fault.Path = true, "/labels"
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
				if res := s.run(); res.Counts.Associated != 1 || len(res.Notes) != 1 {
					t.Errorf("%+v %q", res.Counts, res.Notes)
				}
				if res := s.run(); res.Counts.Associated != 0 {
					t.Errorf("again: %+v %q", res.Counts, res.Notes)
				}
			})
		})
	}
}

// An object type whose answer is lost is made once, and filled in the same run.
func TestAnObjectTypeIsMadeThoughItsAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, machines, "id,Serial,Name,Mail\n1,M-1,Press,ada@example.com\n")
				s.yes = true
				fault.Writes, fault.Path = true, "/schemas"
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
				if res := s.run(); res.Counts.Created != 1 {
					t.Errorf("%+v %q", res.Counts, res.Notes)
				}
			})
		})
	}
}
