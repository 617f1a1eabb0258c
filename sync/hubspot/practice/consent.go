package practice

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// look is the style of the portal's pages; they load nothing.
const look = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; --line: #8884; --accent: #b8462b }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; place-items: center; min-height: 100vh }
main { width: min(34rem, calc(100vw - 3rem)); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; box-sizing: border-box; margin: 1.5rem }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem }
.portal, .optional { opacity: .75; font-size: .9rem }
ul { list-style: none; padding: 0; margin: 1rem 0; border-top: 1px solid var(--line) }
li { padding: .5rem 0; border-bottom: 1px solid var(--line) }
code { opacity: .75; font-size: .85rem; display: block }
.buttons { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 1.5rem }
button { font: inherit; padding: .55rem 1.1rem; border-radius: 6px; border: 1px solid var(--line); background: none; color: inherit; cursor: pointer }
button.first { background: var(--accent); border-color: var(--accent); color: #fff }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
</style>`

var consentPage = template.Must(template.New("consent").Parse(`<!DOCTYPE html>
<html lang="en"><head><title>Connect {{.App}} to {{.Portal}}</title>` + look + `</head>
<body><main><h1>Connect {{.App}} to {{.Portal}}?</h1>
<p class="portal">Portal {{.ID}}. This is a practice portal: it behaves like HubSpot, and nothing here leaves this computer.</p>
<p>The app asks to:</p>
<ul>{{range .Scopes}}<li>{{.What}}{{if .Optional}} <span class="optional">(optional)</span>{{end}}<code>{{.Name}}</code></li>{{end}}</ul>
<form method="post"><div class="buttons"><button type="submit" name="agree" value="no">Cancel</button>
<button class="first" type="submit" name="agree" value="yes">Connect app</button></div></form></main></body></html>
`))

var refusalPage = template.Must(template.New("refusal").Parse(`<!DOCTYPE html>
<html lang="en"><head><title>Authorization failed</title>` + look + `</head>
<body><main><h1>Authorization failed</h1><p>{{.}}</p></main></body></html>
`))

// asked is a scope as the consent page shows it.
type asked struct {
	Name, What string
	Optional   bool
}

// what says in words what a scope allows.
func what(scope string) string {
	parts := strings.Split(scope, ".")
	thing := strings.ReplaceAll(parts[len(parts)-1], "_", " ")
	if len(parts) < 2 {
		if scope == "oauth" {
			return "Know which portal this is"
		}
		return "Use " + strings.ReplaceAll(thing, "-", " ")
	}
	about := strings.ReplaceAll(parts[len(parts)-2], "_", " ")
	verb := map[string]string{"read": "See", "write": "Create, change and delete"}[thing]
	if verb == "" {
		return "Use " + about + " " + thing
	}
	if slices.Contains(parts, "schemas") {
		about = "the properties of " + about
	}
	return verb + " " + about
}

func refusePage(status int, why string) *answer {
	var b strings.Builder
	if refusalPage.Execute(&b, why) != nil {
		return page(http.StatusInternalServerError, "")
	}
	return page(status, b.String())
}

// authorize is the page on which a person installs the app.
func (p *Portal) authorize(c *call) (*answer, *apiError) {
	if refused := p.mismatch(c); refused != nil {
		return refused, nil
	}
	if p.opt.App.Consent {
		return p.agree(c.query), nil
	}
	var scopes []asked
	for i, list := range []string{c.query.Get("scope"), c.query.Get("optional_scope")} {
		for _, s := range strings.Fields(list) {
			scopes = append(scopes, asked{s, what(s), i > 0})
		}
	}
	var b strings.Builder
	data := map[string]any{"App": p.opt.App.Name, "Portal": p.opt.Name, "ID": p.opt.PortalID, "Scopes": scopes}
	if err := consentPage.Execute(&b, data); err != nil {
		return nil, problem()
	}
	return page(http.StatusOK, b.String()), nil
}

// mismatch refuses a question that does not match how the app is set up. There
// is no way back from it to the app: the redirect can't be trusted, or the app
// would ask the same again.
func (p *Portal) mismatch(c *call) *answer {
	q, a := c.query, &p.opt.App
	required, optional := strings.Fields(q.Get("scope")), strings.Fields(q.Get("optional_scope"))
	if id, ok := c.args["portal"]; ok && id != itoa(p.opt.PortalID) {
		return refusePage(http.StatusForbidden, "You do not have access to the account "+id+".")
	}
	switch {
	case q.Get("client_id") != a.ClientID:
		return refusePage(http.StatusBadRequest, "Missing or unknown client id.")
	case !a.allows(q.Get("redirect_uri")):
		return refusePage(http.StatusBadRequest, "The redirect URL '"+q.Get("redirect_uri")+"' doesn't match the app's registered redirect URL.")
	case q.Has("code_challenge") && q.Get("code_challenge_method") != "S256":
		return refusePage(http.StatusBadRequest, "The code challenge method must be S256.")
	}
	for _, s := range slices.Concat(required, optional) {
		if !slices.Contains(a.Scopes, s) {
			return refusePage(http.StatusBadRequest, "The scopes in the install URL don't match those of the app: "+s+" is not one of them.")
		}
	}
	for _, s := range a.Required {
		if !slices.Contains(required, s) {
			return refusePage(http.StatusBadRequest, "The scopes in the install URL don't match those of the app: the required scope "+s+" is missing.")
		}
	}
	return nil
}

// consent is the person's answer.
func (p *Portal) consent(c *call) (*answer, *apiError) {
	if refused := p.mismatch(c); refused != nil {
		return refused, nil
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil || form.Get("agree") != "yes" {
		return denied(c.query, "the user denied the installation"), nil
	}
	return p.agree(c.query), nil
}

func denied(q url.Values, why string) *answer {
	return redirect(q, url.Values{"error": {"access_denied"}, "error_description": {why}})
}

// agree installs the app and sends the browser back with a code. Optional
// scopes that the portal does not have are left out silently.
func (p *Portal) agree(q url.Values) *answer {
	a := &p.opt.App
	if a.NoRights {
		return denied(q, "USER_UNAUTHORIZED: user is not authorized to install apps")
	}
	scopes := strings.Fields(q.Get("scope"))
	for _, s := range scopes {
		if slices.Contains(a.Unavailable, s) {
			return denied(q, "HUB_UNAUTHORIZED: hub does not have access to the required scopes")
		}
	}
	for _, s := range strings.Fields(q.Get("optional_scope")) {
		if !slices.Contains(a.Unavailable, s) && !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	code := p.opt.Hublet + "-" + p.uuid4()
	p.oauth.Codes[digestOf(code)] = grant{Redirect: q.Get("redirect_uri"), Challenge: q.Get("code_challenge"), Scopes: scopes, Expires: p.present().Add(time.Minute)}
	p.changes.document(docGrants)
	return redirect(q, url.Values{"code": {code}})
}

func redirect(q, add url.Values) *answer {
	u, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		return refusePage(http.StatusBadRequest, "Bad redirect URL.")
	}
	args := u.Query()
	for name, v := range add {
		args[name] = v
	}
	if state := q.Get("state"); state != "" {
		args.Set("state", state)
	}
	u.RawQuery = args.Encode()
	return &answer{status: http.StatusFound, header: http.Header{"Location": {u.String()}}}
}
