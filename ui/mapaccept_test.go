package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
)

// phoneBook is the wizard at the map of a file with local phone numbers, spaces
// to trim and dates that may be read two ways.
func phoneBook(t *testing.T) (*bench, *fieldMapPane) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	rows := "Email,First name,Phone,City,Close date\n" +
		"ann@example.com,Ann,2262649, Bremen,03/04/2024\n" +
		"bob@example.com,Bob,2262650,Köln,05/06/2024\n" +
		"eve@example.com,Eve,2262651,Kiel,07/08/2024\n"
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, look.Light, true)
	s := b.walk(path)
	b.press()
	p := s.fieldMap.pane
	b.until("all rows to be read", func() bool { return p.gathered })
	b.knows(p)
	return b, p
}

func (b *bench) dialog(what string) *widgets.Dialog {
	b.Helper()
	d, ok := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok {
		b.Fatalf("no dialog is open: %s", what)
	}
	return d
}

// selects are the lists of choices inside an object.
func selects(o fyne.CanvasObject) []*widgets.Select {
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *widgets.Select:
		return []*widgets.Select{o}
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	var all []*widgets.Select
	for _, child := range inside {
		all = append(all, selects(child)...)
	}
	return all
}

func (p *fieldMapPane) stepsOf(property string) []string {
	var names []string
	for _, l := range p.model.Links() {
		if l.Property == property && l.Mapped() {
			for _, s := range l.Settings.Steps {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// Accepting all lists first what would be changed, value by value, and asks for
// the country: numbers stay as they are for whoever does not name one.
func TestWhatChangesValuesIsSeenBeforeItIsAccepted(t *testing.T) {
	b, p := phoneBook(t)
	before := p.counts()
	p.acceptAll()
	if got := p.counts(); got.Mapped != before.Mapped {
		t.Fatalf("%d lines were accepted before anything was seen", got.Mapped-before.Mapped)
	}
	d := b.dialog("the list of what changes")
	b.picture("map-accept", 1280, 800)
	shown := texts(d.Content)
	for _, want := range []string{"City", "“ Bremen” → Bremen", "Which country are the numbers without a country code from?"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the list does not show %q:\n%s", want, shown)
		}
	}
	test.Tap(d.Primary)
	b.knows(p)
	if got := p.stepsOf("phone"); len(got) != 0 {
		t.Errorf("the numbers are changed by %v, and nobody named a country", got)
	}
	if got := p.stepsOf("city"); !slices.Equal(got, []string{"trim"}) {
		t.Errorf("the city goes through %v", got)
	}
	p.undo()
	if got := p.counts(); got.Mapped != before.Mapped {
		t.Errorf("one undo leaves %d lines, %d were there", got.Mapped, before.Mapped)
	}
}

// The answer shows at once what it makes of the values, and is what is done.
func TestTheCountryThatIsNamedIsUsed(t *testing.T) {
	b, p := phoneBook(t)
	var phone fieldmap.Link
	for _, l := range p.suggested() {
		if l.Property == "phone" {
			phone = l
		}
	}
	if phone.Field == "" {
		t.Fatal("no phone number is suggested")
	}
	p.accept([]fieldmap.Link{phone}, true)
	d := b.dialog("the question for the country")
	choose := selects(d.Content)[0]
	germany := slices.IndexFunc(choose.Options, func(s string) bool { return strings.HasPrefix(s, "Germany") })
	choose.Choose(germany)
	b.picture("map-accept-country", 1024, 640)
	if shown := texts(d.Content); !strings.Contains(shown, "+492262649") {
		t.Errorf("what the answer does is not shown:\n%s", shown)
	}
	test.Tap(d.Primary)
	if got := p.stepsOf("phone"); !slices.Equal(got, []string{"phone"}) {
		t.Errorf("the numbers go through %v", got)
	}
}

// A line that is drawn by hand asks the same.
func TestALineDrawnByHandAssumesNoCountry(t *testing.T) {
	b, p := phoneBook(t)
	if ok, why := p.model.Connect("Phone", "mobilephone"); !ok {
		t.Fatal(why)
	}
	if got := p.stepsOf("mobilephone"); len(got) != 0 {
		t.Errorf("the numbers go through %v", got)
	}
	d := b.dialog("the question for the country")
	choose := selects(d.Content)[0]
	choose.Choose(1)
	test.Tap(d.Primary)
	if got := p.stepsOf("mobilephone"); !slices.Equal(got, []string{"phone"}) {
		t.Errorf("the numbers go through %v", got)
	}
}

// Dates that may be read two ways wait until somebody says which.
func TestALineThatNeedsAnAnswerWaits(t *testing.T) {
	b, p := phoneBook(t)
	var dated *fieldmap.Link
	for _, l := range p.suggested() {
		if l.Field == "Close date" {
			dated = &l
		}
	}
	if dated == nil {
		t.Skip("the portal has no property that is suggested for the date")
	}
	p.accept([]fieldmap.Link{*dated}, false)
	d := b.dialog("the question for the order")
	if !d.Primary.Disabled() {
		t.Error("it can be accepted without an answer")
	}
	selects(d.Content)[0].Choose(1)
	test.Tap(d.Primary)
	if got := p.stepsOf(dated.Property); len(got) != 1 {
		t.Errorf("the dates go through %v", got)
	}
}
