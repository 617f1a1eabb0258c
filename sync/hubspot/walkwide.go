package hubspot

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"syncline/sync/record"
)

// A list of many records is walked in several windows of ids at once: a walk that
// waits for every page before it asks for the next one uses a sixth of what
// HubSpot permits. The place of a next page is a record's id, and a list goes by
// ascending ids (hubspot-api.md, List), so that a walk may begin at any id. Both
// are checked while it is walked: what does not hold is walked page after page.

const (
	wideLeast  = 30 // pages: fewer are as quick one after the other
	wideShare  = 40 // pages for each window; each costs a part of a page
	splitLeast = 6  // pages that a window has left which is worth parting
)

// ListWide is ListAll in windows of ids that are walked at once, as many as
// InFlight advises. It calls f for one page after the other, never for two at
// once, but in no order. Where the list does not go by ids, or not where it is
// told to begin, it is walked as ListAll does, and f may get records again.
func (c *Client) ListWide(ctx context.Context, objectType string, req ListRequest, f func([]record.Record) error) error {
	if req.After != "" || req.Archived {
		return c.ListAll(ctx, objectType, req, f)
	}
	first, ids, err := c.listPage(ctx, objectType, req)
	if err != nil {
		return err
	}
	if len(first.Records) > 0 {
		if err := f(first.Records); err != nil {
			return err
		}
	}
	if req.After = first.After; req.After == "" {
		return nil
	}
	w := &wide{c: c, objectType: objectType, req: req, f: f, turn: make(chan struct{}, 1), changed: make(chan struct{})}
	start, ok := byIDs(ids, first.After)
	wide := ok && w.plan(ctx, start, len(ids))
	if req.Long != nil && w.total > 0 {
		if err := req.Long(w.total); err != nil {
			return err
		}
	}
	if !wide {
		return c.ListAll(ctx, objectType, req, f)
	}
	err = w.walk(ctx)
	if errors.Is(err, errNotByIDs) {
		req.After = ""
		return c.ListAll(ctx, objectType, req, f)
	}
	return err
}

// errNotByIDs says that a list does not go by ids after all.
var errNotByIDs = errors.New("the list does not go by ids")

// byIDs reports whether a page's ids ascend and lead to the place of the next
// page, and returns that.
func byIDs(ids []string, after string) (next uint64, ok bool) {
	before := uint64(0)
	for _, id := range append(ids[:len(ids):len(ids)], after) {
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil || n < before {
			return 0, false
		}
		before = n
	}
	return before, len(ids) > 0
}

// wide is a list that is walked in windows.
type wide struct {
	c          *Client
	objectType string
	req        ListRequest

	turn chan struct{} // of f: has room for one
	f    func([]record.Record) error

	mu      sync.Mutex
	windows []*window
	active  int
	most    int           // windows that there may be
	last    uint64        // the highest id, as far as search tells
	total   int           // records that there are, as far as search tells; 0: not known
	pages   float64       // that there are, as far as search tells
	changed chan struct{} // closed, and made anew, when a window may be parted
}

// window is the records with ids from from to below to.
type window struct {
	from, to uint64 // to is 0 for no bound
	pos      uint64 // where its next page begins
	place    string // of that page, then of its last one
	perPage  float64
	begun    bool
	first    uint64 // the first id that it saw, at or above from; the highest number for none
	next     uint64 // the first one at or above to, when it is done; the highest number for none
	high     uint64 // the highest id that it saw
}

const none = math.MaxUint64

// plan finds out how far the list goes, and reports whether windows are worth
// it.
func (w *wide) plan(ctx context.Context, start uint64, page int) bool {
	found, err := w.c.Search(ctx, w.objectType, SearchRequest{Sort: "-hs_object_id", Properties: []string{"hs_object_id"}, Limit: 1})
	if err != nil || len(found.Records) == 0 {
		return false // not every type can be searched; what else is wrong the list says too
	}
	w.last, err = strconv.ParseUint(found.Records[0].ID, 10, 64)
	w.total = found.Total
	w.pages = float64(found.Total) / float64(page)
	w.most = int(w.pages) / wideShare
	if err != nil || w.pages < wideLeast || w.last <= start {
		return false
	}
	w.most = max(w.most, 2)
	w.windows = []*window{{from: start, pos: start, place: w.req.After, first: none, next: none}}
	w.active = 1
	return true
}

// walk walks all windows.
func (w *wide) walk(ctx context.Context) error {
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.work(gctx, w.windows[0]) })
	for range min(w.most, maxInFlight) - 1 {
		group.Go(func() error {
			for {
				part, err := w.part(gctx)
				if part == nil || err != nil {
					return err
				}
				if err := w.work(gctx, part); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return w.close(ctx)
}

// part parts the window that has the most left, and returns the new one: nil
// when there is nothing to part any more.
func (w *wide) part(ctx context.Context) (*window, error) {
	for {
		w.mu.Lock()
		if w.active == 0 || len(w.windows) >= w.most {
			w.mu.Unlock()
			return nil, nil
		}
		if w.active < w.c.InFlight() {
			if part := w.split(); part != nil {
				w.windows = append(w.windows, part)
				w.active++
				w.mu.Unlock()
				return part, nil
			}
		}
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// split takes the upper half of the largest window that is walked.
func (w *wide) split() *window {
	var largest *window
	most := float64(splitLeast)
	for _, x := range w.windows {
		end := x.to
		if end == 0 {
			end = w.last + 1
		}
		if !x.begun || x.pos >= end {
			continue
		}
		if left := min(float64(end-x.pos)/x.perPage, w.pages); left >= most {
			largest, most = x, left
		}
	}
	if largest == nil {
		return nil
	}
	end := largest.to
	if end == 0 {
		end = w.last + 1
	}
	middle := largest.pos + (end-largest.pos)/2
	// One less than the first id: whether a place is that of the record before or of the next, the
	// window begins with it.
	upper := &window{from: middle, to: largest.to, pos: middle, place: strconv.FormatUint(middle-1, 10), first: none, next: none}
	largest.to = middle
	return upper
}

// tell lets those who wait look again.
func (w *wide) tell() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// work walks one window to its end.
func (w *wide) work(ctx context.Context, x *window) error {
	req := w.req
	req.After = x.place
	guard := newWalk("list "+w.objectType, req.After)
	for {
		page, ids, err := w.c.listPage(ctx, w.objectType, req)
		if err != nil {
			return notThere(err)
		}
		mine, done, err := w.enter(x, page, ids)
		if err == nil {
			err = guard.page(ids, page.After)
		}
		if err != nil {
			return err
		}
		if len(mine) > 0 {
			select {
			case w.turn <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			err = w.f(mine)
			<-w.turn
		}
		if err != nil || done {
			return err
		}
		req.After = page.After
		x.place = page.After
	}
}

// enter takes a page into its window: it returns those of its records that are
// of the window, and whether that is done.
func (w *wide) enter(x *window, page Page, ids []string) (mine []record.Record, done bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.tell()
	next := uint64(none)
	if page.After != "" {
		var ok bool
		if next, ok = byIDs(append([]string{"0"}, ids...), page.After); !ok {
			return nil, false, errNotByIDs
		}
	}
	low, high, shown := uint64(none), uint64(0), 0
	for _, id := range ids {
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil || n < x.pos-1 || n < high {
			return nil, false, errNotByIDs
		}
		high = n
		x.high = max(x.high, n)
		switch {
		case n < x.from:
		case x.to != 0 && n >= x.to:
			x.next = min(x.next, n)
		default:
			low = min(low, n)
			shown++
		}
		if n >= x.from {
			x.first = min(x.first, n)
		}
	}
	if x.to != 0 && next >= x.to {
		x.next = min(x.next, next)
	}
	for _, r := range page.Records {
		if n, err := strconv.ParseUint(r.ID, 10, 64); err == nil && n >= x.from && (x.to == 0 || n < x.to) {
			mine = append(mine, r)
		}
	}
	if shown > 1 {
		x.begun, x.perPage = true, max(1, float64(high-low)*float64(len(ids))/float64(shown))
	}
	x.pos = max(x.pos, high+1)
	if next != none {
		x.pos = max(x.pos, next)
	}
	if done = next == none || x.next != none; done {
		x.pos = none
		w.active--
	}
	return mine, done, nil
}

// close looks at the joints: each window ends before the record with which the
// next one began. Where it saw one that the next did not begin with, or came to
// the list's end though the next one has records, what lies between is walked; and
// where the list ended before the highest id that search knows, what comes after.
func (w *wide) close(ctx context.Context) error {
	for _, x := range w.windows {
		if x.to == 0 {
			if x.high >= w.last {
				continue
			}
			from := max(x.high+1, x.from) // archived meanwhile, if there is nothing
			if err := w.between(ctx, strconv.FormatUint(from-1, 10), from, none); err != nil {
				return err
			}
			continue
		}
		above := w.above(x.to)
		gap := window{from: x.next, to: above.first}
		if x.next == none && (above.first != none || w.last >= x.to) {
			gap = window{from: x.from, to: x.to}
		}
		if gap.from >= gap.to {
			continue
		}
		if err := w.between(ctx, x.place, gap.from, gap.to); err != nil {
			return err
		}
	}
	return nil
}

// above is the window that begins at an id.
func (w *wide) above(id uint64) *window {
	for _, x := range w.windows {
		if x.from == id {
			return x
		}
	}
	return &window{first: none}
}

// errPast ends a walk that has come past its end.
var errPast = errors.New("past the end")

// between walks the records from one id to below another, page after page, from
// the place of a page before them.
func (w *wide) between(ctx context.Context, place string, from, to uint64) error {
	req := w.req
	req.After = place
	err := w.c.ListAll(ctx, w.objectType, req, func(records []record.Record) error {
		var some []record.Record
		past := false
		for _, r := range records {
			n, err := strconv.ParseUint(r.ID, 10, 64)
			if err != nil {
				return errNotByIDs
			}
			if past = past || n >= to; !past && n >= from {
				some = append(some, r)
			}
		}
		if len(some) > 0 {
			if err := w.f(some); err != nil {
				return err
			}
		}
		if past {
			return errPast
		}
		return nil
	})
	if errors.Is(err, errPast) {
		return nil
	}
	return notThere(err)
}

// notThere tells a list that refuses a place which it did not give itself from
// other errors: it is walked page after page, as every list can be. One that is
// refused for another reason is refused then too.
func notThere(err error) error {
	if Refused(err) && !IsForbidden(err) {
		return errNotByIDs
	}
	return err
}
