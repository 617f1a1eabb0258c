package sets

import (
	"fmt"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// canUndoPart reports whether the last run is there to be taken back in parts: it
// wrote in more than one sync, and was not taken back.
func (s *Screen) canUndoPart() bool {
	return s.state.Last != nil && s.state.Undo == nil && s.state.Unfinished == nil && len(s.wrote()) > 1
}

// wrote are the runs of the last run of the set that wrote something.
func (s *Screen) wrote() []app.RunCard {
	var some []app.RunCard
	for _, r := range s.state.Last.Runs {
		if r.State == plan.RunDone && undoable(r.Counts) > 0 {
			some = append(some, r)
		}
	}
	return some
}

// undoable is how much of what a run wrote can be taken back.
func undoable(c engine.Counts) int {
	return c.Created + c.Updated + c.SourceCreated + c.SourceUpdated + c.Associated + c.Dissociated
}

// undoPart asks which syncs of the last run are taken back, and shows what goes back.
func (s *Screen) undoPart() {
	runs, last := s.wrote(), s.state.Last.ID
	on := make([]bool, len(runs))
	list := widgets.NewColumn(8, widgets.NewParagraph("What you tick is taken back, the rest stays. You see what goes back before anything is written.", look.Body, look.T2))
	var d *widgets.Dialog
	show := widgets.NewButton(widgets.Primary, "undo", "Show what goes back", func() {
		var part app.SetPart
		for i, r := range runs {
			if on[i] {
				part.Syncs = append(part.Syncs, r.SyncName)
			}
		}
		if len(part.Syncs) == len(runs) {
			part = app.SetPart{}
		}
		d.Close()
		s.start(app.SetWork{Kind: app.SetPreviewUndo, Path: s.path, Arg: last, Part: part})
	})
	const none = "Tick what is to be taken back"
	show.SetReason(none)
	for i, r := range runs {
		c := r.Counts
		box := widgets.NewCheck(r.SyncName, false, func(yes bool) {
			on[i] = yes
			reason := none
			for _, x := range on {
				if x {
					reason = ""
				}
			}
			show.SetReason(reason)
		})
		text := fmt.Sprintf("%s created · %s updated · %s associated", look.Number(c.Created), look.Number(c.Updated), look.Number(c.Associated))
		list.Add(widgets.NewColumn(1, box, layouts.Indented(widgets.NewParagraph(text, look.Caption, look.T2))))
	}
	d = widgets.NewDialog("Undo a part of the last run", s.state.Name, list)
	d.Width = 480
	d.Primary = show
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.Open(s.w.Win.Canvas())
}
