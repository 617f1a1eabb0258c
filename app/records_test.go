package app_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"syncline/app"
	"syncline/app/records"
	"syncline/app/shown"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// practiceRecords opens contacts of the practice portal of a new workspace.
func practiceRecords(t *testing.T) (*app.App, *practice.Portal, *app.Records) {
	t.Helper()
	a := openApp(t, t.TempDir())
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := a.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a, p, openContacts(t, a)
}

func openContacts(t *testing.T, a *app.App) *app.Records {
	t.Helper()
	r, err := a.Records(t.Context(), app.PracticeName, "contacts", shown.New(language.English, nil))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func aLoad(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "people.yaml")
	for name, text := range map[string]string{"people.csv": text,
		"people.yaml": "syncline: 1\nname: People\nsource: { kind: csv, path: people.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\ncreate: hubspot\nfields: [{ field: Email, property: email }, { field: Title, property: jobtitle }]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func runOnce(t *testing.T, a *app.App, path string) string {
	t.Helper()
	s, err := a.OpenSync(t.Context(), path, app.Options{Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	res, err := s.Run(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return res.RunID
}

// Every version of a cell says who wrote it: the run of ours with its sync and row, or the colleague
// by name. Between two writings of ours the colleague's edit keeps its place.
func TestWhoWroteACellIsTold(t *testing.T) {
	t.Parallel()
	a, p, r := practiceRecords(t)
	path := aLoad(t, "id,Email,Title\n17,new.person@example.com,Buyer\n")
	first := runOnce(t, a, path)
	found, err := r.Find(records.Query{Filter: records.Filter{{{Property: "email", Operator: "EQ", Values: []string{"new.person@example.com"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p.SettleIndex()
	page, err := found.Page(t.Context(), 0)
	if err != nil || len(page) != 1 {
		t.Fatalf("%d records, %v", len(page), err)
	}
	id := page[0].ID
	people, err := a.Colleagues(t.Context())
	if err != nil || len(people) < 2 {
		t.Fatalf("%v, %v", people, err)
	}
	noor := people[1]
	desk, err := r.Desk(t.Context(), noor)
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.Edit("contacts", id, map[string]string{"jobtitle": "Head of procurement"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "people.csv"), []byte("id,Email,Title\n17,new.person@example.com,Owner\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := runOnce(t, a, path)
	history, err := r.History(t.Context(), id, "jobtitle")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, v := range history["jobtitle"] {
		by := v.Author
		if v.Ours != nil {
			by = v.Ours.Run + " row " + v.Ours.Row + " of " + v.Ours.SyncName
		}
		told = append(told, v.Text+" by "+by)
	}
	want := []string{"Head of procurement by " + noor.Name, "Buyer by " + first + " row 17 of People"}
	// The colleague's edit is not written over: both sides changed, and it waits.
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("after %s:\n%s\nwant\n%s", second, got, strings.Join(want, "\n"))
	}
	who, err := r.WhoWrote(t.Context(), id, "email")
	if err != nil || who == nil || who.Ours == nil || who.Ours.Run != first {
		t.Errorf("who wrote the address: %+v, %v", who, err)
	}
	if who, err := r.WhoWrote(t.Context(), id, "fax"); who != nil || err != nil {
		t.Errorf("who wrote nothing: %+v, %v", who, err)
	}
	if n, _ := a.OpenConflicts(t.Context()); n != 1 {
		t.Errorf("%d conflicts wait, want the edit of two sides", n)
	}
}

// Of a version that a run wrote of which it is kept no longer what it wrote, this is said, with the run;
// the report of that run names no operations as if there had been none.
func TestWhoWroteACellIsNotDeniedWhenItIsKeptNoLonger(t *testing.T) {
	t.Parallel()
	a, p, r := practiceRecords(t)
	run := runOnce(t, a, aLoad(t, "id,Email,Title\n17,new.person@example.com,Buyer\n"))
	db, err := sql.Open("sqlite3", filepath.Join(a.Store.Dir(), "syncline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{`UPDATE run SET let_go = 1`, `DELETE FROM audit`} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	id := ""
	for rid, props := range p.Records("contacts") {
		if props["email"] == "new.person@example.com" {
			id = rid
		}
	}
	who, err := r.WhoWrote(t.Context(), id, "jobtitle")
	if err != nil || who == nil || who.Ours != nil || !strings.Contains(who.Gone, run) {
		t.Errorf("%+v, %v", who, err)
	}
	report, err := a.RunReport(t.Context(), run)
	if err != nil || len(report.Operations) != 0 || !slices.ContainsFunc(report.Notes, func(n string) bool { return strings.Contains(n, "operations") }) {
		t.Errorf("%v, %v, %v", report.Operations, report.Notes, err)
	}
}

// A newcomer can make a true two-sided edit, and begin again.
func TestThePracticePortalCanBeReset(t *testing.T) {
	t.Parallel()
	a, p, r := practiceRecords(t)
	before := p.Count("contacts")
	people, err := a.Colleagues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	desk, err := r.Desk(t.Context(), people[0])
	if err != nil {
		t.Fatal(err)
	}
	id, err := desk.Create("contacts", map[string]string{"email": "made@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ResetPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err = a.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, there := p.Record("contacts", id); there || p.Count("contacts") != before {
		t.Errorf("after the reset %d contacts, want %d; the one that was made is there: %v", p.Count("contacts"), before, there)
	}
	if _, err := openContacts(t, a).Record(t.Context(), id); !errors.Is(err, records.ErrGone) {
		t.Errorf("the record that was made: %v", err)
	}
	if kept, err := os.Stat(filepath.Join(a.Store.Dir(), app.PracticeFile+".before-reset")); err != nil || kept.Size() == 0 {
		t.Errorf("what it was is not kept: %v", err)
	}
}

// Only the practice portal is edited here.
func TestARealPortalIsNotEdited(t *testing.T) {
	t.Parallel()
	ctx, portal := t.Context(), practicetest.New(t, practice.Options{Demo: true})
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	r, err := a.Records(ctx, "", "contact", shown.New(language.English, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Desk(ctx, app.Colleague{User: 1}); err == nil || !strings.Contains(err.Error(), "open the record in HubSpot") {
		t.Errorf("a colleague's desk in a real portal: %v", err)
	}
	if got := r.URL("7"); got != "https://app.hubspot.com/contacts/50123456/record/0-1/7" {
		t.Errorf("the record's page is %s", got)
	}
}
