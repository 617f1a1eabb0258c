package practice

import (
	"net/http"
	"slices"
	"strconv"
)

func objectRoutes() []route {
	return []route{
		r("POST", "objects/{type}/batch/read", 0, (*Portal).batchRead),
		r("POST", "objects/{type}/batch/create", writing, (*Portal).batchCreate),
		r("POST", "objects/{type}/batch/update", writing, (*Portal).batchUpdate),
		r("POST", "objects/{type}/batch/upsert", writing, (*Portal).batchUpsert),
		r("POST", "objects/{type}/batch/archive", writing, (*Portal).batchArchive),
		r("POST", "objects/{type}/search", search, (*Portal).searchRecords),
		r("POST", "objects/{type}/merge", writing, (*Portal).mergeRecords),
		r("POST", "objects/{type}/gdpr-delete", writing, (*Portal).eraseRecord),
		r("GET", "objects/{type}", 0, (*Portal).listRecords),
		r("POST", "objects/{type}", writing, (*Portal).createRecord),
		r("GET", "objects/{type}/{id}", 0, (*Portal).readRecord),
		r("PATCH", "objects/{type}/{id}", writing, (*Portal).updateRecord),
		r("DELETE", "objects/{type}/{id}", writing, (*Portal).archiveRecord),
	}
}

// listRecords is GET …/objects/{type}: live or archived records by id.
func (p *Portal) listRecords(c *call) (*answer, *apiError) {
	k, e := p.open(c, reading)
	if e != nil {
		return nil, e
	}
	limit, e := p.limit(c, 10, 100)
	if e != nil {
		return nil, e
	}
	v := p.view(k, c.list("properties"), c.list("propertiesWithHistory"))
	if len(v.history) > 0 && limit > 50 {
		return nil, invalid("The maximum number of results per page for property histories is 50. Please reduce the limit and try again")
	}
	if v.linked, e = p.linkedKinds(c); e != nil {
		return nil, e
	}
	start := 0
	if after := c.query.Get("after"); after != "" {
		id, ok := parseID(after)
		if !ok {
			return nil, problem()
		}
		start, _ = k.position(id)
	}
	limit = p.pageSize(limit)
	archived := c.flag("archived")
	b, n := []byte(`{"results":[`), 0
	for i := start; i < len(k.order); i++ {
		o := k.order[i]
		if o.live() == archived {
			continue
		}
		if n == limit {
			b = append(b, ']')
			b = p.appendListPaging(b, c, o.id)
			return &answer{status: http.StatusOK, body: append(b, '}')}, nil
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = p.appendRecord(b, o, o.state, v)
	}
	return &answer{status: http.StatusOK, body: append(b, "]}"...)}, nil
}

// limit reads the page size.
func (p *Portal) limit(c *call, normal, most int) (int, *apiError) {
	text := c.query.Get("limit")
	if text == "" {
		return normal, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most || n == 0 && p.opt.Switches.ZeroLimitRefused {
		return 0, invalid("Invalid limit %s. The limit must be between 0 and %d.", text, most)
	}
	if n == 0 {
		n = normal
	}
	return n, nil
}

// pageSize is how many entries a page shows that may have limit.
func (p *Portal) pageSize(limit int) int {
	if !p.opt.Switches.ShortPages || limit < 2 {
		return limit
	}
	return limit - p.rng.IntN((limit+1)/2)
}

// appendListPaging writes the link to the page that starts with the record id.
func (p *Portal) appendListPaging(b []byte, c *call, id uint64) []byte {
	after := strconv.FormatUint(id, 10)
	b = append(b, `,"paging":{"next":{"after":`...)
	b = appendText(b, after)
	b = append(b, `,"link":`...)
	b = appendText(b, linkTo(c, after))
	return append(b, "}}"...)
}

type access int

const (
	reading access = iota
	changing
)

// open finds the object type of a call and checks the scopes for it.
func (p *Portal) open(c *call, a access) (*kind, *apiError) {
	k, e := p.find(c.args["type"])
	if e != nil {
		return nil, e
	}
	need := k.reads
	if a == changing {
		need = k.writes
	}
	if e := p.active(k); e != nil {
		return nil, e
	}
	if a == changing && !k.served(c.version, noWrite) || !k.served(c.version, 0) {
		return nil, unserved()
	}
	return k, p.allow(c, need)
}

// active refuses what a portal without the product refuses.
func (p *Portal) active(k *kind) *apiError {
	if slices.Contains(p.opt.Without, k.name) {
		return refuse(403, "", "You do not have permissions to view object type %s.", k.enum)
	}
	return nil
}

// unserved is the refusal of what the API has no address for.
func unserved() *apiError { return &apiError{Status: http.StatusNotFound, page: unknownPage} }

// linkedKinds are the object types whose associations a read asks for; it takes
// their scopes too.
func (p *Portal) linkedKinds(c *call) ([]*kind, *apiError) {
	var kinds []*kind
	for _, name := range c.list("associations") {
		k, e := p.find(name)
		if e != nil { // what does not exist is ignored, as unknown properties are
			continue
		}
		if e := p.allow(c, k.reads); e != nil {
			return nil, e
		}
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

// lookup finds the record of a path: by id, following merges, or by a unique
// property. archived chooses between live and archived ones.
func (p *Portal) lookup(k *kind, id, property string, archived bool) (*object, *apiError) {
	if e := p.checkIDProperty(k, property, byRead); e != nil {
		return nil, e
	}
	var o *object
	if property == "" || property == "hs_object_id" {
		n, ok := parseID(id)
		if !ok {
			return nil, notNumeric(id)
		}
		o = k.resolve(n)
	} else {
		o = p.byUnique(k, property, id, !p.opt.Switches.SecondaryEmailMisses)
	}
	if o == nil || o.live() == archived {
		return nil, notFound()
	}
	return o, nil
}

// readRecord is GET …/objects/{type}/{id}.
func (p *Portal) readRecord(c *call) (*answer, *apiError) {
	if c.args["id"] == "search" && p.opt.Switches.SearchByGetForbidden {
		return nil, notAllowed()
	}
	k, e := p.open(c, reading)
	if e != nil {
		return nil, e
	}
	o, e := p.lookup(k, c.args["id"], c.query.Get("idProperty"), c.flag("archived"))
	if e != nil {
		return nil, e
	}
	v := p.view(k, c.list("properties"), c.list("propertiesWithHistory"))
	if v.linked, e = p.linkedKinds(c); e != nil {
		return nil, e
	}
	return &answer{status: http.StatusOK, body: p.appendRecord(make([]byte, 0, recordSize), o, o.state, v)}, nil
}

// createRecord is POST …/objects/{type}.
func (p *Portal) createRecord(c *call) (*answer, *apiError) {
	var in input
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if in.Properties == nil {
		return nil, missing(c.body, "SimplePublicObjectInputForCreate", "properties")
	}
	k, e := p.open(c, changing)
	if e != nil {
		return nil, e
	}
	if !k.served(c.version, noCreate) {
		return nil, unserved()
	}
	w, e := p.prepare(k, &in, nil, c)
	if e != nil {
		return nil, e
	}
	if e := p.admissible(k, w, k.lastID+1, c); e != nil {
		return nil, bare(e)
	}
	o := p.commit(k, w, p.sourceID(c.source()), true)
	a := &answer{status: http.StatusCreated, body: p.appendRecord(make([]byte, 0, recordSize), o, o.state, p.writeView(k, w, true))}
	a.header = http.Header{"Location": {"https://api.hubapi.com/crm/v3/objects/" + k.id + "/" + o.idText()}}
	return a, nil
}

// bare drops the context that conflicts have only as entries of a 207.
func bare(e *apiError) *apiError {
	if e.Category == categoryConflict {
		e.Context = nil
	}
	return e
}

// updateRecord is PATCH …/objects/{type}/{id}; unlike a batch it takes the id
// of a merged-away record.
func (p *Portal) updateRecord(c *call) (*answer, *apiError) {
	var in input
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if in.Properties == nil {
		return nil, missing(c.body, "SimplePublicObjectInput", "properties")
	}
	k, e := p.open(c, changing)
	if e != nil {
		return nil, e
	}
	o, e := p.lookup(k, c.args["id"], c.query.Get("idProperty"), false)
	if e != nil {
		if e.Status == 404 && p.opt.Switches.SinglePatchDoubleSpace {
			e = notNumeric(c.args["id"])
		}
		return nil, e
	}
	w, e := p.prepare(k, &in, o, c)
	if e != nil {
		return nil, e
	}
	if e := p.admissible(k, w, o.id, c); e != nil {
		return nil, bare(e)
	}
	p.commit(k, w, p.sourceID(c.source()), true)
	return &answer{status: http.StatusOK, body: p.appendRecord(make([]byte, 0, recordSize), o, o.state, p.writeView(k, w, false))}, nil
}

// archiveRecord is DELETE …/objects/{type}/{id}.
func (p *Portal) archiveRecord(c *call) (*answer, *apiError) {
	k, e := p.open(c, changing)
	if e != nil {
		return nil, e
	}
	id, ok := parseID(c.args["id"])
	if !ok {
		if p.opt.Switches.TextIDsArchived {
			return noContent(), nil
		}
		return nil, notNumeric(c.args["id"])
	}
	o := p.toArchive(k, id)
	if o == nil || !o.live() {
		if p.opt.Switches.DeleteUnknownFails {
			return nil, notFound()
		}
		return noContent(), nil
	}
	p.archive(o, false)
	return noContent(), nil
}

// archive takes a record out of sight; its unique values become free.
func (p *Portal) archive(o *object, person bool) {
	p.release(o, true)
	p.setArchived(o, true, person)
}

// admissible is what a valid input must pass besides: unique values, and then
// the administrator's rules.
func (p *Portal) admissible(k *kind, w *write, id uint64, c *call) *apiError {
	if e := p.checkUnique(k, w, id, nil); e != nil {
		return e
	}
	if errs := p.checkRules(k, w, c.version); len(errs) > 0 {
		return p.invalidProperties(errs)
	}
	return nil
}

// prepare validates one input on its own: values, required ones, associations.
func (p *Portal) prepare(k *kind, in *input, target *object, c *call) (*write, *apiError) {
	w, errs := p.validate(k, in, target, c.version)
	if len(errs) > 0 {
		return nil, p.invalidProperties(errs)
	}
	if e := p.complete(k, w, c); e != nil {
		return nil, e
	}
	return w, nil
}

// complete is what prepare does after the values themselves were found valid.
func (p *Portal) complete(k *kind, w *write, c *call) *apiError {
	p.fillDefaults(k, w, c.token != nil)
	if w.target == nil {
		if e := p.checkRequired(k, w); e != nil {
			return e
		}
	}
	if e := p.prepareEdges(k, w, c); e != nil {
		return e
	}
	return p.checkBirth(k, w, c)
}

// checkBirth refuses a new lead that belongs to nobody: it must be associated
// with a contact or a company from the start (facts 3.2).
func (p *Portal) checkBirth(k *kind, w *write, c *call) *apiError {
	if k.name != "leads" || w.target != nil || c.token == nil || p.opt.Switches.LoneLeads {
		return nil
	}
	if slices.ContainsFunc(w.edges, func(e edgeSpec) bool { return e.to.kind.name == "contacts" || e.to.kind.name == "companies" }) {
		return nil
	}
	return invalid("Error creating %s. A lead must be associated with a contact or a company.", k.enum)
}

// commit writes a validated input and returns its record.
func (p *Portal) commit(k *kind, w *write, by uint32, api bool) *object {
	o := w.target
	created := o == nil
	if created {
		at := p.millis()
		if w.created != 0 {
			at = w.created
		}
		o = p.newObject(k, p.nextID(k), at, by)
		w.target = o
	}
	before := o.state
	if created {
		p.hushed(func() { p.assign(o, w.set, by) })
		p.tell(Event{Kind: RecordCreated, Person: p.inPerson(by), Values: p.storedValues(o)}, o)
	} else {
		p.assign(o, w.set, by)
	}
	if created && o.state == before {
		p.publish(o, &state{modified: o.modified})
	}
	p.claimValues(o, before)
	for _, e := range w.edges {
		p.connect(o, e)
	}
	if created && k.name == "contacts" && api && p.opt.Switches.AssociateCompanies {
		p.later(associationDelay, job{contact: o})
	}
	return o
}
