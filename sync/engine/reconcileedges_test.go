package engine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// A pair is equal when its record is associated with all that its row asks for.
// What a person associated besides is no difference.
func TestReconcileComparesTheAssociationsOfPairs(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
	s.run()
	if r, rows := s.reconcile(); r.Counts.Read != 4 || !r.Counts.Same() {
		t.Fatalf("after a run: %+v, %+v", r.Counts, rows)
	}
	s.link("dee@example.com", "beta.org")
	if r, rows := s.reconcile(); !r.Counts.Same() {
		t.Errorf("with an association of a person's own: %+v, %+v", r.Counts, rows)
	}
	s.unlink("ada@example.com", "acme.com")
	s.write(s.file, strings.Replace(staff, "cy@example.com,beta.org", "cy@example.com,new.net", 1))
	r, rows := s.reconcile()
	if r.Counts.Read != 4 || r.Counts.Different != 2 || r.Counts.Equal != 2 {
		t.Errorf("%+v, %+v", r.Counts, rows)
	}
	ada := rows["1 different"]
	if len(ada.Fields) != 1 || ada.Fields[0].Field != "Domain" || *ada.Fields[0].Source != "acme.com (Primary)" || ada.Fields[0].HubSpot != nil || !strings.Contains(ada.Reason, "no such association") {
		t.Errorf("removed in HubSpot: %+v", ada)
	}
	cy := rows["3 different"]
	if len(cy.Fields) != 2 || !strings.Contains(cy.Fields[0].Reason, `"new.net"`) || cy.Fields[1].Source != nil || cy.Fields[1].Reason != "the source has it no more" {
		t.Errorf("another company in the file: %+v", cy)
	}
}

// A row that is an association is equal when HubSpot has it under its label.
func TestReconcileComparesRowsThatAreAssociations(t *testing.T) {
	t.Parallel()
	s := chain(t)
	for _, document := range []string{"accounts.yaml", "opportunities.yaml", "roles.yaml"} {
		s.perform(document)
	}
	s.def = filepath.Join(s.dir, "roles.yaml")
	r, rows := s.reconcile()
	if r.Counts != (engine.ReconcileCounts{Read: 5, Equal: 4, OnlySource: 1}) || !strings.Contains(rows["4 only_source"].Reason, "none@example.com") {
		t.Errorf("%+v, %+v", r.Counts, rows)
	}
	s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,DM\n3,O2,bob@example.com,Influencer\n5,O1,bob@example.com,\n,O1,bob@example.com,\n")
	r, rows = s.reconcile()
	if r.Counts != (engine.ReconcileCounts{Read: 5, Equal: 2, OnlySource: 2, OnlyHubSpot: 1}) {
		t.Errorf("%+v, %+v", r.Counts, rows)
	}
	if gone := rows["2 only_hubspot"]; gone.Reason != "its row left the source" || len(gone.Fields) != 1 {
		t.Errorf("a row that went: %+v", gone)
	}
	if other := rows["3 only_source"]; other.Reason != "HubSpot has no such association" && len(other.Fields) != 2 {
		t.Errorf("a row with another label: %+v", other)
	}
}
