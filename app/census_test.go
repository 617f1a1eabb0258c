package app_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/definition"
)

// A census is made of every file that is dropped, and so of those that hold
// more than the memory does.
func TestACensusKeepsABoundedPartOfWhatAFileHolds(t *testing.T) {
	tests := map[string]struct{ columns, rows, text int }{
		"different values in many columns": {2_000, 510, 0},
		"long texts":                       {3, 60, 900_000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			w := bufio.NewWriter(f)
			for row := range test.rows + 1 {
				for c := range test.columns {
					if c > 0 {
						_ = w.WriteByte(',') // Flush tells
					}
					fmt.Fprintf(w, "%d.%d", c, row)
					if row > 0 {
						w.WriteString(strings.Repeat("x", test.text))
					}
				}
				_ = w.WriteByte('\n')
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			f.Close()
			d := &app.Draft{Definition: &definition.Definition{Source: definition.Source{Kind: "csv", Path: path}}}
			census, err := d.Census(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			kept, text, cut := 0, 0, 0
			for c := range test.columns {
				values, all := census.Values(fmt.Sprintf("%d.0", c))
				kept += len(values)
				for _, v := range values {
					text += len(v.Value)
				}
				if !all {
					cut++
				}
			}
			if census.Rows != test.rows || kept > 1_000_000 || text > 70<<20 || cut == 0 {
				t.Errorf("%d rows, %d values of %d bytes kept, %d columns cut", census.Rows, kept, text, cut)
			}
		})
	}
}
