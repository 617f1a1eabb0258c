package mapper

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
)

// phoneBook is the wizard at the map of a file with local phone numbers, spaces
// to trim and dates that may be read two ways.
func phoneBook(t *testing.T) (*bench, *Pane) {
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
	p := b.walkToMap(path)
	b.Until("all rows to be read", func() bool { return p.gathered })
	b.knowsX(p)
	return b, p
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

func (p *Pane) stepsOf(property string) []string {
	var names []string
	for _, l := range p.Model.Links() {
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
	before := p.Counts()
	p.AcceptAll()
	if got := p.Counts(); got.Mapped != before.Mapped {
		t.Fatalf("%d lines were accepted before anything was seen", got.Mapped-before.Mapped)
	}
	d := b.Dialog("the list of what changes")
	b.Picture("map-accept", 1280, 800)
	shown := shelltest.Texts(d.Content)
	for _, want := range []string{"City", "“ Bremen” → Bremen", "Which country are the numbers without a country code from?"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the list does not show %q:\n%s", want, shown)
		}
	}
	test.Tap(d.Primary)
	b.knowsX(p)
	if got := p.stepsOf("phone"); len(got) != 0 {
		t.Errorf("the numbers are changed by %v, and nobody named a country", got)
	}
	if got := p.stepsOf("city"); !slices.Equal(got, []string{"trim"}) {
		t.Errorf("the city goes through %v", got)
	}
	p.Undo()
	if got := p.Counts(); got.Mapped != before.Mapped {
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
	d := b.Dialog("the question for the country")
	choose := selects(d.Content)[0]
	germany := slices.IndexFunc(choose.Options, func(s string) bool { return strings.HasPrefix(s, "Germany") })
	choose.Choose(germany)
	b.Picture("map-accept-country", 1024, 640)
	if shown := shelltest.Texts(d.Content); !strings.Contains(shown, "+492262649") {
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
	if ok, why := p.Model.Connect("Phone", "mobilephone"); !ok {
		t.Fatal(why)
	}
	if got := p.stepsOf("mobilephone"); len(got) != 0 {
		t.Errorf("the numbers go through %v", got)
	}
	d := b.Dialog("the question for the country")
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
	d := b.Dialog("the question for the order")
	if !d.Primary.Disabled() {
		t.Error("it can be accepted without an answer")
	}
	selects(d.Content)[0].Choose(1)
	test.Tap(d.Primary)
	if got := p.stepsOf(dated.Property); len(got) != 1 {
		t.Errorf("the dates go through %v", got)
	}
}

// walkToMap makes a new sync of a file, up to its field map.
func (b *bench) walkToMap(path string) *Pane {
	b.Helper()
	b.W.Rooms.NewSync(path)
	for range 3 { // the source, the object type, the match key
		b.Settle()
		b.Tap("Continue")
	}
	return b.pane("the field map")
}

// pane waits for a field map on the screen.
func (b *bench) pane(what string) *Pane {
	b.Helper()
	shown := func() *Pane {
		if s, ok := b.W.Current().(interface{ Pane() *Pane }); ok {
			return s.Pane()
		}
		return nil
	}
	b.Until(what, func() bool { return shown() != nil })
	return shown()
}

// knows waits until the map's problems are those of its last edit.
func (b *bench) knowsX(p *Pane) {
	b.Helper()
	b.Until("the check", func() bool { return p.Settled() })
}
