package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

const (
	rowPage  = 1000
	rowBytes = 16 << 20 // a page of long rows ends earlier, so that it can't fill the memory
)

// pulledPage is a page of the source's rows on its way into the workspace.
type pulledPage struct {
	read     []record.Row
	bad      []*source.RowError // of each row, nil where it was read whole
	hashes   [][]byte           // of the cells of each row, nil where it was not needed yet
	problems []store.RowProblem
	rows     []store.RowSeen
	tally    mapping.Tally // of what was guessed and repaired in them
	ready    chan error    // has what came of taking the rows to values
}

// pullRows reads the source: one goroutine reads, as many as there are cores
// take rows to values, one writes, each page after the one before it. Rows
// whose cells are as they were are not taken to values again.
func (j *job) pullRows(ctx context.Context) error {
	fixes, err := j.Store.Corrections(ctx, j.sync.ID, false)
	if err != nil {
		return err
	}
	j.fixes = corrections{byRow: fixes}
	if err := j.Store.KeepWhole(ctx, j.sync.ID, j.wholeOf()); err != nil {
		return err
	}
	reading, err := j.Store.BeginRows(ctx, j.sync.ID, j.pull, j.madeOf())
	if err != nil {
		return err
	}
	j.rowsState = reading.State()
	reading.Last = j.Definition.Duplicates == definition.DuplicatesLast
	since, err := j.rowsSince(ctx, reading)
	if err != nil {
		return err
	}
	cores := runtime.GOMAXPROCS(0)
	todo, inOrder := make(chan *pulledPage), make(chan *pulledPage, cores)
	line, working := errgroup.WithContext(ctx)
	line.Go(func() error {
		defer close(todo)
		defer close(inOrder)
		return j.readPages(working, reading, since, func(p *pulledPage) error {
			for _, to := range []chan *pulledPage{inOrder, todo} {
				select {
				case to <- p:
				case <-working.Done():
					return working.Err()
				}
			}
			return nil
		})
	})
	for range cores {
		line.Go(func() error {
			for p := range todo {
				p.ready <- j.takeToValues(working, reading, p)
			}
			return nil
		})
	}
	line.Go(func() error { return j.keepPages(working, reading, inOrder) })
	if err := line.Wait(); err != nil {
		return err
	}
	return reading.End(ctx)
}

// readPages reads the source page by page; the rows that were changed before since
// only where they are not known already.
func (j *job) readPages(ctx context.Context, reading *store.Reading, since time.Time, page func(*pulledPage) error) error {
	fresh := func() *pulledPage { return &pulledPage{ready: make(chan error, 1)} }
	p, held := fresh(), 0
	for row, err := range j.rowsFrom(ctx, since) {
		held += tabular.Size(row.Fields)
		reading.Reached.Newest = latest(reading.Reached.Newest, row.Modified)
		if !row.Spared {
			j.noteFilled(row)
			j.noZone = j.noZone || j.Definition.Source.Modified != "" && row.Modified.IsZero() && tabular.LacksZone(row.Fields[j.Definition.Source.Modified].String())
		}
		var bad *source.RowError
		switch {
		case err != nil && !errors.As(err, &bad):
			return err
		case bad != nil && !j.concerns(bad):
			bad = nil
		}
		switch {
		case bad != nil && row.Key == "":
			p.problems = append(p.problems, store.RowProblem{Line: bad.Line, Message: bad.Msg})
		case row.Key == "":
			p.problems = append(p.problems, store.RowProblem{Line: row.Line, Message: fmt.Sprintf("has no value in its key %s: fill it", quoted(j.Definition.Source.Key))})
		default:
			p.read, p.bad = append(p.read, row), append(p.bad, bad)
		}
		if len(p.read)+len(p.problems) >= rowPage || held >= rowBytes {
			if err := page(p); err != nil {
				return err
			}
			p, held = fresh(), 0
		}
	}
	return page(p)
}

// takeToValues takes the rows of a page to values, but for those that stand in
// the workspace as they are.
func (j *job) takeToValues(ctx context.Context, reading *store.Reading, p *pulledPage) error {
	known, err := j.known(ctx, reading, p)
	if err == nil && slices.ContainsFunc(p.read, func(row record.Row) bool { return row.Spared }) {
		known, err = j.readSpared(ctx, p, known)
	}
	if err != nil {
		return err
	}
	p.rows = make([]store.RowSeen, len(p.read))
	for i, row := range p.read {
		if known[i].ID != 0 {
			p.rows[i] = store.RowSeen{Key: row.Key, Line: row.Line, Modified: row.Modified, Known: known[i]}
			continue
		}
		p.rows[i] = j.seen(p, i)
	}
	return nil
}

// known tells which rows of a page stand in the workspace as they are.
func (j *job) known(ctx context.Context, reading *store.Reading, p *pulledPage) ([]store.Known, error) {
	dates := j.dates() // then each row says anew when it was changed
	keys := make([]string, len(p.read))
	p.hashes = make([][]byte, len(p.read))
	for i, row := range p.read {
		if p.bad[i] != nil || dates || len(j.fixes.byRow[row.Key]) > 0 {
			continue
		}
		if keys[i] = row.Key; !row.Spared {
			p.hashes[i] = j.rawHash(row)
		}
	}
	return reading.Known(ctx, keys, p.hashes)
}

// keepPages writes the pages in their order.
func (j *job) keepPages(ctx context.Context, reading *store.Reading, pages <-chan *pulledPage) error {
	seen, dates := 0, j.dates()
	for p := range pages {
		select {
		case err := <-p.ready:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		if dates {
			if err := j.date(ctx, p); err != nil {
				return err
			}
		}
		err := reading.See(ctx, p.rows, p.problems, func(i int) store.RowSeen { return j.seen(p, i) })
		j.tally.Add(&p.tally)
		if seen == 0 && j.rowsPull == 0 { // a plan that is applied has shown its rows
			j.showRead(p.read)
		}
		seen += len(p.rows) + len(p.problems)
		j.Progress.change(func(s *Snapshot) { s.Rows = seen })
		j.at("rows-page")
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// showRead tells the first rows of the source.
func (j *job) showRead(rows []record.Row) {
	if j.Progress == nil {
		return
	}
	first := make([]FirstRow, 0, firstRows)
	for _, row := range rows[:min(len(rows), firstRows)] {
		if row.Spared {
			continue
		}
		values, _ := j.mapping.RowValues(row.Fields)
		first = append(first, FirstRow{Key: row.Key, Line: row.Line, Name: cmp.Or(j.mapping.Name(values), row.Key)})
	}
	j.Progress.change(func(s *Snapshot) { s.First = first })
}

// madeOf identifies all that a row's values depend on beside its cells.
func (j *job) madeOf() []byte {
	return mapping.Digest(string(j.mapping.Digest()) + j.syncKeyOf(""))
}

// seen is a row of a page with its values.
func (j *job) seen(p *pulledPage, i int) store.RowSeen {
	if bad := p.bad[i]; bad != nil {
		return j.unreadable(p.read[i], bad)
	}
	hash := p.hashes[i]
	if hash == nil {
		hash = j.rawHash(p.read[i])
	}
	return j.seeRow(p.read[i], hash, &p.tally)
}

// concerns reports whether a row that was read in part lacks something that
// this sync needs.
func (j *job) concerns(bad *source.RowError) bool {
	return bad.Columns == nil || slices.ContainsFunc(bad.Columns, j.mapping.Needs)
}

// unreadable is a row of which only the key is known. It takes part, so that
// it does not look as if it had left the source.
func (j *job) unreadable(row record.Row, bad *source.RowError) store.RowSeen {
	raw := record.Values{"": record.Text(bad.Msg)}
	return store.RowSeen{Key: row.Key, Line: bad.Line, RawHash: mapping.Digest(raw.JSON()), Values: record.Values{}, Raw: record.Values{},
		Problems: map[string]string{"": fmt.Sprintf("%s %s", lineFirst(bad.Line), bad.Msg)}}
}

func quoted(names []string) string {
	text := ""
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += strconv.Quote(n)
	}
	return text
}

// seeRow takes a row, of whose cells the hash is given, to values. What is said
// of it is said in every run, so that such a row is taken to values every time.
func (j *job) seeRow(row record.Row, hash []byte, tally *mapping.Tally) store.RowSeen {
	raw := j.cellsOf(row)
	cells := j.correct(row)
	said := tally.Count()
	values, problems, sound := j.mapping.Row(cells, "", tally)
	var changed store.Changed
	if j.deletesRows() {
		changed.Rest = j.rest(row.Fields)
	}
	seen := store.RowSeen{Key: row.Key, Line: row.Line, Hash: j.mapping.Hash(values), RawHash: hash, Changed: changed, Values: values, Raw: raw,
		Modified: row.Modified, Problems: problems, Match: j.mapping.RowMatch(cells, values), Unique: j.mapping.RowUnique(values), Anew: tally.Count() > said || len(j.fixes.byRow[row.Key]) > 0}
	if sound {
		seen.Sound = j.rowsState
	}
	return seen
}

// cellsOf are the cells of a row that the sync rests on.
func (j *job) cellsOf(row record.Row) record.Values {
	all := len(row.Fields) == len(j.mapping.Cells)
	for _, column := range j.mapping.Cells {
		if _, ok := row.Fields[column]; !ok {
			all = false
		}
	}
	if all {
		return row.Fields
	}
	raw := make(record.Values, len(j.mapping.Cells))
	for _, column := range j.mapping.Cells {
		raw[column] = row.Fields[column]
	}
	return raw
}

// sound are the values of a row if they are known to be in the form in which
// HubSpot takes them, as things are now; else nil.
func (j *job) sound(row *store.RowSeen) record.Values {
	if row == nil || j.rowsState == 0 || row.Sound != j.rowsState {
		return nil
	}
	return row.Values
}

// rawHash is that of the cells of a row that the sync rests on; where rows may
// be deleted, of all of them.
func (j *job) rawHash(row record.Row) []byte {
	var room [1024]byte
	b := j.mapping.AppendCells(room[:0], row.Fields)
	if j.deletesRows() {
		b = append(b, j.rest(row.Fields)...)
	}
	return mapping.DigestOf(b)
}
