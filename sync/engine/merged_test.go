package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// Two records are merged by a person in the middle of a run, after they were
// read and before the write arrives. Whatever HubSpot answers to the write
// under the old id, the run goes on with all the others, ends in its time, and
// the next one follows the survivor.
func TestARecordThatIsMergedInMidRunStopsNothing(t *testing.T) {
	t.Parallel()
	for name, switches := range map[string]practice.Switches{
		"the old id is not found":         {},
		"the old id is passed over":       {OldIDsOmitted: true},
		"the old id reaches the survivor": {OldIDsReachSurvivor: true},
	} {
		for when, n := range map[string]int{"among others": 60, "alone": 1} {
			t.Run(name+", "+when, func(t *testing.T) {
				t.Parallel()
				switches := practicetest.Chosen(t, switches)
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t, practice.Options{Switches: switches}, twoWay, people(n))
					s.yes = true // all rows change at once
					s.run()
					other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com", "phone": "+49301"})
					if err != nil {
						t.Fatal(err)
					}
					id, _ := s.by("email", "p1@example-0.com")
					var survivor string
					s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "batch/update", Before: func() {
						if survivor, err = s.portal.Merge("contacts", other, id); err != nil {
							t.Error(err)
						}
						if err := s.portal.Edit("contacts", survivor, map[string]string{"lastname": "Unseen"}); err != nil {
							t.Error(err)
						}
					}}}})
					for i := range n {
						s.replace(fmt.Sprintf("Last%d,", i+1), fmt.Sprintf("New%d,", i+1))
					}
					start := time.Now()
					res := s.run()
					if took := time.Since(start); took > 20*time.Second {
						t.Errorf("the run took %v", took)
					}
					if survivor == "" {
						t.Fatal("nobody merged anything")
					}
					if res.Counts.Updated != n-1 || res.Counts.Failed+res.Counts.Conflict+res.Counts.Skipped != 1 {
						t.Errorf("%+v", res.Counts)
					}
					s.run()
					if got := s.portal.Count("contacts"); got != n {
						t.Errorf("%d contacts, want %d", got, n)
					}
					if p, ok := s.portal.Record("contacts", survivor); !ok || p["lastname"] != "Unseen" && !switches.OldIDsReachSurvivor {
						t.Errorf("an edit that nobody has seen was written over: %v", p["lastname"])
					}
				})
			})
		}
	}
}

// A row that followed a merge in mid-run stays with the survivor when the run
// brings it the values of both sides.
func TestARowThatFollowedAMergeStaysWithTheSurvivor(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	s.run()
	id, _ := s.by("email", "p1@example-0.com")
	s.edit(id, "firstname", "Theirs")
	s.replace("Last1", "Ours")
	survivor := ""
	s.at = func(point string) {
		if point == "planned" {
			if survivor, err = s.portal.Merge("contacts", id, other); err != nil {
				t.Error(err)
			}
		}
	}
	s.run()
	s.at = nil
	s.store(func(ctx context.Context, db *store.Store) {
		if got := must(t, db.Syncs)(ctx); len(got) != 1 {
			t.Fatalf("%+v", got)
		} else if now, err := db.LinkedRecord(ctx, got[0].ID, "1"); err != nil || now != survivor {
			t.Errorf("the row is linked to %s, and the record lives on as %s (%v)", now, survivor, err)
		}
	})
	s.run()
	if p, _ := s.portal.Record("contacts", survivor); p["lastname"] != "Ours" || p["firstname"] != "Theirs" || len(s.conflicts()) != 0 {
		t.Errorf("%v, %+v\n%s", p, s.conflicts(), s.contents())
	}
}

// So it does where the answer to the write to the survivor is lost.
func TestARowThatFollowedAMergeStaysWithTheSurvivorThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		s.run()
		id, _ := s.by("email", "p1@example-0.com")
		s.replace("Last1", "Ours")
		survivor := ""
		s.at = func(point string) {
			if point == "planned" {
				if survivor, err = s.portal.Merge("contacts", id, other); err != nil {
					t.Error(err)
				}
			}
		}
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ResetAfter, Path: "batch/update"}}})
		s.run()
		s.at = nil
		s.store(func(ctx context.Context, db *store.Store) {
			if now, err := db.LinkedRecord(ctx, must(t, db.Syncs)(ctx)[0].ID, "1"); err != nil || now != survivor {
				t.Errorf("the row is linked to %s, and the record lives on as %s (%v)", now, survivor, err)
			}
		})
		s.wantNothingToDo(3)
	})
}

// A row leaves the source while its record is merged with that of a row that
// stays: whichever of the two links is followed, the record is neither archived
// nor marked.
func TestAMergedRecordStaysAsLongAsOneOfItsRowsDoes(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{"archive": "archive", "mark": "flag, flag-record: { property: fax, value: Gone }"} {
		for _, first := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, record %d is the first", name, first+1), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: "+rule+" }\n", people(6))
				s.yes = true
				s.run()
				one, _ := s.by("email", "p1@example-0.com")
				two, _ := s.by("email", "p2@example-1.com")
				both := []string{one, two}
				survivor, err := s.portal.Merge("contacts", both[first], both[1-first])
				if err != nil {
					t.Fatal(err)
				}
				rows := strings.SplitAfter(s.contents(), "\n")
				s.write(s.file, strings.Join(slices.Delete(rows, 1, 2), "")) // the row 1
				for range 3 {
					s.run()
					if p, ok := s.portal.Record("contacts", survivor); !ok || p["fax"] != "" {
						t.Fatalf("record %s is there: %t, and holds %v", survivor, ok, p)
					}
				}
			})
		}
	}
}

// So it stays where the merges came one after another, each seen by a run of its
// own.
func TestARecordOfSeveralMergesStaysAsLongAsOneOfItsRowsDoes(t *testing.T) {
	t.Parallel()
	for name, reversed := range map[string]bool{"the row that stays came first": false, "the row that goes came first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: flag, flag-record: { property: fax, value: Gone } }\n", people(6))
			s.yes = true
			s.run()
			one, _ := s.by("email", "p1@example-0.com")
			two, _ := s.by("email", "p2@example-1.com")
			other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			merge := func(a, b string) string {
				if reversed {
					a, b = b, a
				}
				id, err := s.portal.Merge("contacts", a, b)
				if err != nil {
					t.Fatal(err)
				}
				return id
			}
			survivor := merge(one, two)
			s.run()
			survivor = merge(survivor, other)
			rows := strings.SplitAfter(s.contents(), "\n")
			s.write(s.file, strings.Join(slices.Delete(rows, 1, 2), "")) // the row 1
			for range 3 {
				s.run()
				if p, ok := s.portal.Record("contacts", survivor); !ok || p["fax"] != "" {
					t.Fatalf("record %s is there: %t, and holds %v", survivor, ok, p)
				}
			}
		})
	}
}

// A record that a run has matched with a row and that is merged before the run gets
// to it takes the row along, though nothing links them yet: the survivor may have
// none of the row's match values, and then the row would be made a second record.
func TestARowThatWasMatchedInThisRunFollowsAMerge(t *testing.T) {
	t.Parallel()
	once := func(s *stage) engine.Result { return s.run() }
	before := func(s *stage) engine.Result { return s.apply(s.preview().PlanID) }
	for name, c := range map[string]struct {
		carryOut func(*stage) engine.Result
		row      string
	}{
		"in one run":                           {once, "1,One,one.com,Berlin"},
		"by a plan made before":                {before, "1,One,one.com,Berlin"},
		"in one run, to the source":            {once, "1,,one.com,"},
		"by a plan made before, to the source": {before, "1,,one.com,"},
		"in one run, both ways":                {once, "1,,one.com,Berlin"},
		"by a plan made before, both ways":     {before, "1,,one.com,Berlin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, matchedCompanies, "id,Name,Domain,City\n"+c.row+"\n2,Two,two.com,Bonn\n")
				mine, err := s.portal.Create("companies", map[string]string{"domain": "one.com", "name": "One"})
				ok(t, err)
				other, err := s.portal.Create("companies", map[string]string{"domain": "other.com", "name": "Other"})
				ok(t, err)
				var survivor string
				s.meanwhile("run-started", func() {
					survivor, err = s.portal.Merge("companies", other, mine)
					ok(t, err)
				})
				c.carryOut(s)
				s.at = nil
				if name == "in one run, both ways" {
					s.store(func(ctx context.Context, db *store.Store) {
						if now, err := db.LinkedRecord(ctx, must(t, db.Syncs)(ctx)[0].ID, "1"); err != nil || now != survivor {
							t.Errorf("after the run the row is linked to %q (%v), not to %s", now, err, survivor)
						}
					})
				}
				for range 2 {
					s.run()
				}
				if n := s.portal.Count("companies"); n != 2 {
					t.Errorf("%d companies: %v", n, s.portal.Records("companies"))
				}
				s.store(func(ctx context.Context, db *store.Store) {
					now, err := db.LinkedRecord(ctx, must(t, db.Syncs)(ctx)[0].ID, "1")
					if err != nil || now != survivor {
						t.Errorf("the row is linked to %q (%v), and the record lives on as %s", now, err, survivor)
					}
				})
			})
		})
	}
}

const matchedCompanies = `
syncline: 1
name: Companies
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: companies, match: [ { field: Domain, property: domain } ] }
direction: two-way
create: hubspot
fields:
  - { field: Name, property: name }
  - { field: Domain, property: domain }
  - { field: City, property: city }
`

// Where the record of one row is merged, in mid-run, into the one that another row
// was just matched with, one of both rows has it, and the other waits for a person.
func TestARecordThatTwoRowsReachByAMergeInMidRunIsOneRows(t *testing.T) {
	t.Parallel()
	for name, carryOut := range map[string]func(*stage) engine.Result{
		"in one run":            func(s *stage) engine.Result { return s.run() },
		"by a plan made before": func(s *stage) engine.Result { return s.apply(s.preview().PlanID) },
	} {
		for what, row := range map[string]string{"to HubSpot": "2,Two,two.com,Bonn\n", "to the source": "2,,two.com,\n"} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: true}}, matchedCompanies, "id,Name,Domain,City\n1,One,one.com,Berlin\n")
					s.run()
					one := s.named("companies", "domain", "one.com")
					two, err := s.portal.Create("companies", map[string]string{"domain": "two.com", "name": "Two"})
					ok(t, err)
					s.write(s.file, "id,Name,Domain,City\n1,One,one.com,Kiel\n"+row)
					s.meanwhile("run-started", func() {
						_, err := s.portal.Merge("companies", two, one)
						ok(t, err)
					})
					carryOut(s)
					s.at = nil
					for range 2 {
						s.run()
					}
					if n := s.portal.Count("companies"); n != 1 || len(s.live()) == 0 {
						t.Errorf("%d companies; %+v", n, s.live())
					}
				})
			})
		}
	}
}

// Nor does it matter when they are merged: also between the plan and the writing.
func TestAMergedRecordStaysThoughItIsMergedInMidRun(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{"archive": "archive", "mark": "flag, flag-record: { property: fax, value: Gone }"} {
		for _, first := range []int{0, 1} {
			for _, keeps := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, record %d is the first and keeps its id: %t", name, first+1, keeps), func(t *testing.T) {
					t.Parallel()
					s := newStage(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: keeps}}, twoWay+"delete: { row-gone: "+rule+" }\n", people(6))
					s.yes = true
					s.run()
					one, _ := s.by("email", "p1@example-0.com")
					two, _ := s.by("email", "p2@example-1.com")
					both := []string{one, two}
					rows := strings.SplitAfter(s.contents(), "\n")
					s.write(s.file, strings.Join(slices.Delete(rows, 1, 2), "")) // the row 1
					survivor := ""
					s.meanwhile("run-started", func() {
						var err error
						survivor, err = s.portal.Merge("contacts", both[first], both[1-first])
						ok(t, err)
					})
					for range 3 {
						s.run()
						if p, ok := s.portal.Record("contacts", survivor); !ok || p["fax"] != "" {
							t.Fatalf("record %s is there: %t, and holds %v", survivor, ok, p)
						}
					}
				})
			}
		}
	}
}

// A pull that reads only what changed sees of a merge the record that lives on:
// the row of the one that does not follows it, and neither of the two is taken for a
// record without a row.
func TestAPullOfChangesFollowsMerges(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	for _, keeps := range []bool{false, true} {
		t.Run(fmt.Sprintf("the first one keeps its id: %t", keeps), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: keeps}}, def, people(3))
				s.small = -1
				s.run()
				before := s.contents()
				now, _ := s.by("email", "p1@example-0.com")
				for _, key := range []string{"31", "32"} {
					other, err := s.portal.Create("contacts", map[string]string{"email": "n" + key + "@example.com", "jobtitle": key})
					ok(t, err)
					now, err = s.portal.Merge("contacts", other, now)
					ok(t, err)
					for range 2 {
						time.Sleep(time.Minute) // the search shows it
						s.run()
						s.store(func(ctx context.Context, db *store.Store) {
							if got, err := db.LinkedRecord(ctx, must(t, db.Syncs)(ctx)[0].ID, "1"); err != nil || got != now {
								t.Errorf("the row is linked to %q (%v), and the record lives on as %s", got, err, now)
							}
						})
					}
				}
				if n := strings.Count(s.contents(), "\n"); n != strings.Count(before, "\n") || s.portal.Count("contacts") != 3 {
					t.Errorf("%d contacts\n%s", s.portal.Count("contacts"), s.contents())
				}
			})
		})
	}
}
