package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncline/app"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// aLinkedSet is a set whose people belong to its firms.
func aLinkedSet(t *testing.T) string {
	t.Helper()
	path := aSet(t)
	for name, text := range map[string]string{
		"people.csv":  "id,Email,Firm\n1,ann@example.com,a\n2,bob@example.com,a\n3,cy@example.com,z\n",
		"firms.csv":   "id,Domain\na,one.example\nb,two.example\n",
		"people.yaml": "syncline: 1\nsource: { kind: csv, path: people.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\ncreate: hubspot\nfields: [{ field: Email, property: email }]\nassociations: [{ to: companies, link: { sync: firms.yaml, field: Firm } }]\n",
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// A set stands as its plan, its run and its undo left it: what waits to be
// approved, what was taken out of that, and what its undo would take back.
func TestHowASetStands(t *testing.T) {
	t.Parallel()
	ctx, portal := t.Context(), practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aLinkedSet(t)
	state := func() app.SetState {
		t.Helper()
		s, err := a.SetState(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(); s.Plan != nil || s.Last != nil || s.Unfinished != nil || s.Changed {
		t.Errorf("never previewed: %+v", s)
	}
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	s := state()
	if s.Plan == nil || s.Plan.ID != shown.Plan || s.Last != nil {
		t.Fatalf("previewed: %+v", s)
	}
	if got := s.Plan.Members[1].Edges[s.Associations[0].Line]; got != (app.EdgePlan{Make: 2, Wait: 1}) {
		t.Errorf("the plan of the associations is %+v", got)
	}
	if c := s.Plan.Counts(); c.Created != 5 || c.Associated != 2 || c.Waiting != 1 {
		t.Errorf("it would come to %+v", c)
	}
	// What is taken out of a member's plan holds for the set.
	out, err := a.ItemIDs(ctx, s.Plan.Members[0].ID, app.ItemFilter{Text: "two.example"})
	if err != nil || len(out) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	if _, err := a.ExcludeItems(ctx, s.Plan.Members[0].ID, out, true); err != nil {
		t.Fatal(err)
	}
	if c := state().Plan.Counts(); c.Created != 4 || c.Skipped != 1 || c.Sum() != c.Read {
		t.Errorf("without a row it would come to %+v", c)
	}
	shown, _ = carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path, Instead: shown.Plan})
	if c := state().Plan.Counts(); c.Created != 4 || c.Skipped != 1 {
		t.Errorf("a new plan in its place comes to %+v", c)
	}
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	if portal.Count("companies") != 1 {
		t.Errorf("%d companies", portal.Count("companies"))
	}
	s = state()
	if s.Plan != nil || s.Last == nil || s.Last.ID != done.Run || s.Last.Counts.Created != 4 || len(s.Last.Runs) != 2 || s.Unfinished != nil {
		t.Errorf("run: %+v", s)
	}
	if s.Edges[0] != (store.EdgeLine{Held: 2, Waiting: 1}) || s.Linked[0] != 1 || s.Linked[1] != 3 || s.Attention != 1 {
		t.Errorf("it left %+v, %v, %d", s.Edges, s.Linked, s.Attention)
	}
	back, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Arg: done.Run})
	if c := back.Members[1].Result.Counts; c.Archived != 1 {
		t.Errorf("the firm that only these people belong to would stay: %+v", c)
	}
	if s := state(); s.Plan != nil || s.Changed {
		t.Errorf("the plan of an undo is taken for one to approve: %+v", s.Plan)
	}
	v, err := a.SetPlan(ctx, back.Plan)
	if err != nil || v.UndoOf != done.Run || v.Members[0].Undo.Archived != 3 || v.Members[0].Edges[s.Associations[0].Line].Remove != 2 {
		t.Errorf("the undo: %+v, %v", v, err)
	}
	undone, _ := carried(t, a, app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan, Confirmed: true})
	if undone.State != plan.RunDone || portal.Count("contacts")+portal.Count("companies") != 0 {
		t.Errorf("undone: %+v", undone)
	}
	if s := state(); s.Undo == nil || s.Undo.State != plan.RunDone || s.Unfinished != nil {
		t.Errorf("after the undo: %+v", s)
	}
}

// A record that somebody else associated with something stays, and the preview
// of the undo says so.
func TestTheUndoOfASetKeepsWhatOthersHungOnARecord(t *testing.T) {
	t.Parallel()
	ctx, portal := t.Context(), practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aLinkedSet(t)
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	p, err := a.Portal(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.Client.BatchCreate(ctx, "contacts", []hubspot.CreateInput{{Properties: record.Values{"email": record.Text("theirs@example.org")}, TraceID: "1"}})
	if err != nil || len(made.Records) != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	s, err := a.SetState(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	firm, err := a.Store.LinkedRecord(ctx, s.Syncs[0].Card.ID, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Client.BatchCreateAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: made.Records[0].ID, To: firm, Types: []hubspot.AssociationType{{Category: "HUBSPOT_DEFINED", TypeID: 279}}}}); err != nil {
		t.Fatal(err)
	}
	back, _ := carried(t, a, app.SetWork{Kind: app.SetPreviewUndo, Arg: done.Run})
	if c := back.Members[1].Result.Counts; c.Archived != 1 || c.Skipped != 1 {
		t.Errorf("of two firms, one of which is another’s: %+v", c)
	}
	undone, _ := carried(t, a, app.SetWork{Kind: app.SetUndo, Arg: done.Run, Plan: back.Plan, Confirmed: true})
	if undone.State != plan.RunDone || portal.Count("companies") != 1 || portal.Count("contacts") != 1 {
		t.Errorf("undone: %+v", undone)
	}
}
