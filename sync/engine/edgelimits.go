package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// HubSpot limits how many records of a type one record may have, and people can
// make the limits narrower, also for one label. A plan that would go beyond says so
// for the association that is too many, before anything is written.

// edgeRoom is what there is room for between two object types.
type edgeRoom struct {
	edgeLimits
	from, to map[string]*crowd // by record, or by what stands for one that is coming
}

// crowd is what a record has or is about to have: the other ends, and those that
// bear a label.
type crowd struct {
	ends   map[string]bool
	labels map[string]map[string]bool // by category and type id
	moved  []string                   // that the plan takes out; nil while that was not looked at
	swept  bool                       // of all its pages
}

// remove takes an end out, whatever joins it.
func (c *crowd) remove(end string) {
	delete(c.ends, end)
	for _, has := range c.labels {
		delete(has, end)
	}
}

func newCrowd() *crowd {
	return &crowd{ends: make(map[string]bool), labels: make(map[string]map[string]bool)}
}

func (c *crowd) add(end string, types ...hubspot.AssociationType) {
	c.ends[end] = true
	for _, t := range types {
		k := labelKey(t.Category, t.TypeID)
		if c.labels[k] == nil {
			c.labels[k] = make(map[string]bool)
		}
		c.labels[k][end] = true
	}
}

func labelKey(category string, id int) string { return fmt.Sprint(category, " ", id) }

func typeOfKey(key string) (category string, id int) {
	category, number, _ := strings.Cut(key, " ")
	id, _ = strconv.Atoi(number)
	return category, id
}

// full says why a record can't have one more end, "" where it can.
func (c *crowd) full(limits hubspot.AssociationLimits, end string, t hubspot.AssociationType, whose, what hubspot.ObjectType) string {
	if limits.Most > 0 && !c.ends[end] && len(c.ends) >= limits.Most {
		return fmt.Sprintf("a %s can have at most %s in this portal, and this one has as many", strings.ToLower(whose.LabelSingular), several(limits.Most, what))
	}
	for _, l := range limits.Types {
		has := c.labels[labelKey(l.Type.Category, l.Type.TypeID)]
		switch {
		case l.Type.Label == "" && !c.ends[end] && len(c.ends) >= l.Most:
			return fmt.Sprintf("a %s can have at most %s in this portal, and this one has as many", strings.ToLower(whose.LabelSingular), several(l.Most, what))
		case l.Type.Label != "" && l.Type.Category == t.Category && l.Type.TypeID == t.TypeID && !has[end] && len(has) >= l.Most:
			return fmt.Sprintf("a %s can have at most %s as %q in this portal, and this one has as many", strings.ToLower(whose.LabelSingular), several(l.Most, what), l.Type.Label)
		}
	}
	return ""
}

func several(n int, t hubspot.ObjectType) string {
	if n == 1 {
		return "1 " + strings.ToLower(t.LabelSingular)
	}
	return fmt.Sprintf("%d %s", n, strings.ToLower(t.Label))
}

// usual is HubSpot's own limit in most cases; what is narrower is looked at from
// the other end too.
const usual = 10_000

// makeRoom finds out how much room there is for what a page may add, where it adds
// anything.
func (e *edgePlanner) makeRoom(ctx context.Context, pg *edgePage) error {
	ends := make(map[*edgeLine][]string)
	for i := range pg.rows {
		r := &pg.rows[i]
		if !e.looksAt(pg, r) {
			continue
		}
		for _, w := range pg.wants[r.Key] {
			from, edge := pg.from(w, r.Key), w.edge()
			switch {
			case w.bad != "", from.record == "" && !from.coming, w.to.record == "" && !w.to.coming:
			case !pg.have[w.line.toT.ID].has(from.record, w.to.record, edge.Category, edge.Type):
				ends[w.line] = append(ends[w.line], w.to.record)
			}
		}
	}
	for l, tos := range ends {
		room, err := e.roomOf(ctx, l)
		if err != nil {
			return err
		}
		if (room.back.Most == 0 || room.back.Most >= usual) && len(room.back.Types) == 0 {
			continue
		}
		tos = slices.DeleteFunc(tos, func(id string) bool { return id == "" || room.to[id] != nil })
		slices.Sort(tos)
		if tos = slices.Compact(tos); len(tos) == 0 {
			continue
		}
		got, err := e.Client.BatchReadAssociations(ctx, l.toT.Path(), l.fromT.Path(), tos)
		if err != nil {
			return err
		}
		for _, id := range tos {
			room.to[id] = newCrowd()
		}
		for _, x := range got.Edges {
			room.to[x.From].add(x.To, x.Types...)
		}
	}
	return nil
}

// roomOf is what there is room for between a line's object types.
func (e *edgePlanner) roomOf(ctx context.Context, l *edgeLine) (*edgeRoom, error) {
	if room := e.rooms[l.toT.ID]; room != nil {
		return room, nil
	}
	limits, err := e.limitsOf(ctx, l)
	if err != nil {
		return nil, err
	}
	room := &edgeRoom{edgeLimits: limits, from: make(map[string]*crowd), to: make(map[string]*crowd)}
	e.rooms[l.toT.ID] = room
	return room, nil
}

// edgeLimits are the limits between two object types: from a line's own type, and the
// other way.
type edgeLimits struct{ there, back hubspot.AssociationLimits }

// limitsOf reads the limits of a line's object types, once. What a portal does not
// show is not known, and HubSpot's to refuse.
func (j *job) limitsOf(ctx context.Context, l *edgeLine) (edgeLimits, error) {
	var limits edgeLimits
	if j.making || l.list != nil {
		return limits, nil
	}
	if known, ok := j.edgeLimits[l.toT.ID]; ok {
		return known, nil
	}
	var err error
	for _, way := range []struct {
		limits   *hubspot.AssociationLimits
		from, to hubspot.ObjectType
	}{{&limits.there, l.fromT, l.toT}, {&limits.back, l.toT, l.fromT}} {
		*way.limits, err = j.Client.AssociationLimits(ctx, way.from.Path(), way.to.Path())
		if err != nil && !hubspot.IsForbidden(err) && !hubspot.IsUnknownPair(err) && !hubspot.IsNotFound(err) {
			return edgeLimits{}, err
		}
	}
	if j.edgeLimits == nil {
		j.edgeLimits = make(map[string]edgeLimits)
	}
	j.edgeLimits[l.toT.ID] = limits
	return limits, nil
}

// stands are the other ends that an association would take the place of, where there
// can be one only: of all, or of those that bear its label.
func stands(limits hubspot.AssociationLimits, have joined, from, to string, t hubspot.AssociationType) []string {
	if limits.Most == 1 {
		return have.ends(from, to)
	}
	for _, l := range limits.Types {
		switch {
		case l.Most == 1 && l.Type.Label == "":
			return have.ends(from, to)
		case l.Most == 1 && l.Type.Category == t.Category && l.Type.TypeID == t.TypeID:
			return have.others(from, to, t.Category, t.TypeID)
		}
	}
	return nil
}

// only reports whether of anything there can be one only.
func only(limits hubspot.AssociationLimits) bool {
	return limits.Most == 1 || slices.ContainsFunc(limits.Types, func(l hubspot.AssociationTypeLimit) bool { return l.Most == 1 })
}

// fit lets those associations of an item wait for which there is no room, and returns
// them by their places. last: what other pages remove is known too.
func (e *edgePlanner) fit(pg *edgePage, r *store.RowSeen, it *plan.Item, some []int, last bool) (full []int) {
	for _, i := range some {
		edit := &it.Edits[i]
		if !edit.Associates() {
			continue
		}
		l := e.line(edit.Edge.Line)
		room := e.rooms[l.toT.ID]
		if room == nil || primaryType(edit.Edge.Label) { // the next primary one takes the place of the last
			continue
		}
		t := hubspot.AssociationType{Category: edit.Edge.Category, TypeID: edit.Edge.Type, Label: edit.Edge.Label}
		from, to := it.RecordID, edit.Edge.Record
		own := room.crowdOf(room.from, from, pg.have[l.toT.ID][from])
		moves := e.moveOut(pg, l, from, own, last)
		if from == "" {
			from = "row " + r.Key + edit.Edge.FromRow
			own = room.crowdOf(room.from, from, nil)
		}
		if to == "" {
			to = "row " + edit.Edge.Row
		}
		other := room.crowdOf(room.to, to, nil)
		back := e.moveBack(pg, l, to, other, last)
		why := own.full(room.there, to, t, l.fromT, l.toT)
		if why == "" {
			why = other.full(room.back, from, t, l.toT, l.fromT)
		}
		if why != "" {
			full = append(full, i)
			if last {
				why += e.stuck(pg, r, l)
				edit.Action, edit.New, edit.Cause, edit.Reason = plan.EditWait, nil, plan.CauseLimit, why
				e.crowded++
			}
			continue
		}
		if len(moves) > 0 && !slices.Contains(moves, to) {
			edit.Cause, edit.Reason = plan.CauseLimit, fmt.Sprintf("the source has it; it takes the place of %s", and(moves))
			if len(own.ends) == 0 {
				edit.HubSpot = &moves[0]
			}
		}
		if len(back) > 0 && !slices.Contains(back, from) && edit.Cause == "" {
			edit.Cause, edit.Reason = plan.CauseLimit, fmt.Sprintf("the source has it; the %s %s leaves %s for it", strings.ToLower(l.toT.LabelSingular), to, and(back))
		}
		own.add(to, t)
		other.add(from, t)
	}
	return full
}

// leaving is what a plan removes between two records.
type leaving struct {
	types []hubspot.AssociationType
	pair  bool // nothing joined them before
}

// leaving notes what the page removes, which makes room for what it makes.
func (e *edgePlanner) leaving(pg *edgePage) {
	pg.leaves = make(map[[3]string]leaving)
	for _, x := range pg.items {
		for _, edit := range x.item.Edits {
			if !edit.Dissociates() {
				continue
			}
			from := cmp.Or(edit.Edge.FromRow, x.item.RecordID)
			k := [3]string{edit.Edge.Object, from, edit.Edge.Record}
			l := pg.leaves[k]
			l.types = append(l.types, hubspot.AssociationType{Category: edit.Edge.Category, TypeID: edit.Edge.Type})
			l.pair = l.pair || edit.Edge.Pair && !edit.Edge.Kept || edit.Edge.Label == ""
			pg.leaves[k] = l
		}
	}
	if !e.paged {
		return
	}
	for k, leaves := range pg.leaves {
		e.gone.note(e.ofType(k[0]), k, leaves, pg.have[k[0]][k[1]][k[2]])
	}
}

// moveOut takes out of what a record has what the plan removes, and returns the ends
// that go altogether, for the others to take their places.
func (e *edgePlanner) moveOut(pg *edgePage, l *edgeLine, from string, own *crowd, last bool) []string {
	if own.moved == nil && from != "" {
		own.moved = []string{}
		for end, types := range pg.have[l.toT.ID][from] {
			if leaves, ok := pg.leaves[[3]string{l.toT.ID, from, end}]; ok && own.goes(l, end, types, leaves) {
				own.moved = append(own.moved, end)
			}
		}
		slices.Sort(own.moved)
	}
	if last && e.paged && from != "" {
		e.gone.takeFrom(own, func(end string) (string, string) { return from, end }, l.toT.ID)
	}
	return own.moved
}

// moveBack does the same of a record that is pointed at.
func (e *edgePlanner) moveBack(pg *edgePage, l *edgeLine, to string, other *crowd, last bool) []string {
	if other.moved == nil && to != "" {
		other.moved = []string{}
		for _, end := range slices.Sorted(maps.Keys(other.ends)) {
			if leaves, ok := pg.leaves[[3]string{l.toT.ID, end, to}]; ok && other.goes(l, end, pg.have[l.toT.ID][end][to], leaves) {
				other.moved = append(other.moved, end)
			}
		}
	}
	if last && e.paged && to != "" {
		e.gone.takeFrom(other, func(end string) (string, string) { return end, to }, l.toT.ID)
	}
	return other.moved
}

// goes takes out of what a record has what the plan removes of one other end, and reports
// whether that goes altogether.
func (c *crowd) goes(l *edgeLine, end string, types []hubspot.AssociationType, leaves leaving) bool {
	for _, t := range types {
		if leaves.of(t) {
			delete(c.labels[labelKey(t.Category, t.TypeID)], end)
		}
	}
	if !leaves.whole(l, types) {
		return false
	}
	c.remove(end)
	return true
}

// of reports whether a type is removed.
func (v leaving) of(t hubspot.AssociationType) bool {
	return slices.ContainsFunc(v.types, func(x hubspot.AssociationType) bool { return x.Category == t.Category && x.TypeID == t.TypeID })
}

// whole reports whether nothing joins two records any more, of all the types that do.
func (v leaving) whole(l *edgeLine, types []hubspot.AssociationType) bool {
	return v.pair && !slices.ContainsFunc(types, func(t hubspot.AssociationType) bool {
		return !v.of(t) && !l.plain(t.Category, t.TypeID) && !primaryType(t.Label)
	})
}

// stuck says what would let an association move that this sync made, where the
// definition does not.
func (e *edgePlanner) stuck(pg *edgePage, r *store.RowSeen, l *edgeLine) string {
	mine := slices.ContainsFunc(pg.base[r.Key], func(b store.Edge) bool { return b.Line == l.name && b.State == plan.EdgeMade })
	if l.remove || !mine {
		return ""
	}
	return ". This sync made the one that is there: with remove-others: true it moves to where the source has it"
}

// crowdOf is what a record has, as far as it was read.
func (*edgeRoom) crowdOf(all map[string]*crowd, key string, has map[string][]hubspot.AssociationType) *crowd {
	c := all[key]
	if c == nil {
		c = newCrowd()
		for end, types := range has {
			c.add(end, types...)
		}
		if key != "" {
			all[key] = c
		}
	}
	return c
}
