package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/storage"

	"syncline/app"
	"syncline/assets"
	"syncline/ui/look"
	plans "syncline/ui/plan"
	"syncline/ui/settings"
)

// id names the application to the system; preferences are kept under it.
const id = "app.syncline"

// Start says with what the window opens.
type Start struct {
	// Demo takes a new workspace on the practice portal, with a sample workbook.
	Demo bool
	// Files are taken as if they were dropped on the window: the document of a
	// sync, or a file to make one of. The system names one whose icon was clicked.
	Files []string
}

// Run opens the window on a workspace and calls end when it is closed and our
// own work has ended in order; end must end the process, since Fyne may never
// come back. Run belongs to the main goroutine and does not return.
func Run(env app.Environment, start Start, end func(error)) {
	drawByOneThread()
	a, err := open(context.Background(), env, start.Demo)
	if err != nil {
		end(err)
		return
	}
	fyneapp.SetMetadata(fyne.AppMetadata{ID: id, Name: "Syncline", Version: app.Version})
	f := fyneapp.NewWithID(id)
	f.SetIcon(fyne.NewStaticResource("app-512.png", assets.Icon("app-512")))
	a.StartReceiving()
	w := newHouse(a, f, fyne.Do)
	w.UseSystemDialogs()
	w.plans.FirstLook = plans.FirstLook
	if !start.Demo && len(start.Files) == 0 {
		w.Reopen()
	}
	e := newEnding(w.EndWork)
	w.End = e.ask
	w.Win.SetOnClosed(e.ask) // whoever closed it
	go func() { end(e.run()) }()
	f.Lifecycle().SetOnStarted(func() {
		e.onSignal()
		// A theme set before the start would no longer follow the system.
		f.Settings().SetTheme(look.New(settings.ThemeMode(f)))
		w.Dropped(urisOf(start.Files))
	})
	w.FollowStatus()
	w.Win.Show()
	f.Run()
	e.ask()
	select {} // end ends the process
}

// drawByOneThread keeps the memory and the time of a frame flat where there is no
// graphics card and Mesa's llvmpipe draws: with threads of its own it keeps the
// scenes of up to 64 frames, and each is slower than the last. After 300 changes of
// the screen the window took 1.3 GB and 340 ms of processor time a change with
// them, and takes 320 MB and 150 ms without. Other drivers do not read the variable.
func drawByOneThread() {
	const name = "LP_NUM_THREADS"
	if _, set := os.LookupEnv(name); !set {
		_ = os.Setenv(name, "0") // without it the window works as before
	}
}

// urisOf are files as the toolkit names those that are dropped.
func urisOf(files []string) []fyne.URI {
	all := make([]fyne.URI, len(files))
	for i, file := range files {
		all[i] = storage.NewFileURI(file)
	}
	return all
}

// open opens the workspace, or makes that of the demo.
func open(ctx context.Context, env app.Environment, demo bool) (a *app.App, err error) {
	if !demo {
		return app.Open(ctx, env)
	}
	dir, err := demoWorkspace()
	if err != nil {
		return nil, err
	}
	_, sample, err := assets.WriteSample(dir)
	if err != nil {
		return nil, err
	}
	if a, err = app.Open(ctx, app.Environment{Workspace: filepath.Join(dir, "workspace")}); err != nil {
		return nil, err
	}
	if _, err = a.ConnectPractice(ctx); err == nil {
		err = a.AddSync(ctx, sample)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// demoWorkspace is an empty folder for the demo, in place of the one of the last time.
func demoWorkspace() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "syncline-demo")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}
