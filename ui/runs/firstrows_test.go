package runs

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// While a plan is made its screen shows the first rows: as they are read, and
// then what would become of them.
func TestTheScreenOfAPlanInTheMakingShowsTheFirstRows(t *testing.T) {
	b := withSample(t, look.Light)
	s := newRunScreen(b.room(), &app.Job{Work: app.Work{Kind: app.JobPreview}, Name: "Customers"}, "Customers")
	b.W.Open(s)
	for i, c := range []struct {
		rows []engine.FirstRow
		want []string
	}{
		{[]engine.FirstRow{{Key: "k1", Line: 2, Name: "Ann Lee"}, {Key: "k2", Line: 3, Name: "Ben Ray"}}, []string{"The first rows, as they are read", "Ann Lee", "Row k1 in line 2", "Ben Ray"}},
		{[]engine.FirstRow{{Key: "k1", Line: 2, Name: "Ann Lee", Fate: plan.FateCreated, Reason: "no record matches this row"}}, []string{"The first rows of the plan", "Ann Lee", "No record matches this row"}},
	} {
		s.progress(engine.Snapshot{Phase: engine.PhasePlan, First: c.rows})
		b.W.Win.Resize(fyne.NewSize(1280, float32(900+i))) // the window's own loop makes room for what has grown
		b.Picture("plan-in-the-making-"+string(c.rows[0].Fate), 1280, 900)
		shown := shelltest.Texts(s.Content())
		for _, want := range c.want {
			if !strings.Contains(shown, want) {
				t.Errorf("the screen does not say %q:\n%s", want, shown)
			}
		}
	}
}
