package hubspot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// As many batches are worth having under way as the permitted rate lets be
// sent while an answer is awaited: a slow line needs more of them, and none
// needs as many as HubSpot answers with locks.
func TestBatchesUnderWayFollowTheLatency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		latency    time.Duration
		burst      int
		from, upTo int
	}{
		{time.Millisecond, 190, 4, 4},
		{300 * time.Millisecond, 190, 6, 8},
		{time.Second, 190, 18, 21},
		{5 * time.Second, 250, 16, 24},
		{time.Second, 100, 10, 12},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, client := practise(t, practice.Options{Latency: practice.Fixed(c.latency), Limits: practice.Limits{Burst: c.burst}})
			if got := client.InFlight(); got != 4 {
				t.Errorf("before any answer: %d, want 4", got)
			}
			for range 40 {
				if _, err := client.List(t.Context(), "contacts", hubspot.ListRequest{Limit: 1}); err != nil {
					t.Fatal(err)
				}
			}
			if got := client.InFlight(); got < c.from || got > c.upTo {
				t.Errorf("%v and %d in 10 s: %d, want %d to %d", c.latency, c.burst, got, c.from, c.upTo)
			}
		})
	}
}
