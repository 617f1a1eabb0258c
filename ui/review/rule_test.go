package review

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// press types into what has the keyboard.
func (b *bench) press(key fyne.KeyName, letter rune) {
	b.Helper()
	focused := b.W.Win.Canvas().Focused()
	if focused == nil {
		b.Fatal("nothing has the keyboard")
	}
	if letter != 0 {
		focused.TypedRune(letter)
	} else {
		focused.TypedKey(&fyne.KeyEvent{Name: key})
	}
	b.Settle()
}

// lineOf is the field map's line of a property.
func lineOf(t *testing.T, path, property string) definition.Field {
	t.Helper()
	d, err := definition.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return d.Fields[slices.IndexFunc(d.Fields, func(f definition.Field) bool { return f.Property == property })]
}

// R makes a rule of what was decided: it stands in the field map, settles the rest of
// the group, and U takes both back.
func TestADecisionIsMadeARule(t *testing.T) {
	b, r, path := conflictingOf(t, 20, "Ours", "Theirs")
	c, _ := r.currentConflict()
	ids := slices.Clone(r.pages.IDs)
	b.press(fyne.KeyRight, 0)
	b.press("", 'r')
	d := b.Dialog("the rules")
	if d.Primary.Text != "Make the rule and settle 3" || !strings.Contains(shelltest.Texts(d.Content), "Where both sides change it, HubSpot’s value holds") {
		t.Fatalf("the dialog offers %q:\n%s", d.Primary.Text, shelltest.Texts(d.Content))
	}
	b.Picture("review-rule", 1280, 800)
	b.Picture("review-rule-1024", 1024, 640)
	b.press(fyne.KeyReturn, 0)
	if b.Open() || b.open(ids...) != 0 {
		t.Errorf("%d are open", b.open(ids...))
	}
	if f := lineOf(t, path, c.Property); f.Conflict != definition.TakeHubSpot {
		t.Errorf("the field map says %q", f.Conflict)
	}
	if r.group.Field == c.Field {
		t.Error("the group that is settled is shown still")
	}
	b.Picture("review-ruled", 1280, 800)
	b.press("", 'u')
	if f := lineOf(t, path, c.Property); f.Conflict == definition.TakeHubSpot || b.open(ids...) != 3 || r.group.Field != c.Field {
		t.Errorf("the field map says %q, %d are open, %q is shown", f.Conflict, b.open(ids...), r.group.Field)
	}
}

// Where the values only look different, the rule by which they are the same comes
// first, with how much it settles; the next run asks nobody.
func TestValuesThatOnlyLookDifferentAreSettledByOneRule(t *testing.T) {
	b, r, path := conflictingOf(t, 10, "SAME", "same")
	c, _ := r.currentConflict()
	b.press("", 'r')
	d := b.Dialog("the rules")
	if d.Primary.Text != "Make the rule and settle 2" || !strings.Contains(shelltest.Texts(d.Content), "Capitals and spaces do not count") {
		t.Fatalf("the dialog offers %q:\n%s", d.Primary.Text, shelltest.Texts(d.Content))
	}
	test.Tap(d.Primary)
	b.Settle()
	if f := lineOf(t, path, c.Property); f.Compare != record.CompareTextFolded {
		t.Errorf("the field map says %q", f.Compare)
	}
	s, err := b.W.App.OpenSync(t.Context(), path, app.Options{Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Run(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	groups, err := b.W.App.ConflictGroups(t.Context())
	if err != nil || slices.ContainsFunc(groups, func(g app.ConflictGroup) bool { return g.Field == c.Field }) || len(groups) != 4 {
		t.Errorf("%+v, %v", groups, err)
	}
	now, err := b.W.App.ConflictsByID(t.Context(), []int64{c.ID})
	if err != nil || now[0].State == plan.ConflictOpen {
		t.Errorf("%+v, %v", now, err)
	}
}

// What a rule can't settle says so.
func TestWhatNoRuleCanSettleSaysSo(t *testing.T) {
	b, r := conflicting(t, 5)
	r.groups.Select(1)
	b.Settle()
	b.press(fyne.KeyRight, 0)
	r.groups.Select(1)
	b.Settle()
	for _, cause := range []plan.Cause{plan.CauseKey, plan.CauseSeveral, plan.CauseDisplaced} {
		r.group.Cause = cause
		rules, err := b.W.App.RulesFor(t.Context(), r.group)
		if err != nil || len(rules) != 0 {
			t.Errorf("%s: %+v, %v", cause, rules, err)
		}
	}
	b.W.Toast(look.Neutral, "", "", nil)
	r.groups.Select(0)
	b.Settle()
	r.group.Cause = plan.CauseKey
	r.Rule()
	b.Settle()
	if toast := b.W.LastToast(); b.Open() || toast == nil || !strings.HasPrefix(toast.Text, "No rule can settle these") {
		t.Errorf("%+v", toast)
	}
}
