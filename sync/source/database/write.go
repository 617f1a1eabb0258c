package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

const (
	batchRows = 200 // changes of one transaction: what others may have to wait for
	tries     = 4   // of a batch that met a deadlock
)

// Batch implements source.Rowwise.
func (*Source) Batch() int { return batchRows }

// prepared is a transaction that holds the changes and is one step from its
// commit.
type prepared struct {
	s        *Source
	conn     *sql.Conn
	after    string
	outcomes []source.Outcome
	ended    bool
}

// errAgain says that all of a batch was rolled back and may be tried again.
type errAgain struct{ error }

// Prepare implements source.Source: it carries the changes out in a transaction
// that nobody else sees before Commit. Each is made only while its row is as the
// change takes it to be, which the database itself looks at.
func (s *Source) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	t, err := s.table(ctx)
	if err != nil {
		return nil, err
	}
	if why := t.abilities(s.opts.Key).Why; why != "" && !t.abilities(s.opts.Key).Update && !t.abilities(s.opts.Key).Insert {
		return nil, &source.ReadOnlyError{Location: s.location(t), Msg: why}
	}
	s.mu.Lock()
	busy := s.open != nil
	s.mu.Unlock()
	if busy {
		return nil, errors.New("another batch of changes is being prepared")
	}
	careful := false
	for n := 0; ; n++ {
		p, err := s.attempt(ctx, t, changes, careful)
		var again errAgain
		switch {
		case err == nil:
			s.mu.Lock()
			s.open = p
			s.mu.Unlock()
			return p, nil
		case errors.Is(err, errCareful):
			careful = true
		case !errors.As(err, &again) || n >= tries:
			return nil, s.blocked(t, err)
		default:
			if err := pause(ctx, time.Duration(n+1)*50*time.Millisecond); err != nil {
				return nil, err
			}
		}
	}
}

// blocked is an error of a batch; what concerns the whole of the database is why it
// can't be written now.
func (s *Source) blocked(t *table, err error) error {
	var again errAgain
	if errors.As(err, &again) {
		return &source.ReadOnlyError{Location: s.location(t), Msg: "other programs are writing the same rows again and again; run again later", Err: err}
	}
	if msg := s.d.explain(err); msg != "" {
		return &source.ReadOnlyError{Location: s.location(t), Msg: msg, Err: err}
	}
	return s.server().sentence(err)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// errCareful says that a row was refused: the batch is tried once more, so that
// it fails alone. Without that a batch takes one round trip for each row.
var errCareful = errors.New("a row was refused")

func (s *Source) attempt(ctx context.Context, t *table, changes []source.Change, careful bool) (p *prepared, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	p = &prepared{s: s, conn: conn, outcomes: make([]source.Outcome, len(changes))}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Discard())
		}
	}()
	if err := s.d.beginWrite(ctx, conn); err != nil {
		return p, err
	}
	if p.after, err = s.d.name(ctx, conn); err != nil {
		return p, err
	}
	if p.after == "" {
		p.after = "batch " + rand.Text()
	}
	b := &batch{writer: writer{s: s, t: t}, conn: conn, out: p.outcomes, careful: careful}
	for i, ch := range changes {
		if err := b.change(ctx, i, ch); err != nil {
			return p, err
		}
	}
	return p, b.readBack(ctx)
}

// batch is a transaction under way.
type batch struct {
	writer
	conn    *sql.Conn
	out     []source.Outcome
	careful bool
	changes []source.Change // those that are looked at afterwards, by their outcome
	at      []int           // the outcome of each
	// followers are those of the table, nil where nobody asked.
	followers *[]follower
}

// change carries out one change.
func (b *batch) change(ctx context.Context, i int, ch source.Change) error {
	ch, err := b.checked(ch)
	if err != nil {
		b.refuse(i, ch.Key, err)
		return nil
	}
	if b.careful {
		if err := execAll(ctx, b.conn, "SAVEPOINT syncline"); err != nil {
			return err
		}
	}
	found, err := b.send(ctx, i, ch)
	if err == nil && found > 1 {
		err = &rowError{fmt.Sprintf("the change would have met %d rows, so it was taken back: the key is not unique", found)}
	}
	if err == nil && b.careful && ch.Kind == source.Insert {
		err = b.kept(ctx, b.out[i].Key)
	}
	if err != nil {
		return b.failed(ctx, i, ch, err)
	}
	if b.careful {
		if err := execAll(ctx, b.conn, "RELEASE SAVEPOINT syncline"); err != nil {
			return err
		}
	}
	if ch.Kind != source.Delete || found == 0 {
		b.changes, b.at = append(b.changes, ch), append(b.at, i)
	}
	if found == 0 {
		b.out[i] = source.Outcome{State: source.Moved, Key: ch.Key}
	}
	return nil
}

// kept makes sure that a new row stands in the table: a trigger may swallow it
// without a word, or make another one of it.
func (b *batch) kept(ctx context.Context, key string) error {
	rows, err := b.find(ctx, []string{key}, "")
	if _, there := rows[key]; err == nil && !there {
		err = &rowError{"the database took the new row and does not hold it: a trigger or a rule keeps it out, or gives it another key"}
	}
	return err
}

// rowError is a refusal of one row that no server said.
type rowError struct{ msg string }

func (e *rowError) Error() string { return e.msg }

func (b *batch) refuse(i int, key string, err error) {
	b.out[i] = source.Outcome{State: source.Refused, Key: key, Err: err}
}

// failed takes one change back, or the whole batch where it has to be.
func (b *batch) failed(ctx context.Context, i int, ch source.Change, err error) error {
	var own *rowError
	why, again, row := b.s.d.refused(err)
	switch {
	case errors.As(err, &own):
		why = own.msg
	case again:
		return errAgain{err}
	case !row:
		return err
	}
	if !b.careful {
		return errCareful
	}
	if err := execAll(ctx, b.conn, "ROLLBACK TO SAVEPOINT syncline"); err != nil {
		return errAgain{err} // a trigger ended more than its statement
	}
	b.refuse(i, ch.Key, errors.New("the database refused it: "+why))
	return nil
}

// send sends one change and tells how many rows it met.
func (b *batch) send(ctx context.Context, i int, ch source.Change) (int64, error) {
	switch ch.Kind {
	case source.Insert:
		return 1, b.add(ctx, i, ch)
	case source.Delete:
		return b.take(ctx, i, ch)
	case source.Update:
		q, err := b.update(ch)
		if err != nil {
			return 0, &rowError{err.Error()}
		}
		b.out[i] = source.Outcome{State: source.Done, Key: b.keyAfter(ch)}
		if b.out[i].Key == "" {
			return 0, &rowError{"the change would empty a key column, and the row could not be found again"}
		}
		res, err := b.conn.ExecContext(ctx, q.String(), q.args...)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	}
	return 0, &rowError{fmt.Sprintf("a change of kind %q is not known", ch.Kind)}
}

// add makes a row and learns its key.
func (b *batch) add(ctx context.Context, i int, ch source.Change) error {
	q, err := b.insert(ch)
	if err != nil {
		return &rowError{err.Error()}
	}
	fields := maps.Clone(ch.Fields)
	switch {
	case b.s.d.returns():
		b.returning(q, b.keyColumns())
		for row, err := range b.rows(ctx, q, b.keyColumns()) {
			if err != nil {
				return err
			}
			fields = row
		}
	default:
		res, err := b.conn.ExecContext(ctx, q.String(), q.args...)
		if err != nil {
			return err
		}
		for _, k := range b.s.opts.Key {
			if !fields[k].Empty() {
				continue
			}
			id, err := res.LastInsertId()
			if err != nil || id == 0 {
				return &rowError{fmt.Sprintf("this server does not tell what it put into the key column “%s”: map a property to it", k)}
			}
			fields[k] = record.Text(fmt.Sprint(id))
		}
	}
	row, bad := b.s.row(b.t, fields, nil)
	if bad != nil && bad.Columns == nil || row.Key == "" {
		return &rowError{"the new row has no key by which it could be found again"}
	}
	b.out[i] = source.Outcome{State: source.Done, Key: row.Key}
	return nil
}

// take deletes a row and keeps all of it.
func (b *batch) take(ctx context.Context, i int, ch source.Change) (int64, error) {
	if err := b.unfollowed(ctx, ch); err != nil {
		return 0, err
	}
	q, err := b.remove(ch)
	if err != nil {
		return 0, &rowError{err.Error()}
	}
	all := b.t.readable()
	b.out[i] = source.Outcome{State: source.Done, Key: ch.Key}
	if b.s.d.returns() {
		b.returning(q, all)
		var n int64
		for row, err := range b.rows(ctx, q, all) {
			if err != nil {
				return n, err
			}
			n++
			b.out[i].Now = row
		}
		return n, nil
	}
	look := b.builder()
	look.text(b.s.selects(b.t, all), " WHERE ")
	if err := b.believed(look, ch.Key, ch.Expect); err != nil {
		return 0, &rowError{err.Error()}
	}
	look.text(" FOR UPDATE")
	for row, err := range b.rows(ctx, look, all) {
		if err != nil {
			return 0, err
		}
		b.out[i].Now = row
	}
	res, err := b.conn.ExecContext(ctx, q.String(), q.args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// rows reads what a statement gives.
func (b *batch) rows(ctx context.Context, q *builder, columns []*column) iter.Seq2[record.Values, error] {
	return scanRows(ctx, b.s.d, b.conn, q.String(), columns, q.args...)
}

// readBack looks what the database holds after the changes, which a trigger may
// have made another value of, and what it holds of the rows that moved.
func (b *batch) readBack(ctx context.Context) error {
	const some = 50
	for at := 0; at < len(b.changes); at += some {
		end := min(at+some, len(b.changes))
		keys := make([]string, 0, some)
		for _, i := range b.at[at:end] {
			if b.out[i].State != source.Refused {
				keys = append(keys, b.out[i].Key)
			}
		}
		rows, err := b.find(ctx, keys, "")
		if err != nil {
			return err
		}
		for n, i := range b.at[at:end] {
			if _, there := rows[b.out[i].Key]; !there && b.out[i].State == source.Done && b.changes[at+n].Kind == source.Insert && !b.careful {
				return errCareful // so that it is taken back alone
			}
			b.settle(i, b.changes[at+n], rows)
		}
	}
	return nil
}

// settle completes the outcome of one change.
func (b *batch) settle(i int, ch source.Change, rows map[string]record.Row) {
	o := &b.out[i]
	row, there := rows[o.Key]
	switch {
	case o.State == source.Refused:
	case o.State == source.Moved && there && holds(row.Fields, ch.Expect):
		b.refuse(i, ch.Key, errors.New("the database shows the row as it was and does not let it be changed: a trigger or a row-level rule keeps it from this user"))
	case !there && o.State == source.Done:
		// It can't be found under its key any more: to keep what is not known would be a guess.
		o.Now = ch.Fields
	case there:
		o.Now = make(record.Values, len(ch.Fields))
		for name := range ch.Fields {
			o.Now[name] = row.Fields[name]
		}
		for _, k := range b.s.opts.Key {
			if ch.Kind == source.Insert {
				o.Now[k] = row.Fields[k]
			}
		}
	}
}

// holds reports whether a row holds the values.
func holds(row, values record.Values) bool {
	for name, v := range values {
		if now := row[name]; now != v && !(now.State() != record.Present && v.State() != record.Present) {
			return false
		}
	}
	return true
}

// find reads the rows of keys.
func (b *batch) find(ctx context.Context, keys []string, more string) (map[string]record.Row, error) {
	found := make(map[string]record.Row, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	columns := b.s.used(b.t)
	q := b.builder()
	q.text(b.s.selects(b.t, columns), " WHERE ")
	if err := b.byKeys(q, keys); err != nil {
		return nil, err
	}
	q.text(more)
	for fields, err := range b.rows(ctx, q, columns) {
		if err != nil {
			return nil, err
		}
		row, bad := b.s.row(b.t, fields, nil)
		if bad == nil || bad.Columns != nil {
			found[row.Key] = row
		}
	}
	return found, nil
}

// Before implements source.Prepared: there is no name for what was before.
func (*prepared) Before() string { return "" }

// After implements source.Prepared: it names the transaction.
func (p *prepared) After() string { return p.after }

// Outcomes implements source.Prepared.
func (p *prepared) Outcomes() []source.Outcome { return slices.Clone(p.outcomes) }

// Commit implements source.Prepared. An answer that is lost leaves the outcome
// open; any other error means that nothing changed.
func (p *prepared) Commit(ctx context.Context) error {
	if p.ended {
		return errors.New("the changes were committed or discarded already")
	}
	_, err := p.conn.ExecContext(ctx, `COMMIT`)
	if err == nil {
		p.end()
		return nil
	}
	switch _, again, row := p.s.d.refused(err); {
	case again: // another one was faster, as a cluster finds out at the commit
		return errors.Join(source.ErrMoved, p.Discard())
	case row:
		return errors.Join(p.s.server().sentence(err), p.Discard())
	}
	_ = p.conn.Raw(func(any) error { return errBadConn })
	p.end()
	return errors.Join(source.ErrUnconfirmed, p.s.server().sentence(err))
}

// Discard implements source.Prepared.
func (p *prepared) Discard() error {
	if p.ended {
		return nil
	}
	err := rollback(p.conn)
	p.end()
	return err
}

func (p *prepared) end() {
	p.ended = true
	_ = p.conn.Close() // it goes back to the others, or was given up
	p.s.mu.Lock()
	if p.s.open == p {
		p.s.open = nil
	}
	p.s.mu.Unlock()
}

// RowsOf implements source.Rowwise.
func (s *Source) RowsOf(ctx context.Context, keys []string) (map[string]record.Row, error) {
	t, err := s.table(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]record.Row, len(keys))
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.server().sentence(err)
	}
	defer conn.Close()
	if err := s.d.beginWrite(ctx, conn); err != nil { // which waits for others, and not for long
		return nil, s.server().sentence(err)
	}
	defer func() { _ = rollback(conn) }()
	b := &batch{writer: writer{s: s, t: t}, conn: conn}
	for some := range slices.Chunk(keys, 50) {
		rows, err := b.find(ctx, some, s.d.shared())
		if err != nil {
			return nil, s.server().sentence(err)
		}
		maps.Copy(found, rows)
	}
	return found, nil
}

// CameOf implements source.Rowwise.
func (s *Source) CameOf(ctx context.Context, after string) (source.Came, error) {
	pg, ok := s.d.(postgres)
	if !ok || !strings.HasPrefix(after, "pg ") {
		return source.CameUnknown, nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return "", s.server().sentence(err)
	}
	defer conn.Close()
	status, err := pg.came(ctx, conn, after)
	switch {
	case err != nil:
		return "", s.server().sentence(err)
	case status == "committed":
		return source.CameTrue, nil
	case status == "aborted":
		return source.CameNothing, nil
	case status == "in progress":
		return source.CameOpen, nil
	}
	return source.CameUnknown, nil
}
