package practice

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func accountRoutes() []route {
	return []route{
		r("GET", "account-info/details", 0, (*Portal).accountDetails),
		r("GET", "account-info/api-usage/daily/private-apps", 0, (*Portal).dailyUsage),
		r("GET", "account-info/api-usage/daily", 0, (*Portal).dailyUsage),
		r("POST", "oauth/private-apps/get/access-token-info", public|free, (*Portal).tokenInfo),
		r("GET", "owners", 0, (*Portal).listOwners),
		r("GET", "owners/{id}", 0, (*Portal).readOwner),
		r("GET", "limits/custom-properties", 0, (*Portal).customPropertyUsage),
		r("GET", "limits/records", 0, (*Portal).recordUsage),
		r("GET", "limits/custom-object-types", 0, (*Portal).customTypeUsage),
		r("GET", "object-library/enablement", 0, (*Portal).listActivated),
		r("GET", "object-library/enablement/{type}", 0, (*Portal).readActivated),
	}
}

// accountDetails is GET /account-info/…/details.
func (p *Portal) accountDetails(c *call) (*answer, *apiError) {
	_, offset := p.present().In(p.zone).Zone()
	type details struct {
		PortalID   int64    `json:"portalId"`
		Name       string   `json:"portalName,omitempty"`
		Type       string   `json:"accountType"`
		Zone       string   `json:"timeZone"`
		Currency   string   `json:"companyCurrency"`
		Currencies []string `json:"additionalCurrencies"`
		Offset     string   `json:"utcOffset"`
		Millis     int      `json:"utcOffsetMilliseconds"`
		UIDomain   string   `json:"uiDomain"`
		Hosting    string   `json:"dataHostingLocation"`
		CreatedAt  int64    `json:"createdAt,omitempty"`
	}
	d := details{PortalID: p.opt.PortalID, Type: p.opt.AccountType, Zone: p.opt.TimeZone, Currency: p.opt.Currency, Currencies: []string{},
		Offset: p.present().In(p.zone).Format("-07:00"), Millis: offset * 1000, UIDomain: p.opt.UIDomain, Hosting: p.opt.Hublet}
	if c.version.normalisesDates() { // from 2026-09 on
		d.Name, d.CreatedAt = p.opt.Name, 1_577_836_800_000
	}
	return reply(http.StatusOK, d), nil
}

// dailyUsage is GET /account-info/…/api-usage/daily/private-apps.
func (p *Portal) dailyUsage(*call) (*answer, *apiError) {
	now := p.present()
	used, most := p.limiter.daily(now.In(p.zone))
	return reply(http.StatusOK, map[string]any{"results": []any{map[string]any{
		"name": "private-apps-api-calls-daily", "usageLimit": most, "currentUsage": used, "collectedAt": instant(now.UnixMilli()),
		"fetchStatus": "SUCCESS", "resetsAt": instant(midnight(now.In(p.zone)).UnixMilli())}}}), nil
}

// midnight is the next one in the time's zone.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
}

// tokenInfo is POST /oauth/v2/private-apps/get/access-token-info: what a pasted
// token is (facts 1.8b). It needs no scope. Outside North America the token must
// also stand in the Authorization header.
func (p *Portal) tokenInfo(c *call) (*answer, *apiError) {
	var req struct {
		Key string `json:"tokenKey"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	t := p.tokens[digestOf(req.Key)]
	if (t == nil || t.Kind == OAuth) && p.opt.Switches.UnknownTokenNotFound {
		return nil, notFound()
	}
	if t == nil || t.Kind == OAuth || p.wrongHost(c.host) || !plainHublet(p.opt.Hublet) && c.auth != "Bearer "+req.Key {
		return nil, expired(p.present(), time.UnixMilli(0))
	}
	scopes := t.Scopes
	if scopes == nil {
		scopes = Scopes()
	}
	type info struct {
		UserID int64    `json:"userId"`
		HubID  int64    `json:"hubId"`
		AppID  int64    `json:"appId"`
		Scopes []string `json:"scopes"`
	}
	return reply(http.StatusOK, info{t.UserID, p.opt.PortalID, t.AppID, scopes}), nil
}

// mostCustomProperties is the limit per object type.
const mostCustomProperties = 1000

// mostProperties is the limit over all object types, as observed.
const mostProperties = 10_000

// customPropertyUsage is GET /crm/limits/…/custom-properties, for a token that
// may see any object.
func (p *Portal) customPropertyUsage(c *call) (*answer, *apiError) {
	if e := p.allow(c, anyObject()); e != nil {
		return nil, e
	}
	type usage struct {
		ObjectTypeID string  `json:"objectTypeId"`
		Singular     string  `json:"singularLabel"`
		Plural       string  `json:"pluralLabel"`
		Usage        int     `json:"usage"`
		Limit        int     `json:"limit"`
		Percentage   float64 `json:"percentage"`
	}
	list, all := []usage{}, 0
	for _, k := range p.kinds {
		n := k.countCustom()
		all += n
		labels := k.labels()
		list = append(list, usage{k.id, labels.Singular, labels.Plural, n, mostCustomProperties, float64(n) * 100 / mostCustomProperties})
	}
	return reply(http.StatusOK, map[string]any{"overallLimit": mostProperties, "overallUsage": all,
		"overallPercentage": float64(all) * 100 / mostProperties, "byObjectType": list}), nil
}

// mostSchemas is how many object types of its own an account may have.
const mostSchemas = 10

// customTypeUsage is GET /crm/limits/…/custom-object-types, for a token that may
// see any object, or the object types that were made in the portal.
func (p *Portal) customTypeUsage(c *call) (*answer, *apiError) {
	if e := p.allow(c, append(anyObject(), "crm.schemas.custom.read")); e != nil {
		return nil, e
	}
	n := p.customTypes()
	return reply(http.StatusOK, map[string]any{"limit": mostSchemas, "usage": n, "percentage": float64(n) * 100 / mostSchemas}), nil
}

// customTypes counts the object types that were made in the portal.
func (p *Portal) customTypes() (n int) {
	for _, k := range p.kinds {
		if k.custom() && !k.schema.Archived {
			n++
		}
	}
	return n
}

// anyObject are the scopes that read or write records of any type.
func anyObject() []string {
	return slices.DeleteFunc(Scopes(), func(s string) bool {
		return !strings.HasPrefix(s, "crm.objects.") && s != "tickets" && s != "e-commerce"
	})
}

func (p *Portal) recordUsage(*call) (*answer, *apiError) {
	type usage struct {
		ObjectTypeID string `json:"objectTypeId"`
		Usage        int    `json:"usage"`
	}
	list := []usage{}
	for _, k := range p.kinds {
		list = append(list, usage{k.id, k.live})
	}
	return reply(http.StatusOK, map[string]any{"byObjectType": list}), nil
}
