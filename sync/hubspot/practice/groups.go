package practice

import (
	"cmp"
	"net/http"
	"slices"
)

func (k *kind) group(name string) *group {
	i := slices.IndexFunc(k.groups, func(g *group) bool { return g.Name == name })
	if i < 0 {
		return nil
	}
	return k.groups[i]
}

func (p *Portal) listGroups(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	list := slices.Clone(k.groups)
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(a.DisplayOrder, b.DisplayOrder) })
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

func (p *Portal) createGroup(c *call) (*answer, *apiError) {
	var g group
	if e := decode(c.body, &g); e != nil {
		return nil, e
	}
	k, e := p.openSchema(c, changing)
	if e != nil {
		return nil, e
	}
	if g.Name == "" || g.Label == "" {
		return nil, missing(c.body, "PropertyGroupCreate", "name", "label")
	}
	if !validName(g.Name) && !p.opt.Switches.AnyGroupName {
		return nil, invalid("Property group name '%s' is not valid.", g.Name)
	}
	if k.group(g.Name) != nil {
		return nil, refuse(409, categoryExists, "A property group named '%s' already exists.", g.Name).
			sub("PropertyGroupError.GROUP_WITH_NAME_EXISTS").with("name", g.Name)
	}
	if g.DisplayOrder <= 0 {
		for _, other := range k.groups {
			g.DisplayOrder = max(g.DisplayOrder, other.DisplayOrder+1)
		}
	}
	k.groups = append(k.groups, &g)
	p.changes.of(k, docGroups)
	return made(c, g.Name, g), nil
}

func (p *Portal) openGroup(c *call, a access) (*kind, *group, *apiError) {
	k, e := p.openSchema(c, a)
	if e != nil {
		return nil, nil, e
	}
	g := k.group(c.args["group"])
	if g == nil {
		return nil, nil, refuse(404, categoryNotFound, "Property group '%s' does not exist.", c.args["group"])
	}
	return k, g, nil
}

func (p *Portal) readGroup(c *call) (*answer, *apiError) {
	_, g, e := p.openGroup(c, reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, g), nil
}

func (p *Portal) updateGroup(c *call) (*answer, *apiError) {
	var change struct {
		Label *string `json:"label"`
		Order *int    `json:"displayOrder"`
	}
	if e := decode(c.body, &change); e != nil {
		return nil, e
	}
	k, g, e := p.openGroup(c, changing)
	if e != nil {
		return nil, e
	}
	replace(&g.Label, change.Label)
	replace(&g.DisplayOrder, change.Order)
	p.changes.of(k, docGroups)
	return reply(http.StatusOK, g), nil
}

func (p *Portal) deleteGroup(c *call) (*answer, *apiError) {
	k, g, e := p.openGroup(c, changing)
	if e != nil {
		return nil, e
	}
	for _, d := range k.props {
		if d.GroupName == g.Name {
			return nil, nested("Can't delete or purge a group with active properties", "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES")
		}
	}
	p.changes.of(k, docGroups)
	k.groups = slices.DeleteFunc(k.groups, func(x *group) bool { return x == g })
	return noContent(), nil
}
