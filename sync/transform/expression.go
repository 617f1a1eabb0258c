package transform

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr" // the language: compiled, typed and without side effects; MIT, kept by its author since 2018
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"syncline/sync/record"
)

// The bounds of an expression. They are of its own work, not of the clock, so
// that the same row gives the same value, or the same error, everywhere.
const (
	maxFormula  = 4_000   // characters of its text
	maxNodes    = 300     // operators, calls and operands in it
	maxElements = 2_000   // that lists have in one evaluation, together
	maxWork     = 4 << 20 // bytes that texts have which one evaluation reads or makes
	maxResult   = 65_536  // characters: HubSpot's longest text
)

var expressionTransforms = []*transform{{
	Spec: Spec{
		Name: "expression",
		Description: "Works out a value of the row's columns. value is this field; other columns stand by their names, or as row[\"First name\"]. " +
			"Texts are put together with +, number(…) makes a number of a text, and a ? b : c chooses.",
		Args: []Arg{
			{Name: "formula", Kind: KindFormula, Required: true, Scalar: true, Description: "the expression, such as value == \"\" ? \"none\" : upper(value)"},
		},
		Example: Step{Name: "expression", Args: map[string]any{"formula": `upper(left(value, 1)) + lower(right(value, len(value) - 1))`}}, Input: "LOVELACE", Output: "Lovelace",
	},
	check: func(a args) error {
		_, err := expressionOf(a.text("formula"))
		return err
	},
	apply: func(s string, a args, env *Env) (string, error) {
		x, err := expressionOf(a.text("formula"))
		if err != nil {
			return "", err
		}
		return x.apply(s, env)
	},
	inverse:     noWay,
	describe:    func(a args) string { return "works out " + a.text("formula") },
	fillsBlanks: func(args) bool { return true },
}}

// expression is a formula that was read.
type expression struct {
	program *vm.Program
	columns []string // of the row that it names
	bare    []string // those of them that stand by their names
}

var expressions learned[*expression]

func expressionOf(formula string) (*expression, error) {
	return expressions.get(formula, compileExpression)
}

// loops are the builtins of the language that are there: those over lists.
var loops = []string{"all", "any", "none", "one", "filter", "map", "count", "find", "findIndex", "findLast", "findLastIndex", "sum"}

// plain are the other ones: they neither make texts nor depend on anything else.
var plainBuiltins = []string{"abs", "ceil", "floor", "first", "last", "max", "min", "sort", "reverse", "take"}

func compileExpression(formula string) (*expression, error) {
	if strings.TrimSpace(formula) == "" {
		return nil, fmt.Errorf("formula is empty: write what the value is, such as upper(value)")
	}
	if utf8.RuneCountInString(formula) > maxFormula {
		return nil, fmt.Errorf("an expression has at most %d characters", maxFormula)
	}
	x := &expression{}
	options := []expr.Option{expr.Optimize(false), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, name := range slices.Concat(loops, plainBuiltins) {
		options = append(options, expr.EnableBuiltin(name))
	}
	known := newEvaluation(nil, nil).env("", x)
	config := conf.CreateNew()
	for _, o := range append(options, expr.Env(known)) {
		o(config)
	}
	tree, err := parser.ParseWithConfig(formula, config)
	if err != nil {
		return nil, formulaError(err)
	}
	look := &inspector{x: x, functions: known, let: map[string]bool{}, called: map[ast.Node]bool{}}
	look.walk(&tree.Node)
	if look.err != nil {
		return nil, look.err
	}
	// Columns are texts, and so mistakes show before any row is read.
	for _, name := range x.bare {
		known[name] = ""
	}
	x.program, err = expr.Compile(formula, append(options, expr.Env(known), expr.Patch(bounded{}))...)
	if err != nil {
		return nil, formulaError(err)
	}
	return x, nil
}

// formulaError is what the language says of a formula, as one sentence.
func formulaError(err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return err
	}
	msg := strings.TrimSpace(strings.Join(strings.Fields(fe.Message), " "))
	if strings.Contains(msg, "mismatched types string and") || strings.Contains(msg, "and string)") {
		msg += "; a column is a text: make a number of it with number(…)"
	}
	return fmt.Errorf("%s, at character %d", msg, fe.Column+1)
}

// inspector finds the columns that a formula names, and refuses what has no
// bound or depends on more than the row.
type inspector struct {
	x         *expression
	functions map[string]any
	let       map[string]bool
	called    map[ast.Node]bool // the names of functions and of the row, where they stand as such
	err       error
}

func (v *inspector) refuse(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}

// walk looks at declared names and loops first, which ast.Walk would show last.
func (v *inspector) walk(node *ast.Node) {
	ast.Walk(node, lets(v.let))
	ast.Walk(node, v.calls())
	ast.Walk(node, v)
}

// lets collects the names that a formula declares itself.
type lets map[string]bool

// Visit is called for each node.
func (l lets) Visit(node *ast.Node) {
	if d, ok := (*node).(*ast.VariableDeclaratorNode); ok {
		l[d.Name] = true
	}
}

// calls marks the names that stand for functions and for the row.
func (v *inspector) calls() ast.Visitor { return marker{v} }

type marker struct{ v *inspector }

// Visit is called for each node.
func (m marker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		m.v.called[n.Callee] = true
		if id, ok := n.Callee.(*ast.IdentifierNode); !ok {
			m.v.refuse("only functions by their names can be called")
		} else if _, ok := m.v.functions[id.Value]; !ok || id.Value == "value" || id.Value == "row" {
			m.v.refuse("there is no function %s; %s", quoted(id.Value), suggestion(id.Value, functionNames(m.v.functions)))
		}
	case *ast.MemberNode:
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == "row" {
			m.v.called[n.Node] = true
			name, ok := n.Property.(*ast.StringNode)
			if !ok {
				m.v.refuse(`row needs the name of a column between quotes, such as row["First name"]`)
				return
			}
			m.v.column(name.Value, false)
		}
	case *ast.PredicateNode:
		inner := &nested{}
		ast.Walk(&n.Node, inner)
		if inner.found {
			m.v.refuse("a loop within a loop is more than an expression may do")
		}
	}
}

// nested finds loops within a part.
type nested struct{ found bool }

// Visit is called for each node.
func (v *nested) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PredicateNode); ok {
		v.found = true
	}
}

func (v *inspector) column(name string, bare bool) {
	if !slices.Contains(v.x.columns, name) {
		v.x.columns = append(v.x.columns, name)
	}
	if bare && !slices.Contains(v.x.bare, name) {
		v.x.bare = append(v.x.bare, name)
	}
}

// Visit is called for each node.
func (v *inspector) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		_, function := v.functions[n.Value]
		switch {
		case v.called[n], v.let[n.Value], n.Value == "value":
		case n.Value == "row":
			v.refuse(`row needs the name of a column between quotes, such as row["First name"]`)
		case n.Value == "$env":
			v.refuse("$env is not there; name the columns")
		case function:
			v.refuse(`%s is a function: write %s(…), or row[%q] for the column`, n.Value, n.Value, n.Value)
		default:
			v.column(n.Value, true)
		}
	case *ast.BuiltinNode:
		if !slices.Contains(loops, n.Name) && !slices.Contains(plainBuiltins, n.Name) {
			v.refuse("there is no function %s; %s", quoted(n.Name), suggestion(n.Name, functionNames(v.functions)))
		}
	case *ast.MemberNode:
		if n.Method {
			v.refuse("only functions by their names can be called")
		}
	case *ast.MapNode:
		v.refuse("groups in braces are not there")
	}
}

// bounded replaces the operators that read or make texts by functions that
// count what they do.
type bounded struct{}

// Visit is called for each node.
func (bounded) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	name, ok := map[string]string{"contains": containsName, "matches": matchesName, "startsWith": startsName, "endsWith": endsName, "+": plusName}[n.Operator]
	if !ok || n.Operator == "+" && numeric(n.Left) && numeric(n.Right) {
		return
	}
	ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: []ast.Node{n.Left, n.Right}})
}

func numeric(n ast.Node) bool {
	t := n.Type()
	return t != nil && slices.Contains(numericKinds, t.Kind())
}

// apply works the formula out for one row.
func (x *expression) apply(value string, env *Env) (text string, err error) {
	for _, name := range x.columns {
		if _, err := cell(env.Row, name); err != nil {
			return "", err
		}
	}
	e := newEvaluation(env, x)
	machine := vm.VM{MemoryBudget: maxElements}
	out, err := machine.Run(x.program, e.env(value, x))
	if err != nil {
		var fe *file.Error
		msg := err.Error()
		if errors.As(err, &fe) {
			msg = fe.Message
			if fe.Prev != nil {
				msg = fe.Prev.Error()
			}
		}
		if strings.Contains(msg, "memory budget") {
			msg = "a list has too many elements"
		}
		return "", fmt.Errorf("the expression can't be worked out for %s: %s", quoted(value), strings.Join(strings.Fields(msg), " "))
	}
	if text, err = resultText(out); err == nil && utf8.RuneCountInString(text) > maxResult {
		err = fmt.Errorf("the result is longer than %d characters", maxResult)
	}
	if err != nil {
		return "", fmt.Errorf("the expression can't be worked out for %s: %w", quoted(value), err)
	}
	return text, nil
}

// resultText is a result in canonical form; nil is empty, and a list is the
// options of a multi-select property.
func resultText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		if !utf8.ValidString(v) {
			return "", fmt.Errorf("it cuts a character in two; use left and right")
		}
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return numberText(v)
	case time.Time:
		return record.ISODate(v), nil
	case []string:
		return strings.Join(v, ";"), nil
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			if _, list := one.([]any); list {
				return "", fmt.Errorf("it gives a list of lists, not a value")
			}
			part, err := resultText(one)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ";"), nil
	}
	return "", fmt.Errorf("it gives something that is no text, number, date, or true or false")
}

// numberText writes a number as people do: to 15 digits, which is what a
// floating-point number surely holds, and without an exponent.
func numberText(f float64) (string, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", fmt.Errorf("it gives no number, as after a division by zero")
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatFloat(f+0, 'f', 0, 64), nil
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return "", err
	}
	return strconv.FormatFloat(short, 'f', -1, 64), nil
}

// Columns are the columns of the row that the step reads besides its own. A
// step that Check refuses reads none.
func (s Step) Columns() []string {
	t, err := find(s.Name)
	if err != nil {
		return nil
	}
	a, err := t.arguments(s.Args)
	if err != nil {
		return nil
	}
	var columns []string
	for i, arg := range t.Args {
		switch {
		case !a.given[i]:
		case arg.Kind == KindFormula:
			if x, err := expressionOf(a.values[i]); err == nil {
				columns = append(columns, x.columns...)
			}
		case arg.Kind == KindFields:
			for name := range strings.SplitSeq(a.values[i], ",") {
				if name = strings.TrimSpace(name); name != "" {
					columns = append(columns, name)
				}
			}
		}
	}
	return columns
}
