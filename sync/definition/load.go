package definition

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// Load reads the definition in a file. Its error is an *Error when the document
// is at fault, and else says that the file cannot be read.
func Load(path string) (*Definition, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &FileError{Path: path, Err: err}
	}
	return Parse(data, path)
}

// LoadDocument reads the definition or the set in a file. Its errors are those
// of Load.
func LoadDocument(path string) (Document, error) {
	data, err := readFile(path)
	if err != nil {
		return Document{}, &FileError{Path: path, Err: err}
	}
	return ParseDocument(data, path)
}

// IsSet tells whether the document in a file is a set, also one that is wrong.
func IsSet(path string) bool {
	data, err := readFile(path)
	return err == nil && isSet(data)
}

// Exists tells whether there is a file at a path; it is what Order asks in a
// program.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// errNoFile is something else than an ordinary file. Opening a named pipe would
// wait for somebody who may never come.
var errNoFile = errors.New("it is no ordinary file")

// readFile reads a file up to a byte more than a document may have, so that
// Parse says that it is too large.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

// FileError is a definition's file that can't be read.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string {
	msg := "can't be read: " + e.Err.Error()
	var pe *fs.PathError
	if errors.As(e.Err, &pe) {
		msg = "can't be read: " + pe.Err.Error()
	}
	info, err := os.Stat(e.Path)
	switch {
	case err == nil && info.IsDir():
		msg = "is a folder; name the definition in it"
	case errors.Is(e.Err, errNoFile):
		msg = "is not an ordinary file but a device, a named pipe or a socket; name the definition's file"
	case errors.Is(e.Err, fs.ErrNotExist):
		msg = "is not there; check the name of the definition and the folder"
	case errors.Is(e.Err, fs.ErrPermission):
		msg = "may not be read by you; ask its owner for read permission"
	}
	return e.Path + ": " + msg
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }
