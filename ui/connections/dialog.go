package connections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/choice"
	"syncline/ui/wording"
)

// The ways to sign in, in the order of the dialog.
const (
	wayBrowser = iota
	wayToken
	wayPractice
)

// connectAs says what the dialog connects: a new portal, or one again.
type connectAs struct {
	connection app.Connection // zero for a new one
	more       []string       // scopes to ask for beyond those that it has
}

// connectDialog connects a portal in one of three ways.
type connectDialog struct {
	w    *shell.Window
	as   connectAs
	done func()

	dialog  *widgets.Dialog
	ways    *choice.List
	name    *widgets.Entry
	detail  *fyne.Container // of the chosen way
	problem *fyne.Container

	token   *widgets.Entry
	checked *fyne.Container // what the token turned out to be

	id, secret *widgets.Entry
	optional   []*widgets.Check // object types to ask for as well
	stored     bool             // there is an app to sign in with already
	guide      *fyne.Container
	waiting    *fyne.Container
	attempt    int                // counts what was tried; an answer to an older one comes too late
	cancel     context.CancelFunc // of the attempt under way
	keep       func(context.Context) (app.Connected, error)
	discard    func(context.Context) error // of a sign-in whose secret could not be stored
}

// OpenPortal asks for a connection to a portal.
func OpenPortal(w *shell.Window, done func()) { openConnect(w, connectAs{}, done) }

// openConnect opens the dialog; done is called when a portal was connected.
func openConnect(w *shell.Window, as connectAs, done func()) {
	d := &connectDialog{w: w, as: as, done: done}
	shell.Load(w, w.App.SignInApps, func(apps []string) {
		d.stored = len(apps) == 1 // with several, the person says which one
		d.open()
	}, nil)
}

func (d *connectDialog) open() {
	d.name = widgets.NewEntry("Acme production")
	d.detail, d.problem = widgets.NewColumn(8), widgets.NewColumn(8)
	way := wayBrowser
	title, sub := "Connect HubSpot", "Choose how Syncline signs in. You can change it later."
	if c := d.as.connection; c.ID != "" {
		title, sub = "Reconnect "+c.Name, fmt.Sprintf("Portal %d, with the same syncs and history", c.PortalID)
		d.name.SetText(c.Name)
		if c.Kind == app.KindToken {
			way = wayToken
		}
	}
	items := []choice.Item{
		{Title: "Sign in with the browser", Text: "Opens HubSpot’s own page. Best for people."},
		{Title: "Paste a token", Text: "A service key or a private-app token, made in HubSpot’s settings."},
	}
	if d.as.connection.ID == "" {
		items = append(items, choice.Item{Title: "Use the practice portal", Text: "Behaves like HubSpot, lives on this computer. Nothing to sign in to."})
	}
	d.ways = choice.New(true, items, way, func(i int) { d.choose(i) }, func() { d.dialog.Submit() })
	content := widgets.NewPaddedColumn(12, 4, 4, d.ways, d.detail, d.problem) // the rings need room
	d.dialog = widgets.NewDialog(title, sub, content)
	d.dialog.Note, d.dialog.NoteIcon = "Secrets go to the system’s keychain, nowhere else", "lock"
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "portal", "Connect", d.submit)
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", func() { d.dialog.Cancel() })}
	d.dialog.OnCancel = d.giveUp
	d.dialog.First = d.ways
	d.makeToken()
	d.makeBrowser()
	d.choose(way)
	d.dialog.Open(d.w.Win.Canvas())
}

// named is the field for the connection's name over the fields of a way.
func (d *connectDialog) named(objects ...fyne.CanvasObject) []fyne.CanvasObject {
	if d.as.connection.ID != "" {
		return objects
	}
	return append([]fyne.CanvasObject{widgets.NewLine("Name of this connection", look.Small, look.T2), d.name}, objects...)
}

// choose shows the fields of a way to sign in.
func (d *connectDialog) choose(way int) {
	d.giveUp()
	d.problem.Objects = nil
	switch way {
	case wayBrowser:
		d.detail.Objects = d.named(d.browserFields()...)
		d.dialog.Primary.SetText("Sign in")
	case wayToken:
		d.detail.Objects = d.named(widgets.NewLine("Service key or private-app token", look.Small, look.T2), d.token, d.checked,
			widgets.NewInfoBox("In HubSpot: Settings, Development, Keys, Service keys. Give it the scopes crm.objects.contacts.read and .write, and the same for companies, deals or what else you sync."))
		d.dialog.Primary.SetText("Connect")
	default:
		d.detail.Objects = []fyne.CanvasObject{widgets.NewParagraph("It has 2,400 contacts with companies and deals, checks values as strictly as HubSpot, and keeps what you write until you remove the workspace.", look.Body, look.T2)}
		d.dialog.Primary.SetText("Use the practice portal")
	}
	d.dialog.Primary.SetReason("")
	d.dialog.Refresh()
}

func (d *connectDialog) refresh() {
	d.detail.Refresh()
	d.dialog.Refresh()
}

// makeToken makes the fields of a pasted token. What is no token is said as
// soon as it is pasted.
func (d *connectDialog) makeToken() {
	d.token = widgets.NewSecretEntry("pat-…")
	d.checked = widgets.NewColumn(6)
	asked := 0
	d.token.OnChanged = func(text string) {
		d.checked.Objects = nil
		asked++
		now := asked
		if strings.TrimSpace(text) == "" {
			d.refresh()
			return
		}
		if _, err := hubspot.CleanToken(text); err != nil {
			d.checked.Add(widgets.NewParagraph(wording.SentenceCase(err.Error()), look.Small, look.Failed.Text()))
			d.refresh()
			return
		}
		d.checked.Add(widgets.NewLine("Asking HubSpot what it is for …", look.Small, look.T2))
		d.refresh()
		// A token that is typed is not asked for letter by letter.
		time.AfterFunc(typingPause, func() { d.w.Post(func() { d.askToken(text, func() bool { return now == asked }) }) })
	}
}

// typingPause is how long the keys must rest before a token is checked.
const typingPause = 400 * time.Millisecond

// askToken asks HubSpot what a token is for and shows it, if it is still the
// one in the field.
func (d *connectDialog) askToken(text string, current func() bool) {
	if current() {
		shell.Load(d.w, func(ctx context.Context) (app.TokenCheck, error) { return d.w.App.CheckToken(ctx, text) }, func(c app.TokenCheck) {
			if current() {
				d.showToken(c)
			}
		}, func(err error) {
			if current() {
				e := app.Explain(err)
				d.checked.Objects = []fyne.CanvasObject{widgets.NewErrorPanel(e.What, e.Do, e.CorrelationID)}
				d.refresh()
			}
		})
	}
}

// showToken says which portal a token is for and what it may do.
func (d *connectDialog) showToken(c app.TokenCheck) {
	m := wording.PortalMeaning(app.KindToken, c.Type)
	name := c.Name
	if name == "" {
		name = fmt.Sprintf("Portal %d", c.PortalID)
	}
	if d.name.Text == "" && c.Name != "" {
		d.name.SetText(c.Name)
	}
	text := fmt.Sprintf("%s · portal %d", m.Word(), c.PortalID)
	if n := len(c.Scopes); n > 0 {
		text += " · " + look.Count(n, "scope granted", "scopes granted")
	}
	d.checked.Objects = []fyne.CanvasObject{widgets.NewNotice(m, "", name, text)}
	for _, s := range c.Missing {
		d.checked.Add(widgets.NewIconText(look.Conflict.Icon(), s+" is not granted", look.Small, look.Conflict.Text()))
	}
	if len(c.Missing) > 0 {
		d.checked.Add(widgets.NewParagraph("Syncs of contacts and companies need these. Add them to the key in HubSpot, or connect without them.", look.Small, look.T2))
	}
	d.refresh()
}

// submit connects in the chosen way.
func (d *connectDialog) submit() {
	d.problem.Objects = nil
	if d.keep != nil {
		d.connect("Keeping it in memory", d.keep)
		return
	}
	switch d.ways.Chosen {
	case wayBrowser:
		d.connect("Waiting for the browser", d.signIn())
	case wayToken:
		name, token := d.name.Text, d.token.Text
		d.connect("Asking HubSpot", func(ctx context.Context) (app.Connected, error) {
			return d.w.App.ConnectToken(ctx, name, token, false)
		})
	default:
		d.connect("Opening it", func(ctx context.Context) (app.Connected, error) {
			c, err := d.w.App.ConnectPractice(ctx)
			return app.Connected{Connection: c}, err
		})
	}
}

// connect does the work and closes the dialog, or says why it did not work.
func (d *connectDialog) connect(busy string, work func(context.Context) (app.Connected, error)) {
	d.stop()
	d.attempt++
	mine, began := d.attempt, d.w.Now()
	ctx, cancel := context.WithCancel(d.w.Ctx)
	d.cancel = cancel
	d.dialog.Primary.SetReason(busy)
	shell.Load(d.w, func(context.Context) (app.Connected, error) {
		c, err := work(ctx)
		if err != nil && ctx.Err() != nil {
			err = errors.Join(context.Canceled, err) // the person gave it up: nothing to explain
		}
		return c, err
	}, func(c app.Connected) {
		if mine == d.attempt {
			d.connected(c)
		} else {
			d.tooLate(c, began)
		}
	}, func(err error) {
		var unkept *app.UnkeptError
		switch {
		case mine == d.attempt:
			d.failed(err)
		case errors.As(err, &unkept):
			d.w.Do(unkept.Discard, func() {})
		}
	})
}

// tooLate takes back a connection that came after the person had given it up.
// One that was there before stays.
func (d *connectDialog) tooLate(c app.Connected, began time.Time) {
	if c.Kind == app.KindPractice || c.Created.Before(began) {
		d.done()
		return
	}
	d.w.Do(func(ctx context.Context) error { _, err := d.w.App.SignOut(ctx, c.Name); return err }, d.done)
}

func (d *connectDialog) connected(c app.Connected) {
	d.discard = nil
	d.token.SetText("")
	d.secret.SetText("")
	d.stop()
	d.dialog.Close()
	text := fmt.Sprintf("%s is connected: portal %d", c.Name, c.PortalID)
	m := look.Create
	switch {
	case c.InMemory:
		text, m = c.Name+" is connected until you quit: its secret is in memory", look.Conflict
	case len(c.Missing) > 0:
		text, m = c.Name+" is connected without "+strings.Join(c.Missing, ", "), look.Conflict
	}
	d.w.Toast(m, text, "", nil)
	d.done()
}

// failed says why, and offers what helps: to keep the secret in memory where
// there is no keychain.
func (d *connectDialog) failed(err error) {
	d.hideWaiting()
	d.dialog.Primary.SetReason("")
	if errors.Is(err, context.Canceled) {
		d.dialog.Refresh()
		return
	}
	e := app.Explain(err)
	what, do := e.What, e.Do
	var signIn *auth.Error
	if errors.As(err, &signIn) {
		what, do = signIn.What, signIn.Do
	}
	d.askForApp(err)
	var actions []*widgets.Button
	var unkept *app.UnkeptError
	switch {
	case errors.As(err, &unkept):
		d.keep, d.discard = unkept.KeepInMemory, unkept.Discard
	case d.ways.Chosen == wayToken && vault.MayKeep(err):
		name, token := d.name.Text, d.token.Text
		d.keep = func(ctx context.Context) (app.Connected, error) { return d.w.App.ConnectToken(ctx, name, token, true) }
	}
	if d.keep != nil {
		what = vault.ErrUnavailable.Error()
		if errors.Is(err, vault.ErrLocked) {
			what = vault.ErrLocked.Error()
		}
		do = "Unlock or set up the keychain and try again, or keep the secret in memory until you quit: then you sign in again at the next start."
		d.dialog.Primary.SetText("Keep until I quit")
		actions = []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", "Try again", func() {
			d.choose(d.ways.Chosen)
			d.submit()
		})}
	}
	d.problem.Objects = []fyne.CanvasObject{widgets.NewErrorPanel(wording.SentenceCase(what), wording.SentenceCase(do), e.CorrelationID, actions...)}
	d.problem.Refresh()
	d.dialog.Refresh()
}

// giveUp ends a sign-in that is under way, and one whose secret nobody took.
func (d *connectDialog) giveUp() {
	d.attempt++
	d.stop()
	if discard := d.discard; discard != nil {
		d.w.Do(discard, func() {})
	}
	d.keep, d.discard = nil, nil
}

// stop ends a sign-in that is under way.
func (d *connectDialog) stop() {
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
}

// waitWords says what the sign-in waits for, and for how long.
func waitWords(left time.Duration) string {
	return "Waiting for the browser, " + look.Took(left) + " left"
}
