package ui

import (
	"context"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"syncline/app"
	"syncline/assets"
	"syncline/ui/look"
)

// id names the application to the system; preferences are kept under it.
const id = "app.syncline"

// Run opens the window on a workspace and returns when it is closed. With demo
// the workspace is a new one on the practice portal, with a sample workbook.
func Run(env app.Environment, demo bool) error {
	ctx := context.Background()
	var sample string
	if demo {
		dir, err := demoWorkspace()
		if err != nil {
			return err
		}
		env = app.Environment{Workspace: filepath.Join(dir, "workspace")}
		if _, sample, err = assets.WriteSample(dir); err != nil {
			return err
		}
	}
	a, err := app.Open(ctx, env)
	if err != nil {
		return err
	}
	defer a.Close()
	if demo {
		if _, err := a.ConnectPractice(ctx); err != nil {
			return err
		}
		if err := a.AddSync(ctx, sample); err != nil {
			return err
		}
	}
	fyneapp.SetMetadata(fyne.AppMetadata{ID: id, Name: "Syncline", Version: app.Version})
	f := fyneapp.NewWithID(id)
	f.SetIcon(fyne.NewStaticResource("app-512.png", assets.Icon("app-512")))
	w := newWindow(a, f, fyne.Do)
	// A theme set before the start would no longer follow the system.
	f.Lifecycle().SetOnStarted(func() { f.Settings().SetTheme(look.New(themeMode(f))) })
	w.followStatus()
	w.win.Show()
	f.Run()
	w.stop()
	w.wg.Wait()
	return nil
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
