package practice

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of the webhooks journal (facts §9.3, corrections §3).
const (
	journalKept = 72 * time.Hour
	journalRows = 10_000 // events of a file
	journalMost = 100    // files of a batch
	journalLife = 15 * time.Minute
	journalLag  = 5 * time.Second // until what happened is published
)

// The scopes of the journal. Only the first is documented.
const (
	scopeJournal      = "developer.webhooks_journal.read"
	scopeJournalSubs  = "developer.webhooks_journal.subscriptions.read"
	scopeJournalWrite = "developer.webhooks_journal.subscriptions.write"
)

// webhookJournal is what an app reads of the changes that it subscribed to. It is
// kept in memory only: after a new start of the portal, old offsets are unknown.
type webhookJournal struct {
	subs    []*journalSub
	nextSub int64
	open    []journalEvent // not published yet
	since   int64          // when the first of them came
	files   []*journalFile
}

type journalFile struct {
	offset    string
	published int64
	events    []journalEvent
	links     []exportLink
}

type journalSub struct {
	ID         int64    `json:"id"`
	Type       string   `json:"subscriptionType"`
	Portal     int64    `json:"portalId"`
	Object     string   `json:"objectTypeId"`
	Actions    []string `json:"actions"`
	Properties []string `json:"properties,omitempty"`
	Objects    []int64  `json:"objectIds,omitempty"`
	Associated []string `json:"associatedObjectTypeIds,omitempty"`
}

type journalEvent struct {
	Type    string            `json:"type"`
	Portal  int64             `json:"portalId"`
	At      string            `json:"occurredAt"`
	Object  string            `json:"objectTypeId,omitempty"`
	ID      string            `json:"objectId,omitempty"`
	Action  string            `json:"action"`
	Changes map[string]string `json:"propertyChanges,omitempty"`
	Merged  []string          `json:"mergedObjectIds,omitempty"`

	FromType string `json:"fromObjectTypeId,omitempty"`
	From     string `json:"fromObjectId,omitempty"`
	ToType   string `json:"toObjectTypeId,omitempty"`
	To       string `json:"toObjectId,omitempty"`
}

var journalActions = map[string][]string{
	"OBJECT":      {"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"},
	"ASSOCIATION": {"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"},
}

func journalRoutes() []route {
	return []route{
		r("GET", "webhooks-journal/journal/earliest", free, (*Portal).journalEarliest),
		r("GET", "webhooks-journal/journal/latest", free, (*Portal).journalLatest),
		r("GET", "webhooks-journal/journal/offset/{offset}/next", free, (*Portal).journalNext),
		r("GET", "webhooks-journal/journal/batch/{offset}/next/{n}", free, (*Portal).journalBatch),
		r("GET", "webhooks-journal/subscriptions", free, (*Portal).listJournalSubs),
		r("POST", "webhooks-journal/subscriptions", free|writing, (*Portal).putJournalSub),
		r("DELETE", "webhooks-journal/subscriptions/{id}", free|writing, (*Portal).dropJournalSub),
		r("GET", downloads+"/journal/{key}", public|free, (*Portal).journalFile),
	}
}

// forApp refuses tokens that are not the app's own.
func (p *Portal) forApp(c *call, scope string) *apiError {
	if !c.token.OfApp {
		return refuse(403, "MISSING_SCOPES", "This endpoint takes the token of an app (client_credentials) only.")
	}
	if p.opt.Switches.JournalScopeAlone {
		scope = scopeJournal
	}
	return p.allow(c, []string{scope})
}

// publish closes the file that is open, when its time has come, and drops what is
// older than three days.
func (p *Portal) publishJournal() {
	w := &p.webhooks
	now := p.millis()
	if len(w.open) > 0 && now-w.since >= journalLag.Milliseconds() {
		for some := range slices.Chunk(w.open, cmp.Or(p.opt.Limits.JournalFile, journalRows)) {
			w.files = append(w.files, &journalFile{offset: p.uuid4(), published: now, events: some})
		}
		w.open = nil
	}
	w.files = slices.DeleteFunc(w.files, func(f *journalFile) bool { return now-f.published > journalKept.Milliseconds() })
}

// journalEntry tells where a file is.
func (p *Portal) journalEntry(c *call, f *journalFile) map[string]any {
	ends := p.millis() + journalLife.Milliseconds()
	key := strings.ReplaceAll(p.uuid4(), "-", "")
	f.links = append(f.links, exportLink{key, ends})
	host := "https://journal.hubspot-practice.example"
	if name, _, _ := strings.Cut(c.host, ":"); name == "127.0.0.1" || name == "localhost" || strings.HasPrefix(c.host, "[::1]") {
		host = "http://" + c.host
	}
	return map[string]any{"url": host + "/" + downloads + "/journal/" + key, "expiresAt": instant(ends), "currentOffset": f.offset}
}

// journalAt answers with the file at a place, or that there is none.
func (p *Portal) journalAt(c *call, find func([]*journalFile) (int, *apiError)) (*answer, *apiError) {
	if e := p.forApp(c, scopeJournal); e != nil {
		return nil, e
	}
	p.publishJournal()
	i, e := find(p.webhooks.files)
	if e != nil {
		return nil, e
	}
	if i < 0 || i >= len(p.webhooks.files) {
		return noContent(), nil
	}
	return reply(http.StatusOK, p.journalEntry(c, p.webhooks.files[i])), nil
}

func (p *Portal) journalEarliest(c *call) (*answer, *apiError) {
	return p.journalAt(c, func([]*journalFile) (int, *apiError) { return 0, nil })
}

func (p *Portal) journalLatest(c *call) (*answer, *apiError) {
	return p.journalAt(c, func(all []*journalFile) (int, *apiError) { return len(all) - 1, nil })
}

func (p *Portal) journalNext(c *call) (*answer, *apiError) { return p.journalAt(c, p.behind(c)) }

// behind finds the file behind an offset, which must be known.
func (p *Portal) behind(c *call) func([]*journalFile) (int, *apiError) {
	return func(all []*journalFile) (int, *apiError) {
		i := slices.IndexFunc(all, func(f *journalFile) bool { return f.offset == c.args["offset"] })
		if i < 0 {
			return 0, notFound()
		}
		return i + 1, nil
	}
}

func (p *Portal) journalBatch(c *call) (*answer, *apiError) {
	n, err := strconv.Atoi(c.args["n"])
	if err != nil || n < 1 || n > journalMost {
		return nil, invalid("The number of journal entries must lie between 1 and %d", journalMost)
	}
	if e := p.forApp(c, scopeJournal); e != nil {
		return nil, e
	}
	p.publishJournal()
	i, e := p.behind(c)(p.webhooks.files)
	if e != nil {
		return nil, e
	}
	results := []any{}
	for _, f := range p.webhooks.files[i:min(i+n, len(p.webhooks.files))] {
		results = append(results, p.journalEntry(c, f))
	}
	return reply(http.StatusOK, map[string]any{"status": "COMPLETE", "results": results}), nil
}

// journalFile is GET of a file, from the store of files, which takes no token.
func (p *Portal) journalFile(c *call) (*answer, *apiError) {
	refusal := &answer{status: http.StatusForbidden, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>`)}
	if c.auth != "" {
		refusal.status = http.StatusBadRequest
		return refusal, nil
	}
	for _, f := range p.webhooks.files {
		for _, l := range f.links {
			if l.Key == c.args["key"] && p.millis() < l.Ends {
				return reply(http.StatusOK, map[string]any{"offset": f.offset, "journalEvents": f.events, "publishedAt": instant(f.published)}), nil
			}
		}
	}
	return refusal, nil
}

func (p *Portal) listJournalSubs(c *call) (*answer, *apiError) {
	if e := p.forApp(c, scopeJournalSubs); e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"results": append([]*journalSub{}, p.webhooks.subs...)}), nil
}

// putJournalSub is POST …/subscriptions: one of the same kind and object type is
// replaced.
func (p *Portal) putJournalSub(c *call) (*answer, *apiError) {
	if e := p.forApp(c, scopeJournalWrite); e != nil {
		return nil, e
	}
	s := &journalSub{}
	if e := decode(c.body, s); e != nil {
		return nil, e
	}
	actions := journalActions[s.Type]
	switch {
	case actions == nil:
		return nil, invalid("subscriptionType %q is not one of OBJECT, ASSOCIATION", s.Type)
	case s.Portal != p.opt.PortalID:
		return nil, invalid("The app is not installed in the portal %d", s.Portal)
	case p.kindBy[s.Object] == nil:
		return nil, invalid("The object type %s does not exist", s.Object)
	case len(s.Actions) == 0 || slices.ContainsFunc(s.Actions, func(a string) bool { return !slices.Contains(actions, a) }):
		return nil, invalid("actions must be some of %s", strings.Join(actions, ", "))
	case s.Type == "ASSOCIATION" && len(s.Associated) == 0:
		return nil, invalid("associatedObjectTypeIds is required")
	}
	w := &p.webhooks
	for i, old := range w.subs {
		if old.Type == s.Type && old.Object == s.Object {
			s.ID, w.subs[i] = old.ID, s
			return reply(http.StatusOK, s), nil
		}
	}
	w.nextSub++
	s.ID = w.nextSub
	w.subs = append(w.subs, s)
	return reply(http.StatusOK, s), nil
}

func (p *Portal) dropJournalSub(c *call) (*answer, *apiError) {
	if e := p.forApp(c, scopeJournalWrite); e != nil {
		return nil, e
	}
	i := slices.IndexFunc(p.webhooks.subs, func(s *journalSub) bool { return itoa(s.ID) == c.args["id"] })
	if i < 0 {
		return nil, notFound()
	}
	p.webhooks.subs = slices.Delete(p.webhooks.subs, i, i+1)
	return noContent(), nil
}

// subscribed finds the subscription of what happened; nil for none.
func (p *Portal) subscribed(kind, object, action string) *journalSub {
	for _, s := range p.webhooks.subs {
		if s.Type == kind && s.Object == object && slices.Contains(s.Actions, action) {
			return s
		}
	}
	return nil
}

func (p *Portal) journalTake(e journalEvent) {
	w := &p.webhooks
	if len(w.open) == 0 {
		w.since = p.millis()
	}
	e.Portal, e.At = p.opt.PortalID, instant(p.millis())
	w.open = append(w.open, e)
}

// journalChange takes what the witness is told into the journal.
func (p *Portal) journalChange(e Event, o *object) {
	action := map[EventKind]string{ValueSet: "UPDATE", RecordCreated: "CREATE", RecordArchived: "DELETE", RecordRestored: "RESTORE", RecordMerged: "MERGE"}[e.Kind]
	s := p.subscribed("OBJECT", o.kind.id, action)
	if s == nil || action == "UPDATE" && len(s.Properties) > 0 && !slices.Contains(s.Properties, e.Property) {
		return
	}
	x := journalEvent{Type: "crmObject", Object: o.kind.id, ID: o.idText(), Action: action}
	switch e.Kind {
	case ValueSet:
		x.Changes = map[string]string{e.Property: e.After}
	case RecordMerged:
		x.Merged = e.From
	}
	p.journalTake(x)
}

// journalEdge takes a changed association into the journal, from the end that is
// subscribed to.
func (p *Portal) journalEdge(from, to *object, removed bool) {
	action := "ASSOCIATION_ADDED"
	if removed {
		action = "ASSOCIATION_REMOVED"
	}
	for _, ends := range [][2]*object{{from, to}, {to, from}} {
		if s := p.subscribed("ASSOCIATION", ends[0].kind.id, action); s != nil && slices.Contains(s.Associated, ends[1].kind.id) {
			p.journalTake(journalEvent{Type: "association", Action: action, FromType: ends[0].kind.id, From: ends[0].idText(), ToType: ends[1].kind.id, To: ends[1].idText()})
			return
		}
	}
}
