package practice

import (
	"encoding/json"
	"net/http"
	"slices"
)

func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }

// pathPair is the pair of records that a path names. A record that is not there
// is told as an invalid association, except by v3.
func (p *Portal) pathPair(c *call) (w wish, from, to *kind, e *apiError) {
	if from, to, e = p.ends(c, "type", changing); e != nil {
		return w, nil, nil, e
	}
	find := func(k *kind, id string) (*object, *apiError) {
		o, e := p.lookup(k, id, "", false)
		if _, numeric := parseID(id); e != nil && numeric && c.version != v3 {
			e = noEnd(k, id).with("objectId", id).with("objectType", k.enum)
		}
		return o, e
	}
	if w.from, e = find(from, c.args["id"]); e != nil {
		return w, nil, nil, e
	}
	if w.to, e = find(to, c.args["other"]); e != nil {
		return w, nil, nil, e
	}
	if w.from == w.to {
		return w, nil, nil, invalid("Object %d cannot be associated to itself (%d)", w.from.id, w.to.id)
	}
	return w, from, to, nil
}

// noEnd is the refusal of an association with a record that is not there.
func noEnd(k *kind, id string) *apiError {
	return invalid("One or more associations are invalid").with("INVALID_OBJECT_IDS", k.enum+"="+id+" is not valid")
}

// associateDefault is PUT …/associations/default/{to}/{other}.
func (p *Portal) associateDefault(c *call) (*answer, *apiError) {
	w, from, to, e := p.pathPair(c)
	if e != nil {
		return nil, e
	}
	plain := p.assoc.unlabelled(from, to)
	if plain == nil {
		return nil, invalid("No default association exists between %s and %s", from.singular, to.singular)
	}
	w.types = []*associationType{plain}
	if e := p.roomFor([]wish{w}); e != nil {
		return nil, e
	}
	p.grant([]wish{w})
	t := p.newBatch()
	t.results = [][]byte{defaultResult(w, plain), defaultResult(wish{from: w.to, to: w.from}, plain.inverse)}
	return p.batchAnswer(http.StatusOK, t), nil
}

// associateLabelled is PUT …/associations/{to}/{other} with a list of types.
func (p *Portal) associateLabelled(c *call) (*answer, *apiError) {
	var types []wireType
	if e := decode(c.body, &types); e != nil {
		return nil, e
	}
	w, from, to, e := p.pathPair(c)
	if e != nil {
		return nil, e
	}
	if len(types) == 0 {
		return nil, missing(c.body, "AssociationSpec", "associationCategory", "associationTypeId")
	}
	for _, x := range types {
		t, e := p.typeBetween(from, to, x)
		if e != nil {
			return nil, e
		}
		w.types = append(w.types, t)
	}
	if e := p.roomFor([]wish{w}); e != nil {
		return nil, e
	}
	p.grant([]wish{w})
	return &answer{status: http.StatusCreated, body: p.appendAssociated(nil, w)}, nil
}

// dissociate is DELETE …/associations/{to}/{other}.
func (p *Portal) dissociate(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "type", changing)
	if e != nil {
		return nil, e
	}
	p.part(from, to, wireID(c.args["id"]), wireID(c.args["other"]), nil)
	return noContent(), nil
}

// associateNamed is v3's PUT …/associations/{to}/{other}/{type}.
func (p *Portal) associateNamed(c *call) (*answer, *apiError) {
	w, from, to, e := p.pathPair(c)
	if e != nil {
		return nil, e
	}
	t := p.typeNamed(from, to, c.args["name"])
	if t == nil {
		return nil, unknownType(from, to, c.args["name"])
	}
	w.types = []*associationType{t}
	if e := p.roomFor([]wish{w}); e != nil {
		return nil, e
	}
	if p.join(w.from, w.to, w.types) { // v3 adds a type to those that are there
		p.touchEnds(w.from, w.to)
	}
	v := p.view(from, nil, nil)
	v.linked = []*kind{to}
	return &answer{status: http.StatusOK, body: p.appendRecord(make([]byte, 0, recordSize), w.from, w.from.state, v)}, nil
}

// dissociateNamed is v3's DELETE …/associations/{to}/{other}/{type}.
func (p *Portal) dissociateNamed(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "type", changing)
	if e != nil {
		return nil, e
	}
	t := p.typeNamed(from, to, c.args["name"])
	if t == nil {
		return nil, unknownType(from, to, c.args["name"])
	}
	p.part(from, to, wireID(c.args["id"]), wireID(c.args["other"]), []*associationType{t})
	return noContent(), nil
}

// mostLabels is the most labels a team may define per pair of object types.
const mostLabels = 10

// listLabels is GET …/labels: every type from one object type to another.
func (p *Portal) listLabels(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "from", reading)
	if e != nil {
		return nil, e
	}
	types := p.assoc.between(from, to)
	if types == nil {
		types = []*associationType{}
	}
	return reply(http.StatusOK, map[string]any{"results": types}), nil
}

// listTypes is v3's GET …/types; no other version has it.
func (p *Portal) listTypes(c *call) (*answer, *apiError) {
	if c.version != v3 {
		return page(http.StatusNotFound, unknownPage), nil
	}
	from, to, e := p.ends(c, "from", reading)
	if e != nil {
		return nil, e
	}
	type named struct {
		ID   wireID `json:"id"`
		Name string `json:"name"`
	}
	list := []named{}
	for _, t := range p.assoc.between(from, to) {
		list = append(list, named{wireID(itoa(int64(t.ID))), t.name})
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

type labelRequest struct {
	ID      int    `json:"associationTypeId"`
	Label   string `json:"label"`
	Name    string `json:"name"`
	Inverse string `json:"inverseLabel"`
}

// createLabel is POST …/labels. The answer has both directions.
func (p *Portal) createLabel(c *call) (*answer, *apiError) {
	var req labelRequest
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	from, to, e := p.ends(c, "from", changing)
	if e != nil {
		return nil, e
	}
	if req.Label == "" || req.Name == "" {
		return nil, missing(c.body, "PublicAssociationDefinitionCreateRequest", "label", "name")
	}
	if !validLabelName(req.Name) {
		return nil, invalid("%s is not a valid name: it must not start with a digit or contain hyphens", req.Name)
	}
	own := 0
	for _, t := range p.assoc.between(from, to) {
		if t.Category == userDefined && !t.unlabelled {
			own++
		}
		if t.name == req.Name || t.Label != nil && *t.Label == req.Label {
			return nil, refuse(409, categoryExists, "A label named '%s' already exists.", req.Label)
		}
	}
	if own >= mostLabels {
		return nil, invalid("There can be at most %d labels between %s and %s", mostLabels, from.singular, to.singular)
	}
	backward := req.Inverse
	if backward == "" {
		backward = req.Label
	}
	there := &associationType{Category: userDefined, ID: p.assoc.nextLabel(), Label: &req.Label, from: from.id, to: to.id, name: req.Name}
	back := there
	if from != to || req.Inverse != "" {
		back = &associationType{Category: userDefined, ID: p.assoc.nextLabel(), Label: &backward, from: to.id, to: from.id, name: req.Name + "_inverse"}
	}
	p.assoc.pair(there, back)
	p.changes.document(docTypes)
	types := slices.Compact([]*associationType{there, back})
	return reply(http.StatusOK, map[string]any{"results": types}), nil
}

func validLabelName(s string) bool {
	for i, r := range s {
		if r == '-' || i == 0 && r >= '0' && r <= '9' {
			return false
		}
	}
	return s != ""
}

// updateLabel is PUT …/labels: another text for the same type.
func (p *Portal) updateLabel(c *call) (*answer, *apiError) {
	var req labelRequest
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	from, to, e := p.ends(c, "from", changing)
	if e != nil {
		return nil, e
	}
	t := p.assoc.find(from, to, userDefined, req.ID)
	if t == nil || t.unlabelled {
		return nil, notFound()
	}
	p.changes.document(docTypes)
	t.Label = &req.Label
	if req.Inverse != "" {
		t.inverse.Label = &req.Inverse
	}
	return noContent(), nil
}

// deleteLabel is DELETE …/labels/{label}; the pairs stay associated.
func (p *Portal) deleteLabel(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "from", changing)
	if e != nil {
		return nil, e
	}
	t := p.assoc.find(from, to, userDefined, int(atoi(c.args["label"])))
	if t == nil || t.unlabelled {
		return nil, notFound()
	}
	for _, o := range from.order {
		for _, e := range slices.Clone(o.edgesTo(to)) {
			if slices.Contains(e.types, t) {
				p.separate(o, e.to, []*associationType{t})
			}
		}
	}
	p.assoc.remove(t)
	p.changes.document(docTypes)
	return noContent(), nil
}

func (a *associationTypes) remove(t *associationType) {
	for _, x := range []*associationType{t, t.inverse} {
		key := [2]string{x.from, x.to}
		a.all[key] = slices.DeleteFunc(a.all[key], func(y *associationType) bool { return y == x })
	}
}
