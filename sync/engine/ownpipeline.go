package engine

import (
	"maps"

	"syncline/store"
	"syncline/sync/record"
)

// inPipeline takes a row's stage to the one of that name in its record's own
// pipeline, where no column names the pipeline: which record a row has is known
// only once it is matched.
func (j *job) inPipeline(row *store.RowSeen, rec *store.RecordSeen) {
	if row == nil || rec == nil || rec.Gone != "" || row.Problems[""] != "" {
		return
	}
	cells := row.Raw
	for _, c := range j.fixes.byRow[row.Key] {
		if row.Raw[c.Field].String() == c.Cell {
			cells = maps.Clone(cells)
			cells[c.Field] = record.Text(c.Value)
		}
	}
	stage, v, ok := j.mapping.StageWithin(cells, rec.Values)
	if !ok {
		return
	}
	row.Values = maps.Clone(row.Values)
	row.Values[stage] = v
	if row.Problems[stage] != "" {
		row.Problems = maps.Clone(row.Problems)
		delete(row.Problems, stage)
	}
}
