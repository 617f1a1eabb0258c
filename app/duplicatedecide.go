package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// readCells reads the rows of the pairs once more, to be shown side by side.
func (d *Duplicates) readCells(ctx context.Context) error {
	d.cells = make(map[string]record.Values)
	for _, p := range d.pairs {
		for _, s := range []TwinSide{p.A, p.B} {
			if s.Row {
				d.cells[s.ID] = nil
			}
		}
	}
	if len(d.cells) == 0 {
		return nil
	}
	src, err := d.app.openSource(ctx, d.draft.Definition)
	if err != nil {
		return err
	}
	defer src.Close()
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		if cells, ok := d.cells[row.Key]; ok && cells == nil {
			d.cells[row.Key] = row.Fields
		}
	}
	return ctx.Err()
}

// TwinLine is a property of two that look like one, as people see it.
type TwinLine struct {
	Property record.Property
	A, B     string
	Same     bool
}

// Compare shows two side by side, those lines first in which they differ. Records are read anew; one
// that is gone is an error.
func (d *Duplicates) Compare(ctx context.Context, i int) ([]TwinLine, error) {
	p := d.At(i)
	a, err := d.shown(ctx, p.A)
	if err != nil {
		return nil, err
	}
	b, err := d.shown(ctx, p.B)
	if err != nil {
		return nil, err
	}
	var lines []TwinLine
	for _, property := range d.Records.Properties {
		l := TwinLine{Property: property, A: a[property.Name], B: b[property.Name]}
		if l.A == "" && l.B == "" || !byPeople(property) && (p.A.Row || p.B.Row || l.A == l.B) {
			continue
		}
		l.Same = strings.EqualFold(strings.TrimSpace(l.A), strings.TrimSpace(l.B))
		lines = append(lines, l)
	}
	rank := func(l TwinLine) int {
		n := slices.Index(d.Records.Object.Primary, l.Property.Name)
		switch {
		case n >= 0:
			return n
		case !byPeople(l.Property):
			return 90
		case l.Same:
			return 50
		case l.A == "" || l.B == "":
			return 40
		}
		return 20
	}
	slices.SortStableFunc(lines, func(x, y TwinLine) int { return rank(x) - rank(y) })
	return lines, nil
}

// byPeople reports whether a property is what people write, not what HubSpot works out.
func byPeople(p record.Property) bool {
	return p.Writable() && p.Name != "createdate" || p.Name == "hs_additional_emails"
}

// shown is what a row or a record holds, by property. A row holds what its fields would write.
func (d *Duplicates) shown(ctx context.Context, s TwinSide) (map[string]string, error) {
	all := make(map[string]string)
	if !s.Row {
		v, err := d.Records.Record(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		for _, section := range v.Sections {
			for _, x := range section.Values {
				all[x.Property.Name] = x.Text
			}
		}
		return all, nil
	}
	facts := d.draft.Facts()
	cells := d.cells[s.ID]
	for _, f := range d.draft.Definition.Fields {
		if f.Field != "" {
			d.put(all, facts, f, cells)
		}
	}
	if len(d.draft.Definition.Fields) == 0 {
		for _, x := range d.draft.Pairs {
			d.put(all, facts, definition.Field{Field: x.Field, Property: x.Property, ToHubSpot: x.Steps, Unmapped: "reject", Blank: "ignore"}, cells)
		}
	}
	return all, nil
}

func (d *Duplicates) put(all map[string]string, facts Facts, f definition.Field, cells record.Values) {
	if p, ok := d.Records.Property(f.Property); ok {
		all[f.Property] = d.Records.Words.Value(p, record.Text(facts.cell(f, p, cells)))
	}
}

// ends are the two of a pair as decisions name them.
func (d *Duplicates) ends(p Twins) store.Twin {
	end := func(s TwinSide) store.TwinEnd {
		if s.Row {
			return store.RowEnd(s.ID)
		}
		return store.RecordEnd(s.ID)
	}
	t := store.Twin{PortalID: d.Records.Portal.PortalID, Object: d.Records.Object.ID, A: end(p.A), B: end(p.B), By: person(), At: time.Now()}
	if p.A.Row || p.B.Row {
		t.SyncID = d.known().ID
	}
	return t
}

// ErrMergeInstead says that two records become one only by HubSpot's merge.
var ErrMergeInstead = &UseError{Msg: "two records become one only by a merge in HubSpot: look at what it would keep first"}

// Same says that the two of a pair are one: the next plan links the row with the record, or takes the
// second row for the first. A plan that was made before can't be applied any more.
func (d *Duplicates) Same(ctx context.Context, i int) error {
	if d.At(i).Kind == TwinRecords {
		return ErrMergeInstead
	}
	return d.decide(ctx, i, store.TwinSame)
}

// Different says that the two of a pair are two. It is remembered, and never asked again.
func (d *Duplicates) Different(ctx context.Context, i int) error {
	return d.decide(ctx, i, store.TwinDifferent)
}

func (d *Duplicates) decide(ctx context.Context, i int, v store.Verdict) error {
	p := d.At(i)
	if (p.A.Row || p.B.Row) && d.known().ID == 0 {
		if err := d.know(ctx); err != nil {
			return err
		}
	}
	t := d.ends(p)
	t.Verdict, t.Joined = v, p.Kind == TwinJoined && v == store.TwinDifferent
	if err := d.app.Store.PutTwin(ctx, t); err != nil {
		return refused(err)
	}
	d.say(i, v)
	return nil
}

// refused says of a decision that can't be carried out what to do instead.
func refused(err error) error {
	var links *store.TwinLinksError
	var opposed *store.TwinOpposedError
	switch {
	case errors.As(err, &links):
		return &UseError{Msg: fmt.Sprintf("by this the records %s and %s would be one, and two records become one only by a merge in HubSpot: merge these two, under “%s” where they are listed there, or take back what was said of one of them, in Review under “Decisions in force”", links.RecordA, links.RecordB, TwinRecords.Title())}
	case errors.As(err, &opposed):
		var steps []string
		for _, s := range opposed.Steps {
			how := "is"
			if s.Linked {
				how = "belongs to"
			}
			steps = append(steps, fmt.Sprintf("the %s %s the %s", s.A, how, s.B))
		}
		by := strings.Join(steps, ", and ")
		if opposed.Verdict == store.TwinDifferent {
			return &UseError{Msg: fmt.Sprintf("the two are one by what is known already (%s): take back what is not so, in Review under “Decisions in force”", by)}
		}
		if by != "" {
			by = " (" + by + ")"
		}
		return &UseError{Msg: fmt.Sprintf("by this the %s would be the %s%s, and of these two was said that they are different: take back what is not so, in Review under “Decisions in force”", opposed.A, opposed.B, by)}
	}
	return err
}

// know makes the sync known to the workspace, since decisions about its rows are kept with it.
func (d *Duplicates) know(ctx context.Context) error {
	if err := d.app.AddSync(ctx, d.Path); err != nil {
		return err
	}
	y, err := d.app.Store.FindSync(ctx, store.Sync{UID: d.draft.Definition.ID, Path: absolute(d.Path), PortalID: d.Records.Portal.PortalID, Object: d.Records.Object.ID})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sync = y
	return err
}

// known is the sync as the workspace knows it.
func (d *Duplicates) known() store.Sync {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sync
}

// Undecide takes back what was said of a pair. A merge can't be taken back.
func (d *Duplicates) Undecide(ctx context.Context, i int) error {
	p := d.At(i)
	if p.Verdict == "" {
		return nil
	}
	if p.Kind == TwinRecords && p.Verdict == store.TwinSame {
		return &UseError{Msg: "a merge in HubSpot can't be taken back"}
	}
	if err := d.app.Store.ForgetTwin(ctx, d.ends(p)); err != nil {
		return err
	}
	d.say(i, "")
	return nil
}

// MergeLine is a property of two records with what a merge leaves of it.
type MergeLine struct {
	TwinLine
	Becomes string
	Note    string // where it is not simply the kept record's value
}

// MergePreview is what merging two records would leave.
type MergePreview struct {
	Keep, Gone TwinSide
	Lines      []MergeLine
	Lost       int // values of the record that goes which the survivor would not show

	a, b record.Record
}

// MergeWord is what a person types to merge two records.
const MergeWord = "merge"

// PreviewMerge reads both records of a pair and shows what HubSpot's merge would leave of them: the
// values of the record that is kept, and those of the other one where it has none (facts §3.6).
func (d *Duplicates) PreviewMerge(ctx context.Context, i int, keepB bool) (*MergePreview, error) {
	p := d.At(i)
	if p.Kind != TwinRecords {
		return nil, &UseError{Msg: "only two records are merged"}
	}
	m := &MergePreview{Keep: p.A, Gone: p.B}
	if keepB {
		m.Keep, m.Gone = p.B, p.A
	}
	var err error
	if m.a, m.b, err = d.merger.Pair(ctx, m.Keep.ID, m.Gone.ID); err != nil {
		return nil, err
	}
	for _, property := range d.Records.Properties {
		if !byPeople(property) {
			continue
		}
		l := MergeLine{TwinLine: TwinLine{Property: property, A: d.Records.Shown(m.a, property.Name), B: d.Records.Shown(m.b, property.Name)}}
		if l.A == "" && l.B == "" {
			continue
		}
		l.Same = strings.EqualFold(l.A, l.B)
		l.Becomes = l.A
		switch {
		case l.A == "":
			l.Becomes, l.Note = l.B, "filled from the other one"
		case l.Same || l.B == "":
		case property.Name == d.Records.Object.Email:
			l.Note = fmt.Sprintf("%s stays as a further address", l.B)
		case property.Name == d.Records.Object.Lifecycle:
			l.Note = "HubSpot keeps the stage that is further"
		default:
			l.Note = fmt.Sprintf("%s is left in the history only", l.B)
			m.Lost++
		}
		m.Lines = append(m.Lines, l)
	}
	slices.SortStableFunc(m.Lines, func(x, y MergeLine) int {
		rank := func(l MergeLine) int {
			switch {
			case l.Note != "" && l.A != "":
				return 0
			case l.Note != "":
				return 1
			}
			return 2
		}
		return rank(x) - rank(y)
	})
	return m, nil
}

// Merge merges the two records of a pair in HubSpot as they were previewed, if the word was typed. It
// can't be undone: HubSpot has no way back, and neither has Syncline. Both records as they were are
// kept in the workspace.
func (d *Duplicates) Merge(ctx context.Context, i int, m *MergePreview, typed string) (survivor string, err error) {
	if strings.TrimSpace(strings.ToLower(typed)) != MergeWord {
		return "", &UseError{Msg: fmt.Sprintf("nothing was merged: type %q to merge the two for good", MergeWord)}
	}
	op, err := d.merger.Merge(ctx, m.a, m.b)
	if err != nil {
		return "", err
	}
	if op.State != plan.OpDone {
		return "", fmt.Errorf("HubSpot did not merge the two: %s", op.Err)
	}
	t := d.ends(d.At(i))
	t.Verdict = store.TwinSame
	if err := d.app.Store.PutTwin(ctx, t); err != nil {
		return op.Survivor, err
	}
	d.say(i, store.TwinSame)
	d.follow(i, op)
	return op.Survivor, nil
}

// follow gives other pairs of merged records the survivor. Two that are one by that need no word.
func (d *Duplicates) follow(merged int, op store.Merge) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.pairs {
		p := &d.pairs[i]
		for _, s := range []*TwinSide{&p.A, &p.B} {
			if i != merged && !s.Row && (s.ID == op.Kept || s.ID == op.Gone) {
				s.ID = op.Survivor
			}
		}
		if p.A.ID == p.B.ID && p.A.Row == p.B.Row {
			p.Verdict = store.TwinSame
		}
	}
}
