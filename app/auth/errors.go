package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"syncline/sync/hubspot"
)

// Reason is why a sign-in did not work.
type Reason string

// The reasons.
const (
	Denied           Reason = "denied"            // the person said no
	TimedOut         Reason = "timed out"         // the browser never came back
	PortsTaken       Reason = "ports taken"       // nowhere to wait for it
	WrongPortal      Reason = "wrong portal"      // another one than the connection's
	ScopeMismatch    Reason = "scope mismatch"    // the app is not set up for what was asked
	BadRedirect      Reason = "bad redirect"      // the redirect URL is not registered
	BadClientID      Reason = "bad client id"     // no such app
	BadClientSecret  Reason = "bad client secret" // the secret was rotated or mistyped
	BadCode          Reason = "bad code"          // used already, or too old
	BadVerifier      Reason = "bad verifier"      // the code belongs to another sign-in
	Revoked          Reason = "revoked"           // the app was uninstalled or its sign-in revoked
	UserUnauthorized Reason = "user unauthorized" // the person may not install apps
	HubUnauthorized  Reason = "hub unauthorized"  // the portal does not have what the scopes are for
	Unreachable      Reason = "unreachable"       // HubSpot did not answer, or is busy
	Refused          Reason = "refused"           // anything else
)

// Error is a sign-in that did not work: what happened and what to do.
type Error struct {
	Reason Reason
	What   string // a sentence without its full stop
	Do     string // the way out, the same
	Err    error  // the cause; may be nil
}

func (e *Error) Error() string {
	if e.Do == "" {
		return e.What
	}
	return e.What + ". " + e.Do
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// SignInNeeded reports that nothing but a person's consent helps.
func (e *Error) SignInNeeded() bool { return e.Reason != PortsTaken && e.Reason != Unreachable }

// remedy is what a reason means to a person.
type remedy struct {
	reason   Reason
	what, do string
}

const (
	again     = "Sign in again"
	setUp     = "Open the app in HubSpot, copy its client id and client secret again, and sign in with them"
	superUser = "Ask a super admin of the portal to sign in, or to give you App Marketplace access and the permissions that the scopes stand for"
)

// remedies are what HubSpot's codes mean (facts §1.6).
var remedies = map[string]remedy{
	hubspot.BadAuthCode:      {BadCode, "HubSpot did not accept the sign-in's code: it was used already, or took too long", again},
	hubspot.BadRedirectURI:   {BadRedirect, "The app in HubSpot does not have Syncline's redirect URLs", "Add " + list(RedirectURLs()) + " to the app's redirect URLs, letter by letter, and sign in again"},
	hubspot.BadClientID:      {BadClientID, "HubSpot does not know the app's client id", setUp},
	hubspot.BadClientSecret:  {BadClientSecret, "HubSpot does not accept the app's client secret: it was changed in HubSpot, or mistyped", setUp},
	hubspot.BadCodeVerifier:  {BadVerifier, "HubSpot's answer belongs to another sign-in than this one", again},
	hubspot.BadRefreshToken:  {Revoked, "The sign-in is no longer valid: the app was uninstalled in HubSpot, or its access revoked", "Reconnect the portal"},
	hubspot.BadHub:           {Revoked, "The app is no longer installed in this portal", "Reconnect the portal"},
	hubspot.BadScopes:        {ScopeMismatch, "The scopes that were asked for are not those of the app in HubSpot", "Tick them in the app's settings and sign in again"},
	hubspot.UserUnauthorized: {UserUnauthorized, "Your HubSpot user may not connect apps to this portal, or lacks a permission that a scope stands for", superUser},
	hubspot.HubUnauthorized:  {HubUnauthorized, "This portal's subscription does not have what the scopes are for", "Ask for fewer scopes, or choose another portal"},
}

func list(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}

func (r remedy) error(err error) *Error {
	return &Error{Reason: r.reason, What: r.what, Do: r.do, Err: err}
}

// Explain turns an error of HubSpot's sign-in into an *Error. An error that is
// one, and one of a context that ended, stay as they are.
func Explain(err error) error {
	var known *Error
	var refused *hubspot.OAuthError
	var lost *hubspot.TransportError
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &refused):
		if r, ok := remedies[refused.Code]; ok {
			return r.error(err)
		}
		if refused.Temporary() {
			return &Error{Reason: Unreachable, What: fmt.Sprintf("HubSpot's sign-in is busy or disturbed (status %d: %s)", refused.Status, refused.Message), Do: "Try again in a few minutes", Err: err}
		}
		return &Error{Reason: Refused, What: fmt.Sprintf("HubSpot refused to %s: %s", refused.Op, said(refused)), Do: again, Err: err}
	case errors.As(err, &lost):
		return &Error{Reason: Unreachable, What: "HubSpot's sign-in can't be reached: " + lost.Err.Error(), Do: "Check the network, then try again", Err: err}
	}
	return err
}

func said(e *hubspot.OAuthError) string {
	if e.Message != "" {
		return e.Message
	}
	return fmt.Sprintf("status %d %s", e.Status, e.Code)
}

// refused is what the consent page sent the browser back with.
func refused(code, description string) *Error {
	all := strings.ToUpper(code + " " + description)
	for known, r := range remedies {
		if strings.Contains(all, known) {
			return r.error(nil)
		}
	}
	switch {
	case strings.EqualFold(code, "access_denied"):
		return &Error{Reason: Denied, What: "The connection was refused on HubSpot's page", Do: "Sign in again and choose Connect app, if that was not meant"}
	case strings.EqualFold(code, "invalid_scope"), strings.Contains(all, "SCOPE"):
		return remedies[hubspot.BadScopes].error(nil)
	}
	what := "HubSpot's page ended the sign-in with " + clean(code)
	if description != "" {
		what += ": " + clean(description)
	}
	return &Error{Reason: Refused, What: what, Do: again}
}

// clean makes a text of an address fit for a sentence.
func clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.TrimRight(s, ".")
}

func timedOut(limit time.Duration) *Error {
	return &Error{Reason: TimedOut, What: fmt.Sprintf("The browser did not come back within %s", plain(limit)),
		Do: "Sign in again. If HubSpot showed an error page, compare the app's redirect URLs and scopes with those that Syncline names"}
}

// plain is a duration as people say it.
func plain(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		if d == time.Minute {
			return "a minute"
		}
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}

// NotThisPortal says that a person signed in to another portal than the
// connection's.
func NotThisPortal(name string, want, got int64) *Error {
	return &Error{Reason: WrongPortal, What: fmt.Sprintf("You signed in to portal %d, and the connection %q belongs to portal %d", got, name, want),
		Do: "Sign in again and choose the right portal, or give the connection another name"}
}
