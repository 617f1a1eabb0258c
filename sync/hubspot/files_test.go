package hubspot_test

import (
	"crypto/md5" // it names content
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

func uploadOf(name, content string) hubspot.FileUpload {
	return hubspot.FileUpload{Name: name, Size: int64(len(content)), Folder: "/contracts", Access: hubspot.FilePrivate,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func filesClient(t *testing.T, o practice.Options) (*practice.Portal, *hubspot.Client) {
	t.Helper()
	p := practice.New(o)
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.Token()), Transport: p.Transport(), Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

func TestAFileIsUploadedAndDeleted(t *testing.T) {
	t.Parallel()
	p, c := filesClient(t, practice.Options{})
	f := uploadOf(`Ann's "contract".pdf`, "content")
	f.Expires = time.Now().Add(48 * time.Hour)
	made, err := c.UploadFile(t.Context(), f)
	if err != nil || made.Path != `/contracts/Ann's "contract"` || made.Extension != "pdf" || made.Size != 7 || made.Access != hubspot.FilePrivate {
		t.Fatalf("%+v, %v", made, err)
	}
	if p.Files()[0].ExpiresAt == 0 {
		t.Error("it stays for ever")
	}
	sum := md5.Sum([]byte("content"))
	found, err := c.FilesOf(t.Context(), hex.EncodeToString(sum[:]))
	if err != nil || len(found) != 1 || found[0].ID != made.ID {
		t.Errorf("by its content %+v is found, %v", found, err)
	}
	if address, expires, err := c.SignedURL(t.Context(), made.ID); err != nil || address == "" || expires.IsZero() {
		t.Errorf("it is signed by %s until %v, %v", address, expires, err)
	}
	for range 2 {
		if err := c.DeleteFile(t.Context(), made.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.File(t.Context(), made.ID); !hubspot.IsNotFound(err) {
		t.Errorf("deleted it is told by %v", err)
	}
}

// An upload whose answer was lost is sent again, and is there once.
func TestAnUploadThatIsSentTwiceIsThereOnce(t *testing.T) {
	t.Parallel()
	p, c := filesClient(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: practice.ResetAfter, Path: "/files"}}}})
	if _, err := c.UploadFile(t.Context(), uploadOf("a.txt", "x")); !hubspot.Unknown(err) {
		t.Fatalf("the lost answer is told by %v", err)
	}
	first, err := c.UploadFile(t.Context(), uploadOf("a.txt", "x"))
	if err != nil || len(p.Files()) != 1 || first.ID != p.Files()[0].ID {
		t.Errorf("%+v, %v; the files are %+v", first, err, p.Files())
	}
	other, err := c.UploadFile(t.Context(), uploadOf("a.txt", "another content"))
	if err != nil || other.ID == first.ID || other.Name == first.Name {
		t.Errorf("another content under the same name came to %+v, %v", other, err)
	}
}

func TestAFileThatCannotBeUploadedIsNotSent(t *testing.T) {
	t.Parallel()
	p, c := filesClient(t, practice.Options{})
	empty, nowhere := uploadOf("a.txt", ""), uploadOf("a.txt", "x")
	nowhere.Folder = "/"
	for _, f := range []hubspot.FileUpload{empty, nowhere} {
		if _, err := c.UploadFile(t.Context(), f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	if n := p.Calls().Total; n != 0 {
		t.Errorf("%d calls were made", n)
	}
}
