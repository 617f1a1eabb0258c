package app_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
)

// aSet makes a set of two syncs beside their files, and returns its path.
func aSet(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"people.csv":  "id,Email\n1,ann@example.com\n2,bob@example.com\n",
		"firms.csv":   "id,Domain\na,one.example\n",
		"people.yaml": "syncline: 1\nsource: { kind: csv, path: people.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\ncreate: hubspot\nfields: [{ field: Email, property: email }]\n",
		"firms.yaml":  "syncline: 1\nsource: { kind: csv, path: firms.csv, key: [id] }\nhubspot: { object: companies, match: [{ field: Domain, property: domain }] }\ndirection: to-hubspot\ncreate: hubspot\nfields: [{ field: Domain, property: domain }]\n",
		"all.yaml":    "syncline: 1\nset: All\nsyncs: [firms.yaml, people.yaml]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "all.yaml")
}

// carried does the work on a set to its end.
func carried(t *testing.T, a *app.App, w app.SetWork) (app.SetResult, *app.SetJob) {
	t.Helper()
	j, err := a.StartSet(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	<-j.Done()
	res, err := j.Result()
	if err != nil {
		t.Fatal(err)
	}
	return res, j
}

// The window shows a set before it writes, and how far it is.
func TestASetInTheWindow(t *testing.T) {
	t.Parallel()
	portal := practicetest.New(t, practice.Options{})
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aSet(t)
	if _, err := a.StartSet(t.Context(), app.SetWork{Kind: app.SetRun, Path: path}); err == nil {
		t.Error("it ran without a plan")
	}
	shown, j := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	if shown.State != plan.RunPlanned || shown.Plan == "" || len(a.RunningSets()) != 0 || portal.Calls().Writes != 0 {
		t.Errorf("preview: %+v", shown)
	}
	for i, m := range j.Progress.Snapshot().Members {
		if m.Document != shown.Members[i].Document || m.State != plan.RunPlanned || m.Progress.Phase != engine.PhaseDone {
			t.Errorf("%d: %+v", i, m)
		}
	}
	done, j := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	if done.State != plan.RunDone || done.Kind() != 0 || portal.Count("contacts") != 2 || portal.Count("companies") != 1 {
		t.Errorf("run: %+v", done)
	}
	if s := j.Progress.Snapshot(); s.At != 1 || len(s.Members) != 2 || s.Members[0].State != plan.RunDone || s.Members[1].Progress.Counts.Created != 2 {
		t.Errorf("progress: %+v", s)
	}
	if _, err := a.StartSet(t.Context(), app.SetWork{Kind: app.SetUndo, Arg: done.Run}); err == nil {
		t.Error("it was undone without a plan")
	}
	back, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Arg: done.Run})
	if back.State != plan.RunPlanned || back.UndoOf != done.Run || back.Members[0].Result.Counts.Archived != 2 || portal.Count("contacts") != 2 {
		t.Errorf("preview of the undo: %+v", back)
	}
	asked, _ := carried(t, a, app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan})
	if asked.State != plan.RunStopped || asked.Kind() != app.Guarded || portal.Count("contacts") != 2 {
		t.Errorf("an undo that archives asks: %+v", asked)
	}
	undone, _ := carried(t, a, app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan, Confirmed: true})
	if undone.State != plan.RunDone || undone.UndoOf != done.Run || portal.Count("contacts")+portal.Count("companies") != 0 {
		t.Errorf("undo: %+v", undone)
	}
	again, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path, Redo: done.Run})
	if again.Members[0].Result.Counts.Created != 1 || again.Members[1].Result.Counts.Created != 2 {
		t.Errorf("offered again: %+v", again)
	}
}

// breaks is a portal that calls something in the middle of the creation of
// contacts, after which no answer comes.
type breaks struct {
	http.RoundTripper
	call func()
}

func (b *breaks) RoundTrip(r *http.Request) (*http.Response, error) {
	call := b.call
	if call == nil || r.Method != http.MethodPost || !strings.Contains(r.URL.Path, "/contacts/batch/") || strings.HasSuffix(r.URL.Path, "/read") {
		return b.RoundTripper.RoundTrip(r)
	}
	b.call = nil
	answer, err := b.RoundTripper.RoundTrip(r) // it was carried out, and nobody learns of it
	if err == nil {
		_ = answer.Body.Close()
	}
	call()
	return nil, context.Canceled
}

// A set that was stopped in the middle of a sync goes on there with the same
// plan and as the same run, and makes nothing twice.
func TestASetGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	portal := practicetest.New(t, practice.Options{})
	line := &breaks{RoundTripper: portal.Transport()}
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: line})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aSet(t)
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	ctx, stop := context.WithCancel(t.Context())
	line.call = stop
	j, err := a.StartSet(ctx, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	if err != nil {
		t.Fatal(err)
	}
	stopped, err := j.Result()
	if err != nil || stopped.State != plan.RunStopped || stopped.Members[0].Result.State != plan.RunDone || stopped.Members[1].Result.State != plan.RunStopped {
		t.Fatalf("stopped: %+v, %v", stopped, err)
	}
	if runs, err := a.Store.SetRuns(t.Context(), 1); err != nil || runs[0].State != plan.RunStopped || !strings.Contains(runs[0].Error, "people.yaml") {
		t.Errorf("kept as %+v, %v", runs, err)
	}
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	if done.Run != stopped.Run || done.State != plan.RunDone || done.Members[0].Result.Counts.Created != 1 || done.Members[1].Result.Counts.Created != 2 {
		t.Errorf("gone on with: %+v", done)
	}
	if portal.Count("contacts") != 2 || portal.Count("companies") != 1 {
		t.Errorf("%d contacts, %d companies", portal.Count("contacts"), portal.Count("companies"))
	}
}

// The worst of several outcomes counts: a failure before all, then what a
// person must put right.
func TestTheWorstOutcomeCounts(t *testing.T) {
	t.Parallel()
	order := []app.Kind{0, app.Remaining, app.Guarded, app.SignIn, app.WrongUse, app.Failed}
	for i, worse := range order {
		for _, better := range order[:i+1] {
			if got := app.Worst(better, worse, 0); got != worse {
				t.Errorf("of %d and %d it is %d", better, worse, got)
			}
		}
	}
	if app.Worst() != 0 {
		t.Error("of none it is something")
	}
	if got := (app.MemberResult{Err: errors.New("x")}).Kind(); got != app.Failed {
		t.Errorf("an unknown error is %d", got)
	}
}

// The history keeps a run of a set with those of its syncs, and its undo with theirs; runs by themselves
// stand between them by their time.
func TestTheHistoryKeepsARunOfASetTogether(t *testing.T) {
	t.Parallel()
	portal := practicetest.New(t, practice.Options{})
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aSet(t)
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	alone := runOnce(t, a, filepath.Join(filepath.Dir(path), "people.yaml"))
	undo, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Path: path, Arg: done.Run, Part: app.SetPart{Fields: []string{"Domain"}}})
	carried(t, a, app.SetWork{Kind: app.SetUndo, Path: path, Arg: done.Run, Plan: undo.Plan, Part: app.SetPart{Fields: []string{"Domain"}}, Confirmed: true})
	all, err := a.History(t.Context(), 500)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 || all[0].Set == nil || all[1].Set != nil || all[2].Set == nil {
		t.Fatalf("the history is %+v", all)
	}
	if s := all[2].Set; s.ID != done.Run || len(s.Runs) != 2 || s.Runs[0].SyncName == s.Runs[1].SyncName || s.Counts.Created != 3 || s.Undone != 1 {
		t.Errorf("the run of the set is %+v", s)
	}
	if r := all[1].Run; r.ID != alone {
		t.Errorf("the run by itself is %s, want %s", r.ID, alone)
	}
	if s := all[0].Set; s.Kind != plan.KindUndo || s.UndoOf != done.Run || s.Part != "field Domain" || len(s.Runs) != 1 {
		t.Errorf("the undo is %+v", s)
	}
	parts, err := a.SetRunParts(t.Context(), done.Run)
	if err != nil || len(parts) != 2 || !slices.Equal(parts[0].Fields, []string{"Domain"}) || !slices.Equal(parts[1].Fields, []string{"Email"}) {
		t.Errorf("the parts are %+v, %v", parts, err)
	}
	rows, err := a.SetRunRows(t.Context(), done.Run)
	if err != nil || len(rows) != 3 {
		t.Errorf("the rows are %+v, %v", rows, err)
	}
}
