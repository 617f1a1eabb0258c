// Package fieldmap is the field map: two columns of cards joined by curves,
// and the inspector of one curve.
//
// [Model] is what is shown and edited, without any drawing: cards, lines,
// selection, filters, a connection in progress, undo, and the arithmetic of
// where everything lies. [Map] draws a model and turns mouse and keys into its
// methods; [Board] adds the column heads and the problem bar; [Inspector] edits
// the settings of the selected line. All of it belongs to the UI goroutine.
package fieldmap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"syncline/sync/definition"
	"syncline/sync/transform"
)

// Side is one of the two columns.
type Side uint8

// The sides. The source stands left, HubSpot right, on every screen.
const (
	Source Side = iota
	HubSpot
)

// Other is the opposite side.
func (s Side) Other() Side { return 1 - s }

// Field is a card of the source column.
type Field struct {
	Name    string
	Type    string  // in words, as guessed: "text", "4 values"
	Fill    float64 // share of rows that have a value, 0 to 1
	Samples []string
}

// Property is a card of the HubSpot column.
type Property struct {
	Name, Label string
	Type        string // in words: "Dropdown"
	Group       string
	Options     int
	Unique      bool
	ReadOnly    bool
	Note        string  // another fact, such as "up to 20 marks"
	Reason      string  // why it cannot be connected, when ReadOnly; "" for the usual one
	Constant    *string // a value that every row gets, without a field
	// Association is the object type that a line to the card leads to, such as
	// "companies". Name is a key of the card's own then, which is no property's.
	Association string
}

// Facts is the second line of the property's card.
func (p Property) Facts(matchKey bool) string {
	facts := []string{p.Type}
	add := func(when bool, fact string) {
		if when {
			facts = append(facts, fact)
		}
	}
	add(p.Options > 0, plural(p.Options, "option", "options"))
	add(p.Note != "", p.Note)
	add(p.Unique, "unique")
	add(p.ReadOnly, "read only")
	add(matchKey, "match key")
	if p.Constant != nil {
		facts = []string{p.Type, "always “" + *p.Constant + "”"}
	}
	return strings.Join(facts[:min(len(facts), 3)], " · ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// State is what a line is at the moment.
type State uint8

// The states of a line.
const (
	Active    State = iota // part of the map
	Suggested              // proposed, nothing happens before it is accepted
	Troubled               // part of the map, with a problem that stops values
)

// Fix is one way out of a problem.
type Fix struct{ ID, Label string }

// Problem says why a line cannot work.
type Problem struct {
	Short  string // for the pill on the line: "3 values"
	Text   string // what is wrong: "3 values are not options in HubSpot"
	Detail string // the size: "Deutschland (4,118 rows) would be refused."
	Fixes  []Fix
}

// Ref names a line by its ends.
type Ref struct{ Field, Property string }

// Link is a line of the field map.
type Link struct {
	Ref
	State    State
	Why      string // why it was suggested
	MatchKey bool
	Problem  *Problem // set where State is Troubled
	Settings Settings
}

// Mapped reports whether the line is part of the map.
func (l Link) Mapped() bool { return l.State != Suggested }

// End is one card, by its place in the data: an index into the fields or the
// properties, whatever the view shows.
type End struct {
	Side  Side
	Index int
}

// Model is the state of a field map. Make one with [NewModel].
type Model struct {
	// Direction is the sync's own, which a new line takes.
	Direction definition.Direction

	// CanConnect may refuse a connection that the map itself allows, with a
	// reason of a few words. nil allows.
	CanConnect func(field, property string) (ok bool, why string)

	// AskAccept, when set, is asked in place of accepting a suggestion at once:
	// what it changes may have to be seen before. seen tells that its steps are
	// on the screen.
	AskAccept func(l Link, seen bool)

	// NewAssociation proposes how a field finds the records of an object type,
	// for a line that is drawn by hand to the card of an association.
	NewAssociation func(field, object string) Association

	// NewSteps proposes the steps of a line that is drawn by hand; nil proposes
	// none.
	NewSteps func(field, property string) transform.Chain

	// After an edit the fitting one of these is called, then OnChange; after
	// undo and redo only OnChange. All may be nil.
	OnConnect    func(field, property string)
	OnDisconnect func(field, property string)
	OnAccept     func(Link)
	OnChange     func()

	// OnSelect is called with the line that is selected now, nil for none.
	OnSelect func(*Link)

	fields     []Field
	properties []Property
	links      []Link
	at         [2]map[string]int // index by name

	order  [2][]int // all cards in view order, before filters
	view   [2][]int // the cards shown
	row    [2][]int // by index: the row in the view, -1 where filtered out
	search [2]string
	only   bool // only mapped cards are shown

	selected Ref
	cursor   cursor
	pending  *Pending
	hover    Hit

	undo, redo [][]Link
}

// NewModel returns a map of these cards and lines, arranged.
func NewModel(fields []Field, properties []Property, links []Link, direction definition.Direction) *Model {
	m := &Model{Direction: direction}
	m.SetCards(fields, properties, links)
	return m
}

// SetCards replaces everything, forgets undo and arranges anew. Lines whose
// ends do not exist are left out.
func (m *Model) SetCards(fields []Field, properties []Property, links []Link) {
	m.fields, m.properties = slices.Clone(fields), slices.Clone(properties)
	m.links = nil
	m.at = m.indexes()
	m.undo, m.redo, m.pending, m.hover = nil, nil, nil, Hit{}
	for _, l := range links {
		if f, p := m.ends(l.Ref); f >= 0 && p >= 0 && m.link(l.Ref) == nil {
			l.Settings = l.Settings.Clone()
			m.links = append(m.links, l)
		}
	}
	m.cursor = cursor{}
	if m.link(m.selected) == nil {
		m.selected = Ref{}
	}
	m.Arrange()
}

// Renew replaces what the cards say. Cards that are new come last, a further
// card of an association after those of its object type; those that are not
// among the new ones stay as they are, and so do lines, selection and undo. It
// is no edit.
func (m *Model) Renew(fields []Field, properties []Property) {
	m.fields, m.properties = slices.Clone(m.fields), slices.Clone(m.properties)
	for _, f := range fields {
		if i := m.index(Source, f.Name); i >= 0 {
			m.fields[i] = f
			continue
		}
		m.order[Source] = append(m.order[Source], len(m.fields))
		m.fields = append(m.fields, f)
	}
	for _, p := range properties {
		if i := m.index(HubSpot, p.Name); i >= 0 {
			m.properties[i] = p
			continue
		}
		m.order[HubSpot] = slices.Insert(m.order[HubSpot], m.placeOf(p), len(m.properties))
		m.properties = append(m.properties, p)
	}
	m.at = m.indexes()
	m.filter()
}

// Fields returns the cards of the source side. The slice must not be changed,
// nor those of Properties and Links.
func (m *Model) Fields() []Field { return m.fields }

// Properties returns the cards of the HubSpot side.
func (m *Model) Properties() []Property { return m.properties }

// Links returns the lines, in the order in which they were made.
func (m *Model) Links() []Link { return m.links }

// Link returns the line between two ends.
func (m *Model) Link(r Ref) (Link, bool) {
	if l := m.link(r); l != nil {
		return *l, true
	}
	return Link{}, false
}

func (m *Model) link(r Ref) *Link {
	for i := range m.links {
		if m.links[i].Ref == r {
			return &m.links[i]
		}
	}
	return nil
}

// ends are the two cards of a line, -1 where there is none.
func (m *Model) ends(r Ref) (field, property int) {
	return m.index(Source, r.Field), m.index(HubSpot, r.Property)
}

func (m *Model) index(side Side, name string) int {
	if i, ok := m.at[side][name]; ok {
		return i
	}
	return -1
}

// ref is the line, existing or not, between a card of each side.
func (m *Model) ref(a, b End) Ref {
	if a.Side == HubSpot {
		a, b = b, a
	}
	return Ref{m.fields[a.Index].Name, m.properties[b.Index].Name}
}

// Counts are the figures of the screen's header.
type Counts struct{ Fields, Mapped, Problems, Suggestions int }

// Count counts fields that are mapped, lines with a problem and suggestions.
func (m *Model) Count() Counts {
	c := Counts{Fields: len(m.fields)}
	mapped := map[string]bool{}
	for _, l := range m.links {
		switch l.State {
		case Suggested:
			c.Suggestions++
			continue
		case Troubled:
			c.Problems++
		}
		mapped[l.Field] = true
	}
	c.Mapped = len(mapped)
	return c
}

// linksOf are the lines that end at a card, those of the map before suggested
// ones.
func (m *Model) linksOf(e End) []Link {
	var out []Link
	for _, l := range m.links {
		if e.Side == Source && l.Field == m.fields[e.Index].Name || e.Side == HubSpot && l.Property == m.properties[e.Index].Name {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Link) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

func rank(l Link) int {
	if l.Mapped() {
		return 0
	}
	return 1
}

// Arrange puts mapped cards first, then suggested ones, then the rest. The
// fields of a group keep the order of the source; properties follow the field
// they are joined to, so that lines cross little. It is not called on edits,
// because cards that jump away under the pointer cannot be found again.
func (m *Model) Arrange() {
	ranks := [2][]int{make([]int, len(m.fields)), make([]int, len(m.properties))}
	for s := range ranks {
		for i := range ranks[s] {
			ranks[s][i] = 2
		}
	}
	for _, l := range m.links {
		f, p := m.ends(l.Ref)
		ranks[Source][f] = min(ranks[Source][f], rank(l))
		ranks[HubSpot][p] = min(ranks[HubSpot][p], rank(l))
	}
	for i, p := range m.properties {
		if p.Constant != nil {
			ranks[HubSpot][i] = 0
		}
	}
	m.order[Source] = ordered(ranks[Source], func(i int) int { return i })
	partner := make([]int, len(m.properties))
	for i := range partner {
		partner[i] = len(m.fields)
	}
	for at, i := range m.order[Source] {
		for _, l := range m.linksOf(End{Source, i}) {
			_, p := m.ends(l.Ref)
			partner[p] = min(partner[p], at)
		}
	}
	m.order[HubSpot] = ordered(ranks[HubSpot], func(i int) int { return partner[i] })
	m.filter()
}

// ordered sorts indexes by rank, then by a second measure, then by themselves.
func ordered(ranks []int, second func(int) int) []int {
	out := make([]int, len(ranks))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(ranks[a], ranks[b]), cmp.Compare(second(a), second(b)))
	})
	return out
}

func (m *Model) indexes() (at [2]map[string]int) {
	at[Source], at[HubSpot] = make(map[string]int, len(m.fields)), make(map[string]int, len(m.properties))
	for i, f := range m.fields {
		at[Source][f.Name] = i
	}
	for i, p := range m.properties {
		at[HubSpot][p.Name] = i
	}
	return at
}

// Search shows only the cards of a side whose name, samples, label, group or
// type contain the text, without regard to case and accents.
func (m *Model) Search(side Side, text string) {
	if text = folded(strings.TrimSpace(text)); m.search[side] != text {
		m.search[side] = text
		m.filter()
	}
}

// SetOnlyMapped hides the cards without a line. It also arranges anew.
func (m *Model) SetOnlyMapped(on bool) {
	m.only = on
	m.Arrange()
}

// OnlyMapped reports whether cards without a line are hidden.
func (m *Model) OnlyMapped() bool { return m.only }

// Filtered reports whether a search or the filter hides cards of a side.
func (m *Model) Filtered(side Side) bool { return m.only || m.search[side] != "" }

// Rows is how many cards of a side are shown.
func (m *Model) Rows(side Side) int { return len(m.view[side]) }

// At is the card in a row of the view.
func (m *Model) At(side Side, row int) (End, bool) {
	if row < 0 || row >= len(m.view[side]) {
		return End{}, false
	}
	return End{side, m.view[side][row]}, true
}

// RowOf is the row of a card in the view, -1 when a filter hides it.
func (m *Model) RowOf(e End) int { return m.row[e.Side][e.Index] }

// filter makes the view from the order.
func (m *Model) filter() {
	counts := [2]int{len(m.fields), len(m.properties)}
	mapped := m.mappedCards()
	for side := range m.view {
		m.view[side] = m.view[side][:0]
		m.row[side] = slices.Repeat([]int{-1}, counts[side])
		for _, i := range m.order[side] {
			e := End{Side(side), i}
			if m.only && !mapped[e] || m.search[side] != "" && !strings.Contains(m.text(e), m.search[side]) {
				continue
			}
			m.row[side][i] = len(m.view[side])
			m.view[side] = append(m.view[side], i)
		}
	}
	m.hover = Hit{}
	m.cursor.clamp(m)
}

func (m *Model) mappedCards() map[End]bool {
	mapped := map[End]bool{}
	for _, l := range m.links {
		if f, p := m.ends(l.Ref); l.Mapped() {
			mapped[End{Source, f}] = true
			mapped[End{HubSpot, p}] = true
		}
	}
	for i, p := range m.properties {
		if p.Constant != nil {
			mapped[End{HubSpot, i}] = true
		}
	}
	return mapped
}

// text is what a search looks at.
func (m *Model) text(e End) string {
	if e.Side == Source {
		f := m.fields[e.Index]
		return folded(f.Name + "\n" + f.Type + "\n" + strings.Join(f.Samples, "\n"))
	}
	p := m.properties[e.Index]
	return folded(p.Label + "\n" + p.Name + "\n" + p.Group + "\n" + p.Type)
}

// title is what a person calls the card.
func (m *Model) title(e End) string {
	if e.Side == Source {
		return m.fields[e.Index].Name
	}
	return cmp.Or(m.properties[e.Index].Label, m.properties[e.Index].Name)
}

func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
