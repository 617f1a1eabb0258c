package review

import (
	"context"
	"time"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// rest is how long a conflict must stay the one that is shown before it is asked who wrote
// its values: who goes through the queue with keys shall not spend calls on each.
const rest = 150 * time.Millisecond

// askAuthors adds to the three values who wrote them and when, as far as that is known.
func (s *Screen) askAuthors(c app.Conflict) {
	s.authored.Drop()
	time.AfterFunc(rest, func() {
		s.w.Post(func() {
			if now, ok := s.currentConflict(); ok && now.ID == c.ID {
				s.readAuthors(c)
			}
		})
	})
}

func (s *Screen) readAuthors(c app.Conflict) {
	authors := s.authors
	shell.LoadNewest(s.w, &s.authored, func(ctx context.Context) (app.Sides, error) { return authors.Of(ctx, c) }, func(all app.Sides) {
		now, ok := s.currentConflict()
		if !ok || now.ID != c.ID {
			return
		}
		row, base, hub := s.side.Source, s.side.Base, s.side.HubSpot
		s.signed(&row, all.Source, "changed ")
		s.signed(&base, all.Base, "written ")
		s.signed(&hub, all.HubSpot, "written ")
		s.side.Set(row, base, hub)
		s.detail.Refresh()
	}, func(error) {}) // it helps to decide, and is missed where HubSpot can't be asked
}

// signed adds who gave a side its value, and when.
func (s *Screen) signed(v *widgets.SideValue, f app.SideFact, did string) {
	if f.Who != "" {
		v.Who = f.Who
	}
	if !f.At.IsZero() {
		v.When = did + look.WhenInside(f.At, s.w.Now())
	}
}
