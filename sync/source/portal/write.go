package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// prepared are changes that are one step from being sent. Nothing holds the
// records meanwhile: they are read once more in the breath in which they are written.
type prepared struct {
	s        *Source
	changes  []source.Change
	expected []source.Outcome
	settled  []source.Outcome
	after    string
	since    time.Time
}

// Prepare implements source.Source. What it returns is a source.Late.
func (s *Source) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	if why := s.abilities(); !why.Update {
		return nil, &source.ReadOnlyError{Location: strings.ToLower(s.object.Label) + " of " + s.where(), Msg: why.Why}
	}
	if slices.ContainsFunc(changes, func(c source.Change) bool { return c.Kind == source.Insert }) {
		if err := s.ensureKey(ctx); err != nil {
			return nil, s.in(err)
		}
	}
	p := &prepared{s: s, changes: changes, expected: make([]source.Outcome, len(changes)), settled: make([]source.Outcome, len(changes)), after: "batch " + rand.Text(), since: s.client.Date()}
	var gone []string
	for i, c := range changes {
		p.expected[i] = source.Outcome{State: source.Done, Key: c.Key, Now: c.Fields}
		if c.Kind == source.Delete {
			gone = append(gone, c.Key)
		}
	}
	if len(gone) == 0 {
		return p, nil
	}
	rows, err := s.RowsOf(ctx, gone)
	if err != nil {
		return nil, err
	}
	touched, err := s.touched(ctx, gone)
	if err != nil {
		return nil, s.in(err)
	}
	for i, c := range changes {
		if c.Kind != source.Delete {
			continue
		}
		row, there := rows[c.Key]
		p.expected[i].Now = row.Fields
		if !there || touched[c.Key] || !holds(row.Fields, s.comparable(c.Expect)) {
			p.expected[i].State = source.Moved
		}
	}
	return p, nil
}

// holds reports whether a row holds the values, to the letter.
func holds(row, values record.Values) bool {
	for name, v := range values {
		if row[name].String() != v.String() {
			return false
		}
	}
	return true
}

// comparable are the expected values of a whole record that people and syncs
// write: HubSpot changes the others by itself, and those that the sync does not
// use are not read.
func (s *Source) comparable(expect record.Values) record.Values {
	all := make(record.Values, len(expect))
	used := s.columns()
	for name, v := range expect {
		if p := s.byName[name]; p.Name != "" && p.Writable() && slices.Contains(used, name) {
			all[name] = v
		}
	}
	return all
}

// Before implements source.Prepared: there is no name for what was before.
func (*prepared) Before() string { return "" }

// After implements source.Prepared: it names the batch.
func (p *prepared) After() string { return p.after }

// Outcomes implements source.Prepared.
func (p *prepared) Outcomes() []source.Outcome { return slices.Clone(p.expected) }

// Settled implements source.Late.
func (p *prepared) Settled() []source.Outcome { return slices.Clone(p.settled) }

// Since implements source.Late.
func (p *prepared) Since() time.Time { return p.since }

// Discard implements source.Prepared.
func (*prepared) Discard() error { return nil }

// Commit implements source.Prepared: it sends the changes. It returns an error
// where not all of them could be sent; what came of the others Settled tells.
func (p *prepared) Commit(ctx context.Context) error {
	var targets, inserts []int
	for i, c := range p.changes {
		switch {
		case p.expected[i].State != source.Done:
			p.settled[i] = p.expected[i]
		case c.Kind == source.Insert:
			inserts = append(inserts, i)
		default:
			targets = append(targets, i)
		}
	}
	if err := p.alter(ctx, targets); err != nil {
		return p.s.in(err)
	}
	if err := p.create(ctx, inserts); err != nil {
		return p.s.in(err)
	}
	if slices.ContainsFunc(p.settled, func(o source.Outcome) bool { return o.State == source.Unknown }) {
		return source.ErrUnconfirmed
	}
	return nil
}

// fatal tells errors after which nothing more can be sent.
func fatal(err error) bool {
	return hubspot.IsAuth(err) || hubspot.IsNoToken(err) || hubspot.IsScopes(err) || hubspot.IsDaily(err) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// alter updates and archives. Reading and sending are one unit for every limit.
func (p *prepared) alter(ctx context.Context, some []int) error {
	if len(some) == 0 {
		return nil
	}
	var refused error // of a batch that was refused as a whole
	keys := make([]string, 0, len(some))
	for _, i := range some {
		keys = append(keys, p.changes[i].Key)
	}
	err := p.s.client.Unit(ctx, p.s.object.Path(), 3, func(ctx context.Context) error {
		refused = nil
		records, _, err := p.s.read(ctx, keys, p.needed(some))
		if err != nil {
			return err
		}
		var b breath
		for _, i := range some {
			p.settled[i] = source.Outcome{}
			p.look(i, records, &b)
		}
		if len(b.updates) > 0 {
			got, err := p.s.client.BatchUpdate(ctx, p.s.object.Path(), b.updates)
			if hubspot.IsStale(err) {
				return err
			}
			if refused, err = p.updated(b, got, err); err != nil {
				return err
			}
		}
		if len(b.gone) > 0 {
			err := p.s.client.BatchArchive(ctx, p.s.object.Path(), b.goneIDs)
			if hubspot.IsStale(err) {
				return err
			}
			return p.archived(b, err)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case refused == nil:
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(some), func(i int) bool { return p.settled[i].State != "" })
	if len(open) == 1 {
		p.settled[open[0]] = source.Outcome{State: source.Refused, Key: p.changes[open[0]].Key, Err: p.s.refused(refused)}
		return nil
	}
	half := len(open) / 2
	if err := p.alter(ctx, open[:half]); err != nil {
		return err
	}
	return p.alter(ctx, open[half:])
}

// breath is what one reading leaves to be sent.
type breath struct {
	updates []hubspot.UpdateInput
	sent    []int // the change of each
	left    []map[string]error
	gone    []int
	goneIDs []string
}

// needed are the properties that some changes have to be compared by.
func (p *prepared) needed(some []int) []string {
	var names []string
	if p.s.object.Pipeline != "" && p.s.byName[p.s.object.Pipeline].Name != "" {
		names = append(names, p.s.object.Pipeline)
	}
	for _, i := range some {
		for name := range p.changes[i].Expect {
			names = append(names, name)
		}
		for name := range p.changes[i].Fields {
			names = append(names, name)
		}
		if p.changes[i].Kind == source.Delete {
			names = append(names, p.s.columns()...)
		}
	}
	names = append(names, IDColumn)
	names = slices.DeleteFunc(names, func(name string) bool { return p.s.byName[name].Name == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

// look compares the record of a change with what it takes to stand there.
func (p *prepared) look(i int, records map[string]record.Record, b *breath) {
	c := p.changes[i]
	r, there := records[c.Key]
	if !there {
		p.settled[i] = source.Outcome{State: source.Moved, Key: c.Key}
		return
	}
	row := p.s.row(r)
	expect := c.Expect
	if c.Kind == source.Delete { // whole, as it was when the plan's row was found in it
		expect = p.s.comparable(p.expected[i].Now)
		maps.Copy(expect, p.s.comparable(c.Expect))
	}
	if !holds(row.Fields, expect) {
		now := make(record.Values, len(c.Fields))
		for name := range c.Fields {
			now[name] = row.Fields[name]
		}
		p.settled[i] = source.Outcome{State: source.Moved, Key: c.Key, Now: now}
		return
	}
	if c.Kind == source.Delete {
		b.gone, b.goneIDs = append(b.gone, i), append(b.goneIDs, r.ID)
		return
	}
	wire, left := p.s.toWire(c.Fields, r.Properties)
	if len(wire) == 0 {
		p.settled[i] = source.Outcome{State: source.Refused, Key: c.Key, Err: joined(left)}
		return
	}
	b.updates = append(b.updates, hubspot.UpdateInput{ID: r.ID, Properties: wire, TraceID: fmt.Sprintf("%s-%d", p.after, i)})
	b.sent, b.left = append(b.sent, i), append(b.left, left)
}

func joined(all map[string]error) error {
	var texts []string
	for _, err := range all {
		texts = append(texts, err.Error())
	}
	slices.Sort(texts)
	return errors.New(strings.Join(texts, "; "))
}

// updated settles what was sent by what HubSpot answered. refused is why the
// batch was refused as a whole, err what stops all.
func (p *prepared) updated(b breath, got hubspot.BatchResult, werr error) (refused, err error) {
	switch {
	case werr == nil:
	case hubspot.Unknown(werr):
		for _, i := range b.sent {
			p.settled[i] = source.Outcome{State: source.Unknown, Key: p.changes[i].Key, Err: werr}
		}
		return nil, nil
	case fatal(werr):
		return nil, werr
	default:
		return werr, nil
	}
	byID := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		byID[r.ID] = r
	}
	why := make(map[string]error, len(got.Failures))
	for _, f := range got.Failures {
		if f.TraceID != "" {
			why[f.TraceID] = f.Err
			continue
		}
		for _, id := range f.IDs {
			why[id] = f.Err
		}
	}
	for n, i := range b.sent {
		in := b.updates[n]
		r, done := byID[in.ID]
		failed := why[in.TraceID]
		if failed == nil {
			failed = why[in.ID]
		}
		o := source.Outcome{State: source.Unknown, Key: p.changes[i].Key}
		switch {
		case failed != nil:
			o.State, o.Err = source.Refused, p.s.refused(failed)
		case done:
			o.State, o.Now = source.Done, p.now(i, in.Properties, r)
			if len(b.left[n]) > 0 {
				o.Left = b.left[n]
			}
		}
		p.settled[i] = o
	}
	return nil, nil
}

// now is what the fields of a change read back as: what HubSpot answered, else
// what was sent.
func (p *prepared) now(i int, sent record.Values, answered record.Record) record.Values {
	all := make(record.Values, len(sent))
	for name, v := range sent {
		all[name] = v
		if now := answered.Properties[name]; now.State() != record.Absent {
			all[name] = now
		}
	}
	if v := answered.Properties[p.s.object.Pipeline]; !v.Empty() {
		all[p.s.object.Pipeline] = v
	}
	p.s.words.toNames(p.s, all)
	fields := make(record.Values, len(p.changes[i].Fields))
	for name := range p.changes[i].Fields {
		if v, ok := all[name]; ok {
			fields[name] = v
		}
	}
	return fields
}

// archived settles what was archived.
func (p *prepared) archived(b breath, err error) error {
	o := source.Outcome{State: source.Done}
	switch {
	case err == nil:
	case hubspot.Unknown(err):
		o.State, o.Err = source.Unknown, err
	case fatal(err):
		return err
	default:
		o.State, o.Err = source.Refused, p.s.refused(err)
	}
	for _, i := range b.gone {
		o.Key, o.Now = p.changes[i].Key, p.expected[i].Now
		p.settled[i] = o
	}
	return nil
}
