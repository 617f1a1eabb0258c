package engine

import (
	"context"
	"errors"
	"fmt"
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
	j := &job{Engine: e}
	problems, err := j.check(ctx)
	if err != nil {
		return plan.Item{}, err
	}
	if len(problems) > 0 {
		return plan.Item{}, &SetupError{Kind: "definition", Err: &definition.Error{Path: e.Definition.Path, Problems: problems}}
	}
	items, err := e.Store.ItemsByID(ctx, planID, []int{n})
	if err == nil && len(items) != 1 {
		err = store.ErrNotFound
	}
	if errors.Is(err, store.ErrNotFound) {
		return plan.Item{}, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s has no item %d: preview again", planID, n)}
	}
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
