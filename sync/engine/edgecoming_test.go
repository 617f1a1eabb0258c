package engine_test

import (
	"context"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const friends = `
syncline: 1
name: People
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Email, property: email, conflict: review } ]
associations:
  - { to: contacts, match: { field: Friend, property: email } }
`

// A record that was to be given an address, and was not, is not the one that has it.
func TestARecordThatDidNotComeToItsValueIsNotTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, friends, "id,Email,Friend\n1,ada@example.com,\n2,bob@example.com,\n")
	s.run()
	ada := s.named("contacts", "email", "ada@example.com")
	s.write(s.file, "id,Email,Friend\n1,lovelace@example.com,\n2,bob@example.com,lovelace@example.com\n")
	stored, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	ok(t, err)
	if stored.Counts.Associated != 1 {
		t.Fatalf("the plan: %+v", stored.Counts)
	}
	s.edit(ada, "email", "byron@example.com")
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, stored.PlanID) })
	ok(t, err)
	if got := s.portal.Associated("contacts", ada, "contacts"); len(got) != 0 || res.Counts.Conflict != 1 {
		t.Errorf("whose address is byron@example.com is a friend: %q, %+v", got, res.Counts)
	}
	s.settle(plan.ChooseSource, "")
	if res := s.run(); len(s.portal.Associated("contacts", ada, "contacts")) != 1 || res.Counts.Waiting != 0 {
		t.Errorf("it has the address now, and %+v %q", res.Counts, res.Notes)
	}
}

// The same where HubSpot refused the value, because another record has it by now: that
// one is meant, as soon as it is found.
func TestARecordThatWasRefusedItsValueIsNotTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, friends, "id,Email,Friend\n1,ada@example.com,\n2,bob@example.com,\n")
	s.run()
	ada := s.named("contacts", "email", "ada@example.com")
	s.write(s.file, "id,Email,Friend\n1,lovelace@example.com,\n2,bob@example.com,lovelace@example.com\n")
	stored, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	ok(t, err)
	other, err := s.portal.Create("contacts", map[string]string{"email": "lovelace@example.com"})
	ok(t, err)
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, stored.PlanID) })
	ok(t, err)
	if got := s.portal.Associated("contacts", ada, "contacts"); len(got) != 0 {
		t.Errorf("ada@example.com is a friend: %q, %+v", got, res.Counts)
	}
	if res := s.run(); len(s.portal.Associated("contacts", ada, "contacts")) != 0 || len(s.portal.Associated("contacts", other, "contacts")) != 1 {
		t.Errorf("the one that has the address is no friend: %+v %q", res.Counts, res.Notes)
	}
}
