package practice

import (
	"fmt"
	"strings"
)

// claims are the unique values that earlier inputs of the same request take,
// before any of them is written.
type claims map[claim]uint64

type claim struct {
	name  symbol
	value string
}

// fold is the form in which unique values are compared.
func (p *Portal) fold(value string) string {
	if p.opt.Switches.UniqueCaseSensitive {
		return value
	}
	return strings.ToLower(value)
}

// checkUnique refuses values that another record has: a contact's address with
// 409, any other unique property with 400. taken may be nil; id is the record
// that is written, a provisional one for a create.
func (p *Portal) checkUnique(k *kind, w *write, id uint64, taken claims) *apiError {
	for _, a := range w.set {
		if a.value == "" {
			continue
		}
		name := p.names.text[a.name]
		if k.name == "contacts" && name == "email" {
			if e := p.checkEmail(k, a, id, taken); e != nil {
				return e
			}
			continue
		}
		values := k.unique[a.name]
		if values == nil || p.opt.Switches.UniqueUnenforced {
			continue
		}
		key := claim{a.name, p.fold(a.value)}
		other, clash := values[key.value]
		if !clash && p.opt.Switches.ArchivedUnique == ArchivedBlocks {
			other, clash = k.shelf[key]
		}
		if !clash {
			other, clash = taken[key]
		}
		if clash && other != id {
			return invalid("Cannot set PropertyValueCoordinates{portalId=%d, objectTypeId=ObjectTypeId{%s}, propertyName=%s, value=%s} on %d. %d already has that value.",
				p.opt.PortalID, k.legacy(), name, a.value, id, other)
		}
		if taken != nil {
			taken[key] = id
		}
	}
	return nil
}

func (p *Portal) checkEmail(k *kind, a assignment, id uint64, taken claims) *apiError {
	if k.erased[a.value] && p.opt.Switches.ErasedEmailsBlocked {
		return invalid("The contact with the email %s was deleted for privacy and cannot be recreated", a.value)
	}
	key := claim(a)
	if other, inBatch := taken[key]; inBatch && other != id { // the other one has no id yet
		return refuse(409, categoryConflict, "Contact already exists")
	}
	if other, clash := k.emails[a.value]; clash && other != id {
		return contactExists(other).with("existingId", fmt.Sprint(other))
	}
	if taken != nil {
		taken[key] = id
	}
	return nil
}

// legacy is how messages name an object type.
func (k *kind) legacy() string {
	if k.custom() {
		return "objectTypeId=" + k.id
	}
	return "legacyObjectType=" + k.enum
}

// claimValues registers the unique values that a record now has and drops
// those that it had before.
func (p *Portal) claimValues(o *object, before *state) {
	k := o.kind
	if k.name == "contacts" {
		name := p.names.intern("email")
		old, now := before.stored(name), o.stored(name)
		if old != now {
			if k.emails[old] == o.id {
				delete(k.emails, old)
			}
			if now != "" {
				k.emails[now] = o.id
			}
		}
	}
	for name, values := range k.unique {
		old, now := p.fold(before.stored(name)), p.fold(o.stored(name))
		if old == now {
			continue
		}
		if values[old] == o.id {
			delete(values, old)
		}
		if now != "" {
			values[now] = o.id
		}
	}
}

// release frees the unique values of a record that goes away.
func (p *Portal) release(o *object, archived bool) {
	k := o.kind
	for email, id := range k.emailsOf(p, o) {
		if k.emails[email] == id {
			delete(k.emails, email)
		}
	}
	for name, values := range k.unique {
		v := p.fold(o.stored(name))
		if v == "" {
			continue
		}
		if values[v] == o.id {
			delete(values, v)
		}
		if archived {
			k.shelf[claim{name, v}] = o.id
		}
	}
}

// reclaim gives a restored record its unique values back; it refuses when one
// was taken meanwhile.
func (p *Portal) reclaim(o *object) *apiError {
	k := o.kind
	for email := range k.emailsOf(p, o) {
		if other, ok := k.emails[email]; ok && other != o.id {
			return contactExists(other)
		}
	}
	for name, values := range k.unique {
		if other, ok := values[p.fold(o.stored(name))]; ok && other != o.id && o.stored(name) != "" {
			return invalid("%d already has the value %s.", other, o.stored(name))
		}
	}
	for email := range k.emailsOf(p, o) {
		k.emails[email] = o.id
	}
	for name, values := range k.unique {
		if v := p.fold(o.stored(name)); v != "" {
			values[v] = o.id
			delete(k.shelf, claim{name, v})
		}
	}
	return nil
}

// emailsOf are a contact's addresses, primary and secondary.
func (k *kind) emailsOf(p *Portal, o *object) map[string]uint64 {
	all := make(map[string]uint64, 1+len(o.secondary))
	if k.name != "contacts" {
		return all
	}
	if e := o.stored(p.names.intern("email")); e != "" {
		all[e] = o.id
	}
	for _, e := range o.secondary {
		all[e] = o.id
	}
	return all
}

// byUnique finds a live record by a unique property or a contact's address.
// secondary says whether further addresses count.
func (p *Portal) byUnique(k *kind, property, value string, secondary bool) *object {
	if k.name == "contacts" && property == "email" {
		email := strings.ToLower(strings.TrimSpace(value))
		o := k.objects[k.emails[email]]
		if o != nil && !secondary && o.stored(p.names.intern("email")) != email {
			return nil
		}
		return o
	}
	return k.objects[k.unique[p.names.intern(property)][p.fold(value)]]
}

// use is what an idProperty is to find a record for.
type use int

const (
	byRead   use = iota // and single PATCH
	byUpdate            // in a batch
	byUpsert
)

// checkIDProperty refuses properties that do not identify a record: updates and
// upserts do not take hs_object_id, and batch updates no contact's address.
func (p *Portal) checkIDProperty(k *kind, property string, u use) *apiError {
	if property == "" || property == "hs_object_id" && u == byRead {
		return nil
	}
	if k.name == "contacts" && property == "email" && u != byUpdate {
		return nil
	}
	d := k.props[property]
	if d == nil || !d.HasUniqueValue {
		return invalid("Unable to perform update/upsert by non-unique %s property %s in portal ID %d", k.id, property, p.opt.PortalID)
	}
	return nil
}
