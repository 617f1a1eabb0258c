package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"syncline/app"
	"syncline/app/vault"
	"syncline/store"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// connections lists the portals and connects new ones.
type connections struct {
	w      *window
	header *widgets.Header
	body   *fyne.Container
	root   fyne.CanvasObject
}

func newConnections(w *window) *connections {
	s := &connections{w: w, header: widgets.NewHeader("Connections", "")}
	s.header.Primary = widgets.NewButton(widgets.Primary, "portal", "Connect HubSpot", s.connect)
	s.body = widgets.NewPaddedColumn(12, 24, 12)
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(s.body))
	return s
}

func (s *connections) content() fyne.CanvasObject { return s.root }
func (s *connections) head() *widgets.Header      { return s.header }
func (s *connections) focus()                     { widgets.FocusOn(s.header.Primary) }

func (s *connections) show() {
	load(s.w, s.w.app.Store.Connections, s.fill, nil)
}

func (s *connections) fill(all []store.Connection) {
	s.header.SetState(look.Count(len(all), "portal", "portals") + " · secrets stay in the system’s keychain")
	s.body.Objects = nil
	practice := false
	for _, c := range all {
		practice = practice || c.Kind == app.KindPractice
		s.body.Add(s.card(c))
	}
	if len(all) == 0 {
		s.body.Add(widgets.NewEmptyState("portal", "No portal yet", "Connect HubSpot with a token, or begin with the practice portal, which needs nothing.",
			widgets.NewButton(widgets.Plain, "practice", "Use the practice portal", s.practice)))
	} else if !practice {
		s.body.Add(widgets.NewNotice(look.Practice, "practice", "Practice portal", "Behaves like HubSpot and lives in this program. Rehearse a risky sync there first.",
			widgets.NewButton(widgets.Plain, "practice", "Add the practice portal", s.practice)))
	}
	s.body.Refresh()
	s.w.refreshStatus()
}

func (s *connections) practice() {
	s.w.do(func(ctx context.Context) error { _, err := s.w.app.ConnectPractice(ctx); return err }, s.show)
}

// card is one portal.
func (s *connections) card(c store.Connection) fyne.CanvasObject {
	m := portalMeaning(c.Kind, c.AccountType)
	how := map[string]string{app.KindPractice: "Practice portal in this program", app.KindToken: "Token or service key"}[c.Kind]
	state := widgets.NewTag(look.Create, "", "Well")
	if c.Health != "" {
		state = widgets.NewTag(look.Failed, "", "Needs you")
	}
	lines := widgets.NewColumn(2,
		widgets.NewLine(c.Name, look.Heading, look.T1),
		widgets.NewLine(fmt.Sprintf("Portal %d · %s · checked %s", c.PortalID, how, look.When(c.Checked, s.w.now())), look.Small, look.T2))
	if len(c.Scopes) > 0 {
		lines.Add(widgets.NewLine(fmt.Sprintf("%s scopes granted: %s", look.Number(len(c.Scopes)), strings.Join(c.Scopes, ", ")), look.Small, look.T3))
	}
	if c.Health != "" {
		lines.Add(widgets.NewParagraph(c.Health, look.Small, look.Failed.Text()))
	}
	test := widgets.NewButton(widgets.Plain, "check-circle", "Test", nil)
	test.OnTapped = func() { s.test(c, test) }
	forget := widgets.NewButton(widgets.Plain, "unlink", "Disconnect", func() { s.confirmDisconnect(c) })
	right := container.New(layout.NewCenterLayout(), container.NewHBox(widgets.NewTag(m, "", m.Word()), state, test, forget))
	return widgets.NewCard(container.NewBorder(nil, nil, nil, right, lines))
}

// test asks the portal whether the connection works.
func (s *connections) test(c store.Connection, b *widgets.Button) {
	b.SetReason("Asking HubSpot")
	load(s.w, func(ctx context.Context) (app.Health, error) { return s.w.app.Test(ctx, c.Name) }, func(h app.Health) {
		b.SetReason("")
		if h.Err == nil {
			s.w.toast(look.Create, fmt.Sprintf("%s answers: portal %d", c.Name, h.PortalID), "", nil)
		}
		s.show()
	}, func(err error) {
		b.SetReason("")
		s.w.fail(err)
	})
}

func (s *connections) confirmDisconnect(c store.Connection) {
	widgets.NewConfirm("Disconnect "+c.Name+"?", "Its secret is deleted from this computer's keychain. Syncs and their history stay, and work again when you connect the same portal.",
		"Disconnect "+c.Name, true, func() {
			s.w.do(func(ctx context.Context) error { return s.w.app.Disconnect(ctx, c.Name) }, s.show)
		}).Open(s.w.win.Canvas())
}

// connect asks for a token, checks it at once and keeps it in the keychain.
func (s *connections) connect() {
	name := widgets.NewEntry("Acme production")
	token := widgets.NewSecretEntry("pat-…")
	problem := widgets.NewParagraph("", look.Small, look.Failed.Text())
	form := widgets.NewColumn(8,
		widgets.NewLine("Name of this connection", look.Small, look.T2), name,
		widgets.NewLine("Service key or private-app token", look.Small, look.T2), token,
		widgets.NewInfoBox("In HubSpot: Settings, Development, Keys, Service keys. The token goes to this system's keychain and nowhere else."),
		problem)
	d := widgets.NewDialog("Connect HubSpot", "By a token that you paste", form)
	d.First = name
	var submit func(keep bool)
	d.Primary = widgets.NewButton(widgets.Primary, "portal", "Check and connect", func() { submit(false) })
	practice := widgets.NewButton(widgets.Plain, "practice", "Use the practice portal instead", func() {
		d.Close()
		s.practice()
	})
	d.Others = []*widgets.Button{practice}
	submit = func(keep bool) {
		d.Primary.SetReason("Asking HubSpot")
		n, t := name.Text, token.Text
		load(s.w, func(ctx context.Context) (app.Connected, error) { return s.w.app.ConnectToken(ctx, n, t, keep) }, func(c app.Connected) {
			token.SetText("")
			d.Close()
			s.w.toast(look.Create, fmt.Sprintf("%s is connected: portal %d", c.Name, c.PortalID), "", nil)
			s.show()
		}, func(err error) {
			d.Primary.SetReason("")
			if errors.Is(err, vault.ErrUnavailable) || errors.Is(err, vault.ErrLocked) {
				problem.SetText(err.Error() + ". You can keep the token in memory until you quit.")
				d.Primary.SetText("Keep until I quit")
				d.Primary.OnTapped = func() { submit(true) }
				return
			}
			problem.SetText(app.Explain(err).String())
		})
	}
	d.Open(s.w.win.Canvas())
}
