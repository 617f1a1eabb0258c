package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
)

// This file has a small engine around Resolve, and a ghost that watches it. The
// ghost knows what the engine cannot: every edit, and what the two sides truly
// held when they last truly agreed. It judges each write by that alone, never
// by the engine's bases, so that an engine that believes something wrong is
// found out.

// history is one life of one field.
type history struct {
	Field   merge.Field
	Rewrite bool // HubSpot shortens what it is given
	Steps   []step
}

type stepKind string

const (
	editSource  stepKind = "edit source"
	editHubSpot stepKind = "edit HubSpot"
	runSync     stepKind = "sync"
	decide      stepKind = "decide" // a person settles an open conflict
)

type step struct {
	Kind  stepKind
	Value string
	Take  merge.Take
	Crash crash
	Soon  bool // the edit comes within a second of what was before
	// Lost says that HubSpot's history is not to be had after the crash, so the
	// write cannot be attributed.
	Lost bool
}

// crash is where the process dies in a sync that writes.
type crash string

const (
	noCrash      crash = ""
	beforeEffect crash = "before the effect" // the intent is in the journal
	afterEffect  crash = "after the effect"  // the base has not moved
)

func (h history) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v, %v, blank clears %v, set %v, rewrites %v", h.Field.Direction, h.Field.Policy, h.Field.BlankClears, h.Field.Multi, h.Rewrite)
	for _, s := range h.Steps {
		fmt.Fprintf(&b, "\n  %s %q %s %s lost=%v soon=%v", s.Kind, s.Value, s.Take, s.Crash, s.Lost, s.Soon)
	}
	return b.String()
}

// histories generates lives. Values are few and differ in spelling, so that
// edits meet, agree and come back.
func histories() *rapid.Generator[history] {
	texts := []string{"", " ", "a", "A ", "b", "c", "long one", "long two"}
	sets := []string{"", "p", "q", "p;q", "q;p", "p;q;r", "r", "p;r"}
	return rapid.Custom(func(t *rapid.T) history {
		h := history{Rewrite: rapid.Bool().Draw(t, "rewrite")}
		h.Field = merge.Field{Rule: folded, Direction: rapid.SampledFrom(directions).Draw(t, "direction"),
			Policy: rapid.SampledFrom(policies).Draw(t, "policy"), BlankClears: rapid.Bool().Draw(t, "clears")}
		words := texts
		if rapid.IntRange(0, 3).Draw(t, "set") == 0 {
			h.Field.Multi, h.Field.Rule.Compare, words, h.Rewrite = true, record.CompareSet, sets, false
		}
		kinds := []stepKind{editSource, editHubSpot, runSync, runSync, decide}
		h.Steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				Kind:  rapid.SampledFrom(kinds).Draw(t, "kind"),
				Value: rapid.SampledFrom(words).Draw(t, "value"),
				Take:  rapid.SampledFrom([]merge.Take{merge.TakeSource, merge.TakeHubSpot, merge.TakeBase, merge.TakeValue}).Draw(t, "take"),
				Crash: rapid.SampledFrom([]crash{noCrash, noCrash, beforeEffect, afterEffect}).Draw(t, "crash"),
				Lost:  rapid.Bool().Draw(t, "lost"),
				Soon:  rapid.Bool().Draw(t, "soon"),
			}
		}), 1, 40).Draw(t, "steps")
		return h
	})
}

// held is one side of the world.
type held struct {
	value record.Value
	at    time.Time
	edit  int // number of the last edit or write
}

// world is what the two systems hold. Only edits and write change it.
type world struct {
	source, hubspot held
	clock           time.Time
	moves           int
	soon            bool // the clock moves by less than a second at the next change
	rewrite         bool
	field           merge.Field
}

func (w *world) set(side merge.Side, v record.Value) {
	if w.soon {
		w.clock, w.soon = w.clock.Add(-59*time.Minute-59*time.Second-time.Second/2), false
	}
	w.clock, w.moves = w.clock.Add(time.Hour), w.moves+1
	if side == merge.HubSpot && w.rewrite {
		if r := []rune(v.String()); len(r) > 4 {
			v = record.Text(string(r[:4]))
		}
	}
	*w.side(side) = held{value: v, at: w.clock, edit: w.moves}
}

func (w *world) side(s merge.Side) *held {
	if s == merge.Source {
		return &w.source
	}
	return &w.hubspot
}

// engine is the least that must be around Resolve. Each flag is a bug that can
// be planted.
type engine struct {
	w       *world
	g       *ghost
	resolve func(merge.Field, merge.State) merge.Decision

	baseSource, baseHubSpot *record.Value
	open                    bool
	settled                 *merge.Choice
	intent                  *intent
	tally                   *tally

	baseStays       bool // the base does not move after a write
	oneBase         bool // both bases become the value that was written
	driftMovesBase  bool
	ignoresJournal  bool // no attribution after a crash
	guessesOutcome  bool // what cannot be attributed is taken as not done
	forgetsConflict bool
	blindChoice     bool // a choice without what was seen
}

// intent is the journal's entry of a write whose outcome is not committed.
type intent struct {
	d               merge.Decision
	source, hubspot held // what was believed
	sentSource      int  // number of our write, 0 if it did not happen
	sentHubSpot     int
	lost            bool
}

// tally counts what a set of histories went through.
type tally struct {
	decisions map[merge.Reason]int
	crashes   map[crash]int
}

func (e *engine) count(d merge.Decision, s step) {
	if e.tally == nil {
		return
	}
	e.tally.decisions[d.Reason]++
	if d.Action == merge.ToHubSpot || d.Action == merge.ToSource || d.Action == merge.ToBoth {
		e.tally.crashes[s.Crash]++
	}
}

func (e *engine) state() merge.State {
	return merge.State{Source: e.w.source.value, HubSpot: e.w.hubspot.value, BaseSource: e.baseSource, BaseHubSpot: e.baseHubSpot,
		SourceTime: e.w.source.at, HubSpotTime: e.w.hubspot.at, OpenConflict: e.open, Settled: e.settled}
}

// run is one sync: recover, resolve, journal, write, move the base.
func (e *engine) run(s step) merge.Decision {
	e.recover()
	before := e.state()
	d := e.resolve(e.w.field, before)
	e.count(d, s)
	e.g.judge(e, before, d)
	e.g.note(e.w.field, before, d)

	hub, toHub := d.ForHubSpot()
	src, toSrc := d.ForSource()
	if toHub || toSrc {
		e.intent = &intent{d: d, source: e.w.source, hubspot: e.w.hubspot, lost: s.Lost}
		if s.Crash == beforeEffect {
			return d
		}
		if toHub {
			e.w.set(merge.HubSpot, hub)
			e.intent.sentHubSpot = e.w.moves
		}
		if toSrc {
			e.w.set(merge.Source, src)
			e.intent.sentSource = e.w.moves
		}
		e.g.agreed(e.w)
		if s.Crash == afterEffect {
			return d
		}
		e.intent = nil
	}
	e.commit(d, e.w.source.value, e.w.hubspot.value)
	return d
}

// commit moves the base, or opens or closes the conflict.
func (e *engine) commit(d merge.Decision, source, hubspot record.Value) {
	e.open = d.Action == merge.Conflict && !e.forgetsConflict
	e.settled = nil
	_, toHub := d.ForHubSpot()
	_, toSrc := d.ForSource()
	writes := toHub || toSrc
	switch {
	case writes && e.baseStays && e.baseSource != nil:
	case writes && e.oneBase:
		e.baseSource, e.baseHubSpot = &d.Value, &d.Value
	case writes, d.Action == merge.Adopt, d.Action == merge.Drift && e.driftMovesBase:
		e.baseSource, e.baseHubSpot = &source, &hubspot
	}
}

// recover attributes a write of unknown outcome: it looks whether our own write
// is in the history of what each side holds.
func (e *engine) recover() {
	in := e.intent
	if in == nil {
		return
	}
	e.intent = nil
	landed := in.sentHubSpot > 0 || in.sentSource > 0
	switch {
	case e.ignoresJournal, in.lost && e.guessesOutcome:
		return
	case in.lost:
		if !e.w.field.Rule.Same(e.w.source.value, e.w.hubspot.value) {
			e.open = true // a person decides what cannot be told
			e.g.unattributed = true
		}
		return
	case !landed:
		return
	}
	// What our write left there, by its own entry in the history.
	after := world{source: in.source, hubspot: in.hubspot, rewrite: e.w.rewrite}
	if v, ok := in.d.ForHubSpot(); ok {
		after.set(merge.HubSpot, v)
	}
	if v, ok := in.d.ForSource(); ok {
		after.set(merge.Source, v)
	}
	e.commit(in.d, after.source.value, after.hubspot.value)
}

// ghost knows what truly happened.
type ghost struct {
	source, hubspot *record.Value // when they last truly agreed; nil if never
	unattributed    bool
	seen            *[2]record.Value // what the person saw who settled
	lost            []string
}

func (g *ghost) fail(format string, args ...any) {
	g.lost = append(g.lost, fmt.Sprintf(format, args...))
}

// agreed records that the sides have just been made equal.
func (g *ghost) agreed(w *world) {
	s, h := w.source.value, w.hubspot.value
	g.source, g.hubspot, g.unattributed = &s, &h, false
}

// note records an agreement that needed no write: the engine said that it is
// one (judge looks whether that is so), or it saw both sides equal.
func (g *ghost) note(f merge.Field, s merge.State, d merge.Decision) {
	if d.Action == merge.Adopt || g.truth(f, s).same {
		src, hub := s.Source, s.HubSpot
		g.source, g.hubspot = &src, &hub
	}
	if d.Action != merge.Conflict {
		g.unattributed = false
	}
}

// truth is the state as the ghost sees it.
type truth struct {
	f                       merge.Field
	s                       merge.State
	agreedSource, agreedHub *record.Value
	first, same             bool
	editedSource, editedHub bool // since the true agreement
	settled, blankS, blankH bool
	newestSource, newestHub bool
	ownerSource, ownerHub   bool
	winnerSource, winnerHub bool
	mutedSource, mutedHub   bool // blank, and blank is ignored
}

func (g *ghost) truth(f merge.Field, s merge.State) truth {
	t := truth{f: f, s: s, agreedSource: g.source, agreedHub: g.hubspot, first: g.source == nil, settled: s.Settled != nil}
	blank := func(v record.Value) bool { return strings.Trim(v.String(), " ;") == "" }
	same := func(a, b record.Value) bool { return f.Rule.Same(a, b) || blank(a) && blank(b) }
	t.blankS, t.blankH, t.same = blank(s.Source), blank(s.HubSpot), same(s.Source, s.HubSpot)
	if !t.first {
		t.editedSource, t.editedHub = !same(s.Source, *g.source), !same(s.HubSpot, *g.hubspot)
	}
	t.mutedSource, t.mutedHub = t.blankS && !f.BlankClears, t.blankH && !f.BlankClears
	ahead := s.SourceTime.Sub(s.HubSpotTime)
	t.newestSource, t.newestHub = ahead > 2*time.Second, ahead < -2*time.Second
	t.ownerSource, t.ownerHub = f.Direction == definition.ToHubSpot, f.Direction == definition.FromHubSpot
	t.winnerSource = f.Policy == definition.TakeSource || f.Policy == definition.Newest && t.newestSource
	t.winnerHub = f.Policy == definition.TakeHubSpot || f.Policy == definition.Newest && t.newestHub
	return t
}

// judge holds a decision against what truly happened, before it takes effect.
func (g *ghost) judge(e *engine, s merge.State, d merge.Decision) {
	t := g.truth(e.w.field, s)
	if v, ok := d.ForHubSpot(); ok {
		g.overwrite(e, t, merge.HubSpot, v, s.HubSpot, t.editedHub, t.mutedHub, t.winnerSource, t.ownerSource)
	}
	if v, ok := d.ForSource(); ok {
		g.overwrite(e, t, merge.Source, v, s.Source, t.editedSource, t.mutedSource, t.winnerHub, t.ownerHub)
	}
	g.seenChoice(t, d)
	switch d.Action {
	case merge.Adopt: // I1: the base must not run past an edit
		apart := d.Reason == merge.SettledApart || t.first && (t.ownerSource && t.blankS || t.ownerHub && t.blankH)
		if !t.same && !apart {
			g.fail("I1: the base moves to %q and %q, which do not agree (%s)", s.Source, s.HubSpot, d.Reason)
		}
	case merge.Conflict: // I3
		twoEdits := t.first && !t.same && !t.blankS && !t.blankH || t.editedSource && t.editedHub && !t.same
		if !s.OpenConflict && !twoEdits && !g.unattributed {
			g.fail("I3: spurious conflict of %q and %q (%s)", s.Source, s.HubSpot, d.Reason)
		}
	case merge.None, merge.Drift: // I1: an edit that should flow must not be left
		g.leftBehind(t, d)
	}
	if s.OpenConflict && s.Settled == nil && d.Action != merge.Conflict && !t.same {
		g.fail("an open conflict was ended by the engine (%s)", d.Reason)
	}
}

// overwrite judges one write (I1, I2).
func (g *ghost) overwrite(e *engine, t truth, side merge.Side, v, old record.Value, edited, muted, otherWins, otherOwns bool) {
	blank := strings.Trim(v.String(), " ;") == ""
	switch {
	case !otherOwns && e.w.field.Direction != definition.TwoWay:
		g.fail("%s was written against the direction", side)
	case t.settled: // a person chose, see seenChoice
	case blank && t.first:
		g.fail("a blank erased %q in %s on the first run", old, side)
	case blank && !t.f.BlankClears:
		g.fail("a blank erased %q in %s", old, side)
	case t.first && strings.Trim(old.String(), " ;") == "": // a blank is filled
	case muted: // the field's rule says that a blank means nothing
	case t.first && !otherOwns && !otherWins:
		g.fail("I2: first run: %q in %s was replaced by %q without a rule", old, side, v)
	case edited && !otherWins && !(t.f.Multi && keeps(t, side, v)):
		g.fail("I1: the edit %q in %s was overwritten with %q", old, side, v)
	}
	if t.f.Rule.Same(v, old) {
		g.fail("I6: %q was written to %s, which holds it", v, side)
	}
}

// keeps reports whether a merged set holds what the side added and lacks what
// it removed.
func keeps(t truth, side merge.Side, merged record.Value) bool {
	now, was := t.s.Source.String(), t.agreedSource.String()
	if side == merge.HubSpot {
		now, was = t.s.HubSpot.String(), t.agreedHub.String()
	}
	for _, o := range []string{"p", "q", "r"} {
		if has(now, o) != has(was, o) && has(merged.String(), o) != has(now, o) {
			return false
		}
	}
	return true
}

func has(set, option string) bool { return slices.Contains(strings.Split(set, ";"), option) }

func join(options []string) string { return strings.Join(options, ";") }

// seenChoice: a choice may only replace what the person saw.
func (g *ghost) seenChoice(t truth, d merge.Decision) {
	_, toHub := d.ForHubSpot()
	_, toSrc := d.ForSource()
	if !t.settled || g.seen == nil {
		return
	}
	if toSrc && !t.f.Rule.Same(t.s.Source, g.seen[0]) && !t.f.Rule.Same(t.s.Source, d.SourceValue) {
		g.fail("the choice replaced %q in the source, which nobody saw", t.s.Source)
	}
	if toHub && !t.f.Rule.Same(t.s.HubSpot, g.seen[1]) && !t.f.Rule.Same(t.s.HubSpot, d.Value) {
		g.fail("the choice replaced %q in HubSpot, which nobody saw", t.s.HubSpot)
	}
}

// leftBehind judges that nothing is written: only what needs no flow, may not
// flow, or says nothing may be left.
func (g *ghost) leftBehind(t truth, d merge.Decision) {
	if t.same || t.s.OpenConflict || g.unattributed {
		return
	}
	source := t.editedSource && !t.mutedSource && !t.ownerHub
	hubspot := t.editedHub && !t.mutedHub && !t.ownerSource
	switch {
	case source && hubspot, t.first:
		g.fail("I1: %q and %q were both left (%s)", t.s.Source, t.s.HubSpot, d.Reason)
	case source && !(t.editedHub && t.winnerHub):
		g.fail("I1: the edit %q in the source does not flow (%s)", t.s.Source, d.Reason)
	case hubspot && !(t.editedSource && t.winnerSource):
		g.fail("I1: the edit %q in HubSpot does not flow (%s)", t.s.HubSpot, d.Reason)
	}
	drift := t.editedHub && t.ownerSource || t.editedSource && t.ownerHub
	if d.Action == merge.Drift && !drift {
		g.fail("drift was reported without an edit (%s)", d.Reason)
	}
}

// live plays a history and returns what went wrong.
func live(h history, plant func(*engine)) []string {
	w := &world{clock: noon, rewrite: h.Rewrite, field: h.Field}
	w.set(merge.Source, record.Text(""))
	w.set(merge.HubSpot, record.Text(""))
	e := &engine{w: w, g: &ghost{}, resolve: merge.Resolve}
	if plant != nil {
		plant(e)
	}
	for _, s := range h.Steps {
		switch s.Kind {
		case editSource:
			w.soon = s.Soon
			w.set(merge.Source, record.Text(s.Value))
		case editHubSpot:
			w.soon = s.Soon
			w.set(merge.HubSpot, record.Text(s.Value))
		case decide:
			e.choose(s)
		case runSync:
			e.run(s)
		}
	}
	e.settleDown()
	return e.g.lost
}

// choose is a person who settles the open conflict by what stands there now.
func (e *engine) choose(s step) {
	if !e.open || e.intent != nil {
		return
	}
	src, hub := e.w.source.value, e.w.hubspot.value
	e.settled = &merge.Choice{Take: s.Take, Value: record.Text(s.Value), SeenSource: &src, SeenHubSpot: &hub}
	if e.blindChoice {
		e.settled.SeenSource, e.settled.SeenHubSpot = nil, nil
	}
	e.g.seen = &[2]record.Value{src, hub}
}

// settleDown stops all edits: within two clean rounds nothing is left to do
// (I4), and the third round writes nothing (I5).
func (e *engine) settleDown() {
	e.run(step{})
	e.run(step{})
	moves := e.w.moves
	d := e.run(step{})
	if e.w.moves != moves {
		e.g.fail("I5: a round without edits wrote %q (%s)", d.Value, d.Reason)
	}
	t := e.g.truth(e.w.field, e.state())
	agree := t.same || !t.editedSource && !t.editedHub && !t.first
	excused := d.Action == merge.Conflict || d.Action == merge.Drift || t.mutedSource || t.mutedHub
	if !agree && !excused {
		e.g.fail("I4: %q and %q are left, decided as %v (%s)", e.w.source.value, e.w.hubspot.value, d.Action, d.Reason)
	}
	if d.Action != merge.Conflict && !t.first { // I9
		if !t.f.Rule.Same(*e.baseSource, *e.g.source) || !t.f.Rule.Same(*e.baseHubSpot, *e.g.hubspot) {
			e.g.fail("I9: base %q, %q, but they last agreed on %q, %q", e.baseSource, e.baseHubSpot, e.g.source, e.g.hubspot)
		}
	}
}
