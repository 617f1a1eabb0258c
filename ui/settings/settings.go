// Package settings is where the look and what is kept are chosen, and where the log
// and the licences are read.
package settings

import (
	"context"
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

const prefTheme = "theme"

// settings is where the look is chosen and the workspace is shown.
type settings struct {
	w                 *shell.Window
	header            *widgets.Header
	root              fyne.CanvasObject
	theme             *widgets.Segment
	size              *widgets.InfoRow
	plans             *widgets.Select
	wrote             *widgets.Select
	gone              *widgets.Select
	kept              app.Keeping // as it was shown last
	measured, keeping shell.Turns
	newer             *newer // nil where nobody can be asked
}

// New makes the screen of the settings.
func New(w *shell.Window) shell.Screen {
	s := &settings{w: w, header: widgets.NewHeader("Settings", "Syncline "+app.Version)}
	s.theme = widgets.NewSegment([]widgets.SegmentItem{{Text: "System"}, {Text: "Light"}, {Text: "Dark"}}, int(ThemeMode(w.Fyne)), func(i int) {
		w.Fyne.Preferences().SetInt(prefTheme, i)
		w.Fyne.Settings().SetTheme(look.New(look.Mode(i)))
	})
	show := widgets.NewButton(widgets.Plain, "", "Show", func() { w.Open(newLogScreen(w)) })
	export := widgets.NewButton(widgets.Plain, "export", "Export…", s.exportLog)
	s.size = widgets.NewInfoRow("Size", "…", nil)
	s.plans = widgets.NewSelect(keepWords(), -1, func(i int) { s.keep(func(k *app.Keeping) { k.PlanRows = keepChoices[i].days }) })
	s.wrote = widgets.NewSelect(keepWords(), -1, func(i int) { s.keepWrote(keepChoices[i].days) })
	s.gone = widgets.NewSelect(keepWords(), -1, func(i int) { s.keep(func(k *app.Keeping) { k.Gone = keepChoices[i].days }) })
	workspace := widgets.NewInfoRow("Workspace", w.App.Folder(), nil)
	workspace.SubMono = true
	secrets := widgets.NewInfoRow("Secrets", "In the system’s keychain, or in memory until you quit; never in the workspace", nil)
	secrets.Last = true
	licences := widgets.NewInfoRow("Licences", "Of Syncline and of everything that it is made of", widgets.NewButton(widgets.Plain, "", "Show", func() { w.Open(newLicenceScreen(w)) }))
	licences.Last = true
	rows := widgets.NewPaddedColumn(12, 24, 12,
		widgets.NewFlushCard(widgets.NewColumn(0, widgets.NewInfoRow("Theme", "Follows the system, or stays light or dark", s.theme))),
		widgets.NewFlushCard(widgets.NewColumn(0, workspace, s.size,
			widgets.NewInfoRow("Rows of applied plans", "They go in the background after that; the place is used again", keepRoom(s.plans)),
			widgets.NewInfoRow("What runs wrote, field by field", "Undo and reports rest on it: a run that is older can’t be undone", keepRoom(s.wrote)),
			widgets.NewInfoRow("Rows and records that are gone", "Only those without a link, and without a decision or a question about them", keepRoom(s.gone)),
			widgets.NewInfoRow("Links and decisions", "Kept for ever, with what both sides last agreed on", nil),
			widgets.NewInfoRow("Log", "Redacted: no token, e-mail address or phone number is in it", container.NewHBox(show, export)), secrets)),
		widgets.NewFlushCard(s.about(licences)))
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(container.New(layouts.Limited(820), rows)))
	return s
}

// about is what is said of the program itself.
func (s *settings) about(licences *widgets.InfoRow) fyne.CanvasObject {
	speaks := widgets.NewInfoRow("Syncline "+app.Version, "It speaks to HubSpot and to your own sources, and to nobody else: no usage is measured, nothing updates by itself", nil)
	if s.newer = newNewer(s.w); s.newer == nil {
		return widgets.NewColumn(0, speaks, licences)
	}
	speaks.Sub = "It speaks to HubSpot, to your own sources and to whom you choose below: no usage is measured, nothing updates by itself"
	return widgets.NewColumn(0, speaks, s.newer.row, licences)
}

// keepChoices are how long things may be kept, in days.
var keepChoices = []struct {
	days int
	word string
}{{30, "30 days"}, {90, "90 days"}, {365, "1 year"}, {1095, "3 years"}, {0, "For ever"}}

// keepRoom is the place of a choice of how long something is kept.
func keepRoom(choice *widgets.Select) fyne.CanvasObject {
	return container.NewGridWrap(fyne.NewSize(150, look.ControlHeight), choice)
}

func keepWords() []string {
	words := make([]string, len(keepChoices))
	for i, c := range keepChoices {
		words[i] = c.word
	}
	return words
}

// keep changes how long something is kept.
func (s *settings) keep(change func(*app.Keeping)) {
	do := func(ctx context.Context) (app.Keeping, error) {
		k, err := s.w.App.Keeping(ctx)
		if err != nil {
			return k, err
		}
		change(&k)
		return k, s.w.App.SetKeeping(ctx, k)
	}
	shell.InOrder(s.w, do, func(k app.Keeping) { s.kept = k }, s.notKept)
}

// keepWrote changes how long it is kept what runs wrote. Where undos are lost by
// it at once, it asks first.
func (s *settings) keepWrote(days int) {
	shell.Load(s.w, func(ctx context.Context) (int, error) { return s.w.App.LosesUndo(ctx, days) }, func(runs int) {
		s.letGo(days, runs)
	}, s.notKept)
}

// notKept says why a choice does not hold, and shows the one that does.
func (s *settings) notKept(err error) {
	s.showKept()
	s.w.Fail(err)
}

// letGo lets what runs wrote go after so many days, which so many runs are older
// than.
func (s *settings) letGo(days, runs int) {
	change := func() { s.keep(func(k *app.Keeping) { k.Changes = days }) }
	if runs == 0 {
		change()
		return
	}
	d := widgets.NewConfirm("Let go of what "+look.Count(runs, "run", "runs")+" wrote?", look.Count(runs, "run is", "runs are")+" older than "+look.Count(days, "day", "days")+". What was written field by field goes in the background, and no undo and no report can tell it any more. Neither side is changed; links, decisions and the counts of each run stay.",
		"Let it go", true, change)
	d.OnCancel = s.showKept
	d.Open(s.w.Win.Canvas())
}

// showKept shows how long things are kept.
func (s *settings) showKept() {
	for choice, days := range map[*widgets.Select]int{s.plans: s.kept.PlanRows, s.wrote: s.kept.Changes, s.gone: s.kept.Gone} {
		for i, c := range keepChoices {
			if c.days == days {
				choice.SetOptions(keepWords(), i)
			}
		}
	}
}

// measure shows the size of the workspace, and what is kept of it.
func (s *settings) measure() {
	shell.LoadNewest(s.w, &s.measured, s.w.App.Size, func(z app.Size) {
		text := look.Bytes(z.Bytes)
		if z.Free > z.Bytes/20 {
			text += ", of which " + look.Bytes(z.Free) + " is free"
		}
		s.size.Sub = text
		s.size.Refresh()
	}, nil)
	shell.LoadKept(s.w, &s.keeping, s.w.App.Keeping, func(k app.Keeping) {
		s.kept = k
		s.showKept()
	}, nil)
	if s.newer != nil {
		s.newer.show()
	}
}

// exportLog writes the whole log to a file that may be mailed to a stranger.
func (s *settings) exportLog() {
	s.w.SaveFile("syncline.log", []string{".log", ".txt"}, func(path string) {
		shell.Load(s.w, func(context.Context) (int, error) { return s.w.App.ExportLogs(path) }, func(n int) {
			s.w.Toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, "line", "lines"), filepath.Base(path)), "", nil)
		}, nil)
	})
}

// ThemeMode is the mode that was chosen.
func ThemeMode(f fyne.App) look.Mode { return look.Mode(f.Preferences().IntWithFallback(prefTheme, 0)) }

func (s *settings) Content() fyne.CanvasObject { return s.root }
func (s *settings) Head() *widgets.Header      { return s.header }
func (s *settings) Show()                      { s.measure() }
func (s *settings) Focus()                     { widgets.FocusOn(s.theme) }
