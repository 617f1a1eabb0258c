package excel

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Prepare writes the changed workbook beside the old one. It refuses while the
// workbook is open in Excel or LibreOffice, when the sheet is protected, and
// when a digital signature would become void.
func (s *Source) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	s.mu.Lock()
	busy := s.prepared
	if !busy {
		s.prepared, s.layout = true, nil // the layout is found out anew
	}
	s.mu.Unlock()
	if busy {
		return nil, s.readOnly("is being written already; wait until that is done")
	}
	p, err := s.prepare(ctx, changes)
	if err != nil {
		s.end()
		return nil, err
	}
	return p, nil
}

func (s *Source) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepared = false
}

func (s *Source) readOnly(msg string) error {
	return &source.ReadOnlyError{Location: s.opts.Path, Msg: msg}
}

func (s *Source) prepare(ctx context.Context, changes []source.Change) (*prepared, error) {
	if len(s.opts.Key) == 0 {
		return nil, s.readOnly(noKey)
	}
	if err := localfile.Lock(s.opts.Path); err != nil {
		return nil, err
	}
	l, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	before, err := s.Version(ctx)
	if err != nil {
		return nil, err
	}
	w, r, err := s.start(ctx, l)
	if err != nil {
		return nil, sentence(ctx, s.opts.Path, err)
	}
	defer w.close()
	defer r.close()
	for name := range w.parts {
		if strings.HasPrefix(name, "_xmlsignatures/") {
			return nil, s.readOnly("carries a digital signature, which any change would void. Remove the signature in Excel (File, Info, View Signatures), or work on a copy")
		}
	}
	e := newEditor(w.workbook, l, tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks))
	e.zone = s.opts.Zone
	for _, ch := range changes {
		if ch.Kind == source.Insert {
			e.adds++
		}
		maps.Copy(e.types, ch.Types)
	}
	matching := tabular.NewChanges(l.header, s.opts.Key, changes)
	if err := s.read(l, w.workbook, r, e, matching); err != nil {
		return nil, sentence(ctx, s.opts.Path, err)
	}
	if r.protected {
		return nil, s.readOnly(fmt.Sprintf("The sheet “%s” is protected. Take the protection away in Excel (Review, Unprotect Sheet) and try again", l.sheet.Name))
	}
	written := make(map[string]bool)
	for _, ch := range changes {
		for name := range ch.Fields {
			written[name] = true
		}
	}
	if err := w.lookUp(ctx, e.rules, l, written); err != nil {
		return nil, sentence(ctx, s.opts.Path, err)
	}
	p := &prepared{source: s, outcomes: matching.Apply(e)}
	if len(e.edits) == 0 {
		p.Staged = s.opts.Replacer.Unchanged(s.opts.Path, before)
		return p, nil
	}
	p.Staged, err = s.opts.Replacer.Stage(ctx, s.opts.Path, before, func(out io.Writer) error {
		return e.rewrite(ctx, out)
	})
	if err == nil {
		// What was copied is what was hashed only if nobody saved in between.
		if moved := localfile.Unchanged(s.opts.Path, l.info); moved != nil {
			err = errors.Join(moved, p.Staged.Discard())
		}
	}
	return p, err
}

// read goes through the sheet once, telling matching each key and e all rows.
func (s *Source) read(l *layout, w *workbook, r *sheetReader, e *editor, matching *tabular.Changes) error {
	read := newReading(l, w, tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks), s.opts.Marks)
	for {
		raw, err := r.next()
		if errors.Is(err, io.EOF) {
			e.merged, e.rules = r.merged, r.rules
			return nil
		}
		if err != nil {
			return err
		}
		row, _ := s.row(read, raw)
		e.sawRow(raw, row.Fields != nil)
		if row.Fields != nil && matching.Saw(row.Key, row.Line) {
			e.hold(raw, row.Fields)
		}
	}
}

// rewrite writes the whole workbook with the edits.
func (e *editor) rewrite(ctx context.Context, out io.Writer) error {
	replaced := map[string]func(io.Writer) error{
		e.layout.sheet.part: func(w io.Writer) error { return e.rewriteSheet(ctx, w) },
	}
	if len(e.newStyles) > 0 {
		part := e.book.stylesPart
		replaced[part] = e.edited(part, func(data []byte) ([]byte, error) { return addStyles(data, e.newStyles) })
	}
	for _, t := range e.layout.tables {
		if bottom := e.tableBottom(t); bottom > t.area.bottom {
			grown := t.area
			grown.bottom = bottom
			replaced[t.part] = e.edited(t.part, func(data []byte) ([]byte, error) { return growTable(data, grown) })
		}
	}
	formulas, err := e.book.hasFormulas(ctx, e)
	if err != nil {
		return err
	}
	if formulas {
		replaced[e.book.main] = e.edited(e.book.main, recalculate)
	}
	return e.book.copy(ctx, out, replaced)
}

// edited returns a writer of a part with an edit made to it.
func (e *editor) edited(part string, edit func([]byte) ([]byte, error)) func(io.Writer) error {
	return func(w io.Writer) error {
		data, err := e.book.read(part)
		if err != nil {
			return err
		}
		if data, err = edit(data); err != nil {
			return damaged(part, err)
		}
		_, err = w.Write(data)
		return err
	}
}

// tableBottom is the last row of a table after the appended rows, which it
// takes in if it reached down to the last row before.
func (e *editor) tableBottom(t table) int {
	if e.added == 0 || t.totals > 0 || !e.layout.covers(t) || t.area.bottom < e.last || t.area.top > e.last {
		return t.area.bottom
	}
	return max(t.area.bottom, e.last+e.added)
}

// copy writes the package with some parts replaced, and all others as they
// are, without unpacking them.
func (w *workbook) copy(ctx context.Context, out io.Writer, replaced map[string]func(io.Writer) error) error {
	zw := zip.NewWriter(out)
	for _, part := range w.zip.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/")
		write := replaced[name]
		if write == nil || w.parts[name] != part {
			if err := zw.Copy(part); err != nil {
				return err
			}
			continue
		}
		dst, err := zw.CreateHeader(&zip.FileHeader{
			Name: part.Name, Comment: part.Comment, NonUTF8: part.NonUTF8, Method: zip.Deflate,
			Modified: part.Modified, ExternalAttrs: part.ExternalAttrs,
		})
		if err != nil {
			return err
		}
		if err := write(dst); err != nil {
			return err
		}
	}
	if err := zw.SetComment(w.zip.Comment); err != nil {
		return err
	}
	return zw.Close()
}

// prepared is a staged workbook with its outcomes.
type prepared struct {
	*localfile.Staged
	source   *Source
	outcomes []source.Outcome
	once     sync.Once // the end of the exclusion of other preparations
}

// Outcomes has one entry per change.
func (p *prepared) Outcomes() []source.Outcome { return p.outcomes }

// Commit renames the new workbook over the old one.
func (p *prepared) Commit(ctx context.Context) error {
	defer p.once.Do(p.source.end)
	err := p.Staged.Commit(ctx)
	if errors.Is(err, source.ErrMoved) {
		return source.ErrMoved
	}
	return err
}

// Discard removes the new workbook if it was not committed.
func (p *prepared) Discard() error {
	defer p.once.Do(p.source.end)
	return p.Staged.Discard()
}
