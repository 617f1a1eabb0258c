package engine

import (
	"context"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
)

// Where a record can have so many only, one goes to make room for another. What goes may be
// removed by a row of another page of the plan, and in another call: what finds no room is
// looked at once more when all pages are planned, and sent once more when all calls were.

// departures are the associations that a plan removes. It knows them by hash alone.
type departures struct {
	asking
	sorted bool
}

// note adds what a page removes between two records: object type of the other end, record,
// other end.
func (d *departures) note(l *edgeLine, k [3]string, leaves leaving, types []hubspot.AssociationType) {
	d.sorted = false
	for _, t := range leaves.types {
		d.types = append(d.types, d.typed(k[0], k[1], k[2], t.Category, t.TypeID))
	}
	if leaves.whole(l, types) {
		d.pairs = append(d.pairs, d.pair(k[0], k[1], k[2]))
	}
}

// takeFrom takes out of what a record has what is removed; ends tells which record is at
// the beginning and which at the other end.
func (d *departures) takeFrom(c *crowd, ends func(string) (from, to string), object string) {
	if c.swept {
		return
	}
	c.swept = true
	if !d.sorted {
		d.sort()
		d.sorted = true
	}
	for end := range c.ends {
		if from, to := ends(end); d.joins(object, from, to) {
			c.remove(end)
			c.moved = append(c.moved, end)
		}
	}
	slices.Sort(c.moved)
	for key, has := range c.labels {
		category, id := typeOfKey(key)
		for end := range has {
			if from, to := ends(end); d.has(object, from, to, category, id) {
				delete(has, end)
			}
		}
	}
}

// roomless is an item of which something found no room on its page.
type roomless struct {
	rowEdges
	page *edgePage // what of it the item needs
	full []int     // its edits
}

// ofType is the first line to an object type.
func (e *edgePlanner) ofType(object string) *edgeLine {
	return e.lines[slices.IndexFunc(e.lines, func(l *edgeLine) bool { return l.toT.ID == object })]
}

// placed puts what was decided of a row into the plan, as far as there is room. Where
// another page may make some, the item comes when all are planned.
func (e *edgePlanner) placed(ctx context.Context, pg *edgePage, x *rowEdges) error {
	all := make([]int, len(x.item.Edits))
	for i := range all {
		all[i] = i
	}
	full := e.fit(pg, x.row, &x.item, all, !e.paged)
	if len(full) == 0 || !e.paged {
		return e.put(ctx, x)
	}
	row := store.RowSeen{Key: x.row.Key, GonePull: x.row.GonePull}
	if x.asRow {
		row = *x.row
	}
	own := &edgePage{base: map[string][]store.Edge{row.Key: pg.base[row.Key]}, have: make(map[string]joined)}
	for object, have := range pg.have {
		if of := have[x.item.RecordID]; of != nil {
			own.have[object] = joined{x.item.RecordID: of}
		}
	}
	e.roomless = append(e.roomless, roomless{rowEdges{x.item, &row, x.asRow}, own, full})
	return nil
}

// makeDo puts the items that found no room into the plan, by what all pages remove.
func (e *edgePlanner) makeDo(ctx context.Context) error {
	for i := range e.roomless {
		x := &e.roomless[i]
		e.fit(x.page, x.row, &x.item, x.full, true)
		if err := e.put(ctx, &x.rowEdges); err != nil {
			return err
		}
	}
	e.roomless = nil
	return nil
}

func (e *edgePlanner) put(ctx context.Context, x *rowEdges) error {
	if x.asRow {
		if err := e.cover(ctx, *x.row); err != nil {
			return err
		}
	}
	x.item.Fate, x.item.Reason = edgeFate(x.item, x.asRow), edgeReason(x.item)
	return e.add(ctx, x.item)
}

// postpone leaves what is to take another's place for the next pass, as long as passes make
// room: that other may go in a later call.
func (j *job) postpone(t *edgeTask) bool {
	if !t.inPlace || !j.patient {
		return false
	}
	t.came, t.why, t.late = edgeOpen, "", true
	return true
}

// lateItems counts the items of which only what waits for room is open.
func lateItems(tasks []*edgeTask) int {
	late := make(map[int]bool)
	for _, t := range tasks {
		if t.came == edgeOpen {
			if was, ok := late[t.item]; t.late && (was || !ok) {
				late[t.item] = true
			} else {
				late[t.item] = false
			}
		}
	}
	n := 0
	for _, only := range late {
		if only {
			n++
		}
	}
	return n
}
