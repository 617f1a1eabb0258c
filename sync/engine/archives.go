package engine

import (
	"context"
	"errors"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// archives archives the records of rows that left the source.
func (j *job) archives(ctx context.Context, pl plan.Plan) error {
	return j.batches(ctx, pl, j.sendArchives, plan.ItemArchive)
}

func (j *job) sendArchives(ctx context.Context, pl plan.Plan, items []plan.Item) (int, error) {
	ops := make([]store.Op, 0, len(items))
	ids := make([]string, 0, len(items))
	for _, it := range items {
		ops = append(ops, store.Op{PlanID: pl.ID, N: it.N, LinkID: it.LinkID, Side: plan.HubSpot, Kind: plan.OpArchive, RecordID: it.RecordID, RowKey: it.RowKey, Fields: record.Values{}, Pre: record.Values{}})
		ids = append(ids, it.RecordID)
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return 0, err
	}
	err := j.Client.BatchArchive(ctx, j.schema.object.Name, ids)
	j.at("answered")
	switch {
	case err == nil:
	case hubspot.Unknown(err):
		// Archiving is idempotent: what may have happened is simply done again.
		return len(ops), j.finish(ctx, dropped(ops, err))
	case fatal(err):
		return 0, errors.Join(err, j.finish(ctx, dropped(ops, err)))
	case len(items) > 1:
		if err := j.finish(ctx, dropped(ops, err)); err != nil {
			return 0, err
		}
		return halves(ctx, pl, items, j.sendArchives)
	default:
		return 0, j.finish(ctx, []store.Outcome{j.failed(pl, items[0], ops[0], err)})
	}
	outcomes := make([]store.Outcome, 0, len(items))
	for i, it := range items {
		outcomes = append(outcomes, store.Outcome{Op: ops[i], State: plan.OpDone, PlanID: pl.ID, N: it.N, Fate: it.Fate, Reason: it.Reason, Tomb: it.Reason,
			Audit: []store.Audit{{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.HubSpot, Action: plan.OpArchive, Why: it.Reason}}})
	}
	return 0, j.finish(ctx, outcomes)
}
