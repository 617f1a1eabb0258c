package assets

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"syncline/assets/internal/billing"
	"syncline/sync/definition"
)

func TestTheSampleIsCopied(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	workbook, def, err := WriteSample(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{workbook, def} {
		want, err := fs.ReadFile(Sample(), filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not the sample's (%v)", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v (%v), want the two files", entries, err)
	}
}

func TestFilesThatAreThereStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	edited := filepath.Join(dir, SampleWorkbook)
	if err := os.WriteFile(edited, []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	workbook, def, err := WriteSample(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(workbook); err != nil || string(got) != "edited" || workbook != edited {
		t.Errorf("%s now holds %.20q (%v)", workbook, got, err)
	}
	if _, err := os.Stat(def); err != nil {
		t.Errorf("the file that was missing is still missing: %v", err)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteSample(filepath.Join(file, "below")); err == nil {
		t.Error("a folder inside a file was accepted")
	}
}

// Who changes the demo must also run sample/generate.go.
func TestTheWorkbookIsWhatItsProgramMakes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), SampleWorkbook)
	if err := billing.Write(path); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := fs.ReadFile(Sample(), SampleWorkbook)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, kept) {
		t.Error("the workbook is another one; run: go run assets/sample/generate.go")
	}
}

func TestTheDefinitionFitsTheWorkbook(t *testing.T) {
	t.Parallel()
	data, err := fs.ReadFile(Sample(), SampleDefinition)
	if err != nil {
		t.Fatal(err)
	}
	d, err := definition.Parse(data, SampleDefinition)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]bool{}
	for _, c := range billing.Columns {
		columns[c] = true
	}
	for _, f := range d.Fields {
		if !columns[f.Field] {
			t.Errorf("the workbook has no column %q", f.Field)
		}
	}
	if d.Source.Path != SampleWorkbook || d.Source.Sheet != billing.Sheet || !columns[d.Source.Key[0]] {
		t.Errorf("the source is %+v", d.Source)
	}
}
