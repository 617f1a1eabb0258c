package simulation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// populate fills both sides before the first run: customers who are known on
// one side, on both with the same values, or with others.
func (w *world) populate() {
	r := w.rng("populate")
	s := sheet{header: w.header}
	w.seeding = true
	for n := range w.customers {
		ref := fmt.Sprintf("c%d", n+1)
		side := r.IntN(10)
		values := map[string]string{"ref": ref, "mail": w.address(ref)}
		for _, column := range []string{"a", "b", "c"} {
			if chance(r, 0.8) {
				values[column] = w.typed("s")
			}
		}
		if side < 8 {
			row := append([]string{fmt.Sprint(n + 1)}, values["ref"], values["mail"], values["a"], values["b"], values["c"])
			s.rows = append(s.rows, w.stamped(row))
		}
		if side >= 5 {
			for _, column := range []string{"a", "b", "c"} {
				if chance(r, 0.2) {
					values[column] = w.typed("h")
				}
			}
			w.record(fmt.Sprint(n+1), values)
		}
	}
	w.seeding = false
	w.save(s)
	w.ghost.compare(sheet{header: w.header}, s, person)
	w.portal.SettleIndex()
}

func (w *world) address(ref string) string {
	if w.object == "companies" {
		return ref + ".example.com"
	}
	return ref + "@example.com"
}

// typed is a value that nobody has typed before.
func (w *world) typed(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%d", prefix, w.serial)
}

// stamped adds the time of change to a row, where the file has one.
func (w *world) stamped(row []string) []string {
	if w.newest {
		var rest []string
		if len(row) > 7 {
			rest = slices.Clone(row[7:])
		}
		row = append(append(row[:6:6], time.Now().UTC().Format(time.RFC3339)), rest...)
	}
	return row
}

// record makes a record in HubSpot by hand.
func (w *world) record(key string, values map[string]string) {
	props := map[string]string{}
	for _, f := range w.fields {
		if v := values[f.column]; v != "" {
			props[f.property] = v
		}
	}
	if w.rowIDs {
		props["row_id"] = key
	}
	if _, err := w.portal.Create(w.object, props); err != nil {
		w.trace("   (HubSpot refused it: %v)", err)
	}
}

// act lets one person do one thing. During a run people do what the engine is
// known to bear.
func (w *world) act(r *rand.Rand, running bool) {
	acts := []func(*rand.Rand){}
	add := func(times int, f func(*rand.Rand)) {
		for range times {
			acts = append(acts, f)
		}
	}
	if !running || happens("edit the file during a run") {
		add(6, w.editCell)
		add(1, w.addRow)
		add(1, w.removeRow)
		if w.gone.record != "" {
			add(2, w.editNote)
		}
		if happens("re-key a row") && !w.rowIDs {
			add(1, w.rekey)
		}
		if happens("restore rows") {
			add(1, w.restoreRow)
		}
	}
	if !running || happens("edit HubSpot during a run") {
		add(6, w.editRecord)
		add(1, w.addRecord)
		add(1, w.archiveRecord)
		if happens("touch what an undo archives") {
			add(1, w.touchRecord)
		}
		if happens("restore records") {
			add(1, w.restoreRecord)
		}
		if happens("merge records") {
			add(1, w.mergeRecords)
		}
	}
	if len(acts) > 0 {
		pick(r, acts...)(r)
	}
}

// editable are the fields that people change: never what says whose row it is.
func (w *world) editable(r *rand.Rand) field {
	column := pick(r, "a", "a", "b", "b", "c", "c", "c", "mail")
	f, _ := w.ghost.byColumn(column)
	return f
}

// what is what a person types: something new, something that was there before,
// what the other side holds (which Syncline may be about to write), or nothing.
func (w *world) what(r *rand.Rand, f field, prefix string, mine *thing, others []*thing) string {
	switch n := r.IntN(10); {
	case f.column == "mail" && prefix == "f":
		return w.typedAddress()
	case f.column == "mail":
		return w.address(w.typed("m"))
	case n == 0 && happens("clears"):
		return ""
	case n == 1 && len(mine.cell(f.column).past) > 1:
		return pick(r, mine.cell(f.column).past...).value
	case n <= 3 && len(others) > 0:
		return pick(r, others...).cell(f.column).now()
	}
	return w.typed(prefix)
}

// number is one that nobody has yet, of those from a number on. Long worlds come to
// thousands of things, which must not run into the next one's.
func (w *world) number(from int) string {
	if w.serial >= 1000 {
		from *= 1000
	}
	return fmt.Sprint(from + w.serial)
}

func (w *world) editCell(r *rand.Rand) {
	rows := w.ghost.present()
	if len(rows) == 0 {
		return
	}
	row, f := pick(r, rows...), w.editable(r)
	value := w.what(r, f, "f", row, w.ghost.recordsOf(row.ref()))
	w.change(func(s *sheet) {
		i := s.find(row.key)
		s.rows[i][s.column(f.column)] = value
		s.rows[i] = w.stamped(s.rows[i])
	})
}

// change is one save of the file by a person.
func (w *world) change(f func(*sheet)) {
	before, after := w.read(), w.read()
	f(&after)
	w.save(after)
	w.ghost.compare(before, after, person)
}

func (w *world) addRow(r *rand.Rand) {
	w.serial++
	ref := "c" + w.number(1000)
	mail := w.address(ref)
	if rows := w.ghost.present(); happens("same addresses") && w.variant == nil && len(rows) > 0 && chance(r, 0.15) {
		mail = pick(r, rows...).cell("mail").now()
	}
	w.change(func(s *sheet) {
		s.rows = append(s.rows, w.stamped([]string{w.number(1000), ref, mail, w.typed("f"), w.typed("f"), ""}))
	})
}

func (w *world) removeRow(r *rand.Rand) {
	rows := w.ghost.present()
	if len(rows) < 2 {
		return
	}
	key := pick(r, rows...).key
	w.change(func(s *sheet) { s.rows = slices.Delete(s.rows, s.find(key), s.find(key)+1) })
}

// restoreRow puts a row back that was taken out, unless its customer has a row
// under another key by now.
func (w *world) restoreRow(r *rand.Rand) {
	gone := slices.DeleteFunc(slices.Clone(w.ghost.rows), func(t *thing) bool {
		return slices.ContainsFunc(w.ghost.rowsOf(t.ref()), func(other *thing) bool { return !other.gone }) || w.ghost.byKey[t.key] != nil
	})
	if len(gone) == 0 {
		return
	}
	row := pick(r, gone...)
	w.change(func(s *sheet) {
		var cells []string
		for _, name := range w.header {
			cells = append(cells, row.cell(name).now())
		}
		s.rows = append(s.rows, w.stamped(cells))
	})
}

func (w *world) rekey(r *rand.Rand) {
	rows := w.ghost.present()
	if len(rows) == 0 {
		return
	}
	row := pick(r, rows...)
	w.serial++
	key := w.number(5000)
	w.change(func(s *sheet) { s.rows[s.find(row.key)][0] = key })
}

func (w *world) editRecord(r *rand.Rand) {
	records := w.ghost.live()
	if len(records) == 0 {
		return
	}
	rec, f := pick(r, records...), w.editable(r)
	value := w.what(r, f, "h", rec, w.ghost.rowsOf(rec.ref()))
	if err := w.portal.Edit(w.object, rec.id, map[string]string{f.property: value}); err != nil {
		w.trace("   (HubSpot refused it: %v)", err)
	}
}

// interfere lets a person edit a record whose archiving is on its way.
func (w *world) interfere(r *rand.Rand, body []byte) {
	var batch struct {
		Inputs []struct {
			ID string `json:"id"`
		} `json:"inputs"`
	}
	if w.calm || w.variant != nil || !happens("edit what is being archived") || !chance(r, 0.3) || json.Unmarshal(body, &batch) != nil || len(batch.Inputs) == 0 {
		return
	}
	property, value := "phone", w.typed("+1 555 ")
	if chance(r, 0.6) {
		f := w.editable(r)
		property, value = f.property, w.what(r, f, "h", w.ghost.records[batch.Inputs[0].ID], nil)
	}
	if err := w.portal.Edit(w.object, pick(r, batch.Inputs...).ID, map[string]string{property: value}); err != nil {
		w.trace("   (HubSpot refused it: %v)", err)
	}
}

// touchRecord changes something about a record that is not mapped.
func (w *world) touchRecord(r *rand.Rand) {
	records := w.ghost.live()
	if len(records) == 0 {
		return
	}
	rec := pick(r, records...)
	if chance(r, 0.5) {
		w.must(w.portal.Edit(w.object, rec.id, map[string]string{"phone": w.typed("+1 555 ")}))
		return
	}
	note, err := w.portal.Create("notes", map[string]string{"hs_timestamp": time.Now().UTC().Format(time.RFC3339)})
	w.must(err)
	w.must(w.portal.Associate("notes", note, w.object, rec.id, ""))
	rec.touched, rec.movedAt = w.ghost.next(), time.Now()
	rec.other = rec.touched
	w.trace("   record %s gets a note from a person", rec.id)
}

// addRecord makes a new customer in HubSpot, or one whom the file has already
// and HubSpot not yet.
func (w *world) addRecord(*rand.Rand) {
	w.serial++
	ref := "c" + w.number(2000)
	values := map[string]string{"ref": ref, "mail": w.address(ref), "a": w.typed("h"), "b": w.typed("h")}
	w.record(w.number(2000), values)
}

func (w *world) archiveRecord(r *rand.Rand) {
	if records := w.ghost.live(); len(records) > 0 {
		w.must(w.portal.Archive(w.object, pick(r, records...).id))
	}
}

func (w *world) restoreRecord(r *rand.Rand) {
	for _, id := range sortedKeys(w.ghost.records) {
		if rec := w.ghost.records[id]; rec.gone && chance(r, 0.5) {
			if err := w.portal.Restore(w.object, id); err != nil {
				w.trace("   (HubSpot refused it: %v)", err)
			}
			return
		}
	}
}

func (w *world) mergeRecords(r *rand.Rand) {
	records := w.ghost.live()
	if len(records) < 2 {
		return
	}
	i := r.IntN(len(records))
	j := (i + 1 + r.IntN(len(records)-1)) % len(records)
	if _, err := w.portal.Merge(w.object, records[i].id, records[j].id); err != nil {
		w.trace("   (HubSpot refused it: %v)", err)
	}
}

// decide settles some of the open conflicts.
func (w *world) decide(r *rand.Rand) {
	w.review(func(ctx context.Context, db *store.Store) error {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err != nil {
			return err
		}
		all, err := db.Conflicts(ctx, ids)
		if err != nil {
			return err
		}
		for _, c := range all {
			if w.variant != nil { // whatever their order
				r = w.rng("decide", c.RowKey, c.Property, c.Source, c.HubSpot)
			}
			if chance(r, 0.4) {
				continue
			}
			choice, value := w.choose(r, c)
			if choice == "" {
				continue
			}
			if err := db.Decide(ctx, []int64{c.ID}, plan.Choice(choice), value, "me"); err != nil {
				return err
			}
			w.trace("== decided: row %s record %s %s (%s; base %v, source %q, HubSpot %q): %s %q", c.RowKey, c.RecordID, c.Property, c.Cause, text(c.Base), c.Source, c.HubSpot, choice, value)
			w.decisions = append(w.decisions, decision{seq: w.ghost.next(), rowKey: c.RowKey, recordID: c.RecordID, property: c.Property, cause: string(c.Cause), choice: choice, value: value,
				src: c.Source, rem: c.HubSpot, base: c.Base, shown: w.line.looked(c.RecordID).seq})
			w.joined(c, choice)
		}
		return nil
	})
}

// joined follows a decision about whose record it is: the customers of one
// address are one.
func (w *world) joined(c store.Conflict, choice string) {
	g := w.ghost
	row := g.byKey[c.RowKey]
	if row == nil {
		return // the row has left the source
	}
	if c.Property != "" {
		// Whoever settles a value of the two takes them for one.
		if rec := g.records[c.RecordID]; rec != nil {
			g.unite(row.ref(), rec.ref())
		}
		return
	}
	if choice != "source" {
		return
	}
	for _, rec := range g.live() {
		if f, _ := g.byColumn("mail"); f.same(rec.cell("mail").now(), c.Source) {
			g.unite(row.ref(), rec.ref())
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "(never agreed)"
	}
	return fmt.Sprintf("%q", *s)
}

// choose picks one of the choices that Review offers for a conflict.
func (w *world) choose(r *rand.Rand, c store.Conflict) (choice, value string) {
	if c.Property == "" {
		if c.Cause == "identity-shared" {
			return pick(r, "skip", "source"), ""
		}
		if c.Cause == "record-gone-and-edited" {
			return pick(r, "source", "hubspot", "skip"), ""
		}
		return "", ""
	}
	choices := []string{"source", "hubspot", "value"}
	if happens("skip a conflict") {
		choices = append(choices, "skip")
	}
	if c.Base != nil {
		choices = append(choices, "base")
	}
	choices = slices.DeleteFunc(choices, func(choice string) bool { _, can := c.Cause.Option(plan.Choice(choice)); return !can })
	choice = pick(r, choices...)
	if choice == "value" {
		if value = "d" + c.RowKey + c.Property; w.variant == nil {
			value = w.typed("d")
		}
		if c.Property == "email" || c.Property == "domain" {
			value = w.address(value)
		}
	}
	return choice, value
}

// retry lets the failed rows be tried again.
func (w *world) retry() {
	w.review(func(ctx context.Context, db *store.Store) error {
		all, err := db.AttentionOf(ctx, 1)
		var ids []int64
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		if err != nil || len(ids) == 0 {
			return err
		}
		w.trace("== retry of %d rows", len(ids))
		return db.Retry(ctx, ids)
	})
}

// run runs until a run comes to its end, as a patient person would. Where more than
// a quarter of all calls fail, each run is stopped by the breaker: such weather
// clears up in the end.
func (w *world) run() engine.Result {
	for n := range 40 {
		if n == 25 {
			w.weather(false)
		}
		res, alive, err := w.process("run", true, func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		if alive && err == nil {
			w.ended(res)
			return res
		}
		if alive {
			w.counts["failed run"]++
		}
		time.Sleep(2 * time.Second)
	}
	w.ghost.fail("forty runs in a row did not come to their end")
	return engine.Result{}
}

// previewAndRun approves a plan without some of its rows, while people go on.
func (w *world) previewAndRun(r *rand.Rand) {
	res, alive, err := w.process("preview", true, func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil || !alive {
		return
	}
	w.exclude(r, res.PlanID)
	time.Sleep(time.Duration(r.IntN(300)) * time.Second)
	for range r.IntN(4) {
		w.act(r, happens("edit HubSpot during a run") == false)
	}
	res, alive, err = w.process("run of the plan", true, func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, res.PlanID) })
	if alive && err == nil {
		w.ended(res)
	}
	clear(w.excluded)
	if !alive || err != nil {
		w.run() // brings it to its end, and plans anew what is left
	}
}

func (w *world) exclude(r *rand.Rand, planID string) {
	if !chance(r, 0.5) {
		return
	}
	w.review(func(ctx context.Context, db *store.Store) error {
		var out []int
		for it, err := range db.Items(ctx, planID) {
			if err != nil {
				return err
			}
			w.trace("   item %d: %s row %s record %s: %s (%s)", it.N, it.Kind, it.RowKey, it.RecordID, it.Fate, it.Reason)
			if it.RowKey != "" && chance(r, 0.3) {
				out = append(out, it.N)
				// An item that writes nothing may be about a record that only shares the row's key.
				if it.Kind.Writes() {
					w.excluded[it.RowKey] = true
				}
			}
		}
		w.trace("== taken out of the plan: %v", sortedKeys(w.excluded))
		return db.ExcludeItems(ctx, planID, out, true)
	})
}

// undo takes a run back.
func (w *world) undo(r *rand.Rand) {
	if len(w.runs) == 0 {
		return
	}
	id, part := pick(r, w.runs...), w.part(r)
	want := w.undoable(id)
	res, alive, err := w.process(fmt.Sprintf("undo of %s %v", id, part), false, func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.UndoPart(ctx, id, part) })
	if alive && err == nil {
		w.ended(res)
		w.undoneRuns = append(w.undoneRuns, id)
		if len(part.Fields)+len(part.Rows) == 0 {
			want()
		}
	}
}

// weather lets things go wrong, or not.
func (w *world) weather(bad bool) {
	if bad {
		w.portal.SetFaults(w.faults)
		return
	}
	w.portal.SetFaults(practice.Faults{})
}
