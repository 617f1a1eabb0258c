package engine

import (
	"context"

	"syncline/store"
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
		outcomes = append(outcomes, o)
	}
	return still, j.finish(ctx, outcomes)
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
