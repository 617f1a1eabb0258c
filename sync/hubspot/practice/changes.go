package practice

import (
	"encoding/binary"
	"encoding/json"
	"strings"
)

// The entries of a portal's file. Names and sources are numbered in the order
// in which they first come; records and pairs refer to them by number.
const (
	entryName     = iota + 1 // a property's name or an object type's id
	entrySource              // who wrote a value
	entryRecord              // a record with its history, as it now is
	entryGone                // a record that was merged away or erased
	entryPair                // all association types between two records
	entryDocument            // a document: its name, and JSON
	entryWhole               // the end of what compaction wrote
)

// The names of documents.
const (
	docIdentity  = "identity"     // what the portal is; always the first entry
	docKind      = "object type"  // a custom object type
	docDropped   = "dropped type" // the id of one that is no more
	docProperty  = "property"     // one definition
	docGroups    = "groups"       // all of a type
	docPipelines = "pipelines"    // all of a type
	docTypes     = "association types"
	docOwners    = "owners"
	docForms     = "forms"
	docSubmitted = "submission"
	docLists     = "lists"
	docMembers   = "members" // of a list, all
	docMoved     = "moved"   // of a list, who came and went
	docTokens    = "tokens"
	docGrants    = "grants"
	docPending   = "pending"
	docErased    = "erased"
	docAlias     = "merged"
	docCounters  = "counters"
	docImports   = "imports"
	docFiles     = "import files" // of those that are not over
	docExports   = "exports"
	docEvent     = "timeline event" // one
	docUploads   = "files"
)

// changes collects what a call changes in a portal that has a file, as the
// entries that tell it. It belongs to the portal's lock. All methods do nothing
// on nil, which is a portal without a file.
type changes struct {
	entries []byte // records, gone ones, and what they refer to
	pairs   map[pairKey]bool
	props   map[*property]*kind
	docs    map[string]bool // wholes to be written again, with the type's id behind a space
	dropped []string
	alias   map[*kind][]uint64

	submissions []savedSubmission
	members     []listChange

	own     map[string]map[string]bool // by type id: properties that are not as New makes them
	kinds   map[string]bool            // groups and pipelines that are not as New makes them
	names   map[symbol]uint64
	sources map[uint32]uint64
}

// pairKey names two records by their types and ids.
type pairKey struct {
	from, to     string
	fromID, toID uint64
}

func keyOf(from, to *object) pairKey {
	a, b := from, to
	if strings.Compare(b.kind.id, a.kind.id) < 0 || a.kind == b.kind && b.id < a.id {
		a, b = b, a
	}
	return pairKey{a.kind.id, b.kind.id, a.id, b.id}
}

func newChanges() *changes {
	c := &changes{own: map[string]map[string]bool{}, kinds: map[string]bool{}}
	c.forget()
	c.names, c.sources = map[symbol]uint64{}, map[uint32]uint64{}
	return c
}

// forget begins anew; what differs from New stays known.
func (c *changes) forget() {
	c.entries, c.dropped, c.submissions, c.members = nil, nil, nil, nil
	c.pairs, c.props, c.docs, c.alias = map[pairKey]bool{}, map[*property]*kind{}, map[string]bool{}, map[*kind][]uint64{}
}

func (c *changes) none() bool {
	return len(c.entries)+len(c.pairs)+len(c.props)+len(c.docs)+len(c.dropped)+len(c.alias)+len(c.submissions)+len(c.members) == 0
}

func (c *changes) pair(from, to *object) {
	if c != nil {
		c.pairs[keyOf(from, to)] = true
	}
}

func (c *changes) property(k *kind, d *property) {
	if c == nil {
		return
	}
	if c.own[k.id] == nil {
		c.own[k.id] = map[string]bool{}
	}
	c.own[k.id][d.Name] = true
	c.props[d] = k
}

// document marks a whole to be written again.
func (c *changes) document(name string) {
	if c != nil {
		c.docs[name] = true
	}
}

// add tells of something that only ever comes to others of its kind.
func (c *changes) add(name string, v any) {
	if c != nil {
		c.entries = appendDocument(c.entries, name, v)
	}
}

// of marks a whole of one object type.
func (c *changes) of(k *kind, name string) {
	if c != nil {
		c.docs[name+" "+k.id] = true
		c.kinds[name+" "+k.id] = true
	}
}

func (c *changes) drop(k *kind) {
	if c == nil {
		return
	}
	c.dropped = append(c.dropped, k.id)
	delete(c.own, k.id)
	for _, name := range []string{docGroups, docPipelines, docKind, docErased} {
		delete(c.kinds, name+" "+k.id)
		delete(c.docs, name+" "+k.id)
	}
}

func (c *changes) merged(k *kind, old []uint64) {
	if c != nil {
		c.alias[k] = append(c.alias[k], old...)
	}
}

// name returns the number of a name, writing the name first if it is new.
func (c *changes) name(p *Portal, s symbol) uint64 {
	n, known := c.names[s]
	if !known {
		n = uint64(len(c.names))
		c.names[s] = n
		c.entries = appendString(append(c.entries, entryName), p.names.text[s])
	}
	return n
}

func (c *changes) source(p *Portal, by uint32) uint64 {
	n, known := c.sources[by]
	if !known {
		n = uint64(len(c.sources))
		c.sources[by] = n
		s := p.sources[by]
		b := append(c.entries, entrySource)
		b = appendString(appendString(appendString(b, s.Type), s.ID), s.Label)
		c.entries = binary.AppendVarint(b, s.UserID)
	}
	return n
}

// record writes a state of a record. indexAt is when search learns of it, in
// nanoseconds since the epoch, 0 = at once.
func (c *changes) record(p *Portal, o *object, s *state, indexAt int64) {
	if c == nil {
		return
	}
	c.name(p, p.names.intern(o.kind.id))
	c.source(p, o.creator)
	for i := range s.cells { // names and sources stand before what refers to them
		c.name(p, s.cells[i].name)
		c.source(p, s.cells[i].source)
		for v := s.cells[i].older; v != nil; v = v.older {
			c.source(p, v.source)
		}
	}
	b := c.head(append(c.entries, entryRecord), p, o, s, indexAt)
	b = binary.AppendVarint(b, o.created)
	b = binary.AppendUvarint(b, c.source(p, o.creator))
	b = binary.AppendUvarint(b, uint64(len(s.cells)))
	for i := range s.cells {
		x := &s.cells[i]
		b = binary.AppendUvarint(b, c.name(p, x.name))
		depth := uint64(0)
		for v := x.older; v != nil; v = v.older {
			depth++
		}
		b = binary.AppendUvarint(b, depth)
		b = c.version(b, p, x.value, x.at, x.source)
		for v := x.older; v != nil; v = v.older {
			b = c.version(b, p, v.value, v.at, v.source)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(o.merged)))
	for _, id := range o.merged {
		b = binary.AppendUvarint(b, id)
	}
	b = binary.AppendUvarint(b, uint64(len(o.secondary)))
	for _, email := range o.secondary {
		b = appendString(b, email)
	}
	c.entries = b
}

// gone writes that a record is no more, though search may know it for a while.
func (c *changes) gone(p *Portal, o *object, s *state, indexAt int64) {
	if c != nil {
		c.name(p, p.names.intern(o.kind.id))
		c.entries = c.head(append(c.entries, entryGone), p, o, s, indexAt)
	}
}

func (c *changes) head(b []byte, p *Portal, o *object, s *state, indexAt int64) []byte {
	b = binary.AppendUvarint(b, c.name(p, p.names.intern(o.kind.id)))
	b = binary.AppendUvarint(b, o.id)
	b = binary.AppendVarint(b, s.modified)
	b = binary.AppendVarint(b, s.archivedAt)
	b = binary.AppendUvarint(b, s.seq)
	return binary.AppendVarint(b, indexAt)
}

func (c *changes) version(b []byte, p *Portal, value string, at int64, by uint32) []byte {
	b = appendString(b, value)
	b = binary.AppendVarint(b, at)
	return binary.AppendUvarint(b, c.source(p, by))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendDocument(b []byte, name string, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("practice: " + name + ": " + err.Error()) // only a programming error can cause it
	}
	return appendString(appendString(append(b, entryDocument), name), string(text))
}
