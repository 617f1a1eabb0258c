package shell

import "context"

// Turns counts questions of one kind of which only the answer to the newest is
// wanted. It is used on the UI thread only.
type Turns struct{ n int }

// Drop makes void what was asked so far: its answer, or its error, comes to nothing.
func (t *Turns) Drop() { t.n++ }

// LoadNewest is Load for a question that the next of its kind makes void: an answer
// that comes after another was asked for, or after t was dropped, is not shown, nor
// is its error.
func LoadNewest[T any](in Host, t *Turns, work func(context.Context) (T, error), show func(T), fail func(error)) {
	t.Drop()
	mine := t.n
	Load(in, work, func(v T) {
		if mine == t.n {
			show(v)
		}
	}, func(err error) {
		switch {
		case mine != t.n:
		case fail != nil:
			fail(err)
		default:
			in.frame().Fail(err)
		}
	})
}
