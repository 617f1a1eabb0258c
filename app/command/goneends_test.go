package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// newStaff has three people with their companies, of whom one has two.
func newStaff(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}})
	d.write("sync.yaml", strings.Replace(peopleByEmail, "people.csv", "customers.csv", 1)+"  - { to: companies, match: { field: Domain, property: domain }, split: \";\", create-missing: true }\n")
	d.write("customers.csv", "id,Email,Domain\n1,ann@example.com,one.com;two.com\n2,bob@example.com,two.com\n3,cy@example.com,three.com\n")
	if s := d.run(); s.status != 0 || d.joins() != "ann one.com, ann two.com, bob two.com, cy three.com" {
		t.Fatalf("%q %+v", d.joins(), s.report.Counts)
	}
	return d
}

// Associations that went with the record at their end were not removed by a person:
// they wait for the record, and come back with it.
func TestAssociationsOfAnArchivedRecordWaitForIt(t *testing.T) {
	t.Parallel()
	d := newStaff(t)
	two, _ := d.oneOf("companies", "domain", "two.com")
	cy, _ := d.one("cy@example.com")
	for object, id := range map[string]string{"companies": two, "contacts": cy} {
		if err := d.portal.Archive(object, id); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		s := d.run()
		if c := s.report.Counts; s.status != 3 || c.Conflict != 0 || c.Waiting != 2 || c.Associated+c.Created != 0 || !strings.Contains(s.out, "was archived in HubSpot") || strings.Contains(s.out, "it was removed in HubSpot") {
			t.Errorf("status %d, %+v\n%s", s.status, c, s.out)
		}
	}
	for object, id := range map[string]string{"companies": two, "contacts": cy} {
		if err := d.portal.Restore(object, id); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.run(); s.status != 0 || d.joins() != "ann one.com, ann two.com, bob two.com, cy three.com" {
		t.Errorf("restored: status %d, %q\n%s", s.status, d.joins(), s.out)
	}
	d.writesNothing(0, 0)
}

// Associations follow the merge of the record at their end, also where two names lead
// to one record by now.
func TestAssociationsFollowAMergeOfTheirEnds(t *testing.T) {
	t.Parallel()
	d := newStaff(t)
	one, _ := d.oneOf("companies", "domain", "one.com")
	two, _ := d.oneOf("companies", "domain", "two.com")
	if _, err := d.portal.Merge("companies", one, two); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s := d.run(); s.status != 0 || d.joins() != "ann one.com, bob one.com, cy three.com" || s.report.Counts.Waiting > 0 {
			t.Errorf("status %d, %q, %+v\n%s", s.status, d.joins(), s.report.Counts, s.out)
		}
	}
	d.writesNothing(0, 0)
}
