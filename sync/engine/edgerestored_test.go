package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// What an undo brought back stays until the source changes: that a person has an
// association made again which the row names all along is no change of the source, and
// that it names another one is, also where HubSpot has that already.
func TestWhatAnUndoBroughtBackStaysUntilTheSourceChanges(t *testing.T) {
	t.Parallel()
	const one, two, late, other = "one.com", "two.com", "late.com", "other.com"
	several := strings.Replace(peopleOfCompanies, "    label: Primary\n    create-missing: true\n", "    split: \"|\"\n", 1)
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, several, "")
	s.yes = true
	company := func(domain string) {
		_, err := s.portal.Create("companies", map[string]string{"domain": domain})
		ok(t, err)
	}
	names := func(domains ...string) engine.Result {
		s.write(s.file, "id,Email,Domain\n1,ada@example.com,"+strings.Join(domains, "|")+"\n")
		return s.run()
	}
	has := func(step string, want ...string) {
		t.Helper()
		var got []string
		for _, e := range s.edges() {
			if f := strings.Fields(e); len(f) == 2 {
				got = append(got, f[1])
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: HubSpot has %q, want %q", step, got, want)
		}
	}
	company(one)
	company(two)
	company(late)
	names(one, late)
	moved := names(two, late)
	has("moved", late, two)
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, moved.RunID) })
	ok(t, err)
	has("undone", late, one)
	s.run()
	has("nothing changed", late, one)
	s.unlink("ada@example.com", late)
	s.run()
	has("a person removed one that it names all along", one)
	s.settle(plan.ChooseSource, "")
	s.run()
	has("decided: it is made again", late, one)
	s.run()
	has("once more", late, one)
	s.link("ada@example.com", two)
	s.run()
	has("a person made one again that it names", late, one, two)
	company(other)
	s.link("ada@example.com", other)
	names(two, late, other)
	has("it names another one", late, other, two)
}
