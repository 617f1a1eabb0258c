package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// PutError says which of several values an item does not take, and why.
type PutError struct {
	Put plan.Put
	Err error
}

func (e *PutError) Error() string { return e.Err.Error() }

// Unwrap is why it is not taken.
func (e *PutError) Unwrap() error { return e.Err }

// EditItem changes values that an item of a ready plan writes, before the plan is
// applied. Each change is a revision of the plan and is written with the reason
// "edited in the plan"; a value that the plan had as it was frozen has its own
// reason again. What HubSpot would surely refuse is not taken: a *PutError says
// which it is, and nothing is changed then.
func (e *Engine) EditItem(ctx context.Context, planID string, n int, puts ...plan.Put) (plan.Item, error) {
	j, err := e.editing(ctx)
	if err != nil {
		return plan.Item{}, err
	}
	items, err := j.itemsToEdit(ctx, planID, []int{n})
	if err != nil {
		return plan.Item{}, err
	}
	frozen, err := e.Store.FrozenEdits(ctx, planID, n)
	if err != nil {
		return plan.Item{}, err
	}
	it := items[0]
	it.Edits = slices.Clone(it.Edits)
	changes := make([]plan.Change, 0, len(puts))
	for _, p := range puts {
		c, err := j.put(it, frozen, p)
		if err != nil {
			return items[0], &PutError{Put: p, Err: err}
		}
		changes = append(changes, c)
	}
	if err := e.Store.EditItem(ctx, planID, n, it.Edits, changes...); err != nil {
		return items[0], err
	}
	return it, nil
}

// editPage is how many items are edited at once.
const editPage = 500

// EditItems puts one value into several items of a ready plan, all or none of them, as EditItem
// does into one. What each of them wrote before that is the same is one revision.
func (e *Engine) EditItems(ctx context.Context, planID string, ns []int, p plan.Put) error {
	j, err := e.editing(ctx)
	if err != nil {
		return err
	}
	var changes []plan.Change
	of := make(map[string]int) // what was written before -> its change
	for _, edited := range j.editAll(ctx, planID, ns, p, &err) {
		i, ok := of[text(edited.change.Old)]
		if !ok {
			i = len(changes)
			of[text(edited.change.Old)] = i
			edited.change.What = plan.ChangeEdit
			changes = append(changes, edited.change)
		}
		changes[i].Items = append(changes[i].Items, edited.n)
	}
	if err != nil {
		return err
	}
	// They are worked out a second time as they are kept, since all of them at once may be many.
	return e.Store.EditItems(ctx, planID, changes, func(keep func(n int, edits []plan.Edit) error) (err error) {
		for _, edited := range j.editAll(ctx, planID, ns, p, &err) {
			if err := keep(edited.n, edited.edits); err != nil {
				return err
			}
		}
		return err
	})
}

// editedItem is an item with a value put into it.
type editedItem struct {
	n      int
	edits  []plan.Edit
	change plan.Change
}

// editAll yields items with a value put into each, a page at a time, up to the first that does not
// take it; err says why.
func (j *job) editAll(ctx context.Context, planID string, ns []int, p plan.Put, err *error) iter.Seq2[int, editedItem] {
	return func(yield func(int, editedItem) bool) {
		i := 0
		for page := range slices.Chunk(ns, editPage) {
			var items []plan.Item
			if items, *err = j.itemsToEdit(ctx, planID, page); *err != nil {
				return
			}
			for _, it := range items {
				var frozen []plan.Edit
				if frozen, *err = j.Store.FrozenEdits(ctx, planID, it.N); *err != nil {
					return
				}
				it.Edits = slices.Clone(it.Edits)
				change, why := j.put(it, frozen, p)
				if why != nil {
					*err = &PutError{Put: p, Err: why}
					return
				}
				if !yield(i, editedItem{it.N, it.Edits, change}) {
					return
				}
				i++
			}
		}
	}
}

// editing is a job that edits plans: it knows the definition and HubSpot's rules.
func (e *Engine) editing(ctx context.Context) (*job, error) {
	j := &job{Engine: e}
	problems, err := j.check(ctx)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, &SetupError{Kind: "definition", Err: &definition.Error{Path: e.Definition.Path, Problems: problems}}
	}
	return j, nil
}

// itemsToEdit are these items of a plan, which has all of them.
func (j *job) itemsToEdit(ctx context.Context, planID string, ns []int) ([]plan.Item, error) {
	items, err := j.Store.ItemsByID(ctx, planID, ns)
	if err == nil && len(items) != len(ns) {
		err = store.ErrNotFound
	}
	if errors.Is(err, store.ErrNotFound) {
		there := make(map[int]bool)
		for _, it := range items {
			there[it.N] = true
		}
		at := slices.IndexFunc(ns, func(n int) bool { return !there[n] })
		return nil, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s has no item %d: preview again", planID, ns[max(at, 0)])}
	}
	return items, err
}

// put puts a value into the edits of an item, and says what it changed.
func (j *job) put(it plan.Item, frozen []plan.Edit, p plan.Put) (plan.Change, error) {
	at := slices.IndexFunc(it.Edits, func(x plan.Edit) bool { return x.Target() == p.Side && x.Property == p.Property })
	if p.Side == "" || at < 0 || !it.Kind.Writes() {
		return plan.Change{}, fmt.Errorf("the plan does not write %s of %s on this side, so there is nothing to edit", p.Property, it.Name)
	}
	x := &it.Edits[at]
	value := p.Value
	change := plan.Change{Property: p.Property, Side: p.Side, Old: x.New, New: &value, By: j.Person}
	x.New, x.Reason = &value, "edited in the plan by "+orSomebody(j.Person)
	if f := j.mapping.ByProperty[p.Property]; f != nil && p.Side == plan.HubSpot {
		value = f.Sendable(record.Text(value)).String()
	}
	if at < len(frozen) && text(frozen[at].New) == value {
		x.New, change.New, x.Reason = frozen[at].New, frozen[at].New, frozen[at].Reason
	}
	if why := j.mapping.Refusable(it.Edits[at:at+1], nil); why != "" {
		return plan.Change{}, fmt.Errorf("HubSpot would refuse this: %s", why)
	}
	return change, nil
}

func orSomebody(person string) string {
	if person == "" {
		return "somebody"
	}
	return person
}
