package engine_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// everything that can go wrong on the line and in HubSpot, before a call took
// effect, in the middle of it, after it, and much later.
func badWeather() practice.Faults {
	return practice.Faults{Throttle: 0.04, Locked: 0.03, Migrating: 0.01, ServerError: 0.04, ServerErrorAfter: 0.05, HalfCommitted: 0.05, Reset: 0.04, ResetAfter: 0.05,
		Truncated: 0.04, HTML: 0.02, HTMLAfter: 0.02, Hang: 0.005, HangAfter: 0.01, Zombie: 0.03, ZombieDelay: practice.Fixed(40 * time.Second)}
}

// customersWorld is a stage on which people edit both sides, each its own
// column, so that nothing may ever conflict.
type customersWorld struct {
	*stage
	rng   *rand.Rand
	truth map[string][2]string // e-mail -> first, last
	rows  int
}

// round makes new rows and edits on both sides.
func (w *customersWorld) round(n int) {
	all := w.table()
	for _, r := range all[1:] {
		if w.rng.IntN(8) == 0 {
			r[2] = fmt.Sprintf("File%d-%s", n, r[0])
			w.truth[r[1]] = [2]string{r[2], w.truth[r[1]][1]}
		}
	}
	for id, p := range w.portal.Records("contacts") {
		if _, ok := w.truth[p["email"]]; ok && w.rng.IntN(8) == 0 {
			last := fmt.Sprintf("Hub%d-%s", n, id)
			w.edit(id, "lastname", last)
			w.truth[p["email"]] = [2]string{w.truth[p["email"]][0], last}
		}
	}
	for range w.rng.IntN(130) {
		w.rows++
		r := []string{strconv.Itoa(w.rows), fmt.Sprintf("p%d@example.com", w.rows), fmt.Sprintf("First%d", w.rows), fmt.Sprintf("Last%d", w.rows), ""}
		w.truth[r[1]] = [2]string{r[2], r[3]}
		all = append(all, r)
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(all); err != nil {
		w.t.Fatal(err)
	}
	w.write(w.file, b.String())
}

func (w *customersWorld) table() [][]string {
	f, err := os.Open(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// try runs until a run comes to its end, as a patient person would.
func (w *customersWorld) try() engine.Result {
	for {
		res, err := w.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		if err == nil {
			if res.Counts.Sum() != res.Counts.Read {
				w.t.Errorf("the fates do not add up: %+v", res.Counts)
			}
			return res
		}
		time.Sleep(time.Second)
	}
}

// settled checks that both sides hold every edit, nothing twice, and that
// nobody is asked anything.
func (w *customersWorld) settled(when string) {
	if n := w.portal.Count("contacts"); n != w.rows {
		w.t.Errorf("%s: %d contacts for %d rows", when, n, w.rows)
	}
	for id, p := range w.portal.Records("contacts") {
		if got := [2]string{p["firstname"], p["lastname"]}; got != w.truth[p["email"]] {
			w.t.Errorf("%s: HubSpot has %v for %s (%s), want %v", when, got, p["email"], id, w.truth[p["email"]])
		}
	}
	for _, r := range w.table()[1:] {
		if got := [2]string{r[2], r[3]}; got != w.truth[r[1]] {
			w.t.Errorf("%s: the file has %v for %s, want %v", when, got, r[1], w.truth[r[1]])
		}
	}
	w.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err != nil {
			w.t.Fatal(err)
		}
		all, err := db.Conflicts(ctx, ids)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range all {
			w.t.Errorf("%s: a conflict that nobody made: %s %s: source %q, HubSpot %q: %s", when, c.RowKey, c.Field, c.Source, c.HubSpot, c.Reason)
		}
	})
	for _, a := range w.attention() {
		w.t.Errorf("%s: row %s failed: %s (%s)", when, a.RowKey, a.Message, a.Detail)
	}
}

// Fifty worlds in bad weather: whatever the line does, every edit arrives on
// both sides once, and then there is nothing left to do.
func TestBadWeatherLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	seeds := 50
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{Seed: uint64(seed), Latency: practice.Fixed(80 * time.Millisecond)}, twoWay, "id,Email,First,Last,Phone\n")
				s.yes = true
				w := &customersWorld{stage: s, rng: rand.New(rand.NewPCG(uint64(seed), 7)), truth: map[string][2]string{}}
				for n := range 3 {
					w.round(n)
					s.portal.SetFaults(badWeather())
					w.try()
					s.portal.SetFaults(practice.Faults{})
					time.Sleep(time.Second)
					w.try()
					w.settled(fmt.Sprintf("round %d", n))
				}
				faulty := 0
				for _, r := range s.portal.Requests() {
					if r.Faulty {
						faulty++
					}
				}
				t.Logf("%d rows, %d of %d calls went wrong", w.rows, faulty, len(s.portal.Requests()))
				writes := s.portal.Calls().Writes
				if res := w.try(); res.Counts.Unchanged != w.rows || s.portal.Calls().Writes != writes {
					t.Errorf("it did not converge: %+v", res.Counts)
				}
			})
		})
	}
}
