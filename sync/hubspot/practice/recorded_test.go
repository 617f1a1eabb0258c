package practice_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"syncline/sync/hubspot/practice"
)

// recorded reads an answer that was recorded from HubSpot.
func recorded(t *testing.T, path string) []byte {
	t.Helper()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	b, err := os.ReadFile(filepath.Join(dir, recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	heard.Store(path, true)
	return b
}

// recordings is where the recorded answers are.
var recordings = filepath.Join("recorded-hubspot", "amp-labs-MIT", "providers", "hubspot")

// heard are the recordings that were compared.
var heard sync.Map

// unheard are the recordings of what the practice portal does not serve.
var unheard = map[string]string{
	"test/read-via-search/campaigns-response.json":           "marketing campaigns",
	"test/read-lists-1-first-page.json":                      "lists",
	"test/read-lists-2-second-page.json":                     "lists",
	"test/read/events/e_deal_closed.json":                    "event occurrences",
	"test/read/events/e_visited_page.json":                   "event occurrences",
	"test/read/marketing-emails/1-first-page.json":           "marketing e-mails",
	"test/read/marketing-emails/2-last-page.json":            "marketing e-mails",
	"test/read/marketing-events.json":                        "marketing events",
	"test/read/campaigns/1-first-page.json":                  "marketing campaigns",
	"test/read/campaigns/2-last-page.json":                   "marketing campaigns",
	"test/read/campaigns/influenced-contacts.json":           "marketing campaigns",
	"test/read/campaigns/marketing-email-assets-2-page.json": "marketing campaigns",
	"test/read/marketing-forms.json":                         "forms",
	"test/read/meeting-links.json":                           "meeting links",
	"test/batch/read/campaigns/multi-207.json":               "marketing campaigns",
	"test/batch/read/campaigns/ok-200.json":                  "marketing campaigns",
}

// Every recorded exchange is made again, and the practice portal's answer has
// the recorded status, category and shape. What differs on purpose stands
// where it is compared, with the reason.
func TestRecordedExchanges(t *testing.T) {
	t.Parallel()
	t.Run("replayed", func(t *testing.T) {
		for name, replay := range map[string]func(*testing.T){
			"records": replayRecords, "requests": replayRequests, "associations": replayAssociations, "definitions": replayDefinitions,
			"pipelines": replayPipelines, "properties": replayProperties, "schema": replaySchema,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); replay(t) })
		}
	})
	root := os.Getenv("SYNCLINE_TESTDATA")
	if root == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	err := filepath.WalkDir(filepath.Join(root, recordings), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(filepath.Join(root, recordings), path)
		name = filepath.ToSlash(name)
		_, compared := heard.Load(name)
		if _, other := unheard[name]; compared == other {
			t.Errorf("%s is compared: %v, listed as not served: %v", name, compared, other)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// differences lists where one document has another shape than another: keys
// that are missing or too many, and values of another type. Of a list only the
// first items are compared, and null fits everything. Keys in loose may be
// there or not.
func differences(at string, want, got any, loose []string) []string {
	if want == nil || got == nil {
		return nil
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: %T instead of an object", at, got)}
		}
		var all []string
		for key, v := range w {
			if sub, there := g[key]; there {
				all = append(all, differences(at+"."+key, v, sub, loose)...)
			} else if !slices.Contains(loose, key) {
				all = append(all, at+"."+key+" is missing")
			}
		}
		for key := range g {
			if _, there := w[key]; !there && !slices.Contains(loose, key) {
				all = append(all, at+"."+key+" is too many")
			}
		}
		return all
	case []any:
		g, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s: %T instead of a list", at, got)}
		}
		if len(w) > 0 && len(g) > 0 {
			return differences(at+"[0]", w[0], g[0], loose)
		}
		return nil
	}
	if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
		return []string{fmt.Sprintf("%s: %T instead of %T", at, got, want)}
	}
	return nil
}

// topKeys are the keys of a document in their order.
func topKeys(t *testing.T, b []byte) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(b)))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// errorWords are what an error says about its kind: its own and its entries'.
func errorWords(doc map[string]any) map[string]string {
	words := map[string]string{}
	note := func(at string, v any) {
		if m, ok := v.(map[string]any); ok && m["status"] == "error" {
			for _, key := range []string{"category", "subCategory", "message"} {
				if text, ok := m[key].(string); ok {
					words[strings.TrimPrefix(at+"."+key, ".")] = text
				}
			}
		}
	}
	note("", doc)
	list, _ := doc["errors"].([]any)
	for i, v := range list {
		note(fmt.Sprintf("errors.%d", i), v)
	}
	return words
}

var digits = regexp.MustCompile(`\d+`)

// alike is a message without what differs from portal to portal: ids, names of
// people's own properties, and the list of invalid values, whose shape is
// compared elsewhere.
func alike(message string) string {
	message, _, _ = strings.Cut(message, ": [{")
	return digits.ReplaceAllString(message, "#")
}

func sameShape(t *testing.T, file string, r result, loose ...string) {
	t.Helper()
	b := recorded(t, file)
	var want map[string]any
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for _, d := range differences("", want, r.body, loose) {
		t.Errorf("%s: %s", file, d)
	}
	for at, text := range errorWords(want) {
		if got := r.text(at); alike(got) != alike(text) {
			t.Errorf("%s: %s is %q, recorded %q", file, at, got, text)
		}
	}
	if !slices.Equal(topKeys(t, b), topKeys(t, []byte(r.raw))) {
		t.Errorf("%s: keys %v, want %v", file, topKeys(t, []byte(r.raw)), topKeys(t, b))
	}
}

func replayRecords(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{Now: subSecond, Switches: practice.Switches{ConflictNames: practice.ConflictUnnamed}}) // both are recorded
	const batch = "/crm/v3/objects/contacts/batch/"
	r := c.do("POST", batch+"create", inputs(object{"properties": props{"email": "lily@hubspot.com", "firstname": "Lily", "lastname": "Skinner"}})).want(t, 201)
	sameShape(t, "test/batch/create/contacts/success.json", r)
	id := r.text("results.0.id")
	r = c.do("POST", batch+"create", inputs(newContact("lily@hubspot.com", "0"),
		object{"objectWriteTraceId": "1", "properties": props{"email": "s@hubspot.com", "firstname": "Siena", "lastname": "Dyer"}})).want(t, 207)
	// The recording was shortened to four properties.
	sameShape(t, "test/batch/create/contacts/err-partial-success.json", r, slices.Collect(mapKeys(r.at("results.0.properties")))...)
	r = c.do("POST", batch+"create", inputs(object{"properties": props{"first000name": "x", "last000name": "y"}})).want(t, 400)
	sameShape(t, "test/batch/create/contacts/err-many-invalid-properties.json", r)
	r = c.do("POST", batch+"create", inputs(newContact("lily@hubspot.com", ""))).want(t, 409)
	sameShape(t, "test/batch/create/contacts/err-conflict.json", r)
	change := func(id string) object {
		return object{"id": id, "properties": props{"firstname": "Markus (updated)", "lastname": "Blevins (updated)"}}
	}
	r = c.do("POST", batch+"update", inputs(change(id))).want(t, 200)
	sameShape(t, "test/batch/update/contacts/success.json", r)
	r = c.do("POST", batch+"update", inputs(change(id), change("unknownIdentifier888"))).want(t, 207)
	sameShape(t, "test/batch/update/contacts/err-partial-success.json", r)
	bad := object{"id": id, "properties": props{"first000name": "x", "last000name": "y"}}
	r = c.do("POST", batch+"update", inputs(bad)).want(t, 400)
	sameShape(t, "test/batch/update/contacts/err-many-invalid-properties.json", r)
	r = c.do("POST", batch+"update", inputs(change("123456"), change("123456"))).want(t, 400)
	sameShape(t, "test/batch/update/contacts/err-duplicate-ids.json", r)
	r = c.do("POST", batch+"read", inputs(ref(id))).want(t, 200)
	sameShape(t, "test/read/objects-api/contacts-batch.json", r)
	shown := object{"properties": []string{"company", "email", "firstname", "lastname", "phone", "website"}, "limit": "1"}
	r = c.do("POST", "/crm/v3/objects/contacts/search", shown).want(t, 200)
	sameShape(t, "test/search/contacts/1-first-page.json", r)
	shown["after"] = r.text("paging.next.after")
	sameShape(t, "test/search/contacts/2-second-page.json", c.do("POST", "/crm/v3/objects/contacts/search", shown).want(t, 200))
	// The recording is older: its records have no url and no hs_object_id.
	sameShape(t, "test/read/objects-api/contacts-response.json", c.do("GET", "/crm/v3/objects/contacts?limit=1&properties=email", nil).want(t, 200), "url", "hs_object_id")
	sameShape(t, "test/search/error-invalid-object.json", c.do("POST", "/crm/v3/objects/butterflies/search", `{}`).want(t, 400))
	sameShape(t, "test/read-via-search/contacts-response.json",
		c.do("POST", "/crm/v3/objects/contacts/search", object{"properties": shown["properties"]}), "paging")
}

func replayRequests(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	for _, file := range []string{"test/read-via-search/contacts-payload.json", "test/read/objects-api/contacts-req-payload-since-until.json",
		"test/read/objects-api/contacts-req-payload-since.json", "test/read/objects-api/contacts-req-payload-until.json"} {
		c.do("POST", "/crm/v3/objects/contacts/search", string(recorded(t, file))).want(t, 200)
	}
}

func replayAssociations(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	a, b, company := c.contact(props{"firstname": "A"}), c.contact(props{"firstname": "B"}), c.create("companies", props{"name": "C"})
	r := c.do("POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(edge(a, company, 279))).want(t, 201)
	sameShape(t, "internal/associations/test/contact-to-company-resp.json", r)
	r = c.do("POST", "/crm/v4/associations/contacts/companies/batch/read", inputs(ref(a), ref(b))).want(t, 207)
	sameShape(t, "test/search/contacts/contacts-to-companies.json", r)
	r = c.do("POST", "/crm/v4/associations/contacts/contacts/batch/create", inputs(edge("unknown_id_7", a, 449), edge(a, a, 449))).want(t, 207)
	sameShape(t, "internal/associations/test/err-contact-to-contact.json", r)
}

func replayDefinitions(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	const base = "/crm/v3/properties/contacts"
	r := c.do("POST", base+"/groups", string(recorded(t, "test/custom/create/1-payload-create-property-group.json"))).want(t, 201)
	sameShape(t, "test/custom/create/2-response-create-property-group.json", r)
	sameShape(t, "test/custom/update/1-read-property-group.json", c.do("GET", base+"/groups/integrationcreatedproperties", nil).want(t, 200))
	r = c.do("POST", base+"/batch/create", string(recorded(t, "test/custom/create/3-payload-batch-create-properties.json"))).want(t, 201)
	dated := []string{"createdAt", "updatedAt", "archived", "createdUserId", "updatedUserId"} // recorded in some answers only
	sameShape(t, "test/custom/create/4-response-batch-create-properties.json", r, dated...)
	var want struct {
		Results []struct{ Options []map[string]any }
	}
	if err := json.Unmarshal(recorded(t, "test/custom/create/4-response-batch-create-properties.json"), &want); err != nil {
		t.Fatal(err)
	}
	for i, o := range want.Results[1].Options {
		if got := r.at(fmt.Sprintf("results.1.options.%d.displayOrder", i)); got != o["displayOrder"] {
			t.Errorf("option %d has display order %v, recorded %v", i, got, o["displayOrder"])
		}
	}
	r = c.do("POST", base+"/batch/create", string(recorded(t, "test/custom/update/2-payload-batch-create-properties.json"))).want(t, 207)
	sameShape(t, "test/custom/update/3-response-batch-create-properties.json", r, dated...)
	r = c.do("PATCH", base+"/age__c", string(recorded(t, "test/custom/update/4-payload-update-property-age.json"))).want(t, 200)
	sameShape(t, "test/custom/update/5-response-update-property-age.json", r)
	r = c.do("PATCH", base+"/interests__c", string(recorded(t, "test/custom/update/6-payload-update-property-interests.json"))).want(t, 200)
	sameShape(t, "test/custom/update/7-response-update-property-interests.json", r)
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"oauth"}})
	sameShape(t, "test/metadata-err-schemas-scope.json", c.do("GET", "/crm-object-schemas/v3/schemas", nil).want(t, 403))
	sameShape(t, "test/post-auth/account-info.json", c.do("GET", "/account-info/v3/details", nil).want(t, 200))
}

func replayPipelines(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	for _, objectType := range []string{"contacts", "deals"} {
		r := c.do("GET", "/crm/v3/pipelines/"+objectType, nil).want(t, 200)
		file := "test/metadata-" + objectType + "-external-pipelines.json"
		sameShape(t, file, r)
		var want map[string]any
		if err := json.Unmarshal(recorded(t, file), &want); err != nil {
			t.Fatal(err)
		}
		if w := (result{body: want}); r.text("results.0.id") != w.text("results.0.id") || r.text("results.0.stages.1.id") != w.text("results.0.stages.1.id") {
			t.Errorf("%s: %s", objectType, r.raw)
		}
	}
}

func replayProperties(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	for _, objectType := range []string{"contacts", "deals"} {
		var want struct{ Results []map[string]any }
		if err := json.Unmarshal(recorded(t, "test/metadata-"+objectType+"-properties-sampled.json"), &want); err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, w := range want.Results {
			r := c.do("GET", fmt.Sprintf("/crm/v3/properties/%s/%s", objectType, w["name"]), nil)
			if r.status == 404 {
				continue
			}
			compared++
			for _, d := range differences(w["name"].(string), w, r.body, []string{"description", "textDisplayHint", "readOnlyOptions"}) {
				t.Error(d)
			}
			for _, key := range []string{"type", "fieldType", "externalOptions", "hasUniqueValue"} {
				if r.at(key) != w[key] {
					t.Errorf("%s.%s = %v, recorded %v", w["name"], key, r.at(key), w[key])
				}
			}
		}
		if compared == 0 {
			t.Errorf("none of the recorded %s properties exists", objectType)
		}
	}
}

func replaySchema(t *testing.T) {
	t.Helper()
	c := open(t, practice.Options{})
	r := c.do("GET", "/crm-object-schemas/v3/schemas/contacts", nil).want(t, 200)
	// Recorded are three of the associations and none of the properties.
	const file = "internal/associations/test/contacts-schema-resp.json"
	var want map[string]any
	if err := json.Unmarshal(recorded(t, file), &want); err != nil {
		t.Fatal(err)
	}
	for _, d := range differences("", want, r.body, nil) {
		t.Errorf("%s: %s", file, d)
	}
	for _, w := range want["associations"].([]any) {
		w := w.(map[string]any)
		list, _ := r.at("associations").([]any)
		i := slices.IndexFunc(list, func(v any) bool { return v.(map[string]any)["id"] == w["id"] })
		if i < 0 {
			t.Errorf("association %v is missing", w["id"])
			continue
		}
		for key, v := range w {
			if got := list[i].(map[string]any)[key]; got != v {
				t.Errorf("association %v: %s is %v, recorded %v", w["id"], key, got, v)
			}
		}
	}
}
