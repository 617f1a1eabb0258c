package runs

import "syncline/ui/shell"

// room is the room of the window.
func (b *bench) room() *Room { return b.W.ScreenOf(shell.PlaceRuns).(*runs).w }
