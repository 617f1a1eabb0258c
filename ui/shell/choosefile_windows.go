package shell

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"github.com/sqweek/dialog" // the dialogs of Windows without a toolkit: ISC, kept
)

// systemChooser returns Windows' own dialog.
func systemChooser() fileChooser { return askWindows }

func askWindows(c fileChoice) ([]string, error) {
	var path string
	var err error
	if c.folders {
		path, err = dialog.Directory().Title(c.title).SetStartDir(c.folder).Browse()
	} else {
		b := dialog.File().Title(c.title).SetStartDir(c.folder)
		if c.endings != nil {
			endings := make([]string, len(c.endings))
			for i, ending := range c.endings {
				endings[i] = strings.TrimPrefix(ending, ".")
			}
			b = b.Filter(c.kind, endings...).Filter("All files", "*")
		}
		path, err = b.Load()
	}
	switch {
	case errors.Is(err, dialog.ErrCancelled):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []string{path}, nil
}

// windowHandle is not needed here.
func windowHandle(fyne.Window) string { return "" }
