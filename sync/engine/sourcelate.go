package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A source whose rows can't be held, another portal, tells what came of a batch
// only once it was sent. Until then the intent is in the journal as everywhere;
// what is refused fails alone, what moved is decided anew, and what got no answer
// is looked for.

// pendingRow begins the key of a new row until the source has given it one. It is
// followed by the mark of the row.
const pendingRow = "new "

// markOf is the name of a new row for the source, the same in every attempt.
func (j *job) markOf(recordID, rowKey string) string {
	if mark, ok := strings.CutPrefix(rowKey, pendingRow); ok {
		return mark
	}
	return j.syncKeyOf("row of \x00" + recordID + "\x00" + rowKey)
}

// marked gives the inserts of a batch their marks, and their rows a key for the
// time being.
func (j *job) marked(items []plan.Item, changes []source.Change, outcomes []source.Outcome) {
	for i, it := range items {
		if changes[i].Kind == source.Insert && it.RowKey == "" {
			outcomes[i].Key = pendingRow + changes[i].Mark
		}
	}
}

// lateWritten ends the items of a batch by what came of each. sent is the error
// with which the batch ended.
func (j *job) lateWritten(ctx context.Context, pl plan.Plan, w *sourceBatch, items []plan.Item, late source.Late, sent error, again bool, left *rowsLeft) error {
	at := make(map[int]int, len(items))
	for i, it := range items {
		at[it.N] = i
	}
	settled := late.Settled()
	var ends []store.Outcome
	var unknown []store.Op
	var done sourceBatch
	done.byN, done.results, done.left = make(map[int]plan.Item), make(map[int]source.Outcome), make(map[int]plan.Item)
	for _, op := range w.ops {
		it, res := w.byN[op.N], settled[at[op.N]]
		switch {
		case res.State == source.Done:
			done.arrived(it, op, res)
		case res.State == source.Unknown:
			unknown = append(unknown, op)
		case res.State == "":
			ends = append(ends, dropped([]store.Op{op}, errNotSent)[0])
		default:
			later, err := j.leaves(ctx, pl, items[at[op.N]], res, again, left)
			if err != nil {
				return err
			}
			if later {
				ends = append(ends, dropped([]store.Op{op}, source.ErrMoved)[0])
				continue
			}
			end, err := j.notWritten(ctx, pl, items[at[op.N]], res)
			if err != nil {
				return err
			}
			o := dropped([]store.Op{op}, errors.New(end.Reason))[0]
			end.Op, end.State, end.Err, end.Unlink = o.Op, plan.OpFailed, o.Err, o.Unlink
			ends = append(ends, end)
		}
	}
	if err := j.finish(ctx, ends); err != nil {
		return err
	}
	if err := j.endArrived(ctx, pl, &done); err != nil {
		return err
	}
	if len(unknown) > 0 {
		left.more = true // what turns out not to have arrived is sent again
		if err := j.settleLate(ctx, j.Source.(source.Piecewise), unknown, errNoAnswer); err != nil {
			return err
		}
	}
	if sent != nil && !errors.Is(sent, source.ErrUnconfirmed) {
		return sent
	}
	return nil
}

var (
	errNotSent  = errors.New("it was not sent")
	errNoAnswer = errors.New("the source did not answer")
)

// arrived takes up an operation that took effect, under the key that the source
// gave its row.
func (w *sourceBatch) arrived(it plan.Item, op store.Op, res source.Outcome) {
	if op.Kind == plan.OpCreate && res.Key != "" {
		it.RowKey, op.RowKey = res.Key, res.Key
	}
	if len(res.Left) > 0 {
		w.left[it.N] = it
		it = sparing(it, res.Left)
	}
	if op.Kind == plan.OpDelete && res.Now == nil {
		res.Now = op.Pre
	}
	w.byN[it.N], w.results[it.N] = it, res
	w.ops = append(w.ops, op)
}

// endArrived reads back what took effect, as far as the definition wants, and
// ends it.
func (j *job) endArrived(ctx context.Context, pl plan.Plan, w *sourceBatch) error {
	if len(w.ops) == 0 {
		return nil
	}
	lost, err := j.overwritten(ctx, w)
	if err != nil {
		return err
	}
	if err := j.sourceWritten(ctx, pl, w); err != nil {
		return err
	}
	return j.askOverwritten(ctx, pl, w, lost)
}

// overwritten finds the edits that updates fell upon in the source.
func (j *job) overwritten(ctx context.Context, w *sourceBatch) ([]source.Overwritten, error) {
	by, ok := j.Source.(source.Piecewise)
	j.sourceBatches++
	if !ok || j.Definition.Verify == definition.VerifyNone || j.Definition.Verify == definition.VerifySample && (j.sourceBatches-1)%20 != 0 {
		return nil, nil
	}
	var all []source.Written
	for _, op := range w.ops {
		if op.Kind == plan.OpUpdate {
			now := w.results[op.N].Now
			if now == nil {
				now = op.Fields
			}
			all = append(all, source.Written{Key: op.RowKey, Since: op.Version, Fields: now, Pre: op.Pre})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return by.Overwritten(ctx, all)
}

// askOverwritten opens a conflict for each edit in the source that a write fell
// upon.
func (j *job) askOverwritten(ctx context.Context, pl plan.Plan, w *sourceBatch, lost []source.Overwritten) error {
	if len(lost) == 0 {
		return nil
	}
	byKey := make(map[string]store.Op, len(w.ops))
	for _, op := range w.ops {
		byKey[op.RowKey] = op
	}
	var conflicts []store.Conflict
	var ends []store.Outcome
	for _, l := range lost {
		op := byKey[l.Key]
		it := w.byN[op.N]
		for _, e := range it.Edits {
			f := j.mapping.ByProperty[e.Property]
			if e.Field != l.Field || e.Action != plan.EditSource || f == nil {
				continue
			}
			version := record.Version{Value: l.Lost, At: l.At, SourceType: l.SourceType, Label: l.Label, UserID: l.UserID}
			why := fmt.Sprintf("%s was set to %q%s in the source while a run wrote %q over it", f.Title(), l.Lost, author(version), l.Wrote)
			if f.Conflict == definition.TakeHubSpot {
				j.note("Row %s: %s, as the field's rule wants.", l.Key, why)
				continue
			}
			pre, theirs, ours := j.asProperty(f, l.Field, op.Pre[l.Field]), j.asProperty(f, l.Field, l.Lost), j.asProperty(f, l.Field, l.Wrote)
			before := pre.String()
			conflicts = append(conflicts, store.Conflict{SyncID: j.sync.ID, RowKey: l.Key, RecordID: op.RecordID, Name: it.Name, Field: l.Field, Property: e.Property,
				Cause: plan.CauseOverwritten, Reason: why, Base: &before, Source: theirs.String(), HubSpot: ours.String(), RemMeta: byWhom(version, ours)})
			ends = append(ends, store.Outcome{PlanID: pl.ID, N: op.N, Fate: plan.FateConflict, Reason: why})
		}
	}
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return err
	}
	return j.finish(ctx, ends)
}

// asProperty is a cell in the form of its property, as it is where it has none.
func (j *job) asProperty(f *mapping.Field, column string, cell record.Value) record.Value {
	v, err := f.ToProperty(record.Values{column: cell}, j.mapping.Env)
	if err != nil {
		return cell
	}
	return v
}

// settleLate finds out what became of changes to such a source whose answer was
// lost, of each by itself: a new row by its mark, another one by what it holds.
func (j *job) settleLate(ctx context.Context, by source.Piecewise, ops []store.Op, why error) error {
	ctx = hubspot.UseReserve(ctx) // it must be found out even when only the reserve of the daily budget is left
	var keys []string
	var inserts []source.Change
	since := time.Time{}
	for _, op := range ops {
		if op.Kind == plan.OpCreate {
			inserts = append(inserts, source.Change{Kind: source.Insert, Mark: j.markOf(op.RecordID, op.RowKey), Fields: op.Fields})
			if since.IsZero() || op.Version.Before(since) {
				since = op.Version
			}
			continue
		}
		keys = append(keys, op.RowKey)
	}
	made, err := by.MadeOf(ctx, inserts, since)
	if err != nil {
		return err
	}
	rows := map[string]record.Row{}
	if len(keys) > 0 {
		if rows, err = by.RowsOf(ctx, keys); err != nil {
			return err
		}
	}
	arrived := make(map[string]*sourceBatch)
	plans := make(map[string]plan.Plan)
	var ends []store.Outcome
	var mixed []store.Op
	for _, op := range ops {
		pl, it, err := j.item(ctx, op)
		if err != nil {
			return err
		}
		w := arrived[pl.ID]
		if w == nil {
			w = &sourceBatch{byN: make(map[int]plan.Item), results: make(map[int]source.Outcome), left: make(map[int]plan.Item)}
			arrived[pl.ID], plans[pl.ID] = w, pl
		}
		row, there := rows[op.RowKey]
		// The base is what we wrote: what a person made of it since is an edit.
		res := source.Outcome{State: source.Done, Key: op.RowKey, Now: op.Fields}
		switch op.Kind {
		case plan.OpCreate:
			row, there = made[j.markOf(op.RecordID, op.RowKey)]
			res.Key = row.Key
		case plan.OpDelete:
			there, res.Now = !there, op.Pre
		default:
			all, none := j.rowHolds(row, op)
			if there && !all && !none {
				mixed = append(mixed, op)
			}
			there = there && all
		}
		if there {
			w.arrived(it, op, res)
			continue
		}
		o := dropped([]store.Op{op}, why)[0]
		o.Op.Doubt = true // the request may still be under way
		ends = append(ends, o)
	}
	if err := j.askAbout(ctx, mixed); err != nil {
		return err
	}
	if err := j.finish(ctx, ends); err != nil {
		return err
	}
	for id, w := range arrived {
		if err := j.endArrived(ctx, plans[id], w); err != nil {
			return err
		}
	}
	return nil
}

// outliveRows waits where an earlier request to a row may still take effect and
// would undo what is about to be written.
func (j *job) outliveRows(ctx context.Context, items []plan.Item, changes []source.Change) error {
	doubts, err := j.Store.RowUpdatesInDoubt(ctx, j.sync.ID, j.now().Add(-landsLater))
	if err != nil || len(doubts) == 0 {
		return err
	}
	var last time.Time
	for _, op := range doubts {
		for i, it := range items {
			if it.RowKey != op.RowKey {
				continue
			}
			undoes := slices.ContainsFunc(sortedNames(op.Fields), func(column string) bool {
				now, writes := changes[i].Fields[column]
				return writes && !j.sameCell(column, now, op.Fields[column])
			})
			if undoes && op.Sent.After(last) {
				last = op.Sent
			}
		}
	}
	if left := landsLater - j.now().Sub(last); left > 0 && !last.IsZero() {
		return j.wait(ctx, min(left, landsLater)+time.Millisecond, "a request without an answer, which may still take effect")
	}
	return nil
}

// followRows gives the links of rows that were merged in the source to the rows
// that they live on in. A row whose link can't follow, because the other row has
// one, does not count as gone.
func (j *job) followRows(ctx context.Context) error {
	by, ok := j.Source.(source.Piecewise)
	if !ok {
		return nil
	}
	gone, err := j.Store.GoneRows(ctx, j.sync.ID)
	if err != nil || len(gone) == 0 {
		return err
	}
	into, err := by.Successors(ctx, gone)
	if err != nil {
		return err
	}
	j.mergedRows = into
	for _, key := range gone {
		if into[key] == "" {
			continue
		}
		followed, err := j.Store.RowBecame(ctx, j.sync.ID, key, into[key])
		if err != nil {
			return err
		}
		if followed {
			j.note("The row %s was merged in the source and goes on as %s.", key, into[key])
		}
	}
	return nil
}
