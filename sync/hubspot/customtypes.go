package hubspot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

type wireSchema struct {
	ObjectTypeID ident `json:"objectTypeId"`
	Name         text  `json:"fullyQualifiedName"`
	Short        text  `json:"name"`
	Labels       struct {
		Singular text `json:"singular"`
		Plural   text `json:"plural"`
	} `json:"labels"`
	Primary   text   `json:"primaryDisplayProperty"`
	Secondary []text `json:"secondaryDisplayProperties"`
	Required  []text `json:"requiredProperties"`
	Archived  bool   `json:"archived"`
}

func (w wireSchema) key() string { return string(w.ObjectTypeID) }

func (w wireSchema) objectType() ObjectType {
	t := ObjectType{
		ID: string(w.ObjectTypeID), Name: string(w.Name), Singular: string(w.Short),
		Label: string(w.Labels.Plural), LabelSingular: string(w.Labels.Singular),
		ModifiedProperty: modified, CreatedProperty: hsCreated, Pipeline: usualPipeline, Stage: usualStage,
	}
	if t.Name == "" {
		t.Name = t.ID
	}
	for _, p := range append([]text{w.Primary}, w.Secondary...) {
		if p != "" {
			t.Primary = append(t.Primary, string(p))
		}
	}
	for _, p := range w.Required {
		t.Required = append(t.Required, []string{string(p)})
	}
	return t
}

// CustomObjectTypes returns the object types that were made in the portal.
// Portals below Enterprise have none and may answer with a missing scope.
func (c *Client) CustomObjectTypes(ctx context.Context) ([]ObjectType, error) {
	r := &request{
		op: "read custom objects", method: http.MethodGet, read: true,
		path: "/crm-object-schemas/" + APIVersion + "/schemas",
	}
	listed, err := collect[wireSchema](ctx, c, r)
	if err != nil {
		return nil, err
	}
	types := make([]ObjectType, 0, len(listed))
	for _, s := range listed {
		if !s.Archived {
			types = append(types, s.objectType())
		}
	}
	return types, nil
}

// NewObjectType is an object type to make in the portal.
type NewObjectType struct {
	Name             string // letters, digits and _, beginning with a letter; cannot be changed
	Singular, Plural string
	Primary          string // the property that names a record; a record must have it
	Properties       []NewProperty
	Associated       []string // ids of the object types that its records can be associated with, besides activities
}

// CreateObjectType makes an object type. One of the same name that exists is an
// error that [IsConflict].
func (c *Client) CreateObjectType(ctx context.Context, t NewObjectType) (ObjectType, error) {
	r := &request{op: "create the object type " + t.Name, method: http.MethodPost, path: "/crm-object-schemas/" + APIVersion + "/schemas"}
	properties := make([]map[string]any, len(t.Properties))
	searchable := []string{t.Primary}
	for i, p := range t.Properties {
		if err := optionless(r.op, p); err != nil {
			return ObjectType{}, err
		}
		if p.FieldType == "" {
			p.FieldType = usualFieldType(p.Type)
		}
		properties[i] = map[string]any{"name": p.Name, "label": p.Label, "type": string(p.Type), "fieldType": p.FieldType, "hasUniqueValue": p.Unique, "hidden": p.Hidden}
		if len(p.Options) > 0 {
			properties[i]["options"] = newOptions(p.Options)
		}
		if p.Unique && p.Name != t.Primary {
			searchable = append(searchable, p.Name)
		}
	}
	associated := t.Associated
	if associated == nil {
		associated = []string{}
	}
	var made ObjectType
	r.body = map[string]any{
		"name": t.Name, "labels": map[string]string{"singular": t.Singular, "plural": t.Plural}, "primaryDisplayProperty": t.Primary,
		"secondaryDisplayProperties": []string{}, "requiredProperties": []string{t.Primary}, "searchableProperties": searchable,
		"properties": properties, "associatedObjects": associated, "allowsSensitiveProperties": false, "shouldCreateSameObjectAssociation": false,
	}
	err := c.settle(ctx, func() error {
		var out wireNewSchema
		r.out = &out
		_, err := c.do(ctx, r)
		made = out.objectType()
		return err
	}, func() (bool, error) {
		now, err := c.CustomObjectTypes(ctx)
		i := slices.IndexFunc(now, func(x ObjectType) bool { return sameType(x, t) })
		if i >= 0 {
			made = now[i]
		}
		return i >= 0, err
	})
	if err != nil {
		return ObjectType{}, err
	}
	return made, nil
}

// wireNewSchema is the answer that is one object type.
type wireNewSchema struct{ wireSchema }

func (w wireNewSchema) check(int) error {
	if w.ObjectTypeID == "" {
		return malformed("HubSpot's answer names no object type")
	}
	return nil
}

// CustomTypeLimit is how many object types of its own a portal has, and may have.
func (c *Client) CustomTypeLimit(ctx context.Context) (used, limit int, err error) {
	var out struct {
		Limit int `json:"limit"`
		Usage int `json:"usage"`
	}
	_, err = c.do(ctx, &request{op: "read the limit of custom objects", method: http.MethodGet, read: true, path: "/crm/limits/" + APIVersion + "/custom-object-types", out: &out})
	return out.Usage, out.Limit, err
}

// ActivatedTypes tells of the object types that people switch on in HubSpot's
// object library, by their ids, which are on.
func (c *Client) ActivatedTypes(ctx context.Context) (map[string]bool, error) {
	var out struct {
		On map[string]bool `json:"enablementByObjectTypeId"`
	}
	r := &request{op: "read the object library", method: http.MethodGet, read: true, path: "/crm/object-library/" + APIVersion + "/enablement", out: &out}
	_, err := c.do(ctx, r)
	return out.On, err
}

// NoTypeError says that a portal has no object type of a name.
type NoTypeError struct {
	Name   string
	Own    []ObjectType // the portal's own; nil where they are not known
	Hidden error        // why they are not known: the connection may not list them
	Many   []ObjectType // that the name fits, where it fits several
}

func (e *NoTypeError) Error() string {
	const usual = "write contacts, companies, deals, tickets, another name, or an id such as 2-3453932"
	switch {
	case len(e.Many) > 0:
		return fmt.Sprintf("%q fits several of this portal's own object types: write the id of the one that is meant, %s", e.Name, told(e.Many))
	case e.Hidden != nil:
		return fmt.Sprintf("%q is no object type of HubSpot's, and this connection may not list the portal's own: give it the scope %s, or write the type's id, such as 2-3453932", e.Name, CustomTypesRight.Scope)
	case len(e.Own) == 0:
		return fmt.Sprintf("%q is no object type: %s. The portal has none of its own", e.Name, usual)
	}
	return fmt.Sprintf("%q is no object type: %s. The portal's own are %s", e.Name, usual, told(e.Own))
}

// told lists types for people, by the names that may be written.
func told(types []ObjectType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = fmt.Sprintf("%s (%s)", t.Singular, t.ID)
	}
	return strings.Join(words, ", ")
}

// ObjectType finds an object type by any of its names: HubSpot's own by plural,
// singular and id, without a call; the portal's own by id, by its full name
// (p123_car), by its short one (car, p_car) and by its labels, in any case. A
// name that fits none or several is a *NoTypeError. Where the connection may not
// list the portal's own types, an id and a full name are taken as they are.
func (c *Client) ObjectType(ctx context.Context, name string) (ObjectType, error) {
	bare, known := FindObjectType(name)
	if known && !bare.Custom() {
		return bare, nil
	}
	if !objectTypeForm.MatchString(strings.ReplaceAll(strings.TrimSpace(name), " ", "_")) {
		return bare, &NoTypeError{Name: name}
	}
	own, err := c.CustomObjectTypes(ctx)
	if err != nil {
		if !IsForbidden(err) {
			return bare, err
		}
		if known {
			bare.ID = cmp.Or(bare.ID, bare.Name)
			return bare, nil
		}
		return bare, &NoTypeError{Name: name, Hidden: err}
	}
	return findOwn(own, name)
}

// findOwn finds one of the portal's own types: a name before a label.
func findOwn(own []ObjectType, name string) (ObjectType, error) {
	name = strings.TrimSpace(name)
	short := strings.TrimPrefix(strings.ToLower(name), "p_")
	for _, fits := range []func(ObjectType) bool{
		func(t ObjectType) bool { return t.ID == name || strings.EqualFold(t.Name, name) },
		func(t ObjectType) bool { return strings.EqualFold(t.Singular, short) },
		func(t ObjectType) bool {
			return strings.EqualFold(t.Label, name) || strings.EqualFold(t.LabelSingular, name)
		},
	} {
		found := slices.DeleteFunc(slices.Clone(own), func(t ObjectType) bool { return !fits(t) })
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return ObjectType{}, &NoTypeError{Name: name, Many: found}
		}
	}
	return ObjectType{}, &NoTypeError{Name: name, Own: own}
}
