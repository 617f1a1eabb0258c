package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/xuri/excelize/v2"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// failing is a window in Needs attention after the first run of the sample.
func failing(t *testing.T, mode look.Mode) (*bench, *attention) {
	t.Helper()
	b := withSample(t, mode)
	b.tap("Preview")
	b.plan("the plan")
	b.tap("Apply")
	b.ended("the run")
	b.w.openAttention()
	b.until("the failed rows", func() bool { _, ok := b.w.failed.pages.at(0); return ok })
	b.settle()
	return b, b.w.failed
}

// failingOn is a window in Needs attention after a run of these rows.
func failingOn(t *testing.T, rows string) (*bench, *attention) {
	t.Helper()
	b := newBench(t, look.Light, true)
	path := syncOf(t, t.TempDir(), rows, addresses)
	s, err := b.w.app.OpenSync(t.Context(), path, app.Options{Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Run(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	b.w.openAttention()
	b.until("the failed rows", func() bool { _, ok := b.w.failed.pages.at(0); return ok })
	b.settle()
	return b, b.w.failed
}

// causes are the titles of the groups with their numbers, sections in brackets.
func (s *attention) causes() []string {
	var all []string
	for _, l := range s.lines {
		if l.section != "" {
			all = append(all, fmt.Sprintf("[%s %d]", l.section, l.count))
			continue
		}
		all = append(all, fmt.Sprintf("%s %d", l.group.Cause, len(l.group.IDs)))
	}
	return all
}

// row is the failed row of a line of the list.
func (b *bench) failedRow(s *attention, i int) app.FailedRow {
	b.Helper()
	b.until("a failed row", func() bool { _, ok := s.pages.at(i); return ok })
	row, _ := s.pages.at(i)
	return row
}

func TestFailedRowsAreGroupedByWhatIsTheMatter(t *testing.T) {
	b, s := failing(t, look.Light)
	got := s.causes()
	if got[0] != "[Stopped by Syncline 4]" || len(got) < 2 {
		t.Fatalf("the causes are %q", got)
	}
	for _, l := range s.lines {
		if l.section == "" && (strings.Contains(l.group.Cause, "@") || l.group.Cause == "Stopped by Syncline") {
			t.Errorf("a group is called %q", l.group.Cause)
		}
	}
	b.picture("attention", 1280, 800)
	row := b.failedRow(s, 0)
	fault, ok := row.Fault()
	if !ok || fault.Now == "" || !strings.HasPrefix(row.Message, fault.Field+": ") {
		t.Errorf("the cell at fault of %q is %+v", row.Message, fault)
	}
}

// A cell is corrected where it is seen, by the keyboard, and the retry writes
// that row and no other.
func TestAFailedRowIsCorrectedAndRetriedInPlace(t *testing.T) {
	b, s := failing(t, look.Light)
	// A change in the source that the retry must leave alone.
	d, err := definition.Load(s.group.Path)
	if err != nil {
		t.Fatal(err)
	}
	changeCellOf(t, d.SourcePath(), 20)
	at := slices.IndexFunc(s.lines, func(l causeLine) bool { return l.section == "" && strings.HasPrefix(l.group.Cause, "Email") })
	if at < 0 {
		t.Fatalf("no e-mail failed: %q", s.causes())
	}
	s.groups.Select(at)
	row := b.failedRow(s, 0)
	b.settle()
	s.rune('e')
	if b.w.win.Canvas().Focused() != fyne.Focusable(s.fix.entry) {
		t.Fatal("E does not lead to the cell")
	}
	if !s.fix.keep.Disabled() {
		t.Error("nothing was changed, and it can be kept")
	}
	s.fix.entry.SetText("corrected.here@fernhollow.com")
	s.fix.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.settle()
	now := b.failedRow(s, 0)
	if len(now.Cells) == 0 || now.Cells[0].Corrected == nil || *now.Cells[0].Corrected != "corrected.here@fernhollow.com" {
		t.Fatalf("the row is %+v", now)
	}
	b.picture("attention-corrected", 1280, 800)
	// Only this row is retried.
	s.toggleAll(false)
	s.toggle(0)
	if s.retry.Text != "Retry 1 row" {
		t.Fatalf("the button says %q", s.retry.Text)
	}
	test.Tap(s.retry)
	p := b.plan("the plan of the retry")
	b.settle()
	b.picture("retry-plan", 1280, 800)
	if p.apply.Text != "Apply 1 change" {
		b.each(p, func(it plan.Item) {
			if it.RowKey == row.RowKey {
				t.Logf("%s: %s %s %s", it.RowKey, it.Kind, it.Fate, it.Why())
			}
		})
		t.Fatalf("the plan's button says %q; it tells %q", p.apply.Text, texts(p.sums))
	}
	if !strings.Contains(texts(p.sums), "left out of this plan") {
		t.Errorf("the plan does not say that other rows are left out: %q", texts(p.sums))
	}
	b.tap("Apply 1 change")
	done := b.ended("the retry")
	res, err := done.job.Result()
	if err != nil || res.Counts.Created+res.Counts.Updated != 1 {
		t.Fatalf("the retry came to %+v, %v", res.Counts, err)
	}
	b.w.openAttention()
	b.settle()
	for i := range s.pages.ids {
		if r := b.failedRow(s, i); r.RowKey == row.RowKey {
			t.Errorf("the row %s fails still: %s", r.RowKey, r.Message)
		}
	}
}

// changeCellOf changes a cell of a workbook's row.
func changeCellOf(t *testing.T, path string, line int) {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.SetCellValue(book.GetSheetName(0), fmt.Sprintf("B%d", line), "Changed meanwhile"); err != nil {
		t.Fatal(err)
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
}

func TestSuggestedValuesAreTakenForAllAtOnce(t *testing.T) {
	b, s := failingOn(t, "id,email,name\n1,<ann@example.com>,Ann\n2,nobody,Bob\n3,<cy@example.com>,Cy\n")
	if s.group.Suggested != 2 {
		t.Fatalf("%d values are suggested for %q", s.group.Suggested, s.group.Cause)
	}
	b.picture("attention-suggested", 1280, 800)
	for _, want := range []string{"Take “ann@example.com”", "Take all 2 suggested values"} {
		if !strings.Contains(texts(s.fix.root), want) {
			t.Errorf("the card does not offer %q:\n%s", want, texts(s.fix.root))
		}
	}
	s.rune('s')
	b.settle()
	if s.list.Current() != 1 {
		t.Errorf("after a suggestion is taken the row %d is shown, not the next", s.list.Current())
	}
	s.rune('a')
	b.settle()
	for i, want := range []string{"ann@example.com", "", "cy@example.com"} {
		c, _ := b.failedRow(s, i).Fault()
		switch {
		case want == "" && c.Corrected != nil:
			t.Errorf("row %d was corrected to %q, nothing is suggested", i, *c.Corrected)
		case want != "" && (c.Corrected == nil || *c.Corrected != want):
			t.Errorf("row %d is %+v", i, c)
		}
	}
	// One is taken back, and the cell counts again.
	s.list.Select(0)
	s.fix.uncorrect()
	b.settle()
	if c, _ := b.failedRow(s, 0).Fault(); c.Corrected != nil {
		t.Errorf("the correction stays: %+v", c)
	}
	// A cell that is not at fault can be corrected as well; the key can't.
	s.fix.which.Choose(1)
	if s.fix.entry.Text != "Ann" || len(s.fix.which.Options) != 2 {
		t.Errorf("the fields are %q, the second holds %q", s.fix.which.Options, s.fix.entry.Text)
	}
}

// A correction that was read already and is taken back counts no more.
func TestACorrectionThatIsTakenBackCountsNoMore(t *testing.T) {
	b, s := failingOn(t, "id,email,name\n1,<ann@example.com>,Ann\n2,bob@example.com,Bob\n")
	path := s.group.Path
	s.rune('s')
	b.settle()
	invalid := func() int {
		t.Helper()
		x, err := b.w.app.OpenSync(t.Context(), path, app.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		res, err := x.Preview(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return res.Counts.Failed
	}
	if n := invalid(); n != 0 {
		t.Fatalf("%d rows are invalid though the cell is corrected", n)
	}
	s.list.Select(0)
	s.fix.uncorrect()
	b.settle()
	if n := invalid(); n != 1 {
		t.Errorf("%d rows are invalid after the correction was taken back", n)
	}
}

func TestRowsAreGivenUpAndTakenUpAgain(t *testing.T) {
	b, s := failing(t, look.Light)
	all := 0
	for _, l := range s.lines {
		if l.section == "" {
			all += len(l.group.IDs)
		}
	}
	n := len(s.pages.ids)
	s.rune('g')
	d := b.dialog("giving up")
	test.Tap(d.Primary)
	b.settle()
	if left, err := b.w.app.FailedCount(t.Context()); err != nil || left != all-n {
		t.Fatalf("%d rows fail still, %v; %d of %d were given up", left, err, n, all)
	}
	last := s.lines[len(s.lines)-1]
	if !last.group.GivenUp || len(last.group.IDs) != n {
		t.Fatalf("the causes are %q", s.causes())
	}
	s.groups.Select(len(s.lines) - 1)
	b.failedRow(s, 0)
	b.settle()
	b.picture("attention-given-up", 1280, 800)
	if want := fmt.Sprintf("Take up %s again", look.Count(n, "row", "rows")); s.give.Text != want {
		t.Errorf("the button says %q", s.give.Text)
	}
	s.rune('g')
	b.settle()
	if left, err := b.w.app.FailedCount(t.Context()); err != nil || left != all {
		t.Errorf("%d rows fail, %v: they were taken up again", left, err)
	}
}

// The keyboard passes the titles of the sections.
func TestTheKeyboardPassesTheTitlesOfSections(t *testing.T) {
	b, s := failing(t, look.Light)
	if _, err := b.w.app.GiveUp(t.Context(), []int64{s.pages.ids[0]}); err != nil {
		t.Fatal(err)
	}
	s.show()
	b.settle()
	for i := range s.lines {
		s.groups.Select(i)
		if s.lines[s.groups.Current()].section != "" {
			t.Fatalf("line %d, the title of a section, is chosen", s.groups.Current())
		}
	}
	for i := len(s.lines) - 1; i > 0; i-- {
		s.groups.Select(i)
		if s.lines[s.groups.Current()].section != "" {
			t.Fatalf("line %d, the title of a section, is chosen", s.groups.Current())
		}
	}
}

// Many rows are listed by their ids; of the rows themselves a page is read.
func TestTenThousandFailedRowsOpenAtOnce(t *testing.T) {
	b, a := failingOn(t, manyInvalid(10_000))
	b.until("the failed rows", func() bool { return len(a.pages.ids) == 10_000 })
	b.settle()
	if len(a.pages.rows) > 4 {
		t.Errorf("%d pages were read to show one", len(a.pages.rows))
	}
	a.list.Select(9_999)
	b.failedRow(a, 9_999)
	b.settle()
	if len(a.pages.rows) > 8 {
		t.Errorf("%d pages were read to show the last row", len(a.pages.rows))
	}
	if a.group.Class != plan.ClassInvalid || a.retry.Text != "Retry 10,000 rows" {
		t.Errorf("the group is %+v, the button says %q", a.group.Cause, a.retry.Text)
	}
	b.picture("attention-many", 1280, 800)
	if d, ok := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
		t.Errorf("a dialog is open: %s", d.Title)
	}
}
