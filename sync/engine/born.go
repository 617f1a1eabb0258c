package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// HubSpot makes no lead that belongs to nobody. A new record of such a type is
// made together with one of its associations, in the same call; a row that names
// nobody who is there, or who is about to be made, is stopped before anything is
// sent.

// newborn is a record that is planned, with the row that it is of.
type newborn struct {
	item plan.Item
	row  store.RowSeen
}

// mustJoin names the types of which a new record must have one, for people: "a
// contact or a company".
func mustJoin(t hubspot.ObjectType) string {
	var names []string
	for _, name := range t.Born {
		other, _ := hubspot.FindObjectType(name)
		names = append(names, "a "+strings.ToLower(other.LabelSingular))
	}
	return strings.Join(names, " or ")
}

// checkBirth reports a definition that makes records and associates them with
// nothing, where HubSpot asks for that.
func checkBirth(d *definition.Definition, t hubspot.ObjectType, tell func(part, format string, args ...any)) {
	creates := d.Create.InHubSpot() && slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Flows(definition.ToHubSpot) })
	if len(t.Born) == 0 || !creates || slices.ContainsFunc(d.Associations, func(a definition.Association) bool {
		to, ok := hubspot.FindObjectType(a.To)
		return ok && slices.Contains(t.Born, to.Name)
	}) {
		return
	}
	tell("create", "a new %s must belong to %s from the start. Add associations, such as { to: %s, match: { field: …, property: … } }, or write create: none.",
		strings.ToLower(t.LabelSingular), mustJoin(t), t.Born[0])
}

// addNew puts the item of a new record into the plan, as soon as it is known
// whether HubSpot would make it.
func (p *planner) addNew(ctx context.Context, it plan.Item, row store.RowSeen) error {
	if len(p.schema.object.Born) == 0 || it.Kind != plan.ItemCreate {
		return p.add(ctx, it)
	}
	p.newborns = append(p.newborns, newborn{it, row})
	if len(p.newborns) < hubspot.MaxAssociationRead {
		return nil
	}
	return p.bear(ctx)
}

// bear decides about the new records that are waiting for it.
func (p *planner) bear(ctx context.Context) error {
	some := p.newborns
	if p.newborns = nil; len(some) == 0 {
		return nil
	}
	if err := p.usePlans(ctx); err != nil {
		return err
	}
	for _, id := range p.endPlans() { // edges takes them up again
		if err := p.Store.LayOutRows(ctx, id); err != nil {
			return err
		}
	}
	keys := make([]string, len(some))
	for i, n := range some {
		keys[i] = n.row.Key
	}
	rows, err := p.Store.RowCellsOf(ctx, p.sync.ID, keys)
	if err != nil {
		return err
	}
	wants := make([][]*wanted, len(some))
	var all []*wanted
	for i, n := range some {
		for _, w := range p.wants(rows[n.row.Key]) {
			wants[i] = append(wants[i], &w)
		}
		all = append(all, wants[i]...)
	}
	if err := p.findAll(ctx, all, true); err != nil {
		return err
	}
	for i, n := range some {
		why, ok := p.parentless(wants[i])
		if !ok {
			n.item.Kind, n.item.Fate, n.item.Reason, n.item.Edits = plan.ItemInvalid, plan.FateFailed, why, nil
			p.keepRow(n.row.Key)
		}
		if err := p.add(ctx, n.item); err != nil {
			return err
		}
	}
	return nil
}

// parentless looks for one of the records that a new one must belong to, and says
// why there is none.
func (j *job) parentless(wants []*wanted) (why string, ok bool) {
	for _, w := range wants {
		if !slices.Contains(j.schema.object.Born, w.line.toT.Name) {
			continue
		}
		if w.bad == "" && (w.to.record != "" || w.to.coming) {
			return "", true
		}
		why = cmp.Or(why, w.bad, w.to.why)
	}
	return fmt.Sprintf("a new %s must belong to %s from the start, and %s", strings.ToLower(j.schema.object.LabelSingular), mustJoin(j.schema.object), cmp.Or(why, "the row names none")), false
}

// births finds what the records of items are to be made with, by row key; it ends
// the items for which there is nothing, which are left out of rest.
func (j *job) births(ctx context.Context, pl plan.Plan, items []plan.Item) (rest []plan.Item, with map[string][]hubspot.Edge, err error) {
	if len(j.schema.object.Born) == 0 {
		return items, nil, nil
	}
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.RowKey
	}
	rows, err := j.Store.RowCellsOf(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, nil, err
	}
	wants := make(map[string][]*wanted, len(items))
	var all []*wanted
	for key, row := range rows {
		for _, w := range j.wants(row) {
			wants[key] = append(wants[key], &w)
		}
		all = append(all, wants[key]...)
	}
	if err := j.findAll(ctx, all, false); err != nil {
		return nil, nil, err
	}
	with = make(map[string][]hubspot.Edge, len(items))
	var outcomes []store.Outcome
	for _, it := range items {
		if with[it.RowKey] = j.parents(wants[it.RowKey]); len(with[it.RowKey]) > 0 {
			rest = append(rest, it)
			continue
		}
		why, _ := j.parentless(wants[it.RowKey])
		it.Reason = why
		o := j.outcome(pl, it)
		o.Fate, o.Reason, o.Attention = plan.FateFailed, why, invalid(it)
		outcomes = append(outcomes, o)
	}
	return rest, with, j.finish(ctx, outcomes)
}

// parents are the associations that a new record is made with: one without a
// label of each type that it must belong to. Their labels, and all others, come
// with the rest.
func (j *job) parents(wants []*wanted) []hubspot.Edge {
	var edges []hubspot.Edge
	seen := make(map[string]bool)
	for _, w := range wants {
		t, ok := w.line.typeOf("")
		if !ok || w.bad != "" || w.to.record == "" || seen[w.line.toT.ID] || !slices.Contains(j.schema.object.Born, w.line.toT.Name) {
			continue
		}
		seen[w.line.toT.ID] = true
		edges = append(edges, hubspot.Edge{To: w.to.record, Types: []hubspot.AssociationType{t}})
	}
	return edges
}

// bore notes what a record was made with.
func (j *job) bore(record string, with []hubspot.Edge) {
	j.noting.Lock()
	defer j.noting.Unlock()
	if j.bornEdges == nil {
		j.bornEdges = make(map[edgeKey]bool)
	}
	for _, e := range with {
		j.bornEdges[edgeKey{"", record, e.To, e.Types[0].Category, e.Types[0].TypeID}] = true
	}
}

// wasBorn reports whether this job made an association together with its record.
func (j *job) wasBorn(t *edgeTask) bool {
	j.noting.Lock()
	defer j.noting.Unlock()
	return t.add && j.bornEdges[edgeKey{"", t.from, t.to, t.typ.Category, t.typ.TypeID}]
}

// loneNote says how many activities of a plan are made that hang on nothing, so
// that nobody sees them in HubSpot.
func (p *planner) loneNote() {
	if p.crowded == 1 {
		p.notes = append(p.notes, "1 association is beyond what HubSpot lets a record have: it waits.")
	} else if p.crowded > 1 {
		p.notes = append(p.notes, fmt.Sprintf("%d associations are beyond what HubSpot lets a record have: they wait.", p.crowded))
	}
	if p.lone == 0 {
		return
	}
	label, verb := strings.ToLower(p.schema.object.Label), "are"
	if p.lone == 1 {
		label, verb = strings.ToLower(p.schema.object.LabelSingular), "is"
	}
	p.notes = append(p.notes, fmt.Sprintf("%d %s %s made that nothing in the row associates with a record: HubSpot shows such a one on no timeline.", p.lone, label, verb))
}
