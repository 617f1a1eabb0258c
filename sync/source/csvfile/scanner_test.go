package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"syncline/sync/source/tabular"
)

// The scanner's promise: its records are the input, byte for byte, however the
// input arrives; their cells lie in order inside them; and where encoding/csv
// accepts a text, both read the same cells.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2", "\"x\"\"y\",\"\r\n\"\r\n", "a,\"b\"c\n", "\"open\n", "\r\r\n\n", " \"a\", \"b\" \n", ",\n,"} {
		f.Add([]byte(seed), byte(','), false)
		f.Add([]byte(seed), byte(';'), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, delimiter byte, skip bool) {
		if !slices.Contains(delimiters, delimiter) {
			return
		}
		d := dialect{delimiter, '"', skip}
		whole, cells, err := scanAll(t, bytes.NewReader(input), d)
		var open *openQuoteError
		if err != nil && !errors.As(err, &open) {
			t.Fatal(err)
		}
		if err == nil && !bytes.Equal(whole, input) || !bytes.HasPrefix(input, whole) {
			t.Fatalf("%q was scanned as %q", input, whole)
		}
		bytewise, _, _ := scanAll(t, iotest.OneByteReader(bytes.NewReader(input)), d)
		if !bytes.Equal(whole, bytewise) {
			t.Fatalf("byte by byte it is %q, at once %q", bytewise, whole)
		}
		if err == nil && !skip && !bytes.ContainsRune(input, '\r') {
			compareWithEncodingCSV(t, input, delimiter, cells)
		}
	})
}

func scanAll(t *testing.T, r io.Reader, d dialect) (whole []byte, cells [][]string, err error) {
	sc := newScanner(r, d, tabular.Standard)
	for {
		rec, err := sc.next()
		if errors.Is(err, io.EOF) {
			return whole, cells, nil
		}
		if err != nil {
			return whole, cells, err
		}
		whole = append(whole, rec.raw...)
		at := 0
		var texts []string
		for i, c := range rec.cells {
			if c.start < at || c.end < c.start || c.end > len(rec.raw)-rec.eol {
				t.Fatalf("cell %d of %q lies at %d to %d", i, rec.raw, c.start, c.end)
			}
			at = c.end
			texts = append(texts, rec.text(i, d.quote))
		}
		if !rec.blank() {
			cells = append(cells, texts)
		}
	}
}

func compareWithEncodingCSV(t *testing.T, input []byte, delimiter byte, got [][]string) {
	r := csv.NewReader(bytes.NewReader(input))
	r.Comma, r.FieldsPerRecord = rune(delimiter), -1
	want, err := r.ReadAll()
	if err != nil {
		return
	}
	want = slices.DeleteFunc(want, func(row []string) bool { return len(row) == 1 && strings.TrimSpace(row[0]) == "" })
	got = slices.DeleteFunc(slices.Clone(got), func(row []string) bool { return len(row) == 1 && strings.TrimSpace(row[0]) == "" })
	if !slices.EqualFunc(want, got, slices.Equal) {
		t.Fatalf("%q\nencoding/csv reads %q\nthe scanner reads  %q", input, want, got)
	}
}

func TestScannerAcrossBufferEdges(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä\r\n\"\"", 40_000) // more than one buffer in one cell
	input := "a,b\r\n\"" + long + "\",x\r\n1,2\r\n"
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(input), "halved": iotest.HalfReader(strings.NewReader(input)), "with the end": iotest.DataErrReader(strings.NewReader(input)),
	} {
		whole, cells, err := scanAll(t, r, dialect{',', '"', false})
		if err != nil || string(whole) != input || len(cells) != 3 || cells[1][0] != strings.ReplaceAll(long, `""`, `"`) {
			t.Errorf("%s: %d bytes, %d records, %v", name, len(whole), len(cells), err)
		}
	}
}

func TestAReadErrorIsNoEndOfFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the cable was pulled")
	for _, input := range []string{"", "a,b\n1,2\n", "a,b\n1,\"2", "a,b\n1,2"} {
		_, _, err := scanAll(t, io.MultiReader(strings.NewReader(input), iotest.ErrReader(broken)), dialect{',', '"', false})
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v, want the reader's error", input, err)
		}
	}
}

func BenchmarkScanner(b *testing.B) {
	line := "12345,Person 12345,p12345@example.com,\"Springfield, IL\",+1 555 0012345\n"
	input := []byte(strings.Repeat(line, 10_000))
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		sc := newScanner(bytes.NewReader(input), dialect{',', '"', false}, tabular.Standard)
		for {
			if _, err := sc.next(); err != nil {
				break
			}
		}
	}
}
