package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// The records that a match property finds at the other end of associations are
// a sync of their own, a part of the one that asks for them: its rows are the
// distinct values of the column, and it creates what is missing where the
// definition says so. So all that holds for records holds for these too: they
// are matched one to one or wait for a person, they are created through the one
// gate and never twice, they follow merges, and an undo archives them if nobody
// touched them.

// checkEndPart makes the part ready that finds the records of an end.
func (j *job) checkEndPart(ctx context.Context, l *edgeLine, e *edgeEnd, match definition.MatchKey, create bool, part string, tell func(string, string, ...any)) error {
	d := &definition.Definition{
		Name:      fmt.Sprintf("%s: %s by %s", j.Definition.Name, strings.ToLower(e.object.Label), match.Property),
		Source:    definition.Source{Kind: "csv", Key: []string{match.Field}, NoBlanks: j.Definition.Source.NoBlanks},
		HubSpot:   definition.HubSpot{Portal: j.Definition.HubSpot.Portal, Object: e.object.ID, Match: []definition.MatchKey{match}},
		Direction: definition.ToHubSpot, Create: definition.CreateNone, Duplicates: definition.DuplicatesReview, Verify: definition.VerifyNone,
		Delete: definition.Delete{RowGone: "ignore", RecordGone: "ignore"},
		Guards: definition.Guards{Creates: j.Definition.Guards.Creates},
	}
	if create {
		d.Create = definition.CreateHubSpot
		d.Fields = []definition.Field{{Field: match.Field, Property: match.Property, Direction: definition.ToHubSpot, Conflict: definition.Review, Blank: "ignore"}}
	}
	e.said = "the " + match.Property
	sub := *j.Engine
	sub.Definition, sub.Progress, sub.Confirmed, sub.WriteID = d, nil, true, nil
	cells := &cellSource{column: match.Field}
	sub.Source = cells
	p := &job{Engine: &sub, calls: j.calls, failedBefore: j.failedBefore, types: j.types, part: true}
	cells.rows = func(ctx context.Context) iter.Seq2[record.Row, error] { return j.cellRows(ctx, l, e) }
	cells.version = func() string { return fmt.Sprintf("pull %d", max(j.pull, j.sync.Pull)) }
	problems, err := p.check(ctx)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		tell(part, "%s", problem.Msg)
	}
	e.part = p
	if len(p.schema.properties) > 0 {
		for _, prop := range p.schema.properties {
			if prop.Name == match.Property && prop.Label != "" {
				e.said = "the " + strings.ToLower(prop.Label)
			}
		}
	}
	return nil
}

// refOf is the canonical value by which a cell's record is found; an error is
// what is wrong with the cell.
func (j *job) refOf(column, cell string) (string, error) {
	if cell = record.Trimmed(cell); cell == "" {
		return "", nil
	}
	cells := record.Values{column: record.Text(cell)}
	values, problems := j.mapping.RowValues(cells)
	for _, msg := range problems {
		return "", fmt.Errorf("%s", msg)
	}
	return j.mapping.RowMatch(cells, values)[0], nil
}

// parts are the syncs that are parts of this one, in their order.
func (j *job) parts() []*job {
	var all []*job
	for _, l := range j.lines {
		for _, e := range []*edgeEnd{l.from, l.to} {
			if e != nil && e.part != nil {
				all = append(all, e.part)
			}
		}
	}
	return all
}

// guardParts makes this process the only one that runs the parts, and settles
// what they left open.
func (j *job) guardParts(ctx context.Context) (release func(), err error) {
	var releases []func()
	release = func() {
		for _, r := range releases {
			r()
		}
	}
	for _, l := range j.lines {
		for side, e := range map[string]*edgeEnd{"from": l.from, "to": l.to} {
			if e != nil && e.own {
				e.syncID = j.sync.ID // it may be seen for the first time
			}
			if e == nil || e.part == nil {
				continue
			}
			p, name := e.part, side+" "+l.name
			p.Definition.ID, p.Definition.Path = j.sync.UID+"/"+name, j.sync.Path+"#"+name
			r, err := p.guardIn(ctx)
			if err != nil {
				release()
				return nil, err
			}
			releases = append(releases, r)
			if err := j.Store.SetPart(ctx, p.sync.ID, j.sync.ID, name); err != nil {
				release()
				return nil, err
			}
			if err := p.recover(ctx); err != nil {
				release()
				return nil, err
			}
			e.syncID = p.sync.ID
		}
	}
	return release, nil
}

// planParts plans the parts, after the rows have been read: those of other object
// types before the rows are planned, those of the rows' own type after that, so that
// what the rows make is not made for associations too.
func (p *planner) planParts(ctx context.Context, own bool) error {
	if p.summary.Parts == nil {
		p.summary.Parts, p.summary.First = make([]string, len(p.parts())), p.First
	}
	i := -1
	for _, l := range p.lines {
		for _, e := range []*edgeEnd{l.from, l.to} {
			if e == nil || e.part == nil {
				continue
			}
			if i++; own != (e.object.ID == p.schema.object.ID && p.Definition.Associate == nil) {
				continue
			}
			part := e.part
			p.comeFirst(p.summary.Parts, p.ownPlan(own))
			if _, err := part.resume(ctx); err != nil {
				return err
			}
			pl, err := part.makePlan(ctx)
			if err != nil {
				return err
			}
			summary, err := summaryOf(pl)
			if err != nil {
				return err
			}
			e.planID = pl.ID
			p.summary.Parts[i] = pl.ID
			if n := summary.Counts.Created; n > 0 {
				if made := fmt.Sprintf("%d %s are made for associations, with nothing but their %s.", n, strings.ToLower(e.object.Label), part.Definition.HubSpot.Match[0].Property); n > 1 {
					p.notes = append(p.notes, made)
				} else {
					p.notes = append(p.notes, fmt.Sprintf("1 %s is made for associations, with nothing but its %s.", strings.ToLower(e.object.LabelSingular), part.Definition.HubSpot.Match[0].Property))
				}
				p.summary.Calls += summary.Calls
			}
			for _, g := range summary.Guards {
				if g.Name == "creates" {
					g.Detail = e.object.Label + " for associations: " + g.Detail
					p.partGuards = append(p.partGuards, g)
				}
			}
		}
	}
	return nil
}

// ownPlan is the plan of the rows themselves once they are planned, "" before.
func (p *planner) ownPlan(planned bool) string {
	if !planned {
		return ""
	}
	return p.plan.ID
}

// applyParts applies the plans of the parts, as runs of their own that belong to
// this one.
func (j *job) applyParts(ctx context.Context, pl plan.Plan, summary Summary) error {
	for i, p := range j.parts() {
		if i >= len(summary.Parts) {
			return nil
		}
		part, err := j.Store.Plan(ctx, summary.Parts[i])
		if errors.Is(err, store.ErrNotFound) {
			return &SetupError{Kind: "plan", Msg: fmt.Sprintf("the plan %s is too old: what it was to make for associations is not known any more; preview again", pl.ID)}
		}
		if err != nil {
			return err
		}
		p.reread, p.untrusted = j.reread, j.untrusted
		switch part.State {
		case plan.Applied, plan.Stale:
			continue
		case plan.Applying:
			if _, err := p.resume(ctx); err != nil {
				return err
			}
			continue
		}
		if err := j.Store.CheckPlan(ctx, part.ID); err != nil {
			return err
		}
		p.partOf = j.runID
		if _, err := p.carryOut(ctx, part); err != nil {
			return err
		}
		j.verifying += p.verifying
	}
	return nil
}

// cellRows are the distinct values of the column of an end, as rows.
func (j *job) cellRows(ctx context.Context, l *edgeLine, e *edgeEnd) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		seed, seen := maphash.MakeSeed(), make(map[uint64]bool)
		for row, err := range j.Store.RowCells(ctx, j.sync.ID) {
			if err != nil {
				yield(record.Row{}, err)
				return
			}
			if row.GonePull > 0 || row.Problems[""] != "" {
				continue
			}
			for _, w := range j.wants(row) {
				if w.line != l {
					continue
				}
				ref, cell := w.toRef, w.cell
				if e == l.from {
					ref, cell = w.fromRef, record.Trimmed(row.Raw[e.field].String())
				}
				if ref == "" {
					continue
				}
				h := maphash.String(seed, ref)
				if seen[h] {
					continue
				}
				seen[h] = true
				if !yield(record.Row{Key: ref, Line: row.Line, Fields: record.Values{e.field: record.Text(cell)}}, nil) {
					return
				}
			}
		}
	}
}

// cellSource is a source of the values of one column of another sync's rows. It
// can only be read.
type cellSource struct {
	column  string
	rows    func(context.Context) iter.Seq2[record.Row, error]
	version func() string
}

// Describe implements source.Source.
func (c *cellSource) Describe(context.Context) (source.Schema, error) {
	return source.Schema{Kind: "cells", Location: c.column, Columns: []source.Column{{Name: c.column}}, Rows: -1, Identity: "cells " + c.column,
		Abilities: source.Abilities{Why: "these are the values of a column"}}, nil
}

// Rows implements source.Source.
func (c *cellSource) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return c.rows(ctx)
}

// Version implements source.Source.
func (c *cellSource) Version(context.Context) (string, error) { return c.version(), nil }

// Prepare implements source.Source.
func (c *cellSource) Prepare(context.Context, []source.Change) (source.Prepared, error) {
	return nil, &source.ReadOnlyError{Location: c.column, Msg: "these are the values of a column"}
}

// Close implements source.Source.
func (c *cellSource) Close() error { return nil }

var _ source.Source = (*cellSource)(nil)
