package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/plan"
)

const oneWay = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Status, property: hs_lead_status }
  - { field: Closed, property: closedate }
`

// A cell that HubSpot would refuse is told and does not hold back the others of
// its row, as long as the row has a record.
func TestARefusedCellDoesNotHoldBackTheOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, oneWay, "id,Email,First,Status,Closed\n1,ann@example.com,Ann,NEW,\n2,bob@example.com,Bob,NEW,\n")
	s.run()
	s.replace("1,ann@example.com,Ann,NEW,", "1,ann@example.com,Anna,Nonsense,2024")
	res := s.run()
	if res.Counts.Failed != 1 || res.Counts.Unchanged != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if _, p := s.by("email", "ann@example.com"); p["firstname"] != "Anna" || p["hs_lead_status"] != "NEW" || p["closedate"] != "" {
		t.Errorf("HubSpot holds %v", p)
	}
	all := s.attention()
	if len(all) != 1 || !strings.Contains(all[0].Message, "Status: ") || !strings.Contains(all[0].Message, "Closed: ") {
		t.Fatalf("listed are %+v", all)
	}
	// It stays told while it stays so, and nothing is written again.
	if res := s.run(); res.Counts.Failed != 1 || len(s.attention()) != 1 {
		t.Errorf("the next run: %+v", res.Counts)
	}
	s.replace("Anna,Nonsense,2024", "Anna,IN_PROGRESS,2026-01-02")
	if res := s.run(); res.Counts.Updated != 1 || len(s.attention()) != 0 {
		t.Errorf("after repair: %+v, %+v", res.Counts, s.attention())
	}
}

// What a transform can't read does not hold back the others either.
func TestACellThatCannotBeReadDoesNotHoldBackTheOthers(t *testing.T) {
	t.Parallel()
	def := strings.Replace(oneWay, "property: closedate }", "property: closedate, to-hubspot: [ { datetime: { format: DD.MM.YYYY, zone: UTC } } ] }", 1)
	s := newStage(t, practice.Options{}, def, "id,Email,First,Status,Closed\n1,ann@example.com,Ann,NEW,01.02.2026\n")
	s.run()
	s.replace("Ann,NEW,01.02.2026", "Anna,NEW,soon")
	if res := s.run(); res.Counts.Failed != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if _, p := s.by("email", "ann@example.com"); p["firstname"] != "Anna" || !strings.HasPrefix(p["closedate"], "2026-02-01") {
		t.Errorf("HubSpot holds %v", p)
	}
	if all := s.attention(); len(all) != 1 || !strings.Contains(all[0].Message, "Closed: \"soon\" is not a date") {
		t.Errorf("listed are %+v", all)
	}
}

// A record is made whole or not at all.
func TestARecordIsNotMadeInPart(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, oneWay, "id,Email,First,Status,Closed\n1,ann@example.com,Ann,Nonsense,\n2,,,NEW,\n3,cy@example.com,Cy,NEW,\n")
	if res := s.run(); res.Counts.Failed != 2 || res.Counts.Created != 1 || s.portal.Count("contacts") != 1 {
		t.Errorf("%+v, %d contacts", res.Counts, s.portal.Count("contacts"))
	}
	for _, a := range s.attention() {
		if a.Class != plan.ClassInvalid || a.RowKey == "2" && !strings.Contains(a.Message, "Email or First Name or lastname") {
			t.Errorf("%+v", a)
		}
	}
}

// Each of the rows that share a key is listed, with its own line.
func TestEachRowThatSharesAKeyIsListed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows  []string // keys, from line 2 on
		lines string   // of those listed
	}{
		{[]string{"1", "1"}, "2 3"},
		{[]string{"1", "2", "1"}, "2 4"},
		{[]string{"1", "1", "1", "1"}, "2 3 4 5"},
		{[]string{"1", "2", "3"}, ""},
		{[]string{"1", "2", "2", "1"}, "2 3 4 5"},
		{[]string{"1", "\u200b1"}, "2 3"},
		{[]string{"1", " 1 "}, "2 3"},
		{[]string{"1", "1\u00a0"}, "2 3"},
		{[]string{"1", "01"}, ""},
		{[]string{"a", "A"}, ""},
	} {
		var rows strings.Builder
		rows.WriteString("id,Email,First,Status,Closed\n")
		for i, key := range c.rows {
			fmt.Fprintf(&rows, "\"%s\",p%d@example.com,P%d,,\n", key, i, i)
		}
		s := newStage(t, practice.Options{}, oneWay, rows.String())
		for range 2 { // and again by the next run
			s.run()
			var lines []string
			seen := map[int]bool{}
			for _, a := range s.attention() {
				seen[a.Line] = true
			}
			for line := 2; line < 2+len(c.rows); line++ {
				if seen[line] {
					lines = append(lines, fmt.Sprint(line))
				}
			}
			if got := strings.Join(lines, " "); got != c.lines || len(seen) != len(lines) {
				t.Errorf("%q: listed are the lines %q, want %q", c.rows, got, c.lines)
			}
		}
	}
}

// HubSpot takes values of a unique property for the same that differ in case or
// in the space around them. The plan says so, before HubSpot does.
func TestUniqueValuesThatDifferInCaseAloneAreTold(t *testing.T) {
	t.Parallel()
	const def = `
syncline: 1
name: Accounts
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Code, property: sf_id } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Code, property: sf_id }
  - { field: First, property: firstname }
`
	for _, c := range []struct {
		there []string // in HubSpot
		rows  []string
		want  engine.Counts
	}{
		{[]string{"001A0000AbCdEfG"}, []string{"001A0000AbCdEfG", "001A0000ABCDEFG"}, engine.Counts{Read: 2, Updated: 1, Failed: 1}},
		{[]string{"abc"}, []string{"ABC"}, engine.Counts{Read: 1, Failed: 1}},
		{[]string{"abc"}, []string{" abc "}, engine.Counts{Read: 1, Updated: 1}},
		{[]string{"abc"}, []string{"abc\u3000"}, engine.Counts{Read: 1, Updated: 1}},
		{[]string{"abc"}, []string{"abd"}, engine.Counts{Read: 1, Created: 1}},
		{nil, []string{"x1", "X1"}, engine.Counts{Read: 2, Failed: 2}},
		{nil, []string{"x1", "x2", "X1"}, engine.Counts{Read: 3, Created: 1, Failed: 2}},
		{nil, []string{"é", "É"}, engine.Counts{Read: 2, Failed: 2}},
		{nil, []string{"a b", "a  b"}, engine.Counts{Read: 2, Created: 2}},
		{[]string{"K-1", "K-2"}, []string{"k-1", "k-2"}, engine.Counts{Read: 2, Failed: 2}},
	} {
		s := newStage(t, practice.Options{}, def, "")
		if err := s.portal.CreateProperty("contacts", practice.Property{Name: "sf_id", Label: "Salesforce id", Type: "string", FieldType: "text", Unique: true}); err != nil {
			t.Fatal(err)
		}
		for i, code := range c.there {
			if _, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("t%d@example.com", i), "sf_id": code}); err != nil {
				t.Fatal(err)
			}
		}
		rows := "id,Code,First\n"
		for i, code := range c.rows {
			rows += fmt.Sprintf("%d,\"%s\",First%d\n", i, code, i)
		}
		s.write(s.file, rows)
		res := s.run()
		if res.Counts != c.want {
			t.Errorf("%q into %q: %+v, want %+v", c.rows, c.there, res.Counts, c.want)
		}
		for _, a := range s.attention() {
			if a.Class != plan.ClassInvalid || !strings.Contains(a.Message, "in case or spaces alone") {
				t.Errorf("%q into %q: %s", c.rows, c.there, a.Message)
			}
		}
	}
}

// A further address of a contact and a further domain of a company find their
// record, whose first one stays.
func TestAFurtherAddressLeavesTheFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, oneWay, "id,Email,First,Status,Closed\n1,SECOND@example.com,Secunda,,\n")
	first, err := s.portal.Create("contacts", map[string]string{"email": "prim@example.com", "firstname": "Prim"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.portal.Create("contacts", map[string]string{"email": "second@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.portal.Merge("contacts", first, other)
	if err != nil {
		t.Fatal(err)
	}
	s.portal.SettleIndex()
	res := s.run()
	p, _ := s.portal.Record("contacts", id)
	if res.Counts.Updated != 1 || p["email"] != "prim@example.com" || p["firstname"] != "Secunda" {
		t.Errorf("%+v, %v", res.Counts, p)
	}
	if notes := strings.Join(res.Notes, "\n"); !strings.Contains(notes, "“Email”: HubSpot keeps the value as a further one") {
		t.Errorf("the notes are %s", notes)
	}
	if res := s.run(); res.Counts.Unchanged != 1 {
		t.Errorf("the next run: %+v", res.Counts)
	}
	rec, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		r, err := e.Reconcile(ctx)
		if err == nil && !r.Counts.Same() {
			t.Errorf("reconcile: %+v", r.Counts)
		}
		return engine.Result{}, err
	})
	if err != nil {
		t.Fatal(err, rec)
	}
	s.replace("SECOND@example.com", "third@example.com")
	for range 2 {
		if res := s.run(); res.Counts.Conflict != 1 {
			t.Errorf("a new address: %+v", res.Counts)
		}
		if p, _ := s.portal.Record("contacts", id); p["email"] != "prim@example.com" {
			t.Errorf("an address that the source never had was written over with %q", p["email"])
		}
	}
	s.settle(plan.ChooseSource, "")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["email"] != "third@example.com" || len(s.live()) != 0 {
		t.Errorf("a new address becomes the first one once that is decided: %v, %+v", p["email"], s.live())
	}
	s.wantNothingToDo(1)
}

// Stages are looked for in the row's own pipeline, else in that of the record,
// else in any that alone has the label, which then sets the pipeline.
func TestAStageIsOfTheRowsPipeline(t *testing.T) {
	t.Parallel()
	const def = `
syncline: 1
name: Deals
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: deals, match: [ { field: Name, property: dealname } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Name, property: dealname }
  - { field: Pipeline, property: pipeline }
  - { field: Stage, property: dealstage%s }
`
	for _, steps := range []string{"", ", to-hubspot: [pipeline-stage]"} {
		rows := []struct{ pipeline, stage, wantPipeline, wantStage string }{
			{"Renewals", "Renewal due", "74310925", "143870211"},
			{"renewals ", "renewal due", "74310925", "143870211"},
			{"74310925", "143870211", "74310925", "143870211"},
			{"Sales Pipeline", "Contract Sent", "default", "contractsent"},
			{"default", "contractsent", "default", "contractsent"},
			{"", "Renewal due", "74310925", "143870211"},
			{"", "Contract Sent", "default", "contractsent"},
			{"", "contractsent", "default", "contractsent"},
			{"Renewals", "Contract Sent", "", ""},
			{"Renewals", "contractsent", "", ""},
			{"Sales Pipeline", "Renewal due", "", ""},
			{"Nowhere", "Contract Sent", "", ""},
			{"Renewals", "Nonsense", "", ""},
		}
		text := "id,Name,Pipeline,Stage\n"
		for i, r := range rows {
			text += fmt.Sprintf("%d,deal %d,%s,%s\n", i, i, r.pipeline, r.stage)
		}
		s := newStage(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 10_000}}, fmt.Sprintf(def, steps), text)
		s.yes = true
		s.run()
		deals := map[string]map[string]string{}
		for _, p := range s.portal.Records("deals") {
			deals[p["dealname"]] = p
		}
		for i, r := range rows {
			p := deals[fmt.Sprintf("deal %d", i)]
			if p["pipeline"] != r.wantPipeline || p["dealstage"] != r.wantStage {
				t.Errorf("%s%q, %q: HubSpot holds %q, %q, want %q, %q", steps, r.pipeline, r.stage, p["pipeline"], p["dealstage"], r.wantPipeline, r.wantStage)
			}
		}
		for _, a := range s.attention() {
			if a.Class != plan.ClassInvalid || !strings.Contains(a.Message, "Stage: ") && !strings.Contains(a.Message, "Pipeline: ") {
				t.Errorf("%+v", a)
			}
		}
	}
}
