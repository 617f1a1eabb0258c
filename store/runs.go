package store

import (
	"context"
	"encoding/json"
	"time"

	"syncline/sync/plan"
)

// Run is one execution.
type Run struct {
	ID       string
	SyncID   int64
	SyncName string
	PlanID   string
	Kind     plan.Purpose // run, undo
	UndoOf   string
	State    plan.RunState
	Phase    string
	Error    string
	Person   string
	Started  time.Time
	Ended    time.Time
	Counts   json.RawMessage // the engine's
	Calls    json.RawMessage
	// Revision and PlanHash are the state of the plan that it applied.
	Revision int
	PlanHash string
	SetID    string // the run of a set that it is part of, "" where it ran by itself
	// LetGo says that what it wrote, field by field, is kept no longer, or not all
	// of it: it can't be undone. See [Keeping].
	LetGo bool
}

const runColumns = `r.id, r.sync_id, y.name, r.plan_id, r.kind, r.undo_of, r.state, r.phase, r.error, r.person, r.started_at, r.ended_at, r.counts, r.calls, r.plan_revision, r.plan_hash, r.set_id, r.let_go > 0`
const runTables = ` FROM run r JOIN sync y ON y.id = r.sync_id `

func scanRun(row interface{ Scan(...any) error }) (Run, error) {
	var r Run
	var started, ended int64
	var counts, calls string
	err := row.Scan(&r.ID, &r.SyncID, &r.SyncName, &r.PlanID, &r.Kind, &r.UndoOf, &r.State, &r.Phase, &r.Error, &r.Person, &started, &ended, &counts, &calls, &r.Revision, &r.PlanHash, &r.SetID, &r.LetGo)
	r.Started, r.Ended, r.Counts, r.Calls = at(started), at(ended), json.RawMessage(counts), json.RawMessage(calls)
	return r, one(err)
}

// StartRun keeps a run that begins, with the state of the plan that it applies.
func (s *Store) StartRun(ctx context.Context, r Run) error {
	return s.exec(ctx, `INSERT INTO run(id, sync_id, plan_id, kind, undo_of, state, phase, person, started_at, set_id, plan_revision, plan_hash)
		VALUES(?1,?2,?3,?4,?5,'running',?6,?7,?8,?9, coalesce((SELECT revision FROM plan WHERE id = ?3), 0),
		coalesce((SELECT CASE WHEN revision > 0 THEN revised_hash ELSE hash END FROM plan WHERE id = ?3), ''))`,
		r.ID, r.SyncID, r.PlanID, r.Kind, r.UndoOf, r.Phase, r.Person, ms(r.Started), r.SetID)
}

// SetPhase says how far a run is, and which plan it applies.
func (s *Store) SetPhase(ctx context.Context, runID, phase, planID string) error {
	return s.exec(ctx, `UPDATE run SET phase = ?, plan_id = CASE WHEN ? = '' THEN plan_id ELSE ? END, state = 'running' WHERE id = ?`, phase, planID, planID, runID)
}

// EndRun keeps how a run ended.
func (s *Store) EndRun(ctx context.Context, id string, state plan.RunState, problem string, ended time.Time, counts, calls any) error {
	a, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	b, err := json.Marshal(calls)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE run SET state = ?, error = ?, ended_at = ?, counts = ?, calls = ? WHERE id = ?`, state, problem, ms(ended), string(a), string(b), id)
}

// Run returns one run.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	return scanRun(s.write.QueryRowContext(ctx, `SELECT `+runColumns+runTables+`WHERE r.id = ?`, id))
}

// Runs returns the newest runs of a sync, or of all with syncID 0, without those
// that are parts of others.
func (s *Store) Runs(ctx context.Context, syncID int64, limit int) ([]Run, error) {
	return list(ctx, s.read, scanRun, `SELECT `+runColumns+runTables+`WHERE (?1 = 0 OR r.sync_id = ?1) AND r.part_of = '' ORDER BY r.started_at DESC, r.rowid DESC LIMIT ?2`, syncID, limit)
}

// Interrupted returns the newest run of a sync that did not end: its plan is
// applied further by the next one.
func (s *Store) Interrupted(ctx context.Context, syncID int64) (Run, error) {
	return scanRun(s.write.QueryRowContext(ctx, `SELECT `+runColumns+runTables+`JOIN plan p ON p.id = r.plan_id
		WHERE r.sync_id = ? AND r.state IN ('running', 'interrupted', 'stopped', 'failed') AND p.state = 'applying' ORDER BY r.started_at DESC, r.rowid DESC LIMIT 1`, syncID))
}

// Unended returns the newest run of a sync whose plan is applied as a whole and that
// was cut off before it kept its own end.
func (s *Store) Unended(ctx context.Context, syncID int64) (Run, error) {
	return scanRun(s.write.QueryRowContext(ctx, `SELECT `+runColumns+runTables+`JOIN plan p ON p.id = r.plan_id
		WHERE r.sync_id = ? AND r.state IN ('running', 'interrupted') AND p.state = 'applied' ORDER BY r.started_at DESC, r.rowid DESC LIMIT 1`, syncID))
}

// SweepRuns ends runs of this sync that another process left running; the
// caller holds the lease.
func (s *Store) SweepRuns(ctx context.Context, syncID int64) error {
	return s.exec(ctx, `UPDATE run SET state = 'interrupted' WHERE sync_id = ? AND state = 'running'`, syncID)
}
