package portal_test

import (
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
	"syncline/sync/source/portal"
	"syncline/sync/source/tabular"
)

// HubSpot's numbers have no marks of a country: what a transform for texts of
// Germany would make a thousand times as much of is refused, and no other cell.
func TestANumberOfAPortalIsNotReadByTheMarksOfTexts(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	for name, revenue := range map[string]string{"misread.example": "1.234", "read.example": "12.5"} {
		if _, err := p.Create("companies", map[string]string{"domain": name, "name": "2.345", "annualrevenue": revenue}); err != nil {
			t.Fatal(err)
		}
	}
	client, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.Token()), Transport: p.Transport(), Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	german := []record.NumberMarks{{Decimal: ",", Group: "."}}
	s, err := portal.Open(t.Context(), portal.Options{Client: client, Object: "companies", Use: []string{"domain", "name", "annualrevenue"},
		Marks: tabular.Marks{"annualrevenue": german, "name": german}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := 0
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		seen++
		misread := row.Fields["domain"].String() == "misread.example"
		if misread != (err != nil) || err != nil && !strings.Contains(err.Error(), "as a number and not as a text") {
			t.Errorf("%s: %v", row.Fields["domain"], err)
		}
		if _, there := row.Fields["annualrevenue"]; there == misread || row.Fields["name"] != record.Text("2.345") {
			t.Errorf("the row is %v", row.Fields)
		}
	}
	if seen != 2 {
		t.Errorf("%d rows", seen)
	}
}
