package app

import (
	"context"
	"encoding/json"
	"errors"

	"syncline/store"
	"syncline/sync/engine"
)

// Card is a sync as Home shows it.
type Card struct {
	store.Sync
	Last      *RunCard
	Plan      *store.Plan // the newest one that is ready to be applied
	Pending   engine.Counts
	Conflicts int
	Failed    int
}

// RunCard is a run as lists show it.
type RunCard struct {
	store.Run
	Counts engine.Counts
	Calls  engine.Calls
}

// Cards returns the syncs of the workspace.
func (a *App) Cards(ctx context.Context) ([]Card, error) {
	syncs, err := a.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, 0, len(syncs))
	for _, y := range syncs {
		c, err := a.card(ctx, y)
		if err != nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	return cards, nil
}

func (a *App) card(ctx context.Context, y store.Sync) (Card, error) {
	c := Card{Sync: y}
	runs, err := a.Runs(ctx, y.ID, 1)
	if err != nil {
		return c, err
	}
	if len(runs) > 0 {
		c.Last = &runs[0]
	}
	plan, err := a.Store.LastPlan(ctx, y.ID, "ready")
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return c, err
	case c.Last == nil || plan.Made.After(c.Last.Started):
		summary, err := engine.SummaryOf(plan)
		if err != nil {
			return c, err
		}
		c.Plan, c.Pending = &plan, summary.Counts
	}
	if c.Conflicts, err = a.Store.OpenConflicts(ctx, y.ID); err != nil {
		return c, err
	}
	failed, err := a.Store.AttentionOf(ctx, y.ID)
	c.Failed = len(failed)
	return c, err
}

// Runs returns the newest runs of a sync, or of all with 0.
func (a *App) Runs(ctx context.Context, syncID int64, limit int) ([]RunCard, error) {
	runs, err := a.Store.Runs(ctx, syncID, limit)
	if err != nil {
		return nil, err
	}
	cards := make([]RunCard, 0, len(runs))
	for _, r := range runs {
		c := RunCard{Run: r}
		if err := json.Unmarshal(r.Counts, &c.Counts); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(r.Calls, &c.Calls); err != nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	return cards, nil
}
