package attention

import (
	"context"
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
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// queue is the screen of Needs attention, which is in front.
func (b *bench) queue() *attention {
	b.Helper()
	s, ok := b.W.Current().(*attention)
	if !ok {
		b.Fatalf("the screen is %T", b.W.Current())
	}
	return s
}

// failing is a window in Needs attention after the first run of the sample.
func failing(t *testing.T, mode look.Mode) (*bench, *attention) {
	t.Helper()
	b := withSample(t, mode)
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	b.W.Rooms.Attention()
	b.Until("the failed rows", func() bool { _, ok := b.queue().pages.At(0); return ok })
	b.Settle()
	return b, b.queue()
}

// failingOn is a window in Needs attention after a run of these rows.
func failingOn(t *testing.T, rows string) (*bench, *attention) {
	t.Helper()
	b := newBench(t, look.Light, true)
	path := shelltest.SyncOf(t, t.TempDir(), rows, shelltest.Addresses)
	s, err := b.W.App.OpenSync(t.Context(), path, app.Options{Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Run(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	b.W.Rooms.Attention()
	b.Until("the failed rows", func() bool { _, ok := b.queue().pages.At(0); return ok })
	b.Settle()
	return b, b.queue()
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
	b.Until("a failed row", func() bool { _, ok := s.pages.At(i); return ok })
	row, _ := s.pages.At(i)
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
	b.Picture("attention", 1280, 800)
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
	b.Settle()
	s.rune('e')
	if b.W.Win.Canvas().Focused() != fyne.Focusable(s.fix.entry) {
		t.Fatal("E does not lead to the cell")
	}
	if !s.fix.keep.Disabled() {
		t.Error("nothing was changed, and it can be kept")
	}
	s.fix.entry.SetText("corrected.here@fernhollow.com")
	s.fix.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.Settle()
	now := b.failedRow(s, 0)
	if len(now.Cells) == 0 || now.Cells[0].Corrected == nil || *now.Cells[0].Corrected != "corrected.here@fernhollow.com" {
		t.Fatalf("the row is %+v", now)
	}
	b.Picture("attention-corrected", 1280, 800)
	// Only this row is retried.
	s.toggleAll(false)
	s.toggle(0)
	if s.retry.Text != "Retry 1 row" {
		t.Fatalf("the button says %q", s.retry.Text)
	}
	test.Tap(s.retry)
	p := b.Planned("the plan of the retry")
	b.Settle()
	b.Picture("retry-plan", 1280, 800)
	said := shelltest.Texts(p.Content())
	if apply := b.Button("Apply"); apply.Text != "Apply 1 change" {
		for i := range p.Rows() {
			b.Until("the row", func() bool { _, ok := p.Item(i); return ok })
			if it, _ := p.Item(i); it.RowKey == row.RowKey {
				t.Logf("%s: %s %s %s", it.RowKey, it.Kind, it.Fate, it.Why())
			}
		}
		t.Fatalf("the plan's button says %q; it tells %q", apply.Text, said)
	}
	if !strings.Contains(said, "left out of this plan") {
		t.Errorf("the plan does not say that other rows are left out: %q", said)
	}
	b.Tap("Apply 1 change")
	done := b.Ran("the retry")
	res, err := done.Job().Result()
	if err != nil || res.Counts.Created+res.Counts.Updated != 1 {
		t.Fatalf("the retry came to %+v, %v", res.Counts, err)
	}
	b.W.Rooms.Attention()
	b.Settle()
	for i := range s.pages.IDs {
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
	b.Picture("attention-suggested", 1280, 800)
	for _, want := range []string{"Take “ann@example.com”", "Take all 2 suggested values"} {
		if !strings.Contains(shelltest.Texts(s.fix.root), want) {
			t.Errorf("the card does not offer %q:\n%s", want, shelltest.Texts(s.fix.root))
		}
	}
	s.rune('s')
	b.Settle()
	if s.list.Current() != 1 {
		t.Errorf("after a suggestion is taken the row %d is shown, not the next", s.list.Current())
	}
	s.rune('a')
	b.Settle()
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
	b.Settle()
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
	b.Settle()
	invalid := func() int {
		t.Helper()
		x, err := b.W.App.OpenSync(t.Context(), path, app.Options{})
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
	b.Settle()
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
	n := len(s.pages.IDs)
	s.rune('g')
	d := b.Dialog("giving up")
	test.Tap(d.Primary)
	b.Settle()
	if left, err := b.W.App.FailedCount(t.Context()); err != nil || left != all-n {
		t.Fatalf("%d rows fail still, %v; %d of %d were given up", left, err, n, all)
	}
	last := s.lines[len(s.lines)-1]
	if !last.group.GivenUp || len(last.group.IDs) != n {
		t.Fatalf("the causes are %q", s.causes())
	}
	s.groups.Select(len(s.lines) - 1)
	b.failedRow(s, 0)
	b.Settle()
	b.Picture("attention-given-up", 1280, 800)
	if want := fmt.Sprintf("Take up %s again", look.Count(n, "row", "rows")); s.give.Text != want {
		t.Errorf("the button says %q", s.give.Text)
	}
	s.rune('g')
	b.Settle()
	if left, err := b.W.App.FailedCount(t.Context()); err != nil || left != all {
		t.Errorf("%d rows fail, %v: they were taken up again", left, err)
	}
}

// The keyboard passes the titles of the sections.
func TestTheKeyboardPassesTheTitlesOfSections(t *testing.T) {
	b, s := failing(t, look.Light)
	if _, err := b.W.App.GiveUp(t.Context(), []int64{s.pages.IDs[0]}); err != nil {
		t.Fatal(err)
	}
	s.Show()
	b.Settle()
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
	b, a := failingOn(t, shelltest.ManyInvalid(10_000))
	b.Until("the failed rows", func() bool { return len(a.pages.IDs) == 10_000 })
	b.Settle()
	if len(a.pages.Rows) > 4 {
		t.Errorf("%d pages were read to show one", len(a.pages.Rows))
	}
	a.list.Select(9_999)
	b.failedRow(a, 9_999)
	b.Settle()
	if len(a.pages.Rows) > 8 {
		t.Errorf("%d pages were read to show the last row", len(a.pages.Rows))
	}
	if a.group.Class != plan.ClassInvalid || a.retry.Text != "Retry 10,000 rows" {
		t.Errorf("the group is %+v, the button says %q", a.group.Cause, a.retry.Text)
	}
	b.Picture("attention-many", 1280, 800)
	if d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
		t.Errorf("a dialog is open: %s", d.Title)
	}
}

// holding keeps the queue of what people decide until hold is closed.
func (b *bench) holding(hold chan struct{}) {
	shell.InOrder(b.W, func(context.Context) (struct{}, error) { <-hold; return struct{}{}, nil }, func(struct{}) {}, nil)
}

const unclean = "id,email,name\n1,<ann@example.com>,Ann\n2,<bob@example.com>,Bob\n3,<cy@example.com>,Cy\n"

// A correction is of the row that was shown when it was made, wherever the list has
// moved by the time it is kept.
func TestACorrectionIsOfTheRowThatWasShown(t *testing.T) {
	b, s := failingOn(t, unclean)
	hold := make(chan struct{})
	b.holding(hold)
	s.rune('s')
	s.list.Select(2)
	close(hold)
	b.Settle()
	for i, corrected := range []bool{true, false, false} {
		if c, _ := b.failedRow(s, i).Fault(); (c.Corrected != nil) != corrected {
			t.Errorf("row %d is %+v", i, c)
		}
	}
	if s.list.Current() != 2 {
		t.Errorf("the list was led to row %d", s.list.Current())
	}
}

// Where the list stands on a row that is not read yet, there is nothing to correct:
// least of all the row that was shown before.
func TestARowThatIsNotReadYetIsNotCorrected(t *testing.T) {
	_, a := failingOn(t, shelltest.ManyInvalid(1000))
	a.list.Select(900)
	if a.fix.failed.ID != 0 || strings.Contains(shelltest.Texts(a.right), "In the source:") {
		t.Errorf("the row %s is offered for correction", a.fix.failed.RowKey)
	}
}

// What somebody types stays when the rows are read again.
func TestWhatIsTypedStaysWhenTheRowsAreReadAgain(t *testing.T) {
	b, s := failingOn(t, unclean)
	s.fix.entry.SetText("half.typed@")
	s.pages.Renew()
	b.Settle()
	if s.fix.entry.Text != "half.typed@" || s.fix.keep.Disabled() {
		t.Errorf("the field holds %q", s.fix.entry.Text)
	}
}

// Corrections, giving up and retrying are done in the order in which they were asked
// for, and what is planned sees all of them.
func TestRetryingWaitsForCorrections(t *testing.T) {
	b, s := failingOn(t, unclean)
	hold := make(chan struct{})
	b.holding(hold)
	s.rune('a')
	test.Tap(s.retry)
	if n := len(b.W.App.Running()); n != 0 || b.W.Current() != shell.Screen(s) {
		t.Fatalf("%d jobs run before the values are kept", n)
	}
	close(hold)
	p := b.Planned("the plan of the retry")
	if c := p.View().Summary.Counts; c.Created != 3 || c.Failed != 0 {
		t.Errorf("the plan has %+v", c)
	}
}
