package ui

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// What rows that are associations say is shown with both ends and their label,
// and every edit is in the document.
func TestWhatRowsAssociateIsEdited(t *testing.T) {
	for name, mode := range looks() {
		t.Run(name, func(t *testing.T) {
			b, set := withSet(t, mode)
			b.tap("Preview")
			b.worked(set)
			set.graph.Select(b.cardOf(set, "Deals → Contacts"))
			b.tap("Edit what it associates")
			b.until("the screen", func() bool { _, ok := b.w.current.(*associateScreen); return ok })
			s := b.w.current.(*associateScreen)
			b.settle()
			b.picture("associate-"+name, 1280, 800)
			if mode == look.Light {
				b.picture("guide-associations", 1280, 800)
			}
			b.picture("associate-1024-"+name, 1024, 640)
			if e := s.x.Ends[1]; !e.Known || e.Named != 60 || e.Values != 62 {
				t.Errorf("of the contacts %d of %d values are known", e.Named, e.Values)
			}
			selects := allOf[*widgets.Select](s.body)
			if len(selects) != 5 || selects[0].Text() != "Deal ID" || selects[1].Text() != "Key in Opportunities" || selects[3].Text() != "Key in People" || selects[4].Text() != "From the column “Role”" {
				t.Fatalf("%d choices, the first is %q", len(selects), selects[0].Text())
			}
			entriesIn(s.body)[0].SetText("Economic buyer")
			b.settle()
			for _, c := range checksIn(s.body) {
				c.OnChanged(true)
			}
			b.settle()
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
			sel := allOf[*widgets.Select](s.body)[3]
			for i, o := range sel.Options {
				if o == "Email" {
					sel.OnChanged(i)
				}
			}
			b.settle()
			if d, err = definition.Load(d.Path); err != nil || d.Associate.To.End.Match != (definition.MatchKey{Field: "Contact ID", Property: "email"}) {
				t.Errorf("found by %+v, %v", d.Associate.To.End, err)
			}
			b.tap(backToSet)
			b.until("the set, whose plan is out of date", func() bool { return b.w.current == screen(set) && set.state.Changed && set.state.Plan == nil })
			b.settle()
			b.picture("set-changed-"+name, 1024, 640)
		})
	}
}
