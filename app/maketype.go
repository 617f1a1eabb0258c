package app

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// TypeProposal is an object type that would be made for the rows of a draft, and
// how its fields map. A person changes what it says before it is used.
type TypeProposal struct {
	Name         string // "machine"
	Make         definition.Make
	Key          string // the column whose property is unique, "" for none
	Fields       []definition.Field
	Associations []definition.Association
}

// TypeRoom is how many object types of its own a portal has and may have; limit 0
// is not known. That the connection may not make any is an error.
func (a *App) TypeRoom(ctx context.Context, portal string) (used, limit int, err error) {
	p, err := a.Portal(ctx, portal)
	if err != nil {
		return 0, 0, err
	}
	custom, err := p.Client.CustomObjectTypes(ctx)
	if hubspot.IsForbidden(err) {
		return 0, 0, &UseError{Msg: "This portal shows no object types of its own: they come with HubSpot Enterprise, and the connection needs the scopes crm.schemas.custom.read and crm.schemas.custom.write."}
	}
	if err != nil {
		return 0, 0, err
	}
	if right := hubspot.RightTo(hubspot.WriteSchema, hubspot.ObjectType{ID: "2-"}); len(p.Scopes) > 0 && !right.In(p.Scopes) {
		return 0, 0, &UseError{Msg: "This connection may not make object types: it lacks the scope " + right.Scope + "."}
	}
	if used, limit, err = p.Client.CustomTypeLimit(ctx); hubspot.IsForbidden(err) || hubspot.IsNotFound(err) {
		return len(custom), 0, nil
	}
	return used, limit, err
}

// ProposeType proposes an object type for the draft's rows: its labels after the
// file, a property for each column with the type that its values have, the key as
// what is unique, and columns that name contacts or companies as associations.
func (d *Draft) ProposeType() TypeProposal {
	stem := strings.TrimSuffix(filepath.Base(d.Definition.Source.Path), filepath.Ext(d.Definition.Source.Path))
	if sheet := d.Definition.Source.Sheet; sheet != "" {
		stem = sheet
	}
	p := TypeProposal{}
	p.Make.Singular, p.Make.Plural = labelsOf(stem)
	p.Name = PropertyName(p.Make.Singular)
	if key := d.Definition.Source.Key; len(key) == 1 {
		p.Key = key[0]
	}
	facts := d.Facts()
	linked := suggest.Associations(d.Schema.Columns, "", []string{p.Key})
	var taken []record.Property
	for _, c := range d.Schema.Columns {
		if i := slices.IndexFunc(linked, func(a suggest.Association) bool { return a.Field == c.Name }); i >= 0 {
			a := linked[i]
			p.Associations = append(p.Associations, definition.Association{To: a.To, End: definition.End{Match: definition.MatchKey{Field: a.Field, Property: a.Match}}, Split: a.Split})
			p.Make.Associate = append(p.Make.Associate, a.To)
			continue
		}
		property, field := facts.made(c, taken)
		property.Unique = c.Name == p.Key && (property.Type == "string" || property.Type == "number")
		if field.Direction == "" {
			field.Direction = d.Definition.Direction
		}
		taken = append(taken, record.Property{Name: property.Name})
		p.Make.Properties, p.Fields = append(p.Make.Properties, property), append(p.Fields, field)
		if names := strings.ToLower(c.Name); p.Make.Display == "" && property.Type == "string" && c.Filled == c.Sampled && (strings.Contains(names, "name") || strings.Contains(names, "title")) {
			p.Make.Display = property.Name
		}
	}
	for i, property := range p.Make.Properties {
		if p.Make.Display == "" && (property.Unique || p.Key == "" && i == 0) {
			p.Make.Display = property.Name
		}
	}
	return p
}

// made is the property of a column with the line of the field map that fills it.
// What the values leave open makes it a text.
func (f Facts) made(c source.Column, taken []record.Property) (definition.MakeProperty, definition.Field) {
	n := f.NewPropertyFor(c.Name, taken)
	p := record.Property{Name: n.Name, Label: n.Label, Type: n.Type, FieldType: n.FieldType, Options: n.Options}
	m := definition.MakeProperty{Name: n.Name, Label: n.Label, Type: string(n.Type)}
	switch n.FieldType {
	case "booleancheckbox":
		m.Type = string(record.TypeBool)
	case "phonenumber":
		m.Type = string(record.TypePhone)
	}
	if !slices.Contains(definition.MakeTypes(), m.Type) || suggest.Ask(c, p, "") != nil {
		m.Type = string(record.TypeString)
		p.Type, p.FieldType, p.Options = record.TypeString, "text", nil
	}
	line := definition.Field{Field: c.Name, Property: m.Name, Conflict: definition.Review, Blank: "ignore", Unmapped: "reject"}
	line.ToHubSpot, _ = suggest.Steps(c, p, "")
	if _, back := line.ToHubSpot.Inverse(); !back {
		line.Direction = definition.ToHubSpot
	}
	return m, line
}

// labelsOf makes the two labels of a type of a file's name: "machines-2024" are
// machines.
func labelsOf(stem string) (singular, plural string) {
	words := strings.FieldsFunc(stem, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) == 0 {
		return "Record", "Records"
	}
	name := strings.Join(words, " ")
	first := []rune(strings.ToLower(name))
	first[0] = unicode.ToUpper(first[0])
	name = string(first)
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y", name
	case strings.HasSuffix(name, "ss"), !strings.HasSuffix(name, "s"):
		return name, name + "s"
	}
	return strings.TrimSuffix(name, "s"), name
}

// UseType makes the draft a sync of the proposed object type.
func (d *Draft) UseType(portal string, p TypeProposal) {
	d.Definition.HubSpot = definition.HubSpot{Portal: portal, Object: p.Name, Make: &p.Make}
	if i := slices.IndexFunc(p.Fields, func(f definition.Field) bool { return f.Field == p.Key && p.Key != "" }); i >= 0 {
		d.Definition.HubSpot.Match = []definition.MatchKey{{Field: p.Key, Property: p.Fields[i].Property}}
	}
	d.Definition.Fields, d.Definition.Associations = p.Fields, nil
	for i := range d.Definition.Fields {
		if f := &d.Definition.Fields[i]; f.Direction == "" {
			f.Direction = d.Definition.Direction
		}
	}
	for _, a := range p.Associations {
		if slices.Contains(p.Make.Associate, a.To) {
			d.Definition.Associations = append(d.Definition.Associations, a)
		}
	}
	d.Definition.Create = definition.CreateHubSpot
}
