package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// Found is what a reconciliation found of a row, a record, or a pair of them.
type Found string

// What is found where not both sides hold the same.
const (
	FoundDifferent   Found = "different"
	FoundOnlySource  Found = "only_source"
	FoundOnlyHubSpot Found = "only_hubspot"
)

// ReconcileCounts are what a reconciliation read. A pair counts once:
// Read = Equal + Different + OnlySource + OnlyHubSpot.
type ReconcileCounts struct {
	Read        int `json:"read"`
	Equal       int `json:"equal"`
	Different   int `json:"different"`
	OnlySource  int `json:"only_source"`
	OnlyHubSpot int `json:"only_hubspot"`
}

// Same reports that both sides are proved equal.
func (c ReconcileCounts) Same() bool { return c.Read == c.Equal }

// Difference is a row, a record or a pair of which the sides don't agree.
type Difference struct {
	Key    string           `json:"key"`
	Record string           `json:"record"`
	Name   string           `json:"name,omitempty"`
	Line   int              `json:"line,omitempty"`
	Found  Found            `json:"found"`
	Reason string           `json:"reason"`
	Fields []DifferentField `json:"fields"`
}

// DifferentField is one field of a pair with what both sides hold, in the form
// in which they are compared; nil where there is nothing.
type DifferentField struct {
	Field    string  `json:"field"`
	Property string  `json:"property"`
	Source   *string `json:"source"`
	HubSpot  *string `json:"hubspot"`
	Cell     *string `json:"cell,omitempty"` // what stands in the source, where that is another text
	// Drift says that the side changed from which this field does not flow, so that a run leaves it
	// as it is.
	Drift     bool                 `json:"drift"`
	Direction definition.Direction `json:"direction"`
	Reason    string               `json:"reason"`
}

// Reconciliation is what Reconcile came to. Close it.
type Reconciliation struct {
	ID     string
	Sync   string
	Counts ReconcileCounts
	Calls  Calls
	Notes  []string

	scratch *store.Store
}

// Rows yields what differs, in the order of the links, then of the source, then
// of the records.
func (r *Reconciliation) Rows(ctx context.Context) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		for doc, err := range r.scratch.Differences(ctx) {
			var d Difference
			if err == nil {
				err = json.Unmarshal(doc, &d)
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// Close lets go of what was read.
func (r *Reconciliation) Close() error { return r.scratch.Close() }

// Reconcile reads both sides whole and compares them under the map. It writes
// to neither, and keeps nothing in the workspace: both are read into a scratch
// copy of it.
func (e *Engine) Reconcile(ctx context.Context) (_ *Reconciliation, err error) {
	j := &job{Engine: e}
	j.calls = e.callsNow()
	e.Progress.change(func(s *Snapshot) { *s = Snapshot{Phase: PhaseGuard, Started: e.now()} })
	problems, err := j.check(ctx)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, &SetupError{Kind: "definition", Err: &definition.Error{Path: e.Definition.Path, Problems: problems}}
	}
	d := e.Definition
	if j.delivers() {
		return nil, &SetupError{Kind: "definition", Msg: "there is nothing to compare: each row is sent to HubSpot once, and no record is kept in step with it; a preview shows which rows were not sent yet, or have changed since"}
	}
	if j.making {
		return nil, &SetupError{Kind: "definition", Msg: fmt.Sprintf("this portal has no object type %s yet: a run makes it, then there is something to compare", d.HubSpot.Object)}
	}
	document := store.Sync{UID: d.ID, Name: d.Name, Path: absolute(d.Path), PortalID: j.schema.account.PortalID, Object: j.schema.object.ID}
	known, err := e.Store.FindSync(ctx, document)
	switch {
	case errors.Is(err, store.ErrNotFound): // it never ran: pairs are found by matching alone
	case err != nil:
		return nil, err
	default:
		// What a run is about to write is no difference.
		release, err := e.Store.Lease(known.ID)
		if err != nil {
			return nil, err
		}
		defer release()
		open, err := e.Store.SentOps(ctx, known.ID)
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			j.notes = append(j.notes, fmt.Sprintf("A run was interrupted and what became of %d of its writes is not known yet: run the sync, then reconcile again.", len(open)))
		}
	}
	scratch, err := e.Store.Scratch(ctx, known.ID)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, scratch.Close())
		}
	}()
	aside := *e
	aside.Store = scratch
	j.Engine = &aside
	if j.sync = known; known.ID == 0 {
		if j.sync, err = scratch.EnsureSync(ctx, document, definition.NewID()); err != nil {
			return nil, err
		}
	}
	j.noteColumns()
	notes := j.notes
	j.noteChanges()
	j.notes = notes // a changed map matters to runs; here it only says which bases still mean something
	r := &Reconciliation{ID: newID("reconcile", e.now()), Sync: d.Name, scratch: scratch}
	if err := j.knowParts(ctx, e.Store); err != nil {
		return nil, err
	}
	if r.Counts, err = j.reconcile(ctx, e); err != nil {
		return nil, err
	}
	r.Notes, r.Calls = j.notes, j.result("", "").Calls
	e.Progress.change(func(s *Snapshot) { s.Phase = PhaseDone })
	return r, nil
}

// reconcile compares what both sides hold. outer is the engine over the
// workspace itself.
func (j *job) reconcile(ctx context.Context, outer *Engine) (ReconcileCounts, error) {
	var err error
	if j.pull, err = j.Store.BeginPull(ctx, j.sync.ID); err != nil {
		return ReconcileCounts{}, err
	}
	j.mark, j.began, j.full = j.Client.Date(), j.now(), true
	j.Progress.change(func(s *Snapshot) { s.Phase = PhasePull })
	c := &comparer{planner: planner{job: j}, twins: map[string]bool{}, outer: outer}
	if j.Definition.Associate != nil {
		return c.associations(ctx)
	}
	both, bctx := errgroup.WithContext(ctx)
	both.Go(func() error { return j.pullRows(bctx) })
	both.Go(func() error { return j.pullWhole(bctx) })
	if err := both.Wait(); err != nil {
		return ReconcileCounts{}, err
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseMatch })
	if err := j.Store.MatchRows(ctx, j.sync.ID, len(j.mapping.Match), string(j.Definition.Duplicates), j.syncKeyOf); err != nil {
		return ReconcileCounts{}, err
	}
	for claim, err := range j.Store.Claims(ctx, j.sync.ID) {
		if err != nil {
			return ReconcileCounts{}, err
		}
		if h := claim.Holder.Row; h != nil && h.GonePull == 0 && bytes.Equal(h.Hash, claim.Hash) {
			c.twins[claim.RowKey] = true
		}
	}
	if c.rulings, err = j.Store.Rulings(ctx, j.sync.ID); err != nil {
		return ReconcileCounts{}, err
	}
	if c.firsts, err = j.Store.FirstRows(ctx, j.sync.ID); err != nil {
		return ReconcileCounts{}, err
	}
	for _, part := range []func(context.Context) error{c.linked, c.unlinked, c.compareDue, c.unreadable, c.lonely, c.flush} {
		if err := part(ctx); err != nil {
			return ReconcileCounts{}, err
		}
	}
	return c.counts, nil
}

// comparer collects what differs. Of the planner it has the bases and the names.
type comparer struct {
	planner
	counts ReconcileCounts
	twins  map[string]bool // rows that count as one with a linked row
	found  []json.RawMessage
	outer  *Engine // over the workspace itself, where other syncs' links are
	due    []due   // pairs whose associations are still to be compared
}

func (c *comparer) add(ctx context.Context, d Difference) error {
	c.counts.Read++
	switch d.Found {
	case FoundDifferent:
		c.counts.Different++
	case FoundOnlySource:
		c.counts.OnlySource++
	case FoundOnlyHubSpot:
		c.counts.OnlyHubSpot++
	}
	if d.Fields == nil {
		d.Fields = []DifferentField{}
	}
	doc, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if c.found = append(c.found, doc); len(c.found) >= 500 {
		return c.flush(ctx)
	}
	return nil
}

func (c *comparer) flush(ctx context.Context) error {
	if err := c.Store.KeepDifferences(ctx, c.found); err != nil {
		return err
	}
	c.found = c.found[:0]
	return ctx.Err()
}

// linked compares the rows and records that a run has linked.
func (c *comparer) linked(ctx context.Context) error {
	for pair, err := range c.Store.ChangedPairs(ctx, c.sync.ID, true) {
		if err != nil {
			return err
		}
		if pair.Row != nil && pair.Row.GonePull > 0 {
			pair.Row = nil
		}
		there := pair.Record != nil && pair.Record.Gone == ""
		d := Difference{Key: pair.Link.RowKey, Record: pair.Link.RecordID, Name: pair.Link.RowKey}
		if pair.Row != nil || there {
			d.Name = c.nameOf(pair.Row, pair.Record)
		}
		switch {
		case pair.Row == nil && (!there || !pair.Record.InScope):
			continue // nothing takes part
		case pair.Row == nil:
			d.Found, d.Reason = FoundOnlyHubSpot, "its row left the source"
			err = c.add(ctx, d)
		case there && pair.Record.InScope:
			c.inPipeline(pair.Row, pair.Record)
			err = c.pair(ctx, pair)
		default:
			d.Found, d.Reason = FoundOnlySource, absence(pair)
			err = c.rows(ctx, d, pair.Row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// absence says why the record of a linked row does not take part.
func absence(pair store.Pair) string {
	switch {
	case pair.Record != nil && pair.Record.Gone == plan.GoneArchived:
		return "its record was archived in HubSpot"
	case pair.Record != nil && pair.Record.Gone == plan.GoneErased:
		return "its record was erased in HubSpot"
	case pair.Record != nil && pair.Record.Gone == plan.GoneMerged:
		return "its record was merged in HubSpot into " + pair.Record.MergedInto + ", which belongs to another row"
	case pair.Record != nil:
		return "its record does not pass the filter"
	case pair.Link.Why != "":
		return pair.Link.Why
	}
	return "its record is not in HubSpot"
}

// rows adds a difference for each row that has the key.
func (c *comparer) rows(ctx context.Context, d Difference, row *store.RowSeen) error {
	d.Line = row.Line
	if row.Copies > 1 && row.Differ {
		d.Reason = fmt.Sprintf("%d rows have the key %q%s", row.Copies, row.Key, oneIn(row.Line))
	}
	if err := c.add(ctx, d); err != nil {
		return err
	}
	return c.others(ctx, d, row)
}

// others adds a difference for each row that shares the key with the one that
// leads and does not agree with it; those that agree count as one with it.
func (c *comparer) others(ctx context.Context, d Difference, row *store.RowSeen) error {
	if row.Copies < 2 || !row.Differ {
		return nil
	}
	lines, err := c.Store.CopyLines(ctx, c.sync.ID, row.Key)
	d.Record, d.Found = "", FoundOnlySource
	d.Reason = fmt.Sprintf("%d rows have the key %q%s", row.Copies, row.Key, oneIn(row.Line))
	for _, line := range lines {
		if d.Line = line; err == nil {
			err = c.add(ctx, d)
		}
	}
	return err
}

// pair compares a row with its record. Of rows that share a key nobody can say
// which is meant: the pair differs, and the others stand alone.
func (c *comparer) pair(ctx context.Context, pair store.Pair) error {
	row := *pair.Row
	d := Difference{Key: row.Key, Record: pair.Record.ID, Name: c.nameOf(&row, pair.Record), Line: row.Line, Found: FoundDifferent}
	if err := c.others(ctx, d, &row); err != nil {
		return err
	}
	if c.unclear(&row) {
		d.Reason = fmt.Sprintf("%d rows have the key %q, so that none can be compared: make the key unique", row.Copies, row.Key)
		return c.add(ctx, d)
	}
	if d.Reason = row.Problems[""]; d.Reason != "" {
		return c.add(ctx, d)
	}
	for i := range c.mapping.Fields {
		if f, differs := c.field(&c.mapping.Fields[i], pair); differs {
			d.Fields = append(d.Fields, f)
		}
	}
	return c.settle(ctx, d, row)
}

// unlinked compares the rows that no run has linked with the records that
// matching finds for them.
func (c *comparer) unlinked(ctx context.Context) error {
	for u, err := range c.Store.UnlinkedRows(ctx, c.sync.ID) {
		if err != nil {
			return err
		}
		switch {
		case c.twins[u.Row.Key], u.Match.Reason == store.MatchSame && c.Definition.Duplicates == definition.DuplicatesReview:
			continue // it agrees with the row that it counts as one with in every mapped field
		case u.Record != nil && u.Match.Reason == "":
			c.inPipeline(&u.Row, u.Record)
			err = c.pair(ctx, store.Pair{Link: store.Link{RowKey: u.Row.Key, RecordID: u.Record.ID, State: plan.LinkActive}, Row: &u.Row, Record: u.Record})
		default:
			err = c.rows(ctx, Difference{Key: u.Row.Key, Name: c.nameOf(&u.Row, nil), Found: FoundOnlySource, Reason: c.alone(u)}, &u.Row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// alone says why a row has no record.
func (c *comparer) alone(u store.Unlinked) string {
	switch {
	case u.Row.Problems[""] != "":
		return u.Row.Problems[""]
	case c.rulings[u.Row.Key].Kind == plan.RuleOut:
		return "left out by your decision"
	case c.rulings[u.Row.Key].Kind == plan.RuleSame:
		return "it counts as one with the row " + c.rulings[u.Row.Key].Lead + " by your decision"
	case u.Match.Reason == store.MatchSeveral:
		return fmt.Sprintf("%d records in HubSpot have its match value: %s", u.Match.Count, u.Match.Others)
	case u.Match.Reason == store.MatchShared:
		return fmt.Sprintf("%d rows share its match value: rows %s", u.Match.Count, u.Match.Others)
	case u.Match.Reason == store.MatchSame:
		return "it counts as one with the row " + u.Match.Others
	case u.Match.Reason == store.MatchOther:
		return "the record " + u.Match.Others + " bears the row's key, but holds something else"
	case u.Match.Reason == store.MatchChosen:
		return "the record " + u.Match.Others + ", of which was said that it is the row's, is not there"
	case u.Match.Reason != "":
		return "the record with its match value belongs to another row: " + u.Match.Others
	}
	return "no record matches this row"
}

// unreadable adds the rows of which not even the key could be read.
func (c *comparer) unreadable(ctx context.Context) error {
	bad, err := c.Store.RowProblems(ctx, c.sync.ID)
	for _, p := range bad {
		if err == nil {
			err = c.add(ctx, Difference{Key: p.Key, Line: p.Line, Found: FoundOnlySource, Reason: fmt.Sprintf("%s %s", lineFirst(p.Line), p.Message)})
		}
	}
	return err
}

// lonely adds the records that no row has.
func (c *comparer) lonely(ctx context.Context) error {
	for rec, err := range c.Store.Lonely(ctx, c.sync.ID) {
		if err == nil {
			err = c.add(ctx, Difference{Record: rec.ID, Name: c.nameOf(nil, &rec), Found: FoundOnlyHubSpot, Reason: "no row matches this record"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
