package practice

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// property is a property's definition in HubSpot's JSON shape and key order
// (facts 6.2).
type property struct {
	UpdatedAt            string       `json:"updatedAt,omitempty"`
	CreatedAt            string       `json:"createdAt,omitempty"`
	Name                 string       `json:"name"`
	Label                string       `json:"label"`
	Type                 string       `json:"type"`
	FieldType            string       `json:"fieldType"`
	Description          string       `json:"description"`
	GroupName            string       `json:"groupName"`
	Options              []option     `json:"options"`
	CreatedUserID        string       `json:"createdUserId,omitempty"`
	UpdatedUserID        string       `json:"updatedUserId,omitempty"`
	ReferencedObjectType string       `json:"referencedObjectType,omitempty"`
	DisplayOrder         int          `json:"displayOrder"`
	Calculated           bool         `json:"calculated"`
	CalculationFormula   string       `json:"calculationFormula,omitempty"`
	ExternalOptions      bool         `json:"externalOptions"`
	Archived             *bool        `json:"archived,omitempty"`
	ArchivedAt           string       `json:"archivedAt,omitempty"`
	HasUniqueValue       bool         `json:"hasUniqueValue"`
	Hidden               bool         `json:"hidden"`
	HubSpotDefined       bool         `json:"hubspotDefined,omitempty"`
	ShowCurrencySymbol   *bool        `json:"showCurrencySymbol,omitempty"`
	CurrencyPropertyName string       `json:"currencyPropertyName,omitempty"`
	NumberDisplayHint    string       `json:"numberDisplayHint,omitempty"`
	TextDisplayHint      string       `json:"textDisplayHint,omitempty"`
	DateDisplayHint      string       `json:"dateDisplayHint,omitempty"`
	Modification         modification `json:"modificationMetadata"`
	FormField            bool         `json:"formField"`
	DataSensitivity      string       `json:"dataSensitivity,omitempty"`

	shown   int64 // when reads of definitions know it, epoch ms
	symbol  symbol
	allowed map[string]bool // option values
}

type option struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description,omitempty"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

type modification struct {
	Archivable         bool  `json:"archivable"`
	ReadOnlyDefinition bool  `json:"readOnlyDefinition"`
	ReadOnlyOptions    *bool `json:"readOnlyOptions,omitempty"`
	ReadOnlyValue      bool  `json:"readOnlyValue"`
}

// group is a property group.
type group struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	DisplayOrder int    `json:"displayOrder"`
	Archived     bool   `json:"archived"`
}

// multiple reports a multi-select enumeration, whose value is a set.
func (d *property) multiple() bool { return d.Type == "enumeration" && d.FieldType == "checkbox" }

func (d *property) readOnly() bool { return d.Modification.ReadOnlyValue }

func (d *property) owner() bool { return d.ReferencedObjectType == "OWNER" }

// UnmarshalJSON reads a definition and forgets nothing that is kept here; it
// exists so that options are never null.
func (d *property) UnmarshalJSON(b []byte) error {
	type plain property
	if err := json.Unmarshal(b, (*plain)(d)); err != nil {
		return err
	}
	if d.Options == nil {
		d.Options = []option{}
	}
	return nil
}

// define adds a definition to an object type.
func (p *Portal) define(k *kind, d *property) {
	d.symbol = p.names.intern(d.Name)
	d.setOptions(d.Options)
	k.props[d.Name] = d
	delete(k.archived, d.Name)
	p.changes.property(k, d)
	if d.HasUniqueValue && k.unique[d.symbol] == nil {
		k.unique[d.symbol] = make(map[string]uint64)
	}
}

func (d *property) setOptions(options []option) {
	d.Options = options
	if d.Options == nil {
		d.Options = []option{}
	}
	d.allowed = nil
	if len(options) > 0 {
		d.allowed = make(map[string]bool, len(options))
	}
	for _, o := range options {
		d.allowed[o.Value] = true
	}
}

// installDefinitions gives an object type its default properties and groups.
func (p *Portal) installDefinitions(k *kind) {
	props, groups := seedDefinitions(k.id)
	k.props = make(map[string]*property, len(props)+16)
	for i := range props {
		p.define(k, &props[i])
	}
	for _, g := range groups {
		k.groups = append(k.groups, &g)
	}
	k.pipes = seedPipelines(k.id)
	for _, d := range coreDefinitions(k) {
		if d.Name == "hs_createdate" {
			d.Modification.ReadOnlyValue = !p.opt.Switches.ActivityDatesWritable
		}
		if k.props[d.Name] == nil {
			p.define(k, d)
		} else {
			k.props[d.Name].Modification.ReadOnlyValue = d.Modification.ReadOnlyValue
		}
	}
	for _, d := range k.sortedProps(k.props) {
		if k.group(d.GroupName) == nil {
			k.groups = append(k.groups, &group{Name: d.GroupName, Label: d.GroupName, DisplayOrder: len(k.groups)})
		}
	}
}

// coreDefinitions are the properties that the portal itself maintains for
// every object type, whatever the content defines.
func coreDefinitions(k *kind) []*property {
	group := k.mainGroup()
	def := func(name, label, kind, field string, readOnly bool) *property {
		return &property{CreatedAt: "2020-06-30T15:57:37.277Z", UpdatedAt: "2024-09-12T14:22:56.844Z",
			Name: name, Label: label, Type: kind, FieldType: field, GroupName: group, Options: []option{}, DisplayOrder: -1,
			HubSpotDefined: true, Modification: modification{Archivable: true, ReadOnlyDefinition: true, ReadOnlyValue: readOnly},
			DataSensitivity: "non_sensitive"}
	}
	core := []*property{
		def("hs_object_id", "Record ID", "number", "number", true),
		def(k.created, "Create Date", "datetime", "date", k.created == "hs_createdate" || k.name == "companies"),
		def(k.modified, "Last Modified Date", "datetime", "date", true),
		def("hs_merged_object_ids", "Merged record IDs", "enumeration", "checkbox", true),
		def("hs_object_source", "Record source", "string", "text", true),
		def("hs_object_source_id", "Record source ID", "string", "text", true),
		def("hs_object_source_label", "Record source label", "string", "text", true),
	}
	core[3].ExternalOptions = true
	if k.name == "contacts" {
		core = append(core,
			def("hs_additional_emails", "Additional email addresses", "enumeration", "checkbox", true),
			def("hs_all_contact_vids", "All vids for a contact", "enumeration", "checkbox", true),
			def("hs_calculated_merged_vids", "Merged vids with timestamps of a contact", "enumeration", "checkbox", true),
			def("hs_email_domain", "Email Domain", "string", "text", true),
			def("hs_full_name_or_email", "Full name or email", "string", "text", true),
			def("hs_is_contact", "Is a contact", "bool", "booleancheckbox", true),
			def("hs_is_unworked", "Contact unworked", "bool", "booleancheckbox", true),
			def("hs_lifecyclestage_lead_date", "Became a Lead Date", "datetime", "date", true),
			def("num_notes", "Number of Sales Activities", "number", "number", true),
			def("associatedcompanyid", "Primary Associated Company ID", "number", "number", true))
		for _, d := range core[7:] {
			d.ExternalOptions = d.Type == "enumeration"
			d.Calculated = true
		}
	}
	return core
}

// mainGroup is the group of an object type's own properties.
func (k *kind) mainGroup() string {
	if k.custom() {
		return k.singular + "_information"
	}
	return strings.ReplaceAll(k.singular, "_", "") + "information"
}

// custom makes a definition from a create request.
func (p *Portal) custom(d property) *property {
	now := instant(p.millis())
	no := false
	d.CreatedAt, d.UpdatedAt, d.Archived = now, now, &no
	d.CreatedUserID, d.UpdatedUserID = itoa(demoUser), itoa(demoUser)
	d.HubSpotDefined, d.Calculated = false, d.CalculationFormula != "" || d.FieldType == "calculation_equation"
	d.Modification = modification{Archivable: true, ReadOnlyValue: d.Calculated}
	if d.DataSensitivity == "" {
		d.DataSensitivity = "non_sensitive"
	}
	if d.DisplayOrder == 0 {
		d.DisplayOrder = -1
	}
	if d.Type == "bool" && len(d.Options) == 0 {
		d.Options = []option{{Label: "Yes", Value: "true"}, {Label: "No", Value: "false", DisplayOrder: 1}}
	}
	renumber(d.Options)
	return &d
}

// renumber gives options without a display order a place after the others.
// Recorded answers show order 0 moved behind the given ones.
func renumber(options []option) {
	last := 0
	for _, o := range options {
		last = max(last, o.DisplayOrder)
	}
	if last == 0 {
		for i := range options {
			options[i].DisplayOrder = i
		}
		return
	}
	for i := range options {
		if options[i].DisplayOrder == 0 {
			last++
			options[i].DisplayOrder = last
		}
	}
}

// sortedProps returns the definitions in the order of their names.
func (k *kind) sortedProps(from map[string]*property) []*property {
	all := make([]*property, 0, len(from))
	for _, d := range from {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *property) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// validName is HubSpot's rule for property names (facts 6.3).
func validName(s string) bool {
	if s == "" || len(s) > 100 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// epoch is the creation time of what comes with HubSpot.
var epoch = time.UnixMilli(0).UTC().Format(time.RFC3339)
