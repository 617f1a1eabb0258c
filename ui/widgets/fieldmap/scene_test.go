package fieldmap

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/transform"
)

func TestColumnsShareTheWidth(t *testing.T) {
	g := Measure(780) // a window of 1280 with rail and inspector
	if got, want := g.Card(Source, 0), (Rect{20, 12, 226, 54}); got != want {
		t.Errorf("source card %v, want %v", got, want)
	}
	if got, want := g.Card(HubSpot, 2), (Rect{452, 136, 312, 54}); got != want {
		t.Errorf("HubSpot card %v, want %v", got, want)
	}
	if got, want := g.Port(Source, 1), (Point{246, 101}); got != want {
		t.Errorf("port %v, want %v", got, want)
	}
	for _, width := range []float32{0, 560, 668, 780, 1200, 2400} {
		g := Measure(width)
		if from, to := g.Gap(); to-from < 100 {
			t.Errorf("at %v the gap is %v", width, to-from)
		}
	}
}

func TestCurveRunsFromPortToPort(t *testing.T) {
	a, b := Point{446, 303}, Point{652, 241}
	c := CurveBetween(a, b)
	if c[0] != a || c[Pieces] != b {
		t.Errorf("from %v to %v", c[0], c[Pieces])
	}
	if mid := c.At(0.5); math.Abs(float64(mid.X-549)) > 0.01 || math.Abs(float64(mid.Y-272)) > 0.01 {
		t.Errorf("middle %v, want 549, 272", mid)
	}
	// It leaves and arrives level, because the handles are level.
	if slope := (c[1].Y - c[0].Y) / (c[1].X - c[0].X); math.Abs(float64(slope)) > 0.05 {
		t.Errorf("it leaves with the slope %v", slope)
	}
}

// TestCurveStaysBetweenItsEnds holds for every pair of ports.
func TestCurveStaysBetweenItsEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		coordinate := rapid.Float32Range(0, 20000)
		a := Point{246, coordinate.Draw(rt, "y1")}
		b := Point{452, coordinate.Draw(rt, "y2")}
		c := CurveBetween(a, b)
		for i := range Pieces {
			if c[i+1].X <= c[i].X {
				rt.Fatalf("piece %d goes back: %v %v", i, c[i], c[i+1])
			}
			if c[i].Y < min(a.Y, b.Y)-0.01 || c[i].Y > max(a.Y, b.Y)+0.01 {
				rt.Fatalf("point %d leaves the strip: %v", i, c[i])
			}
		}
		at := c.At(rapid.Float32Range(0, 1).Draw(rt, "share"))
		if d := c.Distance(at); d > 0.1 {
			rt.Fatalf("a point of the curve is %v away from it", d)
		}
	})
}

// wide is a map with so many cards and a line from each field to the property
// with the same number.
func wide(cards int) *Model {
	var fields []Field
	var properties []Property
	var links []Link
	for i := range cards {
		fields = append(fields, Field{Name: fmt.Sprintf("field %d", i), Type: "text", Fill: 0.5, Samples: []string{"a", "b"}})
		properties = append(properties, Property{Name: fmt.Sprintf("p%d", i), Label: fmt.Sprintf("Property %d", i), Type: "Text"})
		l := line(fields[i].Name, properties[i].Name)
		if i%2 == 0 {
			l.Settings.Steps = transform.Chain{{Name: "trim"}}
		}
		links = append(links, l)
	}
	return NewModel(fields, properties, links, definition.TwoWay)
}

func TestOnlyWhatIsSeenIsDrawn(t *testing.T) {
	m := wide(400)
	m.links = append(m.links, line("field 0", "p399")) // passes everything, both ends far away
	s := m.Scene(Measure(780), 6212, 6812)             // rows 100 to 109
	if len(s.Cards) != 20 {
		t.Errorf("%d cards, want 20", len(s.Cards))
	}
	if len(s.Lines) != 10 {
		t.Errorf("%d lines, want the 10 with an end in sight", len(s.Lines))
	}
	for _, c := range s.Cards {
		if c.Box.Y+c.Box.H <= 6212 || c.Box.Y >= 6812 {
			t.Errorf("row %d at %v is out of sight", c.Row, c.Box.Y)
		}
	}
}

func TestALineWhoseEndIsFilteredOutIsNotDrawn(t *testing.T) {
	m := customers()
	m.Search(HubSpot, "email")
	s := m.Scene(Measure(780), 0, 600)
	if len(s.Lines) != 1 || s.Lines[0].Link.Field != "Email" {
		t.Errorf("lines: %+v", s.Lines)
	}
}

func TestMarksDoNotCoverEachOther(t *testing.T) {
	m := wide(8)
	m.links = nil
	key := with(line("field 0", "p7"), func(l *Link) { l.MatchKey = true })
	trouble := with(line("field 4", "p3"), func(l *Link) { l.State, l.Problem = Troubled, &Problem{Short: "3 values"} })
	steps := with(line("field 3", "p4"), func(l *Link) { l.Settings.Steps = transform.Chain{{Name: "trim"}} })
	m.links = []Link{key, steps, trouble, suggested("field 5", "p5")}
	s := m.Scene(Measure(780), 0, 600)
	kinds := map[MarkKind]int{}
	for i, a := range s.Marks {
		kinds[a.Kind]++
		for _, b := range s.Marks[i+1:] {
			if a.Box.overlaps(b.Box, 0) {
				t.Errorf("%v covers %v", a, b)
			}
		}
	}
	for _, kind := range []MarkKind{MarkKey, MarkTransform, MarkProblem, MarkAccept} {
		if kinds[kind] != 1 {
			t.Errorf("mark %d is there %d times", kind, kinds[kind])
		}
	}
}

func TestHit(t *testing.T) {
	m := customers()
	g := Measure(780)
	email, phone := Ref{"Email", "email"}, Ref{"Phone", "phone"}
	card := func(side Side, row int) End { e, _ := m.At(side, row); return e }
	pill := CurveBetween(g.Port(Source, 2), g.Port(HubSpot, 3))
	middle := pill.At(0.5)
	tests := []struct {
		name string
		at   Point
		want Hit
	}{
		{"a card", Point{60, 30}, Hit{Kind: HitCard, End: card(Source, 0)}},
		{"between two cards", Point{60, 69}, Hit{}},
		{"a port", Point{246, 101}, Hit{Kind: HitPort, End: card(Source, 1)}},
		{"the rim of a port", Point{259, 76}, Hit{Kind: HitPort, End: card(Source, 1)}},
		{"a port of HubSpot", Point{452, 40}, Hit{Kind: HitPort, End: card(HubSpot, 0)}},
		{"no port on a read-only card", Point{453, 12 + 5*62 + 20}, Hit{Kind: HitCard, End: card(HubSpot, 5)}},
		{"beside it", Point{445, 12 + 5*62 + 20}, Hit{}},
		{"a line", Point{349, 42}, Hit{Kind: HitLine, Ref: email}},
		{"the next line", Point{330, 103}, Hit{Kind: HitLine, Ref: phone}},
		{"between lines", Point{349, 70}, Hit{}},
		{"the pill of a suggestion", middle, Hit{Kind: HitMark, Ref: Ref{"Status", "lifecyclestage"}, Mark: MarkAccept}},
		{"below everything", Point{60, 2000}, Hit{}},
		{"above everything", Point{60, 3}, Hit{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := m.Hit(g, tt.at, 0, 600); got != tt.want {
				t.Errorf("at %v: %+v, want %+v", tt.at, got, tt.want)
			}
		})
	}
}

func TestDraggingConnects(t *testing.T) {
	m := customers()
	g := Measure(780)
	role, _ := m.At(Source, 4)
	drag := func(at Point) *Pending {
		m.Pick(role, g.Port(Source, 4), false)
		m.DragTo(g, at)
		return m.Connecting()
	}
	if d := drag(Point{350, 100}); d.Over != nil {
		t.Errorf("over the gap: %+v", d)
	}
	if d := drag(Point{500, 100}); d.Over == nil || d.Fits || d.Why != "already filled from “Phone”" {
		t.Errorf("over Phone number: %+v", d)
	}
	if ok, why := m.Drop(); ok || why == "" || m.Connecting() != nil {
		t.Errorf("dropped: %t %q", ok, why)
	}
	if d := drag(Point{500, 12 + 4*62 + 20}); d.Over == nil || !d.Fits {
		t.Errorf("over Job title: %+v", d)
	}
	if s := m.Scene(g, 0, 600); s.Drag == nil || s.Drag.Curve[0] != g.Port(Source, 4) {
		t.Errorf("the loose curve is %+v", s.Drag)
	}
	if ok, why := m.Drop(); !ok {
		t.Fatal(why)
	}
	if got, want := lines(m), "Email↔email, Phone↔phone, Rôle↔jobtitle, Status↔lifecyclestage?"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
}

func TestDraggingFromHubSpotConnectsToo(t *testing.T) {
	m := customers()
	g := Measure(780)
	job, _ := m.At(HubSpot, 4)
	m.Pick(job, g.Port(HubSpot, 4), false)
	m.DragTo(g, Point{60, 12 + 4*62 + 5})
	if ok, why := m.Drop(); !ok {
		t.Fatal(why)
	}
	if _, ok := m.Link(Ref{"Rôle", "jobtitle"}); !ok {
		t.Errorf("lines: %s", lines(m))
	}
}

func TestAReadOnlyCardCannotBePicked(t *testing.T) {
	m := customers()
	created, _ := m.At(HubSpot, 5)
	if ok, why := m.Pick(created, Point{}, true); ok || why != "HubSpot fills this itself" {
		t.Errorf("got %t, %q", ok, why)
	}
}

func TestKeyboardConnects(t *testing.T) {
	m := customers()
	m.Find("ro", false)
	m.Enter() // pick Rôle
	if d := m.Connecting(); d == nil || !d.Keys {
		t.Fatalf("connecting: %+v", d)
	}
	m.Cross(HubSpot)
	m.Find("phone", false)
	if ok, why := m.Enter(); ok || why != "already filled from “Phone”" || m.Connecting() == nil {
		t.Fatalf("Enter on Phone number: %t, %q, %+v", ok, why, m.Connecting())
	}
	m.Find("job", false)
	if ok, why := m.Enter(); !ok {
		t.Fatal(why)
	}
	if l := m.Selected(); l == nil || l.Ref != (Ref{"Rôle", "jobtitle"}) {
		t.Errorf("selected: %+v", l)
	}
}

func TestKeyboardMoves(t *testing.T) {
	m := customers()
	at := func() string {
		e, ok := m.Cursor()
		if !ok {
			return "nowhere"
		}
		return m.title(e)
	}
	steps := []struct {
		what string
		do   func()
		want string
	}{
		{"start", func() {}, "Email"},
		{"up at the top", func() { m.Move(-1) }, "Email"},
		{"down", func() { m.Move(1) }, "Phone"},
		{"right along the line", func() { m.Cross(HubSpot) }, "Phone number"},
		{"down", func() { m.Move(2) }, "Lifecycle stage"},
		{"left along the suggestion", func() { m.Cross(Source) }, "Status"},
		{"far down", func() { m.Move(100) }, "Rôle"},
		{"right without a line", func() { m.Cross(HubSpot) }, "Lifecycle stage"},
		{"find the second word", func() { m.Find("source", false) }, "Lead source"},
		{"find nothing", func() { m.Find("zzz", false) }, "Lead source"},
		{"a filter that hides the rest", func() { m.Search(HubSpot, "date") }, "Create date"},
		{"a filter that hides all", func() { m.Search(HubSpot, "zzz") }, "nowhere"},
	}
	for _, s := range steps {
		s.do()
		if got := at(); got != s.want {
			t.Errorf("%s: at %s, want %s", s.what, got, s.want)
		}
	}
}

func TestSpaceSelectsTheLinesOfACardInTurn(t *testing.T) {
	m := customers()
	m.Connect("Email", "jobtitle")
	m.Select(Ref{})
	var got []string
	for range 3 {
		m.SelectNext()
		got = append(got, m.Selected().Property)
	}
	if fmt.Sprint(got) != "[email jobtitle email]" {
		t.Errorf("selected in turn: %v", got)
	}
	if !m.Delete() || lines(m) != "Email→jobtitle, Phone↔phone, Status↔lifecyclestage?" {
		t.Errorf("after Delete: %s", lines(m))
	}
}

func BenchmarkScene(b *testing.B) {
	m := wide(400)
	g := Measure(780)
	for b.Loop() {
		m.Scene(g, 6200, 6800)
	}
}

func BenchmarkHitInTheGap(b *testing.B) {
	m := wide(400)
	g := Measure(780)
	for b.Loop() {
		m.Hit(g, Point{350, 6333}, 6200, 6800)
	}
}
