package tabular

import (
	"fmt"
	"maps"
	"slices"

	"syncline/sync/record"
	"syncline/sync/source"
)

// Editor makes single edits to a file's rows, which it holds in some form
// ready to be written.
type Editor interface {
	// Value returns what stands in a column of the row at a line now, earlier
	// edits of the same preparation included.
	Value(line int, column string) record.Value
	// Set writes values into the row at a line, all or none, and returns what
	// they will read back as. An error is a sentence that says why not.
	Set(line int, values record.Values) (record.Values, error)
	// Append adds a row below the last one.
	Append(values record.Values) (record.Values, error)
	// Remove takes the row at a line out and returns all that stood in it.
	Remove(line int) (record.Values, error)
}

// Changes matches the changes of one preparation to the rows of a file. The
// file is read once, telling Saw each key; then Apply decides every change.
type Changes struct {
	header  Header
	key     []string
	changes []source.Change
	seen    map[string][]int // lines of the keys that some change concerns, or of all keys
	claimed map[string]bool  // keys that an insert brings
	added   map[string]bool  // keys of rows appended so far
	all     bool             // note every key
}

// NewChanges prepares to match. key are the names of the key columns.
func NewChanges(h Header, key []string, changes []source.Change) *Changes {
	c := &Changes{header: h, key: key, changes: changes,
		seen: map[string][]int{}, claimed: map[string]bool{}, added: map[string]bool{}}
	for _, ch := range changes {
		if ch.Kind == source.Update || ch.Kind == source.Delete {
			c.seen[ch.Key] = nil
			// The key that results may depend on the row, so every key has to be known.
			c.all = c.all || slices.ContainsFunc(key, func(k string) bool { _, writes := ch.Fields[k]; return writes })
			continue
		}
		if k := Key(key, ch.Fields); k != "" {
			c.seen[k] = nil
			c.claimed[k] = true
		}
	}
	return c
}

// Saw notes a row of the file, and reports whether an Editor must remember the
// row because a change may concern it.
func (c *Changes) Saw(key string, line int) bool {
	if key == "" {
		return false
	}
	lines, watched := c.seen[key]
	if !watched && !c.all {
		return false
	}
	if len(lines) < 2 { // two lines are enough to name in a refusal
		c.seen[key] = append(lines, line)
	}
	return watched
}

// Apply decides all changes in their order, makes those that can be made with
// e, and returns the outcome of each.
func (c *Changes) Apply(e Editor) []source.Outcome {
	out := make([]source.Outcome, len(c.changes))
	for i, ch := range c.changes {
		ch.Fields = present(ch.Fields)
		var err error
		if err = c.checkColumns(ch); err == nil {
			switch ch.Kind {
			case source.Update:
				out[i] = c.update(e, ch)
				continue
			case source.Insert:
				out[i] = c.insert(e, ch)
				continue
			case source.Delete:
				out[i] = c.remove(e, ch)
				continue
			default:
				err = fmt.Errorf("a change of kind %q is not known", ch.Kind)
			}
		}
		out[i] = refused(ch.Key, err)
	}
	return out
}

// present leaves out the absent values: a name without a value says nothing.
func present(vs record.Values) record.Values {
	out := maps.Clone(vs)
	maps.DeleteFunc(out, func(_ string, v record.Value) bool { return v.State() == record.Absent })
	return out
}

func (c *Changes) checkColumns(ch source.Change) error {
	for _, vs := range []record.Values{ch.Fields, ch.Expect} {
		for _, name := range slices.Sorted(maps.Keys(vs)) {
			if _, ok := c.header.Index(name); !ok {
				return fmt.Errorf("there is no column “%s” to write to; the columns are: %s", name, list(c.header.Names))
			}
		}
	}
	return nil
}

// find returns the line of the row that a change is about; ok is false where
// it is not there, not alone, or not as expected, and the outcome says so.
func (c *Changes) find(e Editor, ch source.Change) (line int, out source.Outcome, ok bool) {
	lines := c.seen[ch.Key]
	switch {
	case ch.Key == "":
		return 0, refused("", fmt.Errorf("a row without a value in its key columns can't be found again; fill in %s", list(c.key))), false
	case len(lines) == 0:
		return 0, source.Outcome{State: source.Moved, Key: ch.Key}, false
	case len(lines) > 1:
		return 0, refused(ch.Key, fmt.Errorf("lines %d and %d both have the key “%s”; make the keys different, then run again", lines[0], lines[1], ch.Key)), false
	}
	line = lines[0]
	for name, want := range ch.Expect {
		if !same(want, e.Value(line, name)) {
			return line, source.Outcome{State: source.Moved, Key: ch.Key, Now: c.now(e, line, ch.Fields)}, false
		}
	}
	return line, source.Outcome{}, true
}

func (c *Changes) remove(e Editor, ch source.Change) source.Outcome {
	line, out, ok := c.find(e, ch)
	if !ok {
		return out
	}
	was, err := e.Remove(line)
	if err != nil {
		return refused(ch.Key, err)
	}
	c.seen[ch.Key] = nil
	return source.Outcome{State: source.Done, Key: ch.Key, Now: was}
}

func (c *Changes) update(e Editor, ch source.Change) source.Outcome {
	line, out, ok := c.find(e, ch)
	if !ok {
		return out
	}
	if err := c.checkKey(e, line, ch); err != nil {
		return refused(ch.Key, err)
	}
	now, left, err := c.set(e, line, ch.Fields)
	if err != nil {
		return refused(ch.Key, err)
	}
	key := c.keyAt(e, line)
	if key != ch.Key {
		c.seen[ch.Key] = nil
		c.seen[key] = []int{line}
	}
	return source.Outcome{State: source.Done, Key: key, Now: now, Left: left}
}

// set writes what can be written of some fields. It fails where nothing can; the
// columns of a key are written together or not at all.
func (c *Changes) set(e Editor, line int, fields record.Values) (now record.Values, left map[string]error, err error) {
	if now, err = e.Set(line, fields); err == nil || len(fields) == 1 {
		return now, nil, err
	}
	now, left = record.Values{}, map[string]error{}
	keyed := record.Values{}
	try := func(some record.Values) {
		written, err := e.Set(line, some)
		for name := range some {
			if err != nil {
				left[name] = err
			} else {
				now[name] = written[name]
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(c.key, name) {
			keyed[name] = fields[name]
			continue
		}
		try(record.Values{name: fields[name]})
	}
	if len(keyed) > 0 {
		try(keyed)
	}
	if len(now) == 0 {
		return nil, nil, err
	}
	return now, left, nil
}

// keyAt is the key of the row at a line as it stands now.
func (c *Changes) keyAt(e Editor, line int) string {
	vs := make(record.Values, len(c.key))
	for _, k := range c.key {
		vs[k] = e.Value(line, k)
	}
	return Key(c.key, vs)
}

// checkKey refuses a change after which the row's key would be empty or
// another row's.
func (c *Changes) checkKey(e Editor, line int, ch source.Change) error {
	after := make(record.Values, len(c.key))
	changed := false
	for _, k := range c.key {
		v, writes := ch.Fields[k]
		if !writes {
			v = e.Value(line, k)
		}
		changed = changed || writes
		after[k] = v
	}
	if !changed {
		return nil
	}
	key := Key(c.key, after)
	if key == "" {
		return fmt.Errorf("the change would empty a key column (%s), and the row could not be found again", list(c.key))
	}
	if key != ch.Key && (len(c.seen[key]) > 0 || c.claimed[key] || c.added[key]) {
		return fmt.Errorf("the change would give the row the key “%s”, which another row has", key)
	}
	return nil
}

func (c *Changes) insert(e Editor, ch source.Change) source.Outcome {
	key := Key(c.key, ch.Fields)
	if key == "" {
		return refused("", fmt.Errorf("a new row needs a value in each key column: %s", list(c.key)))
	}
	if c.added[key] {
		return refused(key, fmt.Errorf("another new row has the key “%s” already", key))
	}
	if lines := c.seen[key]; len(lines) > 0 {
		return refused(key, fmt.Errorf("line %d has the key “%s” already", lines[0], key))
	}
	now, err := e.Append(ch.Fields)
	if err != nil {
		return refused(key, err)
	}
	c.added[key] = true
	return source.Outcome{State: source.Done, Key: Key(c.key, now), Now: now}
}

func (c *Changes) now(e Editor, line int, fields record.Values) record.Values {
	out := make(record.Values, len(fields))
	for name := range fields {
		out[name] = e.Value(line, name)
	}
	return out
}

// same is exact equality, but all ways of being empty are one: a file has no
// two of them for a cell.
func same(a, b record.Value) bool { return a == b || a.Empty() && b.Empty() }

func refused(key string, err error) source.Outcome {
	return source.Outcome{State: source.Refused, Key: key, Err: err}
}
