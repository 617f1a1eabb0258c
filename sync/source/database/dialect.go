package database

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strconv"
	"strings"

	"syncline/sync/record"
)

// dialect is what differs from server to server.
type dialect interface {
	quote(name string) string
	// literal is a text as it stands in a script.
	literal(text string) string
	param(n int) string

	// read is the expression whose text is the column's value.
	read(c *column) string
	// decode takes what a read gave to the value.
	decode(c *column, read any) record.Value
	// same is the condition that a column holds exactly the value, told by its text.
	same(b *builder, c *column, v record.Value)
	// isKey is the condition that finds a key, by the index.
	isKey(b *builder, c *column, text string)
	// assign is the expression that an encoded value is written as.
	assign(b *builder, c *column, text *string)

	// beginRead starts a read-only snapshot, beginWrite a transaction with short
	// time-outs.
	beginRead(ctx context.Context, conn *sql.Conn) error
	beginWrite(ctx context.Context, conn *sql.Conn) error
	// name is what a transaction is known by after a crash, "" for nothing.
	name(ctx context.Context, conn *sql.Conn) (string, error)
	// shared makes a reading of rows wait for writes to them that are under way.
	shared() string
	// refused tells errors that concern one row, in the server's words, and those
	// after which the batch may be tried again.
	refused(err error) (why string, again, row bool)
	// explain puts an error of the connection into a sentence; "" leaves it.
	explain(err error) string

	table(ctx context.Context, conn *sql.Conn, name string) (*table, error)
	tables(ctx context.Context, conn *sql.Conn) ([]Table, error)
	// kindOf is the kind of a query's column by the driver's name of its type.
	kindOf(native string) kind

	// returns says that INSERT and DELETE can return what they did.
	returns() bool
	// followers are what rows of other tables a deletion would take along or change.
	followers(ctx context.Context, conn *sql.Conn, t *table) ([]follower, error)
}

// builder puts a statement together. With shown it writes the values into it,
// for people; else it leaves places for them.
type builder struct {
	strings.Builder
	d     dialect
	args  []any
	shown bool
}

func (b *builder) text(parts ...string) *builder {
	for _, p := range parts {
		b.WriteString(p)
	}
	return b
}

// arg writes the place of a value.
func (b *builder) arg(v any) {
	if b.shown {
		switch v := v.(type) {
		case nil:
			b.WriteString("NULL")
		case string:
			b.WriteString(b.d.literal(v))
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case uint64:
			b.WriteString(strconv.FormatUint(v, 10))
		case float64:
			b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		case []byte:
			b.WriteString("x'" + hex.EncodeToString(v) + "'")
		}
		return
	}
	b.args = append(b.args, v)
	b.WriteString(b.d.param(len(b.args)))
}

// list writes the elements with a separator.
func (b *builder) list(n int, sep string, each func(i int)) {
	for i := range n {
		if i > 0 {
			b.WriteString(sep)
		}
		each(i)
	}
}

// quoted doubles a mark within a text and puts it around it.
func quoted(text, mark string) string {
	return mark + strings.ReplaceAll(text, mark, mark+mark) + mark
}
