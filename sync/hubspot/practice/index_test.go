package practice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// A large index has zones, holes, and entries that came in out of order; its
// windows must still find and count exactly.
func TestLargeIndexStaysExact(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, SearchLag: practice.HeavyTail(time.Second, time.Minute, 0.2)})
	r := rand.New(rand.NewPCG(1, 2))
	var ids []string
	search := func() {
		t.Helper()
		from, width, above := clock.now().Add(-time.Duration(r.IntN(200))*time.Second), time.Duration(r.IntN(100))*time.Second, ids[r.IntN(len(ids))]
		want := windowed(c.portal, from, from.Add(width), above)
		got := c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"limit": 200, "filters": []any{
			where("lastmodifieddate", "GTE", fmt.Sprint(from.UnixMilli())), where("lastmodifieddate", "LTE", fmt.Sprint(from.Add(width).UnixMilli())), where("hs_object_id", "GT", above)}})
		var rows []string
		for i := range got.count("results") {
			rows = append(rows, got.text(fmt.Sprintf("results.%d.id", i)))
		}
		if got.at("total") != float64(len(want)) || !slices.Equal(rows, want[:min(200, len(want))]) {
			t.Fatalf("total %v of %d, %d rows", got.at("total"), len(want), len(rows))
		}
	}
	for range 4000 {
		id, err := c.portal.Create("contacts", props{"firstname": "A"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		clock.advance(r.IntN(50))
	}
	c.portal.SettleIndex()
	for range 20 {
		search()
	}
	for i, id := range ids {
		switch i % 3 {
		case 0:
			_ = c.portal.Edit("contacts", id, props{"firstname": strconv.Itoa(i)})
		case 1:
			_ = c.portal.Archive("contacts", id)
		}
		clock.advance(r.IntN(50))
	}
	c.portal.SettleIndex()
	for range 20 {
		search()
	}
	for i, id := range ids {
		if i%3 == 1 && i%2 == 0 {
			if err := c.portal.Restore("contacts", id); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.portal.SettleIndex()
	for range 20 {
		search()
	}
}

// windowed lists what a search should find by looking at every record.
func windowed(p *practice.Portal, from, to time.Time, above string) []string {
	least, _ := strconv.Atoi(above)
	var ids []string
	for id, v := range p.Records("contacts") {
		at, _ := time.Parse(time.RFC3339Nano, v["lastmodifieddate"])
		if n, _ := strconv.Atoi(id); n > least && !at.Before(from) && !at.After(to) {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestSortingByAnyPropertyPagesWithoutGaps(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	for i := range 60 {
		p := props{"dealname": fmt.Sprint(i), "dealstage": "closedwon"}
		if i%7 != 0 {
			p["amount"] = fmt.Sprint((i * 37) % 23)
		}
		c.create("deals", p)
		clock.advance(i % 3)
	}
	for _, sort := range []string{"amount", "-amount", "hs_lastmodifieddate", "-hs_lastmodifieddate", "createdate", "-hs_object_id", "dealname", "closedate"} {
		seen := map[string]bool{}
		last, none := 0.0, false
		for after := 0; after < 60; after += 13 {
			r := c.do("POST", "/crm/v3/objects/deals/search", object{"sorts": []string{sort}, "properties": []string{"amount"}, "limit": 13, "after": fmt.Sprint(after)}).want(t, 200)
			for i := range r.count("results") {
				seen[r.text(fmt.Sprintf("results.%d.id", i))] = true
				if sort != "amount" {
					continue
				}
				text := r.text(fmt.Sprintf("results.%d.properties.amount", i))
				n, err := strconv.ParseFloat(text, 64)
				if err == nil && (n < last || none) {
					t.Errorf("amount %v after %v (without value seen: %v)", n, last, none)
				}
				last, none = n, err != nil
			}
		}
		if len(seen) != 60 {
			t.Errorf("sorted by %s: %d of 60 records", sort, len(seen))
		}
	}
}
