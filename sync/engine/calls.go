package engine

import "syncline/sync/hubspot"

// overAPI is a source that is asked over HubSpot's API too: another portal.
type overAPI interface{ Client() *hubspot.Client }

// callsNow is what was asked of HubSpot so far, of the portal that is the source
// too. Two objects of one portal share a budget, and are counted once.
func (e *Engine) callsNow() Calls {
	t := e.Client.Traffic()
	all := Calls{Total: t.Total, Search: t.Search, Throttled: t.Throttled}
	if by, ok := e.Source.(overAPI); ok && by.Client().Limiter() != e.Client.Limiter() {
		t = by.Client().Traffic()
		all.Source = t.Total
		all.Total, all.Search, all.Throttled = all.Total+t.Total, all.Search+t.Search, all.Throttled+t.Throttled
	}
	return all
}

// Plus adds what another one counted.
func (c Calls) Plus(o Calls) Calls {
	return Calls{Total: c.Total + o.Total, Search: c.Search + o.Search, Throttled: c.Throttled + o.Throttled, Verify: c.Verify + o.Verify, Source: c.Source + o.Source}
}

// since is what was asked after other was counted.
func (c Calls) since(other Calls) Calls {
	return Calls{Total: c.Total - other.Total, Search: c.Search - other.Search, Throttled: c.Throttled - other.Throttled, Source: c.Source - other.Source}
}
