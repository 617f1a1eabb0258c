package engine_test

import (
	"context"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// TestAnExpressionWritesWhatItWorksOutAndFailsByRow: what can't be worked out
// is the problem of that row, with its line, its column and its value.
func TestAnExpressionWritesWhatItWorksOutAndFailsByRow(t *testing.T) {
	t.Parallel()
	def := strings.NewReplacer("direction: two-way", "direction: to-hubspot",
		"{ field: Phone, property: phone }", `{ field: Phone, property: jobtitle, to-hubspot: [ { expression: '"No. " + text(number(value) * 2) + " of " + row["First"]' } ] }`).Replace(twoWay)
	s := newStage(t, practice.Options{}, def, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,21\n2,bob@example.com,Bob,Stone,many\n")
	res := s.run()
	if res.Counts.Created != 1 || res.Counts.Failed != 1 {
		t.Fatalf("%+v", res.Counts)
	}
	if _, p := s.by("email", "ann@example.com"); p["jobtitle"] != "No. 42 of Ann" {
		t.Errorf("Ann is %v", p)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		syncs, err := db.Syncs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all, err := db.AttentionOf(ctx, syncs[0].ID)
		if err != nil || len(all) != 1 || all[0].Line != 3 || !strings.Contains(all[0].Message, "Phone") || !strings.Contains(all[0].Message, `"many"`) {
			t.Errorf("%+v, %v", all, err)
		}
	})
	writes := s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 1 || s.portal.Calls().Writes != writes {
		t.Errorf("it does not come to rest: %+v", res.Counts)
	}
}
