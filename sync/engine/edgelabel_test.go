package engine_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/plan"
)

// roles are the labels that join deals to contacts, "" where there is none.
func (s *stage) roles() string {
	s.t.Helper()
	var deals []string
	name := map[string]string{}
	for id, p := range s.portal.Records("deals") {
		deals, name[id] = append(deals, id), p["dealname"]
	}
	for id, p := range s.portal.Records("contacts") {
		name[id], _, _ = strings.Cut(p["email"], "@")
	}
	got, err := s.client().BatchReadAssociations(s.t.Context(), "deals", "contacts", deals)
	ok(s.t, err)
	var all []string
	for _, e := range got.Edges {
		var labels []string
		for _, x := range e.Types {
			if x.Label != "" {
				labels = append(labels, x.Label)
			}
		}
		slices.Sort(labels)
		all = append(all, strings.TrimSpace(name[e.From]+" "+name[e.To]+" "+strings.Join(labels, "+")))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// A label takes the place of another on the same pair, in one run, whichever was
// there first; with the last one the pair goes, which nothing had joined before.
func TestALabelTakesThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	for _, step := range []struct{ rows, want string }{
		{"1,O1,ada@example.com,DM", "Roof ada Decision maker"},
		{"1,O1,ada@example.com,Influencer", "Roof ada Influencer"},
		{"2,O1,ada@example.com,Payer", "Roof ada Payer"}, // another row, of another key
		{"2,O1,ada@example.com,Payer\n3,O1,ada@example.com,DM", "Roof ada Decision maker+Payer"},
		{"3,O1,ada@example.com,Payer\n2,O1,ada@example.com,DM", "Roof ada Decision maker+Payer"}, // they change places
		{"2,O1,ada@example.com,DM", "Roof ada Decision maker"},
		{"2,O1,ada@example.com,", "Roof ada"},
		{"2,O1,ada@example.com,DM", "Roof ada Decision maker"},
		{"", ""},
	} {
		s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n"+step.rows+"\n")
		res := s.perform("roles.yaml")
		if got := s.roles(); got != step.want || res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("%q: HubSpot has %q, want %q: %+v", step.rows, got, step.want, res.Counts)
		}
		if res := s.perform("roles.yaml"); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("%q: it does not come to rest: %+v", step.rows, res.Counts)
		}
	}
}

// What somebody had joined before stays joined when the label goes that a sync gave
// to it.
func TestAPairThatWasJoinedBeforeStaysWhenItsLabelsGo(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	ok(t, s.portal.Associate("deals", s.named("deals", "dealname", "Roof"), "contacts", s.named("contacts", "email", "ada@example.com"), ""))
	for _, step := range []struct{ rows, want string }{
		{"1,O1,ada@example.com,DM", "Roof ada Decision maker"},
		{"1,O1,ada@example.com,Influencer", "Roof ada Influencer"},
		{"", "Roof ada"},
	} {
		s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n"+step.rows+"\n")
		s.perform("roles.yaml")
		if got := s.roles(); got != step.want {
			t.Errorf("%q: HubSpot has %q, want %q", step.rows, got, step.want)
		}
	}
}

// A pair that a person took apart is not joined again unasked because its label changed
// in the source, whether that is seen when the plan is made or only when it is applied.
func TestAPairThatAPersonTookApartIsNotJoinedAgainUnderAnotherLabel(t *testing.T) {
	t.Parallel()
	for _, shown := range []bool{false, true} {
		s := chain(t)
		s.perform("accounts.yaml")
		s.perform("opportunities.yaml")
		s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,DM\n2,O2,bob@example.com,Influencer\n")
		s.perform("roles.yaml")
		s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,Influencer\n2,O2,bob@example.com,Influencer\n")
		plans := ""
		if shown {
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
			ok(t, err)
			plans = res.PlanID
		}
		ok(t, s.portal.Dissociate("deals", s.named("deals", "dealname", "Roof"), "contacts", s.named("contacts", "email", "ada@example.com"), ""))
		if !shown {
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
			ok(t, err)
			if res.Counts.Conflict != 1 || res.Counts.Associated > 0 {
				t.Errorf("the plan: %+v", res.Counts)
			}
		}
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, plans) })
		ok(t, err)
		for range 2 {
			if s.roles() != "Cellar bob Influencer" || res.Counts.Conflict != 1 {
				t.Errorf("shown %v: HubSpot has %q: %+v", shown, s.roles(), res.Counts)
			}
			res = s.perform("roles.yaml")
		}
		s.settle(plan.ChooseSource, "")
		if res := s.perform("roles.yaml"); s.roles() != "Cellar bob Influencer, Roof ada Influencer" || res.Counts.Conflict > 0 {
			t.Errorf("shown %v: decided, and HubSpot has %q: %+v", shown, s.roles(), res.Counts)
		}
		if res := s.perform("roles.yaml"); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("shown %v: it does not come to rest: %+v", shown, res.Counts)
		}
	}
}
