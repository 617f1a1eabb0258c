package simulation_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/plan"
)

// overlap is how far behind the watermark a change may still be unread: what a
// pull reads again, because the search index lags.
const overlap = 15 * time.Minute

// opened judges the conflicts that a process has opened or renewed: it opens one
// only where both sides differ from what they agreed on (I3), and keeps of it what
// the sides held (I16). One that is open stays so until a person decides or both
// sides hold the same, whatever they hold.
func (w *world) opened() {
	g := w.ghost
	for _, c := range w.conflicts() {
		state := fmt.Sprintf("%d %s %q %q", c.ID, c.Cause, c.Source, c.HubSpot)
		row, rec := g.under(c.RowKey), g.records[c.RecordID]
		f, ok := g.byProperty(c.Property)
		if w.judged[state] || !ok || row == nil || rec == nil {
			continue
		}
		w.judged[state] = true
		if !row.cell(f.column).everHeld(f, c.Source, 0) && !w.everCorrected(row, f, c.Source) {
			g.fail("I16: the conflict about row %s, %s, shows %q, which the row never held", c.RowKey, f.column, c.Source)
		}
		if !rec.everHeld(f, c.HubSpot) {
			g.fail("I16: the conflict about record %s, %s, shows %q, which it never held", c.RecordID, f.column, c.HubSpot)
		}
		first := fmt.Sprint(c.ID)
		if w.judged[first] {
			continue
		}
		w.judged[first] = true
		if why := g.spurious(pairOf{row, rec, f.property}, f, c); why != "" {
			g.fail("I3: row %s and record %s, %s: a conflict (%s; base %s) between %q and %q was opened, though %s", c.RowKey, c.RecordID, f.column, c.Cause, text(c.Base), c.Source, c.HubSpot, why)
		}
	}
}

// spurious says why a conflict is none, "" where it is one.
func (g *ghost) spurious(p pairOf, f field, c store.Conflict) string {
	switch c.Cause {
	case plan.CauseFirstRun, plan.CauseFirstRunCase, plan.CauseBothChanged, plan.CauseCleared, plan.CauseCase:
	default:
		return ""
	}
	if f.same(c.Source, c.HubSpot) {
		return "they are the same"
	}
	if c.Base == nil {
		if len(p.record.of) == 0 && g.w.linkedBefore(p.row, p.record, f) {
			return "the two had agreed on a value"
		}
		return ""
	}
	if g.redone[p.row.cell(f.column)] || g.redone[p.record.cell(f.column)] {
		return "" // a run that was undone is to be done again: what it had brought is an edit once more
	}
	a, known := g.agreed[p]
	for known && a.seq > g.w.runSeq { // came about while the process was at work
		if known = a.met != nil; known {
			a = *a.met
		}
	}
	for known {
		src, rem := a.edited(f, c.Source, c.HubSpot, true)
		if src = src || p.row.heldOther(f, a.src, g.w.runSeq); src && (rem || p.record.heldOther(f, a.rem, g.w.runSeq)) {
			return "" // when it was opened, whatever has become of the values since
		}
		if a.people && a.met == nil && !g.sawAgreement(p, f, a) {
			return ""
		}
		if a.met == nil || g.sawAgreement(p, f, a) {
			return fmt.Sprintf("only one side has changed since they agreed on %q and %q", a.src, a.rem)
		}
		a = *a.met
	}
	return ""
}

// judgeRest: a run that came to its end has left nothing open: each operation has
// an outcome, and no run, not even one that died, is still to be ended. So what
// follows a crash is a state that a run without one leaves (I10).
func (w *world) judgeRest() {
	count := func(what, q string) {
		w.query(func(rows *sql.Rows) error {
			var n int
			if err := rows.Scan(&n); err != nil {
				return err
			}
			if n != 0 {
				w.ghost.fail("I10: a run came to its end and left %d %s", n, what)
			}
			return nil
		}, q)
	}
	count("operations without an outcome", `SELECT count(*) FROM op WHERE state = 'sent'`)
	count("runs that are still going on", `SELECT count(*) FROM run WHERE state = 'running'`)
	count("items of plans that runs carried out without a fate", `SELECT count(*) FROM plan_item i JOIN plan p ON p.number = i.plan_number
		WHERE p.state = 'applied' AND i.done = '' AND i.excluded = 0`)
	count("links without a record that no row waits for", `SELECT count(*) FROM link l WHERE l.record_id IS NULL AND l.state = 'active'`)
}

// judgeWatermark: every change of a record that is older than the watermark, less
// the overlap, has been read (I11).
func (w *world) judgeWatermark() {
	var mark time.Time
	w.query(func(rows *sql.Rows) error {
		var ms int64
		err := rows.Scan(&ms)
		mark = time.UnixMilli(ms)
		return err
	}, `SELECT watermark FROM sync WHERE parent = 0`)
	seen := map[string]time.Time{}
	w.query(func(rows *sql.Rows) error {
		var id string
		var ms int64
		err := rows.Scan(&id, &ms)
		if seen[id] = time.UnixMilli(ms); ms == 0 {
			seen[id] = mark // known to have moved: it is read again whatever the mark
		}
		return err
	}, `SELECT id, updated FROM record_seen`)
	for _, rec := range w.ghost.live() {
		if rec.backSeq > 0 {
			continue // a restored record shows no change at all
		}
		if rec.movedAt.Add(w.skew).After(mark.Add(-overlap)) {
			continue // it left the window while that was read, and stands in the next one
		}
		for _, f := range w.ghost.fields {
			last := rec.cell(f.column).last()
			changed := last.at
			if rec.bornAt.After(changed) {
				changed = rec.bornAt // a merge made it, with what it holds
			}
			changed = changed.Add(w.skew) // by HubSpot's clock
			if last.by != person || changed.After(mark.Add(-overlap)) {
				continue
			}
			if at, ok := seen[rec.id]; !ok || at.Before(changed.Truncate(time.Millisecond)) {
				w.ghost.fail("I11: record %s, %s became %q at %v, and the watermark passed over it", rec.id, f.column, last.value, last.at.Sub(w.start))
			}
		}
	}
}

// judgeSecrets: the token is nowhere in what Syncline keeps (I19).
func (w *world) judgeSecrets() {
	for _, name := range []string{store.File, store.File + "-wal"} {
		text, err := os.ReadFile(filepath.Join(w.workspace, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		w.must(err)
		if bytes.Contains(text, []byte(w.token())) {
			w.ghost.fail("I19: the token stands in the workspace's %s", name)
		}
	}
}

// silent fails where a text that Syncline shows or logs holds the token (I19).
func (w *world) silent(texts ...string) {
	if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, w.token()) }) {
		w.ghost.fail("I19: the token stands in %q", texts)
	}
}
