package sets

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// fillFoot shows what approving writes, and the guard rails before it.
func (s *Screen) fillFoot() {
	v := s.shown()
	s.rails, s.guards.Objects = nil, nil
	if v == nil || s.job != nil || s.interrupted() {
		s.foot.Hide()
		return
	}
	s.foot.Show()
	s.addGuards(v)
	c := v.Counts()
	s.footer.Writes, s.footer.Costs = setWrites(v, c), setCosts(v)
	changes := c.Created + c.Updated + edgesBeside(v)
	s.apply.Icon = "run"
	s.apply.SetText("Apply " + look.Count(changes, "change", "changes"))
	if s.undoes() {
		u := takenOf(v.Members)
		changes = u.Cells + u.removed + u.made + u.Archived
		s.apply.Icon = "undo"
		s.apply.SetText("Undo " + look.Count(changes, "change", "changes"))
		s.footer.Writes = u.words(" · ")
	} else if c.Conflict > 0 {
		s.footer.Costs = look.Count(c.Conflict, "conflict stays", "conflicts stay") + " untouched on both sides and wait in Review · " + s.footer.Costs
	}
	s.footer.Refresh()
	s.allow(changes)
}

// edgesBeside are the associations that plans write beside their rows: where
// rows are associations themselves they are counted as rows.
func edgesBeside(v *app.SetPlanView) (n int) {
	for _, m := range v.Members {
		if c := m.Left(); !m.Summary.OfEdges {
			n += c.Associated + c.Dissociated
		}
	}
	return n
}

// setWrites says what a plan of a set writes, in one line.
func setWrites(v *app.SetPlanView, c engine.Counts) string {
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, look.Count(n, one, many))
		}
	}
	rows := 0 // that are associations, and are counted among the created and updated
	for _, m := range v.Members {
		if m.Summary.OfEdges {
			l := m.Left()
			rows += l.Created
		}
	}
	add(c.Created-c.SourceCreated-rows, "new record in HubSpot", "new records in HubSpot")
	add(c.Updated-c.Archived, "update", "updates")
	add(c.Associated, "association made", "associations made")
	add(c.Dissociated, "association removed", "associations removed")
	add(c.SourceCreated, "new row", "new rows")
	add(c.SourceUpdated, "update also changes a file", "of the updates change files")
	add(c.Archived, "record archived", "records archived")
	out := 0
	for _, m := range v.Members {
		out += m.Excluded
	}
	add(out, "row left out", "rows left out")
	if len(parts) == 0 {
		return "Nothing would be written"
	}
	return strings.Join(parts, " · ")
}

// setCosts says what applying all plans costs together.
func setCosts(v *app.SetPlanView) string {
	var e app.Estimate
	for _, m := range v.Members {
		e.Calls += m.Cost.Calls
		e.Verify += m.Cost.Verify
		e.Took += m.Cost.Took
		e.Limit = max(e.Limit, m.Cost.Limit)
	}
	return wording.CostWords(e)
}

// addGuards asks for the numbers of the guard rails that the plans go beyond,
// those of one kind together.
func (s *Screen) addGuards(v *app.SetPlanView) {
	type rail struct {
		name  string
		count int
		texts []string
	}
	var rails []rail
	for _, m := range v.Members {
		for _, g := range m.Summary.Guards {
			if s.undoes() {
				if g.Count = m.Undo.Archived; g.Count == 0 {
					continue // all of them were taken out
				}
				g.Detail = look.Number(g.Count)
			}
			i := slices.IndexFunc(rails, func(r rail) bool { return r.name == g.Name })
			if i < 0 {
				rails = append(rails, rail{name: g.Name})
				i = len(rails) - 1
			}
			rails[i].count += g.Count
			rails[i].texts = append(rails[i].texts, m.Sync.Name+": "+g.Detail)
		}
	}
	for _, r := range rails {
		sentence, cause := r.texts[0], "Open its plan and look at the rows; type the number to go on all the same."
		if len(r.texts) > 1 || s.undoes() {
			sentence, cause = fmt.Sprintf("%s syncs do more than usual", look.Number(len(r.texts))), strings.Join(r.texts, " ")
			if s.undoes() {
				cause = "Of " + strings.Join(r.texts, ", ") + ". Nothing about them changed since; HubSpot keeps them for 90 days."
				sentence = fmt.Sprintf("It archives %s.", look.Count(r.count, "record that the run created", "records that the run created"))
			}
		}
		g := widgets.NewGuardRail(sentence, cause, r.count, "", nil, func(bool) { s.fillAllow() })
		g.Compact = s.w.Narrow()
		s.rails = append(s.rails, g)
		s.guards.Add(g)
	}
}

func (s *Screen) fillAllow() { s.allow(1) }

// allow enables the button when all numbers are typed and there is something to
// write.
func (s *Screen) allow(changes int) {
	reason := ""
	for _, g := range s.rails {
		if !g.Allowed() {
			reason = "Type the number of each guard rail first"
		}
	}
	if changes <= 0 && !s.settles() {
		reason = "There is nothing to write"
	}
	s.apply.SetReason(reason)
}

// settles reports whether applying takes note of something though it writes
// nothing: rows that are linked, conflicts that come to Review.
func (s *Screen) settles() bool {
	v := s.shown()
	if v == nil || s.undoes() {
		return false
	}
	c := v.Counts()
	return c.Conflict+c.Unchanged+c.Skipped+c.Failed+c.Waiting > 0
}

// guardRoom keeps room around the guard rails, and none where there are none.
type guardRoom struct{}

// Layout implements fyne.Layout.
func (guardRoom) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	layouts.Move(objects[0], look.PageMargin, 10, size.Width-2*look.PageMargin, size.Height-10)
}

// MinSize implements fyne.Layout.
func (guardRoom) MinSize(objects []fyne.CanvasObject) fyne.Size {
	c, ok := objects[0].(*fyne.Container)
	if ok && len(c.Objects) == 0 {
		return fyne.Size{}
	}
	return objects[0].MinSize().AddWidthHeight(2*look.PageMargin, 10)
}
