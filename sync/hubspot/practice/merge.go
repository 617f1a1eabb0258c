package practice

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// mostIdentities is the most records that may have gone into one (facts 3.6).
const mostIdentities = 250

// mergeRecords is POST …/merge.
func (p *Portal) mergeRecords(c *call) (*answer, *apiError) {
	var req struct {
		Primary wireID `json:"primaryObjectId"`
		Other   wireID `json:"objectIdToMerge"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if req.Primary == "" || req.Other == "" {
		return nil, missing(c.body, "PublicMergeInput", "primaryObjectId", "objectIdToMerge")
	}
	k, e := p.open(c, changing)
	if e != nil {
		return nil, e
	}
	if !p.mergeable(k, c.version) {
		return nil, notFound()
	}
	o, e := p.merge(k, string(req.Primary), string(req.Other), p.sourceID(c.source()))
	if e != nil {
		return nil, e
	}
	v := p.view(k, nil, nil)
	return &answer{status: http.StatusOK, body: p.appendRecord(make([]byte, 0, recordSize), o, o.state, v)}, nil
}

// mergeable are the types that a version merges; 2026-09 added some.
func (p *Portal) mergeable(k *kind, v apiVersion) bool {
	return k.custom() || p.opt.Switches.ActivitiesMerge && slices.Contains(activities, k.id) || k.merges ||
		v >= v2026_09 && slices.Contains([]string{"products", "line_items", "quotes"}, k.name)
}

// merge makes one record of two. The survivor is a new record with a new id;
// both old ids become its aliases.
func (p *Portal) merge(k *kind, primary, other string, by uint32) (*object, *apiError) {
	a, e := p.mergePart(k, primary)
	if e != nil {
		return nil, e
	}
	b, e := p.mergePart(k, other)
	if e != nil {
		return nil, e
	}
	if a == b {
		return nil, invalid("Cannot merge record %d with itself", a.id)
	}
	if len(a.merged)+len(b.merged)+2 > mostIdentities {
		return nil, refuse(414, "", "Cannot have more than %d identities on a profile", mostIdentities)
	}
	set, secondary := p.mergedValues(k, a, b)
	edges := mergedEdges(a, b)
	p.release(a, false)
	p.release(b, false)
	id := p.nextID(k)
	merged := append(slices.Clone(a.merged), b.merged...)
	if p.opt.Switches.MergeKeepsPrimaryID {
		id = a.id
		merged = append(merged, b.id)
	} else {
		merged = append(merged, a.id, b.id)
	}
	p.vanish(a)
	p.vanish(b)
	o := p.newObject(k, id, min(a.created, b.created), a.creator)
	o.merged, o.secondary = merged, secondary
	for _, old := range merged {
		k.alias[old] = id
	}
	p.changes.merged(k, merged)
	o.state = &state{cells: a.cells, modified: o.modified, seq: o.seq}
	p.tell(Event{Kind: RecordMerged, Person: p.inPerson(by), From: []string{a.idText(), b.idText()}}, o)
	before := &state{}
	p.assign(o, set, by)
	p.touch(o)
	p.claimValues(o, before)
	for _, email := range secondary {
		k.emails[email] = o.id
	}
	for _, e := range edges {
		p.join(o, e.to, e.types)
	}
	p.mergeMembers(k, o.id, a.id, b.id)
	return o, nil
}

func (p *Portal) mergePart(k *kind, id string) (*object, *apiError) {
	n, ok := parseID(id)
	if !ok {
		return nil, notNumeric(id)
	}
	if to, gone := k.alias[n]; gone && k.objects[n] == nil && p.opt.Switches.MergedMergesAgain {
		n = to
	} else if gone && k.objects[n] == nil {
		return nil, invalid("Record %d was already merged", n)
	}
	o := k.objects[n]
	if o == nil || !o.live() {
		return nil, notFound()
	}
	return o, nil
}

// mergedValues fills the primary's gaps from the other record and picks the
// special cases: the furthest lifecycle stage, and the other's addresses as
// additional ones.
func (p *Portal) mergedValues(k *kind, a, b *object) (set []assignment, secondary []string) {
	email := p.names.intern("email")
	stage := p.names.intern("lifecyclestage")
	secondary = append(slices.Clone(a.secondary), b.secondary...)
	for _, c := range b.cells {
		mine := a.stored(c.name)
		switch {
		case c.value == "":
		case mine == "":
			set = append(set, assignment{c.name, c.value})
		case c.name == email && k.name == "contacts" && mine != c.value:
			secondary = append(secondary, c.value)
		case c.name == stage && k.props["lifecyclestage"] != nil:
			d := k.props["lifecyclestage"]
			if lifecycleRank(d, c.value) > lifecycleRank(d, mine) {
				set = append(set, assignment{c.name, c.value})
			}
		}
	}
	slices.Sort(secondary)
	return set, slices.Compact(secondary)
}

// mergedEdges is the union of two records' edges; where both have a primary
// one, the first record's wins.
func mergedEdges(a, b *object) []edge {
	var all []edge
	primary := map[int]bool{}
	seen := map[*object]int{}
	for _, from := range []*object{a, b} {
		for _, e := range from.edges {
			if e.to == a || e.to == b {
				continue
			}
			var types []*associationType
			for _, t := range e.types {
				if t.primary && from == b && primary[t.ID] {
					continue
				}
				types = append(types, t)
			}
			if i, ok := seen[e.to]; ok {
				for _, t := range types {
					if !slices.Contains(all[i].types, t) {
						all[i].types = append(slices.Clone(all[i].types), t)
					}
				}
				continue
			}
			seen[e.to] = len(all)
			all = append(all, edge{e.to, types})
		}
		for _, e := range a.edges {
			for _, t := range e.types {
				primary[t.ID] = primary[t.ID] || t.primary
			}
		}
	}
	return all
}

// vanish removes a record from everything, at once from the index too.
func (p *Portal) vanish(o *object) {
	k := o.kind
	for len(o.edges) > 0 {
		p.separate(o, o.edges[0].to, nil)
	}
	if o.live() {
		k.live--
	}
	delete(k.objects, o.id)
	if i, ok := k.position(o.id); ok {
		k.order = slices.Delete(k.order, i, i+1)
	}
	gone := *o.state
	gone.archivedAt = p.millis()
	p.publish(o, &gone)
}

// erasable are the object types with records about persons.
var erasable = []string{"contacts", "appointments"}

// eraseRecord is POST …/gdpr-delete: the record is gone for good. Whether its
// address may be used again is a switch; HubSpot's documentation of 2026-09 says
// that it may.
func (p *Portal) eraseRecord(c *call) (*answer, *apiError) {
	var req struct {
		ID       wireID `json:"objectId"`
		Property string `json:"idProperty"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if req.ID == "" {
		return nil, missing(c.body, "PublicGdprDeleteInput", "objectId")
	}
	k, e := p.open(c, changing)
	if e != nil {
		return nil, e
	}
	if !slices.Contains(erasable, k.name) && !p.opt.Switches.ErasesEverything {
		return nil, notFound()
	}
	p.changes.of(k, docErased)
	var o *object
	if req.Property == "email" {
		email := strings.ToLower(strings.TrimSpace(string(req.ID)))
		k.erased[email] = true
		o = p.byUnique(k, "email", email, true)
	} else if id, ok := parseID(string(req.ID)); ok {
		o = k.resolve(id)
	} else {
		return nil, notNumeric(string(req.ID))
	}
	if o == nil && p.opt.Switches.UnknownErasedRefused {
		return nil, notFound()
	}
	if o != nil {
		for email := range k.emailsOf(p, o) {
			k.erased[email] = true
		}
		p.release(o, false)
		p.vanish(o)
		p.hookErased(o)
	}
	return noContent(), nil
}

// associationDelay is how long HubSpot takes to associate a new contact with
// the company of its domain.
const associationDelay = 3 * time.Second

// freeMail are domains that belong to no company.
var freeMail = []string{"gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "icloud.com", "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me"}

// associateCompany finds or makes the company of a contact's domain.
func (p *Portal) associateCompany(o *object) {
	domain := p.text(o, "hs_email_domain")
	companies := p.kindBy["companies"]
	if domain == "" || !o.live() || slices.Contains(freeMail, domain) || len(o.edgesTo(companies)) > 0 {
		return
	}
	name := p.names.intern("domain")
	var match *object
	for _, x := range companies.order {
		if x.live() && x.stored(name) == domain {
			match = x
			break
		}
	}
	if match == nil {
		by := p.sourceID(source{Type: "AUTO_ASSOCIATE_COMPANIES", Label: "Automatic company association"})
		match = p.newObject(companies, p.nextID(companies), p.millis(), by)
		p.assign(match, []assignment{{name, domain}}, by)
	}
	p.join(o, match, []*associationType{p.assoc.unlabelled(o.kind, companies)})
}
