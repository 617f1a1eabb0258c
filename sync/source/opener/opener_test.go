package opener_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"syncline/sync/source/opener"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const table = "Id,Name\n1,Ann\n"
	book := workbook(t, dir, "People", "Places")
	misnamed := filepath.Join(dir, "really-excel.csv")
	if b, err := os.ReadFile(book); err != nil || os.WriteFile(misnamed, b, 0o600) != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path   string
		kind   string
		sheets []string
		err    string
	}{
		"csv":                {put("a.csv", table), "csv", nil, ""},
		"tsv, upper case":    {put("a.TSV", table), "csv", nil, ""},
		"txt":                {put("a.txt", table), "csv", nil, ""},
		"xlsx":               {book, "excel", []string{"People", "Places"}, ""},
		"xlsx named csv":     {misnamed, "excel", []string{"People", "Places"}, ""},
		"csv named xlsx":     {put("a.xlsx", table), "", nil, "is not an Excel workbook"},
		"web page named xls": {put("a.xls", "\n<HTML><table>"), "", nil, "is a web page"},
		"PDF":                {put("a.pdf", "%PDF-1.7"), "", nil, "is a PDF"},
		"SYLK":               {put("sylk.csv", "ID;PWXL;N;E\r\nP;PGeneral\r\n"), "", nil, "is a SYLK file"},
		"no SYLK":            {put("id.csv", "ID;Price\nP;7\n"), "csv", nil, ""},
		"DIF":                {put("dif.csv", "TABLE\r\n0,1\r\n\"x\"\r\n"), "", nil, "is a DIF file"},
		"tar":                {put("a.tar.csv", strings.Repeat("a", 257)+"ustar\x0000"), "", nil, "is a tar archive"},
		"SQLite":             {put("a.db", "SQLite format 3\x00"), "", nil, "add it as a database"},
		"gzip":               {put("a.csv.gz", "\x1F\x8B\x08"), "", nil, "unpack it"},
		"JSON":               {put("a.json", `[{"id": 1}]`), "json", nil, ""},
		"JSON lines":         {put("a.jsonl", "{\"id\": 1}\n{\"id\": 2}\n"), "json", nil, ""},
		"JSON of any name":   {put("export.txt", "\n{ \"id\": 1 }\n"), "json", nil, ""},
		"JSON of no rows":    {put("b.json", "[]"), "", nil, "holds no object with a value"},
		"no JSON":            {put("c.json", "id,name\n"), "", nil, "is no JSON of rows"},
		"OpenDocument":       {"../datafile/testdata/people.ods", "ods", []string{"People", "Secret"}, ""},
		"Parquet":            {"../datafile/testdata/hyparquet.parquet", "parquet", nil, ""},
		"cut Parquet":        {put("a.parquet", "PAR1\x15\x04"), "", nil, "is no Parquet file, or damaged"},
		"encrypted Parquet":  {put("b.parquet", "PARE\x15\x04"), "", nil, "export it without encryption"},
		"another format":     {put("a.xyz", table), "", nil, "is not a kind of file Syncline reads (.xyz)"},
		"braces in a header": {put("braces.csv", "{id},name\n1,Ann\n"), "csv", nil, ""},
		"no extension":       {put("data", table), "", nil, "(no extension)"},
		"binary named csv":   {put("b.csv", "a\x00b"), "", nil, "is not a text file"},
		"missing":            {filepath.Join(dir, "no.csv"), "", nil, "is not there"},
		"folder":             {dir, "", nil, "is a folder"},
		"empty":              {put("empty.csv", ""), "", nil, "is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, sheets, err := opener.Detect(test.path)
			if (err == nil) != (test.err == "") || err != nil && (!strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), test.path)) {
				t.Fatalf("got %v, want %q and the path", err, test.err)
			}
			if kind != test.kind || !cmp.Equal(sheets, test.sheets) {
				t.Errorf("got %q %v, want %q %v", kind, sheets, test.kind, test.sheets)
			}
		})
	}
}

func TestAnUnreadableFileIsExplained(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte("a\n1\n"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(path); err == nil {
		t.Skip("this user may read everything")
	}
	if _, _, err := opener.Detect(path); err == nil || !strings.Contains(err.Error(), "may not be read by you") {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	csv := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(csv, []byte("Id,Name\n1,Ann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	jsonFile := filepath.Join(dir, "a.json")
	if err := os.WriteFile(jsonFile, []byte(`{"id":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	book := workbook(t, dir, "People", "Places")
	tests := map[string]struct {
		options opener.Options
		kind    string
		err     string
	}{
		"csv":              {opener.Options{Kind: "csv", Path: csv, Key: []string{"Id"}}, "csv", ""},
		"excel":            {opener.Options{Kind: "excel", Path: book, Sheet: "Places", Key: []string{"Id"}}, "excel", ""},
		"kind found out":   {opener.Options{Path: book}, "excel", ""},
		"csv as excel":     {opener.Options{Kind: "excel", Path: csv}, "", "is a CSV file, not an Excel workbook; set its kind to csv"},
		"excel as csv":     {opener.Options{Kind: "csv", Path: book}, "", "is an Excel workbook, not a CSV file; set its kind to excel"},
		"sheet of a csv":   {opener.Options{Kind: "csv", Path: csv, Sheet: "People"}, "", "has no sheets"},
		"kind of no file":  {opener.Options{Kind: "dbase", Path: csv}, "", "a file is of the kind csv, excel, ods, json or parquet"},
		"ods as excel":     {opener.Options{Kind: "excel", Path: "../datafile/testdata/people.ods"}, "", "is an OpenDocument spreadsheet, not an Excel workbook; set its kind to ods"},
		"json as csv":      {opener.Options{Kind: "csv", Path: "../datafile/testdata/hyparquet.parquet"}, "", "is a Parquet file, not a CSV file; set its kind to parquet"},
		"json":             {opener.Options{Path: jsonFile, Key: []string{"id"}}, "json", ""},
		"key missing":      {opener.Options{Kind: "csv", Path: csv, Key: []string{"id"}}, "", "did you mean “Id”?"},
		"modified missing": {opener.Options{Kind: "csv", Path: csv, Modified: "updated"}, "", "which the definition names under “modified”. The columns are: Id, Name."},
		"sheet missing":    {opener.Options{Kind: "excel", Path: book, Sheet: "Animals"}, "", "has no sheet “Animals”. Its sheets are: People, Places"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := opener.Open(t.Context(), test.options)
			if test.err != "" {
				if err == nil || s != nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, %v; want %q", s, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			schema, err := s.Describe(t.Context())
			if err != nil || schema.Kind != test.kind || schema.Rows != 1 {
				t.Errorf("got %+v, %v", schema, err)
			}
		})
	}
}

func workbook(t *testing.T, dir string, sheets ...string) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range sheets {
		if i == 0 {
			check(f.SetSheetName("Sheet1", name))
		} else {
			_, err := f.NewSheet(name)
			check(err)
		}
		check(f.SetSheetRow(name, "A1", &[]any{"Id", "Name"}))
		check(f.SetSheetRow(name, "A2", &[]any{1, name}))
	}
	path := filepath.Join(dir, "book.xlsx")
	check(f.SaveAs(path))
	return path
}
