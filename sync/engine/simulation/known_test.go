package simulation_test

import (
	"os"
	"slices"
	"strings"
)

// way is something that may happen in a world.
type way struct {
	name string
	open string // why it can't be judged or met yet; "" = it can, and it happens
}

// known are the ways of the world that are not met yet, each with what is open.
// A world keeps away from them until it is closed, so that everything else is
// proved meanwhile. SYNCLINE_SIM_WITH names ways (separated by commas, or
// "all") that happen nevertheless.
var known = []way{
	{"edit HubSpot during a run", ""},
	{"edit the file during a run", ""},
	{"short pages", ""},
	{"newest", ""},
	{"re-key a row", ""},
	{"archive gone rows", ""},
	{"skip a conflict", ""},
	{"merge records", ""},
	{"delete or mark rows", ""},
	{"mark records", ""},
	{"partial undo", ""},
	{"redo", ""},
	{"restore records", ""},
	{"restore rows", ""},
	{"archived records keep their unique values", ""},
	{"edit what is being archived", ""},
	{"touch what an undo archives", ""},
	{"refused sync key", ""},
	{"undo", ""},
	{"stored plans", ""},
	{"faults", ""},
	{"zombies", ""},
	{"crashes", ""},
	{"clocks", ""},
	{"same addresses", ""},
	{"create in the source", ""},
	{"lagging search", ""},
	{"clears", ""},
	{"tables", ""},
	{"changes only", ""},
	{"corrections", ""},
	{"long pauses", ""},
	{"narrow limits", ""},
}

// happens reports whether a way of the world is met, and may happen.
func happens(name string) bool {
	with := strings.Split(os.Getenv("SYNCLINE_SIM_WITH"), ",")
	without := strings.Split(os.Getenv("SYNCLINE_SIM_WITHOUT"), ",")
	for _, w := range known {
		if w.name != name {
			continue
		}
		if slices.Contains(without, name) {
			return false
		}
		return w.open == "" || slices.Contains(with, name) || with[0] == "all"
	}
	panic("no way of the world is called " + name)
}

// always reports whether a way that only some worlds go is forced upon all, by
// SYNCLINE_SIM_ALWAYS.
func always(name string) bool {
	return slices.Contains(strings.Split(os.Getenv("SYNCLINE_SIM_ALWAYS"), ","), name)
}
