package record

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// E164 returns a phone number in the form of ITU-T E.164, such as
// +493012345678, and its extension, "" if it has none. A number without a
// country code belongs to the region (ISO 3166 alpha-2, may be ""). Places of a
// whole number (see WholeNumber) are no digits of it. ok is false
// for what is no phone number, or cannot be one by its length: a local number
// without its area code has no E.164 form.
func E164(s, region string) (number, extension string, ok bool) {
	main, extension := splitExtension(trimmed(s))
	number, ok = e164(dialled(main), strings.ToUpper(region))
	if !ok {
		return "", "", false
	}
	return number, extension, true
}

// readPhone returns E.164 followed, where there is one, by 'x' and the
// extension. A number that has no E.164 form compares by its digits, so that
// 030/123 and 030 123 are the same where no region is known.
func readPhone(s, region string) (string, bool) {
	region = strings.ToUpper(region)
	return phones.get(region+"|"+s, func() (string, bool) {
		main, extension := splitExtension(s)
		main = dialled(main)
		if main == "" {
			return "", false
		}
		if number, ok := e164(main, region); ok {
			main = number
		}
		if extension != "" {
			main += "x" + extension
		}
		return main, true
	})
}

// extensionMark finds an extension at the end of a number, as English, German,
// French, Spanish and Russian write it.
var extensionMark = regexp.MustCompile(`(?i)[\s,;(]*(?:;ext=|extension|ext|extn|durchwahl|dw|poste|anexo|доб|x|#)[.:]?\s*(\d{1,9})\)?$`)

func splitExtension(s string) (main, extension string) {
	if whole, ok := WholeNumber(s); ok {
		return whole, ""
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '#' || unicode.IsLetter(r) }) {
		return s, ""
	}
	m := extensionMark.FindStringSubmatchIndex(s)
	if m == nil || !strings.ContainsFunc(s[:m[0]], unicode.IsDigit) {
		return s, ""
	}
	return s[:m[0]], s[m[2]:m[3]]
}

// dialled keeps what is dialled: a leading plus and the digits, in ASCII. It
// returns "" for what is no phone number: letters (also those of 1-800-FLOWERS),
// other characters than the usual punctuation, two numbers in one cell.
func dialled(s string) string {
	if len(s) > 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	var b strings.Builder
	since := 0 // digits since the last mark that may stand between two numbers
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case (r == '+' || r == '＋') && b.Len() == 0:
			b.WriteByte('+')
		case unicode.IsDigit(r):
			b.WriteByte('0' + digitValue(r))
		case r == '/' || r == '\n':
			if b.Len()-since >= localDigits && since == 0 {
				since = b.Len()
			}
		case unicode.IsSpace(r) || strings.ContainsRune("-–—‐‑‒−.·()[]~", r):
		default:
			return ""
		}
	}
	if since > 0 && b.Len()-since >= localDigits || !strings.ContainsAny(b.String(), "0123456789") {
		return ""
	}
	return b.String()
}

// localDigits is how many digits make a number that can be dialled on its own:
// "030 / 1234567" is one number, "5551234 / 5555678" are two.
const localDigits = 7

// digitValue is the value of a decimal digit of any script: Unicode lays the
// ten digits of each script out in one run that starts at zero.
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

// e164 parses what dialled returned. Only a form that parses to itself counts:
// for some impossible numbers the parser drops one more leading digit each time.
func e164(s, region string) (string, bool) {
	if s == "" || s[0] != '+' && region == "" {
		return "", false
	}
	if possible, sure := possibleE164(s); sure {
		return s, possible
	}
	if number, ok := nationalE164(s, region); ok {
		return number, true
	}
	first, ok := parsePhone(s, region)
	if !ok {
		return "", false
	}
	if first == s {
		return first, true
	}
	if possible, sure := possibleE164(first); sure {
		return first, possible
	}
	second, ok := parsePhone(first, region)
	return first, ok && first == second
}

func parsePhone(s, region string) (string, bool) {
	if region == "" {
		region = "ZZ" // the parser's word for unknown
	}
	var number phonenumbers.PhoneNumber
	if err := phonenumbers.ParseToNumber(s, region, &number); err != nil {
		return "", false
	}
	// By its length alone: whether a range is in service changes by the month,
	// and a number that can only be dialled locally has no international form.
	if phonenumbers.IsPossibleNumberWithReason(&number) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	return phonenumbers.Format(&number, phonenumbers.E164), true
}

// phones remembers parsed numbers: parsing one costs some microseconds, and a
// run meets each number several times (row, base, record).
var phones = memory{limit: 1 << 14}

// memory remembers results in two generations; when the younger one is full it
// becomes the elder, and the elder is forgotten. Safe for concurrent use.
type memory struct {
	limit int // entries per generation

	mu           sync.Mutex
	young, elder map[string]remembered
}

type remembered struct {
	text string
	ok   bool
}

// get returns what is remembered under the key, else what make returns.
func (m *memory) get(key string, make func() (string, bool)) (string, bool) {
	m.mu.Lock()
	r, hit := m.young[key]
	if !hit {
		if r, hit = m.elder[key]; hit {
			m.keep(key, r)
		}
	}
	m.mu.Unlock()
	if hit {
		return r.text, r.ok
	}
	r.text, r.ok = make()
	m.mu.Lock()
	m.keep(key, r)
	m.mu.Unlock()
	return r.text, r.ok
}

func (m *memory) keep(key string, r remembered) {
	if len(key) > 64 {
		return // no phone number is that long; a pasted essay need not be kept
	}
	if len(m.young) >= m.limit {
		m.elder, m.young = m.young, nil
	}
	if m.young == nil {
		m.young = make(map[string]remembered)
	}
	m.young[key] = r
}
