package shown_test

import (
	"testing"
	"time"

	"golang.org/x/text/language"

	"syncline/app/shown"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

func words(tag language.Tag) *shown.Words {
	return shown.New(tag, time.FixedZone("two hours east", 7200)).With(
		[]hubspot.Owner{{ID: "91220648", UserID: "7", FirstName: "Noor", LastName: "Whitlock"}, {ID: "2", UserID: "8", FirstName: "Kestrel", LastName: "Moreau", Archived: true}},
		[]hubspot.Pipeline{{ID: "default", Label: "Sales", Stages: []hubspot.Stage{{ID: "closedwon", Label: "Closed won"}}}})
}

// What people see is what HubSpot shows: names for ids, and numbers and dates in the person's
// language. No digit of a number gets lost on the way.
func TestValuesAreShownAsHubSpotShowsThem(t *testing.T) {
	t.Parallel()
	industry := record.Property{Type: record.TypeEnumeration, Options: []record.Option{{Value: "SOFTWARE", Label: "Computer Software"}}}
	several := record.Property{Type: record.TypeEnumeration, FieldType: "checkbox", Options: []record.Option{{Value: "a", Label: "Apples"}, {Value: "b", Label: "Pears"}}}
	for _, tt := range []struct {
		tag   language.Tag
		p     record.Property
		value string
		want  string
	}{
		{language.English, record.Property{Reference: "OWNER", Type: record.TypeEnumeration}, "91220648", "Noor Whitlock"},
		{language.English, record.Property{Reference: "OWNER", Type: record.TypeEnumeration}, "2", "Kestrel Moreau (deactivated)"},
		{language.English, record.Property{Reference: "OWNER", Type: record.TypeEnumeration}, "3", "3"},
		{language.English, record.Property{Name: "dealstage", Type: record.TypeEnumeration}, "closedwon", "Closed won"},
		{language.English, record.Property{Name: "pipeline", Type: record.TypeEnumeration}, "default", "Sales"},
		{language.English, industry, "SOFTWARE", "Computer Software"},
		{language.English, industry, "GONE", "GONE"},
		{language.English, several, "b;a", "Pears; Apples"},
		{language.English, record.Property{Type: record.TypeBool}, "true", "Yes"},
		{language.English, record.Property{Type: record.TypeNumber, Currency: true}, "7441.6", "7,441.60"},
		{language.German, record.Property{Type: record.TypeNumber}, "-7441.67", "-7.441,67"},
		{language.English, record.Property{Type: record.TypeNumber}, "12345678901234567890.123456789", "12,345,678,901,234,567,890.123456789"},
		{language.English, record.Property{Type: record.TypeNumber}, "1e5", "1e5"},
		{language.English, record.Property{Name: "hs_object_id", Type: record.TypeNumber}, "7310442", "7310442"},
		{language.BritishEnglish, record.Property{Type: record.TypeDate}, "2016-11-25", "25 Nov 2016"},
		{language.German, record.Property{Type: record.TypeDate}, "1480032000000", "25.11.2016"},
		{language.AmericanEnglish, record.Property{Type: record.TypeDate}, "2016-11-25", "Nov 25, 2016"},
		{language.BritishEnglish, record.Property{Type: record.TypeDateTime}, "2016-11-25T23:30:00.000Z", "26 Nov 2016, 01:30"},
		{language.English, record.Property{Type: record.TypeDate}, "soon", "soon"},
		{language.English, record.Property{Type: record.TypeString}, "", ""},
		{language.Japanese, record.Property{Type: record.TypeNumber}, "1000", "1,000"},
	} {
		if got := words(tt.tag).Value(tt.p, record.Text(tt.value)); got != tt.want {
			t.Errorf("%s of %v as %s: %q, want %q", tt.value, tt.p.Type, tt.tag, got, tt.want)
		}
	}
}

func TestAuthorsAreCalledByName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v    record.Version
		want string
	}{
		{record.Version{SourceType: "CRM_UI", SourceID: "userId:7"}, "Noor Whitlock"},
		{record.Version{SourceType: "CRM_UI", UserID: "8"}, "Kestrel Moreau"},
		{record.Version{SourceType: "CRM_UI", UserID: "99"}, "user 99"},
		{record.Version{SourceType: "CRM_UI"}, "somebody in HubSpot"},
		{record.Version{SourceType: "INTEGRATION", SourceID: "2011410", Label: "Mailchimp"}, "Mailchimp"},
		{record.Version{SourceType: "IMPORT"}, "an import"},
		{record.Version{SourceType: "BRAND_NEW"}, "brand new"},
		{record.Version{}, "unknown"},
	} {
		if got := words(language.English).Author(tt.v); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.v, got, tt.want)
		}
	}
}

// A person chooses an owner among those who work there, the others stand behind them.
func TestOptionsHaveNames(t *testing.T) {
	t.Parallel()
	w := words(language.English)
	got := w.Options(record.Property{Reference: "owner"})
	if len(got) != 2 || got[0].Label != "Noor Whitlock" || !got[1].Hidden {
		t.Errorf("owners: %+v", got)
	}
	if got := w.Options(record.Property{Name: "dealstage", Type: record.TypeEnumeration}); len(got) != 1 || got[0] != (record.Option{Value: "closedwon", Label: "Closed won"}) {
		t.Errorf("stages: %+v", got)
	}
	if got := w.Options(record.Property{Type: record.TypeString}); got != nil {
		t.Errorf("a text has options: %+v", got)
	}
}
