package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The most inputs of association batches (facts 5.2), and the page of one
// record's associations.
const (
	readCap         = 1000
	associateCap    = 2000
	dissociateCap   = 100 // distinct records whose associations go
	associationPage = 500
	inlinePage      = 100
)

func associationRoutes() []route {
	const one = "objects/{type}/{id}/associations/"
	const many = "associations/{from}/{to}/"
	return []route{
		r("GET", one+"{to}", association, (*Portal).listAssociations),
		r("PUT", one+"default/{to}/{other}", association|writing, (*Portal).associateDefault),
		r("PUT", one+"{to}/{other}", association|writing, (*Portal).associateLabelled),
		r("DELETE", one+"{to}/{other}", association|writing, (*Portal).dissociate),
		r("PUT", one+"{to}/{other}/{name}", association|writing, (*Portal).associateNamed),
		r("DELETE", one+"{to}/{other}/{name}", association|writing, (*Portal).dissociateNamed),
		r("POST", many+"batch/read", association, (*Portal).batchReadAssociations),
		r("POST", many+"batch/create", association|writing, (*Portal).batchAssociate),
		r("POST", many+"batch/associate/default", association|writing, (*Portal).batchAssociateDefault),
		r("POST", many+"batch/archive", association|writing, (*Portal).batchDissociate),
		r("POST", many+"batch/labels/archive", association|writing, (*Portal).batchRemoveLabels),
		r("GET", many+"labels", association, (*Portal).listLabels),
		r("POST", many+"labels", association|writing, (*Portal).createLabel),
		r("PUT", many+"labels", association|writing, (*Portal).updateLabel),
		r("DELETE", many+"labels/{label}", association|writing, (*Portal).deleteLabel),
		r("GET", many+"types", association, (*Portal).listTypes),
	}
}

// ends finds the two object types of a call and checks the scopes of both.
func (p *Portal) ends(c *call, first string, a access) (from, to *kind, e *apiError) {
	if from, e = p.find(c.args[first]); e != nil {
		return nil, nil, e
	}
	if to, e = p.find(c.args["to"]); e != nil {
		return nil, nil, e
	}
	for _, k := range []*kind{from, to} {
		if e := p.active(k); e != nil {
			return nil, nil, e
		}
		need := k.reads
		if a == changing {
			need = k.writes
		}
		if e := p.allow(c, need); e != nil {
			return nil, nil, e
		}
	}
	if a == changing && c.token.NoEditAssociations && c.version.enforcesRules() {
		return nil, nil, invalid("Missing 'Edit Associations' permission.")
	}
	return from, to, nil
}

// appendEdge writes one associated record in v4's shape, or in v3's.
func (p *Portal) appendEdge(b []byte, e edge, v apiVersion) []byte {
	if v == v3 {
		return appendNamed(b, e, ',')
	}
	b = append(b, `{"toObjectId":`...)
	b = p.appendNumericID(b, e.to.id)
	b = append(b, `,"associationTypes":`...)
	b = append(b, encode(e.types)...)
	return append(b, '}')
}

// appendNumericID writes an id that live answers show as a number although the
// specification says string.
func (p *Portal) appendNumericID(b []byte, id uint64) []byte {
	if !p.opt.Switches.AssociationIDsAsText {
		return strconv.AppendUint(b, id, 10)
	}
	b = append(b, '"')
	b = strconv.AppendUint(b, id, 10)
	return append(b, '"')
}

// appendNamed writes an association as v3 does: an entry per type.
func appendNamed(b []byte, e edge, separator byte) []byte {
	for i, t := range e.types {
		if i > 0 {
			b = append(b, separator)
		}
		b = append(b, `{"id":"`...)
		b = strconv.AppendUint(b, e.to.id, 10)
		b = append(b, `","type":`...)
		b = appendText(b, t.name)
		b = append(b, '}')
	}
	return b
}

// appendLinked writes the "associations" of a record that was read with them.
func (p *Portal) appendLinked(b []byte, o *object, kinds []*kind) []byte {
	opened := false
	for _, k := range kinds {
		edges := o.liveEdges(k)
		if len(edges) == 0 {
			continue
		}
		if !opened {
			b = append(b, `,"associations":{`...)
			opened = true
		} else {
			b = append(b, ',')
		}
		name := k.name
		if k.custom() {
			name = k.full
		}
		b = appendText(b, name)
		b = append(b, `:{"results":[`...)
		more := len(edges) > inlinePage
		for i, e := range edges[:min(len(edges), inlinePage)] {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendNamed(b, e, ',')
		}
		b = append(b, ']')
		if more {
			b = p.appendNext(b, o, k, edges[inlinePage].to.id)
		}
		b = append(b, '}')
	}
	if opened {
		b = append(b, '}')
	}
	return b
}

func (p *Portal) appendNext(b []byte, o *object, to *kind, after uint64) []byte {
	return fmt.Appendf(b, `,"paging":{"next":{"after":"%d","link":"https://api.hubapi.com/crm/v4/objects/%s/%d/associations/%s?limit=%d&after=%d"}}`,
		after, o.kind.id, o.id, to.id, associationPage, after)
}

// page cuts a page of edges out of all, from the record named by after on.
func pageOf(edges []edge, after string, limit int) (part []edge, next uint64) {
	if id, ok := parseID(after); ok {
		i := slices.IndexFunc(edges, func(e edge) bool { return e.to.id >= id })
		if i < 0 {
			return nil, 0
		}
		edges = edges[i:]
	}
	if len(edges) <= limit {
		return edges, 0
	}
	return edges[:limit], edges[limit].to.id
}

// listAssociations is GET …/{id}/associations/{to}.
func (p *Portal) listAssociations(c *call) (*answer, *apiError) {
	from, to, e := p.ends(c, "type", reading)
	if e != nil {
		return nil, e
	}
	limit, e := p.limit(c, associationPage, associationPage)
	if e != nil {
		return nil, e
	}
	o, e := p.lookup(from, c.args["id"], "", false)
	if e != nil {
		return nil, e
	}
	part, next := pageOf(o.liveEdges(to), c.query.Get("after"), limit)
	b := []byte(`{"results":[`)
	for i, x := range part {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.appendEdge(b, x, c.version)
	}
	b = append(b, ']')
	if next != 0 {
		b = p.appendNext(b, o, to, next)
	}
	return &answer{status: http.StatusOK, body: append(b, '}')}, nil
}

type pairInput struct {
	ID    wireID     `json:"id"`    // of a read
	After wireID     `json:"after"` // of a read
	From  wireRef    `json:"from"`
	To    wireTarget `json:"to"`
	Types []wireType `json:"types"`
	Type  wireID     `json:"type"` // of v3
}

// wireTarget is one reference or, when archiving, several.
type wireTarget []wireRef

func (t *wireTarget) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		var list []wireRef
		err := unmarshal(b, &list)
		*t = list
		return err
	}
	var one wireRef
	err := unmarshal(b, &one)
	*t = wireTarget{one}
	return err
}

func (p *Portal) pairs(c *call, a access, most int) (from, to *kind, inputs []pairInput, e *apiError) {
	var req struct {
		Inputs []pairInput `json:"inputs"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, nil, nil, e
	}
	if req.Inputs == nil {
		return nil, nil, nil, missing(c.body, "BatchInput", "inputs")
	}
	if from, to, e = p.ends(c, "from", a); e != nil {
		return nil, nil, nil, e
	}
	if len(req.Inputs) > most {
		return nil, nil, nil, tooManyInputs(most)
	}
	return from, to, req.Inputs, nil
}

// batchReadAssociations is POST …/batch/read. Records without associations
// make the answer a 207 although nothing is wrong.
func (p *Portal) batchReadAssociations(c *call) (*answer, *apiError) {
	from, to, inputs, e := p.pairs(c, reading, readCap)
	if e != nil {
		return nil, e
	}
	t := p.newBatch()
	for _, in := range inputs {
		id, ok := parseID(string(in.ID))
		if !ok {
			t.errors = append(t.errors, notAnID(string(in.ID)))
			continue
		}
		var edges []edge
		if o := from.resolve(id); o != nil && o.live() {
			edges = o.liveEdges(to)
		}
		if len(edges) == 0 {
			t.errors = append(t.errors, itemError{State: "error", Category: categoryNotFound, SubCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
				Message: fmt.Sprintf("No %s is associated with %s %d.", to.singular, from.singular, id),
				Context: map[string][]string{"fromObjectId": {string(in.ID)}, "fromObjectType": {from.singular}, "toObjectType": {to.singular}}})
			continue
		}
		part, next := pageOf(edges, string(in.After), associationPage)
		b := append([]byte(`{"from":{"id":`), appendText(nil, string(in.ID))...)
		b = append(b, `},"to":[`...)
		for i, x := range part {
			if i > 0 {
				b = append(b, ',')
			}
			b = p.appendEdge(b, x, c.version)
		}
		b = append(b, ']')
		if next != 0 {
			b = p.appendNext(b, from.resolve(id), to, next)
		}
		t.results = append(t.results, append(b, '}'))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

func notAnID(id string) itemError {
	return itemError{State: "error", Category: categoryValidation, SubCategory: "crm.associations.INVALID_IDENTIFIER",
		Message: id + " is not a valid ID", Context: map[string][]string{"id": {id}}}
}

// wish is a validated input of an association batch.
type wish struct {
	from, to *object
	types    []*associationType
}

// wishes validates the inputs of a batch that associates: ids that are none
// and self-associations are reported per input, anything else refuses the
// whole.
func (p *Portal) wishes(c *call, from, to *kind, inputs []pairInput, t *batch) ([]wish, *apiError) {
	var list []wish
	var unknown []string
	for _, in := range inputs {
		if in.From.ID == "" || len(in.To) == 0 {
			return nil, missing(c.body, "PublicAssociationMultiPost", "from", "to")
		}
		a, okA := parseID(string(in.From.ID))
		b, okB := parseID(string(in.To[0].ID))
		switch {
		case !okA:
			t.errors = append(t.errors, notAnID(string(in.From.ID)))
			continue
		case !okB:
			t.errors = append(t.errors, notAnID(string(in.To[0].ID)))
			continue
		case from == to && a == b:
			t.errors = append(t.errors, itemError{State: "error", Category: categoryValidation,
				Message: fmt.Sprintf("Object %d cannot be associated to itself (%d)", a, b)})
			continue
		}
		w := wish{from: from.resolve(a), to: to.resolve(b)}
		var lost []string
		if w.from == nil || !w.from.live() {
			lost = append(lost, fmt.Sprintf("%s=%d is not valid", from.enum, a))
		}
		if w.to == nil || !w.to.live() {
			lost = append(lost, fmt.Sprintf("%s=%d is not valid", to.enum, b))
		}
		if len(lost) > 0 && p.opt.Switches.MissingEndsPartial {
			t.errors = append(t.errors, invalid("One or more associations are invalid").with("INVALID_OBJECT_IDS", lost...).
				with("fromObjectId", string(in.From.ID)).with("toObjectId", string(in.To[0].ID)).item(""))
			continue
		}
		unknown = append(unknown, lost...)
		for _, x := range in.Types {
			known, e := p.typeBetween(from, to, x)
			if e != nil {
				return nil, e
			}
			w.types = append(w.types, known)
		}
		list = append(list, w)
	}
	if len(unknown) > 0 {
		return nil, invalid("One or more associations are invalid").with("INVALID_OBJECT_IDS", unknown...)
	}
	return list, p.roomFor(list)
}

func (p *Portal) typeBetween(from, to *kind, x wireType) (*associationType, *apiError) {
	if t := p.assoc.find(from, to, x.Category, x.ID); t != nil {
		return t, nil
	}
	if t := p.assoc.anywhere(x.Category, x.ID); t != nil {
		return nil, invalid("invalid from object type %s for associations to be created. expected: %s", from.id, t.from)
	}
	return nil, invalid("One or more associations are invalid").with("associationSpec", x.String()).
		with("INVALID_ASSOCIATION_TYPE_ID", x.String()+" is not valid")
}

// singleOnly refuses a second record at the end of a one-to-one type.
func singleOnly(list []wish) *apiError {
	ends := map[*object][]*object{}
	note := func(t *associationType, from, to *object) *apiError {
		if !t.single {
			return nil
		}
		all := ends[from]
		for _, e := range from.edgesTo(to.kind) {
			if !slices.Contains(all, e.to) {
				all = append(all, e.to)
			}
		}
		if !slices.Contains(all, to) {
			all = append(all, to)
		}
		ends[from] = all
		if len(all) < 2 {
			return nil
		}
		var ids []string
		for _, o := range all {
			ids = append(ids, o.idText())
		}
		return invalid("cannot pass multiple to object ids: [%s] for one to one association type AssociationSpec{associationCategory=%s, associationTypeId=%d}",
			strings.Join(ids, ", "), t.Category, t.ID)
	}
	for _, w := range list {
		for _, t := range w.types {
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

func (p *Portal) grant(list []wish) {
	for _, w := range list {
		if p.setLabels(w.from, w.to, w.types) {
			p.touchEnds(w.from, w.to)
		}
	}
}

// batchAssociate is POST …/batch/create, in v4's or v3's shape.
func (p *Portal) batchAssociate(c *call) (*answer, *apiError) {
	from, to, inputs, e := p.pairs(c, changing, associateCap)
	if e != nil {
		return nil, e
	}
	if c.version == v3 {
		if e := p.nameTypes(from, to, inputs); e != nil {
			return nil, e
		}
	}
	for _, in := range inputs {
		if len(in.Types) == 0 {
			return nil, missing(c.body, "PublicAssociationMultiPost", "types")
		}
	}
	t := p.newBatch()
	list, e := p.wishes(c, from, to, inputs, t)
	if e != nil {
		return nil, e
	}
	list = list[:c.share(len(list))]
	p.grant(list)
	for _, w := range list {
		if c.version == v3 {
			t.results = append(t.results, namedResult(w.from, w.to, w.types[0]), namedResult(w.to, w.from, w.types[0].inverse))
			continue
		}
		t.results = append(t.results, p.appendAssociated(nil, w))
	}
	return p.batchAnswer(http.StatusCreated, t), nil
}

// namedResult is one direction of an association as v3 tells it.
func namedResult(from, to *object, t *associationType) []byte {
	return fmt.Appendf(nil, `{"from":{"id":"%d"},"to":{"id":"%d"},"type":"%s"}`, from.id, to.id, t.name)
}

func (p *Portal) appendAssociated(b []byte, w wish) []byte {
	labels := []string{}
	for _, t := range w.types {
		if t.Label != nil {
			labels = append(labels, *t.Label)
		}
	}
	b = append(b, `{"fromObjectTypeId":"`+w.from.kind.id+`","fromObjectId":`...)
	b = p.appendNumericID(b, w.from.id)
	b = append(b, `,"toObjectTypeId":"`+w.to.kind.id+`","toObjectId":`...)
	b = p.appendNumericID(b, w.to.id)
	b = append(b, `,"labels":`...)
	b = append(b, encode(labels)...)
	return append(b, '}')
}

// nameTypes turns v3's type names, or ids, into types.
func (p *Portal) nameTypes(from, to *kind, inputs []pairInput) *apiError {
	for i := range inputs {
		t := p.typeNamed(from, to, string(inputs[i].Type))
		if t == nil {
			return unknownType(from, to, string(inputs[i].Type))
		}
		inputs[i].Types = []wireType{{t.Category, t.ID}}
	}
	return nil
}

// unknownType is v3's answer to a type that a pair does not have. The object
// types are named as in the path, in the plural (belong-inc/go-hubspot).
func unknownType(from, to *kind, name string) *apiError {
	return invalid("%s is not a valid association type between %s and %s", name, from.name, to.name).
		sub("crm.associations.INVALID_ASSOCIATION_TYPE").with("type", name).with("fromObjectType", from.name).with("toObjectType", to.name)
}

func (p *Portal) typeNamed(from, to *kind, name string) *associationType {
	id := atoi(name)
	for _, t := range p.assoc.between(from, to) {
		if t.name == name || int64(t.ID) == id {
			return t
		}
	}
	return nil
}

// batchAssociateDefault is POST …/batch/associate/default.
func (p *Portal) batchAssociateDefault(c *call) (*answer, *apiError) {
	from, to, inputs, e := p.pairs(c, changing, associateCap)
	if e != nil {
		return nil, e
	}
	plain := p.assoc.unlabelled(from, to)
	if plain == nil {
		return nil, invalid("No default association exists between %s and %s", from.singular, to.singular)
	}
	for i := range inputs {
		inputs[i].Types = []wireType{{plain.Category, plain.ID}}
	}
	t := p.newBatch()
	list, e := p.wishes(c, from, to, inputs, t)
	if e != nil {
		return nil, e
	}
	list = list[:c.share(len(list))]
	p.grant(list)
	for _, w := range list {
		t.results = append(t.results, defaultResult(w, plain))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

func defaultResult(w wish, t *associationType) []byte {
	return fmt.Appendf(nil, `{"from":{"id":"%d"},"to":{"id":"%d"},"associationSpec":{"associationCategory":"%s","associationTypeId":%d}}`,
		w.from.id, w.to.id, t.Category, t.ID)
}

// batchDissociate is POST …/batch/archive: the whole association of each pair.
// It may name 100 records whose associations go.
func (p *Portal) batchDissociate(c *call) (*answer, *apiError) {
	from, to, inputs, e := p.pairs(c, changing, associateCap)
	if e != nil {
		return nil, e
	}
	named := make(map[wireID]bool)
	for _, in := range inputs {
		named[in.From.ID] = true
	}
	if len(named) > dissociateCap {
		return nil, tooManyInputs(dissociateCap)
	}
	for _, in := range inputs[:c.share(len(inputs))] {
		for _, ref := range in.To {
			p.part(from, to, in.From.ID, ref.ID, nil)
		}
	}
	return p.removed(c), nil
}

// removed is the answer to a batch that removes: empty in v4, a body without
// results in dated versions.
func (p *Portal) removed(c *call) *answer {
	if c.version.dated() {
		return p.batchAnswer(http.StatusOK, p.newBatch())
	}
	return noContent()
}

// part removes types between two records by their ids; unknown ones are ignored.
func (p *Portal) part(from, to *kind, a, b wireID, types []*associationType) {
	x, okX := parseID(string(a))
	y, okY := parseID(string(b))
	if !okX || !okY {
		return
	}
	one, other := from.resolve(x), to.resolve(y)
	if one != nil && other != nil && p.separate(one, other, types) {
		p.touchEnds(one, other)
	}
}

// batchRemoveLabels is POST …/batch/labels/archive.
func (p *Portal) batchRemoveLabels(c *call) (*answer, *apiError) {
	from, to, inputs, e := p.pairs(c, changing, associateCap)
	if e != nil {
		return nil, e
	}
	for _, in := range inputs {
		var types []*associationType
		for _, x := range in.Types {
			t, e := p.typeBetween(from, to, x)
			if e != nil {
				return nil, e
			}
			types = append(types, t)
		}
		if len(types) == 0 {
			return nil, missing(c.body, "PublicAssociationMultiPost", "types")
		}
		for _, ref := range in.To {
			p.part(from, to, in.From.ID, ref.ID, types)
		}
	}
	return p.removed(c), nil
}
