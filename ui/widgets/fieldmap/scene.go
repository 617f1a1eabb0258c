package fieldmap

import (
	"math"
	"slices"

	"syncline/sync/definition"
)

// Scene is what there is to draw between two heights of the map.
type Scene struct {
	Cards []CardView
	Lines []LineView
	Marks []Mark
	// Drag is the curve of a connection in progress, nil when there is none.
	Drag *DragView
}

// CardView is one card to draw.
type CardView struct {
	End
	Row      int
	Box      Rect
	Port     Point
	HasPort  bool
	Filled   bool // at least one line of the map ends here
	MatchKey bool
	Selected bool // the selected line ends here
	Origin   bool // a connection starts here
	Target   bool // a connection would end here
	Fits     bool // it may
	Says     string
	Hovered  bool
	Cursor   bool // the keyboard is here
	Disabled bool // cannot take part
}

// LineView is one curve to draw.
type LineView struct {
	Link     Link
	Curve    Curve
	Selected bool
	Hovered  bool
	// HeadSource and HeadHubSpot say at which end the arrow heads are.
	HeadSource, HeadHubSpot bool
}

// MarkKind is what stands on a curve.
type MarkKind uint8

// The marks.
const (
	MarkTransform MarkKind = iota
	MarkKey
	MarkProblem
	MarkAccept
	MarkAssociation
)

// Mark is a badge or a pill on a curve.
type Mark struct {
	Kind MarkKind
	Ref  Ref
	Text string
	Box  Rect
}

// DragView is the loose curve of a connection in progress.
type DragView struct {
	From  Side
	Curve Curve
}

// Scene collects what lies between two heights. A line is there when at least
// one of its ends is; a line whose end is hidden by a filter is not.
func (m *Model) Scene(g Geometry, top, bottom float32) Scene {
	var s Scene
	shown := [2]map[int]bool{{}, {}}
	ends := m.endStates()
	for side := range m.view {
		from, to := rowsIn(top, bottom, len(m.view[side]))
		for row := from; row < to; row++ {
			e := End{Side(side), m.view[side][row]}
			shown[side][e.Index] = true
			s.Cards = append(s.Cards, m.cardView(g, e, row, ends[side][e.Index]))
		}
	}
	var behind []LineView
	for _, l := range m.links {
		f, p := m.ends(l.Ref)
		if m.row[Source][f] < 0 || m.row[HubSpot][p] < 0 || !shown[Source][f] && !shown[HubSpot][p] {
			continue
		}
		v := m.lineView(g, l, f, p)
		if v.Selected || v.Hovered {
			s.Lines = append(s.Lines, v)
		} else {
			behind = append(behind, v)
		}
	}
	s.Lines = append(behind, s.Lines...) // the selected one is drawn over the others
	s.Marks = marks(s.Lines, g, top, bottom)
	s.Drag = m.dragView(g)
	return s
}

// endState sums up the lines that end at a card.
type endState struct{ filled, key, selected bool }

func (m *Model) endStates() [2]map[int]endState {
	out := [2]map[int]endState{{}, {}}
	for _, l := range m.links {
		f, p := m.ends(l.Ref)
		for side, i := range [2]int{f, p} {
			st := out[side][i]
			st.filled = st.filled || l.Mapped()
			st.key = st.key || l.MatchKey && l.Mapped()
			st.selected = st.selected || l.Ref == m.selected
			out[side][i] = st
		}
	}
	return out
}

func (m *Model) cardView(g Geometry, e End, row int, st endState) CardView {
	v := CardView{
		End: e, Row: row, Box: g.Card(e.Side, row), Port: g.Port(e.Side, row),
		Filled: st.filled, MatchKey: st.key, Selected: st.selected, HasPort: true,
		Hovered: (m.hover.Kind == HitCard || m.hover.Kind == HitPort) && m.hover.End == e,
		Cursor:  m.cursor.side == e.Side && m.cursor.row[e.Side] == row,
	}
	if e.Side == HubSpot {
		p := m.properties[e.Index]
		v.Disabled = p.ReadOnly && !st.filled && m.Direction != definition.FromHubSpot
		v.Filled = v.Filled || p.Constant != nil
		v.HasPort = !v.Disabled
	}
	if d := m.pending; d != nil {
		v.Origin = d.From == e
		if d.Over != nil && *d.Over == e {
			v.Target, v.Fits, v.Says = true, d.Fits, d.Why
			if d.Fits && d.Keys {
				v.Says = "fits, press Enter to connect"
			} else if d.Fits {
				v.Says = "fits, drop to connect"
			}
		}
	}
	return v
}

func (m *Model) lineView(g Geometry, l Link, f, p int) LineView {
	return LineView{
		Link:        l,
		Curve:       CurveBetween(g.Port(Source, m.row[Source][f]), g.Port(HubSpot, m.row[HubSpot][p])),
		Selected:    l.Ref == m.selected,
		Hovered:     m.hover.Ref == l.Ref && m.hover.Ref != (Ref{}),
		HeadHubSpot: l.Mapped() && toHubSpot(l.Settings.Direction),
		HeadSource:  l.Mapped() && toSource(l.Settings.Direction),
	}
}

func (m *Model) dragView(g Geometry) *DragView {
	d := m.pending
	if d == nil {
		return nil
	}
	row := m.RowOf(d.From)
	if row < 0 {
		return nil
	}
	from, to := g.Port(d.From.Side, row), d.At
	if d.Keys {
		if d.Over == nil || m.RowOf(*d.Over) < 0 {
			return nil // picked, but the keyboard has not gone to the other side yet
		}
		to = g.Port(d.Over.Side, m.RowOf(*d.Over))
	}
	if d.From.Side == HubSpot {
		from, to = to, from
	}
	return &DragView{From: d.From.Side, Curve: CurveBetween(from, to)}
}

// Where marks may stand on a curve: the middle, and where that is taken at
// about a tenth of the way from an end, and between.
var places = []float32{0.5, 0.15, 0.85, 0.32, 0.68}

// marks puts pills, then badges, on the curves, each where nothing stands yet,
// and only where the middle of it is seen.
func marks(lines []LineView, g Geometry, top, bottom float32) []Mark {
	var out []Mark
	put := func(l *LineView, kind MarkKind, text string, w, h float32) {
		best := Rect{}
		for _, t := range places {
			box := around(l.Curve.At(t), w, h)
			if from, to := g.Gap(); box.X < from || box.X+box.W > to || box.Y+h/2 < top || box.Y+h/2 > bottom {
				continue
			}
			if best == (Rect{}) {
				best = box
			}
			if !slices.ContainsFunc(out, func(m Mark) bool { return m.Box.overlaps(box, 1) }) {
				best = box
				break
			}
		}
		if best != (Rect{}) {
			out = append(out, Mark{kind, l.Link.Ref, text, best})
		}
	}
	for i := range lines {
		switch l := &lines[i]; l.Link.State {
		case Troubled:
			if l.Link.Problem != nil {
				put(l, MarkProblem, l.Link.Problem.Short, g.pillWidth(l.Link.Problem.Short), pillHeight)
			}
		case Suggested:
			put(l, MarkAccept, "Accept", g.pillWidth("Accept"), pillHeight)
		}
	}
	for i := range lines {
		switch l := &lines[i]; {
		case l.Link.State != Active:
		case l.Link.Settings.Association != nil:
			put(l, MarkAssociation, "", badgeSize, badgeSize)
		case l.Link.Settings.Changes():
			put(l, MarkTransform, "", badgeSize, badgeSize)
		}
	}
	for i := range lines {
		if l := &lines[i]; l.Link.Mapped() && l.Link.MatchKey {
			put(l, MarkKey, "", badgeSize, badgeSize)
		}
	}
	return out
}

// pillWidth is glyph, words and the space around them.
func (g Geometry) pillWidth(text string) float32 {
	words := 6.6 * float32(len([]rune(text)))
	if g.TextWidth != nil {
		words = g.TextWidth(text)
	}
	return float32(math.Ceil(float64(10 + 12 + 6 + words + 10)))
}

// HitKind is what lies under the pointer.
type HitKind uint8

// What can be hit.
const (
	HitNothing HitKind = iota
	HitCard
	HitPort
	HitLine
	HitMark
)

// Hit is what lies at a point.
type Hit struct {
	Kind HitKind
	End  End // of a card or port
	Ref  Ref // of a line or mark
	Mark MarkKind
}

// Hit finds what lies at a point: a port before a card, and between the columns
// a mark before a line. Lines and marks are looked for between two heights only.
func (m *Model) Hit(g Geometry, p Point, top, bottom float32) Hit {
	row := rowAt(p.Y)
	for _, side := range []Side{Source, HubSpot} {
		e, ok := m.At(side, row)
		if !ok {
			continue
		}
		if around(g.Port(side, row), portWidth, CardHeight).Has(p) && m.hasPort(e) {
			return Hit{Kind: HitPort, End: e}
		}
	}
	for _, side := range []Side{Source, HubSpot} {
		if e, ok := m.At(side, row); ok && g.Card(side, row).Has(p) {
			return Hit{Kind: HitCard, End: e}
		}
	}
	if from, to := g.Gap(); p.X < from || p.X > to {
		return Hit{}
	}
	s := m.Scene(g, top, bottom)
	for _, mark := range s.Marks {
		if mark.Box.Has(p) {
			return Hit{Kind: HitMark, Ref: mark.Ref, Mark: mark.Kind}
		}
	}
	best, nearest := Hit{}, reach
	for i := range s.Lines {
		if l := &s.Lines[i]; l.Curve.near(p, nearest) {
			nearest = l.Curve.Distance(p)
			best = Hit{Kind: HitLine, Ref: l.Link.Ref}
		}
	}
	return best
}

func (m *Model) hasPort(e End) bool {
	if e.Side == Source {
		return true
	}
	p := m.properties[e.Index]
	return !p.ReadOnly || m.Direction == definition.FromHubSpot || slices.ContainsFunc(m.linksOf(e), Link.Mapped)
}

// Hover tells the map what the pointer is over; it reports whether that is news.
func (m *Model) Hover(h Hit) bool {
	if m.hover == h {
		return false
	}
	m.hover = h
	return true
}
