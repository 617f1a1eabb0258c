package practice

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// call is a request that reached the API.
type call struct {
	method  string
	target  string // path and query as sent
	host    string
	route   string // "GET objects/{type}", for counts and scripts
	version apiVersion
	args    map[string]string
	query   url.Values
	body    []byte
	auth    string // the Authorization header
	kind    string // the Content-Type header
	form    bool   // an application/x-www-form-urlencoded body
	token   *Token
	half    bool // a fault wants only half of the batch committed
}

// answer is what goes back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// reply makes a JSON answer.
func reply(status int, v any) *answer { return &answer{status: status, body: encode(v)} }

func noContent() *answer { return &answer{status: http.StatusNoContent} }

type handler func(p *Portal, c *call) (*answer, *apiError)

// route is one line of the API: the canonical path has the API's name first
// and no version.
type route struct {
	method  string
	path    []string
	handle  handler
	traits  trait
	display string
}

type trait uint8

const (
	search      trait = 1 << iota // in the search bucket, without rate headers
	association                   // an association call
	public                        // needs no token
	writing                       // changes something
	free                          // not counted against limits
	parts                         // takes a body of parts instead of JSON
)

func r(method, path string, t trait, h handler) route {
	return route{method, strings.Split(path, "/"), h, t, method + " " + path}
}

// routes lists what is served; literal segments stand before placeholders.
var routes []route

func init() { // breaks the cycle between the table and the handlers
	routes = slices.Concat(objectRoutes(), associationRoutes(), propertyRoutes(), pipelineRoutes(),
		schemaRoutes(), associationLimitRoutes(), validationRoutes(), formRoutes(), listRoutes(), accountRoutes(), oauthRoutes(),
		importRoutes(), exportRoutes(), journalRoutes(), timelineRoutes(), formSubmitRoutes(), fileRoutes())
}

// canonical splits a path into the API's name followed by its segments, and
// the version: /crm/v3/objects/contacts and /crm/objects/2026-03/contacts are
// both objects/contacts. A version stands where that API has it (facts 11), and
// only versions that the API has are taken.
func canonical(path string) (segments []string, v apiVersion, ok bool) {
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		u, err := url.PathUnescape(s)
		if err != nil {
			return nil, 0, false
		}
		segments = append(segments, u)
	}
	if segments[0] == "oauth" {
		return canonicalOAuth(segments)
	}
	if segments[0] == downloads {
		return segments, v3, true
	}
	numbered := func(i int) bool { v = apiVersions[at(segments, i)]; return v == v3 || v == v4 }
	dated := func(i int) bool { v = apiVersions[at(segments, i)]; return v.dated() }
	first, second := segments[0], at(segments, 1)
	switch {
	case first == "crm" && numbered(1):
		ok = at(segments, 2) != "limits" && at(segments, 2) != "property-validations"
		return segments[2:], v, ok && len(segments) > 2
	case first == "crm" && dated(2),
		first == "crm" && second == "associations" && numbered(2) && v == v4,
		first == "crm" && (second == "limits" || second == "property-validations") && numbered(2) && v == v3:
		return slices.Delete(segments, 2, 3)[1:], v, true
	case first == "crm-object-schemas" && (dated(1) || numbered(1) && v == v3) && at(segments, 2) == "schemas":
		return segments[2:], v, true
	case first == "marketing" && numbered(1) && v == v3 && at(segments, 2) == "forms": // no dated version is out yet (facts 10.5)
		return segments[2:], v, true
	case first == "files" && (dated(1) || numbered(1) && v == v3):
		return slices.Delete(segments, 1, 2), v, true
	case first == "submissions" && numbered(1) && v == v3:
		return slices.Delete(segments, 1, 2), v, true
	case first == "form-integrations" && second == "v1":
		return slices.Delete(segments, 1, 2), v1, true
	case first == "webhooks-journal" && dated(2) && v >= v2026_03:
		return slices.Delete(segments, 2, 3), v, true
	case first == "integrators" && second == "timeline" && dated(2) && v >= v2026_03:
		return slices.Delete(segments, 2, 3)[1:], v, true
	case (first == "account-info" || first == "appinstalls") && (dated(1) || numbered(1) && v == v3):
		return slices.Delete(segments, 1, 2), v, true
	}
	return nil, 0, false
}

// at is a segment, "" behind the last one.
func at(segments []string, i int) string {
	if i >= len(segments) {
		return ""
	}
	return segments[i]
}

// canonicalOAuth knows which of the sign-in's endpoints have which versions
// (facts 1.4, 1.5): the authorize page has none, the questions by path are v1
// only, token info is v2 only, and introspection and revocation came with v3.
func canonicalOAuth(segments []string) ([]string, apiVersion, bool) {
	v, versioned := apiVersions[at(segments, 1)]
	if !versioned {
		last := segments[len(segments)-1]
		return segments, v3, last == "authorize"
	}
	current := v == v3 || v >= v2026_03
	rest := slices.Delete(segments, 1, 2)
	switch at(rest, 1) {
	case "token":
		return rest, v, current || v == v1 && len(rest) == 2
	case "access-tokens", "refresh-tokens":
		return rest, v, v == v1
	case "private-apps":
		return rest, v, v == v2
	}
	return nil, 0, false
}

// match finds the route of a path; other is set when only the method differs.
func match(method string, segments []string) (rt *route, args map[string]string, other bool) {
	for i := range routes {
		a, ok := routes[i].bind(segments)
		if !ok {
			continue
		}
		if routes[i].method == method {
			return &routes[i], a, false
		}
		other = true
	}
	return nil, nil, other
}

func (rt *route) bind(segments []string) (map[string]string, bool) {
	if len(segments) != len(rt.path) {
		return nil, false
	}
	for i, s := range rt.path {
		if s[0] != '{' && s != segments[i] {
			return nil, false
		}
	}
	args := make(map[string]string, 4)
	for i, s := range rt.path {
		if s[0] == '{' {
			args[s[1:len(s)-1]] = segments[i]
		}
	}
	return args, true
}

const unknownPage = `<!DOCTYPE html><html><head><title>404 - Page not found</title></head><body><h1>404</h1><p>This page doesn't exist.</p></body></html>`

const longPage = `<html><head><title>414 Request-URI Too Large</title></head><body><center><h1>414 Request-URI Too Large</h1></center><hr><center>cloudflare</center></body></html>`

func page(status int, html string) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {"text/html;charset=utf-8"}}, body: []byte(html)}
}

// dispatch answers a call. It is called with the lock held.
func (p *Portal) dispatch(c *call, rt *route) *answer {
	p.settle()
	a, e := rt.handle(p, c)
	if e != nil {
		return p.refusal(e)
	}
	return a
}

// refusal writes an error's body.
func (p *Portal) refusal(e *apiError) *answer {
	if e.page != "" {
		return page(e.Status, e.page)
	}
	body := e.errorBody
	body.State, body.CorrelationID = "error", p.uuid7()
	if e.inner != nil {
		inner := *e.inner
		inner.CorrelationID = body.CorrelationID
		body.Message = string(encode(inner))
	}
	if body.PolicyName == "DAILY" {
		body.RequestID = body.CorrelationID
	}
	a := reply(e.Status, body)
	a.header = http.Header{"X-Hubspot-Correlation-Id": {body.CorrelationID}}
	return a
}

// uuid7 is a correlation id as HubSpot makes them lately, from the portal's
// clock and seed.
func (p *Portal) uuid7() string {
	ms, a, b := p.millis(), p.rng.Uint64(), p.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x", uint32(ms>>16), uint16(ms), a&0xfff, a>>48&0x3fff|0x8000, b&0xffffffffffff)
}

func (p *Portal) uuid4() string {
	a, b := p.rng.Uint64(), p.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a>>32), uint16(a>>16), a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// list reads a query parameter that may be repeated or comma-separated.
func (c *call) list(name string) []string {
	var all []string
	for _, v := range c.query[name] {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				all = append(all, s)
			}
		}
	}
	return all
}

func (c *call) flag(name string) bool { return c.query.Get(name) == "true" }
