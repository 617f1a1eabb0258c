package hubspot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// opaqueToken has no shape that anybody could know.
const opaqueToken = `CKyJ<xN3OMRIHAAEAQAAAARiYs6MBINfEjBIo2fqNDDIUh`

// everything spells out all that an error and what it wraps can tell.
func everything(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n", e, e, e)
		if v, ok := e.(slog.LogValuer); ok {
			fmt.Fprintln(&b, v.LogValue())
		}
	}
	return b.String()
}

func TestNoFieldOfAnErrorRepeatsTheToken(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(opaqueToken) // "<" becomes \u003c
	if err != nil {
		t.Fatal(err)
	}
	q := strings.Trim(string(quoted), `"`)
	body := func(status string) string {
		return `{"status":"` + status + `","message":"` + q + `","correlationId":"` + q + `","category":"` + q + `","subCategory":"` + q + `","policyName":"` + q + `",
			"context":{"` + q + `":["` + q + `"],"ids":["1"]},"errors":[{"message":"` + q + `","code":"` + q + `","subCategory":"` + q + `","context":{"propertyName":["` + q + `"],"requiredGranularScopes":["` + q + `"]}}]}`
	}
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"an error":            says(400, body("error"), "X-HubSpot-Correlation-Id: "+opaqueToken),
		"without content":     says(400, ``, "X-HubSpot-Correlation-Id: "+opaqueToken),
		"a damaged answer":    says(200, `{"results":[{"id":{"`+q+`":`, "X-HubSpot-Correlation-Id: "+opaqueToken),
		"an unexpected type":  says(200, `{"results":"`+q+`"}`),
		"an error of a batch": says(207, `{"results":[],"errors":[`+body("error")+`]}`),
		"a redirect":          says(302, ``, "Location: https://evil.example/?access_token="+opaqueToken),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen hubspot.Exchange
			c := connect(t, answers(answer), func(cfg *hubspot.Config) {
				cfg.Tokens = hubspot.StaticToken(opaqueToken)
				cfg.Observe = func(x hubspot.Exchange) { seen = x }
			})
			res, err := c.BatchUpdate(t.Context(), "contacts", []hubspot.UpdateInput{{ID: "1", Properties: record.Values{"a": record.Text("b")}}})
			text := everything(err) + fmt.Sprintf("%+v", seen)
			failed := err != nil
			for _, f := range res.Failures {
				failed = true
				text += everything(f.Err)
			}
			if !failed {
				t.Fatal("no error")
			}
			for _, secret := range []string{opaqueToken, q} {
				if strings.Contains(text, secret) {
					t.Errorf("the token is told:\n%s", text)
				}
			}
		})
	}
}

// A redirect is not followed, to no host: the token stays with HubSpot.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{thief.URL + "/crm", "/elsewhere"} {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				http.Redirect(w, r, to, status)
			}))
			t.Cleanup(server.Close)
			c := connect(t, nil, func(cfg *hubspot.Config) { cfg.BaseURL, cfg.Transport = server.URL, nil })
			var refused *hubspot.Error
			if _, err := c.Update(t.Context(), "contacts", "1", record.Values{"a": record.Text("b")}); !errors.As(err, &refused) || refused.Status != status {
				t.Errorf("%d to %s: %v", status, to, err)
			}
			if calls.Load() != 1 {
				t.Errorf("%d to %s: %d calls", status, to, calls.Load())
			}
		}
	}
	if visits.Load() > 0 {
		t.Errorf("the other host was called %d times", visits.Load())
	}
}

func TestAnObserverLearnsOfRepetitionsAndWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []hubspot.Exchange
		c := connect(t, answers(says(503, `{}`), says(200, `{"id":"7"}`, "X-HubSpot-Correlation-Id: c-1")),
			func(cfg *hubspot.Config) {
				cfg.Observe = func(x hubspot.Exchange) { seen = append(seen, x) }
			})
		if _, err := c.Get(t.Context(), "contacts", "ann@example.com", hubspot.ReadRequest{IDProperty: "email"}); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 2 {
			t.Fatalf("%d exchanges", len(seen))
		}
		first, last := seen[0], seen[1]
		if first.Attempt != 1 || first.Status != 503 || !first.Again || first.Wait != 500*time.Millisecond || first.Err == nil {
			t.Errorf("first: %+v", first)
		}
		if last.Attempt != 2 || last.Status != 200 || last.Again || last.CorrelationID != "c-1" || last.Err != nil {
			t.Errorf("last: %+v", last)
		}
		if want := "/crm/objects/" + hubspot.APIVersion + "/contacts/…"; last.Path != want {
			t.Errorf("path %q, want %q", last.Path, want)
		}
	})
}

// What HubSpot repeats of a record is for the person who asked, not for a log.
func TestAnErrorsLogValueRepeatsNoRecord(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(400, `{"message":"Property values were not valid: Ann","correlationId":"c-1","category":"VALIDATION_ERROR",
		"errors":[{"message":"Ann was not one of the options","code":"INVALID_OPTION","context":{"propertyName":["lifecyclestage"]}}]}`)))
	_, err := c.Update(t.Context(), "contacts", "1", record.Values{"a": record.Text("Ann")})
	var refused *hubspot.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	got := refused.LogValue().String()
	if want := "[op=update contacts status=400 category=VALIDATION_ERROR correlation=c-1 findings=[INVALID_OPTION lifecyclestage]]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What the server of a sign-in answers may repeat what it was sent.
func TestATokenThatCannotBeHadTellsNoSecret(t *testing.T) {
	t.Parallel()
	cause := errors.New(`cannot fetch token: 400: {"refresh_token":"na1-1111-2222-3333","client_secret":"0a1b2c3d"} for https://x/token?code=4711`)
	c := connect(t, answers(says(200, `{}`)), func(cfg *hubspot.Config) { cfg.Tokens = refusedToken{cause} })
	_, err := c.Account(t.Context())
	if !errors.Is(err, cause) || strings.Contains(err.Error(), "2222") || strings.Contains(err.Error(), "0a1b2c3d") || strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), "cannot fetch token: 400") {
		t.Error(err)
	}
	if _, err := c.TokenInfo(t.Context()); !errors.Is(err, cause) || strings.Contains(err.Error(), "0a1b2c3d") {
		t.Error(err)
	}
}

type refusedToken struct{ err error }

func (n refusedToken) Token(context.Context) (string, error) { return "", n.err }
