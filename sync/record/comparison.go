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

// Comparisons returns all comparisons, in the order in which a person is shown them.
func Comparisons() []Comparison {
	return []Comparison{
		CompareText, CompareTextFolded, CompareEmail, ComparePhone, CompareURL,
		CompareDate, CompareDateTime, CompareNumber, CompareBoolean, CompareSet, CompareHTML,
	}
}

// ParseComparison returns the comparison of the name, which must be written exactly.
func ParseComparison(s string) (Comparison, bool) {
	c := Comparison(s)
	return c, slices.Contains(Comparisons(), c)
}

// emailProperties are HubSpot's own properties of type string that hold one
// e-mail address.
var emailProperties = []string{"email", "work_email", "hs_email_address"}

// urlProperties are HubSpot's own properties of type string that hold a web
// address or a domain.
var urlProperties = []string{"website", "domain", "hs_linkedin_url", "linkedin_company_page", "facebook_company_page"}

// DefaultComparison returns the comparison that fits the property, by its type
// and field type and, for HubSpot's own string properties, by its name.
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
		if p.Multi() {
			return CompareSet
		}
		if p.FieldType == "booleancheckbox" {
			return CompareBoolean
		}
		return CompareText
	}
	name := strings.ToLower(p.Name)
	switch {
	case p.FieldType == "html":
		return CompareHTML
	case p.FieldType == "phonenumber" || p.Defined && (name == "phone" || name == "mobilephone"):
		return ComparePhone
	case slices.Contains(emailProperties, name):
		return CompareEmail
	case p.Defined && slices.Contains(urlProperties, name):
		return CompareURL
	}
	return CompareText
}
