package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"syncline/sync/record"
)

// The search API's limits (facts §4.2).
const (
	MaxSearchPage    = 200
	MaxSearchResults = 10_000 // reachable by paging; Total still tells the true count

	maxSearchGroups  = 5
	maxGroupFilters  = 6
	maxSearchFilters = 18
	maxSearchBody    = 3000 // characters
)

// The operators of a Filter.
const (
	EQ               = "EQ"
	NEQ              = "NEQ"
	LT               = "LT"
	LTE              = "LTE"
	GT               = "GT"
	GTE              = "GTE"
	BETWEEN          = "BETWEEN"
	IN               = "IN"
	NotIn            = "NOT_IN"
	HasProperty      = "HAS_PROPERTY"
	NotHasProperty   = "NOT_HAS_PROPERTY"
	ContainsToken    = "CONTAINS_TOKEN"
	NotContainsToken = "NOT_CONTAINS_TOKEN"
)

// SearchRequest asks for a page of the records that match. The search index
// lags behind writes by seconds, at times by minutes, and never shows archived
// records.
type SearchRequest struct {
	Groups     [][]Filter // any of the groups, and all filters inside it
	Query      string     // words in the type's usual text properties
	Sort       string     // a property; "-property" for descending
	Properties []string
	Limit      int    // 1 to MaxSearchPage; 0 means MaxSearchPage
	After      string // from the page before
}

// Filter is one condition. Times are epoch milliseconds or ISO 8601. Whether
// NEQ and its like match records without a value is not documented.
type Filter struct {
	Property  string   `json:"propertyName"`
	Operator  string   `json:"operator"`
	Value     string   `json:"value,omitempty"`
	HighValue string   `json:"highValue,omitempty"` // of BETWEEN
	Values    []string `json:"values,omitempty"`    // of IN and NOT_IN
}

// SearchPage is one page of matches. After is "" on the last one.
type SearchPage struct {
	Total   int // all matches, also beyond MaxSearchResults
	Records []record.Record
	After   string
}

type wireSearch struct {
	FilterGroups []wireFilterGroup `json:"filterGroups,omitempty"`
	Query        string            `json:"query,omitempty"`
	Sorts        []wireSort        `json:"sorts,omitempty"`
	Properties   []string          `json:"properties,omitempty"`
	Limit        int               `json:"limit"`
	After        string            `json:"after,omitempty"`
}

type wireFilterGroup struct {
	Filters []Filter `json:"filters"`
}

type wireSort struct {
	Property  string `json:"propertyName"`
	Direction string `json:"direction"`
}

// Search returns a page of the records that match. What must be certain is
// read again with [Client.BatchRead].
func (c *Client) Search(ctx context.Context, objectType string, req SearchRequest) (SearchPage, error) {
	r, err := objectRequest("search", objectType, http.MethodPost, "search")
	if err != nil {
		return SearchPage{}, err
	}
	if req.Limit == 0 {
		req.Limit = MaxSearchPage
	}
	if err := checkSearch(r.op, req); err != nil {
		return SearchPage{}, err
	}
	body := wireSearch{Query: req.Query, Properties: req.Properties, Limit: req.Limit, After: req.After}
	for _, filters := range req.Groups {
		body.FilterGroups = append(body.FilterGroups, wireFilterGroup{Filters: filters})
	}
	if property, down := strings.CutPrefix(req.Sort, "-"); property != "" {
		sort := wireSort{Property: property, Direction: "ASCENDING"}
		if down {
			sort.Direction = "DESCENDING"
		}
		body.Sorts = []wireSort{sort}
	}
	if err := checkSearchSize(r.op, body); err != nil {
		return SearchPage{}, err
	}
	var out wirePage
	r.read, r.bucket, r.body, r.out = true, searchBucket, body, &out
	if _, err := c.do(ctx, r); err != nil {
		return SearchPage{}, err
	}
	return SearchPage{Total: out.Total, Records: records(out.Results), After: out.Paging.after()}, nil
}

// checkSearch refuses what HubSpot would answer with "There was a problem with
// the request."
func checkSearch(op string, req SearchRequest) error {
	if req.Limit < 1 || req.Limit > MaxSearchPage {
		return invalid(op, "a page has 1 to %d records, not %d", MaxSearchPage, req.Limit)
	}
	if req.After != "" {
		offset, err := strconv.Atoi(req.After)
		if err != nil || offset < 0 {
			return invalid(op, "%q is not a place to go on from", req.After)
		}
		if offset >= MaxSearchResults {
			return invalid(op, "a search shows its first %d matches only; narrow it down, for example by a time window", MaxSearchResults)
		}
	}
	total := 0
	for _, filters := range req.Groups {
		if len(filters) > maxGroupFilters {
			return invalid(op, "a group has at most %d filters, not %d", maxGroupFilters, len(filters))
		}
		for _, f := range filters {
			if f.Property == "" || f.Operator == "" {
				return invalid(op, "a filter needs a property and an operator")
			}
		}
		total += len(filters)
	}
	if len(req.Groups) > maxSearchGroups || total > maxSearchFilters {
		return invalid(op, "a search has at most %d groups and %d filters, not %d and %d",
			maxSearchGroups, maxSearchFilters, len(req.Groups), total)
	}
	return nil
}

func checkSearchSize(op string, body wireSearch) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return invalid(op, "the request cannot be written as JSON: %v", err)
	}
	if n := utf8.RuneCount(b.Bytes()); n > maxSearchBody {
		return invalid(op, "the search has %d characters, more than the %d that HubSpot takes; ask for fewer properties or list fewer values",
			n, maxSearchBody)
	}
	return nil
}
