package widgets_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// ink is a visible text, icon or control with the box it really covers.
type ink struct {
	what       string
	x, y, w, h float32
	text       bool
}

// inks lists what can be read or pressed in a part, with absolute positions.
func inks(o fyne.CanvasObject, at fyne.Position) []ink {
	if !o.Visible() {
		return nil
	}
	pos, size := at.Add(o.Position()), o.Size()
	switch v := o.(type) {
	case *canvas.Text:
		if v.Text == "" {
			return nil
		}
		w := fyne.MeasureText(v.Text, v.TextSize, v.TextStyle).Width
		x := pos.X
		switch v.Alignment {
		case fyne.TextAlignTrailing:
			x += size.Width - w
		case fyne.TextAlignCenter:
			x += (size.Width - w) / 2
		}
		return []ink{{fmt.Sprintf("%q", v.Text), x, pos.Y + size.Height/2 - v.TextSize/2, w, v.TextSize, true}}
	case *canvas.Image:
		return []ink{{"icon", pos.X, pos.Y, size.Width, size.Height, false}}
	case *fyne.Container:
		var all []ink
		for _, c := range v.Objects {
			all = append(all, inks(c, pos)...)
		}
		return all
	case *widgets.Entry:
		return []ink{{"entry", pos.X, pos.Y, size.Width, size.Height, false}}
	case fyne.Widget:
		var all []ink
		for _, c := range test.WidgetRenderer(v).Objects() {
			all = append(all, inks(c, pos)...)
		}
		return all
	}
	return nil
}

// assertTidy checks that nothing readable lies outside the part or over
// something else.
func assertTidy(t *testing.T, name string, o fyne.CanvasObject) {
	t.Helper()
	all := inks(o, fyne.NewPos(-o.Position().X, -o.Position().Y))
	if len(all) == 0 {
		t.Errorf("%s: nothing to see", name)
	}
	size := o.Size()
	const slack = 1.5
	for i, a := range all {
		if a.x < -slack || a.y < -slack || a.x+a.w > size.Width+slack || a.y+a.h > size.Height+slack {
			t.Errorf("%s at %v: %s at %.0f,%.0f %.0f×%.0f lies outside", name, size, a.what, a.x, a.y, a.w, a.h)
		}
		for _, b := range all[i+1:] {
			if !a.text && !b.text && a.what == b.what {
				continue // a tick in its box
			}
			if a.x+a.w > b.x+slack && b.x+b.w > a.x+slack && a.y+a.h > b.y+slack && b.y+b.h > a.y+slack {
				t.Errorf("%s at %v: %s and %s overlap", name, size, a.what, b.what)
			}
		}
	}
}

const longTitle = "Field map: Billing customers of the southern region and their contacts"

// wideParts are the parts that take a screen's width, with the longest texts
// they are likely to hold.
func wideParts() map[string]fyne.CanvasObject {
	button := func(text string) *widgets.Button { return widgets.NewButton(widgets.Plain, "preview", text, nil) }
	h := widgets.NewHeader(longTitle, "Frozen 2 minutes ago as P-0147 · 8,886,412 rows read from billing-customers-of-the-southern-region.xlsx · nothing is written until you apply")
	h.OnBack = func() {}
	h.Buttons = []*widgets.Button{button("Make a new plan"), button("Review 5 suggestions")}
	h.Segment = widgets.NewSegment([]widgets.SegmentItem{{Text: "Conflicts", Count: "4,886", Meaning: look.Conflict}, {Text: "Needs attention", Count: "1,111", Meaning: look.Failed}}, 0, nil)
	h.Primary = widgets.NewButton(widgets.Primary, "", "Apply 11,458 decisions", nil)

	bar := widgets.NewStatusBar()
	bar.Status = widgets.Status{Portal: look.Practice, Name: "Fernhollow Trading of the southern region", Detail: "Nothing leaves this computer",
		Budget: widgets.Budget{Used: 39000, Others: 2000, Limit: 1_650_000, Reserve: 0.2},
		Lanes: [3]widgets.LaneLine{{Name: "Search", State: widgets.LaneIdle, Rate: "idle"}, {Name: "Batch", State: widgets.LaneWorking, Rate: "11.9 calls/s"},
			{Name: "Associations", Short: "Assoc.", State: widgets.LaneWaiting, Rate: "waiting"}},
		Error: "1,118 rows refused by HubSpot because the owner was deactivated"}

	foot := widgets.NewPlanFooter(widgets.NewButton(widgets.Primary, "", "Apply 1,211,458 changes", nil), button("Export plan"))
	foot.Writes = "Creates 1,002,140 contacts, updates 208,902 in HubSpot and 416 rows in the workbook of the southern region."
	foot.Costs = "412 conflicts stay untouched on both sides and wait in Review · 13,334 calls · about 1 h 10 min · 2% of today's limit"

	fates := widgets.NewFatesLine()
	fates.Set(map[look.Meaning]int{look.Create: 1_001_480, look.Update: 5_720_000, look.Unchanged: 1_173_905, look.Conflict: 20_412, look.Skipped: 100_563, look.Failed: 92}, 8_886_412)
	lane := widgets.NewLane("association", "Associations")
	lane.Set(widgets.LaneStatus{State: widgets.LaneWaiting, Word: "Waiting for new contacts", Progress: "1,107,218 of 1,211,458", Calls: "11,074 of 12,118 calls",
		Done: 7218, Total: 11458, Rate: "1,190", RateUnit: "records a second", Left: "22 min"})

	chips := widgets.NewChipBar(look.ChipFates(), nil)
	chips.SetCounts(map[look.Meaning]int{look.Create: 2140, look.Update: 9318, look.Conflict: 412, look.Unchanged: 73905, look.Skipped: 563, look.Invalid: 74, look.Failed: 18})
	steps := widgets.NewStepper([]widgets.Step{{Name: "Source"}, {Name: "Object type"}, {Name: "Match key"}, {Name: "Field map"}, {Name: "Plan"}}, nil)
	steps.SetAnswer(0, "billing-customers-of-the-southern-region.xlsx")
	steps.SetAnswer(1, "Contacts")
	steps.SetCurrent(4)
	hints := widgets.NewKeyHints(widgets.KeyHint{Keys: []string{"←"}, Word: "source"}, widgets.KeyHint{Keys: []string{"→"}, Word: "HubSpot"},
		widgets.KeyHint{Keys: []string{"B"}, Word: "base"}, widgets.KeyHint{Keys: []string{"E"}, Word: "edit"}, widgets.KeyHint{Keys: []string{"/"}, Word: "skip"},
		widgets.KeyHint{Keys: []string{"A"}, Word: "apply to all"}, widgets.KeyHint{Keys: []string{"R"}, Word: "make a rule"},
		widgets.KeyHint{Keys: []string{"K"}, Word: "keep apart"}, widgets.KeyHint{Keys: []string{"U"}, Word: "undo"}, widgets.KeyHint{Keys: []string{"↑", "↓"}, Word: "move"})
	sides := widgets.NewSideBySide(nil)
	sides.Set(widgets.SideValue{Value: "xiomara.devereaux-holmqvist@quillhaven-press.example.org", Who: "Row C-20418 of billing-customers-of-the-southern-region", When: "saved 21 Nov, 16:20"},
		widgets.SideValue{Missing: "Never agreed: first run"},
		widgets.SideValue{Value: "xiomara.devereaux@quillhaven-press.example.org", Who: "Soraya Pell", When: "19 Nov, 09:12"})

	return map[string]fyne.CanvasObject{
		"header": h, "status bar": bar, "plan footer": foot, "fates line": fates, "lane": lane, "stepper": steps, "key hints": hints, "side by side": sides,
		"chips": chips.Container,
		"guard rail": widgets.NewGuardRail("This plan changes the owner of 1,001,260 contacts. Usually it is about 4.",
			"The most owners one run of this sync has changed is 11. The column “Account manager” was renamed on 20 Nov: check that the right people are in it.",
			1_001_260, "Leave owners out", nil, nil),
		"error": widgets.NewErrorPanel("HubSpot no longer accepts this sign-in of the portal Fernhollow Trading of the southern region, used by three syncs.",
			"The token was revoked on 21 Nov. The run is paused, nothing is lost.", "5d3c1f0e-8a77-4a61-9c02-1f7be2c0a9d4", button("Reconnect")),
		"empty": widgets.NewEmptyState("review", "No conflicts wait", "When both sides edit the same field, the two values wait here until you decide.", button("Preview a sync")),
		"row":   widgets.NewInfoRow("Size of everything", "For high-resolution screens and tired eyes. Takes effect at the next start.", widgets.NewTextSegment([]string{"100%", "125%", "150%", "200%"}, 0, nil)),
		"item":  widgets.NewChecklistItem(3, "Map the fields", "Syncline suggests pairs and says why. Nothing is active until you accept it.", widgets.Later, button("Map fields")),
	}
}

func TestNothingOverlapsAtAnyWidth(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	for _, window := range []float32{1024, 1099, 1100, 1280, 1440, 1600} {
		compact := window < look.CompactBelow
		width := window - look.RailWidth
		if compact {
			width = window - look.RailCompact
		}
		for name, o := range wideParts() {
			at := width
			switch v := o.(type) {
			case *widgets.Header:
				v.Compact = compact
			case *widgets.StatusBar:
				v.Compact, at = compact, window
			case *widgets.GuardRail:
				v.Compact = compact
				at -= 2 * look.PageMargin
			case *widgets.Lane, *widgets.FatesLine:
				at -= 2*look.PageMargin + 306 // beside the API budget
			}
			win := test.NewWindow(o)
			win.SetPadded(false)
			h := o.MinSize().Height
			if v, ok := o.(widgets.HeightFor); ok {
				h = v.HeightFor(at)
			}
			if name == "chips" {
				h = 70
			}
			o.Resize(fyne.NewSize(at, h))
			o.Refresh()
			assertTidy(t, fmt.Sprintf("%s in a window of %g", name, window), o)
			win.Close()
		}
	}
}

func TestNoTextIsSmallerThanEleven(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	for name, o := range wideParts() {
		o.Resize(fyne.NewSize(1000, 200))
		walk(o, func(c fyne.CanvasObject) {
			if text, ok := c.(*canvas.Text); ok && text.TextSize < 11 {
				t.Errorf("%s: %q has size %g", name, text.Text, text.TextSize)
			}
		})
	}
}

// walk visits every object a part is drawn with.
func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	visit(o)
	switch v := o.(type) {
	case *fyne.Container:
		for _, c := range v.Objects {
			walk(c, visit)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(v).Objects() {
			walk(c, visit)
		}
	}
}

func TestColumnGivesEachPartItsHeightForTheWidth(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	p := widgets.NewParagraph("One sentence that is far too long for a narrow column, but fits a wide one.", look.Body, look.T1)
	below := widgets.NewSeparator()
	col := widgets.NewColumn(4, p, below)
	win := test.NewTempWindow(t, col)
	win.SetPadded(false)
	for _, c := range []struct{ width, lines float32 }{{1000, 1}, {250, 2}, {1000, 1}} {
		col.Resize(fyne.NewSize(c.width, 300))
		if got, want := below.Position().Y, c.lines*look.Body.Line+4; got != want {
			t.Errorf("at %g the next part begins at %g, want %g", c.width, got, want)
		}
	}
}

// In dark and in light every part is drawn in the colours of the moment.
func TestSwitchingTheLookReachesEveryPart(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(look.New(look.Light))
	for name, o := range wideParts() {
		o.Resize(fyne.NewSize(1000, 200))
		app.Settings().SetTheme(look.New(look.Light))
		refreshAll(o)
		light := colours(o)
		app.Settings().SetTheme(look.New(look.DarkMode))
		refreshAll(o)
		dark := colours(o)
		if len(light) != len(dark) {
			t.Errorf("%s: %d coloured objects in light, %d in dark", name, len(light), len(dark))
			continue
		}
		for i := range light {
			if light[i] == dark[i] && light[i] != "" {
				t.Errorf("%s: object %d keeps its colour %s", name, i, light[i])
			}
		}
	}
}

// refreshAll does what Fyne does to a window when the theme changes.
func refreshAll(o fyne.CanvasObject) { walk(o, func(c fyne.CanvasObject) { c.Refresh() }) }

// colours lists the colours of texts and filled rectangles. White stays white on
// the production block, and nothing stays nothing.
func colours(o fyne.CanvasObject) []string {
	var out []string
	walk(o, func(c fyne.CanvasObject) {
		if !c.Visible() {
			return
		}
		switch v := c.(type) {
		case *canvas.Text:
			out = append(out, fmt.Sprint(v.Color))
		case *canvas.Rectangle:
			if v.FillColor == nil {
				return
			}
			if _, _, _, a := v.FillColor.RGBA(); a > 0 {
				out = append(out, fmt.Sprint(v.FillColor))
			}
		}
	})
	return out
}
