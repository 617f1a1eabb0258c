package ui

import (
	"context"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// action is a line of the palette and what it does.
type action struct {
	line widgets.PickLine
	do   func()
}

// linesInPalette is how many actions are in sight at once.
const linesInPalette = 11

// palette lets a person find whatever can be done now by its name: the commands of
// the screen in front and of the menu with their shortcuts, and every sync and set.
func (w *house) palette() {
	if len(w.Win.Canvas().Overlays().List()) > 0 {
		return // the shortcut works over a dialog too, which comes first
	}
	all := w.actions()
	var d *widgets.Dialog
	list := widgets.NewPickList(linesOf(all), linesInPalette, -1, func(i int) {
		d.Close()
		all[i].do()
	})
	find := widgets.NewEntry("What would you like to do?")
	find.OnChanged = list.Find
	find.OnKey = list.Key
	d = widgets.NewDialog("Find an action", "", widgets.NewColumn(10, find, list))
	d.Width = 620
	d.First = find
	d.Open(w.Win.Canvas())
	type known struct {
		cards []app.Card
		sets  []app.SetCard
	}
	shell.Load(w, func(ctx context.Context) (k known, err error) {
		if k.cards, err = w.App.Cards(ctx); err != nil {
			return k, err
		}
		k.sets, err = w.App.Sets(ctx)
		return k, err
	}, func(k known) {
		all = append(all, w.actionsOf(k.cards, k.sets)...)
		list.SetLines(linesOf(all), find.Text)
	}, nil)
}

func linesOf(all []action) []widgets.PickLine {
	lines := make([]widgets.PickLine, len(all))
	for i, a := range all {
		lines[i] = a.line
	}
	return lines
}

// onThisScreen is what stands behind the commands of the screen in front.
const onThisScreen = "on this screen"

// actions are the commands of the screen in front, then those of the menu. What
// both have is named once, with its shortcut.
func (w *house) actions() []action {
	var all []action
	named := map[string]int{}
	add := func(a action) {
		name := strings.TrimSuffix(a.line.Text, "…")
		if name == "" {
			return
		}
		if at, ok := named[name]; ok {
			if all[at].line.Note == onThisScreen {
				all[at].line.Note = a.line.Note
			}
			return
		}
		named[name] = len(all)
		all = append(all, a)
	}
	if h := w.Current().Head(); h != nil {
		buttons := h.Buttons
		if h.Primary != nil {
			buttons = append([]*widgets.Button{h.Primary}, buttons...)
		}
		for _, b := range buttons {
			add(action{widgets.PickLine{Icon: b.Icon, Text: b.Text, Note: onThisScreen, Off: b.Disabled()}, func() { b.Tapped(nil) }})
		}
		for _, i := range h.Menu {
			add(itemAction(i, onThisScreen))
		}
	}
	_, undoes := w.Current().(undoer)
	for _, m := range w.menu.menu.Items {
		for _, i := range m.Items {
			if i != w.menu.find && (undoes || m != w.menu.edit) {
				add(itemAction(i, m.Label))
			}
		}
	}
	return all
}

// itemAction is a menu's item as an action; where says which menu, for items
// without a shortcut.
func itemAction(i *fyne.MenuItem, where string) action {
	if i.IsSeparator {
		return action{}
	}
	text, note := i.Label, where
	if name, key, ok := strings.Cut(text, "   "); ok { // the keys of Review stand behind the name
		text, note = name, strings.TrimSpace(key)
	}
	if s, ok := i.Shortcut.(fyne.KeyboardShortcut); ok {
		note = shortcutWords(s)
	}
	return action{widgets.PickLine{Text: text, Note: note, Off: i.Disabled}, func() {
		if i.Action != nil {
			i.Action()
		}
	}}
}

// shortcutWords name a shortcut as the system's own menus do.
func shortcutWords(s fyne.KeyboardShortcut) string {
	word := "Ctrl "
	if runtime.GOOS == "darwin" {
		word = "⌘ "
	}
	return word + string(s.Key())
}

// actionsOf are the ways to every sync and set.
func (w *house) actionsOf(cards []app.Card, sets []app.SetCard) []action {
	var all []action
	add := func(icon look.Icon, text, name string, do func()) {
		all = append(all, action{widgets.PickLine{Icon: icon, Text: text + name}, do})
	}
	for _, s := range sets {
		add("association", "Open the set ", s.Name, func() { w.Set(s.Path) })
		if s.Err == nil {
			add("preview", "Preview the set ", s.Name, func() { w.PreviewSet(s.Path) })
		}
	}
	for _, c := range cards {
		if c.Plan != nil {
			add("runs", "Open the plan of ", c.Name, func() { w.Plan(c.Plan.ID, app.Part{}) })
		}
		add("preview", "Preview ", c.Name, func() { w.Preview(c.Path, c.Name) })
		add("association", "Open the field map of ", c.Name, func() { w.FieldMap(c.Path, nil) })
	}
	return all
}
