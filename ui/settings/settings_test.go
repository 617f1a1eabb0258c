package settings

import (
	"context"
	"strings"
	"testing"

	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// Settings shows what the workspace takes, and how long what is kept.
func TestSettingsTellsTheWorkspacesSizeAndWhatIsKept(t *testing.T) {
	b := withSample(t, look.Light)
	b.W.GoTo(shell.PlaceSettings)
	b.Settle()
	s, ok := b.W.Current().(*settings)
	if !ok {
		t.Fatalf("the screen is %T", b.W.Current())
	}
	b.Picture("settings-keeping", 1280, 800)
	if s.plans.Text() != "1 year" || !strings.Contains(s.size.Sub, "B") {
		t.Errorf("the rows of plans are kept for %q, the size is %q", s.plans.Text(), s.size.Sub)
	}
	s.plans.Choose(1)
	b.Settle()
	k, err := b.W.App.Keeping(context.Background())
	if err != nil || k.PlanRows != 90 {
		t.Errorf("after the choice of 90 days the rule is %+v, %v", k, err)
	}
}

// Where a shorter time would take undos away at once, Settings asks first, and a
// refusal leaves the rule and its choice as they were.
func TestSettingsAsksBeforeUndosAreLost(t *testing.T) {
	b := withSample(t, look.Light)
	b.W.GoTo(shell.PlaceSettings)
	b.Settle()
	s := b.W.Current().(*settings)
	if s.wrote.Text() != "For ever" || s.gone.Text() != "1 year" {
		t.Errorf("what runs wrote is kept for %q, what is gone for %q", s.wrote.Text(), s.gone.Text())
	}
	rule := func() int {
		k, err := b.W.App.Keeping(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return k.Changes
	}
	s.wrote.Choose(0)
	b.Settle()
	if rule() != 30 {
		t.Errorf("no run is as old as that, and the rule is %d days", rule())
	}
	s.wrote.Choose(4)
	b.Settle()
	s.wrote.SetOptions(keepWords(), 1)
	s.letGo(90, 3)
	b.Settle()
	b.Picture("settings-letting-go", 1024, 640)
	question(t, b).Cancel()
	b.Settle()
	if rule() != 0 || s.wrote.Text() != "For ever" {
		t.Errorf("after a refusal the rule is %d days, and %q is shown", rule(), s.wrote.Text())
	}
	s.letGo(90, 3)
	b.Settle()
	question(t, b).Primary.OnTapped()
	b.Settle()
	if rule() != 90 {
		t.Errorf("after the consent the rule is %d days", rule())
	}
}

// question is the dialog that is open.
func question(t *testing.T, b *bench) *widgets.Dialog {
	t.Helper()
	d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok {
		t.Fatal("no dialog is open")
	}
	return d
}

func TestTheLicencesOfEveryPartAreShown(t *testing.T) {
	b := withSample(t, look.Light)
	b.W.GoTo(shell.PlaceSettings)
	b.Settle()
	b.Picture("settings", 1280, 800)
	b.Tap("Show")
	b.W.Open(newLicenceScreen(b.W))
	s := b.W.Current().(*licenceScreen)
	b.Settle()
	b.Picture("licences", 1280, 800)
	s.find.SetText("sqlite")
	if len(s.rows) < 2 || len(s.detail.Objects) < 2 {
		t.Errorf("%d parts, %d paragraphs", len(s.rows), len(s.detail.Objects))
	}
}
