package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// maxText is HubSpot's longest property value, in characters.
const maxText = 65_536

// acceptable finds what HubSpot would surely refuse, so that the plan shows it
// before anything is sent. It is laxer than HubSpot, never stricter: whatever is
// in doubt is left for HubSpot to say.
func (f *Field) acceptable(v record.Value) error {
	if v.Empty() {
		return nil
	}
	text := v.String()
	if n := utf8.RuneCountInString(text); n > maxText {
		return fmt.Errorf("the text has %d characters and HubSpot takes %d: shorten it or add the transform truncate", n, maxText)
	}
	switch f.Schema.Type {
	case record.TypeEnumeration:
		if !f.Schema.External && len(f.Schema.Options) > 0 {
			return f.offered(text)
		}
	case record.TypeNumber:
		return f.numeric(text)
	case record.TypeBool:
		if t := strings.ToLower(strings.TrimSpace(text)); t != "true" && t != "false" {
			return fmt.Errorf("%s is not true or false, as %s wants: add the transform boolean or a value map", shortened(text), f.Schema.Label)
		}
	case record.TypeDate, record.TypeDateTime:
		if bareNumber(strings.TrimSpace(text)) {
			return fmt.Errorf("HubSpot would take %s for milliseconds, which is a moment of January 1970, in %s: add the transform %s with the format of the column", shortened(text), f.Schema.Label, f.Schema.Type)
		}
		if !isMoment(strings.TrimSpace(text)) {
			return fmt.Errorf("%s is no date that HubSpot reads for %s: add the transform %s with the format of the column", shortened(text), f.Schema.Label, f.Schema.Type)
		}
	case record.TypeString:
		if f.email {
			return validEmail(text)
		}
	}
	return nil
}

func (f *Field) offered(text string) error {
	parts := []string{text}
	if f.Schema.Multi() {
		parts = strings.Split(text, ";")
	}
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" && !f.hasOption(part) {
			return fmt.Errorf("%s is not one of the options of %s: add it to the value map", shortened(part), f.Schema.Label)
		}
	}
	return nil
}

func (f *Field) hasOption(value string) bool {
	for _, o := range f.Schema.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// numeric takes decimal and scientific forms with a point; HubSpot reads no
// grouping and no currency signs.
func (f *Field) numeric(text string) error {
	if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil && !isRange(err) {
		return fmt.Errorf("%s is no number that HubSpot reads for %s: add the transform number with the column's decimal mark", shortened(text), f.Schema.Label)
	}
	return nil
}

func isRange(err error) bool {
	return errors.Is(err, strconv.ErrRange)
}

// bareNumber tells a year, a day number of a spreadsheet, or a date without
// marks from the milliseconds that HubSpot would take it for: those of more than
// the first day of 1970 have more digits.
func bareNumber(text string) bool {
	return len(text) > 0 && len(text) <= 8 && strings.Trim(text, "0123456789") == ""
}

// isMoment reads what HubSpot takes for dates and times: a day, ISO 8601, or
// milliseconds since 1970.
func isMoment(text string) bool {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return true
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// reserved are the top-level domains that will never exist (RFC 2606, 6761);
// HubSpot refuses them. Others come and go, so HubSpot alone judges those.
var reserved = map[string]bool{"test": true, "example": true, "invalid": true, "localhost": true}

// validEmail finds what can't be an e-mail address.
func validEmail(text string) error {
	address := strings.TrimSpace(text)
	var why string
	local, host, ok := strings.Cut(address, "@")
	tld := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	switch {
	case !ok:
		why = "it has no @"
	case strings.Contains(host, "@"):
		why = "it has more than one @; put one address into the cell"
	case strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		why = "there is a space in it"
	case local == "":
		why = "nothing stands before the @"
	case !strings.Contains(host, "."):
		why = "its domain has no ending such as .com"
	case strings.HasPrefix(host, "."), strings.HasSuffix(host, "."), strings.Contains(host, ".."):
		why = "a dot in its domain is out of place"
	case strings.ContainsFunc(host, func(r rune) bool {
		return r < utf8.RuneSelf && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}):
		why = "its domain holds a character that no domain has"
	case reserved[tld]:
		why = "no address ends in ." + tld
	default:
		return nil
	}
	return fmt.Errorf("%s is no e-mail address: %s", shortened(text), why)
}

// shortened quotes a value for a sentence.
func shortened(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return strconv.Quote(string(r[:most])) + "…"
	}
	return strconv.Quote(text)
}

// Sendable is a value as it is sent. HubSpot adds a list of options that begins
// with a semicolon to what is there, where it shall replace it.
func (f *Field) Sendable(v record.Value) record.Value {
	if f.Schema.Multi() && strings.HasPrefix(v.String(), ";") {
		return record.Text(strings.TrimLeft(v.String(), ";"))
	}
	return v
}

// Refusable gives the reason why HubSpot would refuse one of an item's edits,
// "" when nothing is known against them.
func (m *FieldMap) Refusable(edits []plan.Edit) string {
	var all []string
	for _, e := range edits {
		f := m.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot || f == nil {
			continue
		}
		if err := f.acceptable(Value(e.New)); err != nil {
			all = append(all, fmt.Sprintf("%s: %v", f.Title(), err))
		}
	}
	return strings.Join(all, "; ")
}

// Title names a field for people: its column, else the property's label.
func (f *Field) Title() string {
	if f.Column() != "" {
		return f.Column()
	}
	return f.Schema.Label
}
