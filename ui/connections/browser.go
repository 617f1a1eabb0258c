package connections

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/app/auth"
	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// makeBrowser makes the fields of a sign-in by the browser.
func (d *connectDialog) makeBrowser() {
	d.id, d.secret = widgets.NewEntry("Client ID"), widgets.NewSecretEntry("Client secret")
	d.waiting = widgets.NewColumn(6)
	d.optional = nil
	for _, t := range app.Askable() {
		d.optional = append(d.optional, widgets.NewCheck(t.Label, false, func(bool) { d.fillGuide() }))
	}
	d.guide = widgets.NewColumn(6)
	d.fillGuide()
	d.guide.Hide()
}

// browserFields are the fields of a sign-in by the browser. The app's id and
// secret are asked for once.
func (d *connectDialog) browserFields() []fyne.CanvasObject {
	ask := widgets.NewRow(12, widgets.NewLabel("Ask for contacts, companies and", look.Small, look.T2))
	for _, c := range d.optional {
		ask.Add(c)
	}
	fold := widgets.NewFold("help", "How to make a HubSpot app, once, in about three minutes", func(open bool) {
		if open {
			d.guide.Show()
		} else {
			d.guide.Hide()
		}
		d.refresh()
	})
	fold.Open = d.guide.Visible()
	fields := []fyne.CanvasObject{ask}
	if d.stored {
		other := widgets.NewFold("portal", "Use another HubSpot app than the last time", func(bool) { d.showApp() })
		return append(fields, other, d.waiting)
	}
	return append(fields, widgets.NewLine("Your HubSpot app", look.Small, look.T2), d.id, d.secret, fold, d.guide, d.waiting)
}

// showApp shows the fields for an app's id and secret.
func (d *connectDialog) showApp() {
	d.stored = false
	d.detail.Objects = d.named(d.browserFields()...)
	d.refresh()
}

// askForApp shows the fields for the app where an error says that the one that
// is known can't be used.
func (d *connectDialog) askForApp(err error) {
	var (
		refused *auth.Error
		secret  *app.SignInError
		use     *app.UseError
	)
	bad := errors.As(err, &refused) && (refused.Reason == auth.BadClientID || refused.Reason == auth.BadClientSecret)
	if d.stored && d.ways.Chosen == wayBrowser && (bad || errors.As(err, &secret) || errors.As(err, &use)) {
		d.showApp()
	}
}

// scopes are those that the sign-in asks for: what is needed, and what may be
// left out by a portal that lacks it.
func (d *connectDialog) scopes() (need, optional []string) {
	need = app.DefaultScopes()
	for i, c := range d.optional {
		if c.On {
			more, err := app.ScopesFor(app.Askable()[i].Name)
			if err != nil {
				continue // they are standard object types
			}
			optional = append(optional, hubspot.MissingScopes(slices.Concat(need, optional), more)...)
		}
	}
	return need, append(optional, hubspot.MissingScopes(slices.Concat(need, optional), d.as.more)...)
}

// fillGuide writes the steps to an app of one's own, with what is to be copied.
func (d *connectDialog) fillGuide() {
	if d.guide == nil {
		return
	}
	need, optional := d.scopes()
	copyText := func(word, text string) *widgets.Button {
		b := widgets.NewButton(widgets.Plain, "copy", word, func() {
			d.w.Fyne.Clipboard().SetContent(text)
			d.w.Toast(look.Create, "Copied", "", nil)
		})
		b.Small = true
		return b
	}
	urls, scopes := auth.RedirectURLs(), slices.Concat(need, optional)
	step := func(text string) fyne.CanvasObject { return widgets.NewParagraph(text, look.Small, look.T2) }
	d.guide.Objects = []fyne.CanvasObject{
		step("1. In HubSpot, open Development, Projects, and make an app with the sign-in type OAuth."),
		step("2. Give it these three redirect URLs, letter by letter:"),
		widgets.NewParagraph(strings.Join(urls, "\n"), look.Mono, look.T1),
		widgets.NewRow(0, copyText("Copy the redirect URLs", strings.Join(urls, "\n"))),
		step("3. Tick these scopes as required, or as optional where a portal may lack them:"),
		widgets.NewParagraph(strings.Join(scopes, "  "), look.Mono, look.T1),
		widgets.NewRow(0, copyText("Copy the scopes", strings.Join(scopes, "\n"))),
		step("4. Copy the client ID and the client secret from the app’s Auth page into the two fields above. They are asked for once."),
	}
	d.guide.Refresh()
	if d.dialog != nil {
		d.refresh()
	}
}

// signIn opens HubSpot's page and waits for the person; it reads the fields now.
func (d *connectDialog) signIn() func(context.Context) (app.Connected, error) {
	need, optional := d.scopes()
	in := app.BrowserSignIn{Name: d.name.Text, App: hubspot.OAuthApp{ClientID: d.id.Text, ClientSecret: d.secret.Text}, Scopes: need, Optional: optional}
	c, more := d.as.connection, d.as.more
	return func(ctx context.Context) (app.Connected, error) {
		in.Link = func(address string) { d.w.Post(func() { d.showWaiting(ctx, address) }) }
		in.Unopened = func(error) { d.w.Post(func() { d.showUnopened(ctx) }) }
		if c.ID != "" && c.Kind == app.KindOAuth {
			in.Scopes, in.Optional = nil, nil
			return d.w.App.Reconnect(ctx, c.Name, slices.Concat(more, optional), in)
		}
		return d.w.App.ConnectBrowser(ctx, in)
	}
}

// showWaiting says what is waited for, with the link for those whose browser
// did not open, and counts the time down once a second.
func (d *connectDialog) showWaiting(ctx context.Context, address string) {
	if ctx.Err() != nil {
		return
	}
	left := widgets.NewLine(waitWords(auth.Limit), look.Body, look.T1)
	link := widgets.NewButton(widgets.Plain, "copy", "Copy the link", func() {
		d.w.Fyne.Clipboard().SetContent(address)
		d.w.Toast(look.Create, "Copied: open it in any browser on this computer", "", nil)
	})
	link.Small = true
	giveUp := widgets.NewButton(widgets.Plain, "", "Stop waiting", d.stop)
	giveUp.Small = true
	open := widgets.NewButton(widgets.Plain, "open", "Open again", func() { d.openAgain(address) })
	open.Small = true
	d.waiting.Objects = []fyne.CanvasObject{left, widgets.NewParagraph("Agree on HubSpot’s page, then come back here. If no page opened, copy the link into a browser.", look.Small, look.T2), widgets.NewRow(8, open, link, giveUp)}
	d.refresh()
	end := d.w.Now().Add(auth.Limit)
	d.w.Background(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				d.w.Post(func() {
					if ctx.Err() == nil {
						left.SetText(waitWords(max(end.Sub(d.w.Now()), 0)))
					}
				})
			}
		}
	})
}

// openAgain opens HubSpot's page once more.
func (d *connectDialog) openAgain(address string) {
	page, err := url.Parse(address)
	if err == nil {
		err = d.w.Fyne.OpenURL(page)
	}
	if err != nil {
		d.w.Toast(look.Conflict, "No browser could be opened: copy the link", "", nil)
	}
}

func (d *connectDialog) showUnopened(ctx context.Context) {
	if ctx.Err() == nil && len(d.waiting.Objects) > 0 {
		d.waiting.Add(widgets.NewIconText(look.Conflict.Icon(), "No browser could be opened: copy the link", look.Small, look.Conflict.Text()))
		d.refresh()
	}
}

func (d *connectDialog) hideWaiting() {
	d.stop()
	d.waiting.Objects = nil
	d.waiting.Refresh()
}
