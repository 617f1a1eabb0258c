package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// Undo reverts a run: a plan whose target is what stood there before, guarded
// by "the value is still what the run wrote". Values edited since are kept and
// listed. Records that the run created are archived if nothing at all about
// them changed since, which a person must confirm. What was taken back stays so
// until the source changes again, see Redo. An undo of this run that was
// stopped half-way is brought to its end.
func (e *Engine) Undo(ctx context.Context, runID string) (Result, error) {
	return e.UndoPart(ctx, runID, store.Part{})
}

// UndoPart reverts some fields or rows of a run. Of a record that the run
// created, fields that are named are emptied again.
func (e *Engine) UndoPart(ctx context.Context, runID string, part store.Part) (Result, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	run, err := j.Store.Interrupted(ctx, j.sync.ID)
	if err == nil && run.Kind == plan.KindUndo && run.UndoOf == runID {
		notes := j.notes
		if res, err := j.resume(ctx); err != nil || res.RunID != "" {
			return res, err
		}
		j.notes = notes // what was left of it is planned anew
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Result{}, err
	}
	pl, err := j.undoPlan(ctx, runID, part, j.Confirmed)
	if err != nil {
		return Result{}, err
	}
	return j.carryOut(ctx, pl)
}

// PreviewUndo makes the plan of an undo and keeps it. Neither side is written.
func (e *Engine) PreviewUndo(ctx context.Context, runID string, part store.Part) (Result, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	pl, err := j.undoPlan(ctx, runID, part, false)
	if err != nil {
		return Result{}, err
	}
	return j.planned(pl)
}

// runOf is a run of this sync.
func (j *job) runOf(ctx context.Context, runID string) (store.Run, error) {
	run, err := j.Store.Run(ctx, runID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return run, &SetupError{Kind: "plan", Msg: fmt.Sprintf("there is no run %s in this workspace: see the history", runID)}
	case err != nil:
		return run, err
	case run.SyncID != j.sync.ID:
		return run, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the run %s wrote to another portal or belongs to another sync", runID)}
	}
	return run, nil
}

// stillKept refuses the undo of a run where what it wrote, or what one of its
// parts wrote, is not kept any more: a run is undone whole.
func (j *job) stillKept(ctx context.Context, runID string) error {
	run, err := j.runOf(ctx, runID)
	if err != nil {
		return err
	}
	parts, err := j.Store.RunParts(ctx, runID)
	if err != nil {
		return err
	}
	if run.LetGo || slices.ContainsFunc(parts, func(r store.Run) bool { return r.LetGo }) {
		return &SetupError{Kind: "plan", Msg: fmt.Sprintf("the run %s can't be undone any more: what it wrote, field by field, is kept no longer in this workspace, by the rule in Settings; later runs can be undone as before", runID)}
	}
	return nil
}

func (j *job) undoPlan(ctx context.Context, runID string, part store.Part, sure bool) (plan.Plan, error) {
	if err := j.stillKept(ctx, runID); err != nil {
		return plan.Plan{}, err
	}
	if _, err := j.Store.Interrupted(ctx, j.sync.ID); err == nil {
		return plan.Plan{}, &SetupError{Kind: "plan", Msg: "a run of this sync was interrupted: run the sync once more to bring it to its end, then undo"}
	}
	part, err := j.checkPart(ctx, runID, part)
	if err != nil {
		return plan.Plan{}, err
	}
	u := &undoer{planner: planner{job: j, sum: sha256.New(), changes: map[string]int{}, emptied: map[string]int{}}, part: part, sure: sure}
	u.plan = plan.Plan{ID: newID("plan", j.now()), SyncID: j.sync.ID, Kind: plan.KindUndo, UndoOf: runID, Made: j.now()}
	if err := u.Store.NewPlan(ctx, u.plan); err != nil {
		return plan.Plan{}, err
	}
	// From here on the plan keeps what the run wrote; before, it may have begun to go.
	if err := j.stillKept(ctx, runID); err != nil {
		return plan.Plan{}, errors.Join(err, j.Store.SetPlanState(ctx, u.plan.ID, plan.Stale))
	}
	if err := u.undo(ctx, runID); err != nil {
		return plan.Plan{}, err
	}
	if err := u.flush(ctx); err != nil {
		return plan.Plan{}, err
	}
	if err := u.sumUp(ctx); err != nil {
		return plan.Plan{}, err
	}
	if err := u.Store.FreezePlan(ctx, u.plan.ID, fmt.Sprintf("%x", u.sum.Sum(nil)), u.summary); err != nil {
		return plan.Plan{}, err
	}
	return j.Store.Plan(ctx, u.plan.ID)
}

// checkPart refuses fields and rows that the run did not write: an undo that
// silently did nothing would be taken for done. It returns the part with the keys that rows
// had then: they are named by those that they have now as well.
func (j *job) checkPart(ctx context.Context, runID string, part store.Part) (store.Part, error) {
	fields, err := j.Store.WroteFields(ctx, runID)
	if err != nil {
		return part, err
	}
	for _, name := range part.Fields {
		f := j.mapping.ByProperty[name]
		if !slices.Contains(fields, name) && (f == nil || !slices.Contains(fields, f.Column())) {
			return part, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the run %s did not write %q: it wrote %s", runID, name, quoted(fields))}
		}
	}
	var then []string
	for _, key := range part.Rows {
		wrote, err := j.Store.WroteRow(ctx, runID, key)
		if err != nil {
			return part, err
		}
		keys := []string{key}
		if !wrote {
			if keys, err = j.keysThen(ctx, runID, key); err != nil {
				return part, err
			}
		}
		if len(keys) == 0 {
			return part, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the run %s did not write the row %q or its record: name rows by their key", runID, key)}
		}
		then = append(then, keys...)
	}
	part.Rows = then
	return part, nil
}

// keysThen are the keys under which a run wrote to a row, and its record, that has another
// key now.
func (j *job) keysThen(ctx context.Context, runID, key string) ([]string, error) {
	record, err := j.Store.LinkedRecord(ctx, j.sync.ID, key)
	if errors.Is(err, store.ErrNotFound) || err == nil && record == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return j.Store.KeysThen(ctx, runID, record)
}

// undoer plans an undo.
type undoer struct {
	planner
	part store.Part
	rows map[string]store.RowSeen // of the page, as the source has them now
	read bool                     // the source was read for this undo
	// pairs is what became of the pairs of the page, by the number of their link then, and strays
	// of those that were none.
	pairs    map[int64]undonePair
	strays   map[string]undonePair
	keyMoved string // why no row can be told that the run wrote to, "" where rows are known as they were
	linkedBy bool   // pairs know their rows by today's key, though the run did not
	// sure: it is carried out at once, and confirmed. Each record is looked at right before it is
	// archived, so that nothing is gained by looking at it now.
	sure bool
}

// sumUp ends the summary: what it takes, and whether a person must confirm it.
func (u *undoer) sumUp(ctx context.Context) error {
	if err := u.countParts(ctx); err != nil {
		return err
	}
	archives := u.summary.Counts.Archived
	if u.delivers() {
		u.summary.Notes, u.summary.Guards = u.notes, recallGuards(archives)
		if f, ok := u.recipient.(*files); ok {
			u.summary.Calls = f.recallCalls(archives)
		}
		return nil
	}
	calls, err := u.lookCalls(ctx, archives)
	if err != nil {
		return err
	}
	u.summary.Calls = 2*batchesOf(u.updates, batchSize) + calls + batchesOf(archives, batchSize)
	u.summary.Verify = u.verifyCalls(0, u.updates, archives)
	u.sumEdges()
	if unseen := u.ends.unseen(); unseen != "" && archives > 0 {
		u.notes = append(u.notes, unseen)
	}
	made, err := u.madeByRun(ctx, u.plan.UndoOf)
	if err != nil {
		return err
	}
	if made != "" {
		u.notes = append(u.notes, fmt.Sprintf("The object type %s, which the run made, stays in HubSpot: it can be deleted there under Settings, Objects, once it has no records.", made))
	}
	u.summary.Notes, u.summary.Meaning = u.notes, u.Definition.Hash()
	u.summary.Guards = undoGuards(archives, u.deleted)
	u.summary.Document, err = u.Store.KeepDocument(ctx, u.sync.Definition)
	return err
}

// undo walks the audit trail of the run, a page of pairs at a time.
func (u *undoer) undo(ctx context.Context, runID string) error {
	if u.delivers() {
		return u.deliveries(ctx, runID)
	}
	wrote, err := u.Store.WroteSource(ctx, runID)
	if err != nil {
		return err
	}
	if wrote {
		// What the source holds now decides what goes back in it.
		if u.pull, err = u.Store.BeginPull(ctx, u.sync.ID); err != nil {
			return err
		}
		if err := u.watch(ctx, runID); err != nil {
			return err
		}
		if err := u.pullRows(ctx); err != nil {
			return err
		}
		if err := u.knownBy(ctx, runID); err != nil {
			return err
		}
		u.read = true
	}
	if u.flags, err = u.Store.Flags(ctx, u.sync.ID); err != nil {
		return err
	}
	if err := u.edges(ctx, runID); err != nil {
		return err
	}
	for after := int64(-1); ; {
		trails, err := u.Store.Trails(ctx, runID, after, lookPage, u.part)
		if err != nil || len(trails) == 0 {
			return err
		}
		after = trails[len(trails)-1][0].LinkID
		if err := u.page(ctx, trails); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// page plans a page of pairs.
func (u *undoer) page(ctx context.Context, trails []store.Trail) error {
	var made, changed []store.Trail
	for _, t := range trails {
		if t = u.partOf(t); len(t) == 0 {
			continue
		}
		if first := t[0]; first.Side == plan.HubSpot && first.Action == plan.OpCreate && first.Property == "" {
			made = append(made, t)
		} else {
			changed = append(changed, t)
		}
	}
	if err := u.became(ctx, slices.Concat(made, changed)); err != nil {
		return err
	}
	if err := u.created(ctx, made); err != nil {
		return err
	}
	for part := range slices.Chunk(changed, batchSize) {
		if err := u.edited(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// partOf is what of a trail this undo is of.
func (u *undoer) partOf(t store.Trail) store.Trail {
	if len(u.part.Fields) == 0 {
		return t
	}
	var some store.Trail
	for _, a := range t {
		if a.Property != "" && (slices.Contains(u.part.Fields, a.Field) || slices.Contains(u.part.Fields, a.Property)) {
			some = append(some, a)
		}
	}
	return some
}

// item begins the item of a pair.
func (u *undoer) item(a store.Audit) plan.Item {
	p := u.of(a)
	return plan.Item{LinkID: p.link.ID, RowKey: p.row, RecordID: a.RecordID, Name: p.row, Line: u.rows[p.row].Line, ReadAt: u.now()}
}

// edited plans the way back of values.
func (u *undoer) edited(ctx context.Context, trails []store.Trail) error {
	var ids []string
	links := make([]int64, 0, len(trails))
	for _, t := range trails {
		links = append(links, u.of(t[0]).link.ID)
		if t[0].RecordID != "" {
			ids = append(ids, t[0].RecordID)
		}
	}
	got, err := u.Client.BatchRead(ctx, u.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: u.mapping.Properties})
	if err != nil {
		return err
	}
	now := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		now[r.ID] = r
	}
	bases, err := u.Store.Bases(ctx, links)
	if err != nil {
		return err
	}
	for _, t := range trails {
		if err := u.pair(ctx, t, now, got.Moved, bases[u.of(t[0]).link.ID]); err != nil {
			return err
		}
	}
	return nil
}

// pair plans the way back for one row and record that the run changed.
func (u *undoer) pair(ctx context.Context, trail store.Trail, now map[string]record.Record, moved map[string]string, base store.Base) error {
	first := trail[0]
	it := u.item(first)
	rec, there := now[first.RecordID]
	values := u.mapping.RecordValues(rec.Properties)
	if name := u.mapping.Name(values); name != "" {
		it.Name = name
	}
	it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	switch {
	case first.Side == plan.Source && first.Action == plan.OpCreate && first.Field == "":
		return u.addedRow(ctx, it, trail)
	case first.Action == plan.OpArchive:
		it.Reason = "the record was archived by this run: HubSpot lets only a person restore it, within 90 days"
		return u.add(ctx, it)
	case first.Action == plan.OpDelete:
		return u.deletedRow(ctx, it, trail)
	}
	var gone string
	if !there {
		gone = "the record is not in HubSpot any more"
		if into := moved[first.RecordID]; into != "" {
			gone = fmt.Sprintf("the record was merged in HubSpot into %s, which stays as it is", into)
		}
	} else {
		gone = u.of(first).away
	}
	kept := ""
	restored := 0
	for _, a := range trail {
		mark := u.isMark(a)
		if a.Property == "" && !mark {
			continue
		}
		e, why := u.edit(a, values, gone, base)
		if why != "" {
			e.Action, e.Reason, e.New = plan.EditLeft, why, nil
			kept = why
		} else if restored++; mark {
			e.Ruling = plan.RuleUnflag
		}
		it.Edits = append(it.Edits, e)
	}
	it.Reason = kept
	if restored > 0 {
		it.Kind, it.Fate, it.Reason = plan.ItemUpdate, plan.FateUpdated, "undone"
		if kept != "" {
			it.Reason = "undone, except that " + kept
		}
	}
	return u.add(ctx, it)
}

// isMark reports whether an entry is the mark that the run set since the other end of the pair
// was gone.
func (u *undoer) isMark(a store.Audit) bool {
	if a.Action != plan.OpUpdate {
		return false
	}
	if a.Side == plan.Source && a.Property == "" {
		return a.Field != ""
	}
	mark, ok := u.flags[u.of(a).link.ID]
	return ok && mark.Side == a.Side && mark.Name == a.Property && mark.RunID == u.plan.UndoOf
}

// edit is the way back of one value, or the reason why it stays.
func (u *undoer) edit(a store.Audit, values record.Values, gone string, base store.Base) (plan.Edit, string) {
	e := plan.Edit{Field: a.Field, Property: a.Property, Reason: "undo of " + a.Why, Old: a.After, New: emptyText(a.Before)}
	e.Source, e.HubSpot = mapping.Text(base.Source[a.Property]), mapping.Text(base.HubSpot[a.Property])
	if a.Side == plan.Source {
		pair := u.of(a)
		row, ok := u.rows[pair.row]
		switch {
		case pair.lost != "":
			return e, pair.lost
		case !ok:
			return e, "its row is not in the source any more"
		case !slices.ContainsFunc(u.schema.source.Columns, func(c source.Column) bool { return c.Name == a.Field }):
			return e, fmt.Sprintf("the source has no column %s any more", a.Field)
		}
		if now, ok := row.Raw[a.Field]; ok && now.String() != text(a.After) {
			if e.Source = mapping.Text(now); now.String() == text(a.Before) {
				return e, fmt.Sprintf("%s is %q again, as before the run", a.Field, now)
			}
			return e, fmt.Sprintf("%s was edited in the source since and stays %q", a.Field, now)
		}
		e.Action = plan.EditSource
		return e, ""
	}
	f := u.mapping.ByProperty[a.Property]
	switch {
	case gone != "":
		return e, gone
	case f == nil:
		return e, fmt.Sprintf("%s is not mapped any more and stays", a.Property)
	case !f.Rule.Same(values[a.Property], mapping.Value(a.After)):
		e.HubSpot = mapping.Text(values[a.Property])
		if f.Rule.Same(values[a.Property], mapping.Value(a.Before)) {
			return e, fmt.Sprintf("%s is %q again, as before the run", a.Property, values[a.Property])
		}
		return e, fmt.Sprintf("%s was edited since and stays %q", a.Property, values[a.Property])
	}
	e.Action, e.HubSpot = plan.EditHubSpot, a.After
	return e, ""
}

// undoneCreate is the reason of a record that was archived because the run that
// created it was undone.
const undoneCreate = "created by the run that was undone"

// emptyText gives no value the one form that clears.
func emptyText(s *string) *string {
	if s == nil {
		empty := ""
		return &empty
	}
	return s
}

// created plans the archiving of the records that the run created.
func (u *undoer) created(ctx context.Context, trails []store.Trail) error {
	for pass := 1; len(trails) > 0; pass++ {
		late, err := u.createdPass(ctx, trails, pass < patience)
		if err != nil {
			return err
		}
		trails = late
	}
	return nil
}

// createdPass plans those of which nothing changed since what hangs on them was
// looked at, for all of them together where that is told.
func (u *undoer) createdPass(ctx context.Context, trails []store.Trail, together bool) (late []store.Trail, err error) {
	var s sight
	if !u.sure {
		ids := make([]string, 0, len(trails))
		for _, t := range trails {
			ids = append(ids, t[0].RecordID)
		}
		if s, err = u.associations(ctx, ids); err != nil {
			return nil, err
		}
		s.together = together
	}
	for part := range slices.Chunk(trails, batchSize) {
		suspects := make([]suspect, 0, len(part))
		later := make(map[string]string)
		for _, t := range part {
			made, err := u.Store.Made(ctx, u.plan.UndoOf, t[0].RecordID)
			if err != nil {
				return nil, err
			}
			suspects = append(suspects, suspect{id: t[0].RecordID, since: made.Version, made: true, own: made.Later})
			later[t[0].RecordID] = laterRun(t, made.Later)
		}
		var now map[string]record.Record
		var stays map[string]verdict
		var put []string
		if !u.sure {
			if now, stays, put, err = u.untouched(ctx, suspects, s); err != nil {
				return nil, err
			}
		}
		for _, t := range part {
			if slices.Contains(put, t[0].RecordID) {
				late = append(late, t)
				continue
			}
			it := u.item(t[0])
			if !u.of(t[0]).whole(it.RecordID) {
				it.LinkID = 0 // what its row goes on with stays
			}
			if name := u.mapping.Name(u.mapping.RecordValues(u.madeOf(t, now[it.RecordID]))); name != "" {
				it.Name = name
			}
			it.Kind, it.Fate, it.Reason = plan.ItemArchive, plan.FateUpdated, "created by the run that was undone"
			if v, ok := stays[it.RecordID]; ok {
				it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "created by this run, but "+v.why
			} else if why := later[it.RecordID]; why != "" {
				it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
			}
			if err := u.add(ctx, it); err != nil {
				return nil, err
			}
		}
	}
	return late, nil
}

// madeOf are the values of a record as it was read, or as the run made it where it
// was not.
func (u *undoer) madeOf(trail store.Trail, rec record.Record) record.Values {
	if !u.sure {
		return rec.Properties
	}
	values := make(record.Values)
	for _, a := range trail {
		if a.Side == plan.HubSpot && a.Property != "" {
			values[a.Property] = mapping.Value(a.After)
		}
	}
	return values
}

// laterRun says which later run of ours left another value in a record than the
// one that created it; "" where everything is as that one left it.
func laterRun(made store.Trail, later []store.Audit) string {
	was := make(map[string]string)
	for _, a := range made {
		if a.Side == plan.HubSpot {
			was[a.Property] = text(a.After)
		}
	}
	last := make(map[string]store.Audit)
	for _, a := range later {
		if a.Side == plan.HubSpot && a.Property != "" {
			last[a.Property] = a
		}
	}
	for property, a := range last {
		if text(a.After) != was[property] {
			return fmt.Sprintf("created by this run, but %s was written by the later run %s: the record stays; undo that run first", a.Property, a.RunID)
		}
	}
	return ""
}
