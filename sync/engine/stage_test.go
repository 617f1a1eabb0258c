package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
	"syncline/sync/source/opener"
)

// stage is a whole sync: a portal, a file, a workspace and a definition.
type stage struct {
	t      testing.TB
	portal *practice.Portal
	dir    string
	file   string
	def    string
	yes    bool
	at     func(string)
	now    func() time.Time
	small  int // see Engine.SmallSync
	bulk   engine.LaneChoice
	pull   engine.PullChoice
	told   bool // the portal's webhooks journal is followed
	// garbled are how many files of the journal name their records as nobody understands.
	garbled *int

	workspace   string
	generations engine.Generations
	token       string // "" = the portal's own
	url         string // of a portal in another process; "" = the portal, in this one
}

const twoWay = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
  - { field: Phone, property: phone }
`

func newStage(t testing.TB, o practice.Options, definition, rows string) *stage {
	t.Helper()
	s := &stage{t: t, portal: practicetest.New(t, practicetest.Unhurried(o)), dir: t.TempDir()}
	s.workspace = filepath.Join(s.dir, "workspace")
	s.file, s.def = filepath.Join(s.dir, "customers.csv"), filepath.Join(s.dir, "sync.yaml")
	s.write(s.def, definition)
	s.write(s.file, rows)
	return s
}

func (s *stage) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// with opens everything anew, as a new process would, and does f.
func (s *stage) with(f func(context.Context, *engine.Engine) (engine.Result, error)) (engine.Result, error) {
	s.t.Helper()
	ctx := s.t.Context()
	db, err := store.Open(ctx, s.workspace)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	d, err := definition.Load(s.def)
	if err != nil {
		s.t.Fatal(err)
	}
	src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key, Modified: d.Source.Modified, Zone: d.Source.Location()})
	if err != nil {
		s.t.Fatal(err)
	}
	defer src.Close()
	var journal *hubspot.Client
	if s.told {
		journal = s.journal()
	}
	return f(ctx, &engine.Engine{Journal: journal, Store: db, Client: s.client(), Source: src, Definition: d, Confirmed: s.yes, SmallSync: s.small, SmallEdges: s.small, At: s.at, Now: s.now, Generations: s.generations, Bulk: s.bulk, Pull: s.pull})
}

func (s *stage) client() *hubspot.Client {
	s.t.Helper()
	token := s.token
	if token == "" {
		token = s.portal.Token()
	}
	config := hubspot.Config{Tokens: hubspot.StaticToken(token), Transport: s.portal.Transport(), Reserve: -1}
	if s.url != "" {
		config.Transport, config.BaseURL = nil, s.url
	}
	c, err := hubspot.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// journal reads the portal's webhooks journal as its app.
func (s *stage) journal() *hubspot.Client {
	s.t.Helper()
	app := s.portal.OAuthApp()
	o, err := hubspot.NewOAuth(hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: app.ClientID, ClientSecret: app.ClientSecret}, Transport: s.portal.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := hubspot.New(hubspot.Config{Tokens: o.AppTokens(), Transport: &garbling{s.portal.Transport(), s.garbled}, Reserve: -1})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *stage) run() engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	if err != nil {
		s.t.Fatalf("run: %v", err)
	}
	if res.Counts.Sum() != res.Counts.Read {
		s.t.Errorf("the fates do not add up: %+v", res.Counts)
	}
	return res
}

// store does f on the workspace.
func (s *stage) store(f func(context.Context, *store.Store)) {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), s.workspace)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	f(s.t.Context(), db)
}

// settle decides all open conflicts.
func (s *stage) settle(choice plan.Choice, value string) int {
	n := 0
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err == nil {
			err = db.Decide(ctx, ids, choice, value, "me")
		}
		if err != nil {
			s.t.Fatal(err)
		}
		n = len(ids)
	})
	return n
}

// by finds the one record that has a value.
func (s *stage) by(property, want string) (id string, properties map[string]string) {
	s.t.Helper()
	for rid, p := range s.portal.Records("contacts") {
		if strings.EqualFold(p[property], want) {
			if id != "" {
				s.t.Fatalf("records %s and %s both have the %s %q", id, rid, property, want)
			}
			id, properties = rid, p
		}
	}
	if id == "" {
		s.t.Fatalf("no record has the %s %q", property, want)
	}
	return id, properties
}

func (s *stage) edit(id string, kv ...string) {
	s.t.Helper()
	p := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		p[kv[i]] = kv[i+1]
	}
	if err := s.portal.Edit("contacts", id, p); err != nil {
		s.t.Fatal(err)
	}
}

// replace edits the file as a person would.
func (s *stage) replace(old, new string) {
	s.t.Helper()
	b, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Count(string(b), old) != 1 {
		s.t.Fatalf("%q stands %d times in the file:\n%s", old, strings.Count(string(b), old), b)
	}
	s.write(s.file, strings.Replace(string(b), old, new, 1))
}

func (s *stage) contents() string {
	s.t.Helper()
	b, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// stopAt runs until the n-th point between durable steps and leaves everything
// as a killed process would: the workspace as it was committed, the file and
// the portal as they were, and nothing of the process goes on.
func (s *stage) stopAt(n int) (point string, stopped bool) {
	s.t.Helper()
	return s.stopWhen(func(string) bool { return true }, n)
}

// stopAtPoint runs until the n-th point of a name.
func (s *stage) stopAtPoint(name string, n int) {
	s.t.Helper()
	if _, stopped := s.stopWhen(func(p string) bool { return p == name }, n); !stopped {
		s.t.Fatalf("the run has no point %q", name)
	}
}

func (s *stage) stopWhen(counts func(point string) bool, n int) (point string, stopped bool) {
	s.t.Helper()
	return s.stopWhenIn(counts, n, func() (engine.Result, error) {
		return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	})
}

// stopWhenIn is stopWhen of another run.
func (s *stage) stopWhenIn(counts func(point string) bool, n int, run func() (engine.Result, error)) (point string, stopped bool) {
	s.t.Helper()
	reached := make(chan string, 1)
	ended := make(chan error, 1)
	var mu sync.Mutex
	count := 0
	s.at = func(p string) {
		mu.Lock()
		if counts(p) {
			count++
		} else if count < n {
			mu.Unlock()
			return
		}
		c := count
		mu.Unlock()
		if c == n {
			reached <- p
		}
		if c >= n {
			select {} // no step follows in a process that is dead
		}
	}
	go func() {
		_, err := run()
		ended <- err
	}()
	defer func() { s.at = nil }()
	select {
	case err := <-ended:
		if err != nil {
			s.t.Fatal(err)
		}
		return "", false
	case point = <-reached:
	}
	left := filepath.Join(s.t.TempDir(), "workspace")
	if err := os.Mkdir(left, 0o700); err != nil {
		s.t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.workspace, store.File)+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`VACUUM INTO ?`, filepath.Join(left, store.File)); err != nil {
		s.t.Fatal(err)
	}
	s.workspace = left
	return point, true
}

// people makes n rows.
func people(n int) string {
	var b strings.Builder
	b.WriteString("id,Email,First,Last,Phone\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,p%d@example-%d.com,First%d,Last%d,+4930%07d\n", i+1, i+1, i%7, i+1, i+1, i+1)
	}
	return b.String()
}
