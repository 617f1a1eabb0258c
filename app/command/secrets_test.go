package command_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// Two secrets that can be recognised, also by their parts: one that has the
// shape of HubSpot's tokens, and one that has none.
var (
	shaped = secret{"pat-na1-5ec4e700-5ec4-4e70-8ec4-5ec4e705ec4e", []string{"5ec4e700", "5ec4e705ec4e"}}
	opaque = secret{"CSwordfishSwordfish0123456789Swordfish-Swordfish_Swordfish", []string{"Swordfish"}}
	simple = secret{"Swordfish", []string{"Swordfish"}}
)

type secret struct {
	text  string
	parts []string // none of which may be found
}

// house is where a person works with the program: a home, a workspace in it,
// and a portal.
type house struct {
	t      *testing.T
	door   door
	home   string
	server *httptest.Server

	mu    sync.Mutex
	seen  map[string]string // what was found of the process, and where
	calls int
	pid   chan int // of the command under way
}

// door is a place where a secret comes into the program, and what is done
// then. To try another place, add a door.
type door struct {
	name   string
	secret secret
	env    map[string]string // of the commands; %s is the portal's address
	stdin  string
	files  map[string]string // the person's own, which may hold the secret
	portal func(own http.Handler, secret string) http.Handler
	do     [][]string
	status []int // of each command; nil when any will do
}

// everyVerb is what a person may do with a sync.
var everyVerb = [][]string{{"check", "sync.yaml"}, {"preview", "sync.yaml"}, {"run", "sync.yaml", "--yes"}, {"run", "sync.yaml", "--json"}, {"attention", "sync.yaml", "--json"}, {"review", "sync.yaml"}, {"runs", "--json"}, {"portals", "--json"}}

// fewVerbs are those that stop early, and what they left behind.
var fewVerbs = [][]string{{"check", "sync.yaml"}, {"run", "sync.yaml", "--json"}, {"attention", "sync.yaml"}, {"runs", "--json"}}

func doors() []door {
	env := func(token string) map[string]string {
		return map[string]string{"SYNCLINE_TOKEN": token, "SYNCLINE_API_URL": "%s"}
	}
	dsn := func(line string) map[string]string {
		return map[string]string{"sync.yaml": strings.Replace(contacts, "{ kind: csv, path: customers.csv, key: [id] }", line, 1)}
	}
	connect := [][]string{{"connect", "Ours", "--token-stdin"}, {"connect", "Ours", "--token-stdin", "--json"}, {"portals"}}
	all := []door{
		{name: "SYNCLINE_TOKEN", secret: shaped, env: env(shaped.text), do: everyVerb, status: []int{0, 0, 0, 0, 0, 0, 0, 0}},
		{name: "SYNCLINE_TOKEN without a shape", secret: opaque, env: env(opaque.text), do: everyVerb, status: []int{0, 0, 0, 0, 0, 0, 0, 0}},
		{name: "SYNCLINE_TOKEN that is none", secret: simple, env: env("my Swordfish"), do: fewVerbs},
		{name: "a token that nobody knows", secret: shaped, env: env(shaped.text), portal: unknownToken, do: fewVerbs},
		{name: "--token-stdin", secret: shaped, env: map[string]string{"SYNCLINE_API_URL": "%s"}, stdin: shaped.text + "\n", do: connect},
		{name: "--token-stdin, refused by the portal", secret: opaque, env: map[string]string{"SYNCLINE_API_URL": "%s"}, stdin: opaque.text, portal: echo(401), do: connect, status: []int{5, 5, 0}},
		{name: "a pasted text that is refused", secret: simple, env: map[string]string{"SYNCLINE_API_URL": "%s"}, stdin: "my password: Swordfish\n", do: connect, status: []int{1, 1, 0}},
		{name: "a pasted secret that is no token", secret: secret{"5ec4e700-5ec4-4e70-8ec4-5ec4e705ec4e", shaped.parts}, stdin: "5ec4e700-5ec4-4e70-8ec4-5ec4e705ec4e", do: connect, status: []int{1, 1, 0}},
		{name: "a token for a name", secret: shaped, stdin: opaque.text, do: [][]string{{"connect", shaped.text, "--token-stdin"}, {"disconnect", shaped.text}, {"portals"}}},
		{name: "a token for a command", secret: shaped, do: [][]string{{shaped.text}, {"run", "sync.yaml", "--token=" + shaped.text}, {"run", shaped.text}, {"check", "sync.yaml", "--portal", shaped.text}}},
		{name: "a token in the definition", secret: shaped, env: env(opaque.text), do: everyVerb,
			files: map[string]string{"sync.yaml": strings.Replace(contacts, "hubspot:\n", "hubspot:\n  portal: "+shaped.text+"\n", 1)}},
		{name: "SYNCLINE_API_URL with a password", secret: simple, env: map[string]string{"SYNCLINE_TOKEN": shaped.text, "SYNCLINE_API_URL": "https://me:Swordfish@127.0.0.1:1/"}, do: fewVerbs},
		{name: "SYNCLINE_API_URL that is none", secret: simple, env: map[string]string{"SYNCLINE_TOKEN": shaped.text, "SYNCLINE_API_URL": "https://me:Swordfish@[/?access_token=Swordfish"}, do: fewVerbs},
		{name: "a proxy with a password", secret: simple, env: map[string]string{"SYNCLINE_TOKEN": opaque.text, "SYNCLINE_API_URL": "https://api.invalid", "HTTPS_PROXY": "socks9://me:Swordfish@127.0.0.1:1"}, do: everyVerb[:1]},
	}
	for name, line := range map[string]string{
		"postgres": `{ kind: postgres, dsn: "postgres://app:Swordfish@db/crm", table: people, key: [id] }`,
		"mysql":    `{ kind: mysql, dsn: "app:Swordfish@tcp(db:3306)/crm", table: people, key: [id] }`,
		"words":    `{ kind: postgres, dsn: "host=db user=app password=Swordfish", table: people, key: [id] }`,
		"broken":   `{ kind: postgres, dsn: "postgres://app:Swordfish@db/crm, table: people, key: [id] }`,
		"as path":  `{ kind: csv, path: "postgres://app:Swordfish@db/crm", key: [id] }`,
		"unknown":  `{ kind: csv, path: customers.csv, key: [id], password: Swordfish }`,
	} {
		all = append(all, door{name: "a definition with a password: " + name, secret: simple, env: env(opaque.text), files: dsn(line), do: fewVerbs})
	}
	for name, hostile := range map[string]func(http.Handler, string) http.Handler{
		"400": echo(400), "401": echo(401), "403": echo(403), "404": echo(404), "409": echo(409), "a web page": echoPage, "a text": echoText, "a redirect": echoRedirect,
		"a damaged answer": echoDamaged, "the failures of a batch": echoFailures, "the refusal of a batch": onWrites(echo(400)),
	} {
		for _, s := range []secret{shaped, opaque} {
			all = append(all, door{name: "a server that repeats the token in " + name + ", " + s.text[:4], secret: s, env: env(s.text), portal: hostile, do: fewVerbs[1:]})
		}
	}
	return all
}

func unknownToken(own http.Handler, _ string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", r.Header.Get("Authorization")+"x")
		own.ServeHTTP(w, r)
	})
}

// echo repeats the Authorization header in every part of HubSpot's error body.
func echo(status int) func(http.Handler, string) http.Handler {
	return func(_ http.Handler, token string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			said := r.Header.Get("Authorization")
			w.Header().Set("Content-Type", "application/json;charset=utf-8")
			w.Header().Set("X-HubSpot-Correlation-Id", token)
			w.Header().Set("WWW-Authenticate", said)
			w.WriteHeader(status)
			answer(w, echoed(said, token))
		})
	}
}

// answer writes JSON to a program that may have been killed meanwhile.
func answer(w io.Writer, v any) { _ = json.NewEncoder(w).Encode(v) }

func echoed(said, token string) map[string]any {
	return map[string]any{"status": "error", "message": "you said " + said + " [" + token + "]", "correlationId": token, "category": "VALIDATION_ERROR", "subCategory": token,
		"context": map[string]any{"token": []string{token}, token: []string{said}, "requiredGranularScopes": []string{token}},
		"errors":  []map[string]any{{"message": said, "code": token, "context": map[string]any{"propertyName": []string{token}}}}}
}

func echoPage(_ http.Handler, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!DOCTYPE html><html><title>%s %s</title></html>", token, r.Header.Get("Authorization"))
	})
}

func echoText(_ http.Handler, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		fmt.Fprint(w, strings.Repeat("x", 100)+token+r.Header.Get("Authorization"))
	})
}

func echoRedirect(_ http.Handler, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://evil.invalid/?access_token="+url.QueryEscape(token), http.StatusTemporaryRedirect)
	})
}

func echoDamaged(_ http.Handler, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"portalId":{%q:[%q`, token, token)
	})
}

// onWrites lets the portal answer everything but writes of records.
func onWrites(hostile func(http.Handler, string) http.Handler) func(http.Handler, string) http.Handler {
	return func(own http.Handler, token string) http.Handler {
		bad := hostile(own, token)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/batch/") && !strings.HasSuffix(r.URL.Path, "/read") {
				bad.ServeHTTP(w, r)
				return
			}
			own.ServeHTTP(w, r)
		})
	}
}

// echoFailures says of every input of a batch that it failed.
var echoFailures = onWrites(func(_ http.Handler, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Inputs []struct {
				Trace string `json:"objectWriteTraceId"`
				ID    string `json:"id"`
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var failed []map[string]any
		for _, in := range req.Inputs {
			f := echoed(r.Header.Get("Authorization"), token)
			f["context"] = map[string]any{"objectWriteTraceId": []string{in.Trace}, "ids": []string{in.ID}, "why": []string{token}}
			failed = append(failed, f)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusMultiStatus)
		answer(w, map[string]any{"status": "COMPLETE", "results": []any{}, "numErrors": len(failed), "errors": failed})
	})
})

func newHouse(t *testing.T, d door) *house {
	h := &house{t: t, door: d, home: t.TempDir(), seen: map[string]string{}, pid: make(chan int, 1)}
	p := practicetest.New(t, practice.Options{})
	for _, s := range []secret{shaped, opaque} {
		p.AddToken(practice.Token{Value: s.text})
	}
	var served http.Handler = p
	if d.portal != nil {
		served = d.portal(p, d.secret.text)
	}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.look()
		served.ServeHTTP(w, r)
	}))
	t.Cleanup(h.server.Close)
	for name, text := range map[string]string{"sync.yaml": contacts, "customers.csv": twoCustomers} {
		if own, ok := d.files[name]; ok {
			text = own
		}
		if err := os.WriteFile(filepath.Join(h.home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// look reads every file that the process under way has open, and its command
// line, as it stands in the middle of a call.
func (h *house) look() {
	pid := <-h.pid
	h.pid <- pid
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		h.t.Error(err)
	}
	for _, name := range open {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			continue // closed meanwhile
		}
		to, _ := os.Readlink(name)
		h.seen["open file "+to] += string(b)
	}
}

// command does one command and notes what it says.
func (h *house) command(ctx context.Context, bin string, args []string) int {
	h.t.Helper()
	c := exec.CommandContext(ctx, bin, args...)
	c.Dir = h.home
	c.Env = []string{"HOME=" + h.home, "XDG_DATA_HOME=" + filepath.Join(h.home, "data"), "TMPDIR=" + h.home, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", "GOTRACEBACK=all"}
	for k, v := range h.door.env {
		c.Env = append(c.Env, k+"="+strings.Replace(v, "%s", h.server.URL, 1))
	}
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(h.door.stdin), &out, &errs
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.pid <- c.Process.Pid
	err := c.Wait()
	<-h.pid
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen["standard output of "+args[0]] += out.String()
	h.seen["standard error of "+args[0]] += errs.String()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // Wait does not wrap it
		h.t.Fatal(err)
	}
	return c.ProcessState.ExitCode()
}

// export writes what the window gives away.
func (h *house) export() {
	h.t.Helper()
	ctx := h.t.Context()
	a, err := app.Open(ctx, app.Environment{Workspace: filepath.Join(h.home, "data", "syncline")})
	if err != nil {
		h.t.Fatal(err)
	}
	defer a.Close()
	runs, err := a.Store.Runs(ctx, 0, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	for i, r := range runs {
		for _, ending := range []string{".csv", ".xlsx"} {
			if _, err := a.ExportPlan(ctx, r.PlanID, filepath.Join(h.home, fmt.Sprintf("plan%d%s", i, ending))); err != nil {
				h.t.Error(err)
			}
		}
	}
	if _, err := a.ExportLogs(filepath.Join(h.home, "log.json")); err != nil {
		h.t.Error(err)
	}
}

// collect reads every file that there is now, SQLite's also by its rows and
// workbooks by their parts. The person's own files are left out.
func (h *house) collect() {
	h.t.Helper()
	err := filepath.WalkDir(h.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(h.home, path)
		if _, own := h.door.files[name]; own {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h.seen["name of a file"] += name + "\n"
		h.seen["file "+name] = string(b)
		switch {
		case strings.HasPrefix(string(b), "PK"):
			h.seen["inside "+name] = unpacked(h.t, b)
		case strings.HasPrefix(string(b), "SQLite format 3"):
			h.seen["rows of "+name] = rowsOf(h.t, path)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func unpacked(t *testing.T, b []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return all.String()
}

// rowsOf spells out every value of a database: a text may be spread over pages
// of its file.
func rowsOf(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	names, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := errorsOf(names); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		rows, err := db.Query(`SELECT * FROM "` + table + `"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				all.Write(v)
				all.WriteByte('\n')
			}
		}
		if err := errorsOf(rows); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func errorsOf(rows *sql.Rows) error {
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

// found lists the places where a secret stands, in any of the forms that a
// program might give it.
func found(seen map[string]string, s secret) []string {
	var forms []string
	for _, part := range append(slices.Clone(s.parts), s.text) {
		forms = append(forms, part, hex.EncodeToString([]byte(part)), url.QueryEscape(part))
	}
	for shift := range 3 { // base64 of a text that has it anywhere
		b := base64.RawStdEncoding.EncodeToString([]byte(s.text)[shift:])
		forms = append(forms, b[:len(b)-2])
	}
	var places []string
	for place, text := range seen {
		for _, form := range forms {
			if i := strings.Index(text, form); i >= 0 {
				places = append(places, fmt.Sprintf("%s: …%q…", place, text[max(0, i-60):min(len(text), i+60)]))
				break
			}
		}
	}
	slices.Sort(places)
	return places
}

// A secret that comes into the program, by whatever door, is nowhere
// afterwards: not in the workspace, the log, an export, a definition that the
// program wrote, on a terminal, or in a file that the process has open.
func TestNoSecretIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	bin := binary(t)
	var calls atomic.Int64
	t.Run("doors", func(t *testing.T) {
		for _, d := range doors() {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, d)
				for i, args := range d.do {
					status := h.command(t.Context(), bin, args)
					if d.status != nil && status != d.status[i] {
						t.Errorf("%v: status %d, want %d\n%s", args, status, d.status[i], h.seen["standard error of "+args[0]])
					}
				}
				h.export()
				h.collect()
				for _, must := range []string{"file data/syncline/syncline.db", "rows of data/syncline/syncline.db", "file data/syncline/logs/syncline.log", "file log.json"} {
					if len(h.seen[must]) == 0 {
						t.Errorf("there is no %s", must)
					}
				}
				for _, place := range found(h.seen, d.secret) {
					t.Errorf("found in %s", place)
				}
				calls.Add(int64(h.calls))
			})
		}
	})
	if calls.Load() == 0 {
		t.Error("no process was looked at in the middle of a call")
	}
}

// The search finds what is there.
func TestTheSearchForSecretsFindsThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, door{secret: opaque, files: map[string]string{"own.txt": ""}})
	var z bytes.Buffer
	book := zip.NewWriter(&z)
	w, err := book.Create("sheet.xml")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, opaque.text)
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"plain.txt": "x" + opaque.text, "part.txt": "Swordfish", "base64.txt": base64.StdEncoding.EncodeToString([]byte("ab" + opaque.text)),
		"hex.txt": hex.EncodeToString([]byte(opaque.text)), "book.xlsx": z.String(), "own.txt": opaque.text, "none.txt": "Sword fish"} {
		if err := os.WriteFile(filepath.Join(h.home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite3", filepath.Join(h.home, "w.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE x(a); INSERT INTO x VALUES(?)`, strings.Repeat("x", 4000)+opaque.text); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.collect()
	places := strings.Join(found(h.seen, opaque), "\n")
	for _, want := range []string{"file plain.txt", "file part.txt", "file base64.txt", "file hex.txt", "inside book.xlsx", "rows of w.db"} {
		if !strings.Contains(places, want) {
			t.Errorf("%s is not found in\n%s", want, places)
		}
	}
	if strings.Contains(places, "none.txt") || strings.Contains(places, "own.txt") {
		t.Error(places)
	}
}
