package records

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// PageSize is how many records a page of results has.
const PageSize = 100

// Query asks for records.
type Query struct {
	Filter  Filter
	Text    string   // words in the type's usual text properties
	Sort    string   // a property, "-property" for descending; "" is by record id
	Columns []string // properties that are read
	// List lets only its members be found, as they are when they are asked for first; nil lets all.
	// They come by their ids, whatever Sort says.
	List *hubspot.Segment
}

// Results are the records that a query finds, as pages that are read when they are wanted. A page
// is what HubSpot's search knows at that moment: seconds, at times minutes, behind the records.
// Several goroutines may use it.
type Results struct {
	*Catalogue
	Query

	groups [][]hubspot.Filter

	mu      sync.Mutex
	total   int
	known   bool
	anchors []string // the highest id of each ten thousand but the last, by which the next are found

	listing sync.Mutex
	listed  []string // the members of the query's list that pass, nil before they were read

	after []string // of a type that can only be listed: what leads to each page
}

// Find prepares a query. Nothing is asked for yet.
func (c *Catalogue) Find(q Query) (*Results, error) {
	if q.List != nil {
		q.Sort = ""
	}
	r := &Results{Catalogue: c, Query: q}
	var err error
	if r.groups, err = q.Filter.compile(c.Property, c.Words.Zone()); err != nil {
		return nil, err
	}
	if property := strings.TrimPrefix(q.Sort, "-"); property != "" {
		if _, ok := c.byName[property]; !ok {
			return nil, &Problem{-1, -1, fmt.Sprintf("there is no property %q to sort by", property)}
		}
	}
	if c.Object.NoSearch && (len(r.groups) > 0 || q.Text != "" || q.Sort != "") {
		return nil, &Problem{-1, -1, fmt.Sprintf("HubSpot only lists %s: they can't be searched or sorted", strings.ToLower(c.Object.Label))}
	}
	return r, nil
}

// Total is how many records there are, as far as pages were read; of a type that can only be
// listed, those up to the last page that is known.
func (r *Results) Total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// Reach is how many of them can be shown: HubSpot shows the first 10,000 by any property, and all
// only by record id.
func (r *Results) Reach() int {
	n := r.Total()
	if !r.byID() && !r.Object.NoSearch {
		n = min(n, hubspot.MaxSearchResults)
	}
	return n
}

func (r *Results) byID() bool { return r.Sort == "" || r.Sort == "hs_object_id" }

// columns are the properties that are read of each record: those asked for and what names it.
func (r *Results) columns() []string {
	all := append(slices.Clone(r.Columns), r.Object.Primary...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Page reads the records of a page, of which the first is 0. Past the last one it is empty.
func (r *Results) Page(ctx context.Context, n int) ([]record.Record, error) {
	if r.List != nil {
		return r.memberPage(ctx, n)
	}
	if r.Object.NoSearch {
		return r.ofList(ctx, n)
	}
	offset := n * PageSize
	if !r.byID() && offset >= hubspot.MaxSearchResults {
		return nil, nil
	}
	anchor, err := r.anchor(ctx, offset/hubspot.MaxSearchResults)
	if err != nil || anchor == "" && offset >= hubspot.MaxSearchResults {
		return nil, err
	}
	return r.search(ctx, anchor, offset%hubspot.MaxSearchResults, PageSize)
}

// search reads records from a place behind an anchor.
func (r *Results) search(ctx context.Context, anchor string, offset, limit int) ([]record.Record, error) {
	req := hubspot.SearchRequest{Groups: r.groups, Query: r.Text, Sort: r.Sort, Properties: r.columns(), Limit: limit, After: strconv.Itoa(offset)}
	if offset == 0 {
		req.After = ""
	}
	if r.byID() {
		req.Sort = "hs_object_id"
	}
	if anchor != "" {
		req.Groups = beyond(r.groups, anchor)
	}
	page, err := r.Client.Search(ctx, r.Object.Path(), req)
	if err != nil {
		return nil, err
	}
	if anchor == "" {
		r.mu.Lock()
		r.total, r.known = page.Total, true
		r.mu.Unlock()
	}
	return page.Records, nil
}

// beyond adds the condition that a record's id is higher.
func beyond(groups [][]hubspot.Filter, id string) [][]hubspot.Filter {
	more := hubspot.Filter{Property: "hs_object_id", Operator: hubspot.GT, Value: id}
	if len(groups) == 0 {
		return [][]hubspot.Filter{{more}}
	}
	all := make([][]hubspot.Filter, len(groups))
	for i, g := range groups {
		all[i] = append(slices.Clone(g), more)
	}
	return all
}

// anchor is the id behind which the records of a ten thousand begin, "" for the first or where
// there are none. Each costs a call, once.
func (r *Results) anchor(ctx context.Context, block int) (string, error) {
	for {
		r.mu.Lock()
		have := len(r.anchors)
		last := ""
		if have > 0 {
			last = r.anchors[have-1]
		}
		if block <= have {
			at := ""
			if block > 0 {
				at = r.anchors[block-1]
			}
			r.mu.Unlock()
			return at, nil
		}
		r.mu.Unlock()
		if !r.room() {
			return "", errNoRoom
		}
		found, err := r.search(ctx, last, hubspot.MaxSearchResults-1, 1)
		if err != nil || len(found) == 0 {
			return "", err
		}
		r.mu.Lock()
		if len(r.anchors) == have { // nobody else was first
			r.anchors = append(r.anchors, found[0].ID)
		}
		r.mu.Unlock()
	}
}

// ofList reads a page of a type that HubSpot does not search: each leads to the next.
func (r *Results) ofList(ctx context.Context, n int) ([]record.Record, error) {
	r.mu.Lock()
	if r.after == nil {
		r.after = []string{""}
	}
	r.mu.Unlock()
	for {
		r.mu.Lock()
		have := len(r.after)
		page := min(n, have-1)
		after := r.after[page]
		r.mu.Unlock()
		if page > 0 && after == "" {
			return nil, nil
		}
		got, err := r.Client.List(ctx, r.Object.Path(), hubspot.ListRequest{Properties: r.columns(), Limit: PageSize, After: after})
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		if page == len(r.after)-1 {
			r.after = append(r.after, got.After)
			r.total = max(r.total, page*PageSize+len(got.Records))
			if got.After != "" {
				r.total++ // at least one more
			}
		}
		r.mu.Unlock()
		if page == n {
			return got.Records, nil
		}
		if got.After == "" {
			return nil, nil
		}
	}
}

// room reports whether every group has room for one condition more: that of where to go on.
func (r *Results) room() bool {
	total := 0
	for _, g := range r.groups {
		if total += len(g) + 1; len(g) == MaxPerGroup {
			return false
		}
	}
	return total <= MaxConditions
}

// errNoRoom says that a filter takes all conditions that HubSpot has, so that none is left for going
// on behind the first ten thousand.
var errNoRoom = &Problem{-1, -1, fmt.Sprintf("behind the first %d records one condition more is needed, and this filter has all that HubSpot takes (%d in a group, %d in all): take one out",
	hubspot.MaxSearchResults, MaxPerGroup, MaxConditions)}

// All reads every record that the query finds, whatever their number, and gives them to f page by
// page in the order of their ids; the query's own order does not count.
func (r *Results) All(ctx context.Context, f func([]record.Record) error) error {
	req := hubspot.SearchRequest{Groups: r.groups, Query: r.Text, Properties: r.columns()}
	switch {
	case r.List != nil:
		return r.allMembers(ctx, f)
	case r.Object.NoSearch || len(r.groups) == 0 && r.Text == "":
		return r.Client.ListAll(ctx, r.Object.Path(), hubspot.ListRequest{Properties: r.columns()}, f)
	case r.room():
		return r.Client.SearchAll(ctx, r.Object.Path(), req, f)
	}
	req.Sort = "hs_object_id"
	for {
		page, err := r.Client.Search(ctx, r.Object.Path(), req)
		if err != nil {
			return err
		}
		if page.Total > hubspot.MaxSearchResults {
			return errNoRoom
		}
		if err := f(page.Records); err != nil || page.After == "" {
			return err
		}
		req.After = page.After
	}
}
