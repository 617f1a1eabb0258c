package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// Rows with the same key are one where they agree in every mapped field, where
// the definition says which of them counts, or where a person does. The one that
// leads is planned as any other, and each of the others is skipped and named.

// unclear reports whether the row's key stands more than once in the source
// and nothing says which of the rows counts.
func (p *planner) unclear(row *store.RowSeen) bool {
	if row.Copies < 2 || !row.Differ || p.Definition.Duplicates == definition.DuplicatesFirst || p.Definition.Duplicates == definition.DuplicatesLast {
		return false
	}
	if digest, ok := p.firsts[row.Key]; ok && digest == row.Digest {
		return false
	}
	if _, ok := p.leading[row.Key]; ok {
		return false
	}
	c, ok := p.decision(p.keyShared(*row))
	if !ok || c.Choice != plan.ChooseSource {
		return true
	}
	if p.leading == nil {
		p.leading = make(map[string]plan.Edit)
	}
	p.leading[row.Key] = plan.Edit{Action: plan.EditRule, Ruling: plan.RuleFirst, Lead: row.Digest, Choice: c.ID, Reason: "decided in Review: the first of the rows with this key counts"}
	return false
}

// keyShared is the conflict about rows that share a key and differ.
func (p *planner) keyShared(row store.RowSeen) store.Conflict {
	c := store.Conflict{RowKey: row.Key, Cause: plan.CauseCopies, Seen: row.Digest,
		Reason: fmt.Sprintf("%d rows have the key %q and differ%s: decide here, make the key unique, or say duplicates: first or last", row.Copies, row.Key, strings.Replace(oneIn(row.Line), "one stands", "the first stands", 1))}
	if wrong := p.wrongIn(row); wrong != "" {
		c.Reason += fmt.Sprintf(". In %s, %s", lineOr(row.Line, "one of them"), wrong)
	}
	return c
}

// sameKey plans rows that share a key of which nobody can say which one counts:
// all of them wait.
func (p *planner) sameKey(ctx context.Context, it plan.Item, row store.RowSeen) error {
	if p.rulings[row.Key].Kind == plan.RuleOut {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "left out by your decision"
		return p.add(ctx, it)
	}
	c, ok := p.decision(p.keyShared(row))
	if !ok {
		for key, other := range p.live(row.Key) {
			if key != "" {
				p.kept[other.ID] = true // they can't be judged now
			}
		}
		it.Edits = []plan.Edit{{Action: plan.EditRule, Ruling: plan.RuleTwin, Lead: row.Key, Reason: c.Reason}}
		return p.waits(ctx, it, c)
	}
	return p.skipRuled(ctx, it, c.ID, "left out by your decision", plan.RuleOut, "")
}

// cover counts a row of the source and those of the same key, and names each of
// these.
func (p *planner) cover(ctx context.Context, row store.RowSeen) error {
	p.covered += row.Copies
	if row.Copies < 2 {
		return nil
	}
	lines, err := p.Store.CopyLines(ctx, p.sync.ID, row.Key)
	if err != nil {
		return err
	}
	it := plan.Item{RowKey: row.Key, Name: p.nameOf(&row, nil), Kind: plan.ItemSkip, Fate: plan.FateSkipped}
	why := "they agree in every mapped field"
	switch {
	case p.unclear(&row) && p.rulings[row.Key].Kind != plan.RuleOut && !p.leftOut(row):
		it.Kind, it.Fate = plan.ItemConflict, plan.FateConflict
	case p.unclear(&row):
		why = "left out by your decision"
	case row.Differ && (p.Definition.Duplicates == definition.DuplicatesFirst || p.Definition.Duplicates == definition.DuplicatesLast):
		why = fmt.Sprintf("which leads by duplicates: %s", p.Definition.Duplicates)
	case row.Differ:
		why = "which leads by your decision"
	case len(row.Problems) > 0:
		it.Kind, it.Fate = plan.ItemInvalid, plan.FateFailed
		why = "the same is wrong with both: " + p.wrongIn(row)
	}
	for _, line := range lines {
		it.Line = line
		it.Edits = []plan.Edit{{Action: plan.EditRule, Ruling: plan.RuleTwin, Lead: row.Key}}
		switch {
		case it.Fate == plan.FateConflict:
			it.Reason = fmt.Sprintf("%s has the same key as %s and differs from it", lineOr(line, "a row"), lineOr(row.Line, "another one"))
		case why == "left out by your decision":
			it.Reason = why
		case row.Differ:
			it.Reason = fmt.Sprintf("%s counts as one with %s, %s", lineOr(line, "a row"), lineOr(row.Line, "another one"), why)
		default:
			it.Reason = fmt.Sprintf("%s counts as one with %s: %s", lineOr(line, "a row"), lineOr(row.Line, "another one"), why)
		}
		if it.Edits[0].Reason = it.Reason; it.Kind == plan.ItemInvalid {
			it.Edits = nil
		}
		if err := p.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// doubled is what stands among the failed rows of one that shares its key with
// another and differs from it: each is named with its line, to be mended in the
// source. nil for any other conflict.
func doubled(it plan.Item) *store.Attention {
	if !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling == plan.RuleTwin }) {
		return nil
	}
	return &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassBlocked, Cause: "Rows with the same key", Message: it.Reason}
}

// leftOut reports whether people decided to leave rows with the same key out.
func (p *planner) leftOut(row store.RowSeen) bool {
	c, ok := p.decision(p.keyShared(row))
	return ok && c.Choice != plan.ChooseSource
}
