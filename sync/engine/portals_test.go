package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
	"syncline/sync/source/portal"
)

const betweenPortals = `
syncline: 1
name: Sandbox to production
source: { kind: hubspot, portal: Sandbox, object: contacts }
hubspot:
  object: contacts
  match: [ { field: email, property: email } ]
direction: two-way
create: both
fields:
  - { field: email, property: email }
  - { field: firstname, property: firstname }
  - { field: lastname, property: lastname }
  - { field: phone, property: phone }
`

// pairOfPortals is a sync between two portals: portal is HubSpot's side, other the
// source.
type pairOfPortals struct {
	*stage
	other *practice.Portal
	// otherToken is "" for the portal's own.
	otherToken string
}

func newPair(t testing.TB, target, from practice.Options, text string) *pairOfPortals {
	t.Helper()
	target.PortalID, from.PortalID = 111, 222
	p := &pairOfPortals{stage: newStage(t, target, text, ""), other: practicetest.New(t, practicetest.Unhurried(from))}
	return p
}

// with opens everything anew, as a new process would, and does f.
func (p *pairOfPortals) with(f func(context.Context, *engine.Engine) (engine.Result, error)) (engine.Result, error) {
	p.t.Helper()
	ctx := p.t.Context()
	db, err := store.Open(ctx, p.workspace)
	ok(p.t, err)
	defer db.Close()
	d, err := definition.Load(p.def)
	ok(p.t, err)
	token := p.otherToken
	if token == "" {
		token = p.other.Token()
	}
	client, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(token), Transport: p.other.Transport(), Reserve: -1})
	ok(p.t, err)
	src, err := portal.Open(ctx, portal.Options{Client: client, Portal: d.Source.Portal, Object: d.Source.Object, Key: d.Source.Key, Modified: d.Source.Modified, Use: d.Columns(), Whole: d.Delete.RecordGone == "delete"})
	if err != nil {
		return engine.Result{}, err
	}
	return f(ctx, &engine.Engine{Store: db, Client: p.client(), Source: src, Definition: d, Confirmed: p.yes, At: p.at, Now: p.now})
}

func (p *pairOfPortals) run() engine.Result {
	p.t.Helper()
	res, err := p.try()
	if err != nil {
		p.t.Fatalf("run: %v", err)
	}
	if res.Counts.Sum() != res.Counts.Read {
		p.t.Errorf("the fates do not add up: %+v", res.Counts)
	}
	return res
}

func (p *pairOfPortals) try() (engine.Result, error) {
	p.t.Helper()
	return p.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
}

// stopAt runs until the n-th point between durable steps; see stage.stopAt.
func (p *pairOfPortals) stopAt(n int) (point string, stopped bool) {
	p.t.Helper()
	return p.stopWhenIn(func(string) bool { return true }, n, p.try)
}

func addPerson(t testing.TB, p *practice.Portal, i int) string {
	t.Helper()
	id, err := p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i), "firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i)})
	ok(t, err)
	return id
}

func edit(t testing.TB, p *practice.Portal, id string, kv ...string) {
	t.Helper()
	props := make(map[string]string)
	for i := 0; i < len(kv); i += 2 {
		props[kv[i]] = kv[i+1]
	}
	ok(t, p.Edit("contacts", id, props))
}

// emails counts the contacts of each address.
func emails(p *practice.Portal) map[string]int {
	all := make(map[string]int)
	for _, c := range p.Records("contacts") {
		all[c["email"]]++
	}
	return all
}

func idOf(t testing.TB, p *practice.Portal, email string) string {
	t.Helper()
	found := ""
	for id, c := range p.Records("contacts") {
		if c["email"] == email {
			if found != "" {
				t.Fatalf("%s is there twice", email)
			}
			found = id
		}
	}
	if found == "" {
		t.Fatalf("there is no %s", email)
	}
	return found
}

func TestContactsOfTwoPortalsAreMadeOnEachSideAndThenRest(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 130 {
		addPerson(t, p.other, i)
	}
	for i := 120; i < 250; i++ {
		addPerson(t, p.portal, i)
	}
	here, there := p.portal.Calls().Total, p.other.Calls().Total
	res := p.run()
	const opened = 2 // calls, before the run
	if res.Calls.Total != p.portal.Calls().Total-here+p.other.Calls().Total-there-opened || res.Calls.Source != p.other.Calls().Total-there-opened {
		t.Errorf("%+v of %d and %d calls", res.Calls, p.portal.Calls().Total-here, p.other.Calls().Total-there)
	}
	if diff := cmp.Diff(engine.Counts{Read: 250, Created: 240, SourceCreated: 120, Unchanged: 10}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s %v", diff, res.Notes)
	}
	one, other := emails(p.portal), emails(p.other)
	if len(one) != 250 || !maps.Equal(one, other) {
		t.Errorf("%d and %d addresses", len(one), len(other))
	}
	writes := p.portal.Calls().Writes + p.other.Calls().Writes
	res = p.run()
	if diff := cmp.Diff(engine.Counts{Read: 250, Unchanged: 250}, res.Counts); diff != "" {
		t.Errorf("second run (-want +got)\n%s", diff)
	}
	if n := p.portal.Calls().Writes + p.other.Calls().Writes - writes; n != 0 {
		t.Errorf("the second run made %d writes", n)
	}
}

func TestEditsInTwoPortalsFlowBothWaysAndDifferentOnesWait(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 4 {
		addPerson(t, p.other, i)
	}
	p.run()
	here := func(i int) string { return idOf(t, p.portal, fmt.Sprintf("p%d@example.com", i)) }
	there := func(i int) string { return idOf(t, p.other, fmt.Sprintf("p%d@example.com", i)) }
	edit(t, p.other, there(0), "firstname", "FromSandbox")
	edit(t, p.portal, here(1), "firstname", "FromProduction")
	edit(t, p.portal, here(2), "firstname", "Mine")
	edit(t, p.other, there(2), "firstname", "Theirs", "phone", "+4930123")
	res := p.run()
	if diff := cmp.Diff(engine.Counts{Read: 4, Updated: 2, Unchanged: 1, Conflict: 1, SourceUpdated: 1}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if r, _ := p.portal.Record("contacts", here(0)); r["firstname"] != "FromSandbox" {
		t.Errorf("here 0 is %q", r["firstname"])
	}
	if r, _ := p.other.Record("contacts", there(1)); r["firstname"] != "FromProduction" {
		t.Errorf("there 1 is %q", r["firstname"])
	}
	if r, _ := p.other.Record("contacts", there(2)); r["firstname"] != "Theirs" {
		t.Errorf("there 2 was written over: %q", r["firstname"])
	}
	p.settle(plan.ChooseHubSpot, "")
	p.run()
	if r, _ := p.other.Record("contacts", there(2)); r["firstname"] != "Mine" {
		t.Errorf("the decision was not carried out: %q", r["firstname"])
	}
	if res := p.run(); res.Counts.Unchanged != 4 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}

// The source's record is edited in the same moment in which it is written.
func TestAnEditInTheOtherPortalRightBeforeAWriteIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	id := addPerson(t, p.other, 1)
	p.run()
	edit(t, p.portal, idOf(t, p.portal, "p1@example.com"), "firstname", "Mine", "lastname", "Flows")
	p.other.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "batch/read", Before: func() { edit(t, p.other, id, "firstname", "Theirs") }}}})
	res := p.run()
	if res.Counts.Conflict != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if r, _ := p.other.Record("contacts", id); r["firstname"] != "Theirs" || r["lastname"] != "Flows" {
		t.Errorf("the record is %q %q", r["firstname"], r["lastname"])
	}
}

// HubSpot has no conditional write: what falls into the last round trip is found
// by its history, and waits.
func TestAnEditInTheLastRoundTripToTheOtherPortalWaitsInReview(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]string{plan.ChooseSource: "Theirs", plan.ChooseHubSpot: "Mine", plan.ChooseBase: "First1"} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
			id := addPerson(t, p.other, 1)
			p.run()
			mine := idOf(t, p.portal, "p1@example.com")
			edit(t, p.portal, mine, "firstname", "Mine")
			p.other.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "batch/update", Before: func() { edit(t, p.other, id, "firstname", "Theirs") }}}})
			if res := p.run(); res.Counts.Conflict != 1 {
				t.Fatalf("%+v", res.Counts)
			}
			if res := p.run(); res.Counts.Conflict != 1 {
				t.Errorf("it does not wait: %+v", res.Counts)
			}
			p.settle(choice, "")
			p.run()
			there, _ := p.other.Record("contacts", id)
			here, _ := p.portal.Record("contacts", mine)
			if there["firstname"] != want || here["firstname"] != want {
				t.Errorf("there it is %q and here %q, want %q", there["firstname"], here["firstname"], want)
			}
			if res := p.run(); res.Counts.Unchanged != 1 {
				t.Errorf("it does not come to rest: %+v", res.Counts)
			}
		})
	}
}

func TestWhatTheOtherPortalRefusesFailsAloneWithItsWords(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, strings.Replace(betweenPortals, "  - { field: phone, property: phone }", "  - { field: lifecyclestage, property: jobtitle, direction: from-hubspot }", 1))
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	for i := range 3 {
		edit(t, p.portal, idOf(t, p.portal, fmt.Sprintf("p%d@example.com", i)), "jobtitle", []string{"customer", "nonsense", "lead"}[i])
	}
	res := p.run()
	if res.Counts.Failed != 1 || res.Counts.SourceUpdated != 2 {
		t.Errorf("%+v", res.Counts)
	}
	if r, _ := p.other.Record("contacts", idOf(t, p.other, "p0@example.com")); r["lifecyclestage"] != "customer" {
		t.Errorf("the good ones did not flow: %v", r["lifecyclestage"])
	}
	// The source itself says what it would not take; HubSpot's refusals come by its answers.
	ok(t, p.other.CreateProperty("contacts", practice.Property{Name: "member_no", Label: "Member", Unique: true}))
	ok(t, p.other.Edit("contacts", idOf(t, p.other, "p2@example.com"), map[string]string{"member_no": "7"}))
	p.store(func(ctx context.Context, db *store.Store) {
		all, err := db.AttentionOf(ctx, 1)
		ok(t, err)
		if len(all) != 1 || !strings.Contains(all[0].Message, "nonsense") {
			t.Errorf("%+v", all)
		}
	})
	p.write(p.def, strings.Replace(betweenPortals, "  - { field: phone, property: phone }", "  - { field: member_no, property: jobtitle, direction: from-hubspot }", 1))
	for i, no := range []string{"5", "7", "9"} {
		edit(t, p.portal, idOf(t, p.portal, fmt.Sprintf("p%d@example.com", i)), "jobtitle", no)
	}
	p.run()
	p.store(func(ctx context.Context, db *store.Store) {
		all, err := db.AttentionOf(ctx, 1)
		ok(t, err)
		if !slices.ContainsFunc(all, func(a store.Attention) bool {
			return strings.Contains(a.Message, "HubSpot refused it in the portal “Sandbox”") && strings.Contains(a.Message, "member_no")
		}) {
			t.Errorf("%+v", all)
		}
	})
	if r, _ := p.other.Record("contacts", idOf(t, p.other, "p0@example.com")); r["member_no"] != "5" {
		t.Errorf("the good one did not flow: %q", r["member_no"])
	}
}

// Whatever goes wrong with a request to either portal, and whether it arrived or
// not: everything ends in both, and nothing twice.
func TestLostAnswersOfEitherPortalDoubleNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, side := range []string{"here", "there"} {
		for _, kind := range []practice.FaultKind{practice.ResetAfter, practice.ServerErrorAfter, practice.HalfCommitted, practice.Truncated, practice.Reset} {
			for _, path := range []string{"batch/create", "batch/update"} {
				t.Run(fmt.Sprint(side, kind, path), func(t *testing.T) {
					t.Parallel()
					p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
					for i := range 30 {
						addPerson(t, p.other, i)
						addPerson(t, p.portal, 15+i)
					}
					p.now = func() time.Time { return time.Now() }
					at := p.portal
					if side == "there" {
						at = p.other
					}
					if path == "batch/update" {
						p.run()
						for i := range 10 {
							edit(t, p.other, idOf(t, p.other, fmt.Sprintf("p%d@example.com", i)), "lastname", "Sandbox")
							edit(t, p.portal, idOf(t, p.portal, fmt.Sprintf("p%d@example.com", 20+i)), "lastname", "Production")
						}
					}
					at.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind, Path: path}}})
					for range 4 {
						if _, err := p.try(); err != nil {
							t.Logf("run: %v", err)
						}
					}
					at.SetFaults(practice.Faults{})
					res := p.run()
					if res.Counts.Unchanged != 45 {
						t.Errorf("it does not come to rest: %+v", res.Counts)
					}
					one, other := emails(p.portal), emails(p.other)
					if len(one) != 45 || !maps.Equal(one, other) || p.portal.Count("contacts") != 45 || p.other.Count("contacts") != 45 {
						t.Errorf("%d and %d contacts", p.portal.Count("contacts"), p.other.Count("contacts"))
					}
				})
			}
		}
	}
}

// A merge in the other portal leaves one record of two, under a new number.
func TestARecordThatWasMergedInTheOtherPortalIsFollowed(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals+"delete: { row-gone: archive }\n")
	p.yes = true
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	a, b := idOf(t, p.other, "p0@example.com"), idOf(t, p.other, "p1@example.com")
	into, err := p.other.Merge("contacts", a, b)
	ok(t, err)
	edit(t, p.other, into, "lastname", "Merged")
	res := p.run()
	if n := p.portal.Count("contacts"); n != 3 || res.Counts.Created != 0 {
		t.Errorf("%d contacts here: %+v", n, res.Counts)
	}
	if r, _ := p.portal.Record("contacts", idOf(t, p.portal, "p0@example.com")); r["lastname"] != "Merged" {
		t.Errorf("the survivor's edit did not flow: %q", r["lastname"])
	}
	if res := p.run(); res.Counts.Created+res.Counts.Updated+res.Counts.Archived != 0 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
	if n := p.other.Count("contacts"); n != 2 {
		t.Errorf("%d contacts there", n)
	}
}

// Whoever merges on one side usually merges on the other, too.
func TestRecordsThatWereMergedInBothPortalsGoOnAsOne(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	there, err := p.other.Merge("contacts", idOf(t, p.other, "p0@example.com"), idOf(t, p.other, "p1@example.com"))
	ok(t, err)
	p.run()
	here, err := p.portal.Merge("contacts", idOf(t, p.portal, "p0@example.com"), idOf(t, p.portal, "p1@example.com"))
	ok(t, err)
	p.run()
	p.run()
	edit(t, p.portal, here, "firstname", "One")
	edit(t, p.other, there, "phone", "+49301234567")
	p.run()
	if r, _ := p.other.Record("contacts", there); r["firstname"] != "One" {
		t.Errorf("there it is %q", r["firstname"])
	}
	if r, _ := p.portal.Record("contacts", here); r["phone"] != "+49301234567" {
		t.Errorf("here it is %q", r["phone"])
	}
	if p.portal.Count("contacts") != 2 || p.other.Count("contacts") != 2 {
		t.Errorf("%d here and %d there", p.portal.Count("contacts"), p.other.Count("contacts"))
	}
}

func TestRecordsThatAreArchivedAndRestoredInTheOtherPortalAreFollowed(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	id := idOf(t, p.other, "p1@example.com")
	ok(t, p.other.Archive("contacts", id))
	if res := p.run(); res.Counts.Skipped != 1 || res.Counts.SourceCreated != 0 {
		t.Errorf("%+v", res.Counts)
	}
	edit(t, p.portal, idOf(t, p.portal, "p1@example.com"), "lastname", "Meanwhile")
	ok(t, p.other.Restore("contacts", id))
	p.run()
	if r, _ := p.other.Record("contacts", id); r["lastname"] != "Meanwhile" {
		t.Errorf("the restored record is %q", r["lastname"])
	}
}

func TestArchivingHereArchivesThereWhereTheDefinitionSaysSo(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals+"delete: { record-gone: delete }\n")
	p.yes = true
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	ok(t, p.portal.Archive("contacts", idOf(t, p.portal, "p1@example.com")))
	p.run()
	if n := p.other.Count("contacts"); n != 2 {
		t.Errorf("%d contacts there", n)
	}
	if res := p.run(); res.Counts.Unchanged != 2 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}

// A record is archived only as a whole: what somebody wrote into a property that
// the sync does not map is an edit that nobody here has seen.
func TestNothingIsArchivedThereThatWasEditedWhereTheSyncDoesNotLook(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals+"delete: { record-gone: delete }\n")
	p.yes = true
	for i := range 3 {
		addPerson(t, p.other, i)
	}
	p.run()
	before, within := idOf(t, p.other, "p0@example.com"), idOf(t, p.other, "p1@example.com")
	edit(t, p.other, before, "jobtitle", "Known to nobody else")
	for i := range 3 {
		ok(t, p.portal.Archive("contacts", idOf(t, p.portal, fmt.Sprintf("p%d@example.com", i))))
	}
	p.at = func(point string) {
		if point == "intent" { // the last moment before the breath in which it is archived
			edit(t, p.other, within, "jobtitle", "Known to nobody else")
		}
	}
	res := p.run()
	p.at = nil
	if n := p.other.Count("contacts"); n != 2 || res.Counts.Conflict != 2 {
		t.Errorf("%d contacts there, %+v", n, res.Counts)
	}
	for _, id := range []string{before, within} {
		if r, _ := p.other.Record("contacts", id); r["jobtitle"] != "Known to nobody else" {
			t.Errorf("%s holds %v", id, r)
		}
	}
	if res := p.run(); res.Counts.Conflict != 2 || p.other.Count("contacts") != 2 {
		t.Errorf("the next run: %+v", res.Counts)
	}
}

// Wherever the program dies, the next run ends with the same records on both
// sides, each once.
func TestARunBetweenPortalsThatDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	for n := 1; ; n++ {
		p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
		for i := range 4 {
			addPerson(t, p.other, i)
		}
		p.run()
		addPerson(t, p.other, 10)
		addPerson(t, p.portal, 11)
		edit(t, p.other, idOf(t, p.other, "p0@example.com"), "lastname", "Sandbox")
		edit(t, p.portal, idOf(t, p.portal, "p1@example.com"), "lastname", "Production")
		point, stopped := p.stopAt(n)
		if !stopped {
			if n < 15 {
				t.Errorf("the run has only %d points", n)
			}
			return
		}
		p.run()
		p.run()
		want := map[string]int{"p0@example.com": 1, "p1@example.com": 1, "p2@example.com": 1, "p3@example.com": 1, "p10@example.com": 1, "p11@example.com": 1}
		if diff := cmp.Diff([]map[string]int{want, want}, []map[string]int{emails(p.portal), emails(p.other)}); diff != "" {
			t.Errorf("after %d (%s)\n%s", n, point, diff)
		}
		if r, _ := p.portal.Record("contacts", idOf(t, p.portal, "p0@example.com")); r["lastname"] != "Sandbox" {
			t.Errorf("after %d (%s): the edit there is lost: %q", n, point, r["lastname"])
		}
		if r, _ := p.other.Record("contacts", idOf(t, p.other, "p1@example.com")); r["lastname"] != "Production" {
			t.Errorf("after %d (%s): the edit here is lost: %q", n, point, r["lastname"])
		}
		if res := p.run(); res.Counts.Unchanged != 6 {
			t.Errorf("after %d (%s): it does not come to rest: %+v", n, point, res.Counts)
		}
	}
}

func TestAWrongTokenOfOneSideStopsBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	addPerson(t, p.other, 1)
	p.otherToken = "pat-na1-00000000-0000-0000-0000-000000000000"
	_, err := p.try()
	if !hubspot.IsAuth(err) || !strings.Contains(err.Error(), "Sandbox") {
		t.Errorf("got %v", err)
	}
	p.otherToken = ""
	p.token = "pat-na1-00000000-0000-0000-0000-000000000000"
	if _, err := p.try(); !hubspot.IsAuth(err) {
		t.Errorf("got %v", err)
	}
	if p.portal.Count("contacts") != 0 || p.other.Count("contacts") != 1 {
		t.Error("something was written")
	}
}

func TestAnObjectIsNotKeptInStepWithItself(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	p.other = p.portal
	_, err := p.try()
	var wrong *definition.Error
	if !errors.As(err, &wrong) || !slices.ContainsFunc(wrong.Problems, func(x definition.Problem) bool { return x.Key == "source.portal" }) {
		t.Errorf("got %v", err)
	}
}

// An undo takes the records out of both portals again that the run made, and
// leaves those in which somebody has filled in something.
func TestAnUndoTakesBackWhatWasMadeInBothPortals(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	p.yes = true
	for i := range 3 {
		addPerson(t, p.other, i)
		addPerson(t, p.portal, 10+i)
	}
	res := p.run()
	edit(t, p.other, idOf(t, p.other, "p10@example.com"), "jobtitle", "by hand")
	undone, err := p.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) })
	ok(t, err)
	if here, there := p.portal.Count("contacts"), p.other.Count("contacts"); here != 3 || there != 4 {
		t.Errorf("%d here and %d there: %+v", here, there, undone.Counts)
	}
	if res := p.run(); res.Counts.Created+res.Counts.Updated+res.Counts.SourceCreated != 0 {
		t.Errorf("the next run did it again: %+v", res.Counts)
	}
}
