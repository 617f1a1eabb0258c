package hubspot

import (
	"context"
	"net/http"
	"strings"

	"syncline/sync/record"
)

// NewProperty is a property to create.
type NewProperty struct {
	Name        string // lower-case letters, digits and _, beginning with a letter; cannot be changed
	Label       string
	Description string
	Group       string // "" means the object type's usual group
	Type        record.Type
	FieldType   string // "" means the usual one of Type
	Options     []record.Option
	Unique      bool // no two records may have the same value; only possible now, for at most ten properties
	Hidden      bool
}

type wireProperty struct {
	Name         text         `json:"name"`
	Label        text         `json:"label"`
	Description  text         `json:"description"`
	Group        text         `json:"groupName"`
	Type         text         `json:"type"`
	FieldType    text         `json:"fieldType"`
	Options      []wireOption `json:"options"`
	Calculated   bool         `json:"calculated"`
	External     bool         `json:"externalOptions"`
	Unique       bool         `json:"hasUniqueValue"`
	Hidden       bool         `json:"hidden"`
	Defined      bool         `json:"hubspotDefined"`
	Reference    text         `json:"referencedObjectType"`
	Archived     bool         `json:"archived"`
	Currency     bool         `json:"showCurrencySymbol"`
	Sensitivity  text         `json:"dataSensitivity"`
	Modification struct {
		ReadOnlyValue bool `json:"readOnlyValue"`
	} `json:"modificationMetadata"`
}

func (w wireProperty) key() string { return string(w.Name) }

type wireOption struct {
	Value        text `json:"value"`
	Label        text `json:"label"`
	Hidden       bool `json:"hidden"`
	DisplayOrder int  `json:"displayOrder"`
}

func (w wireProperty) property() record.Property {
	p := record.Property{
		Name: string(w.Name), Label: string(w.Label), Description: string(w.Description),
		Group: string(w.Group), Type: record.Type(w.Type), FieldType: string(w.FieldType),
		ReadOnly: w.Modification.ReadOnlyValue, Calculated: w.Calculated, Unique: w.Unique,
		Hidden: w.Hidden, Defined: w.Defined, Reference: string(w.Reference), External: w.External,
		Currency: w.Currency, Sensitive: w.Sensitivity != "" && w.Sensitivity != "non_sensitive",
	}
	for _, o := range w.Options {
		p.Options = append(p.Options, record.Option{Value: string(o.Value), Label: string(o.Label), Hidden: o.Hidden})
	}
	return p
}

func propertyRequest(verb, objectType, method string, parts ...string) (*request, error) {
	op := verb + " of " + objectType
	if err := checkObjectType(op, objectType); err != nil {
		return nil, err
	}
	path, err := segments(op, append([]string{"crm", "properties", APIVersion, objectType}, parts...)...)
	if err != nil {
		return nil, err
	}
	return &request{op: op, method: method, path: path, objectType: lockName(objectType), read: method == http.MethodGet}, nil
}

// Properties returns the properties of an object type, archived ones left out.
// The answer is large: keep it for a while.
func (c *Client) Properties(ctx context.Context, objectType string) ([]record.Property, error) {
	r, err := propertyRequest("read properties", objectType, http.MethodGet)
	if err != nil {
		return nil, err
	}
	listed, err := collect[wireProperty](ctx, c, r)
	if err != nil {
		return nil, err
	}
	properties := make([]record.Property, 0, len(listed))
	for _, w := range listed {
		if !w.Archived {
			properties = append(properties, w.property())
		}
	}
	return properties, nil
}

type wireRules struct {
	Property text `json:"propertyName"`
	Rules    []struct {
		Type text   `json:"ruleType"`
		Args []text `json:"ruleArguments"`
	} `json:"propertyValidationRules"`
}

func (w wireRules) key() string { return string(w.Property) }

// ValidationRules returns the rules that an administrator made for the values of
// an object type's properties, by property. Most portals have none.
func (c *Client) ValidationRules(ctx context.Context, t ObjectType) (map[string][]record.Validation, error) {
	op := "read validation rules of " + t.Name
	path, err := segments(op, "crm", "property-validations", APIVersion, t.ID)
	if err != nil {
		return nil, err
	}
	listed, err := collect[wireRules](ctx, c, &request{op: op, method: http.MethodGet, read: true, path: path, objectType: lockName(t.ID)})
	if err != nil {
		return nil, err
	}
	rules := make(map[string][]record.Validation, len(listed))
	for _, w := range listed {
		for _, r := range w.Rules {
			v := record.Validation{Type: string(r.Type)}
			for _, a := range r.Args {
				v.Args = append(v.Args, string(a))
			}
			rules[string(w.Property)] = append(rules[string(w.Property)], v)
		}
	}
	return rules, nil
}

// CreateProperty makes a property. One of the same name that exists is an
// error that [IsConflict]; an archived one comes back to life.
func (c *Client) CreateProperty(ctx context.Context, objectType string, p NewProperty) (record.Property, error) {
	r, err := propertyRequest("create a property", objectType, http.MethodPost)
	if err != nil {
		return record.Property{}, err
	}
	if p.Name == "" || p.Label == "" || p.Type == "" {
		return record.Property{}, invalid(r.op, "a property needs a name, a label and a type")
	}
	if err := optionless(r.op, p); err != nil {
		return record.Property{}, err
	}
	if p.FieldType == "" {
		p.FieldType = usualFieldType(p.Type)
	}
	if p.Group == "" {
		if p.Group, err = c.usualGroup(ctx, objectType); err != nil {
			return record.Property{}, err
		}
	}
	body := map[string]any{
		"name": p.Name, "label": p.Label, "groupName": p.Group,
		"type": string(p.Type), "fieldType": p.FieldType,
		"hasUniqueValue": p.Unique, "hidden": p.Hidden, "formField": false,
	}
	if p.Description != "" {
		body["description"] = p.Description
	}
	if len(p.Options) > 0 {
		body["options"] = newOptions(p.Options)
	}
	var made record.Property
	r.body = body
	err = c.settle(ctx, func() error {
		var out wireNewProperty
		r.out = &out
		_, err := c.do(ctx, r)
		made = out.property()
		return err
	}, func() (bool, error) {
		now, err := c.Property(ctx, objectType, p.Name)
		if IsNotFound(err) {
			return false, nil
		}
		made = now
		return err == nil && sameProperty(now, p), err
	})
	if err != nil {
		return record.Property{}, err
	}
	return made, nil
}

// optionless refuses a list of options without any, which HubSpot does not take.
func optionless(op string, p NewProperty) error {
	if p.Type == record.TypeEnumeration && len(p.Options) == 0 {
		return invalid(op, "the property %s is a list of options and has none: give it at least one option", p.Name)
	}
	return nil
}

// Property returns one property of an object type, as HubSpot has it now. That
// there is none, or only an archived one, is an error that [IsNotFound].
func (c *Client) Property(ctx context.Context, objectType, name string) (record.Property, error) {
	r, err := propertyRequest("read a property", objectType, http.MethodGet, name)
	if err != nil {
		return record.Property{}, err
	}
	var out wireNewProperty
	r.out = &out
	if _, err := c.do(ctx, r); err != nil {
		return record.Property{}, err
	}
	return out.property(), nil
}

// wireNewProperty is the answer that is one property.
type wireNewProperty struct{ wireProperty }

func (w wireNewProperty) check(int) error {
	if w.Name == "" {
		return malformed("HubSpot's answer names no property")
	}
	return nil
}

func newOptions(options []record.Option) []wireOption {
	out := make([]wireOption, len(options))
	for i, o := range options {
		out[i] = wireOption{Value: text(o.Value), Label: text(o.Label), Hidden: o.Hidden, DisplayOrder: i}
	}
	return out
}

func usualFieldType(t record.Type) string {
	switch t {
	case record.TypeNumber:
		return "number"
	case record.TypeBool:
		return "booleancheckbox"
	case record.TypeEnumeration:
		return "select"
	case record.TypeDate, record.TypeDateTime:
		return "date"
	case record.TypePhone:
		return "phonenumber"
	}
	return "text"
}

// PropertyGroup is a heading under which people see properties.
type PropertyGroup struct{ Name, Label string }

type wireGroup struct {
	Name     text `json:"name"`
	Label    text `json:"label"`
	Archived bool `json:"archived"`
}

func (w wireGroup) key() string { return string(w.Name) }

// PropertyGroups returns the groups of an object type's properties, archived
// ones left out.
func (c *Client) PropertyGroups(ctx context.Context, objectType string) ([]PropertyGroup, error) {
	r, err := propertyRequest("read property groups", objectType, http.MethodGet, "groups")
	if err != nil {
		return nil, err
	}
	listed, err := collect[wireGroup](ctx, c, r)
	if err != nil {
		return nil, err
	}
	var groups []PropertyGroup
	for _, g := range listed {
		if !g.Archived {
			groups = append(groups, PropertyGroup{Name: string(g.Name), Label: string(g.Label)})
		}
	}
	if len(groups) == 0 {
		return nil, invalid(r.op, "HubSpot names no group to put the property into; make one in HubSpot's settings first")
	}
	return groups, nil
}

// usualGroup returns the group that an object type's own properties are in.
func (c *Client) usualGroup(ctx context.Context, objectType string) (string, error) {
	groups, err := c.PropertyGroups(ctx, objectType)
	if err != nil {
		return "", err
	}
	return UsualGroup(objectType, groups), nil
}

// UsualGroup is the group that an object type's own properties are in, which is
// named after the type ("contactinformation"), else the first.
func UsualGroup(objectType string, groups []PropertyGroup) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	return pickGroup(objectType, names)
}

func pickGroup(objectType string, names []string) string {
	singular := objectType
	if t, ok := FindObjectType(objectType); ok {
		singular = t.Singular
	}
	bare := func(s string) string { return strings.ReplaceAll(s, "_", "") }
	for _, wanted := range []string{bare(singular) + "information", "information", ""} {
		for _, name := range names {
			if strings.HasSuffix(bare(name), wanted) {
				return name
			}
		}
	}
	return ""
}
