package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// FailedRow is a row of the attention list with what a person needs to settle
// it.
type FailedRow struct {
	store.Attention
	Plain       string // what it means and what to do, in plain words
	Suggestions []mapping.Suggestion
	Corrections []store.Correction // made here; see store.Correction for those that lapsed
	Cells       []FailedCell       // that can be corrected here, set by FailedByID only
}

// FailedRows returns the failed rows of the sync at path: those that every run
// tries again, then those given up.
func (a *App) FailedRows(ctx context.Context, path string) ([]FailedRow, error) {
	all, err := a.Attention(ctx, path)
	if err != nil {
		return nil, err
	}
	fixes := make(map[int64]map[string][]store.Correction)
	rows := make([]FailedRow, 0, len(all))
	for _, x := range all {
		if fixes[x.SyncID] == nil {
			if fixes[x.SyncID], err = a.Store.Corrections(ctx, x.SyncID, true); err != nil {
				return nil, err
			}
		}
		row := FailedRow{Attention: x, Plain: plainCause(x), Corrections: fixes[x.SyncID][x.RowKey]}
		if len(x.Suggested) > 0 {
			if err := json.Unmarshal(x.Suggested, &row.Suggestions); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b FailedRow) int {
		switch {
		case a.GivenUp.IsZero() == b.GivenUp.IsZero():
			return 0
		case a.GivenUp.IsZero():
			return -1
		}
		return 1
	})
	return rows, nil
}

// plainCause says what the class of a failed row means and what to do.
func plainCause(x store.Attention) string {
	switch {
	case !x.GivenUp.IsZero():
		return "Given up: it is not tried until its cells change in the source, or you take it up again."
	case x.Class == plan.ClassInvalid && x.RowKey == "":
		return "The row can't be told from others. Correct it in the source; the next run tries it."
	case x.Class == plan.ClassInvalid:
		return "HubSpot would refuse it, so it was not sent. Correct the value here or in the source; the next run tries it."
	case x.Class == plan.ClassRefused:
		return "It was sent and refused. Every run tries it again, until it succeeds or you give it up; correct the value here or in the source."
	}
	if x.Cause == engine.CauseMaySent {
		return "HubSpot's answer was lost, and HubSpot does not show whether it arrived. It is not sent again by itself: look in HubSpot, then send it again (retry --row), or take it as sent (retry --row and --sent)."
	}
	return "Something else must happen first. Every run tries it again."
}

// Correct puts a value in the place of a failed row's cell. It is kept beside
// the source and counts from the next run on, as long as the cell holds what it
// holds now.
func (a *App) Correct(ctx context.Context, id int64, field, value string) error {
	all, err := a.Store.AttentionByID(ctx, []int64{id})
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return &UseError{Msg: "this row needs no attention any more: it was settled by a run since"}
	}
	return a.correct(ctx, all[0].SyncID, all[0].RowKey, field, value)
}

func (a *App) correct(ctx context.Context, syncID int64, key, field, value string) error {
	y, err := a.Store.Sync(ctx, syncID)
	if err != nil {
		return err
	}
	d, err := definition.Parse([]byte(y.Definition), y.Path)
	if err != nil {
		return err
	}
	ends := append(d.AssociationColumns(), d.DeliverColumns()...)
	switch {
	case slices.Contains(d.Source.Key, field):
		return &UseError{Msg: fmt.Sprintf("%q is part of the key, which says which row it is: correct it in the source", field)}
	case !slices.Contains(ends, field) && !slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Field != "" && f.Field == field }):
		names := ends
		for _, f := range d.Fields {
			if f.Field != "" {
				names = append(names, f.Field)
			}
		}
		return &UseError{Msg: fmt.Sprintf("the sync %s has no field %q to correct: it has %s", d.Name, field, strings.Join(names, ", "))}
	case key == "":
		return &UseError{Msg: "a row without a key can't be corrected here: correct it in the source"}
	}
	seen, err := a.Store.SeenPair(ctx, syncID, key, "")
	if err != nil {
		return err
	}
	if seen.Row == nil || seen.Row.Problems[""] != "" {
		return &UseError{Msg: fmt.Sprintf("the row %s could not be read as a whole: correct it in the source", key)}
	}
	return a.Store.Correct(ctx, store.Correction{SyncID: syncID, RowKey: key, Field: field, Value: value, Cell: seen.Row.Raw[field].String(), By: person()})
}

// Retry takes failed rows up for the next run, also those that were given up.
func (a *App) Retry(ctx context.Context, ids []int64) error { return a.Store.Retry(ctx, ids) }

// TakeUp takes up again rows that were given up.
func (a *App) TakeUp(ctx context.Context, ids []int64) error { return a.Store.Retry(ctx, ids) }

// GiveUp leaves failed rows alone until their cells change in the source, and
// returns how many: a row without a key can't be told again and stays.
func (a *App) GiveUp(ctx context.Context, ids []int64) (int64, error) {
	return a.Store.GiveUp(ctx, ids, person())
}

// CorrectedValue is a value for a field of a failed row.
type CorrectedValue struct{ Field, Value string }

// RetryRows corrects failed rows of the sync at path and tries them again at
// once, and no others; without keys all that were not given up. Nothing is kept
// where one of the values can't be.
func (a *App) RetryRows(ctx context.Context, path string, keys []string, values []CorrectedValue, o Options) (engine.Result, error) {
	s, err := a.OpenSync(ctx, path, o) // a document that moved is known from here on
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	if s.Definition.Deliver != nil && len(keys) > 0 {
		if err := a.deliverAgain(ctx, s.Definition, path, keys); err != nil {
			return engine.Result{}, err
		}
		if len(values) == 0 {
			return s.retry(ctx, keys)
		}
	}
	rows, err := a.wanted(ctx, path, keys)
	if err != nil {
		return engine.Result{}, err
	}
	if len(values) > 0 && slices.ContainsFunc(rows, func(x store.Attention) bool { return x.RowKey != rows[0].RowKey }) {
		return engine.Result{}, &UseError{Msg: fmt.Sprintf("%d rows failed and a corrected value is for one of them: name it with --row", len(rows))}
	}
	var ids []int64
	keys = keys[:0:0]
	for _, row := range rows {
		ids = append(ids, row.ID)
		if !slices.Contains(keys, row.RowKey) {
			keys = append(keys, row.RowKey)
		}
	}
	for _, v := range values {
		if err := a.correct(ctx, rows[0].SyncID, rows[0].RowKey, v.Field, v.Value); err != nil {
			return engine.Result{}, err
		}
	}
	if err := a.Store.Retry(ctx, ids); err != nil {
		return engine.Result{}, err
	}
	return s.retry(ctx, keys)
}

// deliverAgain lets rows be sent once more that a person names: those that were sent,
// and failed ones, also those given up.
func (a *App) deliverAgain(ctx context.Context, d *definition.Definition, path string, keys []string) error {
	syncs, err := a.syncsOf(ctx, d)
	if err != nil {
		return err
	}
	sent := make(map[string]bool)
	for _, y := range syncs {
		known, err := a.Store.Deliveries(ctx, y.ID, keys)
		if err != nil {
			return err
		}
		for key := range known {
			sent[key] = true
		}
	}
	failed := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return sent[key] })
	if len(failed) > 0 {
		rows, err := a.wanted(ctx, path, failed)
		if err != nil {
			return err
		}
		ids := make([]int64, len(rows))
		for i, x := range rows {
			ids[i] = x.ID
		}
		if err := a.Store.Retry(ctx, ids); err != nil {
			return err
		}
	}
	for _, y := range syncs {
		if err := a.Store.DeliverAgain(ctx, y.ID, keys); err != nil {
			return err
		}
	}
	return nil
}

// TakeAsSent takes rows of the sync at path as sent of which nobody can tell it, so that
// they are not sent again.
func (a *App) TakeAsSent(ctx context.Context, path string, keys []string) (int64, error) {
	syncs, err := a.syncsAt(ctx, path)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, y := range syncs {
		some, err := a.Store.TakeAsSent(ctx, y.ID, keys)
		if err != nil {
			return n, err
		}
		n += some
	}
	if n == 0 {
		return 0, &UseError{Msg: fmt.Sprintf("no such row waits because it may have been sent already: see syncline attention %s", path)}
	}
	return n, nil
}

// wanted finds the failed rows that a person means.
func (a *App) wanted(ctx context.Context, path string, keys []string) ([]store.Attention, error) {
	all, err := a.Attention(ctx, path)
	if err != nil {
		return nil, err
	}
	var rows []store.Attention
	for _, x := range all {
		if slices.Contains(keys, x.RowKey) || len(keys) == 0 && x.GivenUp.IsZero() {
			rows = append(rows, x)
		}
	}
	for _, key := range keys {
		if !slices.ContainsFunc(rows, func(x store.Attention) bool { return x.RowKey == key }) {
			return nil, &UseError{Msg: fmt.Sprintf("no failed row has the key %q: see syncline attention %s", key, path)}
		}
	}
	if len(rows) == 0 {
		return nil, errNothingFailed
	}
	return rows, nil
}

var errNothingFailed = errors.New("no row needs attention")

// NothingFailed reports that there was nothing to retry.
func NothingFailed(err error) bool { return errors.Is(err, errNothingFailed) }
