package newsync

import (
	"strings"
	"testing"

	"syncline/sync/definition"
	"syncline/sync/transform"
	"syncline/ui/look"
	"syncline/ui/mapper"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets/fieldmap"
)

// atTheMap is the wizard at its field map, all of which is accepted, checked
// and without a problem.
func atTheMap(t *testing.T) (*bench, *newSyncScreen, *mapper.Pane) {
	t.Helper()
	b := newBench(t, look.Light, true)
	s := b.walk(shelltest.SampleBook(t))
	b.press()
	p := s.fieldMap.pane
	b.Until("all rows to be read", func() bool { return p.Known() })
	p.Model.AcceptAll()
	b.knows(p)
	for range 10 { // the sample has values that its portal lacks
		for _, l := range p.Model.Problems() {
			p.Model.Disconnect(l.Ref)
		}
		b.knows(p)
		if p.Counts().Problems == 0 {
			return b, s, p
		}
	}
	t.Fatal("the map of the sample keeps its problems")
	return nil, nil, nil
}

// knows waits until the map's problems are those of its last edit.
func (b *bench) knows(p *mapper.Pane) {
	b.Helper()
	b.Until("the check", func() bool { return p.Settled() })
}

// spoil gives a line both directions and a step that has no way back.
func spoil(p *mapper.Pane, r fieldmap.Ref) {
	l, _ := p.Model.Link(r)
	set := l.Settings.Clone()
	set.Direction, set.Steps = definition.TwoWay, transform.Chain{{Name: "email-domain"}}
	p.Model.Update(r, set)
}

func lineOfText(t *testing.T, p *mapper.Pane) fieldmap.Ref {
	t.Helper()
	for _, l := range p.Model.Links() {
		if l.Property == "email" {
			return l.Ref
		}
	}
	t.Fatal("the sample maps no e-mail")
	return fieldmap.Ref{}
}

// What the map shows of a line and what the wizard's button says are one
// state: after a problem comes, after it is mended by whatever way, and after
// the mending is taken back.
func TestWizardSaysWhatItsMapShows(t *testing.T) {
	b, s, p := atTheMap(t)
	agree := func(when string, problems bool) {
		t.Helper()
		b.knows(p)
		if got := p.Counts().Problems > 0; got != problems {
			t.Fatalf("%s the map has %d problems", when, p.Counts().Problems)
		}
		if s.forward.Disabled() != problems {
			t.Errorf("%s the map has %d problems, and the button says %q", when, p.Counts().Problems, s.forward.Reason)
		}
	}
	agree("At first", false)
	r := lineOfText(t, p)
	spoil(p, r)
	agree("With a wrong step", true)
	p.Model.Undo()
	agree("With the step taken back", false)
	p.Model.Redo()
	agree("With the step done again", true)
	l, _ := p.Model.Link(r)
	if len(l.Problem.Fixes) == 0 {
		t.Fatal("the problem has no way out")
	}
	p.Fix(l, l.Problem.Fixes[0])
	agree("With the problem’s own way out", false)
	spoil(p, r)
	agree("With another wrong step", true)
	p.Model.Disconnect(r)
	agree("Without the line", false)
}

// The button that is pressed right after an edit follows the edit, and not what
// was known before it.
func TestPlanIsMadeOfTheMapAsItIsNow(t *testing.T) {
	b, s, p := atTheMap(t)
	r := lineOfText(t, p)
	spoil(p, r)
	s.forward.OnTapped()
	b.knows(p)
	b.Settle()
	if s.w.Current() != shell.Screen(s) || !s.forward.Disabled() {
		t.Fatalf("a map with a problem became a plan: %T", s.w.Current())
	}
	p.Model.Undo()
	s.forward.OnTapped()
	b.Until("the plan", func() bool { _, ok := b.W.Current().(shelltest.Plan); return ok })
}

// What keeps the sync from working is said as long as it does, and no longer.
func TestWizardTakesItsErrorBack(t *testing.T) {
	b, s, p := atTheMap(t)
	was := s.draft.Definition.Source.Key
	s.draft.Definition.Source.Key = []string{"No such column"}
	s.forward.OnTapped()
	b.knows(p)
	if !s.fieldMap.err.Visible() {
		t.Fatal("a missing key column is not told")
	}
	s.draft.Definition.Source.Key = was
	spoil(p, lineOfText(t, p))
	p.Model.Undo()
	b.knows(p)
	if s.fieldMap.err.Visible() {
		t.Error("the error stays when it holds no longer")
	}
}

// A match key that is chosen in the map is the one of the step before it, too.
func TestKeyOfTheMapIsTheKeyOfTheWizard(t *testing.T) {
	b, s, p := atTheMap(t)
	var other fieldmap.Ref
	for _, l := range p.Model.Links() {
		if l.Property == "phone" {
			other = l.Ref
		}
	}
	p.SetKey(other, true)
	b.knows(p)
	if s.draft.Definition.HubSpot.Match[0].Property != "phone" {
		t.Skip("the phone number is refused as a key")
	}
	s.goStep(stepKey)
	b.Settle()
	if s.key.order[0].Property != "phone" || !strings.Contains(s.key.answer(), "Phone") {
		t.Errorf("the step of the key says %v", s.key.order)
	}
	b.press()
	if got := s.draft.Definition.HubSpot.Match[0].Property; got != "phone" {
		t.Errorf("going there and back made the key %q", got)
	}
}
