package settings

import (
	"testing"

	"syncline/ui/look"
)

func TestLogShowsTheNewestFirstAndFinds(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	b.Planned("the plan")
	b.W.Open(newLogScreen(b.W))
	s := b.W.Current().(*logScreen)
	b.Until("the log", func() bool { return len(s.rows) > 0 })
	if !s.rows[0].Time.After(s.rows[len(s.rows)-1].Time) || s.rows[len(s.rows)-1].Message != "program started" {
		t.Errorf("the log runs from %+v to %+v", s.rows[0], s.rows[len(s.rows)-1])
	}
	if len(s.detail.Objects) == 0 {
		t.Error("the first line is not explained")
	}
	all := len(s.rows)
	s.find.SetText("/crm/objects/")
	if n := len(s.rows); n == 0 || n == all {
		t.Errorf("%d of %d lines are found", n, all)
	}
	s.find.SetText("no line has this")
	if len(s.rows) != 0 || len(s.detail.Objects) != 0 {
		t.Errorf("%d lines are found", len(s.rows))
	}
}
