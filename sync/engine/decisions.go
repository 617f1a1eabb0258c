package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// claim is what becomes of a row whose record belongs to another row, the
// holder.
type claim struct {
	store.Claim
	moves bool   // the link moves to the row
	why   string // the reason of that, or of counting as one with the holder
	same  bool   // the row counts as one with the holder
	gone  bool   // the holder's row left the source
	done  bool   // the holder's side is planned
}

// claims decides, before anything is planned, what becomes of the rows whose
// record belongs to another row. A row that took over from one that left the
// source, with the same values, is that row under a new key.
func (p *planner) claims(ctx context.Context) error {
	p.claimed, p.held = make(map[string]*claim), make(map[string]*claim)
	first := p.Definition.Duplicates == definition.DuplicatesFirst
	for found, err := range p.Store.Claims(ctx, p.sync.ID) {
		if err != nil {
			return err
		}
		c := &claim{Claim: found}
		h := found.Holder
		c.gone = h.Row == nil || h.Row.GonePull > 0
		switch {
		case p.held[h.Link.RowKey] != nil && p.held[h.Link.RowKey].moves:
			// Another row has it by now.
		case p.rulings[c.RowKey].Kind == store.RuleClaim:
			c.moves, c.why = true, "decided in Review: it is this row's"
		case c.gone && h.Base != nil && bytes.Equal(p.mapping.Hash(h.Base.Source), c.Hash):
			c.moves, c.why = true, fmt.Sprintf("the row with the key %q is gone and this one has its values: the link goes on with the new key", h.Link.RowKey)
			p.rekeyed++
		case c.gone:
		case bytes.Equal(h.Row.Hash, c.Hash):
			c.same, c.why = true, fmt.Sprintf("it counts as one with the row %s: they agree in every field", h.Link.RowKey)
		case p.Definition.Duplicates == definition.DuplicatesReview || p.Definition.Duplicates == "":
		case (c.Line < h.Row.Line) == first:
			c.moves, c.why = true, fmt.Sprintf("it counts as one with the row %s, and by duplicates: %s it leads", h.Link.RowKey, p.Definition.Duplicates)
		default:
			c.same, c.why = true, fmt.Sprintf("it counts as one with the row %s, which leads by duplicates: %s", h.Link.RowKey, p.Definition.Duplicates)
		}
		p.claimed[c.RowKey] = c
		if old := p.held[h.Link.RowKey]; old == nil || c.moves {
			p.held[h.Link.RowKey] = c
		}
	}
	return nil
}

// withHolder plans the holder's side of a claim; false where the pair is
// planned as usual.
func (p *planner) withHolder(ctx context.Context, it plan.Item, pair store.Pair) (bool, error) {
	c := p.held[pair.Link.RowKey]
	if c == nil || (!c.moves && !c.gone) {
		return false, nil
	}
	c.done = true
	if c.gone {
		return true, nil // its record goes on under the new key, or waits until that is decided
	}
	it.LinkID, it.RecordID = 0, ""
	lead := ""
	if p.rulings[c.RowKey].Kind == store.RuleClaim { // duplicates decides anew each time
		lead = c.RowKey
	}
	return true, p.counts(ctx, it, c.RowKey, fmt.Sprintf("it counts as one with the row %s, which leads", c.RowKey), lead)
}

// holders plans the rows that lose their record to another row and have no
// news of their own.
func (p *planner) holders(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(p.held)) {
		c := p.held[key]
		if c.done || !c.moves || c.gone {
			continue
		}
		if err := p.cover(ctx, *c.Holder.Row); err != nil {
			return err
		}
		if _, err := p.withHolder(ctx, p.itemOf(c.Holder), c.Holder); err != nil {
			return err
		}
	}
	return nil
}

// counts skips a row that counts as one with another; lead is the row that
// leads where that is a decision to remember.
func (p *planner) counts(ctx context.Context, it plan.Item, with, why, lead string) error {
	p.same[it.RowKey] = with
	it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
	if lead != "" {
		it.Edits = append(it.Edits, plan.Edit{Action: plan.EditRule, Ruling: plan.RuleSame, Lead: lead, Choice: p.rulings[it.RowKey].Conflict, Reason: why})
	}
	return p.add(ctx, it)
}

// move plans the row that takes a link over from another key.
func (p *planner) move(ctx context.Context, u store.Unlinked, c *claim) error {
	seen, err := p.Store.SeenPair(ctx, p.sync.ID, u.Row.Key, c.Holder.Link.RecordID)
	if err != nil {
		return err
	}
	pair := store.Pair{Link: c.Holder.Link, Row: &u.Row, Record: seen.Record, Base: c.Holder.Base}
	pair.Link.RowKey, pair.Link.State = u.Row.Key, plan.LinkActive
	return p.pairWith(ctx, pair, plan.Edit{Action: plan.EditRule, Choice: p.rulings[u.Row.Key].Conflict, Reason: c.why})
}

// ruled plans an unlinked row by a ruling or by what the matching found out
// about the rows that share its value; false where it is planned as usual.
func (p *planner) ruled(ctx context.Context, it plan.Item, u store.Unlinked) (bool, error) {
	r := p.rulings[u.Row.Key]
	switch r.Kind {
	case plan.RuleOut:
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "left out by your decision"
		it.Edits = append(it.Edits, plan.Edit{Action: plan.EditRule, Ruling: plan.RuleOut, Choice: r.Conflict, Reason: it.Reason})
		return true, p.add(ctx, it)
	case plan.RuleSame:
		return true, p.counts(ctx, it, r.Lead, fmt.Sprintf("it counts as one with the row %s by your decision", r.Lead), r.Lead)
	case plan.RuleApart:
		where := "decided in Review"
		if r.Conflict == 0 {
			where = "decided under Duplicates"
		}
		return true, p.apart(ctx, it, u.Row, plan.Edit{Action: plan.EditRule, Ruling: plan.RuleApart, Lead: r.Lead, Choice: r.Conflict, Reason: where + ": it gets a record of its own"})
	}
	c := p.claimed[u.Row.Key]
	switch {
	case u.Match.Reason == store.MatchSame:
		why, lead := p.whySame(u.Match.Others)
		return true, p.counts(ctx, it, u.Match.Others, why, lead)
	case c != nil && c.moves:
		return true, p.move(ctx, u, c)
	case c != nil && c.same:
		return true, p.counts(ctx, it, c.Holder.Link.RowKey, c.why, "")
	}
	return false, nil
}

// whySame says why a row counts as one with the row that leads, and names that
// row where it is a person's decision, which has to be remembered.
func (p *planner) whySame(leads string) (why, lead string) {
	switch r := p.rulings[leads]; {
	case r.Conflict != 0:
		return fmt.Sprintf("it counts as one with the row %s by your decision", leads), leads
	case p.Definition.Duplicates == definition.DuplicatesFirst || p.Definition.Duplicates == definition.DuplicatesLast:
		return fmt.Sprintf("it counts as one with the row %s, which leads by duplicates: %s", leads, p.Definition.Duplicates), ""
	}
	return fmt.Sprintf("it counts as one with the row %s: they agree in every field", leads), ""
}

// apart plans a record of its own for a row, without the values that HubSpot
// keeps unique and another record may hold: those stay as they are on both
// sides.
func (p *planner) apart(ctx context.Context, it plan.Item, row store.RowSeen, rule plan.Edit) error {
	it.Edits = append(it.Edits, rule)
	taken := make(map[string]bool)
	for _, k := range p.Definition.HubSpot.Match {
		if p.unique(k.Property) {
			taken[k.Property] = true
		}
	}
	return p.createWithout(ctx, it, row, taken)
}

// decision is the decided conflict about the whole row, where it was made on
// what c says is there now; else c waits for a person.
func (p *planner) decision(c store.Conflict) (store.Conflict, bool) {
	open := p.live(c.RowKey)[""]
	if open == nil || open.State != plan.ConflictDecided || open.Cause != c.Cause || open.Source != c.Source || open.HubSpot != c.HubSpot || open.Seen != c.Seen {
		return c, false
	}
	if _, ok := c.Cause.Option(open.Choice); !ok {
		return c, false
	}
	return *open, true
}

// waits plans a row that waits for a person to decide about it.
func (p *planner) waits(ctx context.Context, it plan.Item, c store.Conflict) error {
	it.Kind, it.Fate, it.Reason = plan.ItemConflict, plan.FateConflict, c.Reason
	c.SyncID, c.RowKey, c.Name = p.sync.ID, it.RowKey, it.Name
	if c.RecordID == "" {
		c.RecordID = it.RecordID
	}
	p.wait(c)
	return p.add(ctx, it)
}

// wait keeps a conflict for the review queue.
func (p *planner) wait(c store.Conflict) {
	p.conflicts = append(p.conflicts, c)
	if open := p.live(c.RowKey)[c.Property]; open != nil {
		p.kept[open.ID] = true
	}
}

// keepRow leaves the conflicts of a row as they are, because the row or its
// record can't be judged now.
func (p *planner) keepRow(rowKey string) {
	for _, c := range p.open[rowKey] {
		p.kept[c.ID] = true
	}
}

// over closes the conflicts that this plan neither has nor carries out: people
// have settled them by hand, or what they were about is gone.
func (p *planner) over(ctx context.Context) error {
	var ids []int64
	var over []store.Conflict
	for _, all := range p.open {
		for _, c := range all {
			if !p.kept[c.ID] && c.Edge == nil {
				ids, over = append(ids, c.ID), append(over, c)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := p.tooLate(ctx, over); err != nil {
		return err
	}
	return p.Store.CloseConflicts(ctx, ids, "it is over: both sides agree, or the row or record is gone")
}

// skipRuled skips a row by a decision of which something remains.
func (p *planner) skipRuled(ctx context.Context, it plan.Item, choice int64, why string, ruling plan.Ruling, lead string) error {
	it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, why
	it.Edits = []plan.Edit{{Action: plan.EditRule, Ruling: ruling, Lead: lead, Choice: choice, Reason: why}}
	return p.add(ctx, it)
}

// anew plans a new record for a row whose record is no more. Our key of the
// old one is not used again: the record may be restored, or live on in another.
func (p *planner) anew(ctx context.Context, it plan.Item, row store.RowSeen, choice int64, why string, apart bool) error {
	rule := plan.Edit{Action: plan.EditRule, Ruling: plan.RuleAnew, Lead: it.RecordID, Choice: choice, Reason: why}
	it.RecordID = ""
	if apart {
		return p.apart(ctx, it, row, rule)
	}
	it.Edits = append(it.Edits, rule)
	return p.createWithout(ctx, it, row, nil)
}

// createKey is what the sync key of a create is made of: the row's key, and
// the record that bears that key already where there is one.
func createKey(it plan.Item) string {
	for _, e := range it.Edits {
		if (e.Ruling == plan.RuleAnew || e.Ruling == plan.RuleApart) && e.Lead != "" {
			return it.RowKey + "\x00" + e.Lead
		}
	}
	return it.RowKey
}

// rules carries the decisions about a whole row out, when its item ends.
func (j *job) rules(o *store.Outcome, it plan.Item) {
	for _, e := range it.Edits {
		if e.Action == plan.EditRule {
			o.Settle(e)
		}
		switch e.Ruling {
		case plan.RuleNone:
		case plan.RuleApart:
			if e.Choice != 0 {
				o.Rulings = append(o.Rulings, store.Ruling{RowKey: it.RowKey, Kind: e.Ruling})
			}
		case plan.RuleFirst:
			o.Rulings = append(o.Rulings, store.Ruling{RowKey: it.RowKey, Kind: e.Ruling, Lead: e.Lead})
		case plan.RuleTwin:
			o.Aside = true
		case plan.RuleOut, plan.RuleSame:
			o.Rulings = append(o.Rulings, store.Ruling{RowKey: it.RowKey, Kind: e.Ruling, Lead: e.Lead})
			o.Drop = it.LinkID != 0
		case plan.RuleWait:
			o.Rulings = append(o.Rulings, store.Ruling{RowKey: it.RowKey, Kind: e.Ruling})
		case plan.RuleForget:
			o.Tomb = e.Reason
		case plan.RuleNot:
			o.Apart = e.Lead
		case plan.RuleAnew:
			o.Anew = true
		case plan.RuleFlag:
			side := plan.HubSpot
			if e.Action == plan.EditSource {
				side = plan.Source
			}
			o.Flag = &store.Flag{Side: side, Name: flagName(e), Before: e.Old, Value: mapping.Value(e.New).String(), RunID: j.runID}
		case plan.RuleUnflag:
			o.Unflag = true
		}
	}
}

func flagName(e plan.Edit) string {
	if e.Action == plan.EditSource {
		return e.Field
	}
	return e.Property
}

// merged plans a row whose record was merged into that of another row.
func (p *planner) merged(ctx context.Context, it plan.Item, pair store.Pair) error {
	into := pair.Record.MergedInto
	holder, err := p.holderOf(ctx, into)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil { // the other row let go of it since
		return p.follow(ctx, pair, into, 0, fmt.Sprintf("the record was merged in HubSpot into %s, which belongs to no other row any more", into))
	}
	why := fmt.Sprintf("the record was merged in HubSpot into %s, which belongs to the row %s", into, holder)
	c, ok := p.decision(store.Conflict{RowKey: it.RowKey, RecordID: it.RecordID, Cause: plan.CauseMerged, Reason: why, Source: holder, HubSpot: into})
	switch {
	case !ok:
		return p.waits(ctx, it, c)
	case c.Choice == plan.ChooseSource:
		return p.anew(ctx, it, *pair.Row, c.ID, "decided in Review: the row gets a record of its own again", true)
	case c.Choice == plan.ChooseHubSpot:
		return p.skipRuled(ctx, it, c.ID, fmt.Sprintf("it counts as one with the row %s by your decision", holder), plan.RuleSame, holder)
	}
	return p.skipRuled(ctx, it, c.ID, "left out by your decision", plan.RuleOut, "")
}

// follow plans a row that goes on with another record than it had.
func (p *planner) follow(ctx context.Context, pair store.Pair, id string, choice int64, why string) error {
	seen, err := p.Store.SeenPair(ctx, p.sync.ID, pair.Link.RowKey, id)
	if err != nil {
		return err
	}
	pair.Link.RecordID, pair.Link.State, pair.Record, pair.Base = id, plan.LinkActive, seen.Record, nil
	return p.pairWith(ctx, pair, plan.Edit{Action: plan.EditRule, Ruling: plan.RuleAnew, Choice: choice, Reason: why})
}

// successor plans a row whose record is gone while another one has its match
// value now: whoever archived a record and made it anew must be asked. It
// reports whether there is one.
func (p *planner) successor(ctx context.Context, it plan.Item, pair store.Pair) (bool, error) {
	var ids []string
	for ord, value := range p.mapping.RowMatch(pair.Row.Raw, pair.Row.Values) {
		if value == "" || len(ids) > 0 {
			continue
		}
		var err error
		if ids, err = p.Store.Successors(ctx, p.sync.ID, it.RowKey, ord, value); err != nil {
			return true, err
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return p.spoken[id] })
	if len(ids) == 0 {
		return false, nil
	}
	for _, id := range ids {
		p.spoken[id] = true
	}
	why := fmt.Sprintf("the record %s is gone, and another one has the row's match value now: %s", it.RecordID, strings.Join(ids, ", "))
	c, ok := p.decision(store.Conflict{RowKey: it.RowKey, RecordID: ids[0], Cause: plan.CauseSuccessor, Reason: why, Source: it.RecordID, HubSpot: strings.Join(ids, ", ")})
	switch {
	case !ok:
		return true, p.waits(ctx, it, c)
	case c.Choice == plan.ChooseHubSpot:
		return true, p.follow(ctx, pair, ids[0], c.ID, "decided in Review: the row goes on with the new record")
	}
	return true, p.skipRuled(ctx, it, c.ID, "the record is gone; the new one is kept apart by your decision", plan.RuleNot, ids[0])
}

// alike reports whether a row and a record that bears its key can be the same:
// they share a value of some field, or have none to compare.
func (p *planner) alike(row, rec record.Values) bool {
	differ := false
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		a, b := row[f.Property], rec[f.Property]
		if a.Empty() || b.Empty() || f.Constant != nil {
			continue
		}
		if f.Rule.Same(a, b) {
			return true
		}
		differ = true
	}
	return !differ
}
