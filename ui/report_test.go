package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
	"syncline/assets"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// sampleOn is a window over the demo's sync with a keychain.
func sampleOn(t *testing.T, keychain *vaulttest.Keychain) *bench {
	t.Helper()
	b := newBenchIn(t, look.Light, app.Environment{Keychain: keychain})
	if _, err := b.w.app.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, sample, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.w.app.AddSync(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	b.home()
	return b
}

// The report of a run shows counts that add up, is written by a file dialog,
// signed, and checked again.
func TestTheReportOfARunIsShownExportedAndChecked(t *testing.T) {
	b := sampleOn(t, &vaulttest.Keychain{})
	b.tap("Preview")
	b.plan("the plan")
	b.tap("Apply")
	b.ended("the run")
	s := b.history(1)
	b.tap("Report")
	b.until("the report", func() bool { _, ok := b.w.current.(*reportScreen); return ok })
	r := b.w.current.(*reportScreen)
	b.picture("report", 1280, 800)
	shown := texts(r.content())
	for _, want := range []string{"100 created + 84 updated + 214 unchanged + 18 in conflict + 0 skipped + 4 failed = 420 read", "They add up", shortHash(r.report.Plan.Hash), "none was reached", "Records created in HubSpot"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the report does not say %q:\n%s", want, shown)
		}
	}
	dir := t.TempDir()
	for _, ending := range []string{".html", ".json"} {
		b.w.fyne.Preferences().SetString(prefFolder, dir)
		b.tap("Export signed report")
		d := b.dialog("where to")
		d.First.(*widgets.Entry).SetText("report" + ending)
		test.Tap(d.Primary)
		b.settle()
		d = b.dialog("what was written")
		if d.Title != "The report is written and signed" {
			t.Fatalf("%s: %s: %s", ending, d.Title, texts(d))
		}
		b.picture("report-signed", 1280, 800)
		test.Tap(d.Primary)
		path := filepath.Join(dir, "report"+ending)
		b.w.verifyReport(path)
		b.settle()
		d = b.dialog("the verdict")
		if !strings.Contains(texts(d), "as it was signed") {
			t.Errorf("%s: %s", ending, texts(d))
		}
		test.Tap(d.Primary)
		// One byte more, and it is told.
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(doc), "Billing", "Billinh", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		b.w.verifyReport(path)
		b.settle()
		d = b.dialog("the verdict")
		if !strings.Contains(texts(d), "can’t be trusted") || !strings.Contains(texts(d), "changed after it was made") {
			t.Errorf("%s: a changed report: %s", ending, texts(d))
		}
		b.picture("report-changed", 1280, 800)
		test.Tap(d.Primary)
	}
	r.header.OnBack()
	if b.w.current != screen(s) {
		t.Errorf("Back leads to %T", b.w.current)
	}
}

// Without a keychain nothing is signed, and that is said before anybody relies
// on it.
func TestAReportWithoutAKeychainSaysThatItIsNotSigned(t *testing.T) {
	keychain := &vaulttest.Keychain{}
	b := sampleOn(t, keychain)
	b.tap("Preview")
	b.plan("the plan")
	b.tap("Apply")
	b.ended("the run")
	b.history(1)
	keychain.Fail(func(string, string) error { return vault.ErrUnavailable })
	b.tap("Report")
	b.until("the report", func() bool { _, ok := b.w.current.(*reportScreen); return ok })
	dir := t.TempDir()
	b.w.fyne.Preferences().SetString(prefFolder, dir)
	b.tap("Export signed report")
	d := b.dialog("where to")
	test.Tap(d.Primary)
	b.settle()
	if d = b.dialog("what was written"); !strings.Contains(texts(d), "without a signature") || !strings.Contains(texts(d), "Not signed: no keychain") {
		t.Errorf("the dialog says %s", texts(d))
	}
}
