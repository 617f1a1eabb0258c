package hubspot_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// hubspotError makes a call that is answered so and returns the typed error.
func hubspotError(t *testing.T, status int, body string, headers ...string) *hubspot.Error {
	t.Helper()
	c := connect(t, answers(says(status, body, headers...)))
	_, err := c.Update(t.Context(), "contacts", "1", record.Values{"firstname": record.Text("Ada")})
	var e *hubspot.Error
	if !errors.As(err, &e) {
		t.Fatalf("err = %v, want a *hubspot.Error", err)
	}
	return e
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		want   hubspot.Error
		is     func(error) bool
		text   string // in the error's text
	}{
		{
			name: "no credentials", status: 401,
			body: `{"status":"error","message":"Authentication credentials not found. This API supports OAuth 2.0 authentication","correlationId":"c-1","category":"INVALID_AUTHENTICATION"}`,
			want: hubspot.Error{Category: "INVALID_AUTHENTICATION", CorrelationID: "c-1", Message: "Authentication credentials not found. This API supports OAuth 2.0 authentication"},
			is:   hubspot.IsAuth, text: "update contacts: 401 INVALID_AUTHENTICATION: Authentication credentials",
		},
		{
			name: "expired", status: 401,
			body: `{"status":"error","message":"The OAuth token used to make this call expired 75 second(s) ago.","category":"EXPIRED_AUTHENTICATION","context":{"expire time":["2022-06-21T10:37:52.040Z"]}}`,
			want: hubspot.Error{Category: "EXPIRED_AUTHENTICATION", Message: "The OAuth token used to make this call expired 75 second(s) ago.", Context: map[string][]string{"expire time": {"2022-06-21T10:37:52.040Z"}}},
			is:   hubspot.IsAuth,
		},
		{
			name: "scopes in the details", status: 403,
			body: `{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.contacts.write"]}}],"category":"MISSING_SCOPES"}`,
			want: hubspot.Error{
				Category: "MISSING_SCOPES", Message: "This app hasn't been granted all required scopes to make this call.",
				RequiredScopes: []string{"crm.objects.contacts.write"},
				Details:        []hubspot.Detail{{Message: "One or more of the following scopes are required.", Context: map[string][]string{"requiredGranularScopes": {"crm.objects.contacts.write"}}}},
			},
			is: hubspot.IsScopes,
		},
		{
			name: "conflict", status: 409,
			body: `{"status":"error","message":"Contact already exists. Existing ID: 482701","correlationId":"c-2","category":"CONFLICT"}`,
			want: hubspot.Error{Category: "CONFLICT", CorrelationID: "c-2", Message: "Contact already exists. Existing ID: 482701"},
			is:   hubspot.IsConflict,
		},
		{
			name: "unique value taken", status: 400,
			body: `{"status":"error","message":"Cannot set PropertyValueCoordinates{portalId=1, propertyName=hs_sku, value=a} on 78226872556. 36943177921 already has that value.","category":"VALIDATION_ERROR"}`,
			want: hubspot.Error{Category: "VALIDATION_ERROR", Message: "Cannot set PropertyValueCoordinates{portalId=1, propertyName=hs_sku, value=a} on 78226872556. 36943177921 already has that value."},
			is:   hubspot.IsConflict,
		},
		{
			name: "not found without category", status: 404,
			body: `{"status":"error","message":"resource not found","correlationId":"c-3"}`,
			want: hubspot.Error{CorrelationID: "c-3", Message: "resource not found"},
			is:   hubspot.IsNotFound,
		},
		{
			name: "details hidden in the message", status: 400,
			body: `{"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"x\\\" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"x\",\"portalId\":1}]","category":"VALIDATION_ERROR"}`,
			want: hubspot.Error{
				Category: "VALIDATION_ERROR",
				Message:  `Property values were not valid: [{"isValid":false,"message":"Property \"x\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"x","portalId":1}]`,
				Details:  []hubspot.Detail{{Message: `Property "x" does not exist`, Code: "PROPERTY_DOESNT_EXIST", Property: "x"}},
			},
			is:   func(error) bool { return true },
			text: `400 VALIDATION_ERROR: Property "x" does not exist`,
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := hubspotError(t, tc.status, tc.body)
			tc.want.Op, tc.want.Status = "update contacts", tc.status
			if diff := cmp.Diff(tc.want, *got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".cause" }, cmp.Ignore())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !tc.is(got) {
				t.Errorf("the predicate does not hold for %v", got)
			}
			if hubspot.Unknown(got) {
				t.Errorf("a 4xx is known not to have happened: %v", got)
			}
			if !strings.Contains(got.Error(), tc.text) {
				t.Errorf("text %q lacks %q", got, tc.text)
			}
		})
	}
}

func TestExistingID(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Contact already exists. Existing ID: 482701":       "482701",
		"Cannot set X on 78. 36943 already has that value.": "36943",
		"Contact already exists":                            "",
	} {
		e := hubspot.Error{Message: message}
		if got := e.ExistingID(); got != want {
			t.Errorf("ExistingID of %q = %q, want %q", message, got, want)
		}
	}
}

func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	e := hubspotError(t, 400, recorded(t, "test/batch/update/contacts/err-many-invalid-properties.json"))
	if len(e.Details) != 4 || e.Details[1].Property != "last000name" || e.Details[1].Code != "PROPERTY_DOESNT_EXIST" {
		t.Errorf("details = %+v", e.Details)
	}
	if want := `Property "first000name" does not exist; Property "last000name" does not exist`; !strings.Contains(e.Error(), want) {
		t.Errorf("text = %q, want each finding once: %q", e, want)
	}
	e = hubspotError(t, 400, recorded(t, "test/batch/update/contacts/err-duplicate-ids.json"))
	if diff := cmp.Diff([]string{"123456"}, e.Context["ids"]); diff != "" {
		t.Errorf("context ids: %s", diff)
	}
	e = hubspotError(t, 403, recorded(t, "test/metadata-err-schemas-scope.json"))
	if !hubspot.IsScopes(e) || !cmp.Equal(e.RequiredScopes, []string{"custom-object-read"}) {
		t.Errorf("scopes = %v of %v", e.RequiredScopes, e)
	}
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind, body string
		status           int
		unknown          bool
		want             string
	}{
		{"gateway page", "text/html", "<html><head><title>502 Bad Gateway</title></head></html>", 502, true, `its title: "502 Bad Gateway"`},
		{"cloudflare text", "text/plain", "error code: 1015", 403, false, `the text "error code: 1015"`},
		{"404 page", "text/html; charset=utf-8", "<!DOCTYPE html><title>Page not found</title>", 404, false, "a web page came instead of data"},
		{"sign-in page of a network", "text/html", "<html><title>Hotel Wi-Fi</title>", 200, true, `"Hotel Wi-Fi"`},
		{"nothing", "application/json", "", 200, true, "had no content"},
		{"cut off", "application/json", `{"id":"1","properties":{"firs`, 200, true, "cut off"},
		{"another form", "application/json", `{"id":"1","properties":[]}`, 200, true, "another form"},
		{"redirect", "text/html", "", 302, true, "no content"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := hubspotError(t, tc.status, tc.body, "Content-Type: "+tc.kind, "X-HubSpot-Correlation-Id: c-9", "Location: https://elsewhere.example/")
			if !strings.Contains(e.Error(), tc.want) {
				t.Errorf("text %q lacks %q", e, tc.want)
			}
			if hubspot.Unknown(e) != tc.unknown {
				t.Errorf("Unknown = %v for %v", !tc.unknown, e)
			}
			if !e.Unreadable || e.CorrelationID != "c-9" {
				t.Errorf("Unreadable = %v, correlation id %q", e.Unreadable, e.CorrelationID)
			}
			if hubspot.IsNotFound(e) {
				t.Error("a web page must not look like a record that is gone")
			}
		})
	}
}

func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	tests := []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		want   bool
	}{
		{"refused connection", fails(dial), false},
		{"unknown host", fails(&net.DNSError{Err: "no such host", Name: "api-xx9.hubapi.com", IsNotFound: true}), false},
		{"reset", fails(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), true},
		{"eof", fails(io.ErrUnexpectedEOF), true},
		{"400", says(400, `{"category":"VALIDATION_ERROR"}`), false},
		{"477", says(477, `{"message":"Migration in progress"}`, "Retry-After: 86400"), false},
		{"500", says(500, `{"message":"internal error"}`), true},
		{"524", says(524, `<html>`, "Content-Type: text/html"), true},
		{"body breaks off", func(r *http.Request) (*http.Response, error) {
			resp := reply(r, 201, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":`), brokenReader{}))
			return resp, nil
		}, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := answers(tc.answer)
			_, err := connect(t, s).Create(t.Context(), "contacts", record.Values{"email": record.Text("a@example.com")})
			if err == nil || hubspot.Unknown(err) != tc.want {
				t.Errorf("Unknown = %v for %v", !tc.want, err)
			}
			if n := len(s.requests()); n != 1 {
				t.Errorf("the write was sent %d times", n)
			}
		})
	}
	if hubspot.Unknown(nil) || hubspot.Unknown(errors.New("something local")) {
		t.Error("no error, and errors of other origin, are not unknown writes")
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCancelledBeforeSendingIsKnown(t *testing.T) {
	t.Parallel()
	s := answers(says(201, `{"id":"1"}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := connect(t, s).Create(ctx, "contacts", nil)
	if !errors.Is(err, context.Canceled) || hubspot.Unknown(err) || len(s.requests()) != 0 {
		t.Errorf("err = %v, unknown %v, %d requests", err, hubspot.Unknown(err), len(s.requests()))
	}
}

func TestCancelledWhileSendingIsUnknown(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(started)
		<-r.Context().Done()
	}))
	defer server.Close()
	c := connect(t, nil, func(cfg *hubspot.Config) { cfg.BaseURL, cfg.Transport = server.URL, nil })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	_, err := c.Create(ctx, "contacts", nil)
	if !errors.Is(err, context.Canceled) || !hubspot.Unknown(err) {
		t.Errorf("err = %v, unknown %v", err, hubspot.Unknown(err))
	}
}

func TestServerThatIsNotThereIsKnown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	c := connect(t, nil, func(cfg *hubspot.Config) { cfg.BaseURL, cfg.Transport = address, nil })
	_, err := c.Create(t.Context(), "contacts", nil)
	if err == nil || hubspot.Unknown(err) {
		t.Errorf("err = %v, unknown %v", err, hubspot.Unknown(err))
	}
}

func TestErrorsNeverHoldSecrets(t *testing.T) {
	t.Parallel()
	const oauth = "CKyJxN3OMRIHAAEAQAAAARiYs6MBINfEjBIo2fqNDDIUh"
	leaks := []struct {
		name   string
		token  string
		answer func(*http.Request) (*http.Response, error)
	}{
		{"echoed header", testToken, says(400, `{"message":"bad header Authorization: Bearer `+testToken+`","errors":[{"message":"`+testToken+`","context":{"propertyName":["`+testToken+`"]}}]}`)},
		{"oauth token echoed", oauth, says(401, `{"message":"token `+oauth+` is expired","context":{"token":["`+oauth+`"]}}`)},
		{"in a page", oauth, says(500, `<html><title>`+oauth+`</title>`, "Content-Type: text/html")},
		{"in plain text", testToken, says(400, `what is `+testToken+`?`, "Content-Type: text/plain")},
		{"somebody else's", testToken, says(400, `{"message":"refresh_token=na1-2222-3333 and hapikey=0123456789 and pat-eu1-aaaaaaaa-bbbb"}`)},
		{"transport", oauth, fails(errors.New("proxy said: Authorization: Bearer " + oauth))},
		{"address", testToken, fails(&url.Error{Op: "Post", URL: "https://x/?access_token=" + testToken, Err: io.ErrUnexpectedEOF})},
	}
	secrets := []string{testToken, oauth, "na1-2222-3333", "0123456789", "pat-eu1-aaaaaaaa", "access_token=pat"}
	for _, tc := range leaks {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var observed error
			c := connect(t, answers(tc.answer), func(cfg *hubspot.Config) {
				cfg.Tokens = hubspot.StaticToken(tc.token)
				cfg.Observe = func(x hubspot.Exchange) { observed = x.Err }
			})
			_, err := c.Update(t.Context(), "contacts", "1", record.Values{"a": record.Text("b")})
			if err == nil {
				t.Fatal("no error")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, text := range []string{e.Error(), observed.Error()} {
					for _, secret := range secrets {
						if strings.Contains(text, secret) {
							t.Errorf("%q tells %q", text, secret)
						}
					}
				}
			}
			var typed *hubspot.Error
			if errors.As(err, &typed) && tc.token == oauth {
				if strings.Contains(strings.Join(typed.Context["token"], ""), oauth) {
					t.Error("the context tells the token")
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"3600":                          time.Hour,
		"0":                             0,
		"soon":                          0,
		"-5":                            0,
		"Fri, 20 Nov 2026 10:05:00 GMT": 5 * time.Minute, // against HubSpot's clock
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := hubspotError(t, 477, `{}`, "Retry-After: "+value, "Date: Fri, 20 Nov 2026 10:00:00 GMT")
				if e.RetryAfter != want {
					t.Errorf("RetryAfter = %v, want %v", e.RetryAfter, want)
				}
			})
		})
	}
}

func TestCompressedAnswersAreRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"by net/http", "by a transport that hands them through"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && name == "by net/http" {
					t.Error("compression was not asked for")
				}
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = z.Write([]byte(`{"portalId":"77"}`))
				_ = z.Close()
			}))
			defer server.Close()
			c := connect(t, nil, func(cfg *hubspot.Config) {
				cfg.BaseURL, cfg.Transport = server.URL, nil
				if name != "by net/http" {
					cfg.Transport = &http.Transport{DisableCompression: true}
				}
			})
			account, err := c.Account(t.Context())
			if err != nil || account.PortalID != 77 {
				t.Errorf("Account = %+v, %v", account, err)
			}
		})
	}
}
