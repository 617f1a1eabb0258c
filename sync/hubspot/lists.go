package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The limits of lists (facts 10.3).
const (
	// MaxListChange is how many records a call adds to a list or takes out of it.
	MaxListChange = 100_000
	// ListPage is how many members a page of a list has.
	ListPage = 250

	listSearch = 500
)

// Segment is a list of records of one object type: HubSpot's API says list, and
// its screens segment.
type Segment struct {
	ID           string
	Name         string
	ObjectTypeID string
	Processing   string // MANUAL, DYNAMIC or SNAPSHOT
	Size         int    // how many members it has, as HubSpot counted last
}

// Dynamic reports whether a filter makes the list's members, so that nobody can
// add any.
func (s Segment) Dynamic() bool { return s.Processing == "DYNAMIC" }

// Member is a record in a list.
type Member struct {
	Record string
	Since  time.Time // when it joined; zero where HubSpot does not say
}

// MembersChanged is what became of a change of a list's members. A record that
// is in none of them was as it was to be already.
type MembersChanged struct {
	Added, Removed []string
	Missing        []string // that HubSpot does not have
	ServerTime     time.Time
}

type wireSegment struct {
	ID         ident `json:"listId"`
	Name       text  `json:"name"`
	ObjectType text  `json:"objectTypeId"`
	Processing text  `json:"processingType"`
	Size       ident `json:"size"`
	More       struct {
		Size ident `json:"hs_list_size"`
	} `json:"additionalProperties"`
}

func (w wireSegment) key() string { return string(w.ID) }

func (w wireSegment) segment() Segment {
	s := Segment{ID: string(w.ID), Name: string(w.Name), ObjectTypeID: string(w.ObjectType), Processing: string(w.Processing)}
	for _, size := range []ident{w.Size, w.More.Size} {
		if n, err := strconv.Atoi(string(size)); err == nil {
			s.Size = n
		}
	}
	return s
}

// wireOneSegment is the answer to a question for one list.
type wireOneSegment struct {
	List wireSegment `json:"list"`
}

func (w wireOneSegment) check(int) error { return checkEntries([]wireSegment{w.List}) }

// wireSegments is a page of a search for lists.
type wireSegments struct {
	Lists   []wireSegment `json:"lists"`
	Offset  int           `json:"offset"`
	HasMore bool          `json:"hasMore"`
}

func (w wireSegments) check(int) error { return checkEntries(w.Lists) }

func listRequest(op, method string, parts ...string) (*request, error) {
	path, err := segments(op, append([]string{"crm", "lists", APIVersion}, parts...)...)
	if err != nil {
		return nil, err
	}
	return &request{op: op, method: method, path: path, read: method == http.MethodGet}, nil
}

// SegmentNamed finds a list of an object type by its name. Where there is none the
// error is one that [IsNotFound].
func (c *Client) SegmentNamed(ctx context.Context, objectTypeID, name string) (Segment, error) {
	r, err := listRequest("find the list "+name, http.MethodGet, "object-type-id", objectTypeID, "name", name)
	if err != nil {
		return Segment{}, err
	}
	var out wireOneSegment
	r.out = &out
	if _, err := c.do(ctx, r); err != nil {
		return Segment{}, err
	}
	return out.List.segment(), nil
}

// Segments returns the lists of an object type, of all with "".
func (c *Client) Segments(ctx context.Context, objectTypeID string) ([]Segment, error) {
	r, err := listRequest("read lists", http.MethodPost, "search")
	if err != nil {
		return nil, err
	}
	r.read = true
	var all []Segment
	for offset := 0; ; {
		// listIds and processingTypes must be there from 2026-09 on (corrections §3).
		body := map[string]any{"listIds": []string{}, "processingTypes": []string{"MANUAL", "DYNAMIC", "SNAPSHOT"}, "offset": offset, "count": listSearch}
		if objectTypeID != "" {
			body["objectTypeId"] = objectTypeID
		}
		var out wireSegments
		r.body, r.out = body, &out
		if _, err := c.do(ctx, r); err != nil {
			return nil, err
		}
		for _, w := range out.Lists {
			s := w.segment()
			if !slices.ContainsFunc(all, func(o Segment) bool { return o.ID == s.ID }) {
				all = append(all, s)
			}
		}
		if !out.HasMore {
			return all, nil
		}
		if out.Offset <= offset {
			return nil, newWalk(r.op, "").stuck("points at a page that was read already")
		}
		offset = out.Offset
	}
}

type wireMember struct {
	Record ident   `json:"recordId"`
	Since  instant `json:"membershipTimestamp"`
}

func (w wireMember) key() string { return string(w.Record) }

// Members walks the members of a list by their ids and gives each page to f, whose
// error ends the walk. It takes a call for each [ListPage] members.
func (c *Client) Members(ctx context.Context, listID string, f func([]Member) error) error {
	r, err := listRequest("read the members of the list "+listID, http.MethodGet, listID, "memberships")
	if err != nil {
		return err
	}
	w := newWalk(r.op, "")
	for after := ""; ; {
		r.query = url.Values{"limit": {strconv.Itoa(ListPage)}}
		if after != "" {
			r.query.Set("after", after)
		}
		var out wireList[wireMember]
		r.out = &out
		if _, err := c.do(ctx, r); err != nil {
			return err
		}
		members, ids := make([]Member, len(out.Results)), make([]string, len(out.Results))
		for i, m := range out.Results {
			members[i], ids[i] = Member{string(m.Record), m.Since.Time}, string(m.Record)
		}
		next := out.Paging.after()
		if err := w.page(ids, next); err != nil {
			return err
		}
		if len(members) > 0 {
			if err := f(members); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// wireListed is a list that a record is in.
type wireListed struct {
	ID    ident   `json:"listId"`
	First instant `json:"firstAddedTimestamp"`
	Last  instant `json:"lastAddedTimestamp"`
}

func (w wireListed) key() string { return string(w.ID) }

// SegmentsOf returns the ids of the lists that a record is in, and since when.
func (c *Client) SegmentsOf(ctx context.Context, objectTypeID, recordID string) (map[string]time.Time, error) {
	r, err := listRequest("read the lists of the record "+recordID, http.MethodGet, "records", objectTypeID, recordID, "memberships")
	if err != nil {
		return nil, err
	}
	listed, err := collect[wireListed](ctx, c, r)
	if err != nil {
		return nil, err
	}
	in := make(map[string]time.Time, len(listed))
	for _, l := range listed {
		in[string(l.ID)] = l.Last.Time
	}
	return in, nil
}

// wireMembersChanged is the answer to a change of members. The reference spells
// two of its names as it does, and its client libraries otherwise.
type wireMembersChanged struct {
	Added      texts `json:"recordsIdsAdded"`
	AddedToo   texts `json:"recordIdsAdded"`
	Removed    texts `json:"recordsIdsRemoved"`
	RemovedToo texts `json:"recordIdsRemoved"`
	Missing    texts `json:"recordIdsMissing"`
}

// ChangeMembers adds records to a static list and takes others out of it, in one
// call of [MaxListChange] ids at most. What is as it shall be already is no error,
// so that a change may be sent again.
func (c *Client) ChangeMembers(ctx context.Context, listID string, add, remove []string) (MembersChanged, error) {
	var result MembersChanged
	op := "change the members of the list " + listID
	if n := len(add) + len(remove); n > MaxListChange {
		return result, invalid(op, "a call takes %d records, not %d", MaxListChange, n)
	}
	r, err := listRequest(op, http.MethodPut, listID, "memberships", "add-and-remove")
	if err != nil {
		return result, err
	}
	var out wireMembersChanged
	r.body, r.out = map[string]any{"recordIdsToAdd": append([]string{}, add...), "recordIdsToRemove": append([]string{}, remove...)}, &out
	a, err := c.do(ctx, r)
	if err != nil {
		return result, err
	}
	return MembersChanged{Added: slices.Concat(out.Added, out.AddedToo), Removed: slices.Concat(out.Removed, out.RemovedToo), Missing: out.Missing, ServerTime: a.date}, nil
}
