package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// identity is a value by which a row or record is matched, or that it has of a
// unique property; key is the row's key or the record's id.
type identity struct {
	ord        int
	value, key string
	also       int // the ord of a unique property of which it is the value too, else 0
}

// withIdentity adds a value of a row or record to those that it has already, which
// stand at the end. A unique value that it is matched by too is not kept twice.
func withIdentity(all []identity, ord int, value, key string) []identity {
	for i := len(all) - 1; ord >= UniqueOrd && i >= 0 && all[i].key == key; i-- {
		if e := &all[i]; e.ord >= 0 && e.ord < UniqueOrd && e.also == 0 && e.value == value {
			e.also = ord
			return all
		}
	}
	return append(all, identity{ord: ord, value: value, key: key})
}

// sortIdentities brings them into the order of the index, whose pages are then
// touched once.
func sortIdentities(all []identity) {
	slices.SortFunc(all, func(a, b identity) int {
		return cmp.Or(cmp.Compare(a.ord, b.ord), strings.Compare(a.value, b.value), strings.Compare(a.key, b.key))
	})
}

const keepAlso = ` ON CONFLICT DO UPDATE SET also = excluded.also WHERE excluded.also <> 0`

// identifyRows keeps by what rows are matched that have no link.
func identifyRows(tx *sql.Tx, syncID int64, all []identity) error {
	return putIdentities(tx, syncID, all, func(n int) string {
		return `INSERT INTO identity(sync_id, side, ord, value, ref, also) SELECT ?1, 0, v.column1, v.column2, v.column3, v.column4 FROM (VALUES ` + marks(4, n) + `) v
			WHERE NOT EXISTS (SELECT 1 FROM link WHERE sync_id = ?1 AND row_key = v.column3)` + keepAlso
	})
}

// identifyRecords keeps by what records are found.
func identifyRecords(tx *sql.Tx, syncID int64, all []identity) error {
	return putIdentities(tx, syncID, all, func(n int) string {
		return `INSERT INTO identity(sync_id, side, ord, value, ref, also) VALUES` + strings.Repeat(",(?1,1,?,?,?,?)", n)[1:] + keepAlso
	})
}

func putIdentities(tx *sql.Tx, syncID int64, all []identity, statement func(n int) string) error {
	sortIdentities(all)
	return inBulk(all, func(some []identity) error {
		args := make([]any, 1, 1+4*len(some))
		args[0] = syncID
		for _, e := range some {
			args = append(args, e.ord, e.value, e.key, e.also)
		}
		_, err := tx.Exec(statement(len(some)), args...)
		return err
	})
}

// unidentify lets a record be found no more by a value that it had.
func unidentify(tx *sql.Tx, syncID int64, ord int, value, record string) error {
	if ord >= UniqueOrd {
		if _, err := tx.Exec(`UPDATE identity SET also = 0 WHERE sync_id = ? AND side = 1 AND ref = ? AND value = ? AND also = ?`, syncID, record, value, ord); err != nil {
			return err
		}
	}
	var also int
	err := tx.QueryRow(`DELETE FROM identity WHERE sync_id = ? AND side = 1 AND ord = ? AND value = ? AND ref = ? RETURNING also`, syncID, ord, value, record).Scan(&also)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || also == 0 {
		return err
	}
	return identifyRecords(tx, syncID, []identity{{ord: also, value: value, key: record}}) // it has that of the unique property still
}

// ordsOf returns the ords of the values of one side, apart from our keys, as a list
// of JSON.
func ordsOf(ctx context.Context, db *sql.DB, syncID int64, side int) (string, error) {
	var all []int64
	for next := (sql.NullInt64{Int64: -1}); ; all = append(all, next.Int64) {
		// One step in the index for each of them, of which there are few.
		err := db.QueryRowContext(ctx, `SELECT min(ord) FROM identity WHERE sync_id = ? AND side = ? AND ord > ?`, syncID, side, next.Int64).Scan(&next)
		if err != nil || !next.Valid {
			return numberList(all), err
		}
	}
}

// contested are the rows of which another row, or a record, has a unique value.
func (s *Store) contested(ctx context.Context, syncID int64) (rows rowSet, err error) {
	ofRows, err := ordsOf(ctx, s.read, syncID, 0)
	if err != nil {
		return rows, err
	}
	ofRecords, err := ordsOf(ctx, s.read, syncID, 1)
	if err != nil {
		return rows, err
	}
	// The values are walked in the order of the index, in which those of others are looked up too.
	const unique = `CASE WHEN i.ord >= 100 THEN i.ord ELSE i.also END`
	for id, err := range stream(ctx, s.read, func(row *sql.Rows) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	},
		`SELECT r.rowid FROM json_each(?2) j CROSS JOIN identity i ON i.sync_id = ?1 AND i.side = 0 AND i.ord = j.value CROSS JOIN row_seen r ON r.sync_id = ?1 AND r.key = i.ref
		WHERE (i.ord >= 100 OR i.also > 0) AND (
		EXISTS (SELECT 1 FROM identity o WHERE o.sync_id = ?1 AND o.side = 1 AND o.ord IN (SELECT value FROM json_each(?3)) AND o.value = i.value AND `+unique+` IN (o.ord, o.also))
		OR EXISTS (SELECT 1 FROM identity o WHERE o.sync_id = ?1 AND o.side = 0 AND o.ord IN (SELECT value FROM json_each(?2)) AND o.value = i.value AND o.ref <> i.ref AND `+unique+` IN (o.ord, o.also)))`,
		syncID, ofRows, ofRecords) {
		if err != nil {
			return rows, err
		}
		rows.add(id)
	}
	return rows, nil
}
