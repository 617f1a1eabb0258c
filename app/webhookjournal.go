package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
)

// FollowJournal says whether the syncs of a connection begin their pulls with HubSpot's
// webhooks journal. It is off unless a person turns it on, which tries it first: only the
// app that the person signed in with can read it, where it was given the scope.
func (a *App) FollowJournal(ctx context.Context, name string, on bool) (store.Connection, error) {
	c, err := a.connection(ctx, name)
	if err != nil {
		return c, err
	}
	if !on {
		return c, a.Store.FollowJournal(ctx, c.ID, false)
	}
	if c.Kind != KindOAuth {
		return c, &UseError{Msg: fmt.Sprintf("HubSpot lets only an app read its webhooks journal: connect %q by the browser, with your own app, to follow it", c.Name)}
	}
	client, err := a.journalClient(ctx, c)
	if err != nil {
		return c, err
	}
	if _, err := client.JournalLatest(ctx, c.PortalID); err != nil {
		var refused *hubspot.OAuthError
		if hubspot.IsScopes(err) || errors.As(err, &refused) {
			return c, &UseError{Msg: fmt.Sprintf("HubSpot does not let the app of %q read the webhooks journal (%s): give it the feature and the scope %s in its project, and try again", c.Name, strings.TrimPrefix(err.Error(), "hubspot: "), hubspot.JournalRight)}
		}
		return c, err
	}
	return c, a.Store.FollowJournal(ctx, c.ID, true)
}

// journalClient reads the journal as the app of a connection.
func (a *App) journalClient(ctx context.Context, c store.Connection) (*hubspot.Client, error) {
	oauth, _, err := a.installed(ctx, c)
	if err != nil {
		return nil, err
	}
	return a.client("journal of "+c.ClientID, hubspot.Config{BaseURL: c.APIURL, UserAgent: userAgent(), Transport: a.Env.Transport, AppID: c.AppID, Tokens: oauth.AppTokens()})
}

// journalOf is what a sync of a connection reads the journal with, nil where it is not
// followed. Where its secret can't be read, the sync goes without it, and note says so.
func (a *App) journalOf(ctx context.Context, c store.Connection) (client *hubspot.Client, note string, err error) {
	on, err := a.Store.FollowsJournal(ctx, c.ID)
	if err != nil || !on || c.Kind != KindOAuth {
		return nil, "", err
	}
	if client, err = a.journalClient(ctx, c); err != nil {
		return nil, fmt.Sprintf("HubSpot’s webhooks journal is not followed now: %v.", err), nil
	}
	return client, "", nil
}
