package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// tap stands before a portal, notes every secret of a sign-in that passes, and
// while it is hostile repeats them in each part of its refusals.
type tap struct {
	own     http.Handler
	mu      sync.Mutex
	secrets map[string]string // by value: what it is
	hostile bool
}

// secretFields are the fields of forms and answers that hold secrets.
var secretFields = []string{"client_secret", "code", "code_verifier", "refresh_token", "access_token", "token"}

func (p *tap) note(what, value string) {
	if _, known := p.secrets[value]; value != "" && !known {
		p.secrets[value] = what
	}
}

func (p *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	p.mu.Lock()
	for _, f := range secretFields {
		p.note(f, form.Get(f))
	}
	p.note("bearer token", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	hostile := p.hostile
	p.mu.Unlock()
	if hostile {
		said := string(body) + " " + r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-HubSpot-Correlation-Id", said)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, jsonOf(map[string]string{"status": "BAD_REFRESH_TOKEN", "message": said, "error": "invalid_grant", "error_description": said, "correlationId": said, "category": said}))
		return
	}
	rec := httptest.NewRecorder()
	p.own.ServeHTTP(rec, r)
	var doc map[string]any
	if json.Unmarshal(rec.Body.Bytes(), &doc) == nil {
		p.mu.Lock()
		for _, f := range secretFields {
			if v, ok := doc[f].(string); ok {
				p.note(f, v)
			}
		}
		p.mu.Unlock()
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()) // a client that is gone does not read it
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// A sign-in, its use, its failures and its end leave none of its secrets in the
// workspace, the log, an export or an error.
func TestASignInLeavesNoSecretBehind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	portal := practicetest.New(t, practice.Options{})
	p := &tap{own: portal, secrets: map[string]string{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	o.Env.APIURL, o.Env.AuthorizeURL = server.URL, server.URL+"/oauth/authorize"
	var said []string // what a person was told
	tell := func(err error) {
		if err != nil {
			said = append(said, app.Explain(err).String())
		}
		for ; err != nil; err = errors.Unwrap(err) { // a log may have any of them
			said = append(said, err.Error(), fmt.Sprintf("%+v", err))
		}
	}
	o.connect("Acme", portal)
	if _, err := o.Test(t.Context(), "Acme"); err != nil {
		t.Fatal(err)
	}
	// Wrong credentials, refused by the portal itself.
	in := o.signIn("Other", portal)
	in.App.ClientSecret = "fe0ffee0-dead-beef-9ace-00c0ffee0000"
	_, err := o.ConnectBrowser(t.Context(), in)
	if err == nil {
		t.Error("a wrong client secret signed in")
	}
	tell(err)
	// A server that repeats everything that it was told.
	p.mu.Lock()
	p.hostile = true
	p.mu.Unlock()
	_, err = o.ConnectToken(t.Context(), "Third", "CAbcdefghijklmnopqrstuvwxyz0123456789", true)
	tell(err)
	h, err := o.Test(t.Context(), "Acme")
	tell(err)
	tell(h.Err)
	done, err := o.SignOut(t.Context(), "Acme")
	tell(err)
	tell(done.Err)
	if _, err := o.ExportLogs(filepath.Join(o.Store.Dir(), "for-support.log")); err != nil {
		t.Fatal(err)
	}

	kinds := map[string]int{}
	for _, what := range p.secrets {
		kinds[what]++
	}
	for _, what := range []string{"client_secret", "code", "code_verifier", "refresh_token", "bearer token"} {
		if kinds[what] == 0 {
			t.Errorf("no %s passed: the test looks for too little", what)
		}
	}
	if len(said) < 6 {
		t.Errorf("only %d texts were told", len(said))
	}
	seen := map[string]string{"what a person was told": strings.Join(said, "\n")}
	err = filepath.WalkDir(o.Store.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		seen[filepath.Base(path)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen["for-support.log"] == "" || seen["syncline.log"] == "" {
		t.Error("there is no log to look through")
	}
	for secret, what := range p.secrets {
		for where, text := range seen {
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("the %s is in %s", what, where)
			}
		}
	}
}
