package app_test

import (
	"os"
	"path/filepath"
	"strings"
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
