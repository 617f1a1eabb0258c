package plan

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// texts are what a column of the list shows, row by row.
func (b *bench) texts(p *Screen, col int) (all []string) {
	b.Helper()
	for i := range p.pages.IDs {
		b.Until("the row", func() bool { _, ok := p.pages.At(i); return ok })
		c := p.cell(i, col)
		if c.Change != nil {
			c.Text = c.Change.New
		}
		all = append(all, c.Text)
	}
	return all
}

// Rows are listed by any column, in either direction; those that do not touch a
// property stand last.
func TestThePlanIsListedByAnyColumn(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	natural := slices.Clone(p.pages.IDs)
	lower := func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) }
	for _, descending := range []bool{false, true} {
		p.grid.OnSorted(app.OrderName, descending)
		b.Settle()
		names := b.texts(p, 2)
		if descending {
			slices.Reverse(names)
		}
		if !slices.IsSortedFunc(names, lower) || len(names) != len(natural) {
			t.Errorf("descending %v: the first are %q", descending, names[:5])
		}
	}
	city := slices.IndexFunc(p.view.Columns, func(c app.PlanColumn) bool { return c.Property == "city" })
	p.columns = p.view.Columns[city : city+1]
	p.showColumns()
	p.grid.OnSorted("city", false)
	b.Settle()
	touched := 0
	values := b.texts(p, 3)
	for i := range values {
		it, _ := p.pages.At(i)
		if slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Property == "city" }) {
			touched++
		}
	}
	if !slices.IsSortedFunc(values[:touched], lower) || strings.Join(values[touched:], "") != "" || touched == 0 {
		t.Errorf("by city, of which %d rows have one: %q", touched, values[:8])
	}
	p.grid.OnSorted("", false)
	b.Settle()
	if !slices.Equal(p.pages.IDs, natural) {
		t.Error("the plan's own order does not come back")
	}
}

// Every property that a plan changes can be shown, and what is shown is remembered
// for the sync.
func TestTheColumnsOfAPlanAreChosenAndRemembered(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	if len(p.view.Columns) <= shownColumns || len(p.columns) != shownColumns {
		t.Fatalf("%d of %d properties are shown", len(p.columns), len(p.view.Columns))
	}
	last := p.view.Columns[len(p.view.Columns)-1]
	p.ChooseColumns()
	d := b.Dialog("the columns")
	b.Picture("plan-columns", 1280, 800)
	find := shelltest.EntriesIn(d.Content)[0]
	find.SetText(last.Property)
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Tap(d.Primary)
	b.Settle()
	if len(p.columns) != shownColumns+1 || p.columns[shownColumns] != last || p.grid.Columns()[3+shownColumns].Title != last.Title {
		t.Errorf("shown are %+v", p.columns)
	}
	b.Picture("plan-five-columns", 1024, 640)
	b.W.Rooms.Plan(p.view.ID, app.Part{})
	b.Until("the plan again", func() bool { q, ok := b.W.Current().(*Screen); return ok && q != p })
	if q := b.W.Current().(*Screen); len(q.columns) != shownColumns+1 || q.columns[shownColumns] != last {
		t.Errorf("after it is opened again %+v", q.columns)
	}
	b.Settle()
}

// What each value of a property becomes is shown with how often, and rows are taken
// out by it.
func TestWhatEachValueBecomesIsShownAndTakenOut(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	all, err := b.W.App.Becomes(t.Context(), p.view.ID, "city")
	if err != nil || len(all) == 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	rows := 0
	for i, x := range all {
		rows += len(x.Items)
		if i > 0 && len(x.Items) > len(all[i-1].Items) {
			t.Errorf("%q → %q is more frequent than what stands before it", x.From, x.To)
		}
	}
	p.showValues("city", "City")
	b.Until("the values", b.Open)
	d := b.Dialog("the values")
	b.Picture("plan-values", 1280, 800)
	b.Picture("plan-values-1024", 1024, 640)
	if d.Primary.Text != "Close" {
		t.Errorf("the button says %q", d.Primary.Text)
	}
	g := shelltest.AllOf[*grid.Grid](d.Content)[0]
	g.OnChecked(0)
	n := len(all[0].Items)
	if want := "Change the plan for " + look.Count(n, "row", "rows"); d.Primary.Text != want {
		t.Errorf("the button says %q, not %q", d.Primary.Text, want)
	}
	test.Tap(d.Primary)
	b.Settle()
	items, err := b.W.App.ItemsByID(t.Context(), p.view.ID, all[0].Items)
	if err != nil || slices.ContainsFunc(items, func(it plan.Item) bool { return !it.Excluded }) || p.excluded != n {
		t.Errorf("%d rows are taken out, %v", p.excluded, err)
	}
	if again, err := b.W.App.Becomes(t.Context(), p.view.ID, "city"); err != nil || again[0].Out != n {
		t.Errorf("%+v, %v", again[0], err)
	}
}

// A value that a plan writes to many rows is corrected for all of them at once, or for none.
func TestAValueIsCorrectedForAllItsRows(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	becomes := func() []app.Becoming {
		t.Helper()
		all, err := b.W.App.Becomes(t.Context(), p.view.ID, "plan_name")
		if err != nil || len(all) == 0 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all
	}
	of := becomes()[0]
	p.showValues("plan_name", "Plan")
	b.Until("the values", b.Open)
	b.Settle()
	values := b.Dialog("the values")
	test.Tap(values.Others[len(values.Others)-1])
	d := b.Dialog("the value")
	entry := shelltest.AllOf[*widgets.Entry](d.Content)[0]
	if d.Primary.Reason == "" || entry.Text != of.To {
		t.Errorf("%q stands there, the button may be pressed: %v", entry.Text, d.Primary.Reason == "")
	}
	entry.SetText("No such plan")
	test.Tap(d.Primary)
	b.Settle()
	if entry.Problem == "" || becomes()[0].To != of.To {
		t.Fatalf("what HubSpot would refuse was taken: %+v", becomes()[0])
	}
	b.Picture("plan-another-value-refused", 1024, 640)
	other := "Enterprise"
	if of.To == other {
		other = "Starter"
	}
	entry.SetText(other)
	test.Tap(d.Primary)
	b.Until("the values again", func() bool { return b.Open() && b.Dialog("it") != d })
	b.Picture("plan-values-corrected", 1280, 800)
	items, err := b.W.App.ItemsByID(t.Context(), p.view.ID, of.Items)
	if err != nil || len(items) != len(of.Items) {
		t.Fatal(err)
	}
	for _, it := range items {
		at := slices.IndexFunc(it.Edits, func(e plan.Edit) bool { return e.Property == "plan_name" })
		if got := str(it.Edits[at].New); !strings.EqualFold(got, other) {
			t.Errorf("%s gets %q", it.Name, got)
		}
	}
	if p.view.Revision != 1 {
		t.Errorf("the plan is at revision %d", p.view.Revision)
	}
	b.Settle()
}
