// Package opener opens sources by their kind, and finds out the kind of a file
// that somebody dropped.
package opener

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/source"
	"syncline/sync/source/csvfile"
	"syncline/sync/source/database"
	"syncline/sync/source/datafile"
	"syncline/sync/source/excel"
	"syncline/sync/source/localfile"
	"syncline/sync/source/packed"
	"syncline/sync/source/portal"
	"syncline/sync/source/submissions"
	"syncline/sync/source/tabular"
)

// Options name a source, as a definition does.
type Options struct {
	Kind     string // csv, excel, ods, json or parquet; "" is found out with Detect
	Path     string
	Sheet    string         // excel and ods: """ is the first sheet that is shown
	Key      []string       // the key columns; without any the source can only be read
	Modified string         // the column with a row's time of change, "" for none
	Zone     *time.Location // of modification times that name none, which nil leaves unknown

	Encoding  string           // csv: one of csvfile.Encodings, "" is found out
	HeaderRow int              // the row with the column names, 0 is found out
	Blanks    []string         // words that mean "empty"
	NoBlanks  bool             // no word does
	Marks     tabular.Marks    // in which the sync reads numbers
	typed     *tabular.Numbers // of the files that a query joins

	Table    string           // databases: the table, or
	Query    string           // a SELECT, which can only be read
	Address  database.Address // of a server
	Login    database.Login
	Use      []string // databases and portals: the columns that are read beside the key, nil is all
	ReadOnly bool     // databases and portals: nothing will be written
	Whole    bool     // portals: whole records are read, because some will be archived

	Files []File // that a query joins

	Client *hubspot.Client // of another portal
	Portal string          // the name of its connection, for people
	Object string          // its object type
	Form   string          // a form of it, of whose submissions the rows are
}

// File is one of the files that a query joins.
type File struct {
	Name, Path, Sheet, Encoding string
	HeaderRow                   int
}

// Open opens a source. Errors are sentences for a person that name the file: a
// missing file, one of another kind, a missing sheet or key column.
func Open(ctx context.Context, o Options) (source.Source, error) {
	if slices.Contains(database.Kinds, o.Kind) {
		o.Address.Kind = o.Kind
		return opened(database.Open(ctx, database.Options{Address: o.Address, Path: o.Path, Table: o.Table, Query: o.Query, Key: o.Key, Modified: o.Modified, Zone: o.Zone,
			Use: o.Use, ReadOnly: o.ReadOnly, Login: o.Login, Marks: o.Marks}))
	}
	if o.Kind == portal.Kind {
		return opened(portal.Open(ctx, portal.Options{Client: o.Client, Portal: o.Portal, Object: o.Object, Key: o.Key, Modified: o.Modified, Use: o.Use, ReadOnly: o.ReadOnly, Whole: o.Whole, Marks: o.Marks}))
	}
	if o.Kind == submissions.Kind {
		return opened(submissions.Open(ctx, submissions.Options{Client: o.Client, Portal: o.Portal, Form: o.Form, Key: o.Key, Modified: o.Modified}))
	}
	if o.Kind == database.Files {
		return joined(ctx, o)
	}
	kind, err := kindOf(o.Path)
	if err != nil {
		return nil, err
	}
	if o.Kind == "" {
		o.Kind = kind
	}
	if err := misnamed(o, kind); err != nil {
		return nil, err
	}
	// A nil *csvfile.Source must not become a non-nil source.Source.
	switch o.Kind {
	case csvfile.Kind:
		return opened(csvfile.Open(ctx, csvfile.Options{Path: o.Path, Key: o.Key, Modified: o.Modified, Zone: o.Zone,
			Encoding: o.Encoding, HeaderRow: o.HeaderRow, Blanks: o.Blanks, NoBlanks: o.NoBlanks}))
	case excel.Kind:
		return opened(excel.Open(ctx, excel.Options{Path: o.Path, Sheet: o.Sheet, Key: o.Key, Modified: o.Modified, Zone: o.Zone,
			HeaderRow: o.HeaderRow, Blanks: o.Blanks, NoBlanks: o.NoBlanks, Marks: o.Marks, Typed: o.typed}))
	}
	return opened(datafile.Open(ctx, datafile.Options{Kind: o.Kind, Path: o.Path, Sheet: o.Sheet, HeaderRow: o.HeaderRow, Key: o.Key, Modified: o.Modified, Zone: o.Zone,
		Blanks: o.Blanks, NoBlanks: o.NoBlanks, Marks: o.Marks, Typed: o.typed}))
}

// joined opens the files that a query joins.
func joined(ctx context.Context, o Options) (_ source.Source, err error) {
	files := database.FilesOptions{Query: o.Query, Key: o.Key, Modified: o.Modified, Zone: o.Zone, Marks: o.Marks, Typed: tabular.NewNumbers(o.Marks)}
	defer func() {
		for _, f := range files.Files {
			if err != nil {
				err = errors.Join(err, f.Source.Close())
			}
		}
	}()
	for _, f := range o.Files {
		src, err := Open(ctx, Options{Path: f.Path, Sheet: f.Sheet, Encoding: f.Encoding, HeaderRow: f.HeaderRow, Blanks: o.Blanks, NoBlanks: o.NoBlanks, Zone: o.Zone, typed: files.Typed})
		if err != nil {
			return nil, err
		}
		files.Files = append(files.Files, database.File{Name: f.Name, Title: filepath.Base(f.Path), Source: src})
	}
	return opened(database.OpenFiles(ctx, files))
}

func opened[S source.Source](s S, err error) (source.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// called are the kinds of files for people.
var called = map[string]string{csvfile.Kind: "a CSV file", excel.Kind: "an Excel workbook", datafile.ODS: "an OpenDocument spreadsheet", datafile.JSON: "a file of JSON", datafile.Parquet: "a Parquet file"}

// misnamed says what is wrong where a file is not of the kind that the options
// say.
func misnamed(o Options, kind string) error {
	wrong := func(msg string, args ...any) error {
		return &localfile.Error{Path: o.Path, Msg: fmt.Sprintf(msg, args...), Misnamed: true}
	}
	switch {
	case called[o.Kind] == "":
		return wrong("can't be opened as “%s”; a file is of the kind csv, excel, ods, json or parquet", o.Kind)
	case o.Kind == excel.Kind && kind == csvfile.Kind && !isTextName(o.Path):
		return nil // what is wrong with the workbook is for its reader to say
	case o.Kind != kind:
		return wrong("is %s, not %s; set its kind to %s", called[kind], called[o.Kind], kind)
	case o.Kind != excel.Kind && o.Kind != datafile.ODS && o.Sheet != "":
		return wrong("is %s and has no sheets; take the sheet “%s” out of the definition", called[o.Kind], o.Sheet)
	}
	return nil
}

// Detect finds out what a dropped file is: its kind, and for a workbook the
// names of its sheets. The content decides, not the name; the name only keeps
// out text that is no table. Errors are sentences for a person.
func Detect(path string) (kind string, sheets []string, err error) {
	kind, err = kindOf(path)
	if err != nil {
		return "", nil, err
	}
	if kind == excel.Kind {
		if sheets, err = excel.Sheets(context.Background(), path); err != nil {
			return "", nil, err
		}
		return kind, sheets, nil
	}
	if kind == datafile.ODS {
		if sheets, err = datafile.Sheets(context.Background(), path); err != nil {
			return "", nil, err
		}
		return kind, sheets, nil
	}
	if kind != csvfile.Kind {
		if _, err = datafile.Open(context.Background(), datafile.Options{Kind: kind, Path: path}); err != nil {
			return "", nil, err
		}
		return kind, nil, nil
	}
	if !isTextName(path) {
		return "", nil, &localfile.Error{Path: path, Msg: fmt.Sprintf("is not a kind of file Syncline reads (%s). It reads CSV files (.csv, .tsv, .tab, .txt, also packed as .gz or .zip), Excel workbooks (.xlsx, .xlsm), OpenDocument spreadsheets (.ods), JSON (.json, .jsonl) and Parquet (.parquet)", extension(path))}
	}
	if _, err := csvfile.Open(context.Background(), csvfile.Options{Path: path}); err != nil {
		return "", nil, err
	}
	return kind, nil, nil
}

// magics are the starts of files that are neither text nor workbook.
var magics = []struct{ start, msg string }{
	{"SQLite format 3\x00", "is a SQLite database, not a file of rows; add it as a database"},
	{"%PDF-", "is a PDF. Tables can't be read from it reliably; ask for the data as CSV or Excel"},
	{"\x1F\x8B", "is compressed; unpack it and choose the file inside"}, // within another
	{"BZh", "is compressed; unpack it and choose the file inside"},
	{"\xFD7zXZ\x00", "is compressed; unpack it and choose the file inside"},
	{"\x28\xB5\x2F\xFD", "is compressed; unpack it and choose the file inside"},
	{"7z\xBC\xAF\x27\x1C", "is compressed; unpack it and choose the file inside"},
	{"Rar!", "is compressed; unpack it and choose the file inside"},
	{"PARE", "is an encrypted Parquet file; export it without encryption"},
	{"ORC", "is an ORC file; export the rows as Parquet or CSV"},
	{"Obj\x01", "is an Avro file; export the rows as Parquet or CSV"},
	{"TABLE\r\n0,1", "is a DIF file, whatever its name says; open it in a spreadsheet and save it as “Excel Workbook (.xlsx)” or CSV"},
	{"TABLE\n0,1", "is a DIF file, whatever its name says; open it in a spreadsheet and save it as “Excel Workbook (.xlsx)” or CSV"},
	{"{\\rtf", "is a text document (RTF); save its table as CSV"},
	{"\x89PNG", "is a picture; choose a CSV file or an Excel workbook"},
	{"\xFF\xD8\xFF", "is a picture; choose a CSV file or an Excel workbook"},
}

// kindOf looks at the start of a file, and of the one that is packed in it.
func kindOf(path string) (string, error) {
	f, info, err := localfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	packing, err := packed.Find(f, info.Size())
	if err != nil {
		return "", &localfile.Error{Path: path, Msg: err.Error()}
	}
	content, err := packing.Open(f, info.Size())
	if err != nil {
		return "", &localfile.Error{Path: path, Msg: err.Error()}
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(content, head)
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
	case packing.Kind != "":
		return "", &localfile.Error{Path: path, Msg: err.Error()}
	default:
		return "", &localfile.Error{Path: path, Msg: "can't be read: " + err.Error(), Err: err}
	}
	kind, why := kindOfText(head[:n])
	if kind == excel.Kind && packing.Kind == "" && datafile.HoldsODS(f, info.Size()) {
		kind = datafile.ODS
	}
	switch {
	case packing.Kind != "" && (kind == excel.Kind || kind == datafile.ODS):
		return "", &localfile.Error{Path: path, Msg: "is a packed workbook; unpack it and choose the file inside"}
	case packing.Kind != "" && why != "":
		return "", &localfile.Error{Path: path, Msg: "is a packed file, and what it holds " + why}
	case why != "":
		return "", &localfile.Error{Path: path, Msg: why}
	case kind == csvfile.Kind && packing.Kind == "" && isWorkbookName(path):
		return excel.Kind, nil // which then says what is wrong with it
	case kind == csvfile.Kind && isJSONName(path, packing.Name):
		return datafile.JSON, nil // likewise
	}
	return kind, nil
}

// kindOfText tells the kind of a file by its start, or what it is that can't be
// read.
func kindOfText(head []byte) (kind, why string) {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) && datafile.IsODS(head) {
		return datafile.ODS, ""
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")) {
		return excel.Kind, ""
	}
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return datafile.Parquet, ""
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.start)) {
			return "", m.msg
		}
	}
	if sylk.Match(head) {
		return "", "is a SYLK file, whatever its name says; open it in a spreadsheet and save it as “Excel Workbook (.xlsx)” or CSV"
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "", "is a tar archive; unpack it and choose the file inside"
	}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n"))
	for _, start := range []string{"<!doctype", "<html", "<?xml", "<table"} {
		if bytes.HasPrefix(text, []byte(start)) {
			return "", "is a web page or XML, whatever its name says. Open it in Excel and save it as “Excel Workbook (.xlsx)”"
		}
	}
	if objects.Match(text) {
		return datafile.JSON, ""
	}
	return csvfile.Kind, ""
}

// sylk is how a file of SYLK begins, which no header of a CSV file does.
var sylk = regexp.MustCompile(`^ID;P[A-Z0-9]*(;[NE])*\r?\n[PFBCO];[A-Z]`)

// objects are how JSON of rows begins, whatever the file is called.
var objects = regexp.MustCompile(`^(\[\s*)?\{\s*("|\})`)

func isJSONName(names ...string) bool {
	for _, name := range names {
		switch extension(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
		case ".json", ".jsonl", ".ndjson":
			return true
		}
	}
	return false
}

func extension(path string) string {
	ext := strings.ToLower(filepath.Ext(path))
	if ext == "" {
		return "no extension"
	}
	return ext
}

func isTextName(path string) bool {
	switch extension(path) {
	case ".csv", ".tsv", ".tab", ".txt", ".gz", ".zip":
		return true
	}
	return false
}

func isWorkbookName(path string) bool {
	switch extension(path) {
	case ".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb":
		return true
	}
	return false
}
