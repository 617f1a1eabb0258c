package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	plans "syncline/ui/plan"
	"syncline/ui/review"
	"syncline/ui/runs"
	"syncline/ui/sets"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// mainMenu holds every global command: only its shortcuts fire while an entry
// has the focus. What a screen can't do is grey while the screen is shown.
type mainMenu struct {
	menu   *fyne.MainMenu
	plan   []*fyne.MenuItem // commands of the plan screen
	stop   *fyne.MenuItem   // command of the run screen
	review []*fyne.MenuItem // commands of the review screen
	find   *fyne.MenuItem   // opens the palette
	edit   *fyne.Menu
}

// command makes an item with a shortcut, if key is not empty.
func command(name string, key fyne.KeyName, do func()) *fyne.MenuItem {
	item := fyne.NewMenuItem(name, do)
	if key != "" {
		item.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
	}
	return item
}

func newMainMenu(w *house) *mainMenu {
	m := &mainMenu{}
	quit := command("Quit", fyne.KeyQ, w.Close)
	quit.IsQuit = true
	m.plan = []*fyne.MenuItem{
		command("Make a new plan", "", func() { onScreen(w, (*plans.Screen).Anew) }),
		command("Apply the plan", "", func() { onScreen(w, (*plans.Screen).Apply) }),
		command("Export the plan…", fyne.KeyE, func() { onScreen(w, (*plans.Screen).Export) }),
		command("Columns of the plan…", "", func() { onScreen(w, (*plans.Screen).ChooseColumns) }),
		command("What each value becomes…", "", func() { onScreen(w, (*plans.Screen).Values) }),
	}
	m.stop = command("Stop the run", "", func() {
		onScreen(w, (*runs.Screen).Stop)
		onScreen(w, (*sets.Screen).Stop)
	})
	onReview := func(name string, do func(*review.Screen)) *fyne.MenuItem {
		return command(name, "", func() { onScreen(w, do) })
	}
	m.review = []*fyne.MenuItem{
		onReview("Take the source’s value   ←", func(s *review.Screen) { s.Take(plan.ChooseSource) }),
		onReview("Back to the base   B", func(s *review.Screen) { s.Take(plan.ChooseBase) }),
		onReview("Take HubSpot’s value   →", func(s *review.Screen) { s.Take(plan.ChooseHubSpot) }),
		onReview("Edit the value…   E", (*review.Screen).Edit),
		onReview("Leave both as they are   /", (*review.Screen).Skip),
		onReview("Make it a rule…   R", (*review.Screen).Rule),
		onReview("Keep apart   K", func(s *review.Screen) { s.Take(plan.ChooseApart) }),
		onReview("Apply to the group…   A", (*review.Screen).ApplyToGroup),
		onReview("Take the decision back   U", (*review.Screen).Undo),
		fyne.NewMenuItemSeparator(),
		onReview("Apply decisions", (*review.Screen).ApplyDecisions),
	}
	m.edit = w.editMenu()
	m.find = command("Find an action…", fyne.KeyK, w.palette)
	m.menu = fyne.NewMainMenu(
		fyne.NewMenu("File", command("New sync…", fyne.KeyN, func() { w.NewSync("") }), command("New set of several files…", "", func() { w.NewSet() }), command("Import a sync or set…", fyne.KeyI, w.importSync), command("Check a report…", "", w.CheckReport), fyne.NewMenuItemSeparator(), quit),
		m.edit,
		fyne.NewMenu("Go",
			command("Home", fyne.Key1, func() { w.GoTo(shell.PlaceHome) }),
			command("Review", fyne.Key2, func() { w.GoTo(shell.PlaceReview) }),
			command("Runs", fyne.Key3, func() { w.GoTo(shell.PlaceRuns) }),
			command("Records", fyne.Key4, func() { w.GoTo(shell.PlaceRecords) }),
			command("Connections", fyne.Key5, func() { w.GoTo(shell.PlaceConnections) }),
			command("Settings", fyne.Key6, func() { w.GoTo(shell.PlaceSettings) }),
			fyne.NewMenuItemSeparator(),
			command("Duplicates", "", func() { w.Duplicates("") }),
			command("Needs attention", "", w.Attention)),
		fyne.NewMenu("Sync", append(m.plan[:len(m.plan):len(m.plan)], fyne.NewMenuItemSeparator(), m.stop)...),
		fyne.NewMenu("Review", m.review...),
		fyne.NewMenu("View", m.find, fyne.NewMenuItemSeparator(), command("Read again", fyne.KeyR, func() { w.Current().Show() })),
		fyne.NewMenu("Help", command("Keyboard", "", w.showKeys), command("About Syncline", "", w.showAbout)),
	)
	return m
}

// onScreen does something on the current screen if it is of a kind.
func onScreen[S shell.Screen](w *house, do func(S)) {
	if s, ok := w.Current().(S); ok && len(w.Win.Canvas().Overlays().List()) == 0 {
		do(s)
	}
}

// fit greys what the current screen can't do.
func (m *mainMenu) fit(current shell.Screen) {
	shown, isPlan := current.(*plans.Screen)
	_, isRun := current.(*runs.Screen)
	if s, ok := current.(*sets.Screen); ok {
		isRun = s.Working()
	}
	_, isReview := current.(*review.Screen)
	for _, i := range m.plan {
		i.Disabled = !isPlan
	}
	m.plan[1].Disabled = !isPlan || shown.View().State != plan.Ready
	m.stop.Disabled = !isRun
	for _, i := range m.review {
		i.Disabled = !isReview && !i.IsSeparator
	}
	m.menu.Refresh()
}

// showKeys lists the keys that do something everywhere.
func (w *house) showKeys() {
	rows := widgets.NewColumn(2)
	ctrl := "Ctrl "
	if runtime.GOOS == "darwin" {
		ctrl = "⌘ "
	}
	for _, k := range [][2]string{
		{"Go to Home, Review, Runs, Records, Connections, Settings", ctrl + "1 to 6"},
		{"Find whatever can be done, by its name", ctrl + "K"},
		{"New sync", ctrl + "N"},
		{"Import a sync", ctrl + "I"},
		{"Read the screen’s data again", ctrl + "R"},
		{"Export the plan", ctrl + "E"},
		{"Undo and redo in a plan and in the field map", ctrl + "Z, " + ctrl + "Y or " + ctrl + "Shift Z"},
		{"Next and previous part of the screen", "Tab, Shift Tab"},
		{"Press what has the focus", "Space or Enter"},
		{"Move in a list; to its ends; by pages", "↑ ↓, Home End, PgUp PgDn"},
		{"Copy the chosen rows", ctrl + "C"},
		{"Connect in the field map", "Enter on one card, then on the other"},
		{"Leave a dialog or a screen", "Escape"},
	} {
		rows.Add(widgets.NewFactRow(k[0], k[1]))
	}
	d := widgets.NewDialog("Keyboard", "The keys of Review stand at the foot of its screen", rows)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.Win.Canvas())
}

func (w *house) showAbout() {
	text := widgets.NewColumn(8,
		widgets.NewParagraph("Keeps HubSpot and the data a team already has in agreement, on demand, with a person deciding every real conflict.", look.Body, look.T2),
		widgets.NewParagraph("Your data stays on this workstation; secrets are in its keychain only.", look.Body, look.T2),
		widgets.NewColumn(0, widgets.NewFactRow("Version", app.Version), widgets.NewFactRow("Licence", "MIT")))
	d := widgets.NewDialog("Syncline", "", text)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.Win.Canvas())
}

// undoer is a screen whose edits can be taken back.
type undoer interface {
	Undo()
	Redo()
}

// redoByShift makes the other usual key of Redo do the same: an item of the menu has one only.
func (w *house) redoByShift() {
	w.Win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyZ, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}, func(fyne.Shortcut) {
		if u, ok := w.Current().(undoer); ok && len(w.Win.Canvas().Overlays().List()) == 0 {
			u.Redo()
		}
	})
}

// editMenu takes edits back. Its shortcuts come before those of a text that is
// being edited, which must have them first.
func (w *house) editMenu() *fyne.Menu {
	item := func(word string, shortcut fyne.Shortcut, act func(undoer)) *fyne.MenuItem {
		i := fyne.NewMenuItem(word, func() {
			c := w.Win.Canvas()
			if e, ok := c.Focused().(*widgets.Entry); ok {
				e.TypedShortcut(shortcut)
				return
			}
			if u, ok := w.Current().(undoer); ok && len(c.Overlays().List()) == 0 {
				act(u)
			}
		})
		i.Shortcut = shortcut
		return i
	}
	return fyne.NewMenu("Edit", item("Undo", &fyne.ShortcutUndo{}, undoer.Undo), item("Redo", &fyne.ShortcutRedo{}, undoer.Redo))
}
