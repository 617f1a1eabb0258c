package store

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// finisher ends the operations and items of a batch in one transaction. What it
// needs to know of all of them is looked up at once.
type finisher struct {
	*Store
	tx       *sql.Tx
	syncID   int64
	runID    string
	hash     Hash
	now      int64
	came     map[plan.Fate]int
	purposes map[string]purpose
	audits   [][]Audit // of each operation

	bases   map[int64]Base           // of links that have one
	seen    map[string]record.Values // of records that were observed
	items   map[itemID]itemNow
	numbers map[string]int64  // of the plans, by id
	pull    int64             // the number of the sync's last pull
	waiting bool              // rows of the sync need attention, or may
	whole   bool              // it is kept what rows hold as a whole
	hashes  map[string][]byte // of values, by their texts: both sides and the record mostly hold the same
}

type itemID struct {
	plan string
	n    int
}

// itemNow is what ending an item must know of it.
type itemNow struct {
	rowKey string
	record string
	line   int
	done   plan.Fate
	kind   plan.Kind
}

// look looks up what the outcomes are about.
func (f *finisher) look(outcomes []Outcome) error {
	var links []int64
	var records []string
	items := make(map[string][]int)
	for _, o := range outcomes {
		if o.Op.LinkID != 0 {
			links = append(links, o.Op.LinkID)
		}
		if o.Record != nil {
			records = append(records, o.Record.ID)
		}
		if o.Fate != "" {
			items[o.PlanID] = append(items[o.PlanID], o.N)
		}
	}
	if err := f.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM attention WHERE sync_id = ?1), coalesce((SELECT whole_of <> '' FROM sync WHERE id = ?1), 0), coalesce((SELECT pull FROM sync WHERE id = ?1), 0)`, f.syncID).Scan(&f.waiting, &f.whole, &f.pull); err != nil {
		return err
	}
	f.bases = make(map[int64]Base, len(links))
	if err := f.lookAtBases(links); err != nil {
		return err
	}
	if err := f.lookAtRecords(records); err != nil {
		return err
	}
	f.items, f.numbers = make(map[itemID]itemNow, len(outcomes)), make(map[string]int64, 1)
	for planID, ns := range items {
		if err := f.lookAtItems(planID, ns); err != nil {
			return err
		}
	}
	return nil
}

func (f *finisher) lookAtBases(links []int64) error {
	rows, err := f.tx.Query(basesOf, numberList(links))
	if err != nil {
		return err
	}
	return f.scanBases(rows, f.bases)
}

func (f *finisher) lookAtRecords(ids []string) error {
	f.seen = make(map[string]record.Values, len(ids))
	rows, err := f.tx.Query(`SELECT h.id, h.vals FROM json_each(?2) j CROSS JOIN record_seen h ON h.sync_id = ?1 AND h.id = j.value`, f.syncID, jsonList(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, vals string
		if err := rows.Scan(&id, &vals); err != nil {
			return err
		}
		if f.seen[id], err = f.forms.parseValues(vals); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (f *finisher) lookAtItems(planID string, ns []int) error {
	number, err := planNumber(f.tx, planID)
	if errors.Is(err, ErrNotFound) {
		return nil // finishItem says it
	}
	if err != nil {
		return err
	}
	f.numbers[planID] = number
	rows, err := f.tx.Query(`SELECT n, row_key, record_id, line, done, kind FROM plan_item WHERE plan_number = ? AND n IN (SELECT value FROM json_each(?))`, f.numbers[planID], numberList(ns))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var it itemNow
		if err := rows.Scan(&n, &it.rowKey, &it.record, &it.line, &it.done, &it.kind); err != nil {
			return err
		}
		f.items[itemID{planID, n}] = it
	}
	return rows.Err()
}

func (f *finisher) purpose(planID string) (purpose, error) {
	if p, ok := f.purposes[planID]; ok {
		return p, nil
	}
	p, err := purposeOf(f.tx, f.syncID, planID)
	f.purposes[planID] = p
	return p, err
}

// hashOf is the hash of values that stand as a text.
func (f *finisher) hashOf(text string, values record.Values) []byte {
	h, ok := f.hashes[text]
	if !ok {
		h = f.hash(values)
		f.hashes[text] = h
	}
	return h
}

// finishItem ends the outcome's item with its fate, if it has one.
func (f *finisher) finishItem(p purpose, o Outcome) error {
	if o.Fate == "" {
		return nil
	}
	id := itemID{o.PlanID, o.N}
	if _, ok := f.items[id]; !ok {
		return fmt.Errorf("plan %s has no item %d", o.PlanID, o.N)
	}
	_, err := f.tx.Exec(`UPDATE plan_item SET done = ?1, outcome = ?2, record_id = CASE WHEN ?3 = '' OR kind NOT IN ('create', 'deliver') THEN record_id ELSE ?3 END WHERE plan_number = ?4 AND n = ?5`, o.Fate, o.Reason, recordOf(o), f.numbers[o.PlanID], o.N)
	if err != nil {
		return err
	}
	it := f.count(o)
	if p.undo {
		return nil // the failed rows of runs are none of an undo's business
	}
	if it.kind == plan.ItemEdges || it.kind == plan.ItemEdgeRow {
		if err := f.listEdges(it, o); err != nil {
			return err
		}
	}
	if o.Attention != nil {
		f.waiting = true
		return addAttention(f.tx, f.syncID, f.runID, *o.Attention, f.now)
	}
	if it.kind == plan.ItemEdges {
		return nil
	}
	if o.Fate == plan.FateFailed || o.Aside || !f.waiting {
		return nil
	}
	return f.attended(it)
}

// attended takes the row of an item off the failed ones.
func (f *finisher) attended(it itemNow) error {
	_, err := f.tx.Exec(`DELETE FROM attention WHERE sync_id = ? AND given_up = 0 AND row_key = ? AND (row_key <> '' OR line = ?) AND edge = ''
		AND (row_key <> '' OR line <> 0 OR record_id = ?)`, f.syncID, it.rowKey, it.line, it.record)
	return err
}

// count counts what the outcome's item came to.
func (f *finisher) count(o Outcome) itemNow {
	id := itemID{o.PlanID, o.N}
	it := f.items[id]
	was := it.done
	if was == "" {
		was = plan.FateToDo
	}
	if it.kind != plan.ItemEdges { // its row is counted by itself
		f.came[o.Fate]++
		f.came[was]--
	}
	it.done = o.Fate
	f.items[id] = it
	return it
}

// trail leaves what an outcome wrote for the audit trail.
func (f *finisher) trail(o Outcome, linkID int64) {
	for left := o.Audit; len(left) > 0; {
		for i := range left {
			left[i].RunID, left[i].SyncID, left[i].LinkID, left[i].OpID = f.runID, f.syncID, linkID, o.Op.ID
		}
		n := 1
		for n < len(left) && left[n].goesWith(&left[0]) {
			n++
		}
		f.audits, left = append(f.audits, left[:n]), left[n:]
	}
}

// listEdges lists what an item about associations leaves undone.
func (f *finisher) listEdges(it itemNow, o Outcome) error {
	if f.waiting {
		if _, err := f.tx.Exec(`DELETE FROM attention WHERE sync_id = ? AND given_up = 0 AND row_key = ? AND edge <> ''`, f.syncID, it.rowKey); err != nil {
			return err
		}
	}
	for _, a := range o.Waits {
		f.waiting = true
		if err := addAttention(f.tx, f.syncID, f.runID, a, f.now); err != nil {
			return err
		}
	}
	return nil
}

func (f *finisher) forgetBase(linkID int64) error {
	delete(f.bases, linkID)
	_, err := f.tx.Exec(`DELETE FROM base WHERE link_id = ?`, linkID)
	return err
}

const upsertBase = ` ON CONFLICT(link_id) DO UPDATE SET src_hash = excluded.src_hash, rem_hash = excluded.rem_hash, src = excluded.src, rem = excluded.rem, agreed_run = excluded.agreed_run`

// agreed is an outcome with the values that move a base. An undo agrees on nothing that the
// pair did not agree on: a field that was mapped anew since starts anew.
func (f *finisher) agreed(p purpose, linkID int64, o Outcome) Outcome {
	if !p.undo {
		return o
	}
	base := f.bases[linkID]
	foreign := func(property string, _ record.Value) bool {
		_, ok := base.Source[property]
		return !ok
	}
	o.Source, o.HubSpot = maps.Clone(o.Source), maps.Clone(o.HubSpot)
	maps.DeleteFunc(o.Source, foreign)
	maps.DeleteFunc(o.HubSpot, foreign)
	return o
}

// moveBase lays the agreed values over the base.
func (f *finisher) moveBase(linkID int64, o Outcome) error {
	if _, ok := f.bases[linkID]; !ok && linkID != o.Op.LinkID {
		// A link that was found when it was made active may have one.
		if err := f.lookAtBases([]int64{linkID}); err != nil {
			return err
		}
	}
	base := f.agree(linkID, &o)
	src, err := f.forms.values(f.tx, base.Source)
	if err != nil {
		return err
	}
	rem, err := f.forms.values(f.tx, base.HubSpot)
	if err != nil {
		return err
	}
	_, err = f.tx.Exec(`INSERT INTO base(link_id, src_hash, rem_hash, src, rem, agreed_run) VALUES(?,?,?,?,?,?)`+upsertBase,
		linkID, f.hashOf(src, base.Source), f.hashOf(rem, base.HubSpot), src, rem, f.runID)
	return err
}

// observe brings the newest observations up to what a write left behind, so that our own
// write is not taken for somebody's edit.
func (f *finisher) observe(o Outcome) error {
	if o.Record != nil {
		if err := f.observeRecord(o.Record, o.Identities); err != nil {
			return err
		}
	}
	if len(o.RowRaw) > 0 && o.Link != nil {
		if err := f.observeCells(o.Link.RowKey, o.RowRaw); err != nil {
			return err
		}
	}
	if o.RowValues == nil || o.Link == nil {
		return nil
	}
	return f.observeValues(o.Link.RowKey, o.RowValues)
}

const upsertRecord = ` ON CONFLICT(sync_id, id) DO UPDATE SET hash = excluded.hash, updated = excluded.updated, read_at = excluded.read_at, stood = 0, vals = excluded.vals`

// observed lays what a record is known to hold over what was seen of it.
func (f *finisher) observed(r *RecordSeen) record.Values {
	values := f.seen[r.ID]
	if values == nil && r.Values != nil {
		f.seen[r.ID] = r.Values
		return r.Values
	}
	if values == nil {
		values = record.Values{}
	}
	for property, v := range r.Values {
		values[property] = v
	}
	f.seen[r.ID] = values
	return values
}

func (f *finisher) observeRecord(r *RecordSeen, identities []Identity) error {
	values := f.observed(r)
	vals, err := f.forms.values(f.tx, values)
	if err != nil {
		return err
	}
	if _, err := f.tx.Exec(`INSERT INTO record_seen(sync_id, id, hash, pull, updated, read_at, vals) VALUES(?,?,?,?,?,?,?)`+upsertRecord,
		f.syncID, r.ID, f.hashOf(vals, values), f.pull, ms(r.Updated), ms(r.Read), vals); err != nil {
		return err
	}
	// A pull that finds the record as it was left does not look at it again.
	found, err := f.identified(nil, identities, r.ID)
	if err != nil {
		return err
	}
	return identifyRecords(f.tx, f.syncID, found)
}
