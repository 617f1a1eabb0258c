package practice

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// membership is a record in a list.
type membership struct {
	id uint64
	at int64 // when it joined, epoch ms
}

// membersOf are the live members of a list, by their record id. A record of a
// dynamic list joined it when it was last changed.
func (p *Portal) membersOf(l *list) []membership {
	var all []membership
	if l.Processing == dynamicList {
		for _, o := range l.kind.order {
			if o.live() && l.branch.fits(p, o) {
				all = append(all, membership{o.id, o.modified})
			}
		}
		return all
	}
	for id, at := range l.members {
		if o := l.kind.objects[id]; o != nil && o.live() {
			all = append(all, membership{id, at})
		}
	}
	slices.SortFunc(all, func(a, b membership) int { return cmp.Compare(a.id, b.id) })
	return all
}

// mergeMembers makes the survivor of a merge a member of what the others were in.
func (p *Portal) mergeMembers(k *kind, survivor uint64, old ...uint64) {
	for _, l := range p.lists.all {
		if l.kind != k {
			continue
		}
		for _, id := range old {
			if _, ok := l.members[id]; ok && id != survivor {
				p.setMembers(l, []uint64{survivor}, []uint64{id})
			}
		}
	}
}

// setMembers adds and removes; both are of records that change thereby.
func (p *Portal) setMembers(l *list, add, remove []uint64) {
	at := p.millis()
	l.change(listChange{At: at, Added: add, Removed: remove})
	if p.opt.Switches.ListsTouchRecords {
		for _, id := range slices.Concat(add, remove) {
			if o := l.kind.objects[id]; o != nil {
				p.touch(o)
			}
		}
	}
	if p.changes != nil {
		p.changes.members = append(p.changes.members, listChange{l.ID, at, add, remove})
	}
}

func (l *list) change(c listChange) {
	for _, id := range c.Added {
		if _, ok := l.members[id]; !ok {
			l.members[id] = c.At
		}
	}
	for _, id := range c.Removed {
		delete(l.members, id)
	}
}

// listMembers is GET …/{listId}/memberships: by record id.
func (p *Portal) listMembers(c *call) (*answer, *apiError) {
	return p.memberPage(c, func(a, b membership) int { return cmp.Compare(a.id, b.id) })
}

// listMembersByTime is GET …/{listId}/memberships/join-order: who joined first
// comes first.
func (p *Portal) listMembersByTime(c *call) (*answer, *apiError) {
	return p.memberPage(c, func(a, b membership) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
}

// memberPage is a page of members in an order. Its after and before name the
// member at which the last page ended or the next one began.
func (p *Portal) memberPage(c *call, order func(a, b membership) int) (*answer, *apiError) {
	l, e := p.openList(c, listReads)
	if e != nil {
		return nil, e
	}
	limit, e := p.limit(c, usualListPage, mostListPage)
	if e != nil {
		return nil, e
	}
	all := p.membersOf(l)
	slices.SortFunc(all, order)
	from, to, e := window(c, all, order, p.pageSize(limit))
	if e != nil {
		return nil, e
	}
	type member struct {
		ID string `json:"recordId"`
		At string `json:"membershipTimestamp"`
	}
	results := make([]member, 0, to-from)
	for _, m := range all[from:to] {
		results = append(results, member{strconv.FormatUint(m.id, 10), instant(m.at)})
	}
	paging := map[string]any{}
	if to < len(all) && to > from {
		after := cursor(all[to-1])
		paging["next"] = map[string]any{"after": after, "link": linkTo(c, after)}
	}
	if from > 0 && to > from {
		paging["prev"] = map[string]any{"before": cursor(all[from])}
	}
	body := map[string]any{"results": results, "total": len(all)}
	if len(paging) > 0 {
		body["paging"] = paging
	}
	return reply(http.StatusOK, body), nil
}

// window is which members a page shows.
func window(c *call, all []membership, order func(a, b membership) int, size int) (from, to int, e *apiError) {
	read := func(name string) (m membership, set bool, e *apiError) {
		text := c.query.Get(name)
		if text == "" {
			return m, false, nil
		}
		m, ok := readCursor(text)
		if !ok {
			return m, true, invalid("Invalid %s parameter %s", name, text).with(name, text)
		}
		return m, true, nil
	}
	after, next, e := read("after")
	if e != nil {
		return 0, 0, e
	}
	before, back, e := read("before")
	if e != nil {
		return 0, 0, e
	}
	switch {
	case next && back:
		return 0, 0, invalid("after and before can't be given together")
	case next:
		i, found := slices.BinarySearchFunc(all, after, order)
		if found {
			i++
		}
		return i, min(i+size, len(all)), nil
	case back:
		i, _ := slices.BinarySearchFunc(all, before, order)
		return max(i-size, 0), i, nil
	}
	return 0, min(size, len(all)), nil
}

func cursor(m membership) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s%0*d", strconv.FormatUint(m.id, 36), cursorTime, m.at))
}

// cursors hold an id of 36 digits and a time of 13 figures.
const cursorTime = 13

func readCursor(text string) (m membership, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) <= cursorTime {
		return m, false
	}
	id, err1 := strconv.ParseUint(string(b[:len(b)-cursorTime]), 36, 64)
	at, err2 := strconv.ParseInt(string(b[len(b)-cursorTime:]), 10, 64)
	return membership{id, at}, err1 == nil && err2 == nil
}

// changeable refuses changes of the members of a list that has a filter.
func (p *Portal) changeable(c *call) (*list, *apiError) {
	l, e := p.openList(c, listWrites)
	if e != nil {
		return nil, e
	}
	if l.Processing == dynamicList {
		return nil, wrongProcessing(l)
	}
	return l, nil
}

func (p *Portal) addMembers(c *call) (*answer, *apiError) {
	return p.membersChanged(c, func(ids []wireID) (add, remove []wireID) { return ids, nil })
}

func (p *Portal) removeMembers(c *call) (*answer, *apiError) {
	return p.membersChanged(c, func(ids []wireID) (add, remove []wireID) { return nil, ids })
}

// membersChanged is PUT …/memberships/add and remove, whose body is a list of ids.
func (p *Portal) membersChanged(c *call, which func([]wireID) (add, remove []wireID)) (*answer, *apiError) {
	var ids []wireID
	if e := decode(c.body, &ids); e != nil {
		return nil, e
	}
	l, e := p.changeable(c)
	if e != nil {
		return nil, e
	}
	add, remove := which(ids)
	return p.change(c, l, add, remove)
}

// changeMembers is PUT …/memberships/add-and-remove.
func (p *Portal) changeMembers(c *call) (*answer, *apiError) {
	var req struct {
		Add    []wireID `json:"recordIdsToAdd"`
		Remove []wireID `json:"recordIdsToRemove"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if e := present(c.body, "MembershipChangeRequest", "recordIdsToAdd", "recordIdsToRemove"); e != nil {
		return nil, e
	}
	l, e := p.changeable(c)
	if e != nil {
		return nil, e
	}
	return p.change(c, l, req.Add, req.Remove)
}

// change makes and ends memberships. Records that are not there are named as
// missing; those that are members already, or are none, are not named at all.
func (p *Portal) change(c *call, l *list, add, remove []wireID) (*answer, *apiError) {
	if n := len(add) + len(remove); n > mostListChange {
		return nil, invalid("Too many record ids (%d): %d are allowed in a request.", n, mostListChange)
	}
	missing := []string{}
	find := func(ids []wireID, wanted bool) (all []uint64, e *apiError) {
		seen := make(map[uint64]bool)
		for _, text := range ids {
			id, ok := parseID(string(text))
			if !ok {
				return nil, invalid("%s is not a valid record id.", text).with("recordId", string(text))
			}
			o := l.kind.resolve(id)
			if o == nil || !o.live() {
				missing = append(missing, string(text))
				continue
			}
			if _, in := l.members[o.id]; in != wanted && !seen[o.id] {
				seen[o.id] = true
				all = append(all, o.id)
			}
		}
		return all[:c.share(len(all))], nil
	}
	added, e := find(add, true)
	if e != nil {
		return nil, e
	}
	removed, e := find(remove, false)
	if e != nil {
		return nil, e
	}
	if len(added)+len(removed) > 0 {
		p.setMembers(l, added, removed)
	}
	return reply(http.StatusOK, map[string]any{"recordsIdsAdded": idTexts(added), "recordsIdsRemoved": idTexts(removed), "recordIdsMissing": missing}), nil
}

func idTexts(ids []uint64) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = strconv.FormatUint(id, 10)
	}
	return all
}

// addMembersFrom is PUT …/memberships/add-from/{sourceListId}.
func (p *Portal) addMembersFrom(c *call) (*answer, *apiError) {
	l, e := p.changeable(c)
	if e != nil {
		return nil, e
	}
	from := p.findList(c.args["source"])
	if from == nil || from.Deleted != 0 {
		return nil, noList(c.args["source"])
	}
	if from.kind != l.kind {
		return nil, invalid("The lists %s and %s are of different object types.", l.ID, from.ID)
	}
	members := p.membersOf(from)
	if len(members) > mostListChange {
		return nil, invalid("The list %s has more than %d members.", from.ID, mostListChange)
	}
	var add []uint64
	for _, m := range members {
		if _, in := l.members[m.id]; !in {
			add = append(add, m.id)
		}
	}
	p.setMembers(l, add, nil)
	return noContent(), nil
}

// removeAllMembers is DELETE …/{listId}/memberships.
func (p *Portal) removeAllMembers(c *call) (*answer, *apiError) {
	l, e := p.changeable(c)
	if e != nil {
		return nil, e
	}
	var all []uint64
	for _, m := range p.membersOf(l) {
		all = append(all, m.id)
	}
	p.setMembers(l, nil, all)
	return noContent(), nil
}

// listsOfRecord is GET …/records/{objectTypeId}/{recordId}/memberships.
func (p *Portal) listsOfRecord(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	k, e := p.listKind(c.args["type"])
	if e != nil {
		return nil, e
	}
	type in struct {
		ID      string `json:"listId"`
		Version int    `json:"listVersion"`
		First   string `json:"firstAddedTimestamp"`
		Last    string `json:"lastAddedTimestamp"`
	}
	results := []in{}
	id, _ := parseID(c.args["record"])
	if o := k.resolve(id); o != nil && o.live() {
		for _, l := range p.lists.all {
			if l.kind != k || l.Deleted != 0 {
				continue
			}
			at, ok := l.members[o.id]
			if l.Processing == dynamicList {
				at, ok = o.modified, l.branch.fits(p, o)
			}
			if ok {
				results = append(results, in{l.ID, l.Version, instant(at), instant(at)})
			}
		}
	}
	return reply(http.StatusOK, map[string]any{"results": results, "total": len(results)}), nil
}
