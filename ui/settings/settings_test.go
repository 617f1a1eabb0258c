package settings

import (
	"context"
	"strings"
	"testing"

	"syncline/ui/look"
	"syncline/ui/shell"
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
