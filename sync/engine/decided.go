package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// A person may decide otherwise after a plan was made. It keeps what was decided, and
// carries that out only as long as nothing else is.

// decidedAnew is why an item is left out whose decision is another one now.
const decidedAnew = "it was decided anew after the plan was made, so nothing was written: the next plan goes by what is decided now"

// keepDecisions keeps with edits what was decided about the conflicts that they carry
// out.
func (p *planner) keepDecisions(edits []plan.Edit) {
	for i := range edits {
		e := &edits[i]
		if e.Choice == 0 {
			continue
		}
		if p.decided == nil {
			p.decided = make(map[int64]string)
			for _, all := range p.open {
				for _, c := range all {
					p.decided[c.ID] = c.Decision()
				}
			}
		}
		p.kept[e.Choice] = true
		if e.Action != plan.EditConflict {
			e.Decided = p.decided[e.Choice]
		}
	}
}

// stillDecided ends the items of a page of which something else is decided now than
// when they were planned, and returns the others.
func (j *job) stillDecided(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	var ids []int64
	for _, it := range items {
		for _, e := range it.Edits {
			if carriesOut(e) {
				ids = append(ids, e.Choice)
			}
		}
	}
	if len(ids) == 0 {
		return items, nil
	}
	now, err := j.Store.DecidedNow(ctx, ids)
	if err != nil {
		return nil, err
	}
	var still, others []plan.Item
	for _, it := range items {
		if otherwise(it, now) {
			others = append(others, it)
		} else {
			still = append(still, it)
		}
	}
	if len(others) == 0 {
		return items, nil
	}
	done, err := j.Store.DoneSides(ctx, pl.ID, numbers(others))
	if err != nil {
		return nil, err
	}
	outcomes := make([]store.Outcome, 0, len(others))
	for _, it := range others {
		o := j.outcome(pl, it)
		o.Fate, o.Reason, o.Aside = plan.FateSkipped, decidedAnew, true
		if len(done[it.N]) > 0 {
			o.Fate = fateOf(it, plan.FateUpdated)
		}
		if done[it.N][plan.HubSpot] {
			if err := j.halfWay(ctx, &o, it); err != nil {
				return nil, err
			}
		}
		outcomes = append(outcomes, o)
	}
	return still, j.finish(ctx, outcomes)
}

// halfWay notes of an item that HubSpot has what was decided before, while the source, which
// was to follow, has not.
func (j *job) halfWay(ctx context.Context, o *store.Outcome, it plan.Item) error {
	pair, err := j.Store.SeenPair(ctx, j.sync.ID, it.RowKey, it.RecordID)
	if err != nil {
		return err
	}
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot || !bothSides(it, e.Property) {
			continue
		}
		now := mapping.Value(e.New)
		if pair.Record != nil {
			now = held(pair.Record.Values, e.Property, now)
		}
		o.SettleBy(e, mapping.Value(e.Source), now)
	}
	return nil
}

// carriesOut reports whether an edit carries out a decision of which is known what it
// was. One that waits for a person again carries out none.
func carriesOut(e plan.Edit) bool { return e.Decided != "" && e.Action != plan.EditConflict }

// otherwise reports whether something else is decided now than an item carries out.
func otherwise(it plan.Item, now map[int64]string) bool {
	for _, e := range it.Edits {
		if is, there := now[e.Choice]; carriesOut(e) && there && is != e.Decided {
			return true
		}
	}
	return false
}

// tooLate tells of decisions that are over though they were never carried out, because they
// came while a run carried out others about the same: those stand.
func (p *planner) tooLate(ctx context.Context, over []store.Conflict) error {
	over = slices.DeleteFunc(over, func(c store.Conflict) bool { return c.State != plan.ConflictDecided })
	if len(over) == 0 {
		return nil
	}
	runs, err := p.Store.Runs(ctx, p.sync.ID, 1)
	if err != nil || len(runs) == 0 {
		return err
	}
	last := runs[0]
	var names []string
	for _, c := range over {
		if !c.Decided.Before(last.Started) && !c.Decided.After(last.Ended) {
			names = append(names, cmp.Or(c.Name, c.RowKey))
		}
	}
	if len(names) > 0 {
		p.note("What was decided about %s while the run %s was under way came too late: what was decided before had been carried out by then, and can be undone with that run.", few(names), last.ID)
	}
	return nil
}

// few names three of many.
func few(names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return and(names)
}
