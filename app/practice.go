package app

import (
	"context"
	"errors"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// practicePortal is the practice portal of this process.
type practicePortal struct {
	portal *practice.Portal
}

// practicePortal starts the practice portal when it is first needed: it lives in this process,
// always begins with the same content, and answers about as fast as HubSpot.
func (a *App) practicePortal(context.Context) (*practicePortal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.practice == nil {
		a.practice = &practicePortal{portal: practice.New(practice.Options{Seed: content.DemoSeed, Demo: true})}
	}
	return a.practice, nil
}

// Practice returns the practice portal, for a person to edit as in HubSpot's
// own screens.
func (a *App) Practice(ctx context.Context) (*practice.Portal, error) {
	p, err := a.practicePortal(ctx)
	if err != nil {
		return nil, err
	}
	return p.portal, nil
}

// ConnectPractice connects the practice portal.
func (a *App) ConnectPractice(ctx context.Context) (store.Connection, error) {
	c, err := a.Store.Connection(ctx, PracticeName)
	if err == nil {
		return c, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	p, err := a.practicePortal(ctx)
	if err != nil {
		return c, err
	}
	now := time.Now()
	c = store.Connection{ID: "practice", Name: PracticeName, Kind: KindPractice, PortalID: p.portal.PortalID(), PortalName: PracticeName, AccountType: "PRACTICE", Created: now, Checked: now}
	return c, a.Store.SaveConnection(ctx, c)
}
