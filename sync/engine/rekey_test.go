package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// The ids of a file are written in another way, or another column identifies
// its rows: they are the same rows.
func TestRowsUnderANewKeyKeepTheirRecords(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*stage){
		"zeros in front": func(s *stage) { s.rekey("0%d") },
		"as a decimal":   func(s *stage) { s.rekey("%d.0") },
		"another column": func(s *stage) { s.write(s.def, strings.Replace(companies, "key: [id]", "key: [Domain]", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, companies+"delete: { row-gone: archive }\nguards: { archives: 100 }\n", firms(30))
			s.run()
			change(s)
			s.yes = true // whatever the rails think of it
			res := s.run()
			if n := s.portal.Count("companies"); n != 30 || res.Counts.Created+res.Counts.Archived != 0 {
				t.Errorf("%d companies, %+v", n, res.Counts)
			}
			if !strings.Contains(strings.Join(res.Notes, " "), "30 rows have a new key") {
				t.Errorf("it is not said: %q", res.Notes)
			}
			for range 3 {
				s.wantNothingToDo(30)
			}
			if n := s.portal.Count("companies"); n != 30 {
				t.Errorf("%d companies", n)
			}
			s.replace("City7\n", "Elsewhere\n")
			if res := s.run(); res.Counts.Updated != 1 {
				t.Errorf("the links don't work: %+v", res.Counts)
			}
		})
	}
}

// rekey writes the ids of a file of firms in another form.
func (s *stage) rekey(form string) {
	lines := strings.Split(s.contents(), "\n")
	for i, line := range lines {
		var id int
		if n, _ := fmt.Sscanf(line, "%d,", &id); n == 1 {
			_, rest, _ := strings.Cut(line, ",")
			lines[i] = fmt.Sprintf(form, id) + "," + rest
		}
	}
	s.write(s.file, strings.Join(lines, "\n"))
}

// Where the values differ too, it may be another firm that took the address
// over: a person says so, for all such rows at once.
func TestRowsUnderANewKeyAndWithNewValuesAskFirst(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]struct{ records, new int }{
		plan.ChooseSource: {5, 2},
		plan.ChooseApart:  {5, 2}, // of five, two are archived with their rows and two are new
		plan.ChooseSkip:   {3, 0},
	} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, companies+"delete: { row-gone: archive }\nguards: { archives: 100 }\n", firms(5))
			s.run()
			s.replace("2,Firm2,", "20,New2,")
			s.replace("3,Firm3,", "30,New3,")
			s.yes = true
			for range 3 { // nothing happens to the records until it is decided
				if res := s.run(); res.Counts.Conflict != 2 || res.Counts.Archived+res.Counts.Created != 0 {
					t.Fatalf("%+v", res.Counts)
				}
			}
			for _, c := range s.live() {
				if c.Cause != plan.CauseTaken || !strings.Contains(c.Reason, "left the source") {
					t.Errorf("%+v", c)
				}
			}
			s.settle(choice, "")
			s.run()
			s.run()
			if n := s.portal.Count("companies"); n != want.records {
				t.Errorf("%d companies, want %d", n, want.records)
			}
			if names := s.names(); names["New2"]+names["New3"] != want.new {
				t.Errorf("%v", names)
			}
		})
	}
}

// A new row with the match value of a record that a run created finds it.
func TestANewRowFindsTheRecordThatARunCreated(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, companies, firms(3))
	s.run()
	s.write(s.file, s.contents()+"9,Firm2,f2.example,City2\n")
	res := s.run()
	if n := s.portal.Count("companies"); n != 3 || res.Counts.Skipped != 1 {
		t.Errorf("%d companies, %+v", n, res.Counts)
	}
	s.replace("9,Firm2,", "9,Other,")
	if res = s.run(); s.portal.Count("companies") != 3 || res.Counts.Conflict != 1 {
		t.Errorf("%d companies, %+v", s.portal.Count("companies"), res.Counts)
	}
	s.settle(plan.ChooseSource, "")
	s.run()
	if names := s.names(); names["Other"] != 1 || s.portal.Count("companies") != 3 {
		t.Errorf("row 9 does not lead: %v", names)
	}
	s.wantNothingToDo(4)
}

// A workspace that was restored from an old copy knows nothing of the records
// that were made since, and the file holds others under their ids by now: the
// keys that the records bear are those of other firms.
func TestARecordThatBearsTheKeyAndHoldsSomethingElseIsNotTaken(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, companies, firms(5))
	s.run()
	old := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(old, os.DirFS(s.workspace)); err != nil {
		t.Fatal(err)
	}
	s.write(s.file, firms(20))
	s.run()
	s.workspace = old
	var other strings.Builder
	other.WriteString(firms(5))
	for i := 5; i < 20; i++ {
		fmt.Fprintf(&other, "%d,Other%d,o%d.example,Town%d\n", i+1, i+1, i+1, i+1)
	}
	s.write(s.file, other.String())
	s.yes = true
	res := s.run()
	if names := s.names(); res.Counts.Updated != 0 || names["Firm7"] != 1 {
		t.Errorf("%+v, %v", res.Counts, names)
	}
	if res.Counts.Conflict != 15 {
		t.Errorf("%+v", res.Counts)
	}
	s.settle(plan.ChooseHubSpot, "")
	s.run()
	if names := s.names(); names["Firm7"] != 1 || names["Other7"] != 1 || len(names) != 35 {
		t.Errorf("%v", names)
	}
	s.wantNothingToDo(20)
}

const keyed = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: id, property: jobtitle }
  - { field: First, property: firstname, conflict: hubspot }
`

// Nobody but its source gives a row another key: what HubSpot holds instead of it
// waits in Review, whatever the field's rule, and no second row gets the key of one
// that is there.
func TestARowKeepsItsKeyWhateverHubSpotHolds(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{"two-way": "", "HubSpot wins": ", conflict: hubspot", "from HubSpot": ", direction: from-hubspot"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(keyed, "property: jobtitle", "property: jobtitle"+rule, 1), people(3))
			s.run()
			one, _ := s.by("email", "p1@example-0.com")
			s.edit(one, "jobtitle", "2", "firstname", "Theirs")
			for range 2 {
				if res := s.run(); res.Counts.Conflict != 1 {
					t.Errorf("%+v", res.Counts)
				}
				if rows := s.contents(); strings.Count(rows, "\n1,") != 1 || strings.Count(rows, "\n2,") != 1 || !strings.Contains(rows, "Theirs") {
					t.Errorf("the file is\n%s", rows)
				}
				live := s.live()
				if len(live) != 1 || live[0].Cause != plan.CauseKey || live[0].Source != "1" || live[0].HubSpot != "2" {
					t.Errorf("%+v", live)
				}
				s.settle(plan.ChooseHubSpot, "") // which can't settle it, so that it stays open
			}
			s.settle(plan.ChooseSource, "")
			s.run()
			want := "1"
			if name == "from HubSpot" {
				want = "2"
			}
			if _, p := s.by("email", "p1@example-0.com"); p["jobtitle"] != want || len(s.live()) != 0 {
				t.Errorf("%v, %+v", p, s.live())
			}
			s.wantNothingToDo(3)
		})
	}
}

// A record that matches a row on the first run and holds another key than the
// row's leaves the row's as it is, too.
func TestAMatchedRecordGivesARowNoOtherKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(keyed, "property: jobtitle", "property: jobtitle, direction: from-hubspot", 1), people(3))
	if _, err := s.portal.Create("contacts", map[string]string{"email": "p1@example-0.com", "jobtitle": "2"}); err != nil {
		t.Fatal(err)
	}
	s.run()
	if rows := s.contents(); strings.Count(rows, "\n1,") != 1 || strings.Count(rows, "\n2,") != 1 {
		t.Errorf("the file is\n%s", rows)
	}
	if s.settle(plan.ChooseSkip, "") != 1 {
		t.Error("nobody is asked")
	}
	s.run()
	s.wantNothingToDo(3)
}

// A key that a row had before its present one may become another row's: what
// HubSpot knows the first one's record by is taken, and the new row is created
// under another key of ours, whatever became of that record.
func TestAKeyThatARowHadBeforeCanBeAnotherRows(t *testing.T) {
	t.Parallel()
	for name, become := range map[string]func(*stage, string){
		"the record is archived": func(s *stage, id string) { ok(s.t, s.portal.Archive("companies", id)) },
		"the record is merged": func(s *stage, id string) {
			other, err := s.portal.Create("companies", map[string]string{"domain": "other.com"})
			ok(s.t, err)
			_, err = s.portal.Merge("companies", other, id)
			ok(s.t, err)
		},
		"the record lives": func(*stage, string) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, companies, firms(3))
			s.run()
			id := s.named("companies", "name", "Firm2")
			s.replace("\n2,", "\n20,")
			if res := s.run(); !strings.Contains(strings.Join(res.Notes, " "), "1 row has a new key") {
				t.Fatalf("%+v %q", res.Counts, res.Notes)
			}
			become(s, id)
			s.run()
			before := s.portal.Count("companies")
			s.write(s.file, s.contents()+"2,Fresh,fresh.com,City\n")
			s.run()
			s.settle(plan.ChooseApart, "") // where it is asked whether the record is the new row's
			s.run()
			if n := s.portal.Count("companies"); n != before+1 || s.named("companies", "name", "Fresh") == id {
				t.Errorf("%d companies, there were %d", n, before)
			}
		})
	}
}
