package engine_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// What comes from HubSpot is written in the form that the column has: labels
// and names where it holds such, values and ids where it holds those.
func TestWhatComesBackTakesTheFormOfTheColumn(t *testing.T) {
	t.Parallel()
	const def = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: two-way
create: none
fields:
  - { field: Email, property: email }
  - { field: Status, property: hs_lead_status }
  - { field: Code, property: lifecyclestage }
  - { field: Owner, property: hubspot_owner_id, direction: from-hubspot }
`
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 10_000}}, def,
		"id,Email,Status,Code,Owner\n1,ann@norrsken-software.com,In Progress,lead,Ada Byron\n2,bob@norrsken-software.com,,,\n")
	owner := s.portal.AddOwner("ada@norrsken-software.com", "Ada", "Byron")
	ids := map[string]string{}
	for _, name := range []string{"ann", "bob"} {
		id, err := s.portal.Create("contacts", map[string]string{"email": name + "@norrsken-software.com", "hs_lead_status": "IN_PROGRESS", "lifecyclestage": "lead", "hubspot_owner_id": owner})
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	s.run()
	if want := "id,Email,Status,Code,Owner\n1,ann@norrsken-software.com,In Progress,lead,Ada Byron\n2,bob@norrsken-software.com,In Progress,lead,Ada Byron\n"; s.contents() != want {
		t.Errorf("the file is\n%swant\n%s", s.contents(), want)
	}
	if res := s.run(); res.Counts.Unchanged != 2 {
		t.Errorf("the next run: %+v", res.Counts)
	}
	s.edit(ids["ann"], "hs_lead_status", "OPEN_DEAL", "lifecyclestage", "opportunity")
	s.run()
	if want := "1,ann@norrsken-software.com,Open Deal,opportunity,Ada Byron\n"; !strings.Contains(strings.ToLower(s.contents()), strings.ToLower(want)) {
		t.Errorf("the file is\n%s", s.contents())
	}
}

// A label that stages of several pipelines have is the one of the record's own
// pipeline, where no column names the pipeline.
func TestAStageIsOfItsRecordsPipeline(t *testing.T) {
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
  - { field: Stage, property: dealstage`
	for _, steps := range []string{" }\n", ", to-hubspot: [pipeline-stage] }\n"} {
		s := newStage(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 10_000}}, def+steps,
			"id,Name,Stage\n1,one,Contract Sent\n2,two,Contract Sent\n3,three,Renewal due\n4,new,Contract Sent\n")
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/crm/v3/pipelines/deals/74310925/stages", strings.NewReader(`{"label":"Contract Sent","displayOrder":9,"metadata":{"probability":"0.5"}}`))
		r.Header.Set("Authorization", "Bearer "+s.portal.Token())
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if s.portal.ServeHTTP(w, r); w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
		_, id, _ := strings.Cut(w.Body.String(), `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		for name, in := range map[string][2]string{"one": {"74310925", "143870211"}, "two": {"default", "appointmentscheduled"}, "three": {"default", "appointmentscheduled"}} {
			if _, err := s.portal.Create("deals", map[string]string{"dealname": name, "pipeline": in[0], "dealstage": in[1]}); err != nil {
				t.Fatal(err)
			}
		}
		s.yes = true
		if res := s.run(); res.Counts.Updated != 3 || res.Counts.Failed != 1 {
			t.Errorf("%+v", res.Counts)
		}
		want := map[string]string{"one": "74310925 " + id, "two": "default contractsent", "three": "74310925 143870211"}
		for _, p := range s.portal.Records("deals") {
			if name := p["dealname"]; want[name] != "" && p["pipeline"]+" "+p["dealstage"] != want[name] || name == "new" {
				t.Errorf("%s is in %s, %s; want %s", name, p["pipeline"], p["dealstage"], want[name])
			}
		}
		if all := s.attention(); len(all) != 1 || !strings.Contains(all[0].Message, "several pipelines have a stage") {
			t.Errorf("%+v", all)
		}
		if res := s.run(); res.Counts.Unchanged != 3 {
			t.Errorf("the next run: %+v", res.Counts)
		}
	}
}
