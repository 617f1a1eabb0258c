package transform

import (
	"fmt"
	"strings"

	"syncline/sync/record"
)

var partTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "split",
			Description: "Takes the text apart at a mark: one part of it, or all of them as the options of a multi-select property.",
			Args: []Arg{
				{Name: "by", Kind: KindText, Required: true, Scalar: true, Description: "the mark, such as a comma"},
				{Name: "part", Kind: KindInteger, Description: "which part: 1 is the first, -1 the last; without it all of them"},
			},
			Example: Step{Name: "split", Args: map[string]any{"by": ",", "part": 1}}, Input: "Lovelace, Ada", Output: "Lovelace",
		},
		check: func(a args) error {
			if a.text("by") == "" {
				return fmt.Errorf("by must be at least one character")
			}
			if a.has("part") && a.integer("part") == 0 {
				return fmt.Errorf("part counts from 1, or from -1 at the end")
			}
			return nil
		},
		apply: applySplit,
		inverse: func(a args) way {
			if a.has("part") {
				return way{}
			}
			with := a.text("by")
			if strings.TrimSpace(with) == with && with != "" && with != ";" {
				with += " "
			}
			return via("join", map[string]any{"with": with})
		},
		describe: func(a args) string {
			if a.has("part") {
				return fmt.Sprintf("takes part %d of a text with %q", a.integer("part"), a.text("by"))
			}
			return fmt.Sprintf("makes options of a text with %q", a.text("by"))
		},
	},
	{
		Spec: Spec{
			Name:        "join",
			Description: "Puts texts together: this field with other fields of the row, or the options of a multi-select property.",
			Args: []Arg{
				{Name: "with", Kind: KindText, Default: " ", Scalar: true, Description: "what stands between them"},
				{Name: "fields", Kind: KindFields, Description: "the other columns, separated by commas; without them the options are joined"},
			},
			Example: Step{Name: "join", Args: map[string]any{"with": ", "}}, Input: "red;blue", Output: "red, blue",
		},
		apply: applyJoin,
		inverse: func(a args) way {
			by := strings.TrimSpace(a.text("with"))
			if a.has("fields") {
				return way{}
			}
			if by == "" {
				by = a.text("with")
			}
			if by == "" {
				return way{}
			}
			return via("split", map[string]any{"by": by})
		},
		describe: func(a args) string {
			if a.has("fields") {
				return "adds " + a.text("fields")
			}
			return fmt.Sprintf("writes options with %q between them", a.text("with"))
		},
		fillsBlanks: func(a args) bool { return a.has("fields") },
	},
}

func applySplit(s string, a args, _ *Env) (string, error) {
	parts := strings.Split(s, a.text("by"))
	if !a.has("part") {
		// No option can hold a semicolon, so one in a part is a mark as well.
		return strings.Join(filled(strings.Split(strings.Join(parts, ";"), ";")), ";"), nil
	}
	n := a.integer("part")
	if n < 0 {
		n = len(parts) + n + 1
	}
	if n < 1 || n > len(parts) {
		return "", nil // "Ada" has no second part
	}
	return strings.TrimSpace(parts[n-1]), nil
}

func applyJoin(s string, a args, env *Env) (string, error) {
	if !a.has("fields") {
		return joinOptions(s, a.text("with"))
	}
	var kept []string
	if s != "" {
		kept = append(kept, s)
	}
	for _, name := range strings.Split(a.text("fields"), ",") {
		v, err := cell(env.Row, strings.TrimSpace(name))
		if err != nil {
			return "", err
		}
		if v != "" {
			kept = append(kept, v)
		}
	}
	return strings.Join(kept, a.text("with")), nil
}

// joinOptions refuses an option that holds the mark: read back, it would be two.
func joinOptions(s, with string) (string, error) {
	options := filled(strings.Split(s, ";"))
	mark := strings.TrimSpace(with)
	if mark == "" {
		mark = with
	}
	for _, o := range options {
		if mark != "" && strings.Contains(o, mark) {
			return "", fmt.Errorf("the option %s holds %q itself, so that it would be taken for two", quoted(o), mark)
		}
	}
	return strings.Join(options, with), nil
}

// filled returns the parts that are not empty, without space around them.
func filled(parts []string) []string {
	var kept []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// cell returns another field of the row.
func cell(row record.Values, name string) (string, error) {
	v, ok := row[name]
	if !ok {
		return "", fmt.Errorf("the row has no column %s", quoted(name))
	}
	return strings.TrimSpace(v.String()), nil
}

var editTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "replace",
			Description: "Replaces a text wherever it stands in the value.",
			Args: []Arg{
				{Name: "find", Kind: KindText, Required: true, Description: "the text to replace"},
				{Name: "with", Kind: KindText, Description: "the text to put there; without it the text is removed"},
			},
			Example: Step{Name: "replace", Args: map[string]any{"find": "Str.", "with": "Straße"}}, Input: "Lange Str. 5", Output: "Lange Straße 5",
		},
		check: func(a args) error {
			if a.text("find") == "" {
				return fmt.Errorf("find must be at least one character")
			}
			return nil
		},
		apply: func(s string, a args, _ *Env) (string, error) {
			return strings.ReplaceAll(s, a.text("find"), a.text("with")), nil
		},
		inverse: noWay,
		describe: func(a args) string {
			if a.text("with") == "" {
				return fmt.Sprintf("removes %q", a.text("find"))
			}
			return fmt.Sprintf("replaces %q with %q", a.text("find"), a.text("with"))
		},
	},
	affix("prefix", "before", "front", strings.HasPrefix, strings.TrimPrefix, func(s, text string) string { return text + s },
		Step{Name: "prefix", Args: map[string]any{"": "C-"}}, "4711", "C-4711"),
	affix("suffix", "after", "end", strings.HasSuffix, strings.TrimSuffix, func(s, text string) string { return s + text },
		Step{Name: "suffix", Args: map[string]any{"": " GmbH"}}, "Example", "Example GmbH"),
	{
		Spec: Spec{
			Name:        "truncate",
			Description: "Cuts the text after a number of characters.",
			Args:        []Arg{{Name: "length", Kind: KindInteger, Required: true, Scalar: true, Description: "the most characters to keep"}},
			Example:     Step{Name: "truncate", Args: map[string]any{"": 5}}, Input: "Lovelace", Output: "Lovel",
		},
		check: func(a args) error {
			if a.integer("length") < 1 {
				return fmt.Errorf("length must be 1 or more")
			}
			return nil
		},
		apply: func(s string, a args, _ *Env) (string, error) {
			n := a.integer("length")
			for i := range s {
				if n == 0 {
					return s[:i], nil
				}
				n--
			}
			return s, nil
		},
		inverse:  noWay, // the way back would write the cut text over the whole one
		describe: func(a args) string { return fmt.Sprintf("cuts after %d characters", a.integer("length")) },
	},
	{
		Spec: Spec{
			Name:        "default",
			Description: "Fills an empty value with a text or with another field of the row.",
			Args: []Arg{
				{Name: "value", Kind: KindText, Scalar: true, Description: "the text to fill in"},
				{Name: "field", Kind: KindFields, Description: "the column to take instead"},
			},
			Example: Step{Name: "default", Args: map[string]any{"": "unknown"}}, Input: "", Output: "unknown",
		},
		check: func(a args) error {
			if a.has("value") == a.has("field") {
				return fmt.Errorf("it needs either value or field")
			}
			return nil
		},
		apply: func(s string, a args, env *Env) (string, error) {
			if s != "" {
				return s, nil
			}
			if a.has("field") {
				return cell(env.Row, a.text("field"))
			}
			return a.text("value"), nil
		},
		inverse: asItIs,
		describe: func(a args) string {
			if a.has("field") {
				return "takes " + a.text("field") + " where it is empty"
			}
			return fmt.Sprintf("fills in %q where it is empty", a.text("value"))
		},
		fillsBlanks: func(args) bool { return true },
	},
}

// affix makes prefix and suffix, which differ in the end that they look at.
func affix(name, where, end string, has func(s, text string) bool, cut, add func(s, text string) string, example Step, in, out string) *transform {
	return &transform{
		Spec: Spec{
			Name:        name,
			Description: "Puts a text " + where + " the value, or takes it away there.",
			Args: []Arg{
				{Name: "text", Kind: KindText, Required: true, Scalar: true, Description: "the text"},
				{Name: "remove", Kind: KindBoolean, Default: "false", Description: "take it away instead; a value without it is an error"},
			},
			Example: example, Input: in, Output: out,
		},
		apply: func(s string, a args, _ *Env) (string, error) {
			text := a.text("text")
			if !a.boolean("remove") {
				return add(s, text), nil
			}
			if !has(s, text) {
				return "", fmt.Errorf("%s does not have %q at its %s", quoted(s), text, end)
			}
			if s == text {
				return "", fmt.Errorf("%s is nothing but the text to take away", quoted(s))
			}
			return cut(s, text), nil
		},
		inverse: func(a args) way {
			w := via(name, map[string]any{"text": a.text("text"), "remove": !a.boolean("remove")})
			w.exact = true
			return w
		},
		describe: func(a args) string {
			if a.boolean("remove") {
				return fmt.Sprintf("takes %q away at its %s", a.text("text"), end)
			}
			return fmt.Sprintf("puts %q %s it", a.text("text"), where)
		},
	}
}
