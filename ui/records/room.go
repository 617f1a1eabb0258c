// Package records is the room in which a person looks records of a portal up: by a filter of every
// operator that HubSpot's search has, page by page, and of one record what it holds, who wrote that,
// and what it belongs with. In the practice portal it is also where a person can be a colleague.
package records

import (
	"context"

	"syncline/sync/hubspot"
	"syncline/ui/shell"
)

// Room is the looking up of records.
type Room struct {
	*shell.Window
	screen *Screen
}

// New makes the room.
func New(w *shell.Window) *Room { return &Room{Window: w} }

// Screen is the room's one screen, which keeps what was searched for.
func (r *Room) Screen() *Screen {
	if r.screen == nil {
		r.screen = newScreen(r)
	}
	return r.screen
}

// OpenRecord shows a record, and with a property who wrote it; without an id the records of a type.
func (r *Room) OpenRecord(portal, object, id, property string) {
	s := r.Screen()
	s.wanted = &wanted{portal, object, id, property}
	r.GoTo(shell.PlaceRecords)
}

// wanted is a record that another room asked for.
type wanted struct{ portal, object, id, property string }

// Connections and object types of the portal, as they are offered.
type offer struct {
	portals []string
	types   []hubspot.ObjectType
	portal  string
}

// offers reads what can be looked through. Without a portal it is empty.
func (s *Screen) offers(ctx context.Context, portal string) (o offer, err error) {
	all, err := s.w.App.Connections(ctx)
	if err != nil {
		return o, err
	}
	for _, c := range all {
		o.portals = append(o.portals, c.Name)
		if c.Name == portal {
			o.portal = portal
		}
	}
	if o.portal == "" && len(o.portals) > 0 {
		o.portal = o.portals[0]
	}
	if o.portal != "" {
		o.types, err = s.w.App.RecordTypes(ctx, o.portal)
	}
	return o, err
}
