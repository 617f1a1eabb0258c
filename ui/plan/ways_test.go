package plan

import (
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// Where many records are new, the plan shows by which way they go to HubSpot and what the other
// one costs; the run takes the one that is chosen.
func TestTheWayOfManyNewRecordsIsChosenInThePlan(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		b := withSample(t, mode)
		b.Tap("Preview")
		p := b.plan("the plan")
		b.Settle()
		v := p.view
		v.Summary.Creating = &engine.Creating{Lane: engine.ByImport, Batch: 2000, Import: 20}
		v.Cost.Calls = 26
		s := newScreen(p.w, v, app.Part{})
		b.W.Open(s)
		b.Settle()
		b.Picture("plan-ways-"+name, 1280, 800)
		b.Picture("plan-ways-1024-"+name, 1024, 640)
		if !strings.HasPrefix(strings.SplitN(s.footer.Costs, "wait in Review · ", 2)[1], "26 calls") || s.lane != engine.LaneAuto {
			t.Errorf("%q", s.footer.Costs)
		}
		at := shelltest.AllOf[*widgets.Segment](s.root)
		at[0].Choose(1)
		if s.lane != engine.LaneBatch || !strings.Contains(s.footer.Costs, "2,006 calls") {
			t.Errorf("%q, %q", s.lane, s.footer.Costs)
		}
		s.approve()
		jobs := b.W.App.Running()
		if len(jobs) != 1 || jobs[0].Lane != engine.LaneBatch {
			t.Errorf("%+v", jobs)
		}
		b.Settle()

		v.Summary.Creating = &engine.Creating{Lane: engine.ByBatch, Batch: 60, Refused: "the connection does not have the scope crm.import"}
		s = newScreen(p.w, v, app.Part{})
		b.W.Open(s)
		b.Settle()
		b.Picture("plan-ways-refused-"+name, 1280, 800)
		if shown := strings.Join(strings.Fields(shelltest.Texts(s.root)), " "); !strings.Contains(shown, "not by one import: the connection does not have the scope crm.import.") {
			t.Errorf("why it is no import is not said:\n%s", shown)
		}
	}
}
