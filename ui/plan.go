package ui

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// planScreen shows what a run would do, before it does it.
type planScreen struct {
	w       *window
	sync    store.Sync
	plan    store.Plan
	summary engine.Summary
	source  string // the source as people call it: the file's name

	header   *widgets.Header
	chips    *widgets.ChipBar
	grid     *grid.Grid
	pages    *pages[int, store.Item]
	columns  []string // properties shown, in the grid's order
	explain  *fyne.Container
	rails    *fyne.Container
	guards   []*widgets.GuardRail
	footer   *widgets.PlanFooter
	apply    *widgets.Button
	root     fyne.CanvasObject
	portal   store.Connection
	excluded int
}

// openPlan shows a stored plan.
func (w *window) openPlan(planID string) {
	type loaded struct {
		plan store.Plan
		sync store.Sync
		sum  engine.Summary
		card store.Connection
		seen []string
	}
	load(w, func(ctx context.Context) (l loaded, err error) {
		if l.plan, err = w.app.Store.Plan(ctx, planID); err != nil {
			return l, err
		}
		if l.sync, err = w.app.Store.Sync(ctx, l.plan.SyncID); err != nil {
			return l, err
		}
		if l.sum, err = engine.SummaryOf(l.plan); err != nil {
			return l, err
		}
		l.card = w.app.PortalOf(ctx, l.sync)
		l.seen, err = w.app.ChangedProperties(ctx, planID)
		return l, err
	}, func(l loaded) {
		w.open(newPlanScreen(w, l.sync, l.plan, l.sum, l.card, l.seen))
	}, nil)
}

// shownColumns is how many changed properties the grid has room for.
const shownColumns = 5

func newPlanScreen(w *window, y store.Sync, plan store.Plan, sum engine.Summary, portal store.Connection, changed []string) *planScreen {
	s := &planScreen{w: w, sync: y, plan: plan, summary: sum, portal: portal, source: w.app.SourceName(y)}
	s.columns = changed[:min(len(changed), shownColumns)]
	s.header = widgets.NewHeader("Plan: "+y.Name, fmt.Sprintf("%s rows read · made %s · nothing is written yet", look.Number(sum.Counts.Read), look.When(plan.Made, w.now())))
	s.header.OnBack = func() { w.goTo(placeHome) }
	s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "preview", "Preview again", func() { w.preview(y.Path) })}
	s.chips = widgets.NewChipBar(look.ChipFates(), func([]look.Meaning) { s.filter() })
	s.pages = newPages(w, func(ctx context.Context, ns []int) ([]store.Item, error) {
		return w.app.Store.ItemsByID(ctx, plan.ID, ns)
	}, s.came)
	s.makeGrid()
	s.explain = widgets.NewColumn(0)
	s.rails = widgets.NewColumn(8)
	s.apply = widgets.NewButton(widgets.Primary, "run", "", s.confirm)
	s.footer = widgets.NewPlanFooter(s.apply)
	s.makeGuards()
	split := container.NewHSplit(s.grid, container.NewVScroll(s.explain))
	split.Offset = 0.7
	top := container.NewVBox(s.header, container.New(margin(24, 8), s.chips.Container))
	bottom := container.NewVBox(container.New(margin(16, 0), s.rails), container.New(margin(16, 10), s.footer))
	s.root = container.NewBorder(top, bottom, nil, nil, split)
	s.count()
	return s
}

func (s *planScreen) content() fyne.CanvasObject { return s.root }
func (s *planScreen) focus()                     { s.grid.Focus() }
func (s *planScreen) show()                      { s.filter() }

// makeGrid makes the table: the row's fate and name, and the properties that
// change most.
func (s *planScreen) makeGrid() {
	cols := []grid.Column{
		{ID: "take", Check: true, Width: 36, Fixed: true},
		{ID: "fate", Title: "", Width: 40, Fixed: true},
		{ID: "name", Title: "Row", Width: 210, Grow: 1, Lead: true},
	}
	for _, p := range s.columns {
		cols = append(cols, grid.Column{ID: p, Title: p, Width: 170, Grow: 1})
	}
	s.grid = grid.New(look.RowComfortable, cols...)
	s.grid.Length = func() int { return len(s.pages.ids) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = s.selected
	s.grid.OnChecked = s.toggle
	s.grid.Empty = widgets.NewEmptyState("unchanged", "Nothing would change", "Both sides agree. When a row or a record is edited, it appears here.", nil)
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
		case !writes(it):
			return grid.Cell{}
		case it.Excluded:
			return grid.Cell{Check: grid.Unchecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Mark: fateMeaning(it)}
	case 2:
		return grid.Cell{Text: it.Name, Second: rowKey(it)}
	}
	return changeCell(it, s.columns[col-3])
}

func rowKey(it store.Item) string {
	switch {
	case it.RowKey == "":
		return it.RecordID
	case it.Line > 0:
		return fmt.Sprintf("%s · line %s", it.RowKey, look.Number(it.Line))
	}
	return it.RowKey
}

// writes tells whether applying the item writes anything.
func writes(it store.Item) bool {
	for _, e := range it.Edits {
		if e.Action == store.EditHubSpot || e.Action == store.EditSource {
			return true
		}
	}
	return it.Kind == store.ItemArchive
}

// fateMeaning is the fate as the window colours it.
func fateMeaning(it store.Item) look.Meaning {
	switch {
	case it.Excluded:
		return look.Skipped
	case it.Kind == store.ItemInvalid:
		return look.Invalid
	}
	return fateOf(it.Fate)
}

func fateOf(fate string) look.Meaning {
	switch fate {
	case store.FateCreated:
		return look.Create
	case store.FateUpdated:
		return look.Update
	case store.FateUnchanged:
		return look.Unchanged
	case store.FateConflict:
		return look.Conflict
	case store.FateSkipped:
		return look.Skipped
	case store.FateFailed:
		return look.Failed
	}
	return look.Neutral
}

// changeCell is one property of a row: how it changes, or its value.
func changeCell(it store.Item, property string) grid.Cell {
	for _, e := range it.Edits {
		if e.Property != property {
			continue
		}
		switch e.Action {
		case store.EditHubSpot, store.EditSource:
			ch := &widgets.Change{Fate: look.Update, New: str(e.New), Old: str(e.Old), ToSource: e.Action == store.EditSource}
			switch {
			case it.Fate == store.FateCreated || (str(e.Old) == "" && str(e.New) != ""):
				ch.Fate = look.Create
			case str(e.New) == "":
				ch.Fate = look.Cleared
			}
			return grid.Cell{Change: ch}
		case store.EditConflict:
			return grid.Cell{Change: &widgets.Change{Fate: look.Conflict, New: str(e.Source) + " / " + str(e.HubSpot), Note: "2 values, you decide"}}
		case store.EditDrift:
			return grid.Cell{Text: str(e.HubSpot), Style: grid.Label, Second: "edited there, left alone"}
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

// filter reads the numbers of the rows that the chips let through.
func (s *planScreen) filter() {
	f := store.ItemFilter{Fates: fatesOf(s.chips.On())}
	load(s.w, func(ctx context.Context) ([]int, error) { return s.w.app.Store.ItemIDs(ctx, s.plan.ID, f) }, func(ns []int) {
		s.pages.set(ns)
		s.grid.Refresh()
		if len(ns) > 0 {
			s.grid.Select(0)
		}
	}, nil)
}

// fatesOf are the fates that chips stand for. Invalid rows have the fate
// failed.
func fatesOf(on []look.Meaning) []string {
	var fates []string
	for _, m := range on {
		for _, f := range []string{store.FateCreated, store.FateUpdated, store.FateConflict, store.FateUnchanged, store.FateSkipped, store.FateFailed} {
			if fateOf(f) == m || (m == look.Invalid && f == store.FateFailed) {
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
	if !ok || !writes(it) {
		return
	}
	it.Excluded = !it.Excluded
	s.w.do(func(ctx context.Context) error {
		return s.w.app.Store.ExcludeItems(ctx, s.plan.ID, []int{it.N}, it.Excluded)
	}, func() {
		if page, ok := s.pages.rows[row/pageSize]; ok && row%pageSize < len(page) {
			page[row%pageSize] = it
		}
		s.grid.RefreshRow(row)
		if it.Excluded {
			s.excluded++
		} else {
			s.excluded--
		}
		s.count()
		s.selected(row)
	})
}

// count shows the numbers of the plan.
func (s *planScreen) count() {
	c := s.summary.Counts
	s.chips.SetCounts(map[look.Meaning]int{look.Create: c.Created, look.Update: c.Updated, look.Conflict: c.Conflict, look.Unchanged: c.Unchanged, look.Skipped: c.Skipped, look.Failed: c.Failed, look.Invalid: c.Failed})
	changes := c.Created + c.Updated - s.excluded
	s.apply.SetText(fmt.Sprintf("Apply %s changes", look.Number(changes)))
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", look.Number(n), what))
		}
	}
	add(c.Created-c.SourceCreated, "new records in HubSpot")
	add(c.Updated, "updates")
	add(c.SourceCreated, "new rows in "+s.source)
	add(c.SourceUpdated, "of the updates also change "+s.source)
	add(c.Archived, "records archived")
	if len(parts) == 0 {
		parts = []string{"Nothing would be written"}
	}
	s.footer.Writes = strings.Join(parts, " · ")
	s.footer.Costs = fmt.Sprintf("%s conflicts wait in Review and stay untouched · about %s calls", look.Number(c.Conflict), look.Number(s.summary.Calls))
	s.footer.Refresh()
	s.allow()
}

// makeGuards shows the guard rails that the plan goes beyond.
func (s *planScreen) makeGuards() {
	for _, g := range s.summary.Guards {
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
	c := s.summary.Counts
	if s.plan.State != "ready" {
		s.apply.SetReason("This plan was applied already")
		return
	}
	if c.Created+c.Updated-s.excluded == 0 && c.Conflict+c.Unchanged == 0 {
		s.apply.SetReason("There is nothing to write")
		return
	}
	s.apply.SetReason("")
}

// confirm applies the plan; in a production portal the dialog names it.
func (s *planScreen) confirm() {
	start := func() { s.w.startRun(s.sync.Path, s.plan.ID, len(s.guards) > 0) }
	if portalMeaning(s.portal.Kind, s.portal.AccountType) != look.Production {
		start()
		return
	}
	d := widgets.NewConfirm("Apply to "+s.portal.Name+"?", s.footer.Writes+". "+s.footer.Costs+".", s.apply.Text, false, start)
	d.Portal, d.Note = look.Production, s.portal.Name
	d.Open(s.w.win.Canvas())
}

// selected explains a row.
func (s *planScreen) selected(row int) {
	it, ok := s.pages.at(row)
	if !ok {
		return
	}
	var open func()
	if it.RecordID != "" && s.portal.UIDomain != "" {
		open = func() {
			u, err := url.Parse(fmt.Sprintf("https://%s/contacts/%d/record/%s/%s", s.portal.UIDomain, s.portal.PortalID, s.sync.Object, it.RecordID))
			if err == nil {
				err = s.w.fyne.OpenURL(u)
			}
			if err != nil {
				s.w.fail(err)
			}
		}
	}
	s.explain.Objects = []fyne.CanvasObject{widgets.NewExplainHead(fateMeaning(it), it.Name, rowKey(it), open)}
	agreed := 0
	for _, e := range it.Edits {
		if e.Action == store.EditAdopt {
			agreed++
			continue
		}
		s.explain.Add(s.explained(e))
	}
	if len(it.Edits) == agreed {
		s.explain.Add(container.New(margin(14, 10), widgets.NewParagraph(sentenceCase(it.Reason), look.Body, look.T2)))
	}
	if agreed > 0 {
		s.explain.Add(widgets.NewFold("unchanged", fmt.Sprintf("%d fields already agree", agreed), nil))
	}
	s.explain.Refresh()
}

// explained is one field of the explanation.
func (s *planScreen) explained(e store.Edit) fyne.CanvasObject {
	name := e.Field
	if name == "" {
		name = e.Property
	}
	var tag *widgets.Tag
	var values []widgets.Explained
	switch e.Action {
	case store.EditHubSpot, store.EditSource:
		tag = widgets.NewFlowTag(e.Action == store.EditSource, s.source)
		values = []widgets.Explained{{Label: "New", Value: str(e.New), Strong: true}, {Label: "Old", Value: str(e.Old)}}
	default:
		values = []widgets.Explained{{Label: "Source", Value: str(e.Source), Ink: look.Source}, {Label: "HubSpot", Value: str(e.HubSpot), Ink: look.HubSpot}}
	}
	if e.Agreed {
		values = append(values, widgets.Explained{Label: "Base", Value: str(e.BaseRem)})
	}
	f := widgets.NewExplainField(name, tag, values, e.Reason)
	if e.Action == store.EditConflict {
		f.Action = widgets.NewButton(widgets.Plain, "review", "Decide in Review", func() { s.w.goTo(placeReview) })
		f.Action.Small = true
	}
	return f
}

// sentenceCase begins a reason with a capital.
func sentenceCase(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// preview makes a new plan of the definition at path and shows it.
func (w *window) preview(path string) {
	w.job(app.JobPreview, path, "", false, filepath.Base(path))
}
