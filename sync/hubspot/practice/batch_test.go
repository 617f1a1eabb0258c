package practice_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func newContact(email, trace string) map[string]any {
	in := map[string]any{"properties": props{"email": email}}
	if trace != "" {
		in["objectWriteTraceId"] = trace
	}
	return in
}

func TestBatchEnvelopeHasHubSpotsKeyOrder(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact("a@example.com", ""))).want(t, 201)
	order := []string{`{"completedAt":"`, `"status":"COMPLETE"`, `"startedAt":"`, `"results":[`}
	at := -1
	for _, key := range order {
		i := strings.Index(r.raw, key)
		if i <= at {
			t.Fatalf("%s is out of order in %s", key, r.raw)
		}
		at = i
	}
	if strings.Contains(r.raw, "numErrors") || strings.Contains(r.raw, "objectWriteTraceId") {
		t.Errorf("a batch without errors has none of their keys: %s", r.raw)
	}
}

func TestOneBadInputRefusesAWholeBatch(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Switches: practice.Switches{ConflictNames: practice.ConflictNamed}})
	taken := c.contact(props{"email": "taken@example.com"})
	c.do("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact("a@example.com", ""), newContact("taken@example.com", ""))).
		wantError(t, 409, "CONFLICT", "Contact already exists. Existing ID: "+taken)
	c.do("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact("a@example.com", "1"), newContact("taken@example.com", "1"))).
		wantError(t, 409, "CONFLICT", "Contact already exists") // trace ids that are not distinct do not help
	r := c.do("POST", "/crm/v3/objects/contacts/batch/create", `{"inputs":[{"properties":{"bad1":"x","email":"b@example.com"}},{"properties":{"bad2":"x"}}]}`)
	r.wantError(t, 400, "VALIDATION_ERROR", "Property values were not valid: [")
	if r.text("errors.0.context.propertyName.0") != "bad1" || r.text("errors.1.context.propertyName.0") != "bad2" {
		t.Errorf("all invalid properties are listed: %s", r.raw)
	}
	if n := c.portal.Count("contacts"); n != 1 {
		t.Errorf("%d contacts, want only the first", n)
	}
}

func TestTraceIDsSaveTheGoodInputs(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	taken := c.contact(props{"email": "taken@example.com"})
	r := c.do("POST", "/crm/v3/objects/contacts/batch/create", inputs(
		newContact("a@example.com", "t0"), newContact("taken@example.com", "t1"), newContact("A@example.com", "t2"),
		map[string]any{"properties": props{"no_such": "x"}, "objectWriteTraceId": "t3"})).want(t, 207)
	if r.count("results") != 1 || r.at("numErrors") != 3.0 {
		t.Fatalf("body %s", r.raw)
	}
	made := r.text("results.0.id")
	for i, want := range []struct{ category, message, trace, existing string }{
		{"CONFLICT", "Contact already exists. Existing ID: " + taken, "t1", taken},
		{"CONFLICT", "Contact already exists. Existing ID: " + made, "t2", made},
		{"VALIDATION_ERROR", "Property values were not valid: [{", "t3", ""},
	} {
		e := fmt.Sprintf("errors.%d.", i)
		if r.text(e+"category") != want.category || !strings.HasPrefix(r.text(e+"message"), want.message) ||
			r.text(e+"context.objectWriteTraceId.0") != want.trace || r.text(e+"context.existingId.0") != want.existing {
			t.Errorf("error %d: %s", i, r.raw)
		}
	}
	echo := open(t, practice.Options{Switches: practice.Switches{EchoTraceIDs: true}})
	r = echo.do("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact("a@example.com", "t0")))
	if r.text("results.0.objectWriteTraceId") != "t0" {
		t.Errorf("the switch echoes trace ids: %s", r.raw)
	}
}

func TestBatchesHaveASize(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	var many []any
	for i := range 101 {
		many = append(many, map[string]any{"id": fmt.Sprint(i), "properties": props{}})
	}
	for _, op := range []string{"read", "create", "update", "upsert", "archive"} {
		c.do("POST", "/crm/v3/objects/contacts/batch/"+op, inputs(many...)).wantError(t, 400, "VALIDATION_ERROR",
			"The maximum number of inputs supported in a batch is 100. Please reduce the number of items and try again")
	}
	c.do("POST", "/crm/v3/objects/contacts/batch/read", map[string]any{"inputs": many[:51], "propertiesWithHistory": []string{"email"}}).
		wantError(t, 400, "VALIDATION_ERROR", "The maximum number of inputs supported in a batch request for property histories is 50.")
}

func TestRepeatedIDsRefuseABatchEvenWithTraceIDs(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com"})
	one := func(trace string) any {
		return map[string]any{"id": id, "properties": props{"phone": trace}, "objectWriteTraceId": trace}
	}
	r := c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(one("1"), one("2")))
	r.wantError(t, 400, "VALIDATION_ERROR", "Duplicate IDs found in batch input: ["+id+"]. IDs must be unique")
	if r.text("context.ids.0") != id {
		t.Errorf("context %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(
		map[string]any{"id": "x@example.com", "idProperty": "email", "properties": props{}},
		map[string]any{"id": "x@example.com", "idProperty": "email", "properties": props{}})).wantError(t, 400, "VALIDATION_ERROR", "Duplicate IDs")
}

func TestBatchUpdateReportsMissingRecordsAndWritesTheOthers(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com"})
	r := c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(
		map[string]any{"id": id, "properties": props{"phone": "1"}},
		map[string]any{"id": "unknownIdentifier888", "properties": props{"phone": "1"}},
		map[string]any{"id": 99999, "properties": props{"phone": "1"}})).want(t, 207)
	if r.count("results") != 1 || r.at("numErrors") != 1.0 || r.count("errors.0.context.ids") != 2 ||
		r.text("errors.0.message") != "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid." {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/contacts/batch/update", inputs(map[string]any{"id": "a@example.com", "idProperty": "email", "properties": props{"phone": "1"}})).
		wantError(t, 400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-1 property email")
}

func TestUpsertByEmailIsWholeAndByUniquePropertyPartial(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	if err := c.portal.CreateProperty("contacts", practice.Property{Name: "sync_key", Unique: true}); err != nil {
		t.Fatal(err)
	}
	upsert := func(trace, id, by string, p props) any {
		return map[string]any{"id": id, "idProperty": by, "properties": p, "objectWriteTraceId": trace}
	}
	r := c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(upsert("1", "k1", "sync_key", props{"email": "a@example.com"}))).want(t, 200)
	if r.at("results.0.new") != true || r.text("results.0.properties.sync_key") != "k1" {
		t.Errorf("the first upsert creates: %s", r.raw)
	}
	id := r.text("results.0.id")
	r = c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(upsert("1", "k1", "sync_key", props{"phone": "1"}))).want(t, 200)
	if r.at("results.0.new") != false || r.text("results.0.id") != id {
		t.Errorf("the second one updates: %s", r.raw)
	}
	r = c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(
		upsert("1", "k2", "sync_key", props{"email": "a@example.com"}), upsert("2", "k3", "sync_key", props{"email": "c@example.com"}))).want(t, 207)
	if r.count("results") != 1 || r.text("errors.0.context.existingId.0") != id {
		t.Errorf("partial: %s", r.raw)
	}
	c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(
		upsert("1", "d@example.com", "email", props{"no_such": "x"}), upsert("2", "e@example.com", "email", props{}))).want(t, 400)
	if n := c.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
	c.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(upsert("1", "x", "firstname", props{}))).
		wantError(t, 400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-1 property firstname")

	whole := open(t, practice.Options{Switches: practice.Switches{UpsertConflictWhole: true}})
	if err := whole.portal.CreateProperty("contacts", practice.Property{Name: "sync_key", Unique: true}); err != nil {
		t.Fatal(err)
	}
	whole.contact(props{"email": "a@example.com"})
	whole.do("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(upsert("1", "k2", "sync_key", props{"email": "a@example.com"}))).want(t, 409)
}

func TestBatchReadIsConsistentAndReportsWhatItDoesNotFind(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{SearchLag: practice.Fixed(3600e9)})
	id := c.contact(props{"email": "a@example.com", "firstname": "A"})
	r := c.do("POST", "/crm/objects/2026-09/contacts/batch/read", map[string]any{"properties": []string{"firstname", "phone"},
		"inputs": []any{props{"id": id}, props{"id": "99999"}, props{"id": "abc"}}}).want(t, 207)
	if r.text("results.0.properties.firstname") != "A" || r.count("errors.0.context.ids") != 2 {
		t.Errorf("body %s", r.raw)
	}
	r = c.do("POST", "/crm/v3/objects/contacts/batch/read", map[string]any{"idProperty": "email", "inputs": []any{props{"id": "A@example.com"}}}).want(t, 200)
	if r.text("results.0.id") != id {
		t.Errorf("by e-mail: %s", r.raw)
	}
	stale := open(t, practice.Options{SearchLag: practice.Fixed(3600e9), Switches: practice.Switches{ReadsFromIndex: true}})
	id = stale.contact(props{"email": "a@example.com"})
	stale.do("POST", "/crm/v3/objects/contacts/batch/read", inputs(props{"id": id})).want(t, 207)
}

func TestBatchArchiveIgnoresUnknownIDs(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com"})
	c.do("POST", "/crm/v3/objects/contacts/batch/archive", inputs(props{"id": id}, props{"id": "1"}, props{"id": id})).want(t, 204)
	if n := c.portal.Count("contacts"); n != 0 {
		t.Errorf("%d contacts left", n)
	}
}

func TestValidationOrder(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "a@example.com"})
	c.contact(props{"email": "b@example.com"})
	blind := c.portal.AddToken(practice.Token{Scopes: []string{"oauth"}})
	full := c.token
	var tooMany []any
	for range 101 {
		tooMany = append(tooMany, map[string]any{"id": id, "properties": props{"no_such": "x"}})
	}
	bad := map[string]any{"id": id, "properties": props{"no_such": "x", "email": "b@example.com"}}
	steps := []struct {
		name, token, objectType string
		body                    any
		status                  int
		message                 string
	}{
		{"no token", "", "butterflies", "{", 401, "Authentication credentials not found"},
		{"shape before type", blind, "butterflies", "{", 400, "Invalid input JSON"},
		{"type before scope", blind, "butterflies", inputs(tooMany...), 400, "Unable to infer object type"},
		{"scope before size", blind, "contacts", inputs(tooMany...), 403, "hasn't been granted all required scopes"},
		{"size before duplicates", full, "contacts", inputs(tooMany...), 400, "The maximum number of inputs"},
		{"duplicates before properties", full, "contacts", inputs(tooMany[:2]...), 400, "Duplicate IDs found"},
		{"properties before conflicts", full, "contacts", inputs(bad), 400, "Property values were not valid"},
		{"conflicts", full, "contacts", inputs(map[string]any{"id": id, "properties": props{"email": "b@example.com"}}), 409, "Contact already exists"},
	}
	for _, s := range steps {
		c.token = s.token
		r := c.do("POST", "/crm/v3/objects/"+s.objectType+"/batch/update", s.body).want(t, s.status)
		if !strings.Contains(r.text("message"), s.message) {
			t.Errorf("%s: %s", s.name, r.raw)
		}
	}
}
