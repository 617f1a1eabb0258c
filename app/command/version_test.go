package command_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot/practice"
)

// The address is the build's own, so that this test runs by itself, before those
// that run beside each other.
func TestTheNewestVersionIsAskedForByCommand(t *testing.T) {
	said := `{"version":"987.6.5"}`
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, said) }))
	d := newDesk(t, practice.Options{})
	if s := d.plain("version", "--check"); s.status != 2 || !strings.Contains(s.err, "names no address") {
		t.Errorf("without an address: status %d, %s%s", s.status, s.out, s.err)
	}
	app.ReleasesURL = site.URL
	t.Cleanup(func() { app.ReleasesURL = ""; site.Close() })
	if s := d.plain("version"); s.status != 0 || s.out != "syncline "+app.Version+"\n" {
		t.Errorf("status %d, %s%s", s.status, s.out, s.err)
	}
	if s := d.plain("version", "--check"); s.status != 0 || !strings.HasSuffix(s.out, "\nversion 987.6.5 is out\n") {
		t.Errorf("status %d, %s%s", s.status, s.out, s.err)
	}
	said = `{"version":"0.0.1"}`
	if s := d.plain("version", "--check"); s.status != 0 || !strings.HasSuffix(s.out, "\nthere is no newer version\n") {
		t.Errorf("status %d, %s%s", s.status, s.out, s.err)
	}
	site.Close()
	if s := d.plain("version", "--check"); s.status != 1 || !strings.Contains(s.err, "did not say which version is the newest") {
		t.Errorf("offline: status %d, %s%s", s.status, s.out, s.err)
	}
}
