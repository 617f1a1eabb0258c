package newsync

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// picker lets a table of a database, a query on it, or an object of a portal be
// chosen as the source.
type picker struct {
	c    *sourceStep
	from shell.Origin

	tables []app.Table // as they were read
	shown  []app.Table // those that the search leaves
	offers []app.Offer // of a portal
	forms  []app.FormOffer
	busy   string
	failed error

	way    *widgets.Segment // tables, or a query
	search *widgets.Entry
	list   *grid.Grid
	query  *widgets.Entry
	tried  *app.TableView // what the query gives, nil before it was tried
	asked  string         // the query that was tried
	wrong  error
	head   *widgets.Paragraph
	body   *fyne.Container
	under  *fyne.Container // under the query: its first rows, or what is wrong
	root   *fyne.Container
}

func newPicker(c *sourceStep, from shell.Origin) *picker {
	p := &picker{c: c, from: from, body: container.NewStack(), under: container.NewStack()}
	title := "A table of " + from.Database
	if from.Portal != "" {
		title = "An object or a form of " + from.Portal
	}
	p.head = widgets.NewLine("", look.Small, look.T2)
	right := container.NewHBox()
	if from.Database != "" {
		p.way = widgets.NewTextSegment([]string{"Tables", "Query"}, 0, func(int) {
			p.refresh()
			c.s.refresh()
		})
		right.Add(p.way)
	}
	right.Add(widgets.NewButton(widgets.Plain, "", "Another source", c.leavePicker))
	p.search = widgets.NewSearchEntry("Find a table", func(string) { p.find() })
	p.query = widgets.NewEntry("SELECT id, email, name FROM customers WHERE active")
	p.query.MultiLine, p.query.TextStyle = true, fyne.TextStyle{Monospace: true}
	p.query.SetMinRowsVisible(5)
	p.makeList()
	top := container.NewBorder(nil, nil, nil, container.New(layouts.Middle{}, right), widgets.NewColumn(2, widgets.NewLine(title, look.Heading, look.T1), p.head))
	p.root = container.New(layouts.Margin(look.PageMargin, 12), container.NewBorder(container.New(layouts.Margin(0, 8), top), nil, nil, nil, p.body))
	return p
}

// read asks the database for its tables, or the portal for its object types.
func (p *picker) read() {
	p.busy, p.failed = "Reading the tables of "+p.from.Database, nil
	ctx, job := p.c.begin(p.busy)
	p.refresh()
	if p.from.Portal != "" {
		p.busy = "Reading the object types and forms of " + p.from.Portal
		p.refresh()
		type found struct {
			offers []app.Offer
			forms  []app.FormOffer
		}
		shell.Load(p.c.s.w, func(context.Context) (f found, err error) {
			if f.offers, err = p.c.s.w.App.SourceOffers(ctx, p.from.Portal); err != nil {
				return f, err
			}
			f.forms, err = p.c.s.w.App.FormOffers(ctx, p.from.Portal)
			return f, err
		}, func(f found) {
			if job == p.c.job {
				p.offers, p.forms = f.offers, f.forms
				p.came(nil)
			}
		}, func(err error) { p.cameWith(job, err) })
		return
	}
	shell.Load(p.c.s.w, func(context.Context) ([]app.Table, error) { return p.c.s.w.App.Tables(ctx, p.from.Database) }, func(all []app.Table) {
		if job == p.c.job {
			p.tables = all
			p.came(nil)
		}
	}, func(err error) { p.cameWith(job, err) })
}

func (p *picker) cameWith(job int, err error) {
	if job == p.c.job {
		p.came(err)
	}
}

// came shows what was read.
func (p *picker) came(err error) {
	p.c.stop()
	p.busy, p.failed = "", err
	p.find()
	p.refresh()
	p.c.s.refresh()
	if p.c.s.w.Current() != shell.Screen(p.c.s) || p.c.picker != p || err != nil {
		return
	}
	if p.from.Database != "" && len(p.tables) > 8 {
		widgets.FocusOn(p.search)
	} else {
		p.list.Focus()
	}
}

// find leaves the tables whose name holds what is searched for.
func (p *picker) find() {
	what := strings.ToLower(strings.TrimSpace(p.search.Text))
	p.shown = slices.DeleteFunc(slices.Clone(p.tables), func(t app.Table) bool { return what != "" && !strings.Contains(strings.ToLower(t.Full()), what) })
	p.list.Refresh()
}

// makeList makes the list of tables or object types.
func (p *picker) makeList() {
	cols := []grid.Column{{ID: "name", Title: "Table", Width: 320, Grow: 1, Lead: true}, {ID: "what", Title: "What", Width: 90}, {ID: "rows", Title: "Rows, about", Width: 120, Align: grid.Right}}
	if p.from.Portal != "" {
		cols = []grid.Column{{ID: "name", Title: "Object type or form", Width: 260, Lead: true}, {ID: "about", Title: "", Width: 320, Grow: 1}}
	}
	p.list = grid.New(look.RowCompact, cols...)
	p.list.Length = func() int {
		if p.from.Portal != "" {
			return len(p.offers) + len(p.forms)
		}
		return len(p.shown)
	}
	p.list.Cell = p.cell
	p.list.State = func(row int) grid.RowState {
		if p.barred(row) != "" {
			return grid.Dimmed
		}
		return grid.Normal
	}
	p.list.OnActivated = p.take
	p.list.Empty = widgets.NewEmptyState("database", "No table fits", "No table that this user may read has this in its name. Views are listed too.", nil)
}

func (p *picker) cell(row, col int) grid.Cell {
	if f, ok := p.form(row); ok {
		switch {
		case col == 0 && f.Name == "":
			return grid.Cell{Text: "Forms", Icon: "file", IconInk: look.Source.Text()}
		case col == 0:
			return grid.Cell{Text: "Form “" + f.Name + "”", Icon: "file", IconInk: look.Source.Text()}
		case f.Barred != "":
			return grid.Cell{Text: f.Barred, Style: grid.Faint}
		}
		return grid.Cell{Text: "What visitors sent with it, " + look.Count(f.Fields, "field", "fields") + "; it is only read", Style: grid.Label}
	}
	if p.from.Portal != "" {
		o := p.offers[row]
		switch {
		case col == 0:
			return grid.Cell{Text: o.Label, Icon: wording.ObjectIcon(o.ObjectType), IconInk: look.Source.Text()}
		case o.Barred != "":
			return grid.Cell{Text: o.Barred, Style: grid.Faint}
		}
		return grid.Cell{Text: o.About, Style: grid.Label}
	}
	t := p.shown[row]
	switch col {
	case 0:
		return grid.Cell{Text: t.Full(), Icon: "database", IconInk: look.Source.Text()}
	case 1:
		return grid.Cell{Text: wording.SentenceCase(t.What), Style: grid.Label}
	}
	return wording.RowsAbout(t.Rows)
}

// form is the form of a row, which stand under the object types; ok is false of another row.
func (p *picker) form(row int) (f app.FormOffer, ok bool) {
	if p.from.Portal == "" || row < len(p.offers) || row >= len(p.offers)+len(p.forms) {
		return f, false
	}
	return p.forms[row-len(p.offers)], true
}

// barred says why what is in a row can't be chosen, "" when it can.
func (p *picker) barred(row int) string {
	if f, ok := p.form(row); ok {
		return f.Barred
	}
	if p.from.Portal != "" && row < len(p.offers) {
		return p.offers[row].Barred
	}
	return ""
}

// take reads the table, the object or the form of a row.
func (p *picker) take(row int) {
	w := p.c.s.w
	if p.barred(row) != "" {
		return
	}
	if f, ok := p.form(row); ok {
		p.c.readPicked(picked{from: p.from, title: "the form “" + f.Name + "” of " + p.from.Portal, stem: f.Name, facts: "Form of " + p.from.Portal, form: true},
			func(ctx context.Context) (*app.Draft, error) { return w.App.NewFormDraft(ctx, p.from.Portal, f.Name) })
		return
	}
	if p.from.Portal != "" {
		o := p.offers[row]
		name := app.ObjectTypeName(o.ObjectType)
		p.c.readPicked(picked{from: p.from, title: wording.Lower(o.Label) + " of " + p.from.Portal, stem: o.Label, facts: "HubSpot portal " + p.from.Portal},
			func(ctx context.Context) (*app.Draft, error) { return w.App.NewPortalDraft(ctx, p.from.Portal, name) })
		return
	}
	t := p.shown[row]
	p.c.readPicked(picked{from: p.from, title: t.Full() + " in " + p.from.Database, stem: t.Name, facts: wording.SentenceCase(t.What)},
		func(ctx context.Context) (*app.Draft, error) {
			return w.App.NewTableDraft(ctx, p.from.Database, t.Full(), "")
		})
}

// refresh lays the picker out for what is known.
func (p *picker) refresh() {
	if p.asksQuery() {
		p.layQuery()
	} else {
		p.layList()
	}
	p.body.Refresh()
}

func (p *picker) layList() {
	p.head.SetText("Enter or a double click chooses")
	switch {
	case p.c.busy != "":
		line := widgets.NewLine(p.c.busy+" …", look.Body, look.T2)
		line.Align = fyne.TextAlignCenter
		p.body.Objects = []fyne.CanvasObject{container.New(halfway{}, line)}
		return
	case p.failed != nil:
		what, do := wording.Trouble(p.failed)
		again := widgets.NewButton(widgets.Plain, "retry", "Try again", p.read)
		p.body.Objects = []fyne.CanvasObject{container.NewVScroll(widgets.NewPaddedColumn(0, 4, 4, widgets.NewErrorPanel(what, do, app.Explain(p.failed).CorrelationID, again)))}
		return
	}
	p.list.OnSelected = func(int) { p.c.s.refresh() }
	var top fyne.CanvasObject
	if p.from.Database != "" && len(p.tables) > 8 {
		top = container.New(layouts.Margin(0, 6), p.search)
	}
	p.body.Objects = []fyne.CanvasObject{container.NewBorder(top, nil, nil, nil, container.New(ends{12}, widgets.NewFlushCard(p.list)))}
}

// layQuery shows the query, and what it gives.
func (p *picker) layQuery() {
	p.head.SetText("It is only read: values flow to HubSpot alone")
	try := widgets.NewButton(widgets.Plain, "run", "Show its first rows", p.try)
	said := func() {
		switch {
		case p.c.busy != "":
			try.SetReason(p.c.busy)
		case p.written() == "":
			try.SetReason("Write a SELECT first")
		default:
			try.SetReason("")
		}
	}
	said()
	p.query.OnChanged = func(string) {
		said()
		p.c.s.refresh()
	}
	p.under.Objects = []fyne.CanvasObject{p.result()}
	top := widgets.NewColumn(8, p.query, container.NewBorder(nil, nil, nil, try,
		container.New(layouts.Middle{}, widgets.NewLine("One SELECT, as the database understands it. Name the columns; give each its own name.", look.Small, look.T2))))
	p.body.Objects = []fyne.CanvasObject{container.NewBorder(top, nil, nil, nil, container.New(layouts.Margin(0, 10), p.under))}
}

// written is the query as it stands.
func (p *picker) written() string { return strings.TrimSpace(p.query.Text) }

func (p *picker) asksQuery() bool { return p.way != nil && p.way.Selected == 1 }

// next is what Continue says while something is chosen from, and why it can't be
// pressed yet.
func (p *picker) next() (text, reason string) {
	switch {
	case p.asksQuery() && p.written() == "":
		return "Use this query", "Write a SELECT first"
	case p.asksQuery() && (p.tried == nil || p.asked != p.written()):
		return "Use this query", "Look at its first rows first"
	case p.asksQuery():
		return "Use this query", ""
	}
	text, row := "Choose this table", p.list.Current()
	if p.from.Portal != "" {
		text = "Choose this object type"
		if _, ok := p.form(row); ok {
			text = "Choose this form"
		}
	}
	if row < 0 || row >= p.list.Length() {
		return text, "Select one first"
	}
	return text, p.barred(row)
}

// proceed takes what is selected.
func (p *picker) proceed() {
	if p.asksQuery() {
		p.useQuery()
		return
	}
	p.take(p.list.Current())
}

// result is what stands under the query.
func (p *picker) result() fyne.CanvasObject {
	switch {
	case p.c.busy != "":
		line := widgets.NewLine(p.c.busy+" …", look.Body, look.T2)
		line.Align = fyne.TextAlignCenter
		return container.New(halfway{}, line)
	case p.wrong != nil:
		what, do := wording.Trouble(p.wrong)
		panel := widgets.NewErrorPanel("The query can’t be used", wording.JoinSentences(what, do), "")
		return container.NewVScroll(widgets.NewPaddedColumn(0, 4, 4, panel))
	case p.tried == nil:
		return container.NewVScroll(widgets.NewEmptyState("database", "Its first rows will stand here", "Look at them before it becomes the source of a sync: nothing is written by looking.", nil))
	}
	v := p.tried
	cols := make([]grid.Column, 0, len(v.Columns))
	for _, col := range v.Columns {
		width := min(max(look.SmallStrong.Width(col.Name)+24, 90), 240)
		cols = append(cols, grid.Column{ID: col.Name, Title: col.Name, Width: width, Min: 70, Grow: 1})
	}
	g := grid.New(look.RowCompact, cols...)
	g.Length = func() int { return len(v.Rows) }
	g.Cell = func(row, col int) grid.Cell {
		if value := v.Rows[row].Fields[v.Columns[col].Name]; !value.Empty() {
			return grid.Cell{Text: value.String()}
		}
		return grid.Cell{Text: "no value", Style: grid.Faint}
	}
	g.Empty = widgets.NewEmptyState("database", "It gives no rows now", "The columns are right. Rows that come later are read by the next run.", nil)
	facts := look.Count(v.Schema.Rows, "row", "rows") + " · " + look.Count(len(v.Columns), "column", "columns")
	return container.NewBorder(widgets.NewLine(facts, look.Small, look.T2), nil, nil, nil, container.New(layouts.Margin(0, 6), widgets.NewFlushCard(g)))
}

// try shows the first rows of the query.
func (p *picker) try() {
	text := strings.TrimSpace(p.query.Text)
	ctx, job := p.c.begin("Asking the database")
	p.tried, p.wrong, p.asked = nil, nil, text
	p.refresh()
	shell.Load(p.c.s.w, func(context.Context) (app.TableView, error) {
		return p.c.s.w.App.DescribeTable(ctx, p.from.Database, "", text)
	}, func(v app.TableView) {
		if job != p.c.job {
			return
		}
		p.c.stop()
		p.tried = &v
		p.refresh()
		p.c.s.refresh()
	}, func(err error) {
		if job == p.c.job && !errors.Is(err, context.Canceled) {
			p.c.stop()
			p.queryFailed(err)
		}
	})
}

// queryFailed says under the query what is wrong with it.
func (p *picker) queryFailed(err error) {
	p.tried, p.wrong = nil, err
	p.refresh()
	p.c.s.refresh()
}

// useQuery takes the query as the source.
func (p *picker) useQuery() {
	text := p.asked
	p.c.readPicked(picked{from: p.from, title: "a query on " + p.from.Database, stem: p.from.Database, facts: "Query, read only", query: text},
		func(ctx context.Context) (*app.Draft, error) {
			return p.c.s.w.App.NewTableDraft(ctx, p.from.Database, "", text)
		})
}
