package engine

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// team does several pieces of work at once, at most so many as a bound that
// changes while they are done. The group ends with the first error.
type team struct {
	group *errgroup.Group
	most  func() int

	mu    sync.Mutex
	busy  int
	freed chan struct{} // tells the one who waits that a place is free
}

func newTeam(group *errgroup.Group, most func() int) *team {
	return &team{group: group, most: most, freed: make(chan struct{}, 1)}
}

// do waits for a place and has work done there. One goroutine may call it. An
// error is that of the context, and the work is not done then.
func (t *team) do(ctx context.Context, work func() error) error {
	for !t.take() {
		select {
		case <-t.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	t.group.Go(func() error {
		defer t.leave()
		return work()
	})
	return nil
}

func (t *team) take() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy >= t.most() {
		return false
	}
	t.busy++
	return true
}

func (t *team) leave() {
	t.mu.Lock()
	t.busy--
	t.mu.Unlock()
	select {
	case t.freed <- struct{}{}:
	default:
	}
}
