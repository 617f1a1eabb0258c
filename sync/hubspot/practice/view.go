package practice

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// view is what of a record is shown: which properties, in the order of their
// names, and what else.
type view struct {
	names    []string
	symbols  []symbol
	history  []symbol
	linked   []*kind
	fresh    *bool // the "new" of an upsert
	trace    string
	warnings []warning
}

func (p *Portal) newView(k *kind, names []string) *view {
	names = append(slices.Clone(names), "hs_object_id", k.created, k.modified)
	slices.Sort(names)
	names = slices.Compact(names)
	v := &view{}
	for _, name := range names {
		if d := k.props[name]; d != nil { // unknown names are ignored on reads
			v.names = append(v.names, name)
			v.symbols = append(v.symbols, d.symbol)
		}
	}
	return v
}

// view is the view of a read: the named properties, or the type's defaults.
func (p *Portal) view(k *kind, names, history []string) *view {
	if len(names) == 0 && len(history) == 0 {
		names = k.defaults
	}
	v := p.newView(k, append(slices.Clone(names), history...))
	for _, name := range history {
		if d := k.props[name]; d != nil {
			v.history = append(v.history, d.symbol)
		}
	}
	slices.SortFunc(v.history, func(a, b symbol) int { return strings.Compare(p.names.text[a], p.names.text[b]) })
	v.history = slices.Compact(v.history)
	return v
}

// echoes are the properties that answers to writes carry beside the sent ones.
func (k *kind) echoes(w *write, created bool) []string {
	common := []string{"hs_object_source", "hs_object_source_id", "hs_object_source_label"}
	if k.name == "contacts" {
		common = append(common, "hs_is_unworked", "hs_pipeline", "lifecyclestage")
		switch {
		case created:
			common = append(common, contactEchoes...)
		case slices.Contains(w.sent, "email"):
			common = append(common, "hs_email_domain")
		}
	}
	set := echoSets[k.name]
	common = append(common, set.always...)
	if created {
		return append(common, set.created...)
	}
	return append(common, set.updated...)
}

// writeView is the view of a write's answer: what was sent and what HubSpot
// computed; nothing that has no value.
func (p *Portal) writeView(k *kind, w *write, created bool) *view {
	v := p.newView(k, append(slices.Clone(w.sent), k.echoes(w, created)...))
	keep := 0
	for i, s := range v.symbols {
		if value, _ := p.value(w.target, w.target.state, s); value != "" || slices.Contains(w.sent, v.names[i]) {
			v.names[keep], v.symbols[keep] = v.names[i], s
			keep++
		}
	}
	v.names, v.symbols = v.names[:keep], v.symbols[:keep]
	v.warnings = w.warnings
	if p.opt.Switches.EchoTraceIDs {
		v.trace = w.input.Trace
	}
	return v
}

// recordSize is room for a usual record in JSON.
const recordSize = 1024

// appendRecord writes a record's JSON.
func (p *Portal) appendRecord(b []byte, o *object, s *state, v *view) []byte {
	b = append(b, `{"id":"`...)
	b = strconv.AppendUint(b, o.id, 10)
	b = append(b, `","properties":{`...)
	for i, name := range v.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, name)
		b = append(b, ':')
		if value, ok := p.value(o, s, v.symbols[i]); ok {
			b = appendText(b, value)
		} else {
			b = append(b, "null"...)
		}
	}
	b = append(b, '}')
	if len(v.history) > 0 {
		b = p.appendHistory(b, o, s, v.history)
	}
	b = append(b, `,"createdAt":"`...)
	b = appendInstant(b, o.created)
	b = append(b, `","updatedAt":"`...)
	b = appendInstant(b, s.modified)
	b = append(b, `","archived":`...)
	b = strconv.AppendBool(b, s.archivedAt != 0)
	if s.archivedAt != 0 {
		b = append(b, `,"archivedAt":"`...)
		b = appendInstant(b, s.archivedAt)
		b = append(b, '"')
	}
	if v.fresh != nil {
		b = append(b, `,"new":`...)
		b = strconv.AppendBool(b, *v.fresh)
	}
	if v.trace != "" {
		b = append(b, `,"objectWriteTraceId":`...)
		b = appendText(b, v.trace)
	}
	if len(v.linked) > 0 {
		b = p.appendLinked(b, o, v.linked)
	}
	if len(v.warnings) > 0 {
		b = append(b, `,"warnings":`...)
		b = append(b, encode(v.warnings)...)
	}
	b = append(b, `,"url":"https://`...)
	b = append(b, p.opt.UIDomain...)
	if o.kind.name == "tasks" {
		b = append(b, "/tasks/"...)
	} else {
		b = append(b, "/contacts/"...)
	}
	b = strconv.AppendInt(b, p.opt.PortalID, 10)
	end := `"}`
	switch o.kind.name { // most types have a page per record
	case "tasks":
		b = append(b, "/view/all/task/"...)
	case "notes":
		b = append(b, "/objects/0-46/views/all/list?filters=%5B%7B%22property%22%3A%22hs_object_id%22%2C%22operator%22%3A%22EQ%22%2C%22value%22%3A%22"...)
		end = `%22%7D%5D"}`
	case "leads":
		b = append(b, "/objects/0-136/views/all/list?leadId="...)
	default:
		b = append(b, "/record/"...)
		b = append(b, o.kind.id...)
		b = append(b, '/')
	}
	b = strconv.AppendUint(b, o.id, 10)
	return append(b, end...)
}

// historyEntry is one version of a property (facts 3.2).
type historyEntry struct {
	Value           string `json:"value"`
	Timestamp       string `json:"timestamp"`
	SourceType      string `json:"sourceType"`
	SourceID        string `json:"sourceId,omitempty"`
	SourceLabel     string `json:"sourceLabel,omitempty"`
	UpdatedByUserID int64  `json:"updatedByUserId,omitempty"`
}

// appendHistory writes the versions of properties, newest first.
func (p *Portal) appendHistory(b []byte, o *object, s *state, names []symbol) []byte {
	b = append(b, `,"propertiesWithHistory":{`...)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, p.names.text[name])
		b = append(b, ':')
		list := p.history(o, s, name)
		text, err := json.Marshal(list)
		if err != nil {
			panic("practice: history: " + err.Error())
		}
		b = append(b, text...)
	}
	return append(b, '}')
}

func (p *Portal) history(o *object, s *state, name symbol) []historyEntry {
	list := []historyEntry{}
	c := s.cell(name)
	if c == nil {
		if v, ok := p.value(o, s, name); ok { // computed: only the present is known
			list = append(list, p.entry(v, s.modified, p.sourceID(source{Type: "CALCULATED"})))
		}
		return list
	}
	list = append(list, p.entry(c.value, c.at, c.source))
	for v := c.older; v != nil; v = v.older {
		list = append(list, p.entry(v.value, v.at, v.source))
	}
	return list
}

func (p *Portal) entry(value string, at int64, by uint32) historyEntry {
	s := p.sources[by]
	e := historyEntry{Value: value, Timestamp: instant(at), SourceType: s.Type, SourceID: s.ID, SourceLabel: s.Label, UpdatedByUserID: s.UserID}
	if s.Type == "INTEGRATION" {
		if p.opt.Switches.HistoryHidesApp {
			e.SourceID, e.SourceLabel = "", ""
		}
		if p.opt.Switches.HistorySaysAPI {
			e.SourceType = "API"
		}
	}
	return e
}
