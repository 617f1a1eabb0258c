package practice

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of lists (facts 10.3).
const (
	mostListPage    = 250
	usualListPage   = 100
	mostListChange  = 100_000 // ids a call
	mostListSearch  = 500
	usualListSearch = 20
	restorable      = 90 * 24 * time.Hour
	legacyListGap   = 10_000 // ids of the lists that came before this API
)

// Processing types of lists.
const (
	manualList   = "MANUAL"
	dynamicList  = "DYNAMIC"
	snapshotList = "SNAPSHOT"
)

// list is a list, which people call a segment, with its members.
type list struct {
	ID         string          `json:"listId"`
	Version    int             `json:"listVersion"`
	Name       string          `json:"name"`
	ObjectType string          `json:"objectTypeId"`
	Processing string          `json:"processingType"`
	Filter     json.RawMessage `json:"filterBranch,omitempty"`
	Created    int64           `json:"created"`
	Updated    int64           `json:"updated"`
	Filtered   int64           `json:"filtered,omitempty"` // when the filter was set
	By         int64           `json:"by"`
	Deleted    int64           `json:"deleted,omitempty"` // 0 = it is there

	kind    *kind
	branch  *listBranch      // the filter; nil for lists without one
	members map[uint64]int64 // of lists without a filter: when each was added
}

// listChange is what a call changed in a list's members, in a portal's file.
type listChange struct {
	List    string   `json:"list"`
	At      int64    `json:"at"`
	Added   []uint64 `json:"added,omitempty"`
	Removed []uint64 `json:"removed,omitempty"`
}

// lists are the portal's lists.
type lists struct {
	all  []*list
	last int64
}

func listRoutes() []route {
	const one = "lists/{list}"
	return []route{
		r("GET", "lists", 0, (*Portal).readLists),
		r("POST", "lists", writing, (*Portal).createList),
		r("POST", "lists/search", 0, (*Portal).searchLists),
		r("GET", "lists/idmapping", 0, (*Portal).mapListID),
		r("POST", "lists/idmapping", 0, (*Portal).mapListIDs),
		r("GET", "lists/object-type-id/{type}/name/{name}", 0, (*Portal).readListByName),
		r("GET", "lists/records/{type}/{record}/memberships", 0, (*Portal).listsOfRecord),
		r("GET", one, 0, (*Portal).readList),
		r("DELETE", one, writing, (*Portal).deleteList),
		r("PUT", one+"/restore", writing, (*Portal).restoreList),
		r("PUT", one+"/update-list-name", writing, (*Portal).renameList),
		r("PUT", one+"/update-list-filters", writing, (*Portal).refilterList),
		r("GET", one+"/memberships", 0, (*Portal).listMembers),
		r("GET", one+"/memberships/join-order", 0, (*Portal).listMembersByTime),
		r("DELETE", one+"/memberships", writing, (*Portal).removeAllMembers),
		r("PUT", one+"/memberships/add", writing, (*Portal).addMembers),
		r("PUT", one+"/memberships/remove", writing, (*Portal).removeMembers),
		r("PUT", one+"/memberships/add-and-remove", writing, (*Portal).changeMembers),
		r("PUT", one+"/memberships/add-from/{source}", writing, (*Portal).addMembersFrom),
	}
}

var (
	listReads  = []string{"crm.lists.read"}
	listWrites = []string{"crm.lists.write"}
)

// findList is the list with an id, deleted ones too.
func (p *Portal) findList(id string) *list {
	i := slices.IndexFunc(p.lists.all, func(l *list) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return p.lists.all[i]
}

// openList finds the list of a call.
func (p *Portal) openList(c *call, scopes []string) (*list, *apiError) {
	if e := p.allow(c, scopes); e != nil {
		return nil, e
	}
	l := p.findList(c.args["list"])
	if l == nil || l.Deleted != 0 {
		return nil, noList(c.args["list"])
	}
	return l, nil
}

func noList(id string) *apiError {
	return refuse(404, categoryNotFound, "List does not exist with ID %s.", id).sub("ListError.LIST_DOES_NOT_EXIST").with("listId", id)
}

// shownList is a list as it is told. size stands in it but in searches, which
// tell it as an additional property.
func (p *Portal) shownList(l *list, filters, size bool) map[string]any {
	out := map[string]any{"listId": l.ID, "listVersion": l.Version, "name": l.Name, "objectTypeId": l.ObjectType, "processingType": l.Processing,
		"processingStatus": "COMPLETE", "createdAt": instant(l.Created), "updatedAt": instant(l.Updated), "createdById": itoa(l.By), "updatedById": itoa(l.By)}
	if l.Filtered != 0 {
		out["filtersUpdatedAt"] = instant(l.Filtered)
	}
	if l.Deleted != 0 {
		out["deletedAt"] = instant(l.Deleted)
	}
	if filters && l.Filter != nil {
		out["filterBranch"] = l.Filter
	}
	if size {
		out["size"] = len(p.membersOf(l))
	}
	return out
}

// readList is GET /crm/lists/…/{listId}.
func (p *Portal) readList(c *call) (*answer, *apiError) {
	l, e := p.openList(c, listReads)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"list": p.shownList(l, c.flag("includeFilters"), true)}), nil
}

// readListByName is GET …/object-type-id/{objectTypeId}/name/{listName}.
func (p *Portal) readListByName(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	k, e := p.listKind(c.args["type"])
	if e != nil {
		return nil, e
	}
	for _, l := range p.lists.all {
		if l.kind == k && l.Deleted == 0 && strings.EqualFold(l.Name, c.args["name"]) {
			return reply(http.StatusOK, map[string]any{"list": p.shownList(l, c.flag("includeFilters"), true)}), nil
		}
	}
	return nil, refuse(404, categoryNotFound, "List does not exist with name %s and object type ID %s.", c.args["name"], k.id).sub("ListError.LIST_DOES_NOT_EXIST")
}

// readLists is GET /crm/lists/…?listIds=…: those of the ids that are there.
func (p *Portal) readLists(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	found := []map[string]any{}
	for _, id := range c.list("listIds") {
		if l := p.findList(id); l != nil && l.Deleted == 0 {
			found = append(found, p.shownList(l, c.flag("includeFilters"), true))
		}
	}
	return reply(http.StatusOK, map[string]any{"lists": found}), nil
}

// listKind is the object type of a list, by its id or name.
func (p *Portal) listKind(name string) (*kind, *apiError) {
	k, e := p.find(name)
	if e == nil && p.active(k) != nil {
		e = problem()
	}
	if e != nil { // as singer-io/tap-hubspot#299 tells it
		return nil, invalid("The objectTypeId %s provided for the list is not valid for this portal.", name).sub("ListError.INVALID_OBJECT_TYPE_FOR_LIST")
	}
	return k, nil
}

// createList is POST /crm/lists/….
func (p *Portal) createList(c *call) (*answer, *apiError) {
	if e := p.allow(c, listWrites); e != nil {
		return nil, e
	}
	var req struct {
		Name       string          `json:"name"`
		ObjectType string          `json:"objectTypeId"`
		Processing string          `json:"processingType"`
		Filter     json.RawMessage `json:"filterBranch"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if e := present(c.body, "ListCreateRequest", "name", "objectTypeId", "processingType"); e != nil {
		return nil, e
	}
	k, e := p.listKind(req.ObjectType)
	if e != nil {
		return nil, e
	}
	if string(req.Filter) == "null" {
		req.Filter = nil
	}
	l := &list{Name: req.Name, ObjectType: k.id, Processing: req.Processing, Filter: req.Filter, By: c.token.UserID, kind: k}
	if e := p.checkList(l); e != nil {
		return nil, e
	}
	p.addList(l)
	if l.Processing == snapshotList { // filled once
		p.fillSnapshot(l)
	}
	return reply(http.StatusOK, map[string]any{"list": p.shownList(l, true, true)}), nil
}

// checkList refuses a list that can't be.
func (p *Portal) checkList(l *list) *apiError {
	switch {
	case strings.TrimSpace(l.Name) == "":
		return invalid("List name must not be blank.").sub("ListError.INVALID_LIST_NAME")
	case !slices.Contains([]string{manualList, dynamicList, snapshotList}, l.Processing):
		return invalid("Unknown list processing type %s.", l.Processing).with("processingType", l.Processing)
	case l.Processing == manualList && l.Filter != nil:
		return invalid("A list of the processing type MANUAL can't have filters.").with("processingType", l.Processing)
	case l.Processing == dynamicList && l.Filter == nil:
		return invalid("A list of the processing type DYNAMIC needs a filterBranch.").with("processingType", l.Processing)
	}
	if e := p.nameFree(l, l.Name); e != nil {
		return e
	}
	return p.compileList(l)
}

// nameFree refuses a name that another list of the object type has.
func (p *Portal) nameFree(l *list, name string) *apiError {
	taken := slices.ContainsFunc(p.lists.all, func(o *list) bool {
		return o != l && o.kind == l.kind && o.Deleted == 0 && strings.EqualFold(o.Name, name)
	})
	if taken {
		return invalid("A list named %s already exists.", name).sub("ListError.DUPLICATE_LIST_NAMES").with("name", name)
	}
	return nil
}

// addList gives a list its id.
func (p *Portal) addList(l *list) {
	p.lists.last++
	l.ID, l.Version, l.members = itoa(p.lists.last), 1, make(map[uint64]int64)
	l.Created, l.Updated = p.millis(), p.millis()
	if l.Filter != nil {
		l.Filtered = l.Created
	}
	p.lists.all = append(p.lists.all, l)
	p.changes.document(docLists)
}

// fillSnapshot makes members of all records that fit now.
func (p *Portal) fillSnapshot(l *list) {
	if l.branch == nil {
		return
	}
	var ids []uint64
	for _, o := range l.kind.order {
		if o.live() && l.branch.fits(p, o) {
			ids = append(ids, o.id)
		}
	}
	p.setMembers(l, ids, nil)
}

// deleteList is DELETE /crm/lists/…/{listId}.
func (p *Portal) deleteList(c *call) (*answer, *apiError) {
	l, e := p.openList(c, listWrites)
	if e != nil {
		return nil, e
	}
	l.Deleted = p.millis()
	p.changes.document(docLists)
	return noContent(), nil
}

// restoreList is PUT …/{listId}/restore, up to 90 days after the deletion.
func (p *Portal) restoreList(c *call) (*answer, *apiError) {
	if e := p.allow(c, listWrites); e != nil {
		return nil, e
	}
	l := p.findList(c.args["list"])
	if l == nil || l.Deleted != 0 && p.millis()-l.Deleted > restorable.Milliseconds() {
		return nil, noList(c.args["list"])
	}
	if e := p.nameFree(l, l.Name); e != nil {
		return nil, e
	}
	l.Deleted = 0
	p.changes.document(docLists)
	return noContent(), nil
}

// renameList is PUT …/{listId}/update-list-name?listName=….
func (p *Portal) renameList(c *call) (*answer, *apiError) {
	l, e := p.openList(c, listWrites)
	if e != nil {
		return nil, e
	}
	name := c.query.Get("listName")
	if strings.TrimSpace(name) == "" {
		return nil, invalid("List name must not be blank.").sub("ListError.INVALID_LIST_NAME")
	}
	if e := p.nameFree(l, name); e != nil {
		return nil, e
	}
	l.Name = name
	p.changedList(l)
	return reply(http.StatusOK, map[string]any{"updatedList": p.shownList(l, c.flag("includeFilters"), true)}), nil
}

// refilterList is PUT …/{listId}/update-list-filters, for dynamic lists.
func (p *Portal) refilterList(c *call) (*answer, *apiError) {
	l, e := p.openList(c, listWrites)
	if e != nil {
		return nil, e
	}
	var req struct {
		Filter json.RawMessage `json:"filterBranch"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if req.Filter == nil || string(req.Filter) == "null" {
		return nil, missing(c.body, "ListFilterUpdateRequest", "filterBranch")
	}
	if l.Processing != dynamicList {
		return nil, wrongProcessing(l)
	}
	next := *l
	next.Filter = req.Filter
	if e := p.compileList(&next); e != nil {
		return nil, e
	}
	*l = next
	l.Filtered = p.millis()
	p.changedList(l)
	return reply(http.StatusOK, map[string]any{"updatedList": p.shownList(l, true, true)}), nil
}

func (p *Portal) changedList(l *list) {
	l.Version++
	l.Updated = p.millis()
	p.changes.document(docLists)
}

func wrongProcessing(l *list) *apiError {
	return invalid("The list %s has the processing type %s, for which this call is not possible.", l.ID, l.Processing).
		sub("ListError.INVALID_PROCESSING_TYPE").with("processingType", l.Processing)
}

// searchLists is POST /crm/lists/…/search. From 2026-09 on listIds and
// processingTypes must be named; empty ones mean all.
func (p *Portal) searchLists(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	var req struct {
		Query      string   `json:"query"`
		IDs        []wireID `json:"listIds"`
		Offset     int      `json:"offset"`
		Count      *int     `json:"count"`
		Processing []string `json:"processingTypes"`
		Additional []string `json:"additionalProperties"`
		ObjectType string   `json:"objectTypeId"`
	}
	if e := decode(c.body, &req); e != nil {
		return nil, e
	}
	if c.version >= v2026_09 {
		if e := present(c.body, "ListSearchRequest", "listIds", "processingTypes"); e != nil {
			return nil, e
		}
	}
	count := usualListSearch
	if req.Count != nil {
		count = *req.Count
	}
	if count < 1 || count > mostListSearch || req.Offset < 0 {
		return nil, invalid("count must be between 1 and %d, and offset not below 0", mostListSearch)
	}
	var found []map[string]any
	for _, l := range p.lists.all {
		switch {
		case l.Deleted != 0,
			req.Query != "" && !strings.Contains(strings.ToLower(l.Name), strings.ToLower(req.Query)),
			len(req.IDs) > 0 && !slices.Contains(req.IDs, wireID(l.ID)),
			len(req.Processing) > 0 && !slices.Contains(req.Processing, l.Processing),
			req.ObjectType != "" && p.kindBy[req.ObjectType] != l.kind:
			continue
		}
		shown := p.shownList(l, false, false)
		more := map[string]string{}
		for _, name := range append([]string{"hs_list_size"}, req.Additional...) {
			if name == "hs_list_size" {
				more[name] = strconv.Itoa(len(p.membersOf(l)))
			}
		}
		shown["additionalProperties"] = more
		found = append(found, shown)
	}
	part := found[min(req.Offset, len(found)):]
	part = part[:min(len(part), p.pageSize(count))]
	next := req.Offset + len(part)
	return reply(http.StatusOK, map[string]any{"lists": append([]map[string]any{}, part...), "offset": next, "hasMore": next < len(found), "total": len(found)}), nil
}

// legacyID is the id that a list had in the first API of lists.
func (l *list) legacyID() string { return itoa(atoi(l.ID) + legacyListGap) }

func (p *Portal) listOfLegacy(id string) *list {
	i := slices.IndexFunc(p.lists.all, func(l *list) bool { return l.Deleted == 0 && l.legacyID() == id })
	if i < 0 {
		return nil
	}
	return p.lists.all[i]
}

// mapListID is GET …/idmapping?legacyListId=….
func (p *Portal) mapListID(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	id := c.query.Get("legacyListId")
	l := p.listOfLegacy(id)
	if l == nil {
		return nil, noList(id)
	}
	return reply(http.StatusOK, map[string]any{"legacyListId": id, "listId": l.ID}), nil
}

// mapListIDs is POST …/idmapping.
func (p *Portal) mapListIDs(c *call) (*answer, *apiError) {
	if e := p.allow(c, listReads); e != nil {
		return nil, e
	}
	var ids []wireID
	if e := decode(c.body, &ids); e != nil {
		return nil, e
	}
	known, lost := []map[string]string{}, []string{}
	for _, id := range ids {
		if l := p.listOfLegacy(string(id)); l != nil {
			known = append(known, map[string]string{"legacyListId": string(id), "listId": l.ID})
		} else {
			lost = append(lost, string(id))
		}
	}
	return reply(http.StatusOK, map[string]any{"legacyListIdsToIdsMapping": known, "missingLegacyListIds": lost}), nil
}

// savedMembers are all members of a list in a portal's file: record ids and when
// each was added.
type savedMembers struct {
	List    string           `json:"list"`
	Members map[uint64]int64 `json:"members"`
}

// takeLists puts lists in the place of those that were there, which keep their
// members.
func (r *restore) takeLists(saved []*list) error {
	p := r.portal
	before := p.lists.all
	p.lists.all = nil
	for _, l := range saved {
		if l.kind = p.kindBy[l.ObjectType]; l.kind == nil {
			continue // the object type is no more
		}
		l.members = make(map[uint64]int64)
		for _, old := range before {
			if old.ID == l.ID {
				l.members = old.members
			}
		}
		_ = p.compileList(l) // of a property that is no more: then nothing fits
		p.lists.last = max(p.lists.last, atoi(l.ID))
		p.lists.all = append(p.lists.all, l)
	}
	return nil
}

// onList does something with the list that a file's entry names.
func (r *restore) onList(id string, do func(*list)) error {
	if l := r.portal.findList(id); l != nil {
		do(l)
	}
	return nil
}

// installLists adds the demo's lists: of contacts a static one with members, a
// static one without, and a dynamic one; of companies a static one.
func (p *Portal) installLists() {
	add := func(object, name, processing, filter string, share int) {
		l := &list{Name: name, ObjectType: p.kindBy[object].id, Processing: processing, By: demoUser, kind: p.kindBy[object]}
		if filter != "" {
			l.Filter = json.RawMessage(filter)
		}
		if p.checkList(l) != nil {
			return
		}
		p.addList(l)
		var ids []uint64
		for i, o := range l.kind.order {
			if share > 0 && i%share == 0 && o.live() {
				ids = append(ids, o.id)
			}
		}
		if len(ids) > 0 {
			p.setMembers(l, ids, nil)
		}
	}
	add("contacts", "Newsletter", manualList, "", 8)
	add("contacts", "Webinar guests", manualList, "", 0)
	add("contacts", "Customers", dynamicList, customersFilter, 0)
	add("companies", "Key accounts", manualList, "", 12)
}

const customersFilter = `{"filterBranchType":"OR","filterBranchOperator":"OR","filters":[],"filterBranches":[{"filterBranchType":"AND","filterBranchOperator":"AND","filterBranches":[],` +
	`"filters":[{"filterType":"PROPERTY","property":"lifecyclestage","operation":{"operationType":"ENUMERATION","operator":"IS_ANY_OF","values":["customer"],"includeObjectsWithNoValueSet":false}}]}]}`
