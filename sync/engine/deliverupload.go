package engine

import (
	"context"
	"crypto/md5" // HubSpot finds content by it; it protects nothing
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
)

// accesses are HubSpot's words for who can see a file.
var accesses = map[string]hubspot.FileAccess{"private": hubspot.FilePrivate, "hidden": hubspot.FileHidden, "public": hubspot.FilePublic}

// noFolder says why files can't be taken from a folder, "" where they can.
func noFolder(folder string) string {
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return fmt.Sprintf("the folder %s can't be opened: %v", folder, plainly(err))
	case !info.IsDir():
		return fmt.Sprintf("%s is a file and not a folder: name the folder that the files are in", folder)
	}
	return ""
}

// plainly is an error of the file system without the path that stands beside it.
func plainly(err error) error {
	var x *os.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("it is not there")
	case errors.Is(err, os.ErrPermission):
		return errors.New("this user may not read it")
	case errors.As(err, &x):
		return x.Err
	}
	return err
}

// local is the path of a cell within the folder of the files; why says what is wrong.
func (f *files) local(cell string) (name, why string) {
	if definition.IsLink(cell) {
		return "", fmt.Sprintf("%s is a link: Syncline attaches files on this computer only. Save it as a file, and write its path", shown(cell))
	}
	folder := f.Definition.FilesPath()
	name = filepath.Clean(filepath.FromSlash(cell))
	if filepath.IsAbs(name) {
		whole, err := filepath.Abs(folder)
		if err == nil {
			name, err = filepath.Rel(whole, name)
		}
		if err != nil {
			return "", fmt.Sprintf("the file %s can't be found: %v", shown(cell), err)
		}
	}
	if !filepath.IsLocal(name) {
		return "", outside(cell, folder)
	}
	return name, ""
}

func outside(cell, folder string) string {
	return fmt.Sprintf("the file %s is outside of the folder %s: name its folder under hubspot.from, or move it", shown(cell), folder)
}

// unfit says why the file of a cell can't be attached, "" where it can.
func (f *files) unfit(cell string) string {
	name, why := f.local(cell)
	if why != "" {
		return why
	}
	folder := f.Definition.FilesPath()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Sprintf("the folder %s can't be opened: %v", folder, plainly(err))
	}
	defer root.Close()
	info, err := root.Stat(name)
	switch {
	case err != nil && strings.Contains(err.Error(), "escapes"): // a link in the file system
		return outside(cell, folder)
	case err != nil:
		return fmt.Sprintf("the file %s can't be read: %v", shown(cell), plainly(err))
	case !info.Mode().IsRegular():
		return fmt.Sprintf("%s is no ordinary file", shown(cell))
	case info.Size() == 0:
		return fmt.Sprintf("the file %s is empty, and HubSpot takes no empty file", shown(cell))
	}
	return ""
}

// content is what a file holds, by its sums in hexadecimal.
type content struct {
	name     string
	sum, md5 string // SHA-256, MD5
	size     int64
	changed  time.Time // when the file was last changed, in milliseconds
}

func (f *files) open(name string) (*os.File, error) {
	root, err := os.OpenRoot(f.Definition.FilesPath())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(name)
}

// read sums up the file of a cell.
func (f *files) read(cell string) (c content, err error) {
	if why := f.unfit(cell); why != "" {
		return c, errors.New(why)
	}
	c.name, _ = f.local(cell)
	file, err := f.open(c.name)
	if err != nil {
		return c, fmt.Errorf("the file %s can't be read: %w", shown(cell), plainly(err))
	}
	defer file.Close()
	if _, c.changed, err = lastChanged(file); err != nil {
		return c, fmt.Errorf("the file %s can't be read: %w", shown(cell), plainly(err))
	}
	sum, short := sha256.New(), md5.New()
	if c.size, err = io.Copy(io.MultiWriter(sum, short), file); err != nil {
		return c, fmt.Errorf("the file %s can't be read: %w", shown(cell), plainly(err))
	}
	c.sum, c.md5 = hex.EncodeToString(sum.Sum(nil)), hex.EncodeToString(short.Sum(nil))
	return c, nil
}

// stat returns the size of the file of a cell, and when it was last changed.
func (f *files) stat(cell string) (size int64, changed time.Time, err error) {
	name, why := f.local(cell)
	if why != "" {
		return 0, time.Time{}, errors.New(why)
	}
	file, err := f.open(name)
	if err != nil {
		return 0, time.Time{}, err
	}
	defer file.Close()
	return lastChanged(file)
}

// lastChanged is the size of a file, and when it was last changed, as it is kept.
func lastChanged(file *os.File) (size int64, changed time.Time, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, time.Time{}, err
	}
	return info.Size(), info.ModTime().Truncate(time.Millisecond), nil
}

// place is the folder in HubSpot and who can see what is in it.
func (f *files) place() string {
	a := f.Definition.Deliver.Attach
	return a.Access + " " + a.Folder
}

// upload returns what is attached of the file of an operation, which it uploads where HubSpot does
// not have it. why is what is wrong with this file alone.
func (f *files) upload(ctx context.Context, op store.Op) (made *store.Attachment, why, err error) {
	c, why := f.read(op.Fields[definition.FileOf].String())
	if why != nil {
		return nil, why, nil
	}
	id, why, err := f.fileOf(ctx, c)
	return &store.Attachment{FileID: id, Sum: c.sum, Size: c.size, Changed: c.changed}, why, err
}

// fileOf returns the id of the file with a content, which is uploaded where HubSpot does not have it.
func (f *files) fileOf(ctx context.Context, c content) (id string, why, err error) {
	one := f.only(c.sum)
	one.Lock()
	defer one.Unlock()
	if id := f.knownFile(c.sum); id != "" {
		return id, nil, nil
	}
	was, err := f.Store.Upload(ctx, f.sync.ID, f.place(), c.sum)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", nil, err
	}
	if was.FileID != "" {
		is, err := f.Client.File(ctx, was.FileID)
		if err == nil {
			return f.keep(is.ID, c.sum), nil, nil
		}
		if !hubspot.IsNotFound(err) {
			return "", nil, err
		}
		was = store.Upload{} // it was deleted in HubSpot since
	}
	return f.uploadNew(ctx, c, was)
}

// uploadNew uploads a content, of which was tells that it may be on its way already.
func (f *files) uploadNew(ctx context.Context, c content, was store.Upload) (id string, why, err error) {
	u := store.Upload{Place: f.place(), Sum: c.sum, Ours: true, At: f.Client.Date()}
	is, found, err := f.inFolder(ctx, c)
	if err != nil {
		return "", nil, err
	}
	access := accesses[f.Definition.Deliver.Attach.Access]
	if found {
		// Made after we set out to upload it, it is ours; HubSpot's clock tells whole seconds.
		u.Ours = was.Ours && !is.Created.Before(was.At.Add(-2*time.Second))
	} else {
		if err := f.Store.KeepUpload(ctx, f.sync.ID, u); err != nil {
			return "", nil, err
		}
		f.at("uploading")
		a := f.Definition.Deliver.Attach
		is, err = f.Client.UploadFile(ctx, hubspot.FileUpload{Name: filepath.Base(c.name), Size: c.size, Folder: a.Folder, Access: access, Open: func() (io.ReadCloser, error) { return f.open(c.name) }})
		if err != nil && !hubspot.Unknown(err) && !fatal(err) && hubspot.Refused(err) {
			return "", err, nil
		}
		if err != nil {
			return "", nil, err
		}
		f.at("uploaded")
	}
	switch {
	case is.MD5 != "" && is.MD5 != c.md5 || is.Size != 0 && is.Size != c.size:
		// What came back may be a file that was there before with the content it has now: it stays.
		return "", fmt.Errorf("the file %s changed while it was uploaded: it is tried again by the next run. HubSpot has %s of it", c.name, is.Path), nil
	case is.Access != access:
		return "", fmt.Errorf("the folder %s has a file with the same content already (%s), which is %s: it is not attached as if it were %s. Delete that one in HubSpot, or name another folder", f.Definition.Deliver.Attach.Folder, is.Path, is.Access, access), nil
	}
	u.FileID = is.ID
	if err := f.Store.KeepUpload(ctx, f.sync.ID, u); err != nil {
		return "", nil, err
	}
	return f.keep(is.ID, c.sum), nil, nil
}

// inFolder looks for a content in the folder that it goes to.
func (f *files) inFolder(ctx context.Context, c content) (is hubspot.File, found bool, err error) {
	all, err := f.Client.FilesOf(ctx, c.md5)
	if err != nil {
		return is, false, err
	}
	for _, x := range all {
		if x.Size == c.size && strings.EqualFold(path.Dir(x.Path), f.Definition.Deliver.Attach.Folder) {
			return x, true, nil
		}
	}
	return is, false, nil
}

// only lets one at a time upload a content.
func (f *files) only(sum string) *sync.Mutex {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.sending == nil {
		f.sending, f.there = make(map[string]*sync.Mutex), make(map[string]string)
	}
	if f.sending[sum] == nil {
		f.sending[sum] = new(sync.Mutex)
	}
	return f.sending[sum]
}

func (f *files) knownFile(sum string) string {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.there[sum]
}

// keep remembers for this run that a file is there.
func (f *files) keep(id, sum string) string {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.there[sum] = id
	return id
}
