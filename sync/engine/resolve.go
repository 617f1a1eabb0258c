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
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// pair plans one linked or matched row and record.
func (p *planner) pair(ctx context.Context, pair store.Pair) error {
	p.inPipeline(pair.Row, pair.Record)
	it := p.itemOf(pair)
	if done, err := p.withHolder(ctx, it, pair); done || err != nil {
		return err
	}
	gone := pair.Row == nil || pair.Row.GonePull > 0
	skip := func(why string) error {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
		return p.add(ctx, it)
	}
	switch {
	case pair.Link.State == plan.LinkFrozen && gone:
		return nil
	case pair.Link.State == plan.LinkFrozen:
		p.keepRow(it.RowKey)
		return skip(pair.Link.Why)
	case pair.Link.State == plan.LinkTomb:
		if done, err := p.overtook(ctx, it); done || err != nil {
			return err
		}
		return p.tomb(ctx, it, pair, gone)
	case gone && (pair.Record == nil || pair.Record.Gone != ""):
		return nil // gone on both sides: nothing takes part
	case gone:
		return p.rowGone(ctx, it, pair)
	case !p.unclear(pair.Row) && p.leftAlone(&it):
		return p.add(ctx, it)
	case len(pair.Row.Problems) > 0 || p.unclear(pair.Row):
		return p.pairWith(ctx, pair)
	case pair.Record == nil:
		p.keepRow(it.RowKey)
		return skip("the record was not read in this run")
	case pair.Record.Gone != "":
		return p.recordGone(ctx, it, pair)
	}
	return p.pairWith(ctx, pair)
}

// itemOf begins the item of a pair.
func (p *planner) itemOf(pair store.Pair) plan.Item {
	it := plan.Item{LinkID: pair.Link.ID, RowKey: pair.Link.RowKey, RecordID: pair.Link.RecordID, Name: pair.Link.RowKey}
	if pair.Row != nil {
		it.Line = pair.Row.Line
	}
	if pair.Row != nil || pair.Record != nil {
		it.Name = p.nameOf(pair.Row, pair.Record)
	}
	return it
}

// pairWith plans a row that is there with the record that it goes on with, and
// what a decision about the whole row adds to that.
func (p *planner) pairWith(ctx context.Context, pair store.Pair, rules ...plan.Edit) error {
	it := p.itemOf(pair)
	switch {
	case p.unclear(pair.Row):
		return p.sameKey(ctx, it, *pair.Row)
	case len(pair.Row.Problems) > 0 && (pair.Row.Problems[""] != "" || pair.Record == nil || pair.Record.Gone != "" || !pair.Record.InScope):
		return p.invalid(ctx, it, *pair.Row)
	case pair.Record == nil || pair.Record.Gone != "" || !pair.Record.InScope:
		p.keepRow(it.RowKey)
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "the record does not pass the filter any more"
		if pair.Record == nil || pair.Record.Gone != "" {
			it.Reason = "the record was not read in this run"
		}
		return p.add(ctx, it)
	}
	if e, ok := p.leading[it.RowKey]; ok {
		rules = append(rules, e)
	}
	it.Edits = rules
	return p.both(ctx, it, pair)
}

// both plans a pair of which both ends are there.
func (p *planner) both(ctx context.Context, it plan.Item, pair store.Pair) error {
	live := p.live(pair.Link.RowKey)
	if p.waitsForTimes(pair, live) {
		p.undated = append(p.undated, undated{it, pair})
		if len(p.undated) == historyPage {
			return p.planUndated(ctx)
		}
		return nil
	}
	it.ReadAt = pair.Record.Read
	var stopped []string // what is wrong with fields; the others flow
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		problem := pair.Row.Problems[f.Property]
		if problem == "" {
			if err := p.field(&it, f, pair, live[f.Property]); err != nil {
				problem = fmt.Sprintf("%s: %v", f.Title(), err)
			}
		}
		if problem != "" {
			stopped = append(stopped, problem)
			p.keepField(live[f.Property])
		}
	}
	p.unflag(&it, pair)
	p.writeBack(&it, pair)
	it.Edits = p.mapping.WithPipeline(it.Edits, pair.Record.Values)
	refused, err := p.refuse(ctx, &it, pair.Record.Values, p.sound(pair.Row))
	if err != nil {
		return err
	}
	stopped = append(stopped, refused...)
	p.judge(&it, pair)
	if len(stopped) > 0 {
		p.inPart(&it, stopped)
	}
	if it.Kind == "" {
		// Nothing to do and nothing to keep: it counts as unchanged.
		p.summary.Counts.Read++
		p.summary.Counts.Unchanged++
		return nil
	}
	return p.add(ctx, it)
}

// refuse takes out of an item the edits that HubSpot would refuse, and returns
// the reasons. A stage and its pipeline go together.
func (p *planner) refuse(ctx context.Context, it *plan.Item, holds, sound record.Values) ([]string, error) {
	if it.Has(plan.EditHubSpot) {
		if err := p.knowRules(ctx); err != nil {
			return nil, err
		}
	}
	refused := p.mapping.Refusals(it.Edits, holds, sound)
	clashing, err := p.clashes(ctx, *it)
	if err != nil || len(refused)+len(clashing) == 0 {
		return nil, err
	}
	var reasons []string
	out := make(map[string]bool)
	for i, e := range it.Edits {
		for _, why := range []string{refused[i], clashing[e.Property]} {
			if why != "" && e.Action == plan.EditHubSpot {
				reasons = append(reasons, why)
				out[e.Property] = true
			}
		}
	}
	for _, with := range p.mapping.Together(out) {
		out[with] = true
	}
	whole := slices.ContainsFunc(slices.Collect(maps.Keys(clashing)), p.mapping.Identifies)
	it.Edits = slices.DeleteFunc(slices.Clone(it.Edits), func(e plan.Edit) bool {
		// Whom a row is about is open where another record has what names it: the
		// rest of it may be about that one.
		return out[e.Property] || whole && e.Action != plan.EditRule
	})
	return reasons, nil
}

// inPart makes an item one whose row fails for some of its fields, though the
// others flow.
func (p *planner) inPart(it *plan.Item, stopped []string) {
	why := strings.Join(stopped, "; ")
	switch {
	case it.Kind.Writes():
		why += othersWritten
	case it.Kind == plan.ItemLink, it.Kind == plan.ItemConflict:
	default:
		it.Kind, it.Edits = plan.ItemInvalid, nil
		p.keepRow(it.RowKey)
	}
	it.Fate, it.Reason = plan.FateFailed, why
}

// keepField lets the open conflict of a field wait until its value can be told.
func (p *planner) keepField(c *store.Conflict) {
	if c != nil {
		p.kept[c.ID] = true
	}
}

// live returns the conflicts of a row that are not closed, by property.
func (p *planner) live(rowKey string) map[string]*store.Conflict {
	all := p.open[rowKey]
	by := make(map[string]*store.Conflict, len(all))
	for i := range all {
		if all[i].Edge == nil {
			by[all[i].Property] = &all[i]
		}
	}
	return by
}

// field decides one field of a pair and adds its edits to the item.
func (p *planner) field(it *plan.Item, f *mapping.Field, pair store.Pair, open *store.Conflict) error {
	src, rem := pair.Row.Values[f.Property], pair.Record.Values[f.Property]
	if open != nil && open.Cause == plan.CauseDisplaced {
		if done, err := p.displaced(it, f, pair, src, rem, open); done || err != nil {
			return err
		}
		open = nil
	}
	if open != nil && open.Cause == plan.CauseOverwritten {
		if done, err := p.overwrittenRow(it, f, pair, src, rem, open); done || err != nil {
			return err
		}
		open = nil
	}
	if pair.ByKey && open == nil && !src.Empty() && !rem.Empty() && !f.Rule.Same(src, rem) {
		p.doubt(it, f, src, rem)
		return nil
	}
	baseSrc, baseRem := p.baseOf(pair.Base, f.Property)
	if f.Further(src, pair.Record.Values) && open == nil {
		p.further(it, f, src, rem, baseSrc, baseRem)
		return nil
	}
	if open != nil && open.State == plan.ConflictDecided && open.Choice == plan.ChooseSkip && f.Rule.Same(src, record.Text(open.Source)) && f.Rule.Same(rem, record.Text(open.HubSpot)) {
		p.keep(it, f, src, rem, open)
		return nil
	}
	state := p.state(f, pair, open)
	d, _ := p.resolve(f, pair, state)
	reason := d.Reason.Sentence()
	if p.untrusted && state.Settled == nil && overwrites(d, state) {
		d, reason = merge.Decision{Action: merge.Conflict}, "The workspace was put back from an older copy, so that it is not known which side changed last. You decide."
	}
	var cause plan.Cause
	if why := p.anotherRow(pair); why != "" && state.Settled == nil && overwrites(d, state) {
		d, reason, cause = merge.Decision{Action: merge.Conflict}, why, plan.CauseAnotherRow
	}
	if why := p.crowdsOut(f, pair, d, state); why != "" {
		d, reason = merge.Decision{Action: merge.Conflict}, why
	}
	if d.Action == merge.None {
		p.takenBack(it, f, pair.Undone, src, rem)
		return nil
	}
	e := plan.Edit{Field: f.Column(), Property: f.Property, Cause: cause, Reason: reason, Source: mapping.Text(src), HubSpot: mapping.Text(rem)}
	if baseSrc != nil {
		e.Agreed, e.BaseSrc, e.BaseRem = true, mapping.Text(*baseSrc), mapping.Text(*baseRem)
	}
	if state.Settled != nil {
		e.Choice = open.ID
	}
	d = retreat(f, d, state, open, &e)
	keptOpen(f, d, state, open, &e)
	d = p.keepsKey(f, d, &e)
	return p.decide(it, f, pair, e, d)
}

// keepsKey turns a decision that would change what a row is known by into a
// conflict of its own cause: under another key it would be another row, or one
// more with the key that a row has already.
func (p *planner) keepsKey(f *mapping.Field, d merge.Decision, e *plan.Edit) merge.Decision {
	if !slices.Contains(p.Definition.Source.Key, f.Column()) {
		return d
	}
	if _, ok := d.ForSource(); !ok && d.Action != merge.Conflict {
		return d
	}
	e.Cause, e.Choice = plan.CauseKey, 0
	e.Reason = fmt.Sprintf("%s is the key by which the row is known, so nothing but the source changes it, and HubSpot holds another value.", f.Title())
	return merge.Decision{Action: merge.Conflict}
}

// further leaves the first address or domain of a record that keeps the row's
// as a further one: both belong to it, and people chose in HubSpot which is first.
func (p *planner) further(it *plan.Item, f *mapping.Field, src, rem record.Value, baseSrc, baseRem *record.Value) {
	p.tally.Note(f.Title(), src.String(), transform.RemarkFurther)
	if baseSrc != nil && f.Rule.Same(*baseSrc, src) && baseRem != nil && f.Rule.Same(*baseRem, rem) {
		return
	}
	it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditAdopt, Source: mapping.Text(src), HubSpot: mapping.Text(rem),
		Reason: fmt.Sprintf("HubSpot keeps %s as a further value of this record: its first one stays", src)})
}

// crowdsOut says why a row's new address or domain waits for a person, "" where it
// does not: the one that the row had is a further one of the record, so that the
// new one would not come in its place but in that of the first, which the source
// never had.
func (p *planner) crowdsOut(f *mapping.Field, pair store.Pair, d merge.Decision, s merge.State) string {
	_, writes := d.ForHubSpot()
	if !writes || s.Settled != nil || f.Conflict == definition.TakeSource || s.BaseSource == nil || !f.Further(*s.BaseSource, pair.Record.Values) {
		return ""
	}
	return fmt.Sprintf("The row had %s, which HubSpot keeps as a further value of this record, and now has %s, which would take the place of the first one. You decide.", s.BaseSource, s.Source)
}

// state is what is known of a field of a pair, without the times of its values.
func (p *planner) state(f *mapping.Field, pair store.Pair, open *store.Conflict) merge.State {
	s := merge.State{Source: pair.Row.Values[f.Property], HubSpot: pair.Record.Values[f.Property]}
	baseSrc, baseRem := p.baseOf(pair.Base, f.Property)
	s.BaseSource, s.BaseHubSpot = again(pair.Undone, f, s.Source, s.HubSpot, baseSrc, baseRem)
	if open != nil {
		s.OpenConflict, s.Settled = true, choiceOf(open)
	}
	return s
}

// doubt opens a conflict about a field of a record that bears our key of the row
// though this workspace knows nothing of it: it may be of another list with
// the same keys, or be written by another workstation.
func (p *planner) doubt(it *plan.Item, f *mapping.Field, src, rem record.Value) {
	e := plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditConflict, Cause: plan.CauseFirstRun, Source: mapping.Text(src), HubSpot: mapping.Text(rem),
		Reason: "The record bears Syncline's key of this row, but this workspace did not make it, and the values differ: look whether they are the same."}
	it.Edits = append(it.Edits, e)
	p.conflicts = append(p.conflicts, p.conflict(it, e))
}

// keep carries out the choice to leave both sides as they are: from now on
// that is what they agreed on.
func (p *planner) keep(it *plan.Item, f *mapping.Field, src, rem record.Value, c *store.Conflict) {
	it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditKeep, Reason: "decided in Review: both sides stay as they are",
		Source: mapping.Text(src), HubSpot: mapping.Text(rem), Choice: c.ID})
}

// choiceOf is a person's decision as merge takes it; nil when there is none.
func choiceOf(c *store.Conflict) *merge.Choice {
	if c.State != plan.ConflictDecided {
		return nil
	}
	take, ok := merge.ParseTake(string(c.Choice))
	if !ok {
		return nil
	}
	src, rem := record.Text(c.Source), record.Text(c.HubSpot)
	return &merge.Choice{Take: take, Value: record.Text(c.Value), SeenSource: &src, SeenHubSpot: &rem}
}

// decide turns a decision into edits.
func (p *planner) decide(it *plan.Item, f *mapping.Field, pair store.Pair, e plan.Edit, d merge.Decision) error {
	switch d.Action {
	case merge.Adopt:
		e.Action = plan.EditAdopt
		it.Edits = append(it.Edits, e)
	case merge.Drift:
		e.Action = plan.EditDrift
		it.Edits = append(it.Edits, e)
	case merge.Conflict:
		if e.Action = plan.EditConflict; e.Cause == "" {
			e.Cause = p.cause(e)
		}
		it.Edits = append(it.Edits, e)
		p.wait(p.conflict(it, e))
	}
	if v, ok := d.ForHubSpot(); ok {
		to := e
		to.Action, to.Old, to.New = plan.EditHubSpot, e.HubSpot, mapping.Text(p.sendable(f, v, p.sound(pair.Row)))
		it.Edits = append(it.Edits, to)
	}
	if v, ok := d.ForSource(); ok {
		cell, err := p.cell(f, v)
		if err != nil {
			return err
		}
		to := e
		to.Action, to.Old, to.New = plan.EditSource, mapping.Text(pair.Row.Raw[f.Column()]), mapping.Text(cell)
		it.Edits = append(it.Edits, to)
	}
	return nil
}

// sendable is a value as it is sent. sound are values that stand in that form
// already.
func (p *planner) sendable(f *mapping.Field, v record.Value, sound record.Values) record.Value {
	if known, ok := sound[f.Property]; ok && !f.InSourceForm && known == v {
		return v
	}
	return f.Sendable(v)
}

// conflict is what the review queue keeps of a conflict edit.
func (p *planner) conflict(it *plan.Item, e plan.Edit) store.Conflict {
	c := store.Conflict{SyncID: p.sync.ID, RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Field: e.Field, Property: e.Property,
		Cause: e.Cause, Reason: e.Reason, Source: mapping.Value(e.Source).String(), HubSpot: mapping.Value(e.HubSpot).String()}
	if e.Agreed {
		base := mapping.Value(e.BaseRem).String()
		c.Base = &base
	}
	meta, err := json.Marshal(map[string]any{"read": it.ReadAt})
	if err == nil {
		c.RemMeta = string(meta)
	}
	return c
}

// judge gives the item its kind and its one fate.
func (p *planner) judge(it *plan.Item, pair store.Pair) {
	var writes, conflicts, drifts, quiet int
	for _, e := range it.Edits {
		switch e.Action {
		case plan.EditHubSpot, plan.EditSource:
			writes++
		case plan.EditConflict:
			conflicts++
		case plan.EditDrift, plan.EditLeft:
			drifts++
		default:
			quiet++
		}
	}
	it.Reason = reasonOf(it.Edits)
	switch {
	case writes > 0:
		it.Kind, it.Fate = plan.ItemUpdate, plan.FateUpdated
	case quiet > 0 || (pair.Link.ID == 0 && conflicts+drifts == 0):
		it.Kind, it.Fate = plan.ItemLink, plan.FateUnchanged
		if it.Reason == "" {
			it.Reason = "both sides agree"
		}
	case drifts > 0:
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	}
	switch {
	case conflicts > 0 && writes+quiet == 0 && pair.Link.ID != 0:
		it.Kind, it.Fate = plan.ItemConflict, plan.FateConflict
	case conflicts > 0 && writes == 0:
		it.Kind, it.Fate = plan.ItemLink, plan.FateConflict
	case conflicts > 0:
		it.Fate = plan.FateConflict
	case drifts > 0 && it.Kind == plan.ItemLink:
		it.Fate = plan.FateSkipped
	}
}

// reasonOf is the reason that matters most: what waits, else what is written.
func reasonOf(edits []plan.Edit) string {
	for _, action := range []plan.Action{plan.EditConflict, plan.EditHubSpot, plan.EditSource, plan.EditDrift, plan.EditLeft, plan.EditRule, plan.EditKeep, plan.EditAdopt} {
		for _, e := range edits {
			if e.Action == action {
				return e.Reason
			}
		}
	}
	return ""
}

// cause groups conflicts that a person can settle alike.
func (p *planner) cause(e plan.Edit) plan.Cause {
	src, rem := mapping.Value(e.Source), mapping.Value(e.HubSpot)
	folded := record.Rule{Compare: record.CompareTextFolded}
	switch {
	case p.untrusted:
		return plan.CauseRestored
	case !e.Agreed:
		if folded.Same(src, rem) {
			return plan.CauseFirstRunCase
		}
		return plan.CauseFirstRun
	case src.Empty() || rem.Empty():
		return plan.CauseCleared
	case folded.Same(src, rem):
		return plan.CauseCase
	}
	return plan.CauseBothChanged
}
