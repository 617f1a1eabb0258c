package command_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// donors is the definition of the sync of a thousand real-looking contacts, of
// whom half have no address and some share one.
const donors = `syncline: 1
name: Donors
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Salutation, property: salutation }
  - { field: FirstName, property: firstname }
  - { field: LastName, property: lastname }
  - { field: Phone, property: phone }
  - { field: Title, property: jobtitle }
`

var donorColumns = map[string]string{"Email": "email", "Salutation": "salutation", "FirstName": "firstname", "LastName": "lastname", "Phone": "phone", "Title": "jobtitle"}

// table is the desk's file as a person edits it.
type table struct {
	d    *desk
	head map[string]int
	all  [][]string
}

func (d *desk) table() *table {
	d.t.Helper()
	all, err := csv.NewReader(strings.NewReader(d.read("customers.csv"))).ReadAll()
	if err != nil {
		d.t.Fatal(err)
	}
	tb := &table{d: d, head: map[string]int{}, all: all}
	for i, name := range all[0] {
		tb.head[name] = i
	}
	return tb
}

func (tb *table) get(row int, column string) string { return tb.all[row][tb.head[column]] }

func (tb *table) set(row int, column, value string) { tb.all[row][tb.head[column]] = value }

func (tb *table) save() {
	tb.d.t.Helper()
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(tb.all); err != nil {
		tb.d.t.Fatal(err)
	}
	tb.d.write("customers.csv", b.String())
}

// sharing returns the groups of rows that have one address, in the file's order.
func (tb *table) sharing() [][]int {
	by, order := map[string][]int{}, []string{}
	for i := 1; i < len(tb.all); i++ {
		if a := strings.ToLower(tb.get(i, "Email")); a != "" {
			if by[a] == nil {
				order = append(order, a)
			}
			by[a] = append(by[a], i)
		}
	}
	var groups [][]int
	for _, a := range order {
		if len(by[a]) > 1 {
			groups = append(groups, by[a])
		}
	}
	return groups
}

// records finds the record of each row, by the links that the plan shows.
func (d *desk) records(s said) map[string]string {
	by := map[string]string{}
	for _, r := range s.report.Rows {
		if r.Record != "" {
			by[r.Key] = r.Record
		}
	}
	return by
}

// The first issue's promises, on a real-looking file: every row has one fate,
// nothing is merged, edits flow both ways, conflicts wait, decisions converge,
// and a run can be undone.
func TestAThousandContactsFromFirstLoadToUndo(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	text, err := os.ReadFile(filepath.Join(dir, "npsp-salesforce", "1k_Contact.csv"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 10_000}})
	d.write("sync.yaml", donors)
	d.write("customers.csv", string(text))
	record := d.firstLoad()
	d.giveEachAnAddress(record)
	edited := d.editBothSides(record)
	d.settleAndConverge(record)
	d.undoOne(record, edited)
}

func (d *desk) firstLoad() (record map[string]string) {
	d.t.Helper()
	tb := d.table()
	// In the file the rows of one address agree in everything that is mapped. Some
	// of them get another title, below the rows that are edited later.
	rows, differ, same := len(tb.all)-1, 0, 0
	for _, group := range tb.sharing() {
		if group[0] > 70 && differ < 6 {
			tb.set(group[1], "Title", "Another title")
			differ += len(group)
			continue
		}
		same += len(group) - 1
	}
	tb.save()
	s := d.do("run", "sync.yaml", "--yes")
	created := rows - differ - same
	if c := s.report.Counts; s.status != 3 || c.Sum() != c.Read || c.Read != rows || c.Conflict != differ || c.Skipped != same || c.Created != created || differ == 0 || same == 0 {
		d.t.Fatalf("first load of %d rows, %d that differ under one address, %d that repeat another: status %d, %+v\n%s", rows, differ, same, s.status, c, s.err)
	}
	if n := d.portal.Count("contacts"); n != created {
		d.t.Errorf("%d contacts, want %d", n, created)
	}
	for _, row := range s.report.Rows {
		if row.Fate == "conflict" && !strings.Contains(row.Reason, "rows share the Email") {
			d.t.Errorf("row %s: %s", row.Key, row.Reason)
		}
	}
	record = d.records(s)
	d.writesNothing(differ, same)
	return record
}

// writesNothing runs the sync, which has a number of conflicts and of rows that
// repeat another, and else nothing to do.
func (d *desk) writesNothing(conflicts, repeats int) {
	d.t.Helper()
	writes, before := d.portal.Calls().Writes, d.read("customers.csv")
	s := d.run()
	if c := s.report.Counts; c.Conflict != conflicts || c.Skipped != repeats || c.Unchanged != c.Read-conflicts-repeats || d.portal.Calls().Writes != writes || d.read("customers.csv") != before {
		d.t.Errorf("a run without edits: %+v, %d writes", c, d.portal.Calls().Writes-writes)
	}
}

// giveEachAnAddress does what a person does about shared addresses.
func (d *desk) giveEachAnAddress(record map[string]string) {
	d.t.Helper()
	tb := d.table()
	rows := 0
	for _, group := range tb.sharing() {
		for _, i := range group {
			tb.set(i, "Email", "row"+tb.get(i, "id")+"."+tb.get(i, "Email"))
			rows++
		}
	}
	tb.save()
	had := d.portal.Count("contacts")
	s := d.run()
	if c := s.report.Counts; s.status != 0 || c.Created != len(tb.all)-1-had || c.Created+c.Updated != rows {
		d.t.Errorf("with addresses of their own: status %d, %+v", s.status, c)
	}
	for key, id := range d.records(s) {
		record[key] = id
	}
	d.writesNothing(0, 0)
}

// editBothSides edits 40 rows in the file and 40 records in HubSpot, of which
// 20 are the same and 20 differ, and runs. It returns the run.
func (d *desk) editBothSides(record map[string]string) (run string) {
	d.t.Helper()
	tb := d.table()
	for i := 1; i <= 70; i++ {
		id, n := record[tb.get(i, "id")], strconv.Itoa(i)
		switch {
		case i <= 20:
			tb.set(i, "FirstName", "File"+n)
		case i <= 40:
			d.edit(id, "jobtitle", "Hub"+n)
		case i <= 50:
			tb.set(i, "LastName", "Both"+n)
			d.edit(id, "lastname", "Both"+n)
		case i <= 60:
			tb.set(i, "LastName", "File"+n)
			d.edit(id, "lastname", "Hub"+n)
		default:
			tb.set(i, "Title", "File"+n)
			d.edit(id, "jobtitle", "Hub"+n)
		}
	}
	tb.save()
	s := d.run()
	if c := s.report.Counts; s.status != 3 || c.Updated != 40 || c.SourceUpdated != 20 || c.Conflict != 20 || c.Failed != 0 {
		d.t.Errorf("edits on both sides: status %d, %+v", s.status, c)
	}
	tb = d.table()
	for i := 1; i <= 70; i++ {
		n := strconv.Itoa(i)
		p, _ := d.portal.Record("contacts", record[tb.get(i, "id")])
		var got, want [2]string
		switch {
		case i <= 20:
			got, want = [2]string{tb.get(i, "FirstName"), p["firstname"]}, [2]string{"File" + n, "File" + n}
		case i <= 40:
			got, want = [2]string{tb.get(i, "Title"), p["jobtitle"]}, [2]string{"Hub" + n, "Hub" + n}
		case i <= 50:
			got, want = [2]string{tb.get(i, "LastName"), p["lastname"]}, [2]string{"Both" + n, "Both" + n}
		case i <= 60: // a conflict touches neither side
			got, want = [2]string{tb.get(i, "LastName"), p["lastname"]}, [2]string{"File" + n, "Hub" + n}
		default:
			got, want = [2]string{tb.get(i, "Title"), p["jobtitle"]}, [2]string{"File" + n, "Hub" + n}
		}
		if got != want {
			d.t.Errorf("row %d: file and HubSpot have %q, want %q", i, got, want)
		}
	}
	d.writesNothing(20, 0)
	return s.report.Run
}

func (d *desk) settleAndConverge(record map[string]string) {
	d.t.Helper()
	for field, take := range map[string]string{"LastName": "source", "Title": "hubspot"} {
		if s := d.do("review", "sync.yaml", "--field", field, "--take", take); s.status != 0 || !strings.Contains(s.out, `"settled": 10`) {
			d.t.Errorf("review of %s: status %d, %s", field, s.status, s.out)
		}
	}
	if s := d.run(); s.status != 0 || s.report.Counts.Updated != 20 || s.report.Counts.Conflict != 0 {
		d.t.Errorf("with the conflicts settled: status %d, %+v", s.status, s.report.Counts)
	}
	tb := d.table()
	for i := 1; i < len(tb.all); i++ {
		p, ok := d.portal.Record("contacts", record[tb.get(i, "id")])
		if !ok {
			d.t.Fatalf("row %d has no record", i)
		}
		for column, property := range donorColumns {
			if tb.get(i, column) != p[property] {
				d.t.Errorf("row %d, %s: the file has %q, HubSpot %q", i, column, tb.get(i, column), p[property])
			}
		}
		if i > 50 && i <= 60 && p["lastname"] != "File"+strconv.Itoa(i) || i > 60 && i <= 70 && p["jobtitle"] != "Hub"+strconv.Itoa(i) {
			d.t.Errorf("row %d is not as it was decided: %v", i, p)
		}
	}
	d.writesNothing(0, 0)
}

// undoOne undoes the run that carried the edits. What it wrote is taken back on
// both sides; what a person has edited since is kept and listed.
func (d *desk) undoOne(record map[string]string, run string) {
	d.t.Helper()
	original := func(row int, column string) string {
		text, err := os.ReadFile(filepath.Join(os.Getenv("SYNCLINE_TESTDATA"), "npsp-salesforce", "1k_Contact.csv"))
		if err != nil {
			d.t.Fatal(err)
		}
		all, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			d.t.Fatal(err)
		}
		return all[row][d.table().head[column]]
	}
	d.edit(record["1"], "firstname", "Later")
	s := d.do("undo", run, "--yes")
	if c := s.report.Counts; s.status != 0 || c.Updated != 39 || c.Skipped != 1 || c.Sum() != c.Read {
		d.t.Errorf("undo: status %d, %+v\n%s", s.status, c, s.err)
	}
	undone := s.report.Run
	for _, row := range s.report.Rows {
		if row.Fate == "skipped" && (row.Record != record["1"] || row.Reason == "") {
			d.t.Errorf("listed as edited since: %+v", row)
		}
	}
	tb := d.table()
	for i := 1; i <= 40; i++ {
		p, _ := d.portal.Record("contacts", record[tb.get(i, "id")])
		switch {
		case i == 1:
			if p["firstname"] != "Later" {
				d.t.Errorf("an edit made since was lost: %q", p["firstname"])
			}
		case i <= 20:
			if want := original(i, "FirstName"); p["firstname"] != want {
				d.t.Errorf("row %d: HubSpot has %q after the undo, want %q", i, p["firstname"], want)
			}
		default:
			if want := original(i, "Title"); tb.get(i, "Title") != want {
				d.t.Errorf("row %d: the file has %q after the undo, want %q", i, tb.get(i, "Title"), want)
			}
		}
	}
	// Only the edit made since flows; what was taken back stays so.
	if s := d.run(); s.status != 0 || s.report.Counts.Updated != 1 || s.report.Counts.SourceUpdated != 1 {
		d.t.Errorf("the run after the undo: status %d, %+v", s.status, s.report.Counts)
	}
	d.waitsForTheSource(39, undone)
}

// waitsForTheSource runs without edits after an undo: nothing is written, and
// what was taken back is skipped with the undo as the reason.
func (d *desk) waitsForTheSource(rows int, undo string) {
	d.t.Helper()
	writes, before := d.portal.Calls().Writes, d.read("customers.csv")
	s := d.run()
	if c := s.report.Counts; c.Skipped != rows || c.Unchanged != c.Read-rows || d.portal.Calls().Writes != writes || d.read("customers.csv") != before {
		d.t.Errorf("a run without edits: %+v, %d writes", c, d.portal.Calls().Writes-writes)
	}
	for _, row := range s.report.Rows {
		if !strings.Contains(row.Reason, undo) {
			d.t.Errorf("the undo is not the reason: %+v", row)
		}
	}
}
