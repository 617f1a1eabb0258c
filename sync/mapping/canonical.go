package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// canonical takes a value in the property's form to the one form of it in
// which it is compared, promised and sent. What that tolerates, HubSpot takes
// in the form that it gives; its error is what HubSpot would refuse, or, as a
// misreading, would take for something else than it says. It is idempotent.
//
// What it does to a value is written down with each kind below: an address is
// trimmed and small, options are found by their value or label, a day is the
// day that is written, a time is the moment in UTC, a domain is the host.
// Characters that nobody sees are left out of all of them (record.Visible),
// and a value of nothing but space is none.
func (f *Field) canonical(v record.Value, env transform.Env) (record.Value, error) {
	if v.Empty() {
		return v, nil
	}
	text := record.Visible(v.String(), f.Schema.FieldType == "textarea" || f.Schema.FieldType == "html")
	if text != v.String() {
		remark(env, transform.RemarkInvisible)
	}
	bare := record.Trimmed(text)
	if bare == "" {
		return record.Text(""), nil
	}
	if n := utf8.RuneCountInString(text); n > maxText {
		return v, fmt.Errorf("the text has %d characters and HubSpot takes %d: shorten it or add the transform truncate", n, maxText)
	}
	if err := f.placeholder(bare); err != nil {
		return v, err
	}
	form, err := f.form(text, bare, env)
	if err != nil {
		return v, err
	}
	return record.Text(form), nil
}

// form is canonical for a text that holds something; bare is it without the
// space around it.
func (f *Field) form(text, bare string, env transform.Env) (string, error) {
	switch f.kindIn(env) {
	case kindEmail:
		address := strings.ToLower(bare)
		if mixesScripts(address) {
			remark(env, transform.RemarkScripts)
		}
		return address, validEmail(address)
	case kindDomain:
		domain, err := domainOf(bare)
		if transform.SharedDomain(domain) {
			remark(env, transform.RemarkShared)
		}
		return domain, err
	case kindOwner:
		return f.ownerID(bare, env)
	case kindPipeline:
		return f.pipelineID(bare, env)
	case kindStage:
		return f.stageID(bare, env)
	case kindByType:
	}
	switch f.Schema.Type {
	case record.TypeEnumeration:
		switch {
		case f.Schema.Multi():
			return f.several(bare, env)
		case f.hasOption(text): // also one that has space around it
			if twoOptions(f.Schema.Options, text) && !f.meant(text) {
				remark(env, transform.RemarkOption)
			}
			return text, nil
		}
		return f.option(bare, env)
	case record.TypeNumber:
		return f.number(bare, env)
	case record.TypeBool:
		return f.boolean(bare)
	case record.TypeDate:
		return f.day(bare, env)
	case record.TypeDateTime:
		return f.instant(bare, env)
	case record.TypePhone, record.TypeString:
		return f.identifier(text, bare, env)
	case record.TypeJSON, record.TypeCoordinates:
	}
	return text, nil
}

// identifier is the form of a text that may be a phone number or a code, which
// a spreadsheet or a program may have taken for a number.
func (f *Field) identifier(text, bare string, env transform.Env) (string, error) {
	phone := f.Schema.Type == record.TypePhone || f.Schema.FieldType == "phonenumber"
	strict := f.key || phone
	meant := f.meant(bare)
	switch scientific := record.Scientific(bare); {
	case meant:
	case scientific == record.SurelyScientific, phone && scientific == record.MaybeScientific:
		return "", misread("%s is a number as a spreadsheet shows one that is too long for its column, and its last digits are lost: format the column as text or number, enter it again and export it anew", shortened(bare))
	case scientific == record.MaybeScientific:
		remark(env, transform.RemarkCode)
	}
	if whole, ok := record.WholeNumber(bare); ok && !meant {
		if strict || f.Property == "zip" || bare[0] == '0' {
			remark(env, transform.RemarkWhole)
			return whole, nil
		}
		remark(env, transform.RemarkPlacesKept)
	}
	if phone && !meant && oddPhone(bare) {
		remark(env, transform.RemarkPhoneForm)
	}
	if strict {
		return bare, nil
	}
	if lines := f.Schema.FieldType == "textarea" || f.Schema.FieldType == "html"; !lines && !meant && record.TrimEdges(text) != text {
		remark(env, transform.RemarkSpaces)
	}
	return text, nil
}

func remark(env transform.Env, r transform.Remark) {
	if env.Remark != nil {
		env.Remark(r)
	}
}

// misreading is the reason why a value is stopped that HubSpot would take, but
// for something else than it says.
type misreading struct{ error }

func misread(format string, args ...any) error { return misreading{fmt.Errorf(format, args...)} }

// placeholder stops the words that databases and spreadsheets write where a
// value is missing, unless the definition or the property knows them as values.
// Words that only may stand for one are told by the source that holds them.
func (f *Field) placeholder(bare string) error {
	if record.Placeholder(bare) != record.SurelyMissing || f.words || f.meant(bare) || f.hasOption(bare) {
		return nil
	}
	return misread("%s stands for a missing value: name it under source as blanks: [%s], so that such cells count as empty, or say blanks: [] to have it written as it is", shortened(bare), strconv.Quote(bare))
}

// meant reports whether the definition itself gives a text: a constant, or a
// value of the value map.
func (f *Field) meant(text string) bool {
	if f.Constant != nil {
		return true
	}
	if f.Values != nil {
		for _, p := range f.Values.Pairs() {
			if strings.TrimSpace(p.Property) == text {
				return true
			}
		}
	}
	return false
}

// boolean takes true and false in any case, and the labels of the two.
func (f *Field) boolean(bare string) (string, error) {
	if t := strings.ToLower(bare); t == "true" || t == "false" {
		return t, nil
	}
	v, n := findOption(f.Schema.Options, bare)
	if n == 0 {
		v, n = inAnotherCase(f.Schema.Options, bare)
	}
	if n == 1 {
		return v, nil
	}
	return "", fmt.Errorf("%s is not true or false, as %s wants: add the transform boolean or a value map", shortened(bare), f.Schema.Label)
}

// number takes decimal and scientific forms with a point; HubSpot reads no
// grouping and no currency signs, and keeps numbers of 64 bits.
func (f *Field) number(bare string, env transform.Env) (string, error) {
	n, err := strconv.ParseFloat(bare, 64)
	switch {
	case err != nil || strings.ContainsAny(bare, "xXpP_nNiI"):
		if strings.HasSuffix(bare, "%") {
			return "", fmt.Errorf("%s is no number that HubSpot reads for %s: add the transform number, which makes 0.15 of 15%%", shortened(bare), f.Schema.Label)
		}
		return "", fmt.Errorf("%s is no number that HubSpot reads for %s: add the transform number with the column's decimal mark", shortened(bare), f.Schema.Label)
	case record.Scientific(bare) != record.NotScientific:
		remark(env, transform.RemarkScientific)
	}
	exact := plainNumber(bare)
	kept := plainNumber(strconv.FormatFloat(n, 'g', -1, 64))
	whole, fraction, cut := strings.Cut(strings.TrimPrefix(exact, "-"), ".")
	if n == 0 {
		return "0", nil
	}
	if exact == "" || len(exact) > 60 {
		return strconv.FormatFloat(n, 'g', -1, 64), nil // far from what people count
	}
	const digits = 15 // that a number of 64 bits surely keeps
	if !cut || len(whole) > digits {
		if exact != kept {
			return "", misread("%s has more digits than HubSpot keeps of a number, which would make it %s: use a property of the type text for it", shortened(bare), kept)
		}
		return exact, nil
	}
	if significant := len(strings.TrimLeft(whole+fraction, "0")); significant > digits {
		remark(env, transform.RemarkDigits)
		exact = plainNumber(strconv.FormatFloat(n, 'g', digits, 64))
		_, fraction, _ = strings.Cut(exact, ".")
	}
	if f.Schema.Currency && len(fraction) > 2 {
		remark(env, transform.RemarkPlaces)
	}
	return exact, nil
}

// plainNumber is a number without an exponent, "" where it has no such form.
func plainNumber(s string) string {
	rule := record.Rule{Compare: record.CompareNumber}
	if v := record.Text(s); rule.Readable(v) {
		return rule.Canonical(v).String()
	}
	return ""
}

// earliest is the first year that is not taken for one of two digits.
const earliest = "1000"

// day takes what says a day: ISO dates and times, of which the day as written
// counts, and moments that are midnight, or whose day the zone of the run
// tells.
func (f *Field) day(bare string, env transform.Env) (string, error) {
	if c, ok := record.ReadCivilDate(bare); ok {
		if c.Day < earliest {
			return "", misread("%s is in the year %s: if a year of two digits is meant, add the transform date with YY in its format", shortened(bare), c.Day[:4])
		}
		if !c.Midnight {
			remark(env, transform.RemarkClock)
		}
		f.doubtDay(c.Day, env)
		return c.Day, nil
	}
	if t, ok := loose(bare); ok {
		remark(env, transform.RemarkClock)
		return record.ISODate(t), nil
	}
	t, seconds, err := f.epoch(bare)
	if err != nil {
		return "", err
	}
	if seconds {
		remark(env, transform.RemarkSeconds)
	}
	switch midnight := t.Equal(t.Truncate(24 * time.Hour)); {
	case env.Zone != nil:
		return record.ISODate(t.In(env.Zone)), nil
	case !midnight:
		return "", misread("%s is the moment %s, and which day that is in %s depends on the zone: say zone: (such as Europe/Berlin) under source", shortened(bare), t.Format(time.RFC3339), f.Schema.Label)
	}
	return record.ISODate(t), nil
}

// instant takes moments, times that a zone makes one, and days, which are
// their first moment.
func (f *Field) instant(bare string, env transform.Env) (string, error) {
	if c, ok := record.ReadCivilDate(bare); ok {
		switch {
		case c.Day < earliest:
			return "", misread("%s is in the year %s: if a year of two digits is meant, add the transform datetime with YY in its format", shortened(bare), c.Day[:4])
		case c.Clock && !c.Zoned && env.Zone == nil:
			return "", fmt.Errorf("%s has no zone, and %s holds a moment: say zone: (such as Europe/Berlin) under source, or add the transform datetime with a zone", shortened(bare), f.Schema.Label)
		case !c.Clock && env.Zone == nil:
			remark(env, transform.RemarkMidnight)
		}
		f.doubtDay(c.Day, env)
		t, _, err := record.ReadMoment(bare, env.Zone)
		if errors.Is(err, record.ErrSkippedHour) || errors.Is(err, record.ErrRepeatedHour) {
			return "", fmt.Errorf("%s in %s is no time of day: %w", shortened(bare), env.Zone, err)
		}
		if err == nil {
			return moment(t, env), nil
		}
	}
	t, seconds, err := f.epoch(bare)
	if err != nil {
		return "", err
	}
	if seconds {
		remark(env, transform.RemarkSeconds)
	}
	return moment(t, env), nil
}

// moment is how a moment is sent, and tells what that leaves out.
func moment(t time.Time, env transform.Env) string {
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		remark(env, transform.RemarkFiner)
	}
	return record.ISODateTime(t)
}

// epoch reads moments since 1970: milliseconds, as HubSpot takes them, and
// seconds, which have ten digits. A number of fewer digits is something else
// that HubSpot would take for a moment of January 1970.
func (f *Field) epoch(bare string) (t time.Time, seconds bool, err error) {
	if t, ok := record.ReadUnixSeconds(bare); ok {
		return t, true, nil
	}
	if t, ok := loose(bare); ok {
		return t, false, nil
	}
	if rest, ok := strings.CutPrefix(bare, "+"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return t, false, misread("HubSpot would take %s for milliseconds, in %s: write it without the plus, or add the transform %s with the format of the column", shortened(bare), f.Schema.Label, f.Schema.Type)
	}
	digits := strings.TrimPrefix(bare, "-")
	whole := digits != "" && strings.Trim(digits, "0123456789") == ""
	_, stamp := time.Parse("20060102150405", bare)
	advice := fmt.Sprintf("add the transform %s with the format of the column", f.Schema.Type)
	switch {
	case whole && len(digits) == 14 && stamp == nil:
		return t, false, misread("HubSpot would take %s for milliseconds, in a far future, in %s: %s, such as YYYYMMDDHHmmss", shortened(bare), f.Schema.Label, advice)
	case whole && (len(digits) >= 11 && len(digits) <= 14 || bare != digits && len(digits) >= 8 && len(digits) < 11):
		ms, err := strconv.ParseInt(bare, 10, 64)
		if t := time.UnixMilli(ms).UTC(); err == nil && t.Year() >= 1000 && t.Year() <= 9999 {
			return t, false, nil
		}
		return t, false, misread("as milliseconds, %s is far from any date that %s can mean: %s", shortened(bare), f.Schema.Label, advice)
	case whole && len(digits) > 14:
		return t, false, misread("%s counts finer than milliseconds, and HubSpot would take it for a date in a far future, in %s: divide it, or %s", shortened(bare), f.Schema.Label, advice)
	case whole:
		return t, false, misread("HubSpot would take %s for milliseconds, which is a moment of January 1970, in %s: %s%s", shortened(bare), f.Schema.Label, advice, serialDay(digits))
	case isClock(bare):
		return t, false, fmt.Errorf("%s is a time without a date, and %s wants a date: %s", shortened(bare), f.Schema.Label, advice)
	}
	return t, false, fmt.Errorf("%s is no date that HubSpot reads for %s: %s%s", shortened(bare), f.Schema.Label, advice, serialDay(bare))
}

// loose reads the moments that HubSpot takes beside the ISO forms: an hour of one
// digit.
func loose(bare string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, bare); err == nil && t.Year() >= 1000 {
			return t, true
		}
	}
	return time.Time{}, false
}

// serialDay tells the day that a number may mean in a spreadsheet, as a remark
// to a sentence; "" where it surely means none.
func serialDay(text string) string {
	day, ok := record.SpreadsheetDay(text)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (as the day number of a spreadsheet it would be %s: format the column as a date there)", day.Format(time.DateOnly))
}

// isClock reports a time of day that stands alone.
func isClock(text string) bool {
	for _, layout := range []string{"15:04", "15:04:05", "3:04 PM", "3:04:05 PM", "3:04PM"} {
		if _, err := time.Parse(layout, strings.ToUpper(text)); err == nil {
			return true
		}
	}
	return false
}

// domainOf takes web addresses to their host, as HubSpot keeps the domains of
// companies.
func domainOf(bare string) (string, error) {
	if strings.Contains(bare, "@") && !strings.Contains(bare, "://") {
		return "", misread("%s is an e-mail address and no domain: add the transform email-domain", shortened(bare))
	}
	if strings.ContainsAny(bare, " ,;\t\n") {
		return "", misread("%s is no domain: put one domain or web address into the cell", shortened(bare))
	}
	address := bare
	if scheme, rest, ok := strings.Cut(bare, "//"); ok && (scheme == "" || strings.HasSuffix(scheme, ":")) {
		address = rest
	}
	host := strings.TrimPrefix(strings.ToLower(address), "www.")
	if rule, v := (record.Rule{Compare: record.CompareDomain}), record.Text(address); rule.Readable(v) {
		host = rule.Canonical(v).String()
	}
	if !isDomain(host) {
		return "", misread("%s is no domain: put one such as example.com into the cell, or empty it", shortened(bare))
	}
	return host, nil
}

// isDomain reports whether a host is a name in the public net: labels of letters,
// digits and hyphens (and the underscore, which some have), of which the last
// one is no number.
func isDomain(host string) bool {
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if strings.Trim(label, "-_") != label && !strings.HasPrefix(label, "_") || strings.Trim(label, "-_") == "" {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.M, unicode.N) }) {
			return false
		}
	}
	if len(labels) == 2 && labels[0] == "www" && noEnding(labels[1]) {
		return false
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}
