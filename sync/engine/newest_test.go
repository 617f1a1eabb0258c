package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

const newestWins = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id], modified: Changed }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname, conflict: newest }
  - { field: Phone, property: phone, conflict: newest }
`

// dated is a stage on which both sides hold one customer, and the newer change
// of Last and Phone wins.
type dated struct {
	*stage
	id   string
	form string // in which the file keeps times
}

func newDated(t *testing.T, document, form string, ahead time.Duration) *dated {
	t.Helper()
	o := practice.Options{Now: func() time.Time { return time.Now().Add(ahead) }}
	d := &dated{stage: newStage(t, o, document, "id,Email,First,Last,Phone,Note,Changed\n"), form: form}
	d.row("Lee", "+49301", "")
	d.run()
	d.id, _ = d.by("email", "ann@example.com")
	time.Sleep(time.Hour)
	return d
}

// row writes the one row of the file, which was changed now.
func (d *dated) row(last, phone, note string) {
	d.write(d.file, fmt.Sprintf("id,Email,First,Last,Phone,Note,Changed\n1,ann@example.com,Ann,%s,%s,%s,%s\n", last, phone, note, time.Now().UTC().Format(d.form)))
}

func (d *dated) want(counts engine.Counts, phone string) {
	d.t.Helper()
	res := d.run()
	p, _ := d.portal.Record("contacts", d.id)
	if res.Counts != counts || p["phone"] != phone && phone != "" || phone != "" && !strings.Contains(d.contents(), ","+phone+",") {
		d.t.Errorf("%+v, HubSpot has the phone %q, the file is\n%s", res.Counts, p["phone"], d.contents())
	}
}

var (
	toHubSpot = engine.Counts{Read: 1, Updated: 1}
	toFile    = engine.Counts{Read: 1, Updated: 1, SourceUpdated: 1}
	asked     = engine.Counts{Read: 1, Conflict: 1}
)

// The newer change wins where it is certain which one that is, and else a person
// is asked: by the property's own time, not its record's; by a time of the row
// that is this value's; beyond what the clocks may be off.
func TestTheNewerChangeWinsOnlyWhereItIsCertain(t *testing.T) {
	t.Parallel()
	const utc = time.RFC3339
	for _, tt := range []struct {
		name  string
		form  string
		ahead time.Duration // of HubSpot's clock
		do    func(d *dated)
		want  engine.Counts
		phone string
	}{
		{"the source is newer", utc, 0, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Minute)
			d.row("Lee", "+49303", "")
		}, toHubSpot, "+49303"},
		{"HubSpot is newer", utc, 0, func(d *dated) {
			d.row("Lee", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "phone", "+49302")
		}, toFile, "+49302"},
		{"another property is newer", utc, 0, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Minute)
			d.row("Lee", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "jobtitle", "Baker")
		}, toHubSpot, "+49303"},
		{"another property is newer than a change of the same moment", utc, 0, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			d.row("Lee", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "jobtitle", "Baker")
		}, asked, ""},
		{"another cell is newer", utc, 0, func(d *dated) {
			d.row("Lee", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Minute)
			d.row("Lea", "+49303", "")
		}, asked, ""},
		{"a cell that is not mapped is newer", utc, 0, func(d *dated) {
			d.row("Lee", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Minute)
			d.row("Lee", "+49303", "called")
		}, asked, ""},
		{"HubSpot is newer than any of the row", utc, 0, func(d *dated) {
			d.row("Lea", "+49303", "")
			time.Sleep(time.Minute)
			d.edit(d.id, "phone", "+49302")
		}, toFile, "+49302"},
		{"the row's time was not touched", utc, 0, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			d.replace("+49301", "+49303")
		}, asked, ""},
		{"a second apart", utc, 0, func(d *dated) {
			d.row("Lee", "+49303", "")
			time.Sleep(time.Second)
			d.edit(d.id, "phone", "+49302")
		}, asked, ""},
		{"HubSpot's clock is an hour ahead", utc, time.Hour, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			time.Sleep(30 * time.Minute)
			d.row("Lee", "+49303", "")
		}, asked, ""},
		{"HubSpot's clock is an hour behind", utc, -time.Hour, func(d *dated) {
			d.row("Lee", "+49303", "")
			time.Sleep(30 * time.Minute)
			d.edit(d.id, "phone", "+49302")
		}, asked, ""},
		{"far beyond an hour of the clocks", utc, time.Hour, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			time.Sleep(4 * time.Hour)
			d.row("Lee", "+49303", "")
		}, toHubSpot, "+49303"},
		{"times without a zone", time.DateTime, 0, func(d *dated) {
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Minute)
			d.row("Lee", "+49303", "")
		}, asked, ""},
		{"only the day is known", "2006-01-02", 0, func(d *dated) {
			time.Sleep(24 * time.Hour)
			d.edit(d.id, "phone", "+49302")
			time.Sleep(time.Hour)
			d.row("Lee", "+49303", "")
		}, asked, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				document := newestWins
				if tt.form == "2006-01-02" {
					document = strings.Replace(document, "modified: Changed", "modified: Changed, zone: UTC", 1)
				}
				d := newDated(t, document, tt.form, tt.ahead)
				tt.do(d)
				d.want(tt.want, tt.phone)
			})
		})
	}
}

// A cell keeps the time at which it was seen to change: what is edited in its
// row later makes it no newer.
func TestACellKeepsItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDated(t, newestWins, time.RFC3339, 0)
		d.row("Lee", "+49303", "")
		d.preview()
		time.Sleep(time.Minute)
		d.edit(d.id, "phone", "+49302")
		time.Sleep(time.Minute)
		d.row("Lee", "+49303", "called")
		d.preview()
		d.want(toFile, "+49302")
	})
}

// Of many records only those are read with their history that it can decide,
// fifty with a call.
func TestHistoriesAreReadFiftyAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 120
		form := func(last string, at time.Time) string {
			var b strings.Builder
			b.WriteString("id,Email,First,Last,Phone,Changed\n")
			for i := range n {
				fmt.Fprintf(&b, "%d,p%d@example.com,F,%s%d,,%s\n", i, i, last, i, at.UTC().Format(time.RFC3339))
			}
			return b.String()
		}
		s := newStage(t, practice.Options{}, newestWins, form("Old", time.Now()))
		s.yes = true
		s.run()
		time.Sleep(time.Hour)
		s.write(s.file, form("File", time.Now()))
		time.Sleep(time.Minute)
		for id := range s.portal.Records("contacts") {
			s.edit(id, "lastname", "HubSpot")
		}
		const read = "POST objects/{type}/batch/read"
		before := s.portal.Calls().By[read]
		if res := s.preview(); res.Counts.Updated != n {
			t.Fatalf("%+v", res.Counts)
		}
		if calls := s.portal.Calls().By[read] - before; calls != 3 {
			t.Errorf("%d calls for the histories of %d records, want 3", calls, n)
		}
	})
}

// A row that comes back with the value that it had is not the newer one for
// that: the value was changed when it was.
func TestARowThatComesBackBringsNoNewTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDated(t, newestWins, time.RFC3339, 0)
		d.row("Lee", "+49303", "")
		d.preview()
		time.Sleep(time.Minute)
		d.edit(d.id, "phone", "+49302")
		d.write(d.file, "id,Email,First,Last,Phone,Note,Changed\n")
		d.preview()
		time.Sleep(time.Minute)
		d.row("Lee", "+49303", "")
		d.preview()
		d.want(toFile, "+49302")
	})
}
