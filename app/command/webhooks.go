package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"syncline/app"
)

// webhookOn sets up how a portal's events are received.
func webhookOn(ctx context.Context, c *call) (app.Kind, error) {
	change := app.WebhookChange{Active: true, Listen: c.hookListen, Public: c.public}
	if c.secretStdin {
		b, err := readAll(ctx, io.LimitReader(c.In, maxToken))
		if err != nil {
			return app.Failed, fmt.Errorf("the secret can't be read from standard input: %w", err)
		}
		if change.Secret = strings.TrimSpace(string(b)); change.Secret == "" {
			return app.Failed, &app.UseError{Msg: "there is no secret on standard input"}
		}
	}
	v, err := c.app.SetWebhook(ctx, c.args[0], change)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(webhookDocument(v))
	}
	fmt.Fprintf(c.Out, "events of %s: target URL %s\nsubscribe in HubSpot's app to %s of each object type\nit arrives at %s; receive with syncline webhooks listen\n",
		plainly(v.Portal), v.URL, strings.Join(app.WebhookTypes, ", "), v.Local)
	return 0, nil
}

func webhookOff(ctx context.Context, c *call) (app.Kind, error) {
	v, err := c.app.SetWebhook(ctx, c.args[0], app.WebhookChange{})
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(webhookDocument(v))
	}
	fmt.Fprintf(c.Out, "events of %s are not received any more\n", plainly(v.Portal))
	return 0, nil
}

// webhookDocument is a portal's webhook as JSON tells it.
func webhookDocument(v app.WebhookView) map[string]any {
	d := map[string]any{"portal": v.Portal, "portalId": v.PortalID, "on": v.Active, "url": v.URL, "listen": v.Listen, "path": v.Path,
		"events": v.Taken, "repeated": v.Repeated, "aside": v.Aside, "refused": v.Refused}
	if !v.LastAt.IsZero() {
		d["last"], d["lastType"] = v.LastAt.UTC().Format(time.RFC3339), v.LastType
	}
	if !v.RefusedAt.IsZero() {
		d["lastRefused"], d["refusedBecause"] = v.RefusedAt.UTC().Format(time.RFC3339), v.RefusedWhy
	}
	return d
}

func webhookList(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Webhooks(ctx)
	if err != nil {
		return app.Failed, err
	}
	list := make([]map[string]any, 0, len(all))
	for _, v := range all {
		if !v.Set {
			continue
		}
		list = append(list, webhookDocument(v))
		if c.json {
			continue
		}
		state := "off"
		if v.Active {
			state = "on"
		}
		last := "no event yet"
		if !v.LastAt.IsZero() {
			last = "last " + v.LastType + " at " + v.LastAt.Local().Format(time.DateTime)
		}
		fmt.Fprintf(c.Out, "%s  %s  %s  %d events, %d repeated, %d aside, %s\n", plainly(v.Portal), state, v.URL, v.Taken, v.Repeated, v.Aside, last)
		if v.Refused > 0 {
			fmt.Fprintf(c.Out, "  %d requests refused, the last because %s\n", v.Refused, plainly(v.RefusedWhy))
		}
	}
	if c.json {
		return 0, c.document(map[string]any{"webhooks": list})
	}
	if len(list) == 0 {
		fmt.Fprintln(c.Out, "no portal's events are received; switch it on with syncline webhooks on PORTAL")
	}
	return 0, nil
}

// webhookListen receives events until it is interrupted. A line of standard output tells
// of each address that is open.
func webhookListen(ctx context.Context, c *call) (app.Kind, error) {
	err := c.app.Receive(ctx, func(v app.WebhookView) {
		if c.json {
			_ = c.document(map[string]any{"receiving": v.Portal, "local": v.Local, "url": v.URL}) // a pipe that is gone stops nothing
			return
		}
		fmt.Fprintf(c.Out, "receiving events of %s at %s, for %s\n", plainly(v.Portal), v.Local, v.URL)
	})
	if err != nil {
		return app.Failed, err
	}
	return 0, nil
}
