package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"syncline/app"
)

// maxToken bounds what is read as a token: HubSpot's stay far below.
const maxToken = 16 << 10

func connect(ctx context.Context, c *call) (app.Kind, error) {
	var done app.Connected
	var err error
	if c.stdin {
		done, err = connectToken(ctx, c)
	} else {
		done, err = connectBrowser(ctx, c)
	}
	if err != nil {
		return app.Failed, err
	}
	if len(done.Missing) > 0 {
		fmt.Fprintf(c.Err, "not granted: %s\n", strings.Join(done.Missing, " "))
	}
	if c.json {
		return 0, c.document(map[string]any{"name": done.Name, "portal": done.PortalID, "kind": done.Kind, "scopes": append([]string{}, done.Scopes...),
			"user": done.UserEmail, "missing": append([]string{}, done.Missing...)})
	}
	fmt.Fprintf(c.Out, "connected %s: portal %d\n", done.Name, done.PortalID)
	return 0, nil
}

func connectToken(ctx context.Context, c *call) (app.Connected, error) {
	b, err := readAll(ctx, io.LimitReader(c.In, maxToken))
	if ctx.Err() != nil {
		return app.Connected{}, ctx.Err()
	}
	if err != nil {
		return app.Connected{}, fmt.Errorf("the token can't be read from standard input: %w", err)
	}
	return c.app.ConnectToken(ctx, c.args[0], string(b), false)
}

// readAll reads all of r, or until ctx is done: a terminal or a pipe may never
// end, and reading from it can't be called off.
func readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	type answer struct {
		b   []byte
		err error
	}
	read := make(chan answer, 1)
	go func() {
		b, err := io.ReadAll(r)
		read <- answer{b, err}
	}()
	select {
	case a := <-read:
		return a.b, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// connectBrowser signs in by the browser. The link stands alone on its line,
// so that a program can find it.
func connectBrowser(ctx context.Context, c *call) (app.Connected, error) {
	in := app.BrowserSignIn{Name: c.args[0], Optional: c.scopes,
		Link: func(address string) {
			fmt.Fprintf(c.Err, "Sign in to HubSpot in the browser. If none opens, open this link:\n%s\n", address)
		},
		Unopened: func(err error) { fmt.Fprintln(c.Err, err) }}
	if _, err := c.app.Store.Connection(ctx, in.Name); err == nil {
		return c.app.Reconnect(ctx, in.Name, c.scopes, in)
	}
	return c.app.ConnectBrowser(ctx, in)
}

func portals(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Store.Connections(ctx)
	if err != nil {
		return app.Failed, err
	}
	list := make([]map[string]any, 0, len(all))
	for _, k := range all {
		health := "ok"
		if k.Health != "" {
			health = k.Health
		}
		if !c.json {
			fmt.Fprintf(c.Out, "%s  portal %d  %s  %s  %s\n", plainly(k.Name), k.PortalID, k.Kind, plainly(health), strings.Join(k.Scopes, " "))
		}
		follows, err := c.app.Store.FollowsJournal(ctx, k.ID)
		if err != nil {
			return app.Failed, err
		}
		list = append(list, map[string]any{"journal": follows, "name": k.Name, "portal": k.PortalID, "kind": k.Kind, "type": k.AccountType, "scopes": append([]string{}, k.Scopes...), "health": health,
			"user": k.UserEmail, "domain": k.HubDomain, "checked": k.Checked.UTC().Format(time.RFC3339)})
	}
	if c.json {
		return 0, c.document(map[string]any{"portals": list})
	}
	return 0, nil
}

// journal turns the following of HubSpot's webhooks journal on or off.
func journal(ctx context.Context, c *call) (app.Kind, error) {
	word := c.args[1]
	if word != "on" && word != "off" {
		return app.Failed, &app.UseError{Msg: fmt.Sprintf("the journal is turned on or off, not %q", word)}
	}
	k, err := c.app.FollowJournal(ctx, c.args[0], word == "on")
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"name": k.Name, "journal": word == "on"})
	}
	if word == "on" {
		fmt.Fprintf(c.Out, "the journal of %s is followed: the next run of each of its syncs reads everything once\n", plainly(k.Name))
	} else {
		fmt.Fprintf(c.Out, "the journal of %s is not followed any more\n", plainly(k.Name))
	}
	return 0, nil
}

func disconnect(ctx context.Context, c *call) (app.Kind, error) {
	done, err := c.app.SignOut(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	if note := done.Note(); note != "" {
		fmt.Fprintln(c.Err, note)
	}
	if c.json {
		return 0, c.document(map[string]any{"name": done.Name, "state": "disconnected", "revoked": done.Revoked})
	}
	fmt.Fprintf(c.Out, "disconnected %s; its secret is deleted\n", done.Name)
	return 0, nil
}
