package app

import (
	"context"

	"syncline/sync/hubspot"
)

// environmentHost returns the host for the token of the environment: the one
// that was given, else for a token of another region the one of its hosts that
// answers to it, which is found out once and kept with the process as a
// connection keeps its own.
func (a *App) environmentHost(ctx context.Context, token string) (string, error) {
	if a.Env.APIURL != "" {
		return a.Env.APIURL, nil
	}
	hosts := hubspot.HostsFor(token)
	if len(hosts) == 1 {
		return hosts[0], nil
	}
	a.mu.Lock()
	known := a.host
	a.mu.Unlock()
	if known != "" {
		return known, nil
	}
	base, _, _, err := hubspot.Discover(ctx, token, hubspot.Config{UserAgent: userAgent(), Transport: a.Env.Transport, Observe: a.observe(environmentID)})
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	a.host = base
	a.mu.Unlock()
	return base, nil
}
