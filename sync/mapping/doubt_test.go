package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// What HubSpot takes as it stands and hardly means that is told, and what is as
// it should be is not.
func TestValuesThatAreHardlyMeantAreTold(t *testing.T) {
	t.Parallel()
	day := record.Property{Name: "since", Label: "Since", Type: record.TypeDate}
	phone := record.Property{Name: "phone", Label: "Phone", Type: record.TypeString, FieldType: "phonenumber"}
	for _, c := range []struct {
		property record.Property
		text     string
		told     transform.Remark
	}{
		{day, "1900-01-01", transform.RemarkNoDay},
		{day, "9999-12-31", transform.RemarkNoDay},
		{day, "1970-01-01", transform.RemarkNoDay},
		{day, "2567-02-28", transform.RemarkFarDay}, // of Thailand
		{day, "1492-10-12", transform.RemarkFarDay},
		{day, "1953-04-01", ""},
		{day, "2024-02-29", ""},
		{phone, "1,234,567,890", transform.RemarkPhoneForm},
		{phone, "tel:+493023125418", transform.RemarkPhoneForm},
		{phone, "private", transform.RemarkPhoneForm},
		{phone, "030/23125418-12", ""},
		{phone, "+49 (0)30 2312.5418", ""},
	} {
		var told []transform.Remark
		_, err := mapping.Convert(definition.Field{Field: "F", Property: c.property.Name}, c.property, record.Values{"F": record.Text(c.text)},
			transform.Env{Remark: func(r transform.Remark) { told = append(told, r) }})
		if err != nil || c.told != "" && !slices.Contains(told, c.told) || c.told == "" && len(told) > 0 {
			t.Errorf("%s for %s tells %q (%v), which should be %q", c.text, c.property.Name, told, err, c.told)
		}
	}
}

// A label that people copy from a page has its spaces of another kind.
func TestAnOptionIsFoundWhateverTheSpacesInItsLabel(t *testing.T) {
	t.Parallel()
	p := record.Property{Name: "firm", Label: "Firm", Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{
		{Label: "Acme\u00a0Corp", Value: "acme"}, {Label: "AcmeCorp", Value: "other"}, {Label: "Two  Spaces", Value: "two"},
	}}
	for text, want := range map[string]string{"Acme Corp": "acme", "AcmeCorp": "other", "Two Spaces": "two", "Two\u2003Spaces": "two"} {
		v, err := mapping.Convert(definition.Field{Field: "F", Property: p.Name}, p, record.Values{"F": record.Text(text)}, transform.Env{})
		if err != nil || v.String() != want {
			t.Errorf("%q is %q (%v), which should be %q", text, v, err, want)
		}
	}
	if err := mapping.Acceptable(p, record.Text("Ac me Corp")); err == nil || !strings.Contains(err.Error(), "not one of the options") {
		t.Errorf("a space more within a word is %v", err)
	}
}
