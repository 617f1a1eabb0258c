package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// Associations go through the same gate as records: the two ends are found, what
// they are associated with is read, what no longer is as it was decided on is put
// aside, the intent is committed, and the rest is sent in the next call. HubSpot
// takes the labels of a pair as a whole, so that those which are there are sent
// along, and a batch never names a pair twice.

// edgeTask is one association of an item on its way.
type edgeTask struct {
	item  int // in the page
	edit  int // in the item
	line  *edgeLine
	from  string
	to    string
	typ   hubspot.AssociationType
	add   bool
	was   store.Edge // as it is remembered
	came  edgeCame
	why   string // why not
	pair  bool   // nothing joined the two records before
	op    store.Op
	class plan.Class
	// replaces is the record that it takes the place of as the primary one, as far as
	// the plan knew; known tells that it looked.
	replaces string
	known    bool
	chosen   bool   // a person decided it
	shared   bool   // this sync holds more on the pair than what is removed
	both     bool   // it is the same from either end
	joined   bool   // its row had something on the pair when it was planned
	undo     bool   // an undo makes or removes it
	full     bool   // there can be only one, and another one is there
	other    string // the one that is there
	// inPlace: others leave to make room for it, so that it is made after they are removed.
	inPlace bool
	late    bool // it waits for the next pass to make room
}

// edgeCame is what became of a task.
type edgeCame int

const (
	edgeOpen    edgeCame = iota
	edgeDone             // written
	edgeThere            // it was as it shall be already
	edgeWaits            // an end is missing
	edgeRefused          // HubSpot refused it, or cannot be asked
	edgeAsk              // a person decides
	edgeSkipped          // the row has no record, and its own fate says why
)

// associates writes the associations of a plan.
func (j *job) associates(ctx context.Context, pl plan.Plan) error {
	if len(j.lines) == 0 && pl.Kind != plan.KindUndo {
		return nil
	}
	summary, err := summaryOf(pl)
	if err != nil {
		return err
	}
	first, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemEdges, plan.ItemEdgeRow)
	if err != nil {
		return err
	}
	if len(first) == 0 {
		return j.edgesCompared(ctx, pl, summary)
	}
	j.Progress.change(func(s *Snapshot) {
		s.Phase = PhaseAssociate
		j.edgesFrom = j.callsNow().Total - s.Associations.Calls
	})
	j.edgeLane(func(l *Lane) {
		l.State, l.What, l.Total = "working", "Associating "+strings.ToLower(j.schema.object.Label), summary.Counts.Associated+summary.Counts.Dissociated
	})
	if err := j.makeLabels(ctx, summary.Labels); err != nil {
		return err
	}
	back, err := j.rowsBack(ctx, pl)
	if err != nil {
		return err
	}
	j.patient = true
	before := math.MaxInt
	for pass := 0; pass < attempts; {
		again, late, err := j.edgePass(ctx, pl, back)
		if err != nil {
			j.edgeLane(func(l *Lane) { l.State, l.What = "stopped", err.Error() })
			return err
		}
		if again == 0 {
			j.edgeLane(func(l *Lane) { l.State, l.What = "done", "" })
			return j.edgesCompared(ctx, pl, summary)
		}
		if again == late {
			j.patient, before = late < before, late
			continue
		}
		pass++
		if err := j.wait(ctx, time.Duration(1<<(pass-1))*time.Second, "HubSpot to answer again"); err != nil {
			return err
		}
	}
	return fmt.Errorf("HubSpot did not answer %d times in a row: run again later, the run goes on where it stopped", attempts)
}

func (j *job) edgeLane(f func(*Lane)) {
	traffic := j.Client.Traffic()
	j.Progress.change(func(s *Snapshot) {
		s.Associations.Calls = j.callsNow().Total - j.edgesFrom
		s.Traffic = traffic
		f(&s.Associations)
		s.Associations.told(j.now())
	})
}

// makeLabels makes the labels in HubSpot that the plan's associations bear.
func (j *job) makeLabels(ctx context.Context, labels []NewLabel) error {
	for _, n := range labels {
		l := j.line(n.Line)
		if l == nil {
			continue
		}
		if _, ok := l.typeOf(n.Label); ok {
			continue // made meanwhile, or by an interrupted run
		}
		made, err := j.Client.CreateAssociationLabel(ctx, l.fromT.Path(), l.toT.Path(), n.Label)
		if hubspot.IsConflict(err) { // by somebody, since the plan was made
			made, err = j.Client.AssociationLabels(ctx, l.fromT.Path(), l.toT.Path())
		}
		if err != nil && fatal(err) {
			return err
		}
		if err != nil {
			j.note("The label %q from %s to %s could not be made in HubSpot (%v): what would bear it waits.", n.Label, n.From, n.To, err)
		}
		l.types = append(l.types, made...)
		for _, other := range j.lines {
			if other != l && other.fromT.ID == l.fromT.ID && other.toT.ID == l.toT.ID {
				other.types = l.types
			}
		}
	}
	return nil
}

// rowsBack are the rows that were gone when associations were planned to be
// removed for that, and that a second look at the source found.
func (j *job) rowsBack(ctx context.Context, pl plan.Plan) (map[string]bool, error) {
	if pl.Kind == plan.KindUndo {
		return nil, nil
	}
	a := newSecondSight()
	var gone []string
	err := j.pages(ctx, pl, 500, func(items []plan.Item) error {
		var keys []string
		for _, it := range items {
			if slices.ContainsFunc(it.Edits, plan.Edit.Dissociates) {
				keys = append(keys, it.RowKey)
			}
		}
		rows, err := j.Store.RowCellsOf(ctx, j.sync.ID, keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if r, ok := rows[key]; !ok || r.GonePull > 0 {
				gone = append(gone, key)
				a.back[a.hash(key)] = false
			}
		}
		return nil
	}, plan.ItemEdges, plan.ItemEdgeRow)
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	if err := j.lookFor(ctx, a, pl.Pull); err != nil {
		return nil, err
	}
	back := make(map[string]bool)
	for _, key := range gone {
		back[key] = a.found(key) != ""
	}
	return back, nil
}

// edgePass sends all that is still to do once, in pages of as many associations
// as a call takes. It returns how many items are not done, and how many of them wait only
// for others to make room.
func (j *job) edgePass(ctx context.Context, pl plan.Plan, back map[string]bool) (again, late int, err error) {
	var page []plan.Item
	edges := 0
	most, records := j.edgeCap()
	send := func() error {
		if len(page) == 0 {
			return nil
		}
		n, m, err := j.sendEdges(ctx, pl, page, back)
		again, late = again+n, late+m
		page, edges = nil, 0
		if err == nil {
			err = j.breaker()
		}
		return err
	}
	err = j.pages(ctx, pl, hubspot.MaxAssociationRead, func(items []plan.Item) error {
		for _, it := range items {
			n := len(it.Edits)
			full := edges+n > most || len(page) >= 4*records
			if full && (len(page) == 0 || it.RecordID == "" || page[len(page)-1].RecordID != it.RecordID) {
				if err := send(); err != nil {
					return err
				}
			}
			page, edges = append(page, it), edges+n
		}
		return nil
	}, plan.ItemEdges, plan.ItemEdgeRow)
	if err == nil {
		err = send()
	}
	return again, late, err
}

// sendEdges carries out the associations of a page of items.
func (j *job) sendEdges(ctx context.Context, pl plan.Plan, items []plan.Item, back map[string]bool) (again, late int, err error) {
	tasks, err := j.edgeTasks(ctx, pl, items, back)
	if err != nil {
		return 0, 0, err
	}
	groups := make(map[string][]*edgeTask)
	var order []string
	for _, t := range tasks {
		if t.came != edgeOpen {
			continue
		}
		name := t.line.fromT.ID + " " + t.line.toT.ID
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], t)
	}
	for _, name := range order {
		for _, part := range j.edgeBatches(groups[name]) {
			if err := j.edgeBatch(ctx, part); err != nil {
				return 0, 0, err
			}
		}
	}
	open := make(map[int]bool)
	for _, t := range tasks {
		if t.came == edgeOpen {
			open[t.item] = true
		}
	}
	return len(open), lateItems(tasks), j.endEdges(ctx, pl, items, tasks, open)
}

// edgeBatches parts tasks so that each part is what one reading and one writing
// take, and that all tasks of two records are in one.
func (j *job) edgeBatches(tasks []*edgeTask) [][]*edgeTask {
	most, records := j.edgeCap()
	slices.SortStableFunc(tasks, func(a, b *edgeTask) int {
		return cmp.Or(cmp.Compare(len(a.from), len(b.from)), strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
	})
	var all [][]*edgeTask
	start, froms, pairs := 0, 0, 0
	for i, t := range tasks {
		newFrom := i == start || tasks[i-1].from != t.from
		newPair := newFrom || tasks[i-1].to != t.to
		if newPair && i > start && (pairs >= most || newFrom && froms >= records) {
			all = append(all, tasks[start:i])
			start, froms, pairs = i, 0, 0
			newFrom = true
		}
		if newFrom {
			froms++
		}
		if newPair {
			pairs++
		}
	}
	if start < len(tasks) {
		all = append(all, tasks[start:])
	}
	return all
}

// edgeTasks finds the ends of what the items ask for.
func (j *job) edgeTasks(ctx context.Context, pl plan.Plan, items []plan.Item, back map[string]bool) ([]*edgeTask, error) {
	keys := make([]string, 0, len(items))
	refs := make(map[*edgeEnd][]string)
	for _, it := range items {
		keys = append(keys, it.RowKey)
		for _, e := range it.Edits {
			if l := j.edgeLineOf(e); l != nil && e.Associates() && pl.Kind != plan.KindUndo {
				refs[l.to] = append(refs[l.to], e.Edge.Row)
				if l.from != nil {
					refs[l.from] = append(refs[l.from], e.Edge.FromRow)
				}
			}
		}
	}
	found := make(map[*edgeEnd]map[string]target, len(refs))
	for end, all := range refs {
		var err error
		if found[end], err = j.resolveRefs(ctx, end, all, false); err != nil {
			return nil, err
		}
	}
	own, err := j.Store.Ends(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	remembered, err := j.Store.EdgesOf(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	now, err := j.wantedNow(ctx, pl, keys)
	if err != nil {
		return nil, err
	}
	var tasks []*edgeTask
	for i, it := range items {
		for n, e := range it.Edits {
			if e.Edge == nil || !e.Writes() {
				continue
			}
			t := &edgeTask{item: i, edit: n, line: j.edgeLineOf(e), add: e.Associates(), from: it.RecordID, to: e.Edge.Record, typ: hubspot.AssociationType{Category: e.Edge.Category, TypeID: e.Edge.Type, Label: e.Edge.Label},
				op: store.Op{PlanID: pl.ID, N: it.N, RowKey: it.RowKey, LinkID: it.LinkID}, known: it.RecordID != "" && e.Edge.Record != "", chosen: e.Choice != 0 || pl.Kind == plan.KindUndo, undo: pl.Kind == plan.KindUndo}
			if e.HubSpot != nil {
				t.replaces = *e.HubSpot
			}
			t.inPlace = t.add && (e.Cause == plan.CauseLimit || pl.Kind == plan.KindUndo)
			if t.line == nil {
				t.came, t.why = edgeThere, "the definition has no such association any more"
				tasks = append(tasks, t)
				continue
			}
			if t.add && pl.Kind != plan.KindUndo {
				t.findEnds(e, own[it.RowKey], found)
			} else if e.Edge.FromRow != "" {
				t.from = e.Edge.FromRow
			}
			for _, b := range remembered[it.RowKey] {
				t.joined = t.joined || t.add && b.State.Held() && b.From == t.from && b.To == t.to && b.Object == t.object()
				if b.Line == e.Edge.Line && b.From == t.from && b.To == t.to && b.Category == t.typ.Category && b.Type == t.typ.TypeID {
					t.was = b
				}
			}
			t.was.Pair = t.was.Pair || !t.add && e.Edge.Pair
			t.both = e.Edge.Both || t.line.mutual(t.typ.Category, t.typ.TypeID)
			if !t.add && back[it.RowKey] {
				t.came, t.why = edgeThere, "its row is back in the source, or may be: it stays"
			}
			if why := now.moved(it.RowKey, e); why != "" {
				t.came, t.why = edgeSkipped, why
			}
			tasks = append(tasks, t)
		}
	}
	return tasks, j.sharePairs(ctx, items, tasks)
}

// sharePairs finds out of which pairs more is left than what is removed: by other
// lines of the definition, or by other rows.
func (j *job) sharePairs(ctx context.Context, items []plan.Item, tasks []*edgeTask) error {
	var froms []string
	gone := make(map[edgeKey]bool)
	for _, t := range tasks {
		if !t.add && t.came == edgeOpen {
			froms = append(froms, t.from)
			gone[edgeKey{"", t.from, t.to, t.typ.Category, t.typ.TypeID}] = true
		}
	}
	if len(froms) == 0 {
		return nil
	}
	slices.Sort(froms)
	held, err := j.Store.HeldEdges(ctx, j.sync.ID, slices.Compact(froms))
	if err != nil {
		return err
	}
	adopted := make(map[edgeKey]bool) // by rows that are about to be remembered with it, or are
	for _, all := range held {
		for _, e := range all {
			if !gone[edgeKey{"", e.From, e.To, e.Category, e.Type}] {
				adopted[edgeKey{line: e.Object, from: e.From, to: e.To}] = true
			}
		}
	}
	for _, it := range items {
		for _, e := range it.Edits {
			if e.Edge != nil && e.Action == plan.EditAdopt {
				adopted[edgeKey{line: e.Edge.Object, from: it.RecordID, to: e.Edge.Record}] = true
			}
		}
	}
	for _, t := range tasks {
		t.shared = items[t.item].Edits[t.edit].Edge.Kept || adopted[edgeKey{line: t.object(), from: t.from, to: t.to}]
	}
	return nil
}

func (t *edgeTask) object() string {
	if t.line == nil {
		return ""
	}
	return t.line.toT.ID
}

func (j *job) edgeLineOf(e plan.Edit) *edgeLine {
	if e.Edge == nil {
		return nil
	}
	return j.line(e.Edge.Line)
}

// findEnds finds the two records of an association that is to be made, and its
// type.
func (t *edgeTask) findEnds(e plan.Edit, own store.End, found map[*edgeEnd]map[string]target) {
	if t.line.from != nil {
		from := found[t.line.from][e.Edge.FromRow]
		if t.from = from.record; t.from == "" {
			t.came, t.why = edgeWaits, from.why
		}
	} else if t.from = own.Record; !own.Active || t.from == "" {
		t.came, t.why = edgeSkipped, "its row has no record in HubSpot: see what became of that"
	}
	if e.Edge.Row != "" {
		to := found[t.line.to][e.Edge.Row]
		if t.to = to.record; t.to == "" && t.came == edgeOpen {
			t.came, t.why = edgeWaits, to.why
		}
	}
	if t.typ.TypeID == 0 {
		typ, ok := t.line.typeOf(e.Edge.Label)
		if !ok && t.came == edgeOpen {
			t.came, t.why = edgeWaits, fmt.Sprintf("HubSpot has no label %q from %s to %s", e.Edge.Label, strings.ToLower(t.line.fromT.Label), strings.ToLower(t.line.toT.Label))
		}
		t.typ = typ
	}
	if t.came == edgeOpen && t.from == t.to && t.line.fromT.ID == t.line.toT.ID {
		t.came, t.class, t.why = edgeRefused, plan.ClassInvalid, "a record can't be associated with itself"
	}
}

// edgeBatch reads and writes the associations of one batch as one unit; what was
// refused as a whole is tried in halves.
func (j *job) edgeBatch(ctx context.Context, tasks []*edgeTask) error {
	var b edgeBreath
	removals := 0
	for _, t := range tasks {
		if !t.add {
			removals++
		}
	}
	calls := 2 + 2*batchesOf(removals, hubspot.MaxAssociationArchive)
	if removals < len(tasks) {
		limits, err := j.limitsOf(ctx, tasks[0].line)
		if err != nil {
			return err
		}
		if only(limits.back) {
			calls += 2
		}
	}
	var before joined
	if tasks[0].line.list != nil {
		var err error
		if before, err = j.interrupted(ctx, tasks); err != nil {
			return err
		}
		calls = 1
	}
	err := j.Client.Unit(ctx, j.schema.object.Name, calls, func(ctx context.Context) error {
		b = edgeBreath{job: j, tasks: tasks, line: tasks[0].line, before: before}
		for _, t := range tasks {
			t.came, t.why, t.late = edgeOpen, "", false
		}
		return b.carry(ctx)
	})
	if err != nil {
		return err
	}
	if len(b.unknown) > 0 {
		return j.settleTasks(ctx, b.unknown, b.lost)
	}
	if b.refused == nil {
		j.edgeLane(func(l *Lane) { l.Done += len(tasks) })
		return nil
	}
	if err := j.edgeHalves(ctx, b.again, b.refused); err != nil {
		return err
	}
	// What was to follow the refused call was not sent.
	unsent := slices.DeleteFunc(slices.Clone(tasks), func(t *edgeTask) bool { return t.came != edgeOpen || slices.Contains(b.again, t) })
	if len(unsent) == 0 {
		return nil
	}
	return j.edgeBatch(ctx, unsent)
}

// edgeHalves tries a refused batch in halves, until only the culprits remain.
// That parts the labels of a pair too: each half reads what is there by then.
func (j *job) edgeHalves(ctx context.Context, tasks []*edgeTask, refused error) error {
	if len(tasks) == 1 {
		t := tasks[0]
		if j.postpone(t) {
			return nil
		}
		t.came, t.class, t.why = edgeRefused, plan.ClassRefused, "HubSpot refused it: "+refused.Error()
		j.edgeLane(func(l *Lane) { l.Done++ })
		return nil
	}
	half := len(tasks) / 2
	if err := j.edgeBatch(ctx, tasks[:half]); err != nil {
		return err
	}
	return j.edgeBatch(ctx, tasks[half:])
}
