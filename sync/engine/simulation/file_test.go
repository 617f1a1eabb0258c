package simulation_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/source"
)

// sheet is the file as people see it.
type sheet struct {
	header []string
	rows   [][]string
}

func (w *world) read() sheet {
	b, err := os.ReadFile(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return sheet{all[0], all[1:]}
}

// save replaces the file in one step, as programs for tables do.
func (w *world) save(s sheet) {
	for i := range s.rows {
		for len(s.rows[i]) < len(s.header) {
			s.rows[i] = append(s.rows[i], "")
		}
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(append([][]string{s.header}, s.rows...)); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.file+".new", []byte(b.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(w.file+".new", w.file); err != nil {
		w.t.Fatal(err)
	}
}

func (s sheet) column(name string) int { return slices.Index(s.header, name) }

// find returns the place of a row, -1 where it is not.
func (s sheet) find(key string) int {
	return slices.IndexFunc(s.rows, func(r []string) bool { return r[0] == key })
}

// compare tells the ghost what a change of the file by one author changed.
func (g *ghost) compare(before, after sheet, by author) {
	began := g.seq
	for _, r := range before.rows {
		if after.find(r[0]) < 0 {
			row := g.byKey[r[0]]
			if by == program {
				g.judgeDelete(row)
			}
			row.leave(by, g.next())
			delete(g.byKey, r[0])
			g.w.trace("   row %s is taken out by %s", r[0], by)
		}
	}
	for _, r := range after.rows {
		i := before.find(r[0])
		if i < 0 {
			g.newRow(after, r, by)
			if by == person {
				g.rekeyed(g.byKey[r[0]], began)
			}
			continue
		}
		for n, value := range r {
			if old := before.rows[i][n]; old != value {
				g.rowValue(r[0], after.header[n], old, value, by)
			}
		}
	}
}

// rekeyed lets a row go on with what was agreed about the one that left in the
// same change and is of the same customer.
func (g *ghost) rekeyed(row *thing, since int) {
	for _, old := range g.rowsOf(row.ref()) {
		if !old.gone || old.goneSeq <= since || old == row {
			continue
		}
		row.was = old
		for _, rec := range g.recordsOf(row.ref()) {
			for _, f := range g.fields {
				if a, ok := g.agreed[pairOf{old, rec, f.property}]; ok {
					g.agreed[pairOf{row, rec, f.property}] = a
				}
			}
		}
		return
	}
}

// goneSince reports whether a merged record of a customer has gone since an
// event: then nobody can tell any more whose it was.
func (g *ghost) goneSince(ref string, seq int) bool {
	return slices.ContainsFunc(g.recordsOf(ref), func(rec *thing) bool { return len(rec.of) > 0 && rec.gone && rec.goneSeq > seq })
}

// mergedSince reports whether records of a customer were merged since an event:
// what looked like several until then did so rightly.
func (g *ghost) mergedSince(ref string, seq int) bool {
	return slices.ContainsFunc(g.recordsOf(ref), func(rec *thing) bool { return len(rec.of) > 0 && rec.bornSeq > seq })
}

// tells reports whether anybody can tell that a row is of the record of a customer
// for whom another row is added. Where only a merge made its own customer one with
// that one, a link tells it, or a match value that the record has or, of contacts,
// had before the merge.
func (g *ghost) tells(row *thing, ref string, rec *thing) bool {
	if row.ref() == ref {
		return true
	}
	mail, _ := g.byColumn("mail")
	records := []*thing{rec}
	if rec == nil { // of which nobody says whose it is
		records = g.recordsOf(ref)
	}
	return slices.ContainsFunc(records, func(rec *thing) bool {
		return !rec.gone && (g.w.linkOf(row, rec) != nil || mail.same(row.cell("mail").now(), rec.cell("mail").now()) ||
			g.w.object == "contacts" && rec.brought(mail, row.cell("mail").now()))
	})
}

// brought reports whether a value is one that a record which was merged into this
// one had then, or brought along itself.
func (t *thing) brought(f field, value string) bool {
	return slices.ContainsFunc(t.of, func(old *thing) bool { return f.same(old.cell(f.column).now(), value) || old.brought(f, value) })
}

// newRow is a row that was not there before, or is there again.
func (g *ghost) newRow(s sheet, r []string, by author) {
	ref := r[s.column("ref")]
	if by == program {
		rec := g.records[g.w.claimed("source", "row_key", r[0]).recordID]
		for _, other := range g.rowsOf(ref) {
			// What was merged since both sides were read looked like two.
			if !other.gone && g.customerAt(other.ref(), g.w.pullSeq) == g.customerAt(ref, g.w.pullSeq) && !g.goneSince(ref, g.w.pullSeq) && !g.mergedSince(ref, g.w.runSeq) && g.tells(other, ref, rec) {
				g.fail("I7: row %s was added for the customer %s, who has row %s", r[0], ref, other.key)
			}
		}
	}
	row, again := &thing{id: fmt.Sprintf("row %d", len(g.rows)+1), key: r[0], cells: map[string]*cell{}, born: by, bornSeq: g.next()}, false
	if i := slices.IndexFunc(g.rows, func(t *thing) bool { return t.gone && t.key == r[0] && t.ref() == ref }); i >= 0 {
		row, again = g.rows[i], by == program
		if row.gone, row.backSeq = false, g.seq; by == program {
			row.born, row.bornSeq = by, g.seq
		}
	} else {
		g.rows = append(g.rows, row)
	}
	g.byKey[r[0]] = row
	g.w.trace("   row %s is added by %s: %v", r[0], by, r)
	for n, value := range r {
		if c := row.cell(s.header[n]); again || len(c.past) == 0 || c.now() != value { // of a row that Syncline made again all is its own
			g.set(row, s.header[n], value, by)
		}
	}
	for _, f := range g.fields {
		g.meet(row, f)
		for _, rec := range g.recordsOf(ref) {
			if by == program {
				g.made(pairOf{row, rec, f.property}, f, row.cell(f.column).now(), f.direction == definition.ToHubSpot)
			}
		}
	}
}

func (g *ghost) rowValue(key, column, old, value string, by author) {
	row := g.byKey[key]
	g.w.trace("   row %s %s: %q -> %q by %s", key, column, old, value, by)
	if f, ok := g.byColumn(column); ok && by == program {
		g.judgeFile(row, f, old, value)
	} else if by == program && column == "mark" && g.w.gone.record == "flag" {
		g.judgeRowMark(row, value)
	} else if by == program {
		g.fail("I2: row %s, %s, which is not mapped, is written", key, column)
	}
	g.set(row, column, value, by)
}

// watched is the file as Syncline opens it, with an await before and after
// everything that takes effect.
type watched struct {
	source.Source
	w    *world
	life *life
}

func (s watched) Rows(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	s.w.looks = append(s.w.looks, s.w.ghost.seq)
	pullSeq, linked, pulls := s.w.pullSeq, s.w.linked, s.w.pulls
	// A second look for rows that are gone decides about nothing else.
	s.w.lookedOnly = func() { s.w.pullSeq, s.w.linked, s.w.pulls = pullSeq, linked, pulls }
	s.w.pulls = append(slices.Clip(pulls), s.w.ghost.seq)
	s.w.pullSeq = s.w.runSeq
	s.w.pulling()
	return s.Source.Rows(ctx, since)
}

func (s watched) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	p, err := s.Source.Prepare(ctx, changes)
	if err != nil {
		return nil, err
	}
	return prepared{p, s}, nil
}

type prepared struct {
	source.Prepared
	watched
}

var errDead = errors.New("the program is dead")

func (p prepared) Commit(ctx context.Context) error {
	p.w.await(p.life, "file/prepared")
	if p.life.dead {
		return errDead
	}
	before := p.w.read()
	err := p.Prepared.Commit(ctx)
	if err != nil && !errors.Is(err, source.ErrUnconfirmed) {
		p.w.trace("   the file moved: %v", err)
		return err
	}
	p.w.ghost.compare(before, p.w.read(), program)
	p.w.await(p.life, "file/replaced")
	if p.life.dead {
		return errDead
	}
	return err
}
