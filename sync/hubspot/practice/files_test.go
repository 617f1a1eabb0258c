package practice_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"path/filepath"
	"testing"

	"syncline/sync/hubspot/practice"
)

// keepPrivate are options that the newest version takes.
func keepPrivate(more object) object {
	o := object{"access": "PRIVATE", "duplicateValidationStrategy": "NONE", "duplicateValidationScope": "EXACT_FOLDER", "overwrite": false, "expiresAt": nil}
	for k, v := range more {
		if v == "out" {
			delete(o, k)
			continue
		}
		o[k] = v
	}
	return o
}

// upload sends a file with its options and further fields.
func (c *client) upload(path, name, content string, options object, fields ...string) result {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if options != nil {
		text, err := json.Marshal(options)
		if err != nil {
			c.t.Fatal(err)
		}
		_ = w.WriteField("options", string(text))
	}
	for i := 0; i < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			c.t.Fatal(err)
		}
		_, _ = io.WriteString(part, content)
	}
	_ = w.Close()
	req := c.request("POST", path, body.String())
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	r := result{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &r.body)
	return r
}

const filesPath = "/files/2026-09/files"

func TestAFileIsUploadedFoundAndDeleted(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.upload(filesPath, "Contract.pdf", "content", keepPrivate(nil), "folderPath", "/contracts/2026").want(t, 201)
	id := r.text("id")
	if r.text("path") != "/contracts/2026/Contract" || r.text("extension") != "pdf" || r.text("type") != "DOCUMENT" || r.text("access") != "PRIVATE" || r.at("size") != float64(7) {
		t.Errorf("the file is %s", r.raw)
	}
	if back := c.do("GET", filesPath+"/"+id, nil).want(t, 200); back.raw != r.raw {
		t.Errorf("read it is %s", back.raw)
	}
	if folder := c.do("GET", "/files/2026-09/folders/"+r.text("parentFolderId"), nil).want(t, 200); folder.text("path") != "/contracts/2026" {
		t.Errorf("its folder is %s", folder.raw)
	}
	found := c.do("GET", filesPath+"/search?fileMd5="+r.text("fileMd5")+"&parentFolderIds="+r.text("parentFolderId"), nil).want(t, 200)
	if found.count("results") != 1 || found.text("results.0.id") != id {
		t.Errorf("the search shows %s", found.raw)
	}
	if signed := c.do("GET", filesPath+"/"+id+"/signed-url", nil).want(t, 200); signed.text("url") == "" || signed.text("expiresAt") == "" {
		t.Errorf("it is signed by %s", signed.raw)
	}
	c.do("DELETE", filesPath+"/"+id, nil).want(t, 204)
	c.do("GET", filesPath+"/"+id, nil).want(t, 404)
	c.do("DELETE", filesPath+"/"+id, nil).want(t, 404)
	if n := len(c.portal.Files()); n != 0 {
		t.Errorf("%d files are there", n)
	}
}

func TestAnUploadThatSaysTooLittleIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for name, bad := range map[string]result{
		"file":       c.upload(filesPath, "", "", keepPrivate(nil), "folderPath", "/a"),
		"options":    c.upload(filesPath, "a.txt", "x", nil, "folderPath", "/a"),
		"access":     c.upload(filesPath, "a.txt", "x", keepPrivate(object{"access": "OPEN"}), "folderPath", "/a"),
		"duplicates": c.upload(filesPath, "a.txt", "x", keepPrivate(object{"duplicateValidationStrategy": "out"}), "folderPath", "/a"),
		"overwrite":  c.upload(filesPath, "a.txt", "x", keepPrivate(object{"overwrite": "out"}), "folderPath", "/a"),
		"expiry":     c.upload(filesPath, "a.txt", "x", keepPrivate(object{"expiresAt": "out"}), "folderPath", "/a"),
		"tomorrow":   c.upload(filesPath, "a.txt", "x", keepPrivate(object{"expiresAt": "2001-01-01T00:00:00Z"}), "folderPath", "/a"),
		"folder":     c.upload(filesPath, "a.txt", "x", keepPrivate(nil)),
		"two":        c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a", "folderId", "7"),
		"no folder":  c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderId", "7"),
	} {
		if bad.status != 400 {
			t.Errorf("%s: %d %s", name, bad.status, bad.raw)
		}
	}
	// Earlier versions ask for less.
	c.upload("/files/2026-03/files", "a.txt", "x", object{"access": "PRIVATE"}, "folderPath", "/a").want(t, 201)
	if r := c.do("POST", filesPath, object{"file": "x"}); r.status != 415 {
		t.Errorf("JSON is answered %d", r.status)
	}
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.write"}})
	c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a").want(t, 403)
}

// What becomes of the same content and of the same name is what the options say.
func TestWhatBecomesOfDuplicateFilesIsSaid(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		"NONE false": "201 new a-1", "NONE true": "201 same a", "REJECT false": "409  ", "RETURN_EXISTING false": "201 same a",
	} {
		c := open(t, practice.Options{})
		first := c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a").want(t, 201)
		var strategy, overwrite string
		_, _ = fmt.Sscan(options, &strategy, &overwrite)
		r := c.upload(filesPath, "a.txt", "x", keepPrivate(object{"duplicateValidationStrategy": strategy, "overwrite": overwrite == "true"}), "folderPath", "/a")
		which := map[bool]string{true: "same", false: "new"}[r.text("id") == first.text("id")]
		if r.status >= 400 {
			which = ""
		}
		if got := fmt.Sprint(r.status, " ", which, " ", r.text("name")); got != want {
			t.Errorf("%s: %s, want %s", options, got, want)
		}
	}
	c := open(t, practice.Options{})
	c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a").want(t, 201)
	for scope, want := range map[string]int{"EXACT_FOLDER": 201, "ENTIRE_PORTAL": 409} {
		c.upload(filesPath, "b.txt", "x", keepPrivate(object{"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": scope}), "folderPath", "/"+scope).want(t, want)
	}
}

func TestFoldersAreMadeAndTakenWithWhatIsInThem(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	a := c.do("POST", "/files/2026-09/folders", object{"name": "a"}).want(t, 201)
	c.do("POST", "/files/2026-09/folders", object{"name": "a"}).want(t, 409)
	c.do("POST", "/files/2026-09/folders", object{"name": "b", "parentFolderId": a.text("id")}).want(t, 201)
	c.do("POST", "/files/2026-09/folders", object{"name": "b", "parentPath": "/nowhere"}).want(t, 400)
	c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a/b").want(t, 201)
	c.do("DELETE", "/files/2026-09/folders/"+a.text("id"), nil).want(t, 204)
	if n := len(c.portal.Files()); n != 0 {
		t.Errorf("%d files are there", n)
	}
}

func TestFilesAreKeptInThePortalsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	p, err := practice.Open(path, practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, portal: p, token: p.Token(), http: newHTTP(p)}
	c.upload(filesPath, "a.txt", "x", keepPrivate(nil), "folderPath", "/a").want(t, 201)
	for range 2 {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if p, err = practice.Open(path, practice.Options{}); err != nil {
			t.Fatal(err)
		}
		if all := p.Files(); len(all) != 1 || all[0].Path != "/a/a" {
			t.Errorf("after it was opened again the files are %+v", all)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}
