package shell

import (
	"time"

	"syncline/ui/post"
)

// Follow shows how far work is that goes on by itself, ten times a second, and once
// more at its end; ended is called after that, on the UI thread too. When the window
// goes it ends by itself.
func Follow[T any](in Host, done <-chan struct{}, snapshot func() T, show func(T), ended func()) {
	w := in.frame()
	pump := post.NewPump(w.Post, show)
	w.Background(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				pump.Set(snapshot())
				pump.Flush()
			case <-done:
				if w.Ctx.Err() == nil {
					pump.Set(snapshot())
					pump.Flush()
					w.Post(ended)
				}
				return
			}
		}
	})
}
