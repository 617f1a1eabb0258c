package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// edgeLine is one part of a definition that asks for associations.
type edgeLine struct {
	name   string // what is remembered of its associations hangs on it: it outlives a reordering
	part   string // where it stands in the document
	fromT  hubspot.ObjectType
	toT    hubspot.ObjectType
	from   *edgeEnd // nil: the row's own record
	to     *edgeEnd
	split  string
	label  definition.Label
	remove bool
	types  []hubspot.AssociationType
	called map[string]renamed // labels by the name that they had, in small letters
	said   map[string]string  // what the plan says that they are called
	custom int                // how many labels of the portal's own the pair has

	// Of memberships of a list, see members.go.
	list    *hubspot.Segment // nil: of associations
	members map[string]bool  // who is in it, as long as keep says so
	keep    bool
	asks    int // how many records are going to be asked for
}

// edgeEnd is how a cell finds the record at an end.
type edgeEnd struct {
	field  string
	object hubspot.ObjectType
	syncID int64            // whose rows' records are meant; 0 where it never ran
	said   string           // what the cell names, for people: "the domain", "the key of people.yaml"
	part   *job             // the sync that finds records by a match property; nil for another document
	planID string           // what that sync is about to do, "" for nothing
	own    bool             // the rows of the same sync name each other
	list   *hubspot.Segment // the end is this list, whatever the row
}

// wanted is an association that a row asks for, as it stands in its cells.
type wanted struct {
	line     *edgeLine
	fromRef  string // "" = the row's own record
	toRef    string
	cell     string // as the cell has it
	label    string
	bad      string // what is wrong with the cells
	from, to target
}

// target is what a reference leads to.
type target struct {
	record string // "" while there is none
	coming bool   // a plan makes it
	why    string // why there is none
	undone string // that it was taken back by an undo, and stays so
}

// title is what people call the associations of a line.
func (l *edgeLine) title() string {
	if l.list != nil {
		return "Member of " + l.list.Name
	}
	if l.from != nil {
		return l.fromT.LabelSingular + " to " + strings.ToLower(l.toT.LabelSingular)
	}
	return "Associated " + strings.ToLower(l.toT.Label)
}

// typeOf is the type of a label, of the unlabelled association with "". It is
// not known while the label has to be made.
func (l *edgeLine) typeOf(label string) (hubspot.AssociationType, bool) {
	label = strings.TrimSpace(label)
	for _, t := range l.types {
		if strings.EqualFold(t.Label, label) {
			return t, true
		}
	}
	was, ok := l.called[strings.ToLower(label)]
	return was.AssociationType, ok
}

// plain reports whether a type is the unlabelled one of the line, which every
// other type implies.
func (l *edgeLine) plain(category string, id int) bool {
	t, ok := l.typeOf("")
	return ok && t.Category == category && t.TypeID == id
}

// primary reports whether of the type a record has at most one.
func primaryType(label string) bool { return strings.EqualFold(label, "Primary") }

// checkEdges makes the lines of a definition ready and returns what is wrong
// with them.
func (j *job) checkEdges(ctx context.Context) (problems []definition.Problem, err error) {
	d := j.Definition
	j.lines = nil
	tell := func(part, format string, args ...any) {
		problems = append(problems, definition.Problem{Line: lineOf(d, part), Key: part, Msg: fmt.Sprintf(format, args...)})
	}
	if a := d.Associate; a != nil && a.List != "" {
		if err := j.checkList(ctx, a, tell); err != nil {
			return nil, err
		}
	} else if a != nil {
		l := &edgeLine{part: "associate", label: a.Label, remove: a.RemoveOthers, fromT: j.schema.object, from: &edgeEnd{field: a.From.End.Field()}}
		if err := j.checkLine(ctx, l, a.To.Object, a.To.End, false, "associate.to", tell); err != nil {
			return nil, err
		}
		if err := j.checkEnd(ctx, l, l.from, l.fromT, a.From.End, false, "associate.from", tell); err != nil {
			return nil, err
		}
		l.name = "associate"
		j.lines = append(j.lines, l)
	}
	for i, a := range d.Associations {
		part := fmt.Sprintf("associations[%d]", i)
		l := &edgeLine{part: part, label: a.Label, split: a.Split, remove: a.RemoveOthers, fromT: j.schema.object}
		if err := j.checkLine(ctx, l, a.To, a.End, a.CreateMissing, part, tell); err != nil {
			return nil, err
		}
		l.name = lineName(j.lines, l.toT.ID, a)
		j.lines = append(j.lines, l)
	}
	return problems, nil
}

// lineName names a line by what it is about; two that are alike are told apart
// by their order.
func lineName(lines []*edgeLine, object string, a definition.Association) string {
	name := object + " " + a.End.Field()
	if a.End.Link.Field != "" {
		name += " " + a.End.Link.Sync
	} else {
		name += " " + a.End.Match.Property
	}
	n := 1
	for _, l := range lines {
		if l.name == name || strings.HasPrefix(l.name, name+" #") {
			n++
		}
	}
	if n > 1 {
		name = fmt.Sprintf("%s #%d", name, n)
	}
	return name
}

// lineOf is the line of a part of a document, or of the part that it belongs to.
func lineOf(d *definition.Definition, part string) int {
	for part != "" {
		if n := d.Line(part); n > 0 {
			return n
		}
		part = part[:max(strings.LastIndexAny(part, ".["), 0)]
	}
	return 0
}

func (j *job) checkLine(ctx context.Context, l *edgeLine, object string, end definition.End, create bool, part string, tell func(string, string, ...any)) error {
	to, err := j.objectType(ctx, object)
	var none *hubspot.NoTypeError
	if errors.As(err, &none) {
		tell(part, "%v", none)
		to = hubspot.ObjectType{ID: object, Name: object, Label: object, LabelSingular: object}
		l.toT, l.to = to, &edgeEnd{field: end.Field(), object: to}
		return nil
	}
	if err != nil {
		return err
	}
	l.toT, l.to = to, &edgeEnd{field: end.Field()}
	if j.making {
		j.checkMadeLine(l, to, part, tell)
		return j.checkEnd(ctx, l, l.to, to, end, create, part, tell)
	}
	types, err := j.Client.AssociationLabels(ctx, l.fromT.Path(), to.Path())
	switch {
	case hubspot.IsNotShown(err):
		tell(part, "%s", to.Absent())
		return nil
	case hubspot.IsUnknownPair(err):
		tell(part, "%s can't be associated with %s in this portal", strings.ToLower(l.fromT.Label), strings.ToLower(to.Label))
		return nil
	case err != nil:
		return err
	}
	l.types = types
	for _, t := range types {
		if t.Category == "USER_DEFINED" {
			l.custom++
		}
	}
	if _, ok := l.typeOf(""); !ok {
		tell(part, "HubSpot names no association without a label from %s to %s, so none can be made", strings.ToLower(l.fromT.Label), strings.ToLower(to.Label))
		return nil
	}
	if _, ok := l.typeOf(l.label.Name); !ok && primaryType(l.label.Name) {
		tell(part+".label", "%s have no primary %s: take the label out, or write another one", strings.ToLower(l.fromT.Label), strings.ToLower(to.LabelSingular))
	}
	return j.checkEnd(ctx, l, l.to, to, end, create, part, tell)
}

// checkEnd finds out whose records an end means.
func (j *job) checkEnd(ctx context.Context, l *edgeLine, e *edgeEnd, object hubspot.ObjectType, end definition.End, create bool, part string, tell func(string, string, ...any)) error {
	e.object = object
	if end.Link.Field == "" {
		return j.checkEndPart(ctx, l, e, end.Match, create, part+".match", tell)
	}
	part += ".link"
	path := filepath.FromSlash(end.Link.Sync)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(j.Definition.Path), path)
	}
	e.said, e.own = "the key of "+end.Link.Sync, absolute(path) == absolute(j.Definition.Path)
	other, err := definition.Load(path)
	if err != nil {
		tell(part+".sync", "%s can't be read: %v", end.Link.Sync, err)
		return nil
	}
	if other.Deliver != nil {
		tell(part+".sync", "%s sends its rows to a %s, which makes no records: name the sync whose rows are the %s", end.Link.Sync, other.Deliver.To, strings.ToLower(object.Label))
		return nil
	}
	theirs, err := j.objectType(ctx, other.HubSpot.Object)
	var none *hubspot.NoTypeError
	switch {
	case errors.As(err, &none):
		tell(part+".sync", "%s can't be used: %v", end.Link.Sync, none)
		return nil
	case err != nil:
		return err
	case other.Associate != nil:
		tell(part+".sync", "%s makes associations, not records: name the sync whose rows are the %s", end.Link.Sync, strings.ToLower(object.Label))
		return nil
	case theirs.ID != object.ID:
		tell(part+".sync", "%s syncs %s, and %s are meant here", end.Link.Sync, strings.ToLower(theirs.Label), strings.ToLower(object.Label))
		return nil
	case len(other.Source.Key) != 1:
		tell(part+".field", "rows of %s are identified by several columns (%s): one column can't name such a row", end.Link.Sync, strings.Join(other.Source.Key, ", "))
		return nil
	}
	found, err := j.Store.FindSync(ctx, store.Sync{UID: other.ID, Path: absolute(path), PortalID: j.schema.account.PortalID, Object: object.ID})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	e.syncID = found.ID
	return nil
}

// ref is what a cell names, "" for nothing.
func (e *edgeEnd) ref(cell string) (ref string, err error) {
	if e.part == nil {
		ref, _ = record.KeyOf(cell)
		return ref, nil
	}
	return e.part.refOf(e.field, cell)
}

// wants are the associations that a row asks for.
func (j *job) wants(row store.RowSeen) []wanted {
	cells := row.Raw
	for _, c := range j.fixes.byRow[row.Key] {
		if cells[c.Field].String() == c.Cell {
			if cells = cloned(cells); cells != nil {
				cells[c.Field] = record.Text(c.Value)
			}
		}
	}
	var all []wanted
	for _, l := range j.lines {
		w := wanted{line: l, label: l.labelOf(cells)}
		if l.from != nil {
			var err error
			if w.fromRef, err = l.from.ref(cells[l.from.field].String()); err != nil {
				w.bad = err.Error()
			}
		}
		if l.list != nil {
			if w.cell, w.toRef = l.list.Name, l.list.Name; w.bad == "" && w.fromRef == "" {
				w.bad = fmt.Sprintf("%q names no record", l.from.field)
			}
			all = append(all, w)
			continue
		}
		parts := l.parts(cells[l.to.field].String())
		for _, part := range parts {
			w := w
			w.cell = part
			if len(parts) > 1 && primaryType(w.label) {
				w.bad = "the cell names several, and only one can be the primary one"
			}
			ref, err := l.to.ref(part)
			if err != nil {
				w.bad = err.Error()
			} else if ref == "" {
				if l.from == nil {
					continue
				}
			}
			w.toRef = ref
			if l.from != nil && w.bad == "" && (w.fromRef == "" || w.toRef == "") {
				w.bad = fmt.Sprintf("%q names no record", emptyField(l, w))
			}
			if !slices.ContainsFunc(all, func(o wanted) bool {
				return o.line == l && o.toRef == w.toRef && o.fromRef == w.fromRef && o.label == w.label
			}) {
				all = append(all, w)
			}
		}
	}
	return all
}

func emptyField(l *edgeLine, w wanted) string {
	if w.fromRef == "" {
		return l.from.field
	}
	return l.to.field
}

func cloned(v record.Values) record.Values {
	all := make(record.Values, len(v))
	for k, x := range v {
		all[k] = x
	}
	return all
}

// parts are what one cell names.
func (l *edgeLine) parts(cell string) []string {
	if l.split == "" {
		if cell = record.Trimmed(cell); cell == "" && l.from == nil {
			return nil
		}
		return []string{cell}
	}
	var all []string
	for _, part := range strings.Split(cell, l.split) {
		if part = record.Trimmed(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// labelOf is the label that a row's association bears.
func (l *edgeLine) labelOf(cells record.Values) string {
	if l.label.Field == "" {
		return l.label.Name
	}
	cell := record.Trimmed(cells[l.label.Field].String())
	if name, ok := l.label.Values[cell]; ok {
		return name
	}
	return cell
}

// findAll finds the records that the references of a page lead to. With plans
// it also says which ones a plan is going to make.
func (j *job) findAll(ctx context.Context, all []*wanted, plans bool) error {
	type side struct {
		end *edgeEnd
		ref func(*wanted) (string, *target)
	}
	var sides []side
	for _, l := range j.lines {
		sides = append(sides, side{l.to, func(w *wanted) (string, *target) { return w.toRef, &w.to }})
		if l.from != nil {
			sides = append(sides, side{l.from, func(w *wanted) (string, *target) { return w.fromRef, &w.from }})
		}
	}
	for _, s := range sides {
		var refs []string
		var mine []*wanted
		for _, w := range all {
			if ref, _ := s.ref(w); ref != "" && w.bad == "" && (w.line.to == s.end || w.line.from == s.end) {
				refs, mine = append(refs, ref), append(mine, w)
			}
		}
		found, err := j.resolveRefs(ctx, s.end, refs, plans)
		if err == nil {
			err = j.takenEnds(ctx, s.end, found)
		}
		if err != nil {
			return err
		}
		for _, w := range mine {
			ref, t := s.ref(w)
			*t = found[ref]
		}
	}
	return nil
}

// resolveRefs finds the records that references of one end lead to.
func (j *job) resolveRefs(ctx context.Context, e *edgeEnd, refs []string, plans bool) (map[string]target, error) {
	slices.Sort(refs)
	refs = slices.Compact(refs)
	found := make(map[string]target, len(refs))
	singular := strings.ToLower(e.object.LabelSingular)
	if e.list != nil {
		for _, ref := range refs {
			found[ref] = target{record: e.list.ID}
		}
		return found, nil
	}
	if e.syncID == 0 {
		for _, ref := range refs {
			found[ref] = target{why: fmt.Sprintf("no %s has %s %q yet, because that sync was never run with this portal", singular, e.said, ref)}
		}
		return found, nil
	}
	linked, err := j.Store.Ends(ctx, e.syncID, refs)
	if err != nil {
		return nil, err
	}
	var open []string
	for _, ref := range refs {
		switch end, ok := linked[ref]; {
		case ok && end.There() != "":
			found[ref] = target{record: end.There()}
		case ok && end.Record != "":
			found[ref] = target{why: fmt.Sprintf("the %s with %s %q was archived in HubSpot", singular, e.said, ref)}
			open = append(open, ref)
		default:
			found[ref] = target{why: fmt.Sprintf("no %s has %s %q yet", singular, e.said, ref)}
			open = append(open, ref)
		}
	}
	if plans && e.planID != "" && len(open) > 0 {
		if open, err = j.plannedRefs(ctx, e, open, found); err != nil {
			return nil, err
		}
	}
	if e.part == nil || len(open) == 0 {
		return found, nil
	}
	made, err := e.part.comes(ctx, open)
	for ref, t := range made {
		if plans || t.record != "" && !t.coming {
			found[ref] = t
		}
	}
	return found, err
}

// plannedRefs finds what the plan of the sync that knows an end is going to do
// with references, and returns those with which it does nothing.
func (j *job) plannedRefs(ctx context.Context, e *edgeEnd, open []string, found map[string]target) (left []string, err error) {
	singular := strings.ToLower(e.object.LabelSingular)
	planned, err := j.Store.PlannedRows(ctx, e.syncID, e.planID, open)
	if err != nil {
		return nil, err
	}
	for _, ref := range open {
		p, ok := planned[ref]
		if !ok || p.Kind == plan.ItemSkip {
			left = append(left, ref)
		}
		switch {
		case !ok || p.Excluded:
		case p.Kind == plan.ItemCreate:
			found[ref] = target{coming: true}
		case p.Kind == plan.ItemUpdate || p.Kind == plan.ItemLink:
			found[ref] = target{record: p.Record, coming: true}
		default:
			found[ref] = target{why: fmt.Sprintf("no %s is joined to %s %q: %s", singular, e.said, ref, p.Reason)}
		}
	}
	return left, nil
}

// usePlans finds out what the other syncs, and this one, are about to do.
func (p *planner) usePlans(ctx context.Context) error {
	for _, l := range p.lines {
		for _, e := range []*edgeEnd{l.from, l.to} {
			if e == nil || e.syncID == 0 || e.part != nil {
				continue
			}
			if e.own {
				e.planID = p.plan.ID
				continue
			}
			pl, err := p.Store.LastPlan(ctx, e.syncID, plan.Ready, plan.Applying)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			e.planID = pl.ID
		}
	}
	return nil
}

// edge is an association as a plan has it.
func (w wanted) edge() plan.Edge {
	e := plan.Edge{Object: w.line.toT.ID, Record: w.to.record, Row: w.toRef, FromRow: w.fromRef, Label: w.label, Line: w.line.name}
	if t, ok := w.line.typeOf(w.label); ok {
		e.Category, e.Type, e.Label = t.Category, t.TypeID, t.Label
	}
	return e
}

// edgeKey is an association as it is compared.
type edgeKey struct {
	line, from, to, category string
	typeID                   int
}

// line returns a line by its name, nil where the definition has it no more.
func (j *job) line(name string) *edgeLine {
	for _, l := range j.lines {
		if l.name == name {
			return l
		}
	}
	return nil
}

// endPlans are the plans of other syncs that are going to make records which
// associations name.
func (j *job) endPlans() []string {
	var ids []string
	for _, l := range j.lines {
		for _, e := range []*edgeEnd{l.from, l.to} {
			if e != nil && e.planID != "" && !slices.Contains(ids, e.planID) {
				ids = append(ids, e.planID)
			}
		}
	}
	return ids
}

// AssociationLines names the parts of a definition that ask for associations, as
// plan.Edge.Line does: that of associate, or those of associations in their
// order. Object types are known by what HubSpot has of itself.
func AssociationLines(d *definition.Definition) []string {
	if d.Associate != nil && d.Associate.List != "" {
		return []string{listLine}
	}
	if d.Associate != nil {
		return []string{"associate"}
	}
	var lines []*edgeLine
	names := make([]string, 0, len(d.Associations))
	for _, a := range d.Associations {
		object := a.To
		if t, ok := hubspot.FindObjectType(a.To); ok {
			object = t.ID
		}
		l := &edgeLine{name: lineName(lines, object, a)}
		lines, names = append(lines, l), append(names, l.name)
	}
	return names
}
