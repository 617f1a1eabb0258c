package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"syncline/sync/jsontext"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// mostForms bounds how many forms a workspace keeps. Texts beyond them are kept
// whole, as those of older workspaces are.
const mostForms = 4096

// forms keeps what many stored texts have in common once. Values with the
// names of form 7 stand as 7["Ann",null], the cells beside them, of form 9, as
// 9[1,"x"] where the first is Ann too, and edits with the outline of form 8 as
// 8["Ann"], see also [Audit]; a text that begins with a brace or bracket is whole.
//
// It may be used by several goroutines. What a transaction adds counts for
// others when that has ended, and not at all where it failed.
type forms struct {
	find func(id int64) (string, error) // in the workspace

	// Of the writer alone:
	count     int         // of the workspace's forms, -1 until it is known
	recent    [4]*nameSet // the sets of names that it used last: most texts have one of them
	buf       []byte      // used again for the next text
	beside    []record.Value
	outline   *plan.Outline // that it used last
	outlineID int64
	wrote     []written // of the audit trail, that it used last
	wroteID   int64

	mu       sync.RWMutex
	ids      map[string]int64
	texts    map[int64]string // those of ids
	names    map[int64][]string
	outlines map[int64]*plan.Outline
}

// nameSet is the names of values, which are a form.
type nameSet struct {
	id    int64
	names []string
	list  []record.Value // of the values at hand, in the order of the names
	also  []int          // of cells: where each stood last among the values beside it, counted from 1
}

func newForms(find func(int64) (string, error)) *forms {
	f := &forms{find: find}
	f.forget()
	return f
}

// forget drops what is known, for a transaction that failed: a form that it
// made is none.
func (f *forms) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count, f.ids, f.texts = -1, make(map[string]int64), make(map[int64]string)
	f.names, f.outlines, f.recent = make(map[int64][]string), make(map[int64]*plan.Outline), [4]*nameSet{}
	f.outline, f.wrote = nil, nil
}

// id returns the number of a form, which is made where there is room for it;
// ok is false where there is none. Only the writer calls it.
func (f *forms) id(tx *sql.Tx, text []byte) (id int64, ok bool, err error) {
	f.mu.RLock()
	id, ok = f.ids[string(text)]
	f.mu.RUnlock()
	if ok {
		return id, true, nil
	}
	err = tx.QueryRow(`SELECT id FROM form WHERE text = ?`, string(text)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		if f.count < 0 {
			if err := tx.QueryRow(`SELECT count(*) FROM form`).Scan(&f.count); err != nil {
				return 0, false, err
			}
		}
		if f.count >= mostForms {
			return 0, false, nil
		}
		f.count++
		err = tx.QueryRow(`INSERT INTO form(text) VALUES(?) RETURNING id`, string(text)).Scan(&id)
	}
	if err != nil {
		return 0, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[string(text)] = id
	f.texts[id] = string(text)
	return id, true, nil
}

// values is the text of values.
func (f *forms) values(tx *sql.Tx, vs record.Values) (string, error) {
	set, err := f.setOf(tx, vs)
	if err != nil || set == nil {
		return vs.JSON(), err
	}
	return f.write(set, nil), nil
}

// row gives the texts of a row's values and of its cells. A cell that is one of
// the values stands as the place of that value in their list, counted from 1.
func (f *forms) row(tx *sql.Tx, values, cells record.Values) (vals, raw string, err error) {
	set, err := f.setOf(tx, values)
	if err != nil {
		return "", "", err
	}
	f.beside = f.beside[:0]
	if set == nil {
		vals = values.JSON()
	} else {
		vals = f.write(set, nil)
		f.beside = append(f.beside, set.list...)
	}
	if set, err = f.setOf(tx, cells); err != nil || set == nil {
		return vals, cells.JSON(), err
	}
	return vals, f.write(set, f.beside), nil
}

// write is the text of the values that a set holds.
func (f *forms) write(set *nameSet, beside []record.Value) string {
	b := append(strconv.AppendInt(f.buf[:0], set.id, 10), '[')
	for i, v := range set.list {
		if i > 0 {
			b = append(b, ',')
		}
		at := 0
		if len(beside) > 0 {
			at = placeOf(v, beside, set.also[i])
		}
		switch {
		case at > 0:
			set.also[i] = at
			b = strconv.AppendInt(b, int64(at), 10)
		case v.State() == record.Absent:
			b = append(b, '0')
		default:
			b = v.AppendJSON(b)
		}
	}
	f.buf = append(b, ']')
	return string(f.buf)
}

// placeOf is where a cell stands among values, counted from 1 and looked for at
// a likely place first; 0 where it does not, or is too short to be worth it.
func placeOf(v record.Value, values []record.Value, likely int) int {
	if len(v.String()) < 2 {
		return 0
	}
	if likely > 0 && likely <= len(values) && values[likely-1] == v {
		return likely
	}
	return slices.Index(values, v) + 1
}

// setOf is the set of the names of values, with the values in its order; nil
// where there is none for them. It holds until it is asked for the next time.
func (f *forms) setOf(tx *sql.Tx, vs record.Values) (*nameSet, error) {
	if len(vs) == 0 {
		return nil, nil
	}
	for i, set := range f.recent {
		if set != nil && set.take(vs) {
			copy(f.recent[1:], f.recent[:i])
			f.recent[0] = set
			return set, nil
		}
	}
	names := make([]string, 0, len(vs))
	for name := range vs {
		names = append(names, name)
	}
	slices.Sort(names)
	text, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	id, ok, err := f.id(tx, text)
	if err != nil || !ok {
		return nil, err
	}
	set := &nameSet{id: id, names: names, also: make([]int, len(names))}
	set.take(vs)
	copy(f.recent[1:], f.recent[:])
	f.recent[0] = set
	return set, nil
}

// take takes values into the list, if their names are those of the set.
func (s *nameSet) take(vs record.Values) bool {
	if len(vs) != len(s.names) {
		return false
	}
	s.list = s.list[:0]
	for _, name := range s.names {
		v, ok := vs[name]
		if !ok {
			return false
		}
		s.list = append(s.list, v)
	}
	return true
}

// parseValues reads the text of values.
func (f *forms) parseValues(text string) (record.Values, error) {
	id, rest, err := cutForm(text)
	if err != nil || id == 0 {
		return record.ParseValues(text)
	}
	names, err := f.namesOf(id)
	if err != nil {
		return nil, err
	}
	return readValues(names, rest, nil, nil)
}

// parseRow reads what row wrote.
func (f *forms) parseRow(vals, raw string) (values, cells record.Values, err error) {
	list := make([]record.Value, 0, 16)
	id, rest, err := cutForm(vals)
	if err != nil {
		return nil, nil, err
	}
	if id == 0 {
		values, err = record.ParseValues(vals)
	} else {
		var names []string
		if names, err = f.namesOf(id); err == nil {
			values, err = readValues(names, rest, nil, &list)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if id, rest, err = cutForm(raw); err != nil || id == 0 {
		cells, err = f.parseValues(raw)
		return values, cells, err
	}
	names, err := f.namesOf(id)
	if err == nil {
		cells, err = readValues(names, rest, list, nil)
	}
	return values, cells, err
}

// readValues reads the list of values with these names. others are the values
// that a place in the list may stand for; into, if it is not nil, gets the list.
func readValues(names []string, text string, others []record.Value, into *[]record.Value) (record.Values, error) {
	vs := make(record.Values, len(names))
	r := jsontext.NewReader(text)
	r.Expect('[')
	for i, name := range names {
		if i > 0 {
			r.Expect(',')
		}
		var v record.Value
		switch {
		case r.Digit():
			if at := r.Int(); at > 0 && at <= int64(len(others)) {
				v = others[at-1]
			} else if at != 0 {
				return nil, fmt.Errorf("%w: it has no value %d", jsontext.ErrForm, at)
			}
		case r.Null():
			v = record.None()
		default:
			v = record.Text(r.Text())
		}
		vs[name] = v
		if into != nil {
			*into = append(*into, v)
		}
	}
	r.Expect(']')
	return vs, r.End()
}

// edits is the text of a plan's edits.
func (f *forms) edits(tx *sql.Tx, edits []plan.Edit) (string, error) {
	if f.outline == nil || !f.outline.Fits(edits) {
		text, ok := plan.AppendOutline(f.buf[:0], edits)
		f.buf = text
		if !ok || len(edits) == 0 {
			return string(plan.AppendEdits(nil, edits)), nil
		}
		id, ok, err := f.id(tx, text)
		if err != nil || !ok {
			return string(plan.AppendEdits(nil, edits)), err
		}
		f.outline, f.outlineID = plan.OutlineOf(edits), id
	}
	f.buf = plan.AppendOutlined(strconv.AppendInt(f.buf[:0], f.outlineID, 10), edits)
	return string(f.buf), nil
}

// parseEdits reads the text of a plan's edits.
func (f *forms) parseEdits(text string) ([]plan.Edit, error) {
	id, rest, err := cutForm(text)
	if err != nil {
		return nil, err
	}
	if id == 0 {
		var edits []plan.Edit
		err := json.Unmarshal([]byte(text), &edits)
		return edits, err
	}
	f.mu.RLock()
	o := f.outlines[id]
	f.mu.RUnlock()
	if o == nil {
		text, err := f.text(id)
		if err != nil {
			return nil, err
		}
		if o, err = plan.ParseOutline(text); err != nil {
			return nil, err
		}
		f.mu.Lock()
		f.outlines[id] = o
		f.mu.Unlock()
	}
	return o.Read(rest)
}

func (f *forms) namesOf(id int64) ([]string, error) {
	f.mu.RLock()
	names := f.names[id]
	f.mu.RUnlock()
	if names != nil {
		return names, nil
	}
	text, err := f.text(id)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, fmt.Errorf("form %d of stored values can't be read: %w", id, err)
	}
	f.mu.Lock()
	f.names[id] = names
	f.mu.Unlock()
	return names, nil
}

// text is that of a form: one that this process made, perhaps just now, or one
// of the workspace.
func (f *forms) text(id int64) (string, error) {
	f.mu.RLock()
	text, ok := f.texts[id]
	f.mu.RUnlock()
	if ok {
		return text, nil
	}
	return f.find(id)
}

// cutForm cuts the number of the form off a text; 0 = the text is whole.
func cutForm(text string) (id int64, rest string, err error) {
	if text == "" || text[0] < '0' || text[0] > '9' {
		return 0, text, nil
	}
	number, _, _ := strings.Cut(text, "[")
	id, err = strconv.ParseInt(number, 10, 64)
	if err != nil || len(number) == len(text) {
		return 0, text, fmt.Errorf("%w: %.20q", jsontext.ErrForm, text)
	}
	return id, text[len(number):], nil
}

// openForms makes the workspace's forms known. They are read by a connection
// of their own: the others may be in the middle of a query then.
func (s *Store) openForms(path string) (err error) {
	if s.lookup, err = sql.Open(driverName, dsn(path, "mode=ro&_query_only=1&_cache_size=-512")); err != nil {
		return err
	}
	s.lookup.SetMaxOpenConns(1)
	s.forms = newForms(func(id int64) (text string, err error) {
		err = s.lookup.QueryRow(`SELECT text FROM form WHERE id = ?`, id).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return "", fmt.Errorf("the workspace lacks form %d of its stored values: restore a backup of it, or start with another workspace folder", id)
		}
		return text, err
	})
	return nil
}
