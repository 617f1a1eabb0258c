package practice

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of exports (facts 10.2).
const (
	exportsPerDay   = 30
	exportSpan      = 24 * time.Hour
	exportLinkLife  = 5 * time.Minute
	exportFileRows  = 1_000_000
	exportZipBeyond = 2 << 20
	exportMostTypes = 4
	exportMostEdges = 1_000 // associations of a row
)

// The states of exports (facts 10.2).
const (
	exportEnqueued   = "ENQUEUED"
	exportProcessing = "PROCESSING"
	exportDone       = "DONE"
)

// downloads is the first segment of the addresses of results. They are on
// another host than the API, and take no token.
const downloads = "practice-downloads"

func exportRoutes() []route {
	return []route{
		r("POST", "exports/export/async", writing, (*Portal).startExport),
		r("GET", "exports/export/async/tasks/{id}/status", 0, (*Portal).exportStatus),
		r("GET", "exports/export/{id}", 0, (*Portal).readExport),
		r("GET", downloads+"/{key}", public|free, (*Portal).download),
	}
}

// exportRun is an export from its start on.
type exportRun struct {
	ID      int64         `json:"id"`
	App     int64         `json:"app"`
	State   string        `json:"state"`
	Created int64         `json:"created"`
	Started int64         `json:"started"`
	Updated int64         `json:"updated"`
	Type    string        `json:"type"` // object type's id
	Request exportRequest `json:"request"`
	Rows    int           `json:"rows"`
	File    string        `json:"file"` // the result's name
	Content []byte        `json:"content"`
	Links   []exportLink  `json:"links"`
}

type exportLink struct {
	Key  string `json:"key"`
	Ends int64  `json:"ends"`
}

type exportRequest struct {
	Type           string         `json:"exportType"`
	Name           string         `json:"exportName"`
	Format         string         `json:"format"`
	Language       string         `json:"language"`
	ObjectType     string         `json:"objectType"`
	Properties     []string       `json:"objectProperties"`
	Associated     []string       `json:"associatedObjectType"`
	Internal       []string       `json:"exportInternalValuesOptions"`
	Labelled       bool           `json:"includeLabeledAssociations"`
	PrimaryDisplay bool           `json:"includePrimaryDisplayPropertyForAssociatedObjects"`
	NoRowLimit     bool           `json:"overrideAssociatedObjectsPerDefinitionPerRowLimit"`
	List           wireID         `json:"listId"`
	Search         *searchRequest `json:"publicCrmSearchRequest"`
}

// startExport is POST …/export/async.
func (p *Portal) startExport(c *call) (*answer, *apiError) {
	x := &exportRun{State: exportEnqueued}
	if e := decode(c.body, &x.Request); e != nil {
		return nil, e
	}
	q := &x.Request
	var lacking []string
	for name, value := range map[string]string{"exportType": q.Type, "exportName": q.Name, "format": q.Format, "language": q.Language, "objectType": q.ObjectType} {
		if value == "" {
			lacking = append(lacking, name)
		}
	}
	if q.Properties == nil {
		lacking = append(lacking, "objectProperties")
	}
	if len(lacking) > 0 {
		slices.Sort(lacking)
		return nil, missing(c.body, "PublicExportRequest", lacking...)
	}
	if e := p.allow(c, []string{"crm.export"}); e != nil {
		return nil, e
	}
	k, e := p.exportKind(q)
	if e != nil {
		return nil, e
	}
	now := p.millis()
	recent := 0
	for _, o := range p.exports {
		if o.Created > now-exportSpan.Milliseconds() {
			recent++
		}
	}
	if recent >= exportsPerDay {
		return nil, &apiError{Status: http.StatusTooManyRequests, errorBody: errorBody{ErrorType: "RATE_LIMIT",
			Message: fmt.Sprintf("You have reached your limit of %d exports within 24 hours.", exportsPerDay)}}
	}
	p.lastExport++
	x.ID, x.App, x.Type, x.Created, x.Updated = 95_000_000+p.lastExport, c.token.AppID, k.id, now, now
	for _, old := range p.exports {
		if old.Created <= now-exportSpan.Milliseconds() {
			old.Content, old.Links = nil, nil
		}
	}
	p.exports = append(p.exports, x)
	p.nextExport()
	p.changes.document(docExports)
	return reply(http.StatusAccepted, map[string]any{"id": itoa(x.ID), "links": map[string]string{}}), nil
}

// exportKind checks what an export is of.
func (p *Portal) exportKind(q *exportRequest) (*kind, *apiError) {
	k := p.kindNamed(q.ObjectType)
	if k == nil {
		_, e := p.find(q.ObjectType)
		return nil, e
	}
	if e := p.active(k); e != nil {
		return nil, e
	}
	switch {
	case q.Type == "LIST":
		return nil, invalid("The list %s does not exist", q.List)
	case q.Type != "VIEW":
		return nil, invalid("exportType must be VIEW or LIST, not %s", q.Type)
	case q.Format != "CSV" && q.Format != "XLS" && q.Format != "XLSX":
		return nil, invalid("format must be CSV, XLS or XLSX, not %s", q.Format)
	case q.Format != "CSV":
		return nil, invalid("The practice portal writes CSV files only")
	case len(q.Associated) > exportMostTypes:
		return nil, invalid("An export may have %d associated object types, not %d", exportMostTypes, len(q.Associated))
	}
	for _, name := range q.Properties {
		if k.props[name] == nil {
			return nil, invalid("The property %q does not exist", name)
		}
	}
	for _, name := range q.Associated {
		if p.kindNamed(name) == nil {
			return nil, invalid("The object type %s does not exist", name)
		}
	}
	if q.Search != nil {
		if _, e := p.plan(k, q.Search); e != nil {
			return nil, e
		}
	}
	return k, nil
}

// kindNamed finds an object type as exports name it: CONTACT, or 0-1.
func (p *Portal) kindNamed(name string) *kind {
	for _, k := range p.kinds {
		if k.enum == name || k.id == name {
			return k
		}
	}
	k, _ := p.find(name)
	return k
}

// nextExport begins the first of the exports that wait, when none is under way.
func (p *Portal) nextExport() {
	for _, x := range p.exports {
		if x.State == exportProcessing {
			return
		}
	}
	for _, x := range p.exports {
		if x.State != exportEnqueued {
			continue
		}
		x.State, x.Started = exportProcessing, p.millis()
		k := p.kindBy[x.Type]
		if k == nil {
			continue
		}
		p.writeExport(k, x)
		p.later(2*time.Second+time.Duration(x.Rows)*time.Second/time.Duration(cmp.Or(p.opt.Limits.ExportRows, 20_000)), job{export: x.ID})
		return
	}
}

// endExport is when an export is ready.
func (p *Portal) endExport(id int64) {
	for _, x := range p.exports {
		if x.ID == id && x.State == exportProcessing {
			x.State, x.Updated = exportDone, p.millis()
		}
	}
	p.nextExport()
	p.changes.document(docExports)
}

// ownExport finds the export of a path.
func (p *Portal) ownExport(c *call) (*exportRun, *apiError) {
	if e := p.allow(c, []string{"crm.export"}); e != nil {
		return nil, e
	}
	for _, x := range p.exports {
		if itoa(x.ID) == c.args["id"] && x.App == c.token.AppID {
			return x, nil
		}
	}
	return nil, notFound()
}

// exportStatus is GET …/tasks/{id}/status: each answer of an export that is done
// has an address of its own, which ends five minutes later.
func (p *Portal) exportStatus(c *call) (*answer, *apiError) {
	x, e := p.ownExport(c)
	if e != nil {
		return nil, e
	}
	body := map[string]any{"status": "PENDING", "requestedAt": instant(x.Created), "startedAt": instant(cmp.Or(x.Started, x.Created))}
	switch x.State {
	case exportProcessing:
		body["status"] = "PROCESSING"
	case exportDone:
		body["status"], body["completedAt"] = "COMPLETE", instant(x.Updated)
		key := strings.ReplaceAll(p.uuid4(), "-", "")
		x.Links = append(x.Links, exportLink{key, p.millis() + exportLinkLife.Milliseconds()})
		p.changes.document(docExports)
		host := "https://exports.hubspot-practice.example"
		if name, _, _ := strings.Cut(c.host, ":"); name == "127.0.0.1" || name == "localhost" || strings.HasPrefix(c.host, "[::1]") {
			host = "http://" + c.host
		}
		body["result"] = host + "/" + downloads + "/" + key + "?name=" + x.File
	}
	return reply(http.StatusOK, body), nil
}

// readExport is GET …/export/{id}.
func (p *Portal) readExport(c *call) (*answer, *apiError) {
	x, e := p.ownExport(c)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"id": itoa(x.ID), "exportState": x.State, "exportType": x.Request.Type, "exportName": x.Request.Name, "objectType": p.kindBy[x.Type].enum, "objectProperties": x.Request.Properties,
		"createdAt": instant(x.Created), "updatedAt": instant(x.Updated), "recordCount": x.Rows}), nil
}

// download is GET of a result, from the store of files: not the API, which a
// token is for. As such stores do, it refuses a request that carries one.
func (p *Portal) download(c *call) (*answer, *apiError) {
	refusal := func(status int, code string) (*answer, *apiError) {
		return &answer{status: status, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code></Error>`)}, nil
	}
	if c.auth != "" {
		return refusal(http.StatusBadRequest, "InvalidArgument")
	}
	for _, x := range p.exports {
		for _, l := range x.Links {
			if l.Key != c.args["key"] {
				continue
			}
			if p.millis() >= l.Ends {
				return refusal(http.StatusForbidden, "AccessDenied")
			}
			kind := "text/csv"
			if strings.HasSuffix(x.File, ".zip") {
				kind = "application/zip"
			}
			return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {kind}}, body: x.Content}, nil
		}
	}
	return refusal(http.StatusForbidden, "AccessDenied")
}

// writeExport writes the files of an export's result, as the records are now.
func (p *Portal) writeExport(k *kind, x *exportRun) {
	var files []*bytes.Buffer
	var w *csv.Writer
	rows := 0
	for _, o := range p.exported(k, x) {
		if w == nil || rows == cmp.Or(p.opt.Limits.ExportFile, exportFileRows) {
			if w != nil {
				w.Flush()
			}
			files = append(files, &bytes.Buffer{})
			w, rows = csv.NewWriter(files[len(files)-1]), 0
			_ = w.Write(p.exportHeader(k, x)) // a buffer takes everything
		}
		_ = w.Write(p.exportRow(o, x))
		rows++
		x.Rows++
	}
	if w == nil {
		files = append(files, &bytes.Buffer{})
		w = csv.NewWriter(files[0])
		_ = w.Write(p.exportHeader(k, x))
	}
	w.Flush()
	base := "hubspot-crm-exports-" + strconv.FormatInt(x.ID, 10)
	x.File, x.Content = base+".csv", files[0].Bytes()
	if len(files) == 1 && len(x.Content) <= exportZipBeyond {
		return
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, f := range files {
		name := base + ".csv"
		if len(files) > 1 {
			name = fmt.Sprintf("%s-%d.csv", base, i+1)
		}
		in, _ := z.Create(name) // as above
		_, _ = in.Write(f.Bytes())
	}
	_ = z.Close()
	x.File, x.Content = base+".zip", out.Bytes()
}

// exported lists the records that pass an export's filter: as they are, or as
// search knows them.
func (p *Portal) exported(k *kind, x *exportRun) []*object {
	k.index.catchUp(p)
	var q *query
	if x.Request.Search != nil {
		q, _ = p.plan(k, x.Request.Search) // it was checked when it came
	}
	var list []*object
	for _, o := range k.order {
		s := o.state
		if p.opt.Switches.ExportsFromIndex {
			s = o.indexed
		}
		if s == nil || s.archivedAt != 0 || q != nil && !p.passes(q, o, s) {
			continue
		}
		list = append(list, o)
	}
	return list
}

// passes reports whether a record passes a search, without the index's order.
func (p *Portal) passes(q *query, o *object, s *state) bool {
	any := slices.ContainsFunc(q.groups, func(g *condition) bool { return g.matches(o, s) })
	return any && (len(q.words) == 0 || p.mentions(q, o, s))
}

// exportHeader names the columns: by label, unless internal names were asked
// for.
func (p *Portal) exportHeader(k *kind, x *exportRun) []string {
	header := []string{"Record ID"}
	for _, name := range x.Request.Properties {
		if slices.Contains(x.Request.Internal, "NAMES") {
			header = append(header, name)
		} else {
			header = append(header, k.props[name].Label)
		}
	}
	for _, name := range x.Request.Associated {
		header = append(header, "Associated "+p.kindNamed(name).enum+" IDs")
	}
	return header
}

func (p *Portal) exportRow(o *object, x *exportRun) []string {
	s := o.state
	if p.opt.Switches.ExportsFromIndex {
		s = o.indexed
	}
	row := []string{o.idText()}
	for _, name := range x.Request.Properties {
		d := o.kind.props[name]
		v, _ := p.value(o, s, d.symbol)
		row = append(row, p.exportValue(d, v, x))
	}
	for _, name := range x.Request.Associated {
		var ids []string
		for _, e := range o.liveEdges(p.kindNamed(name)) {
			if len(ids) < exportMostEdges {
				ids = append(ids, e.to.idText())
			}
		}
		row = append(row, strings.Join(ids, ";"))
	}
	return row
}

// exportValue is a value as files show it: internal, or as people read it.
func (p *Portal) exportValue(d *property, v string, x *exportRun) string {
	if d.Type == "datetime" && p.opt.Switches.ExportsLocalTimes {
		if ms, ok := moment(v); ok {
			return time.UnixMilli(ms).In(p.zone).Format("2006-01-02 15:04")
		}
	}
	if d.Type == "datetime" && p.opt.Switches.ExportsWholeSeconds {
		if ms, ok := moment(v); ok {
			return time.UnixMilli(ms).UTC().Format(time.RFC3339)
		}
	}
	if p.opt.Switches.ExportsGuardFormulas && d.Type == "string" && v != "" && strings.ContainsAny(v[:1], "=+-@") {
		return "'" + v
	}
	if slices.Contains(x.Request.Internal, "VALUES") && !p.opt.Switches.ExportsShowLabels || len(d.Options) == 0 {
		return v
	}
	var labels []string
	for part := range strings.SplitSeq(v, ";") {
		if i := slices.IndexFunc(d.Options, func(o option) bool { return o.Value == part }); i >= 0 {
			part = d.Options[i].Label
		}
		labels = append(labels, part)
	}
	return strings.Join(labels, ";")
}
