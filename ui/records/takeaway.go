package records

import (
	"context"
	"fmt"
	"strings"

	"syncline/ui/look"
	"syncline/ui/shell"
)

// export writes all that is found into a file.
func (s *Screen) export() {
	if s.results == nil {
		return
	}
	found, recs := s.results, s.recs
	s.w.SaveFile(strings.ToLower(recs.Object.Label), []string{".csv", ".xlsx"}, func(path string) {
		s.header.SetState("Exporting …")
		shell.Load(s.w, func(ctx context.Context) (int, error) { return recs.Export(ctx, found, path, true) }, func(n int) {
			s.state()
			s.w.Toast(look.Create, fmt.Sprintf("%s written to %s", look.Count(n, strings.ToLower(recs.Object.LabelSingular), strings.ToLower(recs.Object.Label)), path), "", nil)
		}, func(err error) { s.state(); s.w.Fail(err) })
	})
}

// copyFilter puts the filter on the clipboard as a sync's document has it.
func (s *Screen) copyFilter() {
	if s.recs == nil {
		return
	}
	text, err := s.recs.FilterText(s.filter.searched())
	if err != nil {
		s.w.Fail(err)
		return
	}
	if s.segment != nil {
		text += fmt.Sprintf("filter-list: %q\n", s.segment.Name)
	}
	s.w.Fyne.Clipboard().SetContent(text)
	s.w.Toast(look.Create, "The filter is on the clipboard: it goes into a sync’s document, under hubspot", "", nil)
}
