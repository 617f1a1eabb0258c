package engine

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// refusal is the failed row of an item that HubSpot refused.
func (j *job) refusal(it plan.Item, err error) *store.Attention {
	a := &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassRefused, Cause: "Refused by HubSpot", Message: j.told(it, err), Detail: err.Error()}
	var he *hubspot.Error
	if errors.As(err, &he) && he.Status < 500 {
		a.Payload = payload(it)
	}
	return a
}

// told is HubSpot's refusal of an item with the column and plain words in front
// of HubSpot's own.
func (j *job) told(it plan.Item, err error) string {
	var he *hubspot.Error
	if !errors.As(err, &he) {
		return err.Error()
	}
	var all []string
	named := map[string]bool{}
	for _, d := range he.Details {
		if d.Property == "" || named[d.Property] {
			continue
		}
		named[d.Property] = true
		all = append(all, fmt.Sprintf("%s: %s. HubSpot says: %s", j.titleOf(d.Property), refusalWords(d.Code, j.sentTo(it, d.Property)), cut(d.Message)))
	}
	if len(all) > 0 {
		return strings.Join(all, "; ")
	}
	words := sentence(err)
	if m := uniqueClash.FindStringSubmatch(words); m != nil {
		return fmt.Sprintf("%s: the record %s has %s already, and HubSpot keeps it unique: give one of the two another value", j.titleOf(m[1]), m[3], shown(m[2]))
	}
	if id := he.ExistingID(); id != "" {
		return fmt.Sprintf("%s: the contact %s has %s already. HubSpot says: %s", j.titleOf("email"), id, shown(j.sentTo(it, "email")), cut(words))
	}
	if lacking := strings.Trim(strings.Join(he.Context["properties"], ", "), "[]"); lacking != "" && strings.Contains(words, "required") {
		return fmt.Sprintf("HubSpot makes no record without %s: map a column to it. HubSpot says: %s", lacking, cut(words))
	}
	return words
}

// uniqueClash is how HubSpot says that another record has a unique value.
var uniqueClash = regexp.MustCompile(`(?s)propertyName=([a-z0-9_]+), value=(.*)\} on \d+\. (\d+) already has that value`)

// titleOf is the name under which a person knows a property here.
func (j *job) titleOf(property string) string {
	if f := j.mapping.ByProperty[property]; f != nil {
		return f.Title()
	}
	return property
}

// sentTo is the value that an item sends to a property.
func (j *job) sentTo(it plan.Item, property string) string {
	for _, e := range it.Edits {
		if e.Property == property && e.Action == plan.EditHubSpot {
			return mapping.Value(e.New).String()
		}
	}
	return ""
}

// refusalWords say what a code of HubSpot's means (facts §3.5).
func refusalWords(code, value string) string {
	quote := "the value"
	if value != "" {
		quote = shown(value)
	}
	switch code {
	case "INVALID_OPTION":
		return quote + " is not one of the options that it takes now"
	case "INVALID_EMAIL":
		return "HubSpot takes " + quote + " for no e-mail address"
	case "INVALID_OWNER_ID":
		return quote + " is no owner to whom something can be assigned"
	case "INVALID_DATE", "INVALID_LONG":
		return quote + " is no date or time as HubSpot reads them"
	case "INVALID_INTEGER", "INVALID_DECIMAL", "INVALID_NUMBER":
		return quote + " is no number as HubSpot reads them"
	case "READ_ONLY_VALUE":
		return "the property can only be read: take it out of the field map, or let it flow from HubSpot"
	case "PROPERTY_DOESNT_EXIST":
		return "the property is not there any more: map the column to another one"
	case "MISSING_REQUIRED_PROPERTY":
		return "the portal asks for a value of it with every new record: map a column to it"
	case "MISSING_CONDITIONAL_REQUIRED_PROPERTY":
		return "the portal asks for a value of it because of another one of the record: map a column to it"
	case "PROPERTY_VALUE_TOO_LONG":
		return "the text is too long: add the transform truncate"
	}
	return "HubSpot does not take " + quote
}

func shown(value string) string { return fmt.Sprintf("%q", cut(value)) }

// cut bounds what is quoted: the message for a wrong option lists all of them.
func cut(text string) string {
	const most = 300
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// sentence is HubSpot's answer in plain words.
func sentence(err error) string {
	var he *hubspot.Error
	if !errors.As(err, &he) {
		return err.Error()
	}
	for _, d := range he.Details {
		if d.Message != "" {
			return d.Message
		}
	}
	if he.Message != "" {
		return he.Message
	}
	return err.Error()
}

// failed ends an item that HubSpot refused.
func (j *job) failed(pl plan.Plan, it plan.Item, op store.Op, err error) store.Outcome {
	a := j.refusal(it, err)
	a.Message = before(it) + a.Message
	return store.Outcome{Op: op, State: plan.OpFailed, Err: err.Error(), PlanID: pl.ID, N: it.N, Fate: plan.FateFailed, Reason: a.Message,
		Unlink: op.Kind == plan.OpCreate, Attention: a}
}

// othersWritten ends the reason of a row of which some fields are refused.
const othersWritten = "; the other fields are written"

// before is what was refused of an item already, as the beginning of a
// sentence.
func before(it plan.Item) string {
	if why, ok := strings.CutSuffix(it.Reason, othersWritten); ok && it.Fate == plan.FateFailed {
		return why + "; "
	}
	return ""
}

// without is an item that leaves out the properties which HubSpot named in its
// refusal, so that they do not hold back the others; ok is false where nothing
// else is to be written or the refusal is about something else.
func (j *job) without(it plan.Item, err error) (rest plan.Item, ok bool) {
	var he *hubspot.Error
	if !errors.As(err, &he) || it.Kind != plan.ItemUpdate || len(he.Details) == 0 {
		return it, false
	}
	out := make(map[string]bool)
	for _, d := range he.Details {
		if d.Property == "" || j.sentTo(it, d.Property) == "" {
			return it, false
		}
		out[d.Property] = true
	}
	for _, with := range j.mapping.Together(out) {
		out[with] = true
	}
	rest = it
	rest.Edits = slices.DeleteFunc(slices.Clone(it.Edits), func(e plan.Edit) bool { return e.Action == plan.EditHubSpot && out[e.Property] })
	if !rest.Has(plan.EditHubSpot) {
		return it, false
	}
	rest.Fate, rest.Reason = plan.FateFailed, before(it)+j.told(it, err)+othersWritten
	j.noting.Lock()
	defer j.noting.Unlock()
	if j.inPart == nil {
		j.inPart = make(map[int]*store.Attention)
	}
	a := j.refusal(it, err)
	a.Message = rest.Reason
	j.inPart[it.N] = a
	return rest, true
}
