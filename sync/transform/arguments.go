package transform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"syncline/sync/record"
)

// maxArgs is the most arguments that a transform has.
const maxArgs = 8

// args are the checked arguments of a step, as texts.
type args struct {
	t      *transform
	values [maxArgs]string
	given  [maxArgs]bool
}

func (a *args) index(name string) int {
	for i := range a.t.Args {
		if a.t.Args[i].Name == name {
			return i
		}
	}
	panic("transform: " + a.t.Name + " has no argument " + name) // a mistake in this package
}

// text returns an argument, its default where it was not given.
func (a args) text(name string) string {
	i := a.index(name)
	if !a.given[i] {
		return a.t.Args[i].Default
	}
	return a.values[i]
}

func (a args) has(name string) bool { return a.given[a.index(name)] }

func (a args) boolean(name string) bool { return a.text(name) == "true" }

func (a args) integer(name string) int {
	n, err := strconv.Atoi(a.text(name))
	if err != nil {
		return 0 // it was not given and has no default
	}
	return n
}

// arguments checks what a step was given.
func (t *transform) arguments(given map[string]any) (args, error) {
	a := args{t: t}
	for _, name := range sortedNames(given) {
		i := slices.IndexFunc(t.Args, func(arg Arg) bool { return arg.Name == name || name == "" && arg.Scalar })
		if i < 0 {
			return a, t.unknownArgument(name)
		}
		if a.given[i] {
			return a, fmt.Errorf("the transform %s is given %s twice", t.Name, t.Args[i].Name)
		}
		text, err := t.Args[i].read(given[name])
		if err != nil {
			return a, fmt.Errorf("the transform %s: %w", t.Name, err)
		}
		a.values[i], a.given[i] = text, true
	}
	for i, arg := range t.Args {
		if arg.Required && !a.given[i] {
			return a, fmt.Errorf("the transform %s needs %s: %s", t.Name, arg.Name, arg.Description)
		}
	}
	if t.check != nil {
		if err := t.check(a); err != nil {
			return a, fmt.Errorf("the transform %s: %w", t.Name, err)
		}
	}
	return a, nil
}

func sortedNames(m map[string]any) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}

func (t *transform) unknownArgument(name string) error {
	if len(t.Args) == 0 {
		return fmt.Errorf("the transform %s takes no arguments", t.Name)
	}
	names := make([]string, len(t.Args))
	for i, arg := range t.Args {
		names[i] = arg.Name
	}
	if name == "" {
		return fmt.Errorf("the transform %s needs its arguments by name: %s", t.Name, strings.Join(names, ", "))
	}
	return fmt.Errorf("the transform %s has no argument %s; %s", t.Name, quoted(name), suggestion(name, names))
}

// read checks one argument and returns it as a text.
func (arg Arg) read(v any) (string, error) {
	s, ok := scalar(v)
	if !ok {
		return "", fmt.Errorf("%s must be a single value", arg.Name)
	}
	switch arg.Kind {
	case KindInteger:
		if _, err := strconv.Atoi(s); err != nil {
			return "", fmt.Errorf("%s must be a whole number, not %s", arg.Name, quoted(s))
		}
	case KindBoolean:
		if s != "true" && s != "false" {
			return "", fmt.Errorf("%s must be true or false, not %s", arg.Name, quoted(s))
		}
	case KindChoice:
		if !slices.Contains(arg.Choices, s) {
			return "", fmt.Errorf("%s cannot be %s; %s", arg.Name, quoted(s), suggestion(s, arg.Choices))
		}
	case KindFormat:
		if _, err := dateForm(s); err != nil {
			return "", err
		}
	case KindZone:
		if _, err := zone(s); err != nil {
			return "", err
		}
	case KindRegion:
		s = strings.ToUpper(s)
		if !phonenumbers.GetSupportedRegions()[s] {
			return "", fmt.Errorf("%s is not the two-letter code of a country, such as DE or US", quoted(s))
		}
	}
	return s, nil
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32), true
	}
	return "", false
}

// learned keeps what parsing a date form or loading a zone gave: definitions
// hold a handful, and rows ask a million times. It is bounded, because a form
// that is being typed passes through here with every key.
type learned[T any] struct {
	mu   sync.RWMutex
	kept map[string]T
}

func (l *learned[T]) get(key string, learn func(string) (T, error)) (T, error) {
	l.mu.RLock()
	v, ok := l.kept[key]
	l.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := learn(key)
	if err != nil {
		return v, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil || len(l.kept) >= 256 {
		l.kept = make(map[string]T)
	}
	l.kept[key] = v
	return v, nil
}

var (
	forms learned[record.DateForm]
	zones learned[*time.Location]
)

func dateForm(s string) (record.DateForm, error) { return forms.get(s, record.ParseDateForm) }

// zone loads a time zone by its name in the IANA database.
func zone(name string) (*time.Location, error) {
	return zones.get(name, func(name string) (*time.Location, error) {
		if name == "" || name == "Local" {
			return nil, fmt.Errorf("the zone must be named, such as Europe/Berlin or UTC")
		}
		z, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("%s is not the name of a time zone; write it as Europe/Berlin, America/New_York or UTC", quoted(name))
		}
		return z, nil
	})
}

// quoted quotes a value for a sentence, cut where it is long.
func quoted(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		r := []rune(s)
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// suggestion names the nearest of the names, or all of them.
func suggestion(wrong string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := distance(strings.ToLower(wrong), n); d < least && d < len(n) {
			best, least = n, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "there is " + strings.Join(names, ", ")
}

// distance is the Levenshtein distance in runes, which is at least the
// difference of the lengths.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 {
		return 3
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
