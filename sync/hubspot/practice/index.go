package practice

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"time"
)

// index is what search believes about the records of a type. It follows the
// truth with a lag. Entries lie in id order, and zones of them carry bounds of
// the modified date, so that the query every poll makes (a window of modified
// dates, ids above a mark) neither scans nor counts record by record.
type index struct {
	kind    *kind
	entries []indexEntry
	zones   []zone
	dirty   int // zones from here on are to be computed again
	holes   int // entries of records that are gone
	queue   updates
}

type indexEntry struct {
	id       uint64
	modified int64
	object   *object // nil = a hole
}

// zone sums up zoneSize entries.
type zone struct {
	low, high int64 // modified dates
	live      int
	stale     bool
}

const zoneSize = 512

// update is a state on its way to the index.
type update struct {
	at     time.Time
	object *object
	state  *state
}

type updates []update

func (u updates) Len() int { return len(u) }
func (u updates) Less(i, j int) bool {
	return cmp.Or(u[i].at.Compare(u[j].at), cmp.Compare(u[i].state.seq, u[j].state.seq)) < 0
}
func (u updates) Swap(i, j int) { u[i], u[j] = u[j], u[i] }
func (u *updates) Push(x any)   { *u = append(*u, x.(update)) }
func (u *updates) Pop() any {
	old := *u
	x := old[len(old)-1]
	old[len(old)-1] = update{}
	*u = old[:len(old)-1]
	return x
}

// reindex sends a record's present state to the index and tells when it
// arrives, in nanoseconds since the epoch, 0 = it has.
func (p *Portal) reindex(o *object) (at int64) {
	x := &o.kind.index
	if lag := p.opt.SearchLag.draw(p.rng); lag > 0 {
		u := update{p.present().Add(lag), o, o.state}
		heap.Push(&x.queue, u)
		return u.at.UnixNano()
	}
	x.apply(o, o.state)
	return 0
}

// catchUp takes in what has arrived by now.
func (x *index) catchUp(p *Portal) {
	now := p.present()
	for len(x.queue) > 0 && !x.queue[0].at.After(now) {
		u := heap.Pop(&x.queue).(update)
		x.apply(u.object, u.state)
	}
}

// settle takes in everything that is on its way.
func (x *index) settle() {
	for len(x.queue) > 0 {
		u := heap.Pop(&x.queue).(update)
		x.apply(u.object, u.state)
	}
}

// apply makes the index believe a state, unless it knows a newer one.
func (x *index) apply(o *object, s *state) {
	if o.indexed != nil && o.indexed.seq >= s.seq {
		return
	}
	o.indexed = s
	i, found := x.position(o.id)
	if s.archivedAt != 0 {
		if found && x.entries[i].object == o {
			x.entries[i].object, x.entries[i].modified = nil, math.MinInt64
			x.holes++
			x.spoil(i)
			x.compact()
		}
		return
	}
	e := indexEntry{o.id, s.modified, o}
	switch {
	case found:
		if x.entries[i].object == nil {
			x.holes--
		}
		x.entries[i] = e
		x.spoil(i)
	case i == len(x.entries):
		x.entries = append(x.entries, e)
		x.spoil(i)
	default:
		x.entries = slices.Insert(x.entries, i, e)
		x.dirty = min(x.dirty, i/zoneSize)
	}
}

func (x *index) spoil(i int) {
	if z := i / zoneSize; z < len(x.zones) {
		x.zones[z].stale = true
	} else {
		x.dirty = min(x.dirty, z)
	}
}

// compact drops the holes when they are many.
func (x *index) compact() {
	if x.holes < 1024 || x.holes*4 < len(x.entries) {
		return
	}
	x.entries = slices.DeleteFunc(x.entries, func(e indexEntry) bool { return e.object == nil })
	x.holes, x.dirty = 0, 0
}

func (x *index) position(id uint64) (int, bool) {
	if n := len(x.entries); n == 0 || x.entries[n-1].id < id {
		return n, false
	}
	return slices.BinarySearchFunc(x.entries, id, func(e indexEntry, id uint64) int { return cmp.Compare(e.id, id) })
}

// zone returns the up-to-date summary of a zone.
func (x *index) zone(i int) *zone {
	n := (len(x.entries) + zoneSize - 1) / zoneSize
	if x.dirty < n || len(x.zones) != n {
		x.dirty = min(x.dirty, len(x.zones), n)
		x.zones = slices.Grow(x.zones[:x.dirty], n-x.dirty)[:n]
		for z := x.dirty; z < n; z++ {
			x.zones[z].stale = true
		}
		x.dirty = n
	}
	z := &x.zones[i]
	if z.stale {
		*z = zone{low: math.MaxInt64, high: math.MinInt64}
		for _, e := range x.entries[i*zoneSize : min((i+1)*zoneSize, len(x.entries))] {
			if e.object != nil {
				z.live++
				z.low, z.high = min(z.low, e.modified), max(z.high, e.modified)
			}
		}
	}
	return z
}

// span is a window of ids and modified dates, both ends included.
type span struct {
	fromID, toID   uint64
	fromMod, toMod int64
}

// walk calls visit for the entries in a window, in id order. When visit
// returns false the rest is only counted, through the zones where possible;
// the count of all is returned. residual filters further and forbids the short
// cut when it is not nil.
func (x *index) walk(w span, residual func(*object, *state) bool, visit func(*indexEntry) bool) (total int) {
	start, _ := x.position(w.fromID)
	visiting := true
	for i := start; i < len(x.entries); {
		z := i / zoneSize
		end := min((z+1)*zoneSize, len(x.entries))
		sum := x.zone(z)
		if sum.live == 0 || sum.high < w.fromMod || sum.low > w.toMod {
			if x.entries[i].id > w.toID {
				break
			}
			i = end
			continue
		}
		if !visiting && residual == nil && i == z*zoneSize && sum.low >= w.fromMod && sum.high <= w.toMod && x.entries[end-1].id <= w.toID {
			total += sum.live
			i = end
			continue
		}
		for ; i < end; i++ {
			e := &x.entries[i]
			if e.id > w.toID {
				return total
			}
			if e.object == nil || e.modified < w.fromMod || e.modified > w.toMod {
				continue
			}
			if residual != nil && !residual(e.object, e.object.indexed) {
				continue
			}
			total++
			if visiting {
				visiting = visit(e)
			}
		}
	}
	return total
}
