package newsync

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"github.com/xuri/excelize/v2"

	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
)

// tablesIn writes the rows of setFiles into a folder.
func tablesIn(t *testing.T) []fyne.URI {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Old CRM")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var uris []fyne.URI
	for _, name := range []string{"roles.csv", "deals.csv", "people.csv", "firms.csv"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(shelltest.SetFiles()[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		uris = append(uris, storage.NewFileURI(path))
	}
	return uris
}

func (b *bench) making() *setMaker {
	b.Helper()
	s, ok := b.W.Current().(*setMaker)
	if !ok {
		b.Fatalf("the screen is %T", b.W.Current())
	}
	b.Until("what was dropped", func() bool { return s.draft != nil && s.busy == "" && s.types != nil })
	b.Settle()
	return s
}

// Several dropped files become a set: what connects them is found, explained,
// and can be unticked; the set is opened and can be previewed.
func TestDroppedFilesBecomeASet(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, mode, true)
			b.W.Rooms.Dropped(tablesIn(t))
			s := b.making()
			b.Picture("new-set-"+name, 1280, 800)
			if mode == look.Light {
				b.Picture("guide-new-set", 1280, 800)
			}
			if len(s.draft.Links) != 4 || !s.draft.Sheets[0].AsRoles {
				t.Fatalf("the links are %+v", s.draft.Links)
			}
			for i, c := range s.graph.Cards {
				if c.Title == "People" {
					s.graph.Select(i)
				}
			}
			b.Picture("new-set-sheet-"+name, 1280, 800)
			b.Picture("new-set-sheet-1024-"+name, 1024, 640)
			way := shelltest.AllOf[*choice.List](s.pane)
			if len(way) != 2 {
				t.Fatalf("which way values flow is not asked: %d questions", len(way))
			}
			way[0].Choose(0)
			b.making()
			if i := s.cards[s.graph.Selected()].sheet; !s.draft.Sheets[i].TwoWay {
				t.Error("both ways was not taken")
			}
			b.Picture("new-set-both-"+name, 1280, 800)
			s.graph.Select(-1)
			// The deals’ companies are left out.
			for _, c := range shelltest.ChecksIn(s.pane) {
				if c.Text == "Deals → Firms" {
					c.OnChanged(false)
				}
			}
			b.Settle()
			b.Picture("new-set-out-"+name, 1024, 640)
			if s.create.Text != "Create the set of 4 syncs" || s.create.Disabled() {
				t.Fatalf("the button says %q: %s", s.create.Text, s.create.Reason)
			}
			b.Tap("Create the set of 4 syncs")
			set := b.Set("the set")
			b.Tap("Preview")
			b.Rested(set)
			b.Picture("new-set-plan-"+name, 1280, 800)
			state, _ := set.State()
			if n := len(state.Associations); n != 2 {
				t.Errorf("%d kinds of associations are made", n)
			}
			if c := state.Plan.Counts(); c.Created == 0 || c.Associated == 0 {
				t.Errorf("the plan comes to %+v", c)
			}
			if s.w.unfinishedSet != nil {
				t.Error("the making is not over")
			}
		})
	}
}

// A sheet that is left out takes its links with it, and one that others need is
// asked for.
func TestASheetThatIsLeftOut(t *testing.T) {
	b := newBench(t, look.Light, true)
	b.W.Rooms.Dropped(tablesIn(t))
	s := b.making()
	s.draft.Sheets[2].Out = true // people, whom the roles name
	s.fill()
	if s.create.Reason != "“Roles” joins rows of “People”, which is left out" {
		t.Errorf("the button waits for %q", s.create.Reason)
	}
	s.draft.Sheets[0].Out = true
	s.fill()
	if s.create.Disabled() || s.create.Text != "Create the set of 2 syncs" {
		t.Errorf("the button says %q and waits for %q", s.create.Text, s.create.Reason)
	}
}

// Without a portal the files are read all the same, and both ways to one are
// offered.
func TestASetWithoutAPortalOffersOne(t *testing.T) {
	b := newBench(t, look.Light, false)
	b.W.Rooms.Dropped(tablesIn(t))
	s := b.W.Current().(*setMaker)
	b.Until("the files", func() bool { return s.draft != nil && s.busy == "" })
	b.Settle()
	b.Picture("new-set-no-portal", 1024, 640)
	var practice *widgets.Button
	for _, p := range shelltest.AllOf[*widgets.Button](s.pane) {
		if p.Text == "Use the practice portal" {
			practice = p
		}
	}
	if practice == nil || !s.create.Disabled() {
		t.Fatal("no portal is offered")
	}
	practice.OnTapped()
	b.Until("the portal", func() bool { return s.draft.Portal != "" && s.busy == "" && s.types != nil })
	if s.create.Disabled() {
		t.Errorf("the button waits for %q", s.create.Reason)
	}
}

// A workbook with several sheets is offered as a set, whose sheets are read all.
func TestAWorkbookOfSeveralSheetsIsOfferedAsASet(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := workbookOf(t)
	b.drop(path)
	b.Until("the first sheet", func() bool { return b.wizard().draft != nil })
	b.Settle()
	b.Picture("new-sync-sheets", 1024, 640)
	b.Tap("Make a set of them")
	s := b.making()
	b.Picture("new-set-workbook", 1280, 800)
	if s.w.unfinished != nil || len(s.draft.Sheets) != 4 || s.draft.Name != "Crm" || len(s.draft.Links) != 4 {
		t.Errorf("the set is %q of %d sheets with %d links", s.draft.Name, len(s.draft.Sheets), len(s.draft.Links))
	}
	if one := s.draft.Sheets[2]; one.Name != "People" || one.Rows != 60 || one.Key != "Contact ID" {
		t.Errorf("the people are %q, %d rows known by %q", one.Name, one.Rows, one.Key)
	}
}

// workbookOf is a workbook with a sheet for each of the tables of setFiles.
func workbookOf(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range []string{"Roles", "Deals", "People", "Firms"} {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, line := range strings.Split(strings.TrimSpace(shelltest.SetFiles()[strings.ToLower(name)+".csv"]), "\n") {
			cells := strings.Split(line, ",")
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", r+1), &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "crm.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}
