package hubspot

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxOAuthBody bounds what is read of the sign-in's answers.
const maxOAuthBody = 1 << 20

// Installation is what HubSpot tells about a token of an app: who installed it
// where.
type Installation struct {
	Active    bool // false for a token that HubSpot does not know, or no longer
	PortalID  int64
	HubDomain string
	UserID    int64
	User      string // the e-mail address of who consented
	AppID     int64  // the sourceId of the app's writes in a property's history
	Scopes    []string
}

// Introspect asks what an access or refresh token of the app is.
func (o *OAuth) Introspect(ctx context.Context, token string) (Installation, error) {
	const op = "ask about the sign-in"
	var out struct {
		Active    *bool `json:"active"`
		PortalID  ident `json:"hub_id"`
		HubDomain text  `json:"hub_domain"`
		UserID    ident `json:"user_id"`
		User      text  `json:"user"`
		AppID     ident `json:"app_id"`
		Scopes    texts `json:"scopes"`
	}
	if err := o.post(ctx, op, oauthPath+"/introspect", token, &out); err != nil {
		return Installation{}, err
	}
	if out.Active == nil {
		return Installation{}, &OAuthError{Op: op, Status: http.StatusOK, Unreadable: true, Message: "HubSpot's answer does not say whether the sign-in is valid"}
	}
	return Installation{
		Active: *out.Active, PortalID: number(out.PortalID), HubDomain: string(out.HubDomain), UserID: number(out.UserID),
		User: string(out.User), AppID: number(out.AppID), Scopes: out.Scopes,
	}, nil
}

// Revoke ends a refresh token. Access tokens that were issued with it live on
// until they expire. Revoking a token that HubSpot does not know is no error.
func (o *OAuth) Revoke(ctx context.Context, refreshToken string) error {
	return o.post(ctx, "revoke the sign-in", oauthPath+"/revoke", refreshToken, nil)
}

// post sends a form about a token, and repeats it as a read: both questions
// may be asked twice.
func (o *OAuth) post(ctx context.Context, op, path, token string, out any) error {
	form := url.Values{"client_id": {o.app.ClientID}, "client_secret": {o.app.ClientSecret}, "token": {token}}.Encode()
	for attempt := 1; ; attempt++ {
		err := o.send(ctx, op, path, form, token, out)
		if err == nil || !o.again(ctx, err, attempt, true) {
			return err
		}
	}
}

func (o *OAuth) send(ctx context.Context, op, path, form, token string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.base+path, strings.NewReader(form))
	if err != nil {
		return invalid(op, "%v", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := o.http.Do(req)
	if err != nil {
		return o.refusal(op, err, []string{token})
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxOAuthBody))
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return o.readRefusal(op, resp, body, []string{token})
	case err != nil:
		return o.refusal(op, err, []string{token})
	case out == nil:
		return nil
	}
	if !looksLikeObject(body) || json.Unmarshal(body, out) != nil {
		return &OAuthError{Op: op, Status: resp.StatusCode, Unreadable: true, Message: o.hide(describeBody(resp, body), []string{token})}
	}
	return nil
}
