package engine_test

import (
	"context"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// A record that an undo archived is made anew when its row changes, with its associations. What
// a person removes of these then is not made again unasked.
func TestWhatIsRemovedFromARecordThatWasMadeAnewStaysRemoved(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, stormOfRecords, "id,Email,Plain,Labelled\n0,ada@example.com,,acme.com\n")
	s.yes = true
	for _, domain := range []string{"acme.com", "beta.org"} {
		_, err := s.portal.Create("companies", map[string]string{"domain": domain})
		ok(t, err)
	}
	first := s.run()
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, first.RunID) })
	ok(t, err)
	s.write(s.file, "id,Email,Plain,Labelled\n0,ada@example.com,beta.org,acme.com\n")
	if res := s.run(); !strings.Contains(strings.Join(s.edges(), ", "), "ada@example.com acme.com Partner") {
		t.Fatalf("%q %+v", s.edges(), res.Counts)
	}
	s.run()
	s.unlink("ada@example.com", "acme.com")
	s.write(s.file, "id,Email,Plain,Labelled\n0,ada@example.com,,acme.com\n")
	if res := s.run(); strings.Contains(strings.Join(s.edges(), ", "), "acme.com") || res.Counts.Waiting != 1 {
		t.Errorf("%q %+v", s.edges(), res.Counts)
	}
}

// What a person removed and then made again is that person's: it stays when the source
// names it no more, also where nobody had decided about its removal.
func TestWhatAPersonMadeAgainIsNotRemoved(t *testing.T) {
	t.Parallel()
	for _, asked := range []bool{true, false} { // by a run that sees it before the source drops it
		s := newStage(t, practice.Options{}, stormOfRecords, "id,Email,Plain,Labelled\n0,ada@example.com,acme.com,\n")
		s.run()
		s.unlink("ada@example.com", "acme.com")
		if res := s.run(); res.Counts.Waiting != 1 {
			t.Errorf("removed: %+v", res.Counts)
		}
		s.link("ada@example.com", "acme.com")
		if asked {
			if res := s.run(); res.Counts.Waiting != 0 {
				t.Errorf("made again: %+v", res.Counts)
			}
		}
		s.write(s.file, "id,Email,Plain,Labelled\n0,ada@example.com,,\n")
		for range 2 {
			if res := s.run(); res.Counts.Dissociated+res.Counts.Waiting > 0 || len(s.edges()) == 0 {
				t.Errorf("seen before %v: %q %+v", asked, s.edges(), res.Counts)
			}
		}
	}
}
