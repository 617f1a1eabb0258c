package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

const codes = `
syncline: 1
name: Codes
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Code, property: code }
`

// coded is a sync of rows with the codes, in lines from 2 on, with a unique
// property for them.
func coded(t *testing.T, there []string, rows ...string) *stage {
	t.Helper()
	s := newStage(t, practice.Options{}, codes, "")
	if err := s.portal.CreateProperty("contacts", practice.Property{Name: "code", Label: "Code", Type: "string", FieldType: "text", Unique: true}); err != nil {
		t.Fatal(err)
	}
	for i, code := range there {
		if _, err := s.portal.Create("contacts", map[string]string{"email": "t" + string(rune('a'+i)) + "@example.com", "code": code}); err != nil {
			t.Fatal(err)
		}
	}
	s.portal.SettleIndex()
	s.codes(rows...)
	return s
}

func (s *stage) codes(rows ...string) {
	text := "id,Email,Code\n"
	for i, code := range rows {
		text += string(rune('a'+i)) + ",p" + string(rune('a'+i)) + "@example.com,\"" + code + "\"\n"
	}
	s.write(s.file, text)
}

// The very same unique value in two rows, or in a row and a record of another
// one, is told in the plan with its column and its value: HubSpot would refuse it.
func TestEqualUniqueValuesAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		there, rows []string
		want        engine.Counts
		say         string
	}{
		{nil, []string{"X-1", "X-1"}, engine.Counts{Read: 2, Failed: 2}, "in line "},
		{nil, []string{"Y-1", "Y-1 "}, engine.Counts{Read: 2, Failed: 2}, "in line "},
		{nil, []string{"\u00a0Y-1", "Y-1", "Y-2"}, engine.Counts{Read: 3, Created: 1, Failed: 2}, "in line "},
		{[]string{"Y-1"}, []string{"Y-1", "Y-2"}, engine.Counts{Read: 2, Created: 1, Failed: 1}, "the record "},
		{nil, []string{"", ""}, engine.Counts{Read: 2, Created: 2}, ""},
	} {
		s := coded(t, c.there, c.rows...)
		writes := s.portal.Calls().Writes
		if res := s.run(); res.Counts != c.want || res.Counts.Created == 0 && s.portal.Calls().Writes != writes {
			t.Errorf("%q into %q: %+v, want %+v", c.rows, c.there, res.Counts, c.want)
		}
		for _, a := range s.attention() {
			if !strings.HasPrefix(a.Message, "Code: ") || !strings.Contains(a.Message, c.say) || !strings.Contains(a.Message, "-1\" too, and HubSpot keeps it unique") {
				t.Errorf("%q into %q: %s", c.rows, c.there, a.Message)
			}
		}
	}
}

// Unique values that linked rows change are told as well.
func TestUniqueValuesThatLinkedRowsChangeAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		was, is []string
		want    engine.Counts
		say     string
		then    engine.Counts // by the next run
	}{
		{[]string{"X-1", "X-9"}, []string{"X-2", "x-2"}, engine.Counts{Read: 2, Updated: 1, Failed: 1}, "in case or spaces alone", engine.Counts{Read: 2, Unchanged: 1, Failed: 1}},
		{[]string{"X-1", "X-9"}, []string{"X-2", "X-2"}, engine.Counts{Read: 2, Updated: 1, Failed: 1}, "the row a in line 2 has \"X-2\" too", engine.Counts{Read: 2, Unchanged: 1, Failed: 1}},
		{[]string{"X-5", "X-6"}, []string{"X-6", "X-5"}, engine.Counts{Read: 2, Failed: 2}, "rows exchange their values", engine.Counts{Read: 2, Failed: 2}},
		{[]string{"X-5", "X-6", "X-7"}, []string{"X-6", "X-7", "X-5"}, engine.Counts{Read: 3, Failed: 3}, "rows exchange their values", engine.Counts{Read: 3, Failed: 3}},
		{[]string{"X-1", "X-2"}, []string{"X-2", "X-3"}, engine.Counts{Read: 2, Updated: 1, Failed: 1}, "the next run writes it", engine.Counts{Read: 2, Unchanged: 1, Updated: 1}},
		{[]string{"X-1", "X-2"}, []string{"X-2", "X-2"}, engine.Counts{Read: 2, Unchanged: 1, Failed: 1}, "has \"X-2\" too", engine.Counts{Read: 2, Unchanged: 1, Failed: 1}},
		{[]string{"X-1"}, []string{"X-2", "X-2"}, engine.Counts{Read: 2, Updated: 1, Failed: 1}, "the row a in line 2 has \"X-2\" too", engine.Counts{Read: 2, Unchanged: 1, Failed: 1}},
		{[]string{"X-1", "X-2"}, []string{"x-1 ", "X-2"}, engine.Counts{Read: 2, Updated: 1, Unchanged: 1}, "", engine.Counts{Read: 2, Unchanged: 2}},
	} {
		s := coded(t, nil, c.was...)
		s.run()
		s.codes(c.is...)
		if res := s.run(); res.Counts != c.want {
			t.Errorf("%q to %q: %+v, want %+v", c.was, c.is, res.Counts, c.want)
		}
		for _, a := range s.attention() {
			if !strings.HasPrefix(a.Message, "Code: ") || !strings.Contains(a.Message, c.say) || strings.Contains(a.Message, "HubSpot says") {
				t.Errorf("%q to %q: %s", c.was, c.is, a.Message)
			}
		}
		if res := s.run(); res.Counts != c.then {
			t.Errorf("%q to %q: the next run: %+v, want %+v", c.was, c.is, res.Counts, c.then)
		}
	}
}

// Values that rows pass on from one to the next are written one in each run, and
// how many runs it takes is told.
func TestAChainOfUniqueValuesTellsHowManyRunsItTakes(t *testing.T) {
	t.Parallel()
	s := coded(t, nil, "X-1", "X-2", "X-3", "X-4")
	s.run()
	s.codes("X-2", "X-3", "X-4", "X-5")
	for left := 3; left >= 0; left-- {
		if res := s.run(); res.Counts != (engine.Counts{Read: 4, Updated: 1, Failed: left, Unchanged: 3 - left}) {
			t.Errorf("with %d left: %+v", left, res.Counts)
		}
		told := map[string]string{"a": "by the 3rd run from here", "b": "by the 2nd run from here", "c": "the next run writes it"}
		if left < 3 {
			told = map[string]string{"a": "by the 2nd run from here", "b": "the next run writes it"}
		}
		if left < 2 {
			told = map[string]string{"a": "the next run writes it"}
		}
		for _, a := range s.attention() {
			if !strings.Contains(a.Message, told[a.RowKey]) {
				t.Errorf("with %d left, %s: %s", left, a.RowKey, a.Message)
			}
		}
	}
}

// An address that another contact has, or that linked rows exchange, is told in
// the plan, and nothing of the row is written: it may be about that contact.
func TestAddressesThatOthersHaveAreTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,\n2,bob@example.com,Bob,Stone,\n3,cid@example.com,Cid,Moor,\n")
	s.run()
	if _, err := s.portal.Create("contacts", map[string]string{"email": "dee@example.com"}); err != nil {
		t.Fatal(err)
	}
	s.write(s.file, "id,Email,First,Last,Phone\n1,bob@example.com,Bob,Stone,\n2,ann@example.com,Ann,Lee,\n3,DEE@example.com,Dee,Moor,\n")
	writes := s.portal.Calls().Writes
	if res := s.preview(); res.Counts != (engine.Counts{Read: 3, Failed: 3}) {
		t.Errorf("planned: %+v", res.Counts)
	}
	if res := s.run(); res.Counts != (engine.Counts{Read: 3, Failed: 3}) || s.portal.Calls().Writes != writes {
		t.Errorf("%+v, and %d writes", res.Counts, s.portal.Calls().Writes-writes)
	}
	for _, a := range s.attention() {
		want := map[string]string{"1": "rows exchange their values", "2": "rows exchange their values", "3": `has "dee@example.com" too`}[a.RowKey]
		if !strings.HasPrefix(a.Message, "Email: ") || !strings.Contains(a.Message, want) {
			t.Errorf("%s: %s", a.RowKey, a.Message)
		}
	}
	if _, p := s.by("email", "ann@example.com"); p["firstname"] != "Ann" {
		t.Errorf("HubSpot holds %v", p)
	}
}
