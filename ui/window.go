// Package ui is the window: one file or folder per screen, over the use-cases
// of package app. It holds no rule of syncing, no SQL and no HTTP.
package ui

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/widgets"
)

// screen is what the content area shows.
type screen interface {
	// content is the screen's root; it is made once.
	content() fyne.CanvasObject
	// show is called each time the screen comes to the front: it reads its
	// data anew, off the UI thread.
	show()
	// focus puts the keyboard where the screen's work is done.
	focus()
	// head is the top of the screen, which the frame fits to its width.
	head() *widgets.Header
}

// place is an entry of the rail.
type place int

// The entries of the rail, in order.
const (
	placeHome place = iota
	placeReview
	placeRuns
	placeConnections
	placeSettings
)

// window is the main window. Its methods run on the UI thread unless they say
// otherwise.
type window struct {
	app   *app.App
	fyne  fyne.App
	win   fyne.Window
	post  post.Func
	ctx   context.Context // ends with the window
	stop  context.CancelFunc
	end   func()         // ends the program in order; set by Run
	wg    sync.WaitGroup // loads and pumps under way
	loads atomic.Int64   // how many of them are loads
	// onScreen is the id of the portal that the current screen is about, 0 for
	// none; the status is read off the UI thread.
	onScreen atomic.Int64
	// lastInOrder is closed when the newest of the works in order is done.
	lastInOrder chan struct{}
	rail        *widgets.Rail
	bar         *widgets.StatusBar
	layer       *widgets.Layer
	menu        *mainMenu
	stack       *fyne.Container
	now         func() time.Time
	firstLook   time.Duration // see planScreen.confirm

	chooser  fileChooser // the system's dialog for files, nil for none
	choosing bool        // it is open

	unsaved map[string]*mapScreen // field maps whose edits could not be saved, by path

	places  [placeSettings + 1]screen
	current screen
	home    *home
	review  *review
	failed  *attention
	compact bool // the window is narrow
	lastErr *app.Explanation

	working    map[string]*runScreen // jobs under way, by definition or undone run
	sets       map[string]*setScreen // those that were opened, by the set's document
	unfinished *newSyncScreen        // the new sync that was begun, nil if there is none
	// unfinishedSet is the new set that was begun, nil if there is none.
	unfinishedSet *setMaker
}

// newWindow makes the window on an open workspace. poster runs functions on
// the UI thread.
func newWindow(a *app.App, f fyne.App, poster post.Func) *window {
	w := &window{app: a, fyne: f, end: func() {}, now: time.Now, unsaved: map[string]*mapScreen{}, working: map[string]*runScreen{}, sets: map[string]*setScreen{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.post = func(f func()) {
		if w.ctx.Err() == nil { // the loop that would run it may be gone with the window
			poster(f)
		}
	}
	w.win = f.NewWindow("Syncline")
	w.rail = widgets.NewRail([]widgets.RailItem{
		{Icon: "home", Word: "Home"}, {Icon: "review", Word: "Review"}, {Icon: "runs", Word: "Runs"},
		{Icon: "connections", Word: "Connections"}, {Icon: "settings", Word: "Settings"},
	}, func(i int) { w.goTo(place(i)) })
	w.bar = widgets.NewStatusBar()
	w.bar.OnError = w.showLastError
	w.stack = container.NewStack()
	w.home = newHome(w)
	w.review = newReview(w)
	w.failed = newAttention(w)
	w.places = [...]screen{w.home, w.review, newRuns(w), newConnections(w), newSettings(w)}
	frame := container.New(&frameLayout{w: w}, w.rail, w.stack, w.bar)
	content, layer := widgets.WithLayer(frame)
	w.layer = layer
	w.win.SetContent(content)
	w.menu = newMainMenu(w)
	w.win.SetMainMenu(w.menu.menu)
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.dropped(uris) })
	w.win.SetCloseIntercept(w.close)
	w.restoreSize()
	w.goTo(placeHome)
	return w
}

// goTo opens a place of the rail.
func (w *window) goTo(p place) {
	w.rail.SetCurrent(int(p))
	w.open(w.places[p])
}

// open brings a screen to the front.
func (w *window) open(s screen) {
	w.current = s
	w.onScreen.Store(0)
	switch s := s.(type) {
	case *planScreen:
		w.onScreen.Store(s.view.Sync.PortalID)
	case *setScreen:
		w.onScreen.Store(s.portal())
	}
	w.fitHead()
	w.menu.fit(s)
	w.layer.HideTip() // its owner goes with the old screen
	w.win.Canvas().SetOnTypedKey(w.typedKey)
	w.stack.Objects = []fyne.CanvasObject{s.content()}
	w.stack.Refresh()
	s.show()
	s.focus()
	w.refreshStatus()
}

// typedKey gets the keys that no part of a screen has the focus for, and
// Escape from those that have.
func (w *window) typedKey(e *fyne.KeyEvent) {
	if h := w.current.head(); e.Name == fyne.KeyEscape && h != nil && h.OnBack != nil {
		h.OnBack()
	}
}

// load does work off the UI thread and shows what came of it there. An error
// goes to fail, or with fail nil to the status bar and a dialog.
func load[T any](w *window, work func(context.Context) (T, error), show func(T), fail func(error)) {
	w.wg.Add(1)
	w.loads.Add(1)
	go func() {
		defer w.wg.Done()
		defer w.loads.Add(-1)
		v, err := work(w.ctx)
		if w.ctx.Err() != nil {
			return // the window is gone
		}
		w.post(func() {
			switch {
			case err == nil:
				show(v)
			case fail != nil:
				fail(err)
			default:
				w.fail(err)
			}
		})
	}()
}

// inOrder is load for work that must be done in the order in which it was
// asked for, such as decisions that take each other back.
func inOrder[T any](w *window, work func(context.Context) (T, error), show func(T), fail func(error)) {
	before, done := w.lastInOrder, make(chan struct{})
	w.lastInOrder = done
	load(w, func(ctx context.Context) (T, error) {
		defer close(done)
		if before != nil {
			<-before
		}
		return work(ctx)
	}, show, fail)
}

// do is load for work without a result.
func (w *window) do(work func(context.Context) error, then func()) {
	load(w, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) }, func(struct{}) { then() }, nil)
}

// fail shows an error: what happened, what it means, what to do.
func (w *window) fail(err error) {
	e := app.Explain(err)
	w.lastErr = &e
	w.refreshStatus()
	w.showLastError()
}

func (w *window) showLastError() {
	if w.lastErr == nil {
		return
	}
	e := *w.lastErr
	what, means := e.What, joinSentences(e.Means, e.Do)
	if strings.Contains(what, "\n") || look.Strong.Width(what) > 480 { // a title has one line
		what, means = "What happened", joinSentences(e.What, means)
	}
	p := widgets.NewErrorPanel(what, means, e.CorrelationID)
	d := widgets.NewDialog("This did not work", "", p)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.win.Canvas())
}

func joinSentences(parts ...string) string {
	text := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if text != "" {
			text += " "
		}
		text += p
		if p[len(p)-1] != '.' {
			text += "."
		}
	}
	return text
}

// toast says in passing that something was done.
func (w *window) toast(m look.Meaning, text, action string, do func()) {
	w.layer.ShowToast(widgets.NewToast(m, text, action, do))
}

// dropped starts a new sync from a dropped file and a set from several, or
// imports a definition.
func (w *window) dropped(uris []fyne.URI) {
	switch len(uris) {
	case 0:
	case 1:
		if s, ok := w.current.(*setMaker); ok && !app.IsDefinition(uris[0].Path()) {
			s.add(uris[0].Path())
			return
		}
		if app.IsDefinition(uris[0].Path()) {
			w.importDefinition(uris[0].Path())
			return
		}
		w.newSync(uris[0].Path())
	default:
		var paths []string
		for _, u := range uris {
			if app.IsDefinition(u.Path()) {
				w.fail(fmt.Errorf("%s is a definition and no file of rows: drop it by itself to import it", filepath.Base(u.Path())))
				return
			}
			paths = append(paths, u.Path())
		}
		w.newSet(paths...)
	}
}

// close asks when work is under way; what is stopped goes on at the next run.
func (w *window) close() {
	if len(w.unsaved) > 0 {
		widgets.NewConfirm("A field map is not saved", "Its last edits have a problem that keeps them from being saved. Open it from Home to settle that, or quit without them.",
			"Quit without them", true, w.quit).Open(w.win.Canvas())
		return
	}
	n := len(w.app.Running()) + len(w.app.RunningSets())
	if n == 0 {
		w.quit()
		return
	}
	widgets.NewConfirm("A run is under way", "Stopping keeps what was written. The next run goes on where this one stopped.",
		"Stop and quit", false, w.quit).Open(w.win.Canvas())
}

// quit ends the program: the window goes at once, the work under way in order.
func (w *window) quit() {
	w.saveSize()
	w.win.SetCloseIntercept(func() {}) // it ends already
	w.win.Hide()
	w.stop()
	w.end()
}

// endWork ends what the window began: jobs and loads, which it waits for, then
// the workspace. It runs off the UI thread.
func (w *window) endWork() error {
	w.stop()
	w.app.StopAll()
	w.wg.Wait()
	return w.app.Close()
}
