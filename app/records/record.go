package records

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Value is a property of a record as people see it.
type Value struct {
	Property record.Property
	Raw      record.Value
	Text     string // "" where there is none
}

// Section is the properties of a group.
type Section struct {
	Label  string
	Values []Value
}

// View is a record as it is now, whatever the search believes.
type View struct {
	record.Record
	Name     string
	Object   hubspot.ObjectType
	Key      []Value   // what the list of these records shows first, and what names one
	Sections []Section // all properties by their groups, those with values first
}

// ErrGone says that a record is no more: it was archived, erased, or merged into another one.
var ErrGone = errors.New("there is no such record any more: it was archived or erased")

// Record reads a record with all its properties. A merged one comes back as the record that it
// was merged into.
func (c *Catalogue) Record(ctx context.Context, id string) (View, error) {
	names := make([]string, len(c.Properties))
	for i, p := range c.Properties {
		names[i] = p.Name
	}
	r, err := c.Client.Get(ctx, c.Object.Path(), id, hubspot.ReadRequest{Properties: names})
	if hubspot.IsNotFound(err) {
		return View{}, ErrGone
	}
	if err != nil {
		return View{}, err
	}
	return c.view(r), nil
}

func (c *Catalogue) view(r record.Record) View {
	v := View{Record: r, Name: c.Name(r), Object: c.Object}
	of := func(p record.Property) Value {
		return Value{p, r.Properties[p.Name], c.Words.Value(p, r.Properties[p.Name])}
	}
	var first []string
	for _, name := range append(append(slices.Clone(c.Object.Primary), c.UsualColumns()...), c.Object.CreatedProperty) {
		if p, ok := c.byName[name]; ok && !slices.Contains(first, name) {
			first = append(first, name)
			v.Key = append(v.Key, of(p))
		}
	}
	at := make(map[string]int)
	for _, p := range c.Properties {
		if p.Hidden && r.Properties[p.Name].Empty() {
			continue
		}
		i, ok := at[p.Group]
		if !ok {
			i = len(v.Sections)
			at[p.Group] = i
			v.Sections = append(v.Sections, Section{Label: c.group(p.Group)})
		}
		v.Sections[i].Values = append(v.Sections[i].Values, of(p))
	}
	for i := range v.Sections {
		slices.SortStableFunc(v.Sections[i].Values, func(a, b Value) int {
			return cmp.Compare(b2i(a.Text == ""), b2i(b.Text == ""))
		})
	}
	// The group with the most values is the one that people look into.
	slices.SortStableFunc(v.Sections, func(a, b Section) int { return cmp.Compare(b.filled(), a.filled()) })
	return v
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s Section) filled() (n int) {
	for _, v := range s.Values {
		n += b2i(v.Text != "")
	}
	return n
}

func (c *Catalogue) group(name string) string {
	for _, g := range c.Groups {
		if g.Name == name {
			return cmp.Or(g.Label, name)
		}
	}
	return name
}

// Entry is one version of a property's value: what it was, who wrote it, and when by HubSpot's
// clock.
type Entry struct {
	record.Version
	Text   string
	Author string
	Kind   string // of the writer, in HubSpot's word: CRM_UI, INTEGRATION, IMPORT, …
}

// History reads the versions of properties of a record, by property, the newest first.
func (c *Catalogue) History(ctx context.Context, id string, properties ...string) (map[string][]Entry, error) {
	r, err := c.Client.Get(ctx, c.Object.Path(), id, hubspot.ReadRequest{Properties: []string{"hs_object_id"}, History: properties})
	if hubspot.IsNotFound(err) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	all := make(map[string][]Entry, len(properties))
	for _, name := range properties {
		p := c.byName[name]
		for _, v := range r.History[name] {
			all[name] = append(all[name], Entry{v, c.Words.Value(p, v.Value), c.Words.Author(v), v.SourceType})
		}
	}
	return all, nil
}

// Neighbour is a record that another one belongs with.
type Neighbour struct {
	Object hubspot.ObjectType
	ID     string
	Name   string
	Labels []string // "" of the unlabelled type is left out
}

// asked is how many object types are asked for at once.
const asked = 4

// Neighbours reads what a record is associated with, by object type in the order in which people
// look for them. It takes a call for each type that there can be, and one for the names of each
// that there are.
func (c *Catalogue) Neighbours(ctx context.Context, id string) ([]Neighbour, error) {
	types := c.ends()
	found := make([][]Neighbour, len(types))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asked)
	for i, t := range types {
		group.Go(func() (err error) {
			found[i], err = c.neighbours(ctx, id, t)
			return withoutRight(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// ends are the types that these records can belong with: the usual ones, the others that HubSpot has
// for it, and the portal's own.
func (c *Catalogue) ends() []hubspot.ObjectType {
	var all []hubspot.ObjectType
	add := func(t hubspot.ObjectType, ok bool) {
		if ok && !slices.ContainsFunc(all, func(x hubspot.ObjectType) bool { return x.ID == t.ID }) {
			all = append(all, t)
		}
	}
	for _, name := range append([]string{c.Object.Joins}, c.Object.Usual...) {
		t, ok := hubspot.FindObjectType(name)
		add(t, ok && name != "")
	}
	if c.Object.Custom() {
		for _, name := range []string{"contacts", "companies", "deals", "tickets"} {
			add(hubspot.FindObjectType(name))
		}
	}
	for _, t := range c.Own {
		add(t, true)
	}
	for _, id := range c.Object.Ends {
		t, ok := hubspot.FindObjectType(id)
		add(t, ok && t.Core)
	}
	return all
}

func (c *Catalogue) neighbours(ctx context.Context, id string, t hubspot.ObjectType) ([]Neighbour, error) {
	read, err := c.Client.BatchReadAssociations(ctx, c.Object.Path(), t.Path(), []string{id})
	if err != nil || len(read.Edges) == 0 {
		return nil, err
	}
	var ids []string
	var all []Neighbour
	for _, e := range read.Edges {
		n := Neighbour{Object: t, ID: e.To, Name: t.LabelSingular + " " + e.To}
		for _, x := range e.Types {
			if x.Label != "" && !slices.Contains(n.Labels, x.Label) {
				n.Labels = append(n.Labels, x.Label)
			}
		}
		slices.Sort(n.Labels)
		ids, all = append(ids, e.To), append(all, n)
	}
	named, err := c.Client.BatchRead(ctx, t.Path(), hubspot.BatchReadRequest{IDs: ids, Properties: t.Primary})
	if err != nil {
		return all, withoutRight(err)
	}
	byID := make(map[string]record.Record, len(named.Records))
	for _, r := range named.Records {
		byID[r.ID] = r
	}
	other := &Catalogue{Object: t, Words: c.Words}
	for i := range all {
		if r, ok := byID[all[i].ID]; ok {
			all[i].Name = other.Name(r)
		}
	}
	slices.SortStableFunc(all, func(a, b Neighbour) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all, nil
}
