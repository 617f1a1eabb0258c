package records

import (
	"strings"
	"testing"

	"syncline/app/records"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// agrees fails where a row is marked and the panel says that none is chosen, or the other way round.
func (b *bench) agrees(s *Screen, when string) {
	b.Helper()
	marked := s.grid.Current() >= 0
	if none := strings.Contains(shelltest.Texts(s.panel.root), "No record chosen"); none && marked {
		b.Errorf("%s: row %d is marked, and the panel says that no record is chosen", when, s.grid.Current())
	}
}

// A row that is marked is never without a word beside it: its record stands there, or is said to be
// on its way, or why it can't be shown.
func TestAMarkedRowAndThePanelAgree(t *testing.T) {
	b, s := inRecords(t, look.Light)
	b.agrees(s, "at first")
	shown := s.panel.view.Name
	s.grid.Select(2)
	r, _ := s.at(2)
	if texts := shelltest.Texts(s.panel.root); !strings.Contains(texts, shown) || !strings.Contains(texts, "reading "+s.recs.Name(r)) {
		t.Errorf("beside the row that was chosen stands %s", texts)
	}
	b.Until("the record", func() bool { return s.panel.view != nil && s.panel.view.ID == r.ID })
	s.filter.filter = records.Filter{{{Property: "city", Operator: "HAS_PROPERTY"}}}
	s.filter.changed()
	b.agrees(s, "while another search is under way")
	if s.grid.Current() >= 0 {
		t.Error("a row is marked of which nobody knows what it is")
	}
	b.Until("the page", func() bool { return s.grid.Current() == 0 })
	b.agrees(s, "when the rows have come")
	first, _ := s.at(0)
	if texts := shelltest.Texts(s.panel.root); !strings.Contains(texts, "Reading what it holds") || !strings.Contains(texts, s.recs.Name(first)) {
		t.Errorf("while the first record is read the panel says %s", texts)
	}
	b.Picture("records-reading", 1280, 800)
	b.Until("its record", func() bool { return s.panel.view != nil && s.panel.view.ID == first.ID })
}

// Of a record that is no more the panel says so, while its row stays marked, and offers to look again.
func TestARecordThatIsNoMoreIsSaidBesideItsRow(t *testing.T) {
	b, s := inRecords(t, look.Light)
	portal, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, _ := s.at(1)
	if err := portal.Archive("contacts", r.ID); err != nil {
		t.Fatal(err)
	}
	s.grid.Select(1)
	b.Until("what became of it", func() bool {
		return strings.Contains(shelltest.Texts(s.panel.root), "This record is no more")
	})
	if s.grid.Current() != 1 || b.Button("Read again") == nil {
		t.Errorf("row %d is marked", s.grid.Current())
	}
	b.Picture("records-gone", 1024, 640)
}

// A record that is reached by another one is marked in the list, if it is there; else no row is.
func TestTheRowOfARecordThatIsReachedByAnotherIsMarked(t *testing.T) {
	b, s := inRecords(t, look.Light)
	r, _ := s.at(3)
	s.panel.openAt(r.ID, "", tabProperties)
	if s.grid.Current() != 3 {
		t.Errorf("row %d is marked, its record stands in row 3", s.grid.Current())
	}
	s.panel.openAt("999999999", "", tabProperties)
	if s.grid.Current() != -1 {
		t.Errorf("row %d is marked, and another record is on its way", s.grid.Current())
	}
	b.Settle()
}
