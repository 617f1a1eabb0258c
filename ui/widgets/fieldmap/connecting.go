package fieldmap

import (
	"strings"
)

// Pending is a connection in progress, by mouse or by keyboard.
type Pending struct {
	From End
	At   Point // where the loose end is, for the mouse
	Over *End  // the card that it would end at
	Fits bool  // it may
	Why  string
	Keys bool // by keyboard: the loose end is at the cursor
}

// Connecting is the connection in progress, nil when there is none.
func (m *Model) Connecting() *Pending { return m.pending }

// Pick starts a connection at a card. A card without a port has none; why says
// so.
func (m *Model) Pick(e End, at Point, keys bool) (ok bool, why string) {
	if !m.hasPort(e) {
		p := m.properties[e.Index]
		if p.Reason != "" {
			return false, p.Reason
		}
		return false, "HubSpot fills this itself"
	}
	m.pending = &Pending{From: e, At: at, Keys: keys}
	return true, ""
}

// DragTo moves the loose end. Over a card of the other side it says whether the
// two fit.
func (m *Model) DragTo(g Geometry, at Point) {
	d := m.pending
	if d == nil {
		return
	}
	d.At = at
	side := d.From.Side.Other()
	var over *End
	if e, ok := m.At(side, rowAt(at.Y)); ok {
		box := g.Card(side, m.RowOf(e))
		box.X, box.W = box.X-portWidth/2, box.W+portWidth
		if box.Has(at) {
			over = &e
		}
	}
	m.target(over)
}

func (m *Model) target(over *End) {
	d := m.pending
	if over == nil {
		d.Over, d.Fits, d.Why = nil, false, ""
		return
	}
	if d.Over != nil && *d.Over == *over {
		return
	}
	r := m.ref(d.From, *over)
	d.Over = over
	d.Fits, d.Why = m.Check(r.Field, r.Property)
}

// Drop ends the connection: over a card that fits it becomes a line. why is set
// when it was dropped on a card that does not fit.
func (m *Model) Drop() (connected bool, why string) {
	d := m.pending
	m.pending = nil
	if d == nil || d.Over == nil {
		return false, ""
	}
	if !d.Fits {
		return false, d.Why
	}
	r := m.ref(d.From, *d.Over)
	return m.Connect(r.Field, r.Property)
}

// Cancel gives the connection up; it reports whether there was one.
func (m *Model) Cancel() bool {
	was := m.pending != nil
	m.pending = nil
	return was
}

// cursor is where the keyboard is: a side, and a row on each.
type cursor struct {
	side Side
	row  [2]int
}

func (c *cursor) clamp(m *Model) {
	for side := range c.row {
		c.row[side] = max(min(c.row[side], len(m.view[side])-1), 0)
	}
}

// Cursor is the card that the keyboard is at; ok is false when the column is
// empty.
func (m *Model) Cursor() (End, bool) { return m.At(m.cursor.side, m.cursor.row[m.cursor.side]) }

// MoveTo puts the cursor on a card, if a filter does not hide it.
func (m *Model) MoveTo(e End) {
	if row := m.RowOf(e); row >= 0 {
		m.cursor.side, m.cursor.row[e.Side] = e.Side, row
		m.follow()
	}
}

// Move moves the cursor up or down its column.
func (m *Model) Move(rows int) {
	m.cursor.row[m.cursor.side] += rows
	m.cursor.clamp(m)
	m.follow()
}

// Cross moves the cursor to a column. From a card with a line it goes to the
// line's other end, and otherwise to the row where it was in that column.
func (m *Model) Cross(to Side) {
	if m.cursor.side == to || m.Rows(to) == 0 {
		return
	}
	from, ok := m.Cursor()
	m.cursor.side = to
	if ok && m.pending == nil {
		if r, found := m.lineAt(from); found {
			f, p := m.ends(r)
			if row := m.row[to][[2]int{f, p}[to]]; row >= 0 {
				m.cursor.row[to] = row
			}
		}
	}
	m.follow()
}

// lineAt is the line of a card that the keyboard means: the selected one if it
// ends there, else the first.
func (m *Model) lineAt(e End) (Ref, bool) {
	lines := m.linksOf(e)
	for _, l := range lines {
		if l.Ref == m.selected {
			return l.Ref, true
		}
	}
	if len(lines) > 0 {
		return lines[0].Ref, true
	}
	return Ref{}, false
}

// follow takes the loose end of a keyboard connection along.
func (m *Model) follow() {
	if m.pending == nil || !m.pending.Keys {
		return
	}
	if e, ok := m.Cursor(); ok && e.Side != m.pending.From.Side {
		m.target(&e)
		return
	}
	m.target(nil)
}

// Enter picks the card at the cursor up, and on the other side drops what was
// picked. A suggestion that ends at the card is not accepted by it; Accept is.
func (m *Model) Enter() (connected bool, why string) {
	e, ok := m.Cursor()
	if !ok {
		return false, ""
	}
	if d := m.pending; d != nil && d.Keys && e.Side != d.From.Side {
		if !d.Fits {
			return false, d.Why // stays picked: another card may fit
		}
		return m.Drop()
	}
	if d := m.pending; d != nil && d.From == e {
		m.Cancel()
		return false, ""
	}
	_, why = m.Pick(e, Point{}, true)
	return false, why
}

// SelectNext selects the first line at the cursor's card, and each further time
// the next one.
func (m *Model) SelectNext() {
	e, ok := m.Cursor()
	if !ok {
		return
	}
	lines := m.linksOf(e)
	if len(lines) == 0 {
		m.Select(Ref{})
		return
	}
	next := 0
	for i, l := range lines {
		if l.Ref == m.selected {
			next = (i + 1) % len(lines)
		}
	}
	m.Select(lines[next].Ref)
}

// Delete removes the line that the keyboard means: the one at the cursor's
// card, else the selected one.
func (m *Model) Delete() bool {
	if e, ok := m.Cursor(); ok {
		if r, found := m.lineAt(e); found {
			return m.Disconnect(r)
		}
	}
	return m.Disconnect(m.selected)
}

// Find moves the cursor to the next card of its column whose name has a word
// that begins with the text, else one that contains it. With again, the card at
// the cursor is passed over.
func (m *Model) Find(text string, again bool) bool {
	text = folded(text)
	n := m.Rows(m.cursor.side)
	if text == "" || n == 0 {
		return false
	}
	start := m.cursor.row[m.cursor.side]
	if again {
		start++
	}
	for _, fits := range []func(string) bool{
		func(s string) bool { return strings.HasPrefix(s, text) },
		func(s string) bool { return strings.Contains(s, " "+text) },
		func(s string) bool { return strings.Contains(s, text) },
	} {
		for i := range n {
			row := (start + i) % n
			if e, _ := m.At(m.cursor.side, row); fits(folded(m.title(e))) {
				m.cursor.row[m.cursor.side] = row
				m.follow()
				return true
			}
		}
	}
	return false
}
