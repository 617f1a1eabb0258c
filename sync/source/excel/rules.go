package excel

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// rule says what may be entered into some cells of a sheet: Excel calls it data
// validation. Excel asks it of people alone, so that a program has to ask it itself.
type rule struct {
	areas    []area
	kind     string // list, whole, decimal, date, time, textLength, custom
	operator string // of numbers; "" is between
	first    string // a formula: of a list its entries or where they stand
	second   string
	stops    bool // Excel refuses what it does not allow
	// Of a list, once looked up.
	entries []string
	literal bool // they stand in the rule itself, where case counts
	known   bool
}

// readRule reads a rule, which Excel writes in either of two forms: names of other
// sheets stand in one that is newer.
func (r *sheetReader) readRule(t xml.StartElement) error {
	v := rule{kind: attr(t, "type"), operator: attr(t, "operator")}
	v.stops = isTrue(attr(t, "showErrorMessage")) && (attr(t, "errorStyle") == "" || attr(t, "errorStyle") == "stop")
	where := attr(t, "sqref")
	r.text = r.text[:0]
	for {
		token, err := r.tokens.next()
		if err != nil {
			return unexpectedEnd(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "f" { // within a formula of the newer form
				r.text = r.text[:0]
			}
		case xml.CharData:
			r.add(t)
		case xml.EndElement:
			text := strings.TrimSpace(string(r.text))
			switch t.Name.Local {
			case "formula1":
				v.first = text
			case "formula2":
				v.second = text
			case "sqref":
				where = text
			case "dataValidation":
				for ref := range strings.FieldsSeq(where) {
					if a, ok := parseArea(ref); ok && len(v.areas) < r.limits.Areas {
						v.areas = append(v.areas, a)
					}
				}
				if len(r.rules) < r.limits.Areas {
					r.rules = append(r.rules, &v)
				}
				return nil
			}
		}
	}
}

// lookUp finds the entries of the lists that concern some columns.
func (w *workbook) lookUp(ctx context.Context, rules []*rule, l *layout, columns map[string]bool) error {
	var seen map[string]*rule
	for _, v := range rules {
		if v.kind != "list" || !slices.ContainsFunc(v.areas, func(a area) bool { return l.concerns(a, columns) }) {
			continue
		}
		if same := seen[v.first]; same != nil {
			v.entries, v.literal, v.known = same.entries, same.literal, same.known
			continue
		}
		if err := w.entriesOf(ctx, v, l.sheet); err != nil {
			return err
		}
		if seen == nil {
			seen = make(map[string]*rule)
		}
		seen[v.first] = v
	}
	return nil
}

// concerns reports whether an area has cells of some columns.
func (l *layout) concerns(a area, columns map[string]bool) bool {
	for col := max(a.left, l.left); col <= min(a.right, l.right()); col++ {
		if columns[l.header.Names[col-l.left]] {
			return true
		}
	}
	return false
}

// entriesOf reads what a list allows. Entries that a formula gives stay unknown.
func (w *workbook) entriesOf(ctx context.Context, v *rule, own sheet) error {
	if text, ok := strings.CutPrefix(v.first, `"`); ok {
		text = strings.ReplaceAll(strings.TrimSuffix(text, `"`), `""`, `"`)
		for entry := range strings.SplitSeq(text, ",") {
			v.entries = append(v.entries, strings.TrimSpace(entry))
		}
		v.literal, v.known = true, true
		return nil
	}
	place := v.first
	for _, n := range w.names {
		if strings.EqualFold(n.name, place) {
			place = n.refers
			break
		}
	}
	in, a, ok := w.place(place, own)
	if !ok {
		return nil
	}
	r, err := w.openSheet(ctx, in.part, false)
	if err != nil {
		return err
	}
	defer r.close()
	for {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			v.known = true
			return nil
		}
		if err != nil {
			return err
		}
		for _, c := range row.cells {
			if !a.contains(row.num, c.col) {
				continue
			}
			if text, err := w.text(c); err == nil && !text.Empty() {
				v.entries = append(v.entries, text.String())
			}
		}
	}
}

// place reads where a formula's cells stand: 'My lists'!$A$1:$A$9, or $A$1:$A$9.
func (w *workbook) place(formula string, own sheet) (sheet, area, bool) {
	in, cells, named := own, formula, false
	if i := strings.LastIndexByte(formula, '!'); i >= 0 {
		name := formula[:i]
		if quoted, ok := strings.CutPrefix(name, "'"); ok {
			name = strings.ReplaceAll(strings.TrimSuffix(quoted, "'"), "''", "'")
		}
		cells = formula[i+1:]
		for _, s := range w.sheets {
			if strings.EqualFold(s.Name, name) {
				in, named = s, true
			}
		}
		if !named {
			return in, area{}, false
		}
	}
	cells = strings.ReplaceAll(cells, "$", "")
	if from, to, ok := strings.Cut(cells, ":"); ok && from != "" && to != "" && strings.Trim(from+to, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		cells = from + "1:" + to + strconv.Itoa(maxRows) // whole columns
	}
	a, ok := parseArea(cells)
	return in, a, ok
}

// allowed refuses a cell that a rule of the sheet does not allow; back is what it will
// be read as.
func (e *editor) allowed(row, col int, n newCell, back record.Value) error {
	if back.Empty() {
		return nil // Excel lets any cell be emptied
	}
	for _, v := range e.rules {
		if !slices.ContainsFunc(v.areas, func(a area) bool { return a.contains(row, col) }) {
			continue
		}
		if v.kind == "list" {
			if v.known && !slices.ContainsFunc(v.entries, func(entry string) bool { return v.same(entry, back.String()) }) {
				return fmt.Errorf("“%s” is not in the list of what the cell may hold (%s). Add it to the list in Excel (Data, Data Validation), or let a value map write one of these", clip(back.String()), tabular.Some(v.entries))
			}
			continue
		}
		if what, ok := v.holds(n, back.String()); !ok && v.stops {
			return fmt.Errorf("“%s” is not what the cell may hold (%s). Change the rule in Excel (Data, Data Validation), or let a transform write what it allows", clip(back.String()), what)
		}
	}
	return nil
}

// wantsNumber reports whether a rule takes nothing but numbers in a cell.
func (e *editor) wantsNumber(row, col int) bool {
	return slices.ContainsFunc(e.rules, func(v *rule) bool {
		return (v.kind == "whole" || v.kind == "decimal") && slices.ContainsFunc(v.areas, func(a area) bool { return a.contains(row, col) })
	})
}

// same compares as Excel does: with the letters' case where the list stands in the rule.
func (v *rule) same(entry, text string) bool {
	if entry == text || !v.literal && strings.EqualFold(entry, text) {
		return true
	}
	if (text == "true" || text == "false") && strings.EqualFold(entry, text) {
		return true
	}
	x, err := strconv.ParseFloat(entry, 64)
	y, err2 := strconv.ParseFloat(text, 64)
	return err == nil && err2 == nil && x == y && plainNumber(text)
}

// holds reports whether a rule of numbers allows a cell, and says what it asks. Limits
// that a formula gives allow everything.
func (v *rule) holds(n newCell, text string) (what string, ok bool) {
	first, err := strconv.ParseFloat(v.first, 64)
	second, err2 := strconv.ParseFloat(v.second, 64)
	two := v.operator == "" || v.operator == "between" || v.operator == "notBetween"
	if err != nil || two && err2 != nil {
		return "", true
	}
	var value float64
	switch v.kind {
	case "textLength":
		value, what = float64(len(utf16.Encode([]rune(text)))), "a text of a length "
	case "whole", "decimal", "date", "time":
		what = map[string]string{"whole": "a whole number ", "decimal": "a number ", "date": "a date, as a number of days ", "time": "a time, as a part of a day "}[v.kind]
		var err error
		if value, err = strconv.ParseFloat(n.value, 64); err != nil || n.kind != "" {
			return what + v.asks(), false
		}
		if v.kind == "whole" && value != float64(int64(value)) {
			return what + v.asks(), false
		}
	default:
		return "", true
	}
	ok = map[string]bool{
		"": first <= value && value <= second, "between": first <= value && value <= second, "notBetween": value < first || value > second,
		"equal": value == first, "notEqual": value != first, "greaterThan": value > first, "lessThan": value < first,
		"greaterThanOrEqual": value >= first, "lessThanOrEqual": value <= first,
	}[v.operator]
	return what + v.asks(), ok
}

func (v *rule) asks() string {
	switch v.operator {
	case "", "between":
		return "from " + v.first + " to " + v.second
	case "notBetween":
		return "outside of " + v.first + " to " + v.second
	}
	return map[string]string{"equal": "of ", "notEqual": "other than ", "greaterThan": "above ", "lessThan": "below ",
		"greaterThanOrEqual": "from ", "lessThanOrEqual": "up to "}[v.operator] + v.first
}
