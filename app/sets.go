package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// SetOptions say how a set is worked on.
type SetOptions struct {
	Portal    string       // overrides that of every definition
	Confirmed bool         // guard rails were confirmed
	Plan      string       // of a run: the plan of PreviewSet that is applied, and nothing else; "" plans each sync in its turn
	Instead   string       // of a preview: the plan of the set whose changes by people are taken over, "" for none
	Redo      string       // the run of the set of which what an undo took back is offered again
	Part      SetPart      // of an undo: what of the run
	Progress  *SetProgress // may be nil
	Lane      engine.LaneChoice
	Pull      engine.PullChoice
}

// NotBegun is the state of a sync whose set stopped before it.
const NotBegun plan.RunState = "not begun"

// SetResult is what a preview, a run or an undo of a set came to.
type SetResult struct {
	Run     string // "" of a preview
	Plan    string // what RunSet can apply; "" where it did not come to one
	Set     string // its name
	UndoOf  string // of an undo
	State   plan.RunState
	Members []MemberResult // in the order in which they were worked on
	Notes   []string
}

// MemberResult is what one sync of a set came to.
type MemberResult struct {
	Document string // as the set names it; of an undo the sync's name
	Result   engine.Result
	Err      error
}

// Kind is what the member's outcome means, as a command's exit status.
func (m MemberResult) Kind() Kind { return Outcome(m.Result, m.Err) }

// Outcome is what a result means, as a command's exit status.
func Outcome(res engine.Result, err error) Kind {
	switch {
	case err != nil:
		return Explain(err).Kind
	case res.State == plan.RunDone && (res.Counts.Conflict > 0 || res.Counts.Failed > 0 || res.Counts.Waiting > 0):
		return Remaining
	}
	return 0
}

// Worst is the outcome of several that counts for all of them: what failed
// before what has to be put right in a definition, then what needs a sign-in, a
// confirmation, and a decision.
func Worst(kinds ...Kind) Kind {
	order := []Kind{0, Remaining, Guarded, SignIn, WrongUse, Failed}
	worst := Kind(0)
	for _, k := range kinds {
		if slices.Index(order, k) > slices.Index(order, worst) {
			worst = k
		}
	}
	return worst
}

// Kind is the worst of the members' outcomes.
func (r SetResult) Kind() Kind {
	var all []Kind
	for _, m := range r.Members {
		all = append(all, m.Kind())
	}
	return Worst(all...)
}

// Set is a set whose documents were read and brought into order.
type Set struct {
	Name      string
	Path      string
	Documents []string // of its syncs, in order, as the set names them
	Paths     []string // the same, as they can be opened
	Notes     []string // what a person should know of the documents themselves
	again     []int    // of Documents: those that name what comes after them, see setagain.go
}

// OpenSet reads a set and the documents of its syncs, and brings them into the
// order of their links. It connects nothing.
func (a *App) OpenSet(path string) (*Set, error) {
	doc, err := definition.LoadDocument(path)
	if err != nil {
		return nil, err
	}
	if doc.Set == nil {
		return nil, &UseError{Msg: fmt.Sprintf("%s is one sync and no set", path)}
	}
	all, err := doc.Set.Load()
	if err != nil {
		return nil, err
	}
	if err := notCopied(all); err != nil {
		return nil, err
	}
	ordered, err := doc.Set.Order(all, definition.Exists, sameObject)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: doc.Set.Name, Path: absolute(path), Documents: ordered.Names, Notes: ordered.Notes}
	for i, d := range ordered.Syncs {
		s.Paths = append(s.Paths, d.Path)
		if slices.Contains(ordered.Again, ordered.Names[i]) {
			s.again = append(s.again, i)
		}
	}
	return s, nil
}

// sameObject reports whether two names mean the same object type.
func sameObject(a, b string) bool {
	x, _ := hubspot.FindObjectType(a)
	y, _ := hubspot.FindObjectType(b)
	return x.ID != "" && x.ID == y.ID || strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// notCopied refuses two documents that would be taken for the same sync.
func notCopied(all []*definition.Definition) error {
	for i, d := range all {
		for _, earlier := range all[:i] {
			if d.ID != "" && d.ID == earlier.ID {
				return &CopyError{Path: absolute(d.Path), Other: absolute(earlier.Path), ID: d.ID}
			}
		}
	}
	return nil
}

// PreviewSet makes a plan for each sync of a set, in order, and keeps them as
// one. Neither side is written. It stops at the first that can't be planned.
func (a *App) PreviewSet(ctx context.Context, path string, o SetOptions) (SetResult, error) {
	set, err := a.OpenSet(path)
	if err != nil {
		return SetResult{}, err
	}
	again, err := a.setRuns(ctx, o.Redo)
	if err != nil {
		return SetResult{}, err
	}
	if err := a.seeSet(ctx, set); err != nil {
		return SetResult{}, err
	}
	before, err := a.plansOf(ctx, o.Instead)
	if err != nil {
		return SetResult{}, err
	}
	w := a.workOn(set, o)
	w.res.State = plan.RunPlanned
	w.each(ctx, func(i int, s *Session) (engine.Result, error) {
		if err := s.redoAny(ctx, again); err != nil {
			return engine.Result{}, err
		}
		return s.previewAfter(ctx, before[set.Documents[i]])
	})
	if w.res.State != plan.RunPlanned {
		return w.res, nil
	}
	p := store.SetPlan{ID: newSetID("setplan"), Name: set.Name, Path: set.Path, Made: time.Now()}
	for _, m := range w.res.Members {
		p.Members = append(p.Members, store.SetMember{Document: m.Document, PlanID: m.Result.PlanID})
	}
	w.res.Plan = p.ID
	return w.res, a.Store.KeepSetPlan(ctx, p)
}

// plansOf are the plans of a plan of a set by the documents of its syncs, none
// with "". Those that are gone, or that nobody changed, are left out.
func (a *App) plansOf(ctx context.Context, id string) (map[string]string, error) {
	if id == "" {
		return nil, nil
	}
	p, err := a.Store.SetPlan(ctx, id)
	if err != nil {
		return nil, err
	}
	plans := make(map[string]string, len(p.Members))
	for _, m := range p.Members {
		pl, err := a.Store.Plan(ctx, m.PlanID)
		if errors.Is(err, store.ErrNotFound) || err == nil && pl.Revision == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		plans[m.Document] = m.PlanID
	}
	return plans, nil
}

// RunSet runs the syncs of a set in order, as one job, and stops at the first
// that fails or that a guard rail stops: those after it may rest on it. A run of
// the set that did not come to its end is gone on with.
func (a *App) RunSet(ctx context.Context, path string, o SetOptions) (SetResult, error) {
	set, err := a.OpenSet(path)
	if err != nil {
		return SetResult{}, err
	}
	if err := a.seeSet(ctx, set); err != nil {
		return SetResult{}, err
	}
	w := a.workOn(set, o)
	if w.run, err = a.nextSetRun(ctx, store.SetRun{Name: set.Name, Path: set.Path, Kind: plan.KindRun, Plan: o.Plan}); err != nil {
		return w.res, err
	}
	ready := w.check
	if o.Plan != "" {
		ready = w.takePlan
	}
	if err := ready(ctx); err != nil || w.res.State != plan.RunDone {
		return w.res, err
	}
	again, err := a.setRuns(ctx, o.Redo)
	if err != nil {
		return w.res, err
	}
	return w.res, w.asRun(ctx, func() {
		w.each(ctx, func(i int, s *Session) (engine.Result, error) {
			if done := w.done[i]; done != nil {
				return *done, nil
			}
			if err := s.redoAny(ctx, again); err != nil {
				return engine.Result{}, err
			}
			return s.Run(ctx, w.plans[i])
		})
		w.joinWaiting(ctx)
	})
}

// setRuns are the runs of a run of a set, none with "".
func (a *App) setRuns(ctx context.Context, id string) ([]store.Run, error) {
	if id == "" {
		return nil, nil
	}
	runs, err := a.Store.RunsOfSet(ctx, id)
	if err == nil && len(runs) == 0 {
		err = &UseError{Msg: fmt.Sprintf("there is no run %s of a set in this workspace, or it wrote nothing: see syncline runs", id)}
	}
	return runs, err
}

// redoAny offers again what was taken back of those of the runs that are of
// this sync.
func (s *Session) redoAny(ctx context.Context, runs []store.Run) error {
	if len(runs) == 0 {
		return nil
	}
	syncs, err := s.app.syncsOf(ctx, s.Definition)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if slices.ContainsFunc(syncs, func(y store.Sync) bool { return y.ID == r.SyncID }) {
			if err := s.Redo(ctx, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// newSetID makes an id that sorts by time and that a person can read out.
func newSetID(kind string) string {
	var b [3]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
	return fmt.Sprintf("%s-%s-%s", kind, time.Now().UTC().Format("20060102-150405"), hex.EncodeToString(b[:]))
}

// nextSetRun is the run of a set that goes on, or a new one: the last one, if
// it did not come to its end and nobody took it back.
func (a *App) nextSetRun(ctx context.Context, r store.SetRun) (store.SetRun, error) {
	r.ID, r.Person, r.Started = newSetID("set"), person(), time.Now()
	if r.Part != "" {
		return r, nil // what it already took back is not there to be taken back again
	}
	last, err := a.Store.LastSetRun(ctx, r.Path, r.Kind, r.UndoOf)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && last.State == plan.RunDone:
		return r, nil
	case err != nil:
		return r, err
	}
	if _, err = a.Store.LastSetRun(ctx, r.Path, plan.KindUndo, last.ID); errors.Is(err, store.ErrNotFound) {
		r.ID, r.Started = last.ID, last.Started
		return r, nil
	}
	return r, err
}

// setWork is one preview, run or undo of a set.
type setWork struct {
	app   *App
	set   *Set
	o     SetOptions
	run   store.SetRun
	plans []string         // of the members, in their order; "" plans anew
	done  []*engine.Result // of members whose plan was applied before the run was interrupted; else nil
	res   SetResult
}

func (a *App) workOn(set *Set, o SetOptions) *setWork {
	w := &setWork{app: a, set: set, o: o, plans: make([]string, len(set.Documents)), done: make([]*engine.Result, len(set.Documents)),
		res: SetResult{Set: set.Name, State: plan.RunDone, Notes: slices.Clone(set.Notes)}}
	for _, name := range set.Documents {
		w.res.Members = append(w.res.Members, MemberResult{Document: name, Result: engine.Result{State: NotBegun}})
	}
	o.Progress.start(set.Documents)
	return w
}

// asRun keeps what is done as a run of the set.
func (w *setWork) asRun(ctx context.Context, do func()) error {
	if err := w.app.Store.BeginSetRun(ctx, w.run); err != nil {
		return err
	}
	w.res.Run = w.run.ID
	do()
	problem := ""
	for _, m := range w.res.Members {
		if m.Err != nil {
			problem = fmt.Sprintf("%s: %v", m.Document, m.Err)
			break
		}
	}
	// The end is kept even when the run was cancelled.
	return w.app.Store.EndSetRun(context.WithoutCancel(ctx), w.run.ID, w.res.State, problem, time.Now())
}

// each opens one sync after the other, and does something with it.
func (w *setWork) each(ctx context.Context, do func(i int, s *Session) (engine.Result, error)) {
	w.every(ctx, func(i int, o Options) (engine.Result, error) {
		s, err := w.app.OpenSync(ctx, w.set.Paths[i], o)
		if err != nil {
			return engine.Result{}, err
		}
		w.res.Members[i].Result.Sync = s.Definition.Name
		res, err := do(i, s)
		return res, errors.Join(err, s.Close())
	})
}

// every does something for each member, up to the first that does not come to
// its end.
func (w *setWork) every(ctx context.Context, do func(i int, o Options) (engine.Result, error)) {
	var first []string
	for i := range w.res.Members {
		m := &w.res.Members[i]
		res, err := do(i, w.options(i, first))
		name := m.Result.Sync
		m.Result, m.Err = res, err
		m.Result.Sync = cmp.Or(res.Sync, name)
		if err != nil && m.Result.State == "" {
			m.Result.State = plan.RunFailed
		}
		w.o.Progress.end(i, m.Result.State)
		if err != nil {
			w.stopped(i)
			return
		}
		plans, err := w.app.plansWithin(ctx, m.Result.PlanID)
		if err != nil {
			m.Err = err
			w.stopped(i)
			return
		}
		first = append(slices.Clone(first), plans...)
	}
}

// options are those by which a member is opened; first are the plans that are carried out
// before its own.
func (w *setWork) options(i int, first []string) Options {
	return Options{Portal: w.o.Portal, Confirmed: w.o.Confirmed, Progress: w.o.Progress.begin(i), SetID: w.res.Run, First: first, Lane: w.o.Lane, Pull: w.o.Pull}
}

// plansWithin are a plan and those of its parts, which make records too.
func (a *App) plansWithin(ctx context.Context, id string) ([]string, error) {
	pl, err := a.Store.Plan(ctx, id)
	if err != nil {
		return nil, err
	}
	summary, err := engine.SummaryOf(pl)
	return append([]string{id}, summary.Parts...), err
}

// stopped tells what became of those after a member that did not come to its
// end.
func (w *setWork) stopped(at int) {
	m := w.res.Members[at]
	w.res.State = plan.RunFailed
	did := "failed"
	if m.Kind() == Guarded || errors.Is(m.Err, context.Canceled) {
		w.res.State, did = plan.RunStopped, "was stopped"
	}
	if rest := w.set.Documents[at+1:]; len(rest) > 0 {
		w.res.Notes = append(w.res.Notes, fmt.Sprintf("%s %s. What comes after it was not begun, because it may rest on it: %s.", m.Document, did, strings.Join(rest, ", ")))
	}
}

// check reads both sides of every sync before the first one writes, so that a
// mistake in the last document leaves nothing half done.
func (w *setWork) check(ctx context.Context) error {
	for i, path := range w.set.Paths {
		m := &w.res.Members[i]
		s, err := w.app.OpenSync(ctx, path, Options{Portal: w.o.Portal})
		if err == nil {
			m.Result.Sync = s.Definition.Name
			var problems []definition.Problem
			if problems, err = s.Check(ctx); len(problems) > 0 {
				err = &definition.Error{Path: path, Problems: problems}
			}
			err = errors.Join(err, s.Close())
		}
		if m.Err = err; err != nil {
			w.res.State = plan.RunFailed
		}
	}
	if w.res.State != plan.RunDone {
		w.res.Notes = append(w.res.Notes, "Nothing was written: every sync of a set must be right before the first one begins.")
	}
	return nil
}

// takePlan takes the plans that were previewed together, if they are still what
// the documents say, and asks what a person must confirm of any of them.
func (w *setWork) takePlan(ctx context.Context) error {
	p, err := w.app.Store.SetPlan(ctx, w.o.Plan)
	if errors.Is(err, store.ErrNotFound) {
		return &UseError{Msg: fmt.Sprintf("there is no plan %s of a set in this workspace: preview the set again", w.o.Plan)}
	}
	if err != nil {
		return err
	}
	same := slices.EqualFunc(p.Members, w.set.Documents, func(m store.SetMember, name string) bool { return m.Document == name })
	if p.Path != w.set.Path || !same {
		return &UseError{Msg: fmt.Sprintf("the plan %s was made of another set, or the set was changed since: preview the set again", p.ID)}
	}
	for i, member := range p.Members {
		w.plans[i] = member.PlanID
		if err := w.takeMember(ctx, i); err != nil {
			return err
		}
	}
	w.res.Plan = p.ID
	if w.res.State != plan.RunDone {
		w.res.Notes = append(w.res.Notes, "Nothing was written: what goes beyond a guard rail is confirmed for the whole set.")
	}
	return nil
}

// takeMember looks at the plan of one member before the first is applied.
func (w *setWork) takeMember(ctx context.Context, i int) error {
	name := w.set.Documents[i]
	pl, err := w.app.Store.Plan(ctx, w.plans[i])
	if errors.Is(err, store.ErrNotFound) {
		return &UseError{Msg: fmt.Sprintf("the plan for %s is not in this workspace any more, because newer ones were made: preview the set again", name)}
	}
	if err != nil {
		return err
	}
	summary, err := engine.SummaryOf(pl)
	if err != nil {
		return err
	}
	switch pl.State {
	case plan.Applied:
		if w.done[i], err = w.applied(ctx, pl.ID); err != nil || w.done[i] != nil {
			return err
		}
		// All of it is written, and its run may have been cut off before it came to its end.
		last, err := w.app.Store.Unended(ctx, pl.SyncID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if last.PlanID != pl.ID {
			return &UseError{Msg: fmt.Sprintf("the plan for %s was applied already: preview the set again to see what is left", name)}
		}
	case plan.Ready:
		if d, derr := definition.Load(w.set.Paths[i]); derr != nil {
			return derr
		} else if d.Hash() != summary.Meaning {
			return &UseError{Msg: fmt.Sprintf("%s was changed after the plan was made, so that it would not do what the document says now: preview the set again", name)}
		}
		if pl.Revision == 0 && len(summary.Guards) > 0 && !w.o.Confirmed {
			m := &w.res.Members[i]
			m.Err = &engine.GuardError{PlanID: pl.ID, Guards: summary.Guards}
			m.Result = engine.Result{PlanID: pl.ID, SyncID: pl.SyncID, State: plan.RunStopped, Counts: summary.Counts, Guards: summary.Guards}
			w.res.State = plan.RunStopped
		}
	}
	return err
}

// applied returns what the run of a plan came to that ended before this run of
// the set was interrupted, nil where there is none.
func (w *setWork) applied(ctx context.Context, planID string) (*engine.Result, error) {
	runs, err := w.app.Store.RunsOfSet(ctx, w.run.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.PlanID != planID || r.State != plan.RunDone {
			continue
		}
		res := &engine.Result{RunID: r.ID, PlanID: r.PlanID, SyncID: r.SyncID, Sync: r.SyncName, State: r.State}
		return res, errors.Join(json.Unmarshal(r.Counts, &res.Counts), json.Unmarshal(r.Calls, &res.Calls))
	}
	return nil, nil
}
