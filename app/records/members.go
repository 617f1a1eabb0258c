package records

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// MostSearchedMembers is how many members a list may have whose records are looked for by
// conditions too: a search can only be asked about a hundred of them at once.
const MostSearchedMembers = 10_000

// Lists returns the lists of the object type, by name.
func (c *Catalogue) Lists(ctx context.Context) ([]hubspot.Segment, error) {
	all, err := c.Client.Segments(ctx, c.Object.ID)
	slices.SortFunc(all, func(a, b hubspot.Segment) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return all, err
}

// ListNamed finds a list of the object type by its name, of any case. Where there is none the error
// names the nearest one.
func (c *Catalogue) ListNamed(ctx context.Context, name string) (hubspot.Segment, error) {
	all, err := c.Lists(ctx)
	if err != nil {
		return hubspot.Segment{}, err
	}
	names := make([]string, len(all))
	for i, l := range all {
		if strings.EqualFold(l.Name, strings.TrimSpace(name)) {
			return l, nil
		}
		names[i] = l.Name
	}
	of := strings.ToLower(c.Object.Label)
	if near, ok := definition.Nearest(name, names); ok {
		return hubspot.Segment{}, &Problem{-1, -1, fmt.Sprintf("the portal has no list of %s called %q: did you mean %q?", of, name, near)}
	}
	if len(names) == 0 {
		return hubspot.Segment{}, &Problem{-1, -1, fmt.Sprintf("the portal has no list of %s", of)}
	}
	return hubspot.Segment{}, &Problem{-1, -1, fmt.Sprintf("the portal has no list of %s called %q. There are: %s", of, name, strings.Join(names[:min(len(names), 20)], ", "))}
}

// members are the ids of the list's members that pass the query, the lowest first. They are read
// once: what joins later comes with the next search.
func (r *Results) members(ctx context.Context) ([]string, error) {
	r.listing.Lock()
	defer r.listing.Unlock()
	if r.listed != nil {
		return r.listed, nil
	}
	ids := []string{}
	err := r.Client.Members(ctx, r.List.ID, func(page []hubspot.Member) error {
		for _, m := range page {
			ids = append(ids, m.Record)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(r.groups) > 0 || r.Text != "" {
		if ids, err = r.passing(ctx, ids); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	ids = slices.Compact(ids)
	r.mu.Lock()
	r.total, r.known = len(ids), true
	r.mu.Unlock()
	r.listed = ids
	return ids, nil
}

// passing are those of some records that a search finds by the query's conditions and words.
func (r *Results) passing(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) > MostSearchedMembers {
		return nil, &Problem{-1, -1, fmt.Sprintf("the list has %d members: conditions and words can be asked of lists of up to %d. Take them out, or make the conditions a list in HubSpot", len(ids), MostSearchedMembers)}
	}
	if !r.room() {
		return nil, &Problem{-1, -1, fmt.Sprintf("beside a list one condition more is needed, and this filter has all that HubSpot takes (%d in a group, %d in all): take one out", MaxPerGroup, MaxConditions)}
	}
	var found []string
	for some := range slices.Chunk(ids, PageSize) {
		page, err := r.Client.Search(ctx, r.Object.Path(), hubspot.SearchRequest{Groups: among(r.groups, some), Query: r.Text, Properties: []string{"hs_object_id"}, Limit: PageSize})
		if err != nil {
			return nil, err
		}
		for _, rec := range page.Records {
			found = append(found, rec.ID)
		}
	}
	return found, nil
}

// among adds the condition that a record is one of some.
func among(groups [][]hubspot.Filter, ids []string) [][]hubspot.Filter {
	more := hubspot.Filter{Property: "hs_object_id", Operator: hubspot.IN, Values: ids}
	if len(groups) == 0 {
		return [][]hubspot.Filter{{more}}
	}
	all := make([][]hubspot.Filter, len(groups))
	for i, g := range groups {
		all[i] = append(slices.Clone(g), more)
	}
	return all
}

// memberPage reads a page of the list's members.
func (r *Results) memberPage(ctx context.Context, n int) ([]record.Record, error) {
	ids, err := r.members(ctx)
	if err != nil || n*PageSize >= len(ids) {
		return nil, err
	}
	return r.read(ctx, ids[n*PageSize:min((n+1)*PageSize, len(ids))])
}

// read reads records by their ids, in that order. Those that are gone are left out.
func (r *Results) read(ctx context.Context, ids []string) ([]record.Record, error) {
	got, err := r.Client.BatchRead(ctx, r.Object.Path(), hubspot.BatchReadRequest{IDs: ids, Properties: r.columns()})
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	found := slices.DeleteFunc(got.Records, func(rec record.Record) bool { _, ok := place[rec.ID]; return !ok })
	slices.SortFunc(found, func(a, b record.Record) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return found, nil
}

// allMembers reads every member that the query finds.
func (r *Results) allMembers(ctx context.Context, f func([]record.Record) error) error {
	ids, err := r.members(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, PageSize) {
		found, err := r.read(ctx, some)
		if err != nil {
			return err
		}
		if err := f(found); err != nil {
			return err
		}
	}
	return nil
}
