package plan

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// Screen shows what a run would do, before it does it, or what it did.
type Screen struct {
	w       *Room
	view    app.PlanView
	source  string       // the source as people call it: the file's name
	applied bool         // the plan is history: fates are what came of it
	part    app.Part     // of the run that the plan undoes
	set     shell.Screen // the set whose plan it is part of, nil where it is by itself
	opened  time.Time    // when somebody could first see it

	header   *widgets.Header
	chips    *widgets.ChipBar
	find     *widgets.Entry
	grid     *grid.Grid
	pages    *shell.Pages[int, plan.Item]
	columns  []app.PlanColumn // properties shown, in the grid's order
	explain  *fyne.Container
	rails    *fyne.Container
	guards   []*widgets.GuardRail
	footer   *widgets.PlanFooter
	apply    *widgets.Button
	root     fyne.CanvasObject
	sums     *fyne.Container // what the making of the plan told, and what an undo puts back
	told     int             // how many of these are notes
	stamp    app.Stamp
	undo     *widgets.Button // takes the last step back; nil where the plan is history
	redo     *widgets.Button
	lane     engine.LaneChoice // by which way new records go to HubSpot, where a person chose one
	excluded int
	order    app.ItemOrder
	values   shell.Turns // of what values become
	listed   shell.Turns // of the rows that the chips and the search let through
	keeping  bool        // somebody wants it applied, and a change of it is being kept
}

// OpenPlan shows a stored plan, with what its making had to tell; part is the
// part of the run that it undoes.
func (w *Room) OpenPlan(planID string, part app.Part, notes ...string) {
	shell.Load(w, func(ctx context.Context) (app.PlanView, error) { return w.App.PlanView(ctx, planID) },
		func(v app.PlanView) { w.Open(newScreen(w, v, part, notes...)) }, nil)
}

// shownColumns is how many changed properties the grid has room for.
const shownColumns = 4

func newScreen(w *Room, v app.PlanView, part app.Part, notes ...string) *Screen {
	s := &Screen{w: w, view: v, source: w.App.SourceName(v.Sync), applied: v.State != plan.Ready, excluded: v.Excluded, part: part}
	s.stamp = v.Stamp
	s.startColumns()
	s.makeHeader()
	fates := []look.Meaning{look.Create, look.Update, look.Conflict, look.Unchanged, look.Skipped, s.refused()}
	if c := v.Summary.Counts; c.Associated+c.Dissociated > 0 && !v.Summary.OfEdges {
		fates = slices.Insert(fates, 2, look.Associated)
	}
	if s.begun() && v.Run.Counts.ToDo > 0 {
		fates = append(fates, look.ToDo)
	}
	if s.undoes() {
		fates = []look.Meaning{look.Update, look.Skipped}
		if s.applied {
			fates = append(fates, s.refused())
		}
	}
	s.chips = widgets.NewChipBar(fates, func([]look.Meaning) { s.filter() })
	s.nameChips()
	s.find = widgets.NewSearchEntry("Find in plan", func(string) { s.filter() })
	s.pages = shell.NewPages(w, func(ctx context.Context, ns []int) ([]plan.Item, error) {
		return w.App.ListedItems(ctx, v.ID, ns)
	}, s.came)
	s.makeGrid()
	s.explain = widgets.NewColumn(0)
	s.rails = widgets.NewColumn(8)
	s.apply = widgets.NewButton(widgets.Primary, "run", "", s.confirm)
	s.footer = widgets.NewPlanFooter(s.apply, widgets.NewButton(widgets.Plain, "export", "Export plan", s.Export))
	s.makeGuards()
	split := widgets.NewSplit(s.grid, container.NewVScroll(s.explain), w.PaneWidth(shell.PrefExplanation, look.ExplanationWidth))
	split.Least, split.Rest = look.ExplanationSlim, 420
	split.OnResized = w.KeepPane(shell.PrefExplanation)
	find := container.NewGridWrap(fyne.NewSize(170, look.ControlHeight), s.find)
	s.sums = widgets.NewPaddedColumn(8, 24, 8)
	if told := slices.Compact(append(slices.Clone(v.Summary.Notes), notes...)); len(told) > 0 {
		s.sums.Add(widgets.NewInfoBox(wording.JoinSentences(told...)))
	}
	s.told = len(s.sums.Objects)
	if s.told == 0 && !s.undoes() {
		s.sums.Hide()
	}
	top := container.NewVBox(s.header, s.sums, container.New(layouts.Margin(24, 8), container.NewBorder(nil, nil, nil, find, s.chips.Container)))
	top.Layout = layouts.Stacked{}
	bottom := container.NewVBox(widgets.NewSeparator(), container.New(layouts.Margin(24, 0), s.rails))
	if s.applied {
		s.header.Buttons = append([]*widgets.Button{widgets.NewButton(widgets.Plain, "export", "Export changes", s.Export)}, s.header.Buttons...)
	} else {
		if told := s.makeReading(); told != nil {
			bottom.Add(container.New(layouts.Margin(24, 8), told))
		}
		if ways := s.makeWays(); ways != nil {
			bottom.Add(container.New(layouts.Margin(24, 8), ways))
		}
		bottom.Add(container.New(layouts.Margin(24, 10), s.footer))
	}
	s.root = container.NewBorder(top, bottom, nil, nil, split)
	s.count()
	s.startFilter()
	return s
}

// makeHeader says what the screen shows: a plan that waits, or a run's changes.
func (s *Screen) makeHeader() {
	v := s.view
	read := fmt.Sprintf("%s rows read from %s", look.Number(v.Summary.Counts.Read), s.source)
	again := widgets.NewButton(widgets.Plain, "retry", "Make a new plan", s.Anew)
	switch {
	case s.undoes():
		s.undoHeader()
	case !s.applied:
		s.header = widgets.NewHeader("Plan: "+v.Sync.Name, "")
		s.header.Buttons = []*widgets.Button{again}
		if !v.Summary.OfEdges && v.Sync.Parent == 0 {
			twins := widgets.NewButton(widgets.Plain, "people", "Duplicates", func() { s.w.Rooms.Duplicates(v.Sync.Path) })
			twins.Hint = "Look for what this plan would make twice"
			s.header.Buttons = []*widgets.Button{twins, again}
		}
	default:
		state := fmt.Sprintf("Plan %s is out of date · nothing was written", v.ID)
		if v.Run != nil {
			state = fmt.Sprintf("Run %s · %s · %s", v.Run.ID, look.When(v.Run.Started, s.w.Now()), read)
		}
		s.header = widgets.NewHeader("Changes: "+v.Sync.Name, state)
		again.Text, again.Icon = "Preview again", "preview"
		s.header.Buttons = []*widgets.Button{again}
	}
	if v.Run != nil {
		s.header.Buttons = append(s.header.Buttons, widgets.NewButton(widgets.Plain, "file", "Report", func() { s.w.Rooms.Report(v.Run.ID) }))
	}
	if v.SQL {
		s.header.Buttons = append(s.header.Buttons, widgets.NewButton(widgets.Plain, "database", "SQL", s.showSQL))
	}
	if len(v.Columns) > 0 {
		s.header.Buttons = append([]*widgets.Button{
			widgets.NewIconButton(widgets.Plain, "columns", "Which properties are shown", s.chooseColumns),
			widgets.NewIconButton(widgets.Plain, "transform", "What each value of a field becomes", s.Values)}, s.header.Buttons...)
	}
	if !s.applied {
		s.makeSteps()
	}
	s.stamped(s.stamp)
	s.header.OnBack = func() { s.w.GoTo(s.back()) }
}

// stamped says which revision of itself the plan is now: what is applied is the
// revision that this line names.
func (s *Screen) stamped(to app.Stamp) {
	s.stamp = to
	if s.applied {
		return
	}
	s.allowSteps()
	v := s.view
	which := fmt.Sprintf("Frozen %s as %s", look.WhenInside(v.Made, s.w.Now()), v.ID)
	if to.Revision > 0 {
		which = fmt.Sprintf("Revision %s of %s by you, hash %.8s", look.Number(to.Revision), v.ID, to.Hash)
	}
	if s.undoes() {
		s.header.SetState("Nothing has been restored yet · " + which)
		return
	}
	s.header.SetState(fmt.Sprintf("%s · %s rows read from %s · nothing is written yet", which, look.Number(v.Summary.Counts.Read), s.source))
}

// Anew makes a new plan. What was taken out of this one or edited in it is
// taken over.
func (s *Screen) Anew() {
	if s.set != nil {
		s.w.Open(s.set) // which makes its plans together
		return
	}
	if s.undoes() {
		s.w.Rooms.Work(app.Work{Kind: app.JobPreviewUndo, Arg: s.view.UndoOf, Part: s.part, Instead: s.view.ID}, s.view.Sync.Name)
		return
	}
	old := ""
	if !s.applied {
		old = s.view.ID
	}
	s.w.Rooms.Work(app.Work{Kind: app.JobPreview, Path: s.view.Sync.Path, Instead: old}, s.view.Sync.Name)
}

// back is where the way back leads.
func (s *Screen) back() shell.Place {
	if s.applied {
		return shell.PlaceRuns
	}
	return shell.PlaceHome
}

// begun reports whether a run has begun with the plan: fates are then what it
// came to, or what of it is still to do.
func (s *Screen) begun() bool { return s.view.Run != nil }

// refused is what rows that can't be written are called: before a run they are
// invalid, after it they failed.
func (s *Screen) refused() look.Meaning {
	if s.applied {
		return look.Failed
	}
	return look.Invalid
}

// View is the plan as the workspace has it.
func (s *Screen) View() app.PlanView { return s.view }

// Rows is how many rows the chips and the search let through.
func (s *Screen) Rows() int { return len(s.pages.IDs) }

// Item is a row of those; false while it is being read.
func (s *Screen) Item(row int) (plan.Item, bool) { return s.pages.At(row) }

// Apply presses the button that applies the plan.
func (s *Screen) Apply() { s.apply.Tapped(nil) }

// PortalID is the portal that the plan is of.
func (s *Screen) PortalID() int64 { return s.view.Sync.PortalID }

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Focus implements shell.Screen.
func (s *Screen) Focus() { s.grid.Focus() }

// Show implements shell.Screen.
func (s *Screen) Show() {
	if s.opened.IsZero() {
		s.opened = s.w.Now()
	}
	s.filter()
}

// startFilter shows first what wants to be looked at: the rows that change or
// can't. Where nothing would change, all rows.
func (s *Screen) startFilter() {
	s.chips.SetOn(look.Create, look.Update, look.Associated, look.Conflict, s.refused(), look.ToDo)
	if s.undoes() { // what stays is as much news as what goes back
		s.chips.SetOn(look.Update, look.Skipped, s.refused())
	}
	if len(s.chips.On()) == 0 {
		s.chips.SetOn(look.Unchanged, look.Skipped)
	}
}

// makeGrid makes the table: the row's fate and name, and the properties that
// change most.
func (s *Screen) makeGrid() {
	s.grid = grid.New(look.RowComfortable)
	s.showColumns()
	s.grid.OnSorted = s.sorted
	s.grid.OnColumns = func(fyne.Position) { s.chooseColumns() }
	s.grid.Length = func() int { return len(s.pages.IDs) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = s.selected
	s.grid.OnChecked = s.toggle
	s.grid.OnActivated = func(int) { s.editRow("") }
	s.grid.AllChecked = s.allChecked
	s.grid.OnCheckedAll = s.toggleAll
	s.noRows()
}

// noRows says why the table is empty.
func (s *Screen) noRows() {
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

// filter reads the numbers of the rows that the chips and the search let
// through.
func (s *Screen) filter() {
	f := app.ItemFilter{Fates: fatesOf(s.chips.On()), Text: strings.TrimSpace(s.find.Text), Outcome: s.begun()}
	order, was := s.order, -1
	if at := s.grid.Current(); at >= 0 && at < len(s.pages.IDs) {
		was = s.pages.IDs[at] // the row that is looked at stays so, where it is listed still
	}
	shell.LoadKept(s.w, &s.listed, func(ctx context.Context) ([]int, error) { return s.w.App.ListItems(ctx, s.view.ID, f, order) }, func(ns []int) {
		s.pages.Set(ns)
		s.grid.Refresh()
		if at := max(slices.Index(ns, was), 0); len(ns) > 0 {
			s.grid.Select(-1) // so that it is news also where another row stands there now
			s.grid.Select(at)
		} else {
			s.selected(-1)
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
		for _, f := range []plan.Fate{plan.FateCreated, plan.FateUpdated, plan.FateConflict, plan.FateUnchanged, plan.FateSkipped, plan.FateFailed, plan.FateToDo, plan.FateAssociated} {
			if wording.FateOf(f) == m {
				fates = append(fates, f)
			}
		}
	}
	return fates
}

// came shows rows that were read.
func (s *Screen) came(from, to int) {
	for i := from; i < to; i++ {
		s.grid.RefreshRow(i)
	}
	if c := s.grid.Current(); c >= from && c < to {
		s.selected(c)
	}
}

// toggle takes a row out of the plan or puts it back.
func (s *Screen) toggle(row int) {
	it, ok := s.pages.At(row)
	if !ok || !writes(it) || s.applied {
		return
	}
	it.Excluded = !it.Excluded
	s.pages.Put(row, it)
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
	if s.undoes() { // what it puts back is summed up anew
		s.put([]int{it.N}, it.Excluded, s.took)
		return
	}
	shell.InOrder(s.w, func(ctx context.Context) (app.Stamp, error) {
		return s.w.App.ExcludeItems(ctx, s.view.ID, []int{it.N}, it.Excluded)
	}, s.stamped, s.reload)
}

// reload shows the plan as the workspace has it, after an error.
func (s *Screen) reload(err error) {
	s.w.Fail(err)
	shell.InOrder(s.w, func(ctx context.Context) (app.PlanView, error) { return s.w.App.PlanView(ctx, s.view.ID) }, func(v app.PlanView) {
		s.took(v)
		s.filter()
	}, nil)
}

// took shows the numbers of the plan as the workspace has it now.
func (s *Screen) took(v app.PlanView) {
	s.view, s.excluded = v, v.Excluded
	s.stamped(v.Stamp)
	s.count()
}

// changing is how many rows the plan would write.
func (s *Screen) changing() int {
	c := s.view.Summary.Counts
	return c.Created + c.Updated
}

// allChecked is the state of the box over the rows.
func (s *Screen) allChecked() grid.Check {
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
func (s *Screen) toggleAll(on bool) {
	s.exclude(slices.Clone(s.pages.IDs), !on)
}

// exclude takes rows out of the plan, or puts them back.
func (s *Screen) exclude(ns []int, out bool) {
	s.put(ns, out, func(v app.PlanView) {
		s.took(v)
		s.filter()
	})
}

// put keeps that rows are out of the plan or in it, and shows the plan as it is
// then.
func (s *Screen) put(ns []int, out bool, show func(app.PlanView)) {
	shell.InOrder(s.w, func(ctx context.Context) (app.PlanView, error) {
		if _, err := s.w.App.ExcludeItems(ctx, s.view.ID, ns, out); err != nil {
			return app.PlanView{}, err
		}
		return s.w.App.PlanView(ctx, s.view.ID)
	}, show, s.reload)
}

// count shows the numbers of the plan.
func (s *Screen) count() {
	c := s.view.Summary.Counts
	if s.begun() {
		c = s.view.Run.Counts
	}
	s.chips.SetCounts(map[look.Meaning]int{look.Create: c.Created, look.Update: c.Updated, look.Conflict: c.Conflict, look.Unchanged: c.Unchanged, look.Skipped: c.Skipped, s.refused(): c.Failed, look.ToDo: c.ToDo, look.Associated: c.Associated + c.Dissociated})
	s.apply.SetText("Apply " + look.Count(c.Created+c.Updated+s.edgeChanges(c)-s.excluded, "change", "changes"))
	if s.undoes() && !s.applied {
		s.sumUndo()
	}
	if s.set != nil {
		s.apply.SetText(wording.BackToSet)
	}
	s.footer.Writes = s.wouldWrite(c)
	cost := s.view.Cost
	cost.Calls += s.moreCalls()
	s.footer.Costs = wording.CostWords(cost)
	if c.Conflict > 0 {
		stay := look.Count(c.Conflict, "conflict stays", "conflicts stay") + " untouched on both sides and wait in Review"
		s.footer.Costs = stay + " · " + s.footer.Costs
	}
	s.footer.Refresh()
	s.allow()
}

// wouldWrite says what the plan writes where, in one line.
func (s *Screen) wouldWrite(c engine.Counts) string {
	if s.undoes() {
		return s.wouldUndo()
	}
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, look.Count(n, one, many))
		}
	}
	if !s.view.Summary.OfEdges {
		add(c.Created-c.SourceCreated, "new record in HubSpot", "new records in HubSpot")
		add(c.Updated-c.Archived, "update", "updates")
	}
	add(c.Associated, "association made", "associations made")
	add(c.Dissociated, "association removed", "associations removed")
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

// FirstLook is how long a plan is on the screen before it can be applied: the button
// may appear under the pointer of somebody who clicks another one twice.
const FirstLook = 700 * time.Millisecond

// Preview makes a new plan of the definition at path and shows it. Where one
// waits that a person changed, it asks first what becomes of the changes.
func (w *Room) Preview(path, name string) {
	shell.Load(w, func(ctx context.Context) (string, error) { return w.App.ChangedPlan(ctx, path) }, func(changed string) { w.PreviewInstead(path, name, changed) }, nil)
}

// PreviewInstead makes a new plan in the place of one that was changed, "" for
// none.
func (w *Room) PreviewInstead(path, name, changed string) {
	if changed == "" {
		w.Rooms.Work(app.Work{Kind: app.JobPreview, Path: path}, name)
		return
	}
	d := widgets.NewConfirm("A plan that you changed waits", "You took rows out of it, or edited what it writes, and did not apply it. The new plan takes that over and says what it could not.",
		"Take it over", false, func() { w.Rooms.Work(app.Work{Kind: app.JobPreview, Path: path, Instead: changed}, name) })
	d.Width = 560
	d.Others = []*widgets.Button{
		widgets.NewButton(widgets.Plain, "", "Open the one that waits", func() {
			d.Close()
			w.OpenPlan(changed, app.Part{})
		}),
		widgets.NewButton(widgets.Plain, "", "Start afresh", func() {
			d.Close()
			w.Rooms.Work(app.Work{Kind: app.JobPreview, Path: path}, name)
		})}
	d.Open(w.Win.Canvas())
}

// Export asks for a file and writes the whole plan into it.
func (s *Screen) Export() {
	name := s.view.Sync.Name + " " + s.view.ID + ".csv"
	s.w.SaveFile(name, []string{".csv", ".xlsx"}, func(path string) {
		s.w.WhenKept(func() {
			shell.Load(s.w, func(ctx context.Context) (int, error) { return s.w.App.ExportPlan(ctx, s.view.ID, path) }, func(n int) {
				s.w.Toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, "line", "lines"), filepath.Base(path)), "", nil)
			}, nil)
		})
	})
}

// edgeChanges are the associations that a plan writes beside its rows: where the
// rows are associations themselves they are counted as rows.
func (s *Screen) edgeChanges(c engine.Counts) int {
	if s.view.Summary.OfEdges {
		return 0
	}
	return c.Associated + c.Dissociated
}
