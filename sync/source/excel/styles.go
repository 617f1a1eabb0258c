package excel

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/nfp"
)

// form is what a cell's number format makes of a number.
type form uint8

const (
	formNumber   form = iota
	formDate          // a day
	formDateTime      // a day and a time
	formTime          // a time of day
	formElapsed       // a duration, which may exceed a day
	formText          // the format "@": what is typed is text
)

func (f form) temporal() bool { return f >= formDate && f <= formElapsed }

// styles maps a cell's style number to its format.
type styles []format

type format struct {
	form form
	mask *mask // what it makes of numbers, nil for General
	part bool  // it shows no day of a date
}

func (s styles) form(style int) form { return s.format(style).form }

func (s styles) mask(style int) *mask { return s.format(style).mask }

func (s styles) format(style int) format {
	if style < 0 || style >= len(s) {
		return format{}
	}
	return s[style]
}

func readStyles(w *workbook, part string) (styles, error) {
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decode(part, &sheet); err != nil {
		return nil, err
	}
	codes := make(map[int]format, len(sheet.Formats))
	for _, f := range sheet.Formats {
		of := format{form: formOf(f.Code), part: !strings.ContainsAny(unquoted(f.Code), "dD")}
		if of.form == formNumber {
			of.mask = maskOf(f.Code)
		}
		codes[f.ID] = of
	}
	out := make(styles, len(sheet.Cells))
	for i, xf := range sheet.Cells {
		if f, ok := codes[xf.Format]; ok {
			out[i] = f
		} else {
			out[i] = format{form: builtIn(xf.Format), part: xf.Format == 17, mask: builtInMasks[xf.Format]} // 17 is mmm-yy
		}
	}
	return out, nil
}

// builtIn is the form of a number format that is not in the file (ECMA-376
// part 1, 18.8.30; 27 to 36 and 50 to 58 are dates in East Asian versions).
func builtIn(id int) form {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return formDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return formTime
	case id == 22:
		return formDateTime
	case id == 46:
		return formElapsed
	case id == 49:
		return formText
	}
	return formNumber
}

// builtInMasks are those of the number formats that are not in the file and show
// more or less than the number (ECMA-376 part 1, 18.8.30).
var builtInMasks = map[int]*mask{
	1: maskOf("0"), 2: maskOf("0.00"), 3: maskOf("#,##0"), 4: maskOf("#,##0.00"), 9: maskOf("0%"), 10: maskOf("0.00%"), 11: maskOf("0.00E+00"), 12: maskOf("# ?/?"), 13: maskOf("# ??/??"),
	37: maskOf("#,##0 ;(#,##0)"), 38: maskOf("#,##0 ;[Red](#,##0)"), 39: maskOf("#,##0.00;(#,##0.00)"), 40: maskOf("#,##0.00;[Red](#,##0.00)"), 48: maskOf("##0.0E+0"),
}

// formOf reads a format code. Its first section, which is the one for positive
// numbers, decides.
func formOf(code string) form {
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return formNumber
	}
	if first := parseFormat(code)[0]; !first.dated && !first.texts {
		return formNumber // whatever stands within quotes
	}
	var parts []string // the date and time codes, such as "dd", "mm", "yyyy"
	for _, token := range sections[0].Items {
		switch token.TType {
		case nfp.TokenTypeElapsedDateTimes:
			return formElapsed
		case nfp.TokenTypeTextPlaceHolder:
			if len(sections[0].Items) == 1 {
				return formText
			}
		case nfp.TokenTypeDateTimes:
			parts = append(parts, strings.ToLower(token.TValue))
		}
	}
	day, clock := false, false
	for i, part := range parts {
		switch {
		case strings.ContainsAny(part, "hs/"): // "/" as in AM/PM
			clock = true
		case strings.HasPrefix(part, "m") && (isClock(parts, i-1, "h") || isClock(parts, i+1, "s")):
			clock = true // minutes
		default:
			day = true
		}
	}
	switch {
	case day && clock:
		return formDateTime
	case day:
		return formDate
	case clock:
		return formTime
	}
	return formNumber
}

// unquoted is a format code without its literals, colours and languages.
func unquoted(code string) string { return literals.ReplaceAllString(code, "") }

var literals = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)

func isClock(parts []string, i int, code string) bool {
	return i >= 0 && i < len(parts) && strings.HasPrefix(parts[i], code)
}

// addStyles adds cell formats with some of the built-in number formats behind
// those that there are.
func addStyles(data []byte, numbers []int) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	end, prefix := int64(-1), ""
	for {
		start := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t, ok := token.(xml.EndElement); ok && t.Name.Local == "cellXfs" {
			if end = start; t.Name.Space != "" {
				prefix = t.Name.Space + ":"
			}
		}
	}
	if end < 0 {
		return nil, errors.New("it lists no formats of cells")
	}
	var added bytes.Buffer
	for _, n := range numbers {
		fmt.Fprintf(&added, `<%sxf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`, prefix, n)
	}
	data = slices.Concat(data[:end], added.Bytes(), data[end:])
	return editTags(data, func(_ int, name string, tag []byte) []byte {
		if name != "cellXfs" {
			return nil
		}
		count, err := strconv.Atoi(attribute(tag, "count"))
		if err != nil {
			return nil
		}
		return setAttribute(tag, "count", strconv.Itoa(count+len(numbers)))
	})
}
