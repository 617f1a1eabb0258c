package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// meanwhile lets something happen once, while a command has an exchange with the portal
// whose path contains a text.
type meanwhile struct {
	mu   sync.Mutex
	path string
	do   func()
	n    int
}

func (m *meanwhile) observe(r practice.Request) {
	m.mu.Lock()
	do := m.do
	if do == nil || !strings.Contains(r.Method+" "+r.Path, m.path) {
		m.mu.Unlock()
		return
	}
	m.do = nil
	m.n++
	m.mu.Unlock()
	do()
}

// at says what happens at the next such exchange.
func (m *meanwhile) at(path string, do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.path, m.do = path, do
}

func newBusyDesk(t *testing.T) (*desk, *meanwhile) {
	m := &meanwhile{}
	return newDesk(t, practice.Options{Observe: m.observe}), m
}

// one returns the only contact with an address.
func (d *desk) one(email string) (id string, properties map[string]string) {
	d.t.Helper()
	return d.oneOf("contacts", "email", email)
}

// oneOf is the record with a value.
func (d *desk) oneOf(object, property, value string) (id string, properties map[string]string) {
	d.t.Helper()
	for rid, p := range d.portal.Records(object) {
		if p[property] == value {
			if id != "" {
				d.t.Fatalf("%s is there twice: %s and %s", value, id, rid)
			}
			id, properties = rid, p
		}
	}
	if id == "" {
		d.t.Fatalf("%s is not in HubSpot", value)
	}
	return id, properties
}

func (d *desk) edit(id, property, value string) {
	d.t.Helper()
	if err := d.portal.Edit("contacts", id, map[string]string{property: value}); err != nil {
		d.t.Error(err)
	}
}

func (d *desk) unchanged() {
	d.t.Helper()
	writes := d.portal.Calls().Writes
	if s := d.run(); s.status != 0 || s.report.Counts.Unchanged != s.report.Counts.Read || d.portal.Calls().Writes != writes {
		d.t.Errorf("it did not converge: status %d, %+v", s.status, s.report.Counts)
	}
}

func TestASecondCommandOnARunningSyncWaitsItsTurn(t *testing.T) {
	t.Parallel()
	d, m := newBusyDesk(t)
	var second, other said
	m.at("batch/create", func() {
		second = d.do("run", "sync.yaml")
		other = d.do("review", "sync.yaml") // reading is not kept out
	})
	first := d.run()
	if second.status != 1 || !strings.Contains(second.problem.Message, store.ErrBusy.Error()) || !strings.Contains(second.problem.Message, "wait for it") {
		t.Errorf("status %d, %q", second.status, second.problem.Message)
	}
	if other.status != 0 {
		t.Errorf("review: status %d, %s", other.status, other.err)
	}
	if first.report.Counts.Created != 2 || d.portal.Count("contacts") != 2 {
		t.Errorf("%+v, %d contacts", first.report.Counts, d.portal.Count("contacts"))
	}
	d.unchanged()
}

func TestAFileEditedWhileItIsRunIsNotOverwritten(t *testing.T) {
	t.Parallel()
	d, m := newBusyDesk(t)
	d.run()
	ann, _ := d.one("ann@example.com")
	bob, _ := d.one("bob@example.com")
	d.edit(ann, "firstname", "Anna")
	d.edit(bob, "lastname", "Rock")
	// The file is read and HubSpot is too; before the write-back somebody saves another edit of the
	// very cell, and one of another row.
	d.write("customers.csv", strings.Replace(twoCustomers, "Bob", "Rob", 1))
	m.at("batch/update", func() {
		text := strings.Replace(d.read("customers.csv"), "Ann,Lee", "Annie,Lee", 1)
		d.write("customers.csv", text+"3,cy@example.com,Cy,Young\n")
	})
	s := d.run()
	if s.status != 3 || s.report.Counts.Conflict != 1 {
		t.Errorf("status %d, %+v", s.status, s.report.Counts)
	}
	if got, want := d.read("customers.csv"), "id,Email,First,Last\n1,ann@example.com,Annie,Lee\n2,bob@example.com,Rob,Rock\n3,cy@example.com,Cy,Young\n"; got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	if _, p := d.one("ann@example.com"); p["firstname"] != "Anna" {
		t.Errorf("HubSpot's edit was lost: %q", p["firstname"])
	}
	d.do("review", "sync.yaml", "--take", "source")
	s = d.run()
	if _, p := d.one("ann@example.com"); p["firstname"] != "Annie" || s.report.Counts.Created != 1 {
		t.Errorf("%q, %+v", p["firstname"], s.report.Counts)
	}
	d.unchanged()
}

func TestADefinitionEditedAfterThePreviewIsNotAppliedByTheOldPlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	plan := d.do("preview", "sync.yaml").report.Plan
	d.define("{ field: First, property: firstname }", "{ field: First, property: jobtitle }")
	s := d.do("run", "sync.yaml", "--plan", plan)
	if s.status != 2 || !strings.Contains(s.problem.Message, "preview again") || d.portal.Calls().Writes != 0 {
		t.Errorf("status %d, %q, %d writes", s.status, s.problem.Message, d.portal.Calls().Writes)
	}
	d.define("{ field: First, property: jobtitle }", "{ field: First, property: firstname }")
	if s = d.do("run", "sync.yaml", "--plan", plan); s.status != 0 || s.report.Counts.Created != 2 {
		t.Errorf("with the definition as it was: status %d, %+v", s.status, s.report.Counts)
	}
	if s = d.do("run", "sync.yaml", "--plan", plan); s.status != 2 || !strings.Contains(s.problem.Message, "applied already") {
		t.Errorf("a second time: status %d, %q", s.status, s.problem.Message)
	}
}

func TestAWorkbookOpenInExcelIsLeftAloneAndWrittenLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "firstname", "Anna")
	d.write("~$customers.csv", "\x04Dora")
	s := d.run()
	if s.status != 3 || s.report.Counts.Failed != 1 {
		t.Errorf("status %d, %+v", s.status, s.report.Counts)
	}
	if len(s.report.Rows) != 1 || !strings.Contains(s.report.Rows[0].Reason, "is open in Excel by Dora. Close it") {
		t.Errorf("%+v", s.report.Rows)
	}
	if a := d.do("attention", "sync.yaml"); !strings.Contains(a.out, "is open in Excel by Dora") {
		t.Errorf("attention: %s", a.out)
	}
	if d.read("customers.csv") != twoCustomers {
		t.Error("the file was written although it is open")
	}
	os.Remove(d.path("~$customers.csv"))
	d.run()
	if !strings.Contains(d.read("customers.csv"), "Anna") {
		t.Errorf("the edit did not arrive:\n%s", d.read("customers.csv"))
	}
	d.unchanged()
}

func TestAClockSetBackLosesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	// The file is older than anything the workspace has seen of it.
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "lastname", "Lea")
	d.write("customers.csv", strings.Replace(twoCustomers, "Bob", "Rob", 1))
	long := mustTime(t, "1999-12-31T23:59:59Z")
	if err := os.Chtimes(d.path("customers.csv"), long, long); err != nil {
		t.Fatal(err)
	}
	if s := d.run(); s.report.Counts.Updated != 2 {
		t.Errorf("%+v", s.report.Counts)
	}
	if got := d.read("customers.csv"); !strings.Contains(got, "Ann,Lea") || !strings.Contains(got, "Rob,Stone") {
		t.Errorf("the file is\n%s", got)
	}
	d.unchanged()
}

// Whatever stands in a cell arrives in HubSpot as it is and comes back as it
// was, but for what can't be seen in it; what a spreadsheet would run as a
// formula is made harmless on its way into the file.
func TestOddTextsTravelUnharmed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	odd := []string{"🏳️\u200d🌈 👩\u200d👩\u200d👧\u200d👦", "שלום עולם", "محمد \u200f(علي)", "Zoë Åström-Ñuñez", "tab\there", "line\nbreak", "quote \" and , comma; semi", "=HYPERLINK(\"http://x\",\"y\")", "+1", "@SUM(A1)", "-2+3", "'quoted", strings.Repeat("x", 65_536), strings.Repeat("é", 65_536)}
	var b strings.Builder
	b.WriteString("id,Email,First,Last\n")
	for i, text := range odd {
		b.WriteString(strings.Join([]string{string(rune('a' + i)), string(rune('a'+i)) + "@example.com", `"` + strings.ReplaceAll(text, `"`, `""`) + `"`, "L"}, ",") + "\n")
	}
	d.write("customers.csv", b.String())
	before := d.read("customers.csv")
	s := d.run()
	if s.report.Counts.Created != len(odd) {
		t.Fatalf("%+v\n%.2000s", s.report.Counts, s.out)
	}
	for i, text := range odd {
		if _, p := d.one(string(rune('a'+i)) + "@example.com"); p["firstname"] != text && p["firstname"] != strings.TrimPrefix(text, "'") {
			t.Errorf("%.40q became %.40q", text, p["firstname"])
		}
	}
	if d.read("customers.csv") != before {
		t.Error("the file was changed by a first load")
	}
	d.unchanged()
	id, _ := d.one("a@example.com")
	d.edit(id, "lastname", "=cmd|' /C calc'!A0")
	d.run()
	if got := d.read("customers.csv"); !strings.Contains(got, "'=cmd|' /C calc'!A0") {
		t.Errorf("a formula got into the file: %.200s", got[strings.LastIndex(got[:400], "\n")+1:])
	}
	d.unchanged()
	plain := d.plain("preview", "sync.yaml")
	if strings.ContainsAny(plain.out, "\a\x1b\u202e") {
		t.Errorf("control characters reach the terminal: %q", plain.out)
	}
}

// What can't be seen in a cell is left out and told, or named; nothing of it
// gets into HubSpot or onto the terminal.
func TestInvisibleCharactersAreLeftOutOrNamed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", "id,Email,First,Last\n1,a@example.com,\u202eevil\u202c,L\n2,b@example.com,be\all,L\n3,c@example.com\u200b,Cid,\x1fL\n")
	s := d.run()
	if c := s.report.Counts; c.Created != 2 || c.Failed != 1 || s.status != 3 {
		t.Fatalf("%+v\n%s", c, s.out)
	}
	for email, first := range map[string]string{"a@example.com": "evil", "c@example.com": "Cid"} {
		if _, p := d.one(email); p["firstname"] != first || p["lastname"] != "L" {
			t.Errorf("%s became %q", email, p)
		}
	}
	for _, part := range []string{"line 3", "U+0007", "U+202E", "U+200B", "U+001F"} {
		if !strings.Contains(strings.ToLower(s.out), strings.ToLower(part)) {
			t.Errorf("%s is not told:\n%s", part, s.out)
		}
	}
	plain := d.plain("preview", "sync.yaml")
	if strings.ContainsAny(plain.out, "\a\x1b\u202e") {
		t.Errorf("control characters reach the terminal: %q", plain.out)
	}
}

func TestTooLongATextIsStoppedInThePlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", "id,Email,First,Last\n1,ann@example.com,"+strings.Repeat("é", 65_537)+",Lee\n2,bob@example.com,Bob,Stone\n")
	s := d.run()
	if s.status != 3 || s.report.Counts.Failed != 1 || s.report.Counts.Created != 1 || !strings.Contains(s.out, "has 65537 characters and HubSpot takes 65536") {
		t.Errorf("status %d, %+v", s.status, s.report.Counts)
	}
}

func TestAFolderThatCannotBeWrittenKeepsTheRestGoing(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	d := newDesk(t, practice.Options{})
	d.run()
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "firstname", "Anna")
	if err := os.Mkdir(d.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("data/customers.csv", d.read("customers.csv"))
	d.define("path: customers.csv", "path: data/customers.csv")
	if err := os.Chmod(d.path("data"), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(d.path("data"), 0o700) }) // for the folder to be removed
	s := d.run()
	if s.status != 3 || !strings.Contains(s.out, "you may not write to the folder "+filepath.Join(d.dir, "data")) {
		t.Errorf("status %d: %s", s.status, s.out)
	}
}

func TestADefinitionEditedAfterAnInterruptionIsPlannedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Unauthorized, Path: "batch/create", Times: -1}}})
	if s := d.do("run", "sync.yaml"); s.status != 5 {
		t.Fatalf("status %d: %s", s.status, s.err)
	}
	d.portal.SetFaults(practice.Faults{})
	d.define("{ field: First, property: firstname }", "{ field: First, property: jobtitle }")
	s := d.run()
	if s.report.Counts.Created != 2 || !strings.Contains(strings.Join(s.report.Notes, "\n"), "was interrupted: what was left of that run is planned anew") {
		t.Errorf("%+v, %q", s.report.Counts, s.report.Notes)
	}
	if _, p := d.one("ann@example.com"); p["jobtitle"] != "Ann" || p["firstname"] != "" {
		t.Errorf("%v", p)
	}
	d.unchanged()
}
