package sets

import (
	"strings"
	"testing"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// A newcomer starts from a recipe with one click, without having connected
// anything, and finds it again as it was left.
func TestARecipeOpensItsSetWithOneClick(t *testing.T) {
	b := newBench(t, look.Light, false)
	b.W.GoTo(shell.PlaceHome)
	b.Settle()
	b.Picture("recipes-home-light", 1280, 900)
	b.Tap("Try it")
	var s *Screen
	b.Until("the set", func() bool { s, _ = b.W.Current().(*Screen); return s != nil && s.known })
	if !strings.HasSuffix(s.path, "recipes/contacts-with-companies/set.yaml") || !strings.Contains(s.header.Title, "Contacts with their companies") {
		t.Errorf("%s, %q", s.path, s.header.Title)
	}
	b.Tap("Preview")
	b.worked(s)
	b.Picture("recipes-plan-light", 1280, 800)
	if c := s.state.Plan.Counts(); c.Created != 42 || c.Associated != 30 || c.Failed != 0 {
		t.Errorf("%+v", c)
	}
	// Under New sync they are offered too.
	b.W.Rooms.NewSync("")
	b.Settle()
	b.Picture("recipes-newsync-light", 1024, 640)
	b.W.OpenRecipe(app.Recipes()[0])
	b.Until("the same set", func() bool { return b.W.Current() == shell.Screen(s) })
}

// Every tile tells what it does, in the two themes.
func TestRecipeTilesSayWhatTheyDo(t *testing.T) {
	b := newBench(t, look.DarkMode, true)
	b.W.GoTo(shell.PlaceHome)
	b.Settle()
	b.Picture("recipes-home-dark", 1280, 900)
	for _, r := range app.Recipes() {
		if !strings.Contains(shelltest.Texts(b.W.Current().Content()), r.Title) {
			t.Errorf("%q is not there", r.Title)
		}
	}
}
