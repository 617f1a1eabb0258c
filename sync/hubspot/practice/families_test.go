package practice_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// needs are the properties with which a record of a type can be made.
var needs = map[string]props{
	"quotes":            {"hs_title": "Q", "hs_expiration_date": "2027-01-31T00:00:00Z"},
	"communications":    {"hs_timestamp": "1000", "hs_communication_channel_type": "SMS"},
	"invoices":          {"hs_currency": "EUR"},
	"subscriptions":     {"hs_name": "S"},
	"goal_targets":      {"hs_goal_name": "G"},
	"discounts":         {"hs_label": "D", "hs_type": "FIXED", "hs_value": "5"},
	"fees":              {"hs_label": "F"},
	"taxes":             {"hs_label": "T"},
	"commerce_payments": {"hs_initial_amount": "10", "hs_initiated_date": "1000"},
	"users":             {"hs_internal_user_id": "7", "hs_email": "u@example.com"},
	"postal_mail":       {"hs_timestamp": "1000"},
	"orders":            {"hs_order_name": "O"},
	"leads":             {"hs_lead_name": "L"},
	"carts":             {"hs_cart_name": "C"},
	"services":          {"hs_name": "S", "hs_pipeline_stage": "new-stage-id"},
	"courses":           {"hs_course_name": "C"},
	"listings":          {"hs_name": "L"},
	"appointments":      {"hs_appointment_name": "A"},
	"contracts":         {"hs_name": "C"},
	"projects":          {"hs_name": "P", "hs_pipeline_stage": "not-started-stage-id"},
}

// Known from the published descriptions of 2026-08-21: which families there
// are, their scopes, and what the API lacks of them.
func TestEveryFamilyIsServed(t *testing.T) {
	t.Parallel()
	for _, f := range content.Families() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			c := open(t, practice.Options{Switches: practice.Switches{LoneLeads: true}})
			base := dated + f.Name
			c.do("GET", dated+f.ID, nil).want(t, 200)
			c.do("GET", "/crm/properties/2026-09/"+f.Singular, nil).want(t, 200)
			c.do("POST", base+"/search", `{}`).want(t, 200)
			c.do("POST", base+"/batch/read", inputs(ref("1"))).want(t, 207)
			values, writable := needs[f.Name]
			if !writable { // feedback submissions and partner clients
				c.do("POST", base, record(props{})).want(t, 404)
				c.do("POST", base+"/batch/create", inputs(record(props{}))).want(t, 404)
				c.do("POST", base+"/batch/upsert", inputs(object{"id": "1", "properties": props{}})).want(t, 404)
				return
			}
			id := c.do("POST", base, record(values)).want(t, 201).text("id")
			for name := range values {
				less := props{}
				for n, v := range values {
					if n != name {
						less[n] = v
					}
				}
				want := 201
				if k := needed(c, f.Name); strings.Contains(" "+k+" ", " "+name+" ") {
					want = 400
				}
				c.do("POST", base, record(less)).want(t, want)
			}
			c.do("PATCH", base+"/"+id, record(values)).want(t, 200)
			c.do("POST", base+"/batch/update", inputs(object{"id": id, "properties": values})).want(t, 200)
			c.do("POST", base+"/batch/archive", inputs(ref(id))).want(t, 204)
			c.do("GET", base+"/"+id, nil).want(t, 404)
			c.do("GET", base+"/"+id+"?archived=true", nil).want(t, 200)
		})
	}
}

// Known from the guide to leads: one must be associated with a contact or a
// company when it is made, one by one and in batches.
func TestALeadBelongsToSomebodyFromTheStart(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person := c.contact(props{"firstname": "A"})
	with := []object{{"to": object{"id": person}, "types": []object{{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 608}}}}
	lead := object{"properties": props{"hs_lead_name": "L"}}
	c.do("POST", dated+"leads", lead).want(t, 400)
	c.do("POST", dated+"leads/batch/create", inputs(lead)).want(t, 400)
	born := object{"properties": props{"hs_lead_name": "L"}, "associations": with}
	c.do("POST", dated+"leads", born).want(t, 201)
	r := c.do("POST", dated+"leads/batch/create", inputs(object{"properties": props{"hs_lead_name": "M"}, "objectWriteTraceId": "1"}, object{"properties": props{"hs_lead_name": "N"}, "associations": with, "objectWriteTraceId": "2"})).want(t, 207)
	if r.at("numErrors") != 1.0 {
		t.Errorf("body %s", r.raw)
	}
}

// needed are the properties that a schema says a record must have.
func needed(c *client, name string) string {
	r := c.do("GET", "/crm-object-schemas/v3/schemas/"+name, nil)
	var all []string
	for _, v := range r.at("requiredProperties").([]any) {
		all = append(all, v.(string))
	}
	return strings.Join(all, " ")
}

func TestWhatTheAPILacksOfAFamily(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for path, want := range map[string]int{
		"POST " + dated + "goal_targets/batch/upsert":           404,
		"PATCH " + dated + "feedback_submissions/1":             404,
		"DELETE " + dated + "feedback_submissions/1":            404,
		"DELETE " + dated + "partner_clients/1":                 204,
		"GET /crm/objects/2026-03/contracts":                    404,
		"GET /crm/v3/objects/projects":                          404,
		"GET /crm/objects/2026-03/projects":                     200,
		"GET /crm/v3/objects/leads":                             200,
		"POST " + dated + "listings/merge":                      404,
		"POST " + dated + "listings/gdpr-delete":                404,
		"POST " + dated + "appointments/gdpr-delete":            204,
		"GET /crm/objects/2026-09/quotes?associations=contacts": 200,
	} {
		method, path, _ := strings.Cut(path, " ")
		var body any
		if method != "GET" {
			body = `{"inputs":[],"primaryObjectId":"1","objectIdToMerge":"2","objectId":"7"}`
		}
		if method == "PATCH" {
			body = record(props{})
		}
		c.do(method, path, body).want(t, want)
	}
	for _, name := range []string{"orders", "services", "courses", "appointments", "projects"} {
		a, b := c.create2(name), c.create2(name)
		c.do("POST", dated+name+"/merge", props{"primaryObjectId": a, "objectIdToMerge": b}).want(t, 200)
	}
}

func (c *client) create2(name string) string {
	return c.do("POST", dated+name, record(needs[name])).want(c.t, 201).text("id")
}

func TestScopesOfFamilies(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	all := c.token
	for _, tt := range []struct {
		objectType, scope string
		want              int
	}{
		{"leads", "crm.objects.leads.read", 200}, {"leads", "crm.objects.contacts.read", 403},
		{"quotes", "crm.objects.quotes.read", 200}, {"quotes", "e-commerce", 200},
		{"discounts", "crm.objects.line_items.read", 200}, {"discounts", "crm.objects.quotes.read", 200}, {"fees", "e-commerce", 200},
		{"taxes", "crm.objects.taxes.read", 403}, {"commerce_payments", "crm.objects.commercepayments.read", 200},
		{"communications", "crm.objects.contacts.read", 200}, {"postal_mail", "crm.objects.contacts.read", 200},
		{"feedback_submissions", "crm.objects.contacts.read", 200}, {"feedback_submissions", "crm.objects.feedback_submissions.read", 200},
		{"goal_targets", "crm.objects.goals.read", 200}, {"users", "crm.objects.users.read", 200},
	} {
		c.token = c.portal.AddToken(practice.Token{Scopes: []string{tt.scope}})
		if r := c.do("GET", dated+tt.objectType, nil); r.status != tt.want {
			t.Errorf("%s with %s: %d, want %d", tt.objectType, tt.scope, r.status, tt.want)
		}
	}
	c.token = all
}

func TestAPortalWithoutAProductRefusesItsTypes(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Without: []string{"leads"}})
	for _, path := range []string{dated + "leads", "/crm/properties/2026-09/leads", "/crm/pipelines/2026-09/leads", "/crm/associations/2026-09/contacts/leads/labels"} {
		c.do("GET", path, nil).wantError(t, 403, "", "You do not have permissions to view object type LEAD.")
	}
	c.do("GET", dated+"orders", nil).want(t, 200)
}

func TestFamiliesAreAssociated(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, order := c.contact(props{"firstname": "A"}), c.create2("orders")
	c.do("PUT", dated+"orders/"+order+"/associations/default/contacts/"+person, nil).want(t, 200)
	r := c.do("GET", dated+"contacts/"+person+"/associations/orders", nil).want(t, 200)
	if r.at("results.0.associationTypes.0.typeId") != 508.0 {
		t.Errorf("body %s", r.raw)
	}
}
