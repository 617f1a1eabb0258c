package command_test

import (
	"testing"

	"syncline/sync/hubspot/practice"
)

// The largest filter that a definition may have leaves room for what a sync asks itself: where its
// walk goes on, and what changed since the last run. HubSpot refuses one condition more.
func TestTheLargestFilterCanBeRunAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 10_000, Search: 10_000}})
	id, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com", "firstname": "Ann", "city": "Graz", "jobtitle": "Buyer", "state": "Styria"})
	if err != nil {
		t.Fatal(err)
	}
	d.portal.SettleIndex()
	d.define("  match:", `  filter:
    - [ { property: city, operator: HAS_PROPERTY }, { property: jobtitle, operator: HAS_PROPERTY }, { property: state, operator: HAS_PROPERTY }, { property: email, operator: HAS_PROPERTY } ]
    - [ { property: city, operator: EQ, value: Rome } ]
    - [ { property: city, operator: EQ, value: Linz } ]
    - [ { property: city, operator: EQ, value: Wien } ]
    - [ { property: city, operator: EQ, value: Bonn } ]
  match:`, "create: hubspot", "create: none")
	if s := d.run(); s.report.Counts.Updated != 1 {
		t.Errorf("the first run: %+v", s.report.Counts)
	}
	if err := d.portal.Edit("contacts", id, map[string]string{"lastname": "Leeds"}); err != nil {
		t.Fatal(err)
	}
	d.portal.SettleIndex()
	if s := d.run(); s.report.Counts.SourceUpdated != 1 {
		t.Errorf("the run after an edit in HubSpot: %+v", s.report.Counts)
	}
}
