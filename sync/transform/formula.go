package transform

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/record"
)

// The functions that stand in for operators. Nobody writes these names.
const (
	plusName     = "__plus"
	containsName = "__contains"
	matchesName  = "__matches"
	startsName   = "__startsWith"
	endsName     = "__endsWith"
)

var numericKinds = []reflect.Kind{reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
	reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64}

// functionNames are the functions that a person can write.
func functionNames(functions map[string]any) []string {
	names := slices.Clone(loops)
	names = append(names, plainBuiltins...)
	for name := range functions {
		if name != "value" && name != "row" && !strings.HasPrefix(name, "__") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// evaluation is one row's: it counts the work.
type evaluation struct {
	env0 *Env
	row  map[string]string
	work int
}

func newEvaluation(env *Env, x *expression) *evaluation {
	e := &evaluation{env0: env, row: map[string]string{}}
	if x != nil && env != nil {
		for _, name := range x.columns {
			e.row[name] = env.Row[name].String()
		}
	}
	return e
}

// spend counts the bytes of texts that were read or are made.
func (e *evaluation) spend(n int) error {
	if e.work += n; e.work > maxWork {
		return fmt.Errorf("it works on more text than an expression may")
	}
	return nil
}

// env is all that a formula can name.
func (e *evaluation) env(value string, x *expression) map[string]any {
	m := map[string]any{
		"value": value, "row": e.row,
		"lower": e.textual(strings.ToLower), "upper": e.textual(strings.ToUpper), "trim": e.textual(strings.TrimSpace),
		"replace": e.replace, "split": e.split, "join": e.join, "left": e.left, "right": e.right,
		"len": e.length, "text": e.asText, "number": e.number, "round": round, "int": whole,
		"date": e.date, "format": format, "year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) },
		"day": time.Time.Day, "addDays": addDays, "days": days,
		plusName: e.plus, containsName: e.search(strings.Contains), startsName: e.search(strings.HasPrefix),
		endsName: e.search(strings.HasSuffix), matchesName: e.matches,
	}
	for _, name := range x.bare {
		m[name] = e.row[name]
	}
	return m
}

func (e *evaluation) textual(f func(string) string) func(string) (string, error) {
	return func(s string) (string, error) {
		if err := e.spend(2 * len(s)); err != nil {
			return "", err
		}
		return f(s), nil
	}
}

func (e *evaluation) search(f func(s, part string) bool) func(s, part string) (bool, error) {
	return func(s, part string) (bool, error) { return f(s, part), e.spend(len(s) + len(part)) }
}

var patterns learned[*regexp.Regexp]

func (e *evaluation) matches(s, pattern string) (bool, error) {
	re, err := patterns.get(pattern, func(p string) (*regexp.Regexp, error) {
		if len(p) > 500 {
			return nil, fmt.Errorf("a pattern has at most 500 characters")
		}
		return regexp.Compile(p)
	})
	if err != nil {
		return false, err
	}
	if err := e.spend(16*len(s) + 16*len(pattern)); err != nil { // it is slower than the others
		return false, err
	}
	return re.MatchString(s), nil
}

// plus puts texts together, and adds what turns out to be numbers.
func (e *evaluation) plus(a, b any) (any, error) {
	x, okX := toFloat(a)
	y, okY := toFloat(b)
	if okX && okY {
		return x + y, nil
	}
	s, err := resultText(a)
	if err != nil {
		return nil, err
	}
	t, err := resultText(b)
	if err != nil {
		return nil, err
	}
	return s + t, e.spend(len(s) + len(t))
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func (e *evaluation) replace(s, from, to string) (string, error) {
	size := len(s)
	if from != "" {
		size += strings.Count(s, from) * max(len(to)-len(from), 0)
	} else {
		return s, nil
	}
	if err := e.spend(len(s) + size); err != nil {
		return "", err
	}
	return strings.ReplaceAll(s, from, to), nil
}

func (e *evaluation) split(s, by string) ([]string, error) {
	if by == "" {
		return nil, fmt.Errorf("split needs the mark between the parts")
	}
	if strings.Count(s, by) >= maxElements {
		return nil, fmt.Errorf("a list has too many elements")
	}
	return strings.Split(s, by), e.spend(len(s))
}

func (e *evaluation) join(list any, with string) (string, error) {
	var parts []string
	switch list := list.(type) {
	case []string:
		parts = list
	case []any:
		for _, v := range list {
			part, err := resultText(v)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
	default:
		return "", fmt.Errorf("join needs a list")
	}
	size := len(with) * len(parts)
	for _, p := range parts {
		size += len(p)
	}
	if err := e.spend(size); err != nil {
		return "", err
	}
	return strings.Join(parts, with), nil
}

func (e *evaluation) left(s string, n int) (string, error) {
	r := []rune(s)
	return string(r[:min(max(n, 0), len(r))]), e.spend(4 * len(s))
}

func (e *evaluation) right(s string, n int) (string, error) {
	r := []rune(s)
	return string(r[len(r)-min(max(n, 0), len(r)):]), e.spend(4 * len(s))
}

func (e *evaluation) length(v any) (int, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case string:
		return len([]rune(v)), e.spend(4 * len(v))
	case []string:
		return len(v), nil
	case []any:
		return len(v), nil
	}
	return 0, fmt.Errorf("len needs a text or a list")
}

func (e *evaluation) asText(v any) (string, error) {
	s, err := resultText(v)
	if err == nil {
		err = e.spend(len(s))
	}
	return s, err
}

// number reads a number with a point as its mark. An empty text is none: what
// it counts for is the formula's to say.
func (e *evaluation) number(v any) (float64, error) {
	if f, ok := toFloat(v); ok {
		return f, nil
	}
	s, err := resultText(v)
	if err != nil {
		return 0, err
	}
	if s = strings.TrimSpace(s); s == "" {
		return 0, fmt.Errorf(`there is no number in an empty text; choose with x == "" ? … : number(x)`)
	}
	number := record.Rule{Compare: record.CompareNumber}
	if !number.Readable(record.Text(s)) {
		return 0, fmt.Errorf("%s is not a number", quoted(s))
	}
	return strconv.ParseFloat(number.Canonical(record.Text(s)).String(), 64)
}

func round(v any, digits ...int) (float64, error) {
	f, ok := toFloat(v)
	if !ok {
		return 0, fmt.Errorf("round needs a number; make one with number(…)")
	}
	n := 0
	if len(digits) > 0 {
		n = min(max(digits[0], 0), 15)
	}
	// By its decimal form: 1.005 is rounded as people see it.
	text, err := numberText(f)
	if err != nil {
		return 0, err
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, fmt.Errorf("%s is not a number", quoted(text))
	}
	return strconv.ParseFloat(exact.FloatString(n), 64) // halves away from zero
}

func whole(v any) (int, error) {
	f, ok := toFloat(v)
	if !ok || f != f || f > 1<<53 || f < -(1<<53) {
		return 0, fmt.Errorf("int needs a number; make one with number(…)")
	}
	return int(f), nil
}

// date reads a day, in a form such as DD.MM.YYYY or as 2026-12-31.
func (e *evaluation) date(s string, form ...string) (time.Time, error) {
	with := map[string]any{}
	if len(form) > 0 {
		with["format"] = form[0]
	}
	a, err := byName["date"].arguments(with)
	if err != nil {
		return time.Time{}, err
	}
	env := e.env0
	if env == nil {
		env = &Env{}
	}
	day, err := readDay(s, a, env)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.DateOnly, day)
}

// format writes a day in a form such as DD.MM.YYYY.
func format(t time.Time, form string) (string, error) {
	f, err := dateForm(form)
	if err != nil {
		return "", err
	}
	return f.Write(t), nil
}

func addDays(t time.Time, n int) (time.Time, error) {
	if n > 4_000_000 || n < -4_000_000 {
		return t, fmt.Errorf("%d days are too many", n)
	}
	if t = t.AddDate(0, 0, n); t.Year() < 1 || t.Year() > 9999 {
		return t, fmt.Errorf("the day is in the year %d, which HubSpot cannot hold", t.Year())
	}
	return t, nil
}

// days counts the days from one day to another.
func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }
