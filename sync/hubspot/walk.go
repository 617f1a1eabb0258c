package hubspot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"syncline/sync/record"
)

// mostEmptyPages is how many pages in a row may show nothing and point at
// another one.
const mostEmptyPages = 100

// ListAll walks the list of a type from req.After to its end and gives each
// page to f, whose error ends the walk. Where it ends is told by HubSpot's
// paging, never by the size of a page. A walk that does not get anywhere is an
// error.
func (c *Client) ListAll(ctx context.Context, objectType string, req ListRequest, f func([]record.Record) error) error {
	w := newWalk("list "+objectType, req.After)
	for {
		page, ids, err := c.listPage(ctx, objectType, req)
		if err != nil {
			return err
		}
		if err := w.page(ids, page.After); err != nil {
			return err
		}
		if len(page.Records) > 0 {
			if err := f(page.Records); err != nil {
				return err
			}
		}
		if req.After = page.After; req.After == "" {
			return nil
		}
	}
}

// SearchAll walks all matches by ascending id and gives each page to f, whose
// error ends the walk; Sort and After of req are not used. It has no end at
// MaxSearchResults. A page may be shorter than its limit, because the index
// still holds records that are gone: the walk ends when HubSpot points at no
// further page and, as far as its count can be believed, no more records match.
// A walk that does not get anywhere is an error.
func (c *Client) SearchAll(ctx context.Context, objectType string, req SearchRequest, f func([]record.Record) error) error {
	groups := req.Groups
	req.Sort, req.After = "hs_object_id", ""
	last, shown := "0", 0 // of the matches beyond last, how many were shown
	w := newWalk("search "+objectType, "")
	for {
		req.Groups = withFilter(groups, Filter{Property: "hs_object_id", Operator: GT, Value: last})
		page, err := c.Search(ctx, objectType, req)
		if err != nil {
			return err
		}
		highest := last
		ids := make([]string, len(page.Records))
		for i, r := range page.Records {
			ids[i] = r.ID
			if compareIDs(r.ID, highest) > 0 {
				highest = r.ID
			}
		}
		if len(ids) > 0 && highest == last {
			return w.stuck("shows the same records again")
		}
		shown += len(ids)
		if len(ids) > 0 {
			if err := f(page.Records); err != nil {
				return err
			}
		}
		switch {
		case page.After == "" && (len(ids) == 0 || shown >= page.Total):
			return nil
		case len(ids) > 0:
			last, shown, req.After = highest, 0, ""
			w = newWalk(w.op, "")
		default: // no id to go on from
			if err := w.move(0, page.After); err != nil {
				return err
			}
			req.After = page.After
		}
	}
}

// withFilter adds a filter to every group; without groups it is the only one.
func withFilter(groups [][]Filter, more Filter) [][]Filter {
	if len(groups) == 0 {
		return [][]Filter{{more}}
	}
	all := make([][]Filter, len(groups))
	for i, g := range groups {
		all[i] = append(append(make([]Filter, 0, len(g)+1), g...), more)
	}
	return all
}

// walk sees to it that a walk over pages gets on.
type walk struct {
	op      string
	cursor  string          // that led to the newest page
	cursors map[string]bool // those that are no numbers
	highest string          // id seen
	strays  map[string]bool // ids that came out of order
	empty   int             // pages in a row
}

func newWalk(op, cursor string) *walk {
	return &walk{op: op, cursor: cursor, cursors: map[string]bool{cursor: true}, strays: map[string]bool{}}
}

// page enters a page with the given ids that points at next, "" for the last.
// Ids ascend in HubSpot's lists, so that a page without a higher one is odd;
// it is taken as long as it shows something that no other odd one did.
func (w *walk) page(ids []string, next string) error {
	higher, fresh := false, len(ids) == 0
	before := w.highest
	for _, id := range ids {
		higher = higher || compareIDs(id, before) > 0
		if compareIDs(id, w.highest) > 0 {
			w.highest = id
		}
	}
	if !higher {
		for _, id := range ids {
			fresh = fresh || !w.strays[id]
			w.strays[id] = true
		}
	}
	if !higher && !fresh {
		return w.stuck("shows the same entries again")
	}
	return w.move(len(ids), next)
}

// move enters a page of n entries that points at next.
func (w *walk) move(n int, next string) error {
	if w.empty++; n > 0 {
		w.empty = 0
	}
	switch {
	case next == "":
		return nil
	case w.empty > mostEmptyPages:
		return w.stuck(fmt.Sprintf("shows nothing on %d pages in a row", w.empty))
	case next == w.cursor || w.cursors[next]:
		return w.stuck("points at a page that was read already")
	}
	if isNumber(next) && isNumber(w.cursor) {
		if compareIDs(next, w.cursor) < 0 {
			return w.stuck("points back at an earlier page")
		}
	} else {
		w.cursors[next] = true
	}
	w.cursor = next
	return nil
}

// stuck is the error of a walk that would go on for ever.
func (w *walk) stuck(how string) error {
	return &Error{Op: w.op, Status: http.StatusOK, Unreadable: true,
		Message: "HubSpot's answer " + how + ", so the walk would never end and what it shows cannot be relied on; try again later"}
}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// compareIDs orders ids, which are numbers without leading zeros, by size.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// collect reads all pages of a small list. Most have one; which do is HubSpot's
// affair.
func collect[T listed](ctx context.Context, c *Client, r *request) ([]T, error) {
	all := []T{}
	w := newWalk(r.op, "")
	query := r.query
	for {
		var out wireList[T]
		r.out = &out
		if _, err := c.do(ctx, r); err != nil {
			return nil, err
		}
		seen := make([]string, len(out.Results))
		for i, entry := range out.Results {
			seen[i] = entry.key()
		}
		next := out.Paging.after()
		if err := w.fresh(seen, next); err != nil {
			return nil, err
		}
		all = append(all, out.Results...)
		if next == "" {
			return all, nil
		}
		r.query = url.Values{}
		for name, values := range query {
			r.query[name] = values
		}
		r.query.Set("after", next)
	}
}

// fresh is page for lists whose ids come in any order.
func (w *walk) fresh(ids []string, next string) error {
	isNew := len(ids) == 0
	for _, id := range ids {
		isNew = isNew || !w.strays[id]
		w.strays[id] = true
	}
	if !isNew {
		return w.stuck("shows the same entries again")
	}
	return w.move(len(ids), next)
}
