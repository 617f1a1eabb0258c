package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// A request to make a record can arrive long after its connection ended. As a rule HubSpot refuses it,
// since the record that was made in its place bears the same key; a record that was merged meanwhile
// has given it away. What the late one makes is no new customer, and gets no row.
func TestARecordThatALateRequestMadeGetsNoRow(t *testing.T) {
	t.Parallel()
	document := strings.Replace(twoWay, "create: hubspot", "create: both", 1)
	document = strings.Replace(document, "key: [id]", "key: [Email]", 1)
	s := newStage(t, practice.Options{}, strings.Replace(document, "fields:\n", "fields:\n  - { field: id, property: jobtitle, direction: to-hubspot }\n", 1), people(3))
	s.run()
	made, properties := s.by("email", "p2@example-1.com")
	other, _ := s.by("email", "p3@example-2.com")
	if _, err := s.portal.Merge("contacts", other, made); err != nil {
		t.Fatal(err)
	}
	s.run()
	late := map[string]string{"email": "late@example.com", "firstname": "First2", "syncline_key": properties["syncline_key"]}
	if _, err := s.portal.Create("contacts", late); err != nil {
		t.Fatal(err)
	}
	if res := s.run(); res.Counts.SourceCreated != 0 || strings.Contains(s.contents(), "late@example.com") {
		t.Errorf("%+v\n%s", res.Counts, s.contents())
	}
}
