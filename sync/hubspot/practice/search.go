package practice

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of a search (facts 4.2).
const (
	mostGroups    = 5
	mostPerGroup  = 6
	mostFilters   = 18
	mostRows      = 200
	mostReachable = 10_000
	mostCharacter = 3_000
)

type searchRequest struct {
	Groups []struct {
		Filters []filter `json:"filters"`
	} `json:"filterGroups"`
	Filters    []filter    `json:"filters"` // a single group without its wrapping
	Query      string      `json:"query"`
	Sorts      []searchKey `json:"sorts"`
	Properties []string    `json:"properties"`
	Limit      wireID      `json:"limit"`
	After      wireID      `json:"after"`
}

// searchKey is a sort: an object, or a name with a leading minus for descending.
type searchKey struct {
	Property  string `json:"propertyName"`
	Direction string `json:"direction"`
}

func (k *searchKey) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		if err := json.Unmarshal(b, &k.Property); err != nil {
			return err
		}
		if name, ok := strings.CutPrefix(k.Property, "-"); ok {
			k.Property, k.Direction = name, "DESCENDING"
		}
		return nil
	}
	type plain searchKey
	return json.Unmarshal(b, (*plain)(k))
}

// searchRecords is POST …/search.
func (p *Portal) searchRecords(c *call) (*answer, *apiError) {
	var req searchRequest
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	k, e := p.open(c, reading)
	if e != nil {
		return nil, e
	}
	offset, limit, e := p.checkSearch(&req, c.body)
	if e != nil {
		return nil, e
	}
	q, e := p.plan(k, &req)
	if e != nil {
		return nil, e
	}
	k.index.catchUp(p)
	rows, total := p.run(q, offset, p.pageSize(limit))
	if p.opt.Switches.RowsOutOfOrder {
		for i := 1; i < len(rows); i++ {
			if p.rng.IntN(10) == 0 {
				rows[i-1], rows[i] = rows[i], rows[i-1]
			}
		}
	}
	v := p.view(k, req.Properties, nil)
	b := append(make([]byte, 0, 64+len(rows)*256), `{"total":`...)
	b = strconv.AppendInt(b, int64(total), 10)
	b = append(b, `,"results":[`...)
	for i, o := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		s := o.indexed
		if p.opt.Switches.FreshRows && o.live() {
			s = o.state
		}
		b = p.appendRecord(b, o, s, v)
	}
	b = append(b, ']')
	if next := offset + len(rows); next < total && len(rows) > 0 {
		b = append(b, `,"paging":{"next":{"after":"`...)
		b = strconv.AppendInt(b, int64(next), 10)
		b = append(b, `"}}`...)
	}
	return &answer{status: http.StatusOK, body: append(b, '}')}, nil
}

// checkSearch enforces the limits and reads the page.
func (p *Portal) checkSearch(r *searchRequest, body []byte) (offset, limit int, e *apiError) {
	if n := utf8.RuneCount(body); n > mostCharacter || utf8.RuneCountInString(r.Query) > mostCharacter {
		return 0, 0, invalid("The request is too long: %d characters, %d are allowed", n, mostCharacter)
	}
	if n := len(r.Groups); n > mostGroups {
		return 0, 0, invalid("too many filterGroups (count: %d, max allowed: %d)", n, mostGroups)
	}
	all := len(r.Filters)
	for _, g := range r.Groups {
		all += len(g.Filters)
		if n := len(g.Filters); n > mostPerGroup {
			return 0, 0, invalid("too many filters per filter group (count: %d, max allowed: %d)", n, mostPerGroup)
		}
	}
	switch {
	case len(r.Filters) > mostPerGroup:
		return 0, 0, invalid("too many filters per filter group (count: %d, max allowed: %d)", len(r.Filters), mostPerGroup)
	case all > mostFilters:
		return 0, 0, invalid("too many filters (count: %d, max allowed: %d)", all, mostFilters)
	case len(r.Sorts) > 1 && !p.opt.Switches.SeveralSorts:
		return 0, 0, invalid("too many sorts (count: %d, max allowed: 1)", len(r.Sorts))
	}
	limit = 10
	if r.Limit != "" {
		n, err := strconv.Atoi(string(r.Limit))
		if err != nil || n < 0 || n > mostRows || n == 0 && p.opt.Switches.ZeroLimitRefused {
			return 0, 0, invalid("limit %s is not between 0 and %d", r.Limit, mostRows)
		}
		limit = n
	}
	if r.After != "" {
		n, err := strconv.Atoi(string(r.After))
		if err != nil || n < 0 {
			return 0, 0, problem()
		}
		offset = n
	}
	if offset+max(limit, 1) > mostReachable {
		return 0, 0, problem()
	}
	return offset, limit, nil
}

// query is a search ready to run.
type query struct {
	kind   *kind
	groups []*condition
	words  []string
	key    *property // nil = by id
	down   bool
}

func (p *Portal) plan(k *kind, r *searchRequest) (*query, *apiError) {
	q := &query{kind: k, words: strings.Fields(strings.ToLower(r.Query))}
	for _, g := range r.Groups {
		c, e := p.compile(k, g.Filters)
		if e != nil {
			return nil, e
		}
		q.groups = append(q.groups, c)
	}
	if len(r.Filters) > 0 || len(q.groups) == 0 {
		c, e := p.compile(k, r.Filters)
		if e != nil {
			return nil, e
		}
		q.groups = append(q.groups, c)
	}
	if len(r.Sorts) == 0 || r.Sorts[0].Property == "" {
		return q, nil
	}
	s := r.Sorts[0]
	switch s.Direction {
	case "", "ASCENDING":
	case "DESCENDING":
		q.down = true
	default:
		if !p.opt.Switches.AnyDirection {
			return nil, problem()
		}
	}
	if q.key = k.props[s.Property]; q.key == nil {
		return nil, problem()
	}
	if s.Property == "hs_object_id" && !q.down {
		q.key = nil
	}
	return q, nil
}

// run returns one page of the matches and how many there are.
func (p *Portal) run(q *query, offset, limit int) (rows []*object, total int) {
	window, residual := everything(), p.residual(q)
	if len(q.groups) == 1 {
		window = q.groups[0].window
	}
	if q.key == nil {
		skip := offset
		total = q.kind.index.walk(window, residual, func(e *indexEntry) bool {
			if skip > 0 {
				skip--
				return true
			}
			if len(rows) < limit {
				rows = append(rows, e.object)
			}
			return len(rows) < limit
		})
		return rows, total
	}
	return p.ranked(q, window, residual, offset, limit)
}

// residual is what the index's walk does not decide: all groups when there are
// several, and the free text.
func (p *Portal) residual(q *query) func(*object, *state) bool {
	var parts []func(*object, *state) bool
	if len(q.groups) > 1 {
		parts = append(parts, func(o *object, s *state) bool {
			for _, g := range q.groups {
				if g.matches(o, s) {
					return true
				}
			}
			return false
		})
	} else if f := q.groups[0].residual(); f != nil {
		parts = append(parts, f)
	}
	if len(q.words) > 0 {
		parts = append(parts, func(o *object, s *state) bool { return p.mentions(q, o, s) })
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return func(o *object, s *state) bool { return parts[0](o, s) && parts[1](o, s) }
}

// mentions reports whether each word of the query is in one of the type's
// searchable properties.
func (p *Portal) mentions(q *query, o *object, s *state) bool {
	for _, word := range q.words {
		found := slices.ContainsFunc(q.kind.search, func(name string) bool {
			n, ok := p.names.of[name]
			if !ok {
				return false
			}
			v, _ := p.value(o, s, n)
			return v != "" && p.found(strings.ToLower(v), word)
		})
		if !found {
			return false
		}
	}
	return true
}

// found reports whether a value holds what was searched for.
func (p *Portal) found(value, word string) bool {
	if !p.opt.Switches.QueryByWords {
		return strings.Contains(value, word)
	}
	return slices.ContainsFunc(strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }),
		func(w string) bool { return strings.HasPrefix(w, word) }) || strings.HasPrefix(value, word)
}

// ranking is a match with its sort key; records without a value come last.
type ranking struct {
	object *object
	number float64
	text   string
	none   bool
}

// ranked sorts by a property, keeping no more matches than the page needs.
func (p *Portal) ranked(q *query, window span, residual func(*object, *state) bool, offset, limit int) (rows []*object, total int) {
	need := offset + limit
	var best []ranking
	order := func(a, b ranking) int {
		if a.none != b.none {
			if a.none {
				return 1
			}
			return -1
		}
		c := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
		if q.down {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.object.id, b.object.id))
	}
	total = q.kind.index.walk(window, residual, func(e *indexEntry) bool {
		best = append(best, p.rank(q, e))
		if len(best) > 2*need+4096 {
			slices.SortFunc(best, order)
			best = best[:need]
		}
		return true
	})
	slices.SortFunc(best, order)
	best = best[min(offset, len(best)):min(need, len(best))]
	for _, r := range best {
		rows = append(rows, r.object)
	}
	return rows, total
}

func (p *Portal) rank(q *query, e *indexEntry) ranking {
	r := ranking{object: e.object}
	switch q.key.Name {
	case q.kind.modified:
		r.number = float64(e.modified)
		return r
	case q.kind.created:
		r.number = float64(e.object.created)
		return r
	case "hs_object_id":
		r.number = float64(e.id)
		return r
	}
	v, ok := p.value(e.object, e.object.indexed, q.key.symbol)
	switch {
	case !ok || v == "":
		r.none = true
	case numeric(q.key):
		r.number, _ = number(q.key, v)
	default:
		r.text = strings.ToLower(v)
	}
	return r
}
