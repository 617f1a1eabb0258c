package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// submissionPage is how many submissions a page may have, by the reference of
// GET /form-integrations/v1/submissions/forms/{form_guid}.
const submissionPage = 50

// Form is a form that visitors of a website fill in.
type Form struct {
	ID      string // a UUID
	Name    string
	Fields  []FormField
	Consent string // legalConsentOptions.type: none, implicit_consent_to_process, …
}

// FormField is a field of a form: a property of an object type.
type FormField struct {
	ObjectTypeID string
	Name         string // of the property
	Label        string
	Type         string // email, single_line_text, dropdown, multiple_checkboxes, file, …
	Required     bool
	Hidden       bool
	Dependent    bool     // it shows only where another field has a certain value
	Options      []string // values; none where anything may be written
}

// Submission is a form that somebody filled in.
type Submission struct {
	ID      string // HubSpot's conversion id
	At      time.Time
	PageURL string
	Values  []SubmittedValue
}

// SubmittedValue is what was written into one field. A field of several choices
// may come once for each of them. ObjectTypeID is whose property it is, "" where
// HubSpot does not say.
type SubmittedValue struct{ Name, Value, ObjectTypeID string }

type wireForm struct {
	ID     text `json:"id"`
	Name   text `json:"name"`
	Groups []struct {
		Fields []wireFormField `json:"fields"`
	} `json:"fieldGroups"`
	Consent struct {
		Type text `json:"type"`
	} `json:"legalConsentOptions"`
}

func (w wireForm) key() string { return string(w.ID) }

type wireFormField struct {
	ObjectTypeID text `json:"objectTypeId"`
	Name         text `json:"name"`
	Label        text `json:"label"`
	Type         text `json:"fieldType"`
	Required     bool `json:"required"`
	Hidden       bool `json:"hidden"`
	Options      []struct {
		Value text `json:"value"`
	} `json:"options"`
	Dependent []struct {
		Field wireFormField `json:"dependentField"`
	} `json:"dependentFields"`
}

// fields are the field and those that show beneath it by what is chosen.
func (w wireFormField) fields() []FormField {
	f := FormField{ObjectTypeID: string(w.ObjectTypeID), Name: string(w.Name), Label: string(w.Label), Type: string(w.Type), Required: w.Required, Hidden: w.Hidden}
	for _, o := range w.Options {
		f.Options = append(f.Options, string(o.Value))
	}
	all := []FormField{f}
	for _, d := range w.Dependent {
		if d.Field.Name != "" {
			for _, beneath := range d.Field.fields() {
				beneath.Dependent = true
				all = append(all, beneath)
			}
		}
	}
	return all
}

// Forms returns the portal's forms that are not archived, with their fields. It
// asks the API's version 3, since no dated one is out (facts 10.5).
func (c *Client) Forms(ctx context.Context) ([]Form, error) {
	listed, err := collect[wireForm](ctx, c, &request{op: "read forms", method: http.MethodGet, path: "/marketing/v3/forms", query: url.Values{"limit": {"100"}}, read: true})
	if err != nil {
		return nil, err
	}
	forms := make([]Form, len(listed))
	for i, w := range listed {
		forms[i] = Form{ID: string(w.ID), Name: string(w.Name), Consent: string(w.Consent.Type)}
		for _, g := range w.Groups {
			for _, f := range g.Fields {
				forms[i].Fields = append(forms[i].Fields, f.fields()...)
			}
		}
	}
	return forms, nil
}

type wireSubmission struct {
	ID      text    `json:"conversionId"`
	At      instant `json:"submittedAt"`
	PageURL text    `json:"pageUrl"`
	Values  []struct {
		Name         text `json:"name"`
		Value        text `json:"value"`
		ObjectTypeID text `json:"objectTypeId"`
	} `json:"values"`
}

func (w wireSubmission) key() string { return string(w.ID) }

// Submissions walks what was sent with a form, the newest first, and gives each
// page to f, whose error ends the walk. Submissions before since are left out, all
// are shown with the zero time. One that a page showed before, since others came
// meanwhile, is not shown again.
func (c *Client) Submissions(ctx context.Context, formID string, since time.Time, f func([]Submission) error) error {
	op := "read the submissions of the form " + formID
	path, err := segments(op, "form-integrations", "v1", "submissions", "forms", formID)
	if err != nil {
		return err
	}
	w, seen := newWalk(op, ""), make(map[string]bool)
	r := &request{op: op, method: http.MethodGet, path: path, read: true}
	for after := ""; ; {
		r.query = url.Values{"limit": {strconv.Itoa(submissionPage)}}
		if after != "" {
			r.query.Set("after", after)
		}
		var out wireList[wireSubmission]
		r.out = &out
		if _, err := c.do(ctx, r); err != nil {
			return err
		}
		var page []Submission
		older := false
		for _, x := range out.Results {
			s := Submission{ID: string(x.ID), At: x.At.Time, PageURL: string(x.PageURL)}
			for _, v := range x.Values {
				s.Values = append(s.Values, SubmittedValue{string(v.Name), string(v.Value), string(v.ObjectTypeID)})
			}
			older = older || s.At.Before(since)
			if !seen[s.ID] && !s.At.Before(since) {
				page = append(page, s)
			}
			seen[s.ID] = true
		}
		if err := w.move(len(out.Results), out.Paging.after()); err != nil {
			return err
		}
		if len(page) > 0 {
			if err := f(page); err != nil {
				return err
			}
		}
		if after = out.Paging.after(); after == "" || older {
			return nil
		}
	}
}
