package practice

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"
)

// identity is what a portal is, whatever happens in it.
type identity struct {
	Seed     uint64 `json:"seed"`
	PortalID int64  `json:"portal"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Zone     string `json:"zone"`
	Currency string `json:"currency"`
	UIDomain string `json:"uiDomain"`
	Hublet   string `json:"hublet"`
}

// counters are the numbers that only grow, and the state of chance.
type counters struct {
	Random     []byte            `json:"random"`
	Seq        uint64            `json:"seq"`
	LastCustom int64             `json:"lastCustom"`
	LastOwner  int64             `json:"lastOwner"`
	LastLabel  int               `json:"lastLabel"`
	LastID     map[string]uint64 `json:"lastId"` // by type id
	Day        string            `json:"day"`
	Used       int               `json:"used"`
	Linked     int               `json:"linked"`
}

type savedProperty struct {
	Type     string    `json:"type"`
	Archived bool      `json:"archived,omitempty"`
	Shown    int64     `json:"shown,omitempty"`
	Property *property `json:"property"`
}

type savedGroups struct {
	Type   string   `json:"type"`
	Groups []*group `json:"groups"`
}

type savedPipelines struct {
	Type      string      `json:"type"`
	Pipelines []*pipeline `json:"pipelines"`
}

// savedType is one direction of an association type that a team defined, with
// the number of its inverse.
type savedType struct {
	Category, From, To, Name string
	ID, Inverse              int
	Label                    *string `json:",omitempty"`
	Unlabelled               bool    `json:",omitempty"`
}

type savedErased struct {
	Type   string   `json:"type"`
	Emails []string `json:"emails"`
}

type savedAlias struct {
	Type  string      `json:"type"`
	Pairs [][2]uint64 `json:"pairs"` // old id, survivor
}

// savedJob is something that is still to happen.
type savedJob struct {
	At      time.Time `json:"at"`
	Contact uint64    `json:"contact,omitempty"`
	Method  string    `json:"method,omitempty"`
	Target  string    `json:"target,omitempty"`
	Body    []byte    `json:"body,omitempty"`
	Form    bool      `json:"form,omitempty"`
	Kind    string    `json:"kind,omitempty"`
	Token   digest    `json:"token,omitzero"`
	Import  int64     `json:"import,omitempty"`
	Export  int64     `json:"export,omitempty"`
}

// takeChanges returns the entries of what changed since the last time, nil for
// nothing. It is called with the lock held.
func (p *Portal) takeChanges() []byte {
	c := p.changes
	if c == nil || c.none() {
		return nil
	}
	var b []byte
	for _, id := range c.dropped {
		b = appendDocument(b, docDropped, id)
	}
	b = p.appendKinds(b, func(name, id string) bool { return c.docs[name+" "+id] })
	for _, d := range slices.SortedFunc(maps.Keys(c.props), func(a, b *property) int { return cmp.Compare(a.symbol, b.symbol) }) {
		b = appendProperty(b, c.props[d], d)
	}
	b = p.appendWholes(b, func(name string) bool { return c.docs[name] })
	for k, old := range c.alias {
		b = appendAlias(b, k, old)
	}
	for _, s := range c.submissions {
		b = appendDocument(b, docSubmitted, s)
	}
	for _, m := range c.members {
		b = appendDocument(b, docMoved, m)
	}
	b = append(b, c.entries...)
	keys := slices.SortedFunc(maps.Keys(c.pairs), func(a, b pairKey) int {
		return cmp.Or(strings.Compare(a.from, b.from), cmp.Compare(a.fromID, b.fromID), strings.Compare(a.to, b.to), cmp.Compare(a.toID, b.toID))
	})
	for _, key := range keys {
		b = p.appendPair(b, key)
	}
	if c.docs[docPending] { // may name a record of this call
		b = appendDocument(b, docPending, p.savedJobs())
	}
	b = appendDocument(b, docCounters, p.savedCounters())
	c.forget()
	return b
}

// snapshot is the whole portal as a file. It is called with the lock held.
func (p *Portal) snapshot() []byte {
	c := p.changes
	c.forget()
	c.names, c.sources = map[symbol]uint64{}, map[uint32]uint64{}
	out := append([]byte(fileTitle), itoa(fileFormat)+"\n"...)
	o := &p.opt
	b := appendDocument(nil, docIdentity, identity{o.Seed, o.PortalID, o.Name, o.AccountType, o.TimeZone, o.Currency, o.UIDomain, o.Hublet})
	b = p.appendKinds(b, func(name, id string) bool { return name == docKind || name == docErased || c.kinds[name+" "+id] })
	for _, k := range p.kinds {
		for _, name := range slices.Sorted(maps.Keys(c.own[k.id])) {
			d := k.props[name]
			if d == nil {
				d = k.archived[name]
			}
			b = appendProperty(b, k, d)
		}
	}
	b = p.appendWholes(b, func(string) bool { return true })
	for _, k := range p.kinds {
		b = appendAlias(b, k, slices.Sorted(maps.Keys(k.alias)))
	}
	for _, form := range slices.Sorted(maps.Keys(p.forms.sent)) {
		for _, s := range p.forms.sent[form] {
			b = appendDocument(b, docSubmitted, savedSubmission{form, s})
		}
	}
	for _, l := range p.lists.all {
		b = appendDocument(b, docMembers, savedMembers{l.ID, l.members})
	}
	for _, k := range p.kinds {
		b, out = p.appendRecords(b, out, k)
	}
	for _, k := range p.kinds {
		for _, from := range k.order {
			for _, e := range from.edges {
				if key := keyOf(from, e.to); key.from == k.id && key.fromID == from.id {
					b = p.appendPair(b, key)
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.events)) {
		b = appendDocument(b, docEvent, p.events[id])
	}
	b = appendDocument(b, docPending, p.savedJobs())
	b = appendDocument(b, docCounters, p.savedCounters())
	return appendFrame(out, append(b, entryWhole))
}

// appendRecords writes the records of a type with what search does not know
// of them yet, in frames.
func (p *Portal) appendRecords(b, out []byte, k *kind) (rest, framed []byte) {
	c := p.changes
	late := map[*object][]update{}
	for _, u := range k.index.queue {
		late[u.object] = append(late[u.object], u)
	}
	flush := func(most int) {
		b = append(b, c.entries...)
		c.entries = c.entries[:0]
		if len(b) > most {
			out, b = appendFrame(out, b), nil
		}
	}
	one := func(o *object, gone bool) {
		updates := late[o]
		slices.SortFunc(updates, func(a, b update) int { return cmp.Compare(a.state.seq, b.state.seq) })
		known := uint64(0)
		if o.indexed != nil {
			known = o.indexed.seq
			c.record(p, o, o.indexed, 0)
		}
		for _, u := range updates {
			switch {
			case u.state.seq <= known:
			case gone && u.state == o.state:
				c.gone(p, o, u.state, u.at.UnixNano())
			default:
				c.record(p, o, u.state, u.at.UnixNano())
			}
		}
		flush(largeFrame)
	}
	var gone []*object
	for o := range late {
		if k.objects[o.id] != o {
			gone = append(gone, o)
		}
	}
	slices.SortFunc(gone, func(a, b *object) int { return cmp.Compare(a.seq, b.seq) })
	for _, o := range gone {
		one(o, true)
	}
	for _, o := range k.order {
		one(o, false)
	}
	return b, out
}

func (p *Portal) appendKinds(b []byte, wanted func(name, id string) bool) []byte {
	for _, k := range p.kinds {
		if k.custom() && wanted(docKind, k.id) {
			b = appendDocument(b, docKind, k.schema)
		}
		if wanted(docGroups, k.id) {
			b = appendDocument(b, docGroups, savedGroups{k.id, k.groups})
		}
		if wanted(docPipelines, k.id) {
			b = appendDocument(b, docPipelines, savedPipelines{k.id, k.pipes})
		}
		if len(k.erased) > 0 && wanted(docErased, k.id) {
			b = appendDocument(b, docErased, savedErased{k.id, slices.Sorted(maps.Keys(k.erased))})
		}
	}
	return b
}

func appendProperty(b []byte, k *kind, d *property) []byte {
	return appendDocument(b, docProperty, savedProperty{k.id, k.props[d.Name] != d, d.shown, d})
}

func (p *Portal) appendWholes(b []byte, wanted func(name string) bool) []byte {
	if wanted(docTypes) {
		b = appendDocument(b, docTypes, p.assoc.saved())
	}
	if wanted(docOwners) {
		b = appendDocument(b, docOwners, p.owners)
	}
	if len(p.forms.all) > 0 && wanted(docForms) {
		b = appendDocument(b, docForms, p.forms.all)
	}
	if len(p.lists.all) > 0 && wanted(docLists) {
		b = appendDocument(b, docLists, p.lists.all)
	}
	if wanted(docUploads) && p.files.Last > 0 {
		b = appendDocument(b, docUploads, &p.files)
	}
	if wanted(docTokens) {
		b = appendDocument(b, docTokens, p.tokens)
	}
	if wanted(docGrants) {
		b = appendDocument(b, docGrants, &p.oauth)
	}
	if wanted(docImports) && len(p.imports) > 0 {
		b = appendDocument(b, docImports, p.savedImports())
	}
	if wanted(docFiles) && len(p.imports) > 0 {
		b = appendDocument(b, docFiles, p.savedImportFiles())
	}
	if wanted(docExports) && len(p.exports) > 0 {
		b = appendDocument(b, docExports, p.exports)
	}
	return b
}

func appendAlias(b []byte, k *kind, old []uint64) []byte {
	if len(old) == 0 {
		return b
	}
	s := savedAlias{Type: k.id}
	for _, id := range old {
		s.Pairs = append(s.Pairs, [2]uint64{id, k.alias[id]})
	}
	return appendDocument(b, docAlias, s)
}

// appendPair writes how two records are associated now.
func (p *Portal) appendPair(b []byte, key pairKey) []byte {
	b = appendString(append(b, entryPair), key.from)
	b = binary.AppendUvarint(b, key.fromID)
	b = appendString(b, key.to)
	b = binary.AppendUvarint(b, key.toID)
	var types []*associationType
	if from, to := p.kindBy[key.from], p.kindBy[key.to]; from != nil && to != nil {
		a, o := from.objects[key.fromID], to.objects[key.toID]
		if a != nil && o != nil {
			if i, ok := a.edgeTo(o); ok {
				types = a.edges[i].types
			}
		}
	}
	b = binary.AppendUvarint(b, uint64(len(types)))
	for _, t := range types {
		b = binary.AppendUvarint(appendString(b, t.Category), uint64(t.ID))
	}
	return b
}

func (a *associationTypes) saved() []savedType {
	list := []savedType{}
	for _, types := range a.all {
		for _, t := range types {
			if t.Category == userDefined {
				list = append(list, savedType{Category: t.Category, From: t.from, To: t.to, Name: t.name, ID: t.ID, Inverse: t.inverse.ID, Label: t.Label, Unlabelled: t.unlabelled})
			}
		}
	}
	slices.SortFunc(list, func(x, y savedType) int { return cmp.Or(cmp.Compare(x.ID, y.ID), strings.Compare(x.From, y.From)) })
	return list
}

func (p *Portal) savedJobs() []savedJob {
	list := []savedJob{}
	for _, j := range p.pending {
		s := savedJob{At: j.at}
		if j.contact != nil && j.contact.kind.objects[j.contact.id] != j.contact {
			continue // merged away meanwhile; its id may be another's
		}
		switch {
		case j.contact != nil:
			s.Contact = j.contact.id
		case j.run != 0:
			s.Import = j.run
		case j.export != 0:
			s.Export = j.export
		default:
			s.Kind = j.call.kind
			s.Method, s.Target, s.Body, s.Form = j.call.method, j.call.target, j.call.body, j.call.form
			s.Token = digestOf(strings.TrimPrefix(j.call.auth, "Bearer "))
		}
		list = append(list, s)
	}
	return list
}

func (p *Portal) savedCounters() counters {
	random, _ := p.pcg.MarshalBinary() // never fails
	c := counters{Random: random, Seq: p.seq, LastCustom: p.lastCustom, LastOwner: p.lastOwner, LastLabel: p.assoc.lastLabel,
		LastID: map[string]uint64{}, Day: p.limiter.day, Used: p.limiter.used, Linked: p.limiter.linked}
	for _, k := range p.kinds {
		c.LastID[k.id] = k.lastID
	}
	return c
}
