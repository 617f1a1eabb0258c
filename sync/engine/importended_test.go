package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// An import that a person cancels in HubSpot stops the run: what it made is linked and counted,
// nothing more is created by itself, and the next run creates the rest.
func TestWhoCancelsAnImportInHubSpotStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{Limits: practice.Limits{ImportRows: 10}}, people(100))
		s.at = func(point string) {
			if point == "import-started" {
				time.AfterFunc(3500*time.Millisecond, func() { s.portal.CancelImports() })
			}
		}
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		s.at = nil
		made := s.portal.Count("contacts")
		if err == nil || !strings.Contains(err.Error(), "was cancelled in HubSpot after") || made == 0 || made == 100 || res.Counts.Created != made || s.portal.Calls().By["POST objects/{type}/batch/create"] != 0 {
			t.Fatalf("%d records are there, %+v, %v", made, res.Counts, err)
		}
		s.run()
		s.everybody(100)
		s.settled()
	})
}

// One that is cancelled while nobody waits for it is accounted for by the next run, which goes on.
func TestAnImportThatWasCancelledMeanwhileIsAccountedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{Limits: practice.Limits{ImportRows: 10}}, people(100))
		s.killAt("import-started")
		time.Sleep(3500 * time.Millisecond)
		if s.portal.CancelImports() != 1 {
			t.Fatal("no import is under way")
		}
		time.Sleep(time.Hour)
		s.run()
		s.everybody(100)
		s.settled()
	})
}

// An import that HubSpot ends as failed made what it made: that is linked, and batches create the
// rest.
func TestAnImportThatFailsInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"at once": 0, "in the middle": 3500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := bulkStage(t, practice.Options{Limits: practice.Limits{ImportRows: 10}}, people(100))
				s.at = func(point string) {
					if point == "import-started" {
						time.AfterFunc(after, func() { s.portal.FailImports() })
					}
				}
				res := s.run()
				s.at = nil
				if res.Counts.Created != 100 || !strings.Contains(strings.Join(res.Notes, " "), "ended an import as failed") {
					t.Errorf("%+v %q", res.Counts, res.Notes)
				}
				s.everybody(100)
				s.settled()
			})
		})
	}
}

// Where HubSpot changes a record that was there instead of making one, that is said with what was
// written over, and stands in Review.
func TestARecordThatAnImportChangedInsteadOfMakingOneIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{Switches: practice.Switches{ImportChangesKnown: true}}, people(50))
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Method: "POST", Path: "/imports", Before: func() {
			if _, err := s.portal.Create("contacts", map[string]string{"email": "p7@example-6.com", "firstname": "Someone"}); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Second)
		}}}})
		res := s.run()
		if res.Counts.Created != 49 || res.Counts.Conflict != 1 || s.portal.Count("contacts") != 50 {
			t.Errorf("%+v %v, %d contacts", res.Counts, res.Notes, s.portal.Count("contacts"))
		}
		if why := s.fates(res.PlanID)["7"]; !strings.Contains(why, `it wrote over First (it was "Someone" and is "First7")`) {
			t.Errorf("it says %s", why)
		}
		s.store(func(ctx context.Context, db *store.Store) {
			if ids, err := db.ConflictIDs(ctx, store.ConflictFilter{}); err != nil || len(ids) != 1 {
				t.Errorf("%d conflicts, %v", len(ids), err)
			}
		})
	})
}

// Sensitive values are in no import's file.
func TestSensitiveValuesGoByNoImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{}, people(20))
		s.post("/crm/properties/2026-09/contacts", map[string]any{"name": "own_health", "label": "Health", "groupName": "contactinformation", "type": "string", "fieldType": "text", "dataSensitivity": "sensitive"})
		s.write(s.def, twoWay+"  - { field: Phone, property: own_health, direction: to-hubspot }\n")
		res := s.run()
		if by := s.portal.Calls().By; res.Counts.Created != 20 || by["POST imports"] != 0 || !strings.Contains(strings.Join(res.Notes, " "), "Health holds sensitive data") {
			t.Errorf("%+v %q %v", res.Counts, res.Notes, by)
		}
	})
}
