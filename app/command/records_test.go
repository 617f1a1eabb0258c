package command_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// A portal is searched from the command line: every condition holds, all records are there, and
// nothing that a spreadsheet would carry out.
func TestRecordsAreFoundFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 10_000, Search: 10_000}})
	if _, err := d.portal.AddList("contacts", "Key accounts", ""); err != nil {
		t.Fatal(err)
	}
	for i, p := range []map[string]string{
		{"email": "ann@example.com", "firstname": "Ann", "city": "Graz", "lifecyclestage": "customer"},
		{"email": "bob@example.com", "firstname": "=HYPERLINK(1)", "city": "Graz", "lifecyclestage": "customer"},
		{"email": "cy@example.com", "firstname": "Cy", "city": "Linz", "lifecyclestage": "customer"},
		{"email": "di@example.com", "firstname": "Di", "city": "Graz", "lifecyclestage": "lead"},
	} {
		id, err := d.portal.Create("contacts", p)
		if err == nil && i >= 2 {
			err = d.portal.Join("Key accounts", id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d.portal.SettleIndex()
	find := []string{"records", "contacts", "--where", "city = graz", "--where", "lifecyclestage IN customer,opportunity", "--properties", "firstname,email,fax"}
	s := d.do(find...)
	var doc struct {
		Object  string
		Count   int
		Records []struct {
			ID         string
			Properties map[string]*string
		}
	}
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil || s.status != 0 {
		t.Fatalf("status %d, %v %s", s.status, err, s.err)
	}
	if doc.Count != 2 || len(doc.Records) != 2 || *doc.Records[0].Properties["email"] != "ann@example.com" || doc.Records[0].Properties["fax"] != nil {
		t.Errorf("found %s", s.out)
	}
	if s := d.plain(find...); s.status != 0 || !strings.Contains(s.out, "firstname=Ann  email=ann@example.com\n") || !strings.HasSuffix(s.out, "2 contacts\n") {
		t.Errorf("printed %s %s", s.out, s.err)
	}
	if s := d.plain(append(find, "--csv", d.path("found.csv"))...); s.status != 0 {
		t.Fatal(s.err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(d.read("found.csv"), "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 || lines[0][1] != "firstname" || lines[2][1] == "=HYPERLINK(1)" {
		t.Errorf("the file is %v, %v", lines, err)
	}
	if s := d.plain("records", "contacts", "--list", "key accounts", "--properties", "firstname"); s.status != 0 || !strings.Contains(s.out, "firstname=Cy\n") || !strings.Contains(s.out, "firstname=Di\n") || !strings.HasSuffix(s.out, "2 contacts\n") {
		t.Errorf("the members are %s %s", s.out, s.err)
	}
	for _, tt := range []struct{ args, want string }{
		{"--list;Key acounts", `did you mean "Key accounts"?`},
		{"--where;city", "write PROPERTY OPERATOR VALUE"},
		{"--where;town = Graz", `there is no property "town"`},
		{"--where;createdate > yesterday", "write it as 2026-11-14"},
		{"--properties;town", `contacts have no property "town"`},
	} {
		if s := d.do(append([]string{"records", "contacts"}, strings.Split(tt.args, ";")...)...); s.status != 2 || !strings.Contains(s.problem.Message, tt.want) {
			t.Errorf("%s: status %d, %q", tt.args, s.status, s.problem.Message)
		}
	}
	if s := d.do("records", "butterflies"); s.status == 0 {
		t.Error("a type that is not there was searched")
	}
}
