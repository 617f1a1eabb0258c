package merge_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
)

var (
	directions = []definition.Direction{definition.TwoWay, definition.ToHubSpot, definition.FromHubSpot}
	policies   = []definition.Policy{definition.Review, definition.TakeSource, definition.TakeHubSpot, definition.Newest}
)

// everyState calls check with every combination of a small world: every
// direction, policy and blank rule, with every state of both values and bases.
func everyState(check func(merge.Field, merge.State)) int {
	values := []record.Value{{}, record.None(), record.Text(""), record.Text("a"), record.Text("A"), record.Text("b"), record.Text("c")}
	bases := []*record.Value{nil, base(""), base("a"), base("b")}
	times := []time.Time{{}, noon, noon.Add(time.Hour)}
	n := 0
	for _, d := range directions {
		for _, p := range policies {
			for _, clears := range []bool{false, true} {
				for _, open := range []bool{false, true} {
					for _, src := range values {
						for _, hub := range values {
							for _, bs := range bases {
								for _, bh := range bases {
									for _, at := range times {
										n++
										check(merge.Field{Rule: folded, Direction: d, Policy: p, BlankClears: clears},
											merge.State{Source: src, HubSpot: hub, BaseSource: bs, BaseHubSpot: bh, OpenConflict: open,
												SourceTime: at, HubSpotTime: noon})
									}
								}
							}
						}
					}
				}
			}
		}
	}
	return n
}

// TestEveryState holds the general laws against every state there is.
func TestEveryState(t *testing.T) {
	t.Parallel()
	failures := 0
	n := everyState(func(f merge.Field, s merge.State) {
		d := merge.Resolve(f, s)
		if law := broken(f, s, d); law != "" && failures < 10 {
			failures++
			t.Errorf("%s\nfield %+v\nstate %+v (bases %v, %v)\ndecision %+v", law, f, s, s.BaseSource, s.BaseHubSpot, d)
		}
	})
	if n < 100_000 {
		t.Fatalf("only %d states were looked at", n)
	}
}

// broken returns the law that a decision breaks, "" if it keeps all of them.
func broken(f merge.Field, s merge.State, d merge.Decision) string {
	hub, writesHub := d.ForHubSpot()
	src, writesSrc := d.ForSource()
	first := s.BaseSource == nil || s.BaseHubSpot == nil
	changed := func(now record.Value, base *record.Value) bool { return !first && !folded.Same(now, *base) }
	switch {
	case d.Reason == "" || d.Reason.Sentence() == string(d.Reason):
		return "every decision has a reason with a sentence"
	case writesSrc && f.Direction == definition.ToHubSpot, writesHub && f.Direction == definition.FromHubSpot:
		return "a one-way field flows only in its direction"
	case first && (writesHub && hub.Empty() || writesSrc && src.Empty()):
		return "a blank never erases on a first run"
	case !f.BlankClears && (writesHub && hub.Empty() || writesSrc && src.Empty()):
		return "with blank: ignore a blank never flows"
	case writesHub && hub.State() != record.Present, writesSrc && src.State() != record.Present:
		return "what is written is a text"
	case writesHub && folded.Same(hub, s.HubSpot), writesSrc && folded.Same(src, s.Source):
		return "nothing is written that is there already"
	case writesHub && !writesSrc && !folded.Same(hub, s.Source), writesSrc && !writesHub && !folded.Same(src, s.HubSpot):
		return "what flows is the other side's value"
	case s.OpenConflict && (writesHub || writesSrc || d.Action == merge.Drift):
		return "an open conflict stays as it is"
	case d.Action == merge.Conflict && folded.Same(s.Source, s.HubSpot) && !s.OpenConflict:
		return "values that are the same are no conflict"
	case d.Action == merge.Conflict && !s.OpenConflict && !first && !(changed(s.Source, s.BaseSource) && changed(s.HubSpot, s.BaseHubSpot)):
		return "a conflict needs two edits"
	case !first && !changed(s.Source, s.BaseSource) && !changed(s.HubSpot, s.BaseHubSpot) && d.Action != merge.None && !s.OpenConflict:
		return "without an edit nothing happens"
	case !first && writesHub && !changed(s.Source, s.BaseSource), !first && writesSrc && !changed(s.HubSpot, s.BaseHubSpot):
		return "only an edit flows"
	case f.Policy == definition.Review && !first && writesHub && changed(s.HubSpot, s.BaseHubSpot) && !(s.HubSpot.Empty() && !f.BlankClears):
		return "an edit in HubSpot is not overwritten without a policy"
	case f.Policy == definition.Review && !first && writesSrc && changed(s.Source, s.BaseSource) && !(s.Source.Empty() && !f.BlankClears):
		return "an edit in the source is not overwritten without a policy"
	}
	return ""
}

// TestMirror: the two sides have equal rights. Swapping them, and the direction
// and policy with them, swaps the decision.
func TestMirror(t *testing.T) {
	t.Parallel()
	failures := 0
	everyState(func(f merge.Field, s merge.State) {
		got, want := merge.Resolve(mirror(f, s)), merge.Resolve(f, s)
		if got.Action != mirrorAction(want.Action) || got.Value != want.Value {
			if failures++; failures < 10 {
				t.Errorf("field %+v state %+v\ndecides   %+v\nmirrored  %+v", f, s, want, got)
			}
		}
	})
}

func mirror(f merge.Field, s merge.State) (merge.Field, merge.State) {
	f.Direction = map[definition.Direction]definition.Direction{definition.TwoWay: definition.TwoWay,
		definition.ToHubSpot: definition.FromHubSpot, definition.FromHubSpot: definition.ToHubSpot}[f.Direction]
	switch f.Policy {
	case definition.TakeSource:
		f.Policy = definition.TakeHubSpot
	case definition.TakeHubSpot:
		f.Policy = definition.TakeSource
	}
	s.Source, s.HubSpot = s.HubSpot, s.Source
	s.BaseSource, s.BaseHubSpot = s.BaseHubSpot, s.BaseSource
	s.SourceTime, s.HubSpotTime = s.HubSpotTime, s.SourceTime
	return f, s
}

func mirrorAction(a merge.Action) merge.Action {
	switch a {
	case merge.ToHubSpot:
		return merge.ToSource
	case merge.ToSource:
		return merge.ToHubSpot
	}
	return a
}

// TestSpellingMeansNothing: no decision depends on how a value is written, only
// on what it is the same as.
func TestSpellingMeansNothing(t *testing.T) {
	t.Parallel()
	spell := rapid.SampledFrom([]func(string) string{
		func(s string) string { return s },
		func(s string) string { return " " + s },
		func(s string) string { return s + "  " },
	})
	word := rapid.SampledFrom([]string{"", "a", "b", "c"})
	rapid.Check(t, func(t *rapid.T) {
		f := merge.Field{Rule: folded, Direction: rapid.SampledFrom(directions).Draw(t, "direction"),
			Policy: rapid.SampledFrom(policies).Draw(t, "policy"), BlankClears: rapid.Bool().Draw(t, "clears")}
		var one, other merge.State
		draw := func(name string) (record.Value, record.Value) {
			w := word.Draw(t, name)
			return record.Text(w), record.Text(spell.Draw(t, "spelling of "+name)(w))
		}
		one.Source, other.Source = draw("source")
		one.HubSpot, other.HubSpot = draw("hubspot")
		if rapid.Bool().Draw(t, "based") {
			a, b := draw("base of the source")
			one.BaseSource, other.BaseSource = &a, &b
			c, d := draw("base of HubSpot")
			one.BaseHubSpot, other.BaseHubSpot = &c, &d
		}
		a, b := merge.Resolve(f, one), merge.Resolve(f, other)
		if a.Action != b.Action || a.Reason != b.Reason || !folded.Same(a.Value, b.Value) {
			t.Fatalf("%+v decides %+v\n%+v decides %+v", one, a, other, b)
		}
	})
}

// TestSetMerge: on a common base a merge keeps every addition and every
// removal of both sides, and nothing else.
func TestSetMerge(t *testing.T) {
	t.Parallel()
	options := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"p", "q", "r", "s", "t"}), rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		b, src, hub := options.Draw(t, "base"), options.Draw(t, "source"), options.Draw(t, "hubspot")
		bv := record.Text(join(b))
		f := merge.Field{Rule: record.Rule{Compare: record.CompareSet}, Direction: definition.TwoWay, BlankClears: true, Multi: true}
		d := merge.Resolve(f, merge.State{Source: record.Text(join(src)), HubSpot: record.Text(join(hub)), BaseSource: &bv, BaseHubSpot: &bv})
		after := map[merge.Side]string{merge.Source: join(src), merge.HubSpot: join(hub)}
		if v, ok := d.ForSource(); ok {
			after[merge.Source] = v.String()
		}
		if v, ok := d.ForHubSpot(); ok {
			after[merge.HubSpot] = v.String()
		}
		for side, got := range after {
			for _, o := range []string{"p", "q", "r", "s", "t"} {
				in := func(list []string) bool { return has(join(list), o) }
				want := in(b)
				if in(src) != in(b) || in(hub) != in(b) {
					want = !in(b)
				}
				if has(got, o) != want {
					t.Fatalf("%s holds %q after %v of base %v, source %v, HubSpot %v: option %s should be there: %v", side, got, d, b, src, hub, o, want)
				}
			}
		}
	})
}

// BenchmarkResolve shows what a field costs when nothing changed, and when the
// spellings differ.
func BenchmarkResolve(b *testing.B) {
	f := merge.Field{Rule: record.Rule{Compare: record.ComparePhone, Region: "DE"}, Direction: definition.TwoWay}
	for name, s := range map[string]merge.State{
		"same":    {Source: val("+49 30 23125 400"), HubSpot: val("+493023125400"), BaseSource: base("+49 30 23125 400"), BaseHubSpot: base("+493023125400")},
		"written": {Source: val("030 23125 400"), HubSpot: val("+493023125400"), BaseSource: base("+49 30 23125 400"), BaseHubSpot: base("+493023125400")},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if merge.Resolve(f, s).Action != merge.None {
					b.Fatal("changed")
				}
			}
		})
	}
}
