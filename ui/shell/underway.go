package shell

import "slices"

// UnderWay is work that goes on while other screens are in front.
type UnderWay struct {
	Key    string // the definition, the undone run or the set's document
	Title  string // what is done, for Home
	OfSet  bool   // it is a set's
	Screen Screen // where it is shown
}

// WorkBegun notes work that has begun; it is under way until workEnded.
func (w *Window) WorkBegun(u UnderWay) { w.atWork = append(w.atWork, u) }

// WorkEnded notes that work is over.
func (w *Window) WorkEnded(key string) {
	w.atWork = slices.DeleteFunc(w.atWork, func(u UnderWay) bool { return u.Key == key })
}

// UnderWay is all work under way, in the order in which it began.
func (w *Window) UnderWay() []UnderWay { return slices.Clone(w.atWork) }

// WorkOf is the work with a key, false where none is under way.
func (w *Window) WorkOf(key string) (UnderWay, bool) {
	i := slices.IndexFunc(w.atWork, func(u UnderWay) bool { return u.Key == key })
	if i < 0 {
		return UnderWay{}, false
	}
	return w.atWork[i], true
}
