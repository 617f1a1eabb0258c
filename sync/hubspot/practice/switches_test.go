package practice_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// variant is a point on which HubSpot's behaviour cannot be settled from
// outside: what happens by default, and with the switch.
type variant struct {
	name       string // of the switch
	probe      func(t *testing.T, c *client) string
	want, flip string
}

func status(r result) string { return fmt.Sprint(r.status) }

var variants = []variant{
	{"UpsertNeedsProperty", func(_ *testing.T, c *client) string {
		id := c.contact(props{"firstname": "A"})
		return status(c.do("POST", dated+"contacts/batch/upsert", inputs(object{"id": id, "properties": props{"city": "X"}})))
	}, "200", "400"},
	{"NoNumberedV4Objects", func(t *testing.T, c *client) string {
		id := c.contact(props{"firstname": "A"})
		c.do("GET", "/crm/v4/objects/contacts/"+id+"/associations/companies", nil).want(t, 200)
		return status(c.do("GET", "/crm/v4/objects/contacts", nil))
	}, "200", "404"},
	{"ZeroLimitRefused", func(_ *testing.T, c *client) string {
		return status(c.do("GET", dated+"contacts?limit=0", nil)) + " " + status(c.do("POST", dated+"contacts/search", object{"limit": 0}))
	}, "200 200", "400 400"},
	{"TextIDsArchived", func(_ *testing.T, c *client) string { return status(c.do("DELETE", dated+"contacts/ann", nil)) }, "404", "204"},
	{"SearchByGetForbidden", func(_ *testing.T, c *client) string { return status(c.do("GET", dated+"contacts/search", nil)) }, "404", "405"},
	{"MissingEndsPartial", func(_ *testing.T, c *client) string {
		a, b := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "B"})
		r := c.do("POST", "/crm/associations/2026-09/contacts/companies/batch/create", inputs(edge(a, b, 279), edge(a, "99999", 279)))
		return fmt.Sprint(r.status, r.count("results"), r.count("errors"), len(c.portal.Associated("contacts", a, "companies")))
	}, "400 0 0 0", "207 1 1 1"},
	{"PrimaryOutlivesLabels", func(t *testing.T, c *client) string {
		a, b := c.contact(props{"firstname": "A"}), c.create("companies", props{"name": "B"})
		r := c.do("POST", "/crm/v4/associations/contacts/companies/labels", props{"label": "Boss", "name": "boss"}).want(t, 200)
		path := dated + "contacts/" + a + "/associations/companies"
		c.do("PUT", dated+"contacts/"+a+"/associations/default/companies/"+b, nil).want(t, 200)
		c.do("PUT", path+"/"+b, []any{object{"associationCategory": "USER_DEFINED", "associationTypeId": r.at("results.0.typeId")}}).want(t, 201)
		return fmt.Sprint(strings.Contains(c.do("GET", path, nil).raw, `"Primary"`))
	}, "false", "true"},
	{"InlineScopesUnchecked", func(_ *testing.T, c *client) string {
		b := c.create("companies", props{"name": "B"})
		c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.write"}})
		return status(c.do("POST", dated+"contacts", object{"properties": props{"firstname": "A"},
			"associations": []any{object{"to": ref(b), "types": []any{object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}}}))
	}, "403", "201"},
	{"ActivitiesMerge", func(_ *testing.T, c *client) string {
		a, b := c.create("notes", props{"hs_timestamp": "1000"}), c.create("notes", props{"hs_timestamp": "2000"})
		return status(c.do("POST", dated+"notes/merge", props{"primaryObjectId": a, "objectIdToMerge": b}))
	}, "404", "200"},
	{"PlainNumberFilters", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"deals/search", object{"filters": []any{props{"propertyName": "amount", "operator": "GT", "value": "many"}}}))
	}, "400", "200"},
	{"AnyDirection", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"deals/search", object{"sorts": []any{props{"propertyName": "amount", "direction": "UPWARDS"}}}))
	}, "400", "200"},
	{"SeveralSorts", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"deals/search", object{"sorts": []any{"amount", "dealname"}}))
	}, "400", "200"},
	{"QueryByWords", func(_ *testing.T, c *client) string {
		c.contact(props{"firstname": "Annabel Lee"})
		var totals []any
		for _, query := range []string{"annab", "lee", "nabel"} {
			totals = append(totals, c.do("POST", dated+"contacts/search", props{"query": query}).at("total"))
		}
		return fmt.Sprint(totals...)
	}, "1 1 1", "1 1 0"},
	{"SubmittedTimeIgnored", func(t *testing.T, c *client) string {
		f := content.Forms()[0]
		c.portal.AddForm(f)
		c.do("POST", fmt.Sprintf("/submissions/v3/integration/secure/submit/%d/%s", c.portal.PortalID(), f.ID), with(filled("email", "a@example.com", "message", "x"), "submittedAt", "1000")).want(t, 200)
		return fmt.Sprint(c.portal.Submissions(f.ID)[0].At == 1000)
	}, "true", "false"},
	{"FilesMustExpire", func(_ *testing.T, c *client) string {
		return status(c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a"))
	}, "201", "400"},
	{"EventsUnreadable", func(t *testing.T, c *client) string {
		c.do("POST", events, event("a", object{"email": "a@example.com"})).want(t, 201)
		return fmt.Sprint(strings.HasPrefix(c.do("GET", events+"/1001298/a", nil).raw, "<"))
	}, "false", "true"},
	{"LongTextUnnamed", func(_ *testing.T, c *client) string {
		return c.do("POST", dated+"contacts", record(props{"firstname": strings.Repeat("ä", 65_537)})).text("errors.0.code")
	}, "PROPERTY_VALUE_TOO_LONG", "INVALID_LENGTH"},
	{"LengthInUTF16", func(_ *testing.T, c *client) string {
		var got []string
		for _, text := range []string{strings.Repeat("😀", 32_768), strings.Repeat("😀", 32_769), strings.Repeat("ä", 65_536), strings.Repeat("ä", 65_537)} {
			got = append(got, status(c.do("POST", dated+"contacts", record(props{"firstname": text}))))
		}
		return strings.Join(got, " ")
	}, "201 201 201 400", "201 400 201 400"},
	{"MidnightISODates", func(t *testing.T, c *client) string {
		if err := c.portal.CreateProperty("contacts", practice.Property{Name: "born", Type: "date"}); err != nil {
			t.Fatal(err)
		}
		body := record(props{"firstname": "A", "born": "1990-01-01T00:00:00Z"})
		return status(c.do("POST", "/crm/v3/objects/contacts", body)) + " " + status(c.do("POST", dated+"contacts", body))
	}, "400 201", "201 201"},
	{"AnyGroupName", func(_ *testing.T, c *client) string {
		return status(c.do("POST", "/crm/v3/properties/contacts/groups", props{"name": "My group", "label": "My group"}))
	}, "400", "201"},
	{"HubSpotLabelsFixed", func(_ *testing.T, c *client) string {
		return status(c.do("PATCH", "/crm/v3/properties/contacts/city", props{"label": "Town"}))
	}, "200", "400"},
	{"RepeatedOptions", func(_ *testing.T, c *client) string {
		o := object{"label": "A", "value": "a", "displayOrder": 1}
		return status(c.do("POST", "/crm/v3/properties/contacts", object{"name": "size", "label": "Size", "groupName": "contactinformation",
			"type": "enumeration", "fieldType": "select", "options": []any{o, o}}))
	}, "400", "201"},
	{"UnknownTokenNotFound", func(_ *testing.T, c *client) string {
		return status(c.do("POST", "/oauth/v2/private-apps/get/access-token-info", props{"tokenKey": "pat-na1-none"}))
	}, "401", "404"},
	{"UninstallRevokesAll", func(_ *testing.T, c *client) string {
		return status(c.do("DELETE", "/appinstalls/2026-09/external-install", nil)) + " " + status(c.do("GET", dated+"contacts", nil))
	}, "403 200", "204 401"},
	{"UnknownErasedRefused", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"contacts/gdpr-delete", props{"objectId": "12345"}))
	}, "204", "404"},
	{"ErasesEverything", func(_ *testing.T, c *client) string {
		id := c.create("companies", props{"name": "A"})
		return fmt.Sprint(status(c.do("POST", dated+"companies/gdpr-delete", props{"objectId": id})), " ", c.portal.Count("companies"))
	}, "404 1", "204 0"},
	{"SearchesTellDaily", func(_ *testing.T, c *client) string {
		c.portal.SetLimits(practice.Limits{Daily: 7})
		return c.do("POST", dated+"contacts/search", `{}`).header.Get("X-HubSpot-RateLimit-Daily")
	}, "", "7"},
	{"OrderedBatchResults", func(_ *testing.T, c *client) string {
		var in []any
		for i := range 20 {
			in = append(in, record(props{"firstname": fmt.Sprintf("p%02d", i)}))
		}
		r, last := c.do("POST", dated+"contacts/batch/create", inputs(in...)), ""
		for i := range 20 {
			name := r.text(fmt.Sprintf("results.%d.properties.firstname", i))
			if name < last {
				return "mixed"
			}
			last = name
		}
		return "in order"
	}, "mixed", "in order"},
	{"ClearedReadsNull", func(_ *testing.T, c *client) string {
		id := c.contact(props{"firstname": "A", "city": "Bonn"})
		c.do("PATCH", dated+"contacts/"+id, record(props{"city": ""}))
		return fmt.Sprint(c.do("GET", dated+"contacts/"+id+"?properties=city", nil).at("properties.city"))
	}, "", "<nil>"},
	{"MergeKeepsPrimaryID", func(_ *testing.T, c *client) string {
		a, b := c.create("deals", props{"dealname": "A"}), c.create("deals", props{"dealname": "B"})
		return fmt.Sprint(c.do("POST", dated+"deals/merge", props{"primaryObjectId": a, "objectIdToMerge": b}).text("id") == a)
	}, "false", "true"},
	{"ErasedEmailsBlocked", func(_ *testing.T, c *client) string {
		id := c.contact(props{"email": "a@example.com"})
		c.do("POST", dated+"contacts/gdpr-delete", props{"objectId": id})
		return status(c.do("POST", dated+"contacts", record(props{"email": "a@example.com"})))
	}, "201", "400"},
	{"NoAutomaticCloseDate", func(t *testing.T, c *client) string {
		id := c.create("deals", props{"dealname": "D", "dealstage": "closedwon", "pipeline": "default"})
		return fmt.Sprint(c.do("GET", dated+"deals/"+id+"?properties=closedate", nil).want(t, 200).at("properties.closedate") != nil)
	}, "true", "false"},
	{"NoLifecycleDefault", func(t *testing.T, c *client) string {
		id := c.contact(props{"firstname": "A"})
		return fmt.Sprint(c.do("GET", dated+"contacts/"+id+"?properties=lifecyclestage", nil).want(t, 200).at("properties.lifecyclestage"))
	}, "lead", "<nil>"},
	{"NamelessContacts", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"contacts", record(props{"city": "Bonn"})))
	}, "400", "201"},
	{"StrictProducts", func(_ *testing.T, c *client) string {
		return status(c.do("POST", dated+"products", record(props{"name": "P"})))
	}, "201", "400"},
	{"SearchThrottleTyped", func(_ *testing.T, c *client) string {
		c.portal.SetLimits(practice.Limits{Search: 1})
		c.do("POST", dated+"contacts/search", `{}`)
		r := c.do("POST", dated+"contacts/search", `{}`)
		return r.text("category") + " " + r.text("errorType")
	}, "RATE_LIMITS ", " RATE_LIMIT"},
}

func TestUnsettledPointsHaveBothBehaviours(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			var s practice.Switches
			if got := v.probe(t, open(t, practice.Options{Seed: 3, Switches: s})); got != v.want {
				t.Errorf("by default %q, want %q", got, v.want)
			}
			reflect.ValueOf(&s).Elem().FieldByName(v.name).SetBool(true)
			if got := v.probe(t, open(t, practice.Options{Seed: 3, Switches: s})); got != v.flip {
				t.Errorf("with the switch %q, want %q", got, v.flip)
			}
		})
	}
}

func TestConflictsNameTheRecordAsTheSwitchSays(t *testing.T) {
	t.Parallel()
	for names, want := range map[practice.ConflictNames]string{practice.ConflictNamed: "Contact already exists. Existing ID: ", practice.ConflictUnnamed: "Contact already exists"} {
		c := open(t, practice.Options{Switches: practice.Switches{ConflictNames: names}})
		id := c.contact(props{"email": "a@example.com"})
		if names == practice.ConflictNamed {
			want += id
		}
		for range 10 {
			if r := c.do("POST", dated+"contacts/batch/create", inputs(newContact("a@example.com", ""))).want(t, 409); r.text("message") != want {
				t.Errorf("message %q, want %q", r.text("message"), want)
			}
		}
	}
}
