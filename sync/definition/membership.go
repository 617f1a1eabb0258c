package definition

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// ListMembership is what `hubspot.object` says of a sync whose rows name members of
// a static list. It is a sync of associations, from a record to the list: see
// [Associate.List].
const ListMembership = "list-membership"

var membershipPart = &part{name: "hubspot, object: list-membership", says: "With `object: list-membership` each row names a record that is to be a member of a static list. Records that are members already stay so; direction, create, delete, duplicates, fields and associations then have no meaning.", keys: []key{
	{name: "portal", kind: aText, without: "the only connection, or the one of `--portal`", says: "The name of the connection.", example: "Acme production"},
	{name: "object", kind: aText, needed: true, says: "`list-membership`.", example: ListMembership},
	{name: "list", kind: aText, needed: true, says: "The list, by its name: a static one, since a filter decides who is in a dynamic one.", example: "Newsletter"},
	{name: "of", kind: aText, needed: true, says: "The object type of the list's records: its name, or its id.", example: "contacts"},
	{name: "match", kind: groups, needed: true, says: "How a row finds its record: one `field` and `property`. Or else `link`.", example: "[ { field: Email, property: email } ]"},
	{name: "link", kind: aGroup, says: "In place of `match`: the record by its row in another sync, as in [associations](#associationslink).", example: "{ sync: people.yaml, field: Person id }"},
	flag("create-missing", "With `match`: a record that is not found is made, with its match property only."),
	flag("remove-others", "A record that the sync put into the list and that no row names any more is taken out. Others are never touched."),
}}

// target is what the document says that its rows become, "" where that can't be
// read; what is wrong with it is told elsewhere.
func target(doc section) string {
	e, ok := doc.find("hubspot")
	if !ok {
		return ""
	}
	probe := &reader{lines: map[string]int{}}
	s := probe.section(e.value, "", nil)
	object, ok := s.find("object")
	if s.broken || !ok {
		return ""
	}
	if !isScalar(object.value) {
		return ""
	}
	text, _ := probe.scalar(object.value, "")
	return text
}

// membership reads a document whose rows are members of a list.
func (r *reader) membership(doc section, path string) *Definition {
	for _, name := range []string{"direction", "create", "delete", "duplicates", "fields", "associations"} {
		if doc.has(name) {
			doc.problem(name, "has no meaning with object: %s: the rows of this sync are members of a list, and not records. Take it out.", ListMembership)
		}
	}
	d := r.head(doc, path)
	d.Source = r.source(doc)
	d.Direction, d.Create, d.Duplicates = ToHubSpot, CreateNone, DuplicatesReview
	d.Delete = Delete{RowGone: "ignore", RecordGone: "ignore"}
	d.Associate = &Associate{To: AssociateEnd{Object: ListMembership}}
	s, ok := doc.child("hubspot", membershipPart)
	if !ok {
		return d
	}
	a := d.Associate
	a.From = AssociateEnd{Object: s.required("of", "name the object type of the list's records, such as contacts."), End: r.memberEnd(s)}
	a.List = s.required("list", "write the name of the list, as HubSpot shows it.")
	a.CreateMissing, a.RemoveOthers = s.flag("create-missing"), s.flag("remove-others")
	if a.CreateMissing && s.has("link") {
		s.problem("create-missing", "has no meaning beside link: the other sync makes its records itself. Take the line out.")
	}
	d.HubSpot = HubSpot{Portal: s.text("portal"), Object: a.From.Object}
	s.noToken("portal", d.HubSpot.Portal)
	return d
}

// memberEnd reads how a row finds the record that is to be a member.
func (r *reader) memberEnd(s section) (e End) {
	if link, ok := s.find("link"); ok {
		e.Link = r.linkKey(link.value, s.sub("link"))
	}
	switch {
	case s.has("match") && s.has("link"):
		s.problem("link", "stands beside match. Keep one of the two: match finds a record by a property, link by the row of another sync.")
	case s.missing("match") && s.missing("link"):
		s.problem("match", "is missing: say how a row finds its record, such as [{ field: Email, property: email }], or give the link to another sync.")
	}
	if m, ok := s.find("match"); ok {
		if _, group := m.value.(*ast.MappingNode); group { // as the ends of associations have it
			e.Match = r.matchKey(m.value, s.sub("match"))
			return e
		}
	}
	for i, n := range s.items("match", false) {
		if i > 0 {
			s.problem("match", "names %d ways, and a member of a list is found by one. Keep the first, or let a sync of the records find them and give the link to it.", i+1)
			break
		}
		e.Match = r.matchKey(n, fmt.Sprintf("%s[%d]", s.sub("match"), i))
	}
	return e
}

// membership writes a sync whose rows are members of a list.
func (w *writer) membership(d *Definition) {
	a := d.Associate
	w.line(0, "hubspot:")
	w.text(2, "portal", d.HubSpot.Portal)
	w.text(2, "object", ListMembership)
	w.text(2, "list", a.List)
	w.text(2, "of", a.From.Object)
	if a.From.End.Match != (MatchKey{}) {
		w.line(2, "match:")
		w.line(4, "- "+matchYAML(a.From.End.Match))
	}
	if a.From.End.Link != (LinkKey{}) {
		w.pair(2, "link", flowMap("sync", scalar(a.From.End.Link.Sync), "field", scalar(a.From.End.Link.Field)))
	}
	if a.CreateMissing {
		w.pair(2, "create-missing", "true")
	}
	if a.RemoveOthers {
		w.pair(2, "remove-others", "true")
	}
	w.pair(0, "verify", string(without(d.Verify, VerifyAuto)))
}

// FromPart is the part of the document that says how the record at the beginning of
// an association row is found; objectPart names its object type.
func (a *Associate) FromPart() (part, objectPart string) {
	if a.List != "" {
		return "hubspot", "hubspot.of"
	}
	return "associate.from", "associate.from.object"
}
