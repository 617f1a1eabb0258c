package engine_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// minimum is how many calls a run can't do without.
type minimum struct {
	// setUp is one call for the account and one for its properties: whose portal it is, and what may be written.
	setUp int
	// reads are what shows the records: one for an empty portal, and one for each hundred records
	// of which all are going to be written over. HubSpot has no conditional write, so a value
	// that was not read lately must not be written over.
	reads int
	// property is the one call that makes the unique key, in the first run of a portal.
	property int
	// writes are those of a hundred records each, HubSpot's most.
	writes int
}

func (m minimum) sum() int { return m.setUp + m.reads + m.property + m.writes }

func pages(n int) int { return (n + 99) / 100 }

func minimumCreates(n int) minimum {
	return minimum{setUp: 2, reads: 1, property: 1, writes: pages(n)}
}
func minimumUpdates(n int) minimum { return minimum{setUp: 2, reads: pages(n), writes: pages(n)} }

// most is how many times the minimum a push may take. What is read back to
// verify it counts apart.
const most = 1.05

// editAll changes a column of every row.
func (s *stage) editAll(old, new string) {
	s.t.Helper()
	head, rows, _ := strings.Cut(s.contents(), "\n")
	s.write(s.file, head+"\n"+strings.ReplaceAll(rows, ","+old, ","+new))
}

func TestAPushTakesHardlyMoreCallsThanItMust(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of records")
	}
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		s := newStage(t, practice.Options{Latency: practice.Fixed(200 * time.Millisecond)}, twoWay, people(n))
		s.yes = true
		holds := func(what string, res engine.Result, least minimum) {
			t.Helper()
			calls := res.Calls.Total - res.Calls.Verify
			ratio := float64(calls) / float64(least.sum())
			t.Logf("%s: %d calls, minimum %d: %.3f, and %d to verify", what, calls, least.sum(), ratio, res.Calls.Verify)
			if ratio > most {
				t.Errorf("%s took %d calls, %.2f times the minimum of %d (%+v): %v", what, calls, ratio, least.sum(), least, s.portal.Calls().By)
			}
		}
		res := s.run()
		if res.Counts.Created != n {
			t.Fatalf("%+v", res.Counts)
		}
		holds("creates", res, minimumCreates(n))

		s.editAll("First", "New")
		time.Sleep(time.Hour)
		if res = s.run(); res.Counts.Updated != n {
			t.Fatalf("%+v", res.Counts)
		}
		holds("updates", res, minimumUpdates(n))

		// What a run wrote is read back by it; the next one only counts that nobody else wrote meanwhile.
		writes := s.portal.Calls().Writes
		time.Sleep(time.Hour)
		if res = s.run(); res.Counts.Unchanged != n || res.Calls.Total > 5 {
			t.Errorf("a run without edits after one that wrote: %+v, %d calls", res.Counts, res.Calls.Total)
		}
		if res = s.run(); res.Counts.Unchanged != n || res.Calls.Total > 3 {
			t.Errorf("a run without edits: %+v, %d calls", res.Counts, res.Calls.Total)
		}
		if got := s.portal.Calls().Writes - writes; got != 0 {
			t.Errorf("runs without edits made %d writes", got)
		}
	})
}

// BenchmarkPush10k writes ten thousand records into a portal that answers at
// once and has no limits, so that the time is Syncline's own and the portal's.
func BenchmarkPush10k(b *testing.B) {
	const n = 10_000
	report := func(b *testing.B, calls int64, least minimum) {
		b.Helper()
		made := float64(calls) / float64(b.N)
		b.ReportMetric(made, "calls")
		b.ReportMetric(float64(least.sum()), "calls-min")
		b.ReportMetric(float64(least.writes), "calls-min-write")
		b.ReportMetric(made/float64(least.sum()), "calls/min")
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(0, "ns/op")
	}
	world := func(b *testing.B) (s *stage, clock *atomic.Int64) {
		clock = new(atomic.Int64)
		now := func() time.Time { return time.Now().Add(time.Duration(clock.Load())) }
		s = newStage(b, practice.Options{Now: now, Limits: practice.Limits{Burst: 1e6, Daily: 1e9}}, twoWay, people(n))
		s.yes, s.now = true, now
		return s, clock
	}
	b.Run("creates", func(b *testing.B) {
		var calls int64
		for b.Loop() {
			b.StopTimer()
			s, _ := world(b)
			b.StartTimer()
			res := s.run()
			if res.Counts.Created != n {
				b.Fatalf("%+v", res.Counts)
			}
			calls += int64(res.Calls.Total)
		}
		report(b, calls, minimumCreates(n))
	})
	b.Run("updates", func(b *testing.B) {
		var calls int64
		for b.Loop() {
			b.StopTimer()
			s, clock := world(b)
			s.run()
			s.editAll("First", "New")
			clock.Store(int64(time.Hour))
			b.StartTimer()
			res := s.run()
			if res.Counts.Updated != n {
				b.Fatalf("%+v", res.Counts)
			}
			calls += int64(res.Calls.Total)
		}
		report(b, calls, minimumUpdates(n))
	})
}
