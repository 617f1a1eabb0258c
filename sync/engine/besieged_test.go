package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// theft is an edit of a person that a run wrote over.
type theft struct {
	value string
	age   time.Duration // how long before it was made
}

// besieged watches what becomes of people's edits of the first names.
type besieged struct {
	mu     sync.Mutex
	made   map[string]time.Time // by value
	stolen []theft
}

func (b *besieged) witness(e practice.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, theirs := b.made[e.Before]
	switch {
	case e.Kind != practice.ValueSet || e.Property != "firstname":
	case e.Person:
		b.made[e.After] = time.Now()
	case theirs:
		b.stolen = append(b.stolen, theft{e.Before, time.Since(at)})
	}
}

// While runs of many updates are under way people edit the same property of the
// same records. What a run writes over was made within its last round trip, and
// each of those edits is in Review when the run has ended. With
// SYNCLINE_EDITED_RUNS=20 it is the run of docs/performance.md.
func TestOfManyEditsDuringARunNoneIsLostUntold(t *testing.T) {
	t.Parallel()
	runs, rows, edits := 2, 300, 60
	if n, err := strconv.Atoi(os.Getenv("SYNCLINE_EDITED_RUNS")); err == nil {
		runs, rows, edits = n, 3000, 100
	}
	const latency = 150 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		b := &besieged{made: map[string]time.Time{}}
		s := newStage(t, practice.Options{Latency: practice.Fixed(latency), Limits: practice.Limits{Burst: 190}, Witness: b.witness}, twoWay, people(rows))
		s.yes = true
		s.run()
		var ids []string
		for id := range s.portal.Records("contacts") {
			ids = append(ids, id)
		}
		r := rand.New(rand.NewPCG(7, 7))
		oldest, stolen, untold, calls, verify := time.Duration(0), 0, 0, 0, 0
		for n := range runs {
			s.each(1, rows, func(c []string) { c[2] = fmt.Sprintf("Ours%d-%s", n, c[0]) })
			done := make(chan struct{})
			r.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
			go func() {
				defer close(done)
				for k := range edits {
					time.Sleep(time.Duration(r.IntN(int(11*time.Second) * rows / 3000 / edits * 2)))
					if err := s.portal.Edit("contacts", ids[k], map[string]string{"firstname": fmt.Sprintf("Theirs%d-%d", n, k)}); err != nil {
						t.Error(err)
					}
				}
			}()
			b.stolen = nil // what earlier runs agreed on may be written over
			res := s.run()
			<-done
			calls, verify = calls+res.Calls.Total-res.Calls.Verify, verify+res.Calls.Verify
			told := map[string]bool{}
			for _, c := range s.conflicts() {
				told[c.HubSpot] = true
			}
			stolen += len(b.stolen)
			for _, x := range b.stolen {
				if !strings.HasPrefix(x.value, fmt.Sprintf("Theirs%d-", n)) {
					stolen--
					continue
				}
				oldest = max(oldest, x.age)
				if !told[x.value] {
					untold++
					t.Errorf("run %d wrote over %q, %v after it was made, and nobody is told", n, x.value, x.age)
				}
			}
			s.takeTheirs()
			s.run()
			s.run()
			for k := range edits {
				if value := fmt.Sprintf("Theirs%d-%d,", n, k); !strings.Contains(s.contents(), value) {
					t.Errorf("run %d: the edit %q is nowhere", n, value)
				}
			}
		}
		if oldest > 2*latency {
			t.Errorf("an edit that was %v old was written over", oldest)
		}
		t.Logf("%d runs of %d updates, %d edits made meanwhile: %d written over, the oldest %v after it was made, %d of them not told; %d calls and %d to verify",
			runs, rows, len(b.made), stolen, oldest, untold, calls, verify)
	})
}

// takeTheirs settles every conflict for HubSpot.
func (s *stage) takeTheirs() {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err == nil {
			err = db.Decide(ctx, ids, "hubspot", "", "me")
		}
		if err != nil {
			s.t.Fatal(err)
		}
	})
}
