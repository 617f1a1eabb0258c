package store

import "context"

// UniqueOrd is the ord of the first unique property among the identities of
// rows and records: those below it are of match keys.
const UniqueOrd = 100

// Holder is who has a value already that HubSpot keeps unique: a record, or
// another row that would bring it.
type Holder struct {
	Record string // "" = a row
	Row    string
	Line   int    // of the row in its file
	Value  string // as it is written there, "" where that is not known
}

// Holders returns who else has a value of the nth unique property: records that
// are there, and unlinked rows that do not count as one with another.
func (s *Store) Holders(ctx context.Context, syncID int64, nth int, property, value, exceptRecord, exceptRow string) ([]Holder, error) {
	const q = `SELECT i.ref, '', 0, h.vals FROM identity i JOIN record_seen h ON h.sync_id = i.sync_id AND h.id = i.ref AND h.gone = ''
		WHERE i.sync_id = ?1 AND i.side = 1 AND i.ord IN (SELECT value FROM json_each(?6)) AND i.value = ?3 AND ?2 IN (i.ord, i.also) AND i.ref <> ?4
		UNION ALL
		SELECT '', i.ref, r.line, r.vals FROM identity i JOIN row_seen r ON r.sync_id = i.sync_id AND r.key = i.ref AND r.gone = 0
		WHERE i.sync_id = ?1 AND i.side = 0 AND i.ord IN (SELECT value FROM json_each(?7)) AND i.value = ?3 AND ?2 IN (i.ord, i.also) AND i.ref <> ?5
		AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = ?1 AND m.row_key = i.ref AND (m.reason = 'same' OR m.record_id <> ''))
		LIMIT 3`
	ofRecords, err := ordsOf(ctx, s.read, syncID, 1)
	if err != nil {
		return nil, err
	}
	ofRows, err := ordsOf(ctx, s.read, syncID, 0)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (Holder, error) {
		var h Holder
		var vals string
		if err := row.Scan(&h.Record, &h.Row, &h.Line, &vals); err != nil {
			return h, err
		}
		values, err := s.forms.parseValues(vals)
		h.Value = values[property].String()
		return h, err
	}, q, syncID, UniqueOrd+nth, value, exceptRecord, exceptRow, ofRecords, ofRows)
}
