package practice_test

import (
	"testing"

	"syncline/sync/hubspot/practice"
)

func TestMergeGivesANewRecordThatBothOldIDsReach(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	company := c.create("companies", props{"name": "Acme"})
	a := c.contact(props{"email": "a@example.com", "firstname": "A", "lifecyclestage": "lead"})
	b := c.contact(props{"email": "b@example.com", "firstname": "B", "phone": "123", "lifecyclestage": "customer"})
	if err := c.portal.Associate("contacts", b, "companies", company, ""); err != nil {
		t.Fatal(err)
	}
	r := c.do("POST", "/crm/v3/objects/contacts/merge", props{"primaryObjectId": a, "objectIdToMerge": b}).want(t, 200)
	id := r.text("id")
	if id == a || id == b {
		t.Fatalf("the survivor has the id of one of the two: %s", id)
	}
	r = c.do("GET", "/crm/v3/objects/contacts/"+a+"?properties=email,firstname,phone,lifecyclestage,hs_merged_object_ids,hs_additional_emails&associations=companies", nil).want(t, 200)
	for path, want := range map[string]string{"id": id, "properties.email": "a@example.com", "properties.firstname": "A", "properties.phone": "123",
		"properties.lifecyclestage": "customer", "properties.hs_merged_object_ids": a + ";" + b, "properties.hs_additional_emails": "b@example.com",
		"associations.companies.results.0.id": company} {
		if got := r.text(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if r := c.do("POST", "/crm/v3/objects/contacts/batch/read", inputs(props{"id": b})).want(t, 200); r.text("results.0.id") != id {
		t.Errorf("batch/read of an old id: %s", r.raw)
	}
	c.do("PATCH", "/crm/v3/objects/contacts/"+b, `{"properties":{"phone":"456"}}`).want(t, 200)
	c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(map[string]any{"id": b, "properties": props{"phone": "789"}})).want(t, 207)
	if r := c.do("GET", "/crm/v3/objects/contacts?archived=true", nil); r.count("results") != 0 {
		t.Errorf("old ids are not archived records: %s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/objects/contacts/search", `{}`); r.at("total") != 1.0 || r.text("results.0.id") != id {
		t.Errorf("search: %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/contacts/merge", props{"primaryObjectId": id, "objectIdToMerge": a}).want(t, 400)
	if n := c.portal.Count("contacts"); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestMergingTheMergedKeepsEveryAlias(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	ids := []string{c.contact(props{"email": "0@example.com"}), c.contact(props{"email": "1@example.com"}), c.contact(props{"email": "2@example.com"})}
	first, err := c.portal.Merge("contacts", ids[0], ids[1])
	if err != nil {
		t.Fatal(err)
	}
	last, err := c.portal.Merge("contacts", ids[2], first)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range append(ids, first) {
		if got := c.do("GET", "/crm/v3/objects/contacts/"+old, nil).want(t, 200).text("id"); got != last {
			t.Errorf("%s leads to %s, want %s", old, got, last)
		}
	}
	for _, email := range []string{"0@example.com", "1@example.com"} {
		c.do("POST", "/crm/v3/objects/contacts", map[string]any{"properties": props{"email": email}}).want(t, 409)
	}
}

func TestMergeVariants(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: true, OldIDsOmitted: true}})
	a, b := c.contact(props{"email": "a@example.com"}), c.contact(props{"email": "b@example.com"})
	id, err := c.portal.Merge("contacts", a, b)
	if err != nil || id != a {
		t.Errorf("Merge = %s, %v; want the primary's id %s", id, err, a)
	}
	r := c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(map[string]any{"id": b, "properties": props{"phone": "1"}})).want(t, 200)
	if r.count("results") != 0 {
		t.Errorf("an old id is dropped silently: %s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/objects/contacts/search", `{}`); r.at("total") != 1.0 || r.text("results.0.id") != a {
		t.Errorf("search: %s", r.raw)
	}
}

func TestOldIDsInWritesAndArchives(t *testing.T) {
	t.Parallel()
	for _, reach := range []bool{false, true} {
		c := open(t, practice.Options{Switches: practice.Switches{OldIDsReachSurvivor: reach, OldIDsNotArchived: !reach}})
		a, b := c.contact(props{"email": "a@example.com"}), c.contact(props{"email": "b@example.com"})
		id, err := c.portal.Merge("contacts", a, b)
		if err != nil {
			t.Fatal(err)
		}
		r := c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(map[string]any{"id": b, "properties": props{"phone": "1"}}))
		if reached := r.text("results.0.id") == id; reached != reach {
			t.Errorf("reaching the survivor %s is %t: %s", id, reach, r.raw)
		}
		if !reach && r.text("errors.0.category") != "OBJECT_NOT_FOUND" {
			t.Errorf("an old id is not found: %s", r.raw)
		}
		for _, archive := range []func(){
			func() { c.do("DELETE", "/crm/v3/objects/contacts/"+a, nil).want(t, 204) },
			func() {
				c.do("POST", "/crm/v3/objects/contacts/batch/archive", inputs(map[string]any{"id": b})).want(t, 204)
			},
		} {
			archive()
			if left, want := c.portal.Count("contacts"), map[bool]int{true: 0, false: 1}[reach]; left != want {
				t.Errorf("%d contacts are left, want %d", left, want)
			}
		}
	}
}
