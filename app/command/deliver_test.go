package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

const attendance = `syncline: 1
name: Attendance
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: timeline-event
  event: "1001298"
  match: { field: Email, property: email }
fields:
  - { field: Webinar, property: webinar }
  - { field: Minutes, property: minutes }
`

// Every command takes a document whose rows become events, or says why it has no
// meaning for it.
func TestRowsAreSentAsEventsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("sync.yaml", attendance)
	d.write("customers.csv", "id,Email,Webinar,Minutes\n1,ann@example.com,Chains,45\n2,bob@example.com,Wires,many\n")
	if s := d.plain("check", "sync.yaml"); s.status != 0 {
		t.Fatalf("check: status %d, %s", s.status, s.err)
	}
	if s := d.do("preview", "sync.yaml"); s.status != 0 || s.report.Counts.Created != 2 || !strings.Contains(s.out, "can't be taken back") {
		t.Errorf("preview: status %d, %s", s.status, s.out)
	}
	first := d.run()
	if first.status != 3 || first.report.Counts.Created != 1 || first.report.Counts.Failed != 1 {
		t.Fatalf("run: status %d, %+v", first.status, first.report.Counts)
	}
	if rows := d.failed().Rows; len(rows) != 1 || rows[0].Key != "2" || !strings.Contains(rows[0].Message, "minutes") {
		t.Errorf("%+v", rows)
	}
	if s := d.do("retry", "sync.yaml", "--row", "2", "--set", "Minutes=9"); s.status != 0 || s.report.Counts.Created != 1 {
		t.Errorf("corrected: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s := d.do("retry", "sync.yaml", "--row", "1"); s.status != 0 || s.report.Counts.Created != 1 || len(d.portal.TimelineEvents("1001298")) != 3 {
		t.Errorf("once more: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s := d.plain("retry", "sync.yaml", "--row", "7"); s.status != 2 || !strings.Contains(s.err, `"7"`) {
		t.Errorf("a row that is not there: status %d, %s", s.status, s.err)
	}
	for _, wrong := range [][]string{{"--sent"}, {"--sent", "--row", "1"}, {"--sent", "--row", "1", "--set", "Minutes=1"}} {
		if s := d.plain(append([]string{"retry", "sync.yaml"}, wrong...)...); s.status != 2 || s.err == "" {
			t.Errorf("%v: status %d, %s", wrong, s.status, s.err)
		}
	}
	if s := d.run(); s.status != 0 || s.report.Counts.Unchanged != 2 {
		t.Errorf("again: status %d, %+v", s.status, s.report.Counts)
	}
	if s := d.do("undo", first.report.Run); s.status != 0 || s.report.Counts.Skipped != 1 {
		t.Errorf("undo: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s := d.plain("report", first.report.Run, "--json"); s.status != 0 || !strings.Contains(s.out, "ann@example.com") {
		t.Errorf("report: status %d, %s", s.status, s.err)
	}
	for _, verb := range [][]string{{"reconcile", "sync.yaml"}, {"promote", "sync.yaml", "--to", "other"}} {
		if s := d.plain(verb...); s.status == 0 || s.err == "" {
			t.Errorf("%v: status %d, %s", verb, s.status, s.err)
		}
	}
}

func TestAConnectionThatMayNotSendEventsIsToldSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("sync.yaml", attendance)
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"oauth", "crm.objects.contacts.write"}})
	if s := d.plain("check", "sync.yaml"); s.status != 5 || !strings.Contains(s.err, "timeline: events are put on timelines") {
		t.Errorf("status %d, %s", s.status, s.err)
	}
}

const attaching = `syncline: 1
name: Contracts
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: file
  of: contacts
  match: { field: Email, property: email }
  file: Contract
  folder: /contracts
`

func TestFilesAreAttachedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("sync.yaml", attaching)
	d.write("a.pdf", "a contract")
	d.write("customers.csv", "id,Email,Contract\n1,ann@example.com,a.pdf\n2,ann@example.com,b.pdf\n")
	if _, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com"}); err != nil {
		t.Fatal(err)
	}
	if s := d.plain("check", "sync.yaml"); s.status != 0 {
		t.Fatalf("check: status %d, %s", s.status, s.err)
	}
	if s := d.do("preview", "sync.yaml"); s.report.Counts.Created != 1 || !strings.Contains(s.out, "can't be restored") {
		t.Errorf("preview: status %d, %s", s.status, s.out)
	}
	first := d.run()
	if first.status != 3 || first.report.Counts.Created != 1 || first.report.Counts.Failed != 1 {
		t.Fatalf("run: status %d, %+v", first.status, first.report.Counts)
	}
	if rows := d.failed().Rows; len(rows) != 1 || !strings.Contains(rows[0].Message, "it is not there") {
		t.Errorf("%+v", rows)
	}
	d.write("b.pdf", "another contract")
	if s := d.do("retry", "sync.yaml", "--row", "2"); s.status != 0 || s.report.Counts.Created != 1 || len(d.portal.Files()) != 2 {
		t.Errorf("retry: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s := d.plain("undo", first.report.Run); s.status == 0 || len(d.portal.Files()) != 2 {
		t.Errorf("an undo that nobody confirmed: status %d, %s", s.status, s.err)
	}
	if s := d.do("undo", first.report.Run, "--yes"); s.status != 0 || len(d.portal.Files()) != 1 {
		t.Errorf("undo: status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s := d.plain("report", first.report.Run, "--json"); s.status != 0 {
		t.Errorf("report: status %d, %s", s.status, s.err)
	}
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"}})
	if s := d.plain("check", "sync.yaml"); s.status != 5 || !strings.Contains(s.err, "files: files are uploaded") {
		t.Errorf("without the scope: status %d, %s", s.status, s.err)
	}
}
