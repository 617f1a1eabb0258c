package shell

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"syncline/app"
)

// Where the system has a dialog for files, that is asked, once at a time; one that
// fails is not asked again.
func TestTheSystemsDialogForFilesIsAsked(t *testing.T) {
	b := newBare(t)
	var asked []fileChoice
	answer, open := make(chan []string), make(chan struct{}, 10)
	b.chooser = func(c fileChoice) ([]string, error) {
		asked = append(asked, c)
		open <- struct{}{}
		paths := <-answer
		if paths == nil {
			return nil, errors.New("no portal")
		}
		return paths, nil
	}
	var got []string
	ask := func() {
		b.ChooseFile("Choose a file", "Use this file", "Tables", []string{".csv"}, "folder.test", func(path string) { got = append(got, path) })
	}
	ask()
	<-open
	ask() // it is open
	answer <- []string{"/data/a.csv"}
	b.until("the answer", func() bool { return len(got) == 1 })
	if len(asked) != 1 || asked[0].folder == "" || asked[0].endings[0] != ".csv" || got[0] != "/data/a.csv" {
		t.Errorf("asked %+v, got %v", asked, got)
	}
	ask()
	<-open
	if asked[1].folder != "/data" {
		t.Errorf("it begins in %s", asked[1].folder)
	}
	answer <- []string{} // cancelled
	b.until("the end", func() bool { return !b.choosing })
	if len(got) != 1 {
		t.Errorf("got %v", got)
	}
	ask()
	<-open
	answer <- nil
	b.until("the toolkit's own dialog", func() bool { return len(b.Win.Canvas().Overlays().List()) > 0 })
	if b.chooser != nil {
		t.Error("a dialog that fails is asked again")
	}
}

// bare is a window without a room; what is posted runs while the test waits.
type bare struct {
	*Window
	t     *testing.T
	posts chan func()
}

func newBare(t *testing.T) *bare {
	t.Helper()
	a, err := app.Open(t.Context(), app.Environment{Workspace: filepath.Join(t.TempDir(), "workspace")})
	if err != nil {
		t.Fatal(err)
	}
	b := &bare{t: t, posts: make(chan func(), 100)}
	b.Window = New(a, test.NewTempApp(t), func(f func()) { b.posts <- f })
	t.Cleanup(func() {
		if err := b.EndWork(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// until runs what is posted until the condition holds.
func (b *bare) until(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(5 * time.Minute) // no machine is so slow
	for !holds() {
		select {
		case f := <-b.posts:
			f()
		case <-deadline:
			b.t.Fatalf("waited for %s", what)
		}
	}
}
