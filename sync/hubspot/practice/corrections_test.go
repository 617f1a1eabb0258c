package practice_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// fact is something that HubSpot is known to do, and where it is known from:
// G are recordings of 2022, N recordings of March 2026, A the recordings that
// recorded_test.go replays, S the published descriptions, K notes of a live
// portal of 2026-09-29, D HubSpot's documentation of 2026-09-22; owner/repo#n
// is a public issue.
type fact struct {
	source, what string
	check        func(t *testing.T, c *client)
}

func checkFacts(t *testing.T, facts []fact) {
	t.Helper()
	for _, f := range facts {
		t.Run(f.what, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if t.Failed() {
					t.Logf("known from %s", f.source)
				}
			}()
			f.check(t, open(t, practice.Options{Seed: 7}))
		})
	}
}

const dated = "/crm/objects/2026-09/"

func record(p props) object { return object{"properties": p} }

func TestRecordsAreWrittenAsHubSpotWritesThem(t *testing.T) {
	t.Parallel()
	checkFacts(t, []fact{
		{"G; estuary/connectors#4272; singer-io/tap-hubspot#300", `a cleared property reads ""`, func(t *testing.T, c *client) {
			id := c.contact(props{"firstname": "A", "city": "Bonn"})
			for _, name := range []string{"city", "zip"} { // zip never had a value before
				c.do("PATCH", dated+"contacts/"+id, record(props{name: ""})).want(t, 200)
			}
			r := c.do("GET", dated+"contacts/"+id+"?properties=city,zip,state", nil).want(t, 200)
			if r.at("properties.city") != "" || r.at("properties.zip") != "" || r.at("properties.state") != nil {
				t.Errorf("body %s", r.raw)
			}
			has := object{"filters": []any{props{"propertyName": "city", "operator": "HAS_PROPERTY"}}}
			if n := c.do("POST", dated+"contacts/search", has).at("total"); n != 0.0 {
				t.Errorf("search finds a value: %v", n)
			}
		}},
		{"G", "results of batches come in another order", func(t *testing.T, c *client) {
			var in []any
			var want []string
			for i := range 20 {
				want = append(want, fmt.Sprintf("p%02d@example.com", i))
				in = append(in, newContact(want[i], ""))
			}
			emails := func(r result) (list []string) {
				for i := range r.count("results") {
					list = append(list, r.text(fmt.Sprintf("results.%d.properties.email", i)))
				}
				return list
			}
			r := c.do("POST", dated+"contacts/batch/create", inputs(in...)).want(t, 201)
			made := emails(r)
			if slices.Equal(made, want) {
				t.Error("20 results in the order of their inputs")
			}
			if slices.Sort(made); !slices.Equal(made, want) {
				t.Errorf("results %v", made)
			}
		}},
		{"N", "a deal needs no stage and gets none", func(t *testing.T, c *client) {
			r := c.do("POST", dated+"deals", record(props{"dealname": "D", "amount": "5"})).want(t, 201)
			r = c.do("GET", dated+"deals/"+r.text("id"), nil).want(t, 200)
			if r.at("properties.dealstage") != nil || r.at("properties.pipeline") != nil {
				t.Errorf("body %s", r.raw)
			}
			c.do("POST", dated+"deals", record(props{"amount": "5"})).wantError(t, 400, "VALIDATION_ERROR", "Some required properties were not set")
			r = c.do("POST", dated+"deals", record(props{"dealname": "D", "dealstage": "closedwon"})).want(t, 201)
			if r.text("properties.pipeline") != "default" {
				t.Errorf("a stage brings its pipeline: %s", r.raw)
			}
		}},
		{"segmentio/action-destinations#3957", "hs_object_id is no idProperty of an update or upsert", func(t *testing.T, c *client) {
			id := c.create("companies", props{"name": "A"})
			in := inputs(object{"id": id, "idProperty": "hs_object_id", "properties": props{"city": "Bonn"}})
			for _, verb := range []string{"update", "upsert"} {
				c.do("POST", dated+"companies/batch/"+verb, in).
					wantError(t, 400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-2 property hs_object_id in portal ID 50123456")
			}
			c.do("POST", dated+"companies/batch/read", object{"idProperty": "hs_object_id", "inputs": []any{ref(id)}}).want(t, 200)
		}},
		{"S", "an input of a batch update without id refuses the batch", func(t *testing.T, c *client) {
			id := c.contact(props{"firstname": "A"})
			c.do("POST", dated+"contacts/batch/update", inputs(object{"id": id, "properties": props{"city": "X"}}, record(props{"city": "Y"}))).
				wantError(t, 400, "", "some of required attributes are not set [id]")
		}},
		{"G", "a batch update carrying an address tells its domain", func(t *testing.T, c *client) {
			id := c.contact(props{"firstname": "A"})
			r := c.do("POST", dated+"contacts/batch/update", inputs(object{"id": id, "properties": props{"email": "a@example.com"}})).want(t, 200)
			if r.text("results.0.properties.hs_email_domain") != "example.com" {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"facts 12.16", "a company's domain is a host", func(t *testing.T, c *client) {
			for sent, want := range map[string]string{
				"https://www.Acme.example/imprint?x=1#y": "acme.example", "WWW.acme.example": "acme.example", "http://acme.example:8080": "acme.example",
				"shop.acme.example/": "shop.acme.example", "acme.example": "acme.example", "//acme.example/x": "acme.example", " acme.example ": "acme.example",
			} {
				r := c.do("POST", dated+"companies", record(props{"name": "A", "domain": sent})).want(t, 201)
				if got := r.text("properties.domain"); got != want {
					t.Errorf("%q gives %q, want %q", sent, got, want)
				}
			}
		}},
		{"facts 3.5", "a date in seconds is understood on 2026-09", func(t *testing.T, c *client) {
			if err := c.portal.CreateProperty("contacts", practice.Property{Name: "born", Type: "date"}); err != nil {
				t.Fatal(err)
			}
			for sent, want := range map[string]string{"631152000": "1990-01-01", "631152000000": "1990-01-01", "-86400": "1969-12-31", "631200000": "1990-01-01"} {
				r := c.do("POST", dated+"contacts", record(props{"firstname": "A", "born": sent})).want(t, 201)
				if r.text("properties.born") != want {
					t.Errorf("%s gives %s, want %s", sent, r.text("properties.born"), want)
				}
			}
			c.do("POST", "/crm/v3/objects/contacts", record(props{"firstname": "A", "born": "631152000"})).want(t, 400)
		}},
		{"N, G", "a new company has what HubSpot adds", func(t *testing.T, c *client) {
			r := c.do("POST", dated+"companies", record(props{"name": "Acme", "domain": "acme.example"})).want(t, 201)
			for name, want := range map[string]string{"website": "acme.example", "lifecyclestage": "lead", "hs_task_label": "Acme", "hs_annual_revenue_currency_code": "USD",
				"num_associated_contacts": "0", "hs_num_open_deals": "0", "hs_num_child_companies": "0", "hs_num_blockers": "0", "hs_num_decision_makers": "0",
				"hs_num_contacts_with_buying_roles": "0", "num_notes": "0"} {
				if got := r.text("properties." + name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			r = c.do("POST", dated+"companies", record(props{"domain": "b.example", "website": "https://other.example", "lifecyclestage": "customer"})).want(t, 201)
			if r.text("properties.website") != "https://other.example" || r.text("properties.lifecyclestage") != "customer" || r.text("properties.hs_task_label") != "b.example" {
				t.Errorf("what was sent stays: %s", r.raw)
			}
		}},
		{"N", "computed properties come with the answers to writes", func(t *testing.T, c *client) {
			deal := c.do("POST", dated+"deals", record(props{"dealname": "D", "amount": "100", "dealstage": "qualifiedtobuy"})).want(t, 201)
			for name, want := range map[string]string{"hs_deal_stage_probability": "", // only changes tell it, and reads
				"hs_deal_stage_probability_shadow": "0.40000000000000002220446049250313080847263336181640625",
				"hs_projected_amount":              "40.00000000000000222044604925031308084726333618164062500", "hs_is_closed": "false", "hs_closed_amount": "0",
				"hs_closed_amount_in_home_currency": "0", "hs_is_deal_split": "false", "days_to_close": "0", "amount_in_home_currency": "100",
				"hs_is_open_count": "1", "hs_is_closed_count": "0", "hs_is_closed_lost": "false", "num_associated_contacts": "0"} {
				if got := deal.text("properties." + name); got != want {
					t.Errorf("deal's %s is %q, want %q", name, got, want)
				}
			}
			r := c.do("PATCH", dated+"deals/"+deal.text("id"), record(props{"amount": "200"})).want(t, 200)
			if r.text("properties.hs_projected_amount") != "80.00000000000000444089209850062616169452667236328125000" ||
				r.text("properties.hs_deal_stage_probability") != "0.40000000000000002220446049250313080847263336181640625" {
				t.Errorf("body %s", r.raw)
			}
			ticket := c.do("POST", dated+"tickets", record(props{"subject": "T", "hs_pipeline": "0", "hs_pipeline_stage": "1"})).want(t, 201)
			for name, want := range map[string]string{"hs_ticket_id": ticket.text("id"), "hs_last_message_from_visitor": "false", "hs_num_associated_companies": "0", "hs_num_times_contacted": "0", "num_notes": "0"} {
				if got := ticket.text("properties." + name); got != want {
					t.Errorf("ticket's %s is %q, want %q", name, got, want)
				}
			}
			task := c.do("POST", dated+"tasks", record(props{"hs_task_subject": "T", "hs_timestamp": "1000", "hs_task_status": "NOT_STARTED", "hs_task_body": "<b>call</b> back"})).want(t, 201)
			for name, want := range map[string]string{"hs_task_is_completed": "0", "hs_task_completion_count": "0", "hs_task_is_overdue": "true", "hs_body_preview": "call back",
				"hs_task_missed_due_date": "true", "hs_task_missed_due_date_count": "1", "hs_num_associated_contacts": "", "hs_task_family": "SALES"} {
				if got := task.text("properties." + name); got != want {
					t.Errorf("task's %s is %q, want %q", name, got, want)
				}
			}
			r = c.do("GET", dated+"tasks/"+task.text("id")+"?properties=hs_num_associated_contacts", nil).want(t, 200)
			if r.text("properties.hs_num_associated_contacts") != "0" {
				t.Errorf("a read tells what the answer to the write does not: %s", r.raw)
			}
			r = c.do("PATCH", dated+"tasks/"+task.text("id"), record(props{"hs_task_status": "COMPLETED"})).want(t, 200)
			if r.text("properties.hs_task_is_completed") != "1" || r.text("properties.hs_task_is_overdue") != "false" {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"N", "the addresses of tasks and notes", func(t *testing.T, c *client) {
			for objectType, want := range map[string]string{"tasks": "https://app.hubspot.com/tasks/50123456/view/all/task/%s",
				"notes": "https://app.hubspot.com/contacts/50123456/objects/0-46/views/all/list?filters=%%5B%%7B%%22property%%22%%3A%%22hs_object_id%%22%%2C%%22operator%%22%%3A%%22EQ%%22%%2C%%22value%%22%%3A%%22%s%%22%%7D%%5D", "calls": "https://app.hubspot.com/contacts/50123456/record/0-48/%s"} {
				r := c.do("POST", dated+objectType, record(props{"hs_timestamp": "1000"})).want(t, 201)
				if got := r.text("url"); got != fmt.Sprintf(want, r.text("id")) {
					t.Errorf("%s: url %s", objectType, got)
				}
			}
		}},
		{"A", "the first three of several invalid properties are listed", func(t *testing.T, c *client) {
			bad := object{"properties": props{"first000name": "x", "last000name": "y"}}
			r := c.do("POST", dated+"contacts/batch/create", inputs(bad, bad)).want(t, 400)
			var names []string
			for i := range r.count("errors") {
				names = append(names, r.text(fmt.Sprintf("errors.%d.context.propertyName.0", i)))
			}
			if !slices.Equal(names, []string{"first000name", "last000name", "first000name"}) || strings.Count(r.text("message"), `"isValid"`) != 4 {
				t.Errorf("%v in %s", names, r.raw)
			}
		}},
		{"A", "a conflict in an untraced batch names the record or does not", func(t *testing.T, c *client) {
			id := c.contact(props{"email": "a@example.com"})
			seen := map[string]bool{}
			for range 40 {
				seen[c.do("POST", dated+"contacts/batch/create", inputs(newContact("a@example.com", ""))).wantError(t, 409, "CONFLICT", "Contact already exists").text("message")] = true
			}
			want := []string{"Contact already exists", "Contact already exists. Existing ID: " + id}
			if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
				t.Errorf("messages %q", got)
			}
		}},
		{"D §11.5", "an address may come back after a GDPR deletion", func(t *testing.T, c *client) {
			id := c.contact(props{"email": "a@example.com"})
			c.do("POST", dated+"contacts/gdpr-delete", props{"objectId": id}).want(t, 204)
			c.do("POST", dated+"contacts", record(props{"email": "a@example.com"})).want(t, 201)
		}},
		{"copies of the docs", "products, line items and more are merged too, on 2026-09", func(t *testing.T, c *client) {
			for _, objectType := range []string{"products", "line_items"} {
				a, b := c.create(objectType, props{"name": "A"}), c.create(objectType, props{"name": "B"})
				merge := props{"primaryObjectId": a, "objectIdToMerge": b}
				c.do("POST", "/crm/v3/objects/"+objectType+"/merge", merge).want(t, 404)
				c.do("POST", dated+objectType+"/merge", merge).want(t, 200)
			}
			c.do("POST", dated+"notes/merge", props{"primaryObjectId": "1", "objectIdToMerge": "2"}).want(t, 404)
		}},
	})
}

func TestRequestsAreReadAsHubSpotReadsThem(t *testing.T) {
	t.Parallel()
	checkFacts(t, []fact{
		{"HubSpot/hubspot-api-ruby#187", "no body at all", func(t *testing.T, c *client) {
			c.do("POST", dated+"contacts", nil).wantError(t, 400, "VALIDATION_ERROR", "Invalid JSON input: a request body was expected, but none found")
		}},
		{"HubSpot/hubspot-api-php#227", "another JSON type is told in Java's names", func(t *testing.T, c *client) {
			for body, want := range map[string]string{
				`{"properties":"x"}`:                   "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` from String value (token `JsonToken.VALUE_STRING`)",
				`{"properties":{},"associations":"x"}`: "Cannot deserialize value of type `java.util.ArrayList<java.lang.Object>` from String value (token `JsonToken.VALUE_STRING`)",
				`{"properties":{"a":{}}}`:              "Cannot deserialize value of type `java.lang.String` from Object value (token `JsonToken.START_OBJECT`)",
				`{"properties":{"a":["b"]}}`:           "Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)",
				`[]`:                                   "from Array value (token `JsonToken.START_ARRAY`)",
			} {
				r := c.do("POST", dated+"contacts", body).want(t, 400)
				if !strings.Contains(r.text("message"), want) || strings.Contains(r.raw, "practice.") || strings.Contains(r.raw, "map[") {
					t.Errorf("%s: %s", body, r.raw)
				}
			}
			r := c.do("PUT", "/crm/v4/objects/tickets/1/associations/contact/1", `"ticket_to_contact"`).want(t, 400)
			if !strings.Contains(r.raw, "java.util.HashSet<com.hubspot.inbounddb.associations.base.AssociationSpec>") {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"dimagi/commcare-hq#8643", "a body that is not declared as JSON", func(t *testing.T, c *client) {
			for _, kind := range []string{"text/plain", "", "application/xml"} {
				req := c.request("POST", dated+"contacts", `{"properties":{"firstname":"A"}}`)
				req.Header.Set("Content-Type", kind)
				if kind == "" {
					req.Header.Del("Content-Type")
				}
				resp, err := c.http.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusUnsupportedMediaType {
					t.Errorf("%q: status %d", kind, resp.StatusCode)
				}
			}
			if c.portal.Count("contacts") != 0 {
				t.Error("a record was made")
			}
		}},
		{"S", "associations that do not exist are ignored on reads", func(t *testing.T, c *client) {
			id := c.contact(props{"firstname": "A"})
			c.do("GET", dated+"contacts/"+id+"?associations=butterflies", nil).want(t, 200)
			c.do("GET", dated+"contacts?associations=butterflies", nil).want(t, 200)
		}},
		{"S", "2026-09 wants a display order of each option", func(t *testing.T, c *client) {
			body := func(name string, o object) object {
				return object{"name": name, "label": name, "groupName": "contactinformation", "type": "enumeration", "fieldType": "select", "options": []any{o}}
			}
			c.do("POST", "/crm/properties/2026-09/contacts", body("a", object{"label": "A", "value": "a"})).wantError(t, 400, "", "some of required attributes are not set [displayOrder]")
			c.do("POST", "/crm/properties/2026-09/contacts", body("a", object{"label": "A", "value": "a", "displayOrder": 0})).want(t, 201)
			c.do("POST", "/crm/v3/properties/contacts", body("b", object{"label": "A", "value": "a"})).want(t, 201)
			c.do("PATCH", "/crm/properties/2026-09/contacts/a", object{"options": []any{object{"label": "A", "value": "a"}}}).want(t, 400)
		}},
		{"S", "2026-09 wants more of a schema", func(t *testing.T, c *client) {
			body := object{"name": "car", "labels": props{"singular": "Car", "plural": "Cars"}, "primaryDisplayProperty": "model", "requiredProperties": []string{"model"},
				"properties": []any{object{"name": "model", "label": "Model", "type": "string", "fieldType": "text"}}}
			c.do("POST", "/crm-object-schemas/2026-09/schemas", body).wantError(t, 400, "", "shouldCreateSameObjectAssociation")
			for _, name := range []string{"associatedObjects", "searchableProperties", "secondaryDisplayProperties"} {
				body[name] = []string{}
			}
			body["shouldCreateSameObjectAssociation"], body["allowsSensitiveProperties"] = false, false
			c.do("POST", "/crm-object-schemas/2026-09/schemas", body).want(t, 201)
		}},
		{"S", "2026-09 wants a display order of each option of a schema's properties", func(t *testing.T, c *client) {
			body := func(name string, o object) object {
				return object{"name": name, "labels": props{"singular": name, "plural": name + "s"}, "primaryDisplayProperty": "model", "requiredProperties": []string{"model"},
					"associatedObjects": []string{}, "searchableProperties": []string{}, "secondaryDisplayProperties": []string{},
					"shouldCreateSameObjectAssociation": false, "allowsSensitiveProperties": false,
					"properties": []any{object{"name": "model", "label": "Model", "type": "string", "fieldType": "text"},
						object{"name": "colour", "label": "Colour", "type": "enumeration", "fieldType": "select", "options": []any{o}}}}
			}
			c.do("POST", "/crm-object-schemas/2026-09/schemas", body("car", object{"label": "Red", "value": "red"})).wantError(t, 400, "", "some of required attributes are not set [displayOrder]")
			if r := c.do("GET", "/crm-object-schemas/2026-09/schemas", nil).want(t, 200); r.count("results") != 0 {
				t.Errorf("the refused object type is there: %s", r.raw)
			}
			c.do("POST", "/crm-object-schemas/2026-09/schemas", body("car", object{"label": "Red", "value": "red", "displayOrder": 0})).want(t, 201)
			c.do("POST", "/crm-object-schemas/v3/schemas", body("boat", object{"label": "Red", "value": "red"})).want(t, 201)
		}},
	})
}

func TestDefinitionsAreKeptAsHubSpotKeepsThem(t *testing.T) {
	t.Parallel()
	property := func(extra object) object {
		body := object{"name": "size", "label": "Size", "groupName": "contactinformation", "type": "string", "fieldType": "text"}
		maps.Copy(body, extra)
		return body
	}
	checkFacts(t, []fact{
		{"K", "an enumeration has options", func(t *testing.T, c *client) {
			for _, extra := range []object{{}, {"options": []any{}}} {
				maps.Copy(extra, object{"type": "enumeration", "fieldType": "select"})
				c.do("POST", "/crm/v3/properties/contacts", property(extra)).wantError(t, 400, "VALIDATION_ERROR", "options")
			}
			c.do("POST", "/crm/v3/properties/contacts", property(object{"type": "enumeration", "fieldType": "select", "externalOptions": true, "referencedObjectType": "OWNER"})).want(t, 201)
		}},
		{"K", "a new property and a new group tell where they are", func(t *testing.T, c *client) {
			r := c.do("POST", "/crm/properties/2026-09/contacts", property(nil)).want(t, 201)
			if got := r.header.Get("Location"); got != "https://api.hubapi.com/crm/properties/2026-09/contacts/size" {
				t.Errorf("Location %q", got)
			}
			r = c.do("POST", "/crm/v3/properties/0-1/groups", props{"name": "mine", "label": "Mine"}).want(t, 201)
			if got := r.header.Get("Location"); got != "https://api.hubapi.com/crm/v3/properties/0-1/groups/mine" {
				t.Errorf("Location %q", got)
			}
		}},
		{"K", "a group in use is not deleted", func(t *testing.T, c *client) {
			r := c.do("DELETE", "/crm/v3/properties/contacts/groups/contactinformation", nil).want(t, 400)
			var inner struct{ Status, Message, CorrelationID, Category, SubCategory string }
			if err := json.Unmarshal([]byte(r.text("message")), &inner); err != nil {
				t.Fatalf("%v: %s", err, r.raw)
			}
			if inner.Message != "Can't delete or purge a group with active properties" || inner.SubCategory != "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES" ||
				inner.Category != "VALIDATION_ERROR" || inner.CorrelationID != r.text("correlationId") || r.at("category") != nil {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"K", "the use of custom properties", func(t *testing.T, c *client) {
			r := c.do("GET", "/crm/limits/2026-09/custom-properties", nil).want(t, 200)
			for _, name := range []string{"overallLimit", "overallUsage", "overallPercentage"} {
				if _, ok := r.at(name).(float64); !ok {
					t.Errorf("%s is missing: %s", name, r.raw)
				}
			}
			for i := range r.count("byObjectType") {
				entry := fmt.Sprintf("byObjectType.%d.", i)
				if r.text(entry+"objectTypeId") == "0-2" && (r.at(entry+"singularLabel") != "Company" || r.at(entry+"pluralLabel") != "Companies") {
					t.Errorf("companies: %s", r.raw)
				}
				share := orZero(r.at(entry+"usage")) * 100 / orZero(r.at(entry+"limit"))
				if r.at(entry+"percentage") != share || r.text(entry+"singularLabel") == "" || r.text(entry+"pluralLabel") == "" {
					t.Errorf("the entry of %s lacks something", r.text(entry+"objectTypeId"))
				}
			}
			for _, scope := range []string{"oauth", "crm.schemas.companies.read"} { // as observed
				c.token = c.portal.AddToken(practice.Token{Scopes: []string{scope}})
				c.do("GET", "/crm/limits/2026-09/custom-properties", nil).wantError(t, 403, "MISSING_SCOPES", "")
			}
		}},
		{"K", "the use of custom object types", func(t *testing.T, c *client) {
			for scope, want := range map[string]int{"crm.schemas.custom.read": 200, "oauth": 403} {
				c.token = c.portal.AddToken(practice.Token{Scopes: []string{scope}})
				c.do("GET", "/crm/limits/2026-09/custom-object-types", nil).want(t, want)
			}
		}},
		{"N", "a company's properties", func(t *testing.T, c *client) {
			get := func(name string) result { return c.do("GET", "/crm/v3/properties/companies/"+name, nil).want(t, 200) }
			if get("facebookfans").at("modificationMetadata.readOnlyValue") != false || get("createdate").at("modificationMetadata.readOnlyValue") != true {
				t.Error("facebookfans is writable and createdate is not")
			}
			if v := get("industry").at("modificationMetadata.readOnlyOptions"); v != false && v != true {
				t.Errorf("readOnlyOptions of industry: %v", v)
			}
			checkCompanyDefinitions(t, c.do("GET", "/crm/v3/properties/companies", nil).want(t, 200))
			c.do("POST", dated+"companies", record(props{"name": "A", "facebookfans": "5"})).want(t, 201)
			c.do("POST", dated+"companies", record(props{"name": "A", "createdate": "1000"})).want(t, 400)
			c.do("POST", dated+"companies", record(props{"name": "A", "hs_pipeline": "companies-lifecycle-pipeline"})).want(t, 201)
			c.do("POST", dated+"companies", record(props{"name": "A", "hs_pipeline": "default"})).wantError(t, 400, "VALIDATION_ERROR", "not a valid pipeline ID")
		}},
		{"S", "unique values are not offered everywhere", func(t *testing.T, c *client) {
			body := object{"name": "code", "label": "Code", "groupName": "productinformation", "type": "string", "fieldType": "text", "hasUniqueValue": true}
			c.do("POST", "/crm/v3/properties/products", body).want(t, 400)
			body["groupName"] = "dealinformation"
			c.do("POST", "/crm/v3/properties/deals", body).want(t, 201)
		}},
		{"G", "a schema tells how many may be associated", func(t *testing.T, c *client) {
			r := c.do("GET", "/crm-object-schemas/v3/schemas/contacts", nil).want(t, 200)
			for _, name := range []string{"cardinality", "inverseCardinality", "hasUserEnforcedMaxToObjectIds", "hasUserEnforcedMaxFromObjectIds", "maxToObjectIds", "maxFromObjectIds"} {
				if r.at("associations.0."+name) == nil {
					t.Errorf("%s is missing", name)
				}
			}
			body := object{"name": "fidcar", "labels": props{"singular": "Car", "plural": "Cars"}, "primaryDisplayProperty": "model", "requiredProperties": []string{"model"},
				"properties": []any{object{"name": "model", "label": "Model", "type": "string", "fieldType": "text"}}}
			c.do("POST", "/crm-object-schemas/v3/schemas", body).want(t, 201)
			if got := c.do("GET", "/crm/v3/properties/fidcar/groups", nil).want(t, 200); !strings.Contains(got.raw, `"name":"fidcar_information"`) {
				t.Errorf("groups %s", got.raw)
			}
		}},
	})
}

// checkCompanyDefinitions compares the definitions with testdata/company_properties.csv.
func checkCompanyDefinitions(t *testing.T, list result) {
	t.Helper()
	f, err := os.Open("testdata/company_properties.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	recorded, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for i := range list.count("results") {
		at := fmt.Sprintf("results.%d.", i)
		have[list.text(at+"name")] = fmt.Sprint(list.text(at+"groupName"), " ", list.at(at+"displayOrder"), " ", list.at(at+"modificationMetadata.readOnlyValue"), " ", list.at(at+"formField"),
			" ", list.text(at+"type"), " ", list.text(at+"fieldType"))
	}
	for _, row := range recorded {
		if got, want := have[row[0]], strings.Join(row[1:], " "); got != want {
			t.Errorf("%s: group, order, read-only, form field, type and field type are %q, want %q", row[0], got, want)
		}
	}
	if len(recorded) != 245 {
		t.Errorf("%d recorded definitions, want 245", len(recorded))
	}
}

func TestAssociationsAreMadeAsHubSpotMakesThem(t *testing.T) {
	t.Parallel()
	checkFacts(t, []fact{
		{"HubSpot/hubspot-api-nodejs#646", "a missing record at one end", func(t *testing.T, c *client) {
			id := c.contact(props{"firstname": "A"})
			for _, path := range []string{"/crm/v4/objects/", dated} {
				for _, middle := range []string{"/associations/companies/", "/associations/default/companies/"} {
					r := c.do("PUT", path+"contacts/"+id+middle+"38374264688", []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}).
						wantError(t, 400, "VALIDATION_ERROR", "One or more associations are invalid")
					if r.text("context.INVALID_OBJECT_IDS.0") != "COMPANY=38374264688 is not valid" || r.text("context.objectId.0") != "38374264688" || r.text("context.objectType.0") != "COMPANY" {
						t.Errorf("body %s", r.raw)
					}
				}
			}
			c.do("PUT", "/crm/v3/objects/contacts/"+id+"/associations/companies/38374264688/279", nil).want(t, 404)
		}},
		{"S", "removing is answered 204 by v4 and 200 by dated versions", func(t *testing.T, c *client) {
			a, b := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "B"})
			pair := inputs(object{"from": ref(a), "to": []any{ref(b)}})
			label := inputs(edge(a, b, 1))
			for path, want := range map[string]int{"/crm/v4/associations/contacts/companies/batch/": 204, "/crm/associations/2025-09/contacts/companies/batch/": 200,
				"/crm/associations/2026-03/contacts/companies/batch/": 200, "/crm/associations/2026-09/contacts/companies/batch/": 200} {
				c.do("POST", path+"archive", pair).want(t, want)
				r := c.do("POST", path+"labels/archive", label).want(t, want)
				if want == 200 && r.text("status") != "COMPLETE" {
					t.Errorf("body %s", r.raw)
				}
			}
		}},
		{"D", "removing names at most 100 records", func(t *testing.T, c *client) {
			list := func(n int) (all []any) {
				for i := range n {
					all = append(all, object{"from": ref(fmt.Sprint(1000 + i)), "to": []any{ref("1")}})
				}
				return all
			}
			const path = "/crm/associations/2026-09/contacts/companies/batch/archive"
			c.do("POST", path, inputs(list(100)...)).want(t, 200)
			c.do("POST", path, inputs(list(101)...)).wantError(t, 400, "VALIDATION_ERROR", "The maximum number of inputs supported in a batch is 100")
			twice := append(list(100), list(100)...)
			c.do("POST", path, inputs(twice...)).want(t, 200)
		}},
		{"N", "v3 answers with both directions", func(t *testing.T, c *client) {
			a, b := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "B"})
			r := c.do("POST", "/crm/v3/associations/contacts/companies/batch/create", inputs(object{"from": ref(a), "to": ref(b), "type": "contact_to_company"})).want(t, 201)
			types := []string{r.text("results.0.type"), r.text("results.1.type")}
			if slices.Sort(types); r.count("results") != 2 || !slices.Equal(types, []string{"company_to_contact", "contact_to_company"}) {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"belong-inc/go-hubspot", "v3 tells which type it does not know", func(t *testing.T, c *client) {
			a, b := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "B"})
			r := c.do("POST", "/crm/v3/associations/contacts/companies/batch/create", inputs(object{"from": ref(a), "to": ref(b), "type": "friends"})).
				wantError(t, 400, "VALIDATION_ERROR", "friends")
			if r.text("subCategory") != "crm.associations.INVALID_ASSOCIATION_TYPE" || r.text("context.type.0") != "friends" ||
				r.text("message") != "friends is not a valid association type between contacts and companies" ||
				r.text("context.fromObjectType.0") != "contacts" || r.text("context.toObjectType.0") != "companies" {
				t.Errorf("body %s", r.raw)
			}
			c.do("PUT", "/crm/v3/objects/contacts/"+a+"/associations/companies/"+b+"/friends", nil).wantError(t, 400, "VALIDATION_ERROR", "friends")
		}},
		{"public file", "a pair's types stand in no order", func(t *testing.T, c *client) {
			a, b := c.create("deals", props{"dealname": "A"}), c.create("companies", props{"name": "B"})
			c.do("PUT", dated+"deals/"+a+"/associations/default/companies/"+b, nil).want(t, 200)
			r := c.do("GET", dated+"deals/"+a+"/associations/companies", nil).want(t, 200)
			if r.at("results.0.associationTypes.0.typeId") != 341.0 || r.at("results.0.associationTypes.1.typeId") != 5.0 {
				t.Errorf("body %s", r.raw)
			}
		}},
		{"S", "the types of a pair have no dated address", func(t *testing.T, c *client) {
			c.do("GET", "/crm/v3/associations/contacts/companies/types", nil).want(t, 200)
			for _, version := range []string{"2026-03", "2026-09"} {
				c.do("GET", "/crm/associations/"+version+"/contacts/companies/types", nil).want(t, 404)
			}
			c.do("GET", "/crm/v4/associations/contacts/companies/types", nil).want(t, 404)
		}},
	})
}

func TestLimitsAreToldAsHubSpotTellsThem(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, Limits: practice.Limits{Search: 1, Burst: 190}})
	c.do("POST", dated+"contacts/search", `{}`).want(t, 200)
	// Known from G: all 69 recorded ones.
	r := c.do("POST", dated+"contacts/search", `{}`).wantError(t, 429, "RATE_LIMITS", "You have reached your secondly limit.")
	if keys := slices.Sorted(maps.Keys(r.body)); !slices.Equal(keys, []string{"category", "correlationId", "message", "status"}) {
		t.Errorf("body %s", r.raw)
	}
	// Known from G and N.
	for _, want := range []string{"18", "17", "16"} {
		r = c.do("GET", dated+"contacts", nil).want(t, 200)
		if got := r.header.Get("X-HubSpot-RateLimit-Secondly-Remaining"); got != want || r.header.Get("X-HubSpot-RateLimit-Secondly") != "19" {
			t.Errorf("of %s in the second %s remain, want %s", r.header.Get("X-HubSpot-RateLimit-Secondly"), got, want)
		}
	}
	clock.advance(1000)
	if got := c.do("GET", dated+"contacts", nil).want(t, 200).header.Get("X-HubSpot-RateLimit-Secondly-Remaining"); got != "18" {
		t.Errorf("in the next second %s remain", got)
	}
}

// Known from the descriptions of owners: the id of an owner and that of its
// user are two numbers that may happen to be the same.
func TestAnOwnersIDMayBeItsUsers(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("GET", "/crm/owners/2026-09?limit=100", nil).want(t, 200)
	same := 0
	for i := range r.count("results") {
		if fmt.Sprint(int64(orZero(r.at(fmt.Sprintf("results.%d.userId", i))))) == r.text(fmt.Sprintf("results.%d.id", i)) {
			same++
		}
	}
	if same != 1 {
		t.Errorf("%d owners have their user's id, want 1", same)
	}
}

func orZero(v any) float64 { f, _ := v.(float64); return f }
