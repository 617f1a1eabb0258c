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

// EditItem changes the value that an item of a ready plan writes to one side,
// before the plan is applied. The change is a revision of the plan and is
// written with the reason "edited in the plan". What HubSpot would surely
// refuse is not taken. Value stands in the target's own form; "" empties it.
func (e *Engine) EditItem(ctx context.Context, planID string, n int, side plan.Side, property, value string) (plan.Item, error) {
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
	it := items[0]
	at := slices.IndexFunc(it.Edits, func(x plan.Edit) bool { return x.Target() == side && x.Property == property })
	if side == "" || at < 0 || !it.Kind.Writes() {
		return it, fmt.Errorf("the plan does not write %s of %s on this side, so there is nothing to edit", property, it.Name)
	}
	change := plan.Change{Property: property, Side: side, Old: it.Edits[at].New, New: &value, By: e.Person}
	it.Edits = slices.Clone(it.Edits)
	it.Edits[at].New, it.Edits[at].Reason = &value, "edited in the plan by "+orSomebody(e.Person)
	if f := j.mapping.ByProperty[property]; f != nil && side == plan.HubSpot {
		value = f.Sendable(record.Text(value)).String()
	}
	if why := j.mapping.Refusable(it.Edits[at:at+1], nil); why != "" {
		return items[0], fmt.Errorf("HubSpot would refuse this: %s", why)
	}
	return it, e.Store.EditItem(ctx, planID, n, it.Edits, change)
}

func orSomebody(person string) string {
	if person == "" {
		return "somebody"
	}
	return person
}
