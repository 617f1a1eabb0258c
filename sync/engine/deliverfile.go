package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// files takes rows as files, each attached to a record by a note. A file is found
// again by its content, and HubSpot returns the one that is there instead of taking
// the same twice; a note is found again by a key of ours, which HubSpot keeps unique.
// So that neither is there twice, whatever becomes of an answer.
type files struct {
	*job
	ofNotes []record.Property
	of      hubspot.ObjectType
	key     record.Property // of match
	joins   hubspot.AssociationType

	ready   map[string]readied          // by row, of the page that is planned
	sent    map[string]store.Attachment // by note, of the same
	lock    sync.Mutex                  // of the following
	sending map[string]*sync.Mutex
	there   map[string]string // ids of files that are known to be there, by place and content
}

// readied is what is known of a row before it is planned.
type readied struct {
	record string
	wrong  []string
}

func (f *files) noun() noun { return noun{"an attached file", "attached files"} }

func (f *files) object() hubspot.ObjectType {
	return hubspot.ObjectType{ID: DeliveryObject(f.Definition), Name: string(definition.ToFile), Label: "Files", LabelSingular: "File",
		Primary: []string{definition.FileOf}, Email: f.as(f.of.Email), Domain: f.as(f.of.Domain)}
}

// as is the name under which the match goes if it is by a property, else "".
func (f *files) as(property string) string {
	if property != "" && property == f.match().Property {
		return definition.FileRecord
	}
	return ""
}

func (f *files) match() definition.MatchKey { return f.Definition.HubSpot.Match[0] }

// properties are those of notes. It also finds what the files are for.
func (f *files) properties(ctx context.Context) ([]record.Property, []definition.Problem, error) {
	d := f.Definition
	var problems []definition.Problem
	tell := func(part, format string, args ...any) {
		problems = append(problems, definition.Problem{Line: lineOf(d, part), Key: part, Msg: fmt.Sprintf(format, args...)})
	}
	if err := f.findOf(ctx, tell); err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	if why := noFolder(d.FilesPath()); why != "" {
		part := "hubspot.from"
		if d.Deliver.Attach.From == "" {
			part = "hubspot.file"
		}
		tell(part, "%s", why)
	}
	if f.NoSyncKey {
		tell("hubspot.object", "files can't be attached without the property %s of notes: by it a note is found again whose answer was lost", SyncKeyProperty)
	}
	var err error
	f.ofNotes, err = f.Client.Properties(ctx, "notes")
	if err != nil {
		return nil, nil, err
	}
	for i, l := range d.Fields {
		if l.Property == "hs_attachment_ids" || l.Property == SyncKeyProperty {
			tell(fmt.Sprintf("fields[%d].property", i), "%s is written by Syncline: take the line out", l.Property)
		}
	}
	return f.ofNotes, problems, nil
}

// findOf finds the object type that the files are for, how it is matched, and how notes
// join it.
func (f *files) findOf(ctx context.Context, tell func(part, format string, args ...any)) (err error) {
	d := f.Definition
	if f.of, err = f.objectType(ctx, d.Deliver.Attach.Of); err != nil {
		var none *hubspot.NoTypeError
		if errors.As(err, &none) {
			tell("hubspot.of", "%v", none)
			return nil
		}
		return err
	}
	properties, err := f.Client.Properties(ctx, f.of.Path())
	if hubspot.IsNotShown(err) {
		tell("hubspot.of", "%s", f.of.Absent())
		return nil
	}
	if err != nil {
		return err
	}
	alone := *d
	alone.Deliver, alone.Fields, alone.HubSpot.Object = nil, nil, f.of.Name
	for _, p := range definition.Check(&alone, nil, properties) {
		if strings.HasPrefix(p.Key, "hubspot.match") && f.match().Property != "hs_object_id" {
			tell("hubspot.match.property", "%s", p.Msg)
		}
	}
	if i := slices.IndexFunc(properties, func(p record.Property) bool { return p.Name == f.match().Property }); i >= 0 {
		f.key = properties[i]
	}
	types, err := f.Client.AssociationLabels(ctx, "notes", f.of.Path())
	if err != nil && !hubspot.IsUnknownPair(err) {
		return err
	}
	i := slices.IndexFunc(types, func(t hubspot.AssociationType) bool { return t.Label == "" })
	if i < 0 {
		tell("hubspot.of", "notes can't be associated with %s in this portal, so no file can be attached to them", strings.ToLower(f.of.Label))
		return nil
	}
	f.joins = types[i]
	return nil
}

// keyProperty is what the match holds, as a value of the delivery.
func (f *files) keyProperty() record.Property {
	p := record.Property{Name: definition.FileRecord, Label: f.key.Label, Type: record.TypeString, FieldType: "text"}
	if f.key.Type == record.TypeNumber {
		p.Type, p.FieldType = record.TypeNumber, "number"
	}
	return p
}

func (f *files) needs() []string { return []string{definition.FileRecord} }

func (f *files) notes() []string {
	return []string{"An undo archives the notes that were made and deletes the files that were uploaded and that no other row has; a deleted file can't be restored, and a note that a person changed stays."}
}

func (f *files) leavesOut(row store.RowSeen) string {
	if row.Values[definition.FileOf].Empty() {
		return "it names no file"
	}
	return ""
}

func (f *files) dedupes() bool { return true }

// fileBatch is how many files are looked at, and attached by one call.
const fileBatch = 20

func (f *files) size() int { return fileBatch }

// calls are two for each file, to look whether it is there and to upload it, and one for
// some notes.
func (f *files) calls(n int) int { return 2*n + batchesOf(n, fileBatch) }

// remoteID is the key of the note, the same wherever the program runs.
func (f *files) remoteID(rowKey string, times int) string {
	return f.syncKeyOf(fmt.Sprintf("%s\x00%d\x00%s", DeliveryObject(f.Definition), times, rowKey))
}

// prepare looks at the files of rows, and for the records that they are for.
func (f *files) prepare(ctx context.Context, rows []store.RowSeen, sent []string) (err error) {
	f.ready = make(map[string]readied, len(rows))
	if f.sent, err = f.Store.Attachments(ctx, f.job.sync.ID, sent); err != nil {
		return err
	}
	var values []string
	for _, row := range rows {
		if v := row.Values[definition.FileRecord].String(); v != "" && !row.Values[definition.FileOf].Empty() {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	found, err := f.holders(ctx, slices.Compact(values))
	if err != nil {
		return err
	}
	for _, row := range rows {
		var r readied
		if v := row.Values[definition.FileRecord].String(); v != "" {
			switch ids := found[strings.ToLower(v)]; len(ids) {
			case 0:
				r.wrong = append(r.wrong, fmt.Sprintf("no %s has %s as %s: it waits until one has, and each run looks again", strings.ToLower(f.of.LabelSingular), shown(v), f.match().Property))
			case 1:
				r.record = ids[0]
			default:
				r.wrong = append(r.wrong, fmt.Sprintf("%d %s have %s as %s, such as %s and %s: merge them in HubSpot, or match by what one of them alone has", len(ids), strings.ToLower(f.of.Label), shown(v), f.match().Property, ids[0], ids[1]))
			}
		}
		if cell := row.Values[definition.FileOf].String(); cell != "" {
			if why := f.unfit(cell); why != "" {
				r.wrong = append(r.wrong, why)
			}
		}
		f.ready[row.Key] = r
	}
	return nil
}

// holders are the ids of the records that have a value, by it in lower case.
func (f *files) holders(ctx context.Context, values []string) (map[string][]string, error) {
	found := make(map[string][]string, len(values))
	property := f.match().Property
	add := func(r record.Record, v string) {
		if v = strings.ToLower(v); !slices.Contains(found[v], r.ID) {
			found[v] = append(found[v], r.ID)
		}
	}
	for some := range slices.Chunk(values, hubspot.MaxBatch) {
		if property == "hs_object_id" {
			got, err := f.Client.BatchRead(ctx, f.of.Path(), hubspot.BatchReadRequest{IDs: some, Properties: []string{property}})
			if err != nil {
				return nil, err
			}
			for _, r := range got.Records {
				add(r, r.ID)
			}
			for old, now := range got.Moved {
				add(record.Record{ID: now}, old)
			}
			continue
		}
		low := make([]string, len(some))
		for i, v := range some {
			low[i] = strings.ToLower(v) // a search compares in lower case (§4)
		}
		err := f.Client.SearchAll(ctx, f.of.Path(), hubspot.SearchRequest{Groups: [][]hubspot.Filter{{{Property: property, Operator: hubspot.IN, Values: low}}}, Properties: []string{property}}, func(page []record.Record) error {
			for _, r := range page {
				add(r, record.Trimmed(r.Properties[property].String()))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// since says that a file holds something else than what was attached. One that has the size and
// the time that it had then counts as the same; one that is not there any more stays attached.
func (f *files) since(row store.RowSeen, was store.Delivery) (why string, err error) {
	a := f.sent[was.RemoteID]
	cell := row.Values[definition.FileOf].String()
	if a.Sum == "" || f.unfit(cell) != "" {
		return "", nil
	}
	if size, changed, err := f.stat(cell); err != nil || size == a.Size && changed.Equal(a.Changed) {
		return "", nil //nolint:nilerr // it went away this very moment
	}
	c, err := f.read(cell)
	if err != nil || c.sum == a.Sum {
		return "", nil //nolint:nilerr // the same
	}
	return fmt.Sprintf("the file %s has changed since", shown(cell)), nil
}

func (f *files) judge(row store.RowSeen) (string, []string) {
	r := f.ready[row.Key]
	return r.record, r.wrong
}

// start makes the property by which notes are found again.
func (f *files) start(ctx context.Context) error {
	if slices.ContainsFunc(f.ofNotes, func(p record.Property) bool { return p.Name == SyncKeyProperty && p.Unique }) {
		return nil
	}
	if err := f.makeSyncKey(ctx, "notes", f.ofNotes); err != nil {
		return fmt.Errorf("the property %s of notes, which keeps files from being attached twice, could not be made in HubSpot, so nothing was sent: %w", SyncKeyProperty, err)
	}
	return nil
}

// send uploads what is not there yet and attaches it.
func (f *files) send(ctx context.Context, ops []store.Op) ([]arrival, error) {
	arrivals := make([]arrival, len(ops))
	var notes []hubspot.CreateInput
	at := make(map[string]int, len(ops))
	for i, op := range ops {
		made, why, err := f.upload(ctx, op)
		if err != nil {
			return nil, err
		}
		if why != nil {
			arrivals[i] = arrival{end: refused, err: why}
			continue
		}
		arrivals[i].made = made
		at[op.SyncKey] = i
		notes = append(notes, f.note(op, made.FileID))
	}
	if len(notes) == 0 {
		return arrivals, nil
	}
	got, err := f.Client.BatchCreate(ctx, "notes", notes)
	if err != nil {
		return nil, err
	}
	for _, r := range got.Records {
		if i, ours := at[r.Properties[SyncKeyProperty].String()]; ours {
			arrivals[i].end, arrivals[i].id = delivered, r.ID
		}
	}
	for _, x := range got.Failures {
		for i, op := range ops {
			if x.TraceID == op.TraceID && x.TraceID != "" && !taken(x.Err) { // else an earlier attempt of ours, which is looked for
				arrivals[i].end, arrivals[i].err = refused, x.Err
			}
		}
	}
	return arrivals, nil
}

// note is what attaches a file to the record of an operation.
func (f *files) note(op store.Op, fileID string) hubspot.CreateInput {
	values := record.Values{"hs_attachment_ids": record.Text(fileID), SyncKeyProperty: record.Text(op.SyncKey)}
	for name, v := range op.Fields {
		if name != definition.FileOf && name != definition.FileRecord {
			values[name] = v
		}
	}
	if values["hs_timestamp"].Empty() {
		values["hs_timestamp"] = record.Text(f.now().UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	return hubspot.CreateInput{Properties: values, TraceID: op.TraceID, Associations: []hubspot.Edge{{To: op.RecordID, Types: []hubspot.AssociationType{f.joins}}}}
}

// find looks for notes by our key of each.
func (f *files) find(ctx context.Context, ops []store.Op) ([]arrival, error) {
	arrivals := make([]arrival, len(ops))
	keys := make([]string, len(ops))
	at := make(map[string]int, len(ops))
	for i, op := range ops {
		arrivals[i].end, keys[i], at[op.SyncKey] = absent, op.SyncKey, i
	}
	got, err := f.Client.BatchRead(ctx, "notes", hubspot.BatchReadRequest{IDs: keys, IDProperty: SyncKeyProperty, Properties: []string{SyncKeyProperty, "hs_attachment_ids"}})
	if err != nil {
		return nil, err
	}
	if n := len(got.Unaccounted); n > 0 {
		return nil, fmt.Errorf("HubSpot did not say of %d notes whether it has them", n)
	}
	for _, r := range got.Records {
		i, ours := at[r.Properties[SyncKeyProperty].String()]
		if !ours {
			continue
		}
		made := &store.Attachment{FileID: r.Properties["hs_attachment_ids"].String()}
		if made.Sum, err = f.Store.SumOf(ctx, f.job.sync.ID, made.FileID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		arrivals[i] = arrival{end: delivered, id: r.ID, made: made}
	}
	return arrivals, nil
}
