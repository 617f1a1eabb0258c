package mapper

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/transform"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
	"syncline/ui/wording"
)

// offered is a line that is about to become part of the map, with what a
// person must see or say before.
type offered struct {
	link     fieldmap.Link
	steps    transform.Chain // as they are now, after the answer
	question *suggest.Question
	open     bool // the question needs an answer and has none: the line waits
	shown    *fyne.Container
}

// offer gathers what accepting a line means.
func (p *Pane) offer(l fieldmap.Link) *offered {
	facts := p.facts.Load()
	o := &offered{link: l, steps: l.Settings.Steps}
	c, okC := facts.Column(l.Field)
	q, okQ := facts.Property(l.Property)
	if okC && okQ {
		o.question = suggest.Ask(c, q, "")
	}
	if o.question != nil {
		if _, asks := o.answered(); asks >= 0 {
			o.question = nil // the steps say it already
		} else {
			o.open = o.question.Needed
		}
	}
	return o
}

// answered is the answer that the steps give already, -1 for none.
func (o *offered) answered() (suggest.Answer, int) {
	for i, a := range o.question.Answers {
		if sameSteps(a.Steps, o.steps) {
			return a, i
		}
	}
	return suggest.Answer{}, -1
}

// mostChanged is how many examples of a change are listed.
const mostChanged = 3

// tells reports whether there is anything to see or say about the line, and
// shows it.
func (p *Pane) tells(o *offered) bool {
	if isAssociation(o.link) {
		p.tellsAssociation(o)
		return true
	}
	s := o.link.Settings.Clone()
	s.Steps = o.steps
	examples, changed, rows := p.facts.Load().Changed(p.lines.line(o.link.Ref, s), mostChanged)
	if o.question == nil && (changed == 0 && rows > 0 || len(o.steps) == 0) {
		return false
	}
	if o.shown == nil {
		o.shown = widgets.NewColumn(3)
	}
	o.shown.Objects = nil
	if len(o.steps) > 0 {
		words := fieldmap.StepWords(o.steps)
		if changed > 0 {
			words += fmt.Sprintf(" · changes %s of %s", look.Number(changed), look.Count(rows, "row", "rows"))
		}
		o.shown.Add(widgets.NewParagraph(words, look.Small, look.T2))
	}
	for _, e := range examples {
		after := wording.OrNothing(WithEdges(e.After.String()))
		if e.Err != nil {
			after = "not sent: " + e.Err.Error()
		}
		o.shown.Add(widgets.NewLine(WithEdges(e.Before.String())+" → "+after, look.Mono, look.T1))
	}
	o.shown.Refresh()
	return true
}

// WithEdges shows where a value begins and ends, if there are spaces at its
// edges.
func WithEdges(s string) string {
	if strings.TrimSpace(s) != s {
		return "“" + s + "”"
	}
	return s
}

// accept makes suggestions part of the map. Steps that change values are listed
// first, with what they make of the rows, and what the samples leave open is
// asked: nothing is accepted unseen. seen tells that the steps were on the
// screen already.
func (p *Pane) accept(links []fieldmap.Link, seen bool) {
	var all, tell []*offered
	for _, l := range links {
		o := p.offer(l)
		all = append(all, o)
		if p.tells(o) && (!seen || o.question != nil) {
			tell = append(tell, o)
		}
	}
	if len(tell) == 0 {
		p.take(all)
		return
	}
	p.list(all, tell)
}

// list shows what accepting changes, and asks what must be said.
func (p *Pane) list(all, tell []*offered) {
	form := widgets.NewColumn(16)
	d := widgets.NewDialog("Accept "+look.Count(len(all), "suggestion", "suggestions")+"?", "", form)
	d.Width = 560
	d.Primary = widgets.NewButton(widgets.Primary, "check", "", func() {
		d.Close()
		p.take(all)
	})
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.OnCancel = p.Focus
	count := func() {
		n := 0
		for _, o := range all {
			if !o.open {
				n++
			}
		}
		d.Primary.SetText("Accept " + look.Count(n, "suggestion", "suggestions"))
		d.Primary.SetReason("")
		if n == 0 {
			d.Primary.SetReason("Answer the question first")
		}
		d.Refresh()
	}
	if rest := len(all) - len(tell); rest > 0 {
		form.Add(widgets.NewParagraph(fmt.Sprintf("%s values on as they are. %s what is listed here.", look.Count(rest, "suggestion passes", "suggestions pass"), look.Count(len(tell), "suggestion changes or asks", "suggestions change or ask")), look.Body, look.T2))
	}
	for _, o := range tell {
		part := widgets.NewColumn(4, widgets.NewLine(p.pairWords(o.link), look.SmallStrong, look.T1), o.shown)
		if o.question != nil {
			part.Add(widgets.NewParagraph(o.question.Text, look.Body, look.T1))
			choices := []string{o.question.Without}
			for _, a := range o.question.Answers {
				choices = append(choices, a.Label)
			}
			without := o.link.Settings.Steps
			part.Add(widgets.NewSelect(choices, 0, func(i int) {
				o.steps, o.open = without, i == 0 && o.question.Needed
				if i > 0 {
					o.steps = o.question.Answers[i-1].Steps
				}
				p.tells(o)
				count()
			}))
		}
		form.Add(part)
	}
	count()
	d.Open(p.w.Win.Canvas())
}

// See shows what lines change that come of the match keys and were not drawn,
// before then goes on.
func (p *Pane) See(lines []definition.Field, then func()) {
	form := widgets.NewColumn(16, widgets.NewParagraph("New records must carry what they are matched by, so the match key is part of the map. This is what it changes.", look.Body, look.T2))
	some := false
	for _, line := range lines {
		o := &offered{link: fieldmap.Link{Ref: fieldmap.Ref{Field: line.Field, Property: line.Property}, Settings: settingsOf(line)}, steps: line.ToHubSpot}
		if p.tells(o) {
			some = true
			form.Add(widgets.NewColumn(4, widgets.NewLine(p.pairWords(o.link), look.SmallStrong, look.T1), o.shown))
		}
	}
	if !some {
		then()
		return
	}
	d := widgets.NewDialog("The match key is mapped too", "", form)
	d.Width, d.OnCancel = 560, p.Focus
	d.Primary = widgets.NewButton(widgets.Primary, "check", "Make the plan", func() {
		d.Close()
		then()
	})
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.Open(p.w.Win.Canvas())
}

// pairWords names a line by its ends.
func (p *Pane) pairWords(l fieldmap.Link) string {
	label := l.Property
	if a := l.Settings.Association; a != nil {
		return l.Field + " → Associated " + strings.ToLower(targetType(a.To).Label)
	}
	if q, ok := p.facts.Load().Property(l.Property); ok && q.Label != "" {
		label = q.Label
	}
	return l.Field + " → " + label
}

// take accepts what was offered, as one edit. What still waits for an answer
// stays a suggestion.
func (p *Pane) take(all []*offered) {
	steps := map[fieldmap.Ref]transform.Chain{}
	for _, o := range all {
		if !o.open {
			steps[o.link.Ref] = o.steps
		}
	}
	n := p.Model.AcceptWith(steps)
	if n == 0 {
		return
	}
	if n == 1 && len(all) == 1 {
		p.Model.Select(all[0].link.Ref)
	} else {
		p.Model.Arrange()
		p.w.Toast(look.Create, look.Count(n, "suggestion was accepted", "suggestions were accepted"), "Undo", p.Undo)
	}
	p.reselect()
}

// askSteps asks what the samples of a line that was just drawn leave open.
func (p *Pane) askSteps(r fieldmap.Ref) {
	l, ok := p.Model.Link(r)
	if !ok {
		return
	}
	o := p.offer(l)
	if o.question == nil || !p.tells(o) {
		return
	}
	choices := []string{o.question.Without}
	for _, a := range o.question.Answers {
		choices = append(choices, a.Label)
	}
	without := o.steps
	choose := widgets.NewSelect(choices, 0, nil)
	d := widgets.NewDialog(p.pairWords(l), "", widgets.NewColumn(8, widgets.NewParagraph(o.question.Text, look.Body, look.T1), choose, o.shown))
	d.Width, d.First, d.OnCancel = 520, choose, p.Focus
	choose.OnChanged = func(i int) {
		o.steps = without
		if i > 0 {
			o.steps = o.question.Answers[i-1].Steps
		}
		p.tells(o)
		d.Refresh()
	}
	d.Primary = widgets.NewButton(widgets.Primary, "check", "Use this", func() {
		d.Close()
		if now, ok := p.Model.Link(r); ok {
			s := now.Settings.Clone()
			s.Steps = o.steps
			p.Model.Update(r, s)
			p.reselect()
		}
	})
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Decide later", d.Cancel)}
	d.Open(p.w.Win.Canvas())
}
