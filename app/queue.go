package app

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// FailedGroup is the failed rows of a sync that failed for the same cause.
type FailedGroup struct {
	SyncID    int64
	SyncName  string
	Path      string // of the sync's definition
	Class     plan.Class
	Cause     string // in words and without the values: "Email: … is no e-mail address"
	GivenUp   bool
	IDs       []int64 // in the source's order
	Suggested int     // of these, for how many a value is known that would do
}

// Same reports whether two groups are of the same rows, whatever their number.
func (g FailedGroup) Same(o FailedGroup) bool {
	return g.SyncID == o.SyncID && g.Class == o.Class && g.Cause == o.Cause && g.GivenUp == o.GivenUp
}

// FailedGroups groups the failed rows of all syncs that are shown by their
// cause: first what Syncline stopped, then what was refused, then what waits
// for something else, and at the end what was given up. The largest group
// stands first.
func (a *App) FailedGroups(ctx context.Context) ([]FailedGroup, error) {
	type key struct {
		sync  int64
		class plan.Class
		cause string
		given bool
	}
	at := make(map[key]int)
	var groups []FailedGroup
	for h, err := range a.Store.AttentionHeads(ctx) {
		if err != nil {
			return nil, err
		}
		k := key{h.SyncID, h.Class, causeWords(h.Cause, h.Message), h.GivenUp}
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups = append(groups, FailedGroup{SyncID: h.SyncID, SyncName: h.SyncName, Path: h.Path, Class: h.Class, Cause: k.cause, GivenUp: h.GivenUp})
		}
		groups[i].IDs = append(groups[i].IDs, h.ID)
		if h.Suggested {
			groups[i].Suggested++
		}
	}
	slices.SortStableFunc(groups, func(x, y FailedGroup) int {
		if d := x.section() - y.section(); d != 0 {
			return d
		}
		return len(y.IDs) - len(x.IDs)
	})
	return groups, nil
}

// section is the place of a group's part of the list.
func (g FailedGroup) section() int {
	switch {
	case g.GivenUp:
		return 3
	case g.Class == plan.ClassInvalid:
		return 0
	case g.Class == plan.ClassRefused:
		return 1
	}
	return 2
}

// Section names the part of the list that a group stands in.
func (g FailedGroup) Section() string {
	return [...]string{"Stopped by Syncline", "Refused", "Waiting for something else", "Given up"}[g.section()]
}

// What differs from row to row in a message: what stands in quotes, addresses,
// and numbers that are ids or times.
var rowsOwn = regexp.MustCompile(`"(?:[^"\\]|\\.)*"…?|“[^”]*”|‘[^’]*’|[^\s"“:;,]+@[^\s"”:;,]+|\b\d{3,}\b`)

// mostCause is how many characters of a message name a group at most.
const mostCause = 90

// causeWords is what is common to the messages of rows that failed for the same
// reason: the first sentence without the row's own values and without the
// advice behind it.
func causeWords(cause, message string) string {
	text := rowsOwn.ReplaceAllString(message, "…")
	first, _, _ := strings.Cut(text, "; ")
	if field, rest, ok := strings.Cut(first, ": "); ok {
		what, _, _ := strings.Cut(rest, ": ")
		first = field + ": " + what
	}
	first = strings.TrimSpace(strings.TrimSuffix(first, "."))
	if strings.Trim(first, "… ") == "" {
		return cause
	}
	if r := []rune(first); len(r) > mostCause {
		first = string(r[:mostCause-1]) + "…"
	}
	return first
}

// Advice says what it means that rows failed like this, and what to do.
func (g FailedGroup) Advice() string {
	rows := amount(len(g.IDs), "row was", "rows were")
	if g.GivenUp {
		return rows + " given up: no run tries them until their cells change in the source, or you take them up again."
	}
	switch g.Class {
	case plan.ClassInvalid:
		return rows + " stopped before anything was sent, because HubSpot would refuse what they hold. Correct the value here or in the source; every run tries them again."
	case plan.ClassRefused:
		return rows + " sent and refused; all other rows were written as planned. Correct the value here or in the source; every run tries them again, until they succeed or you give them up."
	case plan.ClassBlocked:
	}
	return rows + " not written because something stood in the way. Nothing about them has changed on either side; every run tries them again."
}

// FailedCell is a cell of a failed row that can be corrected here.
type FailedCell struct {
	Field     string
	Now       string // what the source holds, as the last run read it
	Corrected *string
	Lapsed    bool   // the correction counts no more: the cell was changed since
	Suggested string // what would do, "" where that is not known
	Why       string // of the suggestion
	Fault     bool   // the row failed because of it, as far as that is known
}

// Becomes is what the next run reads in the cell's place.
func (c FailedCell) Becomes() string {
	if c.Corrected != nil && !c.Lapsed {
		return *c.Corrected
	}
	return c.Now
}

// Fault is the cell that a row failed for; false where that is not known.
func (r FailedRow) Fault() (FailedCell, bool) {
	if len(r.Cells) > 0 && r.Cells[0].Fault {
		return r.Cells[0], true
	}
	return FailedCell{}, false
}

// FailedByID returns failed rows with the cells that can be corrected, those at
// fault first. A row that was settled since is left out.
func (a *App) FailedByID(ctx context.Context, ids []int64) ([]FailedRow, error) {
	all, err := a.Store.AttentionByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	syncs := make(map[int64]*failedSync)
	keys := make(map[int64][]string)
	for _, x := range all {
		keys[x.SyncID] = append(keys[x.SyncID], x.RowKey)
	}
	for id, rows := range keys {
		if syncs[id], err = a.failedSync(ctx, id, rows); err != nil {
			return nil, err
		}
	}
	rows := make([]FailedRow, 0, len(all))
	for _, x := range all {
		row := FailedRow{Attention: x, Plain: plainCause(x), Corrections: syncs[x.SyncID].corrected[x.RowKey]}
		if len(x.Suggested) > 0 {
			if err := json.Unmarshal(x.Suggested, &row.Suggestions); err != nil {
				return nil, err
			}
		}
		row.Cells = syncs[x.SyncID].cells(row)
		rows = append(rows, row)
	}
	return rows, nil
}

// failedSync is what the failed rows of a sync have in common.
type failedSync struct {
	d         *definition.Definition // nil where it can't be read any more
	seen      map[string]store.RowSeen
	corrected map[string][]store.Correction
}

func (a *App) failedSync(ctx context.Context, id int64, keys []string) (*failedSync, error) {
	y, err := a.Store.Sync(ctx, id)
	if err != nil {
		return nil, err
	}
	f := &failedSync{}
	if d, err := definition.Parse([]byte(y.Definition), y.Path); err == nil {
		f.d = d
	}
	if f.seen, err = a.Store.RowsSeen(ctx, id, keys); err != nil {
		return nil, err
	}
	f.corrected, err = a.Store.Corrections(ctx, id, true)
	return f, err
}

// correctable are the fields whose cell of a row can be corrected here.
func (f *failedSync) correctable(key string) []string {
	row, ok := f.seen[key]
	if f.d == nil || key == "" || !ok || row.Problems[""] != "" {
		return nil
	}
	var names []string
	for _, x := range f.d.Fields {
		if x.Field != "" && x.Flows(definition.ToHubSpot) && !slices.Contains(f.d.Source.Key, x.Field) && !slices.Contains(names, x.Field) {
			names = append(names, x.Field)
		}
	}
	return names
}

func (f *failedSync) cells(row FailedRow) []FailedCell {
	var cells []FailedCell
	for _, name := range f.correctable(row.RowKey) {
		seen := f.seen[row.RowKey]
		c := FailedCell{Field: name, Now: seen.Raw[name].String(), Fault: f.atFault(row, name)}
		for _, x := range row.Corrections {
			if x.Field == name {
				c.Corrected, c.Lapsed = &x.Value, !x.Lapsed.IsZero()
			}
		}
		for _, s := range row.Suggestions {
			if s.Field == name {
				c.Suggested, c.Why, c.Fault = s.Value, s.Why, true
			}
		}
		cells = append(cells, c)
	}
	slices.SortStableFunc(cells, func(x, y FailedCell) int {
		switch {
		case x.Fault == y.Fault:
			return 0
		case x.Fault:
			return -1
		}
		return 1
	})
	return cells
}

// atFault reports whether a row failed for a field: its message names the
// field, or HubSpot's answer names the property.
func (f *failedSync) atFault(row FailedRow, field string) bool {
	if strings.HasPrefix(row.Message, field+": ") || strings.Contains(row.Message, "; "+field+": ") {
		return true
	}
	if row.Class == plan.ClassInvalid {
		return false
	}
	for _, x := range f.d.Fields {
		if x.Field == field && (names(row.Message, x.Property) || names(row.Detail, x.Property)) {
			return true
		}
	}
	return false
}

// names reports whether a text holds a property's name as a word of its own.
func names(text, property string) bool {
	for rest := text; ; {
		i := strings.Index(rest, property)
		if i < 0 || property == "" {
			return false
		}
		before, after := rest[:i], rest[i+len(property):]
		if !endsInWord(before) && !beginsWithWord(after) {
			return true
		}
		rest = after
	}
}

func endsInWord(s string) bool     { return s != "" && isWord(s[len(s)-1]) }
func beginsWithWord(s string) bool { return s != "" && isWord(s[0]) }

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// CorrectSuggested puts, for each of these failed rows, the suggested values in
// the place of its cells, and returns how many rows got one. A cell that a
// person corrected already is left as it is.
func (a *App) CorrectSuggested(ctx context.Context, ids []int64) (int, error) {
	n := 0
	for some := range slices.Chunk(ids, 1000) {
		rows, err := a.FailedByID(ctx, some)
		if err != nil {
			return n, err
		}
		var all []store.Correction
		for _, row := range rows {
			had := len(all)
			for _, c := range row.Cells {
				if c.Suggested != "" && (c.Corrected == nil || c.Lapsed) {
					all = append(all, store.Correction{SyncID: row.SyncID, RowKey: row.RowKey, Field: c.Field, Value: c.Suggested, Cell: c.Now, By: person()})
				}
			}
			if len(all) > had {
				n++
			}
		}
		if err := a.Store.Correct(ctx, all...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Uncorrect takes a correction back: the cell counts again.
func (a *App) Uncorrect(ctx context.Context, id int64, field string) error {
	all, err := a.Store.AttentionByID(ctx, []int64{id})
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return &UseError{Msg: "this row needs no attention any more: it was settled by a run since"}
	}
	return a.Store.Uncorrect(ctx, all[0].SyncID, all[0].RowKey, field)
}

// FailedKeys are the keys of the rows with these ids. Rows without a key can't
// be tried alone; they are counted in without.
func (a *App) FailedKeys(ctx context.Context, ids []int64) (keys []string, without int, err error) {
	for some := range slices.Chunk(ids, 5000) {
		rows, err := a.Store.AttentionByID(ctx, some)
		if err != nil {
			return nil, 0, err
		}
		for _, x := range rows {
			if x.RowKey == "" {
				without++
			} else {
				keys = append(keys, x.RowKey)
			}
		}
	}
	return keys, without, nil
}

// previewRows makes a plan in which only the rows with these keys are written:
// all others are taken out of it, as a person would.
func (s *Session) previewRows(ctx context.Context, keys []string) (engine.Result, error) {
	res, err := s.Preview(ctx)
	if err != nil {
		return res, err
	}
	wanted := make(map[string]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	var others []int
	for it, err := range s.app.Store.Items(ctx, res.PlanID) {
		if err != nil {
			return res, err
		}
		if it.Kind.Writes() && !wanted[it.RowKey] {
			others = append(others, it.N)
		}
	}
	if len(others) == 0 {
		return res, nil
	}
	res.Notes = append(res.Notes, fmt.Sprintf("%s left out of this plan: tick what shall be written as well.", amount(len(others), "other row that would be written is", "other rows that would be written are")))
	return res, s.app.Store.ExcludeItems(ctx, res.PlanID, others, true)
}
