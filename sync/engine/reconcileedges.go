package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// Associations are compared as a run would: those that a row asks for must be in
// HubSpot, and where others are removed, those that the sync made and the row
// asks for no more must not. What people associated by themselves is no
// difference.

// due is a row whose fields were compared and whose associations are still to
// be.
type due struct {
	d   Difference
	row store.RowSeen
}

// settle counts a pair, whose associations are compared first where it has any.
func (c *comparer) settle(ctx context.Context, d Difference, row store.RowSeen) error {
	if len(c.lines) == 0 {
		return c.judge(ctx, d)
	}
	if c.due = append(c.due, due{d, row}); len(c.due) >= hubspot.MaxAssociationRead {
		return c.compareDue(ctx)
	}
	return nil
}

// judge counts a pair by the fields that differ.
func (c *comparer) judge(ctx context.Context, d Difference) error {
	switch len(d.Fields) {
	case 0:
		c.counts.Read++
		c.counts.Equal++
		return nil
	case 1:
		d.Reason = d.Fields[0].Reason
	default:
		d.Reason = fmt.Sprintf("%d fields differ", len(d.Fields))
	}
	return c.add(ctx, d)
}

// compareDue compares the associations of the pairs that wait for it.
func (c *comparer) compareDue(ctx context.Context) error {
	page := c.due
	c.due = nil
	found, err := c.missing(ctx, page)
	if err != nil {
		return err
	}
	for i, p := range page {
		p.d.Fields = append(p.d.Fields, found[i]...)
		if err := c.judge(ctx, p.d); err != nil {
			return err
		}
	}
	return nil
}

// associations compares a sync whose rows are associations.
func (c *comparer) associations(ctx context.Context) (ReconcileCounts, error) {
	if err := c.pullRows(ctx); err != nil {
		return ReconcileCounts{}, err
	}
	if c.lines[0].list != nil {
		defer c.keepMembers(hubspot.ListPage)()
	}
	for _, part := range []func(context.Context) error{c.edgeRows, c.goneRows, c.unreadable, c.flush} {
		if err := part(ctx); err != nil {
			return ReconcileCounts{}, err
		}
	}
	return c.counts, nil
}

// edgeRows compares rows that are associations themselves.
func (c *comparer) edgeRows(ctx context.Context) error {
	var page []due
	compare := func() error {
		found, err := c.missing(ctx, page)
		if err != nil {
			return err
		}
		for i, p := range page {
			if len(found[i]) == 0 {
				c.counts.Read++
				c.counts.Equal++
				continue
			}
			p.d.Fields, p.d.Reason = found[i], found[i][0].Reason
			if err := c.add(ctx, p.d); err != nil {
				return err
			}
		}
		page = nil
		return nil
	}
	for row, err := range c.Store.RowCells(ctx, c.sync.ID) {
		if err != nil {
			return err
		}
		d := Difference{Key: row.Key, Line: row.Line, Name: row.Key, Found: FoundOnlySource}
		if err := c.others(ctx, d, &row); err != nil {
			return err
		}
		switch {
		case c.unclear(&row):
			d.Reason = fmt.Sprintf("%d rows have the key %q, so that none can be compared: make the key unique", row.Copies, row.Key)
		case row.Problems[""] != "":
			d.Reason = row.Problems[""]
		default:
			if page = append(page, due{d, row}); len(page) >= hubspot.MaxAssociationRead {
				err = compare()
			}
			if err != nil {
				return err
			}
			continue
		}
		if err := c.add(ctx, d); err != nil {
			return err
		}
	}
	return compare()
}

// goneRows adds the associations that the sync made for rows that left the
// source, where it removes those.
func (c *comparer) goneRows(ctx context.Context) error {
	if !slices.ContainsFunc(c.lines, func(l *edgeLine) bool { return l.remove }) {
		return nil
	}
	keys, err := c.outer.Store.EdgeKeys(ctx, c.sync.ID)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(keys, hubspot.MaxAssociationRead) {
		there, err := c.Store.RowCellsOf(ctx, c.sync.ID, some)
		if err != nil {
			return err
		}
		var page []due
		for _, key := range some {
			if _, ok := there[key]; !ok {
				page = append(page, due{Difference{Key: key, Name: key, Found: FoundOnlyHubSpot}, store.RowSeen{Key: key, GonePull: 1}})
			}
		}
		found, err := c.missing(ctx, page)
		if err != nil {
			return err
		}
		for i, p := range page {
			if len(found[i]) == 0 {
				continue
			}
			p.d.Fields, p.d.Reason = found[i], "its row left the source"
			if err := c.add(ctx, p.d); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing finds, for each row of a page, the associations that one of the sides
// has and the other has not.
func (c *comparer) missing(ctx context.Context, page []due) ([][]DifferentField, error) {
	wants, keys := make([][]*wanted, len(page)), make([]string, 0, len(page))
	var all []*wanted
	for i := range page {
		keys = append(keys, page[i].row.Key)
		if page[i].row.GonePull > 0 {
			continue
		}
		for _, w := range c.wants(page[i].row) {
			wants[i] = append(wants[i], &w)
			all = append(all, &w)
		}
	}
	outer := &job{Engine: c.outer, sync: c.sync, lines: c.lines}
	if err := outer.findAll(ctx, all, false); err != nil {
		return nil, err
	}
	base, err := c.outer.Store.EdgesOf(ctx, c.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	have, failed, err := c.joinedOf(ctx, page, wants, base)
	if err != nil {
		return nil, err
	}
	found := make([][]DifferentField, len(page))
	for i, p := range page {
		asked := make(map[edgeKey]bool)
		for _, w := range wants[i] {
			from := cmp.Or(p.d.Record, w.from.record)
			edge := w.edge()
			asked[edgeKey{w.line.name, from, edge.Record, edge.Category, edge.Type}] = true
			if why := c.lacks(w, from, edge, have, failed); why != "" {
				source := w.cell
				if w.label != "" {
					source += " (" + w.label + ")"
				}
				found[i] = append(found[i], DifferentField{Field: w.line.column(), Property: w.line.title(), Source: &source, Direction: definition.ToHubSpot, Reason: why})
			}
		}
		for _, b := range base[p.row.Key] {
			l := c.line(b.Line)
			if l == nil || !l.remove || b.State != plan.EdgeMade || asked[edgeKey{b.Line, b.From, b.To, b.Category, b.Type}] || !have[l.toT.ID].has(b.From, b.To, b.Category, b.Type) {
				continue
			}
			theirs := plan.Edge{Record: b.To, Label: b.Label}.Text()
			found[i] = append(found[i], DifferentField{Field: l.column(), Property: l.title(), HubSpot: &theirs, Direction: definition.ToHubSpot, Reason: "the source has it no more"})
		}
	}
	return found, nil
}

// lacks says why HubSpot has not the association that a row asks for, "" where
// it has.
func (c *comparer) lacks(w *wanted, from string, edge plan.Edge, have map[string]joined, failed map[string]error) string {
	switch why := cmp.Or(w.bad, w.from.why, w.to.why); {
	case why != "":
		return why
	case failed[from] != nil:
		return fmt.Sprintf("the associations of the record %s can't be read: %v", from, failed[from])
	case edge.Type == 0:
		return fmt.Sprintf("HubSpot has no label %q from %s to %s", w.label, w.line.fromT.Name, w.line.toT.Name)
	case w.line.list != nil && (from == "" || !have[listType.ID].has(from, edge.Record, edge.Category, edge.Type)):
		return "it is not in the list"
	case from == "" || edge.Record == "" || !have[w.line.toT.ID].has(from, edge.Record, edge.Category, edge.Type):
		return "HubSpot has no such association"
	}
	return ""
}

// joinedOf reads what the records of a page are associated with, by the object
// type of the other end.
func (c *comparer) joinedOf(ctx context.Context, page []due, wants [][]*wanted, base map[string][]store.Edge) (map[string]joined, map[string]error, error) {
	froms := make(map[string][]string)
	for i, p := range page {
		for _, w := range wants[i] {
			if from := cmp.Or(p.d.Record, w.from.record); from != "" {
				froms[w.line.toT.ID] = append(froms[w.line.toT.ID], from)
			}
		}
		for _, b := range base[p.row.Key] {
			froms[b.Object] = append(froms[b.Object], b.From)
		}
	}
	have, failed := make(map[string]joined), make(map[string]error)
	for _, l := range c.lines {
		ids := froms[l.toT.ID]
		if have[l.toT.ID] != nil {
			continue
		}
		have[l.toT.ID] = make(joined)
		slices.Sort(ids)
		for some := range slices.Chunk(slices.Compact(ids), hubspot.MaxAssociationRead) {
			h, bad, err := c.readEdges(ctx, l, some)
			if err != nil {
				return nil, nil, err
			}
			for from, to := range h {
				have[l.toT.ID][from] = to
			}
			for id, err := range bad {
				failed[id] = err
			}
		}
	}
	return have, failed, nil
}

// knowParts finds the syncs by which the records of ends are found that a match
// property names: what they linked is asked for, and they are not run.
func (j *job) knowParts(ctx context.Context, ends *store.Store) error {
	for _, l := range j.lines {
		for side, e := range map[string]*edgeEnd{"from": l.from, "to": l.to} {
			if e == nil || e.part == nil {
				continue
			}
			name := side + " " + l.name
			known, err := ends.FindSync(ctx, store.Sync{UID: j.sync.UID + "/" + name, Path: j.sync.Path + "#" + name, PortalID: j.schema.account.PortalID, Object: e.object.ID})
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			e.syncID = known.ID
		}
	}
	return nil
}
