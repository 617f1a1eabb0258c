package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

func TestExportReplacesAFileOnlyWhenAskedTwiceAndOnlyWhole(t *testing.T) {
	b := withSample(t, look.Light)
	dir := t.TempDir()
	b.W.Fyne.Preferences().SetString(shell.PrefFolder, dir)
	b.Tap("Preview")
	b.plan("the plan")
	there := filepath.Join(dir, "plan.csv")
	if err := os.WriteFile(there, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Tap("Export plan")
	d := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	d.First.(*widgets.Entry).SetText("plan")
	test.Tap(d.Primary)
	if got, err := os.ReadFile(there); err != nil || string(got) != "kept" || d.Primary.Text != "Replace it" {
		t.Fatalf("the file holds %q, %v; the button says %q", got, err, d.Primary.Text)
	}
	test.Tap(d.Primary)
	b.Until("the export", func() bool {
		got, err := os.ReadFile(there)
		return err == nil && strings.HasPrefix(string(got), "\ufeffFate,Row,")
	})
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
