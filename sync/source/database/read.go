package database

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

var errBadConn = driver.ErrBadConn

// refusesSignIn begins what is said of a user or password that a server does not
// take.
const refusesSignIn = "refuses the sign-in: "

// tookTooLong begins what is said of a statement that a server ended for its length.
const tookTooLong = "the database took too long; "

// used are the columns that Rows reads, in the table's order.
func (s *Source) used(t *table) []*column {
	all := t.readable()
	if s.opts.Use == nil {
		return all
	}
	return slices.DeleteFunc(all, func(c *column) bool {
		return !slices.Contains(s.opts.Use, c.name) && !slices.Contains(s.opts.Key, c.name) && c.name != s.opts.Modified
	})
}

// Rows implements source.Source: one snapshot, whatever is written meanwhile.
func (s *Source) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return s.reading(ctx, func(ctx context.Context, conn *sql.Conn, t *table, give func(record.Row, error) bool) error {
		var b builder
		if len(s.opts.Key) > 0 {
			b.text(" ORDER BY ")
			b.list(len(s.opts.Key), ", ", func(i int) { b.text(s.d.quote(s.opts.Key[i])) })
		}
		numbers := make(map[string]bool)
		for fields, err := range scanNumbers(ctx, s.d, conn, s.selects(t, s.used(t))+b.String(), s.used(t), numbers) {
			if err != nil {
				return err
			}
			if row, bad := s.row(t, fields, numbers); !give(row, orNil(bad)) {
				return nil
			}
		}
		return nil
	})
}

// read yields rows as they stand, what follows the table being rest.
func (s *Source) read(ctx context.Context, conn *sql.Conn, t *table, columns []*column, rest string) iter.Seq2[record.Values, error] {
	return scanRows(ctx, s.d, conn, s.selects(t, columns)+rest, columns)
}

// scanRows yields what a statement gives.
func scanRows(ctx context.Context, d dialect, conn *sql.Conn, q string, columns []*column, args ...any) iter.Seq2[record.Values, error] {
	return scanNumbers(ctx, d, conn, q, columns, make(map[string]bool), args...)
}

// scanNumbers is scanRows that says, until the next row, which columns hold a
// number as such, of whatever type they are: SQLite's have one for each value.
func scanNumbers(ctx context.Context, d dialect, conn *sql.Conn, q string, columns []*column, numbers map[string]bool, args ...any) iter.Seq2[record.Values, error] {
	return func(yield func(record.Values, error) bool) {
		rows, err := conn.QueryContext(ctx, q, args...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		cells := make([]cell, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				yield(nil, err)
				return
			}
			fields := make(record.Values, len(columns))
			for i, c := range columns {
				fields[c.name] = d.decode(c, cells[i].v)
				switch cells[i].v.(type) {
				case int64, float64:
					numbers[c.name] = true
				default:
					delete(numbers, c.name)
				}
			}
			if !yield(fields, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// cell takes a value from the driver as it is.
type cell struct{ v any }

// Scan implements sql.Scanner. Bytes belong to the driver until the next row,
// and are taken to a text before.
func (c *cell) Scan(v any) error {
	c.v = v
	return nil
}

func (s *Source) selects(t *table, columns []*column) string {
	var b builder
	b.text("SELECT ")
	b.list(len(columns), ", ", func(i int) { b.text(s.d.read(columns[i]), " AS ", s.d.quote(columns[i].name)) })
	b.text(" FROM ", t.from(s.d))
	return b.String()
}

// row is a row with its key and its time; numbers are the columns that hold one as
// such.
func (s *Source) row(t *table, fields record.Values, numbers map[string]bool) (record.Row, *source.RowError) {
	row := record.Row{Key: tabular.Key(s.opts.Key, fields), Fields: fields}
	if s.opts.Modified != "" {
		row.Modified = modified(t.byName[s.opts.Modified], fields[s.opts.Modified].String(), s.opts.Zone)
	}
	for _, name := range s.opts.Key {
		if text := fields[name].String(); text != record.Trimmed(text) {
			// Under its key as it is compared another row could be meant.
			return row, &source.RowError{Msg: fmt.Sprintf("has spaces or invisible characters at the edge of its key “%s”: take them out of the column %s", strings.TrimSpace(text), name)}
		}
	}
	return row, s.unfit(t, fields, numbers)
}

// unfit takes out of a row the cells that can't be values, and says why.
func (s *Source) unfit(t *table, fields record.Values, numbers map[string]bool) *source.RowError {
	var bad *source.RowError
	for _, c := range t.columns { // in their order, so that it is said in the same words each time
		name := c.name
		text := fields[name].String()
		var msg string
		switch {
		case len(text) > tabular.Standard.Cell:
			msg = fmt.Sprintf("holds more than %s in the column “%s”; HubSpot takes 65,536 characters, so shorten it", tabular.Bytes(tabular.Standard.Cell), name)
		case !utf8.ValidString(text): // SQLite, and PostgreSQL's SQL_ASCII, keep whatever they are given
			msg = fmt.Sprintf("has bytes in “%s” that are no UTF-8 text", name)
			if strings.HasPrefix(text, bytesHere) {
				msg = fmt.Sprintf("holds bytes in “%s”, whose type is %s: let the program that writes them write a text there, or give the column the type BLOB", name, orElse(c.native, "not declared"))
			}
		default:
			err := s.opts.typed.Check(name, text)
			if c.numeric() || numbers[name] {
				err = s.opts.Marks.Check(name, text)
			}
			if err == nil {
				continue
			}
			msg = fmt.Sprintf("has an error: “%s” %s", name, err)
		}
		delete(fields, name)
		if bad == nil {
			bad = &source.RowError{Msg: msg}
		}
		bad.Columns = append(bad.Columns, name)
	}
	return bad
}

// modified is a row's time of change, zero where it is not known.
func modified(c *column, text string, zone *time.Location) time.Time {
	if c.kind == kindInstant || c.kind == kindCivil && zone != nil {
		if at, ok := moment(text, zone); ok {
			return at
		}
	}
	return tabular.ParseModified(text, zone)
}

// unreachable says why there is no way to a server.
func unreachable(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var unverified *tls.CertificateVerificationError
	if why := mistrusted(err); why != "" {
		return why
	}
	switch {
	case errors.As(err, &unverified):
		err = unverified.Err
	case strings.Contains(err.Error(), "refused TLS") || strings.Contains(err.Error(), "does not support TLS"):
		return "offers no encryption, which is asked for. Let its administrator turn TLS on, or name a weaker sslmode in the address if you know what it means"
	}
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("can't be reached: the network does not know the name %s", dns.Name)
	case errors.As(err, &op) && op.Op == "dial":
		return fmt.Sprintf("can't be reached: nobody answers there (%v). Check host and port, and that the server is on", op.Err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "did not answer in time: check the network, then try again"
	case strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "x509") || strings.Contains(err.Error(), "tls:"):
		return fmt.Sprintf("has no certificate that can be trusted (%v). Ask its administrator for one, or name a weaker sslmode in the address if you know what it means", err)
	}
	return err.Error()
}
