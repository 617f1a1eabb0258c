package app

import (
	"context"
	"fmt"
	"sync"

	"syncline/store"
	"syncline/sync/engine"
)

// JobKind is what a Job does.
type JobKind string

// The kinds of job.
const (
	JobPreview JobKind = "preview"
	JobRun     JobKind = "run"
	JobRedo    JobKind = "redo" // a preview that offers again what the undo of a run took back

	JobPreviewUndo JobKind = "preview-undo" // the plan of an undo
	JobRetry       JobKind = "retry"        // a preview in which only some failed rows are written
)

// ofRun reports whether the work begins with a run instead of a definition.
func (k JobKind) ofRun() bool { return k == JobRedo || k == JobPreviewUndo }

// Plans reports whether the work makes a plan and writes nothing.
func (k JobKind) Plans() bool { return k != JobRun }

// Work says what a Job does.
type Work struct {
	Kind JobKind
	Path string // of the definition, where the work does not begin with a run
	// Arg is the plan that a run applies, or the run that is undone or done again.
	Arg string
	// Instead is the plan in whose place a new one comes, "" for none: what a
	// person took out of it or edited in it is taken over.
	Instead   string
	Rows      []string   // of a retry: the keys of the rows that are written
	Part      store.Part // of the plan of an undo: which fields and rows, none means all
	Undoes    bool       // of a run: its plan undoes another one, and screens say so
	Confirmed bool       // guard rails were confirmed
	// Lane is by which way a run sends many new records; the zero value goes by its plan.
	Lane engine.LaneChoice
}

// Key names what has one job at a time: the definition, or the run.
func (x Work) Key() string {
	if x.Kind.ofRun() {
		return x.Arg
	}
	return x.Path
}

// Job is long work that a screen started and others may watch. Its fields are
// set before it starts and do not change; what it came to is read after Done.
type Job struct {
	Work
	Name     string
	Progress *engine.Progress

	cancel context.CancelFunc
	done   chan struct{}
	result engine.Result
	err    error
}

// Done is closed when the job has ended.
func (j *Job) Done() <-chan struct{} { return j.done }

// Result is what the job came to; call it after Done.
func (j *Job) Result() (engine.Result, error) {
	<-j.done
	return j.result, j.err
}

// Cancel asks the job to stop; what it did is kept, and the next run goes on.
func (j *Job) Cancel() { j.cancel() }

// jobs are the jobs under way, one per definition and one per set.
type jobs struct {
	mu   sync.Mutex
	byID map[string]*Job
	sets map[string]*SetJob
	wg   sync.WaitGroup
	held string // why none may begin now, "" where they may
}

// errHeld says why no work may begin now; nil where it may. The caller has mu.
func (j *jobs) errHeld() error {
	if j.held == "" {
		return nil
	}
	return &UseError{Msg: j.held}
}

// hold lets no work begin until release is called, for the reason given. It fails
// where some is under way.
func (j *jobs) hold(busy, why string) (release func(), err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.errHeld(); err != nil {
		return nil, err
	}
	if len(j.byID)+len(j.sets) > 0 {
		return nil, &UseError{Msg: busy}
	}
	j.held = why
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.held = ""
	}, nil
}

// Start begins a job in the background. A definition has one job at a time. In
// the window nothing is written that no plan has shown.
func (a *App) Start(ctx context.Context, x Work) (*Job, error) {
	id := x.Key()
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if err := a.jobs.errHeld(); err != nil {
		return nil, err
	}
	if a.jobs.byID == nil {
		a.jobs.byID = make(map[string]*Job)
	}
	if a.jobs.byID[id] != nil {
		return nil, fmt.Errorf("this sync is at work already: wait for it, or stop it")
	}
	if x.Kind == JobRun && x.Arg == "" {
		return nil, fmt.Errorf("nothing is written that was not shown: make a plan first, then apply it")
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &Job{Work: x, Progress: &engine.Progress{}, cancel: cancel, done: make(chan struct{})}
	a.jobs.byID[id] = j
	a.jobs.wg.Add(1)
	go func() {
		defer a.jobs.wg.Done()
		defer cancel()
		j.result, j.err = a.carryOut(ctx, j)
		a.jobs.mu.Lock()
		delete(a.jobs.byID, id)
		a.jobs.mu.Unlock()
		close(j.done)
	}()
	return j, nil
}

// Running returns the jobs under way.
func (a *App) Running() []*Job {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	all := make([]*Job, 0, len(a.jobs.byID))
	for _, j := range a.jobs.byID {
		all = append(all, j)
	}
	return all
}

// PortalOfJob is the id of the portal that a job works on, 0 where it is not
// known.
func (a *App) PortalOfJob(ctx context.Context, j *Job) int64 {
	if j.Kind.ofRun() {
		run, err := a.Store.Run(ctx, j.Arg)
		if err != nil {
			return 0
		}
		y, err := a.Store.Sync(ctx, run.SyncID)
		if err != nil {
			return 0
		}
		return y.PortalID
	}
	syncs, err := a.syncsAt(ctx, j.Path)
	if err != nil || len(syncs) == 0 {
		return 0
	}
	return syncs[0].PortalID
}

// StopAll cancels all jobs and waits until each has ended in order.
func (a *App) StopAll() {
	for _, j := range a.Running() {
		j.Cancel()
	}
	for _, j := range a.RunningSets() {
		j.Cancel()
	}
	a.jobs.wg.Wait()
}

func (a *App) carryOut(ctx context.Context, j *Job) (engine.Result, error) {
	o := Options{Progress: j.Progress, Confirmed: j.Confirmed, Part: j.Part, Lane: j.Lane}
	switch j.Kind {
	case JobRedo:
		return a.Redo(ctx, j.Arg, o)
	case JobPreviewUndo:
		return a.previewUndoAfter(ctx, j.Arg, j.Instead, o)
	case JobPreview, JobRun, JobRetry:
	}
	s, err := a.OpenSync(ctx, j.Path, o)
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	switch j.Kind {
	case JobPreview:
		return s.previewAfter(ctx, j.Instead)
	case JobRetry:
		return s.previewRows(ctx, j.Rows)
	case JobRun, JobRedo, JobPreviewUndo:
	}
	return s.Run(ctx, j.Arg)
}
