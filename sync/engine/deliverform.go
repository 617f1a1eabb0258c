package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// form takes rows as submissions of a form. HubSpot gives no id for one, and takes the
// same twice for two. So each is sent with a time of its own, to the millisecond, by
// which it is found among the submissions where an answer was lost. One that does not
// show there may show later: a person decides about it, and it is never sent twice by
// itself.
type form struct {
	*job
	is     hubspot.Form
	fields map[string]hubspot.FormField // by the name that the field map has for it
	last   time.Time                    // that was given to a submission, under the lock of notes
}

func (f *form) noun() noun { return noun{"a form submission", "form submissions"} }

func (f *form) object() hubspot.ObjectType {
	o := hubspot.ObjectType{ID: DeliveryObject(f.Definition), Name: string(definition.ToForm), Label: "Form submissions", LabelSingular: "Form submission"}
	for name, x := range f.fields {
		if x.Type == "email" && name == "email" {
			o.Email = name
		}
	}
	for _, name := range []string{"firstname", "lastname", "email"} {
		if _, ok := f.fields[name]; ok {
			o.Primary = append(o.Primary, name)
		}
	}
	return o
}

// properties are the fields of the form.
func (f *form) properties(ctx context.Context) ([]record.Property, []definition.Problem, error) {
	forms, err := f.Client.Forms(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := f.Definition
	var problems []definition.Problem
	tell := func(part, format string, args ...any) {
		problems = append(problems, definition.Problem{Line: lineOf(d, part), Key: part, Msg: fmt.Sprintf(format, args...)})
	}
	if !f.choose(forms, tell) {
		return nil, problems, nil
	}
	f.fields = make(map[string]hubspot.FormField, len(f.is.Fields))
	var properties []record.Property
	for _, x := range f.is.Fields {
		name := x.Name
		if _, taken := f.fields[name]; taken { // another object's property of the same name
			name = x.ObjectTypeID + "/" + x.Name
		}
		f.fields[name] = x
		properties = append(properties, formProperty(name, x))
	}
	mapped := func(name string) bool {
		return slices.ContainsFunc(d.Fields, func(l definition.Field) bool { return l.Property == name })
	}
	for name, x := range f.fields {
		if x.Required && !x.Dependent && !mapped(name) {
			tell("fields", "the form %q takes no submission without %s: map a column to it, or give a constant", f.is.Name, name)
		}
	}
	for i, l := range d.Fields {
		if f.fields[l.Property].Type == "file" {
			tell(fmt.Sprintf("fields[%d].property", i), "%s takes a file, which can't be submitted by this way: take the line out", l.Property)
		}
	}
	switch asked := f.is.Consent != "" && f.is.Consent != "none"; {
	case asked && d.Deliver.Consent == nil && f.is.Consent == "explicit_consent_to_process":
		tell("hubspot.consent", "is missing: the form %q asks its visitors for their consent. Say what the people of these rows agreed to.", f.is.Name)
	case !asked && d.Deliver.Consent != nil:
		tell("hubspot.consent", "has no meaning: the form %q asks for no consent. Take it out.", f.is.Name)
	}
	return properties, problems, nil
}

// choose finds the form that the definition names.
func (f *form) choose(forms []hubspot.Form, tell func(part, format string, args ...any)) bool {
	var names []string
	var found []hubspot.Form
	for _, x := range forms {
		if strings.EqualFold(x.ID, f.Definition.Deliver.Form) || x.Name == f.Definition.Deliver.Form {
			found = append(found, x)
		}
		names = append(names, x.Name)
	}
	switch len(found) {
	case 0:
		hint := ""
		if near, ok := definition.Nearest(f.Definition.Deliver.Form, names); ok {
			hint = fmt.Sprintf(" Did you mean %q?", near)
		}
		tell("hubspot.form", "this portal has no form %q.%s", f.Definition.Deliver.Form, hint)
		return false
	case 1:
		f.is = found[0]
		return true
	}
	tell("hubspot.form", "%d forms of this portal are called %q: name it by its id, such as %s", len(found), f.Definition.Deliver.Form, found[0].ID)
	return false
}

// formProperty is what a field of a form holds.
func formProperty(name string, x hubspot.FormField) record.Property {
	p := record.Property{Name: name, Label: x.Label, Type: record.TypeString, FieldType: "text"}
	switch x.Type {
	case "number":
		p.Type, p.FieldType = record.TypeNumber, "number"
	case "datepicker":
		p.Type, p.FieldType = record.TypeDate, "date"
	case "single_checkbox":
		p.Type, p.FieldType = record.TypeBool, "booleancheckbox"
	case "multi_line_text":
		p.FieldType = "textarea"
	case "phone", "mobile_phone":
		p.FieldType = "phonenumber"
	}
	if len(x.Options) == 0 {
		return p
	}
	p.Type, p.FieldType = record.TypeEnumeration, "select"
	if x.Type == "multiple_checkboxes" {
		p.FieldType = "checkbox"
	}
	for _, v := range x.Options {
		p.Options = append(p.Options, record.Option{Label: v, Value: v})
	}
	return p
}

func (f *form) needs() []string {
	var all []string
	for name, x := range f.fields {
		if x.Required && !x.Dependent {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func (f *form) notes() []string {
	return []string{
		"A form submission can't be taken back: HubSpot has no way to, so an undo leaves it, and what HubSpot does with a submission (a contact, an e-mail, a workflow) is done.",
		"Another workspace with this document does not know what was sent from here, and would send it once more.",
	}
}

func (f *form) leavesOut(row store.RowSeen) string {
	c := f.Definition.Deliver.Consent
	if c == nil || c.Field == "" || row.Values[definition.FormConsent].String() == "true" {
		return ""
	}
	return fmt.Sprintf("%s does not say that the person agreed, so it is not sent", c.Field)
}

func (f *form) prepare(context.Context, []store.RowSeen, []string) error { return nil }

func (f *form) since(store.RowSeen, store.Delivery) (string, error) { return "", nil }

func (f *form) judge(store.RowSeen) (string, []string) { return "", nil }

func (f *form) start(context.Context) error { return nil }

func (f *form) dedupes() bool { return false }

func (f *form) size() int { return 1 }

func (f *form) calls(n int) int { return n }

// remoteID is a time that no other submission of ours has.
func (f *form) remoteID(string, int) string {
	f.noting.Lock()
	defer f.noting.Unlock()
	at := f.now().Truncate(time.Millisecond)
	if !at.After(f.last) {
		at = f.last.Add(time.Millisecond)
	}
	f.last = at
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// submission is what an operation sends.
func (f *form) submission(op store.Op) hubspot.NewSubmission {
	x := f.Definition.Deliver
	ms, _ := strconv.ParseInt(op.SyncKey, 10, 64) // remoteID wrote it
	s := hubspot.NewSubmission{At: time.UnixMilli(ms), PageURI: x.Page.URI, PageName: x.Page.Name}
	for _, l := range f.Definition.Fields {
		v, sent := op.Fields[l.Property]
		if field := f.fields[l.Property]; sent {
			s.Values = append(s.Values, hubspot.NewValue{ObjectTypeID: field.ObjectTypeID, Name: field.Name, Value: v.String()})
		}
	}
	if c := x.Consent; c != nil {
		s.Consent = &hubspot.FormConsent{Text: c.Text}
		for _, p := range c.Subscriptions {
			id, _ := strconv.ParseInt(p.Field, 10, 64) // the grammar takes nothing else
			s.Consent.Subscriptions = append(s.Consent.Subscriptions, hubspot.Subscription{ID: id, Text: p.Property})
		}
	}
	return s
}

func (f *form) send(ctx context.Context, ops []store.Op) ([]arrival, error) {
	if err := f.Client.Submit(ctx, f.schema.account.PortalID, f.is.ID, f.submission(ops[0])); err != nil {
		return nil, err
	}
	return []arrival{{end: delivered, id: ops[0].SyncKey}}, nil
}

// A submission shows a while after it was sent; how long nobody says.
const (
	showsWithin = 20 * time.Second
	showsPause  = 4 * time.Second
)

// find looks for submissions by what they hold and the time that each was sent with.
func (f *form) find(ctx context.Context, ops []store.Op) ([]arrival, error) {
	arrivals := make([]arrival, len(ops))
	for i := range arrivals {
		arrivals[i].end = doubtful
	}
	for {
		open, err := f.look(ctx, ops, arrivals)
		if err != nil && hubspot.Refused(err) && !hubspot.IsAuth(err) {
			return arrivals, nil // what can't be looked up waits for a person, and holds up nothing else
		}
		if err != nil {
			return nil, err
		}
		youngest := time.Time{}
		for _, op := range ops {
			if op.Sent.After(youngest) {
				youngest = op.Sent
			}
		}
		if open == 0 || f.now().Sub(youngest) > showsWithin {
			return arrivals, nil
		}
		if err := f.wait(ctx, showsPause, "HubSpot to show what was submitted"); err != nil {
			return nil, err
		}
	}
}

// look looks once, and returns how many were not found.
func (f *form) look(ctx context.Context, ops []store.Op, arrivals []arrival) (open int, err error) {
	var since time.Time
	sent := make([]hubspot.NewSubmission, len(ops))
	for i, op := range ops {
		sent[i] = f.submission(op)
		if since.IsZero() || sent[i].At.Before(since) {
			since = sent[i].At
		}
	}
	taken := make(map[string]bool)
	err = f.Client.Submissions(ctx, f.is.ID, since, func(page []hubspot.Submission) error {
		for _, s := range page {
			for i := range ops {
				if arrivals[i].end == delivered || taken[s.ID] || !f.same(sent[i], s) {
					continue
				}
				if s.At.Equal(sent[i].At) {
					taken[s.ID] = true
					arrivals[i] = arrival{end: delivered, id: s.ID}
					break
				}
				arrivals[i].note = fmt.Sprintf(" with its time, though one with the same values of %s", s.At.UTC().Format("2006-01-02 15:04:05"))
			}
		}
		return nil
	})
	for _, a := range arrivals {
		if a.end != delivered {
			open++
		}
	}
	return open, err
}

// same reports whether a submission holds what was sent and nothing else.
func (f *form) same(sent hubspot.NewSubmission, is hubspot.Submission) bool {
	values := make(map[string][]string)
	for _, v := range is.Values {
		values[v.Name] = append(values[v.Name], strings.Split(v.Value, ";")...)
	}
	if len(values) != len(sent.Values) {
		return false
	}
	for _, v := range sent.Values {
		was, now := strings.Split(v.Value, ";"), values[v.Name]
		slices.Sort(was)
		slices.Sort(now)
		if !slices.EqualFunc(was, now, func(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }) {
			return false
		}
	}
	return true
}
