package suggest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/source"
)

// Object is an object type that a source's rows seem to be.
type Object struct {
	Name   string // as in HubSpot's paths: "contacts"
	Reason string // why, as a sentence without a full stop
	Blind  bool   // nothing says so
}

// clue is a word in a column's name that speaks for an object type.
type clue struct {
	words  string // all of them, in any order
	weight int
}

// objectClues are checked in this order: of equal types the first one wins.
var objectClues = []struct {
	object string
	names  string // words of a file's or sheet's name; "a+b" are two that are both there
	clues  []clue
}{
	{"contacts", "contact contacts person people kontakt kontakte customer customers member members attendee attendees",
		[]clue{{"firstname", 3}, {"first name", 3}, {"vorname", 3}, {"lastname", 3}, {"last name", 3}, {"surname", 3}, {"nachname", 3}, {"email", 2}, {"e mail", 2}, {"salutation", 2}, {"job title", 1}, {"mobile", 1}}},
	{"companies", "company companies account accounts organisation organisations organization organizations firm firms firma firmen",
		[]clue{{"domain", 3}, {"website", 2}, {"industry", 2}, {"employees", 2}, {"annual revenue", 2}, {"company", 1}, {"billing street", 1}, {"name", 1}}},
	{"deals", "deal deals opportunity opportunities pipeline",
		[]clue{{"deal", 3}, {"opportunity", 3}, {"close date", 3}, {"closedate", 3}, {"stage", 3}, {"stagename", 3}, {"amount", 2}, {"probability", 2}}},
	{"tickets", "ticket tickets case cases issue issues support",
		[]clue{{"ticket", 3}, {"subject", 2}, {"priority", 2}, {"severity", 2}, {"case", 2}, {"resolution", 1}}},
	{"line_items", "lineitem lineitems positions line+items order+items order+lines invoice+items invoice+lines quote+lines",
		[]clue{{"quantity", 3}, {"qty", 3}, {"line item", 3}, {"discount", 1}, {"sku", 1}, {"unit price", 2}}},
	{"products", "product products catalog catalogue article articles items",
		[]clue{{"sku", 3}, {"product", 2}, {"price", 2}, {"unit price", 1}, {"article", 2}}},
	{"notes", "note notes remarks",
		[]clue{{"note", 3}, {"body", 2}, {"remark", 2}}},
	{"leads", "lead leads prospect prospects",
		[]clue{{"lead status", 2}, {"lead source", 1}, {"lead name", 3}}},
	{"tasks", "task tasks todo todos aufgaben",
		[]clue{{"due date", 3}, {"task", 3}, {"assigned to", 1}}},
	{"calls", "call calls anrufe",
		[]clue{{"call", 3}, {"duration", 2}, {"disposition", 2}}},
	{"meetings", "meeting meetings termine",
		[]clue{{"meeting", 3}, {"start time", 2}, {"end time", 2}}},
	{"orders", "order orders bestellungen",
		[]clue{{"order number", 1}, {"order date", 2}, {"order status", 2}, {"fulfillment", 2}}},
	{"invoices", "invoice invoices rechnungen",
		[]clue{{"invoice number", 2}, {"invoice date", 2}, {"due date", 1}, {"balance due", 2}}},
	{"quotes", "quote quotes offers angebote",
		[]clue{{"quote", 3}, {"valid until", 2}, {"expiration date", 2}}},
	{"subscriptions", "subscription subscriptions abos",
		[]clue{{"subscription", 3}, {"billing frequency", 2}, {"renewal date", 2}}},
	{"commerce_payments", "payment payments zahlungen",
		[]clue{{"payment date", 2}, {"payment method", 2}, {"payment", 1}}},
	{"appointments", "appointment appointments", []clue{{"appointment", 3}}},
	{"courses", "course courses kurse", []clue{{"course", 3}}},
	{"listings", "listing listings immobilien", []clue{{"listing", 3}, {"bedrooms", 3}, {"square feet", 2}}},
	{"services", "service services", nil},
	{"projects", "project projects projekte", []clue{{"project name", 3}, {"project", 2}}},
}

// GuessObject says which object type the rows of a source most likely are, by
// its columns and then by the name of its file or sheet. Without any sign they
// are contacts.
func GuessObject(columns []source.Column, names ...string) Object {
	best, most := Object{Name: "contacts", Reason: "Nothing in the columns says what the rows are", Blind: true}, 0
	for _, o := range objectClues {
		score := 0
		var seen []string
		said := map[string]bool{} // many columns that say the same say it once
		for _, c := range columns {
			if w, clue := clueWeight(c, o.object, o.clues); w > 0 && !said[clue] {
				said[clue] = true
				score += w
				seen = append(seen, fmt.Sprintf("“%s”", c.Name))
			}
		}
		named := ""
		for _, n := range names {
			if nameSays(n, o.names) {
				named = n
			}
		}
		if named != "" {
			score += nameWeight
		}
		if score <= most {
			continue
		}
		most = score
		switch {
		case len(seen) == 0:
			best = Object{Name: o.object, Reason: fmt.Sprintf("“%s” says so", named)}
		case len(seen) == 1:
			best = Object{Name: o.object, Reason: "It has the column " + seen[0]}
		default:
			best = Object{Name: o.object, Reason: "It has the columns " + strings.Join(seen[:min(len(seen), 3)-1], ", ") + " and " + seen[min(len(seen), 3)-1]}
		}
	}
	return best
}

// nameWeight is what the name of the file, the sheet, or of a column that refers
// to it, weighs: people chose it.
const nameWeight = 4

// clueWeight is the strongest clue of a column.
func clueWeight(c source.Column, object string, clues []clue) (int, string) {
	words := set(strings.Join(split(c.Name), " "))
	most, clue := 0, ""
	for _, k := range clues {
		all := true
		for _, w := range strings.Fields(k.words) {
			all = all && words[w]
		}
		// "account_id" points to another record, it does not make one.
		if all && !(words["id"] && len(words) > 1 && object != "contacts") {
			if k.weight > most {
				most, clue = k.weight, k.words
			}
		}
	}
	if most == 0 && object == "contacts" && shapeOf(c.Samples, c.Type) == shapeEmail {
		most, clue = 2, "email"
	}
	return most, clue
}

func nameSays(name, words string) bool {
	in := set(strings.Join(split(strings.TrimSuffix(name, filepath.Ext(name))), " "))
	for _, said := range strings.Fields(words) {
		if !slices.ContainsFunc(strings.Split(said, "+"), func(w string) bool { return !in[w] }) {
			return true
		}
	}
	return false
}

// Named is the object type whose own words, such as its label, the name of a file or
// sheet says: all the words of one of them.
func Named(names []string, object string, words ...string) (Object, bool) {
	for _, n := range names {
		for _, w := range words {
			if said := split(w); len(said) > 0 && nameSays(n, strings.Join(said, "+")) {
				return Object{Name: object, Reason: fmt.Sprintf("“%s” says so", n)}, true
			}
		}
	}
	return Object{}, false
}
