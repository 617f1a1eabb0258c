package engine

import (
	"context"
	"fmt"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// The rails that hold where a definition gives none. They fire only on what is
// unusual for a sync that ran before, so that a first load is not stopped.
const (
	usualCreates  = 200 // and a fifth of the links
	usualClears   = 10  // and a fiftieth of the links
	usualArchives = 0
	manyLinks     = 20 // below it shares mean nothing
)

// guards evaluates the guard rails on the plan, before the first write.
func (p *planner) guards(tally store.Tally) []Guard {
	c, g := p.summary.Counts, p.Definition.Guards
	var all []Guard
	rail := func(name string, count int, limit *definition.Limit, usual int, what string) {
		most := usual
		if limit != nil {
			most = limit.Count
			if limit.Share {
				most = int(limit.Percent / 100 * float64(max(tally.Links, tally.Rows)))
			}
		}
		if most >= 0 && count > most {
			all = append(all, Guard{Name: name, Count: count, Limit: most, Detail: fmt.Sprintf("It would %s, the limit is %d.", fmt.Sprintf(what, count), most)})
		}
	}
	first := p.sync.Runs == 0
	creates, clears := -1, -1
	if !first {
		creates = max(usualCreates, tally.Links/5)
		clears = max(usualClears, tally.Links/50)
	}
	rail("creates", c.Created, g.Creates, creates, "create %d records")
	rail("updates", c.Updated, g.Updates, -1, "update %d records")
	rail("clears", p.summary.Clears, g.Clears, clears, "empty %d values")
	rail("archives", c.Archived, g.Archives, usualArchives, "archive %d records")
	if first {
		return all
	}
	return append(all, p.unusual(tally)...)
}

// unusual finds the marks of an accident: an empty source, or one field that changed
// nearly everywhere.
func (p *planner) unusual(tally store.Tally) []Guard {
	var all []Guard
	if tally.Rows == 0 && tally.Links > 0 {
		all = append(all, Guard{Name: "rows", Count: 0, Limit: tally.Links, Detail: fmt.Sprintf("The source is empty, it had %d rows.", p.sync.SourceRows)})
	}
	if p.Definition.Guards.Updates != nil || tally.Links < manyLinks {
		return all
	}
	for property, n := range p.changes {
		if n > tally.Links/2 {
			all = append(all, Guard{Name: "field", Count: n, Limit: tally.Links / 2,
				Detail: fmt.Sprintf("It would change %s in %d of %d records: did the form of a column change?", p.mapping.ByProperty[property].Schema.Label, n, tally.Links)})
		}
	}
	return all
}

// guardPlan stops a plan beyond its guard rails until a person confirmed it.
func (j *job) guardPlan(_ context.Context, pl plan.Plan) error {
	summary, err := summaryOf(pl)
	if err != nil || j.Confirmed || len(summary.Guards) == 0 {
		return err
	}
	return &GuardError{PlanID: pl.ID, Guards: summary.Guards}
}
