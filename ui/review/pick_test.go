package review

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// several is a window in Review whose only conflict is a row that two records
// may belong to.
func several(t *testing.T) (*bench, *Screen, []string) {
	t.Helper()
	b := newBench(t, look.Light, true)
	portal, err := b.W.App.Portal(t.Context(), app.PracticeName)
	if err != nil {
		t.Fatal(err)
	}
	var made []hubspot.CreateInput
	for _, title := range []string{"Miller", "Clerk"} {
		made = append(made, hubspot.CreateInput{Properties: record.Values{"lastname": record.Text("Quist"), "firstname": record.Text("Petra"), "company": record.Text("Ambiguous Ltd"), "jobtitle": record.Text(title)}, TraceID: "made-" + title})
	}
	res, err := portal.Client.BatchCreate(t.Context(), "contacts", made)
	if err != nil || len(res.Records) != 2 {
		t.Fatalf("%+v, %v", res, err)
	}
	path := shelltest.SyncOf(t, t.TempDir(), "id,first,last,company,title\n1,Petra,Quist,Ambiguous Ltd,Clerk\n", `source: {kind: csv, path: rows.csv, key: [id]}
hubspot:
  portal: `+app.PracticeName+`
  object: contacts
  match: [{field: company, property: company}]
direction: to-hubspot
create: hubspot
fields:
  - {field: first, property: firstname}
  - {field: last, property: lastname}
  - {field: company, property: company}
  - {field: title, property: jobtitle}
`)
	if err := b.W.App.AddSync(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	b.Home()
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	b.W.GoTo(shell.PlaceReview)
	r := b.review()
	b.Until("the conflict", func() bool { c, ok := r.currentConflict(); return ok && c.Cause == plan.CauseSeveral })
	b.Settle()
	return b, r, []string{res.Records[0].ID, res.Records[1].ID}
}

// Which of several records a row belongs to is seen by their values and chosen
// from the list.
func TestARecordIsPickedForARow(t *testing.T) {
	b, r, _ := several(t)
	if r.pick == nil || len(r.pick.of.Records) != 2 {
		t.Fatalf("the records are not listed: %+v", r.pick)
	}
	b.Picture("review-several", 1280, 800)
	first := r.pick.of.Records[0]
	if first.Agrees != 4 || r.pick.of.Fields[0] != "title" {
		t.Errorf("the record that agrees most is %+v, the fields are %v", first, r.pick.of.Fields)
	}
	shown := shelltest.Texts(r.detail)
	for _, o := range plan.CauseSeveral.Options() {
		if o.Choice != plan.ChooseValue && !strings.Contains(shown, o.Does) {
			t.Errorf("the choice %q is not offered:\n%s", o.Word, shown)
		}
	}
	r.rune('e') // to the list of records
	r.pick.grid.Select(2)
	second := r.pick.of.Records[1]
	r.pick.chosen()
	b.Settle()
	b.Tap("Apply 1 decision")
	p := b.Planned("the plan")
	b.Settle()
	it, _ := p.Item(0)
	if it.RecordID != second.Record {
		t.Errorf("the row gets %s, %s was chosen", it.RecordID, second.Record)
	}
}

// A row that was left out is listed with what holds, and is looked at again
// once it is released.
func TestARowThatWasLeftOutIsReleased(t *testing.T) {
	b, r, _ := several(t)
	r.key(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.rune('/')
	b.Settle()
	b.Tap("Apply 1 decision")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	b.W.GoTo(shell.PlaceReview)
	b.Settle()
	if r.ruled.Text != "1 decision in force" || len(r.rows) != 0 {
		t.Fatalf("the button says %q, %d groups are open", r.ruled.Text, len(r.rows))
	}
	b.Picture("review-ruled-button", 1280, 800)
	b.Tap("1 decision in force")
	s := b.W.Current().(*ruledScreen)
	b.Until("the row", func() bool { return len(s.rows) == 1 })
	b.Settle()
	b.Picture("ruled", 1280, 800)
	if s.rows[0].Kind != plan.RuleOut || s.rows[0].RowKey != "1" || !s.release.Disabled() {
		t.Fatalf("what holds is %+v", s.rows[0])
	}
	s.grid.OnChecked(0)
	test.Tap(s.release)
	b.Settle()
	if len(s.rows) != 0 {
		t.Fatalf("it holds still: %+v", s.rows)
	}
	b.Home()
	b.Tap("Preview")
	p := b.Planned("the plan")
	if p.View().Summary.Counts.Conflict != 1 {
		t.Errorf("the released row is not asked about: %+v", p.View().Summary.Counts)
	}
}

// Whatever a conflict about a whole row can be settled by is offered, in the
// words of the table, with what it does.
func TestEveryDecisionOfEveryCauseIsOffered(t *testing.T) {
	b := newBench(t, look.Light, true)
	r := b.review()
	for _, cause := range plan.Causes() {
		if title, _ := cause.Words(); title == "" {
			continue // about a field
		}
		r.group = app.ConflictGroup{Cause: cause}
		r.detail.Objects = nil
		r.identity(app.Conflict{Cause: cause})
		var words, does []string
		for _, x := range shelltest.AllOf[*widgets.Button](r.detail) {
			words = append(words, x.Text)
		}
		for _, x := range shelltest.AllOf[*widgets.Paragraph](r.detail) {
			does = append(does, x.Text)
		}
		for _, o := range cause.Options() {
			if o.Choice == plan.ChooseValue {
				continue // chosen in the list of records
			}
			if !slices.Contains(does, o.Does) {
				t.Errorf("%s: %q is not offered: %q", cause, o.Does, does)
			}
			if !slices.Contains(words, o.Word) && !sameDoes(cause, o) {
				t.Errorf("%s: %q is not offered: %q", cause, o.Word, words)
			}
		}
	}
}

// sameDoes reports whether an earlier choice of the cause does the same.
func sameDoes(cause plan.Cause, o plan.Option) bool {
	for _, x := range cause.Options() {
		if x.Choice == o.Choice {
			return false
		}
		if x.Does == o.Does {
			return true
		}
	}
	return false
}
