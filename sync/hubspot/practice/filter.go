package practice

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// filter is one condition as it came.
type filter struct {
	Property string      `json:"propertyName"`
	Operator string      `json:"operator"`
	Value    *wireValue  `json:"value"`
	High     *wireValue  `json:"highValue"`
	Values   []wireValue `json:"values"`
}

// predicate decides on a record as the index knows it.
type predicate func(o *object, s *state) bool

// condition is a compiled group: the window that the index can walk, and what
// it cannot decide.
type condition struct {
	window span
	rest   []predicate
}

func (g *condition) residual() func(*object, *state) bool {
	if len(g.rest) == 0 {
		return nil
	}
	return func(o *object, s *state) bool {
		for _, f := range g.rest {
			if !f(o, s) {
				return false
			}
		}
		return true
	}
}

// matches decides without the index's order.
func (g *condition) matches(o *object, s *state) bool {
	w := g.window
	if o.id < w.fromID || o.id > w.toID || s.modified < w.fromMod || s.modified > w.toMod {
		return false
	}
	for _, f := range g.rest {
		if !f(o, s) {
			return false
		}
	}
	return true
}

func everything() span { return span{0, math.MaxUint64, math.MinInt64, math.MaxInt64} }

var operators = []string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}

// compile makes a condition of a group of filters, which all must hold.
func (p *Portal) compile(k *kind, filters []filter) (*condition, *apiError) {
	g := &condition{window: everything()}
	for _, f := range filters {
		if !slices.Contains(operators, f.Operator) {
			return nil, problem()
		}
		if e := f.complete(); e != nil {
			return nil, e
		}
		if name, ok := strings.CutPrefix(f.Property, "associations."); ok {
			pr, e := p.associated(name, f)
			if e != nil {
				return nil, e
			}
			g.rest = append(g.rest, pr)
			continue
		}
		if f.Property == "hs_body_preview_html" || f.Property == "hs_email_html" {
			return nil, problem() // cannot be filtered (facts 4.3)
		}
		d := k.props[f.Property]
		if d == nil {
			if e := p.unknownFilter(f.Property); e != nil {
				return nil, e
			}
			g.rest = append(g.rest, func(*object, *state) bool { return false })
			continue
		}
		narrowed, e := p.narrow(k, &g.window, f)
		var pr predicate
		if e == nil && !narrowed {
			pr, e = p.predicate(k, d, f)
		}
		switch {
		case e != nil && p.opt.Switches.PlainNumberFilters:
			pr = func(*object, *state) bool { return false }
		case e != nil:
			return nil, e
		case narrowed:
			continue
		}
		g.rest = append(g.rest, pr)
	}
	return g, nil
}

func (p *Portal) unknownFilter(name string) *apiError {
	switch {
	case p.opt.Switches.UnknownFilterSilent:
		return nil
	case p.opt.Switches.UnknownFilterNamed:
		return invalid("Property %q does not exist", name).with("propertyName", name)
	}
	return problem()
}

// complete refuses operators without the values they need.
func (f *filter) complete() *apiError {
	switch f.Operator {
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		return nil
	case "IN", "NOT_IN":
		if len(f.Values) == 0 {
			return invalid("operator %s requires values", f.Operator).with("propertyName", f.Property)
		}
	case "BETWEEN":
		if f.Value == nil || f.High == nil {
			return invalid("operator BETWEEN requires value and highValue").with("propertyName", f.Property)
		}
	default:
		if f.Value == nil {
			return invalid("operator %s requires a value", f.Operator).with("propertyName", f.Property)
		}
	}
	return nil
}

// narrow folds conditions on the record id and the modified date into the
// window.
func (p *Portal) narrow(k *kind, w *span, f filter) (bool, *apiError) {
	isID := f.Property == "hs_object_id"
	if !isID && f.Property != k.modified {
		return false, nil
	}
	bound := func(v *wireValue) (int64, *apiError) {
		text := strings.TrimSpace(v.text)
		if isID {
			if id, ok := parseID(text); ok {
				return int64(id), nil
			}
		} else if ms, ok := moment(text); ok {
			return ms, nil
		}
		return 0, problem()
	}
	var low, high int64 = math.MinInt64, math.MaxInt64
	if f.Value == nil {
		return false, nil
	}
	v, e := bound(f.Value)
	if e != nil {
		return false, e
	}
	switch f.Operator {
	case "EQ":
		low, high = v, v
	case "GT":
		low = v + 1
	case "GTE":
		low = v
	case "LT":
		high = v - 1
	case "LTE":
		high = v
	case "BETWEEN":
		low = v
		if high, e = bound(f.High); e != nil {
			return false, e
		}
	default:
		return false, nil
	}
	if isID {
		w.fromID, w.toID = max(w.fromID, uint64(max(low, 0))), min(w.toID, uint64(max(high, 0)))
	} else {
		w.fromMod, w.toMod = max(w.fromMod, low), min(w.toMod, high)
	}
	return true, nil
}

// madeAt compiles a filter on the creation date without writing and reading
// each record's date as text.
func madeAt(f filter) (predicate, *apiError) {
	d := &property{Type: "datetime"}
	at, ok := number(d, f.Value.text)
	high := at
	if f.High != nil && ok {
		high, ok = number(d, f.High.text)
	}
	if !ok {
		return nil, problem()
	}
	return func(o *object, _ *state) bool {
		n := float64(o.created)
		switch f.Operator {
		case "EQ":
			return n == at
		case "NEQ":
			return n != at
		case "LT":
			return n < at
		case "LTE":
			return n <= at
		case "GT":
			return n > at
		case "GTE":
			return n >= at
		}
		return n >= at && n <= high // BETWEEN
	}, nil
}

// associated is the pseudo-property associations.{type}.
func (p *Portal) associated(name string, f filter) (predicate, *apiError) {
	other, e := p.find(name)
	if e != nil || other.custom() {
		return nil, problem()
	}
	var ids []uint64
	values := f.Values
	if f.Operator == "EQ" {
		values = []wireValue{*f.Value}
	} else if f.Operator != "IN" {
		return nil, problem()
	}
	for _, v := range values {
		if id, ok := parseID(v.text); ok {
			ids = append(ids, id)
		}
	}
	return func(o *object, _ *state) bool {
		return slices.ContainsFunc(o.edgesTo(other), func(e edge) bool { return slices.Contains(ids, e.to.id) })
	}, nil
}

// predicate compiles a filter on a property. Comparisons go by the property's
// type; text ignores case, except enumerations, and except that IN and NOT_IN
// find only values that were given in lower case.
func (p *Portal) predicate(k *kind, d *property, f filter) (predicate, *apiError) {
	name := d.symbol
	empty := p.opt.Switches.NegationsMatchEmpty
	get := func(_ *object, s *state) (string, bool) {
		v := s.stored(name)
		return v, v != ""
	}
	if f := k.computed[name]; f != nil {
		get = func(o *object, s *state) (string, bool) {
			v := f(p, o, s)
			return v, v != ""
		}
	}
	switch f.Operator {
	case "HAS_PROPERTY":
		return func(o *object, s *state) bool { _, ok := get(o, s); return ok }, nil
	case "NOT_HAS_PROPERTY":
		return func(o *object, s *state) bool { _, ok := get(o, s); return !ok }, nil
	case "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
		fold := strings.ToLower
		if d.Type == "enumeration" {
			fold = func(s string) string { return s }
		}
		want := tokenPattern(fold(f.Value.text))
		positive := f.Operator == "CONTAINS_TOKEN"
		return func(o *object, s *state) bool {
			v, ok := get(o, s)
			if !ok {
				return !positive && empty
			}
			return want.in(fold(v)) == positive
		}, nil
	case "IN", "NOT_IN":
		set, e := f.set(d)
		if e != nil {
			return nil, e
		}
		positive := f.Operator == "IN"
		return func(o *object, s *state) bool {
			v, ok := get(o, s)
			if !ok {
				return !positive && empty
			}
			return inSet(d, v, set) == positive
		}, nil
	}
	if d.Name == k.created {
		return madeAt(f)
	}
	return compare(d, f, get, empty)
}

// set is the values of IN, in the form in which inSet looks for them.
func (f *filter) set(d *property) (map[string]bool, *apiError) {
	set := make(map[string]bool, len(f.Values))
	for _, v := range f.Values {
		key := v.text
		if numeric(d) {
			n, ok := number(d, v.text)
			if !ok {
				return nil, problem()
			}
			key = strconv.FormatFloat(n, 'g', -1, 64)
		}
		set[key] = true
	}
	return set, nil
}

func inSet(d *property, v string, set map[string]bool) bool {
	switch {
	case numeric(d):
		n, _ := number(d, v)
		return set[strconv.FormatFloat(n, 'g', -1, 64)]
	case d.multiple():
		for part := range strings.SplitSeq(v, ";") {
			if set[part] {
				return true
			}
		}
		return false
	case d.Type == "enumeration", d.Type == "bool":
		return set[v]
	}
	return set[strings.ToLower(v)]
}

// numeric properties compare as numbers: also dates, in epoch milliseconds.
func numeric(d *property) bool {
	return d.Type == "number" || d.Type == "date" || d.Type == "datetime"
}

func number(d *property, s string) (float64, bool) {
	if d.Type == "number" {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		return n, err == nil
	}
	ms, ok := moment(strings.TrimSpace(s))
	return float64(ms), ok
}

// compare compiles EQ, NEQ, LT, LTE, GT, GTE and BETWEEN.
func compare(d *property, f filter, get func(*object, *state) (string, bool), empty bool) (predicate, *apiError) {
	order, e := comparison(d, f)
	if e != nil {
		return nil, e
	}
	return func(o *object, s *state) bool {
		v, ok := get(o, s)
		if !ok {
			return f.Operator == "NEQ" && empty
		}
		low, high, ok := order(v)
		if !ok {
			return f.Operator == "NEQ"
		}
		switch f.Operator {
		case "EQ":
			return low == 0
		case "NEQ":
			return low != 0
		case "LT":
			return low < 0
		case "LTE":
			return low <= 0
		case "GT":
			return low > 0
		case "GTE":
			return low >= 0
		}
		return low >= 0 && high <= 0 // BETWEEN
	}, nil
}

// comparison tells where a record's value stands to the filter's value and
// high value.
func comparison(d *property, f filter) (func(v string) (low, high int, ok bool), *apiError) {
	high := f.Value
	if f.High != nil {
		high = f.High
	}
	if numeric(d) {
		a, ok1 := number(d, f.Value.text)
		b, ok2 := number(d, high.text)
		if !ok1 || !ok2 {
			return nil, problem()
		}
		return func(v string) (int, int, bool) {
			n, ok := number(d, v)
			return sign(n - a), sign(n - b), ok
		}, nil
	}
	if d.multiple() {
		want := sortedSet(f.Value.text)
		return func(v string) (int, int, bool) { c := strings.Compare(sortedSet(v), want); return c, c, true }, nil
	}
	if d.Type == "enumeration" {
		return func(v string) (int, int, bool) {
			return strings.Compare(v, f.Value.text), strings.Compare(v, high.text), true
		}, nil
	}
	a, b := strings.ToLower(f.Value.text), strings.ToLower(high.text)
	if f.Operator == "EQ" || f.Operator == "NEQ" {
		return func(v string) (int, int, bool) {
			if v == a || strings.EqualFold(v, a) {
				return 0, 0, true
			}
			return 1, 1, true
		}, nil
	}
	return func(v string) (int, int, bool) {
		v = strings.ToLower(v)
		return strings.Compare(v, a), strings.Compare(v, b), true
	}, nil
}

func sign(f float64) int {
	switch {
	case f < 0:
		return -1
	case f > 0:
		return 1
	}
	return 0
}

func sortedSet(s string) string {
	parts := strings.Split(s, ";")
	slices.Sort(parts)
	return strings.Join(parts, ";")
}
