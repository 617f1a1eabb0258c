package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"syncline/app"
	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
)

// deadline is a line to a portal that is cut at a call, as for a process that is killed there:
// what the workspace holds then is what is left.
type deadline struct {
	http.RoundTripper
	at    int    // the writing call, from 1; 0 = never
	lands bool   // that call is carried out, and nobody learns of it
	from  string // the workspace
	to    string // where it is copied to

	mu    sync.Mutex
	calls int // that write
	err   error
}

func (d *deadline) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	if writes(r) || d.at > 0 && d.calls >= d.at {
		d.calls++
	}
	n := d.calls
	if d.at == 0 || n < d.at {
		d.mu.Unlock()
		return d.RoundTripper.RoundTrip(r)
	}
	defer d.mu.Unlock()
	if n == d.at {
		if d.lands {
			if answer, err := d.RoundTripper.RoundTrip(r); err == nil {
				_ = answer.Body.Close()
			}
		}
		d.err = copyWorkspace(d.from, d.to)
	}
	return nil, context.Canceled
}

func writes(r *http.Request) bool {
	return r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/read") && !strings.HasSuffix(r.URL.Path, "/search")
}

func copyWorkspace(from, to string) error {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(from, store.File)+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`VACUUM INTO ?`, filepath.Join(to, store.File))
	return err
}

// killed does the work on a set until the n-th call, and opens the workspace as the killed
// process left it. cut is false where the work made fewer calls.
func killed(t *testing.T, portal *practice.Portal, workspace string, n int, lands bool, w app.SetWork) (left string, cut bool) {
	t.Helper()
	left = t.TempDir()
	line := &deadline{RoundTripper: portal.Transport(), from: workspace, to: left, lands: lands}
	a := opened(t, workspace, portal.Token(), line)
	line.at = line.calls + n
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	j, err := a.StartSet(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.Result()
	_ = a.Close()
	if line.calls < line.at {
		if err != nil {
			t.Fatal(err)
		}
		return workspace, false
	}
	if line.err != nil {
		t.Fatal(line.err)
	}
	return left, true
}

func opened(t *testing.T, workspace, token string, line http.RoundTripper) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Environment{Workspace: workspace, Config: t.TempDir(), Token: token, Transport: line})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Wherever a run of a set, and the undo of one, are killed, the same work goes on there and comes
// to its end; nothing is there twice and nothing is left.
func TestASetThatIsKilledAnywhereGoesOn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run and an undo of a set at each of their writes")
	}
	for _, lands := range []bool{false, true} {
		for _, undo := range []bool{false, true} {
			t.Run(fmt.Sprint(lands, undo), func(t *testing.T) {
				t.Parallel()
				for n := 1; ; n++ {
					cut := false
					synctest.Test(t, func(t *testing.T) { cut = killSet(t, n, lands, undo) })
					if !cut {
						return
					}
				}
			})
		}
	}
}

func killSet(t *testing.T, n int, lands, undo bool) (cut bool) {
	portal := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	path, workspace := aLinkedSet(t), t.TempDir()
	a := opened(t, workspace, portal.Token(), portal.Transport())
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	work := app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan}
	if undo {
		done, _ := carried(t, a, work)
		back, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Arg: done.Run})
		work = app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan, Confirmed: true}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	workspace, cut = killed(t, portal, workspace, n, lands, work)
	if !cut {
		return false
	}
	a = opened(t, workspace, portal.Token(), portal.Transport())
	s, err := a.SetState(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	j, err := a.StartSet(t.Context(), work)
	if err != nil {
		t.Fatal(err)
	}
	res, err := j.Result()
	if err != nil || res.State != plan.RunDone {
		t.Errorf("killed at call %d, it stood as %+v: gone on with it came to %+v, %v", n, s.Unfinished, res, err)
	}
	contacts, companies := 3, 2
	if undo {
		contacts, companies = 0, 0
	}
	if portal.Count("contacts") != contacts || portal.Count("companies") != companies {
		t.Errorf("killed at call %d: %d contacts and %d companies", n, portal.Count("contacts"), portal.Count("companies"))
	}
	if s, err = a.SetState(t.Context(), path); err != nil || s.Unfinished != nil || s.Changed || s.Plan != nil {
		t.Errorf("killed at call %d, in the end it stands as %+v %v %v, %v", n, s.Unfinished, s.Changed, s.Plan != nil, err)
	}
	again, err := a.PreviewSet(t.Context(), path, app.SetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range again.Members {
		if c := m.Result.Counts; c.Created+c.Updated+c.Associated+c.Archived > 0 {
			t.Errorf("killed at call %d: a further run of %s would come to %+v", n, m.Document, c)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return true
}

// Of two syncs with files of the same name, in two folders, the one is taken back that is named.
func TestAnUndoOfOneSyncOfASetTakesBackThatOneOnly(t *testing.T) {
	t.Parallel()
	portal := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	path := aSet(t)
	dir := filepath.Dir(path)
	for folder, name := range map[string]string{"east": "firms", "west": "people"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		for from, to := range map[string]string{name + ".csv": name + ".csv", name + ".yaml": "sync.yaml"} {
			if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, folder, to)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(path, []byte("syncline: 1\nset: All\nsyncs: [east/sync.yaml, west/sync.yaml]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := opened(t, t.TempDir(), portal.Token(), portal.Transport())
	defer a.Close()
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	for _, name := range []string{"sync", "sync.yaml"} {
		if res, err := a.PreviewUndoSet(t.Context(), done.Run, app.SetOptions{Part: app.SetPart{Syncs: []string{name}}}); err == nil {
			t.Errorf("%s, which both are called, is taken for %d of them", name, len(res.Members))
		}
	}
	parts, err := a.SetRunParts(t.Context(), done.Run)
	if err != nil || len(parts) != 2 {
		t.Fatalf("%+v, %v", parts, err)
	}
	for _, name := range []string{parts[1].Part, "west/sync.yaml", "west/sync", filepath.Join(dir, "west", "sync.yaml")} {
		res, err := a.PreviewUndoSet(t.Context(), done.Run, app.SetOptions{Part: app.SetPart{Syncs: []string{name}}})
		if err != nil || len(res.Members) != 1 || res.Members[0].Result.Counts.Archived != 2 {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}

// refuses is a portal that refuses to write contacts.
type refuses struct {
	http.RoundTripper
	on bool
}

func (f *refuses) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.on && writes(r) && strings.Contains(r.URL.Path, "/contacts/") {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","correlationId":"1","category":"MISSING_SCOPES"}`))}, nil
	}
	return f.RoundTripper.RoundTrip(r)
}

// A set of which one sync failed is gone on with, with the plan that was shown or with another
// one; its run is one, tells what all of it came to, and is taken back as a whole.
func TestASetOfWhichASyncFailedIsGoneOnWith(t *testing.T) {
	t.Parallel()
	for _, anew := range []bool{false, true} {
		portal := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
		path, line := aLinkedSet(t), &refuses{RoundTripper: portal.Transport()}
		a := opened(t, t.TempDir(), portal.Token(), line)
		shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
		line.on = true
		failed, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
		if failed.State != plan.RunFailed || failed.Members[0].Result.State != plan.RunDone || portal.Count("companies") != 2 || portal.Count("contacts") != 0 {
			t.Fatalf("%+v", failed)
		}
		if s, err := a.SetState(t.Context(), path); err != nil || s.Unfinished == nil || s.Unfinished.ID != failed.Run {
			t.Errorf("it stands as %+v, %v", s.Unfinished, err)
		}
		line.on = false
		if anew { // what was cut off is brought to its end first, which the new plan did not know
			shown, _ = carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
			if res, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan}); res.State != plan.RunFailed || !strings.Contains(fmt.Sprint(res.Members[1].Err), "preview again") {
				t.Errorf("%+v", res)
			}
			shown, _ = carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
		}
		done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
		if done.State != plan.RunDone || done.Run != failed.Run || portal.Count("companies") != 2 || portal.Count("contacts") != 3 {
			t.Errorf("gone on with: %+v", done)
		}
		s, err := a.SetState(t.Context(), path)
		if err != nil || s.Unfinished != nil || s.Changed || s.Plan != nil || s.Last.Plan != shown.Plan {
			t.Errorf("anew %v: it stands unfinished %v, changed %v, with a plan %v, %v", anew, s.Unfinished != nil, s.Changed, s.Plan != nil, err)
		}
		if c := s.Last.Counts; c.Created != 5 || c.Associated != 2 {
			t.Errorf("anew %v: the run came to %+v", anew, c)
		}
		back, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Arg: done.Run})
		if undone, _ := carried(t, a, app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan, Confirmed: true}); undone.State != plan.RunDone || portal.Count("contacts")+portal.Count("companies") != 0 {
			t.Errorf("anew %v: undone: %+v, %d contacts and %d companies are left", anew, undone, portal.Count("contacts"), portal.Count("companies"))
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}
