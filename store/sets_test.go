package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/plan"
)

func TestARunOfASetTiesTheRunsOfItsSyncs(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t)
	start := time.UnixMilli(1000).UTC()
	if _, err := w.SetRun(ctx, "set-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
	set := store.SetRun{ID: "set-1", Name: "All", Path: "/all.yaml", Kind: plan.KindRun, Plan: "setplan-1", State: plan.RunRunning, Person: "ann", Started: start}
	ok(t, w.BeginSetRun(ctx, set))
	for i, r := range []store.Run{{ID: "b", SetID: "set-1"}, {ID: "a", SetID: "set-1"}, {ID: "alone"}, {ID: "other", SetID: "set-2"}} {
		r.SyncID, r.Kind, r.Started = w.sync.ID, plan.KindRun, start.Add(time.Duration(i)*time.Second)
		ok(t, w.StartRun(ctx, r))
	}
	runs, err := w.RunsOfSet(ctx, "set-1")
	ok(t, err)
	if len(runs) != 2 || runs[0].ID != "b" || runs[1].ID != "a" || runs[0].SetID != "set-1" {
		t.Errorf("%+v", runs)
	}
	if runs, err := w.RunsOfSet(ctx, ""); err != nil || len(runs) != 0 {
		t.Errorf("of no set: %+v, %v", runs, err)
	}
	ok(t, w.EndSetRun(ctx, "set-1", plan.RunStopped, "the disk was full", start.Add(time.Minute)))
	set.State, set.Error, set.Ended = plan.RunStopped, "the disk was full", start.Add(time.Minute)
	got, err := w.LastSetRun(ctx, "/all.yaml", plan.KindRun, "")
	ok(t, err)
	got.Started, got.Ended = got.Started.UTC(), got.Ended.UTC()
	if diff := cmp.Diff(set, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	ok(t, w.BeginSetRun(ctx, store.SetRun{ID: "set-1", Name: "All", Path: "/all.yaml", Kind: plan.KindRun, Started: start.Add(time.Hour)}))
	if got, err = w.SetRun(ctx, "set-1"); err != nil || got.State != plan.RunRunning || got.Error != "" || !got.Started.Equal(start) {
		t.Errorf("one that goes on: %+v, %v", got, err)
	}
	ok(t, w.BeginSetRun(ctx, store.SetRun{ID: "set-3", Name: "All", Path: "/all.yaml", Kind: plan.KindUndo, UndoOf: "set-1", Started: start.Add(time.Hour)}))
	if got, err = w.LastSetRun(ctx, "/all.yaml", plan.KindUndo, "set-1"); err != nil || got.ID != "set-3" {
		t.Errorf("its undo: %+v, %v", got, err)
	}
	all, err := w.SetRuns(ctx, 10)
	if err != nil || len(all) != 2 || all[0].ID != "set-3" {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestOfThePlansOfASetTheNewestThreeAreKept(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t)
	for i, id := range []string{"1", "2", "3", "4"} {
		ok(t, w.KeepSetPlan(ctx, store.SetPlan{ID: id, Name: "All", Path: "/all.yaml", Made: time.UnixMilli(int64(i)),
			Members: []store.SetMember{{Document: "b.yaml", PlanID: "plan-b" + id}, {Document: "a.yaml", PlanID: "plan-a" + id}}}))
	}
	ok(t, w.KeepSetPlan(ctx, store.SetPlan{ID: "other", Name: "Other", Path: "/other.yaml", Made: time.UnixMilli(9)}))
	if _, err := w.SetPlan(ctx, "1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
	p, err := w.SetPlan(ctx, "2")
	ok(t, err)
	if diff := cmp.Diff([]store.SetMember{{Document: "b.yaml", PlanID: "plan-b2"}, {Document: "a.yaml", PlanID: "plan-a2"}}, p.Members); diff != "" || p.Name != "All" {
		t.Errorf("%+v (-want +got)\n%s", p, diff)
	}
}

func TestASetIsKnownUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t)
	see := func(path, name string, at int64) {
		t.Helper()
		ok(t, w.SeeSet(ctx, store.KnownSet{Path: path, Name: name, Seen: time.UnixMilli(at)}))
	}
	known := func(want ...string) {
		t.Helper()
		all, err := w.KnownSets(ctx)
		ok(t, err)
		var got []string
		for _, k := range all {
			got = append(got, k.Path+" "+k.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	see("/a", "A", 1)
	see("/b", "B", 2)
	known("/b B", "/a A")
	see("/a", "Renamed", 3)
	known("/a Renamed", "/b B")
	ok(t, w.HideSet(ctx, "/a"))
	known("/b B")
	see("/a", "A", 4)
	known("/a A", "/b B")
}
