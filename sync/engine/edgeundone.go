package engine

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// takenEnds tells, of the references that lead to no record, those whose record
// an undo took back: nothing of them waits, as long as that stays so.
func (j *job) takenEnds(ctx context.Context, e *edgeEnd, found map[string]target) error {
	var without []string
	for ref, t := range found {
		if t.why != "" {
			without = append(without, ref)
		}
	}
	if len(without) == 0 || e.syncID == 0 {
		return nil
	}
	taken, err := j.Store.UndoneRows(ctx, e.syncID, without)
	if err != nil {
		return err
	}
	for ref, u := range taken {
		t := found[ref]
		t.undone = fmt.Sprintf("the %s with %s %q was %s", strings.ToLower(e.object.LabelSingular), e.said, ref, staysUndone(u))
		found[ref] = t
	}
	return nil
}

// undone says that an association is not made because an undo took back a
// record at one of its ends, "" where something else is in the way, or nothing.
func (w *wanted) undone(from target) string {
	if w.bad != "" || from.why != "" && from.undone == "" || w.to.why != "" && w.to.undone == "" {
		return ""
	}
	return cmp.Or(from.undone, w.to.undone)
}
