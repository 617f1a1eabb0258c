package engine_test

import (
	"context"
	"fmt"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// Two people, or two screens, that edit one item at once lose neither edit.
func TestEditsOfOneItemAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(1))
	planned := s.preview()
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		errs := make(chan error)
		for _, property := range []string{"firstname", "lastname", "phone"} {
			go func() {
				_, err := e.EditItem(ctx, planned.PlanID, 1, plan.Put{Side: plan.HubSpot, Property: property, Value: "+49 30 1"})
				errs <- err
			}()
		}
		for range 3 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		return engine.Result{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.CheckPlan(ctx, planned.PlanID); err != nil {
			t.Error(err)
		}
		items, err := db.ItemsByID(ctx, planned.PlanID, []int{1})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, x := range items[0].Edits {
			if x.New != nil && *x.New == "+49 30 1" {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d of 3 edits are there: %s", n, fmt.Sprint(items[0].Edits))
		}
	})
}
