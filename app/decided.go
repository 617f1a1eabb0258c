package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// What the screens show of the workspace, as the store keeps it.
type (
	// Conflict is one open or decided disagreement.
	Conflict = store.Conflict
	// ConflictGroup is the open conflicts of a sync with one cause and field.
	ConflictGroup = store.ConflictGroup
	// DecidedGroup is how many decisions of a sync wait to be carried out.
	DecidedGroup = store.DecidedGroup
	// ConflictFilter limits the review queue.
	ConflictFilter = store.ConflictFilter
	// RuledRow is a row about which a decision goes on to hold.
	RuledRow = store.RuledRow
	// Part is the part of a run that an undo is of; none means all.
	Part = store.Part
	// ItemFilter limits the rows of a plan that are listed.
	ItemFilter = store.ItemFilter
	// Connection is a connected portal.
	Connection = store.Connection
)

// ConflictGroups returns the open conflicts of all syncs by sync, cause and
// field, the largest group first.
func (a *App) ConflictGroups(ctx context.Context) ([]ConflictGroup, error) {
	return a.Store.ConflictGroups(ctx, 0)
}

// ConflictIDs returns the ids in the review queue that a filter lets through.
func (a *App) ConflictIDs(ctx context.Context, f ConflictFilter) ([]int64, error) {
	return a.Store.ConflictIDs(ctx, f)
}

// ConflictsByID returns conflicts in the queue's order.
func (a *App) ConflictsByID(ctx context.Context, ids []int64) ([]Conflict, error) {
	return a.Store.Conflicts(ctx, ids)
}

// Decided returns by sync how many decisions wait to be carried out.
func (a *App) Decided(ctx context.Context) ([]DecidedGroup, error) { return a.Store.Decided(ctx) }

// Candidate is a record that a row may belong to, or the row itself.
type Candidate struct {
	Record string // its id, "" for the row itself
	Name   string
	Values []string // by the fields of Candidates, in the form in which both sides are compared
	Agrees int      // in how many of the fields where both have a value it agrees with the row
	Of     int      // how many these are
}

// Candidates are the records that a row may belong to.
type Candidates struct {
	Fields  []string // those in which the records differ from each other first
	Row     Candidate
	Records []Candidate // the one that agrees most first
}

// CandidatesOf returns the records that stand behind a conflict of the cause
// "several", as the last pull saw them. It is empty where the definition or the
// row can't be read any more.
func (a *App) CandidatesOf(ctx context.Context, c Conflict) (out Candidates, err error) {
	y, err := a.Store.Sync(ctx, c.SyncID)
	if err != nil {
		return out, err
	}
	d, err := definition.Parse([]byte(y.Definition), y.Path)
	if err != nil {
		return out, nil
	}
	ids, err := a.Store.Candidates(ctx, c.SyncID, c.RowKey)
	if err != nil {
		return out, err
	}
	object, _ := hubspot.FindObjectType(y.Object)
	namer := mapping.FieldMap{Object: engine.MapObject(object)}
	var row record.Values
	var records []store.RecordSeen
	for _, id := range ids {
		pair, err := a.Store.SeenPair(ctx, c.SyncID, c.RowKey, id)
		if err != nil {
			return out, err
		}
		if pair.Row == nil || pair.Record == nil {
			continue
		}
		row = pair.Row.Values
		records = append(records, *pair.Record)
	}
	fields := telling(d, records)
	out.Row = Candidate{Name: cmp.Or(namer.Name(row), c.Name, c.RowKey)}
	for _, f := range fields {
		out.Fields = append(out.Fields, cmp.Or(f.Field, f.Property))
		out.Row.Values = append(out.Row.Values, row[f.Property].String())
	}
	for _, r := range records {
		x := Candidate{Record: r.ID, Name: cmp.Or(namer.Name(r.Values), "Record "+r.ID)}
		for _, f := range fields {
			mine, theirs := row[f.Property].String(), r.Values[f.Property].String()
			x.Values = append(x.Values, theirs)
			if mine == "" || theirs == "" {
				continue
			}
			x.Of++
			if strings.EqualFold(strings.TrimSpace(mine), strings.TrimSpace(theirs)) {
				x.Agrees++
			}
		}
		out.Records = append(out.Records, x)
	}
	slices.SortStableFunc(out.Records, func(x, y Candidate) int { return y.Agrees - x.Agrees })
	return out, nil
}

// telling are the mapped fields, those first in which the records differ.
func telling(d *definition.Definition, records []store.RecordSeen) []definition.Field {
	var differ, same []definition.Field
	for _, f := range d.Fields {
		if f.Constant != nil || slices.ContainsFunc(differ, func(x definition.Field) bool { return x.Property == f.Property }) {
			continue
		}
		if slices.ContainsFunc(records, func(r store.RecordSeen) bool {
			return r.Values[f.Property].String() != records[0].Values[f.Property].String()
		}) {
			differ = append(differ, f)
		} else {
			same = append(same, f)
		}
	}
	return append(differ, same...)
}

// RuledRows returns the rows about which a decision goes on to hold, the newest
// decision first.
func (a *App) RuledRows(ctx context.Context) ([]RuledRow, error) { return a.Store.RuledRows(ctx) }

// Release takes decisions about whole rows back: the next plan looks at the rows
// as if nothing had been decided.
func (a *App) Release(ctx context.Context, rows []RuledRow) error { return a.Store.Release(ctx, rows) }

// RulingWords says what a decision in force means for its row.
func RulingWords(r RuledRow) string {
	switch r.Kind {
	case plan.RuleOut:
		return "Left out: the row is not synced"
	case plan.RuleSame:
		return fmt.Sprintf("Counts as one with the row %s, which leads", r.Lead)
	case plan.RuleApart:
		return "Gets a record of its own"
	case store.RuleTake:
		return fmt.Sprintf("Is the record %s, whose link the next run makes", r.Lead)
	case plan.RuleWait:
		return "Left out until its record is restored in HubSpot"
	case plan.RuleFirst:
		return "The first of the rows with this key leads, as long as they stay as they are"
	case store.RuleOther:
		return fmt.Sprintf("Is another one than the row %s", r.Lead)
	case plan.RuleNot:
		return fmt.Sprintf("Kept apart from the record %s", r.Lead)
	}
	return string(r.Kind)
}

// WroteFields returns the fields that a run wrote, by the source's name.
func (a *App) WroteFields(ctx context.Context, runID string) ([]string, error) {
	return a.Store.WroteFields(ctx, runID)
}
