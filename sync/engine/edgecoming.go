package engine

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A match property may name a record that is not in HubSpot yet, because a plan
// makes it that is carried out before: that of another sync of the set, of
// another association of the same sync, or of the rows themselves. HubSpot's
// index shows a new record seconds later, and a plan that was looked at first
// knows of none; so it is the plans that are asked, when an association is
// planned and again when it is made. The part that finds the records does not
// make such a one a second time.

// coming finds what plans make by the value of a property.
type coming struct {
	sync int64
	seed maphash.Seed
	by   map[uint64]int // hash of the value -> number of the item; several where more than one has it
}

// ambiguousItem stands for items of which none can be meant.
const ambiguousItem = -1

// comingIn reads which records a plan makes, or gives a value of the match
// property, once; nil where it is about another object type.
func (j *job) comingIn(ctx context.Context, planID string) (*coming, error) {
	if c, ok := j.coming[planID]; ok {
		return c, nil
	}
	if j.coming == nil {
		j.coming = make(map[string]*coming)
	}
	pl, err := j.Store.Plan(ctx, planID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // it is too old to make anything
	}
	if err != nil {
		return nil, err
	}
	y, err := j.Store.Sync(ctx, pl.SyncID)
	if err != nil {
		return nil, err
	}
	if y.Object != j.schema.object.ID || pl.Kind == plan.KindUndo {
		j.coming[planID] = nil
		return nil, nil
	}
	c := &coming{sync: pl.SyncID, seed: maphash.MakeSeed(), by: make(map[uint64]int)}
	for it, err := range j.Store.Items(ctx, planID) {
		if err != nil {
			return nil, err
		}
		value := j.given(it)
		if value == "" {
			continue
		}
		h := maphash.String(c.seed, value)
		if _, taken := c.by[h]; taken {
			c.by[h] = ambiguousItem
			continue
		}
		c.by[h] = it.N
	}
	j.coming[planID] = c
	return c, nil
}

// given is the value of the match property that an item gives to its record, in
// the form in which values are compared; "" for none.
func (j *job) given(it plan.Item) string {
	if it.Kind != plan.ItemCreate && it.Kind != plan.ItemUpdate {
		return ""
	}
	property := j.Definition.HubSpot.Match[0].Property
	for _, e := range it.Edits {
		if e.Edge == nil && e.Property == property && e.Action == plan.EditHubSpot && e.New != nil {
			return record.Trimmed(j.mapping.Match[0].Canonical(record.Text(*e.New)).String())
		}
	}
	return ""
}

// comes finds, of references that lead to no record, those that a plan which is
// carried out before leads to one: by now, or once it is applied.
func (j *job) comes(ctx context.Context, refs []string) (map[string]target, error) {
	found := make(map[string]target)
	for _, id := range j.First {
		c, err := j.comingIn(ctx, id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		refOf := make(map[int]string)
		for _, ref := range refs {
			if n := c.by[maphash.String(c.seed, ref)]; n > 0 && found[ref] == (target{}) {
				refOf[n] = ref
			}
		}
		if err := j.comeOf(ctx, id, c, refOf, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// comeOf looks what became of the items that references lead to.
func (j *job) comeOf(ctx context.Context, planID string, c *coming, refOf map[int]string, found map[string]target) error {
	if len(refOf) == 0 {
		return nil
	}
	ns := make([]int, 0, len(refOf))
	for n := range refOf {
		ns = append(ns, n)
	}
	slices.Sort(ns)
	items, err := j.Store.ItemsByID(ctx, planID, ns)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(items))
	for _, it := range items {
		keys = append(keys, it.RowKey)
	}
	ends, err := j.Store.Ends(ctx, c.sync, keys)
	if err != nil {
		return err
	}
	for _, it := range items {
		ref := refOf[it.N]
		end := ends[it.RowKey]
		switch {
		case it.Excluded || j.given(it) != ref: // taken out, or two values of one hash
		case it.Done != "" && came(it) && end.Active && end.Record != "":
			found[ref] = target{record: end.Record}
		case it.Done != "": // it came to nothing, or not to the value that is asked for
		case it.Kind == plan.ItemCreate:
			found[ref] = target{coming: true}
		default:
			found[ref] = target{record: it.RecordID, coming: true}
		}
	}
	return nil
}

// came reports whether an item that was carried out gave its record what it was to.
func came(it plan.Item) bool { return it.Done != plan.FateFailed && it.Done != plan.FateConflict }

// comeFirst says which plans are carried out before the associations of this sync
// are made, beside those of other syncs: of its parts, and its own. Each end asks
// those of others.
func (j *job) comeFirst(parts []string, own string) {
	all := j.parts()
	for i, p := range all {
		p.First = slices.Clone(j.First)
		for k, id := range parts {
			if k != i && id != "" {
				p.First = append(p.First, id)
			}
		}
		if own != "" {
			p.First = append(p.First, own)
		}
	}
}

// createPart plans the record that a part makes for associations, unless a plan
// that is carried out before makes it.
func (p *planner) createPart(ctx context.Context, it plan.Item, row store.RowSeen) error {
	made, err := p.comes(ctx, []string{row.Key})
	if err != nil {
		return err
	}
	if t := made[row.Key]; t.record != "" || t.coming {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "another plan that is carried out before makes it"
		return p.add(ctx, it)
	}
	return p.createWithout(ctx, it, row, nil)
}
