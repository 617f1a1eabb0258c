package csvfile_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/csvfile"
	"syncline/sync/source/tabular"
)

// shrink makes the short form of these tests: files and limits are that many
// times smaller, each bound is met all the same.
func shrink() int {
	if testing.Short() {
		return 64
	}
	return 1
}

func limits() *tabular.Limits {
	l := tabular.Standard
	l.Cell, l.Row = l.Cell/shrink(), l.Row/shrink()
	return &l
}

// sized writes the limits of a sentence as they are here.
func sized(s string) string {
	return strings.NewReplacer("1 MB", tabular.Bytes(limits().Cell), "8 MB", tabular.Bytes(limits().Row)).Replace(s)
}

// A file may be made to fill the memory, or be no table at all. Whatever it
// holds, a bounded part of it is held, and a sentence says what is wrong and
// where. These tests do not run in parallel: they count what is allocated.

// generate writes a file piece by piece.
func generate(t *testing.T, write func(w *bufio.Writer)) string {
	t.Helper()
	t.Cleanup(debug.FreeOSMemory) // for the tests that look at all the memory in use
	path := filepath.Join(t.TempDir(), "big.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write(w)
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func repeat(w io.StringWriter, s string, bytes int) {
	piece := strings.Repeat(s, max(1, 4096/len(s)))
	for bytes /= shrink(); bytes > 0; bytes -= len(piece) {
		_, _ = w.WriteString(piece) // Flush tells
	}
}

// allocating fails when f allocates more than a limit in MB, all in all.
func allocating(t *testing.T, limit int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > uint64(limit) {
		t.Errorf("%d MB were allocated, more than %d", got, limit)
	}
}

// readAll opens a file and returns its rows, the sentences of those that could
// not be read, and the error that ended the reading.
func readAll(t *testing.T, path string) (rows []record.Row, bad []*source.RowError, err error) {
	t.Helper()
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"Id"}, Limits: limits()})
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.Describe(t.Context()); err != nil {
		return nil, nil, err
	}
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var one *source.RowError
		if errors.As(err, &one) {
			bad = append(bad, one)
		} else if err != nil {
			return rows, bad, err
		}
		rows = append(rows, row)
	}
	return rows, bad, nil
}

func TestAFileThatIsNoTableIsRefusedInBoundedMemory(t *testing.T) {
	tests := map[string]struct {
		write func(w *bufio.Writer)
		want  string
	}{
		"a header of commas":              {func(w *bufio.Writer) { repeat(w, ",", 15<<20) }, "has more than 4,000 columns in its header"},
		"a header of one word over again": {func(w *bufio.Writer) { repeat(w, "Id,", 15<<20) }, "has more than 4,000 columns in its header"},
		"20,000 columns":                  {wide(20_000), "has more than 4,000 columns in its header"},
		"4,001 columns":                   {wide(4_001), "has more than 4,000 columns in its header"},
		"a name without an end":           {func(w *bufio.Writer) { w.WriteString("Id,"); repeat(w, "x", 12<<20) }, "has a name of more than 10,000 characters in the header (cell 2)"},
		"a name in quotes without an end": {func(w *bufio.Writer) { w.WriteString(`Id,"`); repeat(w, "x", 12<<20); w.WriteString("\"\n") }, "has a name of more than 10,000 characters in the header (cell 2)"},
		"a quote that is never closed":    {func(w *bufio.Writer) { w.WriteString("Id,Note\n1,\"open\n"); repeat(w, "2,x\n", 12<<20) }, "the quote that opens on line 2 (cell 2)"},
		"such a quote, in one line":       {func(w *bufio.Writer) { w.WriteString("Id,Note\n1,\""); repeat(w, "2,x", 12<<20) }, "the quote that opens on line 2 is never closed"},
		"a quote that swallows many lines": {func(w *bufio.Writer) {
			w.WriteString("Id,Note\n1,\"open\n")
			repeat(w, "2,x\n", 2<<20)
			w.WriteString("3,\"x\"\n")
		}, "the quote that opens on line 2 (cell 2)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := generate(t, test.write)
			allocating(t, 200, func() {
				_, _, err := readAll(t, path)
				if err == nil || !strings.Contains(err.Error(), sized(test.want)) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want “%s” and the path", err, test.want)
				}
			})
		})
	}
}

// wide is a table of so many columns with three rows.
func wide(columns int) func(*bufio.Writer) {
	return func(w *bufio.Writer) {
		w.WriteString("Id")
		for i := range columns - 1 {
			fmt.Fprintf(w, ",Column%d", i)
		}
		w.WriteString("\n")
		for row := range 3 {
			fmt.Fprintf(w, "%d%s\n", row, strings.Repeat(",x", columns-1))
		}
	}
}

func TestARowThatIsTooLongIsToldAndTheOthersAreRead(t *testing.T) {
	long := func(size int, quote, more string) func(*bufio.Writer) {
		return func(w *bufio.Writer) {
			w.WriteString("Id,Name,Note,City\n1,Ann,short,Ulm\n2,Bea," + quote)
			repeat(w, "x", size)
			w.WriteString(more + quote + ",Jena\n3,Cid,short,Bonn\n")
		}
	}
	tests := map[string]struct {
		write   func(w *bufio.Writer)
		want    string
		columns string
	}{
		"a cell of 12 MB":           {long(12<<20, "", ""), "line 3 holds more than 1 MB in the column “Note” (cell 3)", "Note"},
		"a cell of 12 MB in quotes": {long(12<<20, `"`, ""), "line 3 holds more than 1 MB in the column “Note” (cell 3)", "Note"},
		"with quotes in it":         {long(2<<20, `"`, `say ""hi"" to all`), "line 3 holds more than 1 MB in the column “Note” (cell 3)", "Note"},
		"a cell just too long":      {long(1<<20, "", "x"), "line 3 holds more than 1 MB in the column “Note” (cell 3)", "Note"},
		"a row of 12 MB of commas": {func(w *bufio.Writer) {
			w.WriteString("Id,Name,Note,City\n1,Ann,a,Ulm\n2,Bea")
			repeat(w, ",", 12<<20)
			w.WriteString("\n3,Cid,c,Bonn\n")
		}, fmt.Sprintf("line 3 has %d cells, the header has 4", 12<<20/shrink()+2), ""},
		"a row of 12 MB of short cells": {func(w *bufio.Writer) {
			w.WriteString("Id,Name,Note,City\n1,Ann,a,Ulm\n2,Bea,")
			repeat(w, "some text,", 12<<20)
			w.WriteString("\n3,Cid,c,Bonn\n")
		}, "the header has 4", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := generate(t, test.write)
			allocating(t, 200, func() {
				rows, bad, err := readAll(t, path)
				if err != nil {
					t.Fatal(err)
				}
				if len(bad) != 1 || !strings.Contains(bad[0].Error(), sized(test.want)) || strings.Join(bad[0].Columns, ",") != test.columns {
					t.Errorf("got %v, want “%s” of the columns %q", bad, test.want, test.columns)
				}
				var keys []string
				for _, row := range rows {
					keys = append(keys, row.Key)
				}
				if got := strings.Join(keys, " "); got != "1 2 3" {
					t.Errorf("the rows %q were read", got)
				}
				if city := rows[1].Fields["City"].String(); test.columns != "" && city != "Jena" {
					t.Errorf("the cell behind the long one is %q", city)
				}
				if _, there := rows[1].Fields["Note"]; test.columns != "" && there {
					t.Error("the long cell has a value")
				}
			})
		})
	}
}

func TestARowOfManyLongCellsIsReadUpToItsLimit(t *testing.T) {
	path := generate(t, func(w *bufio.Writer) {
		w.WriteString("Id")
		for i := range 60 {
			fmt.Fprintf(w, ",C%d", i)
		}
		w.WriteString("\n1")
		for range 60 {
			w.WriteString(",")
			repeat(w, "y", 1_000_000)
		}
		w.WriteString("\n2" + strings.Repeat(",x", 60) + "\n")
	})
	first, columns := "C8", 52
	if testing.Short() {
		first, columns = "C7", 53 // pieces of 4 KB make the cells a little longer
	}
	allocating(t, 300, func() {
		rows, bad, err := readAll(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || len(bad) != 1 || !strings.Contains(bad[0].Error(), sized("line 2 is longer than 8 MB, and was not read from the column “"+first+"” on")) || len(bad[0].Columns) != columns {
			t.Errorf("got %d rows and %v", len(rows), bad)
		}
	})
}

func TestWideAndLongTablesAreRead(t *testing.T) {
	tests := map[string]struct {
		write func(w *bufio.Writer)
		rows  int
	}{
		"4,000 columns": {wide(4_000), 3},
		"4,000 equal names": {func(w *bufio.Writer) {
			w.WriteString("Id" + strings.Repeat(",Name", 3_999) + "\n1" + strings.Repeat(",x", 3_999) + "\n")
		}, 1},
		"many short rows": {func(w *bufio.Writer) {
			w.WriteString("Id,Name\n")
			for i := range 200_000 / shrink() {
				fmt.Fprintf(w, "%d,Ann\n", i)
			}
		}, 200_000 / shrink()},
		"a cell of 1 MB": {func(w *bufio.Writer) { w.WriteString("Id,Note\n1,"); repeat(w, "x", 1<<20); w.WriteString("\n") }, 1},
		"a cell of many lines": {func(w *bufio.Writer) {
			w.WriteString("Id,Note\n1,\"")
			repeat(w, "line\n", 1<<19)
			w.WriteString("\"\n")
		}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rows, bad, err := readAll(t, generate(t, test.write))
			if err != nil || len(bad) > 0 || len(rows) != test.rows {
				t.Errorf("got %d rows, %v, %v", len(rows), bad, err)
			}
		})
	}
}

// What is written back holds the long cells byte for byte, although they were
// never held.
func TestAFileWithTooLongCellsIsWrittenBackWhole(t *testing.T) {
	const size = 10 << 20
	path := generate(t, func(w *bufio.Writer) {
		w.WriteString("Id,Note,City\n1,a,Ulm\n2,")
		repeat(w, "x", size)
		w.WriteString(",Jena\n3,\"")
		repeat(w, `""`, size)
		w.WriteString("\",Bonn\n4,d")
		repeat(w, ",", size)
		w.WriteString("\n5,e,Köln")
	})
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"Id"}, Limits: limits()})
	if err != nil {
		t.Fatal(err)
	}
	set := func(key, city string) source.Change {
		return source.Change{Kind: source.Update, Key: key, Fields: record.Values{"City": record.Text(city)}}
	}
	var p source.Prepared
	allocating(t, 200, func() {
		p, err = s.Prepare(t.Context(), []source.Change{set("1", "Rom"), set("2", "Rom"), set("3", "Rom"), set("5", "Rom"),
			{Kind: source.Insert, Fields: record.Values{"Id": record.Text("6"), "Note": record.Text("f"), "City": record.Text("Rom")}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	var states []string
	for _, o := range p.Outcomes() {
		states = append(states, string(o.State))
	}
	if got := strings.Join(states, " "); got != "done refused refused done done" {
		t.Errorf("the outcomes are %s", got)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(string(was), "1,a,Ulm\n", "1,a,Rom\n", 1)
	want = strings.TrimSuffix(want, "Köln") + "Rom\n6,f,Rom"
	if string(now) != want {
		t.Error("the file is not the old one with the edits")
	}
}
