package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/plan"
)

// HistoryEntry is a line of the history: a run of one sync, or a run of a set with
// those of its syncs.
type HistoryEntry struct {
	Run RunCard
	Set *SetRunView // nil for a run of one sync by itself
}

// History returns the newest runs, the newest first. Runs of syncs that were part of a
// run of a set stand with it, in the order in which they began.
func (a *App) History(ctx context.Context, limit int) ([]HistoryEntry, error) {
	runs, err := a.Runs(ctx, 0, limit)
	if err != nil {
		return nil, err
	}
	sets, err := a.Store.SetRuns(ctx, limit)
	if err != nil {
		return nil, err
	}
	undone, err := a.Store.UndoneRuns(ctx)
	if err != nil {
		return nil, err
	}
	var all []HistoryEntry
	known := make(map[string]bool, len(sets))
	for _, r := range sets {
		if len(runs) == limit && r.Started.Before(runs[len(runs)-1].Started) {
			break // older than what is listed
		}
		v, err := a.setRunView(ctx, r)
		if err != nil {
			return nil, err
		}
		for i := range v.Runs {
			v.Runs[i].Undone = undone[v.Runs[i].ID]
			v.Undone += v.Runs[i].Undone
		}
		known[r.ID] = true
		all = append(all, HistoryEntry{Set: v})
	}
	for _, r := range runs {
		if !known[r.SetID] {
			all = append(all, HistoryEntry{Run: r})
		}
	}
	slices.SortStableFunc(all, func(x, y HistoryEntry) int {
		at := func(e HistoryEntry) int64 {
			if e.Set != nil {
				return e.Set.Started.UnixNano()
			}
			return e.Run.Started.UnixNano()
		}
		switch { // a later one comes first
		case at(x) > at(y):
			return -1
		case at(x) < at(y):
			return 1
		}
		return 0
	})
	return all, nil
}

// SetRunPart is what one sync of a set wrote in a run of the set: what a part to undo
// is chosen of.
type SetRunPart struct {
	RunCard
	Fields []string // that it wrote, by the source's names
	Part   string   // what a SetPart calls its sync: its name, or where another has that too its document
}

// Undoable is how much of what a run wrote can be taken back.
func (r RunCard) Undoable() int {
	c := r.Counts
	return c.Created + c.Updated + c.SourceCreated + c.SourceUpdated + c.Associated + c.Dissociated
}

// SetRunParts are the syncs that wrote something in a run of a set.
func (a *App) SetRunParts(ctx context.Context, id string) ([]SetRunPart, error) {
	r, err := a.Store.SetRun(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := a.setRunView(ctx, r)
	if err != nil {
		return nil, err
	}
	var parts []SetRunPart
	for _, run := range v.Runs {
		if run.State == plan.RunRunning || run.Undoable() == 0 {
			continue
		}
		fields, err := a.Store.WroteFields(ctx, run.ID)
		if err != nil {
			return nil, err
		}
		part := run.SyncName
		if slices.ContainsFunc(v.Runs, func(x RunCard) bool { return x.SyncID != run.SyncID && strings.EqualFold(x.SyncName, part) }) {
			y, err := a.Store.Sync(ctx, run.SyncID)
			if err != nil {
				return nil, err
			}
			part = y.Path
		}
		parts = append(parts, SetRunPart{run, fields, part})
	}
	return parts, nil
}

// SetRow is a row that a run of a set wrote, or whose record it wrote.
type SetRow struct {
	Key, Name string
	Syncs     []string // in which of them, by name
}

// SetRunRows are the rows that a run of a set wrote, each key once, in the order in which
// they were planned. Those of a plan that is kept no longer are not among them.
func (a *App) SetRunRows(ctx context.Context, id string) ([]SetRow, error) {
	parts, err := a.SetRunParts(ctx, id)
	if err != nil {
		return nil, err
	}
	var rows []SetRow
	at := map[string]int{}
	for _, p := range parts {
		if p.PlanID == "" {
			continue
		}
		for it, err := range a.Store.Items(ctx, p.PlanID) {
			if err != nil {
				return nil, err
			}
			if fate := it.Came(); it.RowKey == "" || it.Done == "" || fate != plan.FateCreated && fate != plan.FateUpdated {
				continue
			}
			i, ok := at[it.RowKey]
			if !ok {
				i = len(rows)
				at[it.RowKey] = i
				rows = append(rows, SetRow{Key: it.RowKey, Name: it.Name})
			}
			if r := &rows[i]; !slices.Contains(r.Syncs, p.SyncName) {
				r.Syncs = append(r.Syncs, p.SyncName)
			}
		}
	}
	if len(rows) == 0 {
		return nil, &UseError{Msg: fmt.Sprintf("the rows of run %s are listed no longer: choose syncs or fields, or name rows on the command line", id)}
	}
	return rows, nil
}
