package record

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Validation is a rule that an administrator of the portal made for the values of
// a property (facts §6.5).
type Validation struct {
	Type string // MAX_LENGTH, REGEX, …
	Args []string
}

// Refuses says why HubSpot would refuse a value, in the property's form, "" where
// nothing is known against it. An empty value keeps every rule, and a rule that is
// not known, or depends on the moment, is HubSpot's to judge.
func (v Validation) Refuses(text string) string {
	if text == "" {
		return ""
	}
	arg := ""
	if len(v.Args) > 0 {
		arg = v.Args[0]
	}
	switch v.Type {
	case "MAX_LENGTH":
		if n, err := strconv.Atoi(arg); err == nil && utf8.RuneCountInString(text) > n {
			return fmt.Sprintf("it is longer than the %d characters that this portal allows", n)
		}
	case "MIN_LENGTH":
		if n, err := strconv.Atoi(arg); err == nil && utf8.RuneCountInString(text) < n {
			return fmt.Sprintf("it is shorter than the %d characters that this portal asks for", n)
		}
	case "MAX_NUMBER":
		if x, most, ok := numbers(text, arg); ok && x > most {
			return fmt.Sprintf("it is more than %s, the most that this portal allows", arg)
		}
	case "MIN_NUMBER":
		if x, least, ok := numbers(text, arg); ok && x < least {
			return fmt.Sprintf("it is less than %s, the least that this portal allows", arg)
		}
	case "DECIMAL":
		if n, err := strconv.Atoi(arg); err == nil {
			if _, decimals, ok := strings.Cut(text, "."); ok && len(decimals) > n {
				return fmt.Sprintf("it has more than the %d decimals that this portal allows", n)
			}
		}
	case "ALPHANUMERIC":
		return alphanumeric(text, arg)
	case "REGEX":
		if re, err := regexp.Compile("^(?:" + arg + ")$"); err == nil && !re.MatchString(text) {
			return fmt.Sprintf("it does not fit the pattern %s that this portal asks for", arg)
		}
	case "START_DATE", "END_DATE", "START_DATETIME", "END_DATETIME":
		return v.beyond(text, arg)
	case "EMAIL_ALLOWED_DOMAINS", "EMAIL_BLOCKED_DOMAINS":
		return v.domain(text)
	}
	return ""
}

func numbers(text, arg string) (x, limit float64, ok bool) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, 0, false
	}
	limit, err = strconv.ParseFloat(arg, 64)
	return x, limit, err == nil
}

func alphanumeric(text, arg string) string {
	switch arg {
	case "NUMERIC_ONLY":
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }) {
			return "this portal allows digits only"
		}
	case "ALPHANUMERIC":
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && !unicode.IsLetter(r) }) {
			return "this portal allows letters and digits only"
		}
	}
	return ""
}

// beyond compares with the first or the last day or moment that is allowed.
func (v Validation) beyond(text, arg string) string {
	value, ok := when(text)
	limit, known := when(arg)
	if !ok || !known {
		return ""
	}
	shown := limit.Format(time.DateOnly)
	if strings.HasPrefix(v.Type, "START") && value.Before(limit) {
		return fmt.Sprintf("it is before %s, the first that this portal allows", shown)
	}
	if strings.HasPrefix(v.Type, "END") && value.After(limit) {
		return fmt.Sprintf("it is after %s, the last that this portal allows", shown)
	}
	return ""
}

// when reads a day or a moment as HubSpot writes them: as text, or in
// milliseconds.
func when(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), true
	}
	return time.Time{}, false
}

func (v Validation) domain(text string) string {
	_, domain, ok := strings.Cut(strings.ToLower(text), "@")
	if !ok {
		return ""
	}
	listed := slices.ContainsFunc(v.Args, func(d string) bool { return strings.EqualFold(d, domain) })
	switch {
	case v.Type == "EMAIL_ALLOWED_DOMAINS" && !listed:
		return fmt.Sprintf("this portal allows addresses at %s only", strings.Join(v.Args, ", "))
	case v.Type == "EMAIL_BLOCKED_DOMAINS" && listed:
		return fmt.Sprintf("this portal allows no addresses at %s", domain)
	}
	return ""
}
