package practice

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// mostUnique is the most unique properties an object type may have.
const mostUnique = 10

// withoutUnique are the object types that are offered none.
var withoutUnique = []string{"products", "marketing_events", "feedback_submissions"}

func propertyRoutes() []route {
	return []route{
		r("GET", "properties/{type}/groups", 0, (*Portal).listGroups),
		r("POST", "properties/{type}/groups", writing, (*Portal).createGroup),
		r("GET", "properties/{type}/groups/{group}", 0, (*Portal).readGroup),
		r("PATCH", "properties/{type}/groups/{group}", writing, (*Portal).updateGroup),
		r("DELETE", "properties/{type}/groups/{group}", writing, (*Portal).deleteGroup),
		r("POST", "properties/{type}/batch/create", writing, (*Portal).batchCreateProperties),
		r("POST", "properties/{type}/batch/read", 0, (*Portal).batchReadProperties),
		r("POST", "properties/{type}/batch/archive", writing, (*Portal).batchArchiveProperties),
		r("GET", "properties/{type}", 0, (*Portal).listProperties),
		r("POST", "properties/{type}", writing, (*Portal).createProperty),
		r("GET", "properties/{type}/{name}", 0, (*Portal).readProperty),
		r("PATCH", "properties/{type}/{name}", writing, (*Portal).updateProperty),
		r("DELETE", "properties/{type}/{name}", writing, (*Portal).archiveProperty),
	}
}

// openSchema finds the object type and checks the scopes of its definitions:
// reading takes the scope of objects or of schemas, changing that of schemas.
func (p *Portal) openSchema(c *call, a access) (*kind, *apiError) {
	k, e := p.find(c.args["type"])
	if e != nil {
		return nil, e
	}
	if e := p.active(k); e != nil {
		return nil, e
	}
	return k, p.allow(c, k.schemaScopes(a))
}

func (k *kind) schemaScopes(a access) []string {
	subject := k.name
	switch {
	case k.custom():
		subject = "custom"
	case slices.Contains(activities, k.id):
		subject = "contacts"
	case k.scope != "":
		subject = k.scope
	}
	if a == reading {
		return append([]string{"crm.schemas." + subject + ".read"}, k.reads...)
	}
	need := []string{"crm.schemas." + subject + ".write"}
	switch k.name {
	case "tickets":
		need = append(need, "tickets")
	case "products", "line_items", "quotes", "discounts", "fees", "taxes":
		need = append(need, "e-commerce")
	}
	return need
}

func (p *Portal) listProperties(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	from := k.props
	if c.flag("archived") {
		from = k.archived
	}
	list := slices.DeleteFunc(k.sortedProps(from), func(d *property) bool { return d.shown > p.millis() })
	if names := c.list("properties"); len(names) > 0 {
		list = slices.DeleteFunc(list, func(d *property) bool { return !slices.Contains(names, d.Name) })
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

func (k *kind) property(name string, archived bool) (*property, *apiError) {
	d := k.props[name]
	if archived {
		d = k.archived[name]
	}
	if d == nil {
		return nil, unknownProperty(name)
	}
	return d, nil
}

// shown is property for reads, which learn of a new one late.
func (p *Portal) shown(k *kind, name string, archived bool) (*property, *apiError) {
	d, e := k.property(name, archived)
	if e == nil && d.shown > p.millis() {
		return nil, unknownProperty(name)
	}
	return d, e
}

func unknownProperty(name string) *apiError {
	return refuse(404, categoryNotFound, "Property with name '%s' does not exist.", name).with("name", name)
}

func (p *Portal) readProperty(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	d, e := p.shown(k, c.args["name"], c.flag("archived"))
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, d), nil
}

func (p *Portal) createProperty(c *call) (*answer, *apiError) {
	var d property
	if e := decode(c.body, &d); e != nil {
		return nil, e
	}
	k, e := p.openSchema(c, changing)
	if e != nil {
		return nil, e
	}
	if e := c.ordered(c.body); e != nil {
		return nil, e
	}
	x, e := p.makeProperty(k, d, c.body)
	if e != nil {
		return nil, e
	}
	return made(c, x.Name, x), nil
}

// made is the answer to the creation of something with a name, which tells its
// address.
func made(c *call, name string, v any) *answer {
	a := reply(http.StatusCreated, v)
	path, _, _ := strings.Cut(c.target, "?")
	a.header = http.Header{"Location": {"https://api.hubapi.com" + strings.TrimSuffix(path, "/") + "/" + url.PathEscape(name)}}
	return a
}

// ordered refuses options without a display order, which 2026-09 asks for.
func (c *call) ordered(body []byte) *apiError {
	if c.version < v2026_09 {
		return nil
	}
	var in struct {
		Options []struct {
			DisplayOrder *int `json:"displayOrder"`
		} `json:"options"`
	}
	if e := decode(body, &in); e != nil {
		return e
	}
	for _, o := range in.Options {
		if o.DisplayOrder == nil {
			return missing(body, "OptionInput", "displayOrder")
		}
	}
	return nil
}

// orderedInSchema is ordered for the properties of a new object type.
func (c *call) orderedInSchema(body []byte) *apiError {
	var in struct {
		Properties []json.RawMessage `json:"properties"`
	}
	if e := decode(body, &in); e != nil {
		return e
	}
	for _, one := range in.Properties {
		if e := c.ordered(one); e != nil {
			return e
		}
	}
	return nil
}

// fieldTypes are the field types that each type takes (facts 6.3).
var fieldTypes = map[string][]string{
	"string":       {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
	"number":       {"number", "calculation_equation"},
	"bool":         {"booleancheckbox", "calculation_equation"},
	"enumeration":  {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
	"date":         {"date"},
	"datetime":     {"date"},
	"phone_number": {"phonenumber"},
}

// makeProperty creates a property, or restores an archived one of that name.
func (p *Portal) makeProperty(k *kind, d property, body []byte) (*property, *apiError) {
	var lacking []string
	for _, x := range [][2]string{{"name", d.Name}, {"label", d.Label}, {"groupName", d.GroupName}, {"type", d.Type}, {"fieldType", d.FieldType}} {
		if x[1] == "" {
			lacking = append(lacking, x[0])
		}
	}
	if len(lacking) > 0 {
		return nil, missing(body, "PropertyCreate", lacking...)
	}
	if !validName(d.Name) {
		return nil, invalid("Property name '%s' is not valid: it must start with a lower-case letter and may contain lower-case letters, digits and underscores only.", d.Name).
			sub("Properties.INVALID_PROPERTY_NAME").with("name", d.Name)
	}
	if k.props[d.Name] != nil {
		return nil, refuse(409, categoryExists, "A property named '%s' already exists.", d.Name).
			sub("Properties.PROPERTY_WITH_NAME_EXISTS").with("name", d.Name)
	}
	fields, known := fieldTypes[d.Type]
	if !known || !slices.Contains(fields, d.FieldType) {
		return nil, invalid("%s is not a valid field type for a property of type %s", d.FieldType, d.Type).sub("PropertyValidationError.INVALID_FIELD_TYPE")
	}
	if d.Type == "enumeration" && len(d.Options) == 0 && !d.ExternalOptions {
		return nil, invalid("Property '%s' of type enumeration must have options.", d.Name).sub("PropertyValidationError.NO_OPTIONS").with("name", d.Name)
	}
	if e := p.checkOptions(d.Options); e != nil {
		return nil, e
	}
	if k.group(d.GroupName) == nil {
		return nil, invalid("Property group '%s' does not exist.", d.GroupName).sub("PropertyGroupError.GROUP_DOES_NOT_EXIST").with("groupName", d.GroupName)
	}
	for _, other := range k.props {
		if strings.EqualFold(other.Label, d.Label) && !p.opt.Switches.RepeatedPropertyLabels {
			return nil, refuse(409, categoryExists, "A property with the label '%s' already exists.", d.Label).
				sub("Properties.PROPERTY_WITH_LABEL_EXISTS").with("label", d.Label)
		}
	}
	if n := k.countCustom(); n >= mostCustomProperties && k.archived[d.Name] == nil {
		return nil, invalid("There can be at most %d custom properties per object type.", mostCustomProperties).sub("PropertyValidationError.MAX_CUSTOM_PROPERTIES")
	}
	if d.HasUniqueValue {
		if slices.Contains(withoutUnique, k.name) {
			return nil, invalid("Properties of %s cannot have unique values.", k.name).sub("PropertyValidationError.UNIQUE_VALUE_NOT_SUPPORTED")
		}
		if n := k.countUnique(); n >= mostUnique {
			return nil, invalid("There can be at most %d unique properties per object type.", mostUnique).sub("PropertyValidationError.MAX_UNIQUE_PROPERTIES")
		}
	}
	if old := k.archived[d.Name]; old != nil {
		old.ArchivedAt, old.Archived = "", new(bool)
		old.shown = p.millis() + p.opt.DefinitionLag.draw(p.rng).Milliseconds()
		p.define(k, old)
		return old, nil
	}
	made := p.custom(d)
	made.shown = p.millis() + p.opt.DefinitionLag.draw(p.rng).Milliseconds()
	p.define(k, made)
	return made, nil
}

func (k *kind) countCustom() int {
	n := 0
	for _, d := range k.props {
		if !d.HubSpotDefined {
			n++
		}
	}
	return n
}

func (k *kind) countUnique() int {
	n := 0
	for _, d := range k.props {
		if d.HasUniqueValue && !d.HubSpotDefined {
			n++
		}
	}
	return n
}

// widened are the types that take every value of another one.
var widened = map[string][]string{"number": {"string"}, "date": {"string"}, "datetime": {"string"}, "enumeration": {"string"}, "bool": {"string"}, "phone_number": {"string"}}

func (p *Portal) updateProperty(c *call) (*answer, *apiError) {
	var change struct {
		Label       *string   `json:"label"`
		Description *string   `json:"description"`
		GroupName   *string   `json:"groupName"`
		Type        *string   `json:"type"`
		FieldType   *string   `json:"fieldType"`
		Hidden      *bool     `json:"hidden"`
		FormField   *bool     `json:"formField"`
		Order       *int      `json:"displayOrder"`
		Options     *[]option `json:"options"`
	}
	if e := decode(c.body, &change); e != nil {
		return nil, e
	}
	k, e := p.openSchema(c, changing)
	if e != nil {
		return nil, e
	}
	d, e := k.property(c.args["name"], false)
	if e != nil {
		return nil, e
	}
	if d.Modification.ReadOnlyDefinition && (change.Type != nil && *change.Type != d.Type || change.Options != nil && d.Modification.ReadOnlyOptions != nil && *d.Modification.ReadOnlyOptions) {
		return nil, invalid("Property '%s' is defined by HubSpot and cannot be changed.", d.Name).sub("PropertyValidationError.READ_ONLY_DEFINITION")
	}
	if change.Type != nil && *change.Type != d.Type && !(p.opt.Switches.TypeChangesAllowed && slices.Contains(widened[d.Type], *change.Type)) {
		return nil, invalid("The type of property '%s' cannot be changed from %s to %s.", d.Name, d.Type, *change.Type).sub("PropertyValidationError.INCOMPATIBLE_TYPE")
	}
	kind := d.Type
	replace(&kind, change.Type)
	if kind != d.Type && change.FieldType == nil {
		change.FieldType = &fieldTypes[kind][0]
	}
	if change.FieldType != nil && !slices.Contains(fieldTypes[kind], *change.FieldType) {
		return nil, invalid("%s is not a valid field type for a property of type %s", *change.FieldType, kind).sub("PropertyValidationError.INVALID_FIELD_TYPE")
	}
	if change.GroupName != nil && k.group(*change.GroupName) == nil {
		return nil, invalid("Property group '%s' does not exist.", *change.GroupName).sub("PropertyGroupError.GROUP_DOES_NOT_EXIST")
	}
	if change.Options != nil {
		if e := c.ordered(c.body); e != nil {
			return nil, e
		}
		if e := p.checkOptions(*change.Options); e != nil {
			return nil, e
		}
	}
	if change.Label != nil && *change.Label != d.Label && d.HubSpotDefined && p.opt.Switches.HubSpotLabelsFixed {
		return nil, invalid("Property '%s' is defined by HubSpot and cannot be changed.", d.Name).sub("PropertyValidationError.READ_ONLY_DEFINITION")
	}
	replace(&d.Label, change.Label)
	replace(&d.Description, change.Description)
	replace(&d.GroupName, change.GroupName)
	replace(&d.FieldType, change.FieldType)
	d.Type = kind
	replace(&d.Hidden, change.Hidden)
	replace(&d.FormField, change.FormField)
	replace(&d.DisplayOrder, change.Order)
	if change.Options != nil {
		renumber(*change.Options)
		d.setOptions(*change.Options)
	}
	d.UpdatedAt = instant(p.millis())
	p.changes.property(k, d)
	return reply(http.StatusOK, d), nil
}

// checkOptions refuses options with the same value, where a portal does.
func (p *Portal) checkOptions(options []option) *apiError {
	seen := make(map[string]bool, len(options))
	for _, o := range options {
		if seen[o.Value] && !p.opt.Switches.RepeatedOptions {
			return invalid("Property options must have unique values: %s", o.Value).sub("PropertyValidationError.DUPLICATE_OPTION_VALUES")
		}
		seen[o.Value] = true
	}
	return nil
}

func replace[T any](field *T, with *T) {
	if with != nil {
		*field = *with
	}
}

func (p *Portal) archiveProperty(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, changing)
	if e != nil {
		return nil, e
	}
	d, e := k.property(c.args["name"], false)
	if e != nil {
		return nil, e
	}
	if e := p.retire(k, d); e != nil {
		return nil, e
	}
	return noContent(), nil
}

func (p *Portal) retire(k *kind, d *property) *apiError {
	used := k.schema != nil && (d.Name == k.schema.Primary || slices.Contains(k.schema.Required, d.Name))
	if d.HubSpotDefined && (d.Modification.ReadOnlyDefinition || !d.Modification.Archivable) || used {
		return invalid("Property '%s' cannot be deleted because it is in use.", d.Name).sub("PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE")
	}
	yes := true
	d.Archived, d.ArchivedAt = &yes, instant(p.millis())
	delete(k.props, d.Name)
	k.archived[d.Name] = d
	p.changes.property(k, d)
	return nil
}

type propertyBatch struct {
	Inputs   []json.RawMessage `json:"inputs"`
	Archived bool              `json:"archived"`
}

func (p *Portal) propertyBatch(c *call, a access) (*kind, *propertyBatch, *apiError) {
	var req propertyBatch
	if e := decode(c.body, &req); e != nil {
		return nil, nil, e
	}
	if req.Inputs == nil {
		return nil, nil, missing(c.body, "BatchInput", "inputs")
	}
	k, e := p.openSchema(c, a)
	if e == nil && len(req.Inputs) > batchCap {
		e = tooManyInputs(batchCap)
	}
	return k, &req, e
}

// batchCreateProperties is POST …/batch/create: those that exist already are
// reported in a 207, the others made.
func (p *Portal) batchCreateProperties(c *call) (*answer, *apiError) {
	k, req, e := p.propertyBatch(c, changing)
	if e != nil {
		return nil, e
	}
	t := p.newBatch()
	t.ordered = true // as recorded
	for _, raw := range req.Inputs[:c.share(len(req.Inputs))] {
		var d property
		if e := decode(raw, &d); e != nil {
			return nil, e
		}
		if e := c.ordered(raw); e != nil {
			return nil, e
		}
		x, e := p.makeProperty(k, d, raw)
		if e != nil {
			t.errors = append(t.errors, e.item(""))
			continue
		}
		t.results = append(t.results, encode(x))
	}
	return p.batchAnswer(http.StatusCreated, t), nil
}

func (p *Portal) batchReadProperties(c *call) (*answer, *apiError) {
	k, req, e := p.propertyBatch(c, reading)
	if e != nil {
		return nil, e
	}
	t := p.newBatch()
	for _, raw := range req.Inputs {
		d, e := k.named(raw, req.Archived)
		if e == nil && d.shown > p.millis() {
			e = unknownProperty(d.Name)
		}
		if e != nil {
			t.errors = append(t.errors, e.item(""))
			continue
		}
		t.results = append(t.results, encode(d))
	}
	return p.batchAnswer(http.StatusOK, t), nil
}

func (k *kind) named(raw json.RawMessage, archived bool) (*property, *apiError) {
	var in struct {
		Name string `json:"name"`
	}
	if e := decode(raw, &in); e != nil {
		return nil, e
	}
	return k.property(in.Name, archived)
}

func (p *Portal) batchArchiveProperties(c *call) (*answer, *apiError) {
	k, req, e := p.propertyBatch(c, changing)
	if e != nil {
		return nil, e
	}
	for _, raw := range req.Inputs {
		d, e := k.named(raw, false)
		if e != nil {
			continue
		}
		if e := p.retire(k, d); e != nil {
			return nil, e
		}
	}
	return noContent(), nil
}
