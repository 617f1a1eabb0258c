package plan

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// ranOnce is a window in the history after the first run of the sample.
func ranOnce(t *testing.T, mode look.Mode) (*bench, shelltest.History) {
	t.Helper()
	b := withSample(t, mode)
	return b, b.RanOnce()
}

// undoing presses Undo in the history and waits for its plan.
func (b *bench) undoing(runID string) *Screen {
	b.Helper()
	b.Tap("Undo this")
	b.Until("the plan of the undo", func() bool {
		p, ok := b.W.Current().(*Screen)
		return ok && p.undoes() && p.view.UndoOf == runID && len(p.pages.IDs) > 0
	})
	b.Settle()
	return b.W.Current().(*Screen)
}

// An undo is shown before anything is restored: what goes back, what is
// archived, what stays and why. Then it is approved, and it can be undone.
func TestAnUndoIsShownBeforeItIsDone(t *testing.T) {
	b, s := ranOnce(t, look.Light)
	run := s.Rows()[0].ID
	p := b.undoing(run)
	b.Picture("undo", 1280, 800)
	u := p.view.Undo
	if u.Archived != 100 || u.Cells == 0 || u.Rows == 0 {
		t.Fatalf("the undo would do %+v", u)
	}
	if n := b.written(); n != s.Rows()[0].Counts.Created+s.Rows()[0].Counts.Updated {
		t.Fatalf("the preview wrote something: %d", n)
	}
	if !p.apply.Disabled() {
		t.Error("100 records are archived without their number being typed")
	}
	shown := shelltest.Texts(p.Content())
	for _, want := range []string{"Nothing has been restored yet", "100 records it created are archived", look.Number(u.Cells) + " cells go back"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the undo does not say %q:\n%s", want, shown)
		}
	}
	p.guards[0].Entry().SetText("100")
	b.Tap("Undo ")
	undone := b.Ran("the undo")
	res, err := undone.Job().Result()
	if err != nil || res.Counts.Archived != 100 {
		t.Fatalf("the undo came to %+v, %v", res.Counts, err)
	}
	if undone.Head().Title != "Undone: Billing customers to contacts" {
		t.Errorf("the title is %q", undone.Head().Title)
	}
	// The undo is undone: its values come again.
	h := b.History(2)
	if undo := b.Button("Undo this"); undo.Text != "Undo this undo" {
		t.Errorf("the button says %q", undo.Text)
	}
	again := b.undoing(h.Rows()[0].ID)
	b.Picture("undo-of-undo", 1280, 800)
	if again.view.Undo.Cells == 0 || !again.again() {
		t.Errorf("the undo of the undo would do %+v", again.view.Undo)
	}
	b.Tap("Undo ")
	b.Ran("the undo of the undo")
}

// Rows are left out of an undo by their boxes; the number to type follows.
func TestRowsAreLeftOutOfAnUndo(t *testing.T) {
	b, s := ranOnce(t, look.Light)
	p := b.undoing(s.Rows()[0].ID)
	p.header.Segment.Choose(partRows)
	b.Settle()
	if p.view.Undo.Cells+p.view.Undo.Archived != 0 || !p.apply.Disabled() {
		t.Fatalf("all rows were taken out, and the undo would do %+v", p.view.Undo)
	}
	for i := range p.pages.IDs {
		b.Until("the row", func() bool { _, ok := p.pages.At(i); return ok })
		if it, _ := p.pages.At(i); it.Kind == plan.ItemUpdate {
			p.toggle(i)
			break
		}
	}
	b.Settle()
	if p.view.Undo.Rows != 1 || p.view.Undo.Archived != 0 || len(p.guards) != 0 || p.apply.Disabled() {
		t.Fatalf("one row was ticked, and the undo would do %+v: %s", p.view.Undo, p.apply.Reason)
	}
	b.Picture("undo-rows", 1280, 800)
	b.Tap("Undo ")
	done := b.Ran("the undo")
	res, err := done.Job().Result()
	if err != nil || res.Counts.Updated != 1 || res.Counts.Archived != 0 {
		t.Errorf("the undo came to %+v, %v", res.Counts, err)
	}
}

func TestFieldsOfARunAreUndone(t *testing.T) {
	b, s := ranOnce(t, look.Light)
	p := b.undoing(s.Rows()[0].ID)
	whole := p.view.Undo
	p.header.Segment.Choose(partFields)
	b.Settle()
	d := b.Dialog("the fields")
	boxes := shelltest.ChecksIn(d.Content)
	if len(boxes) < 2 || !d.Primary.Disabled() {
		t.Fatalf("%d fields can be chosen", len(boxes))
	}
	b.Picture("undo-fields", 1280, 800)
	test.Tap(boxes[0])
	test.Tap(d.Primary)
	b.Until("the plan of one field", func() bool {
		q, ok := b.W.Current().(*Screen)
		return ok && q != p && len(q.part.Fields) == 1
	})
	q := b.W.Current().(*Screen)
	b.Settle()
	if q.view.Undo.Archived != 0 || q.header.Segment.Selected != partFields || q.view.Undo.Rows > whole.Rows+whole.Archived {
		t.Errorf("of one field the undo would do %+v, of all %+v", q.view.Undo, whole)
	}
	for _, c := range q.columns {
		if c.Title != boxes[0].Text {
			t.Errorf("the undo of %q changes %q", boxes[0].Text, c.Title)
		}
	}
}

// What somebody edited since stays, and the plan of the undo says so. What is
// edited between the plan and its approval stays too.
func TestWhatWasEditedSinceStays(t *testing.T) {
	b, s := ranOnce(t, look.Light)
	p := b.undoing(s.Rows()[0].ID)
	it, _ := p.pages.At(b.editable(p, "city"))
	portal, err := b.W.App.Portal(t.Context(), app.PracticeName)
	if err != nil {
		t.Fatal(err)
	}
	b.Edit(portal, it.RecordID, "city", "Edited by somebody")
	again := b.anotherPlan(p)
	stays := 0
	for i := range again.pages.IDs {
		b.Until("the row", func() bool { _, ok := again.pages.At(i); return ok })
		now, _ := again.pages.At(i)
		if now.RecordID != it.RecordID {
			continue
		}
		for _, e := range now.Edits {
			if e.Property == "city" && e.Action == plan.EditLeft && strings.Contains(e.Reason, "edited since") {
				stays++
			}
		}
	}
	if stays != 1 || again.view.Undo.Kept+again.view.Undo.KeptIn == p.view.Undo.Kept+p.view.Undo.KeptIn {
		t.Errorf("the edit is not listed as kept: %+v", again.view.Undo)
	}
	b.Edit(portal, it.RecordID, "city", "Edited once more")
	again.guards[0].Entry().SetText("100")
	b.Tap("Undo ")
	b.Ran("the undo")
	if now := b.Value(portal, it.RecordID, "city"); now != "Edited once more" {
		t.Errorf("the edit became %q", now)
	}
}

func (b *bench) anotherPlan(p *Screen) *Screen {
	b.Helper()
	b.Tap("Make a new plan")
	b.Until("another plan", func() bool {
		q, ok := b.W.Current().(*Screen)
		return ok && q.view.ID != p.view.ID && len(q.pages.IDs) > 0
	})
	b.Settle()
	return b.W.Current().(*Screen)
}
