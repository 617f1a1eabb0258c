package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// PrefFolder is the folder that the person last saved to.
const PrefFolder = "folder.export"

// SaveFile asks where to write a file with one of the endings, the first of
// which is the default, and calls do with its path. It touches no file itself:
// Fyne's own dialog empties the file that is chosen, before there is anything
// to put into it.
func (w *Window) SaveFile(name string, endings []string, do func(path string)) {
	folder := w.Fyne.Preferences().StringWithFallback(PrefFolder, homeFolder())
	entry := widgets.NewEntry("")
	entry.SetText(fileName(name))
	where := widgets.NewParagraph(folder, look.Mono, look.T1)
	problem := widgets.NewParagraph("", look.Small, look.Failed.Text())
	choose := widgets.NewButton(widgets.Plain, "folder", "Another folder…", nil)
	choose.Small = true
	d := widgets.NewDialog("Export to a file", "", widgets.NewPaddedColumn(8, 4, 4,
		widgets.NewLine("Name, ending with "+strings.Join(endings, " or "), look.Small, look.T2), entry,
		widgets.NewLine("Folder", look.Small, look.T2), where, widgets.NewRow(0, choose), problem))
	choose.OnTapped = func() {
		w.chooseFolder(folder, func(chosen string) {
			folder = chosen
			where.SetText(chosen)
			d.Refresh()
		})
	}
	d.First = entry
	d.Primary = widgets.NewButton(widgets.Primary, "export", "Export", nil)
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	replace := ""
	entry.OnChanged = func(string) { replace = ""; d.Primary.SetText("Export") }
	d.Primary.OnTapped = func() {
		path, wrong := exportPath(folder, entry.Text, endings)
		switch _, serr := os.Stat(path); {
		case wrong != "":
			problem.SetText(wrong)
		case serr == nil && replace != path:
			replace = path
			problem.SetText(filepath.Base(path) + " is there already. Press once more to replace it.")
			d.Primary.SetText("Replace it")
		case serr != nil && !errors.Is(serr, fs.ErrNotExist):
			problem.SetText("That folder can’t be used: " + serr.Error())
		default:
			w.Fyne.Preferences().SetString(PrefFolder, folder)
			d.Close()
			do(path)
			return
		}
		d.Refresh()
	}
	d.Open(w.Win.Canvas())
}

func homeFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	return home
}

// exportPath is the path of a named file in a folder. A name without one of the
// endings gets the first. wrong is what keeps it from being one.
func exportPath(folder, name string, endings []string) (path, wrong string) {
	if name = strings.TrimSpace(name); name == "" {
		return "", "Give the file a name"
	}
	if name != fileName(name) {
		return "", fmt.Sprintf("A file can’t be named %s: leave out %s", name, badInNames)
	}
	if !slices.Contains(endings, strings.ToLower(filepath.Ext(name))) {
		name += endings[0]
	}
	return filepath.Join(folder, name), ""
}

// badInNames is what a file's name can't hold on some system.
const badInNames = `<>:"/\|?*`

// fileName leaves out what a file's name can't hold.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(badInNames, r) {
			return '-'
		}
		return r
	}, name)
}
