package engine_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// Owners travel by their address and stages by their label, whatever ids each
// portal has for them.
func TestOwnersAndStagesTravelByTheirNames(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, `
syncline: 1
name: Deals
source: { kind: hubspot, portal: Sandbox, object: deals }
hubspot: { object: deals, match: [ { field: dealname, property: dealname } ] }
direction: two-way
create: both
fields:
  - { field: dealname, property: dealname }
  - { field: pipeline, property: pipeline }
  - { field: dealstage, property: dealstage }
  - { field: hubspot_owner_id, property: hubspot_owner_id }
`)
	enterprise := hubspot.Pipeline{Label: "Enterprise", Stages: []hubspot.Stage{{Label: "Talk", Metadata: map[string]string{"probability": "0.2"}}, {Label: "Signed", Metadata: map[string]string{"probability": "1.0"}}}}
	here, err := p.client().CreatePipeline(t.Context(), "deals", enterprise)
	ok(t, err)
	other, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.other.Token()), Transport: p.other.Transport(), Reserve: -1})
	ok(t, err)
	p.other.AddOwner("nobody@example.com", "No", "Body") // so that ids differ
	_, err = other.CreatePipeline(t.Context(), "deals", hubspot.Pipeline{Label: "Before", Stages: enterprise.Stages})
	ok(t, err)
	there, err := other.CreatePipeline(t.Context(), "deals", enterprise)
	ok(t, err)
	annHere, annThere := p.portal.AddOwner("ann@example.com", "Ann", "Lee"), p.other.AddOwner("Ann@example.com", "Ann", "Lee")
	bobHere := p.portal.AddOwner("bob@example.com", "Bob", "Ray")
	if annHere == annThere || here.ID == there.ID || here.Stages[1].ID == there.Stages[1].ID {
		t.Fatal("the portals have the same ids")
	}
	_, err = p.other.Create("deals", map[string]string{"dealname": "One", "pipeline": there.ID, "dealstage": there.Stages[0].ID, "hubspot_owner_id": annThere})
	ok(t, err)
	_, err = p.portal.Create("deals", map[string]string{"dealname": "Two", "pipeline": here.ID, "dealstage": here.Stages[1].ID, "hubspot_owner_id": annHere})
	ok(t, err)
	_, err = p.portal.Create("deals", map[string]string{"dealname": "Three", "pipeline": here.ID, "dealstage": here.Stages[1].ID, "hubspot_owner_id": bobHere})
	ok(t, err)
	res := p.run()
	if res.Counts.Created != 2 || res.Counts.SourceCreated != 1 || res.Counts.Failed != 1 { // Bob is unknown there
		t.Errorf("%+v %v", res.Counts, res.Notes)
	}
	deal := func(p *practice.Portal, name string) map[string]string {
		for _, d := range p.Records("deals") {
			if d["dealname"] == name {
				return d
			}
		}
		t.Errorf("there is no %s", name)
		return nil
	}
	if d := deal(p.portal, "One"); d["pipeline"] != here.ID || d["dealstage"] != here.Stages[0].ID || d["hubspot_owner_id"] != annHere {
		t.Errorf("here One is %v", d)
	}
	if d := deal(p.other, "Two"); d["pipeline"] != there.ID || d["dealstage"] != there.Stages[1].ID || d["hubspot_owner_id"] != annThere {
		t.Errorf("there Two is %v", d)
	}
	if res := p.run(); res.Counts.Created+res.Counts.Updated+res.Counts.SourceUpdated != 0 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}

// 5,000 contacts go from the sandbox to production, edits of both come back, and
// nothing is there twice.
func TestFiveThousandContactsGoToProductionAndBack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("moves 5,000 records")
	}
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 5000 {
		addPerson(t, p.other, i)
	}
	if res := p.run(); res.Counts.Created != 5000 {
		t.Fatalf("%+v", res.Counts)
	}
	n := 0
	for id, r := range maps.Collect(p.portal.Records("contacts")) {
		if n++; n%5 == 0 {
			edit(t, p.portal, id, "lastname", "Back "+r["lastname"])
		}
	}
	writes := p.other.Calls().Writes
	if res := p.run(); res.Counts.SourceUpdated != 1000 || res.Counts.Conflict+res.Counts.Failed != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if n := p.other.Calls().Writes - writes; n != 10 {
		t.Errorf("%d writes for 1,000 records", n)
	}
	if res := p.run(); res.Counts.Unchanged != 5000 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
	if one, other := emails(p.portal), emails(p.other); len(one) != 5000 || !maps.Equal(one, other) {
		t.Errorf("%d and %d addresses", len(one), len(other))
	}
}

// A portal at its limit holds up its own calls and nobody else's.
func TestALimitOfOnePortalDoesNotStallTheOther(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
	for i := range 30 {
		addPerson(t, p.other, i)
	}
	p.other.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Throttle, Times: 2, RetryAfter: time.Second}}})
	if res := p.run(); res.Counts.Created != 30 || res.Calls.Throttled != 0 {
		t.Errorf("%+v %+v", res.Counts, res.Calls)
	}
}

// Contacts are associated here as they are there, by the links of the companies'
// own sync.
func TestAssociationsFollowTheLinksOfAnotherSyncBetweenThePortals(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, "")
	companies := strings.NewReplacer("object: contacts", "object: companies", "field: email, property: email", "field: domain, property: domain", "field: firstname, property: firstname", "field: name, property: name",
		"  - { field: lastname, property: lastname }\n", "", "Sandbox to production", "Companies").Replace(betweenPortals)
	contacts := betweenPortals + "associations: [ { to: companies, link: { sync: companies.yaml, field: associated companies }, split: \";\", remove-others: true } ]\n"
	people := p.def
	p.write(people, contacts)
	p.def = strings.Replace(people, "sync.yaml", "companies.yaml", 1)
	p.write(p.def, companies)
	ann, bob := addPerson(t, p.other, 1), addPerson(t, p.other, 2)
	var acme, beta string
	var err error
	acme, err = p.other.Create("companies", map[string]string{"domain": "acme.example", "name": "Acme"})
	ok(t, err)
	beta, err = p.other.Create("companies", map[string]string{"domain": "beta.example", "name": "Beta"})
	ok(t, err)
	ok(t, p.other.Associate("contacts", ann, "companies", acme, ""))
	ok(t, p.other.Associate("contacts", ann, "companies", beta, ""))
	ok(t, p.other.Associate("contacts", bob, "companies", beta, ""))
	p.run()
	p.def = people
	res := p.run()
	names := func(email string) []string {
		var all []string
		for _, id := range p.portal.Associated("contacts", idOf(t, p.portal, email), "companies") {
			r, _ := p.portal.Record("companies", id)
			all = append(all, r["name"])
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff([][]string{{"Acme", "Beta"}, {"Beta"}}, [][]string{names("p1@example.com"), names("p2@example.com")}); diff != "" {
		t.Errorf("%s\n%+v %v", diff, res.Counts, res.Notes)
	}
	ok(t, p.other.Dissociate("contacts", ann, "companies", beta, ""))
	p.run()
	if diff := cmp.Diff([]string{"Acme"}, names("p1@example.com")); diff != "" {
		t.Error(diff)
	}
}

// Where the token may not make the property, a lost create is found by what it
// holds.
func TestALostCreateInAPortalWithoutOurPropertyIsFoundByItsValues(t *testing.T) {
	t.Parallel()
	const weak = "pat-na1-11111111-2222-3333-4444-555555555555"
	p := newPair(t, practice.Options{}, practice.Options{Tokens: []practice.Token{{Value: weak, Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read"}}}}, betweenPortals)
	p.otherToken = weak
	for i := range 5 {
		addPerson(t, p.portal, i)
	}
	p.other.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ResetAfter, Path: "batch/create"}}})
	p.run()
	if one := emails(p.other); len(one) != 5 || p.other.Count("contacts") != 5 {
		t.Errorf("%v", one)
	}
	if res := p.run(); res.Counts.Unchanged != 5 {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}

// A request that was given up may still arrive, long after. What is written to the
// same record meanwhile waits until it can't any more, and is not undone by it.
func TestALateRequestToTheOtherPortalUndoesNoLaterWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]func(p *pairOfPortals, mine string, run engine.Result) (there, here string){
		"of the next run": func(p *pairOfPortals, mine string, _ engine.Result) (string, string) {
			edit(p.t, p.portal, mine, "firstname", "Third")
			p.run()
			return "Third", "Third"
		},
		"that gives back what was there": func(p *pairOfPortals, mine string, _ engine.Result) (string, string) {
			edit(p.t, p.portal, mine, "firstname", "First1")
			p.run()
			return "First1", "First1"
		},
		"of an undo": func(p *pairOfPortals, _ string, run engine.Result) (string, string) {
			_, err := p.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				return e.Undo(ctx, run.RunID)
			})
			ok(p.t, err)
			return "First1", "Second" // which a person wrote in HubSpot
		},
	}
	for name, later := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, practice.Options{}, practice.Options{}, betweenPortals)
				id := addPerson(t, p.other, 1)
				p.run()
				mine := idOf(t, p.portal, "p1@example.com")
				edit(t, p.portal, mine, "firstname", "Second")
				p.other.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Zombie, Path: "batch/update", Delay: 100 * time.Second}}})
				res := p.run() // sends it again, which is the same
				if r, _ := p.other.Record("contacts", id); r["firstname"] != "Second" {
					t.Fatalf("it did not flow: %q", r["firstname"])
				}
				time.Sleep(5 * time.Second)
				there, here := later(p, mine, res)
				time.Sleep(10 * time.Minute) // the late request has arrived by now
				p.run()
				if r, _ := p.other.Record("contacts", id); r["firstname"] != there {
					t.Errorf("the other portal holds %q, want %q", r["firstname"], there)
				}
				if r, _ := p.portal.Record("contacts", mine); r["firstname"] != here {
					t.Errorf("HubSpot holds %q, want %q", r["firstname"], here)
				}
				if res := p.run(); res.Counts.Unchanged+res.Counts.Skipped != 1 || len(p.live()) != 0 {
					t.Errorf("it does not come to rest: %+v %+v", res.Counts, p.live())
				}
			})
		})
	}
}

// Rows may be known by a property that HubSpot keeps unique.
func TestRowsOfAPortalAreKnownByAUniquePropertyWhereTheDefinitionSaysSo(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, strings.Replace(betweenPortals, "object: contacts }\nhubspot", "object: contacts, key: [email] }\nhubspot", 1))
	addPerson(t, p.other, 1)
	addPerson(t, p.portal, 2)
	if res := p.run(); res.Counts.Created != 2 || res.Counts.SourceCreated != 1 {
		t.Errorf("%+v", res.Counts)
	}
	edit(t, p.portal, idOf(t, p.portal, "p1@example.com"), "lastname", "New")
	if res := p.run(); res.Counts.SourceUpdated != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if r, _ := p.other.Record("contacts", idOf(t, p.other, "p1@example.com")); r["lastname"] != "New" {
		t.Errorf("%v", r["lastname"])
	}
	p.write(p.def, strings.Replace(betweenPortals, "object: contacts }\nhubspot", "object: contacts, key: [lastname] }\nhubspot", 1))
	_, err := p.try()
	var wrong *definition.Error
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "unique") {
		t.Errorf("got %v", err)
	}
}

// Records keep the owner who left: where both portals say the same one, nothing is
// open. Nothing is given to who left.
func TestAnOwnerWhoLeftIsTheSameInBothPortals(t *testing.T) {
	t.Parallel()
	p := newPair(t, practice.Options{}, practice.Options{}, `
syncline: 1
name: Contacts
source: { kind: hubspot, portal: Sandbox, object: contacts }
hubspot: { object: contacts, match: [ { field: email, property: email } ] }
direction: two-way
create: both
fields:
  - { field: email, property: email }
  - { field: hubspot_owner_id, property: hubspot_owner_id }
`)
	p.other.AddOwner("nobody@example.com", "No", "Body") // so that ids differ
	here, there := p.portal.AddOwner("grace@example.com", "Grace", "Gone"), p.other.AddOwner("grace@example.com", "Grace", "Gone")
	for email, owner := range map[string]string{"same@example.com": here, "none@example.com": ""} {
		_, err := p.portal.Create("contacts", map[string]string{"email": email, "hubspot_owner_id": owner})
		ok(t, err)
		_, err = p.other.Create("contacts", map[string]string{"email": email, "hubspot_owner_id": there})
		ok(t, err)
	}
	p.portal.ArchiveOwner(here)
	p.other.ArchiveOwner(there)
	for range 2 {
		res := p.run()
		if res.Counts.Unchanged != 1 || res.Counts.Conflict != 0 || res.Counts.Failed != 1 {
			t.Errorf("%+v %v", res.Counts, res.Notes)
		}
	}
}
