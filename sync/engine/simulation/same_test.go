package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// variant is a world in which people act between runs only, and the same in each
// variant: what differs is what must make no difference.
type variant struct {
	name     string
	shuffled bool // the rows of the file, the pages and the answers come in another order
	dying    bool // runs die
}

// calmed makes a nature one of a variant.
func (n *nature) calmed(v variant) {
	n.busy, n.crashes, n.zombies, n.faults, n.skew, n.short = 0, 0, false, practice.Faults{}, 0, 0
	n.options.SearchLag = nil
	if n.options.Switches.OrderedBatchResults = !v.shuffled; v.shuffled {
		n.short = 3
	}
	if v.dying {
		n.crashes = 0.6
	}
}

// tame reports whether nothing in a world hangs on when a run read it, as the newer
// of two edits does, and whether it is small enough to be lived three times.
func (w *world) tame() bool { return !w.newest && w.customers <= 20 }

// shuffle sorts the file in another way, as people do.
func (w *world) shuffle(n int) {
	s := w.read()
	r := w.rng("shuffle", strconv.Itoa(n))
	r.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
	w.save(s)
}

// live lives as a variant, and returns how both sides and Review end.
func (w *world) live(v variant) string {
	for n := range w.rounds {
		r := w.rng("round", strconv.Itoa(n))
		for range r.IntN(6) {
			w.acts++
			w.quietly(w.rng("act", strconv.Itoa(w.acts)))
		}
		time.Sleep(time.Minute)
		if v.shuffled {
			w.shuffle(n)
		}
		w.run()
		w.decide(r)
	}
	w.settle()
	return w.end()
}

// quietly lets a person do something that names its row or record in each variant.
func (w *world) quietly(r *rand.Rand) {
	pick(r, w.editCell, w.editCell, w.editCell, w.editRecord, w.editRecord, w.editRecord, w.addRow, w.addRecord, w.removeRow, w.restoreRow, w.archiveRecord)(r)
}

// end is how it ended: what each row and record holds, and what waits.
func (w *world) end() string {
	var lines []string
	for _, row := range w.ghost.present() {
		var cells []string
		for _, name := range w.header {
			cells = append(cells, row.cell(name).now())
		}
		lines = append(lines, fmt.Sprintf("row %s %q", row.key, cells))
	}
	for _, rec := range w.ghost.live() {
		var values []string
		for _, f := range w.fields {
			values = append(values, rec.cell(f.column).now())
		}
		lines = append(lines, fmt.Sprintf("record of %s %q", rec.ref(), values))
	}
	for _, c := range w.conflicts() {
		if c.State != plan.ConflictClosed {
			lines = append(lines, fmt.Sprintf("row %s %s waits: %s, %q and %q", c.RowKey, c.Property, c.Cause, c.Source, c.HubSpot))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// The order in which rows and records come makes no difference to how a world ends
// (I12), and neither does it whether runs die (I10).
func TestTheEndIsTheSameInAnyOrderAndAfterAnyDeath(t *testing.T) {
	t.Parallel()
	prepare(t)
	n := max(worlds()/10, 4)
	for s := range n {
		t.Run(strconv.FormatUint(s, 10), func(t *testing.T) {
			t.Parallel()
			want := ""
			for i, v := range []variant{{name: "as it is"}, {name: "shuffled", shuffled: true}, {name: "dying", dying: true}} {
				var w *world
				got := ""
				dir := worldDir(t)
				synctest.Test(t, func(t *testing.T) {
					w = newWorld(t, s, dir, v)
					defer w.stopReading()
					if w.tame() {
						got = w.live(v)
					}
				})
				if len(w.ghost.failed) > 0 {
					t.Errorf("seed %d, %s:\n%s", s, v.name, strings.Join(w.ghost.failed, "\n"))
				}
				if i == 0 {
					want = got
				} else if got != want {
					t.Errorf("seed %d, %s: it ends\n%s\nand without that\n%s", s, v.name, got, want)
				}
			}
		})
	}
}
