package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// With --summary a plan of a million rows prints its counts and no rows.
func TestASummaryLeavesTheRowsOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	for _, args := range [][]string{{"preview", "sync.yaml", "--summary"}, {"run", "sync.yaml", "--summary"}} {
		s := d.do(args...)
		if s.status != 0 || s.report.Counts.Created != 2 || len(s.report.Rows) != 0 {
			t.Errorf("%v: status %d, %+v, %d rows\n%s", args, s.status, s.report.Counts, len(s.report.Rows), s.err)
		}
	}
	if s := d.plain("preview", "sync.yaml", "--summary"); s.status != 0 || !strings.Contains(s.out, "= 2 read") || strings.Contains(s.out, "(line 2)") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	if s := d.plain("attention", "sync.yaml", "--summary"); s.status != 2 {
		t.Errorf("a command without rows takes --summary: status %d", s.status)
	}
}
