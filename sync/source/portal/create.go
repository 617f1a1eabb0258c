package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// SyncKeyProperty is the unique, hidden property with the mark of a record that
// a run made, the same as on the other side of a sync.
const SyncKeyProperty = "syncline_key"

// ensureKey makes the property where the portal lets it. Without it, a record
// whose answer was lost is known by what it holds.
func (s *Source) ensureKey(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyed || s.keyless != "" || s.opts.NoSyncKey {
		return nil
	}
	_, err := s.client.EnsureProperty(ctx, s.object.Path(), hubspot.NewProperty{
		Name: SyncKeyProperty, Label: "Syncline key", Type: record.TypeString, FieldType: "text", Unique: true, Hidden: true,
		Description: "Set by Syncline on the records that it creates, so that none is ever created twice.",
	})
	switch {
	case err == nil:
		s.keyed = true
		return nil
	case !hubspot.Refused(err):
		return fmt.Errorf("the property %s, which keeps records from being made twice, could not be made in the portal %s, so nothing was written there: %w", SyncKeyProperty, s.where(), err)
	}
	s.keyless = err.Error()
	s.problems = append(s.problems, source.Note{Text: fmt.Sprintf("The portal %s did not allow the property %s (%v). Records made there are secured by their values only: an answer lost by the network could, rarely, leave a record twice.", s.where(), SyncKeyProperty, err)})
	return nil
}

func (s *Source) hasKey() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keyed && !s.opts.NoSyncKey
}

// create makes records. One that was made by an earlier attempt is found by its
// mark and not made again.
func (p *prepared) create(ctx context.Context, some []int) error {
	var inputs []hubspot.CreateInput
	var sent []int
	keyed := p.s.hasKey()
	for _, i := range some {
		fields := make(record.Values, len(p.changes[i].Fields))
		for name, v := range p.changes[i].Fields {
			// Of a row that is put back, HubSpot's own properties are HubSpot's to fill.
			if prop := p.s.byName[name]; prop.Name != "" && prop.Writable() {
				fields[name] = v
			}
		}
		wire, left := p.s.toWire(fields, nil)
		if len(left) > 0 {
			// A record without what it should have would be a record to mend.
			p.settled[i] = source.Outcome{State: source.Refused, Err: joined(left)}
			continue
		}
		for name, v := range wire {
			if v.Empty() {
				delete(wire, name)
			}
		}
		if keyed && p.changes[i].Mark != "" {
			wire[SyncKeyProperty] = record.Text(p.changes[i].Mark)
		}
		inputs = append(inputs, hubspot.CreateInput{Properties: wire, TraceID: fmt.Sprintf("%s-%d", p.after, i)})
		sent = append(sent, i)
	}
	return p.send(ctx, inputs, sent)
}

// send sends creates; a batch that is refused as a whole is halved until only the
// culprits are refused.
func (p *prepared) send(ctx context.Context, inputs []hubspot.CreateInput, sent []int) error {
	if len(inputs) == 0 {
		return nil
	}
	got, err := p.s.client.BatchCreate(ctx, p.s.object.Path(), inputs)
	switch {
	case err == nil:
		return p.created(ctx, inputs, sent, got)
	case hubspot.Unknown(err):
		for _, i := range sent {
			p.settled[i] = source.Outcome{State: source.Unknown, Err: err}
		}
		return nil
	case fatal(err):
		return err
	case len(inputs) == 1:
		return p.createRefused(ctx, sent[0], err)
	}
	half := len(inputs) / 2
	if err := p.send(ctx, inputs[:half], sent[:half]); err != nil {
		return err
	}
	return p.send(ctx, inputs[half:], sent[half:])
}

// created settles the creates that an answer speaks of; the others are unknown.
func (p *prepared) created(ctx context.Context, inputs []hubspot.CreateInput, sent []int, got hubspot.BatchResult) error {
	why := make(map[string]error, len(got.Failures))
	for _, f := range got.Failures {
		why[f.TraceID] = f.Err
	}
	var open []int // into inputs
	for n, i := range sent {
		if refused := why[inputs[n].TraceID]; refused != nil {
			if err := p.createRefused(ctx, i, refused); err != nil {
				return err
			}
			continue
		}
		p.settled[i] = source.Outcome{State: source.Unknown}
		open = append(open, n)
	}
	complete := len(got.Records) == len(open)
	for _, r := range got.Records {
		at := slices.IndexFunc(open, func(n int) bool { return madeOf(r, inputs[n].Properties) })
		if at < 0 || !complete && r.Properties[SyncKeyProperty].Empty() {
			continue
		}
		n := open[at]
		open = slices.Delete(open, at, at+1)
		p.settled[sent[n]] = source.Outcome{State: source.Done, Key: p.s.row(r).Key, Now: p.born(sent[n], inputs[n].Properties, r)}
	}
	return nil
}

// born is what a new record holds: what was sent as it reads back, and what
// HubSpot gave it by itself, such as a lifecycle stage.
func (p *prepared) born(i int, sent record.Values, r record.Record) record.Values {
	all := p.now(i, sent, r)
	for name, v := range p.s.row(r).Fields {
		if _, told := all[name]; !told && !v.Empty() && p.s.byName[name].Writable() {
			all[name] = v
		}
	}
	return all
}

// madeOf reports whether a record can be what an input made: by our mark, else by
// all that the answer shows of it.
func madeOf(r record.Record, sent record.Values) bool {
	if mark := r.Properties[SyncKeyProperty]; !mark.Empty() {
		return mark.String() == sent[SyncKeyProperty].String()
	}
	for name, v := range sent {
		if now := r.Properties[name]; now.State() != record.Absent && !strings.EqualFold(now.String(), v.String()) {
			return false
		}
	}
	return true
}

// createRefused settles a create that HubSpot refused. Where its mark is taken,
// an earlier attempt of ours has landed.
func (p *prepared) createRefused(ctx context.Context, i int, refused error) error {
	p.settled[i] = source.Outcome{State: source.Refused, Err: p.s.refused(refused)}
	if !p.s.hasKey() || !hubspot.IsConflict(refused) && !strings.Contains(refused.Error(), "already has that value") {
		return nil
	}
	rows, err := p.s.marked(ctx, []string{p.changes[i].Mark})
	if err != nil {
		return err
	}
	if row, ok := rows[p.changes[i].Mark]; ok {
		p.settled[i] = source.Outcome{State: source.Done, Key: row.Key, Now: p.changes[i].Fields}
	}
	return nil
}

// marked finds records by our marks.
func (s *Source) marked(ctx context.Context, marks []string) (map[string]record.Row, error) {
	got, err := s.client.BatchRead(hubspot.UseReserve(ctx), s.object.Path(), hubspot.BatchReadRequest{IDs: marks, IDProperty: SyncKeyProperty, Properties: append(s.columns(), SyncKeyProperty)})
	if err != nil {
		return nil, err
	}
	rows := make(map[string]record.Row, len(got.Records))
	for _, r := range got.Records {
		rows[r.Properties[SyncKeyProperty].String()] = s.row(r)
	}
	return rows, nil
}

// MadeOf implements source.Piecewise.
func (s *Source) MadeOf(ctx context.Context, inserts []source.Change, since time.Time) (map[string]record.Row, error) {
	if s.hasKey() {
		marks := make([]string, 0, len(inserts))
		for _, c := range inserts {
			marks = append(marks, c.Mark)
		}
		rows, err := s.marked(ctx, marks)
		return rows, s.in(err)
	}
	rows := make(map[string]record.Row)
	names := s.columns()
	for _, c := range inserts {
		for name := range c.Fields {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	err := s.client.ListAll(ctx, s.object.Path(), hubspot.ListRequest{Properties: slices.Compact(names)}, func(records []record.Record) error {
		for _, r := range records {
			if r.Created.Before(since) {
				continue
			}
			row := s.row(r)
			for _, c := range inserts {
				if _, found := rows[c.Mark]; !found && holds(row.Fields, c.Fields) {
					rows[c.Mark] = row
					break
				}
			}
		}
		return nil
	})
	return rows, s.in(err)
}
