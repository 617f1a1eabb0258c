package hubspot

import (
	"cmp"
	"slices"
	"strings"
)

// SignInScope is the scope that every sign-in asks for.
const SignInScope = "oauth"

func scopeName(t ObjectType) string {
	if t.Custom() {
		return "custom"
	}
	return cmp.Or(t.Scope.Name, t.Name)
}

// ReadScopes returns the scopes that reading records of the type needs. They
// are enough to read its properties as well.
func ReadScopes(t ObjectType) []string {
	need := []string{RightTo(ReadRecords, t).Scope}
	if t.PrivateRight.Scope != "" {
		need = append(need, t.PrivateRight.Scope)
	}
	return need
}

// WriteScopes returns the scopes that creating, changing and archiving records
// of the type needs.
func WriteScopes(t ObjectType) []string { return []string{RightTo(WriteRecords, t).Scope} }

// SchemaWriteScopes returns the scopes that creating a property of the type
// needs.
func SchemaWriteScopes(t ObjectType) []string { return []string{RightTo(WriteSchema, t).Scope} }

// Right is what a call asks of a token: one scope, or another that includes it
// (facts §1.10). The one to ask for is Scope; the others are older or wider.
type Right struct {
	Scope string
	Or    []string
}

// In reports whether a token with these scopes has the right.
func (r Right) In(granted []string) bool {
	return slices.Contains(granted, r.Scope) || slices.ContainsFunc(r.Or, func(s string) bool { return slices.Contains(granted, s) })
}

// The rights that belong to no object type.
var (
	// OwnersRight lets the portal's users be read.
	OwnersRight = Right{Scope: "crm.objects.owners.read"}
	// EmailTextRight lets the text of e-mails be read.
	EmailTextRight = Right{Scope: "sales-email-read"}
	// ListsRight lets lists and their members be read, and ListsWriteRight members of
	// static ones be added and removed.
	ListsRight      = Right{Scope: "crm.lists.read"}
	ListsWriteRight = Right{Scope: "crm.lists.write"}
	// FormsRight lets forms and what was sent with them be read.
	FormsRight = Right{Scope: "forms"}
	// CustomTypesRight lets the object types be listed that were made in the
	// portal.
	CustomTypesRight = Right{Scope: "crm.schemas.custom.read", Or: []string{"custom-object-read", "crm.objects.custom.read"}}
)

// Access is what is done to records of an object type, or to the type.
type Access uint8

// The kinds of access.
const (
	ReadRecords  Access = iota // and their properties and pipelines
	WriteRecords               // create, change, archive, associate
	WriteSchema                // create a property
)

// RightTo returns the right that an access to an object type asks for.
func RightTo(a Access, t ObjectType) Right {
	name := scopeName(t)
	if whole := t.Scope.Whole; whole != "" {
		r := Right{Scope: whole}
		if a == WriteSchema {
			r.Or = []string{"crm.schemas." + t.Name + ".write"}
		}
		return r
	}
	kind := ".read"
	if a == WriteRecords {
		kind = ".write"
	}
	r := Right{Scope: "crm.objects." + name + kind}
	if a == WriteSchema {
		r.Scope = "crm.schemas." + name + ".write"
	}
	// Where the API's descriptions say "one of", any of them will do.
	others := t.Scope.Or
	if a == ReadRecords {
		others = slices.Concat(others, t.Scope.OrToRead)
	}
	for _, other := range others {
		switch {
		case strings.Contains(other, "-"):
			r.Or = append(r.Or, other)
		case a != WriteSchema:
			r.Or = append(r.Or, "crm.objects."+other+kind)
		}
	}
	return r
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
