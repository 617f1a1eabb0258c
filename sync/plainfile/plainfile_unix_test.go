//go:build unix

package plainfile_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"syncline/sync/plainfile"
)

// A named pipe without a writer would keep the test waiting for ever.
func TestOnlyOrdinaryFilesAreOpened(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "pf") //nolint:usetesting // short: the path of a socket may have 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(syscall.Mkfifo(at("fifo"), 0o600), os.WriteFile(at("file"), []byte("text"), 0o600),
		os.Symlink(at("fifo"), at("link to fifo")), os.Symlink(at("file"), at("link")), os.Symlink(at("none"), at("dangling"))); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, what := range map[string]string{at("fifo"): "a named pipe", at("link to fifo"): "a named pipe", at("socket"): "a socket", dir: "a folder", "/dev/zero": "a device"} {
		var kind *plainfile.KindError
		if _, _, err := plainfile.Open(path); !errors.As(err, &kind) || kind.What != what || !strings.Contains(err.Error(), path) {
			t.Errorf("opening %s: %v", path, err)
		}
		if err := plainfile.Check(path); !errors.As(err, &kind) || kind.What != what {
			t.Errorf("checking %s: %v", path, err)
		}
		if _, err := plainfile.Read(path, 10); !errors.As(err, &kind) {
			t.Errorf("reading %s: %v", path, err)
		}
	}
	for _, path := range []string{at("file"), at("link")} {
		if data, err := plainfile.Read(path, 4); err != nil || string(data) != "text" {
			t.Errorf("reading %s: %q, %v", path, data, err)
		}
		if _, err := plainfile.Read(path, 3); !errors.Is(err, plainfile.ErrTooLarge) {
			t.Errorf("reading too much of %s: %v", path, err)
		}
	}
	for _, path := range []string{at("none"), at("dangling")} {
		if _, _, err := plainfile.Open(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening %s: %v", path, err)
		}
		if err := plainfile.Check(path); err != nil {
			t.Errorf("checking %s: %v", path, err)
		}
	}
}
