package practice_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

type object = map[string]any

func ref(id string) object { return object{"id": id} }

func edge(from, to string, types ...int) object {
	list := []any{}
	for _, t := range types {
		list = append(list, object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": t})
	}
	return object{"from": ref(from), "to": ref(to), "types": list}
}

func TestAssociatingInBatches(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, acme, other := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"}), c.create("companies", props{"name": "Other"})
	for _, base := range []string{"/crm/v4/associations/contacts/companies/", "/crm/associations/2026-09/0-1/0-2/", "/crm/associations/v4/contact/company/"} {
		r := c.do("POST", base+"batch/create", inputs(edge(person, acme, 279), edge(person, other, 279))).want(t, 201)
		if !strings.Contains(r.raw, fmt.Sprintf(`{"fromObjectTypeId":"0-1","fromObjectId":%s,"toObjectTypeId":"0-2","toObjectId":%s,"labels":[]}`, person, acme)) {
			t.Errorf("%s: %s", base, r.raw)
		}
	}
	r := c.do("POST", "/crm/v4/associations/contacts/companies/batch/read", inputs(ref(person))).want(t, 200)
	want := fmt.Sprintf(`{"from":{"id":"%s"},"to":[{"toObjectId":%s,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]},{"toObjectId":%s,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]}]}`, person, acme, other)
	if !strings.Contains(r.raw, want) {
		t.Errorf("the first company is primary, and repeating changes nothing:\n%s\nwant %s", r.raw, want)
	}
	r = c.do("POST", "/crm/v4/associations/companies/contacts/batch/read", inputs(ref(acme))).want(t, 200)
	if r.at("results.0.to.0.associationTypes.0.typeId") != 2.0 || r.at("results.0.to.0.associationTypes.1.typeId") != 280.0 {
		t.Errorf("the other direction has its own ids: %s", r.raw)
	}
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(edge(person, other, 1))).want(t, 201)
	r = c.do("GET", "/crm/v4/objects/contacts/"+person+"/associations/companies", nil).want(t, 200)
	if r.count("results.0.associationTypes") != 1 || r.count("results.1.associationTypes") != 2 {
		t.Errorf("a new primary replaces the old: %s", r.raw)
	}
	if got := c.do("GET", "/crm/v3/objects/contacts/"+person+"?properties=associatedcompanyid", nil).text("properties.associatedcompanyid"); got != other {
		t.Errorf("associatedcompanyid %s, want %s", got, other)
	}
}

func TestRecordsWithoutAssociationsMakeA207(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.create("deals", props{"dealname": "D", "dealstage": "appointmentscheduled"})
	r := c.do("POST", "/crm/v4/associations/deals/companies/batch/read", inputs(ref(id), ref("x1"))).want(t, 207)
	if r.text("errors.0.subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND" || r.text("errors.0.message") != "No company is associated with deal "+id+"." ||
		r.text("errors.0.context.fromObjectId.0") != id || r.text("errors.0.context.fromObjectType.0") != "deal" || r.text("errors.0.context.toObjectType.0") != "company" {
		t.Errorf("body %s", r.raw)
	}
	if r.text("errors.1.subCategory") != "crm.associations.INVALID_IDENTIFIER" || r.count("results") != 0 || r.at("numErrors") != 2.0 {
		t.Errorf("body %s", r.raw)
	}
}

func TestAssociationsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	a, b := c.contact(props{"firstname": "A"}), c.contact(props{"firstname": "B"})
	company := c.create("companies", props{"name": "Acme"})
	r := c.do("POST", "/crm/v4/associations/contacts/contacts/batch/create", inputs(edge("unknown_id", a, 449), edge(a, a, 449), edge(a, b, 449))).want(t, 207)
	if r.count("results") != 1 || r.text("errors.0.message") != "unknown_id is not a valid ID" || r.text("errors.1.message") != fmt.Sprintf("Object %s cannot be associated to itself (%s)", a, a) {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(edge(a, company, 280))).
		wantError(t, 400, "VALIDATION_ERROR", "invalid from object type 0-1 for associations to be created. expected: 0-2")
	r = c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(edge(a, company, 99999)))
	r.wantError(t, 400, "VALIDATION_ERROR", "One or more associations are invalid")
	if r.text("context.associationSpec.0") != "HUBSPOT_DEFINED=99999" {
		t.Errorf("context %s", r.raw)
	}
	r = c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(edge(a, "424242", 279)))
	if r.wantError(t, 400, "VALIDATION_ERROR", "One or more associations are invalid"); r.text("context.INVALID_OBJECT_IDS.0") != "COMPANY=424242 is not valid" {
		t.Errorf("context %s", r.raw)
	}
	item := c.create("line_items", props{"name": "L"})
	d1, d2 := c.create("deals", props{"dealname": "1", "dealstage": "closedwon"}), c.create("deals", props{"dealname": "2", "dealstage": "closedwon"})
	c.do("POST", "/crm/v4/associations/line_items/deals/batch/create", inputs(edge(item, d1, 20), edge(item, d2, 20))).
		wantError(t, 400, "VALIDATION_ERROR", "cannot pass multiple to object ids: ["+d1+", "+d2+"] for one to one association type AssociationSpec{")
	many := make([]any, 1001)
	for i := range many {
		many[i] = ref(fmt.Sprint(i))
	}
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/read", inputs(many...)).wantError(t, 400, "VALIDATION_ERROR", "is 1000.")
}

func TestDissociating(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, acme, other := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"}), c.create("companies", props{"name": "Other"})
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/associate/default", inputs(edge(person, acme), edge(person, other))).want(t, 200)
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/labels/archive", inputs(edge(person, acme, 1))).want(t, 204)
	r := c.do("GET", "/crm/v4/objects/contacts/"+person+"/associations/companies", nil)
	if r.count("results") != 2 || r.count("results.0.associationTypes") != 1 {
		t.Errorf("removing the label leaves the association: %s", r.raw)
	}
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/archive", inputs(object{"from": ref(person), "to": []any{ref(acme)}})).want(t, 204)
	c.do("POST", "/crm/associations/2026-09/contacts/companies/batch/archive", inputs(object{"from": ref(person), "to": []any{ref(other)}})).want(t, 200)
	if got := c.portal.Associated("companies", acme, "contacts"); len(got) != 0 {
		t.Errorf("still associated: %v", got)
	}
	c.do("POST", "/crm/v4/associations/contacts/companies/batch/read", inputs(ref(person))).want(t, 207)
}

func TestAssociationsOnCreateAndInReads(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	company := c.create("companies", props{"name": "Acme"})
	r := c.do("POST", "/crm/v3/objects/contacts", object{"properties": props{"firstname": "A"}, "associations": []any{
		object{"to": ref(company), "types": []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}}}).want(t, 201)
	id := r.text("id")
	r = c.do("GET", "/crm/v3/objects/contacts/"+id+"?associations=companies,deals", nil).want(t, 200)
	want := fmt.Sprintf(`"associations":{"companies":{"results":[{"id":"%s","type":"contact_to_company"},{"id":"%s","type":"contact_to_company_unlabeled"}]}}`, company, company)
	if !strings.Contains(r.raw, want) {
		t.Errorf("body %s\nwant %s", r.raw, want)
	}
	c.do("POST", "/crm/v3/objects/contacts", object{"properties": props{"firstname": "B"}, "associations": []any{
		object{"to": ref("77"), "types": []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}}}).
		wantError(t, 400, "VALIDATION_ERROR", "One or more associations are invalid")
	c.do("DELETE", "/crm/v3/objects/companies/"+company, nil).want(t, 204)
	if r := c.do("GET", "/crm/v3/objects/contacts/"+id+"?associations=companies", nil); strings.Contains(r.raw, `"associations"`) {
		t.Errorf("archived companies are not shown: %s", r.raw)
	}
}

func TestSingleAssociations(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, acme := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"})
	c.do("PUT", "/crm/v4/objects/contacts/"+person+"/associations/default/companies/"+acme, nil).want(t, 200)
	c.do("PUT", "/crm/objects/2026-09/contacts/"+person+"/associations/companies/"+acme, `[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":931}]`).want(t, 201)
	if r := c.do("GET", "/crm/objects/2026-09/contacts/"+person+"/associations/companies", nil).want(t, 200); r.count("results.0.associationTypes") != 2 {
		t.Errorf("the label that was not named is gone: %s", r.raw)
	}
	c.do("DELETE", "/crm/v4/objects/contacts/"+person+"/associations/companies/"+acme, nil).want(t, 204)
	c.do("PUT", "/crm/v3/objects/contacts/"+person+"/associations/companies/"+acme+"/contact_to_company_unlabeled", nil).want(t, 200)
	if r := c.do("GET", "/crm/v3/objects/contacts/"+person+"/associations/companies", nil).want(t, 200); r.text("results.0.type") != "contact_to_company" {
		t.Errorf("v3 shows names: %s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/associations/contacts/companies/batch/read", inputs(ref(person))).want(t, 200); r.text("results.0.to.0.id") != acme {
		t.Errorf("v3 batch: %s", r.raw)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v4/associations/contacts/companies/labels"
	r := c.do("GET", base, nil).want(t, 200)
	if r.count("results") != 3 || r.at("results.0.typeId") != 1.0 || r.text("results.0.label") != "Primary" {
		t.Errorf("labels that come with HubSpot: %s", r.raw)
	}
	r = c.do("POST", base, `{"label":"Manager","name":"manager","inverseLabel":"Managed"}`).want(t, 200)
	if r.count("results") != 2 || r.text("results.0.category") != "USER_DEFINED" || r.text("results.1.label") != "Managed" {
		t.Fatalf("both directions come back: %s", r.raw)
	}
	id := int(r.at("results.0.typeId").(float64))
	person, acme := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"})
	labelled := object{"from": ref(person), "to": ref(acme), "types": []any{object{"associationCategory": "USER_DEFINED", "associationTypeId": id}}}
	if r := c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(labelled)).want(t, 201); r.text("results.0.labels.0") != "Manager" {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("GET", "/crm/v4/objects/companies/"+acme+"/associations/contacts", nil); !strings.Contains(r.raw, `"label":"Managed"`) {
		t.Errorf("the inverse label shows at the other end: %s", r.raw)
	}
	c.do("POST", base, `{"label":"Manager","name":"manager"}`).want(t, 409)
	c.do("POST", base, `{"label":"X","name":"1x"}`).want(t, 400)
	c.do("PUT", base, fmt.Sprintf(`{"associationTypeId":%d,"label":"Boss"}`, id)).want(t, 204)
	c.do("DELETE", fmt.Sprintf("%s/%d", base, id), nil).want(t, 204)
	if r := c.do("GET", "/crm/v4/objects/contacts/"+person+"/associations/companies", nil); r.count("results") != 1 || strings.Contains(r.raw, "Boss") {
		t.Errorf("the pair stays associated without the label: %s", r.raw)
	}
}

func TestAssociatingMovesTheModifiedDate(t *testing.T) {
	t.Parallel()
	for keep, want := range map[bool]bool{false: true, true: false} {
		clock := newClock()
		c := open(t, practice.Options{Now: clock.now, Switches: practice.Switches{AssociationsKeepDate: keep}})
		person, acme := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"})
		before, _ := c.portal.Record("contacts", person)
		clock.advance(1000)
		if err := c.portal.Associate("contacts", person, "companies", acme, ""); err != nil {
			t.Fatal(err)
		}
		after, _ := c.portal.Record("contacts", person)
		if moved := before["lastmodifieddate"] != after["lastmodifieddate"]; moved != want {
			t.Errorf("AssociationsKeepDate %v: moved %v", keep, moved)
		}
	}
}

func TestManyAssociationsComeInPages(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Switches: practice.Switches{AssociationIDsAsText: true}})
	company := c.create("companies", props{"name": "Big"})
	var list []any
	for i := range 620 {
		id, err := c.portal.Create("contacts", props{"firstname": fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, edge(company, id, 280))
	}
	if r := c.do("POST", "/crm/v4/associations/companies/contacts/batch/create", inputs(list...)).want(t, 201); r.text("results.0.fromObjectId") != company {
		t.Errorf("the switch sends ids as text: %.300s", r.raw)
	}
	seen := map[string]bool{}
	collect := func(r result, at string) {
		for i := range r.count(at) {
			seen[r.text(fmt.Sprintf("%s.%d.toObjectId", at, i))] = true
		}
	}
	r := c.do("POST", "/crm/v4/associations/companies/contacts/batch/read", inputs(ref(company))).want(t, 200)
	collect(r, "results.0.to")
	r = c.do("POST", "/crm/v4/associations/companies/contacts/batch/read", inputs(object{"id": company, "after": r.text("results.0.paging.next.after")})).want(t, 200)
	collect(r, "results.0.to")
	if len(seen) != 620 || r.at("results.0.paging") != nil {
		t.Errorf("batch/read pages show %d", len(seen))
	}
	clear(seen)
	after := ""
	for range 5 {
		r := c.do("GET", "/crm/v4/objects/companies/"+company+"/associations/contacts?limit=250&after="+after, nil).want(t, 200)
		collect(r, "results")
		if after = r.text("paging.next.after"); after == "" {
			break
		}
	}
	if len(seen) != 620 {
		t.Errorf("list pages show %d", len(seen))
	}
	r = c.do("GET", "/crm/v3/objects/companies/"+company+"?associations=contacts", nil).want(t, 200)
	if r.count("associations.contacts.results") < 100 || r.text("associations.contacts.paging.next.after") == "" {
		t.Errorf("a read shows the first hundred: %.300s", r.raw)
	}
}

func TestLegacyAssociationsGoByName(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, deal := c.contact(props{"firstname": "A"}), c.create("deals", props{"dealname": "D", "dealstage": "closedwon"})
	legacy := object{"from": ref(person), "to": ref(deal), "type": "contact_to_deal"}
	if r := c.do("POST", "/crm/v3/associations/contacts/deals/batch/create", inputs(legacy)).want(t, 201); r.text("results.0.type") != "contact_to_deal" {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("GET", "/crm/v3/associations/contacts/deals/types", nil).want(t, 200); r.text("results.0.id") != "4" || r.text("results.0.name") != "contact_to_deal" {
		t.Errorf("body %s", r.raw)
	}
	c.do("DELETE", "/crm/v3/objects/contacts/"+person+"/associations/deals/"+deal+"/4", nil).want(t, 204)
	if got := c.portal.Associated("deals", deal, "contacts"); len(got) != 0 {
		t.Errorf("still associated: %v", got)
	}
	legacy["type"] = "contact_to_moon"
	c.do("POST", "/crm/v3/associations/contacts/deals/batch/create", inputs(legacy)).want(t, 400)
}
