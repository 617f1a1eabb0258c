package datafile

import (
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// cell reads a cell: its value by its type; of a number that is shown as an
// identifier, such as 00501, what is shown.
func (r *odsReader) cell(e element) (cell, error) {
	shown, err := r.shown(e)
	if err != nil {
		return cell{}, err
	}
	kind := ""
	for _, a := range e.Attr {
		switch {
		case a.Name.Local != "value-type":
		case a.Value == "error": // by LibreOffice's own attribute
			return cell{flaw: "shows " + shown}, nil
		case kind == "" || strings.HasSuffix(a.Name.Space, "office:1.0"):
			kind = a.Value
		}
	}
	switch constant := strings.ToUpper(attr(e, "formula")); constant {
	case "OF:=TRUE()", "OF:=FALSE()": // what LibreOffice makes of the booleans of a workbook
		return cell{value: strconv.FormatBool(constant == "OF:=TRUE()"), kind: odsBool}, nil
	}
	switch kind {
	case "float", "currency", "percentage":
		return amount(attr(e, "value"), shown, kind), nil
	case "date":
		return cell{value: strings.TrimSuffix(attr(e, "date-value"), "T00:00:00"), kind: odsDay}, nil
	case "time":
		return clock(attr(e, "time-value"), shown), nil
	case "boolean":
		return cell{value: attr(e, "boolean-value"), kind: odsBool}, nil
	case "":
		if attr(e, "formula") != "" && shown == "" {
			return cell{flaw: "holds a formula that nothing has calculated; open the file in LibreOffice and save it"}, nil
		}
	}
	for _, a := range e.Attr {
		if a.Name.Local == "string-value" {
			shown = a.Value
		}
	}
	return cell{value: shown, text: shown != ""}, nil
}

// odsKind is what a cell of a sheet holds, where that is to be told.
type odsKind uint8

const (
	odsPlain odsKind = iota
	odsShown         // a number, which is read as it is shown
	odsDay
	odsBool
)

// tell counts what was made of a cell.
func (c cell) tell(tally *tabular.Tally, column string, row int) {
	switch c.kind {
	case odsShown:
		tally.Shown(column, row, c.value)
	case odsDay:
		tally.Day(column, row, c.value)
	case odsBool:
		tally.Bool(column, row, c.value)
	}
	if c.area != "" {
		tally.Merged(column, row, c.area)
	}
}

// spaces are what an editor of XML put between words; LibreOffice writes several spaces as they are.
var spaces = regexp.MustCompile(` *[\t\r\n][ \t\r\n]*`)

// shown is the text of a cell: its paragraphs, without notes.
func (r *odsReader) shown(e element) (string, error) {
	var b strings.Builder
	paragraphs, inside := 0, 0
	add := func(s string) {
		if room := r.limits.Cell + 1 - b.Len(); room > 0 { // one byte more tells that it is too long
			b.WriteString(s[:min(len(s), room)])
		}
	}
	for r.depth >= e.depth {
		t, err := r.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			if inside > 0 {
				add(spaces.ReplaceAllString(string(t), " "))
			}
		case xml.EndElement:
			if r.depth < inside {
				inside = 0
			}
		case xml.StartElement:
			start := element{t, r.depth}
			switch t.Name.Local {
			case "p", "h":
				if inside == 0 {
					if paragraphs++; paragraphs > 1 {
						add("\n")
					}
					inside = r.depth
				}
			case "s":
				n, err := strconv.Atoi(attr(start, "c"))
				if err != nil {
					n = 1
				}
				add(strings.Repeat(" ", max(0, min(n, r.limits.Cell+1))))
			case "tab":
				add("\t")
			case "line-break":
				add("\n")
			case "span", "a":
			default: // notes, pictures, sheets within cells
				if err := r.leave(start.depth); err != nil {
					return "", err
				}
			}
		}
	}
	return b.String(), nil
}

// identifiers are numbers that are shown with zeros in front, letters before them or
// marks between their digits, which no amount is.
var identifiers = regexp.MustCompile(`^(0\d+|[^\d\-]*\pL[^\d]*\d+|[+(]?\d+([ )(/\-]+\d+)*)$`)

// amount is what a cell with a number holds. Amounts are the number that is stored;
// what is shown in its place counts where it is an identifier with the same digits.
func amount(stored, shown, kind string) cell {
	f, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return cell{flaw: fmt.Sprintf("holds %q, which is no number", stored)}
	}
	rule, v := record.Rule{Compare: record.CompareNumber}, record.Text(stored)
	if !rule.Readable(v) {
		return cell{flaw: fmt.Sprintf("holds %q, which is no number", stored)}
	}
	exact := rule.Canonical(v).String()
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, shown)
	whole := !strings.Contains(exact, ".")
	if kind == "float" && whole && f >= 0 && shown != exact && identifiers.MatchString(shown) && !record.Thousands(shown) && (strings.TrimLeft(digits, "0") == exact || exact == "0" && strings.Trim(digits, "0") == "") {
		return cell{value: shown, text: true, kind: odsShown}
	}
	if whole && math.Abs(f) >= 1e15 && len(strings.TrimRight(strings.TrimPrefix(exact, "-"), "0")) > 11 {
		return cell{flaw: fmt.Sprintf("holds a number of more than 15 digits (%s), and spreadsheets make zeros of those beyond 15, so that it may not be what was entered; format the cell as text and enter the number again", exact)}
	}
	if !whole { // what lies behind 15 digits is the noise of binary arithmetic
		if rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64); err == nil {
			exact = strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
	return cell{value: exact}
}

var duration = regexp.MustCompile(`^PT(\d+)H(\d+)M(\d+)(?:[.,](\d+))?S$`)

// clock is a time of day.
func clock(stored, shown string) cell {
	m := duration.FindStringSubmatch(stored)
	if m == nil {
		return cell{value: shown, text: shown != ""}
	}
	text := fmt.Sprintf("%02s:%02s:%02s", m[1], m[2], m[3])
	if fraction := strings.TrimRight(m[4], "0"); fraction != "" {
		text += "." + fraction
	}
	return cell{value: text}
}
