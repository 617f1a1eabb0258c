package app

import (
	"context"

	"syncline/sync/engine"
	"syncline/sync/plan"
)

// Report is the JSON document of a preview, a run or an undo.
type Report struct {
	Run  string `json:"run"`
	Plan string `json:"plan"`
	// Hash is that of the plan as it is now, with what people changed since it was frozen (Revision).
	Hash     string         `json:"hash,omitempty"`
	Revision int            `json:"revision,omitempty"`
	Sync     string         `json:"sync"`
	State    plan.RunState  `json:"state"`
	Counts   engine.Counts  `json:"counts"`
	Calls    engine.Calls   `json:"calls"`
	Guards   []engine.Guard `json:"guards,omitempty"`
	Notes    []string       `json:"notes,omitempty"`
	// Creating is by which way the plan creates its records, and what each would cost; nil where only
	// batches come into question.
	Creating *engine.Creating `json:"creating,omitempty"`
	// Reading is by which way all records were read; nil where that is not worth telling.
	Reading *engine.Reading `json:"reading,omitempty"`
	Rows    []ReportRow     `json:"rows"`
	// Associations are those that are made, removed, or wait; their rows stand in Rows
	// only by their fields.
	Associations []ReportEdge `json:"associations"`
}

// ReportEdge is one association of a plan.
type ReportEdge struct {
	Key    string    `json:"key"` // the row that asks for it
	Line   int       `json:"line,omitempty"`
	From   string    `json:"from"`            // record; "" while there is none
	Object string    `json:"object"`          // object type id of the other end
	To     string    `json:"to"`              // record; "" while there is none
	Names  string    `json:"names,omitempty"` // how the row names the other end
	Label  string    `json:"label,omitempty"`
	Action string    `json:"action"` // associate, dissociate, wait, conflict, left
	Fate   plan.Fate `json:"fate"`   // of the item, once it is applied
	Field  string    `json:"field"`
	Reason string    `json:"reason"`
}

// ReportRow is one row or record that is not unchanged.
type ReportRow struct {
	Key    string        `json:"key"`
	Record string        `json:"record"`
	Line   int           `json:"line,omitempty"`
	Fate   plan.Fate     `json:"fate"`
	Reason string        `json:"reason"`
	Fields []ReportField `json:"fields"`
	// Edge tells that the row is an association that is made or removed, which says all of it among
	// the associations.
	Edge bool `json:"-"`
}

// ReportField is one field of a row; values are null where there is none.
type ReportField struct {
	Field    string      `json:"field"`
	Property string      `json:"property"`
	Old      *string     `json:"old"`
	New      *string     `json:"new"`
	Base     *string     `json:"base"`
	Side     plan.Side   `json:"side"` // hubspot, source; "" where nothing is written
	Source   *string     `json:"source,omitempty"`
	HubSpot  *string     `json:"hubspot,omitempty"`
	Action   plan.Action `json:"action"`
	Reason   string      `json:"reason"`
}

// Report makes the document of a result, with its rows.
func (a *App) Report(ctx context.Context, r engine.Result) (Report, error) {
	doc := Report{Run: r.RunID, Plan: r.PlanID, Sync: r.Sync, State: r.State, Counts: r.Counts, Calls: r.Calls, Guards: r.Guards, Notes: r.Notes, Rows: []ReportRow{}, Associations: []ReportEdge{}}
	if r.PlanID == "" {
		return doc, nil
	}
	begun, err := a.begun(ctx, r.PlanID)
	if err != nil {
		return doc, err
	}
	for it, err := range a.Store.Items(ctx, r.PlanID) {
		if err != nil {
			return doc, err
		}
		if row := reportRow(it, begun); toReport(it, row) {
			doc.Rows = append(doc.Rows, row)
		}
		doc.Associations = append(doc.Associations, reportEdges(it, begun)...)
	}
	return doc, nil
}

// begun tells whether a run has begun with a plan, so that what it did not
// reach is still to do and no longer planned.
func (a *App) begun(ctx context.Context, planID string) (bool, error) {
	pl, err := a.Store.Plan(ctx, planID)
	return pl.State != plan.Making && pl.State != plan.Ready, err
}

func reportRow(it plan.Item, begun bool) ReportRow {
	fate := it.Came()
	if begun {
		fate = it.Reached()
	}
	row := ReportRow{Key: it.RowKey, Record: it.RecordID, Line: it.Line, Fate: fate, Reason: it.Why(), Fields: []ReportField{},
		Edge: it.Kind == plan.ItemEdgeRow && (fate == plan.FateCreated || fate == plan.FateUpdated)}
	for _, e := range it.Edits {
		if e.Action == plan.EditAdopt || e.Edge != nil {
			continue
		}
		f := ReportField{Field: e.Field, Property: e.Property, Old: e.Old, New: e.New, Base: e.BaseRem, Source: e.Source, HubSpot: e.HubSpot, Action: e.Action, Reason: e.Reason}
		switch e.Action {
		case plan.EditHubSpot:
			f.Side = plan.HubSpot
		case plan.EditSource:
			f.Side = plan.Source
		case plan.EditConflict, plan.EditDrift, plan.EditLeft:
			f.Old, f.New = e.HubSpot, e.Source
		}
		row.Fields = append(row.Fields, f)
	}
	return row
}

// toReport reports whether an item stands among the rows of a report.
func toReport(it plan.Item, row ReportRow) bool {
	return row.Fate != plan.FateUnchanged && it.Kind != plan.ItemEdges
}

// reportEdges are the associations of an item.
func reportEdges(it plan.Item, begun bool) []ReportEdge {
	var all []ReportEdge
	for _, e := range it.Edits {
		if e.Edge == nil || e.Action == plan.EditAdopt || e.Action == plan.EditForget {
			continue
		}
		r := ReportEdge{Key: it.RowKey, Line: it.Line, From: it.RecordID, Object: e.Edge.Object, To: e.Edge.Record, Names: e.Edge.Row, Label: e.Edge.Label,
			Action: string(e.Action), Fate: it.Came(), Field: e.Field, Reason: e.Reason}
		if begun {
			r.Fate = it.Reached()
		}
		switch {
		case e.Associates():
			r.Action = string(plan.OpAssociate)
		case e.Dissociates():
			r.Action = string(plan.OpDissociate)
		}
		all = append(all, r)
	}
	return all
}
