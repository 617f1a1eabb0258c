package hubspot_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

func TestBatchCreateReadsBothKindsOfResult(t *testing.T) {
	t.Parallel()
	s := answers(says(207, recorded(t, "test/batch/create/contacts/err-partial-success.json"), "Date: Tue, 04 Nov 2025 20:29:55 GMT"))
	got, err := connect(t, s).BatchCreate(t.Context(), "contacts", []hubspot.CreateInput{
		{Properties: record.Values{"email": record.Text("brian@hubspot.com"), "phone": record.None()}, TraceID: "0"},
		{Properties: record.Values{"email": record.Text("siena.dyer@hubspot.com")}, TraceID: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != 1 || got.Records[0].Properties["firstname"] != record.Text("Siena") {
		t.Errorf("records %+v", got.Records)
	}
	if len(got.Failures) != 1 {
		t.Fatalf("failures %+v", got.Failures)
	}
	f := got.Failures[0]
	if f.TraceID != "0" || !hubspot.IsConflict(f.Err) || f.Err.ExistingID() != "171591000198" || hubspot.Unknown(f.Err) {
		t.Errorf("failure %+v: %v", f, f.Err)
	}
	if want := time.Date(2025, 11, 4, 20, 29, 54, 897e6, time.UTC); !got.ServerTime.Equal(want) {
		t.Errorf("ServerTime = %v, want %v", got.ServerTime, want)
	}
	want := map[string]any{"inputs": []any{
		map[string]any{"properties": map[string]any{"email": "brian@hubspot.com"}, "objectWriteTraceId": "0"},
		map[string]any{"properties": map[string]any{"email": "siena.dyer@hubspot.com"}, "objectWriteTraceId": "1"},
	}}
	if diff := cmp.Diff(want, s.requests()[0].Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestBatchCreateOfOnlyGoodInputs(t *testing.T) {
	t.Parallel()
	s := answers(says(201, recorded(t, "test/batch/create/contacts/success.json")))
	got, err := connect(t, s).BatchCreate(t.Context(), "contacts", []hubspot.CreateInput{{}, {}})
	if err != nil || len(got.Failures) != 0 || len(got.Records) == 0 || got.Records[0].Properties["lifecyclestage"] != record.Text("lead") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBatchThatFailsAsAWhole(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		file   string
		is     func(error) bool
	}{
		{"conflict", 409, "test/batch/create/contacts/err-conflict.json", hubspot.IsConflict},
		{"validation", 400, "test/batch/create/contacts/err-many-invalid-properties.json", func(err error) bool {
			var e *hubspot.Error
			return errors.As(err, &e) && e.Details[0].Property == "first000name"
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, answers(says(tc.status, recorded(t, tc.file))))
			_, err := c.BatchCreate(t.Context(), "contacts", []hubspot.CreateInput{{}, {}})
			if !tc.is(err) || hubspot.Unknown(err) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestBatchUpdateNamesMissingRecords(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(207, recorded(t, "test/batch/update/contacts/err-partial-success.json"))))
	got, err := c.BatchUpdate(t.Context(), "contacts", []hubspot.UpdateInput{
		{ID: "171591000199", Properties: record.Values{"firstname": record.Text("Siena (updated)")}},
		{ID: "unknownIdentifier888"},
	})
	if err != nil || len(got.Records) != 1 || len(got.Failures) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if f := got.Failures[0]; f.TraceID != "" || !cmp.Equal(f.IDs, []string{"unknownIdentifier888"}) || !hubspot.IsNotFound(f.Err) {
		t.Errorf("failure %+v", f)
	}
}

func TestBatchUpsertTellsWhatIsNew(t *testing.T) {
	t.Parallel()
	s := answers(says(200, `{"status":"COMPLETE","results":[
		{"id":"2","properties":{"k":"b"},"new":false,"objectWriteTraceId":"t2"},
		{"id":"1","properties":{"k":"a"},"new":true,
		 "warnings":[{"category":"PROPERTY_VALUE_NORMALIZED","context":{"propertyName":"date_of_birth","rawValue":"1990-01-01T00:00:00Z","normalizedValue":"631152000000"},"message":"date_of_birth was normalized"}]}],
		"errors":[{"category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"message\":\"no\",\"error\":\"INVALID_OPTION\",\"name\":\"stage\"}]","context":{"objectWriteTraceId":["t3","t4"]}},
		          {"category":"RATE_LIMITS","message":"slow down"}],"numErrors":2}`))
	got, err := connect(t, s).BatchUpsert(t.Context(), "companies", []hubspot.UpsertInput{
		{ID: "a", IDProperty: "k", TraceID: "t1"}, {ID: "b", IDProperty: "k", TraceID: "t2"},
		{ID: "c", IDProperty: "k", TraceID: "t3"}, {ID: "d", IDProperty: "k", TraceID: "t4"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"1": true}, got.New); diff != "" {
		t.Errorf("New: %s", diff)
	}
	if diff := cmp.Diff(map[string]string{"2": "t2"}, got.Traces); diff != "" {
		t.Errorf("Traces: %s", diff)
	}
	if diff := cmp.Diff([]hubspot.Warning{{RecordID: "1", Property: "date_of_birth", Category: "PROPERTY_VALUE_NORMALIZED",
		Raw: "1990-01-01T00:00:00Z", Normalized: "631152000000", Message: "date_of_birth was normalized"}}, got.Warnings); diff != "" {
		t.Errorf("Warnings: %s", diff)
	}
	if len(got.Failures) != 3 || got.Failures[0].TraceID != "t3" || got.Failures[1].TraceID != "t4" || got.Failures[2].TraceID != "" {
		t.Fatalf("Failures = %+v", got.Failures)
	}
	if d := got.Failures[1].Err.Details; len(d) != 1 || d[0].Property != "stage" || d[0].Code != "INVALID_OPTION" {
		t.Errorf("details %+v", d)
	}
	first := s.requests()[0].Body["inputs"].([]any)[0]
	if diff := cmp.Diff(map[string]any{"id": "a", "idProperty": "k", "properties": map[string]any{}, "objectWriteTraceId": "t1"}, first); diff != "" {
		t.Errorf("input: %s", diff)
	}
}

func TestBatchReadFollowsMerges(t *testing.T) {
	t.Parallel()
	s := answers(says(207, `{"completedAt":"2026-11-04T20:29:54Z","results":[
		{"id":"1","properties":{"email":"a@x.org","hs_merged_object_ids":null}},
		{"id":"900","properties":{"email":"b@x.org","hs_merged_object_ids":"2;77"}},
		{"id":"3","properties":{"email":"c@x.org","hs_merged_object_ids":"33"}}],
		"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","message":"Could not get some CONTACT objects","context":{"ids":["4"]}}]}`))
	got, err := connect(t, s).BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{
		IDs: []string{"1", "2", "3", "33", "4", "5", "1"}, Properties: []string{"email"}})
	if err != nil {
		t.Fatal(err)
	}
	want := hubspot.BatchReadResult{
		Records: []record.Record{
			{ID: "1", Properties: record.Values{"email": record.Text("a@x.org")}},
			{ID: "900", Properties: record.Values{"email": record.Text("b@x.org")}},
			{ID: "3", Properties: record.Values{"email": record.Text("c@x.org")}},
		},
		Missing: []string{"4"}, Moved: map[string]string{"2": "900", "33": "3"}, Unaccounted: []string{"5"},
		ServerTime: time.Date(2026, 11, 4, 20, 29, 54, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b record.Value) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	body := s.requests()[0].Body
	if n := len(body["inputs"].([]any)); n != 6 {
		t.Errorf("%d inputs; HubSpot refuses repeated ids", n)
	}
}

func TestBatchReadMakesAsManyCallsAsNeeded(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 120 {
		ids = append(ids, fmt.Sprint(i+1))
	}
	for _, tc := range []struct {
		history []string
		want    []int
	}{{nil, []int{100, 20}}, {[]string{"email"}, []int{50, 50, 20}}} {
		s := answers(says(200, `{"results":[]}`))
		if _, err := connect(t, s).BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: ids, History: tc.history, Archived: true}); err != nil {
			t.Fatal(err)
		}
		var sizes []int
		for _, r := range s.requests() {
			sizes = append(sizes, len(r.Body["inputs"].([]any)))
			if r.Query != "archived=true" {
				t.Errorf("query %q", r.Query)
			}
		}
		if diff := cmp.Diff(tc.want, sizes); diff != "" {
			t.Errorf("with history %v: %s", tc.history, diff)
		}
	}
}

// A failure that is not about a missing record must not look like one.
func TestBatchReadPassesOtherFailuresOn(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(207, `{"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"internal trouble","context":{"ids":["1"]}}]}`)))
	got, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{"1"}})
	if err == nil || len(got.Missing) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := answers(
		says(200, recorded(t, "test/search/contacts/1-first-page.json")),
		says(200, recorded(t, "test/search/contacts/2-second-page.json")),
		says(400, recorded(t, "test/search/error-invalid-object.json")),
	)
	c := connect(t, s)
	req := hubspot.SearchRequest{
		Groups: [][]hubspot.Filter{
			{{Property: "lastmodifieddate", Operator: hubspot.BETWEEN, Value: "1700000000000", HighValue: "1800000000000"}, {Property: "hs_object_id", Operator: hubspot.GT, Value: "12"}},
			{{Property: "lifecyclestage", Operator: hubspot.IN, Values: []string{"lead"}}, {Property: "email", Operator: hubspot.HasProperty}},
		},
		Query: "ann", Sort: "-createdate", Properties: []string{"email"},
	}
	page, err := c.Search(t.Context(), "contacts", req)
	if err != nil || page.Total != 57 || page.After != "54" || page.Records[0].ID != "501" || page.Records[0].Properties["phone"] != record.None() {
		t.Fatalf("first page %+v, %v", page, err)
	}
	req.After, req.Sort, req.Limit = page.After, "hs_object_id", 3
	page, err = c.Search(t.Context(), "contacts", req)
	if err != nil || page.After != "" || page.Records[0].ID != "103107104018" {
		t.Fatalf("second page %+v, %v", page, err)
	}
	var e *hubspot.Error
	if _, err := c.Search(t.Context(), "butterflies", hubspot.SearchRequest{}); !errors.As(err, &e) || e.Message != "Unable to infer object type from: butterflies" {
		t.Errorf("err = %v", err)
	}
	want := map[string]any{
		"filterGroups": []any{
			map[string]any{"filters": []any{
				map[string]any{"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "1700000000000", "highValue": "1800000000000"},
				map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "12"},
			}},
			map[string]any{"filters": []any{
				map[string]any{"propertyName": "lifecyclestage", "operator": "IN", "values": []any{"lead"}},
				map[string]any{"propertyName": "email", "operator": "HAS_PROPERTY"},
			}},
		},
		"query": "ann", "sorts": []any{map[string]any{"propertyName": "createdate", "direction": "DESCENDING"}},
		"properties": []any{"email"}, "limit": 200.0,
	}
	got := s.requests()
	if diff := cmp.Diff(want, got[0].Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if b := got[1].Body; b["after"] != "54" || b["limit"] != 3.0 || b["sorts"].([]any)[0].(map[string]any)["direction"] != "ASCENDING" {
		t.Errorf("second body %v", b)
	}
}

func TestAssociations(t *testing.T) {
	t.Parallel()
	base := "/crm/associations/" + hubspot.APIVersion
	s := answers(
		// Numbers and strings for ids, a list that goes on, and one without any.
		says(207, `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":1234,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null},{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"}]}],"paging":{"next":{"after":"p2","link":"x"}}}],
			"numErrors":2,"errors":[{"category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"No company is associated with contact 2.","context":{"fromObjectId":["2"]}},
			{"category":"VALIDATION_ERROR","subCategory":"crm.associations.INVALID_IDENTIFIER","message":"x is not a valid ID","context":{"id":["x"]}}]}`),
		says(200, `{"results":[{"from":{"id":1},"to":[{"toObjectId":"5678","associationTypes":[{"category":"USER_DEFINED","typeId":145,"label":"Manager"}]}]}]}`),
	)
	got, err := connect(t, s).BatchReadAssociations(t.Context(), "contacts", "companies", []string{"1", "2", "x", "1"})
	if err != nil {
		t.Fatal(err)
	}
	wantEdges := []hubspot.Edge{
		{From: "1", To: "1234", Types: []hubspot.AssociationType{{Category: "HUBSPOT_DEFINED", TypeID: 279}, {Category: "HUBSPOT_DEFINED", TypeID: 1, Label: "Primary"}}},
		{From: "1", To: "5678", Types: []hubspot.AssociationType{{Category: "USER_DEFINED", TypeID: 145, Label: "Manager"}}},
	}
	if diff := cmp.Diff(wantEdges, got.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if len(got.Failures) != 1 || !cmp.Equal(got.Failures[0].IDs, []string{"x"}) {
		t.Errorf("failures %+v", got.Failures)
	}
	requests := s.requests()
	if requests[0].Path != base+"/contacts/companies/batch/read" || len(requests) != 2 {
		t.Errorf("requests %+v", requests)
	}
	if diff := cmp.Diff(map[string]any{"inputs": []any{map[string]any{"id": "1", "after": "p2"}}}, requests[1].Body); diff != "" {
		t.Errorf("the second page: %s", diff)
	}
}

func TestAssociationWrites(t *testing.T) {
	t.Parallel()
	s := answers(
		says(201, recorded(t, "internal/associations/test/contact-to-company-resp.json")),
		says(200, `{"results":[{"from":{"id":"1"},"to":{"id":"9"},"associationSpec":{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}}]}`),
		says(207, recorded(t, "internal/associations/test/err-contact-to-contact.json")),
		says(204, ""),
		says(200, `{"status":"COMPLETE","results":[]}`),
		says(200, `{"results":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null},{"category":"USER_DEFINED","typeId":145,"label":"Manager"}]}`),
	)
	c := connect(t, s)
	ctx := t.Context()
	manager := []hubspot.AssociationType{{Category: "USER_DEFINED", TypeID: 145, Label: "Manager"}}
	got, err := c.BatchCreateAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: "1", To: "9"}, {From: "1", To: "2", Types: manager}})
	if err != nil || len(got.Edges) != 3 || got.Edges[0].To != "29013756946" || got.Edges[2].Types[0].TypeID != 279 {
		t.Errorf("create: %+v, %v", got, err)
	}
	got, err = c.BatchCreateAssociations(ctx, "contacts", "contacts", []hubspot.Edge{{From: "1", To: "2", Types: manager}})
	if err != nil || len(got.Failures) != 2 || got.Failures[0].IDs[0] != "unknown_id_123456798" || got.Failures[0].Err.SubCategory != "crm.associations.INVALID_IDENTIFIER" {
		t.Errorf("failures: %+v, %v", got, err)
	}
	if _, err := c.BatchArchiveAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: "1", To: "2"}, {From: "4", To: "5"}, {From: "1", To: "3"}}); err != nil {
		t.Errorf("archive: %v", err)
	}
	if _, err := c.BatchArchiveLabels(ctx, "contacts", "companies", []hubspot.Edge{{From: "1", To: "2", Types: manager}}); err != nil {
		t.Errorf("archive labels: %v", err)
	}
	labels, err := c.AssociationLabels(ctx, "contacts", "companies")
	if diff := cmp.Diff([]hubspot.AssociationType{{Category: "HUBSPOT_DEFINED", TypeID: 279}, manager[0]}, labels); err != nil || diff != "" {
		t.Errorf("labels: %v %s", err, diff)
	}
	id := func(s string) map[string]any { return map[string]any{"id": s} }
	types := []any{map[string]any{"associationCategory": "USER_DEFINED", "associationTypeId": 145.0}}
	base := "/crm/associations/" + hubspot.APIVersion + "/contacts/"
	edge := map[string]any{"from": id("1"), "to": id("2"), "types": types}
	want := []seen{
		{Method: "POST", Path: base + "companies/batch/create", Body: map[string]any{"inputs": []any{edge}}},
		{Method: "POST", Path: base + "companies/batch/associate/default", Body: map[string]any{"inputs": []any{map[string]any{"from": id("1"), "to": id("9")}}}},
		{Method: "POST", Path: base + "contacts/batch/create", Body: map[string]any{"inputs": []any{edge}}},
		{Method: "POST", Path: base + "companies/batch/archive", Body: map[string]any{"inputs": []any{
			map[string]any{"from": id("1"), "to": []any{id("2"), id("3")}},
			map[string]any{"from": id("4"), "to": []any{id("5")}},
		}}},
		{Method: "POST", Path: base + "companies/batch/labels/archive", Body: map[string]any{"inputs": []any{edge}}},
		{Method: "GET", Path: base + "companies/labels"},
	}
	requests := s.requests()
	for i := range requests {
		requests[i].Header = nil
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestPropertiesAndPipelines(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(200, recorded(t, "test/metadata-contacts-properties-sampled.json")), says(200, recorded(t, "test/metadata-deals-external-pipelines.json"))))
	properties, err := c.Properties(t.Context(), "contacts")
	if err != nil || len(properties) < 5 {
		t.Fatalf("%d properties, %v", len(properties), err)
	}
	want := record.Property{
		Name: "address", Label: "Street Address", Description: "Contact's street address, including apartment or unit number.",
		Group: "contactinformation", Type: record.TypeString, FieldType: "text", Defined: true,
	}
	if diff := cmp.Diff(want, properties[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	options := 0
	for _, p := range properties {
		options += len(p.Options)
	}
	if options == 0 {
		t.Error("no property has options")
	}
	pipelines, err := c.Pipelines(t.Context(), "deals")
	if err != nil || len(pipelines) != 1 || pipelines[0].ID != "default" {
		t.Fatalf("%+v, %v", pipelines, err)
	}
	stages := pipelines[0].Stages
	if len(stages) != 7 || stages[0].Label != "Appointment Scheduled" || stages[0].Closed || !stages[5].Closed || stages[5].ID != "closedwon" {
		t.Errorf("stages %+v", stages)
	}
}

func TestCreateProperty(t *testing.T) {
	t.Parallel()
	s := answers(
		says(200, `{"results":[{"name":"emailinformation"},{"name":"old_contact_information","archived":true},{"name":"contactinformation"}]}`),
		says(201, `{"name":"syncline_key","label":"Key","type":"string","fieldType":"text","groupName":"contactinformation","hasUniqueValue":true,"modificationMetadata":{"readOnlyValue":false}}`),
		says(409, `{"status":"error","category":"OBJECT_ALREADY_EXISTS","subCategory":"Properties.PROPERTY_WITH_NAME_EXISTS","message":"A property named 'age__c' already exists.","context":{"name":["age__c"]}}`),
	)
	c := connect(t, s)
	p, err := c.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: "syncline_key", Label: "Key", Type: record.TypeString, Unique: true, Hidden: true})
	if err != nil || !p.Unique || !p.Writable() {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = c.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: "age__c", Label: "Age", Group: "g", Type: record.TypeEnumeration, Options: []record.Option{{Value: "a", Label: "A"}}})
	if !hubspot.IsConflict(err) {
		t.Errorf("err = %v", err)
	}
	requests := s.requests()
	if requests[0].Path != "/crm/properties/"+hubspot.APIVersion+"/contacts/groups" {
		t.Errorf("first request %+v", requests[0])
	}
	want := map[string]any{"name": "syncline_key", "label": "Key", "groupName": "contactinformation", "type": "string", "fieldType": "text", "hasUniqueValue": true, "hidden": true, "formField": false}
	if diff := cmp.Diff(want, requests[1].Body); diff != "" {
		t.Errorf("body: %s", diff)
	}
	option := requests[2].Body["options"].([]any)[0]
	if diff := cmp.Diff(map[string]any{"value": "a", "label": "A", "hidden": false, "displayOrder": 0.0}, option); diff != "" || requests[2].Body["fieldType"] != "select" {
		t.Errorf("option: %s", diff)
	}
}

func TestOwnersReadsAllPagesAndThoseWhoLeft(t *testing.T) {
	t.Parallel()
	c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
		q := r.URL.Query()
		switch {
		case q.Get("archived") == "true":
			return reply(r, 200, `{"results":[{"id":"3","email":"c@x.org","firstName":"","lastName":"","userId":null,"userIdIncludingInactive":33,"archived":true}]}`), nil
		case q.Get("after") == "p2":
			return reply(r, 200, `{"results":[{"id":2,"email":"b@x.org","userId":22}]}`), nil
		}
		return reply(r, 200, `{"results":[{"id":"1","email":"a@x.org","firstName":"Ann","lastName":"Ash","userId":11}],"paging":{"next":{"after":"p2"}}}`), nil
	}))
	got, err := c.Owners(t.Context())
	want := []hubspot.Owner{
		{ID: "1", Email: "a@x.org", FirstName: "Ann", LastName: "Ash", UserID: "11"},
		{ID: "2", Email: "b@x.org", UserID: "22"},
		{ID: "3", Email: "c@x.org", UserID: "33", Archived: true},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got[0].Name() != "Ann Ash" || got[1].Name() != "b@x.org" {
		t.Errorf("names %q, %q", got[0].Name(), got[1].Name())
	}
}

func TestCustomObjectTypes(t *testing.T) {
	t.Parallel()
	s := answers(says(200, `{"results":[
		{"name":"car","labels":{"singular":"Car","plural":"Cars"},"primaryDisplayProperty":"model","secondaryDisplayProperties":["plate"],"objectTypeId":"2-3465404","fullyQualifiedName":"p123_car","archived":false},
		{"name":"old","objectTypeId":"2-1","archived":true}]}`))
	got, err := connect(t, s).CustomObjectTypes(t.Context())
	want := []hubspot.ObjectType{{
		ID: "2-3465404", Name: "p123_car", Singular: "car", Label: "Cars", LabelSingular: "Car",
		ModifiedProperty: "hs_lastmodifieddate", CreatedProperty: "hs_createdate", Primary: []string{"model", "plate"}, Pipeline: "hs_pipeline", Stage: "hs_pipeline_stage",
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if path := s.requests()[0].Path; path != "/crm-object-schemas/"+hubspot.APIVersion+"/schemas" {
		t.Errorf("path %s", path)
	}
}
