package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

const (
	batchSize = 100 // HubSpot's most
	// stale is the age of an observation from which it is read again before it
	// is written over.
	stale    = time.Minute
	attempts = 5 // passes over items whose outcome was unknown and that had not landed
)

// apply carries out what is left of a plan.
func (j *job) apply(ctx context.Context, pl plan.Plan) error {
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseApply })
	if pl.State == plan.Ready {
		if err := j.Store.SetPlanState(ctx, pl.ID, plan.Applying); err != nil {
			return err
		}
	}
	if err := j.Store.SetPhase(ctx, j.runID, string(PhaseApply), pl.ID); err != nil {
		return err
	}
	summary, err := summaryOf(pl)
	if err != nil {
		return err
	}
	if summary.Makes != nil {
		if err := j.makeType(ctx); err != nil {
			return err
		}
	}
	if j.recordsMade(summary) {
		if err := j.ensureSyncKey(ctx); err != nil {
			return err
		}
	}
	if j.reread && pl.Kind != plan.KindUndo {
		if err := j.rowsAgain(ctx, pl, summary); err != nil {
			return err
		}
	}
	if err := j.showDone(ctx, pl); err != nil {
		return err
	}
	j.First = summary.First
	j.comeFirst(summary.Parts, pl.ID)
	if pl.Kind != plan.KindUndo {
		if err := j.applyParts(ctx, pl, summary); err != nil {
			return err
		}
	}
	for _, part := range []func(context.Context, plan.Plan) error{j.quiet, j.creates, j.updates, j.deliver, j.associates, j.archives, j.writeSource, j.verify} {
		if err := part(ctx, pl); err != nil {
			j.lane(func(l *Lane) { l.State, l.What = "stopped", err.Error() })
			return err
		}
	}
	j.lane(func(l *Lane) { l.State, l.What, l.Done = "done", "", l.Total })
	if pl.Kind == plan.KindUndo {
		if err := j.undoParts(ctx, pl); err != nil {
			return err
		}
		// The failed rows of runs are none of its business.
		return j.Store.PlanApplied(ctx, pl.ID, j.runID, j.now())
	}
	if err := j.Store.ClearAttention(ctx, j.sync.ID, pl.ID); err != nil {
		return err
	}
	return j.suggest(ctx)
}

// showDone begins to show the progress of a plan, of which an earlier run may
// have done a part.
func (j *job) showDone(ctx context.Context, pl plan.Plan) error {
	all, left, err := j.Store.Work(ctx, pl.ID)
	if err != nil {
		return err
	}
	counts, err := j.appliedCounts(ctx, pl)
	if err != nil {
		return err
	}
	j.Progress.change(func(s *Snapshot) { s.Counts = counts })
	j.lane(func(l *Lane) {
		l.State, l.What, l.Total, l.Done, l.Before = "working", "Writing "+strings.ToLower(j.schema.object.Label), all, all-left, all-left
	})
	return nil
}

func (j *job) lane(f func(*Lane)) {
	traffic := j.Client.Traffic()
	j.Progress.change(func(s *Snapshot) {
		s.Batch.Calls = j.callsNow().Total - j.calls.Total - s.Associations.Calls
		s.Traffic = traffic
		f(&s.Batch)
		s.Batch.told(j.now())
	})
}

// quiet ends the items that write nothing: links and bases of what agrees, and
// the fates of what waits, is left alone or was stopped.
func (j *job) quiet(ctx context.Context, pl plan.Plan) error {
	return j.pages(ctx, pl, 500, func(items []plan.Item) error {
		since, err := j.agreedSince(ctx, pl, items)
		if err != nil {
			return err
		}
		outcomes := make([]store.Outcome, 0, len(items))
		for _, it := range items {
			o := j.quietOutcome(pl, it)
			if since[it.LinkID] {
				o.Source, o.HubSpot, o.Settled = nil, nil, nil
			}
			outcomes = append(outcomes, o)
		}
		return j.finish(ctx, outcomes)
	}, plan.ItemLink, plan.ItemConflict, plan.ItemSkip, plan.ItemInvalid)
}

// agreedSince are the links of items that agreed on something else after the plan
// was made: what the plan saw of them moves their base no more.
func (j *job) agreedSince(ctx context.Context, pl plan.Plan, items []plan.Item) (map[int64]bool, error) {
	if !j.reread || pl.Kind == plan.KindUndo {
		return nil, nil
	}
	links := make([]int64, 0, len(items))
	for _, it := range items {
		if it.LinkID != 0 {
			links = append(links, it.LinkID)
		}
	}
	return j.Store.AgreedSince(ctx, pl.ID, links)
}

// quietOutcome ends one of them.
func (j *job) quietOutcome(pl plan.Plan, it plan.Item) store.Outcome {
	o := j.outcome(pl, it)
	o.Fate, o.Reason = it.Fate, it.Reason
	j.rules(&o, it)
	switch it.Kind {
	case plan.ItemLink:
		o.Link = &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID}
		j.agree(&o, it.Edits)
		j.listInPart(&o, it)
	case plan.ItemInvalid:
		if o.Attention = invalid(it); it.Has(plan.EditWait) {
			o.Attention = inDoubtOf(it)
			o.Delivery = j.doubtOf(it)
		}
	case plan.ItemConflict:
		o.Attention = doubled(it)
		j.listInPart(&o, it)
	}
	return o
}

// invalid is the failed row of an item that Syncline stopped.
func invalid(it plan.Item) *store.Attention {
	return &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassInvalid, Cause: "Stopped by Syncline", Message: it.Reason}
}

// listInPart lists a row of which some fields can't be written among the failed
// ones, when the others have been.
func (j *job) listInPart(o *store.Outcome, it plan.Item) {
	if it.Fate != plan.FateFailed || o.Fate != plan.FateFailed || o.Attention != nil {
		return
	}
	j.noting.Lock()
	defer j.noting.Unlock()
	if o.Attention = j.inPart[it.N]; o.Attention == nil {
		o.Attention = invalid(it)
	}
}

// agree moves the base of the fields that need no write.
func (j *job) agree(o *store.Outcome, edits []plan.Edit) {
	for _, e := range edits {
		if e.Action == plan.EditAdopt || e.Action == plan.EditKeep {
			o.Source[e.Property], o.HubSpot[e.Property] = known(mapping.Value(e.Source)), known(mapping.Value(e.HubSpot))
			o.Settle(e)
		}
	}
}

// known is a value as a base keeps it: absent would mean never agreed.
func known(v record.Value) record.Value {
	if v.State() == record.Absent {
		return record.None()
	}
	return v
}

func (j *job) outcome(pl plan.Plan, it plan.Item) store.Outcome {
	return store.Outcome{Op: store.Op{LinkID: it.LinkID}, PlanID: pl.ID, N: it.N, State: plan.OpDone, Source: record.Values{}, HubSpot: record.Values{}}
}

func (j *job) finish(ctx context.Context, outcomes []store.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	// What was done must be kept even when the run is being cancelled.
	came, err := j.Store.FinishBatch(context.WithoutCancel(ctx), j.sync.ID, j.runID, j.mapping.Hash, outcomes)
	if err != nil {
		return err
	}
	j.Progress.change(func(s *Snapshot) {
		for fate, n := range came {
			s.Counts.add(fate, n)
		}
	})
	j.at("outcome")
	return nil
}

// pages walks the items that are still to do, one page after the other.
func (j *job) pages(ctx context.Context, pl plan.Plan, size int, do func([]plan.Item) error, kinds ...plan.Kind) error {
	after := 0
	for {
		items, err := j.Store.Todo(ctx, pl.ID, after, size, kinds...)
		if err != nil || len(items) == 0 {
			return err
		}
		after = items[len(items)-1].N
		if items, err = j.stillDecided(ctx, pl, items); err != nil {
			return err
		}
		if len(items) > 0 {
			if err := do(items); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// send carries out one batch and returns how many of its items are still to
// do, because they were sent and did not arrive.
type send func(context.Context, plan.Plan, []plan.Item) (again int, err error)

// batches sends the items of a kind in batches, several at once.
func (j *job) batches(ctx context.Context, pl plan.Plan, do send, kinds ...plan.Kind) error {
	return j.batchesOf(ctx, pl, batchSize, do, kinds...)
}

// batchesOf is batches with another size.
func (j *job) batchesOf(ctx context.Context, pl plan.Plan, size int, do send, kinds ...plan.Kind) error {
	refused, err := j.Store.Refused(ctx, j.sync.ID)
	if err != nil {
		return err
	}
	for pass := range attempts {
		var again atomic.Int64
		group, gctx := errgroup.WithContext(ctx)
		workers := newTeam(group, j.Client.InFlight)
		start := func(items []plan.Item) error {
			return workers.do(gctx, func() error {
				if err := j.breaker(); err != nil {
					return err
				}
				n, err := do(gctx, pl, items)
				again.Add(int64(n))
				if err == nil {
					j.lane(func(l *Lane) { l.Done += len(items) - n })
				}
				return err
			})
		}
		// What was refused before is tried again by every run, in batches of its own: it must not
		// make a batch of good ones fail.
		var doubtful []plan.Item
		err := j.pages(gctx, pl, size, func(items []plan.Item) error {
			good := items[:0:0]
			for _, it := range items {
				if refused[it.RowKey] {
					doubtful = append(doubtful, it)
				} else {
					good = append(good, it)
				}
			}
			if len(good) > 0 {
				if err := start(good); err != nil {
					return err
				}
			}
			for len(doubtful) >= size {
				if err := start(slices.Clone(doubtful[:size])); err != nil {
					return err
				}
				doubtful = doubtful[size:]
			}
			return nil
		}, kinds...)
		if err == nil && len(doubtful) > 0 {
			err = start(doubtful)
		}
		if werr := group.Wait(); werr != nil {
			return werr
		}
		if err != nil || again.Load() == 0 {
			return err
		}
		if err := j.wait(ctx, time.Duration(1<<pass)*time.Second, "HubSpot to answer again"); err != nil {
			return err
		}
	}
	return fmt.Errorf("HubSpot did not answer %d times in a row: run again later, the run goes on where it stopped", attempts)
}

// wait lets time pass, and says what for.
func (j *job) wait(ctx context.Context, d time.Duration, what string) error {
	j.Progress.change(func(s *Snapshot) { s.Waiting = what })
	defer j.Progress.change(func(s *Snapshot) { s.Waiting = "" })
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// begin is the first commit of the protocol.
func (j *job) beginBatch(ctx context.Context, ops []store.Op) error {
	return j.beginIn(ctx, batchID(), 0, ops)
}

// beginIn is beginBatch for operations of a batch that has some already.
func (j *job) beginIn(ctx context.Context, batch string, some int, ops []store.Op) error {
	now := j.now()
	for i := range ops {
		ops[i].RunID, ops[i].SyncID, ops[i].Batch, ops[i].Sent = j.runID, j.sync.ID, batch, now
		ops[i].TraceID = fmt.Sprintf("%s-%d", batch, some+i)
	}
	if err := j.Store.BeginBatch(ctx, ops); err != nil {
		return err
	}
	j.at("intent")
	return nil
}

// fatal tells errors that stop the run from those that concern one batch.
func fatal(err error) bool {
	return hubspot.IsAuth(err) || hubspot.IsNoToken(err) || hubspot.IsScopes(err) || hubspot.IsDaily(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// dropped ends operations that are known not to have happened. What was to be made
// on either side has no link.
func dropped(ops []store.Op, why error) []store.Outcome {
	outcomes := make([]store.Outcome, 0, len(ops))
	for _, op := range ops {
		outcomes = append(outcomes, store.Outcome{Op: op, State: plan.OpDropped, Err: why.Error(), Unlink: op.Kind == plan.OpCreate})
	}
	return outcomes
}

// appliedCounts are the counts of what a plan came to.
func (j *job) appliedCounts(ctx context.Context, pl plan.Plan) (Counts, error) {
	summary, err := summaryOf(pl)
	if err != nil {
		return Counts{}, err
	}
	planned := summary.Counts
	// Rows that needed no item are unchanged, whatever the items came to.
	items := 0
	fates, err := j.Store.Fates(ctx, pl.ID)
	if err != nil {
		return Counts{}, err
	}
	var c Counts
	for fate, n := range fates {
		c.add(fate, n)
		items += n
	}
	c.Unchanged += planned.Read - items
	c.Read = planned.Read
	written, err := j.Store.Written(ctx, j.runID)
	if err != nil {
		return c, err
	}
	c.SourceCreated, c.SourceUpdated, c.Archived = written["source create"], written["source update"], written["hubspot archive"]+written["hubspot recall"]
	if len(j.lines) > 0 || planned.Associated+planned.Dissociated > 0 {
		if c.Associated, c.Dissociated, err = j.Store.EdgesWritten(ctx, j.runID); err != nil {
			return c, err
		}
		if pl.Kind != plan.KindUndo { // what waits is none of an undo's business
			if c.Waiting, err = j.Store.EdgesWaiting(ctx, j.sync.ID); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// itemsByN finds the items of operations.
func itemsByN(items []plan.Item) map[int]plan.Item {
	by := make(map[int]plan.Item, len(items))
	for _, it := range items {
		by[it.N] = it
	}
	return by
}
