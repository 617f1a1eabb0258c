package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A record can be edited in the round trip between our last look at it and its
// archiving. Archived records can be read, with their histories, so such an
// edit is found as others are; only its way back is another one: HubSpot lets a
// person restore a record, and no program.

// lostEdit is what somebody did to a record in the last moment before we
// archived it.
type lostEdit struct {
	field, property string
	title           string
	was             *string // what our last look found, nil where that is not known
	version         record.Version
}

// verifyArchives reads a page of archived records back, and tells what was
// edited after the last look at them.
func (j *job) verifyArchives(ctx context.Context, pl plan.Plan, ops []store.Op) error {
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.RecordID)
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Archived: true, Properties: j.mapping.Properties, History: j.everyName()})
	switch {
	case err == nil:
	case fatal(err), hubspot.IsStale(err), hubspot.Unknown(err):
		return err
	default:
		j.note("HubSpot does not show archived records here (%v): whether somebody edited one right before it was archived can't be told.", err)
		return j.Store.Verified(ctx, opIDs(ops), false)
	}
	records := make(map[string]record.Record, len(got.Records))
	for _, rec := range got.Records {
		records[rec.ID] = rec
	}
	bare := 0
	for _, op := range ops {
		if into := got.Moved[op.RecordID]; into != "" {
			why := fmt.Sprintf("the record %s was merged in HubSpot into %s right before a run archived it, so the run archived %s: ", op.RecordID, into, into)
			if err := j.archivedOver(ctx, pl, op, lostEdit{}, into, why+onlyAPerson); err != nil {
				return err
			}
			continue
		}
		rec, ok := records[op.RecordID]
		if !ok {
			continue // restored since, or erased: there is nothing to offer
		}
		if len(rec.History) == 0 {
			bare++
		}
		edits, err := j.lostEdits(ctx, op, rec)
		if err != nil {
			return err
		}
		if len(edits) == 0 {
			continue
		}
		if err := j.archivedOver(ctx, pl, op, edits[0], shownEdits(edits), whyLost(edits)); err != nil {
			return err
		}
	}
	if bare > 0 {
		j.note("HubSpot shows no history of %d archived records: whether somebody edited what is not mapped, right before they were archived, can't be told.", bare)
	}
	return j.Store.Verified(ctx, opIDs(ops), true)
}

// onlyAPerson is the end of the sentence about a record that a run archived too
// early.
const onlyAPerson = "HubSpot lets only a person restore it, within 90 days"

// lostEdits are what others changed in a record between the version that an
// archive rests on and the archive.
func (j *job) lostEdits(ctx context.Context, op store.Op, rec record.Record) ([]lostEdit, error) {
	var ours []store.Op
	if j.doubted[op.RecordID] { // an earlier request of ours may have arrived late
		var err error
		if ours, err = j.Store.OpsOnRecord(ctx, j.sync.ID, op.RecordID); err != nil {
			return nil, err
		}
	}
	var all []lostEdit
	for _, p := range j.schema.properties {
		f := j.mapping.ByProperty[p.Name]
		e := lostEdit{property: p.Name, field: p.Name, title: p.Label}
		if f != nil {
			e.field, e.title = f.Column(), f.Title()
			was := op.Pre[p.Name].String()
			e.was = &was
		}
		var found bool
		history := rec.History[p.Name]
		if e.version, found = j.lastEdit(p, history, op); !found && len(rec.History) == 0 && f != nil && !f.Rule.Same(op.Pre[p.Name], rec.Properties[p.Name]) {
			e.version, found = record.Version{Value: rec.Properties[p.Name]}, true
		}
		sent := func(o store.Op) bool {
			v, ok := o.Fields[p.Name]
			return ok && j.byUs(e.version) && j.sameValue(p.Name, e.version.Value, v)
		}
		if found && !slices.ContainsFunc(ours, sent) {
			all = append(all, e)
		}
	}
	return all, nil
}

// lastEdit finds the newest entry of a property's history that came after the
// version that an archive rests on, where it is somebody's and left another
// value than the one that was seen.
func (j *job) lastEdit(p record.Property, history []record.Version, op store.Op) (record.Version, bool) {
	seen := len(history)
	for i, v := range history {
		// At the very moment of the last look only the value tells what it saw.
		same := j.mapping.ByProperty[p.Name] == nil || j.sameValue(p.Name, v.Value, op.Pre[p.Name])
		if v.At.Before(op.Version) || v.At.Equal(op.Version) && same {
			seen = i
			break
		}
	}
	was := op.Pre[p.Name]
	if seen < len(history) {
		was = history[seen].Value
	}
	for _, v := range history[:seen] {
		if j.nobody(suspect{}, p, v, op.Version) {
			continue
		}
		return v, !j.sameValue(p.Name, v.Value, was)
	}
	return record.Version{}, false
}

// shownEdits are the values that would be lost, for people.
func shownEdits(edits []lostEdit) string {
	if len(edits) == 1 {
		return edits[0].version.Value.String()
	}
	var all []string
	for _, e := range edits {
		all = append(all, e.title+": "+e.version.Value.String())
	}
	return strings.Join(all, "; ")
}

// whyLost says what was edited, by whom and when.
func whyLost(edits []lostEdit) string {
	var all []string
	for _, e := range edits {
		by := ""
		if !e.version.At.IsZero() {
			by = author(e.version)
		}
		all = append(all, fmt.Sprintf("%s was set to %q%s", e.title, e.version.Value, by))
	}
	return and(all) + " right before a run archived the record: " + onlyAPerson
}

// archivedOver opens the conflict about a record that was archived over an edit
// that nobody had seen.
func (j *job) archivedOver(ctx context.Context, pl plan.Plan, op store.Op, e lostEdit, shown, why string) error {
	c := store.Conflict{SyncID: j.sync.ID, RowKey: op.RowKey, RecordID: op.RecordID, Name: op.RowKey, Field: e.field, Cause: plan.CauseArchivedOver, Reason: why, Base: e.was, HubSpot: shown,
		RemMeta: byWhom(e.version, record.None())}
	it, err := j.Store.ItemsByID(ctx, op.PlanID, []int{op.N})
	if err != nil {
		return err
	}
	if len(it) > 0 {
		c.Name = it[0].Name
	}
	if err := j.Store.PutConflicts(ctx, op.RunID, []store.Conflict{c}); err != nil || op.PlanID != pl.ID {
		return err
	}
	return j.finish(ctx, []store.Outcome{{PlanID: pl.ID, N: op.N, Fate: plan.FateConflict, Reason: why}})
}

// overtaken finds the records that were archived over an edit and are not back:
// what is to become of each waits for a person, whatever becomes of its row.
func (p *planner) overtaken(ctx context.Context) error {
	p.lost, p.returned = make(map[string]store.Conflict), make(map[string]returned)
	for key, all := range p.open {
		for _, c := range all {
			if c.Cause != plan.CauseArchivedOver {
				continue
			}
			seen, err := p.Store.SeenPair(ctx, p.sync.ID, key, c.RecordID)
			if err != nil {
				return err
			}
			back := seen.Record != nil && seen.Record.Gone == ""
			if back && seen.Row != nil && seen.Row.GonePull == 0 {
				p.returned[key] = returned{*seen.Record, c.ID}
			}
			if waits := c.State != plan.ConflictDecided || c.Choice == plan.ChooseHubSpot; waits && !back {
				p.lost[key], p.kept[c.ID] = c, true
			}
		}
	}
	return nil
}

// returned is a record that is back of those that were archived over an edit.
type returned struct {
	record   store.RecordSeen
	conflict int64
}

// goesOnWith plans a row without a record whose own one is back, by whatever it
// would be matched by now: it is that row's. false where there is none.
func (p *planner) goesOnWith(ctx context.Context, u store.Unlinked) (bool, error) {
	back, ok := p.returned[u.Row.Key]
	if !ok || u.Record != nil || u.Match.Reason != "" {
		return false, nil
	}
	switch holder, err := p.Store.RecordHolder(ctx, p.sync.ID, back.record.ID); {
	case err == nil && holder != "":
		return false, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return true, err
	}
	p.spoken[back.record.ID], p.kept[back.conflict] = true, true
	link := store.Link{RowKey: u.Row.Key, RecordID: back.record.ID, State: plan.LinkActive}
	return true, p.pairWith(ctx, store.Pair{Link: link, Row: &u.Row, Record: &back.record}, plan.Edit{Action: plan.EditRule, Choice: back.conflict, Reason: "the record is back"})
}

// overtook plans the row of a record that was archived over an edit; false
// where there is nothing to wait for.
func (p *planner) overtook(ctx context.Context, it plan.Item) (bool, error) {
	c, ok := p.lost[it.RowKey]
	if !ok {
		return false, nil
	}
	delete(p.lost, it.RowKey) // it is spoken for
	it.Kind, it.Fate, it.Reason, it.RecordID = plan.ItemConflict, plan.FateConflict, c.Reason, c.RecordID
	if c.State == plan.ConflictDecided {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "decided in Review: it waits until its record is restored in HubSpot"
	}
	return true, p.add(ctx, it)
}

// overtookAlone plans what is left of them: neither a row nor a link speaks for
// it.
func (p *planner) overtookAlone(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(p.lost)) {
		c := p.lost[key]
		if _, err := p.overtook(ctx, plan.Item{RowKey: key, RecordID: c.RecordID, Name: c.Name}); err != nil {
			return err
		}
	}
	return nil
}
