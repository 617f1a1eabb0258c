package newsync

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// picked is a table, a query, or an object of another portal, as the source of a
// sync.
type picked struct {
	from  shell.Origin
	title string // what people call it: "customers in Billing"
	stem  string // what its rows are: "customers"
	facts string // what it is, in a few words
	kind  string // of the definition
	query string // "" of a table or object
	form  bool   // it is what visitors sent with a form
}

// readOrigins asks which databases and portals there are to choose from.
func (c *sourceStep) readOrigins() {
	type found struct {
		databases []app.DatabaseView
		portals   []app.Connection
	}
	shell.Load(c.s.w, func(ctx context.Context) (f found, err error) {
		if f.databases, err = c.s.w.App.DatabaseViews(ctx); err != nil {
			return f, err
		}
		f.portals, err = c.s.w.App.Connections(ctx)
		return f, err
	}, func(f found) {
		changed := !c.asked || len(f.databases) != len(c.databases) || len(f.portals) != len(c.portals)
		c.databases, c.portals, c.asked = f.databases, f.portals, true
		if changed && c.s.draft == nil && c.busy == "" && c.failed == nil && c.picker == nil {
			c.show()
		}
	}, nil)
}

// origins offers databases and other portals.
func (c *sourceStep) origins() fyne.CanvasObject {
	if !c.asked {
		return widgets.NewColumn(0)
	}
	databases := widgets.NewColumn(8)
	for _, d := range c.databases {
		databases.Add(c.origin("database", d.Name, app.DatabaseKindName(d.Kind)+" · "+d.Place, shell.Origin{Database: d.Name}))
	}
	add := widgets.NewButton(widgets.Plain, "database", "Add a database…", func() {
		c.s.w.Rooms.AddDatabase(func(name string) { c.pick(shell.Origin{Database: name}) })
	})
	add.Small = true
	databases.Add(widgets.NewRow(0, add))
	portals := widgets.NewColumn(8)
	for _, p := range c.portals {
		portals.Add(c.origin("portal", p.Name, wording.PortalMeaning(p.Kind, p.AccountType).Word(), shell.Origin{Portal: p.Name}))
	}
	connect := widgets.NewButton(widgets.Plain, "portal", "Connect another portal…", func() { c.s.w.Rooms.ConnectPortal(c.readOrigins) })
	connect.Small = true
	portals.Add(widgets.NewRow(0, connect))
	section := func(title, text string, list fyne.CanvasObject) fyne.CanvasObject {
		return widgets.NewColumn(8, widgets.NewLine(title, look.Heading, look.T1), widgets.NewParagraph(text, look.Small, look.T2), list)
	}
	return widgets.NewTiles(320, 2, 24,
		section("Or a table of a database", "PostgreSQL, MySQL, MariaDB or SQLite; or a query on one.", databases),
		section("Or another HubSpot portal", "A sandbox, another brand, or what a merger brought.", portals))
}

// origin is one database or portal to choose.
func (c *sourceStep) origin(icon look.Icon, name, sub string, from shell.Origin) fyne.CanvasObject {
	choose := widgets.NewButton(widgets.Plain, "", "Choose…", func() { c.pick(from) })
	choose.Small = true
	return widgets.NewCard(container.NewBorder(nil, nil, nil, container.New(layouts.Middle{}, choose),
		widgets.NewColumn(2, widgets.NewIconText(icon, name, look.Strong, look.T1), widgets.NewLine(sub, look.Small, look.T2))))
}

// pick lets a table or an object be chosen of a connection.
func (c *sourceStep) pick(from shell.Origin) {
	c.stop()
	c.path, c.from, c.failed, c.count, c.s.draft = "", nil, nil, nil, nil
	c.s.changed(stepSource)
	if c.s.step != stepSource {
		c.s.goStep(stepSource)
	}
	c.picker = newPicker(c, from)
	c.show()
	c.s.refresh()
	c.picker.read()
}

// leavePicker goes back to the choice of a source.
func (c *sourceStep) leavePicker() {
	c.stop()
	c.picker, c.from, c.failed = nil, nil, nil
	c.show()
	c.s.refresh()
}

// readPicked reads what was chosen, as read does of a file.
func (c *sourceStep) readPicked(p picked, work func(context.Context) (*app.Draft, error)) {
	ctx, job := c.begin("Reading " + p.title)
	c.from, c.failed, c.count, c.s.draft = &p, nil, nil, nil
	c.s.changed(stepSource)
	c.s.refresh()
	c.picker.refresh()
	shell.Load(c.s.w, func(context.Context) (*app.Draft, error) { return work(ctx) }, func(d *app.Draft) {
		if job != c.job {
			return
		}
		c.stop()
		c.sheets, c.s.draft, c.rowKeys = nil, d, d.SuggestRowKey()
		c.from.kind = d.Definition.Source.Kind
		c.show()
		c.keyOf(d)
		c.s.refresh()
		if c.s.w.Current() == shell.Screen(c.s) {
			c.focus()
		}
	}, func(err error) {
		if job != c.job {
			return
		}
		c.stop()
		if c.picker != nil && p.query != "" { // what is wrong with a query is said where it is written
			c.from = nil
			c.picker.queryFailed(err)
		} else {
			c.failed = err
		}
		c.show()
		c.s.refresh()
	})
}

// unreached says why what was chosen can't be read, and offers the way on.
func (c *sourceStep) unreached() fyne.CanvasObject {
	what, do := wording.Trouble(c.failed)
	from := c.from.from
	again := widgets.NewButton(widgets.Plain, "retry", "Choose again", func() { c.pick(from) })
	other := widgets.NewButton(widgets.Plain, "", "Another source", c.leavePicker)
	return container.NewVScroll(widgets.NewPaddedColumn(12, look.PageMargin, look.PageMargin,
		widgets.NewErrorPanel(c.name()+" can’t be used", wording.JoinSentences(what, do), app.Explain(c.failed).CorrelationID, again, other)))
}

// another is the button that leads to another source.
func (c *sourceStep) another() fyne.CanvasObject {
	if c.from == nil {
		return c.chooser("Choose another file…")
	}
	from := c.from.from
	c.choose = widgets.NewButton(widgets.Plain, "database", "Choose another…", func() { c.pick(from) })
	if from.Portal != "" {
		c.choose.Icon = "portal"
	}
	return c.choose
}

// place is where the rows are, for people.
func (c *sourceStep) place() string {
	if c.from == nil {
		return c.name()
	}
	return c.from.from.Database + c.from.from.Portal
}

// neverWritten says what to HubSpot only leaves alone.
func (c *sourceStep) neverWritten() string {
	switch {
	case c.from == nil:
		return "The file is never written"
	case c.from.form:
		return "What visitors sent is never written"
	case c.from.from.Portal != "":
		return c.from.from.Portal + " is never written"
	}
	return "The database is never written"
}

// keptWords say who keeps the key unique.
func (c *sourceStep) keptWords() string {
	if c.from != nil && c.from.form {
		return "HubSpot gives each submission its own"
	}
	if c.from != nil && c.from.from.Portal != "" {
		return "HubSpot gives each record its own"
	}
	return "The database keeps it unique"
}

// zones asks in which zone times are that name none.
func (c *sourceStep) zones() []fyne.CanvasObject {
	d := c.s.draft
	columns := d.ZoneOpen()
	if len(columns) == 0 && (c.from == nil || d.Definition.Source.Zone == "") {
		return nil
	}
	c.zone = widgets.NewEntry("Europe/Berlin")
	c.zone.SetText(d.Definition.Source.Zone)
	c.zone.OnSubmitted = func(text string) { c.setZone(strings.TrimSpace(text)) }
	use := widgets.NewButton(widgets.Plain, "", "Use", func() { c.setZone(strings.TrimSpace(c.zone.Text)) })
	utc := widgets.NewButton(widgets.Plain, "", "UTC", func() { c.setZone("UTC") })
	text := "Its times are read in this zone."
	if len(columns) > 0 {
		names := strings.Join(columns[:min(len(columns), 3)], ", ")
		if more := len(columns) - 3; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		text = "The database does not say in which time zone these are: " + names + "."
	}
	return []fyne.CanvasObject{
		widgets.NewLine("Which time zone is it?", look.Heading, look.T1),
		widgets.NewParagraph(text, look.Small, look.T2),
		container.NewBorder(nil, nil, nil, container.NewHBox(use, utc), c.zone), widgets.NewSeparator(),
	}
}

// setZone reads the source with a time zone.
func (c *sourceStep) setZone(zone string) {
	d := c.s.draft
	ctx, job := c.begin("Reading " + c.name())
	c.s.changed(stepSource)
	c.s.refresh()
	shell.Load(c.s.w, func(context.Context) (*app.Draft, error) { return c.s.w.App.UseZone(ctx, d, zone) }, func(again *app.Draft) {
		if job != c.job {
			return
		}
		c.stop()
		c.s.draft = again
		c.show()
		c.s.refresh()
	}, func(err error) {
		if job != c.job {
			return
		}
		c.stop()
		what, _ := wording.Trouble(err)
		c.zone.SetProblem(what)
		c.s.refresh()
		c.s.w.Fail(err)
	})
}
