package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// FixKind is what a Fix does.
type FixKind uint8

// The kinds of fix.
const (
	FixLine        FixKind = iota // Line takes the line's place
	FixValues                     // a value map says what each value means
	FixCreate                     // the property is created in HubSpot
	FixRemove                     // the line is removed
	FixAssociation                // Association takes the line's place
)

// Fix is a way out of a Trouble.
type Fix struct {
	Kind  FixKind
	Label string
	Line  definition.Field

	Association definition.Association
}

// Trouble is what keeps a line of the field map from working.
type Trouble struct {
	Field, Property string
	Short           string // one or two words: "3 values"
	Text            string // what is wrong: "3 values are not options in HubSpot"
	Detail          string // how much of it there is, as sentences
	Fixes           []Fix
}

// Check judges every line of a definition by the facts and returns the
// troubles, at most one a line, in the lines' order. What concerns no line of
// the field map is left to definition.Check.
func (f Facts) Check(def *definition.Definition) []Trouble {
	var out []Trouble
	rest := f.documentProblems(def)
	for i, line := range def.Fields {
		t, ok := f.lineTrouble(def, i)
		if !ok {
			if t, ok = rest[i]; !ok {
				continue
			}
		}
		t.Field, t.Property = line.Field, line.Property
		out = append(out, t)
	}
	return out
}

// lineTrouble asks the questions in the order in which a person would have to
// answer them.
func (f Facts) lineTrouble(def *definition.Definition, i int) (Trouble, bool) {
	line := def.Fields[i]
	p, known := f.Property(line.Property)
	for _, ask := range []func() (Trouble, bool){
		func() (Trouble, bool) { return f.missing(line, known) },
		func() (Trouble, bool) { return readOnly(line, p) },
		func() (Trouble, bool) { return twice(def, i) },
		func() (Trouble, bool) { return badStep(line) },
		func() (Trouble, bool) { return noWayBack(line) },
		func() (Trouble, bool) { return f.refused(line, p) },
		func() (Trouble, bool) { return f.repeats(line, p) },
	} {
		if t, ok := ask(); ok {
			return t, true
		}
	}
	return Trouble{}, false
}

var remove = Fix{Kind: FixRemove, Label: "Remove this line"}

func (f Facts) missing(line definition.Field, known bool) (Trouble, bool) {
	if !known {
		return Trouble{Short: "Missing", Text: fmt.Sprintf("HubSpot has no property “%s”", line.Property),
			Detail: "It was deleted or renamed there, or belongs to another portal.",
			Fixes:  []Fix{{Kind: FixCreate, Label: "Create it here"}, remove}}, true
	}
	if _, ok := f.Column(line.Field); !ok && line.Constant == nil {
		return Trouble{Short: "Missing", Text: fmt.Sprintf("the source has no column “%s”", line.Field),
			Detail: "It was renamed or taken out of the file.", Fixes: []Fix{remove}}, true
	}
	return Trouble{}, false
}

func directed(line definition.Field, d definition.Direction) definition.Field {
	line.Direction = d
	return line
}

var (
	takeLabel = "Take it from HubSpot"
	sendLabel = "Send to HubSpot only"
)

func readOnly(line definition.Field, p record.Property) (Trouble, bool) {
	if p.Writable() || !line.Flows(definition.ToHubSpot) {
		return Trouble{}, false
	}
	t := Trouble{Short: "Read only", Text: "HubSpot lets nobody write this property", Detail: "Its values can only flow from HubSpot.", Fixes: []Fix{remove}}
	if p.Calculated {
		t.Text = "HubSpot calculates this property itself"
	}
	if line.Constant == nil {
		t.Fixes = []Fix{{Kind: FixLine, Label: takeLabel, Line: directed(line, definition.FromHubSpot)}, remove}
	}
	return t, true
}

// twice finds an earlier line that writes the same place.
func twice(def *definition.Definition, i int) (Trouble, bool) {
	line := def.Fields[i]
	for _, earlier := range def.Fields[:i] {
		switch {
		case earlier.Property == line.Property && earlier.Flows(definition.ToHubSpot) && line.Flows(definition.ToHubSpot):
			t := Trouble{Short: "Twice", Text: "two fields fill this property", Detail: fmt.Sprintf("“%s” fills it already; a property has one source.", earlier.Name()), Fixes: []Fix{remove}}
			if line.Constant == nil {
				t.Fixes = []Fix{{Kind: FixLine, Label: takeLabel, Line: directed(line, definition.FromHubSpot)}, remove}
			}
			return t, true
		case line.Field != "" && earlier.Field == line.Field && earlier.Flows(definition.FromHubSpot) && line.Flows(definition.FromHubSpot):
			return Trouble{Short: "Twice", Text: "two properties fill this field", Detail: fmt.Sprintf("The property %s fills it already; a field has one source.", earlier.Property),
				Fixes: []Fix{{Kind: FixLine, Label: sendLabel, Line: directed(line, definition.ToHubSpot)}, remove}}, true
		}
	}
	return Trouble{}, false
}

func badStep(line definition.Field) (Trouble, bool) {
	for _, s := range slices.Concat(line.ToHubSpot, line.FromHubSpot) {
		if err := transform.Check(s); err != nil {
			return Trouble{Short: "Step", Text: "a step is not complete", Detail: sentence(err.Error())}, true
		}
	}
	return Trouble{}, false
}

func noWayBack(line definition.Field) (Trouble, bool) {
	if !line.Flows(definition.FromHubSpot) {
		return Trouble{}, false
	}
	send := []Fix{{Kind: FixLine, Label: sendLabel, Line: directed(line, definition.ToHubSpot)}}
	if _, ok := line.WayBack(); !ok {
		return Trouble{Short: "No way back", Text: "its steps have no way back", Detail: "Values flow both ways, but what the steps make cannot be turned into the source's form again.", Fixes: send}, true
	}
	for _, pair := range line.Values.Pairs() {
		if first, _ := line.Values.From(pair.Property); first != pair.Field {
			return Trouble{Short: "No way back", Text: "two values mean the same option", Detail: fmt.Sprintf("“%s” and “%s” both become “%s”, so the way back is not clear.", first, pair.Field, pair.Property), Fixes: send}, true
		}
	}
	return Trouble{}, false
}

// refused finds values that HubSpot would not take. A value that is no option
// is a trouble in any number, because a value map settles all of them; of
// others a few are exceptions, which each row tells, and most are a mistake in
// the line.
func (f Facts) refused(line definition.Field, p record.Property) (Trouble, bool) {
	if line.Constant != nil || !line.Flows(definition.ToHubSpot) {
		return Trouble{}, false
	}
	var failed []ValueCount
	kinds := map[failure]int{}
	rows, bad := 0, 0
	var first error
	for _, c := range f.values(line) {
		rows += c.rows
		_, why, err := f.convert(line, p, c)
		if why == fine {
			continue
		}
		if first == nil {
			first = err
		}
		bad += c.rows
		kinds[why]++
		failed = append(failed, ValueCount{c.value.String(), c.rows})
	}
	options := kinds[noOption] + kinds[noPair]
	if options == 0 && 2*bad <= rows {
		return Trouble{}, false
	}
	sortCounts(failed)
	n := len(failed)
	t := Trouble{Short: amount(n, "value", "values"), Detail: listed(failed, 3) + " would be refused."}
	switch {
	case options > 0:
		t.Text = amount(n, "value is not an option in HubSpot", "values are not options in HubSpot")
		if kinds[noPair] == n {
			t.Text = amount(n, "value is not in the value map", "values are not in the value map")
			t.Detail = listed(failed, 3) + " would stop their rows."
		}
	case kinds[noType] > 0:
		t.Short, t.Text = "Type", fmt.Sprintf("most values are not %s", typeWords(p.Type))
	default:
		t.Short, t.Text = "Steps", "most rows do not convert"
		t.Detail = sentence(first.Error())
	}
	t.Fixes = f.valueFixes(line, p, bad, n, options > 0 && f.Mappable(line) != nil)
	return t, true
}

func typeWords(t record.Type) string {
	switch t {
	case record.TypeNumber:
		return "numbers"
	case record.TypeDate:
		return "dates"
	case record.TypeDateTime:
		return "dates with a time"
	}
	return "true or false"
}

// repeats finds a column that repeats values for a property that HubSpot keeps
// unique.
func (f Facts) repeats(line definition.Field, p record.Property) (Trouble, bool) {
	if !p.Unique || !line.Flows(definition.ToHubSpot) || f.Census == nil {
		return Trouble{}, false
	}
	if line.Constant != nil {
		return Trouble{Short: "Unique", Text: "every row would get the same value", Detail: "HubSpot keeps this property unique.", Fixes: []Fix{remove}}, true
	}
	values, _ := f.Census.Values(line.Field)
	var again []ValueCount
	for _, v := range values {
		if v.Rows > 1 {
			again = append(again, v)
		}
	}
	if len(again) == 0 {
		return Trouble{}, false
	}
	return Trouble{Short: "Repeats", Text: amount(len(again), "value stands in several rows", "values stand in several rows"),
		Detail: listed(again, 3) + ": HubSpot keeps this property unique."}, true
}

// documentProblems are definition.Check's findings by line of the field map.
func (f Facts) documentProblems(def *definition.Definition) map[int]Trouble {
	columns := make([]string, 0, len(f.Columns))
	for _, c := range f.Columns {
		columns = append(columns, c.Name)
	}
	out := make(map[int]Trouble)
	for _, p := range definition.Check(def, columns, f.Properties) {
		var i int
		if _, err := fmt.Sscanf(p.Key, "fields[%d]", &i); err != nil {
			continue
		}
		if _, ok := out[i]; ok {
			continue
		}
		text, detail, _ := strings.Cut(p.Msg, ". ")
		out[i] = Trouble{Short: "Check", Text: strings.TrimSuffix(text, "."), Detail: detail}
	}
	return out
}

// listed names the first few values with their rows: "UK (2,960 rows), Holland
// (377) and 4 more".
func listed(values []ValueCount, most int) string {
	var parts []string
	for i, v := range values[:min(len(values), most)] {
		text := v.Value
		if r := []rune(text); len(r) > 30 {
			text = string(r[:29]) + "…"
		}
		rows := grouped(v.Rows)
		if i == 0 {
			rows = amount(v.Rows, "row", "rows")
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", text, rows))
	}
	text := strings.Join(parts, ", ")
	if more := len(values) - most; more > 0 {
		text += " and " + grouped(more) + " more"
	}
	return text
}

// amount is a number with its word.
func amount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a count with separators of thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + strings.TrimSuffix(string(r[1:]), ".") + "."
}

// byRows puts the fix that leaves the fewest rows first.
func byRows(a, b tried) int { return cmp.Compare(a.bad, b.bad) }
