package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// suspect is a record that is about to be archived, with what is known of our
// own writes to it. Whatever else happened to it since keeps it.
type suspect struct {
	id    string
	since time.Time     // HubSpot's time of the record right after our write; zero: not known
	made  bool          // by that write: its first version is ours
	seen  bool          // since is when a person saw the record, with all that hangs on it
	own   []store.Audit // what we wrote later
	base  *store.Base   // mapped values that both sides agreed on, whoever wrote them; nil where only our own writes count
}

// verdict is why a record is not archived.
type verdict struct {
	why  string
	gone bool // it is not there any more
}

// sight is what a look at associations found.
type sight struct {
	at     time.Time // HubSpot's time before it
	has    map[string][]string
	closed []string // types that this connection may not read
	failed map[string]string
	// together: what changed since is looked at again by whoever has the other records too.
	together bool
}

// endsOf are the object types that records of a type can be associated with, as
// far as HubSpot's own are known. Those of a type of which nothing is known are
// the core and what else belongs on a timeline.
func endsOf(own hubspot.ObjectType) []hubspot.ObjectType {
	var types []hubspot.ObjectType
	for _, t := range hubspot.ObjectTypes() {
		if slices.Contains(own.Ends, t.ID) || own.Ends == nil && (t.Core || t.Activity || t.ID == own.ID) {
			types = append(types, t)
		}
	}
	if own.Custom() {
		types = append(types, own)
	}
	return types
}

// associable are the types with which the sync's records can be associated in
// this portal. It is read once.
type associable struct {
	once  sync.Once
	types []hubspot.ObjectType
	err   error

	mu     sync.Mutex
	absent map[string]bool // not in this portal
	closed map[string]bool // not for this connection
}

func (j *job) associable(ctx context.Context) ([]hubspot.ObjectType, error) {
	a := &j.ends
	a.once.Do(func() {
		own := j.schema.object
		a.types = endsOf(own)
		custom, err := j.Client.CustomObjectTypes(ctx)
		if err != nil && !hubspot.IsForbidden(err) && !hubspot.IsUnknownPair(err) {
			a.err = err // else there are none in this portal, or none for this connection
		}
		for _, t := range custom {
			if t.ID != own.ID {
				a.types = append(a.types, t)
			}
		}
		a.absent, a.closed = make(map[string]bool), make(map[string]bool)
	})
	return a.types, a.err
}

// associations reads what records are associated with, 1,000 of them a call and
// type.
func (j *job) associations(ctx context.Context, ids []string) (sight, error) {
	s := sight{at: j.Client.Date(), has: make(map[string][]string), failed: make(map[string]string)}
	types, err := j.associable(ctx)
	if err != nil {
		return s, err
	}
	own, err := j.ownEdges(ctx, ids)
	if err != nil {
		return s, err
	}
	before, err := j.takenBack(ctx)
	if err != nil {
		return s, err
	}
	for _, t := range types {
		if j.ends.is(j.ends.absent, t.ID) {
			continue
		}
		label := strings.ToLower(t.Label)
		if j.ends.is(j.ends.closed, t.ID) {
			s.close(t)
			continue
		}
		got, err := j.Client.BatchReadAssociations(ctx, j.schema.object.Name, t.Path(), ids)
		switch {
		case hubspot.IsForbidden(err):
			j.ends.set(j.ends.closed, t.ID)
			s.close(t)
			continue
		case hubspot.IsUnknownPair(err):
			j.ends.set(j.ends.absent, t.ID) // this portal has no such type, or knows no such pair
			continue
		case err != nil:
			return s, err
		}
		counts := make(map[string]int)
		for _, e := range got.Edges {
			if !own.all(t.ID, e) && !before.all(j.schema.object.ID, t.ID, e) {
				counts[e.From]++
			}
		}
		for id, n := range counts {
			what := label
			if n == 1 {
				what = strings.ToLower(t.LabelSingular)
			}
			s.has[id] = append(s.has[id], fmt.Sprintf("%d %s", n, what))
		}
		for _, f := range got.Failures {
			named := f.IDs
			if len(named) == 0 {
				named = ids // whose they are is not said
			}
			for _, id := range named {
				s.failed[id] = fmt.Sprintf("its %s could not be read (%v)", label, f.Err)
			}
		}
	}
	return s, nil
}

// ownEdges are the associations of records that this sync remembers: those that it
// made do not keep a record.
type ownEdges map[string][]store.Edge

func (j *job) ownEdges(ctx context.Context, ids []string) (ownEdges, error) {
	if len(j.lines) == 0 {
		return nil, nil
	}
	return j.Store.HeldEdges(ctx, j.sync.ID, ids)
}

// all reports whether two records are associated by this sync alone: by its
// types, and by what HubSpot adds of itself.
func (own ownEdges) all(object string, e hubspot.Edge) bool {
	mine := false
	for _, t := range e.Types {
		made := slices.ContainsFunc(own[e.From], func(o store.Edge) bool {
			return ours(o) && o.Object == object && o.To == e.To && o.Category == t.Category && o.Type == t.TypeID
		})
		if mine = mine || made; !made && t.Label != "" && !primaryType(t.Label) {
			return false
		}
	}
	pair := slices.ContainsFunc(own[e.From], func(o store.Edge) bool {
		return ours(o) && o.Object == object && o.To == e.To && o.Pair
	})
	return mine && pair
}

// ours reports whether this sync made an association.
func ours(e store.Edge) bool { return e.State == plan.EdgeMade || e.State == plan.EdgeRestored }

// close notes a type that this connection may not read.
func (s *sight) close(t hubspot.ObjectType) {
	if t.Core {
		s.closed = append(s.closed, strings.ToLower(t.Label))
	}
}

// unseen are the types that were not looked at and that keep no record by that;
// "" where there are none.
func (a *associable) unseen() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var labels []string
	for _, t := range a.types {
		if a.closed[t.ID] && !t.Core {
			labels = append(labels, strings.ToLower(t.Label))
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return "This connection may not read " + and(labels) + ": whether a record is associated with one of them was not looked at before it is archived."
}

func (a *associable) is(set map[string]bool, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return set[id]
}

func (a *associable) set(set map[string]bool, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	set[id] = true
}

// lookPage is how many records are looked at for associations at once.
const lookPage = hubspot.MaxAssociationRead

// lookCalls is how many calls it takes to look at n records, and to read their
// histories.
func (j *job) lookCalls(ctx context.Context, n int) (int, error) {
	if n == 0 {
		return 0, nil
	}
	types, err := j.associable(ctx)
	if err != nil {
		return 0, err
	}
	return (n+lookPage-1)/lookPage*len(types) + (n+historyPage-1)/historyPage, nil
}

// untouched reads the suspects with the history of every property, and tells of
// each why it stays; one without a verdict may be archived. s is what a look at
// their associations found just before. The records are returned as they were
// read; those that are late changed since that look, and are to be looked at again.
func (j *job) untouched(ctx context.Context, suspects []suspect, s sight) (now map[string]record.Record, stays map[string]verdict, late []string, err error) {
	ids := make([]string, 0, len(suspects))
	for _, x := range suspects {
		ids = append(ids, x.id)
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: j.mapping.Properties, History: j.everyName()})
	if err != nil {
		return nil, nil, nil, err
	}
	now, stays = make(map[string]record.Record, len(got.Records)), make(map[string]verdict)
	for _, rec := range got.Records {
		now[rec.ID] = rec
	}
	var again []string // changed since their associations were looked at
	for _, x := range suspects {
		rec, ok := now[x.id]
		switch {
		case got.Moved[x.id] != "":
			stays[x.id] = verdict{fmt.Sprintf("the record was merged in HubSpot into %s, which stays", got.Moved[x.id]), true}
		case !ok && slices.Contains(got.Missing, x.id):
			stays[x.id] = verdict{"the record is not in HubSpot any more", true}
		case !ok:
			stays[x.id] = verdict{"HubSpot's answer passed over the record, so it stays", false}
		default:
			if why := j.changed(x, rec); why != "" {
				stays[x.id] = verdict{why, false}
			} else if s.at.IsZero() || !rec.Updated.Before(s.at) {
				again = append(again, x.id)
			}
		}
	}
	if s.together {
		late, again = again, nil
	}
	if len(again) > 0 {
		later, err := j.associations(ctx, again)
		if err != nil {
			return nil, nil, nil, err
		}
		s = s.renewed(again, later)
	}
	for _, x := range suspects {
		if _, ok := stays[x.id]; ok || slices.Contains(late, x.id) {
			continue
		}
		if why := s.keeps(x, now[x.id]); why != "" {
			stays[x.id] = verdict{why, false}
		}
	}
	return now, stays, late, nil
}

// renewed is the sight with what a later look at some records found.
func (s sight) renewed(ids []string, later sight) sight {
	all := sight{at: s.at, has: maps.Clone(s.has), failed: maps.Clone(s.failed), closed: later.closed}
	for _, id := range ids {
		delete(all.has, id)
		delete(all.failed, id)
	}
	maps.Copy(all.has, later.has)
	maps.Copy(all.failed, later.failed)
	return all
}

// keeps says what hangs on a record that it had not when we wrote it, "" where
// nothing does.
func (s sight) keeps(x suspect, rec record.Record) string {
	switch {
	case x.seen:
		return ""
	case len(s.has[x.id]) > 0:
		return "the record is associated with " + and(s.has[x.id]) + ": it stays"
	case s.failed[x.id] != "":
		return "it can't be told whether anything hangs on the record, because " + s.failed[x.id] + ": it stays"
	case len(s.closed) > 0 && !rec.Updated.Equal(x.since):
		// HubSpot moves the time of a record that is associated with something.
		return fmt.Sprintf("something happened to the record since, and this connection may not read its %s: it stays", and(s.closed))
	}
	return ""
}

// everyName are the properties whose history tells whether somebody edited a
// record.
func (j *job) everyName() []string {
	names := make([]string, 0, len(j.schema.properties))
	for _, p := range j.schema.properties {
		switch p.Name {
		case "lastmodifieddate", "hs_lastmodifieddate", "hs_object_id":
		default:
			names = append(names, p.Name)
		}
	}
	return names
}

// changed says what was edited in a record since our write, "" where nothing
// was.
func (j *job) changed(x suspect, rec record.Record) string {
	since := x.since
	if since.IsZero() && x.made {
		since = rec.Created
	}
	if since.IsZero() {
		return "it is not known when Syncline last wrote the record, so it can't be told whether somebody edited it since: it stays"
	}
	for _, p := range j.schema.properties {
		f := j.mapping.ByProperty[p.Name]
		agreed := false
		if f != nil && x.base != nil {
			if base, ok := x.base.HubSpot[p.Name]; ok {
				if agreed = f.Rule.Same(base, rec.Properties[p.Name]); !agreed {
					return edited(p, rec.History[p.Name])
				}
			}
		}
		if agreed {
			continue
		}
		for i, v := range rec.History[p.Name] {
			if !v.At.Before(since) && !j.nobody(x, p, v, since) {
				return edited(p, rec.History[p.Name][i:])
			}
		}
	}
	return ""
}

// edited is the sentence about a property that somebody edited; the newest
// version comes first.
func edited(p record.Property, history []record.Version) string {
	by := ""
	if len(history) > 0 {
		by = author(history[0])
	}
	return fmt.Sprintf("%s was edited%s since: the record stays", p.Label, by)
}

// wake is how long after a write HubSpot itself may go on to fill in what
// nobody can edit.
const wake = time.Minute

// nobody reports whether a version is no edit of anybody else's: it is ours, or
// HubSpot computed it.
func (j *job) nobody(x suspect, p record.Property, v record.Version, since time.Time) bool {
	app := j.Client.AppID()
	// An import is told by its own id, which nobody keeps: what it wrote is ours by its value.
	imported := v.SourceType == "IMPORT" && (v.At.Equal(since) || p.Name == j.mapping.SyncKey || x.wrote(p, v))
	mine := integration(v) && (app == 0 || v.SourceID == "" || v.SourceID == strconv.FormatInt(app, 10))
	switch {
	case p.Name == mapping.Merged && !v.Value.Empty():
		return v.At.Equal(since) && x.seen // nobody merges records but people, whoever keeps the list of them
	case imported, v.SourceType == "CALCULATED", v.At.Equal(since) && x.seen:
		return true
	case v.At.Equal(since):
		// At the very moment of our write an app's version is of that write.
		return mine || !p.Writable()
	case mine:
		return x.wrote(p, v)
	case strings.HasPrefix(v.SourceType, "CRM_UI"):
		return false
	}
	return !p.Writable() && p.Defined && v.At.Sub(since) < wake
}

// wrote reports whether a version is what we wrote at some time.
func (x suspect) wrote(p record.Property, v record.Version) bool {
	return slices.ContainsFunc(x.own, func(a store.Audit) bool {
		return a.Side == plan.HubSpot && a.Property == p.Name && text(a.After) == v.Value.String()
	})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// integration reports whether an app wrote a version.
func integration(v record.Version) bool {
	switch v.SourceType {
	case "INTEGRATION", "API", "INTEGRATIONS_PLATFORM", "":
		return true
	}
	return false
}

// author says who made a version and when, as a part of a sentence.
func author(v record.Version) string {
	return " " + who(v) + " on " + v.At.UTC().Format("2006-01-02 at 15:04 UTC")
}

// who says who made a version, as far as the history tells.
func who(v record.Version) string {
	switch {
	case strings.HasPrefix(v.SourceType, "CRM_UI") && v.UserID != "" && v.UserID != "0":
		return "in HubSpot by user " + v.UserID
	case strings.HasPrefix(v.SourceType, "CRM_UI"):
		return "in HubSpot"
	case integration(v) && v.Label != "":
		return "by " + v.Label
	case integration(v):
		return "by an app"
	}
	return "(" + strings.ToLower(strings.ReplaceAll(v.SourceType, "_", " ")) + ")"
}

// and joins what a sentence lists.
func and(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
