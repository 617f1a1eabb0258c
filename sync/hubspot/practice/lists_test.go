package practice_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot/practice"
)

const listsPath = "/crm/lists/2026-09"

// people are so many contacts, in the order of their ids.
func people(c *client, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = c.contact(props{"email": fmt.Sprintf("p%d@example.com", i), "lifecyclestage": []string{"lead", "customer"}[i%2]})
	}
	return ids
}

func newList(t testing.TB, c *client, name, processing string, filter any) string {
	t.Helper()
	body := object{"name": name, "objectTypeId": "0-1", "processingType": processing}
	if filter != nil {
		body["filterBranch"] = filter
	}
	return c.do("POST", listsPath, body).want(t, 200).text("list.listId")
}

// stage is the filter of records in a lifecycle stage.
func stage(of string) object {
	return object{"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": []any{}, "filterBranches": []any{object{"filterBranchType": "AND", "filterBranchOperator": "AND",
		"filterBranches": []any{}, "filters": []any{object{"filterType": "PROPERTY", "property": "lifecyclestage",
			"operation": object{"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": []string{of}, "includeObjectsWithNoValueSet": false}}}}}}
}

// members are a list's records as its pages tell them.
func members(t testing.TB, c *client, path string, limit int) (ids []string, pages int) {
	t.Helper()
	for after := ""; ; {
		r := c.do("GET", fmt.Sprintf("%s?limit=%d&after=%s", path, limit, after), nil).want(t, 200)
		for i := range r.count("results") {
			ids = append(ids, r.text(fmt.Sprintf("results.%d.recordId", i)))
		}
		pages++
		if after = r.text("paging.next.after"); after == "" {
			return ids, pages
		}
	}
}

func TestMembersOfAStaticListComeAndGo(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	ids := people(c, 5)
	l := listsPath + "/" + newList(t, c, "Newsletter", "MANUAL", nil)
	r := c.do("PUT", l+"/memberships/add", []string{ids[3], ids[1], ids[1], "99999"}).want(t, 200)
	if want := `{"recordIdsMissing":["99999"],"recordsIdsAdded":["` + ids[3] + `","` + ids[1] + `"],"recordsIdsRemoved":[]}`; r.raw != want {
		t.Errorf("added: %s, want %s", r.raw, want)
	}
	r = c.do("PUT", l+"/memberships/add", []string{ids[1]}).want(t, 200)
	if r.count("recordsIdsAdded")+r.count("recordIdsMissing") != 0 {
		t.Errorf("one who is a member already is named: %s", r.raw)
	}
	c.do("PUT", l+"/memberships/add-and-remove", object{"recordIdsToAdd": []string{ids[0]}, "recordIdsToRemove": []string{ids[1], ids[2]}}).want(t, 200)
	if got, _ := members(t, c, l+"/memberships", 1); !slices.Equal(got, []string{ids[0], ids[3]}) {
		t.Errorf("members %q", got)
	}
	c.do("PUT", l+"/memberships/add-and-remove", object{"recordIdsToAdd": []string{ids[0]}}).want(t, 400)
	c.do("PUT", l+"/memberships/add", `["x"]`).wantError(t, 400, "VALIDATION_ERROR", "x is not a valid record id")
	c.do("PUT", l+"/memberships/remove", []string{ids[3]}).want(t, 200)
	c.do("DELETE", l+"/memberships", nil).want(t, 204)
	if got, _ := members(t, c, l+"/memberships", 100); len(got) != 0 {
		t.Errorf("an emptied list has %q", got)
	}
}

func TestMembersComeInPagesByIdAndByJoining(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	ids := people(c, 7)
	l := listsPath + "/" + newList(t, c, "Newsletter", "MANUAL", nil)
	joined := slices.Clone(ids)
	slices.Reverse(joined)
	for _, id := range joined {
		clock.set(clock.now().Add(time.Second))
		c.do("PUT", l+"/memberships/add", []string{id}).want(t, 200)
	}
	got, pages := members(t, c, l+"/memberships", 3)
	if !slices.Equal(got, ids) || pages != 3 {
		t.Errorf("by id: %q in %d pages", got, pages)
	}
	if got, _ := members(t, c, l+"/memberships/join-order", 3); !slices.Equal(got, joined) {
		t.Errorf("by joining: %q, want %q", got, joined)
	}
	second := c.do("GET", l+"/memberships?limit=3&after="+c.do("GET", l+"/memberships?limit=3", nil).text("paging.next.after"), nil)
	back := c.do("GET", l+"/memberships?limit=3&before="+second.text("paging.prev.before"), nil).want(t, 200)
	if back.text("results.0.recordId") != ids[0] || back.count("results") != 3 {
		t.Errorf("the page before: %s", back.raw)
	}
	c.do("GET", l+"/memberships?limit=251", nil).wantError(t, 400, "VALIDATION_ERROR", "251")
	c.do("GET", l+"/memberships?after=nonsense", nil).wantError(t, 400, "VALIDATION_ERROR", "nonsense")
}

func TestADynamicListHoldsWhatFitsAndCanNotBeWritten(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	ids := people(c, 4)
	l := listsPath + "/" + newList(t, c, "Customers", "DYNAMIC", stage("customer"))
	if got, _ := members(t, c, l+"/memberships", 100); !slices.Equal(got, []string{ids[1], ids[3]}) {
		t.Errorf("customers %q of %q", got, ids)
	}
	if err := c.portal.Edit("contacts", ids[0], props{"lifecyclestage": "customer"}); err != nil {
		t.Fatal(err)
	}
	if r := c.do("GET", l+"?includeFilters=true", nil).want(t, 200); r.at("list.size") != 3.0 || r.text("list.filterBranch.filterBranchType") != "OR" {
		t.Errorf("the list is told as %s", r.raw)
	}
	for path, body := range map[string]any{"add": []string{ids[0]}, "remove": []string{ids[1]}, "add-and-remove": object{"recordIdsToAdd": []string{}, "recordIdsToRemove": []string{ids[1]}}} {
		c.do("PUT", l+"/memberships/"+path, body).wantError(t, 400, "VALIDATION_ERROR", "DYNAMIC")
	}
	c.do("DELETE", l+"/memberships", nil).wantError(t, 400, "VALIDATION_ERROR", "DYNAMIC")
	c.do("PUT", l+"/update-list-filters", object{"filterBranch": stage("lead")}).want(t, 200)
	if got := c.portal.Members("Customers"); !slices.Equal(got, []string{ids[2]}) {
		t.Errorf("after another filter %q", got)
	}
	s := newList(t, c, "Leads of today", "SNAPSHOT", stage("lead"))
	if err := c.portal.Edit("contacts", ids[2], props{"lifecyclestage": "customer"}); err != nil {
		t.Fatal(err)
	}
	if got := c.portal.Members(s); !slices.Equal(got, []string{ids[2]}) {
		t.Errorf("a snapshot moved: %q", got)
	}
}

func TestListsAreFoundDeletedAndRestored(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	id := newList(t, c, "Newsletter", "MANUAL", nil)
	newList(t, c, "News for press", "MANUAL", nil)
	c.do("POST", listsPath, object{"name": "newsletter", "objectTypeId": "0-1", "processingType": "MANUAL"}).wantError(t, 400, "VALIDATION_ERROR", "already exists")
	byName := listsPath + "/object-type-id/0-1/name/newsletter"
	if r := c.do("GET", byName, nil).want(t, 200); r.text("list.listId") != id {
		t.Errorf("by name: %s", r.raw)
	}
	c.do("POST", listsPath+"/search", object{"query": "news"}).want(t, 400)
	found := c.do("POST", listsPath+"/search", object{"query": "news", "listIds": []string{}, "processingTypes": []string{"MANUAL"}, "count": 1}).want(t, 200)
	if found.at("total") != 2.0 || found.at("hasMore") != true || found.text("lists.0.additionalProperties.hs_list_size") != "0" {
		t.Errorf("found %s", found.raw)
	}
	c.do("POST", "/crm/v3/lists/search", object{"query": "news"}).want(t, 200)
	legacy := c.do("POST", listsPath+"/idmapping", []string{"10001", "7"}).want(t, 200)
	if legacy.text("legacyListIdsToIdsMapping.0.listId") != id || legacy.text("missingLegacyListIds.0") != "7" {
		t.Errorf("legacy ids: %s", legacy.raw)
	}
	c.do("DELETE", listsPath+"/"+id, nil).want(t, 204)
	c.do("GET", byName, nil).wantError(t, 404, "OBJECT_NOT_FOUND", "newsletter")
	c.do("GET", listsPath+"/"+id+"/memberships", nil).wantError(t, 404, "OBJECT_NOT_FOUND", id)
	c.do("PUT", listsPath+"/"+id+"/restore", nil).want(t, 204)
	c.do("PUT", listsPath+"/"+id+"/update-list-name?listName=Monthly", nil).want(t, 200)
	if r := c.do("GET", listsPath+"?listIds="+id+"&listIds=999", nil).want(t, 200); r.count("lists") != 1 || r.text("lists.0.name") != "Monthly" {
		t.Errorf("by ids: %s", r.raw)
	}
	c.do("DELETE", listsPath+"/"+id, nil).want(t, 204)
	clock.set(clock.now().Add(91 * 24 * time.Hour))
	c.do("PUT", listsPath+"/"+id+"/restore", nil).wantError(t, 404, "OBJECT_NOT_FOUND", id)
	c.do("POST", listsPath, object{"name": "X", "objectTypeId": "9-9", "processingType": "MANUAL"}).wantError(t, 400, "VALIDATION_ERROR", "9-9")
	c.do("POST", listsPath, object{"name": "X", "objectTypeId": "0-1", "processingType": "MANUAL", "filterBranch": stage("lead")}).want(t, 400)
	c.do("POST", listsPath, object{"name": "X", "objectTypeId": "0-1", "processingType": "DYNAMIC"}).want(t, 400)
}

func TestListsAskForTheirScopes(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	l := listsPath + "/" + newList(t, c, "Newsletter", "MANUAL", nil)
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.lists.read", "crm.objects.contacts.read"}})
	c.do("GET", l, nil).want(t, 200)
	c.do("PUT", l+"/memberships/add", []string{"1"}).wantError(t, 403, "MISSING_SCOPES", "scopes")
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read"}})
	c.do("GET", l+"/memberships", nil).wantError(t, 403, "MISSING_SCOPES", "scopes")
}

func TestMembersFollowMergesAndArchivedOnesAreNotShown(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	ids := people(c, 4)
	id := newList(t, c, "Newsletter", "MANUAL", nil)
	if err := c.portal.Join(id, ids[0], ids[2]); err != nil {
		t.Fatal(err)
	}
	survivor, err := c.portal.Merge("contacts", ids[1], ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := c.portal.Archive("contacts", ids[2]); err != nil {
		t.Fatal(err)
	}
	if got := c.portal.Members(id); !slices.Equal(got, []string{survivor}) {
		t.Errorf("members %q, want the survivor %s", got, survivor)
	}
	if r := c.do("GET", listsPath+"/records/contacts/"+survivor+"/memberships", nil).want(t, 200); r.text("results.0.listId") != id {
		t.Errorf("lists of the survivor: %s", r.raw)
	}
	r := c.do("PUT", listsPath+"/"+id+"/memberships/add", []string{ids[0], ids[2]}).want(t, 200)
	if r.text("recordIdsMissing.0") != ids[2] || r.count("recordsIdsAdded") != 0 {
		t.Errorf("adding a merged and an archived one: %s", r.raw)
	}
}

func TestAHundredThousandIdsAreTheMost(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := newList(t, c, "Newsletter", "MANUAL", nil)
	ids := slices.Repeat([]string{"1"}, 100_001)
	c.do("PUT", listsPath+"/"+id+"/memberships/add", ids).wantError(t, 400, "VALIDATION_ERROR", "100000")
	c.do("PUT", listsPath+"/"+id+"/memberships/add", ids[1:]).want(t, 200)
}

func TestHalfOfAChangeMayTakeEffect(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: practice.HalfCommitted, Path: "memberships/add"}}}})
	ids := people(c, 4)
	id := newList(t, c, "Newsletter", "MANUAL", nil)
	c.do("PUT", listsPath+"/"+id+"/memberships/add", ids).want(t, 500)
	if got := c.portal.Members(id); !slices.Equal(got, ids[:2]) {
		t.Errorf("members %q of %q", got, ids)
	}
}

func TestListsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	c := keptAt(t, path, practice.Options{})
	ids := people(c, 6)
	id := newList(t, c, "Newsletter", "MANUAL", nil)
	newList(t, c, "Customers", "DYNAMIC", stage("customer"))
	if err := c.portal.Join(id, ids[:3]...); err != nil {
		t.Fatal(err)
	}
	again := killed(t, path, path+".killed", practice.Options{})
	if err := again.portal.Leave(id, ids[0]); err != nil {
		t.Fatal(err)
	}
	again.do("PUT", listsPath+"/"+id+"/update-list-name?listName=Monthly", nil).want(t, 200)
	if err := again.portal.Close(); err != nil {
		t.Fatal(err)
	}
	third := keptAt(t, path+".killed", practice.Options{})
	want := map[string][]string{"Monthly": ids[1:3], "Customers": {ids[1], ids[3], ids[5]}}
	if diff := cmp.Diff(want, map[string][]string{"Monthly": third.portal.Members("Monthly"), "Customers": third.portal.Members("Customers")}); diff != "" {
		t.Error(diff)
	}
	if _, err := third.portal.AddList("contacts", "Third", ""); err != nil {
		t.Error(err)
	}
}

func TestOperatorsOfListFilters(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for i, p := range []props{{"firstname": "Ann", "city": "Bonn"}, {"firstname": "Bob", "city": "Köln"}, {"firstname": "Cem"}} {
		p["email"] = fmt.Sprintf("p%d@example.com", i)
		c.contact(p)
	}
	for _, x := range []struct{ property, kind, operator, values, want string }{
		{"city", "MULTISTRING", "IS_EQUAL_TO", "bonn", "Ann"}, {"city", "MULTISTRING", "IS_NOT_EQUAL_TO", "bonn", "Bob"},
		{"city", "MULTISTRING", "CONTAINS", "o", "Ann"}, {"city", "MULTISTRING", "DOES_NOT_CONTAIN", "o", "Bob"},
		{"city", "STRING", "STARTS_WITH", "k", "Bob"}, {"city", "STRING", "ENDS_WITH", "nn", "Ann"},
		{"city", "ALL_PROPERTY", "IS_KNOWN", "", "Ann Bob"}, {"city", "ALL_PROPERTY", "IS_UNKNOWN", "", "Cem"},
		{"hs_object_id", "NUMBER", "IS_GREATER_THAN", "0", "Ann Bob Cem"}, {"hs_object_id", "NUMBER", "IS_LESS_THAN", "0", ""},
	} {
		op := object{"operationType": x.kind, "operator": x.operator, "includeObjectsWithNoValueSet": false}
		if x.values != "" {
			op["values"] = []string{x.values}
		}
		branch := stage("lead")
		branch["filterBranches"].([]any)[0].(object)["filters"] = []any{object{"filterType": "PROPERTY", "property": x.property, "operation": op}}
		var names []string
		for _, id := range c.portal.Members(newList(t, c, x.kind+x.operator+x.values, "DYNAMIC", branch)) {
			record, _ := c.portal.Record("contacts", id)
			names = append(names, record["firstname"])
		}
		if got := strings.Join(names, " "); got != x.want {
			t.Errorf("%s %s %q: %q, want %q", x.property, x.operator, x.values, got, x.want)
		}
	}
}

func TestJoiningAListMovesTheDateWhereTheSwitchSaysSo(t *testing.T) {
	t.Parallel()
	for touches, moved := range map[bool]bool{false: false, true: true} {
		clock := newClock()
		c := open(t, practice.Options{Now: clock.now, Switches: practice.Switches{ListsTouchRecords: touches}})
		id := c.contact(props{"email": "a@example.com"})
		l := newList(t, c, "Newsletter", "MANUAL", nil)
		before, _ := c.portal.Record("contacts", id)
		clock.set(clock.now().Add(time.Minute))
		c.do("PUT", listsPath+"/"+l+"/memberships/add", []string{id}).want(t, 200)
		after, _ := c.portal.Record("contacts", id)
		if got := before["lastmodifieddate"] != after["lastmodifieddate"]; got != moved {
			t.Errorf("with the switch %v the date moved: %v", touches, got)
		}
	}
}
