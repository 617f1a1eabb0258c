package newsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/mapper"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
	"syncline/ui/wording"
)

type objectType = hubspot.ObjectType

// fillPane asks about what is chosen in the diagram, or about the set.
func (s *setMaker) fillPane() {
	if s.draft == nil {
		return
	}
	focused := s.focusedPart()
	chosen := newSetPart{-1, -1}
	if i := s.graph.Selected(); i >= 0 && i < len(s.cards) {
		chosen = s.cards[i]
	}
	switch {
	case chosen.sheet >= 0:
		s.pane.Objects = s.askSheet(chosen.sheet)
	case chosen.link >= 0:
		s.pane.Objects = s.askLink(chosen.link)
	default:
		s.pane.Objects = s.askSet()
	}
	s.pane.Refresh()
	s.refocus(focused)
}

// focusedPart is which of the pane's parts that take the keyboard has it, -1 for
// none.
func (s *setMaker) focusedPart() int {
	now := s.w.Win.Canvas().Focused()
	return slices.IndexFunc(layouts.Focusables(s.pane), func(f fyne.Focusable) bool { return f == now })
}

// refocus gives the keyboard back to the part in the same place: the pane is
// made anew after every edit.
func (s *setMaker) refocus(part int) {
	if all := layouts.Focusables(s.pane); part >= 0 && part < len(all) {
		s.w.Win.Canvas().Focus(all[part])
	}
}

// askSet asks for the set's name and portal, and lists the links.
func (s *setMaker) askSet() []fyne.CanvasObject {
	if s.name == nil {
		s.name = widgets.NewEntry("Name of the set")
		s.name.SetText(s.draft.Name)
		s.name.OnChanged = func(text string) {
			s.draft.Name = text
			s.create.SetReason(s.unready())
		}
	}
	top := widgets.NewColumn(8, widgets.NewLine("One job", look.Heading, look.T1), layouts.SmallCaption("Name"), s.name)
	if len(s.portals) == 0 {
		top.Add(widgets.NewNotice(look.Conflict, "portal", "No portal is connected yet", "Connect HubSpot, or begin with the practice portal. What was read stays."))
		connect := widgets.NewButton(widgets.Plain, "portal", "Connect HubSpot", func() { s.w.GoTo(shell.PlaceConnections) })
		practice := widgets.NewButton(widgets.Plain, "practice", "Use the practice portal", func() {
			s.w.Do(func(ctx context.Context) error { _, err := s.w.App.ConnectPractice(ctx); return err }, s.Show)
		})
		connect.Wide, practice.Wide = true, true
		top.Add(connect)
		top.Add(practice)
	} else {
		var names []string
		for _, c := range s.portals {
			names = append(names, c.Name)
		}
		top.Add(layouts.SmallCaption("Portal"))
		top.Add(widgets.NewSelect(names, slices.Index(names, s.draft.Portal), func(i int) { s.choosePortal(names[i]) }))
	}
	out := []fyne.CanvasObject{layouts.Block(0, top), widgets.NewSeparator()}
	links := widgets.NewColumn(10, widgets.NewLine("Links that were found", look.Heading, look.T1))
	if len(s.draft.Links) == 0 {
		links.Add(widgets.NewParagraph("None of these sheets names rows of another one: no column holds what identifies the rows of another. They still become one job.", look.Body, look.T2))
	}
	for i := range s.draft.Links {
		if one := s.draft.Sheets[s.draft.Links[i].From]; !one.Out && !s.draft.Sheets[s.draft.Links[i].To].Out {
			links.Add(s.linkCheck(i))
		}
	}
	return append(out, layouts.Block(0, links))
}

// linkCheck is a link with its box and what was counted.
func (s *setMaker) linkCheck(i int) fyne.CanvasObject {
	l := s.draft.Links[i]
	from, to := s.draft.Sheets[l.From], s.draft.Sheets[l.To]
	box := widgets.NewCheck(from.Name+" → "+to.Name, l.On, func(on bool) { s.tick(i, on) })
	col := widgets.NewColumn(1, box, layouts.Indented(widgets.NewParagraph(s.linkWords(i), look.Caption, look.T2)))
	if why := s.draft.Circle(i); why != "" && !l.On {
		box.Reason = why
		col.Add(layouts.Indented(widgets.NewParagraph(why+".", look.Caption, look.Conflict.Text())))
	}
	if !l.On && box.Reason == "" && s.draft.Joined(i) {
		col.Add(layouts.Indented(widgets.NewParagraph("Another column joins these two already. Tick it if you want these associations too; a label in the field map tells them apart.", look.Caption, look.T2)))
	}
	if from.AsRoles && l.On {
		box.Reason = "These rows are this association: leave the sheet out instead"
	}
	return col
}

// linkWords say how many rows name a row of the other sheet, and what becomes of
// the others.
func (s *setMaker) linkWords(i int) string {
	l := s.draft.Links[i]
	from, to := s.draft.Sheets[l.From], s.draft.Sheets[l.To]
	who := "rows"
	if !from.AsRoles {
		who = wording.Lower(wording.ObjectWord(from.Object))
	}
	text := fmt.Sprintf("%s of %s %s name a row of %s by “%s”.", look.Number(l.Named), look.Number(l.Filled), who, to.Name, l.Column)
	if rest := l.Filled - l.Named; rest > 0 {
		text += fmt.Sprintf(" The other %s name none that is there: those associations wait for it.", look.Number(rest))
	}
	return text
}

// askLink asks whether a link is taken.
func (s *setMaker) askLink(i int) []fyne.CanvasObject {
	l := s.draft.Links[i]
	from, to := s.draft.Sheets[l.From], s.draft.Sheets[l.To]
	one, other := wording.Lower(singularOf(from.Object)), wording.Lower(singularOf(to.Object))
	out := []fyne.CanvasObject{layouts.PaneHead(wording.ObjectWord(from.Object)+" → "+wording.ObjectWord(to.Object), fmt.Sprintf("Each %s is associated with the %s that its “%s” names.", one, other, l.Column))}
	samples := widgets.NewColumn(3, layouts.SmallCaption("Such as"))
	for _, c := range from.Draft.Schema.Columns {
		if c.Name == l.Column {
			for _, v := range c.Samples[:min(len(c.Samples), 3)] {
				samples.Add(widgets.NewLine(v, look.Mono, look.T1))
			}
		}
	}
	return append(out, layouts.Block(10, s.linkCheck(i)), widgets.NewSeparator(), layouts.Block(0, samples))
}

// singularOf is what one record of an object type is called.
func singularOf(object string) string {
	if t, ok := hubspot.FindObjectType(object); ok && t.LabelSingular != "" {
		return t.LabelSingular
	}
	return object
}

// askSheet asks what the rows of a sheet are, what identifies them, and which
// columns are mapped.
func (s *setMaker) askSheet(i int) []fyne.CanvasObject {
	one := s.draft.Sheets[i]
	out := []fyne.CanvasObject{layouts.PaneHead(one.Name, fileOf(one)+" · "+look.Count(one.Rows, "row", "rows"))}
	if one.Err != nil {
		return append(out, layouts.Block(0, widgets.NewNotice(look.Failed, "", "It can’t be read", whyUnread(one)+". It takes no part in the set.")))
	}
	if one.Rows == 0 {
		return append(out, layouts.Block(0, widgets.NewParagraph("It has no rows, so it takes no part in the set.", look.Body, look.T2)))
	}
	ask := widgets.NewColumn(6, s.askEncoding(i)...)
	ask.Add(layouts.SmallCaption("What are these rows?"))
	ask.Add(s.objectSelect(i))
	ask.Add(widgets.NewParagraph(s.guessWords(one), look.Caption, look.T2))
	out = append(out, layouts.Block(0, ask))
	if one.Out {
		return out
	}
	known := widgets.NewColumn(6, layouts.SmallCaption("What identifies a row?"))
	known.Add(widgets.NewSelect(one.Keys, slices.Index(one.Keys, one.Key), func(k int) {
		s.draft.SetKey(i, one.Keys[k])
		s.study(false)
	}))
	if one.Key == "" {
		known.Add(widgets.NewParagraph("No column is filled in every row and never repeats. Choose the best one: rows that share it, or have none, fail and say so.", look.Caption, look.Conflict.Text()))
	}
	if one.AsRoles {
		known.Add(layouts.SmallCaption("Label of the association"))
		known.Add(s.labelSelect(i))
		return append(out, layouts.Block(0, known))
	}
	known.Add(layouts.SmallCaption("Records that exist are found by"))
	known.Add(s.matchSelect(i))
	known.Add(layouts.SmallCaption("Which way values flow"))
	known.Add(s.wayChoice(i))
	known.Add(layouts.SmallCaption("A row without a record"))
	known.Add(s.createChoice(i))
	return append(out, layouts.Block(0, known), widgets.NewSeparator(), layouts.Block(0, s.columns(i)))
}

// wayChoice asks which way the values of a sheet flow; one that can't be written
// leaves one way.
func (s *setMaker) wayChoice(i int) fyne.CanvasObject {
	both := choice.Item{Title: "Both ways", Text: "Each side gets the other’s edits"}
	if why := s.draft.OnlyTo(i); why != "" {
		both.Off, both.Text = true, why
	}
	return choice.New(true, []choice.Item{both, {Title: "To HubSpot only", Text: "The file is never written"}}, map[bool]int{true: 0, false: 1}[s.draft.Sheets[i].TwoWay], func(k int) {
		s.draft.SetWay(i, k == 0)
		s.study(false)
	}, func() {})
}

// createChoice asks what becomes of a row that finds no record.
func (s *setMaker) createChoice(i int) fyne.CanvasObject {
	return choice.New(true, []choice.Item{
		{Title: "Create the " + wording.Lower(singularOf(s.draft.Sheets[i].Object)), Text: "The plan lists each one first"},
		{Title: "Skip the row", Text: "Only records that exist change"},
	}, map[bool]int{false: 0, true: 1}[s.draft.Sheets[i].Skip], func(k int) {
		s.draft.Sheets[i].Skip = k == 1
		s.edited()
	}, func() {})
}

// askEncoding asks which characters a file is written in, where that is open.
func (s *setMaker) askEncoding(i int) []fyne.CanvasObject {
	d := s.draft.Sheets[i].Draft
	choices, _ := d.Encodings()
	if len(choices) == 0 {
		return nil
	}
	var words []string
	selected := -1
	for k, c := range choices {
		words = append(words, c.Sample+" · "+c.Label)
		if c.Value == d.Reading().Encoding {
			selected = k
		}
	}
	ask := widgets.NewSelect(words, selected, func(k int) { s.reread(i, choices[k].Value) })
	ask.PlaceHolder = "Choose what reads right"
	return []fyne.CanvasObject{layouts.SmallCaption("Which characters are these?"), ask}
}

// reread reads a sheet in another encoding.
func (s *setMaker) reread(i int, encoding string) {
	s.job++
	job, d := s.job, s.draft.Clone()
	s.busy = "Reading " + d.Sheets[i].Name
	s.fill()
	shell.Load(s.w, func(ctx context.Context) (*app.SheetSet, error) {
		if err := s.w.App.RereadSheet(ctx, d, i, encoding); err != nil {
			return nil, err
		}
		return d, s.w.App.ChooseObjects(ctx, d)
	}, func(d *app.SheetSet) {
		if job == s.job {
			s.busy, s.draft = "", d
			s.fill()
		}
	}, func(err error) {
		if job == s.job {
			s.busy = ""
			s.fill()
			s.w.Fail(err)
		}
	})
}

// objectSelect chooses what the rows of a sheet become.
func (s *setMaker) objectSelect(i int) fyne.CanvasObject {
	one := s.draft.Sheets[i]
	var words []string
	for _, t := range s.types {
		words = append(words, t.Label)
	}
	if one.Roles != nil {
		words = append(words, s.rolesWord(one))
	}
	words = append(words, "Nothing: leave it out")
	return widgets.NewSelect(words, s.choiceOf(one), func(k int) {
		x := &s.draft.Sheets[i]
		x.Out = k == len(words)-1
		switch {
		case x.Out:
		case k < len(s.types):
			s.draft.Choose(i, s.types[k].Name)
		default:
			s.draft.Choose(i, "")
		}
		s.study(false)
	})
}

// rolesWord says what the rows of a sheet join.
func (s *setMaker) rolesWord(one app.Sheet) string {
	return wording.ObjectWord(s.draft.Sheets[one.Roles.From.To].Object) + " with " + wording.Lower(wording.ObjectWord(s.draft.Sheets[one.Roles.To.To].Object))
}

// guessWords say why a sheet's rows were taken for what they are.
func (s *setMaker) guessWords(one app.Sheet) string {
	switch {
	case one.Out:
		return "It takes no part in the set."
	case one.AsRoles:
		return "Guessed: associations. " + one.Roles.Reason + "."
	case one.Object == one.Guess.Name:
		return fmt.Sprintf("Guessed: %s. %s.", wording.Lower(wording.ObjectWord(one.Object)), one.Guess.Reason)
	}
	return "Each row becomes one record of this type."
}

// labelSelect chooses the column that names associations.
func (s *setMaker) labelSelect(i int) fyne.CanvasObject {
	one := s.draft.Sheets[i]
	words := []string{"No label"}
	for _, c := range one.Draft.Schema.Columns {
		if c.Name != one.Key && c.Name != one.Roles.From.Column && c.Name != one.Roles.To.Column {
			words = append(words, c.Name)
		}
	}
	return widgets.NewSelect(words, max(slices.Index(words, one.Label), 0), func(k int) {
		s.draft.Sheets[i].Label = ""
		if k > 0 {
			s.draft.Sheets[i].Label = words[k]
		}
		s.edited()
	})
}

// matchSelect chooses the column by which records that exist are found.
func (s *setMaker) matchSelect(i int) fyne.CanvasObject {
	one := s.draft.Sheets[i]
	keys := one.MatchColumns()
	words := make([]string, 0, len(keys)+1)
	for _, k := range keys {
		words = append(words, k.Field)
	}
	at := slices.Index(words, one.Match)
	words = append(words, "Nothing: each row gets a new one")
	if at < 0 {
		at = len(words) - 1
	}
	return widgets.NewSelect(words, at, func(k int) {
		s.draft.Sheets[i].Match = ""
		if k < len(keys) {
			s.draft.Sheets[i].Match = keys[k].Field
		}
		s.edited()
	})
}

// columns list the suggested lines of a sheet's field map: those that are sure
// are ticked, of the others it says why they wait.
func (s *setMaker) columns(i int) fyne.CanvasObject {
	one := s.draft.Sheets[i]
	col := widgets.NewColumn(8, widgets.NewLine("Columns and properties", look.Heading, look.T1),
		widgets.NewParagraph("What is ticked is mapped. The rest can be mapped later, in the field map of each sync.", look.Caption, look.T2))
	if len(one.Pairs) == 0 {
		text := "No column looks like a property of this type. Map them in the field map, or choose another type."
		if s.busy != "" {
			text = s.busy + " …"
		}
		col.Add(widgets.NewParagraph(text, look.Body, look.T2))
	}
	for _, p := range one.Pairs {
		box := widgets.NewCheck(p.Field+" → "+p.Title, p.On, func(on bool) {
			s.draft.Sheets[i].Accept(p.Field, on)
			s.edited()
		})
		part := widgets.NewColumn(1, box)
		switch {
		case p.Trouble != "":
			box.Reason = "The field map has a way out"
			part.Add(layouts.Indented(widgets.NewParagraph(wording.SentenceCase(p.Trouble)+": settle it in the field map.", look.Caption, look.Conflict.Text())))
		case p.OneWay != "":
			part.Add(layouts.Indented(widgets.NewParagraph("It flows to HubSpot only: "+p.OneWay+".", look.Caption, look.T2)))
		case len(p.Examples) > 0:
			for _, e := range p.Examples {
				part.Add(layouts.Indented(widgets.NewLine(mapper.WithEdges(e.Before.String())+" → "+wording.OrNothing(e.After.String()), look.MonoCap, look.T2)))
			}
		}
		col.Add(part)
	}
	return col
}

// sourceEndings are those of files that can be a source.
var sourceEndings = strings.Fields(".csv .tsv .tab .txt .gz .zip .xlsx .xlsm .ods .json .jsonl .ndjson .parquet")
