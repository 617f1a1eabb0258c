package store

import (
	"context"
	"database/sql"
	"time"

	"syncline/sync/plan"
)

// SetPlan is what was previewed together: the plans of a set's syncs, in the
// order in which they are applied.
type SetPlan struct {
	ID      string
	Name    string // the set's
	Path    string // of its document
	Made    time.Time
	Members []SetMember
}

// SetMember is the plan of one sync of a set.
type SetMember struct {
	Document string // as the set names it
	PlanID   string
}

// SetRun is a run of a set: one job, whose syncs have runs of their own.
type SetRun struct {
	ID      string
	Name    string // the set's
	Path    string // of its document
	Kind    plan.Purpose
	UndoOf  string // of an undo: the run of the set that it takes back
	Part    string // of an undo: what of that run, in words; "" = all of it
	Plan    string // the SetPlan that it applies, "" where each sync plans in its turn
	State   plan.RunState
	Error   string
	Person  string
	Started time.Time
	Ended   time.Time
}

// KeepSetPlan keeps what was previewed together. Of a set's plans the newest
// three are kept, like those of a sync.
func (s *Store) KeepSetPlan(ctx context.Context, p SetPlan) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO set_plan(id, name, path, made_at) VALUES(?,?,?,?)`, p.ID, p.Name, p.Path, ms(p.Made)); err != nil {
			return err
		}
		for i, m := range p.Members {
			if _, err := tx.Exec(`INSERT INTO set_plan_member(set_plan, ord, document, plan_id) VALUES(?,?,?,?)`, p.ID, i, m.Document, m.PlanID); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM set_plan WHERE path = ?1 AND id NOT IN (SELECT id FROM set_plan WHERE path = ?1 ORDER BY made_at DESC, rowid DESC LIMIT 3)`, p.Path)
		return err
	})
}

// SetPlan returns what was previewed together.
func (s *Store) SetPlan(ctx context.Context, id string) (SetPlan, error) {
	p := SetPlan{ID: id}
	var made int64
	err := s.read.QueryRowContext(ctx, `SELECT name, path, made_at FROM set_plan WHERE id = ?`, id).Scan(&p.Name, &p.Path, &made)
	if err != nil {
		return p, one(err)
	}
	p.Made = at(made)
	p.Members, err = list(ctx, s.read, func(row interface{ Scan(...any) error }) (SetMember, error) {
		var m SetMember
		return m, row.Scan(&m.Document, &m.PlanID)
	}, `SELECT document, plan_id FROM set_plan_member WHERE set_plan = ? ORDER BY ord`, id)
	return p, err
}

const setRunColumns = `id, name, path, kind, undo_of, part, set_plan, state, error, person, started_at, ended_at`

func scanSetRun(row interface{ Scan(...any) error }) (SetRun, error) {
	var r SetRun
	var started, ended int64
	err := row.Scan(&r.ID, &r.Name, &r.Path, &r.Kind, &r.UndoOf, &r.Part, &r.Plan, &r.State, &r.Error, &r.Person, &started, &ended)
	r.Started, r.Ended = at(started), at(ended)
	return r, one(err)
}

// BeginSetRun keeps a run of a set that begins, or that goes on.
func (s *Store) BeginSetRun(ctx context.Context, r SetRun) error {
	return s.exec(ctx, `INSERT INTO set_run(id, name, path, kind, undo_of, part, set_plan, state, person, started_at) VALUES(?,?,?,?,?,?,?,'running',?,?)
		ON CONFLICT(id) DO UPDATE SET state = 'running', error = '', set_plan = excluded.set_plan`, r.ID, r.Name, r.Path, r.Kind, r.UndoOf, r.Part, r.Plan, r.Person, ms(r.Started))
}

// EndSetRun keeps how a run of a set ended.
func (s *Store) EndSetRun(ctx context.Context, id string, state plan.RunState, problem string, ended time.Time) error {
	return s.exec(ctx, `UPDATE set_run SET state = ?, error = ?, ended_at = ? WHERE id = ?`, state, problem, ms(ended), id)
}

// SetRun returns one run of a set.
func (s *Store) SetRun(ctx context.Context, id string) (SetRun, error) {
	return scanSetRun(s.write.QueryRowContext(ctx, `SELECT `+setRunColumns+` FROM set_run WHERE id = ?`, id))
}

// SetRuns returns the newest runs of sets.
func (s *Store) SetRuns(ctx context.Context, limit int) ([]SetRun, error) {
	return list(ctx, s.read, scanSetRun, `SELECT `+setRunColumns+` FROM set_run ORDER BY started_at DESC, rowid DESC LIMIT ?`, limit)
}

// LastSetRun returns the newest run of the set at path of a kind, of an undo
// the newest one that takes back that run of the set as a whole.
func (s *Store) LastSetRun(ctx context.Context, path string, kind plan.Purpose, undoOf string) (SetRun, error) {
	return scanSetRun(s.write.QueryRowContext(ctx, `SELECT `+setRunColumns+` FROM set_run WHERE path = ? AND kind = ? AND undo_of = ? AND part = '' ORDER BY started_at DESC, rowid DESC LIMIT 1`, path, kind, undoOf))
}

// RunsOfSet returns the runs of the syncs that were part of a run of a set, in
// the order in which they began.
func (s *Store) RunsOfSet(ctx context.Context, setID string) ([]Run, error) {
	return list(ctx, s.write, scanRun, `SELECT `+runColumns+runTables+`WHERE r.set_id = ? AND r.set_id <> '' AND r.part_of = '' ORDER BY r.started_at, r.rowid`, setID)
}

// KnownSet is a set that a person works with.
type KnownSet struct {
	Path string // of its document
	Name string
	Seen time.Time // when it was last added or worked with
}

// SeeSet remembers a set, also one that was removed from Home.
func (s *Store) SeeSet(ctx context.Context, k KnownSet) error {
	return s.exec(ctx, `INSERT INTO known_set(path, name, seen) VALUES(?,?,?)
		ON CONFLICT(path) DO UPDATE SET name = excluded.name, seen = excluded.seen, hidden = 0`, k.Path, k.Name, ms(k.Seen))
}

// KnownSets returns the sets that are not removed from Home, the latest first.
func (s *Store) KnownSets(ctx context.Context) ([]KnownSet, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (KnownSet, error) {
		var k KnownSet
		var seen int64
		err := row.Scan(&k.Path, &k.Name, &seen)
		k.Seen = at(seen)
		return k, err
	}, `SELECT path, name, seen FROM known_set WHERE hidden = 0 ORDER BY seen DESC, path`)
}

// HideSet removes a set from Home. What is known of it stays.
func (s *Store) HideSet(ctx context.Context, path string) error {
	return s.exec(ctx, `UPDATE known_set SET hidden = 1 WHERE path = ?`, path)
}

// SetPlans returns the newest plans of the set at path, without their members.
func (s *Store) SetPlans(ctx context.Context, path string) ([]SetPlan, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (SetPlan, error) {
		p := SetPlan{Path: path}
		var made int64
		err := row.Scan(&p.ID, &p.Name, &made)
		p.Made = at(made)
		return p, err
	}, `SELECT id, name, made_at FROM set_plan WHERE path = ? ORDER BY made_at DESC, rowid DESC`, path)
}
