package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// correct puts a value in the place of a cell, as the window and the command do.
func (s *stage) correct(key, field, value string) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		y := must(s.t, db.Syncs)(ctx)[0]
		pair, err := db.SeenPair(ctx, y.ID, key, "")
		if err == nil && pair.Row == nil {
			err = store.ErrNotFound
		}
		if err == nil {
			err = db.Correct(ctx, store.Correction{SyncID: y.ID, RowKey: key, Field: field, Value: value, Cell: pair.Row.Raw[field].String(), By: "me"})
		}
		if err != nil {
			s.t.Fatal(err)
		}
	})
}

func must[A, B any](t testing.TB, f func(A) (B, error)) func(A) B {
	return func(a A) B {
		t.Helper()
		b, err := f(a)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

const broken = "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,\n2,<bob@example.com>;,Bob,Stone,\n"

func TestACorrectionCountsInThePlaceOfTheCellAndIsWrittenBack(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{"two-way", "to-hubspot"} {
		s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: email }\n  - { field: First", "property: email, direction: "+direction+" }\n  - { field: First", 1), broken)
		if res := s.run(); res.Counts.Failed != 1 || res.Counts.Created != 1 {
			t.Fatalf("%+v", res.Counts)
		}
		s.correct("2", "Email", "bob@example.com")
		if res := s.run(); res.Counts.Created != 1 || res.Counts.Failed != 0 || len(s.attention()) != 0 {
			t.Errorf("%s: %+v, %+v", direction, res.Counts, s.attention())
		}
		s.by("email", "bob@example.com")
		s.run()
		if written := !strings.Contains(s.contents(), "<bob"); written != (direction == "two-way") {
			t.Errorf("%s: the file is\n%s", direction, s.contents())
		}
		writes := s.portal.Calls().Writes
		if res := s.run(); res.Counts.Unchanged != 2 || s.portal.Calls().Writes != writes || len(res.Notes) > 0 {
			t.Errorf("%s: it did not converge: %+v %v", direction, res.Counts, res.Notes)
		}
		if r, rows := s.reconcile(); !r.Counts.Same() {
			t.Errorf("%s: %v", direction, rows)
		}
	}
}

func TestACorrectionLapsesWithTheCellThatItWasMadeOnAndSaysSo(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "direction: two-way", "direction: to-hubspot", 1), broken)
	s.run()
	s.correct("2", "Email", "bob@example.com")
	s.replace("<bob@example.com>;", "robert@example.com")
	res := s.run()
	if res.Counts.Created != 1 || len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "lapsed") {
		t.Errorf("%+v %v", res.Counts, res.Notes)
	}
	s.by("email", "robert@example.com")
	if res := s.run(); len(res.Notes) != 0 {
		t.Errorf("it is said again: %v", res.Notes)
	}
}

func TestARefusedRowIsTriedByEveryRunAndGoesThroughOnceHubSpotTakesIt(t *testing.T) {
	t.Parallel()
	// The plan does not see who has the address: that contact does not pass the filter.
	filtered := strings.Replace(twoWay, "  match: [", "  filter: [ [ { property: lastname, operator: NEQ, value: Hidden } ] ]\n  match: [", 1)
	s := newStage(t, practice.Options{}, filtered, people(20))
	s.run()
	other, err := s.portal.Create("contacts", map[string]string{"email": "taken@example.com", "lastname": "Hidden"})
	if err != nil {
		t.Fatal(err)
	}
	s.replace("p7@example-6.com", "taken@example.com")
	for n := range 3 {
		s.replace("First9", fmt.Sprintf("First9%d", n)) // FirstN9 of the last round, too
		writes := s.portal.Calls().Writes
		if res := s.run(); res.Counts.Updated != 1 || res.Counts.Failed != 1 {
			t.Errorf("run %d: %+v", n, res.Counts)
		}
		all := s.attention()
		if len(all) != 1 || all[0].Class != plan.ClassRefused || all[0].Tries != n+1 {
			t.Errorf("run %d: %+v", n, all)
		}
		// The first time it is in the batch of the others, then in one of its own.
		if got, want := s.portal.Calls().Writes-writes, min(n+1, 2); got != want {
			t.Errorf("run %d: %d writing calls, want %d", n, got, want)
		}
	}
	if err := s.portal.Archive("contacts", other); err != nil {
		t.Fatal(err)
	}
	if res := s.run(); res.Counts.Updated != 1 || res.Counts.Failed != 0 || len(s.attention()) != 0 {
		t.Errorf("%+v, %+v", res.Counts, s.attention())
	}
}

func TestARowThatWasGivenUpIsNotTriedUntilItChanges(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, broken)
	s.run()
	s.store(func(ctx context.Context, db *store.Store) {
		if n, err := db.GiveUp(ctx, []int64{s.attentionIn(ctx, db)[0].ID}, "me"); n != 1 || err != nil {
			t.Fatalf("%d given up, %v", n, err)
		}
	})
	if res := s.run(); res.Counts.Failed != 0 || res.Counts.Skipped != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if all := s.attention(); len(all) != 1 || all[0].GivenUp.IsZero() || all[0].GivenBy != "me" {
		t.Errorf("it is not listed apart: %+v", all)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if n, err := db.AttentionCount(ctx, 0); n != 0 || err != nil {
			t.Errorf("%d rows count as waiting, %v", n, err)
		}
	})
	s.replace("<bob@example.com>;", "bob@example.com")
	if res := s.run(); res.Counts.Created != 1 || len(s.attention()) != 0 {
		t.Errorf("%+v, %+v", res.Counts, s.attention())
	}
}

func (s *stage) attentionIn(ctx context.Context, db *store.Store) []store.Attention {
	all, err := db.AttentionOf(ctx, 1)
	if err != nil || len(all) == 0 {
		s.t.Fatalf("no failed row, %v", err)
	}
	return all
}

func TestRetryWritesTheRowsAskedForAndNoOther(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, broken)
	s.run()
	s.correct("2", "Email", "bob@example.com")
	s.write(s.file, s.contents()+"3,cy@example.com,Cy,Young,\n")
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Retry(ctx, []string{"2"}) })
	if err != nil || res.Counts.Created != 1 || res.Counts.Skipped != 1 || res.Counts.Sum() != res.Counts.Read {
		t.Fatalf("%+v, %v", res.Counts, err)
	}
	if n := s.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts", n)
	}
	if res := s.run(); res.Counts.Created != 1 {
		t.Errorf("what was left is not taken up: %+v", res.Counts)
	}
}

func TestAFailedRowShowsWhatWouldDoWhereThatIsCertain(t *testing.T) {
	t.Parallel()
	def := strings.Replace(strings.Replace(twoWay, "property: phone }", "property: closedate }\n  - { field: Lead, property: hs_lead_status }", 1), "direction: two-way", "direction: to-hubspot", 1)
	s := newStage(t, practice.Options{}, def, "id,Email,First,Last,Phone,Lead\n"+
		"1,mailto:<ann@example.com>,Ann,Lee,13.11.2026,in progress\n"+
		"2,a b@example.com,Bob,Stone,11/12/2026,Nonsense\n"+
		"3,\"a@x.com, b@y.com\",Cy,Young,20241231,\n")
	s.run()
	got := map[string]string{}
	for _, a := range s.attention() {
		var all []mapping.Suggestion
		if err := json.Unmarshal(a.Suggested, &all); err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			got[a.RowKey+" "+x.Field] = x.Value
		}
		if a.Class != plan.ClassInvalid {
			t.Errorf("%+v", a)
		}
	}
	want := map[string]string{"1 Email": "ann@example.com", "1 Phone": "2026-11-13", "1 Lead": "IN_PROGRESS"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v: nothing is guessed", got, want)
	}
}
