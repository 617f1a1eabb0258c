package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

// An edit in HubSpot that the search does not show yet is not written over,
// however lately the record was read by the run before.
func TestAnEditThatTheSearchHidesIsNotWrittenOver(t *testing.T) {
	t.Parallel()
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
