package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Account is the portal that a token belongs to.
type Account struct {
	PortalID int64
	Name     string // "" before HubSpot told it
	Type     string // STANDARD, DEVELOPER_TEST, SANDBOX or APP_DEVELOPER
	TimeZone string // "Europe/Dublin"
	Currency string // "EUR"
	UIDomain string // "app-eu1.hubspot.com"
	Hosting  string // "eu1"
}

// RecordURL returns the address of a record's page for people, by the object
// type's id or name. Tasks have pages of another kind, and notes and leads open
// beside a list.
func (a Account) RecordURL(objectTypeID, id string) string {
	domain := a.UIDomain
	if domain == "" {
		domain = "app.hubspot.com"
	}
	t, ok := FindObjectType(objectTypeID)
	objectTypeID, id = url.PathEscape(objectTypeID), url.QueryEscape(id)
	if ok && t.ID != "" {
		objectTypeID = t.ID
	}
	if t.Page != "" {
		return fmt.Sprintf("https://%s/%s", domain, strings.NewReplacer("{portal}", strconv.FormatInt(a.PortalID, 10), "{id}", id).Replace(t.Page))
	}
	return fmt.Sprintf("https://%s/contacts/%d/record/%s/%s", domain, a.PortalID, objectTypeID, id)
}

// TokenInfo is what HubSpot tells about a private app's token or a service key.
type TokenInfo struct {
	PortalID int64
	UserID   int64
	AppID    int64 // the sourceId of this token's writes in a property's history
	Scopes   []string
}

// DailyUsage is the use of the portal's daily budget by its private apps, as
// HubSpot counted it some minutes ago.
type DailyUsage struct {
	Limit       int
	Used        int
	CollectedAt time.Time
	ResetsAt    time.Time
	Known       bool // false when HubSpot could not tell
}

// Remaining is what is left of the budget.
func (d DailyUsage) Remaining() int { return max(0, d.Limit-d.Used) }

// Account returns the portal. It needs no scope and is answered even when the
// daily budget is at the reserve.
func (c *Client) Account(ctx context.Context) (Account, error) { return c.account(ctx, 0) }

type wireAccount struct {
	PortalID ident `json:"portalId"`
	Name     text  `json:"portalName"`
	Type     text  `json:"accountType"`
	TimeZone text  `json:"timeZone"`
	Currency text  `json:"companyCurrency"`
	UIDomain text  `json:"uiDomain"`
	Hosting  text  `json:"dataHostingLocation"`
}

func (w wireAccount) check(int) error { return checkPortal(w.PortalID) }

func checkPortal(id ident) error {
	if number(id) == 0 {
		return malformed("HubSpot's answer names no portal")
	}
	return nil
}

func (c *Client) account(ctx context.Context, attempts int) (Account, error) {
	var out wireAccount
	r := &request{
		op: "read the account", method: http.MethodGet, path: "/account-info/" + APIVersion + "/details",
		read: true, vital: true, attempts: attempts, out: &out,
	}
	if _, err := c.do(ctx, r); err != nil {
		return Account{}, err
	}
	c.limits.daily.setZone(string(out.TimeZone))
	return Account{
		PortalID: number(out.PortalID), Name: string(out.Name), Type: string(out.Type), TimeZone: string(out.TimeZone),
		Currency: string(out.Currency), UIDomain: string(out.UIDomain), Hosting: string(out.Hosting),
	}, nil
}

// tokenInfoPath has a version of its own that is not dated (facts §1.8b).
const tokenInfoPath = "/oauth/v2/private-apps/get/access-token-info"

type wireTokenInfo struct {
	PortalID ident `json:"hubId"`
	UserID   ident `json:"userId"`
	AppID    ident `json:"appId"`
	Scopes   texts `json:"scopes"`
}

func (w wireTokenInfo) check(int) error { return checkPortal(w.PortalID) }

// TokenInfo returns what a private app's token or a service key may do. OAuth
// tokens are not answered. It needs no scope.
func (c *Client) TokenInfo(ctx context.Context) (TokenInfo, error) {
	const op = "read the token's rights"
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return TokenInfo{}, &TokenError{Op: op, Err: err}
	}
	var out wireTokenInfo
	r := &request{
		op: op, method: http.MethodPost, path: tokenInfoPath,
		body: map[string]string{"tokenKey": token}, read: true, vital: true, out: &out,
	}
	if _, err := c.do(ctx, r); err != nil {
		return TokenInfo{}, err
	}
	if app := number(out.AppID); app != 0 {
		c.app.Store(app)
	}
	return TokenInfo{
		PortalID: number(out.PortalID), UserID: number(out.UserID), AppID: number(out.AppID), Scopes: out.Scopes,
	}, nil
}

type wireUsage struct {
	Limit       int     `json:"usageLimit"`
	Used        int     `json:"currentUsage"`
	CollectedAt instant `json:"collectedAt"`
	Status      text    `json:"fetchStatus"`
	ResetsAt    instant `json:"resetsAt"`
}

func (w wireUsage) key() string { return string(w.Status) }

// DailyUsage returns the state of the daily budget and tells it to the
// limiter, for tokens whose answers do not carry it.
func (c *Client) DailyUsage(ctx context.Context) (DailyUsage, error) {
	var out wireList[wireUsage]
	r := &request{
		op: "read the daily usage", method: http.MethodGet, vital: true, read: true, out: &out,
		path: "/account-info/" + APIVersion + "/api-usage/daily/private-apps",
	}
	if _, err := c.do(ctx, r); err != nil {
		return DailyUsage{}, err
	}
	for _, u := range out.Results {
		if u.Limit <= 0 || u.Status != "SUCCESS" && u.Status != "CACHED" {
			continue
		}
		usage := DailyUsage{
			Limit: u.Limit, Used: u.Used, CollectedAt: u.CollectedAt.Time, ResetsAt: u.ResetsAt.Time, Known: true,
		}
		// Headers are newer than this count; it only helps where they are silent.
		if !c.limits.daily.budget().Known {
			c.limits.daily.observe(time.Now(), usage.Limit, usage.Remaining())
		}
		return usage, nil
	}
	return DailyUsage{}, nil
}

func number(id ident) int64 {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Discover finds the host that answers to a pasted token and what the token
// is: regional tokens are refused by the plain host in some portals and not in
// others, so the regional one is tried first (facts §1.8a). A BaseURL in cfg
// is used as it is. TokenInfo is zero when HubSpot would not tell it.
func Discover(ctx context.Context, token string, cfg Config) (baseURL string, account Account, info TokenInfo, err error) {
	token, err = CleanToken(token)
	if err != nil {
		return "", Account{}, TokenInfo{}, err
	}
	hosts := HostsFor(token)
	if cfg.BaseURL != "" {
		hosts = []string{cfg.BaseURL}
	}
	cfg.Tokens = StaticToken(token)
	for i, host := range hosts {
		cfg.BaseURL = host
		client, newErr := New(cfg)
		if newErr != nil {
			return "", Account{}, TokenInfo{}, newErr
		}
		attempts := 0
		if i < len(hosts)-1 {
			attempts = 1 // there is another to try
		}
		account, err = client.account(ctx, attempts)
		if err == nil {
			info, infoErr := client.TokenInfo(ctx)
			if infoErr != nil {
				info = TokenInfo{}
			}
			return client.BaseURL(), account, info, nil
		}
		if ctx.Err() != nil || !tryNextHost(err) {
			break
		}
	}
	return "", Account{}, TokenInfo{}, err
}

// tryNextHost reports whether another host may know the token: this one does
// not exist, cannot be reached, or refuses it.
func tryNextHost(err error) bool {
	var dns *net.DNSError
	var t *TransportError
	return IsAuth(err) || errors.As(err, &dns) || errors.As(err, &t)
}
