package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// mainMenu holds every global command: only its shortcuts fire while an entry
// has the focus. What a screen can't do is grey while the screen is shown.
type mainMenu struct {
	menu   *fyne.MainMenu
	plan   []*fyne.MenuItem // commands of the plan screen
	stop   *fyne.MenuItem   // command of the run screen
	review []*fyne.MenuItem // commands of the review screen
}

// command makes an item with a shortcut, if key is not empty.
func command(name string, key fyne.KeyName, do func()) *fyne.MenuItem {
	item := fyne.NewMenuItem(name, do)
	if key != "" {
		item.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
	}
	return item
}

func newMainMenu(w *window) *mainMenu {
	m := &mainMenu{}
	quit := command("Quit", fyne.KeyQ, w.close)
	quit.IsQuit = true
	m.plan = []*fyne.MenuItem{
		command("Make a new plan", "", func() { onScreen(w, (*planScreen).anew) }),
		command("Apply the plan", "", func() { onScreen(w, func(s *planScreen) { s.apply.Tapped(nil) }) }),
		command("Export the plan…", fyne.KeyE, func() { onScreen(w, (*planScreen).export) }),
	}
	m.stop = command("Stop the run", "", func() {
		onScreen(w, func(s *runScreen) { s.stop.Tapped(nil) })
		onScreen(w, func(s *setScreen) { s.stop.Tapped(nil) })
	})
	onReview := func(name string, do func(*review)) *fyne.MenuItem {
		return command(name, "", func() { onScreen(w, do) })
	}
	m.review = []*fyne.MenuItem{
		onReview("Take the source’s value   ←", func(s *review) { s.take(plan.ChooseSource) }),
		onReview("Back to the base   B", func(s *review) { s.take(plan.ChooseBase) }),
		onReview("Take HubSpot’s value   →", func(s *review) { s.take(plan.ChooseHubSpot) }),
		onReview("Edit the value…   E", (*review).edit),
		onReview("Leave both as they are   /", (*review).skip),
		onReview("Keep apart   K", func(s *review) { s.take(plan.ChooseApart) }),
		onReview("Apply to the group…   A", (*review).applyToGroup),
		onReview("Take the decision back   U", (*review).undo),
		fyne.NewMenuItemSeparator(),
		onReview("Apply decisions", func(s *review) { s.apply.Tapped(nil) }),
	}
	m.menu = fyne.NewMainMenu(
		fyne.NewMenu("File", command("New sync…", fyne.KeyN, func() { w.newSync("") }), command("New set of several files…", "", func() { w.newSet() }), command("Import a sync or set…", fyne.KeyI, w.importSync), command("Check a report…", "", w.checkReport), fyne.NewMenuItemSeparator(), quit),
		w.editMenu(),
		fyne.NewMenu("Go",
			command("Home", fyne.Key1, func() { w.goTo(placeHome) }),
			command("Review", fyne.Key2, func() { w.goTo(placeReview) }),
			command("Runs", fyne.Key3, func() { w.goTo(placeRuns) }),
			command("Connections", fyne.Key4, func() { w.goTo(placeConnections) }),
			command("Settings", fyne.Key5, func() { w.goTo(placeSettings) }),
			fyne.NewMenuItemSeparator(),
			command("Needs attention", "", w.openAttention)),
		fyne.NewMenu("Sync", append(m.plan[:len(m.plan):len(m.plan)], fyne.NewMenuItemSeparator(), m.stop)...),
		fyne.NewMenu("Review", m.review...),
		fyne.NewMenu("View", command("Read again", fyne.KeyR, func() { w.current.show() })),
		fyne.NewMenu("Help", command("Keyboard", "", w.showKeys), command("About Syncline", "", w.showAbout)),
	)
	return m
}

// onScreen does something on the current screen if it is of a kind.
func onScreen[S screen](w *window, do func(S)) {
	if s, ok := w.current.(S); ok && len(w.win.Canvas().Overlays().List()) == 0 {
		do(s)
	}
}

// fit greys what the current screen can't do.
func (m *mainMenu) fit(current screen) {
	plan, isPlan := current.(*planScreen)
	_, isRun := current.(*runScreen)
	if s, ok := current.(*setScreen); ok {
		isRun = s.job != nil
	}
	_, isReview := current.(*review)
	for _, i := range m.plan {
		i.Disabled = !isPlan
	}
	m.plan[1].Disabled = !isPlan || plan.applied
	m.stop.Disabled = !isRun
	for _, i := range m.review {
		i.Disabled = !isReview && !i.IsSeparator
	}
	m.menu.Refresh()
}

// showKeys lists the keys that do something everywhere.
func (w *window) showKeys() {
	rows := widgets.NewColumn(2)
	ctrl := "Ctrl "
	if runtime.GOOS == "darwin" {
		ctrl = "⌘ "
	}
	for _, k := range [][2]string{
		{"Go to Home, Review, Runs, Connections, Settings", ctrl + "1 to 5"},
		{"New sync", ctrl + "N"},
		{"Import a sync", ctrl + "I"},
		{"Read the screen’s data again", ctrl + "R"},
		{"Export the plan", ctrl + "E"},
		{"Undo and redo in the field map", ctrl + "Z, " + ctrl + "Y"},
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
	d.Open(w.win.Canvas())
}

func (w *window) showAbout() {
	text := widgets.NewColumn(8,
		widgets.NewParagraph("Keeps HubSpot and the data a team already has in agreement, on demand, with a person deciding every real conflict.", look.Body, look.T2),
		widgets.NewParagraph("Your data stays on this workstation; secrets are in its keychain only.", look.Body, look.T2),
		widgets.NewColumn(0, widgets.NewFactRow("Version", app.Version), widgets.NewFactRow("Licence", "MIT")))
	d := widgets.NewDialog("Syncline", "", text)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.win.Canvas())
}
