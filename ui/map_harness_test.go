package ui

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/ui/look"
)

// mapQueue is a poster whose functions run when the test says so, on the
// test's goroutine.
type mapQueue struct {
	mu    sync.Mutex
	todo  []func()
	woken chan struct{}
}

func newMapQueue() *mapQueue { return &mapQueue{woken: make(chan struct{}, 1)} }

func (q *mapQueue) post(f func()) {
	q.mu.Lock()
	q.todo = append(q.todo, f)
	q.mu.Unlock()
	select {
	case q.woken <- struct{}{}:
	default:
	}
}

// until runs what is posted until the condition holds.
func (q *mapQueue) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for {
		q.mu.Lock()
		todo := q.todo
		q.todo = nil
		q.mu.Unlock()
		for _, f := range todo {
			f()
		}
		if holds() {
			return
		}
		if len(todo) > 0 {
			continue
		}
		select {
		case <-q.woken:
		case <-time.After(stuck):
			t.Fatalf("still waiting for %s", what)
		}
	}
}

// mapFixture is a window on a new workspace with the practice portal and a sync
// of a source file.
type mapFixture struct {
	*mapQueue
	t      *testing.T
	w      *window
	app    *app.App
	path   string // of the definition
	screen *mapScreen
}

// openMapAt opens the field map of the definition at path.
func openMapAt(t *testing.T, path string, width, height float32, mode look.Mode) *mapFixture {
	t.Helper()
	f := &mapFixture{mapQueue: newMapQueue(), t: t, path: path}
	ctx := context.Background()
	var err error
	if f.app, err = app.Open(ctx, app.Environment{Workspace: filepath.Join(t.TempDir(), "workspace")}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.ConnectPractice(ctx); err != nil {
		t.Fatal(err)
	}
	fyneApp := test.NewTempApp(t)
	fyneApp.Settings().SetTheme(look.New(mode))
	f.w = newWindow(f.app, fyneApp, f.post)
	t.Cleanup(func() {
		f.w.stop()
		f.w.wg.Wait()
		if err := f.app.Close(); err != nil {
			t.Error(err)
		}
	})
	f.w.win.Resize(fyne.NewSize(width, height))
	f.open()
	return f
}

// open opens the field map and waits until all that is known of it is shown.
func (f *mapFixture) open() {
	f.t.Helper()
	f.w.openFieldMap(f.path)
	f.until(f.t, "the field map", func() bool {
		if f.w.lastErr != nil {
			f.t.Fatal(f.w.lastErr.String())
		}
		s, ok := f.w.current.(*mapScreen)
		f.screen = s
		return ok && s.pane.facts.Load().Census.Rows > 0 && s.pane.gathered
	})
	f.checked()
}

// checked waits until the problems are those of the last edit.
func (f *mapFixture) checked() {
	f.t.Helper()
	p := f.screen.pane
	f.until(f.t, "the check", func() bool { return !p.checking && p.checked == p.edits })
}
