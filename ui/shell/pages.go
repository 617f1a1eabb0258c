package shell

import "context"

// pageSize is how many rows are read at once, maxPages how many pages are
// kept: enough for a few screens in each direction.
const (
	pageSize = 128
	maxPages = 64
)

// Pages is a cache of rows by position over a list of ids, for a grid that
// asks on the UI thread and must not wait. It is used on the UI thread only;
// reading happens elsewhere.
type Pages[ID, Row any] struct {
	w    Host
	IDs  []ID
	read func(context.Context, []ID) ([]Row, error)
	came func(from, to int) // rows that can be shown now

	gen   int // of the ids; a page of an older one is dropped
	Rows  map[int][]Row
	order []int // page numbers, oldest first
	asked map[int]bool
	put   map[int]bool // pages in which a row was put while they were being read
}

// NewPages makes a cache without rows. read reads rows by their ids, off the UI
// thread; came is called on it when rows can be shown.
func NewPages[ID, Row any](w Host, read func(context.Context, []ID) ([]Row, error), came func(from, to int)) *Pages[ID, Row] {
	return &Pages[ID, Row]{w: w, read: read, came: came, Rows: map[int][]Row{}, asked: map[int]bool{}, put: map[int]bool{}}
}

// Set replaces the list and drops what was read.
func (p *Pages[ID, Row]) Set(ids []ID) {
	p.gen++
	p.IDs, p.Rows, p.order, p.asked, p.put = ids, map[int][]Row{}, nil, map[int]bool{}, map[int]bool{}
}

// At is the row at a position; false while it is being read.
func (p *Pages[ID, Row]) At(i int) (Row, bool) {
	var none Row
	if i < 0 || i >= len(p.IDs) {
		return none, false
	}
	n := i / pageSize
	if page, ok := p.Rows[n]; ok {
		if k := i % pageSize; k < len(page) {
			return page[k], true
		}
		return none, false
	}
	p.ask(n)
	return none, false
}

// Put shows another row at a position that was read.
func (p *Pages[ID, Row]) Put(i int, row Row) {
	if page, ok := p.Rows[i/pageSize]; ok && i%pageSize < len(page) {
		page[i%pageSize] = row
		p.put[i/pageSize] = true
	}
}

// Renew reads again what is kept; until it has come the old rows stay.
func (p *Pages[ID, Row]) Renew() {
	p.gen++
	p.asked = map[int]bool{}
	old := p.order
	p.order = nil
	for _, n := range old {
		p.ask(n)
	}
}

func (p *Pages[ID, Row]) ask(n int) {
	if p.asked[n] {
		return
	}
	p.asked[n] = true
	delete(p.put, n)
	gen, from, to := p.gen, n*pageSize, min((n+1)*pageSize, len(p.IDs))
	ids := p.IDs[from:to]
	Load(p.w, func(ctx context.Context) ([]Row, error) { return p.read(ctx, ids) }, func(rows []Row) {
		if gen != p.gen {
			return
		}
		if p.put[n] { // it was read before that, perhaps
			delete(p.asked, n)
			p.ask(n)
			return
		}
		p.Rows[n] = rows
		if p.order = append(p.order, n); len(p.order) > maxPages {
			old := p.order[0]
			p.order = p.order[1:]
			delete(p.Rows, old)
			delete(p.asked, old)
		}
		p.came(from, to)
	}, nil)
}
