package records_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"syncline/app/records"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
)

// Members of a list come page by page in the order of their ids, with conditions and without.
func TestMembersOfAListAreFound(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, quick())
	if _, err := p.AddList("contacts", "Key accounts", ""); err != nil {
		t.Fatal(err)
	}
	var members, inGraz []string
	for i := range 260 {
		city := "Linz"
		if i%3 == 0 {
			city = "Graz"
		}
		id := create(t, p, "contacts", "email", fmt.Sprintf("p%d@example.com", i), "city", city)
		if i%2 == 0 {
			members = append(members, id)
			if city == "Graz" {
				inGraz = append(inGraz, id)
			}
		}
	}
	if err := p.Join("Key accounts", members...); err != nil {
		t.Fatal(err)
	}
	p.SettleIndex()
	c := open(t, p, "contacts")
	list, err := c.ListNamed(t.Context(), " key accounts")
	if err != nil || list.Size != len(members) || list.Dynamic() {
		t.Fatalf("%+v, %v", list, err)
	}
	find := func(q records.Query) *records.Results {
		t.Helper()
		q.List, q.Columns = &list, []string{"city"}
		r, err := c.Find(q)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	ids := func(page []record.Record, err error) (all []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range page {
			all = append(all, rec.ID)
		}
		return all
	}
	r := find(records.Query{Sort: "-city"}) // their order is that of their ids all the same
	first, second, third := ids(r.Page(t.Context(), 0)), ids(r.Page(t.Context(), 1)), ids(r.Page(t.Context(), 2))
	if got := slices.Concat(first, second); len(first) != records.PageSize || third != nil || !slices.Equal(got, members) || r.Total() != len(members) || r.Reach() != len(members) {
		t.Errorf("%d and %d and %d of %d members, total %d, reach %d", len(first), len(second), len(third), len(members), r.Total(), r.Reach())
	}
	r = find(records.Query{Filter: records.Filter{{{Property: "city", Operator: "EQ", Values: []string{"graz"}}}}})
	if got := ids(r.Page(t.Context(), 0)); !slices.Equal(got, inGraz) || r.Total() != len(inGraz) {
		t.Errorf("%d of the %d members in Graz, total %d", len(got), len(inGraz), r.Total())
	}
	if got := ids(find(records.Query{Text: "p4@example.com"}).Page(t.Context(), 0)); !slices.Equal(got, members[2:3]) {
		t.Errorf("the words find %v", got)
	}
	// One that is archived while the list is looked through is left out.
	r = find(records.Query{})
	if _, err := r.Page(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := p.Archive("contacts", members[0]); err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := r.All(t.Context(), func(page []record.Record) error { all = append(all, ids(page, nil)...); return nil }); err != nil || !slices.Equal(all, members[1:]) {
		t.Errorf("%d of %d members are there, %v", len(all), len(members)-1, err)
	}
	var none *records.Problem
	if _, err := c.ListNamed(t.Context(), "Key acounts"); !errors.As(err, &none) || !strings.Contains(err.Error(), `did you mean "Key accounts"?`) {
		t.Error(err)
	}
}
