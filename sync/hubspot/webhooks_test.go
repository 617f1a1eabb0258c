package hubspot_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"syncline/sync/hubspot"
)

const hookSecret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"

// signed are the headers of a request that somebody with the secret sent, made as HubSpot's
// documentation says and not as the code does it.
func signed(secret, method, uri, body string, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + uri + body + stamp))
	h := http.Header{}
	h.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	h.Set("X-HubSpot-Request-Timestamp", stamp)
	return h
}

func TestOnlyWhatHubSpotSignedIsTaken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	const uri, body = "https://hooks.example.com/in?for=acme", `[{"eventId":1}]`
	without := func(name string) http.Header {
		h := signed(hookSecret, "POST", uri, body, now)
		h.Del(name)
		return h
	}
	for name, x := range map[string]struct {
		header       http.Header
		uri, body    string
		secret, verb string
		want         error
	}{
		"as it was sent":              {header: signed(hookSecret, "POST", uri, body, now)},
		"almost five minutes ago":     {header: signed(hookSecret, "POST", uri, body, now.Add(-5*time.Minute))},
		"more than five minutes ago":  {header: signed(hookSecret, "POST", uri, body, now.Add(-5*time.Minute-time.Millisecond)), want: hubspot.ErrWebhookStale},
		"from the future":             {header: signed(hookSecret, "POST", uri, body, now.Add(6*time.Minute)), want: hubspot.ErrWebhookStale},
		"with another secret":         {header: signed("another", "POST", uri, body, now), want: hubspot.ErrWebhookForged},
		"with another body":           {header: signed(hookSecret, "POST", uri, body, now), body: `[{"eventId":2}]`, want: hubspot.ErrWebhookForged},
		"to another address":          {header: signed(hookSecret, "POST", uri, body, now), uri: "http://127.0.0.1:41741/in", want: hubspot.ErrWebhookForged},
		"with another method":         {header: signed(hookSecret, "POST", uri, body, now), verb: "PUT", want: hubspot.ErrWebhookForged},
		"without a signature":         {header: without("X-HubSpot-Signature-v3"), want: hubspot.ErrWebhookUnsigned},
		"without a time":              {header: without("X-HubSpot-Request-Timestamp"), want: hubspot.ErrWebhookUnsigned},
		"signed with an empty secret": {header: signed("", "POST", uri, body, now), secret: "-", want: hubspot.ErrWebhookUnsigned},
		// HubSpot signs the address with these undone.
		"an address with escapes": {header: signed(hookSecret, "POST", "https://x.example/a:b/@c?d=(e),f;g!$'*", body, now), uri: "https://x.example/a%3Ab%2F%40c%3Fd=%28e%29%2Cf%3Bg%21%24%27%2A"},
	} {
		secret, verb, at, text := hookSecret, "POST", uri, body
		for _, set := range []struct {
			to   *string
			from string
		}{{&secret, x.secret}, {&verb, x.verb}, {&at, x.uri}, {&text, x.body}} {
			if set.from != "" {
				*set.to = set.from
			}
		}
		if secret == "-" {
			secret = ""
		}
		if err := hubspot.VerifyWebhook(secret, verb, at, []byte(text), x.header, now); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

func TestWhatAnEventIsAbout(t *testing.T) {
	t.Parallel()
	of := func(object string, ids ...string) (all []hubspot.ChangedRecord) {
		for _, id := range ids {
			all = append(all, hubspot.ChangedRecord{Object: object, ID: id})
		}
		return all
	}
	for body, want := range map[string][]hubspot.ChangedRecord{
		`{"objectId":1246965,"propertyName":"lifecyclestage","propertyValue":"subscriber","portalId":33,"subscriptionType":"contact.propertyChange"}`: of("0-1", "1246965"),
		`{"objectId":"5","portalId":33,"subscriptionType":"company.creation"}`:                                                                        of("0-2", "5"),
		`{"objectId":5,"portalId":33,"subscriptionType":"line_item.deletion"}`:                                                                        of("0-8", "5"),
		`{"objectId":5,"portalId":33,"subscriptionType":"contact.privacyDeletion"}`:                                                                   of("0-1", "5"),
		`{"objectId":5,"portalId":33,"objectTypeId":"2-77","subscriptionType":"object.restore"}`:                                                      of("2-77", "5"),
		`{"objectId":9,"primaryObjectId":7,"mergedObjectIds":[7,8],"newObjectId":9,"portalId":33,"subscriptionType":"deal.merge"}`:                    of("0-3", "9", "7", "8"),
		`{"associationType":"CONTACT_TO_COMPANY","fromObjectId":1,"toObjectId":2,"portalId":33,"subscriptionType":"contact.associationChange"}`:       {{Object: "0-1", ID: "1", Edges: true}, {Object: "0-2", ID: "2", Edges: true}},
		`{"associationType":"DEAL_TO_LINE_ITEM","fromObjectId":1,"toObjectId":2,"portalId":33,"subscriptionType":"deal.associationChange"}`:           {{Object: "0-3", ID: "1", Edges: true}, {Object: "0-8", ID: "2", Edges: true}},
		`{"objectId":5,"portalId":33,"subscriptionType":"conversation.creation"}`:                                                                     nil,
		`{"objectId":"../x","portalId":33,"subscriptionType":"contact.creation"}`:                                                                     nil,
	} {
		events, strange, err := hubspot.ParseWebhook([]byte("[" + body + "]"))
		if err != nil || strange != 0 || len(events) != 1 || events[0].PortalID != 33 || !slices.Equal(events[0].Changed, want) {
			t.Errorf("%s: %+v, %d strange, %v; want %v", body, events, strange, err, want)
		}
	}
}

func TestAnEventIsTheSameInEveryAttemptAndAnotherOneWhateverItsID(t *testing.T) {
	t.Parallel()
	sum := func(body string) string {
		t.Helper()
		events, _, err := hubspot.ParseWebhook([]byte(body))
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v %v", body, events, err)
		}
		return events[0].Sum
	}
	first := sum(`[{"eventId":1,"portalId":33,"subscriptionType":"contact.creation","objectId":5,"attemptNumber":0}]`)
	if again := sum(`{"attemptNumber": 3, "objectId": 5, "subscriptionType": "contact.creation", "portalId": 33, "eventId": 1}`); again != first {
		t.Error("another attempt counts as another event")
	}
	if other := sum(`[{"eventId":1,"portalId":33,"subscriptionType":"contact.creation","objectId":6,"attemptNumber":0}]`); other == first {
		t.Error("two events with one id count as one")
	}
}

func TestWhatIsNoListOfEventsIsRefusedAndAStrangeEventCounted(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null!", `"x"`, "7", "[{]"} {
		if events, _, err := hubspot.ParseWebhook([]byte(body)); err == nil {
			t.Errorf("%q: %v", body, events)
		}
	}
	events, strange, err := hubspot.ParseWebhook([]byte(`[7, {}, {"portalId":-1,"subscriptionType":"x"}, {"portalId":1,"subscriptionType":"contact.creation","objectId":2}]`))
	if err != nil || strange != 3 || len(events) != 1 {
		t.Errorf("%v, %d strange, %v", events, strange, err)
	}
}
