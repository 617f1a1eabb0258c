package practice

import (
	"net/http"
	"slices"
)

// AssociationLimit is an administrator's limit for associations in one direction.
type AssociationLimit struct {
	From, To string // names of object types
	Label    string // "" = whatever the label
	Most     int    // records of To that one record of From may have
}

// inherent is how many records a type of association allows where nobody narrows
// it, and how HubSpot calls that (facts 5.2).
func (t *associationType) inherent() (cardinality string, most int) {
	switch {
	case t.single || t.primary || t.Category == hubspotDefined && t.ID == billingContact:
		return "ONE_TO_ONE", 1
	case t.to == "0-1" && (t.from == "0-3" || t.from == "0-5" || slices.Contains(activities, t.from)):
		return "ONE_TO_MANY", mostContacts
	}
	return "ONE_TO_MANY", mostAssociated
}

// enforced is an administrator's limit of a type, 0 for none. A limit without a
// label is that of the plain type, which every other one implies.
func (p *Portal) enforced(t *associationType) int {
	for _, l := range p.opt.Rules.AssociationLimits {
		from, to := p.kindBy[l.From], p.kindBy[l.To]
		if from == nil || to == nil || from.id != t.from || to.id != t.to {
			continue
		}
		if l.Label == "" && t.unlabelled || l.Label != "" && t.Label != nil && *t.Label == l.Label {
			return l.Most
		}
	}
	return 0
}

func (p *Portal) most(t *associationType) int {
	_, most := t.inherent()
	if own := p.enforced(t); own > 0 {
		most = min(most, own)
	}
	return most
}

// fullness counts what records would be associated with, for one call.
type fullness map[*object]map[*associationType]map[*object]bool

func (f fullness) of(o *object, t *associationType, to *kind) map[*object]bool {
	if f[o] == nil {
		f[o] = make(map[*associationType]map[*object]bool)
	}
	if f[o][t] == nil {
		f[o][t] = make(map[*object]bool)
		for _, e := range o.liveEdges(to) {
			if t.unlabelled || slices.Contains(e.types, t) {
				f[o][t][e.to] = true
			}
		}
	}
	return f[o][t]
}

// roomFor refuses associations beyond what a record may have. The text of the
// refusal is ours: none has been recorded.
func (p *Portal) roomFor(list []wish) *apiError {
	if e := singleOnly(list); e != nil {
		return e
	}
	full := make(fullness)
	note := func(t *associationType, from, to *object) *apiError {
		if t.primary || t.single { // the next one takes the place of the last; singleOnly
			return nil
		}
		has := full.of(from, t, to.kind)
		has[to] = true
		if most := p.most(t); len(has) > most {
			return invalid("%s=%d has reached the limit of %d associated records of the type %s", from.kind.enum, from.id, most, to.kind.enum).
				sub("crm.associations.LIMIT_EXCEEDED").with("fromObjectId", from.idText()).with("limit", itoa(int64(most)))
		}
		return nil
	}
	for _, w := range list {
		types := w.types
		if plain := p.assoc.unlabelled(w.from.kind, w.to.kind); plain != nil && !slices.Contains(types, plain) {
			types = append(slices.Clone(types), plain)
		}
		for _, t := range types {
			if e := note(t, w.from, w.to); e != nil {
				return e
			}
			if e := note(t.inverse, w.to, w.from); e != nil {
				return e
			}
		}
	}
	return nil
}

func associationLimitRoutes() []route {
	return []route{
		r("GET", "limits/associations/records/from", 0, (*Portal).listCrowdedTypes),
		r("GET", "limits/associations/records/{from}/to", 0, (*Portal).listCrowdedEnds),
		r("GET", "limits/associations/records/{from}/{to}", 0, (*Portal).readCrowded),
		r("GET", "associations/definitions/configurations/all", association, (*Portal).listAllConfigurations),
		r("GET", "associations/definitions/configurations/{from}/{to}", association, (*Portal).listConfigurations),
	}
}

// crowded are the records that have as many associations as they may, or nearly.
func (p *Portal) crowded(from, to *kind) (most int, at, near []map[string]any) {
	plain := p.assoc.unlabelled(from, to)
	if plain == nil {
		return 0, nil, nil
	}
	most = p.most(plain)
	for _, o := range from.order {
		n := len(o.liveEdges(to))
		switch {
		case !o.live() || n*10 < most*8:
		case n >= most:
			at = append(at, map[string]any{"objectId": o.id, "label": o.idText()})
		default:
			near = append(near, map[string]any{"objectId": o.id, "label": o.idText(), "usage": n, "percentage": float64(n) * 100 / float64(most)})
		}
	}
	return most, at, near
}

// readCrowded is GET /crm/limits/…/associations/records/{from}/{to}.
func (p *Portal) readCrowded(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "from", reading)
	if e != nil {
		return nil, e
	}
	most, at, near := p.crowded(from, to)
	if most == 0 {
		return nil, invalid("%s and %s cannot be associated.", from.singular, to.singular)
	}
	const samples = 10
	return reply(http.StatusOK, map[string]any{"limit": most, "totalRecordsAtLimit": len(at), "totalRecordsNearLimit": len(near),
		"atLimitFromRecordSamples": append([]map[string]any{}, at[:min(len(at), samples)]...), "nearLimitFromRecordSamples": append([]map[string]any{}, near[:min(len(near), samples)]...)}), nil
}

func crowdedType(k *kind, at, near []map[string]any) map[string]any {
	return map[string]any{"objectTypeId": k.id, "singularLabel": title(k.singular), "pluralLabel": title(k.name), "hasRecordsAtLimit": len(at) > 0, "hasRecordsNearLimit": len(near) > 0}
}

// listCrowdedEnds is GET /crm/limits/…/associations/records/{from}/to.
func (p *Portal) listCrowdedEnds(c *call) (*answer, *apiError) {
	if e := p.allow(c, anyObject()); e != nil {
		return nil, e
	}
	from, e := p.find(c.args["from"])
	if e != nil {
		return nil, e
	}
	list := []map[string]any{}
	for _, to := range p.kinds {
		if _, at, near := p.crowded(from, to); len(at)+len(near) > 0 {
			list = append(list, crowdedType(to, at, near))
		}
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

// listCrowdedTypes is GET /crm/limits/…/associations/records/from.
func (p *Portal) listCrowdedTypes(c *call) (*answer, *apiError) {
	if e := p.allow(c, anyObject()); e != nil {
		return nil, e
	}
	list := []map[string]any{}
	for _, from := range p.kinds {
		var allAt, allNear []map[string]any
		for _, to := range p.kinds {
			_, at, near := p.crowded(from, to)
			allAt, allNear = append(allAt, at...), append(allNear, near...)
		}
		if len(allAt)+len(allNear) > 0 {
			list = append(list, crowdedType(from, allAt, allNear))
		}
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

// configured are the administrator's limits between two object types.
func (p *Portal) configured(from, to *kind) []map[string]any {
	list := []map[string]any{}
	for _, t := range p.assoc.between(from, to) {
		if most := p.enforced(t); most > 0 {
			list = append(list, map[string]any{"category": t.Category, "typeId": t.ID, "label": t.Label, "userEnforcedMaxToObjectIds": most})
		}
	}
	return list
}

// listConfigurations is GET …/associations/…/definitions/configurations/{from}/{to}.
func (p *Portal) listConfigurations(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "from", reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"results": p.configured(from, to)}), nil
}

// listAllConfigurations is GET …/associations/…/definitions/configurations/all.
func (p *Portal) listAllConfigurations(c *call) (*answer, *apiError) {
	if e := p.allow(c, anyObject()); e != nil {
		return nil, e
	}
	list := []map[string]any{}
	for _, from := range p.kinds {
		for _, to := range p.kinds {
			list = append(list, p.configured(from, to)...)
		}
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}
