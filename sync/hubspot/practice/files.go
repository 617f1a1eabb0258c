package practice

import (
	"bytes"
	"crypto/md5" // it names content, as HubSpot's search does, and protects nothing
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// UploadedFile is a file of the account's file manager, as the API shows it.
type UploadedFile struct {
	ID        string `json:"id"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	Archived  bool   `json:"archived"`
	FolderID  string `json:"parentFolderId"`
	Name      string `json:"name"` // without the extension
	Path      string `json:"path"`
	Size      int64  `json:"size"`
	Encoding  string `json:"encoding"`
	Type      string `json:"type"`
	Extension string `json:"extension"`
	URL       string `json:"url"`
	Usable    bool   `json:"isUsableInContent"`
	Access    string `json:"access"`
	MD5       string `json:"fileMd5"`
	ExpiresAt int64  `json:"expiresAt,omitempty"` // epoch ms; 0 = never
}

// folder is a folder of files.
type folder struct {
	ID        string `json:"id"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	Archived  bool   `json:"archived"`
	ParentID  string `json:"parentFolderId,omitempty"`
	Name      string `json:"name"`
	Path      string `json:"path"`
}

// fileManager are the account's files and folders, by id.
type fileManager struct {
	Last    int64                    `json:"last"`
	Folders map[string]*folder       `json:"folders"`
	Files   map[string]*UploadedFile `json:"files"`
}

var fileAccesses = []string{"HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE", "HIDDEN_PRIVATE", "HIDDEN_SENSITIVE", "PRIVATE", "PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "SENSITIVE"}

// A file that is to go by itself stays a day at least and a year at most (HubSpot's
// files guide).
const (
	shortestLife = 24 * time.Hour
	longestLife  = 366 * 24 * time.Hour
)

// fileOptions are those of an upload.
type fileOptions struct {
	Access    string  `json:"access"`
	TTL       string  `json:"ttl"`
	ExpiresAt *string `json:"expiresAt"`
	Overwrite bool    `json:"overwrite"`
	Strategy  string  `json:"duplicateValidationStrategy"`
	Scope     string  `json:"duplicateValidationScope"`
}

func fileRoutes() []route {
	return []route{
		r("POST", "files/files", writing|parts, (*Portal).uploadFile),
		r("GET", "files/files/search", 0, (*Portal).searchFiles),
		r("GET", "files/files/{id}", 0, (*Portal).readFile),
		r("DELETE", "files/files/{id}", writing, (*Portal).deleteFile),
		r("GET", "files/files/{id}/signed-url", 0, (*Portal).signFile),
		r("POST", "files/folders", writing, (*Portal).createFolder),
		r("GET", "files/folders/{id}", 0, (*Portal).readFolder),
		r("DELETE", "files/folders/{id}", writing, (*Portal).deleteFolder),
	}
}

// Files are the account's files, in the order of their ids.
func (p *Portal) Files() []UploadedFile {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	var all []UploadedFile
	for _, id := range sortedKeys(p.files.Files) {
		if f := p.files.Files[id]; p.lives(f) {
			all = append(all, *f)
		}
	}
	return all
}

// lives reports whether a file is there and has not expired.
func (p *Portal) lives(f *UploadedFile) bool {
	return f != nil && !f.Archived && (f.ExpiresAt == 0 || p.millis() < f.ExpiresAt)
}

func (p *Portal) fileID() string {
	p.files.Last++
	if p.files.Files == nil {
		p.files.Files, p.files.Folders = make(map[string]*UploadedFile), make(map[string]*folder)
	}
	p.changes.document(docUploads)
	return itoa(190_000_000_000 + p.files.Last)
}

// fileParts reads the parts of an upload.
func (c *call) fileParts() (name string, content []byte, fields map[string]string, e *apiError) {
	boundary, ok := c.multipartOf()
	if !ok {
		return "", nil, nil, &apiError{Status: http.StatusUnsupportedMediaType}
	}
	fields = make(map[string]string)
	for r := multipart.NewReader(bytes.NewReader(c.body), boundary); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return name, content, fields, nil
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(part)
		}
		if err != nil {
			return "", nil, nil, invalid("The multipart request could not be read")
		}
		if part.FormName() == "file" {
			name, content = part.FileName(), append([]byte{}, b...)
		} else {
			fields[part.FormName()] = string(b)
		}
	}
}

// uploadFile is POST /files/…/files.
func (p *Portal) uploadFile(c *call) (*answer, *apiError) {
	name, content, fields, e := c.fileParts()
	if e != nil {
		return nil, e
	}
	if e := p.allow(c, []string{"files"}); e != nil {
		return nil, e
	}
	if len(content) == 0 {
		return nil, invalid("The request part file is required and can't be empty")
	}
	o, expires, e := p.fileOptions(c, fields["options"])
	if e != nil {
		return nil, e
	}
	into, e := p.uploadFolder(fields)
	if e != nil {
		return nil, e
	}
	if fields["fileName"] != "" {
		name = fields["fileName"]
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	sum := md5.Sum(content)
	f := &UploadedFile{FolderID: into.ID, Size: int64(len(content)), Access: o.Access, MD5: hex.EncodeToString(sum[:]), ExpiresAt: expires, Encoding: "none", Extension: strings.TrimPrefix(path.Ext(name), ".")}
	f.Name, f.Type = strings.TrimSuffix(name, path.Ext(name)), fileType(f.Extension)
	if same := p.sameFile(f, o.Scope); same != nil && o.Strategy != "NONE" {
		if o.Strategy == "REJECT" {
			return nil, refuse(http.StatusConflict, categoryConflict, "A duplicate file exists: %s", same.ID).with("id", same.ID)
		}
		return reply(http.StatusCreated, same), nil
	}
	old := p.fileNamed(into.ID, f.Name, f.Extension)
	switch {
	case old != nil && o.Overwrite:
		f.ID, f.CreatedAt = old.ID, old.CreatedAt
	case old != nil:
		for n := 1; p.fileNamed(into.ID, f.Name, f.Extension) != nil; n++ {
			f.Name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, path.Ext(name)), n)
		}
	}
	if f.ID == "" {
		f.ID, f.CreatedAt = p.fileID(), instant(p.millis())
	}
	f.UpdatedAt, f.Path = instant(p.millis()), strings.TrimSuffix(into.Path, "/")+"/"+f.Name
	f.Usable, f.URL = strings.HasPrefix(f.Access, "PUBLIC"), fmt.Sprintf("https://%d.fs1.hubspotusercontent-na1.net/hubfs/%d%s.%s", p.opt.PortalID, p.opt.PortalID, (&url.URL{Path: f.Path}).EscapedPath(), f.Extension)
	p.files.Files[f.ID] = f
	p.changes.document(docUploads)
	return reply(http.StatusCreated, f), nil
}

// fileOptions checks the options of an upload. From 2026-09 on what becomes of
// duplicates and when the file goes must be said (corrections 3).
func (p *Portal) fileOptions(c *call, text string) (o fileOptions, expires int64, e *apiError) {
	if text == "" {
		return o, 0, invalid("The request part options is required")
	}
	needed := []string{"access"}
	if c.version >= v2026_09 {
		needed = append(needed, "duplicateValidationStrategy", "duplicateValidationScope", "overwrite")
	}
	if e := present([]byte(text), "FileUploadOptions", needed...); e != nil {
		return o, 0, e
	}
	if e := decode([]byte(text), &o); e != nil {
		return o, 0, e
	}
	var keys map[string]json.RawMessage
	_ = json.Unmarshal([]byte(text), &keys) // decode read it
	_, told := keys["expiresAt"]
	demanded := c.version >= v2026_09 && (!told && o.TTL == "" || p.opt.Switches.FilesMustExpire && o.ExpiresAt == nil && o.TTL == "")
	switch {
	case !slices.Contains(fileAccesses, o.Access):
		return o, 0, invalid("%q is not a valid access. Valid are: %s", o.Access, strings.Join(fileAccesses, ", "))
	case o.Strategy != "" && !slices.Contains([]string{"NONE", "REJECT", "RETURN_EXISTING"}, o.Strategy):
		return o, 0, invalid("%q is not a valid duplicateValidationStrategy", o.Strategy)
	case o.Scope != "" && !slices.Contains([]string{"ENTIRE_PORTAL", "EXACT_FOLDER"}, o.Scope):
		return o, 0, invalid("%q is not a valid duplicateValidationScope", o.Scope)
	case demanded:
		return o, 0, missing([]byte(text), "FileUploadOptions", "expiresAt")
	case o.ExpiresAt == nil:
		return o, 0, nil
	}
	ms, ok := moment(*o.ExpiresAt)
	if life := time.Duration(ms-p.millis()) * time.Millisecond; !ok || life < shortestLife-time.Minute || life > longestLife {
		return o, 0, invalid("%s is not possible for expiresAt: a file stays a day at least and a year at most", *o.ExpiresAt)
	}
	return o, ms, nil
}

// uploadFolder is the folder that an upload goes to: by its id, or by its path, of which
// what is not there is made.
func (p *Portal) uploadFolder(fields map[string]string) (*folder, *apiError) {
	id, at := fields["folderId"], fields["folderPath"]
	switch {
	case id != "" && at != "":
		return nil, invalid("Only one of folderId and folderPath can be given")
	case id == "" && at == "":
		return nil, invalid("One of folderId and folderPath is required")
	case id != "":
		if f := p.files.Folders[id]; f != nil && !f.Archived {
			return f, nil
		}
		return nil, invalid("There is no folder with the id %s", id)
	}
	return p.folderAt(at, true), nil
}

// folderAt is the folder at a path; where it is to be made, all of the way to it is.
func (p *Portal) folderAt(at string, made bool) *folder {
	into := &folder{Path: ""}
	for name := range strings.SplitSeq(strings.Trim(path.Clean("/"+at), "/"), "/") {
		if name == "" {
			break
		}
		whole := into.Path + "/" + name
		var found *folder
		for _, f := range p.files.Folders {
			if !f.Archived && strings.EqualFold(f.Path, whole) {
				found = f
			}
		}
		if found == nil && !made {
			return nil
		}
		if found == nil {
			found = &folder{ID: p.fileID(), CreatedAt: instant(p.millis()), UpdatedAt: instant(p.millis()), ParentID: into.ID, Name: name, Path: whole}
			p.files.Folders[found.ID] = found
		}
		into = found
	}
	return into
}

// sameFile is a file with the same content, in the folder or anywhere.
func (p *Portal) sameFile(f *UploadedFile, scope string) *UploadedFile {
	for _, id := range sortedKeys(p.files.Files) {
		if x := p.files.Files[id]; p.lives(x) && x.MD5 == f.MD5 && (scope == "ENTIRE_PORTAL" || x.FolderID == f.FolderID) {
			return x
		}
	}
	return nil
}

func (p *Portal) fileNamed(folderID, name, extension string) *UploadedFile {
	for _, x := range p.files.Files {
		if p.lives(x) && x.FolderID == folderID && strings.EqualFold(x.Name, name) && strings.EqualFold(x.Extension, extension) {
			return x
		}
	}
	return nil
}

func fileType(extension string) string {
	switch strings.ToLower(extension) {
	case "jpg", "jpeg", "png", "gif", "svg", "webp", "bmp":
		return "IMG"
	case "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "txt":
		return "DOCUMENT"
	case "mp3", "wav", "m4a":
		return "AUDIO"
	case "mp4", "mov", "avi", "webm":
		return "MOVIE"
	}
	return "OTHER"
}

// file finds the file that a call is about.
func (p *Portal) file(c *call) (*UploadedFile, *apiError) {
	if e := p.allow(c, []string{"files"}); e != nil {
		return nil, e
	}
	if f := p.files.Files[c.args["id"]]; p.lives(f) {
		return f, nil
	}
	return nil, refuse(http.StatusNotFound, categoryNotFound, "No file was found with the id %s", c.args["id"])
}

func (p *Portal) readFile(c *call) (*answer, *apiError) {
	f, e := p.file(c)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, f), nil
}

// searchFiles is GET /files/…/files/search, by folder, name and content.
func (p *Portal) searchFiles(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"files"}); e != nil {
		return nil, e
	}
	limit, e := p.limit(c, 10, 100)
	if e != nil {
		return nil, e
	}
	from, e := position(c.query.Get("after"))
	if e != nil {
		return nil, e
	}
	folders, name, sum := c.list("parentFolderIds"), c.query.Get("name"), c.query.Get("fileMd5")
	all := []*UploadedFile{}
	for _, id := range slices.Sorted(maps.Keys(p.files.Files)) {
		f := p.files.Files[id]
		if p.lives(f) && (len(folders) == 0 || slices.Contains(folders, f.FolderID)) && (name == "" || strings.Contains(strings.ToLower(f.Name), strings.ToLower(name))) && (sum == "" || f.MD5 == sum) {
			all = append(all, f)
		}
	}
	part := all[min(from, len(all)):]
	part = part[:min(len(part), p.pageSize(limit))]
	body := map[string]any{"results": part}
	if from+len(part) < len(all) {
		body["paging"] = nextAt(c, from+len(part))
	}
	return reply(http.StatusOK, body), nil
}

func (p *Portal) deleteFile(c *call) (*answer, *apiError) {
	f, e := p.file(c)
	if e != nil {
		return nil, e
	}
	f.Archived, f.UpdatedAt = true, instant(p.millis())
	p.changes.document(docUploads)
	return noContent(), nil
}

// signFile is GET /files/…/files/{id}/signed-url, of which only the form is served: what
// it leads to is no part of the portal.
func (p *Portal) signFile(c *call) (*answer, *apiError) {
	f, e := p.file(c)
	if e != nil {
		return nil, e
	}
	at := p.millis() + time.Hour.Milliseconds()
	return reply(http.StatusOK, map[string]any{"expiresAt": instant(at), "extension": f.Extension, "name": f.Name, "size": f.Size, "type": f.Type,
		"url": fmt.Sprintf("%s?Expires=%d&Signature=%s", f.URL, at/1000, f.MD5)}), nil
}

// createFolder is POST /files/…/folders.
func (p *Portal) createFolder(c *call) (*answer, *apiError) {
	if e := p.allow(c, []string{"files"}); e != nil {
		return nil, e
	}
	var in struct {
		Name   string `json:"name"`
		Parent string `json:"parentFolderId"`
		Path   string `json:"parentPath"`
	}
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	parent := &folder{}
	switch {
	case in.Name == "":
		return nil, missing(c.body, "FolderInput", "name")
	case strings.Contains(in.Name, "/"):
		return nil, invalid("The name of a folder can't contain /")
	case in.Parent != "":
		if parent = p.files.Folders[in.Parent]; parent == nil || parent.Archived {
			return nil, invalid("There is no folder with the id %s", in.Parent)
		}
	case in.Path != "":
		if parent = p.folderAt(in.Path, false); parent == nil {
			return nil, invalid("There is no folder %s", in.Path)
		}
	}
	whole := parent.Path + "/" + in.Name
	if p.folderAt(whole, false) != nil {
		return nil, refuse(http.StatusConflict, categoryConflict, "A folder %s exists already", whole)
	}
	return reply(http.StatusCreated, p.folderAt(whole, true)), nil
}

// folder finds the folder that a call is about.
func (p *Portal) folder(c *call) (*folder, *apiError) {
	if e := p.allow(c, []string{"files"}); e != nil {
		return nil, e
	}
	if f := p.files.Folders[c.args["id"]]; f != nil && !f.Archived {
		return f, nil
	}
	return nil, refuse(http.StatusNotFound, categoryNotFound, "No folder was found with the id %s", c.args["id"])
}

func (p *Portal) readFolder(c *call) (*answer, *apiError) {
	f, e := p.folder(c)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, f), nil
}

// deleteFolder takes a folder with all that is in it.
func (p *Portal) deleteFolder(c *call) (*answer, *apiError) {
	f, e := p.folder(c)
	if e != nil {
		return nil, e
	}
	gone := make(map[string]bool)
	for id, x := range p.files.Folders {
		if x == f || strings.HasPrefix(x.Path, f.Path+"/") {
			x.Archived, gone[id] = true, true
		}
	}
	for _, x := range p.files.Files {
		x.Archived = x.Archived || gone[x.FolderID]
	}
	p.changes.document(docUploads)
	return noContent(), nil
}
