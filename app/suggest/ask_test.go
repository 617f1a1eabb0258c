package suggest_test

import (
	"strings"
	"testing"

	"syncline/app/suggest"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// A country is asked, whatever the samples look like; the likely ones come
// first, all are there, and without an answer the numbers stay as they are.
func TestTheCountryOfNumbersIsAsked(t *testing.T) {
	t.Parallel()
	phone := record.Property{Name: "phone", Label: "Phone number", Type: record.TypeString, FieldType: "phonenumber"}
	for _, samples := range [][]string{{"2262649"}, {"030 23125418", "089 2312541"}, {"(312) 226-2649"}, {"+49 30 23125418", "030 23125418"}, {" 0301 "}} {
		c := column("Phone", samples...)
		steps, _ := suggest.Steps(c, phone, "")
		for _, s := range steps {
			if s.Name == "phone" {
				t.Errorf("%q: the step %v is assumed", samples, s)
			}
		}
		q := suggest.Ask(c, phone, "")
		if q == nil || len(q.Answers) < 200 || q.Needed {
			t.Fatalf("%q: the question is %+v", samples, q)
		}
	}
	q := suggest.Ask(column("Phone", "030 23125418", "089 2312541"), phone, "")
	if got := q.Answers[0]; !strings.HasPrefix(got.Label, "Germany") || got.Steps[0].Args["region"] != "DE" {
		t.Errorf("the first answer is %+v", got)
	}
	for _, samples := range [][]string{{"+49 30 23125418"}, {"0049 30 23125418"}, nil} {
		if q := suggest.Ask(column("Phone", samples...), phone, ""); q != nil {
			t.Errorf("%q: it asks %q", samples, q.Text)
		}
	}
	if q := suggest.Ask(column("Phone", "030 23125418"), phone, "DE"); q != nil {
		t.Errorf("a country that is known is asked: %q", q.Text)
	}
}

// Days and months that can't be told apart are asked, and never guessed.
func TestTheOrderOfDayAndMonthIsAsked(t *testing.T) {
	t.Parallel()
	date := record.Property{Name: "closedate", Label: "Close date", Type: record.TypeDate}
	q := suggest.Ask(column("Closed", "03/04/2024"), date, "")
	if q == nil || len(q.Answers) != 2 || !q.Needed {
		t.Fatalf("the question is %+v", q)
	}
	found := map[string]bool{}
	for _, a := range q.Answers {
		v, err := a.Steps.Apply(record.Text("03/04/2024"), transform.Env{})
		if err != nil {
			t.Error(err)
		}
		found[v.String()] = true
	}
	if !found["2024-04-03"] || !found["2024-03-04"] {
		t.Errorf("the answers lead to %v", found)
	}
	if q := suggest.Ask(column("Closed", "17/04/2024"), date, ""); q != nil {
		t.Errorf("what the samples tell is asked: %q", q.Text)
	}
}

// Points that may stand before places or between thousands are asked.
func TestThePointOfNumbersIsAsked(t *testing.T) {
	t.Parallel()
	number := record.Property{Name: "amount", Label: "Amount", Type: record.TypeNumber}
	c := column("Amount", "1.000", "12.500")
	c.Point = record.OpenPoint
	q := suggest.Ask(c, number, "")
	if q == nil || len(q.Answers) != 2 || !q.Needed {
		t.Fatalf("the question is %+v", q)
	}
	if a, b := q.Answers[0].Label, q.Answers[1].Label; a != "Thousands: 1.000 is 1000" || b != "Decimal places: 1.000 is 1" {
		t.Errorf("the answers are %q and %q", a, b)
	}
	c.Point = record.DecimalPoint
	if q := suggest.Ask(c, number, ""); q != nil {
		t.Errorf("what the column tells is asked: %q", q.Text)
	}
	if q := suggest.Ask(column("Amount", "1.000,50", "2.000"), number, ""); q != nil {
		t.Errorf("what the samples tell is asked: %q", q.Text)
	}
}

// Pairs tell which of them change values.
func TestPairsTellWhatChangesValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		samples []string
		steps   transform.Chain
		want    bool
	}{
		{[]string{"Bremen"}, nil, false},
		{[]string{"Bremen"}, transform.Chain{{Name: "trim"}}, false},
		{[]string{" Bremen"}, transform.Chain{{Name: "trim"}}, true},
		{[]string{"Rufus"}, transform.Chain{{Name: "owner"}}, true},
		{nil, transform.Chain{{Name: "lower"}}, true},
	} {
		if got := suggest.Changes(tt.samples, tt.steps); got != tt.want {
			t.Errorf("%q through %v: %v", tt.samples, tt.steps, got)
		}
	}
}
