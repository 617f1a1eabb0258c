package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/app/records"
	"syncline/sync/record"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// The tabs of the panel.
const (
	tabProperties = iota
	tabHistory
	tabNear
)

// panel is the record that is chosen: its properties, its history, what it belongs with.
type panel struct {
	s    *Screen
	root *fyne.Container

	asked   string        // the record that is shown or on its way, "" for none
	view    *records.View // the record that is shown: what is done is done with this one
	opening shell.Turns
	tab     int
	empties bool // properties without a value are listed too
	find    string

	rows     []propertyRow
	of       string // the property whose history is listed, "" for all that have a value
	history  []historyRow
	known    bool // it was read, or is being read
	reading  shell.Turns
	near     []records.Neighbour
	nearRead bool
	nearing  shell.Turns

	title  *widgets.Paragraph
	sub    *widgets.Paragraph
	opener *widgets.Button
	edit   *widgets.Button
	tabs   *widgets.Segment
	search *widgets.Entry
	props  *grid.Grid
	past   *grid.Grid
	beside *grid.Grid
	who    *widgets.Paragraph
	foot   *fyne.Container
	body   *fyne.Container
	none   *widgets.EmptyState
	coming *widgets.EmptyState // in place of a record while it is read, where none stands
}

// propertyRow is a line of the list: a group's name, a property, or how many have no value.
type propertyRow struct {
	group string
	value records.Value
	more  int
}

type historyRow struct {
	property record.Property
	app.Written
}

func newPanel(s *Screen) *panel {
	p := &panel{s: s}
	p.title, p.sub = widgets.NewLine("", look.Heading, look.T1), widgets.NewLine("", look.Small, look.T2)
	p.opener = widgets.NewIconButton(widgets.Plain, "open", "Open the record in HubSpot", p.openInHubSpot)
	p.edit = widgets.NewIconButton(widgets.Plain, "more", "Be a colleague: edit, associate, archive", p.colleagueMenu)
	p.tabs = widgets.NewTextSegment([]string{"Properties", "History", "Associations"}, 0, func(i int) { p.showTab(i) })
	p.tabs.Fill, p.tabs.Small = true, true
	p.search = widgets.NewSearchEntry("Find a property", func(text string) { p.find = text; p.list() })
	p.props = grid.New(look.RowCompact, grid.Column{ID: "name", Title: "Property", Width: 150, Grow: 1, Lead: true}, grid.Column{ID: "value", Title: "Value", Width: 160, Grow: 1}, grid.Column{ID: "lock", Width: 30, Fixed: true})
	p.props.Length = func() int { return len(p.rows) }
	p.props.Cell = p.propertyCell
	p.props.OnActivated = p.activate
	p.props.OnSelected = func(int) { p.tellKeys() }
	p.props.OnRune = p.typed
	p.past = grid.New(look.RowComfortable, grid.Column{ID: "value", Title: "Value", Width: 150, Grow: 1, Lead: true}, grid.Column{ID: "who", Title: "Who and when", Width: 150, Grow: 1})
	p.past.Length = func() int { return len(p.history) }
	p.past.Cell = p.historyCell
	p.past.OnSelected = func(i int) { p.tellWhy(i) }
	p.past.OnActivated = p.openRun
	p.beside = grid.New(look.RowComfortable, grid.Column{ID: "name", Title: "Record", Width: 170, Grow: 1, Lead: true}, grid.Column{ID: "label", Title: "Label", Width: 110})
	p.beside.Length = func() int { return len(p.near) }
	p.beside.Cell = p.nearCell
	p.beside.OnActivated = p.openNear
	p.beside.Empty = widgets.NewEmptyState("association", "Associated with nothing", "", nil)
	p.who = widgets.NewParagraph("", look.Small, look.T2)
	p.foot = container.New(layouts.Margin(14, 8), p.who)
	p.body = container.NewStack()
	p.none = widgets.NewEmptyState("records", "No record chosen", "Choose one in the list to see what it holds, who wrote that, and what it belongs with.", nil)
	p.coming = widgets.NewEmptyState("records", "", "Reading what it holds …", nil)
	p.root = container.NewStack(p.none)
	return p
}

// instead shows something in the place of a record.
func (p *panel) instead(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

// expect says that another record is on its way: a row that is marked in the list is never without
// a word here. The record that stands there stays until that one has come.
func (p *panel) expect(name string) {
	if p.view == nil {
		p.coming.Title = name
		p.coming.Refresh()
		p.instead(p.coming)
		return
	}
	p.sub.SetText(p.view.Object.LabelSingular + " " + p.view.ID + " · reading " + name + " …")
}

// failed says that the record of the row that is marked can't be shown, and why.
func (p *panel) failed(id, property string, tab int, err error) {
	p.show(nil)
	p.asked = id
	e := app.Explain(err)
	title, text := "This record can’t be read", wording.SentenceCase(wording.JoinSentences(e.What, e.Do))
	if errors.Is(err, records.ErrGone) {
		title, text = "This record is no more", "It was archived or erased. The search still shows it for a while."
	}
	p.instead(widgets.NewEmptyState("info", title, text, widgets.NewButton(widgets.Plain, "retry", "Read again", func() { p.openAt(id, property, tab) })))
}

// show shows a record that was read, or nothing.
func (p *panel) show(v *records.View) { p.showAt(v, "", p.tab) }

// showAt shows a record at one of the tabs; property is the one whose history is listed,
// "" for all.
func (p *panel) showAt(v *records.View, property string, tab int) {
	p.view = v
	p.nearing.Drop()
	p.near, p.nearRead = nil, false
	p.forgetHistory(property)
	if v == nil {
		p.opening.Drop()
		p.asked = ""
		p.instead(p.none)
		return
	}
	p.title.SetText(v.Name)
	p.sub.SetText(v.Object.LabelSingular + " " + v.ID)
	corner := p.opener
	if p.s.recs.Practice() {
		corner = p.edit
	}
	head := container.New(layouts.Margin(14, 10), container.NewBorder(nil, nil, nil, container.New(layouts.Middle{}, corner), widgets.NewColumn(0, p.title, p.sub)))
	top := container.New(layouts.Stacked{}, head, container.New(layouts.Margin(14, 0), p.tabs))
	frame := container.NewBorder(top, p.foot, nil, nil, p.body)
	p.list()
	p.showTab(tab)
	p.instead(frame)
}

// open reads a record and shows it; with a property, the tab that tells who wrote that.
// Until it has come the one before it stays.
func (p *panel) open(id, property string) {
	tab := p.tab
	if property != "" {
		tab = tabHistory
	}
	p.openAt(id, property, tab)
}

// openAt opens a record at one of the tabs.
func (p *panel) openAt(id, property string, tab int) {
	recs := p.s.recs
	if recs == nil {
		return
	}
	p.asked = id
	p.s.mark()
	p.expect(p.s.nameOf(id))
	shell.LoadNewest(p.s.w, &p.opening, func(ctx context.Context) (records.View, error) { return recs.Record(ctx, id) }, func(v records.View) {
		p.showAt(&v, property, tab)
	}, func(err error) {
		p.failed(id, property, tab, err)
		if !errors.Is(err, records.ErrGone) {
			p.s.w.Note(app.Explain(err))
		}
	})
}

// showTab shows a tab, and reads what it needs.
func (p *panel) showTab(tab int) {
	p.tab = tab
	if p.tabs.Selected != tab {
		p.tabs.Selected = tab
		p.tabs.Refresh()
	}
	var content fyne.CanvasObject
	switch tab {
	case tabProperties:
		content = container.NewBorder(container.New(layouts.Margin(14, 8), p.search), nil, nil, nil, p.props)
	case tabHistory:
		content = container.NewBorder(p.historyHead(), nil, nil, nil, p.past)
		p.readHistory()
	default:
		content = container.NewBorder(container.New(layouts.Tall(8)), nil, nil, nil, p.beside)
		p.readNear()
	}
	p.body.Objects = []fyne.CanvasObject{content}
	p.body.Refresh()
	p.tellKeys()
}

// historyHead says whose history it is.
func (p *panel) historyHead() fyne.CanvasObject {
	if p.of == "" {
		return container.New(layouts.Margin(14, 8), widgets.NewLine("Everything that has a value, the newest first", look.Small, look.T2))
	}
	property, _ := p.s.recs.Property(p.of)
	all := widgets.NewButton(widgets.Quiet, "", "Show all", func() {
		p.forgetHistory("")
		p.showTab(tabHistory)
	})
	all.Small = true
	return container.New(layouts.Margin(14, 6), container.NewBorder(nil, nil, nil, all, widgets.NewLine("Who wrote "+property.Label+"?", look.Strong, look.T1)))
}

// list fills the list of properties.
func (p *panel) list() {
	if p.view == nil {
		return
	}
	p.rows = nil
	text := strings.ToLower(strings.TrimSpace(p.find))
	hidden := 0
	var skip map[string]bool // those that stand first already
	add := func(group string, values []records.Value) {
		first := true
		for _, v := range values {
			if skip[v.Property.Name] {
				continue
			}
			if text != "" && !strings.Contains(strings.ToLower(v.Property.Label), text) && !strings.Contains(v.Property.Name, text) && !strings.Contains(strings.ToLower(v.Text), text) {
				continue
			}
			if v.Text == "" && !p.empties && text == "" {
				hidden++
				continue
			}
			if first && group != "" {
				p.rows = append(p.rows, propertyRow{group: group})
			}
			first = false
			p.rows = append(p.rows, propertyRow{value: v})
		}
	}
	if text == "" {
		for _, v := range p.view.Key {
			p.rows = append(p.rows, propertyRow{value: v})
		}
		first := make(map[string]bool, len(p.view.Key))
		for _, v := range p.view.Key {
			first[v.Property.Name] = true
		}
		skip = first
	}
	for _, s := range p.view.Sections {
		add(s.Label, s.Values)
	}
	switch {
	case hidden > 0:
		p.rows = append(p.rows, propertyRow{more: hidden})
	case p.empties && text == "":
		p.rows = append(p.rows, propertyRow{more: -1})
	}
	p.props.Refresh()
}

func (p *panel) propertyCell(row, col int) grid.Cell {
	r := p.rows[row]
	switch {
	case r.group != "":
		if col == 0 {
			return grid.Cell{Text: r.group, Style: grid.Strong}
		}
		return grid.Cell{}
	case r.more != 0:
		if col == 0 {
			if r.more < 0 {
				return grid.Cell{Text: "Hide those without a value", Style: grid.Label, Icon: "chevron-up"}
			}
			return grid.Cell{Text: look.Count(r.more, "property", "properties") + " without a value", Style: grid.Label, Icon: "chevron-down"}
		}
		return grid.Cell{}
	}
	v := r.value
	switch col {
	case 0:
		return grid.Cell{Text: v.Property.Label, Style: grid.Label}
	case 1:
		if v.Text == "" {
			return grid.Cell{Text: "no value", Style: grid.Faint}
		}
		return grid.Cell{Text: v.Text}
	}
	switch {
	case !v.Property.Writable():
		return grid.Cell{Icon: "lock", IconInk: look.T3}
	case v.Property.Unique:
		return grid.Cell{Icon: "match-key", IconInk: look.T3}
	}
	return grid.Cell{}
}

// activate tells who wrote a property, or in the practice portal edits it.
func (p *panel) activate(row int) {
	if row < 0 || row >= len(p.rows) || p.s.recs == nil {
		return
	}
	r := p.rows[row]
	switch {
	case r.more != 0:
		p.empties = r.more > 0
		p.list()
	case r.group != "":
	case p.s.recs.Practice() && r.value.Property.Writable():
		p.s.editValue(r.value)
	default:
		p.whoWrote(r.value.Property.Name)
	}
}

func (p *panel) typed(r rune) bool {
	i := p.props.Current()
	if i < 0 || i >= len(p.rows) || p.rows[i].value.Property.Name == "" {
		return false
	}
	if r == 'w' || r == 'W' {
		p.whoWrote(p.rows[i].value.Property.Name)
		return true
	}
	return false
}

// whoWrote shows the history of one property.
func (p *panel) whoWrote(property string) {
	p.forgetHistory(property)
	p.showTab(tabHistory)
}

// forgetHistory drops the history that is listed, or on its way, and lists the one of a
// property next, "" for all.
func (p *panel) forgetHistory(property string) {
	p.reading.Drop()
	p.of, p.known, p.history = property, false, nil
	p.past.Select(-1)
}

// tellKeys says at the foot what the keys do.
func (p *panel) tellKeys() {
	text := ""
	switch {
	case p.tab == tabProperties && p.s.recs != nil && p.s.recs.Practice():
		text = "Enter edits a value as a colleague · W tells who wrote it"
	case p.tab == tabProperties:
		text = "Enter or W tells who wrote a value"
	case p.tab == tabNear:
		text = "Enter shows the record"
	}
	p.who.SetText(text)
	p.foot.Refresh()
}

// mostHistory is how many properties' histories are asked for at once.
const mostHistory = 120

func (p *panel) readHistory() {
	if p.known || p.view == nil || p.s.recs == nil {
		return
	}
	p.known = true
	names := []string{p.of}
	if p.of == "" {
		names = nil
		for _, s := range p.view.Sections {
			for _, v := range s.Values {
				if v.Text != "" && (v.Property.Writable() || !strings.HasPrefix(v.Property.Name, "hs_")) && len(names) < mostHistory {
					names = append(names, v.Property.Name)
				}
			}
		}
	}
	recs, id := p.s.recs, p.view.ID
	p.past.SetLoading("Reading the history …")
	p.past.Refresh()
	shell.LoadNewest(p.s.w, &p.reading, func(ctx context.Context) (map[string][]app.Written, error) { return recs.History(ctx, id, names...) }, func(all map[string][]app.Written) {
		p.history = nil
		for _, name := range names {
			property, _ := recs.Property(name)
			for _, w := range all[name] {
				p.history = append(p.history, historyRow{property, w})
			}
		}
		slices.SortStableFunc(p.history, func(a, b historyRow) int { return b.At.Compare(a.At) })
		p.past.SetLoading("")
		p.past.Empty = widgets.NewEmptyState("clock", "Never had a value", "", nil)
		p.past.Refresh()
		if len(p.history) > 0 {
			p.past.Select(0)
			p.tellWhy(0)
		}
	}, func(err error) { p.known = false; p.past.SetLoading(""); p.s.w.Fail(err) })
}

func (p *panel) historyCell(row, col int) grid.Cell {
	h := p.history[row]
	if col == 0 {
		text := h.Text
		c := grid.Cell{Text: text, Second: h.property.Label}
		if text == "" {
			c.Text, c.Style = "no value", grid.Faint
		}
		return c
	}
	who := h.Author
	c := grid.Cell{Text: who, Second: look.When(h.At, p.s.w.Now()), Style: grid.Label}
	if h.Ours != nil {
		c.Icon, c.IconInk = "syncs", look.Update.Text()
		c.Text = "Syncline, " + h.Ours.SyncName
	} else if h.Kind == "CRM_UI" {
		c.Icon, c.IconInk = "contact", look.HubSpot.Text()
	}
	return c
}

// tellWhy says at the foot how a version came to be.
func (p *panel) tellWhy(row int) {
	if p.tab != tabHistory || row < 0 || row >= len(p.history) {
		return
	}
	h := p.history[row]
	text := fmt.Sprintf("%s, %s", h.Author, p.s.recs.Words.Time(h.At))
	switch {
	case h.Ours != nil:
		text = fmt.Sprintf("Run %s of %s, row %s", h.Ours.Run, h.Ours.SyncName, h.Ours.Row)
		if h.Ours.Field != "" {
			text += ", field " + h.Ours.Field
		}
		if h.Ours.Person != "" {
			text += ", started by " + h.Ours.Person
		}
		text += ". Enter shows the run's report"
	case h.Gone != "":
		text += ". " + h.Gone
	case h.Kind != "":
		text += " (" + h.Kind + ")"
	}
	p.who.SetText(text)
	p.foot.Refresh()
	p.root.Refresh()
}

// openRun shows the report of the run that wrote a version.
func (p *panel) openRun(row int) {
	if row < 0 || row >= len(p.history) {
		return
	}
	if h := p.history[row]; h.Ours != nil {
		p.s.w.Rooms.Report(h.Ours.Run)
	}
}

func (p *panel) readNear() {
	if p.nearRead || p.view == nil || p.s.recs == nil {
		return
	}
	p.nearRead = true
	recs, id := p.s.recs, p.view.ID
	p.beside.SetLoading("Reading what it belongs with …")
	p.beside.Refresh()
	shell.LoadNewest(p.s.w, &p.nearing, func(ctx context.Context) ([]records.Neighbour, error) { return recs.Neighbours(ctx, id) }, func(all []records.Neighbour) {
		p.near = all
		p.beside.SetLoading("")
		p.beside.Refresh()
	}, func(err error) { p.nearRead = false; p.beside.SetLoading(""); p.s.w.Fail(err) })
}

func (p *panel) nearCell(row, col int) grid.Cell {
	n := p.near[row]
	if col == 0 {
		return grid.Cell{Text: n.Name, Second: n.Object.LabelSingular, Icon: iconOf(n.Object), IconInk: look.HubSpot.Text()}
	}
	return grid.Cell{Text: strings.Join(n.Labels, ", "), Style: grid.Label}
}

// openNear shows a record that this one belongs with, among those of its type.
func (p *panel) openNear(row int) {
	s := p.s
	if row < 0 || row >= len(p.near) || s.recs == nil {
		return
	}
	n := p.near[row]
	if n.Object.ID == s.object.ID {
		p.openAt(n.ID, "", tabProperties)
		return
	}
	s.wanted = &wanted{portal: s.recs.Portal.Name, object: n.Object.ID, id: n.ID}
	p.tab = tabProperties
	s.offered(s.offer)
}

// openInHubSpot opens the page of the record that is shown.
func (p *panel) openInHubSpot() {
	if p.view != nil && p.s.recs != nil {
		p.s.w.OpenPage(p.s.recs.URL(p.view.ID))
	}
}
