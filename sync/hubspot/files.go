package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"strings"
	"time"
)

// FilesRight lets files be uploaded, read and deleted.
var FilesRight = Right{Scope: "files"}

// FileAccess is who can see a file.
type FileAccess string

// Who can see a file (HubSpot's files guide).
const (
	FilePrivate FileAccess = "PRIVATE"              // the account's users, others by a signed address
	FileHidden  FileAccess = "HIDDEN_PRIVATE"       // the same, and not listed in the files tool
	FilePublic  FileAccess = "PUBLIC_NOT_INDEXABLE" // whoever has the address
	FileIndexed FileAccess = "PUBLIC_INDEXABLE"     // and search engines
)

// FileUpload is a file that is to be uploaded. Open gives its content, Size bytes; it
// is called again for each attempt.
type FileUpload struct {
	Name   string // with its extension
	Size   int64
	Open   func() (io.ReadCloser, error)
	Folder string // its path, such as /contracts; folders that are not there are made
	Access FileAccess
	// Expires is when HubSpot deletes the file by itself, between a day and a year
	// ahead; zero = never.
	Expires time.Time
}

// File is a file of the account.
type File struct {
	ID        string
	FolderID  string
	Name      string // without the extension
	Extension string
	Path      string // of its folder, and its name
	Size      int64
	Access    FileAccess
	MD5       string // of its content, in hexadecimal; "" where HubSpot does not tell
	URL       string
	Created   time.Time
}

type wireFile struct {
	ID        ident   `json:"id"`
	FolderID  ident   `json:"parentFolderId"`
	Name      text    `json:"name"`
	Extension text    `json:"extension"`
	Path      text    `json:"path"`
	Size      int64   `json:"size"`
	Access    text    `json:"access"`
	MD5       text    `json:"fileMd5"`
	URL       text    `json:"url"`
	CreatedAt instant `json:"createdAt"`
}

func (w wireFile) key() string { return string(w.ID) }

func (w wireFile) file() File {
	return File{ID: string(w.ID), FolderID: string(w.FolderID), Name: string(w.Name), Extension: string(w.Extension), Path: string(w.Path), Size: w.Size,
		Access: FileAccess(w.Access), MD5: strings.ToLower(string(w.MD5)), URL: string(w.URL), Created: w.CreatedAt.Time}
}

// oneFile is the answer that is one file.
type oneFile struct{ wireFile }

func (f *oneFile) check(int) error { return checkEntries([]wireFile{f.wireFile}) }

func filePath(op string, parts ...string) (string, error) {
	return segments(op, append([]string{"files", APIVersion, "files"}, parts...)...)
}

// UploadFile uploads a file, from where it is and not by way of memory. Where the folder
// has a file of the same content, that one is returned and none is uploaded, so that an
// upload whose answer was lost may be sent again. One of the same name and another
// content stays as it is: HubSpot gives the new one another name.
func (c *Client) UploadFile(ctx context.Context, f FileUpload) (File, error) {
	const op = "upload a file"
	to, err := filePath(op)
	if err != nil {
		return File{}, err
	}
	switch {
	case f.Size <= 0:
		return File{}, invalid(op, "the file %s is empty, and HubSpot takes no empty file", f.Name)
	case f.Folder == "" || path.Clean("/"+f.Folder) == "/":
		return File{}, invalid(op, "a file needs a folder, such as /contracts")
	}
	body, err := fileForm(f)
	if err != nil {
		return File{}, err
	}
	var out oneFile
	_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: to, form: body, out: &out})
	return out.file(), err
}

// fileForm is the body of parts: the options, the folder, and the file.
func fileForm(f FileUpload) (*form, error) {
	options := map[string]any{"access": f.Access, "overwrite": false, "duplicateValidationStrategy": "RETURN_EXISTING", "duplicateValidationScope": "EXACT_FOLDER", "expiresAt": nil}
	if !f.Expires.IsZero() {
		options["expiresAt"] = f.Expires.UTC().Format(time.RFC3339)
	}
	said, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	var around bytes.Buffer
	w := multipart.NewWriter(&around)
	for _, field := range [][2]string{{"options", string(said)}, {"folderPath", path.Clean("/" + f.Folder)}, {"fileName", f.Name}} {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, err
		}
	}
	quoted := strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "", "\n", "").Replace(f.Name)
	if _, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + quoted + `"`}, "Content-Type": {"application/octet-stream"}}); err != nil {
		return nil, err
	}
	before := around.Len()
	if err := w.Close(); err != nil {
		return nil, err
	}
	head, tail := around.Bytes()[:before], around.Bytes()[before:]
	return &form{kind: w.FormDataContentType(), size: int64(len(head)+len(tail)) + f.Size, open: func() (io.ReadCloser, error) {
		file, err := f.Open()
		if err != nil {
			return nil, err
		}
		return partsOf{io.MultiReader(bytes.NewReader(head), file, bytes.NewReader(tail)), file}, nil
	}}, nil
}

// File returns a file as it is now. One that is not there is an error that [IsNotFound].
func (c *Client) File(ctx context.Context, id string) (File, error) {
	const op = "look at a file"
	to, err := filePath(op, id)
	if err != nil {
		return File{}, err
	}
	var out oneFile
	_, err = c.do(ctx, &request{op: op, method: http.MethodGet, path: to, out: &out, read: true})
	return out.file(), err
}

// FilesOf returns the files of the account with this content, by its MD5 in
// hexadecimal.
func (c *Client) FilesOf(ctx context.Context, md5 string) ([]File, error) {
	const op = "look for a file"
	to, err := filePath(op, "search")
	if err != nil {
		return nil, err
	}
	listed, err := collect[wireFile](ctx, c, &request{op: op, method: http.MethodGet, path: to, query: url.Values{"fileMd5": {md5}, "limit": {"100"}}, read: true})
	if err != nil {
		return nil, err
	}
	files := make([]File, len(listed))
	for i, w := range listed {
		files[i] = w.file()
	}
	return files, nil
}

// DeleteFile deletes a file. One that is not there any more is deleted.
func (c *Client) DeleteFile(ctx context.Context, id string) error {
	const op = "delete a file"
	to, err := filePath(op, id)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, &request{op: op, method: http.MethodDelete, path: to})
	if IsNotFound(err) {
		return nil
	}
	return err
}

// SignedURL returns an address by which anyone can see a private file until it expires.
func (c *Client) SignedURL(ctx context.Context, id string) (address string, expires time.Time, err error) {
	const op = "sign the address of a file"
	to, err := filePath(op, id, "signed-url")
	if err != nil {
		return "", time.Time{}, err
	}
	var out struct {
		URL     text    `json:"url"`
		Expires instant `json:"expiresAt"`
	}
	_, err = c.do(ctx, &request{op: op, method: http.MethodGet, path: to, out: &out, read: true})
	return string(out.URL), out.Expires.Time, err
}
