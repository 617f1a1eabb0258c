package engine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const peopleOfCompanies = `
syncline: 1
name: People
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
    label: Primary
    create-missing: true
    remove-others: true
`

const staff = `id,Email,Domain
1,ada@example.com,acme.com
2,bob@example.com,ACME.com
3,cy@example.com,beta.org
4,dee@example.com,
`

// edges are the associations of contacts with companies, as "email domain label".
func (s *stage) edges() []string {
	s.t.Helper()
	var all []string
	companies := make(map[string]string)
	for id, c := range s.portal.Records("companies") {
		companies[id] = c["domain"]
	}
	for id, c := range s.portal.Records("contacts") {
		got, err := s.client().BatchReadAssociations(s.t.Context(), "contacts", "companies", []string{id})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, e := range got.Edges {
			for _, t := range e.Types {
				all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", c["email"], companies[e.To], t.Label)))
			}
		}
	}
	slices.Sort(all)
	return all
}

// named is the id of the record with a value.
func (s *stage) named(object, property, value string) string {
	s.t.Helper()
	for id, p := range s.portal.Records(object) {
		if p[property] == value {
			return id
		}
	}
	s.t.Fatalf("no %s has the %s %s", object, property, value)
	return ""
}

// unlink removes an association, as a person would; link makes one.
func (s *stage) unlink(email, domain string) {
	s.t.Helper()
	ok(s.t, s.portal.Dissociate("contacts", s.named("contacts", "email", email), "companies", s.named("companies", "domain", domain), ""))
}

func (s *stage) link(email, domain string) {
	s.t.Helper()
	ok(s.t, s.portal.Associate("contacts", s.named("contacts", "email", email), "companies", s.named("companies", "domain", domain), ""))
}

func TestContactsAreAssociatedWithTheirCompaniesWhichAreMadeWhereTheyAreMissing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	if _, err := s.portal.Create("companies", map[string]string{"domain": "beta.org", "name": "Beta"}); err != nil {
		t.Fatal(err)
	}
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	if preview.Counts.Associated != 3 || preview.Counts.Created != 4 {
		t.Errorf("the plan has %+v", preview.Counts)
	}
	if n := s.portal.Count("companies"); n != 1 {
		t.Errorf("a preview made companies: there are %d", n)
	}
	res := s.run()
	if res.Counts.Associated != 3 || res.Counts.Created != 4 || res.Counts.Waiting != 0 {
		t.Errorf("the run came to %+v, %v", res.Counts, res.Notes)
	}
	want := []string{
		"ada@example.com acme.com", "ada@example.com acme.com Primary",
		"bob@example.com acme.com", "bob@example.com acme.com Primary",
		"cy@example.com beta.org", "cy@example.com beta.org Primary",
	}
	if diff := cmp.Diff(want, s.edges()); diff != "" {
		t.Error(diff)
	}
	if n := s.portal.Count("companies"); n != 2 {
		t.Errorf("there are %d companies", n)
	}
	writes := s.portal.Calls().Writes
	again := s.run()
	if again.Counts.Associated != 0 || again.Counts.Unchanged != 4 || s.portal.Calls().Writes != writes {
		t.Errorf("a second run wrote: %+v, %d writes", again.Counts, s.portal.Calls().Writes-writes)
	}
}

func TestAnAssociationThatAPersonRemovedIsNotMadeAgainUnasked(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	s.run()
	s.unlink("ada@example.com", "acme.com")
	res := s.run()
	if res.Counts.Associated != 0 || res.Counts.Waiting != 1 {
		t.Fatalf("the run came to %+v", res.Counts)
	}
	var open []store.Conflict
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err == nil {
			open, err = db.Conflicts(ctx, ids)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if len(open) != 1 || open[0].Cause != plan.CauseEdgeRemoved || open[0].Edge == nil {
		t.Fatalf("waiting: %+v", open)
	}
	if again := s.run(); again.Counts.Waiting != 1 {
		t.Errorf("a further run came to %+v", again.Counts)
	}
	s.settle(plan.ChooseHubSpot, "")
	if res := s.run(); res.Counts.Waiting != 0 || res.Counts.Associated != 0 || len(s.edges()) != 4 {
		t.Errorf("left removed: %+v, %q", res.Counts, s.edges())
	}
	if res := s.run(); res.Counts.Waiting != 0 || res.Counts.Associated != 0 {
		t.Errorf("asked again: %+v", res.Counts)
	}
	s.unlink("bob@example.com", "acme.com")
	s.run()
	s.settle(plan.ChooseSource, "")
	if res := s.run(); res.Counts.Associated != 1 || len(s.edges()) != 4 {
		t.Errorf("made again: %+v, %q", res.Counts, s.edges())
	}
}

func TestWhatTheSourceHasNoMoreIsRemovedOnlyIfThisSyncMadeIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	s.run()
	// Somebody adds a company by hand.
	s.link("ada@example.com", "beta.org")
	s.write(s.file, strings.NewReplacer("1,ada@example.com,acme.com", "1,ada@example.com,", "2,bob@example.com,ACME.com", "2,bob@example.com,beta.org").Replace(staff))
	res := s.run()
	if res.Counts.Associated != 1 || res.Counts.Dissociated != 2 {
		t.Errorf("the run came to %+v", res.Counts)
	}
	want := []string{"ada@example.com beta.org", "bob@example.com beta.org", "bob@example.com beta.org Primary", "cy@example.com beta.org", "cy@example.com beta.org Primary"}
	if diff := cmp.Diff(want, s.edges()); diff != "" {
		t.Error(diff)
	}
}

func TestUndoRemovesTheAssociationsAndWhatWasMadeForThem(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	s.yes = true
	if _, err := s.portal.Create("companies", map[string]string{"domain": "beta.org", "name": "Beta"}); err != nil {
		t.Fatal(err)
	}
	first := s.run()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, first.RunID) })
	if err != nil {
		t.Fatal(err)
	}
	if s.portal.Count("contacts") != 0 || s.portal.Count("companies") != 1 {
		t.Errorf("left: %d contacts, %d companies; %+v %v", s.portal.Count("contacts"), s.portal.Count("companies"), res.Counts, res.Notes)
	}
	if res := s.run(); res.Counts.Associated+res.Counts.Created != 0 {
		t.Errorf("what was undone is done again: %+v", res.Counts)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const accounts = `
syncline: 1
name: Accounts
source: { kind: csv, path: accounts.csv, key: [Id] }
hubspot: { object: companies, match: [ { field: Name, property: name } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Name, property: name } ]
`

const opportunities = `
syncline: 1
name: Opportunities
source: { kind: csv, path: opportunities.csv, key: [Id] }
hubspot: { object: deals, match: [ { field: Name, property: dealname } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Name, property: dealname } ]
associations:
  - { to: companies, link: { sync: accounts.yaml, field: AccountId } }
`

const roles = `
syncline: 1
name: Roles
source: { kind: csv, path: roles.csv, key: [Id] }
associate:
  from: { object: deals, link: { sync: opportunities.yaml, field: OpportunityId } }
  to: { object: contacts, match: { field: Email, property: email } }
  label: { field: Role, values: { DM: Decision maker } }
  remove-others: true
`

// perform runs a document of the stage's folder.
func (s *stage) perform(document string) engine.Result {
	s.t.Helper()
	s.def = filepath.Join(s.dir, document)
	return s.run()
}

// chain lays down accounts, opportunities and roles.
func chain(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 10_000}}, accounts, "")
	for name, text := range map[string]string{
		"accounts.yaml": accounts, "opportunities.yaml": opportunities, "roles.yaml": roles,
		"accounts.csv":      "Id,Name\nA1,Acme\nA2,Beta\n",
		"opportunities.csv": "Id,Name,AccountId\nO1,Roof,A1\nO2,Cellar,A2\nO3,Garden,A9\n",
		"roles.csv":         "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,DM\n2,O1,ada@example.com,Influencer\n3,O2,bob@example.com,DM\n4,O2,none@example.com,DM\n5,O1,bob@example.com,\n",
	} {
		s.write(filepath.Join(s.dir, name), text)
	}
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		if _, err := s.portal.Create("contacts", map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestRowsThatAreAssociationsJoinRecordsOfOtherSyncsWithTheirLabels(t *testing.T) {
	t.Parallel()
	s := chain(t)
	if res := s.perform("accounts.yaml"); res.Counts.Created != 2 {
		t.Fatalf("accounts: %+v", res.Counts)
	}
	res := s.perform("opportunities.yaml")
	if res.Counts.Created != 3 || res.Counts.Associated != 2 || res.Counts.Waiting != 1 {
		t.Fatalf("opportunities: %+v", res.Counts)
	}
	res = s.perform("roles.yaml")
	if res.Counts.Associated != 4 || res.Counts.Created != 4 || res.Counts.Failed != 1 || res.Counts.Waiting != 1 || res.Counts.Read != 5 {
		t.Fatalf("roles: %+v %q", res.Counts, res.Notes)
	}
	got, err := s.client().BatchReadAssociations(t.Context(), "deals", "contacts", []string{s.named("deals", "dealname", "Roof"), s.named("deals", "dealname", "Cellar")})
	ok(t, err)
	var labels []string
	for _, e := range got.Edges {
		for _, x := range e.Types {
			if x.Label != "" {
				labels = append(labels, x.Label)
			}
		}
	}
	slices.Sort(labels)
	if diff := cmp.Diff([]string{"Decision maker", "Decision maker", "Influencer"}, labels); diff != "" {
		t.Error(diff)
	}
	writes := s.portal.Calls().Writes
	if res := s.perform("roles.yaml"); res.Counts.Unchanged != 4 || res.Counts.Failed != 1 || res.Counts.Associated != 0 || s.portal.Calls().Writes != writes {
		t.Errorf("again: %+v, %d writes", res.Counts, s.portal.Calls().Writes-writes)
	}
	// What was missing comes: it is made without being asked.
	if _, err := s.portal.Create("contacts", map[string]string{"email": "none@example.com"}); err != nil {
		t.Fatal(err)
	}
	if res := s.perform("roles.yaml"); res.Counts.Associated != 1 || res.Counts.Waiting != 0 {
		t.Errorf("the missing one came: %+v", res.Counts)
	}
	// A role changes, and one goes.
	s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,DM\n3,O2,bob@example.com,Influencer\n4,O2,none@example.com,DM\n5,O1,bob@example.com,\n")
	res = s.perform("roles.yaml")
	if res.Counts.Associated != 1 || res.Counts.Dissociated != 2 || res.Counts.Updated != 1 {
		t.Errorf("changed: %+v", res.Counts)
	}
}

func TestAnAssociationRowsRunIsUndone(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.yes = true
	s.perform("accounts.yaml")
	opps := s.perform("opportunities.yaml")
	run := s.perform("roles.yaml")
	undo := func(document, id string) engine.Result {
		s.def = filepath.Join(s.dir, document)
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, id) })
		ok(t, err)
		return res
	}
	if res := undo("roles.yaml", run.RunID); res.Counts.Dissociated != 4 {
		t.Errorf("undone: %+v", res.Counts)
	}
	if n := len(s.portal.Associated("deals", s.named("deals", "dealname", "Roof"), "contacts")); n != 0 {
		t.Errorf("%d contacts are left on the deal", n)
	}
	if res := s.perform("roles.yaml"); res.Counts.Associated != 0 {
		t.Errorf("what was undone is done again: %+v", res.Counts)
	}
	if res := undo("opportunities.yaml", opps.RunID); s.portal.Count("deals") != 0 {
		t.Errorf("deals are left: %+v %q", res.Counts, res.Notes)
	}
	s.def = filepath.Join(s.dir, "roles.yaml")
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return engine.Result{}, e.Redo(ctx, run.RunID)
	})
	ok(t, err)
}

func TestWhatNamesARowThatCountsAsOneWithAnotherMeansThatOnesRecord(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.write(filepath.Join(s.dir, "accounts.csv"), "Id,Name\nA1,Acme\nA2,Beta\nA7,Acme\nA8,Acme\n")
	s.write(filepath.Join(s.dir, "opportunities.csv"), "Id,Name,AccountId\nO1,Roof,A7\nO2,Cellar,A8\nO3,Garden,A1\n")
	for range 3 {
		if res := s.perform("accounts.yaml"); res.Counts.Skipped != 2 {
			t.Fatalf("accounts: %+v", res.Counts)
		}
		if res := s.perform("opportunities.yaml"); res.Counts.Waiting != 0 || res.Counts.Failed != 0 {
			t.Errorf("opportunities: %+v", res.Counts)
		}
	}
	acme := s.named("companies", "name", "Acme")
	for _, deal := range []string{"Roof", "Cellar", "Garden"} {
		if got := s.portal.Associated("deals", s.named("deals", "dealname", deal), "companies"); len(got) != 1 || got[0] != acme {
			t.Errorf("%s is associated with %q, and not with %s", deal, got, acme)
		}
	}
}

func TestOneRecordMayBelongWithThousands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes thousands of records")
	}
	const many = 1500
	s := chain(t)
	var firms, keys strings.Builder
	firms.WriteString("Id,Name\n")
	for i := range many {
		fmt.Fprintf(&firms, "F%d,Firm %d\n", i, i)
		fmt.Fprintf(&keys, "F%d|", i)
	}
	s.write(filepath.Join(s.dir, "accounts.csv"), firms.String())
	s.write(filepath.Join(s.dir, "opportunities.csv"), "Id,Name,AccountId\nO1,Roof,"+keys.String()+"\nO2,Cellar,F1| F2 |F1\n")
	s.write(filepath.Join(s.dir, "opportunities.yaml"), strings.Replace(opportunities, "field: AccountId }", "field: AccountId }, split: \"|\", remove-others: true", 1))
	s.yes = true
	s.perform("accounts.yaml")
	if res := s.perform("opportunities.yaml"); res.Counts.Associated != many+2 || res.Counts.Waiting != 0 {
		t.Fatalf("%+v", res.Counts)
	}
	if n := len(s.portal.Associated("deals", s.named("deals", "dealname", "Roof"), "companies")); n != many {
		t.Errorf("the deal belongs with %d companies", n)
	}
	writes := s.portal.Calls().Writes
	if res := s.perform("opportunities.yaml"); res.Counts.Associated+res.Counts.Dissociated != 0 || s.portal.Calls().Writes != writes {
		t.Errorf("again: %+v", res.Counts)
	}
	s.write(filepath.Join(s.dir, "opportunities.csv"), "Id,Name,AccountId\nO1,Roof,F7\nO2,Cellar,F1\n")
	s.yes = false
	var guard *engine.GuardError
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") }); !errors.As(err, &guard) || guard.Guards[0].Name != "associations" {
		t.Errorf("nothing stops the removal of %d associations: %v", many, err)
	}
	s.yes = true
	if res := s.perform("opportunities.yaml"); res.Counts.Dissociated != many {
		t.Errorf("removed: %+v", res.Counts)
	}
}

func TestWhatHubSpotRefusesHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.write(filepath.Join(s.dir, "opportunities.yaml"), strings.Replace(opportunities, "field: AccountId }", "field: AccountId }, remove-others: true", 1))
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	// The company that the row names now is archived, which its sync does not know yet.
	ok(t, s.portal.Archive("companies", s.named("companies", "name", "Beta")))
	s.write(filepath.Join(s.dir, "opportunities.csv"), "Id,Name,AccountId\nO1,Roof,A2\nO2,Cellar,A1\n")
	res := s.perform("opportunities.yaml")
	if res.State != plan.RunDone || res.Counts.Associated != 1 || res.Counts.Dissociated == 0 || res.Counts.Waiting != 1 {
		t.Errorf("%s %+v %q", res.State, res.Counts, res.Notes)
	}
	if got := s.portal.Associated("deals", s.named("deals", "dealname", "Roof"), "companies"); len(got) != 0 {
		t.Errorf("the association that the source has no more is still there: %q", got)
	}
}

func TestThereIsOnlyOnePrimaryCompany(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(peopleOfCompanies, "label: Primary", "label: Primary\n    split: \";\"", 1), "id,Email,Domain\n1,ada@example.com,acme.com;beta.org\n")
	if res := s.run(); res.Counts.Associated != 0 || res.Counts.Waiting != 2 {
		t.Errorf("two primary companies: %+v", res.Counts)
	}
	s.write(s.file, "id,Email,Domain\n1,ada@example.com,acme.com\n")
	s.run()
	// Somebody makes another company the primary one.
	company, err := s.portal.Create("companies", map[string]string{"domain": "theirs.com"})
	ok(t, err)
	ok(t, s.portal.Associate("contacts", s.named("contacts", "email", "ada@example.com"), "companies", company, "Primary"))
	before := s.edges()
	res := s.run()
	if diff := cmp.Diff(before, s.edges()); diff != "" || res.Counts.Waiting != 1 {
		t.Errorf("theirs was replaced, or nobody is told: %+v\n%s", res.Counts, diff)
	}
	s.settle(plan.ChooseSource, "")
	s.run()
	if want := "ada@example.com acme.com Primary"; !slices.Contains(s.edges(), want) {
		t.Errorf("decided, and not carried out: %q", s.edges())
	}
	if res := s.run(); res.Counts.Waiting+res.Counts.Associated != 0 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}

func TestAStoredPlanDoesNotMakeAgainWhatSomebodyRemovedSince(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	stored, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	ok(t, err)
	s.run()
	s.unlink("ada@example.com", "acme.com")
	before := s.edges()
	_, err = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, stored.PlanID) })
	if diff := cmp.Diff(before, s.edges()); diff != "" {
		t.Errorf("it was made again (%v)\n%s", err, diff)
	}
	if s.portal.Count("contacts") != 4 || s.portal.Count("companies") != 2 {
		t.Errorf("doubled: %d contacts, %d companies", s.portal.Count("contacts"), s.portal.Count("companies"))
	}
}

func TestAStoredPlanDoesNotMakeWhatTheSourceHasNoMore(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	s.run()
	s.write(s.file, strings.Replace(staff, "4,dee@example.com,", "4,dee@example.com,acme.com", 1))
	stored, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	ok(t, err)
	s.write(s.file, staff)
	before := s.edges()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, stored.PlanID) })
	ok(t, err)
	if diff := cmp.Diff(before, s.edges()); diff != "" || res.Counts.Associated != 0 {
		t.Errorf("%+v\n%s", res.Counts, diff)
	}
}

func TestAPairThatSomethingElseAsksForKeepsTogether(t *testing.T) {
	t.Parallel()
	billed := strings.Replace(peopleOfCompanies, "associations:", `associations:
  - { to: companies, match: { field: Bill to, property: domain }, label: Biller, create-missing: true, remove-others: true }`, 1)
	billed = strings.Replace(billed, "    label: Primary\n", "", 1)
	s := newStage(t, practice.Options{}, billed, "id,Email,Domain,Bill to\n1,ada@example.com,acme.com,acme.com\n")
	if res := s.run(); res.Counts.Associated != 2 {
		t.Fatalf("%+v %q", res.Counts, s.edges())
	}
	s.write(s.file, "id,Email,Domain,Bill to\n1,ada@example.com,acme.com,\n")
	if res := s.run(); res.Counts.Dissociated != 1 || res.Counts.Waiting != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if !slices.Contains(s.edges(), "ada@example.com acme.com") || slices.Contains(s.edges(), "ada@example.com acme.com Biller") {
		t.Errorf("left: %q", s.edges())
	}
	if res := s.run(); res.Counts.Waiting+res.Counts.Associated+res.Counts.Dissociated != 0 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}
