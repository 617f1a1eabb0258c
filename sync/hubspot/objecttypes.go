package hubspot

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// ObjectType is a kind of record.
type ObjectType struct {
	ID            string // "0-1", or "2-123" for a custom one
	Name          string // as in the API's paths: "contacts"
	Singular      string // "contact"
	Label         string // for people: "Contacts"
	LabelSingular string // "Contact"
	// ModifiedProperty is the time of the last change. Only contacts call it
	// lastmodifieddate; their hs_lastmodifieddate is another thing.
	ModifiedProperty string
	CreatedProperty  string
	// Primary are the properties that name a record for people.
	Primary []string
}

// Custom reports whether the type was made in the portal.
func (t ObjectType) Custom() bool { return strings.HasPrefix(t.ID, "2-") || t.ID == "" }

const (
	modified   = "hs_lastmodifieddate"
	created    = "createdate"
	hsCreated  = "hs_createdate"
	activityTS = "hs_timestamp"
)

// objectTypes are HubSpot's own (facts §7.4, default properties §3.2).
var objectTypes = []ObjectType{
	{"0-1", "contacts", "contact", "Contacts", "Contact", "lastmodifieddate", created, []string{"firstname", "lastname", "email"}},
	{"0-2", "companies", "company", "Companies", "Company", modified, created, []string{"name", "domain"}},
	{"0-3", "deals", "deal", "Deals", "Deal", modified, created, []string{"dealname"}},
	{"0-5", "tickets", "ticket", "Tickets", "Ticket", modified, created, []string{"subject"}},
	{"0-7", "products", "product", "Products", "Product", modified, created, []string{"name", "hs_sku"}},
	{"0-8", "line_items", "line_item", "Line items", "Line item", modified, created, []string{"name", "hs_sku"}},
	{"0-14", "quotes", "quote", "Quotes", "Quote", modified, hsCreated, []string{"hs_title"}},
	{"0-18", "communications", "communication", "Messages", "Message", modified, hsCreated, []string{"hs_communication_channel_type", activityTS}},
	{"0-19", "feedback_submissions", "feedback_submission", "Feedback submissions", "Feedback submission", modified, hsCreated, []string{"hs_survey_name", "hs_content"}},
	{"0-27", "tasks", "task", "Tasks", "Task", modified, hsCreated, []string{"hs_task_subject"}},
	{"0-46", "notes", "note", "Notes", "Note", modified, hsCreated, []string{"hs_note_body", activityTS}},
	{"0-47", "meetings", "meeting", "Meetings", "Meeting", modified, hsCreated, []string{"hs_meeting_title"}},
	{"0-48", "calls", "call", "Calls", "Call", modified, hsCreated, []string{"hs_call_title"}},
	{"0-49", "emails", "email", "E-mails", "E-mail", modified, hsCreated, []string{"hs_email_subject"}},
	{"0-53", "invoices", "invoice", "Invoices", "Invoice", modified, created, []string{"hs_number"}},
	{"0-54", "marketing_events", "marketing_event", "Marketing events", "Marketing event", modified, hsCreated, []string{"hs_event_name"}},
	{"0-69", "subscriptions", "subscription", "Subscriptions", "Subscription", modified, hsCreated, []string{"hs_name"}},
	{"0-74", "goal_targets", "goal_target", "Goals", "Goal", modified, hsCreated, []string{"hs_goal_name"}},
	{"0-84", "discounts", "discount", "Discounts", "Discount", modified, created, []string{"hs_label"}},
	{"0-85", "fees", "fee", "Fees", "Fee", modified, created, []string{"hs_label"}},
	{"0-86", "taxes", "tax", "Taxes", "Tax", modified, created, []string{"hs_label"}},
	{"0-101", "commerce_payments", "commerce_payment", "Payments", "Payment", modified, created, []string{"hs_internal_comment", "hs_initial_amount"}},
	{"0-115", "users", "user", "Users", "User", modified, hsCreated, []string{"hs_email"}},
	{"0-116", "postal_mail", "postal_mail", "Postal mail", "Postal mail", modified, hsCreated, []string{"hs_postal_mail_body", activityTS}},
	{"0-123", "orders", "order", "Orders", "Order", modified, created, []string{"hs_order_name"}},
	{"0-136", "leads", "lead", "Leads", "Lead", modified, created, []string{"hs_lead_name"}},
	{"0-142", "carts", "cart", "Carts", "Cart", modified, hsCreated, []string{"hs_cart_name"}},
	{"0-145", "partner_clients", "partner_client", "Partner clients", "Partner client", modified, hsCreated, []string{"hs_domain"}},
	{"0-162", "services", "service", "Services", "Service", modified, hsCreated, []string{"hs_name"}},
	{"0-410", "courses", "course", "Courses", "Course", modified, hsCreated, []string{"hs_course_name"}},
	{"0-420", "listings", "listing", "Listings", "Listing", modified, hsCreated, []string{"hs_name"}},
	{"0-421", "appointments", "appointment", "Appointments", "Appointment", modified, hsCreated, []string{"hs_appointment_name"}},
	{"0-721", "contracts", "contract", "Contracts", "Contract", modified, hsCreated, []string{"hs_name"}},
	{"0-970", "projects", "project", "Projects", "Project", modified, hsCreated, []string{"hs_name"}},
}

// objectTypeByName finds a type by plural, singular and id.
var objectTypeByName = func() map[string]ObjectType {
	m := make(map[string]ObjectType, 3*len(objectTypes))
	for _, t := range objectTypes {
		m[t.ID], m[t.Name], m[t.Singular] = t, t, t
	}
	return m
}()

var (
	customID       = regexp.MustCompile(`^2-\d+$`)
	qualifiedName  = regexp.MustCompile(`^p\d+_[a-z0-9_]+$`)
	objectTypeForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// ObjectTypes returns HubSpot's own object types, in the order of their ids.
func ObjectTypes() []ObjectType { return slices.Clone(objectTypes) }

// FindObjectType finds a type by its plural or singular name or its id, in any
// case. "2-123" and "p123_car" give a custom type whose labels are made from
// the name; [Client.CustomObjectTypes] knows the real ones.
func FindObjectType(name string) (ObjectType, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if t, ok := objectTypeByName[name]; ok {
		return t, true
	}
	t := ObjectType{
		Name: name, Singular: name, Label: name, LabelSingular: name,
		ModifiedProperty: modified, CreatedProperty: hsCreated,
		Primary: []string{"hs_object_id"},
	}
	switch {
	case customID.MatchString(name):
		t.ID = name
	case qualifiedName.MatchString(name):
		_, bare, _ := strings.Cut(name, "_")
		t.Label = strings.ReplaceAll(bare, "_", " ")
		t.LabelSingular = t.Label
	default:
		return ObjectType{}, false
	}
	return t, true
}

// checkObjectType refuses what cannot be an object type, before it becomes a
// part of an address.
func checkObjectType(op, name string) error {
	if !objectTypeForm.MatchString(name) {
		return invalid(op, "%q is not an object type; use a name like \"contacts\" or an id like \"2-123\"", name)
	}
	return nil
}

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
	Archived  bool   `json:"archived"`
}

func (w wireSchema) key() string { return string(w.ObjectTypeID) }

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
		if s.Archived {
			continue
		}
		t := ObjectType{
			ID: string(s.ObjectTypeID), Name: string(s.Name), Singular: string(s.Short),
			Label: string(s.Labels.Plural), LabelSingular: string(s.Labels.Singular),
			ModifiedProperty: modified, CreatedProperty: hsCreated,
		}
		if t.Name == "" {
			t.Name = t.ID
		}
		for _, p := range append([]text{s.Primary}, s.Secondary...) {
			if p != "" {
				t.Primary = append(t.Primary, string(p))
			}
		}
		types = append(types, t)
	}
	return types, nil
}
