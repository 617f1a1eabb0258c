package store

import (
	"context"
	"slices"
	"time"

	"syncline/sync/record"
)

// Wrote is one writing of a property of a record that a run did.
type Wrote struct {
	RunID    string
	SyncID   int64
	SyncName string
	Person   string // who ran it
	RowKey   string
	Field    string // the source's name of it
	Property string
	After    *string
	Why      string
	At       time.Time // by this computer's clock
	// Since and Until are HubSpot's times between which it took effect; zero where they are not
	// known any more.
	Since, Until time.Time
}

// WroteTo returns what runs of a portal's syncs ever wrote to properties of a record, the newest
// first. The record may have had other ids before it was merged.
func (s *Store) WroteTo(ctx context.Context, portalID int64, recordIDs []string) ([]Wrote, error) {
	rows, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) ([]Wrote, error) {
		var w Wrote
		var since, until int64
		all, err := s.scanAudits(row, &w.SyncName, &w.Person, &since, &until)
		var wrote []Wrote
		for _, a := range all {
			if a.Property != "" {
				wrote = append(wrote, Wrote{RunID: a.RunID, SyncID: a.SyncID, SyncName: w.SyncName, Person: w.Person, RowKey: a.RowKey, Field: a.Field, Property: a.Property,
					After: a.After, Why: a.Why, At: a.At, Since: at(since), Until: at(until)})
			}
		}
		return wrote, err
	}, `SELECT `+auditColumns+`, y.name, coalesce(r.person, ''), coalesce(o.pre_version, 0), coalesce(o.post_version, 0)
		FROM audit a JOIN sync y ON y.id = a.sync_id LEFT JOIN run r ON r.id = a.run_id LEFT JOIN op o ON o.id = a.op_id
		WHERE y.portal_id = ?1 AND a.record_id IN (SELECT value FROM json_each(?2)) AND a.side = 'hubspot' AND a.edge = ''
		ORDER BY a.id DESC`, portalID, jsonList(recordIDs))
	return slices.Concat(rows...), err
}

// Match reports whether a version of the record's history can be what was written: it holds the
// value, and lies in the time.
func (w Wrote) Match(v record.Version, same func(a, b record.Value) bool) bool {
	after := record.None()
	if w.After != nil {
		after = record.Text(*w.After)
	}
	if !w.Since.IsZero() && v.At.Before(w.Since) || !w.Until.IsZero() && v.At.After(w.Until.Add(time.Second)) {
		return false
	}
	return same(v.Value, after)
}
