package practice

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// schema is a custom object type's definition (facts 7.3).
type schema struct {
	Labels       schemaLabels        `json:"labels"`
	Required     []string            `json:"requiredProperties"`
	Searchable   []string            `json:"searchableProperties"`
	Primary      string              `json:"primaryDisplayProperty"`
	Secondary    []string            `json:"secondaryDisplayProperties"`
	Description  *string             `json:"description"`
	Sensitive    bool                `json:"allowsSensitiveProperties"`
	Archived     bool                `json:"archived"`
	Restorable   bool                `json:"restorable"`
	MetaType     string              `json:"metaType,omitempty"`
	ID           string              `json:"id"`
	Qualified    string              `json:"fullyQualifiedName"`
	CreatedAt    string              `json:"createdAt"`
	UpdatedAt    string              `json:"updatedAt"`
	CreatedBy    *int64              `json:"createdByUserId"`
	UpdatedBy    *int64              `json:"updatedByUserId"`
	ObjectTypeID string              `json:"objectTypeId"`
	Properties   []*property         `json:"properties"`
	Associations []schemaAssociation `json:"associations"`
	Name         string              `json:"name"`
}

type schemaLabels struct {
	Singular string `json:"singular"`
	Plural   string `json:"plural"`
}

// schemaAssociation is an association type of a schema. HubSpot's own have no
// dates.
type schemaAssociation struct {
	From               string  `json:"fromObjectTypeId"`
	To                 string  `json:"toObjectTypeId"`
	Name               string  `json:"name"`
	Cardinality        string  `json:"cardinality"`
	InverseCardinality string  `json:"inverseCardinality"`
	UserMaxTo          bool    `json:"hasUserEnforcedMaxToObjectIds"`
	UserMaxFrom        bool    `json:"hasUserEnforcedMaxFromObjectIds"`
	MaxTo              int     `json:"maxToObjectIds"`
	MaxFrom            int     `json:"maxFromObjectIds"`
	ID                 string  `json:"id"`
	CreatedAt          *string `json:"createdAt"`
	UpdatedAt          *string `json:"updatedAt"`
}

// mostAssociated is how many records of a type one record may be associated
// with where nothing narrows it.
const mostAssociated = 10_000

// mostContacts is how many contacts a deal, a ticket or an activity may have.
const mostContacts = 1_000

// billingContact is the type from a company to its one billing contact.
const billingContact = 930

// described is a type of association as a schema tells it.
func (t *associationType) described(at string) schemaAssociation {
	s := schemaAssociation{From: t.from, To: t.to, Name: strings.ToUpper(t.name), ID: strconv.Itoa(t.ID)}
	s.Cardinality, s.MaxTo = t.inherent()
	s.InverseCardinality, s.MaxFrom = t.inverse.inherent()
	if t.Category != hubspotDefined {
		s.CreatedAt, s.UpdatedAt = &at, &at
	}
	return s
}

func schemaRoutes() []route {
	return []route{
		r("GET", "schemas", 0, (*Portal).listSchemas),
		r("POST", "schemas", writing, (*Portal).createSchema),
		r("POST", "schemas/batch/read", 0, (*Portal).batchReadSchemas),
		r("GET", "schemas/{type}", 0, (*Portal).readSchema),
		r("PATCH", "schemas/{type}", writing, (*Portal).updateSchema),
		r("DELETE", "schemas/{type}", writing, (*Portal).deleteSchema),
		r("POST", "schemas/{type}/associations", writing, (*Portal).createSchemaAssociation),
		r("DELETE", "schemas/{type}/associations/{id}", writing, (*Portal).deleteSchemaAssociation),
	}
}

// allowSchemas is the scope check of this API, whose refusal has another body
// than everywhere else (facts 1.7).
func (p *Portal) allowSchemas(c *call, a access) *apiError {
	if slices.Contains(p.opt.Without, "custom_objects") {
		return refuse(403, "MISSING_SCOPES", "One or more of the following scopes are required.").
			with("requiredGranularScopes", "custom-object-read").with("links", "https://developers.hubspot.com/scopes")
	}
	scope, old := "crm.schemas.custom.read", "custom-object-read"
	if a == changing {
		scope, old = "crm.schemas.custom.write", "custom-object-write"
	}
	if c.token.has(scope) || c.token.has(old) || a == reading && c.token.has("crm.objects.custom.read") {
		return nil
	}
	return refuse(403, "MISSING_SCOPES", "One or more of the following scopes are required.").
		with("requiredGranularScopes", old).with("links", "https://developers.hubspot.com/scopes")
}

// describe is a schema with its present properties and associations; standard
// types have one too.
func (p *Portal) describe(k *kind) *schema {
	s := &schema{Labels: k.labels(), Restorable: true, MetaType: "HUBSPOT", ID: strings.TrimPrefix(k.id, "0-"),
		Qualified: k.enum, Name: k.enum, CreatedAt: epoch, UpdatedAt: epoch, ObjectTypeID: k.id, Required: k.required, Searchable: k.search}
	if k.schema != nil {
		own := *k.schema
		s = &own
		s.Qualified = k.full
	}
	if len(s.Required) == 0 {
		s.Required = []string{}
	}
	if s.Secondary == nil {
		s.Secondary = []string{}
	}
	if s.Searchable == nil {
		s.Searchable = []string{}
	}
	s.Properties = k.sortedProps(k.props)
	s.Associations = []schemaAssociation{}
	for _, other := range p.kinds {
		for _, t := range p.assoc.between(k, other) {
			s.Associations = append(s.Associations, t.described(s.CreatedAt))
		}
	}
	return s
}

// labels are what people call a type.
func (k *kind) labels() schemaLabels {
	if k.schema != nil {
		return k.schema.Labels
	}
	return schemaLabels{title(k.singular), title(k.name)}
}

func title(s string) string {
	return strings.ToUpper(s[:1]) + strings.ReplaceAll(s[1:], "_", " ")
}

func (p *Portal) listSchemas(c *call) (*answer, *apiError) {
	if e := p.allowSchemas(c, reading); e != nil {
		return nil, e
	}
	list := []*schema{}
	for _, k := range p.kinds {
		if k.custom() && k.schema.Archived == c.flag("archived") {
			list = append(list, p.describe(k))
		}
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

func (p *Portal) openCustom(c *call, a access) (*kind, *apiError) {
	if e := p.allowSchemas(c, a); e != nil {
		return nil, e
	}
	k, e := p.find(c.args["type"])
	if e != nil {
		return nil, e
	}
	if a == changing && !k.custom() {
		return nil, invalid("%s is defined by HubSpot and cannot be changed.", k.name)
	}
	return k, nil
}

func (p *Portal) readSchema(c *call) (*answer, *apiError) {
	k, e := p.openCustom(c, reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, p.describe(k)), nil
}

func (p *Portal) batchReadSchemas(c *call) (*answer, *apiError) {
	var req batchRequest
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if e := p.allowSchemas(c, reading); e != nil {
		return nil, e
	}
	t := p.newBatch()
	for _, in := range req.Inputs {
		k, e := p.find(string(in.ID))
		if e != nil {
			t.errors = append(t.errors, e.item(""))
			continue
		}
		t.results = append(t.results, encode(p.describe(k)))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

type schemaInput struct {
	Name        string        `json:"name"`
	Labels      *schemaLabels `json:"labels"`
	Description *string       `json:"description"`
	Primary     string        `json:"primaryDisplayProperty"`
	Secondary   []string      `json:"secondaryDisplayProperties"`
	Required    []string      `json:"requiredProperties"`
	Searchable  []string      `json:"searchableProperties"`
	Properties  []property    `json:"properties"`
	Associated  []string      `json:"associatedObjects"`
	Same        bool          `json:"shouldCreateSameObjectAssociation"`
	Clear       bool          `json:"clearDescription"`
}

var schemaName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (p *Portal) createSchema(c *call) (*answer, *apiError) {
	var in schemaInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if e := p.allowSchemas(c, changing); e != nil {
		return nil, e
	}
	if c.version >= v2026_09 {
		if e := present(c.body, "ObjectSchemaEgg", "allowsSensitiveProperties", "associatedObjects", "searchableProperties",
			"secondaryDisplayProperties", "shouldCreateSameObjectAssociation"); e != nil {
			return nil, e
		}
	}
	if e := c.orderedInSchema(c.body); e != nil {
		return nil, e
	}
	if in.Name == "" || in.Labels == nil || in.Properties == nil || in.Required == nil {
		return nil, missing(c.body, "ObjectSchemaEgg", "name", "labels", "requiredProperties", "properties")
	}
	if !schemaName.MatchString(in.Name) {
		return nil, invalid("%s is not a valid name: it must start with a letter and may contain letters, digits and underscores.", in.Name)
	}
	full := "p" + itoa(p.opt.PortalID) + "_" + in.Name
	if p.kindBy[full] != nil {
		return nil, refuse(409, categoryExists, "A schema named '%s' already exists.", in.Name).with("name", in.Name)
	}
	if p.customTypes() >= mostSchemas {
		return nil, invalid("Portal %d has reached its limit of %d custom object definitions.", p.opt.PortalID, mostSchemas).with("limit", itoa(mostSchemas))
	}
	p.lastCustom = max(p.lastCustom, 3_465_000) + 1 + p.rng.Int64N(500)
	now, by := instant(p.millis()), int64(demoUser)
	s := &schema{ID: itoa(p.lastCustom), ObjectTypeID: "2-" + itoa(p.lastCustom), Name: in.Name, Labels: *in.Labels, Primary: in.Primary,
		Secondary: in.Secondary, Required: in.Required, Searchable: in.Searchable, CreatedAt: now, UpdatedAt: now, MetaType: "PORTAL_SPECIFIC", Qualified: full, Restorable: true, CreatedBy: &by, UpdatedBy: &by}
	s.Description = in.Description
	k := p.schemaKind(s)
	p.addKind(k)
	for _, d := range in.Properties {
		if d.GroupName == "" {
			d.GroupName = k.groups[0].Name
		}
		if _, e := p.makeProperty(k, d, c.body); e != nil {
			p.dropKind(k)
			return nil, e
		}
	}
	for _, name := range append(slices.Clone(in.Required), in.Primary) {
		if name != "" && k.props[name] == nil {
			p.dropKind(k)
			return nil, invalid("Property %q does not exist", name)
		}
	}
	var ids []string
	for _, name := range in.Associated {
		other, e := p.find(name)
		if e != nil {
			p.dropKind(k)
			return nil, e
		}
		ids = append(ids, other.id)
	}
	if in.Same {
		ids = append(ids, k.id)
	}
	p.assoc.connectCustom(p, k, append(ids, activities...))
	return reply(http.StatusCreated, p.describe(k)), nil
}

// schemaKind is the object type of a custom schema.
func (p *Portal) schemaKind(s *schema) *kind {
	full := s.Qualified
	return &kind{id: s.ObjectTypeID, name: full, singular: s.Name, full: full, enum: strings.ToUpper(s.Name),
		created: "hs_createdate", modified: "hs_lastmodifieddate",
		defaults: []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}, required: s.Required, search: s.Searchable,
		reads: []string{"crm.objects.custom.read"}, writes: []string{"crm.objects.custom.write"}, schema: s}
}

func (p *Portal) dropKind(k *kind) {
	p.changes.drop(k)
	p.changes.document(docTypes)
	p.kinds = slices.DeleteFunc(p.kinds, func(x *kind) bool { return x == k })
	for name, x := range p.kindBy {
		if x == k {
			delete(p.kindBy, name)
		}
	}
	for key := range p.assoc.all {
		if key[0] == k.id || key[1] == k.id {
			delete(p.assoc.all, key)
		}
	}
}

func (p *Portal) updateSchema(c *call) (*answer, *apiError) {
	var in schemaInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	k, e := p.openCustom(c, changing)
	if e == nil && c.version >= v2026_09 {
		e = present(c.body, "ObjectTypeDefinitionPatch", "clearDescription")
	}
	if e != nil {
		return nil, e
	}
	s := k.schema
	if in.Clear {
		s.Description = nil
	}
	replace(&s.Labels, in.Labels)
	if in.Description != nil {
		s.Description = in.Description
	}
	if in.Primary != "" {
		s.Primary = in.Primary
	}
	if in.Secondary != nil {
		s.Secondary = in.Secondary
	}
	if in.Required != nil {
		s.Required, k.required = in.Required, in.Required
	}
	if in.Searchable != nil {
		s.Searchable, k.search = in.Searchable, in.Searchable
	}
	s.UpdatedAt = instant(p.millis())
	p.changes.of(k, docKind)
	return reply(http.StatusOK, p.describe(k)), nil
}

func (p *Portal) deleteSchema(c *call) (*answer, *apiError) {
	k, e := p.openCustom(c, changing)
	if e != nil {
		return nil, e
	}
	if k.live > 0 {
		return nil, invalid("Cannot delete object type %s: it has %d records.", k.id, k.live)
	}
	p.dropKind(k)
	return noContent(), nil
}

func (p *Portal) createSchemaAssociation(c *call) (*answer, *apiError) {
	var in struct {
		From wireID `json:"fromObjectTypeId"`
		To   wireID `json:"toObjectTypeId"`
		Name string `json:"name"`
	}
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if _, e := p.openCustom(c, changing); e != nil {
		return nil, e
	}
	from, e := p.find(string(in.From))
	if e != nil {
		return nil, e
	}
	to, e := p.find(string(in.To))
	if e != nil {
		return nil, e
	}
	p.assoc.connectCustom(p, from, []string{to.id})
	t := p.assoc.unlabelled(from, to)
	now := instant(p.millis())
	made := t.described(now)
	made.Name = t.name
	return reply(http.StatusCreated, made), nil
}

func (p *Portal) deleteSchemaAssociation(c *call) (*answer, *apiError) {
	k, e := p.openCustom(c, changing)
	if e != nil {
		return nil, e
	}
	for _, list := range p.assoc.all {
		for _, t := range list {
			if t.from == k.id && int64(t.ID) == atoi(c.args["id"]) {
				p.assoc.remove(t)
				p.changes.document(docTypes)
				return noContent(), nil
			}
		}
	}
	return nil, notFound()
}
