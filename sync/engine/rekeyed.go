package engine

import (
	"context"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// Where a definition names another key than the last run had, the number of a row may be
// that of another row: what both sides agreed on under it says nothing then. Rows that
// have none of what was agreed on to be known by are asked about before anything is
// written over.

// rowsRekeyed says by which columns the last run knew the rows, where that is another
// key; "" where it is the same, or not known.
func (j *job) rowsRekeyed(ctx context.Context) (string, error) {
	runs, err := j.Store.Runs(ctx, j.sync.ID, 20)
	if err != nil {
		return "", err
	}
	last := slices.IndexFunc(runs, func(r store.Run) bool { return r.Kind == plan.KindRun && r.State == plan.RunDone })
	if last < 0 {
		return "", nil
	}
	key, err := j.keyOf(ctx, runs[last].ID)
	if err != nil || key == nil || slices.Equal(key, j.Definition.Source.Key) {
		return "", err
	}
	return quoted(key), nil
}

// anotherRow says why a pair's row may not be the one that it was linked as, "" where
// nothing speaks for that: its match values are what was agreed on, or most of the rest is.
func (p *planner) anotherRow(pair store.Pair) string {
	if p.keyBefore == "" || pair.Base == nil || pair.Row == nil {
		return ""
	}
	differ, all := 0, 0
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		was, ok := pair.Base.Source[f.Property]
		if !ok || was.Empty() && pair.Row.Values[f.Property].Empty() {
			continue
		}
		same := f.Rule.Same(was, pair.Row.Values[f.Property])
		if all++; !same {
			differ++
		}
		if same && slices.ContainsFunc(p.Definition.HubSpot.Match, func(k definition.MatchKey) bool { return k.Property == f.Property }) {
			return ""
		}
	}
	if 2*differ <= all {
		return ""
	}
	return fmt.Sprintf("The rows are known by %s since, and were by %s: this one holds other values than the one that had its key before, so it may be another row. You decide.", quoted(p.Definition.Source.Key), p.keyBefore)
}
