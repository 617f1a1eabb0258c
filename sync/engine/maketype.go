package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A definition may say how an object type is made that the portal does not have.
// The plan is then made of what it says: there is no record, every row makes one,
// and the object type stands in the plan as a change of the portal behind a guard
// rail. Applying the plan makes it first. An undo leaves it.

// NewType is an object type that applying a plan makes in HubSpot.
type NewType struct {
	Name       string   `json:"name"`
	Plural     string   `json:"plural"`
	Properties []string `json:"properties"` // their labels, with their types
	Associated []string `json:"associated,omitempty"`
}

// planType is the object type that would be made, and its properties. What keeps
// it from being made is told.
func (j *job) planType(ctx context.Context, part string, none *hubspot.NoTypeError, tell func(part, format string, args ...any)) error {
	m := j.Definition.HubSpot.Make
	if none.Hidden != nil || len(none.Many) > 0 {
		tell(part, "%v", none)
		return nil
	}
	used, limit, err := j.Client.CustomTypeLimit(ctx)
	switch {
	case err != nil && !hubspot.IsForbidden(err) && !hubspot.IsNotFound(err):
		return err
	case err == nil && limit > 0 && used >= limit:
		tell("hubspot.make", "this portal has %d object types of its own, and may have %d: the object type %s can't be made", used, limit, m.Plural)
		return nil
	}
	for i, name := range m.Associate {
		if _, err := j.objectType(ctx, name); err != nil {
			var unknown *hubspot.NoTypeError
			if !errors.As(err, &unknown) {
				return err
			}
			tell(fmt.Sprintf("hubspot.make.associate[%d]", i), "%v", unknown)
		}
	}
	name := j.Definition.HubSpot.Object
	j.making = true
	j.schema.object = hubspot.ObjectType{ID: name, Name: name, Singular: name, Label: m.Plural, LabelSingular: m.Singular, Primary: []string{m.Display}, Required: [][]string{{m.Display}}}
	j.schema.properties = []record.Property{
		{Name: "hs_object_id", Label: "Record ID", Type: record.TypeNumber, FieldType: "number", ReadOnly: true, Defined: true},
		{Name: "hubspot_owner_id", Label: "Owner", Type: record.TypeEnumeration, FieldType: "select", Reference: "OWNER", External: true, Defined: true},
	}
	for _, p := range m.Properties {
		n := newProperty(p)
		j.schema.properties = append(j.schema.properties, record.Property{Name: n.Name, Label: n.Label, Type: n.Type, FieldType: n.FieldType, Options: n.Options, Unique: n.Unique})
	}
	return nil
}

// newProperty is a property that is made with its type. Yes or no is a list of two
// options in HubSpot.
func newProperty(p definition.MakeProperty) hubspot.NewProperty {
	n := hubspot.NewProperty{Name: p.Name, Label: p.Label, Type: record.Type(p.Type), Unique: p.Unique}
	switch n.Type {
	case record.TypeBool:
		n.Type, n.FieldType = record.TypeEnumeration, "booleancheckbox"
		n.Options = []record.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	case record.TypePhone:
		n.Type, n.FieldType = record.TypeString, "phonenumber"
	case record.TypeNumber:
		n.FieldType = "number"
	case record.TypeDate, record.TypeDateTime:
		n.FieldType = "date"
	case record.TypeEnumeration:
		n.FieldType = "select"
	default:
		n.FieldType = "text"
	}
	for _, o := range p.Options {
		n.Options = append(n.Options, record.Option{Value: o, Label: o})
	}
	return n
}

// checkMadeLine checks an association from a type that is not there yet.
func (j *job) checkMadeLine(l *edgeLine, to hubspot.ObjectType, part string, tell func(string, string, ...any)) {
	m := j.Definition.HubSpot.Make
	if !to.Activity && !slices.ContainsFunc(m.Associate, func(name string) bool { t, ok := j.types[name]; return ok && t.ID == to.ID }) {
		tell(part, "%s are not among those that %s can be associated with: add %s under make, associate", strings.ToLower(to.Label), strings.ToLower(m.Plural), to.Name)
	}
	if primaryType(l.label.Name) {
		tell(part+".label", "%s have no primary %s: take the label out, or write another one", strings.ToLower(m.Plural), strings.ToLower(to.LabelSingular))
	}
}

// noteMade tells in a plan of the object type that applying it makes.
func (p *planner) noteMade() {
	if !p.making {
		return
	}
	m := p.Definition.HubSpot.Make
	t := &NewType{Name: p.Definition.HubSpot.Object, Plural: m.Plural}
	for _, x := range m.Properties {
		what := x.Label + " (" + definition.TypeWord(x.Type)
		if x.Unique {
			what += ", unique"
		}
		t.Properties = append(t.Properties, what+")")
	}
	for _, name := range m.Associate {
		t.Associated = append(t.Associated, strings.ToLower(p.types[name].Label))
	}
	p.summary.Makes = t
	text := fmt.Sprintf("HubSpot has no object type %s: it is made first, with the properties %s", m.Plural, strings.Join(t.Properties, ", "))
	if len(t.Associated) > 0 {
		text += ", to be associated with " + strings.Join(t.Associated, " and ")
	}
	p.notes = append(p.notes, text+". An undo leaves it.")
	p.summary.Calls += 2
	p.partGuards = append(p.partGuards, Guard{Name: "object-type", Count: 1, Limit: 0, Detail: fmt.Sprintf("The object type %s would be made in HubSpot, and an undo leaves it.", m.Plural)})
}

// lagged is how long HubSpot may take to show what was just defined (facts §6.4),
// and how often it is asked.
const (
	lagged    = 250 * time.Millisecond
	lagLooked = 40
)

// makeType makes the object type of a plan.
func (j *job) makeType(ctx context.Context) error {
	if !j.making {
		return nil // by the run that was interrupted, or by somebody
	}
	m := j.Definition.HubSpot.Make
	n := hubspot.NewObjectType{Name: j.Definition.HubSpot.Object, Singular: m.Singular, Plural: m.Plural, Primary: m.Display}
	for _, p := range m.Properties {
		n.Properties = append(n.Properties, newProperty(p))
	}
	for _, name := range m.Associate {
		n.Associated = append(n.Associated, j.types[name].ID)
	}
	t, err := j.Client.CreateObjectType(ctx, n)
	if hubspot.IsConflict(err) { // by somebody, since the plan was made
		var none *hubspot.NoTypeError
		if t, err = j.Client.ObjectType(ctx, n.Name); errors.As(err, &none) {
			return fmt.Errorf("HubSpot says that it has an object type %s already, and does not show it: run again in a moment", m.Plural)
		}
	}
	if err != nil {
		return fmt.Errorf("the object type %s could not be made in HubSpot, so nothing was written: %w", m.Plural, err)
	}
	j.note("The object type %s was made in HubSpot (%s).", m.Plural, t.ID)
	return j.adoptType(ctx, t, n)
}

// adoptType goes on with an object type that was just made, as soon as HubSpot
// shows all of it.
func (j *job) adoptType(ctx context.Context, t hubspot.ObjectType, n hubspot.NewObjectType) error {
	if err := j.Store.GiveObject(ctx, j.sync, t.ID); err != nil {
		return err
	}
	j.sync.Object = t.ID
	j.schema.object, j.making = t, false
	j.types[j.Definition.HubSpot.Object] = t
	for i := 0; ; i++ {
		properties, err := j.Client.Properties(ctx, t.Path())
		if err != nil && !hubspot.IsNoObjectType(err) {
			return err
		}
		if shownAll(properties, n.Properties) {
			j.schema.properties = properties
			break
		}
		if i == lagLooked {
			return fmt.Errorf("HubSpot made the object type %s and does not show its properties yet: run again, the run goes on where it stopped", n.Plural)
		}
		if err := j.wait(ctx, lagged, "HubSpot to show the object type "+n.Plural); err != nil {
			return err
		}
	}
	var err error
	if j.mapping, err = mapping.New(j.Definition, MapObject(t), j.schema.properties, j.schema.env); err != nil {
		return err
	}
	if err := j.look(ctx); err != nil {
		return err
	}
	for _, l := range j.lines {
		l.fromT = t
		if l.types, err = j.Client.AssociationLabels(ctx, t.Path(), l.toT.Path()); err != nil {
			return err
		}
	}
	return nil
}

func shownAll(shown []record.Property, made []hubspot.NewProperty) bool {
	for _, n := range made {
		if !slices.ContainsFunc(shown, func(p record.Property) bool { return p.Name == n.Name }) {
			return false
		}
	}
	return true
}

// adoptMade gives a sync that was planned before its object type was there the
// type's id, where a run that ended meanwhile, or a person, made the type.
func (j *job) adoptMade(ctx context.Context) error {
	d := j.Definition
	if d.HubSpot.Make == nil || j.making || d.HubSpot.Object == j.schema.object.ID {
		return nil
	}
	was, err := j.Store.FindSync(ctx, store.Sync{UID: d.ID, Path: absolute(d.Path), PortalID: j.schema.account.PortalID, Object: d.HubSpot.Object})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return cmp.Or(err, j.Store.GiveObject(ctx, was, j.schema.object.ID))
}

// madeByRun names the object type that a run made, "" where it made none.
func (j *job) madeByRun(ctx context.Context, runID string) (string, error) {
	run, err := j.Store.Run(ctx, runID)
	if err != nil {
		return "", err
	}
	pl, err := j.Store.Plan(ctx, run.PlanID)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil // it is too long ago
	}
	if err != nil || pl.Kind == plan.KindUndo {
		return "", err
	}
	summary, err := summaryOf(pl)
	if err != nil || summary.Makes == nil {
		return "", err
	}
	return summary.Makes.Plural, nil
}
