package sets

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// What rows that are associations say is shown with both ends and their label,
// and every edit is in the document.
func TestWhatRowsAssociateIsEdited(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		t.Run(name, func(t *testing.T) {
			b, set := withSet(t, mode)
			b.Tap("Preview")
			b.worked(set)
			set.graph.Select(b.cardOf(set, "Deals → Contacts"))
			b.Tap("Edit what it associates")
			b.Until("the screen", func() bool { _, ok := b.W.Current().(*associateScreen); return ok })
			s := b.W.Current().(*associateScreen)
			b.Settle()
			b.Picture("associate-"+name, 1280, 800)
			if mode == look.Light {
				b.Picture("guide-associations", 1280, 800)
			}
			b.Picture("associate-1024-"+name, 1024, 640)
			if e := s.x.Ends[1]; !e.Known || e.Named != 60 || e.Values != 62 {
				t.Errorf("of the contacts %d of %d values are known", e.Named, e.Values)
			}
			selects := shelltest.AllOf[*widgets.Select](s.body)
			if len(selects) != 5 || selects[0].Text() != "Deal ID" || selects[1].Text() != "Key in Opportunities" || selects[3].Text() != "Key in People" || selects[4].Text() != "From the column “Role”" {
				t.Fatalf("%d choices, the first is %q", len(selects), selects[0].Text())
			}
			shelltest.EntriesIn(s.body)[0].SetText("Economic buyer")
			b.Settle()
			for _, c := range shelltest.ChecksIn(s.body) {
				c.OnChanged(true)
			}
			b.Settle()
			d, err := definition.Load(filepath.Join(filepath.Dir(set.path), "roles.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			want := &definition.Associate{
				From:         definition.AssociateEnd{Object: "deals", End: definition.End{Link: definition.LinkKey{Sync: "deals.yaml", Field: "Deal ID"}}},
				To:           definition.AssociateEnd{Object: "contacts", End: definition.End{Link: definition.LinkKey{Sync: "people.yaml", Field: "Contact ID"}}},
				Label:        definition.Label{Field: "Role", Values: map[string]string{"Decision maker": "Economic buyer"}},
				RemoveOthers: true}
			if diff := cmp.Diff(want, d.Associate); diff != "" {
				t.Errorf("the document (-want +got)\n%s", diff)
			}
			if s.header.Note.Text != "Saved" {
				t.Errorf("the note says %q", s.header.Note.Text)
			}
			// The other end is found by a property instead.
			sel := shelltest.AllOf[*widgets.Select](s.body)[3]
			for i, o := range sel.Options {
				if o == "Email" {
					sel.OnChanged(i)
				}
			}
			b.Settle()
			if d, err = definition.Load(d.Path); err != nil || d.Associate.To.End.Match != (definition.MatchKey{Field: "Contact ID", Property: "email"}) {
				t.Errorf("found by %+v, %v", d.Associate.To.End, err)
			}
			b.Tap(wording.BackToSet)
			b.Until("the set, whose plan is out of date", func() bool { return b.W.Current() == shell.Screen(set) && set.state.Changed && set.state.Plan == nil })
			b.Settle()
			b.Picture("set-changed-"+name, 1024, 640)
		})
	}
}

// What is edited in the moment before is in the plan, or the plan is not made.
func TestThePlanOfAssociationsWaitsForTheirDocument(t *testing.T) {
	b, set := withSet(t, look.Light)
	path := filepath.Join(filepath.Dir(set.path), "roles.yaml")
	b.W.Rooms.Associate(path, nil)
	b.Until("the screen", func() bool { _, ok := b.W.Current().(*associateScreen); return ok })
	s := b.W.Current().(*associateScreen)
	b.Settle()
	hold := make(chan struct{})
	shell.InOrder(b.W, func(context.Context) (struct{}, error) { <-hold; return struct{}{}, nil }, func(struct{}) {}, nil)
	shelltest.EntriesIn(s.body)[0].SetText("Economic buyer")
	b.Tap("Preview plan")
	if n := len(b.W.App.Running()); n != 0 || b.W.Current() != shell.Screen(s) {
		t.Errorf("%d jobs run before the document is saved", n)
	}
	close(hold)
	b.Until("the work", func() bool { return b.W.Current() != shell.Screen(s) })
	if d, err := definition.Load(path); err != nil || d.Associate.Label.Values["Decision maker"] != "Economic buyer" {
		t.Errorf("the plan is made of %+v, %v", d.Associate.Label, err)
	}
	b.Planned("the plan")

	b.W.Rooms.Associate(path, nil)
	b.Until("the screen", func() bool { x, ok := b.W.Current().(*associateScreen); return ok && x != s })
	s = b.W.Current().(*associateScreen)
	b.Settle()
	s.failed = errors.New("the disk is full")
	b.Tap("Preview plan")
	if b.W.Current() != shell.Screen(s) || !b.Open() {
		t.Error("a plan is made of a document that is not what the screen shows")
	}
}
