package hubspot

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"syncline/sync/redact"
)

// tokenError says that there was no token for a call. What a sign-in server
// answered may repeat what it was sent, and is told without secrets.
type tokenError struct {
	op  string
	err error
}

func (e *tokenError) Error() string {
	return fmt.Sprintf("hubspot: %s: the access token could not be had: %s", e.op, redact.Secrets(e.err.Error()))
}

// Unwrap gives the cause, which the token's source knows.
func (e *tokenError) Unwrap() error { return e.err }

var (
	hubletToken = regexp.MustCompile(`^pat-([a-z]{2,4}\d{1,2})-`)
	headerName  = regexp.MustCompile(`(?i)^(authorization\s*:)?[\s\x{a0}]*(bearer([\s\x{a0}]|$))?`)
	bareUUID    = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// HostsFor returns the API hosts to try for a token, the most likely first.
// Tokens of the hublets outside North America name theirs: "pat-eu1-…".
func HostsFor(token string) []string {
	m := hubletToken.FindStringSubmatch(strings.ToLower(token))
	if m == nil || strings.HasPrefix(m[1], "na") {
		return []string{DefaultBaseURL}
	}
	return []string{"https://api-" + m[1] + ".hubapi.com", DefaultBaseURL}
}

// CleanToken takes what a person pasted and returns the token in it: without
// quotes, a header's name, "Bearer", line breaks at the ends, or the invisible
// characters that mail programs add. The error says what the text seems to be
// instead, and never contains it.
func CleanToken(s string) (string, error) {
	s = strings.Map(func(r rune) rune {
		// Format characters (zero-width spaces, byte order marks) are never part of a token.
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	s = trimPasted(s)
	s = trimPasted(headerName.ReplaceAllString(s, ""))
	switch {
	case s == "":
		return "", errors.New("no access token: paste the token that HubSpot shows; it begins with pat-")
	case strings.ContainsAny(s, "*•●…"):
		return "", errors.New("this is the hidden form of an access token: click Show in HubSpot, then Copy")
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII }):
		return "", errors.New("this is not an access token: it contains spaces or letters that no token has; copy it again with HubSpot's Copy button")
	case bareUUID.MatchString(s):
		return "", errors.New("this looks like an old API key or a client secret, not an access token; HubSpot's tokens begin with pat-")
	case len(s) < 20:
		return "", errors.New("this is too short for an access token: copy it again with HubSpot's Copy button")
	}
	return s, nil
}

// trimPasted removes blanks and quotes of all kinds around a text.
func trimPasted(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`“”‘’„«»,;", r)
	})
}
