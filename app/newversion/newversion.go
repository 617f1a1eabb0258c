// Package newversion asks, where a person wants it, whether there is a newer
// Syncline: one GET a day of an address that the build names, which tells nobody
// who asks. It downloads nothing, and what it learns is a number and a page.
//
// What is remembered lies beside the user's other settings, for all workspaces.
package newversion

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/mod/semver" // the Go project's own (BSD): which of two versions is the newer one

	"syncline/sync/hubspot"
)

const (
	// patience is how long an answer may take. Nobody waits for it.
	patience = 5 * time.Second
	// longest is how long an answer may be, in bytes: it is one number and one address.
	longest = 16 << 10
	// often is the time between two questions.
	often = 24 * time.Hour
	// file is what is remembered.
	file = "new-version.json"
)

// number is how versions are written that are told of.
var number = regexp.MustCompile(`^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$`)

// Newer is a newer version; the zero value is none.
type Newer struct {
	Version string // such as 0.2.0
	Page    string // where a person reads of it and gets it; "" is not known
}

// State is what a person chose, and what was learnt last.
type State struct {
	Possible bool // the build names an address to ask; else the rest is zero
	Asks     bool // the person wants it asked
	Host     string
	Newer    Newer
}

// Asker asks one address. It is safe for concurrent use by several processes: at
// worst two of them ask on one day.
type Asker struct {
	// Address is what is asked, by https, or by http on this computer; "" is nobody.
	Address string
	// Running is the version that asks, such as 0.1.0 or 0.1.0-dev.
	Running string
	// Dir is the folder for what is remembered.
	Dir string
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Transport carries the question; nil is the network.
	Transport http.RoundTripper
}

// remembered is what the file holds.
type remembered struct {
	Asks    bool      `json:"asks"`
	Asked   time.Time `json:"asked"` // when it was last tried, whatever came of it
	Version string    `json:"version"`
	Page    string    `json:"page"`
}

// State returns what is remembered, and asks nobody.
func (a Asker) State() (State, error) {
	if a.Address == "" {
		return State{}, nil
	}
	r, err := a.read()
	return a.state(r), err
}

func (a Asker) state(r remembered) State {
	s := State{Possible: true, Asks: r.Asks, Host: host(a.Address)}
	if r.Asks && a.IsNewer(r.Version) {
		s.Newer = Newer{r.Version, r.Page}
	}
	return s
}

// Choose keeps whether the person wants it asked. What was learnt before is
// forgotten with a no.
func (a Asker) Choose(asks bool) error {
	if a.Address == "" {
		return errors.New("this build of Syncline names no address to ask for newer versions")
	}
	r, err := a.read()
	if err != nil || !asks {
		r = remembered{} // a damaged file holds nothing that can't be asked again
	}
	r.Asks = asks
	return a.write(r)
}

// Look asks if the person wants it and the last time is a day ago, and returns
// what is known then. An error says why nothing new is known; the state holds
// beside it.
func (a Asker) Look(ctx context.Context) (State, error) {
	if a.Address == "" {
		return State{}, nil
	}
	r, err := a.read()
	now := a.now()
	if err != nil || !r.Asks || (now.Sub(r.Asked) < often && !r.Asked.After(now)) {
		return a.state(r), err
	}
	// Before it is tried, so that no fault makes it ask more often.
	r.Asked = now
	if err := a.write(r); err != nil {
		return a.state(r), err
	}
	said, err := a.Ask(ctx)
	if err != nil {
		return a.state(r), err
	}
	again, err := a.read()
	if err != nil || !again.Asks {
		return a.state(again), err // the person said no meanwhile, and nothing is remembered
	}
	again.Version, again.Page = said.Version, said.Page
	return a.state(again), a.write(again)
}

// Ask asks now, whatever was chosen, and returns the newest version that there
// is, which may be the one that runs. It remembers nothing.
func (a Asker) Ask(ctx context.Context) (Newer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.Address, http.NoBody)
	if err != nil {
		return Newer{}, fmt.Errorf("the address for new versions is none: %w", err)
	}
	if err := private(req.URL); err != nil {
		return Newer{}, err
	}
	// Nothing that tells one person or machine from another, nor which version asks.
	req.Header.Set("User-Agent", "Syncline")
	req.Header.Set("Accept", "application/json")
	client := http.Client{Transport: a.transport(), CheckRedirect: stays}
	resp, err := client.Do(req)
	if err != nil {
		return Newer{}, fmt.Errorf("%s did not say which version is the newest: %w", host(a.Address), err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Newer{}, fmt.Errorf("%s did not say which version is the newest: it answered %s", host(a.Address), resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, longest+1))
	if err != nil {
		return Newer{}, fmt.Errorf("the answer of %s broke off: %w", host(a.Address), err)
	}
	if len(text) > longest {
		return Newer{}, fmt.Errorf("the answer of %s is longer than any that tells of a version", host(a.Address))
	}
	return a.understood(text)
}

// understood reads an answer. Nothing of it is taken that is not in form.
func (a Asker) understood(text []byte) (Newer, error) {
	var said struct {
		Version string `json:"version"`
		Page    string `json:"page"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return Newer{}, fmt.Errorf("the answer of %s tells of no version: %w", host(a.Address), err)
	}
	if !number.MatchString(said.Version) {
		return Newer{}, fmt.Errorf("the answer of %s tells of no version such as 0.2.0", host(a.Address))
	}
	if said.Page == "" {
		return Newer{Version: said.Version}, nil
	}
	page, err := url.Parse(said.Page)
	if err != nil || private(page) != nil || page.User != nil || page.Host != authority(a.Address) {
		return Newer{}, fmt.Errorf("the answer of %s names a page of somebody else", host(a.Address))
	}
	return Newer{said.Version, page.String()}, nil
}

// IsNewer tells whether a version is newer than the one that runs. A build that
// has no version of its own is older than none.
func (a Asker) IsNewer(version string) bool {
	running := "v" + a.Running
	return number.MatchString(version) && semver.IsValid(running) && semver.Compare("v"+version, running) > 0
}

// private refuses what others on the way could read or change.
func private(u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && hubspot.IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s is not asked for new versions: it is no address with https", u.Redacted())
}

// stays follows a few redirects, none of which leaves https.
func stays(req *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return errors.New("it leads from one address to the next")
	}
	req.Header.Del("Referer")
	return private(req.URL)
}

func (a Asker) transport() http.RoundTripper {
	if a.Transport != nil {
		return a.Transport
	}
	return &http.Transport{
		// A proxy reads plain http, and to it the loopback is another machine.
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme != "https" || hubspot.IsLoopback(r.URL.Hostname()) {
				return nil, nil
			}
			return http.ProxyFromEnvironment(r)
		},
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true, // one question a day
	}
}

func (a Asker) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address for new versions"
	}
	return u.Hostname()
}

// authority is the host with its port.
func authority(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func (a Asker) read() (r remembered, err error) {
	text, err := os.ReadFile(filepath.Join(a.Dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return remembered{}, fmt.Errorf("%s is damaged: choose again in Settings whether to ask for new versions: %w", filepath.Join(a.Dir, file), err)
	}
	return r, nil
}

// write puts a whole new file in the old one's place.
func (a Asker) write(r remembered) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(a.Dir, ".new-version-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(text, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(a.Dir, file))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
