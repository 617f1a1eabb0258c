// Package post carries news from worker goroutines to the UI goroutine without
// flooding it.
package post

import (
	"context"
	"sync/atomic"
	"time"
)

// Func runs f on the UI goroutine, some time later. It is fyne.Do in the
// program and a queue the test drains in tests. It must not wait for f.
type Func func(f func())

// Pump shows the newest value at most once per interval; older values that
// nobody has seen yet are dropped. A worker may call Set millions of times.
//
// The zero Pump is not usable; see [NewPump]. Set and Flush may be called from
// any goroutine.
type Pump[T any] struct {
	latest atomic.Pointer[T]
	post   Func
	show   func(T)
}

// NewPump makes a pump that hands values to show through post.
func NewPump[T any](post Func, show func(T)) *Pump[T] {
	return &Pump[T]{post: post, show: show}
}

// Set makes v the newest value.
func (p *Pump[T]) Set(v T) { p.latest.Store(&v) }

// Flush posts the newest value now, if it has not been shown yet.
func (p *Pump[T]) Flush() {
	if v := p.latest.Swap(nil); v != nil {
		p.post(func() { p.show(*v) })
	}
}

// Run flushes every interval until ctx ends; run it on a goroutine of its own.
// It does not flush at the end, because the window may be gone by then: whoever
// ends the work while the window lives calls Flush for the last value.
func (p *Pump[T]) Run(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			p.Flush()
		}
	}
}
