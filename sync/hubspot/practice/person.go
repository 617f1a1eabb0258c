package practice

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// The methods in this file are what a person does on HubSpot's own screens:
// they are no API calls, know no limits and no faults, and show in history as
// CRM_UI. Values are checked as in the API.

// Person is somebody who works in the portal. What a Person does shows in history under their
// user id; the methods of Portal of the same names are the deeds of one of them.
type Person struct {
	portal *Portal
	user   int64
}

// As is the user with this id at work.
func (p *Portal) As(user int64) Person { return Person{p, user} }

// Colleague is a user of the portal.
type Colleague struct {
	User  int64
	Name  string
	Email string
}

// Colleagues lists the users who can be assigned records, without the deactivated ones.
func (p *Portal) Colleagues() []Colleague {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Colleague
	for _, o := range p.owners {
		if !o.Archived && o.UserID != nil {
			all = append(all, Colleague{*o.UserID, strings.TrimSpace(o.FirstName + " " + o.LastName), o.Email})
		}
	}
	return all
}

// person is the call behind a person's edit.
func (who Person) person() (*call, uint32) {
	return &call{version: v3}, who.portal.sourceID(source{Type: "CRM_UI", ID: "userId:" + itoa(who.user), UserID: who.user})
}

// Archive deletes a record, which can be restored.
func (who Person) Archive(objectType, id string) error { return who.portal.Archive(objectType, id) }

// Associate associates two records, as Portal.Associate does.
func (who Person) Associate(fromType, from, toType, to, label string) error {
	return who.portal.Associate(fromType, from, toType, to, label)
}

// Create makes a record and returns its id.
func (p *Portal) Create(objectType string, props map[string]string) (id string, err error) {
	return p.As(demoUser).Create(objectType, props)
}

// Edit sets properties of a record; "" clears.
func (p *Portal) Edit(objectType, id string, props map[string]string) error {
	return p.As(demoUser).Edit(objectType, id, props)
}

// Merge makes one record of two, in which the first one's values win, and
// returns the id of the result.
func (p *Portal) Merge(objectType, primary, other string) (id string, err error) {
	return p.As(demoUser).Merge(objectType, primary, other)
}

// enter takes the lock and finds an object type.
func (p *Portal) enter(objectType string) (*kind, error) {
	p.settle()
	k, e := p.find(objectType)
	if e != nil {
		return nil, e
	}
	return k, nil
}

func personInput(props map[string]string) *input {
	in := &input{Properties: make(map[string]wireValue, len(props))}
	for name, value := range props {
		in.Properties[name] = wireValue{text: value}
	}
	return in
}

// Create makes a record and returns its id.
func (who Person) Create(objectType string, props map[string]string) (id string, err error) {
	p := who.portal
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return "", err
	}
	c, by := who.person()
	w, e := p.prepare(k, personInput(props), nil, c)
	if e == nil {
		e = p.checkUnique(k, w, k.lastID+1, nil)
	}
	if e != nil {
		return "", e
	}
	return p.commit(k, w, by, false).idText(), nil
}

// Edit sets properties of a record; "" clears.
func (who Person) Edit(objectType, id string, props map[string]string) error {
	p := who.portal
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return err
	}
	o, e := p.lookup(k, id, "", false)
	if e != nil {
		return e
	}
	c, by := who.person()
	w, e := p.prepare(k, personInput(props), o, c)
	if e == nil {
		e = p.checkUnique(k, w, o.id, nil)
	}
	if e != nil {
		return e
	}
	p.commit(k, w, by, false)
	return nil
}

// Check tells what a call of the newest version would make of a value for a
// property of a new record: the form in which it is stored, or the refusal.
// Nothing is written, and the other properties' rules are not looked at.
func (p *Portal) Check(objectType, property, value string) (stored string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(objectType)
	if err != nil {
		return "", err
	}
	w, errs := p.validate(k, personInput(map[string]string{property: value}), nil, v2026_09)
	if len(errs) > 0 {
		return "", p.invalidProperties(errs)
	}
	if w.created != 0 {
		return instant(w.created), nil
	}
	stored, _ = w.assigned(p.names.intern(property))
	return stored, nil
}

// Archive deletes a record, which can be restored.
func (p *Portal) Archive(objectType, id string) error {
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return err
	}
	o, e := p.lookup(k, id, "", false)
	if e != nil {
		return e
	}
	p.archive(o, true)
	return nil
}

// Restore brings an archived record back. It fails when another record has
// taken one of its unique values.
func (p *Portal) Restore(objectType, id string) error {
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return err
	}
	o, e := p.lookup(k, id, "", true)
	if e != nil {
		return e
	}
	if e := p.reclaim(o); e != nil {
		return e
	}
	p.setArchived(o, false, true)
	return nil
}

// Merge makes one record of two, in which the first one's values win, and
// returns the id of the result.
func (who Person) Merge(objectType, primary, other string) (id string, err error) {
	p := who.portal
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return "", err
	}
	_, by := who.person()
	o, e := p.merge(k, primary, other, by)
	if e != nil {
		return "", e
	}
	return o.idText(), nil
}

// Associate associates two records by the plain type or, when label is not "",
// by the label of that text.
func (p *Portal) Associate(fromType, from, toType, to, label string) error {
	a, b, t, err := p.association(fromType, from, toType, to, label)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.leave()
	if p.join(a, b, []*associationType{t}) {
		p.touchEnds(a, b)
	}
	return nil
}

// Dissociate ends an association, or takes one label away.
func (p *Portal) Dissociate(fromType, from, toType, to, label string) error {
	a, b, t, err := p.association(fromType, from, toType, to, label)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.leave()
	if p.separate(a, b, []*associationType{t}) {
		p.touchEnds(a, b)
	}
	return nil
}

func (p *Portal) association(fromType, from, toType, to, label string) (a, b *object, t *associationType, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(fromType)
	if err != nil {
		return nil, nil, nil, err
	}
	other, err := p.enter(toType)
	if err != nil {
		return nil, nil, nil, err
	}
	a, e := p.lookup(k, from, "", false)
	if e != nil {
		return nil, nil, nil, e
	}
	if b, e = p.lookup(other, to, "", false); e != nil {
		return nil, nil, nil, e
	}
	for _, x := range p.assoc.between(k, other) {
		if label == "" && x.unlabelled || label != "" && x.Label != nil && *x.Label == label {
			return a, b, x, nil
		}
	}
	return nil, nil, nil, fmt.Errorf("practice: no association from %s to %s with the label %q", fromType, toType, label)
}

// Associated returns the ids of the records of a type that a record is
// associated with.
func (p *Portal) Associated(objectType, id, toType string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(objectType)
	if err != nil {
		return nil
	}
	other, err := p.enter(toType)
	if err != nil {
		return nil
	}
	o, e := p.lookup(k, id, "", false)
	if e != nil {
		return nil
	}
	var ids []string
	for _, x := range o.liveEdges(other) {
		ids = append(ids, x.to.idText())
	}
	return ids
}

// Record returns a live record's values as they are now, whatever search
// believes: those that were written, its id, and its times of creation and
// change. It does not follow merges.
func (p *Portal) Record(objectType, id string) (map[string]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(objectType)
	if err != nil {
		return nil, false
	}
	n, _ := parseID(id)
	o := k.objects[n]
	if o == nil || !o.live() {
		return nil, false
	}
	return p.values(o), true
}

func (p *Portal) values(o *object) map[string]string {
	m := make(map[string]string, len(o.cells)+3)
	for _, c := range o.cells {
		if c.value != "" {
			m[p.names.text[c.name]] = c.value
		}
	}
	m["hs_object_id"], m[o.kind.created], m[o.kind.modified] = o.idText(), instant(o.created), instant(o.modified)
	if len(o.secondary) > 0 {
		m["hs_additional_emails"] = p.text(o, "hs_additional_emails")
	}
	return m
}

// Records yields the live records of a type by id, as Record gives them. The
// portal may be used meanwhile.
func (p *Portal) Records(objectType string) iter.Seq2[string, map[string]string] {
	return func(yield func(string, map[string]string) bool) {
		p.mu.Lock()
		k, err := p.enter(objectType)
		var ids []uint64
		if err == nil {
			for _, o := range k.order {
				if o.live() {
					ids = append(ids, o.id)
				}
			}
		}
		p.mu.Unlock()
		for _, id := range ids {
			text := strconv.FormatUint(id, 10)
			if m, ok := p.Record(objectType, text); ok && !yield(text, m) {
				return
			}
		}
	}
}

// Count returns how many live records a type has.
func (p *Portal) Count(objectType string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(objectType)
	if err != nil {
		return 0
	}
	return k.live
}

// Version is one entry of a property's history.
type Version = historyEntry

// History returns the versions of a property of a record, newest first.
func (p *Portal) History(objectType, id, property string) []Version {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.enter(objectType)
	if err != nil {
		return nil
	}
	n, _ := parseID(id)
	o, d := k.resolve(n), k.props[property]
	if o == nil || d == nil {
		return nil
	}
	return p.history(o, o.state, d.symbol)
}

// SettleIndex makes search know everything at once.
func (p *Portal) SettleIndex() {
	p.mu.Lock()
	defer p.leave()
	p.settle()
	for _, k := range p.kinds {
		k.index.settle()
	}
}

// Property describes a property to be made; Options are needed for
// enumerations only.
type Property struct {
	Name, Label, Type, FieldType, Group string
	Options                             []string // value and label alike
	Unique                              bool
}

// CreateProperty makes a property. Empty fields get defaults: string, text,
// the type's first group, and the name as label.
func (p *Portal) CreateProperty(objectType string, x Property) error {
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return err
	}
	d := property{Name: x.Name, Label: x.Label, Type: x.Type, FieldType: x.FieldType, GroupName: x.Group, HasUniqueValue: x.Unique}
	if d.Label == "" {
		d.Label = x.Name
	}
	if d.Type == "" {
		d.Type = "string"
	}
	if d.FieldType == "" {
		d.FieldType = fieldTypes[d.Type][0]
	}
	if d.GroupName == "" {
		d.GroupName = k.groups[0].Name
	}
	for i, v := range x.Options {
		d.Options = append(d.Options, option{Label: v, Value: v, DisplayOrder: i})
	}
	if _, e := p.makeProperty(k, d, nil); e != nil {
		return e
	}
	return nil
}

// RemoveProperty archives a property, as an administrator does; records keep
// its values out of sight.
func (p *Portal) RemoveProperty(objectType, name string) error {
	p.mu.Lock()
	defer p.leave()
	k, err := p.enter(objectType)
	if err != nil {
		return err
	}
	d, e := k.property(name, false)
	if e == nil {
		e = p.retire(k, d)
	}
	if e != nil {
		return e
	}
	return nil
}

// ObjectTypes lists the names of the portal's object types.
func (p *Portal) ObjectTypes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, k := range p.kinds {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return names
}
