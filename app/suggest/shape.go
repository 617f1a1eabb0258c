package suggest

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"syncline/sync/record"
)

// shape is what sample values look like.
type shape uint8

// The shapes, the most particular first.
const (
	shapeNone shape = iota // no samples
	shapeEmail
	shapeURL
	shapeDateTime
	shapeDate
	shapeBoolean
	shapeNumber
	shapePhone
	shapeText
)

// looksLike is how a reason names a shape.
var looksLike = map[shape]string{
	shapeEmail: "e-mail addresses", shapeURL: "web addresses", shapeDate: "dates", shapeDateTime: "times",
	shapeBoolean: "yes or no", shapeNumber: "numbers", shapePhone: "phone numbers",
}

var (
	emailForm   = regexp.MustCompile(`^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}$`)
	phoneForm   = regexp.MustCompile(`^[+(]?[0-9][0-9 ()./+–-]{4,}[0-9]( ?(x|ext\.?|#|app\.?) ?[0-9]+)?$`)
	plainNumber = regexp.MustCompile(`^[-+]?[0-9]+([.,][0-9]+)?$`)
	groupNumber = regexp.MustCompile(`^[-+]?[0-9]{1,3}([.,' \x{00A0}\x{202F}][0-9]{3})+([.,][0-9]+)?$`)
	hostForm    = regexp.MustCompile(`^([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?$`)
)

// shapeOf is the shape that all samples share; one that differs makes it text.
// A column's guessed type settles what the form of the text leaves open.
func shapeOf(samples []string, guessed record.Type) shape {
	found := shapeNone
	for _, s := range samples {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		switch one := oneShape(s); {
		case found == shapeNone, one == found:
			found = one
		case found == shapeNumber && one == shapePhone, found == shapePhone && one == shapeNumber:
			found = shapePhone // 2262649 beside 773-226-2649
		case found == shapeDate && one == shapeDateTime, found == shapeDateTime && one == shapeDate:
			found = shapeDateTime
		default:
			return shapeText
		}
	}
	if found == shapeNone {
		return shapeNone
	}
	switch guessed {
	case record.TypePhone:
		if found == shapeNumber {
			return shapePhone
		}
	case record.TypeString:
		if found == shapeNumber && hasLeadingZero(samples) {
			return shapeText // postal codes, article numbers
		}
	}
	return found
}

func oneShape(s string) shape {
	switch {
	case emailForm.MatchString(s):
		return shapeEmail
	case isURL(s):
		return shapeURL
	case layoutOf(s, layouts) != nil:
		return shapeDate
	case layoutOf(dateTimePart(s), layouts) != nil:
		return shapeDateTime
	case isBoolean(s):
		return shapeBoolean
	case plainNumber.MatchString(s), groupNumber.MatchString(s):
		return shapeNumber
	case phoneForm.MatchString(s) && digits(s) >= 6 && digits(s) <= 17:
		return shapePhone
	}
	return shapeText
}

func isURL(s string) bool {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Host, ".") {
		return true
	}
	return hostForm.MatchString(strings.ToLower(s)) && !plainNumber.MatchString(s)
}

var booleans = set("true false yes no ja nein oui non si sí y n wahr falsch vrai faux verdadero falso")

func isBoolean(s string) bool { return booleans[strings.ToLower(s)] }

func hasLeadingZero(samples []string) bool {
	for _, s := range samples {
		if s = strings.TrimSpace(s); len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
			return true
		}
	}
	return false
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// layout is a form of dates: as the definition writes it, and as Go does.
type layout struct{ format, goLayout string }

// layouts are the forms of dates that samples are tried with. Those that can be
// mistaken for each other stand in the order in which people use them.
var layouts = []layout{
	{"YYYY-MM-DD", "2006-01-02"},
	{"DD.MM.YYYY", "02.01.2006"},
	{"DD/MM/YYYY", "02/01/2006"},
	{"MM/DD/YYYY", "01/02/2006"},
	{"DD-MM-YYYY", "02-01-2006"},
	{"MM-DD-YYYY", "01-02-2006"},
	{"YYYY/MM/DD", "2006/01/02"},
	{"YYYY.MM.DD", "2006.01.02"},
}

// layoutOf is the first of the layouts that reads s, nil when none does.
func layoutOf(s string, of []layout) *layout {
	for i, l := range of {
		if len(s) != len(l.goLayout) {
			continue
		}
		if _, err := time.Parse(l.goLayout, s); err == nil {
			return &of[i]
		}
	}
	return nil
}

// layoutsOf are the layouts that read every sample.
func layoutsOf(samples []string) []layout {
	var fit []layout
	for _, l := range layouts {
		all, some := true, false
		for _, s := range samples {
			if s = dateTimePart(strings.TrimSpace(s)); s == "" {
				continue
			}
			some = true
			if layoutOf(s, []layout{l}) == nil {
				all = false
				break
			}
		}
		if all && some {
			fit = append(fit, l)
		}
	}
	return fit
}

var timePart = regexp.MustCompile(`^(\S{10})[T ]([0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)( ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?$`)

// dateTimePart is the date before a time of day, or s when there is none.
func dateTimePart(s string) string {
	if m := timePart.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}

// clockForm is how the definition writes the time of day of a sample, "" when
// it has none.
func clockForm(s string) string {
	m := timePart.FindStringSubmatch(strings.TrimSpace(s))
	switch {
	case m == nil:
		return ""
	case m[3] == "":
		return "HH:mm"
	}
	return "HH:mm:ss"
}

// marks finds how numbers are written. ok is false when the samples are plain
// ("1250" or "12.5") or contradict each other.
func marks(samples []string) (decimal, group string, ok bool) {
	for _, s := range samples {
		s = strings.TrimSpace(s)
		last := strings.LastIndexAny(s, ".,")
		if last < 0 {
			if i := strings.IndexAny(s, "' \u00a0\u202f"); i > 0 && groupNumber.MatchString(s) {
				group, ok = " ", true // of spaces there are several kinds, which count as one
				if s[i] == '\'' {
					group = "'"
				}
			}
			continue
		}
		var d, g string // the decimal mark and the group mark
		after := len(s) - last - 1
		first := strings.IndexAny(s, ".,")
		switch {
		case first != last && s[first] == s[last]: // 1.234.567
			d, g = ".", s[last:last+1]
			if g == "." {
				d = ","
			}
		case first != last: // 1.234,56
			d, g = s[last:last+1], s[first:first+1]
		case after == 3 && s[:last] != "0": // 1.234 may be either: other samples decide
			continue
		case s[last] == ',':
			d, g = ",", "."
		default:
			continue // 12.5 is what HubSpot writes
		}
		if ok && decimal != "" && d != decimal {
			return "", "", false
		}
		decimal, group, ok = d, g, true
	}
	if ok && decimal == "" {
		decimal = "."
	}
	return decimal, group, ok
}
