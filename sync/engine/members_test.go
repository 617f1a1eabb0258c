package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const readers = `
syncline: 1
name: Readers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: list-membership
  list: Newsletter
  of: contacts
  match: [ { field: Email, property: email } ]
  remove-others: true
`

// newsroom has contacts of these names, a static list with some of them in it, and
// rows with others.
func newsroom(t *testing.T, o practice.Options, definition string, known, in, rows []string) *stage {
	t.Helper()
	o.Limits.Burst = 10_000
	s := newStage(t, o, definition, "")
	s.readers(rows...)
	if _, err := s.portal.AddList("contacts", "Newsletter", ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range known {
		if _, err := s.portal.Create("contacts", map[string]string{"email": name + "@example.com"}); err != nil {
			t.Fatal(err)
		}
	}
	s.join(in...)
	return s
}

// readers are the rows of the source.
func (s *stage) readers(names ...string) {
	var b strings.Builder
	b.WriteString("id,Email\n")
	for _, name := range names {
		fmt.Fprintf(&b, "%s,%s@example.com\n", name, name)
	}
	s.write(s.file, b.String())
}

func (s *stage) idOf(name string) string {
	return s.named("contacts", "email", name+"@example.com")
}

func (s *stage) join(names ...string) {
	s.t.Helper()
	for _, name := range names {
		ok(s.t, s.portal.Join("Newsletter", s.idOf(name)))
	}
}

func (s *stage) leave(names ...string) {
	s.t.Helper()
	for _, name := range names {
		ok(s.t, s.portal.Leave("Newsletter", s.idOf(name)))
	}
}

// inList are the names of the list's members.
func (s *stage) inList() string {
	var names []string
	for _, id := range s.portal.Members("Newsletter") {
		record, _ := s.portal.Record("contacts", id)
		names = append(names, strings.TrimSuffix(record["email"], "@example.com"))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (s *stage) wantInList(when, want string) {
	s.t.Helper()
	if got := s.inList(); got != want {
		s.t.Errorf("%s: %q are in the list, want %q", when, got, want)
	}
}

func TestRowsBecomeMembersOfAListAndLeaveItAgain(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, readers, []string{"ada", "bob", "cy", "dee"}, []string{"bob", "dee"}, []string{"ada", "bob", "cy", "eve"})
	res := s.run()
	if c := res.Counts; c.Associated != 2 || c.Dissociated != 0 || c.Waiting != 1 || c.Created != 2 || c.Unchanged != 1 || c.Failed != 1 || c.Read != 4 {
		t.Errorf("the first run: %+v", c)
	}
	s.wantInList("at first", "ada bob cy dee")
	if n := s.portal.Count("contacts"); n != 4 {
		t.Errorf("%d contacts: nobody asked for more", n)
	}
	if waits := s.attention(); len(waits) != 1 || waits[0].RowKey != "eve" || !strings.Contains(waits[0].Message, "Member of Newsletter") {
		t.Errorf("what waits: %+v", waits)
	}
	writes := s.portal.Calls().Writes
	if res := s.run(); s.portal.Calls().Writes != writes || res.Counts.Unchanged != 3 {
		t.Errorf("a second run writes: %+v", res.Counts)
	}
	// Who left the source leaves the list, as far as the sync had added them.
	s.readers("ada", "eve")
	if res := s.run(); res.Counts.Dissociated != 1 {
		t.Errorf("after two left: %+v", res.Counts)
	}
	s.wantInList("after two left", "ada bob dee")
	// The missing one comes: it is added without being asked.
	if _, err := s.portal.Create("contacts", map[string]string{"email": "eve@example.com"}); err != nil {
		t.Fatal(err)
	}
	if res := s.run(); res.Counts.Associated != 1 || res.Counts.Waiting != 0 {
		t.Errorf("the missing one came: %+v", res.Counts)
	}
	s.wantInList("at last", "ada bob dee eve")
}

func TestWhoAPersonTookOutOfAListIsAskedAbout(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]string{plan.ChooseSource: "ada bob", plan.ChooseHubSpot: "bob"} {
		s := newsroom(t, practice.Options{}, readers, []string{"ada", "bob"}, nil, []string{"ada", "bob"})
		s.run()
		s.leave("ada")
		res := s.run()
		if res.Counts.Conflict != 1 || res.Counts.Associated != 0 {
			t.Errorf("after a person took one out: %+v", res.Counts)
		}
		s.wantInList("while it is open", "bob")
		s.settle(choice, "")
		s.run()
		s.wantInList(string(choice), want)
		if res := s.run(); res.Counts.Conflict != 0 || res.Counts.Associated != 0 {
			t.Errorf("after %s: %+v", choice, res.Counts)
		}
	}
}

func TestMembersThatSomebodyAddedMeanwhileAreNotOurs(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, readers, []string{"ada", "bob"}, nil, []string{"ada", "bob"})
	planned := s.preview()
	s.join("ada")
	if res := s.apply(planned.PlanID); res.Counts.Unchanged != 1 || res.Counts.Created != 1 {
		t.Errorf("applied: %+v", res.Counts)
	}
	s.readers()
	s.yes = true
	s.run()
	s.wantInList("after all rows left", "ada")
}

func TestARunOfMembershipsIsUndone(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, strings.Replace(readers, "remove-others", "create-missing: true\n  remove-others", 1), []string{"ada", "bob", "cy"}, []string{"bob"}, []string{"ada", "bob", "cy", "eve"})
	first := s.run()
	s.wantInList("at first", "ada bob cy eve")
	s.leave("cy")
	s.undo(first.RunID)
	s.wantInList("after the undo", "bob")
	if n := s.portal.Count("contacts"); n != 3 {
		t.Errorf("%d contacts after the undo", n)
	}
	writes := s.portal.Calls().Writes
	s.run()
	s.wantInList("after a run behind the undo", "bob")
	if s.portal.Calls().Writes != writes {
		t.Error("what an undo took back is written again")
	}
}

func TestARunOfMembershipsThatDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	for n := 1; ; n++ {
		s := newsroom(t, practice.Options{}, readers, []string{"ada", "bob", "cy"}, []string{"bob"}, []string{"ada", "bob", "cy"})
		point, stopped := s.stopAt(n)
		if !stopped {
			return
		}
		s.run()
		s.wantInList(fmt.Sprintf("after %d (%s)", n, point), "ada bob cy")
		writes := s.portal.Calls().Writes
		if res := s.run(); s.portal.Calls().Writes != writes || res.Counts.Conflict != 0 {
			t.Errorf("after %d (%s): a further run: %+v", n, point, res.Counts)
		}
		s.readers("ada")
		s.run()
		s.wantInList(fmt.Sprintf("after %d (%s), when two rows left", n, point), "ada bob")
	}
}

func TestAnAnswerAboutMembersThatIsLostLosesNobody(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, kind := range []practice.FaultKind{practice.ResetAfter, practice.Reset, practice.HalfCommitted, practice.ServerErrorAfter, practice.Throttle, practice.Truncated} {
		s := newsroom(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: kind, Path: "memberships/add-and-remove"}}}}, readers,
			[]string{"ada", "bob", "cy", "dee"}, nil, []string{"ada", "bob", "cy", "dee"})
		res := s.run()
		s.wantInList(fmt.Sprint(kind), "ada bob cy dee")
		if res.Counts.Associated != 4 || res.Counts.Failed != 0 {
			t.Errorf("fault %v: %+v", kind, res.Counts)
		}
	}
}

func TestListsThatCanNotBeWrittenAreProblemsOfTheDefinition(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, readers, nil, nil, nil)
	filter := `{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filters":[{"filterType":"PROPERTY","property":"email","operation":{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}}]}]}`
	if _, err := s.portal.AddList("contacts", "Customers", filter); err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]string{
		"Newsleter": `line 7: hubspot.list: this portal has no list of contacts called "Newsleter". Did you mean "Newsletter"?`,
		"Press":     `line 7: hubspot.list: this portal has no list of contacts called "Press". There are: Newsletter, Customers.`,
		"customers": `line 7: hubspot.list: the list "Customers" is a dynamic one`,
	} {
		s.write(s.def, strings.Replace(readers, "list: Newsletter", "list: "+list, 1))
		_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		var setup *engine.SetupError
		if !errors.As(err, &setup) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func TestMembershipsAreReconciled(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, readers, []string{"ada", "bob"}, nil, []string{"ada", "bob"})
	s.run()
	s.leave("bob")
	r, all := s.reconcile()
	if r.Counts.Equal != 1 || r.Counts.Read != 2 {
		t.Errorf("counts: %+v", r.Counts)
	}
	if diff := cmp.Diff("it is not in the list", all["bob only_source"].Reason); diff != "" {
		t.Error(diff)
	}
}
