package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const companies = `
syncline: 1
name: Firms
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: companies
  match: [ { field: Domain, property: domain } ]
direction: two-way
create: hubspot
fields:
  - { field: Name, property: name }
  - { field: Domain, property: domain }
  - { field: City, property: city }
`

// firms makes n rows of companies.
func firms(n int) string {
	var b strings.Builder
	b.WriteString("id,Name,Domain,City\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,Firm%d,f%d.example,City%d\n", i+1, i+1, i+1, i+1)
	}
	return b.String()
}

const archivingGone = twoWay + "delete: { row-gone: archive }\nguards: { archives: 10 }\n"

func (s *stage) without(line string) {
	s.t.Helper()
	s.replace(line+"\n", "")
}

// decide settles the one open conflict of a row.
func (s *stage) decide(row string, choice plan.Choice, value string) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		n := 0
		for _, c := range s.allConflicts(ctx, db) {
			if c.RowKey == row {
				n++
				if err := db.Decide(ctx, []int64{c.ID}, choice, value, "me"); err != nil {
					s.t.Fatal(err)
				}
			}
		}
		if n != 1 {
			s.t.Fatalf("row %s has %d open conflicts, want 1", row, n)
		}
	})
}

func (s *stage) allConflicts(ctx context.Context, db *store.Store) []store.Conflict {
	ids, err := db.ConflictIDs(ctx, store.ConflictFilter{Decided: true})
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := db.Conflicts(ctx, ids)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// live are the conflicts that are open or decided.
func (s *stage) live() (all []store.Conflict) {
	s.store(func(ctx context.Context, db *store.Store) { all = s.allConflicts(ctx, db) })
	return all
}

func (s *stage) wantNothingToDo(rows int) {
	s.t.Helper()
	writes := s.portal.Calls().Writes
	res := s.run()
	if res.Counts.Read != rows || res.Counts.Conflict != 0 || res.Counts.Failed != 0 || s.portal.Calls().Writes != writes {
		s.t.Errorf("it did not come to rest: %+v, %d writes", res.Counts, s.portal.Calls().Writes-writes)
	}
	if all := s.live(); len(all) != 0 {
		s.t.Errorf("conflicts live on: %+v", all)
	}
}

const row2 = "2,p2@example-1.com,First2,Last2,+49300000002"

// goneAndEdited is a sync whose row 2 left the source while its record was edited.
func goneAndEdited(t *testing.T) (*stage, string) {
	t.Helper()
	s := newStage(t, practice.Options{}, archivingGone, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.without(row2)
	s.edit(id, "firstname", "Edited")
	s.run()
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 2, Conflict: 1}, res.Counts); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	return s, id
}

func TestADecisionAboutARowThatIsGoneAndEditedIsCarriedOut(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]struct {
		records int
		row     string
		rows    int
	}{
		plan.ChooseSource:  {2, "", 2},
		plan.ChooseHubSpot: {3, "", 2},
		plan.ChooseSkip:    {3, "", 2},
		plan.ChooseBase:    {3, "2,p2@example-1.com,Edited,Last2,+49300000002", 3},
	} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			s, id := goneAndEdited(t)
			if n := s.settle(choice, ""); n != 1 {
				t.Fatalf("%d conflicts", n)
			}
			s.run()
			if n := s.portal.Count("contacts"); n != want.records {
				t.Errorf("%d records are left, want %d", n, want.records)
			}
			if want.row != "" && !strings.Contains(s.contents(), want.row) {
				t.Errorf("the row is not back:\n%s", s.contents())
			}
			if p, ok := s.portal.Record("contacts", id); want.records == 3 && (!ok || p["firstname"] != "Edited") {
				t.Errorf("the record is %v", p)
			}
			s.wantNothingToDo(want.rows)
		})
	}
}

func TestADecisionHoldsForWhatWasShownOnly(t *testing.T) {
	t.Parallel()
	s, id := goneAndEdited(t)
	s.settle(plan.ChooseSource, "")
	s.edit(id, "lastname", "Unseen")
	res := s.run()
	if res.Counts.Conflict != 1 || res.Counts.Archived != 0 {
		t.Fatalf("a record that nobody has seen like this was archived: %+v", res.Counts)
	}
	all := s.live()
	if len(all) != 1 || all[0].State != plan.ConflictOpen || !all[0].Again {
		t.Errorf("it does not ask again: %+v", all)
	}
	s.settle(plan.ChooseSource, "")
	if all := s.live(); all[0].Again {
		t.Error("a decision made anew still asks for one")
	}
	if res := s.run(); res.Counts.Archived != 1 {
		t.Errorf("%+v", res.Counts)
	}
}

// What people settle by hand is a conflict no longer, whether it was open or
// decided and whatever else the row has.
func TestAConflictThatIsOverCloses(t *testing.T) {
	t.Parallel()
	for _, decided := range []plan.Choice{"", plan.ChooseSource} {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		id, _ := s.by("email", "p2@example-1.com")
		s.replace("First2,Last2", "Mine,MyLast")
		s.edit(id, "firstname", "Theirs", "lastname", "TheirLast")
		s.run()
		if n := len(s.live()); n != 2 {
			t.Fatalf("%d conflicts", n)
		}
		if decided != "" {
			s.settle(decided, "")
		}
		s.edit(id, "firstname", "Mine")
		s.replace("MyLast", "TheirLast")
		s.run()
		if all := s.live(); len(all) != 0 {
			t.Errorf("decided %q: still there: %+v", decided, all)
		}
		s.wantNothingToDo(3)
	}
}

func TestAConflictOfAPairThatIsGoneCloses(t *testing.T) {
	t.Parallel()
	s, id := goneAndEdited(t)
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	s.wantNothingToDo(2)

	s, _ = goneAndEdited(t)
	s.settle(plan.ChooseSource, "")
	s.write(s.file, s.contents()+row2+"\n") // the deletion withdraws itself
	s.run()
	if n := s.portal.Count("contacts"); n != 3 || !strings.Contains(s.contents(), "Edited") {
		t.Errorf("%d contacts,\n%s", n, s.contents())
	}
	s.wantNothingToDo(3)
}

const sharing = "id,Name,Domain,City\n1,Ann,a.example,Bonn\n2,Bob,a.example,Ulm\n3,Cy,c.example,Kiel\n"

func (s *stage) names() map[string]int {
	names := map[string]int{}
	for _, p := range s.portal.Records("companies") {
		names[p["name"]]++
	}
	return names
}

func TestDecisionsAboutRowsThatShareAKeyAreCarriedOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		decide func(*stage)
		want   map[string]int
	}{
		{"use this one", func(s *stage) { s.decide("2", plan.ChooseSource, "") }, map[string]int{"Bob": 1, "Cy": 1}},
		{"use all: the first leads", func(s *stage) { s.settle(plan.ChooseSource, "") }, map[string]int{"Ann": 1, "Cy": 1}},
		{"they are one", func(s *stage) { s.settle(plan.ChooseHubSpot, "") }, map[string]int{"Ann": 1, "Cy": 1}},
		{"they are different", func(s *stage) { s.settle(plan.ChooseApart, "") }, map[string]int{"Ann": 1, "Bob": 1, "Cy": 1}},
		{"left out", func(s *stage) { s.decide("1", plan.ChooseSkip, "") }, map[string]int{"Bob": 1, "Cy": 1}},
		{"all left out", func(s *stage) { s.settle(plan.ChooseBase, "") }, map[string]int{"Cy": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, companies, sharing)
			if res := s.run(); res.Counts.Conflict != 2 {
				t.Fatalf("%+v", res.Counts)
			}
			test.decide(s)
			s.run()
			if diff := cmp.Diff(test.want, s.names()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			s.wantNothingToDo(3)
			s.wantNothingToDo(3)
		})
	}
}

func TestADecisionAboutRowsThatShareAKeyAsksAgainWhenAnotherRowJoins(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, companies, sharing)
	s.run()
	s.settle(plan.ChooseHubSpot, "")
	s.write(s.file, s.contents()+"4,Di,a.example,Jena\n")
	if res := s.run(); res.Counts.Conflict != 3 || s.portal.Count("companies") != 1 {
		t.Errorf("%+v, %d companies", res.Counts, s.portal.Count("companies"))
	}
	again := 0
	for _, c := range s.live() {
		if c.State != plan.ConflictOpen {
			t.Errorf("row %s is %s", c.RowKey, c.State)
		}
		if c.Again {
			again++
		}
	}
	if again != 2 {
		t.Errorf("%d conflicts ask again, want 2", again)
	}
}

func TestApartFromItsSharersAContactGetsNoAddressThatHubSpotKeepsUnique(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,both@example.com,Ann,A,\n2,both@example.com,Bob,B,\n")
	s.run()
	s.settle(plan.ChooseApart, "")
	if res := s.run(); res.Counts.Created != 2 || res.Counts.Failed != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if n := s.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts", n)
	}
	s.wantNothingToDo(2)
}

func TestDecisionsAboutSeveralRecordsAreCarriedOut(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]map[string]int{
		plan.ChooseSource:  {"Ann": 1, "Old": 1, "New": 1, "Cy": 1},
		plan.ChooseHubSpot: {"Old": 1, "New": 1, "Cy": 1},
		plan.ChooseSkip:    {"Old": 1, "New": 1, "Cy": 1},
		plan.ChooseValue:   {"Old": 1, "New": 1, "Cy": 1},
	} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, companies, "id,Name,Domain,City\n1,Ann,a.example,Bonn\n3,Cy,c.example,Kiel\n")
			var ids []string
			for _, name := range []string{"Old", "New"} {
				id, err := s.portal.Create("companies", map[string]string{"name": name, "domain": "a.example"})
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			if res := s.run(); res.Counts.Conflict != 1 {
				t.Fatalf("%+v", res.Counts)
			}
			s.decide("1", choice, ids[1])
			res := s.run()
			if diff := cmp.Diff(want, s.names()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if choice == plan.ChooseSource || choice == plan.ChooseSkip {
				s.wantNothingToDo(2)
				return
			}
			// Now that the pair is known its fields are compared: the name differs on the first run.
			all := s.live()
			linked := ids[0]
			if choice == plan.ChooseValue {
				linked = ids[1]
			}
			if len(all) != 1 || all[0].Property != "name" || all[0].RecordID != linked {
				t.Errorf("%+v, %+v", res.Counts, all)
			}
		})
	}
}

// mergedStage is a sync of which the record of row 2 was merged into that of row 1.
func mergedStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	if _, err := s.portal.Merge("contacts", one, two); err != nil {
		t.Fatal(err)
	}
	s.run()
	return s
}

func TestDecisionsAboutMergedRecordsAreCarriedOut(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]int{plan.ChooseSource: 3, plan.ChooseHubSpot: 2, plan.ChooseBase: 2, plan.ChooseSkip: 2} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			s := mergedStage(t)
			all := s.live()
			if len(all) != 1 || all[0].Cause != plan.CauseMerged {
				t.Fatalf("%+v", all)
			}
			s.settle(choice, "")
			s.run()
			if n := s.portal.Count("contacts"); n != want {
				t.Errorf("%d contacts, want %d", n, want)
			}
			s.wantNothingToDo(3)
			s.wantNothingToDo(3)
		})
	}
}

func TestEveryChoiceOfEveryCauseIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range plan.Causes() {
		if title, why := c.Words(); why == "" || (title == "") != (c.Options()[0].Word == "Source taken" || c == plan.CauseDisplaced || c == plan.CauseOverwritten) {
			t.Errorf("%s is called %q, %q", c, title, why)
		}
		for _, choice := range []plan.Choice{plan.ChooseSource, plan.ChooseHubSpot, plan.ChooseBase} {
			if o, ok := c.Option(choice); ok == (c == plan.CauseKey && choice != plan.ChooseSource) || ok && (o.Word == "" || !strings.HasSuffix(o.Does, ".")) {
				t.Errorf("%s does not say what %s does", c, choice)
			}
		}
	}
}

// To leave both sides as they are is a decision about the values that were
// shown: where one has moved since, the conflict comes back.
func TestToLeaveBothAsTheyAreHoldsForWhatWasShownOnly(t *testing.T) {
	t.Parallel()
	for _, moved := range []string{"the row", "the record", "neither"} {
		t.Run(moved, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			s.run()
			id, _ := s.by("email", "p1@example-0.com")
			s.replace("First1", "Ours")
			s.edit(id, "firstname", "Theirs")
			if res := s.run(); res.Counts.Conflict != 1 {
				t.Fatalf("%+v", res.Counts)
			}
			s.settle(plan.ChooseSkip, "")
			want := 1
			switch moved {
			case "the row":
				s.replace("Ours", "Later")
			case "the record":
				s.edit(id, "firstname", "Later")
			default:
				want = 0
			}
			for range 2 {
				if res := s.run(); res.Counts.Conflict != want || len(s.conflicts()) != want {
					t.Errorf("%+v, waiting: %+v", res.Counts, s.conflicts())
				}
			}
		})
	}
}
