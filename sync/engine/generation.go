package engine

import (
	"context"
	"fmt"

	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Generations counts the runs of each sync where a copy of the workspace that
// is put back does not reach. The workspace keeps the same number; one that is
// behind is an old copy, whose bases would take newer edits for old ones.
type Generations interface {
	// Generation returns the number of runs of a sync with a portal; ok is
	// false where none was ever kept.
	Generation(ctx context.Context, sync string, portal int64) (n int64, ok bool, err error)
	SetGeneration(ctx context.Context, sync string, portal, n int64) error
}

// counted is the name under which the runs of the sync are counted.
func (j *job) counted() string { return j.sync.UID + "/" + j.sync.Object }

// compareGenerations finds out whether the workspace is an old copy. One in
// which the sync never ran is none: it remembers nothing, and its first run is
// like any other.
func (j *job) compareGenerations(ctx context.Context) error {
	known := j.sync.Generation > 0 || j.sync.Runs > 0
	if j.Generations != nil {
		n, ok, err := j.Generations.Generation(ctx, j.counted(), j.sync.PortalID)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			j.notes = append(j.notes, fmt.Sprintf("Whether this workspace is an old copy is not known, because the number of runs outside of it can't be read: %v.", err))
		case ok:
			j.outside = n
		}
	}
	if known && j.outside > j.sync.Generation && !j.sync.Restored {
		if err := j.Store.SetRestored(ctx, j.sync.ID); err != nil {
			return err
		}
		j.sync.Restored = true
	}
	if j.untrusted = j.sync.Restored; j.untrusted {
		j.notes = append(j.notes, "This workspace is older than the last run of this sync on this computer: it was put back from a copy, or another workspace ran the sync. What it remembers is not relied on: all is read anew, nothing is written over or removed, and whatever differs waits in Review.")
	}
	var err error
	j.keyBefore, err = j.rowsRekeyed(ctx)
	return err
}

// nextGeneration counts a run, before its first write. The workspace comes
// first: a process that ends in between leaves it ahead, which is no old copy.
func (j *job) nextGeneration(ctx context.Context) error {
	n := max(j.sync.Generation, j.outside) + 1
	if err := j.Store.SetGeneration(ctx, j.sync.ID, n); err != nil {
		return err
	}
	j.sync.Generation = n
	if j.Generations == nil {
		return nil
	}
	if err := j.Generations.SetGeneration(ctx, j.counted(), j.sync.PortalID, n); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		j.notes = append(j.notes, fmt.Sprintf("The number of this run can't be kept outside of the workspace (%v): should the workspace be put back to an older state, that is not noticed.", err))
	}
	return nil
}

// overwrites tells whether a decision replaces something that is there, or
// fills what was emptied: all of it may be newer than what is remembered.
func overwrites(d merge.Decision, s merge.State) bool {
	held := func(now record.Value, base *record.Value) bool {
		return !now.Empty() || base != nil && !base.Empty()
	}
	_, toHubSpot := d.ForHubSpot()
	_, toSource := d.ForSource()
	return toHubSpot && held(s.HubSpot, s.BaseHubSpot) || toSource && held(s.Source, s.BaseSource)
}

// unremembered leaves a pair alone of which one end is gone, in an old copy.
func (p *planner) unremembered(ctx context.Context, it plan.Item, what string) error {
	it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	it.Reason = what + "; the workspace is an older copy, so that nothing is removed or marked in this run"
	return p.add(ctx, it)
}
