package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
)

// Where a person's app has HubSpot's webhooks journal, a pull of changes begins with it
// instead of a search: it tells of archives, merges, restores and associations too.
// What it tells becomes notices (see store.Notice), kept in one commit with the place to
// which it was read, so that nothing is lost or told twice by a process that dies. It says
// only what is to be read. Where it lacks something (it keeps three days), what changed
// is searched, and all records and associations are read once.

// journalSpare is how long before HubSpot drops what it has the journal counts as read
// too late.
const journalSpare = time.Hour

// followJournal reads the journal to its end. What goes wrong with it is no reason
// to stop: a search finds the changes.
func (j *job) followJournal(ctx context.Context) error {
	j.byJournal, j.journalGap = false, false
	if j.Journal == nil || j.making || j.Definition.Deliver != nil {
		return nil
	}
	err := j.readJournal(ctx)
	var he *hubspot.Error
	var oe *hubspot.OAuthError
	var lost *hubspot.TransportError
	switch {
	case err == nil, ctx.Err() != nil:
		return err
	case errors.Is(err, store.ErrJournalMoved):
		return nil // what another process read is there, and a search finds the rest
	case errors.As(err, &he), errors.As(err, &oe), errors.As(err, &lost), hubspot.IsNoToken(err):
		j.note("HubSpot’s webhooks journal could not be read, so that changes were searched: %s.", strings.TrimSuffix(strings.TrimPrefix(err.Error(), "hubspot: "), "."))
		return nil
	}
	return err
}

// journalTypes are the object types of which this job wants to be told, each with
// those of which associations matter.
func (j *job) journalTypes() map[string][]string {
	types := make(map[string][]string)
	if j.Definition.Associate == nil {
		types[j.sync.Object] = nil
	}
	for _, l := range j.lines {
		if l.list == nil {
			types[l.fromT.ID] = append(types[l.fromT.ID], l.toT.ID)
		}
	}
	return types
}

func (j *job) readJournal(ctx context.Context) error {
	portal := j.sync.PortalID
	was, err := j.Store.Journal(ctx, portal)
	if err != nil {
		return err
	}
	now := j.Client.Date()
	state := store.Journal{Place: was.Place, Read: was.Read, Types: maps.Clone(was.Types)}
	if state.Types == nil {
		state.Types = make(map[string]store.JournalTelling)
	}
	first := len(was.Types) == 0
	if err := j.subscribe(ctx, state.Types, now); err != nil {
		return err
	}
	late := !first && now.Sub(was.Read) > hubspot.JournalKept-journalSpare
	if first {
		if state.Place, err = j.Journal.JournalLatest(ctx, portal); err != nil {
			return err
		}
		state.Read = now
		if err := j.Store.KeepJournal(ctx, portal, was, state, nil); err != nil {
			return err
		}
	}
	strange := 0
	for !late {
		f, err := j.Journal.JournalNext(ctx, portal, state.Place)
		if hubspot.IsNotFound(err) {
			late = true
			break
		}
		if err != nil {
			return err
		}
		if f == nil {
			break
		}
		j.at("journal-fetched")
		strange += f.Strange
		before := state
		if state.Place = f.Offset; f.Strange > 0 {
			tellAnew(&state, now) // in the commit of the place, or nobody would know of them after a death
		}
		if err := j.Store.KeepJournal(ctx, portal, before, state, noticesOf(f.Events, portal)); err != nil {
			return err
		}
		j.at("journal-page")
	}
	before := state
	if late {
		tellAnew(&state, now)
		if state.Place, err = j.Journal.JournalLatest(ctx, portal); err != nil {
			return err
		}
		j.note("HubSpot’s webhooks journal was last read too long ago: it keeps three days. What changed is searched, and everything is read once.")
	}
	if strange > 0 {
		j.note("HubSpot’s webhooks journal has %d entries that can't be read: what changed is searched, and everything is read once.", strange)
	}
	state.Read = now
	if err := j.Store.KeepJournal(ctx, portal, before, state, nil); err != nil {
		return err
	}
	since := int64(0) // from when on all is told that this job needs
	for object := range j.journalTypes() {
		since = max(since, state.Types[object].Since)
	}
	if mark := j.sync.Watermark; !mark.IsZero() {
		j.byJournal = !j.filtered() && since <= mark.Add(-overlap).UnixMilli()
		j.journalGap = since > mark.Add(overlap).UnixMilli() // also the one that another sync of the portal found
	}
	return nil
}

// tellAnew notes that the journal tells everything from now on only.
func tellAnew(state *store.Journal, now time.Time) {
	for object, t := range state.Types {
		t.Since = after(now)
		state.Types[object] = t
	}
}

// after is a time of HubSpot's that surely comes after what its clock showed: it shows
// whole seconds.
func after(now time.Time) int64 { return now.Add(2 * time.Second).UnixMilli() }

// subscribe has the journal tell of the object types that this job needs and that it
// does not tell of yet.
func (j *job) subscribe(ctx context.Context, types map[string]store.JournalTelling, now time.Time) error {
	need := j.journalTypes()
	for _, object := range slices.Sorted(maps.Keys(need)) {
		t, told := types[object]
		with := slices.Concat(t.With, need[object])
		slices.Sort(with)
		with = slices.Compact(with)
		if told && len(with) == len(t.With) {
			continue
		}
		if err := j.Journal.SubscribeJournal(ctx, j.sync.PortalID, object, with); err != nil {
			return err
		}
		if !told {
			t.Since = after(now)
		}
		t.With = with
		types[object] = t
	}
	return nil
}

// noticesOf are what events say of a portal: the journal is of all portals that the app
// is installed in.
func noticesOf(events []hubspot.JournalEvent, portal int64) []store.Notice {
	var all []store.Notice
	for _, e := range events {
		switch {
		case e.PortalID != portal:
			continue
		case e.Other != "":
			all = append(all, store.Notice{Object: e.Object, Record: e.ID, Edges: true}, store.Notice{Object: e.OtherObject, Record: e.Other, Edges: true})
		default:
			all = append(all, store.Notice{Object: e.Object, Record: e.ID})
		}
		for _, id := range e.Merged {
			all = append(all, store.Notice{Object: e.Object, Record: id})
		}
	}
	return all
}

// changedByJournal decides whether what the journal told is read, or all records because
// that takes fewer calls.
func (j *job) changedByJournal(ctx context.Context, records int) error {
	n, err := j.Store.NoticedCount(ctx, j.sync.PortalID, j.sync.Object, j.sync.Noticed, j.noticed)
	j.full = n > records
	return err
}

// pullTold reads what the journal told of, and what is known not to be as it was
// observed.
func (j *job) pullTold(ctx context.Context) error {
	recent, err := j.Store.RecentRecords(ctx, j.sync.ID, j.mark, j.mark)
	if err != nil {
		return err
	}
	return j.readAgain(ctx, recent.Moved, j.seeAll)
}
