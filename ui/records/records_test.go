package records

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app/records"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

// inRecords is a window with the practice portal's contacts in front.
func inRecords(t *testing.T, mode look.Mode) (*bench, *Screen) {
	t.Helper()
	b := &bench{shelltest.New(t, mode, true)}
	b.W.GoTo(shell.PlaceRecords)
	s := b.W.Current().(*Screen)
	b.Until("the first records", func() bool { return s.results != nil && s.results.Total() > 0 && s.panel.view != nil })
	b.Settle()
	return b, s
}

// Records are found by conditions that are added one after the other, and a record shows what it
// holds by names.
func TestRecordsAreFoundByAFilter(t *testing.T) {
	b, s := inRecords(t, look.Light)
	b.Picture("records", 1280, 800)
	all := s.results.Total()
	s.filter.filter = records.Filter{{{Property: "lifecyclestage", Operator: "IN", Values: []string{"customer", "opportunity"}}, {Property: "lastmodifieddate", Operator: "GT", Values: []string{"2020-11-14"}}, {Property: "phone", Operator: "HAS_PROPERTY"}}}
	s.filter.changed()
	b.Settle()
	some := s.results.Total()
	if some == 0 || some >= all {
		t.Errorf("%d of %d contacts pass the filter", some, all)
	}
	shown := shelltest.Texts(s.Content())
	for _, want := range []string{"All of these", "is any of", "Customer, Opportunity", "is after", "no value needed"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the screen does not say %q", want)
		}
	}
	b.Picture("records-filter", 1280, 800)
	b.Picture("records-filter-1024", 1024, 640)
	s.filter.filter[0] = append(s.filter.filter[0], records.Condition{Property: "city", Operator: "NEQ"})
	s.filter.changed()
	b.Settle()
	if s.results.Total() != some || !strings.Contains(shelltest.Texts(s.Content()), "1 condition without a value left out") {
		t.Error("a condition without a value changes what is found, or nothing says that it is left out")
	}
	s.text.SetText("zzzznobody")
	s.text.OnSubmitted("")
	b.Settle()
	if s.results.Total() != 0 || !strings.Contains(shelltest.Texts(s.Content()), "No such record") {
		t.Errorf("%d records have a name that nobody has", s.results.Total())
	}
}

// Only the members of a list are looked for where a person chooses one.
func TestMembersOfAListAreLookedFor(t *testing.T) {
	b, s := inRecords(t, look.Light)
	p, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddList("contacts", "Board guests", ""); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for id := range p.Records("contacts") {
		if ids = append(ids, id); len(ids) == 7 {
			break
		}
	}
	if err := p.Join("Board guests", ids...); err != nil {
		t.Fatal(err)
	}
	all := s.results.Total()
	test.Tap(s.lists)
	b.Until("the lists", b.Open)
	d := b.Dialog("the lists")
	if text := shelltest.Texts(d); !strings.Contains(text, "Board guests") || !strings.Contains(text, "7 members, static") {
		t.Errorf("the dialog says\n%s", text)
	}
	b.Picture("records-lists", 1280, 800)
	d.Cancel()
	lists, err := s.recs.Lists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range lists {
		if lists[i].Name == "Board guests" {
			s.ofList(&lists[i])
		}
	}
	s.search()
	b.Settle()
	if text := shelltest.Texts(s.Content()); s.results.Total() != 7 || !strings.Contains(text, "7 contacts of the list Board guests, by record id") {
		t.Errorf("%d found; the screen says\n%s", s.results.Total(), text)
	}
	b.Picture("records-list", 1280, 800)
	b.Picture("records-list-1024", 1024, 640)
	s.ofList(nil)
	s.search()
	b.Settle()
	if s.results.Total() != all {
		t.Errorf("%d of %d found without a list", s.results.Total(), all)
	}
}

// A property is chosen from a list that can be searched, and the columns are a person's own.
func TestColumnsAreChosen(t *testing.T) {
	b, s := inRecords(t, look.DarkMode)
	s.chooseColumns()
	d := b.Dialog("the columns")
	b.Picture("records-columns", 1280, 800)
	entry := shelltest.EntriesIn(d.Content)[0]
	entry.SetText("job title")
	b.Settle()
	entry.SetText("")
	d.Cancel()
	s.columns = []string{"jobtitle", "city"}
	s.showColumns()
	s.search()
	b.Settle()
	if got := s.grid.Columns(); len(got) != 3 || got[1].Title != "Job Title" {
		t.Errorf("the columns are %+v", got)
	}
}

// A colleague's edit shows in the record, in the list and in its history under the colleague's name;
// and what the record belongs with can be gone to.
func TestAColleagueEditsInThePracticePortal(t *testing.T) {
	b, s := inRecords(t, look.Light)
	id := s.panel.view.ID
	at := -1
	for i, r := range s.panel.rows {
		if r.value.Property.Name == "firstname" {
			at = i
			break
		}
	}
	if at < 0 {
		t.Fatalf("the record shows no first name: %+v", s.panel.rows)
	}
	s.panel.activate(at)
	b.Settle()
	d := b.Dialog("the colleague's edit")
	b.Picture("records-colleague", 1280, 800)
	shelltest.EntriesIn(d.Content)[0].SetText("Zoraya")
	people, err := b.W.App.Colleagues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who := shelltest.AllOf[*widgets.Select](d.Content)[0]
	who.Choose(1)
	test.Tap(d.Primary)
	b.Settle()
	if b.Open() {
		t.Fatalf("the dialog stays open: %v", b.W.LastError())
	}
	if s.panel.view.ID != id || !strings.HasPrefix(s.panel.view.Name, "Zoraya") {
		t.Errorf("the record is shown as %q", s.panel.view.Name)
	}
	if r, ok := s.at(0); !ok || r.Properties["firstname"].String() != "Zoraya" {
		t.Error("the list shows what it was")
	}
	s.panel.whoWrote("firstname")
	b.Settle()
	if len(s.panel.history) < 2 || s.panel.history[0].Author != people[1].Name || s.panel.history[0].Text != "Zoraya" {
		t.Errorf("the history is %+v, want %s first", s.panel.history, people[1].Name)
	}
	b.Picture("records-history", 1280, 800)
	s.panel.showTab(tabNear)
	b.Settle()
	b.Picture("records-associations", 1280, 800)
	if len(s.panel.near) == 0 {
		t.Fatal("the first contact of the sample belongs with nothing")
	}
	s.panel.openNear(0)
	b.Until("the other record", func() bool { return s.panel.view != nil && s.panel.view.Object.ID != "0-1" })
}

// A record opens from elsewhere, at who wrote one of its values.
func TestARecordOpensFromElsewhere(t *testing.T) {
	b, s := inRecords(t, look.DarkMode)
	id := s.panel.view.ID
	b.W.GoTo(shell.PlaceHome)
	b.W.Rooms.Record("", "0-1", id, "email")
	b.Until("who wrote it", func() bool { return len(s.panel.history) > 0 })
	if s.panel.tab != tabHistory || s.panel.history[0].property.Name != "email" {
		t.Errorf("the tab is %d, the history of %s", s.panel.tab, s.panel.history[0].property.Name)
	}
	b.Picture("records-dark-1024", 1024, 640)
}

// Without a portal the screen says what to do.
func TestRecordsWithoutAPortalSayWhatToDo(t *testing.T) {
	b := &bench{shelltest.New(t, look.Light, false)}
	b.W.GoTo(shell.PlaceRecords)
	b.Settle()
	if shown := shelltest.Texts(b.W.Current().Content()); !strings.Contains(shown, "No portal yet") {
		t.Errorf("the screen says %s", shown)
	}
}
