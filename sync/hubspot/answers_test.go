package hubspot_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// questions are all the calls whose answer tells what there is.
var questions = map[string]func(context.Context, *hubspot.Client) error{
	"list": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.List(ctx, "contacts", hubspot.ListRequest{})
		return err
	},
	"walk of the list": func(ctx context.Context, c *hubspot.Client) error {
		return c.ListAll(ctx, "contacts", hubspot.ListRequest{}, func([]record.Record) error { return nil })
	},
	"search": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{})
		return err
	},
	"walk of the search": func(ctx context.Context, c *hubspot.Client) error {
		return c.SearchAll(ctx, "contacts", hubspot.SearchRequest{}, func([]record.Record) error { return nil })
	},
	"one record": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Get(ctx, "contacts", "1", hubspot.ReadRequest{})
		return err
	},
	"batch read": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{IDs: []string{"1"}})
		return err
	},
	"batch read by e-mail": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{IDs: []string{"a@b.example"}, IDProperty: "email"})
		return err
	},
	"properties": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Properties(ctx, "contacts")
		return err
	},
	"property groups": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.PropertyGroups(ctx, "contacts")
		return err
	},
	"owners": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Owners(ctx)
		return err
	},
	"pipelines": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Pipelines(ctx, "deals")
		return err
	},
	"custom objects": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.CustomObjectTypes(ctx)
		return err
	},
	"association labels": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.AssociationLabels(ctx, "contacts", "companies")
		return err
	},
	"associations": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchReadAssociations(ctx, "contacts", "companies", []string{"1"})
		return err
	},
	"account": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Account(ctx)
		return err
	},
	"token info": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.TokenInfo(ctx)
		return err
	},
	"daily usage": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.DailyUsage(ctx)
		return err
	},
}

// writes are all the calls whose answer tells what became of a write.
var writes = map[string]func(context.Context, *hubspot.Client) error{
	"create": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Create(ctx, "contacts", nil)
		return err
	},
	"update": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Update(ctx, "contacts", "1", nil)
		return err
	},
	"merge": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Merge(ctx, "contacts", "1", "2")
		return err
	},
	"batch create": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchCreate(ctx, "contacts", []hubspot.CreateInput{{TraceID: "t"}})
		return err
	},
	"batch update": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchUpdate(ctx, "contacts", []hubspot.UpdateInput{{ID: "1", TraceID: "t"}})
		return err
	},
	"batch upsert": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchUpsert(ctx, "contacts", []hubspot.UpsertInput{{ID: "1", IDProperty: "code", TraceID: "t"}})
		return err
	},
	"associations": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchCreateAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: "1", To: "2"}})
		return err
	},
	"property": func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.CreateProperty(ctx, "contacts", hubspot.NewProperty{Name: "x", Label: "X", Type: record.TypeString, Group: "g"})
		return err
	},
}

// hollow are answers with status 200 that hold no answer.
var hollow = map[string]func(*http.Request) (*http.Response, error){
	"an empty object":        says(200, `{}`),
	"an error without one":   says(200, `{"status":"error"}`),
	"results that are null":  says(200, `{"results":null,"total":0}`),
	"results of text":        says(200, `{"results":"none"}`),
	"results as an object":   says(200, `{"results":{}}`),
	"a result that is null":  says(200, `{"results":[null],"total":1}`),
	"a result without an id": says(200, `{"results":[{"properties":{"email":"a@b.example"}}],"total":1}`),
	"a list":                 says(200, `[]`),
	"null":                   says(200, `null`),
	"nothing":                says(200, ``),
	"no content":             says(204, ``),
	"a multi-status of none": says(207, `{"status":"COMPLETE","errors":[]}`),
	"half of an answer":      says(200, `{"results":[{"id":"1"`),
	"two answers":            says(200, `{"results":[]}{"results":[]}`),
	"a web page":             says(200, `<html><title>Sign in</title></html>`, "Content-Type: text/html"),
	"plain text":             says(200, `ok`, "Content-Type: text/plain"),
}

func TestAnAnswerThatHoldsNoneIsAnErrorAndNeverNothing(t *testing.T) {
	t.Parallel()
	for what, answer := range hollow {
		for name, ask := range questions {
			t.Run(name+" answered by "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := answers(answer)
					err := ask(t.Context(), connect(t, s))
					checkHollow(t, err)
					if n := len(s.requests()); n < 2 {
						t.Errorf("asked %d times; a read may be repeated", n)
					}
				})
			})
		}
		for name, write := range writes {
			t.Run(name+" answered by "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := answers(answer)
					err := write(t.Context(), connect(t, s))
					checkHollow(t, err)
					if !hubspot.Unknown(err) {
						t.Errorf("what became of the write is known: %v", err)
					}
					// A property is looked for by its name; the answer to that is hollow too.
					sent := slices.DeleteFunc(slices.Clone(s.requests()), func(r seen) bool { return r.Method == http.MethodGet })
					if n := len(sent); n != 1 {
						t.Errorf("sent %d times; what became of the first is unknown", n)
					}
				})
			})
		}
	}
}

func TestAFurtherPageWithoutItsPlaceIsNotTheEnd(t *testing.T) {
	t.Parallel()
	lost := says(200, `{"total":9,"results":[{"id":"1","name":"a","typeId":1,"objectTypeId":"2-1","from":{"id":"1"},"to":[],"paging":{"next":{"link":"https://api.hubapi.com/"}}}],"paging":{"next":{"link":"https://api.hubapi.com/"}}}`)
	for _, name := range []string{"list", "walk of the list", "search", "walk of the search", "owners", "pipelines", "properties", "property groups", "custom objects", "association labels", "associations"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := questions[name](t.Context(), connect(t, answers(lost)))
				if err == nil || !strings.Contains(err.Error(), "has a further page but does not say where") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func checkHollow(t *testing.T, err error) {
	t.Helper()
	var e *hubspot.Error
	if !errors.As(err, &e) || !e.Unreadable {
		t.Fatalf("error %v", err)
	}
	if len(e.Message) < 20 || strings.Contains(e.Message, "Go ") {
		t.Errorf("the message %q is no sentence", e.Message)
	}
}

func TestAnswersAboutSomethingElse(t *testing.T) {
	t.Parallel()
	read := func(ids ...string) func(context.Context, *hubspot.Client) error {
		return func(ctx context.Context, c *hubspot.Client) error {
			_, err := c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{IDs: ids, Properties: []string{"email"}})
			return err
		}
	}
	create := func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.BatchCreate(ctx, "contacts", []hubspot.CreateInput{{TraceID: "a"}, {TraceID: "b"}})
		return err
	}
	for _, tc := range []struct {
		name, body string
		call       func(context.Context, *hubspot.Client) error
		want       string
	}{
		{"a record too many", `{"results":[{"id":"1"},{"id":"7"}]}`, read("1"), "were not asked for (7)"},
		{"the same record for two inputs", `{"results":[{"id":"1"},{"id":"1"}]}`, create, "two inputs made the same record 1"},
		{"a created record too many", `{"results":[{"id":"1"},{"id":"2"},{"id":"3"}]}`, create, "about 3 records where 2 were asked for"},
		{"an updated record too many", `{"results":[{"id":"1"},{"id":"2"}]}`, writes["batch update"], "about 2 records where 1 were asked for"},
		{"two for an e-mail", `{"results":[{"id":"1"},{"id":"2"}]}`, questions["batch read by e-mail"], "about 2 records where 1 were asked for"},
		{"a huge value", `{"results":[{"id":"1","properties":{"about_us":"` + strings.Repeat("x", 5<<20) + `"}}]}`, read("1"), `the property "about_us" of the record 1 has a value of 5 MB`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := tc.call(t.Context(), connect(t, answers(says(200, tc.body))))
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error %v, want %q", err, tc.want)
				}
			})
		})
	}
}

// Of two ids one answers as another record, which no property explains: it is
// neither taken for the one nor an error.
func TestAStrangerIsLeftOutOfABatchRead(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(says(200, `{"results":[{"id":"1"},{"id":"7"}]}`)))
	got, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{"1", "2"}, Properties: []string{"email"}})
	if err != nil || len(got.Records) != 1 || got.Records[0].ID != "1" || len(got.Unaccounted) != 1 || got.Unaccounted[0] != "2" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAValueThatTheAnswerPassesOverIsNotMissing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, missing, unaccounted string }{
		{"found and missing", `{"results":[{"id":"1","properties":{"code":"A"}}],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["b"]}}]}`, "b", ""},
		{"one passed over", `{"results":[{"id":"1","properties":{"code":"A"}}]}`, "", "b"},
		{"both passed over", `{"results":[]}`, "", "a b"},
		{"one under another value", `{"results":[{"id":"1","properties":{"code":"A"}},{"id":"2","properties":{"code":"B, of old"}}]}`, "", ""},
	} {
		c := connect(t, answers(says(207, tc.body)))
		got, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{"a", "b"}, IDProperty: "code", Properties: []string{"email"}})
		if err != nil || strings.Join(got.Missing, " ") != tc.missing || strings.Join(got.Unaccounted, " ") != tc.unaccounted {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
		for _, r := range got.Records {
			if len(r.Properties) != 0 {
				t.Errorf("%s: properties nobody asked for: %v", tc.name, r.Properties)
			}
		}
	}
}

func TestARemovalNeedsNoContent(t *testing.T) {
	t.Parallel()
	for _, answer := range []func(*http.Request) (*http.Response, error){says(204, ``), says(200, `{"status":"COMPLETE"}`), says(200, `{"results":[],"status":"COMPLETE"}`)} {
		c := connect(t, answers(answer))
		if _, err := c.BatchArchiveAssociations(t.Context(), "contacts", "companies", []hubspot.Edge{{From: "1", To: "2"}}); err != nil {
			t.Error(err)
		}
	}
}

// endless is a body that never ends.
type endless struct {
	begin string
	every time.Duration
	sent  int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.every > 0 {
		time.Sleep(e.every)
		b = b[:1]
	}
	n := 0
	if e.sent < len(e.begin) {
		n = copy(b, e.begin[e.sent:])
	}
	for i := n; i < len(b); i++ {
		b[i] = 'x'
	}
	e.sent += len(b)
	return len(b), nil
}

func (e *endless) Close() error { return nil }

func TestAnEndlessAnswerEnds(t *testing.T) {
	for name, status := range map[string]int{"a page": 200, "a refusal": 404} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var read int
				c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
					resp := reply(r, status, "")
					e := &endless{begin: `{"results":[{"id":"1","properties":{"name":"`}
					resp.Body, resp.ContentLength = e, -1
					t.Cleanup(func() { read = max(read, e.sent) })
					return resp, nil
				}))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := c.List(t.Context(), "contacts", hubspot.ListRequest{})
				runtime.ReadMemStats(&after)
				if err == nil {
					t.Fatal("no error")
				}
				if status == 200 && !strings.Contains(err.Error(), "larger than 64 MB") {
					t.Errorf("error %v", err)
				}
				if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 400<<20 {
					t.Errorf("%d MB are held", held>>20)
				}
			})
		})
	}
}

func TestAnAnswerThatTricklesEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			resp := reply(r, 200, "")
			resp.Body, resp.ContentLength = &endless{begin: `{"results":[{"id":"1","properties":{"name":"`, every: time.Second}, -1
			return resp, nil
		}))
		start := time.Now()
		_, err := c.Create(t.Context(), "contacts", nil)
		if err == nil || !strings.Contains(err.Error(), "did not come to its end within 110 s") || !hubspot.Unknown(err) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

func TestABombInGzipEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			in, out := io.Pipe()
			go func() {
				z := gzip.NewWriter(out)
				_, _ = io.WriteString(z, `{"results":[{"id":"1","properties":{"name":"`)
				for {
					if _, err := z.Write(make([]byte, 1<<20)); err != nil {
						return
					}
				}
			}()
			resp := reply(r, 200, "", "Content-Encoding: gzip")
			resp.Body, resp.ContentLength = in, -1
			return resp, nil
		}))
		if _, err := c.Create(t.Context(), "contacts", nil); err == nil || !strings.Contains(err.Error(), "larger than 64 MB") {
			t.Errorf("error %v", err)
		}
	})
}

func TestNoRedirectIsFollowedAnywhere(t *testing.T) {
	t.Parallel()
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		}))
		c, err := hubspot.New(hubspot.Config{BaseURL: server.URL, Tokens: hubspot.StaticToken(testToken)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.List(t.Context(), "contacts", hubspot.ListRequest{})
		var e *hubspot.Error
		if !errors.As(err, &e) || e.Status != status {
			t.Errorf("%d: %v", status, err)
		}
		if asked != 1 || elsewhere != 0 {
			t.Errorf("%d: asked %d times, and %d times elsewhere", status, asked, elsewhere)
		}
		server.Close()
	}
}

func TestWalksFollowThePagingAndNotTheCount(t *testing.T) {
	t.Parallel()
	// A portal whose pages are shorter than asked for, and some empty.
	pages := map[string]string{
		"":   `{"results":[{"id":"3"},{"id":"7"}],"paging":{"next":{"after":"8"}}}`,
		"8":  `{"results":[],"paging":{"next":{"after":"20"}}}`,
		"20": `{"results":[{"id":"20"}],"paging":{"next":{"after":"30"}}}`,
		"30": `{"results":[{"id":"30"},{"id":"100"},{"id":"101"}],"paging":{"next":{"after":"102"}}}`,
		// The end, without a record.
		"102": `{"results":[]}`,
	}
	list := transport(func(r *http.Request) (*http.Response, error) {
		return reply(r, 200, pages[r.URL.Query().Get("after")]), nil
	})
	var got []string
	if err := connect(t, list).ListAll(t.Context(), "contacts", hubspot.ListRequest{}, collectIDs(&got)); err != nil {
		t.Fatal(err)
	}
	if want := "3 7 20 30 100 101"; strings.Join(got, " ") != want {
		t.Errorf("the list showed %v, want %s", got, want)
	}
}

func collectIDs(into *[]string) func([]record.Record) error {
	return func(records []record.Record) error {
		for _, r := range records {
			*into = append(*into, r.ID)
		}
		return nil
	}
}

func TestASearchWalkLosesNothingToShortPages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		shown func(n int) int // of n matches, how many a page shows
		hide  bool            // a short page says that it is the last
	}{
		{"full pages", func(n int) int { return min(n, 200) }, false},
		{"one short of the limit", func(n int) int { return min(n, 199) }, false},
		{"single records", func(n int) int { return min(n, 1) }, false},
		{"short and without paging", func(n int) int { return min(n, 150) }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			const all = 430
			calls := 0
			s := searchServer(func(last, _ int) string {
				calls++
				left := all - last
				n := tc.shown(left)
				var results []string
				for i := range n {
					results = append(results, fmt.Sprintf(`{"id":"%d"}`, last+1+i))
				}
				next := ""
				if n < left && !tc.hide {
					next = `,"paging":{"next":{"after":"` + fmt.Sprint(n) + `"}}`
				}
				return fmt.Sprintf(`{"total":%d,"results":[%s]%s}`, left, strings.Join(results, ","), next)
			})
			var got []string
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, s)
				if err := c.SearchAll(t.Context(), "contacts", hubspot.SearchRequest{}, collectIDs(&got)); err != nil {
					t.Fatal(err)
				}
			})
			if len(got) != all || got[all-1] != fmt.Sprint(all) {
				t.Errorf("%d of %d records in %d calls", len(got), all, calls)
			}
			if tc.name == "full pages" && calls != 3 {
				t.Errorf("%d calls for three pages", calls)
			}
		})
	}
}

// searchServer answers searches by the last id and the offset that they name.
func searchServer(answer func(last, after int) string) transport {
	return func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		last, after := 0, 0
		if _, s, ok := strings.Cut(string(body), `"operator":"GT","value":"`); ok {
			_, _ = fmt.Sscan(strings.TrimRight(s[:strings.Index(s, `"`)], `"`), &last)
		}
		if _, s, ok := strings.Cut(string(body), `"after":"`); ok {
			_, _ = fmt.Sscan(s[:strings.Index(s, `"`)], &after)
		}
		return reply(r, 200, answer(last, after)), nil
	}
}

func TestASearchWalkGoesOnBehindAnEmptyPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, searchServer(func(last, after int) string {
			switch {
			case last == 0 && after == 0:
				return `{"total":3,"results":[],"paging":{"next":{"after":"200"}}}`
			case last == 0:
				return `{"total":3,"results":[{"id":"5"}],"paging":{"next":{"after":"400"}}}`
			case last == 5:
				return `{"total":2,"results":[{"id":"9"},{"id":"6"}]}`
			}
			return `{"total":0,"results":[]}`
		}))
		var got []string
		if err := c.SearchAll(t.Context(), "contacts", hubspot.SearchRequest{}, collectIDs(&got)); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != "5 9 6" {
			t.Errorf("shown %v", got)
		}
	})
}

func TestWalksThatGoRoundEnd(t *testing.T) {
	t.Parallel()
	page := func(after string, ids ...string) func(*http.Request) (*http.Response, error) {
		var results []string
		for _, id := range ids {
			results = append(results, `{"id":"`+id+`","name":"`+id+`","typeId":`+id+`,"objectTypeId":"2-`+id+`","from":{"id":"1"},"to":[{"toObjectId":`+id+`}],"paging":{"next":{"after":"`+after+`"}}}`)
		}
		return says(200, `{"total":99999,"results":[`+strings.Join(results, ",")+`],"paging":{"next":{"after":"`+after+`"}}}`)
	}
	counting := func(ids ...string) http.RoundTripper {
		n := 0
		return transport(func(r *http.Request) (*http.Response, error) {
			n++
			return page(fmt.Sprint(n), ids...)(r)
		})
	}
	servers := map[string]func() http.RoundTripper{
		"the same page, and after": func() http.RoundTripper { return answers(page("10", "1", "2")) },
		"a cursor that stays":      func() http.RoundTripper { return answers(page("a", "1"), page("a", "2"), page("a", "3")) },
		"cursors in a circle": func() http.RoundTripper {
			return answers(page("a", "1"), page("b", "2"), page("a", "3"), page("b", "4"))
		},
		"a cursor that goes back": func() http.RoundTripper { return answers(page("20", "1"), page("10", "2"), page("9", "3")) },
		"the same ids, ever on":   func() http.RoundTripper { return counting("1", "2") },
		"nothing, ever on":        func() http.RoundTripper { return counting() },
	}
	walks := map[string]func(context.Context, *hubspot.Client) error{
		"walk of the search": questions["walk of the search"],
	}
	for _, name := range []string{"walk of the list", "owners", "pipelines", "properties", "property groups", "custom objects", "association labels", "associations"} {
		walks[name] = questions[name]
	}
	for name, walk := range walks {
		for how, server := range servers {
			if name == "walk of the search" && strings.Contains(how, "cursor") {
				continue // it goes on by ids, not by cursors
			}
			if name == "associations" && strings.HasSuffix(how, "ever on") {
				continue // the entries are edges, told apart by the caller
			}
			t.Run(name+": "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					err := walk(t.Context(), connect(t, server()))
					var e *hubspot.Error
					if !errors.As(err, &e) || !strings.Contains(err.Error(), "would never end") {
						t.Errorf("error %v", err)
					}
				})
			})
		}
	}
}
