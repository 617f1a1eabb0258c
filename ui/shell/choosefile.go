package shell

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// fileChoice is what somebody is asked to choose.
type fileChoice struct {
	title   string
	act     string   // what the button says: "Use this file"
	kind    string   // of the files, for people: "Tables"
	endings []string // of their names; nil is any
	folder  string   // where it begins
	folders bool     // a folder is chosen, no file
	parent  string   // the window that asks, as the system names it
}

// fileChooser is the system's own dialog for files. It returns nothing where somebody
// cancels, and an error where the system has none after all. It is called off the UI
// thread and may take as long as a person does.
type fileChooser func(fileChoice) ([]string, error)

// UseSystemDialogs lets the window ask for files by the system's own dialog, where
// there is one.
func (w *Window) UseSystemDialogs() { w.chooser = systemChooser() }

// choose asks for a file or folder: by the system's own dialog where there is one,
// which knows the person's places, and else by the toolkit's.
func (w *Window) choose(c fileChoice, do func(path string)) {
	ask := w.chooser
	if ask == nil {
		w.chooseHere(c, do)
		return
	}
	if w.choosing {
		return // its dialog is open already
	}
	w.choosing, c.parent = true, windowHandle(w.Win)
	// It is not waited for at the end: the dialog of another program may stay open.
	go func() {
		paths, err := ask(c)
		w.Post(func() {
			w.choosing = false
			switch {
			case err != nil:
				w.chooser = nil // it has none, whatever was said
				w.chooseHere(c, do)
			case len(paths) > 0:
				do(paths[0])
			}
		})
	}()
}

// chooseHere asks by the toolkit's dialog.
func (w *Window) chooseHere(c fileChoice, do func(path string)) {
	var d *dialog.FileDialog
	if c.folders {
		d = dialog.NewFolderOpen(func(chosen fyne.ListableURI, err error) {
			switch {
			case err != nil:
				w.Fail(err)
			case chosen != nil: // nil when it was cancelled
				do(chosen.Path())
			}
		}, w.Win)
	} else {
		d = dialog.NewFileOpen(func(in fyne.URIReadCloser, err error) {
			switch {
			case err != nil:
				w.Fail(err)
			case in != nil: // nil when it was cancelled
				path := in.URI().Path()
				if err := in.Close(); err != nil { // it was only opened to be chosen
					w.Fail(err)
					return
				}
				do(path)
			}
		}, w.Win)
		if c.endings != nil {
			d.SetFilter(storage.NewExtensionFileFilter(c.endings))
		}
	}
	d.SetTitleText(c.title)
	d.SetConfirmText(c.act)
	if l, err := storage.ListerForURI(storage.NewFileURI(c.folder)); err == nil {
		d.SetLocation(l)
	}
	size := w.Win.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-80, 860), min(size.Height-80, 560)))
	// The toolkit's dialog leaves Escape to the screen under it, which would be left.
	canvas := w.Win.Canvas()
	before := canvas.OnTypedKey()
	d.SetOnClosed(func() { canvas.SetOnTypedKey(before) })
	d.Show()
	canvas.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			d.Hide()
		}
	})
}

// ChooseFile asks for a file with one of the endings. The folder is remembered
// under pref.
func (w *Window) ChooseFile(title, act, kind string, endings []string, pref string, do func(path string)) {
	w.choose(fileChoice{title: title, act: act, kind: kind, endings: endings, folder: w.Fyne.Preferences().StringWithFallback(pref, homeFolder())}, func(path string) {
		w.Fyne.Preferences().SetString(pref, filepath.Dir(path))
		do(path)
	})
}

// chooseFolder asks for a folder.
func (w *Window) chooseFolder(at string, do func(string)) {
	w.choose(fileChoice{title: "Choose a folder", act: "Use this folder", folder: at, folders: true}, do)
}
