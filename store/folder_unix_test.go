//go:build unix

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/store"
)

func TestAnOpenWorkspaceFolderIsClosedOrTold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode, want os.FileMode
		other      bool // something else lies in it
		says       string
	}{
		"closed":                   {0o700, 0o700, false, ""},
		"to be read":               {0o755, 0o700, false, "It is closed to them now."},
		"to be written":            {0o777, 0o700, false, "It is closed to them now."},
		"to the group":             {0o750, 0o700, false, "It is closed to them now."},
		"holding something else":   {0o755, 0o755, true, "who may look at what is in it. Close it (chmod 700)"},
		"writable, something else": {0o777, 0o777, true, "who may change what is in it. Close it (chmod 700)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "workspace")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if test.other {
				if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, test.mode); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != test.want {
				t.Errorf("the folder has the mode %v, %v", info.Mode(), err)
			}
			if note := s.Note(); (note == "") != (test.says == "") || !strings.Contains(note, test.says) {
				t.Errorf("it says %q, want %q", note, test.says)
			}
		})
	}
}
