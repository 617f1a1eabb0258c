package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

// An edit in HubSpot that the search does not show yet is not written over,
// however lately the record was read by the run before.
func TestAnEditThatTheSearchHidesIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of records")
	}
	synctest.Test(t, func(t *testing.T) {
		const n = 5_200 // more records than are listed anew by each run
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(time.Minute)}, twoWay, people(n))
		s.yes = true
		if res := s.run(); res.Counts.Created != n {
			t.Fatalf("%+v", res.Counts)
		}
		time.Sleep(20 * time.Second)
		id, _ := s.by("email", "p77@example-6.com")
		s.edit(id, "lastname", "Edited by a person")
		time.Sleep(time.Second)
		s.replace("First77,Last77,", "First77,From the file,")
		res := s.run()
		if res.Counts.Conflict != 1 || res.Counts.Updated != 0 {
			t.Errorf("%+v", res.Counts)
		}
		if _, p := s.by("email", "p77@example-6.com"); p["lastname"] != "Edited by a person" {
			t.Errorf("the edit was written over by %q", p["lastname"])
		}
	})
}

// A page that is shorter than its limit is not the last one: HubSpot's paging
// says which is.
func TestShortPagesLoseNoRecord(t *testing.T) {
	t.Parallel()
	const n = 451
	filtered := strings.Replace(twoWay, "direction:", `  filter: [ [ { property: lastname, operator: HAS_PROPERTY } ] ]
direction:`, 1)
	for name, definition := range map[string]string{"of a list": twoWay, "of a search": filtered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{Seed: 3, Switches: practice.Switches{ShortPages: true}}, definition, people(n))
			for i := 1; i <= n; i++ {
				if _, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example-%d.com", i, (i-1)%7),
					"firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i)}); err != nil {
					t.Fatal(err)
				}
			}
			if res := s.run(); res.Counts.Created != 0 || res.Counts.Failed != 0 || res.Counts.Conflict != 0 {
				t.Errorf("%+v", res.Counts)
			}
			if got := s.portal.Count("contacts"); got != n {
				t.Errorf("%d contacts, there were %d", got, n)
			}
		})
	}
}

// What search shows of a record as it was before our own write is no edit of a
// person: a sync with a filter, whose records only search can tell, does not take
// it back into the file, whether or not somebody edits the record after the write.
func TestAFilteredSyncDoesNotTakeWhatSearchStillShowsForAnEdit(t *testing.T) {
	t.Parallel()
	for name, edited := range map[string]bool{"the record rests": false, "the record is edited once more": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				filtered := strings.Replace(twoWay, "direction:", "  filter: [ [ { property: email, operator: HAS_PROPERTY } ] ]\ndirection:", 1)
				s := newStage(t, practice.Options{SearchLag: practice.Fixed(time.Minute)}, filtered, people(3))
				s.run()
				time.Sleep(2 * time.Minute)
				s.run()
				s.replace("First2,Last2,", "Edited,Last2,")
				id, _ := s.by("firstname", "First2")
				again := edited
				s.at = func(point string) {
					if point == "answered" && again {
						again = false
						time.Sleep(time.Second)
						s.edit(id, "lastname", "By a person")
					}
				}
				if res := s.run(); res.Counts.Updated != 1 {
					t.Fatalf("%+v", res.Counts)
				}
				want := "Edited,Last2,"
				if edited {
					want = "Edited,By a person,"
					s.run() // brings the person's edit into the file
				}
				if res := s.run(); res.Counts.Unchanged != 3 {
					t.Errorf("the index is behind: %+v", res.Counts)
				}
				if !strings.Contains(s.contents(), want) {
					t.Errorf("it should hold %s\n%s", want, s.contents())
				}
			})
		})
	}
}

// What a search still shows of a record is no row: where a record went or moved
// since its index saw it, no row is made of what it was.
func TestNoRowIsMadeOfWhatOnlyASearchStillShows(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	def = strings.Replace(def, "match:", "filter: [ [ { property: jobtitle, operator: HAS_PROPERTY } ] ]\n  match:", 1)
	s := newStage(t, practice.Options{SearchLag: practice.Fixed(time.Hour)}, def, people(2))
	var made []string
	for _, key := range []string{"31", "32", "33"} {
		id, err := s.portal.Create("contacts", map[string]string{"email": "n" + key + "@example.com", "jobtitle": key, "firstname": "Made" + key})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, id)
	}
	s.portal.SettleIndex()
	if err := s.portal.Archive("contacts", made[0]); err != nil {
		t.Fatal(err)
	}
	s.edit(made[1], "firstname", "Later32")
	s.run()
	if rows := s.contents(); strings.Contains(rows, "Made31") || strings.Contains(rows, "Made32") || !strings.Contains(rows, "Made33") {
		t.Errorf("the file is\n%s", rows)
	}
	s.portal.SettleIndex()
	s.run()
	if rows := s.contents(); strings.Contains(rows, "Made31") || !strings.Contains(rows, "Later32") {
		t.Errorf("the file is\n%s", rows)
	}
}
