package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// recover settles the operations that an earlier run sent and whose answers it
// never kept. It comes before anything else, because a plan made on top of an
// unknown outcome could take our own write for a person's.
func (j *job) recover(ctx context.Context) error {
	if err := j.recoverImports(ctx); err != nil {
		return err
	}
	ops, err := j.Store.SentOps(ctx, j.sync.ID)
	if err != nil || len(ops) == 0 {
		return err
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseRecover })
	groups := make(map[string][]store.Op)
	var order []string
	for _, op := range ops {
		k := op.RunID + " " + string(op.Side) + " " + string(op.Kind) + " " + op.After
		if op.Side == plan.Source { // which is written at once, whatever the kinds
			k = op.RunID + " " + string(op.Side) + " " + op.After
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], op)
	}
	for _, k := range order {
		group := groups[k]
		j.runID = group[0].RunID
		if group[0].Side == plan.Source {
			err = j.settleSource(ctx, group)
		} else {
			_, err = j.settle(ctx, group, errors.New("the program ended before HubSpot answered"))
		}
		if err != nil {
			return err
		}
	}
	j.runID = ""
	return nil
}

// settle finds out what became of operations of unknown outcome and ends them. It returns how
// many had not landed: their items are to be done again.
func (j *job) settle(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err // they stay as sent; the next run settles them
	}
	// What became of a write must be found out even when only the reserve of the daily budget is left.
	ctx = hubspot.UseReserve(ctx)
	if len(ops) > 0 && ops[0].Edge != nil {
		return j.settleEdges(ctx, ops, why)
	}
	for chunk := range slices.Chunk(ops, historyPage) {
		n, err := j.settleChunk(ctx, chunk, why)
		again += n
		if err != nil {
			return again, err
		}
	}
	return again, nil
}

// historyPage is HubSpot's most for reads with history (§3.1).
const historyPage = 50

func (j *job) settleChunk(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	switch ops[0].Kind {
	case "create":
		return j.settleCreates(ctx, ops, why)
	case "archive":
		return j.settleArchives(ctx, ops, why)
	case plan.OpDeliver:
		return j.settleDeliveries(ctx, ops, why)
	case plan.OpRecall:
		return j.settleRecalls(ctx, ops, why)
	}
	return j.settleUpdates(ctx, ops, why)
}

// item returns the plan's item of an operation.
func (j *job) item(ctx context.Context, op store.Op) (plan.Plan, plan.Item, error) {
	items, err := j.Store.ItemsByID(ctx, op.PlanID, []int{op.N})
	if err == nil && len(items) != 1 {
		err = fmt.Errorf("the journal names item %d of plan %s, which is not there", op.N, op.PlanID)
	}
	if err != nil {
		return plan.Plan{}, plan.Item{}, err
	}
	if op.RecordID != "" {
		items[0].RecordID = op.RecordID // its row may have followed a merge since the plan
	}
	pl, err := j.Store.Plan(ctx, op.PlanID) // what it is for decides how its items end
	return pl, items[0], err
}

// landedCreate ends a create that is found to have happened. A person may have edited the record
// since: the base is what we wrote, so that the edit is seen as one.
func (j *job) landedCreate(pl plan.Plan, it plan.Item, op store.Op, rec record.Record) store.Outcome {
	o := j.created(pl, it, op, rec)
	o.Version = rec.Created // it may have been edited since
	for _, e := range it.Edits {
		f := j.mapping.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot || f == nil {
			continue
		}
		if now := rec.Properties[e.Property]; !f.Rule.Same(now, mapping.Value(e.New)) {
			if _, ours := j.ours(rec.History[e.Property], op, e.Property); ours || len(rec.History[e.Property]) > 1 {
				o.HubSpot[e.Property] = known(mapping.Value(e.New))
			}
		}
	}
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if _, agreed := o.HubSpot[f.Property]; agreed && !sends(it.Edits, f.Property) {
			o.HubSpot[f.Property] = known(j.mapping.RecordValues(record.Values{f.Property: bornWith(rec, f.Property)})[f.Property])
		}
	}
	return o
}

// bornWith is what HubSpot gave a property by itself when the record was made:
// what came later, or from a person, is an edit, also of what our create left
// open.
func bornWith(rec record.Record, property string) record.Value {
	history := rec.History[property]
	if len(history) == 0 {
		return record.None()
	}
	first := history[len(history)-1]
	if strings.HasPrefix(first.SourceType, "CRM_UI") || first.At.Sub(rec.Created) >= wake {
		return record.None()
	}
	return first.Value
}

func (j *job) mappedNames() []string {
	names := make([]string, 0, len(j.mapping.Fields))
	for i := range j.mapping.Fields {
		names = append(names, j.mapping.Fields[i].Property)
	}
	return names
}

func (j *job) unique(property string) bool {
	for _, p := range j.schema.properties {
		if p.Name == property {
			return p.Unique || slices.Contains(j.schema.object.Unique, property)
		}
	}
	return false
}

// settleUpdates attributes each write through the property's history: only
// that can tell our write from a person who typed the same.
func (j *job) settleUpdates(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	ids := make([]string, 0, len(ops))
	history := map[string]bool{}
	for _, op := range ops {
		ids = append(ids, op.RecordID)
		for name := range op.Fields {
			history[name] = true
		}
	}
	names := make([]string, 0, len(history))
	for name := range history {
		names = append(names, name)
	}
	slices.Sort(names)
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: j.mapping.Properties, History: names})
	if err != nil {
		return 0, err
	}
	records := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		records[r.ID] = r
	}
	var outcomes []store.Outcome
	for _, op := range ops {
		rec, ok := records[op.RecordID]
		if into := got.Moved[op.RecordID]; into != "" || slices.Contains(got.Missing, op.RecordID) {
			// To send it again would not find the record either.
			pl, it, err := j.item(ctx, op)
			if err != nil {
				return again, err
			}
			outcomes = append(outcomes, j.failed(pl, it, op, gone(op.RecordID, into)))
			continue
		}
		fate := lost
		if ok {
			fate = j.landed(op, rec)
		}
		if fate == lost {
			again++
			outcomes = append(outcomes, inDoubt([]store.Op{op}, why)...)
			continue
		}
		pl, it, err := j.item(ctx, op)
		if err != nil {
			return again, err
		}
		if fate == unclear {
			o, err := j.unclear(ctx, pl, it, op, rec)
			if err != nil {
				return again, err
			}
			outcomes = append(outcomes, o)
			continue
		}
		op.Doubt = op.Doubt || fate == alike // the request may still be under way
		outcomes = append(outcomes, j.landedUpdate(pl, it, op, rec))
	}
	return again, j.finish(ctx, outcomes)
}

// gone says of a record that it went away while a write to it was under way.
func gone(id, into string) error {
	if into != "" {
		return fmt.Errorf("the record %s was merged into %s while it was being written; the next run follows it", id, into)
	}
	return fmt.Errorf("the record %s was archived or erased while it was being written; the next run finds out", id)
}

// landedUpdate ends an update that is found to have happened; what a person
// wrote after it is an edit against the base that it made.
func (j *job) landedUpdate(pl plan.Plan, it plan.Item, op store.Op, rec record.Record) store.Outcome {
	wrote := record.Record{ID: rec.ID, Updated: rec.Updated, Properties: record.Values{}}
	var version time.Time
	for name, sent := range op.Fields {
		wrote.Properties[name] = sent
		f := j.mapping.ByProperty[name]
		if f == nil {
			continue
		}
		if v, ok := j.ours(rec.History[name], op, name); ok {
			wrote.Properties[name] = v.Value
			if v.At.After(version) {
				version = v.At
			}
		} else if f.Rule.Same(rec.Properties[name], sent) {
			wrote.Properties[name] = rec.Properties[name]
		}
	}
	o := j.updated(pl, it, op, wrote)
	o.Version = version // it may have been edited since
	// The observation is what is there now, so that a later edit shows.
	for name := range o.Record.Values {
		o.Record.Values[name] = rec.Properties[name]
	}
	return o
}
