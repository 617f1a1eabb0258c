package engine

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// What a disappearance does on the other side. Nothing is archived, deleted or
// marked after a single look: the whole source is read twice, and a record is
// looked for once more right before its row is written.

// rowGone plans a record whose row left the source.
func (p *planner) rowGone(ctx context.Context, it plan.Item, pair store.Pair) error {
	it.ReadAt = pair.Record.Read
	skip := func(why string) error {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
		return p.add(ctx, it)
	}
	policy := p.Definition.Delete.RowGone
	switch {
	case p.mergedRows[it.RowKey] != "":
		p.keepRow(it.RowKey)
		return skip(fmt.Sprintf("the row was merged in the source into %s, which has a record of its own: merge the two records in HubSpot, if they are the same", p.mergedRows[it.RowKey]))
	case policy != "archive" && policy != "flag":
		return skip("the row left the source; its record stays")
	case p.untrusted:
		return p.unremembered(ctx, it, "the row left the source")
	case len(p.nameless) > 0:
		p.keepRow(it.RowKey)
		return skip(fmt.Sprintf("its row was not found, but %s could not be read and may be it: the record stays", lineOr(p.nameless[0].Line, "another row")))
	case !pair.Record.InScope:
		return skip("the row left the source, and its record does not pass the filter any more: it stays")
	case pair.Base == nil || len(p.rebase) > 0:
		return skip("the row left the source; a run with a new field map archives and marks nothing")
	case p.sync.Runs == 0:
		return skip("the row left the source; a first run archives and marks nothing")
	}
	heirs, err := p.rowsLike(ctx, pair)
	switch {
	case err != nil:
		return err
	case len(heirs) > 0:
		p.keepRow(it.RowKey)
		return skip(fmt.Sprintf("the row left the source, but what has its match value waits to be decided: %s; the record stays until then", and(heirs)))
	}
	others, err := p.Store.RowsMergedInto(ctx, p.sync.ID, pair.Record.ID)
	switch {
	case err != nil:
		return err
	case len(others) > 0:
		p.keepRow(it.RowKey)
		return skip(fmt.Sprintf("the row left the source, but its record was merged with that of a row that is there (key %s): it stays", quoted(others)))
	case policy == "flag" && p.second.found(it.RowKey) != "":
		return skip(p.second.found(it.RowKey))
	case policy == "flag":
		return p.flagRecord(ctx, it, pair)
	}
	edited, shown := p.edited(pair.Base.HubSpot, pair.Record.Values)
	if len(edited) == 0 {
		edited, shown = p.neverAgreed(pair)
	}
	if len(edited) > 0 {
		return p.goneAndEdited(ctx, it, pair, edited, shown)
	}
	if open := p.live(it.RowKey)[""]; open != nil && open.Cause == plan.CauseGoneAndEdited && open.Base == nil {
		return p.touched(ctx, it, pair, *open)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemArchive, plan.FateUpdated, "the row left the source: its record is to be archived"
	return p.add(ctx, it)
}

// rowsLike names the rows without a record that have a match value of a row that
// is gone, or of its record: any of them may be that row under a new key. Those
// of which a person has decided that they are not, are not.
func (p *planner) rowsLike(ctx context.Context, pair store.Pair) (names []string, err error) {
	known, err := p.Store.MatchesOf(ctx, p.sync.ID, pair.Record.ID)
	if err != nil {
		return nil, err
	}
	if pair.Row != nil {
		for ord, v := range p.mapping.RowMatch(pair.Row.Raw, pair.Row.Values) {
			known = append(known, store.Identity{Ord: ord, New: v})
		}
	}
	for _, m := range known {
		if m.New == "" {
			continue
		}
		keys, err := p.Store.RowsMatching(ctx, p.sync.ID, m)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if name := "row " + key; p.rulings[key].Kind == "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// edited returns the fields whose value is not the agreed one, and what they
// hold, for people.
func (p *planner) edited(base, now record.Values) (fields []*mapping.Field, shown string) {
	var all []string
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		if was, ok := base[f.Property]; ok && !f.Rule.Same(was, now[f.Property]) && !p.ourMark(f, now[f.Property]) {
			fields = append(fields, f)
			all = append(all, fmt.Sprintf("%s: %s", f.Title(), now[f.Property].String()))
		}
	}
	if len(fields) == 1 {
		return fields, now[fields[0].Property].String()
	}
	return fields, strings.Join(all, "; ")
}

// neverAgreed returns a field of which the record holds a value of its own that waited for
// a person when the row left, and that value.
func (p *planner) neverAgreed(pair store.Pair) ([]*mapping.Field, string) {
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		now := pair.Record.Values[f.Property]
		if _, agreed := pair.Base.HubSpot[f.Property]; agreed || now.Empty() || p.ourMark(f, now) || f.Column() == "" {
			continue
		}
		if pair.Row == nil || !f.Rule.Same(pair.Row.Values[f.Property], now) {
			return []*mapping.Field{f}, now.String()
		}
	}
	return nil, ""
}

// ourMark reports whether a value is the mark that runs write.
func (p *planner) ourMark(f *mapping.Field, v record.Value) bool {
	mark := p.Definition.Delete.FlagRecord
	return mark != nil && mark.Property == f.Property && f.Rule.Same(v, record.Text(mark.Value))
}

// goneAndEdited plans a record that was edited while its row left: one of both
// would be lost, so a person decides.
func (p *planner) goneAndEdited(ctx context.Context, it plan.Item, pair store.Pair, edited []*mapping.Field, shown string) error {
	f := edited[0]
	was, agreed := pair.Base.HubSpot[f.Property]
	base, why := was.String(), fmt.Sprintf("the row left the source, but %s was edited in HubSpot since", f.Schema.Label)
	if !agreed {
		why = fmt.Sprintf("the row left the source, but HubSpot has a value of %s that the two never agreed on", f.Schema.Label)
	}
	c, ok := p.decision(store.Conflict{RowKey: it.RowKey, RecordID: it.RecordID, Field: f.Column(), Cause: plan.CauseGoneAndEdited,
		Reason: why, Base: &base, HubSpot: shown,
		RemMeta: seenAt(record.Record{Updated: pair.Record.Updated}, pair.Record.Read), Seen: hex.EncodeToString(p.mapping.Hash(pair.Record.Values))})
	if !ok {
		return p.waits(ctx, it, c)
	}
	return p.settleGone(ctx, it, pair, c)
}

// touched plans a record whose archiving stopped because of something that
// the field map does not show: an unmapped property, an association. It waits
// as long as HubSpot says that the record did not change since.
func (p *planner) touched(ctx context.Context, it plan.Item, pair store.Pair, c store.Conflict) error {
	var meta struct {
		Updated time.Time `json:"updated"`
	}
	if err := json.Unmarshal([]byte(c.RemMeta), &meta); err == nil && !meta.Updated.Equal(pair.Record.Updated) {
		c.Seen, c.RemMeta = pair.Record.Updated.UTC().Format(time.RFC3339Nano), seenAt(record.Record{Updated: pair.Record.Updated}, pair.Record.Read)
	}
	if now, ok := p.decision(c); ok {
		return p.settleGone(ctx, it, pair, now)
	}
	return p.waits(ctx, it, c)
}

// settleGone carries out the decision about a record whose row is gone.
func (p *planner) settleGone(ctx context.Context, it plan.Item, pair store.Pair, c store.Conflict) error {
	switch c.Choice {
	case plan.ChooseSource:
		it.Kind, it.Fate, it.Reason = plan.ItemArchive, plan.FateUpdated, "decided in Review: the row is gone, so its record is to be archived"
		it.Edits = []plan.Edit{{Action: plan.EditRule, Choice: c.ID, Reason: it.Reason}}
		return p.add(ctx, it)
	case plan.ChooseBase:
		return p.restoreRow(ctx, it, pair, c.ID, "decided in Review: the row is put back into the source")
	}
	return p.skipRuled(ctx, it, c.ID, "the row left the source; its record stays by your decision", plan.RuleForget, "")
}

// recordGone plans a row whose record is no more.
func (p *planner) recordGone(ctx context.Context, it plan.Item, pair store.Pair) error {
	if pair.Record.Gone == plan.GoneMerged {
		return p.merged(ctx, it, pair)
	}
	for _, c := range p.open[it.RowKey] {
		if c.Cause == plan.CauseDisplaced {
			p.kept[c.ID] = true // the record may be restored, and the edit then be brought back
		}
	}
	if done, err := p.successor(ctx, it, pair); done || err != nil {
		return err
	}
	what := "was archived in HubSpot"
	if pair.Record.Gone == plan.GoneErased {
		what = "was erased in HubSpot"
	}
	skip := func(why string) error {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, fmt.Sprintf("the record %s; %s", what, why)
		return p.add(ctx, it)
	}
	policy := p.Definition.Delete.RecordGone
	back, undone := rowTakenBack(pair.Undone)
	switch {
	case policy != "delete" && policy != "flag":
		return skip("its row stays")
	case undone && !back.Again && asItWas(back, *pair.Row):
		return skip("its row stays as it is: " + staysUndone(back))
	case p.untrusted:
		return p.unremembered(ctx, it, "the record "+what)
	case p.rulings[it.RowKey].Kind == plan.RuleWait:
		return skip("its row is left out by your decision")
	case pair.Base == nil || len(p.rebase) > 0:
		return skip("a run with a new field map deletes and marks nothing")
	case p.sync.Runs == 0:
		return skip("a first run deletes and marks nothing")
	case policy == "flag":
		return p.flagRow(ctx, it, pair, what)
	}
	if c, touched := p.rowTouched(it, pair, what); touched {
		c, ok := p.decision(c)
		switch {
		case !ok:
			return p.waits(ctx, it, c)
		case c.Choice == plan.ChooseSource:
			return p.anew(ctx, it, *pair.Row, c.ID, "decided in Review: a new record is created for the row", false)
		case c.Choice != plan.ChooseHubSpot:
			return p.skipRuled(ctx, it, c.ID, fmt.Sprintf("the record %s; its row is left out by your decision", what), plan.RuleWait, "")
		}
		it.Edits = []plan.Edit{{Action: plan.EditRule, Choice: c.ID, Reason: "decided in Review: the row is deleted"}}
	}
	return p.deleteRow(ctx, it, pair, what)
}

// deleteRow plans the deletion of a row as we believe it.
func (p *planner) deleteRow(ctx context.Context, it plan.Item, pair store.Pair, what string) error {
	it.Kind, it.Fate, it.Reason = plan.ItemSourceDelete, plan.FateUpdated, fmt.Sprintf("the record %s: its row is to be deleted", what)
	for _, column := range sortedNames(pair.Row.Raw) {
		it.Edits = append(it.Edits, plan.Edit{Field: column, Action: plan.EditSource, Old: mapping.Text(pair.Row.Raw[column]), Reason: it.Reason})
	}
	return p.add(ctx, it)
}

// flagRecord plans the mark of a record whose row left the source.
func (p *planner) flagRecord(ctx context.Context, it plan.Item, pair store.Pair) error {
	mark := p.Definition.Delete.FlagRecord
	f := p.mapping.ByProperty[mark.Property]
	now := pair.Record.Values[mark.Property]
	it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	switch {
	case f.Rule.Same(now, record.Text(mark.Value)):
		it.Reason = "the row left the source; its record is marked"
		return p.add(ctx, it)
	case p.flags[it.LinkID].Side == plan.HubSpot:
		it.Reason = "the row left the source; its record was marked, and somebody has taken the mark off since"
		return p.add(ctx, it)
	}
	for _, back := range pair.Undone {
		if back.Property == mark.Property && back.Side == plan.HubSpot && !back.Again {
			it.Reason = "the row left the source; its record is not marked: " + staysUndone(back)
			return p.add(ctx, it)
		}
	}
	it.Kind, it.Fate, it.Reason = plan.ItemUpdate, plan.FateUpdated, "the row left the source: its record is marked"
	var base record.Value
	if v, ok := pair.Base.Source[mark.Property]; ok {
		base = v
	}
	it.Edits = []plan.Edit{{Field: f.Column(), Property: mark.Property, Action: plan.EditHubSpot, Source: mapping.Text(base), HubSpot: mapping.Text(now),
		Old: mapping.Text(now), New: mapping.Text(record.Text(mark.Value)), Reason: it.Reason, Ruling: plan.RuleFlag}}
	return p.add(ctx, it)
}

// flagRow plans the mark of a row whose record left HubSpot.
func (p *planner) flagRow(ctx context.Context, it plan.Item, pair store.Pair, what string) error {
	mark := p.Definition.Delete.FlagRow
	now := pair.Row.Raw[mark.Field]
	it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	switch {
	case now.String() == mark.Value:
		it.Reason = fmt.Sprintf("the record %s; its row is marked", what)
		return p.add(ctx, it)
	case p.flags[it.LinkID].Side == plan.Source:
		it.Reason = fmt.Sprintf("the record %s; its row was marked, and somebody has taken the mark off since", what)
		return p.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemUpdate, plan.FateUpdated, fmt.Sprintf("the record %s: its row is marked", what)
	it.Edits = []plan.Edit{{Field: mark.Field, Action: plan.EditSource, Old: mapping.Text(now), New: mapping.Text(record.Text(mark.Value)), Reason: it.Reason, Ruling: plan.RuleFlag}}
	return p.add(ctx, it)
}

// unflag takes the mark of a pair back, now that both its ends are there, if
// the mark is still ours.
func (p *planner) unflag(it *plan.Item, pair store.Pair) {
	mark, ok := p.flags[pair.Link.ID]
	if !ok || pair.Link.ID == 0 {
		return
	}
	e := plan.Edit{Action: plan.EditRule, Ruling: plan.RuleUnflag, Reason: "it is back, and somebody has changed the mark since: it stays as it is"}
	switch f := p.mapping.ByProperty[mark.Name]; {
	case mark.Side == plan.HubSpot && f != nil && f.Rule.Same(pair.Record.Values[mark.Name], record.Text(mark.Value)) && !writesTo(*it, plan.EditHubSpot, mark.Name):
		now := mapping.Text(pair.Record.Values[mark.Name])
		e = plan.Edit{Field: f.Column(), Property: mark.Name, Action: plan.EditHubSpot, Source: mapping.Text(pair.Row.Values[mark.Name]), HubSpot: now, Old: now, New: emptyText(mark.Before),
			Reason: "the row is back: the mark of its record is taken back", Ruling: plan.RuleUnflag}
	case mark.Side == plan.Source && pair.Row.Raw[mark.Name].String() == mark.Value:
		e = plan.Edit{Field: mark.Name, Action: plan.EditSource, Old: mapping.Text(pair.Row.Raw[mark.Name]), New: emptyText(mark.Before),
			Reason: "the record is back: the mark of its row is taken back", Ruling: plan.RuleUnflag}
		for i := range p.mapping.Fields {
			if p.mapping.Fields[i].Column() == mark.Name {
				return // the field map brings the cell in order, or asks
			}
		}
	}
	it.Edits = append(it.Edits, e)
}

// lookTwice reads the source as a whole once more where records would be
// marked because their rows are gone: one look at a file that was just being
// written proves nothing.
func (p *planner) lookTwice(ctx context.Context) error {
	if p.Definition.Delete.RowGone != "flag" {
		return nil
	}
	keys, err := p.Store.GoneRows(ctx, p.sync.ID)
	if err != nil || len(keys) == 0 {
		return err
	}
	p.second = newSecondSight()
	for _, key := range keys {
		if err := p.lookOut(ctx, p.second, key); err != nil {
			return err
		}
	}
	return p.lookFor(ctx, p.second, p.plan.Pull)
}

func writesTo(it plan.Item, action plan.Action, property string) bool {
	for _, e := range it.Edits {
		if e.Action == action && e.Property == property {
			return true
		}
	}
	return false
}

// stillGone looks once more, right before rows are deleted or marked, for the
// records that are gone, and leaves the rows of those alone that are back.
func (j *job) stillGone(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	var ids []string
	rests := func(it plan.Item) bool {
		return pl.Kind != plan.KindUndo && it.RecordID != "" && (it.Kind == plan.ItemSourceDelete || slices.ContainsFunc(it.Edits, func(e plan.Edit) bool {
			return e.Ruling == plan.RuleFlag && e.Action == plan.EditSource
		}))
	}
	for _, it := range items {
		if rests(it) {
			ids = append(ids, it.RecordID)
		}
	}
	back := make(map[string]bool)
	for chunk := range slices.Chunk(ids, listPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: chunk, Properties: []string{"hs_object_id"}})
		if err != nil {
			return nil, err
		}
		for _, r := range got.Records {
			back[r.ID] = true
		}
		for id := range got.Moved {
			back[id] = true // it lives on in another one
		}
	}
	heirs, err := j.heirs(ctx, items, func(it plan.Item) bool { return rests(it) && !back[it.RecordID] })
	if err != nil {
		return nil, err
	}
	var left []plan.Item
	var outcomes []store.Outcome
	for _, it := range items {
		o := j.outcome(pl, it)
		switch {
		case rests(it) && back[it.RecordID]:
			o.Fate, o.Reason = plan.FateSkipped, "its record is back in HubSpot, so its row stays as it is"
		case heirs[it.RowKey] != "":
			o.Fate, o.Reason = plan.FateSkipped, fmt.Sprintf("its record is gone, but the record %s has its match value now, so its row stays; the next run decides", heirs[it.RowKey])
		default:
			left = append(left, it)
			continue
		}
		outcomes = append(outcomes, o)
	}
	return left, j.finish(ctx, outcomes)
}

// heirs looks for records that have the match values of rows whose records are
// gone: whoever archived a record and made it anew since the plan did not mean
// the row. Only values that HubSpot keeps unique can be looked up.
func (j *job) heirs(ctx context.Context, items []plan.Item, gone func(plan.Item) bool) (map[string]string, error) {
	var keys []string
	for _, it := range items {
		if gone(it) {
			keys = append(keys, it.RowKey)
		}
	}
	found := make(map[string]string)
	if len(keys) == 0 {
		return found, nil
	}
	rows, err := j.Store.RowsSeen(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	for ord, k := range j.Definition.HubSpot.Match {
		if !j.unique(k.Property) {
			continue
		}
		by := make(map[string]string)
		for _, key := range keys {
			row, ok := rows[key]
			if !ok {
				continue
			}
			if v := j.mapping.RowMatch(row.Raw, row.Values)[ord]; v != "" {
				by[v] = key
			}
		}
		if err := j.holding(ctx, ord, k.Property, by, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// holding adds the records that have one of some unique values to those found,
// by the row of the value.
func (j *job) holding(ctx context.Context, ord int, property string, by, found map[string]string) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(by)), listPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: some, IDProperty: property, Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		for _, r := range got.Records {
			for _, v := range j.mapping.RecordMatch(r.Properties)[ord] {
				holder, err := j.Store.RecordHolder(ctx, j.sync.ID, r.ID)
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					return err
				}
				if key := by[v]; key != "" && (holder == "" || holder == key) {
					found[key] = r.ID
				}
			}
		}
	}
	return nil
}

// The reason of a link whose row a run deleted.
const rowDeleted = "its record left HubSpot: the row was deleted"

// tomb plans a pair that was ended: its record was archived by a run or its row
// deleted, or a person let it go. It counts again when both ends are there.
func (p *planner) tomb(ctx context.Context, it plan.Item, pair store.Pair, gone bool) error {
	live := pair.Record != nil && pair.Record.Gone == ""
	back, undone := rowTakenBack(pair.Undone)
	switch {
	case gone && live && pair.Link.Why == undoneRow && undone && !back.Again:
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, staysUndone(back)
		return p.add(ctx, it)
	case gone && live && pair.Link.Why == undoneRow && undone && pair.Record.InScope:
		return p.restoreRow(ctx, it, pair, 0, "the run that added the row is done again")
	case gone && live && pair.Link.Why == rowDeleted && pair.Record.InScope:
		return p.restoreRow(ctx, it, pair, 0, "the record is back: its row, which was deleted for that, is put back")
	case gone:
		return nil
	case live:
		return p.pairWith(ctx, pair, plan.Edit{Action: plan.EditRule, Reason: "the record is back"})
	}
	if p.undone(pair.Link) {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, pair.Link.Why
		return p.add(ctx, it)
	}
	if p.unclear(pair.Row) || len(pair.Row.Problems) > 0 {
		return p.pairWith(ctx, pair)
	}
	if done, err := p.successor(ctx, it, pair); done || err != nil {
		return err
	}
	if p.rulings[it.RowKey].Kind == plan.RuleWait {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "left out by your decision: the record is archived"
		return p.add(ctx, it)
	}
	c, ok := p.decision(store.Conflict{RowKey: it.RowKey, Cause: plan.CauseReturned, HubSpot: it.RecordID,
		Reason: fmt.Sprintf("the row is back, but its record %s is archived: restore it in HubSpot, or decide here", it.RecordID)})
	switch {
	case !ok:
		return p.waits(ctx, it, c)
	case c.Choice == plan.ChooseSource:
		return p.anew(ctx, it, *pair.Row, c.ID, "decided in Review: a new record is created for the row", false)
	}
	return p.skipRuled(ctx, it, c.ID, "left out by your decision: the record is archived", plan.RuleWait, "")
}

// undone reports whether a pair ended because the run that created its record
// was undone: that stays so until it is asked for again.
func (p *planner) undone(l store.Link) bool { return l.Why == undoneCreate }
