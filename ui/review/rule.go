package review

import (
	"context"
	"fmt"
	"slices"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
	"syncline/ui/wording"
)

// Rule asks which rule shall settle conflicts like the current one from now on.
func (s *Screen) Rule() {
	if len(s.pages.IDs) == 0 {
		return
	}
	g, made := s.group, s.groupChoice()
	shell.LoadKept(s.w, &s.ruling, func(ctx context.Context) ([]app.Rule, error) { return s.w.App.RulesFor(ctx, g) }, func(rules []app.Rule) {
		switch {
		case s.group != g || s.w.Current() != shell.Screen(s):
		case len(rules) == 0:
			s.w.Toast(look.Neutral, s.noRule(), "", nil)
		default:
			s.askRule(rules, made)
		}
	}, nil)
}

// noRule says why there is no rule for the group.
func (s *Screen) noRule() string {
	if s.openIn() == 0 {
		return "Everything of this group is decided: U takes the last decision back"
	}
	return "No rule can settle these: each needs a decision of its own"
}

// openIn is how many conflicts of the group that is shown are open.
func (s *Screen) openIn() (n int) {
	for _, id := range s.pages.IDs {
		if s.decided[id] == "" {
			n++
		}
	}
	return n
}

// askRule shows what each rule would settle; the one is chosen that fits what was
// decided in the group.
func (s *Screen) askRule(rules []app.Rule, made plan.Choice) {
	at := slices.IndexFunc(rules, func(r app.Rule) bool { return made != "" && r.Choice() == made && len(r.Settles) > 0 })
	at = max(at, 0)
	items := make([]choice.Item, len(rules))
	for i, r := range rules {
		items[i] = choice.Item{Title: r.Title(), Text: settlesWords(r)}
	}
	does, under := widgets.NewParagraph("", look.Body, look.T1), widgets.NewColumn(2)
	var d *widgets.Dialog
	var list *choice.List
	keep := func() {
		r := rules[list.Chosen]
		d.Close()
		s.makeRule(r)
	}
	show := func(i int) {
		r := rules[i]
		does.SetText(r.Does())
		under.Objects = nil
		for _, c := range r.Examples {
			under.Add(widgets.NewLine(c.Name+": "+wording.OrNothing(c.Source)+"  ≠  "+wording.OrNothing(c.HubSpot)+exampleEnd(r, c), look.Small, look.T2))
		}
		d.Primary.SetText("Make the rule")
		if n := len(r.Settles); n > 0 {
			d.Primary.SetText("Make the rule and settle " + look.Number(n))
		}
		d.Refresh()
	}
	list = choice.New(true, items, at, show, keep)
	d = widgets.NewDialog("A rule for "+rules[0].Field, "It is written into the field map of "+s.group.SyncName+", where it can be changed at any time", widgets.NewPaddedColumn(12, 4, 4, list, does, under))
	d.Width = 560
	d.First = list
	d.Primary = widgets.NewButton(widgets.Primary, "check", "", keep)
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.OnCancel = s.list.Focus
	show(at)
	d.Open(s.w.Win.Canvas())
}

// settlesWords say how much of the group a rule settles.
func settlesWords(r app.Rule) string {
	switch n := len(r.Settles); {
	case n == 0:
		return "Settles none of those that are open"
	case n == r.Of:
		return "Settles " + allOf(n) + " that " + map[bool]string{true: "is", false: "are"}[n == 1] + " open"
	default:
		return fmt.Sprintf("Settles %s of %s that are open", look.Number(n), look.Number(r.Of))
	}
}

func allOf(n int) string {
	if n == 1 {
		return "the one"
	}
	return "all " + look.Number(n)
}

// exampleEnd is what becomes of a conflict by a rule.
func exampleEnd(r app.Rule, c app.Conflict) string {
	switch r.Choice() {
	case plan.ChooseSource:
		return "  →  " + wording.OrNothing(c.Source)
	case plan.ChooseHubSpot:
		return "  →  " + wording.OrNothing(c.HubSpot)
	}
	return "  →  both stay"
}

// makeRule makes a rule and shows what it settles as decided. U takes both back.
func (s *Screen) makeRule(r app.Rule) {
	d := &decision{ids: r.Settles, puts: []put{{ids: r.Settles, choice: r.Choice()}}, row: s.groups.Current(), rule: &madeRule{rule: r}}
	s.done = append(s.done, d)
	s.keep(d, false)
	s.list.Focus()
}

// madeRule is a rule of this visit.
type madeRule struct {
	rule app.Rule
	kept *app.KeptRule // written and read in the order of decisions; nil before it is made
}

// carry makes what was decided hold, or takes it back.
func (s *Screen) carry(ctx context.Context, d *decision) (err error) {
	if d.rule != nil {
		d.rule.kept, err = s.w.App.MakeRule(ctx, d.rule.rule)
		return err
	}
	if d.undo != nil && d.undo.rule != nil && d.undo.rule.kept != nil {
		if err := s.w.App.DropRule(ctx, d.undo.rule.kept); err != nil {
			return err
		}
	}
	for _, p := range d.puts {
		if err := s.w.App.Decide(ctx, p.ids, p.choice, p.value); err != nil {
			return err
		}
	}
	return nil
}

// toldRule says that a rule holds now.
func (s *Screen) toldRule(r app.Rule) {
	text := r.Title()
	if n := len(r.Settles); n > 0 {
		text += " · " + look.Number(n) + " settled"
	}
	s.w.Toast(look.Create, text, "Field map", func() { s.w.Rooms.FieldMap(r.Path, s) })
}
