package command

import (
	"context"
	"fmt"
	"time"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

func review(ctx context.Context, c *call) (app.Kind, error) {
	switch c.take {
	case "":
		return listConflicts(ctx, c)
	case "source", "hubspot", "base", "proposed":
	default:
		return app.WrongUse, &app.UseError{Msg: fmt.Sprintf("--take wants source, hubspot, base or proposed, not %q", c.take)}
	}
	var n, open int
	var err error
	if c.take == "proposed" {
		n, open, err = c.app.TakeProposed(ctx, c.args[0], c.field)
	} else {
		n, open, err = c.app.Take(ctx, c.args[0], c.field, plan.Choice(c.take))
	}
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"settled": n, "open": open, "take": c.take})
	}
	if c.take == "proposed" {
		fmt.Fprintf(c.Out, "%d conflicts settled as was proposed, %d stay open; run the sync to carry it out\n", n, open)
		return 0, nil
	}
	fmt.Fprintf(c.Out, "%d conflicts settled by taking %s; run the sync to carry it out\n", n, c.take)
	if open > 0 {
		fmt.Fprintf(c.Out, "%d conflicts can't be settled by taking %s and stay open\n", open, c.take)
	}
	return 0, nil
}

func listConflicts(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Conflicts(ctx, c.args[0], c.field)
	if err != nil {
		return app.Failed, err
	}
	proposed, err := c.proposed(ctx, all)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		list := make([]map[string]any, 0, len(all))
		for _, k := range all {
			entry := map[string]any{"id": k.ID, "key": k.RowKey, "record": k.RecordID, "name": k.Name, "field": k.Field, "property": k.Property, "cause": k.Cause,
				"reason": k.Reason, "base": k.Base, "source": k.Source, "hubspot": k.HubSpot, "again": k.Again, "choices": choices(k), "opened": k.Opened}
			if by := engine.EditorOf(k); by != nil {
				entry["edited"] = by
			}
			if p, ok := proposed[k.ID]; ok {
				entry["proposed"] = map[string]any{"choice": p.Choice, "value": p.Value, "why": p.Why, "by": p.Proposer, "at": p.At}
			}
			list = append(list, entry)
		}
		return 0, c.document(map[string]any{"conflicts": list})
	}
	said := map[plan.Cause]bool{}
	for _, k := range all {
		if k.Property == "" {
			fmt.Fprintf(c.Out, "%s  %s%s\n", plainly(k.RowKey), again(k), plainly(k.Reason))
			if !said[k.Cause] {
				said[k.Cause] = true
				for _, choice := range takes {
					if o, ok := k.Cause.Option(choice); ok {
						fmt.Fprintf(c.Out, "    --take %-8s %s\n", choice, o.Does)
					}
				}
			}
			c.printProposal(proposed, k)
			continue
		}
		fmt.Fprintf(c.Out, "%s  %s: source %q, base %s, HubSpot %q (%s)\n", plainly(k.RowKey), plainly(k.Field), k.Source, shown(k.Base), k.HubSpot, again(k)+plainly(k.Reason))
		c.printProposal(proposed, k)
	}
	fmt.Fprintf(c.Out, "%d open conflicts\n", len(all))
	if len(proposed) > 0 {
		fmt.Fprintf(c.Out, "%d of them have a proposal: --take proposed settles those\n", len(proposed))
	}
	return 0, nil
}

func (c *call) proposed(ctx context.Context, all []store.Conflict) (map[int64]store.Proposal, error) {
	ids := make([]int64, 0, len(all))
	for _, k := range all {
		ids = append(ids, k.ID)
	}
	return c.app.Proposals(ctx, ids)
}

func (c *call) printProposal(all map[int64]store.Proposal, k store.Conflict) {
	p, ok := all[k.ID]
	if !ok {
		return
	}
	what := string(p.Choice)
	if p.Choice == plan.ChooseValue {
		what = fmt.Sprintf("the value %q", p.Value)
	}
	fmt.Fprintf(c.Out, "    %s proposes %s: %s\n", plainly(p.Proposer), plainly(what), plainly(p.Why))
}

// takes are the choices of --take.
var takes = []plan.Choice{plan.ChooseSource, plan.ChooseHubSpot, plan.ChooseBase}

// choices say what each --take does to a conflict about a whole row.
func choices(k store.Conflict) map[plan.Choice]string {
	if k.Property != "" {
		return nil
	}
	all := make(map[plan.Choice]string)
	for _, choice := range takes {
		if o, ok := k.Cause.Option(choice); ok {
			all[choice] = o.Does
		}
	}
	return all
}

// again marks a conflict that was decided before, and changed since.
func again(k store.Conflict) string {
	if k.Again {
		return "decide again: "
	}
	return ""
}

func runs(ctx context.Context, c *call) (app.Kind, error) {
	all, err := c.app.Store.Runs(ctx, 0, 200)
	if err != nil {
		return app.Failed, err
	}
	sets, err := c.app.Store.SetRuns(ctx, 200)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		return 0, c.document(map[string]any{"runs": runList(all), "sets": setList(sets)})
	}
	for _, r := range all {
		for len(sets) > 0 && sets[0].Started.After(r.Started) {
			c.printSetRun(sets[0])
			sets = sets[1:]
		}
		fmt.Fprintf(c.Out, "%s  %s  %-11s %-4s %s %s\n", r.ID, r.Started.Local().Format("2006-01-02 15:04"), r.State, r.Kind, plainly(r.SyncName), took(r.Started, r.Ended))
	}
	for _, r := range sets {
		c.printSetRun(r)
	}
	return 0, nil
}

func runList(all []store.Run) []map[string]any {
	list := make([]map[string]any, 0, len(all))
	for _, r := range all {
		list = append(list, map[string]any{"run": r.ID, "plan": r.PlanID, "sync": r.SyncName, "kind": r.Kind, "undo_of": r.UndoOf, "set": r.SetID, "state": r.State, "error": r.Error,
			"by": r.Person, "started": r.Started, "ended": r.Ended, "counts": r.Counts, "calls": r.Calls})
	}
	return list
}

func setList(all []store.SetRun) []map[string]any {
	list := make([]map[string]any, 0, len(all))
	for _, r := range all {
		list = append(list, map[string]any{"run": r.ID, "plan": r.Plan, "set": r.Name, "kind": r.Kind, "undo_of": r.UndoOf, "part": r.Part, "state": r.State, "error": r.Error,
			"by": r.Person, "started": r.Started, "ended": r.Ended})
	}
	return list
}

// printSetRun prints a run of a set, below the runs of its syncs.
func (c *call) printSetRun(r store.SetRun) {
	name := r.Name
	if r.Part != "" {
		name += ", of " + r.Part
	}
	fmt.Fprintf(c.Out, "%s  %s  %-11s %-4s set %s %s\n", r.ID, r.Started.Local().Format("2006-01-02 15:04"), r.State, r.Kind, plainly(name), took(r.Started, r.Ended))
}

// took is how long a run took, "" of one that has not ended.
func took(started, ended time.Time) string {
	if ended.IsZero() {
		return ""
	}
	return ended.Sub(started).Round(time.Second).String()
}
