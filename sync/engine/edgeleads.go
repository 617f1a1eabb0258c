package engine

import (
	"context"
	"maps"
	"slices"

	"syncline/store"
)

// leads finds, of the references that have no record of their own, the rows that
// they count as one with: it is the record of those that is meant. Linked ones
// are added to linked.
func (j *job) leads(ctx context.Context, e *edgeEnd, refs []string, linked map[string]store.End) (map[string]string, error) {
	var without []string
	for _, ref := range refs {
		if _, ok := linked[ref]; !ok {
			without = append(without, ref)
		}
	}
	if len(without) == 0 {
		return nil, nil
	}
	leads, err := j.Store.Leads(ctx, e.syncID, without)
	if err != nil || len(leads) == 0 {
		return nil, err
	}
	ends, err := j.Store.Ends(ctx, e.syncID, slices.Collect(maps.Values(leads)))
	if err != nil {
		return nil, err
	}
	for ref, lead := range leads {
		if end, ok := ends[lead]; ok {
			linked[ref] = end
		}
	}
	return leads, nil
}
