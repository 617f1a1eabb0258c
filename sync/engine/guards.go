package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// The rails that hold where a definition gives none. They fire only on what is
// unusual for a sync that ran before, so that a first load is not stopped.
const (
	usualCreates  = 200 // and a fifth of the links
	usualClears   = 10  // and a fiftieth of the links
	usualArchives = 0
	handful       = 5  // rows; fewer that leave are not worth a stop
	many          = 10 // records; below it shares mean nothing
	usualMoves    = 10 // owners or stages, and a tenth of the links
	usualRuns     = 3  // runs that make a habit
	unusual       = 10 // times the habit
)

// tallyOf counts what the guard rails measure a plan by. Of what is delivered to what is no
// record, those that were sent stand for the pairs.
func (j *job) tallyOf(ctx context.Context) (store.Tally, error) {
	tally, err := j.Store.Tally(ctx, j.sync.ID)
	if err == nil && j.Definition.Deliver != nil {
		tally.Links, err = j.Store.DeliveryCount(ctx, j.sync.ID)
	}
	return tally, err
}

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
	made := "create %d records"
	if p.recipient != nil {
		made = "send %d " + p.recipient.noun().many
	}
	rail("creates", c.Created, g.Creates, creates, made)
	rail("updates", c.Updated, g.Updates, -1, "update %d records")
	rail("clears", p.summary.Clears, g.Clears, clears, "empty %d values")
	what := "archive %d records"
	if p.deleted > 0 {
		what = "archive or delete %d records and rows"
	}
	rail("archives", c.Archived+p.deleted, g.Archives, usualArchives, what)
	if first || p.recipient != nil { // what was delivered stays, whatever becomes of its row
		return all
	}
	return append(all, p.unusual(tally)...)
}

// unusual finds the marks of an accident: rows that vanish, an empty side, one
// field that changes or is emptied nearly everywhere, owners and stages that
// move in numbers.
func (p *planner) unusual(tally store.Tally) []Guard {
	all := p.vanished(tally)
	fire := func(name string, count, limit int, detail string, args ...any) {
		if count > limit {
			all = append(all, Guard{Name: name, Count: count, Limit: limit, Detail: fmt.Sprintf(detail, args...) + fmt.Sprintf(", the limit is %d.", limit)})
		}
	}
	for _, property := range slices.Sorted(maps.Keys(p.changes)) {
		f := p.mapping.ByProperty[property]
		if f == nil {
			continue
		}
		label, n := f.Schema.Label, p.changes[property]
		if p.Definition.Guards.Updates == nil {
			fire("field", n, max(tally.Links/2, many-1), "It would change %s in %d of %d records: did the form of a column change? That is unusual", label, n, tally.Links)
		}
		if p.Definition.Guards.Clears == nil {
			fire("blanks", p.emptied[property], max(tally.Links/5, handful-1), "It would empty %s in %d of %d records", label, p.emptied[property], tally.Links)
		}
		if name := moves(p.schema.object, property); name != "" && p.Definition.Guards.Updates == nil {
			fire(name, n, max(tally.Links/10, usualMoves), "It would change %s in %d of %d records", label, n, tally.Links)
		}
	}
	return all
}

// vanished finds a side that lost much since the last run: it may have been
// read wrongly, or cut off.
func (p *planner) vanished(tally store.Tally) []Guard {
	var all []Guard
	was := p.sync.SourceRows
	lost := was - tally.Rows
	switch {
	case tally.Rows == 0 && tally.Links > 0:
		all = append(all, Guard{Name: "rows", Count: 0, Limit: tally.Links, Detail: fmt.Sprintf("The source is empty, it had %d rows.", was)})
	case lost >= handful && lost > was/5:
		all = append(all, Guard{Name: "rows", Count: lost, Limit: max(was/5, handful-1), Detail: fmt.Sprintf("%d of %d rows are gone from the source since the last run, the limit is %d: is it complete?", lost, was, max(was/5, handful-1))})
	}
	if tally.Records == 0 && tally.Links >= handful {
		all = append(all, Guard{Name: "records", Count: 0, Limit: tally.Links, Detail: fmt.Sprintf("HubSpot shows no record of the %d that rows are linked to: is it the right portal, and is the filter right?", tally.Links)})
	}
	return all
}

// leavesVanished reports whether a plan that is carried out says nothing of the rows
// that vanished: it sends only the rows that a person named, or leaves some out. How
// many the source had is not forgotten then, so that the next run asks of them too.
func (j *job) leavesVanished(pl plan.Plan, summary Summary) bool {
	return j.retrying || pl.Revision > 0 && slices.ContainsFunc(summary.Guards, func(g Guard) bool { return g.Name == "rows" })
}

// moves names the rail of a property that says whose or how far a record is.
func moves(object hubspot.ObjectType, property string) string {
	switch property {
	case "":
	case "hubspot_owner_id":
		return "owners"
	case object.Stage, object.Pipeline, object.Lifecycle:
		return "stages"
	}
	return ""
}

// habit compares the plan with what the last runs of this sync did: ten times
// the median is not what it usually does.
func (p *planner) habit(ctx context.Context, tally store.Tally) error {
	runs, err := p.Store.Runs(ctx, p.sync.ID, 20)
	if err != nil {
		return err
	}
	var created, updated []int
	for _, r := range runs {
		var c Counts
		if r.Kind != plan.KindRun || r.State != plan.RunDone || json.Unmarshal(r.Counts, &c) != nil {
			continue
		}
		created, updated = append(created, c.Created), append(updated, c.Updated)
	}
	if len(updated) < usualRuns {
		return nil
	}
	records := "records"
	if p.recipient != nil {
		records = p.recipient.noun().many
	}
	fire := func(name string, count int, earlier []int, what string) {
		slices.Sort(earlier)
		limit := max(unusual*earlier[len(earlier)/2], tally.Links/10, 5*many)
		if count > limit {
			p.summary.Guards = append(p.summary.Guards, Guard{Name: name, Count: count, Limit: limit,
				Detail: fmt.Sprintf("It would %s %d %s, this sync usually does with %d: the limit is %d.", what, count, records, earlier[len(earlier)/2], limit)})
		}
	}
	if p.Definition.Guards.Creates == nil {
		fire("usual-creates", p.summary.Counts.Created, created, "create")
	}
	if p.Definition.Guards.Updates == nil {
		fire("usual-updates", p.summary.Counts.Updated, updated, "update")
	}
	return nil
}

// guardPlan stops a plan beyond its guard rails until a person confirmed it.
func (j *job) guardPlan(ctx context.Context, pl plan.Plan) error {
	summary, err := summaryOf(pl)
	if err != nil || j.Confirmed {
		return err
	}
	guards := summary.Guards
	if pl.Revision > 0 {
		if guards, err = j.guardsNow(ctx, pl); err != nil {
			return err
		}
	}
	if len(guards) == 0 {
		return nil
	}
	return &GuardError{PlanID: pl.ID, Guards: guards}
}

// guardsNow evaluates the guard rails on what people left of a plan.
func (j *job) guardsNow(ctx context.Context, pl plan.Plan) ([]Guard, error) {
	p := newPlanner(j)
	for it, err := range j.Store.Items(ctx, pl.ID) {
		if err != nil {
			return nil, err
		}
		if it.Kind.Writes() && !it.Excluded {
			p.summary.Counts.add(it.Fate, 1)
			p.count(it)
		}
	}
	if pl.Kind == plan.KindUndo && j.delivers() {
		return recallGuards(p.summary.Counts.Archived), nil
	}
	if pl.Kind == plan.KindUndo {
		return undoGuards(p.summary.Counts.Archived, p.deleted), nil
	}
	tally, err := j.tallyOf(ctx)
	if err != nil {
		return nil, err
	}
	p.summary.Guards = p.guards(tally)
	if j.retrying {
		// It sends the rows that a person named: what else the source holds is not its business.
		p.summary.Guards = slices.DeleteFunc(p.summary.Guards, func(g Guard) bool { return g.Name == "rows" || g.Name == "records" })
	}
	err = p.habit(ctx, tally)
	return p.summary.Guards, err
}

// undoGuards are the guard rails of an undo: whatever it takes away, a person
// must confirm.
func undoGuards(archives, rows int) []Guard {
	if archives+rows == 0 {
		return nil
	}
	var what []string
	if archives > 0 {
		what = append(what, fmt.Sprintf("archive %s that the run created", counted(archives, "record")))
	}
	if rows > 0 {
		what = append(what, fmt.Sprintf("delete %s that the run added to the source", counted(rows, "row")))
	}
	return []Guard{{Name: "archives", Count: archives + rows, Detail: "It would " + strings.Join(what, " and ") + "."}}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
