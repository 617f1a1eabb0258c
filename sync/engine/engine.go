package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/source"
)

// Engine carries out one sync. Fill the fields, then call one method at a
// time; an Engine is not for concurrent use, its Progress is.
type Engine struct {
	Store      *store.Store
	Client     *hubspot.Client
	Source     source.Source
	Definition *definition.Definition

	Person string // who runs it, for the history
	SetID  string // the run of a set that its runs are part of, "" where it runs by itself
	// UndoneFirst are the plans of undos that are carried out before the one that is previewed:
	// what they take back keeps no record. Only PreviewUndo asks.
	UndoneFirst []string
	// First are the plans of other syncs that are carried out before this one's, as those of a set
	// are: a record that one of them makes can be named here before HubSpot shows it.
	First     []string
	Progress  *Progress // may be nil
	Confirmed bool      // guard rails were confirmed by a person
	// NoSyncKey keeps Syncline from making its unique property in HubSpot; creates are then
	// secured by the journal and the match keys only.
	NoSyncKey bool
	// FreshID becomes the id of a sync whose document has none and that was never seen before;
	// "" is a random one.
	FreshID string
	// WriteID puts the sync's id into its document, on its first run; nil where that can't be
	// written, which then counts by its path.
	WriteID func(ctx context.Context, id string) error
	// Bulk says by which way many new records go to HubSpot.
	Bulk LaneChoice
	// Journal reads the portal's webhooks journal, by the token of the app itself; nil: it is not
	// followed.
	Journal *hubspot.Client
	// Pull says by which way all records are read.
	Pull PullChoice
	// Scopes are what the token was granted, nil where that is not known.
	Scopes []string
	// Generations counts the runs of each sync outside of the workspace; nil counts inside only.
	Generations Generations
	// SmallSync is up to how many records each pull reads all of them instead of those that
	// changed; 0 = 5,000, which is 50 calls, negative = never for their number.
	SmallSync int
	// SmallEdges is up to how many rows each run compares all associations instead of those of
	// rows that ask for something else, or of which HubSpot tells that one changed; 0 = 20,000,
	// which is 20 calls, negative = never for their number.
	SmallEdges int
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// At is called at named points between durable steps; a test kills the process there.
	At func(point string)
}

// job is one call of an Engine method.
type job struct {
	*Engine
	sync      store.Sync
	mapping   *mapping.FieldMap
	schema    schema
	pull      int64
	rowsState int64     // what the values of rows depend on beside their cells, as this job read them: see store.RowSeen.Sound; 0 = it read none
	rowsPull  int64     // the pull that read only the rows again, for a plan of an earlier one; 0 = none
	planPull  int64     // the latest pull before that
	full      bool      // this pull reads all records
	listed    time.Time // when all records were last listed; zero: not in this job
	mark      time.Time // HubSpot's time at the start of the pull
	before    takenBack // what undos that come first take back
	reading   *Reading  // how all records are read, where that is worth telling
	noticed   int64     // the last notice when the pull began
	keyBefore string    // by which columns the last run knew the rows, where that is another key
	rowsKnown int       // how many rows the source had when it was last read; 0 = unknown, and all are read
	// byJournal says that the webhooks journal tells everything that changed since the watermark;
	// journalGap that it lacks something, so that everything is read.
	byJournal, journalGap bool
	window                window    // in which the pull looks for changes, when it is not full
	began                 time.Time // our time then
	runID                 string
	noting                sync.Mutex // several batches are under way at once
	notes                 []string
	fixes                 corrections
	watched               map[string][]string // rows that an undo may take out -> cells of them that are filled and not mapped

	freshKeys     map[string]string        // of rows whose key an archived record bears, under the same lock
	emptiedStages map[string]bool          // records whose lifecycle stage was emptied to be set again, under the same lock
	filterList    *hubspot.Segment         // only its members take part; nil: all do
	inList        map[string]bool          // who was in it when the pull began
	rebase        map[string]bool          // properties whose mapping changed since their base was made
	calls         Calls                    // before this job
	failedBefore  int                      // calls that failed before this job
	doubted       map[string]bool          // records to which a write of ours may have arrived late
	verifying     int                      // calls made for reading back
	edgesFrom     int                      // calls made before those of associations
	retrying      bool                     // only rows that a person named are sent
	patient       bool                     // associations that lack room wait for the next pass
	applying      string                   // the plan that is being carried out, "" = none
	goesOn        bool                     // the plan is that of a run that was interrupted: another one follows it
	reread        bool                     // the plan is not of this moment: what moved since goes to a person instead of being resolved again
	noZone        bool                     // times of change in the source name no zone, and neither does the definition
	inPart        map[int]*store.Attention // items of which HubSpot refused some fields, under the same lock
	tally         mapping.Tally            // of what was guessed and repaired in the rows
	// untrusted says that the workspace is an older copy: what it remembers is not relied on, and
	// nothing is written over without review.
	untrusted     bool
	ends          associable                    // what this sync's records can be associated with
	lines         []*edgeLine                   // the associations that the definition asks for
	mergedRows    map[string]string             // rows that were merged in the source -> the rows that they live on in
	sourceBatches int                           // of a source that is written piece by piece
	making        bool                          // the object type is not there: applying the plan makes it
	edgeLimits    map[string]edgeLimits         // by the object type of the other end, as they were read
	bornEdges     map[edgeKey]bool              // associations that this job made together with their record, under the same lock as notes
	types         map[string]hubspot.ObjectType // those that were asked for, by the names they were asked for by
	partOf        string                        // the run that this one is a part of
	outside       int64                         // the number of runs that is kept outside of the workspace
	recipient     recipient                     // what rows are delivered to, nil for records
	part          bool                          // it finds the records at an end of another job's associations
	coming        map[string]*coming            // of a part, by plan: what is going to be there
}

func (e *Engine) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// note adds a sentence worth knowing to what the job returns.
func (j *job) note(format string, args ...any) {
	j.noting.Lock()
	defer j.noting.Unlock()
	j.notes = append(j.notes, fmt.Sprintf(format, args...))
}

func (e *Engine) at(point string) {
	if e.At != nil {
		e.At(point)
	}
}

// newID makes an id that sorts by time and that a person can read out.
func newID(kind string, now time.Time) string {
	var b [3]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
	return fmt.Sprintf("%s-%s-%s", kind, now.UTC().Format("20060102-150405"), hex.EncodeToString(b[:]))
}

// batchID names a batch, and with it the trace of each of its inputs at
// HubSpot: of 128 random bits, so that no two batches of any workspace on any
// machine share one.
func batchID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // as in newID
	return "b-" + hex.EncodeToString(b[:])
}

// Check connects, reads both schemas and returns what is wrong with the
// definition. Nothing is written.
func (e *Engine) Check(ctx context.Context) ([]definition.Problem, error) {
	j := &job{Engine: e}
	return j.check(ctx)
}

// Preview makes a plan and keeps it. Neither side is written.
func (e *Engine) Preview(ctx context.Context) (Result, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	pl, err := j.makePlan(ctx)
	if err != nil {
		return j.result(plan.RunFailed, ""), err
	}
	return j.planned(pl)
}

// Run makes a plan and applies it, or applies exactly the stored plan of that
// id. A run that was interrupted is brought to its end first.
func (e *Engine) Run(ctx context.Context, planID string) (Result, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	if err := j.keepID(ctx); err != nil {
		return j.result(plan.RunFailed, planID), err
	}
	resumed, err := j.resume(ctx)
	if err != nil {
		return resumed, err
	}
	if planID != "" && resumed.PlanID == planID {
		return resumed, nil
	}
	var pl plan.Plan
	if planID != "" {
		j.reread = true
		pl, err = j.storedPlan(ctx, planID)
	} else {
		pl, err = j.makePlan(ctx)
	}
	if err != nil {
		return j.result(plan.RunFailed, planID), err
	}
	res, err := j.carryOut(ctx, pl)
	if err != nil || resumed.RunID == "" {
		return res, err
	}
	return j.reported(resumed, res), nil
}

// reported is what a run says that first ended another one. Where nothing was
// left to write after that, it says what that one came to, of which its own
// plan would only tell that nothing changed. Else it is a run of its own, and
// tells of the other in a note.
func (j *job) reported(ended, own Result) Result {
	c, e := own.Counts, ended.Counts
	if !c.writes() && c.Unchanged >= e.Created+e.Updated && c.Conflict == e.Conflict && c.Skipped == e.Skipped && c.Failed == e.Failed {
		ended.Counts.Read = c.Read
		ended.Counts.Unchanged = c.Unchanged - e.Created - e.Updated
		ended.Calls, ended.Notes = own.Calls, own.Notes
		return ended
	}
	own.Notes = append(own.Notes, fmt.Sprintf("The run %s, which had been interrupted, was ended first: %d created, %d updated, %d failed.", ended.RunID, e.Created, e.Updated, e.Failed))
	return own
}

// begin checks everything that a run rests on, takes the lease, and settles
// the operations whose answers never came.
func (e *Engine) begin(ctx context.Context) (*job, func(), error) {
	_ = headroom()
	j := &job{Engine: e}
	j.calls, j.failedBefore = e.callsNow(), e.Client.Traffic().Failed
	e.Progress.change(func(s *Snapshot) { *s = Snapshot{Phase: PhaseGuard, Started: e.now()} })
	problems, err := j.check(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(problems) > 0 {
		return nil, nil, &SetupError{Kind: "definition", Err: &definition.Error{Path: e.Definition.Path, Problems: problems}}
	}
	release, err := j.guardIn(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(j.lines) > 0 {
		own := release
		parts, err := j.guardParts(ctx)
		if err != nil {
			own()
			return nil, nil, err
		}
		release = func() { parts(); own() }
		if err := j.knowLabels(ctx); err != nil {
			release()
			return nil, nil, err
		}
	}
	if err := j.recover(ctx); err != nil {
		release()
		return nil, nil, err
	}
	return j, release, nil
}

// carryOut applies a plan as a new run, if its guard rails allow.
func (j *job) carryOut(ctx context.Context, pl plan.Plan) (Result, error) {
	if err := j.guardPlan(ctx, pl); err != nil {
		res := j.result(plan.RunStopped, pl.ID)
		var g *GuardError
		if errors.As(err, &g) {
			res.Guards = g.Guards
		}
		summary, serr := summaryOf(pl)
		if serr == nil {
			res.Counts = summary.Counts
		}
		return res, err
	}
	j.runID = newID("run", j.now())
	run := store.Run{ID: j.runID, SyncID: j.sync.ID, PlanID: pl.ID, Kind: plan.KindRun, Phase: string(PhaseApply), Person: j.Person, Started: j.now(), SetID: j.SetID}
	if pl.Kind == plan.KindUndo {
		run.Kind, run.UndoOf = plan.KindUndo, pl.UndoOf
	}
	if err := j.nextGeneration(ctx); err != nil {
		return j.result(plan.RunFailed, pl.ID), err
	}
	if err := j.Store.StartRun(ctx, run); err != nil {
		return j.result(plan.RunFailed, pl.ID), err
	}
	if j.partOf != "" {
		if err := j.Store.SetRunPart(ctx, j.runID, j.partOf); err != nil {
			return j.result(plan.RunFailed, pl.ID), err
		}
	}
	j.at("run-started")
	return j.finishRun(ctx, pl)
}

// finishRun applies what is left of a plan and ends the run.
func (j *job) finishRun(ctx context.Context, pl plan.Plan) (Result, error) {
	err := j.Store.OutdatePlans(ctx, j.sync.ID, pl.ID)
	if err == nil {
		err = j.startAnew(ctx, pl)
	}
	if err == nil {
		j.applying = pl.ID
		err = j.apply(ctx, pl)
		j.applying = ""
	}
	if err == nil && pl.Kind != plan.KindUndo {
		err = j.end(ctx, pl)
	}
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err) // what a stop cut off says what it likes
	}
	state := plan.RunDone
	problem := ""
	if err != nil {
		state, problem = plan.RunFailed, err.Error()
		if errors.Is(err, context.Canceled) {
			state, problem = plan.RunStopped, "stopped by the user"
		}
		var failing *FailingError
		if errors.As(err, &failing) {
			state = plan.RunStopped
		}
	}
	res := j.result(state, pl.ID)
	// The end is kept even when the run was cancelled.
	ctx = context.WithoutCancel(ctx)
	counts, cerr := j.appliedCounts(ctx, pl)
	if cerr == nil {
		res.Counts = counts
	}
	if perr := j.Store.EndRun(ctx, j.runID, state, problem, j.now(), res.Counts, res.Calls); perr != nil && err == nil {
		err = perr
	}
	j.Progress.change(func(s *Snapshot) { s.Phase, s.Counts = PhaseDone, res.Counts })
	return res, err
}

// end moves the watermark, which is the last thing that a run does.
func (j *job) end(ctx context.Context, pl plan.Plan) error {
	j.at("before-watermark")
	y := j.sync
	y.Mapping = j.mapping.Hashes()
	summary, err := summaryOf(pl)
	if err != nil {
		return err
	}
	// A plan of the sync's latest pull, whether it was made now or stored: what a
	// later pull saw is not told by this plan, and the mark would pass over it.
	latest := max(j.pull, y.Pull)
	if latest == j.rowsPull {
		latest = j.planPull // only rows were read since
	}
	if pl.Pull == latest && !summary.Mark.IsZero() {
		y.Watermark, y.Noticed = summary.Mark, summary.Noticed
		if summary.Full {
			y.FullAt, y.FullRun = pl.Made, y.Runs
		}
	}
	tally, err := j.Store.Tally(ctx, y.ID)
	if err != nil {
		return err
	}
	if !j.leavesVanished(pl, summary) {
		y.SourceRows = tally.Rows
	}
	if y.SourceIdentity, err = j.sourceIdentity(ctx); err != nil {
		return err
	}
	if err := j.Store.AdoptWhole(ctx, y.ID); err != nil {
		return err
	}
	if err := j.Store.CommitWatermark(ctx, y); err != nil {
		return err
	}
	y.Runs++
	j.sync, j.rebase = y, nil
	if err := j.Store.PlanApplied(ctx, pl.ID, j.runID, j.now()); err != nil {
		return err
	}
	j.at("plan-applied")
	return nil
}

// endApplied ends a run that was cut off when all of its plan was applied, before it
// kept that it had come to its end.
func (j *job) endApplied(ctx context.Context) (Result, error) {
	run, err := j.Store.Unended(ctx, j.sync.ID)
	if errors.Is(err, store.ErrNotFound) {
		return Result{}, nil
	}
	if err != nil {
		return Result{}, err
	}
	pl, err := j.Store.Plan(ctx, run.PlanID)
	if err != nil {
		return Result{}, err
	}
	j.runID = run.ID
	res := j.result(plan.RunDone, pl.ID)
	if res.Counts, err = j.appliedCounts(ctx, pl); err != nil {
		return res, err
	}
	ended := run.Ended
	if ended.IsZero() {
		ended = j.now() // by a version that did not keep it with the plan
	}
	err = j.Store.EndRun(ctx, run.ID, plan.RunDone, "", ended, res.Counts, Calls{})
	j.runID = ""
	return res, err
}

func (j *job) result(state plan.RunState, planID string) Result {
	calls := j.callsNow().since(j.calls)
	calls.Verify = j.verifying
	return Result{RunID: j.runID, PlanID: planID, SyncID: j.sync.ID, Sync: j.Definition.Name, State: state, Notes: j.notes, Calls: calls}
}

func (j *job) planned(pl plan.Plan) (Result, error) {
	res := j.result(plan.RunPlanned, pl.ID)
	summary, err := summaryOf(pl)
	if err != nil {
		return res, err
	}
	res.Counts, res.Guards = summary.Counts, summary.Guards
	j.Progress.change(func(s *Snapshot) { s.Phase, s.Counts = PhaseDone, res.Counts })
	return res, nil
}

// resume brings an interrupted run of this sync to its end.
func (j *job) resume(ctx context.Context) (Result, error) {
	run, err := j.Store.Interrupted(ctx, j.sync.ID)
	if errors.Is(err, store.ErrNotFound) {
		return j.endApplied(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	pl, err := j.Store.Plan(ctx, run.PlanID)
	if err != nil {
		return Result{}, err
	}
	same, err := j.sameMeaning(pl)
	if err != nil {
		return Result{}, err
	}
	if pl.State == plan.Stale {
		return Result{}, nil
	}
	if !same {
		// What was done is kept; what is left is planned anew by what the definition says now.
		note := "The definition was changed since a run was interrupted: what was left of that run is planned anew."
		if pl.Kind == plan.KindUndo {
			note = fmt.Sprintf("The definition was changed since the undo of the run %s was interrupted: undo that run once more to take back what is left of it.", pl.UndoOf)
		}
		j.notes = append(j.notes, note)
		if err := j.Store.SetPlanState(ctx, pl.ID, plan.Stale); err != nil {
			return Result{}, err
		}
		return Result{}, nil
	}
	if err := j.Store.CheckPlan(ctx, pl.ID); err != nil {
		// It can't be gone on with; the next run plans anew what is left.
		return Result{}, errors.Join(err, j.Store.SetPlanState(ctx, pl.ID, plan.Stale))
	}
	j.runID, j.reread, j.goesOn = run.ID, true, true
	defer func() { j.reread, j.goesOn = false, false }()
	if err := j.Store.SetPhase(ctx, run.ID, string(PhaseApply), ""); err != nil {
		return Result{}, err
	}
	return j.finishRun(ctx, pl)
}

// sameMeaning reports whether a plan was made of what the definition says now.
// An undo is made of the audit trail.
func (j *job) sameMeaning(pl plan.Plan) (bool, error) {
	summary, err := summaryOf(pl)
	return summary.Meaning == "" || summary.Meaning == j.Definition.Hash(), err
}

// storedPlan returns a plan that may be applied.
func (j *job) storedPlan(ctx context.Context, id string) (plan.Plan, error) {
	pl, err := j.Store.Plan(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("there is no plan %s in this workspace: preview again", id)}
	}
	if err != nil {
		return pl, err
	}
	if pl.SyncID != j.sync.ID {
		return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s belongs to another sync, or to another portal: preview this one", id)}
	}
	switch pl.State {
	case plan.Ready:
		if same, err := j.sameMeaning(pl); err != nil {
			return pl, err
		} else if !same {
			return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the definition was changed after the plan %s was made, so it would not do what the definition says now: preview again", id)}
		}
		return pl, j.Store.CheckPlan(ctx, id)
	case plan.Applied:
		return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s was applied already: preview again to see what is left", id)}
	case plan.Stale:
		return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s rests on what no longer holds: since it was made, another run of the sync was carried out, its own ended early, the workspace was put back from a copy, or a newer Syncline took it over: preview again", id)}
	}
	return pl, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s was not finished: preview again", id)}
}
