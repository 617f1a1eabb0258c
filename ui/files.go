package ui

import (
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// prefFolder is the folder that the person last saved to.
const prefFolder = "folder.export"

// saveFile asks where to write a file with one of the endings, the first of
// which is the default, and calls do with its path.
func (w *window) saveFile(name string, endings []string, do func(path string)) {
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			w.fail(err)
			return
		case out == nil:
			return // cancelled
		}
		path := out.URI().Path()
		if err := out.Close(); err != nil {
			w.fail(err)
			return
		}
		w.fyne.Preferences().SetString(prefFolder, filepath.Dir(path))
		do(path)
	}, w.win)
	d.SetFileName(fileName(name))
	d.SetFilter(storage.NewExtensionFileFilter(endings))
	if folder := w.fyne.Preferences().String(prefFolder); folder != "" {
		if at, err := storage.ListerForURI(storage.NewFileURI(folder)); err == nil {
			d.SetLocation(at)
		}
	}
	size := w.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-80, 820), min(size.Height-80, 560)))
	d.Show()
}

// fileName leaves out what a file's name can't hold on some system.
func fileName(name string) string {
	bad := []rune(`<>:"/\|?*`)
	return strings.Map(func(r rune) rune {
		if r < ' ' || slices.Contains(bad, r) {
			return '-'
		}
		return r
	}, name)
}
