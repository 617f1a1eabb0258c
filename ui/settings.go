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
	size   *widgets.InfoRow
	plans  *widgets.Select
}

func newSettings(w *window) *settings {
	s := &settings{w: w, header: widgets.NewHeader("Settings", "Syncline "+app.Version)}
	s.theme = widgets.NewSegment([]widgets.SegmentItem{{Text: "System"}, {Text: "Light"}, {Text: "Dark"}}, int(themeMode(w.fyne)), func(i int) {
		w.fyne.Preferences().SetInt(prefTheme, i)
		w.fyne.Settings().SetTheme(look.New(look.Mode(i)))
	})
	show := widgets.NewButton(widgets.Plain, "", "Show", s.w.openLog)
	export := widgets.NewButton(widgets.Plain, "export", "Export…", s.exportLog)
	s.size = widgets.NewInfoRow("Size", "…", nil)
	s.plans = widgets.NewSelect(keepWords(), -1, s.keep)
	workspace := widgets.NewInfoRow("Workspace", w.app.Folder(), nil)
	workspace.SubMono = true
	secrets := widgets.NewInfoRow("Secrets", "In the system’s keychain, or in memory until you quit; never in the workspace", nil)
	secrets.Last = true
	licences := widgets.NewInfoRow("Licences", "Of Syncline and of everything that it is made of", widgets.NewButton(widgets.Plain, "", "Show", s.w.openLicences))
	licences.Last = true
	rows := widgets.NewPaddedColumn(12, 24, 12,
		widgets.NewFlushCard(widgets.NewColumn(0, widgets.NewInfoRow("Theme", "Follows the system, or stays light or dark", s.theme))),
		widgets.NewFlushCard(widgets.NewColumn(0, workspace, s.size,
			widgets.NewInfoRow("Rows of applied plans", "They go in the background after that; the place is used again", container.NewGridWrap(fyne.NewSize(150, look.ControlHeight), s.plans)),
			widgets.NewInfoRow("Every change ever written", "Kept for ever, as links and decisions are: every undo rests on it", nil),
			widgets.NewInfoRow("Log", "Redacted: no token, e-mail address or phone number is in it", container.NewHBox(show, export)), secrets)),
		widgets.NewFlushCard(widgets.NewColumn(0, widgets.NewInfoRow("Syncline "+app.Version, "It speaks to HubSpot and to your own sources, and to nobody else: no usage is measured, nothing updates by itself", nil), licences)))
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(container.New(limited{820}, rows)))
	return s
}

// keepChoices are how long the rows of plans may be kept, in days.
var keepChoices = []struct {
	days int
	word string
}{{30, "30 days"}, {90, "90 days"}, {365, "1 year"}, {1095, "3 years"}, {0, "For ever"}}

func keepWords() []string {
	words := make([]string, len(keepChoices))
	for i, c := range keepChoices {
		words[i] = c.word
	}
	return words
}

// keep changes how long the rows of plans are kept.
func (s *settings) keep(i int) {
	do := func(ctx context.Context) (int, error) {
		k, err := s.w.app.Keeping(ctx)
		if err != nil {
			return 0, err
		}
		k.PlanRows = keepChoices[i].days
		return i, s.w.app.SetKeeping(ctx, k)
	}
	inOrder(s.w, do, func(int) {}, nil)
}

// measure shows the size of the workspace, and what is kept of it.
func (s *settings) measure() {
	load(s.w, s.w.app.Size, func(z app.Size) {
		text := look.Bytes(z.Bytes)
		if z.Free > z.Bytes/20 {
			text += ", of which " + look.Bytes(z.Free) + " is free"
		}
		s.size.Sub = text
		s.size.Refresh()
	}, nil)
	load(s.w, s.w.app.Keeping, func(k app.Keeping) {
		for i, c := range keepChoices {
			if c.days == k.PlanRows {
				s.plans.SetOptions(keepWords(), i)
			}
		}
	}, nil)
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
func (s *settings) show()                      { s.measure() }
func (s *settings) focus()                     { widgets.FocusOn(s.theme) }
