package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// reconcile reconciles and returns what differs by key, or by record where
// there is no row.
func (s *stage) reconcile() (engine.Reconciliation, map[string]engine.Difference) {
	s.t.Helper()
	var r engine.Reconciliation
	rows := map[string]engine.Difference{}
	writes, before := s.portal.Calls().Writes, s.contents()
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		got, err := e.Reconcile(ctx)
		if err != nil {
			return engine.Result{}, err
		}
		r = *got
		for d, err := range got.Rows(ctx) {
			if err != nil {
				return engine.Result{}, err
			}
			key := d.Key
			if key == "" {
				key = d.Record
			}
			rows[key+" "+string(d.Found)] = d
		}
		return engine.Result{}, got.Close()
	})
	if err != nil {
		s.t.Fatalf("reconcile: %v", err)
	}
	if c := r.Counts; c.Read != c.Equal+c.Different+c.OnlySource+c.OnlyHubSpot {
		s.t.Errorf("the counts do not add up: %+v", c)
	}
	if s.portal.Calls().Writes != writes || s.contents() != before {
		s.t.Errorf("reconciling wrote: %d calls, the file is\n%s", s.portal.Calls().Writes-writes, s.contents())
	}
	if left, _ := filepath.Glob(filepath.Join(s.workspace, "scratch-*")); len(left) > 0 {
		s.t.Errorf("left behind: %v", left)
	}
	return r, rows
}

// dump is what the workspace knows of its syncs and their pairs, as text.
func (s *stage) dump() string {
	s.t.Helper()
	var text strings.Builder
	s.store(func(ctx context.Context, db *store.Store) {
		all, err := db.Syncs(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, y := range all {
			text.WriteString(cmp.Diff(store.Sync{}, y))
			for p, err := range db.ChangedPairs(ctx, y.ID, true) {
				if err != nil {
					s.t.Fatal(err)
				}
				text.WriteString(cmp.Diff(store.Pair{}, p))
			}
		}
	})
	return text.String()
}

func TestReconcilingProvesBothSidesEqualAfterARun(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(250))
	s.run()
	before := s.dump()
	r, rows := s.reconcile()
	if diff := cmp.Diff(engine.ReconcileCounts{Read: 250, Equal: 250}, r.Counts); diff != "" || !r.Counts.Same() {
		t.Errorf("(-want +got)\n%s\n%v", diff, rows)
	}
	if after := s.dump(); after != before {
		t.Errorf("what runs rest on is not as it was\n%s", cmp.Diff(before, after))
	}
}

func TestReconcilingListsEveryDifference(t *testing.T) {
	t.Parallel()
	definition := strings.Replace(twoWay, "property: phone }", "property: phone, direction: to-hubspot }", 1)
	s := newStage(t, practice.Options{}, definition, people(7))
	s.run()
	ids := map[string]string{}
	for id, p := range s.portal.Records("contacts") {
		ids[strings.TrimPrefix(p["firstname"], "First")] = id
	}
	s.replace("First1,", "Mine,")
	s.edit(ids["1"], "firstname", "Theirs", "lastname", "Also theirs")
	s.edit(ids["2"], "phone", "+49301")
	if err := s.portal.Archive("contacts", ids["3"]); err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimRight(s.contents(), "\n"), "\n")
	var kept []string
	for _, line := range all {
		if !strings.Contains(line, "First4,") {
			kept = append(kept, line)
		}
	}
	kept = append(kept, "8,new@example.com,New,,", "9,known@example.com,Known,,", "5,twice@example.com,Twice,,")
	s.write(s.file, strings.Join(kept, "\n")+"\n")
	if _, err := s.portal.Create("contacts", map[string]string{"email": "known@example.com", "firstname": "Known"}); err != nil {
		t.Fatal(err)
	}
	lonely, err := s.portal.Create("contacts", map[string]string{"email": "lonely@example.com"})
	if err != nil {
		t.Fatal(err)
	}

	r, rows := s.reconcile()
	want := engine.ReconcileCounts{Equal: 3, Different: 3, OnlySource: 3, OnlyHubSpot: 2}
	want.Read = 11
	if diff := cmp.Diff(want, r.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for key, reason := range map[string]string{
		"1 different": "2 fields differ", "3 only_source": "archived", "8 only_source": "no record matches", "5 different": "2 rows have the key",
		"4 only_hubspot": "left the source", lonely + " only_hubspot": "no row matches", "5 only_source": "",
	} {
		if d, ok := rows[key]; !ok || !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: %+v, want %q", key, d, reason)
		}
	}
	text := func(s *string) string {
		if s == nil {
			return "nil"
		}
		return *s
	}
	if d := rows["1 different"]; len(d.Fields) != 2 || d.Record != ids["1"] || d.Fields[0].Property != "firstname" || text(d.Fields[0].Source) != "Mine" || text(d.Fields[0].HubSpot) != "Theirs" {
		t.Errorf("both values of each field are told: %+v", d)
	}
	if d := rows["2 different"]; len(d.Fields) != 1 || !d.Fields[0].Drift || text(d.Fields[0].HubSpot) != "+49301" || !strings.HasPrefix(d.Reason, "Drift: ") {
		t.Errorf("drift is a difference and says so: %+v", d)
	}
}

func TestReconcilingASyncThatNeverRanMatchesAndKeepsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	if _, err := s.portal.Create("contacts", map[string]string{"email": "p1@example-0.com", "firstname": "First1", "lastname": "Last1"}); err != nil {
		t.Fatal(err)
	}
	r, _ := s.reconcile()
	if r.Counts.Equal+r.Counts.Different != 1 || r.Counts.OnlySource != 2 {
		t.Errorf("%+v", r.Counts)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if all, err := db.Syncs(ctx); err != nil || len(all) != 0 {
			t.Errorf("the workspace knows %d syncs, %v", len(all), err)
		}
	})
}

func TestAWaitingPlanStaysWhatItIsWhenOneReconciles(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	planned := s.preview()
	s.reconcile()
	if res := s.apply(planned.PlanID); res.Counts.Created != 3 {
		t.Errorf("%+v", res.Counts)
	}
	if y := s.synced(); y.Watermark.IsZero() {
		t.Error("the watermark did not move")
	}
}

// The search is behind: what passes the filter is settled before anything is
// said about it.
func TestReconcilingHoldsTheFilterThoughTheSearchIsBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		filtered := strings.Replace(twoWay, "direction: two-way", "  filter: [ [ { property: jobtitle, operator: EQ, value: In } ] ]\ndirection: two-way", 1)
		filtered = strings.Replace(filtered, "property: phone }", "property: jobtitle }", 1)
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)}, filtered, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,In\n2,bob@example.com,Bob,Lee,In\n")
		s.run()
		time.Sleep(time.Minute)
		ann, _ := s.by("email", "ann@example.com")
		s.edit(ann, "jobtitle", "Out")
		joined, err := s.portal.Create("contacts", map[string]string{"email": "cy@example.com", "jobtitle": "In"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.portal.Create("contacts", map[string]string{"email": "di@example.com", "jobtitle": "Out"}); err != nil {
			t.Fatal(err)
		}
		r, rows := s.reconcile()
		if diff := cmp.Diff(engine.ReconcileCounts{Read: 3, Equal: 1, OnlySource: 1, OnlyHubSpot: 1}, r.Counts); diff != "" || len(r.Notes) > 0 {
			t.Errorf("(-want +got)\n%s\n%v", diff, r.Notes)
		}
		if d := rows["1 only_source"]; !strings.Contains(d.Reason, "filter") {
			t.Errorf("%+v", d)
		}
		if _, ok := rows[joined+" only_hubspot"]; !ok {
			t.Errorf("the record that has just joined is not told: %v", rows)
		}
	})
}

func TestAnAbandonedScratchCopyIsSwept(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(1))
	s.run()
	left := filepath.Join(s.workspace, "scratch-of-a-killed-program")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(left, long, long); err != nil {
		t.Fatal(err)
	}
	s.reconcile()
}

// Rows that agree in every mapped field count as one, here as in a run.
func TestReconcilingCountsEqualRowsAsOne(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,\n2,ann@example.com,Ann,Lee,\n")
	if res := s.run(); res.Counts.Created != 1 || res.Counts.Skipped != 1 {
		t.Fatalf("%+v", res.Counts)
	}
	if r, rows := s.reconcile(); r.Counts != (engine.ReconcileCounts{Read: 1, Equal: 1}) {
		t.Errorf("%+v, %v", r.Counts, rows)
	}
}
