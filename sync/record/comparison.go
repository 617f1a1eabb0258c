package record

import (
	"slices"
	"strings"
)

// Comparison names the rule by which two values of a field are the same.
type Comparison string

// The comparisons.
const (
	CompareText       Comparison = "text"        // exact, after Unicode NFC and with line ends as LF
	CompareTextFolded Comparison = "text-folded" // ignores case and runs of spaces
	CompareEmail      Comparison = "email"       // ignores case; the domain in its ASCII form
	ComparePhone      Comparison = "phone"       // E.164
	CompareURL        Comparison = "url"         // ignores scheme, www., host case, trailing slash
	CompareDate       Comparison = "date"        // a civil date, never moved by a time zone
	CompareDateTime   Comparison = "datetime"    // an instant, to the millisecond
	CompareNumber     Comparison = "number"      // exact decimal
	CompareBoolean    Comparison = "boolean"     // yes, true, 1 … against no, false, 0 …
	CompareSet        Comparison = "set"         // ';'-joined options, order is not meaning
	CompareHTML       Comparison = "html"        // the text and its breaks, not the markup
)

// CompareDomain compares the hosts of web addresses. It is how the domains of
// companies are matched, and not among those that a definition can name.
const CompareDomain Comparison = "domain"

// Comparisons returns all comparisons, in the order in which a person is shown them.
func Comparisons() []Comparison {
	return []Comparison{
		CompareText, CompareTextFolded, CompareEmail, ComparePhone, CompareURL,
		CompareDate, CompareDateTime, CompareNumber, CompareBoolean, CompareSet, CompareHTML,
	}
}

// Says tells when two values are the same under the comparison, for people.
func (c Comparison) Says() string {
	switch c {
	case CompareText:
		return "They are the same text, letter by letter; line ends do not count."
	case CompareTextFolded:
		return "They are the same text but for capitals and spaces."
	case CompareEmail:
		return "They are the same address; capitals do not count."
	case ComparePhone:
		return "They are the same number in its international form (E.164)."
	case CompareURL:
		return "They lead to the same page: the scheme, www., capitals of the host and a slash at the end do not count."
	case CompareDate:
		return "They are the same day of the calendar, in no zone."
	case CompareDateTime:
		return "They are the same moment, to the millisecond."
	case CompareNumber:
		return "They are the same number, exactly."
	case CompareBoolean:
		return "Both mean yes (yes, true, 1 …) or both mean no."
	case CompareSet:
		return "They hold the same options, parted by `;`, in any order."
	case CompareHTML:
		return "They show the same text with the same breaks; the markup does not count."
	case CompareDomain:
		return "They have the same host."
	}
	return ""
}

// ParseComparison returns the comparison of the name, which must be written exactly.
func ParseComparison(s string) (Comparison, bool) {
	c := Comparison(s)
	return c, slices.Contains(Comparisons(), c)
}

// multiProperties are HubSpot's own properties of type string or enumeration
// that hold several values joined by ';'.
var multiProperties = []string{"hs_additional_emails", "hs_merged_object_ids"}

// DefaultComparison returns the comparison that fits the property, by its type
// and field type and, for strings, by what its name says it holds.
func DefaultComparison(p Property) Comparison {
	switch p.Type {
	case TypeNumber:
		return CompareNumber
	case TypeBool:
		return CompareBoolean
	case TypeDate:
		return CompareDate
	case TypeDateTime:
		return CompareDateTime
	case TypePhone:
		return ComparePhone
	case TypeEnumeration:
		return enumerationComparison(p)
	case TypeJSON, TypeCoordinates:
		return CompareText
	}
	return stringComparison(p)
}

func enumerationComparison(p Property) Comparison {
	switch {
	case p.Multi() || slices.Contains(multiProperties, p.Name):
		return CompareSet
	case p.FieldType == "booleancheckbox":
		return CompareBoolean
	}
	return CompareText
}

func stringComparison(p Property) Comparison {
	name := strings.ToLower(p.Name)
	switch {
	case p.FieldType == "html":
		return CompareHTML
	case p.FieldType == "phonenumber" || name == "phone" || name == "mobilephone" || name == "fax":
		return ComparePhone
	case slices.Contains(multiProperties, name):
		return CompareSet
	case name == "email" || strings.HasSuffix(name, "_email"):
		return CompareEmail
	case name == "website" || name == "domain" || strings.HasSuffix(name, "_url") || strings.HasSuffix(name, "_website"):
		return CompareURL
	}
	return CompareText
}
