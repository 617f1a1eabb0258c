package fieldmap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// bench is an editor on the small map, with previews that the test answers.
type bench struct {
	*Editor
	t      *testing.T
	posted chan func()
	asked  chan Settings // what the preview was asked for
	answer chan Preview
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, posted: make(chan func(), 8), asked: make(chan Settings, 8), answer: make(chan Preview, 8)}
	m := customers()
	b.Editor = NewEditor(m, Heads{Source: "Source", HubSpot: "Contacts"},
		func(_ Ref, s Settings) Preview {
			b.asked <- s
			return <-b.answer
		},
		func(f func()) { b.posted <- f })
	b.Describe = func(l Link) Subject {
		p := record.Property{Name: l.Property, Type: record.TypePhone}
		s := Subject{Property: p}
		if l.Property == "lifecyclestage" {
			s.Property = record.Property{Name: l.Property, Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{
				{Value: "customer", Label: "Customer"}, {Value: "opportunity", Label: "Opportunity"}, {Value: "old", Label: "Old", Hidden: true},
			}}
			s.Values = []ValueCount{{"Active", 40}, {"CUSTOMER ", 12}, {"", 3}}
		}
		return s
	}
	shown(t, b.Editor, 1080, 700)
	return b
}

// settle answers one preview and shows it.
func (b *bench) settle(p Preview) Settings {
	s := <-b.asked
	b.answer <- p
	(<-b.posted)()
	return s
}

func (b *bench) settings(r Ref) Settings {
	b.t.Helper()
	l, ok := b.Model.Link(r)
	if !ok {
		b.t.Fatalf("no line %v", r)
	}
	return l.Settings
}

var phoneLine = Ref{"Phone", "phone"}

func TestNothingSelectedSaysWhatToDo(t *testing.T) {
	b := newBench(t)
	if objects := test.WidgetRenderer(b.Inspector).Objects(); !slices.Contains(objects, fyne.CanvasObject(b.Inspector.emptyHead)) {
		t.Error("the empty inspector does not say what to do")
	}
}

func TestSelectingALineFillsTheInspector(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	b.settle(Preview{})
	i := b.Inspector
	if i.title.Text != "Phone ↔ Phone number" {
		t.Errorf("title %q", i.title.Text)
	}
	if i.compare.Text() != "The digits are the same" || i.conflict.Text() != "Ask me in Review" || i.blank.Text() != "Leave HubSpot as it is" {
		t.Errorf("selects: %q, %q, %q", i.compare.Text(), i.conflict.Text(), i.blank.Text())
	}
	if i.suggestion.Visible() || i.valuePart.Visible() {
		t.Error("an accepted phone line offers Accept or a value map")
	}
}

func TestEachControlEditsTheModel(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	b.settle(Preview{})
	i := b.Inspector
	i.direction.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	i.compare.Choose(1)
	i.conflict.Choose(3)
	i.blank.Choose(1)
	got := b.settings(phoneLine)
	want := Settings{Direction: definition.ToHubSpot, Compare: record.CompareText, Conflict: definition.Newest, Blank: "clear", Unmapped: "reject"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("settings (-want +got):\n%s", d)
	}
	if i.title.Text != "Phone → Phone number" {
		t.Errorf("title %q", i.title.Text)
	}
	for range 4 {
		b.Model.Undo()
	}
	if d := cmp.Diff(NewSettings(definition.TwoWay), b.settings(phoneLine)); d != "" {
		t.Errorf("after undoing all (-want +got):\n%s", d)
	}
	if i.direction.now != definition.TwoWay || i.blank.Text() != "Leave HubSpot as it is" {
		t.Error("the controls do not follow the undo")
	}
}

func TestPartsThatMakeNoSenseAreAbsent(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	b.settle(Preview{})
	i := b.Inspector
	if !i.toHubSpot.Visible() || !i.rows.Visible() {
		t.Error("a two-way line has no steps or no preview")
	}
	i.direction.choose(2)
	if i.toHubSpot.Visible() || i.rows.Visible() {
		t.Error("a line from HubSpot shows steps on the way to HubSpot")
	}
	if i.blankLabel.Text != "Blank in HubSpot" || i.blank.Text() != "Leave the source as it is" {
		t.Errorf("blank: %q, %q", i.blankLabel.Text, i.blank.Text())
	}
}

func TestOnlyTheNewestPreviewIsShown(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	i := b.Inspector
	first := <-b.asked // under way while the settings change twice
	i.addStep(mustSpec(t, "trim"))
	i.addStep(mustSpec(t, "lower"))
	if !i.box.stale {
		t.Error("the old preview is not dimmed")
	}
	b.answer <- Preview{Examples: []Example{{Before: "old", After: "old"}}}
	(<-b.posted)()
	if len(i.box.preview.Examples) != 0 {
		t.Errorf("an outdated preview is shown: %v", i.box.preview)
	}
	newest := b.settle(Preview{Examples: []Example{{Before: " A ", After: "a"}, {Before: "x", Err: "not a phone"}}, Converts: 86398, Rows: 86412})
	if len(first.Steps) != 0 || len(newest.Steps) != 2 {
		t.Errorf("asked for %v, then %v", first.Steps, newest.Steps)
	}
	if i.box.stale || len(i.box.preview.Examples) != 2 || i.count.lead != "86,398 of 86,412 rows convert." {
		t.Errorf("shown: %+v, %q", i.box.preview, i.count.lead)
	}
	select {
	case s := <-b.asked:
		t.Errorf("one more preview was asked for: %v", s)
	default:
	}
}

func TestAPreviewOfALineNoLongerSelectedIsDropped(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	<-b.asked
	b.Model.Select(Ref{})
	b.answer <- Preview{Examples: []Example{{Before: "old"}}}
	(<-b.posted)()
	if len(b.Inspector.box.preview.Examples) != 0 {
		t.Error("it is shown")
	}
}

func TestPreviewsDrawTheirErrors(t *testing.T) {
	test.NewTempApp(t)
	box := newPreviewBox()
	long := "“ext. 12” is not a phone number: it has too few digits for any country"
	box.show(Preview{Examples: []Example{{"030", "+4930", ""}, {"ext. 12", "", long}, {"", "", ""}}}, false)
	box.Resize(fyne.NewSize(268, box.HeightFor(268)))
	test.WidgetRenderer(box)
	var words []string
	for _, o := range box.brush.objects {
		if text, ok := o.(*canvas.Text); ok {
			words = append(words, text.Text)
		}
	}
	joined := strings.Join(words, " ")
	for _, want := range []string{"030 +4930", "too few digits", "no value", "nothing"} {
		if !strings.Contains(joined, want) {
			t.Errorf("%q does not say %q", joined, want)
		}
	}
	if box.HeightFor(268) <= 3*exampleHeight+8 {
		t.Error("the long reason has no room")
	}
}

func mustSpec(t *testing.T, name string) transform.Spec {
	t.Helper()
	s, ok := specOf(name)
	if !ok {
		t.Fatalf("no transform %s", name)
	}
	return s
}

// controls are the entries and selects of the form that is open.
func controls(o fyne.CanvasObject) (entries []*widgets.Entry, selects []*widgets.Select) {
	switch c := o.(type) {
	case *fyne.Container:
		for _, inner := range c.Objects {
			e, s := controls(inner)
			entries, selects = append(entries, e...), append(selects, s...)
		}
	case *widgets.Entry:
		entries = append(entries, c)
	case *widgets.Select:
		selects = append(selects, c)
	}
	return entries, selects
}

func TestAddingAStepThatNeedsArgumentsOpensItsForm(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	b.settle(Preview{})
	i := b.Inspector
	i.addStep(mustSpec(t, "prefix"))
	entries, _ := controls(i.form)
	if len(entries) != 1 {
		t.Fatalf("%d entries in the form", len(entries))
	}
	if b.settings(phoneLine).Steps[0].Args != nil {
		t.Error("the step has arguments that nobody gave")
	}
	entries[0].SetText("+49")
	if d := cmp.Diff(transform.Chain{{Name: "prefix", Args: map[string]any{"text": "+49"}}}, b.settings(phoneLine).Steps); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
	if again, _ := controls(i.form); again[0] != entries[0] {
		t.Error("typing replaced the entry that is being typed into")
	}
}

func TestAStepThatCannotWorkSaysSoAndIsNotHandedOn(t *testing.T) {
	b := newBench(t)
	b.Model.Select(phoneLine)
	b.settle(Preview{})
	i := b.Inspector
	i.addStep(mustSpec(t, "phone"))
	entries, selects := controls(i.form)
	if len(entries) != 1 || len(selects) != 1 {
		t.Fatalf("%d entries and %d selects in the form", len(entries), len(selects))
	}
	entries[0].SetText("de")
	entries[0].SetText("zz")
	if got := b.settings(phoneLine).Steps[0].Args["region"]; got != "DE" {
		t.Errorf("region %v, want the last one that worked", got)
	}
	problem := ""
	test.WidgetRenderer(b.Inspector)
	var find func(fyne.CanvasObject)
	find = func(o fyne.CanvasObject) {
		switch c := o.(type) {
		case *fyne.Container:
			for _, inner := range c.Objects {
				find(inner)
			}
		case *widgets.Paragraph:
			if c.Ink == look.Failed.Text() {
				problem = c.Text
			}
		}
	}
	find(i.form)
	if !strings.Contains(strings.ToUpper(problem), "ZZ") {
		t.Errorf("the form says %q", problem)
	}
}

func TestEveryTransformHasAFormAndATitle(t *testing.T) {
	test.NewTempApp(t)
	for _, spec := range transform.Names() {
		if _, ok := stepTitles[spec.Name]; !ok {
			t.Errorf("%s has no title", spec.Name)
		}
		step, _ := newStep(spec)
		form := newStepForm(step, func(transform.Step) {}, func() {})
		entries, selects := controls(form)
		fields := 0
		for _, a := range spec.Args {
			if a.Kind != transform.KindBoolean {
				fields++
			}
		}
		if len(entries)+len(selects) != fields {
			t.Errorf("%s: %d entries and %d selects for %d arguments", spec.Name, len(entries), len(selects), fields)
		}
	}
}

func TestStepWords(t *testing.T) {
	tests := []struct {
		step transform.Step
		want string
	}{
		{transform.Step{Name: "trim"}, "Trim spaces"},
		{transform.Step{Name: "phone", Args: map[string]any{"region": "DE"}}, "Phone number from Germany"},
		{transform.Step{Name: "phone", Args: map[string]any{"": "GB"}}, "Phone number from United Kingdom"},
		{transform.Step{Name: "date", Args: map[string]any{"format": "DD.MM.YYYY", "zone": "Europe/Berlin"}}, "Date DD.MM.YYYY, in Europe/Berlin"},
		{transform.Step{Name: "number", Args: map[string]any{"decimal": ",", "group": "."}}, "Number “,”, group “.”"},
		{transform.Step{Name: "country", Args: map[string]any{"to": "alpha-2"}}, "Country as alpha-2"},
		{transform.Step{Name: "prefix", Args: map[string]any{"": "+49"}}, "Put before “+49”"},
		{transform.Step{Name: "truncate", Args: map[string]any{"length": 20}}, "Cut to length of 20"},
		{transform.Step{Name: "replace", Args: map[string]any{"find": "Str.", "with": "Straße"}}, "Replace find “Str.”, with “Straße”"},
		{transform.Step{Name: "from-the-future"}, "From the future"},
	}
	for _, tt := range tests {
		if got := strings.TrimSpace(stepTitle(tt.step.Name) + " " + stepDetail(tt.step)); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.step, got, tt.want)
		}
	}
}

// stepNames is the chain in short.
func stepNames(c transform.Chain) string {
	var out []string
	for _, s := range c {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func TestStepsAreDraggedIntoOrder(t *testing.T) {
	test.NewTempApp(t)
	told := ""
	l := newStepList(func(c transform.Chain) { told = stepNames(c) }, func(int) {})
	l.set(transform.Chain{{Name: "trim"}, {Name: "lower"}, {Name: "phone"}})
	l.Resize(fyne.NewSize(268, l.MinSize().Height))
	at := func(x, y float32) fyne.PointEvent { return fyne.PointEvent{Position: fyne.NewPos(x, y)} }
	down := func(x, y float32) {
		l.MouseDown(&desktop.MouseEvent{PointEvent: at(x, y), Button: desktop.MouseButtonPrimary})
	}
	down(10, 16) // the grip of trim
	l.Dragged(&fyne.DragEvent{PointEvent: at(10, 30)})
	if told != "" {
		t.Errorf("a small move already changed the order: %s", told)
	}
	l.Dragged(&fyne.DragEvent{PointEvent: at(10, 55)})
	if told != "lower trim phone" {
		t.Errorf("half over the neighbour: %s", told)
	}
	l.Dragged(&fyne.DragEvent{PointEvent: at(10, 400)})
	l.DragEnd()
	if told != "lower phone trim" {
		t.Errorf("far below: %s", told)
	}
	l.MouseUp(nil)
	down(260, 16) // the cross of lower
	if told != "phone trim" {
		t.Errorf("after the cross: %s", told)
	}
}

func TestStepsObeyTheKeyboard(t *testing.T) {
	test.NewTempApp(t)
	told, opened := "", -1
	l := newStepList(func(c transform.Chain) { told = stepNames(c) }, func(row int) { opened = row })
	l.set(transform.Chain{{Name: "trim"}, {Name: "lower"}, {Name: "phone"}})
	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			l.TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	alt := func(n fyne.KeyName) {
		l.TypedShortcut(&desktop.CustomShortcut{KeyName: n, Modifier: fyne.KeyModifierAlt})
	}
	key(fyne.KeyDown, fyne.KeyReturn)
	if opened != 1 {
		t.Errorf("opened %d", opened)
	}
	alt(fyne.KeyDown)
	if told != "trim phone lower" || l.open != 2 || l.at != 2 {
		t.Errorf("moved down: %s, open %d, at %d", told, l.open, l.at)
	}
	alt(fyne.KeyDown) // it is the last one
	key(fyne.KeyUp, fyne.KeyUp, fyne.KeyDelete)
	if told != "phone lower" || l.open != 1 {
		t.Errorf("deleted: %s, open %d", told, l.open)
	}
	key(fyne.KeyDelete, fyne.KeyDelete, fyne.KeyDelete)
	if told != "" || l.MinSize().Height != 0 {
		t.Errorf("all deleted: %s", told)
	}
}

func TestSuggestionsAreAcceptedOrDismissedInTheInspector(t *testing.T) {
	status := Ref{"Status", "lifecyclestage"}
	b := newBench(t)
	b.Model.Select(status)
	b.settle(Preview{})
	if !b.Inspector.suggestion.Visible() {
		t.Fatal("a suggestion cannot be accepted")
	}
	b.Inspector.OnAccept()
	if l, _ := b.Model.Link(status); l.State != Active || b.Inspector.suggestion.Visible() {
		t.Errorf("accepted: %+v", l)
	}
	b.Model.Undo()
	b.Inspector.remove.tap()
	if _, ok := b.Model.Link(status); ok {
		t.Error("it was not dismissed")
	}
}

func TestTheValueMapSuggestsEqualLabels(t *testing.T) {
	status := Ref{"Status", "lifecyclestage"}
	b := newBench(t)
	b.Model.Select(status)
	b.settle(Preview{})
	i := b.Inspector
	if !i.valuePart.Visible() {
		t.Fatal("there is no value map")
	}
	var match *link
	for _, o := range i.values.box.Objects {
		if l, ok := o.(*link); ok {
			match = l
		}
	}
	if match == nil || match.text != "Match 1 value with an equal label" {
		t.Fatalf("the offer is %+v", match)
	}
	match.tap()
	_, selects := controls(i.values.box)
	if fmt.Sprint(selects[0].Options) != "[No option Customer Opportunity]" { // hidden options are left out
		t.Errorf("options: %v", selects[0].Options)
	}
	selects[0].Choose(2) // Active
	want := []ValuePair{{"CUSTOMER ", "customer"}, {"Active", "opportunity"}}
	if d := cmp.Diff(want, b.settings(status).Values); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	_, selects = controls(i.values.box)
	selects[len(selects)-1].Choose(1)
	if got := b.settings(status).Unmapped; got != "keep" {
		t.Errorf("unmapped: %s", got)
	}
}

func TestSuggestValues(t *testing.T) {
	options := []record.Option{{Value: "cust", Label: "Customer"}, {Value: "sql", Label: "Sales Qualified"}, {Value: "customer", Label: "Old customer"}}
	values := []ValueCount{{"Customer", 1}, {"SALES-QUALIFIED", 1}, {"sql", 1}, {"café", 1}, {"—", 1}, {"", 9}, {"Kept", 1}}
	got := SuggestValues(values, options, []ValuePair{{"Kept", "cust"}})
	want := []ValuePair{{"Kept", "cust"}, {"Customer", "cust"}, {"SALES-QUALIFIED", "sql"}, {"sql", "sql"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("pairs (-want +got):\n%s", d)
	}
}

func TestSettingsCloneSharesNothing(t *testing.T) {
	s := Settings{Values: []ValuePair{{"a", "b"}}, Steps: transform.Chain{{Name: "phone", Args: map[string]any{"region": "DE"}}}}
	c := s.Clone()
	if !c.Equal(s) {
		t.Fatal("a clone is not equal")
	}
	c.Values[0].HubSpot, c.Steps[0].Args["region"] = "x", "FR"
	if s.Values[0].HubSpot != "b" || s.Steps[0].Args["region"] != "DE" {
		t.Errorf("the original changed: %+v", s)
	}
}
