package fieldmap

import (
	"time"

	"fyne.io/fyne/v2"
)

// edgeZone is how near to the view's edge a held connection scrolls it, and
// edgeFastest how fast, in pixels a second.
const (
	edgeZone    float32 = 40
	edgeFastest float32 = 900
)

// edgeSpeed is how fast the view scrolls, in pixels a second, while the pointer
// is at y: faster the nearer to the edge, and the fastest outside.
func edgeSpeed(y, top, bottom float32) float32 {
	zone := min(edgeZone, (bottom-top)/4)
	if zone <= 0 {
		return 0
	}
	switch {
	case y < top+zone:
		return -edgeFastest * min((top+zone-y)/zone, 1)
	case y > bottom-zone:
		return edgeFastest * min((y-bottom+zone)/zone, 1)
	}
	return 0
}

// edgeScroll moves the view for as long as the pointer rests at its edge, when
// no further events come.
type edgeScroll struct {
	step      func(dy float32)
	speed     float32
	last      time.Time
	animation *fyne.Animation
}

// run scrolls with this speed from now on; 0 stops.
func (e *edgeScroll) run(speed float32) {
	e.speed = speed
	switch {
	case speed == 0 && e.animation != nil:
		e.animation.Stop()
		e.animation = nil
	case speed != 0 && e.animation == nil:
		e.last = time.Now()
		e.animation = &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever, Curve: fyne.AnimationLinear, Tick: e.tick}
		e.animation.Start()
	}
}

func (e *edgeScroll) tick(float32) {
	now := time.Now()
	dy := e.speed * float32(now.Sub(e.last).Seconds())
	if dy > -1 && dy < 1 {
		return // less than a pixel: the time adds up
	}
	e.last = now
	e.step(dy)
}
