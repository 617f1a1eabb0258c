package store

import (
	"context"
	"database/sql"
	"slices"

	"syncline/sync/plan"
)

// TakeBack takes the last step back that a person did to a ready plan and that holds, or with again
// does the last one again that was taken back: each of its changes is a revision with its own hash.
// It returns the step. There being none is ErrNotFound.
func (s *Store) TakeBack(ctx context.Context, planID, person string, again bool) (step plan.Step, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		changes, err := s.planChanges(ctx, tx, planID)
		if err != nil {
			return err
		}
		steps, undone := plan.Steps(changes)
		if again {
			steps = undone
		}
		if len(steps) == 0 {
			return ErrNotFound
		}
		step = steps[len(steps)-1]
		moves := step.Reversed()
		if again {
			moves = step.Repeated()
		}
		for _, c := range moves {
			c.By = person
			if err := s.carryChange(ctx, tx, planID, c); err != nil {
				return err
			}
			if err := s.revise(tx, planID, c); err != nil {
				return err
			}
		}
		return nil
	})
	return step, err
}

// carryChange makes of a plan's items what a change says.
func (s *Store) carryChange(ctx context.Context, tx *sql.Tx, planID string, c plan.Change) error {
	if c.What != plan.ChangeEdit {
		_, err := tx.Exec(`UPDATE plan_item SET excluded = ? WHERE `+ofPlan+` AND n IN (SELECT value FROM json_each(?))`, c.What == plan.ChangeExclude, planID, numberList(c.Items))
		return err
	}
	for page := range slices.Chunk(c.Items, editPage) {
		items, err := s.itemsToEdit(ctx, tx, planID, page)
		if err != nil {
			return err
		}
		for _, it := range items {
			edits := slices.Clone(it.Edits)
			if at := slices.IndexFunc(edits, func(e plan.Edit) bool { return e.Target() == c.Side && e.Property == c.Property }); at >= 0 {
				edits[at].New, edits[at].Reason = c.New, plan.EditedReason(c.By)
				if was := it.was; at < len(was) && same(was[at].New, c.New) {
					edits[at].Reason = was[at].Reason
				}
			}
			if _, err := tx.Exec(`UPDATE plan_item SET edited = ? WHERE `+ofPlan+` AND n = ?`, string(plan.AppendEdits(nil, edits)), planID, it.N); err != nil {
				return err
			}
		}
	}
	return nil
}

// same reports whether two values are one, or both none.
func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
