package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/source/submissions"
	"syncline/sync/transform"
)

// Need is a scope that a definition uses.
type Need struct {
	hubspot.Right
	Why      string // what for: "contacts are read"
	Part     string // the part of the definition that asks for it first: "fields[2]"
	Line     int    // where it stands; 0 in a definition without a document
	Optional bool   // the sync works without it, as Why says
	Missing  bool   // it is not granted
}

// String names the scope and says what it is for and where that stands.
func (n Need) String() string {
	where := n.Part
	if n.Line > 0 {
		where = fmt.Sprintf("line %d, %s", n.Line, n.Part)
	}
	return fmt.Sprintf("%s: %s (%s)", n.Scope, n.Why, where)
}

// ScopeError says which scopes a sync lacks.
type ScopeError struct {
	Portal string
	Needs  []Need // all of the sync's, those that are granted too
}

// Missing are the needs without which the sync does not work.
func (e *ScopeError) Missing() []Need {
	return slices.DeleteFunc(slices.Clone(e.Needs), func(n Need) bool { return !n.Missing || n.Optional })
}

func (e *ScopeError) Error() string {
	missing := e.Missing()
	lines := make([]string, len(missing))
	for i, n := range missing {
		lines[i] = n.String()
	}
	return fmt.Sprintf("the connection %q lacks %s that this sync uses:\n  %s", e.Portal, amount(len(missing), "scope", "scopes"), strings.Join(lines, "\n  "))
}

// Lacking reports whether a scope is missing without which the sync does not
// work.
func Lacking(needs []Need) bool {
	return slices.ContainsFunc(needs, func(n Need) bool { return n.Missing && !n.Optional })
}

// Preflight lists every scope that a definition uses, in the order of what it
// does, and marks those that are not among the granted ones. No granted ones
// at all means that they are not known, as with some tokens; then none is
// marked. It makes no call.
//
// A sync reads and writes by records. It uses HubSpot's imports and exports only
// for very many of them, where their scopes are granted, and so never asks for
// them: a plan that would use one says which scope it lacks.
func Preflight(d *definition.Definition, granted []string) []Need {
	p := &preflight{d: d, granted: granted}
	if d.Source.Kind == submissions.Kind && d.Source.Portal == "" {
		p.form()
	}
	if d.Deliver != nil {
		p.delivery()
		return p.needs
	}
	object, ok := p.objectType(d.HubSpot.Object, "hubspot.object")
	if !ok {
		return nil
	}
	if d.HubSpot.FilterList != "" {
		p.add(hubspot.ListsRight, false, "hubspot.filter-list", "the list and its members are read")
	}
	if d.Associate == nil {
		p.records(object)
		p.transforms()
	}
	p.associations()
	return p.needs
}

// delivery are the needs of rows that are delivered to what is no record.
func (p *preflight) delivery() {
	switch p.d.Deliver.To {
	case definition.ToTimeline:
		p.add(hubspot.TimelineRight, false, "hubspot.object", "events are put on timelines")
	case definition.ToForm:
		p.add(hubspot.FormsRight, false, "hubspot.object", "the form is read, and filled in")
	case definition.ToFile:
		p.files()
	}
	p.transforms()
}

// files are the needs of files that notes attach to records.
func (p *preflight) files() {
	p.add(hubspot.FilesRight, false, "hubspot.folder", "files are uploaded, found again and, by an undo, deleted")
	notes, _ := hubspot.FindObjectType("notes")
	p.add(hubspot.RightTo(hubspot.ReadRecords, notes), false, "hubspot.object", "notes are found again that were made")
	p.add(hubspot.RightTo(hubspot.WriteRecords, notes), false, "hubspot.object", "notes are made that hold the files")
	p.add(hubspot.RightTo(hubspot.WriteSchema, notes), false, "hubspot.object", "a hidden, unique property of notes is made once, so that no answer that gets lost can attach a file twice")
	own, ok := p.objectType(p.d.Deliver.Attach.Of, "hubspot.of")
	if !ok {
		return
	}
	label := strings.ToLower(own.Label)
	p.add(hubspot.RightTo(hubspot.ReadRecords, own), false, "hubspot.of", "%s are found that get the files", label)
	p.add(hubspot.RightTo(hubspot.WriteRecords, own), false, "hubspot.of", "notes are associated with %s", label)
}

// objectType is the object type of a name. One that HubSpot does not have is the
// portal's own, which asks for the right to find it by its name; ok is false for
// what is more likely a mistake, and for what names nothing.
func (p *preflight) objectType(name, part string) (t hubspot.ObjectType, ok bool) {
	if t, ok = hubspot.FindObjectType(name); ok || name == "" || usualName(name) {
		return t, ok
	}
	p.add(hubspot.CustomTypesRight, false, part, "%s is found among the portal's own object types", name)
	return hubspot.ObjectType{ID: name, Name: name, Singular: name, Label: name, LabelSingular: name}, true
}

// preflight collects the needs of one definition.
type preflight struct {
	d       *definition.Definition
	granted []string
	needs   []Need
}

// add notes a need once, by the first part that has it.
func (p *preflight) add(r hubspot.Right, optional bool, part, why string, args ...any) {
	if i := slices.IndexFunc(p.needs, func(n Need) bool { return n.Scope == r.Scope }); i >= 0 {
		if optional || !p.needs[i].Optional {
			return
		}
		p.needs = slices.Delete(p.needs, i, i+1)
	}
	n := Need{Right: r, Why: fmt.Sprintf(why, args...), Part: part, Line: p.d.Line(part), Optional: optional}
	n.Missing = len(p.granted) > 0 && !r.In(p.granted)
	p.needs = append(p.needs, n)
}

// records are the needs of the object type itself.
func (p *preflight) records(object hubspot.ObjectType) {
	label := strings.ToLower(object.Label)
	p.add(hubspot.RightTo(hubspot.ReadRecords, object), false, "hubspot.object", "%s are read", label)
	write := hubspot.RightTo(hubspot.WriteRecords, object)
	// Without a field that flows there is nothing to create a record of.
	creates := p.d.Create.InHubSpot() && slices.ContainsFunc(p.d.Fields, func(f definition.Field) bool { return f.Flows(definition.ToHubSpot) })
	if creates {
		p.add(write, false, "create", "%s are created for rows that have none", label)
	}
	for i, f := range p.d.Fields {
		if f.Flows(definition.ToHubSpot) {
			p.add(write, false, fmt.Sprintf("fields[%d]", i), "%s flows to %s", named(f), label)
		}
	}
	if p.d.Delete.RowGone == "archive" {
		p.add(write, false, "delete.row-gone", "%s are archived when their row is gone", label)
	}
	if p.d.Delete.RowGone == "flag" {
		p.add(write, false, "delete.row-gone", "%s are marked when their row is gone", label)
	}
	if creates {
		p.add(hubspot.RightTo(hubspot.WriteSchema, object), true, "create",
			"a hidden, unique property is made in HubSpot once, so that no answer that gets lost can make %s twice; without it they are secured by the match keys only", label)
	}
}

// transforms are the needs of what fields are made with.
func (p *preflight) transforms() {
	for i, f := range p.d.Fields {
		part := fmt.Sprintf("fields[%d]", i)
		step := func(name string) bool {
			return slices.ContainsFunc(slices.Concat(f.ToHubSpot, f.FromHubSpot), func(s transform.Step) bool { return s.Name == name })
		}
		switch {
		case step("owner"):
			p.add(hubspot.OwnersRight, false, part, "%s is matched with the portal's owners", named(f))
		case f.Property == "hubspot_owner_id":
			p.add(hubspot.OwnersRight, true, part, "owners are shown by name while %s is mapped; without it, by their ids", named(f))
		}
		if object, _ := hubspot.FindObjectType(p.d.HubSpot.Object); slices.Contains(object.Private, f.Property) {
			p.add(object.PrivateRight, false, part, "the text of %s is read for %s", strings.ToLower(object.Label), named(f))
		}
	}
}

// associations are the needs of records that are associated: both sides are
// read and written.
func (p *preflight) associations() {
	for i, a := range p.d.Associations {
		p.association(p.d.HubSpot.Object, a.To, "hubspot.object", fmt.Sprintf("associations[%d].to", i))
	}
	switch x := p.d.Associate; {
	case x == nil:
	case x.List != "":
		p.memberships(x)
	default:
		p.association(x.From.Object, x.To.Object, "associate.from.object", "associate.to.object")
	}
}

// memberships are the needs of records that join a list.
func (p *preflight) memberships(x *definition.Associate) {
	own, ok := p.objectType(x.From.Object, "hubspot.of")
	if !ok {
		return
	}
	label := strings.ToLower(own.Label)
	p.add(hubspot.RightTo(hubspot.ReadRecords, own), false, "hubspot.of", "%s are found that are to be in the list", label)
	p.add(hubspot.ListsRight, false, "hubspot.list", "the list and its members are read")
	p.add(hubspot.ListsWriteRight, false, "hubspot.list", "%s are added to the list and taken out of it", label)
	if x.CreateMissing {
		p.add(hubspot.RightTo(hubspot.WriteRecords, own), false, "hubspot.create-missing", "%s that are missing are created", label)
	}
}

// association are the needs of associations between two object types, the
// first of which is named in one part and the other in another.
func (p *preflight) association(from, to, fromPart, toPart string) {
	own, ok := p.objectType(from, fromPart)
	far, found := p.objectType(to, toPart)
	if !ok || !found {
		return
	}
	one, other := strings.ToLower(own.Label), strings.ToLower(far.Label)
	p.add(hubspot.RightTo(hubspot.ReadRecords, own), false, fromPart, "%s are found to associate %s with", one, other)
	p.add(hubspot.RightTo(hubspot.ReadRecords, far), false, toPart, "%s are found to associate %s with", other, one)
	p.add(hubspot.RightTo(hubspot.WriteRecords, own), false, toPart, "%s are associated with %s", one, other)
	p.add(hubspot.RightTo(hubspot.WriteRecords, far), false, toPart, "%s are associated with %s", other, one)
}

// named is a line of the field map in a sentence.
func named(f definition.Field) string { return fmt.Sprintf("%q", f.Name()) }

// Scopes are what a sign-in asks for. What is optional is granted where the
// person and the portal can.
type Scopes struct {
	Required []string
	Optional []string
}

// LeastScopes are the fewest scopes with which these definitions work, and
// with which syncs of the object types named can be made: those are read and
// written. A sign-in asks for no more.
func LeastScopes(definitions []*definition.Definition, objects ...string) Scopes {
	least := Scopes{Required: []string{"oauth"}}
	add := func(r hubspot.Right, optional bool) {
		if slices.Contains(least.Required, r.Scope) {
			return
		}
		if optional {
			if !slices.Contains(least.Optional, r.Scope) {
				least.Optional = append(least.Optional, r.Scope)
			}
			return
		}
		least.Required = append(least.Required, r.Scope)
		least.Optional = slices.DeleteFunc(least.Optional, func(s string) bool { return s == r.Scope })
	}
	for _, d := range definitions {
		for _, n := range Preflight(d, nil) {
			add(n.Right, n.Optional)
		}
	}
	for _, name := range objects {
		t, ok := hubspot.FindObjectType(name)
		if !ok {
			t = hubspot.ObjectType{ID: name, Name: name} // the portal's own
		}
		add(hubspot.RightTo(hubspot.ReadRecords, t), false)
		add(hubspot.RightTo(hubspot.WriteRecords, t), false)
		add(hubspot.RightTo(hubspot.WriteSchema, t), true)
		add(hubspot.OwnersRight, true)
		if t.Custom() {
			add(hubspot.CustomTypesRight, true)
		}
	}
	return least
}

// Beyond are the scopes that are not granted yet: what a new sign-in asks for
// besides those that are, when a sync comes to need more.
func (s Scopes) Beyond(granted []string) Scopes {
	return Scopes{Required: hubspot.MissingScopes(granted, s.Required), Optional: hubspot.MissingScopes(granted, s.Optional)}
}

// SyncNeeds is what one sync uses of its connection.
type SyncNeeds struct {
	Name, Path string
	Needs      []Need
	Err        error // the definition can't be read
}

// PortalNeeds lists what the syncs of the workspace use of a connection, by
// what was granted when it was last tested. It makes no call.
func (a *App) PortalNeeds(ctx context.Context, connection string) ([]SyncNeeds, error) {
	c, err := a.connection(ctx, connection)
	if err != nil {
		return nil, err
	}
	syncs, err := a.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	var out []SyncNeeds
	for _, y := range syncs {
		if y.Hidden {
			continue
		}
		known, perr := definition.Parse([]byte(y.Definition), y.Path)
		reads := false
		if perr == nil {
			if reads, err = a.readsFrom(ctx, known, c); err != nil {
				return nil, err
			}
		}
		if y.PortalID != c.PortalID && !reads {
			continue
		}
		n := SyncNeeds{Name: y.Name, Path: y.Path}
		d, err := definition.Load(y.Path)
		if err != nil {
			n.Err = err
			out = append(out, n)
			continue
		}
		if reads {
			n.Needs = SourcePreflight(d, c.Scopes)
			out = append(out, n)
			continue
		}
		uses, err := a.uses(ctx, d, c)
		if err != nil {
			return nil, err
		}
		if uses {
			n.Needs = Preflight(d, c.Scopes)
			out = append(out, n)
		}
	}
	return out, nil
}

// uses reports whether a definition, which is one of c's portal, uses c: it
// names no connection, or c by a name that it has or had.
func (a *App) uses(ctx context.Context, d *definition.Definition, c store.Connection) (bool, error) {
	if d.HubSpot.Portal == "" {
		return true, nil
	}
	other, err := a.named(ctx, d.HubSpot.Portal)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return other.ID == c.ID, err
}
