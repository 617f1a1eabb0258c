package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// planner collects the items of a plan that is being made.
type planner struct {
	*job
	plan       plan.Plan
	same       map[string]string // rows that count as one with another, which leads
	partGuards []Guard           // of the parts that find the other ends of associations
	n          int
	items      []plan.Item
	conflicts  []store.Conflict
	sum        hash.Hash
	summary    Summary
	keyHolders map[string]store.Link           // see madeOnce, nil until it is asked for
	gaveUp     map[string]string               // rows that people gave up, with what was wrong of them
	open       map[string][]store.Conflict     // by row key
	changes    map[string]int                  // property -> links in which it would change
	covered    int                             // rows of the source that have been planned
	emptied    map[string]int                  // property -> values that would be cleared
	updates    int                             // items that write over a record
	outdated   []int64                         // conflicts whose field changed since
	nameless   []store.RowProblem              // rows of which not even the key could be read
	kept       map[int64]bool                  // live conflicts that go on to live, or are carried out
	decided    map[int64]string                // what is decided about the live ones
	rulings    map[string]store.Ruling         // what decisions about whole rows mean, by row key
	firsts     map[string]string               // keys of several rows of which the first leads by a decision, with what they were then
	claimed    map[string]*claim               // rows whose record belongs to another row, by their key
	held       map[string]*claim               // the same by the key of that other row
	spoken     map[string]bool                 // records that wait for a person to say whose they are
	flags      map[int64]store.Flag            // marks that runs have set, by link
	second     *secondSight                    // of rows that are gone, where records would be marked for that
	deleted    int                             // rows that would be deleted
	rekeyed    int                             // links that go on under a new key
	leading    map[string]plan.Edit            // rows that lead those of the same key by a decision that this plan carries out
	undated    []undated                       // pairs that wait for the times of HubSpot's values
	times      map[string]map[string]time.Time // record id -> property -> when its value was changed, as it was read
	given      map[string]giver                // unique values that linked rows are to give, by property and folded value
	alone      alone                           // the row of which is known that nobody else has its unique values
	lost       map[string]store.Conflict       // records that were archived over an edit and are not back, by row key; those that are planned are taken out
	returned   map[string]returned             // records that are back of those, by row key
	outside    map[string]string               // row key -> a record that matches and does not pass the filter
	text       []byte                          // of the edits of one item, used again for the next
	frozen     []byte                          // what one item gives to the hash, used again for the next
	newborns   []newborn                       // new records of which it is not known yet whether HubSpot would make them
	rulesKnown bool                            // the portal's rules for values were read
	crowded    int                             // associations for which HubSpot has no room
	lone       int                             // new activities that hang on no record
}

func newPlanner(j *job) *planner {
	return &planner{job: j, sum: sha256.New(), changes: make(map[string]int), emptied: make(map[string]int), kept: make(map[int64]bool), spoken: make(map[string]bool), same: make(map[string]string)}
}

// makePlan pulls both sides and derives what to do, frozen and hashed.
func (j *job) makePlan(ctx context.Context) (plan.Plan, error) {
	if err := j.lookBack(ctx); err != nil {
		return plan.Plan{}, err
	}
	read, err := j.Source.Version(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	if err := j.pullBoth(ctx); err != nil {
		return plan.Plan{}, err
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseMatch })
	if j.Definition.Associate == nil && j.Definition.Deliver == nil {
		err = j.Store.MatchRows(ctx, j.sync.ID, len(j.mapping.Match), string(j.Definition.Duplicates), j.syncKeyOf)
		if err != nil {
			return plan.Plan{}, err
		}
	}
	j.at("matched")
	j.Progress.change(func(s *Snapshot) { s.Phase = PhasePlan })
	p := newPlanner(j)
	if err := p.keepInputs(ctx, read); err != nil {
		return plan.Plan{}, err
	}
	if p.outside, err = j.lookOutside(ctx); err != nil {
		return plan.Plan{}, err
	}
	if err := p.planParts(ctx, false); err != nil {
		return plan.Plan{}, err
	}
	p.plan = plan.Plan{ID: newID("plan", j.now()), SyncID: j.sync.ID, Kind: plan.KindSync, Made: j.now(), Pull: j.pull}
	if err := p.make(ctx); err != nil {
		return plan.Plan{}, err
	}
	j.at("planned")
	return j.Store.Plan(ctx, p.plan.ID)
}

func (p *planner) make(ctx context.Context) error {
	if err := p.Store.NewPlan(ctx, p.plan); err != nil {
		return err
	}
	var err error
	if err := p.endCorrections(ctx); err != nil {
		return err
	}
	if p.gaveUp, err = p.Store.LiftGivenUp(ctx, p.sync.ID); err != nil {
		return err
	}
	if p.open, err = p.Store.LiveConflicts(ctx, p.sync.ID); err != nil {
		return err
	}
	if err := p.overtaken(ctx); err != nil {
		return err
	}
	if p.nameless, err = p.Store.RowProblems(ctx, p.sync.ID); err != nil {
		return err
	}
	if p.rulings, err = p.Store.Rulings(ctx, p.sync.ID); err != nil {
		return err
	}
	if p.firsts, err = p.Store.FirstRows(ctx, p.sync.ID); err != nil {
		return err
	}
	if p.flags, err = p.Store.Flags(ctx, p.sync.ID); err != nil {
		return err
	}
	if err := p.claims(ctx); err != nil {
		return err
	}
	if err := p.lookTwice(ctx); err != nil {
		return err
	}
	tally, err := p.tallyOf(ctx)
	if err != nil {
		return err
	}
	for pair, err := range p.Store.ChangedPairs(ctx, p.sync.ID, len(p.rebase) > 0) {
		if err != nil {
			return err
		}
		if pair.Row != nil && pair.Row.GonePull == 0 {
			if err := p.cover(ctx, *pair.Row); err != nil {
				return err
			}
		}
		if err := p.pair(ctx, pair); err != nil {
			return err
		}
	}
	switch {
	case p.Definition.Deliver != nil:
		if err := p.deliveries(ctx); err != nil {
			return err
		}
	case p.Definition.Associate == nil:
		if err := p.holders(ctx); err != nil {
			return err
		}
		if err := p.rows(ctx); err != nil {
			return err
		}
		if err := p.planUndated(ctx); err != nil {
			return err
		}
	}
	if err := p.overtookAlone(ctx); err != nil {
		return err
	}
	if err := p.problems(ctx); err != nil {
		return err
	}
	if p.Definition.Create.InSource() && p.Definition.Direction != definition.ToHubSpot {
		if err := p.records(ctx); err != nil {
			return err
		}
	}
	if err := p.bear(ctx); err != nil {
		return err
	}
	if err := p.edges(ctx, tally); err != nil {
		return err
	}
	// Rows that the comparison did not show are unchanged.
	quiet := tally.Rows - p.covered
	p.summary.Counts.Unchanged += quiet
	p.summary.Counts.Read += quiet
	return p.freeze(ctx, tally)
}

// add puts an item into the plan.
func (p *planner) add(ctx context.Context, it plan.Item) error {
	p.n++
	it.N = p.n
	p.keepDecisions(it.Edits)
	p.text = plan.AppendEdits(p.text[:0], it.Edits)
	p.frozen = plan.AppendFrozen(p.frozen[:0], it, p.text)
	p.sum.Write(p.frozen)
	if it.Kind != plan.ItemEdges { // the row is counted by itself
		p.summary.Counts.Read++
		p.summary.Counts.add(it.Fate, 1)
	}
	p.count(it)
	p.items = append(p.items, it)
	if len(p.items) >= 500 {
		return p.flush(ctx)
	}
	return nil
}

// count feeds the guard rails.
func (p *planner) count(it plan.Item) {
	toSource := false
	for _, e := range it.Edits {
		switch {
		case e.Edge == nil:
		case e.Associates():
			p.summary.Counts.Associated++
		case e.Dissociates():
			p.summary.Counts.Dissociated++
		case e.Action == plan.EditWait, e.Action == plan.EditConflict:
			p.summary.Counts.Waiting++
		}
		if e.Action != plan.EditHubSpot && e.Action != plan.EditSource {
			continue
		}
		toSource = toSource || e.Action == plan.EditSource
		if it.Kind != plan.ItemUpdate {
			continue
		}
		p.changes[e.Property]++
		if mapping.Value(e.New).Empty() && !mapping.Value(e.Old).Empty() {
			p.summary.Clears++
			p.emptied[e.Property]++
		}
	}
	if it.Kind == plan.ItemUpdate && it.Has(plan.EditHubSpot) {
		p.updates++
	}
	switch {
	case it.Kind == plan.ItemSourceCreate:
		p.summary.Counts.SourceCreated++
	case it.Kind == plan.ItemArchive, it.Kind == plan.ItemRecall:
		p.summary.Counts.Archived++
	case it.Kind == plan.ItemSourceDelete:
		p.deleted++
	case toSource:
		p.summary.Counts.SourceUpdated++
	}
}

func (p *planner) flush(ctx context.Context) error {
	// Before the new ones are put, which may be about the same fields.
	if len(p.outdated) > 0 {
		if err := p.Store.CloseConflicts(ctx, p.outdated, "the field changed since"); err != nil {
			return err
		}
		p.outdated = p.outdated[:0]
	}
	if err := p.Store.AddItems(ctx, p.plan.ID, p.items); err != nil {
		return err
	}
	p.show()
	p.items = p.items[:0]
	if err := p.Store.PutConflicts(ctx, p.plan.ID, p.conflicts); err != nil {
		return err
	}
	p.conflicts = p.conflicts[:0]
	p.at("plan-page")
	return ctx.Err()
}

// show tells how far the plan is, and what becomes of its first rows.
func (p *planner) show() {
	var first []FirstRow
	if len(p.items) > 0 && p.items[0].N == 1 {
		for _, it := range p.items[:min(len(p.items), firstRows)] {
			first = append(first, FirstRow{Key: it.RowKey, Line: it.Line, Name: it.Name, Fate: it.Fate, Reason: it.Reason})
		}
	}
	p.Progress.change(func(s *Snapshot) {
		if s.Counts = p.summary.Counts; first != nil {
			s.First = first
		}
	})
}

func (p *planner) freeze(ctx context.Context, tally store.Tally) error {
	if err := p.flush(ctx); err != nil {
		return err
	}
	if err := p.over(ctx); err != nil {
		return err
	}
	if p.rekeyed > 0 {
		rows := "1 row has a new key and the same values: its record goes on with it."
		if p.rekeyed > 1 {
			rows = fmt.Sprintf("%d rows have a new key and the same values: their records go on with them.", p.rekeyed)
		}
		p.notes = append(p.notes, rows)
	}
	if tally.Rows == 0 && tally.Links == 0 {
		p.notes = append(p.notes, "The source has no rows, so there is nothing to bring to HubSpot.")
	}
	p.noteMade()
	p.loneNote()
	p.notes = append(p.notes, p.tally.Notes()...)
	p.summary.Notes, p.summary.Meaning = p.notes, p.Definition.Hash()
	p.summary.Mark, p.summary.Full, p.summary.Noticed = p.mark, p.full, p.noticed
	p.summary.Reading = p.reading
	if p.recordsMade(p.summary) && p.mapping.SyncKey == "" && !p.NoSyncKey {
		p.summary.SyncKey = SyncKeyProperty
	}
	creates := p.summary.Counts.Created - p.summary.Counts.SourceCreated
	p.summary.Calls = batchesOf(creates, batchSize) + 2*batchesOf(p.updates, batchSize) // each is read right before
	p.summary.Verify = p.verifyCalls(creates, p.updates, p.summary.Counts.Archived)
	p.forecastCreating(creates)
	if c := p.summary.Creating; c != nil && c.Lane == ByImport {
		p.summary.Verify = p.verifyCalls(0, p.updates, p.summary.Counts.Archived)
		p.summary.Calls += c.Import - batchesOf(creates, batchSize)
	} else if c != nil && p.Bulk == LaneBulk {
		p.notes = append(p.notes, "The records are created in batches and not by an import: "+c.Refused+".")
		p.summary.Notes = p.notes
	}
	looks, err := p.lookCalls(ctx, p.summary.Counts.Archived)
	if err != nil {
		return err
	}
	p.summary.Calls += looks + batchesOf(p.summary.Counts.Archived, batchSize)
	p.sumEdges()
	if p.recipient != nil {
		p.summary.Calls, p.summary.Verify = p.recipient.calls(creates), 0
	}
	p.summary.Guards = append(p.guards(tally), p.partGuards...)
	if err := p.habit(ctx, tally); err != nil {
		return err
	}
	return p.Store.FreezePlan(ctx, p.plan.ID, hex.EncodeToString(p.sum.Sum(nil)), p.summary)
}

// batchesOf is how many calls n items take.
func batchesOf(n, size int) int { return (n + size - 1) / size }

// keepInputs keeps with the plan what it was made of: the source as it was read,
// where it was the same before and after, and the definition.
func (p *planner) keepInputs(ctx context.Context, before string) error {
	after, err := p.Source.Version(ctx)
	if err != nil {
		return err
	}
	if before == after {
		p.summary.Source = after
	} else {
		p.notes = append(p.notes, "The source was changed while it was read.")
	}
	p.summary.Document, err = p.Store.KeepDocument(ctx, p.sync.Definition)
	return err
}

func summaryOf(pl plan.Plan) (Summary, error) {
	var s Summary
	err := json.Unmarshal(pl.Summary, &s)
	return s, err
}

// SummaryOf reads what a plan keeps of itself.
func SummaryOf(pl plan.Plan) (Summary, error) { return summaryOf(pl) }

// problems plans the rows that could not be read.
func (p *planner) problems(ctx context.Context) error {
	p.covered += len(p.nameless)
	for _, bad := range p.nameless {
		it := plan.Item{Kind: plan.ItemInvalid, Fate: plan.FateFailed, Reason: fmt.Sprintf("%s %s", lineFirst(bad.Line), bad.Message), Line: bad.Line, RowKey: bad.Key}
		if err := p.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// rows plans the rows without a link.
func (p *planner) rows(ctx context.Context) error {
	for u, err := range p.Store.UnlinkedRows(ctx, p.sync.ID) {
		if err != nil {
			return err
		}
		if err := p.cover(ctx, u.Row); err != nil {
			return err
		}
		if err := p.row(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) row(ctx context.Context, u store.Unlinked) error {
	p.inPipeline(&u.Row, u.Record)
	it := plan.Item{RowKey: u.Row.Key, Line: u.Row.Line, Name: p.nameOf(&u.Row, u.Record)}
	switch {
	case p.unclear(&u.Row):
		return p.sameKey(ctx, it, u.Row)
	case p.leftAlone(&it):
		return p.add(ctx, it)
	case len(u.Row.Problems) > 0:
		return p.invalid(ctx, it, u.Row)
	}
	if done, err := p.overtook(ctx, it); done || err != nil {
		return err
	}
	if done, err := p.goesOnWith(ctx, u); done || err != nil {
		return err
	}
	if done, err := p.ruled(ctx, it, u); done || err != nil {
		return err
	}
	switch {
	case u.Match.Reason != "":
		return p.ambiguous(ctx, it, u)
	case u.Record != nil && u.Match.Ord == -1 && !p.alike(u.Row.Values, u.Record.Values):
		u.Match = store.Match{Reason: store.MatchOther, Ord: -1, Others: u.Record.ID, Count: 1}
		return p.ambiguous(ctx, it, u)
	case u.Record != nil:
		link := store.Link{RowKey: u.Row.Key, RecordID: u.Record.ID, State: plan.LinkActive}
		return p.pairWith(ctx, store.Pair{Link: link, Row: &u.Row, Record: u.Record, ByKey: u.Match.Ord == -1}, p.chosen(u.Row.Key)...)
	case p.part && p.Definition.Create.InHubSpot() && takenAway(u) == "":
		return p.createPart(ctx, it, u.Row)
	case takenAway(u) != "":
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, takenAway(u)
		return p.add(ctx, it)
	case p.outside[u.Row.Key] != "":
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
		it.Reason = fmt.Sprintf("the record %s matches this row and does not pass the filter of this sync: nothing is created beside it", p.outside[u.Row.Key])
		return p.add(ctx, it)
	case !p.Definition.Create.InHubSpot():
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "no record matches, and this sync creates none in HubSpot"
		return p.add(ctx, it)
	}
	it.Edits = p.chosen(u.Row.Key)
	if u.Alone {
		p.alone = alone{u.Row.Key, p.mapping.RowUnique(u.Row.Values)}
	}
	return p.createWithout(ctx, it, u.Row, nil)
}

// chosen is the decision that gave a row its record, if there is one.
func (p *planner) chosen(rowKey string) []plan.Edit {
	var all []plan.Edit
	if e, ok := p.leading[rowKey]; ok {
		all = append(all, e)
	}
	r := p.rulings[rowKey]
	if r.Conflict == 0 {
		return all
	}
	return append(all, plan.Edit{Action: plan.EditRule, Choice: r.Conflict, Reason: "decided in Review"})
}

func (p *planner) invalid(ctx context.Context, it plan.Item, row store.RowSeen) error {
	p.keepRow(it.RowKey)
	it.Kind, it.Fate, it.Reason = plan.ItemInvalid, plan.FateFailed, p.wrongIn(row)
	return p.add(ctx, it)
}

// wrongIn says what is wrong with a row.
func (p *planner) wrongIn(row store.RowSeen) string {
	var all []string
	if msg := row.Problems[""]; msg != "" {
		all = append(all, msg)
	}
	for i := range p.mapping.Fields {
		if msg := row.Problems[p.mapping.Fields[i].Property]; msg != "" {
			all = append(all, msg)
		}
	}
	return strings.Join(all, "; ")
}

// payload is the hash of what an item would send.
func payload(it plan.Item) []byte {
	sent := make(record.Values)
	for _, e := range it.Edits {
		if e.Action == plan.EditHubSpot || e.Action == plan.EditSource {
			sent[string(e.Action)+" "+e.Property] = mapping.Value(e.New)
		}
	}
	return mapping.Digest(it.RecordID + sent.JSON())
}

// nameOf is what people call the pair.
func (p *planner) nameOf(row *store.RowSeen, rec *store.RecordSeen) string {
	if row != nil {
		if name := p.mapping.Name(row.Values); name != "" {
			return name
		}
	}
	if rec != nil {
		if name := p.mapping.Name(rec.Values); name != "" {
			return name
		}
		return rec.ID
	}
	return row.Key
}

// baseOf is a property's value in a base; nil when it never agreed, or when
// its mapping means something else now.
func (p *planner) baseOf(base *store.Base, property string) (src, rem *record.Value) {
	if base == nil || p.rebase[property] {
		return nil, nil
	}
	if s, ok := base.Source[property]; ok {
		r := base.HubSpot[property]
		return &s, &r
	}
	return nil, nil
}
