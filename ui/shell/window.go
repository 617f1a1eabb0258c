// Package shell is the window without its rooms: frame, rail and status bar,
// what is in front, menus, dialogs for files, toasts and errors, and work off the
// UI thread. Every room stands on it and knows no other room; they open each other
// by way of Rooms.
package shell

import (
	"context"
	"net/url"
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
	"syncline/ui/wording"
)

// Screen is what the content area shows.
type Screen interface {
	// Content is the screen's root; it is made once.
	Content() fyne.CanvasObject
	// Show is called each time the screen comes to the front: it reads its
	// data anew, off the UI thread.
	Show()
	// Focus puts the keyboard where the screen's work is done.
	Focus()
	// Head is the top of the screen, which the frame fits to its width.
	Head() *widgets.Header
}

// Place is an entry of the rail.
type Place int

// The entries of the rail, in order.
const (
	PlaceHome Place = iota
	PlaceReview
	PlaceRuns
	PlaceRecords
	PlaceConnections
	PlaceSettings
)

// fitter is a screen that does with less where the window is narrow.
type fitter interface{ Fit(compact bool) }

// ofPortal is a screen that is about one portal.
type ofPortal interface {
	// PortalID is the portal's id, 0 where it is not known.
	PortalID() int64
}

// Window is the main window: its frame, what is in front, and what every room
// needs. It knows no room: they open each other by way of rooms. Its methods
// run on the UI thread unless they say otherwise.
type Window struct {
	App   *app.App
	Fyne  fyne.App
	Win   fyne.Window
	Post  post.Func       // runs a function on the UI thread; dropped when the window has ended
	Ctx   context.Context // ends with the window
	Rooms Rooms           // set before the first screen is opened
	Now   func() time.Time
	// End ends the program in order.
	End func()
	// Fronted is told when another screen is in front, or the one in front can do
	// other things than before.
	Fronted func(Screen)

	stop  context.CancelFunc
	wg    sync.WaitGroup // loads and pumps under way
	loads atomic.Int64   // how many of them are loads
	// onScreen is the id of the portal that the current screen is about, 0 for
	// none; the status is read off the UI thread.
	onScreen atomic.Int64
	order    Order // of what people decide and change
	rail     *widgets.Rail
	bar      *widgets.StatusBar
	layer    *widgets.Layer
	stack    *fyne.Container

	chooser  fileChooser // the system's dialog for files, nil for none
	choosing bool        // it is open

	places  [PlaceSettings + 1]Screen
	current Screen
	compact bool // the window is narrow
	lastErr *app.Explanation

	waiting  []*widgets.Segment        // those that count what waits for a person
	atWork   []UnderWay                // in the order in which it began
	beforeGo []func() (Question, bool) // asked before the window closes
}

// Host is the window, or a room that embeds it.
type Host interface{ frame() *Window }

func (w *Window) frame() *Window { return w }

// New makes the window on an open workspace, without a room in it. poster
// runs functions on the UI thread.
func New(a *app.App, f fyne.App, poster post.Func) *Window {
	w := &Window{App: a, Fyne: f, End: func() {}, Fronted: func(Screen) {}, Now: time.Now}
	w.Ctx, w.stop = context.WithCancel(context.Background())
	w.Post = func(f func()) {
		if w.Ctx.Err() == nil { // the loop that would run it may be gone with the window
			poster(f)
		}
	}
	w.Win = f.NewWindow("Syncline")
	w.rail = widgets.NewRail([]widgets.RailItem{
		{Icon: "home", Word: "Home"}, {Icon: "review", Word: "Review"}, {Icon: "runs", Word: "Runs"}, {Icon: "records", Word: "Records"},
		{Icon: "connections", Word: "Connections"}, {Icon: "settings", Word: "Settings"},
	}, func(i int) { w.GoTo(Place(i)) })
	w.bar = widgets.NewStatusBar()
	w.bar.OnError = w.showLastError
	w.stack = container.NewStack()
	frame := container.New(&frameLayout{w: w}, w.rail, w.stack, w.bar)
	content, layer := widgets.WithLayer(frame)
	w.layer = layer
	w.Win.SetContent(content)
	w.Win.SetMaster()
	w.Win.SetPadded(false)
	w.Win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.Rooms.Dropped(uris) })
	w.Win.SetCloseIntercept(w.Close)
	w.restoreSize()
	return w
}

// Furnish gives the window the screens of the rail's entries, in their order,
// and opens the first.
func (w *Window) Furnish(places ...Screen) {
	copy(w.places[:], places)
	w.OpenUnder(PlaceHome, w.places[PlaceHome])
}

// prefPlace is the entry of the rail that was opened last.
const prefPlace = "window.place"

// GoTo opens a place of the rail, and remembers it for the next start.
func (w *Window) GoTo(p Place) {
	w.Fyne.Preferences().SetInt(prefPlace, int(p))
	w.OpenUnder(p, w.places[p])
}

// Reopen opens the place of the rail at which the window was left the last time.
func (w *Window) Reopen() {
	if p := Place(w.Fyne.Preferences().Int(prefPlace)); p > PlaceHome && p <= PlaceSettings {
		w.GoTo(p)
	}
}

// Current is the screen in front.
func (w *Window) Current() Screen { return w.current }

// ScreenOf is the screen of a place of the rail.
func (w *Window) ScreenOf(p Place) Screen { return w.places[p] }

// Narrow reports whether the window is so narrow that screens do with less.
func (w *Window) Narrow() bool { return w.compact }

// LastError is the error that the status bar leads to, nil for none.
func (w *Window) LastError() *app.Explanation { return w.lastErr }

// LastToast is the toast that is shown, nil for none.
func (w *Window) LastToast() *widgets.Toast { return w.layer.Toast() }

// At reports whether the screen of a place of the rail is in front.
func (w *Window) At(p Place) bool { return w.current == w.places[p] }

// OpenUnder brings a screen to the front that belongs to a place of the rail.
func (w *Window) OpenUnder(p Place, s Screen) {
	w.rail.SetCurrent(int(p))
	w.Open(s)
}

// Open brings a screen to the front.
func (w *Window) Open(s Screen) {
	w.current = s
	w.fitHead()
	w.Changed(s)
	w.layer.HideTip() // its owner goes with the old screen
	w.Win.Canvas().SetOnTypedKey(w.typedKey)
	w.stack.Objects = []fyne.CanvasObject{s.Content()}
	w.stack.Refresh()
	s.Show()
	s.Focus()
	w.RefreshStatus()
}

// Changed tells the frame that a screen can do other things than before, or is
// about another portal. Only of the one in front that is news.
func (w *Window) Changed(s Screen) {
	if w.current != s {
		return
	}
	id := int64(0)
	if p, ok := s.(ofPortal); ok {
		id = p.PortalID()
	}
	w.onScreen.Store(id)
	w.Fronted(s)
}

// Idle reports whether no load is under way. It may be called from any
// goroutine.
func (w *Window) Idle() bool { return w.loads.Load() == 0 }

// Background runs a function on a goroutine that the window waits for at its
// end; the function ends with ctx.
func (w *Window) Background(f func()) { w.wg.Go(f) }

// typedKey gets the keys that no part of a screen has the focus for, and
// Escape from those that have.
func (w *Window) typedKey(e *fyne.KeyEvent) {
	if len(w.Win.Canvas().Overlays().List()) > 0 {
		return // a menu or dialog over the screen has the key, used or not
	}
	if h := w.current.Head(); e.Name == fyne.KeyEscape && h != nil && h.OnBack != nil {
		h.OnBack()
	}
}

// Load does work off the UI thread and shows what came of it there. An error
// goes to fail, or with fail nil to the status bar and a dialog.
func Load[T any](in Host, work func(context.Context) (T, error), show func(T), fail func(error)) {
	load(in.frame(), work, show, fail, func() {})
}

// load is Load that calls after when it has posted what came of the work, or the
// window is gone.
func load[T any](w *Window, work func(context.Context) (T, error), show func(T), fail func(error), after func()) {
	w.loads.Add(1)
	w.wg.Go(func() {
		defer w.loads.Add(-1)
		defer after()
		v, err := work(w.Ctx)
		if w.Ctx.Err() != nil {
			return // the window is gone
		}
		w.Post(func() {
			switch {
			case err == nil:
				show(v)
			case fail != nil:
				fail(err)
			default:
				w.Fail(err)
			}
		})
	})
}

// OpenPage opens a page in the browser, or says why it can't be opened.
func (w *Window) OpenPage(page string) {
	u, err := url.Parse(page)
	if err == nil {
		err = w.Fyne.OpenURL(u)
	}
	if err != nil {
		w.Fail(err)
	}
}

// Do is load for work without a result.
func (w *Window) Do(work func(context.Context) error, then func()) {
	Load(w, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) }, func(struct{}) { then() }, nil)
}

// Fail shows an error: what happened, what it means, what to do.
func (w *Window) Fail(err error) {
	w.Note(app.Explain(err))
	w.showLastError()
}

// Note keeps an error, which a screen shows itself, within reach of the status
// bar.
func (w *Window) Note(e app.Explanation) {
	w.lastErr = &e
	w.RefreshStatus()
}

func (w *Window) showLastError() {
	if w.lastErr == nil {
		return
	}
	e := *w.lastErr
	what, means := e.What, wording.JoinSentences(e.Means, e.Do)
	if strings.Contains(what, "\n") || look.Strong.Width(what) > 480 { // a title has one line
		what, means = "What happened", wording.JoinSentences(e.What, means)
	}
	p := widgets.NewErrorPanel(what, means, e.CorrelationID)
	d := widgets.NewDialog("This did not work", "", p)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.Win.Canvas())
}

// Toast says in passing that something was done.
func (w *Window) Toast(m look.Meaning, text, action string, do func()) {
	w.layer.ShowToast(widgets.NewToast(m, text, action, do))
}

// Question is what a person is asked before the window closes.
type Question struct {
	Title, Text string
	Act         string // what closes it all the same
	Danger      bool   // something would be lost
}

// AskBeforeClose lets a room ask whether the window may close; it reports
// whether there is anything to ask.
func (w *Window) AskBeforeClose(ask func() (Question, bool)) {
	w.beforeGo = append(w.beforeGo, ask)
}

// Close asks when something would be lost or work is under way; what is stopped
// goes on at the next run.
func (w *Window) Close() {
	for _, ask := range w.beforeGo {
		if q, yes := ask(); yes {
			widgets.NewConfirm(q.Title, q.Text, q.Act, q.Danger, w.Quit).Open(w.Win.Canvas())
			return
		}
	}
	n := len(w.App.Running()) + len(w.App.RunningSets())
	if n == 0 {
		w.Quit()
		return
	}
	widgets.NewConfirm("A run is under way", "Stopping keeps what was written. The next run goes on where this one stopped.",
		"Stop and quit", false, w.Quit).Open(w.Win.Canvas())
}

// Quit ends the program: the window goes at once, the work under way in order.
func (w *Window) Quit() {
	w.saveSize()
	w.Win.SetCloseIntercept(func() {}) // it ends already
	w.Win.Hide()
	w.stop()
	w.End()
}

// EndWork ends what the window began: jobs and loads, which it waits for, then
// the workspace. It runs off the UI thread.
func (w *Window) EndWork() error {
	w.stop()
	w.App.StopAll()
	w.wg.Wait()
	return w.App.Close()
}
