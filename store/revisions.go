package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"syncline/sync/plan"
)

// PlanChangedError says that a stored plan is not what its hash says.
type PlanChangedError struct {
	PlanID string
	What   string // what does not agree
}

func (e *PlanChangedError) Error() string {
	return fmt.Sprintf("the plan %s is not the one that was shown: %s. Nothing was written: preview again", e.PlanID, e.What)
}

// revise keeps a change of a ready plan as a revision with its own hash.
func (s *Store) revise(tx *sql.Tx, planID string, change plan.Change) error {
	var state plan.State
	var revision int
	var hash, revised string
	if err := tx.QueryRow(`SELECT state, revision, hash, revised_hash FROM plan WHERE id = ?`, planID).Scan(&state, &revision, &hash, &revised); err != nil {
		return one(err)
	}
	if state != plan.Ready {
		return fmt.Errorf("the plan %s is %s and can't be changed any more", planID, state)
	}
	if revision == 0 {
		revised = hash
	}
	change.At = ms(s.now())
	doc, err := json.Marshal(change)
	if err != nil {
		return err
	}
	revised = plan.Revise(revised, string(doc))
	if _, err := tx.Exec(`INSERT INTO plan_change(plan_id, revision, doc, hash) VALUES(?,?,?,?)`, planID, revision+1, string(doc), revised); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE plan SET revision = ?, revised_hash = ? WHERE id = ?`, revision+1, revised, planID)
	return err
}

// NoItemError says that a plan has no item of a number.
type NoItemError struct{ N int }

func (e *NoItemError) Error() string { return fmt.Sprintf("the plan has no item %d", e.N) }

// editPage is how many items are edited at once.
const editPage = 500

// EditItems changes items of a ready plan as a person does. edit makes of an item as it is now,
// and its edits as they were frozen, the edits that it has from now on; it is called while nobody
// else can change the plan, and must not call the store. changes then says what was changed, each
// a revision. All of it is kept, or nothing. An item that is not there is a *NoItemError.
func (s *Store) EditItems(ctx context.Context, planID string, ns []int, edit func(it plan.Item, frozen []plan.Edit) ([]plan.Edit, error), changes func() []plan.Change) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		put, err := tx.Prepare(`UPDATE plan_item SET edited = ? WHERE ` + ofPlan + ` AND n = ?`)
		if err != nil {
			return err
		}
		defer put.Close()
		for page := range slices.Chunk(ns, editPage) {
			items, err := s.itemsToEdit(ctx, tx, planID, page)
			if err != nil {
				return err
			}
			for _, it := range items {
				edits, err := edit(it.Item, it.was)
				if err != nil {
					return err
				}
				if _, err := put.Exec(string(plan.AppendEdits(nil, edits)), planID, it.N); err != nil {
					return err
				}
			}
		}
		return s.reviseTogether(tx, planID, changes())
	})
}

// reviseTogether keeps changes of a ready plan that are one step, each a revision.
func (s *Store) reviseTogether(tx *sql.Tx, planID string, changes []plan.Change) error {
	first := 0
	for i, change := range changes {
		if i > 0 {
			change.With = first
		}
		if err := s.revise(tx, planID, change); err != nil {
			return err
		}
		if i == 0 && len(changes) > 1 {
			if err := tx.QueryRow(`SELECT revision FROM plan WHERE id = ?`, planID).Scan(&first); err != nil {
				return one(err)
			}
		}
	}
	return nil
}

// editable is an item with its edits as they were frozen.
type editable struct {
	plan.Item
	was []plan.Edit
}

// andMore is a row with one column more than those that are asked for.
type andMore struct {
	row  interface{ Scan(...any) error }
	last any
}

func (r andMore) Scan(dest ...any) error { return r.row.Scan(append(dest, r.last)...) }

// itemsToEdit are these items of a plan, which has all of them.
func (s *Store) itemsToEdit(ctx context.Context, tx *sql.Tx, planID string, ns []int) ([]editable, error) {
	items, err := list(ctx, tx, func(row interface{ Scan(...any) error }) (it editable, err error) {
		var frozen string
		if it.Item, err = s.scanItem(andMore{row, &frozen}); err == nil {
			it.was, err = s.forms.parseEdits(frozen)
		}
		return it, err
	}, `SELECT `+itemColumns+`, fields FROM plan_item WHERE `+ofPlan+` AND n IN (SELECT value FROM json_each(?)) ORDER BY n`, planID, numberList(ns))
	if err != nil || len(items) == len(ns) {
		return items, err
	}
	for _, n := range ns {
		if !slices.ContainsFunc(items, func(it editable) bool { return it.N == n }) {
			return nil, &NoItemError{N: n}
		}
	}
	return items, nil // some were named twice
}

// PlanChanges returns what people changed of a plan, in order.
func (s *Store) PlanChanges(ctx context.Context, planID string) ([]plan.Change, error) {
	return s.planChanges(ctx, s.write, planID)
}

func (s *Store) planChanges(ctx context.Context, from querier, planID string) ([]plan.Change, error) {
	docs, err := s.changeDocs(ctx, from, planID)
	if err != nil {
		return nil, err
	}
	all := make([]plan.Change, 0, len(docs))
	for _, d := range docs {
		var c plan.Change
		if err := json.Unmarshal([]byte(d.doc), &c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

type changeDoc struct{ doc, hash string }

func (s *Store) changeDocs(ctx context.Context, from querier, planID string) ([]changeDoc, error) {
	return list(ctx, from, func(row interface{ Scan(...any) error }) (changeDoc, error) {
		var d changeDoc
		err := row.Scan(&d.doc, &d.hash)
		return d, err
	}, `SELECT doc, hash FROM plan_change WHERE plan_id = ? ORDER BY revision`, planID)
}

// touched is what the changes of a plan made of one item.
type touched struct {
	excluded bool
	edits    map[string]*string // side and property -> the value that a person put
}

// CheckPlan proves that a plan is what was shown: its items as frozen give its
// hash, and what differs from them is what its revisions say. What became of
// items that are done does not count. A *PlanChangedError says what is not so.
func (s *Store) CheckPlan(ctx context.Context, planID string) error {
	p, err := s.Plan(ctx, planID)
	if err != nil {
		return err
	}
	changed := func(format string, args ...any) error {
		return &PlanChangedError{PlanID: planID, What: fmt.Sprintf(format, args...)}
	}
	docs, err := s.changeDocs(ctx, s.write, planID)
	if err != nil {
		return err
	}
	hash := p.Hash
	by := make(map[int]*touched)
	for i, d := range docs {
		if hash = plan.Revise(hash, d.doc); hash != d.hash {
			return changed("its revision %d does not have the hash that it was given", i+1)
		}
		var c plan.Change
		if err := json.Unmarshal([]byte(d.doc), &c); err != nil {
			return changed("its revision %d can't be read", i+1)
		}
		touch(by, c)
	}
	if p.Revision != len(docs) || p.Revised() != hash {
		return changed("its revisions are not those that it was given")
	}
	sum := sha256.New()
	var text, frozen []byte
	for row, err := range s.frozen(ctx, planID) {
		if err != nil {
			return err
		}
		// An edit that can't be read any more is not the one that was frozen.
		if row.Edits, err = s.forms.parseEdits(row.fields); err != nil {
			return changed("the edits of item %d (%s) can't be read", row.N, row.Name)
		}
		text = plan.AppendEdits(text[:0], row.Edits)
		frozen = plan.AppendFrozen(frozen[:0], row.Item, text)
		sum.Write(frozen)
		t := by[row.N]
		if t == nil {
			t = &touched{}
		}
		if row.Excluded != (t.excluded && row.Kind.Writes()) {
			return changed("item %d (%s) was taken out of it, or put back, by no revision", row.N, row.Name)
		}
		if !row.edited(t) {
			return changed("item %d (%s) was edited by no revision", row.N, row.Name)
		}
	}
	if plan.Seal(hex.EncodeToString(sum.Sum(nil)), p) != p.Hash {
		return changed("its items do not give the hash %.12s", p.Hash)
	}
	return nil
}

func touch(by map[int]*touched, c plan.Change) {
	for _, n := range c.Items {
		t := by[n]
		if t == nil {
			t = &touched{edits: map[string]*string{}}
			by[n] = t
		}
		switch c.What {
		case plan.ChangeExclude:
			t.excluded = true
		case plan.ChangeInclude:
			t.excluded = false
		case plan.ChangeEdit:
			t.edits[string(c.Side)+" "+c.Property] = c.New
		}
	}
}

// frozenItem is an item with its edits as they are stored: frozen, and changed
// by a person, "" where nobody did.
type frozenItem struct {
	plan.Item
	fields, changed string
}

func (s *Store) frozen(ctx context.Context, planID string) func(yield func(frozenItem, error) bool) {
	return stream(ctx, s.read, func(rows *sql.Rows) (frozenItem, error) {
		var it frozenItem
		var read int64
		err := rows.Scan(&it.N, &it.Kind, &it.Fate, &it.Reason, &it.LinkID, &it.RowKey, &it.RecordID, &it.Line, &it.Name, &it.fields, &read, &it.Excluded, &it.changed)
		it.ReadAt = at(read)
		return it, err
	}, `SELECT n, kind, fate, reason, link_id, row_key, record_id, line, name, fields, read_at, excluded, coalesce(edited, '') FROM plan_item WHERE `+ofPlan+` ORDER BY n`, planID)
}

// edited reports whether the item's edits are the frozen ones with just those
// values that revisions put there.
func (it frozenItem) edited(t *touched) bool {
	if it.changed == "" {
		return len(t.edits) == 0
	}
	var now []plan.Edit
	if json.Unmarshal([]byte(it.changed), &now) != nil || len(it.Edits) != len(now) {
		return false
	}
	for i, e := range it.Edits {
		if put, ok := t.edits[string(e.Target())+" "+e.Property]; ok && e.Writes() {
			e.New, e.Reason = put, now[i].Reason
		}
		if !slices.Equal(plan.AppendEdits(nil, []plan.Edit{e}), plan.AppendEdits(nil, now[i:i+1])) {
			return false
		}
	}
	return true
}
