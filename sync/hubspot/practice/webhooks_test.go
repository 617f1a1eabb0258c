package practice_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// target receives a webhook's requests and judges them as HubSpot's documentation says.
type target struct {
	t       *testing.T
	url     string
	secret  string
	now     func() time.Time
	refuse  int // so many genuine requests are not answered with success
	said    []string
	strange int // requests that are not HubSpot's, or old
}

func (g *target) send(r *http.Request) (int, error) {
	g.t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	stamp := r.Header.Get("X-HubSpot-Request-Timestamp")
	mac := hmac.New(sha256.New, []byte(g.secret))
	mac.Write([]byte(r.Method + g.url + string(body) + stamp))
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		g.t.Fatal(err)
	}
	if base64.StdEncoding.EncodeToString(mac.Sum(nil)) != r.Header.Get("X-HubSpot-Signature-v3") || g.now().Sub(time.UnixMilli(ms)) > 5*time.Minute {
		g.strange++
		return http.StatusUnauthorized, nil
	}
	if g.refuse > 0 {
		g.refuse--
		return http.StatusServiceUnavailable, nil
	}
	var wire []map[string]any
	if err := json.Unmarshal(body, &wire); err != nil {
		g.t.Fatal(err)
	}
	for _, e := range wire {
		text := fmt.Sprint(e["subscriptionType"])
		for _, name := range []string{"objectId", "objectTypeId", "propertyName", "propertyValue", "changeSource", "associationType", "fromObjectId", "toObjectId", "associationRemoved", "mergedObjectIds", "attemptNumber"} {
			if v, ok := e[name]; ok {
				if n, isNumber := v.(float64); isNumber {
					v = int64(n)
				}
				text += fmt.Sprintf(" %v", v)
			}
		}
		g.said = append(g.said, text)
	}
	return http.StatusOK, nil
}

func TestAWebhookIsSentEveryChangeSigned(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	c := open(t, practice.Options{Now: clock})
	p := c.portal
	old, err := p.Create("contacts", map[string]string{"email": "before@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	g := &target{t: t, url: "https://hooks.example.com/in", secret: "shared", now: clock}
	p.SetHook(&practice.Hook{URL: g.url, Secret: g.secret})
	did := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	told := func(want ...string) {
		t.Helper()
		g.said = nil
		if waiting, err := p.SendEvents(t.Context(), g.send); waiting != 0 || err != nil {
			t.Fatal(waiting, err)
		}
		if !slices.Equal(g.said, want) {
			t.Errorf("it was told\n%q, want\n%q", g.said, want)
		}
	}
	one, err := p.Create("contacts", map[string]string{"email": "a@example.com"})
	did(err)
	told("contact.creation " + one + " CRM_UI 0")
	did(p.Edit("contacts", one, map[string]string{"firstname": "Ada"}))
	c.do("PATCH", "/crm/v3/objects/contacts/"+one, `{"properties":{"firstname":"Ada L."}}`)
	told("contact.propertyChange "+one+" firstname Ada CRM_UI 0", "contact.propertyChange "+one+" firstname Ada L. INTEGRATION 0")
	did(p.Archive("contacts", one))
	did(p.Restore("contacts", one))
	told("contact.deletion "+one+" CRM_UI 0", "contact.restore "+one+" CRM_UI 0")
	note, err := p.Create("notes", map[string]string{"hs_note_body": "x", "hs_timestamp": "2026-11-30T12:00:00Z"})
	did(err)
	told("object.creation " + note + " 0-46 CRM_UI 0")
	company, err := p.Create("companies", map[string]string{"name": "Acme"})
	did(err)
	did(p.Associate("contacts", one, "companies", company, ""))
	told("company.creation "+company+" CRM_UI 0",
		"contact.associationChange INTEGRATION CONTACT_TO_COMPANY "+one+" "+company+" false 0", "company.associationChange INTEGRATION COMPANY_TO_CONTACT "+company+" "+one+" false 0")
	did(p.Dissociate("contacts", one, "companies", company, ""))
	told("contact.associationChange INTEGRATION CONTACT_TO_COMPANY "+one+" "+company+" true 0", "company.associationChange INTEGRATION COMPANY_TO_CONTACT "+company+" "+one+" true 0")
	merged, err := p.Merge("contacts", one, old)
	did(err)
	g.said = nil
	_, err = p.SendEvents(t.Context(), g.send)
	did(err)
	if want := "contact.merge " + merged + " CRM_UI [" + one + " " + old + "] 0"; !slices.Contains(g.said, want) {
		t.Errorf("%q, want %q among them", g.said, want)
	}
	c.do("POST", "/crm/v3/objects/contacts/gdpr-delete", `{"objectId":"`+merged+`"}`)
	told("contact.privacyDeletion " + merged + " INTEGRATION 0")
	p.SetHook(nil)
	did(p.Edit("companies", company, map[string]string{"name": "Acme 2"}))
	told()
	if g.strange > 0 {
		t.Errorf("%d requests were not signed", g.strange)
	}
}

func TestAWebhooksEventsComeAgainUntilTheyAreTakenAndNotForEver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	p := open(t, practice.Options{Now: clock}).portal
	g := &target{t: t, url: "http://127.0.0.1:1/in", secret: p.OAuthApp().ClientSecret, now: clock, refuse: 2}
	p.SetHook(&practice.Hook{URL: g.url})
	id, err := p.Create("contacts", map[string]string{"email": "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 1, 0} {
		if waiting, err := p.SendEvents(t.Context(), g.send); waiting != want || err != nil {
			t.Fatalf("attempt %d: %d wait, %v", i, waiting, err)
		}
	}
	if want := []string{"contact.creation " + id + " CRM_UI 2"}; !slices.Equal(g.said, want) {
		t.Errorf("%q, want %q", g.said, want)
	}
	if err := p.Edit("contacts", id, map[string]string{"firstname": "x"}); err != nil {
		t.Fatal(err)
	}
	for range 11 {
		if _, err := p.SendEvents(t.Context(), func(*http.Request) (int, error) { return 0, errors.New("nobody listens") }); err != nil {
			t.Fatal(err)
		}
	}
	if tally, waiting := p.HookTally(); tally.Events != 1 || tally.Lost != 1 || waiting != 0 || tally.LastError == nil {
		t.Errorf("%+v, %d wait", tally, waiting)
	}
}

func TestWhatGoesWrongWithAWebhook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	p := open(t, practice.Options{Now: clock}).portal
	g := &target{t: t, url: "http://127.0.0.1:1/in", secret: "s", now: clock}
	p.SetHook(&practice.Hook{URL: g.url, Secret: "s", Batch: 10, Repeated: 1, Replayed: 1, Forged: 1, Shuffled: true, SharedIDs: true})
	for i := range 100 {
		if _, err := p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.SendEvents(context.Background(), g.send); err != nil {
		t.Fatal(err)
	}
	tally, _ := p.HookTally()
	if tally.Events != 100 || tally.Repeated != 10 || tally.Replayed != 10 || tally.Forged != 10 || tally.Mistaken != 0 || g.strange != 20 || len(g.said) != 200 {
		t.Errorf("%+v; %d strange, %d said", tally, g.strange, len(g.said))
	}
	if slices.IsSorted(g.said[:10]) {
		t.Error("the events came in their order")
	}
}
