package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
)

// linkWords are the links of a set in words, those that are not taken with a ?.
func linkWords(s *app.SheetSet) []string {
	var out []string
	for _, l := range s.Links {
		w := fmt.Sprintf("%s.%s → %s %d of %d", s.Sheets[l.From].Name, l.Column, s.Sheets[l.To].Name, l.Named, l.Filled)
		if !l.On {
			w += "?"
		}
		out = append(out, w)
	}
	return out
}

// The exports of a charity's CRM are found to be connected by their ids, in an
// order that no circle breaks; contact roles are associations.
func TestExportsOfACRMBecomeASet(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	ctx, portal := t.Context(), practicetest.New(t, practice.Options{})
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var paths []string
	for _, name := range []string{"OpportunityContactRole", "Opportunity", "Contact", "Account"} {
		paths = append(paths, filepath.Join(dir, "npsp-salesforce", "trailhead_"+name+".csv"))
	}
	s, err := a.ReadSheets(ctx, paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := linkWords(s)
	for _, want := range []string{
		"OpportunityContactRole.contact_id → Contact 222 of 222",
		"OpportunityContactRole.opportunity_id → Opportunity 222 of 222",
		"Opportunity.account_id → Account 102 of 102",
		"Contact.account_id → Account 166 of 166",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not found", want)
		}
	}
	for i, l := range s.Links {
		if !l.On && s.Circle(i) == "" && !s.Joined(i) {
			t.Errorf("%s.%s is left out without a reason", s.Sheets[l.From].Name, l.Column)
		}
	}
	roles := s.Sheets[0]
	if !roles.AsRoles || roles.Label != "Role" || s.Sheets[roles.Roles.From.To].Object != "deals" || s.Sheets[roles.Roles.To.To].Object != "contacts" {
		t.Errorf("the contact roles are taken for %+v", roles)
	}
	if err := a.ChooseObjects(ctx, s); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"OpportunityContactRole", "Opportunity by Name", "Contact by npe01__HomeEmail__c", "Account by Name"} {
		got := s.Sheets[i].Name
		if m := s.Sheets[i].Match; m != "" {
			got += " by " + m
		}
		if got != want || s.Sheets[i].Key != "sf_id" {
			t.Errorf("sheet %d is %s, known by %s", i, got, s.Sheets[i].Key)
		}
	}
	if why := s.Unready(); why != "" {
		t.Fatal(why)
	}
	path, err := a.SaveSet(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := definition.LoadDocument(path); err != nil || doc.Set == nil || len(doc.Set.Syncs) != 4 {
		t.Fatalf("%+v, %v", doc, err)
	}
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	if shown.State != plan.RunPlanned {
		t.Fatalf("the plan: %+v", shown)
	}
	counts := map[string]engine.Counts{}
	for _, m := range shown.Members {
		counts[m.Document] = m.Result.Counts
	}
	if c := counts["Account.yaml"]; c.Created != 113 || c.Failed != 0 {
		t.Errorf("accounts: %+v", c)
	}
	if c := counts["Contact.yaml"]; c.Created != 134 || c.Conflict != 32 || c.Failed != 0 || c.Associated == 0 {
		t.Errorf("contacts: %+v", c)
	}
	if c := counts["OpportunityContactRole.yaml"]; c.Associated == 0 || c.Read != 222 {
		t.Errorf("roles: %+v", c)
	}
}

// writeTables writes files of these names and texts, and returns their paths in
// the order of the names.
func writeTables(t *testing.T, tables ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := 0; i < len(tables); i += 2 {
		path := filepath.Join(dir, tables[i])
		if err := os.WriteFile(path, []byte(tables[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func readTables(t *testing.T, tables ...string) (*app.App, *app.SheetSet) {
	t.Helper()
	portal := practicetest.New(t, practice.Options{})
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	s, err := a.ReadSheets(t.Context(), writeTables(t, tables...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a, s
}

const (
	manyFirms  = "Account ID,Name,Owner contact\nA1,One,P1\nA2,Two,P2\nA3,Three,P3\nA4,Four,P1\n"
	manyPeople = "Contact ID,First name,E-mail,Account\nP1,Ann,ann@example.com,A1\nP2,Bob,bob@example.com,A1\nP3,Cy,cy@example.com,A9\n"
	manyDeals  = "ID,Deal name,Quantity,Account\n1,First,1,A1\n2,Second,3,A2\n3,Third,2,A4\n"
)

// What is connected is found with its counts; counters such as quantities are no
// ids of another table, and what would close a circle is left out and says so.
func TestLinksBetweenTables(t *testing.T) {
	t.Parallel()
	_, s := readTables(t, "accounts.csv", manyFirms, "people.csv", manyPeople, "deals.csv", manyDeals)
	want := []string{"Accounts.Owner contact → People 4 of 4", "People.Account → Accounts 2 of 3?", "Deals.Account → Accounts 3 of 3"}
	if got := linkWords(s); !slices.Equal(got, want) {
		t.Fatalf("the links are %q", got)
	}
	if why := s.Circle(1); why != "“Accounts” already rests on “People”, and a set can’t go in a circle: leave that link out first" {
		t.Errorf("it is left out because %q", why)
	}
	s.Links[0].On = false
	if s.Circle(1) != "" {
		t.Errorf("without the other link it is still left out: %q", s.Circle(1))
	}
}

// Nothing of a set that can't be made whole stays in the workspace.
func TestASetThatCannotBeSavedLeavesNothing(t *testing.T) {
	t.Parallel()
	a, s := readTables(t, "accounts.csv", manyFirms, "people.csv", manyPeople)
	if err := a.ChooseObjects(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	s.Sheets[1].Name = "bad \xff"
	if _, err := a.SaveSet(t.Context(), s); err == nil {
		t.Fatal("a name that is no text was written")
	}
	left, err := filepath.Glob(filepath.Join(a.Folder(), "syncs", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("%q stays, %v", left, err)
	}
}

// A column that holds no ids does not link, however its rows are: and a table
// whose rows are pairs is taken for one only where it holds nothing else.
func TestPairsOfIDsAreAssociations(t *testing.T) {
	t.Parallel()
	_, s := readTables(t, "accounts.csv", manyFirms, "people.csv", manyPeople,
		"links.csv", "Row,Person,Firm,Role\n1,P1,A1,Buyer\n2,P2,A1,Sponsor\n3,P3,A2,Buyer\n")
	if one := s.Sheets[2]; !one.AsRoles || one.Label != "Role" || one.Roles.From.Column != "Person" || one.Roles.To.Column != "Firm" {
		t.Errorf("pairs are taken for %+v of %q with the keys %q %q %q", one.Roles, linkWords(s), s.Sheets[0].Key, s.Sheets[1].Key, one.Key)
	}
	s.Choose(2, "deals")
	if one := s.Sheets[2]; one.AsRoles || one.Object != "deals" {
		t.Errorf("a person said that they are deals: %+v", one)
	}
	s.Choose(2, "")
	if !s.Sheets[2].AsRoles {
		t.Error("they can't be associations again")
	}
	_, s = readTables(t, "accounts.csv", manyFirms, "people.csv", manyPeople,
		"orders.csv", "Row,Person,Firm,Amount,Subject\n1,P1,A1,100,One\n2,P2,A1,200,Two\n3,P3,A2,300,Three\n")
	if one := s.Sheets[2]; one.AsRoles {
		t.Errorf("orders with amounts are taken for pairs: %+v", one.Roles)
	}
}

// A second column that joins the same two sheets is left for a person to take,
// and stays taken when something else is chosen anew.
func TestASecondLinkBetweenTheSameSheetsIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	_, s := readTables(t, "accounts.csv", "Account ID,Name\nA1,One\nA2,Two\nA3,Three\n", "people.csv", "Contact ID,First name,E-mail,Account,Former account\nP1,Ann,ann@example.com,A1,A2\nP2,Bob,bob@example.com,A1,A3\nP7,Cy,cy@example.com,A2,\n")
	want := []string{"People.Account → Accounts 3 of 3", "People.Former account → Accounts 2 of 2?"}
	if got := linkWords(s); !slices.Equal(got, want) {
		t.Fatalf("the links are %q", got)
	}
	if !s.Joined(1) || s.Circle(1) != "" {
		t.Error("it can't be taken")
	}
	s.Links[1].On = true
	s.SetKey(1, "Contact ID")
	for _, l := range s.Links {
		if l.Column == "Former account" && !l.On {
			t.Error("it is given up again")
		}
	}
}

// Each sheet of a set flows the way that a person chose: one gets the edits of HubSpot,
// another is never written, and a third makes no records.
func TestEachSheetOfASetFlowsTheWayThatWasChosen(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, s := readTables(t, "firms.csv", manyFirms, "people.csv", manyPeople, "deals.csv", manyDeals)
	if err := a.ChooseObjects(ctx, s); err != nil {
		t.Fatal(err)
	}
	s.SetWay(1, true)
	s.Sheets[2].Skip = true
	if err := a.ChooseObjects(ctx, s); err != nil {
		t.Fatal(err)
	}
	s.Sheets[1].Accept("First name", false)
	s.SetWay(1, false)
	s.SetWay(1, true)
	if err := a.ChooseObjects(ctx, s); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(s.Sheets[1].Pairs, func(p app.SheetPair) bool { return p.Field == "First name" && p.On }) {
		t.Error("what a person left out is back")
	}
	s.Sheets[1].Accept("First name", true)
	path, err := a.SaveSet(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.SetView(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, y := range v.Syncs {
		d := y.Definition
		want := definition.ToHubSpot
		if d.HubSpot.Object == "contacts" {
			want = definition.TwoWay
		}
		back := slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Flows(definition.FromHubSpot) })
		if d.Direction != want || back != (want == definition.TwoWay) || d.Create.InHubSpot() == (d.HubSpot.Object == "deals") {
			t.Errorf("%s: %s, %s, fields %+v", y.Document, d.Direction, d.Create, d.Fields)
		}
	}
	if problem := s.OnlyTo(0); problem != "" {
		t.Errorf("a CSV file can't be written: %s", problem)
	}
}
