package practice

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TokenKind is a kind of bearer token (facts 1.8).
type TokenKind int

// The token kinds.
const (
	PrivateApp TokenKind = iota
	ServiceKey
	OAuth
)

// String names the kind as Request shows it.
func (k TokenKind) String() string { return [...]string{"private app", "service key", "oauth"}[k] }

// Token is a bearer token of the portal.
type Token struct {
	Value  string `json:"-"` // "" = a made-up one of the kind's shape
	Kind   TokenKind
	Scopes []string // nil = all
	// ExpiresAt is zero for tokens that do not expire.
	ExpiresAt time.Time
	AppID     int64 // 0 = a made-up one; shows as sourceId in history
	UserID    int64 // 0 = a made-up one
	// NoEditAssociations is a user without the permission "Edit
	// Associations", which API versions from 2026-09 on ask for.
	NoEditAssociations bool
	OfApp              bool // of an app itself (client_credentials), not of an installation
}

// digest is a secret's SHA-256: the portal knows its tokens by it, so that
// none of them has to be kept.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// MarshalText implements encoding.TextMarshaler.
func (d digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *digest) UnmarshalText(b []byte) error {
	if len(b) != 2*len(d) {
		return errors.New("a digest has 64 characters")
	}
	_, err := hex.Decode(d[:], b)
	return err
}

// has reports whether the token was granted a scope.
func (t *Token) has(scope string) bool { return t.Scopes == nil || slices.Contains(t.Scopes, scope) }

// label is the sourceLabel that the token's writes leave in history.
func (t *Token) label() string {
	switch t.Kind {
	case ServiceKey:
		return "Service key"
	case OAuth:
		return "Connected app"
	}
	return "Private app"
}

// AddToken makes a token valid and returns its value.
func (p *Portal) AddToken(t Token) string {
	p.mu.Lock()
	defer p.leave()
	return p.addToken(t)
}

func (p *Portal) addToken(t Token) string {
	if t.Value == "" {
		t.Value = fmt.Sprintf("pat-%s-%s", p.opt.Hublet, p.uuid4())
		if t.Kind == OAuth {
			t.Value = "C" + strings.ReplaceAll(p.uuid4()+p.uuid4(), "-", "")
		}
	}
	if t.AppID == 0 {
		t.AppID = 3_000_000 + p.rng.Int64N(900_000)
	}
	if t.UserID == 0 {
		t.UserID = demoUser
	}
	value := t.Value
	t.Value = ""
	p.tokens[digestOf(value)] = &t
	p.changes.document(docTokens)
	return value
}

// RevokeToken makes a token invalid, as rotating or uninstalling does.
func (p *Portal) RevokeToken(value string) {
	p.mu.Lock()
	defer p.leave()
	delete(p.tokens, digestOf(value))
	p.changes.document(docTokens)
}

// ExpireToken makes a token expire now.
func (p *Portal) ExpireToken(value string) {
	p.mu.Lock()
	defer p.leave()
	if t := p.tokens[digestOf(value)]; t != nil {
		t.ExpiresAt = p.present()
		p.changes.document(docTokens)
	}
}

func plainHublet(h string) bool { return strings.HasPrefix(h, "na") }

// authenticate finds the token of a call.
func (p *Portal) authenticate(c *call) *apiError {
	value, ok := strings.CutPrefix(c.auth, "Bearer ")
	if !ok || value == "" || p.wrongHost(c.host) {
		return refuse(401, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
	}
	t := p.tokens[digestOf(value)]
	if t == nil {
		return expired(p.present(), time.UnixMilli(0))
	}
	if !t.ExpiresAt.IsZero() && !p.present().Before(t.ExpiresAt) {
		return expired(p.present(), t.ExpiresAt)
	}
	c.token = t
	return nil
}

// wrongHost reports a call to the plain host for a portal in another data
// centre (facts 1.8a). Hosts that are not HubSpot's are all right.
func (p *Portal) wrongHost(host string) bool {
	if !strings.HasSuffix(host, ".hubapi.com") {
		return false
	}
	want := "api.hubapi.com"
	if !plainHublet(p.opt.Hublet) {
		want = "api-" + p.opt.Hublet + ".hubapi.com"
	}
	return host != want
}

// expired is the 401 of an expired token. Garbage gets the same, as having
// expired in 1970.
func expired(now, at time.Time) *apiError {
	ago := now.Sub(at)
	span := fmt.Sprintf("%d second(s)", int64(ago/time.Second))
	if ago >= 24*time.Hour {
		span = fmt.Sprintf("%d day(s)", int64(ago/(24*time.Hour)))
	}
	return refuse(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired %s ago.", span).
		with("expire time", instant(at.UnixMilli()))
}

// allow refuses a call whose token has none of the scopes; a person's edit has
// no token and may do everything.
func (p *Portal) allow(c *call, anyOf []string) *apiError {
	if c.token == nil || slices.ContainsFunc(anyOf, c.token.has) {
		return nil
	}
	e := refuse(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.")
	e.Errors = []errorDetail{{Message: "One or more of the following scopes are required.", Context: map[string][]string{"requiredGranularScopes": anyOf}}}
	e.Links = map[string]string{"scopes": "https://developers.hubspot.com/scopes"}
	return e
}

// Scopes lists every scope that the portal knows; it is what a token with all
// scopes reports.
func Scopes() []string {
	all := []string{"oauth", "crm.lists.read", "crm.lists.write", "crm.objects.owners.read", "crm.schemas.custom.read", "crm.schemas.custom.write",
		"crm.objects.custom.read", "crm.objects.custom.write", "crm.import", "crm.export", "e-commerce", "files", "forms", "forms-uploaded-files", "sales-email-read", "tickets", "timeline"}
	for _, k := range standardKinds() {
		for _, s := range slices.Concat(k.reads, k.writes, k.schemaScopes(reading), k.schemaScopes(changing)) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	slices.Sort(all)
	return all
}
