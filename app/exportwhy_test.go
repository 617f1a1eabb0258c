package app

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/plan"
)

// An exported plan says of each row that was not written what was in the way, also
// where the row has fields, whose reasons are those of the plan.
func TestTheExportSaysWhyARowWasNotWritten(t *testing.T) {
	t.Parallel()
	to := "Ann"
	edit := plan.Edit{Field: "First", Property: "firstname", Action: plan.EditHubSpot, New: &to, Reason: "Only the source changed."}
	items := []plan.Item{
		{RowKey: "1", Line: 2, Fate: plan.FateUpdated, Done: plan.FateFailed, Outcome: "HubSpot refused it.", Edits: []plan.Edit{edit}},
		{RowKey: "2", Line: 3, Fate: plan.FateUpdated, Done: plan.FateUpdated, Edits: []plan.Edit{edit}},
		{RowKey: "3", Line: 4, Fate: plan.FateFailed, Reason: "no @", Done: plan.FateFailed},
	}
	var said []string
	for line, err := range exported(func(yield func(plan.Item, error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}, true) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, line[0]+" "+line[1]+": "+line[len(line)-1])
	}
	want := []string{"failed 1: HubSpot refused it. Only the source changed.", "updated 2: Only the source changed.", "failed 3: no @"}
	if !slices.Equal(said, want) {
		t.Errorf("the lines are\n%s", strings.Join(said, "\n"))
	}
}
