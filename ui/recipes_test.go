package ui

import (
	"strings"
	"testing"

	"syncline/app"
	"syncline/ui/look"
)

// A newcomer starts from a recipe with one click, without having connected
// anything, and finds it again as it was left.
func TestARecipeOpensItsSetWithOneClick(t *testing.T) {
	b := newBench(t, look.Light, false)
	b.w.goTo(placeHome)
	b.settle()
	b.picture("recipes-home-light", 1280, 900)
	b.tap("Try it")
	var s *setScreen
	b.until("the set", func() bool { s, _ = b.w.current.(*setScreen); return s != nil && s.known })
	if !strings.HasSuffix(s.path, "recipes/contacts-with-companies/set.yaml") || !strings.Contains(s.header.Title, "Contacts with their companies") {
		t.Errorf("%s, %q", s.path, s.header.Title)
	}
	b.tap("Preview")
	b.worked(s)
	b.picture("recipes-plan-light", 1280, 800)
	if c := s.state.Plan.Counts(); c.Created != 42 || c.Associated != 30 || c.Failed != 0 {
		t.Errorf("%+v", c)
	}
	// Under New sync they are offered too.
	b.w.newSync("")
	b.settle()
	b.picture("recipes-newsync-light", 1024, 640)
	b.w.openRecipe(app.Recipes()[0])
	b.until("the same set", func() bool { return b.w.current == screen(s) })
}

// Every tile tells what it does, in the two themes.
func TestRecipeTilesSayWhatTheyDo(t *testing.T) {
	b := newBench(t, look.DarkMode, true)
	b.w.goTo(placeHome)
	b.settle()
	b.picture("recipes-home-dark", 1280, 900)
	for _, r := range app.Recipes() {
		if !strings.Contains(texts(b.w.current.content()), r.Title) {
			t.Errorf("%q is not there", r.Title)
		}
	}
}
