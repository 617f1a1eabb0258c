package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Merger merges records at a person's word, by the same protocol as every other write: read fresh,
// still as it was shown, intent kept, sent, outcome kept. HubSpot takes no merge back, so what both
// records held is kept with it. Rows that belong to one of them follow in their sync's next run, as
// they follow a merge that somebody made in HubSpot.
type Merger struct {
	Store      *store.Store
	Client     *hubspot.Client
	PortalID   int64
	Object     hubspot.ObjectType
	Properties []record.Property // all that there are, to be kept
	Person     string
	Now        func() time.Time // nil is time.Now
	At         func(point string)
}

// ErrMoved says that records are not as they were shown, so that nothing was done.
var ErrMoved = errors.New("one of the two was changed since it was shown, and nothing was merged: look again")

func (m *Merger) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

func (m *Merger) at(point string) {
	if m.At != nil {
		m.At(point)
	}
}

// Pair reads two records with all their properties. One that was merged into another by now, or is
// gone, is an error.
func (m *Merger) Pair(ctx context.Context, kept, gone string) (a, b record.Record, err error) {
	names := make([]string, 0, len(m.Properties))
	for _, p := range m.Properties {
		names = append(names, p.Name)
	}
	read, err := m.Client.BatchRead(ctx, m.Object.Path(), hubspot.BatchReadRequest{IDs: []string{kept, gone}, Properties: names})
	if err != nil {
		return a, b, err
	}
	byID := make(map[string]record.Record, 2)
	for _, r := range read.Records {
		byID[r.ID] = r
	}
	var ok, also bool
	a, ok = byID[kept]
	b, also = byID[gone]
	if !ok || !also {
		return a, b, fmt.Errorf("one of the two is no longer there: it was archived, or merged already")
	}
	return a, b, nil
}

// Merge merges the record b into a, whose values win, if both are as a person was shown them. While
// a merge of one of them without an answer may still take effect, none is sent.
func (m *Merger) Merge(ctx context.Context, a, b record.Record) (op store.Merge, err error) {
	if _, err := m.Settle(ctx); err != nil {
		return op, err
	}
	err = m.Client.Unit(ctx, m.Object.Path(), 2, func(ctx context.Context) error {
		op, err = m.breath(ctx, a, b)
		return err
	})
	if op.ID != 0 && hubspot.Unknown(err) && !hubspot.IsStale(err) {
		err = fmt.Errorf("HubSpot did not answer, so it is not known yet whether the two were merged: %w", err)
		if found := m.look(context.WithoutCancel(ctx), &op); found != nil {
			return op, errors.Join(err, found)
		}
		if op.State == plan.OpDone {
			err = nil
		}
	}
	return op, err
}

// breath reads both records and merges them if they are as they were shown, with no more than a
// round trip in between.
func (m *Merger) breath(ctx context.Context, a, b record.Record) (store.Merge, error) {
	op := store.Merge{PortalID: m.PortalID, Object: m.Object.ID, Kept: a.ID, Gone: b.ID, Person: m.Person}
	nowA, nowB, err := m.Pair(ctx, a.ID, b.ID)
	if err != nil {
		return op, err
	}
	if !m.same(a, nowA) || !m.same(b, nowB) {
		return op, ErrMoved
	}
	op.KeptBefore, op.GoneBefore = store.Texts(nowA.Properties), store.Texts(nowB.Properties)
	op.Began = m.now()
	if err := m.Store.BeginMerge(ctx, &op); err != nil {
		return op, m.refused(err)
	}
	m.at("merge-intent")
	survivor, err := m.Client.Merge(ctx, m.Object.Path(), a.ID, b.ID)
	m.at("merge-sent")
	if err != nil && hubspot.Unknown(err) && !hubspot.IsStale(err) {
		return op, err // the intent stays until it is known
	}
	op.Ended = m.now()
	if err != nil {
		op.State, op.Err = plan.OpFailed, err.Error()
	} else {
		op.State, op.Survivor = plan.OpDone, survivor.ID
	}
	return op, errors.Join(err, m.Store.EndMerge(context.WithoutCancel(ctx), op))
}

// same reports whether what people can write of a record is as it was. What HubSpot
// works out by itself changes all the time.
func (m *Merger) same(was, now record.Record) bool {
	for _, p := range m.Properties {
		if p.Writable() && was.Properties[p.Name].String() != now.Properties[p.Name].String() {
			return false
		}
	}
	return true
}

// Settle finds out what became of merges whose answers never came, and returns those that it could
// settle.
func (m *Merger) Settle(ctx context.Context) ([]store.Merge, error) {
	open, err := m.Store.Merges(ctx, m.PortalID, m.Object.ID, true)
	if err != nil {
		return nil, err
	}
	var settled []store.Merge
	for i := range open {
		if err := m.look(ctx, &open[i]); err != nil {
			return settled, err
		}
		if open[i].State != plan.OpSent {
			settled = append(settled, open[i])
		}
	}
	return settled, nil
}

// refused says of a merge that another one stands in its way how long to wait for that.
func (m *Merger) refused(err error) error {
	var open *store.MergeOpenError
	if !errors.As(err, &open) {
		return err
	}
	left := max(1, int((landsLater-m.now().Sub(open.Began)+time.Minute-1)/time.Minute))
	minutes := fmt.Sprintf("%d minutes", left)
	if left == 1 {
		minutes = "a minute"
	}
	return fmt.Errorf("nothing was merged: HubSpot did not answer when the records %s and %s were to be merged, and it is not known yet whether they were: wait %s, and look again", open.Kept, open.Gone, minutes)
}

// look asks HubSpot what became of a merge. Records that are not one may be merged by a request that
// is under way: that is settled when it can't be any more.
func (m *Merger) look(ctx context.Context, op *store.Merge) error {
	read, err := m.Client.BatchRead(ctx, m.Object.Path(), hubspot.BatchReadRequest{IDs: []string{op.Kept, op.Gone}, Properties: []string{mapping.Merged}})
	if err != nil {
		return err
	}
	survivor := ""
	there := make(map[string]bool, 2)
	for _, r := range read.Records {
		there[r.ID] = true
		merged := strings.Split(r.Properties[mapping.Merged].String(), ";")
		if slices.Contains(merged, op.Gone) && (r.ID == op.Kept || slices.Contains(merged, op.Kept)) {
			survivor = r.ID
		}
	}
	if into := read.Moved[op.Gone]; survivor == "" && into != "" && (into == op.Kept || into == read.Moved[op.Kept]) {
		survivor = into
	}
	switch {
	case survivor != "":
		op.State, op.Survivor = plan.OpDone, survivor
	case m.now().Sub(op.Began) < landsLater:
		return nil
	default:
		op.State, op.Err = plan.OpFailed, "HubSpot did not answer, and "+whereabouts(op, there, read.Moved)
	}
	op.Ended = m.now()
	return m.Store.EndMerge(ctx, *op)
}

// whereabouts says where two records are that did not become one.
func whereabouts(op *store.Merge, there map[string]bool, moved map[string]string) string {
	if there[op.Kept] && there[op.Gone] {
		return "both records are still there"
	}
	var all []string
	for _, id := range []string{op.Kept, op.Gone} {
		switch {
		case there[id]:
			all = append(all, fmt.Sprintf("the record %s is still there", id))
		case moved[id] != "":
			all = append(all, fmt.Sprintf("the record %s was merged into %s", id, moved[id]))
		default:
			all = append(all, fmt.Sprintf("the record %s was archived or erased", id))
		}
	}
	return strings.Join(all, ", ")
}
