// Package shelltest puts tests of the window's rooms on a stage: a real window
// with all rooms, over a workspace in a folder of the test, without a display.
package shelltest

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/assets"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// Bench is a window over a workspace in a folder of the test; what its
// goroutines post runs when the test drains it.
type Bench struct {
	*testing.T
	W     *shell.Window
	posts chan func()
}

// furnished makes the window with all rooms. It comes with Main, because whoever
// knows all rooms stands above them, and their tests with them.
var furnished func(a *app.App, f fyne.App, poster post.Func) *shell.Window

// Main runs the tests of a package; furnish makes the window with all rooms.
func Main(m *testing.M, furnish func(a *app.App, f fyne.App, poster post.Func) *shell.Window) {
	furnished = furnish
	// What the program keeps outside of workspaces is not kept with the user's own.
	dir, err := os.MkdirTemp("", "syncline-config-")
	if err == nil {
		err = os.Setenv("XDG_CONFIG_HOME", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// New is a window on a new workspace, with practice on the practice portal.
func New(t *testing.T, mode look.Mode, practice bool) *Bench {
	t.Helper()
	b := NewIn(t, mode, app.Environment{})
	if practice {
		if _, err := b.W.App.ConnectPractice(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// NewIn is a window in an environment; the workspace is a new one.
func NewIn(t *testing.T, mode look.Mode, env app.Environment) *Bench {
	t.Helper()
	env.Workspace = filepath.Join(t.TempDir(), "workspace")
	return newOn(t, mode, env)
}

// newOn is a window on the workspace of an environment.
func newOn(t *testing.T, mode look.Mode, env app.Environment) *Bench {
	t.Helper()
	env.PracticeLimits = practice.Limits{Burst: 10_000, Search: 1000} // nobody waits for the next ten seconds
	f := test.NewTempApp(t)
	f.Settings().SetTheme(look.New(mode))
	a, err := app.Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	b := &Bench{T: t, posts: make(chan func(), 10000)}
	b.W = furnished(a, f, func(f func()) { b.posts <- f })
	b.W.Win.Resize(fyne.NewSize(1280, 800))
	t.Cleanup(func() {
		_ = b.W.EndWork() // the folder goes with the test
	})
	return b
}

// WithSample is a window whose workspace holds the demo's sync.
func WithSample(t *testing.T, mode look.Mode) *Bench {
	t.Helper()
	b := New(t, mode, true)
	_, sample, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.W.App.AddSync(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	b.W.GoTo(shell.PlaceHome)
	b.Until("the sync’s card", func() bool { return b.Button("Run") != nil })
	return b
}

// WithSet is a window whose workspace holds the set of setFiles, with the
// set's screen in front.
func WithSet(t *testing.T, mode look.Mode) (*Bench, Set) {
	t.Helper()
	b := New(t, mode, true)
	dir := t.TempDir()
	for name, text := range SetFiles() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "set.yaml")
	if err := b.W.App.AddSet(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	b.W.Rooms.Set(path)
	s := b.Set("the set")
	return b, s
}

// stuck is after how long a test gives up what it waits for. It only keeps a
// mistake from holding up the others; no machine is so slow.
const stuck = 5 * time.Minute

// Until runs what is posted until the condition holds.
func (b *Bench) Until(what string, holds func() bool) {
	b.Helper()
	deadline := time.After(stuck)
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case f := <-b.posts:
			f()
		case <-look.C: // what holds may come true without a post
		case <-deadline:
			b.Fatalf("waited for %s", what)
		}
	}
}

// Settle runs what is posted until no load is under way and nothing is posted.
func (b *Bench) Settle() {
	b.Helper()
	b.Until("all loads", func() bool {
		// A load ends after it has posted what it found, so this order sees both.
		return b.W.Idle() && len(b.posts) == 0
	})
}

// Answered waits until every load under way has its answer, and shows none: what a
// test does then is done while the answers are on their way.
func (b *Bench) Answered() {
	b.Helper()
	for end := time.Now().Add(stuck); !b.W.Idle(); runtime.Gosched() {
		if time.Now().After(end) {
			b.Fatal("waited for the answers")
		}
	}
}

// Next runs the first thing that is posted, and only that.
func (b *Bench) Next() {
	b.Helper()
	select {
	case f := <-b.posts:
		f()
	default:
		b.Fatal("nothing is posted")
	}
}

// Picture draws the window into the folder of SYNCLINE_PICTURES, if it is set.
func (b *Bench) Picture(name string, width, height float32) {
	b.Helper()
	dir := os.Getenv("SYNCLINE_PICTURES")
	if dir == "" {
		return
	}
	b.W.Win.Resize(fyne.NewSize(width, height))
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, b.W.Win.Canvas().Capture()); err != nil {
		b.Fatal(err)
	}
}

// Button is the visible button with a text on the current screen, or nil.
func (b *Bench) Button(text string) *widgets.Button {
	return FindButton(b.W.Current().Content(), text)
}

// FindButton is the first visible button inside an object whose text begins so, or
// nil.
func FindButton(o fyne.CanvasObject, text string) *widgets.Button {
	if !o.Visible() {
		return nil
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *widgets.Button:
		if strings.HasPrefix(o.Text, text) {
			return o
		}
		return nil
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, child := range inside {
		if found := FindButton(child, text); found != nil {
			return found
		}
	}
	return nil
}

// FindRow is the first portal in a list, or nil.
func FindRow(o fyne.CanvasObject) *widgets.PortalRow {
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *widgets.PortalRow:
		return o
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, child := range inside {
		if found := FindRow(child); found != nil {
			return found
		}
	}
	return nil
}

// Tap presses the button with a text, which must be there and enabled.
func (b *Bench) Tap(text string) {
	b.Helper()
	found := b.Button(text)
	if found == nil {
		b.Fatalf("%T has no button %q", b.W.Current(), text)
	}
	if found.Disabled() {
		b.Fatalf("the button %q can't be pressed: %s", text, found.Reason)
	}
	test.Tap(found)
}

// InSight fails unless a button is wholly inside the window.
func (b *Bench) InSight(name string, button *widgets.Button) {
	b.Helper()
	b.Picture(name, look.MinWidth, look.MinHeight)
	if button == nil {
		b.Fatalf("%s has no primary button", name)
	}
	at := b.W.Fyne.Driver().AbsolutePositionForObject(button)
	if end := at.Add(button.Size()); at.X < 0 || at.Y < 0 || end.X > look.MinWidth || end.Y > look.MinHeight || button.Size().IsZero() {
		b.Errorf("%s: the button %q stands at %v, %v large", name, button.Text, at, button.Size())
	}
}

// Open reports whether a dialog or menu is open.
func (b *Bench) Open() bool { return len(b.W.Win.Canvas().Overlays().List()) > 0 }

// Dialog is the dialog that is open.
func (b *Bench) Dialog(what string) *widgets.Dialog {
	b.Helper()
	d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok {
		b.Fatalf("no dialog is open: %s", what)
	}
	return d
}

// AllOf are the visible parts of a kind inside an object, in order.
func AllOf[W fyne.CanvasObject](o fyne.CanvasObject) []W {
	if !o.Visible() {
		return nil
	}
	if w, ok := o.(W); ok {
		return []W{w}
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	var all []W
	for _, child := range inside {
		all = append(all, AllOf[W](child)...)
	}
	return all
}

// EntriesIn are the entries inside an object.
func EntriesIn(o fyne.CanvasObject) []*widgets.Entry { return AllOf[*widgets.Entry](o) }

// ChecksIn are the boxes inside an object.
func ChecksIn(o fyne.CanvasObject) []*widgets.Check { return AllOf[*widgets.Check](o) }

// Texts are all words that an object shows.
func Texts(o fyne.CanvasObject) string {
	if !o.Visible() {
		return ""
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *canvas.Text:
		return o.Text + "\n"
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	var all strings.Builder
	for _, child := range inside {
		all.WriteString(Texts(child))
	}
	return all.String()
}

// Home opens Home and waits for the cards.
func (b *Bench) Home() {
	b.Helper()
	b.W.GoTo(shell.PlaceHome)
	b.Settle()
	b.Until("the sync’s card", func() bool { return b.Button("Preview") != nil })
}

// Restart ends the program in order and starts it again on its workspace.
func (b *Bench) Restart() *Bench {
	b.Helper()
	env := b.W.App.Env
	env.Workspace = b.W.App.Store.Dir()
	if err := b.W.EndWork(); err != nil {
		b.Fatal(err)
	}
	return newOn(b.T, look.Light, env)
}

// Plan is what tests of other rooms see of a plan's screen.
type Plan interface {
	shell.Screen
	View() app.PlanView
	Rows() int
	Item(row int) (plan.Item, bool)
}

// Run is what they see of the screen of work under way.
type Run interface {
	shell.Screen
	Job() *app.Job
	Ended() bool
}

// History is what they see of the history of runs.
type History interface {
	shell.Screen
	Rows() []app.RunCard
}

// Set is what they see of a set's screen.
type Set interface {
	shell.Screen
	State() (s app.SetState, known bool)
	Working() bool
}

// Planned waits for a plan on the screen, with rows.
func (b *Bench) Planned(what string) Plan {
	b.Helper()
	b.Until(what, func() bool {
		p, ok := b.W.Current().(Plan)
		return ok && p.Rows() > 0
	})
	return b.W.Current().(Plan)
}

// Ran waits for the end of the work on the screen.
func (b *Bench) Ran(what string) Run {
	b.Helper()
	b.Until(what, func() bool {
		s, ok := b.W.Current().(Run)
		if ok && s.Ended() && b.W.LastError() != nil {
			b.Fatal(b.W.LastError())
		}
		return ok && s.Ended() && s.Head().Primary != nil
	})
	return b.W.Current().(Run)
}

// Set waits for a set on the screen.
func (b *Bench) Set(what string) Set {
	b.Helper()
	b.Until(what, func() bool {
		s, ok := b.W.Current().(Set)
		if !ok {
			return false
		}
		_, known := s.State()
		return known
	})
	return b.W.Current().(Set)
}

// Rested waits until the set's work has ended and its screen shows what came.
func (b *Bench) Rested(s Set) {
	b.Helper()
	b.Until("the set's job", func() bool { return !s.Working() })
	b.Settle()
}

// Grids are the tables on the screen, in their order.
func (b *Bench) Grids() []*grid.Grid { return AllOf[*grid.Grid](b.W.Current().Content()) }

// Guard is the guard rail on the screen.
func (b *Bench) Guard() *widgets.GuardRail {
	b.Helper()
	all := AllOf[*widgets.GuardRail](b.W.Current().Content())
	if len(all) == 0 {
		b.Fatal("no guard rail stands on the screen")
	}
	return all[0]
}

// History opens Runs and waits for that many.
func (b *Bench) History(n int) History {
	b.Helper()
	b.W.GoTo(shell.PlaceRuns)
	b.Until("the history", func() bool {
		s, ok := b.W.Current().(History)
		undo := b.Button("Undo this")
		return ok && len(s.Rows()) == n && undo != nil && !undo.Disabled()
	})
	b.Settle()
	return b.W.Current().(History)
}

// RanOnce previews and runs the sample, and opens the history.
func (b *Bench) RanOnce() History {
	b.Helper()
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	return b.History(1)
}

// Drop forgets what is posted, as a loop does that has ended.
func (b *Bench) Drop() {
	for len(b.posts) > 0 {
		<-b.posts
	}
}

// Posted is how much is posted and did not run yet.
func (b *Bench) Posted() int { return len(b.posts) }
