package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// An undo finds what became of the pairs that a run wrote to: a row may have another key by
// now, a record another row, and either may be on its own. What can't be told stays as it is,
// and is said.

// undonePair is what became of a row and a record since the run that is undone.
type undonePair struct {
	link store.Link // the pair whose base what is undone belongs to; ID 0: there is none
	row  string     // the key of the row by now
	away string     // why the record is not written, "" where it is
	lost string     // why the row is not, "" where it is
}

// knownBy finds out whether the rows of the source are known by the same columns as when the
// run wrote, and as when the last run gave the pairs their keys.
func (u *undoer) knownBy(ctx context.Context, runID string) error {
	key, err := u.keyOf(ctx, runID)
	if err != nil || key == nil || slices.Equal(key, u.Definition.Source.Key) {
		return err
	}
	u.keyMoved = fmt.Sprintf("the rows of the source are known by %s since, and were by %s when this run wrote to them: which row it was can't be told, so its cells stay",
		quoted(u.Definition.Source.Key), quoted(key))
	runs, err := u.Store.Runs(ctx, u.sync.ID, 20)
	if err != nil {
		return err
	}
	last := slices.IndexFunc(runs, func(r store.Run) bool { return r.Kind == plan.KindRun && r.State == plan.RunDone })
	if last < 0 {
		return nil
	}
	now, err := u.keyOf(ctx, runs[last].ID)
	u.linkedBy = now != nil && slices.Equal(now, u.Definition.Source.Key)
	return err
}

// missing is an error that is more than that something is kept no longer.
func missing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// keyOf returns the columns by which a run knew the rows of the source, nil where that is not
// known any more.
func (j *job) keyOf(ctx context.Context, runID string) ([]string, error) {
	run, err := j.Store.Run(ctx, runID)
	if err != nil {
		return nil, err
	}
	pl, err := j.Store.Plan(ctx, run.PlanID)
	if err != nil {
		return nil, missing(err)
	}
	summary, err := summaryOf(pl)
	if err != nil || summary.Document == "" {
		return nil, err
	}
	text, err := j.Store.Document(ctx, summary.Document)
	if err != nil {
		return nil, missing(err)
	}
	d, err := definition.Parse([]byte(text), j.Definition.Path)
	if err != nil {
		return nil, nil //nolint:nilerr // of a grammar that is no more: nothing is known of it
	}
	return d.Source.Key, nil
}

// became tells what became of the pairs of trails.
func (u *undoer) became(ctx context.Context, trails []store.Trail) error {
	var records, keys []string
	for _, t := range trails {
		keys = append(keys, t[0].RowKey)
		if t[0].RecordID != "" {
			records = append(records, t[0].RecordID)
		}
	}
	links, err := u.Store.LinksNow(ctx, u.sync.ID, records, keys)
	if err != nil {
		return err
	}
	if u.rows = nil; u.read {
		for _, l := range links.ByRecord {
			keys = append(keys, l.RowKey)
		}
		if u.rows, err = u.Store.RowsSeen(ctx, u.sync.ID, keys); err != nil {
			return err
		}
	}
	u.pairs = make(map[int64]undonePair, len(trails))
	u.strays = make(map[string]undonePair)
	for _, t := range trails {
		p := u.pairNow(t[0], links)
		if t[0].LinkID == 0 {
			u.strays[strayOf(t[0])] = p
		} else {
			u.pairs[t[0].LinkID] = p
		}
	}
	return nil
}

func strayOf(a store.Audit) string { return a.RowKey + "\x00" + a.RecordID }

// of is what became of the pair that an entry of the audit trail is about.
func (u *undoer) of(a store.Audit) undonePair {
	p, ok := u.pairs[a.LinkID]
	if a.LinkID == 0 {
		p, ok = u.strays[strayOf(a)]
	}
	if !ok {
		p.row = a.RowKey // what was delivered is no pair
	}
	return p
}

func (u *undoer) pairNow(a store.Audit, links store.Links) undonePair {
	p := undonePair{row: a.RowKey, lost: u.keyMoved}
	row, byRow := links.ByRow[a.RowKey]
	l, linked := links.ByRecord[a.RecordID]
	linked = linked && a.RecordID != ""
	_, stands := u.rows[a.RowKey]
	switch {
	case linked && l.RowKey == a.RowKey:
		p.link = l
	case linked && l.ID == a.LinkID && (!stands || u.keyMoved != "" && u.linkedBy):
		p.link, p.row = l, l.RowKey // the row goes on under another key
		if u.linkedBy {
			p.lost = ""
		}
	case linked:
		p.link, p.row = l, l.RowKey
		p.lost = fmt.Sprintf("its record goes on with the row %s since: the cells of the row %s stay", l.RowKey, a.RowKey)
	case byRow:
		p.link = row
		if row.RecordID != "" {
			p.away = fmt.Sprintf("the row goes on with the record %s since: this record stays as it is", row.RecordID)
		}
	}
	return p
}

// whole reports whether a row and a record are one pair still, whatever the row's key.
func (p undonePair) whole(recordID string) bool { return recordID != "" && p.link.RecordID == recordID }
