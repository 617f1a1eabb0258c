package excel

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"syncline/sync/record"
)

// text returns what a cell holds: nothing for an empty cell, a text as it is,
// a number as the decimal that Excel shows of it, a number whose format makes an
// identifier of it as that (see mask), a date as
// 2006-01-02, a date and time as 2006-01-02T15:04:05 without a zone, a time as
// 15:04:05, a boolean as true or false. A formula counts as its last result.
// An error is a cell that Excel itself shows as one, or that is damaged.
func (w *workbook) text(c sheetCell) (record.Value, error) {
	if len(c.value) > w.limits.Cell || len(c.inline) > w.limits.Cell {
		return record.None(), longCellError{w.limits.Cell}
	}
	switch c.kind {
	case "s":
		if c.value == "" {
			return record.None(), nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(c.value))
		s, ok := w.strings.at(i)
		if err != nil || !ok {
			return record.None(), fmt.Errorf("refers to a text that the workbook lacks")
		}
		if w.strings.long[i] {
			return record.None(), longCellError{w.limits.Cell}
		}
		return record.Text(s), nil
	case "str":
		return record.Text(unescape(c.value)), nil
	case "inlineStr":
		return record.Text(c.inline), nil
	case "b":
		if c.value == "" {
			return record.None(), nil
		}
		return record.Text(strconv.FormatBool(isTrue(strings.TrimSpace(c.value)))), nil
	case "e":
		return record.None(), fmt.Errorf("shows %s", clip(c.value))
	case "d": // an ISO 8601 date, in strict workbooks
		return record.Text(strings.TrimSuffix(strings.TrimSpace(c.value), "T00:00:00")), nil
	}
	return w.number(c)
}

func (w *workbook) number(c sheetCell) (record.Value, error) {
	stored := strings.TrimSpace(c.value)
	if stored == "" {
		return record.None(), nil
	}
	n, err := strconv.ParseFloat(stored, 64)
	if err != nil {
		return record.None(), fmt.Errorf("holds “%s”, which is no number", clip(stored))
	}
	if f := w.styles.form(c.style); f.temporal() {
		text, ok := temporalText(n, f, w.date1904)
		if !ok {
			return record.None(), fmt.Errorf("holds the number %s in the format of a date or time, and is none; correct it, or give it the format of a number", clip(stored))
		}
		return record.Text(text), nil
	}
	if m := w.styles.mask(c.style); m != nil {
		if text, of := m.show(stored); of == identifier || of == word {
			return record.Text(text), nil
		}
	}
	if isInteger(stored) {
		return record.Text(stored), nil // exact, however many digits
	}
	return record.Text(decimal(n)), nil
}

// decimal writes a number as a plain decimal with the 15 digits that Excel has:
// what lies behind is the noise of its binary arithmetic. 0.1+0.2 is stored as
// 0.30000000000000004, and is 0.3.
func decimal(n float64) string {
	if n == 0 {
		return "0" // not -0
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		rounded = n // it is the number that was formatted a moment ago
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// tooLong reports whether a number is a whole one of more digits than the 15
// that Excel keeps.
func tooLong(stored string) bool {
	n, err := strconv.ParseFloat(stored, 64)
	return err == nil && math.Abs(n) >= 1e15
}

// isRound reports whether a whole number that Excel may have cut to 15 digits
// ends in so many zeros that it is what was entered: few identifiers do.
func isRound(number string) bool {
	digits := strings.TrimPrefix(number, "-")
	return len(strings.TrimRight(digits, "0")) <= 11
}

func isInteger(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// plainNumber reports whether a text may become a number without losing a
// digit, a zero in front or a plus: what Excel would give back is the number
// that was written, at Excel's 15 digits.
func plainNumber(s string) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !digits(whole) || strings.Contains(s, ".") && !digits(fraction) {
		return false
	}
	if len(whole) > 1 && whole[0] == '0' {
		return false
	}
	return len(strings.TrimLeft(whole+strings.TrimRight(fraction, "0"), "0")) <= 15 && s != "-0"
}
