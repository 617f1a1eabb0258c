package logbook

import "time"

// Patience is how long a line waits for a process that is putting a file aside.
const Patience = patience

// MostBytes is how large a file of the log becomes.
const MostBytes = mostBytes

// OpenPatient opens a book whose lines wait for each other as long as it takes,
// so that a machine that stands still is no matter.
func OpenPatient(dir string) (*Book, error) {
	b, err := Open(dir)
	if err == nil {
		b.files.patience = 24 * time.Hour
	}
	return b, err
}

// LockName is the file that is locked by who puts a file aside.
func (b *Book) LockName() string { return b.files.lockName() }
