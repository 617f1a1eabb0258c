package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/portal"
	"syncline/sync/source/submissions"
)

// sourceObject is the object of another portal that a definition's rows are of.
func sourceObject(d *definition.Definition) string {
	return cmp.Or(d.Source.Object, d.HubSpot.Object)
}

// ofOtherPortal reports whether a definition's source is in a portal with a connection
// of its own.
func ofOtherPortal(d *definition.Definition) bool {
	return d.Source.Kind == portal.Kind || d.Source.Kind == submissions.Kind && d.Source.Portal != ""
}

// form is the need of a sync of what was sent with a form.
func (p *preflight) form() {
	p.add(hubspot.FormsRight, false, "source.form", "the form and what was sent with it are read")
}

// SourcePreflight lists every scope that a definition uses of the other portal
// that is its source, as Preflight does of its own; none for other sources.
func SourcePreflight(d *definition.Definition, granted []string) []Need {
	p := &preflight{d: d, granted: granted}
	if d.Source.Kind == submissions.Kind && d.Source.Portal != "" {
		p.form()
		return p.needs
	}
	if d.Source.Kind != portal.Kind {
		return nil
	}
	part := "source.object"
	if d.Source.Object == "" {
		part = "source.portal"
	}
	object, ok := p.objectType(sourceObject(d), part)
	if !ok {
		return nil
	}
	label := strings.ToLower(object.Label)
	p.add(hubspot.RightTo(hubspot.ReadRecords, object), false, part, "%s are read in the other portal", label)
	write := hubspot.RightTo(hubspot.WriteRecords, object)
	for i, f := range d.Fields {
		if f.Flows(definition.FromHubSpot) && f.Field != "" {
			p.add(write, false, fmt.Sprintf("fields[%d]", i), "%s flows to %s of the other portal", named(f), label)
		}
		if f.Field == "hubspot_owner_id" {
			p.add(hubspot.OwnersRight, false, fmt.Sprintf("fields[%d]", i), "owners are known by their address in the other portal")
		}
	}
	if d.Create.InSource() {
		p.add(write, false, "create", "%s are created in the other portal for records that have none", label)
		p.add(hubspot.RightTo(hubspot.WriteSchema, object), true, "create",
			"a hidden, unique property is made there once, so that no answer that gets lost can make %s twice; without it they are secured by their values only", label)
	}
	if d.Delete.RecordGone == "delete" || d.Delete.RecordGone == "flag" {
		p.add(write, false, "delete.record-gone", "%s of the other portal are written when their record is gone", label)
	}
	for i, a := range d.Associations {
		if name, is := strings.CutPrefix(a.End.Field(), "associated "); is {
			part := fmt.Sprintf("associations[%d]", i)
			if t, known := p.objectType(name, part); known {
				p.add(hubspot.RightTo(hubspot.ReadRecords, t), false, part, "%s of the other portal tell what belongs together", strings.ToLower(t.Label))
			}
		}
	}
	return p.needs
}

// formPortal is the portal whose form's submissions a definition's rows are: one of
// its own, or the sync's.
func (a *App) formPortal(ctx context.Context, d *definition.Definition) (Portal, error) {
	if d.Source.Portal != "" {
		return a.SourcePortal(ctx, d.Source.Portal)
	}
	return a.Portal(ctx, d.HubSpot.Portal)
}

// formProblem makes a form that is not there a problem of the definition, with the
// name that is likely meant.
func formProblem(d *definition.Definition, err error) error {
	var none *submissions.NoFormError
	if !errors.As(err, &none) {
		return err
	}
	msg := none.Error() + "."
	if near, ok := definition.Nearest(none.Form, none.Names); ok {
		msg = fmt.Sprintf("the portal has no form called %q. Did you mean %q?", none.Form, near)
	}
	return &definition.Error{Path: d.Path, Problems: []definition.Problem{{Line: d.Line("source.form"), Key: "source.form", Msg: msg}}}
}

// checkSourceScopes stops a sync that the connection to its source can't carry
// out.
func (a *App) checkSourceScopes(ctx context.Context, d *definition.Definition) error {
	if !ofOtherPortal(d) {
		return nil
	}
	p, err := a.SourcePortal(ctx, d.Source.Portal)
	if err != nil {
		return err
	}
	if p.ID == sourceEnvironmentID {
		if p.Scopes, err = tokenScopes(ctx, p.Client); err != nil {
			return fmt.Errorf("in the portal “%s”: %w", p.Name, err)
		}
	}
	if needs := SourcePreflight(d, p.Scopes); Lacking(needs) {
		return &ScopeError{Portal: p.Name, Needs: needs}
	}
	return nil
}

// readsFrom reports whether a definition's source is the portal of a connection.
func (a *App) readsFrom(ctx context.Context, d *definition.Definition, c store.Connection) (bool, error) {
	if !ofOtherPortal(d) {
		return false, nil
	}
	other, err := a.named(ctx, d.Source.Portal)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return other.ID == c.ID, err
}

// NewPortalDraft begins a sync of an object of another portal, by the name of
// its connection. Its rows are known by the records' ids, and values flow both ways.
func (a *App) NewPortalDraft(ctx context.Context, connection, object string) (*Draft, error) {
	p, err := a.SourcePortal(ctx, connection)
	if err != nil {
		return nil, err
	}
	t, err := p.Client.ObjectType(ctx, object)
	if err != nil {
		return nil, err
	}
	d := &definition.Definition{Name: t.Label + " of " + p.Name, Direction: definition.TwoWay, Create: definition.CreateHubSpot,
		Source: definition.Source{Kind: portal.Kind, Portal: connection, Object: object, Key: []string{portal.IDColumn}}}
	draft := &Draft{Definition: d, app: a, RowKeys: [][]string{{portal.IDColumn}}}
	err = draft.readSource(ctx)
	return draft, err
}

// FormOffer is a form whose submissions can be the source of a sync.
type FormOffer struct {
	Name   string
	Fields int
	Barred string // why it can't be read, as a sentence; "" when it can
}

// FormOffers are the forms of a portal, by the name of its connection, in the order of their
// names. A connection that may not read forms has one without a name that says so; a portal that
// refuses to list them has none.
func (a *App) FormOffers(ctx context.Context, connection string) ([]FormOffer, error) {
	p, err := a.SourcePortal(ctx, connection)
	if err != nil {
		return nil, err
	}
	if len(p.Scopes) > 0 && !hubspot.FormsRight.In(p.Scopes) {
		return []FormOffer{{Barred: fmt.Sprintf("This connection may not read forms: it lacks the scope %s.", hubspot.FormsRight.Scope)}}, nil
	}
	forms, err := p.Client.Forms(ctx)
	var refused *hubspot.Error
	if errors.As(err, &refused) && !hubspot.IsAuth(err) {
		return nil, nil
	}
	all := make([]FormOffer, 0, len(forms))
	for _, f := range forms {
		all = append(all, FormOffer{Name: f.Name, Fields: len(f.Fields)})
	}
	slices.SortFunc(all, func(x, y FormOffer) int { return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	return all, err
}

// NewFormDraft begins a sync of what visitors sent with a form of a portal, by the name of its
// connection. Its rows are known by the submissions' ids, and values flow to HubSpot alone.
func (a *App) NewFormDraft(ctx context.Context, connection, form string) (*Draft, error) {
	d := &definition.Definition{Name: "Submissions of " + form, Direction: definition.ToHubSpot, Create: definition.CreateHubSpot,
		Source: definition.Source{Kind: submissions.Kind, Portal: connection, Form: form, Key: []string{submissions.IDColumn}}}
	draft := &Draft{Definition: d, app: a, RowKeys: [][]string{{submissions.IDColumn}}}
	err := draft.readSource(ctx)
	return draft, err
}

// Difference is something that one portal has and the other does not, in a
// sentence, with the line of the definition that it concerns.
type Difference struct {
	Field string // the column and property
	Part  string // "fields[2]"
	Line  int
	What  string
	// Values are the options that are missing, which a value map could lead elsewhere.
	Values []string
}

// PortalDifferences compares the fields of a sync between two portals: options that
// one side has and the other would refuse. Missing properties are problems of
// the definition, which Check names.
func (s *Session) PortalDifferences(ctx context.Context) ([]Difference, error) {
	d := s.Definition
	if d.Source.Kind != portal.Kind {
		return nil, nil
	}
	schema, err := source.Outline(ctx, s.source)
	if err != nil {
		return nil, err
	}
	object, err := s.Portal.Client.ObjectType(ctx, d.HubSpot.Object)
	if err != nil {
		return nil, err
	}
	properties, err := s.Portal.Client.Properties(ctx, object.Path())
	if err != nil {
		return nil, err
	}
	var all []Difference
	for i, f := range d.Fields {
		at := slices.IndexFunc(schema.Columns, func(c source.Column) bool { return c.Name == f.Field })
		to := slices.IndexFunc(properties, func(p record.Property) bool { return p.Name == f.Property })
		if at < 0 || to < 0 || f.Values != nil || len(f.ToHubSpot)+len(f.FromHubSpot) > 0 {
			continue
		}
		column, property := schema.Columns[at], properties[to]
		if len(column.Options) == 0 || property.Type != record.TypeEnumeration || property.External || len(property.Options) == 0 {
			continue
		}
		part := fmt.Sprintf("fields[%d]", i)
		tell := func(missing []string, where string) {
			if len(missing) > 0 {
				all = append(all, Difference{Field: f.Field, Part: part, Line: d.Line(part), Values: missing,
					What: fmt.Sprintf("%s: %s has no option %s: add it there, or write values: under this field. Other values flow.", f.Name(), where, strings.Join(missing, ", "))})
			}
		}
		if f.Flows(definition.ToHubSpot) {
			tell(lacking(column.Options, property.Options), "the property "+property.Name)
		}
		if f.Flows(definition.FromHubSpot) {
			var there []record.Option
			for _, v := range column.Options {
				there = append(there, record.Option{Value: v})
			}
			var here []string
			for _, o := range property.Options {
				here = append(here, o.Value)
			}
			tell(lacking(here, there), "the other portal's "+column.Name)
		}
	}
	return all, nil
}

// lacking are the values that are no options.
func lacking(values []string, options []record.Option) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool {
		return slices.ContainsFunc(options, func(o record.Option) bool { return o.Value == v || o.Label == v })
	})
}
