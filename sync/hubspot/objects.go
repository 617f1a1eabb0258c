package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"syncline/sync/record"
)

// MaxListPage is the largest page of [Client.List].
const MaxListPage = 100

// maxQueryNames bounds the property names in an address. HubSpot answers 414
// somewhere between 8 and 16 kB; beyond this bound the names travel in a body.
const maxQueryNames = 5000

// ListRequest asks for one page of all records of a type, in the order of
// their ids.
type ListRequest struct {
	After      string // from the page before; "" for the first
	Limit      int    // 1 to MaxListPage; 0 means MaxListPage
	Properties []string
	Archived   bool // the archived records, and only those
	// Long, if not nil, is told by ListWide how many records a long list has before it is walked
	// on, as far as search tells; its error ends the walk and is returned.
	Long func(records int) error
}

// Page is one page of records. After is "" on the last one.
type Page struct {
	Records []record.Record
	After   string
}

// ReadRequest asks for one record.
type ReadRequest struct {
	Properties []string // none means HubSpot's default ones
	History    []string // properties whose earlier values are wanted too
	IDProperty string   // what the id is a value of; "" for the record id
	Archived   bool     // look among the archived records
}

// objectPath returns the address of an object type, or of a part of it.
func objectPath(op, objectType string, parts ...string) (string, error) {
	if err := checkObjectType(op, objectType); err != nil {
		return "", err
	}
	return segments(op, append([]string{"crm", "objects", APIVersion, objectType}, parts...)...)
}

// objectRequest returns a request about an object type.
func objectRequest(verb, objectType, method string, parts ...string) (*request, error) {
	op := verb + " " + objectType
	path, err := objectPath(op, objectType, parts...)
	if err != nil {
		return nil, err
	}
	return &request{op: op, method: method, path: path, objectType: lockName(objectType)}, nil
}

// lockName is one name for all the names that an object type goes by.
func lockName(objectType string) string {
	if t, ok := FindObjectType(objectType); ok && t.ID != "" {
		return t.ID
	}
	return strings.ToLower(objectType)
}

// List returns a page of records by id. Unlike [Client.Search] it sees every
// write at once and has no end at 10,000.
func (c *Client) List(ctx context.Context, objectType string, req ListRequest) (Page, error) {
	page, _, err := c.listPage(ctx, objectType, req)
	return page, err
}

// listPage returns with the page the ids that HubSpot listed, some of which may
// be gone already.
func (c *Client) listPage(ctx context.Context, objectType string, req ListRequest) (Page, []string, error) {
	r, err := objectRequest("list", objectType, http.MethodGet)
	if err != nil {
		return Page{}, nil, err
	}
	if req.Limit == 0 {
		req.Limit = MaxListPage
	}
	if req.Limit < 0 || req.Limit > MaxListPage {
		return Page{}, nil, invalid(r.op, "a page has 1 to %d records, not %d", MaxListPage, req.Limit)
	}
	names := req.Properties
	long := nameBytes(names) > maxQueryNames
	if long {
		names = []string{"hs_object_id"}
	}
	var out wirePage
	r.read, r.out = true, &out
	r.query = readQuery(names, nil, req.Archived)
	r.query.Set("limit", strconv.Itoa(req.Limit))
	if req.After != "" {
		r.query.Set("after", req.After)
	}
	if _, err := c.do(ctx, r); err != nil {
		return Page{}, nil, err
	}
	ids := make([]string, len(out.Results))
	for i, w := range out.Results {
		ids[i] = string(w.ID)
	}
	page := Page{Records: records(out.Results), After: out.Paging.after()}
	if long {
		page.Records, err = c.complete(ctx, objectType, page.Records, req)
	}
	return page, ids, err
}

// complete reads the properties of a page whose names did not fit into the
// address. A record that was archived or merged since the page was made is no
// longer part of it.
func (c *Client) complete(ctx context.Context, objectType string, page []record.Record, req ListRequest) ([]record.Record, error) {
	ids := make([]string, len(page))
	for i, rec := range page {
		ids[i] = rec.ID
	}
	read, err := c.BatchRead(ctx, objectType, BatchReadRequest{IDs: ids, Properties: req.Properties, Archived: req.Archived})
	if err != nil {
		return nil, err
	}
	byID := make(map[string]record.Record, len(read.Records))
	for _, rec := range read.Records {
		byID[rec.ID] = rec
	}
	full := make([]record.Record, 0, len(page))
	for _, id := range ids {
		if rec, ok := byID[id]; ok {
			full = append(full, rec)
		}
	}
	return full, nil
}

// Get returns one record. A record that was merged into another comes back as
// the other, with another id than the one asked for.
func (c *Client) Get(ctx context.Context, objectType, id string, req ReadRequest) (record.Record, error) {
	r, err := objectRequest("read", objectType, http.MethodGet, id)
	if err != nil {
		return record.Record{}, err
	}
	if nameBytes(req.Properties)+nameBytes(req.History) > maxQueryNames {
		return c.getByBatch(ctx, r.op, objectType, id, req)
	}
	var out wireOne
	r.read, r.out = true, &out
	r.query = readQuery(req.Properties, req.History, req.Archived)
	if req.IDProperty != "" {
		r.query.Set("idProperty", req.IDProperty)
		r.public = strings.TrimSuffix(r.path, url.PathEscape(id)) + "…"
	}
	if _, err := c.do(ctx, r); err != nil {
		return record.Record{}, err
	}
	return out.record(), nil
}

func (c *Client) getByBatch(ctx context.Context, op, objectType, id string, req ReadRequest) (record.Record, error) {
	read, err := c.BatchRead(ctx, objectType, BatchReadRequest{
		IDs: []string{id}, IDProperty: req.IDProperty,
		Properties: req.Properties, History: req.History, Archived: req.Archived,
	})
	if err != nil {
		return record.Record{}, err
	}
	if len(read.Records) == 0 {
		return record.Record{}, &Error{Op: op, Status: http.StatusNotFound, Category: "OBJECT_NOT_FOUND", Message: "there is no such record"}
	}
	return read.Records[0], nil
}

// Create makes a record and returns it with HubSpot's computed properties. An
// error that is [Unknown] may hide a record that exists.
func (c *Client) Create(ctx context.Context, objectType string, values record.Values) (record.Record, error) {
	r, err := objectRequest("create", objectType, http.MethodPost)
	if err != nil {
		return record.Record{}, err
	}
	return c.write(ctx, r, values)
}

// Update changes properties of a record. Absent and null values are left out:
// HubSpot would not touch them; "" clears.
func (c *Client) Update(ctx context.Context, objectType, id string, values record.Values) (record.Record, error) {
	r, err := objectRequest("update", objectType, http.MethodPatch, id)
	if err != nil {
		return record.Record{}, err
	}
	return c.write(ctx, r, values)
}

func (c *Client) write(ctx context.Context, r *request, values record.Values) (record.Record, error) {
	properties, err := written(r.op, values)
	if err != nil {
		return record.Record{}, err
	}
	var out wireOne
	r.body = map[string]any{"properties": properties}
	r.out = &out
	if _, err := c.do(ctx, r); err != nil {
		c.nameHolder(ctx, r.objectType, err, properties["email"])
		return record.Record{}, err
	}
	return out.record(), nil
}

// Archive moves a record to the bin, from which a person can restore it for 90
// days. The API cannot.
func (c *Client) Archive(ctx context.Context, objectType, id string) error {
	r, err := objectRequest("archive", objectType, http.MethodDelete, id)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, r)
	return err
}

// Merge merges other into primary and returns the survivor. Its id is a new one,
// of which both old ids become aliases, or the primary's, where the portal has
// Primary-ID preservation: only the answer tells. A merge cannot be undone.
func (c *Client) Merge(ctx context.Context, objectType, primary, other string) (record.Record, error) {
	r, err := objectRequest("merge", objectType, http.MethodPost, "merge")
	if err != nil {
		return record.Record{}, err
	}
	if primary == "" || other == "" || primary == other {
		return record.Record{}, invalid(r.op, "two different records are needed, not %q and %q", primary, other)
	}
	var out wireOne
	r.out = &out
	r.body = map[string]string{"primaryObjectId": primary, "objectIdToMerge": other}
	if _, err := c.do(ctx, r); err != nil {
		return record.Record{}, err
	}
	return out.record(), nil
}

// written returns the values that a write carries. JSON would silently replace
// what is not UTF-8, so that is refused.
func written(op string, values record.Values) (map[string]string, error) {
	out := make(map[string]string, len(values))
	for name, v := range values {
		if v.State() != record.Present {
			continue
		}
		if !utf8.ValidString(v.String()) {
			return nil, invalid(op, "the value for %q is not readable text (UTF-8); check the encoding of the source", name)
		}
		out[name] = v.String()
	}
	return out, nil
}

func readQuery(properties, history []string, archived bool) url.Values {
	q := make(url.Values)
	if len(properties) > 0 {
		q.Set("properties", strings.Join(properties, ","))
	}
	if len(history) > 0 {
		q.Set("propertiesWithHistory", strings.Join(history, ","))
	}
	if archived {
		q.Set("archived", "true")
	}
	return q
}

func nameBytes(names []string) int {
	n := 0
	for _, name := range names {
		n += len(name) + 3 // an escaped comma
	}
	return n
}

// unique returns the strings in order without repetitions and without "".
func unique(in []string) []string {
	seen := make(map[string]bool, len(in))
	out := make([]string, 0, len(in))
	for _, s := range in {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return slices.Clip(out)
}
