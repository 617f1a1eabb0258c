package app

import (
	"context"

	"syncline/store"
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
	settled, err = a.Store.TakeProposals(ctx, ids, person())
	return settled, len(ids) - settled, err
}
