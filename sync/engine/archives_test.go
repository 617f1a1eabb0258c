package engine_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// archiving is the sync that archives the records of rows that are gone.
var archiving = strings.Replace(twoWay, "create: hubspot\n", "create: hubspot\ndelete: { row-gone: archive }\n", 1)

// drop takes a row out of the file.
func (s *stage) drop(key string) {
	s.t.Helper()
	var left []string
	for _, line := range strings.SplitAfter(s.contents(), "\n") {
		if !strings.HasPrefix(line, key+",") {
			left = append(left, line)
		}
	}
	s.write(s.file, strings.Join(left, ""))
}

// note hangs a note on a contact, as a person does.
func (s *stage) note(id string) {
	s.t.Helper()
	note, err := s.portal.Create("notes", map[string]string{"hs_note_body": "Called", "hs_timestamp": "2026-11-29T08:00:00Z"})
	if err == nil {
		err = s.portal.Associate("contacts", id, "notes", note, "")
	}
	if err != nil {
		s.t.Error(err)
	}
}

// The record of a row that is gone is archived only if nothing changed since
// our last write; else a person decides.
func TestTheRecordOfAGoneRowIsArchivedOnlyIfNobodyTouchedIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		touch func(s *stage, id string)
		why   string // "" = archived
	}{
		{"nothing", func(*stage, string) {}, ""},
		{"an edit that both sides agreed on", func(s *stage, id string) { s.edit(id, "firstname", "Agreed"); s.run() }, ""},
		{"a mapped property", func(s *stage, id string) { s.edit(id, "firstname", "Theirs") }, "First"},
		{"another property", func(s *stage, id string) { s.edit(id, "jobtitle", "Director") }, "Job Title"},
		{"a note", (*stage).note, "note"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, archiving, people(3))
			s.yes = true
			s.run()
			id, _ := s.by("email", "p2@example-1.com")
			tc.touch(s, id)
			s.drop("2")
			res := s.run()
			_, there := s.portal.Record("contacts", id)
			if tc.why == "" {
				if there || res.Counts.Archived != 1 || res.Counts.Conflict != 0 {
					t.Errorf("there: %t, %+v, %+v", there, res.Counts, s.conflicts())
				}
				return
			}
			all := s.conflicts()
			if !there || res.Counts.Archived != 0 || res.Counts.Conflict != 1 || len(all) != 1 || all[0].Cause != plan.CauseGoneAndEdited || !strings.Contains(all[0].Reason, tc.why) {
				t.Errorf("there: %t, %+v, %+v", there, res.Counts, all)
			}
		})
	}
}

// What a person does between the plan and the archive keeps the record, also
// with a plan that was made earlier.
func TestAnArchiveRestsOnWhatWasReadRightBeforeIt(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"in the run", "with a stored plan", "in the run, a mapped property", "with a stored plan, a mapped property"} {
		property := "jobtitle"
		if strings.HasSuffix(how, "a mapped property") {
			property = "firstname"
		}
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, archiving, people(3))
			s.yes = true
			s.run()
			id, _ := s.by("email", "p2@example-1.com")
			s.drop("2")
			planned := ""
			if strings.HasPrefix(how, "in the run") {
				s.at = func(point string) {
					if point == "planned" {
						s.edit(id, property, "Director")
					}
				}
			} else {
				res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
				if err != nil || res.Counts.Archived != 1 {
					t.Fatalf("%v, %+v", err, res.Counts)
				}
				planned = res.PlanID
				s.edit(id, property, "Director")
			}
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planned) })
			s.at = nil
			if _, there := s.portal.Record("contacts", id); err != nil || !there || res.Counts.Conflict != 1 || res.Counts.Archived != 0 {
				t.Errorf("there: %t, %+v, %v", there, res.Counts, err)
			}
		})
	}
}

// A row that is back when the source is looked at a second time withdraws the
// archive: the first look may have met a file that was just being written.
func TestARowThatIsBackAtTheSecondLookWithdrawsTheArchive(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, with, why string
	}{
		{"back", "2,p2@example-1.com,First2,Last2,\n", "is back"},
		{"with another value", "2,new@example.com,New,Person,\n", "is back"},
		{"without a key", ",p2@example-1.com,First2,Last2,\n", "line"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, archiving, people(3))
			s.yes = true
			s.run()
			s.drop("2")
			s.at = func(point string) {
				if point == "planned" {
					f, err := os.OpenFile(s.file, os.O_APPEND|os.O_WRONLY, 0o600)
					if err == nil {
						_, err = f.WriteString(tc.with)
					}
					if err == nil {
						err = f.Close()
					}
					if err != nil {
						t.Error(err)
					}
				}
			}
			res := s.run()
			s.at = nil
			if n := s.portal.Count("contacts"); n != 3 || res.Counts.Archived != 0 || res.Counts.Skipped != 1 {
				t.Errorf("%d contacts, %+v", n, res.Counts)
			}
			if why := s.items(res)["2"].Why(); !strings.Contains(why, tc.why) {
				t.Errorf("the reason is %q", why)
			}
		})
	}
}

// The values of an archived record are kept.
func TestAnArchivedRecordLeavesItsValuesBehind(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, archiving, people(3))
	s.yes = true
	s.run()
	s.drop("2")
	res := s.run()
	kept := map[string]string{}
	s.store(func(ctx context.Context, db *store.Store) {
		for a, err := range db.AuditOf(ctx, res.RunID) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Action == plan.OpArchive && a.Before != nil {
				kept[a.Property] = *a.Before
			}
		}
	})
	want := map[string]string{"email": "p2@example-1.com", "firstname": "First2", "lastname": "Last2", "phone": "+49300000002"}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Whatever the line does, each archive happens once and is told as what it is.
func TestArchivesInBadWeather(t *testing.T) {
	t.Parallel()
	for _, fault := range []practice.FaultKind{practice.Throttle, practice.Locked, practice.ServerErrorAfter, practice.ResetAfter, practice.Reset, practice.HTMLAfter, practice.HalfCommitted} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, practice.Options{Latency: practice.Fixed(80 * time.Millisecond)}, twoWay, people(120))
			res := s.run()
			s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: fault, Path: "/batch/archive", Times: 2}}})
			undone := s.undo(res.RunID)
			s.portal.SetFaults(practice.Faults{})
			if undone.Counts.Archived != 120 || undone.Counts.Updated != 120 || s.portal.Count("contacts") != 0 {
				t.Errorf("fault %d: %+v, %d contacts", fault, undone.Counts, s.portal.Count("contacts"))
			}
			if res := s.run(); res.Counts.Skipped != 120 {
				t.Errorf("fault %d: %+v", fault, res.Counts)
			}
		})
	}
}

// Batches that wait for the same thing wait together: a row that was refused before is in a
// batch of its own.
func TestArchivesInSeveralBatchesWaitOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := strings.ReplaceAll(strings.Replace(people(101), "Phone\n", "Phone,Job\n", 1), "\n", ",\n")
		rows = strings.Replace(rows, "Phone,Job,\n", "Phone,Job\n", 1)
		s := newStage(t, practice.Options{Rules: practice.Rules{Conditional: []practice.ConditionalRule{{ObjectType: "contacts", On: "jobtitle", Values: []string{"X"}, Property: "message"}}}},
			twoWay+"  - { field: Job, property: jobtitle }\n", rows)
		load := s.run()
		s.replace("+49300000001,\n", "+49300000001,X\n")
		if res := s.run(); res.Counts.Failed != 1 {
			t.Fatalf("%+v", res.Counts)
		}
		if undone := s.undo(load.RunID); undone.Counts.Archived != 101 {
			t.Errorf("%+v", undone.Counts)
		}
	})
}

// A person edits in the round trip between the refusal of an archive and its
// repetition: the record is read again and stays.
func TestARefusedArchiveReadsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s *stage
		id := ""
		o := practice.Options{Latency: practice.Fixed(80 * time.Millisecond), Observe: func(r practice.Request) {
			if id != "" && strings.HasSuffix(r.Path, "/batch/archive") {
				if err := s.portal.Edit("contacts", id, map[string]string{"jobtitle": "Director"}); err != nil {
					t.Error(err)
				}
				id = ""
			}
		}}
		s = newStage(t, o, twoWay, people(3))
		res := s.run()
		two, _ := s.by("email", "p2@example-1.com")
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Locked, Path: "/batch/archive"}}})
		id = two
		undone := s.undo(res.RunID)
		if _, there := s.portal.Record("contacts", two); !there || undone.Counts.Archived != 2 || undone.Counts.Skipped != 1 {
			t.Errorf("there: %t, %+v", there, undone.Counts)
		}
	})
}

// A connection that may not read what hangs on a record archives it only if
// its time of change has not moved; of what few portals have it says that it was not
// looked at.
func TestWithoutScopesARecordThatMovedStays(t *testing.T) {
	t.Parallel()
	scopes := []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write"}
	more := append([]string{"crm.objects.companies.read", "crm.objects.deals.read", "tickets", "crm.objects.tickets.read"}, scopes...)
	for _, tc := range []struct {
		name     string
		scopes   []string
		gone     bool // the association is no more
		archived int
	}{
		{"associated out of sight", scopes, false, 2},
		{"moved out of sight", scopes, true, 2},
		{"moved in sight", more, true, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			s.token = s.portal.AddToken(practice.Token{Scopes: tc.scopes})
			res := s.run()
			id, _ := s.by("email", "p2@example-1.com")
			firm, err := s.portal.Create("companies", map[string]string{"name": "Acme"})
			if err == nil {
				err = s.portal.Associate("contacts", id, "companies", firm, "")
			}
			if err == nil && tc.gone {
				err = s.portal.Dissociate("contacts", id, "companies", firm, "")
			}
			if err != nil {
				t.Fatal(err)
			}
			undone := s.undo(res.RunID)
			if undone.Counts.Archived != tc.archived {
				t.Errorf("%+v", undone.Counts)
			}
			if why := s.items(undone)["2"].Why(); tc.archived == 2 && !strings.Contains(why, "may not read") {
				t.Errorf("the reason is %q", why)
			}
		})
	}
}

// A row that got another key between the two looks is the same row as long as
// its match value tells: its record stays, whatever else was edited, and goes on
// with the new key. So it is where records would be marked.
func TestARowThatGotANewKeyBetweenTheLooksKeepsItsRecord(t *testing.T) {
	t.Parallel()
	flagging := strings.Replace(archiving, "{ row-gone: archive }", "{ row-gone: flag, flag-record: { property: jobtitle, value: Gone } }", 1)
	for _, tc := range []struct {
		name, definition, row string
		between               func(*stage) // after the first look
		stays                 bool
	}{
		{"with all its values", archiving, "77,p2@example-1.com,First2,Last2,+49300000002\n", nil, true},
		{"and was edited", archiving, "77,P2@Example-1.com,Other,,\n", nil, true},
		{"and stands where a mark would be set", flagging, "77,p2@example-1.com,First2,Last2,+49300000002\n", nil, true},
		{"of a stored plan, seen by another preview", archiving, "77,p2@example-1.com,First2,Last2,+49300000002\n", func(s *stage) {
			if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) }); err != nil {
				s.t.Fatal(err)
			}
		}, true},
		{"is another one", archiving, "77,other@example.com,First2,Last2,+49300000002\n", nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, tc.definition, people(3))
			s.yes = true
			s.run()
			id, _ := s.by("email", "p2@example-1.com")
			s.drop("2")
			add := func() { s.write(s.file, s.contents()+tc.row) }
			planID := ""
			if tc.between != nil {
				res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
				if err != nil {
					t.Fatal(err)
				}
				planID = res.PlanID
				add()
				tc.between(s)
			} else {
				at := "planned"
				if tc.definition == flagging {
					at = "matched"
				}
				s.at = func(point string) {
					if point == at {
						s.at = nil
						add()
					}
				}
			}
			if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planID) }); err != nil {
				t.Fatal(err)
			}
			p, there := s.portal.Record("contacts", id)
			if there != tc.stays || p["jobtitle"] == "Gone" {
				t.Errorf("there: %t, %v", there, p)
			}
			for range 2 {
				s.run()
			}
			want := 3
			if n := s.portal.Count("contacts"); n != want {
				t.Errorf("%d contacts, waiting: %+v", n, s.conflicts())
			}
		})
	}
}

// A look at the source grows old while HubSpot is slow to tell what hangs on the
// records: the source is looked at again before they go.
func TestASlowPortalMakesTheSourceBeLookedAtAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s *stage
		back := false
		o := practice.Options{Latency: practice.Fixed(2 * time.Second), Observe: func(r practice.Request) {
			if strings.Contains(r.Path, "/associations/") && !back {
				back = true
				s.write(s.file, s.contents()+"2,p2@example-1.com,First2,Last2,+49300000002\n")
			}
		}}
		s = newStage(t, o, archiving, people(3))
		s.yes = true
		s.run()
		s.drop("2")
		if res := s.run(); !back || s.portal.Count("contacts") != 3 || res.Counts.Archived != 0 {
			t.Errorf("%d contacts, %+v", s.portal.Count("contacts"), res.Counts)
		}
	})
}

// A record whose value never was agreed on, since that waited in Review, is not archived
// with it when its row leaves: a person says what becomes of it.
func TestARecordWithAnUndecidedValueIsNotArchived(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: archive }\n", people(6))
	if _, err := s.portal.Create("contacts", map[string]string{"email": "p2@example-1.com", "firstname": "Theirs"}); err != nil {
		t.Fatal(err)
	}
	s.run()
	s.drop("2")
	s.yes = true
	if res := s.run(); res.Counts.Archived != 0 || res.Counts.Conflict != 1 {
		t.Fatalf("%+v", res.Counts)
	}
	id, _ := s.by("firstname", "Theirs")
	if all := s.live(); len(all) != 1 || all[0].Cause != plan.CauseGoneAndEdited || all[0].HubSpot != "Theirs" {
		t.Errorf("%+v", all)
	}
	s.settle(plan.ChooseSource, "")
	if res := s.run(); res.Counts.Archived != 1 {
		t.Errorf("decided: %+v", res.Counts)
	}
	if _, there := s.portal.Record("contacts", id); there {
		t.Error("the record is still there")
	}
}
