package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math/bits"
	"strings"
	"time"
	"unicode/utf8"
)

// Reading is a complete read of the source under way, which End ends. A row
// that it finds as it was is not written again: which rows were seen stands in
// memory, a bit for each, since a read that ends early has shown nothing of
// the rows that it did not reach.
//
// Known may be called by several goroutines, See and End by one.
type Reading struct {
	s            *Store
	syncID, pull int64
	made         int64
	seen         rowSet
	// Before is how far an earlier complete reading came whose values depend on the
	// same as this one's; zero where there is none.
	Before Reach
	// Reached is how far this one comes, which End keeps.
	Reached Reach
	// Last says that of rows with the same key the last one leads, instead of the
	// first. Set it before anything is seen.
	Last bool
}

// Reach is how far a complete reading of a source came that tells when its rows changed.
type Reach struct {
	Newest time.Time // the newest time of change among them
	Whole  time.Time // when the last reading of all of them began
}

// rowSet is a set of row numbers.
type rowSet struct {
	words []uint64
	count int
}

func (r *rowSet) has(n int64) bool {
	i := int(n >> 6)
	return i < len(r.words) && r.words[i]&(1<<(n&63)) != 0
}

func (r *rowSet) add(n int64) {
	i := int(n >> 6)
	if i >= len(r.words) {
		r.words = append(r.words, make([]uint64, i+1-len(r.words)+len(r.words)/4)...)
	}
	before := r.words[i]
	r.words[i] |= 1 << (n & 63)
	r.count += bits.OnesCount64(r.words[i]) - bits.OnesCount64(before)
}

// BeginRows starts a complete read of the source. by identifies all that the
// values of a row depend on beside its cells: rows that were taken to values
// by something else are taken to them anew.
func (s *Store) BeginRows(ctx context.Context, syncID, pull int64, by []byte) (r *Reading, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{`DELETE FROM row_problem WHERE sync_id = ?`, `DELETE FROM row_copy WHERE sync_id = ?`} {
			if _, err := tx.Exec(q, syncID); err != nil {
				return err
			}
		}
		r, err = s.reading(tx, syncID, pull, by)
		return err
	})
	return r, err
}

// ReadSomeRows starts a read of only what changed, which needs no End: rows
// that it does not see stay as they are.
func (s *Store) ReadSomeRows(ctx context.Context, syncID, pull int64, by []byte) (r *Reading, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		r, err = s.reading(tx, syncID, pull, by)
		return err
	})
	return r, err
}

func (s *Store) reading(tx *sql.Tx, syncID, pull int64, by []byte) (*Reading, error) {
	r := &Reading{s: s, syncID: syncID, pull: pull}
	var newest, made, whole int64
	err := tx.QueryRow(`UPDATE sync SET made = made + (made_by IS NOT ?2), made_by = ?2 WHERE id = ?1 RETURNING made, rows_at, rows_made, rows_whole`, syncID, by).Scan(&r.made, &newest, &made, &whole)
	if made == r.made {
		r.Before = Reach{at(newest), at(whole)}
	}
	return r, one(err)
}

// State numbers what the values of a row depend on beside its cells, as it is
// now: see RowSeen.Sound.
func (r *Reading) State() int64 { return r.made }

// Known is a row that is as it was when it was last seen, as far as its values
// go: see RowSeen.Known.
type Known struct {
	ID       int64
	line     int
	modified int64
}

// Known tells which rows, of the given keys and hashes of their cells, need
// not be taken to values again: they, their mapping and what is matched by
// them are as they were. ID is 0 for the others. A hash that is nil is that of a
// row which is known to hold what it held.
func (r *Reading) Known(ctx context.Context, keys []string, rawHashes [][]byte) ([]Known, error) {
	known := make([]Known, len(keys))
	at := make(map[string]int, len(keys))
	for i, key := range keys {
		if listable(key) {
			at[key] = i // of several the last one: the others are copies, which See finds out
		}
	}
	rows, err := r.s.read.QueryContext(ctx, `SELECT r.key, r.rowid, r.raw_hash, r.line, r.modified FROM json_each(?2) j CROSS JOIN row_seen r ON r.sync_id = ?1 AND r.key = j.value
		WHERE r.made = ?3 AND r.gone = 0 AND r.copies = 1 AND r.problem = ''
		AND (EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = r.key) OR EXISTS (SELECT 1 FROM identity i WHERE i.sync_id = ?1 AND i.side = 0 AND i.ref = r.key AND i.ord >= 0))`,
		r.syncID, jsonList(keys), r.made)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var key string
	var hash sql.RawBytes
	for rows.Next() {
		var k Known
		if err := rows.Scan(&key, &k.ID, &hash, &k.line, &k.modified); err != nil {
			return nil, err
		}
		if i, ok := at[key]; ok && (rawHashes[i] == nil || bytes.Equal(hash, rawHashes[i])) {
			known[i] = k
		}
	}
	return known, rows.Err()
}

// See keeps a page of rows in one commit. whole gives a row of the page with
// its values, where it was given as Known and they are needed after all.
func (r *Reading) See(ctx context.Context, rows []RowSeen, problems []RowProblem, whole func(i int) RowSeen) error {
	return r.s.tx(ctx, func(tx *sql.Tx) error {
		page := rowPage{Reading: r, tx: tx, ids: make(map[string]int64, len(rows))}
		if err := page.find(rows); err != nil {
			return err
		}
		for i := range rows {
			if err := page.see(&rows[i], func() RowSeen { return whole(i) }); err != nil {
				return err
			}
		}
		if err := page.insert(); err != nil {
			return err
		}
		if err := page.identify(); err != nil {
			return err
		}
		for _, p := range problems {
			if _, err := tx.Exec(`INSERT INTO row_problem VALUES(?,?,?,?,?)`, r.syncID, r.pull, p.Line, p.Key, p.Message); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowPage is a page of rows on its way into the workspace.
type rowPage struct {
	*Reading
	tx      *sql.Tx
	ids     map[string]int64 // of the rows of the page that are there already, by key
	stale   []string         // keys of rows that were matched by something else before
	fresh   []*RowSeen       // rows that are not there yet
	freshAt map[string]bool  // their keys
	matched []*RowSeen       // rows whose match values are kept
}

// find looks up the rows that are not known already.
func (p *rowPage) find(rows []RowSeen) error {
	var keys []string
	for i := range rows {
		switch key := rows[i].Key; {
		case rows[i].Known.ID != 0:
		case listable(key):
			keys = append(keys, key)
		default:
			var id int64
			err := p.tx.QueryRow(`SELECT rowid FROM row_seen WHERE sync_id = ? AND key = ?`, p.syncID, key).Scan(&id)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			p.ids[key] = id
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := p.tx.Query(`SELECT r.key, r.rowid FROM json_each(?2) j CROSS JOIN row_seen r ON r.sync_id = ?1 AND r.key = j.value`, p.syncID, jsonList(keys))
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var key string
		var id int64
		if err := found.Scan(&key, &id); err != nil {
			return err
		}
		p.ids[key] = id
	}
	return found.Err()
}

func (p *rowPage) see(r *RowSeen, whole func() RowSeen) error {
	if k := r.Known; k.ID != 0 && !p.Reading.seen.has(k.ID) && !p.freshAt[r.Key] {
		p.Reading.seen.add(k.ID)
		if k.line == r.Line && k.modified == ms(r.Modified) {
			return nil
		}
		_, err := p.tx.Exec(`UPDATE row_seen SET line = ?, modified = ? WHERE rowid = ?`, r.Line, ms(r.Modified), k.ID)
		return err
	}
	if r.Known.ID != 0 {
		p.ids[r.Key] = r.Known.ID
		w := whole()
		r = &w
	}
	if p.freshAt[r.Key] { // a copy of one of this page
		if err := p.insert(); err != nil {
			return err
		}
	}
	id := p.ids[r.Key]
	if p.Reading.seen.has(id) && id != 0 {
		return p.copy(r, id)
	}
	p.matched = append(p.matched, r)
	if id == 0 {
		if p.freshAt == nil {
			p.freshAt = make(map[string]bool)
		}
		p.fresh, p.freshAt[r.Key] = append(p.fresh, r), true
		return nil
	}
	p.stale = append(p.stale, r.Key)
	err := p.rewrite(r, id, `, gone = 0, copies = 1, differ = 0, digest = ''`)
	p.Reading.seen.add(id)
	return err
}

// cells are the columns of a row as they are kept: what most rows have in
// common, and what is of each.
func (p *rowPage) cells(r *RowSeen) (same, each []any, err error) {
	vals, raw, err := p.s.forms.row(p.tx, r.Values, r.Raw)
	if err != nil {
		return nil, nil, err
	}
	problem, err := problemText(r.Problems)
	if err != nil {
		return nil, nil, err
	}
	changed, err := r.Changed.text()
	if err != nil {
		return nil, nil, err
	}
	made := p.made
	if r.Anew {
		made = 0
	}
	return []any{p.syncID, p.pull, ms(r.Modified), problem, made, changed, r.Sound}, []any{r.Key, r.Hash, r.RawHash, r.Line, vals, raw}, nil
}

const (
	sameCells = 7 // of rowPage.cells
	eachCells = 6
)

// rewrite puts a row in the place of the one with an id; more are columns that
// are set too.
func (p *rowPage) rewrite(r *RowSeen, id int64, more string) error {
	same, each, err := p.cells(r)
	if err != nil {
		return err
	}
	_, err = p.tx.Exec(`UPDATE row_seen SET pull = ?, modified = ?, problem = ?, made = ?, changed = ?, sound = ?, hash = ?, raw_hash = ?, line = ?, vals = ?, raw = ?`+more+` WHERE rowid = ?`,
		append(append(same[1:], each[1:]...), id)...)
	return err
}

// insert puts the rows that are not there yet, many with one statement.
func (p *rowPage) insert() error {
	const put = `INSERT INTO row_seen(sync_id, pull, modified, problem, made, changed, sound, key, hash, raw_hash, line, vals, raw) VALUES`
	err := inBulk(p.fresh, func(rows []*RowSeen) error {
		places, once := marks(sameCells+eachCells, len(rows)), false
		if len(rows) > 1 && alike(rows, alikeRows) {
			places, once = marksBeside(sameCells, eachCells, len(rows)), true
		}
		args := make([]any, 0, len(rows)*(sameCells+eachCells))
		for i, r := range rows {
			same, each, err := p.cells(r)
			if err != nil {
				return err
			}
			if i == 0 || !once {
				args = append(args, same...)
			}
			args = append(args, each...)
		}
		res, err := p.tx.Exec(put+places, args...)
		if err != nil {
			return err
		}
		last, err := res.LastInsertId()
		if err != nil {
			return err
		}
		for i, r := range rows {
			id := last - int64(len(rows)-1-i) // one statement numbers its rows in a row
			p.ids[r.Key] = id
			p.Reading.seen.add(id)
		}
		return nil
	})
	p.fresh, p.freshAt = p.fresh[:0], nil
	return err
}

// alikeRows reports whether two rows have in common what most have: no problem,
// and nothing that is known of their times.
func alikeRows(a, b **RowSeen) bool {
	x, y := *a, *b
	return x.Anew == y.Anew && x.Sound == y.Sound && x.Modified.Equal(y.Modified) && len(x.Problems)+len(y.Problems) == 0 && x.Changed.none() && y.Changed.none()
}

// identify keeps by what the rows of the page are matched that were written and
// have no link.
func (p *rowPage) identify() error {
	for _, key := range p.stale {
		if _, err := p.tx.Exec(`DELETE FROM identity WHERE sync_id = ? AND side = 0 AND ref = ?`, p.syncID, key); err != nil {
			return err
		}
	}
	var all []identity
	for i := range p.matched {
		for ord, value := range p.matched[i].Match {
			if value != "" {
				all = withIdentity(all, ord, value, p.matched[i].Key)
			}
		}
		for nth, value := range p.matched[i].Unique {
			if value != "" {
				all = withIdentity(all, UniqueOrd+nth, value, p.matched[i].Key)
			}
		}
	}
	return identifyRows(p.tx, p.syncID, all)
}

// End ends the read: the rows that it did not see are gone. How often that was
// seen tells GonePull.
func (r *Reading) End(ctx context.Context) error {
	return r.s.tx(ctx, func(tx *sql.Tx) error {
		var all int
		if err := tx.QueryRow(`SELECT count(*) FROM row_seen WHERE sync_id = ?`, r.syncID).Scan(&all); err != nil {
			return err
		}
		if all != r.seen.count {
			if err := r.gone(tx); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE sync SET rows_at = ?2, rows_made = ?3, rows_whole = ?4 WHERE id = ?1`, r.syncID, ms(r.Reached.Newest), r.made, ms(r.Reached.Whole)); err != nil {
			return err
		}
		// What is linked by now is not matched any more.
		_, err := tx.Exec(`DELETE FROM identity WHERE sync_id = ?1 AND side = 0 AND EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = ref)`, r.syncID)
		return err
	})
}

// gone marks the rows that were not seen.
func (r *Reading) gone(tx *sql.Tx) error {
	lost, err := r.unseen(tx)
	if err != nil {
		return err
	}
	for _, id := range lost {
		if _, err := tx.Exec(`UPDATE row_seen SET gone = ?2 WHERE rowid = ?1 AND gone = 0`, id, r.pull); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM identity WHERE sync_id = ?1 AND side = 0 AND ref = (SELECT key FROM row_seen WHERE rowid = ?2)`, r.syncID, id); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reading) unseen(tx *sql.Tx) ([]int64, error) {
	rows, err := tx.Query(`SELECT rowid FROM row_seen INDEXED BY row_seen_key WHERE sync_id = ?`, r.syncID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lost []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if !r.seen.has(id) {
			lost = append(lost, id)
		}
	}
	return lost, rows.Err()
}

// listable reports whether a text is the same after it went through a list of
// JSON.
func listable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }
