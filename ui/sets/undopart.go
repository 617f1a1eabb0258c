package sets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// canUndoPart reports whether the last run is there to be taken back in parts: it
// wrote something, and was not taken back.
func (s *Screen) canUndoPart() bool {
	return s.state.Last != nil && s.state.Undo == nil && s.state.Unfinished == nil &&
		slices.ContainsFunc(s.state.Last.Runs, func(r app.RunCard) bool { return r.State == plan.RunDone && r.Undoable() > 0 })
}

// askPart asks what of a run of the set is taken back, and shows what goes back then.
func (s *Screen) askPart(run string) {
	shell.Load(s.w, func(ctx context.Context) ([]app.SetRunPart, error) { return s.w.App.SetRunParts(ctx, run) }, func(parts []app.SetRunPart) {
		if len(parts) == 0 {
			s.w.Toast(look.Neutral, "That run wrote nothing that could be taken back", "", nil)
			return
		}
		newPartDialog(s, run, parts).dialog.Open(s.w.Win.Canvas())
	}, nil)
}

// partDialog asks for a part of a run of a set: each thing that is chosen narrows what is
// taken back.
type partDialog struct {
	s      *Screen
	run    string
	parts  []app.SetRunPart
	on     []bool // the syncs
	fields []string
	rows   []app.SetRow // those that are chosen

	fieldWords, rowWords *widgets.Paragraph
	dialog               *widgets.Dialog
}

func newPartDialog(s *Screen, run string, parts []app.SetRunPart) *partDialog {
	d := &partDialog{s: s, run: run, parts: parts, on: make([]bool, len(parts))}
	list := widgets.NewColumn(8, widgets.NewParagraph("What you choose is taken back, the rest stays as the run left it. You see what goes back before anything is written.", look.Body, look.T2),
		widgets.NewLine("Only these syncs; none ticked means all", look.Strong, look.T1))
	for i, r := range parts {
		box := widgets.NewCheck(r.SyncName, false, func(yes bool) {
			d.on[i] = yes
			d.allow()
		})
		c := r.Counts
		text := fmt.Sprintf("%s created · %s updated · %s associated", look.Number(c.Created), look.Number(c.Updated), look.Number(c.Associated))
		list.Add(widgets.NewColumn(1, box, layouts.Indented(widgets.NewParagraph(text, look.Caption, look.T2))))
	}
	d.fieldWords, d.rowWords = widgets.NewParagraph("", look.Small, look.T2), widgets.NewParagraph("", look.Small, look.T2)
	narrow := func(title, act string, words *widgets.Paragraph, do func()) fyne.CanvasObject {
		b := widgets.NewButton(widgets.Plain, "", act, do)
		b.Small = true
		return widgets.NewColumn(4, widgets.NewLine(title, look.Strong, look.T1), words, widgets.NewRow(0, b))
	}
	list.Add(narrow("Only these fields", "Choose fields…", d.fieldWords, d.chooseFields))
	list.Add(narrow("Only these rows", "Choose rows…", d.rowWords, d.chooseRows))
	d.dialog = widgets.NewDialog("Undo a part of a run", s.state.Name+" · "+run, list)
	d.dialog.Width = 520
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "undo", "Show what goes back", d.show)
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.dialog.Cancel)}
	d.allow()
	return d
}

// part is what is chosen.
func (d *partDialog) part() app.SetPart {
	p := app.SetPart{Fields: d.fields}
	for i, r := range d.parts {
		if d.on[i] {
			p.Syncs = append(p.Syncs, r.Part)
		}
	}
	if len(p.Syncs) == len(d.parts) {
		p.Syncs = nil
	}
	for _, r := range d.rows {
		p.Rows = append(p.Rows, r.Key)
	}
	return p
}

// meant are the runs of which something is taken back: all where none is ticked.
func (d *partDialog) meant() (some []app.SetRunPart) {
	for i, r := range d.parts {
		if d.on[i] {
			some = append(some, r)
		}
	}
	if len(some) == 0 {
		return d.parts
	}
	return some
}

// fieldsOf are the fields that the runs wrote, each once.
func fieldsOf(runs []app.SetRunPart) (names []string) {
	for _, r := range runs {
		for _, f := range r.Fields {
			if !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
	}
	return names
}

// allow says what is chosen so far, and whether it is something. A field or row that none of
// the ticked syncs wrote is chosen no longer.
func (d *partDialog) allow() {
	runs := d.meant()
	fields := fieldsOf(runs)
	d.fields = slices.DeleteFunc(d.fields, func(f string) bool { return !slices.Contains(fields, f) })
	d.rows = slices.DeleteFunc(d.rows, func(r app.SetRow) bool {
		return !slices.ContainsFunc(runs, func(x app.SetRunPart) bool { return slices.Contains(r.Syncs, x.SyncName) })
	})
	names := make([]string, len(d.rows))
	for i, r := range d.rows {
		names[i] = r.Key
	}
	d.fieldWords.SetText(chosenWords("All "+look.Count(len(fields), "field", "fields")+" that the run wrote", d.fields))
	d.rowWords.SetText(chosenWords("All rows that the run wrote", names))
	reason := ""
	if !slices.Contains(d.on, true) && len(d.fields)+len(d.rows) == 0 {
		reason = "Choose what is to be taken back"
	}
	d.dialog.Primary.SetReason(reason)
	d.dialog.Refresh()
}

// mostNamed is how many names stand in a line.
const mostNamed = 6

func chosenWords(all string, names []string) string {
	n := len(names)
	switch {
	case n == 0:
		return all
	case n > mostNamed:
		return strings.Join(names[:mostNamed], ", ") + " and " + look.Number(n-mostNamed) + " more"
	}
	return strings.Join(names, ", ")
}

func (d *partDialog) chooseFields() {
	runs := d.meant()
	fields := fieldsOf(runs)
	lines := make([]widgets.PickLine, len(fields))
	var on []int
	for i, f := range fields {
		var of []string
		for _, r := range runs {
			if slices.Contains(r.Fields, f) {
				of = append(of, r.SyncName)
			}
		}
		lines[i] = widgets.PickLine{Text: f, Note: chosenWords("", of)}
		if slices.Contains(d.fields, f) {
			on = append(on, i)
		}
	}
	widgets.PickSeveral(d.s.w.Win.Canvas(), "Which fields are taken back?", "Take these", lines, on, func(picked []int) {
		d.fields = nil
		for _, i := range picked {
			d.fields = append(d.fields, fields[i])
		}
		d.allow()
	})
}

func (d *partDialog) chooseRows() {
	shell.Load(d.s.w, func(ctx context.Context) ([]app.SetRow, error) { return d.s.w.App.SetRunRows(ctx, d.run) }, func(all []app.SetRow) {
		runs := d.meant()
		rows := slices.DeleteFunc(all, func(r app.SetRow) bool {
			return !slices.ContainsFunc(runs, func(x app.SetRunPart) bool { return slices.Contains(r.Syncs, x.SyncName) })
		})
		lines := make([]widgets.PickLine, len(rows))
		chosen := make(map[string]bool, len(d.rows))
		for _, r := range d.rows {
			chosen[r.Key] = true
		}
		var on []int
		for i, r := range rows {
			lines[i] = widgets.PickLine{Text: r.Name, Note: r.Key + " · " + strings.Join(r.Syncs, ", "), Also: r.Key}
			if r.Name == "" {
				lines[i].Text = r.Key
			}
			if chosen[r.Key] {
				on = append(on, i)
			}
		}
		widgets.PickSeveral(d.s.w.Win.Canvas(), "Which rows are taken back?", "Take these", lines, on, func(picked []int) {
			d.rows = nil
			for _, i := range picked {
				d.rows = append(d.rows, rows[i])
			}
			d.allow()
		})
	}, nil)
}

// show makes the plan of the part.
func (d *partDialog) show() {
	d.dialog.Close()
	d.s.start(app.SetWork{Kind: app.SetPreviewUndo, Path: d.s.path, Arg: d.run, Part: d.part()})
}
