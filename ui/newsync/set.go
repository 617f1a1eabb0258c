package newsync

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/graph"
	"syncline/ui/wording"
)

// setMaker makes a set of several sheets or files: it shows what was read of
// them, how they are connected and what each becomes, and writes the documents.
type setMaker struct {
	w       *Room
	paths   []string
	draft   *app.SheetSet // nil until the files were read
	busy    string        // what is being read or written, "" when nothing is
	failed  error
	job     int // the newest reading; the answers of older ones are dropped
	cancel  context.CancelFunc
	portals []app.Connection
	types   []hubspot.ObjectType
	cards   []newSetPart

	header *widgets.Header
	graph  *graph.Graph
	pane   *fyne.Container
	split  fyne.CanvasObject
	body   *fyne.Container
	note   *widgets.Paragraph
	create *widgets.Button
	name   *widgets.Entry
	root   fyne.CanvasObject
}

// nothingYet stands at the foot while nothing is missing.
const nothingYet = "Kept while Syncline is open. Nothing is written to HubSpot before you apply a plan."

// newSetPart is what a card of the diagram stands for: a sheet or a link; the
// other is -1, and both are of an object type.
type newSetPart struct{ sheet, link int }

// NewSet opens the making of a set of files, beside those that were chosen
// already.
func (w *Room) NewSet(paths ...string) {
	s := w.unfinishedSet
	if s == nil {
		s = newSetMaker(w)
		w.unfinishedSet = s
	}
	w.Open(s)
	s.add(paths...)
}

func newSetMaker(w *Room) *setMaker {
	s := &setMaker{w: w, header: widgets.NewHeader("New set", ""), graph: graph.New()}
	s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Quiet, "", "Cancel", s.giveUp), widgets.NewButton(widgets.Plain, "folder", "Add a file…", s.ask)}
	s.header.OnBack = s.giveUp
	s.graph.Titles = [3]string{"Your rows", "In HubSpot", "Associations"}
	s.graph.OnSelected = func(int) { s.fillPane() }
	s.graph.OnOpened = func(int) { s.toggleChosen() }
	s.pane = widgets.NewColumn(0)
	split := widgets.NewSplit(container.NewVScroll(s.graph), container.NewVScroll(s.pane), w.PaneWidth(shell.PrefExplanation, look.ExplanationWidth))
	split.Least, split.Rest = look.ExplanationSlim, 520
	split.OnResized = w.KeepPane(shell.PrefExplanation)
	s.split = split
	s.body = container.NewStack()
	s.note = widgets.NewLine(nothingYet, look.Small, look.T2)
	s.create = widgets.NewButton(widgets.Primary, "create", "Create the set", s.save)
	s.root = container.NewBorder(s.header, newFooter(s.note, s.create), nil, nil, s.body)
	return s
}

func (s *setMaker) Content() fyne.CanvasObject { return s.root }
func (s *setMaker) Head() *widgets.Header      { return s.header }

func (s *setMaker) Focus() {
	if s.draft != nil {
		widgets.FocusOn(s.graph)
	}
}

// Show reads the portals each time: one may have been connected meanwhile.
func (s *setMaker) Show() {
	shell.Load(s.w, s.w.App.Connections, func(all []app.Connection) {
		s.portals = all
		if s.draft != nil && s.draft.Portal == "" && len(all) > 0 {
			s.choosePortal(all[0].Name)
			return
		}
		s.fill()
	}, nil)
}

// add reads files, together with those that were read already.
func (s *setMaker) add(paths ...string) {
	for _, p := range paths {
		if !slices.Contains(s.paths, p) {
			s.paths = append(s.paths, p)
		}
	}
	if len(s.paths) == 0 {
		s.fill()
		return
	}
	s.stop()
	ctx, cancel := context.WithCancel(s.w.Ctx)
	s.job, s.cancel = s.job+1, cancel
	job, all := s.job, slices.Clone(s.paths)
	s.busy, s.failed, s.draft = "Reading "+look.Count(len(all), "file", "files"), nil, nil
	s.fill()
	pump := post.NewPump(s.w.Post, func(text string) {
		if job == s.job && s.busy != "" {
			s.busy = text
			s.fill()
		}
	})
	s.w.Background(func() { pump.Run(ctx, progressEvery) })
	shell.Load(s.w, func(context.Context) (*app.SheetSet, error) {
		return s.w.App.ReadSheets(ctx, all, func(what string, rows int) {
			pump.Set(fmt.Sprintf("Reading %s: %s rows so far", what, look.Number(rows)))
		})
	}, func(d *app.SheetSet) {
		if job != s.job {
			return
		}
		s.stop()
		s.draft = d
		s.graph.Select(-1)
		s.name = nil
		if len(s.portals) > 0 {
			s.choosePortal(s.portals[0].Name)
		}
		s.fill()
		if s.w.Current() == shell.Screen(s) {
			s.Focus()
		}
	}, func(err error) {
		if job != s.job {
			return
		}
		s.stop()
		s.failed = err
		s.fill()
	})
}

func (s *setMaker) stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel, s.busy = nil, ""
}

// choosePortal reads which object types the portal has, and what can be
// suggested.
func (s *setMaker) choosePortal(name string) {
	s.draft.Portal = name
	s.study(true)
}

// study reads the properties of the sheets' object types from the portal, and
// with types which types it has. What a person does meanwhile counts: then it is
// read anew.
func (s *setMaker) study(types bool) {
	s.job++
	job, d := s.job, s.draft.Clone()
	s.busy = "Reading properties from " + d.Portal
	s.fill()
	type result struct {
		draft *app.SheetSet
		types []hubspot.ObjectType
	}
	shell.Load(s.w, func(ctx context.Context) (r result, err error) {
		r.draft = d
		if types {
			if r.types, err = s.w.App.OfferedObjects(ctx, d.Portal); err != nil {
				return r, err
			}
		}
		return r, s.w.App.ChooseObjects(ctx, d)
	}, func(r result) {
		if job != s.job {
			return
		}
		r.draft.Name = s.draft.Name
		s.busy, s.draft = "", r.draft
		if types {
			s.types = r.types
		}
		s.fill()
	}, func(err error) {
		if job == s.job {
			s.busy = ""
			s.fill()
			s.w.Fail(err)
		}
	})
}

// edited shows an edit; one that was made while something is read counts too.
func (s *setMaker) edited() {
	if s.busy != "" {
		s.study(s.types == nil)
		return
	}
	s.fill()
}

// ask opens the system's way to choose a file.
func (s *setMaker) ask() {
	s.w.ChooseFile("Choose a file", "Add this file", "Tables", sourceEndings, prefSourceFolder, func(path string) { s.add(path) })
}

// giveUp gives the set up; it asks when something would be lost by that.
func (s *setMaker) giveUp() {
	leave := func() {
		s.stop()
		s.job++
		s.w.unfinishedSet = nil
		s.w.GoTo(shell.PlaceHome)
	}
	if s.draft == nil {
		leave()
		return
	}
	widgets.NewConfirm("Give up this set?", "The choices made so far are forgotten. Nothing was written, and the files stay as they are.", "Give it up", false, leave).Open(s.w.Win.Canvas())
}

// taking is how many sheets take part.
func (s *setMaker) taking() (n int) {
	for _, one := range s.draft.Sheets {
		if !one.Out {
			n++
		}
	}
	return n
}

// fill shows what is known.
func (s *setMaker) fill() {
	s.create.SetReason("Choose files first")
	switch {
	case s.draft != nil:
		s.body.Objects = []fyne.CanvasObject{s.split}
		found := 0
		for _, l := range s.draft.Links {
			if l.On {
				found++
			}
		}
		s.header.State = fmt.Sprintf("%s · %s", look.Count(len(s.draft.Sheets), "sheet or file", "sheets and files"), look.Count(found, "link between them", "links between them"))
		if s.busy != "" {
			s.header.State = s.busy + " …"
		}
		s.create.SetText("Create the set of " + look.Count(s.taking(), "sync", "syncs"))
		reason := s.unready()
		s.create.SetReason(reason)
		if s.note.SetText(nothingYet); reason != "" {
			s.note.SetText(reason + ".")
		}
		s.fillGraph()
		s.fillPane()
	case s.failed != nil:
		e := app.Explain(s.failed)
		s.body.Objects = []fyne.CanvasObject{container.NewVScroll(widgets.NewPaddedColumn(12, look.PageMargin, look.PageMargin, widgets.NewErrorPanel(e.What, wording.JoinSentences(e.Means, e.Do), "")))}
	case s.busy != "":
		line := widgets.NewLine(s.busy+" …", look.Body, look.T2)
		line.Align = fyne.TextAlignCenter
		s.body.Objects = []fyne.CanvasObject{container.New(halfway{}, line)}
	default:
		zone := newDropZone(widgets.NewEmptyState("association", "Drop several files here", "Files or sheets that name each other’s rows, such as accounts, people and deals, become one set: their records and the associations between them.",
			widgets.NewButton(widgets.Plain, "folder", "Choose a file…", s.ask)))
		s.body.Objects = []fyne.CanvasObject{container.New(layouts.Margin(look.PageMargin, look.PageMargin), zone)}
	}
	s.header.Refresh()
	s.create.Refresh()
	s.root.Refresh()
}

// unready says why the set can't be made yet.
func (s *setMaker) unready() string {
	switch {
	case s.busy != "":
		return s.busy
	case len(s.portals) == 0:
		return "Connect a portal first"
	}
	return s.draft.Unready()
}

// save writes the documents and shows the set.
func (s *setMaker) save() {
	if s.draft == nil || s.unready() != "" {
		return
	}
	s.job++
	s.busy = "Saving"
	s.fill()
	d := s.draft.Clone()
	shell.Load(s.w, func(ctx context.Context) (string, error) { return s.w.App.SaveSet(ctx, d) }, func(path string) {
		s.w.unfinishedSet = nil
		s.w.Rooms.Set(path)
	}, func(err error) {
		s.busy = ""
		s.fill()
		s.w.Fail(err)
	})
}

// fileOf is what people call the source of a sheet.
func fileOf(one app.Sheet) string {
	if one.Sheet != "" {
		return one.Sheet + " in " + filepath.Base(one.Path)
	}
	return filepath.Base(one.Path)
}
