package simulation_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
)

// gone is what a definition says of rows whose records are gone, and of records
// whose rows are, beside archiving.
type gone struct {
	record string // "", delete or flag: of a row whose record is gone
	flags  bool   // whether a record whose row is gone is marked
	mark   string // the property that is marked
}

// What a run marks with.
const (
	recordMark = "Gone"
	rowMark    = "no"
)

// drawGone draws it apart from the rest of the nature.
func (n *nature) drawGone(r *rand.Rand) {
	if happens("delete or mark rows") && n.direction != definition.ToHubSpot && chance(r, 0.3) {
		n.gone.record = pick(r, "delete", "delete", "flag")
	}
	if n.gone.mark = "fax"; n.object == "companies" {
		n.gone.mark = "about_us"
	}
	if happens("mark records") && n.rowGone == "" && n.direction != definition.FromHubSpot && chance(r, 0.2) {
		n.gone.flags = true
	}
	if n.gone.record != "" {
		n.header = append(n.header, "note", "mark")
	}
}

// rules are the lines of the definition.
func (n *nature) rules() string {
	var parts []string
	switch {
	case n.rowGone != "":
		parts = append(parts, "row-gone: "+n.rowGone)
	case n.gone.flags:
		parts = append(parts, fmt.Sprintf("row-gone: flag, flag-record: { property: %s, value: %s }", n.gone.mark, recordMark))
	}
	switch n.gone.record {
	case "delete":
		parts = append(parts, "record-gone: delete")
	case "flag":
		parts = append(parts, fmt.Sprintf("record-gone: flag, flag-row: { field: mark, value: %q }", rowMark))
	}
	if len(parts) == 0 {
		return ""
	}
	text := "delete: { " + parts[0]
	for _, p := range parts[1:] {
		text += ", " + p
	}
	return text + " }\n"
}

// editNote changes a cell that no field maps.
func (w *world) editNote(r *rand.Rand) {
	rows := w.ghost.present()
	if len(rows) == 0 {
		return
	}
	row, note := pick(r, rows...), w.typed("n")
	w.change(func(s *sheet) { s.rows[s.find(row.key)][s.column("note")] = note })
}

// judgeDelete judges a row that Syncline takes out of the file (I13): nobody may
// have edited it since its record went, and its record must be gone.
func (g *ghost) judgeDelete(row *thing) {
	if g.w.claimed("source", "row_key", row.key).undo {
		if row.born != program {
			g.fail("I14: row %s, which a person added, was taken out by an undo", row.key)
		} else if row.touched > row.bornSeq {
			g.fail("I14: row %s was taken out by an undo, though a person touched it since it was added", row.key)
		}
		return
	}
	if g.w.gone.record != "delete" {
		g.fail("I13: row %s was deleted, which no rule says", row.key)
		return
	}
	lost := 0
	for _, rec := range g.recordsOf(row.ref()) {
		switch {
		case g.w.linkedTo(row.key, rec) == nil:
		case !rec.gone && max(rec.backSeq, rec.bornSeq) < g.w.runSeq:
			g.fail("I13: row %s was deleted, but its record %s is there", row.key, rec.id)
		case rec.gone:
			lost = max(lost, rec.goneSeq)
		}
	}
	decided := slices.ContainsFunc(g.w.decisions, func(d decision) bool {
		return d.rowKey == row.key && d.cause == "record-gone-and-edited" && d.choice == "hubspot" && d.seq > row.touched
	})
	if column := g.editedSince(row, lost); lost > 0 && column != "" && !decided {
		g.fail("I13: row %s was deleted, though a person edited its %s after its record went", row.key, column)
	}
}

// editedSince is a column of a row that a person edited after its record went, and on which both have
// not agreed since: where pulls read only what changed, a run may have brought both in agreement before
// it came to know that the record was gone. Of a cell that no field maps, what it held counts when
// anything of the row was agreed on.
func (g *ghost) editedSince(row *thing, lost int) string {
	met, last := map[string]int{}, 0
	as := map[string]bool{} // columns that hold what was agreed on, whatever they held meanwhile
	for _, f := range g.fields {
		for _, rec := range g.recordsOf(row.ref()) {
			a, ok := g.agreed[pairOf{row, rec, f.property}]
			if !ok || g.w.linkedTo(row.key, rec) == nil {
				continue
			}
			as[f.column] = as[f.column] || f.same(a.src, row.cell(f.column).now())
			if g.w.small >= 0 {
				continue
			}
			met[f.column], last = max(met[f.column], a.seq), max(last, a.seq)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(row.cells)) {
		known := last
		if _, mapped := g.byColumn(column); mapped {
			known = met[column]
		}
		if edit := row.cell(column).last(); edit.by == person && edit.seq > max(lost, known) && column != "changed" && !as[column] {
			return column
		}
	}
	return ""
}

// judgeRowMark judges what Syncline writes into the column of marks.
func (g *ghost) judgeRowMark(row *thing, value string) {
	if value != rowMark || g.w.claimed("source", "row_key", row.key).undo {
		return
	}
	if !slices.ContainsFunc(g.recordsOf(row.ref()), func(rec *thing) bool { return rec.gone || rec.backSeq >= g.w.runSeq }) {
		g.fail("I13: row %s was marked, but its record is there", row.key)
	}
}

// judgeRecordMark judges what Syncline writes into the property of marks.
func (g *ghost) judgeRecordMark(rec *thing, value string) {
	if value != recordMark || g.w.claimed("hubspot", "record_id", rec.id).undo {
		return
	}
	for _, row := range g.rowsOf(rec.ref()) {
		if !row.gone && max(row.bornSeq, row.backSeq) <= g.w.pullSeq && g.knownOf(row, rec) {
			g.fail("I13: record %s was marked, but its row %s is there", rec.id, row.key)
		}
	}
}

// redo lets a run be done again that was undone.
func (w *world) redo(r *rand.Rand) {
	id := pick(r, w.undoneRuns...)
	_, _, err := w.process("redo of "+id, false, func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return engine.Result{}, e.Redo(ctx, id)
	})
	w.trace("   redo: %v", err)
	for c := range w.undone {
		w.ghost.redone[c] = true
	}
	w.run()
}

// part is what an undo is of: mostly all, else a field or a row.
func (w *world) part(r *rand.Rand) store.Part {
	switch {
	case !happens("partial undo") || chance(r, 0.6):
	case chance(r, 0.5):
		return store.Part{Fields: []string{pick(r, "a", "b", "c")}} // the ghost knows customers by the others
	default:
		if rows := w.ghost.present(); len(rows) > 0 {
			return store.Part{Rows: []string{pick(r, rows...).key}}
		}
	}
	return store.Part{}
}
