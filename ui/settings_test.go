package ui

import (
	"context"
	"strings"
	"testing"

	"syncline/ui/look"
)

// Settings shows what the workspace takes, and how long what is kept.
func TestSettingsTellsTheWorkspacesSizeAndWhatIsKept(t *testing.T) {
	b := withSample(t, look.Light)
	b.w.goTo(placeSettings)
	b.settle()
	s, ok := b.w.current.(*settings)
	if !ok {
		t.Fatalf("the screen is %T", b.w.current)
	}
	b.picture("settings-keeping", 1280, 800)
	if s.plans.Text() != "1 year" || !strings.Contains(s.size.Sub, "B") {
		t.Errorf("the rows of plans are kept for %q, the size is %q", s.plans.Text(), s.size.Sub)
	}
	s.plans.Choose(1)
	b.settle()
	k, err := b.w.app.Keeping(context.Background())
	if err != nil || k.PlanRows != 90 {
		t.Errorf("after the choice of 90 days the rule is %+v, %v", k, err)
	}
}
