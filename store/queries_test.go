package store

import (
	"regexp"
	"strings"
	"testing"
)

// Every step of what is done per row or per conflict finds its rows by an
// index: with a scan in one of them a run of many is quadratic. What is scanned
// may only be a result that the query has made itself.
func TestWhatIsDonePerRowFindsItByAnIndex(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	own := regexp.MustCompile(`^SCAN (telling|mine|sharing|found|judged|m|s|f|j|json_each|CONSTANT ROW|\d+ CONSTANT ROWS?)\b|^SCAN \(subquery-\d+\)`)
	alone := regexp.MustCompile(`^SEARCH .*\(sync_id=\?\)$`)
	for name, q := range map[string]string{
		"release rulings":       releaseRulings,
		"match by key":          matchByKey,
		"match what was chosen": matchChosen,
		"doubt keys":            doubtKeys,
		"rows that are gone":    `UPDATE row_seen SET gone = ?2 WHERE sync_id = ?1 AND pull < ?2 AND gone = 0`,
		"gone rows":             `SELECT r.key FROM row_seen r JOIN link l ON l.sync_id = r.sync_id AND l.row_key = r.key WHERE r.sync_id = ? AND r.gone > 0 AND l.state = 'active' ORDER BY r.key`,
		"gone records":          `SELECT h.id FROM record_seen h JOIN link l ON l.sync_id = h.sync_id AND l.record_id = h.id WHERE h.sync_id = ? AND h.gone <> '' AND h.gone <> 'merged' AND l.state = 'active' ORDER BY h.id`,
		"close a conflict":      carriedOut,
		"close conflicts":       `UPDATE conflict SET state = 'closed' WHERE id IN (SELECT value FROM json_each(?))`,
		"live conflicts":        `SELECT c.id FROM conflict c WHERE c.sync_id = ? AND c.state <> 'closed'`,
		"a row's conflicts":     `SELECT property FROM conflict WHERE sync_id = ? AND row_key = ? AND state <> 'closed'`,
		"a plan's item":         `SELECT row_key FROM plan_item WHERE ` + ofPlan + ` AND n = ?`,
		"a plan's failed items": `SELECT row_key, line FROM plan_item WHERE ` + ofPlan + ` AND (fate = 'failed' OR done = 'failed')`,
		"what a run wrote":      `SELECT side || ' ' || kind, count(DISTINCT n) FROM op WHERE run_id = ? AND state = 'done' GROUP BY 1`,
		"an item's sides":       `SELECT DISTINCT n, side FROM op WHERE plan_id = ? AND state = 'done' AND n IN (SELECT value FROM json_each(?))`,
		"a row's failure":       `DELETE FROM attention WHERE sync_id = ? AND row_key = ? AND (row_key <> '' OR line = ?)`,
		"what pairs agreed on":  agreedPage,
		"updates in doubt":      updatesInDoubt,
		"a create in doubt":     createInDoubt,
		"creates in doubt":      createsInDoubt,
		"runs of a set":         `SELECT r.id FROM run r JOIN sync y ON y.id = r.sync_id WHERE r.set_id = ? AND r.set_id <> '' ORDER BY r.started_at, r.rowid`,
		"notices":               noticedRecords,
		"rows that go":          goneRowsOf,
		"records that go":       goneRecordsOf,
		"marks":                 `SELECT f.link_id FROM flag f WHERE f.sync_id = ?`,
	} {
		rows, err := s.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+q, make([]any, strings.Count(q, "?"))[:parameters(q)]...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		within := make(map[int]bool) // a subquery that is carried out row by row
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			within[id] = within[parent] || strings.HasPrefix(detail, "CORRELATED ")
			if within[parent] && alone.MatchString(detail) {
				t.Errorf("%s: all of a sync for each row: %s", name, detail)
			}
			if q != updatesInDoubt && strings.Contains(detail, "USING INDEX op_doubt ") {
				t.Errorf("%s: all that is in doubt for each of it: %s", name, detail)
			}
			if strings.HasPrefix(detail, "SCAN ") && !own.MatchString(detail) {
				t.Errorf("%s: %s", name, detail)
			}
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
		_ = rows.Close() //nolint:sqlclosecheck // in a loop: closed before the next statement
	}
}

// parameters counts those of a statement: numbered ones may stand more than once.
func parameters(q string) int {
	most := 0
	for _, m := range regexp.MustCompile(`\?(\d)`).FindAllStringSubmatch(q, -1) {
		most = max(most, int(m[1][0]-'0'))
	}
	if most > 0 {
		return most
	}
	return strings.Count(q, "?")
}
