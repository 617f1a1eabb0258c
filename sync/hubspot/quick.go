package hubspot

import (
	"strconv"
	"unicode/utf8"

	"syncline/sync/jsontext"
	"syncline/sync/record"
)

// Most of what HubSpot sends are records, a hundred at a time, in one form. Answers
// of that form are read by hand, in a fraction of the time; all others by
// encoding/json, which finds the same in those.

// quickly reads an answer that lists records; it reports false, and leaves out
// as it was, where the answer is of another form.
func quickly(content []byte, out any) bool {
	switch out.(type) {
	case *wirePage, *wireList[wireRecord], *wireBatch[wireRecord]:
	default:
		return false
	}
	text := string(content)
	if !plainText(text) {
		return false
	}
	q := quick{Reader: jsontext.NewReader(text)}
	var page wirePage
	var batch wireBatch[wireRecord]
	q.Object(func(name string) {
		switch name {
		case "results":
			if q.fresh(page.Results == nil) {
				page.Results = q.records()
			}
		case "total":
			page.Total = int(q.whole())
		case "paging":
			page.Paging = q.paging()
		case "completedAt":
			batch.CompletedAt.Time = parseInstant(q.text())
		case "status", "startedAt", "requestedAt":
			q.text()
		default: // errors among them
			q.fresh(false)
		}
	})
	if q.End() != nil {
		return false
	}
	switch out := out.(type) {
	case *wirePage:
		*out = page
	case *wireList[wireRecord]:
		*out = wireList[wireRecord]{Results: page.Results, Paging: page.Paging}
	case *wireBatch[wireRecord]:
		batch.Results = page.Results
		*out = batch
	}
	return true
}

// plainText reports whether a text is UTF-8 without line ends and the like,
// which a text within JSON may not have.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// quick reads an answer of the usual form. What is of another one is a mistake.
type quick struct {
	*jsontext.Reader
	values int // how many properties the record before had
}

// fresh makes a mistake of what may not be.
func (q *quick) fresh(ok bool) bool {
	if !ok {
		q.Expect(0)
	}
	return ok
}

// text is a text, "" for null.
func (q *quick) text() string {
	if q.Null() {
		return ""
	}
	return q.Text()
}

// whole is a whole number as it is usually written.
func (q *quick) whole() int64 {
	n := q.Int()
	q.fresh(n >= 0)
	return n
}

// ident is an id, sent as a text or a number.
func (q *quick) ident() ident {
	if q.Digit() {
		return ident(strconv.FormatInt(q.whole(), 10))
	}
	return ident(q.text())
}

func (q *quick) paging() (p paging) {
	if q.Null() {
		return p
	}
	q.Object(func(name string) {
		if name != "next" {
			q.Skip()
			return
		}
		if q.Null() {
			return
		}
		p.Next = new(struct {
			After ident `json:"after"`
		})
		q.Object(func(name string) {
			if name == "after" {
				p.Next.After = q.ident()
			} else {
				q.text() // the whole address
			}
		})
	})
	return p
}

func (q *quick) records() []wireRecord {
	all := make([]wireRecord, 0, 100)
	q.List(func() { all = append(all, q.record()) })
	return all
}

func (q *quick) record() (w wireRecord) {
	q.Object(func(name string) {
		switch name {
		case "id":
			w.ID = q.ident()
		case "properties":
			w.Properties = q.properties()
		case "propertiesWithHistory":
			w.History = q.history()
		case "createdAt":
			w.CreatedAt.Time = parseInstant(q.text())
		case "updatedAt":
			w.UpdatedAt.Time = parseInstant(q.text())
		case "archivedAt":
			w.ArchivedAt.Time = parseInstant(q.text())
		case "archived":
			w.Archived = q.Bool()
		case "new":
			w.New = q.Bool()
		case "objectWriteTraceId":
			w.TraceID = text(q.text())
		case "url":
			q.text()
		default: // warnings, or what is not known
			q.fresh(false)
		}
	})
	return w
}

func (q *quick) properties() wireValues {
	vs := make(wireValues, q.values)
	q.Object(func(name string) {
		if q.Null() {
			vs[name] = record.None()
		} else {
			vs[name] = record.Text(q.Text())
		}
	})
	q.values = len(vs)
	return vs
}

func (q *quick) history() map[string][]wireVersion {
	all := make(map[string][]wireVersion)
	q.Object(func(name string) {
		versions := []wireVersion{}
		q.List(func() { versions = append(versions, q.version()) })
		all[name] = versions
	})
	return all
}

func (q *quick) version() (v wireVersion) {
	q.Object(func(name string) {
		switch name {
		case "value":
			if q.Null() {
				v.Value.Value = record.None()
			} else {
				v.Value.Value = record.Text(q.Text())
			}
		case "timestamp":
			v.Timestamp.Time = parseInstant(q.text())
		case "sourceType":
			v.SourceType = text(q.text())
		case "sourceId":
			v.SourceID = text(q.text())
		case "sourceLabel":
			v.SourceLabel = text(q.text())
		case "updatedByUserId":
			v.UserID = q.ident()
		default:
			q.fresh(false)
		}
	})
	return v
}
