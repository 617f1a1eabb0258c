package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
)

// MapObject is what mapping must know of an object type.
func MapObject(t hubspot.ObjectType) mapping.Object {
	return mapping.Object{ID: t.ID, Primary: t.Primary, Required: t.Required, Email: t.Email, Domain: t.Domain, Lifecycle: t.Lifecycle}
}

// objectType finds the object type of a name, once in a job. A name that the
// portal does not have is a *hubspot.NoTypeError.
func (j *job) objectType(ctx context.Context, name string) (hubspot.ObjectType, error) {
	if t, ok := j.types[name]; ok {
		return t, nil
	}
	t, err := j.Client.ObjectType(ctx, name)
	if err == nil {
		if j.types == nil {
			j.types = make(map[string]hubspot.ObjectType)
		}
		j.types[name] = t
	}
	return t, err
}

// checkObject finds the sync's object type and reads its properties. What keeps
// it from working is a problem: a type that the portal does not have, or of which
// the API does not do what the definition asks for.
func (j *job) checkObject(ctx context.Context) (problems []definition.Problem, err error) {
	d := j.Definition
	tell := func(part, format string, args ...any) {
		problems = append(problems, definition.Problem{Line: lineOf(d, part), Key: part, Msg: fmt.Sprintf(format, args...)})
	}
	part := "hubspot.object"
	if d.Associate != nil {
		_, part = d.Associate.FromPart()
	}
	object, err := j.objectType(ctx, d.HubSpot.Object)
	var none *hubspot.NoTypeError
	switch {
	case errors.As(err, &none) && d.HubSpot.Make != nil:
		err := j.planType(ctx, part, none, tell)
		return problems, err
	case errors.As(err, &none):
		tell(part, "%v", none)
		return problems, nil
	case err != nil:
		return nil, err
	}
	j.schema.object = object
	j.schema.properties, err = j.Client.Properties(ctx, object.Path())
	switch {
	case hubspot.IsNoObjectType(err):
		tell(part, "this portal has no object type %q: check its id under Settings, Objects in HubSpot, and that this is the right portal", d.HubSpot.Object)
		return problems, nil
	case hubspot.IsNotShown(err):
		tell(part, "%s", object.Absent())
		return problems, nil
	case err != nil:
		return nil, err
	}
	if object.Activated {
		if on, err := j.Client.ActivatedTypes(ctx); err == nil && !on[object.ID] {
			tell(part, "%s", object.Absent())
			return problems, nil
		}
	}
	if d.Associate == nil {
		checkAPI(d, object, tell)
		checkBirth(d, object, tell)
	}
	return problems, nil
}

// knowRules reads, before the first value is judged that would be sent, which rules
// the portal has for values. A portal that does not show them judges by itself.
func (p *planner) knowRules(ctx context.Context) error {
	if p.rulesKnown || p.making {
		return nil
	}
	p.rulesKnown = true
	rules, err := p.Client.ValidationRules(ctx, p.schema.object)
	if err != nil {
		if hubspot.IsForbidden(err) || hubspot.IsUnknownPair(err) || hubspot.IsNotFound(err) {
			return nil
		}
		return err
	}
	p.mapping.UseRules(rules)
	return nil
}

// checkAPI reports what the definition asks for and HubSpot's API does not do
// with records of the type.
func checkAPI(d *definition.Definition, t hubspot.ObjectType, tell func(part, format string, args ...any)) {
	label := strings.ToLower(t.Label)
	flows := slices.IndexFunc(d.Fields, func(f definition.Field) bool { return f.Flows(definition.ToHubSpot) })
	switch {
	case t.ReadOnly && d.Create.InHubSpot() && flows >= 0:
		tell("create", "HubSpot's API makes no %s: %s. Write create: none, or source, and direction: from-hubspot.", label, t.Instead)
	case t.ReadOnly && flows >= 0:
		tell(fmt.Sprintf("fields[%d]", flows), "%q flows to %s, which HubSpot's API only reads: %s. Write direction: from-hubspot.", d.Fields[flows].Name(), label, t.Instead)
	case t.NoCreate && d.Create.InHubSpot() && flows >= 0:
		tell("create", "HubSpot's API changes %s and makes none. Write create: none.", label)
	}
	if t.ReadOnly && (d.Delete.RowGone == "archive" || d.Delete.RowGone == "flag") {
		tell("delete.row-gone", "%s changes %s, which HubSpot's API only reads. Write row-gone: ignore.", d.Delete.RowGone, label)
	}
}
