package practice

import (
	"cmp"
	"slices"
	"strings"

	"syncline/sync/hubspot/practice/content"
)

// associationType is one direction of a way to associate two object types.
type associationType struct {
	Category string  `json:"category"`
	ID       int     `json:"typeId"`
	Label    *string `json:"label"`

	from, to   string // object type ids
	name       string // as v3 writes it
	unlabelled bool   // the plain type, which every other one implies
	primary    bool   // at most one per record
	single     bool   // at most one record at the other end (line item to deal)
	inverse    *associationType
}

// associationTypes is the catalogue of a portal.
type associationTypes struct {
	all       map[[2]string][]*associationType // by (from, to)
	lastLabel int
}

const (
	hubspotDefined = "HUBSPOT_DEFINED"
	userDefined    = "USER_DEFINED"

	primaryContactCompany = 1
)

// builtin is a row of facts 5.3: the ids in both directions.
type builtin struct {
	from, to string
	id, back int
	label    string // "" = unlabelled
	backward string // label of the other direction
}

var builtins = []builtin{
	{"0-1", "0-2", 279, 280, "", ""},
	{"0-1", "0-2", primaryContactCompany, 2, "Primary", "Primary"},
	{"0-1", "0-2", 931, 930, "Billing contact", "Billing contact"},
	{"0-1", "0-3", 4, 3, "", ""},
	{"0-1", "0-5", 15, 16, "", ""},
	{"0-1", "0-1", 449, 449, "", ""},
	{"0-2", "0-2", 450, 450, "", ""},
	{"0-2", "0-2", 13, 14, "Child Company", "Parent Company"},
	{"0-3", "0-3", 451, 451, "", ""},
	{"0-5", "0-5", 452, 452, "", ""},
	{"0-2", "0-3", 342, 341, "", ""},
	{"0-2", "0-3", 6, 5, "Primary", "Primary"},
	{"0-2", "0-5", 340, 339, "", ""},
	{"0-2", "0-5", 25, 26, "Primary", "Primary"},
	{"0-3", "0-5", 27, 28, "", ""},
	{"0-3", "0-8", 19, 20, "", ""},
	{"0-46", "0-1", 202, 201, "", ""}, {"0-46", "0-2", 190, 189, "", ""}, {"0-46", "0-3", 214, 213, "", ""}, {"0-46", "0-5", 228, 227, "", ""},
	{"0-27", "0-1", 204, 203, "", ""}, {"0-27", "0-2", 192, 191, "", ""}, {"0-27", "0-3", 216, 215, "", ""}, {"0-27", "0-5", 230, 229, "", ""},
	{"0-48", "0-1", 194, 193, "", ""}, {"0-48", "0-2", 182, 181, "", ""}, {"0-48", "0-3", 206, 205, "", ""}, {"0-48", "0-5", 220, 219, "", ""},
	{"0-49", "0-1", 198, 197, "", ""}, {"0-49", "0-2", 186, 185, "", ""}, {"0-49", "0-3", 210, 209, "", ""}, {"0-49", "0-5", 224, 223, "", ""},
	{"0-47", "0-1", 200, 199, "", ""}, {"0-47", "0-2", 188, 187, "", ""}, {"0-47", "0-3", 212, 211, "", ""}, {"0-47", "0-5", 226, 225, "", ""},
	{"0-3", "0-14", 63, 64, "", ""},
	{"0-14", "0-8", 67, 68, "", ""},
	{"0-14", "0-1", 69, 70, "", ""},
	{"0-14", "0-1", 702, 703, "Signer", "Signer"},
	{"0-14", "0-1", 1226, 1227, "Billing contact", "Billing contact"},
	{"0-14", "0-2", 71, 72, "", ""},
	{"0-14", "0-2", 1334, 1335, "Billing company", "Billing company"},
	{"0-14", "0-84", 362, 361, "", ""},
	{"0-14", "0-85", 364, 363, "", ""},
	{"0-14", "0-86", 366, 365, "", ""},
	{"0-136", "0-1", 608, 609, "", ""},
	{"0-136", "0-2", 610, 611, "", ""},
	{"0-136", "0-3", 1037, 1038, "", ""},
	{"0-136", "0-3", 582, 583, "Primary", "Primary"},
	{"0-123", "0-1", 507, 508, "", ""},
	{"0-123", "0-2", 934, 935, "", ""},
	{"0-123", "0-2", 509, 510, "Primary", "Primary"},
	{"0-123", "0-3", 512, 511, "", ""},
	{"0-123", "0-8", 513, 514, "", ""},
	{"0-142", "0-1", 586, 587, "", ""},
	{"0-142", "0-8", 590, 591, "", ""},
	{"0-53", "0-1", 177, 178, "", ""},
	{"0-53", "0-2", 179, 180, "", ""},
	{"0-53", "0-3", 175, 176, "", ""},
	{"0-53", "0-8", 409, 410, "", ""},
	{"0-101", "0-1", 387, 388, "", ""},
	{"0-101", "0-2", 389, 390, "", ""},
	{"0-101", "0-3", 391, 392, "", ""},
	{"0-69", "0-1", 295, 296, "", ""},
	{"0-69", "0-2", 297, 298, "", ""},
	{"0-69", "0-3", 299, 300, "", ""},
	{"0-69", "0-8", 301, 302, "", ""},
	{"0-421", "0-1", 906, 907, "", ""},
	{"0-410", "0-1", 860, 861, "", ""},
	{"0-420", "0-1", 882, 883, "", ""},
	{"0-162", "0-1", 798, 799, "", ""},
	{"0-970", "0-1", 1242, 1243, "", ""},
	{"0-970", "0-2", 1236, 1237, "", ""},
	{"0-970", "0-3", 1238, 1239, "", ""},
	{"0-970", "0-5", 1240, 1241, "", ""},
	{"0-46", "0-136", 855, 854, "", ""},
	{"0-27", "0-136", 647, 646, "", ""},
	{"0-48", "0-136", 597, 596, "", ""},
	{"0-47", "0-136", 601, 600, "", ""},
	{"0-18", "0-1", 81, 82, "", ""},
	{"0-18", "0-2", 87, 88, "", ""},
	{"0-18", "0-3", 85, 86, "", ""},
	{"0-18", "0-5", 83, 84, "", ""},
	{"0-18", "0-136", 603, 602, "", ""},
	{"0-116", "0-1", 453, 454, "", ""},
	{"0-116", "0-2", 459, 460, "", ""},
	{"0-116", "0-3", 457, 458, "", ""},
	{"0-116", "0-5", 455, 456, "", ""},
}

// associationNames are the object types' names in v3 association types.
var associationNames = map[string]string{"0-1": "contact", "0-2": "company", "0-3": "deal", "0-5": "ticket", "0-8": "line_item",
	"0-46": "note", "0-27": "task", "0-48": "call", "0-49": "email", "0-47": "meeting_event"}

func init() {
	for _, f := range content.Families() {
		associationNames[f.ID] = f.Singular
	}
}

func newAssociationTypes() *associationTypes {
	a := &associationTypes{all: make(map[[2]string][]*associationType)}
	primaries := map[[2]string]bool{}
	for _, b := range builtins {
		if b.label == "Primary" {
			primaries[[2]string{b.from, b.to}] = true
		}
	}
	for _, b := range builtins {
		there := &associationType{Category: hubspotDefined, ID: b.id, from: b.from, to: b.to, unlabelled: b.label == ""}
		back := &associationType{Category: hubspotDefined, ID: b.back, from: b.to, to: b.from, unlabelled: b.label == ""}
		there.name, back.name = associationName(there, b.label), associationName(back, b.backward)
		if b.label != "" {
			there.Label, back.Label = &b.label, &b.backward
		}
		if primaries[[2]string{b.from, b.to}] && there.unlabelled {
			there.name, back.name = there.name+"_unlabeled", back.name+"_unlabeled"
		}
		// Primary means the company: it bounds the side that points at one.
		there.primary = b.label == "Primary" && b.to == "0-2"
		back.primary = b.label == "Primary" && b.from == "0-2"
		back.single = b.back == 20
		a.pair(there, back)
	}
	return a
}

func associationName(t *associationType, label string) string {
	plain := associationNames[t.from] + "_to_" + associationNames[t.to]
	switch label {
	case "", "Primary":
		return plain
	case "Child Company":
		return "parent_to_child_company"
	case "Parent Company":
		return "child_to_parent_company"
	case "Billing contact":
		if t.from == "0-1" && t.to == "0-2" {
			return "billing_contact_to_company"
		} else if t.from == "0-2" {
			return "company_to_billing_contact"
		}
	}
	return strings.ToLower(strings.ReplaceAll(label, " ", "_")) + "_" + plain
}

// pair adds both directions; a type that is its own inverse is added once.
func (a *associationTypes) pair(there, back *associationType) {
	if there.from == back.from && there.ID == back.ID {
		back = there
	}
	there.inverse, back.inverse = back, there
	a.add(there)
	if back != there {
		a.add(back)
	}
}

func (a *associationTypes) add(t *associationType) {
	key := [2]string{t.from, t.to}
	a.all[key] = append(a.all[key], t)
	slices.SortStableFunc(a.all[key], func(x, y *associationType) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(x.ID, y.ID))
	})
}

// rank is for types that HubSpot does not list by their ids: of a deal's company
// the plain type stands before the primary one.
func (t *associationType) rank() int {
	if t.Category == hubspotDefined && t.ID == 341 {
		return -1
	}
	return 0
}

// between lists the types from one object type to another, mostly by id.
func (a *associationTypes) between(from, to *kind) []*associationType {
	return a.all[[2]string{from.id, to.id}]
}

func (a *associationTypes) unlabelled(from, to *kind) *associationType {
	for _, t := range a.between(from, to) {
		if t.unlabelled {
			return t
		}
	}
	return nil
}

func (a *associationTypes) find(from, to *kind, category string, id int) *associationType {
	for _, t := range a.between(from, to) {
		if t.ID == id && (category == "" || t.Category == category) {
			return t
		}
	}
	return nil
}

// primaryOf is the type that marks the one primary record at the other end.
func (a *associationTypes) primaryOf(from, to *kind) *associationType {
	for _, t := range a.between(from, to) {
		if t.primary {
			return t
		}
	}
	return nil
}

// anywhere finds a type by category and id in any direction, for telling which
// direction was meant.
func (a *associationTypes) anywhere(category string, id int) *associationType {
	for _, list := range a.all {
		for _, t := range list {
			if t.ID == id && t.Category == category {
				return t
			}
		}
	}
	return nil
}

func (a *associationTypes) nextLabel() int {
	a.lastLabel++
	return a.lastLabel
}

// activities are the types that every custom object can be associated with.
var activities = []string{"0-46", "0-27", "0-48", "0-49", "0-47"}

// custom is one direction of a custom object's plain association.
func (a *associationTypes) custom(s content.SchemaAssociation) *associationType {
	id := int(atoi(s.ID))
	a.lastLabel = max(a.lastLabel, id)
	return &associationType{Category: userDefined, ID: id, from: s.FromObjectTypeID, to: s.ToObjectTypeID, unlabelled: true, name: s.Name}
}

// connectCustom makes the plain types between a custom object type and others.
func (a *associationTypes) connectCustom(p *Portal, k *kind, others []string) {
	p.changes.document(docTypes)
	for _, id := range others {
		other := p.kindBy[id]
		if other == nil || a.unlabelled(k, other) != nil {
			continue
		}
		there := &associationType{Category: userDefined, ID: a.nextLabel(), from: k.id, to: other.id, unlabelled: true, name: k.singular + "_to_" + other.singular}
		if other == k {
			a.pair(there, there)
			continue
		}
		back := &associationType{Category: userDefined, ID: a.nextLabel(), from: other.id, to: k.id, unlabelled: true, name: other.singular + "_to_" + k.singular}
		a.pair(there, back)
	}
}
