package practice

import (
	"net/http"
	"strconv"
	"strings"
)

// batchCap is the most inputs a batch of records takes; historyCap applies to
// reads with property histories.
const (
	batchCap   = 100
	historyCap = 50
)

type batchRequest struct {
	Inputs                []input  `json:"inputs"`
	Properties            []string `json:"properties"`
	PropertiesWithHistory []string `json:"propertiesWithHistory"`
	IDProperty            string   `json:"idProperty"`
}

// batch collects the answer to a batch.
type batch struct {
	started int64
	results [][]byte
	errors  []itemError
	ordered bool // results come as they were put here
}

func (p *Portal) newBatch() *batch { return &batch{started: p.millis()} }

// answer writes the envelope in the key order seen live: completedAt, status,
// startedAt, results, errors, numErrors.
func (p *Portal) batchAnswer(status int, t *batch) *answer {
	if !t.ordered && !p.opt.Switches.OrderedBatchResults {
		p.rng.Shuffle(len(t.results), func(i, j int) { t.results[i], t.results[j] = t.results[j], t.results[i] })
	}
	size := 160
	for _, r := range t.results {
		size += len(r) + 1
	}
	b := make([]byte, 0, size)
	b = append(b, `{"completedAt":"`...)
	b = appendInstant(b, p.millis())
	b = append(b, `","status":"COMPLETE","startedAt":"`...)
	b = appendInstant(b, t.started)
	b = append(b, `","results":[`...)
	for i, r := range t.results {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, r...)
	}
	b = append(b, ']')
	if len(t.errors) > 0 {
		status = http.StatusMultiStatus
		b = append(b, `,"errors":`...)
		b = append(b, encode(t.errors)...)
		b = append(b, `,"numErrors":`...)
		b = strconv.AppendInt(b, int64(len(t.errors)), 10)
	}
	return &answer{status: status, body: append(b, '}')}
}

// batchInputs reads a batch's body and checks, in HubSpot's order, its shape,
// the object type, the scopes, the size and repeated ids.
func (p *Portal) batchInputs(c *call, a access, size int, unique bool) (*kind, *batchRequest, *apiError) {
	var req batchRequest
	if e := decode(c.body, &req); e != nil {
		return nil, nil, e
	}
	if req.Inputs == nil {
		return nil, nil, missing(c.body, "BatchInput", "inputs")
	}
	k, e := p.open(c, a)
	if e != nil {
		return nil, nil, e
	}
	if len(req.PropertiesWithHistory) > 0 && len(req.Inputs) > historyCap {
		return nil, nil, invalid("The maximum number of inputs supported in a batch request for property histories is %d. Please reduce the number of items and try again", historyCap)
	}
	if len(req.Inputs) > size {
		return nil, nil, tooManyInputs(size)
	}
	if unique {
		if e := repeated(req.Inputs); e != nil {
			return nil, nil, e
		}
	}
	return k, &req, nil
}

func tooManyInputs(most int) *apiError {
	return invalid("The maximum number of inputs supported in a batch is %d. Please reduce the number of items and try again", most)
}

func repeated(inputs []input) *apiError {
	seen := make(map[[2]string]int, len(inputs))
	var twice []string
	for _, in := range inputs {
		key := [2]string{in.IDProperty, string(in.ID)}
		if in.IDProperty != "" { // unique values differ by more than case
			key[1] = strings.ToLower(strings.TrimSpace(key[1]))
		}
		if seen[key]++; seen[key] == 2 {
			twice = append(twice, string(in.ID))
		}
	}
	if len(twice) > 0 {
		return duplicateIDs(twice)
	}
	return nil
}

// traced reports whether every input has its own trace id, which is what makes
// HubSpot write the good ones of a batch with bad ones.
func traced(inputs []input) bool {
	seen := make(map[string]bool, len(inputs))
	for _, in := range inputs {
		if in.Trace == "" || seen[in.Trace] {
			return false
		}
		seen[in.Trace] = true
	}
	return len(inputs) > 0
}

// batchRead is POST …/batch/read: strongly consistent, unlike search.
func (p *Portal) batchRead(c *call) (*answer, *apiError) {
	k, req, e := p.batchInputs(c, reading, batchCap, false)
	if e != nil {
		return nil, e
	}
	if e := p.checkIDProperty(k, req.IDProperty, byRead); e != nil {
		return nil, e
	}
	v := p.view(k, req.Properties, req.PropertiesWithHistory)
	archived := c.flag("archived")
	t := p.newBatch()
	var lost []string
	seen := make(map[*object]bool, len(req.Inputs))
	for _, in := range req.Inputs {
		var o *object
		if req.IDProperty == "" || req.IDProperty == "hs_object_id" {
			if id, ok := parseID(string(in.ID)); ok {
				o = k.resolve(id)
			}
		} else {
			o = p.byUnique(k, req.IDProperty, string(in.ID), p.opt.Switches.SecondaryEmailBatch)
		}
		s := p.readState(o)
		if s == nil || (s.archivedAt != 0) != archived {
			lost = append(lost, string(in.ID))
			continue
		}
		if !seen[o] {
			seen[o] = true
			t.results = append(t.results, p.appendRecord(make([]byte, 0, recordSize), o, s, v))
		}
	}
	if len(lost) > 0 {
		t.errors = append(t.errors, k.lost(lost))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

// readState is the state that batch/read sees.
func (p *Portal) readState(o *object) *state {
	if o == nil {
		return nil
	}
	if p.opt.Switches.ReadsFromIndex {
		o.kind.index.catchUp(p)
		return o.indexed
	}
	return o.state
}

// lost is the entry for ids that a batch did not find.
func (k *kind) lost(ids []string) itemError {
	return itemError{State: "error", Category: categoryNotFound,
		Message: "Could not get some " + k.enum + " objects, they may be deleted or not exist. Check that ids are valid.",
		Context: map[string][]string{"ids": ids}}
}

// batchCreate is POST …/batch/create.
func (p *Portal) batchCreate(c *call) (*answer, *apiError) {
	k, req, e := p.batchInputs(c, changing, batchCap, false)
	if e != nil {
		return nil, e
	}
	if !k.served(c.version, noCreate) {
		return nil, unserved()
	}
	plan := make([]planned, len(req.Inputs))
	for i := range req.Inputs {
		plan[i] = planned{input: &req.Inputs[i]}
		if req.Inputs[i].Properties == nil {
			return nil, missing(c.body, "SimplePublicObjectBatchInputForCreate", "properties")
		}
	}
	t := p.newBatch()
	if e := p.execute(k, plan, traced(req.Inputs), c, t); e != nil {
		return nil, e
	}
	return p.batchAnswer(http.StatusCreated, t), nil
}

// batchUpdate is POST …/batch/update, by record id or a unique property; not
// by a contact's address or hs_object_id, and not by the id of a merged-away
// record.
func (p *Portal) batchUpdate(c *call) (*answer, *apiError) {
	k, req, e := p.batchInputs(c, changing, batchCap, true)
	if e != nil {
		return nil, e
	}
	var plan []planned
	var lost []string
	for i := range req.Inputs {
		in := &req.Inputs[i]
		if in.Properties == nil {
			return nil, missing(c.body, "SimplePublicObjectBatchInput", "properties")
		}
		if in.ID == "" {
			return nil, missing(c.body, "SimplePublicObjectBatchInput", "id")
		}
		if e := p.checkIDProperty(k, in.IDProperty, byUpdate); e != nil {
			return nil, e
		}
		var o *object
		if in.IDProperty == "" {
			id, _ := parseID(string(in.ID))
			o = k.objects[id]
			if _, old := k.alias[id]; old && o == nil {
				if p.opt.Switches.OldIDsOmitted {
					continue
				}
				if p.opt.Switches.OldIDsReachSurvivor {
					o = k.resolve(id)
				}
			}
		} else {
			o = p.byUnique(k, in.IDProperty, string(in.ID), true)
		}
		if o == nil || !o.live() {
			lost = append(lost, string(in.ID))
			continue
		}
		plan = append(plan, planned{input: in, target: o})
	}
	t := p.newBatch()
	if e := p.execute(k, plan, traced(req.Inputs), c, t); e != nil {
		return nil, e
	}
	if len(lost) > 0 {
		t.errors = append(t.errors, k.lost(lost))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

// batchUpsert is POST …/batch/upsert: update by a unique property, or create.
func (p *Portal) batchUpsert(c *call) (*answer, *apiError) {
	k, req, e := p.batchInputs(c, changing, batchCap, true)
	if e != nil {
		return nil, e
	}
	if !k.served(c.version, noUpsert) {
		return nil, unserved()
	}
	plan := make([]planned, 0, len(req.Inputs))
	partial := traced(req.Inputs)
	var lost []string
	for i := range req.Inputs {
		in := &req.Inputs[i]
		if in.Properties == nil {
			return nil, missing(c.body, "SimplePublicObjectBatchInputUpsert", "properties")
		}
		if in.ID == "" {
			return nil, missing(c.body, "SimplePublicObjectBatchInputUpsert", "id")
		}
		if in.IDProperty == "" && p.opt.Switches.UpsertNeedsProperty {
			return nil, missing(c.body, "SimplePublicObjectBatchInputUpsert", "idProperty")
		}
		if e := p.checkIDProperty(k, in.IDProperty, byUpsert); e != nil {
			return nil, e
		}
		if in.IDProperty == "" {
			id, _ := parseID(string(in.ID))
			if o := k.objects[id]; o != nil && o.live() {
				plan = append(plan, planned{input: in, target: o, upsert: true})
			} else {
				lost = append(lost, string(in.ID))
			}
			continue
		}
		if in.IDProperty == "email" && !p.opt.Switches.EmailUpsertPartial {
			partial = false
		}
		if _, sent := in.Properties[in.IDProperty]; !sent {
			in.Properties[in.IDProperty] = wireValue{text: string(in.ID)}
		}
		plan = append(plan, planned{input: in, target: p.upsertTarget(k, in), upsert: true})
	}
	t := p.newBatch()
	if e := p.execute(k, plan, partial, c, t); e != nil {
		return nil, e
	}
	if len(lost) > 0 {
		t.errors = append(t.errors, k.lost(lost))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

// upsertTarget is the record an upsert updates, nil to create one.
func (p *Portal) upsertTarget(k *kind, in *input) *object {
	if o := p.byUnique(k, in.IDProperty, string(in.ID), true); o != nil {
		return o
	}
	if p.opt.Switches.ArchivedUnique != ArchivedRevives {
		return nil
	}
	o := k.objects[k.shelf[claim{p.names.intern(in.IDProperty), p.fold(string(in.ID))}]]
	if o != nil && !o.live() && p.reclaim(o) == nil {
		p.setArchived(o, false, false)
		return o
	}
	return nil
}

// toArchive is the record that an archive by an id is about, nil for none.
func (p *Portal) toArchive(k *kind, id uint64) *object {
	if p.opt.Switches.OldIDsNotArchived {
		return k.objects[id]
	}
	return k.resolve(id)
}

// batchArchive is POST …/batch/archive; unknown ids are ignored.
func (p *Portal) batchArchive(c *call) (*answer, *apiError) {
	k, req, e := p.batchInputs(c, changing, batchCap, p.opt.Switches.ArchiveRepeatsFail)
	if e != nil {
		return nil, e
	}
	var found []*object
	var lost []string
	for _, in := range req.Inputs {
		id, _ := parseID(string(in.ID))
		if o := p.toArchive(k, id); o != nil && o.live() {
			found = append(found, o)
		} else {
			lost = append(lost, string(in.ID))
		}
	}
	if len(lost) > 0 && p.opt.Switches.ArchiveUnknownFails {
		return nil, refuse(404, categoryNotFound, "%s", k.lost(lost).Message).with("ids", lost...)
	}
	for _, o := range found[:c.share(len(found))] {
		if o.live() { // an id may come twice
			p.archive(o, false)
		}
	}
	return noContent(), nil
}

// share is how many of n inputs a call commits: all, unless a fault stops it
// half way.
func (c *call) share(n int) int {
	if c.half {
		return n / 2
	}
	return n
}

// planned is one input on its way through a batch.
type planned struct {
	input  *input
	target *object
	upsert bool
	write  *write
	err    *apiError
}

// execute validates and writes the inputs of a batch. Without trace ids one
// bad input refuses the whole batch and nothing is written; with them the good
// ones are written and the others reported.
func (p *Portal) execute(k *kind, plan []planned, partial bool, c *call, t *batch) *apiError {
	if e := p.validateAll(k, plan, partial, c); e != nil {
		return e
	}
	if !partial {
		if e := p.clash(k, plan); e != nil {
			return e
		}
		if e := p.ruledOut(k, plan, c); e != nil {
			return e
		}
	}
	by := p.sourceID(c.source())
	for i := range plan[:c.share(len(plan))] {
		x := &plan[i]
		fresh := x.target == nil
		if x.err == nil && partial {
			id := k.lastID + 1
			if !fresh {
				id = x.target.id
			}
			x.err = p.admissible(k, x.write, id, c)
		}
		if x.err != nil {
			if x.upsert && x.err.Category == categoryConflict && p.opt.Switches.UpsertConflictWhole {
				return bare(x.err)
			}
			t.errors = append(t.errors, x.err.item(x.input.Trace))
			continue
		}
		o := p.commit(k, x.write, by, true)
		v := p.writeView(k, x.write, fresh)
		if x.upsert {
			v.fresh = &fresh
		}
		t.results = append(t.results, p.appendRecord(make([]byte, 0, recordSize), o, o.state, v))
	}
	return nil
}

// validateAll checks values first, then completeness; without trace ids all
// invalid values of all inputs are reported in one refusal.
func (p *Portal) validateAll(k *kind, plan []planned, partial bool, c *call) *apiError {
	var all []propertyError
	for i := range plan {
		w, errs := p.validate(k, plan[i].input, plan[i].target, c.version)
		plan[i].write = w
		if len(errs) == 0 {
			continue
		}
		if !partial {
			all = append(all, errs...)
			continue
		}
		plan[i].err = p.invalidProperties(errs)
	}
	if len(all) > 0 {
		return p.invalidProperties(all)
	}
	for i := range plan {
		if plan[i].err != nil {
			continue
		}
		if e := p.complete(k, plan[i].write, c); e != nil {
			if !partial {
				return e
			}
			plan[i].err = e
		}
	}
	return nil
}

// ruledOut refuses a batch for what its inputs have against the
// administrator's rules, all of it in one refusal.
func (p *Portal) ruledOut(k *kind, plan []planned, c *call) *apiError {
	var all []propertyError
	for i := range plan {
		all = append(all, p.checkRules(k, plan[i].write, c.version)...)
	}
	if len(all) > 0 {
		return p.invalidProperties(all)
	}
	return nil
}

// clash checks unique values against the portal and among the inputs
// themselves, before anything is written; only the first offender is reported.
func (p *Portal) clash(k *kind, plan []planned) *apiError {
	taken := claims{}
	for i := range plan {
		x := &plan[i]
		id := k.lastID + 1 + uint64(i)
		if x.target != nil {
			id = x.target.id
		}
		e := p.checkUnique(k, x.write, id, taken)
		if e == nil {
			continue
		}
		if e.Category == categoryConflict && p.concealed() {
			e.Message = "Contact already exists"
		}
		return bare(e)
	}
	return nil
}

// concealed decides whether a conflict is told without the record's id.
func (p *Portal) concealed() bool {
	switch p.opt.Switches.ConflictNames {
	case ConflictNamed:
		return false
	case ConflictUnnamed:
		return true
	case ConflictVaries:
	}
	return p.rng.IntN(2) == 0
}

// source is who a call's writes are attributed to.
func (c *call) source() source {
	return source{Type: "INTEGRATION", ID: strconv.FormatInt(c.token.AppID, 10), Label: c.token.label(), UserID: c.token.UserID}
}
