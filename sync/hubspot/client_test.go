package hubspot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

func TestNewChecksTheAddress(t *testing.T) {
	t.Parallel()
	tests := []struct{ base, want string }{
		{"", "https://api.hubapi.com"},
		{"https://api-eu1.hubapi.com/", "https://api-eu1.hubapi.com"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"http://127.0.0.1:1", "http://127.0.0.1:1"},
		{"http://[::1]:1", "http://[::1]:1"},
		{"http://LOCALHOST:1", "http://LOCALHOST:1"},
		{"http://localhost.:1", "http://localhost.:1"},
		{"HTTP://127.3.2.1:1", "http://127.3.2.1:1"},
		{"http://0.0.0.0:1", ""},
		{"http://2130706433:1", ""},
		{"http://10.0.0.1:1", ""},
		{"http://api.hubapi.com", ""},
		{"http://localhost.evil.example", ""},
		{"ftp://api.hubapi.com", ""},
		{"api.hubapi.com", ""},
		{"https://user:secret@api.hubapi.com", ""},
		{"https://api.hubapi.com/crm", ""},
		{"https://api.hubapi.com/?hapikey=secret", ""},
		{"://", ""},
	}
	for _, tc := range tests {
		c, err := hubspot.New(hubspot.Config{BaseURL: tc.base, Tokens: hubspot.StaticToken("t")})
		switch {
		case tc.want == "" && err == nil:
			t.Errorf("New with %q gave no error", tc.base)
		case tc.want != "" && (err != nil || c.BaseURL() != tc.want):
			t.Errorf("New with %q: %v", tc.base, err)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("the error tells a secret: %v", err)
		}
	}
	if _, err := hubspot.New(hubspot.Config{}); err == nil {
		t.Error("New without tokens gave no error")
	}
}

func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	cfg := hubspot.Config{Tokens: hubspot.StaticToken(testToken)}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(format, cfg); strings.Contains(s, testToken) {
			t.Errorf("%s prints the token", format)
		}
	}
	if b, err := json.Marshal(cfg.Tokens); err != nil || strings.Contains(string(b), testToken) {
		t.Errorf("as JSON: %s, %v", b, err)
	}
}

func TestEveryRequestSaysWhoAsks(t *testing.T) {
	t.Parallel()
	s := answers(says(200, `{"portalId":1}`))
	var exchanges []hubspot.Exchange
	c := connect(t, s, func(cfg *hubspot.Config) {
		cfg.UserAgent = "Syncline/1.2"
		cfg.Observe = func(x hubspot.Exchange) { exchanges = append(exchanges, x) }
	})
	if _, err := c.Account(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := s.requests()[0]
	for name, want := range map[string]string{"Authorization": "Bearer " + testToken, "User-Agent": "Syncline/1.2", "Accept": "application/json"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if len(exchanges) != 1 || exchanges[0].Status != 200 || exchanges[0].Attempt != 1 || exchanges[0].Op != "read the account" {
		t.Errorf("observed %+v", exchanges)
	}
}

func TestDateFollowsHubSpotsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := time.Now().UTC().Add(-37 * time.Minute) // the local clock is fast
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			return reply(r, 200, `{"results":[]}`, "Date: "+server.Format(http.TimeFormat)), nil
		}))
		if !c.Date().IsZero() {
			t.Error("a date before the first answer")
		}
		list := func() {
			if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
				t.Fatal(err)
			}
		}
		list()
		time.Sleep(5 * time.Second)
		if got, want := c.Date(), server.Add(5*time.Second); !got.Equal(want) {
			t.Errorf("Date = %v, want %v", got, want)
		}
		if skew := c.Traffic().Skew; skew != -37*time.Minute {
			t.Errorf("Skew = %v", skew)
		}
		server = server.Add(-time.Hour) // an answer from a cache, say
		list()
		if got, want := c.Date(), server.Add(time.Hour+5*time.Second); !got.Equal(want) {
			t.Errorf("an older Date moved the clock to %v, want %v", got, want)
		}
	})
}

func TestAccountAndUsage(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(200, recorded(t, "test/post-auth/account-info.json"))))
	account, err := c.Account(t.Context())
	want := hubspot.Account{PortalID: 12345678, Type: "STANDARD", TimeZone: "US/Eastern", Currency: "USD", UIDomain: "app.hubspot.com", Hosting: "na1"}
	if diff := cmp.Diff(want, account); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}

	s := answers(
		says(200, `{"results":[{"name":"private-apps-api-calls-daily","usageLimit":250000,"currentUsage":123,"collectedAt":"2026-11-03T23:36:13Z","fetchStatus":"CACHED","resetsAt":"2026-11-04T05:00:00Z"}]}`),
		says(200, `{"results":[{"name":"private-apps-api-calls-daily","usageLimit":0,"fetchStatus":"TIMEOUT"}]}`),
	)
	c = connect(t, s)
	usage, err := c.DailyUsage(t.Context())
	if err != nil || !usage.Known || usage.Remaining() != 249877 || usage.ResetsAt.Hour() != 5 {
		t.Errorf("DailyUsage = %+v, %v", usage, err)
	}
	if got := c.Traffic().Daily; !got.Known || got.Max != 250000 {
		t.Errorf("the limiter was not told: %+v", got)
	}
	if usage, err = c.DailyUsage(t.Context()); err != nil || usage.Known {
		t.Errorf("DailyUsage without figures = %+v, %v", usage, err)
	}
	if path := s.requests()[0].Path; path != "/account-info/"+hubspot.APIVersion+"/api-usage/daily/private-apps" {
		t.Errorf("path %s", path)
	}
}

func TestListReadsPages(t *testing.T) {
	t.Parallel()
	s := answers(says(200, recorded(t, "test/read/objects-api/contacts-response.json")), says(200, `{"results":[]}`))
	c := connect(t, s)
	page, err := c.List(t.Context(), "contacts", hubspot.ListRequest{Properties: []string{"email", "createdate"}})
	if err != nil || len(page.Records) != 3 || page.After != "394" {
		t.Fatalf("List = %+v, %v", page, err)
	}
	first := page.Records[0]
	if first.ID != "1" || first.Properties["email"] != record.Text("a@example.com") ||
		!first.Updated.Equal(time.Date(2024, 12, 24, 17, 31, 54, 727e6, time.UTC)) {
		t.Errorf("first record %+v", first)
	}
	page, err = c.List(t.Context(), "contacts", hubspot.ListRequest{After: page.After, Limit: 10, Archived: true})
	if err != nil || page.After != "" {
		t.Fatalf("second page = %+v, %v", page, err)
	}
	requests := s.requests()
	if requests[0].Path != "/crm/objects/"+hubspot.APIVersion+"/contacts" || requests[0].Query != "limit=100&properties=email%2Ccreatedate" {
		t.Errorf("first request %+v", requests[0])
	}
	if requests[1].Query != "after=394&archived=true&limit=10" {
		t.Errorf("second request %+v", requests[1])
	}
	if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{Limit: 101}); err == nil || len(s.requests()) != 2 {
		t.Errorf("a page of 101: %v", err)
	}
}

// Names that do not fit into an address travel in a body.
func TestManyPropertiesAreReadByBatch(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 400 {
		names = append(names, fmt.Sprintf("a_rather_long_property_name_%03d", i))
	}
	rt := transport(func(r *http.Request) (*http.Response, error) {
		if len(r.URL.String()) > 2000 {
			return reply(r, 414, "<html>", "Content-Type: text/html"), nil
		}
		if r.Method == http.MethodGet {
			return reply(r, 200, `{"results":[{"id":"1","properties":{}},{"id":"2","properties":{}},{"id":"3","properties":{}}],"paging":{"next":{"after":"4"}}}`), nil
		}
		if body, err := io.ReadAll(r.Body); err != nil || !strings.Contains(string(body), `"id":"1"`) {
			return reply(r, 200, `{"results":[{"id":"3","properties":{"x":"three"}}]}`), err
		}
		// 2 was archived in between; the order is another.
		return reply(r, 207, `{"results":[{"id":"3","properties":{"x":"three"}},{"id":"1","properties":{"x":"one"}}],"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["2"]}}]}`), nil
	})
	c := connect(t, rt)
	page, err := c.List(t.Context(), "contacts", hubspot.ListRequest{Properties: names})
	if err != nil || page.After != "4" || len(page.Records) != 2 || page.Records[0].Properties["x"] != record.Text("one") || page.Records[1].ID != "3" {
		t.Errorf("List = %+v, %v", page, err)
	}
	rec, err := c.Get(t.Context(), "contacts", "3", hubspot.ReadRequest{Properties: names})
	if err != nil || rec.ID != "3" {
		t.Errorf("Get = %+v, %v", rec, err)
	}
}

func TestGetReadsHistory(t *testing.T) {
	t.Parallel()
	s := answers(says(200, `{"id":512,"properties":{"email":"a@example.com","phone":null,"num":5,"flag":true},
		"propertiesWithHistory":{"email":[{"value":"a@example.com","timestamp":"2026-11-03T23:36:13Z","sourceType":"INTEGRATION","sourceId":"77","sourceLabel":"App","updatedByUserId":9},{"value":null,"timestamp":1762212973632,"sourceType":"CRM_UI"}]},
		"createdAt":"2026-11-03T23:36:13Z","updatedAt":"2026-11-03T23:36:13.5Z","archived":true,"archivedAt":"2026-11-05T00:00:00Z"}`))
	rec, err := connect(t, s).Get(t.Context(), "contacts", "a+b@example.com/x", hubspot.ReadRequest{
		Properties: []string{"email"}, History: []string{"email"}, IDProperty: "email", Archived: true})
	if err != nil {
		t.Fatal(err)
	}
	want := record.Record{
		ID: "512",
		Properties: record.Values{
			"email": record.Text("a@example.com"), "phone": record.None(), "num": record.Text("5"), "flag": record.Text("true"),
		},
		Created:  time.Date(2026, 11, 3, 23, 36, 13, 0, time.UTC),
		Updated:  time.Date(2026, 11, 3, 23, 36, 13, 5e8, time.UTC),
		Archived: true, ArchivedAt: time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC),
		History: map[string][]record.Version{"email": {
			{Value: record.Text("a@example.com"), At: time.Date(2026, 11, 3, 23, 36, 13, 0, time.UTC), SourceType: "INTEGRATION", SourceID: "77", Label: "App", UserID: "9"},
			{Value: record.None(), At: time.UnixMilli(1762212973632).UTC(), SourceType: "CRM_UI"},
		}},
	}
	if diff := cmp.Diff(want, rec, cmp.Comparer(func(a, b record.Value) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := s.requests()[0]
	if got.Path != "/crm/objects/"+hubspot.APIVersion+"/contacts/a+b@example.com%2Fx" ||
		got.Query != "archived=true&idProperty=email&properties=email&propertiesWithHistory=email" {
		t.Errorf("request %s?%s", got.Path, got.Query)
	}
}

func TestSingleWrites(t *testing.T) {
	t.Parallel()
	s := answers(says(201, created), says(200, created), says(204, ""), says(200, `{"id":"99","properties":{"hs_merged_object_ids":"1;2"}}`))
	c := connect(t, s)
	ctx := t.Context()
	rec, err := c.Create(ctx, "contacts", record.Values{"email": record.Text("a@example.com"), "phone": record.None(), "fax": {}, "city": record.Text("")})
	if err != nil || rec.ID != "7" {
		t.Errorf("Create = %+v, %v", rec, err)
	}
	if _, err := c.Update(ctx, "contacts", "7", record.Values{"lastname": record.Text("<O'Neill & Søn>")}); err != nil {
		t.Errorf("Update: %v", err)
	}
	if err := c.Archive(ctx, "contacts", "7"); err != nil {
		t.Errorf("Archive: %v", err)
	}
	if rec, err := c.Merge(ctx, "contacts", "1", "2"); err != nil || rec.ID != "99" {
		t.Errorf("Merge = %+v, %v", rec, err)
	}
	base := "/crm/objects/" + hubspot.APIVersion + "/contacts"
	want := []seen{
		// Null is left out, "" clears.
		{Method: "POST", Path: base, Body: map[string]any{"properties": map[string]any{"email": "a@example.com", "city": ""}}},
		{Method: "PATCH", Path: base + "/7", Body: map[string]any{"properties": map[string]any{"lastname": "<O'Neill & Søn>"}}},
		{Method: "DELETE", Path: base + "/7"},
		{Method: "POST", Path: base + "/merge", Body: map[string]any{"primaryObjectId": "1", "objectIdToMerge": "2"}},
	}
	got := s.requests()
	for i := range got {
		got[i].Header = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What would address something else, or change the value, is not sent.
func TestSenselessCallsAreNotSent(t *testing.T) {
	t.Parallel()
	s := answers(says(200, `{}`))
	c := connect(t, s)
	ctx := t.Context()
	bad := record.Values{"name": record.Text("M\xfcller")}
	many := make([]hubspot.UpdateInput, 101)
	for i := range many {
		many[i].ID = fmt.Sprint(i + 1)
	}
	huge := []hubspot.CreateInput{{Properties: record.Values{"notes": record.Text(strings.Repeat("x", 17<<20))}}}
	calls := map[string]func() error{
		"an empty id":          func() error { return c.Archive(ctx, "contacts", "") },
		"a parent directory":   func() error { return c.Archive(ctx, "contacts", "..") },
		"no object type":       func() error { return c.Archive(ctx, "", "1") },
		"a path as type":       func() error { return c.Archive(ctx, "contacts/1", "1") },
		"an empty id in batch": func() error { return c.BatchArchive(ctx, "contacts", []string{"1", ""}) },
		"a merge with itself":  func() error { _, err := c.Merge(ctx, "contacts", "1", "1"); return err },
		"a value in Latin-1":   func() error { _, err := c.Update(ctx, "companies", "1", bad); return err },
		"a batch in Latin-1": func() error {
			_, err := c.BatchUpdate(ctx, "companies", []hubspot.UpdateInput{{ID: "1", Properties: bad}})
			return err
		},
		"101 updates":    func() error { _, err := c.BatchUpdate(ctx, "companies", many); return err },
		"a huge request": func() error { _, err := c.BatchCreate(ctx, "notes", huge); return err },
		"one record twice": func() error {
			_, err := c.BatchUpdate(ctx, "contacts", []hubspot.UpdateInput{{ID: "1"}, {ID: "1"}})
			return err
		},
		"one unique value twice": func() error {
			_, err := c.BatchUpsert(ctx, "contacts", []hubspot.UpsertInput{{ID: "A@x.org", IDProperty: "email"}, {ID: "a@x.org", IDProperty: "email"}})
			return err
		},
		"an upsert by nothing": func() error {
			_, err := c.BatchUpsert(ctx, "contacts", []hubspot.UpsertInput{{ID: "1"}})
			return err
		},
		"one trace id twice": func() error {
			_, err := c.BatchCreate(ctx, "contacts", []hubspot.CreateInput{{TraceID: "t"}, {TraceID: "t"}})
			return err
		},
		"too many filters": func() error {
			_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{Groups: [][]hubspot.Filter{make([]hubspot.Filter, 7)}})
			return err
		},
		"a search beyond the end": func() error {
			_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{After: "10000"})
			return err
		},
		"a search that is too long": func() error {
			_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{Query: strings.Repeat("ä", 3000)})
			return err
		},
		"an association without type": func() error {
			_, err := c.BatchArchiveLabels(ctx, "contacts", "companies", []hubspot.Edge{{From: "1", To: "2"}})
			return err
		},
		"half an association": func() error {
			_, err := c.BatchCreateAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: "1"}})
			return err
		},
	}
	for name, call := range calls {
		err := call()
		if err == nil || hubspot.Unknown(err) {
			t.Errorf("%s: err = %v", name, err)
			continue
		}
		if len(err.Error()) > 300 {
			t.Errorf("%s: the error is too long: %.300s", name, err)
		}
	}
	// Nothing to do needs no call.
	for _, call := range []func() error{
		func() error { _, err := c.BatchCreate(ctx, "contacts", nil); return err },
		func() error { _, err := c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{}); return err },
		func() error { return c.BatchArchive(ctx, "contacts", nil) },
		func() error { _, err := c.BatchReadAssociations(ctx, "contacts", "deals", nil); return err },
		func() error { _, err := c.BatchCreateAssociations(ctx, "contacts", "deals", nil); return err },
		func() error { _, err := c.BatchArchiveAssociations(ctx, "contacts", "deals", nil); return err },
	} {
		if err := call(); err != nil {
			t.Errorf("nothing to do: %v", err)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestTransportErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	_, err := connect(t, answers(fails(io.ErrUnexpectedEOF))).Create(t.Context(), "contacts", nil)
	var lost *hubspot.TransportError
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &lost) || lost.Op != "create contacts" {
		t.Errorf("err = %v", err)
	}
}
