package hubspot_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// Submissions go to the host of forms, no faster than that takes them; and when it has
// closed itself, not before it opens again.
func TestSubmissionsKeepToTheLimitOfTheirHost(t *testing.T) {
	t.Parallel()
	for _, blocked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := practice.New(practice.Options{Limits: practice.Limits{Burst: 100}})
			form := content.Forms()[0]
			p.AddForm(form)
			if blocked {
				p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.PlainText, Path: "/submit/"}}})
			}
			hosts := make(map[string]int)
			c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.Token()), Reserve: -1, Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				hosts[req.URL.Host]++
				return p.Transport().RoundTrip(req)
			})})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			const n = 120
			for i := range n {
				s := hubspot.NewSubmission{At: time.UnixMilli(int64(i)), Values: []hubspot.NewValue{{ObjectTypeID: "0-1", Name: "email", Value: "a@example.com"}, {ObjectTypeID: "0-1", Name: "message", Value: "x"}}}
				if err := c.Submit(t.Context(), p.PortalID(), form.ID, s); err != nil {
					t.Fatal(err)
				}
			}
			took := time.Since(began)
			if least := 20 * time.Second; took < least || took > 40*time.Second+map[bool]time.Duration{true: time.Minute}[blocked] {
				t.Errorf("%d submissions took %v", n, took)
			}
			if blocked && took < time.Minute {
				t.Errorf("the host had closed itself for a minute, and it was over in %v", took)
			}
			if got := len(p.Submissions(form.ID)); got != n || p.Calls().Throttled > map[bool]int{true: 1}[blocked] || hosts["api.hsforms.com"] < n {
				t.Errorf("%d arrived at %v, %d were refused", got, hosts, p.Calls().Throttled)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
