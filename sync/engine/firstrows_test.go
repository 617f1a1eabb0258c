package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// While a plan is made its first rows are told: as soon as they are read, and
// with what becomes of them long before the plan is whole.
func TestTheFirstRowsOfAPlanAreToldWhileItIsMade(t *testing.T) {
	t.Parallel()
	const n = 2400
	var rows strings.Builder
	rows.WriteString("id,Email,First,Last,Phone\n")
	for i := range n {
		fmt.Fprintf(&rows, "k%d,p%d@example.com,Ann%d,Lee,\n", i, i, i)
	}
	s := newStage(t, practice.Options{}, twoWay, rows.String())
	var progress engine.Progress
	told := map[string]engine.Snapshot{} // when first at a place
	s.at = func(place string) {
		if _, seen := told[place]; !seen {
			told[place] = progress.Snapshot()
		}
	}
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		e.Progress = &progress
		return e.Preview(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	read := told["rows-page"]
	if len(read.First) == 0 || read.Rows >= n || read.First[0].Name != "Ann0 Lee" || read.First[0].Key != "k0" || read.First[0].Line != 2 || read.First[0].Fate != "" {
		t.Errorf("after the first page of rows: %d rows, %+v", read.Rows, read.First)
	}
	planned := told["plan-page"]
	if len(planned.First) == 0 || planned.First[0].Fate != plan.FateCreated || planned.First[0].Name != "Ann0 Lee" || planned.First[0].Reason == "" {
		t.Errorf("after the first page of the plan: %+v", planned.First)
	}
	if made := planned.Counts.Created; made == 0 || made >= n {
		t.Errorf("after the first page of the plan %d of %d creates are told", made, n)
	}
}
