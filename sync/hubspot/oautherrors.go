package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"syncline/sync/redact"
)

// The codes that the token endpoint and the consent page refuse with.
const (
	BadAuthCode      = "BAD_AUTH_CODE"
	BadRedirectURI   = "BAD_REDIRECT_URI"
	BadClientID      = "BAD_CLIENT_ID"
	BadClientSecret  = "BAD_CLIENT_SECRET"
	BadCodeVerifier  = "BAD_CODE_VERIFIER"
	BadRefreshToken  = "BAD_REFRESH_TOKEN"
	BadHub           = "BAD_HUB"
	BadScopes        = "BAD_SCOPES"
	BadGrantType     = "BAD_GRANT_TYPE"
	UserUnauthorized = "USER_UNAUTHORIZED"
	HubUnauthorized  = "HUB_UNAUTHORIZED"
)

// OAuthError is a refusal of the sign-in. Only Op and Status are always set.
type OAuthError struct {
	Op          string
	Status      int    // HTTP status
	Code        string // BadAuthCode and the like
	Message     string // HubSpot's words, or ours when the answer was not its JSON
	Description string
	RetryAfter  time.Duration
	Unreadable  bool
}

func (e *OAuthError) Error() string {
	s := fmt.Sprintf("hubspot: %s: %d", e.Op, e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Message != "" {
		s += ": " + shorten(e.Message, maxErrorText)
	}
	if e.Description != "" {
		s += " (" + shorten(e.Description, maxErrorText) + ")"
	}
	return redact.Secrets(s)
}

// SignInNeeded reports that a person has to consent again: the app was
// uninstalled or its sign-in revoked.
func (e *OAuthError) SignInNeeded() bool {
	return e.Code == BadRefreshToken || e.Code == BadHub || e.Code == BadClientID || e.Code == BadClientSecret
}

// Temporary reports that the same request may succeed later.
func (e *OAuthError) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= 500 || e.Unreadable
}

// TokenError says that a call was not sent, or was refused and not sent again,
// because no access token could be had.
type TokenError struct {
	Op  string
	Err error
}

func (e *TokenError) Error() string {
	return redact.Secrets(fmt.Sprintf("hubspot: %s: the access token could not be had: %v", e.Op, e.Err))
}

// Unwrap gives the reason.
func (e *TokenError) Unwrap() error { return e.Err }

// IsNoToken reports that a call had no effect because no access token could be
// had for it.
func IsNoToken(err error) bool {
	var e *TokenError
	return errors.As(err, &e)
}

// temporary reports whether a token may be had later, without a person.
func temporary(err error) bool {
	var lost *TransportError
	var refused *OAuthError
	if errors.As(err, &refused) {
		return refused.Temporary()
	}
	return errors.As(err, &lost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// refusal describes what came instead of tokens.
func (o *OAuth) refusal(op string, err error, secrets []string) error {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) {
		return o.readRefusal(op, answer.Response, answer.Body, secrets)
	}
	var lost interface{ Timeout() bool }
	if errors.As(err, &lost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		e := transportError(op, o.app.ClientSecret, true, err)
		if clean := o.hide(e.Err.Error(), secrets); clean != e.Err.Error() {
			e.Err = errors.New(clean)
		}
		return e
	}
	return &OAuthError{Op: op, Status: http.StatusOK, Unreadable: true, Message: o.hide(err.Error(), secrets)}
}

// readRefusal reads a refusal's body (facts §1.6).
func (o *OAuth) readRefusal(op string, resp *http.Response, body []byte, secrets []string) *OAuthError {
	e := &OAuthError{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	var w struct {
		Status      text `json:"status"`
		Message     text `json:"message"`
		Error       text `json:"error"`
		Description text `json:"error_description"`
	}
	if !looksLikeObject(body) || json.Unmarshal(body, &w) != nil {
		e.Unreadable, e.Message = true, o.hide(describeBody(resp, body), secrets)
		return e
	}
	e.Code, e.Message, e.Description = string(w.Status), o.hide(string(w.Message), secrets), o.hide(string(w.Description), secrets)
	if e.Code == "" || e.Code == "error" {
		e.Code = string(w.Error)
	}
	return e
}

// hide removes the secrets of a request and of the app from a text.
func (o *OAuth) hide(s string, secrets []string) string {
	for _, secret := range append([]string{o.app.ClientSecret}, secrets...) {
		s = redact.One(secret)(s)
	}
	return redact.Secrets(s)
}
