package engine

import (
	"context"
	"strings"
	"sync"

	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// takenBack is what the undos that come before this one take back: it keeps no
// record from being archived, because it is gone when that one's turn comes.
type takenBack struct {
	once  sync.Once
	err   error
	gone  map[string]bool // records that are archived, by object type and id
	pairs map[string]takenPair
}

// takenPair is what is taken back between two records.
type takenPair struct {
	labels int
	whole  bool // nothing joined them before
}

// takenBack reads the plans of the undos that come before, once.
func (j *job) takenBack(ctx context.Context) (*takenBack, error) {
	t := &j.before
	t.once.Do(func() { t.err = j.readTakenBack(ctx, t) })
	return t, t.err
}

func (j *job) readTakenBack(ctx context.Context, t *takenBack) error {
	t.gone, t.pairs = make(map[string]bool), make(map[string]takenPair)
	for _, id := range j.UndoneFirst {
		pl, err := j.Store.Plan(ctx, id)
		if err != nil {
			return err
		}
		y, err := j.Store.Sync(ctx, pl.SyncID)
		if err != nil {
			return err
		}
		for it, err := range j.Store.Items(ctx, id) {
			if err != nil {
				return err
			}
			if !it.Excluded {
				t.add(y.Object, it)
			}
		}
	}
	return nil
}

func (t *takenBack) add(object string, it plan.Item) {
	if it.Kind == plan.ItemArchive {
		t.gone[object+" "+it.RecordID] = true
	}
	for _, e := range it.Edits {
		if !e.Dissociates() {
			continue
		}
		key := pairKey(object, it.RecordID, e.Edge.Object, e.Edge.Record)
		p := t.pairs[key]
		p.whole = p.whole || e.Edge.Pair
		if e.Edge.Label != "" && !primaryType(e.Edge.Label) {
			p.labels++
		}
		t.pairs[key] = p
	}
}

// pairKey names two records in whichever order they are told.
func pairKey(fromObject, from, toObject, to string) string {
	a, b := fromObject+" "+from, toObject+" "+to
	if a > b {
		a, b = b, a
	}
	return strings.Join([]string{a, b}, " ")
}

// all reports whether nothing joins two records any more once the undos before
// are carried out. Labels are counted: from the other end they have other ids.
func (t *takenBack) all(fromObject, toObject string, e hubspot.Edge) bool {
	if t.gone[toObject+" "+e.To] {
		return true
	}
	p, ok := t.pairs[pairKey(fromObject, e.From, toObject, e.To)]
	if !ok || !p.whole {
		return false
	}
	labels := 0
	for _, x := range e.Types {
		if x.Label != "" && !primaryType(x.Label) {
			labels++
		}
	}
	return labels <= p.labels
}
