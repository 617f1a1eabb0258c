package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// difference is a row of reconcile's document, as outsiders read it.
type difference struct {
	Key    string `json:"key"`
	Record string `json:"record"`
	Found  string `json:"found"`
	Fields []struct {
		Field   string  `json:"field"`
		Source  *string `json:"source"`
		HubSpot *string `json:"hubspot"`
		Drift   bool    `json:"drift"`
	} `json:"fields"`
}

func (d *desk) reconcile() (status int, counts map[string]int, rows []difference) {
	d.t.Helper()
	s := d.plain("reconcile", "sync.yaml", "--json")
	var doc struct {
		Reconcile string         `json:"reconcile"`
		Counts    map[string]int `json:"counts"`
		Rows      []difference   `json:"rows"`
	}
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil {
		d.t.Fatalf("%v\n%s\n%s", err, s.out, s.err)
	}
	if doc.Reconcile == "" || doc.Rows == nil {
		d.t.Errorf("the document lacks its id or its rows:\n%s", s.out)
	}
	return s.status, doc.Counts, doc.Rows
}

func TestReconcileEndsWithZeroWhereBothSidesAreEqualAndElseListsWhatDiffers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	status, counts, rows := d.reconcile()
	if status != 0 || counts["read"] != 2 || counts["equal"] != 2 || len(rows) != 0 {
		t.Errorf("after a run: status %d, %v, %v", status, counts, rows)
	}
	ann := ""
	for id, p := range d.portal.Records("contacts") {
		if p["firstname"] == "Ann" {
			ann = id
		}
	}
	if err := d.portal.Edit("contacts", ann, map[string]string{"lastname": "Miller"}); err != nil {
		t.Fatal(err)
	}
	d.write("customers.csv", strings.Replace(twoCustomers, "2,bob@example.com,Bob,Stone", "3,cy@example.com,Cy,New", 1))
	status, counts, rows = d.reconcile()
	if status != 3 || counts["read"] != 3 || counts["different"] != 1 || counts["only_source"] != 1 || counts["only_hubspot"] != 1 || len(rows) != 3 {
		t.Fatalf("with differences: status %d, %v, %v", status, counts, rows)
	}
	if r := rows[0]; r.Key != "1" || r.Record != ann || len(r.Fields) != 1 || *r.Fields[0].Source != "Lee" || *r.Fields[0].HubSpot != "Miller" {
		t.Errorf("%+v", r)
	}
	if s := d.plain("reconcile", "sync.yaml"); s.status != 3 || !strings.Contains(s.out, `source "Lee", HubSpot "Miller"`) || !strings.Contains(s.out, "1 only in the source") {
		t.Errorf("for people:\n%s", s.out)
	}
	d.define("key: [id]", "key: [nothing]")
	if s := d.plain("reconcile", "sync.yaml"); s.status != 2 || !strings.Contains(s.err, "nothing") {
		t.Errorf("a definition that can't work: status %d\n%s", s.status, s.err)
	}
}

func TestAPreviewPrintsTheHashOfItsPlanAndARunAppliesNoOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	s := d.do("preview", "sync.yaml")
	if s.status != 0 || len(s.report.Hash) != 64 {
		t.Fatalf("status %d, hash %q", s.status, s.report.Hash)
	}
	d.sqlite(`UPDATE plan_item SET fields = replace(fields, 'Ann', 'Eve')`)
	if r := d.do("run", "sync.yaml", "--plan", s.report.Plan); r.status != 1 || !strings.Contains(r.problem.Message, "not the one that was shown") || d.portal.Count("contacts") != 0 {
		t.Errorf("status %d, %d contacts: %s", r.status, d.portal.Count("contacts"), r.err)
	}
}
