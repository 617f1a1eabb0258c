package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// An answer about members that is lost, once or several times, whether they join or leave, and with
// the run ending there: who was to be in the list is in it, what a person did since stays, and what
// the sync is remembered to have done is what it did.
func TestAnAnswerAboutMembersThatIsLostIsAccountedFor(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, kind := range []practice.FaultKind{practice.ResetAfter, practice.Reset, practice.HangAfter, practice.Zombie} {
		for _, times := range []int{1, -1} {
			if kind == practice.Zombie && times < 0 {
				continue // whoever is in the list when the run has long given up counts as somebody's, and stays
			}
			for _, leaves := range []bool{false, true} {
				t.Run(fmt.Sprint(kind, times, leaves), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { loseMembers(t, kind, times, leaves) })
				})
			}
		}
	}
}

func loseMembers(t *testing.T, kind practice.FaultKind, times int, leaves bool) {
	names := []string{"ada", "bob", "cy", "dee"}
	s := newsroom(t, practice.Options{}, readers, append(names, "eve"), []string{"eve"}, names)
	s.yes = true
	want, changes := "ada bob cy dee eve", 4
	if leaves {
		s.run()
		s.readers("ada")
		want, changes = "ada eve", 3
	}
	s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind, Path: "memberships/add-and-remove", Times: times, Delay: 20 * time.Second}}})
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	if times > 0 && (err != nil || res.Counts.Associated+res.Counts.Dissociated != changes || res.Counts.Sum() != res.Counts.Read) {
		t.Errorf("it came to %+v, %v; %s are in it", res.Counts, err, s.inList())
	}
	s.portal.SetFaults(practice.Faults{})
	time.Sleep(time.Hour)
	s.run()
	s.wantInList("in the end", want)
	writes := s.portal.Calls().Writes
	if res := s.run(); s.portal.Calls().Writes != writes || res.Counts.Conflict != 0 {
		t.Errorf("a further run: %+v", res.Counts)
	}
	s.readers()
	s.run()
	s.wantInList("after all rows left", "eve")
}
