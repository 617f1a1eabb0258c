package excel_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
)

func book(t *testing.T, fill func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), "book.xlsx")
	must(t, f.SaveAs(path))
	return path
}

func row(f *excelize.File, n int, cells ...any) {
	if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n), &cells); err != nil {
		panic(err)
	}
}

// raw is a cell's stored value according to excelize.
func raw(t *testing.T, path, cell string) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	must(t, err)
	defer f.Close()
	v, err := f.GetCellValue("Sheet1", cell, excelize.Options{RawCellValue: true})
	must(t, err)
	return v
}

func parts(t *testing.T, path string) map[string]string {
	t.Helper()
	r, err := zip.OpenReader(path)
	must(t, err)
	defer r.Close()
	out := map[string]string{}
	for _, f := range r.File {
		rc, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(rc)
		must(t, err)
		rc.Close()
		out[f.Name] = string(b)
	}
	return out
}

// set returns a copy of a workbook with a part replaced or added.
func set(t *testing.T, path, part, content string) string {
	t.Helper()
	all := parts(t, path)
	all[part] = content
	var args []string
	for name, text := range all {
		args = append(args, name, text)
	}
	out := filepath.Join(t.TempDir(), "book.xlsx")
	must(t, os.WriteFile(out, zipOf(t, args...), 0o600))
	return out
}

func add(t *testing.T, path, part, content string) string { return set(t, path, part, content) }

func edit(t *testing.T, path, part, old, new string) string {
	t.Helper()
	text := parts(t, path)[part]
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not contain %s: %s", part, old, text)
	}
	return set(t, path, part, strings.Replace(text, old, new, 1))
}

func zipOf(t *testing.T, nameAndContent ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := 0; i < len(nameAndContent); i += 2 {
		f, err := w.Create(nameAndContent[i])
		must(t, err)
		_, err = io.WriteString(f, nameAndContent[i+1])
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

func open(t testing.TB, path string, key ...string) *excel.Source {
	t.Helper()
	s, err := excel.Open(context.Background(), excel.Options{Path: path, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rows(t *testing.T, s source.Source) []record.Row {
	t.Helper()
	var out []record.Row
	for r, err := range s.Rows(t.Context(), time.Time{}) {
		must(t, err)
		out = append(out, r)
	}
	return out
}

func update(key string, kv ...string) source.Change {
	return source.Change{Kind: source.Update, Key: key, Fields: values(kv...)}
}

func insert(kv ...string) source.Change {
	return source.Change{Kind: source.Insert, Fields: values(kv...)}
}

func values(kv ...string) record.Values {
	vs := record.Values{}
	for i := 0; i < len(kv); i += 2 {
		vs[kv[i]] = record.Text(kv[i+1])
	}
	return vs
}

func prepare(t *testing.T, s source.Source, changes ...source.Change) source.Prepared {
	t.Helper()
	p, err := s.Prepare(t.Context(), changes)
	must(t, err)
	return p
}

// apply makes changes that must all be possible, and checks the versions.
func apply(t *testing.T, s source.Source, changes ...source.Change) []source.Outcome {
	t.Helper()
	p := prepare(t, s, changes...)
	for i, o := range p.Outcomes() {
		if o.State != source.Done {
			t.Errorf("change %d: %s, %v", i, o.State, o.Err)
		}
	}
	must(t, p.Commit(t.Context()))
	v, err := s.Version(t.Context())
	must(t, err)
	if v != p.After() {
		t.Error("After is not the version after")
	}
	return p.Outcomes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
