package ui

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// planScreen shows what a run would do, before it does it, or what it did.
type planScreen struct {
	w       *window
	view    app.PlanView
	source  string // the source as people call it: the file's name
	applied bool   // the plan is history: fates are what came of it

	header   *widgets.Header
	chips    *widgets.ChipBar
	find     *widgets.Entry
	grid     *grid.Grid
	pages    *pages[int, plan.Item]
	columns  []app.PlanColumn // properties shown, in the grid's order
	explain  *fyne.Container
	rails    *fyne.Container
	guards   []*widgets.GuardRail
	footer   *widgets.PlanFooter
	apply    *widgets.Button
	root     fyne.CanvasObject
	excluded int
	asked    int // of the newest filter: an older answer is dropped
}

// openPlan shows a stored plan.
func (w *window) openPlan(planID string) {
	load(w, func(ctx context.Context) (app.PlanView, error) { return w.app.PlanView(ctx, planID) },
		func(v app.PlanView) { w.open(newPlanScreen(w, v)) }, nil)
}

// shownColumns is how many changed properties the grid has room for.
const shownColumns = 4

func newPlanScreen(w *window, v app.PlanView) *planScreen {
	s := &planScreen{w: w, view: v, source: w.app.SourceName(v.Sync), applied: v.State != plan.Ready, excluded: v.Excluded}
	s.columns = v.Columns[:min(len(v.Columns), shownColumns)]
	s.makeHeader()
	fates := []look.Meaning{look.Create, look.Update, look.Conflict, look.Unchanged, look.Skipped, s.refused()}
	if s.begun() && v.Run.Counts.ToDo > 0 {
		fates = append(fates, look.ToDo)
	}
	s.chips = widgets.NewChipBar(fates, func([]look.Meaning) { s.filter() })
	s.find = widgets.NewSearchEntry("Find in plan", func(string) { s.filter() })
	s.pages = newPages(w, func(ctx context.Context, ns []int) ([]plan.Item, error) {
		return w.app.Store.ItemsByID(ctx, v.ID, ns)
	}, s.came)
	s.makeGrid()
	s.explain = widgets.NewColumn(0)
	s.rails = widgets.NewColumn(8)
	s.apply = widgets.NewButton(widgets.Primary, "run", "", s.confirm)
	s.footer = widgets.NewPlanFooter(s.apply, widgets.NewButton(widgets.Plain, "export", "Export plan", s.export))
	s.makeGuards()
	split := widgets.NewSplit(s.grid, container.NewVScroll(s.explain), w.paneWidth(prefExplanation, look.ExplanationWidth))
	split.Least, split.Rest = look.ExplanationSlim, 420
	split.OnResized = w.keepPane(prefExplanation)
	find := container.NewGridWrap(fyne.NewSize(170, look.ControlHeight), s.find)
	top := container.NewVBox(s.header, container.New(margin(24, 8), container.NewBorder(nil, nil, nil, find, s.chips.Container)))
	bottom := container.NewVBox(widgets.NewSeparator(), container.New(margin(24, 0), s.rails))
	if s.applied {
		s.header.Buttons = append([]*widgets.Button{widgets.NewButton(widgets.Plain, "export", "Export changes", s.export)}, s.header.Buttons...)
	} else {
		bottom.Add(container.New(margin(24, 10), s.footer))
	}
	s.root = container.NewBorder(top, bottom, nil, nil, split)
	s.count()
	s.startFilter()
	return s
}

// makeHeader says what the screen shows: a plan that waits, or a run's changes.
func (s *planScreen) makeHeader() {
	v := s.view
	read := fmt.Sprintf("%s rows read from %s", look.Number(v.Summary.Counts.Read), s.source)
	if !s.applied {
		s.header = widgets.NewHeader("Plan: "+v.Sync.Name, fmt.Sprintf("Frozen %s as %s · %s · nothing is written until you apply", look.WhenInside(v.Made, s.w.now()), v.ID, read))
		s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", "Make a new plan", func() { s.w.preview(v.Sync.Path, v.Sync.Name) })}
	} else {
		state := fmt.Sprintf("Plan %s is out of date · nothing was written", v.ID)
		if v.Run != nil {
			state = fmt.Sprintf("Run %s · %s · %s", v.Run.ID, look.When(v.Run.Started, s.w.now()), read)
		}
		s.header = widgets.NewHeader("Changes: "+v.Sync.Name, state)
		s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "preview", "Preview again", func() { s.w.preview(v.Sync.Path, v.Sync.Name) })}
	}
	s.header.OnBack = func() { s.w.goTo(s.back()) }
}

// back is where the way back leads.
func (s *planScreen) back() place {
	if s.applied {
		return placeRuns
	}
	return placeHome
}

// begun reports whether a run has begun with the plan: fates are then what it
// came to, or what of it is still to do.
func (s *planScreen) begun() bool { return s.view.Run != nil }

// refused is what rows that can't be written are called: before a run they are
// invalid, after it they failed.
func (s *planScreen) refused() look.Meaning {
	if s.applied {
		return look.Failed
	}
	return look.Invalid
}

func (s *planScreen) content() fyne.CanvasObject { return s.root }
func (s *planScreen) head() *widgets.Header      { return s.header }
func (s *planScreen) focus()                     { s.grid.Focus() }
func (s *planScreen) show()                      { s.filter() }

// startFilter shows first what wants to be looked at: the rows that change or
// can't. Where nothing would change, all rows.
func (s *planScreen) startFilter() {
	s.chips.SetOn(look.Create, look.Update, look.Conflict, s.refused(), look.ToDo)
	if len(s.chips.On()) == 0 {
		s.chips.SetOn(look.Unchanged, look.Skipped)
	}
}

// makeGrid makes the table: the row's fate and name, and the properties that
// change most.
func (s *planScreen) makeGrid() {
	cols := []grid.Column{
		{ID: "take", Check: true, Width: 36, Fixed: true},
		{ID: "fate", Title: "", Width: 40, Fixed: true},
		{ID: "name", Title: "Row", Width: 210, Grow: 1, Lead: true},
	}
	for _, p := range s.columns {
		cols = append(cols, grid.Column{ID: p.Property, Title: p.Title, Width: 150, Grow: 1})
	}
	s.grid = grid.New(look.RowComfortable, cols...)
	s.grid.Length = func() int { return len(s.pages.ids) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = s.selected
	s.grid.OnChecked = s.toggle
	s.grid.AllChecked = s.allChecked
	s.grid.OnCheckedAll = s.toggleAll
	s.noRows()
}

// noRows says why the table is empty.
func (s *planScreen) noRows() {
	if s.view.Summary.Counts.Read > 0 {
		s.grid.Empty = widgets.NewNoMatches(func() {
			s.find.SetText("")
			s.startFilter()
			s.filter()
		})
		return
	}
	s.grid.Empty = widgets.NewEmptyState("unchanged", "Nothing to compare", "The source has no rows and the portal no records of this type.", nil)
}

// cell is what the grid shows; it answers from memory.
func (s *planScreen) cell(row, col int) grid.Cell {
	it, ok := s.pages.at(row)
	if !ok {
		return grid.Cell{Pending: true}
	}
	switch col {
	case 0:
		switch {
		case !writes(it) || s.applied:
			return grid.Cell{}
		case it.Excluded:
			return grid.Cell{Check: grid.Unchecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Mark: s.fate(it)}
	case 2:
		return grid.Cell{Text: it.Name, Second: s.secondLine(it)}
	}
	return changeCell(it, s.columns[col-3].Property)
}

// secondLine is the row's key, or what a person must know of the row where the
// columns do not show it.
func (s *planScreen) secondLine(it plan.Item) string {
	switch s.fate(it) {
	case look.Invalid, look.Failed, look.Skipped:
		return sentenceCase(it.Why())
	case look.Conflict:
		var where []string
		for _, e := range it.Edits {
			if e.Action != plan.EditConflict {
				continue
			}
			if slices.ContainsFunc(s.columns, func(c app.PlanColumn) bool { return c.Property == e.Property }) {
				return rowKey(it)
			}
			where = append(where, cmp.Or(e.Field, e.Property))
		}
		if len(where) > 0 {
			return strings.Join(where, ", ") + ": 2 values, you decide"
		}
		return sentenceCase(it.Why())
	}
	return rowKey(it)
}

func rowKey(it plan.Item) string {
	switch {
	case it.RowKey == "":
		return it.RecordID
	case it.Line > 0:
		return fmt.Sprintf("%s · line %s", it.RowKey, look.Number(it.Line))
	}
	return it.RowKey
}

// writes tells whether applying the item writes anything.
func writes(it plan.Item) bool {
	for _, e := range it.Edits {
		if e.Action == plan.EditHubSpot || e.Action == plan.EditSource {
			return true
		}
	}
	return it.Kind == plan.ItemArchive
}

// fate is the row's fate as the window colours it: what is planned, or what
// came of it.
func (s *planScreen) fate(it plan.Item) look.Meaning {
	m := fateOf(it.Came())
	if s.begun() {
		m = fateOf(it.Reached())
	}
	if m == look.Failed {
		return s.refused()
	}
	return m
}

func fateOf(fate plan.Fate) look.Meaning {
	switch fate {
	case plan.FateCreated:
		return look.Create
	case plan.FateUpdated:
		return look.Update
	case plan.FateUnchanged:
		return look.Unchanged
	case plan.FateConflict:
		return look.Conflict
	case plan.FateSkipped:
		return look.Skipped
	case plan.FateFailed:
		return look.Failed
	case plan.FateToDo:
		return look.ToDo
	}
	return look.Neutral
}

// changeCell is one property of a row: how it changes, or its value.
func changeCell(it plan.Item, property string) grid.Cell {
	for _, e := range it.Edits {
		if e.Property != property {
			continue
		}
		switch e.Action {
		case plan.EditHubSpot, plan.EditSource:
			ch := &widgets.Change{Fate: look.Update, New: str(e.New), Old: str(e.Old), ToSource: e.Action == plan.EditSource}
			switch {
			case it.Fate == plan.FateCreated || (str(e.Old) == "" && str(e.New) != ""):
				ch.Fate = look.Create
			case str(e.New) == "":
				ch.Fate = look.Cleared
			}
			return grid.Cell{Change: ch}
		case plan.EditConflict:
			return grid.Cell{Change: &widgets.Change{Fate: look.Conflict, New: str(e.Source) + " / " + str(e.HubSpot), Note: "2 values, you decide"}}
		case plan.EditDrift:
			return grid.Cell{Text: str(e.HubSpot), Style: grid.Label, Second: "edited there, left alone"}
		case plan.EditLeft:
			return grid.Cell{Text: str(e.HubSpot), Style: grid.Label, Second: "stays as it is"}
		}
		return grid.Cell{Text: str(e.HubSpot), Style: grid.Label}
	}
	return grid.Cell{}
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// filter reads the numbers of the rows that the chips and the search let
// through.
func (s *planScreen) filter() {
	f := store.ItemFilter{Fates: fatesOf(s.chips.On()), Text: strings.TrimSpace(s.find.Text), Outcome: s.begun()}
	s.asked++
	asked := s.asked
	load(s.w, func(ctx context.Context) ([]int, error) { return s.w.app.Store.ItemIDs(ctx, s.view.ID, f) }, func(ns []int) {
		if asked != s.asked {
			return
		}
		s.pages.set(ns)
		s.grid.Refresh()
		if len(ns) > 0 {
			s.grid.Select(0)
		} else {
			s.explain.Objects = nil
			s.explain.Refresh()
		}
	}, nil)
}

// fatesOf are the fates that chips stand for. Invalid rows have the fate
// failed.
func fatesOf(on []look.Meaning) []plan.Fate {
	var fates []plan.Fate
	for _, m := range on {
		if m == look.Invalid {
			m = look.Failed
		}
		for _, f := range []plan.Fate{plan.FateCreated, plan.FateUpdated, plan.FateConflict, plan.FateUnchanged, plan.FateSkipped, plan.FateFailed, plan.FateToDo} {
			if fateOf(f) == m {
				fates = append(fates, f)
			}
		}
	}
	return fates
}

// came shows rows that were read.
func (s *planScreen) came(from, to int) {
	for i := from; i < to; i++ {
		s.grid.RefreshRow(i)
	}
	if c := s.grid.Current(); c >= from && c < to {
		s.selected(c)
	}
}

// toggle takes a row out of the plan or puts it back.
func (s *planScreen) toggle(row int) {
	it, ok := s.pages.at(row)
	if !ok || !writes(it) || s.applied {
		return
	}
	it.Excluded = !it.Excluded
	page := s.pages.rows[row/pageSize]
	page[row%pageSize] = it
	s.grid.RefreshRow(row)
	switch {
	case it.Fate != plan.FateCreated && it.Fate != plan.FateUpdated:
	case it.Excluded:
		s.excluded++
	default:
		s.excluded--
	}
	s.count()
	s.selected(row)
	inOrder(s.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.w.app.Store.ExcludeItems(ctx, s.view.ID, []int{it.N}, it.Excluded)
	}, func(struct{}) {}, s.reload)
}

// reload shows the plan as the workspace has it, after an error.
func (s *planScreen) reload(err error) {
	s.w.fail(err)
	load(s.w, func(ctx context.Context) (app.PlanView, error) { return s.w.app.PlanView(ctx, s.view.ID) }, func(v app.PlanView) {
		s.view, s.excluded = v, v.Excluded
		s.count()
		s.filter()
	}, nil)
}

// changing is how many rows the plan would write.
func (s *planScreen) changing() int {
	c := s.view.Summary.Counts
	return c.Created + c.Updated
}

// allChecked is the state of the box over the rows.
func (s *planScreen) allChecked() grid.Check {
	switch {
	case s.applied || s.changing() == 0:
		return grid.NoCheck
	case s.excluded == 0:
		return grid.Checked
	case s.excluded >= s.changing():
		return grid.Unchecked
	}
	return grid.SomeChecked
}

// toggleAll takes every row that the chips and the search show out of the
// plan, or puts them back.
func (s *planScreen) toggleAll(on bool) {
	ns := slices.Clone(s.pages.ids)
	inOrder(s.w, func(ctx context.Context) (app.PlanView, error) {
		if err := s.w.app.Store.ExcludeItems(ctx, s.view.ID, ns, !on); err != nil {
			return app.PlanView{}, err
		}
		return s.w.app.PlanView(ctx, s.view.ID)
	}, func(v app.PlanView) {
		s.view, s.excluded = v, v.Excluded
		s.count()
		s.filter()
	}, s.reload)
}

// count shows the numbers of the plan.
func (s *planScreen) count() {
	c := s.view.Summary.Counts
	if s.begun() {
		c = s.view.Run.Counts
	}
	s.chips.SetCounts(map[look.Meaning]int{look.Create: c.Created, look.Update: c.Updated, look.Conflict: c.Conflict, look.Unchanged: c.Unchanged, look.Skipped: c.Skipped, s.refused(): c.Failed, look.ToDo: c.ToDo})
	s.apply.SetText("Apply " + look.Count(c.Created+c.Updated-s.excluded, "change", "changes"))
	s.footer.Writes = s.wouldWrite(c)
	s.footer.Costs = costWords(s.view.Cost)
	if c.Conflict > 0 {
		stay := look.Count(c.Conflict, "conflict stays", "conflicts stay") + " untouched on both sides and wait in Review"
		s.footer.Costs = stay + " · " + s.footer.Costs
	}
	s.footer.Refresh()
	s.allow()
}

// costWords says what applying costs: calls, time, share of today's limit.
func costWords(e app.Estimate) string {
	if e.Calls == 0 {
		return "no call to HubSpot"
	}
	text := look.Count(e.Calls, "call", "calls")
	if e.Verify > 0 {
		text += ", " + look.Number(e.Verify) + " of them to read back"
	}
	text += " · about " + look.Took(max(e.Took, time.Second))
	if e.Limit > 0 {
		text += " · " + look.Share(e.Calls, e.Limit) + " of today’s limit"
	}
	return text
}

// wouldWrite says what the plan writes where, in one line.
func (s *planScreen) wouldWrite(c engine.Counts) string {
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, look.Count(n, one, many))
		}
	}
	add(c.Created-c.SourceCreated, "new record in HubSpot", "new records in HubSpot")
	add(c.Updated, "update", "updates")
	add(c.SourceCreated, "new row in "+s.source, "new rows in "+s.source)
	add(c.SourceUpdated, "update also changes "+s.source, "of the updates change "+s.source)
	add(c.Archived, "record archived", "records archived")
	if s.excluded > 0 {
		parts = append(parts, look.Count(s.excluded, "row left out", "rows left out"))
	}
	if len(parts) == 0 {
		return "Nothing would be written"
	}
	return strings.Join(parts, " · ")
}

// makeGuards shows the guard rails that the plan goes beyond.
func (s *planScreen) makeGuards() {
	for _, g := range s.view.Summary.Guards {
		rail := widgets.NewGuardRail(g.Detail, "Look at the rows above; type the number to go on all the same.", g.Count, "", nil, func(bool) { s.allow() })
		s.guards = append(s.guards, rail)
		s.rails.Add(rail)
	}
}

// allow enables the primary button when all numbers are typed and there is
// something to write.
func (s *planScreen) allow() {
	for _, g := range s.guards {
		if !g.Allowed() {
			s.apply.SetReason("Type the number of each guard rail first")
			return
		}
	}
	c := s.view.Summary.Counts
	if c.Created+c.Updated-s.excluded <= 0 && c.Conflict+c.Unchanged == 0 {
		s.apply.SetReason("There is nothing to write")
		return
	}
	s.apply.SetReason("")
}

// confirm applies the plan; in a production portal the dialog names it.
func (s *planScreen) confirm() {
	start := func() { s.w.startRun(s.view.Sync.Path, s.view.Sync.Name, s.view.ID, len(s.guards) > 0) }
	if portalMeaning(s.view.Portal.Kind, s.view.Portal.AccountType) != look.Production {
		start()
		return
	}
	d := widgets.NewConfirm("Apply to "+s.view.Portal.Name+"?", s.footer.Writes+". "+s.footer.Costs+".", s.apply.Text, false, start)
	d.Portal, d.Note = look.Production, s.view.Portal.Name
	d.Open(s.w.win.Canvas())
}

// sentenceCase begins a reason with a capital.
func sentenceCase(s string) string {
	if s == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// preview makes a new plan of the definition at path and shows it.
func (w *window) preview(path, name string) {
	w.job(app.JobPreview, path, "", false, name)
}

// export asks for a file and writes the whole plan into it.
func (s *planScreen) export() {
	name := s.view.Sync.Name + " " + s.view.ID + ".csv"
	s.w.saveFile(name, []string{".csv", ".xlsx"}, func(path string) {
		load(s.w, func(ctx context.Context) (int, error) { return s.w.app.ExportPlan(ctx, s.view.ID, path) }, func(n int) {
			s.w.toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, "line", "lines"), filepath.Base(path)), "", nil)
		}, nil)
	})
}
