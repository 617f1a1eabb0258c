package app

import (
	"context"

	"syncline/store"
	"syncline/sync/plan"
)

// Proposal is a decision that an assistant proposes.
type Proposal = store.Proposal

// Propose keeps what an assistant proposes for open conflicts. Nothing is
// decided by it.
func (a *App) Propose(ctx context.Context, all []Proposal) (kept int, err error) {
	return a.Store.Propose(ctx, all)
}

// Proposals returns what is proposed for conflicts, by their ids.
func (a *App) Proposals(ctx context.Context, ids []int64) (map[int64]Proposal, error) {
	return a.Store.Proposals(ctx, ids)
}

// TakeProposed settles the open conflicts of the sync at path as is proposed, all
// or those of one field, in the name of the person who does it. It returns how
// many are settled, and how many stay open.
func (a *App) TakeProposed(ctx context.Context, path, field string) (settled, open int, err error) {
	ids, err := a.conflictIDs(ctx, path, field)
	if err != nil {
		return 0, 0, err
	}
	if _, err := a.DecideProposed(ctx, ids); err != nil {
		return 0, 0, err
	}
	left, err := a.conflictIDs(ctx, path, field)
	return len(ids) - len(left), len(left), err
}

// DecideProposed settles conflicts as is proposed, those for which something is.
func (a *App) DecideProposed(ctx context.Context, ids []int64) (settled int, err error) {
	proposed, err := a.Store.Proposals(ctx, ids)
	if err != nil {
		return 0, err
	}
	type decision struct {
		choice plan.Choice
		value  string
	}
	alike := map[decision][]int64{}
	for id, p := range proposed {
		d := decision{p.Choice, p.Value}
		alike[d] = append(alike[d], id)
	}
	for d, ids := range alike {
		if err := a.Decide(ctx, ids, d.choice, d.value); err != nil {
			return settled, err
		}
		settled += len(ids)
	}
	return settled, nil
}
