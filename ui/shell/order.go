package shell

import "context"

// Order is a queue of works each of which begins when the one before it has
// ended, and shows what came of it after that one did. It is used on the UI
// thread only.
type Order struct {
	last  chan struct{} // closed when the newest of them has posted what came of it
	under int           // of them, those that did not show yet what came of them
	lost  int           // of them, those that came to nothing
}

// InOrder is Load for what a person decides, changes or puts in order: it is done
// in the order in which it was asked for, and shown in that order. WhenKept waits
// for it.
func InOrder[T any](in Host, work func(context.Context) (T, error), show func(T), fail func(error)) {
	InOwnOrder(in, &in.frame().order, work, show, fail)
}

// InOwnOrder is InOrder in a queue that nothing else waits for, for work that may
// take as long as another machine lets it.
func InOwnOrder[T any](in Host, o *Order, work func(context.Context) (T, error), show func(T), fail func(error)) {
	w := in.frame()
	before, done := o.last, make(chan struct{})
	o.last = done
	o.under++
	load(w, func(ctx context.Context) (T, error) {
		if before != nil {
			<-before
		}
		return work(ctx)
	}, func(v T) {
		o.under--
		show(v)
	}, func(err error) {
		o.under--
		o.lost++
		if fail == nil {
			fail = w.Fail
		}
		fail(err)
	}, func() { close(done) })
}

// WhenKept goes on with then as soon as everything is kept that was asked for in
// order: what is planned or written next must see it. Where something could not be
// kept, which was said then, it does not go on.
func (w *Window) WhenKept(then func()) {
	w.Settled(func(kept bool) {
		if kept {
			then()
		}
	})
}

// Settled calls then when everything that was asked for in order is done, with
// whether all of it could be kept; at once where nothing is under way.
func (w *Window) Settled(then func(kept bool)) {
	if w.order.under == 0 {
		then(true)
		return
	}
	lost := w.order.lost
	InOrder(w, func(context.Context) (struct{}, error) { return struct{}{}, nil }, func(struct{}) { then(lost == w.order.lost) }, nil)
}

// LoadKept is LoadNewest of what people decide and change: it is read when
// everything is done that was asked for in order, and so shows it.
func LoadKept[T any](in Host, t *Turns, work func(context.Context) (T, error), show func(T), fail func(error)) {
	t.Drop() // no older answer is shown meanwhile
	in.frame().Settled(func(bool) { LoadNewest(in, t, work, show, fail) })
}
