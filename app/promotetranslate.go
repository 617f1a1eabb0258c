package app

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// eachValue gives every value of a property that a definition names to f, and
// puts what f returns in its place.
func eachValue(d *definition.Definition, f func(property, value string) string) {
	for i := range d.Fields {
		field := &d.Fields[i]
		if field.Constant != nil {
			v := f(field.Property, *field.Constant)
			field.Constant = &v
		}
		pairs := field.Values.Pairs()
		for k := range pairs {
			pairs[k].Property = f(field.Property, pairs[k].Property)
		}
		if len(pairs) > 0 {
			field.Values = definition.NewValueMap(pairs...)
		}
	}
	for _, g := range d.HubSpot.Filter {
		for k := range g {
			x := &g[k]
			if x.Value != "" {
				x.Value = f(x.Property, x.Value)
			}
			for n := range x.Values {
				x.Values[n] = f(x.Property, x.Values[n])
			}
		}
	}
	if m := d.Delete.FlagRecord; m != nil {
		m.Value = f(m.Property, m.Value)
	}
}

// copyOf is a definition whose values can be changed.
func copyOf(d *definition.Definition) *definition.Definition {
	c := *d
	c.Fields = slices.Clone(d.Fields)
	c.Associations = slices.Clone(d.Associations)
	c.HubSpot.Filter = make([]definition.FilterGroup, len(d.HubSpot.Filter))
	for i, g := range d.HubSpot.Filter {
		c.HubSpot.Filter[i] = slices.Clone(g)
		for k := range c.HubSpot.Filter[i] {
			c.HubSpot.Filter[i][k].Values = slices.Clone(g[k].Values)
		}
	}
	if m := d.Delete.FlagRecord; m != nil {
		mark := *m
		c.Delete.FlagRecord = &mark
	}
	for i := range c.Associations {
		c.Associations[i].Label.Values = maps.Clone(c.Associations[i].Label.Values)
	}
	return &c
}

// translated is the definition as it reads for the other portal.
func (p *Promotion) translated() (*definition.Definition, error) {
	d := copyOf(p.original)
	d.ID = "" // another sync, which remembers nothing of the first one's pairs
	d.HubSpot.Portal = p.To.Name
	d.Name = p.original.Name + " (" + p.To.Name + ")"
	if p.fromSide.object.Custom() {
		d.HubSpot.Object = p.toSide.object.Name
	}
	var left []string
	eachValue(d, func(property, value string) string {
		now, ok := p.translate(property, value)
		if !ok {
			left = append(left, fmt.Sprintf("%s: %s", property, value))
		}
		return now
	})
	if len(left) > 0 {
		return nil, &UseError{Msg: fmt.Sprintf("%q has nothing that answers to %s", p.To.Name, strings.Join(left, "; "))}
	}
	for i := range d.Associations {
		if sync := d.Associations[i].End.Link.Sync; sync != "" {
			d.Associations[i].End.Link.Sync = p.linkThere(sync)
		}
	}
	return d, p.rebase(d)
}

// linkThere is how the promoted document names the one that an association follows.
func (p *Promotion) linkThere(sync string) string {
	path, _ := p.follows(sync)
	rel, err := filepath.Rel(filepath.Dir(absolute(p.Path)), absolute(path))
	if err != nil || filepath.IsAbs(filepath.FromSlash(sync)) {
		return path
	}
	return filepath.ToSlash(rel)
}

// translate takes a value of a property to that of the other portal.
func (p *Promotion) translate(property, value string) (string, bool) {
	from, to := p.fromSide.properties[property], p.toSide.properties[property]
	object := p.fromSide.object
	switch {
	case value == "":
		return value, true
	case strings.EqualFold(from.Reference, "OWNER"):
		for _, o := range p.fromSide.owners {
			if o.ID != value {
				continue
			}
			for _, x := range p.toSide.owners {
				if !x.Archived && strings.EqualFold(x.Email, o.Email) {
					return x.ID, true
				}
			}
			return value, false
		}
		return value, true // an address or a name
	case object.Lifecycle == "" && property != "" && property == object.Pipeline:
		for _, x := range p.fromSide.pipelines {
			if x.ID == value {
				at := p.counterpart(x)
				return at.ID, at.ID != ""
			}
		}
		return value, true // a label
	case object.Lifecycle == "" && property != "" && property == object.Stage:
		for _, x := range p.fromSide.pipelines {
			for _, st := range x.Stages {
				if st.ID != value {
					continue
				}
				for _, y := range p.counterpart(x).Stages {
					if sameLabel(y.Label, st.Label) {
						return y.ID, true
					}
				}
				return value, false
			}
		}
		return value, true
	case from.Type == record.TypeEnumeration && !from.External && len(to.Options) > 0:
		return optionThere(from, to, value)
	}
	return value, true
}

// counterpart is the pipeline of the same label, zero where there is none.
func (p *Promotion) counterpart(x hubspot.Pipeline) hubspot.Pipeline {
	for _, y := range p.toSide.pipelines {
		if sameLabel(x.Label, y.Label) {
			return y
		}
	}
	return hubspot.Pipeline{}
}

// optionThere takes one option, or several parted by “;”, to those of the same
// value, else of the same label.
func optionThere(from, to record.Property, value string) (string, bool) {
	parts := []string{value}
	if from.Multi() {
		parts = strings.Split(value, ";")
	}
	for i, part := range parts {
		if slices.ContainsFunc(to.Options, func(o record.Option) bool { return o.Value == part }) {
			continue
		}
		at := slices.IndexFunc(from.Options, func(o record.Option) bool { return o.Value == part })
		if at < 0 {
			return value, false
		}
		there := slices.IndexFunc(to.Options, func(o record.Option) bool { return sameLabel(o.Label, from.Options[at].Label) })
		if there < 0 {
			return value, false
		}
		parts[i] = to.Options[there].Value
	}
	return strings.Join(parts, ";"), true
}

// rebase keeps relative paths leading where they led, for a document in another
// folder.
func (p *Promotion) rebase(d *definition.Definition) error {
	was, err := filepath.Abs(filepath.Dir(p.original.Path))
	if err != nil {
		return err
	}
	now, err := filepath.Abs(filepath.Dir(p.Path))
	if err != nil || was == now {
		return err
	}
	move := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		if rel, err := filepath.Rel(now, filepath.Join(was, path)); err == nil {
			return filepath.ToSlash(rel)
		}
		return filepath.Join(was, path)
	}
	d.Source.Path = move(d.Source.Path)
	d.Source.Files = slices.Clone(d.Source.Files)
	for i := range d.Source.Files {
		d.Source.Files[i].Path = move(d.Source.Files[i].Path)
	}
	return nil
}
