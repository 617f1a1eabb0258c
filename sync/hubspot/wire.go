package hubspot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"syncline/sync/jsontext"
	"syncline/sync/record"
)

// Types of HubSpot's JSON. Decoding is lenient about form (an id may be a
// string or a number, a time may lack its milliseconds) because the live wire
// and its description differ.

// ident is an id that is sent as a string here and as a number there.
type ident string

func (i *ident) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	// 2.1E11 is how a generic encoder may write a large id. A text is what it is: a place in a list, too.
	if len(b) > 0 && b[0] != '"' && strings.ContainsAny(s, "eE.") {
		if r, ok := new(big.Rat).SetString(s); ok && r.IsInt() {
			s = r.Num().String()
		}
	}
	*i = ident(s)
	return nil
}

// text is a string that tolerates numbers and booleans.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	*t = text(s)
	return err
}

// texts is a list of strings that may come as a single one.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var list []text
	if bytes.HasPrefix(b, []byte("[")) {
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
	} else if s, err := scalar(b); err != nil {
		return err
	} else if s != "" {
		list = []text{text(s)}
	}
	*t = make(texts, len(list))
	for i, s := range list {
		(*t)[i] = string(s)
	}
	return nil
}

// scalar returns a JSON value as text: a string's content, "" for null, and
// anything else as it is written.
func scalar(b []byte) (string, error) {
	b = bytes.TrimSpace(b)
	if bytes.Equal(b, []byte("null")) {
		return "", nil
	}
	if len(b) > 1 && b[0] == '"' {
		if plain := b[1 : len(b)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
			return string(plain), nil
		}
		var s string
		err := json.Unmarshal(b, &s)
		return s, err
	}
	return string(b), nil
}

// instant is a point in time: ISO 8601 with or without fractions, or epoch
// milliseconds. What cannot be read is the zero time: no decision rests on a
// timestamp alone, and a write that happened must not become unknown over it.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	t.Time = parseInstant(s)
	return nil
}

func parseInstant(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC()
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// value is one property's value: text, or null.
type value struct{ record.Value }

func (v *value) UnmarshalJSON(b []byte) error {
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		v.Value = record.None()
		return nil
	}
	s, err := scalar(b)
	v.Value = record.Text(s)
	return err
}

// wireValues are the values of properties by their names.
type wireValues record.Values

// UnmarshalJSON reads values as HubSpot writes them, texts and nulls without
// spaces between, by hand: an answer is mostly made of them.
func (vs *wireValues) UnmarshalJSON(b []byte) error {
	if all, ok := plainValues(b); ok {
		*vs = all
		return nil
	}
	var slow map[string]value
	if err := json.Unmarshal(b, &slow); err != nil || slow == nil {
		return err
	}
	*vs = make(wireValues, len(slow))
	for name, v := range slow {
		(*vs)[name] = v.Value
	}
	return nil
}

// plainValues reads values of that form; ok is false for any other.
func plainValues(b []byte) (vs wireValues, ok bool) {
	if !utf8.Valid(b) {
		return nil, false
	}
	r := jsontext.NewReader(string(b))
	r.Expect('{')
	vs = make(wireValues, bytes.Count(b, []byte(`":`)))
	for more := !r.Next('}'); more && r.Err() == nil; {
		name := r.Text()
		r.Expect(':')
		if r.Null() {
			vs[name] = record.None()
		} else {
			vs[name] = record.Text(r.Text())
		}
		if more = r.Next(','); !more {
			r.Expect('}')
		}
	}
	return vs, r.End() == nil
}

type wireRecord struct {
	ID         ident                    `json:"id"`
	Properties wireValues               `json:"properties"`
	History    map[string][]wireVersion `json:"propertiesWithHistory"`
	CreatedAt  instant                  `json:"createdAt"`
	UpdatedAt  instant                  `json:"updatedAt"`
	Archived   bool                     `json:"archived"`
	ArchivedAt instant                  `json:"archivedAt"`
	New        bool                     `json:"new"`
	TraceID    text                     `json:"objectWriteTraceId"`
	Warnings   []wireWarning            `json:"warnings"`
}

type wireVersion struct {
	Value       value   `json:"value"`
	Timestamp   instant `json:"timestamp"`
	SourceType  text    `json:"sourceType"`
	SourceID    text    `json:"sourceId"`
	SourceLabel text    `json:"sourceLabel"`
	UserID      ident   `json:"updatedByUserId"`
}

type wireWarning struct {
	Category text             `json:"category"`
	Message  text             `json:"message"`
	Context  map[string]texts `json:"context"`
}

func (w wireRecord) key() string { return string(w.ID) }

func (w wireRecord) record() record.Record {
	r := record.Record{
		ID:         string(w.ID),
		Properties: record.Values(w.Properties),
		Created:    w.CreatedAt.Time,
		Updated:    w.UpdatedAt.Time,
		Archived:   w.Archived,
		ArchivedAt: w.ArchivedAt.Time,
	}
	if r.Properties == nil {
		r.Properties = record.Values{}
	}
	if len(w.History) > 0 {
		r.History = make(map[string][]record.Version, len(w.History))
		for name, versions := range w.History {
			r.History[name] = history(versions)
		}
	}
	return r
}

// history keeps the newest first, as HubSpot sends it.
func history(versions []wireVersion) []record.Version {
	out := make([]record.Version, len(versions))
	for i, v := range versions {
		out[i] = record.Version{
			Value:      v.Value.Value,
			At:         v.Timestamp.Time,
			SourceType: string(v.SourceType),
			SourceID:   string(v.SourceID),
			Label:      string(v.SourceLabel),
			UserID:     string(v.UserID),
		}
	}
	return out
}

func records(in []wireRecord) []record.Record {
	out := make([]record.Record, len(in))
	for i, w := range in {
		out[i] = w.record()
	}
	return out
}

// paging points at the next page; the zero value is the last one.
type paging struct {
	Next *struct {
		After ident `json:"after"`
	} `json:"next"`
}

// after is the place of the next page, "" on the last one.
func (p paging) after() string {
	if p.Next == nil {
		return ""
	}
	return string(p.Next.After)
}

func (p paging) check() error {
	if p.Next != nil && p.Next.After == "" {
		return malformed("HubSpot's answer has a further page but does not say where, so what it shows is not all")
	}
	return nil
}

// listed is something that an answer lists. Without a key it says nothing.
type listed interface{ key() string }

// checkEntries tells no results from none: those are an empty list.
func checkEntries[T listed](results []T) error {
	if results == nil {
		return errNoResults
	}
	for _, e := range results {
		if e.key() == "" {
			return malformed("HubSpot's answer lists an entry without an id, so nothing can be concluded from it")
		}
	}
	return nil
}

// wireOne is the answer that is one record.
type wireOne struct{ wireRecord }

func (w wireOne) check(int) error { return checkRecords([]wireRecord{w.wireRecord}) }

// wireList is the answer to a question for several of something.
type wireList[T listed] struct {
	Results []T    `json:"results"`
	Paging  paging `json:"paging"`
}

func (l wireList[T]) check(int) error { return cmp.Or(checkEntries(l.Results), l.Paging.check()) }

type wirePage struct {
	Total   int          `json:"total"`
	Results []wireRecord `json:"results"`
	Paging  paging       `json:"paging"`
}

func (p wirePage) check(int) error { return cmp.Or(checkRecords(p.Results), p.Paging.check()) }

// wireBatch is the answer to a batch call, with or without failures.
type wireBatch[T listed] struct {
	Results     []T         `json:"results"`
	Errors      []wireError `json:"errors"`
	CompletedAt instant     `json:"completedAt"`
}

// check takes an answer without results for one only where it says that all
// inputs failed.
func (b wireBatch[T]) check(status int) error {
	if b.Results == nil && status == http.StatusMultiStatus && len(b.Errors) > 0 {
		return nil
	}
	if results, ok := any(b.Results).([]wireRecord); ok {
		return checkRecords(results)
	}
	return checkEntries(b.Results)
}

// wireRemoval is the answer to a removal, which has nothing that it must say.
type wireRemoval struct {
	Errors      []wireError `json:"errors"`
	CompletedAt instant     `json:"completedAt"`
}

func (r *wireRemoval) clean(f func(string) string) {
	for i := range r.Errors {
		r.Errors[i].clean(f)
	}
}

// malformed is what is wrong with an answer that can be read.
type malformed string

func (m malformed) Error() string { return string(m) }

// errNoResults is not the same as no results: that is an empty list.
const errNoResults = malformed("HubSpot's answer holds no list of results, so nothing can be concluded from it")

// maxValue bounds one value of a property, in bytes. HubSpot's own bound for
// texts is 65,536 characters.
const maxValue = 4 << 20

func checkRecords(results []wireRecord) error {
	if err := checkEntries(results); err != nil {
		return err
	}
	for _, w := range results {
		for name, v := range w.Properties {
			if n := len(v.String()); n > maxValue {
				return malformed(fmt.Sprintf("the property %q of the record %s has a value of %d MB, more than the %d MB that are read; shorten it in HubSpot",
					name, w.ID, n>>20, maxValue>>20))
			}
		}
	}
	return nil
}

// clean takes secrets out of what a batch's errors and warnings say.
func (b *wireBatch[T]) clean(f func(string) string) {
	for i := range b.Errors {
		b.Errors[i].clean(f)
	}
	if results, ok := any(b.Results).([]wireRecord); ok {
		for _, r := range results {
			for i := range r.Warnings {
				r.Warnings[i].Message = text(f(string(r.Warnings[i].Message)))
			}
		}
	}
}

// wireError is HubSpot's error body. Every field is optional.
type wireError struct {
	Message       text             `json:"message"`
	CorrelationID text             `json:"correlationId"`
	Category      text             `json:"category"`
	SubCategory   text             `json:"subCategory"`
	ErrorType     text             `json:"errorType"`
	PolicyName    text             `json:"policyName"`
	Context       map[string]texts `json:"context"`
	Errors        []wireDetail     `json:"errors"`
}

type wireDetail struct {
	Message     text             `json:"message"`
	Code        text             `json:"code"`
	In          text             `json:"in"`
	SubCategory text             `json:"subCategory"`
	Context     map[string]texts `json:"context"`
}

func contextMap(in map[string]texts) map[string][]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string][]string, len(in))
	for k, v := range in {
		out[k] = v
	}
	return out
}
