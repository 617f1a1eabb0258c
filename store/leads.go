package store

import "context"

// Leads returns, of rows that count as one with another row of the sync, the
// key of that one: as the last matching found, or as a person decided.
func (s *Store) Leads(ctx context.Context, syncID int64, rowKeys []string) (map[string]string, error) {
	rows, err := s.write.QueryContext(ctx, leadsOf, syncID, jsonList(rowKeys))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	leads := make(map[string]string)
	for rows.Next() {
		var key, lead string
		if err := rows.Scan(&key, &lead); err != nil {
			return nil, err
		}
		leads[key] = lead
	}
	return leads, rows.Err()
}

// Once the row that leads has its record, matching finds that taken; the two are
// one as long as they hold the same.
const leadsOf = `SELECT m.row_key, substr(m.others, instr(m.others, ' ') + 1) FROM json_each(?2) j
		CROSS JOIN matched m ON m.sync_id = ?1 AND m.row_key = j.value WHERE m.reason = 'same'
	UNION ALL
	SELECT m.row_key, b.key FROM json_each(?2) j
		CROSS JOIN matched m ON m.sync_id = ?1 AND m.row_key = j.value
		CROSS JOIN row_seen a ON a.sync_id = ?1 AND a.key = m.row_key
		CROSS JOIN row_seen b ON b.sync_id = ?1 AND b.key = substr(m.others, 3) AND b.hash = a.hash AND b.gone = 0 WHERE m.reason = 'taken'
	UNION ALL
	SELECT k.row_key, k.lead FROM json_each(?2) j CROSS JOIN ruling k ON k.sync_id = ?1 AND k.row_key = j.value WHERE k.kind = 'same'`
