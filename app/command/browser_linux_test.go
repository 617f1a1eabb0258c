package command_test

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp" // drives Chromium by its own protocol: MIT

	"syncline/app/auth/browsertest"
	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// station is the real program with a real keychain and a portal.
type station struct {
	t      *testing.T
	bin    string
	dir    string
	env    []string
	portal *practice.Portal
}

func (s *station) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(s.t.Context(), s.bin, args...)
	c.Dir, c.Env = s.dir, s.env
	return c
}

// connecting is a sign-in under way.
type connecting struct {
	cmd  *exec.Cmd
	link string
	out  strings.Builder
	err  strings.Builder
	read chan struct{} // closed when standard error has been read
}

// connect begins a sign-in and returns when the program has told the link.
func (s *station) connect(name string) *connecting {
	s.t.Helper()
	c := &connecting{cmd: s.command("connect", name, "--json"), read: make(chan struct{})}
	c.cmd.Stdout = &c.out
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	link := make(chan string, 1)
	go func() {
		defer close(c.read)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			c.err.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), "http") {
				link <- lines.Text()
			}
		}
	}()
	select {
	case c.link = <-link:
	case <-c.read:
		s.t.Fatalf("no link was told: %v\n%s", c.cmd.Wait(), c.err.String())
	}
	return c
}

// end waits for the program and returns its exit status and its document.
func (c *connecting) end() (status int, doc map[string]any) {
	<-c.read
	_ = c.cmd.Wait() // the status says it
	_ = json.Unmarshal([]byte(c.out.String()), &doc)
	return c.cmd.ProcessState.ExitCode(), doc
}

// A real browser signs in to the real program: the person says no, then yes.
// The secrets are in a real Secret Service then, and nowhere else.
func TestARealBrowserConnectsAPortal(t *testing.T) {
	browser := browsertest.Chromium(t)
	s := &station{t: t, dir: t.TempDir(), portal: practicetest.New(t, practice.Options{Name: "Acme"})}
	session := vaulttest.Session(t)
	s.bin = binary(t)
	server := httptest.NewServer(s.portal)
	t.Cleanup(server.Close)
	known := s.portal.OAuthApp()
	s.env = append(slices.DeleteFunc(slices.Clone(session), func(v string) bool { return strings.HasPrefix(v, "PATH=") }),
		"PATH=/nonexistent", // no browser but the test's
		"SYNCLINE_API_URL="+server.URL, "SYNCLINE_AUTHORIZE_URL="+server.URL+"/oauth/authorize", "SYNCLINE_WORKSPACE="+filepath.Join(s.dir, "workspace"),
		"SYNCLINE_CLIENT_ID="+known.ClientID, "SYNCLINE_CLIENT_SECRET="+known.ClientSecret)

	visit := func(link, button, title, text string) {
		t.Helper()
		var asked, body string
		err := chromedp.Do(browser, chromedp.Navigate(link), chromedp.WaitVisible(chromedp.CSS(button)))
		if err == nil {
			asked, err = chromedp.Run(browser, chromedp.Text(chromedp.CSS("main")))
		}
		if err == nil {
			err = chromedp.Do(browser, chromedp.Click(chromedp.CSS(button)), chromedp.WaitVisible(chromedp.Search("//h1[contains(., '"+title+"')]")))
		}
		if err == nil {
			body, err = chromedp.Run(browser, chromedp.Text(chromedp.CSS("main")))
		}
		if err != nil {
			t.Fatalf("%v; the page asked:\n%s", err, asked)
		}
		if !strings.Contains(body, text) || !strings.Contains(asked, "crm.objects.contacts.write") || !strings.Contains(asked, "Acme") {
			t.Errorf("asked:\n%s\nended:\n%s", asked, body)
		}
	}
	c := s.connect("Acme")
	visit(c.link, `button[value="no"]`, "Syncline was not connected", "return to Syncline")
	if status, doc := c.end(); status != 5 {
		t.Errorf("denied: status %d, %v\n%s", status, doc, c.err.String())
	}
	c = s.connect("Acme")
	visit(c.link, `button[value="yes"]`, "You are signed in", "return to Syncline")
	if status, doc := c.end(); status != 0 || doc["portal"] != float64(s.portal.PortalID()) {
		t.Fatalf("agreed: status %d, %v\n%s", status, doc, c.err.String())
	}
	// Going back and agreeing again finds nobody who waits.
	if err := chromedp.Do(browser, chromedp.Reload()); err == nil {
		t.Error("the door is open after the sign-in")
	}
	out, err := s.command("portals", "--json").Output()
	var doc struct {
		Portals []struct{ Name, Kind, Health string }
	}
	if jerr := json.Unmarshal(out, &doc); err != nil || jerr != nil || len(doc.Portals) != 1 || doc.Portals[0].Kind != "oauth" || doc.Portals[0].Health != "ok" {
		t.Errorf("portals: %v %v %s", err, jerr, out)
	}
	s.searchSecrets(session, doc.Portals[0].Name)
	if out, err := s.command("disconnect", "Acme", "--json").CombinedOutput(); err != nil || !strings.Contains(string(out), `"revoked": true`) {
		t.Errorf("disconnect: %v %s", err, out)
	}
}

// searchSecrets looks for the secrets where they must be and where they must not.
func (s *station) searchSecrets(session []string, name string) {
	s.t.Helper()
	for _, v := range session {
		key, value, _ := strings.Cut(v, "=")
		s.t.Setenv(key, value)
	}
	secrets := []string{s.portal.OAuthApp().ClientSecret}
	v := vault.New()
	if got, err := v.Get(s.t.Context(), "app:"+s.portal.OAuthApp().ClientID); err != nil || got != secrets[0] {
		s.t.Errorf("the Secret Service has no client secret: %v", err)
	}
	refresh, err := v.Get(s.t.Context(), s.connectionID(name))
	if err != nil || !strings.HasPrefix(refresh, "na1-") {
		s.t.Fatalf("the Secret Service has no refresh token: %v", err)
	}
	secrets = append(secrets, refresh)
	files := 0
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		for _, secret := range secrets {
			if strings.Contains(string(b), secret) {
				s.t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		s.t.Errorf("%d files were searched: %v", files, err)
	}
}

// connectionID is the name of a connection's secret.
func (s *station) connectionID(name string) string {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), filepath.Join(s.dir, "workspace"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connection(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.ID
}
