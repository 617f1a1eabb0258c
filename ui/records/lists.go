package records

import (
	"context"

	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/shell"
)

// anyList is what the button of lists says while all records are looked for.
const anyList = "Any list"

// chooseList asks whose members are looked for.
func (s *Screen) chooseList() {
	if s.recs == nil {
		return
	}
	recs, now := s.recs, ""
	if s.segment != nil {
		now = s.segment.ID
	}
	shell.Load(s.w.Window, func(ctx context.Context) ([]hubspot.Segment, error) { return recs.Lists(ctx) }, func(lists []hubspot.Segment) {
		if recs != s.recs {
			return // others were opened meanwhile
		}
		all := []choice{{"", anyList, "All records, in a list or not"}}
		for _, l := range lists {
			what := "static"
			if l.Dynamic() {
				what = "dynamic: its filter decides who is in it"
			}
			all = append(all, choice{l.ID, l.Name, look.Count(l.Size, "member", "members") + ", " + what})
		}
		s.pickOne("Members of which list?", all, now, func(id string) {
			s.ofList(nil)
			for i := range lists {
				if lists[i].ID == id {
					s.ofList(&lists[i])
				}
			}
			s.search()
		})
	}, nil)
}

// ofList looks for the members of a list only, of all records with nil.
func (s *Screen) ofList(l *hubspot.Segment) {
	s.segment = l
	text := anyList
	if l != nil {
		text = l.Name
		if r := []rune(text); len(r) > 24 {
			text = string(r[:23]) + "…"
		}
	}
	s.lists.SetText(text)
	s.showSort()
}
