package practice

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
)

// The limits of one import (facts 10.1): beyond them 429.
const (
	importMostRows  = 1_048_576
	importMostBytes = 512 << 20
	importMostDaily = 80_000_000 // rows
)

// importRequest is the part of that name, as it came.
type importRequest struct {
	Name        string            `json:"name"`
	Operations  map[string]string `json:"importOperations"`
	DateFormat  string            `json:"dateFormat"`
	TimeZone    string            `json:"timeZone"`
	Marketable  bool              `json:"marketableContactImport"`
	CreatesList bool              `json:"createContactListFromImport"`
	Files       []importSpec      `json:"files"`
}

type importSpec struct {
	Name   string     `json:"fileName"`
	Format string     `json:"fileFormat"`
	Page   importPage `json:"fileImportPage"`
}

type importPage struct {
	HasHeader bool           `json:"hasHeader"`
	Columns   []importColumn `json:"columnMappings"`
}

// importColumn says what a column of a file is.
type importColumn struct {
	Type       string `json:"columnObjectTypeId"`
	Name       string `json:"columnName"`
	Property   string `json:"propertyName"`
	Kind       string `json:"columnType"`
	To         string `json:"toColumnObjectTypeId"`
	Identifier bool   `json:"associationIdentifierColumn"`
	ForeignKey *struct {
		ID       int    `json:"associationTypeId"`
		Category string `json:"associationCategory"`
	} `json:"foreignKeyType"`
}

// The kinds of columns.
const (
	columnRecordID  = "HUBSPOT_OBJECT_ID"
	columnAlternate = "HUBSPOT_ALTERNATE_ID"
	columnLabel     = "FLEXIBLE_ASSOCIATION_LABEL"
	columnKeys      = "ASSOCIATION_KEYS"
	columnStandard  = "STANDARD"
	columnMoment    = "EVENT_TIMESTAMP"
)

var columnKinds = []string{columnRecordID, columnAlternate, columnLabel, columnKeys, columnStandard, columnMoment}

// The operations of an import, for each of its object types.
const (
	importCreates = "CREATE"
	importUpdates = "UPDATE"
	importUpserts = "UPSERT"
)

// multipartOf reports whether a body is declared as parts, and where they are
// parted.
func (c *call) multipartOf() (boundary string, ok bool) {
	kind, with, err := mime.ParseMediaType(c.kind)
	return with["boundary"], err == nil && kind == "multipart/form-data" && with["boundary"] != ""
}

// importParts reads the parts of a new import: what is wanted, and the files.
func (c *call) importParts() (request []byte, files map[string][]byte, e *apiError) {
	boundary, ok := c.multipartOf()
	if !ok {
		return nil, nil, &apiError{Status: http.StatusUnsupportedMediaType}
	}
	files = make(map[string][]byte)
	r := multipart.NewReader(bytes.NewReader(c.body), boundary)
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, invalid("The multipart request could not be read")
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, invalid("The multipart request could not be read")
		}
		switch part.FormName() {
		case "importRequest":
			request = b
		case "files":
			files[path.Base(part.FileName())] = b
		}
	}
	if request == nil {
		return nil, nil, invalid("The request part importRequest is required")
	}
	return request, files, nil
}

// readImport checks a new import in HubSpot's order: its shape, the object
// types and columns, and then its size.
func (p *Portal) readImport(raw []byte, files map[string][]byte) (*importRun, *apiError) {
	r := &importRun{raw: raw}
	if e := decode(raw, &r.request); e != nil {
		return nil, e
	}
	q := &r.request
	var lacking []string
	if strings.TrimSpace(q.Name) == "" {
		lacking = append(lacking, "name")
	}
	if len(q.Files) == 0 {
		lacking = append(lacking, "files")
	}
	if len(lacking) > 0 {
		return nil, missing(raw, "ImportRequest", lacking...)
	}
	if q.DateFormat != "" && !slices.Contains([]string{"MONTH_DAY_YEAR", "DAY_MONTH_YEAR", "YEAR_MONTH_DAY"}, q.DateFormat) {
		return nil, badJSON(raw, 0, fmt.Sprintf("Cannot deserialize value of type `DateFormat` from String %q", q.DateFormat))
	}
	for i := range q.Files {
		f, e := p.readImportFile(&q.Files[i], raw, files)
		if e != nil {
			return nil, e
		}
		r.files = append(r.files, f)
		r.Rows += len(f.rows)
	}
	for id, op := range q.Operations {
		if _, e := p.find(id); e != nil {
			return nil, e
		}
		if op != importCreates && op != importUpdates && op != importUpserts {
			return nil, badJSON(raw, 0, fmt.Sprintf("Cannot deserialize value of type `ImportOperation` from String %q", op))
		}
	}
	return r, nil
}

// readImportFile reads a file and what its columns are.
func (p *Portal) readImportFile(spec *importSpec, raw []byte, files map[string][]byte) (*importFile, *apiError) {
	content, sent := files[spec.Name]
	switch {
	case spec.Name == "":
		return nil, missing(raw, "FileImportRequest", "fileName")
	case spec.Format != "CSV" && spec.Format != "SPREADSHEET":
		return nil, badJSON(raw, 0, fmt.Sprintf("Cannot deserialize value of type `FileFormat` from String %q", spec.Format))
	case spec.Format == "SPREADSHEET":
		return nil, invalid("Spreadsheets are not read by the practice portal: send a CSV file")
	case !sent:
		return nil, invalid("No file named %s was uploaded", spec.Name)
	case len(content) > importMostBytes:
		return nil, tooLargeImport()
	case len(spec.Page.Columns) == 0:
		return nil, missing(raw, "FileImportPage", "columnMappings")
	}
	f := &importFile{spec: spec, content: content}
	if e := f.parse(); e != nil {
		return nil, e
	}
	for i := range spec.Page.Columns {
		if e := p.checkColumn(f, &spec.Page.Columns[i], i); e != nil {
			return nil, e
		}
	}
	return f, nil
}

func tooLargeImport() *apiError {
	return &apiError{Status: http.StatusTooManyRequests, errorBody: errorBody{ErrorType: "RATE_LIMIT",
		Message: fmt.Sprintf("The import is too large: a file may have %d rows or %d MB", importMostRows, importMostBytes>>20)}}
}

// parse reads the rows of the file's content.
func (f *importFile) parse() *apiError {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f.content, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return invalid("The file %s is no CSV file: %v", f.spec.Name, err)
	}
	if f.spec.Page.HasHeader && len(rows) > 0 {
		f.header, rows = rows[0], rows[1:]
	}
	if len(rows) > importMostRows {
		return tooLargeImport()
	}
	f.rows = rows
	return nil
}

// checkColumn refuses a column that means nothing.
func (p *Portal) checkColumn(f *importFile, x *importColumn, i int) *apiError {
	if x.Kind == "" {
		x.Kind = columnStandard
	}
	if !slices.Contains(columnKinds, x.Kind) {
		return invalid("Cannot deserialize value of type `ColumnType` from String %q", x.Kind)
	}
	if f.header != nil && (i >= len(f.header) || f.header[i] != x.Name) {
		return invalid("The column %s of %s is not column %d of the file", x.Name, f.spec.Name, i+1)
	}
	k, e := p.find(x.Type)
	if e != nil {
		return e
	}
	if e := p.active(k); e != nil {
		return e
	}
	x.Type = k.id
	if x.To != "" {
		other, e := p.find(x.To)
		if e != nil {
			return e
		}
		x.To = other.id
	}
	switch x.Kind {
	case columnRecordID, columnMoment:
		return nil
	case columnLabel, columnKeys:
		if x.To == "" {
			return invalid("The column %s needs toColumnObjectTypeId", x.Name)
		}
		if x.Kind == columnKeys && x.ForeignKey == nil {
			return invalid("The column %s needs foreignKeyType", x.Name)
		}
		return nil
	}
	d := k.props[x.Property]
	if d == nil {
		return invalid("The property %q does not exist for object type %s", x.Property, k.id)
	}
	if x.Kind == columnAlternate && !k.alternate(d) {
		return invalid("The property %q is no alternate id of object type %s", x.Property, k.id)
	}
	return nil
}

// alternate reports whether imports know records by a property: a contact's
// address, a company's domain, and what is unique.
func (k *kind) alternate(d *property) bool {
	return d.HasUniqueValue || k.name == "contacts" && d.Name == "email" || k.name == "companies" && d.Name == "domain"
}

// requestText is the request as the answers repeat it.
func (r *importRun) requestText() json.RawMessage {
	if !json.Valid(r.raw) {
		return nil
	}
	return r.raw
}
