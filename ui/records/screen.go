package records

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/app/records"
	"syncline/app/shown"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

const (
	prefPanel   = "pane.record"
	prefPortal  = "records.portal"
	prefColumns = "records.columns." // with the object type's id
)

// mostPages is how many pages of records are kept: enough for some screens in each direction.
const mostPages = 40

// Screen is the records of an object type: the filter above the list, the record that is chosen at
// the right.
type Screen struct {
	w      *Room
	header *widgets.Header
	text   *widgets.Entry
	filter *filterPane
	box    *fyne.Container // around the filter, which scrolls in it
	found  *widgets.Paragraph
	grid   *grid.Grid
	panel  *panel
	add    *widgets.Button
	cols   *widgets.Button
	lists  *widgets.Button
	empty  *widgets.EmptyState
	root   *fyne.Container
	work   fyne.CanvasObject
	list   *fyne.Container // filter and results

	offer    offer
	offering shell.Turns
	object   hubspot.ObjectType
	recs     *app.Records // nil until it is opened
	opening  shell.Turns
	wanted   *wanted // a record that another room asked for

	columns []string
	sort    string
	segment *hubspot.Segment // only its members are looked for; nil: all records
	results *records.Results // nil before the first search
	gen     int              // of the results: a page of older ones is dropped
	pages   map[int][]record.Record
	order   []int // page numbers, oldest first
	asked   map[int]bool
}

func newScreen(w *Room) *Screen {
	s := &Screen{w: w, header: widgets.NewHeader("Records", "")}
	s.header.Primary = widgets.NewButton(widgets.Primary, "search", "Search", s.Again)
	s.text = widgets.NewSearchEntry("Search by name, address, number …", nil)
	s.text.OnSubmitted = func(string) { s.search() }
	s.filter = newFilterPane(s)
	s.add = widgets.NewButton(widgets.Plain, "filter", "Add a condition", func() { s.filter.add(max(len(s.filter.filter)-1, 0)) })
	s.cols = widgets.NewButton(widgets.Plain, "columns", "Columns", s.chooseColumns)
	s.lists = widgets.NewButton(widgets.Plain, "people", anyList, s.chooseList)
	s.found = widgets.NewLine("", look.Small, look.T2)
	s.grid = grid.New(look.RowCompact)
	s.grid.Length = func() int {
		if s.results == nil {
			return 0
		}
		return s.results.Reach()
	}
	s.grid.Cell = s.cell
	s.grid.OnSelected = s.chosen
	s.grid.OnSorted = func(id string, down bool) {
		s.sort = id
		if down {
			s.sort = "-" + id
		}
		s.showSort()
		s.search()
	}
	s.grid.OnColumns = func(fyne.Position) { s.chooseColumns() }
	s.grid.Empty = widgets.NewEmptyState("search", "No such record", "Nothing in this portal passes the filter. HubSpot’s search is some seconds behind.", nil)
	s.panel = newPanel(s)
	s.box = container.New(layouts.Tall(0), container.NewVScroll(container.New(layouts.Margin(2, 2), s.filter.box)))
	s.box.Hide()
	top := widgets.NewPaddedColumn(8, 16, 10,
		container.NewBorder(nil, nil, nil, container.NewHBox(s.lists, s.add, s.cols), s.text),
		s.box, s.found)
	s.list = container.NewBorder(top, nil, nil, nil, s.grid)
	split := widgets.NewSplit(s.list, s.panel.root, w.PaneWidth(prefPanel, 348))
	split.Least, split.Rest, split.OnResized = 280, 420, w.KeepPane(prefPanel)
	s.work = split
	s.empty = widgets.NewEmptyState("records", "No portal yet", "Connect a portal, or the practice portal, to look its records up.",
		widgets.NewButton(widgets.Plain, "connections", "Connections", func() { w.GoTo(shell.PlaceConnections) }))
	s.root = container.NewBorder(s.header, nil, nil, nil, s.empty)
	s.header.Menu = s.menu()
	return s
}

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Focus implements shell.Screen.
func (s *Screen) Focus() {
	if s.recs != nil {
		widgets.FocusOn(s.text)
	}
}

// PortalID is the portal whose records are shown.
func (s *Screen) PortalID() int64 {
	if s.recs == nil {
		return 0
	}
	return s.recs.Portal.PortalID
}

// Show implements shell.Screen.
func (s *Screen) Show() {
	portal := s.w.Fyne.Preferences().String(prefPortal)
	if s.recs != nil {
		portal = s.recs.Portal.Name
	}
	if s.wanted != nil && s.wanted.portal != "" {
		portal = s.wanted.portal
	}
	s.ofPortal(portal)
}

// ofPortal reads what a portal has and opens some of it.
func (s *Screen) ofPortal(portal string) {
	shell.LoadNewest(s.w, &s.offering, func(ctx context.Context) (offer, error) { return s.offers(ctx, portal) }, s.offered, func(err error) {
		s.w.Note(app.Explain(err))
		s.header.SetState(app.Explain(err).What)
	})
}

// offered shows which records can be looked through, and opens some.
func (s *Screen) offered(o offer) {
	s.offer = o
	if o.portal == "" || len(o.types) == 0 {
		s.wanted = nil
		s.forget()
		shell.SetBody(s.root, s.header, s.empty)
		return
	}
	s.header.Menu = s.menu()
	object := s.suits(o)
	if s.recs != nil && s.recs.Portal.Name == o.portal && s.object.ID == object.ID {
		s.search() // what was found may be other by now
		s.wish()
		return
	}
	s.open(o.portal, object)
}

// suits is the object type to open: the one that is wanted, else the one that was
// open. Where the portal has none such, or the portal itself is gone, that is told,
// and nothing is shown in the place of a record that was wanted.
func (s *Screen) suits(o offer) hubspot.ObjectType {
	first, missing := o.types[0], ""
	if x := s.wanted; x != nil {
		found := typeIn(o.types, x.object)
		switch {
		case x.portal != "" && x.portal != o.portal:
			missing = fmt.Sprintf("No connection is called “%s” any more", x.portal)
		case x.object != "" && found == nil:
			missing = fmt.Sprintf("%s has no object type “%s”", o.portal, x.object)
		case found != nil:
			return *found
		}
		if missing != "" {
			s.wanted = nil
		}
	}
	if s.object.Name != "" {
		name := s.object.Name // an own type has another id in each portal
		if found := typeIn(o.types, name); found != nil {
			first = *found
		} else if missing == "" {
			missing = fmt.Sprintf("%s has no %s", o.portal, s.object.Label)
		}
	}
	if missing != "" {
		s.w.Toast(look.Conflict, fmt.Sprintf("%s: these are %s of %s", missing, first.Label, o.portal), "", nil)
	}
	return first
}

// typeIn finds an object type by any of its names, nil for none.
func typeIn(types []hubspot.ObjectType, name string) *hubspot.ObjectType {
	for i, t := range types {
		if name != "" && (t.ID == name || t.Name == name || t.Singular == name) {
			return &types[i]
		}
	}
	return nil
}

// forget drops the records that are open, what was found of them and what is on its way.
func (s *Screen) forget() {
	s.opening.Drop()
	s.gen++
	s.recs, s.results, s.pages, s.order, s.asked = nil, nil, nil, nil, nil
	s.ofList(nil)
	s.panel.show(nil)
}

// open opens an object type of the portal that is offered.
func (s *Screen) open(portal string, object hubspot.ObjectType) {
	s.forget()
	s.object = object
	s.types()
	s.header.SetState("Opening " + strings.ToLower(object.Label) + " of " + portal + " …")
	s.filter.clear()
	s.text.SetText("")
	s.found.SetText("")
	s.grid.SetLoading("Reading what there is …")
	s.grid.Refresh()
	shell.SetBody(s.root, s.header, s.work)
	words := s.w.Words()
	shell.LoadNewest(s.w, &s.opening, func(ctx context.Context) (*app.Records, error) {
		return s.w.App.Records(ctx, portal, object.Path(), words)
	}, s.opened, func(err error) {
		s.grid.SetLoading("")
		s.header.SetState(app.Explain(err).What)
		s.w.Fail(err)
	})
}

func (s *Screen) opened(r *app.Records) {
	s.recs = r
	s.w.Fyne.Preferences().SetString(prefPortal, r.Portal.Name)
	s.columns = slices.DeleteFunc(s.w.Fyne.Preferences().StringList(prefColumns+r.Object.ID), func(name string) bool { _, ok := r.Property(name); return !ok })
	if len(s.columns) == 0 {
		s.columns = r.UsualColumns()
	}
	s.sort = ""
	if !r.Object.NoSearch {
		s.sort = "-" + r.Object.ModifiedProperty
	}
	s.header.Menu = s.menu()
	s.showColumns()
	s.w.Changed(s)
	s.search()
	s.wish()
}

// wish shows the record that another room asked for.
func (s *Screen) wish() {
	x := s.wanted
	s.wanted = nil
	if x != nil && x.id != "" {
		s.panel.open(x.id, x.property)
	}
}

// types offers the usual object types, and all by a list.
func (s *Screen) types() {
	var items []widgets.SegmentItem
	shown := s.offer.types[:min(3, len(s.offer.types))]
	at := -1
	for i, t := range shown {
		items = append(items, widgets.SegmentItem{Text: t.Label, Icon: iconOf(t)})
		if t.ID == s.object.ID {
			at = i
		}
	}
	last := widgets.SegmentItem{Text: "More…"}
	if at < 0 {
		last.Text, at = s.object.Label+"…", len(items)
	}
	items = append(items, last)
	seg := widgets.NewSegment(items, at, nil)
	seg.OnChanged = func(i int) {
		if i < len(shown) {
			s.open(s.offer.portal, shown[i])
			return
		}
		seg.Selected = at
		seg.Refresh()
		s.chooseObject()
	}
	s.header.Segment = seg
	s.header.Refresh()
}

func iconOf(t hubspot.ObjectType) look.Icon {
	switch t.Name {
	case "contacts":
		return "contact"
	case "companies":
		return "company"
	case "deals":
		return "deal"
	case "tickets":
		return "ticket"
	}
	return "records"
}

func (s *Screen) chooseObject() {
	all := make([]choice, len(s.offer.types))
	for i, t := range s.offer.types {
		all[i] = choice{t.ID, t.Label, t.About}
	}
	s.pickOne("Which records?", all, s.object.ID, func(id string) {
		if t := typeIn(s.offer.types, id); t != nil {
			s.open(s.offer.portal, *t)
		}
	})
}

// menu is what else can be done.
func (s *Screen) menu() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, name := range s.offer.portals {
		if len(s.offer.portals) < 2 {
			break
		}
		it := fyne.NewMenuItem("Records of "+name, func() { s.ofPortal(name) })
		it.Checked = s.recs != nil && s.recs.Portal.Name == name
		items = append(items, it)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	items = append(items, fyne.NewMenuItem("Export these records…", s.export), fyne.NewMenuItem("Copy the filter for a sync", s.copyFilter), fyne.NewMenuItem("Duplicates…", func() { s.w.Rooms.Duplicates("") }))
	if s.recs != nil && s.recs.Practice() {
		items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("New record, as a colleague…", s.create), fyne.NewMenuItem("Reset data…", s.reset))
	}
	return items
}

// fitFilter gives the filter its height: what it needs, up to a third of the window.
func (s *Screen) fitFilter() {
	need := float32(0)
	if len(s.filter.box.Objects) > 0 {
		need = s.filter.box.MinSize().Height + 8
	}
	most := max(s.w.Win.Canvas().Size().Height*0.36, 120)
	s.box.Layout = layouts.Tall(min(need, most))
	if need == 0 {
		s.box.Hide()
	} else {
		s.box.Show()
	}
	s.box.Refresh()
	s.list.Refresh()
}

// Again searches once more.
func (s *Screen) Again() {
	if s.recs == nil {
		s.Show()
		return
	}
	s.filter.take()
	s.search()
}

// search looks for what the filter and the words say.
func (s *Screen) search() {
	if s.recs == nil {
		return
	}
	q := records.Query{Filter: s.filter.searched(), Text: strings.TrimSpace(s.text.Text), Sort: s.sort, Columns: s.columns, List: s.segment}
	found, err := s.recs.Find(q)
	if err != nil {
		s.found.SetText(err.Error())
		return
	}
	if was := s.results; was == nil || was.Text != q.Text || was.List != q.List || !reflect.DeepEqual(was.Filter, q.Filter) {
		s.panel.show(nil) // it may be none of those that are found
		s.grid.Select(-1)
	}
	s.gen++
	s.results, s.pages, s.order, s.asked = found, map[int][]record.Record{}, nil, map[int]bool{}
	s.grid.SetLoading("Searching …")
	s.ask(0)
}

// ask reads a page; it is dropped when another search began meanwhile.
func (s *Screen) ask(n int) {
	if s.results == nil || s.asked[n] {
		return
	}
	s.asked[n] = true
	gen, found := s.gen, s.results
	shell.Load(s.w, func(ctx context.Context) ([]record.Record, error) { return found.Page(ctx, n) }, func(page []record.Record) {
		if gen == s.gen {
			s.came(n, page)
		}
	}, func(err error) {
		if gen != s.gen {
			return
		}
		// It stays asked for: the rows in sight would ask again at once, for ever. A new search does.
		s.grid.SetLoading("")
		s.found.SetText(app.Explain(err).What)
		s.w.Note(app.Explain(err))
	})
}

func (s *Screen) came(n int, page []record.Record) {
	s.pages[n] = page
	if s.order = append(s.order, n); len(s.order) > mostPages {
		old := s.order[0]
		s.order = s.order[1:]
		delete(s.pages, old)
		delete(s.asked, old)
	}
	s.state()
	if at := s.grid.Current(); at >= 0 && at/records.PageSize == n && n > 0 {
		s.chosen(at) // it was chosen before it was there
	}
	if n > 0 {
		for row := n * records.PageSize; row < (n+1)*records.PageSize; row++ {
			s.grid.RefreshRow(row)
		}
		if !s.object.NoSearch {
			return
		}
	}
	s.grid.SetLoading("")
	s.grid.Refresh()
	if n == 0 {
		s.follow(page)
	}
}

// follow makes the row of the record that is shown the current one, if it is among the
// first that were found; where none is shown, the first record is.
func (s *Screen) follow(page []record.Record) {
	at := slices.IndexFunc(page, func(r record.Record) bool { return r.ID == s.panel.asked })
	if s.panel.asked == "" {
		at = 0
		s.grid.Select(-1) // so that it is news even where it was the current one before
	}
	s.grid.Select(at)
}

// mark makes the row of the record that is asked for the current one; none where it is not among
// those that were read.
func (s *Screen) mark() {
	for n, page := range s.pages {
		if i := slices.IndexFunc(page, func(r record.Record) bool { return r.ID == s.panel.asked }); i >= 0 {
			s.grid.Select(n*records.PageSize + i)
			return
		}
	}
	s.grid.Select(-1)
}

// nameOf is what a record is called in the list, or its id.
func (s *Screen) nameOf(id string) string {
	for _, page := range s.pages {
		for _, r := range page {
			if r.ID == id {
				return s.recs.Name(r)
			}
		}
	}
	return s.object.Singular + " " + id
}

// state says how many records there are.
func (s *Screen) state() {
	r := s.recs
	if r == nil || s.results == nil {
		return // others are being opened
	}
	s.header.SetState(fmt.Sprintf("%s of %s", r.Object.Label, r.Portal.Name))
	total := s.results.Total()
	text := look.Count(total, strings.ToLower(r.Object.LabelSingular), strings.ToLower(r.Object.Label))
	if reach := s.results.Reach(); reach < total {
		text += fmt.Sprintf(" · the first %s in this order; sorted by record id, all are shown", look.Number(reach))
	}
	if s.segment != nil {
		text += " of the list " + s.segment.Name + ", by record id"
	}
	if left := s.filter.count() - countOf(s.results.Filter); left > 0 {
		text += " · " + look.Count(left, "condition", "conditions") + " without a value left out"
	}
	s.found.SetText(text)
}

func countOf(f records.Filter) (n int) {
	for _, g := range f {
		n += len(g)
	}
	return n
}

// at is the record of a row; false while it is being read.
func (s *Screen) at(row int) (record.Record, bool) {
	if row < 0 {
		return record.Record{}, false
	}
	n := row / records.PageSize
	page, ok := s.pages[n]
	if !ok {
		s.ask(n)
		return record.Record{}, false
	}
	if i := row % records.PageSize; i < len(page) {
		return page[i], true
	}
	return record.Record{}, false
}

func (s *Screen) cell(row, col int) grid.Cell {
	r, ok := s.at(row)
	if !ok {
		return grid.Cell{Pending: s.pages[row/records.PageSize] == nil}
	}
	if col == 0 {
		return grid.Cell{Text: s.recs.Name(r)}
	}
	name := s.columns[col-1]
	text := s.recs.Shown(r, name)
	if p, _ := s.recs.Property(name); p.Type == record.TypeDateTime {
		if t, ok := shown.Instant(r.Properties[name].String()); ok {
			text = look.When(t, s.w.Now()) // the whole time stands in the record
		}
	}
	if text == "" {
		return grid.Cell{Text: "–", Style: grid.Faint}
	}
	return grid.Cell{Text: text, Style: grid.Label}
}

// rest is how long a row must stay the chosen one before its record is read: who goes through the list
// with the arrows shall not spend a call on each.
const rest = 150 * time.Millisecond

// chosen shows the record of a row.
func (s *Screen) chosen(row int) {
	r, ok := s.at(row)
	switch {
	case !ok:
		s.panel.expect("the rows")
		return
	case r.ID == s.panel.asked:
		return
	}
	s.panel.expect(s.recs.Name(r))
	time.AfterFunc(rest, func() {
		s.w.Post(func() {
			if s.grid.Current() != row {
				return
			}
			if now, ok := s.at(row); ok && now.ID == r.ID {
				s.panel.open(r.ID, "")
			}
		})
	})
}
