package practice

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/hubspot/practice/content"
)

// The host of forms has limits of its own (facts 10.5): so many submissions in ten
// seconds, and ten refusals within one second close it for a minute.
const (
	openSubmissions   = 50
	secureSubmissions = 100
	blockedAfter      = 10
	blockedFor        = time.Minute
	mostSubmitted     = 1000
)

// formGate counts the submissions that reach the host of forms.
type formGate struct {
	taken   meter
	refused meter
	blocked time.Time // until then nothing is answered but that it is blocked
}

func formSubmitRoutes() []route {
	return []route{
		r("POST", "submissions/integration/submit/{portal}/{form}", public|free|writing, (*Portal).submitOpenly),
		r("POST", "submissions/integration/secure/submit/{portal}/{form}", free|writing, (*Portal).submitSecurely),
	}
}

// submission is a form as it is filled in.
type submission struct {
	At     wireID `json:"submittedAt"`
	Fields []struct {
		ObjectTypeID string    `json:"objectTypeId"`
		Name         string    `json:"name"`
		Value        wireValue `json:"value"`
	} `json:"fields"`
	Context struct {
		PageURI  string `json:"pageUri"`
		PageName string `json:"pageName"`
	} `json:"context"`
	Consent *struct {
		Consent *struct {
			Process        bool   `json:"consentToProcess"`
			Text           string `json:"text"`
			Communications []struct {
				Value bool   `json:"value"`
				ID    int64  `json:"subscriptionTypeId"`
				Text  string `json:"text"`
			} `json:"communications"`
		} `json:"consent"`
	} `json:"legalConsentOptions"`
}

// submissionError is a refusal of the forms' host, whose details have types of their own.
type submissionError struct {
	Message   string `json:"message"`
	ErrorType string `json:"errorType"`
}

func (p *Portal) submitOpenly(c *call) (*answer, *apiError) { return p.submit(c, openSubmissions) }

func (p *Portal) submitSecurely(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"forms"}); e != nil {
		return nil, e
	}
	return p.submit(c, secureSubmissions)
}

// submit is POST …/submissions/v3/integration/submit/{portalId}/{formGuid}.
func (p *Portal) submit(c *call, most int) (*answer, *apiError) {
	if a := p.admitSubmission(most); a != nil {
		return a, nil
	}
	f := p.formByID(c.args["form"])
	if f == nil || f.Archived || c.args["portal"] != itoa(p.opt.PortalID) {
		return nil, refuse(http.StatusNotFound, "", "Form with GUID %s of portal %s does not exist", c.args["form"], c.args["portal"])
	}
	var in submission
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if errs := p.wrongSubmission(f, &in); len(errs) > 0 {
		return reply(http.StatusBadRequest, map[string]any{"status": "error", "message": "The request is not valid", "correlationId": p.uuid7(), "errors": errs}), nil
	}
	at := p.millis()
	if in.At != "" && !p.opt.Switches.SubmittedTimeIgnored {
		at, _ = strconv.ParseInt(string(in.At), 10, 64)
	}
	s := Submission{ID: p.uuid4(), At: at, PageURL: in.Context.PageURI}
	for _, x := range in.Fields {
		if x.Value.text == "" {
			continue
		}
		s.Values = append(s.Values, SubmittedValue{x.Name, x.Value.text, x.ObjectTypeID})
	}
	p.keepSubmission(f, s)
	p.submittedContact(c, s)
	return reply(http.StatusOK, map[string]any{"inlineMessage": f.Configuration.PostSubmit.Value}), nil
}

// admitSubmission counts a submission, or refuses it.
func (p *Portal) admitSubmission(most int) *answer {
	if p.limiter.limits.Off {
		return nil
	}
	g, now := &p.formGate, p.present()
	if now.Before(g.blocked) {
		return &answer{status: http.StatusTooManyRequests, header: http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}, body: []byte("error code: 1015")}
	}
	g.taken.forget(now.Add(-burstSpan).Add(time.Nanosecond))
	if len(g.taken.times) < most {
		g.taken.times = append(g.taken.times, now)
		return nil
	}
	g.refused.forget(now.Add(-time.Second).Add(time.Nanosecond))
	if g.refused.times = append(g.refused.times, now); len(g.refused.times) >= blockedAfter {
		g.blocked = now.Add(blockedFor)
	}
	return p.refusal(p.throttled("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING", ""))
}

// wrongSubmission is what the form does not take.
func (p *Portal) wrongSubmission(f *content.Form, in *submission) (errs []submissionError) {
	add := func(kind, format string, args ...any) {
		errs = append(errs, submissionError{"Error in '" + fmt.Sprintf(format, args...), kind})
	}
	if len(in.Fields) > mostSubmitted {
		add("MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED", "fields'. At most %d values can be submitted", mostSubmitted)
		return errs
	}
	if _, err := strconv.ParseInt(string(in.At), 10, 64); in.At != "" && err != nil {
		add("INPUT_TOO_LARGE", "submittedAt'. %s is no number of milliseconds", in.At)
	}
	if in.Context.PageURI != "" {
		if u, err := url.Parse(in.Context.PageURI); err != nil || u.Host == "" {
			add("INVALID_PAGE_URI", "context.pageUri'. %s is no address of a page", in.Context.PageURI)
		}
	}
	given := make(map[string]string)
	for _, x := range in.Fields {
		d := formField(f, x.Name)
		if d == nil {
			add("FIELD_NOT_IN_FORM_DEFINITION", "fields.%s'. The field is not in the form definition", x.Name)
			continue
		}
		given[x.Name] = x.Value.text
		if kind, why := d.refuses(x.Value.text); kind != "" {
			add(kind, "fields.%s'. %s", x.Name, why)
		}
	}
	for _, g := range f.Groups {
		for _, d := range g.Fields {
			if d.Required && given[d.Name] == "" {
				add("REQUIRED_FIELD", "fields.%s'. Required field '%s' is missing", d.Name, d.Name)
			}
		}
	}
	return append(errs, wrongConsent(f.Consent, in)...)
}

// wrongConsent is what lacks of what the form asks the visitor to agree to.
func wrongConsent(asks content.FormConsent, in *submission) (errs []submissionError) {
	if asks.Type != "explicit_consent_to_process" {
		return nil
	}
	if in.Consent == nil || in.Consent.Consent == nil || !in.Consent.Consent.Process {
		return []submissionError{{"The form asks for consent to process, and none was given", "MISSING_PROCESSING_CONSENT"}}
	}
	c := in.Consent.Consent
	if c.Text == "" {
		errs = append(errs, submissionError{"The text of the consent to process is missing", "MISSING_PROCESSING_CONSENT_TEXT"})
	}
	for i, x := range c.Communications {
		if x.Text == "" {
			errs = append(errs, submissionError{"The text of the consent to communication is missing", "MISSING_COMMUNICATION_CONSENT_TEXT"})
		}
		for _, y := range c.Communications[:i] {
			if x.ID == y.ID {
				errs = append(errs, submissionError{"A subscription type stands twice", "DUPLICATE_SUBSCRIPTION_TYPE_ID"})
			}
		}
	}
	for _, box := range asks.Communications {
		agreed := false
		for _, x := range c.Communications {
			agreed = agreed || x.ID == box.SubscriptionType && x.Value
		}
		if box.Required && !agreed {
			errs = append(errs, submissionError{"The consent to " + box.Label + " is required", "MISSING_COMMUNICATION_CONSENT_TEXT"})
		}
	}
	return errs
}

type submittedField content.FormField

func formField(f *content.Form, name string) *submittedField {
	for _, g := range f.Groups {
		for i := range g.Fields {
			if g.Fields[i].Name == name {
				return (*submittedField)(&g.Fields[i])
			}
		}
	}
	return nil
}

// refuses tells the kind of what is wrong with a value, "" for nothing.
func (d *submittedField) refuses(value string) (kind, why string) {
	switch {
	case value == "":
	case d.FieldType == "email":
		n := normaliseEmail(value)
		_, host, _ := strings.Cut(n.value, "@")
		switch {
		case n.code != "":
			return "INVALID_EMAIL", "Invalid email address: " + value
		case d.Validation != nil && slices.Contains(d.Validation.BlockedEmailDomains, host):
			return "BLOCKED_EMAIL", "The domain of the email address is blocked: " + value
		}
	case d.FieldType == "number":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return "INVALID_NUMBER", value + " is no number"
		}
	case len(d.Options) > 0:
		for part := range strings.SplitSeq(value, ";") {
			if !slices.ContainsFunc(d.Options, func(o content.FormOption) bool { return o.Value == part }) {
				return "VALUE_NOT_IN_FIELD_DEFINITION", part + " is not an option of the field"
			}
		}
	}
	return "", ""
}

// submittedContact brings what was submitted to the contact of its address, which is
// made where there is none. What the contact would not take is left out.
func (p *Portal) submittedContact(c *call, s Submission) {
	k := p.kindBy["contacts"]
	values := make(map[string]string)
	for _, v := range s.Values {
		if v.ObjectTypeID == "" || v.ObjectTypeID == k.id {
			values[v.Name] = v.Value
		}
	}
	email := normaliseEmail(values["email"])
	if email.code != "" || email.value == "" {
		return
	}
	var o *object
	if id, ok := k.emails[email.value]; ok {
		o = k.objects[id]
		delete(values, "email")
	}
	for _, name := range sortedKeys(values) {
		if _, errs := p.validate(k, personInput(map[string]string{name: values[name]}), o, c.version); len(errs) > 0 {
			delete(values, name)
		}
	}
	w, e := p.prepare(k, personInput(values), o, &call{version: c.version})
	if e != nil {
		return
	}
	p.commit(k, w, p.sourceID(source{Type: "FORM", ID: s.ID, Label: "Form submission"}), false)
}
