package graph

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
)

func drawn(t *testing.T, cards []Card, lines []Line) *Graph {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	g := New()
	g.Set(cards, lines)
	g.Resize(fyne.NewSize(760, 500))
	test.WidgetRenderer(g).Layout(g.Size())
	return g
}

func three() ([]Card, []Line) {
	return []Card{
		{ID: "rows", Column: Rows, Title: "People"},
		{ID: "object", Column: Objects, Title: "Contacts"},
		{ID: "edges", Column: Edges, Title: "Contacts → Companies"},
		{ID: "other", Column: Objects, Title: "Companies"},
	}, []Line{{From: 0, To: 1}, {From: 1, To: 2}, {From: 3, To: 2}}
}

// The columns stand from left to right and no card covers another, also where a
// name is long and the window narrow.
func TestCardsStandInTheirColumns(t *testing.T) {
	cards, lines := three()
	cards[0].Title = "A name of sixty characters that nobody would read to its very end"
	g := drawn(t, cards, lines)
	for _, width := range []float32{480, 708, 1100} {
		at := g.place(width, 400)
		for i, a := range at.boxes {
			if a.x < 0 || a.x+a.w > width {
				t.Errorf("at %v card %d stands from %v to %v", width, i, a.x, a.x+a.w)
			}
			for k, b := range at.boxes {
				if k != i && a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					t.Errorf("at %v the cards %d and %d cover each other", width, i, k)
				}
				if g.Cards[i].Column < g.Cards[k].Column && a.x+a.w >= b.x {
					t.Errorf("at %v card %d is not left of %d", width, i, k)
				}
			}
		}
	}
}

// A click chooses a card, a second one soon after opens it, and one beside takes
// the choice back.
func TestAClickChoosesAndASecondOpens(t *testing.T) {
	cards, lines := three()
	g := drawn(t, cards, lines)
	clock := time.Unix(1_000_000, 0)
	g.now = func() time.Time { return clock }
	chosen, opened := -2, -2
	g.OnSelected, g.OnOpened = func(i int) { chosen = i }, func(i int) { opened = i }
	at := func(i int) *fyne.PointEvent {
		b := g.boxes[i]
		return &fyne.PointEvent{Position: fyne.NewPos(b.x+b.w/2, b.y+b.h/2)}
	}
	g.Tapped(at(2))
	if chosen != 2 || opened != -2 {
		t.Fatalf("after a click %d is chosen and %d opened", chosen, opened)
	}
	clock = clock.Add(secondClick)
	g.Tapped(at(2))
	if chosen != 2 || opened != -2 {
		t.Fatalf("after another click much later %d is chosen and %d opened", chosen, opened)
	}
	clock = clock.Add(secondClick - 1)
	g.Tapped(at(2))
	if opened != 2 {
		t.Errorf("a second click opened %d", opened)
	}
	g.Tapped(&fyne.PointEvent{Position: fyne.NewPos(2, 2)})
	if chosen != -1 {
		t.Errorf("a click beside leaves %d chosen", chosen)
	}
}

// The arrows go from card to card, Enter opens, Escape takes the choice back.
func TestTheKeyboardGoesFromCardToCard(t *testing.T) {
	cards, lines := three()
	g := drawn(t, cards, lines)
	opened := -1
	g.OnOpened = func(i int) { opened = i }
	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			g.TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	key(fyne.KeyDown)
	if g.Selected() != 0 {
		t.Fatalf("the first key chooses %d", g.Selected())
	}
	key(fyne.KeyRight, fyne.KeyRight)
	if g.Selected() != 2 {
		t.Errorf("two columns on stands %d", g.Selected())
	}
	key(fyne.KeyReturn)
	if opened != 2 {
		t.Errorf("Enter opened %d", opened)
	}
	key(fyne.KeyLeft, fyne.KeyDown, fyne.KeyDown)
	if g.Selected() != 3 {
		t.Errorf("down from there stands %d", g.Selected())
	}
	key(fyne.KeyEscape)
	if g.Selected() != -1 {
		t.Errorf("Escape leaves %d chosen", g.Selected())
	}
}

// A chosen card stays chosen when it says something else or stands elsewhere.
func TestAChosenCardStaysChosen(t *testing.T) {
	cards, lines := three()
	g := drawn(t, cards, lines)
	g.Select(2)
	again, _ := three()
	again[2].Title, again[0], again[2] = "Said otherwise", again[2], again[0]
	g.Set(again, nil)
	if g.Selected() != 0 {
		t.Errorf("%d is chosen", g.Selected())
	}
	g.Set(again[1:], nil)
	if g.Selected() != -1 {
		t.Errorf("it is gone, and %d is chosen", g.Selected())
	}
}
