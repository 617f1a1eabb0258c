package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"syncline/sync/plan"
)

// What was said of two rows, or of a row and a record, is kept for each two. What it means for the
// matching is worked out of all of it at once: the rows and records that are the same by it form groups,
// each group has one row that leads, which gets the group's record, and the others count as one with it.

// TwinStep says that two are one: by what a person said, or since the row has the record.
type TwinStep struct {
	A, B   TwinEnd
	Linked bool
}

// TwinOpposedError says that a decision does not agree with earlier ones.
type TwinOpposedError struct {
	Verdict Verdict    // of the decision
	A, B    TwinEnd    // of which was said that they are different, or is said now
	Steps   []TwinStep // which make them one, the decision itself aside
}

func (e *TwinOpposedError) Error() string {
	return "by earlier decisions " + string(e.A) + " and " + string(e.B) + " are one and different"
}

// TwinLinksError says that two can't be one, because each is, or has, a record of its own.
type TwinLinksError struct{ RecordA, RecordB string }

func (e *TwinLinksError) Error() string {
	return "the records " + e.RecordA + " and " + e.RecordB + " would be one"
}

// twinRow is a row of which something was said.
type twinRow struct {
	key    string
	line   int64
	there  bool   // in the source
	unseen bool   // no read of the source showed it: there was none yet, or it is gone for long
	linked bool   // has a link
	record string // its link's
	ruled  plan.Ruling
	lead   string // of a ruling that it counts as one with another row
}

// twinGroups are the decisions about a sync's rows with what is known of the rows.
type twinGroups struct {
	twins []Twin             // the newest last
	said  map[TwinEnd][]Twin // those about each, the newest last
	rows  map[string]*twinRow
	gone  map[string]bool        // records that were archived or erased
	apart map[TwinEnd][]TwinEnd  // that are different from each, of those that come after it
	steps map[TwinEnd][]TwinStep // both ways
}

func readTwins(tx *sql.Tx, syncID int64) (*twinGroups, error) {
	ctx := context.Background()
	g := &twinGroups{rows: map[string]*twinRow{}, gone: map[string]bool{}, apart: map[TwinEnd][]TwinEnd{}, steps: map[TwinEnd][]TwinStep{}}
	var err error
	if g.twins, err = list(ctx, tx, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE sync_id = ? ORDER BY decided_at, a, b`, syncID); err != nil || len(g.twins) == 0 {
		return g, err
	}
	err = g.read(tx, syncID)
	return g, err
}

// read reads what is known of the rows and records that the decisions name.
func (g *twinGroups) read(tx *sql.Tx, syncID int64) error {
	ctx := context.Background()
	keys, ids := map[string]bool{}, map[string]bool{}
	g.said = byEnd(g.twins)
	for _, t := range g.twins {
		for _, e := range []TwinEnd{t.A, t.B} {
			if k, ok := e.Row(); ok {
				keys[k] = true
			}
			if id, ok := e.Record(); ok {
				ids[id] = true
			}
		}
		switch t.Verdict {
		case TwinDifferent:
			g.differ(t.A, t.B)
		case TwinSame:
			g.step(t.A, t.B, false)
		}
	}
	for len(keys) > 0 { // and the rows that these count as one with
		rows, err := twinRows(ctx, tx, syncID, slices.Sorted(maps.Keys(keys)))
		if err != nil {
			return err
		}
		clear(keys)
		for _, r := range rows {
			g.rows[r.key] = &r
			if r.record != "" {
				ids[r.record] = true
				g.step(RowEnd(r.key), RecordEnd(r.record), true)
			}
			if r.lead != "" {
				g.step(RowEnd(r.key), RowEnd(r.lead), false)
				keys[r.lead] = g.rows[r.lead] == nil
			}
		}
		maps.DeleteFunc(keys, func(k string, anew bool) bool { return !anew || g.rows[k] != nil })
	}
	gone, err := list(ctx, tx, scanText, `SELECT id FROM record_seen WHERE sync_id = ? AND gone IN ('archived', 'erased') AND id IN (SELECT value FROM json_each(?))`, syncID, jsonList(slices.Sorted(maps.Keys(ids))))
	for _, id := range gone {
		g.gone[id] = true
	}
	return err
}

func twinRows(ctx context.Context, tx *sql.Tx, syncID int64, keys []string) ([]twinRow, error) {
	return list(ctx, tx, func(row interface{ Scan(...any) error }) (r twinRow, err error) {
		return r, row.Scan(&r.key, &r.line, &r.there, &r.unseen, &r.linked, &r.record, &r.ruled, &r.lead)
	}, `SELECT j.value, coalesce(r.line, 0), r.key IS NOT NULL AND r.gone = 0, r.key IS NULL, l.id IS NOT NULL, coalesce(l.record_id, ''), coalesce(k.kind, ''), CASE WHEN k.kind = 'same' THEN k.lead ELSE '' END
		FROM json_each(?2) j
		LEFT JOIN row_seen r ON r.sync_id = ?1 AND r.key = j.value
		LEFT JOIN link l ON l.sync_id = ?1 AND l.row_key = j.value
		LEFT JOIN ruling k ON k.sync_id = ?1 AND k.row_key = j.value AND k.pending = 0`, syncID, jsonList(keys))
}

func (g *twinGroups) differ(a, b TwinEnd) { g.apart[min(a, b)] = append(g.apart[min(a, b)], max(a, b)) }

func (g *twinGroups) step(a, b TwinEnd, linked bool) {
	g.steps[a] = append(g.steps[a], TwinStep{a, b, linked})
	g.steps[b] = append(g.steps[b], TwinStep{b, a, linked})
}

// group is all that is the same as one, itself too, in order: by what was said, and with links also by
// which records rows have.
func (g *twinGroups) group(of TwinEnd, links bool) []TwinEnd {
	seen := map[TwinEnd]bool{of: true}
	for todo := []TwinEnd{of}; len(todo) > 0; todo = todo[1:] {
		for _, s := range g.steps[todo[0]] {
			if !seen[s.B] && (links || !s.Linked) {
				seen[s.B] = true
				todo = append(todo, s.B)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// way is how one comes to be the same as another, nil where it is not.
func (g *twinGroups) way(from, to TwinEnd) []TwinStep {
	by := map[TwinEnd]TwinStep{from: {}}
	for todo := []TwinEnd{from}; len(todo) > 0; todo = todo[1:] {
		for _, s := range g.steps[todo[0]] {
			if _, ok := by[s.B]; !ok {
				by[s.B] = s
				todo = append(todo, s.B)
			}
		}
	}
	if _, ok := by[to]; !ok {
		return nil
	}
	var all []TwinStep
	for at := to; at != from; at = by[at].A {
		all = append(all, by[at])
	}
	slices.Reverse(all)
	return all
}

// differing are two of a group, which is in order, that are different.
func (g *twinGroups) differing(group []TwinEnd) (two [2]TwinEnd, ok bool) {
	for _, a := range group {
		for _, b := range g.apart[a] {
			if _, in := slices.BinarySearch(group, b); in && b != a && (!ok || b < two[1]) {
				two, ok = [2]TwinEnd{a, b}, true
			}
		}
		if ok {
			return two, true
		}
	}
	return two, false
}

// opposed says of a decision that is about to be kept what stands against it.
func opposed(tx *sql.Tx, t Twin) error {
	g := &twinGroups{rows: map[string]*twinRow{}, gone: map[string]bool{}, apart: map[TwinEnd][]TwinEnd{}, steps: map[TwinEnd][]TwinStep{}}
	var err error
	if g.twins, err = list(context.Background(), tx, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE sync_id = ? ORDER BY decided_at, a, b`, t.SyncID); err != nil {
		return err
	}
	g.twins = append(g.twins, Twin{A: t.A, B: t.B}) // so that their rows are read
	if err := g.read(tx, t.SyncID); err != nil {
		return err
	}
	if t.Verdict == TwinDifferent {
		if steps := g.way(t.A, t.B); steps != nil {
			return &TwinOpposedError{Verdict: t.Verdict, A: t.A, B: t.B, Steps: steps}
		}
		return nil
	}
	kept, err := list(context.Background(), tx, func(row interface{ Scan(...any) error }) (two [2]string, err error) {
		return two, row.Scan(&two[0], &two[1])
	}, `SELECT row_key, record_id FROM apart WHERE sync_id = ? AND twin = 0`, t.SyncID)
	if err != nil {
		return err
	}
	for _, two := range kept {
		g.differ(RowEnd(two[0]), RecordEnd(two[1]))
	}
	g.step(t.A, t.B, false)
	group := g.group(t.A, true)
	if two, ok := g.differing(group); ok {
		steps := slices.DeleteFunc(g.way(two[0], two[1]), func(s TwinStep) bool { return min(s.A, s.B) == t.A && max(s.A, s.B) == t.B })
		return &TwinOpposedError{Verdict: t.Verdict, A: two[0], B: two[1], Steps: steps}
	}
	if ids := g.records(group); len(ids) > 1 {
		return &TwinLinksError{ids[0], ids[1]}
	}
	return nil
}

// records are those of a group that are there still.
func (g *twinGroups) records(group []TwinEnd) (ids []string) {
	for _, e := range group {
		if id, ok := e.Record(); ok && !g.gone[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// ruleTwins lays down for the matching what the decisions about a sync's rows mean. What was decided
// about a row itself, in Review, goes before it. Rows that no read of the source showed count as well
// before there was one.
func ruleTwins(tx *sql.Tx, syncID int64, unseen bool) error {
	for _, q := range []string{`DELETE FROM ruling WHERE sync_id = ? AND pending = 2`, `DELETE FROM apart WHERE sync_id = ? AND twin = 2`} {
		if _, err := tx.Exec(q, syncID); err != nil {
			return err
		}
	}
	g, err := readTwins(tx, syncID)
	if err != nil {
		return err
	}
	seen := map[TwinEnd]bool{}
	for _, key := range slices.Sorted(maps.Keys(g.rows)) {
		if seen[RowEnd(key)] {
			continue
		}
		group := g.group(RowEnd(key), false)
		for _, e := range group {
			seen[e] = true
		}
		for _, r := range g.rulings(group, unseen) {
			if _, err := tx.Exec(`INSERT OR IGNORE INTO ruling(sync_id, row_key, kind, lead, pending) VALUES(?,?,?,?,2)`, syncID, r.RowKey, r.Kind, r.Lead); err != nil {
				return err
			}
			if r.Kind != plan.RuleSame {
				continue
			}
			// What is not the record of the row that follows is not that of the one that leads.
			if _, err := tx.Exec(`INSERT OR IGNORE INTO apart(sync_id, row_key, record_id, at, twin) SELECT sync_id, ?3, record_id, at, 2 FROM apart
				WHERE sync_id = ?1 AND row_key = ?2 AND twin < 2 AND record_id <> ?4`, syncID, r.RowKey, r.Lead, g.recordOf(group)); err != nil {
				return err
			}
		}
	}
	return nil
}

// rulings are what a group means. The row that has a record leads, else the one that comes first. Where
// two of a group are different, which a merge in HubSpot may bring about, each row asks for the record:
// one gets it, and of the others a person is asked.
func (g *twinGroups) rulings(group []TwinEnd, unseen bool) (all []Ruling) {
	var rows []*twinRow
	for _, e := range group {
		if key, ok := e.Row(); ok {
			if r := g.rows[key]; (r.there || unseen && r.unseen) && (r.linked || r.ruled == plan.RuleNone) {
				rows = append(rows, r)
			}
		}
	}
	slices.SortFunc(rows, func(a, b *twinRow) int {
		if a.linked != b.linked {
			return map[bool]int{true: -1, false: 1}[a.linked]
		}
		return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.key, b.key))
	})
	id := g.recordOf(group)
	_, differing := g.differing(group)
	for i, r := range rows {
		switch {
		case r.linked:
		case id != "" && (i == 0 || differing && !rows[0].linked):
			all = append(all, Ruling{RowKey: r.key, Kind: RuleTake, Lead: id})
		case i > 0:
			all = append(all, Ruling{RowKey: r.key, Kind: plan.RuleSame, Lead: rows[0].key})
		case g.joined(r.key):
			all = append(all, Ruling{RowKey: r.key, Kind: plan.RuleApart})
		}
	}
	return all
}

// recordOf is the record of a group: the one that was named last of those that are there still, else
// the one that was named last; where none was, that of a row which left the source.
func (g *twinGroups) recordOf(group []TwinEnd) (id string) {
	var last Twin
	var found, there bool
	for _, e := range group {
		for _, t := range g.said[e] {
			_, record := rowAndRecord(t)
			if t.Verdict != TwinSame || record == "" {
				continue
			}
			if lives := !g.gone[record]; !found || lives && !there || lives == there && later(t, last) {
				last, id, found, there = t, record, true, lives
			}
		}
	}
	for _, e := range group {
		if key, ok := e.Row(); ok && id == "" {
			if r := g.rows[key]; !r.there && !g.gone[r.record] {
				id = r.record
			}
		}
	}
	return id
}

// later reports whether what was said comes after something else in the order of decisions.
func later(t, than Twin) bool {
	return cmp.Or(t.At.Compare(than.At), cmp.Compare(t.A, than.A), cmp.Compare(t.B, than.B)) > 0
}

// joined reports whether a row is different from a record that a match key joins it with.
func (g *twinGroups) joined(key string) bool {
	return slices.ContainsFunc(g.said[RowEnd(key)], func(t Twin) bool {
		_, record := rowAndRecord(t)
		return record != "" && t.Joined && t.Verdict == TwinDifferent
	})
}

// freeTwins takes back what was said of a row, of rows that are the same, and of their records, so that
// it is matched like any other row.
func freeTwins(tx *sql.Tx, syncID int64, rowKey string) error {
	g, err := readTwins(tx, syncID)
	if err != nil {
		return err
	}
	group := g.group(RowEnd(rowKey), false)
	for _, t := range g.twins {
		if _, id := rowAndRecord(t); id != "" && t.Verdict == TwinSame && slices.Contains(group, t.A) {
			if err := dropTwin(tx, t); err != nil {
				return err
			}
		}
	}
	return ruleTwins(tx, syncID, false)
}

// NamedRecords returns the records that decisions about rows without a link name, and that a pull did
// not see: what became of them is to be asked.
func (s *Store) NamedRecords(ctx context.Context, syncID, pull int64) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT DISTINCT n.id FROM (
			SELECT substr(a, length('record ') + 1) AS id, substr(b, length('row ') + 1) AS key FROM twin WHERE sync_id = ?1 AND a LIKE 'record %' AND b LIKE 'row %'
			UNION SELECT record_id, row_key FROM apart WHERE sync_id = ?1 AND twin < 2) n
		WHERE NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = n.key)
		AND NOT EXISTS (SELECT 1 FROM record_seen q WHERE q.sync_id = ?1 AND q.id = n.id AND q.gone = '' AND q.pull >= ?2)
		ORDER BY length(n.id), n.id`, syncID, pull)
}

// NamedAmong returns those of some records that decisions about rows and records name.
func (s *Store) NamedAmong(ctx context.Context, portalID int64, object string, records []string) ([]string, error) {
	ends := make([]string, 0, len(records))
	for _, id := range records {
		ends = append(ends, string(RecordEnd(id)))
	}
	return list(ctx, s.write, scanText, `SELECT DISTINCT id FROM (
			SELECT substr(a, length('record ') + 1) AS id FROM twin WHERE portal_id = ?1 AND object = ?2 AND a IN (SELECT value FROM json_each(?3))
			UNION SELECT substr(b, length('record ') + 1) FROM twin WHERE portal_id = ?1 AND object = ?2 AND b IN (SELECT value FROM json_each(?3))
			UNION SELECT record_id FROM apart WHERE sync_id IN (SELECT id FROM sync WHERE portal_id = ?1 AND object = ?2) AND record_id IN (SELECT value FROM json_each(?4)))
		ORDER BY length(id), id`, portalID, object, jsonList(ends), jsonList(records))
}

// FollowMerge lets the decisions that name a record follow it to the one that it was merged into. Where
// a row is the same as one of the two and different from the other, it is the same as the survivor.
func (s *Store) FollowMerge(ctx context.Context, portalID int64, object, id, into string) error {
	return s.tx(ctx, func(tx *sql.Tx) error { return followMerge(ctx, tx, portalID, object, id, into) })
}

func followMerge(ctx context.Context, tx *sql.Tx, portalID int64, object, id, into string) error {
	if id == into {
		return nil
	}
	named, err := list(ctx, tx, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE portal_id = ?1 AND object = ?2 AND (a = ?3 OR b = ?3)`, portalID, object, RecordEnd(id))
	if err != nil {
		return err
	}
	for _, t := range named {
		if err := dropTwin(tx, t); err != nil {
			return err
		}
		for _, e := range []*TwinEnd{&t.A, &t.B} {
			if *e == RecordEnd(id) {
				*e = RecordEnd(into)
			}
		}
		if t = t.ordered(); t.A == t.B {
			continue // the two are one
		}
		said, err := list(ctx, tx, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE portal_id = ? AND object = ? AND sync_id = ? AND a = ? AND b = ?`, portalID, object, t.SyncID, t.A, t.B)
		if err != nil {
			return err
		}
		if len(said) > 0 && (said[0].Verdict == t.Verdict || t.Verdict == TwinDifferent) {
			continue
		}
		if err := dropTwin(tx, t); err != nil {
			return err
		}
		if err := addTwin(tx, t); err != nil {
			return err
		}
	}
	const of = ` record_id = ?3 AND twin = 0 AND sync_id IN (SELECT id FROM sync WHERE portal_id = ?1 AND object = ?2)`
	for _, q := range []string{`UPDATE OR IGNORE apart SET record_id = ?4 WHERE` + of, `DELETE FROM apart WHERE ?4 <> '' AND` + of} {
		if _, err := tx.Exec(q, portalID, object, id, into); err != nil {
			return err
		}
	}
	return nil
}
