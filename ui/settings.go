package ui

import (
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
	rows := widgets.NewPaddedColumn(12, 24, 12,
		widgets.NewFlushCard(widgets.NewInfoRow("Theme", "Follows the system, or stays light or dark", s.theme)),
		widgets.NewCard(widgets.NewColumn(4,
			widgets.NewFactRow("Workspace", w.app.Store.Dir()),
			widgets.NewFactRow("Secrets", "In the system's keychain only, never in the workspace"),
			widgets.NewFactRow("Version", app.Version))),
	)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(container.New(limited{820}, rows)))
	return s
}

// themeMode is the mode that was chosen.
func themeMode(f fyne.App) look.Mode { return look.Mode(f.Preferences().IntWithFallback(prefTheme, 0)) }

func (s *settings) content() fyne.CanvasObject { return s.root }
func (s *settings) head() *widgets.Header      { return s.header }
func (s *settings) show()                      {}
func (s *settings) focus()                     { widgets.FocusOn(s.theme) }
