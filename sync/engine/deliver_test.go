package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const attendance = `
syncline: 1
name: Attendance
source: { kind: csv, path: customers.csv, key: [id], zone: Europe/Berlin }
hubspot:
  object: timeline-event
  event: "1001298"
  match: { field: Email, property: email }
  timestamp: { field: When, format: "DD.MM.YYYY HH:mm" }
fields:
  - { field: Webinar, property: webinar }
  - { field: Minutes, property: minutes }
`

const attended = "id,Email,Webinar,Minutes,When\n1,ada@example.com,Chains,45,02.11.2026 10:00\n2,bob@example.com,Chains,12,02.11.2026 10:05\n3,cy@example.com,Wires,7,03.11.2026 09:30\n"

// onTimelines are the events of the portal.
func (s *stage) onTimelines() []string {
	var all []string
	for _, e := range s.portal.TimelineEvents("1001298") {
		all = append(all, strings.Join([]string{e.Email, e.Tokens["webinar"], e.Tokens["minutes"], e.Timestamp}, " "))
	}
	return all
}

// fates are the fates of a plan's rows with their reasons, by key.
func (s *stage) fates(planID string) map[string]string {
	all := make(map[string]string)
	s.store(func(ctx context.Context, db *store.Store) {
		for it, err := range db.Items(ctx, planID) {
			if err != nil {
				s.t.Fatal(err)
			}
			all[it.RowKey] = string(it.Came()) + ": " + it.Why()
		}
	})
	return all
}

func TestEachRowBecomesOneEvent(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, attendance, attended)
	res := s.run()
	if res.Counts.Created != 3 || !strings.Contains(strings.Join(res.Notes, " "), "can't be taken back") {
		t.Errorf("the run came to %+v and says %q", res.Counts, res.Notes)
	}
	got := strings.Join(s.onTimelines(), "\n")
	for _, want := range []string{"ada@example.com Chains 45 2026-11-02T09:00:00Z", "bob@example.com Chains 12 2026-11-02T09:05:00Z", "cy@example.com Wires 7 2026-11-03T08:30:00Z"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no event %s among\n%s", want, got)
		}
	}
	writes := s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 3 || s.portal.Calls().Writes != writes {
		t.Errorf("a second run came to %+v in %d writes", res.Counts, s.portal.Calls().Writes-writes)
	}
}

// An event can't be changed: a row that does stays as it was sent until a person
// asks, and an undo says that it takes nothing back.
func TestAnEventStaysWhateverBecomesOfItsRow(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, attendance, attended)
	first := s.run()
	s.replace("7,03.11.2026", "8,03.11.2026")
	res := s.run()
	if why := s.fates(res.PlanID)["3"]; res.Counts.Skipped != 1 || !strings.Contains(why, "retry with --row") {
		t.Errorf("the changed row came to %+v: %s", res.Counts, why)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.DeliverAgain(ctx, 1, []string{"3"}); err != nil {
			t.Fatal(err)
		}
	})
	for _, want := range []int{1, 0} {
		if res := s.run(); res.Counts.Created != want {
			t.Errorf("asked for once more it came to %+v, want %d", res.Counts, want)
		}
	}
	if n := len(s.onTimelines()); n != 4 {
		t.Errorf("there are %d events", n)
	}
	undone, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, first.RunID) })
	if err != nil || undone.Counts.Skipped != 3 || len(s.onTimelines()) != 4 {
		t.Errorf("the undo came to %+v, %v", undone.Counts, err)
	}
}

func TestWhatHubSpotWouldNotTakeForAnEventIsNotSent(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, attendance, "id,Email,Webinar,Minutes,When\n1,,Chains,4,02.11.2026 10:00\n2,bob@example,Chains,12,02.11.2026 10:05\n3,cy@example.com,Wires,7,31.02.2026 09:30\n4,dee@example.com,Wires,many,03.11.2026 09:30\n5,eve@example.com,Wires,7,03.11.2026 09:30\n")
	res := s.run()
	if res.Counts.Failed != 4 || res.Counts.Created != 1 || len(s.onTimelines()) != 1 {
		t.Errorf("it came to %+v", res.Counts)
	}
	fates := s.fates(res.PlanID)
	for key, want := range map[string]string{"1": "Email", "2": "no e-mail address", "3": "31.02.2026", "4": `"minutes"`} {
		if !strings.Contains(fates[key], want) {
			t.Errorf("row %s: %s", key, fates[key])
		}
	}
	if n := len(s.attention()); n != 4 {
		t.Errorf("%d rows need attention", n)
	}
}

// Whatever becomes of an answer, and whatever HubSpot does with an event that it has
// already, each row is on a timeline once.
func TestALostAnswerDoublesNoEvent(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, way := range []practice.Switches{{}, {RepeatedEvents: practice.EventsRefused}, {RepeatedEvents: practice.EventsOverwrite}, {EventsUnreadable: true}, {EventsUnreadable: true, RepeatedEvents: practice.EventsRefused}} {
		for _, kind := range []practice.FaultKind{practice.ServerError, practice.ServerErrorAfter, practice.HalfCommitted, practice.Reset, practice.ResetAfter, practice.Truncated, practice.HTMLAfter, practice.Zombie} {
			t.Run(fmt.Sprint(way.RepeatedEvents, way.EventsUnreadable, kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t, practice.Options{Switches: way, Faults: practice.Faults{Script: []practice.Fault{{Kind: kind, Path: "events/batch", Times: 2}}}}, attendance, attended)
					if res := s.run(); res.Counts.Created != 3 {
						t.Errorf("it came to %+v", res.Counts)
					}
					if got := s.onTimelines(); len(got) != 3 {
						t.Errorf("the events are %q", got)
					}
					s.wantNothingToDo(3)
				})
			})
		}
	}
}

func TestARunThatSendsEventsAndDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	diesAnywhere(t, 6, func() *stage { return newStage(t, practice.Options{}, attendance, attended) }, (*stage).onTimelines)
}

// What was sent before a run died is what is remembered, though its row changed since.
func TestAnEventThatWasSentBeforeTheRunDiedIsKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, attendance, attended)
	s.stopAtPoint("answered", 1)
	s.replace("7,03.11.2026", "8,03.11.2026")
	s.run()
	res := s.run()
	if why := s.fates(res.PlanID)["3"]; res.Counts.Skipped != 1 || !strings.Contains(why, "has changed since") {
		t.Errorf("it came to %+v: %s", res.Counts, why)
	}
	want := []string{"7", "45", "12"}
	got := strings.Join(s.onTimelines(), " ")
	for _, minutes := range want {
		if !strings.Contains(got, " "+minutes+" 2026") {
			t.Errorf("the events are %s", got)
		}
	}
}

// A plan beyond the guard of creates stops before the first event.
func TestEventsBeyondAGuardAreNotSent(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, attendance+"guards: { creates: 2 }\n", attended)
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	if err == nil || !strings.Contains(err.Error(), "send 3 timeline events") || len(s.onTimelines()) > 0 {
		t.Errorf("the run says %v, and there are %q", err, s.onTimelines())
	}
}

// What people left of a plan is measured as the plan was: by what was delivered so far.
func TestTheRailsOfADeliveryCountWhatWasDelivered(t *testing.T) {
	t.Parallel()
	var more strings.Builder
	more.WriteString("id,Email,Webinar,Minutes,When\n")
	for i := range 12 {
		fmt.Fprintf(&more, "%d,ada@example.com,Chains,%d,02.11.2026 10:00\n", i+1, i)
	}
	s := newStage(t, practice.Options{}, attendance, more.String())
	s.run()
	s.write(s.file, strings.Replace(attended, "\n1,", "\n101,", 1))
	s.replace("\n2,", "\n102,")
	s.replace("\n3,", "\n103,")
	s.write(s.def, attendance+"guards: { creates: 30% }\n")
	planned := s.preview()
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.ExcludeItems(ctx, planned.PlanID, []int{1}, true); err != nil {
			t.Fatal(err)
		}
	})
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planned.PlanID) })
	if err != nil || res.Counts.Created != 2 {
		t.Errorf("%+v, %v: the preview asked for %v", res.Counts, err, planned.Guards)
	}
}

func TestAnEventOfAKindOfItsOwnIsDeliveredToEachKind(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Events: append(practice.SampleEvents(), practice.EventTemplate{ID: "7", Tokens: []practice.EventToken{{Name: "webinar"}, {Name: "minutes"}}})}, attendance, attended)
	s.run()
	s.write(s.def, strings.Replace(attendance, `"1001298"`, `"7"`, 1))
	if res := s.run(); res.Counts.Created != 3 || len(s.portal.TimelineEvents("7")) != 3 {
		t.Errorf("sent as another kind it came to %+v", res.Counts)
	}
	var kinds []plan.Kind
	s.store(func(ctx context.Context, db *store.Store) {
		pl, err := db.LastPlan(ctx, 2, plan.Applied)
		if err != nil {
			t.Fatal(err)
		}
		for it, err := range db.Items(ctx, pl.ID) {
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, it.Kind)
		}
	})
	if diff := cmp.Diff([]plan.Kind{plan.ItemDeliver, plan.ItemDeliver, plan.ItemDeliver}, kinds); diff != "" {
		t.Error(diff)
	}
}

// An event that is there with other values, since a newer copy of the workspace sent them, is no
// event that was made: it is said, and goes on to be.
func TestAnEventThatIsThereWithOtherValuesIsNotCounted(t *testing.T) {
	t.Parallel()
	first, _, _ := strings.Cut(attended, "2,")
	s := newStage(t, practice.Options{Switches: practice.Switches{RepeatedEvents: practice.EventsRefused}}, attendance, first)
	s.generations = &outside{}
	s.run()
	restore := s.backup()
	s.write(s.file, attended)
	s.run()
	restore()
	s.replace("7,03.11.2026", "8,03.11.2026")
	res := s.run()
	if why := s.fates(res.PlanID)["3"]; res.Counts.Created != 1 || res.Counts.Skipped != 1 || !strings.Contains(why, `holds "7" as minutes, where "8" was sent`) {
		t.Errorf("it came to %+v: %s", res.Counts, why)
	}
	res = s.run()
	if why := s.fates(res.PlanID)["3"]; res.Counts.Skipped != 1 || len(s.onTimelines()) != 3 || !strings.Contains(why, "retry with --row") {
		t.Errorf("then it came to %+v: %s", res.Counts, why)
	}
}
