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
)

func r(method, path string, t trait, h handler) route {
	return route{method, strings.Split(path, "/"), h, t, method + " " + path}
}

// routes lists what is served; literal segments stand before placeholders.
var routes []route

func init() { // breaks the cycle between the table and the handlers
	routes = slices.Concat(objectRoutes(), associationRoutes(), propertyRoutes(), pipelineRoutes(),
		schemaRoutes(), accountRoutes(), oauthRoutes())
}

// canonical splits a path into the API's name followed by its segments, and
// the version: /crm/v3/objects/contacts and /crm/objects/2026-03/contacts are
// both objects/contacts (facts 11).
func canonical(path string) (segments []string, v apiVersion, ok bool) {
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		u, err := url.PathUnescape(s)
		if err != nil {
			return nil, 0, false
		}
		segments = append(segments, u)
	}
	if segments[0] == "crm" && len(segments) > 1 {
		segments = segments[1:]
	}
	for i := range min(2, len(segments)) {
		v, ok := apiVersions[segments[i]]
		if ok && (v >= v3 || segments[0] == "oauth") {
			return normalisePath(slices.Delete(segments, i, i+1)), v, true
		}
	}
	return normalisePath(segments), v3, segments[0] == "oauth"
}

// normalisePath brings the two homes of schemas together.
func normalisePath(s []string) []string {
	if len(s) > 1 && s[0] == "crm-object-schemas" && s[1] == "schemas" {
		return s[1:]
	}
	return s
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
	body := e.errorBody
	body.State, body.CorrelationID = "error", p.uuid7()
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
