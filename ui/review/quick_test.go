package review

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// twoWay is a definition of people whose fields both sides change.
const twoWay = `source: {kind: csv, path: rows.csv, key: [id]}
hubspot:
  portal: ` + app.PracticeName + `
  object: contacts
  match: [{field: email, property: email}]
direction: two-way
create: hubspot
fields:
  - {field: email, property: email}
  - {field: first, property: firstname}
  - {field: last, property: lastname}
  - {field: city, property: city}
  - {field: company, property: company}
  - {field: title, property: jobtitle}
`

var mixed = []string{"firstname", "lastname", "city", "company", "jobtitle"}

// peopleRows are n rows; of row i the field i modulo five is changed where changed
// is not empty.
func peopleRows(n int, changed string) string {
	var b strings.Builder
	b.WriteString("id,email,first,last,city,company,title\n")
	for i := range n {
		cells := []string{"Ann", fmt.Sprintf("Person %d", i), "Bremen", "Fernhollow", "Buyer"}
		if changed != "" {
			cells[i%len(cells)] = fmt.Sprintf("%s %d", changed, i)
		}
		fmt.Fprintf(&b, "K%03d,person%d@fernhollow.com,%s\n", i, i, strings.Join(cells, ","))
	}
	return b.String()
}

// conflicting is Review with n conflicts of five fields.
func conflicting(t *testing.T, n int) (*bench, *Screen) {
	t.Helper()
	b, r, _ := conflictingOf(t, n, "Ours", "Theirs")
	return b, r
}

// conflictingOf is Review with n conflicts between these words, of the definition at
// path.
func conflictingOf(t *testing.T, n int, ours, theirs string) (_ *bench, _ *Screen, path string) {
	t.Helper()
	b := newBench(t, look.Light, true)
	dir := t.TempDir()
	path = shelltest.SyncOf(t, dir, peopleRows(n, ""), twoWay)
	run := func() {
		t.Helper()
		s, err := b.W.App.OpenSync(t.Context(), path, app.Options{Confirmed: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Run(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	run()
	portal, err := b.W.App.Portal(t.Context(), app.PracticeName)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < n; from += 100 {
		var ids []string
		for i := from; i < min(from+100, n); i++ {
			ids = append(ids, fmt.Sprintf("person%d@fernhollow.com", i))
		}
		found, err := portal.Client.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: ids, IDProperty: "email", Properties: []string{"email"}})
		if err != nil || len(found.Records) != len(ids) {
			t.Fatalf("%d of %d people are there, %v", len(found.Records), len(ids), err)
		}
		var edits []hubspot.UpdateInput
		for _, r := range found.Records {
			var i int
			if _, err := fmt.Sscanf(r.Properties["email"].String(), "person%d@", &i); err != nil {
				t.Fatal(err)
			}
			edits = append(edits, hubspot.UpdateInput{ID: r.ID, Properties: record.Values{mixed[i%len(mixed)]: record.Text(fmt.Sprintf("%s %d", theirs, i))}, TraceID: r.ID})
		}
		if res, err := portal.Client.BatchUpdate(t.Context(), "contacts", edits); err != nil || len(res.Records) != len(edits) {
			t.Fatalf("%d of %d edits, %v", len(res.Records), len(edits), err)
		}
	}
	shelltest.SyncOf(t, dir, peopleRows(n, ours), twoWay)
	run()
	b.W.GoTo(shell.PlaceReview)
	r := b.review()
	b.Until("the first conflict", func() bool { _, ok := r.currentConflict(); return ok })
	b.Settle()
	return b, r, path
}

// Four hundred conflicts of five fields are settled by the keyboard alone: a choice,
// A, Enter, and the next group comes by itself.
func TestFourHundredConflictsAreSettledWithFewKeys(t *testing.T) {
	b, r := conflicting(t, 400)
	if len(r.rows) != len(mixed) {
		t.Fatalf("%d groups: %+v", len(r.rows), r.rows)
	}
	keys := 0
	press := func(key fyne.KeyName, letter rune) {
		t.Helper()
		keys++
		focused := b.W.Win.Canvas().Focused()
		if focused == nil {
			t.Fatalf("after %d keys no part of Review has the keyboard", keys-1)
		}
		if letter != 0 {
			focused.TypedRune(letter)
		} else {
			focused.TypedKey(&fyne.KeyEvent{Name: key})
		}
		b.Settle()
	}
	open := func() int {
		n, err := b.W.App.OpenConflicts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range mixed {
		side := []fyne.KeyName{fyne.KeyRight, fyne.KeyLeft}[i%2]
		press(side, 0)
		press("", 'a')
		if _, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog); !ok {
			t.Fatal("A asks nothing")
		}
		press(fyne.KeyReturn, 0)
		if n := open(); n != 400-80*(i+1) {
			t.Fatalf("after %d keys %d conflicts are open", keys, n)
		}
	}
	if keys > 25 {
		t.Errorf("it took %d keys", keys)
	}
	t.Logf("%d keys", keys)
}

// U takes the decision back that was made before the next group came, and shows
// what is open again.
func TestWhatIsTakenBackIsShownAgain(t *testing.T) {
	b, r := conflicting(t, 10)
	first := r.group.Field
	list := func() fyne.Focusable { return b.W.Win.Canvas().Focused() }
	for range 2 {
		list().TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
		b.Settle()
	}
	if r.group.Field == first {
		t.Fatalf("both of %q are decided, and nothing else is shown", first)
	}
	list().TypedRune('u')
	b.Settle()
	if c, ok := r.currentConflict(); !ok || r.group.Field != first || c.Field != first {
		t.Errorf("what is shown is %q, not %q, with %q (%v)", r.group.Field, first, c.Field, ok)
	}
	if n, err := b.W.App.OpenConflicts(t.Context()); err != nil || n != 9 {
		t.Errorf("%d are open, %v", n, err)
	}
}
