package newsync

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/sync/record"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// prefSourceFolder is the folder from which the last file was chosen.
const prefSourceFolder = "folder.source"

// progressEvery is how often a reading says how far it is.
const progressEvery = 500 * time.Millisecond

// sourceStep chooses and reads the file, the table or the object of another portal,
// and what identifies its rows.
type sourceStep struct {
	s      *newSyncScreen
	path   string  // of a file
	from   *picked // what was chosen that is no file, nil for a file
	picker *picker // what is chosen from, nil while that is not asked
	// what is there to choose from beside files
	databases []app.DatabaseView
	portals   []app.Connection
	asked     bool
	sheets    []string
	busy      string // what is being read, "" when nothing is
	count     *app.RowKeyCount
	failed    error
	job       int // the newest reading; the answers of older ones are dropped
	cancel    context.CancelFunc

	rowKeys []suggest.RowKey
	choose  *widgets.Button
	// Of how the file is read; nil where there is nothing to ask.
	encoding *widgets.Select
	header   *widgets.Select
	sheet    *widgets.Select
	key      *widgets.Select
	second   *widgets.Select
	times    *widgets.Select
	zone     *widgets.Entry
	facts    *widgets.Paragraph
	keyNote  *fyne.Container
	panel    *fyne.Container
	grid     *grid.Grid
	root     *fyne.Container
}

func newSourceStep(s *newSyncScreen) *sourceStep {
	c := &sourceStep{s: s, root: container.NewStack()}
	return c
}

func (c *sourceStep) content() fyne.CanvasObject { return c.root }
func (c *sourceStep) enter() {
	c.show()
	c.readOrigins()
}

func (c *sourceStep) focus() {
	if c.s.draft == nil {
		if c.choose != nil {
			widgets.FocusOn(c.choose)
		}
		return
	}
	widgets.FocusOn(c.s.forward)
}

// name is what people call what was chosen.
func (c *sourceStep) name() string {
	if c.from != nil {
		return c.from.title
	}
	return filepath.Base(c.path)
}

// stem is the part of it that names the rows.
func (c *sourceStep) stem() string {
	if c.from != nil {
		return c.from.stem
	}
	stem, _, _ := strings.Cut(c.name(), ".")
	return stem
}

func (c *sourceStep) answer() string { return c.name() }

func (c *sourceStep) next() (string, string) {
	const text = "Continue to object type"
	switch {
	case c.busy != "":
		return text, c.busy
	case c.s.draft == nil && c.picker != nil:
		return c.picker.next()
	case c.s.draft == nil:
		return text, "Choose where the rows are"
	case len(c.s.draft.ZoneOpen()) > 0:
		return text, "Say in which time zone its times are"
	case c.unread():
		return text, "Choose which characters the file is written in"
	case c.count == nil:
		return text, "Choose what identifies a row"
	case c.count.Rows == 0:
		return text, "There are no rows yet"
	case c.usable() == 0:
		return text, "No row can be told apart by this key: choose another one"
	}
	return text, ""
}

// unread reports whether it is open what the file's characters are.
func (c *sourceStep) unread() bool {
	_, open := c.s.draft.Encodings()
	return open
}

// usable is how many rows can take part.
func (c *sourceStep) usable() int {
	return c.count.Rows - c.count.Unreadable - c.count.Empty - c.count.Shared
}

func (c *sourceStep) proceed() {
	if c.s.draft == nil && c.picker != nil {
		c.picker.proceed()
		return
	}
	c.s.goStep(stepObject)
}

// ask opens the system's way to choose a file.
func (c *sourceStep) ask() {
	c.s.w.ChooseFile("Choose a file", "Use this file", "Tables", sourceEndings, prefSourceFolder, func(path string) { c.read(path, "") })
}

// chooser makes the button that asks for a file.
func (c *sourceStep) chooser(text string) *widgets.Button {
	c.choose = widgets.NewButton(widgets.Plain, "folder", text, c.ask)
	return c.choose
}

// begin starts a reading, and stops the one before it.
func (c *sourceStep) begin(what string) (context.Context, int) {
	c.stop()
	ctx, cancel := context.WithCancel(c.s.w.Ctx)
	c.job, c.cancel, c.busy = c.job+1, cancel, what
	return ctx, c.job
}

func (c *sourceStep) stop() {
	if c.cancel != nil {
		c.cancel()
	}
	c.cancel, c.busy = nil, ""
}

// read reads a file anew.
func (c *sourceStep) read(path, sheet string) {
	ctx, job := c.begin("Reading " + filepath.Base(path))
	c.path, c.failed, c.count, c.s.draft = path, nil, nil, nil
	c.from, c.picker = nil, nil
	c.s.changed(stepSource)
	if c.s.step != stepSource {
		c.s.goStep(stepSource)
	}
	c.show()
	c.s.refresh()
	type result struct {
		draft  *app.Draft
		sheets []string
		err    error
	}
	shell.Load(c.s.w, func(context.Context) (result, error) {
		draft, err := c.s.w.App.NewDraft(ctx, path, sheet)
		return result{draft, app.Sheets(path), err}, nil
	}, func(r result) {
		if job != c.job {
			return
		}
		c.stop()
		c.sheets, c.failed = r.sheets, r.err
		if r.err == nil {
			c.s.draft = r.draft
			c.rowKeys = r.draft.SuggestRowKey()
		}
		c.show()
		if r.err == nil {
			c.keyOf(r.draft)
		}
		c.s.refresh()
		if c.s.w.Current() == shell.Screen(c.s) {
			c.focus()
		}
	}, nil)
}

// keyOf takes the likeliest key of a draft that was just read.
func (c *sourceStep) keyOf(d *app.Draft) {
	switch {
	case len(d.RowKeys) > 0:
		c.setKey(d.RowKeys[0], "")
	case len(c.rowKeys) > 0 && c.rowKeys[0].Verdict != suggest.NotAKey:
		c.setKey([]string{c.rowKeys[0].Column}, "")
	}
}

// setKey takes columns as the row key and counts over all rows.
func (c *sourceStep) setKey(key []string, modified string) {
	c.count = nil
	c.s.changed(stepSource)
	d := c.s.draft.Clone()
	if c.kept(key) {
		c.stop()
		n := d.UseKeptKey(key, modified)
		c.count, c.s.draft = &n, d
		c.showKey()
		c.s.refresh()
		return
	}
	ctx, job := c.begin("Reading all rows")
	pump := post.NewPump(c.s.w.Post, func(rows int) {
		if job == c.job && c.busy != "" {
			c.busy = fmt.Sprintf("Reading all rows: %s so far", look.Number(rows))
			c.showKey()
			c.s.refresh()
		}
	})
	c.s.w.Background(func() { pump.Run(ctx, progressEvery) })
	shell.Load(c.s.w, func(context.Context) (app.RowKeyCount, error) {
		return c.s.w.App.SetRowKey(ctx, d, key, modified, pump.Set)
	}, func(n app.RowKeyCount) {
		if job != c.job {
			return
		}
		c.stop()
		c.count, c.s.draft = &n, d
		c.showKey()
		c.s.refresh()
		if c.s.w.Current() == shell.Screen(c.s) && c.s.step == stepSource {
			c.focus()
		}
	}, func(err error) {
		if job != c.job {
			return
		}
		c.stop()
		c.failed = err
		c.s.draft = nil
		c.show()
		c.s.refresh()
	})
	c.showKey()
	c.s.refresh()
}

// show lays the step out for what is known.
func (c *sourceStep) show() {
	switch {
	case c.s.draft != nil:
		c.root.Objects = []fyne.CanvasObject{c.table()}
		c.showKey()
	case c.failed != nil && c.from != nil:
		c.root.Objects = []fyne.CanvasObject{c.unreached()}
	case c.failed != nil:
		c.root.Objects = []fyne.CanvasObject{c.broken()}
	case c.busy != "":
		line := widgets.NewLine(c.busy+" …", look.Body, look.T2)
		line.Align = fyne.TextAlignCenter
		c.root.Objects = []fyne.CanvasObject{container.New(halfway{}, line)}
	case c.picker != nil:
		c.root.Objects = []fyne.CanvasObject{c.picker.root}
	default:
		zone := newDropZone(widgets.NewEmptyState("file", "Drop a file here, or choose one", "A CSV file or an Excel workbook, with one row for each record and the names of the columns on top; or an OpenDocument spreadsheet, JSON, or Parquet. It is read where it is. Drop several at once, and they become a set.", c.chooser("Choose a file…")))
		c.root.Objects = []fyne.CanvasObject{container.NewVScroll(widgets.NewPaddedColumn(24, look.PageMargin, look.PageMargin, zone, c.origins(), c.s.w.Recipes()))}
	}
	c.root.Refresh()
}

// all goes on with all sheets of the workbook as a set.
func (c *sourceStep) all() {
	path := c.path
	c.s.drop()
	c.s.w.Rooms.NewSet(path)
}

// broken says why the file can't be read, and offers the way on.
func (c *sourceStep) broken() fyne.CanvasObject {
	what := c.failed.Error()
	// The errors name the whole path; here its end is enough, the rest is small.
	what = strings.TrimPrefix(what, c.path+": ")
	panel := widgets.NewErrorPanel(c.name()+" can't be used", wording.SentenceCase(what)+".", "", c.chooser("Choose another file…"))
	panel.Code = c.path
	box := widgets.NewPaddedColumn(12, look.PageMargin, look.PageMargin, panel)
	if len(c.sheets) > 1 {
		c.sheet = widgets.NewSelect(c.sheets, -1, func(i int) { c.read(c.path, c.sheets[i]) })
		c.sheet.PlaceHolder = "Choose a sheet"
		box.Add(container.NewHBox(container.New(halfway{}, widgets.NewIconText("spreadsheet", "The workbook has other sheets", look.Body, look.T2)), sized(c.sheet, 220)))
	}
	return container.NewVScroll(box)
}

// table shows what was read: the facts, the first rows, and the row's key.
func (c *sourceStep) table() fyne.CanvasObject {
	d := c.s.draft
	right := container.New(layout.NewCustomPaddedHBoxLayout(8))
	if len(c.sheets) > 1 {
		c.sheet = widgets.NewSelect(c.sheets, slices.Index(c.sheets, d.Definition.Source.Sheet), func(i int) { c.read(c.path, c.sheets[i]) })
		right.Add(sized(c.sheet, 180))
	}
	right.Add(c.another())
	c.facts = widgets.NewLine("", look.Small, look.T2)
	title := c.name()
	if c.from != nil && c.from.form {
		title = wording.SentenceCase(title)
	}
	head := container.NewBorder(nil, nil, nil, container.New(halfway{}, right),
		widgets.NewColumn(2, widgets.NewLine(title, look.Heading, look.T1), c.facts))
	c.makeGrid()
	top := container.New(layouts.Margin(0, 12), head)
	if n := len(c.sheets); n > 1 {
		all := widgets.NewButton(widgets.Plain, "association", "Make a set of them", c.all)
		all.Small = true
		top = widgets.NewColumn(0, top, widgets.NewNotice(look.Neutral, "spreadsheet", "This workbook has "+look.Count(n, "sheet", "sheets"), "Sheets that name each other’s rows become one job, with the associations between their records.", all), container.New(layouts.Margin(0, 6)))
	}
	main := container.NewBorder(top, nil, nil, nil, container.New(ends{16}, widgets.NewFlushCard(c.grid)))
	c.makePanel()
	side := newPanel(12, 12, c.panel)
	return container.New(beside{}, main, side)
}

func (c *sourceStep) makeGrid() {
	d := c.s.draft
	cols := []grid.Column{{ID: "", Title: "Line", Width: 54, Align: grid.Right, Fixed: true}}
	if c.from != nil {
		cols[0].Title = "Row"
	}
	for i, col := range d.Schema.Columns {
		w := look.SmallStrong.Width(col.Name) + 24
		for _, s := range col.Samples {
			w = max(w, look.Body.Width(s)+20)
		}
		cols = append(cols, grid.Column{ID: fmt.Sprint(i), Title: col.Name, Width: min(max(w, 70), 240), Min: min(max(w, 70), 240), Grow: 1})
	}
	c.grid = grid.New(look.RowCompact, cols...)
	c.grid.Length = func() int { return len(d.Rows) }
	c.grid.Cell = func(row, col int) grid.Cell {
		if row >= len(d.Rows) {
			return grid.Cell{}
		}
		if col == 0 {
			line := d.Rows[row].Line
			if c.from != nil {
				line = row + 1
			}
			return grid.Cell{Text: look.Number(line), Style: grid.Faint}
		}
		if v := d.Rows[row].Fields[d.Schema.Columns[col-1].Name]; !v.Empty() {
			return grid.Cell{Text: v.String()}
		}
		return grid.Cell{Text: "no value", Style: grid.Faint}
	}
	c.grid.Empty = widgets.NewEmptyState("file", "There are no rows yet", "The names of the columns are there and nothing under them. Add rows, then choose it again.", nil)
	c.grid.OnActivated = func(int) { c.s.proceed() }
}

// makePanel asks what identifies a row.
func (c *sourceStep) makePanel() {
	c.makeKeySelects()
	times := []string{"None"}
	for _, col := range c.s.draft.Schema.Columns {
		if col.Type == record.TypeDate || col.Type == record.TypeDateTime {
			times = append(times, col.Name)
		}
	}
	c.times = widgets.NewSelect(times, max(slices.Index(times, c.s.draft.Definition.Source.Modified), 0), func(int) { c.keyChosen() })
	if len(times) == 1 {
		c.times.Reason = "No column holds times"
	}
	c.keyNote = widgets.NewColumn(8)
	c.encoding, c.header = nil, nil
	c.panel = widgets.NewColumn(8, slices.Concat(c.questions(), []fyne.CanvasObject{
		widgets.NewLine("What identifies a row?", look.Heading, look.T1),
		widgets.NewParagraph("By this column Syncline knows a row again, also when it moved or all else in it changed.", look.Small, look.T2),
		c.key,
	}, c.togetherWith(), []fyne.CanvasObject{
		c.keyNote,
		widgets.NewSeparator(),
		widgets.NewLine("When was a row changed? (optional)", look.Small, look.T2), c.times,
	}, c.headerLine())...)
}

// makeKeySelects makes what the key is chosen by: the keys that the source keeps
// unique, or else one or two columns.
func (c *sourceStep) makeKeySelects() {
	key := c.s.draft.Definition.Source.Key
	if keys := c.s.draft.RowKeys; len(keys) > 0 {
		options, selected := make([]string, 0, len(keys)), -1
		for i, k := range keys {
			options = append(options, strings.Join(k, ", "))
			if slices.Equal(k, key) {
				selected = i
			}
		}
		c.key, c.second = widgets.NewSelect(options, selected, func(int) { c.keyChosen() }), nil
		return
	}
	var options []string
	for _, k := range c.rowKeys {
		options = append(options, k.Column)
	}
	at := func(i int) int {
		if i < len(key) {
			return slices.Index(options, key[i])
		}
		return -1
	}
	c.key = widgets.NewSelect(options, at(0), func(int) { c.keyChosen() })
	c.key.PlaceHolder = "Choose a column"
	more := append([]string{"Nothing else"}, options...)
	c.second = widgets.NewSelect(more, at(1)+1, func(int) { c.keyChosen() })
}

// togetherWith asks for a second column of the key, where columns are chosen.
func (c *sourceStep) togetherWith() []fyne.CanvasObject {
	if c.second == nil {
		return nil
	}
	return []fyne.CanvasObject{widgets.NewLine("Together with", look.Small, look.T2), c.second}
}

// kept reports whether the source itself keeps a key unique.
func (c *sourceStep) kept(key []string) bool {
	return slices.ContainsFunc(c.s.draft.RowKeys, func(k []string) bool { return slices.Equal(k, key) })
}

func (c *sourceStep) keyChosen() {
	if c.key.Selected < 0 {
		return
	}
	key := []string{c.key.Text()}
	switch {
	case c.second == nil:
		key = c.s.draft.RowKeys[c.key.Selected]
	case c.second.Selected > 0 && c.second.Text() != key[0]:
		key = append(key, c.second.Text())
	}
	modified := ""
	if c.times.Selected > 0 {
		modified = c.times.Text()
	}
	c.setKey(key, modified)
}

// showKey shows how well the key identifies the rows.
func (c *sourceStep) showKey() {
	if c.s.draft == nil || c.panel == nil {
		return
	}
	c.facts.SetText(c.factLine())
	key := c.s.draft.Definition.Source.Key
	if c.key.Selected < 0 && len(key) > 0 && c.second != nil {
		c.key.SetOptions(c.key.Options, slices.Index(c.key.Options, key[0]))
	}
	c.keyNote.Objects = nil
	note := func(m look.Meaning, icon look.Icon, text string) {
		c.keyNote.Add(widgets.NewNotice(m, icon, "", text))
	}
	switch n := c.count; {
	case c.busy != "":
		c.keyNote.Add(widgets.NewLine(c.busy+" …", look.Small, look.T2))
	case n == nil:
		note(look.Conflict, "", "No column identifies the rows by itself. Choose the best one, and a second one that makes it unique.")
	case c.kept(key):
		c.keyNote.Add(widgets.NewIconText("check-circle", c.keptWords(), look.Small, look.Create.Text()))
	case n.Empty+n.Shared+n.Unreadable == 0:
		c.keyNote.Add(widgets.NewIconText("check-circle", fmt.Sprintf("All %s rows have one, none repeats", look.Number(n.Rows)), look.Small, look.Create.Text()))
	default:
		for _, p := range []struct {
			n    int
			text string
		}{{n.Shared, "share it with another row"}, {n.Empty, "have none"}, {n.Unreadable, "can't be read"}} {
			if p.n > 0 {
				note(look.Conflict, "", fmt.Sprintf("%s of %s rows %s. They are listed as failed and change nothing.", look.Number(p.n), look.Number(n.Rows), p.text))
			}
		}
	}
	c.panel.Refresh()
	c.root.Refresh()
}

// factLine is what the file is, in one line.
func (c *sourceStep) factLine() string {
	d := c.s.draft
	var facts []string
	switch {
	case c.from != nil:
		facts = append(facts, c.from.facts)
	case d.Definition.Source.Kind == "ods":
		facts = append(facts, "OpenDocument spreadsheet, sheet "+d.Schema.Details["sheet"])
	case d.Definition.Source.Sheet != "":
		facts = append(facts, "Excel workbook, sheet "+d.Definition.Source.Sheet)
	case d.Definition.Source.Kind == "parquet":
		facts = append(facts, "Parquet")
	case d.Definition.Source.Kind == "json":
		facts = append(facts, "JSON, "+d.Schema.Details["form"])
	default:
		facts = append(facts, fmt.Sprintf("CSV, %s, separated by %s", d.Schema.Details["encoding"], d.Schema.Details["delimiter"]))
	}
	rows := d.Schema.Rows
	if c.count != nil {
		rows = c.count.Rows
	}
	if rows >= 0 {
		facts = append(facts, look.Number(rows)+" rows")
	}
	return strings.Join(append(facts, look.Number(len(d.Schema.Columns))+" columns"), " · ")
}

// ends keeps a margin under its object.
type ends struct{ bottom float32 }

// Layout implements fyne.Layout.
func (e ends) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		layouts.Move(o, 0, 0, size.Width, size.Height-e.bottom)
	}
}

// MinSize implements fyne.Layout.
func (e ends) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(0, e.bottom)
}

// sized gives an object a width.
func sized(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	return container.New(wide{width}, o)
}

type wide struct{ width float32 }

// Layout implements fyne.Layout.
func (wide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	layouts.Move(objects[0], 0, 0, size.Width, size.Height)
}

// MinSize implements fyne.Layout.
func (w wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(w.width, objects[0].MinSize().Height)
}
