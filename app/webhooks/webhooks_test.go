package webhooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/app/webhooks"
	"syncline/sync/hubspot"
)

const (
	public = "https://acme.example.com/hubspot/one"
	event  = `[{"eventId":1,"portalId":33,"subscriptionType":"contact.creation","objectId":5}]`
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// request is one that HubSpot would send to the public address, as a tunnel brings it here.
func request(secret, path, body string, at time.Time) *http.Request {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("POST" + public + body + stamp))
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r.Header.Set("X-HubSpot-Request-Timestamp", stamp)
	return r
}

func TestARequestIsAnsweredWithSuccessOnceItIsKeptAndElseSaysWhyNotOnlyHere(t *testing.T) {
	t.Parallel()
	unsigned := request("secret", "/hubspot/one", event, noon)
	unsigned.Header.Del("X-HubSpot-Signature-v3")
	get := request("secret", "/hubspot/one", event, noon)
	get.Method = http.MethodGet
	for name, x := range map[string]struct {
		request *http.Request
		keep    error
		status  int
		kept    int
		why     string // that the person at this computer is told
	}{
		"as HubSpot sends it":    {request: request("secret", "/hubspot/one", event, noon), status: 200, kept: 1},
		"one that can't be kept": {request: request("secret", "/hubspot/one", event, noon), keep: errors.New("the disk is full\nand more"), status: 503, kept: 1, why: "it could not be kept, and HubSpot sends it again: the disk is full"},
		"of another secret":      {request: request("other", "/hubspot/one", event, noon), status: 401, why: hubspot.ErrWebhookForged.Error()},
		"unsigned":               {request: unsigned, status: 401, why: hubspot.ErrWebhookUnsigned.Error()},
		"a copy, later":          {request: request("secret", "/hubspot/one", event, noon.Add(-10*time.Minute)), status: 401, why: hubspot.ErrWebhookStale.Error()},
		"to another path":        {request: request("secret", "/hubspot/two", event, noon), status: 404},
		"a GET":                  {request: get, status: 405, why: "it was no POST"},
		"no events":              {request: request("secret", "/hubspot/one", "hello", noon), status: 400, why: "it is no list of events"},
		"a very long one":        {request: request("secret", "/hubspot/one", strings.Repeat(" ", webhooks.MaxBody+1), noon), status: 413, why: "it was longer than 8 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, refused, why := 0, 0, ""
			r := webhooks.New(webhooks.Config{Listen: "127.0.0.1:1", Doors: []webhooks.Door{{ID: "acme", Path: "/hubspot/one", URL: public, Secret: "secret"}},
				Now: func() time.Time { return noon },
				Keep: func(_ context.Context, door string, events []hubspot.WebhookEvent, strange int) error {
					if door != "acme" || len(events) != 1 || strange != 0 || events[0].PortalID != 33 {
						t.Errorf("%s: %v, %d strange", door, events, strange)
					}
					kept++
					return x.keep
				},
				Refused: func(_ string, n int, because string) { refused, why = refused+n, because }})
			w := httptest.NewRecorder()
			r.ServeHTTP(w, x.request)
			r.Tell()
			r.Tell() // nothing is told twice
			want := 0
			if x.why != "" {
				want = 1
			}
			if w.Code != x.status || kept != x.kept || refused != want || why != x.why {
				t.Errorf("status %d, kept %d, refused %d: %q; want status %d, kept %d: %q", w.Code, kept, refused, why, x.status, x.kept, x.why)
			}
			if body := w.Body.String(); x.why != "" && strings.Contains(body, x.why) {
				t.Errorf("a stranger is told why: %q", body)
			}
		})
	}
}

func TestNoMoreThanTenAreReadAtOnce(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	r := webhooks.New(webhooks.Config{Doors: []webhooks.Door{{ID: "acme", Path: "/hubspot/one", URL: public, Secret: "secret"}}, Now: func() time.Time { return noon },
		Keep: func(context.Context, string, []hubspot.WebhookEvent, int) error {
			inside <- struct{}{}
			<-leave
			return nil
		}})
	codes := make(chan int, 11)
	serve := func() {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request("secret", "/hubspot/one", event, noon))
		codes <- w.Code
	}
	for range 10 {
		go serve()
		<-inside
	}
	serve()
	if code := <-codes; code != http.StatusServiceUnavailable {
		t.Errorf("the eleventh got %d", code)
	}
	close(leave)
	for range 10 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one of the ten got %d", code)
		}
	}
}

func TestOnlyThisComputersOwnAddressesAreOpened(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:41741", ":41741", "192.168.1.4:41741", "[::]:41741", "example.com:41741", "127.0.0.1"} {
		if err := webhooks.New(webhooks.Config{Listen: address}).Listen(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "this computer alone") {
			t.Errorf("%s: %v", address, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	open := make(chan net.Addr, 1)
	done := make(chan error, 1)
	go func() {
		done <- webhooks.New(webhooks.Config{Listen: "127.0.0.1:0"}).Listen(ctx, func(a net.Addr) { open <- a })
	}()
	address := (<-open).String()
	if err := webhooks.New(webhooks.Config{Listen: address}).Listen(t.Context(), nil); !errors.Is(err, webhooks.ErrInUse) {
		t.Errorf("a second one on %s: %v", address, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
