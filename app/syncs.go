package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/source"
)

// Options say how a sync is opened.
type Options struct {
	Portal    string // overrides the definition's
	Confirmed bool   // guard rails were confirmed
	Progress  *engine.Progress
	Part      store.Part // of an undo: which fields and rows; none means all
	SetID     string     // the run of a set that it is part of, "" where it is by itself
	// UndoneFirst are the plans of undos that come before the one that is previewed.
	UndoneFirst []string
	// First are the plans of other syncs that are carried out before this one's.
	First []string
	// Lane is by which way many new records go to HubSpot.
	Lane engine.LaneChoice
	// Pull is by which way all records are read.
	Pull engine.PullChoice
}

// Session is a sync that is ready to be previewed or run. Close it.
type Session struct {
	Definition *definition.Definition
	Portal     Portal
	Needs      []Need   // the scopes that the sync uses; those that are missing are optional
	Notes      []string // what a person should know of the document itself
	Engine     *engine.Engine
	source     source.Source
	app        *App
}

// OpenSync reads a definition and connects both of its sides.
func (a *App) OpenSync(ctx context.Context, path string, o Options) (s *Session, err error) {
	defer func() { a.logFailure("open", err) }()
	d, err := definition.Load(path)
	if err != nil {
		return nil, err
	}
	return a.openDefinition(ctx, d, o)
}

func (a *App) openDefinition(ctx context.Context, d *definition.Definition, o Options) (*Session, error) {
	name := o.Portal
	if name == "" {
		name = d.HubSpot.Portal
	}
	portal, err := a.Portal(ctx, name)
	if err != nil {
		return nil, err
	}
	if portal.ID == environmentID {
		if portal.Scopes, err = tokenScopes(ctx, portal.Client); err != nil {
			return nil, err
		}
	}
	needs := Preflight(d, portal.Scopes)
	if Lacking(needs) {
		return nil, &ScopeError{Portal: portal.Name, Needs: needs}
	}
	if err := a.checkSourceScopes(ctx, d); err != nil {
		return nil, err
	}
	own := *d // a form without a portal of its own is one of the sync's
	own.HubSpot.Portal = name
	src, err := a.openSyncSource(ctx, &own)
	if err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = &engine.Progress{}
	}
	s := &Session{Definition: d, Portal: portal, Needs: needs, app: a, source: src, Engine: &engine.Engine{Store: a.Store, Client: portal.Client, Source: src, Definition: d,
		Person: person(), Progress: o.Progress, Confirmed: o.Confirmed, SetID: o.SetID, UndoneFirst: o.UndoneFirst, First: o.First, Bulk: o.Lane, Pull: o.Pull, Scopes: portal.Scopes}}
	s.Notes = append(a.sourceNotes(d), timelineNotes(d)...)
	journal, note, err := a.journalOf(ctx, portal.Connection)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	if s.Engine.Journal = journal; note != "" {
		s.Notes = append(s.Notes, note)
	}
	if err := a.identify(ctx, s); err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return s, nil
}

// Check returns what is wrong with the definition. Nothing is written.
func (s *Session) Check(ctx context.Context) (problems []definition.Problem, err error) {
	end := s.begin("check")
	defer func() { end(engine.Result{}, err) }()
	if problems, err = s.Engine.Check(ctx); err == nil {
		s.Notes = append(s.Notes, readingNotes(s.Definition, s.source)...)
		var differ []Difference
		if len(problems) == 0 {
			differ, err = s.PortalDifferences(ctx)
		}
		for _, x := range differ {
			s.Notes = append(s.Notes, x.What)
		}
	}
	return problems, err
}

// Preview makes a plan and keeps it. Neither side is written.
func (s *Session) Preview(ctx context.Context) (res engine.Result, err error) {
	end := s.begin(string(JobPreview))
	defer func() { end(res, err) }()
	res, err = s.Engine.Preview(ctx)
	res.Notes = append(slices.Clone(s.Notes), res.Notes...)
	return res, err
}

// Run makes a plan and applies it, or applies exactly the stored plan of that
// id.
func (s *Session) Run(ctx context.Context, planID string) (res engine.Result, err error) {
	end := s.begin(string(JobRun))
	defer func() { end(res, err) }()
	res, err = s.Engine.Run(ctx, planID)
	res.Notes = append(slices.Clone(s.Notes), res.Notes...)
	return res, err
}

func (s *Session) retry(ctx context.Context, keys []string) (res engine.Result, err error) {
	end := s.begin("retry")
	defer func() { end(res, err) }()
	return s.Engine.Retry(ctx, keys)
}

// Reconcile reads both sides and compares them under the map. Nothing is
// written to either, nor kept in the workspace. Close what it returns.
func (s *Session) Reconcile(ctx context.Context) (r *engine.Reconciliation, err error) {
	end := s.begin("reconcile")
	defer func() { end(engine.Result{}, err) }()
	return s.Engine.Reconcile(ctx)
}

// Redo lets what undos took back of a run be planned again: the next preview
// or run offers it. Nothing is written.
func (s *Session) Redo(ctx context.Context, runID string) (err error) {
	end := s.begin("redo")
	defer func() { end(engine.Result{}, err) }()
	return s.Engine.Redo(ctx, runID)
}

// Close lets go of the source.
func (s *Session) Close() error { return s.source.Close() }

// syncsAt returns the syncs that were made from the definition at path,
// wherever it lay then.
func (a *App) syncsAt(ctx context.Context, path string) ([]store.Sync, error) {
	var syncs []store.Sync
	d, err := definition.Load(path)
	if err == nil {
		syncs, err = a.syncsOf(ctx, d)
	} else {
		// What is wrong with a document keeps nobody from what is known of it.
		syncs, err = a.Store.SyncsAt(ctx, absolute(path))
	}
	if err == nil && len(syncs) == 0 {
		err = &UseError{Msg: fmt.Sprintf("%s has never been previewed or run in this workspace: preview it first", path)}
	}
	return syncs, err
}

// Conflicts returns the open conflicts of the sync at path, all or those of one
// field.
func (a *App) Conflicts(ctx context.Context, path, field string) ([]store.Conflict, error) {
	ids, err := a.conflictIDs(ctx, path, field)
	if err != nil {
		return nil, err
	}
	return a.Store.Conflicts(ctx, ids)
}

func (a *App) conflictIDs(ctx context.Context, path, field string) ([]int64, error) {
	d, err := definition.Load(path)
	if err != nil {
		return nil, err
	}
	if field != "" && !hasField(d, field) {
		return nil, &UseError{Msg: fmt.Sprintf("the sync %s has no field %q", d.Name, field)}
	}
	syncs, err := a.syncsAt(ctx, path)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, y := range syncs {
		more, err := a.Store.ConflictIDs(ctx, store.ConflictFilter{SyncID: y.ID, Field: field})
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// hasField tells whether conflicts can be about a field: a mapped one, named as
// in the source, or a match key.
func hasField(d *definition.Definition, field string) bool {
	return slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return cmp.Or(f.Field, f.Property) == field }) ||
		slices.ContainsFunc(d.HubSpot.Match, func(k definition.MatchKey) bool { return k.Field == field })
}

// Take settles the open conflicts of the sync at path by one side; it takes
// effect on the next run. It returns how many are settled, and how many stay open
// because that side can't settle them.
func (a *App) Take(ctx context.Context, path, field string, side plan.Choice) (settled, open int, err error) {
	ids, err := a.conflictIDs(ctx, path, field)
	if err == nil {
		err = a.Store.Decide(ctx, ids, side, "", person())
	}
	if err != nil {
		return 0, 0, err
	}
	left, err := a.conflictIDs(ctx, path, field)
	return len(ids) - len(left), len(left), err
}

// Decide keeps a person's choice for conflicts.
func (a *App) Decide(ctx context.Context, ids []int64, choice plan.Choice, value string) error {
	return a.Store.Decide(ctx, ids, choice, value, person())
}

// Attention returns the failed rows of the sync at path.
func (a *App) Attention(ctx context.Context, path string) ([]store.Attention, error) {
	syncs, err := a.syncsAt(ctx, path)
	if err != nil {
		return nil, err
	}
	var all []store.Attention
	for _, y := range syncs {
		more, err := a.Store.AttentionOf(ctx, y.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// Undo reverts a run of any sync of this workspace, or the part of it that the
// options name. Records that the run created are archived only once that is
// confirmed.
func (a *App) Undo(ctx context.Context, runID string, o Options) (res engine.Result, err error) {
	s, err := a.sessionOf(ctx, runID, o)
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	end := s.begin("undo")
	defer func() { end(res, err) }()
	return s.Engine.UndoPart(ctx, runID, o.Part)
}

// PreviewUndo makes the plan of an undo and keeps it: what goes back, what
// stays because it was edited since, and what is archived. Neither side is
// written.
func (a *App) PreviewUndo(ctx context.Context, runID string, o Options) (res engine.Result, err error) {
	s, err := a.sessionOf(ctx, runID, o)
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	end := s.begin(string(JobPreview))
	defer func() { end(res, err) }()
	return s.Engine.PreviewUndo(ctx, runID, o.Part)
}

// Redo lets what undos took back of a run be done again, and makes the plan
// that offers it. Neither side is written.
func (a *App) Redo(ctx context.Context, runID string, o Options) (engine.Result, error) {
	s, err := a.sessionOf(ctx, runID, o)
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	if err := s.Redo(ctx, runID); err != nil {
		return engine.Result{}, err
	}
	return s.Preview(ctx)
}

// sessionOf opens the sync that a run is of.
func (a *App) sessionOf(ctx context.Context, runID string, o Options) (*Session, error) {
	run, err := a.Store.Run(ctx, runID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &engine.SetupError{Kind: "plan", Msg: fmt.Sprintf("there is no run %s in this workspace: see the history", runID)}
	}
	if err != nil {
		return nil, err
	}
	y, err := a.Store.Sync(ctx, run.SyncID)
	if err != nil {
		return nil, err
	}
	path, err := a.place(ctx, y)
	if err != nil {
		return nil, err
	}
	return a.OpenSync(ctx, path, o)
}

// AddSync makes a sync of the definition at path known to the workspace, so
// that Home shows it before it was ever run.
func (a *App) AddSync(ctx context.Context, path string) error {
	d, err := definition.Load(path)
	if err != nil {
		return err
	}
	portal, err := a.Portal(ctx, d.HubSpot.Portal)
	if err != nil {
		return err
	}
	account, err := portal.Client.Account(ctx)
	if err != nil {
		return err
	}
	object, err := hubspot.ObjectType{ID: engine.DeliveryObject(d)}, error(nil)
	if d.Deliver == nil {
		object, err = portal.Client.ObjectType(ctx, d.HubSpot.Object)
	}
	var none *hubspot.NoTypeError
	if errors.As(err, &none) && d.HubSpot.Make != nil {
		object, err = hubspot.ObjectType{ID: d.HubSpot.Object}, nil // a run makes it
	}
	if err != nil {
		return err
	}
	yaml, err := d.YAML()
	if err != nil {
		return err
	}
	if _, err := a.syncsOf(ctx, d); err != nil {
		return err
	}
	_, err = a.Store.EnsureSync(ctx, store.Sync{UID: d.ID, Name: d.Name, Path: absolute(path), Definition: string(yaml), PortalID: account.PortalID, Object: object.ID}, definition.NewID())
	return err
}
