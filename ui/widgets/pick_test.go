package widgets_test

import (
	"slices"
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// picked is what a dialog with a list shows: its search entry and its list.
func picked(t *testing.T, w fyne.Window) (*widgets.Dialog, *widgets.Entry, *widgets.PickList) {
	t.Helper()
	d, ok := w.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok {
		t.Fatal("no dialog is open")
	}
	parts := d.Content.(*fyne.Container).Objects
	return d, parts[0].(*widgets.Entry), parts[1].(*widgets.PickList)
}

func someProperties() []widgets.PickLine {
	lines := []widgets.PickLine{{Text: "E-mail", Note: "email", Also: "email"}, {Text: "City", Note: "city", Also: "city"}, {Text: "Job Title", Note: "jobtitle", Also: "jobtitle"}}
	for i := range 30 {
		lines = append(lines, widgets.PickLine{Text: "Further " + strconv.Itoa(i)})
	}
	return lines
}

// One line of a long list is found by its name, or by what else it is known by, and picked with Enter.
func TestOneLineIsPickedByItsName(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	w := test.NewTempWindow(t, widgets.NewLine("", look.Body, look.T1))
	w.Resize(fyne.NewSize(1024, 640))
	got := -1
	widgets.PickOne(w.Canvas(), "Filter by", someProperties(), 1, func(i int) { got = i })
	_, find, list := picked(t, w)
	if list.Current() != 1 {
		t.Errorf("line %d is the current one", list.Current())
	}
	find.SetText("jobti")
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got != 2 || len(w.Canvas().Overlays().List()) != 0 {
		t.Errorf("line %d is picked", got)
	}
}

// Several lines are ticked one after the other; those that were ticked before keep their order and their
// place before the others.
func TestSeveralLinesArePicked(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	w := test.NewTempWindow(t, widgets.NewLine("", look.Body, look.T1))
	w.Resize(fyne.NewSize(1024, 640))
	var got []int
	widgets.PickSeveral(w.Canvas(), "Columns", "Show these", someProperties(), []int{4, 1, 3}, func(lines []int) { got = lines })
	d, find, _ := picked(t, w)
	for _, text := range []string{"job", "city", "e-mail"} {
		find.SetText(text)
		find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	if got != nil {
		t.Fatal("it is over before the button is pressed")
	}
	test.Tap(d.Primary)
	if want := []int{4, 3, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("lines %v are picked, want %v", got, want)
	}
}
