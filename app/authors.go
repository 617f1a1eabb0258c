package app

import (
	"context"
	"sync"
	"time"

	"syncline/app/shown"
	"syncline/store"
	"syncline/sync/record"
)

// SideFact is who gave a side of a conflict its value, and when; both as far as they are
// known.
type SideFact struct {
	Who string
	At  time.Time
}

// Sides are those of the three values of a conflict.
type Sides struct{ Source, Base, HubSpot SideFact }

// Authors tells who gave the sides of conflicts their values. What it asked HubSpot for it
// keeps, so that going back and forth between conflicts costs no calls. Several
// goroutines may use it.
type Authors struct {
	app   *App
	words *shown.Words

	mu    sync.Mutex
	recs  map[int64]*Records // by sync
	known map[authorKey][]Written
}

type authorKey struct {
	sync             int64
	record, property string
}

// Authors begins to ask who wrote what.
func (a *App) Authors(words *shown.Words) *Authors {
	return &Authors{app: a, words: words, recs: map[int64]*Records{}, known: map[authorKey][]Written{}}
}

// Of tells who gave the sides of a conflict about a field their values: HubSpot's and the
// base by the history of the property, the source's by the row's own time of change.
func (x *Authors) Of(ctx context.Context, c store.Conflict) (s Sides, err error) {
	if c.Property == "" || c.Edge != nil {
		return s, nil
	}
	pair, err := x.app.Store.SeenPair(ctx, c.SyncID, c.RowKey, c.RecordID)
	if err != nil {
		return s, err
	}
	if pair.Row != nil {
		s.Source.At = pair.Row.Modified
	}
	if c.RecordID == "" {
		return s, nil
	}
	versions, p, err := x.versions(ctx, c)
	if err != nil {
		return s, err
	}
	rule := record.Rule{Compare: record.DefaultComparison(p)}
	for _, v := range versions { // the newest first
		if s.HubSpot.At.IsZero() && rule.Same(v.Value, record.Text(c.HubSpot)) {
			s.HubSpot = factOf(v)
		}
		if c.Base != nil && v.Ours != nil && s.Base.At.IsZero() && rule.Same(v.Value, record.Text(*c.Base)) {
			s.Base = factOf(v)
		}
	}
	return s, nil
}

func factOf(v Written) SideFact {
	f := SideFact{Who: v.Author, At: v.At}
	if v.Ours != nil {
		f.Who = "Run of " + v.Ours.SyncName
		if v.Ours.Person != "" {
			f.Who += " by " + v.Ours.Person
		}
	}
	return f
}

// versions are those of the property that a conflict is about.
func (x *Authors) versions(ctx context.Context, c store.Conflict) ([]Written, record.Property, error) {
	x.mu.Lock()
	defer x.mu.Unlock() // one question at a time: they come as a person goes through the queue
	r := x.recs[c.SyncID]
	if r == nil {
		y, err := x.app.Store.Sync(ctx, c.SyncID)
		if err != nil {
			return nil, record.Property{}, err
		}
		if r, err = x.app.Records(ctx, x.app.PortalOf(ctx, y).Name, y.Object, x.words); err != nil {
			return nil, record.Property{}, err
		}
		x.recs[c.SyncID] = r
	}
	p, _ := r.Property(c.Property)
	key := authorKey{c.SyncID, c.RecordID, c.Property}
	versions, ok := x.known[key]
	if !ok {
		all, err := r.History(ctx, c.RecordID, c.Property)
		if err != nil {
			return nil, p, err
		}
		versions = all[c.Property]
		x.known[key] = versions
	}
	return versions, p, nil
}
