package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// EdgeLine is what is known of the associations that one part of a definition
// asks for.
type EdgeLine = store.EdgeLine

// SetStanding is what waits in a set and what its last run came to.
type SetStanding struct {
	// PlanID is the plan of the set that waits to be approved, "" for none, and Pending what it
	// would write, without what was taken out of it and with rows that are associations counted
	// as rows. Changed tells that the newest one is no
	// longer what the documents say, or that part of it was applied by itself.
	PlanID  string
	Made    time.Time // when that plan was made
	Pending engine.Counts
	Changed bool
	Last    *SetRunView   // the newest run; nil where it never ran
	Undo    *store.SetRun // the newest undo of Last; nil for none
	// Unfinished is the run, or the undo of one, that did not come to its end and can be gone on
	// with; what it writes was approved with its plan. Whether somebody works on it is not known
	// here.
	Unfinished *store.SetRun
	Conflicts  int // that wait for a decision, in all syncs of the set
	Attention  int // rows and associations that need attention
}

// SetState is how a set stands: what it is made of, what waits to be approved,
// and what its last run came to.
type SetState struct {
	SetView
	SetStanding
	Plan *SetPlanView // that of PlanID; nil where none waits
	// Edges are those of Associations, in their order.
	Edges []EdgeLine
	// Linked are how many rows of each of Syncs have a record, in their order.
	Linked []int
}

// SetPlanView is a plan of a set with those of its syncs.
type SetPlanView struct {
	store.SetPlan
	UndoOf  string // of an undo: the run of the set that it takes back
	Members []SetPlanMember
}

// SetPlanMember is the plan of one sync of a set.
type SetPlanMember struct {
	Document string
	PlanView
	Out   map[plan.Fate]int   // rows that were taken out, by the fate that was planned
	Edges map[string]EdgePlan // by the part of the definition: see engine.AssociationLines
}

// EdgePlan is what a plan does with the associations of one part of a
// definition.
type EdgePlan struct{ Make, Remove, Conflict, Wait, Stay, Out int }

// SetRunView is a run of a set with those of its syncs.
type SetRunView struct {
	store.SetRun
	Runs   []RunCard // in the order in which they began
	Counts engine.Counts
	Calls  int
	Undone int // rows and fields of it that undos took back and that stay so; only History counts them
}

// Counts are those of all members together, without what was taken out.
func (v *SetPlanView) Counts() (c engine.Counts) {
	for _, m := range v.Members {
		c = c.Plus(m.Left())
	}
	return c
}

// Left are the member's counts without what was taken out of its plan: that is
// skipped.
func (m SetPlanMember) Left() engine.Counts {
	c := without(m.Summary.Counts, m.Out)
	for _, e := range m.Edges {
		c.Associated -= e.Out
	}
	return c
}

// SetState reads how the set at path stands. It connects nothing.
func (a *App) SetState(ctx context.Context, path string) (s SetState, err error) {
	if s.SetView, err = a.SetView(ctx, path); err != nil {
		return s, err
	}
	if s.SetStanding, err = a.standing(ctx, s.SetView); err != nil {
		return s, err
	}
	if s.PlanID != "" {
		v, err := a.SetPlan(ctx, s.PlanID)
		if err != nil {
			return s, err
		}
		s.Plan = &v
	}
	err = a.countSet(ctx, &s)
	return s, err
}

// standing finds what waits in a set, and its last run.
func (a *App) standing(ctx context.Context, v SetView) (s SetStanding, err error) {
	for _, y := range v.Syncs {
		if y.Card != nil {
			s.Conflicts += y.Card.Conflicts
			s.Attention += y.Card.Failed
		}
	}
	last, err := a.Store.LastSetRun(ctx, v.Path, plan.KindRun, "")
	if errors.Is(err, store.ErrNotFound) {
		err = a.planOfSet(ctx, v, &s)
		return s, err
	}
	if err != nil {
		return s, err
	}
	if s.Last, err = a.setRunView(ctx, last); err != nil {
		return s, err
	}
	undo, err := a.Store.LastSetRun(ctx, v.Path, plan.KindUndo, last.ID)
	switch {
	case err == nil:
		if s.Undo = &undo; undo.State != plan.RunDone {
			s.Unfinished = &undo
		}
	case !errors.Is(err, store.ErrNotFound):
		return s, err
	case last.State != plan.RunDone:
		s.Unfinished = &last
	}
	err = a.planOfSet(ctx, v, &s)
	return s, err
}

// countSet counts what hangs on the set's syncs and associations.
func (a *App) countSet(ctx context.Context, s *SetState) error {
	s.Linked, s.Edges = make([]int, len(s.Syncs)), make([]EdgeLine, len(s.Associations))
	for i, y := range s.Syncs {
		if y.Card == nil {
			continue
		}
		var err error
		if s.Linked[i], err = a.Store.LinkCount(ctx, y.Card.ID); err != nil {
			return err
		}
		lines, err := a.Store.EdgeLines(ctx, y.Card.ID)
		if err != nil {
			return err
		}
		for k, x := range s.Associations {
			if x.Sync == i {
				s.Edges[k] = lines[x.Line]
			}
		}
	}
	return nil
}

// planOfSet finds the plan that waits: the newest one that is no undo, as long
// as it is what the documents say and nothing of it was applied.
func (a *App) planOfSet(ctx context.Context, v SetView, s *SetStanding) error {
	plans, err := a.Store.SetPlans(ctx, v.Path)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if s.Last != nil && behind(s.Last.SetRun, p) || s.Undo != nil && behind(*s.Undo, p) {
			return nil // it is history
		}
		if p, err = a.Store.SetPlan(ctx, p.ID); err != nil {
			return err
		}
		undo, err := a.waits(ctx, v, p, s)
		if err != nil || !undo {
			return err
		}
	}
	return nil
}

// behind reports whether a plan is the one that a run carries out, or was made before the run came
// to its end: one that is gone on with began when it was begun for the first time.
func behind(r store.SetRun, p store.SetPlan) bool {
	return r.Plan == p.ID || !p.Made.After(r.Started) || r.State == plan.RunDone && !p.Made.After(r.Ended)
}

// waits notes the plan of a set if it can be approved as it is; it reports
// whether it is that of an undo, which is found by its run only.
func (a *App) waits(ctx context.Context, v SetView, p store.SetPlan, s *SetStanding) (undo bool, err error) {
	same := slices.EqualFunc(p.Members, v.Documents, func(m store.SetMember, name string) bool { return m.Document == name })
	var pending engine.Counts
	for i, m := range p.Members {
		pl, err := a.Store.Plan(ctx, m.PlanID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		if pl.Kind == plan.KindUndo {
			return true, nil
		}
		if same = same && err == nil && pl.State == plan.Ready && !pl.Bare; !same {
			break
		}
		summary, err := engine.SummaryOf(pl)
		if err != nil {
			return false, err
		}
		if same = summary.Meaning == v.Syncs[i].Definition.Hash(); !same {
			break
		}
		out, err := a.Store.Excluded(ctx, m.PlanID)
		if err != nil {
			return false, err
		}
		c := without(summary.Counts, out)
		if summary.OfEdges {
			c.Associated, c.Dissociated = 0, 0
		}
		pending = pending.Plus(c)
	}
	if s.Changed = !same; same {
		s.PlanID, s.Made, s.Pending = p.ID, p.Made, pending
	}
	return false, nil
}

// without are a plan's counts without the rows that were taken out of it, which
// are skipped.
func without(c engine.Counts, out map[plan.Fate]int) engine.Counts {
	c.Created -= out[plan.FateCreated]
	c.Updated -= out[plan.FateUpdated]
	c.Skipped += out[plan.FateCreated] + out[plan.FateUpdated]
	return c
}

// SetPlan reads a plan of a set with those of its syncs. Its error is
// store.ErrNotFound where one of them is not in the workspace any more.
func (a *App) SetPlan(ctx context.Context, id string) (v SetPlanView, err error) {
	if v.SetPlan, err = a.Store.SetPlan(ctx, id); err != nil {
		return v, err
	}
	for _, m := range v.SetPlan.Members {
		p := SetPlanMember{Document: m.Document, Edges: map[string]EdgePlan{}}
		if p.PlanView, err = a.PlanView(ctx, m.PlanID); err != nil {
			return v, err
		}
		if p.Out, err = a.Store.Excluded(ctx, m.PlanID); err != nil {
			return v, err
		}
		for it, err := range a.Store.Items(ctx, m.PlanID) {
			if err != nil {
				return v, err
			}
			countEdges(p.Edges, it)
		}
		if p.UndoOf != "" && v.UndoOf == "" {
			run, err := a.Store.Run(ctx, p.UndoOf)
			if err != nil {
				return v, err
			}
			v.UndoOf = run.SetID
		}
		v.Members = append(v.Members, p)
	}
	return v, nil
}

// countEdges counts what an item does with associations.
func countEdges(lines map[string]EdgePlan, it plan.Item) {
	for _, e := range it.Edits {
		if e.Edge == nil {
			continue
		}
		line := engine.LineOf(e.Edge.Line)
		l := lines[line]
		switch {
		case it.Excluded && e.Associates():
			l.Out++
		case it.Excluded:
		case e.Associates():
			l.Make++
		case e.Dissociates():
			l.Remove++
		case e.Action == plan.EditConflict:
			l.Conflict++
		case e.Action == plan.EditWait:
			l.Wait++
		case e.Action == plan.EditAdopt, e.Action == plan.EditLeft, e.Action == plan.EditKeep:
			l.Stay++
		}
		lines[line] = l
	}
}

func (a *App) setRunView(ctx context.Context, r store.SetRun) (*SetRunView, error) {
	v := &SetRunView{SetRun: r}
	runs, err := a.Store.RunsOfSet(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		c := RunCard{Run: run}
		if err := errors.Join(json.Unmarshal(run.Counts, &c.Counts), json.Unmarshal(run.Calls, &c.Calls)); err != nil {
			return nil, err
		}
		v.Runs = append(v.Runs, c)
		v.Counts = v.Counts.Plus(c.Counts)
		v.Calls += c.Calls.Total
	}
	return v, nil
}
