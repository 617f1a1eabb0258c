package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// bulkStage is a stage whose new records go by an import.
func bulkStage(t *testing.T, o practice.Options, rows string) *stage {
	t.Helper()
	s := newStage(t, o, twoWay, rows)
	s.bulk, s.yes = engine.LaneBulk, true
	return s
}

// everybody tells that the portal has every one of n people once, as they were sent,
// and that the workspace links them all.
func (s *stage) everybody(n int) {
	s.t.Helper()
	seen := make(map[string]int)
	for _, p := range s.portal.Records("contacts") {
		if strings.HasPrefix(p["firstname"], "First") && "Last"+strings.TrimPrefix(p["firstname"], "First") == p["lastname"] && p["phone"] != "" {
			seen[p["email"]]++
		}
	}
	for i := range n {
		if email := fmt.Sprintf("p%d@example-%d.com", i+1, i%7); seen[email] != 1 {
			s.t.Fatalf("%s is there %d times as sent", email, seen[email])
		}
	}
	if got := s.portal.Count("contacts"); got != n {
		s.t.Errorf("there are %d contacts, not %d", got, n)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		tally, err := db.Tally(ctx, 1)
		if err != nil || tally.Links != n {
			s.t.Errorf("%d links, %v", tally.Links, err)
		}
	})
}

// settled tells that another run writes nothing.
func (s *stage) settled() {
	s.t.Helper()
	writes := s.portal.Calls().Writes
	res := s.run()
	if got := s.portal.Calls().Writes - writes; got != 0 || res.Counts.Unchanged != res.Counts.Read {
		s.t.Errorf("another run made %d writes: %+v %v", got, res.Counts, res.Notes)
	}
}

func TestManyRecordsAreCreatedByOneImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1_200
		s := bulkStage(t, practice.Options{}, people(n))
		preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
		if err != nil {
			t.Fatal(err)
		}
		var told engine.Summary
		s.store(func(ctx context.Context, db *store.Store) {
			pl, err := db.Plan(ctx, preview.PlanID)
			if err == nil {
				told, err = engine.SummaryOf(pl)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		if c := told.Creating; c == nil || c.Lane != engine.ByImport || c.Batch != 24 || c.Import == 0 || c.Import >= c.Batch || told.Calls != c.Import || told.Verify != 0 {
			t.Errorf("told: %+v of %d calls", c, told.Calls)
		}
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, preview.PlanID) })
		if err != nil || res.Counts.Created != n {
			t.Fatalf("%+v, %v", res.Counts, err)
		}
		by := s.portal.Calls().By
		if by["POST imports"] != 1 || by["POST objects/{type}/batch/create"] != 0 || by["POST objects/{type}/batch/read"] != 0 || res.Calls.Total > told.Calls+10 {
			t.Errorf("it took %d calls of %d told: %v", res.Calls.Total, told.Calls, by)
		}
		s.everybody(n)
		s.settled()
	})
}

func TestAnImportIsTakenBackAsBatchesAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{}, people(30))
		res := s.run()
		s.edit(func() string { id, _ := s.by("email", "p3@example-2.com"); return id }(), "jobtitle", "Director")
		out := s.undo(res.RunID)
		if got := s.portal.Count("contacts"); got != 1 || out.Counts.Archived != 29 {
			t.Errorf("the undo left %d records: %+v", got, out.Counts)
		}
	})
}

// What HubSpot does beyond what is documented changes nothing of what a run comes to.
func TestImportsComeToTheSameWhateverHubSpotDoes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for name, o := range map[string]practice.Options{
		"as documented":         {},
		"named as of the app":   {Switches: practice.Switches{ImportSaysIntegration: true}},
		"oldest first":          {Switches: practice.Switches{ImportsOldestFirst: true, ImportLinesOfRows: true}},
		"known ones without it": {Switches: practice.Switches{ImportSkipsKnown: true}},
		"phones rewritten":      {Switches: practice.Switches{FormatPhones: true}},
		"exports behind":        {Switches: practice.Switches{ExportsFromIndex: true}, SearchLag: practice.HeavyTail(2*time.Second, 5*time.Minute, 0.01)},
		"exports in local time": {Switches: practice.Switches{ExportsLocalTimes: true}},
		"no export":             {Tokens: []practice.Token{{Value: "narrow", Scopes: []string{"crm.import", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.objects.owners.read"}}}},
		"no import":             {Tokens: []practice.Token{{Value: "narrow", Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.objects.owners.read"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 60
				if strings.Contains(name, "export") || name == "as documented" {
					n = 1_100 // from which on an export is asked for
				}
				s := bulkStage(t, o, people(n))
				if len(o.Tokens) > 0 {
					s.token = "narrow"
				}
				// A colleague creates one of them while the file is on its way.
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Method: "POST", Path: "/imports", Before: func() {
					if _, err := s.portal.Create("contacts", map[string]string{"email": "p7@example-6.com", "firstname": "Someone"}); err != nil {
						t.Error(err)
					}
				}}}})
				res := s.run()
				if res.Counts.Created != n-1 || res.Counts.Conflict != 1 {
					t.Errorf("%+v %v", res.Counts, res.Notes)
				}
				if _, p := s.by("email", "p7@example-6.com"); p["firstname"] != "Someone" {
					t.Errorf("the colleague’s record was changed to %v", p)
				}
				if got := s.portal.Count("contacts"); got != n {
					t.Errorf("there are %d contacts", got)
				}
				time.Sleep(time.Hour)
				s.run() // the row meets the colleague’s record
				writes := s.portal.Calls().Writes
				s.run()
				if got := s.portal.Calls().Writes - writes; got != 0 {
					t.Errorf("another run made %d writes", got)
				}
			})
		})
	}
}

// A program that is killed at any moment of an import leaves nothing that the next
// run does not find: no record is lost, and none is made twice.
func TestAKilledImportIsFoundAgain(t *testing.T) {
	t.Parallel()
	const n = 40
	for _, point := range []string{"import-page", "import-intent", "import-started", "import-ended", "outcome"} {
		for _, late := range []bool{false, true} { // the next run comes when the import has ended
			t.Run(fmt.Sprint(point, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := bulkStage(t, practice.Options{Limits: practice.Limits{ImportRows: 5}}, people(n))
					kills := 3 // the next run too
					if point == "import-ended" {
						kills = 1 // the next run comes there while it has the lease, which a killed process lets go
					}
					for range kills {
						s.killAt(point)
						if late {
							time.Sleep(time.Minute)
						}
					}
					s.run()
					s.everybody(n)
					s.settled()
					if started := s.portal.Calls().By["POST imports"]; started > 3 || point == "import-started" && started != 1 {
						t.Errorf("%d imports were started", started)
					}
				})
			})
		}
	}
}

// killAt runs until a point, behind which nothing is done.
func (s *stage) killAt(point string) {
	s.t.Helper()
	ended := make(chan struct{})
	s.at = func(p string) {
		if p == point {
			runtime.Goexit()
		}
	}
	go func() {
		defer close(ended)
		_, _ = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	}()
	<-ended
	s.at = nil
}

// The answer to the start of an import may be lost, or it may come to nothing.
func TestAnImportWhoseStartIsNotAnsweredIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []practice.FaultKind{practice.ResetAfter, practice.ServerErrorAfter, practice.Reset, practice.ServerError, practice.Zombie, practice.HTML} {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := bulkStage(t, practice.Options{}, people(50))
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind, Method: "POST", Path: "/imports", Delay: 20 * time.Second}}})
				s.run()
				time.Sleep(time.Hour)
				s.everybody(50)
				s.settled()
			})
		})
	}
}

func TestStoppingARunStopsItsImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{Limits: practice.Limits{ImportRows: 10}}, people(100))
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
			defer cancel()
			return e.Run(ctx, "")
		})
		made := s.portal.Count("contacts")
		if !errors.Is(err, context.DeadlineExceeded) || made == 0 || made == 100 || res.Counts.Created != made {
			t.Fatalf("%d records are there, %+v, %v", made, res.Counts, err)
		}
		time.Sleep(time.Hour)
		if got := s.portal.Count("contacts"); got != made {
			t.Errorf("the import went on to %d", got)
		}
		s.run()
		s.everybody(100)
		s.settled()
	})
}

// A plan says why its records are not created by an import.
func TestAnImportIsRefusedWhereItWouldNotKeepThePromise(t *testing.T) {
	t.Parallel()
	company := strings.ReplaceAll(strings.ReplaceAll(twoWay, "contacts", "companies"), "{ field: Email, property: email }", "{ field: Email, property: domain }")
	company = company[:strings.Index(company, "  - { field: First")]
	for name, tt := range map[string]struct {
		definition string
		value      string
		noKey      bool
		says       string
	}{
		"companies by domain": {company, "one.example.com", false, "HubSpot's imports take companies of the same"},
		"no key":              {twoWay, "a@example.com", true, "no property of Syncline's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, tt.definition, "id,Email,First,Last,Phone\n1,"+tt.value+",A,B,\n")
			s.bulk, s.yes = engine.LaneBulk, true
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				e.NoSyncKey = tt.noKey
				return e.Preview(ctx)
			})
			if err != nil || !strings.Contains(strings.Join(res.Notes, " "), tt.says) {
				t.Errorf("it says %v, %v", res.Notes, err)
			}
		})
	}
}

// An import that leaves out a value, or misreads it, is not taken at its word.
func TestWhatAnImportLeavesOutIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := bulkStage(t, practice.Options{Switches: practice.Switches{ImportLeavesOut: true}}, "id,Email,First,Last,Phone,Stage\n1,a@example.com,A,B,,Own stage\n2,b@example.com,B,B,,Customer\n")
		s.write(s.def, twoWay+"  - { field: Stage, property: hs_lead_status }\n")
		option := func(with bool) {
			options := []map[string]any{{"label": "Customer", "value": "customer", "displayOrder": 1}}
			if with {
				options = append(options, map[string]any{"label": "Own stage", "value": "own", "displayOrder": 2})
			}
			s.patch("/crm/properties/2026-09/contacts/hs_lead_status", map[string]any{"options": options})
		}
		option(true)
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Method: "POST", Path: "/imports", Before: func() { option(false) }}}})
		res := s.run()
		if res.Counts.Created != 1 || res.Counts.Failed != 1 {
			t.Fatalf("%+v %v", res.Counts, res.Notes)
		}
		s.store(func(ctx context.Context, db *store.Store) {
			all, err := db.AttentionOf(ctx, 1)
			if err != nil || len(all) != 1 || all[0].Line != 2 || !strings.Contains(all[0].Message, "created without a value") {
				t.Errorf("%+v, %v", all, err)
			}
		})
		option(true)
		if res := s.run(); res.Counts.Updated != 1 {
			t.Errorf("then: %+v %v", res.Counts, res.Notes)
		}
		if diff := cmp.Diff("own", func() string { _, p := s.by("email", "a@example.com"); return p["hs_lead_status"] }()); diff != "" {
			t.Error(diff)
		}
	})
}

// patch changes a definition in the portal, as somebody else does, and post makes one.
func (s *stage) patch(path string, body any) { s.send(http.MethodPatch, path, body) }
func (s *stage) post(path string, body any)  { s.send(http.MethodPost, path, body) }

func (s *stage) send(method, path string, body any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, "https://api.hubapi.com"+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.portal.Token())
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.portal.Transport().RoundTrip(req)
	if err != nil || resp.StatusCode >= 300 {
		s.t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
}
