package hubspot

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/sync/record"
)

// ExportRequest asks for all records of an object type that pass a filter, as
// files.
type ExportRequest struct {
	Name       string
	ObjectType ObjectType
	Properties []string
	Moments    []string   // of the properties, those of the types date and datetime
	Groups     [][]Filter // as of a search; none for all records
}

// Export is a result on this computer's disk. Close removes it.
type Export struct {
	ID    string
	file  *os.File
	zip   bool
	of    ExportRequest
	names []string // properties, in the order in which they were asked for
}

// exportName is how exports name an object type: CONTACT, or its id.
func exportName(t ObjectType) string {
	switch t.Name {
	case "contacts", "companies", "deals", "tickets":
		return strings.ToUpper(t.Singular)
	}
	return t.ID
}

func exportPath(op string, parts ...string) (string, error) {
	return segments(op, append([]string{"crm", "exports", APIVersion, "export", "async"}, parts...)...)
}

type wireTask struct {
	ID text `json:"id"`
}

func (w *wireTask) check(int) error {
	if w.ID == "" {
		return malformed("HubSpot's answer tells of no export")
	}
	return nil
}

// StartExport begins an export and returns its id. Values and names are the
// internal ones. HubSpot allows 30 within 24 hours, one at a time (facts 10.2);
// see [IsQuota].
func (c *Client) StartExport(ctx context.Context, req ExportRequest) (string, error) {
	const op = "start an export"
	path, err := exportPath(op)
	if err != nil {
		return "", err
	}
	body := map[string]any{"exportType": "VIEW", "exportName": req.Name, "format": "CSV", "language": "EN", "objectType": exportName(req.ObjectType), "objectProperties": req.columns(),
		"exportInternalValuesOptions": []string{"NAMES", "VALUES"}}
	if len(req.Groups) > 0 {
		groups := make([]wireFilterGroup, 0, len(req.Groups))
		for _, g := range req.Groups {
			groups = append(groups, wireFilterGroup{Filters: g})
		}
		body["publicCrmSearchRequest"] = map[string]any{"filterGroups": groups}
	}
	var out wireTask
	_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: path, body: body, out: &out, quota: true})
	return string(out.ID), err
}

// columns are the properties, and what a record's identity and times are read
// from.
func (r ExportRequest) columns() []string {
	all := append([]string{"hs_object_id", r.ObjectType.CreatedProperty, r.ObjectType.ModifiedProperty}, r.Properties...)
	slices.Sort(all)
	return slices.Compact(all)
}

type wireExport struct {
	Status text `json:"status"`
	Result text `json:"result"`
}

func (w *wireExport) check(int) error {
	if w.Status == "" {
		return malformed("HubSpot's answer tells of no export")
	}
	return nil
}

// errNoResult ends an export of which nothing comes.
var errNoResult = errors.New("HubSpot ended the export without a result")

// FetchExport waits for an export and brings its result to a folder, from which
// it is read as often as needed. The address of a result lives for five minutes:
// where it has ended, or the file did not come whole, another one is asked for.
func (c *Client) FetchExport(ctx context.Context, id string, req ExportRequest, folder string) (*Export, error) {
	const op = "look at an export"
	path, err := exportPath(op, "tasks", id, "status")
	if err != nil {
		return nil, err
	}
	var l looks
	for fetched := 0; ; {
		var out wireExport
		if _, err := c.do(ctx, &request{op: op, method: http.MethodGet, path: path, out: &out, read: true}); err != nil {
			return nil, err
		}
		switch {
		case out.Status == "COMPLETE" && out.Result != "":
			fetched++
			x, err := c.fetchExport(ctx, string(out.Result), folder)
			if err == nil {
				x.ID, x.of, x.names = id, req, req.columns()
				return x, nil
			}
			if fetched == maxAttempts || ctx.Err() != nil || errors.Is(err, errAddress) {
				return nil, err
			}
		case out.Status == "COMPLETE", out.Status == "CANCELED", out.Status == "FAILED":
			return nil, &Error{Op: op, Status: http.StatusOK, Unreadable: true, Message: errNoResult.Error(), cause: errNoResult}
		}
		if err := l.next(ctx); err != nil {
			return nil, err
		}
	}
}

var errAddress = errors.New("the address of an export's result is not one that is read")

// fetchExport brings the file of an address to a folder. It is another host than
// the API, which the address itself lets in: the token does not go there.
func (c *Client) fetchExport(ctx context.Context, address, folder string) (*Export, error) {
	const op = "fetch an export"
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) {
		return nil, fmt.Errorf("hubspot: %s: %w: it must begin with https://", op, errAddress)
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("hubspot: %s: %w", op, errAddress)
	}
	req.Header.Set("User-Agent", c.userAgent)
	start := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		err = transportError(op, "", true, err)
		c.report(Exchange{Op: op, Method: http.MethodGet, Path: "(the result of an export)", Attempt: 1, Duration: time.Since(start), Err: err})
		return nil, err
	}
	defer resp.Body.Close()
	x, err := keepExport(ctx, resp, folder)
	c.report(Exchange{Op: op, Method: http.MethodGet, Path: "(the result of an export)", Attempt: 1, Duration: time.Since(start), Status: resp.StatusCode, Err: err})
	return x, err
}

// keepExport writes an answer to a file and looks at what it is.
func keepExport(ctx context.Context, resp *http.Response, folder string) (*Export, error) {
	const op = "fetch an export"
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, newError(op, resp, body, "")
	}
	file, err := os.CreateTemp(folder, "export-*")
	if err != nil {
		return nil, err
	}
	x := &Export{file: file}
	n, err := io.Copy(file, patient{ctx, resp.Body})
	if err == nil && resp.ContentLength > 0 && n != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, errors.Join(&TransportError{Op: op, Sent: true, Err: err}, x.Close())
	}
	var head [4]byte
	_, err = file.ReadAt(head[:], 0)
	x.zip = err == nil && bytes.Equal(head[:], []byte("PK\x03\x04"))
	return x, nil
}

// Close removes the result from the disk.
func (x *Export) Close() error {
	return errors.Join(x.file.Close(), os.Remove(x.file.Name()))
}

// Records gives the records of all files, a page of up to size at a time. Moments
// in a form that the API does not use are left out: a value that is absent was
// not told. An empty cell is no value.
func (x *Export) Records(size int, page func([]record.Record) error) error {
	var some []record.Record
	one := func(r record.Record) error {
		if some = append(some, r); len(some) < size {
			return nil
		}
		full := some
		some = nil
		return page(full)
	}
	if err := x.files(func(in io.Reader) error { return x.readCSV(in, one) }); err != nil {
		return err
	}
	if len(some) > 0 {
		return page(some)
	}
	return nil
}

// files gives the files of the result, one after the other.
func (x *Export) files(read func(io.Reader) error) error {
	info, err := x.file.Stat()
	if err != nil {
		return err
	}
	if !x.zip {
		return read(io.NewSectionReader(x.file, 0, info.Size()))
	}
	z, err := zip.NewReader(x.file, info.Size())
	if err != nil {
		return x.damaged(err)
	}
	for _, f := range z.File {
		if strings.ToLower(filepath.Ext(f.Name)) != ".csv" {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return x.damaged(err)
		}
		if err := errors.Join(read(in), in.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (x *Export) damaged(err error) error {
	return &Error{Op: "read an export", Status: http.StatusOK, Unreadable: true, Message: "the file of an export can't be read: " + err.Error(), cause: err}
}

func (x *Export) readCSV(in io.Reader, one func(record.Record) error) error {
	t := x.of.ObjectType
	moments := make(map[string]bool, len(x.of.Moments)+2)
	for _, name := range append(x.of.Moments, t.CreatedProperty, t.ModifiedProperty) {
		moments[name] = true
	}
	r := newCells(in)
	header, err := r.next()
	if err != nil {
		return x.damaged(err)
	}
	at := make(map[string]int, len(header))
	for i, name := range header {
		at[name] = i
	}
	for _, name := range x.names {
		if _, ok := at[name]; !ok {
			return x.damaged(fmt.Errorf("it has no column %q", name))
		}
	}
	columns := len(header)
	for {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && len(row) != columns {
			err = fmt.Errorf("a row has %d values for %d columns", len(row), columns)
		}
		if err != nil {
			return x.damaged(err)
		}
		rec := record.Record{ID: row[at["hs_object_id"]], Properties: make(record.Values, len(x.names))}
		for _, name := range x.names {
			cell := row[at[name]]
			switch {
			case cell == "":
				rec.Properties[name] = record.None()
			case !moments[name] || isMoment(cell):
				rec.Properties[name] = record.Text(cell)
			}
		}
		rec.Created, _ = time.Parse(time.RFC3339, row[at[t.CreatedProperty]])
		rec.Updated, _ = time.Parse(time.RFC3339, row[at[t.ModifiedProperty]])
		if rec.ID == "" {
			return x.damaged(errors.New("a row has no id"))
		}
		if err := one(rec); err != nil {
			return err
		}
	}
}

// isMoment reports whether a cell is a date or a moment in the form of the API.
func isMoment(cell string) bool {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if _, err := time.Parse(form, cell); err == nil {
			return true
		}
	}
	return false
}
