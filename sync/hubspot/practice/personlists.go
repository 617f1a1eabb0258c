package practice

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// AddList makes a list of an object type as a person does and returns its id: a
// static one, or with a filter branch (JSON) a dynamic one.
func (p *Portal) AddList(objectType, name, filterBranch string) (id string, err error) {
	p.mu.Lock()
	defer p.leave()
	p.settle()
	k, err := p.enter(objectType)
	if err != nil {
		return "", err
	}
	l := &list{Name: name, ObjectType: k.id, Processing: manualList, By: demoUser, kind: k}
	if filterBranch != "" {
		l.Processing, l.Filter = dynamicList, json.RawMessage(filterBranch)
	}
	if e := p.checkList(l); e != nil {
		return "", e
	}
	p.addList(l)
	return l.ID, nil
}

// Join adds records to a static list, which is named by its id or its name.
func (p *Portal) Join(listName string, ids ...string) error {
	return p.editList(listName, ids, func(l *list, all []uint64) { p.setMembers(l, all, nil) })
}

// Leave takes records out of a static list.
func (p *Portal) Leave(listName string, ids ...string) error {
	return p.editList(listName, ids, func(l *list, all []uint64) { p.setMembers(l, nil, all) })
}

func (p *Portal) editList(name string, ids []string, do func(*list, []uint64)) error {
	p.mu.Lock()
	defer p.leave()
	p.settle()
	l := p.listCalled(name)
	if l == nil || l.Processing == dynamicList {
		return fmt.Errorf("there is no static list %s", name)
	}
	all := make([]uint64, len(ids))
	for i, id := range ids {
		n, ok := parseID(id)
		if !ok || l.kind.objects[n] == nil {
			return fmt.Errorf("there is no record %s", id)
		}
		all[i] = n
	}
	do(l, all)
	return nil
}

// Members are the ids of a list's records in their order; nil where there is no
// such list.
func (p *Portal) Members(listName string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	l := p.listCalled(listName)
	if l == nil {
		return nil
	}
	ids := []string{}
	for _, m := range p.membersOf(l) {
		ids = append(ids, strconv.FormatUint(m.id, 10))
	}
	return ids
}

func (p *Portal) listCalled(name string) *list {
	for _, l := range p.lists.all {
		if l.Deleted == 0 && (l.ID == name || strings.EqualFold(l.Name, name)) {
			return l
		}
	}
	return nil
}
