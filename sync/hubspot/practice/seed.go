package practice

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"syncline/sync/hubspot/practice/content"
)

// seedDefinitions returns fresh definitions of the properties and groups that
// a type comes with. The content is read once per process.
func seedDefinitions(objectTypeID string) ([]property, []group) {
	seedMu.Lock()
	defer seedMu.Unlock()
	s, ok := seeds[objectTypeID]
	if !ok {
		reshape(content.Properties(objectTypeID), &s.props)
		reshape(content.Groups(objectTypeID), &s.groups)
		seeds[objectTypeID] = s
	}
	props := slices.Clone(s.props)
	for i := range props {
		props[i].Options = slices.Clone(props[i].Options)
		if props[i].Options == nil {
			props[i].Options = []option{}
		}
	}
	return props, slices.Clone(s.groups)
}

type seed struct {
	props  []property
	groups []group
}

var (
	seedMu sync.Mutex
	seeds  = map[string]seed{}
)

// reshape copies between types that have the same JSON.
func reshape(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic("practice: the content does not fit: " + err.Error())
	}
}

func seedPipelines(objectTypeID string) []*pipeline {
	var pipes []*pipeline
	for _, from := range content.Pipelines(objectTypeID) {
		pl := &pipeline{Label: from.Label, DisplayOrder: from.DisplayOrder, ID: from.ID, CreatedAt: from.CreatedAt, UpdatedAt: from.UpdatedAt, Archived: from.Archived}
		for _, s := range from.Stages {
			own := stage(s)
			own.Metadata = maps.Clone(s.Metadata)
			if len(own.Metadata) == 0 { // life cycle stages, as recorded
				own.Metadata = map[string]string{"isClosed": "false", "state": "OPEN"}
				if own.ID == "other" {
					own.Metadata = map[string]string{"isClosed": "true", "state": "CLOSED"}
				}
			}
			pl.Stages = append(pl.Stages, &own)
		}
		pipes = append(pipes, pl)
	}
	return pipes
}

func (p *Portal) installOwners() {
	reshape(content.Owners(), &p.owners)
	for _, o := range p.owners {
		p.lastOwner = max(p.lastOwner, atoi(o.ID))
	}
}

// installDemo adds the demo's custom object types, records and associations.
// The people behind them are recorded as their source; the search index knows
// them all.
func (p *Portal) installDemo() {
	for _, s := range content.Schemas() {
		p.installDemoSchema(s)
	}
	demo := content.MakeDemo(p.opt.Seed, p.present())
	set := p.opt
	p.opt.SearchLag = nil
	p.opt.Switches.ListsTouchRecords = false
	p.opt.Switches.InactiveOwnersAllowed = true // people leave, their records stay
	defer func() { p.opt = set }()
	refs := make(map[string]*object, len(demo.Records))
	for _, r := range demo.Records {
		if o := p.installRecord(r); o != nil {
			refs[r.Ref] = o
		}
	}
	for _, a := range demo.Associations {
		from, to := refs[a.FromRef], refs[a.ToRef]
		if from == nil || to == nil {
			continue
		}
		if t := p.assoc.find(from.kind, to.kind, a.Category, a.TypeID); t != nil {
			p.join(from, to, []*associationType{t})
		}
	}
	for _, r := range demo.Records {
		if o := refs[r.Ref]; o != nil && r.Archived {
			p.archive(o, false)
		}
	}
	p.installForms()
	p.installLists()
}

func (p *Portal) installRecord(r content.DemoRecord) *object {
	k := p.kindBy[r.ObjectType]
	if k == nil {
		return nil
	}
	in := &input{Properties: make(map[string]wireValue, len(r.Properties))}
	for name, value := range r.Properties {
		if d := k.props[name]; d != nil && !d.readOnly() {
			in.Properties[name] = wireValue{text: value}
		}
	}
	w, errs := p.validate(k, in, nil, v3)
	for _, e := range errs { // the content's tests keep this empty; a bad value costs only itself
		delete(in.Properties, e.Name)
	}
	if len(errs) > 0 {
		w, _ = p.validate(k, in, nil, v3)
	}
	if p.checkUnique(k, w, k.lastID+1, nil) != nil {
		return nil
	}
	by := p.sourceID(source{Type: "CRM_UI", ID: "userId:" + itoa(demoUser), UserID: demoUser})
	created := r.Created.UnixMilli()
	o := p.newObject(k, p.nextID(k), created, by)
	p.assign(o, w.set, by)
	p.backdate(o, created)
	p.claimValues(o, &state{})
	return o
}

// demoUser is the person who made the demo's records: Ingrid Solberg, one of its owners.
const demoUser = 76070032

// backdate makes a new record look as old as it is meant to be.
func (p *Portal) backdate(o *object, at int64) {
	next := *o.state
	for i := range next.cells {
		next.cells[i].at = at
	}
	next.modified = at
	p.publish(o, &next)
}

func (p *Portal) installDemoSchema(s content.Schema) {
	var d schema
	reshape(s, &d)
	d.Qualified = "p" + itoa(p.opt.PortalID) + "_" + d.Name
	k := p.schemaKind(&d)
	p.addKind(k)
	for _, prop := range s.Properties {
		if k.props[prop.Name] == nil {
			var own property
			reshape(prop, &own)
			p.define(k, &own)
		}
	}
	for _, there := range s.Associations {
		for _, back := range s.Associations {
			if there.FromObjectTypeID == k.id && back.FromObjectTypeID == there.ToObjectTypeID && back.ToObjectTypeID == k.id {
				p.assoc.pair(p.assoc.custom(there), p.assoc.custom(back))
			}
		}
	}
	p.assoc.connectCustom(p, k, activities)
	if n := atoi(strings.TrimPrefix(k.id, "2-")); n > p.lastCustom {
		p.lastCustom = n
	}
}
