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
// names of form 7 stand as 7["Ann",null], and edits with the outline of form 8
// as 8["Ann"]; a text that begins with a brace or bracket is whole.
//
// It may be used by several goroutines. What a transaction adds counts for
// others when that has ended, and not at all where it failed.
type forms struct {
	find func(id int64) (string, error) // in the workspace

	count int  // of the workspace's forms, -1 until the writer knows
	last  last // of the writer alone

	mu       sync.RWMutex
	ids      map[string]int64
	texts    map[int64]string // those of ids
	names    map[int64][]string
	outlines map[int64]*plan.Outline
}

// last is the form that the writer used last: most texts have the same.
type last struct {
	id    int64
	names []string
	text  []byte
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
	f.names, f.outlines, f.last = make(map[int64][]string), make(map[int64]*plan.Outline), last{}
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
	if len(vs) == 0 {
		return vs.JSON(), nil
	}
	if !f.last.fits(vs) {
		names := make([]string, 0, len(vs))
		for name := range vs {
			names = append(names, name)
		}
		slices.Sort(names)
		text, err := json.Marshal(names)
		if err != nil {
			return "", err
		}
		id, ok, err := f.id(tx, text)
		if err != nil || !ok {
			return vs.JSON(), err
		}
		f.last.id, f.last.names = id, names
	}
	b := append(strconv.AppendInt(f.last.text[:0], f.last.id, 10), '[')
	for i, name := range f.last.names {
		if i > 0 {
			b = append(b, ',')
		}
		if v := vs[name]; v.State() == record.Absent {
			b = append(b, '0')
		} else {
			b = v.AppendJSON(b)
		}
	}
	f.last.text = append(b, ']')
	return string(f.last.text), nil
}

func (l *last) fits(vs record.Values) bool {
	if l.id == 0 || len(vs) != len(l.names) {
		return false
	}
	for _, name := range l.names {
		if _, ok := vs[name]; !ok {
			return false
		}
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
	vs := make(record.Values, len(names))
	r := jsontext.NewReader(rest)
	r.Expect('[')
	for i, name := range names {
		if i > 0 {
			r.Expect(',')
		}
		switch {
		case r.Next('0'):
		case r.Null():
			vs[name] = record.None()
		default:
			vs[name] = record.Text(r.Text())
		}
	}
	r.Expect(']')
	return vs, r.End()
}

// edits is the text of a plan's edits.
func (f *forms) edits(tx *sql.Tx, edits []plan.Edit) (string, error) {
	outline, ok := plan.AppendOutline(f.last.text[:0], edits)
	f.last.text = outline
	if ok && len(edits) > 0 {
		id, ok, err := f.id(tx, outline)
		if err != nil {
			return "", err
		}
		if ok {
			f.last.text = plan.AppendOutlined(strconv.AppendInt(f.last.text[:0], id, 10), edits)
			return string(f.last.text), nil
		}
	}
	return string(plan.AppendEdits(nil, edits)), nil
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
