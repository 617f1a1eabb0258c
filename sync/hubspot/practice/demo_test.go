package practice_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func TestDemoIsAPortalInUse(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Demo: true, Now: clock.now})
	for _, objectType := range []string{"contacts", "companies", "deals", "tickets"} {
		n := c.portal.Count(objectType)
		if n == 0 {
			t.Errorf("no %s", objectType)
		}
		r := c.do("POST", "/crm/v3/objects/"+objectType+"/search", `{"limit":1}`).want(t, 200)
		if r.at("total") != float64(n) {
			t.Errorf("%s: search knows %v of %d", objectType, r.at("total"), n)
		}
		if at := r.text("results.0.createdAt"); at == "" || at > "2026-11-22T09:00:00Z" {
			t.Errorf("%s were made at %s", objectType, at)
		}
	}
	linked := 0
	for id := range c.portal.Records("contacts") {
		linked += len(c.portal.Associated("contacts", id, "companies"))
	}
	if linked == 0 {
		t.Error("no contact has a company")
	}
	if r := c.do("GET", "/crm/v3/owners/", nil); r.count("results") == 0 {
		t.Error("no owners")
	}
	if r := c.do("GET", "/crm-object-schemas/v3/schemas", nil).want(t, 200); r.count("results") > 0 {
		name := r.text("results.0.fullyQualifiedName")
		if c.portal.Count(name) == 0 || !strings.HasPrefix(name, "p50123456_") {
			t.Errorf("custom object %s has %d records", name, c.portal.Count(name))
		}
	}
}
