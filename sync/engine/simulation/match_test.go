package simulation_test

import "slices"

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
