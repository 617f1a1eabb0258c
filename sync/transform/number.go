package transform

import (
	"fmt"
	"strings"
	"unicode"

	"syncline/sync/record"
)

var (
	decimalMarks = []string{".", ","}
	groupMarks   = []string{"", ".", ",", " ", "'"}
)

var numberTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "number",
			Description: "Reads a number with the marks of a country and writes it as HubSpot takes it. A currency sign and a minus in brackets are understood, and 15% is 0.15.",
			Args: []Arg{
				{Name: "decimal", Kind: KindChoice, Choices: decimalMarks, Default: ".", Scalar: true, Description: "the decimal mark of the column"},
				{Name: "group", Kind: KindChoice, Choices: groupMarks, Description: "the mark between thousands in the column"},
				{Name: "to-decimal", Kind: KindChoice, Choices: decimalMarks, Default: ".", Description: "the decimal mark to write"},
				{Name: "to-group", Kind: KindChoice, Choices: groupMarks, Description: "the mark to write between thousands"},
			},
			Example: Step{Name: "number", Args: map[string]any{"decimal": ",", "group": "."}}, Input: "1.234,50 €", Output: "1234.5",
		},
		check: func(a args) error {
			for _, side := range []string{"", "to-"} {
				if a.text(side+"decimal") == a.text(side+"group") {
					return fmt.Errorf("%sdecimal and %sgroup are the same mark", side, side)
				}
			}
			return nil
		},
		apply: applyNumber,
		inverse: func(a args) way {
			return via("number", exchanged(a, [2]string{"decimal", "to-decimal"}, [2]string{"group", "to-group"}))
		},
		describe: func(a args) string {
			if !a.has("decimal") && !a.has("group") {
				return "reads numbers"
			}
			return "reads numbers such as " + writeNumber("1234.5", a.text("decimal"), a.text("group"))
		},
	},
	{
		Spec: Spec{
			Name:        "boolean",
			Description: "Reads yes, true, 1, on, ja, oui … as true and their opposites as false.",
			Args: []Arg{
				{Name: "yes", Kind: KindText, Description: "another word for true in the column"},
				{Name: "no", Kind: KindText, Description: "another word for false in the column"},
				{Name: "to-yes", Kind: KindText, Default: "true", Description: "what to write for true"},
				{Name: "to-no", Kind: KindText, Default: "false", Description: "what to write for false"},
			},
			Example: Step{Name: "boolean", Args: map[string]any{"yes": "active", "no": "closed"}}, Input: "Active", Output: "true",
		},
		check: func(a args) error {
			if a.has("yes") && strings.EqualFold(a.text("yes"), a.text("no")) {
				return fmt.Errorf("yes and no are the same word")
			}
			if strings.EqualFold(a.text("to-yes"), a.text("to-no")) {
				return fmt.Errorf("to-yes and to-no are the same word")
			}
			return nil
		},
		apply: applyBoolean,
		inverse: func(a args) way {
			return via("boolean", exchanged(a, [2]string{"yes", "to-yes"}, [2]string{"no", "to-no"}))
		},
		describe: func(a args) string {
			if a.has("yes") && a.has("no") {
				return "reads " + a.text("yes") + " as true and " + a.text("no") + " as false"
			}
			return "reads yes and no"
		},
	},
}

// exchanged returns the given arguments with the names of each pair exchanged.
func exchanged(a args, pairs ...[2]string) map[string]any {
	with := make(map[string]any)
	for _, p := range pairs {
		if a.has(p[0]) {
			with[p[1]] = a.text(p[0])
		}
		if a.has(p[1]) {
			with[p[0]] = a.text(p[1])
		}
	}
	return with
}

// NumberMarks returns the signs in which the step reads numbers, where it is a
// number step and they are not HubSpot's own.
func (s Step) NumberMarks() (record.NumberMarks, bool) {
	t, err := find(s.Name)
	if err != nil || t.Name != "number" {
		return record.NumberMarks{}, false
	}
	a, err := t.arguments(s.Args)
	if err != nil {
		return record.NumberMarks{}, false
	}
	marks := record.NumberMarks{Decimal: a.text("decimal"), Group: a.text("group")}
	return marks, marks != record.NumberMarks{Decimal: "."}
}

func applyNumber(s string, a args, env *Env) (string, error) {
	marks := record.NumberMarks{Decimal: a.text("decimal"), Group: a.text("group")}
	text, hundredths := cutPercent(s)
	text, negative := bareNumber(text)
	number, ok := marks.Read(text)
	if !ok || negative && strings.HasPrefix(number, "-") || hundredths && strings.ContainsAny(number, "eE") {
		return "", notANumber(s, marks)
	}
	if negative {
		number = "-" + strings.TrimPrefix(number, "+")
	}
	if hundredths {
		env.remark(RemarkPercent)
		number += "e-2"
	}
	number = (record.Rule{Compare: record.CompareNumber}).Canonical(record.Text(number)).String()
	return writeNumber(number, a.text("to-decimal"), a.text("to-group")), nil
}

// cutPercent takes a percent sign away, as it is typed or typeset, within the
// brackets of a negative number too.
func cutPercent(s string) (rest string, found bool) {
	s = strings.TrimSpace(s)
	inner, closed := strings.CutSuffix(s, ")")
	for _, sign := range []string{"%", "％", "﹪", "٪"} {
		if rest, ok := strings.CutSuffix(strings.TrimSpace(inner), sign); ok {
			if closed {
				rest += ")"
			}
			return strings.TrimSpace(rest), true
		}
	}
	return s, false
}

// bareNumber takes away space, currency signs, and the brackets in which
// accountants write negative amounts.
func bareNumber(s string) (number string, negative bool) {
	around := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Sc, r) }
	s = strings.TrimFunc(s, around)
	if inner, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(inner, ")") {
		return strings.TrimFunc(inner[:len(inner)-1], around), true
	}
	if rest, ok := strings.CutPrefix(s, "-"); ok { // -€5
		return "-" + strings.TrimFunc(rest, around), false
	}
	return s, false
}

func notANumber(s string, m record.NumberMarks) error {
	text := fmt.Sprintf("%s is not a number with %q as its decimal mark", quoted(s), m.Decimal)
	if m.Group != "" {
		text += fmt.Sprintf(" and %q between thousands", m.Group)
	}
	if found, ok := record.GuessNumberMarks([]string{s}); ok && found != m {
		text += fmt.Sprintf("; it looks like one with decimal: %q", found.Decimal)
		if found.Group != "" {
			text += fmt.Sprintf(" and group: %q", found.Group)
		}
	}
	bare := strings.TrimFunc(s, unicode.IsSpace)
	switch code := strings.TrimFunc(bare, func(r rune) bool { return !unicode.IsLetter(r) }); {
	case strings.Contains(text, "; it looks like"):
	case strings.HasSuffix(bare, "-"):
		text += "; if the minus stands behind the number, put it in front"
	case code != "" && len(code) < len(bare) && strings.TrimFunc(code, unicode.IsLetter) == "":
		text += fmt.Sprintf("; if it is one beside “%s”, take this out with the transform replace before number", code)
	default:
		text += "; correct it where it comes from, or name the marks of the column with decimal and group"
	}
	return fmt.Errorf("%s", text)
}

// writeNumber writes a canonical number with other marks.
func writeNumber(s, decimal, group string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	whole, fraction, cut := strings.Cut(s, ".")
	if group != "" {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + group + whole[i:]
		}
	}
	if cut {
		whole += decimal + fraction
	}
	return sign + whole
}

func applyBoolean(s string, a args, _ *Env) (string, error) {
	word := strings.TrimSpace(s)
	var truth string
	switch {
	case a.has("yes") && strings.EqualFold(word, a.text("yes")):
		truth = "true"
	case a.has("no") && strings.EqualFold(word, a.text("no")):
		truth = "false"
	default:
		rule := record.Rule{Compare: record.CompareBoolean}
		if !rule.Readable(record.Text(word)) || word == "" {
			return "", fmt.Errorf("%s is neither yes nor no; if the column has words of its own, name them with yes and no", quoted(s))
		}
		truth = rule.Canonical(record.Text(word)).String()
	}
	if truth == "true" {
		return a.text("to-yes"), nil
	}
	return a.text("to-no"), nil
}
