package fieldmap

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/widgets"
)

// Subject is the line that the inspector shows, with what it must know about
// its two ends.
type Subject struct {
	Link     Link
	Label    string          // of the property
	Property record.Property // its schema: the comparison, and the options of an enumeration
	Values   []ValueCount    // the field's different values, the commonest first; for the value map
	Target   Target          // the records that an association leads to
}

// Inspector edits the settings of one line: direction, steps with a live
// preview, comparison, policies and the value map.
type Inspector struct {
	widget.BaseWidget

	// OnChange is called with the new settings after each edit.
	OnChange func(Settings)
	// OnRemove is called to remove the line, OnAccept to accept a suggestion.
	OnRemove, OnAccept func()
	// OnShowFailing is called for the rows that do not convert; nil hides it.
	OnShowFailing func()

	subject  *Subject
	settings Settings
	filling  bool // controls are being set, which is no edit
	preview  previewer

	title, why          *widgets.Paragraph
	suggestion          *fyne.Container
	direction           *directionBar
	steps               *stepList
	form                *fyne.Container // the arguments of the open step
	box                 *previewBox
	count               *link // how many rows convert, and a way to those that do not
	values              *valueMap
	compare             *widgets.Select
	conflict            *widgets.Select
	blank               *widgets.Select
	blankLabel          *widgets.Paragraph
	toHubSpot, rows     *fyne.Container // the parts about the way to HubSpot
	valuePart, all      *fyne.Container
	directionPart       *fyne.Container
	policies            *fyne.Container // the parts about what differs on both sides
	association         *associationForm
	remove              *link
	scroll              *container.Scroll
	ground, edge        *canvas.Rectangle
	emptyHead, emptyRow *widgets.Paragraph
}

// NewInspector makes an inspector without a line. ask makes a preview of
// settings; it is called on a goroutine of its own, one call at a time, and its
// answer comes back through post.
func NewInspector(ask func(Settings) Preview, post post.Func) *Inspector {
	i := &Inspector{}
	i.preview = previewer{ask: ask, post: post, show: i.showPreview}
	i.build()
	i.ExtendBaseWidget(i)
	return i
}

func caption(text string) *widgets.Paragraph {
	return widgets.NewParagraph(text, look.Small, look.T2)
}

func (i *Inspector) build() {
	i.title = widgets.NewParagraph("", look.Heading, look.T1)
	i.why = caption("")
	accept := widgets.NewButton(widgets.Plain, "check", "Accept", func() { call(i.OnAccept) })
	dismiss := widgets.NewButton(widgets.Quiet, "", "Dismiss", func() { call(i.OnRemove) })
	accept.Small, dismiss.Small = true, true
	i.suggestion = widgets.NewRow(6, accept, dismiss)
	i.direction = newDirectionBar(func(d definition.Direction) {
		i.edit(func(s *Settings) { s.Direction = d })
	})
	i.steps = newStepList(
		func(c transform.Chain) { i.edit(func(s *Settings) { s.Steps = c }) },
		func(int) { i.openForm() })
	i.form = widgets.NewColumn(0)
	add := newLink("create", "Add a step", look.Body, look.Accent, look.Hover, nil)
	add.tap = func() { i.chooseStep(add) }
	i.toHubSpot = widgets.NewColumn(4, caption("On the way to HubSpot"), i.steps, i.form, add)
	i.box = newPreviewBox()
	i.count = newLink("", "", look.Caption, look.Accent, look.Hover, func() { call(i.OnShowFailing) })
	i.rows = widgets.NewColumn(4, caption("On your rows"), i.box, i.count)
	i.values = newValueMap(func(pairs []ValuePair, unmapped string) {
		i.edit(func(s *Settings) { s.Values, s.Unmapped = pairs, unmapped })
	}, i.resized)
	i.valuePart = widgets.NewColumn(4, caption("What each value means"), i.values.box)
	i.compare = widgets.NewSelect(nil, -1, func(n int) {
		i.edit(func(s *Settings) { s.Compare = record.Comparison(comparisons(i.subject.Property)[n].value) })
	})
	i.conflict = widgets.NewSelect(wordsOf(policies()), 0, func(n int) {
		i.edit(func(s *Settings) { s.Conflict = definition.Policy(policies()[n].value) })
	})
	i.blank = widgets.NewSelect(nil, -1, func(n int) {
		i.edit(func(s *Settings) { s.Blank = blanks(s.Direction)[n].value })
	})
	i.compare.Small, i.conflict.Small, i.blank.Small = true, true, true
	i.blankLabel = caption("")
	i.remove = newLink("unlink", "Remove this line", look.Body, look.Failed.Text(), look.Failed.Tint(), func() { call(i.OnRemove) })
	i.association = newAssociationForm(func(change func(*Association)) {
		i.edit(func(s *Settings) { change(s.Association) })
	}, i.resized)
	i.directionPart = widgets.NewColumn(5, caption("Direction"), i.direction)
	i.policies = widgets.NewColumn(11,
		widgets.NewColumn(4, caption("Same when"), i.compare),
		widgets.NewColumn(4, caption("Changed on both sides"), i.conflict),
		widgets.NewColumn(4, i.blankLabel, i.blank))
	i.all = widgets.NewPaddedColumn(11, 16, 14,
		widgets.NewColumn(2, i.title, i.why), i.suggestion,
		i.directionPart, i.association.box, i.toHubSpot, i.rows, i.valuePart, i.policies)
	i.scroll = container.NewVScroll(&fyne.Container{Layout: narrow{}, Objects: []fyne.CanvasObject{i.all}})
	i.ground, i.edge = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	i.emptyHead = widgets.NewParagraph("No line is selected", look.Heading, look.T2)
	i.emptyRow = caption("Press a line, or a card that has one, to see how its values travel.")
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// SetSubject shows a line, or with nil that none is selected. A line that is
// shown already keeps its focus and its open step.
func (i *Inspector) SetSubject(s *Subject) {
	if s == nil {
		i.subject = nil
		i.preview.forget()
		i.Refresh()
		return
	}
	same := i.subject != nil && i.subject.Link.Ref == s.Link.Ref
	if same && i.subject.Link.State == s.Link.State && i.settings.Equal(s.Link.Settings) &&
		slices.Equal(i.subject.Values, s.Values) && slices.Equal(i.subject.Property.Options, s.Property.Options) && i.subject.Target.equal(s.Target) {
		i.subject = s
		return
	}
	valuesMoved := same && (!slices.Equal(i.subject.Values, s.Values) || !slices.Equal(i.subject.Property.Options, s.Property.Options))
	i.subject, i.settings = s, s.Link.Settings.Clone()
	if valuesMoved { // the steps before the value map make other values now
		i.values.reset(s)
	}
	if !same {
		i.steps.open, i.steps.at = -1, 0
		i.association.naming = false
		i.box.show(Preview{}, true)
		i.count.set("", "")
		i.values.reset(s)
		i.scroll.ScrollToTop()
	}
	i.fill()
	i.openForm()
	i.preview.want(i.settings)
	i.Refresh()
}

// Settings are the settings as they stand in the controls.
func (i *Inspector) Settings() Settings { return i.settings.Clone() }

// Examples are the examples shown, none while they are being made.
func (i *Inspector) Examples() []Example {
	if i.box.stale {
		return nil
	}
	return i.box.preview.Examples
}

// edit changes the settings, tells about it and asks for a new preview.
func (i *Inspector) edit(change func(*Settings)) {
	if i.filling || i.subject == nil {
		return
	}
	before := i.settings.Clone()
	change(&i.settings)
	if before.Equal(i.settings) {
		return
	}
	i.fill()
	i.Refresh()
	if i.OnChange != nil {
		i.OnChange(i.settings.Clone())
	}
	i.box.show(i.box.preview, true)
	i.preview.want(i.settings)
}

// fill sets the controls to the settings and hides what makes no sense for the
// line's direction.
func (i *Inspector) fill() {
	i.filling = true
	defer func() { i.filling = false }()
	s, p := i.settings, i.subject.Property
	label := i.subject.Label
	if label == "" {
		label = i.subject.Link.Property
	}
	i.title.SetText(pairTitle(i.subject.Link.Field, label, s.Direction))
	i.why.SetText(i.subject.Link.Why)
	visible(i.why, i.subject.Link.Why != "")
	visible(i.suggestion, !i.subject.Link.Mapped())

	i.direction.set(s.Direction)
	i.steps.set(s.Steps)
	if i.steps.open < 0 {
		i.form.Objects = nil
	}
	leads := s.Association != nil
	if leads {
		i.association.fill(i.subject.Link.Field, *s.Association, i.subject.Target)
	}
	visible(i.association.box, leads)
	visible(i.directionPart, !leads)
	visible(i.policies, !leads)
	visible(i.toHubSpot, toHubSpot(s.Direction) && !leads)
	visible(i.rows, toHubSpot(s.Direction))
	i.values.set(s.Values, s.Unmapped)
	visible(i.valuePart, !leads && i.values.wanted(p, s))

	same := comparisons(p)
	i.compare.SetOptions(wordsOf(same), find(same, string(s.Compare)))
	i.conflict.SetOptions(wordsOf(policies()), find(policies(), string(s.Conflict)))
	i.blank.SetOptions(wordsOf(blanks(s.Direction)), find(blanks(s.Direction), s.Blank))
	i.blankLabel.SetText(blankTitle(s.Direction))
	if i.subject.Link.Mapped() {
		i.remove.set("", "Remove this line")
	} else {
		i.remove.set("", "Dismiss this suggestion")
	}
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// openForm shows the arguments of the open step.
func (i *Inspector) openForm() {
	i.form.Objects = nil
	if row := i.steps.open; row >= 0 && row < len(i.settings.Steps) {
		step := i.settings.Clone().Steps[row]
		i.form.Objects = []fyne.CanvasObject{newStepForm(step, func(s transform.Step) {
			i.edit(func(set *Settings) {
				set.Steps = slices.Clone(set.Steps)
				if at := i.steps.open; at >= 0 && at < len(set.Steps) {
					set.Steps[at] = s
				}
			})
		}, i.resized)}
	}
	i.resized()
}

// chooseStep offers every transform under the link.
func (i *Inspector) chooseStep(under *link) {
	c := fyne.CurrentApp().Driver().CanvasForObject(under)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, spec := range transform.Names() {
		items = append(items, fyne.NewMenuItem(stepTitle(spec.Name), func() { i.addStep(spec) }))
	}
	slices.SortFunc(items, func(a, b *fyne.MenuItem) int { return compareFolded(a.Label, b.Label) })
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(under)
	menu.ShowAtPosition(pos.AddXY(0, under.Size().Height))
}

// addStep puts a step at the end. One that needs arguments is opened at once.
func (i *Inspector) addStep(spec transform.Spec) {
	step, complete := newStep(spec)
	i.steps.open = -1
	if !complete || len(spec.Args) > 0 {
		i.steps.open = len(i.settings.Steps)
	}
	i.steps.at = len(i.settings.Steps)
	i.edit(func(s *Settings) { s.Steps = append(slices.Clone(s.Steps), step) })
	i.openForm()
}

func (i *Inspector) showPreview(p Preview) {
	i.box.show(p, false)
	see := ""
	if missing := p.Rows - p.Converts; missing > 0 && i.OnShowFailing != nil {
		see = "See the " + look.Number(missing)
	}
	i.count.set(p.Sentence(), see)
	visible(i.count, p.Rows > 0)
	i.resized()
}

// resized lays the parts out again after one of them changed its height.
func (i *Inspector) resized() {
	i.all.Refresh()
	i.scroll.Refresh()
}

// narrow lets its only object be narrower than it asks for: a long option is
// cut, the panel does not grow.
type narrow struct{}

// Layout implements fyne.Layout.
func (narrow) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// MinSize implements fyne.Layout.
func (narrow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, objects[0].MinSize().Height)
}

// MinSize implements fyne.CanvasObject.
func (i *Inspector) MinSize() fyne.Size { return fyne.NewSize(260, 240) }

// CreateRenderer implements fyne.Widget.
func (i *Inspector) CreateRenderer() fyne.WidgetRenderer {
	r := &inspectorRenderer{i}
	r.paint()
	return r
}

type inspectorRenderer struct{ i *Inspector }

func (r *inspectorRenderer) Destroy()           { r.i.preview.forget() }
func (r *inspectorRenderer) MinSize() fyne.Size { return r.i.MinSize() }

func (r *inspectorRenderer) Objects() []fyne.CanvasObject {
	i := r.i
	if i.subject == nil {
		return []fyne.CanvasObject{i.ground, i.edge, i.emptyHead, i.emptyRow}
	}
	return []fyne.CanvasObject{i.ground, i.edge, i.scroll, i.remove}
}

func (r *inspectorRenderer) paint() {
	r.i.ground.FillColor = look.Color(look.Surface)
	r.i.edge.FillColor = look.Color(look.Stroke)
}

const removeHeight float32 = 48

func (r *inspectorRenderer) Layout(size fyne.Size) {
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	i := r.i
	put(i.ground, 0, 0, size.Width, size.Height)
	put(i.edge, 0, 0, 1, size.Height)
	if i.subject == nil {
		put(i.emptyHead, 16, 16, size.Width-32, 20)
		put(i.emptyRow, 16, 40, size.Width-32, 48)
		return
	}
	put(i.scroll, 1, 0, size.Width-1, max(size.Height-removeHeight, 0))
	m := i.remove.MinSize()
	put(i.remove, 16, size.Height-removeHeight+(removeHeight-m.Height)/2, min(m.Width, size.Width-32), m.Height)
}

func (r *inspectorRenderer) Refresh() {
	r.paint()
	if r.i.subject != nil {
		r.i.resized()
		r.i.remove.Refresh()
	}
	r.Layout(r.i.Size())
	canvas.Refresh(r.i)
}
