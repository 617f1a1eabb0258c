package duplicates

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

const prefPair = "pane.twins"

// kinds are the kinds of pairs in the order in which they are offered.
var kinds = []app.Likeness{app.TwinAnew, app.TwinRows, app.TwinRecords, app.TwinJoined}

// Screen lists the pairs of a kind; the one that is chosen stands side by side at the right.
type Screen struct {
	w      *Room
	path   string // of the sync, "" for records alone
	from   shell.Screen
	header *widgets.Header
	list   *grid.Grid
	about  *widgets.Paragraph
	left   *fyne.Container
	pane   *fyne.Container
	lines  *grid.Grid
	hints  *widgets.KeyHints
	root   *fyne.Container
	work   fyne.CanvasObject
	begin  *widgets.EmptyState

	portal, object string // of records alone
	offers         []offer
	found          *app.Duplicates
	stop           context.CancelFunc // of the search under way, nil for none
	kind           app.Likeness
	pairs          []int
	shown          []app.TwinLine
	comparing      shell.Turns
	merging        shell.Turns
	last           []int                   // pairs that were decided, for U
	going          map[int]app.TwinVerdict // what was said of pairs and is being kept
}

// offer is an object type of a portal, to look through.
type offer struct{ portal, object, label string }

func newScreen(w *Room, path string) *Screen {
	s := &Screen{w: w, path: path, header: widgets.NewHeader("Duplicates", "")}
	s.header.OnBack = s.back
	s.header.Primary = widgets.NewButton(widgets.Primary, "search", "Look for duplicates", s.look)
	s.list = grid.New(look.RowComfortable, grid.Column{ID: "a", Title: "One", Width: 190, Grow: 1, Lead: true}, grid.Column{ID: "b", Title: "The other", Width: 190, Grow: 1}, grid.Column{ID: "score", Title: "Alike", Width: 100, Align: grid.Right})
	s.list.Length = func() int { return len(s.pairs) }
	s.list.Cell = s.cell
	s.list.State = func(row int) grid.RowState {
		if s.verdict(s.pairs[row]) != "" {
			return grid.Dimmed
		}
		return grid.Normal
	}
	s.list.OnSelected = s.compare
	s.list.OnRune = s.typed
	s.list.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyEscape {
			s.back()
			return true
		}
		return false
	}
	s.about = widgets.NewParagraph("", look.Small, look.T2)
	s.lines = grid.New(look.RowCompact, grid.Column{ID: "p", Title: "Property", Width: 110, Grow: 1, Lead: true}, grid.Column{ID: "a", Title: "One", Width: 140, Grow: 2}, grid.Column{ID: "b", Title: "The other", Width: 140, Grow: 2})
	s.lines.Length = func() int { return len(s.shown) }
	s.lines.Cell = s.line
	s.pane = container.NewStack()
	s.hints = widgets.NewKeyHints(
		widgets.KeyHint{Keys: []string{"S"}, Word: "The same", Do: s.same},
		widgets.KeyHint{Keys: []string{"D"}, Word: "Different", Do: s.different},
		widgets.KeyHint{Keys: []string{"M"}, Word: "Merge in HubSpot…", Do: s.merge},
		widgets.KeyHint{Keys: []string{"U"}, Word: "Undo", Do: s.undo},
		widgets.KeyHint{Keys: []string{"↑ ↓"}, Word: "Move"})
	s.left = container.NewBorder(widgets.NewPaddedColumn(0, 16, 10, s.about), nil, nil, nil, s.list)
	split := widgets.NewSplit(s.left, s.pane, w.PaneWidth(prefPair, 470))
	split.Least, split.Rest, split.OnResized = 340, 380, w.KeepPane(prefPair)
	s.work = container.NewBorder(nil, s.hints, nil, nil, split)
	s.begin = widgets.NewEmptyState("people", "What is there twice?", "Rows and records are compared by their match keys and by likeness: names, addresses, numbers and domains, misspelt or written otherwise. Nothing is written.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.begin)
	return s
}

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Focus implements shell.Screen.
func (s *Screen) Focus() {
	if s.found != nil {
		s.list.Focus()
		return
	}
	widgets.FocusOn(s.header.Primary)
}

// Found is what was found, nil before.
func (s *Screen) Found() *app.Duplicates { return s.found }

// PortalID is the portal whose records are looked through.
func (s *Screen) PortalID() int64 {
	if s.found == nil {
		return 0
	}
	return s.found.Records.Portal.PortalID
}

// Show implements shell.Screen.
func (s *Screen) Show() {
	if s.found != nil || s.stop != nil {
		return
	}
	if s.path != "" {
		s.header.SetState("Rows of the source and records of the portal")
		s.look()
		return
	}
	s.header.SetState("Records of a portal")
	shell.Load(s.w, s.readOffers, func(all []offer) {
		if s.found == nil && s.stop == nil { // nothing was begun meanwhile
			s.offers = all
			s.chooseObject()
		}
	}, nil)
}

// readOffers reads which records can be looked through.
func (s *Screen) readOffers(ctx context.Context) (all []offer, err error) {
	connections, err := s.w.App.Connections(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range connections {
		types, err := s.w.App.RecordTypes(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		for _, t := range types {
			if !t.Activity && !t.ReadOnly && (t.Custom() || t.Offered <= 5) {
				label := t.Label
				if len(connections) > 1 {
					label += " of " + c.Name
				}
				all = append(all, offer{c.Name, t.Path(), label})
			}
		}
	}
	return all, nil
}

// chooseObject offers the records to look through, at the head.
func (s *Screen) chooseObject() {
	if len(s.offers) == 0 {
		s.begin.Text = "Connect a portal, or the practice portal, first."
		s.begin.Refresh()
		s.header.Primary.SetReason("No portal is connected")
		return
	}
	s.header.Primary.SetReason("")
	words, at := make([]string, len(s.offers)), 0
	for i, o := range s.offers {
		words[i] = o.label
		if o.portal == s.portal && o.object == s.object {
			at = i // what was chosen before
		}
	}
	s.portal, s.object = s.offers[at].portal, s.offers[at].object
	choose := widgets.NewSelect(words, at, func(i int) { s.portal, s.object = s.offers[i].portal, s.offers[i].object })
	box := widgets.NewPaddedColumn(12, 24, 16, widgets.NewLine("Which records?", look.Small, look.T2), widgets.NewRow(0, choose))
	shell.SetBody(s.root, s.header, container.NewBorder(box, nil, nil, nil, s.begin))
}

// back leads to where the screen was opened from, and stops a search.
func (s *Screen) back() {
	if s.stop != nil {
		s.stop()
	}
	if s.from != nil {
		s.w.Open(s.from)
		return
	}
	s.w.GoTo(shell.PlaceRecords)
}

// look looks for duplicates, anew. What was found before is put away: a decision on it
// would come too late for what is found now.
func (s *Screen) look() {
	if s.stop != nil {
		return
	}
	before := s.found
	if before != nil {
		s.found, s.pairs, s.header.Segment = nil, nil, nil
		s.comparing.Drop()
		s.merging.Drop()
		shell.SetBody(s.root, s.header, s.begin)
		s.w.Changed(s)
	}
	ctx, stop := context.WithCancel(s.w.Ctx)
	s.stop = stop
	s.header.Primary.SetReason("Looking")
	words := s.w.Words()
	news := post.NewPump(s.w.Post, func(p app.DuplicateProgress) {
		if s.stop != nil {
			s.header.SetState(progressWords(p))
		}
	})
	s.w.Background(func() { news.Run(ctx, 200*time.Millisecond) })
	shell.Load(s.w, func(context.Context) (*app.Duplicates, error) {
		if s.path == "" {
			return s.w.App.FindTwinRecords(ctx, s.portal, s.object, words, news.Set)
		}
		return s.w.App.FindDuplicates(ctx, s.path, words, news.Set)
	}, func(d *app.Duplicates) { s.ended(); s.show(d) }, func(err error) {
		stopped := ctx.Err() != nil
		s.ended()
		if before != nil {
			s.show(before)
		}
		if !stopped {
			s.header.SetState(app.Explain(err).What)
			s.w.Fail(err)
		}
	})
}

func (s *Screen) ended() {
	s.stop()
	s.stop = nil
	s.header.Primary.SetReason("")
	s.header.Primary.SetText("Look again")
	s.header.Refresh()
}

func progressWords(p app.DuplicateProgress) string {
	switch {
	case p.Of > 0:
		return fmt.Sprintf("Comparing … %s of %s pairs that share something", look.Number(p.Compared), look.Number(p.Of))
	case p.RecordsTotal > 0:
		return fmt.Sprintf("Reading … %s rows, %s of %s records", look.Number(p.Rows), look.Number(p.Records), look.Number(p.RecordsTotal))
	}
	return fmt.Sprintf("Reading … %s rows, %s records", look.Number(p.Rows), look.Number(p.Records))
}

// show shows what was found.
func (s *Screen) show(d *app.Duplicates) {
	s.found, s.last, s.going = d, nil, map[int]app.TwinVerdict{}
	s.kind = app.TwinAnew
	for _, k := range kinds {
		if len(d.Pairs(k)) > 0 {
			s.kind = k
			break
		}
	}
	shell.SetBody(s.root, s.header, s.work)
	s.segment()
	s.state()
	s.w.Changed(s)
	s.fill()
	if s.w.Current() == shell.Screen(s) { // who has gone elsewhere keeps the keyboard there
		s.list.Focus()
	}
}

// kindsShown are the kinds that there can be.
func (s *Screen) kindsShown() []app.Likeness {
	if s.path == "" {
		return []app.Likeness{app.TwinRecords}
	}
	return kinds
}

func (s *Screen) segment() {
	shown := s.kindsShown()
	items := make([]widgets.SegmentItem, len(shown))
	at := 0
	for i, k := range shown {
		items[i] = widgets.SegmentItem{Text: k.Title(), Count: look.Number(s.open(k)), Meaning: look.Conflict}
		if k == s.kind {
			at = i
		}
	}
	if s.header.Segment != nil && len(s.header.Segment.Items) == len(items) {
		s.header.Segment.Items, s.header.Segment.Selected = items, at
		s.header.Segment.Refresh()
		return
	}
	if len(items) > 1 {
		s.header.Segment = widgets.NewSegment(items, at, func(i int) { s.kind = shown[i]; s.fill() })
	}
	s.header.Refresh()
}

// state says under the title what was looked at.
func (s *Screen) state() {
	open := 0
	for _, k := range kinds {
		open += s.open(k)
	}
	s.header.SetState(look.Count(open, "pair waits", "pairs wait") + " for your word")
}

// looked says what was looked at.
func (s *Screen) looked() string {
	d := s.found
	text := fmt.Sprintf(" Looked at %s", look.Count(d.Looked, "record", "records"))
	if d.Rows > 0 {
		text += " and " + look.Count(d.Rows, "row", "rows")
	}
	if d.Matched > 0 {
		text += fmt.Sprintf("; %s joined rightly by a match key", look.Count(d.Matched, "row is", "rows are"))
	}
	if d.Left > 0 {
		text += fmt.Sprintf("; %s more pairs, less alike, are not listed", look.Number(d.Left))
	}
	return text + "."
}

// fill lists the pairs of the kind.
func (s *Screen) fill() {
	s.pairs = s.found.Pairs(s.kind)
	s.tell()
	s.list.Empty = widgets.NewEmptyState("check-circle", "None", "Nothing of this kind was found, or it was decided before.", nil)
	s.list.Refresh()
	s.list.Select(-1)
	if len(s.pairs) == 0 {
		s.comparing.Drop()
		s.pane.Objects = nil
		s.pane.Refresh()
		return
	}
	first := max(slices.IndexFunc(s.pairs, func(i int) bool { return s.verdict(i) == "" }), 0)
	s.list.Select(first)
}

// tell says over the list what its kind of pairs is.
func (s *Screen) tell() {
	s.about.SetText(s.kind.About() + s.looked())
	s.left.Refresh() // the text may have another height
}

func (s *Screen) cell(row, col int) grid.Cell {
	p := s.found.At(s.pairs[row])
	side := func(x app.TwinSide) grid.Cell {
		c := grid.Cell{Text: x.Name, Second: strings.Join(x.Notes, " · ")}
		if x.Row {
			c.Icon, c.IconInk = "spreadsheet", look.Source.Text()
		} else {
			c.Icon, c.IconInk = "portal", look.HubSpot.Text()
		}
		return c
	}
	switch col {
	case 0:
		return side(p.A)
	case 1:
		return side(p.B)
	}
	switch s.verdict(s.pairs[row]) {
	case "same":
		return grid.Cell{Text: "same", TagOf: look.Create, TagIcon: "check"}
	case "different":
		return grid.Cell{Text: "different", TagOf: look.Unchanged, TagIcon: "keep-apart"}
	}
	return grid.Cell{Text: fmt.Sprintf("%.0f%%", min(p.Score*100, 99)), Style: grid.Label} // nobody is certain
}

// current is the pair that is chosen, -1 for none.
func (s *Screen) current() int {
	if row := s.list.Current(); s.found != nil && row >= 0 && row < len(s.pairs) {
		return s.pairs[row]
	}
	return -1
}

// compare shows the two of a pair side by side: at once why they look like one, and
// what they hold when it is read.
func (s *Screen) compare(int) {
	i := s.current()
	if i < 0 {
		return
	}
	d := s.found
	s.shown = nil
	s.lines.SetLoading("Reading both …")
	s.drawPair(i)
	shell.LoadNewest(s.w, &s.comparing, func(ctx context.Context) ([]app.TwinLine, error) { return d.Compare(ctx, i) }, func(lines []app.TwinLine) {
		s.shown = lines
		s.lines.SetLoading("")
		s.lines.Refresh()
	}, func(err error) {
		s.lines.SetLoading("")
		s.pane.Objects = []fyne.CanvasObject{widgets.NewEmptyState("info", "One of the two is gone", app.Explain(err).What, nil)}
		s.pane.Refresh()
	})
}

// drawPair shows why two look like one, and what each of them holds.
func (s *Screen) drawPair(i int) {
	p := s.found.At(i)
	reasons := widgets.NewColumn(2)
	for _, r := range p.Reasons {
		icon, ink := look.Icon("check"), look.Create.Text()
		if !r.For {
			icon, ink = "close", look.Failed.Text()
		}
		reasons.Add(widgets.NewIconText(icon, r.Text, look.Small, ink))
	}
	same := widgets.NewButton(widgets.Primary, "link", "The same", s.same)
	same.Key = "S"
	if p.Kind == app.TwinRecords {
		same = widgets.NewButton(widgets.Danger, "people", "Merge in HubSpot…", s.merge)
		same.Key = "M"
	}
	different := widgets.NewButton(widgets.Plain, "keep-apart", "Different", s.different)
	different.Key = "D"
	if s.verdict(i) != "" {
		same.SetReason("This is decided; U takes it back")
		different.SetReason("This is decided; U takes it back")
	}
	open := widgets.NewRow(8)
	for _, x := range []app.TwinSide{p.A, p.B} {
		if !x.Row {
			recs := s.found.Records
			b := widgets.NewButton(widgets.Quiet, "records", x.Name, func() {
				s.w.Rooms.Record(recs.Portal.Name, recs.Object.ID, x.ID, "")
			})
			b.Small = true
			open.Add(b)
		}
	}
	head := widgets.NewPaddedColumn(8, 14, 12, reasons, widgets.NewParagraph(meaning(p), look.Small, look.T2), widgets.NewRow(8, same, different), open)
	where := func(x app.TwinSide) (string, look.Icon, look.Meaning) {
		if x.Row {
			return "Row " + x.ID, "spreadsheet", look.Source
		}
		return "Record " + x.ID, "portal", look.HubSpot
	}
	at, ai, am := where(p.A)
	bt, bi, bm := where(p.B)
	s.lines.SetColumns(grid.Column{ID: "p", Title: "Property", Width: 110, Grow: 1, Lead: true}, grid.Column{ID: "a", Title: at, Icon: ai, Side: am, Width: 140, Grow: 2}, grid.Column{ID: "b", Title: bt, Icon: bi, Side: bm, Width: 140, Grow: 2})
	s.lines.Refresh()
	s.pane.Objects = []fyne.CanvasObject{container.NewBorder(head, nil, nil, nil, s.lines)}
	s.pane.Refresh()
}

// meaning says what each answer would do.
func meaning(p app.Twins) string {
	switch p.Kind {
	case app.TwinAnew:
		return "The same: the next plan links the row with the record, and fills and updates it. Different: the row makes a record of its own, and you are not asked again."
	case app.TwinRows:
		return "The same: the first row speaks for both. Different: each makes a record, and you are not asked again."
	case app.TwinRecords:
		return "HubSpot makes one record of two by a merge, which nobody can take back. Different: you are not asked again."
	case app.TwinJoined:
	}
	return "The same: the row is written onto this record. Different: the row gets a record of its own, without the value that HubSpot keeps unique."
}

func (s *Screen) line(row, col int) grid.Cell {
	l := s.shown[row]
	text := l.Property.Label
	switch col {
	case 1:
		text = l.A
	case 2:
		text = l.B
	}
	c := grid.Cell{Text: text}
	switch {
	case col == 0:
		c.Style = grid.Label
	case text == "":
		c.Text, c.Style = "no value", grid.Faint
	case l.Same:
		c.Style = grid.Faint
	}
	return c
}
