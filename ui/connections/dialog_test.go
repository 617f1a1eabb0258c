package connections

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// deskOf is a window whose HubSpot is a practice portal on loopback, and whose
// keychain and browser are the test's.
func deskOf(t *testing.T, o practice.Options, browse func(string) error) (*bench, *practice.Portal, *vaulttest.Keychain) {
	t.Helper()
	p := practicetest.New(t, o)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	keychain := &vaulttest.Keychain{}
	b := newBenchIn(t, look.Light, app.Environment{APIURL: server.URL, AuthorizeURL: server.URL + "/oauth/authorize", Keychain: keychain, Browse: browse, Ports: []int{0}})
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	return b, p, keychain
}

// agree is a person who presses Connect app on HubSpot's page.
func agree(address string) error {
	resp, err := http.PostForm(address, url.Values{"agree": {"yes"}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// deny is a person who presses Cancel there.
func deny(address string) error {
	resp, err := http.PostForm(address, url.Values{"agree": {"no"}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// connectDialog opens the dialog and chooses a way.
func (b *bench) connectDialog(way int) *connectDialog {
	b.Helper()
	d := &connectDialog{w: b.W, done: b.W.Current().Show}
	d.open()
	d.ways.Choose(way)
	return d
}

// said is the text of the error in the dialog, "" for none.
func (d *connectDialog) said() string {
	for _, o := range d.problem.Objects {
		if n, ok := o.(*widgets.Notice); ok {
			return n.Title + " " + n.Text
		}
	}
	return ""
}

func TestTokenIsCheckedAsSoonAsItIsPasted(t *testing.T) {
	b, p, keychain := deskOf(t, practice.Options{Name: "Acme", AccountType: "SANDBOX"}, nil)
	d := b.connectDialog(wayToken)
	d.token.SetText("my password")
	if len(d.checked.Objects) != 1 || !strings.Contains(d.checked.Objects[0].(*widgets.Paragraph).Text, "not an access token") {
		t.Errorf("a password was taken: %v", d.checked.Objects)
	}
	d.token.SetText(" Bearer " + p.Token() + "\n")
	b.Until("the portal", func() bool {
		if len(d.checked.Objects) == 0 {
			return false
		}
		n, ok := d.checked.Objects[0].(*widgets.Notice)
		return ok && n.Title == "Acme" && strings.HasPrefix(n.Text, "Sandbox · portal ")
	})
	if d.name.Text != "Acme" {
		t.Errorf("the name is %q", d.name.Text)
	}
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() })
	if d.token.Text != "" {
		t.Error("the token is still in the field")
	}
	if n := len(keychain.Entries()); n != 1 {
		t.Errorf("the keychain has %d entries", n)
	}
}

func TestSignInByTheBrowserShowsThePortalConnected(t *testing.T) {
	b, p, keychain := deskOf(t, practice.Options{Name: "Acme"}, agree)
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme production")
	d.id.SetText(p.OAuthApp().ClientID)
	d.secret.SetText(p.OAuthApp().ClientSecret)
	d.optional[0].OnChanged(true)
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() })
	b.Settle()
	row := shelltest.FindRow(b.W.Current().Content())
	if row == nil || row.Name != "Acme production" || row.SignIn != "Browser sign-in" || row.Health != look.Create {
		t.Errorf("the row is %+v", row)
	}
	if n := len(keychain.Entries()); n != 2 {
		t.Errorf("the keychain has %d entries, not the refresh token and the app's secret", n)
	}
}

func TestDenialIsAnAnswerAndTheDialogStays(t *testing.T) {
	b, p, keychain := deskOf(t, practice.Options{}, deny)
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme")
	d.id.SetText(p.OAuthApp().ClientID)
	d.secret.SetText(p.OAuthApp().ClientSecret)
	test.Tap(d.dialog.Primary)
	b.Until("the answer", func() bool { return d.said() != "" })
	if !b.Open() || d.dialog.Primary.Disabled() || len(keychain.Entries()) != 0 || len(d.waiting.Objects) != 0 {
		t.Errorf("open %v, disabled %v, said %q", b.Open(), d.dialog.Primary.Disabled(), d.said())
	}
}

// A browser that never comes back costs nothing: the wait shows its link and
// its end, and can be given up.
func TestWaitForTheBrowserCanBeGivenUp(t *testing.T) {
	b, p, _ := deskOf(t, practice.Options{}, func(string) error { return nil })
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme")
	d.id.SetText(p.OAuthApp().ClientID)
	d.secret.SetText(p.OAuthApp().ClientSecret)
	test.Tap(d.dialog.Primary)
	b.Until("the link", func() bool { return shelltest.FindButton(d.waiting, "Copy the link") != nil })
	test.Tap(shelltest.FindButton(d.waiting, "Copy the link"))
	if link := b.W.Fyne.Clipboard().Content(); !strings.Contains(link, "/oauth/authorize?client_id=") {
		t.Errorf("copied %q", link)
	}
	test.Tap(shelltest.FindButton(d.waiting, "Stop waiting"))
	b.Until("the end", func() bool { return !d.dialog.Primary.Disabled() })
	if d.said() != "" || !b.Open() {
		t.Errorf("giving up is called an error: %q", d.said())
	}
}

func TestWithoutAKeychainTheSecretMayStayInMemory(t *testing.T) {
	b, p, keychain := deskOf(t, practice.Options{}, agree)
	keychain.Fail(func(string, string) error { return errors.New("dbus: no such service") })
	for way, fill := range map[int]func(*connectDialog){
		wayToken: func(d *connectDialog) { d.token.SetText(p.Token()) },
		wayBrowser: func(d *connectDialog) {
			d.id.SetText(p.OAuthApp().ClientID)
			d.secret.SetText(p.OAuthApp().ClientSecret)
		},
	} {
		d := b.connectDialog(way)
		d.name.SetText("Acme")
		fill(d)
		test.Tap(d.dialog.Primary)
		b.Until("the offer", func() bool { return d.dialog.Primary.Text == "Keep until I quit" && !d.dialog.Primary.Disabled() })
		if !strings.Contains(d.said(), "keychain") {
			t.Errorf("said %q", d.said())
		}
		test.Tap(d.dialog.Primary)
		b.Until("the connection", func() bool { return !b.Open() })
	}
	if h, err := b.W.App.Test(t.Context(), "Acme"); err != nil || h.Err != nil {
		t.Errorf("the kept secret does not work: %v, %v", err, h.Err)
	}
}

// slowDesk is a desk whose portal answers only when it is let.
func slowDesk(t *testing.T, browse func(string) error) (b *bench, p *practice.Portal, asked chan struct{}, let chan struct{}) {
	t.Helper()
	p = practicetest.New(t, practice.Options{Name: "Acme"})
	asked, let = make(chan struct{}, 100), make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-let:
		case <-r.Context().Done():
		}
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b = newBenchIn(t, look.Light, app.Environment{APIURL: server.URL, AuthorizeURL: server.URL + "/oauth/authorize", Keychain: &vaulttest.Keychain{}, Browse: browse, Ports: []int{0}})
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	return b, p, asked, let
}

func TestCancelIsHeardWhileHubSpotIsAsked(t *testing.T) {
	b, p, asked, let := slowDesk(t, nil)
	d := b.connectDialog(wayToken)
	d.name.SetText("Acme")
	token := p.Token()
	d.token.OnChanged = nil // only the connecting itself is slow here
	d.token.SetText(token)
	test.Tap(d.dialog.Primary)
	<-asked
	d.dialog.Cancel()
	for range 10 {
		let <- struct{}{}
	}
	b.Settle()
	if all, err := b.W.App.Store.Connections(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("connected all the same: %+v, %v", all, err)
	}
}

// A sign-in that was left for another way does not end the next one.
func TestAnOlderAnswerDoesNotEndANewerSignIn(t *testing.T) {
	visits := 0
	b, p, _ := deskOf(t, practice.Options{}, func(link string) error {
		if visits++; visits == 1 {
			return nil // the person closes the page
		}
		return agree(link)
	})
	d := b.connectDialog(wayBrowser)
	fill := func() {
		d.name.SetText("Acme")
		d.id.SetText(p.OAuthApp().ClientID)
		d.secret.SetText(p.OAuthApp().ClientSecret)
	}
	fill()
	test.Tap(d.dialog.Primary)
	b.Until("the wait", func() bool { return len(d.waiting.Objects) > 0 })
	d.ways.Choose(wayToken)
	d.ways.Choose(wayBrowser)
	fill()
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() || d.said() != "" })
	if d.said() != "" {
		t.Error(d.said())
	}
	if _, err := b.W.App.Store.Connection(t.Context(), "Acme"); err != nil {
		t.Error(err)
	}
}

func TestARefusedClientSecretIsAskedForAgain(t *testing.T) {
	b, p, _ := deskOf(t, practice.Options{}, agree)
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme")
	d.id.SetText(p.OAuthApp().ClientID)
	d.secret.SetText("a secret of yesterday")
	d.stored = true
	test.Tap(d.dialog.Primary)
	b.Until("the refusal", func() bool { return d.said() != "" })
	if d.stored || !strings.Contains(d.said(), "client secret") {
		t.Errorf("said %q, the fields are hidden: %v", d.said(), d.stored)
	}
	d.secret.SetText(p.OAuthApp().ClientSecret)
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() })
}

func TestTheJournalIsFollowedFromTheMenuOfAConnection(t *testing.T) {
	b, p, _ := deskOf(t, practice.Options{}, agree)
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme")
	d.id.SetText(p.OAuthApp().ClientID)
	d.secret.SetText(p.OAuthApp().ClientSecret)
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() })
	b.Settle()
	s, ok := b.W.Current().(*connections)
	if !ok {
		t.Fatalf("in front is %T", b.W.Current())
	}
	for _, on := range []bool{true, false} {
		s.follow("Acme", on)
		b.Settle()
		views, err := b.W.App.ConnectionViews(t.Context())
		if err != nil || len(views) == 0 || views[len(views)-1].Journal != on {
			t.Errorf("turned %v: %+v, %v", on, views, err)
		}
	}
}
