package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"syncline/sync/plan"
)

// ItemOrder says by what the rows of a plan are listed.
type ItemOrder struct {
	By         string // "" as in the plan, OrderName, OrderFate, or a property
	Descending bool
}

// What rows can be listed by besides the properties that they change. No property is called so.
const (
	OrderName = "\x00name"
	OrderFate = "\x00fate"
)

// ListItems returns the numbers of a plan's items that a filter lets through, in an order. By a
// property they stand by what it becomes, numbers by their size; rows that do not touch it come
// last.
func (a *App) ListItems(ctx context.Context, planID string, f ItemFilter, o ItemOrder) ([]int, error) {
	ns, err := a.Store.ItemIDs(ctx, planID, f)
	if err != nil || o.By == "" {
		return ns, err
	}
	keys := make(map[int]orderKey, len(ns))
	for _, n := range ns {
		keys[n] = orderKey{}
	}
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return nil, err
		}
		if _, listed := keys[it.N]; listed {
			keys[it.N] = o.key(it, f.Outcome)
		}
	}
	slices.SortStableFunc(ns, func(x, y int) int { return o.compare(keys[x], keys[y]) })
	return ns, nil
}

// ListedItems returns items of a plan in the order of these numbers.
func (a *App) ListedItems(ctx context.Context, planID string, ns []int) ([]plan.Item, error) {
	items, err := a.Store.ItemsByID(ctx, planID, ns)
	at := make(map[int]int, len(ns))
	for i, n := range ns {
		at[n] = i
	}
	slices.SortFunc(items, func(x, y plan.Item) int { return at[x.N] - at[y.N] })
	return items, err
}

// orderKey is by what a row is listed.
type orderKey struct {
	there  bool
	number bool
	value  float64
	text   string
}

func (o ItemOrder) key(it plan.Item, outcome bool) orderKey {
	switch o.By {
	case OrderName:
		return orderKey{there: it.Name != "", text: strings.ToLower(it.Name)}
	case OrderFate:
		fate := it.Came()
		if outcome {
			fate = it.Reached()
		}
		return orderKey{there: true, text: string(fate)}
	}
	for _, e := range it.Edits {
		if e.Subject() != o.By {
			continue
		}
		shown := text(e.HubSpot)
		switch {
		case e.Edge != nil:
			shown = e.Edge.Text()
		case e.Writes():
			shown = text(e.New)
		case e.Action == plan.EditConflict:
			shown = text(e.Source) + " / " + text(e.HubSpot)
		}
		k := orderKey{there: true, text: strings.ToLower(shown)}
		if v, err := strconv.ParseFloat(shown, 64); err == nil {
			k.number, k.value = true, v
		}
		return k
	}
	return orderKey{}
}

func (o ItemOrder) compare(x, y orderKey) int {
	if x.there != y.there { // these stand last in either direction
		return map[bool]int{true: -1, false: 1}[x.there]
	}
	var c int
	switch {
	case x.number && y.number:
		c = cmp.Compare(x.value, y.value)
	case x.number != y.number:
		c = map[bool]int{true: -1, false: 1}[x.number]
	default:
		c = strings.Compare(x.text, y.text)
	}
	if o.Descending {
		return -c
	}
	return c
}

// Becoming is a value that a plan writes in the place of another one, and where.
type Becoming struct {
	From, To string
	Side     plan.Side // where it is written
	Items    []int     // the rows
	Out      int       // of them, how many are taken out of the plan
}

// Becomes returns what each value of a property becomes by a plan, the most frequent change first.
func (a *App) Becomes(ctx context.Context, planID, property string) ([]Becoming, error) {
	type change struct {
		from, to string
		side     plan.Side
	}
	at := make(map[change]int)
	var all []Becoming
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return nil, err
		}
		for _, e := range it.Edits {
			if e.Subject() != property || !e.Writes() || e.Edge != nil {
				continue
			}
			c := change{text(e.Old), text(e.New), e.Target()}
			i, ok := at[c]
			if !ok {
				i = len(all)
				at[c] = i
				all = append(all, Becoming{From: c.from, To: c.to, Side: c.side})
			}
			all[i].Items = append(all[i].Items, it.N)
			if it.Excluded {
				all[i].Out++
			}
		}
	}
	slices.SortStableFunc(all, func(x, y Becoming) int { return len(y.Items) - len(x.Items) })
	return all, nil
}
