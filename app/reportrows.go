package app

import (
	"context"
	"errors"
	"iter"

	"syncline/store"
	"syncline/sync/engine"
)

// ReportHead makes the document of a result without its rows, which may be
// millions: ReportRows yields them one at a time.
func (a *App) ReportHead(ctx context.Context, r engine.Result) (Report, error) {
	pl := r.PlanID
	r.PlanID = ""
	doc, err := a.Report(ctx, r)
	doc.Plan = pl
	if err != nil || pl == "" {
		return doc, err
	}
	stored, err := a.Store.Plan(ctx, pl)
	if errors.Is(err, store.ErrNotFound) {
		return doc, nil // a result may outlive its plan
	}
	if err != nil {
		return doc, err
	}
	doc.Hash, doc.Revision = stored.Revised(), stored.Revision
	summary, err := engine.SummaryOf(stored)
	doc.Creating, doc.Reading = summary.Creating, summary.Reading
	return doc, err
}

// ReportRows yields the rows and records of a plan that are not unchanged, in
// order.
func (a *App) ReportRows(ctx context.Context, planID string) iter.Seq2[ReportRow, error] {
	return func(yield func(ReportRow, error) bool) {
		if planID == "" {
			return
		}
		begun, err := a.begun(ctx, planID)
		if err != nil {
			yield(ReportRow{}, err)
			return
		}
		for it, err := range a.Store.Items(ctx, planID) {
			if err != nil {
				yield(ReportRow{}, err)
				return
			}
			if row := reportRow(it, begun); toReport(it, row) && !yield(row, nil) {
				return
			}
		}
	}
}

// ReportEdges yields the associations of a plan that are not as they shall be, in
// order.
func (a *App) ReportEdges(ctx context.Context, planID string) iter.Seq2[ReportEdge, error] {
	return func(yield func(ReportEdge, error) bool) {
		if planID == "" {
			return
		}
		begun, err := a.begun(ctx, planID)
		if err != nil {
			yield(ReportEdge{}, err)
			return
		}
		for it, err := range a.Store.Items(ctx, planID) {
			if err != nil {
				yield(ReportEdge{}, err)
				return
			}
			for _, e := range reportEdges(it, begun) {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}
