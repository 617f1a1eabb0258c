package review

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

func (s *Screen) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyLeft:
		s.Take(plan.ChooseSource)
	case fyne.KeyRight:
		s.Take(plan.ChooseHubSpot)
	default:
		return false
	}
	return true
}

func (s *Screen) rune(r rune) bool {
	switch r {
	case 'b', 'B':
		s.Take(plan.ChooseBase)
	case 'e', 'E':
		s.Edit()
	case '/':
		s.Skip()
	case 'k', 'K':
		s.Take(plan.ChooseApart)
	case 'a', 'A':
		s.ApplyToGroup()
	case 'r', 'R':
		s.Rule()
	case 'u', 'U':
		s.Undo()
	default:
		return false
	}
	return true
}

func sideOf(m look.Meaning) plan.Choice {
	switch m {
	case look.Source:
		return plan.ChooseSource
	case look.Base:
		return plan.ChooseBase
	}
	return plan.ChooseHubSpot
}

func (s *Screen) currentConflict() (app.Conflict, bool) { return s.pages.At(s.list.Current()) }

func (s *Screen) choiceOfCurrent() plan.Choice {
	if c, ok := s.currentConflict(); ok {
		return s.decided[c.ID]
	}
	return ""
}

// Take decides the current conflict and moves on.
func (s *Screen) Take(side plan.Choice) {
	c, ok := s.currentConflict()
	if !ok || (c.Property != "" && side == plan.ChooseBase && c.Base == nil) {
		return
	}
	if _, can := c.Cause.Option(side); !can {
		return
	}
	s.decide([]int64{c.ID}, side, "", true)
}

// takeRecord decides that the current row's record is the one with this id.
func (s *Screen) takeRecord(id string) {
	if c, ok := s.currentConflict(); ok {
		s.decide([]int64{c.ID}, plan.ChooseValue, id, true)
		s.list.Focus()
	}
}

// Skip leaves both sides as they are, or a row out.
func (s *Screen) Skip() {
	s.Take(plan.ChooseSkip)
}

// Edit asks for another value.
func (s *Screen) Edit() {
	c, ok := s.currentConflict()
	if ok && s.pick != nil {
		s.pick.focus()
	}
	if _, can := c.Cause.Option(plan.ChooseValue); !ok || !can || c.Property == "" {
		return
	}
	entry := widgets.NewEntry("")
	entry.SetText(c.Source)
	d := widgets.NewDialog("Another value for "+c.Field, c.Name, widgets.NewColumn(8, entry, widgets.NewLine("Both sides get it at the next run, as HubSpot writes it", look.Small, look.T2)))
	d.First = entry
	d.Primary = widgets.NewButton(widgets.Primary, "check", "Take this value", func() {
		value := entry.Text
		d.Close()
		s.decide([]int64{c.ID}, plan.ChooseValue, value, true)
		s.list.Focus()
	})
	d.Open(s.w.Win.Canvas())
}

// groupChoice is the choice that can be applied to the whole group: that of
// the current conflict, or the last one that was made in the group.
func (s *Screen) groupChoice() plan.Choice {
	choice := s.choiceOfCurrent()
	if n := len(s.done); choice == "" && n > 0 {
		if last := s.done[n-1].ids; len(last) > 0 && slices.Contains(s.pages.IDs, last[len(last)-1]) {
			choice = s.decided[last[len(last)-1]]
		}
	}
	if choice == plan.ChooseValue || (choice == plan.ChooseSource && s.group.Cause == plan.CauseShared) { // that is about one of the rows that share a key
		return ""
	}
	return choice
}

// allowAll says what the button for the group does, or what is missing for it.
func (s *Screen) allowAll() {
	choice := s.groupChoice()
	if choice == "" {
		s.all.SetText(fmt.Sprintf("Apply to all %s", look.Number(len(s.pages.IDs))))
		s.all.SetReason("Decide one of the group first; then its choice can be applied to all")
		return
	}
	s.all.SetText(fmt.Sprintf("%s for all %s", s.choiceWord(choice), look.Number(len(s.pages.IDs))))
	s.all.SetReason("")
}

// ApplyToGroup decides the whole group like the conflict that was decided last.
func (s *Screen) ApplyToGroup() {
	choice := s.groupChoice()
	if choice == "" {
		return
	}
	var open []int64
	for _, id := range s.pages.IDs {
		if s.decided[id] == "" {
			open = append(open, id)
		}
	}
	if len(open) == 0 {
		return
	}
	widgets.NewConfirm("Apply to the whole group?", fmt.Sprintf("%s the choice “%s”. It is carried out at the next run and can be taken back until then.", look.Count(len(open), "more conflict gets", "more conflicts get"), s.choiceWord(choice)),
		"Decide "+look.Count(len(open), "conflict", "conflicts"), false, func() { s.decide(open, choice, "", false) }).Open(s.w.Win.Canvas())
}

// decision is what one key or button decided, or took back.
type decision struct {
	ids  []int64
	puts []put     // what is decided of them
	was  []put     // what had been decided of them before
	row  int       // the group that they are of
	undo *decision // what it takes back, nil where it decides
	rule *madeRule // the rule that it is made by, nil for none
}

// put is a choice for some conflicts, "" for none: they are open.
type put struct {
	ids    []int64
	choice plan.Choice
	value  string
}

// decidedOf are the choices that were made of conflicts until now.
func (s *Screen) decidedOf(ids []int64) (all []put) {
	for _, id := range ids {
		choice, value := s.decided[id], s.puts[id]
		i := slices.IndexFunc(all, func(p put) bool { return p.choice == choice && p.value == value })
		if i < 0 {
			i, all = len(all), append(all, put{choice: choice, value: value})
		}
		all[i].ids = append(all[i].ids, id)
	}
	return all
}

// show shows choices as they are made.
func (s *Screen) show(puts []put) {
	for _, p := range puts {
		for _, id := range p.ids {
			s.decided[id], s.puts[id] = p.choice, p.value
		}
	}
	s.list.RefreshRows()
}

// Undo takes the last decision back, and then the one before it.
func (s *Screen) Undo() {
	if len(s.done) == 0 {
		return
	}
	last := s.done[len(s.done)-1]
	s.done = s.done[:len(s.done)-1]
	delete(s.settled, last.row)
	s.keep(&decision{ids: last.ids, puts: last.was, row: last.row, undo: last}, false)
}

// moveOn opens the next group of which something is open, once the whole group that
// is shown is decided; it reports whether it did.
func (s *Screen) moveOn() bool {
	for _, id := range s.pages.IDs {
		if s.decided[id] == "" {
			return false
		}
	}
	now := s.groups.Current()
	s.settled[now] = true
	for i := 1; i < len(s.rows); i++ {
		if next := (now + i) % len(s.rows); !s.settled[next] && s.rows[next].Count > 0 {
			s.groups.Select(next)
			return true
		}
	}
	return false
}

// decide keeps a choice. The window moves on at once; if keeping it fails, the
// conflict is as it was before and the error is shown.
func (s *Screen) decide(ids []int64, choice plan.Choice, value string, next bool) {
	d := &decision{ids: ids, puts: []put{{ids, choice, value}}, row: s.groups.Current()}
	s.done = append(s.done, d)
	s.keep(d, next)
}

// keep shows what is decided, and keeps it.
func (s *Screen) keep(d *decision, next bool) {
	d.was = s.decidedOf(d.ids)
	s.show(d.puts)
	row := s.list.Current()
	switch {
	case d.undo == nil && s.moveOn():
	case next && row+1 < len(s.pages.IDs):
		s.list.Select(row + 1)
	default:
		s.explain(row)
	}
	visit := s.visit
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.carry(ctx, d)
	}, func(struct{}) {
		s.recount()
		if d.rule != nil {
			s.toldRule(d.rule.rule)
		}
		if d.undo != nil && visit == s.visit {
			s.groups.Select(d.row) // what is open again is shown, once it is
		}
	}, func(err error) {
		if visit == s.visit {
			s.unkept(d)
		}
		s.recount()
		s.w.Fail(err)
	})
}

// unkept shows again what was before a decision that could not be kept.
func (s *Screen) unkept(d *decision) {
	for _, p := range d.was {
		for _, id := range p.ids {
			if d.holds(id, s.decided[id]) { // not decided anew in the meantime
				s.decided[id], s.puts[id] = p.choice, p.value
			}
		}
	}
	if d.undo != nil { // it holds still, and can be taken back again
		s.done = append(s.done, d.undo)
	} else {
		s.done = slices.DeleteFunc(s.done, func(x *decision) bool { return x == d })
		delete(s.settled, d.row)
	}
	s.list.RefreshRows()
	s.explain(s.list.Current())
}

// holds reports whether a choice is the one that it put.
func (d *decision) holds(id int64, choice plan.Choice) bool {
	return slices.ContainsFunc(d.puts, func(p put) bool { return p.choice == choice && slices.Contains(p.ids, id) })
}

// recount reads what is open and what is decided.
func (s *Screen) recount() {
	s.countDecided()
	s.countOpen()
	s.w.RefreshStatus()
}
