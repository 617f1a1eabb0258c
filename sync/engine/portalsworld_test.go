package engine_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// portalsWorld is two portals in which people edit whenever they like, also
// while runs write, with a ghost that remembers every edit until both sides have it
// or a person has decided about it.
type portalsWorld struct {
	*pairOfPortals
	r    *rand.Rand
	mu   sync.Mutex
	n    int
	owed map[string]map[string]string // "here" or "there" -> "p1@example.com lastname" -> the last edit
	log  []string
}

const worldContacts = 6

func (w *portalsWorld) sides() map[string]*practice.Portal {
	return map[string]*practice.Portal{"here": w.portal, "there": w.other}
}

// edit is a person who edits a field on a side; every value is written once only.
func (w *portalsWorld) edit(side string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	email, field := fmt.Sprintf("p%d@example.com", w.r.IntN(worldContacts)), []string{"firstname", "lastname"}[w.r.IntN(2)]
	value := fmt.Sprintf("%s%d", side, w.n)
	p := w.sides()[side]
	for id, c := range p.Records("contacts") {
		if c["email"] == email {
			if err := p.Edit("contacts", id, map[string]string{field: value}); err == nil {
				w.owed[side][email+" "+field] = value
				w.log = append(w.log, fmt.Sprintf("%s %s becomes %s", email, field, value))
			}
			return
		}
	}
}

// disturb lets calls to a portal go wrong, and people edit within them.
func (w *portalsWorld) disturb(side string) {
	kinds := []practice.FaultKind{practice.ResetAfter, practice.ServerErrorAfter, practice.HalfCommitted, practice.Truncated, practice.Reset, practice.HTMLAfter, practice.Throttle, practice.Undisturbed, practice.Undisturbed}
	var script []practice.Fault
	for _, path := range []string{"batch/update", "batch/read", "batch/create"} {
		if w.r.IntN(2) == 0 {
			f := practice.Fault{Kind: kinds[w.r.IntN(len(kinds))], Path: path, Skip: w.r.IntN(2)}
			if w.r.IntN(2) == 0 {
				f.Before = func() { w.edit(side) }
			}
			w.log = append(w.log, fmt.Sprintf("%s: fault %d at %s, with an edit %t", side, f.Kind, path, f.Before != nil))
			script = append(script, f)
		}
	}
	w.sides()[side].SetFaults(practice.Faults{Script: script})
}

// settled runs until nothing is left to write, undisturbed.
func (w *portalsWorld) settled() {
	for _, p := range w.sides() {
		p.SetFaults(practice.Faults{})
	}
	for range 5 {
		res, err := w.try()
		if err != nil {
			w.fail("an undisturbed run failed: %v", err)
		}
		if c := res.Counts; c.Created+c.Updated+c.SourceCreated+c.SourceUpdated == 0 {
			return
		}
	}
	w.fail("it does not come to rest")
}

func (w *portalsWorld) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(w.log, "\n"))
}

// judge looks for every edit that is owed.
func (w *portalsWorld) judge() {
	w.t.Helper()
	held := make(map[string]map[string]string)
	for side, p := range w.sides() {
		held[side] = make(map[string]string)
		for email, n := range emails(p) {
			if n != 1 {
				w.fail("%s: %s is there %d times", side, email, n)
			}
		}
		for _, c := range p.Records("contacts") {
			for _, field := range []string{"firstname", "lastname"} {
				held[side][c["email"]+" "+field] = c[field]
			}
		}
	}
	waits := make(map[string]bool) // values in Review
	w.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		ok(w.t, err)
		open, err := db.Conflicts(ctx, ids)
		ok(w.t, err)
		for _, c := range open {
			waits[c.Source], waits[c.HubSpot] = true, true
		}
	})
	for side, other := range map[string]string{"here": "there", "there": "here"} {
		for what, value := range maps.Clone(w.owed[side]) {
			switch {
			case held[side][what] == value && held[other][what] == value:
				delete(w.owed[side], what)
			case waits[value]:
			case held[side][what] != value:
				w.fail("%s: the edit of %s to %s is lost: it is %s, and %s on the other side", side, what, value, held[side][what], held[other][what])
			default:
				w.fail("%s: the edit of %s to %s did not flow: the other side has %s", side, what, value, held[other][what])
			}
		}
	}
}

// Whatever people do in two portals while runs between them fail and die: no edit
// is lost, none is written over unseen, and nothing is there twice.
func TestNobodysEditIsLostBetweenTwoPortals(t *testing.T) {
	t.Parallel()
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &portalsWorld{pairOfPortals: newPair(t, practice.Options{}, practice.Options{Seed: seed}, betweenPortals), r: rand.New(rand.NewPCG(seed, 11)),
				owed: map[string]map[string]string{"here": {}, "there": {}}}
			for i := range worldContacts {
				if i%2 == 0 {
					addPerson(t, w.other, i)
				} else {
					addPerson(t, w.portal, i)
				}
			}
			for round := range 5 {
				w.log = append(w.log, fmt.Sprintf("round %d", round))
				for range w.r.IntN(5) {
					w.edit([]string{"here", "there"}[w.r.IntN(2)])
				}
				w.disturb("here")
				w.disturb("there")
				if w.r.IntN(3) == 0 {
					point, _ := w.stopWhenIn(func(string) bool { return true }, 1+w.r.IntN(25), w.try)
					w.log = append(w.log, "a run dies at "+point)
				} else if res, err := w.try(); err != nil {
					w.log = append(w.log, "a run ends with "+err.Error())
				} else {
					w.log = append(w.log, fmt.Sprintf("a run: %+v", res.Counts))
				}
				w.settled()
				w.judge()
				if w.r.IntN(2) == 0 {
					choice := []plan.Choice{plan.ChooseSource, plan.ChooseHubSpot}[w.r.IntN(2)]
					w.settle(choice, "")
					w.log = append(w.log, fmt.Sprintf("decided: %s", choice))
					w.owed = map[string]map[string]string{"here": {}, "there": {}}
					w.settled()
					w.judge()
				}
			}
		})
	}
}
