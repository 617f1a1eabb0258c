package content

import "time"

// Property is a property's definition in the JSON shape and key order of the
// properties API.
type Property struct {
	UpdatedAt            string               `json:"updatedAt,omitempty"`
	CreatedAt            string               `json:"createdAt,omitempty"`
	Name                 string               `json:"name"`
	Label                string               `json:"label"`
	Type                 string               `json:"type"`
	FieldType            string               `json:"fieldType"`
	Description          string               `json:"description"`
	GroupName            string               `json:"groupName"`
	Options              []Option             `json:"options"` // never nil
	CreatedUserID        string               `json:"createdUserId,omitempty"`
	UpdatedUserID        string               `json:"updatedUserId,omitempty"`
	ReferencedObjectType string               `json:"referencedObjectType,omitempty"` // OWNER, COMPANY, …
	DisplayOrder         int                  `json:"displayOrder"`                   // -1: after all others
	Calculated           bool                 `json:"calculated"`
	ExternalOptions      bool                 `json:"externalOptions"`    // the options live elsewhere: owners, pipelines
	Archived             *bool                `json:"archived,omitempty"` // nil for HubSpot's own
	HasUniqueValue       bool                 `json:"hasUniqueValue"`
	Hidden               bool                 `json:"hidden"`
	HubSpotDefined       bool                 `json:"hubspotDefined,omitempty"`
	ShowCurrencySymbol   *bool                `json:"showCurrencySymbol,omitempty"`
	NumberDisplayHint    string               `json:"numberDisplayHint,omitempty"`
	TextDisplayHint      string               `json:"textDisplayHint,omitempty"`
	ModificationMetadata ModificationMetadata `json:"modificationMetadata"`
	FormField            bool                 `json:"formField"`
	DataSensitivity      string               `json:"dataSensitivity,omitempty"`
}

// ModificationMetadata says what of a property may be changed.
type ModificationMetadata struct {
	Archivable         bool  `json:"archivable"`
	ReadOnlyDefinition bool  `json:"readOnlyDefinition"`
	ReadOnlyOptions    *bool `json:"readOnlyOptions,omitempty"`
	ReadOnlyValue      bool  `json:"readOnlyValue"`
}

// Option is one choice of an enumeration; records hold its Value.
type Option struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description,omitempty"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

// Group is a property group.
type Group struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	DisplayOrder int    `json:"displayOrder"`
	Archived     bool   `json:"archived"`
}

// Owner is a person that records can be assigned to. Records hold its ID, not
// its UserID.
type Owner struct {
	ID                      string `json:"id"`
	Email                   string `json:"email"`
	Type                    string `json:"type"` // PERSON or QUEUE
	FirstName               string `json:"firstName"`
	LastName                string `json:"lastName"`
	UserID                  *int64 `json:"userId"` // nil when archived
	UserIDIncludingInactive int64  `json:"userIdIncludingInactive"`
	CreatedAt               string `json:"createdAt"`
	UpdatedAt               string `json:"updatedAt"`
	Archived                bool   `json:"archived"`
	Teams                   []Team `json:"teams,omitempty"`
}

// Team is a team that an owner belongs to.
type Team struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Primary bool   `json:"primary"`
}

// Pipeline is an ordered list of stages.
type Pipeline struct {
	Label        string  `json:"label"`
	DisplayOrder int     `json:"displayOrder"`
	ID           string  `json:"id"`
	Stages       []Stage `json:"stages"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
	Archived     bool    `json:"archived"`
}

// Stage is a stage of a pipeline. Metadata holds strings only: isClosed and
// probability for deals, isClosed and ticketState for tickets.
type Stage struct {
	Label            string            `json:"label"`
	DisplayOrder     int               `json:"displayOrder"`
	Metadata         map[string]string `json:"metadata"`
	ID               string            `json:"id"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	WritePermissions string            `json:"writePermissions"`
	Archived         bool              `json:"archived"`
}

// Schema is a custom object type. Its properties, without HubSpot's own, are
// those of Properties(ObjectTypeID).
type Schema struct {
	ID                         string              `json:"id"`
	Name                       string              `json:"name"`
	Labels                     Labels              `json:"labels"`
	Description                string              `json:"description,omitempty"`
	PrimaryDisplayProperty     string              `json:"primaryDisplayProperty"`
	SecondaryDisplayProperties []string            `json:"secondaryDisplayProperties"`
	RequiredProperties         []string            `json:"requiredProperties"`
	SearchableProperties       []string            `json:"searchableProperties"`
	Properties                 []Property          `json:"properties"`
	Associations               []SchemaAssociation `json:"associations"`
	ObjectTypeID               string              `json:"objectTypeId"`
	FullyQualifiedName         string              `json:"fullyQualifiedName"` // for portal [PortalID]
	Archived                   bool                `json:"archived"`
	AllowsSensitiveProperties  bool                `json:"allowsSensitiveProperties"`
	CreatedAt                  string              `json:"createdAt"`
	UpdatedAt                  string              `json:"updatedAt"`
}

// Labels name an object type for people.
type Labels struct {
	Singular string `json:"singular"`
	Plural   string `json:"plural"`
}

// SchemaAssociation is a kind of association of a custom object. ID is the
// association's type id, as digits.
type SchemaAssociation struct {
	ID               string `json:"id"`
	FromObjectTypeID string `json:"fromObjectTypeId"`
	ToObjectTypeID   string `json:"toObjectTypeId"`
	Name             string `json:"name"`
	CreatedAt        string `json:"createdAt"`
	UpdatedAt        string `json:"updatedAt"`
}

const (
	// PortalID is the practice portal's id unless it is given another one.
	PortalID = 50123456
	// DemoSeed is the seed of the demo that the sample workbook belongs to.
	DemoSeed = 20240229
)

// Demo is a portal's generated records. Records are in the order of their
// creation.
type Demo struct {
	Records      []DemoRecord
	Associations []DemoAssociation
}

// DemoRecord is a record to be created. Properties holds what a person or an
// integration entered, as on the wire; what the portal itself computes (record
// id, dates of creation and change, counts, stage dates) is absent.
type DemoRecord struct {
	ObjectType string // object type id, such as 0-1
	Ref        string // unique within the demo, such as contact-17
	Properties map[string]string
	Created    time.Time // UTC, whole milliseconds, not after now
	Archived   bool      // is to be archived after creation
}

// DemoAssociation is one direction of an association; the opposite one follows
// from it. A primary association is listed beside the plain one, as HubSpot
// lists it.
type DemoAssociation struct {
	FromRef, ToRef string
	Category       string // HUBSPOT_DEFINED or USER_DEFINED
	TypeID         int
}
