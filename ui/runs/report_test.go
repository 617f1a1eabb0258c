package runs

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
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// sampleOn is a window over the demo's sync with a keychain.
func sampleOn(t *testing.T, keychain *vaulttest.Keychain) *bench {
	t.Helper()
	b := newBenchIn(t, look.Light, app.Environment{Keychain: keychain})
	if _, err := b.W.App.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, sample, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.W.App.AddSync(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	b.Home()
	return b
}

// The report of a run shows counts that add up, is written by a file dialog,
// signed, and checked again.
func TestTheReportOfARunIsShownExportedAndChecked(t *testing.T) {
	b := sampleOn(t, &vaulttest.Keychain{})
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	s := b.History(1)
	b.Tap("Report")
	b.Until("the report", func() bool { _, ok := b.W.Current().(*reportScreen); return ok })
	r := b.W.Current().(*reportScreen)
	b.Picture("report", 1280, 800)
	shown := shelltest.Texts(r.Content())
	for _, want := range []string{"100 created + 84 updated + 214 unchanged + 18 in conflict + 0 skipped + 4 failed = 420 read", "They add up", shortHash(r.report.Plan.Hash), "none was reached", "Records created in HubSpot"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the report does not say %q:\n%s", want, shown)
		}
	}
	dir := t.TempDir()
	for _, ending := range []string{".html", ".json"} {
		b.W.Fyne.Preferences().SetString(shell.PrefFolder, dir)
		b.Tap("Export signed report")
		d := b.Dialog("where to")
		d.First.(*widgets.Entry).SetText("report" + ending)
		test.Tap(d.Primary)
		b.Settle()
		d = b.Dialog("what was written")
		if d.Title != "The report is written and signed" {
			t.Fatalf("%s: %s: %s", ending, d.Title, shelltest.Texts(d))
		}
		b.Picture("report-signed", 1280, 800)
		test.Tap(d.Primary)
		path := filepath.Join(dir, "report"+ending)
		r.w.verifyReport(path)
		b.Settle()
		d = b.Dialog("the verdict")
		if !strings.Contains(shelltest.Texts(d), "as it was signed") {
			t.Errorf("%s: %s", ending, shelltest.Texts(d))
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
		r.w.verifyReport(path)
		b.Settle()
		d = b.Dialog("the verdict")
		if !strings.Contains(shelltest.Texts(d), "can’t be trusted") || !strings.Contains(shelltest.Texts(d), "changed after it was made") {
			t.Errorf("%s: a changed report: %s", ending, shelltest.Texts(d))
		}
		b.Picture("report-changed", 1280, 800)
		test.Tap(d.Primary)
	}
	r.Head().OnBack()
	if b.W.Current() != shell.Screen(s) {
		t.Errorf("Back leads to %T", b.W.Current())
	}
}

// Without a keychain nothing is signed, and that is said before anybody relies
// on it.
func TestAReportWithoutAKeychainSaysThatItIsNotSigned(t *testing.T) {
	keychain := &vaulttest.Keychain{}
	b := sampleOn(t, keychain)
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	b.History(1)
	keychain.Fail(func(string, string) error { return vault.ErrUnavailable })
	b.Tap("Report")
	b.Until("the report", func() bool { _, ok := b.W.Current().(*reportScreen); return ok })
	dir := t.TempDir()
	b.W.Fyne.Preferences().SetString(shell.PrefFolder, dir)
	b.Tap("Export signed report")
	d := b.Dialog("where to")
	test.Tap(d.Primary)
	b.Settle()
	if d = b.Dialog("what was written"); !strings.Contains(shelltest.Texts(d), "without a signature") || !strings.Contains(shelltest.Texts(d), "Not signed: no keychain") {
		t.Errorf("the dialog says %s", shelltest.Texts(d))
	}
}
