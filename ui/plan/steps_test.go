package plan

import (
	"strings"
	"testing"

	"syncline/sync/plan"
	"syncline/ui/look"
)

// What a person changed of a plan is taken back and done again, several steps deep: each is a
// revision with its own hash, what is shown and counted follows, and the plan holds.
func TestChangesOfAPlanAreTakenBackAndDoneAgain(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	frozen, apply := p.stamp, p.apply.Text
	if !p.undo.Disabled() || !p.redo.Disabled() {
		t.Error("nothing was changed, and can be taken back")
	}
	row := b.editable(p, "city")
	b.Settle()
	n := p.pages.IDs[row]
	city := func() string {
		b.Helper()
		it, err := b.W.App.ItemsByID(t.Context(), p.view.ID, []int{n})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range it[0].Edits {
			if e.Property == "city" && e.Target() == plan.HubSpot {
				return str(e.New)
			}
		}
		return "not written"
	}
	before := city()
	edit, err := p.edit(t.Context(), n, []plan.Put{{Side: plan.HubSpot, Property: "city", Value: "Elsewhere"}})
	if err != nil {
		t.Fatal(err)
	}
	p.edited(row, edit)
	p.toggle(row)
	b.Settle()
	all := len(p.pages.IDs)
	p.toggleAll(false)
	b.Settle()
	if p.excluded < 2 || p.stamp.Back != 3 {
		t.Fatalf("%d of %d rows are out, %d steps can be taken back", p.excluded, all, p.stamp.Back)
	}
	p.Undo() // all rows
	b.Settle()
	if it, ok := p.pages.At(p.grid.Current()); p.excluded != 1 || !ok || it.N != n || !it.Excluded {
		t.Errorf("%d rows are out, the current one is %d, want %d", p.excluded, it.N, n)
	}
	p.Undo()
	p.Undo()
	b.Settle()
	if p.excluded != 0 || p.apply.Text != apply || city() != before || !p.undo.Disabled() || p.redo.Disabled() {
		t.Errorf("%d rows are out, the button says %q, the city is %q, %+v", p.excluded, p.apply.Text, city(), p.stamp)
	}
	if p.stamp.Hash == frozen.Hash || p.stamp.Revision != 6 || !strings.Contains(p.header.State, "Revision 6") {
		t.Errorf("the plan is at %+v and says %q", p.stamp, p.header.State)
	}
	p.Undo() // there is nothing more
	p.Redo()
	b.Settle()
	if !strings.HasPrefix(p.header.State, "Done again: city of 1 row · Revision 7") {
		t.Errorf("the screen says %q", p.header.State)
	}
	if city() != "Elsewhere" || p.stamp.Back != 1 || p.stamp.Again != 2 {
		t.Errorf("the city is %q, %+v", city(), p.stamp)
	}
	b.Picture("plan-steps", 1280, 800)
	b.Picture("plan-steps-1024", 1024, 640)
	p.toggle(row)
	b.Settle()
	if !p.redo.Disabled() {
		t.Error("what was taken back can be done again over a change that was made since")
	}
	if err := b.W.App.Store.CheckPlan(t.Context(), p.view.ID); err != nil {
		t.Error(err)
	}
}
