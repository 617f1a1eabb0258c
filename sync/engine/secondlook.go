package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"sync"
	"time"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// sightings are the second looks of a run that archives: what was seen a while
// ago is looked at again.
type sightings struct {
	*job
	plan plan.Plan

	mu   sync.Mutex
	last *secondSight
	at   time.Time
}

// fresh returns what the newest look found, which is not older than stale; nil
// where nothing rests on it.
func (s *sightings) fresh(ctx context.Context) (*secondSight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && s.now().Sub(s.at) < staleLook {
		return s.last, nil
	}
	before := s.now()
	last, err := s.secondLook(ctx, s.plan)
	if err == nil {
		s.last, s.at = last, before
	}
	return last, err
}

// staleLook is the age of a look at the source after which it is looked at once
// more before a record is archived: what hangs on the records is read in between,
// which takes its time when HubSpot is slow.
const staleLook = 5 * time.Second

// withdrawn is withdraw by the newest look.
func (j *job) withdrawn(ctx context.Context, pl plan.Plan, items []plan.Item, looks *sightings) ([]plan.Item, error) {
	gone, err := looks.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return j.withdraw(ctx, pl, items, gone)
}

// secondSight is what the second look at the source found of rows that had left it.
type secondSight struct {
	seed maphash.Seed
	back map[uint64]bool // of the rows asked for, by the hash of the key: whether it is there
	line int             // of a row whose key could not be read, and which may be any of them; 0: none
	// A row under another key with a match value of one asked for, or of its
	// record, may be that row: it got a new key since the first look.
	match map[uint64]uint64 // hash of a match value -> that of the key
	moved map[uint64]string // hash of the key -> the key that has its match value now
}

// found says why a row that was asked for can't be taken for gone, "" where it
// is.
func (a *secondSight) found(key string) string {
	if a == nil {
		return ""
	}
	h := a.hash(key)
	switch back, asked := a.back[h]; {
	case back:
		return "its row is back in the source, so its record stays"
	case !asked:
		return "its row was not looked for a second time, so its record stays; the next run looks"
	case a.moved[h] != "":
		return fmt.Sprintf("a row with the key %q has its match value now, so its record stays; the next run decides", a.moved[h])
	case a.line > 0:
		return fmt.Sprintf("its row was not found, but %s could not be read and may be it: the record stays", lineOr(a.line, "another row"))
	}
	return ""
}

func (a *secondSight) hash(text string) uint64 { return maphash.String(a.seed, text) }

// matching is the hash of a value of a match key.
func (a *secondSight) matching(ord int, value string) uint64 {
	return a.hash(strconv.Itoa(ord) + "\x00" + value)
}

// secondLook reads the source as a whole once more, right before anything is
// archived because its row is gone: one look at a file that was just being
// written proves nothing. nil where nothing rests on it.
func (j *job) secondLook(ctx context.Context, pl plan.Plan) (*secondSight, error) {
	if pl.Kind == plan.KindUndo {
		return nil, nil
	}
	a := newSecondSight()
	err := j.pages(ctx, pl, lookPage, func(items []plan.Item) error {
		for _, it := range items {
			if err := j.lookOut(ctx, a, it.RowKey); err != nil {
				return err
			}
		}
		return nil
	}, plan.ItemArchive)
	if err != nil || len(a.back) == 0 {
		return nil, err
	}
	return a, j.lookFor(ctx, a, pl.Pull)
}

// newSecondSight is of no row yet. Hashes hold the keys of a million rows in
// little memory; two keys that share one only keep a record too many.
func newSecondSight() *secondSight {
	return &secondSight{seed: maphash.MakeSeed(), back: make(map[uint64]bool), match: make(map[uint64]uint64), moved: make(map[uint64]string)}
}

// lookOut notes a row that is to be looked for, and by what else it would be
// known.
func (j *job) lookOut(ctx context.Context, a *secondSight, key string) error {
	h := a.hash(key)
	a.back[h] = false
	pair, err := j.Store.SeenPair(ctx, j.sync.ID, key, "")
	if err != nil {
		return err
	}
	if pair.Row != nil {
		for ord, v := range j.mapping.RowMatch(pair.Row.Raw, pair.Row.Values) {
			if v != "" {
				a.match[a.matching(ord, v)] = h
			}
		}
	}
	if pair.Record == nil {
		return nil
	}
	known, err := j.Store.MatchesOf(ctx, j.sync.ID, pair.Record.ID)
	for _, m := range known {
		a.match[a.matching(m.Ord, m.New)] = h
	}
	return err
}

// lookFor reads the source as a whole and notes which of the rows it has. pull is
// the one that missed them.
func (j *job) lookFor(ctx context.Context, a *secondSight, pull int64) error {
	for row, err := range j.Source.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		switch {
		case err != nil && !errors.As(err, &bad):
			return err
		case row.Key == "" && (bad == nil || j.concerns(bad)):
			a.line = max(row.Line, 1)
			if bad != nil {
				a.line = max(bad.Line, 1)
			}
		case row.Key != "":
			if _, ok := a.back[a.hash(row.Key)]; ok {
				a.back[a.hash(row.Key)] = true
				continue
			}
			if err := j.noteMoved(ctx, a, row, pull); err != nil {
				return err
			}
		}
	}
	j.at("second-look")
	return nil
}

// noteMoved notes a row that has a match value of one that is looked for, and
// that the pull did not see with it: what it saw has been decided about.
func (j *job) noteMoved(ctx context.Context, a *secondSight, row record.Row, pull int64) error {
	for ord, v := range j.mapping.MatchOf(row.Fields) {
		h, ok := a.match[a.matching(ord, v)]
		if !ok || v == "" {
			continue
		}
		was, err := j.Store.RowSeenBy(ctx, j.sync.ID, row.Key, pull)
		if err != nil {
			return err
		}
		if was == nil || j.mapping.RowMatch(was.Raw, was.Values)[ord] != v {
			a.moved[h] = row.Key
		}
	}
	return nil
}

// withdraw ends the items whose rows are back in the source, or may be.
func (j *job) withdraw(ctx context.Context, pl plan.Plan, items []plan.Item, gone *secondSight) ([]plan.Item, error) {
	if gone == nil {
		return items, nil
	}
	var left []plan.Item
	var outcomes []store.Outcome
	for _, it := range items {
		why := gone.found(it.RowKey)
		if why == "" {
			left = append(left, it)
			continue
		}
		o := j.outcome(pl, it)
		o.Fate, o.Reason = plan.FateSkipped, why
		outcomes = append(outcomes, o)
	}
	return left, j.finish(ctx, outcomes)
}
