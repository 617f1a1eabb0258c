// Package auth signs a person in to HubSpot: it opens HubSpot's consent page
// in the browser, waits on a loopback address for the answer, and keeps the
// access tokens that come of it fresh. It stores nothing itself: the refresh
// token goes to a [Keeper], access tokens stay in memory.
package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pkg/browser" // opens the person's own browser on every system: BSD
	"golang.org/x/oauth2"

	"syncline/sync/hubspot"
)

// Limit is how long a person has for the consent.
const Limit = 5 * time.Minute

// finishLimit bounds what happens between the redirect and the closing page.
const finishLimit = time.Minute

// Request is one sign-in.
type Request struct {
	OAuth *hubspot.OAuth
	// Scopes and Optional are what the person is asked to agree to, see
	// [hubspot.Consent].
	Scopes, Optional []string
	// PortalID preselects a portal; 0 lets the person choose.
	PortalID int64
	// Link is told the address of the consent page before a browser is opened,
	// to be shown with a way to copy it. It must return soon.
	Link func(address string)
	// Unopened, if set, is told that no browser could be opened; the sign-in
	// goes on, because the person may open the link. Another goroutine calls it.
	Unopened func(err error)
	// Browse opens a browser; nil means the system's own way.
	Browse func(address string) error
	// Accept, if set, looks at the grant before the closing page is shown. Its
	// error ends the sign-in, and the page says that it did not work.
	Accept func(context.Context, hubspot.Grant) error
	// Ports are tried in order; nil means those of RedirectURLs.
	Ports []int
	// Limit is how long to wait for the person; 0 means the package's Limit.
	Limit time.Duration
}

// SignIn asks a person to consent and returns what HubSpot granted. It waits
// for the browser until the limit has passed or ctx ends. Its errors are of
// type *Error, except that of a ctx that ended and that of Accept.
func SignIn(ctx context.Context, r Request) (hubspot.Grant, error) {
	limit := r.Limit
	if limit <= 0 {
		limit = Limit
	}
	door, err := listen(ctx, r.Ports)
	if err != nil {
		return hubspot.Grant{}, err
	}
	// Random, 256 bits each: the state ties the redirect to this sign-in, the
	// verifier ties the code to it.
	state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	f := &flow{host: door.host(), state: state, answers: make(chan answer, 1)}
	closeDoor := door.serve(f)
	defer closeDoor()

	redirect := redirectURL(door.port)
	link := r.OAuth.ConsentURL(hubspot.Consent{RedirectURL: redirect, State: state, Verifier: verifier,
		Scopes: r.Scopes, Optional: r.Optional, PortalID: r.PortalID})
	if r.Link != nil {
		r.Link(link)
	}
	go r.open(link)

	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-f.answers:
		grant, err := r.finish(ctx, got, redirect, verifier)
		got.done <- err
		return grant, err
	case <-timer.C:
		return hubspot.Grant{}, timedOut(limit)
	case <-ctx.Done():
		return hubspot.Grant{}, context.Cause(ctx)
	}
}

// finish turns the browser's answer into tokens.
func (r *Request) finish(ctx context.Context, got answer, redirect, verifier string) (hubspot.Grant, error) {
	ctx, cancel := context.WithTimeout(ctx, finishLimit)
	defer cancel()
	if got.code == "" {
		return hubspot.Grant{}, refused(got.refusal, got.description)
	}
	grant, err := r.OAuth.Exchange(ctx, got.code, redirect, verifier)
	if err != nil {
		return hubspot.Grant{}, Explain(err)
	}
	if r.Accept != nil {
		if err := r.Accept(ctx, grant); err != nil {
			return hubspot.Grant{}, err
		}
	}
	return grant, nil
}

// quietly keeps what a browser prints away from the command line's output.
var quietly = sync.OnceFunc(func() { browser.Stdout, browser.Stderr = io.Discard, io.Discard })

func (r *Request) open(link string) {
	browse := r.Browse
	if browse == nil {
		quietly()
		browse = browser.OpenURL
	}
	if err := browse(link); err != nil && r.Unopened != nil {
		r.Unopened(fmt.Errorf("no browser could be opened (%w): open the link yourself", err))
	}
}

// answer is what the browser brought back.
type answer struct {
	code                 string
	refusal, description string
	done                 chan error // told how it ended, for the closing page
}

// flow waits for one redirect. It serves HTTP, to this computer's browsers only.
type flow struct {
	host    string // that a browser which was redirected here names
	state   string
	answers chan answer

	mu       sync.Mutex
	answered bool
}

// ServeHTTP implements http.Handler.
func (f *flow) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	protect(w.Header())
	switch {
	case req.Host != f.host:
		// Another name that resolves to this computer: a page of somebody else's.
		http.Error(w, "This address serves the sign-in of Syncline only.", http.StatusForbidden)
		return
	case req.URL.Path != callbackPath:
		http.NotFound(w, req)
		return
	case req.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "Only a browser's GET is answered here.", http.StatusMethodNotAllowed)
		return
	}
	language := req.Header.Get("Accept-Language")
	got, first, ok := f.accept(req.URL.Query())
	switch {
	case !ok:
		show(w, http.StatusBadRequest, pageForeign, language, "")
		return
	case !first:
		show(w, http.StatusGone, pageOver, language, "")
		return
	}
	select {
	case err := <-got.done:
		f.conclude(w, err, language)
	case <-req.Context().Done():
	}
}

// accept takes the first answer to this sign-in's question. One with another
// state, or none, is somebody else's, and the wait goes on.
func (f *flow) accept(q url.Values) (got answer, first, ok bool) {
	if !sameState(q.Get("state"), f.state) || len(q["state"]) != 1 {
		return answer{}, false, false
	}
	got = answer{code: q.Get("code"), refusal: q.Get("error"), description: q.Get("error_description"), done: make(chan error, 1)}
	if (got.code == "") == (got.refusal == "") {
		return answer{}, false, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answered {
		return answer{}, false, true
	}
	f.answered = true
	f.answers <- got
	return got, true, true
}

// conclude shows how the sign-in ended.
func (f *flow) conclude(w http.ResponseWriter, err error, language string) {
	var known *Error
	switch {
	case err == nil:
		show(w, http.StatusOK, pageDone, language, "")
	case errors.As(err, &known) && known.Reason == Denied:
		show(w, http.StatusOK, pageDenied, language, "")
	default:
		show(w, http.StatusOK, pageFailed, language, strings.TrimSuffix(err.Error(), "."))
	}
}
