package post_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/ui/post"
)

// queue is a poster that keeps the functions until the test runs them, as the
// UI goroutine would.
type queue struct {
	mu sync.Mutex
	fs []func()
}

func (q *queue) post(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fs = append(q.fs, f)
}

func (q *queue) drain() int {
	q.mu.Lock()
	fs := q.fs
	q.fs = nil
	q.mu.Unlock()
	for _, f := range fs {
		f()
	}
	return len(fs)
}

func TestPumpShowsTheNewestValueOncePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		var shown []int
		p := post.NewPump(q.post, func(v int) { shown = append(shown, v) })
		ctx, cancel := context.WithCancel(t.Context())
		go p.Run(ctx, 100*time.Millisecond)

		for i := range 1000 {
			p.Set(i)
		}
		time.Sleep(150 * time.Millisecond) // virtual time: one tick passes
		synctest.Wait()
		if n := q.drain(); n != 1 || len(shown) != 1 || shown[0] != 999 {
			t.Fatalf("posted %d, shown %v; want one post of 999", n, shown)
		}

		time.Sleep(time.Second)
		synctest.Wait()
		if n := q.drain(); n != 0 {
			t.Fatalf("posted %d times without news", n)
		}

		p.Set(7)
		cancel()
		synctest.Wait()
		if n := q.drain(); n != 0 {
			t.Fatalf("posted %d times after the end", n)
		}
		p.Flush()
		q.drain()
		if shown[len(shown)-1] != 7 {
			t.Fatalf("shown %v; Flush must show the last value", shown)
		}
	})
}

func TestPumpKeepsAPostedValueWhenANewerOneComes(t *testing.T) {
	var q queue
	var shown []string
	p := post.NewPump(q.post, func(v string) { shown = append(shown, v) })
	p.Set("first")
	p.Flush()
	p.Set("second")
	q.drain()
	p.Flush()
	q.drain()
	if len(shown) != 2 || shown[0] != "first" || shown[1] != "second" {
		t.Errorf("shown %q", shown)
	}
}
