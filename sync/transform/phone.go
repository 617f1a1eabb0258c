package transform

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"syncline/sync/record"
)

var phoneTransforms = []*transform{{
	Spec: Spec{
		Name:        "phone",
		Description: "Writes a phone number in its international form.",
		Args: []Arg{
			{Name: "region", Kind: KindRegion, Scalar: true, Description: "the country of numbers without a country code, such as DE"},
			{Name: "form", Kind: KindChoice, Choices: []string{"e164", "international", "national"}, Default: "e164", Description: "how it is written: +49301234567, +49 30 1234567 or 030 1234567"},
		},
		Example: Step{Name: "phone", Args: map[string]any{"region": "DE"}}, Input: "030 / 123 45 67", Output: "+49301234567",
	},
	apply: applyPhone,
	// The column's own spelling is gone, but any is the same number.
	inverse: asItIs,
	describe: func(a args) string {
		if r := a.text("region"); r != "" {
			return "writes phone numbers internationally, as from " + r
		}
		return "writes phone numbers internationally"
	},
}}

func applyPhone(s string, a args, env *Env) (string, error) {
	region := a.text("region")
	if region == "" {
		region = env.Region
	}
	number, extension, ok := record.E164(s, region)
	if !ok {
		if region == "" && !strings.HasPrefix(strings.TrimSpace(s), "+") {
			return "", fmt.Errorf("%s is not a phone number with a country code, and no region says which country it belongs to", quoted(s))
		}
		return "", fmt.Errorf("%s is not a phone number: put one number, with its area code, into the cell", quoted(s))
	}
	if doubtful(number) {
		env.remark(RemarkNoPhone)
	}
	if _, whole := record.WholeNumber(s); whole {
		env.remark(RemarkWhole)
	}
	if form := a.text("form"); form != "e164" {
		number = writePhone(number, form, region)
	}
	if extension != "" {
		number += " ext. " + extension
	}
	return number, nil
}

// doubtful reports a number that is none of its country, among those that are
// shorter or longer than most: to look each one up takes too long.
func doubtful(number string) bool {
	if digits := len(number) - 1; digits >= 10 && digits <= 13 {
		return false
	}
	parsed, err := phonenumbers.Parse(number, "ZZ")
	return err == nil && !phonenumbers.IsValidNumber(parsed)
}

// writePhone writes an E.164 number as people do. A number that its national
// form would not lead back to, because it belongs to another country, is
// written internationally.
func writePhone(number, form, region string) string {
	parsed, err := phonenumbers.Parse(number, "ZZ")
	if err != nil {
		return number
	}
	if form == "national" {
		text := phonenumbers.Format(parsed, phonenumbers.NATIONAL)
		if back, _, ok := record.E164(text, region); ok && back == number {
			return text
		}
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}
