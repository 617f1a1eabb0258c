package engine

import (
	"context"

	"syncline/store"
)

// HubSpot may tell which records changed, by its webhooks journal or a webhook (see
// store.Notice). That says only which ones are to be read: a notice that is lost, comes
// twice or late changes nothing of what is decided, and the reading of all records stays.

const (
	noticePage = 10 * listPage
	// edgeNotices is of how many records it is remembered that an association changed. Beyond
	// it all associations are compared.
	edgeNotices = 100_000
)

// pullNoticed reads the records that HubSpot told of since the last run.
func (j *job) pullNoticed(ctx context.Context) error {
	for beyond := j.sync.Noticed; ; {
		ids, last, err := j.Store.Noticed(ctx, j.sync.PortalID, j.sync.Object, false, beyond, j.noticed, noticePage)
		if err != nil || len(ids) == 0 {
			return err
		}
		beyond = last
		if ids, err = j.Store.NotSeenBy(ctx, j.sync.ID, j.pull, ids); err != nil {
			return err
		}
		if err := j.readAgain(ctx, ids, j.seeFound); err != nil {
			return err
		}
		j.at("noticed-page")
	}
}

// noticed notes the records of which HubSpot told since the last run that an
// association changed.
func (e *edgePlanner) noticed(ctx context.Context) error {
	e.told = make(map[string]bool)
	of := make(map[string]bool)
	for _, l := range e.lines {
		if e.sweep || of[l.fromT.ID] {
			continue
		}
		of[l.fromT.ID] = true
		for beyond := e.sync.Noticed; !e.sweep; {
			ids, last, err := e.Store.Noticed(ctx, e.sync.PortalID, l.fromT.ID, true, beyond, e.job.noticed, noticePage)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			beyond = last
			for _, id := range ids {
				e.told[id] = true
			}
			e.sweep = len(e.told) > edgeNotices
		}
	}
	e.summary.EdgesCompared = e.sweep
	return nil
}

// toldOf reports whether HubSpot told that an association changed of a record that a
// row's associations begin at.
func (e *edgePlanner) toldOf(pg *edgePage, r *store.RowSeen) bool {
	if len(e.told) == 0 {
		return false
	}
	for _, w := range pg.wants[r.Key] {
		if e.told[pg.from(w, r.Key).record] {
			return true
		}
	}
	for _, b := range pg.base[r.Key] {
		if e.told[b.From] {
			return true
		}
	}
	return false
}
