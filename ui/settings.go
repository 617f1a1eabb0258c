package ui

import (
	"context"
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

const prefTheme = "theme"

// settings is where the look is chosen and the workspace is shown.
type settings struct {
	w      *window
	header *widgets.Header
	root   fyne.CanvasObject
	theme  *widgets.Segment
}

func newSettings(w *window) *settings {
	s := &settings{w: w, header: widgets.NewHeader("Settings", "Syncline "+app.Version)}
	s.theme = widgets.NewSegment([]widgets.SegmentItem{{Text: "System"}, {Text: "Light"}, {Text: "Dark"}}, int(themeMode(w.fyne)), func(i int) {
		w.fyne.Preferences().SetInt(prefTheme, i)
		w.fyne.Settings().SetTheme(look.New(look.Mode(i)))
	})
	show := widgets.NewButton(widgets.Plain, "", "Show", s.w.openLog)
	export := widgets.NewButton(widgets.Plain, "export", "Export…", s.exportLog)
	workspace := widgets.NewInfoRow("Workspace", w.app.Folder(), nil)
	workspace.SubMono = true
	secrets := widgets.NewInfoRow("Secrets", "In the system’s keychain, or in memory until you quit; never in the workspace", nil)
	secrets.Last = true
	rows := widgets.NewPaddedColumn(12, 24, 12,
		widgets.NewFlushCard(widgets.NewColumn(0, widgets.NewInfoRow("Theme", "Follows the system, or stays light or dark", s.theme))),
		widgets.NewFlushCard(widgets.NewColumn(0, workspace,
			widgets.NewInfoRow("Log", "Redacted: no token, e-mail address or phone number is in it", container.NewHBox(show, export)), secrets)))
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(container.New(limited{820}, rows)))
	return s
}

// exportLog writes the whole log to a file that may be mailed to a stranger.
func (s *settings) exportLog() {
	s.w.saveFile("syncline.log", []string{".log", ".txt"}, func(path string) {
		load(s.w, func(context.Context) (int, error) { return s.w.app.ExportLogs(path) }, func(n int) {
			s.w.toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, "line", "lines"), filepath.Base(path)), "", nil)
		}, nil)
	})
}

// themeMode is the mode that was chosen.
func themeMode(f fyne.App) look.Mode { return look.Mode(f.Preferences().IntWithFallback(prefTheme, 0)) }

func (s *settings) content() fyne.CanvasObject { return s.root }
func (s *settings) head() *widgets.Header      { return s.header }
func (s *settings) show()                      {}
func (s *settings) focus()                     { widgets.FocusOn(s.theme) }
