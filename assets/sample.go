package assets

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The names of the sample's files.
const (
	SampleWorkbook   = "Billing customers.xlsx"
	SampleDefinition = "Billing customers to contacts.yaml"
)

//go:embed "sample/Billing customers.xlsx" "sample/Billing customers to contacts.yaml"
var sample embed.FS

// Sample returns the sample's files: a workbook of invented customers that
// belongs to the practice portal's demo, and the definition of a sync between
// the two.
func Sample() fs.FS {
	files, err := fs.Sub(sample, "sample")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return files
}

// WriteSample copies the sample into a folder, which it makes if need be, and
// returns where the two files are. A file that is already there stays as it
// is: it may hold somebody's edits.
func WriteSample(dir string) (workbook, definition string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", fmt.Errorf("make the folder of the sample: %w", err)
	}
	workbook, definition = filepath.Join(dir, SampleWorkbook), filepath.Join(dir, SampleDefinition)
	for _, path := range []string{workbook, definition} {
		data, err := fs.ReadFile(Sample(), filepath.Base(path))
		if err == nil {
			err = writeNew(path, data)
		}
		if err != nil {
			return "", "", fmt.Errorf("write the sample: %w", err)
		}
	}
	return workbook, definition, nil
}
