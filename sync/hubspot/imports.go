package hubspot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// MaxImportRows and MaxImportSize bound the file of one import (facts 10.1).
const (
	MaxImportRows = 1_048_576
	MaxImportSize = 512 << 20
)

// ImportRight and ExportRight are what imports and exports ask of a token, apart
// from that for the records.
var (
	ImportRight = Right{Scope: "crm.import"}
	ExportRight = Right{Scope: "crm.export"}
)

// ImportState is how far an import is.
type ImportState string

// The states of an import (facts 10.1).
const (
	ImportStarted    ImportState = "STARTED"
	ImportProcessing ImportState = "PROCESSING"
	ImportDone       ImportState = "DONE"
	ImportFailed     ImportState = "FAILED"
	ImportCanceled   ImportState = "CANCELED"
	ImportDeferred   ImportState = "DEFERRED" // it waits for others: HubSpot works on three at a time
	ImportReverted   ImportState = "REVERTED"
)

// Over reports whether the import writes nothing any more.
func (s ImportState) Over() bool {
	return s == ImportDone || s == ImportFailed || s == ImportCanceled || s == ImportReverted
}

// ImportRequest is an import that creates records of one object type from one
// CSV file. HubSpot refuses a row of which a record with the same key is there.
type ImportRequest struct {
	Name       string // by which it is found again; see [Client.FindImport]
	ObjectType string // its id: 0-1
	// Columns are the properties of the file's columns, in their order; its first line names them.
	Columns []string
	Key     string // the column of a unique property, by which HubSpot knows a record
	Size    int64  // of the file, in bytes
	Open    func() (io.ReadCloser, error)
}

// Import is an import as HubSpot tells of it.
type Import struct {
	ID    string
	Name  string
	State ImportState
	// Counters are HubSpot's own figures, such as CREATED_OBJECTS. Their names are not
	// promised: they are for telling how far it is, not for deciding.
	Counters map[string]int
}

// Written is how many records the import says it has written so far.
func (i Import) Written() int {
	if n, ok := i.Counters["UNIQUE_OBJECTS_WRITTEN"]; ok {
		return n
	}
	return i.Counters["CREATED_OBJECTS"] + i.Counters["UPDATED_OBJECTS"]
}

// ImportError is what HubSpot has against a row, or against a value of it.
type ImportError struct {
	Type    string // such as INVALID_EMAIL
	Message string
	Value   string   // that is wrong, if it is one
	Line    int      // of the file; HubSpot does not say whether the header counts
	Row     []string // the row's cells
}

// Definitive reports whether the API would refuse the value too.
func (x ImportError) Definitive() bool {
	return x.Type == "INVALID_EMAIL" || x.Type == "INVALID_ENUMERATION_OPTION"
}

// Refusal is the error as the API would tell it.
func (x ImportError) Refusal() *Error {
	message := cmp.Or(x.Message, x.Type)
	if x.Value != "" {
		message = fmt.Sprintf("%s (%q)", message, x.Value)
	}
	return &Error{Op: "import", Status: http.StatusBadRequest, Category: "VALIDATION_ERROR", Message: message}
}

type wireImport struct {
	ID       text `json:"id"`
	Name     text `json:"importName"`
	State    text `json:"state"`
	Metadata struct {
		Counters map[string]json.Number `json:"counters"`
	} `json:"metadata"`
}

func (w *wireImport) check(int) error {
	if w.ID == "" || w.State == "" {
		return malformed("HubSpot's answer tells of no import")
	}
	return nil
}

func (w *wireImport) value() Import {
	i := Import{ID: string(w.ID), Name: string(w.Name), State: ImportState(w.State), Counters: make(map[string]int, len(w.Metadata.Counters))}
	for name, n := range w.Metadata.Counters {
		if v, err := n.Int64(); err == nil {
			i.Counters[name] = int(v)
		}
	}
	return i
}

func importPath(op string, parts ...string) (string, error) {
	return segments(op, append([]string{"crm", "imports", APIVersion}, parts...)...)
}

// StartImport sends the file, from where it is and not by way of memory. Whether
// an import was started whose answer was lost is told by its name.
func (c *Client) StartImport(ctx context.Context, req ImportRequest) (Import, error) {
	const op = "start an import"
	path, err := importPath(op)
	if err != nil {
		return Import{}, err
	}
	if req.Size > MaxImportSize {
		return Import{}, invalid(op, "the file has %d MB, more than %d MB; import fewer records at once", req.Size>>20, MaxImportSize>>20)
	}
	form, err := importForm(req)
	if err != nil {
		return Import{}, err
	}
	var out wireImport
	_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: path, form: form, out: &out, quota: true})
	return out.value(), err
}

// importForm is the body of parts: what is wanted, and the file.
func importForm(req ImportRequest) (*form, error) {
	type column struct {
		Type     string `json:"columnObjectTypeId"`
		Name     string `json:"columnName"`
		Property string `json:"propertyName"`
		Kind     string `json:"columnType,omitempty"`
	}
	const fileName = "records.csv"
	columns := make([]column, 0, len(req.Columns))
	for _, name := range req.Columns {
		c := column{req.ObjectType, name, name, "STANDARD"}
		if name == req.Key {
			c.Kind = "HUBSPOT_ALTERNATE_ID"
		}
		columns = append(columns, c)
	}
	wanted, err := json.Marshal(map[string]any{
		"name": req.Name, "importOperations": map[string]string{req.ObjectType: "CREATE"}, "dateFormat": "YEAR_MONTH_DAY", "timeZone": "UTC",
		"marketableContactImport": false, "createContactListFromImport": false,
		"files": []any{map[string]any{"fileName": fileName, "fileFormat": "CSV", "fileImportPage": map[string]any{"hasHeader": true, "columnMappings": columns}}}})
	if err != nil {
		return nil, err
	}
	var around bytes.Buffer
	w := multipart.NewWriter(&around)
	if err := w.WriteField("importRequest", string(wanted)); err != nil {
		return nil, err
	}
	if _, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="files"; filename="` + fileName + `"`}, "Content-Type": {"text/csv"}}); err != nil {
		return nil, err
	}
	before := around.Len()
	if err := w.Close(); err != nil {
		return nil, err
	}
	head, tail := around.Bytes()[:before], around.Bytes()[before:]
	return &form{kind: w.FormDataContentType(), size: int64(len(head)+len(tail)) + req.Size, open: func() (io.ReadCloser, error) {
		file, err := req.Open()
		if err != nil {
			return nil, err
		}
		return partsOf{io.MultiReader(bytes.NewReader(head), file, bytes.NewReader(tail)), file}, nil
	}}, nil
}

// form is a body that is read from somewhere each time it is sent.
type form struct {
	kind string // its Content-Type
	size int64
	open func() (io.ReadCloser, error)
}

type partsOf struct {
	io.Reader
	io.Closer
}

// Import returns an import as it is now.
func (c *Client) Import(ctx context.Context, id string) (Import, error) {
	const op = "look at an import"
	path, err := importPath(op, id)
	if err != nil {
		return Import{}, err
	}
	var out wireImport
	_, err = c.do(ctx, &request{op: op, method: http.MethodGet, path: path, out: &out, read: true})
	return out.value(), err
}

type wireImports struct {
	Results *[]wireImport `json:"results"`
	Paging  wirePaging    `json:"paging"`
}

func (w *wireImports) check(int) error { return hasResults(w.Results != nil) }

// hasResults is nil where an answer holds a list.
func hasResults(there bool) error {
	if !there {
		return malformed("HubSpot's answer holds no results")
	}
	return nil
}

type wirePaging struct {
	Next struct {
		After text `json:"after"`
	} `json:"next"`
}

// FindImport looks for an import by its name among those that this app started.
func (c *Client) FindImport(ctx context.Context, name string) (found Import, ok bool, err error) {
	const op = "list the imports"
	path, err := importPath(op)
	if err != nil {
		return Import{}, false, err
	}
	err = pages(op, func(after string) (string, error) {
		q := url.Values{"limit": {"100"}}
		if after != "" {
			q.Set("after", after)
		}
		var out wireImports
		if _, err := c.do(ctx, &request{op: op, method: http.MethodGet, path: path, query: q, out: &out, read: true}); err != nil {
			return "", err
		}
		for i := range *out.Results {
			if w := (*out.Results)[i]; string(w.Name) == name {
				found, ok = w.value(), true
				return "", nil
			}
		}
		return string(out.Paging.Next.After), nil
	})
	return found, ok, err
}

// pages asks for page after page, until there is none; one that leads back to
// the page that it was on is an error.
func pages(op string, page func(after string) (next string, err error)) error {
	for after := ""; ; {
		next, err := page(after)
		if err != nil || next == "" {
			return err
		}
		if next == after {
			return &Error{Op: op, Status: http.StatusOK, Unreadable: true, Message: "HubSpot's pages lead in a circle"}
		}
		after = next
	}
}

// CancelImport stops an import. What it wrote until then stays. One that is over
// already is no error.
func (c *Client) CancelImport(ctx context.Context, id string) error {
	const op = "cancel an import"
	path, err := importPath(op, id, "cancel")
	if err != nil {
		return err
	}
	_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: path, read: true}) // to cancel it twice is to cancel it
	if answered(err, http.StatusBadRequest) || answered(err, http.StatusConflict) {
		return nil
	}
	return err
}

type wireImportErrors struct {
	Results *[]struct {
		Type    text `json:"errorType"`
		Message text `json:"errorMessage"`
		Value   text `json:"invalidValue"`
		Source  struct {
			Line json.Number `json:"lineNumber"`
			Row  []text      `json:"rowData"`
		} `json:"sourceData"`
	} `json:"results"`
	Paging wirePaging `json:"paging"`
}

func (w *wireImportErrors) check(int) error { return hasResults(w.Results != nil) }

// ImportErrors gives what HubSpot has against the rows of an import, a page at a
// time.
func (c *Client) ImportErrors(ctx context.Context, id string, page func([]ImportError) error) error {
	const op = "list an import's errors"
	path, err := importPath(op, id, "errors")
	if err != nil {
		return err
	}
	return pages(op, func(after string) (string, error) {
		q := url.Values{"limit": {"100"}, "includeErrorMessage": {"true"}, "includeRowData": {"true"}}
		if after != "" {
			q.Set("after", after)
		}
		var out wireImportErrors
		if _, err := c.do(ctx, &request{op: op, method: http.MethodGet, path: path, query: q, out: &out, read: true}); err != nil {
			return "", err
		}
		list := make([]ImportError, 0, len(*out.Results))
		for _, r := range *out.Results {
			x := ImportError{Type: string(r.Type), Message: string(r.Message), Value: string(r.Value)}
			if n, err := r.Source.Line.Int64(); err == nil {
				x.Line = int(n)
			}
			for _, cell := range r.Source.Row {
				x.Row = append(x.Row, string(cell))
			}
			list = append(list, x)
		}
		if len(list) > 0 {
			if err := page(list); err != nil {
				return "", err
			}
		}
		return string(out.Paging.Next.After), nil
	})
}

// How long is waited between two looks at an import or an export.
const (
	firstLook = time.Second
	lastLook  = 30 * time.Second
)

// looks waits a bit longer each time.
type looks struct{ wait time.Duration }

func (l *looks) next(ctx context.Context) error {
	l.wait = min(max(firstLook, l.wait*8/5), lastLook)
	return sleep(ctx, l.wait)
}

// WaitImport looks at an import until it is over, and shows it each time.
func (c *Client) WaitImport(ctx context.Context, id string, show func(Import)) (Import, error) {
	var l looks
	for {
		i, err := c.Import(ctx, id)
		if err != nil {
			return i, err
		}
		show(i)
		if i.State.Over() {
			return i, nil
		}
		if err := l.next(ctx); err != nil {
			return i, err
		}
	}
}

// IsQuota reports a refusal for a limit of imports or exports of their own: that
// of a day, or of a file's size. Waiting some seconds does not help.
func IsQuota(err error) bool {
	e := asError(err)
	return e != nil && e.Status == http.StatusTooManyRequests && !e.Unreadable && e.Policy == "" && e.Category != "RATE_LIMITS" && !strings.Contains(e.Message, "secondly limit")
}
