package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// An import is asked to create, and HubSpot is to refuse a row whose record is there. Should it
// change that record instead, it is no record of ours: it is told, with what was written over.

// Where a record comes from, as HubSpot says.
const (
	sourceOfRecord   = "hs_object_source"
	sourceIDOfRecord = "hs_object_source_id"
)

// sourceOfRecords are the properties of the object type that say where a record comes from.
func (j *job) sourceOfRecords() (names []string) {
	for _, p := range j.schema.properties {
		if p.Name == sourceOfRecord || p.Name == sourceIDOfRecord {
			names = append(names, p.Name)
		}
	}
	return names
}

// madeElsewhere are those of the records, by our key, that were there before an import gave them
// the key: HubSpot names another source of theirs, and the key is younger than the record.
func (j *job) madeElsewhere(ctx context.Context, ops []store.Op, found map[string]record.Record) (map[string]bool, error) {
	theirs := make(map[string]bool)
	var ids []string
	for _, op := range ops {
		rec := found[op.SyncKey]
		from, id := rec.Properties[sourceOfRecord].String(), rec.Properties[sourceIDOfRecord].String()
		app := strconv.FormatInt(j.Client.AppID(), 10)
		ours := from == "" || from == "IMPORT" || (from == "INTEGRATION" || from == "API") && (id == "" || id == app || app == "0")
		if !ours && !backdates(j.schema.object, op) {
			ids = append(ids, rec.ID)
		}
	}
	for some := range slices.Chunk(ids, historyPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: some, Properties: []string{j.mapping.SyncKey}, History: []string{j.mapping.SyncKey}})
		if err != nil {
			return nil, err
		}
		for _, r := range got.Records {
			if h := r.History[j.mapping.SyncKey]; len(h) > 0 && h[len(h)-1].At.Sub(r.Created) >= time.Second {
				theirs[r.Properties[j.mapping.SyncKey].String()] = true
			}
		}
	}
	return theirs, nil
}

// importChanged says of a record that was there before an import what the import wrote over.
func (j *job) importChanged(ctx context.Context, op store.Op, rec record.Record) (string, error) {
	rec.History = nil
	found := map[string]record.Record{op.SyncKey: rec}
	if err := j.addHistories(ctx, found); err != nil {
		return "", err
	}
	var over []string
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		versions, sent := found[op.SyncKey].History[f.Property], op.Fields[f.Property]
		if sent.Empty() || len(versions) < 2 || !f.Rule.Same(versions[0].Value, sent) || versions[0].At.Before(op.Version.Add(-time.Second)) {
			continue
		}
		if was := versions[1].Value; !was.Empty() && !f.Rule.Same(was, versions[0].Value) {
			over = append(over, fmt.Sprintf("%s (it was %q and is %q)", f.Title(), was.String(), versions[0].Value.String()))
		}
	}
	why := fmt.Sprintf("the record %s was there before the import, which was to create one and changed that one instead", rec.ID)
	if len(over) == 0 {
		return why + ": it wrote over nothing, and nothing was linked", nil
	}
	return fmt.Sprintf("%s: it wrote over %s. Nothing was linked: put right in HubSpot what must not stay", why, strings.Join(over, ", ")), nil
}
