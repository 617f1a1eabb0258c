package hubspot

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func allCells(text string) (rows [][]string, err error) {
	for c := newCells(strings.NewReader(text)); ; {
		row, err := c.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, append([]string(nil), row...))
	}
}

// Values come out as they went in, their line ends too.
func TestTheCellsOfAnExportAreReadAsTheyStand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching("[a,\"\r\n é😀=+'-]{0,6}")
		want := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 0, 5).Draw(t, "rows")
		var text strings.Builder
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		text.WriteString(rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "mark"))
		for _, row := range want {
			for i, v := range row {
				if i > 0 {
					text.WriteByte(',')
				}
				if strings.ContainsAny(v, ",\"\r\n") || rapid.Bool().Draw(t, "quoted") {
					v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
				}
				text.WriteString(v)
			}
			text.WriteString(end)
		}
		got, err := allCells(text.String())
		if err != nil || len(got)+len(want) > 0 && !cmp.Equal(got, want) {
			t.Fatalf("%q is read as %q, %v; it is %q", text.String(), got, err, want)
		}
	})
}

// The writer that everybody uses is understood, and what is no such file is an error.
func TestAFileThatIsCutOrBrokenIsNotRead(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := errors.Join(w.Write([]string{"id", "note"}), w.Write([]string{"1", "two\r\nlines, \"quoted\""})); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	rows, err := allCells(b.String() + "\n")
	if diff := cmp.Diff([][]string{{"id", "note"}, {"1", "two\r\nlines, \"quoted\""}}, rows); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for text, want := range map[string]error{"id,\"no\nend": errOpen, "a\"b,c\n": errQuote, "\"a\"b,c\n": errQuote} {
		if _, err := allCells(text); !errors.Is(err, want) {
			t.Errorf("%q is read with %v, want %v", text, err, want)
		}
	}
}
