package localfile

import (
	"io"
	"io/fs"
	"os"

	"syncline/sync/plainfile"
)

// Disk is the few file operations a replacement is made of. It is a seam: the
// tests fail each operation in turn and check that the file is whole
// afterwards, whatever failed.
type Disk interface {
	Open(name string) (io.ReadCloser, error)
	Create(name string, mode fs.FileMode) (WriteFile, error) // fails when name exists
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Mkdir(name string) error // no error when it exists
	Link(old, new string) error
	Rename(old, new string) error
	Remove(name string) error
	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error
}

// WriteFile is a file being written.
type WriteFile interface {
	io.Writer
	Chmod(mode fs.FileMode) error
	Sync() error
	Close() error
}

// OS is the operating system's own files.
type OS struct{}

// Open opens an ordinary file for reading.
func (OS) Open(name string) (io.ReadCloser, error) {
	f, _, err := plainfile.Open(name)
	if err != nil {
		return nil, err // a nil *os.File must not become a reader
	}
	return f, nil
}

// Create makes a new file.
func (OS) Create(name string, mode fs.FileMode) (WriteFile, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// Stat describes a file, following symbolic links.
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// ReadDir lists a directory by name.
func (OS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Mkdir makes a directory that only its owner may enter.
func (OS) Mkdir(name string) error { return os.MkdirAll(name, 0o700) }

// Link gives a file a second name.
func (OS) Link(old, new string) error { return os.Link(old, new) }

// Rename moves a file over another one atomically.
func (OS) Rename(old, new string) error { return os.Rename(old, new) }

// Remove deletes a name.
func (OS) Remove(name string) error { return os.Remove(name) }
