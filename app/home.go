package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// Card is a sync as Home shows it.
type Card struct {
	store.Sync
	Source     string // the source as people call it: its file's name
	SourceKind string // csv, excel
	Label      string // of its object type, for people
	Direction  definition.Direction
	Ends       [2]string        // object types that rows associate, where rows are associations; else ""
	Portal     store.Connection // zero but for the id where it is not connected

	Last *RunCard
	// Plan waits to be applied: the newest one, as long as it is what the
	// definition says.
	Plan    *plan.Plan
	Pending engine.Counts // of Plan, without what was taken out of it
	// Changed is set where the newest plan is no longer what the definition says.
	Changed bool
	// Interrupted is the run that did not end and can be gone on with; what it
	// writes was approved with its plan.
	Interrupted *store.Run
	ToDo        int // of its rows that write
	Conflicts   int
	Failed      int
}

// RunCard is a run as lists show it.
type RunCard struct {
	store.Run
	Counts engine.Counts
	Calls  engine.Calls
	Undone int // rows and fields of it that undos took back and that stay so
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
	if path, err := a.place(ctx, y); err == nil {
		y.Path = path
	}
	c := Card{Sync: y, Source: a.SourceName(y), Portal: a.PortalOf(ctx, y)}
	if d, err := definition.Parse([]byte(y.Definition), y.Path); err == nil {
		c.SourceKind, c.Direction, c.Label = d.Source.Kind, d.Direction, objectOf(d)
		if x := d.Associate; x != nil {
			c.Ends = [2]string{x.From.Object, x.To.Object}
		}
	}
	runs, err := a.Runs(ctx, y.ID, 1)
	if err != nil {
		return c, err
	}
	if len(runs) > 0 {
		c.Last = &runs[0]
	}
	if err := a.waiting(ctx, &c); err != nil {
		return c, err
	}
	if c.Conflicts, err = a.Store.OpenConflicts(ctx, y.ID); err != nil {
		return c, err
	}
	c.Failed, err = a.Store.AttentionCount(ctx, y.ID)
	return c, err
}

// waiting finds what of a sync waits: a plan, or a run that did not end.
func (a *App) waiting(ctx context.Context, c *Card) error {
	pl, err := a.Store.LastPlan(ctx, c.ID, plan.Ready)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case c.Last == nil || pl.Made.After(c.Last.Started):
		summary, err := engine.SummaryOf(pl)
		if err != nil {
			return err
		}
		if c.Changed = !saysStill(c.Path, summary); c.Changed {
			break
		}
		excluded, err := a.Store.Excluded(ctx, pl.ID)
		if err != nil {
			return err
		}
		c.Plan, c.Pending = &pl, summary.Counts
		c.Pending.Created -= excluded[plan.FateCreated]
		c.Pending.Updated -= excluded[plan.FateUpdated]
	}
	run, err := a.Store.Interrupted(ctx, c.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case run.State == plan.RunRunning:
		return nil // here, or in another process
	}
	if pl, err = a.Store.Plan(ctx, run.PlanID); err != nil {
		return err
	}
	summary, err := engine.SummaryOf(pl)
	if err != nil || !saysStill(c.Path, summary) {
		return err
	}
	c.Interrupted = &run
	_, c.ToDo, err = a.Store.Work(ctx, pl.ID)
	return err
}

// saysStill tells whether a plan is what the definition at path says now. What
// can't be read says nothing.
func saysStill(path string, s engine.Summary) bool {
	if s.Meaning == "" {
		return true // an undo is made of the history
	}
	d, err := definition.Load(path)
	return err == nil && d.Hash() == s.Meaning
}

// Runs returns the newest runs of a sync, or of all with 0.
func (a *App) Runs(ctx context.Context, syncID int64, limit int) ([]RunCard, error) {
	runs, err := a.Store.Runs(ctx, syncID, limit)
	if err != nil {
		return nil, err
	}
	undone, err := a.Store.UndoneRuns(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]RunCard, 0, len(runs))
	for _, r := range runs {
		c := RunCard{Run: r, Undone: undone[r.ID]}
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

// PortalOf returns the connection that a sync was made with, or an empty one.
func (a *App) PortalOf(ctx context.Context, y store.Sync) store.Connection {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return store.Connection{PortalID: y.PortalID}
	}
	for _, c := range all {
		if c.PortalID == y.PortalID {
			return c
		}
	}
	return store.Connection{PortalID: y.PortalID}
}

// SourceName is what people call the source of a sync: its file's name.
func (a *App) SourceName(y store.Sync) string {
	d, err := definition.Parse([]byte(y.Definition), y.Path)
	if err != nil {
		return "the source"
	}
	return sourceTitle(d)
}

// ObjectLabel is what people call an object type: "Contacts". One of the portal's
// own is called as its name says: "Service contract".
func ObjectLabel(name string) string {
	if to := definition.DeliveryOf(name); to != "" {
		return to.Label()
	}
	if name == definition.ListMembership {
		return "Lists"
	}
	if t, ok := hubspot.FindObjectType(name); ok && t.Label != "" {
		name = t.Label
	}
	words := []rune(strings.ReplaceAll(strings.TrimPrefix(name, "p_"), "_", " "))
	if len(words) > 0 {
		words[0] = unicode.ToUpper(words[0])
	}
	return string(words)
}

// objectOf is what people call the object type of a definition.
func objectOf(d *definition.Definition) string {
	if d.HubSpot.Make != nil {
		return d.HubSpot.Make.Plural
	}
	return ObjectLabel(d.HubSpot.Object)
}

// Connections returns the connected portals.
func (a *App) Connections(ctx context.Context) ([]Connection, error) { return a.Store.Connections(ctx) }

// OpenConflicts counts the conflicts that wait for a decision.
func (a *App) OpenConflicts(ctx context.Context) (int, error) { return a.Store.OpenConflicts(ctx, 0) }

// FailedCount counts the failed rows that were not given up.
func (a *App) FailedCount(ctx context.Context) (int, error) { return a.Store.AttentionCount(ctx, 0) }

// HideSync takes a sync from Home. What is known of it stays.
func (a *App) HideSync(ctx context.Context, id int64) error { return a.Store.HideSync(ctx, id) }

// Folder is where the workspace lies.
func (a *App) Folder() string { return a.Store.Dir() }
