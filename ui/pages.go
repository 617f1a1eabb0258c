package ui

import "context"

// pageSize is how many rows are read at once, maxPages how many pages are
// kept: enough for a few screens in each direction.
const (
	pageSize = 128
	maxPages = 64
)

// pages is a cache of rows by position over a list of ids, for a grid that
// asks on the UI thread and must not wait. It is used on the UI thread only;
// reading happens elsewhere.
type pages[ID, Row any] struct {
	w    *window
	ids  []ID
	read func(context.Context, []ID) ([]Row, error)
	came func(from, to int) // rows that can be shown now

	gen   int // of the ids; a page of an older one is dropped
	rows  map[int][]Row
	order []int // page numbers, oldest first
	asked map[int]bool
}

func newPages[ID, Row any](w *window, read func(context.Context, []ID) ([]Row, error), came func(from, to int)) *pages[ID, Row] {
	return &pages[ID, Row]{w: w, read: read, came: came, rows: map[int][]Row{}, asked: map[int]bool{}}
}

// set replaces the list and drops what was read.
func (p *pages[ID, Row]) set(ids []ID) {
	p.gen++
	p.ids, p.rows, p.order, p.asked = ids, map[int][]Row{}, nil, map[int]bool{}
}

// at is the row at a position; false while it is being read.
func (p *pages[ID, Row]) at(i int) (Row, bool) {
	var none Row
	if i < 0 || i >= len(p.ids) {
		return none, false
	}
	n := i / pageSize
	if page, ok := p.rows[n]; ok {
		if k := i % pageSize; k < len(page) {
			return page[k], true
		}
		return none, false
	}
	p.ask(n)
	return none, false
}

// put shows another row at a position that was read.
func (p *pages[ID, Row]) put(i int, row Row) {
	if page, ok := p.rows[i/pageSize]; ok && i%pageSize < len(page) {
		page[i%pageSize] = row
	}
}

// renew reads again what is kept; until it has come the old rows stay.
func (p *pages[ID, Row]) renew() {
	p.gen++
	p.asked = map[int]bool{}
	old := p.order
	p.order = nil
	for _, n := range old {
		p.ask(n)
	}
}

func (p *pages[ID, Row]) ask(n int) {
	if p.asked[n] {
		return
	}
	p.asked[n] = true
	gen, from, to := p.gen, n*pageSize, min((n+1)*pageSize, len(p.ids))
	ids := p.ids[from:to]
	load(p.w, func(ctx context.Context) ([]Row, error) { return p.read(ctx, ids) }, func(rows []Row) {
		if gen != p.gen {
			return
		}
		p.rows[n] = rows
		if p.order = append(p.order, n); len(p.order) > maxPages {
			old := p.order[0]
			p.order = p.order[1:]
			delete(p.rows, old)
			delete(p.asked, old)
		}
		p.came(from, to)
	}, nil)
}
