package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// table makes of the file what a table of a database is to the engine: it has no
// version, is written in small batches, and what a batch makes of its rows is known
// before it takes effect. People go on editing between a batch and its commit, which
// then fails, as a database does that finds out at the commit.
type table struct {
	source.Source
	w *world
}

const tableBatch = 3

func (t table) Batch() int { return tableBatch }

func (t table) Version(context.Context) (string, error) { return "", nil }

func (t table) RowsOf(ctx context.Context, keys []string) (map[string]record.Row, error) {
	found := map[string]record.Row{}
	for row, err := range t.Source.Rows(ctx, time.Time{}) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(keys, row.Key) {
			found[row.Key] = row
		}
	}
	return found, nil
}

// CameOf tells of some commits what became of them, as PostgreSQL does, and of
// others nothing.
func (t table) CameOf(_ context.Context, after string) (source.Came, error) {
	if !t.w.tells {
		return source.CameUnknown, nil
	}
	if t.w.commits[after] {
		return source.CameTrue, nil
	}
	return source.CameNothing, nil
}

func (t table) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	p, err := t.Source.Prepare(ctx, changes)
	if err != nil {
		return nil, err
	}
	t.w.batches++
	return &tableBatchPrepared{Prepared: p, t: t, changes: changes, after: fmt.Sprintf("batch %d", t.w.batches)}, nil
}

type tableBatchPrepared struct {
	source.Prepared
	t       table
	changes []source.Change
	after   string
}

func (p *tableBatchPrepared) Before() string { return "" }

func (p *tableBatchPrepared) After() string { return p.after }

func (p *tableBatchPrepared) Commit(ctx context.Context) error {
	r := p.t.w.rng("commit", p.after)
	if chance(r, 0.05) { // the line breaks before the request arrives
		p.t.w.trace("   (the answer to the commit of %s is lost, and it did not take effect)", p.after)
		return source.ErrUnconfirmed
	}
	err := p.commit(ctx)
	if err == nil && chance(r, 0.05) { // or after it did
		p.t.w.trace("   (the answer to the commit of %s is lost)", p.after)
		return source.ErrUnconfirmed
	}
	return err
}

func (p *tableBatchPrepared) commit(ctx context.Context) error {
	err := p.Prepared.Commit(ctx)
	if errors.Is(err, source.ErrMoved) { // another row may have been written, which is nobody's business
		var again source.Prepared
		if again, err = p.t.Source.Prepare(ctx, p.changes); err != nil {
			return err
		}
		defer func() { _ = again.Discard() }()
		was, now := p.Outcomes(), again.Outcomes()
		for i := range was {
			if was[i].State != now[i].State || was[i].State == source.Done && !sameCells(was[i].Now, now[i].Now) {
				return source.ErrMoved
			}
		}
		err = again.Commit(ctx)
	}
	if err == nil {
		p.t.w.commits[p.after] = true
	}
	return err
}

func sameCells(a, b record.Values) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if b[name].String() != v.String() {
			return false
		}
	}
	return true
}

// watchedTable is a table as Syncline opens it, with the awaits of a file.
type watchedTable struct {
	watched
	table table
}

func (s watchedTable) Batch() int { return s.table.Batch() }

func (s watchedTable) RowsOf(ctx context.Context, keys []string) (map[string]record.Row, error) {
	s.w.await(s.life, "table/look")
	return s.table.RowsOf(ctx, keys)
}

func (s watchedTable) CameOf(ctx context.Context, after string) (source.Came, error) {
	return s.table.CameOf(ctx, after)
}

func (s watchedTable) Rows(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	return s.watched.Rows(ctx, since)
}

var _ source.Rowwise = watchedTable{}
