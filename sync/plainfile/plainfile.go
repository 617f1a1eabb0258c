// Package plainfile opens files that are ordinary ones. Opening a named pipe
// waits for somebody who may never come, and reading a device may never end,
// so that whatever a person names is looked at first.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// KindError is a path at which something else than an ordinary file is.
type KindError struct {
	Path string
	What string // "a named pipe", "a device", "a socket", "a folder"
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s: is %s, not an ordinary file", e.Path, e.What)
}

// ErrTooLarge is a file that holds more than its reader takes.
var ErrTooLarge = errors.New("the file is too large")

// Check returns a *KindError where something else than an ordinary file is at
// path. What is not there passes.
func Check(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return kind(path, info)
}

// Open opens an ordinary file for reading. It never waits: what else is at
// path is a *KindError at once, even if it came there between two looks.
func Open(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path) // before opening, which for some devices does something
	if err != nil {
		return nil, nil, err
	}
	if err := kind(path, info); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = kind(path, info)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// Read reads an ordinary file of at most so many bytes, else it returns
// ErrTooLarge.
func Read(path string, most int64) ([]byte, error) {
	f, _, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = ErrTooLarge
	}
	return data, err
}

func kind(path string, info fs.FileInfo) error {
	m := info.Mode()
	switch {
	case m.IsRegular():
		return nil
	case m.IsDir():
		return &KindError{path, "a folder"}
	case m&fs.ModeNamedPipe != 0:
		return &KindError{path, "a named pipe"}
	case m&fs.ModeSocket != 0:
		return &KindError{path, "a socket"}
	}
	return &KindError{path, "a device"}
}
