package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// failed is attention's document, as outsiders read it.
type failed struct {
	Rows []struct {
		Key         string `json:"key"`
		Class       string `json:"class"`
		Message     string `json:"message"`
		Plain       string `json:"plain"`
		Suggestions []struct{ Field, Cell, Value string }
		Corrections []struct {
			Field, Value string
			Lapsed       bool
		}
	} `json:"rows"`
}

func (d *desk) failed() failed {
	d.t.Helper()
	s := d.plain("attention", "sync.yaml", "--json")
	var doc failed
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil || s.status != 0 {
		d.t.Fatalf("status %d, %v\n%s\n%s", s.status, err, s.out, s.err)
	}
	return doc
}

func TestAFailedRowIsCorrectedAndRetriedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", twoCustomers+"3,<cy@example.com>,Cy,Young\n4,nobody,Di,Zorn\n")
	if s := d.run(); s.status != 3 || s.report.Counts.Failed != 2 {
		t.Fatalf("status %d, %+v", s.status, s.report.Counts)
	}
	rows := d.failed().Rows
	if len(rows) != 2 || rows[0].Key != "3" || rows[0].Class != "invalid" || rows[0].Plain == "" || len(rows[0].Suggestions) != 1 || rows[0].Suggestions[0].Value != "cy@example.com" || len(rows[1].Suggestions) != 0 {
		t.Fatalf("%+v", rows)
	}
	for _, wrong := range [][]string{
		{"--row", "77"}, {"--row", "3", "--set", "Nothing=x"}, {"--row", "3", "--set", "Email"}, {"--set", "Email=x@example.com"}, {"--row", "3", "--set", "id=9"},
	} {
		if s := d.plain(append([]string{"retry", "sync.yaml"}, wrong...)...); s.status != 2 || s.err == "" {
			t.Errorf("%v: status %d, %q", wrong, s.status, s.err)
		}
	}
	s := d.do("retry", "sync.yaml", "--row", "3", "--set", "Email=cy@example.com")
	if s.status != 3 || s.report.Counts.Created != 1 || s.report.Counts.Failed != 1 || s.report.Run == "" {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s = d.do("retry", "sync.yaml", "--set", "Email=di@example.com"); s.status != 0 || s.report.Counts.Created != 1 {
		t.Errorf("the only one that is left: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if n := d.portal.Count("contacts"); n != 4 || len(d.failed().Rows) != 0 {
		t.Errorf("%d contacts, %+v", n, d.failed())
	}
	// The field flows both ways, so that the next run writes the corrections into the source.
	d.run()
	if text := d.read("customers.csv"); !strings.Contains(text, "3,cy@example.com,Cy") || !strings.Contains(text, "4,di@example.com,Di") {
		t.Errorf("the file is\n%s", text)
	}
	if s = d.do("retry", "sync.yaml"); s.status != 0 {
		t.Errorf("nothing to retry: status %d\n%s", s.status, s.err)
	}
}
