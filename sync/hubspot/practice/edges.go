package practice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// edge is an association as one of its ends sees it. Types are immutable once
// set: changes replace the slice.
type edge struct {
	to    *object
	types []*associationType
}

func (e edge) has(id int) bool {
	return slices.ContainsFunc(e.types, func(t *associationType) bool { return t.ID == id && t.Category == hubspotDefined })
}

func compareEdge(e edge, o *object) int {
	return cmp.Or(strings.Compare(e.to.kind.id, o.kind.id), cmp.Compare(e.to.id, o.id))
}

func (o *object) edgeTo(other *object) (int, bool) {
	return slices.BinarySearchFunc(o.edges, other, compareEdge)
}

// edgesTo are the edges to records of a type, by their id.
func (o *object) edgesTo(k *kind) []edge {
	if k == nil || len(o.edges) == 0 {
		return nil
	}
	at := func(e edge, id string) int { return strings.Compare(e.to.kind.id, id) }
	from, found := slices.BinarySearchFunc(o.edges, k.id, at)
	if !found {
		return nil
	}
	to := from
	for to < len(o.edges) && o.edges[to].to.kind == k {
		to++
	}
	return o.edges[from:to]
}

// liveEdges are the edges to records that are not archived.
func (o *object) liveEdges(k *kind) []edge {
	all := o.edgesTo(k)
	if !slices.ContainsFunc(all, func(e edge) bool { return !e.to.live() }) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(e edge) bool { return !e.to.live() })
}

// put sets the types of one direction.
func (o *object) put(to *object, types []*associationType) {
	slices.SortFunc(types, func(a, b *associationType) int {
		return cmp.Or(strings.Compare(a.Category, b.Category), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.ID, b.ID))
	})
	types = slices.Compact(types)
	i, ok := o.edgeTo(to)
	if ok {
		o.edges[i].types = types
		return
	}
	o.edges = slices.Insert(o.edges, i, edge{to, types})
}

// join associates two records by the given types and the plain one that they
// imply, in both directions. The first company of a record becomes its primary
// one; a new primary replaces the old (facts 5.2). It reports whether anything
// changed.
func (p *Portal) join(from, to *object, types []*associationType) bool {
	var have []*associationType
	if i, ok := from.edgeTo(to); ok {
		have = from.edges[i].types
	}
	want := slices.Clone(have)
	add := func(t *associationType) {
		if t != nil && !slices.Contains(want, t) {
			want = append(want, t)
		}
	}
	for _, t := range types {
		add(t)
	}
	add(p.assoc.unlabelled(from.kind, to.kind))
	if t := p.firstPrimary(from, to); t != nil {
		add(t)
	}
	if t := p.firstPrimary(to, from); t != nil {
		add(t.inverse)
	}
	if len(want) == len(have) {
		return false
	}
	for _, t := range want {
		if slices.Contains(have, t) {
			continue
		}
		if t.primary {
			p.demote(from, to, t)
		}
		if t.inverse.primary {
			p.demote(to, from, t.inverse)
		}
	}
	p.link(from, to, want)
	return true
}

// setLabels associates as a call with types does: the labels it names replace
// those that the pair had, Primary among them (facts 5.2). A call that names the
// plain type only leaves labels alone. It reports whether anything changed.
func (p *Portal) setLabels(from, to *object, types []*associationType) bool {
	changed := false
	named := slices.ContainsFunc(types, func(t *associationType) bool { return !t.unlabelled })
	if i, ok := from.edgeTo(to); ok && named && !p.opt.Switches.LabelsAdd {
		have := from.edges[i].types
		keep := slices.DeleteFunc(slices.Clone(have), func(t *associationType) bool {
			return !t.unlabelled && !slices.Contains(types, t) && !(p.opt.Switches.PrimaryOutlivesLabels && (t.primary || t.inverse.primary))
		})
		if changed = len(keep) < len(have); changed {
			p.link(from, to, keep)
		}
	}
	return p.join(from, to, types) || changed
}

// firstPrimary is the primary type from a record to its first associated
// record of the other's type, nil when there is already one or the pair has no
// primary.
func (p *Portal) firstPrimary(from, to *object) *associationType {
	t := p.assoc.primaryOf(from.kind, to.kind)
	if t == nil {
		return nil
	}
	for _, e := range from.edgesTo(to.kind) {
		if e.to.live() {
			return nil
		}
	}
	return t
}

// demote takes the primary type from whichever record has it.
func (p *Portal) demote(from, but *object, t *associationType) {
	for _, e := range from.edgesTo(but.kind) {
		if e.to != but && slices.Contains(e.types, t) {
			p.link(from, e.to, slices.DeleteFunc(slices.Clone(e.types), func(x *associationType) bool { return x == t }))
			return
		}
	}
}

// link sets the types between two records in both directions.
func (p *Portal) link(from, to *object, types []*associationType) {
	p.changes.pair(from, to)
	back := make([]*associationType, len(types))
	for i, t := range types {
		back[i] = t.inverse
	}
	from.put(to, types)
	if from != to {
		to.put(from, back)
	}
	p.hookEdge(from, to, types, false)
	p.journalEdge(from, to, false)
}

// separate removes types between two records; without types, or when the plain
// one is among them, the whole association. It reports whether anything changed.
func (p *Portal) separate(from, to *object, types []*associationType) bool {
	i, ok := from.edgeTo(to)
	if !ok {
		return false
	}
	left := slices.DeleteFunc(slices.Clone(from.edges[i].types), func(t *associationType) bool { return slices.Contains(types, t) })
	whole := len(types) == 0 || slices.ContainsFunc(types, func(t *associationType) bool { return t.unlabelled })
	if !whole {
		if len(left) == len(from.edges[i].types) {
			return false
		}
		p.link(from, to, left)
		return true
	}
	p.changes.pair(from, to)
	p.hookEdge(from, to, from.edges[i].types, true)
	p.journalEdge(from, to, true)
	from.edges = slices.Delete(from.edges, i, i+1)
	if j, ok := to.edgeTo(from); ok {
		to.edges = slices.Delete(to.edges, j, j+1)
	}
	return true
}

// touchEnds moves the modified date of both ends, as associating does.
func (p *Portal) touchEnds(a, b *object) {
	if !p.opt.Switches.AssociationsKeepDate {
		p.touch(a)
		p.touch(b)
	}
}

// edgeSpec is a validated wish to associate a record that is written.
type edgeSpec struct {
	to    *object
	types []*associationType
}

func (p *Portal) connect(o *object, e edgeSpec) {
	if p.join(o, e.to, e.types) {
		p.touchEnds(o, e.to)
	}
}

// wireAssociation is an association in the body of a create.
type wireAssociation struct {
	To    wireRef    `json:"to"`
	Types []wireType `json:"types"`
}

type wireRef struct {
	ID wireID `json:"id"`
}

type wireType struct {
	Category string `json:"associationCategory"`
	ID       int    `json:"associationTypeId"`
}

func (t wireType) String() string { return fmt.Sprintf("%s=%d", t.Category, t.ID) }

// prepareEdges finds the records and types of the associations in a create.
func (p *Portal) prepareEdges(k *kind, w *write, c *call) *apiError {
	if len(w.input.Associations) > 0 && c.token != nil && c.token.NoEditAssociations && c.version.enforcesRules() {
		return invalid("Missing 'Edit Associations' permission.")
	}
	for _, a := range w.input.Associations {
		var spec edgeSpec
		for _, t := range a.Types {
			known := p.assoc.anywhere(t.Category, t.ID)
			if known == nil {
				return invalid("One or more associations are invalid").with("associationSpec", t.String()).
					with("INVALID_ASSOCIATION_TYPE_ID", t.String()+" is not valid")
			}
			own := p.typeFrom(k, t)
			if own == nil {
				return invalid("invalid from object type %s for associations to be created. expected: %s", k.id, known.from)
			}
			other := p.kindBy[own.to]
			if e := p.allow(c, other.writes); e != nil && !p.opt.Switches.InlineScopesUnchecked { // associating changes both ends (facts 1.10)
				return e
			}
			id, ok := parseID(string(a.To.ID))
			o := other.resolve(id)
			if !ok || o == nil || !o.live() {
				return noEnd(other, string(a.To.ID))
			}
			spec.to, spec.types = o, append(spec.types, own)
		}
		if spec.to == nil {
			return missing(c.body, "PublicAssociationsForObject", "types")
		}
		w.edges = append(w.edges, spec)
	}
	return nil
}

// typeFrom finds a type by its id among those that start at an object type.
func (p *Portal) typeFrom(k *kind, t wireType) *associationType {
	for _, other := range p.kinds {
		if found := p.assoc.find(k, other, t.Category, t.ID); found != nil {
			return found
		}
	}
	return nil
}
