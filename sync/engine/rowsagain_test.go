package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// ever are all values that a property of the contacts ever had.
func (s *stage) ever(property string) map[string]bool {
	s.t.Helper()
	var ids []string
	for id := range s.portal.Records("contacts") {
		ids = append(ids, id)
	}
	got, err := s.client().BatchRead(s.t.Context(), "contacts", hubspot.BatchReadRequest{IDs: ids, History: []string{property}})
	if err != nil {
		s.t.Fatal(err)
	}
	all := make(map[string]bool)
	for _, r := range got.Records {
		for _, v := range r.History[property] {
			all[v.Value.String()] = true
		}
	}
	return all
}

// A stored plan never sends what a row held when it was made, if the row holds
// something else by now; the other rows are none of its business.
func TestAStoredPlanSendsNoStaleRow(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(12))
	s.run()
	s.each(1, 3, func(c []string) { c[2] = "Shown" + c[0] })
	s.write(s.file, s.contents()+"20,new1@example.com,Made1,X,\n21,new2@example.com,Made2,X,\n22,new3@example.com,Made3,X,\n")
	planned := s.preview()
	if diff := cmp.Diff(engine.Counts{Read: 15, Updated: 3, Created: 3, Unchanged: 9}, planned.Counts); diff != "" {
		t.Fatalf("planned (-want +got)\n%s", diff)
	}
	s.replace("Shown1", "Later1")                   // a row that is updated
	s.replace("Last2,", "Later2,")                  // another field of such a row
	s.replace("Made1", "Afterwards1")               // a row that is created
	s.replace("First9,", "Later9,")                 // a row that the plan does not write
	s.replace("21,new2@example.com,Made2,X,\n", "") // a row that is created leaves
	res := s.apply(planned.PlanID)
	if diff := cmp.Diff(engine.Counts{Read: 15, Updated: 2, Created: 1, Skipped: 3, Unchanged: 9}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, first := s.by("email", "p1@example-0.com")
	if first["firstname"] != "First1" {
		t.Errorf("HubSpot has %v", first)
	}
	if diff := cmp.Diff(engine.Counts{Read: 14, Updated: 3, Created: 1, Unchanged: 10}, s.run().Counts); diff != "" {
		t.Errorf("the next run (-want +got)\n%s", diff)
	}
	ever := s.ever("firstname")
	if ever["Shown1"] || ever["Made1"] || ever["Made2"] || !ever["Later1"] || !ever["Afterwards1"] || !ever["Shown2"] || !ever["Made3"] {
		t.Errorf("HubSpot ever had %v", ever)
	}
	if len(s.live()) != 0 {
		t.Errorf("%+v", s.live())
	}
}

// A run that is gone on with brings what the records hold by then, and asks
// nobody.
func TestAResumedRunBringsNoStaleRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(6))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	s.edit(one, "firstname", "Shown1")
	s.edit(two, "firstname", "Shown2", "lastname", "Too2")
	s.replace("First3", "Ours3")
	s.stopAtPoint("outcome", 1)
	s.edit(one, "firstname", "Later1")
	s.edit(two, "firstname", "Later2")
	var files []string
	s.at = func(point string) {
		if point == "answered" {
			files = append(files, s.contents())
		}
	}
	res := s.run()
	s.at = nil
	if all := strings.Join(files, ""); strings.Contains(all, "Shown") || len(files) == 0 {
		t.Errorf("the file once was\n%s", all)
	}
	if after := s.contents(); !strings.Contains(after, "Later1") || !strings.Contains(after, "Later2,Too2") || len(s.live()) != 0 || res.Counts.Conflict != 0 {
		t.Errorf("%+v, %+v\n%s", res.Counts, s.live(), after)
	}
	s.wantNothingToDo(6)
}

// Nor does it bring the source what a record held when it was made, if the record
// holds something else by now: that waits as a conflict, and the next run brings
// what the record holds then. Of a record that is gone no row is made.
func TestAStoredPlanBringsNoStaleRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "create: hubspot", "create: both", 1)+"  - { field: id, property: jobtitle }\n", people(6))
	s.run()
	for _, key := range []string{"1", "2", "3"} {
		id, _ := s.by("jobtitle", key)
		s.edit(id, "firstname", "Shown"+key, "lastname", "Too"+key)
	}
	var made []string
	for _, key := range []string{"31", "32", "33"} {
		id, err := s.portal.Create("contacts", map[string]string{"email": "n" + key + "@example.com", "jobtitle": key, "firstname": "Made" + key})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, id)
	}
	planned := s.preview()
	if diff := cmp.Diff(engine.Counts{Read: 9, Updated: 3, Created: 3, SourceCreated: 3, SourceUpdated: 3, Unchanged: 3}, planned.Counts); diff != "" {
		t.Fatalf("planned (-want +got)\n%s", diff)
	}
	one, _ := s.by("jobtitle", "1")
	s.edit(one, "firstname", "Later1") // a value that the plan brings
	two, _ := s.by("jobtitle", "2")
	s.edit(two, "phone", "+49 30 77") // another one
	s.edit(made[0], "firstname", "Later31")
	if err := s.portal.Archive("contacts", made[1]); err != nil {
		t.Fatal(err)
	}
	before := s.contents()
	res := s.apply(planned.PlanID)
	if diff := cmp.Diff(engine.Counts{Read: 9, Updated: 2, Created: 1, SourceCreated: 1, SourceUpdated: 3, Conflict: 1, Skipped: 2, Unchanged: 3}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	after := s.contents()
	if strings.Contains(after, "Shown1") || strings.Contains(after, "Made31") || strings.Contains(after, "Made32") || !strings.Contains(after, "Too1") || !strings.Contains(after, "Shown2") || !strings.Contains(after, "Made33") {
		t.Errorf("the file was\n%s\nand is\n%s", before, after)
	}
	s.settle("hubspot", "")
	s.run()
	if after := s.contents(); !strings.Contains(after, "Later1") || !strings.Contains(after, "Later31") || strings.Contains(after, "Made32") || len(s.live()) != 0 {
		t.Errorf("%+v\n%s", s.live(), after)
	}
	s.wantNothingToDo(8)
}

// Of a record that is gone nothing is brought to its row: what it held last may
// be another value than the plan shows. The next plan says what becomes of the row.
func TestAStoredPlanBringsNothingOfARecordThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(6))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	s.edit(one, "firstname", "Shown1")
	s.edit(two, "firstname", "Shown2")
	planned := s.preview()
	s.edit(one, "firstname", "First1")
	if err := s.portal.Archive("contacts", one); err != nil {
		t.Fatal(err)
	}
	res := s.apply(planned.PlanID)
	if diff := cmp.Diff(engine.Counts{Read: 6, Updated: 1, SourceUpdated: 1, Skipped: 1, Unchanged: 4}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if after := s.contents(); strings.Contains(after, "Shown1") || !strings.Contains(after, "Shown2") || len(s.live()) != 0 {
		t.Errorf("%+v\n%s", s.live(), after)
	}
	if diff := cmp.Diff(engine.Counts{Read: 6, Skipped: 1, Unchanged: 5}, s.run().Counts); diff != "" {
		t.Errorf("the next run (-want +got)\n%s", diff)
	}
}

// Nor does a pull of changes, which shows nothing of a record that is gone, bring
// what an earlier reading saw of it: that may have been taken back since.
func TestAPullOfChangesBringsNothingOfARecordThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, strings.Replace(twoWay, "create: hubspot", "create: both", 1)+"  - { field: id, property: jobtitle }\n", people(6))
		s.small = -1
		s.run()
		time.Sleep(time.Hour)
		gone, _ := s.by("jobtitle", "1")
		there, _ := s.by("jobtitle", "2")
		s.edit(gone, "firstname", "Passing1")
		s.edit(there, "firstname", "Edited2")
		made, err := s.portal.Create("contacts", map[string]string{"email": "n31@example.com", "jobtitle": "31", "firstname": "Passing31"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if planned := s.preview(); planned.Counts.SourceUpdated != 2 || planned.Counts.SourceCreated != 1 {
			t.Fatalf("planned %+v", planned.Counts)
		}
		time.Sleep(time.Minute)
		s.edit(gone, "firstname", "First1")
		for _, id := range []string{gone, made} {
			if err := s.portal.Archive("contacts", id); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		res := s.run()
		if got := s.contents(); strings.Contains(got, "Passing") || !strings.Contains(got, ",First1,") || !strings.Contains(got, ",Edited2,") {
			t.Errorf("%+v\n%s", res.Counts, got)
		}
		// What was found out about them is not asked again by every plan.
		for range 2 {
			time.Sleep(time.Hour)
			if planned := s.preview(); planned.Counts.SourceCreated+planned.Counts.SourceUpdated != 0 {
				t.Errorf("it is planned again: %+v, %+v", planned.Counts, s.items(planned))
			}
			s.run()
		}
	})
}

// A run that is gone on with never sends what a row held before the
// interruption, and brings the row's new values in the same run.
func TestAResumedRunSendsNoStaleRow(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2600)) // more batches than are ever under way
	s.yes = true
	s.stopAtPoint("outcome", 1)
	sent := make(map[string]bool)
	s.store(func(ctx context.Context, db *store.Store) {
		runs, err := db.Runs(ctx, 0, 1)
		if err != nil || len(runs) != 1 {
			t.Fatalf("%+v, %v", runs, err)
		}
		for op, err := range db.Ops(ctx, runs[0].ID) {
			if err != nil {
				t.Fatal(err)
			}
			sent[op.RowKey] = true
		}
	})
	if len(sent) == 0 || len(sent) == 2600 {
		t.Fatalf("%d rows were sent", len(sent))
	}
	lines := strings.Split(s.contents(), "\n")
	var edited []string
	for i, line := range lines[1:] {
		if key, _, _ := strings.Cut(line, ","); key != "" && !sent[key] && len(edited) < 30 {
			lines[i+1] = strings.Replace(line, ",First"+key+",", ",Later"+key+",", 1)
			edited = append(edited, key)
		}
	}
	s.write(s.file, strings.Join(lines, "\n"))
	res := s.run()
	if n := s.portal.Count("contacts"); n != 2600 {
		t.Errorf("%d contacts, %+v", n, res.Counts)
	}
	ever := s.ever("firstname")
	for _, key := range edited {
		if ever["First"+key] || !ever["Later"+key] {
			t.Errorf("row %s: HubSpot had the old value: %t, the new one: %t", key, ever["First"+key], ever["Later"+key])
		}
	}
	if len(s.live()) != 0 || res.State != plan.RunDone {
		t.Errorf("%s %+v", res.State, s.live())
	}
	s.wantNothingToDo(2600)
}
