package hubspot_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
)

// contactsFile is an import of contacts with these lines.
func contactsFile(name string, lines ...string) hubspot.ImportRequest {
	content := "email,firstname\n" + strings.Join(lines, "\n") + "\n"
	return hubspot.ImportRequest{Name: name, ObjectType: "0-1", Columns: []string{"email", "firstname"}, Key: "email", Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func TestAnImportIsStartedFollowedAndItsErrorsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{Limits: practice.Limits{ImportRows: 2}})
		p.SetFaults(practice.Faults{Script: []practice.Fault{
			{Kind: practice.Throttle, Method: "POST", Path: "/imports"}, {Kind: practice.ServerError, Method: "GET", Path: "/errors"}}})
		started := must(c.StartImport(t.Context(), contactsFile("June", "a@example.com,A", "no address,B", "c@example.com,\"C\nC\"")))(t)
		var shown []int
		ended := must(c.WaitImport(t.Context(), started.ID, func(i hubspot.Import) { shown = append(shown, i.Written()) }))(t)
		if ended.State != hubspot.ImportDone || ended.Written() != 2 || shown[0] != 0 {
			t.Errorf("%+v after %v", ended, shown)
		}
		var errs []hubspot.ImportError
		if err := c.ImportErrors(t.Context(), started.ID, func(some []hubspot.ImportError) error { errs = append(errs, some...); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(errs) != 1 || errs[0].Type != "INVALID_EMAIL" || errs[0].Value != "no address" || errs[0].Message == "" || !cmp.Equal(errs[0].Row, []string{"no address", "B"}) {
			t.Errorf("errors: %+v", errs)
		}
		found, ok, err := c.FindImport(t.Context(), "June")
		if err != nil || !ok || found.ID != started.ID {
			t.Errorf("found %+v, %v, %v", found, ok, err)
		}
		if _, ok, err := c.FindImport(t.Context(), "July"); ok || err != nil {
			t.Errorf("found what is not there: %v", err)
		}
		if err := c.CancelImport(t.Context(), started.ID); err != nil {
			t.Errorf("canceling what is over: %v", err)
		}
	})
}

// An import whose answer is lost may have been started: it is not started again,
// but found.
func TestAnImportIsNeverStartedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{})
		p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ResetAfter, Method: "POST", Path: "/imports"}}})
		_, err := c.StartImport(t.Context(), contactsFile("lost", "a@example.com,A"))
		if !hubspot.Unknown(err) {
			t.Fatalf("the lost answer is %v", err)
		}
		if n := p.Calls().By["POST imports"]; n != 1 {
			t.Errorf("it was sent %d times", n)
		}
		if _, ok, err := c.FindImport(t.Context(), "lost"); !ok || err != nil {
			t.Errorf("not found: %v", err)
		}
	})
}

func contactsExport(t *testing.T) hubspot.ExportRequest {
	t.Helper()
	contacts, ok := hubspot.FindObjectType("contacts")
	if !ok {
		t.Fatal("no contacts")
	}
	return hubspot.ExportRequest{Name: "all", ObjectType: contacts, Properties: []string{"email", "firstname"}, Groups: [][]hubspot.Filter{{{Property: "email", Operator: hubspot.HasProperty}}}}
}

// rowsOf gives the records of an export as text.
func rowsOf(t *testing.T, x *hubspot.Export) (all []string) {
	t.Helper()
	err := x.Records(2, func(some []record.Record) error {
		for _, r := range some {
			all = append(all, fmt.Sprint(r.Properties["email"], " ", r.Properties["firstname"], " ", r.Updated.Format(time.Kitchen)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// seenHosts tells which hosts were asked with a token.
type seenHosts struct {
	next  http.RoundTripper
	token map[string]bool
}

func (s seenHosts) RoundTrip(req *http.Request) (*http.Response, error) {
	s.token[req.URL.Host] = s.token[req.URL.Host] || req.Header.Get("Authorization") != ""
	return s.next.RoundTrip(req)
}

func TestAnExportIsReadWholeWhateverHappensToItsFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options practice.Options
		faults  []practice.Fault
	}{
		"as it is":        {},
		"several files":   {options: practice.Options{Limits: practice.Limits{ExportFile: 2}}},
		"a broken file":   {faults: []practice.Fault{{Kind: practice.Truncated, Path: "/practice-downloads/"}}},
		"an ended one":    {faults: []practice.Fault{{Kind: practice.Late, Path: "/practice-downloads/", Delay: 6 * time.Minute}}},
		"a broken answer": {faults: []practice.Fault{{Kind: practice.HTML, Path: "/status"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := practice.New(tt.options)
				hosts := seenHosts{p.Transport(), map[string]bool{}}
				c := connect(t, hosts, func(cfg *hubspot.Config) { cfg.Tokens = hubspot.StaticToken(p.Token()) })
				var want []string
				for i := range 5 {
					if _, err := p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i), "firstname": "“P\"\n,"}); err != nil {
						t.Fatal(err)
					}
					want = append(want, fmt.Sprintf("p%d@example.com “P\"\n, %s", i, time.Now().UTC().Format(time.Kitchen)))
				}
				p.SetFaults(practice.Faults{Script: tt.faults})
				req, folder := contactsExport(t), t.TempDir()
				id := must(c.StartExport(t.Context(), req))(t)
				x := must(c.FetchExport(t.Context(), id, req, folder))(t)
				if diff := cmp.Diff(want, rowsOf(t, x)); diff != "" {
					t.Error(diff)
				}
				if err := x.Close(); err != nil {
					t.Error(err)
				}
				if left, _ := os.ReadDir(folder); len(left) > 0 {
					t.Errorf("%d files are left", len(left))
				}
				if diff := cmp.Diff(map[string]bool{"api.hubapi.com": true, "exports.hubspot-practice.example": false}, hosts.token); diff != "" {
					t.Errorf("the token went elsewhere: %s", diff)
				}
			})
		})
	}
}

func TestTheDaysExportsAreUsedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{})
		req := contactsExport(t)
		for range 30 {
			must(c.StartExport(t.Context(), req))(t)
		}
		before := p.Calls().Total
		if _, err := c.StartExport(t.Context(), req); !hubspot.IsQuota(err) {
			t.Errorf("the 31st is %v", err)
		}
		if n := p.Calls().Total - before; n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	})
}

// An address that a file may not come from is not asked for.
func TestTheResultOfAnExportComesEncryptedOrFromHere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := answers(says(200, `{"status":"COMPLETE","result":"http://files.example.com/x"}`))
		c := connect(t, server)
		_, err := c.FetchExport(t.Context(), "1", contactsExport(t), t.TempDir())
		if err == nil || !strings.Contains(err.Error(), "https://") {
			t.Errorf("it says %v", err)
		}
		if n := len(server.requests()); n != 1 {
			t.Errorf("%d calls were made", n)
		}
	})
}
