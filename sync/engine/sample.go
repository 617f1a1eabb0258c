package engine

import (
	"context"
	"errors"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// sampleRows is how many rows show how a column is written.
const sampleRows = 1000

// look shows the map the first cells of those columns whose meaning or form
// only other cells tell.
func (j *job) look(ctx context.Context) error {
	cells := make(map[string][]string)
	for _, column := range j.mapping.Puzzling(j.schema.source.Texts) {
		cells[column] = nil
	}
	if len(cells) == 0 {
		return nil
	}
	n := 0
	for row, err := range j.Source.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		for column := range cells {
			if text := record.Trimmed(row.Fields[column].String()); text != "" {
				cells[column] = append(cells[column], text)
			}
		}
		if n++; n == sampleRows {
			break
		}
	}
	j.mapping.UseSamples(cells)
	return nil
}
