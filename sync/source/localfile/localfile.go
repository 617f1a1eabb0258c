// Package localfile is what file sources share: opening a file with errors a
// person understands, naming its content, noticing that an office program has
// it open, and replacing it as a whole or not at all.
package localfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"syncline/sync/plainfile"
	"syncline/sync/source"
)

// Error is a file that cannot be used, in a sentence for a person.
type Error struct {
	Path string
	Msg  string // what is wrong and what to do
	Err  error
	// Misnamed says that the file is well, but not the one or not of the kind
	// that whoever named it said: the definition has to change.
	Misnamed bool
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Path, e.Msg) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Open opens a file for reading. Its errors are *Error: missing, a directory,
// not permitted, empty.
func Open(path string) (*os.File, fs.FileInfo, error) {
	f, info, err := plainfile.Open(path)
	if err != nil {
		return nil, nil, explain(path, err)
	}
	if info.Size() == 0 {
		return nil, nil, errors.Join(&Error{Path: path, Msg: "is empty; it needs at least a line with the column names"}, f.Close())
	}
	return f, info, nil
}

// explain turns an error of the operating system into a sentence.
func explain(path string, err error) error {
	var known *Error
	var other *plainfile.KindError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &other) && other.What == "a folder":
		return &Error{Path: path, Msg: "is a folder; choose a file in it", Err: err, Misnamed: true}
	case errors.As(err, &other):
		return &Error{Path: path, Msg: fmt.Sprintf("is not an ordinary file but %s; choose a CSV file or an Excel workbook", other.What), Err: err, Misnamed: true}
	case errors.Is(err, fs.ErrNotExist):
		if dir := filepath.Dir(path); !exists(dir) {
			return &Error{Path: path, Msg: fmt.Sprintf("is not there: the folder %s does not exist; check the path, or reconnect the drive", dir), Err: err}
		}
		return &Error{Path: path, Msg: "is not there; check the name, or choose the file again if it was moved", Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &Error{Path: path, Msg: "may not be read by you; ask its owner for read permission, or copy it to a folder of your own", Err: err}
	case inUse(err):
		return &Error{Path: path, Msg: "is in use by another program; close it there and try again", Err: err}
	}
	return &Error{Path: path, Msg: "can't be read: " + cause(err), Err: err}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// cause is the system's own words without the path it repeats.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err.Error()
	}
	return err.Error()
}

// Hash names the content of a file: the hex SHA-256 of its bytes.
func Hash(ctx context.Context, path string) (string, error) { return hash(ctx, OS{}, path) }

func hash(ctx context.Context, disk Disk, path string) (string, error) {
	f, err := disk.Open(path)
	if err != nil {
		return "", explain(path, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, Reader(ctx, f), make([]byte, 256<<10)); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", explain(path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Reader reads r until ctx is done.
func Reader(ctx context.Context, r io.Reader) io.Reader { return ctxReader{ctx, r} }

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Same reports whether two looks at a path saw the same file with the same
// size and time. It is a cheap check for "has somebody saved it meanwhile";
// Hash is the certain one.
func Same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// Unchanged returns source.ErrMoved in a sentence when path is no longer the
// file that info described.
func Unchanged(path string, info fs.FileInfo) error {
	now, err := os.Stat(path)
	if err != nil {
		return explain(path, err)
	}
	if !Same(info, now) {
		return &Error{Path: path, Msg: "was saved by another program while it was being read; try again", Err: source.ErrMoved}
	}
	return nil
}

// Target follows symbolic links to the file that is really replaced.
func Target(path string) (string, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", explain(path, err)
	}
	return filepath.Abs(target)
}
