package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// What HubSpot refuses all the same is told with the column and plain words
// before its own, and the other cells of the row are written.
func TestARefusalByHubSpotNamesTheColumnAndLetsTheOthersFlow(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Rules: practice.Rules{Conditional: []practice.ConditionalRule{{ObjectType: "contacts", On: "hs_lead_status", Values: []string{"IN_PROGRESS"}, Property: "message"}}}},
		strings.Replace(oneWay, "  - { field: Closed, property: closedate }\n", "", 1), "id,Email,First,Status\n1,ann@example.com,Ann,NEW\n2,bob@example.com,Bob,NEW\n")
	s.run()
	s.replace("Ann,NEW", "Anna,IN_PROGRESS")
	s.replace("Bob,NEW", "Bobby,NEW")
	res := s.run()
	if res.Counts.Failed != 1 || res.Counts.Updated != 1 {
		t.Errorf("%+v", res.Counts)
	}
	all := s.attention()
	if len(all) != 1 || all[0].Class != plan.ClassRefused || !strings.Contains(all[0].Message, "because of another one of the record") || !strings.Contains(all[0].Message, "HubSpot says: ") {
		t.Errorf("%+v", all)
	}
	if _, p := s.by("email", "bob@example.com"); p["firstname"] != "Bobby" {
		t.Errorf("%v", p)
	}

	// An option that is taken away between the plan and the run.
	s = newStage(t, practice.Options{}, strings.Replace(oneWay, "closedate", "message", 1), "id,Email,First,Status,Closed\n1,ann@example.com,Ann,NEW,x\n")
	s.run()
	owner := s.portal.AddOwner("ada@example.com", "Ada", "Lovelace")
	def := strings.Replace(oneWay, "property: closedate", "property: hubspot_owner_id", 1)
	s.write(s.def, def)
	s.write(s.file, "id,Email,First,Status,Closed\n1,ann@example.com,Anna,NEW,ada@example.com\n")
	s.at = func(point string) {
		if point == "planned" {
			s.portal.ArchiveOwner(owner)
		}
	}
	if res := s.run(); res.Counts.Failed != 1 {
		t.Errorf("%+v", res.Counts)
	}
	all = s.attention()
	if len(all) != 1 || !strings.HasPrefix(all[0].Message, "Closed: \""+owner+"\" is no owner") || !strings.Contains(all[0].Message, "HubSpot says: ") || !strings.HasSuffix(all[0].Message, "the other fields are written") {
		t.Errorf("%+v", all)
	}
	if _, p := s.by("email", "ann@example.com"); p["firstname"] != "Anna" || p["hubspot_owner_id"] != "" {
		t.Errorf("%v", p)
	}
}

// A unique value that another record has got since the plan is told with its
// column and holder, in plain words.
func TestATakenUniqueValueNamesItsColumn(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(oneWay, "property: hs_lead_status", "property: sf_id", 1), "id,Email,First,Status,Closed\n1,ann@example.com,Ann,A1,\n2,bob@example.com,Bob,B1,\n")
	if err := s.portal.CreateProperty("contacts", practice.Property{Name: "sf_id", Label: "Salesforce id", Type: "string", FieldType: "text", Unique: true}); err != nil {
		t.Fatal(err)
	}
	s.run()
	s.replace("Bob,B1", "Bobby,C1")
	s.write(s.file, s.contents()+"3,cy@example.com,Cy,C2,\n")
	var id string
	s.at = func(point string) {
		if point != "planned" {
			return
		}
		var err error
		if id, err = s.portal.Create("contacts", map[string]string{"email": "dee@example.com", "sf_id": "C1"}); err != nil {
			t.Error(err)
		}
		if _, err := s.portal.Create("contacts", map[string]string{"email": "eve@example.com", "sf_id": "C2"}); err != nil {
			t.Error(err)
		}
	}
	if res := s.run(); res.Counts.Failed != 1 || res.Counts.Conflict != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if n := len(s.conflicts()); n != 1 {
		t.Errorf("%d conflicts", n)
	}
	for _, c := range s.conflicts() {
		if strings.Contains(c.Reason, "Cannot set") || !strings.Contains(c.Reason, "Status: the record ") {
			t.Error(c.Reason)
		}
	}
	if all := s.attention(); len(all) != 1 || !strings.HasPrefix(all[0].Message, "Status: the record "+id+" has \"C1\" already, and HubSpot keeps it unique") {
		t.Errorf("%+v", all)
	}
}
