package simulation_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// ended judges what a run that came to its end has left.
func (w *world) ended(res engine.Result) {
	if res.RunID != "" {
		w.runs = append(w.runs, res.RunID)
	}
	w.agreedApart()
	w.judgeDisplaced()
	w.judgeOvertaken()
	w.judgeBases()
	w.judgeAudit()
	w.judgeRest()
	w.judgeWatermark()
}

// conflicts returns every conflict there ever was.
func (w *world) conflicts() (all []store.Conflict) {
	w.query(func(rows *sql.Rows) error {
		var c store.Conflict
		if err := rows.Scan(&c.ID, &c.RowKey, &c.RecordID, &c.Property, &c.Cause, &c.Base, &c.Source, &c.HubSpot, &c.State, &c.Choice); err != nil {
			return err
		}
		all = append(all, c)
		return nil
	}, `SELECT id, row_key, record_id, property, cause, base, src, rem, state, choice FROM conflict ORDER BY id`)
	return all
}

// judgeDisplaced: every edit that was written over within the last round trip
// is offered back in Review (I1).
func (w *world) judgeDisplaced() {
	all := w.conflicts()
	for i := range w.ghost.lost {
		d := &w.ghost.lost[i]
		switch {
		case d.told, w.runAt.Before(d.due):
			continue
		case !d.due.IsZero() && d.record.gone, d.record.into != nil:
			d.told = true // nothing can be brought back to it, and nobody reads what was there before a merge
			continue
		}
		f, _ := w.ghost.byProperty(d.property)
		for _, c := range all {
			if c.Property == d.property && (c.RecordID == d.record.id || c.RowKey == d.row.key) && f.same(c.HubSpot, d.value) {
				d.told = true
			}
		}
		if !d.told {
			w.ghost.fail("I1: record %s, %s: the edit %q was written over and nobody is told", d.record.id, d.property, d.value)
		}
	}
}

// judgeOvertaken: a record that was archived over an edit is told of in Review,
// unless a person has restored it by then (I1).
func (w *world) judgeOvertaken() {
	all := w.conflicts()
	for _, t := range w.ghost.taken {
		told := slices.ContainsFunc(all, func(c store.Conflict) bool {
			is := func(x *thing) bool { return x.id == c.RecordID }
			return c.Cause == plan.CauseArchivedOver && (is(t) || slices.ContainsFunc(t.of, is))
		})
		if t.gone && !told {
			w.ghost.fail("I1: record %s was archived over an edit and nobody is told", t.id)
		}
	}
	w.ghost.taken = nil
}

// agreedApart follows decisions to leave both sides as they are, and undone
// values: both sides count as agreed although they differ.
func (w *world) agreedApart() {
	g := w.ghost
	for _, d := range w.decisions {
		row, rec := g.under(d.rowKey), g.records[d.recordID]
		if row != nil && row.gone && !w.pulledBetween(d.seq, row.goneSeq) {
			continue // it left before a run could carry the decision out
		}
		f, _ := g.byProperty(d.property)
		apart := d.choice == "skip"
		switch back := d.choice == "base" && d.base != nil; f.direction {
		case definition.ToHubSpot:
			apart = apart || d.choice == "hubspot" || back && f.same(*d.base, d.rem)
		case definition.FromHubSpot:
			apart = apart || d.choice == "source" || back && f.same(*d.base, d.src)
		}
		if apart && d.property != "" && row != nil && rec != nil {
			p := pairOf{row, rec, d.property}
			a, ok := g.agreed[p]
			rem := d.rem
			if d.cause == string(plan.CauseDisplaced) {
				rem = rec.cell(f.column).at(d.seq) // what the run wrote stays, not what it displaced
			}
			// One that was made on what no longer stood there is asked again, and so may be one before whose run that moved.
			until := w.movedAfter(row, rec.livedOnAs(d.seq), f, d.seq)
			unsure := until > 0 && !w.pulledBetween(d.seq, until)
			live := rec.livedOnAs(d.seq)
			stood := d.cause == string(plan.CauseDisplaced) || f.same(w.countedAs(row, f, d.seq), d.src) && f.same(live.cell(f.column).at(d.seq), d.rem)
			if stood && (!ok || a.seq < d.seq) {
				now := agreement{seq: d.seq, src: d.src, rem: rem, people: unsure}
				if unsure && ok {
					now.met = &a
				}
				g.agree(p, now)
			}
		}
	}
}

// movedAfter is the first event after another one at which a field of a pair was changed, or its record merged;
// 0 for none.
func (w *world) movedAfter(row, rec *thing, f field, seq int) int {
	first := 0
	moved := func(at int) {
		if at > seq && (first == 0 || at < first) {
			first = at
		}
	}
	for _, c := range []*cell{row.cell(f.column), rec.cell(f.column)} {
		for _, h := range c.past {
			moved(h.seq)
		}
	}
	if rec.into != nil {
		moved(rec.into.bornSeq)
	}
	return first
}

// pulledBetween reports whether both sides were read for a plan between two events.
func (w *world) pulledBetween(from, to int) bool {
	return slices.ContainsFunc(w.bound(w.pulls), func(at int) bool { return at >= from && at < to })
}

// judgeBases: what the workspace believes to have been agreed on was really
// there (I9).
func (w *world) judgeBases() {
	g := w.ghost
	for _, l := range w.links() {
		row, rec := g.byKey[l.key], g.records[l.id]
		for _, f := range g.fields {
			if v, ok := l.source[f.property]; ok && row != nil && !row.cell(f.column).everHeld(f, v.String(), 0) && !w.everCorrected(row, f, v.String()) {
				g.fail("I9: the base of row %s, %s is %q, which it never held", l.key, f.column, v)
			}
			if v, ok := l.hubspot[f.property]; ok && rec != nil && !rec.everHeld(f, v.String()) {
				g.fail("I9: the base of record %s, %s is %q, which it never held", l.id, f.property, v)
			}
		}
	}
}

// judgeAudit: every write that is known to have been done has its entry, with
// what stood there before (I16).
func (w *world) judgeAudit() {
	w.query(func(rows *sql.Rows) error {
		var id int64
		var side, kind, key string
		if err := rows.Scan(&id, &side, &kind, &key); err != nil {
			return err
		}
		w.ghost.fail("I16: the %s in %s of row %s is done and has no audit entry", kind, side, key)
		return nil
	}, `SELECT o.id, o.side, o.kind, o.row_key FROM op o WHERE o.state = 'done' AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.op_id = o.id)`)
}

// undoable keeps what an undo of a run must bring back, and returns the check
// of it (I14).
func (w *world) undoable(runID string) func() {
	type back struct {
		cell   *cell
		of     *thing
		f      field
		before string
		what   string
	}
	var all []back
	seen := map[*cell]bool{}
	var written []store.Audit
	w.review(func(ctx context.Context, db *store.Store) error {
		for a, err := range db.AuditOf(ctx, runID) {
			if err != nil {
				return err
			}
			written = append(written, a)
		}
		return nil
	})
	for _, a := range written {
		f, ok := w.ghost.byProperty(a.Property)
		thing := w.ghost.records[a.RecordID]
		if a.Side == plan.Source {
			thing = w.ghost.byKey[a.RowKey]
		}
		if a.Action != plan.OpUpdate || !ok || thing == nil || thing.gone {
			continue
		}
		var before, after string
		if a.Before != nil {
			before = *a.Before
		}
		if a.After != nil {
			after = *a.After
		}
		c := thing.cell(f.column)
		if !seen[c] && c.last().by == program && f.same(c.now(), after) {
			all = append(all, back{c, thing, f, before, string(a.Side) + " of row " + a.RowKey})
		}
		seen[c] = true
	}
	began := w.ghost.seq
	return func() {
		for _, b := range all {
			if slices.ContainsFunc(b.of.left, func(at int) bool { return at > began }) {
				continue // it was away for a while, and back by now
			}
			if last := b.cell.last(); !b.of.gone && last.by == program && !b.f.same(last.value, b.before) && w.faults.ServerError == 0 {
				w.ghost.fail("I14: the undo left %s in %s: %q, before it was %q", b.f.column, b.what, last.value, b.before)
			}
		}
	}
}

// settle lets the world come to rest and judges it.
func (w *world) settle() {
	w.calm, w.crashes = true, 0
	w.weather(false)
	time.Sleep(25 * time.Hour) // late writes arrive, the search index has caught up, and a pull reads all again
	w.run()
	time.Sleep(time.Minute) // the search index has caught up with what that run made
	w.run()
	if len(w.corrections) > 0 {
		w.run() // a row that a correction let in is made first, then its cell is written, then others may follow from its key
		w.run()
	}
	if len(w.ghost.failed) > 0 {
		return
	}
	calls := w.portal.Calls().Writes
	seq := w.ghost.seq
	res := w.run()
	// What HubSpot refused is tried again by every run, until it succeeds or is given up.
	if n := w.portal.Calls().Writes - calls; n != 0 && res.Counts.Failed == 0 {
		w.ghost.fail("I5: a further run without edits made %d writes", n)
	}
	if w.ghost.seq != seq {
		w.ghost.fail("I5: a further run without edits changed something")
	}
	w.judgeEnd()
	w.judgeSecrets()
}

// standing is what the workspace says of a row at the end.
type standing struct {
	record    string
	state     string
	waiting   map[string]bool // properties with a live conflict; "" = the row
	attention string
	fate      string
	reason    string
}

// standings reads what the workspace says of every row.
func (w *world) standings() map[string]*standing {
	all := map[string]*standing{}
	of := func(key string) *standing {
		if all[key] == nil {
			all[key] = &standing{waiting: map[string]bool{}}
		}
		return all[key]
	}
	w.query(func(rows *sql.Rows) error {
		var key, id, state string
		err := rows.Scan(&key, &id, &state)
		of(key).record, of(key).state = id, state
		return err
	}, `SELECT row_key, coalesce(record_id, ''), state FROM link`)
	w.query(func(rows *sql.Rows) error {
		var key, message string
		err := rows.Scan(&key, &message)
		of(key).attention = message
		return err
	}, `SELECT row_key, cause || ': ' || message FROM attention`)
	w.query(func(rows *sql.Rows) error {
		var key, fate, reason string
		err := rows.Scan(&key, &fate, &reason)
		of(key).fate, of(key).reason = fate, reason
		return err
	}, `SELECT row_key, fate, reason FROM plan_item WHERE plan_number = (SELECT p.number FROM run r JOIN plan p ON p.id = r.plan_id WHERE r.kind = 'run' ORDER BY r.started_at DESC, r.id DESC LIMIT 1)`)
	for _, c := range w.conflicts() {
		if c.State != "closed" {
			of(c.RowKey).waiting[c.Property] = true
		}
	}
	return all
}

// judgeEnd: nothing happens any more, and every row and field is in agreement
// or waits for a person (I4, I7, I8).
func (w *world) judgeEnd() {
	all := w.standings()
	for _, row := range w.ghost.present() {
		st := all[row.key]
		if st == nil {
			w.ghost.fail("I8: row %s has no link, waits nowhere, and nobody says why", row.key)
			continue
		}
		rec := w.ghost.records[st.record]
		switch {
		case st.waiting[""] || st.attention != "":
		case st.state == "active" && rec != nil && !rec.gone:
			w.judgePair(row, rec, st)
		default:
			w.judgeAlone(row, rec, st)
		}
	}
}

// judgePair: each field of a linked pair is the same on both sides, waits in
// Review, was agreed on to differ, or differs by the direction's rule.
func (w *world) judgePair(row, rec *thing, st *standing) {
	g := w.ghost
	if g.customer(row.ref()) != g.customer(rec.ref()) {
		g.fail("I7: row %s (%s) is linked to record %s (%s)", row.key, row.ref(), rec.id, rec.ref())
	}
	for _, f := range g.fields {
		w.judgeCorrection(row, rec, f)
		src, rem := w.countsAs(row, f), rec.cell(f.column).now()
		a, ok := g.agreed[pairOf{row, rec, f.property}]
		srcEdited, remEdited := a.edited(f, src, rem, ok)
		switch {
		case f.same(src, rem), st.waiting[f.property]:
		case f.column == "mail" && rec.brought(f, src): // HubSpot keeps it as a further one
		case f.column == "mail" && f.direction == definition.FromHubSpot && g.wasFurther(row, rec, f): // which HubSpot had as its first one, nobody chose for the row
		case !f.blankClears && (blank(src) || blank(rem)):
		case ok && !srcEdited && !remEdited:
		case f.direction == definition.ToHubSpot && (blank(src) || !srcEdited):
		case f.direction == definition.FromHubSpot && (blank(rem) || !remEdited):
		case f.direction != definition.TwoWay && f.policy != definition.Review:
		case w.undoneSince(row.cell(f.column), rec.cell(f.column)):
		default:
			g.fail("I4: row %s and record %s: %s is %q in the file and %q in HubSpot, and nobody is asked (%s: %s)", row.key, rec.id, f.column, src, rem, st.fate, st.reason)
		}
	}
}

// wasFurther reports whether a row had, at the merge that made its record or since, an address that
// became a further one of it by that, and the first one is as the merge left it.
func (g *ghost) wasFurther(row, rec *thing, f field) bool {
	c, mine := rec.cell(f.column), row.cell(f.column)
	return f.same(c.now(), c.at(rec.bornSeq)) && slices.ContainsFunc(mine.past, func(h held) bool {
		return !f.same(h.value, c.now()) && mine.everHeld(f, h.value, rec.bornSeq) && rec.brought(f, h.value)
	})
}

// undoneSince reports whether an undo was the last to write either cell.
func (w *world) undoneSince(cells ...*cell) bool {
	for _, c := range cells {
		if w.undone[c] == len(c.past) {
			return true
		}
	}
	return false
}

// judgeAlone: a row without a record of its own has a reason that is true.
func (w *world) judgeAlone(row, rec *thing, st *standing) {
	takenBack := slices.ContainsFunc(w.ghost.recordsOf(row.ref()), func(r *thing) bool { return r.gone && r.goneBy == program })
	switch {
	case takenBack && st.fate == "skipped" && strings.Contains(st.reason, "undo"): // it is offered to be done again
	case st.fate != "skipped" && st.fate != "conflict" && st.fate != "failed":
		w.ghost.fail("I8: row %s has no record, and its fate is %q (%s)", row.key, st.fate, st.reason)
	case rec != nil && !rec.gone && st.state != "active":
		w.ghost.fail("I8: row %s is left aside (%s), though its record %s is there", row.key, st.reason, rec.id)
	case rec == nil && w.create.InHubSpot() && !strings.Contains(st.reason, "by your decision") && !strings.Contains(st.reason, "no value for HubSpot"):
		w.ghost.fail("I8: row %s has no record and is left aside: %s", row.key, st.reason)
	case st.reason == "":
		w.ghost.fail("I8: row %s is left aside without a reason", row.key)
	}
}
