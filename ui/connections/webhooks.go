package connections

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// addWebhooks lists the portals whose events a person set up to be received.
func (s *connections) addWebhooks(all []app.WebhookView) {
	all = slices.DeleteFunc(slices.Clone(all), func(v app.WebhookView) bool { return !v.Set })
	if len(all) == 0 {
		return
	}
	s.body.Add(widgets.NewLine("Events of HubSpot", look.Heading, look.T1))
	rows := widgets.NewColumn(0)
	for i, v := range all {
		row := s.webhookRow(v)
		row.Last = i == len(all)-1
		rows.Add(row)
	}
	s.body.Add(widgets.NewFlushCard(rows))
	s.body.Add(widgets.NewLine("They only say which records the next run reads. Runs find all changes without them too.", look.Small, look.T2))
}

// webhookRow is one portal's webhook.
func (s *connections) webhookRow(v app.WebhookView) *widgets.PortalRow {
	change := widgets.NewButton(widgets.Plain, "", "Change", func() { s.openWebhook(v.Portal) })
	again := widgets.NewIconButton(widgets.Plain, "retry", "Look again", s.Show)
	r := widgets.NewPortalRow(look.Neutral, v.Portal, v.URL, change, again)
	r.SetMark("bell", "Events")
	r.SignIn, r.SignInSub = "At "+v.Listen, "on this computer"
	r.Health, r.Scopes, r.ScopesSub = webhookState(v)
	r.Usage, r.UsageSub = look.Count(v.Taken, "event", "events"), "none came yet"
	if !v.LastAt.IsZero() {
		r.UsageSub = "last " + look.WhenInside(v.LastAt, s.w.Now())
	}
	return r
}

// webhookState says whether events are received, in a few words and more.
func webhookState(v app.WebhookView) (m look.Meaning, text, sub string) {
	sub = "None refused"
	if v.Refused > 0 {
		sub = look.Count(v.Refused, "request refused", "requests refused")
	}
	switch {
	case v.Active && v.Problem != "":
		return look.Failed, "Not received", wording.SentenceCase(v.Problem)
	case v.Active && v.Receiving && v.InMemory:
		return look.Conflict, "Received until you quit", "the secret is in memory only"
	case v.Active && v.Receiving:
		return look.Create, "Received", sub
	case v.Active:
		return look.Conflict, "Not received", "From the next start"
	}
	return look.Neutral, "Switched off", sub
}

// webhookDialog sets up how the events of a portal are received.
type webhookDialog struct {
	w    *shell.Window
	view app.WebhookView
	done func()

	dialog  *widgets.Dialog
	listen  *widgets.Entry
	public  *widgets.Entry
	secret  *widgets.Entry
	problem *widgets.Paragraph
}

// openWebhook opens the dialog of a portal.
func (s *connections) openWebhook(portal string) {
	shell.Load(s.w, s.w.App.Webhooks, func(all []app.WebhookView) {
		for _, v := range all {
			if v.Portal == portal {
				d := &webhookDialog{w: s.w, view: v, done: s.Show}
				d.make()
				d.dialog.Open(s.w.Win.Canvas())
			}
		}
	}, nil)
}

func (d *webhookDialog) make() {
	v := d.view
	d.listen, d.public = widgets.NewEntry(app.WebhookListen), widgets.NewEntry("https://name.example.com")
	d.secret = widgets.NewSecretEntry("The one in the keychain, or of the sign-in")
	d.listen.SetText(v.Listen)
	if v.Listen == "" {
		d.listen.SetText(app.WebhookListen)
	}
	d.public.SetText(v.URL)
	d.problem = widgets.NewParagraph("", look.Small, look.Failed.Text())
	content := widgets.NewPaddedColumn(10, 4, 4, widgets.NewParagraph(
		"HubSpot can send an event for each change to a webhook of your app. An event only says which records the next run reads; without it the run finds them itself.", look.Body, look.T2),
		layouts.Labelled("Address on this computer", d.listen))
	if v.Here {
		content.Add(widgets.NewInfoBox("The practice portal is on this computer and needs no tunnel and no secret. Switch it on, edit a record as a colleague in Records, and see the event come."))
	} else {
		content.Add(layouts.Labelled("Public address that your tunnel gives", d.public))
		content.Add(layouts.Labelled("Client secret of the app that sends them", d.secret))
		content.Add(widgets.NewParagraph("Nothing is opened to the network by Syncline: a tunnel that you run leads from the public address to this computer. Only what HubSpot signed with the secret is taken.", look.Small, look.T2))
	}
	if v.Set {
		content.Add(widgets.NewSeparator())
		for _, fact := range d.facts() {
			content.Add(widgets.NewFactRow(fact[0], fact[1]))
		}
		if v.RefusedWhy != "" {
			content.Add(widgets.NewParagraph("The last one was refused because "+v.RefusedWhy+".", look.Small, look.T2))
		}
	}
	content.Add(d.problem)
	d.dialog = widgets.NewDialog("Events of "+v.Portal, fmt.Sprintf("Portal %d", v.PortalID), content)
	if !v.Here {
		d.dialog.Note, d.dialog.NoteIcon = "The secret goes to the keychain", "lock"
	}
	d.dialog.First = d.listen
	words := "Receive events"
	if v.Active {
		words = "Save"
	}
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "check", words, func() { d.set(true) })
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", func() { d.dialog.Cancel() })}
	if v.Set {
		d.dialog.Others = append(d.dialog.Others, widgets.NewButton(widgets.Plain, "copy", "Copy the target URL", d.copyURL))
	}
	if v.Active {
		d.dialog.Others = append(d.dialog.Others, widgets.NewButton(widgets.Plain, "stop", "Switch off", func() { d.set(false) }))
	}
}

// facts are what a person enters in HubSpot, and what came.
func (d *webhookDialog) facts() [][2]string {
	v := d.view
	last, refused := "None yet", "None"
	if !v.LastAt.IsZero() {
		last = v.LastType + ", " + look.WhenInside(v.LastAt, d.w.Now())
	}
	if v.Refused > 0 {
		refused = look.Number(v.Refused) + ", the last one " + look.WhenInside(v.RefusedAt, d.w.Now())
	}
	events := look.Number(v.Taken)
	if v.Repeated > 0 {
		events += ", and " + look.Number(v.Repeated) + " that had come before"
	}
	if v.Aside > 0 {
		events += "; " + look.Number(v.Aside) + " of other portals or about no record"
	}
	return [][2]string{{"Target URL in HubSpot", v.URL}, {"Subscriptions", strings.Join(app.WebhookTypes, ", ")}, {"Events", events}, {"Last event", last}, {"Refused requests", refused}}
}

func (d *webhookDialog) copyURL() {
	d.w.Fyne.Clipboard().SetContent(d.view.URL)
	d.w.Toast(look.Create, "Copied", "", nil)
}

// set switches it on, with what was entered, or off.
func (d *webhookDialog) set(active bool) {
	change := app.WebhookChange{Active: active, Listen: d.listen.Text, Secret: d.secret.Text}
	if d.public.Text != d.view.URL {
		change.Public = d.public.Text
	}
	d.dialog.Primary.SetReason("Setting it up")
	shell.Load(d.w, func(ctx context.Context) (app.WebhookView, error) {
		return d.w.App.SetWebhook(ctx, d.view.Portal, change)
	}, func(v app.WebhookView) {
		d.dialog.Close()
		switch {
		case !v.Active:
			d.w.Toast(look.Neutral, "Events are not received any more", "", nil)
		case v.Problem != "":
			d.w.Toast(look.Failed, wording.SentenceCase(v.Problem), "", nil)
		default:
			d.w.Toast(look.Create, "Events are received", "Copy the target URL", func() {
				d.view = v
				d.copyURL()
			})
		}
		d.done()
	}, func(err error) {
		d.dialog.Primary.SetReason("")
		d.problem.SetText(wording.SentenceCase(app.Explain(err).String()))
		d.dialog.Refresh()
	})
}
