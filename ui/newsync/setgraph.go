package newsync

import (
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/widgets/graph"
	"syncline/ui/wording"
)

// fillGraph shows what each sheet becomes and how they are connected.
func (s *setMaker) fillGraph() {
	d := s.draft
	var cards []graph.Card
	var lines []graph.Line
	s.cards = s.cards[:0]
	add := func(c graph.Card, p newSetPart) int {
		cards, s.cards = append(cards, c), append(s.cards, p)
		return len(cards) - 1
	}
	rows := map[int]int{} // card by sheet
	for i, one := range d.Sheets {
		if !one.AsRoles || one.Out {
			c := s.sheetCard(one)
			c.ID = sheetID(i)
			rows[i] = add(c, newSetPart{i, -1})
		}
	}
	objects := map[string]int{}
	for _, one := range d.Sheets {
		if one.Out || one.AsRoles {
			continue
		}
		if _, ok := objects[one.Object]; !ok {
			objects[one.Object] = add(graph.Card{ID: "object " + one.Object, Column: graph.Objects, Icon: wording.IconOf(one.Object), Title: wording.ObjectWord(one.Object), Sub: s.filled(one.Object)}, newSetPart{-1, -1})
		}
	}
	for i, one := range d.Sheets {
		if !one.Out && !one.AsRoles {
			lines = append(lines, graph.Line{From: rows[i], To: objects[one.Object]})
		}
	}
	join := func(card int, from, to string) {
		a, okA := objects[from]
		b, okB := objects[to]
		if okA {
			lines = append(lines, graph.Line{From: a, To: card})
		}
		if okB && a != b {
			lines = append(lines, graph.Line{From: b, To: card})
		}
	}
	for i, one := range d.Sheets {
		if one.AsRoles && !one.Out {
			from, to := d.Sheets[one.Roles.From.To].Object, d.Sheets[one.Roles.To.To].Object
			c := graph.Card{ID: sheetID(i), Column: graph.Edges, Icon: "association", Title: wording.ObjectWord(from) + " → " + wording.ObjectWord(to), SubIcon: "file", Sub: one.Name,
				Counts: []graph.Count{{Meaning: look.Associated, N: min(one.Roles.From.Named, one.Roles.To.Named)}}}
			if one.Label != "" {
				c.Sub += " · label from “" + one.Label + "”"
			}
			join(add(c, newSetPart{i, -1}), from, to)
		}
	}
	for i, l := range d.Links {
		from, to := d.Sheets[l.From], d.Sheets[l.To]
		if from.Out || from.AsRoles || to.Out || to.AsRoles {
			continue
		}
		c := graph.Card{ID: fmt.Sprintf("link %d %s", l.From, l.Column), Column: graph.Edges, Icon: "association", Title: wording.ObjectWord(from.Object) + " → " + wording.ObjectWord(to.Object), SubIcon: "columns", Sub: l.Column, Off: !l.On}
		if l.On {
			c.Counts = []graph.Count{{Meaning: look.Associated, N: l.Named}}
			if l.Filled > l.Named {
				c.Counts = append(c.Counts, graph.Count{Meaning: look.Conflict, Icon: "waiting", N: l.Filled - l.Named})
			}
		} else {
			c.Note = "Left out"
		}
		at := add(c, newSetPart{-1, i})
		if l.On {
			join(at, from.Object, to.Object)
		}
	}
	s.graph.Set(cards, lines)
}

// sheetID names the card of a sheet, wherever it stands.
func sheetID(i int) string { return fmt.Sprintf("sheet %d", i) }

// filled says which sheets fill an object type.
func (s *setMaker) filled(object string) string {
	n, rows := 0, 0
	for _, one := range s.draft.Sheets {
		if !one.Out && !one.AsRoles && one.Object == object {
			n, rows = n+1, rows+one.Rows
		}
	}
	if n > 1 {
		return fmt.Sprintf("%s rows of %d", look.Number(rows), n)
	}
	return look.Count(rows, "row", "rows")
}

func (s *setMaker) sheetCard(one app.Sheet) graph.Card {
	c := graph.Card{Column: graph.Rows, Icon: "file", Title: one.Name, Sub: look.Count(one.Rows, "row", "rows"), Off: one.Out}
	if one.Sheet != "" {
		c.Icon = "spreadsheet"
	}
	switch {
	case one.Err != nil:
		c.Sub, c.Note = "can’t be read", whyUnread(one)
		c.Mark, c.MarkInk = look.Failed.Icon(), look.Failed.Text()
	case one.Out && one.Rows == 0:
		c.Note = "It has no rows"
	case one.Out:
		c.Note = "Left out"
	case one.Key == "":
		c.Note = "What identifies a row?"
		c.Mark, c.MarkInk = look.Conflict.Icon(), look.Conflict.Text()
	default:
		c.Sub += " · known by " + one.Key
		c.Note = fmt.Sprintf("%s of %s", look.Number(mappedIn(one)), look.Count(len(one.Draft.Schema.Columns), "column", "columns"))
	}
	return c
}

// whyUnread says what is wrong with a file, without its whole path.
func whyUnread(one app.Sheet) string {
	return wording.SentenceCase(strings.TrimPrefix(one.Err.Error(), one.Path+": "))
}

// mappedIn is how many columns of a sheet are mapped.
func mappedIn(one app.Sheet) (n int) {
	for _, p := range one.Pairs {
		if p.On {
			n++
		}
	}
	return n
}

// toggleChosen ticks or unticks the chosen link.
func (s *setMaker) toggleChosen() {
	if i := s.graph.Selected(); i >= 0 && i < len(s.cards) && s.cards[i].link >= 0 {
		s.tick(s.cards[i].link, !s.draft.Links[s.cards[i].link].On)
	}
}

// tick takes a link, if no circle comes of it, or leaves it out.
func (s *setMaker) tick(link int, on bool) {
	if on && s.draft.Circle(link) != "" {
		return
	}
	s.draft.Links[link].On = on
	s.edited()
}

// choiceOf is the place of what a sheet's rows are among what they may be.
func (s *setMaker) choiceOf(one app.Sheet) int {
	switch {
	case one.Out:
		return len(s.types) + s.roles(one)
	case one.AsRoles:
		return len(s.types)
	}
	return slices.IndexFunc(s.types, func(t objectType) bool { return t.Name == one.Object })
}

// roles is 1 where a sheet's rows may be associations.
func (s *setMaker) roles(one app.Sheet) int {
	if one.Roles != nil {
		return 1
	}
	return 0
}
