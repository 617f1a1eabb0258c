package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/transform"
)

// ambiguous plans a row whose record only a person can tell.
func (p *planner) ambiguous(ctx context.Context, it plan.Item, u store.Unlinked) error {
	by := "Syncline's key"
	shared := ""
	if u.Match.Ord >= 0 && u.Match.Ord < len(p.Definition.HubSpot.Match) {
		k := p.Definition.HubSpot.Match[u.Match.Ord]
		by, shared = k.Field, u.Row.Raw[k.Field].String()
	}
	if u.Match.Ord == -2 {
		by = "What was said of the two"
	}
	c := store.Conflict{Field: by, Cause: plan.Cause("identity-" + u.Match.Reason), Source: shared, HubSpot: u.Match.Shown()}
	switch u.Match.Reason {
	case store.MatchSeveral:
		c.Reason = fmt.Sprintf("%d records in HubSpot have the %s %q: %s", u.Match.Count, by, shared, c.HubSpot)
	case store.MatchShared:
		c.Reason = fmt.Sprintf("%d rows share the %s %q: rows %s", u.Match.Count, by, shared, c.HubSpot)
	case store.MatchOther:
		c.RecordID = u.Match.Others
		c.Reason = fmt.Sprintf("the record %s bears this row's key, but holds something else: the key may have been given to another row", u.Match.Others)
	case store.MatchChosen:
		c.RecordID = u.Match.Others
		c.Reason = fmt.Sprintf("of the record %s was said that it is this row's, and it is archived or erased by now, or was merged with one that is not this row's: restore it in HubSpot, or decide here", u.Match.Others)
	default:
		c.Reason = fmt.Sprintf("the record with the %s %q belongs to another row already: %s", by, shared, c.HubSpot)
		if u.Match.Ord == -2 {
			c.Reason = fmt.Sprintf("the record of which was said that it is this row's belongs to another row by now: %s", c.HubSpot)
		}
		if was := p.claimed[u.Row.Key]; was != nil && was.gone {
			c.RecordID = was.Holder.Link.RecordID
			c.Reason = fmt.Sprintf("the record with the %s %q belongs to the row %s, which left the source: is this the same row under a new key?", by, shared, c.HubSpot)
		}
	}
	return p.waits(ctx, it, c)
}

// createWithout plans a record for a row. The properties in taken are not
// written, since another record holds the row's values of them.
func (p *planner) createWithout(ctx context.Context, it plan.Item, row store.RowSeen, taken map[string]bool) error {
	it.Kind, it.Fate, it.Reason = plan.ItemCreate, plan.FateCreated, "no record matches this row"
	if len(it.Edits) > 0 {
		it.Reason = it.Edits[0].Reason
	}
	writes, sound := 0, p.sound(&row)
	it.Edits = slices.Grow(it.Edits, len(p.mapping.Fields))
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		v := row.Values[f.Property]
		if f.Direction == definition.FromHubSpot {
			// It agrees from now on, as it is: an edit of either side is one from the first moment on.
			it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditAdopt, Source: mapping.Text(v), Reason: "the record is made without it"})
			continue
		}
		if v.Empty() {
			continue
		}
		if taken[f.Property] {
			it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditKeep, Source: mapping.Text(v), Reason: "another record holds the value, and HubSpot keeps it unique"})
			continue
		}
		writes++
		it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditHubSpot, Source: mapping.Text(v), New: mapping.Text(p.sendable(f, v, sound)), Reason: "new record"})
	}
	it.Edits = p.mapping.WithPipeline(it.Edits, nil)
	if writes == 0 {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "the row has no value for HubSpot"
		return p.add(ctx, it)
	}
	// A record is made whole or not at all.
	lacking := p.mapping.Lacking(it.Edits)
	refused, err := p.refuse(ctx, &it, nil, sound)
	if err != nil {
		return err
	}
	if lacking != "" {
		refused = append(refused, lacking)
	}
	if len(refused) > 0 {
		it.Kind, it.Fate, it.Reason, it.Edits = plan.ItemInvalid, plan.FateFailed, strings.Join(refused, "; "), nil
		p.keepRow(row.Key)
	} else if object := p.schema.object; object.Stageless && !sends(it.Edits, object.Stage) {
		p.tally.Note(object.Stage, it.Name, transform.RemarkStageless)
	}
	return p.addNew(ctx, it, row)
}

// sends reports whether one of the edits writes a property.
func sends(edits []plan.Edit, property string) bool {
	return slices.ContainsFunc(edits, func(e plan.Edit) bool { return e.Property == property && e.Action == plan.EditHubSpot })
}
