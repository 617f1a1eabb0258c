package sets

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/mapper"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// associateScreen edits what a sync associates whose rows are associations: how
// a row names the records at both ends, and the label. Every edit is saved.
type associateScreen struct {
	w    *Room
	path string
	x    *app.Associating
	from shell.Screen

	header *widgets.Header
	body   *fyne.Container
	root   fyne.CanvasObject
	edits  int
	saved  int
	failed error
}

// OpenAssociate opens what the sync at path associates; the way back leads to
// from, nil for Home.
func (w *Room) OpenAssociate(path string, from shell.Screen) {
	shell.Load(w, func(ctx context.Context) (*app.Associating, error) { return w.App.OpenAssociating(ctx, path) },
		func(x *app.Associating) { w.Open(newAssociateScreen(w, path, x, from)) }, nil)
}

func newAssociateScreen(w *Room, path string, x *app.Associating, from shell.Screen) *associateScreen {
	s := &associateScreen{w: w, path: path, x: x, from: from}
	d := x.Definition
	s.header = widgets.NewHeader("Associations: "+d.Name, fmt.Sprintf("Each row of %s joins a %s with a %s", w.sourceOf(d), wording.Lower(x.Ends[0].Object.LabelSingular), wording.Lower(x.Ends[1].Object.LabelSingular)))
	s.header.OnBack = func() { w.GoTo(shell.PlaceHome) }
	s.header.SetSaved(false, false)
	s.header.Primary = widgets.NewButton(widgets.Primary, "preview", "Preview plan", func() {
		s.whenSaved(func() { w.Rooms.Preview(path, d.Name) })
	})
	if from != nil {
		s.header.OnBack = func() { w.Open(from) }
		s.header.Primary = widgets.NewButton(widgets.Primary, "check", wording.BackToSet, func() {
			s.whenSaved(func() { w.Open(from) })
		})
	}
	s.body = widgets.NewPaddedColumn(12, look.PageMargin, 16)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	s.fill()
	return s
}

// sourceOf is what people call the source of a definition.
func (w *Room) sourceOf(d *definition.Definition) string {
	if d.Source.Path != "" {
		return path.Base(strings.ReplaceAll(d.Source.Path, `\`, "/"))
	}
	return d.Source.Kind
}

func (s *associateScreen) Content() fyne.CanvasObject { return s.root }
func (s *associateScreen) Head() *widgets.Header      { return s.header }
func (s *associateScreen) Show()                      {}

func (s *associateScreen) Focus() {
	if all := layouts.Focusables(s.body); len(all) > 0 {
		widgets.FocusOn(all[0])
	}
}

// fill shows the document as it stands.
func (s *associateScreen) fill() {
	a := s.x.Definition.Associate
	s.body.Objects = []fyne.CanvasObject{
		widgets.NewTiles(300, 2, 12, s.endCard(0, a.From), s.endCard(1, a.To)),
		widgets.NewTiles(300, 2, 12, s.labelCard(a), s.rowsCard(a))}
	s.note()
	s.body.Refresh()
}

// note says whether what is seen is what is kept.
func (s *associateScreen) note() { s.header.SetSaved(s.failed != nil, s.saved < s.edits) }

// whenSaved goes on when the document holds what the screen shows; where it does
// not, it says why.
func (s *associateScreen) whenSaved(then func()) {
	s.w.WhenKept(func() {
		if s.failed != nil {
			s.w.Fail(s.failed)
			return
		}
		then()
	})
}

// edit changes the document, saves it, and counts anew what its cells name.
func (s *associateScreen) edit(change func(a *definition.Associate), refill bool) {
	next := *s.x.Definition.Associate
	next.Label.Values = maps.Clone(next.Label.Values)
	change(&next)
	def := *s.x.Definition
	def.Associate = &next
	if next.From.Object != "" {
		def.HubSpot.Object = next.From.Object
	}
	s.x.Definition = &def
	s.edits++
	edits := s.edits
	x := *s.x
	draft := *s.x.Draft
	x.Draft = &draft
	shell.InOrder(s.w, func(ctx context.Context) (*app.Associating, error) {
		if _, err := s.w.App.Save(&app.Draft{Definition: &def}); err != nil {
			return nil, err
		}
		return &x, s.w.App.CountEnds(ctx, &x)
	}, func(x *app.Associating) {
		s.saved, s.failed = edits, nil
		if edits == s.edits {
			s.x.Ends = x.Ends
			if refill {
				s.fill()
			}
		}
		s.note()
	}, func(err error) {
		s.failed = err
		s.note()
		s.w.Fail(err)
	})
	if refill {
		s.fill()
	}
	s.note()
}

// endCard asks how a row names the record at one end.
func (s *associateScreen) endCard(i int, end definition.AssociateEnd) fyne.CanvasObject {
	t := s.x.Ends[i]
	change := func(do func(e *definition.End)) {
		s.edit(func(a *definition.Associate) { do([]*definition.End{&a.From.End, &a.To.End}[i]) }, true)
	}
	field := end.End.Field()
	columns := s.columns(field)
	column := widgets.NewSelect(columns, slices.Index(columns, field), func(k int) {
		change(func(e *definition.End) {
			if e.Link.Sync != "" {
				e.Link.Field = columns[k]
			} else {
				e.Match.Field = columns[k]
			}
		})
	})
	col := widgets.NewColumn(6, widgets.NewIconText(wording.IconOf(end.Object), t.Object.Label, look.Heading, look.T1), layouts.SmallCaption("The column"), column,
		layouts.SmallCaption("holds their"), s.waySelect(t, end, change))
	if t.Barred != "" {
		col.Add(widgets.NewNotice(look.Failed, "", "", wording.SentenceCase(t.Barred)+"."))
	}
	s.tellColumn(col, t, field)
	return widgets.NewCard(col)
}

// columns are those of the source, and one that a document names and the source
// lacks.
func (s *associateScreen) columns(named string) []string {
	var out []string
	for _, c := range s.x.Schema.Columns {
		out = append(out, c.Name)
	}
	if named != "" && !slices.Contains(out, named) {
		out = append(out, named)
	}
	return out
}

// waySelect chooses by what a cell finds a record: a property, or the key of a
// row of another sync.
func (s *associateScreen) waySelect(t app.AssociateEnd, end definition.AssociateEnd, change func(func(e *definition.End))) fyne.CanvasObject {
	var words []string
	var ends []definition.End
	add := func(word string, e definition.End) { words, ends = append(words, word), append(ends, e) }
	field := end.End.Field()
	for _, y := range s.x.LinksTo(end.Object) {
		add("Key in "+y.Name, definition.End{Link: definition.LinkKey{Sync: y.Document, Field: field}})
	}
	for _, k := range t.Keys() {
		add(mapper.KeyLabel(k), definition.End{Match: definition.MatchKey{Field: field, Property: k.Name}})
	}
	at := slices.Index(ends, end.End)
	if at < 0 {
		word := end.End.Match.Property
		if end.End.Link.Sync != "" {
			word = "Key in " + path.Base(end.End.Link.Sync)
		}
		add(word, end.End)
		at = len(words) - 1
	}
	return widgets.NewSelect(words, at, func(k int) { change(func(e *definition.End) { *e = ends[k] }) })
}

// tellColumn says what a column holds, and how much of it names something.
func (s *associateScreen) tellColumn(col *fyne.Container, t app.AssociateEnd, field string) {
	if !slices.ContainsFunc(s.x.Schema.Columns, func(c source.Column) bool { return c.Name == field }) {
		col.Add(widgets.NewNotice(look.Failed, "", "", fmt.Sprintf("The source has no column “%s”: choose another one.", field)))
		return
	}
	values, all := s.x.Census.Values(field)
	rows := 0
	var samples []string
	for i, v := range values {
		rows += v.Rows
		if i < 3 {
			samples = append(samples, v.Value)
		}
	}
	col.Add(widgets.NewLine(strings.Join(samples, " · "), look.Mono, look.T2))
	if all && rows < s.x.Census.Rows {
		col.Add(widgets.NewIconText(look.Conflict.Icon(), fmt.Sprintf("%s of %s rows have none", look.Number(s.x.Census.Rows-rows), look.Number(s.x.Census.Rows)), look.Small, look.Conflict.Text()))
	}
	switch {
	case !t.Known:
	case t.Named == t.Values:
		col.Add(widgets.NewIconText("check-circle", fmt.Sprintf("All %s values name a row that was read", look.Number(t.Values)), look.Small, look.Create.Text()))
	default:
		col.Add(widgets.NewIconText("waiting", fmt.Sprintf("%s of %s values name a row that was read; the others wait", look.Number(t.Named), look.Number(t.Values)), look.Small, look.Conflict.Text()))
	}
}

// labelCard asks for the label of the associations.
func (s *associateScreen) labelCard(a *definition.Associate) fyne.CanvasObject {
	words, labels := []string{"No label"}, []definition.Label{{}}
	for _, l := range s.x.Ends[1].Labels {
		words, labels = append(words, "“"+l+"” for all rows"), append(labels, definition.Label{Name: l})
	}
	at := 0
	for i, l := range labels {
		if a.Label.Field == "" && strings.EqualFold(l.Name, a.Label.Name) {
			at = i
		}
	}
	if a.Label.Name != "" && at == 0 {
		words, labels = append(words, "“"+a.Label.Name+"” for all rows, which is made"), append(labels, a.Label)
		at = len(labels) - 1
	}
	for _, c := range s.columns(a.Label.Field) {
		if c == a.From.End.Field() || c == a.To.End.Field() {
			continue
		}
		l := definition.Label{Field: c}
		if c == a.Label.Field {
			l.Values, at = a.Label.Values, len(labels)
		}
		words, labels = append(words, "From the column “"+c+"”"), append(labels, l)
	}
	col := widgets.NewColumn(6, widgets.NewIconText("association", "Label", look.Heading, look.T1),
		widgets.NewSelect(words, at, func(k int) { s.edit(func(a *definition.Associate) { a.Label = labels[k] }, true) }))
	if a.Label.Field != "" {
		s.nameValues(col, a.Label)
	}
	return widgets.NewCard(col)
}

// nameValues lets each value of the label's column be called otherwise in
// HubSpot.
func (s *associateScreen) nameValues(col *fyne.Container, l definition.Label) {
	values, _ := s.x.Census.Values(l.Field)
	col.Add(layouts.SmallCaption("What each value is called in HubSpot"))
	for _, v := range values[:min(len(values), mapper.MostLabels)] {
		e := widgets.NewEntry(v.Value)
		e.Small = true
		e.SetText(l.Values[v.Value])
		e.OnChanged = func(text string) {
			s.edit(func(a *definition.Associate) {
				if a.Label.Values == nil {
					a.Label.Values = map[string]string{}
				}
				if a.Label.Values[v.Value] = strings.TrimSpace(text); a.Label.Values[v.Value] == "" {
					delete(a.Label.Values, v.Value)
				}
			}, false)
		}
		name := widgets.NewColumn(0, widgets.NewLine(v.Value, look.Small, look.T1), widgets.NewLine(look.Count(v.Rows, "row", "rows"), look.Caption, look.T3))
		col.Add(&fyne.Container{Layout: evenly{8}, Objects: []fyne.CanvasObject{name, e}})
	}
	col.Add(widgets.NewParagraph("What is left empty is called like the value. A label that HubSpot lacks is made when you apply a plan with it.", look.Caption, look.T2))
}

// evenly gives its objects equal widths beside each other.
type evenly struct{ gap float32 }

// Layout implements fyne.Layout.
func (l evenly) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - l.gap*float32(len(objects)-1)) / float32(max(len(objects), 1))
	for i, o := range objects {
		h := o.MinSize().Height
		layouts.Move(o, float32(i)*(w+l.gap), (size.Height-h)/2, w, h)
	}
}

// MinSize implements fyne.Layout.
func (l evenly) MinSize(objects []fyne.CanvasObject) fyne.Size {
	high := float32(0)
	for _, o := range objects {
		high = max(high, o.MinSize().Height)
	}
	return fyne.NewSize(180, high)
}

// shownPairs is how many rows show what they associate.
const shownPairs = 5

// rowsCard shows on rows of the source what they associate, and what becomes of
// rows that are gone.
func (s *associateScreen) rowsCard(a *definition.Associate) fyne.CanvasObject {
	col := widgets.NewColumn(6, widgets.NewLine("On your rows", look.Heading, look.T1))
	cell := func(row record.Row, field string) string {
		return wording.OrNothing(record.Trimmed(row.Fields[field].String()))
	}
	for _, row := range s.x.Rows[:min(len(s.x.Rows), shownPairs)] {
		text := cell(row, a.From.End.Field()) + " → " + cell(row, a.To.End.Field())
		label := a.Label.Name
		if a.Label.Field != "" {
			label = record.Trimmed(row.Fields[a.Label.Field].String())
			if named := a.Label.Values[label]; named != "" {
				label = named
			}
		}
		if label != "" {
			text += " (" + label + ")"
		}
		col.Add(widgets.NewLine(text, look.Mono, look.T1))
	}
	col.Add(widgets.NewParagraph(look.Count(s.x.Census.Rows, "row", "rows")+" in all", look.Caption, look.T2))
	col.Add(widgets.NewSeparator())
	col.Add(widgets.NewCheck("Remove what the source gave up", a.RemoveOthers, func(on bool) {
		s.edit(func(a *definition.Associate) { a.RemoveOthers = on }, true)
	}))
	col.Add(layouts.Indented(widgets.NewParagraph("Only what this sync made. What others made stays.", look.Caption, look.T2)))
	return widgets.NewCard(col)
}
