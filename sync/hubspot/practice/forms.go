package practice

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/hubspot/practice/content"
)

// formPages are how many forms and submissions a page may have: definitions as
// other collections, submissions as the reference of GET
// /form-integrations/v1/submissions/forms/{form_guid} says.
const (
	mostForms         = 500
	usualForms        = 20
	mostSubmissions   = 50
	usualSubmissions  = 20
	demoSubmissions   = 130 // of the form with most: three pages
	demoQuestions     = 12
	submissionsFolder = "https://www.example.com/"
)

// Submission is a form that somebody filled in.
type Submission struct {
	ID      string           `json:"conversionId"` // a UUID
	At      int64            `json:"submittedAt"`  // epoch ms
	Values  []SubmittedValue `json:"values"`
	PageURL string           `json:"pageUrl"`
}

// SubmittedValue is what was written into one field; a field with several
// choices comes once for each.
type SubmittedValue struct {
	Name         string `json:"name"`
	Value        string `json:"value"`
	ObjectTypeID string `json:"objectTypeId,omitempty"`
}

// savedSubmission is a submission in a portal's file.
type savedSubmission struct {
	Form string `json:"form"`
	Submission
}

// forms are the portal's forms and what was sent with them.
type forms struct {
	all  []*content.Form
	sent map[string][]Submission // by the form's id, oldest first
}

func formRoutes() []route {
	return []route{
		r("GET", "forms", 0, (*Portal).listForms),
		r("GET", "forms/{form}", 0, (*Portal).readForm),
		r("GET", "form-integrations/submissions/forms/{form}", 0, (*Portal).listSubmissions),
	}
}

// formByID finds a form by its id, nil where there is none.
func (p *Portal) formByID(id string) *content.Form {
	i := slices.IndexFunc(p.forms.all, func(f *content.Form) bool { return strings.EqualFold(f.ID, id) })
	if i < 0 {
		return nil
	}
	return p.forms.all[i]
}

// AddForm adds a form, or puts it in the place of the one with its id.
func (p *Portal) AddForm(f content.Form) {
	p.mu.Lock()
	defer p.leave()
	p.addForm(f)
}

func (p *Portal) addForm(f content.Form) {
	p.changes.document(docForms)
	if old := p.formByID(f.ID); old != nil {
		*old = f
		return
	}
	p.forms.all = append(p.forms.all, &f)
}

// Submissions are what was sent with a form, oldest first.
func (p *Portal) Submissions(form string) []Submission {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	return slices.Clone(p.forms.sent[strings.ToLower(form)])
}

// Submit keeps what somebody sends with a form, at the portal's present, and
// returns its id. It makes no contact.
func (p *Portal) Submit(form string, pageURL string, values ...SubmittedValue) (id string, err error) {
	p.mu.Lock()
	defer p.leave()
	p.settle()
	f := p.formByID(form)
	if f == nil {
		return "", noForm(form)
	}
	s := Submission{ID: p.uuid4(), At: p.millis(), PageURL: pageURL, Values: values}
	p.keepSubmission(f, s)
	return s.ID, nil
}

// keepSubmission adds a submission of a form.
func (p *Portal) keepSubmission(f *content.Form, s Submission) {
	id := strings.ToLower(f.ID)
	p.forms.keep(id, s)
	if p.changes != nil {
		p.changes.submissions = append(p.changes.submissions, savedSubmission{id, s})
	}
}

func (f *forms) keep(id string, s Submission) {
	if f.sent == nil {
		f.sent = make(map[string][]Submission)
	}
	f.sent[id] = append(f.sent[id], s)
}

func noForm(id string) *apiError {
	return refuse(404, categoryNotFound, "Form with GUID %s does not exist", id).with("formId", id)
}

// listForms is GET /marketing/v3/forms: those that are not archived, or those
// that are.
func (p *Portal) listForms(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"forms"}); e != nil {
		return nil, e
	}
	limit, e := p.limit(c, usualForms, mostForms)
	if e != nil {
		return nil, e
	}
	all := slices.DeleteFunc(slices.Clone(p.forms.all), func(f *content.Form) bool { return f.Archived != c.flag("archived") })
	from, e := position(c.query.Get("after"))
	if e != nil {
		return nil, e
	}
	part := all[min(from, len(all)):]
	body := map[string]any{}
	if part = part[:min(len(part), p.pageSize(limit))]; from+len(part) < len(all) {
		body["paging"] = nextAt(c, from+len(part))
	}
	body["results"] = append([]*content.Form{}, part...)
	return reply(http.StatusOK, body), nil
}

// readForm is GET /marketing/v3/forms/{formId}.
func (p *Portal) readForm(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"forms"}); e != nil {
		return nil, e
	}
	f := p.formByID(c.args["form"])
	if f == nil || f.Archived != c.flag("archived") {
		return nil, noForm(c.args["form"])
	}
	return reply(http.StatusOK, f), nil
}

// listSubmissions is GET /form-integrations/v1/submissions/forms/{form_guid}:
// the newest first, 50 at most.
func (p *Portal) listSubmissions(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"forms", "forms-uploaded-files"}); e != nil {
		return nil, e
	}
	f := p.formByID(c.args["form"])
	if f == nil {
		return nil, noForm(c.args["form"])
	}
	limit := usualSubmissions
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostSubmissions {
			return nil, invalid("Invalid limit %s. The limit must be between 1 and %d.", text, mostSubmissions)
		}
		limit = n
	}
	all := slices.Clone(p.forms.sent[strings.ToLower(f.ID)])
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b Submission) int { return cmp.Compare(b.At, a.At) })
	from := 0
	if after := c.query.Get("after"); after != "" {
		var e *apiError
		if from, e = p.submissionAfter(all, after); e != nil {
			return nil, e
		}
	}
	part := all[min(from, len(all)):]
	part = part[:min(len(part), p.pageSize(limit))]
	body := map[string]any{}
	if from+len(part) < len(all) {
		next := strconv.Itoa(from + len(part))
		if !p.opt.Switches.SubmissionsByPosition {
			next = base64.StdEncoding.EncodeToString([]byte(part[len(part)-1].ID))
		}
		body["paging"] = map[string]any{"next": map[string]any{"after": next, "link": linkTo(c, next)}}
	}
	list := make([]Submission, len(part))
	for i, s := range part {
		list[i] = p.shownSubmission(s)
	}
	body["results"] = list
	return reply(http.StatusOK, body), nil
}

// submissionAfter is where the page that an answer named begins.
func (p *Portal) submissionAfter(all []Submission, after string) (int, *apiError) {
	if p.opt.Switches.SubmissionsByPosition {
		return position(after)
	}
	id, err := base64.StdEncoding.DecodeString(after)
	i := slices.IndexFunc(all, func(s Submission) bool { return s.ID == string(id) })
	if err != nil || i < 0 {
		return 0, invalid("Invalid after parameter %s", after).with("after", after)
	}
	return i + 1, nil
}

// shownSubmission is a submission as it is told: fields with several choices
// come once for each, or once with all of them.
func (p *Portal) shownSubmission(s Submission) Submission {
	out := s
	out.Values = []SubmittedValue{}
	for _, v := range s.Values {
		i := slices.IndexFunc(out.Values, func(o SubmittedValue) bool { return o.Name == v.Name })
		switch {
		case p.opt.Switches.SubmittedTypesUntold:
			v.ObjectTypeID = ""
		case v.ObjectTypeID == "":
			v.ObjectTypeID = "0-1"
		}
		if i >= 0 && p.opt.Switches.SubmittedChoicesJoined {
			out.Values[i].Value += ";" + v.Value
			continue
		}
		out.Values = append(out.Values, v)
	}
	return out
}

// position reads an after that is a count of entries.
func position(after string) (int, *apiError) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(after)
	if err != nil || n < 0 {
		return 0, invalid("Invalid after parameter %s", after).with("after", after)
	}
	return n, nil
}

func nextAt(c *call, at int) map[string]any {
	next := strconv.Itoa(at)
	return map[string]any{"next": map[string]any{"after": next, "link": linkTo(c, next)}}
}

// linkTo is the address of the page that begins behind after.
func linkTo(c *call, after string) string {
	path, _, _ := strings.Cut(c.target, "?")
	q := maps.Clone(c.query)
	q.Set("after", after)
	return "https://" + cmp.Or(c.host, "api.hubapi.com") + path + "?" + q.Encode()
}

// installForms adds the demo's forms, and what visitors sent with them.
func (p *Portal) installForms() {
	for _, f := range content.Forms() {
		p.addForm(f)
	}
	question, newsletter := p.formByID(content.Forms()[0].ID), p.formByID(content.Forms()[1].ID)
	n := 0
	for _, o := range p.kindBy["contacts"].order {
		email := p.text(o, "email")
		if email == "" || !o.live() {
			continue
		}
		if n++; n > demoSubmissions {
			return
		}
		at := o.created + time.Hour.Milliseconds()
		value := func(name, v string) SubmittedValue { return SubmittedValue{name, v, "0-1"} }
		p.keepSubmission(newsletter, Submission{ID: demoID(1, n), At: at, PageURL: submissionsFolder + "newsletter",
			Values: []SubmittedValue{value("email", email), value("firstname", p.text(o, "firstname")), value("country", p.text(o, "country"))}})
		if n%(demoSubmissions/demoQuestions) == 0 {
			p.keepSubmission(question, Submission{ID: demoID(2, n), At: at, PageURL: submissionsFolder + "contact", Values: []SubmittedValue{value("email", email),
				value("firstname", p.text(o, "firstname")), value("lastname", p.text(o, "lastname")), value("hs_buying_role", "DECISION_MAKER"), value("hs_buying_role", "END_USER"),
				value("message", fmt.Sprintf("Please send me a quote for %d seats.\nThank you", n))}})
		}
	}
}

// demoID is the id of a submission of the demo, which draws nothing from the
// portal's chance.
func demoID(form, n int) string { return fmt.Sprintf("d3a0%04x-0000-4000-8000-%012x", form, n) }
