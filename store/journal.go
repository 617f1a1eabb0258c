package store

import (
	"context"
	"database/sql"
	"iter"
	"strings"
	"time"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// Op is one operation on one record or row.
type Op struct {
	ID       int64
	RunID    string
	PlanID   string
	SyncID   int64
	N        int // the plan's item
	LinkID   int64
	Side     plan.Side
	Kind     plan.OpKind
	RecordID string
	RowKey   string
	SyncKey  string
	Fields   record.Values // what we send
	Pre      record.Values // what we believe is there
	// Before and After are the source's versions around a batch of writes to it.
	Before, After string
	// Version is the record's updatedAt as it was read right before the write:
	// what HubSpot's history has after it came with the write or later. Zero
	// where it is not known.
	Version time.Time
	// Doubt tells that it was sent and that what became of it was not known for
	// a time: a request of it may still be under way somewhere.
	Doubt   bool
	Edge    *plan.Edge // the association that it is about, nil for a record or row
	State   plan.OpState
	Batch   string
	TraceID string
	Sent    time.Time
	Err     string
}

const opColumns = `id, run_id, plan_id, sync_id, n, link_id, side, kind, record_id, row_key, sync_key, fields, pre, version_before, version_after, pre_version, doubt, state, batch, trace_id, sent_at, err, edge`

func (s *Store) scanOp(row interface{ Scan(...any) error }) (Op, error) {
	var o Op
	var fields, pre, edge string
	var sent, version int64
	err := row.Scan(&o.ID, &o.RunID, &o.PlanID, &o.SyncID, &o.N, &o.LinkID, &o.Side, &o.Kind, &o.RecordID, &o.RowKey, &o.SyncKey, &fields, &pre,
		&o.Before, &o.After, &version, &o.Doubt, &o.State, &o.Batch, &o.TraceID, &sent, &o.Err, &edge)
	if err != nil {
		return o, one(err)
	}
	o.Sent, o.Version = at(sent), at(version)
	if o.Edge, err = parseEdge(edge); err != nil {
		return o, err
	}
	if o.Fields, err = s.forms.parseValues(fields); err != nil {
		return o, err
	}
	o.Pre, err = s.forms.parseValues(pre)
	return o, err
}

// BeginBatch is the first commit of the protocol: it keeps what is about to be
// sent, before a byte of it leaves. Creates get a pending link. It sets the
// operations' ID and LinkID.
func (s *Store) BeginBatch(ctx context.Context, ops []Op) error {
	const put, same, each = `INSERT INTO op(run_id, plan_id, sync_id, side, kind, batch, sent_at, state, n, link_id, record_id, row_key, sync_key, fields, pre, version_before, version_after, pre_version, doubt, trace_id, edge) VALUES`, 8, 13
	return s.tx(ctx, func(tx *sql.Tx) error {
		return inBulk(ops, func(some []Op) error {
			if err := pendingLinks(tx, some); err != nil {
				return err
			}
			places, once := marks(same+each, len(some)), false
			if len(some) > 1 && alike(some, alikeOps) {
				places, once = marksBeside(same, each, len(some)), true
			}
			args := make([]any, 0, (same+each)*len(some))
			for i := range some {
				o := &some[i]
				o.State = plan.OpSent
				fields, err := s.forms.values(tx, o.Fields)
				if err != nil {
					return err
				}
				pre, err := s.forms.values(tx, o.Pre)
				if err != nil {
					return err
				}
				if i == 0 || !once {
					args = append(args, o.RunID, o.PlanID, o.SyncID, string(o.Side), string(o.Kind), o.Batch, ms(o.Sent), string(o.State))
				}
				args = append(args, o.N, o.LinkID, o.RecordID, o.RowKey, o.SyncKey, fields, pre, o.Before, o.After, ms(o.Version), o.Doubt, o.TraceID, edgeText(o.Edge))
			}
			res, err := tx.Exec(put+places, args...)
			if err != nil {
				return err
			}
			last, err := res.LastInsertId()
			for i := range some {
				some[i].ID = last - int64(len(some)-1-i) // one statement numbers its rows in a row
			}
			return err
		})
	})
}

// alikeOps reports whether two operations are of one batch.
func alikeOps(a, b *Op) bool {
	return a.RunID == b.RunID && a.PlanID == b.PlanID && a.SyncID == b.SyncID && a.Side == b.Side && a.Kind == b.Kind && a.Batch == b.Batch && a.Sent.Equal(b.Sent)
}

// pendingLinks makes the links that creates or first matches will fill, or finds
// those that an earlier attempt made, of the operations that name none.
func pendingLinks(tx *sql.Tx, ops []Op) error {
	const put, found = `INSERT INTO link(sync_id, row_key, record_id, sync_key, created_run, state, moved) VALUES`, `
		ON CONFLICT(sync_id, row_key) DO UPDATE SET sync_key = coalesce(excluded.sync_key, sync_key), record_id = coalesce(record_id, excluded.record_id) RETURNING id, row_key`
	args := make([]any, 0, 5*len(ops))
	for i := range ops {
		if o := &ops[i]; o.LinkID == 0 && o.Edge == nil && o.Kind != plan.OpDeliver && o.Kind != plan.OpRecall {
			args = append(args, o.SyncID, o.RowKey, orNull(o.RecordID), orNull(o.SyncKey), o.RunID)
		}
	}
	if len(args) == 0 {
		return nil
	}
	rows, err := tx.Query(put+strings.Repeat(",(?,?,?,?,?,'pending',0)", len(args)/5)[1:]+found, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	ids := make(map[string]int64, len(ops))
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return err
		}
		ids[key] = id
	}
	for i := range ops {
		if ops[i].LinkID == 0 {
			ops[i].LinkID = ids[ops[i].RowKey]
		}
	}
	return rows.Err()
}

// orNull is a text as an argument, NULL where it is empty.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Outcome is how an operation, or an item that needed none, ended.
type Outcome struct {
	Op     Op           // ID 0 for an item without an operation
	State  plan.OpState // done, failed, dropped
	Err    string
	PlanID string
	N      int
	Fate   plan.Fate // "" leaves the item's fate open (another operation follows)
	Reason string
	Link   *Link  // made active, with this record
	Verify bool   // a write to HubSpot that shall be read back with its history
	Unlink bool   // a create that did not happen: its pending link goes
	Tomb   string // the record was archived: why its row is left alone
	Forget bool   // the record was archived: its row and it are strangers from now on
	// Version is HubSpot's time of the record right after the write; zero where
	// it is not known.
	Version time.Time
	// Source and HubSpot are the values that the sides now agree on, by
	// property; they move the base.
	Source, HubSpot record.Values
	Record          *RecordSeen // what the record is known to hold now
	Identities      []Identity  // by what else it is found from now on
	RowValues       record.Values
	RowRaw          record.Values // cells that the row holds now
	Rest            string        // of a row that was made: the hash of what else it holds; see Changed.Rest
	Audit           []Audit
	Attention       *Attention
	Settled         []Settled   // decisions that are now carried out
	Rulings         []Ruling    // what they leave behind
	Apart           string      // a record that is not the row's, now or later
	Aside           bool        // another row with the same key speaks for it
	Drop            bool        // the pair is remembered no more
	Anew            bool        // what was agreed with an earlier record counts no more
	Flag            *Flag       // a mark that was set
	Unflag          bool        // a mark that is ours no more
	Edges           []Edge      // what is remembered of associations from now on; State "" is nothing
	Waits           []Attention // associations that wait, or that could not be made
	Delivery        *Delivery   // the row was delivered
	Attachment      *Attachment // a file was attached, or taken back
}

// Settled is a decision about a conflict. What was decided there otherwise since is not
// settled with it; Decision "" is one of a plan that did not keep what was decided.
type Settled struct {
	Conflict int64
	Decision string
	// Source and HubSpot are what the sides hold by it, as they are compared; nil where it
	// wrote no value.
	Source, HubSpot *string
}

// Settle notes that an edit carries out the decision that it names, if it does.
func (o *Outcome) Settle(e plan.Edit) {
	if e.Choice != 0 {
		o.Settled = append(o.Settled, Settled{Conflict: e.Choice, Decision: e.Decided})
	}
}

// SettleBy is Settle for an edit by which the sides hold two values now.
func (o *Outcome) SettleBy(e plan.Edit, source, hubspot record.Value) {
	if e.Choice != 0 {
		src, rem := source.String(), hubspot.String()
		o.Settled = append(o.Settled, Settled{e.Choice, e.Decided, &src, &rem})
	}
}

// Identity is a match value that a write gave a record.
type Identity struct {
	Ord      int    // which match key; -1 is the sync key
	Old, New string // canonical; "" = none
}

// Hash gives the hash of the canonical form of mapped values.
type Hash func(record.Values) []byte

// FinishBatch is the second commit of the protocol: links, bases, audit and
// fates together, so that at every moment the workspace describes exactly the
// fields that were made equal.
func (s *Store) FinishBatch(ctx context.Context, syncID int64, runID string, hash Hash, outcomes []Outcome) (came map[plan.Fate]int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		f := &finisher{Store: s, tx: tx, syncID: syncID, runID: runID, hash: hash, now: ms(s.now()), came: make(map[plan.Fate]int), purposes: make(map[string]purpose), hashes: make(map[string][]byte)}
		if err := f.look(outcomes); err != nil {
			return err
		}
		f.audits = make([][]Audit, 0, len(outcomes))
		if err := f.finishAll(outcomes); err != nil {
			return err
		}
		if err := keepEdges(tx, syncID, outcomes); err != nil {
			return err
		}
		if err := keepDeliveries(tx, syncID, runID, f.now, outcomes); err != nil {
			return err
		}
		came = f.came
		return s.addAudits(tx, f.audits, f.now)
	})
	return came, err
}

func (f *finisher) finish(o Outcome) error {
	tx, linkID := f.tx, o.Op.LinkID
	p, err := f.purpose(o.PlanID)
	if err != nil {
		return err
	}
	// An undo brings values back; what is a pair, and in which state, is none of its business.
	if o.Link != nil && !(p.undo && o.Op.Kind == plan.OpUpdate) {
		if linkID, err = activate(tx, f.syncID, f.runID, linkID, *o.Link); err != nil {
			return err
		}
	}
	if o.Anew {
		if err := f.forgetBase(linkID); err != nil {
			return err
		}
	}
	if agreed := f.agreed(p, linkID, o); len(agreed.Source) > 0 || len(agreed.HubSpot) > 0 {
		if err := f.moveBase(linkID, agreed); err != nil {
			return err
		}
	}
	if err := f.observe(o); err != nil {
		return err
	}
	if err := f.keepWhole(linkID, o); err != nil {
		return err
	}
	if o.Op.ID != 0 {
		if _, err := tx.Exec(`UPDATE op SET state = ?, err = ?, acked_at = ?, doubt = ?6, verify = ?7, post_version = ?8, record_id = CASE WHEN ?5 = '' THEN record_id ELSE ?5 END WHERE id = ?4`, o.State, o.Err, f.now, o.Op.ID, recordOf(o), o.Op.Doubt, o.verification(), ms(o.Version)); err != nil {
			return err
		}
	}
	if o.Unlink {
		if _, err := tx.Exec(`DELETE FROM link WHERE id = ? AND state = 'pending'`, linkID); err != nil {
			return err
		}
	}
	if o.Tomb != "" || o.Forget {
		if err := archived(tx, f.syncID, linkID, o); err != nil {
			return err
		}
	}
	if err := bury(tx, linkID, o); err != nil {
		return err
	}
	for _, r := range o.Rulings {
		if err := keepRuling(tx, f.syncID, r); err != nil {
			return err
		}
	}
	if !o.Version.IsZero() {
		if _, err := tx.Exec(`UPDATE link SET version = ? WHERE id = ?`, ms(o.Version), linkID); err != nil {
			return err
		}
	}
	f.trail(o, linkID)
	for _, d := range o.Settled {
		if err := f.settle(d); err != nil {
			return err
		}
	}
	if err := f.keepUndone(p, o); err != nil {
		return err
	}
	return f.finishItem(p, o)
}

// bury keeps what a decision about a pair leaves behind, or a mark.
func bury(tx *sql.Tx, linkID int64, o Outcome) error {
	if o.Apart != "" {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO apart(sync_id, row_key, record_id, at) SELECT sync_id, row_key, ?2, 0 FROM link WHERE id = ?1`, linkID, o.Apart); err != nil {
			return err
		}
	}
	if err := flag(tx, linkID, o); err != nil || !o.Drop {
		return err
	}
	_, err := tx.Exec(`DELETE FROM link WHERE id = ?`, linkID)
	return err
}

func (o Outcome) verification() int {
	if o.Verify {
		return verifyDue
	}
	return verifyNone
}

func recordOf(o Outcome) string {
	switch {
	case o.Link != nil:
		return o.Link.RecordID
	case o.Delivery != nil:
		return o.Delivery.RemoteID
	}
	return ""
}

func activate(tx *sql.Tx, syncID int64, runID string, linkID int64, l Link) (int64, error) {
	if linkID == 0 {
		err := tx.QueryRow(`INSERT INTO link(sync_id, row_key, record_id, sync_key, state, created_run, version, moved)
			VALUES(?1,?2,?3,nullif(?4,''),'active',?5, coalesce((SELECT updated FROM record_seen WHERE sync_id = ?1 AND id = ?3), 0), 0)
			ON CONFLICT(sync_id, row_key) DO UPDATE SET record_id = excluded.record_id, state = 'active' RETURNING id`,
			syncID, l.RowKey, l.RecordID, l.SyncKey, runID).Scan(&linkID)
		return linkID, err
	}
	_, err := tx.Exec(`UPDATE link SET moved = max(moved, row_key <> ?1), row_key = ?1, record_id = ?2, state = 'active', why = '' WHERE id = ?3`, l.RowKey, l.RecordID, linkID)
	return linkID, err
}

// SentOps returns the operations whose outcome is not known, apart from those of
// imports.
func (s *Store) SentOps(ctx context.Context, syncID int64) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE sync_id = ? AND state = 'sent' AND substr(batch, 1, 2) <> '`+ImportBatch+`' ORDER BY id`, syncID)
}

// Ops yields the operations of a run.
func (s *Store) Ops(ctx context.Context, runID string) iter.Seq2[Op, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (Op, error) { return s.scanOp(rows) }, `SELECT `+opColumns+` FROM op WHERE run_id = ? ORDER BY id`, runID)
}

// DoneSides tells, per item, which sides have been written already.
func (s *Store) DoneSides(ctx context.Context, planID string, ns []int) (map[int]map[plan.Side]bool, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT DISTINCT n, side FROM op WHERE plan_id = ? AND state = 'done' AND n IN (SELECT value FROM json_each(?))`, planID, numberList(ns))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	done := make(map[int]map[plan.Side]bool)
	for rows.Next() {
		var n int
		var side plan.Side
		if err := rows.Scan(&n, &side); err != nil {
			return nil, err
		}
		if done[n] == nil {
			done[n] = make(map[plan.Side]bool)
		}
		done[n][side] = true
	}
	return done, rows.Err()
}

// ReplaceEdits keeps an item's edits as they were resolved again while its plan
// was applied. What was frozen stays beside them.
func (s *Store) ReplaceEdits(ctx context.Context, planID string, n int, edits []plan.Edit) error {
	return s.exec(ctx, `UPDATE plan_item SET resolved = ? WHERE `+ofPlan+` AND n = ?`, string(plan.AppendEdits(nil, edits)), planID, n)
}

// Written counts what a run wrote by side and kind, such as "source create";
// an item counts once.
func (s *Store) Written(ctx context.Context, runID string) (map[string]int, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT side || ' ' || kind, count(DISTINCT n) FROM op WHERE run_id = ? AND state = 'done' GROUP BY 1`, runID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	written := make(map[string]int)
	for rows.Next() {
		var what string
		var n int
		if err := rows.Scan(&what, &n); err != nil {
			return nil, err
		}
		written[what] = n
	}
	return written, rows.Err()
}
