package app

import (
	"context"
	"fmt"
	"time"

	"syncline/store"
)

// tidyPause is the time between two slices of what goes: work under way comes
// first.
const tidyPause = 20 * time.Millisecond

// tidyEvery is how often a program that stays open looks for what goes.
const tidyEvery = time.Hour

// startTidying begins to drop, in the background and in small slices, what the
// rules of how long things are kept let go.
func (a *App) startTidying() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.stopTidying = func() { cancel(); <-done }
	a.tidyNow = make(chan struct{}, 1)
	go func() {
		defer close(done)
		for {
			wait := tidyPause
			if more, err := a.Store.Tidy(ctx); err != nil || !more {
				a.logFailure("tidying the workspace", err)
				wait = tidyEvery
			}
			pause := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				pause.Stop()
				return
			case <-a.tidyNow:
			case <-pause.C:
			}
			pause.Stop()
		}
	}()
}

// Keeping says how long the workspace keeps what no sync needs any more.
type Keeping = store.Keeping

// Size is what the workspace takes on the disk.
type Size = store.Size

// Keeping are the rules of how long this workspace keeps what no sync needs.
func (a *App) Keeping(ctx context.Context) (Keeping, error) { return a.Store.Keeping(ctx) }

// SetKeeping changes these rules, and begins to carry them out.
func (a *App) SetKeeping(ctx context.Context, k Keeping) error {
	if err := a.Store.SetKeeping(ctx, k); err != nil {
		return err
	}
	select {
	case a.tidyNow <- struct{}{}:
	default:
	}
	return nil
}

// LosesUndo counts the runs that could be undone no more if it were kept for so
// many days what runs wrote.
func (a *App) LosesUndo(ctx context.Context, days int) (int, error) {
	return a.Store.GoingChanges(ctx, days)
}

// Size measures the workspace.
func (a *App) Size(ctx context.Context) (Size, error) { return a.Store.Size(ctx) }

// rowsGone says why the rows of a plan are not there.
func (a *App) rowsGone(ctx context.Context, planID string) string {
	wrote := "What its run wrote is still there"
	if gone, err := a.Store.LetGoOf(ctx, planID); err != nil || gone {
		wrote = "What its run wrote is kept no longer either"
	}
	k, err := a.Store.Keeping(ctx)
	if err != nil || k.PlanRows == 0 {
		return "The rows of this plan are kept no longer. " + wrote + "."
	}
	return fmt.Sprintf("The rows of a plan are kept for %d days after it was made, and those of this one are gone. %s: see Settings.", k.PlanRows, wrote)
}

// changesGone says why it can't be told what a run wrote.
const changesGone = "What this run wrote, field by field, is kept no longer, by the rule in Settings: it can’t be undone, and neither its changes nor its operations nor what was read back is listed. How many rows became what is as it was counted then."
