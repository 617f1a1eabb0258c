package duplicates

import (
	"context"
	"fmt"
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

// same says that the two of the pair are one.
func (s *Screen) same() {
	i := s.current()
	if i < 0 || s.found.At(i).Verdict != "" {
		return
	}
	if s.found.At(i).Kind == app.TwinRecords {
		s.merge()
		return
	}
	s.decide(i, s.found.Same)
}

// different says that the two of the pair are two.
func (s *Screen) different() {
	if i := s.current(); i >= 0 && s.found.At(i).Verdict == "" {
		s.decide(i, s.found.Different)
	}
}

// decide keeps a decision and goes on to the next pair.
func (s *Screen) decide(i int, keep func(context.Context, int) error) {
	row, d := s.list.Current(), s.found
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, keep(ctx, i) }, func(struct{}) {
		if s.found != d {
			return
		}
		s.last = append(s.last, i)
		if len(s.last) == 1 && s.path != "" && d.At(i).Kind != app.TwinRecords {
			s.w.Toast(look.Conflict, "A plan that was made before can’t be applied any more", "Make a new plan", func() { s.w.Rooms.Preview(s.path, d.Name) })
		}
		s.decided(row)
	}, nil)
}

// decided shows that a pair is decided, and goes on if the person has not.
func (s *Screen) decided(row int) {
	s.list.RefreshRow(row)
	s.segment()
	s.state()
	if s.list.Current() != row {
		return
	}
	for next := row + 1; next < len(s.pairs); next++ {
		if s.found.At(s.pairs[next]).Verdict == "" {
			s.list.Select(next)
			return
		}
	}
	s.compare(row)
}

// undo takes the last decision of this visit back.
func (s *Screen) undo() {
	if len(s.last) == 0 {
		s.w.Toast(look.Neutral, "Nothing to take back in this visit; Review lists decisions in force", "", nil)
		return
	}
	i, d := s.last[len(s.last)-1], s.found
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, d.Undecide(ctx, i) }, func(struct{}) {
		if s.found != d {
			return
		}
		s.last = s.last[:len(s.last)-1]
		s.kind = d.At(i).Kind
		s.segment()
		s.state()
		s.pairs = d.Pairs(s.kind)
		s.list.Refresh()
		for row, k := range s.pairs {
			if k == i {
				s.list.Select(row)
				s.compare(row)
			}
		}
	}, nil)
}

// merge shows what a merge of two records would leave, and asks for the word.
func (s *Screen) merge() {
	i := s.current()
	if i < 0 || s.found.At(i).Kind != app.TwinRecords || s.found.At(i).Verdict != "" {
		return
	}
	s.previewMerge(i, false)
}

func (s *Screen) previewMerge(i int, keepB bool) {
	d := s.found
	shell.Load(s.w, func(ctx context.Context) (*app.MergePreview, error) { return d.PreviewMerge(ctx, i, keepB) }, func(m *app.MergePreview) {
		s.askMerge(i, keepB, m)
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
		typed, row := entry.Text, s.list.Current()
		dialog.Close()
		shell.Load(s.w, func(ctx context.Context) (string, error) { return d.Merge(ctx, i, m, typed) }, func(survivor string) {
			s.w.Toast(look.Create, "HubSpot made one record of the two: "+survivor, "", nil)
			if s.found == d {
				s.decided(row)
			}
		}, nil)
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
