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
	Property string // or what asks for associations: plan.Edit.Subject
	Title    string // the source's name of the field, which people know
	Changes  int
}

// survey goes once over a plan: which properties it changes, the most often
// changed one first, how many changing rows a person took out, and what an undo
// puts back.
func (a *App) survey(ctx context.Context, planID string) (columns []PlanColumn, excluded int, sum UndoSum, err error) {
	seen := make(map[string]PlanColumn)
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return nil, 0, sum, err
		}
		if it.Excluded && it.Kind != plan.ItemEdges && (it.Fate == plan.FateCreated || it.Fate == plan.FateUpdated) {
			excluded++
		}
		sum.add(it)
		for _, e := range it.Edits {
			if e.Action == plan.EditAdopt {
				continue
			}
			c := seen[e.Subject()]
			c.Property, c.Title = e.Subject(), cmp.Or(c.Title, e.Field)
			c.Changes++
			seen[e.Subject()] = c
		}
	}
	columns = slices.SortedFunc(maps.Values(seen), func(x, y PlanColumn) int {
		return cmp.Or(y.Changes-x.Changes, strings.Compare(x.Property, y.Property))
	})
	for i := range columns {
		columns[i].Title = cmp.Or(columns[i].Title, columns[i].Property)
	}
	return columns, excluded, sum, nil
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
	// Undo is what a plan that undoes a run puts back, without what was taken out.
	Undo UndoSum
	// Undoes is the kind of run that it undoes: the undo of an undo does it again.
	Undoes plan.Purpose
	// Stamp is the revision that it is at.
	Stamp Stamp
	// SQL says that what it writes to the source are statements of SQL, which PlanSQL tells.
	SQL bool
}

// UndoSum is what the plan of an undo does.
type UndoSum struct {
	Cells    int // that go back to what they were
	Rows     int // in which they are
	Archived int // records that the run created
	Kept     int // rows and records that stay wholly as they are
	KeptIn   int // cells that stay in rows of which others go back
}

func (u *UndoSum) add(it plan.Item) {
	cells, kept := 0, 0
	for _, e := range it.Edits {
		switch {
		case e.Writes():
			cells++
		case e.Action == plan.EditLeft:
			kept++
		}
	}
	switch {
	case it.Excluded:
	case it.Kind == plan.ItemArchive, it.Kind == plan.ItemRecall:
		u.Archived++
	case cells > 0:
		u.Rows++
		u.Cells += cells
		u.KeptIn += kept
	case it.Fate == plan.FateSkipped:
		u.Kept++
	}
}

// PlanView reads a stored plan.
func (a *App) PlanView(ctx context.Context, planID string) (v PlanView, err error) {
	if v.Plan, err = a.Store.Plan(ctx, planID); err != nil {
		return v, err
	}
	if v.Sync, err = a.Store.Sync(ctx, v.SyncID); err != nil {
		return v, err
	}
	if path, err := a.place(ctx, v.Sync); err == nil {
		v.Sync.Path = path // it may have moved since
	}
	if v.Summary, err = engine.SummaryOf(v.Plan); err != nil {
		return v, err
	}
	if v.Bare {
		v.Summary.Notes = append(slices.Clone(v.Summary.Notes), a.rowsGone(ctx, v.Plan.ID))
	}
	if v.Stamp, err = a.stamp(ctx, v.Plan); err != nil {
		return v, err
	}
	v.SQL = writesTable(v.Sync)
	v.Portal = a.PortalOf(ctx, v.Sync)
	v.Cost = a.estimate(v.Portal.ID, v.Summary.Calls+v.Summary.Verify)
	v.Cost.Verify = v.Summary.Verify
	if v.Columns, v.Excluded, v.Undo, err = a.survey(ctx, planID); err != nil {
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
		if v.UndoOf != "" && runs[i].ID == v.UndoOf {
			v.Undoes = runs[i].Kind
		}
	}
	return v, nil
}

// EditItem changes values that an item of a ready plan writes, all or none of
// them; see engine.Engine.EditItem. It asks HubSpot for the properties' rules.
func (a *App) EditItem(ctx context.Context, planID string, n int, puts ...plan.Put) (plan.Item, error) {
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
	return s.Engine.EditItem(ctx, planID, n, puts...)
}

// EditItems puts one value into several items of a ready plan, all or none of them; see
// engine.Engine.EditItems. It asks HubSpot for the property's rules.
func (a *App) EditItems(ctx context.Context, planID string, ns []int, p plan.Put) error {
	pl, err := a.Store.Plan(ctx, planID)
	if err != nil {
		return err
	}
	y, err := a.Store.Sync(ctx, pl.SyncID)
	if err != nil {
		return err
	}
	s, err := a.OpenSync(ctx, y.Path, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Engine.EditItems(ctx, planID, ns, p)
}

// Stamp says which revision of itself a plan is.
type Stamp struct {
	Revision int    // 0 as it was frozen
	Hash     string // of the revision
	Back     int    // steps of a person that can be taken back
	Again    int    // those that were taken back and can be done again
}

// stamp reads which revision of itself a plan is.
func (a *App) stamp(ctx context.Context, pl plan.Plan) (Stamp, error) {
	st := Stamp{Revision: pl.Revision, Hash: pl.Revised()}
	if pl.Revision == 0 || pl.State != plan.Ready {
		return st, nil
	}
	changes, err := a.Store.PlanChanges(ctx, pl.ID)
	back, again := plan.Steps(changes)
	st.Back, st.Again = len(back), len(again)
	return st, err
}

// TakeBack takes back the last step that a person did to a ready plan, or with again does the last
// one again that was taken back, as revisions of it. Nothing is asked of HubSpot: the values
// stood in the plan before. There being no such step is store.ErrNotFound.
func (a *App) TakeBack(ctx context.Context, planID string, again bool) (plan.Step, error) {
	return a.Store.TakeBack(ctx, planID, person(), again)
}

// PlanStamp returns the revision that a plan is at now.
func (a *App) PlanStamp(ctx context.Context, planID string) (Stamp, error) {
	pl, err := a.Store.Plan(ctx, planID)
	if err != nil {
		return Stamp{}, err
	}
	return a.stamp(ctx, pl)
}

// ItemIDs returns the numbers of a plan's items that a filter lets through.
func (a *App) ItemIDs(ctx context.Context, planID string, f ItemFilter) ([]int, error) {
	return a.Store.ItemIDs(ctx, planID, f)
}

// ItemsByID returns items of a plan in its order.
func (a *App) ItemsByID(ctx context.Context, planID string, ns []int) ([]plan.Item, error) {
	return a.Store.ItemsByID(ctx, planID, ns)
}

// ExcludeItems takes items out of a ready plan or puts them back, as a revision
// of it.
func (a *App) ExcludeItems(ctx context.Context, planID string, ns []int, excluded bool) (Stamp, error) {
	if err := a.Store.ExcludeItems(ctx, planID, ns, excluded); err != nil {
		return Stamp{}, err
	}
	return a.PlanStamp(ctx, planID)
}
