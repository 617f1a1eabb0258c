package app

import (
	"context"
	"errors"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"syncline/app/suggest"
	"syncline/sync/hubspot"
	"syncline/sync/source"
)

// KeySample is a row that shows what the match keys do.
type KeySample struct {
	Row     string // its key
	Name    string
	Match   KeyMatch
	By      suggest.Line // the key that decided
	Records int          // that have its value
	Rivals  int          // rows with its value, itself included
	Record  string       // the name of the record, if there is one
}

// sampleLimits say how many rows of a kind are shown at most.
const (
	oneSamples     = 2 // of each key
	noneSamples    = 2
	severalSamples = 2
)

// KeySamples reads a few rows of each kind again, with the records that they
// match: up to one API call.
func (a *App) KeySamples(ctx context.Context, d *Draft, c *KeyCheck, o KeyOutcome) ([]KeySample, error) {
	wanted := c.pick(o)
	if len(wanted) == 0 {
		return nil, nil
	}
	samples, records, err := c.readSamples(ctx, d, o, wanted)
	if err != nil || len(records) == 0 {
		return samples, err
	}
	ids := slices.Sorted(maps.Values(records))
	read, err := d.Portal.Client.BatchRead(ctx, d.Object.Name, hubspot.BatchReadRequest{IDs: slices.Compact(ids), Properties: c.matcher.Properties()})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(read.Records))
	for _, r := range read.Records {
		if names[r.ID] = c.matcher.Name(r.Properties); names[r.ID] == "" {
			names[r.ID] = r.ID
		}
	}
	for i, id := range records {
		samples[i].Record = names[id]
	}
	return samples, nil
}

// pick chooses the first rows of each kind.
func (c *KeyCheck) pick(o KeyOutcome) []int {
	type kind struct {
		match KeyMatch
		by    int8
	}
	limits := map[KeyMatch]int{MatchOne: oneSamples, MatchNone: noneSamples, MatchSeveral: severalSamples}
	had := make(map[kind]int)
	var wanted []int
	for i, m := range o.state {
		k := kind{match: m}
		if m == MatchOne {
			k.by = o.by[i]
		}
		if had[k] < limits[m] {
			had[k]++
			wanted = append(wanted, i)
		}
	}
	return wanted
}

// readSamples reads the chosen rows, and returns the records that they match
// by the position in the samples.
func (c *KeyCheck) readSamples(ctx context.Context, d *Draft, o KeyOutcome, wanted []int) ([]KeySample, map[int]string, error) {
	src, err := d.app.openSource(ctx, d.Definition)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	samples, records, n := []KeySample(nil), make(map[int]string), 0
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		i := n
		if n++; i != wanted[0] {
			continue
		}
		// A row that changed since the check says nothing about it.
		if c.keys[i] == maphash.String(hashSeed, row.Key) {
			s := KeySample{Row: row.Key, Name: d.RowName(row.Fields), Match: o.state[i]}
			if s.Match != MatchNone {
				k := o.order[o.by[i]]
				v := c.values[i*len(c.lines)+k]
				s.By, s.Records, s.Rivals = c.lines[k], int(c.holders[k][v].n), int(c.sharing[k][v])
			}
			if s.Match == MatchOne {
				records[len(samples)] = c.ids[o.record[i]]
			}
			samples = append(samples, s)
		}
		if wanted = wanted[1:]; len(wanted) == 0 {
			break
		}
	}
	return samples, records, nil
}
