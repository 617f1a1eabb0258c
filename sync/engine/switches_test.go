package engine_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// unsettled are the points on which observers of HubSpot differ, or which no
// document settles, as far as the engine meets them. Each is tried by itself
// and some together.
var unsettled = map[string]practice.Switches{
	"as known":                      {},
	"results in the inputs' order":  {OrderedBatchResults: true},
	"cleared values read null":      {ClearedReadsNull: true},
	"conflicts name the record":     {ConflictNames: practice.ConflictNamed},
	"conflicts name nobody":         {ConflictNames: practice.ConflictUnnamed},
	"merges keep the primary's id":  {MergeKeepsPrimaryID: true},
	"merged ids reach the survivor": {OldIDsReachSurvivor: true, SecondaryEmailMisses: true},
	"merged ids are passed over":    {OldIDsOmitted: true, OldIDsNotArchived: true, SecondaryEmailBatch: true},
	"archived values stay taken": {ArchivedUnique: practice.ArchivedBlocks, ArchiveUnknownFails: true, DeleteUnknownFails: true, ArchiveRepeatsFail: true,
		HistoryHidesApp: true, RewriteTouches: true},
	"upserts revive": {ArchivedUnique: practice.ArchivedRevives, HistorySaysAPI: true, EchoTraceIDs: true, UniqueCaseSensitive: true},
	"searches are short and mixed": {ShortPages: true, RowsOutOfOrder: true, FreshRows: true, NegationsMatchEmpty: true,
		AssociationsKeepDate: true, AssociationIDsAsText: true, SearchThrottleTyped: true, RetryAfter: true},
	"all that reads otherwise": {OrderedBatchResults: true, ClearedReadsNull: true, MergeKeepsPrimaryID: true, EchoTraceIDs: true,
		ConflictNames: practice.ConflictUnnamed, TrimText: true, FormatPhones: true},
}

// The core of a sync does the same whatever HubSpot does where nobody can tell.
func TestTheCoreSurvivesWhatNobodyCanSettle(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	clearing := strings.Replace(twoWay, "property: phone }", "property: phone, blank: clear }", 1)
	for name, switches := range unsettled {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			coreStory(t, newStage(t, practice.Options{Seed: 11, Switches: switches}, clearing, people(6)))
		})
	}
}

// elsewhere are switches of what the story does not come to; the tests of imports, exports, lists,
// forms, files and events are told under them.
var elsewhere = regexp.MustCompile(`^(Imports?|Exports?|Submissions|Submitted|Files|Events|Lists)[A-Z]`)

// Each switch of the practice portal is a question that may be answered either way:
// the story is told under every one of them by itself.
func TestTheCoreSurvivesEachSwitchByItself(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a story for each of some eighty switches")
	}
	clearing := strings.Replace(twoWay, "property: phone }", "property: phone, blank: clear }", 1)
	for f := range reflect.TypeFor[practice.Switches]().Fields() {
		if f.Type.Kind() != reflect.Bool || elsewhere.MatchString(f.Name) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			switches := practice.Switches{}
			practicetest.Flip(t, &switches, f.Name)
			coreStory(t, newStage(t, practice.Options{Seed: 11, Switches: switches}, clearing, people(6)))
		})
	}
}

// coreStory creates, updates, clears on both sides, follows a merge and an
// archive, meets a value that somebody has taken, and undoes.
func coreStory(t *testing.T, s *stage) {
	t.Helper()
	s.yes = true // most rows change at once
	if res := s.run(); res.Counts.Created != 6 {
		t.Fatalf("created: %+v", res.Counts)
	}
	s.still("after creating", 6)
	id := map[string]string{}
	for n, email := range map[string]string{"1": "p1@example-0.com", "2": "p2@example-1.com", "3": "p3@example-2.com", "4": "p4@example-3.com", "5": "p5@example-4.com"} {
		id[n], _ = s.by("email", email)
	}

	// A change and a clearing from each side.
	s.replace("First1", "New1")
	s.replace("Last2,+49300000002", "Last2,")
	s.edit(id["3"], "phone", "")
	s.edit(id["4"], "lastname", "Theirs")
	second := s.run()
	if second.Counts.Failed+second.Counts.Conflict != 0 {
		t.Errorf("changed: %+v", second.Counts)
	}
	s.holds(id["1"], "firstname", "New1")
	s.holds(id["2"], "phone", "")
	for _, want := range []string{"First3,Last3,\n", "First4,Theirs,"} {
		if !strings.Contains(s.contents(), want) {
			t.Errorf("the file lacks %q:\n%s", want, s.contents())
		}
	}
	s.still("after changes and clearings", 6)

	// The change and the clearings are undone, and stay undone.
	s.undo(second.RunID)
	s.holds(id["1"], "firstname", "First1")
	s.holds(id["2"], "phone", "+49300000002")
	if !strings.Contains(s.contents(), "First3,Last3,+49300000003") {
		t.Errorf("the file was not undone:\n%s", s.contents())
	}
	s.edit(id["2"], "phone", "+49 later")

	// Somebody takes an address that a row wants too.
	taken, err := s.portal.Create("contacts", map[string]string{"email": "new@example-9.com", "lastname": "Unseen"})
	if err != nil {
		t.Fatal(err)
	}
	s.replace("p5@example-4.com", "new@example-9.com")
	if res := s.run(); res.Counts.Created != 0 || res.Counts.Failed+res.Counts.Conflict == 0 {
		t.Errorf("an address that another contact has: %+v", res.Counts)
	}
	s.holds(taken, "lastname", "Unseen")
	s.holds(id["5"], "email", "p5@example-4.com")
	s.replace("new@example-9.com", "p5@example-4.com")
	s.run()

	// Two records become one, and another goes.
	other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	into, err := s.portal.Merge("contacts", id["4"], other)
	if err != nil {
		t.Fatal(err)
	}
	six, _ := s.by("email", "p6@example-5.com")
	if err := s.portal.Archive("contacts", six); err != nil {
		t.Fatal(err)
	}
	s.replace("First4", "New4")
	s.replace("First6", "New6")
	res := s.run()
	s.holds(into, "firstname", "New4")
	if res.Counts.Created != 0 || res.Counts.Skipped == 0 {
		t.Errorf("an archived record: %+v", res.Counts)
	}
	if n := s.portal.Count("contacts"); n != 6 { // five of the rows, and the one that took the address
		t.Errorf("%d contacts, want 6", n)
	}
	writes := s.portal.Calls().Writes
	s.run()
	if n := s.portal.Calls().Writes - writes; n != 0 {
		t.Errorf("a run without news wrote %d times", n)
	}
}

// still runs again and finds nothing to do.
func (s *stage) still(when string, rows int) {
	s.t.Helper()
	writes, file := s.portal.Calls().Writes, s.contents()
	if res := s.run(); res.Counts.Unchanged != rows || s.portal.Calls().Writes != writes || s.contents() != file {
		s.t.Errorf("%s: %+v, %d writes", when, res.Counts, s.portal.Calls().Writes-writes)
	}
}

// holds fails unless a record has a value, "" for none.
func (s *stage) holds(id, property, want string) {
	s.t.Helper()
	if p, _ := s.portal.Record("contacts", id); p[property] != want {
		s.t.Errorf("record %s has the %s %q, want %q", id, property, p[property], want)
	}
}
