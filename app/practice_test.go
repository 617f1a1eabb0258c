package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"syncline/app"
)

func openApp(t *testing.T, dir string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Environment{Workspace: dir})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestThePracticePortalStaysWithItsWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := openApp(t, dir)
	p, err := a.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.Create("contacts", map[string]string{"email": "new@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	other := openApp(t, dir)
	if _, err := other.Practice(t.Context()); err == nil || !strings.Contains(err.Error(), "in use by another Syncline") {
		t.Errorf("two programs at once: %v", err)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		a = openApp(t, dir)
		if p, err = a.Practice(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, _ := p.Record("contacts", id); v["email"] != "new@example.com" {
			t.Errorf("the contact is %v", v)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedPracticePortalIsKeptAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, app.PracticeFile)
	if err := os.WriteFile(path, []byte("no portal"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := openApp(t, dir)
	defer a.Close()
	_, err := a.Practice(t.Context())
	kept, _ := filepath.Glob(path + ".damaged-*")
	if err == nil || len(kept) != 1 || !strings.Contains(err.Error(), "is kept as "+kept[0]) {
		t.Fatalf("%v; kept %v", err, kept)
	}
	if b, err := os.ReadFile(kept[0]); err != nil || string(b) != "no portal" {
		t.Errorf("kept %q, %v", b, err)
	}
	if p, err := a.Practice(t.Context()); err != nil || p.Count("contacts") == 0 {
		t.Errorf("the new portal: %v", err)
	}
}

// While the practice portal is reset nobody begins work with it and nobody opens the
// file that is moved aside, however many ask.
func TestNobodyWorksWithThePracticePortalWhileItIsReset(t *testing.T) {
	t.Parallel()
	a := openApp(t, t.TempDir())
	defer a.Close()
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				p, err := a.Practice(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = p.Create("contacts", map[string]string{}) // it may be at rest by now
			}
		})
		all.Go(func() {
			if err := a.ResetPractice(t.Context()); err != nil && !strings.Contains(err.Error(), "is being reset") {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p, err := a.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create("contacts", map[string]string{"email": "after@example.com"}); err != nil {
		t.Errorf("after it was reset: %v", err)
	}
}
