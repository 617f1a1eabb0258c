package app

import (
	"context"
	"errors"
	"fmt"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// previewAfter makes a plan in the place of another one that waited, and takes
// over what a person took out of that one or edited in it. What can't be taken
// over is said in a note. old is "" where there was none.
func (s *Session) previewAfter(ctx context.Context, old string) (engine.Result, error) {
	var w wishes
	if old != "" {
		var err error
		if w, err = s.app.wishes(ctx, old); err != nil {
			return engine.Result{}, err
		}
	}
	res, err := s.Preview(ctx)
	if err != nil || w.none() {
		return res, err
	}
	notes, err := s.grant(ctx, res.PlanID, w)
	res.Notes = append(res.Notes, notes...)
	return res, err
}

// ChangedPlan is the plan of the sync at path that waits to be applied and that
// a person changed, "" where there is none: whoever makes another one must say
// what becomes of the changes.
func (a *App) ChangedPlan(ctx context.Context, path string) (string, error) {
	syncs, err := a.Store.SyncsAt(ctx, absolute(path))
	if err != nil {
		return "", err
	}
	for _, y := range syncs {
		pl, err := a.Store.LastPlan(ctx, y.ID, plan.Ready)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return "", err
		case pl.Revision > 0 && pl.Kind == plan.KindSync:
			return pl.ID, nil
		}
	}
	return "", nil
}

// previewUndoAfter makes the plan of an undo in the place of another one, and
// leaves out what a person took out of that one.
func (a *App) previewUndoAfter(ctx context.Context, runID, old string, o Options) (engine.Result, error) {
	var w wishes
	if old != "" {
		var err error
		if w, err = a.wishes(ctx, old); err != nil {
			return engine.Result{}, err
		}
	}
	res, err := a.PreviewUndo(ctx, runID, o)
	if err != nil || w.none() {
		return res, err
	}
	notes, _, _, err := a.leaveOut(ctx, res.PlanID, w)
	res.Notes = append(res.Notes, notes...)
	return res, err
}

// place names what an item is about, in any plan of its sync.
type place struct{ row, record string }

func placeOf(it plan.Item) place {
	if it.RowKey != "" {
		return place{row: it.RowKey}
	}
	return place{record: it.RecordID}
}

// wish is a value that a person put into a plan.
type wish struct {
	side     plan.Side
	property string
	instead  string // what the plan would have written
	value    string
}

// wishes are what a person changed of a plan.
type wishes struct {
	out   map[place]bool
	edits map[place][]wish
}

func (w wishes) none() bool { return len(w.out)+len(w.edits) == 0 }

// wishes reads what a person changed of a plan that was not applied.
func (a *App) wishes(ctx context.Context, planID string) (w wishes, err error) {
	pl, err := a.Store.Plan(ctx, planID)
	if errors.Is(err, store.ErrNotFound) || err == nil && pl.Revision == 0 {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	changes, err := a.Store.PlanChanges(ctx, planID)
	if err != nil {
		return w, err
	}
	type cell struct {
		n        int
		side     plan.Side
		property string
	}
	edited := make(map[cell]wish)
	ofItem := make(map[int][]cell)
	for _, c := range changes {
		if c.What != plan.ChangeEdit {
			continue
		}
		for _, n := range c.Items {
			at := cell{n, c.Side, c.Property}
			was, again := edited[at]
			if !again {
				was = wish{side: c.Side, property: c.Property, instead: text(c.Old)}
				ofItem[n] = append(ofItem[n], at)
			}
			was.value = text(c.New)
			edited[at] = was
		}
	}
	w.out, w.edits = make(map[place]bool), make(map[place][]wish)
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return w, err
		}
		if it.Excluded {
			w.out[placeOf(it)] = true
		}
		for _, at := range ofItem[it.N] {
			if x := edited[at]; x.value != x.instead { // not taken back since
				w.edits[placeOf(it)] = append(w.edits[placeOf(it)], x)
			}
		}
	}
	return w, nil
}

// wishAt is an edit that can be made in a new plan.
type wishAt struct {
	n int
	wish
}

// leaveOut takes out of a new plan what was taken out of the one before, and
// finds the edits that can be made in it. lost is how many can't.
func (a *App) leaveOut(ctx context.Context, planID string, w wishes) (notes []string, edits []wishAt, lost int, err error) {
	var out []int
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return nil, nil, 0, err
		}
		at := placeOf(it)
		if w.out[at] && it.Kind.Writes() {
			out = append(out, it.N)
			delete(w.out, at)
		}
		for _, x := range w.edits[at] {
			if planned(it, x) {
				edits = append(edits, wishAt{it.N, x})
			} else {
				lost++
			}
		}
		delete(w.edits, at)
	}
	for _, all := range w.edits {
		lost += len(all)
	}
	if len(out) > 0 {
		if err := a.Store.ExcludeItems(ctx, planID, out, true); err != nil {
			return nil, nil, 0, err
		}
		notes = append(notes, fmt.Sprintf("%s out of this plan, as you left the one before.", amount(len(out), "row stays", "rows stay")))
	}
	if n := len(w.out); n > 0 {
		notes = append(notes, fmt.Sprintf("%s you took out before would not be written any more.", amount(n, "row that", "rows that")))
	}
	return notes, edits, lost, nil
}

// grant changes a new plan as a person changed the one before, and says what it
// took over and what it could not.
func (s *Session) grant(ctx context.Context, planID string, w wishes) ([]string, error) {
	notes, edits, lost, err := s.app.leaveOut(ctx, planID, w)
	if err != nil {
		return nil, err
	}
	taken := 0
	puts, items := byPut(edits)
	for _, p := range puts {
		n, err := s.putAgain(ctx, planID, items[p], p)
		if err != nil {
			return notes, err
		}
		taken, lost = taken+n, lost+len(items[p])-n
	}
	if taken > 0 {
		notes = append(notes, fmt.Sprintf("%s taken over from the plan before.", amount(taken, "edit was", "edits were")))
	}
	if lost > 0 {
		notes = append(notes, fmt.Sprintf("%s not in this one, because something else would be written there now: look at the rows again.", amount(lost, "edit of the plan before is", "edits of the plan before are")))
	}
	return notes, nil
}

// byPut groups edits by what they put, in the order in which they stand.
func byPut(edits []wishAt) (puts []plan.Put, items map[plan.Put][]int) {
	items = make(map[plan.Put][]int)
	for _, x := range edits {
		p := plan.Put{Side: x.side, Property: x.property, Value: x.value}
		if items[p] == nil {
			puts = append(puts, p)
		}
		items[p] = append(items[p], x.n)
	}
	return puts, items
}

// putAgain puts a value into items of a new plan, and returns how many took it.
func (s *Session) putAgain(ctx context.Context, planID string, ns []int, p plan.Put) (taken int, err error) {
	if err := s.Engine.EditItems(ctx, planID, ns, p); err == nil {
		return len(ns), nil
	}
	for _, n := range ns { // not all of them do
		if _, err := s.Engine.EditItem(ctx, planID, n, p); err == nil {
			taken++
		} else if ctx.Err() != nil {
			return taken, err
		}
	}
	return taken, nil
}

// planned reports whether an item would write what a person edited before.
func planned(it plan.Item, x wish) bool {
	for _, e := range it.Edits {
		if e.Target() == x.side && e.Property == x.property {
			return text(e.New) == x.instead
		}
	}
	return false
}
