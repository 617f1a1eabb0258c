package practice

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// listBranch is the filter of a dynamic list: an OR of ANDs of filters, as the
// documents of list filters have it.
type listBranch struct {
	Type     string        `json:"filterBranchType"` // OR at the top, AND below
	Operator string        `json:"filterBranchOperator"`
	Branches []*listBranch `json:"filterBranches"`
	Filters  []*listFilter `json:"filters"`
}

// listFilter is a condition on a property.
type listFilter struct {
	Type      string        `json:"filterType"` // PROPERTY
	Property  string        `json:"property"`
	Operation listOperation `json:"operation"`

	symbol  symbol
	of      *property
	compute computation
}

type listOperation struct {
	Type     string      `json:"operationType"` // MULTISTRING, STRING, ENUMERATION, NUMBER, BOOL, ALL_PROPERTY
	Operator string      `json:"operator"`
	Value    *wireValue  `json:"value"`
	Values   []wireValue `json:"values"`
	Lower    *wireValue  `json:"lowerBound"`
	Upper    *wireValue  `json:"upperBound"`
	Empty    bool        `json:"includeObjectsWithNoValueSet"`
}

// listOperators are the operators that each type of operation has here.
var listOperators = map[string][]string{
	"STRING":       {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH"},
	"MULTISTRING":  {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH"},
	"ENUMERATION":  {"IS_ANY_OF", "IS_NONE_OF"},
	"NUMBER":       {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO", "IS_LESS_THAN", "IS_LESS_THAN_OR_EQUAL_TO", "IS_BETWEEN"},
	"BOOL":         {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO"},
	"ALL_PROPERTY": {"IS_KNOWN", "IS_UNKNOWN"},
}

// compileList reads and checks the filter of a list.
func (p *Portal) compileList(l *list) *apiError {
	l.branch = nil
	if l.Filter == nil {
		return nil
	}
	var b listBranch
	if err := json.Unmarshal(l.Filter, &b); err != nil {
		return badJSON(l.Filter, 0, err.Error())
	}
	if b.Type != "OR" || len(b.Filters) > 0 || len(b.Branches) == 0 {
		return invalid("The root filter branch must be of the type OR, and have AND branches only.").sub("ListError.INVALID_FILTER_BRANCH")
	}
	for _, and := range b.Branches {
		if and.Type != "AND" || len(and.Branches) > 0 {
			return invalid("Branches below the root must be of the type AND, and nested no further here.").sub("ListError.INVALID_FILTER_BRANCH")
		}
		for _, f := range and.Filters {
			if e := p.compileListFilter(l.kind, f); e != nil {
				return e
			}
		}
	}
	l.branch = &b
	return nil
}

func (p *Portal) compileListFilter(k *kind, f *listFilter) *apiError {
	f.of = k.props[f.Property]
	o := &f.Operation
	switch {
	case f.Type != "PROPERTY":
		return invalid("The practice portal knows filters of the type PROPERTY only, and not %s.", f.Type).sub("ListError.INVALID_FILTER")
	case f.of == nil:
		return invalid("The property %s does not exist for the object type %s.", f.Property, k.id).sub("ListError.INVALID_PROPERTY").with("propertyName", f.Property)
	case !slices.Contains(listOperators[o.Type], o.Operator):
		return invalid("%s is no operator of the operation type %s.", o.Operator, o.Type).sub("ListError.INVALID_OPERATION")
	case o.Operator == "IS_BETWEEN" && (o.Lower == nil || o.Upper == nil):
		return invalid("IS_BETWEEN needs a lowerBound and an upperBound.").sub("ListError.INVALID_OPERATION")
	case o.Type != "ALL_PROPERTY" && o.Operator != "IS_BETWEEN" && o.Value == nil && len(o.Values) == 0:
		return invalid("%s needs a value.", o.Operator).sub("ListError.INVALID_OPERATION")
	}
	if o.Value != nil {
		o.Values = append(o.Values, *o.Value)
	}
	f.symbol = f.of.symbol
	f.compute = k.computed[f.symbol]
	return nil
}

// fits reports whether a record belongs to a list.
func (b *listBranch) fits(p *Portal, o *object) bool {
	if b == nil {
		return false
	}
	return slices.ContainsFunc(b.Branches, func(and *listBranch) bool {
		return !slices.ContainsFunc(and.Filters, func(f *listFilter) bool { return !f.fits(p, o) })
	})
}

func (f *listFilter) fits(p *Portal, o *object) bool {
	value := o.stored(f.symbol)
	if f.compute != nil {
		value = f.compute(p, o, o.state)
	}
	op := &f.Operation
	switch {
	case op.Operator == "IS_KNOWN":
		return value != ""
	case op.Operator == "IS_UNKNOWN":
		return value == ""
	case value == "":
		return op.Empty
	case op.Operator == "IS_BETWEEN":
		n, ok := number(f.of, value)
		low, okL := number(f.of, op.Lower.text)
		high, okH := number(f.of, op.Upper.text)
		return ok && okL && okH && n >= low && n <= high
	}
	negative := slices.Contains([]string{"IS_NOT_EQUAL_TO", "DOES_NOT_CONTAIN", "IS_NONE_OF"}, op.Operator)
	return slices.ContainsFunc(op.Values, func(v wireValue) bool { return f.holds(value, v.text) }) != negative
}

// holds reports whether a value stands to one of the filter's as the operator,
// or the one that it negates, says.
func (f *listFilter) holds(value, want string) bool {
	op := &f.Operation
	if op.Type == "NUMBER" {
		n, err1 := strconv.ParseFloat(value, 64)
		w, err2 := strconv.ParseFloat(want, 64)
		if err1 != nil || err2 != nil {
			return false
		}
		switch op.Operator {
		case "IS_GREATER_THAN":
			return n > w
		case "IS_GREATER_THAN_OR_EQUAL_TO":
			return n >= w
		case "IS_LESS_THAN":
			return n < w
		case "IS_LESS_THAN_OR_EQUAL_TO":
			return n <= w
		}
		return n == w
	}
	if op.Type == "ENUMERATION" {
		return slices.Contains(strings.Split(value, ";"), want)
	}
	value, want = strings.ToLower(value), strings.ToLower(want)
	switch op.Operator {
	case "CONTAINS", "DOES_NOT_CONTAIN":
		return strings.Contains(value, want)
	case "STARTS_WITH":
		return strings.HasPrefix(value, want)
	case "ENDS_WITH":
		return strings.HasSuffix(value, want)
	}
	return value == want
}
