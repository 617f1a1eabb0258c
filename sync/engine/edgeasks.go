package engine

import (
	"context"
	"hash/maphash"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// What one row asks for no more may be asked for by another, under another part of the
// definition, or from the other end. Rows of a page know each other; of those that
// share records and may be far apart, what they ask for is gathered before the first
// page is planned.

// asking is what rows ask for: associations, and pairs of records whatever joins them.
// It knows them by hash alone, so that those of a million rows fit.
type asking struct {
	seed         maphash.Seed
	types, pairs []uint64
}

func newAsking() *asking { return &asking{seed: maphash.MakeSeed()} }

func (a *asking) pair(object, from, to string) uint64 {
	return maphash.Comparable(a.seed, [3]string{object, from, to})
}

func (a *asking) typed(object, from, to, category string, typeID int) uint64 {
	return maphash.Comparable(a.seed, edgeKey{line: object, from: from, to: to, category: category, typeID: typeID})
}

// note adds what a row asks for, as far as its records are there.
func (a *asking) note(w *wanted, from target) {
	edge := w.edge()
	if from.record == "" || edge.Record == "" || w.bad != "" {
		return
	}
	a.pairs = append(a.pairs, a.pair(edge.Object, from.record, edge.Record))
	if edge.Type != 0 {
		a.types = append(a.types, a.typed(edge.Object, from.record, edge.Record, edge.Category, edge.Type))
	}
}

// sort makes it ready to be asked.
func (a *asking) sort() {
	slices.Sort(a.types)
	slices.Sort(a.pairs)
}

// has reports whether a row asks for an association.
func (a *asking) has(object, from, to, category string, typeID int) bool {
	_, found := slices.BinarySearch(a.types, a.typed(object, from, to, category, typeID))
	return found
}

// joins reports whether a row asks for anything between two records.
func (a *asking) joins(object, from, to string) bool {
	_, found := slices.BinarySearch(a.pairs, a.pair(object, from, to))
	return found
}

// asks gathers what the rows of the page ask for.
func (pg *edgePage) asks() {
	pg.asking = newAsking()
	for i := range pg.rows {
		for _, w := range pg.wants[pg.rows[i].Key] {
			pg.asking.note(w, pg.from(w, pg.rows[i].Key))
		}
	}
	pg.asking.sort()
}

// within reports whether both ends of a line are of one object type, so that rows may
// name a pair from either.
func (l *edgeLine) within() bool { return l.fromT.ID == l.toT.ID }

// mutual reports whether an association is known to be the same from either end.
func (l *edgeLine) mutual(category string, typeID int) bool {
	return l.within() && l.plain(category, typeID)
}

// farAsks gathers what is asked for by rows that may share a pair with a row of another
// page: where anything may be removed.
func (e *edgePlanner) farAsks(ctx context.Context, rows int) error {
	e.far = newAsking()
	made, err := e.Store.EdgeCounts(ctx, e.sync.ID)
	if err != nil {
		return err
	}
	e.remembers = made > 0
	if made == 0 || rows <= hubspot.MaxAssociationRead || !slices.ContainsFunc(e.lines, func(l *edgeLine) bool { return l.remove }) {
		return nil
	}
	if e.Definition.Associate != nil {
		e.gather = true // pages finds the ends of all rows, to put them in order
		return nil
	}
	all := slices.ContainsFunc(e.lines, (*edgeLine).within)
	shares := make(map[string]bool, 2*len(e.same))
	for key, lead := range leads(e.same) {
		shares[key], shares[lead] = true, true
	}
	if !all && len(shares) == 0 {
		return nil // each row has a record of its own
	}
	defer e.far.sort()
	return e.pages(ctx, func(ctx context.Context, rows []store.RowSeen) error {
		rows = slices.DeleteFunc(rows, func(r store.RowSeen) bool { return !all && !shares[r.Key] })
		pg := &edgePage{rows: rows}
		if err := e.find(ctx, pg); err != nil {
			return err
		}
		for i := range rows {
			for _, w := range pg.wants[rows[i].Key] {
				e.far.note(w, pg.from(w, rows[i].Key))
			}
		}
		return nil
	})
}

// taken reports whether something else asks for an association that a row leaves, and
// for its pair of records; both is whether it is the same association from either end.
func (e *edgePlanner) taken(ctx context.Context, pg *edgePage, l *edgeLine, b store.Edge) (taken, pair, both bool, err error) {
	both = l.mutual(b.Category, b.Type)
	for _, a := range []*asking{pg.asking, e.far} {
		taken = taken || a.has(b.Object, b.From, b.To, b.Category, b.Type)
		pair = pair || a.joins(b.Object, b.From, b.To) || l.within() && a.joins(b.Object, b.To, b.From)
		if taken || !l.within() || !a.has(b.Object, b.To, b.From, b.Category, b.Type) {
			continue
		}
		if !both { // a label may be of two that belong together, as a manager's and a report's
			have, _, err := e.readEdges(ctx, l, []string{b.To})
			if err != nil {
				return false, false, false, err
			}
			both = have.has(b.To, b.From, b.Category, b.Type)
		}
		taken = both
	}
	if !taken && pair && l.within() {
		taken, err = e.otherSide(ctx, pg, l, b)
	}
	return taken, pair, both, err
}

// otherSide reports whether what a row leaves is asked for from the other end, where it bears
// another label, as a boss and a report do. HubSpot does not tell which two belong together: where
// each end has one label of the pair, it can only be that.
func (e *edgePlanner) otherSide(ctx context.Context, pg *edgePage, l *edgeLine, b store.Edge) (bool, error) {
	asked := func(t hubspot.AssociationType) bool {
		return slices.ContainsFunc([]*asking{pg.asking, e.far}, func(a *asking) bool { return a.has(b.Object, b.To, b.From, t.Category, t.TypeID) })
	}
	if l.plain(b.Category, b.Type) || len(l.labels(pg.have[l.toT.ID][b.From][b.To])) != 1 || !slices.ContainsFunc(l.types, asked) {
		return false, nil
	}
	have, _, err := e.readEdges(ctx, l, []string{b.To})
	if err != nil {
		return false, err
	}
	theirs := l.labels(have[b.To][b.From])
	return len(theirs) == 1 && asked(theirs[0]), nil
}

// labels are those of types that are more than that something joins two records.
func (l *edgeLine) labels(types []hubspot.AssociationType) []hubspot.AssociationType {
	return slices.DeleteFunc(slices.Clone(types), func(t hubspot.AssociationType) bool { return l.plain(t.Category, t.TypeID) })
}

// heir hands on what was made for a row to the one that asks for it instead.
func (e *edgePlanner) heir(b store.Edge) {
	if b.State != plan.EdgeMade {
		return
	}
	if e.heirs == nil {
		e.heirs = make(map[edgeKey]store.Edge)
	}
	e.heirs[edgeKey{"", b.From, b.To, b.Category, b.Type}] = b
	if b.Both {
		e.heirs[edgeKey{"", b.To, b.From, b.Category, b.Type}] = b
	}
}

// leftBy decides about an association that a row has and asks for no more.
func (e *edgePlanner) leftBy(ctx context.Context, pg *edgePage, r *store.RowSeen, it *plan.Item, l *edgeLine, b store.Edge, edge plan.Edge) error {
	if b.State == plan.EdgeRestored && asksAnew(it, b.Line) {
		b.State = plan.EdgeMade // the source changed since the undo
	}
	taken, pair, both, err := e.taken(ctx, pg, l, b)
	if err != nil {
		return err
	}
	b.Both, edge.Both = both, both
	shared, err := e.Store.SharedEdges(ctx, e.sync.ID, b)
	if err != nil {
		return err
	}
	why := "something else in the source asks for it too"
	if !taken && pair && b.State == plan.EdgeMade && l.remove && l.plain(b.Category, b.Type) {
		taken, why = true, "something else in the source asks for it under a label: it stays" // a label rests on it
	}
	if taken || e.leave(&b, shared) {
		e.heir(b)
		it.Edits = append(it.Edits, plan.Edit{Field: l.title(), Edge: &edge, Action: plan.EditForget, Reason: why})
		return nil
	}
	edge.Pair, edge.Kept = b.Pair, pair
	e.one(ctx, pg, r, it, l, edgeKey{b.Line, b.From, b.To, b.Category, b.Type}, edge, false, b)
	return nil
}

// leave notes that a row asks for an association no more, and reports whether
// another one does. The last one that leaves takes over what was made for any
// of them.
func (e *edgePlanner) leave(b *store.Edge, shared []store.Edge) bool {
	k := edgeKey{from: b.From, to: b.To, category: b.Category, typeID: b.Type}
	if b.Both && b.To < b.From {
		k.from, k.to = b.To, b.From
	}
	if len(shared) > 0 && e.left[k] == nil {
		e.left[k] = make(map[[2]string]bool)
	}
	for _, o := range shared {
		if !e.left[k][[2]string{o.RowKey, o.Line}] {
			e.left[k][[2]string{b.RowKey, b.Line}] = true
			return true
		}
	}
	for _, o := range shared {
		if o.State == plan.EdgeMade && b.State != plan.EdgeMade {
			b.State, b.Pair, b.Run = o.State, o.Pair, o.Run
		}
	}
	return false
}
