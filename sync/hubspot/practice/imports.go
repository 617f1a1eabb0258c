package practice

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The states of imports (facts 10.1).
const (
	importStarted    = "STARTED"
	importProcessing = "PROCESSING"
	importDone       = "DONE"
	importFailed     = "FAILED"
	importCanceled   = "CANCELED"
	importDeferred   = "DEFERRED"
)

// importsAtOnce is how many imports are processed at a time; others are
// deferred.
const importsAtOnce = 3

// importTick is how often an import goes on.
const importTick = time.Second

func importRoutes() []route {
	return []route{
		r("POST", "imports", writing|parts, (*Portal).startImport),
		r("GET", "imports", 0, (*Portal).listImports),
		r("GET", "imports/{id}", 0, (*Portal).readImportState),
		r("POST", "imports/{id}/cancel", writing, (*Portal).cancelImport),
		r("GET", "imports/{id}/errors", 0, (*Portal).listImportErrors),
	}
}

// importRun is an import from its start on.
type importRun struct {
	ID      int64             `json:"id"`
	App     int64             `json:"app"`
	User    int64             `json:"user"`
	State   string            `json:"state"`
	Created int64             `json:"created"`
	Updated int64             `json:"updated"`
	Version apiVersion        `json:"version"`
	Rows    int               `json:"rows"`
	Done    int               `json:"done"` // rows
	Made    int               `json:"made"`
	Changed int               `json:"changed"`
	Values  int               `json:"values"`
	FileIDs []string          `json:"fileIds"`
	Errors  []importError     `json:"errors"`
	Keys    map[string]uint64 `json:"keys,omitempty"` // the records that rows of other files name, by type and key, while it is under way

	raw     []byte
	request importRequest
	files   []*importFile
}

// importFile is one of an import's files.
type importFile struct {
	spec    *importSpec
	content []byte
	header  []string
	rows    [][]string
}

// importError is an entry of an import's errors.
type importError struct {
	ID       string       `json:"id"`
	At       string       `json:"createdAt"`
	Type     string       `json:"errorType"`
	Message  string       `json:"errorMessage,omitempty"`
	Invalid  string       `json:"invalidValue,omitempty"`
	Object   string       `json:"objectType"`
	ObjectID string       `json:"objectTypeId,omitempty"`
	Column   int          `json:"knownColumnNumber,omitempty"`
	Source   importSource `json:"sourceData"`
}

type importSource struct {
	File string   `json:"fileId"`
	Line int      `json:"lineNumber"`
	Row  []string `json:"rowData,omitempty"`
	Page string   `json:"pageName,omitempty"`
}

func (r *importRun) over() bool {
	return r.State == importDone || r.State == importFailed || r.State == importCanceled
}

// startImport is POST …/imports.
func (p *Portal) startImport(c *call) (*answer, *apiError) {
	raw, files, e := c.importParts()
	if e != nil {
		return nil, e
	}
	if e := p.allow(c, []string{"crm.import"}); e != nil {
		return nil, e
	}
	r, e := p.readImport(raw, files)
	if e != nil {
		return nil, e
	}
	if p.importedToday()+r.Rows > importMostDaily {
		return nil, tooLargeImport()
	}
	p.lastImport++
	r.ID, r.App, r.User, r.Version = 65_000_000+p.lastImport, c.token.AppID, c.token.UserID, c.version
	r.State, r.Created, r.Updated = importStarted, p.millis(), p.millis()
	for range r.files {
		r.FileIDs = append(r.FileIDs, itoa(190_000_000_000+p.rng.Int64N(1_000_000_000)))
	}
	if p.importing() >= importsAtOnce {
		r.State = importDeferred
	} else {
		p.later(importTick, job{run: r.ID})
	}
	p.imports = append(p.imports, r)
	p.changes.document(docImports)
	p.changes.document(docFiles)
	return reply(http.StatusOK, p.importBody(r)), nil
}

// importedToday counts the rows of the imports of the account's day.
func (p *Portal) importedToday() (rows int) {
	day := p.present().In(p.zone).Format(time.DateOnly)
	for _, r := range p.imports {
		if time.UnixMilli(r.Created).In(p.zone).Format(time.DateOnly) == day {
			rows += r.Rows
		}
	}
	return rows
}

// importing counts the imports under way.
func (p *Portal) importing() (n int) {
	for _, r := range p.imports {
		if r.State == importStarted || r.State == importProcessing {
			n++
		}
	}
	return n
}

type publicImport struct {
	ID        string          `json:"id"`
	State     string          `json:"state"`
	Name      string          `json:"importName"`
	Types     []string        `json:"mappedObjectTypeIds"`
	Metadata  importMetadata  `json:"metadata"`
	OptOut    bool            `json:"optOutImport"`
	Source    string          `json:"importSource"`
	CreatedAt string          `json:"createdAt"`
	UpdatedAt string          `json:"updatedAt"`
	Request   json.RawMessage `json:"importRequestJson,omitempty"`
}

type importMetadata struct {
	Counters map[string]int `json:"counters"`
	FileIDs  []string       `json:"fileIds"`
	Lists    []string       `json:"objectLists"`
}

func (p *Portal) importBody(r *importRun) publicImport {
	b := publicImport{ID: itoa(r.ID), State: r.State, Name: r.request.Name, Types: []string{}, Source: "API", CreatedAt: instant(r.Created), UpdatedAt: instant(r.Updated), Request: r.requestText(),
		Metadata: importMetadata{Counters: map[string]int{"TOTAL_ROWS": r.Rows}, FileIDs: r.FileIDs, Lists: []string{}}}
	for name, n := range map[string]int{"CREATED_OBJECTS": r.Made, "UPDATED_OBJECTS": r.Changed, "UNIQUE_OBJECTS_WRITTEN": r.Made + r.Changed, "PROPERTY_VALUES_EMITTED": r.Values, "ERRORS": len(r.Errors)} {
		if n > 0 {
			b.Metadata.Counters[name] = n
		}
	}
	for _, f := range r.request.Files {
		for _, x := range f.Page.Columns {
			if !slices.Contains(b.Types, x.Type) {
				b.Types = append(b.Types, x.Type)
			}
		}
	}
	return b
}

// listImports is GET …/imports: those of the same app only, the newest first.
func (p *Portal) listImports(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"crm.import"}); e != nil {
		return nil, e
	}
	limit, e := p.limit(c, 10, 100)
	if e != nil {
		return nil, e
	}
	var own []*importRun
	for _, r := range p.imports {
		if r.App == c.token.AppID {
			own = append(own, r)
		}
	}
	if !p.opt.Switches.ImportsOldestFirst {
		slices.Reverse(own)
	}
	start, e := pageStart(c)
	if e != nil {
		return nil, e
	}
	start = min(start, len(own))
	end := min(start+p.pageSize(limit), len(own))
	list := []publicImport{}
	for _, r := range own[start:end] {
		list = append(list, p.importBody(r))
	}
	return reply(http.StatusOK, paged(list, end, len(own))), nil
}

// pageStart reads where a page begins that pageEnd told.
func pageStart(c *call) (int, *apiError) {
	after := c.query.Get("after")
	if after == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(after)
	if err != nil || n < 0 {
		return 0, problem()
	}
	return n, nil
}

// paged is a page of a list, with where the next one begins.
func paged(results any, end, all int) map[string]any {
	body := map[string]any{"results": results}
	if end < all {
		body["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(end)}}
	}
	return body
}

// ownImport finds the import of a path.
func (p *Portal) ownImport(c *call) (*importRun, *apiError) {
	if e := p.allow(c, []string{"crm.import"}); e != nil {
		return nil, e
	}
	i := slices.IndexFunc(p.imports, func(r *importRun) bool { return itoa(r.ID) == c.args["id"] && r.App == c.token.AppID })
	if i < 0 {
		return nil, notFound()
	}
	return p.imports[i], nil
}

// readImportState is GET …/imports/{id}.
func (p *Portal) readImportState(c *call) (*answer, *apiError) {
	r, e := p.ownImport(c)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, p.importBody(r)), nil
}

// cancelImport is POST …/imports/{id}/cancel. What it wrote stays.
func (p *Portal) cancelImport(c *call) (*answer, *apiError) {
	r, e := p.ownImport(c)
	if e != nil {
		return nil, e
	}
	if r.over() {
		return nil, invalid("The import %d is %s and can't be canceled", r.ID, r.State)
	}
	now := p.millis()
	p.endImport(r, importCanceled)
	return reply(http.StatusOK, map[string]any{"status": "COMPLETE", "startedAt": instant(now), "completedAt": instant(now)}), nil
}

// listImportErrors is GET …/imports/{id}/errors.
func (p *Portal) listImportErrors(c *call) (*answer, *apiError) {
	r, e := p.ownImport(c)
	if e != nil {
		return nil, e
	}
	limit, e := p.limit(c, 10, 100)
	if e != nil {
		return nil, e
	}
	start, e := pageStart(c)
	if e != nil {
		return nil, e
	}
	start = min(start, len(r.Errors))
	end := min(start+p.pageSize(limit), len(r.Errors))
	list := []importError{}
	for _, x := range r.Errors[start:end] {
		if !c.flag("includeErrorMessage") {
			x.Message = ""
		}
		if !c.flag("includeRowData") {
			x.Source.Row = nil
		}
		list = append(list, x)
	}
	return reply(http.StatusOK, paged(list, end, len(r.Errors))), nil
}

// endImport brings an import to a state that it does not leave, and lets the
// next one begin.
func (p *Portal) endImport(r *importRun, state string) {
	r.State, r.Updated = state, p.millis()
	for _, f := range r.files {
		f.content, f.rows = nil, nil
	}
	r.Keys = nil
	p.changes.document(docImports)
	p.changes.document(docFiles)
	for _, next := range p.imports {
		if next.State == importDeferred && p.importing() < importsAtOnce {
			next.State = importStarted
			p.later(importTick, job{run: next.ID})
		}
	}
}

// advance is a second of an import's work.
func (p *Portal) advance(id int64) {
	i := slices.IndexFunc(p.imports, func(r *importRun) bool { return r.ID == id })
	if i < 0 || p.imports[i].over() {
		return
	}
	r := p.imports[i]
	r.State = importProcessing
	left := cmp.Or(p.opt.Limits.ImportRows, 2_000)
	at := 0 // rows of the files before
	for file, f := range r.files {
		for row := max(0, r.Done-at); row < len(f.rows) && left > 0; row++ {
			p.importRow(r, file, row)
			r.Done++
			left--
		}
		at += len(f.rows)
	}
	r.Updated = p.millis()
	p.changes.document(docImports)
	if r.Done < r.Rows {
		p.later(importTick, job{run: r.ID})
		return
	}
	p.joinImported(r)
	p.endImport(r, importDone)
}

// savedImport is an import in the portal's file.
type savedImport struct {
	Run     *importRun `json:"run"`
	Request []byte     `json:"request"`
}

// savedImportFile is the content of a file of an import that is not over.
type savedImportFile struct {
	Import  int64  `json:"import"`
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

func (p *Portal) savedImports() []savedImport {
	list := []savedImport{}
	for _, r := range p.imports {
		list = append(list, savedImport{r, r.raw})
	}
	return list
}

func (p *Portal) savedImportFiles() []savedImportFile {
	list := []savedImportFile{}
	for _, r := range p.imports {
		for _, f := range r.files {
			if f.content != nil {
				list = append(list, savedImportFile{r.ID, f.spec.Name, f.content})
			}
		}
	}
	return list
}

// restoreImports makes the imports those of the list; their files follow.
func (p *Portal) restoreImports(list []savedImport) error {
	before := p.imports
	p.imports = nil
	for _, s := range list {
		r := s.Run
		r.raw = s.Request
		if err := json.Unmarshal(s.Request, &r.request); err != nil {
			return err
		}
		if i := slices.IndexFunc(before, func(o *importRun) bool { return o.ID == r.ID }); i >= 0 {
			r.files = before[i].files
		}
		for i := range r.request.Files {
			for k := range r.request.Files[i].Page.Columns {
				_ = p.checkColumn(&importFile{spec: &r.request.Files[i]}, &r.request.Files[i].Page.Columns[k], k) // it names types and kinds as when it came
			}
		}
		p.lastImport = max(p.lastImport, r.ID-65_000_000)
		p.imports = append(p.imports, r)
	}
	return nil
}

// restoreImportFiles gives the imports that are not over their files back.
func (p *Portal) restoreImportFiles(list []savedImportFile) error {
	for _, r := range p.imports {
		r.files = nil
	}
	for _, s := range list {
		for _, r := range p.imports {
			if r.ID != s.Import {
				continue
			}
			for i := range r.request.Files {
				if r.request.Files[i].Name != s.Name {
					continue
				}
				f := &importFile{spec: &r.request.Files[i], content: s.Content}
				if e := f.parse(); e != nil {
					return e
				}
				r.files = append(r.files, f)
			}
		}
	}
	return nil
}
