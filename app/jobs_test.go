package app

import (
	"strings"
	"testing"
)

// No work begins while something holds it, and nothing holds it while work is under way.
func TestNoWorkBeginsWhileItIsHeld(t *testing.T) {
	t.Parallel()
	a := &App{}
	release, err := a.jobs.hold("a run is under way", "the practice portal is being reset")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Start(t.Context(), Work{Kind: JobPreview, Path: "a.yaml"}); err == nil || !strings.Contains(err.Error(), "being reset") {
		t.Errorf("a sync began: %v", err)
	}
	if _, err := a.StartSet(t.Context(), SetWork{Kind: SetPreview, Path: "set.yaml"}); err == nil || !strings.Contains(err.Error(), "being reset") {
		t.Errorf("a set began: %v", err)
	}
	release()
	a.jobs.byID = map[string]*Job{"a.yaml": {}}
	if _, err := a.jobs.hold("a run is under way", ""); err == nil || !strings.Contains(err.Error(), "under way") {
		t.Errorf("it is held although a run is under way: %v", err)
	}
}
