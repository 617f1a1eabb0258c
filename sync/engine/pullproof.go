package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// What a file of HubSpot's shows need not be what its API does: names for values,
// times without their seconds, a mark before what looks like a formula. HubSpot does not
// say. Before an export is relied on, records of it are read by the API too, chosen so
// that each property and each form of its values is among them.

// proofs is how many records are compared: one call.
const proofs = listPage

// forms are the forms of texts that files treat apart.
var forms = []func(string) bool{
	func(v string) bool { return strings.ContainsAny(v, "\n\r") },
	func(v string) bool { return strings.ContainsAny(v, "\",;") },
	func(v string) bool { return strings.ContainsAny(v[:1], "=+-@'0\t") },
	func(v string) bool { return strings.ContainsFunc(v, func(r rune) bool { return r > 0x7e }) },
	func(v string) bool { return strings.TrimSpace(v) != v },
	func(v string) bool { return strings.ContainsAny(v, "<&") },
	func(v string) bool { return len(v) > 1000 },
}

// proof are the records of an export that are compared.
type proof struct {
	records []record.Record
	have    map[string]uint8 // property -> the forms of its values that are among them, a bit each
}

// offer takes a record that shows what none before it does.
func (p *proof) offer(r record.Record, properties []string) {
	if len(p.records) >= proofs {
		return
	}
	fresh := false
	for _, name := range properties {
		v := r.Properties[name].String()
		if v == "" {
			continue
		}
		shows := uint8(1)
		for i, form := range forms {
			if form(v) {
				shows |= 2 << i
			}
		}
		if p.have[name]|shows != p.have[name] {
			p.have[name] |= shows
			fresh = true
		}
	}
	if fresh || len(p.records) == 0 {
		p.records = append(p.records, r)
	}
}

// prove compares an export with the API. since is when it was started.
func (j *job) prove(ctx context.Context, x *hubspot.Export, since time.Time) error {
	p := proof{have: make(map[string]uint8)}
	var moments []string
	for _, s := range j.schema.properties {
		if (s.Type == record.TypeDate || s.Type == record.TypeDateTime) && slices.Contains(j.mapping.Properties, s.Name) {
			moments = append(moments, s.Name)
		}
	}
	err := x.Records(importPage, func(records []record.Record) error {
		for _, r := range records {
			if r.Updated.IsZero() {
				return fmt.Errorf("%w: it does not tell when records were changed", errInexact)
			}
			for _, name := range moments {
				if r.Properties[name].State() == record.Absent {
					return fmt.Errorf("%w: it shows %s in another form", errInexact, name)
				}
			}
			p.offer(r, j.mapping.Properties)
		}
		return ctx.Err()
	})
	if err != nil || len(p.records) == 0 {
		return err
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: idsOf(p.records), Properties: j.mapping.Properties})
	if err != nil {
		return err
	}
	now := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		now[r.ID] = r
	}
	compared := 0
	for _, r := range p.records {
		api, there := now[r.ID]
		switch {
		case !there:
			continue // archived or merged since
		case !api.Updated.Equal(r.Updated) && api.Updated.Before(since.Add(-overlap)):
			return fmt.Errorf("%w: it gives another time of the last change for the record %s", errInexact, r.ID)
		case !api.Updated.Equal(r.Updated):
			continue // changed since, or the export is as far behind as a search: either is searched
		}
		for _, name := range j.mapping.Properties {
			if api.Properties[name].String() != r.Properties[name].String() {
				return fmt.Errorf("%w: %s reads otherwise in the record %s", errInexact, name, r.ID)
			}
		}
		compared++
	}
	if compared == 0 {
		return fmt.Errorf("%w as far as it can be told: all records that were compared have changed since", errInexact)
	}
	return nil
}
