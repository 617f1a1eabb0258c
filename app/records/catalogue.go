package records

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"syncline/app/shown"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Catalogue is an object type of a portal, opened to look records up in. It does not change, so
// that several goroutines may use it.
type Catalogue struct {
	Object     hubspot.ObjectType
	Properties []record.Property // by label
	Groups     []hubspot.PropertyGroup
	Words      *shown.Words
	Client     *hubspot.Client
	// Own are the portal's own object types, as far as the connection may see them.
	Own []hubspot.ObjectType

	byName map[string]record.Property
}

// Open reads what is needed to look records of an object type up: its properties and their groups,
// and the names of owners, pipelines and stages, as far as the connection may read those.
func Open(ctx context.Context, client *hubspot.Client, object string, words *shown.Words) (*Catalogue, error) {
	t, err := client.ObjectType(ctx, object)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{Object: t, Client: client}
	var owners []hubspot.Owner
	var pipelines []hubspot.Pipeline
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { c.Properties, err = client.Properties(ctx, t.Path()); return err })
	all.Go(func() (err error) { c.Groups, err = client.PropertyGroups(ctx, t.Path()); return err })
	all.Go(func() (err error) { c.Own, err = client.CustomObjectTypes(ctx); return withoutRight(err) })
	all.Go(func() (err error) { owners, err = client.Owners(ctx); return withoutRight(err) })
	if t.Pipeline != "" || t.Lifecycle == "" {
		all.Go(func() (err error) { pipelines, err = client.Pipelines(ctx, t.Path()); return withoutRight(err) })
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	c.Words = words.With(owners, pipelines)
	slices.SortStableFunc(c.Properties, func(a, b record.Property) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Name, b.Name))
	})
	c.byName = make(map[string]record.Property, len(c.Properties))
	for _, p := range c.Properties {
		c.byName[p.Name] = p
	}
	return c, nil
}

// withoutRight is the error of reading names, nil where the portal only does not let this
// connection, or does not have them: values are then shown by their ids.
func withoutRight(err error) error {
	if hubspot.IsForbidden(err) || hubspot.IsScopes(err) || hubspot.IsUnknownPair(err) || hubspot.IsNotShown(err) || hubspot.IsNoObjectType(err) {
		return nil
	}
	return err
}

// Property finds a property, or what stands for records that it is associated with.
func (c *Catalogue) Property(name string) (record.Property, bool) {
	if p, ok := c.byName[name]; ok {
		return p, true
	}
	if singular, ok := strings.CutPrefix(name, associated); ok {
		if t, ok := hubspot.FindObjectType(singular); ok && !t.Custom() {
			return record.Property{Name: Associated(t), Label: "Associated " + strings.ToLower(t.LabelSingular), Type: record.TypeString}, true
		}
	}
	return record.Property{}, false
}

// Filterable are the properties that a condition can be about: those that HubSpot searches, and at
// the end what records belong with.
func (c *Catalogue) Filterable() []record.Property {
	all := make([]record.Property, 0, len(c.Properties)+4)
	for _, p := range c.Properties {
		if p.Name != "hs_body_preview_html" && p.Name != "hs_email_html" && p.Type != record.TypeJSON { // facts §4.3
			all = append(all, p)
		}
	}
	for _, id := range c.Object.Ends {
		t, ok := hubspot.FindObjectType(id)
		if ok && !t.Custom() && !t.Activity && t.Offered > 0 && t.Offered <= 6 {
			p, _ := c.Property(Associated(t))
			all = append(all, p)
		}
	}
	return all
}

// UsualColumns are the properties that a list of these records shows first.
func (c *Catalogue) UsualColumns() []string {
	var names []string
	add := func(all ...string) {
		for _, name := range all {
			if _, ok := c.byName[name]; ok && !slices.Contains(names, name) && len(names) < 6 {
				names = append(names, name)
			}
		}
	}
	own := slices.DeleteFunc(slices.Clone(c.Object.Keys), func(name string) bool { return slices.Contains(c.Object.Primary[:1], name) })
	add(own...)
	add(c.Object.Domain, c.Object.Lifecycle, c.Object.Stage, "amount", "company", "hubspot_owner_id", c.Object.ModifiedProperty)
	if c.Object.Custom() {
		for _, p := range c.Properties {
			if !p.Defined {
				add(p.Name)
			}
		}
	}
	return names
}

// Name is how people call a record.
func (c *Catalogue) Name(r record.Record) string {
	var parts []string
	for i, name := range c.Object.Primary {
		v := r.Properties[name].String()
		if v == "" || i > 0 && len(parts) > 0 && !strings.Contains(name, "name") {
			continue
		}
		p := c.byName[name]
		parts = append(parts, shown.Plain(c.Words.Value(p, record.Text(v))))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s %s", c.Object.LabelSingular, r.ID)
	}
	return strings.Join(parts, " ")
}

// Shown is what a person sees of a property of a record.
func (c *Catalogue) Shown(r record.Record, property string) string {
	return c.Words.Value(c.byName[property], r.Properties[property])
}
