package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// everyKind maps a property of each kind, and makes nothing in the source.
const everyKind = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: from-hubspot
create: none
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Phone, property: phone }
  - { field: Remarks, property: remarks }
  - { field: Level, property: hs_lead_status }
  - { field: Several, property: several }
  - { field: Score, property: score }
  - { field: Seen, property: seen }
  - { field: Born, property: born }
`

// pullWorld is a stage whose portal has records of every kind of value.
func pullWorld(t *testing.T, o practice.Options, seed uint64) (*stage, *rand.Rand) {
	t.Helper()
	s := newStage(t, o, everyKind, "id,Email,First,Phone,Remarks,Level,Several,Score,Seen,Born\n")
	s.told = o.Limits.JournalFile > 0
	for _, p := range []practice.Property{
		{Name: "remarks", Type: "string", FieldType: "textarea"}, {Name: "score", Type: "number", FieldType: "number"},
		{Name: "several", Type: "enumeration", FieldType: "checkbox", Options: []string{"a", "b"}},
		{Name: "seen", Type: "datetime", FieldType: "date"}, {Name: "born", Type: "date", FieldType: "date"},
	} {
		ok(t, s.portal.CreateProperty("contacts", p))
	}
	r := rand.New(rand.NewPCG(seed, 14))
	for i := range s.crowd() {
		_, err := s.portal.Create("contacts", anybody(r, i))
		ok(t, err)
		time.Sleep(time.Duration(r.IntN(900)) * time.Millisecond)
	}
	time.Sleep(20 * time.Minute)
	return s, r
}

// crowd is how many records a world has: enough for what is going to happen to them.
func (s *stage) crowd() int {
	if s.told {
		return 320
	}
	return 40
}

// anybody are values of a contact that files have trouble with.
func anybody(r *rand.Rand, i int) map[string]string {
	texts := []string{"", "Ann", "Zoë 😀", "=1+1", "+4930123", "a \"quoted\" one", "two,three", "first\nsecond", "first\r\nsecond", "'tis", "0012", "<b>bold</b> & more", "日本"}
	one := func() string { return texts[r.IntN(len(texts))] }
	p := map[string]string{"email": fmt.Sprintf("p%d@example.com", i), "firstname": one(), "remarks": one() + one(), "phone": []string{"", "+49301234", "(030) 1"}[r.IntN(3)],
		"hs_lead_status": []string{"", "NEW", "OPEN_DEAL"}[r.IntN(3)], "several": []string{"", "a", "a;b"}[r.IntN(3)], "score": []string{"", "0.5", "12", "-3"}[r.IntN(4)],
		"seen": []string{"", "2026-03-04T05:06:07.089Z"}[r.IntN(2)], "born": []string{"", "1990-02-28"}[r.IntN(2)]}
	maps.DeleteFunc(p, func(_, v string) bool { return v == "" && r.IntN(2) == 0 }) // never set, or emptied
	return p
}

// disturb does what colleagues do: one of each kind, in any order.
func disturb(t *testing.T, s *stage, r *rand.Rand) {
	t.Helper()
	ids := slices.Sorted(maps.Keys(maps.Collect(s.portal.Records("contacts"))))
	if len(ids) < 8 {
		t.Fatal("too few contacts")
	}
	r.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	acts := []func() error{
		func() error {
			return s.portal.Edit("contacts", ids[0], map[string]string{"firstname": "Edited\r\n" + ids[0]})
		},
		func() error { return s.portal.Archive("contacts", ids[1]) },
		func() error {
			return errors.Join(s.portal.Archive("contacts", ids[2]), s.portal.Restore("contacts", ids[2]))
		},
		func() error { _, err := s.portal.Merge("contacts", ids[3], ids[4]); return err },
		func() error {
			_, err := s.portal.Create("contacts", map[string]string{"firstname": "New " + ids[5]})
			return err
		},
	}
	r.Shuffle(len(acts), func(i, k int) { acts[i], acts[k] = acts[k], acts[i] })
	for _, act := range acts {
		ok(t, act())
	}
}

// pulled is what the newest pull knows of the portal's records.
func (s *stage) pulled() map[string]string {
	s.t.Helper()
	all := make(map[string]string)
	s.store(func(ctx context.Context, db *store.Store) {
		for r, err := range db.UnlinkedRecords(ctx, 1) {
			ok(s.t, err)
			all[r.ID] = fmt.Sprintf("%s %x %v %v %s", r.Updated.Format(time.RFC3339Nano), r.Hash, r.InScope, r.Match, texts(r))
		}
	})
	return all
}

// texts are the values of a record, in which one that was never set and one that was
// emptied are none.
func texts(r store.RecordSeen) string {
	var all []string
	for name, v := range r.Values {
		if !v.Empty() {
			all = append(all, fmt.Sprintf("%s=%q", name, v.String()))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// otherWorkspace is the same sync in a workspace of its own, which reads the list.
func (s *stage) otherWorkspace() *stage {
	other := *s
	other.workspace, other.pull = s.t.TempDir()+"/workspace", engine.PullList
	return &other
}

// summary is what the newest plan keeps of itself.
func (s *stage) summary(res engine.Result) (sum engine.Summary) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		pl, err := db.Plan(ctx, res.PlanID)
		ok(s.t, err)
		sum, err = engine.SummaryOf(pl)
		ok(s.t, err)
	})
	return sum
}

// An export gives a pull what the list does, whatever people do while HubSpot writes it,
// and whatever HubSpot's files look like: what they don't show as the API does is listed.
func TestAnExportReadsWhatTheListDoes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		o      practice.Options
		way    string
		behind bool
		seeds  uint64
	}{
		"as documented":     {way: engine.ByExport, seeds: 4},
		"many small files":  {o: practice.Options{Limits: practice.Limits{ExportFile: 7}}, way: engine.ByExport, seeds: 1},
		"behind":            {o: practice.Options{Switches: practice.Switches{ExportsFromIndex: true}, SearchLag: practice.HeavyTail(2*time.Second, 5*time.Minute, 0.01)}, way: engine.ByExport, behind: true, seeds: 2},
		"kept primary ids":  {o: practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: true, RestoresKeepDate: true}}, way: engine.ByExport, seeds: 1},
		"in local time":     {o: practice.Options{Switches: practice.Switches{ExportsLocalTimes: true}}, way: engine.ByList, seeds: 1},
		"in whole seconds":  {o: practice.Options{Switches: practice.Switches{ExportsWholeSeconds: true}}, way: engine.ByList, seeds: 1},
		"with apostrophes":  {o: practice.Options{Switches: practice.Switches{ExportsGuardFormulas: true}}, way: engine.ByList, seeds: 1},
		"labels for values": {o: practice.Options{Switches: practice.Switches{ExportsShowLabels: true}}, way: engine.ByList, seeds: 1},
	} {
		for seed := range tt.seeds {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, r := pullWorld(t, tt.o, seed)
					s.pull, s.small = engine.PullExport, -1
					disturb(t, s, r)
					time.Sleep(time.Second)
					s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "/status", Before: func() { disturb(t, s, r) }}}})
					sum := s.summary(s.run())
					if sum.Reading == nil || sum.Reading.Way != tt.way || (sum.Reading.Refused == "") != (tt.way == engine.ByExport) {
						t.Errorf("read %+v %v", sum.Reading, sum.Notes)
					}
					if tt.behind { // what the index did not show yet the next pull sees
						time.Sleep(time.Hour)
						s.run()
					}
					other := s.otherWorkspace()
					other.run()
					if diff := cmp.Diff(other.pulled(), s.pulled()); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}

// A pull that is killed while HubSpot writes its export goes on with that one; one that
// can't be had any more is asked for again, and every fault ends in the same records.
func TestAPullByAnExportSurvivesWhateverHappens(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stop   string
		faults []practice.Fault
		later  time.Duration
		starts int
		way    string
	}{
		"killed before its id was kept":  {stop: "export-started", starts: 2, way: engine.ByExport},
		"killed while it was waited for": {stop: "export-kept", starts: 1, way: engine.ByExport},
		"killed when it was there":       {stop: "export-fetched", starts: 1, way: engine.ByExport},
		"killed while it was read":       {stop: "records-page", starts: 1, way: engine.ByExport},
		"killed when it was read":        {stop: "export-read", starts: 1, way: engine.ByExport},
		"killed long ago":                {stop: "export-kept", later: 7 * time.Hour, starts: 2, way: engine.ByExport},
		"the answer to its start lost":   {faults: []practice.Fault{{Kind: practice.ResetAfter, Path: "/export/async", Writes: true}}, starts: 1, way: engine.ByList},
		"a link that has ended":          {faults: []practice.Fault{{Kind: practice.Late, Path: "/practice-downloads/", Delay: 6 * time.Minute}}, starts: 1, way: engine.ByExport},
		"a broken download":              {faults: []practice.Fault{{Kind: practice.Truncated, Path: "/practice-downloads/"}}, starts: 1, way: engine.ByExport},
		"downloads that always break":    {faults: []practice.Fault{{Kind: practice.Truncated, Path: "/practice-downloads/", Times: -1}}, starts: 1, way: engine.ByList},
		"too many throttles":             {faults: []practice.Fault{{Kind: practice.Throttle, Path: "/status", Times: 3}}, starts: 1, way: engine.ByExport},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, r := pullWorld(t, practice.Options{}, 99)
				s.pull, s.small = engine.PullExport, -1
				if tt.stop != "" {
					s.endAt(tt.stop)
					disturb(t, s, r)
					time.Sleep(tt.later + 2*time.Second) // HubSpot's clock shows whole seconds
				}
				s.portal.SetFaults(practice.Faults{Script: tt.faults})
				sum := s.summary(s.run())
				if sum.Reading == nil || sum.Reading.Way != tt.way {
					t.Errorf("read %+v %v", sum.Reading, sum.Notes)
				}
				if n := s.portal.Calls().By["POST exports/export/async"]; n != tt.starts {
					t.Errorf("%d exports were started, want %d", n, tt.starts)
				}
				other := s.otherWorkspace()
				other.run()
				if diff := cmp.Diff(other.pulled(), s.pulled()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// endAt runs until a point of a pull, behind which nothing is done.
func (s *stage) endAt(point string) {
	s.t.Helper()
	reached := false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			ctx, end := context.WithCancel(ctx)
			defer end()
			e.At = func(p string) {
				if p == point {
					reached = true
					end()
					runtime.Goexit()
				}
			}
			return e.Run(ctx, "")
		})
	}()
	<-ended
	if !reached {
		s.t.Fatalf("the pull has no point %q", point)
	}
}

// Where an export can't give what the sync needs, the list is read, and the plan says
// why.
func TestAnExportIsRefusedWhereItCantGiveTheSame(t *testing.T) {
	t.Parallel()
	narrow := practice.Options{Tokens: []practice.Token{{Value: "narrow", Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.objects.owners.read"}}}}
	for name, tt := range map[string]struct {
		o          practice.Options
		definition string
		token      string
		want       string
	}{
		"a filter": {definition: strings.Replace(twoWay, "direction:", "  filter: [ [ { property: lastname, operator: HAS_PROPERTY } ] ]\ndirection:", 1), want: "the definition has a filter"},
		"no scope": {o: narrow, definition: twoWay, token: "narrow", want: "scope"},
		"no room":  {o: practice.Options{Limits: practice.Limits{}}, definition: twoWay, want: "30 exports within 24 hours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, tt.o, tt.definition, people(3))
				s.pull, s.token = engine.PullExport, tt.token
				if name == "no room" {
					for range 30 {
						contacts, _ := hubspot.FindObjectType("contacts")
						_, err := s.client().StartExport(t.Context(), hubspot.ExportRequest{Name: "theirs", ObjectType: contacts, Properties: []string{"email"}})
						ok(t, err)
					}
				}
				res := s.run()
				sum := s.summary(res)
				if sum.Reading == nil || sum.Reading.Way != engine.ByList || !strings.Contains(sum.Reading.Refused, tt.want) || res.Counts.Created != 3 {
					t.Errorf("%+v, %+v", sum.Reading, res.Counts)
				}
			})
		})
	}
}

// Very many records that were made right before are counted, and not all searched: what
// changed last is searched all the same, and the next pull looks once more.
func TestRecordsThatWereJustMadeAreNotAllSearched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, strings.Replace(twoWay, "create: hubspot", "create: none", 1), "id,Email,First,Last,Phone\n")
		s.pull, s.small = engine.PullExport, -1
		for i := range 1_050 {
			_, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)})
			ok(t, err)
		}
		time.Sleep(2 * time.Minute)
		id, _ := s.by("email", "p7@example.com")
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "/status", Before: func() { s.edit(id, "firstname", "Edited") }}}})
		res := s.run()
		if res.Calls.Search > 4 || s.summary(res).Reading.Way != engine.ByExport {
			t.Errorf("%+v %v", res.Calls, res.Notes)
		}
		other := s.otherWorkspace()
		other.run()
		if diff := cmp.Diff(other.pulled(), s.pulled()); diff != "" {
			t.Error(diff)
		}
		s.edit(id, "firstname", "Again")
		time.Sleep(2 * time.Second)
		if s.run(); !strings.Contains(s.pulled()[id], "Again") {
			t.Error("the next pull missed an edit")
		}
	})
}
