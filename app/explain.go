package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/source"
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

// Explanation is an error for people: what happened, what it means for the
// data, what to do.
type Explanation struct {
	Kind          Kind
	What          string
	Means         string
	Do            string
	CorrelationID string // HubSpot's, to copy for support
}

// String is the explanation as one paragraph.
func (e Explanation) String() string {
	var parts []string
	for _, p := range []string{e.What, e.Means, e.Do} {
		if p != "" {
			parts = append(parts, strings.TrimSuffix(p, ".")+".")
		}
	}
	text := strings.Join(parts, " ")
	if e.CorrelationID != "" {
		text += fmt.Sprintf(" (HubSpot's correlation id: %s)", e.CorrelationID)
	}
	return text
}

const nothingLost = "Nothing is lost; the next run goes on where this one stopped"

// Explain turns an error into what a person can use.
func Explain(err error) Explanation {
	e := Explanation{Kind: Failed, What: err.Error()}
	var he *hubspot.Error
	if errors.As(err, &he) {
		e.CorrelationID = he.CorrelationID
	}
	var (
		doc   *definition.Error
		setup *engine.SetupError
		guard *engine.GuardError
		sign  *SignInError
		scope *ScopeError
		ro    *source.ReadOnlyError
		lost  *hubspot.TransportError
		daily *hubspot.DailyLimitError
	)
	switch {
	case errors.As(err, &guard):
		e.Kind = Guarded
	case errors.As(err, &sign), errors.Is(err, vault.ErrNotFound):
		e.Kind = SignIn
	case errors.As(err, &scope):
		e.Kind = SignIn
	case hubspot.IsAuth(err):
		e.Kind, e.What = SignIn, "HubSpot does not accept the sign-in of this connection"
		e.Means, e.Do = nothingLost, "Connect the portal again: the token was revoked, has expired, or belongs to another data centre"
	case hubspot.IsScopes(err):
		e.Kind, e.What = SignIn, "The connection lacks scopes: "+strings.Join(he.RequiredScopes, ", ")
		e.Means, e.Do = nothingLost, "Add them to the app or key in HubSpot, then connect again"
	case errors.As(err, &doc), errors.As(err, &setup):
		e.Kind = WrongUse
	case errors.As(err, &daily), hubspot.IsDaily(err):
		e.Means, e.Do = nothingLost, "Run again after midnight in the portal's time zone, or lower the reserve"
	case errors.As(err, &lost):
		e.What, e.Means, e.Do = "HubSpot can't be reached: "+err.Error(), nothingLost, "Check the network, then run again"
	case errors.As(err, &ro):
		e.Means = nothingLost
	case errors.Is(err, store.ErrBusy):
	case errors.Is(err, syscall.ENOSPC):
		e.What, e.Means, e.Do = "The disk is full: "+err.Error(), nothingLost, "Free some space, then run again"
	case errors.Is(err, fs.ErrNotExist):
		e.Kind = WrongUse
	case errors.Is(err, context.Canceled):
		e.What, e.Means = "Stopped", nothingLost
	}
	return e
}
