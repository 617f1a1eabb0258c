package records

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/app/records"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// typeOf is an offered object type by its name.
func (b *bench) typeOf(s *Screen, name string) hubspot.ObjectType {
	b.Helper()
	for _, t := range s.offer.types {
		if t.Name == name {
			return t
		}
	}
	b.Fatalf("there is no object type %q", name)
	return hubspot.ObjectType{}
}

// rowOf is the line of a property in the panel.
func (b *bench) rowOf(s *Screen, property string) int {
	b.Helper()
	for i, r := range s.panel.rows {
		if r.value.Property.Name == property {
			return i
		}
	}
	b.Fatalf("the record shows no %s", property)
	return -1
}

// menuOf presses an entry of the screen's menu.
func (b *bench) menuOf(s *Screen, label string) {
	b.Helper()
	for _, it := range s.header.Menu {
		if it.Label == label {
			it.Action()
			return
		}
	}
	b.Fatalf("the menu has no %q", label)
}

// A page of one object type that is on its way while another type is opened comes to nothing.
func TestAPageThatIsOnItsWayWhileAnotherTypeOpensIsDropped(t *testing.T) {
	b, s := inRecords(t, look.Light)
	s.search()
	b.Answered()
	s.open(s.offer.portal, b.typeOf(s, "companies"))
	b.Next() // the page of contacts
	if s.results != nil || s.grid.Length() != 0 {
		t.Error("contacts are listed under companies")
	}
	b.Settle()
	if s.recs == nil || s.recs.Object.Name != "companies" || s.results.Total() == 0 {
		t.Fatal("the companies are not listed")
	}
	b.Until("a company", func() bool { return s.panel.view != nil })
	if v := s.panel.view; v.Object.Name != "companies" {
		t.Errorf("the panel shows %+v", v)
	}
}

// An export that ends while another type is being opened says so, and disturbs nothing.
func TestAnExportEndsWhileAnotherTypeOpens(t *testing.T) {
	b, s := inRecords(t, look.Light)
	dir := t.TempDir()
	b.W.Fyne.Preferences().SetString(shell.PrefFolder, dir)
	b.menuOf(s, "Export these records…")
	d := b.Dialog("where to")
	test.Tap(d.Primary)
	b.Answered()
	s.open(s.offer.portal, b.typeOf(s, "companies"))
	b.Settle()
	if toast := b.W.LastToast(); toast == nil || !strings.Contains(toast.Text, "written to") {
		t.Errorf("the end of the export is told as %+v", toast)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 || filepath.Ext(all[0].Name()) != ".csv" {
		t.Errorf("the folder holds %v", all)
	}
	if !strings.HasPrefix(s.header.State, "Companies of") {
		t.Errorf("the screen says %q", s.header.State)
	}
}

// What a person does with a record is done with the one that stands there, not with another that was
// asked for and has not come yet.
func TestWhatIsDoneIsDoneWithTheRecordThatIsShown(t *testing.T) {
	b, s := inRecords(t, look.Light)
	shown, other := s.panel.view.ID, ""
	for row := range 5 {
		if r, ok := s.at(row); ok && r.ID != shown {
			other = r.ID
		}
	}
	portal, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was, _ := portal.Record("contacts", other)
	s.panel.open(other, "")
	s.panel.activate(b.rowOf(s, "firstname")) // the first record stands there still
	b.Answered()
	b.Settle()
	d := b.Dialog("the edit")
	shelltest.EntriesIn(d.Content)[0].SetText("Zoraya")
	test.Tap(d.Primary)
	b.Settle()
	if r, _ := portal.Record("contacts", shown); r["firstname"] != "Zoraya" {
		t.Errorf("the record that was shown is called %q", r["firstname"])
	}
	if r, _ := portal.Record("contacts", other); r["firstname"] != was["firstname"] {
		t.Errorf("the other record is called %q, it was %q", r["firstname"], was["firstname"])
	}
}

// The same holds for what can't be taken back so easily.
func TestTheRecordThatIsShownIsTheOneThatIsArchived(t *testing.T) {
	b, s := inRecords(t, look.Light)
	shown := s.panel.view.ID
	r, ok := s.at(3)
	if !ok || r.ID == shown {
		t.Fatal("there is no other record")
	}
	portal, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.panel.open(r.ID, "")
	s.panel.colleagueItems()[1].Action()
	b.Answered()
	b.Settle()
	test.Tap(b.Dialog("the archiving").Primary)
	b.Settle()
	if _, there := portal.Record("contacts", shown); there {
		t.Error("the record that was shown is not archived")
	}
	if _, there := portal.Record("contacts", r.ID); !there {
		t.Error("the record that had not come yet is archived")
	}
}

// A colleague's act is done once, however often its button is pressed.
func TestAColleagueDoesItOnce(t *testing.T) {
	b, s := inRecords(t, look.Light)
	portal, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := portal.Count("contacts")
	b.menuOf(s, "New record, as a colleague…")
	b.Settle()
	d := b.Dialog("the new record")
	shelltest.EntriesIn(d.Content)[0].SetText("Once")
	test.Tap(d.Primary)
	d.Submit()
	test.Tap(d.Primary)
	b.Settle()
	if now := portal.Count("contacts"); now != n+1 {
		t.Errorf("%d records were made", now-n)
	}
	if b.Open() {
		t.Error("the dialog stays open")
	}
}

// Where a colleague's act is refused, the dialog stays and can be sent again.
func TestARefusedActOfAColleagueCanBeSentAgain(t *testing.T) {
	b, s := inRecords(t, look.Light)
	s.panel.activate(b.rowOf(s, "email"))
	b.Settle()
	d := b.Dialog("the edit")
	shelltest.EntriesIn(d.Content)[0].SetText("no address at all")
	test.Tap(d.Primary)
	b.Settle()
	b.Dialog("what went wrong").Close()
	if b.Dialog("the edit") != d || d.Primary.Disabled() {
		t.Error("the edit can't be sent again")
	}
}

// The answer to an earlier question about a record's history does not show under a later one.
func TestAnEarlierHistoryDoesNotShowUnderALaterOne(t *testing.T) {
	b, s := inRecords(t, look.Light)
	s.panel.whoWrote("email")
	b.Answered()
	s.panel.whoWrote("firstname")
	b.Next() // that of the address
	if len(s.panel.history) > 0 {
		t.Errorf("%s shows under the first name", s.panel.history[0].property.Name)
	}
	b.Settle()
	for _, h := range s.panel.history {
		if h.property.Name != "firstname" {
			t.Errorf("%s shows under the first name", h.property.Name)
		}
	}
}

// Enter in a list of the panel that is being read anew does nothing.
func TestEnterInAListThatIsReadAnewDoesNothing(t *testing.T) {
	b, s := inRecords(t, look.Light)
	for _, tab := range []int{tabNear, tabHistory} {
		s.panel.showTab(tab)
		b.Settle()
		g := s.panel.beside
		if tab == tabHistory {
			g = s.panel.past
		}
		if g.Length() == 0 {
			t.Fatalf("tab %d is empty", tab)
		}
		g.Select(0)
		g.Focus()
		list := b.W.Win.Canvas().Focused()
		s.panel.near, s.panel.history = nil, nil
		list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		s.panel.openNear(0)
		s.panel.openRun(0)
	}
	s.panel.rows = nil
	s.panel.activate(0)
}

// Another search shows no record of the one before: what is at the right is among what is found.
func TestAnotherSearchShowsNoRecordOfTheOneBefore(t *testing.T) {
	b, s := inRecords(t, look.Light)
	before := s.panel.view.ID
	s.text.SetText("zzzznobody")
	s.text.OnSubmitted("")
	b.Settle()
	if s.panel.view != nil {
		t.Errorf("%s is shown, which was not found", s.panel.view.Name)
	}
	s.text.SetText("")
	s.text.OnSubmitted("")
	b.Until("a record", func() bool { return s.panel.view != nil })
	r, ok := s.at(s.grid.Current())
	if !ok || r.ID != s.panel.view.ID || r.ID != before {
		t.Errorf("row %d is the current one, %s is shown", s.grid.Current(), s.panel.view.Name)
	}
	// The same search once more keeps the record, and its row.
	b.W.GoTo(shell.PlaceHome)
	s.grid.Select(2)
	b.Until("the third", func() bool { r, _ := s.at(2); return s.panel.view != nil && s.panel.view.ID == r.ID })
	third := s.panel.view.ID
	b.W.GoTo(shell.PlaceRecords)
	b.Settle()
	if r, ok := s.at(s.grid.Current()); s.panel.view == nil || s.panel.view.ID != third || !ok || r.ID != third {
		t.Error("the record that was chosen is not shown any more")
	}
}

// Another portal has object types of its own.
func TestAnotherPortalIsOpenedWithItsOwnTypes(t *testing.T) {
	other := practice.New(practice.Options{PortalID: 222, Name: "Acme"})
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	b := &bench{shelltest.NewIn(t, look.Light, app.Environment{APIURL: server.URL, Keychain: &vaulttest.Keychain{}})}
	if _, err := b.W.App.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.W.App.ConnectToken(t.Context(), "Acme", other.Token(), false); err != nil {
		t.Fatal(err)
	}
	here, err := b.W.App.Portal(t.Context(), app.PracticeName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.Client.CreateObjectType(t.Context(), hubspot.NewObjectType{Name: "boat", Singular: "Boat", Plural: "Boats", Primary: "boat_name",
		Properties: []hubspot.NewProperty{{Name: "boat_name", Label: "Name", Type: record.TypeString}}}); err != nil {
		t.Fatal(err)
	}
	b.W.Rooms.Record(app.PracticeName, "boat", "", "")
	s := b.W.Current().(*Screen)
	b.Until("the boats", func() bool { return s.recs != nil })
	b.Settle()
	if s.recs.Object.Label != "Boats" {
		t.Fatalf("%s are shown", s.recs.Object.Label)
	}
	b.menuOf(s, "Records of Acme")
	b.Until("the other portal", func() bool { return s.recs != nil && s.recs.Portal.Name == "Acme" })
	b.Settle()
	for _, x := range s.offer.types {
		if x.Custom() {
			t.Errorf("%s of the practice portal are offered in Acme", x.Label)
		}
	}
	toast := b.W.LastToast()
	if s.recs.Object.Name != "contacts" || toast == nil || !strings.Contains(toast.Text, "Boats") || !strings.Contains(toast.Text, "Acme") {
		t.Errorf("%s are shown, the toast is %+v", s.recs.Object.Label, toast)
	}
}

// A record of a type or of a portal that is not there is told, and no other record of the same number
// is shown in its place.
func TestWhatIsWantedAndNotThereIsTold(t *testing.T) {
	b, s := inRecords(t, look.Light)
	id := s.panel.view.ID
	for _, c := range []struct{ portal, object, want string }{{"", "2-999", "2-999"}, {"Gone", "0-1", "“Gone”"}} {
		s.panel.show(nil)
		b.W.GoTo(shell.PlaceHome)
		b.W.Rooms.Record(c.portal, c.object, id, "email")
		b.Settle()
		if toast := b.W.LastToast(); toast == nil || !strings.Contains(toast.Text, c.want) {
			t.Errorf("the toast is %+v, want %s in it", toast, c.want)
		}
		if s.panel.tab == tabHistory {
			t.Error("who wrote a value of another record is told")
		}
	}
}

// A property that is chosen after the filter was cleared changes nothing that is gone.
func TestAFilterThatIsGoneIsNotChanged(t *testing.T) {
	b, s := inRecords(t, look.Light)
	s.filter.filter = records.Filter{{{Property: "email", Operator: "HAS_PROPERTY"}}}
	s.filter.changed()
	b.Settle()
	s.filter.ask(0, 0)
	d := b.Dialog("the property")
	s.filter.clear() // another room opens other records meanwhile
	d.Submit()
	b.Settle()
	if s.filter.count() != 0 {
		t.Errorf("%d conditions", s.filter.count())
	}
}
