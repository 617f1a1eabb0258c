package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

const dealsOfItems = `
syncline: 1
name: Deals
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: deals, match: [ { field: Name, property: dealname } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Name, property: dealname } ]
associations:
  - { to: line_items, match: { field: Item, property: name }, remove-others: true }
`

const itemsOfDeals = `
syncline: 1
name: Who has what
source: { kind: csv, path: customers.csv, key: [id] }
associate:
  from: { object: %s, match: { field: %s, property: %s } }
  to: { object: %s, match: { field: %s, property: %s } }
  remove-others: true
`

// itemsOf are the line items with the deals that they belong to.
func (s *stage) itemsOf() map[string]string {
	s.t.Helper()
	deals := maps.Collect(s.portal.Records("deals"))
	all := make(map[string]string)
	for id, p := range s.portal.Records("line_items") {
		var names []string
		for _, deal := range s.portal.Associated("line_items", id, "deals") {
			names = append(names, deals[deal]["dealname"])
		}
		all[p["name"]] = strings.Join(names, "+")
	}
	return all
}

// A line item belongs to one deal. However far apart the rows are that lose and gain it,
// in the plan and in the calls that carry it out, it moves in one run, and back in one undo.
func TestWhatThereCanBeOneOfMovesFromOnePageToAnotherInOneRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a thousand rows of each kind")
	}
	const many = 1_040
	for name, def := range map[string]string{
		"rows that are deals":                  dealsOfItems,
		"rows that join a deal and an item":    fmt.Sprintf(itemsOfDeals, "deals", "Name", "dealname", "line_items", "Item", "name"),
		"rows that join an item and its deal":  fmt.Sprintf(itemsOfDeals, "line_items", "Item", "name", "deals", "Name", "dealname"),
		"new rows that join a deal to an item": fmt.Sprintf(itemsOfDeals, "deals", "Name", "dealname", "line_items", "Item", "name"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, def, "")
			s.yes = true
			var deals []string // in the order in which pages have them
			for i := range many {
				_, err := s.portal.Create("line_items", map[string]string{"name": fmt.Sprintf("Item %d", i)})
				ok(t, err)
				id, err := s.portal.Create("deals", map[string]string{"dealname": fmt.Sprintf("Deal %d", i)})
				ok(t, err)
				deals = append(deals, id)
			}
			all := maps.Collect(s.portal.Records("deals"))
			slices.SortFunc(deals, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
			save := func(by, generation int) map[string]string {
				var b strings.Builder
				want := make(map[string]string)
				b.WriteString("id,Name,Item\n")
				for i, id := range deals {
					deal, item := all[id]["dealname"], fmt.Sprintf("Item %d", (i+by)%many)
					want[item] = deal
					fmt.Fprintf(&b, "%06d,%s,%s\n", generation*many+i, deal, item)
				}
				s.write(s.file, b.String())
				return want
			}
			was := save(0, 0)
			s.run()
			generation := 0
			if strings.HasPrefix(name, "new rows") {
				generation = 1
			}
			want := save(1, generation)
			res := s.run()
			if got := s.itemsOf(); !equalMaps(got, want) || res.Counts.Waiting+res.Counts.Conflict+res.Counts.Failed > 0 || res.Counts.Dissociated != many || res.Counts.Associated != many {
				t.Errorf("%d of %d items are where they shall be: %+v %q", agreeing(got, want), many, res.Counts, res.Notes)
			}
			if again := s.run(); again.Counts.Associated+again.Counts.Dissociated+again.Counts.Waiting+again.Counts.Conflict > 0 {
				t.Errorf("it does not come to rest: %+v", again.Counts)
			}
			if generation > 0 {
				return
			}
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) })
			ok(t, err)
			if got := s.itemsOf(); !equalMaps(got, was) {
				t.Errorf("the undo brought %d of %d items back", agreeing(got, was), many)
			}
		})
	}
}

func agreeing(a, b map[string]string) (n int) {
	for k, v := range a {
		if b[k] == v {
			n++
		}
	}
	return n
}

func equalMaps(a, b map[string]string) bool { return len(a) == len(b) && agreeing(a, b) == len(b) }
