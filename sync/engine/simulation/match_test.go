package simulation_test

import (
	"slices"

	"syncline/sync/definition"
)

// joinMatched makes one customer of a row and a record that Syncline takes for
// one, if they shared their match value when both sides were read: that is what
// the definition says. What it claims without that stays two.
func (g *ghost) joinMatched(row, rec *thing) {
	if a, b := g.customer(row.ref()), g.customer(rec.ref()); a != b && g.matched(row, rec) {
		g.w.trace("   (row %s and record %s are one by their match value)", row.key, rec.id)
		g.unite(a, b)
		for _, f := range g.fields {
			if v, ok := shared(row.cell(f.column), rec.cell(f.column), f, g.w.pullSeq); ok {
				g.agreed[pairOf{row, rec, f.property}] = agreement{seq: g.seq, src: v, rem: v}
			}
		}
	}
}

// matched reports whether a row has shared its match value with a record, or with
// one that was merged into it, since both sides were read.
func (g *ghost) matched(row, rec *thing) bool {
	mail, _ := g.byColumn("mail")
	v, ok := shared(row.cell("mail"), rec.cell("mail"), mail, g.w.pullSeq)
	return ok && !blank(v) || slices.ContainsFunc(rec.of, func(old *thing) bool { return g.matched(row, old) })
}

// shared is the newest value that two cells have both had since an event.
func shared(a, b *cell, f field, since int) (string, bool) {
	for _, h := range slices.Backward(a.past) {
		if a.everHeld(f, h.value, since) && b.everHeld(f, h.value, since) {
			return h.value, true
		}
	}
	return "", false
}

// judgeCreate judges a record that Syncline made.
func (g *ghost) judgeCreate(t *thing) {
	rows := g.rowsOf(t.ref())
	if len(rows) == 0 {
		g.fail("I7: record %s was created for nobody", t.id)
		return
	}
	t.madeFor = g.w.madeFor(t.ref())
	for _, row := range rows {
		if t.madeFor != "" && row.key != t.madeFor && row.ref() != t.ref() {
			continue // of a customer whom only a merge made one with this one
		}
		has := map[string]bool{}
		for _, f := range g.fields {
			has[f.property] = true
			g.made(pairOf{row, t, f.property}, f, t.cell(f.column).now(), f.direction == definition.FromHubSpot)
		}
		g.w.linked[row.key+" "+t.id] = has
	}
	for _, other := range g.recordsOf(t.ref()) {
		if other == t || other.gone && other.goneBy != program {
			continue
		}
		// Several customers that were made one by a merge may have a record for each of their rows.
		rows := slices.DeleteFunc(slices.Clone(rows), func(r *thing) bool { return r.key != t.madeFor && (r.own() != t.own() || other.own() != t.own()) })
		switch {
		case other.gone: // archived by an undo of ours: done again
		case g.mergedSince(t.ref(), g.w.runSeq):
		case g.freedKey(t, other):
		case g.w.limited != "" && other.born == program && !g.sameMatch(t, other): // no key of ours tells that it was made, and a person changed its match value
		case other.born == program && slices.ContainsFunc(rows, func(r *thing) bool { return g.thereWhenRead(r) && r.key == other.madeFor }):
			g.fail("I7: the customer %s has record %s already, which Syncline made; now it made %s", t.ref(), other.id, t.id)
		case slices.ContainsFunc(rows, func(r *thing) bool { return g.thereWhenRead(r) && g.w.linked[r.key+" "+other.id] != nil }):
			g.fail("I7: the customer %s has record %s already, which is linked; Syncline made %s", t.ref(), other.id, t.id)
		case g.matchedSince(slices.DeleteFunc(slices.Clone(rows), func(r *thing) bool { return t.madeFor != "" && r.key != t.madeFor }), other):
			g.fail("I7: record %s has the match value of the customer %s; Syncline made %s", other.id, t.ref(), t.id)
		}
	}
}

// freedKey reports whether a record was made by a request that arrived long after its connection had
// ended and its successor had made the same record, which a merge took away together with its key of ours:
// then nothing in HubSpot refuses the late one, and nobody can call it back.
func (g *ghost) freedKey(t, other *thing) bool {
	return g.w.line.late && g.w.line.making == 0 && slices.ContainsFunc(other.of, func(old *thing) bool {
		return old.id != other.id && old.born == program && old.own() == t.own() && other.bornSeq > old.bornSeq
	})
}

// thereWhenRead reports whether a row has been in the file since before the run read it: of one that got its
// key after that nobody knows yet.
func (g *ghost) thereWhenRead(r *thing) bool {
	return !r.gone && max(r.bornSeq, r.backSeq) <= g.w.lastPull()
}

// sameMatch reports whether two records have the same match value.
func (g *ghost) sameMatch(a, b *thing) bool {
	f, _ := g.byColumn("mail")
	return f.same(a.cell("mail").now(), b.cell("mail").now())
}

// matchedSince reports whether a record has had a row's match value since before the run.
func (g *ghost) matchedSince(rows []*thing, rec *thing) bool {
	f, _ := g.byColumn("mail")
	return slices.ContainsFunc(rows, func(row *thing) bool {
		mine, theirs := row.cell("mail").last(), rec.cell("mail").last()
		there := max(row.backSeq, rec.backSeq, mine.seq, theirs.seq) < g.w.runSeq
		return !row.gone && !rec.gone && there && !blank(mine.value) && f.same(mine.value, theirs.value)
	})
}
