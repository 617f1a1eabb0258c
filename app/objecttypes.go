package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
)

// Offer is an object type of a portal, as a sync is offered for it.
type Offer struct {
	hubspot.ObjectType
	Barred string // why none can be made here, as a sentence; "" where one can
}

// probes is how many object types are asked for at once.
const probes = 4

// Offers are the object types that a sync with a portal is offered for: HubSpot's
// own, the usual ones first, and those that were made in the portal. One that the
// portal does not have, or that the connection may not see, says so.
func (a *App) Offers(ctx context.Context, portal string) ([]Offer, error) {
	p, err := a.Portal(ctx, portal)
	if err != nil {
		return nil, err
	}
	return offers(ctx, p)
}

// SourceOffers are the object types of another portal that can be the source of a
// sync, by the name of its connection.
func (a *App) SourceOffers(ctx context.Context, connection string) ([]Offer, error) {
	p, err := a.SourcePortal(ctx, connection)
	if err != nil {
		return nil, err
	}
	return offers(ctx, p)
}

func offers(ctx context.Context, p Portal) ([]Offer, error) {
	var all []Offer
	for _, t := range hubspot.OfferedTypes() {
		o := Offer{ObjectType: t}
		if right := hubspot.RightTo(hubspot.ReadRecords, t); len(p.Scopes) > 0 && !right.In(p.Scopes) {
			o.Barred = fmt.Sprintf("This connection may not read %s: it lacks the scope %s.", strings.ToLower(t.Label), right.Scope)
		}
		all = append(all, o)
	}
	if err := findAbsent(ctx, p.Client, all); err != nil {
		return nil, err
	}
	custom, err := p.Client.CustomObjectTypes(ctx)
	var refused *hubspot.Error
	if errors.As(err, &refused) && !hubspot.IsAuth(err) {
		return all, nil // below Enterprise HubSpot answers with a missing scope
	}
	for _, t := range custom {
		all = append(all, Offer{ObjectType: t})
	}
	return all, err
}

// findAbsent asks a portal which of the types it does not have. The core it has;
// for what people switch on, one question answers for all.
func findAbsent(ctx context.Context, c *hubspot.Client, all []Offer) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(probes)
	library := sync.OnceValues(func() (map[string]bool, error) { return c.ActivatedTypes(gctx) })
	for i := range all {
		o := &all[i]
		if o.Barred != "" || o.Core {
			continue
		}
		group.Go(func() error {
			if o.Activated {
				if on, err := library(); err == nil && !on[o.ID] {
					o.Barred = o.Absent()
					return nil
				}
			}
			_, err := c.List(gctx, o.Name, hubspot.ListRequest{Limit: 1})
			switch {
			case hubspot.IsNotShown(err), hubspot.IsNoObjectType(err):
				o.Barred = o.Absent()
			case hubspot.IsScopes(err):
				o.Barred = fmt.Sprintf("This connection may not read %s.", strings.ToLower(o.Label))
			case hubspot.IsForbidden(err), hubspot.IsUnknownPair(err):
				o.Barred = o.Absent()
			default:
				return err
			}
			return nil
		})
	}
	return group.Wait()
}

// ChooseObjectType is ChooseObject for a type that was listed. The definition names
// one of the portal's own by its short name, which is the same in every portal.
func (a *App) ChooseObjectType(ctx context.Context, d *Draft, portal string, t hubspot.ObjectType) error {
	return a.ChooseObject(ctx, d, portal, ObjectTypeName(t))
}

// ObjectTypeName is what a definition calls an object type: one that was made in a
// portal by its short name, which is the same in every portal.
func ObjectTypeName(t hubspot.ObjectType) string {
	if _, taken := hubspot.FindObjectType(t.Singular); t.Custom() && t.Singular != "" && !taken {
		return t.Singular
	}
	return t.Path()
}

// usualName reports whether a name is, or is nearly, that of one of HubSpot's own
// object types, so that it is not one of a portal's own.
func usualName(name string) bool {
	var known []string
	for _, t := range hubspot.ObjectTypes() {
		known = append(known, t.Name, t.Singular, t.Label, t.LabelSingular)
	}
	_, near := definition.Nearest(name, known)
	return near
}

// timelineNotes say of a sync that makes activities and joins them to nothing what
// becomes of those: HubSpot shows them on no record.
func timelineNotes(d *definition.Definition) []string {
	t, ok := hubspot.FindObjectType(d.HubSpot.Object)
	creates := d.Create.InHubSpot() && slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Flows(definition.ToHubSpot) })
	if !ok || !t.Activity || !creates || len(d.Associations) > 0 || d.Associate != nil {
		return nil
	}
	return []string{fmt.Sprintf("Nothing in this sync associates its %s with a record, and HubSpot shows such ones on no timeline: add associations, such as { to: %s, match: { field: …, property: email } }.",
		strings.ToLower(t.Label), t.Joins)}
}
