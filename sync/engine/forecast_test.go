package engine_test

import (
	"context"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// The plan says before what applying it costs: a reading right before each write,
// and apart from that the reading back.
func TestTheForecastIsWhatApplyingTakes(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(250))
	s.yes = true
	s.run()
	s.editAll("First", "New")
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	var told engine.Summary
	s.store(func(ctx context.Context, db *store.Store) {
		pl, err := db.Plan(ctx, preview.PlanID)
		if err == nil {
			told, err = engine.SummaryOf(pl)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	reads, writes := s.portal.Calls().By["POST objects/{type}/batch/read"], s.portal.Calls().Writes
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, preview.PlanID) })
	if err != nil || res.Counts.Updated != 250 {
		t.Fatalf("%+v, %v", res.Counts, err)
	}
	took := s.portal.Calls().By["POST objects/{type}/batch/read"] - reads + s.portal.Calls().Writes - writes
	if told.Calls != 6 || told.Verify != res.Calls.Verify || told.Calls+told.Verify != took {
		t.Errorf("told: %d calls and %d to read back; it took %d, %d of them to read back", told.Calls, told.Verify, took, res.Calls.Verify)
	}
}
