package practice_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func field(name string, more ...string) object {
	o := object{"name": name, "label": "L " + name, "groupName": "contactinformation", "type": "string", "fieldType": "text"}
	for i := 0; i < len(more); i += 2 {
		o[more[i]] = more[i+1]
	}
	return o
}

func TestPropertiesAreMadeReadChangedAndArchived(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v3/properties/contacts"
	r := c.do("POST", base, field("age__c", "type", "number", "fieldType", "number")).want(t, 201)
	if r.text("createdAt") == "" || r.at("archived") != false || r.at("modificationMetadata.archivable") != true {
		t.Errorf("body %s", r.raw)
	}
	c.do("GET", base+"/age__c", nil).want(t, 200)
	if r := c.do("PATCH", base+"/age__c", `{"label":"Age"}`).want(t, 200); r.text("label") != "Age" || r.text("type") != "number" {
		t.Errorf("body %s", r.raw)
	}
	r = c.do("POST", base, field("age__c"))
	if r.wantError(t, 409, "OBJECT_ALREADY_EXISTS", "A property named 'age__c' already exists."); r.text("subCategory") != "Properties.PROPERTY_WITH_NAME_EXISTS" {
		t.Errorf("body %s", r.raw)
	}
	id := c.contact(props{"firstname": "A", "age__c": "36"})
	c.do("DELETE", base+"/age__c", nil).want(t, 204)
	c.do("GET", base+"/age__c", nil).wantError(t, 404, "OBJECT_NOT_FOUND", "age__c")
	c.do("GET", base+"/age__c?archived=true", nil).want(t, 200)
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"age__c":"37"}}`).want(t, 400)
	if r := c.do("GET", "/crm/v3/objects/contacts/"+id+"?properties=age__c", nil); strings.Contains(r.raw, "age__c") {
		t.Errorf("an archived property is unknown to reads: %s", r.raw)
	}
	if r := c.do("POST", base, field("age__c")).want(t, 201); r.text("type") != "number" {
		t.Errorf("making an archived name again restores it: %s", r.raw)
	}
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v3/properties/contacts"
	c.do("POST", base, field("Bad-Name")).want(t, 400)
	c.do("POST", base, field("x", "groupName", "nowhere")).want(t, 400)
	c.do("POST", base, field("x", "fieldType", "checkbox")).want(t, 400)
	c.do("POST", base, field("x", "type", "json")).want(t, 400)
	c.do("POST", base, `{"name":"x"}`).wantError(t, 400, "", "some of required attributes are not set [label, groupName, type, fieldType]")
	c.do("DELETE", base+"/email", nil).want(t, 400)
	unique := 0
	list, _ := c.do("GET", base, nil).at("results").([]any)
	for _, d := range list {
		if p := d.(object); p["hasUniqueValue"] == true && p["hubspotDefined"] != true {
			unique++
		}
	}
	for i := unique; i < 10; i++ {
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: fmt.Sprintf("key%d", i), Unique: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.portal.CreateProperty("contacts", practice.Property{Name: "key10", Unique: true}); err == nil {
		t.Error("an eleventh unique property is refused")
	}
}

func TestOptionsAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v3/properties/contacts"
	d := field("colours", "type", "enumeration", "fieldType", "checkbox")
	d["options"] = []any{object{"label": "Red", "value": "r"}, object{"label": "Green", "value": "g"}, object{"label": "Blue", "value": "b"}}
	c.do("POST", base, d).want(t, 201)
	id := c.contact(props{"firstname": "A", "colours": "r;g;r"})
	get := func() string {
		return c.do("GET", "/crm/v3/objects/contacts/"+id+"?properties=colours", nil).text("properties.colours")
	}
	if get() != "r;g" {
		t.Errorf("colours %q", get())
	}
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"colours":";b"}}`).want(t, 200)
	if get() != "r;g;b" {
		t.Errorf("a leading semicolon appends: %q", get())
	}
	c.do("PATCH", base+"/colours", `{"description":"x"}`).want(t, 200)
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"colours":"g"}}`).want(t, 200)
	c.do("PATCH", base+"/colours", `{"options":[{"label":"Red","value":"r"}]}`).want(t, 200)
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"colours":"g"}}`).want(t, 400)
	if get() != "g" {
		t.Errorf("records keep what they have: %q", get())
	}
}

func TestPropertyBatchesAndGroups(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/properties/2026-09/contacts"
	c.do("POST", base+"/groups", `{"name":"mine","label":"Mine"}`).want(t, 201)
	c.do("POST", base+"/groups", `{"name":"mine","label":"Mine"}`).want(t, 409)
	if r := c.do("GET", base+"/groups", nil).want(t, 200); !strings.Contains(r.raw, `"name":"mine"`) {
		t.Errorf("groups %s", r.raw)
	}
	r := c.do("POST", base+"/batch/create", inputs(field("one", "groupName", "mine"), field("email"), field("two"))).want(t, 207)
	if r.count("results") != 2 || r.text("errors.0.context.name.0") != "email" {
		t.Errorf("body %s", r.raw)
	}
	r = c.do("POST", base+"/batch/read", object{"archived": false, "inputs": []any{object{"name": "one"}, object{"name": "nope"}}}).want(t, 207)
	if r.count("results") != 1 {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("DELETE", base+"/groups/mine", nil).want(t, 400); !strings.Contains(r.text("message"), "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES") {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", base+"/batch/archive", inputs(object{"name": "one"})).want(t, 204)
	c.do("DELETE", base+"/groups/mine", nil).want(t, 204)
}

func TestPipelines(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v3/pipelines/deals"
	r := c.do("POST", base, `{"label":"Field trials","displayOrder":1,"stages":[{"label":"Open","displayOrder":0,"metadata":{"probability":"0.5"}},{"label":"Won","displayOrder":1,"metadata":{"probability":"1.0"}}]}`).want(t, 201)
	pipe, open := r.text("id"), r.text("stages.0.id")
	if r.text("stages.1.metadata.isClosed") != "true" || r.text("stages.0.writePermissions") == "" {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", base+"/"+pipe+"/stages", `{"label":"No chance"}`).wantError(t, 400, "VALIDATION_ERROR", "probability")
	c.do("POST", base+"/"+pipe+"/stages", `{"label":"Open","metadata":{"probability":"0.1"}}`).want(t, 409)
	id := c.create("deals", props{"dealname": "D", "pipeline": pipe, "dealstage": open})
	c.do("PATCH", "/crm/v3/objects/deals/"+id, `{"properties":{"pipeline":"default"}}`).want(t, 400) // the stage is not of that pipeline
	c.do("PATCH", "/crm/v3/objects/deals/"+id, `{"properties":{"pipeline":"default","dealstage":"closedwon"}}`).want(t, 200)
	r = c.do("GET", "/crm/v3/objects/deals/"+id+"?properties=hs_is_closed,hs_deal_stage_probability,closedate", nil)
	if r.text("properties.hs_is_closed") != "true" || r.text("properties.closedate") == "" {
		t.Errorf("closing sets what depends on it: %s", r.raw)
	}
	c.do("PATCH", "/crm/v3/objects/deals/"+id, object{"properties": props{"pipeline": pipe, "dealstage": open}}).want(t, 200)
	r = c.do("DELETE", "/crm/pipelines/2026-09/deals/"+pipe, nil).wantError(t, 400, "VALIDATION_ERROR", "Stage IDs: ["+open+"] are being referenced by object IDs: ["+id+"]")
	if r.text("subCategory") != "PipelineError.STAGE_ID_IN_USE" {
		t.Errorf("body %s", r.raw)
	}
	c.do("DELETE", "/crm/v3/pipelines/deals/"+pipe+"?validateReferencesBeforeDelete=true", nil).want(t, 400)
	c.do("DELETE", "/crm/v3/pipelines/deals/"+pipe, nil).want(t, 204) // before 2026-09 nothing is checked
}

func TestOwners(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.portal.AddOwner("new@example.com", "New", "Owner")
	if r := c.do("GET", "/crm/v3/owners/?email=NEW@example.com", nil).want(t, 200); r.text("results.0.id") != id || r.text("results.0.type") != "PERSON" {
		t.Errorf("body %s", r.raw)
	}
	user := fmt.Sprintf("%.0f", c.do("GET", "/crm/owners/2026-09/"+id, nil).want(t, 200).at("userId"))
	c.do("GET", "/crm/v3/owners/"+user+"?idProperty=userId", nil).want(t, 200)
	person := c.contact(props{"firstname": "A", "hubspot_owner_id": id})
	c.do("PATCH", "/crm/v3/objects/contacts/"+person, object{"properties": props{"hubspot_owner_id": user}}).want(t, 400) // not the user id
	c.portal.ArchiveOwner(id)
	c.do("POST", "/crm/v3/objects/contacts", object{"properties": props{"firstname": "B", "hubspot_owner_id": id}}).want(t, 400)
	r := c.do("GET", "/crm/v3/owners/"+id+"?archived=true", nil).want(t, 200)
	if r.at("userId") != nil || r.at("userIdIncludingInactive") == nil {
		t.Errorf("an archived owner has no userId: %s", r.raw)
	}
	seen, after := 0, ""
	for range 50 {
		r := c.do("GET", "/crm/v3/owners/?limit=2&after="+after, nil).want(t, 200)
		seen += r.count("results")
		if after = r.text("paging.next.after"); after == "" {
			break
		}
	}
	if all := c.do("GET", "/crm/v3/owners/", nil).count("results"); seen != all {
		t.Errorf("paging saw %d of %d owners", seen, all)
	}
}

func TestCustomObjects(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("POST", "/crm-object-schemas/v3/schemas", `{"name":"car","labels":{"singular":"Car","plural":"Cars"},"primaryDisplayProperty":"plate","requiredProperties":["plate"],
		"searchableProperties":["plate"],"properties":[{"name":"plate","label":"Plate","type":"string","fieldType":"text","hasUniqueValue":true}],"associatedObjects":["CONTACT"]}`).want(t, 201)
	id := r.text("objectTypeId")
	if r.text("fullyQualifiedName") != "p50123456_car" || !strings.HasPrefix(id, "2-") {
		t.Fatalf("body %s", r.raw)
	}
	car := c.create("p50123456_car", props{"plate": "AB 12"})
	for _, name := range []string{id, "p50123456_car"} {
		c.do("GET", "/crm/v3/objects/"+name+"/"+car, nil).want(t, 200)
	}
	c.do("POST", "/crm/v3/objects/"+id, `{"properties":{"plate":"ab 12"}}`).want(t, 400)
	c.do("POST", "/crm/v3/objects/"+id, `{"properties":{}}`).wantError(t, 400, "VALIDATION_ERROR", "Error creating CAR.")
	person := c.contact(props{"firstname": "A"})
	c.do("PUT", "/crm/v4/objects/"+id+"/"+car+"/associations/default/contacts/"+person, nil).want(t, 200)
	if r := c.do("GET", "/crm/v3/objects/contacts/"+person+"?associations="+id, nil).want(t, 200); !strings.Contains(r.raw, `"associations":{"p50123456_car":{"results"`) {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/objects/"+id+"/search", `{"query":"ab"}`).want(t, 200); r.at("total") != 1.0 || r.at("results.0.properties.hs_lastmodifieddate") == nil {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("GET", "/crm/v3/schemas", nil).want(t, 200); r.count("results") != 1 {
		t.Errorf("body %s", r.raw)
	}
	c.do("DELETE", "/crm/v3/schemas/car", nil).want(t, 400)
	c.do("DELETE", "/crm/v3/objects/"+id+"/"+car, nil).want(t, 204)
	c.do("DELETE", "/crm/v3/schemas/"+id, nil).want(t, 204)
	c.do("GET", "/crm/v3/objects/"+id, nil).want(t, 400)
}

func TestStages(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	const base = "/crm/v3/pipelines/tickets/0"
	c.do("GET", base, nil).want(t, 200)
	c.do("GET", "/crm/v3/pipelines/tickets/77", nil).wantError(t, 404, "OBJECT_NOT_FOUND", "77")
	if r := c.do("GET", base+"/stages", nil).want(t, 200); r.count("results") != 4 {
		t.Errorf("body %s", r.raw)
	}
	r := c.do("POST", base+"/stages", `{"label":"Parked","displayOrder":9,"metadata":{"ticketState":"OPEN"}}`).want(t, 201)
	id := r.text("id")
	if r := c.do("PATCH", base+"/stages/"+id, `{"label":"On hold","metadata":{"ticketState":"CLOSED"}}`).want(t, 200); r.text("label") != "On hold" || r.text("metadata.ticketState") != "CLOSED" {
		t.Errorf("body %s", r.raw)
	}
	c.do("PATCH", base+"/stages/"+id, `{"label":"New"}`).want(t, 409)
	c.create("tickets", props{"subject": "T", "hs_pipeline_stage": id})
	c.do("DELETE", "/crm/pipelines/2026-09/tickets/0/stages/"+id, nil).want(t, 400)
	c.do("DELETE", base+"/stages/"+id, nil).want(t, 204)
	c.do("GET", base+"/stages/"+id, nil).want(t, 404)
	if r := c.do("PATCH", base, `{"label":"Support"}`).want(t, 200); r.text("label") != "Support" {
		t.Errorf("body %s", r.raw)
	}
}

func TestSchemasChange(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	c.do("POST", "/crm-object-schemas/2026-09/schemas", `{"name":"car","labels":{"singular":"Car","plural":"Cars"},"requiredProperties":[],"primaryDisplayProperty":"plate",
		"secondaryDisplayProperties":[],"searchableProperties":[],"allowsSensitiveProperties":false,"shouldCreateSameObjectAssociation":false,
		"properties":[{"name":"plate","label":"Plate","type":"string","fieldType":"text"}],"associatedObjects":[]}`).want(t, 201)
	c.do("POST", "/crm/v3/schemas", `{"name":"car","labels":{"singular":"Car","plural":"Cars"},"requiredProperties":[],"properties":[]}`).want(t, 409)
	c.do("POST", "/crm/v3/schemas", `{"name":"1car","labels":{"singular":"Car","plural":"Cars"},"requiredProperties":[],"properties":[]}`).want(t, 400)
	if r := c.do("PATCH", "/crm/v3/schemas/car", `{"labels":{"singular":"Auto","plural":"Autos"},"requiredProperties":["plate"]}`).want(t, 200); r.text("labels.plural") != "Autos" {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/car", `{"properties":{}}`).want(t, 400)
	c.do("DELETE", "/crm/v3/properties/car/plate", nil).want(t, 400) // it is the primary display property
	r := c.do("POST", "/crm/v3/schemas/car/associations", `{"fromObjectTypeId":"car","toObjectTypeId":"0-3","name":"car_to_deal"}`).want(t, 201)
	id := r.text("id")
	if r := c.do("GET", "/crm/v4/associations/car/deals/labels", nil).want(t, 200); r.text("results.0.category") != "USER_DEFINED" {
		t.Errorf("body %s", r.raw)
	}
	c.do("DELETE", "/crm/v3/schemas/car/associations/"+id, nil).want(t, 204)
	c.do("PATCH", "/crm/v3/schemas/contacts", `{}`).want(t, 400)
	if r := c.do("GET", "/crm/v3/schemas/contacts", nil).want(t, 200); r.text("objectTypeId") != "0-1" || r.text("fullyQualifiedName") != "CONTACT" || r.count("associations") == 0 {
		t.Errorf("body %.300s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/schemas/batch/read", inputs(ref("car"), ref("boat"))).want(t, 207); r.count("results") != 1 {
		t.Errorf("body %.300s", r.raw)
	}
}
