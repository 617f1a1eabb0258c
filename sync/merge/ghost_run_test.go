package merge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
)

// TestHistories: no history of edits, syncs, crashes and decisions loses an
// edit, opens a conflict without two edits, or fails to come to rest.
func TestHistories(t *testing.T) {
	t.Parallel()
	lives := histories()
	rapid.Check(t, func(t *rapid.T) {
		h := lives.Draw(t, "history")
		if wrong := live(h, nil); len(wrong) > 0 {
			t.Fatalf("%v\n%s", h, strings.Join(wrong, "\n"))
		}
	})
}

// TestManyHistories is TestHistories over a fixed set of seeds, for the number
// of them; and it looks that they went through everything there is.
func TestManyHistories(t *testing.T) {
	t.Parallel()
	lives := histories()
	seen := &tally{decisions: map[merge.Reason]int{}, crashes: map[crash]int{}}
	for seed := range 100_000 {
		h := lives.Example(seed)
		if wrong := live(h, func(e *engine) { e.tally = seen }); len(wrong) > 0 {
			t.Fatalf("seed %d: %v\n%s", seed, h, strings.Join(wrong, "\n"))
		}
	}
	t.Logf("decisions %v\nwrites by crash %v", seen.decisions, seen.crashes)
	notRead := []merge.Reason{merge.SourceNotRead, merge.HubSpotNotRead}
	for _, r := range merge.Reasons() {
		if seen.decisions[r] < 20 && !slices.Contains(notRead, r) {
			t.Errorf("the histories came through %q only %d times", r, seen.decisions[r])
		}
	}
	for _, c := range []crash{noCrash, beforeEffect, afterEffect} {
		if seen.crashes[c] < 1000 {
			t.Errorf("only %d writes had crash %q", seen.crashes[c], c)
		}
	}
}

// planted are engines and resolvers with one bug each. The histories must find
// every one of them; a suite that misses one proves nothing about it.
var planted = map[string]func(*engine){
	"the base never moves after a write":        func(e *engine) { e.baseStays = true },
	"one base for both sides":                   func(e *engine) { e.oneBase = true },
	"drift moves the base":                      func(e *engine) { e.driftMovesBase = true },
	"a crash's write is not attributed":         func(e *engine) { e.ignoresJournal = true },
	"an unknown outcome is guessed":             func(e *engine) { e.guessesOutcome = true },
	"an open conflict is forgotten":             func(e *engine) { e.forgetsConflict = true; e.resolve = forgetful },
	"a choice is applied to values nobody saw":  func(e *engine) { e.blindChoice = true },
	"values are compared as texts":              func(e *engine) { e.resolve = exact },
	"an empty value erases on the first run":    func(e *engine) { e.resolve = erases },
	"an empty value flows though it is ignored": func(e *engine) { e.resolve = clears },
	"a blank that is ignored moves the base":    func(e *engine) { e.resolve = adoptsBlanks },
	"two edits: the source wins":                func(e *engine) { e.resolve = sourceWins },
	"one-way overwrites drift":                  func(e *engine) { e.resolve = overwritesDrift },
	"one-way flows both ways":                   func(e *engine) { e.resolve = bothWays },
	"equal edits are a conflict":                func(e *engine) { e.resolve = quarrels },
	"two blanks do not move the base":           func(e *engine) { e.resolve = ignoresTwoBlanks },
	"sets are merged by taking the union":       func(e *engine) { e.resolve = unions },
	"newest trusts every clock":                 func(e *engine) { e.resolve = trustsClocks },
	"without a base the sides agree":            func(e *engine) { e.resolve = assumesAgreement },
}

func TestPlantedBugsAreFound(t *testing.T) {
	t.Parallel()
	lives := histories()
	for name, plant := range planted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 5_000 {
				if wrong := live(lives.Example(seed), plant); len(wrong) > 0 {
					t.Logf("found by history %d: %s", seed, wrong[0])
					return
				}
			}
			t.Error("5,000 histories did not find it")
		})
	}
}

func exact(f merge.Field, s merge.State) merge.Decision {
	f.Rule = record.Rule{Compare: record.CompareText}
	return merge.Resolve(f, s)
}

func erases(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	switch d.Reason {
	case merge.FirstRunSourceEmpty, merge.FirstRunSourceNothing:
		return merge.Decision{Action: merge.ToHubSpot, Value: record.Text(""), Reason: d.Reason}
	}
	return d
}

func clears(f merge.Field, s merge.State) merge.Decision {
	f.BlankClears = true
	return merge.Resolve(f, s)
}

func adoptsBlanks(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	if d.Reason == merge.SourceBlankIgnored || d.Reason == merge.HubSpotBlankIgnored {
		d.Action = merge.Adopt
	}
	return d
}

func sourceWins(f merge.Field, s merge.State) merge.Decision {
	if f.Policy == definition.Review {
		f.Policy = definition.TakeSource
	}
	return merge.Resolve(f, s)
}

func overwritesDrift(f merge.Field, s merge.State) merge.Decision {
	if f.Direction != definition.TwoWay && s.BaseSource != nil {
		s.BaseSource, s.BaseHubSpot = nil, nil
	}
	return merge.Resolve(f, s)
}

func bothWays(f merge.Field, s merge.State) merge.Decision {
	f.Direction = definition.TwoWay
	return merge.Resolve(f, s)
}

func quarrels(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	if d.Reason == merge.SameEdit {
		d.Action = merge.Conflict
	}
	return d
}

func ignoresTwoBlanks(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	if d.Action == merge.Adopt && s.Source.Empty() && s.HubSpot.Empty() && s.BaseSource != nil {
		return merge.Decision{Action: merge.None, Reason: merge.Unchanged}
	}
	return d
}

func unions(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	if d.Reason == merge.SetsMerged && d.Action == merge.ToBoth {
		d.Value = record.Rule{Compare: record.CompareSet}.Canonical(record.Text(s.Source.String() + ";" + s.HubSpot.String()))
		d.SourceValue = d.Value
	}
	return d
}

func assumesAgreement(f merge.Field, s merge.State) merge.Decision {
	d := merge.Resolve(f, s)
	if d.Reason == merge.FirstRunDiffers {
		d.Action = merge.Adopt
	}
	return d
}

func forgetful(f merge.Field, s merge.State) merge.Decision {
	s.OpenConflict = false
	if s.Settled == nil {
		return merge.Resolve(f, s)
	}
	return merge.Settle(f, s, *s.Settled)
}

func trustsClocks(f merge.Field, s merge.State) merge.Decision {
	if s.SourceTime.After(s.HubSpotTime) {
		s.SourceTime = s.SourceTime.Add(time.Hour)
	}
	if s.HubSpotTime.After(s.SourceTime) {
		s.HubSpotTime = s.HubSpotTime.Add(time.Hour)
	}
	return merge.Resolve(f, s)
}
