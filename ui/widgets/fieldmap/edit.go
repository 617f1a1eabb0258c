package fieldmap

import (
	"fmt"
	"slices"

	"syncline/sync/definition"
	"syncline/sync/transform"
)

// mostUndo is how many edits can be taken back.
const mostUndo = 200

// Check reports whether a line may be drawn between two cards of different
// sides, and if not why, in a few words.
func (m *Model) Check(field, property string) (ok bool, why string) {
	_, why = m.plan(Ref{field, property})
	if why != "" {
		return false, why
	}
	if m.CanConnect != nil {
		return m.CanConnect(field, property)
	}
	return true, ""
}

// plan finds the direction that a new line would have, or why it can have none.
// Two lines must not write the same place.
func (m *Model) plan(r Ref) (d definition.Direction, why string) {
	f, p := m.ends(r)
	if f < 0 || p < 0 {
		return "", "this no longer exists"
	}
	property := m.properties[p]
	if l := m.link(r); l != nil && l.Mapped() {
		return "", "already connected"
	}
	if property.Association != "" {
		for _, l := range m.links {
			if l.Mapped() && l.Property == r.Property {
				return "", fmt.Sprintf("“%s” leads there: take the next card", l.Field)
			}
		}
		return definition.ToHubSpot, ""
	}
	d = m.Direction
	if property.ReadOnly && d != definition.FromHubSpot {
		if property.Reason != "" {
			return "", property.Reason
		}
		return "", "HubSpot fills this itself"
	}
	if property.Constant != nil && toHubSpot(d) {
		return "", fmt.Sprintf("always “%s”", *property.Constant)
	}
	for _, l := range m.links {
		if !l.Mapped() {
			continue
		}
		if l.Property == r.Property && toHubSpot(d) && toHubSpot(l.Settings.Direction) {
			return "", fmt.Sprintf("already filled from “%s”", l.Field)
		}
		if l.Field == r.Field && toSource(d) && toSource(l.Settings.Direction) {
			if d == definition.FromHubSpot {
				return "", fmt.Sprintf("“%s” is already filled from HubSpot", l.Field)
			}
			d = definition.ToHubSpot // the field feeds a second property, and listens to one only
		}
	}
	return d, ""
}

// Connect draws a line and selects it. A suggestion between the same two cards
// becomes the line; other suggestions that it rules out go.
func (m *Model) Connect(field, property string) (ok bool, why string) {
	if ok, why = m.Check(field, property); !ok {
		return false, why
	}
	r := Ref{field, property}
	d, _ := m.plan(r)
	m.remember()
	link := Link{Ref: r, Settings: NewSettings(d)}
	if l := m.link(r); l != nil { // suggested: its steps are worth keeping
		link.Why, link.MatchKey = l.Why, l.MatchKey
		link.Settings = l.Settings.Clone()
	} else if to := m.leadsTo(r); to != "" {
		a := Association{To: to}
		if m.NewAssociation != nil {
			a = m.NewAssociation(field, to)
		}
		link.Settings.Association = &a
	} else if m.NewSteps != nil {
		link.Settings.Steps = m.NewSteps(field, property)
	}
	link.Settings.Direction = possible(d, link.Settings)
	m.dropSuggestions(r)
	m.links = append(m.links, link)
	m.edited()
	if m.OnConnect != nil {
		m.OnConnect(field, property)
	}
	m.changed()
	m.Select(r)
	return true, ""
}

// possible is the direction, or where the steps have no way back the one that
// needs none.
func possible(d definition.Direction, s Settings) definition.Direction {
	if _, ok := s.Steps.Inverse(); d == definition.TwoWay && !ok {
		return definition.ToHubSpot
	}
	return d
}

// dropSuggestions removes the suggestions that share an end with a line. A
// column may fill a property and lead to records as well.
func (m *Model) dropSuggestions(r Ref) {
	to := m.leadsTo(r)
	m.links = slices.DeleteFunc(slices.Clone(m.links), func(l Link) bool {
		return !l.Mapped() && (l.Field == r.Field && m.leadsTo(l.Ref) == to || l.Property == r.Property)
	})
}

// Disconnect removes a line or dismisses a suggestion.
func (m *Model) Disconnect(r Ref) bool {
	if m.link(r) == nil {
		return false
	}
	m.remember()
	m.links = slices.DeleteFunc(slices.Clone(m.links), func(l Link) bool { return l.Ref == r })
	m.edited()
	if m.OnDisconnect != nil {
		m.OnDisconnect(r.Field, r.Property)
	}
	m.changed()
	if m.selected == r {
		m.Select(Ref{})
	}
	return true
}

// Accept makes a suggestion part of the map and selects it.
func (m *Model) Accept(r Ref) (ok bool, why string) {
	l := m.link(r)
	if l == nil || l.Mapped() {
		return false, "this suggestion no longer exists"
	}
	if ok, why = m.Check(r.Field, r.Property); !ok {
		return false, why
	}
	m.remember()
	m.links = slices.Clone(m.links)
	accepted := m.accept(r)
	m.edited()
	if m.OnAccept != nil {
		m.OnAccept(accepted)
	}
	m.changed()
	m.Select(r)
	return true, ""
}

func (m *Model) accept(r Ref) Link {
	d, _ := m.plan(r)
	l := m.link(r)
	l.State = Active
	if l.Problem != nil {
		l.State = Troubled
	}
	l.Settings.Direction = possible(d, l.Settings)
	accepted := *l
	m.dropSuggestions(r)
	return accepted
}

// AcceptAll accepts every suggestion that may be connected, as one edit, and
// returns how many did.
func (m *Model) AcceptAll() int {
	steps := make(map[Ref]transform.Chain)
	for _, l := range m.links {
		if !l.Mapped() {
			steps[l.Ref] = l.Settings.Steps
		}
	}
	return m.AcceptWith(steps)
}

// AcceptWith accepts these suggestions with these steps, as far as they may be
// connected, as one edit, and returns how many did.
func (m *Model) AcceptWith(steps map[Ref]transform.Chain) int {
	before := m.links
	var accepted []Link
	for _, l := range before {
		own, ok := steps[l.Ref]
		if l.Mapped() || !ok {
			continue
		}
		if ok, _ := m.Check(l.Field, l.Property); !ok || m.link(l.Ref) == nil {
			continue
		}
		if len(accepted) == 0 {
			m.remember()
			m.links = slices.Clone(m.links)
		}
		m.link(l.Ref).Settings.Steps = slices.Clone(own)
		accepted = append(accepted, m.accept(l.Ref))
	}
	if len(accepted) == 0 {
		return 0
	}
	m.edited()
	for _, l := range accepted {
		if m.OnAccept != nil {
			m.OnAccept(l)
		}
	}
	m.changed()
	return len(accepted)
}

// Update changes the settings of a line; the same settings are no edit.
func (m *Model) Update(r Ref, s Settings) bool {
	l := m.link(r)
	if l == nil || l.Settings.Equal(s) {
		return false
	}
	m.remember()
	m.links = slices.Clone(m.links)
	m.link(r).Settings = s.Clone()
	m.changed()
	return true
}

// SetMatchKey marks which lines identify a record.
func (m *Model) SetMatchKey(is func(Ref) bool) {
	for i := range m.links {
		m.links[i].MatchKey = is(m.links[i].Ref)
	}
}

// SetProblems says which lines cannot work, after a check. It is no edit.
func (m *Model) SetProblems(of func(Link) *Problem) {
	for i := range m.links {
		l := &m.links[i]
		l.Problem = of(*l)
		switch {
		case !l.Mapped():
		case l.Problem != nil:
			l.State = Troubled
		default:
			l.State = Active
		}
	}
}

// Suggest replaces the suggestions. Those at an end that is in the map, and
// those that may not be connected, are left out. It is no edit.
func (m *Model) Suggest(links []Link) {
	m.links = slices.DeleteFunc(slices.Clone(m.links), func(l Link) bool { return !l.Mapped() })
	taken := map[string]bool{}
	for _, l := range m.links {
		taken["f"+l.Field], taken["p"+l.Property] = true, true
	}
	for _, l := range links {
		if ok, _ := m.Check(l.Field, l.Property); !ok || taken["f"+l.Field] || taken["p"+l.Property] {
			continue
		}
		taken["f"+l.Field], taken["p"+l.Property] = true, true
		l.State = Suggested
		l.Settings = l.Settings.Clone()
		m.links = append(m.links, l)
	}
	if m.link(m.selected) == nil {
		m.Select(Ref{})
	}
}

// Problems are the lines that cannot work, in the order of the source column.
func (m *Model) Problems() []Link {
	var out []Link
	for _, i := range m.order[Source] {
		for _, l := range m.linksOf(End{Source, i}) {
			if l.State == Troubled {
				out = append(out, l)
			}
		}
	}
	return out
}

// Select chooses the line that the inspector shows; the zero Ref chooses none.
func (m *Model) Select(r Ref) {
	l := m.link(r)
	if l == nil {
		r = Ref{}
	}
	if m.selected == r {
		return
	}
	m.selected = r
	if m.OnSelect != nil {
		m.OnSelect(m.Selected())
	}
}

// Selected is a copy of the selected line, nil when there is none.
func (m *Model) Selected() *Link {
	if l := m.link(m.selected); l != nil {
		c := *l
		c.Settings = c.Settings.Clone()
		return &c
	}
	return nil
}

// CanUndo and CanRedo report whether there is an edit to take back or to do again.
func (m *Model) CanUndo() bool { return len(m.undo) > 0 }

// CanRedo reports whether an edit that was taken back can be done again.
func (m *Model) CanRedo() bool { return len(m.redo) > 0 }

// Undo takes the last edit back.
func (m *Model) Undo() bool { return m.travel(&m.undo, &m.redo) }

// Redo does the edit again that was taken back last.
func (m *Model) Redo() bool { return m.travel(&m.redo, &m.undo) }

func (m *Model) travel(from, to *[][]Link) bool {
	if len(*from) == 0 {
		return false
	}
	*to = append(*to, m.links)
	m.links = (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	m.edited()
	m.changed()
	if m.selected != (Ref{}) {
		if m.link(m.selected) == nil {
			m.selected = Ref{}
		}
		if m.OnSelect != nil { // its settings may be others now
			m.OnSelect(m.Selected())
		}
	}
	return true
}

// remember keeps the lines as they are for undo. What follows must not change
// them in place.
func (m *Model) remember() {
	m.undo = append(m.undo, slices.Clone(m.links))
	if len(m.undo) > mostUndo {
		m.undo = slices.Delete(m.undo, 0, 1)
	}
	m.redo = nil
}

// edited follows a change of which lines there are.
func (m *Model) edited() {
	m.pending = nil
	if m.only {
		m.filter()
	}
}

func (m *Model) changed() {
	if m.OnChange != nil {
		m.OnChange()
	}
}
