package connections

import (
	"net"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/store"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// webhookForm opens the dialog of a portal.
func (b *bench) webhookForm(portal string) (*webhookDialog, *widgets.Dialog) {
	b.Helper()
	all, err := b.W.App.Webhooks(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range all {
		if v.Portal == portal {
			d := &webhookDialog{w: b.W, view: v, done: b.W.Current().Show}
			d.make()
			d.dialog.Open(b.W.Win.Canvas())
			return d, d.dialog
		}
	}
	b.Fatalf("there is no portal %s", portal)
	return nil, nil
}

// others is the button of a dialog's foot that says this.
func others(d *widgets.Dialog, text string) *widgets.Button {
	for _, b := range d.Others {
		if b.Text == text {
			return b
		}
	}
	return nil
}

func TestTheEventsOfThePracticePortalAreReceivedInTheWindow(t *testing.T) {
	b := &bench{shelltest.New(t, look.Light, true)}
	b.W.App.StartReceiving()
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	d, dialog := b.webhookForm(app.PracticeName)
	b.Picture("webhook-dialog-practice", 1280, 800)
	d.listen.SetText("0.0.0.0:41741")
	test.Tap(dialog.Primary)
	b.Until("what is wrong with the address", func() bool { return strings.Contains(shelltest.Texts(dialog), "this computer alone") })
	d.listen.SetText(address)
	test.Tap(dialog.Primary)
	b.Until("the dialog’s end", func() bool { return !b.Open() })
	b.Settle()
	says := func() string { return shelltest.Texts(b.W.Current().Content()) }
	if text := says(); !strings.Contains(text, "Received") || !strings.Contains(text, "At "+address) || !strings.Contains(text, "none came yet") {
		t.Errorf("the screen says\n%s", text)
	}
	p, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create("contacts", map[string]string{"email": "new@example.com"}); err != nil {
		t.Fatal(err)
	}
	b.Until("the event", func() bool {
		all, err := b.W.App.Webhooks(t.Context())
		return err == nil && all[0].Taken == 1
	})
	b.W.Current().Show()
	b.Settle()
	if text := says(); !strings.Contains(text, "1 event\n") || !strings.Contains(text, "None refused") {
		t.Errorf("the screen says\n%s", text)
	}
	b.Picture("webhook-received", 1280, 800)
	_, dialog = b.webhookForm(app.PracticeName)
	if text := shelltest.Texts(dialog); !strings.Contains(text, "contact.creation") {
		t.Errorf("the dialog says\n%s", text)
	}
	b.Picture("webhook-dialog-received", 1280, 800)
	test.Tap(others(dialog, "Switch off"))
	b.Until("the dialog’s end", func() bool { return !b.Open() })
	b.Settle()
	if text := says(); !strings.Contains(text, "Switched off") {
		t.Errorf("the screen says\n%s", text)
	}
}

func TestAPortalsEventsNeedAPublicAddressAndASecret(t *testing.T) {
	keychain := &vaulttest.Keychain{}
	b := newBenchIn(t, shelltest.Looks()["dark"], app.Environment{Keychain: keychain})
	if err := b.W.App.Store.SaveConnection(t.Context(), store.Connection{ID: "acme", Name: "Acme production", Kind: app.KindToken, PortalID: 33, AccountType: "STANDARD", APIURL: "https://api.example.com"}); err != nil {
		t.Fatal(err)
	}
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	d, dialog := b.webhookForm("Acme production")
	test.Tap(dialog.Primary)
	b.Until("the question for the address", func() bool { return strings.Contains(shelltest.Texts(dialog), "public address that your tunnel gives") })
	d.public.SetText("https://acme.example.com")
	test.Tap(dialog.Primary)
	b.Until("the question for the secret", func() bool { return strings.Contains(shelltest.Texts(dialog), "is not known") })
	b.Picture("webhook-dialog-portal", 1024, 640)
	d.secret.SetText("11111111-2222-3333-4444-555555555555")
	test.Tap(dialog.Primary)
	b.Until("the dialog’s end", func() bool { return !b.Open() })
	b.Settle()
	text := shelltest.Texts(b.W.Current().Content())
	if !strings.Contains(text, "https://acme.example.com/hubspot/") || !strings.Contains(text, "Not received") || strings.Contains(text, "11111111") {
		t.Errorf("the screen says\n%s", text)
	}
	if len(keychain.Entries()) == 0 {
		t.Error("the secret is not in the keychain")
	}
}
