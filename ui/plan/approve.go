package plan

import (
	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// makeGuards shows the guard rails that the plan goes beyond.
func (s *Screen) makeGuards() {
	s.guards, s.rails.Objects = nil, nil
	for _, g := range s.view.Summary.Guards {
		if s.undoes() {
			if g.Count = s.view.Undo.Archived; g.Count == 0 {
				continue // all of them were taken out
			}
			g.Detail = "It archives " + look.Count(g.Count, "record that the run created.", "records that the run created.")
		}
		rail := widgets.NewGuardRail(g.Detail, "Look at the rows above; type the number to go on all the same.", g.Count, "", nil, func(bool) { s.allow() })
		s.guards = append(s.guards, rail)
		s.rails.Add(rail)
	}
}

// allow enables the primary button when all numbers are typed and there is
// something to write.
func (s *Screen) allow() {
	if s.keeping {
		s.apply.SetReason("What you changed is being kept")
		return
	}
	if s.set != nil {
		s.apply.SetReason("")
		return
	}
	for _, g := range s.guards {
		if !g.Allowed() {
			s.apply.SetReason("Type the number of each guard rail first")
			return
		}
	}
	c := s.view.Summary.Counts
	if c.Created+c.Updated-s.excluded <= 0 && (s.undoes() || c.Conflict+c.Unchanged+c.Skipped == 0) {
		s.apply.SetReason("There is nothing to write")
		return
	}
	s.apply.SetReason("")
}

// confirm applies the plan once everything is in it that was changed here. Where
// that could not be kept, the plan is shown as it is instead.
func (s *Screen) confirm() {
	if s.w.Now().Sub(s.opened) < s.w.FirstLook {
		return
	}
	s.whenKept(s.approve)
}

// whenKept goes on when the plan is what the screen shows; until then the button
// says what it waits for.
func (s *Screen) whenKept(then func()) {
	s.keeping = true
	s.allow()
	s.w.Settled(func(kept bool) {
		s.keeping = false
		s.allow()
		if kept {
			then()
		}
	})
}

// approve applies the plan; in a production portal the dialog names it.
func (s *Screen) approve() {
	start := func() {
		s.w.Rooms.Work(app.Work{Kind: app.JobRun, Path: s.view.Sync.Path, Arg: s.view.ID, Undoes: s.undoes(), Lane: s.lane, Confirmed: len(s.view.Summary.Guards) > 0}, s.view.Sync.Name)
	}
	if wording.PortalMeaning(s.view.Portal.Kind, s.view.Portal.AccountType) != look.Production {
		start()
		return
	}
	d := widgets.NewConfirm("Apply to "+s.view.Portal.Name+"?", s.footer.Writes+". "+s.footer.Costs+".", s.apply.Text, false, start)
	d.Portal, d.Note = look.Production, s.view.Portal.Name
	d.Open(s.w.Win.Canvas())
}
