package assistant

import (
	"context"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// most is how many rows an answer has at most: what is read fills the memory of
// the one who asks.
const most = 200

// page says which part of a list is wanted.
type page struct {
	Offset int `json:"offset,omitempty" jsonschema:"how many to pass over"`
	Limit  int `json:"limit,omitempty" jsonschema:"how many to return, at most 200; 50 where it is left out"`
}

func (p page) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, most)
}

type nothing struct{}

type bySync struct {
	Sync string `json:"sync" jsonschema:"the name of the sync, its id, or its document's file name, as list_syncs gives them"`
}

type byRun struct {
	Run string `json:"run" jsonschema:"the id of the run"`
	page
}

type byPlan struct {
	Plan string `json:"plan" jsonschema:"the id of the plan"`
	Fate string `json:"fate,omitempty" jsonschema:"only rows of this fate: created, updated, conflict, skipped, failed"`
	page
}

type ofConflicts struct {
	Sync string `json:"sync,omitempty" jsonschema:"only those of this sync"`
	page
}

func (d *door) addReading(s *mcp.Server) {
	add(s, d, "list_syncs", "Syncs", "Lists the syncs of the workspace with their last run, what waits to be applied, open conflicts and failed rows.", true, d.listSyncs)
	add(s, d, "read_definition", "Definition", "Returns the document of a sync: source, object type, field map, guard rails. It holds no secret.", true, d.readDefinition)
	add(s, d, "list_runs", "Runs", "Lists runs, the newest first, with their counts.", true, d.listRuns)
	add(s, d, "read_run", "Run", "Returns what a run wrote: each value with what stood there before, and why.", true, d.readRun)
	add(s, d, "read_plan", "Plan", "Returns the rows of a plan that are not unchanged: what would be written where, and why.", true, d.readPlan)
	add(s, d, "list_conflicts", "Conflicts", "Lists open conflicts: base, both sides, the cause, and what is proposed already.", true, d.listConflicts)
	add(s, d, "list_failed_rows", "Failed rows", "Lists the rows of a sync that need attention, with the cause in plain words and what would do.", true, d.listFailed)
}

type syncEntry struct {
	ID        string        `json:"id"`
	Name      string        `json:"sync"`
	Document  string        `json:"document"`
	Object    string        `json:"object"`
	Direction string        `json:"direction"`
	Plan      string        `json:"plan,omitempty"`
	Pending   engine.Counts `json:"pending"`
	Conflicts int           `json:"conflicts"`
	Failed    int           `json:"failed"`
	LastRun   string        `json:"last_run,omitempty"`
}

func (d *door) listSyncs(ctx context.Context, _ nothing) (map[string]any, error) {
	cards, err := d.app.Cards(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]syncEntry, 0, len(cards))
	for _, c := range cards {
		e := syncEntry{ID: c.UID, Name: c.Name, Document: c.Path, Object: c.Object, Direction: string(c.Direction), Pending: c.Pending, Conflicts: c.Conflicts, Failed: c.Failed}
		if c.Plan != nil {
			e.Plan = c.Plan.ID
		}
		if c.Last != nil {
			e.LastRun = c.Last.ID
		}
		list = append(list, e)
	}
	return map[string]any{"syncs": list}, nil
}

func (d *door) readDefinition(ctx context.Context, in bySync) (map[string]any, error) {
	y, err := d.sync(ctx, in.Sync)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(y.Path)
	if err != nil {
		return nil, err
	}
	return map[string]any{"sync": y.Name, "document": y.Path, "text": string(text)}, nil
}

func (d *door) listRuns(ctx context.Context, in page) (map[string]any, error) {
	all, err := d.app.Store.Runs(ctx, 0, in.Offset+in.limit())
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, r := range all[min(in.Offset, len(all)):] {
		list = append(list, map[string]any{"run": r.ID, "plan": r.PlanID, "sync": r.SyncName, "kind": r.Kind, "undo_of": r.UndoOf, "state": r.State, "error": r.Error, "started": r.Started, "ended": r.Ended, "counts": r.Counts})
	}
	return map[string]any{"runs": list}, nil
}

func (d *door) readRun(ctx context.Context, in byRun) (map[string]any, error) {
	r, err := d.app.Store.Run(ctx, in.Run)
	if err != nil {
		return nil, &app.UseError{Msg: "there is no run " + in.Run + " in this workspace"}
	}
	changes, n := []map[string]any{}, 0
	for a, err := range d.app.Store.AuditOf(ctx, r.ID) {
		if err != nil {
			return nil, err
		}
		if n++; n <= in.Offset {
			continue
		}
		if len(changes) == in.limit() {
			break
		}
		changes = append(changes, map[string]any{"key": a.RowKey, "record": a.RecordID, "side": a.Side, "field": a.Field, "property": a.Property, "action": a.Action, "before": a.Before, "after": a.After, "why": a.Why, "at": a.At})
	}
	out := map[string]any{"run": r.ID, "sync": r.SyncName, "state": r.State, "kind": r.Kind, "counts": r.Counts, "started": r.Started, "changes": changes}
	if r.LetGo {
		out["note"] = "what this run wrote, field by field, is kept no longer: it can't be undone, and its changes are not listed"
	}
	return out, nil
}

func (d *door) readPlan(ctx context.Context, in byPlan) (map[string]any, error) {
	v, err := d.app.PlanView(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	rows, n := []app.ReportRow{}, 0
	for row, err := range d.app.ReportRows(ctx, in.Plan) {
		if err != nil {
			return nil, err
		}
		if in.Fate != "" && string(row.Fate) != in.Fate {
			continue
		}
		if n++; n > in.Offset && len(rows) < in.limit() {
			rows = append(rows, row)
		}
	}
	return map[string]any{"plan": in.Plan, "sync": v.Sync.Name, "rows": rows, "total": n}, nil
}

type conflictEntry struct {
	ID       int64             `json:"conflict"`
	Sync     string            `json:"sync"`
	Key      string            `json:"key"`
	Name     string            `json:"name"`
	Record   string            `json:"record"`
	Field    string            `json:"field"`
	Property string            `json:"property"`
	Cause    plan.Cause        `json:"cause"`
	Reason   string            `json:"reason"`
	Base     *string           `json:"base"`
	Source   string            `json:"source"`
	HubSpot  string            `json:"hubspot"`
	Opened   time.Time         `json:"opened"`
	Proposed map[string]string `json:"proposed,omitempty"`
}

func (d *door) listConflicts(ctx context.Context, in ofConflicts) (map[string]any, error) {
	filter := store.ConflictFilter{}
	if in.Sync != "" {
		y, err := d.sync(ctx, in.Sync)
		if err != nil {
			return nil, err
		}
		filter.SyncID = y.ID
	}
	ids, err := d.app.Store.ConflictIDs(ctx, filter)
	if err != nil {
		return nil, err
	}
	from := min(in.Offset, len(ids))
	some := ids[from:min(from+in.limit(), len(ids))]
	all, err := d.app.Store.Conflicts(ctx, some)
	if err != nil {
		return nil, err
	}
	proposed, err := d.app.Proposals(ctx, some)
	if err != nil {
		return nil, err
	}
	list := make([]conflictEntry, 0, len(all))
	for _, c := range all {
		e := conflictEntry{c.ID, c.SyncName, c.RowKey, c.Name, c.RecordID, c.Field, c.Property, c.Cause, c.Reason, c.Base, c.Source, c.HubSpot, c.Opened, nil}
		if p, ok := proposed[c.ID]; ok {
			e.Proposed = map[string]string{"choice": string(p.Choice), "value": p.Value, "why": p.Why}
		}
		list = append(list, e)
	}
	return map[string]any{"conflicts": list, "total": len(ids)}, nil
}

func (d *door) listFailed(ctx context.Context, in bySync) (map[string]any, error) {
	y, err := d.sync(ctx, in.Sync)
	if err != nil {
		return nil, err
	}
	all, err := d.app.FailedRows(ctx, y.Path)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, f := range all[:min(len(all), most)] {
		list = append(list, map[string]any{"key": f.RowKey, "record": f.RecordID, "name": f.Name, "class": f.Class, "cause": f.Cause, "message": f.Message, "plain": f.Plain, "suggestions": f.Suggestions})
	}
	return map[string]any{"sync": y.Name, "rows": list, "total": len(all)}, nil
}
