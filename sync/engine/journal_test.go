package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot/practice"
)

// asListed tells that a pull knows what a reading of the list shows.
func (s *stage) asListed(when string) {
	s.t.Helper()
	other := s.otherWorkspace()
	other.told = false
	other.run()
	if diff := cmp.Diff(other.pulled(), s.pulled()); diff != "" {
		s.t.Errorf("%s: %s", when, diff)
	}
}

// A thousand changes of every kind arrive by the journal, each record read once, without
// a search; over a gap they arrive by searching and reading everything, and it is said.
func TestAThousandChangesOfEveryKindArriveByTheJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := pullWorld(t, practice.Options{Limits: practice.Limits{JournalFile: 50}}, 7)
		s.small = -1
		for range 2 {
			s.run()
			time.Sleep(20 * time.Minute)
		}
		const rounds, acts = 10, 20 // of five changes each
		for round := range rounds {
			before := maps.Collect(s.portal.Records("contacts"))
			for range acts {
				disturb(t, s, r)
			}
			gap := round == rounds/2
			if gap {
				time.Sleep(4 * 24 * time.Hour)
			}
			time.Sleep(time.Minute)
			calls := s.portal.Calls()
			res := s.run()
			after := s.portal.Calls()
			if said := strings.Contains(strings.Join(res.Notes, " "), "it keeps three days"); said != gap {
				t.Errorf("round %d says %q", round, res.Notes)
			}
			s.asListed(fmt.Sprint("round ", round))
			touched := 5*acts + acts // a merge names both that it was made of
			if read := after.By["POST objects/{type}/batch/read"] - calls.By["POST objects/{type}/batch/read"]; !gap && (res.Calls.Search > 0 || after.By["GET objects/{type}"] != calls.By["GET objects/{type}"] || read > 2*(touched+len(before)/100)/100+3) {
				t.Errorf("round %d took %d reads and %+v", round, read, res.Calls)
			}
			calls = s.portal.Calls()
			s.run()
			if again := s.portal.Calls().By["POST objects/{type}/batch/read"] - calls.By["POST objects/{type}/batch/read"]; again > 0 && !gap {
				t.Errorf("round %d: %d were read again", round, again)
			}
			if gap {
				time.Sleep(time.Hour)
				s.run()
			}
		}
	})
}

// Whatever becomes of the reading of the journal, no change is lost.
func TestAJournalThatBreaksLosesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stop   string
		faults []practice.Fault
	}{
		"killed before it was kept":  {stop: "journal-fetched"},
		"killed after it was kept":   {stop: "journal-page"},
		"killed while it was read":   {stop: "noticed-page"},
		"never answered":             {faults: []practice.Fault{{Kind: practice.ServerError, Path: "/webhooks-journal/", Times: -1}}},
		"parts that always break":    {faults: []practice.Fault{{Kind: practice.Truncated, Path: "/practice-downloads/", Times: -1}}},
		"a place that it lost":       {faults: []practice.Fault{{Kind: practice.ServerError, Status: 404, Path: "/webhooks-journal/journal/2026-03/offset"}}},
		"an app that lost the right": {faults: []practice.Fault{{Kind: practice.ServerError, Status: 403, Path: "/webhooks-journal/", Times: -1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, r := pullWorld(t, practice.Options{Limits: practice.Limits{JournalFile: 3}}, 11)
				s.small = -1
				for range 2 {
					s.run()
					time.Sleep(20 * time.Minute)
				}
				disturb(t, s, r)
				time.Sleep(time.Minute)
				if tt.stop != "" {
					s.endAt(tt.stop)
				}
				s.portal.SetFaults(practice.Faults{Script: tt.faults})
				s.run()
				s.portal.SetFaults(practice.Faults{})
				time.Sleep(time.Minute)
				res := s.run()
				if len(tt.faults) == 0 {
					s.asListed(name)
				} else if live := s.pulled(); len(live) == 0 {
					t.Error("nothing is known")
				}
				if res.Calls.Search > 0 && len(tt.faults) == 0 {
					t.Errorf("it was searched: %+v %v", res.Calls, res.Notes)
				}
				time.Sleep(25 * time.Hour) // the reading of everything, as ever
				s.run()
				s.asListed("a day later")
			})
		})
	}
}

// garbling makes what nobody understands of the records that files of the journal name.
type garbling struct {
	http.RoundTripper
	files *int
}

func (g *garbling) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := g.RoundTripper.RoundTrip(req)
	if err != nil || g.files == nil || *g.files == 0 || !strings.Contains(req.URL.Path, "/practice-downloads/") {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	*g.files--
	text = bytes.ReplaceAll(text, []byte(`"objectId"`), []byte(`"who"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// What the journal tells in a way that is not understood makes a run search, also where the one that
// read it died right after it was kept how far it came.
func TestEntriesOfTheJournalThatAreNotUnderstoodOutliveTheRun(t *testing.T) {
	t.Parallel()
	for _, stop := range []string{"", "journal-page"} {
		synctest.Test(t, func(t *testing.T) {
			s, r := pullWorld(t, practice.Options{Limits: practice.Limits{JournalFile: 3}}, 12)
			s.small = -1
			for range 2 {
				s.run()
				time.Sleep(20 * time.Minute)
			}
			disturb(t, s, r)
			time.Sleep(time.Minute)
			garbled := 1
			if s.garbled = &garbled; stop != "" {
				s.endAt(stop)
			}
			s.run()
			if garbled != 0 {
				t.Fatal("nothing was garbled")
			}
			s.asListed("stopped at " + stop)
		})
	}
}

// An association that was removed is found by the journal, without comparing all.
func TestTheJournalTellsOfAssociations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
		s.small, s.yes, s.told = -1, true, true
		for range 2 {
			s.run()
			time.Sleep(20 * time.Minute)
		}
		if res := s.run(); res.Counts.Waiting != 0 {
			t.Fatalf("%+v %v", res.Counts, res.Notes)
		}
		s.unlink("ada@example.com", "acme.com")
		time.Sleep(time.Minute)
		if res := s.run(); res.Counts.Waiting != 1 {
			t.Errorf("%+v %v", res.Counts, res.Notes)
		}
		if n := s.portal.Calls().By["POST webhooks-journal/subscriptions"]; n == 0 || n > 4 {
			t.Errorf("it was subscribed to %d times", n)
		}
	})
}

// Without it being wanted, nothing of the journal is asked for.
func TestTheJournalIsOffUnlessItIsWanted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		for route := range s.portal.Calls().By {
			if strings.Contains(route, "webhooks-journal") {
				t.Errorf("%s was asked", route)
			}
		}
	})
}
