package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// maxText is HubSpot's longest property value, in characters.
const maxText = 65_536

// acceptable finds what HubSpot would refuse, so that the plan shows it before
// anything is sent. It is exactly as strict as HubSpot, but for what HubSpot
// takes and misreads, which it stops too.
func (f *Field) acceptable(v record.Value) error {
	_, err := f.canonical(v, f.env)
	return err
}

func (f *Field) hasOption(value string) bool {
	for _, o := range f.Schema.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// noEnding reports a top-level domain that is not in use: HubSpot knows the list
// of them and refuses the others, such as .test.
func noEnding(tld string) bool {
	suffix, listed := publicsuffix.PublicSuffix("x." + tld)
	return !listed && !strings.Contains(suffix, ".") && !strings.ContainsFunc(tld, func(r rune) bool { return r >= utf8.RuneSelf })
}

// validEmail finds why a trimmed address in small letters is none that HubSpot
// takes.
func validEmail(address string) error {
	var why string
	local, host, ok := strings.Cut(address, "@")
	tld := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case !ok:
		why = "it has no @"
	case strings.Contains(host, "@"):
		why = "it has more than one @; put one address into the cell"
	case strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		why = "there is a space in it"
	case local == "":
		why = "nothing stands before the @"
	case !strings.Contains(host, "."):
		why = "its domain has no ending such as .com"
	case strings.HasPrefix(host, "."), strings.HasSuffix(host, "."), strings.Contains(host, ".."):
		why = "a dot in its domain is out of place"
	case strings.ContainsFunc(host, func(r rune) bool {
		return r < utf8.RuneSelf && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}):
		why = "its domain holds a character that no domain has"
	case len(local) > 64 || len(host) > 253:
		why = "it is too long: HubSpot takes 64 characters before the @ and 253 after it"
	case !isLocalPart(local):
		why = "something before the @ is out of place"
	case !isHost(host):
		why = "its domain has a part that no domain has"
	case noEnding(tld):
		why = "no address ends in ." + tld
	default:
		return nil
	}
	return fmt.Errorf("%s is no e-mail address: %s", shortened(address), why)
}

// shortened quotes a value for a sentence.
func shortened(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return strconv.Quote(string(r[:most])) + "…"
	}
	return strconv.Quote(text)
}

// Sendable is a value as it is sent: in its canonical form, where it has one.
func (f *Field) Sendable(v record.Value) record.Value {
	if form, err := f.canonical(v, f.env); err == nil {
		return form
	}
	return v
}

// Refusals gives by their position the reasons why HubSpot would refuse edits of
// an item, each with the field's name. The record's values tell what else it
// will hold; they may be nil. sound are values that are known to be in the form in
// which HubSpot takes them, nil where none are.
func (m *FieldMap) Refusals(edits []plan.Edit, holds, sound record.Values) map[int]string {
	var all map[int]string
	env := m.Env
	env.PipelineID = m.pipelineAfter(edits, holds)
	for i, e := range edits {
		f := m.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot || f == nil {
			continue
		}
		if why := f.breaks(Value(e.New)); why != "" {
			if all == nil {
				all = make(map[int]string)
			}
			all[i] = fmt.Sprintf("%s: %s: %s", f.Title(), shortened(Value(e.New).String()), why)
			continue
		}
		if v, ok := sound[e.Property]; ok && !f.InSourceForm && v == Value(e.New) {
			continue
		}
		if _, err := f.canonical(Value(e.New), env); err != nil {
			if all == nil {
				all = make(map[int]string)
			}
			all[i] = fmt.Sprintf("%s: %v", f.Title(), err)
		}
	}
	return all
}

// breaks says which of the portal's rules a value would break, "" for none.
func (f *Field) breaks(v record.Value) string {
	for _, rule := range f.Schema.Rules {
		if why := rule.Refuses(v.String()); why != "" {
			return why
		}
	}
	return ""
}

// Refuses gives the reason why HubSpot would refuse a value of a property, ""
// when nothing is known against it.
func (m *FieldMap) Refuses(property string, v record.Value) string {
	return m.Refusable([]plan.Edit{{Property: property, Action: plan.EditHubSpot, New: Text(v)}}, nil)
}

// Refusable gives the reasons of Refusals in one sentence, "" when nothing is
// known against the edits.
func (m *FieldMap) Refusable(edits []plan.Edit, holds record.Values) string {
	refused := m.Refusals(edits, holds, nil)
	var all []string
	for i := range edits {
		if why := refused[i]; why != "" {
			all = append(all, why)
		}
	}
	return strings.Join(all, "; ")
}

// Title names a field for people: its column, else the property's label.
func (f *Field) Title() string {
	if f.Column() != "" {
		return f.Column()
	}
	return f.Schema.Label
}

// Canonical is the form in which a value of a property is compared and sent. The
// error says why HubSpot would refuse it, or misread it: see Misread.
func (m *FieldMap) Canonical(property string, v record.Value) (record.Value, error) {
	f := m.ByProperty[property]
	if f == nil {
		return v, nil
	}
	return f.canonical(v, m.Env)
}

// Misread reports whether a value is stopped though HubSpot would take it, since
// it would take it for something else than it says.
func Misread(err error) bool {
	var m misreading
	return errors.As(err, &m)
}
