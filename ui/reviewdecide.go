package ui

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

func (s *review) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyLeft:
		s.take(plan.ChooseSource)
	case fyne.KeyRight:
		s.take(plan.ChooseHubSpot)
	default:
		return false
	}
	return true
}

func (s *review) rune(r rune) bool {
	switch r {
	case 'b', 'B':
		s.take(plan.ChooseBase)
	case 'e', 'E':
		s.edit()
	case '/':
		s.skip()
	case 'k', 'K':
		s.take(plan.ChooseApart)
	case 'a', 'A':
		s.applyToGroup()
	case 'u', 'U':
		s.undo()
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

func (s *review) currentConflict() (app.Conflict, bool) { return s.pages.at(s.list.Current()) }

func (s *review) choiceOfCurrent() plan.Choice {
	if c, ok := s.currentConflict(); ok {
		return s.decided[c.ID]
	}
	return ""
}

// take decides the current conflict and moves on.
func (s *review) take(side plan.Choice) {
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
func (s *review) takeRecord(id string) {
	if c, ok := s.currentConflict(); ok {
		s.decide([]int64{c.ID}, plan.ChooseValue, id, true)
		s.list.Focus()
	}
}

// skip leaves both sides as they are, or a row out.
func (s *review) skip() {
	s.take(plan.ChooseSkip)
}

// edit asks for another value.
func (s *review) edit() {
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
	d.Open(s.w.win.Canvas())
}

// groupChoice is the choice that can be applied to the whole group: that of
// the current conflict, or the last one that was made in the group.
func (s *review) groupChoice() plan.Choice {
	choice := s.choiceOfCurrent()
	if n := len(s.last); choice == "" && n > 0 && slices.Contains(s.pages.ids, s.last[n-1]) {
		choice = s.decided[s.last[n-1]]
	}
	if choice == plan.ChooseValue || (choice == plan.ChooseSource && s.group.Cause == plan.CauseShared) { // that is about one of the rows that share a key
		return ""
	}
	return choice
}

// allowAll says what the button for the group does, or what is missing for it.
func (s *review) allowAll() {
	choice := s.groupChoice()
	if choice == "" {
		s.all.SetText(fmt.Sprintf("Apply to all %s", look.Number(len(s.pages.ids))))
		s.all.SetReason("Decide one of the group first; then its choice can be applied to all")
		return
	}
	s.all.SetText(fmt.Sprintf("%s for all %s", s.choiceWord(choice), look.Number(len(s.pages.ids))))
	s.all.SetReason("")
}

// applyToGroup decides the whole group like the conflict that was decided last.
func (s *review) applyToGroup() {
	choice := s.groupChoice()
	if choice == "" {
		return
	}
	var open []int64
	for _, id := range s.pages.ids {
		if s.decided[id] == "" {
			open = append(open, id)
		}
	}
	if len(open) == 0 {
		return
	}
	widgets.NewConfirm("Apply to the whole group?", fmt.Sprintf("%s the choice “%s”. It is carried out at the next run and can be taken back until then.", look.Count(len(open), "more conflict gets", "more conflicts get"), s.choiceWord(choice)),
		"Decide "+look.Count(len(open), "conflict", "conflicts"), false, func() { s.decide(open, choice, "", false) }).Open(s.w.win.Canvas())
}

// undo takes the last decision back.
func (s *review) undo() {
	if len(s.last) == 0 {
		return
	}
	ids := s.last
	s.last = nil
	s.decide(ids, "", "", false)
}

// decide keeps a choice. The window moves on at once; if keeping it fails, the
// conflict is open again and the error is shown.
func (s *review) decide(ids []int64, choice plan.Choice, value string, next bool) {
	for _, id := range ids {
		s.decided[id] = choice
	}
	if choice != "" {
		s.last = ids
	}
	s.list.RefreshRows()
	row := s.list.Current()
	if next && row+1 < len(s.pages.ids) {
		s.list.Select(row + 1)
	} else {
		s.explain(row)
	}
	inOrder(s.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.w.app.Decide(ctx, ids, choice, value)
	}, func(struct{}) {
		s.countDecided()
		s.countOpen()
		s.w.refreshStatus()
	}, func(err error) {
		for _, id := range ids {
			if s.decided[id] == choice { // not decided anew in the meantime
				delete(s.decided, id)
			}
		}
		s.list.RefreshRows()
		s.w.fail(err)
	})
}
