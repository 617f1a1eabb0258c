package mapping

import (
	"regexp"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// usual is how most cells of a column write what a transform reads in several
// forms: percentages, and the words for true and false.
type usual struct {
	percent string            // what stands behind the numbers, "" where most are none of percent
	words   map[string]string // by value
}

// percentage is a number of percent with what stands behind it.
var percentage = regexp.MustCompile(`^[-+(]?[0-9][0-9.,'’ \x{00A0}\x{202F}]*?([ \x{00A0}\x{202F}]?%)\)?$`)

// asksUsual reports whether what is written to the field's column may take one
// of several forms, of which only other cells tell the usual one. A way back that
// the definition gives says it itself.
func (f *Field) asksUsual() bool {
	if !f.Flows(definition.FromHubSpot) || f.Column() == "" || f.Values != nil || f.InSourceForm || len(f.FromHubSpot) > 0 {
		return false
	}
	reads := 0
	for _, s := range f.ToHubSpot {
		switch s.Name {
		case "number", "boolean":
			reads++
		case "trim", "collapse-spaces":
		default:
			return false
		}
	}
	return reads == 1
}

// usualOf learns from some cells of the field's column.
func (f *Field) usualOf(cells []string, env transform.Env) usual {
	env.Remark = nil
	var u usual
	percents := make(map[string]int)
	words := make(map[string]map[string]int)
	for _, cell := range cells {
		if m := percentage.FindStringSubmatch(record.Trimmed(cell)); m != nil {
			percents[m[1]]++
		}
		v, err := f.ToHubSpot.Apply(record.Text(cell), env)
		if value := v.String(); err == nil && (value == "true" || value == "false") {
			if words[value] == nil {
				words[value] = make(map[string]int)
			}
			words[value][record.Trimmed(cell)]++
		}
	}
	if most, n := commonest(percents); 2*n > len(cells) {
		u.percent = most
	}
	u.words = make(map[string]string, len(words))
	for value, counts := range words {
		u.words[value], _ = commonest(counts)
	}
	return u
}

// commonest is the text that counts most, of several the first in the alphabet.
func commonest(counts map[string]int) (most string, n int) {
	for text, count := range counts {
		if count > n || count == n && text < most {
			most, n = text, count
		}
	}
	return most, n
}

// cell is a value of the property in the form that most cells of the column
// have, where it is read back as the value; ok says that there is one.
func (u usual) cell(f *Field, v record.Value, env transform.Env) (cell record.Value, ok bool) {
	switch {
	case u.percent != "":
		number, err := f.back.Apply(record.Text(plainNumber(v.String()+"e2")), env)
		if err != nil || number.Empty() {
			return v, false
		}
		cell = record.Text(number.String() + u.percent)
	case u.words[v.String()] != "":
		cell = record.Text(u.words[v.String()])
	default:
		return v, false
	}
	back, err := f.ToHubSpot.Apply(cell, env)
	return cell, err == nil && f.Rule.Same(back, v)
}

// plain is a value of the property without what only HubSpot keeps of it: an
// exponent, which it may return of any number (hubspot-api.md, 12), and
// characters that nobody sees, which are read from no cell.
func (f *Field) plain(v record.Value) record.Value {
	switch text := v.String(); f.Schema.Type {
	case record.TypeNumber:
		if number := plainNumber(text); strings.ContainsAny(text, "eE") && number != "" && len(number) <= 60 {
			return record.Text(number)
		}
	case record.TypeString, record.TypePhone:
		return record.Text(record.Visible(text, f.Schema.FieldType == "textarea" || f.Schema.FieldType == "html"))
	}
	return v
}

// Holds reports whether a cell that was written for a value is read back as it.
// Where the way back leaves something out, such as the seconds of a time, it is
// not. What needs other cells of the row, and what can't be read, is not judged.
func (f *Field) Holds(cell, v record.Value, env transform.Env) bool {
	if !f.Flows(definition.ToHubSpot) {
		return true
	}
	for _, s := range f.ToHubSpot {
		switch s.Name {
		case "expression", "default", "join":
			return true
		}
	}
	env.Remark = nil
	back, err := f.ToProperty(record.Values{f.Column(): cell}, env)
	return err != nil || f.Rule.Same(back, v)
}
