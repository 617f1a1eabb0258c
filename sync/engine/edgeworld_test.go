package engine_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// edgeWorld is a file of people with their companies, a portal in which somebody
// associates and dissociates by hand, and a ghost that knows of every association
// who had the last word on it.
type edgeWorld struct {
	*stage
	r     *rand.Rand
	cells map[int]map[string]bool // person -> domains in the file
	// hand are associations that a person made or removed since both sides last agreed:
	// true = made, false = removed.
	hand map[string]bool
	ours map[string]bool // the sync made them, and nobody removed them since
	// agreed are those that the file and HubSpot had after the last run.
	agreed map[string]bool
	log    []string
}

const worldOfEdges = `
syncline: 1
name: People
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Email, property: email } ]
associations:
  - to: companies
    match: { field: Domains, property: domain }
    split: ";"
    create-missing: true
    remove-others: true
`

const worldPeople, worldDomains = 6, 5

func (w *edgeWorld) say(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func domain(i int) string { return fmt.Sprintf("d%d.com", i) }

func pair(person int, domain string) string { return fmt.Sprintf("p%d@example.com %s", person, domain) }

func (w *edgeWorld) save() {
	var b strings.Builder
	b.WriteString("id,Email,Domains\n")
	for p := range worldPeople {
		fmt.Fprintf(&b, "%d,p%d@example.com,%s\n", p, p, strings.Join(slices.Sorted(maps.Keys(w.cells[p])), ";"))
	}
	w.write(w.file, b.String())
}

// plain are the pairs that are associated.
func (w *edgeWorld) plain() map[string]bool {
	all := make(map[string]bool)
	domains := make(map[string]string)
	for id, c := range w.portal.Records("companies") {
		domains[id] = c["domain"]
	}
	people := make(map[string]string)
	for id, c := range w.portal.Records("contacts") {
		people[id] = c["email"]
	}
	for id, email := range people {
		for _, to := range w.portal.Associated("contacts", id, "companies") {
			all[email+" "+domains[to]] = true
		}
	}
	return all
}

// edit changes a cell, or an association by hand.
func (w *edgeWorld) edit() {
	p, d := w.r.IntN(worldPeople), domain(w.r.IntN(worldDomains))
	if w.r.IntN(2) == 0 {
		if w.cells[p][d] {
			delete(w.cells[p], d)
			w.say("the file loses %s", pair(p, d))
		} else {
			w.cells[p][d] = true
			w.say("the file gains %s", pair(p, d))
		}
		w.save()
		return
	}
	person, company := "", ""
	for id, c := range w.portal.Records("contacts") {
		if c["email"] == fmt.Sprintf("p%d@example.com", p) {
			person = id
		}
	}
	for id, c := range w.portal.Records("companies") {
		if c["domain"] == d {
			company = id
		}
	}
	if person == "" || company == "" {
		return
	}
	k := pair(p, d)
	if w.plain()[k] {
		ok(w.t, w.portal.Dissociate("contacts", person, "companies", company, ""))
		if w.agreed[k] { // else no side ever heard of the other's
			w.hand[k] = false
		}
		delete(w.ours, k)
		w.say("a person removes %s", k)
	} else {
		ok(w.t, w.portal.Associate("contacts", person, "companies", company, ""))
		w.hand[k] = true
		w.say("a person makes %s", k)
	}
}

// waits are the pairs about which a person has to decide.
func (w *edgeWorld) waits() map[string]bool {
	all := make(map[string]bool)
	w.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		ok(w.t, err)
		open, err := db.Conflicts(ctx, ids)
		ok(w.t, err)
		for _, c := range open {
			if c.Edge != nil {
				all[c.Name+" "+w.domainOf(c.Edge.Record)] = true
			}
		}
	})
	return all
}

func (w *edgeWorld) domainOf(id string) string {
	p, _ := w.portal.Record("companies", id)
	return p["domain"]
}

// judge runs the sync and holds what it did against what the ghost knows.
func (w *edgeWorld) judge() {
	before := w.plain()
	res := w.run()
	after := w.plain()
	waits := w.waits()
	w.say("the run came to %+v %q", res.Counts, res.Notes)
	for p := range worldPeople {
		for i := range worldDomains {
			d := domain(i)
			k := pair(p, d)
			want, was, is := w.cells[p][d], before[k], after[k]
			made, byHand := w.hand[k]
			switch {
			case was == is:
			case is && byHand && !made && !w.t.Failed():
				w.fail("%s was removed by a person, and the run made it again unasked", k)
			case is && !want:
				w.fail("%s was made, and the file does not have it", k)
			case !is && want:
				w.fail("%s was removed, and the file has it", k)
			case !is && byHand && made && !w.ours[k]:
				w.fail("%s was made by a person, and the run removed it", k)
			}
			switch {
			case is && !was:
				w.ours[k] = true
			case !is:
				delete(w.ours, k)
			}
			if want && !is && !waits[k] && !w.settled(k) {
				w.fail("%s is in the file and not in HubSpot, and waits for nobody: %+v %q", k, res.Counts, res.Notes)
			}
			if is == want {
				delete(w.hand, k)
			}
			w.agreed[k] = is && want
		}
	}
}

// settled reports whether a person has decided that the association stays removed.
func (w *edgeWorld) settled(k string) bool { made, byHand := w.hand[k]; return byHand && !made }

func (w *edgeWorld) fail(format string, args ...any) {
	w.t.Helper()
	w.store(func(ctx context.Context, db *store.Store) {
		for id := int64(1); id < 4; id++ {
			all, err := db.AttentionOf(ctx, id)
			ok(w.t, err)
			for _, a := range all {
				w.say("%d attention %s %s %+v", id, a.RowKey, a.Message, a.Edge)
			}
			conflicts, err := db.LiveConflicts(ctx, id)
			ok(w.t, err)
			for _, c := range conflicts {
				w.say("%d conflict %+v", id, c)
			}
		}
		pl, err := db.LastPlan(ctx, 2, plan.Applied, plan.Applying)
		ok(w.t, err)
		for it, err := range db.Items(ctx, pl.ID) {
			ok(w.t, err)
			w.say("part %+v", it)
		}
	})
	w.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(w.log, "\n"))
}

// Whatever people do to associations on both sides, and wherever runs die: what a
// person removed is not made again unasked, what a person made is not removed,
// and what the file says ends in HubSpot or in Review.
func TestNobodysAssociationIsLostOrMadeAgainUnasked(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, worldOfEdges, "")
			w := &edgeWorld{stage: s, r: rand.New(rand.NewPCG(seed, 7)), cells: make(map[int]map[string]bool), hand: make(map[string]bool), ours: make(map[string]bool), agreed: make(map[string]bool)}
			for p := range worldPeople {
				w.cells[p] = make(map[string]bool)
				for range w.r.IntN(3) {
					w.cells[p][domain(w.r.IntN(worldDomains))] = true
				}
			}
			w.save()
			for round := range 6 {
				w.say("round %d", round)
				for range w.r.IntN(5) {
					w.edit()
				}
				if w.r.IntN(3) == 0 {
					before := w.plain()
					point, _ := w.stopAt(1 + w.r.IntN(25))
					w.say("a run dies at %q", point)
					for k := range w.plain() { // what it made before it died is ours
						if !before[k] {
							w.ours[k] = true
						}
					}
				}
				w.judge()
				if w.r.IntN(3) == 0 {
					choice := plan.ChooseHubSpot
					if w.r.IntN(2) == 0 {
						choice = plan.ChooseSource
						for k := range w.waits() {
							delete(w.hand, k)
						}
					}
					w.settle(choice, "")
					w.say("decided: %s", choice)
				}
			}
			res := w.run()
			again := w.run()
			if again.Counts.Associated+again.Counts.Dissociated+again.Counts.Created > 0 {
				w.fail("it does not come to rest: %+v, then %+v", res.Counts, again.Counts)
			}
		})
	}
}
