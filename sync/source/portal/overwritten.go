package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// Overwritten implements source.Piecewise. HubSpot has no conditional write, so
// an edit that a person makes within the round trip between our read and our
// write is written over; the property's history tells.
func (s *Source) Overwritten(ctx context.Context, updates []source.Written) ([]source.Overwritten, error) {
	var all []source.Overwritten
	for page := range slices.Chunk(updates, hubspot.MaxBatchHistory) {
		keys := make([]string, 0, len(page))
		var names []string
		for _, w := range page {
			keys = append(keys, w.Key)
			for name := range w.Fields {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		req := hubspot.BatchReadRequest{IDs: keys, Properties: []string{s.key()}, History: slices.Compact(names)}
		if !s.byID() {
			req.IDProperty = s.key()
		}
		got, err := s.client.BatchRead(ctx, s.object.Path(), req)
		if err != nil {
			return nil, s.in(err)
		}
		records := make(map[string]record.Record, len(got.Records))
		for _, r := range got.Records {
			key := r.ID
			if !s.byID() {
				key, _ = record.KeyOf(r.Properties[s.key()].String())
			}
			records[key] = r
		}
		for _, w := range page {
			all = append(all, s.lostTo(w, records[w.Key])...)
		}
	}
	return all, nil
}

// lostTo finds the edits of others below ours in the histories of a record.
func (s *Source) lostTo(w source.Written, r record.Record) []source.Overwritten {
	var all []source.Overwritten
	sent, _ := s.toWire(w.Fields, r.Properties)
	pre, _ := s.toWire(w.Pre, r.Properties)
	for name := range w.Fields {
		history := r.History[name]
		ours := slices.IndexFunc(history, func(v record.Version) bool {
			return s.byUs(v) && sameText(v.Value, sent[name]) && !v.At.Before(w.Since.Truncate(time.Second))
		})
		if ours < 0 {
			continue
		}
		for _, v := range history[ours+1:] {
			// The write was made over what stood there before, which was looked at in the
			// same breath: what is older than that was seen.
			if v.At.Before(w.Since) || sameText(v.Value, pre[name]) {
				break
			}
			if sameText(v.Value, sent[name]) {
				continue
			}
			lost := record.Values{name: v.Value}
			s.words.toNames(s, lost)
			all = append(all, source.Overwritten{Key: w.Key, Field: name, Wrote: w.Fields[name], Lost: lost[name], At: v.At, SourceType: v.SourceType, Label: v.Label, UserID: v.UserID})
			break
		}
	}
	return all
}

func sameText(a, b record.Value) bool {
	return strings.EqualFold(strings.TrimSpace(a.String()), strings.TrimSpace(b.String()))
}

// byUs reports whether an entry can be of our app.
func (s *Source) byUs(v record.Version) bool {
	if app := s.client.AppID(); app != 0 && v.SourceID != "" && v.SourceID != strconv.FormatInt(app, 10) {
		return false
	}
	switch v.SourceType {
	case "INTEGRATION", "API", "INTEGRATIONS_PLATFORM", "":
		return true
	}
	return false
}
