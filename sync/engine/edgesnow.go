package engine

import (
	"context"
	"slices"
	"strings"

	"syncline/sync/plan"
)

// wantedNow is what rows ask for now, where they were read again since a plan was
// made of them; nil where they were not.
type wantedNow map[string][]wanted

func (j *job) wantedNow(ctx context.Context, pl plan.Plan, keys []string) (wantedNow, error) {
	if !j.reread || pl.Kind == plan.KindUndo {
		return nil, nil
	}
	rows, err := j.Store.RowCellsOf(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	now := make(wantedNow, len(keys))
	for _, key := range keys {
		now[key] = nil
		if r, ok := rows[key]; ok && r.GonePull == 0 && r.Problems[""] == "" {
			now[key] = j.wants(r)
		}
	}
	return now, nil
}

// moved says why an edit is not carried out by what its row asks for now, "" where
// it is.
func (now wantedNow) moved(rowKey string, e plan.Edit) string {
	if now == nil {
		return ""
	}
	asks := slices.ContainsFunc(now[rowKey], func(w wanted) bool {
		t, _ := w.line.typeOf(w.label)
		return w.line.name == e.Edge.Line && (w.toRef == e.Edge.Row || e.Edge.Row == "") && (e.Edge.FromRow == "" || w.fromRef == e.Edge.FromRow) &&
			(strings.EqualFold(w.label, e.Edge.Label) || t.TypeID != 0 && t.TypeID == e.Edge.Type && t.Category == e.Edge.Category)
	})
	if e.Associates() && !asks {
		return rowMoved
	}
	return ""
}
