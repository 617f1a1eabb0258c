package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"syncline/sync/plan"
)

// Edge is an association that both sides agreed on, or that a person or an undo
// left removed.
type Edge struct {
	RowKey   string // of the row that asks for it
	Line     string // the part of the definition that it comes from
	From     string // record id
	Object   string // object type id of the other end
	To       string // record id
	Category string
	Type     int
	Label    string // for people
	State    plan.EdgeState
	Pair     bool   // nothing joined the two records before
	Run      string // that made it; of one that was undone, the run that was undone
	// Both tells that it is the same from either end, for what follows from it for other
	// rows; it is not kept, nor is Within: that both records are of one object type.
	Both, Within bool
}

// ways are the two ends of an association, in each order in which rows may have it.
func (e Edge) ways() [][2]string {
	if e.Both {
		return [][2]string{{e.From, e.To}, {e.To, e.From}}
	}
	return [][2]string{{e.From, e.To}}
}

const edgeColumns = `row_key, line, from_record, to_object, to_record, category, type_id, label, state, pair, run_id`

// edgeHeld is plan.EdgeState.Held of an edge.
const edgeHeld = `state IN ('made', 'found', 'restored')`

func scanEdge(row interface{ Scan(...any) error }) (Edge, error) {
	var e Edge
	return e, row.Scan(&e.RowKey, &e.Line, &e.From, &e.Object, &e.To, &e.Category, &e.Type, &e.Label, &e.State, &e.Pair, &e.Run)
}

// EdgesOf returns what is remembered of the associations of rows, by row key.
func (s *Store) EdgesOf(ctx context.Context, syncID int64, rowKeys []string) (map[string][]Edge, error) {
	all, err := list(ctx, s.write, scanEdge, `SELECT `+edgeColumns+` FROM json_each(?2) j CROSS JOIN edge ON sync_id = ?1 AND row_key = j.value`, syncID, jsonList(rowKeys))
	by := make(map[string][]Edge, len(all))
	for _, e := range all {
		by[e.RowKey] = append(by[e.RowKey], e)
	}
	return by, err
}

// SharedEdges returns what is remembered of an association for other rows of the
// sync, or for another part of its definition: each counts by its two records and its
// type, from either end where it is the same from both.
func (s *Store) SharedEdges(ctx context.Context, syncID int64, e Edge) ([]Edge, error) {
	var all []Edge
	for _, ends := range e.ways() {
		some, err := list(ctx, s.write, scanEdge, `SELECT `+edgeColumns+` FROM edge INDEXED BY edge_pair WHERE sync_id = ? AND from_record = ? AND to_record = ? AND category = ? AND type_id = ?
			AND NOT (row_key = ? AND line = ?) AND `+edgeHeld, syncID, ends[0], ends[1], e.Category, e.Type, e.RowKey, e.Line)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// PairEdges returns what a sync remembers as there between two records, for whichever row
// and under whichever label; both is from either end.
func (s *Store) PairEdges(ctx context.Context, syncID int64, object, from, to string, both bool) ([]Edge, error) {
	var all []Edge
	for _, ends := range (Edge{From: from, To: to, Both: both}).ways() {
		some, err := list(ctx, s.write, scanEdge, `SELECT `+edgeColumns+` FROM edge INDEXED BY edge_pair WHERE sync_id = ? AND from_record = ? AND to_record = ? AND to_object = ? AND `+edgeHeld,
			syncID, ends[0], ends[1], object)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// EdgeLabels returns the labels that a sync remembers of its associations under names, each
// once by the part of the definition, the type and the name.
func (s *Store) EdgeLabels(ctx context.Context, syncID int64) ([]Edge, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (Edge, error) {
		var e Edge
		return e, row.Scan(&e.Line, &e.Object, &e.Category, &e.Type, &e.Label)
	}, `SELECT DISTINCT line, to_object, category, type_id, label FROM edge WHERE sync_id = ? AND label <> '' ORDER BY line, category, type_id, label`, syncID)
}

// EdgeCounts counts the associations that a sync made and that both sides have.
func (s *Store) EdgeCounts(ctx context.Context, syncID int64) (made int, err error) {
	err = s.write.QueryRowContext(ctx, `SELECT count(*) FROM edge WHERE sync_id = ? AND state = 'made'`, syncID).Scan(&made)
	return made, err
}

// End is a row that names the other end of an association, with its record where
// it has one.
type End struct {
	Record string
	Active bool // the pair is synced; else its record was archived, or its creation is under way
	// Gone is what became of the record in HubSpot, as it was last seen, "" where it is there; Into
	// is the one that it lives on in, where it was merged.
	Gone plan.Gone
	Into string
}

// There is the record that is meant by now: that itself or the one that it was merged
// into, "" where there is none.
func (e End) There() string {
	switch {
	case !e.Active || e.Record == "":
		return ""
	case e.Gone == "":
		return e.Record
	}
	return e.Into
}

// leadOf is the row that a row counts as one with, itself where it stands for
// itself.
const leadOf = `coalesce((SELECT s.lead FROM same_row s WHERE s.sync_id = ?1 AND s.row_key = j.value), j.value)`

// KeepSame keeps which rows of a sync count as one with another, which leads: what
// names one of them means the record of that.
func (s *Store) KeepSame(ctx context.Context, syncID int64, leads map[string]string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM same_row WHERE sync_id = ?`, syncID); err != nil {
			return err
		}
		for key, lead := range leads {
			if _, err := tx.Exec(`INSERT INTO same_row(sync_id, row_key, lead) VALUES(?,?,?)`, syncID, key, lead); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ends returns the records of a sync's rows, by row key.
func (s *Store) Ends(ctx context.Context, syncID int64, rowKeys []string) (map[string]End, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT j.value, coalesce(l.record_id, ''), l.state = 'active', coalesce(q.gone, ''), coalesce(q.merged_into, '') FROM json_each(?2) j
		CROSS JOIN link l ON l.sync_id = ?1 AND l.row_key = `+leadOf+` LEFT JOIN record_seen q ON q.sync_id = ?1 AND q.id = l.record_id`, syncID, jsonList(rowKeys))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ends := make(map[string]End)
	for rows.Next() {
		var key string
		var e End
		if err := rows.Scan(&key, &e.Record, &e.Active, &e.Gone, &e.Into); err != nil {
			return nil, err
		}
		ends[key] = e
	}
	return ends, rows.Err()
}

// Planned is what a plan does with a row, as far as associations ask.
type Planned struct {
	Kind     plan.Kind
	Record   string
	Reason   string
	Excluded bool
}

// LayOutRows makes the rows of a plan ready for PlannedRows, without those about
// associations alone; TakeUpRows drops that again.
func (s *Store) LayOutRows(ctx context.Context, planID string) error {
	return s.exec(ctx, `INSERT OR REPLACE INTO planned_row(plan_number, row_key, kind, record_id, reason, excluded)
		SELECT i.plan_number, i.row_key, i.kind, i.record_id, i.reason, i.excluded FROM plan_item i
		WHERE i.plan_number = (SELECT number FROM plan WHERE id = ?) AND i.kind NOT IN ('edges', 'edge-row') AND i.row_key <> ''`, planID)
}

// TakeUpRows drops what LayOutRows laid out.
func (s *Store) TakeUpRows(ctx context.Context, planID string) error {
	return s.exec(ctx, `DELETE FROM planned_row WHERE plan_number = (SELECT number FROM plan WHERE id = ?)`, planID)
}

// PlannedRows returns what a plan that was laid out does with rows, by row key. Rows that a plan
// does not name are not in it.
func (s *Store) PlannedRows(ctx context.Context, syncID int64, planID string, rowKeys []string) (map[string]Planned, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT j.value, i.kind, i.record_id, i.reason, i.excluded FROM json_each(?2) j
		CROSS JOIN planned_row i ON i.plan_number = (SELECT number FROM plan WHERE id = ?3) AND i.row_key = `+leadOf, syncID, jsonList(rowKeys), planID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	planned := make(map[string]Planned)
	for rows.Next() {
		var key string
		var p Planned
		if err := rows.Scan(&key, &p.Kind, &p.Record, &p.Reason, &p.Excluded); err != nil {
			return nil, err
		}
		planned[key] = p
	}
	return planned, rows.Err()
}

// RowCells yields the rows of a sync's source as they were last seen: key, line,
// cells, problems and whether they are gone.
func (s *Store) RowCells(ctx context.Context, syncID int64) iter.Seq2[RowSeen, error] {
	return stream(ctx, s.read, s.scanCells, `SELECT `+cellColumns+` FROM row_seen r INDEXED BY row_seen_key WHERE r.sync_id = ? ORDER BY r.key`, syncID)
}

// RowCellsOf returns the same of some rows, by key.
func (s *Store) RowCellsOf(ctx context.Context, syncID int64, keys []string) (map[string]RowSeen, error) {
	by := make(map[string]RowSeen, len(keys))
	for r, err := range stream(ctx, s.write, s.scanCells, `SELECT `+cellColumns+` FROM json_each(?2) j CROSS JOIN row_seen r ON r.sync_id = ?1 AND r.key = j.value`, syncID, jsonList(keys)) {
		if err != nil {
			return nil, err
		}
		by[r.Key] = r
	}
	return by, nil
}

const cellColumns = `r.key, r.line, r.raw, r.vals, r.problem, r.gone, r.copies, r.differ`

func (s *Store) scanCells(rows *sql.Rows) (RowSeen, error) {
	var r RowSeen
	var raw, vals, problem string
	if err := rows.Scan(&r.Key, &r.Line, &raw, &vals, &problem, &r.GonePull, &r.Copies, &r.Differ); err != nil {
		return r, err
	}
	if problem != "" {
		if err := json.Unmarshal([]byte(problem), &r.Problems); err != nil {
			return r, err
		}
	}
	var err error
	r.Values, r.Raw, err = s.forms.parseRow(vals, raw)
	return r, err
}

// keepEdges carries out what outcomes say of associations: first what is there, so
// that it can inherit from what goes.
func keepEdges(tx *sql.Tx, syncID int64, outcomes []Outcome) error {
	for _, gone := range []bool{false, true} {
		for _, o := range outcomes {
			for _, e := range o.Edges {
				if gone != (e.State == plan.EdgeNone) {
					continue
				}
				do := keepEdge
				if gone {
					do = forgetEdge
				}
				if err := do(tx, syncID, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// forgetEdge ends an association of a row. Other rows that ask for what was made for
// this one inherit it, and so do other labels of the two records that nothing joined
// before.
func forgetEdge(tx *sql.Tx, syncID int64, e Edge) error {
	const mine = `FROM edge WHERE sync_id = ?1 AND row_key = ?2 AND line = ?3 AND from_record = ?4 AND to_record = ?5 AND category = ?6 AND type_id = ?7 AND state = 'made'`
	for _, ends := range e.ways() {
		if _, err := tx.Exec(`UPDATE edge INDEXED BY edge_pair SET state = 'made', pair = mine.pair, run_id = mine.run_id FROM (SELECT pair, run_id `+mine+`) mine
			WHERE sync_id = ?1 AND from_record = ?8 AND to_record = ?9 AND category = ?6 AND type_id = ?7 AND state = 'found'`,
			syncID, e.RowKey, e.Line, e.From, e.To, e.Category, e.Type, ends[0], ends[1]); err != nil {
			return err
		}
	}
	pair := e // its labels may be named from either end
	pair.Both = e.Both || e.Within
	for _, ends := range pair.ways() {
		if _, err := tx.Exec(`UPDATE edge INDEXED BY edge_pair SET pair = 1, state = 'made' WHERE sync_id = ?1 AND from_record = ?9 AND to_record = ?10 AND to_object = ?8 AND pair = 0 AND (state = 'made' OR state = 'found' AND label = '')
			AND EXISTS (SELECT 1 `+mine+` AND pair = 1)`,
			syncID, e.RowKey, e.Line, e.From, e.To, e.Category, e.Type, e.Object, ends[0], ends[1]); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM edge WHERE sync_id = ? AND row_key = ? AND line = ? AND from_record = ? AND to_record = ? AND category = ? AND type_id = ?`,
		syncID, e.RowKey, e.Line, e.From, e.To, e.Category, e.Type)
	return err
}

// keepEdge remembers an association of a row.
func keepEdge(tx *sql.Tx, syncID int64, e Edge) error {
	if _, err := tx.Exec(`INSERT INTO edge(sync_id, `+edgeColumns+`) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT DO UPDATE SET label = excluded.label, state = excluded.state, pair = excluded.pair, run_id = excluded.run_id`,
		syncID, e.RowKey, e.Line, e.From, e.Object, e.To, e.Category, e.Type, e.Label, e.State, e.Pair, e.Run); err != nil || e.State != plan.EdgeUndone {
		return err
	}
	for _, ends := range e.ways() { // whichever row asked for it, it is taken back
		if _, err := tx.Exec(`UPDATE edge INDEXED BY edge_pair SET state = 'undone', run_id = ? WHERE sync_id = ? AND from_record = ? AND to_record = ? AND category = ? AND type_id = ? AND `+edgeHeld,
			e.Run, syncID, ends[0], ends[1], e.Category, e.Type); err != nil {
			return err
		}
	}
	return nil
}

// EdgesWritten counts the associations that a run made and removed; one that
// several rows ask for is one.
func (s *Store) EdgesWritten(ctx context.Context, runID string) (made, removed int, err error) {
	err = s.write.QueryRowContext(ctx, `SELECT count(DISTINCT record_id || ' ' || edge) FILTER (WHERE action = 'associate'), count(DISTINCT record_id || ' ' || edge) FILTER (WHERE action = 'dissociate') FROM audit WHERE run_id = ? AND edge <> ''`, runID).Scan(&made, &removed)
	return made, removed, err
}

// HeldEdges returns what a sync remembers as there of the associations of records,
// by the record that they begin at.
func (s *Store) HeldEdges(ctx context.Context, syncID int64, records []string) (map[string][]Edge, error) {
	all, err := list(ctx, s.write, scanEdge, `SELECT `+edgeColumns+` FROM json_each(?2) j CROSS JOIN edge ON sync_id = ?1 AND from_record = j.value WHERE `+edgeHeld, syncID, jsonList(records))
	by := make(map[string][]Edge, len(all))
	for _, e := range all {
		by[e.From] = append(by[e.From], e)
	}
	return by, err
}

// EdgesWaiting counts the associations of a sync that wait: for their record, or
// for a person.
func (s *Store) EdgesWaiting(ctx context.Context, syncID int64) (n int, err error) {
	err = s.write.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM attention WHERE sync_id = ?1 AND edge <> '' AND given_up = 0)
		+ (SELECT count(*) FROM conflict WHERE state = 'open' AND sync_id = ?1 AND edge <> '')`, syncID).Scan(&n)
	return n, err
}

// RedoEdges lets associations be made again that an undo of the run took back, and be
// removed again that it brought back.
func (s *Store) RedoEdges(ctx context.Context, syncID int64, runID string) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`DELETE FROM edge WHERE sync_id = ? AND state = 'undone' AND run_id = ?`, syncID, runID)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil {
			return err
		}
		if res, err = tx.Exec(`UPDATE edge SET state = 'made', run_id = '' WHERE sync_id = ? AND state = 'restored' AND run_id = ?`, syncID, runID); err != nil {
			return err
		}
		brought, err := res.RowsAffected()
		n += brought
		return err
	})
	return n, err
}

// SetPart says which part of another sync a sync is, 0 for none.
func (s *Store) SetPart(ctx context.Context, id, parent int64, part string) error {
	return s.exec(ctx, `UPDATE sync SET parent = ?, part = ? WHERE id = ?`, parent, part, id)
}

// SetRunPart says which run a run is a part of.
func (s *Store) SetRunPart(ctx context.Context, runID, partOf string) error {
	return s.exec(ctx, `UPDATE run SET part_of = ? WHERE id = ?`, partOf, runID)
}

// RunParts returns the runs that are parts of a run, newest first.
func (s *Store) RunParts(ctx context.Context, runID string) ([]Run, error) {
	return list(ctx, s.write, scanRun, `SELECT `+runColumns+runTables+`WHERE r.part_of = ?1 AND r.part_of <> '' ORDER BY r.started_at DESC, r.rowid DESC`, runID)
}

// ComparedEdges keeps when all associations of a sync were compared.
func (s *Store) ComparedEdges(ctx context.Context, y Sync) error {
	return s.exec(ctx, `UPDATE sync SET edges_at = ?, edges_run = ? WHERE id = ?`, ms(y.EdgesAt), y.EdgesRun, y.ID)
}

// EdgeKeys returns the keys of the rows whose associations a sync made.
func (s *Store) EdgeKeys(ctx context.Context, syncID int64) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT DISTINCT row_key FROM edge WHERE sync_id = ? AND state = 'made' ORDER BY row_key`, syncID)
}

// EdgeLine is what is known of the associations that one part of a definition
// asks for.
type EdgeLine struct {
	Held     int // both sides have them
	Conflict int // wait for a decision
	Waiting  int // wait for their record, or were refused
}

// EdgeLines counts the associations of a sync by the part of its definition that
// asks for them.
func (s *Store) EdgeLines(ctx context.Context, syncID int64) (map[string]EdgeLine, error) {
	lines := make(map[string]EdgeLine)
	type count struct {
		line string
		n    int
	}
	for _, q := range []struct {
		query string
		put   func(l *EdgeLine, n int)
	}{
		{`SELECT line, count(*) FROM edge WHERE sync_id = ? AND ` + edgeHeld + ` GROUP BY line`, func(l *EdgeLine, n int) { l.Held = n }},
		{`SELECT coalesce(json_extract(edge, '$.n'), ''), count(*) FROM conflict WHERE sync_id = ? AND state = 'open' AND edge <> '' GROUP BY 1`, func(l *EdgeLine, n int) { l.Conflict = n }},
		{`SELECT coalesce(json_extract(edge, '$.n'), ''), count(*) FROM attention WHERE sync_id = ? AND given_up = 0 AND edge <> '' GROUP BY 1`, func(l *EdgeLine, n int) { l.Waiting = n }},
	} {
		all, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (c count, err error) {
			return c, row.Scan(&c.line, &c.n)
		}, q.query, syncID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			l := lines[c.line]
			q.put(&l, c.n)
			lines[c.line] = l
		}
	}
	return lines, nil
}

// LinkCount is how many rows of a sync are linked to a record.
func (s *Store) LinkCount(ctx context.Context, syncID int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM link WHERE sync_id = ? AND state = 'active'`, syncID).Scan(&n)
	return n, err
}

// KnownRows counts which of these keys are rows of a sync, as they were last
// read.
func (s *Store) KnownRows(ctx context.Context, syncID int64, keys []string) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM json_each(?2) j CROSS JOIN row_seen r ON r.sync_id = ?1 AND r.key = j.value AND r.gone = 0`, syncID, jsonList(keys)).Scan(&n)
	return n, err
}
