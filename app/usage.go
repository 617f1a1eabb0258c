package app

import (
	"context"

	"syncline/sync/hubspot"
)

// Usage is what was used of a portal's limits.
type Usage struct {
	// Daily is today's budget, which all private apps of the portal share. It is
	// not known of apps that people signed in to: HubSpot has no daily limit for
	// them.
	Daily hubspot.DailyUsage
	// Burst is the budget of the short window.
	Burst hubspot.Burst
	// Sent counts the calls that this program has made since it began.
	Sent int
}

// Usage asks how much of the portal's limits is used.
func (a *App) Usage(ctx context.Context, name string) (Usage, error) {
	p, err := a.Portal(ctx, name)
	if err != nil {
		return Usage{}, err
	}
	var u Usage
	if p.Kind == KindOAuth {
		// The answer's headers tell the short window; nothing tells the day.
		_, err = p.Client.Account(ctx)
	} else {
		u.Daily, err = p.Client.DailyUsage(ctx)
	}
	if err != nil {
		return Usage{}, err
	}
	t := p.Client.Traffic()
	u.Burst, u.Sent = t.Burst, t.Total
	if t.Daily.Known && !u.Daily.Known {
		u.Daily.Known, u.Daily.Limit, u.Daily.Used = true, t.Daily.Max, t.Daily.Max-t.Daily.Remaining
	}
	return u, nil
}
