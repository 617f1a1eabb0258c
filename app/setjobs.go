package app

import (
	"context"
	"fmt"
)

// SetJobKind is what a SetJob does.
type SetJobKind string

// The kinds of work on a set.
const (
	SetPreview     SetJobKind = "preview"
	SetRun         SetJobKind = "run"
	SetPreviewUndo SetJobKind = "preview-undo"
	SetUndo        SetJobKind = "undo"
)

// Plans reports whether the work makes a plan and writes nothing.
func (k SetJobKind) Plans() bool { return k == SetPreview || k == SetPreviewUndo }

// Undoes reports whether the work begins with a run of the set instead of its
// document.
func (k SetJobKind) Undoes() bool { return k == SetUndo || k == SetPreviewUndo }

// SetWork says what a SetJob does.
type SetWork struct {
	Kind SetJobKind
	Path string // of the set, where the work is no undo
	// Arg is the plan of the set that a run applies, or the run of the set that
	// is taken back.
	Arg       string
	Plan      string  // of an undo: the plan of the set that it carries out
	Instead   string  // of a preview: the plan of the set in whose place it comes; changes of it are taken over
	Redo      string  // of a preview: the run of the set that is offered again
	Part      SetPart // of an undo and its preview: what of the run
	Portal    string  // overrides that of every definition
	Confirmed bool    // guard rails were confirmed
}

// Key names what has one job at a time: the set, or the run of one.
func (x SetWork) Key() string {
	if x.Kind.Undoes() {
		return x.Arg
	}
	return absolute(x.Path)
}

// SetJob is work on a set that a screen started and others may watch, like a
// Job.
type SetJob struct {
	SetWork
	Progress *SetProgress

	cancel context.CancelFunc
	done   chan struct{}
	result SetResult
	err    error
}

// Done is closed when the job has ended.
func (j *SetJob) Done() <-chan struct{} { return j.done }

// Result is what the job came to; call it after Done.
func (j *SetJob) Result() (SetResult, error) {
	<-j.done
	return j.result, j.err
}

// Cancel asks the job to stop; what it did is kept, and the next run of the set
// goes on.
func (j *SetJob) Cancel() { j.cancel() }

// StartSet begins work on a set in the background. A set has one job at a time.
// In the window nothing is written that no plan has shown.
func (a *App) StartSet(ctx context.Context, x SetWork) (*SetJob, error) {
	if x.Kind == SetRun && x.Arg == "" || x.Kind == SetUndo && x.Plan == "" {
		return nil, fmt.Errorf("nothing is written that was not shown: make a plan of the set first, then apply it")
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &SetJob{SetWork: x, Progress: &SetProgress{}, cancel: cancel, done: make(chan struct{})}
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if err := a.jobs.errHeld(); err != nil {
		cancel()
		return nil, err
	}
	if a.jobs.sets == nil {
		a.jobs.sets = make(map[string]*SetJob)
	}
	if a.jobs.sets[x.Key()] != nil {
		cancel()
		return nil, fmt.Errorf("this set is at work already: wait for it, or stop it")
	}
	a.jobs.sets[x.Key()] = j
	a.jobs.wg.Add(1)
	go func() {
		defer a.jobs.wg.Done()
		defer cancel()
		j.result, j.err = a.carryOutSet(ctx, j)
		a.jobs.mu.Lock()
		delete(a.jobs.sets, x.Key())
		a.jobs.mu.Unlock()
		close(j.done)
	}()
	return j, nil
}

// RunningSets returns the work on sets under way.
func (a *App) RunningSets() []*SetJob {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	all := make([]*SetJob, 0, len(a.jobs.sets))
	for _, j := range a.jobs.sets {
		all = append(all, j)
	}
	return all
}

func (a *App) carryOutSet(ctx context.Context, j *SetJob) (SetResult, error) {
	o := SetOptions{Portal: j.Portal, Confirmed: j.Confirmed, Redo: j.Redo, Instead: j.Instead, Part: j.Part, Progress: j.Progress}
	switch j.Kind {
	case SetPreview:
		return a.PreviewSet(ctx, j.Path, o)
	case SetPreviewUndo:
		return a.PreviewUndoSet(ctx, j.Arg, o)
	case SetUndo:
		o.Plan = j.Plan
		return a.UndoSet(ctx, j.Arg, o)
	case SetRun:
		o.Plan = j.Arg
	}
	return a.RunSet(ctx, j.Path, o)
}
