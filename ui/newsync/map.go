package newsync

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/ui/look"
	"syncline/ui/mapper"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// mapStep embeds the field map.
type mapStep struct {
	s    *newSyncScreen
	pane *mapper.Pane
	root fyne.CanvasObject
	err  *fyne.Container
	told bool // the error over the map was asked for: it stays as long as it holds
}

func (m *mapStep) content() fyne.CanvasObject {
	if m.pane == nil {
		m.open()
	}
	return m.root
}

// open makes the pane of the draft as the match key left it.
func (m *mapStep) open() {
	m.pane = mapper.New(m.s.w.Window, m.s.draft)
	m.pane.OnChange, m.pane.OnCheck = m.s.refresh, m.s.refresh
	m.pane.OnKeys = m.s.key.adopt
	m.told = false
	m.err = widgets.NewPaddedColumn(8, look.PageMargin, 8)
	m.err.Hide()
	m.root = container.NewBorder(m.err, nil, nil, nil, m.pane.Content())
}

// Pane is the wizard's field map, nil before its step was opened.
func (s *newSyncScreen) Pane() *mapper.Pane { return s.fieldMap.pane }

func (m *mapStep) enter() {}
func (m *mapStep) focus() { m.pane.Focus() }

// forget drops the pane, but not the lines that were mapped in it.
func (m *mapStep) forget() {
	if m.pane != nil {
		m.pane.Commit()
		m.pane = nil
	}
}

// drop drops the pane with its lines, which belong to another object type.
func (m *mapStep) drop() { m.pane = nil }

// offer puts the way to accept all suggestions at once over the map, and says
// what becomes of those that are not accepted.
func (m *mapStep) offer() {
	n := m.pane.Counts().Suggestions
	if n == 0 {
		return
	}
	accept := widgets.NewButton(widgets.Plain, "check", "Accept "+look.Count(n, "suggestion", "suggestions"), m.pane.AcceptAll)
	m.s.header.Buttons = []*widgets.Button{accept, m.s.giveUp}
	m.s.note.SetText(look.Count(n, "suggestion waits", "suggestions wait") + " for you. What is not accepted takes no part in the sync.")
}

func (m *mapStep) answer() string {
	if m.pane == nil {
		return ""
	}
	return fmt.Sprintf("%s mapped", look.Number(m.pane.Counts().Mapped))
}

func (m *mapStep) next() (string, string) {
	c := m.pane.Counts()
	switch {
	case m.pane.Waits():
		return "Make the plan", "The lines are being checked"
	case c.Mapped == 0:
		return "Make the plan", "Map at least one field: accept a suggestion, or draw a line"
	case c.Problems == 1:
		return "Make the plan", "One line has a problem: see the map"
	case c.Problems > 1:
		return "Make the plan", fmt.Sprintf("%s lines have a problem: see the map", look.Number(c.Problems))
	}
	return "Make the plan", ""
}

// proceed makes the plan of the map as it stands, once its last edit is checked.
func (m *mapStep) proceed() {
	pane := m.pane
	pane.WhenChecked(func() {
		// Whoever went elsewhere meanwhile no longer asks for a plan.
		if pane == m.pane && m.s.step == stepMap && m.s.w.Current() == shell.Screen(m.s) {
			m.plan()
		}
	})
	m.s.refresh()
}

// plan saves and previews, unless a check finds what can't work.
func (m *mapStep) plan() {
	m.pane.Commit()
	drawn := len(m.s.draft.Definition.Fields)
	m.s.draft.MapMatchKeys()
	m.told = true
	if m.tell() {
		m.pane.See(m.s.draft.Definition.Fields[drawn:], m.s.finish)
	}
}

// tell shows over the map what keeps the sync from working, and reports
// whether nothing does.
func (m *mapStep) tell() bool {
	m.err.Objects = nil
	problems := m.pane.Problems()
	if len(problems) == 0 {
		m.told = false
		m.err.Hide()
	} else {
		text := problems[0].Msg
		if n := len(problems) - 1; n > 0 {
			text += fmt.Sprintf(" And %s more.", look.Number(n))
		}
		m.err.Add(widgets.NewErrorPanel("The sync can't work yet", wording.SentenceCase(text), ""))
		m.err.Show()
	}
	m.root.Refresh()
	return len(problems) == 0
}

// state follows an edit or a check.
func (m *mapStep) state() {
	m.offer()
	if m.told {
		m.tell()
	}
}
