package command_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// mistake is a set-up that can't work, the exit status that it must give, and
// what the sentence must say: where it is and what to do.
type mistake struct {
	name   string
	make   func(*desk)
	status int
	says   []string
}

// mustSay previews every mistake, with --json and without. Nothing may be
// written by any of them.
func mustSay(t *testing.T, cases []mistake) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, practice.Options{})
			c.make(d)
			s := d.do("run", "sync.yaml")
			if s.status != c.status {
				t.Errorf("status %d, want %d", s.status, c.status)
			}
			all := strings.Join([]string{s.problem.Message, s.problem.Means, s.problem.Do, s.problem.CorrelationID}, " ")
			for _, want := range c.says {
				if !strings.Contains(all, want) {
					t.Errorf("the document does not say %q:\n%s", want, s.out)
				}
				if !strings.Contains(s.err, want) {
					t.Errorf("standard error does not say %q:\n%s", want, s.err)
				}
			}
			for _, raw := range []string{": hubspot: ", "goroutine", "%!", "..", "?."} {
				if strings.Contains(strings.ReplaceAll(s.err, d.dir, ""), raw) {
					t.Errorf("%q is no way to talk to people:\n%s", raw, s.err)
				}
			}
			if plain := d.plain("run", "sync.yaml"); plain.status != c.status || plain.out != "" {
				t.Errorf("without --json: status %d and %q", plain.status, plain.out)
			}
			if w := d.portal.Calls().Writes; w > 0 {
				t.Errorf("%d writes were made", w)
			}
			if left, _ := filepath.Glob(d.path(".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func redefined(oldNew ...string) func(*desk) { return func(d *desk) { d.define(oldNew...) } }
func lines(text string) func(*desk)          { return func(d *desk) { d.write("customers.csv", text) } }
func definition(text string) func(*desk)     { return func(d *desk) { d.write("sync.yaml", text) } }

func TestADefinitionThatCannotWorkIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	last := "  - { field: Last, property: lastname }"
	mustSay(t, []mistake{
		{"a column that is not there", redefined(last, "  - { field: Lst, property: lastname }"), 2, []string{"line 12", `"Lst"`, `Did you mean "Last"?`}},
		{"a key column that is not there", redefined("[id]", "[idd]"), 2, []string{"line 3", "source.key[0]", `"idd"`, `Did you mean "id"?`}},
		{"a time column that is not there", redefined("[id]", "[id], modified: changed"), 2, []string{"line 3", "source.modified", `"changed"`}},
		{"a match column that is not there", redefined("{ field: Email, property: email } ]", "{ field: Mail, property: email } ]"), 2, []string{"line 6", `"Mail"`}},
		{"two at once", redefined("[id]", "[idd]", last, "  - { field: Last, property: lstname }"), 2, []string{"2 problems", "line 3", "line 12"}},
		{"an unknown property", redefined(last, "  - { field: Last, property: lstname }"), 2, []string{"line 12", `"lstname"`, `Did you mean "lastname"?`}},
		{"a label for a property", redefined(last, "  - { field: Last, property: Last Name }"), 2, []string{"line 12", `is a label; its property is named "lastname"`}},
		{"an impossible type", redefined(last, "  - { field: Last, property: numemployees, compare: date }"), 2, []string{"line 12", "cannot be compared as date"}},
		{"a transform for another type", redefined(last, "  - { field: Last, property: closedate, direction: to-hubspot, to-hubspot: [ boolean ] }"), 2, []string{"line 12", "cannot hold what the transform boolean makes"}},
		{"a read-only property", redefined(last, "  - { field: Last, property: hs_object_id }"), 2, []string{"line 12", "hs_object_id", "nothing can flow to it", "from-hubspot"}},
		{"a calculated property", redefined(last, "  - { field: Last, property: num_associated_deals }"), 2, []string{"line 12", "nothing can flow to it"}},
		{"an association with what is no object", func(d *desk) {
			d.write("sync.yaml", contacts+"associations:\n  - { to: compnies, match: { field: Last, property: domain } }\n")
		}, 2, []string{"line 14", "associations[0]", "compnies", "no object type"}},
		{"an association by a property that is not there", func(d *desk) {
			d.write("sync.yaml", contacts+"associations:\n  - { to: companies, match: { field: Last, property: domian } }\n")
		}, 2, []string{"line 14", "associations[0]", `Did you mean "domain"?`}},
		{"an association by a sync that is not there", func(d *desk) {
			d.write("sync.yaml", contacts+"associations:\n  - { to: companies, link: { sync: firms.yaml, field: Last } }\n")
		}, 2, []string{"line 14", "associations[0].link", "firms.yaml"}},
		{"another portal that is not connected", redefined("kind: csv, path: customers.csv", "kind: hubspot, portal: Sandbox"), 5, []string{"Sandbox", "connect"}},
		{"a set of documents that are not there", definition("syncline: 1\nset: All\nsyncs: [a.yaml]\n"), 2, []string{"line 3", "syncs[0]", "is not there"}},
		{"an unknown encoding", redefined("key: [id]", "key: [id], encoding: windows-1259"), 2, []string{"line 3", "source.encoding", `Did you mean "windows-1250"?`}},
		{"an encoding that is not certain", func(d *desk) {
			d.write("customers.csv", "id,Email,First,Last\n1,ann@example.com,Ann,Dvo\xF8\xE1k\n")
		}, 2, []string{"line 3", "source.encoding", "windows-1250: Dvořák", "windows-1252: Dvoøák"}},
		{"a header that is not there", redefined("key: [id]", "key: [id], header-row: 9"), 1, []string{"has no row that starts on line 9"}},
		{"a flag of records without what to write", redefined("create: hubspot", "delete: { row-gone: flag }"), 2, []string{"line 8", "delete.row-gone", "flag-record"}},
		{"a flag of rows without what to write", redefined("create: hubspot", "delete: { record-gone: flag }"), 2, []string{"line 8", "delete.record-gone", "flag-row"}},
		{"a flag of records in no property", redefined("create: hubspot", "delete: { row-gone: flag, flag-record: { property: jobtitel, value: Gone } }"), 2, []string{"line 8", "flag-record.property", `Did you mean "jobtitle"?`}},
		{"a flag of records in a property that is read-only", redefined("create: hubspot", "delete: { row-gone: flag, flag-record: { property: hs_object_id, value: Gone } }"), 2, []string{"line 8", "flag-record.property", "read-only", "cannot mark a record"}},
		{"a flag of records that is no option", redefined("create: hubspot", "delete: { row-gone: flag, flag-record: { property: lifecyclestage, value: Gone } }"), 2, []string{"line 8", "flag-record.value", `no option "Gone"`}},
		{"a flag of rows in no column", redefined("create: hubspot", "delete: { record-gone: flag, flag-row: { field: Active, value: x } }"), 2, []string{"line 8", "flag-row.field", `"Active"`}},
		{"an unknown way with duplicates", redefined("create: hubspot", "duplicates: newest"), 2, []string{"line 8", "duplicates", "review, first, last"}},
		{"an unknown way to verify", redefined("create: hubspot", "verify: most"), 2, []string{"line 8", "verify", "auto, all, sample, none"}},
		{"an unknown zone", redefined("key: [id]", "key: [id], zone: Berlin"), 2, []string{"line 3", "source.zone", "Europe/Berlin"}},
		{"an id that is none", redefined("name: Customers", "id: Customers!"), 2, []string{"line 2", "id", "The first run writes one"}},
		{"an unknown key", redefined("direction: two-way", "directon: two-way"), 2, []string{"line 7", `Did you mean "direction"?`}},
		{"no YAML", redefined("direction: two-way", "direction: [two-way"), 2, []string{"line 8", "cannot be read as YAML"}},
		{"a newer format", redefined("syncline: 1", "syncline: 9"), 2, []string{"line 1", "newer", "Update Syncline"}},
		{"an object type of another portal", redefined("object: contacts", "object: 2-99999"), 2, []string{"line 5", "no object type", "2-99999"}},
		{"no definition", func(d *desk) { os.Remove(d.path("sync.yaml")) }, 2, []string{"sync.yaml", "is not there"}},
		{"a folder for a definition", func(d *desk) { d.folder("sync.yaml") }, 2, []string{"is a folder"}},
		{"an empty definition", definition(""), 2, []string{"sync.yaml", "empty", "syncline: 1"}},
		{"another text", definition("Dear all,\n"), 2, []string{"not the definition of a sync"}},
		{"binary junk", definition("\x00\xff\xfe"), 2, []string{"not UTF-8 text"}},
	})
}

func TestAFileThatCannotBeReadSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	workbook := func(content string) func(*desk) {
		return func(d *desk) {
			d.write("book.xlsx", content)
			d.define("kind: csv, path: customers.csv", "kind: excel, path: book.xlsx")
		}
	}
	mustSay(t, []mistake{
		{"missing", func(d *desk) { os.Remove(d.path("customers.csv")) }, 2, []string{"customers.csv: is not there"}},
		{"a folder", func(d *desk) { d.folder("customers.csv") }, 2, []string{"is a folder"}},
		{"empty", lines(""), 1, []string{"customers.csv: is empty", "column names"}},
		{"only a byte order mark", lines("\ufeff"), 1, []string{"has no text"}},
		{"only empty lines", lines("\n\r\n\n"), 1, []string{"has no text"}},
		{"binary junk", lines("\x00\x01\x02\xff\xfe\xfd\x00\x00junk\x00"), 1, []string{"is not a text file"}},
		{"a picture", lines("\x89PNG\r\n\x1a\n\x00\x00"), 1, []string{"is a picture"}},
		{"a web page", lines("<!DOCTYPE html><html>sign in</html>"), 1, []string{"is a web page"}},
		{"a workbook", lines("PK\x03\x04" + strings.Repeat("x", 500)), 2, []string{"is an Excel workbook", "set its kind to excel"}},
		{"a truncated workbook", workbook("PK\x03\x04" + strings.Repeat("x", 5000)), 1, []string{"book.xlsx: is a damaged workbook", "save it"}},
		{"an empty workbook", workbook(""), 1, []string{"book.xlsx: is empty"}},
		{"text for a workbook", workbook("id,Email\n1,a@example.com\n"), 1, []string{"book.xlsx"}},
	})
}

func TestAFileWithoutPermissionSaysSo(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	mustSay(t, []mistake{
		{"the source", func(d *desk) { d.lock("customers.csv") }, 1, []string{"may not be read by you"}},
		{"the definition", func(d *desk) { d.lock("sync.yaml") }, 2, []string{"may not be read by you"}},
	})
}

func TestASignInThatDoesNotWorkIsNamed(t *testing.T) {
	t.Parallel()
	scopes := func(all ...string) func(*desk) {
		return func(d *desk) {
			d.token = d.portal.AddToken(practice.Token{Kind: practice.PrivateApp, Scopes: all})
		}
	}
	mustSay(t, []mistake{
		{"a revoked token", func(d *desk) { d.portal.RevokeToken(d.token) }, 5, []string{"does not accept the sign-in", "Connect the portal again", "SYNCLINE_TOKEN"}},
		{"a token of nobody", func(d *desk) { d.token = "pat-na1-11111111-2222-3333-4444-555555555555" }, 5, []string{"does not accept the sign-in"}},
		{"no token", func(d *desk) { d.token = "" }, 5, []string{"no portal is connected", "SYNCLINE_TOKEN"}},
		{"something else for a token", func(d *desk) { d.token = "my token" }, 5, []string{"SYNCLINE_TOKEN is no token"}},
		{"no scope for contacts", scopes("crm.objects.companies.read"), 5, []string{"crm.objects.contacts.read", "crm.objects.contacts.write"}},
		{"no scope to write", scopes("crm.objects.contacts.read", "crm.schemas.contacts.read"), 5, []string{"crm.objects.contacts.write"}},
		{"a scope that only the answer names", func(d *desk) {
			d.answers(403, `{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","correlationId":"c-1","category":"MISSING_SCOPES","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.contacts.read"]}}]}`)
		}, 5, []string{"crm.objects.contacts.read", "c-1"}},
	})
}

func TestANetworkThatDoesNotWorkIsNamed(t *testing.T) {
	t.Parallel()
	mustSay(t, []mistake{
		{"a closed port", func(d *desk) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				d.t.Fatal(err)
			}
			d.url = "http://" + l.Addr().String()
			l.Close()
		}, 1, []string{"can't be reached", "connection was refused", "Check the network"}},
		{"a certificate of a stranger", func(d *desk) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			d.t.Cleanup(server.Close)
			d.url = server.URL
		}, 1, []string{"can't be reached", "certificate", "proxy"}},
		{"a name that nobody knows", func(d *desk) { d.url = "https://api.hubapi.invalid" }, 1, []string{"can't be reached", "api.hubapi.invalid"}},
		{"a web page of the network", func(d *desk) { d.answers(200, "<html>Welcome to the hotel</html>") }, 1, []string{"web page", "Sign in to the network"}},
		{"HubSpot disturbed", func(d *desk) {
			d.answers(503, `{"status":"error","message":"Service unavailable","correlationId":"c-2"}`)
		}, 1, []string{"disturbed", "503", "in a few minutes", "c-2"}},
		{"the day's calls used up", func(d *desk) {
			d.answers(429, `{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY","correlationId":"c-3"}`)
		}, 1, []string{"Today's API calls", "after midnight"}},
		{"plain http to a stranger", func(d *desk) { d.url = "http://example.com" }, 2, []string{"SYNCLINE_API_URL", "https://"}},
		{"no address", func(d *desk) { d.url = "::" }, 2, []string{"SYNCLINE_API_URL"}},
	})
}

func TestAWorkspaceThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	mustSay(t, []mistake{
		{"a file", func(d *desk) { d.write("workspace", "x") }, 1, []string{"workspace", "--workspace"}},
		{"a damaged file", func(d *desk) {
			d.folder("workspace")
			d.write("workspace/syncline.db", strings.Repeat("garbage!", 1000))
		}, 1, []string{"damaged", "another workspace folder"}},
	})
}

func TestWrongUseIsADocumentToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	for _, args := range [][]string{{"review", "sync.yaml"}, {"attention", "sync.yaml"}, {"review", "sync.yaml", "--field", "Nope", "--take", "source"}, {"run"}, {"run", "a", "b"}, {"run", "sync.yaml", "--nope"}, {"review", "sync.yaml", "--take", "mine"}, {"run", "sync.yaml", "--plan", "plan-1"}, {"undo", "run-1"}, {"connect", "Acme"}} {
		s := d.do(args...)
		if s.status != 2 || s.problem.Message == "" || !strings.Contains(s.err, s.problem.Message) {
			t.Errorf("%v: status %d, %q, %q", args, s.status, s.problem.Message, s.err)
		}
	}
}

func TestNothingToDoIsNoFailure(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", "id,Email,First,Last\n")
	s := d.run()
	if s.status != 0 || s.report.Counts.Read != 0 || len(s.report.Notes) == 0 {
		t.Errorf("status %d, %+v, %q", s.status, s.report.Counts, s.report.Notes)
	}
}

func TestColumnsWithTheSameNameAreNoted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", "id,Email,First,Last,Last\n1,ann@example.com,Ann,Lee,Other\n")
	s := d.run()
	if s.report.Counts.Created != 1 || len(s.report.Notes) != 1 || !strings.Contains(s.report.Notes[0], "“Last (2)”") {
		t.Errorf("%+v, %q", s.report.Counts, s.report.Notes)
	}
	if got := d.read("customers.csv"); got != "id,Email,First,Last,Last\n1,ann@example.com,Ann,Lee,Other\n" {
		t.Errorf("the file was changed:\n%s", got)
	}
}
