package practice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func TestCreateAnswersWithSentAndComputedProperties(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"email":" Ada@Example.COM ","firstname":"Ada","phone":null}}`).want(t, 201)
	for path, want := range map[string]string{
		"properties.email": "ada@example.com", "properties.firstname": "Ada", "properties.lifecyclestage": "lead",
		"properties.hs_email_domain": "example.com", "properties.hs_object_source": "INTEGRATION", "properties.hs_object_id": r.text("id"),
		"properties.hs_full_name_or_email": "Ada", "properties.hs_is_unworked": "true", "properties.hs_all_contact_vids": r.text("id"),
	} {
		if got := r.text(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if _, there := r.body["properties"].(map[string]any)["phone"]; there {
		t.Error("null is no value: phone must not be in the answer")
	}
	if want := "https://app.hubspot.com/contacts/50123456/record/0-1/" + r.text("id"); r.text("url") != want {
		t.Errorf("url %q, want %q", r.text("url"), want)
	}
	if !strings.HasSuffix(r.header.Get("Location"), r.text("id")) {
		t.Errorf("Location %q", r.header.Get("Location"))
	}
}

func TestEveryNameOfATypeAndEveryVersionReachTheSameRecords(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com"})
	for _, path := range []string{
		"/crm/v3/objects/contacts/", "/crm/v3/objects/contact/", "/crm/v3/objects/0-1/", "/crm/objects/2025-09/contacts/",
		"/crm/objects/2026-03/0-1/", "/crm/objects/2026-09/contacts/", "/crm/v4/objects/contacts/",
	} {
		if got := c.do("GET", path+id, nil).want(t, 200).text("id"); got != id {
			t.Errorf("%s: id %s", path, got)
		}
	}
	c.do("GET", "/crm/v3/objects/butterflies", nil).wantError(t, 400, "", "Unable to infer object type from: butterflies")
	if r := c.do("GET", "/crm/v3/nothing/here", nil).want(t, 404); !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("an unknown route answers %s", r.header.Get("Content-Type"))
	}
	for _, path := range []string{
		"/crm/objects/2024-01/contacts", "/crm/objects/v3/contacts", "/crm/2026-03/objects/contacts", "/objects/v3/contacts", "/objects/2026-03/contacts",
		"/crm/objects/contacts", "/crm/v1/objects/contacts", "/account-info/details", "/account-info/v4/details", "/crm/account-info/v3/details",
		"/schemas", "/crm-object-schemas/v4/schemas", "/crm-object-schemas/v3", "/crm/v3/limits/records", "/oauth/token", "/oauth/v2/token",
		"/oauth/2025-09/token", "/oauth/v3/authorize", "/oauth/v1/token/introspect", "/oauth/v3/access-tokens/x", "/crm/oauth/v3/token", "/", "/crm", "/crm/v3",
	} {
		if r := c.do("GET", path, nil); r.status != 404 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s answers %d %s", path, r.status, r.header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"/crm/v3/schemas", "/crm-object-schemas/2026-09/schemas", "/crm/associations/v4/contacts/companies/labels",
		"/crm/v4/associations/contacts/companies/labels", "/crm/associations/2026-03/contacts/companies/labels", "/crm/limits/v3/records",
		"/crm/property-validations/2026-09/contacts", "/account-info/2026-03/details"} {
		c.do("GET", path, nil).want(t, 200)
	}
}

func TestListGoesThroughAllRecordsByID(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	var want []string
	for i := range 45 {
		want = append(want, c.contact(props{"email": fmt.Sprintf("p%d@example.com", i)}))
	}
	var got []string
	path := "/crm/v3/objects/contacts?limit=20&properties=email"
	for pages := 0; path != ""; pages++ {
		r := c.do("GET", path, nil).want(t, 200)
		for i := range r.count("results") {
			got = append(got, r.text(fmt.Sprintf("results.%d.id", i)))
		}
		next := r.text("paging.next.link")
		path = strings.TrimPrefix(next, "https://api.hubapi.com")
		if after := r.text("paging.next.after"); after != "" && after != want[len(got)] {
			t.Fatalf("after %s, want the next record's id %s", after, want[len(got)])
		}
		if pages > 5 {
			t.Fatal("no end of pages")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v\nwant %v", got, want)
	}
	c.do("GET", "/crm/v3/objects/contacts?limit=101", nil).wantError(t, 400, "VALIDATION_ERROR", "limit")
	c.do("GET", "/crm/v3/objects/contacts?limit=51&propertiesWithHistory=email", nil).want(t, 400)
}

func TestReadShowsRequestedPropertiesByName(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com", "firstname": "A"})
	r := c.do("GET", "/crm/v3/objects/contacts/"+id+"?properties=phone,firstname&properties=no_such", nil).want(t, 200)
	var keys []string
	text := r.raw[strings.Index(r.raw, `"properties":{`)+14:]
	for part := range strings.SplitSeq(text[:strings.Index(text, "}")], ",") {
		keys = append(keys, strings.Trim(strings.SplitN(part, ":", 2)[0], `"`))
	}
	if want := []string{"createdate", "firstname", "hs_object_id", "lastmodifieddate", "phone"}; !slices.Equal(keys, want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
	if v, there := r.body["properties"].(map[string]any)["phone"]; !there || v != nil {
		t.Errorf("a requested property without value is null, got %v", v)
	}
	if v := c.do("GET", "/crm/v3/objects/contacts/"+id, nil).at("properties"); len(v.(map[string]any)) != 6 {
		t.Errorf("default properties: %v", v)
	}
}

func TestUnknownRecords(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	c.do("GET", "/crm/v3/objects/contacts/123456789", nil).wantError(t, 404, "", "resource not found")
	c.do("GET", "/crm/v3/objects/contacts/abc", nil).wantError(t, 404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
	c.do("PATCH", "/crm/v3/objects/contacts/123456789", `{"properties":{"phone":"1"}}`).wantError(t, 404, "", "resource not found")
	c.do("DELETE", "/crm/v3/objects/contacts/123456789", nil).want(t, 204)

	c = open(t, practice.Options{Switches: practice.Switches{DeleteUnknownFails: true, SinglePatchDoubleSpace: true}})
	c.do("DELETE", "/crm/v3/objects/contacts/123456789", nil).want(t, 404)
	c.do("PATCH", "/crm/v3/objects/contacts/123456789", `{"properties":{"phone":"1"}}`).wantError(t, 404, "OBJECT_NOT_FOUND", "Object not found.  ")
}

func TestValuesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	contact := c.contact(props{"email": "x@example.com"})
	for name, tt := range map[string]struct{ objectType, property, value, code, message string }{
		"unknown":        {"contacts", "no_such", "x", "PROPERTY_DOESNT_EXIST", `Property "no_such" does not exist`},
		"option":         {"contacts", "lifecyclestage", "Lead", "INVALID_OPTION", "Lead was not one of the allowed options: [label: "},
		"email":          {"contacts", "email", "not an address", "INVALID_EMAIL", "Email address not an address is invalid"},
		"top level":      {"contacts", "email", "a@b.test", "INVALID_EMAIL", "Email address a@b.test is invalid"},
		"read only":      {"contacts", "hs_object_id", "7", "READ_ONLY_VALUE", `"hs_object_id" is a read only property; its value cannot be set.`},
		"calculated":     {"deals", "hs_closed_amount", "1", "READ_ONLY_VALUE", `"hs_closed_amount" is a calculated property; its value cannot be set.`},
		"secondary":      {"contacts", "hs_additional_emails", "x@y.com", "READ_ONLY_VALUE", "cannot be set"},
		"created":        {"contacts", "createdate", "0", "READ_ONLY_VALUE", "cannot be set"},
		"owner":          {"contacts", "hubspot_owner_id", "910901", "INVALID_OWNER_ID", "910901 was not a valid owner ID"},
		"number":         {"deals", "amount", "1,000", "INVALID_INTEGER", "1,000 was not a valid number"},
		"infinity":       {"deals", "amount", "Inf", "INVALID_INTEGER", "Inf was not a valid number"},
		"datetime":       {"deals", "closedate", "tomorrow", "INVALID_LONG", "tomorrow was not a valid long."},
		"stage":          {"deals", "dealstage", "open", "INVALID_OPTION", "open is not a valid pipeline stage ID. Valid options are: pipelineId=default : [appointmentscheduled, qualifiedtobuy,"},
		"pipeline":       {"deals", "pipeline", "nowhere", "INVALID_OPTION", "nowhere is not a valid pipeline ID"},
		"stage of other": {"tickets", "hs_pipeline_stage", "closedwon", "INVALID_OPTION", "Valid options are: pipelineId=0 : [1, 2, 3, 4]"},
	} {
		t.Run(name, func(t *testing.T) {
			id := contact
			switch tt.objectType {
			case "deals":
				id = c.create("deals", props{"dealname": "D", "dealstage": "appointmentscheduled"})
			case "tickets":
				id = c.create("tickets", props{"subject": "T", "hs_pipeline_stage": "1"})
			}
			r := c.do("PATCH", "/crm/v3/objects/"+tt.objectType+"/"+id, map[string]any{"properties": props{tt.property: tt.value}})
			r.wantError(t, 400, "VALIDATION_ERROR", "Property values were not valid: [{\"isValid\":false,\"message\":")
			if got := r.text("errors.0.code"); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
			if got := r.text("errors.0.message"); !strings.Contains(got, tt.message) {
				t.Errorf("message %q does not contain %q", got, tt.message)
			}
			if got := r.text("errors.0.context.propertyName.0"); got != tt.property {
				t.Errorf("property %q, want %q", got, tt.property)
			}
		})
	}
}

func TestRequiredProperties(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for objectType, given := range map[string]props{
		"contacts": {"phone": "1"}, "companies": {"phone": "1"}, "deals": {"amount": "1"}, "tickets": {"subject": "x"},
		"products": {"price": "1"}, "notes": {"hs_note_body": "x"}, "emails": {"hs_timestamp": "0"},
	} {
		c.do("POST", "/crm/v3/objects/"+objectType, map[string]any{"properties": given}).
			wantError(t, 400, "VALIDATION_ERROR", "Some required properties were not set.")
	}
	r := c.do("POST", "/crm/v3/objects/deals", `{"properties":{"dealstage":"appointmentscheduled"}}`)
	if r.text("context.properties.0") != "[dealname]" || !strings.HasPrefix(r.text("message"), "Error creating DEAL.") {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/deals", `{"properties":{"dealname":"D","dealstage":"closedwon"}}`).want(t, 201)
	c.do("POST", "/crm/v3/objects/contacts", `{"props":{}}`).
		wantError(t, 400, "", "some of required attributes are not set [properties]")
	c.do("POST", "/crm/v3/objects/contacts", "{\n\"properties\": oops}").wantError(t, 400, "", "Invalid input JSON on line 2, column ")
}

func TestContactAddressesAreUnique(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	a := c.contact(props{"email": "a@example.com"})
	b := c.contact(props{"email": "b@example.com"})
	c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"email":"A@EXAMPLE.com"}}`).
		wantError(t, 409, "CONFLICT", "Contact already exists. Existing ID: "+a)
	c.do("PATCH", "/crm/v3/objects/contacts/"+b, `{"properties":{"email":"a@example.com"}}`).
		wantError(t, 409, "CONFLICT", "Contact already exists. Existing ID: "+a)

	merged, err := c.portal.Merge("contacts", a, b)
	if err != nil {
		t.Fatal(err)
	}
	c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"email":"b@example.com"}}`).
		wantError(t, 409, "CONFLICT", "Contact already exists. Existing ID: "+merged) // it is a secondary address now
	if got := c.do("GET", "/crm/v3/objects/contacts/b@example.com?idProperty=email", nil).want(t, 200).text("id"); got != merged {
		t.Errorf("reading by a secondary address gives %s, want %s", got, merged)
	}
	c.do("DELETE", "/crm/v3/objects/contacts/"+merged, nil).want(t, 204)
	c.contact(props{"email": "a@example.com"}) // free again
}

func TestUniquePropertiesAreEnforcedAndIdentify(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	if err := c.portal.CreateProperty("companies", practice.Property{Name: "erp_id", Unique: true}); err != nil {
		t.Fatal(err)
	}
	a := c.create("companies", props{"name": "A", "erp_id": "K-1"})
	b := c.create("companies", props{"name": "B", "erp_id": "K-2"})
	r := c.do("PATCH", "/crm/v3/objects/companies/"+b, `{"properties":{"erp_id":"k-1"}}`)
	r.wantError(t, 400, "VALIDATION_ERROR", "on "+b+". "+a+" already has that value.")
	if !strings.HasPrefix(r.text("message"), "Cannot set PropertyValueCoordinates{portalId=50123456, objectTypeId=ObjectTypeId{legacyObjectType=COMPANY}, propertyName=erp_id, value=k-1}") {
		t.Errorf("message %s", r.text("message"))
	}
	if got := c.do("PATCH", "/crm/v3/objects/companies/K-2?idProperty=erp_id", `{"properties":{"name":"B2"}}`).want(t, 200).text("id"); got != b {
		t.Errorf("updated %s, want %s", got, b)
	}
	c.do("GET", "/crm/v3/objects/companies/example.com?idProperty=domain", nil).
		wantError(t, 400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-2 property domain in portal ID 50123456")

	loose := open(t, practice.Options{Switches: practice.Switches{UniqueUnenforced: true}})
	if err := loose.portal.CreateProperty("companies", practice.Property{Name: "erp_id", Unique: true}); err != nil {
		t.Fatal(err)
	}
	loose.create("companies", props{"name": "A", "erp_id": "K"})
	loose.create("companies", props{"name": "B", "erp_id": "K"})
}

func TestArchivedRecordsAreOutOfSight(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	keep, gone := c.contact(props{"email": "keep@example.com"}), c.contact(props{"email": "gone@example.com"})
	c.do("DELETE", "/crm/v3/objects/contacts/"+gone, nil).want(t, 204)
	c.do("GET", "/crm/v3/objects/contacts/"+gone, nil).want(t, 404)
	c.do("PATCH", "/crm/v3/objects/contacts/"+gone, `{"properties":{"phone":"1"}}`).want(t, 404)
	r := c.do("GET", "/crm/v3/objects/contacts?archived=true", nil).want(t, 200)
	if r.count("results") != 1 || r.text("results.0.id") != gone || r.text("results.0.archivedAt") == "" || r.at("results.0.archived") != true {
		t.Errorf("archived list: %s", r.raw)
	}
	if r := c.do("GET", "/crm/v3/objects/contacts", nil); r.count("results") != 1 || r.text("results.0.id") != keep {
		t.Errorf("live list: %s", r.raw)
	}
	if r := c.do("POST", "/crm/v3/objects/contacts/search", `{}`); r.at("total") != 1.0 {
		t.Errorf("search: %s", r.raw)
	}
	if err := c.portal.Restore("contacts", gone); err != nil {
		t.Fatal(err)
	}
	c.do("GET", "/crm/v3/objects/contacts/"+gone, nil).want(t, 200)
}

func TestErasedContactsAreGoneForGood(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Switches: practice.Switches{ErasedEmailsBlocked: true}})
	id := c.contact(props{"email": "a@example.com"})
	c.do("POST", "/crm/v3/objects/contacts/gdpr-delete", `{"objectId":"a@example.com","idProperty":"email"}`).want(t, 204)
	c.do("GET", "/crm/v3/objects/contacts/"+id+"?archived=true", nil).want(t, 404)
	c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"email":"a@example.com"}}`).want(t, 400)
	if n := c.portal.Count("contacts"); n != 0 {
		t.Errorf("%d contacts left", n)
	}
}

func TestLifecycleStageGoesForwardOnly(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com", "lifecyclestage": "customer"})
	set := func(v string) string {
		return c.do("PATCH", "/crm/v3/objects/contacts/"+id, map[string]any{"properties": props{"lifecyclestage": v}}).want(t, 200).text("properties.lifecyclestage")
	}
	if got := set("lead"); got != "customer" {
		t.Errorf("a step back gave %q, want it ignored", got)
	}
	if got := set("evangelist"); got != "evangelist" {
		t.Errorf("a step forward gave %q", got)
	}
	set("")
	if got := set("lead"); got != "lead" {
		t.Errorf("after clearing: %q", got)
	}
}

func TestHistoryTellsWhoWroteWhat(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com", "firstname": "A"})
	if err := c.portal.Edit("contacts", id, props{"firstname": "B"}); err != nil {
		t.Fatal(err)
	}
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"firstname":"B"}}`).want(t, 200) // unchanged: no version
	c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"firstname":""}}`).want(t, 200)
	r := c.do("GET", "/crm/v3/objects/contacts/"+id+"?propertiesWithHistory=firstname", nil).want(t, 200)
	const at = "propertiesWithHistory.firstname"
	var got []string
	for i := range r.count(at) {
		v := fmt.Sprintf("%s.%d.", at, i)
		got = append(got, r.text(v+"value")+" "+r.text(v+"sourceType")+" "+r.text(v+"sourceId"))
	}
	want := []string{" INTEGRATION 2011410", "B CRM_UI userId:76070032", "A INTEGRATION 2011410"}
	if !slices.Equal(got, want) {
		t.Errorf("history %q, want %q", got, want)
	}
	if r.at("properties.firstname") != "" {
		t.Errorf("a cleared property reads %v, want an empty text", r.at("properties.firstname"))
	}
}
