package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/ui/look"
)

// setFiles are the documents and rows of a set of four: firms, the people and
// deals that belong to them, and who plays which part in a deal.
func setFiles() map[string]string {
	var firms, people, deals, roles strings.Builder
	firms.WriteString("Account ID,Name,Domain,City\n")
	people.WriteString("Contact ID,E-mail,First name,Last name,Account ID\n")
	deals.WriteString("Deal ID,Deal name,Amount,Account ID\n")
	roles.WriteString("Role ID,Deal ID,Contact ID,Role\n")
	for i := range 24 {
		fmt.Fprintf(&firms, "A%02d,Fernhollow %d,fernhollow%d.example,Lisbon\n", i, i, i)
	}
	for i := range 60 {
		fmt.Fprintf(&people, "P%02d,person%d@fernhollow.com,Ilse,Hartwig %d,A%02d\n", i, i, i, i%26) // two of 26 firms are not there
	}
	for i := range 40 {
		fmt.Fprintf(&deals, "D%02d,Renewal %d,%d00,A%02d\n", i, i, i+1, i%24)
	}
	for i := range 70 {
		fmt.Fprintf(&roles, "R%02d,D%02d,P%02d,%s\n", i, i%40, i%62, []string{"Decision maker", "Champion"}[i%2]) // two of 62 people are not there
	}
	return map[string]string{
		"firms.csv": firms.String(), "people.csv": people.String(), "deals.csv": deals.String(), "roles.csv": roles.String(),
		"firms.yaml":  "syncline: 1\nname: Accounts\nsource: { kind: csv, path: firms.csv, key: [Account ID] }\nhubspot: { object: companies, match: [{ field: Domain, property: domain }] }\ndirection: to-hubspot\ncreate: hubspot\nfields:\n  - { field: Name, property: name }\n  - { field: Domain, property: domain }\n  - { field: City, property: city }\n",
		"people.yaml": "syncline: 1\nname: People\nsource: { kind: csv, path: people.csv, key: [Contact ID] }\nhubspot: { object: contacts, match: [{ field: E-mail, property: email }] }\ndirection: two-way\ncreate: hubspot\nfields:\n  - { field: E-mail, property: email }\n  - { field: First name, property: firstname }\n  - { field: Last name, property: lastname }\nassociations:\n  - { to: companies, link: { sync: firms.yaml, field: Account ID }, label: Primary }\n",
		"deals.yaml":  "syncline: 1\nname: Opportunities\nsource: { kind: csv, path: deals.csv, key: [Deal ID] }\nhubspot: { object: deals, match: [{ field: Deal name, property: dealname }] }\ndirection: to-hubspot\ncreate: hubspot\nfields:\n  - { field: Deal name, property: dealname }\n  - { field: Amount, property: amount }\n  - { property: pipeline, constant: default }\n  - { property: dealstage, constant: contractsent }\nassociations:\n  - { to: companies, link: { sync: firms.yaml, field: Account ID } }\n",
		"roles.yaml":  "syncline: 1\nname: Contact roles\nsource: { kind: csv, path: roles.csv, key: [Role ID] }\nassociate:\n  from: { object: deals, link: { sync: deals.yaml, field: Deal ID } }\n  to: { object: contacts, link: { sync: people.yaml, field: Contact ID } }\n  label: { field: Role }\n",
		"set.yaml":    "syncline: 1\nset: Salesforce to HubSpot\nsyncs: [roles.yaml, deals.yaml, people.yaml, firms.yaml]\n",
	}
}

// withSet is a window whose workspace holds the set of setFiles, with the set's
// screen in front.
func withSet(t *testing.T, mode look.Mode) (*bench, *setScreen) {
	t.Helper()
	b := newBench(t, mode, true)
	dir := t.TempDir()
	for name, text := range setFiles() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "set.yaml")
	if err := b.w.app.AddSet(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	s := b.w.openSet(path)
	b.until("the set", func() bool { return s.known })
	return b, s
}

// looks are the looks in which a set is walked through: the dark one is for the
// eye only, and takes as long.
func looks() map[string]look.Mode {
	all := map[string]look.Mode{"light": look.Light}
	if os.Getenv("SYNCLINE_PICTURES") != "" {
		all["dark"] = look.DarkMode
	}
	return all
}

// worked waits until the set's job has ended and its screen shows what came.
func (b *bench) worked(s *setScreen) {
	b.Helper()
	b.until("the set's job", func() bool { return s.job == nil && s.ended != nil })
	if s.ended.err != nil {
		b.Fatal(s.ended.err)
	}
	b.settle()
}

// cardOf is the place of the card with a title.
func (b *bench) cardOf(s *setScreen, title string) int {
	b.Helper()
	for i, c := range s.graph.Cards {
		if c.Title == title {
			return i
		}
	}
	b.Fatalf("there is no card %q among %+v", title, s.graph.Cards)
	return -1
}

// A set goes from its first look to its undo with one approval each.
func TestASetFromItsFirstLookToItsUndo(t *testing.T) {
	for name, mode := range looks() {
		t.Run(name, func(t *testing.T) {
			b, s := withSet(t, mode)
			b.picture("set-fresh-"+name, 1280, 800)
			b.tap("Preview")
			b.picture("set-planning-"+name, 1280, 800)
			b.worked(s)
			b.picture("set-plan-"+name, 1280, 800)
			b.picture("set-plan-1024-"+name, 1024, 640)
			if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
				t.Fatalf("the button says %q, the plan comes to %+v", s.apply.Text, s.state.Plan.Counts())
			}
			s.graph.Select(b.cardOf(s, "Contacts → Companies"))
			b.picture("set-edges-"+name, 1024, 640)
			s.graph.Select(b.cardOf(s, "People"))
			b.picture("set-sync-"+name, 1280, 800)
			if mode == look.Light {
				b.picture("guide-set", 1280, 800)
			}
			b.tap("Apply 288 changes")
			b.until("the run to show how far it is", func() bool { return s.job == nil || len(s.snap.Members) == 4 && s.snap.At > 1 })
			b.picture("set-running-"+name, 1280, 800)
			b.worked(s)
			b.picture("set-done-"+name, 1280, 800)
			if r := s.state.Last; r == nil || r.State != plan.RunDone || r.Counts.Associated != 164 || r.Counts.Created != 192 {
				t.Fatalf("the run came to %+v", r.Counts)
			}
			b.tap("Report")
			b.until("the report", func() bool { _, ok := b.w.current.(*setReportScreen); return ok })
			b.picture("set-report-"+name, 1280, 800)
			b.w.current.head().OnBack()
			b.settle()
			b.tap("Undo the last run")
			b.worked(s)
			b.picture("set-undo-"+name, 1280, 800)
			b.picture("set-undo-1024-"+name, 1024, 640)
			if mode == look.Light {
				b.picture("guide-set-undo", 1280, 800)
			}
			if !s.apply.Disabled() || len(s.rails) != 1 || s.rails[0].Count != 124 {
				t.Fatalf("124 records are archived; the rails are %+v", s.rails)
			}
			s.rails[0].Entry().SetText("124")
			b.tap("Undo ")
			b.worked(s)
			b.picture("set-undone-"+name, 1280, 800)
			if s.state.Undo == nil || s.state.Undo.State != plan.RunDone || s.undo != nil {
				t.Errorf("the undo is %+v", s.state.Undo)
			}
			b.tap("Do it again")
			b.worked(s)
			if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
				t.Errorf("what was taken back is offered as %q", s.apply.Text)
			}
		})
	}
}

// What is taken out of the plan of one sync is not written when the set is
// approved, and the number on the button says so before.
func TestWhatIsTakenOutOfOneSyncIsOutOfTheSet(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.worked(s)
	s.graph.Select(b.cardOf(s, "Accounts"))
	b.tap("Open its plan")
	p := b.plan("the plan of the firms")
	if p.apply.Text != backToSet {
		t.Errorf("the plan of one sync of a set can be applied by itself: %q", p.apply.Text)
	}
	b.settle()
	p.toggle(0)
	b.settle()
	test.Tap(p.apply)
	b.until("one change less", func() bool { return b.w.current == screen(s) && s.apply.Text == "Apply 287 changes" })
	b.tap("Apply 287 changes")
	b.worked(s)
	if r := s.run(0); r == nil || r.Counts.Created != 23 || r.Counts.Skipped != 1 {
		t.Errorf("the firms came to %+v", r)
	}
}

// A card is opened by a click on the chosen one, and with Enter.
func TestACardOpensItsPlan(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.worked(s)
	b.w.win.Canvas().Focus(s.graph)
	s.graph.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.graph.Select(b.cardOf(s, "Opportunities"))
	s.graph.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	p := b.plan("the plan of the deals")
	if p.view.Sync.Name != "Opportunities" {
		t.Errorf("the plan is of %s", p.view.Sync.Name)
	}
	p.header.OnBack()
	if b.w.current != screen(s) {
		t.Errorf("the way back leads to %T", b.w.current)
	}
}

// setRunOf is a run of the set with the plan that waits.
func setRunOf(s *setScreen) store.SetRun {
	return store.SetRun{ID: "set-killed", Name: s.state.Name, Path: s.state.Path, Kind: plan.KindRun, Plan: s.state.PlanID, Started: s.state.Made.Add(time.Second)}
}
