package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// overtake makes a person act between the last look at the record of row 2 and
// its archiving by a run.
func (s *stage) overtake(act func(id string)) (res engine.Result, id string) {
	s.t.Helper()
	id, _ = s.by("email", "p2@example-1.com")
	acted := false
	s.at = func(point string) {
		if point == "intent" && !acted {
			acted = true
			act(id)
		}
	}
	defer func() { s.at = nil }()
	s.drop("2")
	res = s.run()
	if _, there := s.portal.Record("contacts", id); there || !acted {
		s.t.Fatalf("the record was not archived, or nobody acted: %+v", res.Counts)
	}
	return res, id
}

// Whatever a person edits in the round trip between the last look at a record
// and its archiving is told, by a run and by an undo, with what stood there.
func TestAnEditRightBeforeAnArchiveIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, property, value, title string }{
		{"a mapped property", "firstname", "Theirs", "First"},
		{"a cleared one", "lastname", "", "Last"},
		{"one that is not mapped", "jobtitle", "Director", "Job Title"},
	} {
		t.Run("a row that is gone, "+tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, archiving, people(3))
			s.yes = true
			s.run()
			res, id := s.overtake(func(id string) { s.edit(id, tc.property, tc.value) })
			if res.Counts.Conflict != 1 || res.Counts.Archived != 1 || res.Calls.Verify == 0 {
				t.Errorf("%+v, %+v", res.Counts, res.Calls)
			}
			s.wantToldOnce(id, tc.title, tc.value)
		})
		t.Run("an undo, "+tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			first := s.run()
			id, _ := s.by("email", "p2@example-1.com")
			s.at = func(point string) {
				if point == "intent" {
					s.edit(id, tc.property, tc.value)
					s.at = nil
				}
			}
			res := s.undo(first.RunID)
			if res.Counts.Conflict != 1 || res.Counts.Updated != 2 || s.portal.Count("contacts") != 0 {
				t.Errorf("%+v, %d contacts", res.Counts, s.portal.Count("contacts"))
			}
			s.wantToldOnce(id, tc.title, tc.value)
		})
	}
}

// wantToldOnce looks for the one conflict about an edit of a record that was
// archived, which stays until somebody decides.
func (s *stage) wantToldOnce(id, title, value string) {
	s.t.Helper()
	for range 2 {
		all := s.conflicts()
		if len(all) != 1 || all[0].Cause != plan.CauseArchivedOver || all[0].RecordID != id || all[0].HubSpot != value || !strings.Contains(all[0].Reason, title) || !strings.Contains(all[0].Reason, "restore") {
			s.t.Fatalf("%+v", all)
		}
		if by := engine.EditorOf(all[0]); by == nil || !strings.HasPrefix(by.By, "in HubSpot") {
			s.t.Errorf("who made the edit is not told: %+v", by)
		}
		if res := s.run(); res.Counts.Conflict != 1 || res.Counts.Created+res.Counts.Updated+res.Counts.Archived != 0 {
			s.t.Errorf("it did not wait: %+v", res.Counts)
		}
	}
}

// What HubSpot computes, what the archiving itself does, and an edit that was
// taken back at once are nobody's loss.
func TestAnArchiveThatFellOnNoEditTellsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, archiving, people(3))
	s.yes = true
	s.run()
	res, _ := s.overtake(func(id string) {
		s.edit(id, "firstname", "Theirs")
		s.edit(id, "firstname", "First2")
	})
	if diff := cmp.Diff(engine.Counts{Read: 3, Updated: 1, Unchanged: 2, Archived: 1}, res.Counts); diff != "" || len(s.conflicts()) != 0 {
		t.Errorf("(-want +got)\n%s\n%+v", diff, s.conflicts())
	}
}

// A person restores the record, or lets it go: nothing is left to decide, and
// the record is not archived a second time.
func TestAnEditRightBeforeAnArchiveIsSettled(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"restored", "restored after the decision to wait", "restored after an undo", "let go", "let go after an undo"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, archiving, people(3))
			s.yes = true
			first := s.run()
			id, _ := s.by("email", "p2@example-1.com")
			if strings.Contains(how, "undo") {
				s.at = func(point string) {
					if point == "intent" {
						s.edit(id, "jobtitle", "Director")
						s.at = nil
					}
				}
				s.undo(first.RunID)
			} else {
				s.overtake(func(id string) { s.edit(id, "jobtitle", "Director") })
			}
			switch {
			case strings.HasPrefix(how, "let go"):
				s.settle(plan.ChooseSource, "")
			case strings.Contains(how, "wait"):
				s.settle(plan.ChooseHubSpot, "")
				if res := s.run(); res.Counts.Conflict != 0 {
					t.Errorf("it asks though it was decided to wait: %+v", res.Counts)
				}
				fallthrough
			default:
				if err := s.portal.Restore("contacts", id); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if res := s.run(); res.Counts.Conflict != 0 || res.Counts.Archived != 0 || len(s.live()) != 0 {
					t.Errorf("%+v, %+v", res.Counts, s.live())
				}
			}
			if p, there := s.portal.Record("contacts", id); there != strings.HasPrefix(how, "restored") || there && p["jobtitle"] != "Director" {
				t.Errorf("there: %t, %v", there, p["jobtitle"])
			}
		})
	}
}

// A run that ends before it reads back, or may not, leaves that to the next one.
func TestWhatWasArchivedIsReadBackByTheNextRunAtTheLatest(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"sample", "none"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(archiving, "create: hubspot\n", "create: hubspot\nverify: "+policy+"\n", 1), people(3))
			s.yes = true
			s.run()
			s.overtake(func(id string) { s.edit(id, "firstname", "Theirs") })
			s.run()
			want := 1
			if policy == "none" {
				want = 0 // the definition says that nothing is read back
			}
			if all := s.conflicts(); len(all) != want {
				t.Errorf("%+v", all)
			}
		})
	}
}

// A record that was merged into another one right before it was archived: which
// one went is told.
func TestAMergeRightBeforeAnArchiveIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, archiving, people(3))
	s.yes = true
	s.run()
	other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	s.run()
	into := ""
	res, id := s.overtake(func(id string) {
		if into, err = s.portal.Merge("contacts", other, id); err != nil {
			t.Error(err)
		}
	})
	if _, there := s.portal.Record("contacts", into); there {
		t.Skip("this portal passes over the ids of merged records")
	}
	if all := s.conflicts(); len(all) != 1 || all[0].Cause != plan.CauseArchivedOver || !strings.Contains(all[0].Reason, into) || all[0].RecordID != id || res.Counts.Conflict != 1 {
		t.Errorf("%+v, %+v", res.Counts, all)
	}
}

// A record that an undo archived over an edit and that a person restored is its
// row's again, whatever that row holds by now.
func TestARestoredRecordIsItsRowsAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.token = s.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read",
		"crm.objects.companies.read", "crm.objects.deals.read", "tickets", "crm.objects.tickets.read"}}) // no key of ours
	first := s.run()
	id, _ := s.by("email", "p2@example-1.com")
	done := false
	s.at = func(point string) {
		if point == "intent" && !done {
			done = true
			s.edit(id, "jobtitle", "Director")
		}
	}
	s.undo(first.RunID)
	s.at = nil
	s.replace("p2@example-1.com", "new@example.com")
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.preview()
	for range 2 {
		s.run()
	}
	if p, there := s.portal.Record("contacts", id); !there || p["jobtitle"] != "Director" {
		t.Errorf("%v", p)
	}
	for other, p := range s.portal.Records("contacts") {
		if other != id && p["firstname"] == "First2" {
			t.Errorf("the row got a second record: %v", p)
		}
	}
	if all := s.live(); len(all) > 1 || len(all) == 1 && all[0].Property != "email" {
		t.Errorf("%+v", all)
	}
}
