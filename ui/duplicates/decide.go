package duplicates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// typed does what a letter stands for.
func (s *Screen) typed(r rune) bool {
	do, ok := map[rune]func(){'s': s.same, 'd': s.different, 'm': s.merge, 'u': s.undo}[r|' ']
	if ok {
		do()
	}
	return ok
}

// waiting is the pair that is chosen, if it waits for a word; false else.
func (s *Screen) waiting() (int, bool) {
	i := s.current()
	return i, i >= 0 && s.verdict(i) == ""
}

// verdict is what was said of a pair, also while it is being kept.
func (s *Screen) verdict(i int) app.TwinVerdict {
	if v, ok := s.going[i]; ok {
		return v
	}
	return s.found.At(i).Verdict
}

// open counts the pairs of a kind that wait for a word.
func (s *Screen) open(k app.Likeness) (n int) {
	for _, i := range s.found.Pairs(k) {
		if s.verdict(i) == "" {
			n++
		}
	}
	return n
}

// same says that the two of the pair are one.
func (s *Screen) same() {
	i, ok := s.waiting()
	switch {
	case !ok:
	case s.found.At(i).Kind == app.TwinRecords:
		s.previewMerge(i, false)
	default:
		s.decide(i, "same", s.found.Same)
	}
}

// different says that the two of the pair are two.
func (s *Screen) different() {
	if i, ok := s.waiting(); ok {
		s.decide(i, "different", s.found.Different)
	}
}

// decide keeps a decision. The window goes on to the next pair at once; if keeping it
// fails, the pair waits again and the error is shown.
func (s *Screen) decide(i int, v app.TwinVerdict, keep func(context.Context, int) error) {
	d := s.found
	first := len(s.last) == 0
	s.last = append(s.last, i)
	s.going[i] = v
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, keep(ctx, i) }, func(struct{}) {
		if s.found != d {
			return
		}
		s.kept(i, v)
		if first && s.path != "" && d.At(i).Kind != app.TwinRecords {
			s.w.Toast(look.Conflict, "A plan that was made before can’t be applied any more", "Make a new plan", func() { s.w.Rooms.Preview(s.path, d.Name) })
		}
	}, func(err error) {
		s.w.Fail(err)
		if s.found != d {
			return
		}
		s.kept(i, v)
		if at := slices.Index(s.last, i); at >= 0 {
			s.last = slices.Delete(s.last, at, at+1)
		}
		s.turn(i)
	})
	s.decided(i)
}

// kept notes that a word on a pair is kept, or came to nothing, unless another was said since.
func (s *Screen) kept(i int, v app.TwinVerdict) {
	if s.going[i] == v {
		delete(s.going, i)
	}
}

// rowOf is the line of a pair, -1 where the pairs of another kind are listed.
func (s *Screen) rowOf(i int) int { return slices.Index(s.pairs, i) }

// decided shows that a pair is decided, and goes on if the person has not.
func (s *Screen) decided(i int) {
	row := s.rowOf(i)
	s.count()
	s.list.RefreshRow(row)
	if row < 0 || s.list.Current() != row {
		return
	}
	for next := row + 1; next < len(s.pairs); next++ {
		if s.verdict(s.pairs[next]) == "" {
			s.list.Select(next)
			return
		}
	}
	s.compare(row)
}

// count counts anew what waits.
func (s *Screen) count() {
	s.segment()
	s.state()
}

// turn goes back to a pair that waits again.
func (s *Screen) turn(i int) {
	if k := s.found.At(i).Kind; k != s.kind {
		s.kind = k
		s.list.Select(-1)
		s.pairs = s.found.Pairs(k)
	}
	s.count()
	s.tell()
	s.list.Refresh()
	if row := s.rowOf(i); s.list.Current() != row {
		s.list.Select(row)
	} else {
		s.compare(row)
	}
}

// undo takes the last decision of this visit back.
func (s *Screen) undo() {
	if s.found == nil {
		return
	}
	if len(s.last) == 0 {
		s.w.Toast(look.Neutral, "Nothing to take back in this visit; Review lists decisions in force", "", nil)
		return
	}
	i, d := s.last[len(s.last)-1], s.found
	was := s.verdict(i)
	s.last = s.last[:len(s.last)-1]
	s.going[i] = ""
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, d.Undecide(ctx, i) }, func(struct{}) {
		if s.found == d {
			s.kept(i, "")
		}
	}, func(err error) {
		s.w.Fail(err)
		if s.found != d {
			return
		}
		s.kept(i, "")
		if was != "" {
			s.last = append(s.last, i)
		}
		s.turn(i)
	})
	s.turn(i)
}

// merge shows what a merge of two records would leave, and asks for the word.
func (s *Screen) merge() {
	if i, ok := s.waiting(); ok && s.found.At(i).Kind == app.TwinRecords {
		s.previewMerge(i, false)
	}
}

func (s *Screen) previewMerge(i int, keepB bool) {
	d := s.found
	shell.LoadNewest(s.w, &s.merging, func(ctx context.Context) (*app.MergePreview, error) { return d.PreviewMerge(ctx, i, keepB) }, func(m *app.MergePreview) {
		if s.found == d && s.verdict(i) == "" && s.w.Current() == shell.Screen(s) {
			s.askMerge(i, keepB, m)
		}
	}, nil)
}

func (s *Screen) askMerge(i int, keepB bool, m *app.MergePreview) {
	d := s.found
	lines := grid.New(look.RowComfortable, grid.Column{ID: "p", Title: "Property", Width: 130, Grow: 1, Lead: true}, grid.Column{ID: "v", Title: "What stays", Width: 300, Grow: 2})
	lines.Length = func() int { return len(m.Lines) }
	lines.Cell = func(row, col int) grid.Cell {
		l := m.Lines[row]
		if col == 0 {
			return grid.Cell{Text: l.Property.Label, Style: grid.Label}
		}
		c := grid.Cell{Text: l.Becomes, Second: l.Note}
		if l.Note != "" && l.A != "" {
			c.Ink = look.Conflict.Text()
		}
		return c
	}
	lost := "No value is lost from view."
	if m.Lost > 0 {
		lost = look.Count(m.Lost, "value of the other one is", "values of the other one are") + " left in the history only."
	}
	keep := widgets.NewTextSegment([]string{"Keep " + d.At(i).A.ID, "Keep " + d.At(i).B.ID}, 0, nil)
	if keepB {
		keep.Selected = 1
	}
	entry := widgets.NewEntry("")
	dialog := widgets.NewDialog("Merge two records in HubSpot?", fmt.Sprintf("%s and %s become one", m.Keep.Name, m.Gone.Name), widgets.NewColumn(8,
		widgets.NewParagraph("This can’t be undone: HubSpot has no way back from a merge, and neither has Syncline. "+lost+" What both records hold now is kept in the workspace.", look.Body, look.T1),
		widgets.NewRow(0, keep),
		container.New(layouts.Tall(230), lines),
		widgets.NewLine("Type “"+app.MergeWord+"” to go on", look.Small, look.T2), entry))
	keep.OnChanged = func(k int) {
		dialog.Close()
		s.previewMerge(i, k == 1)
	}
	const missing = "Type the word first"
	dialog.First = entry
	dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", dialog.Cancel)}
	dialog.Primary = widgets.NewButton(widgets.Danger, "people", "Merge for good", func() {
		typed := entry.Text
		dialog.Close()
		s.going[i] = "same"
		shell.InOrder(s.w, func(ctx context.Context) (string, error) { return d.Merge(ctx, i, m, typed) }, func(survivor string) {
			s.w.Toast(look.Create, "HubSpot made one record of the two: "+survivor, "", nil)
			if s.found == d {
				delete(s.going, i)
				s.count()
				s.list.RefreshRows() // others may be one by that
				s.compare(s.list.Current())
			}
		}, func(err error) {
			s.w.Fail(err)
			if s.found == d {
				delete(s.going, i)
				s.turn(i)
			}
		})
		s.decided(i)
	})
	dialog.Primary.SetReason(missing)
	entry.OnChanged = func(text string) {
		reason := missing
		if strings.EqualFold(strings.TrimSpace(text), app.MergeWord) {
			reason = ""
		}
		dialog.Primary.SetReason(reason)
	}
	dialog.Open(s.w.Win.Canvas())
}
