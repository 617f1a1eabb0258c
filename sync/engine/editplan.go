package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

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
// which it is, and nothing is changed then. It may be called by several at once:
// each edit is made in what the ones before it left.
func (e *Engine) EditItem(ctx context.Context, planID string, n int, puts ...plan.Put) (it plan.Item, err error) {
	j, err := e.editing(ctx)
	if err != nil {
		return it, err
	}
	var changes changeList
	err = e.Store.EditItems(ctx, planID, []int{n}, func(was plan.Item, frozen []plan.Edit) ([]plan.Edit, error) {
		it = was
		edits := slices.Clone(was.Edits)
		for _, p := range puts {
			c, err := j.put(was.Name, was.Kind, edits, frozen, p)
			if err != nil {
				return nil, &PutError{Put: p, Err: err}
			}
			changes.add(c, n)
		}
		it.Edits = edits
		return edits, nil
	}, changes.all)
	return it, noItem(planID, err)
}

// EditItems puts one value into several items of a ready plan, all or none of them, as EditItem
// does into one. What each of them wrote before that is the same is one revision.
func (e *Engine) EditItems(ctx context.Context, planID string, ns []int, p plan.Put) error {
	j, err := e.editing(ctx)
	if err != nil {
		return err
	}
	var changes changeList
	return noItem(planID, e.Store.EditItems(ctx, planID, ns, func(it plan.Item, frozen []plan.Edit) ([]plan.Edit, error) {
		edits := slices.Clone(it.Edits)
		c, err := j.put(it.Name, it.Kind, edits, frozen, p)
		if err != nil {
			return nil, &PutError{Put: p, Err: err}
		}
		changes.add(c, it.N)
		return edits, nil
	}, changes.all))
}

// changeList gathers changes; those that are the same but for their items are one.
type changeList struct {
	list []plan.Change
	of   map[string]int // what a change is -> its place
}

func (l *changeList) add(c plan.Change, n int) {
	same := fmt.Sprintf("%s %s %s %s", c.Side, c.Property, exactly(c.Old), exactly(c.New))
	i, ok := l.of[same]
	if !ok {
		if l.of == nil {
			l.of = make(map[string]int)
		}
		i = len(l.list)
		l.of[same] = i
		c.What = plan.ChangeEdit
		l.list = append(l.list, c)
	}
	l.list[i].Items = append(l.list[i].Items, n)
}

func (l *changeList) all() []plan.Change { return l.list }

// exactly tells a value that is cleared from one that is empty.
func exactly(v *string) string {
	if v == nil {
		return "none"
	}
	return strconv.Quote(*v)
}

// noItem says of a plan that it does not have an item that was to be edited.
func noItem(planID string, err error) error {
	var none *store.NoItemError
	if errors.As(err, &none) {
		return &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s has no item %d: preview again", planID, none.N)}
	}
	return err
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

// put puts a value into the edits of an item, and says what it changed.
func (j *job) put(name string, kind plan.Kind, edits, frozen []plan.Edit, p plan.Put) (plan.Change, error) {
	at := slices.IndexFunc(edits, func(x plan.Edit) bool { return x.Target() == p.Side && x.Property == p.Property })
	if p.Side == "" || at < 0 || !kind.Writes() {
		return plan.Change{}, fmt.Errorf("the plan does not write %s of %s on this side, so there is nothing to edit", p.Property, name)
	}
	x := &edits[at]
	value := p.Value
	change := plan.Change{Property: p.Property, Side: p.Side, Old: x.New, New: &value, By: j.Person}
	x.New, x.Reason = &value, plan.EditedReason(j.Person)
	if f := j.mapping.ByProperty[p.Property]; f != nil && p.Side == plan.HubSpot {
		value = f.Sendable(record.Text(value)).String()
	}
	if at < len(frozen) && text(frozen[at].New) == value {
		x.New, change.New, x.Reason = frozen[at].New, frozen[at].New, frozen[at].Reason
	}
	if why := j.mapping.Refusable(edits[at:at+1], nil); why != "" {
		return plan.Change{}, fmt.Errorf("HubSpot would refuse this: %s", why)
	}
	return change, nil
}
