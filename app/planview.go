package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// PlanColumn is a property that a plan changes.
type PlanColumn struct {
	Property string
	Title    string // the source's name of the field, which people know
	Changes  int
}

// survey goes once over a plan: which properties it changes, the most often
// changed one first, and how many changing rows a person took out.
func (a *App) survey(ctx context.Context, planID string) (columns []PlanColumn, excluded int, err error) {
	seen := make(map[string]PlanColumn)
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return nil, 0, err
		}
		if it.Excluded && (it.Fate == plan.FateCreated || it.Fate == plan.FateUpdated) {
			excluded++
		}
		for _, e := range it.Edits {
			if e.Action == plan.EditAdopt {
				continue
			}
			c := seen[e.Property]
			c.Property, c.Title = e.Property, cmp.Or(c.Title, e.Field)
			c.Changes++
			seen[e.Property] = c
		}
	}
	columns = slices.SortedFunc(maps.Values(seen), func(x, y PlanColumn) int {
		return cmp.Or(y.Changes-x.Changes, strings.Compare(x.Property, y.Property))
	})
	for i := range columns {
		columns[i].Title = cmp.Or(columns[i].Title, columns[i].Property)
	}
	return columns, excluded, nil
}

// PlanView is a plan with what stands around it.
type PlanView struct {
	plan.Plan
	Sync    store.Sync
	Summary engine.Summary
	Portal  store.Connection
	Columns []PlanColumn
	Cost    Estimate // of applying it
	// Excluded is how many rows that would be created or updated were taken out.
	Excluded int
	// Run is the run that applied the plan, nil before.
	Run *RunCard
}

// PlanView reads a stored plan.
func (a *App) PlanView(ctx context.Context, planID string) (v PlanView, err error) {
	if v.Plan, err = a.Store.Plan(ctx, planID); err != nil {
		return v, err
	}
	if v.Sync, err = a.Store.Sync(ctx, v.SyncID); err != nil {
		return v, err
	}
	if v.Summary, err = engine.SummaryOf(v.Plan); err != nil {
		return v, err
	}
	v.Portal = a.PortalOf(ctx, v.Sync)
	v.Cost = a.estimate(v.Portal.ID, v.Summary.Calls+v.Summary.Verify)
	v.Cost.Verify = v.Summary.Verify
	if v.Columns, v.Excluded, err = a.survey(ctx, planID); err != nil {
		return v, err
	}
	runs, err := a.Runs(ctx, v.SyncID, -1)
	if err != nil {
		return v, err
	}
	for i := range runs {
		if runs[i].PlanID == planID {
			v.Run = &runs[i]
		}
	}
	return v, nil
}

// EditItem changes the value that an item of a ready plan writes to one side,
// as a revision of the plan; see engine.Engine.EditItem. It asks HubSpot for
// the property's rules.
func (a *App) EditItem(ctx context.Context, planID string, n int, side plan.Side, property, value string) (plan.Item, error) {
	pl, err := a.Store.Plan(ctx, planID)
	if err != nil {
		return plan.Item{}, err
	}
	y, err := a.Store.Sync(ctx, pl.SyncID)
	if err != nil {
		return plan.Item{}, err
	}
	s, err := a.OpenSync(ctx, y.Path, Options{})
	if err != nil {
		return plan.Item{}, err
	}
	defer s.Close()
	return s.Engine.EditItem(ctx, planID, n, side, property, value)
}
