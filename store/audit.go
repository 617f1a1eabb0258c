package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"syncline/sync/jsontext"
	"syncline/sync/plan"
)

// Audit is one value ever written.
type Audit struct {
	ID       int64 // of the operation's first entry; the others have the same
	RunID    string
	SyncID   int64
	LinkID   int64
	RowKey   string
	RecordID string
	Side     plan.Side
	Field    string
	Property string     // "" = the whole record
	Edge     *plan.Edge // the association that it is about, nil for a field or record
	Action   plan.OpKind
	Before   *string
	After    *string
	Why      string
	OpID     int64
	At       time.Time
}

// What one operation wrote is one row of the audit trail: the first of its
// entries stands in the columns, the others in the text of the last one, as a
// list of three for each of them, why, before and after, after the number of
// the form that holds their fields and properties. A why of 0 is that of the
// entry before. Rows of older workspaces hold one entry each.

// goesWith reports whether an entry may stand in the row of one of the same
// operation.
func (a *Audit) goesWith(first *Audit) bool {
	return a.Edge == nil && first.Edge == nil && a.RowKey == first.RowKey && a.RecordID == first.RecordID &&
		a.Side == first.Side && a.Action == first.Action && a.faithful()
}

// faithful reports whether the entry is the same after it went through JSON.
func (a *Audit) faithful() bool {
	return listable(a.Field) && listable(a.Property) && listable(a.Why) && (a.Before == nil || listable(*a.Before)) && (a.After == nil || listable(*a.After))
}

// addAudits keeps what operations of one run wrote, each group one row.
func (s *Store) addAudits(tx *sql.Tx, groups [][]Audit, now int64) error {
	const put, same, each = `INSERT INTO audit(run_id, sync_id, at, link_id, row_key, record_id, side, field, property, action, before, after, why, op_id, edge, entries) VALUES`, 3, 13
	return inBulk(groups, func(some [][]Audit) error {
		args := make([]any, 0, same+each*len(some))
		args = append(args, some[0][0].RunID, some[0][0].SyncID, now)
		for _, group := range some {
			a := &group[0]
			entries, err := s.forms.entries(tx, group)
			if err != nil {
				return err
			}
			args = append(args, a.LinkID, a.RowKey, a.RecordID, string(a.Side), a.Field, a.Property, string(a.Action), textOrNull(a.Before), textOrNull(a.After), a.Why, a.OpID, edgeText(a.Edge), entries)
		}
		_, err := tx.Exec(put+marksBeside(same, each, len(some)), args...)
		return err
	})
}

func textOrNull(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// written is which value an entry is about.
type written struct{ field, property string }

// entries is the text of the entries after the first.
func (f *forms) entries(tx *sql.Tx, group []Audit) (string, error) {
	if len(group) == 1 {
		return "", nil
	}
	first, more := group[0], group[1:]
	known := slices.EqualFunc(f.wrote, more, func(w written, a Audit) bool { return w.field == a.Field && w.property == a.Property })
	if !known {
		wrote := make([]written, 0, len(more))
		b := append(f.buf[:0], '[')
		for i, a := range more {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendPair(b, a.Field, a.Property)
			wrote = append(wrote, written{a.Field, a.Property})
		}
		b = append(b, ']')
		f.buf = b
		id, ok, err := f.id(tx, b)
		if err != nil {
			return "", err
		}
		if !ok {
			return wholeEntries(first, more), nil
		}
		f.wrote, f.wroteID = wrote, id
	}
	b := append(strconv.AppendInt(f.buf[:0], f.wroteID, 10), '[')
	why := first.Why
	for i := range more {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEntry(b, &more[i], why)
		why = more[i].Why
	}
	f.buf = append(b, ']')
	return string(f.buf), nil
}

func appendPair(b []byte, field, property string) []byte {
	b = append(jsontext.AppendText(append(b, '['), field), ',')
	return append(jsontext.AppendText(b, property), ']')
}

func appendEntry(b []byte, a *Audit, why string) []byte {
	if a.Why == why {
		b = append(b, '0')
	} else {
		b = jsontext.AppendText(b, a.Why)
	}
	for _, v := range []*string{a.Before, a.After} {
		if b = append(b, ','); v == nil {
			b = append(b, "null"...)
		} else {
			b = jsontext.AppendText(b, *v)
		}
	}
	return b
}

// wholeEntries is the text of entries where there is no room for one more form.
func wholeEntries(first Audit, more []Audit) string {
	b, why := []byte{'['}, first.Why
	for i := range more {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPair(b, more[i].Field, more[i].Property)
		b = appendEntry(append(b, ','), &more[i], why)
		why = more[i].Why
	}
	return string(append(b, ']'))
}

// parseEntries gives the entries of a row of which the first is given.
func (f *forms) parseEntries(first Audit, text string) ([]Audit, error) {
	all := []Audit{first}
	if text == "" {
		return all, nil
	}
	id, rest, err := cutForm(text)
	if err != nil {
		return nil, err
	}
	var wrote []written
	if id != 0 {
		if wrote, err = f.writtenOf(id); err != nil {
			return nil, err
		}
	}
	r := jsontext.NewReader(rest)
	r.Expect('[')
	a := first
	for n := 0; r.Err() == nil && !r.Next(']'); n++ {
		if n > 0 {
			r.Expect(',')
		}
		switch {
		case id == 0:
			a.Field, a.Property = readPair(r)
			r.Expect(',')
		case n < len(wrote):
			a.Field, a.Property = wrote[n].field, wrote[n].property
		default:
			return nil, fmt.Errorf("%w: more entries than form %d has", jsontext.ErrForm, id)
		}
		if r.Digit() {
			r.Int()
		} else {
			a.Why = r.Text()
		}
		a.Before, a.After = readMaybe(r), readMaybe(r)
		all = append(all, a)
	}
	return all, r.End()
}

func readPair(r *jsontext.Reader) (field, property string) {
	r.Expect('[')
	field = r.Text()
	r.Expect(',')
	property = r.Text()
	r.Expect(']')
	return field, property
}

func readMaybe(r *jsontext.Reader) *string {
	if r.Expect(','); r.Null() {
		return nil
	}
	text := r.Text()
	return &text
}

// writtenOf are the fields and properties of a form.
func (f *forms) writtenOf(id int64) ([]written, error) {
	text, err := f.text(id)
	if err != nil {
		return nil, err
	}
	var pairs [][2]string
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return nil, fmt.Errorf("form %d of the audit trail can't be read: %w", id, err)
	}
	wrote := make([]written, len(pairs))
	for i, p := range pairs {
		wrote[i] = written{p[0], p[1]}
	}
	return wrote, nil
}

const auditColumns = `a.id, a.run_id, a.sync_id, a.link_id, a.row_key, a.record_id, a.side, a.field, a.property, a.action, a.before, a.after, a.why, a.op_id, a.at, a.edge, a.entries`

// scanAudits reads a row of the audit trail, which holds one entry or several,
// and what else the query asks for after its columns.
func (s *Store) scanAudits(row interface{ Scan(...any) error }, more ...any) ([]Audit, error) {
	var a Audit
	var when int64
	var edge, entries string
	err := row.Scan(append([]any{&a.ID, &a.RunID, &a.SyncID, &a.LinkID, &a.RowKey, &a.RecordID, &a.Side, &a.Field, &a.Property, &a.Action, &a.Before, &a.After, &a.Why, &a.OpID, &when, &edge, &entries}, more...)...)
	if err != nil {
		return nil, err
	}
	a.At = at(when)
	if a.Edge, err = parseEdge(edge); err != nil {
		return nil, err
	}
	return s.forms.parseEntries(a, entries)
}

// audits returns the entries of the rows of a query.
func (s *Store) audits(ctx context.Context, q string, args ...any) ([]Audit, error) {
	rows, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) ([]Audit, error) { return s.scanAudits(row) }, q, args...)
	return slices.Concat(rows...), err
}

// AuditOf yields what a run wrote, in order.
func (s *Store) AuditOf(ctx context.Context, runID string) iter.Seq2[Audit, error] {
	// Only their numbers are sorted; LIMIT keeps SQLite from leaving out the order.
	rows := stream(ctx, s.read, func(rows *sql.Rows) ([]Audit, error) { return s.scanAudits(rows) },
		`SELECT `+auditColumns+` FROM (SELECT id FROM audit WHERE run_id = ? ORDER BY id LIMIT -1) ordered CROSS JOIN audit a ON a.id = ordered.id`, runID)
	return func(yield func(Audit, error) bool) {
		for all, err := range rows {
			if err != nil {
				yield(Audit{}, err)
				return
			}
			for _, a := range all {
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}

// Trail is what a run wrote to one pair of a row and a record, in order.
type Trail []Audit

// Part limits an undo. Without both lists it is of all.
type Part struct {
	Fields []string // columns or properties
	Rows   []string // row keys
}

// Whole reports whether nothing is left out.
func (p Part) Whole() bool { return len(p.Fields) == 0 && len(p.Rows) == 0 }

// Trails returns what a run wrote to the next pairs after a link, at most limit
// of them, in the order of their links. Those that were none any more when it wrote to
// them, which only an undo does, come first: their link is 0, and -1 is before all. A
// large run is read in pages, so that its audit trail is never in memory as a whole.
func (s *Store) Trails(ctx context.Context, runID string, after int64, limit int, part Part) ([]Trail, error) {
	all, err := s.audits(ctx, `SELECT `+auditColumns+` FROM audit a WHERE a.run_id = ?1 AND a.edge = '' AND a.link_id IN
			(SELECT DISTINCT link_id FROM audit WHERE run_id = ?1 AND edge = '' AND link_id > ?2
				AND (?4 = '[]' OR row_key IN (SELECT value FROM json_each(?4))) ORDER BY link_id LIMIT ?3)
		ORDER BY a.link_id, a.id`, runID, after, limit, jsonList(part.Rows))
	if err != nil {
		return nil, err
	}
	var trails []Trail
	type pair struct {
		link        int64
		row, record string
	}
	at := make(map[pair]int)
	for _, a := range all {
		of := pair{link: a.LinkID}
		if a.LinkID == 0 {
			of.row, of.record = a.RowKey, a.RecordID
		}
		n, ok := at[of]
		if !ok {
			n = len(trails)
			at[of], trails = n, append(trails, nil)
		}
		trails[n] = append(trails[n], a)
	}
	return trails, nil
}

// EdgeTrail returns the associations that a run wrote after an entry of the
// audit trail, at most limit of them, in their order.
func (s *Store) EdgeTrail(ctx context.Context, runID string, after int64, limit int) ([]Audit, error) {
	return s.audits(ctx, `SELECT `+auditColumns+` FROM audit a WHERE a.run_id = ? AND a.edge <> '' AND a.id > ? ORDER BY a.id LIMIT ?`, runID, after, limit)
}

// WroteFields returns the fields that a run wrote, by column or property.
func (s *Store) WroteFields(ctx context.Context, runID string) ([]string, error) {
	return s.named(ctx, runID, func(field, property string) []string {
		if field != "" {
			return []string{field}
		}
		return []string{property}
	})
}

// WroteNames returns the names of the fields that a run wrote: their columns and
// their properties.
func (s *Store) WroteNames(ctx context.Context, runID string) ([]string, error) {
	return s.named(ctx, runID, func(field, property string) []string {
		if field != "" {
			return []string{field, property}
		}
		return []string{property}
	})
}

// named gives the names of what a run wrote, in order, each once.
func (s *Store) named(ctx context.Context, runID string, names func(field, property string) []string) ([]string, error) {
	all := make(map[string]bool)
	add := func(field, property string) {
		if property == "" {
			return
		}
		for _, name := range names(field, property) {
			all[name] = true
		}
	}
	for w, err := range stream(ctx, s.read, func(rows *sql.Rows) (w written, err error) {
		return w, rows.Scan(&w.field, &w.property)
	}, `SELECT DISTINCT field, property FROM audit WHERE run_id = ? AND property <> ''`, runID) {
		if err != nil {
			return nil, err
		}
		add(w.field, w.property)
	}
	kinds, err := list(ctx, s.read, scanText, `SELECT DISTINCT substr(entries, 1, instr(entries, '[')) FROM audit WHERE run_id = ? AND entries <> ''`, runID)
	if err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		id, _, err := cutForm(kind)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			err = s.wholeFields(ctx, runID, add)
		} else {
			err = s.fieldsOf(id, add)
		}
		if err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}

func (s *Store) fieldsOf(form int64, add func(field, property string)) error {
	wrote, err := s.forms.writtenOf(form)
	for _, w := range wrote {
		add(w.field, w.property)
	}
	return err
}

// wholeFields gives the fields of the entries that stand without a form.
func (s *Store) wholeFields(ctx context.Context, runID string, add func(field, property string)) error {
	for entries, err := range stream(ctx, s.read, func(rows *sql.Rows) (string, error) { return scanText(rows) }, `SELECT entries FROM audit WHERE run_id = ? AND entries LIKE '[%'`, runID) {
		if err != nil {
			return err
		}
		all, err := s.forms.parseEntries(Audit{}, entries)
		if err != nil {
			return err
		}
		for _, a := range all {
			add(a.Field, a.Property)
		}
	}
	return nil
}

// AddedRows returns the keys of the rows that a run added to the source.
func (s *Store) AddedRows(ctx context.Context, runID string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT row_key FROM audit WHERE run_id = ? AND side = 'source' AND action = 'create' AND field = ''`, runID)
}

// WroteRow reports whether a run wrote to the row with this key or its record.
func (s *Store) WroteRow(ctx context.Context, runID, rowKey string) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM run r JOIN audit a ON a.sync_id = r.sync_id AND a.row_key = ?2 AND a.run_id = r.id WHERE r.id = ?1)`, runID, rowKey).Scan(&yes)
	return yes, err
}

// WroteRecord returns what a sync ever wrote to a record after an entry of the audit trail, in
// order, whatever the key of its row was then.
func (s *Store) WroteRecord(ctx context.Context, syncID int64, recordID string, after int64) ([]Audit, error) {
	return s.audits(ctx, `SELECT `+auditColumns+` FROM audit a WHERE a.record_id = ? AND a.side = 'hubspot' AND a.sync_id = ? AND a.id > ? ORDER BY a.id`, recordID, syncID, after)
}

// KeysThen returns the keys that the row of a record had when a run wrote to the two.
func (s *Store) KeysThen(ctx context.Context, runID, recordID string) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT DISTINCT row_key FROM audit WHERE record_id = ? AND run_id = ? ORDER BY row_key`, recordID, runID)
}

// WrittenTo returns what was ever written to a row and a record after an entry
// of the audit trail, in order.
func (s *Store) WrittenTo(ctx context.Context, syncID int64, rowKey, recordID string, after int64) ([]Audit, error) {
	return s.audits(ctx, `SELECT `+auditColumns+` FROM audit a WHERE a.sync_id = ? AND a.row_key = ? AND a.id > ? AND a.record_id = ? ORDER BY a.id`, syncID, rowKey, after, recordID)
}
