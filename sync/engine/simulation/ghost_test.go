package simulation_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/sync/definition"
	"syncline/sync/record"
)

// author is who gave a cell its value.
type author string

const (
	person  author = "a person"
	program author = "Syncline"
	began   author = "the beginning"
)

// held is one value that a cell had.
type held struct {
	seq   int
	at    time.Time
	value string
	by    author
}

// cell is one value of a row or a record with all its past.
type cell struct{ past []held }

func (c *cell) now() string {
	if len(c.past) == 0 {
		return ""
	}
	return c.past[len(c.past)-1].value
}

// last is the newest entry.
func (c *cell) last() held {
	if len(c.past) == 0 {
		return held{by: began}
	}
	return c.past[len(c.past)-1]
}

// at is what the cell held at an event.
func (c *cell) at(seq int) string {
	value := ""
	for _, h := range c.past {
		if h.seq <= seq {
			value = h.value
		}
	}
	return value
}

// everHeld reports whether the cell has had a value, at or after an event.
func (c *cell) everHeld(f field, value string, since int) bool {
	if len(c.past) == 0 || c.past[0].seq > since {
		if f.same("", value) {
			return true
		}
	}
	for i, h := range c.past {
		until := len(c.past) == i+1 || c.past[i+1].seq > since
		if until && f.same(h.value, value) {
			return true
		}
	}
	return false
}

// thing is a row of the file or a record of the portal.
type thing struct {
	id       string // a record's id; a row's number of birth
	key      string // of a row: its present key
	cells    map[string]*cell
	gone     bool
	goneBy   author
	goneSeq  int
	left     []int // all events at which it went
	born     author
	bornSeq  int
	bornAt   time.Time
	backSeq  int       // it came back
	touched  int       // the last change by a person of anything about it
	movedAt  time.Time // when HubSpot noted the last of them, by our clock
	other    int       // the same of what is not mapped
	unmapped int       // the last edit by a person of a property that is not mapped
	written  int       // the last change by Syncline of anything about it
	madeFor  string    // the key of the row that Syncline made a record for
	was      *thing    // the row that it was under another key
	of       []*thing  // the records that were merged into it
	into     *thing    // the record that it was merged into
}

// livedOnAs is the record that the thing had become at an event.
func (t *thing) livedOnAs(seq int) *thing {
	for t.into != nil && t.into.bornSeq <= seq {
		t = t.into
	}
	return t
}

// heldOther reports whether the thing, or one that was merged into it, held another value than a given one at
// or after an event.
func (t *thing) heldOther(f field, value string, since int) bool {
	past := t.cell(f.column).past
	for i, h := range past {
		if (i+1 == len(past) || past[i+1].seq > since) && !f.same(h.value, value) {
			return true
		}
	}
	return slices.ContainsFunc(t.of, func(old *thing) bool { return old.goneSeq > since && old.heldOther(f, value, since) })
}

func (t *thing) cell(name string) *cell {
	c := t.cells[name]
	if c == nil {
		c = &cell{}
		t.cells[name] = c
	}
	return c
}

// leave notes that the thing went.
func (t *thing) leave(by author, seq int) {
	t.gone, t.goneBy, t.goneSeq, t.left = true, by, seq, append(t.left, seq)
}

// everHeld reports whether the thing, or one that was merged into it, has had a
// value.
func (t *thing) everHeld(f field, value string) bool { return t.everHeldSince(f, value, 0) }

// everHeldSince is everHeld at or after an event.
func (t *thing) everHeldSince(f field, value string, since int) bool {
	return t.cell(f.column).everHeld(f, value, since) || slices.ContainsFunc(t.of, func(old *thing) bool { return old.everHeldSince(f, value, since) })
}

// ref tells which customer the thing is about; people never change it.
func (t *thing) ref() string { return t.cell("ref").now() }

// own is the customer that the thing was about at first: where records are merged
// Syncline brings the survivor's to the rows of all of them.
func (t *thing) own() string {
	for _, h := range t.cell("ref").past {
		if !blank(h.value) {
			return h.value
		}
	}
	return ""
}

// field is one line of the field map as the ghost understands it.
type field struct {
	column, property string
	direction        definition.Direction
	policy           definition.Policy
	blankClears      bool
	rule             record.Rule
}

func (f field) same(a, b string) bool {
	return f.rule.Same(record.Text(a), record.Text(b)) || blank(a) && blank(b)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// pairOf names one field of one row and one record.
type pairOf struct {
	row, record *thing
	property    string
}

// agreement is what both sides held when they last were in agreement.
type agreement struct {
	seq      int
	src, rem string
	people   bool       // people brought it about
	met      *agreement // what it was before people made both sides agree by themselves, which Syncline may not have seen
}

// displaced is a person's edit that Syncline wrote over within its last round trip.
type displaced struct {
	pairOf
	value string
	seq   int
	due   time.Time // a run that begins later tells it, zero: the run that did it; what a late request does is told when none can follow
	told  bool
}

// ghost knows what truly happened. It never looks into the workspace to judge a
// write, except for which pairs were linked when the run began.
type ghost struct {
	w       *world
	seq     int
	fields  []field
	rows    []*thing          // every row there ever was
	byKey   map[string]*thing // the present ones
	records map[string]*thing // every record there ever was
	union   map[string]united // customers whose records were merged are one
	agreed  map[pairOf]agreement
	based   map[pairOf]bool // of which the workspace has held a base
	redone  map[*cell]bool  // that an undo wrote whose run was to be done again
	lost    []displaced
	taken   []*thing // records that Syncline archived over an edit that it can't have seen
	failed  []string
	undoes  bool // the write that is being judged is one of an undo
}

func newGhost(w *world, fields []field) *ghost {
	return &ghost{w: w, fields: fields, byKey: map[string]*thing{}, records: map[string]*thing{}, union: map[string]united{}, agreed: map[pairOf]agreement{}, based: map[pairOf]bool{}, redone: map[*cell]bool{}}
}

func (g *ghost) next() int { g.seq++; return g.seq }

// fail keeps a broken invariant.
func (g *ghost) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	g.w.trace("!! %s", text)
	g.failed = append(g.failed, text)
}

// customer is the one that a thing is about, merges followed.
func (g *ghost) customer(ref string) string { return g.customerAt(ref, g.seq) }

// customerAt is customer as it was at an event.
func (g *ghost) customerAt(ref string, seq int) string {
	for {
		into := g.union[ref]
		if into.ref == "" || into.ref == ref || into.seq > seq {
			return ref
		}
		ref = into.ref
	}
}

// unite makes two customers one.
func (g *ghost) unite(a, b string) {
	if a, b = g.customer(a), g.customer(b); a != b {
		g.union[a] = united{b, g.next()}
	}
}

// united is the customer that another one counts as, from an event on.
type united struct {
	ref string
	seq int
}

func (g *ghost) rowsOf(ref string) (found []*thing) {
	for _, r := range g.rows {
		if g.customer(r.ref()) == g.customer(ref) {
			found = append(found, r)
		}
	}
	return found
}

func (g *ghost) recordsOf(ref string) (found []*thing) {
	for _, id := range sortedKeys(g.records) {
		if r := g.records[id]; g.customer(r.ref()) == g.customer(ref) {
			found = append(found, r)
		}
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return keys
}

func (g *ghost) byProperty(property string) (field, bool) {
	for _, f := range g.fields {
		if f.property == property {
			return f, true
		}
	}
	return field{}, false
}

// of finds a record and one of its fields.
func (g *ghost) of(recordID, property string) (*thing, field, bool) {
	f, ok := g.byProperty(property)
	return g.records[recordID], f, ok && g.records[recordID] != nil
}

func (g *ghost) byColumn(column string) (field, bool) {
	for _, f := range g.fields {
		if f.column == column {
			return f, true
		}
	}
	return field{}, false
}

// set gives a cell a value.
func (g *ghost) set(t *thing, column, value string, by author) {
	seq := g.next()
	c := t.cell(column)
	c.past = append(c.past, held{seq: seq, at: time.Now(), value: value, by: by})
	switch {
	case by == program:
		t.written = seq
	case column != "changed": // a row that was saved as it was is not edited
		t.touched, t.movedAt = seq, time.Now()
	}
	if column == "ref" {
		for _, f := range g.fields {
			g.meet(t, f)
		}
		return
	}
	if f, ok := g.byColumn(column); ok {
		g.meet(t, f)
	}
}

// meet notes the agreements that a change of a thing brought about.
func (g *ghost) meet(t *thing, f field) {
	if t.ref() == "" {
		return
	}
	rows, records := g.rowsOf(t.ref()), g.recordsOf(t.ref())
	for _, row := range rows {
		for _, rec := range records {
			if row != t && rec != t || row.gone || rec.gone {
				continue
			}
			src, rem := row.cell(f.column).now(), rec.cell(f.column).now()
			if f.same(src, rem) {
				p := pairOf{row, rec, f.property}
				a := agreement{seq: g.seq, src: src, rem: rem, people: true}
				if old, ok := g.agreed[p]; ok {
					a.met = &old
				}
				g.agreed[p] = a
			}
		}
	}
}

// carried notes that Syncline brought a value from one side to the other: that is
// what they agreed on, whatever a person has typed meanwhile.
func (g *ghost) carried(p pairOf, value string) {
	g.agree(p, agreement{seq: g.seq, src: value, rem: value})
}

// agree notes an agreement. What is agreed on with a record that was merged
// meanwhile is agreed on with what it became, and what is agreed on with a row that
// left for one under another key with that one.
func (g *ghost) agree(p pairOf, a agreement) {
	for q := p; q.record != nil; q.record = q.record.into {
		if old, ok := g.agreed[q]; !ok || old.seq <= a.seq {
			g.agreed[q] = a
		}
	}
	for _, heir := range g.rows {
		if p.row != nil && heir.was == p.row && p.row.gone {
			g.agree(pairOf{heir, p.record, p.property}, a)
		}
	}
}

// made notes that a counterpart was made. A field that does not flow that way
// begins with what each side had when it was read.
func (g *ghost) made(p pairOf, f field, value string, apart bool) {
	g.carried(p, value)
	if !apart {
		return
	}
	row, rec := p.row.cell(f.column), p.record.cell(f.column)
	a := agreement{seq: g.seq, src: row.now(), rem: rec.now()}
	if f.direction == definition.FromHubSpot {
		if a.src = row.at(g.w.lastPull()); p.row.was != nil && p.row.bornSeq > g.w.lastPull() {
			a.src = p.row.was.cell(f.column).at(g.w.lastPull()) // it has another key since
		}
	} else {
		a.rem = rec.at(g.w.line.looked(p.record.id).seq)
	}
	g.agree(p, a)
}

// chose notes that a person's choice was carried out on one side; a one-way
// field's other side keeps what it has.
func (g *ghost) chose(p pairOf, f field, value string) {
	a := agreement{seq: g.seq, src: value, rem: value}
	if was, ok := g.agreed[p]; ok && !f.same(was.src, was.rem) && (f.same(value, was.src) || f.same(value, was.rem)) {
		a.src, a.rem = was.src, was.rem // back to what they agreed on, which differs
	}
	switch f.direction {
	case definition.ToHubSpot:
		a.src = p.row.cell(f.column).now()
	case definition.FromHubSpot:
		a.rem = p.record.cell(f.column).now()
	}
	g.agree(p, a)
}

// kept notes what a one-way field's other side keeps because its owner had
// nothing when they were linked: that counts as agreed on.
func (g *ghost) kept(l link) {
	row, record := g.byKey[l.key], g.records[l.id]
	if row == nil || record == nil {
		return
	}
	for _, f := range g.fields {
		owner, other := l.source[f.property].String(), l.hubspot[f.property].String()
		if f.direction == definition.FromHubSpot {
			owner, other = other, owner
		}
		p := pairOf{row, record, f.property}
		// The first base: what both held before Syncline joined them is nothing that it has seen.
		first := !g.based[p]
		g.based[p] = true
		if first && f.direction != definition.TwoWay && blank(owner) && !blank(other) {
			base := agreement{seq: g.seq, src: l.source[f.property].String(), rem: l.hubspot[f.property].String()}
			a := base
			met, ok := g.agreed[p]
			switch {
			case ok && f.same(met.src, base.src) && f.same(met.rem, base.rem):
				a = met // of a record that was merged into this one: it is no newer by that
			case ok && met.seq > g.w.pullSeq:
				a = met
				a.met = &base // people brought it about after both sides were read
			}
			g.agreed[p] = a
			for q := (pairOf{row, record.into, f.property}); q.record != nil; q.record = q.record.into {
				if _, ok := g.agreed[q]; !ok {
					g.agreed[q] = a
				}
			}
		}
	}
}

// edited reports whether a value is another one than that side held at the last
// agreement; without one everything is an edit.
func (a agreement) edited(f field, src, rem string, known bool) (source, hubspot bool) {
	if !known {
		return true, true
	}
	return !f.same(src, a.src), !f.same(rem, a.rem)
}
