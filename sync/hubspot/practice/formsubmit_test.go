package practice_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

func filled(values ...string) object {
	var fields []any
	for i := 0; i < len(values); i += 2 {
		fields = append(fields, object{"objectTypeId": "0-1", "name": values[i], "value": values[i+1]})
	}
	return object{"fields": fields}
}

func with(o object, key string, v any) object { o[key] = v; return o }

// submitted is a portal with the forms of the demo, and the place that submissions of one go to.
func submitting(t *testing.T, o practice.Options, form int) (c *client, path string) {
	t.Helper()
	c = open(t, o)
	for _, f := range content.Forms() {
		c.portal.AddForm(f)
	}
	return c, fmt.Sprintf("/submissions/v3/integration/secure/submit/%d/%s", c.portal.PortalID(), content.Forms()[form].ID)
}

func TestASubmissionMakesAContact(t *testing.T) {
	t.Parallel()
	c, path := submitting(t, practice.Options{}, 0)
	c.host = "api.hsforms.com"
	r := c.do("POST", path, with(with(filled("email", "Ann@example.com", "firstname", "Ann", "message", "Hello"), "submittedAt", "1764500000123"), "context", object{"pageUri": "https://www.example.com/contact"})).want(t, 200)
	if r.text("inlineMessage") == "" {
		t.Errorf("the answer is %s", r.raw)
	}
	got := c.portal.Submissions(content.Forms()[0].ID)
	if len(got) != 1 || got[0].At != 1764500000123 || got[0].PageURL != "https://www.example.com/contact" || len(got[0].Values) != 3 {
		t.Errorf("the submissions are %+v", got)
	}
	for _, values := range c.portal.Records("contacts") {
		if values["email"] != "ann@example.com" || values["firstname"] != "Ann" {
			t.Errorf("the contact is %v", values)
		}
	}
}

func TestASubmissionThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	c, path := submitting(t, practice.Options{}, 0)
	for kind, body := range map[string]object{
		"REQUIRED_FIELD":                filled("email", "a@example.com"),
		"INVALID_EMAIL":                 filled("email", "a@example", "message", "x"),
		"BLOCKED_EMAIL":                 filled("email", "a@mailinator.com", "message", "x"),
		"FIELD_NOT_IN_FORM_DEFINITION":  filled("email", "a@example.com", "message", "x", "city", "Kiel"),
		"VALUE_NOT_IN_FIELD_DEFINITION": filled("email", "a@example.com", "message", "x", "hs_buying_role", "END_USER;BOSS"),
		"INVALID_PAGE_URI":              with(filled("email", "a@example.com", "message", "x"), "context", object{"pageUri": "contact"}),
	} {
		if r := c.do("POST", path, body); r.status != 400 || r.text("errors.0.errorType") != kind {
			t.Errorf("%s: %d %s", kind, r.status, r.raw)
		}
	}
	c.do("POST", strings.Replace(path, "/submit/", "/submit/1", 1), filled()).want(t, 404)
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.write"}})
	c.do("POST", path, filled("email", "a@example.com", "message", "x")).want(t, 403)
}

func TestAFormThatAsksForConsentNeedsIt(t *testing.T) {
	t.Parallel()
	c, path := submitting(t, practice.Options{}, 1)
	agreed := func(text string, ids ...int) object {
		var all []any
		for _, id := range ids {
			all = append(all, object{"value": true, "subscriptionTypeId": id, "text": "News"})
		}
		return with(filled("email", "a@example.com"), "legalConsentOptions", object{"consent": object{"consentToProcess": true, "text": text, "communications": all}})
	}
	for kind, body := range map[string]object{
		"MISSING_PROCESSING_CONSENT":         filled("email", "a@example.com"),
		"MISSING_PROCESSING_CONSENT_TEXT":    agreed("", 999),
		"MISSING_COMMUNICATION_CONSENT_TEXT": agreed("I agree"),
		"DUPLICATE_SUBSCRIPTION_TYPE_ID":     agreed("I agree", 999, 999),
	} {
		if r := c.do("POST", path, body); r.status != 400 || r.text("errors.0.errorType") != kind {
			t.Errorf("%s: %d %s", kind, r.status, r.raw)
		}
	}
	c.do("POST", path, agreed("I agree", 999)).want(t, 200)
}

// The host of forms has its own limit, and closes for a minute to who does not heed it.
func TestTheHostOfFormsClosesToWhoDoesNotHeedItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, path := submitting(t, practice.Options{Limits: practice.Limits{Burst: 100}}, 0)
		path = strings.Replace(path, "/secure", "", 1)
		good := filled("email", "a@example.com", "message", "x")
		for range 50 {
			c.do("POST", path, good).want(t, 200)
		}
		for range 10 {
			if r := c.do("POST", path, good).want(t, 429); r.text("policyName") != "TEN_SECONDLY_ROLLING" {
				t.Fatalf("the refusal is %s", r.raw)
			}
		}
		time.Sleep(59 * time.Second)
		if r := c.do("POST", path, good).want(t, 429); r.raw != "error code: 1015" {
			t.Errorf("the block says %q", r.raw)
		}
		time.Sleep(2 * time.Second)
		c.do("POST", path, good).want(t, 200)
	})
}
