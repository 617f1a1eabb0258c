package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

const (
	batchSize = 100 // HubSpot's most
	writers   = 4   // batches under way at once; more invite HubSpot's record locks (423)
	// stale is the age of an observation from which it is read again before it
	// is written over.
	stale    = time.Minute
	attempts = 5 // passes over items whose outcome was unknown and that had not landed
)

// apply carries out what is left of a plan.
func (j *job) apply(ctx context.Context, plan store.Plan) error {
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseApply })
	if plan.State == "ready" {
		if err := j.Store.SetPlanState(ctx, plan.ID, "applying"); err != nil {
			return err
		}
	}
	if err := j.Store.SetPhase(ctx, j.runID, string(PhaseApply), plan.ID); err != nil {
		return err
	}
	summary, err := summaryOf(plan)
	if err != nil {
		return err
	}
	if summary.Counts.Created > summary.Counts.SourceCreated {
		if err := j.ensureSyncKey(ctx); err != nil {
			return err
		}
	}
	j.lane(func(l *Lane) {
		l.State, l.What, l.Total = "working", "Writing "+j.schema.object.Name, summary.Counts.Created+summary.Counts.Updated
	})
	for _, part := range []func(context.Context, store.Plan) error{j.quiet, j.creates, j.updates, j.archives, j.writeSource, j.verify} {
		if err := part(ctx, plan); err != nil {
			j.lane(func(l *Lane) { l.State, l.What = "stopped", err.Error() })
			return err
		}
	}
	if err := j.Store.ClearAttention(ctx, j.sync.ID, plan.ID); err != nil {
		return err
	}
	j.lane(func(l *Lane) { l.State, l.What = "done", "" })
	if plan.Kind == "undo" {
		return j.Store.SetPlanState(ctx, plan.ID, "applied")
	}
	return nil
}

func (j *job) lane(f func(*Lane)) {
	traffic := j.Client.Traffic()
	j.Progress.change(func(s *Snapshot) {
		if s.Batch.Since.IsZero() {
			s.Batch.Since = j.now()
		}
		s.Batch.Calls = traffic.Total - j.calls.Total
		s.Traffic = traffic
		f(&s.Batch)
	})
}

// quiet ends the items that write nothing: links and bases of what agrees, and
// the fates of what waits, is left alone or was stopped.
func (j *job) quiet(ctx context.Context, plan store.Plan) error {
	return j.pages(ctx, plan, 500, func(items []store.Item) error {
		outcomes := make([]store.Outcome, 0, len(items))
		for _, it := range items {
			o := j.outcome(plan, it)
			o.Fate, o.Reason = it.Fate, it.Reason
			switch it.Kind {
			case store.ItemLink:
				o.Link = &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID}
				j.agree(&o, it.Edits)
			case store.ItemInvalid:
				o.Attention = invalid(it)
			}
			outcomes = append(outcomes, o)
		}
		return j.finish(ctx, outcomes)
	}, store.ItemLink, store.ItemConflict, store.ItemSkip, store.ItemInvalid)
}

// invalid is the failed row of an item that Syncline stopped.
func invalid(it store.Item) *store.Attention {
	a := &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: "invalid", Cause: "Stopped by Syncline", Message: it.Reason}
	if len(it.Edits) > 0 {
		// It was refused before and is not sent again unchanged.
		a.Class, a.Cause, a.Payload = "refused", "Refused by HubSpot", payload(it)
	}
	return a
}

// agree moves the base of the fields that need no write.
func (j *job) agree(o *store.Outcome, edits []store.Edit) {
	for _, e := range edits {
		if e.Action == store.EditAdopt || e.Action == store.EditKeep {
			o.Source[e.Property], o.HubSpot[e.Property] = known(value(e.Source)), known(value(e.HubSpot))
			if e.Choice != 0 {
				o.Settled = append(o.Settled, e.Choice)
			}
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

func (j *job) outcome(plan store.Plan, it store.Item) store.Outcome {
	return store.Outcome{Op: store.Op{LinkID: it.LinkID}, PlanID: plan.ID, N: it.N, State: "done", Source: record.Values{}, HubSpot: record.Values{}}
}

func (j *job) finish(ctx context.Context, outcomes []store.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	// What was done must be kept even when the run is being cancelled.
	if err := j.Store.FinishBatch(context.WithoutCancel(ctx), j.sync.ID, j.runID, j.mapping.hash, outcomes); err != nil {
		return err
	}
	j.at("outcome")
	return nil
}

// pages walks the items that are still to do, one page after the other.
func (j *job) pages(ctx context.Context, plan store.Plan, size int, do func([]store.Item) error, kinds ...string) error {
	after := 0
	for {
		items, err := j.Store.Todo(ctx, plan.ID, after, size, kinds...)
		if err != nil || len(items) == 0 {
			return err
		}
		after = items[len(items)-1].N
		if err := do(items); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// send carries out one batch and returns how many of its items are still to
// do, because they were sent and did not arrive.
type send func(context.Context, store.Plan, []store.Item) (again int, err error)

// batches sends the items of a kind in batches, several at once.
func (j *job) batches(ctx context.Context, plan store.Plan, do send, kinds ...string) error {
	for pass := range attempts {
		var again atomic.Int64
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(writers)
		err := j.pages(gctx, plan, batchSize, func(items []store.Item) error {
			group.Go(func() error {
				n, err := do(gctx, plan, items)
				again.Add(int64(n))
				j.lane(func(l *Lane) { l.Done += len(items) - n })
				return err
			})
			return nil
		}, kinds...)
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
	batch, now := newID("b", j.now()), j.now()
	for i := range ops {
		ops[i].RunID, ops[i].SyncID, ops[i].Batch, ops[i].Sent = j.runID, j.sync.ID, batch, now
		ops[i].TraceID = fmt.Sprintf("%s-%d", batch, i)
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

// dropped ends operations that are known not to have happened.
func dropped(ops []store.Op, why error) []store.Outcome {
	outcomes := make([]store.Outcome, 0, len(ops))
	for _, op := range ops {
		outcomes = append(outcomes, store.Outcome{Op: op, State: "dropped", Err: why.Error(), Unlink: op.Kind == "create" && op.Side == "hubspot"})
	}
	return outcomes
}

// refusal is the failed row of an item that HubSpot refused.
func (j *job) refusal(it store.Item, err error) *store.Attention {
	a := &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: "refused", Cause: "Refused by HubSpot", Message: sentence(err), Detail: err.Error()}
	var he *hubspot.Error
	if errors.As(err, &he) && he.Status < 500 {
		a.Payload = payload(it)
	}
	return a
}

// sentence is HubSpot's answer in plain words.
func sentence(err error) string {
	var he *hubspot.Error
	if !errors.As(err, &he) {
		return err.Error()
	}
	for _, d := range he.Details {
		if d.Message != "" {
			return d.Message
		}
	}
	if he.Message != "" {
		return he.Message
	}
	return err.Error()
}

// failed ends an item that HubSpot refused.
func (j *job) failed(plan store.Plan, it store.Item, op store.Op, err error) store.Outcome {
	return store.Outcome{Op: op, State: "failed", Err: err.Error(), PlanID: plan.ID, N: it.N, Fate: store.FateFailed, Reason: sentence(err),
		Unlink: op.Kind == "create", Attention: j.refusal(it, err)}
}

// appliedCounts are the counts of what a plan came to.
func (j *job) appliedCounts(ctx context.Context, plan store.Plan) (Counts, error) {
	summary, err := summaryOf(plan)
	if err != nil {
		return Counts{}, err
	}
	planned := summary.Counts
	// Rows that needed no item are unchanged, whatever the items came to.
	items := 0
	fates, err := j.Store.Fates(ctx, plan.ID)
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
	c.SourceCreated, c.SourceUpdated, c.Archived = written["source create"], written["source update"], written["hubspot archive"]
	return c, nil
}

// itemsByN finds the items of operations.
func itemsByN(items []store.Item) map[int]store.Item {
	by := make(map[int]store.Item, len(items))
	for _, it := range items {
		by[it.N] = it
	}
	return by
}

func hasEdit(it store.Item, action string) bool {
	return slices.ContainsFunc(it.Edits, func(e store.Edit) bool { return e.Action == action })
}
