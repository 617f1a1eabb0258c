package hubspot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
)

// Known from HubSpot's documentation of 2026-09-22: a request removes the
// associations of at most 100 records.
func TestRemovingAssociationsNamesAtMostAHundredRecordsACall(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(c *hubspot.Client, edges []hubspot.Edge) (hubspot.AssociationWriteResult, error){
		"whole": func(c *hubspot.Client, edges []hubspot.Edge) (hubspot.AssociationWriteResult, error) {
			return c.BatchArchiveAssociations(t.Context(), "contacts", "companies", edges)
		},
		"labels": func(c *hubspot.Client, edges []hubspot.Edge) (hubspot.AssociationWriteResult, error) {
			return c.BatchArchiveLabels(t.Context(), "contacts", "companies", edges)
		},
	} {
		rt := answers(says(200, `{"status":"COMPLETE","results":[],"startedAt":"2026-11-28T10:00:00Z","completedAt":"2026-11-28T10:00:01Z"}`))
		var edges []hubspot.Edge
		for i := range 250 {
			for j := range 3 {
				edges = append(edges, hubspot.Edge{From: fmt.Sprint(1000 + i), To: fmt.Sprint(j + 1), Types: []hubspot.AssociationType{{Category: "HUBSPOT_DEFINED", TypeID: 1}}})
			}
		}
		if _, err := remove(connect(t, rt), edges); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := rt.requests()
		if len(got) != 3 {
			t.Errorf("%s: %d calls, want 3", name, len(got))
		}
		pairs := map[string]bool{}
		for _, r := range got {
			named := map[string]bool{}
			for _, in := range r.Body["inputs"].([]any) {
				in := in.(map[string]any)
				from := in["from"].(map[string]any)["id"].(string)
				named[from] = true
				targets, many := in["to"].([]any)
				if !many {
					targets = []any{in["to"]}
				}
				for _, to := range targets {
					pairs[from+" "+to.(map[string]any)["id"].(string)] = true
				}
			}
			if len(named) > hubspot.MaxAssociationArchive {
				t.Errorf("%s: a call names %d records", name, len(named))
			}
		}
		if len(pairs) != len(edges) {
			t.Errorf("%s: %d pairs were named, want %d", name, len(pairs), len(edges))
		}
	}
}

// Known from recorded answers.
func TestARecordAssociatedWithItselfIsNamedByItsMessage(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(207, recorded(t, "internal/associations/test/err-contact-to-contact.json"))))
	got, err := c.BatchCreateAssociations(t.Context(), "contacts", "contacts", []hubspot.Edge{
		{From: "unknown_id_123456798", To: "211762804612"}, {From: "211762804612", To: "211762804612"}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range got.Failures {
		ids = append(ids, strings.Join(f.IDs, " "))
	}
	if !slices.Equal(ids, []string{"unknown_id_123456798", "211762804612"}) {
		t.Errorf("failures of %q", ids)
	}
}

func TestRecordsThatAreNotThereAreNamedByTheContext(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Switches: practice.Switches{MissingEndsPartial: true}})
	a, err := p.Create("contacts", map[string]string{"firstname": "A"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.BatchCreateAssociations(t.Context(), "contacts", "companies", []hubspot.Edge{{From: a, To: "424242"}})
	if err != nil || len(got.Failures) != 1 || !slices.Contains(got.Failures[0].IDs, "424242") {
		t.Errorf("%+v, %v", got.Failures, err)
	}
}

// Known from recordings of March 2026.
func TestAddressesOfRecordsForPeople(t *testing.T) {
	t.Parallel()
	account := hubspot.Account{PortalID: 77, UIDomain: "app-eu1.hubspot.com"}
	p, c := practise(t, practice.Options{PortalID: 77, Hublet: "na1", UIDomain: "app-eu1.hubspot.com"})
	for _, name := range []string{"contacts", "companies", "deals", "notes", "tasks", "calls"} {
		objectType, _ := hubspot.FindObjectType(name)
		values := record.Values{}
		for property, v := range map[string]string{"firstname": "A", "name": "A", "dealname": "A", "hs_timestamp": "1000"} {
			if slices.ContainsFunc(propertiesOf(t, c, name), func(p record.Property) bool { return p.Name == property }) {
				values[property] = record.Text(v)
			}
		}
		rec, err := c.Create(t.Context(), name, values)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, as := range []string{name, objectType.ID} {
			if got := account.RecordURL(as, rec.ID); !strings.Contains(got, rec.ID) || got != urlOf(t, p, name, rec.ID) {
				t.Errorf("%s: %s, HubSpot says %s", as, got, urlOf(t, p, name, rec.ID))
			}
		}
	}
}

// Known from recordings of March 2026, of a task and a note that were made then.
func TestTheRecordedAddressesOfATaskAndANote(t *testing.T) {
	t.Parallel()
	account := hubspot.Account{PortalID: 147893286, UIDomain: "app-eu1.hubspot.com"}
	for _, as := range []string{"notes", "0-46"} {
		const want = "https://app-eu1.hubspot.com/contacts/147893286/objects/0-46/views/all/list?filters=%5B%7B%22property%22%3A%22hs_object_id%22%2C%22operator%22%3A%22EQ%22%2C%22value%22%3A%22478016441536%22%7D%5D"
		if got := account.RecordURL(as, "478016441536"); got != want {
			t.Errorf("%s: %s", as, got)
		}
	}
	for _, as := range []string{"tasks", "0-27"} {
		const want = "https://app-eu1.hubspot.com/tasks/147893286/view/all/task/477970581703"
		if got := account.RecordURL(as, "477970581703"); got != want {
			t.Errorf("%s: %s", as, got)
		}
	}
}

// Known from recorded answers: an untraced batch may say "Contact already
// exists" and no more.
func TestWhoHasAnAddressIsLookedUpWhereHubSpotDoesNotSay(t *testing.T) {
	t.Parallel()
	for _, names := range []practice.ConflictNames{practice.ConflictNamed, practice.ConflictUnnamed} {
		p, c := practise(t, practice.Options{Switches: practice.Switches{ConflictNames: names}})
		holder, err := p.Create("contacts", map[string]string{"email": "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		second, err := p.Create("contacts", map[string]string{"email": "second@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		survivor, err := p.Merge("contacts", holder, second)
		if err != nil {
			t.Fatal(err)
		}
		input := func(email string) hubspot.CreateInput {
			return hubspot.CreateInput{Properties: record.Values{"email": record.Text(email)}}
		}
		for _, emails := range [][]string{{"Ada@example.com"}, {"new@example.com", "ada@example.com"}, {"second@example.com"}} {
			var inputs []hubspot.CreateInput
			for _, email := range emails {
				inputs = append(inputs, input(email))
			}
			_, err := c.BatchCreate(t.Context(), "contacts", inputs)
			var e *hubspot.Error
			if !errors.As(err, &e) || !hubspot.IsConflict(err) || e.ExistingID() != survivor {
				t.Errorf("%v: %v, want the contact %s named", emails, err, survivor)
			}
		}
	}
}

// When several of the addresses are taken nobody knows which one was meant.
func TestNobodyIsNamedWhereSeveralStandInTheWay(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Switches: practice.Switches{ConflictNames: practice.ConflictUnnamed}})
	for _, email := range []string{"a@example.com", "b@example.com"} {
		if _, err := p.Create("contacts", map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.BatchCreate(t.Context(), "contacts", []hubspot.CreateInput{
		{Properties: record.Values{"email": record.Text("a@example.com")}}, {Properties: record.Values{"email": record.Text("b@example.com")}}})
	var e *hubspot.Error
	if !errors.As(err, &e) || e.ExistingID() != "" {
		t.Errorf("%v", err)
	}
}

// Known from notes of a live portal of 2026-09-29.
func TestAnEnumerationWithoutOptionsIsNotSent(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{})
	_, err := c.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: "size", Label: "Size", Type: record.TypeEnumeration})
	if err == nil || !strings.Contains(err.Error(), "at least one option") || p.Calls().Total != 0 {
		t.Errorf("%v after %d calls", err, p.Calls().Total)
	}
	car := hubspot.NewObjectType{Name: "car", Singular: "Car", Plural: "Cars", Primary: "model", Properties: []hubspot.NewProperty{
		{Name: "model", Label: "Model", Type: record.TypeString}, {Name: "size", Label: "Size", Type: record.TypeEnumeration}}}
	_, err = c.CreateObjectType(t.Context(), car)
	if err == nil || !strings.Contains(err.Error(), "the property size is a list of options and has none: give it at least one option") || p.Calls().Total != 0 {
		t.Errorf("%v after %d calls", err, p.Calls().Total)
	}
	// The options that there are go with their order, which HubSpot asks for here too.
	car.Properties[1].Options = []record.Option{{Value: "s", Label: "Small"}, {Value: "l", Label: "Large"}}
	made, err := c.CreateObjectType(t.Context(), car)
	if err != nil {
		t.Fatal(err)
	}
	if size, err := c.Property(t.Context(), made.ID, "size"); err != nil || len(size.Options) != 2 || size.Options[0].Value != "s" || size.Options[1].Value != "l" {
		t.Errorf("%+v, %v", size.Options, err)
	}
}

// Known from the published descriptions of 2026-08-21.
func TestOtherScopesThatWillDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		objectType string
		access     hubspot.Access
		scope      string
		want       bool
	}{
		{"quotes", hubspot.ReadRecords, "e-commerce", true}, {"quotes", hubspot.WriteRecords, "crm.objects.quotes.write", true},
		{"discounts", hubspot.ReadRecords, "crm.objects.quotes.read", true}, {"discounts", hubspot.WriteRecords, "crm.objects.quotes.read", false},
		{"fees", hubspot.WriteRecords, "e-commerce", true}, {"taxes", hubspot.ReadRecords, "crm.objects.line_items.read", true},
		{"feedback_submissions", hubspot.ReadRecords, "crm.objects.contacts.read", true},
		{"feedback_submissions", hubspot.ReadRecords, "crm.objects.feedback_submissions.read", true},
		{"contacts", hubspot.ReadRecords, "e-commerce", false},
	} {
		objectType, _ := hubspot.FindObjectType(tt.objectType)
		if got := hubspot.RightTo(tt.access, objectType).In([]string{tt.scope}); got != tt.want {
			t.Errorf("%s with %s: %v, want %v", tt.objectType, tt.scope, got, tt.want)
		}
	}
}

func TestAnEmptyRefusalIsTold(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{415: "did not take the request for JSON", 400: "refused the request (400 Bad Request) and did not say why"} {
		e := hubspotError(t, status, "")
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%d: %v", status, e)
		}
	}
}

// Known from notes of a live portal and from recorded answers: where the error
// is inside another one's message, and where the list of errors is cut short.
func TestErrorsAreReadOutOfMessages(t *testing.T) {
	t.Parallel()
	e := hubspotError(t, 400, `{"status":"error","message":"{\"status\":\"error\",\"message\":\"Can't delete or purge a group with active properties\",\"correlationId\":\"c-1\",\"category\":\"VALIDATION_ERROR\",\"subCategory\":\"PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES\"}","correlationId":"c-1"}`)
	if e.Message != "Can't delete or purge a group with active properties" || e.Category != "VALIDATION_ERROR" || e.SubCategory != "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES" {
		t.Errorf("%+v", e)
	}
	e = hubspotError(t, 400, recorded(t, "test/batch/create/contacts/err-many-invalid-properties.json"))
	var names []string
	for _, d := range e.Details {
		names = append(names, d.Property)
	}
	if !slices.Equal(names, []string{"first000name", "last000name", "first000name", "last000name"}) {
		t.Errorf("details of %q", names)
	}
}

// Known from copies of the docs: with Primary-ID preservation the survivor
// keeps the primary's id, for every object type.
func TestAMergeTellsWhichIDSurvives(t *testing.T) {
	t.Parallel()
	for _, keeps := range practicetest.Ways(t, "MergeKeepsPrimaryID") {
		p, c := practise(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: keeps}})
		var ids []string
		for range 2 {
			id, err := p.Create("deals", map[string]string{"dealname": "D"})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		rec, err := c.Merge(t.Context(), "deals", ids[0], ids[1])
		if err != nil || (rec.ID == ids[0]) != keeps {
			t.Errorf("keeps %v: %s of %v, %v", keeps, rec.ID, ids, err)
		}
		read, err := c.BatchRead(t.Context(), "deals", hubspot.BatchReadRequest{IDs: ids, Properties: []string{"dealname"}})
		if err != nil || len(read.Missing)+len(read.Unaccounted) != 0 || read.Moved[ids[1]] != rec.ID {
			t.Errorf("keeps %v: %+v, %v", keeps, read, err)
		}
	}
}

func propertiesOf(t *testing.T, c *hubspot.Client, objectType string) []record.Property {
	t.Helper()
	all, err := c.Properties(t.Context(), objectType)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// urlOf is the address that the portal itself gives a record.
func urlOf(t *testing.T, p *practice.Portal, objectType, id string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.hubapi.com/crm/objects/2026-09/"+objectType+"/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token())
	resp, err := p.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out.URL
}
