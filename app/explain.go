package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/redact"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/localfile"
)

// Kind is what an error means for the one who sees it, and the exit status of
// a command.
type Kind int

// The kinds, with the command line's exit status.
const (
	Failed    Kind = 1
	WrongUse  Kind = 2 // a definition that cannot work
	Remaining Kind = 3 // done with conflicts or failed rows left
	Guarded   Kind = 4 // stopped by a guard rail
	SignIn    Kind = 5 // sign-in needed or scopes missing
)

// Cause tells the errors apart for which a command has ways out that the
// window has not.
type Cause int

// The causes; 0 is any other.
const (
	NoApp        Cause = iota + 1 // no HubSpot app to sign in with, or several
	NoKeychain                    // there is none, or it is locked
	NoPortal                      // none is connected
	WhichPortal                   // the one that was named is not connected, or none was named and there are several
	TokenRefused                  // by HubSpot
	Copied                        // two documents have the same id
)

// Explanation is an error for people: what happened, what it means for the
// data, what to do.
type Explanation struct {
	Kind          Kind
	Cause         Cause
	What          string
	Means         string
	Do            string
	CorrelationID string // HubSpot's, to copy for support
}

// String is the explanation as one paragraph.
func (e Explanation) String() string {
	var parts []string
	for _, p := range []string{e.What, e.Means, e.Do} {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if !strings.HasSuffix(p, ".") && !strings.HasSuffix(p, "?") && !strings.HasSuffix(p, "!") {
			p += "."
		}
		parts = append(parts, p)
	}
	text := strings.Join(parts, " ")
	if e.CorrelationID != "" && !strings.Contains(text, e.CorrelationID) {
		text += fmt.Sprintf(" (HubSpot's correlation id: %s)", e.CorrelationID)
	}
	return text
}

const nothingLost = "Nothing is lost; the next run goes on where this one stopped"

// UseError says that the program was called in a way that cannot work.
type UseError struct {
	Msg   string
	Cause Cause
}

func (e *UseError) Error() string { return e.Msg }

// Explain turns an error into what a person can use.
func Explain(err error) Explanation {
	e := Explanation{Kind: Failed, What: err.Error()}
	var (
		doc   *definition.Error
		named *definition.FileError
		use   *UseError
		setup *engine.SetupError
		guard *engine.GuardError
		worn  *engine.FailingError
		sign  *SignInError
		scope *ScopeError
		ro    *source.ReadOnlyError
		twin  *CopyError
		file  *localfile.Error
		login *auth.Error
		db    *database.Error
	)
	switch {
	case errors.As(err, &guard), errors.As(err, &worn):
		e.Kind = Guarded
	case errors.As(err, &login):
		explainSignIn(&e, login)
	case errors.As(err, &scope):
		e.Kind, e.Do = SignIn, "Nothing was read or written. Add them to the app or key in HubSpot, then connect again"
		if len(scope.Missing()) == 1 {
			e.Do = "Nothing was read or written. Add it to the app or key in HubSpot, then connect again"
		}
	case errors.As(err, &sign):
		e.Kind, e.Cause = SignIn, sign.Cause
	case errors.Is(err, vault.ErrNotFound):
		e.Kind = SignIn
	case vault.MayKeep(err):
		e.Cause, e.Do = NoKeychain, "Unlock or start the system's keychain and try again"
	case errors.As(err, &twin):
		e.Kind, e.Cause, e.Means = WrongUse, Copied, "Nothing was read or written"
	case errors.As(err, &use):
		e.Kind, e.Cause = WrongUse, use.Cause
	case errors.As(err, &doc), errors.As(err, &named), errors.As(err, &setup):
		e.Kind = WrongUse
	case errors.As(err, &ro):
		e.Means = nothingLost
	case errors.As(err, &file):
		// The file's sentence says what to do.
		if file.Misnamed || errors.Is(err, fs.ErrNotExist) {
			e.Kind = WrongUse
		}
	case errors.As(err, &db):
		e.Means = nothingLost
		if db.SignIn {
			e.Kind, e.Do = SignIn, "Its password is kept by “syncline database add”, or given by SYNCLINE_SOURCE_PASSWORD for one command"
		}
	case errors.Is(err, store.ErrBusy):
	case errors.Is(err, context.Canceled):
		e.What, e.Means = "Stopped", nothingLost
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.What, e.Means, e.Do = "The disk is full: "+err.Error(), nothingLost, "Free some space, then run again"
	case errors.Is(err, fs.ErrNotExist):
		e.Kind = WrongUse
	default:
		explainHubSpot(&e, err)
	}
	// Whatever an error repeats of what came from outside, no secret is shown.
	e.What, e.CorrelationID = redact.Secrets(e.What), redact.Secrets(e.CorrelationID)
	return e
}

// explainSignIn says what a sign-in that did not work, or works no more, means.
func explainSignIn(e *Explanation, err *auth.Error) {
	e.What, e.Do = err.What, err.Do
	if err.SignInNeeded() {
		e.Kind = SignIn
	}
	switch err.Reason {
	case auth.Revoked, auth.BadClientID, auth.BadClientSecret:
		e.What, e.Means = "Sign-in needed: "+err.What, nothingLost
	case auth.Unreachable:
		e.Means = nothingLost
	}
}

// explainHubSpot says what an answer of HubSpot's, or none, means.
func explainHubSpot(e *Explanation, err error) {
	var (
		he    *hubspot.Error
		lost  *hubspot.TransportError
		daily *hubspot.DailyLimitError
	)
	if errors.As(err, &he) {
		e.CorrelationID = he.CorrelationID
	}
	switch {
	case hubspot.IsAuth(err):
		e.Kind, e.Cause, e.What = SignIn, TokenRefused, "Sign-in needed: HubSpot does not accept the sign-in of this connection"
		e.Means, e.Do = nothingLost, "Connect the portal again: the token was revoked, has expired, or belongs to another data centre"
	case hubspot.IsScopes(err):
		e.Kind, e.What = SignIn, "The connection lacks "+oneOf(he.RequiredScopes)
		e.Means, e.Do = nothingLost, "Add it to the app or key in HubSpot, then connect again"
	case errors.As(err, &daily):
		e.What = "Today's API calls of the portal are used up"
		if daily.Max > 0 {
			e.What = fmt.Sprintf("%d of today's %d API calls of the portal are left, and %d are kept for its other apps", daily.Remaining, daily.Max, daily.Reserve)
		}
		e.Means, e.Do = nothingLost, untilMidnight
	case hubspot.IsDaily(err):
		e.What, e.Means, e.Do = "Today's API calls of the portal are used up", nothingLost, untilMidnight
	case errors.As(err, &lost):
		e.What, e.Means, e.Do = "HubSpot can't be reached: "+unreachable(lost.Err), nothingLost, "Check the network, then run again"
	case he == nil:
	case he.Unreadable:
		e.What, e.Means = fmt.Sprintf("HubSpot did not answer in its own way when asked to %s: %s", he.Op, he.Message), nothingLost
		e.Do = "Sign in to the network if it asks for that, then run again"
	case hubspot.IsRateLimited(err):
		e.What, e.Means = "HubSpot refused one call after the other, because the portal's limit of calls is used up by other apps", nothingLost
		e.Do = "Run again when they are done"
	case he.Status >= 500 || hubspot.IsLocked(err):
		e.What, e.Means = fmt.Sprintf("HubSpot is disturbed and could not %s (status %d: %s)", he.Op, he.Status, he.Message), nothingLost
		e.Do = "Run again in a few minutes; status.hubspot.com tells of disturbances"
	default:
		e.What, e.Means = fmt.Sprintf("HubSpot refused to %s (status %d): %s", he.Op, he.Status, he.Message), nothingLost
	}
}

const untilMidnight = "Run again after midnight in the portal's time zone, or lower the reserve"

func oneOf(scopes []string) string {
	switch len(scopes) {
	case 0:
		return "a scope that HubSpot did not name"
	case 1:
		return "the scope " + scopes[0]
	}
	return "one of the scopes " + strings.Join(scopes, ", ")
}

// unreachable says in a person's words why no answer came.
func unreachable(err error) string {
	var (
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		timeout net.Error
	)
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("the network does not know the name %s; it may be offline", name.Name)
	case errors.As(err, &cert):
		return fmt.Sprintf("its certificate can't be trusted (%v); a proxy or a security program may stand in between, whose certificate this computer does not know", cert.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to it from this network"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer came in time"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke off"
	}
	return err.Error()
}
