package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// FormsURL is the host that takes submissions of forms (facts 10.5).
const FormsURL = "https://api.hsforms.com"

// MaxSubmitted is how many values one submission may have (facts 10.5).
const MaxSubmitted = 1000

// formsHost is where submissions go: HubSpot's own host for them, or the API's
// where that is not HubSpot's.
func (c *Client) formsHost() string {
	if u, err := url.Parse(c.base); err == nil && strings.HasSuffix(u.Hostname(), ".hubapi.com") {
		return FormsURL
	}
	return c.base
}

// NewSubmission is a form that is to be filled in.
type NewSubmission struct {
	At       time.Time // when it was filled in, to the millisecond
	Values   []NewValue
	PageURI  string // of the page that the form stands on, "" for none
	PageName string
	Consent  *FormConsent // nil where the form asks for none
}

// NewValue is what is written into one field.
type NewValue struct {
	ObjectTypeID string
	Name         string
	Value        string
}

// FormConsent is what the person who filled in the form agreed to.
type FormConsent struct {
	Text          string // that was read
	Subscriptions []Subscription
}

// Subscription is one kind of message that the person agreed to get.
type Subscription struct {
	ID   int64
	Text string
}

// Submit fills in a form. What was submitted can't be taken back, and HubSpot gives
// no id for it: [Client.Submissions] shows it a while later.
func (c *Client) Submit(ctx context.Context, portalID int64, formID string, s NewSubmission) error {
	const op = "submit a form"
	path, err := segments(op, "submissions", "v3", "integration", "secure", "submit", strconv.FormatInt(portalID, 10), formID)
	if err != nil {
		return err
	}
	type field struct {
		ObjectTypeID string `json:"objectTypeId,omitempty"`
		Name         string `json:"name"`
		Value        string `json:"value"`
	}
	type subscription struct {
		Value bool   `json:"value"`
		ID    int64  `json:"subscriptionTypeId"`
		Text  string `json:"text"`
	}
	body := map[string]any{}
	fields := make([]field, len(s.Values))
	for i, v := range s.Values {
		fields[i] = field(v)
	}
	body["fields"] = fields
	if !s.At.IsZero() {
		body["submittedAt"] = strconv.FormatInt(s.At.UnixMilli(), 10)
	}
	page := map[string]string{}
	if s.PageURI != "" {
		page["pageUri"] = s.PageURI
	}
	if s.PageName != "" {
		page["pageName"] = s.PageName
	}
	if len(page) > 0 {
		body["context"] = page
	}
	if s.Consent != nil {
		subscriptions := make([]subscription, 0, len(s.Consent.Subscriptions))
		for _, x := range s.Consent.Subscriptions {
			subscriptions = append(subscriptions, subscription{true, x.ID, x.Text})
		}
		body["legalConsentOptions"] = map[string]any{"consent": map[string]any{"consentToProcess": true, "text": s.Consent.Text, "communications": subscriptions}}
	}
	_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: path, bucket: formBucket, body: body})
	if e := asError(err); e != nil && e.Status >= 200 && e.Status < 300 {
		return nil // it was taken, whatever became of the thanks
	}
	return err
}
