package definition

import (
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

func (r *reader) associations(doc section) []Association {
	var out []Association
	for i, n := range doc.items("associations", false) {
		s := r.section(n, fmt.Sprintf("associations[%d]", i), associationPart)
		if s.broken {
			continue
		}
		a := Association{To: s.required("to", "name the object to associate with, such as companies."), End: r.end(s), Split: s.text("split"),
			Label: r.label(s), CreateMissing: s.flag("create-missing"), RemoveOthers: s.flag("remove-others")}
		if a.CreateMissing && s.has("link") {
			s.problem("create-missing", "has no meaning beside link: the other sync makes its records itself. Take the line out.")
		}
		out = append(out, a)
	}
	return out
}

// end reads how the record at one end is found.
func (r *reader) end(s section) (e End) {
	match, byMatch := s.find("match")
	link, byLink := s.find("link")
	if byMatch {
		e.Match = r.matchKey(match.value, s.sub("match"))
	}
	if byLink {
		e.Link = r.linkKey(link.value, s.sub("link"))
	}
	switch {
	case byMatch && byLink:
		s.problem("link", "stands beside match. Keep one of the two: match finds a record by a property, link by the row of another sync.")
	case s.missing("match") && s.missing("link"):
		s.problem("match", "is missing: say how the other record is found, such as { field: Company domain, property: domain }, or give the link to another sync.")
	}
	return e
}

func (r *reader) linkKey(n ast.Node, path string) LinkKey {
	s := r.section(n, path, linkPart)
	return LinkKey{
		Sync:  s.required("sync", "name the document of the other sync, such as accounts.yaml."),
		Field: s.required("field", "name the column that holds the key of its row."),
	}
}

// label reads a label, the same for all or from a column.
func (r *reader) label(s section) (l Label) {
	e, ok := s.find("label")
	if !ok {
		return l
	}
	if isScalar(e.value) {
		l.Name = s.text("label")
		return l
	}
	if _, list := e.value.(*ast.SequenceNode); list {
		s.problem("label", "must be one label, or { field: … } for labels from a column. Where a pair has several, give each an association of its own here.")
		return l
	}
	from, ok := s.child("label", labelPart)
	if !ok {
		return l
	}
	l.Field = from.required("field", "name the column that holds the label, or write one label for all rows: label: Primary.")
	for _, p := range r.values(from).Pairs() {
		if p.Field == "" {
			from.problem("values", "translates the empty text, but an empty cell has no label. Take that line out.")
			continue
		}
		if l.Values == nil {
			l.Values = map[string]string{}
		}
		l.Values[p.Field] = p.Property
	}
	return l
}

// associating reads a document whose rows are associations.
func (r *reader) associating(doc section, path string) *Definition {
	for _, name := range []string{"direction", "create", "delete", "duplicates", "fields", "associations"} {
		if doc.has(name) {
			doc.problem(name, "has no meaning beside associate: the rows of this sync are associations, and not records. Take it out.")
		}
	}
	d := r.head(doc, path)
	d.Source = r.source(doc)
	d.Direction, d.Create, d.Duplicates = ToHubSpot, CreateNone, DuplicatesReview
	d.Delete = Delete{RowGone: "ignore", RecordGone: "ignore"}
	d.Associate = r.associate(doc)
	d.HubSpot = r.associatePortal(doc)
	d.HubSpot.Object = d.Associate.From.Object
	return d
}

func (r *reader) associate(doc section) *Associate {
	s, ok := doc.child("associate", associatePart)
	if !ok {
		return &Associate{}
	}
	return &Associate{From: r.associateEnd(s, "from"), To: r.associateEnd(s, "to"), Label: r.label(s), RemoveOthers: s.flag("remove-others")}
}

func (r *reader) associateEnd(doc section, name string) AssociateEnd {
	if doc.missing(name) {
		doc.problem(name, "is missing: say which records the rows associate, such as { object: deals, match: { field: Deal id, property: deal_id } }.")
	}
	s, ok := doc.child(name, associateEndPart)
	if !ok {
		return AssociateEnd{}
	}
	return AssociateEnd{Object: s.required("object", "name the object at this end, such as deals."), End: r.end(s)}
}

// associatePortal reads the one thing that hubspot may say beside associate.
func (r *reader) associatePortal(doc section) HubSpot {
	s, ok := doc.child("hubspot", portalPart)
	if !ok {
		return HubSpot{}
	}
	for _, name := range portalPart.names()[1:] {
		if s.has(name) {
			s.problem(name, "has no meaning beside associate, which names the objects and how their records are found. Take it out.")
		}
	}
	h := HubSpot{Portal: s.text("portal")}
	s.noToken("portal", h.Portal)
	return h
}

// AssociationColumns are the columns that the associations and their labels are read
// from, each once, in the order of the document.
func (d *Definition) AssociationColumns() []string {
	var all []string
	add := func(names ...string) {
		for _, name := range names {
			if name != "" && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	for _, a := range d.Associations {
		add(a.End.Field(), a.Label.Field)
	}
	if x := d.Associate; x != nil {
		add(x.From.End.Field(), x.To.End.Field(), x.Label.Field)
	}
	return all
}

// LinkAt is a link of a definition and the part of the document that has it.
type LinkAt struct {
	LinkKey
	Part string // "associations[0].link"
}

// Links returns the links to other syncs, in the order of the document.
func (d *Definition) Links() []LinkAt {
	var all []LinkAt
	add := func(part string, e End) {
		if e.Link.Sync != "" {
			all = append(all, LinkAt{e.Link, part + ".link"})
		}
	}
	for i, a := range d.Associations {
		add(fmt.Sprintf("associations[%d]", i), a.End)
	}
	if x := d.Associate; x != nil {
		from, _ := x.FromPart()
		add(from, x.From.End)
		add("associate.to", x.To.End)
	}
	return all
}

// associations reports columns that are not there, and lines that say the same.
func (c *checker) associations() {
	for i, a := range c.d.Associations {
		part := fmt.Sprintf("associations[%d]", i)
		c.end(part, a.End)
		c.column(part+".label.field", a.Label.Field)
		for j, earlier := range c.d.Associations[:i] {
			if a.To == earlier.To && a.End == earlier.End && a.Label.equal(earlier.Label) {
				c.problem(part, "associates the same records under the same label as an earlier one%s. Remove one of the two, or give it another label.", c.inLine(fmt.Sprintf("associations[%d]", j)))
				break
			}
		}
	}
}

func (l Label) equal(o Label) bool {
	return l.Name == o.Name && l.Field == o.Field && maps.Equal(l.Values, o.Values)
}

func (c *checker) associate() {
	x := c.d.Associate
	if x == nil {
		return
	}
	if x.List != "" {
		c.column("hubspot.match[0].field", x.From.End.Match.Field)
		c.column("hubspot.link.field", x.From.End.Link.Field)
		return
	}
	c.end("associate.from", x.From.End)
	c.end("associate.to", x.To.End)
	c.column("associate.label.field", x.Label.Field)
	if x.From == x.To {
		c.problem("associate.to", "finds the same record as from, and no record is associated with itself. Name the column of the other record.")
	}
}

// end reports the column of an end that is not there.
func (c *checker) end(part string, e End) {
	c.column(part+".match.field", e.Match.Field)
	c.column(part+".link.field", e.Link.Field)
}

func (w *writer) association(a Association) {
	w.dash = true
	w.text(4, "to", a.To)
	w.end(4, a.End)
	w.text(4, "split", a.Split)
	w.label(4, a.Label)
	if a.CreateMissing {
		w.pair(4, "create-missing", "true")
	}
	if a.RemoveOthers {
		w.pair(4, "remove-others", "true")
	}
	w.dash = false
}

// associate writes what a sync of associations does.
func (w *writer) associate(d *Definition) {
	if d.HubSpot.Portal != "" {
		w.line(0, "hubspot:")
		w.text(2, "portal", d.HubSpot.Portal)
	}
	w.pair(0, "verify", string(without(d.Verify, VerifyAuto)))
	w.line(0, "associate:")
	for _, end := range []struct {
		key string
		AssociateEnd
	}{{"from", d.Associate.From}, {"to", d.Associate.To}} {
		w.line(2, end.key+":")
		w.text(4, "object", end.Object)
		w.end(4, end.End)
	}
	w.label(2, d.Associate.Label)
	if d.Associate.RemoveOthers {
		w.pair(2, "remove-others", "true")
	}
}

func (w *writer) end(indent int, e End) {
	if e.Link != (LinkKey{}) {
		w.pair(indent, "link", flowMap("sync", scalar(e.Link.Sync), "field", scalar(e.Link.Field)))
	}
	if e.Match != (MatchKey{}) {
		w.pair(indent, "match", matchYAML(e.Match))
	}
}

// label writes a label, on one line where that is short enough to read.
func (w *writer) label(indent int, l Label) {
	if l.Field == "" {
		w.text(indent, "label", l.Name)
		return
	}
	var pairs []Pair
	for _, v := range slices.Sorted(maps.Keys(l.Values)) {
		pairs = append(pairs, Pair{Field: v, Property: l.Values[v]})
	}
	kv := []string{"field", scalar(l.Field)}
	if len(pairs) > 0 {
		kv = append(kv, "values", flowMap(words(pairs)...))
	}
	if flow := flowMap(kv...); len(flow) <= readable {
		w.pair(indent, "label", flow)
		return
	}
	w.line(indent, "label:")
	w.text(indent+2, "field", l.Field)
	w.values(indent+2, pairs)
}
