package widgets_test

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// board places parts at fixed points, as on the design's sheet.
type board struct{ box *fyne.Container }

func newBoard(w, h float32) *board {
	back := canvas.NewRectangle(look.Color(look.Bg))
	back.Resize(fyne.NewSize(w, h))
	return &board{container.NewWithoutLayout(back)}
}

// put places o at its smallest size, or wider and higher where w and h say so.
func (b *board) put(o fyne.CanvasObject, x, y, w, h float32) {
	m := o.MinSize()
	if w == 0 {
		w = m.Width
	}
	if h == 0 {
		h = m.Height
	}
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
	b.box.Add(o)
}

func (b *board) caption(s string, x, y float32) {
	b.put(widgets.NewLine(s, look.CaptionBold, look.T2), x, y, 560, 15)
}

func (b *board) small(s string, x, y float32) {
	b.put(widgets.NewLine(s, look.Small, look.T2), x, y, 240, 16)
}

// render draws the board into dir/name.png.
func (b *board) render(t *testing.T, name string, w, h float32) {
	t.Helper()
	win := test.NewTempWindow(t, b.box)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	dir := os.Getenv("SYNCLINE_PICTURES")
	if dir == "" {
		dir = t.TempDir()
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img := win.Canvas().Capture()
	if got := img.Bounds().Dx(); got < int(w) {
		t.Errorf("%s is %d wide, want %g", name, got, w)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// inLook runs f once light and once dark, with the theme set as in the program.
func inLook(t *testing.T, f func(t *testing.T, suffix string)) {
	t.Helper()
	for suffix, mode := range map[string]look.Mode{"": look.Light, "-dark": look.DarkMode} {
		t.Run("look"+suffix, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(look.New(mode))
			f(t, suffix)
		})
	}
}

func TestGalleryComponents(t *testing.T) {
	inLook(t, func(t *testing.T, suffix string) {
		b := newBoard(1280, 800)
		buttons(b)
		fields(b)
		chipsAndMarks(b)
		bars(b)
		statusBars(b)
		panels(b)
		b.render(t, "components"+suffix, 1280, 800)
	})
}

func buttons(b *board) {
	b.caption("Buttons: 32 high, radius 6", 24, 18)
	for i, s := range []string{"normal", "hover", "focus", "disabled"} {
		b.put(widgets.NewLine(s, look.Caption, look.T2), 94+float32(i)*104, 39, 80, 15)
	}
	kinds := []struct {
		name, text string
		icon       look.Icon
		kind       widgets.ButtonKind
	}{
		{"Primary", "Preview", "preview", widgets.Primary},
		{"Plain", "Preview", "preview", widgets.Plain},
		{"Quiet", "Preview", "preview", widgets.Quiet},
		{"Danger", "Archive", "archive", widgets.Danger},
	}
	for i, k := range kinds {
		y := 59 + float32(i)*42
		b.small(k.name, 24, y+8)
		for j := range 4 {
			btn := widgets.NewButton(k.kind, k.icon, k.text, nil)
			b.put(btn, 94+float32(j)*112, y, 0, 0)
			switch j {
			case 1:
				btn.MouseIn(nil)
			case 2:
				btn.FocusGained()
			case 3:
				btn.SetReason("Choose a key first")
			}
		}
	}
}

func fields(b *board) {
	b.caption("Entry and select: 32 high", 24, 238)
	b.put(widgets.NewSearchEntry("Find in plan", nil), 24, 259, 136, 0)
	focused := widgets.NewEntry("")
	focused.SetText("ilse.hartwig")
	b.put(focused, 168, 259, 136, 0)
	focused.FocusGained()
	wrong := widgets.NewEntry("")
	wrong.SetText("tbd@")
	wrong.SetProblem("E-mail isn't an address")
	b.put(wrong, 312, 259, 110, 0)
	ro := widgets.NewEntry("Read only")
	b.put(ro, 430, 259, 110, 0)
	ro.Disable()
	b.put(widgets.NewSelect([]string{"Ask me in Review", "Source wins"}, 0, nil), 24, 301, 180, 0)
	x := float32(216)
	for _, c := range []*widgets.Check{
		widgets.NewCheck("", true, nil), widgets.NewCheck("", false, nil),
		widgets.NewRadio("", true, nil), widgets.NewRadio("", false, nil),
		widgets.NewSwitch("", true, nil), widgets.NewSwitch("", false, nil),
	} {
		b.put(c, x, 307, 0, 0)
		x += c.MinSize().Width + 12
	}
	b.put(widgets.NewTextSegment([]string{"Like the system", "Light", "Dark"}, 0, nil), 436, 301, 0, 0)
}

func chipsAndMarks(b *board) {
	b.caption("Filter chips: 30 high, on and off", 24, 349)
	bar := widgets.NewChipBar(look.ChipFates(), nil)
	counts := map[look.Meaning]int{look.Create: 2140, look.Update: 9318, look.Conflict: 412,
		look.Unchanged: 73905, look.Skipped: 563, look.Invalid: 74, look.Failed: 0}
	bar.SetCounts(counts)
	bar.SetOn(look.Create, look.Update, look.Conflict, look.Unchanged, look.Skipped, look.Invalid)
	b.put(bar.Container, 24, 370, 600, 70)

	b.caption("Fate marks: 20, 24, 32", 24, 454)
	x := float32(24)
	for _, m := range []look.Meaning{look.Create, look.Update, look.Conflict, look.Unchanged, look.Skipped, look.Failed, look.Invalid, look.Cleared} {
		b.put(widgets.NewFateMark(m, look.MarkSmall), x, 481, 0, 0)
		x += 28
	}
	b.put(widgets.NewFateMark(look.Update, look.MarkMedium), 264, 479, 0, 0)
	b.put(widgets.NewFateMark(look.Conflict, look.MarkLarge), 296, 475, 0, 0)
	b.put(widgets.NewPill(look.Conflict, "486"), 348, 482, 0, 0)
	x = 24
	for _, tag := range []*widgets.Tag{
		widgets.NewFlowTag(false, ""), widgets.NewFlowTag(true, "the workbook"),
		widgets.NewTag(look.Base, "", "base"), widgets.NewTag(look.Production, "", "Production"),
		widgets.NewTag(look.Sandbox, "", "Sandbox"), widgets.NewTag(look.Practice, "", "Practice"),
	} {
		b.put(tag, x, 517, 0, 0)
		x += tag.MinSize().Width + 5
	}
}

func bars(b *board) {
	b.caption("Progress: 8 high; gauge: 8 high, mark at the reserve", 24, 551)
	b.put(widgets.NewProgressBar(63, 100), 24, 572, 170, 8)
	parts := widgets.FateParts(map[look.Meaning]int{look.Create: 1480, look.Update: 5720, look.Failed: 92}, look.Create, look.Update, look.Failed)
	b.put(widgets.NewStackedBar(8, 11458, parts...), 210, 572, 170, 8)
	b.put(widgets.NewGauge(widgets.Budget{Used: 22, Others: 14, Limit: 100, Reserve: 0.2}, 170, 8), 396, 572, 170, 8)
	b.caption("Keys", 24, 596)
	hints := widgets.NewKeyHints(
		widgets.KeyHint{Keys: []string{"←"}, Word: "source"}, widgets.KeyHint{Keys: []string{"→"}, Word: "HubSpot"},
		widgets.KeyHint{Keys: []string{"B"}, Word: "base"}, widgets.KeyHint{Keys: []string{"A"}, Word: "apply to all"},
		widgets.KeyHint{Keys: []string{"↑", "↓"}, Word: "move"}, widgets.KeyHint{Keys: []string{"Ctrl"}, Word: "F"})
	b.put(hints, 0, 612, 600, 36)
	x := float32(24)
	for _, s := range []struct {
		text string
		kind look.Type
	}{{"24 figure", look.Figure}, {"20 title", look.Title}, {"15 heading", look.Heading}, {"13 body", look.Body},
		{"12 small", look.Small}, {"11 caption", look.Caption}, {"12 mono", look.Mono}} {
		w := s.kind.Width(s.text) + 2
		b.put(widgets.NewLine(s.text, s.kind, look.T1), x, 655, w, s.kind.Line)
		x += w + 15
	}
	b.caption("Stepper", 24, 694)
	st := widgets.NewStepper([]widgets.Step{{Name: "Source"}, {Name: "Object type"}, {Name: "Match key"}, {Name: "Field map"}, {Name: "Plan"}}, nil)
	st.SetAnswer(0, "billing-customers.xlsx")
	st.SetCurrent(2)
	b.put(st, 0, 712, 640, 0)
}

func statusBars(b *board) {
	b.caption("Changed cells: 44 comfortable", 658, 18)
	x := float32(658)
	for _, ch := range []widgets.Change{
		{Fate: look.Update, New: "Head of procurement", Old: "Buyer"},
		{Fate: look.Create, New: "Rufus Ekwueme"},
		{Fate: look.Conflict, New: "+1 555 010 0437", Note: "2 values, you decide", Mono: true},
		{Fate: look.Update, New: "+49 30 23125 418", Old: "+49 30 23125 400", Mono: true, ToSource: true},
	} {
		b.put(widgets.NewDiffView(ch), x, 36, 150, 44)
		x += 150
	}
	x = 658
	for _, ch := range []widgets.Change{
		{Fate: look.Update, Old: "+1 555 010 0452", Mono: true},
		{Fate: look.Invalid, New: "k.moreau@old.example.org", Note: "No such owner"},
	} {
		b.put(widgets.NewDiffView(ch), x, 80, 150, 44)
		x += 150
	}
	b.caption("Status bar: 30 high. Production is solid, sandbox outlined, practice dashed", 658, 233)
	lane := [3]widgets.LaneLine{{Name: "Batch", State: widgets.LaneWorking, Rate: "1.9/s"}}
	for i, st := range []widgets.Status{
		{Portal: look.Production, Name: "Fernhollow Trading"},
		{Portal: look.Sandbox, Name: "Fernhollow sandbox"},
		{Portal: look.Practice, Name: "Practice portal", Detail: "Nothing leaves this computer"},
		{},
	} {
		st.Budget = widgets.Budget{Used: 39000, Limit: 650000, Reserve: 0.2}
		st.Lanes = lane
		bar := widgets.NewStatusBar()
		bar.Compact = true
		bar.Set(st)
		b.put(bar, 658, 254+float32(i)*38, 598, 30)
	}
}

func panels(b *board) {
	b.caption("Error: what happened, what it means, what to do", 658, 412)
	e := widgets.NewErrorPanel("HubSpot no longer accepts this sign-in.", "The token was revoked on 21 Nov. The run is paused, nothing is lost.", "",
		widgets.NewButton(widgets.Plain, "", "Reconnect", nil))
	b.put(e, 658, 430, 598, 60)
	b.caption("Empty state: icon 32, one sentence, one button", 658, 504)
	empty := widgets.NewEmptyState("review", "No conflicts wait", "When both sides edit the same field, the two values wait here until you decide.",
		widgets.NewButton(widgets.Plain, "preview", "Preview a sync", nil))
	b.put(widgets.NewCard(empty), 658, 520, 598, 192)
	b.caption("Toast: 44 high, bottom right, 6 s, one at a time", 658, 722)
	b.put(widgets.NewToast(look.Create, "318 conflicts settled by the rule", "Undo", nil), 658, 742, 400, 44)
}

func TestGalleryPanels(t *testing.T) {
	inLook(t, func(t *testing.T, suffix string) {
		b := newBoard(1280, 860)
		rail := widgets.NewRail(railItems(), nil)
		rail.SetCurrent(2)
		b.put(rail, 0, 0, 0, 330)
		slim := widgets.NewRail(railItems(), nil)
		slim.SetCompact(true)
		b.put(slim, 0, 340, 0, 380)

		h := widgets.NewHeader("Plan: Billing customers and contacts", "Frozen 2 minutes ago as P-0147 · 86,412 rows read · nothing is written until you apply")
		h.OnBack = func() {}
		h.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", "Make a new plan", nil)}
		h.Segment = widgets.NewSegment([]widgets.SegmentItem{{Text: "Conflicts", Count: "486", Meaning: look.Conflict}, {Text: "Needs attention", Count: "111", Meaning: look.Failed}}, 0, nil)
		h.Menu = []*fyne.MenuItem{fyne.NewMenuItem("Export", nil)}
		h.Primary = widgets.NewButton(widgets.Primary, "", "Apply 37 decisions", nil)
		b.put(h, 200, 0, 1080, 0)

		guard := widgets.NewGuardRail("This plan changes the owner of 1,260 contacts. Usually it is about 4.",
			"The most owners one run of this sync has changed is 11. The column “Account manager” was renamed on 20 Nov: check that the right people are in it.",
			1260, "Leave owners out", nil, nil)
		b.put(guard, 224, 76, 1032, 76)
		foot := widgets.NewPlanFooter(widgets.NewButton(widgets.Primary, "", "Apply 11,458 changes", nil), widgets.NewButton(widgets.Plain, "export", "Export plan", nil))
		foot.Writes = "Creates 2,140 contacts, updates 8,902 in HubSpot and 416 rows in the workbook."
		foot.Costs = "412 conflicts stay untouched on both sides and wait in Review.  334 calls · about 1 min 10 s · 0.05% of today’s limit"
		foot.Apply.SetReason("Type 1260 above to allow the change of owners")
		b.put(foot, 224, 164, 1032, 36)

		fates := widgets.NewFatesLine()
		fates.Set(map[look.Meaning]int{look.Create: 1480, look.Update: 5720, look.Unchanged: 73905, look.Conflict: 412, look.Skipped: 563, look.Failed: 92}, 86412)
		b.put(widgets.NewCard(fates), 224, 212, 724, 0)
		lane := widgets.NewLane("search", "Search")
		lane.Set(widgets.LaneStatus{State: widgets.LaneDone, Word: "Done", Progress: "41 records moved since the plan", Calls: "2 calls", Done: 1, Total: 1, Left: "0 s"})
		b.put(lane, 224, 318, 724, 0)
		lane = widgets.NewLane("records", "Batch")
		lane.Set(widgets.LaneStatus{State: widgets.LaneWaiting, Word: "Waiting for new contacts", Progress: "7,218 of 11,458", Calls: "74 of 118 calls", Done: 7218, Total: 11458, Rate: "190", RateUnit: "records a second", Left: "22 s"})
		b.put(lane, 224, 404, 724, 0)

		sides := widgets.NewSideBySide(nil)
		sides.Set(widgets.SideValue{Value: "+49 30 23125 418", Who: "Row C-20418", When: "saved 21 Nov, 16:20"},
			widgets.SideValue{Value: "+49 30 23125 400", Who: "Last agreed value", When: "14 Nov, run R-0143"},
			widgets.SideValue{Value: "(030) 23125-418", Who: "Soraya Pell", When: "19 Nov, 09:12"})
		b.put(sides, 224, 490, 552, sides.HeightFor(552))
		rule := widgets.NewNotice(look.Neutral, "rule", "One rule settles 311: compare phones as numbers",
			"311 of 318 have the same digits: they agree and nothing is written. 7 differ and stay here.", keyButton("Make it a rule", "R"))
		b.put(rule, 224, 668, 552, 76)
		x := float32(224)
		for _, k := range []struct {
			icon      look.Icon
			text, key string
		}{{"edit", "Edit a value", "E"}, {"skipped", "Skip", "/"}, {"", "Apply to all 318", "A"}, {"keep-apart", "Keep apart", "K"}} {
			btn := widgets.NewButton(widgets.Plain, k.icon, k.text, nil)
			btn.Key, btn.Small = k.key, true
			b.put(btn, x, 756, 0, 0)
			x += btn.MinSize().Width + 8
		}
		alert := widgets.NewAlertCard(look.Conflict, "", "486 conflicts wait", "318 differ only in phone format", widgets.NewButton(widgets.Plain, "", "Review", nil))
		b.put(alert, 224, 792, 336, 60)
		item := widgets.NewChecklistItem(1, "Connect a portal", "Sign in, or paste a token. Secrets stay in your keychain.", widgets.Current, widgets.NewButton(widgets.Primary, "connections", "Connect HubSpot", nil))
		b.put(item, 580, 788, 640, 0)

		b.put(widgets.NewFlushCard(explanation()), 964, 212, 292, 430)
		figures := widgets.NewColumn(0,
			widgets.NewFigureRow(look.Unchanged, "unchanged", "Match one record", "4,059 of them by Email", "84,263"),
			widgets.NewFigureRow(look.Create, "create", "No record yet", "would be created", "2,140"),
			widgets.NewInfoBox("You may close the window. The run goes on from here at the next start, with no row lost or doubled."))
		b.put(figures, 796, 650, 460, 0)
		b.render(t, "panels"+suffix, 1280, 860)
	})
}

func keyButton(text, key string) *widgets.Button {
	b := widgets.NewButton(widgets.Plain, "", text, nil)
	b.Key = key
	return b
}

func railItems() []widgets.RailItem {
	return []widgets.RailItem{{Icon: "home", Word: "Home"}, {Icon: "syncs", Word: "Syncs"}, {Icon: "review", Word: "Review", Count: 486},
		{Icon: "runs", Word: "Runs"}, {Icon: "records", Word: "Records"}, {Icon: "connections", Word: "Connections"}, {Icon: "settings", Word: "Settings"}}
}

func explanation() fyne.CanvasObject {
	return widgets.NewColumn(0,
		widgets.NewExplainHead(look.Update, "Ilse Hartwig", "Row C-20418 · contact 7,310,442", func() {}),
		widgets.NewExplainField("Job title", widgets.NewFlowTag(false, ""), []widgets.Explained{
			{Label: "New", Value: "Head of procurement", Strong: true}, {Label: "Old", Value: "Buyer"}, {Label: "Base", Value: "Buyer"},
		}, "Only the source changed. Two-way field."),
		widgets.NewExplainField("Phone number", widgets.NewFlowTag(true, "the workbook"), []widgets.Explained{
			{Label: "New", Value: "+49 30 23125 418", Strong: true, Mono: true}, {Label: "Old", Value: "+49 30 23125 400", Mono: true}, {Label: "Base", Mono: true},
		}, "Only HubSpot changed: Noor Whitlock, 19 Nov."),
		widgets.NewFold("unchanged", "9 fields already agree", nil),
	)
}

func TestGalleryGrid(t *testing.T) {
	inLook(t, func(t *testing.T, suffix string) {
		b := newBoard(1280, 800)
		g := planGrid(look.RowComfortable)
		b.put(g, 200, 20, 764, 480)
		g.Select(1)
		g.Focus()
		low := planGrid(look.RowCompact)
		b.put(low, 200, 520, 764, 260)
		low.SetLoading("Reading … 12,400 of 86,412")
		empty := grid.New(look.RowCompact, grid.Column{ID: "a", Title: "Name", Width: 120, Sortable: true})
		empty.Empty = widgets.NewNoMatches(func() {})
		b.put(empty, 980, 20, 290, 300)
		b.render(t, "grid"+suffix, 1280, 800)
	})
}

func planGrid(height float32) *grid.Grid {
	rows := planRows()
	g := grid.New(height,
		grid.Column{ID: "check", Width: 32, Fixed: true, Check: true},
		grid.Column{ID: "fate", Width: 40, Fixed: true},
		grid.Column{ID: "row", Title: "Row", Width: 78, Sortable: true},
		grid.Column{ID: "name", Title: "Name", Width: 124, Sortable: true, Lead: true},
		grid.Column{ID: "phone", Title: "Phone", Width: 176},
		grid.Column{ID: "job", Title: "Job title", Width: 152, Grow: 1, Icon: "spreadsheet", Side: look.Source},
		grid.Column{ID: "owner", Title: "Owner", Width: 152, Grow: 1, Align: grid.Right, Sortable: true})
	g.Length = func() int { return len(rows) }
	g.Cell = func(r, c int) grid.Cell { return rows[r][c] }
	g.AllChecked = func() grid.Check { return grid.Checked }
	g.SetSorted("row", false)
	return g
}

func planRows() [][]grid.Cell {
	text := func(s string) grid.Cell { return grid.Cell{Text: s, Style: grid.Label} }
	key := func(s string) grid.Cell { return grid.Cell{Text: s, Style: grid.Label, Mono: true} }
	name := func(s string) grid.Cell { return grid.Cell{Text: s} }
	change := func(c widgets.Change) grid.Cell { return grid.Cell{Change: &c} }
	mark := func(m look.Meaning) grid.Cell { return grid.Cell{Mark: m} }
	on, off, none := grid.Cell{Check: grid.Checked}, grid.Cell{Check: grid.Unchecked}, grid.Cell{}
	return [][]grid.Cell{
		{on, mark(look.Update), key("C-20391"), name("Odalys Brandt"), key("+44 20 7946 0391"), change(widgets.Change{Fate: look.Update, New: "Plant manager", Old: "Shift lead"}), text("Noor Whitlock")},
		{on, mark(look.Update), key("C-20418"), name("Ilse Hartwig"), change(widgets.Change{Fate: look.Update, New: "+49 30 23125 418", Old: "+49 30 23125 400", Mono: true, ToSource: true}), change(widgets.Change{Fate: look.Update, New: "Head of procurement", Old: "Buyer"}), change(widgets.Change{Fate: look.Update, New: "Rufus Ekwueme", Old: "Kestrel Moreau"})},
		{on, mark(look.Create), key("C-20422"), name("Mattis Overgaard"), change(widgets.Change{Fate: look.Create, New: "+49 30 23125 422", Mono: true}), change(widgets.Change{Fate: look.Create, New: "Logistics planner"}), change(widgets.Change{Fate: look.Create, New: "Rufus Ekwueme"})},
		{none, mark(look.Conflict), key("C-20437"), name("Soraya Pell"), change(widgets.Change{Fate: look.Conflict, New: "+1 555 010 0437", Note: "2 values, you decide", Mono: true}), text("Operations director"), text("Noor Whitlock")},
		{off, mark(look.Update), key("C-20452"), name("Linnea Thorsby"), change(widgets.Change{Fate: look.Update, Old: "+1 555 010 0452", Mono: true}), text("Finance lead"), text("Noor Whitlock")},
		{none, mark(look.Invalid), key("C-20461"), name("Petra Quist"), key("+49 30 23125 461"), text("Buyer"), change(widgets.Change{Fate: look.Invalid, New: "k.moreau@old.example.org", Note: "No such owner"})},
		{none, mark(look.Skipped), key("C-20478"), grid.Cell{Text: "Xiomara Devereaux-Holmqvist", Second: "excluded by you"}, grid.Cell{Pending: true}, grid.Cell{TagOf: look.Create, Text: "New contact"}, grid.Cell{Bar: []widgets.Part{{Ink: look.Create.Solid(), N: 20}, {Ink: look.Update.Solid(), N: 70}}, BarTotal: 100}},
	}
}
