package portal

import (
	"context"
	"slices"
	"strings"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// touched finds, among records that a run made, those in which somebody has
// filled in a property that the sync does not use: they are not taken back.
func (s *Source) touched(ctx context.Context, keys []string) (map[string]bool, error) {
	used := s.columns()
	var others []string
	for _, p := range s.properties {
		if p.Writable() && !slices.Contains(used, p.Name) && p.Name != SyncKeyProperty {
			others = append(others, p.Name)
		}
	}
	all := make(map[string]bool)
	if !s.hasKey() || !s.byID() || len(others) == 0 {
		return all, nil
	}
	for page := range slices.Chunk(keys, hubspot.MaxBatchHistory) {
		got, err := s.client.BatchRead(ctx, s.object.Path(), hubspot.BatchReadRequest{IDs: page, Properties: []string{SyncKeyProperty}, History: others})
		if err != nil {
			return nil, err
		}
		for _, r := range got.Records {
			if r.Properties[SyncKeyProperty].Empty() {
				continue // it was there before any run
			}
			for _, name := range others {
				all[r.ID] = all[r.ID] || slices.ContainsFunc(r.History[name], s.bySomebody)
			}
		}
	}
	return all, nil
}

// bySomebody reports whether an entry of a history is a person's, or another
// program's on behalf of one.
func (s *Source) bySomebody(v record.Version) bool {
	if s.byUs(v) || v.Value.Empty() {
		return false
	}
	for _, kind := range []string{"CRM_UI", "MOBILE", "IMPORT", "FORM", "BATCH_UPDATE", "INTEGRATION", "API", "EXTENSION", "SALESFORCE"} {
		if strings.HasPrefix(v.SourceType, kind) {
			return true
		}
	}
	return false
}
