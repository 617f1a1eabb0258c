package engine

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// edgeSweep is up to how many rows all associations are compared in every run:
// 20 calls. Beyond it that is done as often as all records are read; in between
// only rows are looked at whose cells ask for something else than is remembered.
const edgeSweep = 20 * hubspot.MaxAssociationRead

// joined are the types by which records are associated: from record, to record,
// types.
type joined map[string]map[string][]hubspot.AssociationType

// has reports whether two records are associated by a type.
func (h joined) has(from, to, category string, typeID int) bool {
	return slices.ContainsFunc(h[from][to], func(t hubspot.AssociationType) bool { return t.Category == category && t.TypeID == typeID })
}

// add notes that two records are associated by a type.
func (h joined) add(from, to string, t hubspot.AssociationType) {
	if h[from] == nil {
		h[from] = make(map[string][]hubspot.AssociationType)
	}
	h[from][to] = append(h[from][to], t)
}

// drop notes that two records are associated by a type no more, or by none.
func (h joined) drop(from, to string, t hubspot.AssociationType, whole bool) {
	left := slices.DeleteFunc(slices.Clone(h[from][to]), func(x hubspot.AssociationType) bool {
		return whole || x.Category == t.Category && x.TypeID == t.TypeID
	})
	if len(left) > 0 {
		h[from][to] = left
	} else {
		delete(h[from], to)
	}
}

// ends are the records that a record is associated with, but for one.
func (h joined) ends(from, but string) []string {
	var all []string
	for other := range h[from] {
		if other != but {
			all = append(all, other)
		}
	}
	slices.Sort(all)
	return all
}

// others are the records that a record is associated with by a type, but for one.
func (h joined) others(from, to, category string, typeID int) []string {
	var all []string
	for other := range h[from] {
		if other != to && h.has(from, other, category, typeID) {
			all = append(all, other)
		}
	}
	slices.Sort(all)
	return all
}

// readEdges reads what records are associated with. Records that could not be
// read are in failed.
func (j *job) readEdges(ctx context.Context, l *edgeLine, froms []string) (h joined, failed map[string]error, err error) {
	h, failed = make(joined, len(froms)), make(map[string]error)
	if len(froms) == 0 {
		return h, failed, nil
	}
	if l.list != nil {
		h, err = j.readMembers(ctx, l, froms)
		return h, failed, err
	}
	got, err := j.Client.BatchReadAssociations(ctx, l.fromT.Path(), l.toT.Path(), froms)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range got.Edges {
		if h[e.From] == nil {
			h[e.From] = make(map[string][]hubspot.AssociationType)
		}
		h[e.From][e.To] = append(h[e.From][e.To], e.Types...)
	}
	for _, f := range got.Failures {
		ids := f.IDs
		if len(ids) == 0 {
			ids = froms // whose they are is not said
		}
		for _, id := range ids {
			failed[id] = f.Err
		}
	}
	return h, failed, nil
}

// edgePlanner plans the associations of rows.
type edgePlanner struct {
	*planner
	sweep     bool
	told      map[string]bool // records of which HubSpot told that an association changed
	seed      maphash.Seed
	adding    map[uint64]bool                // associations that this plan makes
	left      map[edgeKey]map[[2]string]bool // associations that several rows and lines asked for -> those that do no more
	far       *asking                        // what rows ask for that may share a pair with one of another page
	gather    bool                           // the walk for the order of pages fills far
	remembers bool                           // this sync made associations before
	heirs     map[edgeKey]store.Edge         // what was made for a row that leaves it to another one
	rooms     map[string]*edgeRoom           // by the object type of the other end, where something is added
	paged     bool                           // there may be several pages, and something may go
	gone      departures                     // what the pages remove, where there are several
	roomless  []roomless                     // what found no room on its page
	primaries map[string]string              // line and record -> the record that this plan makes its primary one
	err       error
}

// edgePage is a page of rows with all that planning their associations takes.
type edgePage struct {
	rows   []store.RowSeen
	wants  map[string][]*wanted
	base   map[string][]store.Edge
	own    map[string]target     // the rows' own records
	have   map[string]joined     // by object type of the other end
	failed map[string]error      // of records whose associations can't be read
	asking *asking               // what the rows ask for
	items  []rowEdges            // what was decided
	leaves map[[3]string]leaving // object type of the other end, record, other end -> what goes
}

// edges plans the associations.
func (p *planner) edges(ctx context.Context, tally store.Tally) error {
	if p.Definition.Associate == nil {
		if err := p.Store.KeepSame(ctx, p.sync.ID, leads(p.same)); err != nil {
			return err
		}
	}
	if len(p.lines) == 0 {
		return nil
	}
	if err := p.flush(ctx); err != nil { // what is planned for the rows themselves is asked for
		return err
	}
	if err := p.planParts(ctx, true); err != nil {
		return err
	}
	p.comeFirst(p.summary.Parts, p.plan.ID)
	e := &edgePlanner{planner: p, seed: maphash.MakeSeed(), adding: make(map[uint64]bool), left: make(map[edgeKey]map[[2]string]bool), primaries: make(map[string]string), rooms: make(map[string]*edgeRoom)}
	e.sweep = p.journalGap || p.sync.EdgesAt.IsZero() || tally.Rows <= cmp.Or(p.SmallEdges, edgeSweep) || p.now().Sub(p.sync.EdgesAt) >= sweepEvery || p.sync.Runs-p.sync.EdgesRun >= sweepRuns
	if p.lines[0].list != nil { // which one walk compares, however many rows there are
		e.sweep = true
		defer p.keepMembers(tally.Rows)()
	}
	p.summary.EdgesCompared, p.summary.OfEdges = e.sweep, p.Definition.Associate != nil
	if err := e.noticed(ctx); err != nil {
		return err
	}
	if err := p.usePlans(ctx); err != nil {
		return err
	}
	plans := append(p.endPlans(), p.plan.ID)
	for _, id := range plans {
		if err := p.Store.LayOutRows(ctx, id); err != nil {
			return err
		}
	}
	if err := e.farAsks(ctx, tally.Rows); err != nil {
		return err
	}
	e.gone.asking = *newAsking()
	e.paged = e.remembers && tally.Rows > hubspot.MaxAssociationRead && slices.ContainsFunc(e.lines, func(l *edgeLine) bool { return l.remove })
	if err := e.pages(ctx, e.page); err != nil {
		return err
	}
	if err := e.makeDo(ctx); err != nil {
		return err
	}
	for _, id := range plans {
		if err := p.Store.TakeUpRows(ctx, id); err != nil {
			return err
		}
	}
	if err := p.guardEdges(ctx); err != nil {
		return err
	}
	return e.over(ctx)
}

// guardEdges is the guard rail for associations that would be removed: many, and
// more than a fifth of those that the sync has made.
func (p *planner) guardEdges(ctx context.Context) error {
	made, err := p.Store.EdgeCounts(ctx, p.sync.ID)
	if err != nil {
		return err
	}
	if n := p.summary.Counts.Dissociated; n > fewEdges && n > made/5 {
		p.partGuards = append(p.partGuards, Guard{Name: "associations", Count: n, Limit: max(fewEdges, made/5),
			Detail: fmt.Sprintf("%d of the %d associations that this sync made would be removed.", n, made)})
	}
	return nil
}

// fewEdges may be removed without a question.
const fewEdges = 25

// leads follows rows that count as one with another to the one that leads them
// all.
func leads(same map[string]string) map[string]string {
	all := make(map[string]string, len(same))
	for key, lead := range same {
		for range same { // a circle has no end
			next, ok := same[lead]
			if !ok {
				break
			}
			lead = next
		}
		all[key] = lead
	}
	return all
}

// pages walks the rows so that each page is about few records: those of a sync
// of records in their order, those that are associations by the record that
// they begin at.
func (e *edgePlanner) pages(ctx context.Context, do func(context.Context, []store.RowSeen) error) error {
	byRecord := e.Definition.Associate != nil
	type place struct{ from, key string }
	var places []place
	var page []store.RowSeen
	end := func() error {
		if len(page) == 0 {
			return nil
		}
		defer func() { page = nil }()
		if !byRecord {
			return do(ctx, page)
		}
		var all []*wanted
		still := make(map[*wanted]bool) // of rows that are there and ask for it
		for _, r := range page {
			n := len(all)
			for _, w := range e.wants(r) {
				all = append(all, &w)
				still[&w] = e.gather && r.GonePull == 0 && !e.puzzling(&r)
			}
			if len(all) == n {
				all = append(all, &wanted{line: e.lines[0], bad: "none"})
			}
			all[n].cell = r.Key
		}
		if err := e.findAll(ctx, all, true); err != nil {
			return err
		}
		for _, w := range all {
			places = append(places, place{w.from.record, w.cell})
			if still[w] {
				e.far.note(w, w.from)
			}
		}
		return nil
	}
	for r, err := range e.Store.RowCells(ctx, e.sync.ID) {
		if err != nil {
			return err
		}
		if page = append(page, r); len(page) >= hubspot.MaxAssociationRead {
			if err := end(); err != nil {
				return err
			}
		}
	}
	if err := end(); err != nil || !byRecord {
		return err
	}
	e.far.sort()
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(len(a.from), len(b.from)), strings.Compare(a.from, b.from), strings.Compare(a.key, b.key))
	})
	for len(places) > 0 {
		n, froms := 0, 0
		for n < len(places) && n < 10*hubspot.MaxAssociationRead {
			if n == 0 || places[n].from != places[n-1].from {
				if froms++; froms > hubspot.MaxAssociationRead {
					break
				}
			}
			n++
		}
		keys := make([]string, n)
		for i := range keys {
			keys[i] = places[i].key
		}
		places = places[n:]
		rows, err := e.Store.RowCellsOf(ctx, e.sync.ID, keys)
		if err != nil {
			return err
		}
		page := make([]store.RowSeen, 0, n)
		for _, key := range keys {
			if r, ok := rows[key]; ok {
				page = append(page, r)
			}
		}
		if err := do(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// page plans the associations of a page of rows.
func (e *edgePlanner) page(ctx context.Context, rows []store.RowSeen) error {
	pg := &edgePage{rows: rows, have: make(map[string]joined), failed: make(map[string]error)}
	if err := e.find(ctx, pg); err != nil {
		return err
	}
	if err := e.look(ctx, pg); err != nil {
		return err
	}
	if err := e.makeRoom(ctx, pg); err != nil {
		return err
	}
	pg.asks()
	for i := range rows {
		if err := e.row(ctx, pg, &rows[i]); err != nil {
			return err
		}
	}
	e.leaving(pg)
	for i := range pg.items {
		if err := e.placed(ctx, pg, &pg.items[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// find finds what the rows of a page ask for, what is remembered of them, and the
// records that they name.
func (e *edgePlanner) find(ctx context.Context, pg *edgePage) (err error) {
	pg.wants = make(map[string][]*wanted, len(pg.rows))
	keys := make([]string, 0, len(pg.rows))
	var all []*wanted
	for i := range pg.rows {
		r := &pg.rows[i]
		keys = append(keys, r.Key)
		if r.GonePull > 0 || e.puzzling(r) {
			continue
		}
		for _, w := range e.wants(*r) {
			pg.wants[r.Key] = append(pg.wants[r.Key], &w)
			all = append(all, &w)
		}
	}
	if pg.base, err = e.Store.EdgesOf(ctx, e.sync.ID, keys); err != nil {
		return err
	}
	if pg.own, err = e.ownRecords(ctx, keys); err != nil {
		return err
	}
	return e.findAll(ctx, all, true)
}

// puzzling reports whether it can't be told what a row asks for.
func (e *edgePlanner) puzzling(r *store.RowSeen) bool {
	return r.Problems[""] != "" || (r.Differ && e.unclear(r))
}

// ownRecords are the records of the rows themselves, as far as they are or will
// be there.
func (e *edgePlanner) ownRecords(ctx context.Context, keys []string) (map[string]target, error) {
	own := make(map[string]target, len(keys))
	if e.Definition.Associate != nil {
		return own, nil
	}
	linked, err := e.Store.Ends(ctx, e.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	planned, err := e.Store.PlannedRows(ctx, e.sync.ID, e.plan.ID, keys)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		l, p := linked[key], planned[key]
		switch {
		case p.Kind == plan.ItemArchive || p.Excluded:
		case l.Gone != "" && p.Kind != plan.ItemCreate && p.Kind != plan.ItemUpdate && p.Kind != plan.ItemLink:
			own[key] = target{why: "its record is not in HubSpot any more"}
		case l.Active && l.Record != "" && l.Gone == "":
			own[key] = target{record: l.Record}
		case p.Kind == plan.ItemCreate:
			own[key] = target{coming: true}
		case p.Kind == plan.ItemUpdate || p.Kind == plan.ItemLink:
			own[key] = target{record: p.Record, coming: true}
		}
	}
	return own, nil
}

// from is the record at the beginning of what a row asks for.
func (pg *edgePage) from(w *wanted, rowKey string) target {
	if w.line.from != nil {
		return w.from
	}
	return pg.own[rowKey]
}

// look reads what the records of a page are associated with, where that can
// make a difference.
func (e *edgePlanner) look(ctx context.Context, pg *edgePage) error {
	need := make(map[*edgeLine][]string)
	for i := range pg.rows {
		r := &pg.rows[i]
		if !e.looksAt(pg, r) {
			continue
		}
		for _, w := range pg.wants[r.Key] {
			if from := pg.from(w, r.Key); from.record != "" {
				need[w.line] = append(need[w.line], from.record)
			}
		}
		for _, b := range pg.base[r.Key] {
			if l := e.line(b.Line); l != nil {
				need[l] = append(need[l], b.From)
			}
		}
	}
	byType := make(map[string][]string)
	for _, l := range e.lines {
		byType[l.toT.ID] = append(byType[l.toT.ID], need[l]...)
	}
	for _, l := range e.lines {
		if pg.have[l.toT.ID] != nil {
			continue
		}
		froms := byType[l.toT.ID]
		slices.Sort(froms)
		h, failed, err := e.readEdges(ctx, l, slices.Compact(froms))
		if err != nil {
			return err
		}
		pg.have[l.toT.ID] = h
		for id, err := range failed {
			pg.failed[id] = err
		}
	}
	return nil
}

// looksAt reports whether the associations of a row are compared with HubSpot's.
func (e *edgePlanner) looksAt(pg *edgePage, r *store.RowSeen) bool {
	return e.sweep || e.toldOf(pg, r) || e.differs(pg, r)
}

// differs reports whether a row asks for something else than is remembered, or
// waits for a person.
func (e *edgePlanner) differs(pg *edgePage, r *store.RowSeen) bool {
	for _, c := range e.open[r.Key] {
		if c.Edge != nil {
			return true
		}
	}
	wants := make(map[edgeKey]bool)
	for _, w := range pg.wants[r.Key] {
		edge, from := w.edge(), pg.from(w, r.Key)
		wants[edgeKey{w.line.name, from.record, edge.Record, edge.Category, edge.Type}] = true
	}
	for _, b := range pg.base[r.Key] {
		k := edgeKey{b.Line, b.From, b.To, b.Category, b.Type}
		if !wants[k] && b.State != plan.EdgeRestored && (b.State != plan.EdgeMade || e.removes(b)) {
			return true
		}
		delete(wants, k)
	}
	return len(wants) > 0
}

// removes reports whether a remembered association goes when its row does not
// ask for it any more.
func (e *edgePlanner) removes(b store.Edge) bool {
	l := e.line(b.Line)
	return l != nil && l.remove
}

// row plans the associations of one row.
func (e *edgePlanner) row(ctx context.Context, pg *edgePage, r *store.RowSeen) error {
	asRow := e.Definition.Associate != nil && r.GonePull == 0
	it := plan.Item{Kind: plan.ItemEdges, RowKey: r.Key, Line: r.Line, Name: e.edgeName(r)}
	if asRow {
		it.Kind = plan.ItemEdgeRow
	}
	switch {
	case asRow && (len(r.Problems) > 0 || e.puzzling(r)):
		if err := e.cover(ctx, *r); err != nil {
			return err
		}
		it.Kind, it.Fate, it.Reason = plan.ItemInvalid, plan.FateFailed, cmp.Or(r.Problems[""], "its rows differ")
		if e.unclear(r) {
			return e.sameKey(ctx, it, *r)
		}
		return e.add(ctx, it)
	case e.puzzling(r):
		e.keepRow(r.Key)
		return nil
	case e.gaveUp[r.Key] != "":
		return e.givenUp(ctx, it, r, asRow)
	}
	own := pg.own[r.Key]
	if e.Definition.Associate == nil && own.record == "" && !own.coming {
		return nil // the row has no record, and its own fate says why
	}
	if own.coming && own.record == "" && e.schema.object.Activity && len(pg.wants[r.Key]) == 0 {
		e.lone++
	}
	it.RecordID = own.record
	e.decide(ctx, pg, r, &it)
	if e.err != nil {
		return e.err
	}
	if len(it.Edits) > 0 { // else there is nothing to say of it
		pg.items = append(pg.items, rowEdges{it, r, asRow})
	}
	return nil
}

// rowEdges is what is decided of a row's associations.
type rowEdges struct {
	item  plan.Item
	row   *store.RowSeen
	asRow bool // the row is an association itself
}

// givenUp skips a row that a person gave up.
func (e *edgePlanner) givenUp(ctx context.Context, it plan.Item, r *store.RowSeen, asRow bool) error {
	if !asRow {
		return nil
	}
	if err := e.cover(ctx, *r); err != nil {
		return err
	}
	it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "given up: "+e.gaveUp[r.Key]
	return e.add(ctx, it)
}

// edgeName is what people call the row.
func (e *edgePlanner) edgeName(r *store.RowSeen) string {
	if e.Definition.Associate == nil {
		return e.nameOf(r, nil)
	}
	l := e.lines[0]
	if l.list != nil {
		return strings.TrimSpace(r.Raw[l.from.field].String() + " → " + l.list.Name)
	}
	return strings.TrimSpace(r.Raw[l.from.field].String() + " → " + r.Raw[l.to.field].String())
}

// over closes the conflicts about associations that are none any more.
func (e *edgePlanner) over(ctx context.Context) error {
	var ids []int64
	var over []store.Conflict
	for _, all := range e.open {
		for _, c := range all {
			if c.Edge != nil && !e.planner.kept[c.ID] {
				ids, over = append(ids, c.ID), append(over, c)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := e.planner.tooLate(ctx, over); err != nil {
		return err
	}
	return e.Store.CloseConflicts(ctx, ids, "it is over: both sides agree, or the row or record is gone")
}

// needLabel notes a label that has to be made in HubSpot first.
func (p *planner) needLabel(w *wanted) {
	if _, ok := w.line.typeOf(w.label); ok || w.label == "" { // the plain one comes with the object type
		return
	}
	for _, l := range p.summary.Labels {
		if l.Line == w.line.name && strings.EqualFold(l.Label, w.label) {
			return
		}
	}
	p.summary.Labels = append(p.summary.Labels, NewLabel{Line: w.line.name, From: w.line.fromT.Name, To: w.line.toT.Name, Label: w.label})
}
