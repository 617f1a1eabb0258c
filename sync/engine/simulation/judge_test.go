package simulation_test

import (
	"cmp"
	"math"
	"slices"
	"time"

	"syncline/sync/definition"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// roundTrip is the longest that may lie between Syncline's look at a record and
// its write over it: the way back of the look, and the way there of the write.
const roundTrip = 2*mostLatency + 50*time.Millisecond

// decision is what a person chose in Review, with what was shown.
type decision struct {
	seq                     int
	rowKey, recordID        string
	property, cause, choice string
	value, src, rem         string
	base                    *string
	shown                   int // event at which Syncline had last looked at the record
}

// witness is told by the portal what happens to its records, in order.
func (g *ghost) witness(e practice.Event) {
	if e.ObjectType != g.w.object {
		return
	}
	by := program
	if e.Person || g.w.seeding {
		by = person
	}
	switch e.Kind {
	case practice.RecordCreated:
		g.created(e, by)
	case practice.RecordMerged:
		g.merged(e)
	case practice.ValueSet:
		g.value(e, by)
	case practice.RecordArchived:
		t := g.records[e.ID]
		if by == program {
			g.judgeArchive(t)
		}
		t.leave(by, g.next())
		g.w.trace("   record %s is archived by %s", e.ID, by)
	case practice.RecordRestored:
		t := g.records[e.ID]
		t.gone, t.backSeq = false, g.next() // nothing about it shows that it was away
		g.w.trace("   record %s is restored", e.ID)
		for _, f := range g.fields {
			g.meet(t, f)
		}
	}
}

// created is a new record with its first values.
func (g *ghost) created(e practice.Event, by author) {
	t := &thing{id: e.ID, cells: map[string]*cell{}, born: by, bornSeq: g.next()}
	g.records[e.ID] = t
	g.w.trace("   record %s is made by %s: %v", e.ID, by, g.shown(e.Values))
	for _, f := range g.fields {
		if v, ok := e.Values[f.property]; ok {
			g.set(t, f.column, v, by)
		}
	}
	t.bornSeq = g.seq
	if by == program {
		g.judgeCreate(t)
	}
}

// shown are the values of mapped properties, for the trace.
func (g *ghost) shown(values map[string]string) (all []string) {
	for _, f := range g.fields {
		if v := values[f.property]; v != "" {
			all = append(all, f.column+"="+v)
		}
	}
	return all
}

func (g *ghost) value(e practice.Event, by author) {
	t := g.records[e.ID]
	f, ok := g.byProperty(e.Property)
	if !ok {
		if by == program && e.Property == g.w.gone.mark {
			g.judgeRecordMark(t, e.After)
		}
		if by == person {
			t.touched, t.movedAt = g.next(), time.Now()
			t.other, t.unmapped = t.touched, t.touched
			g.w.trace("   record %s %s: %q -> %q by a person", e.ID, e.Property, e.Before, e.After)
		}
		return
	}
	g.w.trace("   record %s %s: %q -> %q by %s", e.ID, f.column, e.Before, e.After, by)
	if by == program {
		g.judgeHubSpot(t, f, e.Before, e.After)
	} else if len(t.of) > 0 && time.Now().Equal(t.bornAt) {
		g.unmeet(t, f) // the merge itself brings it: the record never stood without it
	}
	g.set(t, f.column, e.After, by)
}

// unmeet takes back what a merged record agreed on in a field while it was still being made.
func (g *ghost) unmeet(t *thing, f field) {
	for _, row := range g.rows {
		p := pairOf{row, t, f.property}
		if a, ok := g.agreed[p]; ok && a.seq >= t.bornSeq {
			if delete(g.agreed, p); a.met != nil {
				g.agreed[p] = *a.met
			}
		}
	}
}

// merged makes one record of several: the first one's values stand in it. It may
// have the first one's id, and is another thing all the same.
func (g *ghost) merged(e practice.Event) {
	t := &thing{id: e.ID, cells: map[string]*cell{}, born: person, bornSeq: g.next(), bornAt: time.Now(), touched: g.seq, other: g.seq}
	var olds []*thing
	for _, id := range e.From {
		olds = append(olds, g.records[id])
	}
	first := olds[0]
	for name, c := range first.cells {
		t.cells[name] = &cell{past: slices.Clone(c.past)}
	}
	for _, old := range olds {
		old.leave(person, g.seq)
		g.unite(old.ref(), first.ref())
	}
	for _, old := range olds {
		t.of = append(t.of, old)
		old.into = t
	}
	g.records[e.ID] = t
	g.w.trace("   records %v are merged into %s", e.From, e.ID)
	// What was agreed on with one of them was agreed on with what they became.
	for _, old := range slices.Backward(olds) {
		for _, row := range g.rows {
			if has := g.w.linked[row.key+" "+old.id]; has != nil {
				g.w.linked[row.key+" "+t.id] = has
			}
			for _, f := range g.fields {
				was, is := pairOf{row, old, f.property}, pairOf{row, t, f.property}
				// Two who only happened to hold the same do not take the place of what was agreed on.
				if a, ok := g.agreed[was]; ok && (g.agreed[is].seq == 0 || !a.people || g.w.linked[row.key+" "+old.id] != nil) {
					g.agreed[is] = a
				}
				g.based[is] = g.based[is] || g.based[was]
			}
		}
	}
	for _, f := range g.fields {
		g.meet(t, f)
	}
}

// judgeHubSpot judges one write of Syncline to a record, at the moment at which
// it takes effect.
func (g *ghost) judgeHubSpot(rec *thing, f field, before, after string) {
	if rec.gone {
		g.fail("I2: record %s, which is archived, is written", rec.id)
	}
	claim := g.w.claimed("hubspot", "record_id", rec.id)
	g.undoes = claim.undo
	row := g.under(claim.rowKey)
	if row != nil {
		g.joinMatched(row, rec)
	}
	rows := foremost(g.rowsOf(rec.ref()), row)
	if len(rows) == 0 {
		g.fail("I2: record %s, which has no row, gets %s = %q", rec.id, f.column, after)
		return
	}
	why := ""
	for _, row := range rows {
		wrong := g.mayWriteHubSpot(row, rec, f, before, after)
		if wrong == "" {
			return
		}
		why = cmp.Or(why, wrong)
	}
	g.fail("%s: record %s, %s: %q was written over with %q", why, rec.id, f.column, before, after)
}

// under is the row that has a key, or the last one that had it: it may have left
// since it was read.
func (g *ghost) under(key string) (last *thing) {
	if row := g.byKey[key]; row != nil {
		return row
	}
	for _, row := range g.rows {
		if row.key == key && (last == nil || row.goneSeq > last.goneSeq) {
			last = row
		}
	}
	return last
}

// foremost puts what a write is for before the others of the customer: with
// that one it is agreed on, not with one that left long ago.
func foremost(all []*thing, t *thing) []*thing {
	if i := slices.Index(all, t); i > 0 {
		all = slices.Insert(slices.Delete(all, i, i+1), 0, t)
	}
	return all
}

// mayWriteHubSpot says what is wrong with a write, "" for nothing.
func (g *ghost) mayWriteHubSpot(row, rec *thing, f field, before, after string) string {
	p := pairOf{row, rec, f.property}
	if g.w.excluded[row.key] {
		return "a row that was taken out of the plan is written"
	}
	if g.undoes {
		return g.mayUndo(p, f, before, after, true)
	}
	chosen := g.decided(p, before)
	if f.direction == definition.FromHubSpot && !chosen {
		return "against the direction"
	}
	since := min(g.agreed[p].seq, g.w.pullSeq)
	if c, ok := g.w.corrected(row, f, since); !chosen && !row.cell(f.column).everHeld(f, after, since) && !(ok && f.same(c.value, after)) && !g.typedInReview(p, f, after) {
		return "I2: the source has not held the value since they agreed"
	}
	look, edit := g.w.line.looked(rec.id), rec.cell(f.column).last()
	unseen := edit.by == person && edit.seq > look.seq && (time.Since(look.at) <= roundTrip || g.w.line.late)
	if !chosen && blank(after) && !blank(before) && (!f.blankClears || !g.w.linkedBefore(row, rec, f)) && !unseen {
		return "I1: a blank erased a value"
	}
	if chosen {
		g.chose(p, f, after)
		return ""
	}
	defer g.carried(p, after)
	if g.mayReplace(p, f, before, after, true) {
		return ""
	}
	// An edit within the last round trip can't be seen before the write; it must
	// be told afterwards.
	if sent, late := g.w.line.lateComer(rec.id, f, after); late && edit.by == person && edit.seq > sent.look {
		// Nobody can call it back; what it fell upon must be told.
		g.w.trace("   (displaced by a late arrival: %q was typed after the look at event %d)", before, sent.look)
		if f.policy != definition.TakeSource {
			g.lost = append(g.lost, displaced{pairOf: p, value: before, seq: g.seq, due: sent.at.Add(2*time.Minute + roundTrip)})
		}
		return ""
	}
	if unseen {
		g.w.trace("   (displaced: %q was typed after the look at event %d)", before, look.seq)
		if f.policy != definition.TakeSource {
			d := displaced{pairOf: p, value: before, seq: g.seq}
			if at, unsure := g.w.line.unsure[rec.id]; unsure && time.Since(at) < 2*time.Minute+roundTrip {
				d.due = at.Add(2*time.Minute + roundTrip) // nobody looks back while an earlier request may still arrive
			}
			g.lost = append(g.lost, d)
		}
		return ""
	}
	return "I1"
}

// mayReplace reports whether a value may be replaced on one side without a
// person: it is no edit, or the field's rule names the other side.
func (g *ghost) mayReplace(p pairOf, f field, before, after string, inHubSpot bool) bool {
	a, met := g.agreed[p]
	for !g.replaces(p, f, a, met, before, after, inHubSpot) {
		if a.met == nil || g.sawAgreement(p, f, a) {
			return false
		}
		a = *a.met
	}
	return true
}

// sawAgreement reports whether Syncline has read both sides while an agreement
// that people made held, before it read them for what it does now: what nobody
// saw binds nobody.
func (g *ghost) sawAgreement(p pairOf, f field, a agreement) bool {
	if a.seq > g.w.pullSeq {
		return false
	}
	return seenWhile(g.w.bound(g.w.pulls), a.seq, p.row, f, a.src) && seenWhile(g.w.bound(g.w.line.looks[p.record.id]), a.seq, p.record, f, a.rem)
}

// seenWhile reports whether there was a look at a thing while it was there and a
// field of it held what it held at an event, which is a value: what became of
// merged records may have another one.
func seenWhile(looks []int, since int, t *thing, f field, value string) bool {
	until := math.MaxInt
	for _, h := range t.cell(f.column).past {
		if h.seq > since {
			until = h.seq
			break
		}
	}
	for _, left := range t.left {
		if left > since {
			until = min(until, left)
		}
	}
	return slices.ContainsFunc(looks, func(at int) bool { return at >= since && at < until && f.same(t.cell(f.column).at(at), value) })
}

// replaces is mayReplace by one agreement.
func (g *ghost) replaces(p pairOf, f field, a agreement, met bool, before, after string, inHubSpot bool) bool {
	linked := g.w.linkedBefore(p.row, p.record, f)
	// The other side is judged by what is brought over: it held that when it was read, and may
	// have moved on since.
	src, rem := after, p.record.cell(f.column).now()
	if !inHubSpot {
		src, rem = g.w.countsAs(p.row, f), after // a person saw the cell who said what it counts as
	}
	srcEdited, remEdited := a.edited(f, src, rem, met && linked)
	mine, other, owner, winner := remEdited, srcEdited, definition.ToHubSpot, definition.TakeSource
	if !inHubSpot {
		mine, other, owner, winner = srcEdited, remEdited, definition.FromHubSpot, definition.TakeHubSpot
	}
	switch {
	case blank(before) && (!f.blankClears || !linked):
		return true // a blank says nothing, and is filled
	case !mine:
		return true
	case !linked && f.direction == owner:
		return true // the owner's value replaces another one on the first run
	case f.policy == winner && (other || !linked):
		return true
	case f.policy == definition.Newest:
		return g.newer(p, f, inHubSpot)
	}
	return false
}

// newer reports whether the other side's value is surely the newer one. Of a
// value that was never agreed on nothing else is known than the row's own time, as
// it was read.
func (g *ghost) newer(p pairOf, f field, inHubSpot bool) bool {
	src, rem := p.row.cell(f.column).last().at, p.record.cell(f.column).last().at
	// Whoever put the row back gave it this value anew, where Syncline had not read it before.
	typed := p.row.cell(f.column).last().seq
	back := p.row.backSeq > typed && !g.w.pulledBetween(typed, p.row.goneSeq)
	if says, err := time.Parse(time.RFC3339, p.row.cell("changed").at(g.w.lastPull())); err == nil && says.After(src) && (back || !g.w.linkedBefore(p.row, p.record, f)) {
		src = says
	}
	if inHubSpot {
		return src.After(rem)
	}
	return rem.After(src)
}

// mayUndo judges a write of an undo: it replaces only what Syncline wrote. What
// stands on both sides afterwards counts as agreed.
func (g *ghost) mayUndo(p pairOf, f field, before, after string, inHubSpot bool) string {
	c := p.record.cell(f.column)
	if !inHubSpot {
		c = p.row.cell(f.column)
	}
	wrote := func(c *cell) bool {
		return slices.ContainsFunc(c.past, func(h held) bool { return h.by == program && f.same(h.value, before) })
	}
	ours := wrote(c) || !inHubSpot && p.row.was != nil && wrote(p.row.was.cell(f.column)) // it had another key then
	if ours {
		w := g.w
		w.undone[c] = len(c.past) + 1
		a := g.agreed[p]
		if a.seq = g.seq; inHubSpot {
			a.rem = after
		} else {
			a.src = after
		}
		g.agree(p, a)
		return ""
	}
	if inHubSpot && g.w.line.typedToo(p.record, f, c.last()) {
		return "" // it is as much Syncline's
	}
	look := g.w.line.looked(p.record.id)
	if edit := c.last(); inHubSpot && edit.by == person && edit.seq > look.seq && time.Since(look.at) <= roundTrip {
		g.lost = append(g.lost, displaced{pairOf: p, value: before, seq: g.seq})
		return ""
	}
	return "I14: the undo wrote over a person's edit"
}

// decided reports whether a person chose, seeing what is replaced.
func (g *ghost) decided(p pairOf, before string) bool {
	f, _ := g.byProperty(p.property)
	return slices.ContainsFunc(g.w.decisions, func(d decision) bool {
		return d.property == p.property && (d.recordID == p.record.id || g.keyWas(p.row, d.rowKey)) && (f.same(d.rem, before) || f.same(d.src, before) || d.cause == string(plan.CauseDisplaced) && f.same(p.record.cell(f.column).at(d.seq), before))
	})
}

// typedInReview reports whether a person decided for a value of a pair, whatever it has come upon since.
func (g *ghost) typedInReview(p pairOf, f field, value string) bool {
	return slices.ContainsFunc(g.w.decisions, func(d decision) bool {
		return d.choice == "value" && d.property == p.property && (d.recordID == p.record.id || g.keyWas(p.row, d.rowKey)) && f.same(d.value, value)
	})
}

func (g *ghost) keyWas(row *thing, key string) bool { return row.key == key }

// judgeFile judges one write of Syncline to a cell of the file.
func (g *ghost) judgeFile(row *thing, f field, before, after string) {
	claim := g.w.claimed("source", "row_key", row.key)
	g.undoes = claim.undo
	rec := g.records[claim.recordID]
	if rec != nil {
		g.joinMatched(row, rec)
	}
	records := foremost(g.recordsOf(row.ref()), rec)
	if len(records) == 0 {
		g.fail("I2: row %s, which has no record, gets %s = %q", row.key, f.column, after)
		return
	}
	why := ""
	for _, rec := range records {
		wrong := g.mayWriteFile(row, rec, f, before, after)
		if wrong == "" {
			return
		}
		why = cmp.Or(why, wrong)
	}
	g.fail("%s: row %s, %s: %q was written over with %q", why, row.key, f.column, before, after)
}

func (g *ghost) mayWriteFile(row, rec *thing, f field, before, after string) string {
	p := pairOf{row, rec, f.property}
	if g.w.excluded[row.key] {
		return "a row that was taken out of the plan is written"
	}
	if g.undoes {
		return g.mayUndo(p, f, before, after, false)
	}
	chosen := g.decided(p, before) || g.decided(p, g.w.countsAs(row, f))
	if chosen {
		g.chose(p, f, after)
		return ""
	}
	defer g.carried(p, after)
	c, corrected := g.w.corrected(row, f, g.seq)
	switch {
	case corrected && c.cell == before && f.same(c.value, after) && f.direction != definition.ToHubSpot:
		return "" // a person put it in the place of what stands there
	case f.direction == definition.ToHubSpot:
		return "against the direction"
	case !rec.everHeldSince(f, after, min(g.agreed[p].seq, g.w.pullSeq)):
		return "I2: HubSpot has not held the value since they agreed"
	case blank(after) && !blank(before) && (!f.blankClears || !g.w.linkedBefore(row, rec, f)):
		return "I1: a blank erased a value"
	case g.mayReplace(p, f, before, after, false):
		return ""
	case g.typedWhatCame(p, f):
		return ""
	}
	return "I1"
}

// typedWhatCame reports whether a person typed into a cell what Syncline had just read of the record, and was
// about to write there: then it is what both sides agreed on.
func (g *ghost) typedWhatCame(p pairOf, f field) bool {
	edit := p.row.cell(f.column).last()
	began := 0
	for _, at := range g.w.pulls {
		if at <= edit.seq {
			began = max(began, at)
		}
	}
	return edit.by == person && slices.ContainsFunc(g.w.line.looks[p.record.id], func(at int) bool {
		return at >= began && at <= edit.seq && f.same(p.record.cell(f.column).at(at), edit.value)
	})
}

// overtaken keeps a record that is archived over an edit within the last round
// trip, which must be told.
func (g *ghost) overtaken(t *thing, look int) {
	edited := t.unmapped > look
	for _, f := range g.fields {
		c := t.cell(f.column)
		edited = edited || c.last().by == person && c.last().seq > look && !f.same(c.now(), c.at(look))
	}
	if edited {
		g.w.trace("   (record %s is archived over an edit after the look at event %d)", t.id, look)
		g.taken = append(g.taken, t)
	}
}

// mergedOnTheWay reports whether the request was about a record that a person merged
// into this one after Syncline's last look at it, within the last round trip: HubSpot
// archives what it became, which must be told as every such edit is.
func (g *ghost) mergedOnTheWay(t *thing) bool {
	return slices.ContainsFunc(t.of, func(old *thing) bool {
		look := g.w.line.looked(old.id)
		return old.id != t.id && t.bornSeq > look.seq && time.Since(look.at) <= roundTrip
	})
}

// judgeArchive judges a record that Syncline archives.
func (g *ghost) judgeArchive(t *thing) {
	look := g.w.line.looked(t.id)
	g.overtaken(t, look.seq)
	if g.mergedOnTheWay(t) {
		return
	}
	switch {
	case g.w.claimed("hubspot", "record_id", t.id).undo:
		if t.born != program {
			g.fail("I14: record %s, which a person made, was archived by an undo", t.id)
		} else if t.touched > t.bornSeq && t.touched <= look.seq {
			g.fail("I14: record %s was archived by an undo, though a person touched it since it was made", t.id)
		}
		return
	case g.w.line.late && slices.ContainsFunc(t.of, func(old *thing) bool { return g.w.claimed("hubspot", "record_id", old.id).undo }):
		g.w.trace("   (an undo's request to archive a record that was merged into %s arrives late)", t.id)
		return
	case g.w.rowGone != "archive":
		g.fail("I13: record %s was archived, which no rule says", t.id)
		return
	}
	for _, row := range g.rowsOf(t.ref()) {
		// A row under the same key is looked for once more; one under a new key is known only by
		// the reading of all.
		seen := g.w.pullSeq
		if g.w.linked[row.key+" "+t.id] != nil {
			seen = g.w.lastLook()
		}
		if !row.gone && max(row.bornSeq, row.backSeq) <= seen && g.knownOf(row, t) {
			g.fail("I13: record %s was archived, but its row %s is there", t.id, row.key)
		} else if row.gone && row.backSeq <= seen && g.w.linked[row.key+" "+t.id] != nil && g.w.looksSince(row.goneSeq) < 2 {
			g.fail("I13: record %s was archived after one look", t.id)
		}
	}
	if what := g.unseenTouch(t, look.seq); what != "" {
		g.fail("I13: record %s was archived, though a person touched it since: %s", t.id, what)
	}
}

// knownOf reports whether anybody can tell that a row is about a record: they
// are linked, or share their match value. A row that got another key and another
// match value before anybody said whose it is is a new one to whoever sees only
// the file.
func (g *ghost) knownOf(row, rec *thing) bool {
	mail, _ := g.byColumn("mail")
	for _, other := range g.recordsOf(row.ref()) {
		if other != rec && !other.gone && g.w.linked[row.key+" "+other.id] != nil {
			return false // it has a record of its own
		}
	}
	return g.w.linked[row.key+" "+rec.id] != nil || mail.same(row.cell("mail").now(), rec.cell("mail").now())
}

// unseenTouch says what a person did to a record, before Syncline's last look at
// it, that was neither agreed on nor shown to whoever decided that it goes.
func (g *ghost) unseenTouch(t *thing, look int) string {
	known := t.written
	for _, d := range g.w.decisions {
		if d.cause == "gone-and-edited" && d.choice == "source" && d.recordID == t.id {
			known = max(known, d.shown)
		}
	}
	if t.other > known && t.other <= look {
		return "something that is not mapped"
	}
	for _, f := range g.fields {
		last := t.cell(f.column).last()
		if last.by != person || last.seq <= known || last.seq > look {
			continue
		}
		agreed := slices.ContainsFunc(g.rowsOf(t.ref()), func(row *thing) bool {
			a, ok := g.agreed[pairOf{row, t, f.property}]
			return ok && f.same(a.rem, last.value)
		})
		if !agreed {
			return f.column
		}
	}
	return ""
}
