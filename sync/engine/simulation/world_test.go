package simulation_test

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/opener"
)

// world is one portal, one file, one workspace, one definition, and the people.
type world struct {
	t    testing.TB
	seed uint64
	dir  string
	nature

	portal    *practice.Portal
	line      *line
	ghost     *ghost
	file, def string
	workspace string
	lives     int
	seeding   bool

	table   bool            // the file is a table to the engine
	tells   bool            // which tells what became of a commit
	batches int             // prepared, of a table
	commits map[string]bool // those that took effect

	variant     *variant // people act between runs only, nil = whenever they like
	acts        int      // of people, in a variant
	counting    sync.Mutex
	counts      map[string]int // of each await, for its own randomness
	serial      int            // of the values that people type
	decisions   []decision
	excluded    map[string]bool
	judged      map[string]bool // conflicts, with what they showed
	corrections []correction
	calm        bool   // people rest
	looks       []int  // events at which the file was read
	pulls       []int  // those of them that were more than a second look
	planned     bool   // the process got as far as a plan
	void        []span // of processes that did not: what they read binds nobody
	runSeq      int
	runAt       time.Time
	lookedOnly  func()                     // takes back that the last reading of the file counts as a pull
	pullSeq     int                        // event at which the process began that last read both sides
	linked      map[string]map[string]bool // row key and record id -> properties with a base, as the run began
	runs        []string
	undoneRuns  []string
	undone      map[*cell]int // length of the past of cells when an undo wrote them
	log         []string
	start       time.Time
	reader      *sql.DB // of the workspace in the folder reading
	reading     string
}

// life is one process of Syncline.
type life struct {
	dead   bool
	cancel context.CancelFunc
	until  int // awaits until it dies, negative = never
	left   string
}

// rng is randomness of its own for a named thing, so that the order in which
// goroutines come by makes no difference.
func (w *world) rng(names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, n := range names {
		h.Write([]byte(n))
		h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

func (w *world) trace(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%9.3f #%d %s", time.Since(w.start).Seconds(), w.ghost.seq, fmt.Sprintf(format, args...)))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func newWorld(t testing.TB, seed uint64, dir string, as ...variant) *world {
	w := &world{t: t, seed: seed, dir: dir, counts: map[string]int{}, excluded: map[string]bool{}, judged: map[string]bool{}, undone: map[*cell]int{}, start: time.Now()}
	w.nature = w.born()
	for _, v := range as {
		w.variant = &v
		w.calmed(v)
	}
	if r := w.rng("table"); happens("tables") {
		w.table, w.tells, w.commits = chance(r, 0.35) || always("tables"), chance(r, 0.5), map[string]bool{}
	}
	w.ghost = newGhost(w, w.nature.fields)
	w.workspace = filepath.Join(dir, "workspace")
	w.file, w.def = filepath.Join(dir, "customers.csv"), filepath.Join(dir, "sync.yaml")
	w.must(os.WriteFile(w.def, []byte(w.definition), 0o600))
	w.must(os.CopyFS(w.workspace, os.DirFS(emptyWorkspace(t))))
	o := w.options
	o.Witness = w.ghost.witness
	skew := w.skew
	o.Now = func() time.Time { return time.Now().Add(skew) }
	w.portal = practicetest.New(t, o)
	for _, p := range w.properties {
		w.must(w.portal.CreateProperty(w.object, p))
	}
	w.line = newLine(w)
	w.line.short, w.line.late = w.short, w.zombies
	w.populate()
	return w
}

// await is a moment at which anything may happen: people act, or the program
// dies. It takes a moment of its own, so that everything else comes to rest
// first and the same seed gives the same order.
func (w *world) await(l *life, what string) {
	w.counting.Lock() // both sides are read at once
	w.counts[what]++
	n := w.counts[what]
	w.counting.Unlock()
	r := w.rng("await", what, fmt.Sprint(n))
	time.Sleep(time.Duration(1+r.IntN(900)) * time.Microsecond)
	if l.dead {
		return
	}
	if !w.calm && r.Float64() < w.busy {
		w.act(r, true)
	}
	if l.until--; l.until == 0 {
		w.die(l, what)
	}
}

// die leaves everything as a killed process would: what it commits from now on
// goes to a workspace that nobody opens again, and nothing that it sends
// arrives.
func (w *world) die(l *life, where string) {
	w.trace("** the program dies at %s", where)
	l.dead = true
	w.lives++
	l.left = filepath.Join(w.dir, fmt.Sprintf("workspace-%d", w.lives))
	w.must(os.Mkdir(l.left, 0o700))
	for _, name := range []string{store.File, store.File + "-wal"} {
		b, err := os.ReadFile(filepath.Join(w.workspace, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		w.must(err)
		w.must(os.WriteFile(filepath.Join(l.left, name), b, 0o600))
	}
	l.cancel()
}

// process opens everything anew, as a new process would, and does f. It reports
// whether the process came to its end.
func (w *world) process(name string, mayDie bool, f func(context.Context, *engine.Engine) (engine.Result, error)) (engine.Result, bool, error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	l := &life{cancel: cancel, until: -1}
	w.counts["process"]++
	if r := w.rng("process", fmt.Sprint(w.counts["process"])); mayDie && w.crashes > 0 && r.Float64() < w.crashes {
		l.until = 1 + r.IntN(60)
	}
	w.begun()
	w.trace("== %s", name)
	db, err := store.Open(ctx, w.workspace)
	w.must(err)
	d, err := definition.Load(w.def)
	w.must(err)
	src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key, Modified: d.Source.Modified})
	w.must(err)
	w.line.life, w.line.calls = l, nil // each process counts for itself
	jitter := w.rng("jitter", fmt.Sprint(w.counts["process"]))
	client, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(w.token()), Transport: w.line, Reserve: -1, Jitter: jitter.Float64})
	w.must(err)
	var seen source.Source = watched{src, w, l}
	if w.table {
		tb := table{src, w}
		seen = watchedTable{watched{tb, w, l}, tb}
	}
	e := &engine.Engine{Store: db, Client: client, Source: seen, Definition: d, Confirmed: true, SmallSync: w.small,
		At: func(point string) {
			switch point {
			case "second-look":
				w.lookedOnly()
			case "planned":
				w.planned = true
			}
			w.await(l, "at "+point)
		}}
	res, err := f(ctx, e)
	w.must(errors.Join(src.Close(), db.Close()))
	if l.dead {
		w.workspace = l.left
		w.opened()
		return res, false, err
	}
	w.opened()
	w.silent(append(res.Notes, fmt.Sprint(err))...)
	w.trace("== %s ended: %s %+v %v", name, res.State, res.Counts, err)
	for _, note := range res.Notes {
		w.trace("   note: %s", note)
	}
	if err == nil && res.Counts.Sum() != res.Counts.Read {
		w.ghost.fail("the fates do not add up: %+v", res.Counts)
	}
	return res, true, err
}

// token is the one that Syncline uses.
func (w *world) token() string {
	if w.limited != "" {
		return w.limited
	}
	return w.portal.Token()
}

// begun keeps what was linked and agreed on when a process began, pulling when
// it began to read both sides.
func (w *world) begun() {
	if !w.planned {
		w.void = append(w.void, span{w.runSeq, w.ghost.seq})
	}
	w.runSeq, w.runAt, w.planned = w.ghost.seq, time.Now(), false
	w.pulling()
}

func (w *world) pulling() {
	w.linked = map[string]map[string]bool{}
	for _, l := range w.links() {
		has := map[string]bool{}
		for p := range l.source {
			has[p] = true
		}
		w.linked[l.key+" "+l.id] = has
		w.ghost.kept(l)
	}
}

// span is from one event to before another.
type span struct{ from, to int }

// bound are the looks that led to a plan, or still may.
func (w *world) bound(looks []int) (all []int) {
	for _, at := range looks {
		if !slices.ContainsFunc(w.void, func(s span) bool { return at >= s.from && at < s.to }) {
			all = append(all, at)
		}
	}
	return all
}

// link is a pair of the workspace with what it believes to have been agreed on.
type link struct {
	key, id         string
	source, hubspot record.Values
}

func (w *world) links() (all []link) {
	type texts struct{ key, id, src, rem string }
	var read []texts
	w.query(func(rows *sql.Rows) error {
		var t texts
		err := rows.Scan(&t.key, &t.id, &t.src, &t.rem)
		read = append(read, t)
		return err
	}, `SELECT l.row_key, coalesce(l.record_id, ''), coalesce(b.src, '{}'), coalesce(b.rem, '{}') FROM link l LEFT JOIN base b ON b.link_id = l.id`)
	for _, t := range read {
		all = append(all, link{t.key, t.id, w.values(t.src), w.values(t.rem)})
	}
	return all
}

// values reads stored values: whole, or as what stands in a form of the
// workspace. It runs its own query, so no other may be under way.
func (w *world) values(text string) record.Values {
	w.t.Helper()
	form, rest, ok := strings.Cut(text, "[")
	if strings.HasPrefix(text, "{") || !ok {
		vs, err := record.ParseValues(text)
		w.must(err)
		return vs
	}
	var names []string
	var cells []json.RawMessage
	w.query(func(rows *sql.Rows) error {
		var text string
		return errors.Join(rows.Scan(&text), json.Unmarshal([]byte(text), &names))
	}, `SELECT text FROM form WHERE id = ?`, form)
	w.must(json.Unmarshal([]byte("["+rest), &cells))
	vs := record.Values{}
	for i, cell := range cells {
		var v *string
		switch text := string(cell); text {
		case "0": // absent
		case "null":
			vs[names[i]] = record.None()
		default:
			w.must(json.Unmarshal(cell, &v))
			vs[names[i]] = record.Text(*v)
		}
	}
	return vs
}

// linkedBefore reports whether a field of a pair had a base when the process began.
func (w *world) linkedBefore(row, rec *thing, f field) bool {
	return w.linkOf(row, rec)[f.property]
}

// linkOf returns the properties that a pair had agreed on when the process
// began, nil where it was not linked. A row under a new key goes on with what it
// had under the old one, also where the old one comes back in the place of the
// new one.
func (w *world) linkOf(row, rec *thing) map[string]bool {
	if has := w.linkedTo(row.key, rec); has != nil {
		return has
	}
	for _, other := range w.ghost.rowsOf(row.ref()) {
		if has := w.linkedTo(other.key, rec); has != nil && other.gone && (row.was == other || row.backSeq > other.goneSeq) {
			return has
		}
	}
	if row.was == nil {
		return nil
	}
	return w.linkOf(row.was, rec)
}

// linkedTo is what a row had agreed on with a record, or with one that was
// merged into it.
func (w *world) linkedTo(key string, rec *thing) map[string]bool {
	if has := w.linked[key+" "+rec.id]; has != nil {
		return has
	}
	for _, old := range rec.of {
		if has := w.linkedTo(key, old); has != nil {
			return has
		}
	}
	return nil
}

// looksSince counts how often the file was read since an event.
func (w *world) looksSince(seq int) int {
	n := 0
	for _, at := range w.looks {
		if at >= seq {
			n++
		}
	}
	return n
}

// lastLook is the event at which the file was read last.
func (w *world) lastLook() int { return w.looks[len(w.looks)-1] }

// lastPull is the event at which the file was last read to decide by it.
func (w *world) lastPull() int {
	if len(w.pulls) == 0 {
		return 0
	}
	return w.pulls[len(w.pulls)-1]
}

// query reads the workspace's file.
func (w *world) query(scan func(*sql.Rows) error, q string, args ...any) {
	w.t.Helper()
	if w.reading != w.workspace {
		w.stopReading()
		var err error
		w.reader, err = sql.Open("sqlite3", filepath.Join(w.workspace, store.File)+"?_busy_timeout=10000")
		w.must(err)
		w.reader.SetMaxOpenConns(1)
		w.reading = w.workspace
	}
	rows, err := w.reader.Query(q, args...)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		w.must(scan(rows))
	}
	w.must(rows.Err())
}

// claim is what a write is for, as Syncline's journal says.
type claim struct {
	rowKey, recordID string
	undo             bool
}

// claimed returns what the newest write to a record or a row is for. A resuming
// run carries on with an undo too.
func (w *world) claimed(side, column, id string) (c claim) {
	w.query(func(rows *sql.Rows) error {
		var kind string
		err := rows.Scan(&c.rowKey, &c.recordID, &kind)
		c.undo = kind == "undo"
		return err
	}, `SELECT o.row_key, o.record_id, p.kind FROM op o JOIN plan p ON p.id = o.plan_id WHERE o.side = ? AND o.`+column+` = ? ORDER BY o.id DESC LIMIT 1`, side, id)
	return c
}

// madeFor returns the key of the row for which a customer's record is being made.
func (w *world) madeFor(ref string) string {
	type create struct{ row, fields string }
	var all []create
	w.query(func(rows *sql.Rows) error {
		var c create
		err := rows.Scan(&c.row, &c.fields)
		all = append(all, c)
		return err
	}, `SELECT row_key, fields FROM op WHERE kind = 'create' AND side = 'hubspot' ORDER BY id DESC LIMIT 200`)
	for _, c := range all {
		if w.values(c.fields)["ref"].String() == ref {
			return c.row
		}
	}
	return ""
}

func (w *world) stopReading() {
	if w.reader != nil {
		w.must(w.reader.Close())
	}
}

// review opens the workspace without a run.
func (w *world) review(f func(context.Context, *store.Store) error) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), w.workspace)
	w.must(err)
	w.must(errors.Join(f(w.t.Context(), db), db.Close()))
}

// present are the rows of the file that the ghost knows, in a fixed order.
func (g *ghost) present() []*thing {
	rows := slices.DeleteFunc(slices.Clone(g.rows), func(r *thing) bool { return r.gone })
	if g.w.variant != nil {
		slices.SortFunc(rows, func(a, b *thing) int { return cmp.Compare(a.key, b.key) })
	}
	return rows
}

func (g *ghost) live() []*thing {
	var all []*thing
	for _, id := range sortedKeys(g.records) {
		if !g.records[id].gone {
			all = append(all, g.records[id])
		}
	}
	if g.w.variant != nil {
		slices.SortStableFunc(all, func(a, b *thing) int { return cmp.Compare(a.ref(), b.ref()) })
	}
	return all
}
