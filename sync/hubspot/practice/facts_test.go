package practice_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

func TestConflictsComeBeforeTheAdministratorsRules(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Rules: practice.Rules{Required: map[string][]string{"contacts": {"phone"}}}})
	c.contact(props{"email": "a@example.com"})
	body := object{"properties": props{"email": "a@example.com"}}
	c.do("POST", "/crm/objects/2026-09/contacts", body).wantError(t, 409, "CONFLICT", "Contact already exists")
	c.do("POST", "/crm/objects/2026-09/contacts/batch/create", inputs(body)).wantError(t, 409, "CONFLICT", "Contact already exists")
	c.do("POST", "/crm/objects/2026-09/contacts/batch/create", inputs(newContact("b@example.com", ""), newContact("c@example.com", ""))).
		wantError(t, 400, "VALIDATION_ERROR", "A value for phone must be provided")
	traced := object{"properties": props{"email": "d@example.com", "phone": "1"}, "objectWriteTraceId": "good"}
	r := c.do("POST", "/crm/objects/2026-09/contacts/batch/create", inputs(newContact("a@example.com", "taken"), newContact("e@example.com", "ruled out"), traced)).want(t, 207)
	if r.text("errors.0.category") != "CONFLICT" || r.text("errors.1.category") != "VALIDATION_ERROR" || r.count("results") != 1 {
		t.Errorf("body %s", r.raw)
	}
	if n := c.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
}

func TestEnumerationsAreSearchedByCase(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	if err := c.portal.CreateProperty("contacts", practice.Property{Name: "grade", Type: "enumeration", Options: []string{"GOLD", "Silver"}}); err != nil {
		t.Fatal(err)
	}
	c.contact(props{"firstname": "Ann", "grade": "GOLD"})
	for _, tt := range []struct {
		property, operator, value string
		want                      float64
	}{
		{"grade", "EQ", "GOLD", 1}, {"grade", "EQ", "gold", 0}, {"grade", "NEQ", "gold", 1},
		{"grade", "CONTAINS_TOKEN", "GOLD", 1}, {"grade", "CONTAINS_TOKEN", "gold", 0}, {"grade", "NOT_CONTAINS_TOKEN", "gold", 1},
		{"firstname", "CONTAINS_TOKEN", "ANN", 1}, {"firstname", "EQ", "aNN", 1},
	} {
		r := c.do("POST", "/crm/v3/objects/contacts/search", object{"filters": []any{props{"propertyName": tt.property, "operator": tt.operator, "value": tt.value}}}).want(t, 200)
		if r.at("total") != tt.want {
			t.Errorf("%s %s %s: %v, want %v", tt.property, tt.operator, tt.value, r.at("total"), tt.want)
		}
	}
}

func TestBodiesInHTMLCannotBeFiltered(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for _, name := range []string{"hs_body_preview_html", "hs_email_html"} {
		c.do("POST", "/crm/v3/objects/emails/search", object{"filters": []any{props{"propertyName": name, "operator": "HAS_PROPERTY"}}}).
			wantError(t, 400, "", "There was a problem with the request.")
	}
}

func TestBooleansAreWrittenInLowerCase(t *testing.T) {
	t.Parallel()
	for loose, want := range map[bool]int{false: 400, true: 200} {
		c := open(t, practice.Options{Switches: practice.Switches{LooseBooleans: loose}})
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: "is_vip", Type: "bool"}); err != nil {
			t.Fatal(err)
		}
		id := c.contact(props{"firstname": "A"})
		r := c.do("PATCH", "/crm/v3/objects/contacts/"+id, object{"properties": props{"is_vip": "True"}}).want(t, want)
		if !loose && r.text("errors.0.code") != "INVALID_OPTION" {
			t.Errorf("body %s", r.raw)
		}
	}
}

func TestLabelsReplaceThoseOfThePair(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		add  bool
		want []string // labels at the end
	}{{false, []string{"Buyer"}}, {true, []string{"Primary", "Boss", "Buyer"}}} {
		c := open(t, practice.Options{Switches: practice.Switches{LabelsAdd: tt.add}})
		person, acme := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"})
		label := func(name string) object {
			r := c.do("POST", "/crm/v4/associations/contacts/companies/labels", props{"label": name, "name": strings.ToLower(name)}).want(t, 200)
			return object{"associationCategory": "USER_DEFINED", "associationTypeId": r.at("results.0.typeId")}
		}
		path := "/crm/v4/objects/contacts/" + person + "/associations/companies/" + acme
		c.do("PUT", path, []any{label("Boss")}).want(t, 201)
		c.do("POST", "/crm/v4/associations/contacts/companies/batch/create",
			inputs(object{"from": ref(person), "to": ref(acme), "types": []any{label("Buyer")}})).want(t, 201)
		// The plain type says nothing about labels.
		c.do("PUT", path, []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}).want(t, 201)
		c.do("PUT", "/crm/v4/objects/contacts/"+person+"/associations/default/companies/"+acme, nil).want(t, 200)
		r := c.do("GET", "/crm/v4/objects/contacts/"+person+"/associations/companies", nil).want(t, 200)
		for _, name := range []string{"Primary", "Boss", "Buyer"} {
			wanted := strings.Contains(strings.Join(tt.want, " "), name)
			if has := strings.Contains(r.raw, `"label":"`+name+`"`); has != wanted {
				t.Errorf("LabelsAdd %v: label %s is there: %v, in %s", tt.add, name, has, r.raw)
			}
		}
		if !strings.Contains(r.raw, `"typeId":279`) {
			t.Errorf("the plain type is always implied: %s", r.raw)
		}
	}
}

func TestBothEndsOfAnAssociationNeedTheirScopes(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	person, acme := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "Acme"})
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write"}})
	c.do("GET", "/crm/v3/objects/contacts?associations=companies", nil).wantError(t, 403, "MISSING_SCOPES", "")
	c.do("GET", "/crm/v3/objects/contacts/"+person+"?associations=companies", nil).wantError(t, 403, "MISSING_SCOPES", "")
	c.do("GET", "/crm/v3/objects/contacts?associations=notes", nil).want(t, 200)
	body := object{"properties": props{"firstname": "B"}, "associations": []any{object{"to": ref(acme),
		"types": []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}}}
	r := c.do("POST", "/crm/v3/objects/contacts", body).wantError(t, 403, "MISSING_SCOPES", "")
	if r.text("errors.0.context.requiredGranularScopes.0") != "crm.objects.companies.write" {
		t.Errorf("body %s", r.raw)
	}
}

func TestRepeatedUniqueValuesDifferByMoreThanCase(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	one := func(id string) any { return object{"id": id, "idProperty": "email", "properties": props{}} }
	c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(one("a@example.com"), one("A@Example.com"))).
		wantError(t, 400, "VALIDATION_ERROR", "Duplicate IDs found")
}

func TestArchivingWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		switches        practice.Switches
		unknown, repeat int
	}{{practice.Switches{}, 204, 204}, {practice.Switches{ArchiveUnknownFails: true}, 404, 204}, {practice.Switches{ArchiveRepeatsFail: true}, 204, 400}} {
		c := open(t, practice.Options{Switches: tt.switches})
		id := c.contact(props{"firstname": "A"})
		c.do("POST", "/crm/v3/objects/contacts/batch/archive", inputs(props{"id": "1"})).want(t, tt.unknown)
		c.do("POST", "/crm/v3/objects/contacts/batch/archive", inputs(props{"id": id}, props{"id": id})).want(t, tt.repeat)
		if n, want := c.portal.Count("contacts"), tt.repeat/400; n != want {
			t.Errorf("%d contacts are left, want %d", n, want)
		}
	}
}

func TestMergingTheMergedAgain(t *testing.T) {
	t.Parallel()
	for again, want := range map[bool]int{false: 400, true: 200} {
		c := open(t, practice.Options{Switches: practice.Switches{MergedMergesAgain: again}})
		var ids []string
		for i := range 3 {
			ids = append(ids, c.contact(props{"firstname": fmt.Sprint(i)}))
		}
		merge := func(a, b string) result {
			return c.do("POST", "/crm/v3/objects/contacts/merge", props{"primaryObjectId": a, "objectIdToMerge": b})
		}
		merge(ids[0], ids[1]).want(t, 200)
		merge(ids[0], ids[2]).want(t, want)
	}
}

func TestVariantsOfDefinitions(t *testing.T) {
	t.Parallel()
	loose := practice.Switches{RepeatedPropertyLabels: true, TypeChangesAllowed: true, SmallOwnerPages: true, ActivityDatesWritable: true}
	for switches, want := range map[practice.Switches][]int{{}: {409, 400, 200, 400, 400}, loose: {201, 200, 400, 201, 400}} {
		c := open(t, practice.Options{Switches: switches})
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: "shoe_size", Label: "Shoe size", Type: "number"}); err != nil {
			t.Fatal(err)
		}
		twin := object{"name": "shoe_size_2", "label": "Shoe size", "groupName": "contactinformation", "type": "string", "fieldType": "text"}
		c.do("POST", "/crm/v3/properties/contacts", twin).want(t, want[0])
		c.do("PATCH", "/crm/v3/properties/contacts/shoe_size", props{"type": "string"}).want(t, want[1])
		c.do("GET", "/crm/v3/owners/?limit=500", nil).want(t, want[2])
		c.do("POST", "/crm/v3/objects/notes", object{"properties": props{"hs_timestamp": "0", "hs_createdate": "1000"}}).want(t, want[3])
		c.do("PATCH", "/crm/v3/properties/contacts/shoe_size", props{"type": "datetime"}).want(t, want[4])
	}
}

func TestDefinitionsShowLate(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, DefinitionLag: practice.Fixed(700 * time.Millisecond)})
	body := object{"name": "shoe_size", "label": "Shoe size", "groupName": "contactinformation", "type": "number", "fieldType": "number"}
	c.do("POST", "/crm/v3/properties/contacts", body).want(t, 201)
	read := func() []int {
		list := c.do("GET", "/crm/v3/properties/contacts?properties=shoe_size", nil).want(t, 200)
		return []int{c.do("GET", "/crm/v3/properties/contacts/shoe_size", nil).status, list.count("results"),
			c.do("POST", "/crm/v3/properties/contacts/batch/read", inputs(props{"name": "shoe_size"})).count("results")}
	}
	if got := fmt.Sprint(read()); got != "[404 0 0]" {
		t.Errorf("at once: %s", got)
	}
	c.do("POST", "/crm/v3/properties/contacts", body).want(t, 409)
	c.contact(props{"firstname": "A", "shoe_size": "43"})
	clock.advance(700)
	if got := fmt.Sprint(read()); got != "[200 1 1]" {
		t.Errorf("after the lag: %s", got)
	}
}

func TestDefinitionsHaveLimits(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	used := c.do("GET", "/crm/limits/v3/custom-properties", nil).want(t, 200)
	own := int(used.at("byObjectType.0.usage").(float64))
	for i := range 1000 - own {
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: fmt.Sprintf("own_%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	c.do("POST", "/crm/v3/properties/contacts", object{"name": "own_1000", "label": "One more", "groupName": "contactinformation", "type": "string", "fieldType": "text"}).
		wantError(t, 400, "VALIDATION_ERROR", "at most 1000 custom properties")
	var stages []any
	for i := range 101 {
		stages = append(stages, object{"label": fmt.Sprint(i), "metadata": props{"probability": "0.5"}})
	}
	c.do("POST", "/crm/v3/pipelines/deals", object{"label": "Long", "displayOrder": 1, "stages": stages}).wantError(t, 400, "VALIDATION_ERROR", "at most 100 stages")
	c.do("POST", "/crm/v3/pipelines/deals", object{"label": "Long", "displayOrder": 1, "stages": stages[:100]}).want(t, 201)
}

func TestAssociationCallsHaveADailyLimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{Limits: practice.Limits{Associations: 3}})
		const path = "/crm/v4/associations/contacts/companies/labels"
		for range 3 {
			c.do("GET", path, nil).want(t, 200)
		}
		if r := c.do("GET", path, nil).want(t, 429); r.text("policyName") != "DAILY" {
			t.Errorf("body %s", r.raw)
		}
		c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
		time.Sleep(24 * time.Hour)
		c.do("GET", path, nil).want(t, 200)
	})
}

func TestTokenInfoOutsideNorthAmericaNeedsTheHeader(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Hublet: "eu1"})
	c.host = "api-eu1.hubapi.com"
	token, body := c.token, props{"tokenKey": c.token}
	c.do("POST", "/oauth/v2/private-apps/get/access-token-info", body).want(t, 200)
	c.token = ""
	c.do("POST", "/oauth/v2/private-apps/get/access-token-info", body).want(t, 401)
	c.host, c.token = "api.hubapi.com", token
	c.do("POST", "/oauth/v2/private-apps/get/access-token-info", body).want(t, 401)
}

// Records keep an owner who left, but nobody may assign one by the API.
func TestDemoKeepsOwnersWhoLeft(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Demo: true, Seed: content.DemoSeed, Now: newClock().now})
	left := c.do("GET", "/crm/v3/owners/?archived=true", nil).want(t, 200).text("results.0.id")
	kept := 0
	var one, kind string
	for _, objectType := range c.portal.ObjectTypes() {
		for id, v := range c.portal.Records(objectType) {
			if v["hubspot_owner_id"] == left {
				kept++
				one, kind = id, objectType
			}
		}
	}
	if kept != 34 {
		t.Errorf("%d records of the owner who left, want 34", kept)
	}
	body := object{"properties": props{"hubspot_owner_id": left}}
	r := c.do("PATCH", "/crm/v3/objects/"+kind+"/"+one, body).want(t, 400)
	if r.text("errors.0.code") != "INVALID_OWNER_ID" {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/contacts", object{"properties": props{"firstname": "A", "hubspot_owner_id": left}}).want(t, 400)
	c.do("GET", "/crm/v3/objects/"+kind+"/"+one+"?properties=hubspot_owner_id", nil).want(t, 200)
}
