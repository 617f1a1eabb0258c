package hubspot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
)

func TestPracticeRefusals(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{})
	ctx := t.Context()
	id := must(p.Create("contacts", map[string]string{"email": "a@example.com"}))(t)
	asError := func(err error) *hubspot.Error {
		t.Helper()
		var e *hubspot.Error
		if !errors.As(err, &e) || hubspot.Unknown(err) || e.CorrelationID == "" {
			t.Fatalf("err = %v", err)
		}
		return e
	}
	update := func(pairs ...string) *hubspot.Error {
		_, err := c.Update(ctx, "contacts", id, texts(pairs...))
		return asError(err)
	}
	if e := update("no_such", "x", "nor_this", "y"); e.Status != 400 || len(e.Details) != 2 || e.Details[0].Code != "PROPERTY_DOESNT_EXIST" || e.Details[0].Property == "" {
		t.Errorf("unknown properties: %+v", e)
	}
	if e := update("lifecyclestage", "nonsense"); e.Status != 400 || e.Details[0].Code != "INVALID_OPTION" || e.Details[0].Property != "lifecyclestage" {
		t.Errorf("wrong option: %+v", e)
	}
	if e := update("hs_object_id", "1"); e.Status != 400 || e.Details[0].Code != "READ_ONLY_VALUE" {
		t.Errorf("read-only: %+v", e)
	}
	_, err := c.Search(ctx, "butterflies", hubspot.SearchRequest{})
	if e := asError(err); e.Status != 400 || !strings.Contains(e.Message, "Unable to infer object type") {
		t.Errorf("object type: %+v", e)
	}
	_, err = c.Get(ctx, "contacts", "999999999999", hubspot.ReadRequest{})
	if !hubspot.IsNotFound(err) {
		t.Errorf("unknown id: %v", err)
	}
	narrow := p.AddToken(practice.Token{Kind: practice.ServiceKey, Scopes: []string{"crm.objects.contacts.read"}})
	reader := connect(t, p.Transport(), func(cfg *hubspot.Config) { cfg.Tokens = hubspot.StaticToken(narrow) })
	if _, err := reader.Get(ctx, "contacts", id, hubspot.ReadRequest{}); err != nil {
		t.Errorf("with the scope to read: %v", err)
	}
	_, err = reader.Update(ctx, "contacts", id, texts("firstname", "x"))
	var e *hubspot.Error
	if !hubspot.IsScopes(err) || !errors.As(err, &e) || !slices.Contains(e.RequiredScopes, "crm.objects.contacts.write") {
		t.Errorf("without the scope to write: %v", err)
	}
	if info, err := reader.TokenInfo(ctx); err != nil || !cmp.Equal(info.Scopes, []string{"crm.objects.contacts.read"}) {
		t.Errorf("TokenInfo of a service key: %+v, %v", info, err)
	}
	p.RevokeToken(narrow)
	if _, err := reader.Account(ctx); !hubspot.IsAuth(err) {
		t.Errorf("revoked: %v", err)
	}
}

// Whatever goes wrong with a write: an error that is not Unknown means that
// nothing was written, no error means that it was written, once.
func TestPracticeFaultsAgreeOnWhatHappened(t *testing.T) {
	t.Parallel()
	kinds := map[string]practice.Fault{
		"throttle":            {Kind: practice.Throttle},
		"throttle for good":   {Kind: practice.Throttle, Times: -1},
		"daily":               {Kind: practice.Throttle, Policy: "DAILY", Times: -1},
		"locked":              {Kind: practice.Locked, Times: 2},
		"migrating":           {Kind: practice.Migrating, RetryAfter: 3 * time.Second},
		"server error":        {Kind: practice.ServerError},
		"server error after":  {Kind: practice.ServerErrorAfter, Status: 503},
		"half committed":      {Kind: practice.HalfCommitted},
		"reset":               {Kind: practice.Reset},
		"reset after":         {Kind: practice.ResetAfter},
		"truncated":           {Kind: practice.Truncated},
		"page":                {Kind: practice.HTML},
		"page after":          {Kind: practice.HTMLAfter, Status: 524},
		"text":                {Kind: practice.PlainText},
		"hang":                {Kind: practice.Hang},
		"hang after":          {Kind: practice.HangAfter},
		"zombie":              {Kind: practice.Zombie, Delay: 20 * time.Second},
		"unauthorized":        {Kind: practice.Unauthorized},
		"token expires midst": {Kind: practice.MidExpiry},
		"nothing":             {Kind: practice.ServerError, Path: "/no/such/path"},
	}
	outcomes := map[bool]int{}
	var mu sync.Mutex
	t.Cleanup(func() {
		if outcomes[true] < 8 || outcomes[false] < 8 {
			t.Errorf("only %v faults were unknown or not: the test shows little", outcomes)
		}
	})
	for name, fault := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, c := practise(t, practice.Options{Latency: practice.Fixed(200 * time.Millisecond)})
				if fault.Path == "" {
					fault.Path = "/batch/create"
				}
				p.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
				got, err := c.BatchCreate(t.Context(), "companies", []hubspot.CreateInput{
					{Properties: texts("name", "One"), TraceID: "1"}, {Properties: texts("name", "Two"), TraceID: "2"},
				})
				time.Sleep(5 * time.Minute) // zombies too
				written := p.Count("companies")
				switch {
				case err == nil && (written != 2 || len(got.Records) != 2):
					t.Errorf("no error, %d records, %d written", len(got.Records), written)
				case err != nil && !hubspot.Unknown(err) && written != 0:
					t.Errorf("%d written, but it is said to be known: %v", written, err)
				case written > 2:
					t.Errorf("%d written", written)
				}
				if name == "nothing" && err != nil {
					t.Errorf("without a fault: %v", err)
				}
				mu.Lock()
				outcomes[hubspot.Unknown(err)]++
				mu.Unlock()
			})
		})
	}
}

// Reads come through every passing fault.
func TestPracticeReadsSurviveFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{Seed: 3, Latency: practice.Between(50*time.Millisecond, 400*time.Millisecond)})
		for i := range 300 {
			must(p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)}))(t)
		}
		p.SetFaults(practice.Faults{Throttle: .03, ServerError: .03, Reset: .03, Truncated: .02, HTML: .03})
		for range 20 {
			n, after := 0, ""
			for {
				page := must(c.List(t.Context(), "contacts", hubspot.ListRequest{After: after}))(t)
				n += len(page.Records)
				if after = page.After; after == "" {
					break
				}
			}
			if n != 300 {
				t.Errorf("%d of 300 contacts", n)
			}
		}
		if calls := p.Calls(); calls.Failed == 0 || c.Traffic().Total != calls.Total {
			t.Errorf("the portal saw %+v, the client counts %+v", calls, c.Traffic())
		}
	})
}

// The limiter keeps to the portal's limits however it counts, and uses them.
func TestPracticeRate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		window practice.Window
		span   time.Duration
		least  float64 // share of the nominal rate
		most   float64 // share of refusals
	}{
		{"rolling", practice.Rolling, 4 * time.Minute, 0.95, 0.0005},
		{"rolling, refusals count", practice.RollingRejects, 4 * time.Minute, 0.95, 0.0005},
		{"fixed windows", practice.FixedWindow, 4 * time.Minute, 0.95, 0.0005},
		{"buckets of a second", practice.SecondBuckets, 15 * time.Minute, 0.82, 0.01}, // permits 10/11, which must be found out
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, c := practise(t, practice.Options{
					Seed: 5, Limits: practice.Limits{Burst: 190, Window: tc.window, Daily: 10_000_000},
					Latency: practice.Between(150*time.Millisecond, 450*time.Millisecond),
				})
				done := drive(t, c, 24, tc.span)
				calls := p.Calls()
				use := float64(done) / (190 * tc.span.Seconds() / 10)
				refused := float64(calls.Throttled) / float64(calls.Total)
				t.Logf("%.1f %% of the nominal rate, %.3f %% refused", 100*use, 100*refused)
				if use < tc.least || refused > tc.most {
					t.Errorf("want at least %.2f and at most %.4f", tc.least, tc.most)
				}
				if got := c.Traffic(); got.Burst.Max != 190 || !got.Daily.Known || got.Throttled != calls.Throttled {
					t.Errorf("Traffic = %+v, the portal counts %+v", got, calls)
				}
			})
		})
	}
}

func TestPracticeDailyReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{Limits: practice.Limits{Daily: 1000, DailyUsed: 700}})
		var err error
		calls := 0
		for ; err == nil && calls < 500; calls++ {
			_, err = c.List(t.Context(), "contacts", hubspot.ListRequest{})
		}
		if !hubspot.IsDaily(err) || p.Calls().Total != 100 {
			t.Errorf("stopped after %d calls of 100: %v", p.Calls().Total, err)
		}
		time.Sleep(25 * time.Hour) // the next day
		if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
			t.Errorf("on the next day: %v", err)
		}
	})
}

// A portal that a person works in looks the same through every way of reading.
func TestPracticeDemoPortalReadsTheSameEveryWay(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Demo: true, Limits: practice.Limits{Off: true}})
	ctx := context.WithoutCancel(t.Context())
	for _, typ := range []string{"contacts", "companies", "deals", "tickets"} {
		object, _ := hubspot.FindObjectType(typ)
		properties := append([]string{object.ModifiedProperty}, object.Primary...)
		page := must(c.List(ctx, typ, hubspot.ListRequest{Properties: properties}))(t)
		var ids []string
		for _, rec := range page.Records {
			ids = append(ids, rec.ID)
		}
		read := must(c.BatchRead(ctx, typ, hubspot.BatchReadRequest{IDs: ids, Properties: properties}))(t)
		byID := make(map[string]record.Record)
		for _, rec := range read.Records {
			byID[rec.ID] = rec
		}
		if len(ids) == 0 || len(byID) != len(ids) {
			t.Errorf("%s: %d listed, %d read", typ, len(ids), len(byID))
		}
		for _, rec := range page.Records {
			real, ok := p.Record(typ, rec.ID)
			for _, name := range properties {
				if got, want := rec.Properties[name].String(), byID[rec.ID].Properties[name].String(); !ok || got != want || got != real[name] {
					t.Errorf("%s %s: %s is %q in the list, %q in the batch, %q in truth", typ, rec.ID, name, got, want, real[name])
				}
			}
			if rec.Updated.IsZero() || rec.Created.IsZero() {
				t.Errorf("%s %s: no times", typ, rec.ID)
			}
		}
	}
}
