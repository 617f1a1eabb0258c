package hubspot

import "slices"

// SignInScope is the scope that every sign-in asks for.
const SignInScope = "oauth"

// scopeNames are the object scopes whose name is not the object type's
// (facts §1.10). Activities belong to the contacts they are about.
var scopeNames = map[string]string{
	"communications":    "contacts",
	"notes":             "contacts",
	"tasks":             "contacts",
	"calls":             "contacts",
	"meetings":          "contacts",
	"emails":            "contacts",
	"postal_mail":       "contacts",
	"goal_targets":      "goals",
	"commerce_payments": "commercepayments",
	"discounts":         "line_items",
	"fees":              "line_items",
	"taxes":             "line_items",
	"partner_clients":   "partner-clients",
}

func scopeName(t ObjectType) string {
	if t.Custom() {
		return "custom"
	}
	if name, ok := scopeNames[t.Name]; ok {
		return name
	}
	return t.Name
}

// ReadScopes returns the scopes that reading records of the type needs. They
// are enough to read its properties as well.
func ReadScopes(t ObjectType) []string {
	switch t.Name {
	case "tickets":
		return []string{"tickets"}
	case "emails":
		return []string{"crm.objects.contacts.read", "sales-email-read"}
	}
	return []string{"crm.objects." + scopeName(t) + ".read"}
}

// WriteScopes returns the scopes that creating, changing and archiving records
// of the type needs.
func WriteScopes(t ObjectType) []string {
	if t.Name == "tickets" {
		return []string{"tickets"}
	}
	return []string{"crm.objects." + scopeName(t) + ".write"}
}

// SchemaWriteScopes returns the scopes that creating a property of the type
// needs.
func SchemaWriteScopes(t ObjectType) []string {
	if t.Name == "tickets" {
		return []string{"tickets"}
	}
	return []string{"crm.schemas." + scopeName(t) + ".write"}
}

// MissingScopes returns which of the scopes in need are not in have, in order.
func MissingScopes(have, need []string) []string {
	var missing []string
	for _, s := range need {
		if !slices.Contains(have, s) && !slices.Contains(missing, s) {
			missing = append(missing, s)
		}
	}
	return missing
}
