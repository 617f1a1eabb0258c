package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// timeline takes rows as events. HubSpot tells events apart by an id that the sender
// gives, so that one that is sent twice is there once; and it lets an event be read
// back by it, which proves what became of one whose answer was lost.
type timeline struct{ *job }

func (t *timeline) noun() noun { return noun{"a timeline event", "timeline events"} }

// properties: no call lists what an event of a kind can hold (corrections §3), so
// that HubSpot judges tokens when the first event is sent.
func (t *timeline) properties(context.Context) ([]record.Property, []definition.Problem, error) {
	return nil, nil, nil
}

func (t *timeline) object() hubspot.ObjectType {
	o := hubspot.ObjectType{ID: DeliveryObject(t.Definition), Name: string(definition.ToTimeline), Label: "Timeline events", LabelSingular: "Timeline event"}
	for _, k := range t.Definition.HubSpot.Match {
		o.Primary = []string{definition.EventPart + k.Property}
	}
	o.Email = definition.EventPart + "email"
	return o
}

func (t *timeline) needs() []string { return t.object().Primary }

func (t *timeline) notes() []string {
	all := []string{"An event can't be taken back or changed once it was sent: HubSpot has no way to, so an undo leaves it on the timeline."}
	if slices.Contains(t.needs(), definition.EventPart+"email") {
		all = append(all, "HubSpot makes a new contact for an address that no contact has.")
	}
	return all
}

func (t *timeline) leavesOut(store.RowSeen) string { return "" }

func (t *timeline) prepare(context.Context, []store.RowSeen, []string) error { return nil }

func (t *timeline) since(store.RowSeen, store.Delivery) (string, error) { return "", nil }

func (t *timeline) judge(store.RowSeen) (string, []string) { return "", nil }

func (t *timeline) start(context.Context) error { return nil }

func (t *timeline) dedupes() bool { return true }

func (t *timeline) size() int { return hubspot.MaxBatch }

func (t *timeline) calls(n int) int { return batchesOf(n, hubspot.MaxBatch) }

// remoteID is the same for a row whenever it is made, wherever the program runs.
func (t *timeline) remoteID(rowKey string, times int) string {
	text := t.Definition.Deliver.Event + "\x00" + rowKey
	if times > 1 {
		text += "\x00" + strconv.Itoa(times)
	}
	sum := sha256.Sum256([]byte(text))
	return "syncline-" + t.sync.Profile + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// event is what an operation sends.
func (t *timeline) event(op store.Op) hubspot.Event {
	e := hubspot.Event{Template: t.Definition.Deliver.Event, ID: op.SyncKey, Tokens: make(map[string]string, len(op.Fields))}
	for name, v := range op.Fields {
		switch name {
		case definition.EventPart + "email":
			e.Email = v.String()
		case definition.EventPart + "utk":
			e.UTK = v.String()
		case definition.EventPart + "objectId":
			e.ObjectID = v.String()
		case definition.EventTimestamp:
			e.At, _, _ = record.ReadMoment(v.String(), nil) // it was found to be one when it was planned
		default:
			e.Tokens[name] = v.String()
		}
	}
	return e
}

func (t *timeline) send(ctx context.Context, ops []store.Op) ([]arrival, error) {
	events := make([]hubspot.Event, len(ops))
	at := make(map[string]int, len(ops))
	for i, op := range ops {
		events[i] = t.event(op)
		at[op.SyncKey] = i
	}
	got, err := t.Client.SendEvents(ctx, events)
	if err != nil {
		return nil, err
	}
	arrivals := make([]arrival, len(ops))
	for _, made := range got.Made {
		i := at[made.ID]
		arrivals[i] = arrivedAs(events[i], made)
	}
	for _, f := range got.Failures {
		for _, id := range f.IDs {
			i, ours := at[id]
			switch {
			case !ours:
			case hubspot.IsConflict(f.Err): // an earlier attempt of ours, whose answer was lost
				if arrivals[i], err = t.there(ctx, events[i]); err != nil {
					return nil, err
				}
			default:
				arrivals[i] = arrival{end: refused, err: f.Err}
			}
		}
	}
	return arrivals, nil
}

// there is what became of an event that HubSpot says to have already: its id is that
// of this row, which nothing else sends.
func (t *timeline) there(ctx context.Context, e hubspot.Event) (arrival, error) {
	is, err := t.Client.Event(ctx, e.Template, e.ID)
	switch {
	case err == nil:
		return arrivedAs(e, is), nil
	case hubspot.IsAuth(err), hubspot.IsScopes(err):
	case hubspot.Refused(err), hubspot.IsUnserved(err):
		return arrival{end: delivered, id: e.ID, note: "HubSpot has it already, and does not show what it holds"}, nil
	}
	return arrival{}, err
}

// find reads the events back. Where HubSpot does not let that be, they count as
// absent: the same event, sent again, is not there twice.
func (t *timeline) find(ctx context.Context, ops []store.Op) ([]arrival, error) {
	arrivals := make([]arrival, len(ops))
	for i, op := range ops {
		e := t.event(op)
		is, err := t.Client.Event(ctx, e.Template, e.ID)
		switch {
		case err == nil:
			arrivals[i] = arrivedAs(e, is)
		case hubspot.IsAuth(err), hubspot.IsScopes(err):
			return nil, err
		case hubspot.Refused(err), hubspot.IsUnserved(err):
			arrivals[i] = arrival{end: absent}
		default:
			return nil, err
		}
	}
	return arrivals, nil
}

// arrivedAs is the arrival of an event that HubSpot has.
func arrivedAs(sent, is hubspot.Event) arrival {
	why := differing(sent, is)
	return arrival{end: delivered, id: sent.ID, note: why, other: why != ""}
}

// differing says in what an event is not as it was sent, "" where it is.
func differing(sent, is hubspot.Event) string {
	for _, name := range slices.Sorted(maps.Keys(sent.Tokens)) {
		now, was := is.Tokens[name], sent.Tokens[name]
		if now == was {
			continue
		}
		a, errA := strconv.ParseFloat(now, 64)
		b, errB := strconv.ParseFloat(was, 64)
		if errA == nil && errB == nil && a == b {
			continue
		}
		return fmt.Sprintf("HubSpot has an event with this id that holds %s as %s, where %s was sent: it can't be changed", shown(now), name, shown(was))
	}
	return ""
}
