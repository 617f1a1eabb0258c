package merge_test

import (
	"testing"
	"time"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// folded is the rule of most tests: case and runs of spaces mean nothing, so
// that comparing texts instead of values shows.
var folded = record.Rule{Compare: record.CompareTextFolded}

// val reads a value as the tests write it: "-" is absent, "null" is null.
func val(s string) record.Value {
	switch s {
	case "-":
		return record.Value{}
	case "null":
		return record.None()
	}
	return record.Text(s)
}

func base(s string) *record.Value {
	v := val(s)
	return &v
}

// TestResolve states the rules of the package one by one. Base "∅" means that
// the sides never agreed.
func TestResolve(t *testing.T) {
	t.Parallel()
	const (
		two  = definition.TwoWay
		to   = definition.ToHubSpot
		from = definition.FromHubSpot
	)
	type field struct {
		dir    definition.Direction
		policy definition.Policy
		clear  bool
	}
	review := func(d definition.Direction) field { return field{dir: d, policy: definition.Review} }
	with := func(d definition.Direction, p definition.Policy) field { return field{dir: d, policy: p} }
	clear := func(d definition.Direction, p definition.Policy) field { return field{d, p, true} }

	tests := []struct {
		name         string
		field        field
		base         string // of both sides, or "source|hubspot"
		source, hubs string
		action       merge.Action
		value        string
		reason       merge.Reason
	}{
		// Rule 1.
		{"neither changed", review(two), "a", "a", "a", merge.None, "", merge.Unchanged},
		{"another way to write it is no change", review(two), "a b", "A  B", " a b", merge.None, "", merge.Unchanged},
		{"neither changed, though the target had rewritten the value", review(two), "long text|long", "long text", "long", merge.None, "", merge.Unchanged},
		{"both still empty", review(two), "", "null", "", merge.None, "", merge.Unchanged},

		// Rule 2.
		{"both changed to the same", review(two), "a", "b", "b", merge.Adopt, "", merge.SameEdit},
		{"both changed to what means the same", review(two), "a", "b", "B ", merge.Adopt, "", merge.SameEdit},
		{"both were emptied", review(two), "a", "", "null", merge.Adopt, "", merge.SameEdit},
		{"one changed to what the other holds", review(two), "long text|long", "long", "long", merge.Adopt, "", merge.AgreeNow},
		{"one-way, both changed to the same", review(to), "a", "b", "b", merge.Adopt, "", merge.SameEdit},
		{"one-way, drift that comes to agree", review(to), "a|b", "b", "b", merge.Adopt, "", merge.AgreeNow},

		// Rule 3.
		{"only the source changed", review(two), "a", "b", "a", merge.ToHubSpot, "b", merge.SourceChanged},
		{"only HubSpot changed", review(two), "a", "a", "b", merge.ToSource, "b", merge.HubSpotChanged},
		{"a value flows as it is written, not in its canonical form", review(two), "a", "  B  C", "a", merge.ToHubSpot, "  B  C", merge.SourceChanged},
		{"the source filled what was empty on both sides", review(two), "", "b", "", merge.ToHubSpot, "b", merge.SourceChanged},
		{"the policy says nothing about a one-sided edit", with(two, definition.TakeHubSpot), "a", "b", "a", merge.ToHubSpot, "b", merge.SourceChanged},

		// Rule 4.
		{"to HubSpot, only the source changed", review(to), "a", "b", "a", merge.ToHubSpot, "b", merge.SourceChangedOneWay},
		{"to HubSpot, only HubSpot changed", review(to), "a", "a", "b", merge.Drift, "", merge.HubSpotDrift},
		{"to HubSpot, only HubSpot changed, though the source would win", with(to, definition.TakeSource), "a", "a", "b", merge.Drift, "", merge.HubSpotDrift},
		{"from HubSpot, only HubSpot changed", review(from), "a", "a", "b", merge.ToSource, "b", merge.HubSpotChangedOneWay},
		{"from HubSpot, only the source changed", review(from), "a", "b", "a", merge.Drift, "", merge.SourceDrift},

		// Rule 5.
		{"both changed", review(two), "a", "b", "c", merge.Conflict, "", merge.BothChanged},
		{"both changed, no policy given is review", field{dir: two}, "a", "b", "c", merge.Conflict, "", merge.BothChanged},
		{"both changed, the source wins", with(two, definition.TakeSource), "a", "b", "c", merge.ToHubSpot, "b", merge.SourceWins},
		{"both changed, HubSpot wins", with(two, definition.TakeHubSpot), "a", "b", "c", merge.ToSource, "c", merge.HubSpotWins},
		{"to HubSpot, drift and then an edit of the owner", review(to), "a", "b", "c", merge.Conflict, "", merge.BothChangedToHubSpot},
		{"to HubSpot, both changed, the source wins", with(to, definition.TakeSource), "a", "b", "c", merge.ToHubSpot, "b", merge.SourceWins},
		{"to HubSpot, both changed, HubSpot wins and keeps its value", with(to, definition.TakeHubSpot), "a", "b", "c", merge.Drift, "", merge.HubSpotWinsDrift},
		{"from HubSpot, both changed", review(from), "a", "b", "c", merge.Conflict, "", merge.BothChangedFromHubSpot},
		{"from HubSpot, both changed, HubSpot wins", with(from, definition.TakeHubSpot), "a", "b", "c", merge.ToSource, "c", merge.HubSpotWins},
		{"from HubSpot, both changed, the source wins and keeps its value", with(from, definition.TakeSource), "a", "b", "c", merge.Drift, "", merge.SourceWinsDrift},

		// Rules 7 to 10.
		{"first run, equal", review(two), "∅", "a", "A", merge.Adopt, "", merge.FirstRunSame},
		{"first run, both empty", review(two), "∅", "", "-", merge.Adopt, "", merge.FirstRunSame},
		{"first run, HubSpot empty", review(two), "∅", "a", "", merge.ToHubSpot, "a", merge.FirstRunHubSpotEmpty},
		{"first run, HubSpot not there at all", review(two), "∅", "a", "-", merge.ToHubSpot, "a", merge.FirstRunHubSpotEmpty},
		{"first run, source empty", review(two), "∅", "null", "a", merge.ToSource, "a", merge.FirstRunSourceEmpty},
		{"first run, source empty, blank clears", clear(two, definition.Review), "∅", "", "a", merge.ToSource, "a", merge.FirstRunSourceEmpty},
		{"first run, source empty, and it would win", clear(two, definition.TakeSource), "∅", "", "a", merge.ToSource, "a", merge.FirstRunSourceEmpty},
		{"first run, HubSpot empty, and it would win", clear(two, definition.TakeHubSpot), "∅", "a", "", merge.ToHubSpot, "a", merge.FirstRunHubSpotEmpty},
		{"first run, two values", review(two), "∅", "a", "b", merge.Conflict, "", merge.FirstRunDiffers},
		{"first run, two values, the source wins", with(two, definition.TakeSource), "∅", "a", "b", merge.ToHubSpot, "a", merge.SourceWins},
		{"first run, two values, HubSpot wins", with(two, definition.TakeHubSpot), "∅", "a", "b", merge.ToSource, "b", merge.HubSpotWins},
		{"first run, to HubSpot, two values", review(to), "∅", "a", "b", merge.ToHubSpot, "a", merge.FirstRunToHubSpot},
		{"first run, to HubSpot, HubSpot empty", review(to), "∅", "a", "", merge.ToHubSpot, "a", merge.FirstRunToHubSpot},
		{"first run, to HubSpot, source empty", review(to), "∅", "", "b", merge.Adopt, "", merge.FirstRunSourceNothing},
		{"first run, to HubSpot, source empty, blank clears", clear(to, definition.TakeSource), "∅", "", "b", merge.Adopt, "", merge.FirstRunSourceNothing},
		{"first run, from HubSpot, two values", review(from), "∅", "a", "b", merge.ToSource, "b", merge.FirstRunFromHubSpot},
		{"first run, from HubSpot, HubSpot empty", clear(from, definition.Review), "∅", "a", "", merge.Adopt, "", merge.FirstRunHubSpotNothing},
		{"after it, the other side's edit is drift", review(to), "|b", "", "c", merge.Drift, "", merge.HubSpotDrift},
		{"after it, both edit", review(to), "|b", "a", "c", merge.Conflict, "", merge.BothChangedToHubSpot},

		{"first run, a cell of spaces is empty too", field{dir: two, policy: definition.TakeSource}, "∅", "  \u00a0", "a", merge.ToSource, "a", merge.FirstRunSourceEmpty},
		{"first run, spaces against nothing", review(two), "∅", " ", "null", merge.Adopt, "", merge.FirstRunSame},

		// Rule 11.
		{"clear, the source was emptied", clear(two, definition.Review), "a", "", "a", merge.ToHubSpot, "", merge.SourceCleared},
		{"clear, the source was emptied to null, which clears as text", clear(to, definition.Review), "a", "null", "a", merge.ToHubSpot, "", merge.SourceCleared},
		{"clear, the source was overwritten with spaces, which clears as nothing", clear(two, definition.Review), "a", "  ", "a", merge.ToHubSpot, "", merge.SourceCleared},
		{"clear, HubSpot was emptied", clear(two, definition.Review), "a", "a", "null", merge.ToSource, "", merge.HubSpotCleared},
		{"clear, emptied against edited", clear(two, definition.Review), "a", "", "b", merge.Conflict, "", merge.BothChanged},
		{"clear, emptied against edited, the emptied side wins", clear(two, definition.TakeSource), "a", "", "b", merge.ToHubSpot, "", merge.SourceWins},

		// Rule 12.
		{"ignore, the source was emptied", review(two), "a", "", "a", merge.None, "", merge.SourceBlankIgnored},
		{"ignore, HubSpot was emptied", review(two), "a", "a", "null", merge.None, "", merge.HubSpotBlankIgnored},
		{"ignore, the source was emptied, HubSpot edited", review(two), "a", "", "b", merge.ToSource, "b", merge.HubSpotChanged},
		{"ignore, HubSpot was emptied, the source edited", review(two), "a", "b", "", merge.ToHubSpot, "b", merge.SourceChanged},
		{"ignore, an emptied side does not win either", with(two, definition.TakeSource), "a", "", "b", merge.ToSource, "b", merge.HubSpotChanged},
		{"ignore, the old value came back", review(two), "a", "a", "a", merge.None, "", merge.Unchanged},
		{"ignore, to HubSpot, the source was emptied", review(to), "a", "", "a", merge.None, "", merge.SourceBlankIgnored},
		{"ignore, from HubSpot, HubSpot was emptied", review(from), "a", "a", "", merge.None, "", merge.HubSpotBlankIgnored},

		// Rule 13.
		{"to HubSpot, HubSpot was emptied", review(to), "a", "a", "", merge.Drift, "", merge.HubSpotDrift},
		{"to HubSpot, the source was emptied, HubSpot edited", review(to), "a", "", "b", merge.Drift, "", merge.HubSpotDrift},
		{"to HubSpot, HubSpot was emptied, then the source edited", review(to), "a", "b", "", merge.ToHubSpot, "b", merge.SourceChangedOneWay},
		{"clear, to HubSpot, HubSpot was emptied, then the source edited", clear(to, definition.Review), "a", "b", "", merge.Conflict, "", merge.BothChangedToHubSpot},

		// What was not read.
		{"the source's column is gone", clear(two, definition.TakeSource), "a", "-", "a", merge.None, "", merge.SourceNotRead},
		{"the source's column is gone, HubSpot edited", clear(two, definition.TakeSource), "a", "-", "b", merge.None, "", merge.SourceNotRead},
		{"HubSpot's property is gone", clear(two, definition.TakeHubSpot), "a", "b", "-", merge.None, "", merge.HubSpotNotRead},
		{"an absent value that was empty before", review(two), "|", "b", "-", merge.ToHubSpot, "b", merge.SourceChanged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := merge.Field{Rule: folded, Direction: tt.field.dir, Policy: tt.field.policy, BlankClears: tt.field.clear}
			s := merge.State{Source: val(tt.source), HubSpot: val(tt.hubs)}
			s.BaseSource, s.BaseHubSpot = bases(tt.base)
			want := merge.Decision{Action: tt.action, Reason: tt.reason}
			if tt.action == merge.ToHubSpot || tt.action == merge.ToSource {
				want.Value = record.Text(tt.value)
			}
			if got := merge.Resolve(f, s); got != want {
				t.Errorf("Resolve = %+v\nwant      %+v", got, want)
			}
		})
	}
}

// bases reads "∅", "both" or "source|hubspot".
func bases(s string) (source, hubspot *record.Value) {
	if s == "∅" {
		return nil, nil
	}
	for i := range s {
		if s[i] == '|' {
			return base(s[:i]), base(s[i+1:])
		}
	}
	return base(s), base(s)
}

// TestNewest states rule 6.
func TestNewest(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	tests := []struct {
		name            string
		source, hubspot time.Time
		skew            time.Duration
		action          merge.Action
		reason          merge.Reason
	}{
		{"the source is newer", noon.Add(time.Minute), noon, 0, merge.ToHubSpot, merge.SourceNewer},
		{"HubSpot is newer", noon, noon.Add(time.Minute), 0, merge.ToSource, merge.HubSpotNewer},
		{"at the same moment", noon, noon, 0, merge.Conflict, merge.NewestUnknown},
		{"two seconds are too close", noon.Add(2 * time.Second), noon, 0, merge.Conflict, merge.NewestUnknown},
		{"just more than two seconds", noon.Add(2*time.Second + 1), noon, 0, merge.ToHubSpot, merge.SourceNewer},
		{"within twice the skew", noon, noon.Add(time.Minute), 30 * time.Second, merge.Conflict, merge.NewestUnknown},
		{"beyond twice the skew", noon, noon.Add(time.Minute), 29 * time.Second, merge.ToSource, merge.HubSpotNewer},
		{"a negative skew guards as well", noon, noon.Add(time.Minute), -30 * time.Second, merge.Conflict, merge.NewestUnknown},
		{"the source has no times", never, noon, 0, merge.Conflict, merge.NewestUnknown},
		{"HubSpot's time is not known", noon, never, 0, merge.Conflict, merge.NewestUnknown},
		{"an absurd distance", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), 0, merge.ToHubSpot, merge.SourceNewer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := merge.Field{Rule: folded, Direction: definition.TwoWay, Policy: definition.Newest}
			for _, b := range []*record.Value{nil, base("a")} { // on the first run too
				s := merge.State{Source: val("b"), HubSpot: val("c"), BaseSource: b, BaseHubSpot: b,
					SourceTime: tt.source, HubSpotTime: tt.hubspot, Skew: tt.skew}
				if got := merge.Resolve(f, s); got.Action != tt.action || got.Reason != tt.reason {
					t.Errorf("base %v: Resolve = %v (%v), want %v (%v)", b, got.Action, got.Reason, tt.action, tt.reason)
				}
			}
		})
	}
	t.Run("of a time between two bounds the nearer one counts", func(t *testing.T) {
		t.Parallel()
		f := merge.Field{Rule: folded, Direction: definition.TwoWay, Policy: definition.Newest}
		for hubspot, want := range map[time.Duration]merge.Reason{-time.Hour: merge.SourceNewer, time.Minute: merge.NewestUnknown, 30 * time.Minute: merge.NewestUnknown,
			59 * time.Minute: merge.NewestUnknown, 2 * time.Hour: merge.HubSpotNewer} {
			s := merge.State{Source: val("b"), HubSpot: val("c"), SourceSince: noon, SourceTime: noon.Add(time.Hour), HubSpotTime: noon.Add(hubspot)}
			if got := merge.Resolve(f, s); got.Reason != want {
				t.Errorf("HubSpot %v later: %v, want %v", hubspot, got.Reason, want)
			}
		}
	})
	t.Run("in a one-way field the newer other side keeps its value", func(t *testing.T) {
		t.Parallel()
		f := merge.Field{Rule: folded, Direction: definition.ToHubSpot, Policy: definition.Newest}
		s := merge.State{Source: val("b"), HubSpot: val("c"), BaseSource: base("a"), BaseHubSpot: base("a"),
			SourceTime: noon, HubSpotTime: noon.Add(time.Hour)}
		if got := merge.Resolve(f, s); got.Action != merge.Drift {
			t.Errorf("Resolve = %+v, want drift", got)
		}
	})
}

// TestSets states rule 14.
func TestSets(t *testing.T) {
	t.Parallel()
	two, to := definition.TwoWay, definition.ToHubSpot
	tests := []struct {
		name         string
		dir          definition.Direction
		policy       definition.Policy
		clear        bool
		base         string
		source, hubs string
		action       merge.Action
		value        string
	}{
		{"each added one", two, definition.Review, false, "a", "a;b", "a;c", merge.ToBoth, "a;b;c"},
		{"one added, the other removed", two, definition.Review, false, "a;b", "a;b;c", "b", merge.ToBoth, "b;c"},
		{"both added the same and one another", two, definition.Review, false, "a", "a;b", "a;b;c", merge.ToSource, "a;b;c"},
		{"both removed the same and one another", two, definition.Review, false, "a;b;c", "c", "b;c", merge.ToHubSpot, "c"},
		{"order and repetition mean nothing", two, definition.Review, false, "a;b", "b;a;a", ";b;a;", merge.None, ""},
		{"one side only", two, definition.Review, false, "a", "a;b", "a", merge.ToHubSpot, "a;b"},
		{"merging comes before the policy", two, definition.TakeSource, false, "a", "a;b", "a;c", merge.ToBoth, "a;b;c"},
		{"no base, no merge", two, definition.Review, false, "∅", "a;b", "a;c", merge.Conflict, ""},
		{"an addition collides with a removal", two, definition.Review, false, "a;b|a", "a", "a;b;c", merge.Conflict, ""},
		{"a collision follows the policy", two, definition.TakeHubSpot, false, "a;b|a", "a", "a;b;c", merge.ToSource, "a;b;c"},
		{"nothing would be left", two, definition.Review, false, "a;b", "a", "b", merge.Conflict, ""},
		{"nothing would be left, and blanks clear", two, definition.Review, true, "a;b", "a", "b", merge.ToBoth, ""},
		{"an emptied set says nothing", two, definition.Review, false, "a;b", "", "a;b;c", merge.ToSource, "a;b;c"},
		{"an emptied set is a removal of all", two, definition.Review, true, "a;b", "", "a;b;c", merge.ToBoth, "c"},
		{"one-way, the owner has all edits", to, definition.Review, false, "a", "a;b;c", "a;c", merge.ToHubSpot, "a;b;c"},
		{"one-way, the other side's addition would be lost", to, definition.Review, false, "a", "a;b", "a;c", merge.Conflict, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := merge.Field{Rule: record.Rule{Compare: record.CompareSet}, Direction: tt.dir, Policy: tt.policy, BlankClears: tt.clear, Multi: true}
			s := merge.State{Source: val(tt.source), HubSpot: val(tt.hubs)}
			s.BaseSource, s.BaseHubSpot = bases(tt.base)
			got := merge.Resolve(f, s)
			if got.Action != tt.action || got.Value.String() != tt.value {
				t.Errorf("Resolve = %+v, want %v %q", got, tt.action, tt.value)
			}
			if got.Action == merge.ToBoth && got.SourceValue != got.Value {
				t.Errorf("the sides would get different sets: %+v", got)
			}
		})
	}
}

// TestOpenConflict states rule 15.
func TestOpenConflict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		policy       definition.Policy
		base         string
		source, hubs string
		want         merge.Decision
	}{
		{"waits", definition.Review, "a", "b", "c", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"waits, whatever the policy is by now", definition.TakeSource, "a", "b", "c", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"waits, though one side is back at its base", definition.Review, "a", "b", "a", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"waits, though one side was emptied", definition.Review, "a", "b", "", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"waits, though one side was not read", definition.Review, "a", "-", "-", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"waits on a first run", definition.TakeHubSpot, "∅", "b", "c", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"closes when both sides agree", definition.Review, "a", "b", "B", merge.Decision{Action: merge.Adopt, Reason: merge.AgreedAgain}},
		{"waits, though both sides are back at bases that differ", definition.Review, "long text|long", "long text", "long", merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := merge.Field{Rule: folded, Direction: definition.TwoWay, Policy: tt.policy}
			s := merge.State{Source: val(tt.source), HubSpot: val(tt.hubs), OpenConflict: true}
			s.BaseSource, s.BaseHubSpot = bases(tt.base)
			if got := merge.Resolve(f, s); got != tt.want {
				t.Errorf("Resolve = %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestSettle states rules 16 and 17.
func TestSettle(t *testing.T) {
	t.Parallel()
	two, to, from := definition.TwoWay, definition.ToHubSpot, definition.FromHubSpot
	write := func(a merge.Action, v string, why merge.Reason) merge.Decision {
		return merge.Decision{Action: a, Value: record.Text(v), Reason: why}
	}
	both := func(source, hubspot string, why merge.Reason) merge.Decision {
		return merge.Decision{Action: merge.ToBoth, Value: record.Text(hubspot), SourceValue: record.Text(source), Reason: why}
	}
	apart := merge.Decision{Action: merge.Adopt, Reason: merge.SettledApart}
	again := merge.Decision{Action: merge.Conflict, Reason: merge.MovedSinceDecided}
	seen := func(take merge.Take, source, hubspot string) merge.Choice {
		return merge.Choice{Take: take, SeenSource: base(source), SeenHubSpot: base(hubspot)}
	}
	typed := func(v string) merge.Choice { return merge.Choice{Take: merge.TakeValue, Value: val(v)} }
	take := func(t merge.Take) merge.Choice { return merge.Choice{Take: t} }

	tests := []struct {
		name         string
		dir          definition.Direction
		base         string
		source, hubs string
		choice       merge.Choice
		want         merge.Decision
	}{
		{"the source", two, "a", "b", "c", take(merge.TakeSource), write(merge.ToHubSpot, "b", merge.SettledSource)},
		{"HubSpot", two, "a", "b", "c", take(merge.TakeHubSpot), write(merge.ToSource, "c", merge.SettledHubSpot)},
		{"the base", two, "a", "b", "c", take(merge.TakeBase), both("a", "a", merge.SettledBase)},
		{"the base, each side its own", two, "long text|long", "b", "c", take(merge.TakeBase), both("long text", "long", merge.SettledBase)},
		{"the base, which one side is back at", two, "a", "a", "c", take(merge.TakeBase), write(merge.ToHubSpot, "a", merge.SettledBase)},
		{"the base, without one", two, "∅", "b", "c", take(merge.TakeBase), merge.Decision{Action: merge.Conflict, Reason: merge.NoBase}},
		{"a typed value", two, "a", "b", "c", typed("d"), both("d", "d", merge.SettledValue)},
		{"a typed value that one side holds", two, "a", "b", "c", typed("b"), write(merge.ToHubSpot, "b", merge.SettledValue)},
		{"a typed blank clears", two, "a", "b", "c", typed("null"), both("", "", merge.SettledValue)},
		{"the source's blank was chosen by a person, so it clears", two, "a", "", "c", take(merge.TakeSource), write(merge.ToHubSpot, "", merge.SettledSource)},
		{"on a first run", two, "∅", "b", "c", take(merge.TakeHubSpot), write(merge.ToSource, "c", merge.SettledHubSpot)},

		{"one-way, the owner", to, "a", "b", "c", take(merge.TakeSource), write(merge.ToHubSpot, "b", merge.SettledSource)},
		{"one-way, the other side keeps its value", to, "a", "b", "c", take(merge.TakeHubSpot), apart},
		{"one-way, the base", to, "a", "b", "c", take(merge.TakeBase), write(merge.ToHubSpot, "a", merge.SettledBase)},
		{"one-way, a typed value", from, "a", "b", "c", typed("d"), write(merge.ToSource, "d", merge.SettledValue)},
		{"one-way, the source keeps its value", from, "a", "b", "c", take(merge.TakeSource), apart},

		{"nothing moved since", two, "a", "B", "c", seen(merge.TakeSource, "b", "c"), write(merge.ToHubSpot, "b", merge.SettledSource)},
		{"HubSpot moved since", two, "a", "b", "d", seen(merge.TakeSource, "b", "c"), again},
		{"the chosen side itself moved since", two, "a", "e", "c", seen(merge.TakeSource, "b", "c"), again},
		{"HubSpot was emptied since", two, "a", "b", "", seen(merge.TakeSource, "b", "c"), again},
		{"half carried out before a crash", two, "a", "b", "d", merge.Choice{Take: merge.TakeValue, Value: val("d"), SeenSource: base("b"), SeenHubSpot: base("c")}, write(merge.ToSource, "d", merge.SettledValue)},
		{"carried out before a crash", two, "a", "b", "b", seen(merge.TakeSource, "b", "c"), merge.Decision{Action: merge.Adopt, Reason: merge.AgreedAgain}},
		{"both agree by now", two, "a", "d", "d", seen(merge.TakeBase, "b", "c"), merge.Decision{Action: merge.Adopt, Reason: merge.AgreedAgain}},
		{"a side was not read", two, "a", "-", "c", take(merge.TakeHubSpot), merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
		{"a choice from a newer version", two, "a", "b", "c", take("coin"), merge.Decision{Action: merge.Conflict, Reason: merge.StillOpen}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := merge.Field{Rule: folded, Direction: tt.dir}
			s := merge.State{Source: val(tt.source), HubSpot: val(tt.hubs), OpenConflict: true}
			s.BaseSource, s.BaseHubSpot = bases(tt.base)
			if got := merge.Settle(f, s, tt.choice); got != tt.want {
				t.Errorf("Settle  = %+v\nwant      %+v", got, tt.want)
			}
			s.Settled = &tt.choice
			if got := merge.Resolve(f, s); got != tt.want {
				t.Errorf("Resolve = %+v\nwant      %+v", got, tt.want)
			}
		})
	}
}

// TestBlank: what a person sees nothing in never erases anything.
func TestBlank(t *testing.T) {
	t.Parallel()
	tests := []struct {
		compare record.Comparison
		blanks  []string
		values  []string
	}{
		{record.CompareText, []string{"", " ", "\t\n", "\u00a0"}, []string{"0", "-", "日"}},
		{record.CompareHTML, []string{"", "<p></p>", "<p> </p>"}, []string{"<p>0</p>", "p"}},
		{record.CompareSet, []string{"", ";", " ; "}, []string{"a", ";a"}},
		{record.ComparePhone, []string{"", "  "}, []string{"+49 30 23125 400", "n/a", "-"}},
		{record.CompareBoolean, []string{""}, []string{"false", "no", "0"}},
		{record.CompareNumber, []string{" "}, []string{"0", "-0.0"}},
	}
	for _, tt := range tests {
		f := merge.Field{Rule: record.Rule{Compare: tt.compare}, Direction: definition.TwoWay, Policy: definition.TakeSource}
		for _, b := range tt.blanks {
			if d := merge.Resolve(f, merge.State{Source: val(b), HubSpot: val("1")}); d.Action != merge.ToSource {
				t.Errorf("%s: blank %q: %+v, want it filled", tt.compare, b, d)
			}
			if d := merge.Resolve(f, merge.State{Source: val(b), HubSpot: record.None()}); d.Action != merge.Adopt {
				t.Errorf("%s: %q and null: %+v, want that they agree", tt.compare, b, d)
			}
		}
		for _, v := range tt.values {
			if d := merge.Resolve(f, merge.State{Source: record.Text(v), HubSpot: record.None()}); d.Action != merge.ToHubSpot || d.Value.String() != v {
				t.Errorf("%s: value %q: %+v, want that it flows", tt.compare, v, d)
			}
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, take := range []merge.Take{merge.TakeSource, merge.TakeHubSpot, merge.TakeBase, merge.TakeValue} {
		if got, ok := merge.ParseTake(string(take)); got != take || !ok {
			t.Errorf("ParseTake(%q) = %q, %v", take, got, ok)
		}
	}
	if _, ok := merge.ParseTake("newest"); ok {
		t.Error("newest is a policy, no choice")
	}
	if got := merge.Reason("from-a-newer-version").Sentence(); got != "from-a-newer-version" {
		t.Errorf("an unknown reason reads %q", got)
	}
	for _, r := range merge.Reasons() {
		if s := r.Sentence(); len(s) < 20 || s[len(s)-1] != '.' {
			t.Errorf("%s has no sentence: %q", r, s)
		}
	}
}
