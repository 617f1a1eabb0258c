package database

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// clockChange is how much a time without a zone may name two moments by.
const clockChange = 2 * time.Hour

// Spares implements source.Sparing. SQLite compares texts as they are written, so
// that there no column of times orders rows for sure.
func (s *Source) Spares(ctx context.Context) (bool, error) {
	t, err := s.table(ctx)
	if err != nil || s.opts.Query != "" || s.kind == SQLite || t.unkeyed(s.opts.Key) != "" {
		return false, err
	}
	c := t.byName[s.opts.Modified]
	return c != nil && c.readable && (c.kind == kindInstant || c.kind == kindCivil && s.opts.Zone != nil), nil
}

// RowsSince implements source.Sparing: both statements see one snapshot.
func (s *Source) RowsSince(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	return s.reading(ctx, func(ctx context.Context, conn *sql.Conn, t *table, give func(record.Row, error) bool) error {
		dated := s.d.quote(s.opts.Modified)
		changed := &builder{d: s.d}
		changed.text(s.selects(t, s.used(t)), " WHERE ", dated, " IS NULL OR ", dated, " >= ")
		s.moment(changed, t.byName[s.opts.Modified], since)
		numbers := make(map[string]bool)
		for fields, err := range scanNumbers(ctx, s.d, conn, changed.String(), s.used(t), numbers, changed.args...) {
			if err != nil {
				return err
			}
			if row, bad := s.row(t, fields, numbers); !give(row, orNil(bad)) {
				return nil
			}
		}
		var known []*column
		for _, c := range t.readable() {
			if slices.Contains(s.opts.Key, c.name) || c.name == s.opts.Modified {
				known = append(known, c)
			}
		}
		spared := &builder{d: s.d}
		spared.text(s.selects(t, known), " WHERE ", dated, " < ")
		s.moment(spared, t.byName[s.opts.Modified], since)
		for fields, err := range scanRows(ctx, s.d, conn, spared.String(), known, spared.args...) {
			if err != nil {
				return err
			}
			row, bad := s.row(t, fields, nil)
			if bad != nil && bad.Columns != nil {
				bad = nil // its cells are not given
			}
			if row.Fields, row.Spared = nil, bad == nil; !give(row, orNil(bad)) {
				return nil
			}
		}
		return nil
	})
}

// RowsByKey implements source.Sparing.
func (s *Source) RowsByKey(ctx context.Context, keys []string) iter.Seq2[record.Row, error] {
	return s.reading(ctx, func(ctx context.Context, conn *sql.Conn, t *table, give func(record.Row, error) bool) error {
		w := writer{s: s, t: t}
		for some := range slices.Chunk(keys, 50) {
			q := w.builder()
			q.text(s.selects(t, s.used(t)), " WHERE ")
			if err := w.byKeys(q, some); err != nil {
				return err
			}
			numbers := make(map[string]bool)
			for fields, err := range scanNumbers(ctx, s.d, conn, q.String(), s.used(t), numbers, q.args...) {
				if err != nil {
					return err
				}
				if row, bad := s.row(t, fields, numbers); !give(row, orNil(bad)) {
					return nil
				}
			}
		}
		return nil
	})
}

// reading streams what f gives of one snapshot.
func (s *Source) reading(ctx context.Context, f func(ctx context.Context, conn *sql.Conn, t *table, give func(record.Row, error) bool) error) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		t, err := s.table(ctx)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		stopped := false
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		err = s.server().within(ctx, func(conn *sql.Conn) error {
			return f(ctx, conn, t, func(row record.Row, err error) bool {
				if !yield(row, err) {
					stopped = true
					cancel() // else all that is left would be read to its end
				}
				return !stopped
			})
		})
		if err != nil && !stopped {
			yield(record.Row{}, s.server().sentence(err))
		}
	}
}

// moment writes a time as a column of times is compared with it.
func (s *Source) moment(b *builder, c *column, at time.Time) {
	const form = "2006-01-02 15:04:05.000000"
	_, pg := s.d.(postgres)
	text, as := at.UTC().Format(form), "DATETIME(6)" // the session's zone is UTC
	switch {
	case c.kind == kindCivil && pg:
		text, as = at.Add(-clockChange).In(orUTC(s.opts.Zone)).Format(form), "timestamp"
	case c.kind == kindCivil:
		text = at.Add(-clockChange).In(orUTC(s.opts.Zone)).Format(form)
	case pg:
		text, as = text+"+00", "timestamptz"
	}
	b.text("CAST(")
	b.arg(text)
	b.text(" AS ", as, ")")
}

// orNil is an error only where there is one.
func orNil(bad *source.RowError) error {
	if bad == nil {
		return nil
	}
	return bad
}
