package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// That a record is in a static list is an association from the record to the list:
// it is decided on, remembered, asked about, undone and told as one. What differs is
// how HubSpot is asked, which is here.

// listType stands for the lists at the other end of memberships.
var listType = hubspot.ObjectType{ID: "list", Name: "list", Label: "Lists", LabelSingular: "List"}

// memberType is the one way in which a record belongs to a list.
var memberType = hubspot.AssociationType{Category: "LIST", TypeID: 1}

// listLine begins the name of a line of memberships, which the list's id ends.
const listLine = "list"

// LineOf is the name that [AssociationLines] has for the line of an association.
func LineOf(line string) string {
	if strings.HasPrefix(line, listLine+" ") {
		return listLine
	}
	return line
}

// memberBatch is how many memberships one call makes and ends. HubSpot takes
// hubspot.MaxListChange; what an answer that is lost leaves open is smaller so.
const memberBatch = 20_000

// checkList makes the line of memberships ready: its list must be there, and be one
// that can be written.
func (j *job) checkList(ctx context.Context, a *definition.Associate, tell func(part, format string, args ...any)) error {
	l := &edgeLine{name: listLine, part: "hubspot", remove: a.RemoveOthers, fromT: j.schema.object, toT: listType, types: []hubspot.AssociationType{memberType},
		from: &edgeEnd{field: a.From.End.Field()}, to: &edgeEnd{object: listType}, list: &hubspot.Segment{Name: a.List}}
	list, err := j.Client.SegmentNamed(ctx, j.schema.object.ID, a.List)
	switch {
	case hubspot.IsNotFound(err):
		why, err := j.noList(ctx, a.List)
		if err != nil {
			return err
		}
		tell("hubspot.list", "%s", why)
	case err != nil:
		return err
	case list.Dynamic():
		tell("hubspot.list", "the list %q is a dynamic one: its filter decides who is in it, and nobody else can. Name a static list, or make one in HubSpot.", list.Name)
	default:
		l.name, l.list = listLine+" "+list.ID, &list
	}
	l.to.list = l.list
	j.lines = append(j.lines, l)
	return j.checkEnd(ctx, l, l.from, l.fromT, a.From.End, a.CreateMissing, "hubspot", tell)
}

// noList says that the portal has no list of a name, and which one may be meant.
func (j *job) noList(ctx context.Context, name string) (string, error) {
	all, err := j.Client.Segments(ctx, j.schema.object.ID)
	if err != nil {
		return "", err
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	why := fmt.Sprintf("this portal has no list of %s called %q.", strings.ToLower(j.schema.object.Label), name)
	near, ok := definition.Nearest(name, names)
	switch {
	case ok:
		return fmt.Sprintf("%s Did you mean %q?", why, near), nil
	case len(names) == 0 || len(names) > 24:
		return why + " Make it in HubSpot first.", nil
	}
	return why + " There are: " + strings.Join(names, ", ") + ".", nil
}

// column is the column that names the other end of a line, or where that is a list
// the record.
func (l *edgeLine) column() string {
	if l.list != nil {
		return l.from.field
	}
	return l.to.field
}

// readMembers reads which of the records are in the list of a line, as what they are
// associated with. A list is read as a whole where that takes fewer calls than asking
// for each record; while l.keep is set it is read so once.
func (j *job) readMembers(ctx context.Context, l *edgeLine, records []string) (joined, error) {
	h := make(joined, len(records))
	if l.members == nil && max(len(records), l.asks) <= l.list.Size/hubspot.ListPage {
		for _, id := range records {
			in, err := j.Client.SegmentsOf(ctx, l.fromT.ID, id)
			if err != nil {
				return nil, err
			}
			if _, ok := in[l.list.ID]; ok {
				h.add(id, l.list.ID, memberType)
			}
		}
		return h, nil
	}
	members := l.members
	if members == nil {
		members = make(map[string]bool, l.list.Size)
		err := j.Client.Members(ctx, l.list.ID, func(page []hubspot.Member) error {
			for _, m := range page {
				members[m.Record] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if l.keep {
		l.members = members
	}
	for _, id := range records {
		if members[id] {
			h.add(id, l.list.ID, memberType)
		}
	}
	return h, nil
}

// keepMembers reads a line's list once for all that is compared until the returned
// function is called. rows is how many will ask.
func (j *job) keepMembers(rows int) (done func()) {
	for _, l := range j.lines {
		l.members, l.keep, l.asks = nil, true, rows
	}
	return func() {
		for _, l := range j.lines {
			l.members, l.keep, l.asks = nil, false, 0
		}
	}
}

// edgeCap is how many associations of a line one page and one batch have, and of how
// many records.
func (j *job) edgeCap() (edges, records int) {
	if len(j.lines) > 0 && j.lines[0].list != nil {
		return memberBatch, memberBatch
	}
	return hubspot.MaxAssociationWrite, hubspot.MaxAssociationRead
}

// interrupted are the records of memberships that an earlier, interrupted attempt
// may have made already, with what they are in by now. What else is to be made was
// not there when the plan was made, and HubSpot's answer says who was.
func (j *job) interrupted(ctx context.Context, tasks []*edgeTask) (joined, error) {
	var records []string
	for _, t := range tasks {
		if t.add && t.was.State != plan.EdgeNone {
			records = append(records, t.from)
		}
	}
	if len(records) == 0 {
		return joined{}, nil
	}
	slices.Sort(records)
	return j.readMembers(ctx, tasks[0].line, slices.Compact(records))
}

// members makes and ends memberships with one call. Nothing is read right before:
// a change names who is to be in the list and who is not, and HubSpot's answer names
// those whom it changed, so that no one's edit in between is written over or counted
// as ours.
func (b *edgeBreath) members(ctx context.Context) error {
	var add, remove []*edgeTask
	for _, t := range b.tasks {
		switch {
		case !t.add && t.shared:
			t.came, t.why = edgeThere, "another row of the source names it: it stays"
		case !t.add:
			remove = append(remove, t)
		case t.was.State == plan.EdgeNone:
			t.pair = true
			add = append(add, t)
		default:
			if t.judge(b.before); t.came == edgeOpen {
				add = append(add, t)
			}
		}
	}
	if len(add)+len(remove) == 0 {
		return nil
	}
	ids := make(map[bool][]string)
	for _, some := range []struct {
		tasks []*edgeTask
		kind  plan.OpKind
	}{{add, plan.OpAssociate}, {remove, plan.OpDissociate}} {
		if len(some.tasks) == 0 {
			continue
		}
		if err := b.intend(ctx, some.tasks, some.kind); err != nil {
			return err
		}
		for _, t := range some.tasks {
			ids[t.add] = append(ids[t.add], t.from)
		}
		slices.Sort(ids[some.tasks[0].add])
		ids[some.tasks[0].add] = slices.Compact(ids[some.tasks[0].add])
	}
	got, err := b.Client.ChangeMembers(ctx, b.line.list.ID, ids[true], ids[false])
	all := slices.Concat(add, remove)
	if err := b.answered(ctx, all, hubspot.AssociationWriteResult{}, err); err != nil || b.refused != nil || len(b.unknown) > 0 {
		return err
	}
	return b.asBefore(ctx, all, got)
}

// asBefore puts aside what HubSpot did not change: what was as it was to be already,
// since somebody was faster, and records that it does not have.
func (b *edgeBreath) asBefore(ctx context.Context, tasks []*edgeTask, got hubspot.MembersChanged) error {
	changed := make(map[string]bool, len(got.Added)+len(got.Removed))
	for _, id := range slices.Concat(got.Added, got.Removed) {
		changed[id] = true
	}
	var ops []store.Op
	for _, t := range tasks {
		if t.came != edgeDone || changed[t.from] {
			continue
		}
		t.came = edgeThere
		if t.add && slices.Contains(got.Missing, t.from) {
			t.came, t.class, t.why = edgeRefused, plan.ClassRefused, fmt.Sprintf("HubSpot has no %s %s any more", strings.ToLower(b.line.fromT.LabelSingular), t.from)
		}
		ops = append(ops, t.op)
	}
	return b.finish(ctx, dropped(ops, errAsBefore))
}

// errAsBefore ends the intent of what was as it was to be.
var errAsBefore = errors.New("HubSpot had it so already")
