// Package shown says values as HubSpot's own screens do: options, owners, pipelines and stages
// by their names, numbers and dates as the readers of a language write them, and who wrote a
// value. It is pure: what it knows of a portal is told to it.
package shown

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/language"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Words are the names and forms in which the values of an object type are shown. They do not
// change once they are made, so that several goroutines may use them.
type Words struct {
	locale locale
	zone   *time.Location
	owners map[string]string // by owner id
	users  map[string]string // by user id
	people []record.Option   // owners as options, the active ones first
	stages []hubspot.Pipeline
	name   map[string]string // of pipelines and stages, by id
}

// New makes words without a portal's names. A nil zone is this computer's.
func New(tag language.Tag, zone *time.Location) *Words {
	if zone == nil {
		zone = time.Local
	}
	return &Words{locale: localeOf(tag), zone: zone}
}

// With returns the words with the names of a portal's owners and of an object type's pipelines.
func (w *Words) With(owners []hubspot.Owner, pipelines []hubspot.Pipeline) *Words {
	n := *w
	n.owners, n.users, n.name, n.stages = make(map[string]string), make(map[string]string), make(map[string]string), pipelines
	n.people = nil
	for _, o := range owners {
		label := cmp.Or(o.Name(), o.ID)
		n.users[o.UserID] = label
		if o.Archived {
			label += " (deactivated)"
		}
		n.owners[o.ID] = label
		n.people = append(n.people, record.Option{Value: o.ID, Label: label, Hidden: o.Archived})
	}
	slices.SortStableFunc(n.people, func(a, b record.Option) int {
		if a.Hidden != b.Hidden {
			if b.Hidden {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	for _, p := range pipelines {
		n.name[p.ID] = p.Label
		for _, s := range p.Stages {
			n.name[s.ID] = s.Label
		}
	}
	return &n
}

// Zone is the time zone in which times are shown.
func (w *Words) Zone() *time.Location { return w.zone }

// Owner reports whether a property holds an owner's id.
func Owner(p record.Property) bool { return strings.EqualFold(p.Reference, "OWNER") }

// Value is what a person sees of a property's value, "" where there is none. What is not of
// the property's form is shown as it is.
func (w *Words) Value(p record.Property, v record.Value) string {
	text := v.String()
	switch {
	case text == "":
		return ""
	case Owner(p):
		return cmp.Or(w.owners[text], text)
	case p.Multi():
		var labels []string
		for part := range strings.SplitSeq(text, ";") {
			if part != "" {
				labels = append(labels, w.option(p, part))
			}
		}
		return strings.Join(labels, "; ")
	case p.Type == record.TypeEnumeration, p.Type == record.TypeBool:
		return w.option(p, text)
	case p.FieldType == "html":
		return Plain(text)
	case p.Type == record.TypeNumber && p.Name != "hs_object_id":
		places := 0
		if p.Currency {
			places = 2
		}
		if s, ok := w.locale.number(text, places); ok {
			return s
		}
	case p.Type == record.TypeDate:
		if t, ok := Instant(text); ok {
			return w.locale.date(t.UTC())
		}
	case p.Type == record.TypeDateTime:
		if t, ok := Instant(text); ok {
			return w.Time(t)
		}
	}
	return text
}

// Time is an instant in the person's zone and language.
func (w *Words) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.locale.dateTime(t.In(w.zone))
}

// Date is a day in the person's language.
func (w *Words) Date(t time.Time) string { return w.locale.date(t) }

// Number is a whole number with the separators of the person's language.
func (w *Words) Number(n int) string {
	s, _ := w.locale.number(strconv.Itoa(n), 0)
	return s
}

// Plain is the text of what is written in HTML, in one line.
func Plain(markup string) string {
	if !strings.Contains(markup, "<") && !strings.Contains(markup, "&") {
		return markup
	}
	var words []string
	for t := html.NewTokenizer(strings.NewReader(markup)); ; {
		switch t.Next() {
		case html.ErrorToken:
			return strings.Join(words, " ")
		case html.TextToken:
			words = append(words, strings.Fields(string(t.Text()))...)
		}
	}
}

// Instant reads a date or datetime as HubSpot gives it: ISO 8601, or milliseconds since 1970 as
// older properties have.
func Instant(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 8 {
		return time.UnixMilli(ms), true
	}
	return time.Time{}, false
}

func (w *Words) option(p record.Property, value string) string {
	for _, o := range p.Options {
		if o.Value == value {
			return cmp.Or(o.Label, value)
		}
	}
	if name := w.name[value]; name != "" {
		return name
	}
	if p.Type == record.TypeBool {
		switch value {
		case "true":
			return "Yes"
		case "false":
			return "No"
		}
	}
	return value
}

// Options are the values that a property can have, with the names that people know; nil where
// it takes any. A stage is named with its pipeline where there are several.
func (w *Words) Options(p record.Property) []record.Option {
	switch {
	case Owner(p):
		return w.people
	case strings.HasSuffix(p.Name, "pipeline") && len(w.stages) > 0:
		var all []record.Option
		for _, x := range w.stages {
			all = append(all, record.Option{Value: x.ID, Label: x.Label})
		}
		return all
	case (p.Name == "dealstage" || p.Name == "hs_pipeline_stage") && len(w.stages) > 0:
		var all []record.Option
		for _, x := range w.stages {
			for _, s := range x.Stages {
				label := s.Label
				if len(w.stages) > 1 {
					label = x.Label + ": " + s.Label
				}
				all = append(all, record.Option{Value: s.ID, Label: label})
			}
		}
		return all
	case len(p.Options) > 0:
		return p.Options
	case p.Type == record.TypeBool:
		return []record.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	}
	return nil
}

// sources are the kinds of writers that HubSpot's history names (facts §3.2, and the recorded
// histories), as a person would call them.
var sources = map[string]string{
	"CRM_UI": "somebody in HubSpot", "CRM_UI_BULK_ACTION": "somebody in HubSpot, for many records at once", "MOBILE_IOS": "somebody in HubSpot's app", "MOBILE_ANDROID": "somebody in HubSpot's app",
	"IMPORT": "an import", "FORM": "a form", "API": "an app", "INTEGRATION": "an app", "INTEGRATIONS_PLATFORM": "an app", "PUBLIC_API": "an app",
	"AUTOMATION_PLATFORM": "a workflow", "WORKFLOWS": "a workflow", "CALCULATED": "HubSpot, which works it out", "MERGE_OBJECTS": "a merge", "MERGE_CONTACTS": "a merge",
	"AUTO_ASSOCIATE_COMPANIES": "HubSpot, by the address's domain", "COMPANY_INSIGHTS": "HubSpot's company insights", "ENRICHMENT": "HubSpot's enrichment",
	"EMAIL_INTEGRATION": "a connected inbox", "MEETINGS": "a booked meeting", "CONVERSATIONS": "a conversation", "SALES": "HubSpot's sales tools", "BATCH_UPDATE": "a change of many records at once",
}

// Author says who wrote a version of a value, as far as HubSpot's history tells: a person by
// name, an app by its label, or what kind of thing it was.
func (w *Words) Author(v record.Version) string {
	user := v.UserID
	if user == "" || user == "0" {
		user, _ = strings.CutPrefix(v.SourceID, "userId:")
		if user == v.SourceID {
			user = ""
		}
	}
	switch {
	case v.Label != "" && !strings.HasPrefix(v.SourceType, "CRM_UI"):
		return v.Label
	case user != "" && w.users[user] != "":
		return w.users[user]
	case user != "" && strings.HasPrefix(v.SourceType, "CRM_UI"):
		return "user " + user
	case sources[v.SourceType] != "":
		return sources[v.SourceType]
	case v.SourceType == "":
		return "unknown"
	}
	return strings.ToLower(strings.ReplaceAll(v.SourceType, "_", " "))
}
