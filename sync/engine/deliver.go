package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// Where the target is no record, a row is delivered once: its values are sent, and
// what was sent is remembered beside what HubSpot made of it. There is nothing to
// pull, to match or to merge. A row that changes after it was delivered is left out,
// since HubSpot can't change what it made of it, until a person asks for it to be
// sent once more.

// recipient is what rows are delivered to.
type recipient interface {
	noun() noun
	// properties are what a delivery can hold, nil where that can't be asked for. Problems
	// are what keeps it from being delivered to at all.
	properties(ctx context.Context) ([]record.Property, []definition.Problem, error)
	// object stands in the place of the object type.
	object() hubspot.ObjectType
	// needs are the properties without which HubSpot takes none.
	needs() []string
	// notes say before the first is sent what can't be undone.
	notes() []string
	// dedupes tells that HubSpot has one thing once, however often it is sent.
	dedupes() bool
	size() int       // how many are sent at once
	calls(n int) int // that n of them take
	// remoteID is what HubSpot shall know it by, where that is ours to give; times is how
	// often its row was sent on purpose, with this time.
	remoteID(rowKey string, times int) string
	// send sends what was intended. An error is that of the whole.
	send(ctx context.Context, ops []store.Op) ([]arrival, error)
	// leavesOut says why a row is not for it, "" where it is.
	leavesOut(row store.RowSeen) string
	// prepare looks up what is to be known of rows before they are planned, and of what was made of
	// others that were sent.
	prepare(ctx context.Context, rows []store.RowSeen, sent []string) error
	// since says of a row that is as it was sent what else has changed, "" where nothing has.
	since(row store.RowSeen, was store.Delivery) (why string, err error)
	// judge says why a row can't be delivered now, and which record it is for, "" where
	// it is for none.
	judge(row store.RowSeen) (recordID string, wrong []string)
	// start is called before the first is sent.
	start(ctx context.Context) error
	// find asks HubSpot what became of operations that were sent and whose answer never came.
	find(ctx context.Context, ops []store.Op) ([]arrival, error)
}

// noun is what one of them is called, and several.
type noun struct{ one, many string }

// arrival is what became of one operation.
type arrival struct {
	end  ending
	id   string            // HubSpot's, of what came of it
	made *store.Attachment // of a file that was attached
	note string            // what a person should know of it
	// other tells that HubSpot has something else under its id, which was sent before and stays.
	other bool
	err   error // of one that was refused
}

// ending is how an operation ended.
type ending int

const (
	unaccounted ending = iota // the answer says nothing of it
	delivered
	refused
	absent   // it is known not to have arrived
	doubtful // nobody can tell: a person decides whether it is sent again
)

// delivers reports whether the sync has no records.
func (j *job) delivers() bool { return j.Definition.Deliver != nil }

// recordsMade reports whether a plan makes records in HubSpot.
func (j *job) recordsMade(s Summary) bool {
	return !j.delivers() && s.Counts.Created > s.Counts.SourceCreated
}

// checkDelivery is check for such a sync.
func (j *job) checkDelivery(ctx context.Context) ([]definition.Problem, error) {
	d := j.Definition
	j.recipient = newRecipient(j)
	properties, problems, err := j.recipient.properties(ctx)
	if err != nil {
		return nil, err
	}
	j.schema.object = j.recipient.object()
	if j.schema.source, err = source.Outline(ctx, j.Source); err != nil {
		return nil, err
	}
	var columns []string
	for _, c := range j.schema.source.Columns {
		columns = append(columns, c.Name)
	}
	if open := j.openQuestions(); len(open) > 0 {
		return append(problems, open...), nil
	}
	problems = append(problems, definition.Check(d, columns, properties)...)
	if len(problems) > 0 {
		return problems, nil
	}
	if err := j.readEnv(ctx); err != nil {
		return nil, err
	}
	whole := *d
	whole.HubSpot.Match, whole.Fields = nil, append(slices.Clone(d.Fields), d.DeliverFields()...)
	known := slices.Clone(properties)
	for _, f := range whole.Fields {
		if !slices.ContainsFunc(known, func(p record.Property) bool { return p.Name == f.Property }) {
			known = append(known, j.deliveredProperty(f.Property))
		}
	}
	j.schema.properties = known
	object := mapping.Object{ID: j.schema.object.ID, Primary: j.schema.object.Primary, Email: j.schema.object.Email, Domain: j.schema.object.Domain}
	if j.mapping, err = mapping.New(&whole, object, known, j.schema.env); err != nil {
		return []definition.Problem{{Line: d.Line("fields"), Key: "fields", Msg: err.Error()}}, nil
	}
	if err := j.look(ctx); err != nil {
		return nil, err
	}
	j.mapping.UseNames(j.namedColumns())
	return nil, nil
}

// DeliveryObject stands in the place of an object type's id for what a definition
// delivers rows to: to another one all rows are sent anew. It is "" for records.
func DeliveryObject(d *definition.Definition) string {
	if d.Deliver == nil {
		return ""
	}
	name := string(d.Deliver.To) + "/" + d.Deliver.Event + d.Deliver.Form
	if a := d.Deliver.Attach; a != nil {
		name += a.Of
	}
	return name
}

// newRecipient is the recipient that the definition names.
func newRecipient(j *job) recipient {
	switch j.Definition.Deliver.To {
	case definition.ToForm:
		return &form{job: j}
	case definition.ToFile:
		return &files{job: j}
	}
	return &timeline{j}
}

// deliveredProperty is a value of a delivery of which HubSpot does not say what it
// holds: a text, but for the moment at which it happened.
func (j *job) deliveredProperty(name string) record.Property {
	if f, ok := j.recipient.(*files); ok && name == definition.FileRecord {
		return f.keyProperty()
	}
	label := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, definition.EventPart), definition.FormPart), definition.FilePart)
	p := record.Property{Name: name, Label: label, Type: record.TypeString, FieldType: "text"}
	switch name {
	case definition.EventTimestamp:
		p.Type, p.FieldType = record.TypeDateTime, "date"
	case definition.FormConsent:
		p.Type, p.FieldType = record.TypeBool, "booleancheckbox"
	}
	return p
}

// deliveries plans the rows of a sync whose target is no record.
func (p *planner) deliveries(ctx context.Context) error {
	var page []store.RowSeen
	for u, err := range p.Store.UnlinkedRows(ctx, p.sync.ID) {
		if err != nil {
			return err
		}
		if page = append(page, u.Row); len(page) == rowPage {
			if err := p.deliverPage(ctx, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if err := p.deliverPage(ctx, page); err != nil {
		return err
	}
	if p.summary.Counts.Created > 0 {
		p.notes = append(p.notes, p.recipient.notes()...)
	}
	return nil
}

func (p *planner) deliverPage(ctx context.Context, rows []store.RowSeen) error {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
	}
	known, err := p.Store.Deliveries(ctx, p.sync.ID, keys)
	if err != nil {
		return err
	}
	var open []store.RowSeen
	var notes []string
	for _, row := range rows {
		was := known[row.Key]
		switch {
		case was.State == plan.DeliverySent:
			notes = append(notes, was.RemoteID)
		case was.State != plan.DeliveryUndone && len(row.Problems) == 0:
			open = append(open, row)
		}
	}
	if err := p.recipient.prepare(ctx, open, notes); err != nil {
		return err
	}
	for i := range rows {
		if err := p.deliverRow(ctx, rows[i], known[rows[i].Key]); err != nil {
			return err
		}
	}
	return nil
}

// deliverRow plans one row.
func (p *planner) deliverRow(ctx context.Context, row store.RowSeen, was store.Delivery) error {
	it := plan.Item{RowKey: row.Key, Line: row.Line, Name: p.nameOf(&row, nil), RecordID: was.RemoteID}
	same := was.State == plan.DeliverySent && len(row.Problems) == 0 && slices.Equal(was.Hash, row.Hash)
	changed := "its row, or the field map, has changed since"
	if same {
		since, err := p.recipient.since(row, was)
		if err != nil {
			return err
		}
		if since != "" {
			same, changed = false, since
		}
	}
	if same && row.Copies < 2 {
		return nil // it counts as unchanged
	}
	if err := p.cover(ctx, row); err != nil {
		return err
	}
	switch {
	case p.unclear(&row):
		return p.sameKey(ctx, it, row)
	case same:
		p.covered-- // the row itself, unlike those that count as one with it
		return nil
	case p.leftAlone(&it):
		return p.add(ctx, it)
	case was.State == plan.DeliverySent:
		n := p.recipient.noun()
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
		it.Reason = fmt.Sprintf("it was sent on %s and %s; HubSpot can't change %s, so it stays as it was sent. To send it once more: retry with --row", was.At.Format("2006-01-02"), changed, n.one)
		return p.add(ctx, it)
	case was.State == plan.DeliveryUndone:
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
		it.Reason = fmt.Sprintf("it was taken back by an undo on %s. To send it once more: retry with --row", was.At.Format("2006-01-02"))
		return p.add(ctx, it)
	case was.State == plan.DeliveryDoubtful:
		return p.inDoubt(ctx, it, row, mayBeThere)
	case was.State == "" && p.untrusted && !p.recipient.dedupes():
		return p.inDoubt(ctx, it, row, olderWorkspace)
	case len(row.Problems) > 0:
		return p.invalid(ctx, it, row)
	}
	if why := p.recipient.leavesOut(row); why != "" {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
		return p.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason, it.RecordID = plan.ItemDeliver, plan.FateCreated, "it was not sent before", ""
	if was.State == plan.DeliveryAgain {
		it.Reason = "a person asked for it to be sent once more"
	}
	if lead, ok := p.leading[row.Key]; ok {
		it.Edits = append(it.Edits, lead)
	}
	sound := p.sound(&row)
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		if v := row.Values[f.Property]; !v.Empty() {
			it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditHubSpot, Source: mapping.Text(v), New: mapping.Text(p.sendable(f, v, sound)), Reason: it.Reason})
		}
	}
	recordID, unready := p.recipient.judge(row)
	if wrong := append(p.undeliverable(it, sound), unready...); len(wrong) > 0 {
		p.keepRow(row.Key)
		it.Kind, it.Fate, it.Reason, it.Edits = plan.ItemInvalid, plan.FateFailed, strings.Join(wrong, "; "), nil
	}
	it.RecordID = recordID
	return p.add(ctx, it)
}

// Why a row waits for a person before it is sent.
const (
	mayBeThere     = "it may have been sent already: HubSpot's answer was lost, and HubSpot does not show it"
	olderWorkspace = "it may have been sent already: this workspace is an older copy, which does not know what was sent since"
	sentOrAgain    = ". Send it again with retry --row, or take it as sent with retry --row and --sent"

	// CauseMaySent is under what rows wait of which nobody can tell whether they were sent.
	CauseMaySent = "May have been sent already"
)

// inDoubt plans a row of which nobody can tell whether it was sent: it waits.
func (p *planner) inDoubt(ctx context.Context, it plan.Item, row store.RowSeen, why string) error {
	p.keepRow(row.Key)
	it.Kind, it.Fate, it.Reason = plan.ItemInvalid, plan.FateFailed, why+sentOrAgain
	it.Edits = []plan.Edit{{Action: plan.EditWait, Reason: why}}
	return p.add(ctx, it)
}

// inDoubtOf is the failed row of an item that waits for that.
func inDoubtOf(it plan.Item) *store.Attention {
	return &store.Attention{RowKey: it.RowKey, Name: it.Name, Line: it.Line, Class: plan.ClassBlocked, Cause: CauseMaySent, Message: it.Reason}
}

// undeliverable are the reasons why HubSpot would not take a delivery.
func (p *planner) undeliverable(it plan.Item, sound record.Values) (wrong []string) {
	refused := p.mapping.Refusals(it.Edits, nil, sound)
	for i := range it.Edits {
		if why := refused[i]; why != "" {
			wrong = append(wrong, why)
		}
	}
	for _, name := range p.recipient.needs() {
		if !sends(it.Edits, name) {
			wrong = append(wrong, fmt.Sprintf("%s needs a value of %s, and the row has none: fill it", p.recipient.noun().one, p.titleOf(name)))
		}
	}
	return wrong
}

// deliver sends the rows of a plan.
func (j *job) deliver(ctx context.Context, pl plan.Plan) error {
	if !j.delivers() {
		return nil
	}
	if pl.Kind == plan.KindUndo {
		return j.batchesOf(ctx, pl, historyPage, j.sendRecalls, plan.ItemRecall)
	}
	if _, left, err := j.Store.Work(ctx, pl.ID); err != nil || left == 0 {
		return err
	}
	if err := j.recipient.start(ctx); err != nil {
		return err
	}
	return j.batchesOf(ctx, pl, j.recipient.size(), j.sendDeliveries, plan.ItemDeliver)
}

// sendDeliveries carries out one batch by the two-commit protocol.
func (j *job) sendDeliveries(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	known, err := j.deliveriesOf(ctx, items)
	if err != nil {
		return 0, err
	}
	var left []plan.Item
	var ops []store.Op
	var over []store.Outcome
	for _, it := range items {
		was := known[it.RowKey]
		if was.State == plan.DeliverySent {
			o := j.outcome(pl, it)
			o.Fate, o.Reason = plan.FateSkipped, "it was sent after the plan was made"
			over = append(over, o)
			continue
		}
		op := store.Op{PlanID: pl.ID, N: it.N, Side: plan.HubSpot, Kind: plan.OpDeliver, RowKey: it.RowKey, RecordID: it.RecordID, SyncKey: j.recipient.remoteID(it.RowKey, was.Times+1), Fields: record.Values{}, Pre: record.Values{}}
		for _, e := range it.Edits {
			if e.Action == plan.EditHubSpot {
				op.Fields[e.Property] = mapping.Value(e.New)
			}
		}
		left, ops = append(left, it), append(ops, op)
	}
	if err := j.finish(ctx, over); err != nil || len(ops) == 0 {
		return 0, err
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return 0, err
	}
	arrivals, err := j.recipient.send(ctx, ops)
	j.at("answered")
	switch {
	case err == nil:
		return j.accountDeliveries(ctx, pl, left, ops, arrivals, fmt.Errorf("HubSpot's answer left out some of %d inputs", len(ops)))
	case hubspot.Unknown(err):
		return j.settle(ctx, ops, err)
	case fatal(err):
		return 0, errors.Join(err, j.finish(ctx, dropped(ops, err)))
	case len(left) == 1:
		return 0, j.finish(ctx, []store.Outcome{j.failed(pl, left[0], ops[0], err)})
	}
	if err := j.finish(ctx, dropped(ops, err)); err != nil {
		return 0, err
	}
	return halves(ctx, pl, left, j.sendDeliveries)
}

func (j *job) deliveriesOf(ctx context.Context, items []plan.Item) (map[string]store.Delivery, error) {
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.RowKey
	}
	return j.Store.Deliveries(ctx, j.sync.ID, keys)
}

// accountDeliveries ends the operations of which it is known what became of them, and looks for
// the others.
func (j *job) accountDeliveries(ctx context.Context, pl plan.Plan, items []plan.Item, ops []store.Op, arrivals []arrival, why error) (again int, err error) {
	known, err := j.deliveriesOf(ctx, items)
	if err != nil {
		return 0, err
	}
	var outcomes []store.Outcome
	var left []store.Op
	for i, a := range arrivals {
		switch a.end {
		case delivered:
			outcomes = append(outcomes, j.arrived(pl, items[i], ops[i], a, known[items[i].RowKey].Times+1))
		case refused:
			outcomes = append(outcomes, j.failed(pl, items[i], ops[i], a.err))
		case absent:
			again++
			outcomes = append(outcomes, dropped(ops[i:i+1], why)...)
		case unaccounted:
			left = append(left, ops[i])
		case doubtful:
			if known[items[i].RowKey].State == plan.DeliveryDoubtful {
				continue // it waits already
			}
			outcomes = append(outcomes, j.leftInDoubt(pl, items[i], ops[i], a, known[items[i].RowKey]))
		}
	}
	if err := j.finish(ctx, outcomes); err != nil || len(left) == 0 {
		return again, err
	}
	n, err := j.settle(ctx, left, why)
	return again + n, err
}

// arrived ends a delivery that happened.
func (j *job) arrived(pl plan.Plan, it plan.Item, op store.Op, a arrival, times int) store.Outcome {
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Fate: plan.FateCreated, Reason: it.Reason}
	if a.note != "" {
		o.Reason = a.note
	}
	sent := make(record.Values, len(it.Edits))
	o.Audit = append(o.Audit, store.Audit{RowKey: op.RowKey, RecordID: a.id, Side: plan.HubSpot, Action: plan.OpDeliver, Why: o.Reason})
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot {
			continue
		}
		sent[e.Property] = mapping.Value(e.Source)
		o.Audit = append(o.Audit, store.Audit{RowKey: op.RowKey, RecordID: a.id, Side: plan.HubSpot, Field: e.Field, Property: e.Property, Action: plan.OpDeliver, After: e.New, Why: e.Reason})
	}
	j.rules(&o, it)
	o.Delivery = &store.Delivery{RowKey: op.RowKey, State: plan.DeliverySent, Hash: j.mapping.Hash(sent), RemoteID: a.id, Times: times}
	if a.other { // further runs go on to say that the row is another one than what was sent
		o.Fate, o.Delivery.Hash = plan.FateSkipped, []byte{}
		o.Reason += ". To send it once more: retry with --row"
		o.Audit = nil
	}
	if o.Attachment = a.made; o.Attachment != nil {
		o.Attachment.NoteID, o.Attachment.RowKey, o.Attachment.RecordID = a.id, op.RowKey, op.RecordID
	}
	return o
}

// leftInDoubt ends the item of a delivery of which nobody can tell whether it happened.
// Its operation stays open, so that each further run asks for it again.
func (j *job) leftInDoubt(pl plan.Plan, it plan.Item, op store.Op, a arrival, was store.Delivery) store.Outcome {
	o := j.outcome(pl, it)
	o.Source, o.HubSpot = nil, nil
	o.Fate, o.Reason = plan.FateFailed, mayBeThere+a.note+sentOrAgain
	it.Reason = o.Reason
	o.Attention = inDoubtOf(it)
	o.Delivery = &store.Delivery{RowKey: op.RowKey, State: plan.DeliveryDoubtful, Hash: []byte{}, RemoteID: op.SyncKey, Times: was.Times}
	return o
}

// settleDeliveries finds out what became of deliveries whose answer never came.
func (j *job) settleDeliveries(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	arrivals, err := j.recipient.find(ctx, ops)
	if err != nil {
		return 0, err
	}
	for i := range ops {
		pl, it, err := j.item(ctx, ops[i])
		if err != nil {
			return again, err
		}
		n, err := j.accountDeliveries(ctx, pl, []plan.Item{it}, ops[i:i+1], arrivals[i:i+1], why)
		again += n
		if err != nil {
			return again, err
		}
	}
	return again, nil
}

// deliveries plans the undo of what a run delivered: it stays, and each row says so.
func (u *undoer) deliveries(ctx context.Context, runID string) error {
	if f, ok := u.recipient.(*files); ok {
		return u.recalls(ctx, f, runID)
	}
	n := u.recipient.noun()
	for a, err := range u.Store.AuditOf(ctx, runID) {
		if err != nil {
			return err
		}
		if a.Action != plan.OpDeliver || a.Property != "" || len(u.part.Rows) > 0 && !slices.Contains(u.part.Rows, a.RowKey) {
			continue
		}
		it := u.item(a)
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "HubSpot has no way to take back "+n.one+": it stays as it was sent"
		if err := u.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// doubtOf keeps of a row that the workspace knows nothing of that nobody can tell whether
// it was sent, so that further runs ask too; nil where that is known.
func (j *job) doubtOf(it plan.Item) *store.Delivery {
	if it.Edits[0].Reason != olderWorkspace {
		return nil
	}
	return &store.Delivery{RowKey: it.RowKey, State: plan.DeliveryDoubtful, Hash: []byte{}}
}
