package content

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The tables. A property's columns are name, label, type/fieldType, group,
// flags, options, description. Options are value=label pairs between
// semicolons, or @name for a list in options.csv.
//
//go:embed schema/*.csv
var tables embed.FS

// LicenseType is the object type id of the portal's custom object.
const LicenseType = "2-41285731"

// The types of the custom object's associations; the opposite direction has
// the next number. Their category is USER_DEFINED.
const (
	licenseToContact = 71
	licenseToCompany = 73
)

// objectTables says which tables describe an object type, and what stands for
// {Object} and {main} in them.
var objectTables = map[string]struct {
	label, main string
	files       []string
}{
	"0-1":       {"Contact", "contactinformation", []string{"contacts", "every"}},
	"0-2":       {"Company", "companyinformation", []string{"companies", "every"}},
	"0-3":       {"Deal", "dealinformation", []string{"deals", "every"}},
	"0-5":       {"Ticket", "ticketinformation", []string{"tickets", "every"}},
	"0-7":       {"Product", "productinformation", []string{"products", "every"}},
	"0-8":       {"Line item", "lineiteminformation", []string{"line_items", "every"}},
	"0-27":      {"Task", "engagement", []string{"tasks", "activity", "every"}},
	"0-46":      {"Note", "engagement", []string{"notes", "activity", "every"}},
	"0-47":      {"Meeting", "engagement", []string{"meetings", "activity", "every"}},
	"0-48":      {"Call", "engagement", []string{"calls", "activity", "every"}},
	"0-49":      {"Email", "engagement", []string{"emails", "activity", "every"}},
	LicenseType: {"License", "license_information", []string{"licenses", "every"}},
}

// A Family is an object type that differs from others in little but its
// properties: those that every type has, and a few of its own.
type Family struct{ ID, Name, Singular, Label, LabelPlural string }

// Families lists them by id.
func Families() []Family { return slices.Clone(families) }

var families = []Family{
	{"0-14", "quotes", "quote", "Quote", "Quotes"},
	{"0-18", "communications", "communication", "Communication", "Communications"},
	{"0-19", "feedback_submissions", "feedback_submission", "Feedback submission", "Feedback submissions"},
	{"0-53", "invoices", "invoice", "Invoice", "Invoices"},
	{"0-69", "subscriptions", "subscription", "Subscription", "Subscriptions"},
	{"0-74", "goal_targets", "goal_target", "Goal", "Goals"},
	{"0-84", "discounts", "discount", "Discount", "Discounts"},
	{"0-85", "fees", "fee", "Fee", "Fees"},
	{"0-86", "taxes", "tax", "Tax", "Taxes"},
	{"0-101", "commerce_payments", "commerce_payment", "Payment", "Payments"},
	{"0-115", "users", "user", "User", "Users"},
	{"0-116", "postal_mail", "postal_mail", "Postal mail", "Postal mail"},
	{"0-123", "orders", "order", "Order", "Orders"},
	{"0-136", "leads", "lead", "Lead", "Leads"},
	{"0-142", "carts", "cart", "Cart", "Carts"},
	{"0-145", "partner_clients", "partner_client", "Partner client", "Partner clients"},
	{"0-162", "services", "service", "Service", "Services"},
	{"0-410", "courses", "course", "Course", "Courses"},
	{"0-420", "listings", "listing", "Listing", "Listings"},
	{"0-421", "appointments", "appointment", "Appointment", "Appointments"},
	{"0-721", "contracts", "contract", "Contract", "Contracts"},
	{"0-970", "projects", "project", "Project", "Projects"},
}

// mainGroup is the group that a family's properties are in.
func (f Family) mainGroup() string { return strings.ReplaceAll(f.Singular, "_", "") + "information" }

// ObjectTypes returns the ids of the object types that have definitions here.
func ObjectTypes() []string {
	ids := make([]string, 0, len(objectTables)+len(families))
	for id := range objectTables {
		ids = append(ids, id)
	}
	for _, f := range families {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

type schemaTables struct {
	properties map[string][]Property
	groups     map[string][]Group
}

// readTables reads all tables once. They are part of the program, so that a
// fault in them is a panic; a test reads them all.
var readTables = sync.OnceValue(func() schemaTables {
	lists := map[string][]Option{}
	for _, row := range table("options", 3) {
		list := row[0]
		lists[list] = append(lists[list], Option{Value: row[1], Label: row[2], DisplayOrder: len(lists[list])})
	}
	t := schemaTables{properties: map[string][]Property{}, groups: map[string][]Group{}}
	for _, row := range table("groups", 3) {
		id := row[0]
		t.groups[id] = append(t.groups[id], Group{Name: row[1], Label: row[2], DisplayOrder: len(t.groups[id])})
	}
	places := map[string]map[string]spot{}
	for _, row := range table("places", 4) {
		order, err := strconv.Atoi(row[3])
		if err != nil {
			panic(fmt.Sprintf("practice content: place of %s: %v", row[1], err))
		}
		if places[row[0]] == nil {
			places[row[0]] = map[string]spot{}
		}
		places[row[0]][row[1]] = spot{row[2], order}
	}
	define := func(id, label, main string, rows [][]string) {
		fill := strings.NewReplacer("{Object}", label, "{main}", main)
		all := make([]Property, 0, len(rows))
		for _, row := range rows {
			row = slices.Clone(row)
			for i := range row {
				row[i] = fill.Replace(row[i])
			}
			p, err := parseProperty(row, lists)
			if err != nil {
				panic(fmt.Sprintf("practice content: %s: %s: %v", id, row[0], err))
			}
			all = append(all, p)
		}
		if known := places[id]; known != nil {
			put(all, known)
		} else {
			number(all)
		}
		slices.SortFunc(all, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
		t.properties[id] = all
	}
	for id, object := range objectTables {
		var rows [][]string
		for _, file := range object.files {
			rows = append(rows, table(file, 7)...)
		}
		define(id, object.label, object.main, rows)
	}
	every, own := table("every", 7), map[string][][]string{}
	for _, row := range table("families", 8) {
		own[row[0]] = append(own[row[0]], row[1:])
	}
	for _, f := range families {
		dates := [][]string{
			{f.Created(), "Create date", "datetime/date", "{main}", "readonly", "", "When it was made."},
			{"hs_lastmodifieddate", "Last modified date", "datetime/date", "{main}", "readonly", "", "When any property changed last."},
		}
		define(f.ID, f.Label, f.mainGroup(), slices.Concat(own[f.ID], dates, every))
		t.groups[f.ID] = []Group{{Name: f.mainGroup(), Label: f.Label + " information"}}
	}
	return t
})

// Created is the property with a record's time of creation (facts 3.2).
func (f Family) Created() string {
	if slices.Contains([]string{"leads", "orders", "invoices", "discounts", "fees", "taxes", "commerce_payments"}, f.Name) {
		return "createdate"
	}
	return "hs_createdate"
}

func table(name string, columns int) [][]string {
	f, err := tables.Open("schema/" + name + ".csv")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', columns
	var rows [][]string
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			panic(fmt.Sprintf("practice content: %s.csv: %v", name, err))
		}
		rows = append(rows, row)
	}
}

// spot is where a property stands among its object type's.
type spot struct {
	group string // "" = as the other tables say
	order int
}

// put gives the properties their known places.
func put(all []Property, known map[string]spot) {
	for i := range all {
		if at, ok := known[all[i].Name]; ok {
			all[i].GroupName, all[i].DisplayOrder = cmp.Or(at.group, all[i].GroupName), at.order
		}
	}
}

// number gives the properties that forms offer their places in their groups, in
// the order of the tables; the others have none.
func number(all []Property) {
	next := map[string]int{}
	for i := range all {
		if p := &all[i]; p.FormField && p.HubSpotDefined {
			p.DisplayOrder = next[p.GroupName]
			next[p.GroupName]++
		}
	}
}

func parseProperty(row []string, lists map[string][]Option) (Property, error) {
	p := Property{
		Name: row[0], Label: row[1], GroupName: row[3], Description: row[6],
		Options: []Option{}, DisplayOrder: -1, HubSpotDefined: true, DataSensitivity: "non_sensitive",
		ModificationMetadata: ModificationMetadata{Archivable: true, ReadOnlyDefinition: true},
	}
	p.Type, p.FieldType, _ = strings.Cut(row[2], "/")
	// HubSpot brought its definitions over the years; a definition's times only
	// have to look that way and to stay the same.
	h := fnv.New64a()
	h.Write([]byte(row[0]))
	made := time.Date(2019, 8, 6, 2, 41, 8, 304e6, time.UTC).Add(time.Duration(h.Sum64()%(5*365*24)) * time.Hour)
	p.CreatedAt, p.UpdatedAt = timestamp(made), timestamp(made.Add(time.Duration(h.Sum64()%9000)*time.Hour))
	for _, flag := range strings.Fields(row[4]) {
		if err := p.apply(flag); err != nil {
			return p, err
		}
	}
	if row[5] != "" && p.Type == "enumeration" && p.HubSpotDefined { // others may add to the options unless nobody sets the value
		fixed := p.ModificationMetadata.ReadOnlyValue
		p.ModificationMetadata.ReadOnlyOptions = &fixed
	}
	switch list, named := strings.CutPrefix(row[5], "@"); {
	case named && len(lists[list]) == 0:
		return p, fmt.Errorf("no list of options %q", list)
	case named:
		p.Options = slices.Clone(lists[list])
	case list != "":
		for i, pair := range strings.Split(list, ";") {
			value, label, ok := strings.Cut(pair, "=")
			if !ok {
				return p, fmt.Errorf("option %q has no label", pair)
			}
			p.Options = append(p.Options, Option{Value: value, Label: label, DisplayOrder: i})
		}
	}
	return p, nil
}

// apply gives a property what one word of its flags says.
func (p *Property) apply(flag string) error {
	yes, no := true, false
	switch flag {
	case "readonly":
		p.ModificationMetadata.ReadOnlyValue = true
	case "calculated":
		p.Calculated = true
	case "hidden":
		p.Hidden = true
	case "form":
		p.FormField = true
	case "unique":
		p.HasUniqueValue = true
	case "external":
		p.ExternalOptions = true
	case "owner":
		p.ExternalOptions, p.ReferencedObjectType = true, "OWNER"
	case "custom":
		p.HubSpotDefined, p.Archived = false, &no
		p.CreatedUserID, p.UpdatedUserID = makerID, makerID
		p.ModificationMetadata.ReadOnlyDefinition = false
	case "currency":
		p.ShowCurrencySymbol, p.NumberDisplayHint = &yes, flag
	case "percentage", "duration", "unformatted":
		p.NumberDisplayHint = flag
	case "email":
		p.TextDisplayHint = flag
	case "domain":
		p.TextDisplayHint = "domain_name"
	case "phone":
		p.TextDisplayHint = "phone_number"
	case "address":
		p.TextDisplayHint = "physical_address"
	case "postal":
		p.TextDisplayHint = "postal_code"
	case "multiline":
		p.TextDisplayHint = "multi_line"
	default:
		object, ok := strings.CutPrefix(flag, "ref:")
		if !ok {
			return fmt.Errorf("unknown flag %q", flag)
		}
		p.ReferencedObjectType = object
	}
	return nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Properties returns the definitions of an object type's properties in the
// order of their names; none for a type without definitions here.
func Properties(objectTypeID string) []Property {
	all := slices.Clone(readTables().properties[objectTypeID])
	for i := range all {
		all[i].Options = slices.Clone(all[i].Options)
	}
	return all
}

// Groups returns the property groups of an object type.
func Groups(objectTypeID string) []Group { return slices.Clone(readTables().groups[objectTypeID]) }

// Schemas returns the portal's custom object types.
func Schemas() []Schema {
	const at = "2023-04-18T09:12:44.031Z"
	own := slices.DeleteFunc(Properties(LicenseType), func(p Property) bool { return p.HubSpotDefined })
	edge := func(id int, from, to, name string) SchemaAssociation {
		return SchemaAssociation{ID: strconv.Itoa(id), FromObjectTypeID: from, ToObjectTypeID: to, Name: name, CreatedAt: at, UpdatedAt: at}
	}
	return []Schema{{
		ID: "41285731", ObjectTypeID: LicenseType, Name: "license", FullyQualifiedName: fmt.Sprintf("p%d_license", PortalID),
		Labels:                 Labels{Singular: "License", Plural: "Licenses"},
		Description:            "What a customer may use, how many people, and how long.",
		PrimaryDisplayProperty: "license_key", SecondaryDisplayProperties: []string{"product", "status"},
		RequiredProperties: []string{"license_key"}, SearchableProperties: []string{"license_key"},
		Properties: own,
		Associations: []SchemaAssociation{
			edge(licenseToContact, LicenseType, "0-1", "license_to_contact"), edge(licenseToContact+1, "0-1", LicenseType, "contact_to_license"),
			edge(licenseToCompany, LicenseType, "0-2", "license_to_company"), edge(licenseToCompany+1, "0-2", LicenseType, "company_to_license"),
		},
		CreatedAt: at, UpdatedAt: "2025-01-09T16:40:12.518Z",
	}}
}
