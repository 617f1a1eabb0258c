package engine

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// The newer change wins only where it is certain which one that is. HubSpot
// tells when a property was changed by its history, which is read for just the
// records that it decides about. A source tells when a row was changed: that is
// a value's own time only where nothing else of the row changed with it.

// undated is a pair that waits for the histories of its record's properties.
type undated struct {
	item plan.Item
	pair store.Pair
}

// stamp is what a row says of the time of its change while its page is read.
type stamp struct {
	span      store.Span
	corrected map[string]bool // columns whose value is a person's correction
}

// dates reports whether the times of values matter to this sync.
func (j *job) dates() bool {
	return j.Definition.Source.Modified != "" && slices.ContainsFunc(j.mapping.Fields, func(f mapping.Field) bool { return f.Conflict == definition.Newest })
}

// date brings the times of a page of rows up to what the rows say now.
func (j *job) date(ctx context.Context, p *pulledPage) error {
	keys := make([]string, 0, len(p.rows))
	for _, r := range p.rows {
		keys = append(keys, r.Key)
	}
	known, err := j.Store.RowsEverSeen(ctx, j.sync.ID, keys) // a row that is back holds what it held
	if err != nil {
		return err
	}
	for i := range p.rows {
		if p.bad[i] != nil {
			continue
		}
		p.rows[i].Changed.Rest = j.rest(p.read[i].Fields)
		was, ok := known[p.rows[i].Key]
		p.rows[i].Changed.Spans = j.spans(p.rows[i], j.stampOf(p.read[i]), was, ok)
	}
	return nil
}

// rest is the hash of the cells that the sync does not use, without the time of
// change itself.
func (j *job) rest(fields record.Values) string {
	others := make(record.Values)
	for column, v := range fields {
		if !slices.Contains(j.mapping.Cells, column) && column != j.Definition.Source.Modified && !v.Empty() {
			others[column] = record.Text(v.String())
		}
	}
	return hex.EncodeToString(mapping.Digest(others.JSON())[:8])
}

// stampOf is what a row says of the time of its change.
func (j *job) stampOf(row record.Row) stamp {
	at := stamp{corrected: make(map[string]bool)}
	if !row.Modified.IsZero() {
		at.span = store.NewSpan(row.Modified, row.Modified.Add(tabular.ModifiedStep(row.Fields[j.Definition.Source.Modified].String())))
	}
	for _, c := range j.fixes.byRow[row.Key] {
		at.corrected[c.Field] = true
	}
	return at
}

// spans are the times at which the values of a row were changed. What is seen for
// the first time has the row's time. What changed since the last look has it
// where it alone changed; where other cells did too, any of them may be what the
// row's time is of.
func (j *job) spans(row store.RowSeen, says stamp, was store.RowSeen, known bool) map[string]store.Span {
	now := says.span
	others := 0
	if known && was.Changed.Rest != row.Changed.Rest {
		others++
	}
	for column, v := range row.Raw {
		if known && column != j.Definition.Source.Modified && was.Raw[column].String() != v.String() {
			others++
		}
	}
	spans := make(map[string]store.Span)
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if f.Conflict != definition.Newest {
			continue
		}
		same := known && was.Values[f.Property].String() == row.Values[f.Property].String()
		old, dated := was.Changed.Spans[f.Property]
		switch {
		case says.corrected[f.Column()]:
			spans[f.Property] = store.Span{} // the row's time is not that of the correction
		case same && dated:
			spans[f.Property] = old
		case same || !known:
			spans[f.Property] = now
			if known && !was.Modified.IsZero() {
				spans[f.Property] = store.NewSpan(was.Modified, was.Modified)
			}
		case !row.Modified.After(was.Modified):
			spans[f.Property] = store.Span{} // it was changed, and the row's time was not touched
		case others == 1:
			spans[f.Property] = now
		default:
			spans[f.Property] = store.Span{From: store.NewSpan(was.Modified, was.Modified).From, To: now.To}
		}
	}
	return spans
}

// resolve decides a field. It reports whether the time of HubSpot's value has to
// be read first.
func (p *planner) resolve(f *mapping.Field, pair store.Pair, state merge.State) (d merge.Decision, unread bool) {
	d = merge.Resolve(f.Merge, state)
	if d.Reason != merge.NewestUnknown || p.Client.Date().IsZero() {
		return d, false // times change nothing, or HubSpot's clock is not known
	}
	state.SourceSince, state.SourceTime = pair.Row.Changed.Spans[f.Property].Times()
	state.Skew = p.Client.Traffic().Skew
	if state.SourceTime.IsZero() {
		return d, false
	}
	if times, ok := p.times[pair.Record.ID]; ok {
		state.HubSpotTime = times[f.Property]
		return merge.Resolve(f.Merge, state), false
	}
	// No property was changed later than its record.
	state.HubSpotTime = pair.Record.Updated
	if side, certain := state.Newest(); certain && side == merge.Source {
		return merge.Resolve(f.Merge, state), false
	}
	return d, true
}

// waitsForTimes reports whether a pair has a field that the newer change decides
// and for which HubSpot's time is not known yet. Those pairs are planned
// together, when enough of them wait for a full call.
func (p *planner) waitsForTimes(pair store.Pair, live map[string]*store.Conflict) bool {
	if pair.Row == nil || len(pair.Row.Changed.Spans) == 0 {
		return false
	}
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		if open := live[f.Property]; f.Conflict != definition.Newest || open != nil && open.Cause != plan.CauseDisplaced && open.Cause != plan.CauseOverwritten {
			continue
		}
		if f.Further(pair.Row.Values[f.Property], pair.Record.Values) {
			continue
		}
		if _, unread := p.resolve(f, pair, p.state(f, pair, nil)); unread {
			return true
		}
	}
	return false
}

// planUndated reads the times that pairs wait for and plans them.
func (p *planner) planUndated(ctx context.Context) error {
	waiting := p.undated
	p.undated = nil
	for page := range slices.Chunk(waiting, historyPage) {
		if err := p.readTimes(ctx, page); err != nil {
			return err
		}
		for _, u := range page {
			if err := p.both(ctx, u.item, u.pair); err != nil {
				return err
			}
		}
	}
	p.times = nil
	return nil
}

// readTimes reads when the properties of a page of records were changed. What
// was changed since the pull has no time: the next look at it tells.
func (p *planner) readTimes(ctx context.Context, page []undated) error {
	var history []string
	for i := range p.mapping.Fields {
		if f := &p.mapping.Fields[i]; f.Conflict == definition.Newest {
			history = append(history, f.Property)
		}
	}
	p.times = make(map[string]map[string]time.Time, len(page))
	seen := make(map[string]record.Values, len(page))
	for _, u := range page {
		p.times[u.pair.Record.ID] = make(map[string]time.Time)
		seen[u.pair.Record.ID] = u.pair.Record.Values
	}
	ids := slices.Sorted(maps.Keys(p.times))
	got, err := p.Client.BatchRead(ctx, p.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: p.mapping.Properties, History: history})
	if err != nil {
		return err
	}
	for _, rec := range got.Records {
		times, ok := p.times[rec.ID]
		if !ok {
			continue // the survivor of a merge
		}
		now := p.mapping.RecordValues(rec.Properties)
		for _, name := range history {
			versions := rec.History[name]
			if len(versions) == 0 || !p.sameValue(name, versions[0].Value, rec.Properties[name]) || !p.mapping.ByProperty[name].Merge.Same(now[name], seen[rec.ID][name]) {
				continue
			}
			times[name] = versions[0].At
		}
	}
	return nil
}
