package newsync

import (
	"context"
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// The steps of the wizard.
const (
	stepSource = iota
	stepObject
	stepKey
	stepMap
	stepPlan
)

// wizardStep is one step of the wizard.
type wizardStep interface {
	content() fyne.CanvasObject
	// enter is called each time the step is opened, before it is shown.
	enter()
	focus()
	// next is what Continue says, and why it can't be pressed yet.
	next() (text, reason string)
	// proceed does what the step is for and opens the next one.
	proceed()
	// answer is what the stepper shows once the step is done.
	answer() string
}

// newSyncScreen is the wizard that makes a sync: it reads a file, asks what
// its rows are, what identifies them and how their fields map, and ends in a
// plan. It lives until it is finished or cancelled, also while other screens
// are shown.
type newSyncScreen struct {
	w     *Room
	draft *app.Draft // nil until a file was read
	step  int
	// saving is set from the last Continue until the definition is kept.
	saving bool

	source   *sourceStep
	object   *objectStep
	key      *keyStep
	fieldMap *mapStep
	steps    [stepPlan]wizardStep

	header  *widgets.Header
	stepper *widgets.Stepper
	body    *fyne.Container
	giveUp  *widgets.Button
	note    *widgets.Paragraph
	back    *widgets.Button
	forward *widgets.Button
	root    fyne.CanvasObject
}

// NewSync opens the wizard: on the file at path, or with "" on the choice of
// one. A sync that was begun and not finished is gone on with.
func (w *Room) NewSync(path string) {
	if path == "" {
		w.start("", nil)
		return
	}
	w.start(filepath.Base(path), func(c *sourceStep) { c.read(path, "") })
}

// NewSyncFrom opens the wizard on the choice of a table of a database, or of an object
// of a portal.
func (w *Room) NewSyncFrom(from shell.Origin) {
	w.start(from.Database+from.Portal, func(c *sourceStep) { c.pick(from) })
}

// start opens the wizard on a source; what is its name, and begin nil leaves the
// choice open.
func (w *Room) start(what string, begin func(*sourceStep)) {
	s := w.unfinished
	switch {
	case s == nil:
		s = newNewSyncScreen(w)
		w.unfinished = s
		w.Open(s)
		if begin != nil {
			begin(s.source)
		}
	case begin == nil:
		w.Open(s)
	case s.draft == nil:
		w.Open(s)
		begin(s.source)
	default:
		w.Open(s)
		d := widgets.NewConfirm("Start over with "+what+"?", fmt.Sprintf("The new sync of %s is not finished. Its choices are given up; nothing was written.", s.source.name()),
			"Start over", false, func() {
				s.drop()
				w.start(what, begin)
			})
		d.Open(w.Win.Canvas())
	}
}

func newNewSyncScreen(w *Room) *newSyncScreen {
	s := &newSyncScreen{w: w, header: widgets.NewHeader("New sync", "")}
	s.giveUp = widgets.NewButton(widgets.Quiet, "", "Cancel", s.cancel)
	s.header.Buttons = []*widgets.Button{s.giveUp}
	s.stepper = widgets.NewStepper([]widgets.Step{{Name: "Source"}, {Name: "Object type"}, {Name: "Match key"}, {Name: "Field map"}, {Name: "Plan"}}, s.goStep)
	s.source, s.object, s.key, s.fieldMap = newSourceStep(s), newObjectStep(s), newKeyStep(s), &mapStep{s: s}
	s.steps = [stepPlan]wizardStep{s.source, s.object, s.key, s.fieldMap}
	s.body = container.NewStack()
	s.note = widgets.NewLine("Kept while Syncline is open. Nothing is written before you apply a plan.", look.Small, look.T2)
	s.back = widgets.NewButton(widgets.Plain, "", "Back", s.goBack)
	s.forward = widgets.NewButton(widgets.Primary, "", "Continue", func() { s.steps[s.step].proceed() })
	top := container.NewVBox(s.header, s.stepper)
	top.Layout = layouts.Stacked{}
	s.root = container.NewBorder(top, newFooter(s.note, s.back, s.forward), nil, nil, s.body)
	s.goStep(stepSource)
	return s
}

func (s *newSyncScreen) Content() fyne.CanvasObject { return s.root }
func (s *newSyncScreen) Head() *widgets.Header      { return s.header }

// Show takes the keys that no part of the screen has the focus for.
func (s *newSyncScreen) Show() {
	s.w.Win.Canvas().SetOnTypedKey(s.typedKey)
	s.steps[s.step].enter()
	s.refresh()
}

func (s *newSyncScreen) Focus() { s.steps[s.step].focus() }

func (s *newSyncScreen) typedKey(e *fyne.KeyEvent) {
	if s.w.Current() != shell.Screen(s) || len(s.w.Win.Canvas().Overlays().List()) > 0 {
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		s.proceed()
	case fyne.KeyEscape:
		s.goBack()
	}
}

// proceed presses Continue, if it can be pressed.
func (s *newSyncScreen) proceed() {
	if !s.forward.Disabled() {
		s.forward.OnTapped()
	}
}

// goStep opens a step.
func (s *newSyncScreen) goStep(step int) {
	if step < s.step {
		s.key.stop()
	}
	s.step = step
	s.body.Objects = []fyne.CanvasObject{s.steps[step].content()}
	s.body.Refresh()
	s.stepper.SetCurrent(step)
	s.steps[step].enter()
	s.refresh()
	if s.w.Current() == shell.Screen(s) {
		s.Focus()
	}
}

func (s *newSyncScreen) goBack() {
	if s.step == stepSource {
		s.cancel()
		return
	}
	s.goStep(s.step - 1)
}

// refresh shows what the steps say of themselves.
func (s *newSyncScreen) refresh() {
	state := "From your rows to a plan in five steps"
	if s.draft != nil {
		state = s.source.name()
		if s.step > stepObject {
			state += " and " + wording.Lower(s.draft.Object.Label)
		}
	}
	s.header.Buttons = []*widgets.Button{s.giveUp}
	s.note.SetText("Kept while Syncline is open. Nothing is written before you apply a plan.")
	if s.step == stepMap {
		s.fieldMap.state()
	}
	s.header.State = state
	s.header.Refresh()
	for i, st := range s.steps {
		if i < s.step {
			s.stepper.Steps[i].Answer = st.answer()
		}
	}
	s.stepper.Refresh()
	text, reason := s.steps[s.step].next()
	if s.saving {
		reason = "Saving"
	}
	s.forward.SetText(text)
	s.forward.SetReason(reason)
	s.forward.Refresh()
	s.back.SetReason("")
	if s.step == stepSource {
		s.back.SetReason("This is the first step")
	}
}

// changed forgets what later steps found, because a step before them was
// decided anew.
func (s *newSyncScreen) changed(step int) {
	if step <= stepSource {
		s.object.forget()
	}
	if step <= stepObject {
		s.key.forget()
	}
	if step <= stepKey {
		s.fieldMap.forget()
	}
}

// cancel gives the sync up; it asks when something would be lost by that.
func (s *newSyncScreen) cancel() {
	leave := func() {
		s.drop()
		s.w.GoTo(shell.PlaceHome)
	}
	if s.draft == nil {
		leave()
		return
	}
	d := widgets.NewConfirm("Give up this sync?", "The choices made so far are forgotten. Nothing was written, and the rows stay as they are.", "Give it up", false, leave)
	d.First = d.Others[0] // Enter after Escape gives nothing up
	d.Open(s.w.Win.Canvas())
}

// drop ends the wizard.
func (s *newSyncScreen) drop() {
	s.source.stop()
	s.key.stop()
	s.w.unfinished = nil
}

// finish saves the definition and goes on to its first plan.
func (s *newSyncScreen) finish() {
	d := s.draft.Clone()
	if s.saving {
		return
	}
	s.saving = true
	s.refresh()
	shell.Load(s.w, func(ctx context.Context) (string, error) {
		path, err := s.w.App.Save(d)
		if err != nil {
			return "", err
		}
		return path, s.w.App.AddSync(ctx, path)
	}, func(path string) {
		s.saving = false
		s.drop()
		s.w.Rooms.Preview(path, d.Definition.Name)
	}, func(err error) {
		s.saving = false
		s.refresh()
		s.w.Fail(err)
	})
}

// newFooter is the foot of the wizard: a sentence, Back and Continue.
func newFooter(note fyne.CanvasObject, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	right := container.New(layout.NewCustomPaddedHBoxLayout(8), buttons...)
	row := container.NewBorder(nil, nil, nil, right, container.New(halfway{}, note))
	return container.NewBorder(widgets.NewSeparator(), nil, nil, nil, container.New(layouts.Margin(look.PageMargin, 14), row))
}

// halfway gives its object the whole width in the middle of the height.
type halfway struct{}

// Layout implements fyne.Layout.
func (halfway) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		layouts.Move(o, 0, (size.Height-h)/2, size.Width, h)
	}
}

// MinSize implements fyne.Layout.
func (halfway) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return layout.NewStackLayout().MinSize(objects)
}

// beside puts a panel of fixed width right of the rest; below look.CompactBelow
// it is narrower.
type beside struct{}

const (
	panelWidth = 292
	panelSlim  = 260
)

func (beside) widths(size fyne.Size) (side, gap, panel float32) {
	if size.Width+look.RailCompact < look.CompactBelow {
		return look.PageMarginSlim, 12, panelSlim
	}
	return look.PageMargin, 16, panelWidth
}

// Layout implements fyne.Layout. The objects are the main part and the panel.
func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side, gap, panel := b.widths(size)
	layouts.Move(objects[0], side, 0, size.Width-2*side-gap-panel, size.Height)
	layouts.Move(objects[1], size.Width-side-panel, 0, panel, size.Height)
}

// MinSize implements fyne.Layout.
func (beside) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(640, 120) }

// newPanel makes the panel of beside: it scrolls, and a long name in it is cut
// rather than the panel.
func newPanel(gap, ends float32, content fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(container.New(yielding{}, widgets.NewPaddedColumn(gap, 0, ends, widgets.NewCard(content))))
}

// yielding gives its one object whatever width there is.
type yielding struct{}

// Layout implements fyne.Layout.
func (yielding) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	layouts.Move(objects[0], 0, 0, size.Width, size.Height)
}

// MinSize implements fyne.Layout.
func (yielding) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, objects[0].MinSize().Height)
}
