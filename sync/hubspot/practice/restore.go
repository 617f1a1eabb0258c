package practice

import (
	"container/heap"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"syncline/sync/hubspot/practice/content"
)

// errEntry is an entry that says nothing that could be understood.
var errEntry = errors.New("it holds something that is not understood")

// restore reads entries into a portal that has nothing of them yet.
type restore struct {
	portal  *Portal
	b       []byte
	names   []symbol
	sources []uint32
	whole   bool
	bad     bool
}

// readIdentity reads the first entry, which is needed before there is a portal.
func readIdentity(payload []byte) (identity, error) {
	r := &restore{b: payload}
	var id identity
	if r.byte() != entryDocument || r.text() != docIdentity || json.Unmarshal([]byte(r.text()), &id) != nil || r.bad {
		return id, errEntry
	}
	return id, nil
}

// read applies the entries of one frame.
func (r *restore) read(payload []byte) error {
	r.b = payload
	for len(r.b) > 0 && !r.bad {
		switch r.byte() {
		case entryName:
			r.names = append(r.names, r.portal.names.intern(r.text()))
		case entrySource:
			s := source{Type: r.text(), ID: r.text(), Label: r.text(), UserID: r.int()}
			r.sources = append(r.sources, r.portal.sourceID(s))
		case entryRecord:
			r.record()
		case entryGone:
			r.gone()
		case entryPair:
			r.pair()
		case entryDocument:
			name, text := r.text(), r.text()
			if err := r.document(name, []byte(text)); err != nil {
				return fmt.Errorf("%w: %s: %w", errEntry, name, err)
			}
		case entryWhole:
			r.whole = true
		default:
			r.bad = true
		}
	}
	if r.bad {
		return errEntry
	}
	return nil
}

func (r *restore) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *restore) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *restore) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *restore) text() string {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func numbered[T any](r *restore, list []T) T {
	n := r.uint()
	if n >= uint64(len(list)) {
		r.bad = true
		var none T
		return none
	}
	return list[n]
}

// head reads what records and gone ones begin with.
func (r *restore) head() (k *kind, id uint64, s *state, indexAt int64) {
	name := numbered(r, r.names)
	id = r.uint()
	s = &state{modified: r.int(), archivedAt: r.int(), seq: r.uint()}
	indexAt = r.int()
	if !r.bad {
		k = r.portal.kindBy[r.portal.names.text[name]]
	}
	r.bad = r.bad || k == nil
	return k, id, s, indexAt
}

func (r *restore) record() {
	k, id, s, indexAt := r.head()
	created, creator := r.int(), numbered(r, r.sources)
	for n := r.uint(); n > 0 && !r.bad; n-- {
		c := cell{name: numbered(r, r.names)}
		depth := r.uint()
		c.value, c.at, c.source = r.version()
		last := &c.older
		for ; depth > 0 && !r.bad; depth-- {
			v := &version{}
			v.value, v.at, v.source = r.version()
			*last, last = v, &v.older
		}
		s.cells = append(s.cells, c)
	}
	var merged []uint64
	for n := r.uint(); n > 0 && !r.bad; n-- {
		merged = append(merged, r.uint())
	}
	var secondary []string
	for n := r.uint(); n > 0 && !r.bad; n-- {
		secondary = append(secondary, r.text())
	}
	if r.bad {
		return
	}
	slices.SortFunc(s.cells, func(a, b cell) int { return int(a.name) - int(b.name) })
	o := k.objects[id]
	if o == nil {
		o = &object{kind: k, id: id}
		k.insert(o)
	} else if o.live() {
		k.live--
	}
	o.created, o.creator, o.merged, o.secondary = created, creator, merged, secondary
	o.state = s
	if o.live() {
		k.live++
	}
	r.index(o, indexAt)
}

func (r *restore) version() (value string, at int64, by uint32) {
	return r.text(), r.int(), numbered(r, r.sources)
}

func (r *restore) gone() {
	k, id, s, indexAt := r.head()
	if r.bad {
		return
	}
	o := k.objects[id]
	if o == nil {
		return
	}
	for len(o.edges) > 0 {
		r.portal.separate(o, o.edges[0].to, nil)
	}
	if o.live() {
		k.live--
	}
	delete(k.objects, id)
	if i, ok := k.position(id); ok {
		k.order = slices.Delete(k.order, i, i+1)
	}
	s.cells = o.cells
	o.state = s
	r.index(o, indexAt)
}

func (r *restore) index(o *object, at int64) {
	r.portal.seq = max(r.portal.seq, o.seq)
	if at == 0 {
		o.kind.index.apply(o, o.state)
		return
	}
	heap.Push(&o.kind.index.queue, update{time.Unix(0, at), o, o.state})
}

func (r *restore) pair() {
	p := r.portal
	from, a := p.kindBy[r.text()], r.uint()
	to, b := p.kindBy[r.text()], r.uint()
	var types []*associationType
	for n := r.uint(); n > 0 && !r.bad; n-- {
		category, id := r.text(), int(r.uint())
		if from == nil || to == nil {
			continue
		}
		t := p.assoc.find(from, to, category, id)
		if t == nil {
			continue // the type is no more
		}
		types = append(types, t)
	}
	if r.bad || from == nil || to == nil || from.objects[a] == nil || to.objects[b] == nil {
		return // a pair that ended with its record, or its type
	}
	if len(types) == 0 {
		p.separate(from.objects[a], to.objects[b], nil)
		return
	}
	p.link(from.objects[a], to.objects[b], types)
}

// document applies one document.
func (r *restore) document(name string, text []byte) error {
	p := r.portal
	switch name {
	case docIdentity:
		return nil
	case docKind:
		return r.objectType(text)
	case docDropped:
		return load(text, func(id *string) error {
			if k := p.kindBy[*id]; k != nil {
				p.dropKind(k)
			}
			return nil
		})
	case docProperty:
		return r.property(text)
	case docGroups:
		return load(text, func(s *savedGroups) error {
			return r.with(s.Type, func(k *kind) { k.groups = s.Groups; p.changes.of(k, docGroups) })
		})
	case docPipelines:
		return load(text, func(s *savedPipelines) error {
			return r.with(s.Type, func(k *kind) { k.pipes = s.Pipelines; p.changes.of(k, docPipelines) })
		})
	case docErased:
		return load(text, func(s *savedErased) error {
			return r.with(s.Type, func(k *kind) {
				for _, email := range s.Emails {
					k.erased[email] = true
				}
			})
		})
	case docAlias:
		return load(text, func(s *savedAlias) error {
			return r.with(s.Type, func(k *kind) {
				for _, pair := range s.Pairs {
					k.alias[pair[0]] = pair[1]
				}
			})
		})
	case docTypes:
		return load(text, func(list *[]savedType) error { p.assoc.restore(*list); return nil })
	case docOwners:
		return load(text, func(list *[]*owner) error { p.owners = *list; return nil })
	case docForms:
		return load(text, func(list *[]*content.Form) error { p.forms.all = *list; return nil })
	case docSubmitted:
		return load(text, func(s *savedSubmission) error { p.forms.keep(s.Form, s.Submission); return nil })
	case docLists:
		return load(text, func(all *[]*list) error { return r.takeLists(*all) })
	case docMembers:
		return load(text, func(s *savedMembers) error { return r.onList(s.List, func(l *list) { l.members = s.Members }) })
	case docMoved:
		return load(text, func(c *listChange) error { return r.onList(c.List, func(l *list) { l.change(*c) }) })
	case docTokens:
		return load(text, func(all *map[digest]*Token) error { p.tokens = *all; return nil })
	case docGrants:
		return load(text, func(s *oauthState) error { p.oauth.restore(s); return nil })
	case docImports:
		return load(text, func(list *[]savedImport) error { return p.restoreImports(*list) })
	case docFiles:
		return load(text, func(list *[]savedImportFile) error { return p.restoreImportFiles(*list) })
	case docExports:
		return load(text, func(list *[]*exportRun) error {
			p.exports = *list
			for _, x := range p.exports {
				p.lastExport = max(p.lastExport, x.ID-95_000_000)
			}
			return nil
		})
	case docPending:
		return load(text, func(list *[]savedJob) error { return r.jobs(*list) })
	case docUploads:
		return load(text, func(all *fileManager) error { p.files = *all; return nil })
	case docEvent:
		return load(text, func(e *TimelineEvent) error { p.keepEvent(e); return nil })
	case docCounters:
		return load(text, r.counters)
	}
	return errors.New("no such document is known")
}

func load[T any](text []byte, use func(*T) error) error {
	v := new(T)
	if err := json.Unmarshal(text, v); err != nil {
		return err
	}
	return use(v)
}

func (r *restore) with(id string, use func(*kind)) error {
	k := r.portal.kindBy[id]
	if k == nil {
		return fmt.Errorf("there is no object type %s", id)
	}
	use(k)
	return nil
}

func (r *restore) objectType(text []byte) error {
	return load(text, func(s *schema) error {
		k := r.portal.kindBy[s.ObjectTypeID]
		if k == nil {
			r.portal.addKind(r.portal.schemaKind(s))
			return nil
		}
		k.schema, k.required, k.search = s, s.Required, s.Searchable
		return nil
	})
}

func (r *restore) property(text []byte) error {
	return load(text, func(s *savedProperty) error {
		return r.with(s.Type, func(k *kind) {
			d := s.Property
			d.shown = s.Shown
			delete(k.props, d.Name)
			delete(k.archived, d.Name)
			r.portal.define(k, d)
			if s.Archived {
				delete(k.props, d.Name)
				k.archived[d.Name] = d
			}
		})
	})
}

// restore makes the types that a team defined those of the list. Types that
// stay keep their identity, for records refer to them.
func (a *associationTypes) restore(list []savedType) {
	type key struct {
		from, to string
		id       int
	}
	keep := map[key]*associationType{}
	for pair, types := range a.all {
		for _, t := range types {
			if t.Category == userDefined {
				keep[key{t.from, t.to, t.ID}] = t
			}
		}
		a.all[pair] = slices.DeleteFunc(types, func(t *associationType) bool { return t.Category == userDefined })
	}
	now := map[key]*associationType{}
	for _, s := range list {
		id := key{s.From, s.To, s.ID}
		t := keep[id]
		if t == nil {
			t = &associationType{}
		}
		t.Category, t.ID, t.Label, t.from, t.to, t.name, t.unlabelled = s.Category, s.ID, s.Label, s.From, s.To, s.Name, s.Unlabelled
		now[id] = t
		a.add(t)
	}
	for _, s := range list {
		t := now[key{s.From, s.To, s.ID}]
		if t.inverse = now[key{s.To, s.From, s.Inverse}]; t.inverse == nil {
			t.inverse = t
		}
	}
}

func (r *restore) jobs(list []savedJob) error {
	p := r.portal
	p.pending = nil
	for _, s := range list {
		j := job{at: s.At}
		switch {
		case s.Import != 0:
			j.run = s.Import
		case s.Export != 0:
			j.export = s.Export
		case s.Contact != 0:
			if j.contact = p.kindBy["contacts"].objects[s.Contact]; j.contact == nil {
				continue
			}
		default:
			j.call = &call{method: s.Method, target: s.Target, body: s.Body, form: s.Form, kind: s.Kind, token: p.tokens[s.Token]}
			rt, _, early := p.locate(j.call)
			if early != nil || j.call.token == nil && rt.traits&public == 0 {
				continue // its token was revoked meanwhile
			}
			j.route = rt
		}
		p.pending = append(p.pending, j)
	}
	return nil
}

func (r *restore) counters(c *counters) error {
	p := r.portal
	if err := p.pcg.UnmarshalBinary(c.Random); err != nil {
		return err
	}
	p.seq, p.lastCustom, p.lastOwner, p.assoc.lastLabel = c.Seq, c.LastCustom, c.LastOwner, c.LastLabel
	p.limiter.day, p.limiter.used, p.limiter.linked = c.Day, c.Used, c.Linked
	for id, last := range c.LastID {
		if k := p.kindBy[id]; k != nil {
			k.lastID = last
		}
	}
	return nil
}

// claimAll derives which record has which unique value, in the order in which
// the records were last written.
func (p *Portal) claimAll() {
	email := p.names.intern("email")
	for _, k := range p.kinds {
		objects := slices.SortedFunc(maps.Values(k.objects), func(a, b *object) int { return int(int64(a.seq) - int64(b.seq)) })
		for _, o := range objects {
			for name, values := range k.unique {
				v := p.fold(o.stored(name))
				switch {
				case v == "" || k.name == "contacts" && name == email:
				case o.live():
					values[v] = o.id
				default:
					k.shelf[claim{name, v}] = o.id
				}
			}
			if o.live() {
				maps.Copy(k.emails, k.emailsOf(p, o))
			}
		}
	}
}
