package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

func TestExportReplacesAFileOnlyWhenAskedTwiceAndOnlyWhole(t *testing.T) {
	b := withSample(t, look.Light)
	dir := t.TempDir()
	b.w.fyne.Preferences().SetString(prefFolder, dir)
	b.tap("Preview")
	b.plan("the plan")
	there := filepath.Join(dir, "plan.csv")
	if err := os.WriteFile(there, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.tap("Export plan")
	d := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog)
	d.First.(*widgets.Entry).SetText("plan")
	test.Tap(d.Primary)
	if got, err := os.ReadFile(there); err != nil || string(got) != "kept" || d.Primary.Text != "Replace it" {
		t.Fatalf("the file holds %q, %v; the button says %q", got, err, d.Primary.Text)
	}
	test.Tap(d.Primary)
	b.until("the export", func() bool {
		got, err := os.ReadFile(there)
		return err == nil && strings.HasPrefix(string(got), "\ufeffFate,Row,")
	})
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestExportNamesWhatANameCantHold(t *testing.T) {
	for name, want := range map[string]string{"plan": "plan.csv", "plan.XLSX": "plan.XLSX", "v1.2": "v1.2.csv", "": "", "a/b": "", " ": ""} {
		path, wrong := exportPath("f", name, []string{".csv", ".xlsx"})
		if (wrong != "") != (want == "") || wrong == "" && path != filepath.Join("f", want) {
			t.Errorf("%q: %q, %s", name, path, wrong)
		}
	}
}

func TestSentencesBeginWithACapitalInEveryScript(t *testing.T) {
	for text, want := range map[string]string{"übergröße": "Übergröße", "“quoted”": "“quoted”", "": "", "שלום": "שלום", "a": "A"} {
		if got := sentenceCase(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
