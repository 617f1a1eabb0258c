package engine

import (
	"context"
	"fmt"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// clashes says by property which unique values of an item differ from that of
// another record or row in case or spaces alone: HubSpot would refuse them, and
// nobody would see why. Of the very same value HubSpot judges, since its holder
// may be gone by then.
func (p *planner) clashes(ctx context.Context, it plan.Item) (map[string]string, error) {
	all := make(map[string]string)
	for _, c := range p.mapping.Claims(it.Edits) {
		holders, err := p.Store.Holders(ctx, p.sync.ID, c.Nth, c.Field.Property, c.Folded, it.RecordID, it.RowKey)
		if err != nil {
			return nil, err
		}
		for _, h := range holders {
			if it.Kind != plan.ItemCreate && h.Record == "" {
				continue // a row that is not written yet takes nothing from a record
			}
			if h.Value != "" && h.Value != c.Value.String() {
				all[c.Field.Property] = clash(c, h)
				break
			}
		}
	}
	return all, nil
}

func clash(c mapping.Claim, h store.Holder) string {
	who := "the row " + h.Row
	if h.Record != "" {
		who = "the record " + h.Record
	}
	return fmt.Sprintf("%s: %q differs from %q, which %s has, in case or spaces alone, and HubSpot takes them for the same unique value: give one of the two another value, or map a property that is not unique", c.Field.Title(), c.Value, h.Value, who)
}
