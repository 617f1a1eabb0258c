package app

import (
	"cmp"
	"context"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
)

// OtherField is a mapped field of a record in conflict, other than the one in
// question, as the last pull saw both sides.
type OtherField struct {
	Name            string // the source's name of the field
	Source, HubSpot string
	Same            bool // both texts are equal
	InConflict      bool // it waits in the review queue as well
}

// Around returns what stands around a conflict: the record's other mapped
// fields, in the order of the field map. It is empty where one side was not
// seen, or the definition can't be read any more.
func (a *App) Around(ctx context.Context, c store.Conflict) ([]OtherField, error) {
	y, err := a.Store.Sync(ctx, c.SyncID)
	if err != nil {
		return nil, err
	}
	d, err := definition.Parse([]byte(y.Definition), y.Path)
	if err != nil {
		return nil, nil
	}
	pair, err := a.Store.SeenPair(ctx, c.SyncID, c.RowKey, c.RecordID)
	if err != nil || pair.Row == nil || pair.Record == nil {
		return nil, err
	}
	open, err := a.Store.OpenProperties(ctx, c.SyncID, c.RowKey)
	if err != nil {
		return nil, err
	}
	var around []OtherField
	for _, f := range d.Fields {
		if f.Property == c.Property || f.Constant != nil {
			continue
		}
		o := OtherField{Name: cmp.Or(f.Field, f.Property), Source: pair.Row.Values[f.Property].String(), HubSpot: pair.Record.Values[f.Property].String(), InConflict: open[f.Property]}
		o.Same = strings.TrimSpace(o.Source) == strings.TrimSpace(o.HubSpot)
		around = append(around, o)
	}
	return around, nil
}
