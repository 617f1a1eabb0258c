package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
	"syncline/sync/source/opener"
)

// An archive whose answer never comes, since its time runs out or a person stops
// the run, is not taken for one that did not happen: the next run looks, and tells
// of the edit that somebody made in its last moment.
func TestAnArchiveThatIsNotAnsweredIsLookedFor(t *testing.T) {
	t.Parallel()
	for name, stopped := range map[string]bool{"its time runs out": false, "the run is stopped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, archiving, people(3))
				s.yes = true
				s.run()
				time.Sleep(time.Minute)
				id, _ := s.by("email", "p2@example-1.com")
				s.drop("2")
				edited := false
				_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
					ctx, stop := context.WithCancel(ctx)
					defer stop()
					lost := practice.Fault{Kind: practice.HangAfter, Path: "/batch/archive", Before: func() {
						if !edited {
							edited = true
							s.edit(id, "firstname", "Last moment")
						}
					}}
					if stopped {
						lost.After = stop
					}
					s.portal.SetFaults(practice.Faults{Script: []practice.Fault{lost}})
					return e.Run(ctx, "")
				})
				if _, there := s.portal.Record("contacts", id); there || !edited || (err != nil) != stopped {
					t.Fatalf("the record is there: %t, edited: %t, the run ended with %v", there, edited, err)
				}
				s.portal.SetFaults(practice.Faults{})
				s.run()
				s.run()
				archives := 0
				s.store(func(ctx context.Context, db *store.Store) {
					runs, err := db.Runs(ctx, 0, 10)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range runs {
						for a, err := range db.AuditOf(ctx, r.ID) {
							if err == nil && a.Action == plan.OpArchive {
								archives++
							}
						}
					}
				})
				if archives == 0 || len(s.conflicts()) == 0 {
					t.Errorf("%d entries of the archive in the audit trail, conflicts about the last edit: %+v", archives, s.conflicts())
				}
			})
		})
	}
}

// A cell that the file could not take is still not written after a crash right
// behind the rename, and its old content does not go over the record.
func TestACellThatWasLeftIsNotTakenForWrittenAfterACrash(t *testing.T) {
	t.Parallel()
	for name, crash := range map[string]bool{"no crash": false, "a crash": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(twoWay, "kind: csv", "kind: csv, encoding: windows-1252", 1), strings.Replace(people(3), "Last1", "M\xfcller", 1))
			s.yes = true
			run := func() (engine.Result, error) {
				return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
					d, err := definition.Load(s.def)
					if err != nil {
						t.Fatal(err)
					}
					src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key, Encoding: "windows-1252"})
					if err != nil {
						t.Fatal(err)
					}
					defer src.Close()
					e.Source = src
					return e.Run(ctx, "")
				})
			}
			if _, err := run(); err != nil {
				t.Fatal(err)
			}
			id, _ := s.by("email", "p2@example-1.com")
			s.edit(id, "firstname", "漢字", "lastname", "Too")
			if crash {
				if _, stopped := s.stopWhenIn(func(point string) bool { return point == "answered" }, 1, run); !stopped {
					t.Fatal("it did not come to that point")
				}
				s.at = nil
			}
			for range 2 {
				if _, err := run(); err != nil {
					t.Fatal(err)
				}
				if len(s.attention()) != 1 {
					t.Errorf("%d rows need attention", len(s.attention()))
				}
			}
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "漢字" || !strings.Contains(s.contents(), "First2,Too") {
				t.Errorf("HubSpot has %q\n%s", p["firstname"], s.contents())
			}
		})
	}
}

// A row that was to be made and was not, because the program ended before, is made
// later, also when its record or the definition changed meanwhile.
func TestARowThatWasNotMadeIsMadeLater(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	for _, how := range []string{"its record is edited", "the definition changes", "nothing happens"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, def, people(2))
			s.yes = true
			s.run()
			id, err := s.portal.Create("contacts", map[string]string{"email": "new@example.com", "lastname": "New", "jobtitle": "31"})
			if err != nil {
				t.Fatal(err)
			}
			s.stopAtPoint("intent", 1)
			s.at = nil
			switch how {
			case "its record is edited":
				s.edit(id, "lastname", "Newer")
			case "the definition changes":
				s.write(s.def, strings.Replace(def, "property: firstname }", "property: firstname, conflict: source }", 1))
			}
			s.run()
			s.run()
			if strings.Count(s.contents(), "new@example.com") != 1 {
				t.Errorf("the row is not there once:\n%s", s.contents())
			}
		})
	}
}

// An edit that the search index showed too late for one run is seen by the next,
// although another record was written by then and all that we wrote was read back.
func TestAnEditThatTheIndexShowsLateIsSeenByTheNextRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(30 * time.Second)}, twoWay, people(300))
		s.small, s.yes = -1, true
		s.run()
		time.Sleep(time.Minute)
		id, _ := s.by("email", "p77@example-6.com")
		s.edit(id, "lastname", "By a person")
		time.Sleep(5 * time.Second)
		s.replace("First5,", "Changed,")
		s.run()
		time.Sleep(2 * time.Minute)
		s.run()
		if !strings.Contains(s.contents(), "By a person") {
			t.Error("the edit was not seen")
		}
	})
}

// An edit that a write fell upon is told also when its record is merged before it
// is read back; where the history went with the merge, that is said.
func TestAnEditWrittenOverIsToldThoughItsRecordIsMerged(t *testing.T) {
	t.Parallel()
	for name, primary := range map[string]bool{"another is merged into it": true, "it is merged into another": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			s.run()
			id, _ := s.by("email", "p2@example-1.com")
			other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com", "firstname": "Other"})
			if err != nil {
				t.Fatal(err)
			}
			s.replace("First2", "Ours")
			edited, merged := false, false
			s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "/batch/update", Before: func() {
				if !edited {
					edited = true
					s.edit(id, "firstname", "Theirs")
				}
			}}}})
			s.at = func(point string) {
				if point != "outcome" || !edited || merged {
					return
				}
				merged = true
				kept, gone := id, other
				if !primary {
					kept, gone = other, id
				}
				if _, err := s.portal.Merge("contacts", kept, gone); err != nil {
					t.Error(err)
				}
			}
			res := s.run()
			if !merged {
				t.Fatal("nothing was merged")
			}
			told := false
			for _, c := range s.conflicts() {
				told = told || c.HubSpot == "Theirs"
			}
			said := strings.Contains(strings.Join(res.Notes, "\n"), "was merged in HubSpot into")
			if told != primary || said == primary {
				t.Errorf("conflicts %+v\nnotes %q", s.conflicts(), res.Notes)
			}
		})
	}
}
