package practice

import (
	"slices"
	"strconv"
	"strings"
)

// kind is an object type with its records.
type kind struct {
	id       string // 0-1, 2-7
	name     string // plural, as in paths
	singular string
	full     string // fully qualified name; custom objects only
	enum     string // CONTACT, as in messages
	created  string // the property with the creation time
	modified string // the property with the modification time
	defaults []string
	required []string
	search   []string // text properties the free query looks at
	reads    []string // scopes, any of which lets read; the first one is named in errors
	writes   []string
	schema   *schema // custom objects only
	scope    string  // its name in the scopes of schemas; "" = as name
	lacks    lack
	merges   bool       // by every version
	since    apiVersion // the first version that has it

	props    map[string]*property
	archived map[string]*property // definitions that were archived
	groups   []*group
	pipes    []*pipeline
	pipeline string // the property that holds the pipeline's id, "" = no pipelines
	stage    string // the property that holds the stage's id

	computed map[symbol]computation
	objects  map[uint64]*object // live and archived ones
	order    []*object          // by id
	alias    map[uint64]uint64  // merged-away ids to the survivor
	live     int
	lastID   uint64
	unique   map[symbol]map[string]uint64 // unique properties, folded value to id
	shelf    map[claim]uint64             // unique values of archived records
	emails   map[string]uint64            // contacts: primary and secondary addresses
	erased   map[string]bool              // contacts: addresses that gdpr-delete blocked
	index    index
}

func (k *kind) custom() bool { return strings.HasPrefix(k.id, "2-") }

// standardKinds are the object types every portal has (facts 3.2, 4.3, 7.4).
func standardKinds() []*kind {
	rw := func(name string) ([]string, []string) {
		return []string{"crm.objects." + name + ".read"}, []string{"crm.objects." + name + ".write"}
	}
	make1 := func(id, name, singular, enum, created, modified, scope, defaults, required, search string) *kind {
		k := &kind{id: id, name: name, singular: singular, enum: enum, created: created, modified: modified,
			defaults: strings.Fields(defaults), required: strings.Fields(required), search: strings.Fields(search)}
		k.reads, k.writes = rw(scope)
		return k
	}
	const activity = "hs_createdate hs_lastmodifieddate hs_object_id"
	crm := []*kind{
		make1("0-1", "contacts", "contact", "CONTACT", "createdate", "lastmodifieddate", "contacts",
			"createdate email firstname hs_object_id lastmodifieddate lastname", "",
			"firstname lastname email phone hs_additional_emails fax mobilephone company hs_marketable_until_renewal"),
		make1("0-2", "companies", "company", "COMPANY", "createdate", "hs_lastmodifieddate", "companies",
			"createdate domain hs_lastmodifieddate hs_object_id name", "", "website phone name domain"),
		make1("0-3", "deals", "deal", "DEAL", "createdate", "hs_lastmodifieddate", "deals",
			"amount closedate createdate dealname dealstage hs_lastmodifieddate hs_object_id pipeline",
			"dealname", "dealname pipeline dealstage description dealtype"),
		make1("0-5", "tickets", "ticket", "TICKET", "createdate", "hs_lastmodifieddate", "tickets",
			"content createdate hs_lastmodifieddate hs_object_id hs_pipeline hs_pipeline_stage hs_ticket_category hs_ticket_priority subject",
			"subject hs_pipeline hs_pipeline_stage", "subject content hs_pipeline_stage hs_ticket_category hs_ticket_id"),
		make1("0-7", "products", "product", "PRODUCT", "createdate", "hs_lastmodifieddate", "products",
			"createdate description hs_lastmodifieddate hs_object_id name price", "name", "name description price hs_sku"),
		make1("0-8", "line_items", "line_item", "LINE_ITEM", "createdate", "hs_lastmodifieddate", "line_items",
			"amount createdate hs_lastmodifieddate hs_object_id price quantity", "", "name"),
		make1("0-46", "notes", "note", "NOTE", "hs_createdate", "hs_lastmodifieddate", "contacts", activity, "hs_timestamp", "hs_note_body"),
		make1("0-27", "tasks", "task", "TASK", "hs_createdate", "hs_lastmodifieddate", "contacts", activity, "hs_timestamp", "hs_task_body hs_task_subject"),
		make1("0-48", "calls", "call", "CALL", "hs_createdate", "hs_lastmodifieddate", "contacts", activity, "hs_timestamp", "hs_call_title hs_body_preview"),
		make1("0-47", "meetings", "meeting", "MEETING_EVENT", "hs_createdate", "hs_lastmodifieddate", "contacts", activity, "hs_timestamp", "hs_meeting_title hs_meeting_body"),
		make1("0-49", "emails", "email", "EMAIL", "hs_createdate", "hs_lastmodifieddate", "contacts", activity, "hs_timestamp hs_email_direction", "hs_email_subject"),
	}
	for _, k := range crm {
		switch k.name {
		case "tickets":
			k.reads, k.writes = []string{"tickets"}, []string{"tickets"}
			k.pipeline, k.stage = "hs_pipeline", "hs_pipeline_stage"
		case "products", "line_items":
			k.reads, k.writes = append(k.reads, "e-commerce"), append(k.writes, "e-commerce")
		case "deals":
			k.pipeline, k.stage = "pipeline", "dealstage"
		case "contacts":
			k.pipeline, k.stage = "hs_pipeline", "lifecyclestage"
		case "companies":
			k.pipeline, k.stage = "hs_pipeline", "lifecyclestage"
		}
		k.merges = slices.Contains([]string{"contacts", "companies", "deals", "tickets"}, k.name)
	}
	return append(crm, familyKinds()...)
}

// installKinds makes the object types with their default properties.
func (p *Portal) installKinds() {
	for _, k := range standardKinds() {
		p.addKind(k)
	}
}

func (p *Portal) addKind(k *kind) {
	k.objects = make(map[uint64]*object)
	k.alias = make(map[uint64]uint64)
	k.unique = make(map[symbol]map[string]uint64)
	k.emails = make(map[string]uint64)
	k.shelf = make(map[claim]uint64)
	k.erased = make(map[string]bool)
	k.archived = make(map[string]*property)
	k.lastID = 500
	k.index.kind = k
	p.kinds = append(p.kinds, k)
	for _, name := range []string{k.id, k.name, k.singular, k.full} {
		if name != "" {
			p.kindBy[name] = k
		}
	}
	if k.custom() {
		p.kindBy["p_"+k.singular] = k
	}
	if k.custom() {
		p.changes.of(k, docKind)
	}
	p.installDefinitions(k)
	p.installComputations(k)
}

// find returns the object type a path names: plural, singular, id or fully
// qualified name, in any case.
func (p *Portal) find(name string) (*kind, *apiError) {
	k := p.kindBy[name]
	if k == nil {
		k = p.kindBy[strings.ToLower(name)]
	}
	if k == nil {
		return nil, &apiError{Status: 400, errorBody: errorBody{Message: "Unable to infer object type from: " + name}}
	}
	return k, nil
}

// nextID gives out record ids: few short ones first, then long ones, both with
// gaps, as old portals have them. Sorting ids as text is thus wrong here too.
func (p *Portal) nextID(k *kind) uint64 {
	k.lastID += 1 + p.rng.Uint64N(60)
	if k.lastID > 1_200 && k.lastID < 100_000_000_000 {
		k.lastID = 171_590_000_000 + p.rng.Uint64N(1_000_000)
	}
	return k.lastID
}

// parseID reads a record id; ok is false for anything but digits.
func parseID(s string) (id uint64, ok bool) {
	if s == "" || len(s) > 19 || s[0] == '+' {
		return 0, false
	}
	id, err := strconv.ParseUint(s, 10, 64)
	return id, err == nil
}

// resolve finds a record by id, following merges. It returns nil for unknown
// ids; archived records are returned.
func (k *kind) resolve(id uint64) *object {
	if o := k.objects[id]; o != nil {
		return o
	}
	if to, ok := k.alias[id]; ok {
		return k.objects[to]
	}
	return nil
}

// insert puts a record into the id order.
func (k *kind) insert(o *object) {
	k.objects[o.id] = o
	if n := len(k.order); n == 0 || k.order[n-1].id < o.id {
		k.order = append(k.order, o)
		return
	}
	i, _ := k.position(o.id)
	k.order = slices.Insert(k.order, i, o)
}

// position is where id stands or would stand in the id order.
func (k *kind) position(id uint64) (int, bool) {
	return slices.BinarySearchFunc(k.order, id, func(o *object, id uint64) int {
		switch {
		case o.id < id:
			return -1
		case o.id > id:
			return 1
		}
		return 0
	})
}
